use expect_test::expect_file;

use super::table::{Seen, Whose, verdict};
use super::*;

const SEEN: [Seen; 4] = [Seen::Never, Seen::Unchanged, Seen::Edited, Seen::Deleted];

fn pairs() -> impl Iterator<Item = Sides<Seen>> {
    SEEN.iter().flat_map(|outlook| SEEN.map(|server| Sides { outlook: *outlook, server }))
}

fn in_words(verdict: Verdict, seen: Sides<Seen>) -> String {
    match verdict {
        Verdict::Leave => "nothing".into(),
        Verdict::Create(on) => format!("make it on {on}"),
        Verdict::Carry(onto) => format!("carry the edit to {onto}"),
        Verdict::Reconcile => "carry each edit to the other side; what clashes is decided by the rule".into(),
        Verdict::Overwrite(on) => format!("the edit on {on} gives way to the other, whole"),
        Verdict::OverwriteOlder => "the older edit gives way to the newer, whole".into(),
        Verdict::TakeBack(on) => format!("take back the edit on {on}, field by field"),
        Verdict::Offer(onto) => format!("carry the edit to {onto}, except where that has its own"),
        Verdict::Delete(on) if *seen.of(on) == Seen::Edited => format!("remove it on {on}; its edit is lost"),
        Verdict::Delete(on) => format!("remove it on {on}"),
        Verdict::Revive(on) if *seen.of(on.other()) == Seen::Edited => {
            format!("an edit outlives a deletion: make it again on {on}, edited")
        }
        Verdict::Revive(on) => format!("make it again on {on}"),
        Verdict::Forget => "forget the link".into(),
        Verdict::RemoveCopy => "remove the copy".into(),
    }
}

fn block(heading: &str, whose: Whose, rule: Rule, direction: Direction) -> String {
    let rows = pairs().map(|seen| {
        let words = in_words(verdict(seen, whose, rule, direction), seen);
        format!("  {:<10} {:<10} {words}\n", format!("{:?}", seen.outlook), format!("{:?}", seen.server))
    });
    format!("\n{heading}\n{}", rows.collect::<String>())
}

#[test]
fn the_table_is_the_specification() {
    let mut table = String::from("what became of an item, on Outlook and on the server: what is done\n");
    for rule in Rule::ALL {
        table.push_str(&block(&format!("TwoWay, {rule:?}"), Whose::Given, rule, Direction::TwoWay));
    }
    for direction in Direction::ALL {
        if direction.replicates_to().is_some() {
            let heading = format!("{direction:?}, whatever the rule");
            table.push_str(&block(&heading, Whose::Given, Rule::Merge, direction));
        }
        if let Some(target) = direction.merges_to() {
            for whose in Whose::ALL {
                let words = match whose {
                    Whose::Given => format!("{target} has it from {}", target.other()),
                    Whose::Edited => {
                        format!("{target} has it from {}, and edited it since", target.other())
                    }
                    Whose::Own => format!("{target} has it of its own"),
                };
                let heading = format!("{direction:?}, whatever the rule; {words}");
                table.push_str(&block(&heading, whose, Rule::Merge, direction));
            }
        }
    }
    expect_file!["table.txt"].assert_eq(&table);
}

#[test]
fn the_rule_decides_two_way_alone_and_whose_an_item_is_where_one_side_keeps_its_own_alone() {
    for (direction, seen) in Direction::ALL.into_iter().flat_map(|one| pairs().map(move |seen| (one, seen))) {
        let all = |whose: Whose| Rule::ALL.map(|rule| verdict(seen, whose, rule, direction));
        if direction != Direction::TwoWay {
            for whose in Whose::ALL {
                assert_eq!(all(whose), [all(whose)[0]; 5], "{direction:?} {seen:?} {whose:?}");
            }
        }
        if direction.merges_to().is_none() {
            assert_eq!(Whose::ALL.map(all), [all(Whose::Own); 3], "{direction:?} {seen:?}");
        }
    }
}

fn mirrored(verdict: Verdict) -> Verdict {
    match verdict {
        Verdict::Create(on) => Verdict::Create(on.other()),
        Verdict::Carry(on) => Verdict::Carry(on.other()),
        Verdict::Overwrite(on) => Verdict::Overwrite(on.other()),
        Verdict::TakeBack(on) => Verdict::TakeBack(on.other()),
        Verdict::Offer(on) => Verdict::Offer(on.other()),
        Verdict::Delete(on) => Verdict::Delete(on.other()),
        Verdict::Revive(on) => Verdict::Revive(on.other()),
        Verdict::Leave
        | Verdict::Forget
        | Verdict::Reconcile
        | Verdict::OverwriteOlder
        | Verdict::RemoveCopy => verdict,
    }
}

