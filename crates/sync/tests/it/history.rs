use std::collections::BTreeSet;

use dovetail_model::carry::Field;
use dovetail_sync::history::How;
use dovetail_sync::journal::Keep;
use dovetail_sync::report::{LineEvent, SkipReason};
use dovetail_sync::{Side, Sides};

use crate::world::{World, occurrence};

/// An event that the server moves three times, a run after each.
fn moved_about() -> World {
    let mut world = World::linked(2);
    for room in 1..=3 {
        world.edit(Side::Server, "event 0", |event| event.location = format!("Room {room}"));
        world.good_run();
    }
    world
}

/// The versions of a side: how each came to be, and the place that it names.
fn places(world: &World, side: Side) -> Vec<(How, String)> {
    let versions = world.versions("event 0").into_iter().filter(|version| version.side == side);
    versions
        .map(|version| {
            let place = version.changes.get(&Field::Location).and_then(|changes| changes.first());
            (version.how, place.map(|change| change.after.clone()).unwrap_or_default())
        })
        .collect()
}

/// The number of the version of Outlook that named this place first.
fn number(world: &World, place: &str) -> i64 {
    let versions = world.versions("event 0");
    let found = versions.iter().find(|version| {
        let change = version.changes.get(&Field::Location).and_then(|changes| changes.first());
        version.side == Side::Outlook && change.is_some_and(|change| change.after == place)
    });
    found.and_then(|version| version.number).unwrap_or_else(|| panic!("{place}: {versions:?}"))
}

#[test]
fn a_history_tells_every_version_of_both_sides_field_by_field() {
    let world = moved_about();
    let room = |number: u32| format!("Room {number}");
    assert_eq!(
        places(&world, Side::Outlook),
        [
            (How::Written, String::new()),
            (How::Written, room(1)),
            (How::Written, room(2)),
            (How::Written, room(3))
        ]
    );
    // The server's own edits replaced nothing of ours: what it holds is known from the last agreement.
    assert_eq!(places(&world, Side::Server), [(How::Last, room(3))]);
    let versions = world.versions("event 0");
    let runs: BTreeSet<_> = versions.iter().filter_map(|version| version.run.clone()).collect();
    assert_eq!(runs.len(), 4, "each version names its run");
    assert!(versions.windows(2).all(|two| two[0].side != two[1].side || two[0].at <= two[1].at));
}

#[test]
fn an_item_is_found_by_any_of_its_names() {
    let world = moved_about();
    let [outlook, server] = Side::BOTH.map(|side| world.find(side, "event 0").0);
    let names = [outlook.as_str(), server.as_str(), "event-0@example.com", "Event 0"];
    for name in names {
        let subject = world.subject(name);
        assert_eq!(subject.title, "event 0", "{name}");
        assert_eq!(
            subject.sides.as_ref().map(|_, id| id.as_ref().map(|id| id.0.as_str())),
            Sides { outlook: Some(outlook.as_str()), server: Some(server.as_str()) }
        );
    }
    assert_eq!(world.subjects("event 7"), []);
    assert_eq!(world.subjects(""), []);
}

#[test]
fn namesakes_are_told_apart() {
    let mut world = World::linked(1);
    world.make(Side::Server, "lunch");
    world.edit(Side::Server, "event 0", |event| event.summary = "lunch".into());
    world.good_run();
    assert_eq!(world.subjects("lunch").len(), 2);
}

#[test]
fn a_restored_version_comes_back_on_both_sides_and_stays() {
    let mut world = moved_about();
    let report = world.restore("event 0", number(&world, "Room 1"));
    assert_eq!((report.written.outlook.updated, report.written.server.updated), (1, 1), "{report:?}");
    for _ in 0..2 {
        for side in Side::BOTH {
            assert_eq!(world.place(side, "event 0"), "Room 1");
        }
        let quiet = world.good_run();
        assert_eq!(quiet.written.outlook.total() + quiet.written.server.total(), 0);
    }
    assert!(world.verify().is_equal());
    let extra = world.sides.server.extra(&world.find(Side::Server, "event 0"));
    assert_eq!(extra.as_deref(), Some("only this side knows"), "the server keeps what Outlook never had");

    world.undo(&report.run);
    for side in Side::BOTH {
        assert_eq!(world.place(side, "event 0"), "Room 3", "a restore can be undone");
    }
}

