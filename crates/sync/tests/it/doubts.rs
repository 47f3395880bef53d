//! What only seems to be so: gone, new, known. Nothing is deleted, doubled or forgotten for it.

use dovetail_model::contact::Email;
use dovetail_model::group::{Group, Member};
use dovetail_model::item::{Alarm, AlarmAction, Trigger};
use dovetail_model::{Item, Kind};
use dovetail_sync::journal::{Keep, Outcome};
use dovetail_sync::report::{HoldReason, LineEvent, SkipReason};
use dovetail_sync::state::Verdict;
use dovetail_sync::storage::Traits;
use dovetail_sync::{Direction, ErrorKind, Report, RunOutcome, Side};
use dovetail_testkit::Faults;

use crate::world::{World, contact, held, writes};

fn skipped(report: &Report) -> Vec<SkipReason> {
    let why = |event: &LineEvent| match event {
        LineEvent::Skipped { why } => Some(*why),
        _ => None,
    };
    report.lines.iter().filter_map(|line| why(&line.event)).collect()
}

fn contacts(direction: Direction) -> World {
    let mut world = World::new();
    (world.kinds, world.direction) = (vec![Kind::Contact], direction);
    world
}

fn rename(world: &World, side: Side, from: &str, to: &str) {
    world.sides.of(side).edit(&world.find(side, from), |item| {
        if let Item::Contact(contact) = item {
            contact.formatted_name = to.into();
            contact.name.family = to.into();
        }
    });
}

#[test]
fn what_was_renamed_where_it_was_merged_to_is_still_the_same_once_both_ways_are_synced() {
    for source in Side::BOTH {
        let mut world = contacts(match source {
            Side::Outlook => Direction::MergeToServer,
            Side::Server => Direction::MergeToOutlook,
        });
        world.sides.of(source).make(&contact("Alice Arbor"), "");
        world.good_run();
        rename(&world, source.other(), "Alice Arbor", "Alicia Arbor-Beech");
        world.good_run();
        world.direction = Direction::TwoWay;
        let report = world.good_run();
        assert_eq!((report.written.outlook.created, report.written.server.created), (0, 0), "{source}");
        for side in Side::BOTH {
            assert_eq!(world.titles(side), ["Alicia Arbor-Beech"], "{source} on {side}");
        }
        assert_eq!(writes(&world.good_run()), (0, 0));
        assert!(world.verify().is_equal());
    }
}

#[test]
fn a_changed_scope_takes_no_source_from_what_was_merged() {
    for source in Side::BOTH {
        let target = source.other();
        let mut world = World::new();
        world.direction = match source {
            Side::Outlook => Direction::MergeToServer,
            Side::Server => Direction::MergeToOutlook,
        };
        for title in ["one", "two"] {
            world.make(source, title);
        }
        world.good_run();
        world.edit(target, "one", |event| event.location = "Room 1".into());
        world.good_run();
        world.kinds.push(Kind::Task);
        world.good_run();
        world.edit(source, "one", |event| event.description = "Bring the plans".into());
        assert_eq!(world.good_run().written.of(target).updated, 1, "{source}: an edit still crosses");
        assert_eq!(world.place(target, "one"), "Room 1");
    }
}

#[test]
fn what_is_listed_and_answers_that_it_is_gone_is_asked_again_before_it_is_believed() {
    let mut world = World::linked(4);
    world.edit(Side::Server, "event 0", |event| event.location = "Room 1".into());
    world.sides.server.set_faults(Faults { fetch_gone: 1, ..Faults::default() });
    let report = world.run();
    assert_eq!((report.written.outlook.total(), world.titles(Side::Outlook).len()), (0, 4));
    world.sides.server.set_faults(Faults::default());
    assert_eq!(world.good_run().written.outlook.updated, 1);
    assert!(world.verify().is_equal());
}

