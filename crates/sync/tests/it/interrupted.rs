use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use dovetail_sync::report::LineEvent;
use dovetail_sync::{ErrorKind, RunOutcome, Side};
use dovetail_testkit::{Faults, Fuse};

use crate::world::World;

/// How many writes were begun of which nobody knows the outcome.
fn open_writes(world: &World) -> usize {
    world.with(|pair, state, _| state.intents(&pair.id).unwrap().len())
}

/// An edit of "event 0" has arrived on this side, and the run was told that it had not.
fn written_unanswered(target: Side) -> World {
    let mut world = World::linked(2);
    world.edit(target.other(), "event 0", |event| event.location = "Room 1".into());
    world.sides.of(target).set_faults(Faults { write_done_but_failed: 1, ..Faults::default() });
    assert_eq!(world.run().written.of(target).total(), 0);
    world.sides.of(target).set_faults(Faults::default());
    world
}

#[test]
fn what_was_done_before_a_stop_is_kept_and_the_rest_is_done_later() {
    let mut world = World::new();
    for number in 0..10 {
        world.make(Side::Server, &format!("event {number}"));
    }
    let cancel: Arc<AtomicBool> = world.call.cancel.clone();
    let count = world.sides.outlook.clone();
    world.call.progress = Some(Arc::new(move |_, _, _| {
        if count.items().len() >= 4 {
            cancel.store(true, Ordering::Relaxed);
        }
    }));
    let report = world.run();
    assert!(matches!(report.outcome, RunOutcome::Stopped { kind: ErrorKind::Cancelled, .. }));
    let done = world.titles(Side::Outlook).len();
    assert_eq!(report.written.outlook.created, done as u64);
    assert!((4..10).contains(&done), "{done}");

    world.call.progress = None;
    world.call.cancel.store(false, Ordering::Relaxed);
    assert_eq!(world.good_run().written.outlook.created, 10 - done as u64);
    assert!(world.verify().is_equal());
}

/// While a chunk is on its way, the next one is made durable.
#[test]
fn what_a_run_was_about_to_begin_when_it_stopped_is_no_open_question() {
    let mut world = World::new();
    world.chunk = 3;
    for number in 0..9 {
        world.make(Side::Outlook, &format!("event {number}"));
    }
    let cancel = world.call.cancel.clone();
    world.call.progress = Some(Arc::new(move |what, done, _| {
        if what == "writing" && done == 3 {
            cancel.store(true, Ordering::Relaxed);
        }
    }));
    let report = world.run();
    assert!(matches!(report.outcome, RunOutcome::Stopped { kind: ErrorKind::Cancelled, .. }));
    assert_eq!(report.written.server.created, 3);
    let entries = world.journal().entries(&report.run).unwrap();
    assert_eq!(entries.len(), 9, "the third chunk was to come next");
    // Of the second, the storage was asked.
    assert_eq!(open_writes(&world), 3);

    world.call.progress = None;
    world.call.cancel.store(false, Ordering::Relaxed);
    assert_eq!(world.good_run().written.server.created, 6);
    assert!(world.verify().is_equal());
}

#[test]
fn a_write_that_was_done_and_answered_as_failed_is_not_taken_for_an_edit() {
    for faults in [
        Faults { write_done_but_failed: 1, ..Faults::default() },
        Faults { write_done_but_stale: 1, ..Faults::default() },
    ] {
        let mut world = World::linked(2);
        world.edit(Side::Server, "event 0", |event| event.location = "Room 1".into());
        world.sides.outlook.set_faults(faults);
        let report = world.run();
        assert_eq!(report.written.outlook.total(), 0);
        assert_eq!(world.place(Side::Outlook, "event 0"), "Room 1");

        // If it were taken for an edit, it would outlive the deletion.
        world.sides.outlook.set_faults(Faults::default());
        world.remove(Side::Server, "event 0");
        let report = world.good_run();
        assert_eq!((report.written.outlook.deleted, report.written.server.created), (1, 0));
        // And an undo of the first run knows what it did.
        let entries = world.journal().entries(&world.journal().runs("pair", 2).unwrap()[1].id).unwrap();
        assert!(entries.first().unwrap().after.is_some());
    }
}

#[test]
fn what_arrived_unanswered_is_known_where_its_item_has_another_id_since() {
    for target in Side::BOTH {
        let (mut world, from) = (written_unanswered(target), target.other());
        world.sides.of(target).rename(&world.find(target, "event 0"));

        // If it were taken for an edit of the target, it would clash with the next one.
        world.tick(-3_600);
        world.edit(from, "event 0", |event| event.location = "Room 2".into());
        let report = world.good_run();
        assert_eq!(
            (report.clashes, report.written.of(target).updated),
            (0, 1),
            "{target}: {:?}",
            report.lines
        );
        assert_eq!(world.place(target, "event 0"), "Room 2");
        assert!(world.verify().is_equal());
        assert_eq!(open_writes(&world), 0);
    }
}

