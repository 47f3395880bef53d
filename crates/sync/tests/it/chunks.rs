//! How many items are written at a time changes how much memory a run takes, never what it does.

use dovetail_sync::Side;
use dovetail_testkit::Faults;

use crate::world::World;

/// All that can be told of two runs: what they wrote, and what is there.
fn outcome(chunk: usize) -> String {
    let mut world = World::new();
    world.chunk = chunk;
    for number in 0..23 {
        world.make(Side::Server, &format!("server {number:02}"));
    }
    for number in 0..9 {
        world.make(Side::Outlook, &format!("Outlook {number}"));
    }
    let first = world.good_run().written;
    for number in 0..10 {
        world.edit(Side::Server, &format!("server {number:02}"), |event| event.location = "Room 1".into());
    }
    for number in 5..15 {
        world.edit(Side::Outlook, &format!("server {number:02}"), |event| event.description = "Text".into());
    }
    world.edit(Side::Outlook, "server 00", |event| event.location = "Room 2".into());
    world.remove(Side::Outlook, "Outlook 1");
    world.remove(Side::Server, "Outlook 2");
    world.make(Side::Outlook, "late");
    world.sides.server.set_faults(Faults { write_refused: 5, ..Faults::default() });
    world.run();
    world.sides.server.set_faults(Faults::default());
    let clashes = world.good_run().clashes;
    assert!(world.verify().is_equal());
    assert_eq!(world.good_run().written.outlook.total(), 0);
    let places: Vec<String> =
        world.titles(Side::Server).iter().map(|title| world.place(Side::Server, title)).collect();
    assert!(clashes <= 1);
    format!("{first:?} {:?} {:?} {places:?}", world.titles(Side::Outlook), world.titles(Side::Server))
}

#[test]
fn the_size_of_a_chunk_does_not_change_what_a_run_does() {
    let expected = outcome(100);
    for chunk in [1, 7, usize::MAX] {
        assert_eq!(outcome(chunk), expected, "in chunks of {chunk}");
    }
}
