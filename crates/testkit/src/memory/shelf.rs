//! The items of a memory storage, with their versions and what is wrong with them today.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use dovetail_model::Item;
use dovetail_sync::error::{Error, ErrorKind, Result};
use dovetail_sync::storage::{ItemId, Row, Snapshot, SyncToken, Version};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Replaced, Versions};
use crate::Dice;
use crate::faults::Faults;

/// What an original holds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Body {
    pub(super) item: Item,
    /// What no lens understands.
    pub(super) extra: String,
    /// The day as of which it is shown; what a user edits is shown as of none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) day: Option<u32>,
}

impl Body {
    pub(super) fn read(bytes: &[u8]) -> Option<Body> {
        serde_json::from_slice(bytes).ok()
    }

    pub(super) fn bytes(&self) -> Arc<[u8]> {
        Arc::from(serde_json::to_vec(self).unwrap_or_default())
    }
}

#[derive(Clone, Debug)]
pub(super) struct Stored {
    pub(super) bytes: Arc<[u8]>,
    /// What the bytes say; `None` where they cannot be read.
    pub(super) body: Option<Arc<Body>>,
    /// The UID under which the engine made it: kept beside items of a dialect without UIDs.
    pub(super) key: Option<String>,
    pub(super) change: u64,
    /// The change that made it.
    made: u64,
    pub(super) modified: Timestamp,
}

#[derive(Debug)]
pub(super) struct Shelf {
    pub(super) items: BTreeMap<ItemId, Stored>,
    /// When it was removed, and when it had been made.
    removed: BTreeMap<ItemId, (u64, u64)>,
    change: u64,
    next_id: u64,
    /// What ids begin with: those of two storages are never alike.
    pub(super) prefix: &'static str,
    pub(super) dice: Dice,
    pub(super) faults: Faults,
    offline: bool,
    pub(super) now: Timestamp,
    pub(super) rewrites: bool,
    /// An item that is changed gets another id.
    pub(super) renames: bool,
    pub(super) versions: Versions,
    pub(super) replaced: Vec<Replaced>,
    pub(super) writes: u64,
    pub(super) mails: u64,
}

impl Shelf {
    pub(super) fn new(seed: u64) -> Shelf {
        Shelf {
            items: BTreeMap::new(),
            removed: BTreeMap::new(),
            change: 1,
            next_id: 1,
            prefix: "",
            dice: Dice::new(seed),
            faults: Faults::default(),
            offline: false,
            now: Timestamp::UNIX_EPOCH,
            rewrites: false,
            renames: false,
            versions: Versions::Strong,
            replaced: Vec::new(),
            writes: 0,
            mails: 0,
        }
    }

    pub(super) fn set_faults(&mut self, faults: Faults) {
        self.faults = faults;
        self.offline = false;
    }

    pub(super) fn happens(&mut self, chance: u64) -> bool {
        chance > 0 && self.dice.once_in(chance)
    }

    pub(super) fn reach(&mut self) -> Result<()> {
        let chance = self.faults.offline;
        self.offline |= self.happens(chance);
        if self.offline {
            Err(Error::new(ErrorKind::Offline, "The storage cannot be reached."))
        } else {
            Ok(())
        }
    }

    pub(super) fn new_id(&mut self) -> ItemId {
        self.next_id += 1;
        ItemId(format!("{}{:08X}", self.prefix, self.next_id))
    }

    /// What was there before is returned.
    pub(super) fn put(&mut self, id: &ItemId, bytes: Arc<[u8]>) -> Option<Stored> {
        self.change += 1;
        self.writes += 1;
        self.removed.remove(id);
        let key = self.items.get(id).and_then(|stored| stored.key.clone());
        let body = Body::read(&bytes).map(Arc::new);
        let made = self.items.get(id).map_or(self.change, |stored| stored.made);
        let stored = Stored { bytes, body, key, change: self.change, made, modified: self.now };
        self.items.insert(id.clone(), stored)
    }

    /// What was there is returned.
    pub(super) fn take(&mut self, id: &ItemId) -> Option<Stored> {
        let before = self.items.remove(id)?;
        self.change += 1;
        self.writes += 1;
        self.removed.insert(id.clone(), (self.change, before.made));
        Some(before)
    }

