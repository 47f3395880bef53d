//! Carrying edits: what was edited on one item, set on another.
//!
//! The heart of the product (docs/design/0001-carry-edits.md). An edit is what differs between a side's base and what
//! it holds now; [`carry`] sets just that on the other side's item, and [`reconcile`] does so in both directions.
//! [`fields`] declares every field once: how it is carried and with which others it clashes.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::event::Occurrence;
use crate::item::Item;

mod entries;
pub mod fields;
mod settle;
#[cfg(test)]
mod tests;
mod values;
mod visit;

pub use fields::{Field, Unit};

use visit::{Carry, Common, Compare};

/// What a side held when both sides last agreed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ground {
    /// The item as it was then.
    pub item: Item,
    /// Fields about which nothing is known to have been agreed: whatever they hold counts as edited.
    pub unknown: BTreeSet<Field>,
}

impl From<Item> for Ground {
    fn from(item: Item) -> Self {
        Ground { item, unknown: BTreeSet::new() }
    }
}

/// What was edited, by field. A field that is one value has one change without a key; a set or keyed list has a change
/// for each entry that differs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edit {
    /// Fields without changes are not in it.
    pub fields: BTreeMap<Field, Vec<Change>>,
}

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The entry of a set or keyed list; `None` where the field is one value.
    pub key: Option<String>,
    /// What it was, readable and in full; empty for nothing.
    pub before: String,
    /// What it is, readable and in full; empty for nothing.
    pub after: String,
}

impl Edit {
    /// Whether nothing was edited.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// The units in which something was edited.
    pub fn units(&self) -> BTreeSet<Unit> {
        self.fields.keys().map(|field| field.unit()).collect()
    }

    fn of_unit(&self, unit: Unit) -> impl Iterator<Item = (Field, &Change)> {
        self.fields
            .iter()
            .filter(move |(field, _)| field.unit() == unit)
            .flat_map(|(field, changes)| changes.iter().map(move |change| (*field, change)))
    }
}

/// Two edits of one clash unit, of which one had to lose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clash {
    /// What was edited on both sides.
    pub unit: Unit,
    /// The fields concerned.
    pub fields: BTreeSet<Field>,
    /// What now stands, readable and short.
    pub kept: String,
    /// What lost, readable and short.
    pub lost: String,
}

/// A side's base and what it holds now.
#[derive(Clone, Copy, Debug)]
pub struct Held<'a> {
    /// What it held at the last agreement.
    pub base: &'a Ground,
    /// What it holds now.
    pub current: &'a Item,
}

/// Both sides' items after their edits were carried to each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reconciled {
    /// What the side that wins clashes is to hold.
    pub winner: Item,
    /// What the other side is to hold.
    pub loser: Item,
    /// What clashed.
    pub clashes: Vec<Clash>,
}

/// The differences between a base and the current item of the same side. Items of different kinds differ in nothing:
/// they are not two states of one thing.
pub fn edit(base: &Ground, current: &Item) -> Edit {
    let mut compare = Compare { unknown: &base.unknown, edit: Edit::default() };
    fields::visit(&base.item, current, &mut current.clone(), &mut compare);
    compare.edit
}

/// Sets on `onto` what differs between `base` and `edited`, and only that. The result is valid.
pub fn carry(base: &Ground, edited: &Item, onto: &Item) -> Item {
    let mut item = onto.clone();
    carry_units(base, edited, &mut item, &|_| true, &Target::unedited());
    settle::after_edit(onto, item)
}

/// Carries the edits of each side to the other. Where both edited one clash unit, the loser's edit of that unit is
/// taken back to its own base and the winner's is carried.
pub fn reconcile(winner: Held<'_>, loser: Held<'_>) -> Reconciled {
    let (winner_edit, loser_edit) = (edit(winner.base, winner.current), edit(loser.base, loser.current));
    let clashes = clashes(&winner_edit, &loser_edit);
    let clashed: BTreeSet<Unit> = clashes.iter().map(|clash| clash.unit).collect();

    let mut won = winner.current.clone();
    let beyond_clashes = |unit: Unit| !clashed.contains(&unit);
    carry_units(
        loser.base,
        loser.current,
        &mut won,
        &beyond_clashes,
        &Target::new(winner.base, &winner_edit),
    );

    let mut lost = loser.current.clone();
    take_back(loser, &mut lost, &clashed);
    carry_units(winner.base, winner.current, &mut lost, &|_| true, &Target::new(loser.base, &loser_edit));

    Reconciled {
        winner: settle::after_edit(winner.current, won),
        loser: settle::after_edit(loser.current, lost),
        clashes,
    }
}

/// The side that is carried to, as far as a changed occurrence that is new there needs to know.
struct Target<'a> {
    /// The series at the last agreement, if all of it was agreed.
    series: Option<&'a Occurrence>,
    /// The fields that this side edited itself.
    contested: BTreeSet<Field>,
}

impl<'a> Target<'a> {
    fn unedited() -> Self {
        Target { series: None, contested: BTreeSet::new() }
    }

    fn new(base: &'a Ground, own: &Edit) -> Self {
        let series = match &base.item {
            Item::Event(event) if base.unknown.is_empty() => Some(&event.main),
            _ => None,
        };
        let contested = if series.is_some() { BTreeSet::new() } else { own.fields.keys().copied().collect() };
        Target { series, contested }
    }
}

