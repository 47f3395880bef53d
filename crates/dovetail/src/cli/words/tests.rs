use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::*;
use crate::options::OF_PROFILES;

/// The words with underscores between quotation marks in the sources of the lenses, but for their tests: codes of warnings, and
/// names of options. And whatever else stands after `Warning::at(`.
fn coded(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let is_test = path.file_stem().is_some_and(|name| name.to_string_lossy().contains("tests"));
        if is_test {
            continue;
        }
        if path.is_dir() {
            coded(&path, found);
            continue;
        }
        let text = fs::read_to_string(&path).unwrap_or_default();
        let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
            found.extend(line.split('"').skip(1).step_by(2).filter(|word| is_code(word)).map(str::to_owned));
        }
        let named = text.split("Warning::at(").skip(1).filter_map(|rest| rest.trim_start().strip_prefix('"'));
        found.extend(named.filter_map(|rest| rest.split('"').next()).map(str::to_owned));
    }
}

fn is_code(word: &str) -> bool {
    let fits = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
    word.contains('_') && word.chars().all(fits) && !word.starts_with('_') && !word.ends_with('_')
}

/// What else has an underscore: what serde is told, and an encoding.
const NO_CODES: [&str; 2] = ["snake_case", "shift_jis"];

#[test]
fn every_warning_has_words() {
    let mut found = BTreeSet::new();
    coded(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../mapping/src"), &mut found);
    found.retain(|word| {
        !NO_CODES.contains(&word.as_str()) && OF_PROFILES.iter().all(|option| option.key != word)
    });
    // However a lens comes to give one: by itself, by a closure, or chosen among several.
    for code in ["bad_rule", "of_the_whole_series", "misleading_zone", "early_observance", "unreachable"] {
        assert!(found.contains(code), "{code}: {found:?}");
    }
    assert!(found.len() > 40, "{found:?}");
    let mute: Vec<_> = found.iter().filter(|code| meaning_of(code).is_none()).collect();
    assert!(mute.is_empty(), "{mute:?}");
}

#[test]
fn what_was_noticed_is_told_with_its_detail() {
    let warning = Warning::at("bad_date", "DTSTART", Some(3)).with("2026-13-45\u{1b}[2J");
    assert_eq!(super::warning(&warning), "not a date or time: \"2026-13-45 [2J\"");
}

#[test]
fn long_texts_are_cut_and_steer_no_terminal() {
    assert_eq!(quoted("one\ntwo"), "\"one two\"");
    assert_eq!(quoted(&"x".repeat(100)).chars().count(), 63);
}

#[test]
fn an_id_is_shortened_at_a_boundary() {
    assert_eq!(short("0123456789"), "01234567");
    assert_eq!(short("äöüßé"), "äöüß");
    assert_eq!(short("1234567é8"), "1234567é8");
    assert_eq!(short("1"), "1");
}

#[test]
fn of_more_items_with_warnings_than_a_report_keeps_it_is_said_how_many_it_has() {
    let line = |event| Line { title: "Sample".to_owned(), side: Some(Side::Server), event };
    let warned =
        || line(LineEvent::Warned { warnings: vec![Warning::at("no_scheme", "URL", None)], further: 0 });
    for (kept, further, last) in [
        (21, None, "warning: 1 item more: --json tells of all items."),
        (500, Some(3), "warning: 483 items more: --json tells of 480 of them."),
    ] {
        let mut all = vec![warned(); kept];
        all.extend(further.map(|items| line(LineEvent::WarnedFurther { items })));
        let told = lines(&all);
        assert_eq!((told.len(), told.last().map(String::as_str)), (21, Some(last)));
    }
}
