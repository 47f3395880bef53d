use dovetail_model::Item;
use dovetail_model::event::Busy;
use dovetail_sync::report::{Line, LineEvent};
use dovetail_sync::{Duplicates, Report, Side};

use crate::world::{World, event, occurrence};

/// Two linked events, and the option.
fn world(duplicates: Duplicates) -> World {
    let mut world = World::linked(2);
    world.duplicates = duplicates;
    world
}

/// An event as Outlook makes it beside `event 0`.
fn beside(uid: &str, change: impl FnOnce(&mut dovetail_model::event::Occurrence)) -> Item {
    let mut item = event("event 0");
    item.set_uid(Some(uid.into()));
    change(occurrence(&mut item));
    item
}

fn events(report: &Report) -> Vec<&LineEvent> {
    report.lines.iter().map(|Line { event, .. }| event).collect()
}

#[test]
fn a_copy_is_not_uploaded_but_moved_away_and_comes_back_by_an_undo() {
    let mut world = world(Duplicates::MoveAway);
    world.sides.outlook.make(&beside("copy", |_| {}), "");
    let report = world.good_run();
    assert_eq!((report.written.outlook.deleted, report.written.server.total()), (1, 0), "{report:?}");
    assert_eq!(events(&report), [&LineEvent::CopyRemoved]);
    for side in Side::BOTH {
        assert_eq!(world.titles(side), ["event 0", "event 1"]);
    }
    let quiet = world.good_run();
    assert_eq!((quiet.written.outlook.total() + quiet.written.server.total(), events(&quiet).len()), (0, 0));

    world.undo(&report.run);
    for _ in 0..2 {
        assert_eq!(world.titles(Side::Outlook), ["event 0", "event 0", "event 1"]);
        assert_eq!(world.titles(Side::Server), ["event 0", "event 1"]);
        let quiet = world.good_run();
        assert_eq!(quiet.written.outlook.total() + quiet.written.server.total(), 0, "it stays undone");
    }
}

#[test]
fn without_the_option_a_copy_is_an_event_like_any_other() {
    let mut world = world(Duplicates::Keep);
    world.sides.outlook.make(&beside("copy", |_| {}), "");
    let report = world.good_run();
    assert_eq!((report.written.outlook.total(), report.written.server.created), (0, 1));
    assert_eq!(world.titles(Side::Server).len(), 3);
}

#[test]
fn what_may_be_another_one_is_named_and_synced() {
    let mut world = world(Duplicates::MoveAway);
    world.sides.outlook.make(&beside("other", |event| event.location = "Room 9".into()), "");
    let report = world.good_run();
    assert_eq!((report.written.outlook.deleted, report.written.server.created), (0, 1));
    assert_eq!(events(&report), [&LineEvent::PerhapsCopy], "{report:?}");
    let next = world.good_run();
    assert_eq!(events(&next).len(), 0, "it is said once");
}

#[test]
fn what_an_invitation_made_under_the_same_uid_goes_whatever_else_differs() {
    let mut world = world(Duplicates::MoveAway);
    let tentative = beside("event-0@example.com", |event| {
        event.busy = Busy::Tentative;
        event.location = "to be told".into();
    });
    let copy = world.sides.outlook.make(&tentative, "");
    let report = world.good_run();
    assert_eq!(events(&report), [&LineEvent::CopyRemoved], "{report:?}");
    assert!(world.sides.outlook.items().iter().all(|(id, _)| *id != copy));
    assert_eq!(world.place(Side::Outlook, "event 0"), "");
    assert!(world.verify().is_equal());
}

#[test]
fn a_copy_that_was_synced_already_goes_from_both_sides_when_the_real_one_arrives() {
    let mut world = world(Duplicates::MoveAway);
    let mut real = event("event 0");
    real.set_uid(Some("arrived".into()));
    world.sides.server.make(&real, "the real one");
    let report = world.good_run();
    assert_eq!((report.written.outlook.created, report.written.outlook.deleted), (1, 1), "{report:?}");
    assert_eq!(report.written.server.deleted, 1);
    for side in Side::BOTH {
        assert_eq!(world.titles(side), ["event 0", "event 1"]);
    }
    let quiet = world.good_run();
    assert_eq!(quiet.written.outlook.total() + quiet.written.server.total(), 0);
    assert!(world.verify().is_equal());
    world.undo(&report.run);
    assert_eq!(world.titles(Side::Server), ["event 0", "event 0", "event 1"]);
}

#[test]
fn what_replaces_an_event_that_was_deleted_is_no_copy() {
    let mut world = world(Duplicates::MoveAway);
    world.remove(Side::Outlook, "event 0");
    world.sides.outlook.make(&beside("new", |_| {}), "");
    world.good_run();
    for side in Side::BOTH {
        assert_eq!(world.titles(side), ["event 0", "event 1"]);
    }
}

#[test]
fn more_copies_than_the_limits_allow_wait_for_a_person() {
    let mut world = World::linked(20);
    world.duplicates = Duplicates::MoveAway;
    for number in 0..15 {
        let mut item = event(&format!("event {number}"));
        item.set_uid(Some(format!("copy {number}")));
        world.sides.outlook.make(&item, "");
    }
    let report = world.good_run();
    assert_eq!((report.held, report.written.outlook.deleted), (15, 0));
    assert_eq!(world.titles(Side::Server).len(), 20, "nor is any of them uploaded");
}
