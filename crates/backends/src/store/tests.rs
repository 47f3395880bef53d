use std::sync::Arc;

use dovetail_mapping::Options;
use dovetail_mapping::options::Mapped;
use dovetail_model::When;
use dovetail_model::recurrence::{Frequency, Rule, RuleEnd};
use dovetail_sync::Collection as _;
use dovetail_sync::storage::{Call, Changes, CreateKey, Draft, Fetched, ItemId, Row, Write};
use dovetail_testkit::conformance::{CHECKS, Subject};
use dovetail_testkit::sample;

use super::*;

fn now() -> Timestamp {
    Timestamp::UNIX_EPOCH
}

fn item(kind: Kind) -> Item {
    sample::items(kind, 1, 7).remove(0)
}

fn mailbox() -> (tempfile::TempDir, Mailbox) {
    let folder = tempfile::tempdir().unwrap();
    let mailbox = Mailbox::open(&folder.path().join("mailbox.db"), &Zone::named("Europe/Berlin")).unwrap();
    (folder, mailbox)
}

#[test]
fn a_mailbox_passes_the_conformance_suite_for_every_kind() {
    for (path, kind) in FIRST_FOLDERS {
        for (_, check) in CHECKS {
            let (_folder, mailbox) = mailbox();
            let collection = StoreCollection::new(Arc::new(mailbox), path, now).unwrap();
            check(&Subject {
                collection: Box::new(collection),
                kind,
                plant: None,
                fitting: |item| item,
                many: 500,
            });
        }
    }
}

#[test]
fn a_mailbox_is_found_again_with_all_it_held() {
    let (folder, mailbox) = mailbox();
    let imported = mailbox.import("Calendar", &[item(Kind::Event)], now()).unwrap();
    drop(mailbox);
    let again = Mailbox::open(&folder.path().join("mailbox.db"), &Zone::Utc).unwrap();
    assert_eq!(again.home(), &Zone::named("Europe/Berlin"), "a mailbox keeps its zone");
    let [row] = <[ItemRow; 1]>::try_from(again.items("calendar").unwrap()).unwrap();
    assert_eq!(vec![row.entry_id], imported.created);
}

#[test]
fn importing_a_file_again_updates_what_it_brought() {
    let (_folder, mailbox) = mailbox();
    let mut card = item(Kind::Contact);
    card.set_uid(Some("card".into()));
    let first = mailbox.import("Contacts", &[card.clone()], now()).unwrap();
    let again = mailbox.import("Contacts", &[card], now()).unwrap();
    assert_eq!((again.created, again.updated), (Vec::new(), first.created));
    assert_eq!(mailbox.items("Contacts").unwrap().len(), 1);
}

/// A series of two occurrences a day.
fn twice_a_day() -> Item {
    let Item::Event(mut event) = item(Kind::Event) else { panic!("no event") };
    event.rdates.clear();
    event.overrides.clear();
    event.exdates.clear();
    let local = jiff::civil::datetime(2026, 3, 2, 9, 0, 0, 0);
    event.main = event.main.moved_to(&When::Time { local, zone: Zone::named("Europe/Berlin") });
    event.rule =
        Some(Rule { by_hour: vec![9, 15], end: RuleEnd::Count(4), ..Rule::every(1, Frequency::Daily) });
    event.uid = Some("twice".into());
    Item::Event(event)
}

#[test]
fn a_series_of_several_occurrences_a_day_is_imported_again_over_all_that_shows_it() {
    let (_folder, mailbox) = mailbox();
    let mut series = twice_a_day();
    mailbox.import("Calendar", &[series.clone()], now()).unwrap();
    let rows = || {
        let mut rows: Vec<String> =
            mailbox.items("Calendar").unwrap().into_iter().map(|row| row.entry_id).collect();
        rows.sort();
        rows
    };
    let first = rows();
    assert_eq!(first.len(), 3);
    if let Item::Event(event) = &mut series {
        event.main.summary = "Another title".into();
    }
    mailbox.import("Calendar", &[series], now()).unwrap();
    assert_eq!(rows(), first);
    assert!(mailbox.items("Calendar").unwrap().iter().all(|row| row.title == "Another title"));
}