#[test]
fn what_the_other_side_edited_meanwhile_stands_beside_a_restored_version() {
    let mut world = moved_about();
    world.edit(Side::Server, "event 0", |event| event.description = "Bring the plans".into());
    world.restore("event 0", number(&world, "Room 2"));
    for side in Side::BOTH {
        assert_eq!(world.place(side, "event 0"), "Room 2");
        let items = world.sides.of(side).items();
        assert!(format!("{items:?}").contains("Bring the plans"), "{side}");
    }
    assert!(world.verify().is_equal());
}

#[test]
fn a_deleted_item_comes_back_on_both_sides_as_it_was() {
    for deleter in Side::BOTH {
        let mut world = moved_about();
        world.edit(Side::Outlook, "event 0", |event| event.description = "of Outlook".into());
        world.good_run();
        world.remove(deleter, "event 0");
        world.good_run();
        let versions = world.versions("event 0");
        let removed = versions.iter().find(|version| version.how == How::Removed).unwrap();
        assert_eq!(removed.side, deleter.other());
        let last = versions.iter().rfind(|version| version.number.is_some()).unwrap();
        let report = world.restore("event 0", last.number.unwrap());
        assert_eq!((report.written.outlook.created, report.written.server.created), (1, 1), "{report:?}");
        for side in Side::BOTH {
            assert_eq!(world.place(side, "event 0"), "Room 3", "{deleter} had deleted it");
        }
        let quiet = world.good_run();
        assert_eq!(quiet.written.outlook.total() + quiet.written.server.total(), 0);
        assert!(world.verify().is_equal());
        world.undo(&report.run);
        for side in Side::BOTH {
            assert_eq!(world.titles(side), ["event 1"]);
        }
    }
}

#[test]
fn what_both_sides_removed_comes_back_as_asked_though_the_journal_knows_the_other_side_as_older() {
    let mut world = World::new();
    for title in ["event 0", "event 1"] {
        world.make(Side::Outlook, title);
    }
    world.edit(Side::Outlook, "event 0", |event| event.location = "Room 0".into());
    world.good_run();
    world.edit(Side::Server, "event 0", |event| event.location = "Room 1".into());
    world.good_run();
    for side in Side::BOTH {
        world.remove(side, "event 0");
    }
    world.good_run();
    world.restore("event 0", number(&world, "Room 1"));
    for side in Side::BOTH {
        assert_eq!(world.place(side, "event 0"), "Room 1", "{side}");
    }
    assert!(world.verify().is_equal());
}

#[test]
fn a_deletion_that_was_not_synced_yet_is_outlived_by_a_restore() {
    for deleter in Side::BOTH {
        let mut world = moved_about();
        let number = number(&world, "Room 1");
        world.remove(deleter, "event 0");
        world.restore("event 0", number);
        world.good_run();
        for side in Side::BOTH {
            assert_eq!(world.place(side, "event 0"), "Room 1", "{deleter}");
        }
        assert!(world.verify().is_equal());
    }
}

#[test]
fn restoring_what_is_there_says_so_and_writes_nothing() {
    let mut world = moved_about();
    let report = world.restore("event 0", number(&world, "Room 3"));
    assert_eq!(report.written.outlook.total() + report.written.server.total(), 0);
    assert_eq!(report.lines.len(), 1);
    assert_eq!(report.lines[0].event, LineEvent::Skipped { why: SkipReason::Same });
}

#[test]
fn a_version_of_another_item_is_not_restored() {
    let world = moved_about();
    let (subject, other) = (world.subject("event 1"), number(&world, "Room 1"));
    let refused = world.with(|pair, state, journal| {
        dovetail_sync::restore::restore(pair, &subject, other, state, journal, world.now, &world.call)
    });
    assert_eq!(refused.map_err(|error| error.kind).unwrap_err(), dovetail_sync::ErrorKind::Gone);
    assert_eq!(world.place(Side::Outlook, "event 1"), "");
}

/// Days go by, with a run on each.
fn live(world: &mut World, days: i64) {
    for _ in 0..days {
        world.days_later(1);
        world.good_run();
    }
}

fn forget(world: &World, keep: Keep, needed: &[&String]) -> u64 {
    let needed = needed.iter().map(|run| (*run).clone()).collect();
    world.journal().forget_old(&keep, &needed, world.now).unwrap()
}

