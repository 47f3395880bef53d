use dovetail_model::event::{Attendee, Participant};
use dovetail_sync::report::HoldReason;
use dovetail_sync::state::Verdict;
use dovetail_sync::storage::{Collection, Traits};
use dovetail_sync::{Rule, Side};
use dovetail_testkit::{Dialect, Faults, MemoryCollection};

use crate::world::{World, held};

fn remove(world: &World, numbers: std::ops::Range<usize>) {
    for number in numbers {
        world.remove(Side::Server, &format!("event {number}"));
    }
}

#[test]
fn too_many_deletions_wait_while_the_rest_goes_on() {
    let mut world = World::linked(20);
    remove(&world, 0..11);
    world.make(Side::Server, "new");
    let report = world.good_run();
    assert_eq!((report.held, report.written.outlook.deleted, report.written.outlook.created), (11, 0, 1));
    assert_eq!(held(&report).first(), Some(&HoldReason::TooMuch { destroyed: 11, linked: 20 }));
    assert_eq!(world.held().len(), 11);
    // And they keep waiting.
    let again = world.good_run();
    assert_eq!((again.held, again.written.outlook.deleted), (11, 0));
    assert_eq!(world.held().len(), 11);
}

#[test]
fn what_a_person_approves_is_done_by_the_next_run_and_does_not_count() {
    let mut world = World::linked(30);
    remove(&world, 0..11);
    world.good_run();
    world.decide_all(Verdict::Approved);
    remove(&world, 11..12);
    let report = world.good_run();
    assert_eq!((report.written.outlook.deleted, report.held), (12, 0));
    assert_eq!(world.held(), []);
    assert!(world.verify().is_equal());
}

#[test]
fn what_a_person_rejects_stays_as_it_is_for_good() {
    let mut world = World::linked(20);
    remove(&world, 0..11);
    world.good_run();
    world.decide_all(Verdict::Rejected);
    for _ in 0..2 {
        let report = world.good_run();
        assert_eq!((report.written.outlook.total(), report.written.server.total(), report.held), (0, 0, 0));
    }
    assert_eq!((world.titles(Side::Outlook).len(), world.titles(Side::Server).len()), (20, 9));
    let verified = world.verify();
    assert!(verified.is_equal());
    assert_eq!(verified.intended.len(), 11);
    // Until somebody edits again.
    world.edit(Side::Outlook, "event 3", |event| event.location = "Room 1".into());
    world.good_run();
    assert_eq!(world.place(Side::Server, "event 3"), "Room 1");
}

#[test]
fn an_approval_is_void_once_the_item_changed() {
    let mut world = World::linked(20);
    remove(&world, 0..11);
    world.good_run();
    world.decide_all(Verdict::Approved);
    world.edit(Side::Outlook, "event 0", |event| event.location = "Room 1".into());
    let report = world.good_run();
    // The edit outlives the deletion; the others were approved.
    assert_eq!((report.written.outlook.deleted, report.written.server.created), (10, 1));
    assert_eq!(world.held(), []);
}

#[test]
fn an_approval_of_an_edit_is_not_one_of_the_next_edit() {
    let mut world = World::linked(3);
    world.rule = Rule::Ask;
    world.edit(Side::Server, "event 0", |event| event.location = "Room 1".into());
    world.edit(Side::Outlook, "event 0", |event| event.location = "Room 2".into());
    assert_eq!(world.good_run().held, 1);
    world.decide_all(Verdict::Approved);
    world.edit(Side::Server, "event 0", |event| event.location = "Room 3".into());
    let report = world.good_run();
    assert_eq!((report.written.outlook.total(), report.written.server.total(), report.held), (0, 0, 1));
    world.decide_all(Verdict::Approved);
    assert_eq!(world.good_run().held, 0);
    assert_eq!(world.place(Side::Outlook, "event 0"), "Room 3");
}

