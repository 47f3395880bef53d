//! A storage in memory: two dialects of unequal richness, and faults on switches.
//!
//! An original is the item as JSON with a text beside it that no lens understands, which must survive every edit.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use dovetail_model::event::Occurrence;
use dovetail_model::item::Sensitivity;
use dovetail_model::task::TaskStatus;
use dovetail_model::{Item, Kind};
use dovetail_sync::error::{Error, ErrorKind, Result};
use dovetail_sync::storage::{
    Call, Changes, Collection, Draft, Fetched, ItemId, Original, Row, Scope, Snapshot, Standing, SyncToken,
    Traits, Version, Warning, Write, Written,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Dice;

/// What a memory storage can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// As Outlook: one alarm, three e-mail addresses, no attendees, pages or attachments, UIDs of events only.
    Outlook,
    /// As a server: no status Waiting, no personal sensitivity, no filing name.
    Server,
}

/// What may go wrong. Each is the chance of one in so many; 0 is never.
#[derive(Clone, Copy, Debug, Default)]
pub struct Faults {
    /// A row is missing from a listing, although the item is there.
    pub row_missing: u64,
    /// A row says that its state cannot be told.
    pub row_unclear: u64,
    /// A row reports an item as removed that is there.
    pub row_removed: u64,
    /// A token is no longer known.
    pub token_expired: u64,
    /// A fetch of an item fails.
    pub fetch_fails: u64,
    /// A write is refused and not done.
    pub write_refused: u64,
    /// A write is done and answered with a failure.
    pub write_done_but_failed: u64,
    /// A write is done and answered as stale.
    pub write_done_but_stale: u64,
    /// Nothing can be reached from this request on.
    pub offline: u64,
    /// Every item answers that it is gone, and the collection too.
    pub revoked: bool,
    /// Every item answers that it is gone, and the listing is empty, while the collection answers.
    pub emptied: bool,
}

#[derive(Clone, Debug)]
struct Stored {
    bytes: Arc<[u8]>,
    /// The UID under which the engine made it: kept beside items of a dialect without UIDs.
    key: Option<String>,
    change: u64,
    modified: Timestamp,
}

#[derive(Debug)]
struct Shelf {
    items: BTreeMap<ItemId, Stored>,
    removed: BTreeMap<ItemId, u64>,
    change: u64,
    next_id: u64,
    dice: Dice,
    faults: Faults,
    offline: bool,
    now: Timestamp,
    rewrites: bool,
    /// Writes left until the process dies; `None`: it lives.
    fuse: Option<u64>,
    writes: u64,
}

#[derive(Serialize, Deserialize)]
struct Body {
    item: Item,
    /// What no lens understands.
    extra: String,
}

/// What a crash unwinds with: it is caught by who arranged it, and prints nothing.
#[derive(Debug)]
pub struct Crash;

/// A collection in memory. Clones share their items, as processes share a server.
#[derive(Clone, Debug)]
pub struct MemoryCollection {
    dialect: Dialect,
    traits: Traits,
    shelf: Arc<Mutex<Shelf>>,
}

impl MemoryCollection {
    /// An empty collection.
    pub fn new(dialect: Dialect, traits: Traits, seed: u64) -> MemoryCollection {
        let shelf = Shelf {
            items: BTreeMap::new(),
            removed: BTreeMap::new(),
            change: 1,
            next_id: 1,
            dice: Dice::new(seed),
            faults: Faults::default(),
            offline: false,
            now: Timestamp::UNIX_EPOCH,
            rewrites: false,
            fuse: None,
            writes: 0,
        };
        MemoryCollection { dialect, traits, shelf: Arc::new(Mutex::new(shelf)) }
    }

    /// From now on these faults happen.
    pub fn set_faults(&self, faults: Faults) {
        let mut shelf = self.shelf();
        shelf.faults = faults;
        shelf.offline = false;
    }

    /// From now on the collection changes what it is given.
    pub fn set_rewriting(&self, rewrites: bool) {
        self.shelf().rewrites = rewrites;
    }

    /// What its clock shows.
    pub fn set_now(&self, now: Timestamp) {
        self.shelf().now = now;
    }

    /// The process dies at the n-th point from now, before and after every write; `None`: it lives.
    pub fn set_fuse(&self, points: Option<u64>) {
        self.shelf().fuse = points;
    }

