use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::*;

/// The codes in the sources of the lenses: what stands between quotation marks after `Warning::at(` or `warn(warning(`.
fn codes(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            codes(&path, found);
        } else {
            let text = fs::read_to_string(&path).unwrap_or_default();
            for before in ["Warning::at(", "warn(warning("] {
                let quoted =
                    text.split(before).skip(1).filter_map(|rest| rest.trim_start().strip_prefix('"'));
                found.extend(quoted.filter_map(|rest| rest.split('"').next()).map(str::to_owned));
            }
        }
    }
}

#[test]
fn every_warning_has_words() {
    let mut found = BTreeSet::new();
    codes(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../mapping/src"), &mut found);
    assert!(found.len() > 15, "{found:?}");
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
