//! The laws of the lens, over fixtures, over real files where they are at hand, and over damaged ones.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use dovetail_model::item::{
    Alarm, AlarmAction, Attachment, AttachmentSource, Priority, Sensitivity, Trigger,
};
use dovetail_model::{Event, Item, Task, Zone};

use super::*;

mod edits;
mod malformed;
mod meaning;
mod people;
mod reminders;
mod robust;
mod second_opinion;
mod tasks;
mod zones;

/// Settings of a mailbox in Berlin.
pub(super) fn settings() -> Settings {
    let settings = Settings::new(Zone::named("Europe/Berlin"), "-//Dovetail//Tests//EN");
    let mut settings = Settings { own_address: Some(String::from("sample.person@example.com")), ..settings };
    settings.options.calendar.formats_to_outlook = crate::options::FormatsFrom::Anywhere;
    settings.options.calendar.custom.all = crate::options::AllCustom::Mapped;
    settings
}

pub(super) fn now() -> Timestamp {
    "2024-06-01T12:00:00Z".parse().unwrap()
}

fn files_in(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "ics"));
    paths.sort();
    let name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
    paths.iter().map(|path| (name(path), std::fs::read(path).unwrap())).collect()
}

/// All fixtures, by name.
pub(super) fn fixtures() -> Vec<(String, Vec<u8>)> {
    let files = files_in(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/ical"));
    assert!(files.len() >= 20, "the fixtures are missing");
    files
}

pub(super) fn fixture(name: &str) -> Vec<u8> {
    fixtures().into_iter().find(|file| file.0 == format!("{name}.ics")).unwrap().1
}

/// Meetings that somebody else called.
fn invitations() -> Vec<(String, Vec<u8>)> {
    let files = files_in(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/invitations"));
    assert!(files.len() >= 2, "the fixtures are missing");
    files
}

/// Public calendars, where they are at hand: whole, and each UID of them as a resource of its own.
fn corpus() -> Vec<(String, Vec<u8>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus");
    let mut files = files_in(&root.join("ics-valid"));
    files.extend(files_in(&root.join("ics-invalid")));
    let parts: Vec<_> = files.iter().flat_map(|(name, bytes)| split_by_uid(name, bytes)).collect();
    files.into_iter().chain(parts).collect()
}

fn split_by_uid(name: &str, bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let document = Document::parse(bytes);
    let Some(calendar) = document.components().find(|outer| outer.is("VCALENDAR")) else { return Vec::new() };
    let mut zones = Vec::new();
    let mut items: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    for component in calendar.components() {
        if component.is("VTIMEZONE") {
            zones.extend(component.to_bytes());
        } else if component.is("VEVENT") || component.is("VTODO") {
            items.entry(uid(component).unwrap_or_default()).or_default().extend(component.to_bytes());
        }
    }
    let whole =
        |item: Vec<u8>| [b"BEGIN:VCALENDAR\r\n".as_slice(), &zones, &item, b"END:VCALENDAR\r\n"].concat();
    items.into_iter().map(|(uid, item)| (format!("{name} {uid}"), whole(item))).collect()
}

pub(super) fn read_item(bytes: &[u8]) -> Option<Item> {
    read(bytes, &settings()).item
}

pub(super) fn rewrite(item: &Item, from: &[u8]) -> Vec<u8> {
    write(item, Some(from), now(), &settings())
}

pub(super) fn event_of(item: Item) -> Event {
    match item {
        Item::Event(event) => *event,
        other => panic!("{other:?}"),
    }
}

pub(super) fn task_of(item: Item) -> Task {
    match item {
        Item::Task(task) => *task,
        other => panic!("{other:?}"),
    }
}

#[test]
fn writing_what_was_read_changes_no_byte() {
    let mut items = 0;
    for (name, bytes) in fixtures().into_iter().chain(invitations()).chain(corpus()) {
        let Some(item) = read_item(&bytes) else { continue };
        items += 1;
        let written = rewrite(&item, &bytes);
        let lines = |bytes: &[u8]| bytes.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect::<Vec<_>>();
        let (old, new) = (lines(&bytes), lines(&written));
        let differing = old.iter().zip(&new).find(|(old, new)| old != new);
        let shown = differing.map(|(old, new)| (String::from_utf8_lossy(old), String::from_utf8_lossy(new)));
        assert!(written == bytes, "{name}: {shown:?}");
    }
    assert!(items >= 20);
}

#[test]
fn every_fixture_holds_an_item() {
    for (name, bytes) in fixtures() {
        assert!(read_item(&bytes).is_some(), "{name}");
    }
}

#[test]
fn what_is_written_from_nothing_reads_as_it_was() {
    for (name, bytes) in fixtures().into_iter().chain(invitations()).chain(corpus()) {
        let Reading { item: Some(item), warnings } = read(&bytes, &settings()) else { continue };
        let written = write(&item, None, now(), &settings());
        let mut again = read(&written, &settings());
        let text = String::from_utf8_lossy(&written);
        assert_eq!(again.item.as_ref(), Some(&without_note(without_bytes(item))), "{name}\n{text}");
        // A rule that makes no sense makes none in other words.
        again.warnings.retain(|warning| !warnings.iter().any(|known| known.code == warning.code));
        assert_eq!(again.warnings, Vec::new(), "{name}\n{text}");
    }
}

/// Bytes of attachments are not part of an item, so a new calendar cannot have them.
fn without_bytes(mut item: Item) -> Item {
    let keep = |attachments: &mut Vec<Attachment>| {
        attachments.retain(|attachment| matches!(attachment.source, AttachmentSource::Uri(_)));
    };
    match &mut item {
        Item::Event(event) => {
            keep(&mut event.main.attachments);
            event.overrides.values_mut().for_each(|changed| keep(&mut changed.attachments));
        }
        Item::Task(task) => keep(&mut task.attachments),
        Item::Contact(_) | Item::Group(_) => {}
    }
    item
}

/// A task's note of its parents and children is read of the server and never written there.
fn without_note(mut item: Item) -> Item {
    if let Item::Task(task) = &mut item {
        task.custom.retain(|own| own.name != dovetail_model::task::RELATIONS);
        task.relations.clear();
    }
    item
}

#[test]
fn what_icalendar_cannot_hold_becomes_what_it_can() {
    let mut task = Task { sensitivity: Sensitivity::Personal, percent: 100, ..Task::default() };
    task.completed = Some(When::Date(jiff::civil::date(2024, 6, 3)));
    let held = crate::holds(crate::Dialect::ICalendar, &Item::Task(Box::new(task)), &settings());
    let held = task_of(held);
    assert_eq!(held.sensitivity, Sensitivity::Private);
    assert_eq!(held.completed, Some(When::utc(jiff::civil::datetime(2024, 6, 2, 22, 0, 0, 0))));
}

#[test]
fn contacts_are_not_written() {
    let contact = Item::Contact(Box::default());
    assert_eq!(write(&contact, Some(b"as it was"), now(), &settings()), b"as it was");
    assert_eq!(write(&contact, None, now(), &settings()), b"");
}

/// A display alarm some minutes before the start.
pub(super) fn alarm_before(minutes: i64) -> Alarm {
    Alarm {
        trigger: Trigger::Start(-60 * minutes),
        action: AlarmAction::Display,
        minutes_before_start: Some(minutes),
    }
}

/// A priority other than the given one.
pub(super) fn other_priority(priority: Priority) -> Priority {
    if priority == Priority(9) { Priority(2) } else { Priority(9) }
}

#[test]
fn what_is_shown_in_outlook_is_held_there_as_it_is_and_changes_no_byte_on_its_server() {
    use dovetail_model::carry::{Ground, carry};
    let outlook = |bytes: &[u8]| crate::read(crate::Dialect::Outlook, bytes, &settings()).item.unwrap();
    let mut items = 0;
    for (name, bytes) in fixtures().into_iter().chain(invitations()).chain(corpus()) {
        let Some(item) = read_item(&bytes) else { continue };
        items += 1;
        let record = crate::write(crate::Dialect::Outlook, &item, None, now(), &settings());
        let shown = outlook(&record);
        let again = crate::write(crate::Dialect::Outlook, &shown, Some(&record), now(), &settings());
        assert_eq!(String::from_utf8_lossy(&again), String::from_utf8_lossy(&record), "{name}");
        let anew = crate::write(crate::Dialect::Outlook, &shown, None, now(), &settings());
        assert_eq!(outlook(&anew), shown, "{name}");
        let unedited = carry(&Ground::from(shown.clone()), &shown, &item);
        assert!(rewrite(&unedited, &bytes) == bytes, "{name}");
    }
    assert!(items >= 20);
}
