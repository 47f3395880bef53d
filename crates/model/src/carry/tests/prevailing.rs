//! Edits that give way as a whole, by enumeration of every edit and every pair of edits.

use super::edits::extras;
use super::*;

#[test]
fn an_edit_that_is_taken_back_leaves_the_base() {
    for sample in EDITS {
        for base in [poor(sample.kind), rich(sample.kind)] {
            let (ground, edited) = (Ground::from(base.clone()), held(&base, sample));
            let what = edit(&ground, &edited);
            assert_eq!(unordered(take_back(&ground, &edited, &what)), unordered(base), "{}", sample.name);
            assert_eq!(take_back(&ground, &edited, &Edit::default()), edited, "{}", sample.name);
            let told: BTreeSet<Unit> = lost(&edit(&ground, &edited)).iter().map(|clash| clash.unit).collect();
            assert_eq!(told, what.units(), "{}", sample.name);
            assert!(removed(&ground, &edited).iter().all(|clash| clash.kept.is_empty()), "{}", sample.name);
        }
    }
}

#[test]
fn of_two_edits_taken_back_one_by_one_the_other_stays() {
    // A changed occurrence is made of the series as it is then, so that it does matter which edit comes first.
    let apart = |sample: &Sample| sample.field != Field::Overrides;
    let apart = |ours: &Sample, theirs: &Sample| {
        ours.field.unit() != theirs.field.unit() && apart(ours) && apart(theirs)
    };
    for (ours, theirs) in pairs().filter(|(ours, theirs)| apart(ours, theirs)) {
        let base = rich(ours.kind);
        let ground = Ground::from(base.clone());
        let both = held(&held(&base, ours), theirs);
        let what = edit(&ground, &held(&base, ours));
        let left = take_back(&ground, &both, &what);
        assert_eq!(unordered(left), unordered(held(&base, theirs)), "{} and {}", ours.name, theirs.name);
    }
}

#[test]
fn where_one_edit_prevails_the_loser_says_what_the_winner_says() {
    for (ours, theirs) in pairs() {
        let (base_ours, base_theirs) = (poor(ours.kind), rich(ours.kind));
        let (winner, loser) = (held(&base_ours, ours), held(&base_theirs, theirs));
        let (ground_ours, ground_theirs) = (Ground::from(base_ours), Ground::from(base_theirs.clone()));
        let seen = edit(&ground_theirs, &loser);
        let result = prevail(
            Held { base: &ground_ours, current: &winner },
            Held { base: &ground_theirs, current: &loser },
            &seen,
        );
        let name = format!("{} and {}", ours.name, theirs.name);
        assert_eq!(result.winner, winner, "{name}");
        let carried = carry(&ground_ours, &winner, &base_theirs);
        assert_eq!(unordered(result.loser.clone()), unordered(carried), "{name}");
        assert_valid(&result.loser, &name);
        let told: BTreeSet<Unit> = result.clashes.iter().map(|clash| clash.unit).collect();
        assert!(told.is_subset(&seen.units()), "{name}: {told:?}");
        if ours.field.unit() != theirs.field.unit() {
            assert_eq!(told, seen.units(), "{name}: what is lost is told");
        }
        assert!(
            result.clashes.iter().all(|clash| !clash.kept.is_empty() && !clash.lost.is_empty()),
            "{name}"
        );
    }
}

#[test]
fn what_the_winner_cannot_see_of_the_losers_edit_stays() {
    for (ours, theirs) in pairs().filter(|(ours, theirs)| ours.field.unit() != theirs.field.unit()) {
        let base = rich(ours.kind);
        let (winner, loser) = (held(&base, ours), held(&base, theirs));
        let merged = reconciled((&base, &winner), (&base, &loser));
        let ground = Ground::from(base);
        let result = prevail(
            Held { base: &ground, current: &winner },
            Held { base: &ground, current: &loser },
            &Edit::default(),
        );
        let name = format!("{} and {}", ours.name, theirs.name);
        assert_eq!(unordered(result.loser), unordered(merged.loser), "{name}");
        assert_eq!(result.clashes, [], "{name}");
    }
}

#[test]
fn an_item_that_replaces_another_leaves_it_what_it_cannot_hold() {
    for sample in EDITS {
        let own = rich(sample.kind);
        let other = held(&own, sample);
        let views = Views { own: &own, other: &other, own_as_other: &own, other_as_own: &other };
        let result = replace(views, &differences(views));
        assert_eq!(unordered(result.loser), unordered(own.clone()), "{}", sample.name);
        assert_eq!(result.clashes.is_empty(), sample.removes, "{}: {:?}", sample.name, result.clashes);

        // The poorer side wins: what only the richer one can hold is no difference.
        let (source, target) = (held(&poor(sample.kind), sample), rich(sample.kind));
        let target_seen = poor(sample.kind);
        let views = Views { own: &source, other: &target, own_as_other: &source, other_as_own: &target_seen };
        let result = replace(views, &differences(views));
        assert_eq!(extras(&result.loser), extras(&target), "{}", sample.name);
        let expected = carry(&Ground::from(target_seen), &source, &target);
        let unit = |item: &Item| fields_between(&target, item);
        assert_eq!(unit(&result.loser), unit(&expected), "{}", sample.name);
    }
}

#[test]
fn on_ground_of_its_own_an_item_was_edited_where_it_differs_and_nowhere_else() {
    for sample in EDITS {
        let other = rich(sample.kind);
        let own = held(&other, sample);
        let views = Views { own: &own, other: &other, own_as_other: &own, other_as_own: &other };
        let differing = differences(views);
        let edited = edit(&own_ground(views, &differing), &own);
        assert_eq!(edited.units(), differing.units(), "{}", sample.name);
    }
}
