use std::collections::BTreeSet;

use dovetail_model::carry::Field;
use dovetail_sync::mend::{mend, mending};
use dovetail_sync::report::{LineEvent, SkipReason};
use dovetail_sync::storage::ItemId;
use dovetail_sync::{Plan, Report, Side};

use crate::world::World;

/// Both sides differ, although each is as it was when both last agreed: as after a restored backup.
fn torn() -> World {
    let mut world = World::linked(4);
    world.edit(Side::Server, "event 0", |event| event.location = "Room 9".into());
    let id = world.find(Side::Server, "event 0");
    believe(&world, Side::Server, &id);
    let quiet = world.good_run();
    assert_eq!(quiet.written.outlook.total(), 0, "a run finds nothing to do");
    assert_eq!(world.verify().differing.len(), 1);
    world
}

/// Makes what a side holds now its base.
fn believe(world: &World, side: Side, id: &ItemId) {
    world.with(|pair, state, _| {
        let mut link = state.link_of("pair", side, id).unwrap().unwrap();
        let answer = pair.storages.of(side).fetch(std::slice::from_ref(id), &pair.scope, &world.call);
        let Some(dovetail_sync::storage::Fetched::Found(snapshot)) = answer.unwrap().pop() else {
            panic!("it is there");
        };
        *link.sides.of_mut(side) = Some((&*snapshot).into());
        state.transaction(|state| state.put_link("pair", &link)).unwrap();
    });
}

fn plan(world: &World) -> Plan {
    world.with(|pair, state, journal| mending(pair, state, journal, world.now, &world.call)).unwrap()
}

fn mended(world: &mut World) -> Report {
    world.later(600);
    world.with(|pair, state, journal| mend(pair, state, journal, world.now, &world.call)).unwrap()
}

#[test]
fn mending_can_be_seen_before_it_is_done_and_taken_back_afterwards() {
    let mut world = torn();
    let plan = plan(&world);
    assert_eq!(plan.rows.len(), 1);
    assert_eq!(plan.rows[0].title, "event 0");
    assert_eq!(world.place(Side::Outlook, "event 0"), "", "a plan writes nothing");

    let report = mended(&mut world);
    assert_eq!((report.written.outlook.updated, report.written.server.total()), (1, 0), "{report:?}");
    assert_eq!(world.place(Side::Outlook, "event 0"), "Room 9");
    assert!(world.verify().is_equal());
    let quiet = world.good_run();
    assert_eq!(quiet.written.outlook.total() + quiet.written.server.total(), 0);

    world.undo(&report.run);
    assert_eq!(world.place(Side::Outlook, "event 0"), "");
}

#[test]
fn mending_what_is_whole_does_nothing() {
    let mut world = World::linked(3);
    assert_eq!(plan(&world).rows, []);
    let report = mended(&mut world);
    assert_eq!((report.lines.as_slice(), report.written.outlook.total()), ([].as_slice(), 0));
}

#[test]
fn what_was_meant_to_differ_is_not_mended() {
    let mut world = World::linked(2);
    world.edit(Side::Server, "event 0", |event| event.location = "Room 1".into());
    let report = world.good_run();
    world.undo(&report.run);
    assert_eq!(plan(&world).rows, []);
    mended(&mut world);
    assert_eq!(world.place(Side::Outlook, "event 0"), "");
}

#[test]
fn what_a_side_keeps_as_the_profile_wants_it_is_no_difference_and_is_not_mended() {
    for kept in [BTreeSet::new(), BTreeSet::from([Field::Location])] {
        let mut world = torn();
        world.lens.kept = kept.clone();
        let verified = world.verify();
        let is_kept = !kept.is_empty();
        assert_eq!((verified.is_equal(), verified.intended.len()), (is_kept, usize::from(is_kept)));
        let report = mended(&mut world);
        assert_eq!(report.written.outlook.updated, u64::from(!is_kept), "{report:?}");
        assert_eq!(world.place(Side::Outlook, "event 0"), if is_kept { "" } else { "Room 9" });
    }
    // What differs beyond that is a difference.
    let mut world = torn();
    world.lens.kept = BTreeSet::from([Field::Busy]);
    assert_eq!(world.verify().differing.len(), 1);
}

#[test]
fn what_one_side_lacks_is_asked_again_and_not_deleted_by_mending() {
    let mut world = World::linked(3);
    world.remove(Side::Server, "event 0");
    assert_eq!(plan(&world).rows, []);
    let report = mended(&mut world);
    assert_eq!(report.written.outlook.total() + report.written.server.total(), 0);
    assert_eq!(report.lines.len(), 1);
    assert_eq!(report.lines[0].event, LineEvent::Skipped { why: SkipReason::Missing });
    assert_eq!(world.titles(Side::Outlook).len(), 3);
    assert_eq!(world.good_run().written.outlook.deleted, 1, "an ordinary run decides");
}

#[test]
fn mending_that_overwrites_too_much_waits() {
    let mut world = World::linked(30);
    for number in 0..20 {
        let title = format!("event {number}");
        for side in Side::BOTH {
            world.edit(side, &title, |event| event.location = format!("as {side} says"));
            believe(&world, side, &world.find(side, &title));
        }
    }
    assert!(plan(&world).rows.iter().all(|row| row.hold.is_some()));
    let report = mended(&mut world);
    assert_eq!(report.written.outlook.total() + report.written.server.total(), 0);
    let too_much = LineEvent::Skipped { why: SkipReason::TooMuch };
    assert_eq!(report.lines.iter().filter(|line| line.event == too_much).count(), 20);
}
