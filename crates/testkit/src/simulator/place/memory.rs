//! A storage in memory as a place.

use std::collections::BTreeMap;
use std::sync::Arc;

use dovetail_model::Item;
use dovetail_sync::storage::{Collection, ItemId};
use jiff::Timestamp;

use super::{Fault, FaultKind, Harms, Place};
use crate::faults::Faults;
use crate::memory::{Lens, MemoryCollection, Replaced};

/// The switches of [`Faults`].
const FAULTS: &[FaultKind] = &[
    FaultKind { name: "version touched", often: 6, harms: Harms::Nothing },
    FaultKind { name: "row twice", often: 4, harms: Harms::Nothing },
    FaultKind { name: "token expired", often: 3, harms: Harms::Nothing },
    FaultKind { name: "listing missing", often: 4, harms: Harms::Nothing },
    FaultKind { name: "listing busy", often: 4, harms: Harms::Nothing },
    FaultKind { name: "write refused", often: 6, harms: Harms::Nothing },
    FaultKind { name: "write busy", often: 6, harms: Harms::Nothing },
    FaultKind { name: "write done but failed", often: 6, harms: Harms::Nothing },
    FaultKind { name: "write done but stale", often: 6, harms: Harms::Nothing },
    FaultKind { name: "offline", often: 12, harms: Harms::Nothing },
    FaultKind { name: "row missing", often: 6, harms: Harms::Presence },
    FaultKind { name: "row unclear", often: 6, harms: Harms::Presence },
    FaultKind { name: "row removed", often: 6, harms: Harms::Presence },
    FaultKind { name: "fetch fails", often: 6, harms: Harms::Presence },
    FaultKind { name: "listing empty", often: 1, harms: Harms::Presence },
    FaultKind { name: "revoked", often: 1, harms: Harms::Presence },
    FaultKind { name: "emptied", often: 1, harms: Harms::Presence },
];

impl Place for MemoryCollection {
    fn open(&self, computer: &str, lens: &Lens) -> Box<dyn Collection> {
        Box::new(self.written_by(computer).with_lens(lens))
    }

    fn has_lenses(&self) -> bool {
        true
    }

    fn items(&self) -> Vec<(ItemId, Item)> {
        MemoryCollection::items(self)
    }

    fn originals(&self) -> Vec<(ItemId, Arc<[u8]>)> {
        MemoryCollection::originals(self)
    }

    fn extra(&self, id: &ItemId) -> Option<String> {
        // Rewriting puts something behind it.
        Some(MemoryCollection::extra(self, id)?.trim_end_matches('~').to_owned())
    }

    fn make(&self, item: &Item, extra: &str) -> ItemId {
        MemoryCollection::make(self, item, extra)
    }

    fn edit(&self, id: &ItemId, wanted: &Item) {
        MemoryCollection::edit(self, id, |item| *item = wanted.clone());
    }

    fn remove(&self, id: &ItemId) {
        MemoryCollection::remove(self, id);
    }

    fn rename(&self, id: &ItemId) -> ItemId {
        MemoryCollection::rename(self, id)
    }

    fn copy(&self, id: &ItemId) -> Option<ItemId> {
        let (_, bytes) = MemoryCollection::originals(self).into_iter().find(|(other, _)| other == id)?;
        Some(self.put_bytes(bytes))
    }

    fn leave_strangers(&self, other: &Item) -> Vec<ItemId> {
        vec![self.make(other, ""), self.put_bytes(b"this is no item".as_slice().into())]
    }

    fn spoil(&self, id: &ItemId, _item: &Item, _other: &Item) {
        MemoryCollection::overwrite(self, id, b"spoilt".as_slice().into());
    }

    fn overwrite(&self, id: &ItemId, bytes: &[u8]) {
        MemoryCollection::overwrite(self, id, bytes.into());
    }

    fn take_replaced(&self) -> Vec<Replaced> {
        MemoryCollection::take_replaced(self)
    }

    fn writes(&self) -> u64 {
        MemoryCollection::writes(self)
    }

    fn set_now(&self, now: Timestamp) {
        MemoryCollection::set_now(self, now);
    }

    fn faults(&self) -> &'static [FaultKind] {
        FAULTS
    }

    fn play(&self, faults: &[Fault]) {
        let once_in =
            |name: &str| faults.iter().find(|fault| fault.kind.name == name).map_or(0, |fault| fault.once_in);
        self.set_faults(Faults {
            row_missing: once_in("row missing"),
            row_twice: once_in("row twice"),
            row_unclear: once_in("row unclear"),
            row_removed: once_in("row removed"),
            version_touched: once_in("version touched"),
            token_expired: once_in("token expired"),
            listing_missing: once_in("listing missing"),
            listing_busy: once_in("listing busy"),
            fetch_fails: once_in("fetch fails"),
            // Said twice of what a listing names both times, it is believed.
            fetch_gone: 0,
            write_refused: once_in("write refused"),
            write_busy: once_in("write busy"),
            write_done_but_failed: once_in("write done but failed"),
            write_done_but_stale: once_in("write done but stale"),
            offline: once_in("offline"),
            listing_empty: once_in("listing empty") > 0,
            revoked: once_in("revoked") > 0,
            emptied: once_in("emptied") > 0,
        });
    }

    fn happened(&self) -> BTreeMap<&'static str, u64> {
        self.play(&[]);
        BTreeMap::new()
    }

    fn hammered(&self) -> Option<String> {
        None
    }

    fn describe(&self) -> String {
        format!("{:?}", self.traits())
    }
}
