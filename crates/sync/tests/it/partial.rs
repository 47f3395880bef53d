//! What is known or done only in part: nothing is lost to it, and nothing is taken for what it is not.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use dovetail_model::contact::{Contact, Email};
use dovetail_model::event::Occurrence;
use dovetail_model::item::Sensitivity;
use dovetail_model::recurrence::{Frequency, Rule, RuleEnd};
use dovetail_model::{Item, Kind, When};
use dovetail_sync::storage::Traits;
use dovetail_sync::{RunOutcome, Side};
use dovetail_testkit::Faults;
use dovetail_testkit::memory::Versions;
use jiff::civil::datetime;

use crate::world::{World, occurrence};

fn refusing() -> Faults {
    Faults { write_refused: 1, ..Faults::default() }
}

fn sensitivity(world: &World, side: Side) -> Sensitivity {
    let mut items = world.sides.of(side).items();
    occurrence(&mut items.first_mut().expect("an item").1).sensitivity
}

#[test]
fn what_is_carried_both_ways_is_carried_whole_or_not_at_all() {
    let mut world = World::linked(2);
    world.edit(Side::Outlook, "event 0", |event| event.location = "Room 1".into());
    world.edit(Side::Server, "event 0", |event| event.description = "Bring the plans".into());
    world.sides.server.set_faults(refusing());
    let report = world.run();
    assert_eq!((report.failed, report.written.outlook.total()), (1, 0));

    world.sides.server.set_faults(Faults::default());
    let report = world.good_run();
    assert_eq!((report.clashes, report.written.outlook.updated, report.written.server.updated), (0, 1, 1));
    assert!(world.verify().is_equal());
}

#[test]
fn the_half_of_a_merge_that_arrived_does_not_clash_with_what_it_came_from() {
    let mut world = World::linked(2);
    world.edit(Side::Outlook, "event 0", |event| event.sensitivity = Sensitivity::Personal);
    world.edit(Side::Server, "event 0", |event| event.location = "Room 1".into());
    world.sides.outlook.set_faults(refusing());
    assert_eq!(world.run().written.server.updated, 1);

    // The server holds as much of the sensitivity as it can: that is no edit of its own.
    world.sides.outlook.set_faults(Faults::default());
    assert_eq!(world.good_run().clashes, 0);
    assert_eq!(sensitivity(&world, Side::Outlook), Sensitivity::Personal);
    assert_eq!(world.place(Side::Outlook, "event 0"), "Room 1");
}

#[test]
fn a_listing_that_leaves_out_what_is_there_hides_no_item_that_was_moved() {
    let mut world = World::linked(3);
    let moved = world.find(Side::Server, "event 0");
    world.sides.server.rename(&moved);
    let lies = Faults { token_expired: 1, listing_empty: true, ..Faults::default() };
    world.sides.server.set_faults(lies);
    assert_eq!(world.run().written.outlook.deleted, 0);

    world.sides.server.set_faults(Faults::default());
    let report = world.good_run();
    assert_eq!((report.written.outlook.total(), report.written.server.total()), (0, 0));
    assert!(world.verify().is_equal());
    // What a side leaves out again and again holds up nobody for good.
    world.sides.server.set_faults(lies);
    world.run();
    world.make(Side::Outlook, "new");
    assert_eq!(world.run().written.server.created, 1);
}

#[test]
fn what_the_last_run_made_is_missed_when_it_is_gone() {
    let mut world = World::linked(2);
    world.make(Side::Outlook, "new");
    world.good_run();
    world.remove(Side::Server, "new");
    assert_eq!(world.good_run().written.outlook.deleted, 1);
    assert!(world.verify().is_equal());
}

