//! Carrying edits: what was edited on one item, set on another.
//!
//! INTERFACE ONLY FOR NOW: the signatures are the contract.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::item::Item;

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

/// The name of a field of an item, as reports show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Field {
    /// The title.
    Summary,
}

/// Fields that clash together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Unit {
    /// The title.
    Summary,
}

/// What was edited: each differing field; of a set or keyed list, the keys of the entries that differ.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edit {
    /// Empty sets of keys stand for fields that are one value.
    pub fields: BTreeMap<Field, BTreeSet<String>>,
}

impl Edit {
    /// Whether nothing was edited.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }
}

/// Two edits of one clash unit, of which one value had to lose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clash {
    /// What was edited on both sides.
    pub unit: Unit,
    /// The fields and entries concerned, readable.
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

/// The differences between a base and the current item of the same side.
pub fn edit(base: &Ground, current: &Item) -> Edit {
    let _ = (base, current);
    unimplemented!()
}

/// Sets on `onto` what differs between `base` and `edited`, and only that.
pub fn carry(base: &Ground, edited: &Item, onto: &Item) -> Item {
    let _ = (base, edited, onto);
    unimplemented!()
}

/// Carries the edits of each side to the other. Where both edited one clash unit, the loser's edit of that unit is
/// taken back to its own base and the winner's is carried.
pub fn reconcile(winner: Held<'_>, loser: Held<'_>) -> Reconciled {
    let _ = (winner, loser);
    unimplemented!()
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

/// The fields in which two items differ beyond what one of the sides could never hold.
pub fn differences(views: Views<'_>) -> BTreeSet<Field> {
    let _ = views;
    unimplemented!()
}

/// Bases for two items that were never linked, (own, other): what they have in common counts as agreed, an empty
/// field as the older state of a filled one, a list as its common entries, and the rest as unknown. Merging newly
/// matched items is then an ordinary [`reconcile`].
pub fn common_ground(views: Views<'_>) -> (Ground, Ground) {
    let _ = views;
    unimplemented!()
}
