use dovetail_model::carry::Field;
use dovetail_model::event::{Busy, Event, Occurrence};
use dovetail_model::item::{Alarm, AlarmAction, Trigger};
use dovetail_model::recurrence::{Frequency, Rule, RuleEnd};
use dovetail_model::{Item, When};
use dovetail_sync::journal::Clashed;
use dovetail_sync::report::LineEvent;
use dovetail_sync::restore::{Choice, take};
use dovetail_sync::{Report, Side};
use dovetail_testkit::faults::Faults;
use jiff::civil::datetime;

use crate::world::{World, occurrence};

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
fn an_edit_of_what_is_not_ones_own_to_change_is_taken_back_told_and_kept() {
    let mut world = World::linked(2);
    world.lens.theirs = [Field::Location, Field::Start].into();
    world.edit(Side::Outlook, "event 0", |event| {
        event.location = "as I like it".into();
        event.busy = Busy::Free;
    });
    let report = world.good_run();
    for side in Side::BOTH {
        assert_eq!(world.place(side, "event 0"), "", "{side}");
    }
    assert_eq!((report.written.outlook.updated, report.written.server.updated), (1, 1), "{report:?}");
    let [line] = report.lines.as_slice() else { panic!("{report:?}") };
    let LineEvent::TakenBack { clash } = &line.event else { panic!("{line:?}") };
    assert_eq!((line.side, clash.lost.as_str()), (Some(Side::Outlook), "as I like it"));
    let entries = world.journal().entries(&report.run).unwrap();
    let entry = entries.iter().find(|entry| entry.side == Side::Outlook).unwrap();
    let before = String::from_utf8_lossy(&entry.before.as_ref().unwrap().original.bytes).into_owned();
    assert!(before.contains("as I like it"));
    assert!(world.verify().is_equal(), "what is one's own has crossed");
    let quiet = world.good_run();
    assert_eq!(quiet.written.outlook.total() + quiet.written.server.total(), 0, "{quiet:?}");

    // What the other side changed meanwhile is what is seen then.
    world.edit(Side::Server, "event 1", |event| event.location = "Room 9".into());
    world.tick(20);
    world.edit(Side::Outlook, "event 1", |event| event.location = "as I like it".into());
    world.good_run();
    for side in Side::BOTH {
        assert_eq!(world.place(side, "event 1"), "Room 9", "{side}");
    }
    assert!(world.verify().is_equal());
}

