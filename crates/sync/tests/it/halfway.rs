//! Writes of which one side's arrived and the other's did not, or of which nobody was told, and items that somebody edits before the
//! next run finds out.

use dovetail_model::Kind;
use dovetail_model::event::Occurrence;
use dovetail_model::item::{Alarm, AlarmAction, Trigger};
use dovetail_sync::report::HoldReason;
use dovetail_sync::state::Verdict;
use dovetail_sync::storage::Traits;
use dovetail_sync::{Direction, Rule, Side};
use dovetail_testkit::Faults;
use dovetail_testkit::memory::Texts;

use crate::world::{World, contact, held, occurrence, writes};

fn read(world: &World, side: Side, title: &str) -> Occurrence {
    let items = world.sides.of(side).items();
    let found = items.into_iter().find(|(_, item)| item.title() == title);
    occurrence(&mut found.unwrap().1).clone()
}

fn text(world: &World, side: Side, title: &str) -> String {
    read(world, side, title).description
}

fn write(world: &World, side: Side, title: &str, text: &str) {
    world.edit(side, title, |event| event.description = text.into());
}

#[test]
fn who_edits_on_after_half_of_a_step_arrived_clashes_with_nobody() {
    let failures = [
        ("it arrived unanswered", Faults { write_done_but_failed: 1, ..Faults::default() }),
        ("it arrived and seemed stale", Faults { write_done_but_stale: 1, ..Faults::default() }),
        ("it did not arrive", Faults { write_refused: 1, ..Faults::default() }),
    ];
    for (case, faults) in failures {
        for rule in [Rule::Merge, Rule::Ask] {
            let mut world = World::linked(2);
            world.rule = rule;
            write(&world, Side::Outlook, "event 0", "first");
            world.edit(Side::Server, "event 0", |event| event.location = "Room 1".into());
            world.sides.outlook.set_faults(faults);
            assert_eq!(writes(&world.run()), (0, 1), "{case}");
            world.sides.outlook.set_faults(Faults::default());
            write(&world, Side::Outlook, "event 0", "second");
            // What the server says later than that is its own clock's business.
            world.tick(-60);
            let report = world.good_run();
            assert_eq!((report.clashes, report.held), (0, 0), "{case}, {rule:?}: {:?}", report.lines);
            for side in Side::BOTH {
                assert_eq!(text(&world, side, "event 0"), "second", "{case}, {rule:?}, {side}");
                assert_eq!(world.place(side, "event 0"), "Room 1", "{case}, {rule:?}, {side}");
            }
            assert_eq!(writes(&world.good_run()), (0, 0));
            assert!(world.verify().is_equal());
        }
    }
}

#[test]
fn what_one_half_removed_is_not_brought_back_by_the_other() {
    let mut world = World::linked(2);
    for side in Side::BOTH {
        world.edit(side, "event 0", |event| {
            event.categories = vec!["one".into(), "two".into(), "three".into()]
        });
    }
    world.good_run();
    world.edit(Side::Outlook, "event 0", |event| event.categories = vec!["two".into(), "three".into()]);
    world.edit(Side::Server, "event 0", |event| event.categories = vec!["one".into(), "two".into()]);
    world.sides.outlook.set_faults(Faults { write_refused: 1, ..Faults::default() });
    assert_eq!(writes(&world.run()), (0, 1));
    world.sides.outlook.set_faults(Faults::default());
    world.edit(Side::Outlook, "event 0", |event| event.location = "Room 1".into());
    assert_eq!(writes(&world.good_run()), (1, 1));
    for side in Side::BOTH {
        let now = read(&world, side, "event 0");
        assert_eq!((now.categories, now.location), (vec!["two".into()], "Room 1".into()), "{side}");
    }
    assert!(world.verify().is_equal());
}

