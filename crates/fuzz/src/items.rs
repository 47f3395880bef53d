//! Lenses: what was read and is written back is what it was, byte for byte; what a dialect holds of an item it goes on
//! holding; and an edit of one field is there after it was written. Nothing else differs then but that a card without FN
//! was given one.

use dovetail_mapping::{Dialect, Reading, Settings, Warning, holds, inspect, read, scheduling, vcard, write};
use dovetail_model::{Item, Zone};
use jiff::Timestamp;

const DIALECTS: [Dialect; 4] = [Dialect::ICalendar, Dialect::VCard3, Dialect::VCard4, Dialect::Outlook];

fn settings() -> Settings {
    let settings = Settings::new(Zone::named("Europe/Berlin"), "-//Example//Sample//EN");
    Settings { own_address: Some("sample.person@example.com".to_owned()), ..settings }
}

/// A calendar object resource.
pub(crate) fn check_calendar(data: &[u8]) {
    let _ = inspect::inspect(data, &settings());
    check(Dialect::ICalendar, data);
}

/// A vCard.
pub(crate) fn check_card(data: &[u8]) {
    let _ = inspect::inspect(data, &settings());
    let _ = vcard::read(data, &settings());
    check(Dialect::VCard3, data);
    check(Dialect::VCard4, data);
}

/// A record of an Outlook item.
pub(crate) fn check_record(data: &[u8]) {
    let settings = settings();
    let Some(item) = read(Dialect::Outlook, data, &settings).item else { return };
    // JSON has many spellings; the mailbox knows one.
    let record = write(Dialect::Outlook, &item, Some(data), Timestamp::UNIX_EPOCH, &settings);
    check(Dialect::Outlook, &record);
}

fn check(dialect: Dialect, data: &[u8]) {
    let settings = settings();
    let Reading { item, warnings } = read(dialect, data, &settings);
    let Some(item) = item else { return };
    let written = write(dialect, &item, Some(data), Timestamp::UNIX_EPOCH, &settings);
    assert!(written == data, "not edited, but written differently:\n{}", String::from_utf8_lossy(&written));
    for other in DIALECTS {
        let held = holds(other, &item, &settings);
        assert_eq!(holds(other, &held, &settings), held, "{other:?} holds less each time");
    }
    let edited = retitled(item.clone());
    let written = write(dialect, &edited, Some(data), Timestamp::UNIX_EPOCH, &settings);
    let found = read(dialect, &written, &settings).item;
    // Of a meeting that somebody else called the title is not ours to change.
    let is_theirs = || dialect == Dialect::ICalendar && scheduling::is_invitation(data, &settings);
    if found.as_ref() == Some(&item) && is_theirs() {
        return;
    }
    let is_nameless = |warning: &Warning| warning.code == "missing_property" && warning.property == "FN";
    let expected = match warnings.iter().any(is_nameless) {
        true => named(edited, dialect, &settings),
        false => edited,
    };
    assert_eq!(found.as_ref(), Some(&expected), "an edit is lost:\n{}", String::from_utf8_lossy(&written));
}

/// What a card without FN reads as once it was changed: FN, which it must have, was added, as a new card would have it.
fn named(mut item: Item, dialect: Dialect, settings: &Settings) -> Item {
    let held = holds(dialect, &item, settings);
    match (&mut item, held) {
        (Item::Contact(contact), Item::Contact(held)) => contact.formatted_name = held.formatted_name,
        (Item::Group(group), Item::Group(held)) => group.name = held.name,
        _ => {}
    }
    item
}

fn retitled(mut item: Item) -> Item {
    const TITLE: &str = "Another title; with, signs";
    match &mut item {
        Item::Event(event) => event.main.summary = TITLE.to_owned(),
        Item::Task(task) => task.summary = TITLE.to_owned(),
        Item::Contact(contact) => contact.job_title = TITLE.to_owned(),
        Item::Group(group) => group.note = TITLE.to_owned(),
    }
    item
}
