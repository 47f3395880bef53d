use dovetail_model::{Event, Item, Zone};
use jiff::Timestamp;

use super::*;
use crate::{belongs, holds, read, write};

fn settings(admits: Admits) -> Settings {
    let mut settings = Settings::new(Zone::Utc, "-//Example//EN");
    settings.options.calendar.filter = Some(CategoryFilter { name: "Work".into(), admits });
    settings
}

fn ical(categories: &str) -> Vec<u8> {
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//X//EN\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20260101T000000Z\r\n\
         DTSTART;VALUE=DATE:20260301\r\nDTEND;VALUE=DATE:20260302\r\n{categories}END:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    .into_bytes()
}

fn event(item: Option<Item>) -> Event {
    match item {
        Some(Item::Event(event)) => *event,
        other => panic!("{other:?}"),
    }
}

fn outlook(categories: &str) -> Vec<u8> {
    let plain = Settings::new(Zone::Utc, "-//Example//EN");
    let mut item = event(read(Dialect::ICalendar, &ical(""), &plain).item);
    item.main.categories =
        categories.split(", ").filter(|name| !name.is_empty()).map(str::to_owned).collect();
    write(Dialect::Outlook, &Item::Event(Box::new(item)), None, Timestamp::UNIX_EPOCH, &plain)
}

/// The categories of an original, the filter's among them.
fn written(dialect: Dialect, original: &[u8]) -> Vec<String> {
    event(read(dialect, original, &Settings::new(Zone::Utc, "-//Example//EN")).item).main.categories
}

#[test]
fn no_lens_shows_the_category_and_what_nobody_touched_stays_byte_for_byte() {
    for admits in [Admits::Category, Admits::CategoryOrNone, Admits::AllOthers] {
        let settings = settings(admits);
        let originals = [
            (Dialect::ICalendar, ical("CATEGORIES:Home,WORK,Garden\r\n")),
            (Dialect::Outlook, outlook("Home, WORK, Garden")),
        ];
        for (dialect, original) in originals {
            let item = read(dialect, &original, &settings).item;
            assert_eq!(event(item.clone()).main.categories, ["Home", "Garden"], "{dialect:?}");
            let item = item.expect("an item");
            assert_eq!(holds(dialect, &item, &settings), item);
            let again = write(dialect, &item, Some(&original), Timestamp::UNIX_EPOCH, &settings);
            if (dialect, admits) != (Dialect::Outlook, Admits::AllOthers) {
                assert_eq!(again, original, "{dialect:?} {admits:?}");
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
        let item = read(Dialect::ICalendar, &ical("CATEGORIES:Home\r\n"), &settings).item.expect("an item");
        let new = |dialect| write(dialect, &item, None, Timestamp::UNIX_EPOCH, &settings);
        assert_eq!(written(Dialect::Outlook, &new(Dialect::Outlook)), expected, "{admits:?}");
        assert_eq!(written(Dialect::ICalendar, &new(Dialect::ICalendar)), ["Home"], "{admits:?}");
    }
}

#[test]
fn an_item_without_categories_gets_one_from_the_server_and_stays_in_the_profile() {
    let settings = settings(Admits::CategoryOrNone);
    let original = outlook("");
    let mut item = read(Dialect::Outlook, &original, &settings).item.expect("an item");
    let write =
        |item: &Item| write(Dialect::Outlook, item, Some(&original), Timestamp::UNIX_EPOCH, &settings);
    assert_eq!(written(Dialect::Outlook, &write(&item)), [] as [&str; 0]);
    if let Item::Event(event) = &mut item {
        event.main.categories = vec!["Home".into()];
    }
    let after = write(&item);
    assert_eq!(written(Dialect::Outlook, &after), ["Home", "Work"]);
    assert!(belongs(Dialect::Outlook, &after, &settings));
}

#[test]
fn an_item_belongs_by_the_categories_that_the_original_has() {
    let belongs = |admits, categories| belongs(Dialect::Outlook, &outlook(categories), &settings(admits));
    assert!(belongs(Admits::Category, "work") && !belongs(Admits::AllOthers, "work"));
    assert!(!belongs(Admits::Category, "Home") && belongs(Admits::AllOthers, "Home"));
    assert!(!belongs(Admits::Category, "") && belongs(Admits::CategoryOrNone, ""));
}