#[test]
fn half_of_a_step_that_waits_for_a_person_is_still_known_when_it_is_decided() {
    let mut world = World::linked(2);
    world.rule = Rule::Ask;
    write(&world, Side::Outlook, "event 0", "first");
    world.edit(Side::Server, "event 0", |event| event.location = "Room 1".into());
    world.sides.outlook.set_faults(Faults { write_done_but_failed: 1, ..Faults::default() });
    world.run();
    world.sides.outlook.set_faults(Faults::default());
    // Now they truly clash, in the place, and in nothing else.
    world.edit(Side::Outlook, "event 0", |event| {
        event.description = "second".into();
        event.location = "Room 2".into();
    });
    world.edit(Side::Server, "event 0", |event| event.location = "Room 3".into());
    for _ in 0..2 {
        assert_eq!(held(&world.good_run()), [HoldReason::Clash]);
    }
    world.decide_all(Verdict::Approved);
    assert_eq!(world.good_run().clashes, 1);
    for side in Side::BOTH {
        assert_eq!(text(&world, side, "event 0"), "second", "{side}");
    }
    assert_eq!(world.place(Side::Outlook, "event 0"), world.place(Side::Server, "event 0"));
    assert_eq!(writes(&world.good_run()), (0, 0));
    assert!(world.verify().is_equal());
}

#[test]
fn an_edit_that_one_side_cannot_hold_waits_for_the_other_side_to_answer() {
    let mut world = World::linked(2);
    // Outlook shows no page: whether the item is still there, it does not say.
    world.remove(Side::Outlook, "event 0");
    world.edit(Side::Server, "event 0", |event| event.url = "https://example.com".into());
    world.sides.outlook.set_faults(Faults { fetch_fails: 1, ..Faults::default() });
    assert_eq!(writes(&world.run()), (0, 0));
    world.sides.outlook.set_faults(Faults::default());
    assert_eq!(writes(&world.good_run()), (1, 0), "an edit outlives a deletion");
    assert_eq!(world.titles(Side::Outlook), ["event 0", "event 1"]);
    assert_eq!(world.titles(Side::Server), ["event 0", "event 1"]);
}

#[test]
fn what_one_side_never_answers_about_does_not_wait_for_ever() {
    let mut world = World::linked(2);
    world.edit(Side::Server, "event 0", |event| event.location = "Room 1".into());
    world.sides.outlook.set_faults(Faults { token_expired: 1, row_unclear: 1, ..Faults::default() });
    assert_eq!(writes(&world.run()), (0, 0));
    assert_eq!(writes(&world.run()), (1, 0));
    assert_eq!(world.place(Side::Outlook, "event 0"), "Room 1");
}

#[test]
fn what_waits_for_a_new_mapping_goes_on_waiting_when_it_waited_for_a_proof_in_between() {
    let mut world = World::linked(3);
    world.remove(Side::Server, "event 0");
    write(&world, Side::Outlook, "event 0", "edited");
    // Nobody knows yet whether it is gone.
    let unproven = Faults { revoked: true, ..Faults::default() };
    world.sides.server.set_faults(unproven);
    world.run();
    world.sides.server.set_faults(Faults::default());
    world.lens.texts = Texts::LeftAlone;
    assert_eq!(held(&world.good_run()), [HoldReason::NewMapping]);
    world.sides.server.set_faults(unproven);
    world.run();
    world.sides.server.set_faults(Faults::default());
    for _ in 0..2 {
        let report = world.good_run();
        assert_eq!((writes(&report), held(&report)), ((0, 0), vec![HoldReason::NewMapping]));
    }
    world.decide_all(Verdict::Approved);
    assert_eq!(writes(&world.good_run()), (1, 0));
}

#[test]
fn what_another_computer_made_again_and_was_moved_is_no_copy() {
    for direction in [Direction::TwoWay, Direction::ReplicateToServer] {
        let mut world = World::new();
        world.direction = direction;
        for title in ["one", "two"] {
            world.make(Side::Outlook, title);
        }
        world.good_run();
        world.good_run();
        // Another computer, which knows the same.
        std::fs::copy(world.path("state.db"), world.path("other.db")).unwrap();
        world.remove(Side::Server, "one");
        if direction == Direction::TwoWay {
            world.edit(Side::Outlook, "one", |event| event.location = "Room 1".into());
        }
        assert_eq!(writes(&world.good_run()), (0, 1), "it is made again, under the name that it had");
        world.sides.server.rename(&world.find(Side::Server, "one"));
        std::fs::copy(world.path("other.db"), world.path("state.db")).unwrap();
        // What was removed, made again and removed since the token is not told of.
        for _ in 0..2 {
            let report = world.good_run();
            assert_eq!((writes(&report), report.held), ((0, 0), 0), "{direction:?}: {:?}", report.lines);
        }
        world.edit(Side::Outlook, "one", |event| event.location = "Room 2".into());
        assert_eq!(writes(&world.good_run()), (0, 1), "{direction:?}");
        assert_eq!(world.place(Side::Server, "one"), "Room 2");
    }
}