    /// What is there gets another id.
    pub(super) fn rename(&mut self, id: &ItemId) -> ItemId {
        let new = self.new_id();
        if let Some(stored) = self.take(id) {
            self.put(&new, stored.bytes);
        }
        new
    }

    /// The engine destroyed this.
    pub(super) fn remember(&mut self, id: &ItemId, before: Option<Stored>, by: &str) {
        let by = by.to_owned();
        self.replaced.extend(before.map(|before| Replaced { id: id.clone(), bytes: before.bytes, by }));
    }

    /// Another version, though it says the same.
    pub(super) fn touch(&mut self, id: &ItemId) {
        self.change += 1;
        if let Some(stored) = self.items.get_mut(id) {
            stored.change = self.change;
        }
    }

    /// Whether an item has this name or UID.
    pub(super) fn is_taken(&self, id: &ItemId, uid: &str) -> bool {
        let has_uid = |stored: &Stored| {
            let says = stored.body.as_ref().and_then(|body| body.item.uid());
            [stored.key.as_deref(), says].contains(&Some(uid))
        };
        self.items.contains_key(id) || self.items.values().any(has_uid)
    }

    pub(super) fn expect(&self, expected: &Snapshot, guarded: bool) -> Result<()> {
        match self.items.get(&expected.id) {
            None => Err(Error::new(ErrorKind::Gone, "It is not there.")),
            Some(stored) if guarded && self.version(stored) != expected.version => {
                Err(Error::new(ErrorKind::Stale, "It was changed meanwhile."))
            }
            Some(_) => Ok(()),
        }
    }

    pub(super) fn hidden(&self) -> bool {
        self.faults.revoked || self.faults.emptied
    }

    pub(super) fn version(&self, stored: &Stored) -> Version {
        match self.versions {
            Versions::Strong => Version(format!("\"{}\"", stored.change)),
            // As clocks of whole seconds do.
            Versions::Repeating => Version(format!("W/\"{}\"", stored.change / 4)),
        }
    }

    pub(super) fn token(&self) -> SyncToken {
        SyncToken(self.change.to_string())
    }

    pub(super) fn refuse_listing(&mut self) -> Result<()> {
        let faults = self.faults;
        if self.happens(faults.listing_missing) {
            return Err(Error::new(ErrorKind::Gone, "The storage answered 404."));
        }
        if self.happens(faults.listing_busy) {
            return Err(busy("The storage answered 429."));
        }
        Ok(())
    }

    /// The rows of a listing, or of a report of what changed since.
    pub(super) fn rows(&mut self, since: Option<u64>) -> Vec<Row> {
        let faults = self.faults;
        let mut rows = Vec::new();
        let empty = self.hidden() || (since.is_none() && faults.listing_empty);
        let ids: Vec<ItemId> = if empty { Vec::new() } else { self.items.keys().cloned().collect() };
        for id in ids {
            if self.happens(faults.version_touched) {
                self.touch(&id);
            }
            let Some(stored) = self.items.get(&id).cloned() else { continue };
            if since.is_some_and(|since| stored.change <= since) {
                continue;
            }
            if since.is_none() && self.happens(faults.row_missing) {
                continue;
            }
            if self.happens(faults.row_twice) {
                rows.push(Row::Present(id.clone(), self.version(&stored)));
            }
            rows.push(if self.happens(faults.row_unclear) {
                Row::Unclear(id)
            } else if self.happens(faults.row_removed) {
                Row::Removed(id)
            } else {
                Row::Present(id, self.version(&stored))
            });
        }
        // What came and went since is not told of (RFC 6578 section 3.5).
        let told = |(removed, made): (u64, u64)| since.is_some_and(|since| removed > since && made <= since);
        let removed = self.removed.iter().filter(|(_, when)| told(**when));
        rows.extend(removed.map(|(id, _)| Row::Removed(id.clone())));
        rows
    }
}

pub(super) fn busy(what: &str) -> Error {
    Error::new(ErrorKind::Busy { retry_after: Some(Duration::from_secs(30)) }, what)
}
