use dovetail_sync::report::LineEvent;
use dovetail_sync::{Report, Side};

use crate::world::World;

/// Both sides edit the place; `last` does so later, by its clock.
fn clash(last: Side) -> (World, Report) {
    let mut world = World::linked(2);
    world.tick(10);
    world.edit(last.other(), "event 0", |event| event.location = format!("as {} says", last.other()));
    world.tick(20);
    world.edit(last, "event 0", |event| event.location = format!("as {last} says"));
    let report = world.good_run();
    (world, report)
}

#[test]
fn a_clash_goes_to_the_newer_side_and_the_loser_is_kept_and_shown() {
    for last in Side::BOTH {
        let (world, report) = clash(last);
        let winner = format!("as {last} says");
        for side in Side::BOTH {
            assert_eq!(world.place(side, "event 0"), winner);
        }
        assert_eq!(report.clashes, 1);
        let line = report.lines.first().unwrap();
        assert!(
            matches!(&line.event, LineEvent::Clashed { kept, clash } if *kept == last && clash.kept == winner)
        );

        let entries = world.journal().entries(&report.run).unwrap();
        let entry = entries.iter().find(|entry| entry.side == last.other()).unwrap();
        assert!(entry.loses);
        let before = String::from_utf8_lossy(&entry.before.as_ref().unwrap().original.bytes).into_owned();
        assert!(before.contains(&format!("as {} says", last.other())));
    }
}

#[test]
fn where_nobody_is_newer_the_server_wins() {
    let mut world = World::linked(2);
    for side in Side::BOTH {
        world.edit(side, "event 0", |event| event.location = format!("as {side} says"));
    }
    world.good_run();
    assert_eq!(world.place(Side::Outlook, "event 0"), "as server says");
}
