//! Carrying edits: what was edited on one item, set on another.
//!
//! The heart of the product (docs/design/0001-carry-edits.md). An edit is what differs between a side's base and what
//! it holds now; [`carry`] sets just that on the other side's item, and [`reconcile`] does so in both directions.
//! [`fields`] declares every field once: how it is carried and with which others it clashes.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::event::{Event, Occurrence};
use crate::item::Item;

mod clash;
mod entries;
pub mod fields;
mod prevail;
mod settle;
#[cfg(test)]
mod tests;
mod values;
mod visit;

pub use fields::{Field, Unit};
pub use prevail::{lost, own_ground, prevail, removed, replace, take_back};

use clash::Contest;
use visit::{Agree, Carry, Common, Compare, Take, TakeBack};

/// What a side held when both sides last agreed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ground {
    /// The item as it was then.
    pub item: Item,
    /// Fields about which nothing is known to have been agreed: whatever they hold counts as edited.
    pub unknown: BTreeSet<Field>,
    /// What kind of agreement it was.
    pub kind: Agreement,
}

/// How a [`Ground`] came to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Agreement {
    /// Both sides held this after a run.
    Synced,
    /// The items were never linked; this is what they have in common ([`common_ground`]). Entries that both hold fill
    /// each other and do not clash.
    Matched,
}

impl From<Item> for Ground {
    fn from(item: Item) -> Self {
        Ground { item, unknown: BTreeSet::new(), kind: Agreement::Synced }
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

impl Change {
    /// Whether an entry came into a list.
    fn is_new_entry(&self) -> bool {
        self.key.is_some() && self.before.is_empty()
    }
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
    /// What now stands, readable and short; empty where the item was removed.
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
    let mut carry = Carry { unknown: &base.unknown, contest: None, series: None };
    fields::visit(&base.item, edited, &mut item, &mut carry);
    settle::after_edit(onto, item)
}

/// Sets these fields of `onto` as `from` has them, an older state of the same item, and no others. The result is valid.
pub fn take(fields: &BTreeSet<Field>, from: &Item, onto: &Item) -> Item {
    let mut item = onto.clone();
    fields::visit(onto, from, &mut item, &mut Take { fields });
    settle::after_edit(onto, item)
}

/// Carries the edits of each side to the other. Where both edited one clash unit, the loser's edit of that unit is
/// taken back to its own base and the winner's is carried; of a unit in which both edited the same entries of a list, only
/// these entries are.
pub fn reconcile(winner: Held<'_>, loser: Held<'_>) -> Reconciled {
    let contest = Contest::between(winner, loser);

    let mut won = winner.current.clone();
    let mut from_loser =
        Carry { unknown: &loser.base.unknown, contest: Some(&contest), series: series_of(winner.base) };
    fields::visit(&loser.base.item, loser.current, &mut won, &mut from_loser);

    let mut lost = loser.current.clone();
    let mut take_back = TakeBack { unknown: &loser.base.unknown, contest: &contest };
    fields::visit(&loser.base.item, loser.current, &mut lost, &mut take_back);
    // What the loser cannot be taken back to, the winner says.
    let no_way_back = loser.base.unknown.iter().filter(|field| contest.whole(**field));
    let unknown: BTreeSet<Field> = winner.base.unknown.iter().chain(no_way_back).copied().collect();
    let mut from_winner = Carry { unknown: &unknown, contest: None, series: series_of(loser.base) };
    fields::visit(&winner.base.item, winner.current, &mut lost, &mut from_winner);

    Reconciled {
        winner: settle::after_edit(winner.current, won),
        loser: settle::after_edit(loser.current, lost),
        clashes: contest.clashes,
    }
}

/// The series as a side had it at the last agreement.
fn series_of(base: &Ground) -> Option<&Occurrence> {
    match &base.item {
        Item::Event(event) => Some(&event.main),
        _ => None,
    }
}

/// A base in which values count as agreed that are no difference between the sides now (`differing`): where each says as
/// much of one value as it can hold, that is no edit to be carried, and can clash with nothing.
pub fn agreed(base: Ground, current: &Item, differing: &Edit) -> Ground {
    let mut item = base.item.clone();
    fields::visit(&base.item, current, &mut item, &mut Agree { differing });
    Ground { item, ..base }
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
/// asked of each entry, so that an entry which one side cannot hold is no difference; and where a side can hold only so
/// many entries, it does not matter which. Of a changed occurrence that both have, all of this is asked as of an item.
pub fn differences(views: Views<'_>) -> Edit {
    let there = edit(&Ground::from(views.own_as_other.clone()), views.other);
    let here = edit(&Ground::from(views.other_as_own.clone()), views.own);
    let (own_full, other_full) = (full_lists(views.swapped()), full_lists(views));
    let mut both = Edit::default();
    for (field, changes) in there.fields {
        let Some(across) = here.fields.get(&field) else { continue };
        let differs = |change: &Change| {
            let Some(across) = across.iter().find(|across| across.key == change.key) else { return false };
            if let Some(differ) = occurrences_differ(views, field, change) {
                return differ;
            }
            let has_no_room = (across.is_new_entry() && other_full.contains(&field))
                || (change.is_new_entry() && own_full.contains(&field));
            !has_no_room
        };
        let common: Vec<Change> = changes.into_iter().filter(differs).collect();
        if !common.is_empty() {
            both.fields.insert(field, common);
        }
    }
    both
}

/// Whether a changed occurrence that both sides have differs; `None` where the change is another.
fn occurrences_differ(views: Views<'_>, field: Field, change: &Change) -> Option<bool> {
    let key = change.key.as_deref().filter(|_| field == Field::Overrides)?;
    let single = |item: &Item| match item {
        Item::Event(event) => {
            let (_, main) = event.overrides.iter().find(|(id, _)| id.wall_clock_key() == key)?;
            Some(Item::Event(Box::new(Event { main: main.clone(), ..Event::default() })))
        }
        _ => None,
    };
    let differences = differences(Views {
        own: &single(views.own)?,
        other: &single(views.other)?,
        own_as_other: &single(views.own_as_other)?,
        other_as_own: &single(views.other_as_own)?,
    });
    Some(!differences.is_empty())
}

/// The lists of which `own` has more entries than `other` could hold, and `other` as many as it could.
fn full_lists(views: Views<'_>) -> BTreeSet<Field> {
    let [own, possible, held] = [views.own, views.own_as_other, views.other].map(visit::count_entries);
    let count = |counts: &BTreeMap<Field, usize>, field| counts.get(&field).copied().unwrap_or_default();
    own.iter()
        .filter(|(field, entries)| **entries > count(&possible, **field))
        .filter(|(field, _)| count(&held, **field) >= count(&possible, **field))
        .map(|(field, _)| *field)
        .collect()
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
    Ground { item, unknown: common.unknown, kind: Agreement::Matched }
}

/// Values in reports are cut here, at a character.
const SHOWN_CHARACTERS: usize = 80;

/// A text cut for a report: on one line, with an ellipsis where something is missing.
pub fn shortened(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(SHOWN_CHARACTERS) {
        Some((cut, _)) => format!("{}…", line.get(..cut).unwrap_or(&line)),
        None => line,
    }
}