    /// How many writes arrived so far, of users and of the engine.
    pub fn writes(&self) -> u64 {
        self.shelf().writes
    }

    /// What is there, as a user sees it.
    pub fn items(&self) -> Vec<(ItemId, Item)> {
        let shelf = self.shelf();
        shelf.items.iter().filter_map(|(id, stored)| Some((id.clone(), body(&stored.bytes)?.item))).collect()
    }

    /// The text that no lens understands.
    pub fn extra(&self, id: &ItemId) -> Option<String> {
        Some(body(&self.shelf().items.get(id)?.bytes)?.extra)
    }

    /// A user makes an item.
    pub fn make(&self, item: &Item, extra: &str) -> ItemId {
        let bytes = encode(&self.reduced(item), extra);
        self.shelf().put(None, bytes)
    }

    /// A user edits an item.
    pub fn edit(&self, id: &ItemId, change: impl FnOnce(&mut Item)) {
        let mut shelf = self.shelf();
        let Some(Body { mut item, extra }) = shelf.items.get(id).and_then(|stored| body(&stored.bytes))
        else {
            return;
        };
        change(&mut item);
        let bytes = encode(&self.reduced(&item), &extra);
        shelf.put(Some(id.clone()), bytes);
    }

    /// A user removes an item.
    pub fn remove(&self, id: &ItemId) {
        self.shelf().take(id);
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        // A crash may unwind while the lock is held; the shelf is then as a server is after a request.
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What this dialect can keep.
    fn reduced(&self, item: &Item) -> Item {
        let mut item = item.clone();
        match (self.dialect, &mut item) {
            (Dialect::Outlook, Item::Event(event)) => {
                event.overrides.values_mut().chain([&mut event.main]).for_each(poor_occurrence);
            }
            (Dialect::Outlook, Item::Task(task)) => {
                task.uid = None;
                task.alarms.truncate(1);
                task.url.clear();
                task.attachments.clear();
            }
            (Dialect::Outlook, Item::Contact(contact)) => {
                contact.uid = None;
                contact.emails.truncate(3);
            }
            (Dialect::Outlook, Item::Group(group)) => group.uid = None,
            (Dialect::Server, Item::Event(event)) => {
                event
                    .overrides
                    .values_mut()
                    .chain([&mut event.main])
                    .for_each(|o| public(&mut o.sensitivity));
            }
            (Dialect::Server, Item::Task(task)) => {
                public(&mut task.sensitivity);
                if task.status == TaskStatus::Waiting {
                    task.status = TaskStatus::NotStarted;
                }
            }
            (Dialect::Server, Item::Contact(contact)) => {
                contact.file_as = None;
                public(&mut contact.sensitivity);
            }
            (Dialect::Server, Item::Group(group)) => public(&mut group.sensitivity),
        }
        item
    }

    fn snapshot(&self, id: &ItemId, stored: &Stored) -> Option<Snapshot> {
        Some(Snapshot {
            id: id.clone(),
            version: version(stored),
            modified: Some(stored.modified),
            item: body(&stored.bytes)?.item,
            original: Original { capture: 1, bytes: stored.bytes.clone() },
        })
    }

    fn write_one(&self, write: &Write) -> Result<Written> {
        let mut shelf = self.shelf();
        shelf.reach()?;
        shelf.burn();
        let faults = shelf.faults;
        if shelf.happens(faults.write_refused) {
            return Err(Error::new(ErrorKind::Refused, "The storage will not take this item."));
        }
        let written = self.apply(&mut shelf, write)?;
        shelf.burn();
        if shelf.happens(faults.write_done_but_failed) {
            return Err(Error::new(ErrorKind::Busy { retry_after: None }, "The storage answered 500."));
        }
        if shelf.happens(faults.write_done_but_stale) {
            return Err(Error::new(ErrorKind::Stale, "The storage answered 412."));
        }
        Ok(written)
    }

    fn apply(&self, shelf: &mut Shelf, write: &Write) -> Result<Written> {
        match write {
            Write::Create(draft) => {
                let id = self.name(shelf, draft);
                if self.traits.create_guard && shelf.is_taken(&id, &draft.key.uid) {
                    return Err(stale("There is an item of this name or UID already."));
                }
                let id = shelf.put(Some(id), self.drafted(shelf, draft));
                if let Some(stored) = shelf.items.get_mut(&id) {
                    stored.key = Some(draft.key.uid.clone());
                }
                self.held(shelf, &id)
            }
            Write::Update(expected, draft) => {
                shelf.expect(expected, true)?;
                let bytes = self.drafted(shelf, draft);
                let id = shelf.put(Some(expected.id.clone()), bytes);
                self.held(shelf, &id)
            }
            Write::Delete(expected) => {
                shelf.expect(expected, self.traits.delete_guard)?;
                shelf.take(&expected.id);
                Ok(Written::Deleted)
            }
        }
    }

    fn name(&self, shelf: &mut Shelf, draft: &Draft) -> ItemId {
        match self.dialect {
            Dialect::Server => ItemId(format!("/{}.ics", draft.key.name)),
            Dialect::Outlook => shelf.new_id(),
        }
    }

    fn held(&self, shelf: &Shelf, id: &ItemId) -> Result<Written> {
        let snapshot = shelf.items.get(id).and_then(|stored| self.snapshot(id, stored));
        snapshot.map(|snapshot| Written::Holds(Box::new(snapshot))).ok_or_else(|| stale("It is not there."))
    }

    /// The bytes that a draft becomes: what is not understood comes from what is patched.
    fn drafted(&self, shelf: &Shelf, draft: &Draft) -> Arc<[u8]> {
        let mut extra =
            draft.from.as_ref().and_then(|from| body(&from.bytes)).map(|body| body.extra).unwrap_or_default();
        if shelf.rewrites && !extra.ends_with('~') {
            extra.push('~');
        }
        encode(&self.reduced(&draft.item), &extra)
    }
}

impl Shelf {
    fn happens(&mut self, chance: u64) -> bool {
        chance > 0 && self.dice.once_in(chance)
    }

