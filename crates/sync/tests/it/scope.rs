use dovetail_model::{Item, Kind};
use dovetail_sync::report::LineEvent;
use dovetail_sync::{Side, Sides};
use dovetail_testkit::memory::Versions;

use crate::world::World;

#[test]
fn a_narrowed_scope_deletes_nothing_and_a_wider_one_finds_everything_again() {
    let mut world = World::linked(3);
    world.kinds = vec![Kind::Task];
    let report = world.good_run();
    assert_eq!((report.written.outlook.total(), report.written.server.total()), (0, 0));
    world.edit(Side::Server, "event 0", |event| event.location = "Room 1".into());
    assert_eq!(world.good_run().written.outlook.total(), 0);

    world.kinds = vec![Kind::Event];
    assert_eq!(world.good_run().written.outlook.updated, 1);
    assert_eq!(world.place(Side::Outlook, "event 0"), "Room 1");
    assert!(world.verify().is_equal());
    assert_eq!(world.good_run().requests, 2);
}

#[test]
fn what_is_not_ours_is_named_once_and_never_touched() {
    let mut world = World::linked(1);
    let id = world.sides.server.put_bytes(b"no event at all".as_slice().into());
    let report = world.good_run();
    assert!(matches!(report.lines.as_slice(), [line] if matches!(line.event, LineEvent::NotOurs { .. })));
    let report = world.good_run();
    assert_eq!((report.lines.len(), report.requests), (0, 2));
    assert!(world.sides.server.originals().iter().any(|(there, _)| *there == id));
}

#[test]
fn nothing_crosses_to_an_item_that_cannot_be_read_until_it_can() {
    let mut world = World::linked(2);
    let id = world.find(Side::Server, "event 0");
    let readable = world.sides.server.originals().into_iter().find(|(there, _)| *there == id).unwrap().1;
    world.sides.server.overwrite(&id, b"torn".as_slice().into());
    world.edit(Side::Outlook, "event 0", |event| event.location = "Room 1".into());
    for _ in 0..2 {
        let report = world.good_run();
        assert_eq!((report.written.server.total(), report.written.outlook.total()), (0, 0));
    }
    world.sides.server.overwrite(&id, readable);
    assert_eq!(world.good_run().written.server.updated, 1);
    assert_eq!(world.place(Side::Server, "event 0"), "Room 1");
    assert!(world.verify().is_equal());
}

#[test]
fn a_moved_item_is_the_same_item() {
    let mut world = World::linked(3);
    let id = world.find(Side::Server, "event 0");
    world.sides.server.rename(&id);
    let report = world.good_run();
    assert_eq!((report.written.outlook.total(), report.written.server.total()), (0, 0));
    world.edit(Side::Server, "event 0", |event| event.location = "Room 1".into());
    assert_eq!(world.good_run().written.outlook.updated, 1);
    assert!(world.verify().is_equal());
}

/// How an item is out of scope.
#[derive(Clone, Copy, Debug)]
enum Way {
    Unreadable,
    AnotherKind,
}

#[test]
fn what_was_out_of_scope_and_is_gone_on_both_sides_is_forgotten() {
    use Side::{Outlook, Server};
    for way in [Way::Unreadable, Way::AnotherKind] {
        for spoilt in [&[Outlook][..], &[Server], &[Outlook, Server]] {
            for removed in [&[&[Outlook, Server][..]][..], &[&[Outlook], &[Server]], &[&[Server], &[Outlook]]]
            {
                for versions in [Versions::Strong, Versions::Repeating] {
                    let mut world = World::linked(3);
                    world.sides = world.sides.map(|_, side| side.with_versions(versions));
                    let ids = Sides::new(|side| world.find(side, "event 0"));
                    for side in spoilt {
                        let task = serde_json::json!({ "item": Item::Task(Box::default()), "extra": "" });
                        let bytes = match way {
                            Way::Unreadable => b"torn".to_vec(),
                            Way::AnotherKind => task.to_string().into_bytes(),
                        };
                        world.sides.of(*side).overwrite(ids.of(*side), bytes.into());
                    }
                    world.good_run();
                    for sides in removed {
                        for side in *sides {
                            world.sides.of(*side).remove(ids.of(*side));
                        }
                        world.good_run();
                    }
                    let case = format!("{way:?} on {spoilt:?}, removed {removed:?}");
                    let links = world.with(|_, state, _| state.linked("pair", Server)).unwrap();
                    assert_eq!(links, 2, "{case}");
                    let asked = world.good_run().requests;
                    assert!(
                        asked == 2 || versions == Versions::Repeating,
                        "{case}: nothing is asked any more"
                    );
                    assert!(world.verify().is_equal(), "{case}");
                }
            }
        }
    }
}