#[test]
fn what_takes_the_room_that_an_edit_made_comes_later_where_it_did_not_come_with_it() {
    let reminder = |minutes: i64| Alarm {
        trigger: Trigger::Start(-60 * minutes),
        action: AlarmAction::Display,
        minutes_before_start: Some(minutes),
    };
    let mut world = World::linked(2);
    // Outlook shows the first of them.
    world.edit(Side::Server, "event 0", |event| event.alarms = vec![reminder(15), reminder(60)]);
    world.good_run();
    world.edit(Side::Outlook, "event 0", |event| event.alarms.clear());
    world.sides.outlook.set_faults(Faults { write_refused: 1, ..Faults::default() });
    assert_eq!(writes(&world.run()), (0, 1));
    world.sides.outlook.set_faults(Faults::default());
    assert_eq!(writes(&world.good_run()), (1, 0));
    for side in Side::BOTH {
        assert_eq!(read(&world, side, "event 0").alarms, [reminder(60)], "{side}");
    }
    assert!(world.verify().is_equal());
}

#[test]
fn what_the_target_of_a_merge_removed_after_an_unanswered_write_stays_removed() {
    let mut world = World::new();
    world.direction = Direction::MergeToServer;
    let id = world.make(Side::Outlook, "event 0");
    world.sides.outlook.edit(&id, |item| occurrence(item).categories = vec!["one".into(), "two".into()]);
    world.make(Side::Outlook, "event 1");
    world.good_run();
    world.edit(Side::Outlook, "event 0", |event| event.location = "Room 1".into());
    world.sides.server.set_faults(Faults { write_done_but_stale: 1, ..Faults::default() });
    world.run();
    world.sides.server.set_faults(Faults::default());
    world.edit(Side::Server, "event 0", |event| event.categories = vec!["two".into()]);
    for _ in 0..2 {
        assert_eq!(writes(&world.good_run()), (0, 0));
    }
    let there = read(&world, Side::Server, "event 0");
    assert_eq!((there.location, there.categories), ("Room 1".into(), vec!["two".into()]));
}

#[test]
fn what_was_to_be_removed_and_was_moved_meanwhile_comes_back_whole() {
    let mut world = World::linked(2);
    world.edit(Side::Server, "event 0", |event| event.url = "https://example.com".into());
    world.good_run();
    world.remove(Side::Server, "event 0");
    world.sides.outlook.set_faults(Faults { write_refused: 1, ..Faults::default() });
    assert_eq!(world.run().failed, 1);
    world.sides.outlook.set_faults(Faults::default());
    world.edit(Side::Outlook, "event 0", |event| event.location = "Room 1".into());
    world.sides.outlook.rename(&world.find(Side::Outlook, "event 0"));
    assert_eq!(writes(&world.good_run()), (0, 1));
    let back = read(&world, Side::Server, "event 0");
    assert_eq!((back.location.as_str(), back.url.as_str()), ("Room 1", "https://example.com"));
    assert!(world.verify().is_equal());
}

#[test]
fn what_was_removed_though_the_answer_failed_can_be_taken_back() {
    for at_once in [true, false] {
        let mut world = World::linked(2);
        world.remove(Side::Server, "event 0");
        world.sides.outlook.set_faults(Faults { write_done_but_failed: 1, ..Faults::default() });
        let run = world.run().run;
        assert_eq!(world.titles(Side::Outlook), ["event 1"]);
        world.sides.outlook.set_faults(Faults::default());
        if !at_once {
            assert_eq!(writes(&world.good_run()), (0, 0));
        }
        assert_eq!(writes(&world.undo(&run)), (1, 0));
        assert_eq!(world.titles(Side::Outlook), ["event 0", "event 1"]);
    }
}

