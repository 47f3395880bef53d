//! Each target for a few seconds: the fixtures, and damaged copies of them that the number of the try repeats.

#![allow(clippy::unwrap_used, reason = "a test that unwraps fails with a line number")]

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::Path;

use dovetail_fuzz::{Mutations, TARGETS};

fn files_below(folder: &Path, found: &mut Vec<Vec<u8>>) {
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            files_below(&path, found);
        } else {
            found.push(std::fs::read(&path).unwrap());
        }
    }
}

#[allow(clippy::disallowed_macros, reason = "shown only where a law is broken: the input that breaks it")]
fn holds(name: &str) {
    let target = TARGETS.iter().find(|target| target.name == name).unwrap();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    let mut seeds = Vec::new();
    target.seeds.iter().for_each(|folder| files_below(&fixtures.join(folder), &mut seeds));
    assert!(seeds.len() > 3, "the fixtures are where they are looked for");
    let damaged = Mutations::new(&seeds, 1).take(usize::try_from(target.tries).unwrap());
    for input in seeds.iter().cloned().chain(damaged) {
        if let Err(broken) = catch_unwind(AssertUnwindSafe(|| (target.check)(&input))) {
            eprintln!("{name} breaks on {} bytes:\nb\"{}\"", input.len(), input.escape_ascii());
            resume_unwind(broken);
        }
    }
}

#[test]
fn a_text_stays_in_its_line() {
    holds("lines");
}

#[test]
fn a_document_comes_back_byte_for_byte() {
    holds("documents");
}

#[test]
fn a_calendar_that_is_not_edited_stays_as_it_is() {
    holds("calendars");
}

#[test]
fn a_card_that_is_not_edited_stays_as_it_is() {
    holds("cards");
}

#[test]
fn a_record_of_outlook_that_is_not_edited_stays_as_it_is() {
    holds("records");
}

#[test]
fn an_answer_may_be_anything() {
    holds("answers");
}

#[test]
fn a_row_of_state_or_journal_may_be_anything() {
    holds("rows");
}

#[test]
fn each_target_is_run_here_and_by_libfuzzer() {
    let own = include_str!("main.rs");
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("libfuzzer/Cargo.toml");
    let manifest = std::fs::read_to_string(manifest).unwrap();
    for target in TARGETS {
        assert!(own.contains(&format!("holds({:?})", target.name)), "{}", target.name);
        assert!(manifest.contains(&format!("name = {:?}", target.name)), "{}", target.name);
    }
}
