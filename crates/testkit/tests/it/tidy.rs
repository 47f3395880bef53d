//! The invariants of ARCHITECTURE.md that manifests and types cannot hold: they are read off the sources.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// A source file, without its tests.
struct Source {
    /// From the workspace's root, such as `crates/sync/src/plan.rs`.
    path: String,
    text: String,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn sources() -> Vec<Source> {
    let mut found = Vec::new();
    let mut folders = vec![root().join("crates")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("the folder can be read") {
            let path = entry.expect("the folder can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path
                    .strip_prefix(root())
                    .expect("it is in the workspace")
                    .to_string_lossy()
                    .replace('\\', "/");
                found.push(Source { path: name, text: fs::read_to_string(&path).expect("a source is text") });
            }
        }
    }
    assert!(found.len() > 100, "the sources are where they are looked for");
    found
}

fn is_test(source: &Source) -> bool {
    source.path.contains("/tests/")
        || source.path.ends_with("tests.rs")
        || source.path.starts_with("crates/testkit/")
        || source.path.starts_with("crates/bench/")
        || source.path.starts_with("crates/fuzz/")
}

/// Lines of code, without comments, that have one of the words.
fn lines_with<'s>(source: &'s Source, words: &'s [&'s str]) -> impl Iterator<Item = String> + 's {
    let code = source.text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//"));
    code.filter(|(_, line)| words.iter().any(|word| line.contains(word)))
        .map(|(number, line)| format!("{}:{}: {}", source.path, number + 1, line.trim()))
}

fn check(rule: &str, words: &[&str], allowed: &[&str]) {
    let broken: Vec<String> = sources()
        .iter()
        .filter(|source| !is_test(source) && !allowed.iter().any(|prefix| source.path.starts_with(prefix)))
        .flat_map(|source| lines_with(source, words).collect::<Vec<_>>())
        .collect();
    assert!(broken.is_empty(), "{rule}\n{}", broken.join("\n"));
}

#[test]
fn only_state_journal_and_store_write_sql() {
    check(
        "SQL stands in state.rs, journal.rs and store.rs alone",
        &["rusqlite", "execute_batch("],
        &["crates/sync/src/state", "crates/sync/src/journal", "crates/backends/src/store"],
    );
}

#[test]
fn only_execute_writes_to_storages() {
    let broken: Vec<String> = sources()
        .iter()
        .filter(|source| source.path.starts_with("crates/sync/src/") && !is_test(source))
        .filter(|source| !source.path.starts_with("crates/sync/src/execute"))
        .flat_map(|source| lines_with(source, &[".write(&batch"]).collect::<Vec<_>>())
        .collect();
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn only_the_command_line_prints() {
    check(
        "libraries never print",
        &["println!(", "eprintln!(", "print!(", "eprint!("],
        &["crates/dovetail/src/cli", "crates/dovetail/src/main.rs"],
    );
}

#[test]
fn nothing_is_async_where_no_server_is() {
    check(
        "only the web, the embedded server and what drives a connection are async",
        &["async fn", ".await"],
        &["crates/dovetail/src/web", "crates/davserver/", "crates/dav/src/lane.rs"],
    );
}

#[test]
fn no_backend_knows_another() {
    for (one, another) in [("dav", "crate::store"), ("store", "crate::dav")] {
        let own = format!("crates/backends/src/{one}");
        let broken: Vec<String> = sources()
            .iter()
            .filter(|source| !is_test(source) && source.path.starts_with(&own))
            .flat_map(|source| lines_with(source, &[another]).collect::<Vec<_>>())
            .collect();
        assert!(broken.is_empty(), "{}", broken.join("\n"));
    }
}

/// The allowances in the code, each with its topic and a server that it is made for: `QUIRK(topic: one, another)`.
fn quirks(source: &Source) -> impl Iterator<Item = (String, String)> + '_ {
    let marks = source.text.split("QUIRK").skip(1).map(|rest| {
        let mark = rest
            .strip_prefix('(')
            .and_then(|rest| rest.split_once(')'))
            .and_then(|(mark, _)| mark.split_once(": "));
        mark.unwrap_or_else(|| panic!("{}: an allowance without a topic or a server", source.path))
    });
    marks.flat_map(|(topic, servers)| {
        servers.split(',').map(|server| (topic.to_owned(), server.trim().to_owned()))
    })
}

