//! A storage as a simulation meets it: a collection for the engine, something that users edit, something that the oracle
//! looks into, and something that fails.

use std::collections::BTreeMap;
use std::sync::Arc;

use dovetail_model::Item;
use dovetail_sync::storage::{Collection, ItemId};
use jiff::Timestamp;

use crate::memory::{Lens, Replaced};

mod dav;
mod memory;

pub(super) use dav::DavPlace;

/// A storage of one side. What users do to it never fails.
pub(super) trait Place: Send + Sync {
    /// The collection, as a process on this computer opens it, for a profile that chose this of the mapping.
    fn open(&self, computer: &str, lens: &Lens) -> Box<dyn Collection>;
    /// Whether it knows any mapping but the usual one.
    fn has_lenses(&self) -> bool;

    /// What is there, as users see it. What cannot be read is not seen.
    fn items(&self) -> Vec<(ItemId, Item)>;
    /// The bytes of everything there.
    fn originals(&self) -> Vec<(ItemId, Arc<[u8]>)>;
    /// The text of an item that no lens understands.
    fn extra(&self, id: &ItemId) -> Option<String>;

    /// A user makes an item; `extra` is in it, and understood by no lens.
    fn make(&self, item: &Item, extra: &str) -> ItemId;
    /// A user makes an item say something else.
    fn edit(&self, id: &ItemId, wanted: &Item);
    /// A user removes an item.
    fn remove(&self, id: &ItemId);
    /// An item gets another id and stays what it is, as when it is moved to another folder and back.
    fn rename(&self, id: &ItemId) -> ItemId;
    /// Another program stores an item a second time, under another id and with the UID that it has; `None` where that is not
    /// taken.
    fn copy(&self, _id: &ItemId) -> Option<ItemId> {
        None
    }
    /// Other programs leave what is not ours: an item of another kind, and what nobody can read if the storage takes that.
    fn leave_strangers(&self, other: &Item) -> Vec<ItemId>;
    /// Another program makes something that is not ours of an item: another one, of another kind, or what nobody can read.
    fn spoil(&self, id: &ItemId, item: &Item, other: &Item);
    /// Another program overwrites all of an item.
    fn overwrite(&self, id: &ItemId, bytes: &[u8]);

    /// What writes of engines destroyed since this was asked last.
    fn take_replaced(&self) -> Vec<Replaced>;
    /// How many writes were done or tried so far.
    fn writes(&self) -> u64;
    /// What its clock shows.
    fn set_now(&self, now: Timestamp);

    /// All that can go wrong with it.
    fn faults(&self) -> &'static [FaultKind];
    /// From now on this goes wrong, and nothing else.
    fn play(&self, faults: &[Fault]);
    /// How often each fault happened; nothing goes wrong from now on.
    fn happened(&self) -> BTreeMap<&'static str, u64>;
    /// What was asked of it since [`Place::play`] that it had asked not to be asked.
    fn hammered(&self) -> Option<String>;
    /// Whether two computers that make the same item at once cannot both succeed.
    fn notices_twins(&self) -> bool {
        true
    }
    /// What is particular about it.
    fn describe(&self) -> String;
}

/// Something that can go wrong.
#[derive(Debug)]
pub(super) struct FaultKind {
    pub(super) name: &'static str,
    /// Once in this many requests or rows, at most.
    pub(super) often: u64,
    pub(super) harms: Harms,
}

/// What a fault keeps anybody from telling.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Harms {
    /// Nothing: it is seen to be a failure.
    Nothing,
    /// What is there, though what was linked can be asked for by its id.
    Presence,
    /// What is new: it may be left out without a trace.
    News,
}

/// A fault that happens once in so many requests or rows, by lots that follow from a seed.
#[derive(Clone, Debug)]
pub(super) struct Fault {
    pub(super) kind: &'static FaultKind,
    pub(super) once_in: u64,
    pub(super) seed: u64,
}