#[test]
fn whatever_becomes_of_an_appointment_that_shows_an_occurrence_makes_the_series_another_version() {
    let (_folder, mailbox) = mailbox();
    mailbox.import("Calendar", &[twice_a_day()], now()).unwrap();
    let mailbox = Arc::new(mailbox);
    let folder = StoreCollection::new(Arc::clone(&mailbox), "Calendar", now).unwrap();
    let mut token = None;
    let mut told = || {
        let mut rows = Vec::new();
        let scope = dovetail_sync::scope::Scope::of(vec![Kind::Event]);
        let mut sink = |row| {
            rows.push(row);
            Ok(())
        };
        let changes = folder.changes(token.as_ref(), &scope, &mut sink, &Call::default()).unwrap();
        token = match changes {
            Changes::Since { next } => Some(next),
            Changes::Listing { next } => next,
        };
        rows
    };
    let only = |rows: Vec<Row>| <[Row; 1]>::try_from(rows).unwrap();
    let [Row::Present(id, first)] = only(told()) else { panic!("no item") };
    let satellites: Vec<String> = mailbox
        .items("Calendar")
        .unwrap()
        .into_iter()
        .map(|row| row.entry_id)
        .filter(|row| *row != id.0)
        .collect();
    let [one, other] = satellites.as_slice() else { panic!("{satellites:?}") };
    mailbox.set(one, &[("Location", "Garden")], now()).unwrap();
    let [Row::Present(changed, second)] = only(told()) else { panic!("no item") };
    mailbox.delete(other, now()).unwrap();
    let [Row::Present(again, third)] = only(told()) else { panic!("no item") };
    assert_eq!((&changed, &again), (&id, &id));
    assert!(first != second && second != third);
    // By themselves they are nothing that is synced.
    let scope = dovetail_sync::scope::Scope::of(vec![Kind::Event]);
    let fetched = folder.fetch(&[ItemId(one.clone())], &scope, &Call::default()).unwrap();
    assert!(matches!(fetched.as_slice(), [Fetched::Gone]));
    mailbox.delete(&id.0, now()).unwrap();
    assert_eq!(told(), [Row::Removed(id)]);
    assert_eq!(mailbox.items("Calendar").unwrap(), []);
}

#[test]
fn a_mailbox_of_before_there_were_satellites_is_opened_with_all_it_holds() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mailbox.db");
    let old = Connection::open(&path).unwrap();
    old.execute_batch(include_str!("0001.sql")).unwrap();
    old.pragma_update(None, "user_version", 1).unwrap();
    drop(old);
    let mailbox = Mailbox::open(&path, &Zone::named("Europe/Berlin")).unwrap();
    let id = mailbox.import("Calendar", &[twice_a_day()], now()).unwrap().created.remove(0);
    assert_eq!(mailbox.items("Calendar").unwrap().len(), 3);
    mailbox.delete(&id, now()).unwrap();
    assert_eq!(mailbox.deleted().unwrap().len(), 3);
}

#[test]
fn a_deleted_item_can_still_be_seen() {
    let (_folder, mailbox) = mailbox();
    let id = mailbox.import("Tasks", &[item(Kind::Task)], now()).unwrap().created.remove(0);
    mailbox.delete(&id[..8], now()).unwrap();
    assert!(mailbox.items("Tasks").unwrap().is_empty());
    assert_eq!(mailbox.deleted().unwrap().remove(0).0, id);
}

#[test]
fn setting_a_property_that_does_not_exist_changes_nothing_and_says_what_is_close() {
    let (_folder, mailbox) = mailbox();
    let id = mailbox.import("Tasks", &[item(Kind::Task)], now()).unwrap().created.remove(0);
    let error = mailbox.set(&id, &[("Subject", "New"), ("PercentCompleted", "3")], now()).unwrap_err();
    assert_eq!(error.what, "There is no property PercentCompleted; do you mean PercentComplete?");
    assert_ne!(mailbox.items("Tasks").unwrap()[0].title, "New");
}

