//! The time range of a profile: what lies outside is parked, never deleted, and is met again when it enters.

use dovetail_model::event::Event;
use dovetail_model::recurrence::{Frequency, Rule};
use dovetail_model::{Item, When};
use dovetail_sync::plan::Notice;
use dovetail_sync::report::{HoldReason, Line, LineEvent, SkipReason};
use dovetail_sync::state::Verdict;
use dovetail_sync::{Report, Side, sync_items};
use dovetail_testkit::Faults;
use jiff::ToSpan;
use jiff::civil::date;

use crate::world::{World, event, occurrence, writes};

/// An event of one day, so many days after the first day of these tests.
fn on_day(title: &str, day: i64) -> Item {
    let mut item = event(title);
    put(&mut item, day);
    item
}

fn put(item: &mut Item, day: i64) {
    let at = |day: i64| When::Date(date(2026, 3, 2).checked_add(day.days()).expect("a day"));
    let main = occurrence(item);
    (main.start, main.end) = (at(day), at(day + 1));
}

fn world(back: u32, ahead: u32) -> World {
    let mut world = World::new();
    world.range = Some((back, ahead));
    world
}

fn make(world: &World, side: Side, title: &str, day: i64) {
    world.sides.of(side).make(&on_day(title, day), "");
}

fn move_to(world: &World, side: Side, title: &str, day: i64) {
    world.sides.of(side).edit(&world.find(side, title), |item| put(item, day));
}

/// Linked events on these days, each with the title `day N`; another one is always in the range.
fn linked(back: u32, ahead: u32, days: &[i64]) -> World {
    let mut world = world(10_000, 10_000);
    make(&world, Side::Server, "anchor", 0);
    for day in days {
        make(&world, Side::Server, &format!("day {day}"), *day);
    }
    world.good_run();
    world.range = Some((back, ahead));
    world
}

#[test]
fn only_what_takes_place_in_the_range_crosses_whichever_side_has_it() {
    for (range, expected) in [
        (Some((2, 3)), &["day -2", "day 0", "day 3"] as &[&str]),
        (None, &["day -2", "day -3", "day 0", "day 3", "day 4"]),
    ] {
        for side in Side::BOTH {
            let mut world = world(0, 0);
            world.range = range;
            for day in [-3, -2, 0, 3, 4] {
                make(&world, side, &format!("day {day}"), day);
            }
            world.good_run();
            assert_eq!(world.titles(side.other()), expected, "from {side}");
            assert!(world.verify().is_equal());
            assert_eq!(world.good_run().requests, 2, "nothing is asked again");
        }
    }
}

#[test]
fn what_leaves_the_range_as_time_goes_by_is_parked_and_nothing_of_it_crosses() {
    let mut world = linked(2, 3, &[1]);
    world.good_run();
    world.days_later(4);
    world.edit(Side::Server, "day 1", |event| event.location = "Room 1".into());
    assert_eq!(writes(&world.good_run()), (0, 0));
    world.remove(Side::Outlook, "day 1");
    let report = world.good_run();
    assert_eq!((writes(&report), report.held), ((0, 0), 0));
    assert_eq!(world.titles(Side::Server), ["anchor", "day 1"]);
    assert_eq!(world.good_run().requests, 2, "nothing is asked again");
    assert!(world.verify().parked >= 1);
}

#[test]
fn a_narrowed_range_deletes_nothing_and_a_wider_one_brings_what_was_edited_meanwhile() {
    let mut world = linked(2, 3, &[-9, 9]);
    assert_eq!(writes(&world.good_run()), (0, 0));
    world.edit(Side::Server, "day 9", |event| event.location = "Room 9".into());
    world.edit(Side::Outlook, "day 9", |event| event.description = "Bring the plans".into());
    world.edit(Side::Outlook, "day -9", |event| event.location = "Room -9".into());
    for _ in 0..2 {
        assert_eq!(writes(&world.good_run()), (0, 0));
    }
    world.range = Some((20, 20));
    let report = world.good_run();
    assert_eq!((writes(&report), report.clashes), ((1, 2), 0));
    assert_eq!(world.place(Side::Outlook, "day 9"), "Room 9");
    assert_eq!(world.place(Side::Server, "day -9"), "Room -9");
    assert!(world.verify().is_equal());
}

