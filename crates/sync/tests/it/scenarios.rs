//! The scenarios by which an engine of this kind is judged, as data. Each is run four times: what one run settles, the
//! next three leave alone.
//!
//! Where this engine differs from what is usual, the case says so: two items that were matched and differ are merged, and
//! are not left different; of an item that is edited on both sides nothing is lost, it is in the journal.

use dovetail_model::When;
use dovetail_sync::report::Counts;
use dovetail_sync::state::Verdict;
use dovetail_sync::{Direction, ErrorKind, Rule, RunOutcome, Side};
use dovetail_testkit::{Faults, Fuse};
use jiff::civil::datetime;

use crate::world::World;

use Deed::{Edit, Make, Remove};
use Side::{Outlook, Server};

/// What somebody does before the run.
#[derive(Clone, Copy, Debug)]
enum Deed {
    /// An item of this title.
    Make(Side, &'static str),
    /// The item of this title goes.
    Remove(Side, &'static str),
    /// The item of this title is elsewhere.
    Edit(Side, &'static str, &'static str),
}

/// Titles and places.
type Held = &'static [(&'static str, &'static str)];

struct Case {
    name: &'static str,
    deeds: &'static [Deed],
    /// What both sides hold afterwards.
    both: Held,
}

const UNTOUCHED: (&str, &str) = ("one", "");
const BESIDE: (&str, &str) = ("two", "");

const fn case(name: &'static str, deeds: &'static [Deed], both: Held) -> Case {
    Case { name, deeds, both }
}

/// Two-way, whoever wins. `one` and `two` are linked.
const TWO_WAY: &[Case] = &[
    case(
        "two are added in Outlook",
        &[Make(Outlook, "a"), Make(Outlook, "b")],
        &[("a", ""), ("b", ""), UNTOUCHED, BESIDE],
    ),
    case(
        "two are added on the server",
        &[Make(Server, "a"), Make(Server, "b")],
        &[("a", ""), ("b", ""), UNTOUCHED, BESIDE],
    ),
    case(
        "one is added on each side",
        &[Make(Outlook, "a"), Make(Server, "b")],
        &[("a", ""), ("b", ""), UNTOUCHED, BESIDE],
    ),
    case(
        "the same is added on both sides",
        &[Make(Outlook, "a"), Make(Server, "a")],
        &[("a", ""), UNTOUCHED, BESIDE],
    ),
    // On purpose: what was matched and differs is merged, not left different.
    case(
        "the same is added on both sides, and one of them says more",
        &[Make(Outlook, "a"), Make(Server, "a"), Edit(Server, "a", "Room 1")],
        &[("a", "Room 1"), UNTOUCHED, BESIDE],
    ),
    case(
        "one of two that are new on the server is new in Outlook as well",
        &[Make(Outlook, "a"), Make(Server, "a"), Make(Server, "b")],
        &[("a", ""), ("b", ""), UNTOUCHED, BESIDE],
    ),
    case("one is removed in Outlook", &[Remove(Outlook, "one")], &[BESIDE]),
    case("one is removed on the server", &[Remove(Server, "one")], &[BESIDE]),
    case(
        "different ones are removed on each side",
        &[Make(Outlook, "a"), Remove(Outlook, "one"), Remove(Server, "two")],
        &[("a", "")],
    ),
    case("the same is removed on both sides", &[Remove(Outlook, "one"), Remove(Server, "one")], &[BESIDE]),
    case("one is edited in Outlook", &[Edit(Outlook, "one", "Room 1")], &[("one", "Room 1"), BESIDE]),
    case("one is edited on the server", &[Edit(Server, "one", "Room 1")], &[("one", "Room 1"), BESIDE]),
    case(
        "different ones are edited on each side",
        &[Edit(Outlook, "one", "Room 1"), Edit(Server, "two", "Room 2")],
        &[("one", "Room 1"), ("two", "Room 2")],
    ),
];

/// Two-way: where the winner decides. First what is held where Outlook wins, then where the server does.
const CONFLICTS: &[(&str, &[Deed], Held, Held)] = &[
    (
        "one is removed in Outlook and edited on the server",
        &[Remove(Outlook, "one"), Edit(Server, "one", "Room 2")],
        &[BESIDE],
        &[("one", "Room 2"), BESIDE],
    ),
    (
        "one is removed on the server and edited in Outlook",
        &[Remove(Server, "one"), Edit(Outlook, "one", "Room 1")],
        &[("one", "Room 1"), BESIDE],
        &[BESIDE],
    ),
    (
        "one is edited on both sides",
        &[Edit(Outlook, "one", "Room 1"), Edit(Server, "one", "Room 2")],
        &[("one", "Room 1"), BESIDE],
        &[("one", "Room 2"), BESIDE],
    ),
];

/// Outlook to the server, which becomes a copy.
const REPLICATE: &[Case] = &[
    case("added in Outlook", &[Make(Outlook, "a")], &[("a", ""), UNTOUCHED, BESIDE]),
    case("added on the server", &[Make(Server, "b")], &[UNTOUCHED, BESIDE]),
    case("added on both", &[Make(Outlook, "a"), Make(Server, "b")], &[("a", ""), UNTOUCHED, BESIDE]),
    case("removed in Outlook", &[Remove(Outlook, "one")], &[BESIDE]),
    case("removed on the server", &[Remove(Server, "one")], &[UNTOUCHED, BESIDE]),
    case("different ones removed", &[Remove(Outlook, "one"), Remove(Server, "two")], &[BESIDE]),
    case("the same removed", &[Remove(Outlook, "one"), Remove(Server, "one")], &[BESIDE]),
    case("edited in Outlook", &[Edit(Outlook, "one", "Room 1")], &[("one", "Room 1"), BESIDE]),
    case("edited on the server", &[Edit(Server, "one", "Room 2")], &[UNTOUCHED, BESIDE]),
    case(
        "different ones edited",
        &[Edit(Outlook, "one", "Room 1"), Edit(Server, "two", "Room 2")],
        &[("one", "Room 1"), BESIDE],
    ),
    case(
        "removed in Outlook, edited on the server",
        &[Remove(Outlook, "one"), Edit(Server, "one", "Room 2")],
        &[BESIDE],
    ),
    case(
        "removed on the server, edited in Outlook",
        &[Remove(Server, "one"), Edit(Outlook, "one", "Room 1")],
        &[("one", "Room 1"), BESIDE],
    ),
    case(
        "edited on both",
        &[Edit(Outlook, "one", "Room 1"), Edit(Server, "one", "Room 2")],
        &[("one", "Room 1"), BESIDE],
    ),
];

fn linked() -> World {
    let mut world = World::new();
    // What is written gets another id, as in some storages.
    world.sides.server.set_renaming(true);
    world.sides.outlook.set_renaming(true);
    world.make(Outlook, "one");
    world.make(Server, "two");
    world.good_run();
    world
}

fn perform(world: &mut World, deeds: &[Deed]) {
    for deed in deeds {
        world.later(60);
        match *deed {
            Make(side, title) => drop(world.make(side, title)),
            Remove(side, title) => world.remove(side, title),
            Edit(side, title, place) => world.edit(side, title, |event| event.location = place.into()),
        }
    }
}

fn holds(world: &World, side: Side) -> Vec<(String, String)> {
    world.titles(side).into_iter().map(|title| (title.clone(), world.place(side, &title))).collect()
}

fn is_settled(world: &mut World, name: &str, both: &[(&str, &str)]) {
    let expected: Vec<(String, String)> =
        both.iter().map(|(title, place)| ((*title).to_owned(), (*place).to_owned())).collect();
    for run in 1..=4 {
        let report = world.good_run();
        assert_eq!(report.held, 0, "{name}: {:?}", report.lines);
        for side in Side::BOTH {
            assert_eq!(holds(world, side), expected, "{name}, run {run}, on {side}");
            let quiet = *report.written.of(side) == Counts::default();
            assert!(run == 1 || quiet, "{name}: run {run} writes to {side}: {report:?}");
        }
    }
    assert!(world.verify().is_equal(), "{name}");
}

#[test]
fn whoever_wins_what_only_one_side_changed_crosses() {
    for case in TWO_WAY {
        for rule in Rule::ALL {
            let mut world = linked();
            world.rule = rule;
            perform(&mut world, case.deeds);
            is_settled(&mut world, &format!("{}, {rule:?}", case.name), case.both);
        }
    }
}

#[test]
fn what_is_new_on_either_side_crosses_where_nothing_is_linked_yet() {
    let is_of_linked = |deed: &Deed| {
        let (Make(_, title) | Remove(_, title) | Edit(_, title, _)) = deed;
        [UNTOUCHED.0, BESIDE.0].contains(title)
    };
    let mut played = 0;
    for case in TWO_WAY.iter().filter(|case| !case.deeds.iter().any(is_of_linked)) {
        for rule in Rule::ALL {
            let mut world = World::new();
            world.rule = rule;
            perform(&mut world, case.deeds);
            let new: Vec<_> =
                case.both.iter().copied().filter(|it| ![UNTOUCHED, BESIDE].contains(it)).collect();
            is_settled(&mut world, &format!("{}, {rule:?}, nothing linked", case.name), &new);
        }
        played += 1;
    }
    assert_eq!(played, 6);
}

#[test]
fn what_both_sides_changed_is_as_the_winner_has_it() {
    for (name, deeds, outlook_wins, server_wins) in CONFLICTS {
        for (rule, both) in [(Rule::OutlookWins, outlook_wins), (Rule::ServerWins, server_wins)] {
            let mut world = linked();
            world.rule = rule;
            perform(&mut world, deeds);
            is_settled(&mut world, &format!("{name}, {rule:?}"), both);
        }
    }
}

#[test]
fn a_copy_is_what_its_source_is() {
    for case in REPLICATE {
        for rule in Rule::ALL {
            let mut world = linked();
            world.rule = rule;
            world.direction = Direction::ReplicateToServer;
            perform(&mut world, case.deeds);
            is_settled(&mut world, &format!("{}, {rule:?}", case.name), case.both);
        }
    }
}

/// The same, seen in a mirror.
#[test]
fn a_copy_in_outlook_is_what_the_server_has() {
    let across = |deed: &Deed| match *deed {
        Make(side, title) => Make(side.other(), title),
        Remove(side, title) => Remove(side.other(), title),
        Edit(side, title, place) => Edit(side.other(), title, place),
    };
    for case in REPLICATE {
        let mut world = linked();
        world.direction = Direction::ReplicateToOutlook;
        let deeds: Vec<Deed> = case.deeds.iter().map(across).collect();
        perform(&mut world, &deeds);
        is_settled(&mut world, case.name, case.both);
    }
}

#[test]
fn a_run_that_breaks_off_keeps_what_it_finished() {
    for rule in [Rule::OutlookWins, Rule::ServerWins] {
        let mut world = linked();
        world.rule = rule;
        world.chunk = 1;
        world.make(Outlook, "three");
        world.good_run();
        for (title, place) in [("one", "Room 1"), ("two", "Room 2"), ("three", "Room 3")] {
            world.edit(Outlook, title, |event| event.location = place.into());
        }
        let arrived = |world: &World| {
            world.titles(Server).iter().filter(|title| !world.place(Server, title).is_empty()).count()
        };
        let mut arrivals = Vec::new();
        for _ in 0..4 {
            world.sides.server.set_faults(Faults { offline: 3, ..Faults::default() });
            let report = world.run();
            assert!(matches!(report.outcome, RunOutcome::Stopped { .. } | RunOutcome::Finished));
            world.sides.server.set_faults(Faults::default());
            arrivals.push(arrived(&world));
        }
        assert!(arrivals.is_sorted(), "what was finished stays: {arrivals:?}");
        is_settled(
            &mut world,
            "after recovery",
            &[("one", "Room 1"), ("three", "Room 3"), ("two", "Room 2")],
        );
    }
}

#[test]
fn a_run_that_breaks_off_at_the_second_of_three_updates_has_linked_the_first_and_does_the_others_later() {
    for (lost_writes, from) in [(1, Outlook), (2, Outlook), (1, Server), (2, Server)] {
        let mut world = linked();
        (world.chunk, world.call.lost_writes) = (1, lost_writes);
        world.make(Outlook, "three");
        world.good_run();
        for (title, place) in [("one", "Room 1"), ("two", "Room 2"), ("three", "Room 3")] {
            world.edit(from, title, |event| event.location = place.into());
        }
        let target = from.other();
        let arrived = |world: &World| {
            world.titles(target).iter().filter(|title| !world.place(target, title).is_empty()).count()
        };
        let (fuse, storage) = (Fuse::default(), world.sides.of(target).clone());
        *world.sides.of_mut(target) = storage.clone().with_fuse(&fuse);
        // There is a point before and one after each write.
        fuse.light(2, move || storage.set_faults(Faults { offline: 1, ..Faults::default() }));
        for attempt in 1..=4 {
            let report = world.run();
            let stopped = matches!(report.outcome, RunOutcome::Stopped { kind: ErrorKind::Offline, .. });
            assert!(stopped, "attempt {attempt}: {:?}", report.outcome);
            let written = if attempt == 1 { 1 } else { 0 };
            assert_eq!((report.written.of(target).updated, arrived(&world)), (written, 1), "{attempt}");
        }
        world.sides.of(target).set_faults(Faults::default());
        let report = world.good_run();
        assert_eq!((report.written.of(target).updated, report.written.of(from).total()), (2, 0));
        let both: Held = &[("one", "Room 1"), ("three", "Room 3"), ("two", "Room 2")];
        is_settled(&mut world, "after recovery", both);
    }
}

#[test]
fn failures_of_all_kinds_at_once_stop_nothing_else_and_are_made_good() {
    for rule in [Rule::OutlookWins, Rule::ServerWins] {
        let mut world = linked();
        world.rule = rule;
        for title in ["three", "four", "five", "six"] {
            world.make(Outlook, title);
        }
        world.good_run();
        perform(
            &mut world,
            &[
                Make(Outlook, "a"),
                Make(Server, "b"),
                Edit(Outlook, "one", "Room 1"),
                Edit(Server, "two", "Room 2"),
                Remove(Outlook, "three"),
                Remove(Server, "four"),
            ],
        );
        for side in Side::BOTH {
            world.sides.of(side).set_faults(Faults { write_refused: 1, ..Faults::default() });
        }
        let report = world.run();
        assert_eq!((report.outcome.clone(), report.failed), (RunOutcome::Finished, 6), "{:?}", report.lines);
        for side in Side::BOTH {
            world.sides.of(side).set_faults(Faults::default());
        }
        is_settled(
            &mut world,
            "after recovery",
            &[("a", ""), ("b", ""), ("five", ""), ("one", "Room 1"), ("six", ""), ("two", "Room 2")],
        );
    }
}

/// What is named in a run over few items, and how.
#[test]
fn a_run_over_few_items_does_these_and_a_full_run_the_rest() {
    for by in Side::BOTH {
        for edited in Side::BOTH {
            for kind in 0..3 {
                let mut world = linked();
                let (named, other) = (world.find(by, "one"), world.find(by, "two"));
                perform(
                    &mut world,
                    match (kind, edited) {
                        (0, Outlook) => &[Edit(Outlook, "one", "Room 1"), Edit(Outlook, "two", "Room 2")],
                        (0, Server) => &[Edit(Server, "one", "Room 1"), Edit(Server, "two", "Room 2")],
                        (1, Outlook) => &[Remove(Outlook, "one"), Edit(Outlook, "two", "Room 2")],
                        (1, Server) => &[Remove(Server, "one"), Edit(Server, "two", "Room 2")],
                        (_, _) => &[Edit(Outlook, "two", "Room 2")],
                    },
                );
                // Of kind 2 nothing that is named has changed: our own writes are known by their versions.
                let expected = u64::from(kind != 2);
                let report = world.run_only(&[named.clone(), named]).unwrap();
                let written = report.written.outlook.total() + report.written.server.total();
                assert_eq!(written, expected, "{kind} named by {by}, edited on {edited}: {:?}", report.lines);
                let report = world.run_only(&[other]).unwrap();
                assert_eq!(report.written.outlook.total() + report.written.server.total(), 1);
                let both: Held = match kind {
                    0 => &[("one", "Room 1"), ("two", "Room 2")],
                    1 => &[("two", "Room 2")],
                    _ => &[("one", ""), ("two", "Room 2")],
                };
                is_settled(&mut world, "the full run", both);
            }
        }
    }
}

#[test]
fn a_new_item_that_is_named_is_made_and_the_others_wait() {
    for side in Side::BOTH {
        let mut world = linked();
        let id = world.make(side, "a");
        world.make(side, "b");
        let report = world.run_only(&[id]).unwrap();
        assert_eq!(report.written.of(side.other()).created, 1);
        is_settled(&mut world, "the full run", &[("a", ""), ("b", ""), ("one", ""), ("two", "")]);
    }
}

#[test]
fn a_new_item_that_is_gone_again_makes_nothing() {
    for side in Side::BOTH {
        let mut world = linked();
        let id = world.make(side, "a");
        world.sides.of(side).remove(&id);
        let report = world.run_only(&[id]).unwrap();
        assert!(matches!(report.outcome, RunOutcome::Stopped { .. }), "nobody has it: {report:?}");
        is_settled(&mut world, "the full run", &[("one", ""), ("two", "")]);
    }
}

#[test]
fn an_item_that_is_named_by_both_of_its_ids_is_done_once() {
    let mut world = linked();
    world.edit(Outlook, "one", |event| event.location = "Room 1".into());
    let ids = [world.find(Outlook, "one"), world.find(Server, "one")];
    let report = world.run_only(&ids).unwrap();
    assert_eq!(report.written.server.updated, 1);
    is_settled(&mut world, "the full run", &[("one", "Room 1"), ("two", "")]);
}

#[test]
fn an_answer_that_names_an_item_twice_names_it_once() {
    for side in Side::BOTH {
        let mut world = World::new();
        world.sides.of(side).set_faults(Faults { row_twice: 1, ..Faults::default() });
        world.make(side, "a");
        world.make(side, "b");
        assert_eq!(world.good_run().written.of(side.other()).created, 2);
        is_settled(&mut world, "twice", &[("a", ""), ("b", "")]);
    }
}

#[test]
fn a_chunk_is_as_large_as_it_is_chosen_and_changes_no_result() {
    use std::sync::{Arc, Mutex};
    for (items, chunk, chunks) in
        [(0, 5, 0), (3, 5, 1), (4, 5, 1), (5, 5, 1), (6, 5, 2), (6, 1, 6), (6, 100, 1)]
    {
        for side in Side::BOTH {
            let mut world = World::new();
            world.chunk = chunk;
            for number in 0..items {
                world.make(side, &format!("event {number}"));
            }
            let told = Arc::new(Mutex::new(0));
            let count = told.clone();
            world.call.progress = Some(Arc::new(move |what: &str, _, _| {
                *count.lock().unwrap() += usize::from(what == "writing");
            }));
            world.good_run();
            assert_eq!(*told.lock().unwrap(), chunks, "{items} items in chunks of {chunk}");
            assert_eq!(world.titles(side.other()).len(), items);
            for _ in 2..=4 {
                let report = world.good_run();
                assert_eq!(report.written.outlook.total() + report.written.server.total(), 0);
            }
            assert!(world.verify().is_equal());
        }
    }
}

#[test]
fn of_two_that_are_alike_one_is_matched_and_the_other_copied() {
    let mut world = World::new();
    let alike = |uid: &str| {
        let mut item = crate::world::event("a");
        item.set_uid(Some(uid.into()));
        item
    };
    world.sides.outlook.make(&alike("1"), "");
    world.sides.outlook.make(&alike("2"), "");
    world.sides.server.make(&alike("3"), "");
    let report = world.good_run();
    assert_eq!((report.written.server.created, report.written.outlook.created, report.held), (1, 0, 0));
    is_settled(&mut world, "alike", &[("a", ""), ("a", "")]);
}

#[test]
fn a_title_alone_matches_nothing() {
    for rule in Rule::ALL {
        let mut world = World::new();
        world.rule = rule;
        let on_day = |day, uid: &str| {
            let mut item = crate::world::event("a");
            item.set_uid(Some(uid.into()));
            let at = When::utc(datetime(2026, 3, day, 9, 0, 0, 0));
            let main = crate::world::occurrence(&mut item);
            (main.start, main.end) = (at.clone(), at);
            item
        };
        world.sides.outlook.make(&on_day(2, "1"), "");
        world.sides.server.make(&on_day(12, "2"), "");
        let report = world.good_run();
        assert_eq!((report.written.server.created, report.written.outlook.created, report.held), (1, 1, 0));
        is_settled(&mut world, "of one title", &[("a", ""), ("a", "")]);
    }
}

#[test]
fn an_approval_outlives_the_process_that_it_was_given_to() {
    let mut world = World::linked(20);
    for number in 0..11 {
        world.remove(Server, &format!("event {number}"));
    }
    assert_eq!(world.good_run().held, 11);
    // Each of these opens the files anew.
    world.decide_all(Verdict::Approved);
    assert!(world.held().iter().all(|row| row.verdict == Verdict::Approved));
    assert_eq!(world.good_run().written.outlook.deleted, 11);
}
