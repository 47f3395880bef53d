//! A mapping that a profile changed: nothing is lost, nothing is taken for somebody's edit, nothing is deleted.

use dovetail_sync::report::{HoldReason, LineEvent};
use dovetail_sync::state::Verdict;
use dovetail_sync::{Rule, Side};
use dovetail_testkit::Faults;
use dovetail_testkit::memory::Texts;

use crate::world::{World, occurrence, writes};

fn text(world: &World, side: Side, title: &str) -> String {
    let items = world.sides.of(side).items();
    let found = items.into_iter().find(|(_, item)| item.title() == title);
    occurrence(&mut found.expect("an item of that title").1).description.clone()
}

fn write(world: &World, side: Side, title: &str, text: &str) {
    world.edit(side, title, |event| event.description = text.into());
}

/// Linked events whose texts are mapped, or are not.
fn linked(texts: Texts) -> World {
    let mut world = World::linked(0);
    world.lens.texts = texts;
    for title in ["one", "two", "three"] {
        world.make(Side::Server, title);
        write(&world, Side::Server, title, "as agreed");
    }
    world.good_run();
    world
}

#[test]
fn a_field_that_is_mapped_no_more_is_left_alone_on_both_sides() {
    let mut world = linked(Texts::Mapped);
    world.lens.texts = Texts::LeftAlone;
    write(&world, Side::Outlook, "one", "mine");
    write(&world, Side::Server, "one", "yours");
    world.edit(Side::Server, "two", |event| event.location = "Room 2".into());
    assert_eq!(writes(&world.good_run()), (1, 0));
    assert_eq!(
        (text(&world, Side::Outlook, "one"), text(&world, Side::Server, "one")),
        ("mine".into(), "yours".into())
    );
    assert_eq!(text(&world, Side::Outlook, "two"), "as agreed");
    assert_eq!(world.place(Side::Outlook, "two"), "Room 2");
    assert_eq!(writes(&world.good_run()), (0, 0));
    assert!(world.verify().is_equal());
}

#[test]
fn a_field_that_is_mapped_anew_is_joined_as_at_a_first_sync() {
    let mut world = linked(Texts::LeftAlone);
    // What was brought came without its text.
    assert_eq!(text(&world, Side::Outlook, "one"), "");
    write(&world, Side::Outlook, "two", "of Outlook");
    write(&world, Side::Outlook, "three", "as agreed");
    world.good_run();
    world.lens.texts = Texts::Mapped;
    let report = world.good_run();
    assert_eq!((report.clashes, report.written.outlook.deleted + report.written.server.deleted), (1, 0));
    assert_eq!(text(&world, Side::Outlook, "one"), "as agreed");
    let (outlook, server) = (text(&world, Side::Outlook, "two"), text(&world, Side::Server, "two"));
    assert_eq!((outlook.as_str(), server.as_str()), ("of Outlook", "of Outlook"), "the newer one wins");
    assert_eq!(text(&world, Side::Server, "three"), "as agreed");
    assert_eq!(writes(&world.good_run()), (0, 0));
    assert!(world.verify().is_equal());
}

#[test]
fn off_and_on_again_loses_no_edit_and_invents_none() {
    let mut world = linked(Texts::Mapped);
    world.lens.texts = Texts::LeftAlone;
    world.good_run();
    write(&world, Side::Outlook, "one", "mine");
    write(&world, Side::Server, "two", "");
    world.edit(Side::Server, "one", |event| event.location = "Room 1".into());
    world.good_run();
    world.lens.texts = Texts::Mapped;
    // In the very run in which it is switched on, somebody edits something else, and somebody the text.
    world.edit(Side::Outlook, "two", |event| event.location = "Room 2".into());
    write(&world, Side::Server, "three", "edited");
    world.good_run();
    assert_eq!(text(&world, Side::Server, "one"), "mine");
    assert_eq!(
        (world.place(Side::Outlook, "one"), world.place(Side::Server, "two")),
        ("Room 1".into(), "Room 2".into())
    );
    assert_eq!(text(&world, Side::Outlook, "three"), "edited");
    // What one side does not say any more may never have crossed: it is filled, not emptied.
    assert_eq!(
        (text(&world, Side::Outlook, "two"), text(&world, Side::Server, "two")),
        ("as agreed".into(), "as agreed".into())
    );
    assert_eq!(writes(&world.good_run()), (0, 0));
    assert!(world.verify().is_equal());
}

#[test]
fn what_could_not_be_joined_at_once_is_joined_later() {
    let mut world = linked(Texts::LeftAlone);
    world.lens.texts = Texts::Mapped;
    world.sides.outlook.set_faults(Faults { write_refused: 1, ..Faults::default() });
    assert_eq!(world.run().failed, 3);
    world.sides.outlook.set_faults(Faults::default());
    assert_eq!(writes(&world.good_run()), (3, 0));
    for title in ["one", "two", "three"] {
        assert_eq!(text(&world, Side::Outlook, title), "as agreed");
    }
    assert_eq!(writes(&world.good_run()), (0, 0));
    assert!(world.verify().is_equal());
}