#[test]
fn an_approval_holds_though_the_item_has_another_version_that_says_the_same() {
    let mut world = World::linked(20);
    for number in 0..11 {
        world.remove(Side::Outlook, &format!("event {number}"));
    }
    world.good_run();
    world.decide_all(Verdict::Approved);
    // Some servers do that by themselves.
    for (id, bytes) in world.sides.server.originals() {
        world.sides.server.overwrite(&id, bytes);
    }
    let report = world.good_run();
    assert_eq!((report.written.server.deleted, report.held), (11, 0));
    assert!(world.verify().is_equal());
}

#[test]
fn deletions_are_counted_over_a_day_and_many_runs() {
    let mut world = World::linked(20);
    remove(&world, 0..6);
    assert_eq!(world.good_run().written.outlook.deleted, 6);
    remove(&world, 6..12);
    let report = world.good_run();
    assert_eq!((report.held, report.written.outlook.deleted), (6, 0));
    // A day later the count begins anew, for what nobody was asked about yet.
    world.later(24 * 3_600);
    remove(&world, 12..14);
    let report = world.good_run();
    assert_eq!((report.held, report.written.outlook.deleted), (6, 2));
}

#[test]
fn a_deletion_that_failed_counts_until_it_is_seen_that_it_was_not_done() {
    let mut world = World::linked(20);
    remove(&world, 0..6);
    world.sides.outlook.set_faults(Faults { write_done_but_stale: 1, ..Faults::default() });
    assert_eq!(world.run().written.outlook.deleted, 0);
    assert_eq!(world.titles(Side::Outlook).len(), 14);
    // Nobody can tell yet what became of them.
    remove(&world, 6..12);
    world.sides.outlook.set_faults(Faults { fetch_fails: 1, ..Faults::default() });
    assert_eq!(world.run().written.outlook.deleted, 0);
    assert_eq!(world.titles(Side::Outlook).len(), 14);

    let mut world = World::linked(20);
    remove(&world, 0..6);
    world.sides.outlook.set_faults(Faults { write_refused: 1, ..Faults::default() });
    assert_eq!(world.run().written.outlook.deleted, 0);
    world.sides.outlook.set_faults(Faults::default());
    remove(&world, 6..10);
    // What is refused again and again is tried less often.
    world.later(3_600);
    let report = world.good_run();
    assert_eq!((report.held, report.written.outlook.deleted), (0, 10));
}

#[test]
fn a_collection_that_seems_empty_deletes_nothing() {
    for revoked in [true, false] {
        let mut world = World::linked(5);
        world.sides.server.set_faults(Faults { revoked, emptied: !revoked, ..Faults::default() });
        let report = world.good_run();
        assert_eq!((report.held, report.written.outlook.total()), (5, 0));
        assert_eq!(held(&report), vec![HoldReason::Unproven; 5]);

        world.sides.server.set_faults(Faults::default());
        let report = world.good_run();
        assert_eq!((report.held, report.written.outlook.total(), report.written.server.total()), (0, 0, 0));
        assert_eq!(world.held(), []);
    }
}

#[test]
fn whoever_removed_everything_can_say_so() {
    let mut world = World::linked(3);
    remove(&world, 0..3);
    assert_eq!(world.good_run().held, 3);
    world.decide_all(Verdict::Approved);
    let report = world.good_run();
    assert_eq!((report.held, report.written.outlook.deleted), (0, 3));
    assert_eq!(world.titles(Side::Outlook), [""; 0]);
}

fn guest() -> Attendee {
    let who = Participant { address: "mailto:guest@example.com".into(), ..Participant::default() };
    Attendee { who, ..Attendee::default() }
}

