use dovetail_sync::report::{LineEvent, SkipReason};
use dovetail_sync::{Report, Side};

use crate::world::World;

/// A run that makes, changes and removes something on Outlook.
fn run_of_everything() -> (World, Report) {
    let mut world = World::linked(4);
    world.make(Side::Server, "new");
    world.edit(Side::Server, "event 0", |event| event.location = "Room 1".into());
    world.remove(Side::Server, "event 1");
    let report = world.good_run();
    let written = report.written.outlook;
    assert_eq!((written.created, written.updated, written.deleted), (1, 1, 1));
    (world, report)
}

#[test]
fn an_undone_run_stays_undone() {
    let (mut world, report) = run_of_everything();
    let undone = world.undo(&report.run);
    let written = undone.written.outlook;
    assert_eq!((written.created, written.updated, written.deleted), (1, 1, 1));
    assert_eq!(undone.written.server.total(), 0);
    for _ in 0..3 {
        assert_eq!(world.titles(Side::Outlook), ["event 0", "event 1", "event 2", "event 3"]);
        assert_eq!(world.place(Side::Outlook, "event 0"), "");
        assert_eq!(world.titles(Side::Server), ["event 0", "event 2", "event 3", "new"]);
        let report = world.good_run();
        assert_eq!((report.written.outlook.total(), report.written.server.total()), (0, 0));
    }
    let verified = world.verify();
    assert!(verified.is_equal(), "{verified:?}");
    assert_eq!(verified.intended.len(), 3);
}

#[test]
fn an_edit_after_an_undo_crosses_again() {
    let (mut world, report) = run_of_everything();
    world.undo(&report.run);
    world.edit(Side::Server, "event 0", |event| event.description = "Bring the plans".into());
    world.edit(Side::Server, "new", |event| event.location = "Room 2".into());
    world.good_run();
    assert_eq!(world.place(Side::Outlook, "event 0"), "", "what was undone is still undone");
    assert_eq!(world.place(Side::Outlook, "new"), "Room 2");
}

#[test]
fn an_undo_can_be_undone() {
    let (mut world, report) = run_of_everything();
    let undone = world.undo(&report.run);
    world.undo(&undone.run);
    assert_eq!(world.titles(Side::Outlook), world.titles(Side::Server));
    assert_eq!(world.place(Side::Outlook, "event 0"), "Room 1");
    let report = world.good_run();
    assert_eq!((report.written.outlook.total(), report.written.server.total()), (0, 0));
    let verified = world.verify();
    assert!(verified.is_equal() && verified.intended.is_empty(), "{verified:?}");
}

#[test]
fn what_was_changed_since_is_left_alone_and_listed() {
    let (mut world, report) = run_of_everything();
    world.edit(Side::Outlook, "event 0", |event| event.description = "Bring the plans".into());
    world.remove(Side::Outlook, "new");
    let undone = world.undo(&report.run);
    let skipped: Vec<_> = undone.lines.iter().map(|line| (line.title.as_str(), &line.event)).collect();
    assert_eq!(skipped, [("event 0", &LineEvent::Skipped { why: SkipReason::ChangedSince })]);
    assert_eq!(world.place(Side::Outlook, "event 0"), "Room 1");
    assert!(world.titles(Side::Outlook).contains(&"event 1".to_owned()));
}

#[test]
fn originals_go_back_whole() {
    let mut world = World::linked(2);
    world.edit(Side::Outlook, "event 0", |event| event.location = "Room 1".into());
    let before = world.sides.server.originals();
    let report = world.good_run();
    assert_ne!(world.sides.server.originals(), before);
    world.undo(&report.run);
    assert_eq!(world.sides.server.originals(), before);
}

#[test]
fn a_run_that_is_not_there_cannot_be_undone() {
    let world = World::linked(1);
    let undone = world.with(|pair, state, journal| {
        dovetail_sync::undo(pair, "no such run", state, journal, world.now, &world.call)
    });
    assert_eq!(undone.unwrap_err().kind, dovetail_sync::ErrorKind::Gone);
}
