use std::fs::File;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use dovetail_sync::error::ErrorKind;
use dovetail_sync::journal::Operation;
use dovetail_sync::report::LineEvent;
use dovetail_sync::{Plan, RunOutcome, Side};

use crate::world::World;

#[test]
fn what_is_new_on_either_side_appears_on_the_other() {
    let mut world = World::new();
    world.make(Side::Outlook, "from Outlook");
    world.make(Side::Server, "from the server");
    let report = world.good_run();
    assert_eq!((report.written.outlook.created, report.written.server.created), (1, 1));
    for side in Side::BOTH {
        assert_eq!(world.titles(side), ["from Outlook", "from the server"]);
    }
    assert!(world.verify().is_equal());
}

#[test]
fn a_run_without_changes_asks_each_side_once_and_writes_nothing() {
    let mut world = World::linked(30);
    world.good_run();
    let (asked, written) = (world.call.requests.load(Ordering::Relaxed), world.sides.server.writes());
    let report = world.good_run();
    assert_eq!(report.requests, 2);
    assert_eq!(world.call.requests.load(Ordering::Relaxed) - asked, 2);
    assert_eq!(world.sides.server.writes(), written);
    assert_eq!(report.lines, []);
}

#[test]
fn edits_of_different_fields_both_stand() {
    let mut world = World::linked(2);
    world.edit(Side::Outlook, "event 0", |event| event.location = "Room 1".into());
    world.edit(Side::Server, "event 0", |event| event.description = "Bring the plans".into());
    let report = world.good_run();
    assert_eq!(report.clashes, 0);
    for side in Side::BOTH {
        assert_eq!(world.place(side, "event 0"), "Room 1");
    }
    assert!(world.verify().is_equal());
}

#[test]
fn what_only_one_side_knows_survives_the_edits_of_the_other() {
    let mut world = World::linked(2);
    world.edit(Side::Outlook, "event 0", |event| event.location = "Room 1".into());
    world.good_run();
    let id = world.find(Side::Server, "event 0");
    assert_eq!(world.sides.server.extra(&id).as_deref(), Some("only this side knows"));
}

#[test]
fn a_version_that_changes_without_an_edit_crosses_nothing() {
    let mut world = World::linked(2);
    world.edit(Side::Server, "event 0", |_| {});
    let report = world.good_run();
    assert_eq!(report.written.outlook.total() + report.written.server.total(), 0);
    assert_eq!(world.good_run().requests, 2);
}

#[test]
fn equal_edits_on_both_sides_need_no_write() {
    let mut world = World::linked(2);
    for side in Side::BOTH {
        world.edit(side, "event 0", |event| event.location = "Room 1".into());
    }
    let plan = world.preview();
    assert_eq!(plan.rows.iter().map(|row| row.writes()).collect::<Vec<_>>(), [false], "a base is recorded");
    let report = world.good_run();
    assert_eq!((report.written.outlook.total(), report.written.server.total(), report.clashes), (0, 0, 0));
    assert_eq!(world.good_run().requests, 2);
}

#[test]
fn a_deletion_crosses_and_an_edit_outlives_a_deletion() {
    let mut world = World::linked(3);
    world.remove(Side::Server, "event 0");
    world.remove(Side::Server, "event 1");
    world.edit(Side::Outlook, "event 1", |event| event.location = "Room 1".into());
    let report = world.good_run();
    assert_eq!((report.written.outlook.deleted, report.written.server.created), (1, 1));
    for side in Side::BOTH {
        assert_eq!(world.titles(side), ["event 1", "event 2"]);
    }
    assert_eq!(world.place(Side::Server, "event 1"), "Room 1");
}

#[test]
fn what_came_back_under_its_old_name_can_be_removed_again() {
    let mut world = World::linked(2);
    world.make(Side::Outlook, "made here");
    world.good_run();
    world.good_run();
    let name = world.find(Side::Server, "made here");
    world.remove(Side::Server, "made here");
    world.edit(Side::Outlook, "made here", |event| event.location = "Room 1".into());
    assert_eq!(world.good_run().written.server.created, 1);
    assert_eq!(world.find(Side::Server, "made here"), name);
    // It came and went since the token of the last run: no report tells of it.
    world.remove(Side::Server, "made here");
    assert_eq!(world.good_run().written.outlook.deleted, 1);
    assert!(world.verify().is_equal());
}

#[test]
fn a_lost_state_merges_and_neither_deletes_nor_doubles() {
    let mut world = World::linked(5);
    world.remove(Side::Server, "event 0");
    std::fs::remove_file(world.path("state.db")).unwrap();
    let report = world.good_run();
    assert_eq!((report.written.outlook.deleted, report.written.server.created), (0, 1));
    for side in Side::BOTH {
        assert_eq!(world.titles(side).len(), 5);
    }
    assert!(world.verify().is_equal());
}

