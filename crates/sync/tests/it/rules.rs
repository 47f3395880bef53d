//! Who wins where both sides changed one item, as the manual words the rules.

use dovetail_sync::report::{HoldReason, LineEvent};
use dovetail_sync::state::Verdict;
use dovetail_sync::{Report, Rule, Side};

use crate::world::World;

/// Two linked events, and a rule.
fn ruled(rule: Rule) -> World {
    let mut world = World::linked(2);
    world.rule = rule;
    world
}

/// Who wins when this side's edit is the later one.
fn winner(rule: Rule, later: Side) -> Side {
    match rule {
        Rule::OutlookWins => Side::Outlook,
        Rule::ServerWins => Side::Server,
        Rule::Merge | Rule::Automatic | Rule::Ask => later,
    }
}

/// Both sides edit, this one later.
fn edit_both(world: &mut World, later: Side) {
    for side in [later.other(), later] {
        world.later(60);
        world.edit(side, "event 0", |event| match side {
            Side::Outlook => event.location = "Room 1".into(),
            Side::Server => event.location = "Room 2".into(),
        });
    }
    world.edit(later.other(), "event 0", |event| event.description = format!("of {later} not"));
    // Another edit moved its clock: the later side edits last.
    world.later(60);
    world.edit(later, "event 0", |_| {});
}

fn place_of(side: Side) -> &'static str {
    match side {
        Side::Outlook => "Room 1",
        Side::Server => "Room 2",
    }
}

fn text(world: &World, side: Side) -> String {
    let items = world.sides.of(side).items();
    let found = items.into_iter().find(|(_, item)| item.title() == "event 0");
    crate::world::occurrence(&mut found.expect("it is there").1).description.clone()
}

fn clashes(report: &Report) -> Vec<(Side, String, String)> {
    let clash = |event: &LineEvent| match event {
        LineEvent::Clashed { kept, clash } => Some((*kept, clash.kept.clone(), clash.lost.clone())),
        _ => None,
    };
    report.lines.iter().filter_map(|line| clash(&line.event)).collect()
}

#[test]
fn where_both_sides_edited_the_rule_says_whose_item_stands() {
    for rule in [Rule::Merge, Rule::OutlookWins, Rule::ServerWins, Rule::Automatic] {
        for later in Side::BOTH {
            let mut world = ruled(rule);
            edit_both(&mut world, later);
            let report = world.good_run();
            let winner = winner(rule, later);
            for side in Side::BOTH {
                assert_eq!(world.place(side, "event 0"), place_of(winner), "{rule:?}, {later} later");
            }
            // Merge goes field by field; the others take the winner's item whole.
            let kept = rule == Rule::Merge || winner == later.other();
            let expected = if kept { format!("of {later} not") } else { String::new() };
            assert_eq!(text(&world, Side::Outlook), expected, "{rule:?}, {later} later");
            assert_eq!(text(&world, Side::Server), expected, "{rule:?}, {later} later");
            let lost = place_of(winner.other());
            assert!(
                clashes(&report).iter().any(|(kept, _, was)| *kept == winner && was == lost),
                "{:?}",
                report.lines
            );
            let entries = world.journal().entries(&report.run).unwrap();
            let before = entries.iter().filter(|entry| entry.loses).filter_map(|entry| entry.before.as_ref());
            let before: Vec<String> =
                before.map(|it| String::from_utf8_lossy(&it.original.bytes).into_owned()).collect();
            assert!(before.iter().any(|text| text.contains(lost)), "the loser is in the journal");
            assert!(world.verify().is_equal());
            assert_eq!(world.good_run().written.server.total(), 0);
        }
    }
}

#[test]
fn what_the_winner_cannot_show_of_the_losers_edit_stays() {
    for rule in [Rule::OutlookWins, Rule::Automatic] {
        let mut world = ruled(rule);
        world.edit(Side::Server, "event 0", |event| {
            event.url = "https://example.org/agenda".into();
            event.location = "Room 2".into();
        });
        world.later(60);
        world.edit(Side::Outlook, "event 0", |event| event.location = "Room 1".into());
        world.good_run();
        assert_eq!(world.place(Side::Server, "event 0"), "Room 1");
        let items = world.sides.server.items();
        let (_, mut item) = items.into_iter().find(|(_, item)| item.title() == "event 0").unwrap();
        assert_eq!(crate::world::occurrence(&mut item).url, "https://example.org/agenda");
        assert!(world.verify().is_equal());
    }
}