#[test]
fn nobody_is_mailed_unless_the_profile_lets_the_server_schedule() {
    for allowed in [false, true] {
        let mut world = World::with_server(Traits { mails_attendees: true, ..Traits::default() });
        world.make(Side::Server, "a meeting");
        world.make(Side::Server, "alone");
        world.edit(Side::Server, "a meeting", |event| event.attendees.push(guest()));
        world.good_run();
        let before = world.sides.server.mails();
        world.server_may_schedule = allowed;
        world.edit(Side::Outlook, "a meeting", |event| event.location = "Room 1".into());
        let report = world.good_run();
        assert_eq!(world.sides.server.mails() - before, u64::from(allowed));
        assert_eq!(held(&report), if allowed { vec![] } else { vec![HoldReason::WouldMail] });
    }
}

#[test]
fn a_meeting_that_is_new_waits_as_well_and_what_is_no_meeting_does_not() {
    for allowed in [false, true] {
        let mut world = World::with_server(Traits { mails_attendees: true, ..Traits::default() });
        // A mailbox that has attendees.
        world.sides.outlook = MemoryCollection::new(Dialect::Server, world.sides.outlook.traits(), 1);
        world.server_may_schedule = allowed;
        world.make(Side::Outlook, "alone");
        world.make(Side::Outlook, "a meeting");
        world.edit(Side::Outlook, "a meeting", |event| event.attendees.push(guest()));
        let report = world.good_run();
        let invited = u64::from(allowed);
        assert_eq!((report.written.server.created, world.sides.server.mails()), (1 + invited, invited));
        assert_eq!(held(&report), if allowed { vec![] } else { vec![HoldReason::WouldMail] });
    }
}

#[test]
fn a_copy_of_a_linked_item_is_held_and_named() {
    let mut world = World::linked(2);
    world.make(Side::Server, "event 0");
    for _ in 0..2 {
        let report = world.good_run();
        assert_eq!(held(&report), [HoldReason::DuplicateUid { uid: "event-0@example.com".into() }]);
        assert_eq!((report.written.outlook.total(), report.written.server.total()), (0, 0));
    }
}

#[test]
fn a_uid_twice_on_one_side_is_left_alone_until_one_of_them_is_gone() {
    let mut world = World::new();
    let copy = world.make(Side::Server, "twice");
    world.make(Side::Server, "twice");
    world.make(Side::Outlook, "twice");
    assert_eq!(world.good_run().held, 3);
    world.sides.server.remove(&copy);
    let report = world.good_run();
    assert_eq!((report.held, report.written.outlook.total(), report.written.server.total()), (0, 0, 0));
    assert!(world.verify().is_equal());
}

#[test]
fn two_programs_that_undo_each_other_are_noticed() {
    let mut world = World::linked(2);
    let mut noticed = None;
    for round in 0..10 {
        for (side, place) in [(Side::Outlook, "Room 1"), (Side::Server, "Room 2")] {
            world.edit(side, "event 0", |event| event.location = place.into());
            let report = world.good_run();
            if report.held > 0 {
                assert_eq!(held(&report), [HoldReason::Flapping]);
                noticed = noticed.or(Some(round));
            }
        }
    }
    assert_eq!(noticed, Some(2), "each side's edit was changed back twice");
    // It is suspended, not forgotten: others go on, and a person can let it go on.
    world.edit(Side::Outlook, "event 1", |event| event.location = "Room 3".into());
    let report = world.good_run();
    assert_eq!((report.held, report.written.server.updated), (1, 1));
    world.decide_all(Verdict::Approved);
    assert_eq!(world.good_run().held, 0);
    assert!(world.verify().is_equal());
    // Who lets it go on has looked at it: it is counted anew.
    for place in ["Room 1", "Room 2", "Room 1"] {
        world.edit(Side::Outlook, "event 0", |event| event.location = place.into());
        assert_eq!(world.good_run().held, 0, "{place}");
    }
}

#[test]
fn edits_that_nobody_changes_back_never_flap() {
    let mut world = World::linked(2);
    for round in 0..10 {
        world.edit(Side::Outlook, "event 0", |event| event.location = format!("Room {round}"));
        assert_eq!(world.good_run().held, 0, "round {round}");
    }
}
