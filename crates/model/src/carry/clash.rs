//! Which edits of the two sides cannot both stand.
//!
//! Both sides editing one unit is a clash unless the edits are equal or concern different entries. A clash over entries
//! is about these entries alone: whatever else was edited in the unit still crosses.

use std::collections::{BTreeMap, BTreeSet};

use super::fields::{Field, Unit};
use super::{Agreement, Change, Clash, Edit, Held, edit, shortened};

/// What is contested between two edits.
#[derive(Debug, Default)]
pub(super) struct Contest {
    units: BTreeMap<Unit, Extent>,
    pub(super) clashes: Vec<Clash>,
}

/// How much of a unit is contested.
#[derive(Debug)]
enum Extent {
    Whole,
    Entries(BTreeSet<String>),
}

impl Contest {
    /// What of two sides' edits cannot both stand.
    pub(super) fn between(winner: Held<'_>, loser: Held<'_>) -> Contest {
        let matched = [winner, loser].iter().all(|held| held.base.kind == Agreement::Matched);
        let (winner, loser) = (edit(winner.base, winner.current), edit(loser.base, loser.current));
        let mut contest = Contest::default();
        for unit in winner.units().intersection(&loser.units()) {
            let (mut ours, mut theirs) = (beyond(*unit, &winner, &loser), beyond(*unit, &loser, &winner));
            if matched {
                // Common ground has an entry that differs only where the two states can be merged.
                ours.retain(|(_, change)| !is_inside_entry(change));
                theirs.retain(|(_, change)| !is_inside_entry(change));
            }
            let Some(extent) = extent(&ours, &theirs) else { continue };
            let fields = [&ours, &theirs].into_iter().flatten().filter(|(_, change)| extent.covers(change));
            contest.clashes.push(Clash {
                unit: *unit,
                fields: fields.map(|(field, _)| *field).collect(),
                kept: summary(&ours, &extent),
                lost: summary(&theirs, &extent),
            });
            contest.units.insert(*unit, extent);
        }
        contest
    }

    /// Whether all of a field is contested.
    pub(super) fn whole(&self, field: Field) -> bool {
        matches!(self.units.get(&field.unit()), Some(Extent::Whole))
    }

    /// Whether an entry of a field is.
    pub(super) fn entry(&self, field: Field, key: &str) -> bool {
        match self.units.get(&field.unit()) {
            None => false,
            Some(Extent::Whole) => true,
            Some(Extent::Entries(keys)) => keys.contains(key),
        }
    }
}

impl Extent {
    fn covers(&self, change: &Change) -> bool {
        match self {
            Extent::Whole => true,
            Extent::Entries(keys) => change.key.as_ref().is_some_and(|key| keys.contains(key)),
        }
    }
}

/// How much of a unit two edits of it contest; `None` where both can stand.
fn extent(ours: &[(Field, &Change)], theirs: &[(Field, &Change)]) -> Option<Extent> {
    if ours.is_empty() || theirs.is_empty() {
        return None;
    }
    let keys = |changes: &[(Field, &Change)]| -> Option<BTreeSet<String>> {
        changes.iter().map(|(_, change)| change.key.clone()).collect()
    };
    let (Some(ours), Some(theirs)) = (keys(ours), keys(theirs)) else { return Some(Extent::Whole) };
    let common: BTreeSet<String> = ours.intersection(&theirs).cloned().collect();
    (!common.is_empty()).then_some(Extent::Entries(common))
}

/// Whether an entry that was there changed, rather than came or went.
fn is_inside_entry(change: &Change) -> bool {
    change.key.is_some() && !change.before.is_empty() && !change.after.is_empty()
}

/// The changes of a unit in `one` that `other` did not make as well.
pub(super) fn beyond<'e>(unit: Unit, one: &'e Edit, other: &Edit) -> Vec<(Field, &'e Change)> {
    one.of_unit(unit)
        .filter(|(field, change)| {
            let same = |across: &Change| across.key == change.key && across.after == change.after;
            !other.fields.get(field).is_some_and(|changes| changes.iter().any(same))
        })
        .collect()
}

fn summary(changes: &[(Field, &Change)], extent: &Extent) -> String {
    let covered = changes.iter().filter(|(_, change)| extent.covers(change));
    summary_of(covered.map(|(_, change)| change.after.as_str()))
}

/// Several values on one line.
pub(super) fn summary_of<'v>(values: impl IntoIterator<Item = &'v str>) -> String {
    let mut texts: Vec<&str> = Vec::new();
    for value in values {
        let text = if value.is_empty() { "(nothing)" } else { value };
        // An entry whose key was edited is there under both of its keys.
        if texts.last() != Some(&text) {
            texts.push(text);
        }
    }
    shortened(&texts.join("; "))
}