#[test]
fn a_state_that_was_lost_deletes_nothing_of_a_copy_until_a_person_has_looked() {
    for source in Side::BOTH {
        let target = source.other();
        let mut world = contacts(match source {
            Side::Outlook => Direction::ReplicateToServer,
            Side::Server => Direction::ReplicateToOutlook,
        });
        for name in ["Alice Arbor", "Bob Birch", "Carl Cedar"] {
            world.sides.of(source).make(&contact(name), "");
        }
        world.good_run();
        std::fs::remove_file(world.path("state.db")).unwrap();
        // An extra of the copy, as far as anybody can tell; or the last of what was removed by mistake.
        world.remove(source, "Alice Arbor");
        for _ in 0..2 {
            let report = world.good_run();
            assert_eq!(report.written.of(target).deleted, 0);
            assert_eq!(held(&report), [HoldReason::Forgotten]);
        }
        assert_eq!(world.titles(target), ["Alice Arbor", "Bob Birch", "Carl Cedar"]);
        world.decide_all(Verdict::Approved);
        assert_eq!(world.good_run().written.of(target).deleted, 1);
        // From then on what is known is known.
        world.sides.of(target).make(&contact("Dora Douglas"), "");
        assert_eq!(world.good_run().written.of(target).deleted, 1);
        assert!(world.verify().is_equal());
    }
}

#[test]
fn an_undo_and_a_restore_believe_no_absence_that_nothing_proves() {
    let mut world = World::linked(3);
    world.edit(Side::Outlook, "event 0", |event| event.location = "Room 1".into());
    let run = world.good_run().run;
    world.sides.outlook.set_faults(Faults { emptied: true, ..Faults::default() });
    let report = world.undo(&run);
    assert_eq!((writes(&report), skipped(&report)), ((0, 0), vec![SkipReason::Missing]));
    let number = world.versions("event 0").iter().find_map(|version| version.number).unwrap();
    let report = world.restore("event 0", number);
    assert_eq!((writes(&report), skipped(&report)), ((0, 0), vec![SkipReason::Missing]));

    world.sides.outlook.set_faults(Faults::default());
    world.edit(Side::Outlook, "event 0", |event| event.description = "Bring the plans".into());
    assert_eq!(world.good_run().written.server.updated, 1);
    assert_eq!(world.titles(Side::Server).len(), 3);
    assert!(world.verify().is_equal());
}

#[test]
fn an_item_that_became_one_of_another_kind_is_named_and_left_alone() {
    let mut world = contacts(Direction::TwoWay);
    world.kinds.push(Kind::Group);
    for name in ["Alice Arbor", "Bob Birch"] {
        world.sides.server.make(&contact(name), "");
    }
    world.good_run();
    let member = Member { address: "bob@example.com".into(), ..Member::default() };
    let list = Group { name: "Friends".into(), members: vec![member], ..Group::default() };
    let id = world.find(Side::Server, "Alice Arbor");
    world.sides.server.edit(&id, |item| *item = Item::Group(Box::new(list)));
    let report = world.good_run();
    let named = report.lines.iter().any(|line| {
        matches!(&line.event, LineEvent::NotOurs { why } if why.contains("has become a distribution list"))
    });
    assert!(named, "{:?}", report.lines);
    let address = Email { address: "alice@example.com".into(), ..Email::default() };
    world.sides.outlook.edit(&world.find(Side::Outlook, "Alice Arbor"), |item| {
        if let Item::Contact(contact) = item {
            contact.emails.push(address);
        }
    });
    for _ in 0..2 {
        assert_eq!(writes(&world.good_run()), (0, 0));
    }
    assert!(!world.verify().is_equal(), "it is not equal, and nobody says so");
    assert_eq!(world.titles(Side::Server), ["Bob Birch", "Friends"]);
    // It is one of the first kind again: what was edited meanwhile crosses.
    world.sides.server.edit(&id, |item| *item = contact("Alice Arbor"));
    assert_eq!(world.good_run().written.server.updated, 1);
    assert!(world.verify().is_equal());
}