    fn reach(&mut self) -> Result<()> {
        let faults = self.faults;
        self.offline |= self.happens(faults.offline);
        if self.offline {
            Err(Error::new(ErrorKind::Offline, "The storage cannot be reached."))
        } else {
            Ok(())
        }
    }

    /// A point at which the process may die.
    fn burn(&mut self) {
        match &mut self.fuse {
            Some(0) => {
                self.fuse = None;
                std::panic::resume_unwind(Box::new(Crash));
            }
            Some(left) => *left -= 1,
            None => {}
        }
    }

    fn new_id(&mut self) -> ItemId {
        self.next_id += 1;
        ItemId(format!("{:08X}", self.next_id))
    }

    fn is_taken(&self, id: &ItemId, uid: &str) -> bool {
        let has_uid = |stored: &Stored| body(&stored.bytes).is_some_and(|body| body.item.uid() == Some(uid));
        self.items.contains_key(id)
            || self.items.values().any(|stored| stored.key.as_deref() == Some(uid) || has_uid(stored))
    }

    fn put(&mut self, id: Option<ItemId>, bytes: Arc<[u8]>) -> ItemId {
        let id = id.unwrap_or_else(|| self.new_id());
        self.change += 1;
        self.writes += 1;
        self.removed.remove(&id);
        let key = self.items.get(&id).and_then(|stored| stored.key.clone());
        self.items.insert(id.clone(), Stored { bytes, key, change: self.change, modified: self.now });
        id
    }

    fn take(&mut self, id: &ItemId) {
        if self.items.remove(id).is_some() {
            self.change += 1;
            self.writes += 1;
            self.removed.insert(id.clone(), self.change);
        }
    }

    fn expect(&self, expected: &Snapshot, guarded: bool) -> Result<()> {
        match self.items.get(&expected.id) {
            None => Err(Error::new(ErrorKind::Gone, "It is not there.")),
            Some(stored) if guarded && version(stored) != expected.version => {
                Err(stale("It was changed meanwhile."))
            }
            Some(_) => Ok(()),
        }
    }

    fn hidden(&self) -> bool {
        self.faults.revoked || self.faults.emptied
    }
}

impl Collection for MemoryCollection {
    fn traits(&self) -> Traits {
        self.traits
    }

    fn read(&self, original: &Original) -> Option<(Item, Vec<Warning>)> {
        Some((body(&original.bytes)?.item, Vec::new()))
    }