#[test]
fn what_is_older_than_the_journal_keeps_goes_and_the_rest_stays() {
    let mut world = moved_about();
    let runs = world.journal().runs("pair", 100).unwrap().len() as u64;
    let keep = Keep { days: 30, bytes: 0 };
    for days in [0, 29, 1] {
        live(&mut world, days);
        assert_eq!(forget(&world, keep, &[]), 0, "{days}");
    }
    live(&mut world, 2);
    assert_eq!(forget(&world, keep, &[]), runs + 1, "those, and the one of the first day");
    assert_eq!(world.journal().runs("pair", 100).unwrap().len(), 31);
    let places: Vec<_> = places(&world, Side::Outlook).into_iter().map(|(_, place)| place).collect();
    assert_eq!(places, ["Room 3"], "what it says now");
}

#[test]
fn a_run_that_something_still_names_is_kept() {
    let mut world = moved_about();
    let runs = world.journal().runs("pair", 100).unwrap();
    let first = runs.last().unwrap().id.clone();
    live(&mut world, 33);
    forget(&world, Keep { days: 30, bytes: 0 }, &[&first]);
    assert!(!world.journal().entries(&first).unwrap().is_empty());
    assert_eq!(world.journal().runs("pair", 100).unwrap().len(), 32);
}

#[test]
fn a_clash_that_nobody_decided_about_keeps_both_versions_whatever_its_age() {
    let mut world = World::linked(2);
    for side in Side::BOTH {
        world.edit(side, "event 0", |event| event.location = format!("as {side} says"));
    }
    world.good_run();
    live(&mut world, 5);
    assert!(forget(&world, Keep { days: 1, bytes: 1 }, &[]) > 0);
    let mut journal = world.journal();
    let clashes = journal.open_clashes("pair").unwrap();
    assert_eq!(clashes.len(), 1);
    for side in Side::BOTH {
        let stored = clashes[0].sides.of(side).as_ref().unwrap().stored.as_ref().unwrap();
        assert!(String::from_utf8_lossy(&stored.original.bytes).contains(&format!("as {side} says")));
    }
    journal.settle_clash("pair", clashes[0].id, Side::Server).unwrap();
    drop(journal);
    live(&mut world, 4);
    forget(&world, Keep { days: 1, bytes: 0 }, &[]);
    let clashes = world.journal().all_clashes("pair").unwrap();
    assert_eq!(clashes, [], "once decided, it ages like anything else");
}

#[test]
fn the_oldest_goes_where_the_journal_takes_too_much_room_but_nothing_of_the_last_days() {
    let mut world = World::linked(40);
    for round in 0..12 {
        for number in 0..40 {
            let title = format!("event {number}");
            world.edit(Side::Server, &title, |event| event.description = format!("{round} ").repeat(300));
        }
        world.good_run();
    }
    let before = world.journal().used_bytes().unwrap();
    let keep = Keep { days: 90, bytes: before / 2 };
    live(&mut world, 1);
    assert_eq!(forget(&world, keep, &[]), 0, "it is recent");
    live(&mut world, 2);
    let gone = forget(&world, keep, &[]);
    assert!((1..14).contains(&gone), "{gone}");
    let journal = world.journal();
    assert!(journal.used_bytes().unwrap() <= keep.bytes);
    assert!(!journal.runs("pair", 100).unwrap().is_empty());
}

#[test]
fn what_neither_side_has_any_more_comes_back_as_it_was_then_and_not_mixed_with_what_it_became() {
    let categories = |world: &World, side: Side| {
        let items = world.sides.of(side).items();
        let found = items.into_iter().find(|(_, item)| item.title() == "event 0");
        occurrence(&mut found.unwrap().1).categories.clone()
    };
    let mut world = World::linked(2);
    for category in ["one", "two"] {
        world.edit(Side::Server, "event 0", |event| event.categories = vec![category.into()]);
        world.good_run();
    }
    world.remove(Side::Outlook, "event 0");
    world.good_run();
    let versions = world.versions("event 0");
    let first = versions.iter().find(|version| {
        let change = version.changes.get(&Field::Categories).and_then(|changes| changes.first());
        version.side == Side::Outlook && change.is_some_and(|change| change.after == "one")
    });
    world.restore("event 0", first.and_then(|version| version.number).unwrap());
    for side in Side::BOTH {
        assert_eq!(categories(&world, side), ["one"], "{side}");
    }
    assert_eq!(world.titles(Side::Server), ["event 0", "event 1"]);
    world.good_run();
    assert!(world.verify().is_equal());
}