#[test]
fn what_was_made_twice_because_it_could_not_be_read_for_long_is_held_and_not_doubled() {
    let mut world = contacts(Direction::TwoWay);
    // Outlook makes whatever it is asked to.
    world.sides.outlook = world.sides.outlook.with_traits(Traits { delete_guard: true, ..Traits::default() });
    world.sides.server.make(&contact("Alice Arbor"), "");
    world.good_run();
    world.sides.server.make(&contact("Bob Birch"), "");
    // It is made, and the answer is lost.
    world.sides.outlook.set_faults(Faults { write_done_but_failed: 1, ..Faults::default() });
    assert_eq!(world.run().failed, 1);
    // Then it cannot be read, run after run.
    world.sides.outlook.set_faults(Faults { fetch_fails: 1, ..Faults::default() });
    for _ in 0..3 {
        assert_eq!(world.run().outcome, RunOutcome::Finished);
    }
    world.sides.outlook.set_faults(Faults::default());
    for _ in 0..3 {
        let report = world.good_run();
        assert_eq!(writes(&report), (0, 0), "{:?}", report.lines);
        assert_eq!(report.held, 1, "one of the two waits for a person");
    }
    assert_eq!(world.titles(Side::Outlook), ["Alice Arbor", "Bob Birch", "Bob Birch"]);
    assert_eq!(world.titles(Side::Server), ["Alice Arbor", "Bob Birch"]);
    // What is still linked goes on crossing, in whichever of the two it is.
    rename(&world, Side::Server, "Bob Birch", "Robert Birch");
    assert_eq!(world.run().written.outlook.updated, 1);
    let copy = world.find(Side::Outlook, "Bob Birch");
    world.sides.outlook.remove(&copy);
    assert_eq!(world.good_run().held, 0);
    assert!(world.verify().is_equal());
}

#[test]
fn what_a_run_left_alone_is_not_taken_for_what_nobody_can_ever_read() {
    let mut world = contacts(Direction::TwoWay);
    for side in Side::BOTH {
        world.sides.of(side).make(&contact("Alice Arbor"), "");
    }
    let bob = world.sides.outlook.make(&contact("Bob Birch"), "");
    world.run_only(&[bob]).unwrap();
    // Only now it is asked about in vain for the first time.
    world.sides.server.set_faults(Faults { fetch_fails: 1, ..Faults::default() });
    assert_eq!(writes(&world.run()), (0, 0));
    world.sides.server.set_faults(Faults::default());
    world.good_run();
    for side in Side::BOTH {
        assert_eq!(world.titles(side), ["Alice Arbor", "Bob Birch"], "{side}");
    }
}

#[test]
fn what_is_new_is_not_made_of_what_could_not_be_asked_for_a_second_time() {
    let mut world = contacts(Direction::TwoWay);
    let names = ["Arbor", "Birch", "Cedar", "Dogwood", "Elm", "Fir", "Ginkgo", "Hazel", "Ivy", "Juniper"];
    for name in names {
        world.sides.outlook.make(&contact(name), "");
    }
    assert_eq!(writes(&world.good_run()), (0, 10));
    // Moved away and back: each has another id, and nothing but its looks tells that it is the same.
    for name in names {
        world.sides.outlook.rename(&world.find(Side::Outlook, name));
    }
    world.sides.outlook.set_faults(Faults { fetch_fails: 2, ..Faults::default() });
    for _ in 0..3 {
        assert_eq!(writes(&world.run()), (0, 0));
    }
    world.sides.outlook.set_faults(Faults::default());
    for _ in 0..2 {
        let report = world.good_run();
        assert_eq!((writes(&report), report.held), ((0, 0), 0), "{:?}", report.lines);
    }
    assert!(world.verify().is_equal());
}

#[test]
fn which_of_the_servers_reminders_another_computer_shows_is_no_edit() {
    let reminders = |minutes: &[i64]| {
        let alarm = |minutes: &i64| Alarm {
            trigger: Trigger::Start(-60 * minutes),
            action: AlarmAction::Display,
            minutes_before_start: Some(*minutes),
        };
        minutes.iter().map(alarm).collect::<Vec<_>>()
    };
    let mut world = World::linked(1);
    world.edit(Side::Server, "event 0", |event| event.alarms = reminders(&[15, 60]));
    world.good_run();
    // Which one it showed is forgotten with the state, and there is another first one.
    world.edit(Side::Server, "event 0", |event| event.alarms = reminders(&[60, 15]));
    std::fs::remove_file(world.path("state.db")).unwrap();
    world.good_run();
    // Another computer, which was told of that, shows it.
    world.edit(Side::Outlook, "event 0", |event| event.alarms = reminders(&[60]));
    assert_eq!(writes(&world.good_run()), (0, 0));
    assert!(world.verify().is_equal());
    // What a person changes crosses.
    world.edit(Side::Outlook, "event 0", |event| event.alarms = reminders(&[30]));
    assert_eq!(writes(&world.good_run()), (0, 1));
    assert!(world.verify().is_equal());
}

