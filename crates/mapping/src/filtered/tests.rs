use dovetail_model::{Item, Zone};
use jiff::Timestamp;

use super::*;
use crate::{belongs, holds, read, write};

fn settings(admits: Admits) -> Settings {
    let mut settings = Settings::new(Zone::Utc, "-//Example//EN");
    settings.options.calendar.filter = Some(CategoryFilter { name: "Work".into(), admits });
    settings
}

/// What a filter is for: by the names of their components.
const KINDS: [&str; 2] = ["VEVENT", "VTODO"];

fn ical(kind: &str, categories: &str) -> Vec<u8> {
    let end = if kind == "VEVENT" { "DTEND" } else { "DUE" };
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//X//EN\r\nBEGIN:{kind}\r\nUID:1\r\nDTSTAMP:20260101T000000Z\r\n\
         DTSTART;VALUE=DATE:20260301\r\n{end};VALUE=DATE:20260302\r\n{categories}END:{kind}\r\nEND:VCALENDAR\r\n"
    )
    .into_bytes()
}

fn categories(item: &mut Item) -> &mut Vec<String> {
    match item {
        Item::Event(event) => &mut event.main.categories,
        Item::Task(task) => &mut task.categories,
        other => panic!("{other:?}"),
    }
}

fn outlook(kind: &str, names: &str) -> Vec<u8> {
    let plain = Settings::new(Zone::Utc, "-//Example//EN");
    let mut item = read(Dialect::ICalendar, &ical(kind, ""), &plain).item.expect("an item");
    *categories(&mut item) = names.split(", ").filter(|name| !name.is_empty()).map(str::to_owned).collect();
    write(Dialect::Outlook, &item, None, Timestamp::UNIX_EPOCH, &plain)
}

/// The categories of an original, the filter's among them.
fn written(dialect: Dialect, original: &[u8]) -> Vec<String> {
    let plain = Settings::new(Zone::Utc, "-//Example//EN");
    std::mem::take(categories(&mut read(dialect, original, &plain).item.expect("an item")))
}

#[test]
fn no_lens_shows_the_category_and_what_nobody_touched_stays_byte_for_byte() {
    let filters = [Admits::Category, Admits::CategoryOrNone, Admits::AllOthers];
    for (admits, kind) in filters.into_iter().flat_map(|admits| KINDS.map(|kind| (admits, kind))) {
        let settings = settings(admits);
        let originals = [
            (Dialect::ICalendar, ical(kind, "CATEGORIES:Home,WORK,Garden\r\n")),
            (Dialect::Outlook, outlook(kind, "Home, WORK, Garden")),
        ];
        for (dialect, original) in originals {
            let mut item = read(dialect, &original, &settings).item.expect("an item");
            assert_eq!(*categories(&mut item), ["Home", "Garden"], "{dialect:?} {kind}");
            assert_eq!(holds(dialect, &item, &settings), item);
            let again = write(dialect, &item, Some(&original), Timestamp::UNIX_EPOCH, &settings);
            if (dialect, admits) != (Dialect::Outlook, Admits::AllOthers) {
                assert_eq!(again, original, "{dialect:?} {kind} {admits:?}");
            }
        }
    }
}

#[test]
fn what_is_new_in_outlook_gets_the_category_and_what_is_new_on_the_server_does_not() {
    for (admits, expected) in [
        (Admits::Category, &["Home", "Work"] as &[&str]),
        (Admits::CategoryOrNone, &["Home", "Work"]),
        (Admits::AllOthers, &["Home"]),
    ] {
        let settings = settings(admits);
        for kind in KINDS {
            let original = ical(kind, "CATEGORIES:Home\r\n");
            let item = read(Dialect::ICalendar, &original, &settings).item.expect("an item");
            let new = |dialect| write(dialect, &item, None, Timestamp::UNIX_EPOCH, &settings);
            assert_eq!(written(Dialect::Outlook, &new(Dialect::Outlook)), expected, "{kind} {admits:?}");
            assert_eq!(written(Dialect::ICalendar, &new(Dialect::ICalendar)), ["Home"], "{kind} {admits:?}");
        }
    }
}

#[test]
fn an_item_without_categories_gets_one_from_the_server_and_stays_in_the_profile() {
    let settings = settings(Admits::CategoryOrNone);
    for kind in KINDS {
        let original = outlook(kind, "");
        let mut item = read(Dialect::Outlook, &original, &settings).item.expect("an item");
        let write =
            |item: &Item| write(Dialect::Outlook, item, Some(&original), Timestamp::UNIX_EPOCH, &settings);
        assert_eq!(written(Dialect::Outlook, &write(&item)), [] as [&str; 0]);
        *categories(&mut item) = vec!["Home".into()];
        let after = write(&item);
        assert_eq!(written(Dialect::Outlook, &after), ["Home", "Work"], "{kind}");
        assert!(belongs(Dialect::Outlook, &after, &settings), "{kind}");
    }
}

#[test]
fn an_item_belongs_by_the_categories_that_the_original_has() {
    for kind in KINDS {
        let belongs = |admits, names| belongs(Dialect::Outlook, &outlook(kind, names), &settings(admits));
        assert!(belongs(Admits::Category, "work") && !belongs(Admits::AllOthers, "work"));
        assert!(!belongs(Admits::Category, "Home") && belongs(Admits::AllOthers, "Home"));
        assert!(!belongs(Admits::Category, "") && belongs(Admits::CategoryOrNone, ""));
    }
}