/// Outlook has room for one of the reminders, and shows another one than it would be given.
#[test]
fn what_is_taken_back_stands_as_it_did_and_not_as_it_would_be_made() {
    let mut world = World::new();
    world.lens.theirs = [Field::Alarms].into();
    let alarm = |minutes: i64| Alarm {
        trigger: Trigger::Start(-60 * minutes),
        action: AlarmAction::Display,
        minutes_before_start: Some(minutes),
    };
    for (side, alarms) in [(Side::Outlook, vec![alarm(30)]), (Side::Server, vec![alarm(10), alarm(30)])] {
        world.make(side, "a meeting");
        world.edit(side, "a meeting", |event| event.alarms.clone_from(&alarms));
    }
    let shown = |world: &World| {
        let (_, mut item) = world.sides.outlook.items().remove(0);
        occurrence(&mut item).alarms.clone()
    };
    let report = world.good_run();
    assert_eq!((report.written.outlook.total(), report.written.server.total()), (0, 0));
    world.edit(Side::Outlook, "a meeting", |event| event.alarms = vec![alarm(45)]);
    world.good_run();
    assert_eq!(shown(&world), [alarm(30)]);
    let report = world.good_run();
    assert_eq!((report.written.outlook.total(), report.written.server.total()), (0, 0));
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

fn open_clashes(world: &World) -> Vec<Clashed> {
    world.journal().open_clashes("pair").unwrap()
}

/// A person chooses a side of the only clash.
fn choose(world: &mut World, side: Side) -> Report {
    let clashes = open_clashes(world);
    assert_eq!(clashes.len(), 1);
    let subject = world.subject("event 0");
    world.later(600);
    let choice = Choice { clash: &clashes[0], side };
    world
        .with(|pair, state, journal| take(pair, &subject, choice, state, journal, world.now, &world.call))
        .unwrap()
}

#[test]
fn both_versions_of_a_clash_are_kept_whole() {
    for last in Side::BOTH {
        let (world, report) = clash(last);
        let clashes = open_clashes(&world);
        assert_eq!((clashes.len(), &clashes[0].run), (1, &report.run));
        assert_eq!((clashes[0].kept, clashes[0].title.as_str()), (last, "event 0"));
        for side in Side::BOTH {
            let stored = clashes[0].sides.of(side).as_ref().unwrap().stored.as_ref().unwrap();
            let text = String::from_utf8_lossy(&stored.original.bytes).into_owned();
            assert!(text.contains(&format!("as {side} says")), "{side}: {text}");
        }
    }
}

#[test]
fn a_person_may_choose_the_loser_of_a_clash_afterwards_and_take_that_back() {
    for last in Side::BOTH {
        let (mut world, _) = clash(last);
        world.edit(last, "event 0", |event| event.description = "edited since".into());
        world.good_run();
        let chosen = choose(&mut world, last.other());
        assert_eq!(chosen.lines, []);
        let loser = format!("as {} says", last.other());
        for side in Side::BOTH {
            assert_eq!(world.place(side, "event 0"), loser, "{last} was last");
            let items = world.sides.of(side).items();
            let edited =
                items.iter().filter(|(_, item)| format!("{item:?}").contains("edited since")).count();
            assert_eq!(edited, 1, "what was edited since about something else stands");
        }
        assert_eq!(open_clashes(&world), [], "it is decided");
        let quiet = world.good_run();
        assert_eq!(quiet.written.outlook.total() + quiet.written.server.total(), 0, "{quiet:?}");
        assert!(world.verify().is_equal());
        world.undo(&chosen.run);
        for side in Side::BOTH {
            assert_eq!(world.place(side, "event 0"), format!("as {last} says"));
        }
    }
}

#[test]
fn an_occurrence_that_lost_comes_back_with_its_series() {
    let mut world = World::linked(2);
    world.rule = dovetail_sync::Rule::ServerWins;
    let at = |day| When::utc(datetime(2026, 3, day, 9, 0, 0, 0));
    let edit = |world: &World, side: Side, change: &dyn Fn(&mut Event)| {
        world.sides.of(side).edit(&world.find(side, "event 0"), |item| {
            let Item::Event(event) = item else { panic!("no event") };
            change(event);
        });
    };
    let rule = Rule { end: RuleEnd::Count(5), ..Rule::every(1, Frequency::Daily) };
    edit(&world, Side::Server, &|event| {
        (event.main.start, event.main.end, event.rule) = (at(2), at(2), Some(rule.clone()));
    });
    world.good_run();
    world.tick(10);
    edit(&world, Side::Outlook, &|event| {
        let changed = Occurrence { location: "Room 1".into(), ..event.main.moved_to(&at(4)) };
        event.overrides.insert(at(4), changed);
    });
    world.tick(20);
    edit(&world, Side::Server, &|event| event.rule = None);
    assert_eq!(world.good_run().clashes, 1);
    let chosen = choose(&mut world, Side::Outlook);
    assert_eq!(chosen.lines, []);
    for side in Side::BOTH {
        let items = world.sides.of(side).items();
        let series = items.iter().find_map(|(_, item)| match item {
            Item::Event(event) => event.rule.as_ref().map(|rule| (rule, &event.overrides)),
            _ => None,
        });
        let Some((held, overrides)) = series else { panic!("no series on {side}: {items:?}") };
        assert_eq!((held, overrides[&at(4)].location.as_str()), (&rule, "Room 1"), "{side}");
    }
    assert!(world.verify().is_equal());
}

#[test]
fn choosing_what_stands_writes_nothing_and_decides() {
    let (mut world, _) = clash(Side::Outlook);
    let chosen = choose(&mut world, Side::Outlook);
    assert_eq!(chosen.written.outlook.total() + chosen.written.server.total(), 0);
    assert_eq!(open_clashes(&world), []);
}

#[test]
fn the_loser_of_a_clash_comes_back_even_where_the_item_is_gone() {
    let (mut world, _) = clash(Side::Server);
    let clash = open_clashes(&world).remove(0);
    world.remove(Side::Server, "event 0");
    world.good_run();
    let subject = world.subject("event 0");
    world.later(600);
    let choice = Choice { clash: &clash, side: Side::Outlook };
    world
        .with(|pair, state, journal| take(pair, &subject, choice, state, journal, world.now, &world.call))
        .unwrap();
    for side in Side::BOTH {
        assert_eq!(world.place(side, "event 0"), "as Outlook says");
    }
}

#[test]
fn a_clash_whose_write_did_not_arrive_is_decided_once() {
    let mut world = World::linked(2);
    for side in Side::BOTH {
        world.edit(side, "event 0", |event| event.location = format!("as {side} says"));
    }
    world.sides.outlook.set_faults(Faults { write_refused: 1, ..Faults::default() });
    world.run();
    assert_eq!(open_clashes(&world), []);
    world.sides.outlook.set_faults(Faults::default());
    world.good_run();
    assert_eq!(open_clashes(&world).len(), 1);
}