#[test]
fn a_clock_that_goes_wrong_for_a_while_erases_nothing_and_stops_nothing() {
    let mut world = World::linked(2);
    world.edit(Side::Server, "event 0", |event| event.location = "Room 1".into());
    let first = world.good_run().run;
    let now = world.now;
    for _ in 0..5 {
        world.days_later(400);
        world.good_run();
        let (later, keep) = (world.now, Keep::default());
        assert_eq!(world.journal().forget_old(&keep, &Default::default(), later).unwrap(), 0);
    }
    let ahead = world.good_run().run;
    assert_eq!(world.journal().runs("pair", 1).unwrap()[0].id, ahead);
    // And back.
    world.now = now;
    world.edit(Side::Server, "event 1", |event| event.location = "Room 2".into());
    let report = world.good_run();
    assert_eq!(report.written.outlook.updated, 1);
    assert_eq!(world.journal().runs("pair", 1).unwrap()[0].id, report.run, "the last run is the last");
    assert_eq!(world.undo(&first).written.outlook.updated, 1);
}

#[test]
fn a_refusal_of_a_year_ahead_defers_nothing_once_the_clock_is_right() {
    let mut world = World::linked(2);
    world.edit(Side::Server, "event 0", |event| event.location = "Room 1".into());
    let now = world.now;
    world.days_later(365);
    world.sides.outlook.set_faults(Faults { write_refused: 1, ..Faults::default() });
    for _ in 0..4 {
        world.run();
    }
    world.sides.outlook.set_faults(Faults::default());
    world.now = now;
    assert_eq!(world.good_run().written.outlook.updated, 1);
}

#[test]
fn what_a_person_approved_and_failed_is_still_approved() {
    let mut world = World::linked(20);
    for number in 0..11 {
        world.remove(Side::Server, &format!("event {number}"));
    }
    assert_eq!(world.good_run().held, 11);
    world.decide_all(Verdict::Approved);
    world.sides.outlook.set_faults(Faults { write_refused: 1, ..Faults::default() });
    assert_eq!(world.run().failed, 11);
    world.sides.outlook.set_faults(Faults::default());
    let report = world.good_run();
    assert_eq!((report.written.outlook.deleted, report.held), (11, 0));
    assert_eq!(world.held(), []);
}

#[test]
fn a_link_that_is_forgotten_leaves_no_intent_to_the_one_that_gets_its_number() {
    let mut world = World::linked(3);
    world.remove(Side::Server, "event 2");
    // The deletion arrives, and the answer is lost; then nobody can tell.
    world.sides.outlook.set_faults(Faults { write_done_but_failed: 1, ..Faults::default() });
    assert_eq!(world.run().failed, 1);
    world.sides.outlook.set_faults(Faults { fetch_fails: 1, ..Faults::default() });
    world.run();
    world.sides.outlook.set_faults(Faults::default());
    world.make(Side::Server, "new");
    world.good_run();
    world.good_run();
    let verified = world.verify();
    assert!(verified.is_equal() && verified.equal == 3, "{verified:?}");
    let done = |entry: &dovetail_sync::journal::Entry| entry.outcome != Outcome::Begun;
    for run in world.journal().runs("pair", 10).unwrap() {
        assert!(world.journal().entries(&run.id).unwrap().iter().all(done));
    }
}

#[test]
fn somebody_who_changes_his_mind_is_not_taken_for_two_programs() {
    let mut world = World::linked(2);
    for place in ["Room 1", "Room 2", "Room 1", "Room 2", "Room 1", "Room 3"] {
        world.edit(Side::Outlook, "event 0", |event| event.location = place.into());
        let report = world.good_run();
        assert_eq!((report.held, report.written.server.updated), (0, 1), "{place}");
    }
}