    fn holds(&self, item: &Item) -> Item {
        self.reduced(item)
    }

    fn changes(
        &self,
        since: Option<&SyncToken>,
        _scope: &Scope,
        sink: &mut dyn FnMut(Row) -> Result<()>,
        call: &Call,
    ) -> Result<Changes> {
        call.count_request();
        let mut shelf = self.shelf();
        shelf.reach()?;
        let faults = shelf.faults;
        let since = since
            .and_then(|token| token.0.parse::<u64>().ok())
            .filter(|_| !shelf.happens(faults.token_expired));
        let mut rows = Vec::new();
        for (id, stored) in if shelf.hidden() { BTreeMap::new() } else { shelf.items.clone() } {
            if since.is_some_and(|since| stored.change <= since) || shelf.happens(faults.row_missing) {
                continue;
            }
            rows.push(if shelf.happens(faults.row_unclear) {
                Row::Unclear(id)
            } else if shelf.happens(faults.row_removed) {
                Row::Removed(id)
            } else {
                Row::Present(id, version(&stored))
            });
        }
        if let Some(since) = since {
            let removed = shelf.removed.iter().filter(|(_, change)| **change > since);
            rows.extend(removed.map(|(id, _)| Row::Removed(id.clone())));
        }
        let next = SyncToken(shelf.change.to_string());
        drop(shelf);
        rows.into_iter().try_for_each(sink)?;
        Ok(match since {
            Some(_) => Changes::Since { next },
            None => Changes::Listing { next: Some(next) },
        })
    }

    fn fetch(&self, ids: &[ItemId], scope: &Scope, call: &Call) -> Result<Vec<Fetched>> {
        call.count_request();
        let mut shelf = self.shelf();
        shelf.reach()?;
        let faults = shelf.faults;
        let mut answers = Vec::with_capacity(ids.len());
        for id in ids {
            let stored = shelf.items.get(id).cloned().filter(|_| !shelf.hidden());
            answers.push(match stored {
                _ if shelf.happens(faults.fetch_fails) => Fetched::Failed(Error::new(
                    ErrorKind::Busy { retry_after: None },
                    "The storage answered 503.",
                )),
                None => Fetched::Gone,
                Some(stored) => match self.snapshot(id, &stored) {
                    Some(snapshot) if scope.kinds.contains(&snapshot.item.kind()) => {
                        Fetched::Found(Box::new(snapshot))
                    }
                    Some(_) => Fetched::NotOurs(version(&stored), "Another kind of item.".into()),
                    None => Fetched::NotOurs(version(&stored), "It cannot be read.".into()),
                },
            });
        }
        Ok(answers)
    }

    fn standing(&self, call: &Call) -> Result<Standing> {
        call.count_request();
        let mut shelf = self.shelf();
        shelf.reach()?;
        Ok(if shelf.faults.revoked { Standing::Missing("It answers 404.".into()) } else { Standing::Answers })
    }

    fn write(&self, batch: &[Write], call: &Call) -> Vec<Result<Written>> {
        batch
            .iter()
            .map(|write| {
                call.check()?;
                call.count_request();
                self.write_one(write)
            })
            .collect()
    }
}

fn stale(what: &str) -> Error {
    Error::new(ErrorKind::Stale, what)
}

fn version(stored: &Stored) -> Version {
    Version(format!("\"{}\"", stored.change))
}

fn body(bytes: &[u8]) -> Option<Body> {
    serde_json::from_slice(bytes).ok()
}

fn encode(item: &Item, extra: &str) -> Arc<[u8]> {
    let body = Body { item: item.clone(), extra: extra.to_owned() };
    Arc::from(serde_json::to_vec(&body).unwrap_or_default())
}

fn poor_occurrence(occurrence: &mut Occurrence) {
    occurrence.alarms.truncate(1);
    occurrence.url.clear();
    occurrence.html = None;
    occurrence.organizer = None;
    occurrence.attendees.clear();
    occurrence.attachments.clear();
}

fn public(sensitivity: &mut Sensitivity) {
    if *sensitivity == Sensitivity::Personal {
        *sensitivity = Sensitivity::Private;
    }
}

/// A scope of one kind.
pub fn scope_of(kind: Kind) -> Scope {
    Scope { kinds: vec![kind] }
}