#[test]
fn what_enters_the_range_by_the_day_is_synced_on_that_day() {
    let mut world = world(2, 3);
    make(&world, Side::Server, "anchor", 0);
    make(&world, Side::Server, "later", 5);
    make(&world, Side::Outlook, "later too", 5);
    world.good_run();
    assert_eq!(world.titles(Side::Outlook), ["anchor", "later too"]);
    world.days_later(1);
    assert_eq!(world.good_run().requests, 2, "nothing is asked before its day");
    world.days_later(1);
    assert_eq!(writes(&world.good_run()), (1, 1));
    assert!(world.verify().is_equal());
}

#[test]
fn what_was_edited_while_it_was_parked_crosses_on_the_day_on_which_it_enters() {
    let mut world = linked(2, 3, &[5]);
    world.good_run();
    world.edit(Side::Server, "day 5", |event| event.location = "Room 5".into());
    world.edit(Side::Outlook, "day 5", |event| event.description = "Bring the plans".into());
    assert_eq!(writes(&world.good_run()), (0, 0));
    world.days_later(2);
    let report = world.good_run();
    assert_eq!((writes(&report), report.clashes), ((1, 1), 0));
    assert!(world.verify().is_equal());
}

#[test]
fn what_was_removed_while_it_was_parked_is_removed_when_it_enters() {
    let mut world = linked(2, 3, &[5]);
    world.good_run();
    world.remove(Side::Server, "day 5");
    assert_eq!(writes(&world.good_run()), (0, 0));
    world.days_later(2);
    assert_eq!(world.good_run().written.outlook.deleted, 1);
    assert!(world.verify().is_equal());
}

#[test]
fn an_edit_that_takes_an_item_out_of_the_range_still_crosses() {
    for side in Side::BOTH {
        let mut world = linked(2, 3, &[0]);
        world.good_run();
        move_to(&world, side, "day 0", 40);
        let report = world.good_run();
        assert_eq!(report.written.of(side.other()).updated, 1, "from {side}");
        world.edit(side, "day 0", |event| event.location = "Room 1".into());
        assert_eq!(writes(&world.good_run()), (0, 0), "from {side}");
        move_to(&world, side, "day 0", 1);
        assert_eq!(world.good_run().written.of(side.other()).updated, 1, "from {side}");
        assert_eq!(world.place(side.other(), "day 0"), "Room 1");
        assert!(world.verify().is_equal());
    }
}

#[test]
fn an_item_that_one_side_brings_into_the_range_takes_along_what_the_other_edited_meanwhile() {
    let mut world = linked(2, 3, &[40]);
    world.good_run();
    world.edit(Side::Server, "day 40", |event| event.location = "Room 40".into());
    assert_eq!(writes(&world.good_run()), (0, 0));
    move_to(&world, Side::Outlook, "day 40", 1);
    assert_eq!(writes(&world.good_run()), (1, 1));
    assert_eq!(world.place(Side::Outlook, "day 40"), "Room 40");
    assert!(world.verify().is_equal());
}

#[test]
fn what_is_outside_on_one_side_is_matched_with_its_counterpart_inside() {
    for told_before in [true, false] {
        let mut world = world(2, 3);
        make(&world, Side::Server, "anchor", 0);
        make(&world, Side::Outlook, "same", 40);
        if told_before {
            world.good_run();
        }
        make(&world, Side::Server, "same", 1);
        world.good_run();
        world.good_run();
        assert_eq!(world.titles(Side::Outlook), ["anchor", "same"], "told before: {told_before}");
        assert_eq!(world.titles(Side::Server), ["anchor", "same"]);
        assert!(world.verify().is_equal());
    }
}