#[test]
fn a_preview_shows_what_the_run_then_does_and_writes_nothing() {
    let mut world = World::linked(3);
    world.remove(Side::Outlook, "event 0");
    world.edit(Side::Server, "event 1", |event| event.location = "Room 1".into());
    world.make(Side::Outlook, "new");
    let written = world.sides.as_ref().map(|_, side| side.writes());
    let plan = world.preview();
    assert_eq!(written, world.sides.as_ref().map(|_, side| side.writes()));

    let mut shown: Vec<_> = plan
        .rows
        .iter()
        .map(|row| (row.title.as_str(), row.operations.outlook, row.operations.server))
        .collect();
    shown.sort_by_key(|row| row.0);
    assert_eq!(
        shown,
        [
            ("event 0", None, Some(Operation::Delete)),
            ("event 1", Some(Operation::Update), None),
            ("new", None, Some(Operation::Create)),
        ]
    );
    let edit = plan.rows.iter().find(|row| row.title == "event 1").unwrap();
    let field = edit.fields.outlook.first().unwrap();
    assert_eq!((field.before.as_str(), field.after.as_str()), ("", "Room 1"));

    let text = serde_json::to_string(&plan).unwrap();
    assert_eq!(serde_json::from_str::<Plan>(&text).unwrap(), plan);

    let report = world.good_run();
    assert_eq!(
        (report.written.server.deleted, report.written.outlook.updated, report.written.server.created),
        (1, 1, 1)
    );
}

#[test]
fn the_journal_keeps_every_run_and_its_report() {
    let mut world = World::linked(2);
    world.edit(Side::Server, "event 0", |event| event.location = "Room 1".into());
    let report = world.good_run();
    let journal = world.journal();
    let row = journal.run(report.run.get(..8).unwrap()).unwrap().unwrap();
    assert_eq!(row.report.as_ref(), Some(&report));
    let entries = journal.entries(&report.run).unwrap();
    let [entry] = entries.as_slice() else { panic!("one item was written, not {entries:?}") };
    assert_eq!(
        (entry.side, entry.operation, entry.title.as_str()),
        (Side::Outlook, Operation::Update, "event 0")
    );
    let before = String::from_utf8_lossy(&entry.before.as_ref().unwrap().original.bytes).into_owned();
    let after = String::from_utf8_lossy(&entry.after.as_ref().unwrap().original.bytes).into_owned();
    assert!(!before.contains("Room 1") && after.contains("Room 1"));
}

#[test]
fn nothing_is_unlinked_that_verify_does_not_name() {
    let world = World::new();
    let id = world.make(Side::Server, "alone");
    let verified = world.verify();
    assert!(!verified.is_equal());
    assert_eq!(verified.unlinked.server, [id]);
    assert!(matches!(world.try_run().unwrap().outcome, RunOutcome::Finished));
    assert!(world.verify().is_equal());
}

#[test]
fn an_item_whose_base_cannot_be_read_any_more_disturbs_no_other() {
    let mut world = World::linked(3);
    let id = world.find(Side::Outlook, "event 0");
    world.with(|_, state, _| {
        let mut link = state.link_of("pair", Side::Outlook, &id).unwrap().unwrap();
        let base = link.sides.outlook.as_mut().unwrap();
        base.original.bytes = b"no item".as_slice().into();
        state.transaction(|state| state.put_link("pair", &link)).unwrap();
    });
    for title in ["event 0", "event 1"] {
        world.edit(Side::Server, title, |event| event.location = "Room 1".into());
    }
    // It stays a question, and is told of each time.
    for crossed in [1, 0] {
        let report = world.run();
        assert_eq!((&report.outcome, report.failed), (&RunOutcome::Finished, 1), "{report:?}");
        let told = report.lines.iter().find(|line| matches!(line.event, LineEvent::Failed { .. })).unwrap();
        assert_eq!((told.title.as_str(), told.side), ("event 0", None));
        assert_eq!((report.written.outlook.total(), report.written.server.total()), (crossed, 0));
    }
    assert_eq!(world.place(Side::Outlook, "event 1"), "Room 1");
    assert_eq!(world.titles(Side::Outlook).len(), 3);
}

#[test]
fn a_file_of_the_run_that_another_program_changed_ends_it_before_anything_is_written() {
    let mut world = World::linked(3);
    world.edit(Side::Outlook, "event 0", |event| event.location = "Room 1".into());
    world.edit(Side::Server, "event 1", |event| event.location = "Room 2".into());
    let spool = world.with(|_, state, _| state.spool_path());
    world.call.progress = Some(Arc::new(move |what, _, _| {
        if what == "reading the server" {
            File::options().write(true).open(&spool).unwrap().set_len(0).unwrap();
        }
    }));
    let report = world.run();
    let RunOutcome::Stopped { kind, what } = &report.outcome else { panic!("{report:?}") };
    assert_eq!(*kind, ErrorKind::Local, "{what}");
    assert_eq!((report.written.outlook.total(), report.written.server.total()), (0, 0));
    world.call.progress = None;
    let report = world.good_run();
    assert_eq!((report.written.outlook.updated, report.written.server.updated), (1, 1));
}