/// `docs/servers.md` has a row for each topic, with the servers and the reason: none is missing there, and none is left over.
#[test]
fn every_allowance_for_a_server_is_explained() {
    let page = fs::read_to_string(root().join("docs/servers.md")).expect("the page");
    let (_, table) =
        page.split_once("## Every allowance in the code").expect("the page lists the allowances");
    let table = table.split("\n## ").next().unwrap_or_default();
    let rows = table.lines().filter_map(|line| line.strip_prefix("| `")?.strip_suffix(" |"));
    let explained: Vec<(String, String)> = rows
        .flat_map(|row| {
            let columns: Vec<&str> = row.split(" | ").collect();
            let [topic, servers, why] = columns.as_slice() else { panic!("three columns: {row}") };
            assert!(why.len() > 20, "{topic} is not explained");
            let topic = topic.trim_end_matches('`').to_owned();
            servers.split(", ").map(move |server| (topic.clone(), server.to_owned())).collect::<Vec<_>>()
        })
        .collect();
    let sources = sources();
    let is_marked = |source: &&Source| source.path != "crates/testkit/tests/it/tidy.rs";
    let marked: Vec<(String, String)> = sources.iter().filter(is_marked).flat_map(quirks).collect();
    assert!(marked.len() > 60, "{marked:?}");
    let missing: Vec<_> = marked.iter().filter(|mark| !explained.contains(mark)).collect();
    assert!(missing.is_empty(), "docs/servers.md does not explain {missing:?}");
    let stale: Vec<_> = explained.iter().filter(|row| !marked.contains(row)).collect();
    assert!(stale.is_empty(), "no code allows for {stale:?}");
}

#[test]
fn every_source_file_says_what_it_is() {
    let silent: Vec<String> = sources()
        .iter()
        .filter(|source| {
            !is_test(source) && !source.text.starts_with("//!") && !source.text.starts_with("// @generated")
        })
        .map(|source| source.path.clone())
        .collect();
    assert!(silent.is_empty(), "{silent:?}");
}

#[test]
fn nothing_is_left_to_be_done() {
    check("no wishes without an entry in the docs", &["todo!(", "unimplemented!(", " TODO", "FIXME"], &[]);
}

fn is_defined(sources: &[Source], name: &str) -> bool {
    let definition = format!("fn {name}(");
    sources.iter().any(|source| source.text.contains(&definition))
}

/// The numbers and the answers of the note on what went wrong elsewhere.
#[test]
fn every_weakness_of_others_is_answered_by_a_test_that_exists_or_by_a_reason() {
    let note = root().join("docs/design/0007-weaknesses-of-others.md");
    let note = fs::read_to_string(note).expect("the note");
    let rows: Vec<Vec<&str>> = note
        .lines()
        .filter(|line| line.starts_with("| ") && line.as_bytes().get(2).is_some_and(u8::is_ascii_digit))
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
        .collect();
    let numbers: Vec<u32> = rows.iter().filter_map(|row| row.first()?.parse().ok()).collect();
    assert_eq!(numbers, (1..=68).collect::<Vec<u32>>());
    let sources = sources();
    for row in rows {
        let [number, wrong, why, answer] = row.as_slice() else { panic!("four columns: {row:?}") };
        assert!(wrong.len() > 15 && why.len() > 5, "{number} says nothing");
        let names: Vec<&str> = answer.split('`').skip(1).step_by(2).collect();
        let missing: Vec<&&str> = names.iter().filter(|name| !is_defined(&sources, name)).collect();
        assert!(missing.is_empty(), "{number} names tests that are not there: {missing:?}");
        assert!(!names.is_empty() || *answer == "There is nothing to test.", "{number} is not answered");
    }
}

/// Pages name the tests that hold what they say: a test that is renamed is renamed there too.
#[test]
fn every_test_that_a_page_names_is_there() {
    let sources = sources();
    let is_name = |word: &&str| {
        let plain = word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        // Two that look like tests are options.
        plain
            && word.matches('_').count() > 2
            && !["keep_outlook_file_as", "uid_from_global_id"].contains(word)
    };
    let mut named = BTreeMap::new();
    for folder in ["docs", "docs/design"] {
        for page in fs::read_dir(root().join(folder)).expect("a folder of pages") {
            let page = page.expect("a page").path();
            if page.extension().is_none_or(|extension| extension != "md") {
                continue;
            }
            let text = fs::read_to_string(&page).expect("a page can be read");
            let names: BTreeSet<&str> = text.split('`').filter(is_name).collect();
            for name in &names {
                assert!(is_defined(&sources, name), "{} names {name}, which is not there", page.display());
            }
            let name = page.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
            named.insert(name, names.len());
        }
    }
    for (page, at_least) in
        [("servers.md", 60), ("0007-weaknesses-of-others.md", 80), ("0028-cases-of-others.md", 15)]
    {
        assert!(named.get(page).is_some_and(|names| *names >= at_least), "{page}: {named:?}");
    }
}