#[test]
fn a_series_is_in_the_range_by_any_of_its_occurrences_and_the_range_warns_once_if_it_is_too_short() {
    let mut world = world(2, 30);
    let yearly = |item: Item| match item {
        Item::Event(event) => {
            Item::Event(Box::new(Event { rule: Some(Rule::every(1, Frequency::Yearly)), ..*event }))
        }
        other => panic!("{other:?}"),
    };
    world.sides.server.make(&yearly(on_day("birthday", -365 * 20 + 5)), "");
    world.sides.server.make(&yearly(on_day("past birthday", -100)), "");
    let is_short = |notice: &Notice| matches!(notice, Notice::ShortRange { .. });
    let short = |report: &Report| {
        let noticed = |line: &&Line| matches!(&line.event, LineEvent::Noticed { notice } if is_short(notice));
        report.lines.iter().filter(noticed).count()
    };
    let shortly = |world: &mut World| {
        let notices = world.preview().notices;
        notices.into_iter().filter(is_short).collect::<Vec<_>>()
    };
    let [Notice::ShortRange { title, days: 33, interval_days: 366 }] = &shortly(&mut world)[..] else {
        panic!("{:?}", world.preview().notices)
    };
    assert!(title.ends_with("birthday"), "{title}");
    // That it was shown in a plan does not count as told.
    let report = world.good_run();
    assert_eq!((world.titles(Side::Outlook), short(&report)), (vec!["birthday".to_owned()], 1));
    assert_eq!(shortly(&mut world), []);
    world.edit(Side::Server, "birthday", |event| event.location = "Home".into());
    assert_eq!(short(&world.good_run()), 0);
    // Seen from another day, another occurrence is the next.
    world.days_later(240);
    world.good_run();
    assert_eq!(world.titles(Side::Outlook), ["birthday", "past birthday"]);

    world.range = Some((60, 365));
    assert_eq!(short(&world.good_run()), 0);
}

#[test]
fn what_is_gone_in_the_run_that_changes_the_range_waits_for_a_person() {
    let mut world = linked(10, 10, &[1]);
    world.good_run();
    world.remove(Side::Outlook, "day 1");
    world.range = Some((20, 20));
    for _ in 0..2 {
        let report = world.good_run();
        assert_eq!((writes(&report), report.held), ((0, 0), 1));
        let reason = LineEvent::Held { reason: HoldReason::NewScope };
        assert!(report.lines.iter().any(|line| line.event == reason), "{:?}", report.lines);
    }
    world.decide_all(Verdict::Approved);
    assert_eq!(world.good_run().written.server.deleted, 1);
    assert!(world.verify().is_equal());
}

#[test]
fn a_stopped_run_does_not_make_a_changed_scope_an_old_one() {
    let mut world = linked(10, 10, &[1]);
    world.good_run();
    world.remove(Side::Outlook, "day 1");
    world.range = Some((20, 20));
    world.sides.server.set_faults(Faults { offline: 1, ..Faults::default() });
    world.run();
    world.sides.server.set_faults(Faults::default());
    assert_eq!(world.preview().rows.iter().filter(|row| row.hold.is_some()).count(), 1);
    let report = world.good_run();
    assert_eq!((writes(&report), report.held), ((0, 0), 1));
}

#[test]
fn a_partial_run_keeps_to_the_range() {
    let mut world = linked(2, 3, &[0]);
    world.good_run();
    make(&world, Side::Outlook, "far away", 40);
    world.edit(Side::Outlook, "day 0", |event| event.location = "Room 1".into());
    let only = |world: &World, title: &str| {
        let ids = [world.find(Side::Outlook, title)];
        world
            .with(|pair, state, journal| sync_items(pair, &ids, state, journal, world.now, &world.call))
            .expect("a report")
    };
    for _ in 0..2 {
        let report = only(&world, "far away");
        assert_eq!(writes(&report), (0, 0));
        let reason = LineEvent::Skipped { why: SkipReason::Outside };
        assert!(report.lines.iter().any(|line| line.event == reason), "{:?}", report.lines);
    }
    // What the partial run left is not forgotten.
    assert_eq!(writes(&world.good_run()), (0, 1));
    world.edit(Side::Server, "day 0", |event| event.description = "Bring the plans".into());
    assert_eq!(writes(&only(&world, "day 0")), (1, 0));
    assert!(world.verify().is_equal());
}

#[test]
fn a_listing_of_everything_every_time_asks_nothing_twice() {
    let mut world = linked(2, 3, &[-40, 40, 1]);
    make(&world, Side::Server, "old", -50);
    world.good_run();
    world.sides.server.set_faults(Faults { token_expired: 1, ..Faults::default() });
    world.remove(Side::Server, "day 40");
    world.good_run();
    assert_eq!(world.good_run().requests, 2);
    assert_eq!(world.titles(Side::Outlook), ["anchor", "day -40", "day 1", "day 40"]);
}

#[test]
fn a_lost_state_merges_in_a_range_as_well() {
    let mut world = linked(2, 3, &[-40, 1, 40]);
    world.good_run();
    std::fs::remove_file(world.path("state.db")).expect("a state");
    assert_eq!(writes(&world.good_run()), (0, 0));
    world.range = None;
    assert_eq!(writes(&world.good_run()), (0, 0));
    assert!(world.verify().is_equal());
}