#[test]
fn what_a_run_found_that_then_stopped_is_missed_when_it_is_gone() {
    let mut world = World::linked(2);
    world.chunk = 1;
    for title in ["new", "newer"] {
        world.make(Side::Server, title);
    }
    let (cancel, outlook) = (world.call.cancel.clone(), world.sides.outlook.clone());
    world.call.progress = Some(Arc::new(move |_, _, _| {
        if outlook.items().len() == 3 {
            cancel.store(true, Ordering::Relaxed);
        }
    }));
    assert_ne!(world.run().outcome, RunOutcome::Finished);
    let found = world.titles(Side::Outlook).into_iter().find(|title| title.starts_with("new"));
    world.call.progress = None;
    world.call.cancel.store(false, Ordering::Relaxed);

    world.remove(Side::Server, &found.expect("what was made before the stop"));
    let report = world.good_run();
    assert_eq!((report.written.outlook.created, report.written.outlook.deleted), (1, 1));
    assert!(world.verify().is_equal());
}

#[test]
fn what_cannot_be_read_is_not_overwritten_where_versions_repeat() {
    // As many changes before as make the edit share its version with the state before it, in one of these.
    for changes_before in 0..4 {
        let mut world = World::with_server(Traits::default());
        world.sides.server = world.sides.server.clone().with_versions(Versions::Repeating);
        for number in 0..2 {
            world.make(Side::Server, &format!("event {number}"));
        }
        (0..=changes_before).for_each(|_| world.edit(Side::Server, "event 0", |_| {}));
        world.good_run();
        world.edit(Side::Server, "event 0", |event| event.location = "Room 1".into());
        world.edit(Side::Outlook, "event 0", |event| event.description = "Bring the plans".into());
        world.sides.server.set_faults(Faults { fetch_fails: 1, ..Faults::default() });
        assert_eq!(world.run().written.server.total(), 0);

        world.sides.server.set_faults(Faults::default());
        world.good_run();
        assert_eq!(world.place(Side::Server, "event 0"), "Room 1");
        assert!(world.verify().is_equal());
    }
}

#[test]
fn what_comes_back_holds_as_much_as_there_is_room_for() {
    let mut world = World::new();
    world.kinds = vec![Kind::Contact];
    let email = |number: u32| Email { address: format!("{number}@example.com"), ..Email::default() };
    let contact = |name: &str, emails| {
        let formatted_name = name.to_owned();
        Item::Contact(Box::new(Contact {
            uid: Some(format!("{name}@example.com")),
            formatted_name,
            emails,
            ..Contact::default()
        }))
    };
    world.sides.server.make(&contact("one", (0..5).map(email).collect()), "");
    world.sides.server.make(&contact("other", Vec::new()), "");
    world.good_run();
    world.remove(Side::Outlook, "one");
    world.sides.server.edit(&world.find(Side::Server, "one"), |item| {
        if let Item::Contact(contact) = item {
            contact.emails.remove(1);
        }
    });
    assert_eq!(world.good_run().written.outlook.created, 1);
    let items = world.sides.outlook.items();
    let back = items.iter().find_map(|(_, item)| match item {
        Item::Contact(contact) if contact.formatted_name == "one" => Some(contact.emails.len()),
        _ => None,
    });
    assert_eq!(back, Some(3));
    assert!(world.verify().is_equal());
}

#[test]
fn what_each_side_lacks_in_a_way_of_its_own_is_no_difference() {
    let mut world = World::linked(2);
    let at = |day| When::utc(datetime(2026, 3, day, 9, 0, 0, 0));
    let series = |item: &mut Item| {
        if let Item::Event(event) = item {
            (event.main.start, event.main.end) = (at(2), at(2));
            event.rule = Some(Rule { end: RuleEnd::Count(5), ..Rule::every(1, Frequency::Daily) });
        }
    };
    world.sides.server.edit(&world.find(Side::Server, "event 0"), series);
    world.good_run();
    // Outlook has one sensitivity a series, and the server none that is personal.
    world.edit(Side::Outlook, "event 0", |event| event.sensitivity = Sensitivity::Personal);
    world.sides.server.edit(&world.find(Side::Server, "event 0"), |item| {
        if let Item::Event(event) = item {
            let changed = Occurrence { location: "Room 1".into(), ..event.main.moved_to(&at(4)) };
            event.overrides.insert(at(4), changed);
        }
    });
    world.good_run();
    assert_eq!(world.good_run().written.server.total(), 0);
    assert!(world.verify().is_equal(), "{:?}", world.verify());
}