#[test]
fn an_item_that_is_gone_before_its_run_begins_does_not_hold_up_the_others() {
    let mut world = World::linked(2);
    let gone = world.make(Side::Outlook, "soon gone");
    world.sides.outlook.remove(&gone);
    world.edit(Side::Outlook, "event 0", |event| event.location = "Room 1".into());
    let edited = world.find(Side::Outlook, "event 0");
    let report = world.run_only(&[gone.clone(), edited]).unwrap();
    assert_eq!((report.outcome.clone(), report.written.server.updated), (RunOutcome::Finished, 1));
    assert_eq!(skipped(&report), [SkipReason::Nowhere]);
    let report = world.run_only(&[gone]).unwrap();
    assert!(matches!(report.outcome, RunOutcome::Stopped { kind: ErrorKind::Gone, .. }));
}

#[test]
fn a_run_over_a_few_items_that_fails_is_made_up_for_by_the_next() {
    for faults in [
        Faults { offline: 1, ..Faults::default() },
        Faults { write_refused: 1, ..Faults::default() },
        Faults { write_busy: 1, ..Faults::default() },
        Faults { write_done_but_failed: 1, ..Faults::default() },
    ] {
        let mut world = World::linked(3);
        world.edit(Side::Outlook, "event 0", |event| event.location = "Room 1".into());
        let edited = world.find(Side::Outlook, "event 0");
        world.sides.server.set_faults(faults);
        let report = world.run_only(&[edited]).unwrap();
        assert!(report.failed > 0 || report.outcome != RunOutcome::Finished, "{faults:?}");
        world.sides.server.set_faults(Faults::default());
        world.good_run();
        assert_eq!(world.place(Side::Server, "event 0"), "Room 1", "{faults:?}");
        assert!(world.verify().is_equal());
        assert_eq!(writes(&world.good_run()), (0, 0));
    }
}

#[test]
fn what_a_merge_offers_takes_no_room_from_what_the_target_has_of_its_own() {
    let mut world = contacts(Direction::MergeToOutlook);
    let addresses = |world: &World, side: Side| -> Vec<String> {
        let (_, item) = world.sides.of(side).items().remove(0);
        let Item::Contact(contact) = item else { panic!("a contact") };
        contact.emails.into_iter().map(|email| email.address).collect()
    };
    let add = |world: &World, side: Side, address: &str| {
        let email = Email { address: format!("{address}@example.com"), ..Email::default() };
        world.sides.of(side).edit(&world.find(side, "Alice Arbor"), |item| {
            if let Item::Contact(contact) = item {
                contact.emails.push(email);
            }
        });
    };
    world.sides.server.make(&contact("Alice Arbor"), "");
    for address in ["one", "two"] {
        add(&world, Side::Server, address);
    }
    world.good_run();
    // Outlook has room for three.
    add(&world, Side::Outlook, "own");
    add(&world, Side::Server, "three");
    world.good_run();
    let own = ["one@example.com", "two@example.com", "own@example.com"];
    assert_eq!(addresses(&world, Side::Outlook), own);
    assert_eq!(writes(&world.good_run()), (0, 0));
}

#[test]
fn what_another_computer_brought_back_is_known_even_where_its_counterpart_moved() {
    for direction in [Direction::TwoWay, Direction::MergeToOutlook, Direction::ReplicateToOutlook] {
        let mut world = contacts(direction);
        for name in ["Alice Arbor", "Bob Birch"] {
            let mut item = contact(name);
            item.set_uid(Some(format!("{name}@example.com")));
            world.sides.server.make(&item, "");
        }
        world.good_run();
        world.sides.server.rename(&world.find(Side::Server, "Alice Arbor"));
        world.remove(Side::Outlook, "Alice Arbor");
        world.sides.outlook.make(&contact("Alice Arbor"), "");
        let report = world.good_run();
        assert_eq!(writes(&report), (0, 0), "{direction:?}: {:?}", report.lines);
        for side in Side::BOTH {
            assert_eq!(world.titles(side), ["Alice Arbor", "Bob Birch"], "{direction:?}");
        }
        assert!(world.verify().is_equal());
    }
}
