use expect_test::expect_file;

use super::*;

const SEEN: [Seen; 4] = [Seen::Never, Seen::Unchanged, Seen::Edited, Seen::Deleted];
const RULES: [Rule; 5] = [Rule::Merge, Rule::OutlookWins, Rule::ServerWins, Rule::Automatic, Rule::Ask];
const DIRECTIONS: [Direction; 5] = [
    Direction::TwoWay,
    Direction::ReplicateToServer,
    Direction::ReplicateToOutlook,
    Direction::MergeToServer,
    Direction::MergeToOutlook,
];

fn in_words(verdict: Verdict) -> String {
    match verdict {
        Verdict::Leave => "nothing".into(),
        Verdict::Create(on) => format!("make it on {on}"),
        Verdict::Carry(onto) => format!("carry the edit to {onto}"),
        Verdict::Reconcile => "carry each edit to the other side; the newer side wins a clash".into(),
        Verdict::Delete(on) => format!("remove it on {on}"),
        Verdict::Revive(on) => format!("an edit outlives a deletion: make it again on {on}, edited"),
        Verdict::Forget => "forget the link".into(),
    }
}

#[test]
fn the_table_is_the_specification() {
    let mut table = String::from("what became of an item, on Outlook and on the server: what is done\n");
    for rule in RULES {
        for direction in DIRECTIONS {
            table.push_str(&format!("\n{rule:?}, {direction:?}\n"));
            for (outlook, server) in SEEN.iter().flat_map(|one| SEEN.map(|other| (*one, other))) {
                match verdict(Sides { outlook, server }, rule, direction) {
                    Ok(verdict) => {
                        let seen = (format!("{outlook:?}"), format!("{server:?}"));
                        table.push_str(&format!("  {:<10} {:<10} {}\n", seen.0, seen.1, in_words(verdict)));
                    }
                    Err(error) => {
                        assert_eq!(error.kind, ErrorKind::Refused);
                        table.push_str("  refused: not available yet\n");
                        break;
                    }
                }
            }
        }
    }
    expect_file!["table.txt"].assert_eq(&table);
}

#[test]
fn both_sides_are_treated_alike() {
    for (outlook, server) in SEEN.iter().flat_map(|one| SEEN.map(|other| (*one, other))) {
        let mirrored = |verdict| match verdict {
            Verdict::Create(on) => Verdict::Create(on.other()),
            Verdict::Carry(onto) => Verdict::Carry(onto.other()),
            Verdict::Delete(on) => Verdict::Delete(on.other()),
            Verdict::Revive(on) => Verdict::Revive(on.other()),
            same => same,
        };
        let one = verdict(Sides { outlook, server }, Rule::Merge, Direction::TwoWay).unwrap();
        let other =
            verdict(Sides { outlook: server, server: outlook }, Rule::Merge, Direction::TwoWay).unwrap();
        assert_eq!(one, mirrored(other), "{outlook:?} {server:?}");
    }
}