#[test]
fn both_sides_are_treated_alike() {
    let rules = |rule| match rule {
        Rule::OutlookWins => Rule::ServerWins,
        Rule::ServerWins => Rule::OutlookWins,
        same => same,
    };
    let directions = |direction| match direction {
        Direction::TwoWay => Direction::TwoWay,
        Direction::ReplicateToServer => Direction::ReplicateToOutlook,
        Direction::ReplicateToOutlook => Direction::ReplicateToServer,
        Direction::MergeToServer => Direction::MergeToOutlook,
        Direction::MergeToOutlook => Direction::MergeToServer,
    };
    for (rule, direction) in
        Rule::ALL.iter().flat_map(|rule| Direction::ALL.map(|direction| (*rule, direction)))
    {
        for (seen, whose) in pairs().flat_map(|seen| Whose::ALL.map(|whose| (seen, whose))) {
            let across = Sides { outlook: seen.server, server: seen.outlook };
            let one = verdict(seen, whose, rule, direction);
            let other = verdict(across, whose, rules(rule), directions(direction));
            assert_eq!(one, mirrored(other), "{seen:?} {rule:?} {direction:?} {whose:?}");
        }
    }
}

#[test]
fn one_way_nothing_is_done_on_the_side_that_edits_come_from() {
    for (direction, seen) in Direction::ALL.into_iter().flat_map(|one| pairs().map(move |seen| (one, seen))) {
        let Some(target) = direction.target() else { continue };
        for whose in Whose::ALL {
            let side = match verdict(seen, whose, Rule::Merge, direction) {
                Verdict::Create(side)
                | Verdict::Carry(side)
                | Verdict::Overwrite(side)
                | Verdict::TakeBack(side)
                | Verdict::Offer(side)
                | Verdict::Delete(side)
                | Verdict::Revive(side) => side,
                Verdict::Leave | Verdict::Forget => target,
                both @ (Verdict::Reconcile | Verdict::OverwriteOlder | Verdict::RemoveCopy) => {
                    panic!("{both:?} writes both sides")
                }
            };
            assert_eq!(side, target, "{direction:?} {seen:?} {whose:?}");
        }
    }
}

/// Every verdict, about Outlook where it is about a side.
const VERDICTS: [Verdict; 12] = {
    use Verdict::*;
    let on = Side::Outlook;
    [
        Leave,
        Create(on),
        Carry(on),
        Reconcile,
        Overwrite(on),
        OverwriteOlder,
        TakeBack(on),
        Offer(on),
        Delete(on),
        Revive(on),
        Forget,
        RemoveCopy,
    ]
};

#[test]
fn only_where_an_edit_crosses_or_is_taken_back_there_may_be_room_for_more() {
    let makes_room: Vec<Verdict> = VERDICTS.into_iter().filter(|verdict| verdict.makes_room()).collect();
    let on = Side::Outlook;
    let expected = [
        Verdict::Carry(on),
        Verdict::Reconcile,
        Verdict::Overwrite(on),
        Verdict::OverwriteOlder,
        Verdict::TakeBack(on),
        Verdict::Revive(on),
    ];
    assert_eq!(makes_room, expected);
}

#[test]
fn what_is_met_anew_is_joined_copied_or_left_as_the_direction_says() {
    use Verdict::{Carry, Leave, Overwrite, OverwriteOlder, Reconcile, TakeBack};
    let on = Side::Outlook;
    let stands = [Leave, Carry(on), Reconcile, Overwrite(on), OverwriteOlder, TakeBack(on)];
    for direction in Direction::ALL {
        for verdict in VERDICTS {
            let expected = match direction {
                _ if !stands.contains(&verdict) => verdict,
                Direction::TwoWay => Reconcile,
                Direction::ReplicateToServer => Overwrite(Side::Server),
                Direction::ReplicateToOutlook => Overwrite(Side::Outlook),
                Direction::MergeToServer | Direction::MergeToOutlook => verdict,
            };
            assert_eq!(verdict.met_anew(direction), expected, "{verdict:?} {direction:?}");
        }
    }
}

#[test]
fn two_way_with_a_side_that_takes_no_writes_is_a_merge_to_the_other() {
    for (outlook, server, expected) in [
        (true, true, Direction::TwoWay),
        (true, false, Direction::MergeToOutlook),
        (false, true, Direction::MergeToServer),
        (false, false, Direction::TwoWay),
    ] {
        let writable = Sides { outlook, server };
        assert_eq!(Direction::TwoWay.where_writable(writable), expected);
        for one_way in Direction::ALL.into_iter().filter(|direction| direction.target().is_some()) {
            assert_eq!(one_way.where_writable(writable), one_way);
        }
    }
}