#[test]
fn what_a_person_took_back_stays_so_when_the_mapping_changes() {
    let mut world = linked(Texts::Mapped);
    write(&world, Side::Server, "one", "edited");
    let run = world.good_run().run;
    world.undo(&run);
    world.lens.texts = Texts::LeftAlone;
    assert_eq!(writes(&world.good_run()), (0, 0));
    world.lens.texts = Texts::Mapped;
    assert_eq!(writes(&world.good_run()), (0, 0));
    assert_eq!(text(&world, Side::Outlook, "one"), "as agreed");
}

#[test]
fn a_deletion_waits_once_where_the_other_side_changed_what_is_mapped_no_more() {
    let mut world = linked(Texts::LeftAlone);
    // So that there is something that is mapped anew.
    world.lens.texts = Texts::Mapped;
    world.sides.outlook.set_faults(Faults { write_refused: 1, ..Faults::default() });
    world.run();
    world.sides.outlook.set_faults(Faults::default());
    world.lens.texts = Texts::LeftAlone;
    write(&world, Side::Server, "one", "edited");
    world.remove(Side::Outlook, "one");
    world.remove(Side::Outlook, "two");
    let report = world.good_run();
    assert_eq!(
        report
            .lines
            .iter()
            .filter(|line| matches!(line.event, LineEvent::Held { reason: HoldReason::NewMapping }))
            .count(),
        report.held as usize
    );
    assert_eq!(report.written.server.deleted + report.held, 2);
}

#[test]
fn another_collection_or_account_is_another_pair_and_nothing_is_deleted() {
    let mut world = linked(Texts::Mapped);
    for title in ["one", "two"] {
        world.remove(Side::Server, title);
    }
    world.make(Side::Server, "new");
    world.source = "another calendar";
    let report = world.good_run();
    assert_eq!((report.written.outlook.deleted, report.written.server.deleted, report.held), (0, 0, 0));
    assert_eq!(world.titles(Side::Outlook), world.titles(Side::Server));
    assert_eq!(world.titles(Side::Server), ["new", "one", "three", "two"]);
    assert!(world.verify().is_equal());
    assert_eq!(world.good_run().requests, 2);
}

/// Linked events that Outlook shows as of the first day.
fn shown() -> World {
    let mut world = World::linked(0);
    world.lens.day = Some(1);
    for title in ["one", "two", "three"] {
        world.make(Side::Server, title);
    }
    assert_eq!(writes(&world.good_run()), (3, 0));
    assert_eq!(writes(&world.good_run()), (0, 0));
    world
}

#[test]
fn what_outlook_shows_of_another_day_is_written_anew_once() {
    let mut world = shown();
    world.lens.day = Some(2);
    assert_eq!(writes(&world.good_run()), (3, 0));
    assert_eq!(writes(&world.good_run()), (0, 0));
    // Also of what is brought in step that day.
    world.lens.day = Some(3);
    world.edit(Side::Server, "one", |event| event.location = "Room 1".into());
    assert_eq!(writes(&world.good_run()), (3, 0));
    assert_eq!(world.place(Side::Outlook, "one"), "Room 1");
    assert_eq!(writes(&world.good_run()), (0, 0));
    assert!(world.verify().is_equal());
}

#[test]
fn what_is_edited_in_outlook_is_shown_there_anew() {
    let mut world = shown();
    world.edit(Side::Outlook, "one", |event| event.location = "Room 1".into());
    assert_eq!(writes(&world.good_run()), (1, 1));
    assert_eq!(world.place(Side::Server, "one"), "Room 1");
    assert_eq!(writes(&world.good_run()), (0, 0));
    // What is new there has nothing beside it, and what goes needs nothing.
    world.make(Side::Outlook, "four");
    assert_eq!(writes(&world.good_run()), (0, 1));
    world.edit(Side::Outlook, "two", |event| event.location = "Room 2".into());
    world.remove(Side::Server, "two");
    assert_eq!(writes(&world.good_run()), (0, 1), "the edit outlives the deletion");
}

#[test]
fn what_stands_apart_is_not_shown_anew() {
    let mut world = shown();
    world.rule = Rule::Ask;
    for (side, room) in [(Side::Outlook, "Room 1"), (Side::Server, "Room 2")] {
        world.edit(side, "one", |event| event.location = room.into());
    }
    assert_eq!(world.good_run().held, 1);
    world.decide_all(Verdict::Rejected);
    assert_eq!(writes(&world.good_run()), (0, 0));
    world.lens.day = Some(2);
    assert_eq!(writes(&world.good_run()), (2, 0), "the others alone");
    write(&world, Side::Outlook, "one", "mine");
    assert_eq!(writes(&world.good_run()), (0, 1));
}