#[test]
fn folders_stand_in_a_tree_and_hold_one_kind() {
    let (_folder, mailbox) = mailbox();
    let work = mailbox.create_folder("Calendar/Work", Kind::Event).unwrap();
    assert_eq!(mailbox.folder("calendar/work").unwrap(), work);
    assert!(mailbox.create_folder("Nowhere/Work", Kind::Event).is_err());
    assert!(mailbox.create_folder("Calendar/Work", Kind::Event).is_err());
    let mixed = [item(Kind::Event), item(Kind::Task)];
    let refused = mailbox.import("Calendar/Work", &mixed, now()).unwrap_err();
    assert_eq!(refused.kind, ErrorKind::Refused);
    assert_eq!(mailbox.items("Calendar/Work").unwrap(), []);
    let missing = mailbox.items("Work").unwrap_err();
    assert_eq!(missing.what, "There is no folder Work. There are: Calendar, Calendar/Work, Contacts, Tasks.");
}

#[test]
fn categories_differ_by_more_than_case() {
    let (_folder, mailbox) = mailbox();
    let category = |name: &str, color| Category { name: name.into(), color, shortcut_key: 0 };
    mailbox.put_category(&category("Work", 8)).unwrap();
    mailbox.put_category(&category("WORK", 9)).unwrap();
    assert_eq!(mailbox.categories().unwrap(), [category("Work", 9)]);
}

#[test]
fn a_category_that_stands_for_a_colour_is_made_with_it_where_that_is_chosen() {
    for (color, made) in [(Mapped::Yes, &[("darkgreen", 20), ("Red", 5)][..]), (Mapped::No, &[("Red", 5)])] {
        let (_folder, mailbox) = mailbox();
        // One of that name in another colour stays as it is.
        mailbox.put_category(&Category { name: "Red".into(), color: 5, shortcut_key: 0 }).unwrap();
        let mailbox = Arc::new(mailbox);
        let mut options = Options::default();
        options.calendar.color = color;
        let folder =
            StoreCollection::new(Arc::clone(&mailbox), "Calendar", now).unwrap().mapped(options, None);
        let mut event = item(Kind::Event);
        if let Item::Event(event) = &mut event {
            event.main.categories = vec!["darkgreen".into(), "red".into(), "Work".into()];
        }
        let key = CreateKey { uid: "one".into(), name: "one".into() };
        let written =
            folder.write(&[Write::Create(Draft { item: event, from: None, key })], &Call::default());
        assert!(written.iter().all(Result::is_ok), "{written:?}");
        let found = mailbox.categories().unwrap();
        let found: Vec<_> = found.iter().map(|one| (one.name.as_str(), one.color)).collect();
        assert_eq!(found, made);
    }
}

#[test]
fn what_lies_on_days_that_outlook_does_not_have_is_refused_and_what_is_there_stays() {
    let (_folder, mailbox) = mailbox();
    mailbox.import("Calendar", &[item(Kind::Event)], now()).unwrap();
    let mailbox = Arc::new(mailbox);
    let folder = StoreCollection::new(Arc::clone(&mailbox), "Calendar", now).unwrap();
    let rows = || {
        let rows = mailbox.items("Calendar").unwrap();
        rows.into_iter().map(|row| (row.entry_id, row.title)).collect::<Vec<_>>()
    };
    let before = rows();
    for (day, is_taken) in [
        (jiff::civil::date(1600, 12, 31), false),
        (jiff::civil::date(4501, 1, 1), false),
        (jiff::civil::date(4500, 8, 29), true),
    ] {
        let Item::Event(mut event) = item(Kind::Event) else { panic!("no event") };
        (event.rule, event.rdates, event.overrides, event.exdates) = Default::default();
        event.uid = Some(day.to_string());
        event.main = event.main.moved_to(&When::Date(day));
        event.main.end = When::Date(day.tomorrow().unwrap());
        let key = CreateKey { uid: day.to_string(), name: day.to_string() };
        let draft = Draft { item: Item::Event(event), from: None, key };
        let written = folder.write(&[Write::Create(draft)], &Call::default()).remove(0);
        match written {
            Ok(_) => assert!(is_taken, "{day}"),
            Err(error) => {
                assert_eq!((error.kind, is_taken), (ErrorKind::Refused, false), "{day}");
                assert_eq!(rows(), before, "{day}");
            }
        }
    }
    assert_eq!(rows().len(), before.len() + 1);
}