/// Two items of one thing as the two sides hold them, each also as the *other* side could hold it.
#[derive(Clone, Copy, Debug)]
pub struct Views<'a> {
    /// What one side holds.
    pub own: &'a Item,
    /// What the other side holds.
    pub other: &'a Item,
    /// What the other side could hold of `own`.
    pub own_as_other: &'a Item,
    /// What this side could hold of `other`.
    pub other_as_own: &'a Item,
}

impl<'a> Views<'a> {
    /// The same, seen from the other side.
    pub fn swapped(self) -> Views<'a> {
        Views {
            own: self.other,
            other: self.own,
            own_as_other: self.other_as_own,
            other_as_own: self.own_as_other,
        }
    }
}

/// Where two items differ beyond what one of the sides could never hold: the fields, as changes from `own` to `other`.
///
/// A value differs unless one side equals what it could hold of the other. Inside sets and keyed lists the same is
/// asked of each entry, so that an entry which one side cannot hold is no difference.
pub fn differences(views: Views<'_>) -> Edit {
    let there = edit(&Ground::from(views.own_as_other.clone()), views.other);
    let here = edit(&Ground::from(views.other_as_own.clone()), views.own);
    let mut both = Edit::default();
    for (field, changes) in there.fields {
        let Some(across) = here.fields.get(&field) else { continue };
        let keys: BTreeSet<&Option<String>> = across.iter().map(|change| &change.key).collect();
        let common: Vec<Change> = changes.into_iter().filter(|change| keys.contains(&change.key)).collect();
        if !common.is_empty() {
            both.fields.insert(field, common);
        }
    }
    both
}

/// Bases for two items that were never linked, (own, other): what they have in common counts as agreed, an empty
/// field as the older state of a filled one, a list as its common entries, and the rest as unknown. Merging newly
/// matched items is then an ordinary [`reconcile`].
pub fn common_ground(views: Views<'_>) -> (Ground, Ground) {
    let differing = differences(views);
    (ground(views.own, views.other, &differing), ground(views.other, views.own, &differing))
}

fn ground(own: &Item, other: &Item, differing: &Edit) -> Ground {
    let mut common = Common { differing, unknown: BTreeSet::new() };
    let mut item = own.clone();
    fields::visit(own, other, &mut item, &mut common);
    Ground { item, unknown: common.unknown }
}

fn carry_units(
    base: &Ground,
    edited: &Item,
    onto: &mut Item,
    units: &dyn Fn(Unit) -> bool,
    target: &Target<'_>,
) {
    let Target { series, contested } = target;
    let mut carry = Carry { unknown: &base.unknown, units, series: *series, contested };
    fields::visit(&base.item, edited, onto, &mut carry);
}

/// Sets the units of `item` back to the loser's base. What the base does not know stays: the winner's value replaces it.
fn take_back(loser: Held<'_>, item: &mut Item, units: &BTreeSet<Unit>) {
    let now = Ground::from(loser.current.clone());
    let known =
        |unit: Unit| units.contains(&unit) && !loser.base.unknown.iter().any(|field| field.unit() == unit);
    carry_units(&now, &loser.base.item, item, &known, &Target::unedited());
}

fn clashes(winner: &Edit, loser: &Edit) -> Vec<Clash> {
    winner.units().intersection(&loser.units()).filter_map(|unit| clash(*unit, winner, loser)).collect()
}

/// The clash of two edits of one unit: none where the edits are equal or concern different entries.
fn clash(unit: Unit, winner: &Edit, loser: &Edit) -> Option<Clash> {
    let ours: Vec<(Field, &Change)> = beyond(unit, winner, loser);
    let theirs: Vec<(Field, &Change)> = beyond(unit, loser, winner);
    let keys = |changes: &[(Field, &Change)]| -> Option<BTreeSet<String>> {
        changes.iter().map(|(_, change)| change.key.clone()).collect()
    };
    if ours.is_empty() || theirs.is_empty() {
        return None;
    }
    if let (Some(ours), Some(theirs)) = (keys(&ours), keys(&theirs))
        && ours.is_disjoint(&theirs)
    {
        return None;
    }
    Some(Clash {
        unit,
        fields: ours.iter().chain(&theirs).map(|(field, _)| *field).collect(),
        kept: summary(&ours),
        lost: summary(&theirs),
    })
}

/// The changes of a unit in `one` that `other` did not make as well.
fn beyond<'e>(unit: Unit, one: &'e Edit, other: &Edit) -> Vec<(Field, &'e Change)> {
    one.of_unit(unit)
        .filter(|(field, change)| {
            let same = |across: &Change| across.key == change.key && across.after == change.after;
            !other.fields.get(field).is_some_and(|changes| changes.iter().any(same))
        })
        .collect()
}

/// Values in reports are cut here, at a character.
const SHOWN_CHARACTERS: usize = 80;

fn summary(changes: &[(Field, &Change)]) -> String {
    let texts: Vec<&str> = changes
        .iter()
        .map(|(_, change)| if change.after.is_empty() { "(nothing)" } else { change.after.as_str() })
        .collect();
    shortened(&texts.join("; "))
}

/// A text cut for a report: on one line, with an ellipsis where something is missing.
pub fn shortened(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(SHOWN_CHARACTERS) {
        Some((cut, _)) => format!("{}…", line.get(..cut).unwrap_or(&line)),
        None => line,
    }
}