#[test]
fn where_one_side_removed_what_the_other_edited_the_rule_says_what_stands() {
    for rule in [Rule::Merge, Rule::OutlookWins, Rule::ServerWins, Rule::Automatic] {
        for removed in Side::BOTH {
            let mut world = ruled(rule);
            world.remove(removed, "event 0");
            world.edit(removed.other(), "event 0", |event| event.location = "Room 1".into());
            let report = world.good_run();
            let stays_removed = match rule {
                Rule::Merge | Rule::Ask => false,
                Rule::OutlookWins => removed == Side::Outlook,
                Rule::ServerWins => removed == Side::Server,
                Rule::Automatic => true,
            };
            let titles: &[&str] = if stays_removed { &["event 1"] } else { &["event 0", "event 1"] };
            for side in Side::BOTH {
                assert_eq!(world.titles(side), titles, "{rule:?}, removed on {removed}");
            }
            let told = clashes(&report);
            if stays_removed {
                assert_eq!(told, [(removed, String::new(), "Room 1".to_owned())]);
                let entries = world.journal().entries(&report.run).unwrap();
                let before = entries.first().and_then(|entry| entry.before.as_ref()).unwrap();
                assert!(String::from_utf8_lossy(&before.original.bytes).contains("Room 1"));
            } else {
                assert_eq!(told, []);
                assert_eq!(world.place(removed, "event 0"), "Room 1");
            }
            assert!(world.verify().is_equal());
        }
    }
}

#[test]
fn with_ask_what_clashes_waits_and_what_does_not_crosses() {
    let mut world = World::linked(3);
    world.rule = Rule::Ask;
    edit_both(&mut world, Side::Outlook);
    world.edit(Side::Outlook, "event 1", |event| event.location = "Room 3".into());
    world.edit(Side::Server, "event 1", |event| event.description = "Bring the plans".into());
    world.remove(Side::Server, "event 2");
    world.edit(Side::Outlook, "event 2", |event| event.location = "Room 4".into());
    for _ in 0..3 {
        let report = world.good_run();
        assert_eq!(report.held, 2, "{:?}", report.lines);
        let asks = |event: &LineEvent| *event == LineEvent::Held { reason: HoldReason::Clash };
        assert!(report.lines.iter().all(|line| asks(&line.event)), "{:?}", report.lines);
    }
    assert_eq!((world.place(Side::Outlook, "event 0"), world.place(Side::Server, "event 0")), {
        ("Room 1".into(), "Room 2".into())
    });
    assert_eq!(world.place(Side::Server, "event 1"), "Room 3");
    assert_eq!(world.titles(Side::Server), ["event 0", "event 1"]);

    world.decide_all(Verdict::Approved);
    assert_eq!(world.good_run().held, 0);
    assert_eq!(world.place(Side::Server, "event 0"), "Room 1");
    assert_eq!(world.place(Side::Server, "event 2"), "Room 4");
    assert!(world.verify().is_equal());
}

#[test]
fn with_ask_a_clash_that_is_rejected_leaves_both_as_they_are() {
    let mut world = ruled(Rule::Ask);
    edit_both(&mut world, Side::Server);
    world.good_run();
    world.decide_all(Verdict::Rejected);
    for _ in 0..3 {
        let report = world.good_run();
        assert_eq!((report.held, report.written.server.total(), report.written.outlook.total()), (0, 0, 0));
    }
    assert_eq!(world.place(Side::Outlook, "event 0"), "Room 1");
    assert_eq!(world.verify().intended.len(), 1);
}

#[test]
fn items_that_match_at_first_are_merged_and_the_rule_decides_what_clashes() {
    for rule in Rule::ALL {
        for later in Side::BOTH {
            let mut world = World::new();
            world.rule = rule;
            for side in [later.other(), later] {
                world.later(60);
                world.make(side, "event 0");
                world.edit(side, "event 0", |event| event.location = place_of(side).into());
            }
            let report = world.good_run();
            if rule == Rule::Ask {
                assert_eq!((report.held, report.clashes), (1, 0));
                continue;
            }
            assert_eq!(report.clashes, 1);
            for side in Side::BOTH {
                assert_eq!(world.place(side, "event 0"), place_of(winner(rule, later)), "{rule:?}");
            }
        }
    }
}