#[test]
fn what_comes_back_after_an_unanswered_removal_crosses_again() {
    let mut world = World::linked(2);
    let (id, bytes) = world.sides.server.originals().remove(0);
    world.sides.server.remove(&id);
    world.sides.outlook.set_faults(Faults { write_done_but_failed: 1, ..Faults::default() });
    world.run();
    world.sides.outlook.set_faults(Faults::default());
    // Another client takes its removal back, under the name that it had.
    world.sides.server.overwrite(&id, bytes);
    assert_eq!(writes(&world.good_run()), (1, 0));
    assert_eq!(world.titles(Side::Outlook), ["event 0", "event 1"]);
    assert_eq!(writes(&world.good_run()), (0, 0));
    assert!(world.verify().is_equal());
}

#[test]
fn an_edit_that_was_to_give_way_is_told_when_it_does() {
    let mut world = World::linked(2);
    world.edit(Side::Outlook, "event 0", |event| {
        event.description = "of Outlook".into();
        event.location = "Room 1".into();
    });
    world.tick(60);
    write(&world, Side::Server, "event 0", "of the server");
    world.sides.outlook.set_faults(Faults { write_refused: 1, ..Faults::default() });
    let report = world.run();
    assert_eq!((writes(&report), report.clashes), ((0, 1), 0), "{:?}", report.lines);
    world.sides.outlook.set_faults(Faults::default());
    let report = world.good_run();
    assert_eq!((writes(&report), report.clashes), ((1, 0), 1), "{:?}", report.lines);
    for side in Side::BOTH {
        assert_eq!(text(&world, side, "event 0"), "of the server", "{side}");
        assert_eq!(world.place(side, "event 0"), "Room 1", "{side}");
    }
    assert!(world.verify().is_equal());
}

#[test]
fn what_an_undo_took_back_unanswered_stays_taken_back_when_the_item_is_edited_on() {
    let mut world = World::linked(2);
    world.edit(Side::Outlook, "event 0", |event| event.categories = vec!["one".into()]);
    let run = world.good_run().run;
    world.sides.server.set_faults(Faults { write_done_but_failed: 1, ..Faults::default() });
    world.undo(&run);
    world.sides.server.set_faults(Faults::default());
    world.edit(Side::Server, "event 0", |event| event.location = "Room 1".into());
    world.good_run();
    for _ in 0..2 {
        assert_eq!(world.place(Side::Outlook, "event 0"), "Room 1");
        assert_eq!(read(&world, Side::Server, "event 0").categories, Vec::<String>::new());
        assert_eq!(read(&world, Side::Outlook, "event 0").categories, ["one"]);
        assert_eq!(writes(&world.good_run()), (0, 0));
    }
}

#[test]
fn what_another_computer_made_again_for_the_target_of_a_merge_is_not_made_twice() {
    let mut world = World::new();
    // It makes whatever it is asked to, and gives it a UID of its own.
    world.sides.server = world.sides.server.with_traits(Traits { assigns_uid: true, ..Traits::default() });
    (world.kinds, world.direction) = (vec![Kind::Contact], Direction::MergeToServer);
    world.sides.outlook.make(&contact("Alice Arbor"), "");
    world.sides.server.make(&contact("Bob Birch"), "");
    world.good_run();
    let on = |computer: &str, world: &mut World| {
        let (state, other) = (world.path("state.db"), world.path("other.db"));
        if computer == "the other" {
            std::fs::rename(&state, world.path("this.db")).unwrap();
            let _ = std::fs::rename(&other, &state);
            let report = world.good_run();
            std::fs::rename(&state, &other).unwrap();
            std::fs::rename(world.path("this.db"), &state).unwrap();
            report
        } else {
            world.good_run()
        }
    };
    on("the other", &mut world);
    // What is renamed where it is merged to stays so.
    let id = world.find(Side::Server, "Alice Arbor");
    world.sides.server.edit(&id, |item| *item = contact("Zoe Quince"));
    for computer in ["this", "the other"] {
        assert_eq!(writes(&on(computer, &mut world)), (0, 0));
    }
    world.remove(Side::Server, "Zoe Quince");
    assert_eq!(writes(&on("the other", &mut world)), (0, 1));
    assert_eq!(writes(&on("this", &mut world)), (0, 0));
    assert_eq!(world.titles(Side::Server), ["Alice Arbor", "Bob Birch"]);
}
