//! Properties over histories: any number of edits of the table on either side.

use proptest::prelude::*;
use proptest::sample::subsequence;

use super::edits::{EDITS, Sample, poor, rich, unordered};
use super::*;

/// A kind, and which of its edits each side made.
fn histories() -> impl Strategy<Value = (Kind, Vec<&'static Sample>, Vec<&'static Sample>)> {
    prop::sample::select(KINDS.to_vec()).prop_flat_map(|kind| {
        // Edits that take an entry away come last: others name entries by their place.
        let mut all: Vec<&Sample> = EDITS.iter().filter(|edit| edit.kind == kind).collect();
        all.sort_by_key(|edit| edit.removes);
        let some = || subsequence(all.clone(), 0..=4).prop_filter("one removal an entry", removes_once);
        (Just(kind), some(), some())
    })
}

/// Entries are named by their place: a second removal of one list would take another entry, or none.
fn removes_once(edits: &Vec<&Sample>) -> bool {
    let removals = || edits.iter().filter(|edit| edit.removes);
    removals().all(|edit| edits.iter().filter(|other| other.field == edit.field).count() == 1)
}

fn edited(base: &Item, edits: &[&Sample]) -> Item {
    let mut item = base.clone();
    edits.iter().for_each(|edit| (edit.apply)(&mut item));
    item
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_an_edit_of_itself_and_crosses_as_nothing((kind, ours, theirs) in histories()) {
        let (item, onto) = (edited(&poor(kind), &ours), edited(&rich(kind), &theirs));
        prop_assert!(edit(&Ground::from(item.clone()), &item).is_empty());
        prop_assert_eq!(carry(&Ground::from(item.clone()), &item, &onto), onto);
    }

    #[test]
    fn edits_carried_to_their_own_base_are_the_edited_item((kind, ours, _) in histories()) {
        for base in [poor(kind), rich(kind)] {
            let item = edited(&base, &ours);
            let settled = settle::after_edit(&base, item.clone());
            prop_assert_eq!(carry(&Ground::from(base.clone()), &item, &base), settled);
        }
    }

    #[test]
    fn both_sides_come_to_the_same_and_a_second_time_to_nothing_new((kind, ours, theirs) in histories()) {
        let base = rich(kind);
        // What a side holds is valid; nobody settles what was not carried.
        let hold = |edits: &[&Sample]| settle::after_edit(&base, edited(&base, edits));
        let (one, other) = (hold(&ours), hold(&theirs));
        let merged = reconciled((&base, &one), (&base, &other));
        assert_valid(&merged.winner, "winner");
        prop_assert_eq!(unordered(merged.winner.clone()), unordered(merged.loser.clone()));
        let again = reconciled((&merged.winner, &merged.winner), (&merged.loser, &merged.loser));
        prop_assert_eq!((&again.winner, &again.loser), (&merged.winner, &merged.loser));
        prop_assert!(again.clashes.is_empty());
    }

    #[test]
    fn a_lost_state_merges_both_sides_into_one((kind, ours, theirs) in histories()) {
        let base = rich(kind);
        let hold = |edits: &[&Sample]| settle::after_edit(&base, edited(&base, edits));
        let (one, other) = (hold(&ours), hold(&theirs));
        let views = Views { own: &one, other: &other, own_as_other: &one, other_as_own: &other };
        let (of_one, of_other) = common_ground(views);
        let merged =
            reconcile(Held { base: &of_one, current: &one }, Held { base: &of_other, current: &other });
        prop_assert_eq!(unordered(merged.winner.clone()), unordered(merged.loser.clone()));
        assert_valid(&merged.winner, "winner");
    }
}