#[test]
fn what_arrived_unanswered_and_is_taken_back_where_it_came_from_is_so_on_both_sides() {
    for renamed in [false, true] {
        for target in Side::BOTH {
            let (mut world, from) = (written_unanswered(target), target.other());
            if renamed {
                world.sides.of(target).rename(&world.find(target, "event 0"));
            }
            world.edit(from, "event 0", |event| event.location = String::new());
            let report = world.good_run();
            assert_eq!((report.clashes, report.written.of(target).updated), (0, 1), "{target}, {renamed}");
            assert_eq!((world.place(from, "event 0"), world.place(target, "event 0")), Default::default());
            assert!(world.verify().is_equal());
        }
    }
}

#[test]
fn what_did_not_arrive_is_written_where_its_item_has_another_id_since() {
    for target in Side::BOTH {
        let mut world = World::linked(2);
        world.edit(target.other(), "event 0", |event| event.location = "Room 1".into());
        let (fuse, storage) = (Fuse::default(), world.sides.of(target).clone());
        *world.sides.of_mut(target) = storage.clone().with_fuse(&fuse);
        // At the point before the first write.
        fuse.light(0, move || storage.set_faults(Faults { offline: 1, ..Faults::default() }));
        world.run();
        world.sides.of(target).set_faults(Faults::default());
        assert_eq!(open_writes(&world), 1);
        world.sides.of(target).rename(&world.find(target, "event 0"));
        let report = world.good_run();
        assert_eq!(
            (report.clashes, report.written.of(target).updated),
            (0, 1),
            "{target}: {:?}",
            report.lines
        );
        assert_eq!(world.place(target, "event 0"), "Room 1");
        assert_eq!(open_writes(&world), 0);
    }
}

#[test]
fn an_item_that_was_made_but_answered_as_failed_is_recognised() {
    let mut world = World::linked(1);
    world.make(Side::Server, "new");
    world.sides.outlook.set_faults(Faults { write_done_but_failed: 1, ..Faults::default() });
    assert_eq!(world.run().failed, 1);
    world.sides.outlook.set_faults(Faults::default());
    // Edited on one side before we know of both: with a base it is an edit, without one it would be a clash.
    world.tick(-3_600);
    world.edit(Side::Server, "new", |event| event.description = "changed since".into());
    let report = world.good_run();
    assert_eq!((report.clashes, report.written.outlook.created, report.written.outlook.updated), (0, 0, 1));
    assert!(world.verify().is_equal());
}

#[test]
fn a_refused_item_is_reported_and_tried_again() {
    let mut world = World::linked(1);
    world.make(Side::Server, "new");
    world.sides.outlook.set_faults(Faults { write_refused: 1, ..Faults::default() });
    let report = world.run();
    assert_eq!((report.outcome.clone(), report.failed), (RunOutcome::Finished, 1));
    let line = report.lines.first().unwrap();
    assert!(matches!(line.event, LineEvent::Failed { kind: ErrorKind::Refused, .. }));
    assert_eq!((line.title.as_str(), line.side), ("new", Some(Side::Outlook)));
    world.sides.outlook.set_faults(Faults::default());
    assert_eq!(world.good_run().written.outlook.created, 1);
}

#[test]
fn nothing_is_made_while_what_may_be_the_same_cannot_be_read() {
    let mut world = World::new();
    world.make(Side::Outlook, "on both");
    world.make(Side::Server, "on both");
    world.sides.server.set_faults(Faults { fetch_fails: 1, ..Faults::default() });
    let report = world.run();
    assert_eq!((report.failed, report.written.server.total()), (1, 0));
    world.sides.server.set_faults(Faults::default());
    let report = world.good_run();
    assert_eq!((report.written.outlook.total(), report.written.server.total()), (0, 0));
    assert!(world.verify().is_equal());
}

#[test]
fn an_unreachable_side_stops_the_run_and_says_so() {
    let mut world = World::linked(1);
    world.sides.server.set_faults(Faults { offline: 1, ..Faults::default() });
    assert!(matches!(world.run().outcome, RunOutcome::Stopped { kind: ErrorKind::Offline, .. }));
    let last = world.journal().runs("pair", 1).unwrap().remove(0);
    assert!(matches!(last.report.unwrap().outcome, RunOutcome::Stopped { kind: ErrorKind::Offline, .. }));
}
