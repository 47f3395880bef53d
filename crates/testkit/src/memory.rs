//! A storage in memory: two dialects of unequal richness, and every fault of a real storage on a switch.
//!
//! An original is the item as JSON with a text beside it that no lens understands and that must survive every edit. Start
//! with [`MemoryCollection`]: what users and other programs do to it are its own methods, what the engine does is its
//! [`Collection`].

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use dovetail_model::carry::{self, Field};
use dovetail_model::{Item, Kind};
use dovetail_sync::error::{Error, ErrorKind, Result};
use dovetail_sync::storage::{
    Call, Changes, Collection, Draft, Fetched, Foreign, ItemId, Original, Row, Scope, Snapshot, Standing,
    SyncToken, Traits, Warning, Write, Written,
};
use jiff::Timestamp;

mod lens;
mod shelf;

pub use lens::{Lens, Texts};

use crate::dialect::Dialect;
use crate::faults::{Faults, Fuse};
use shelf::{Body, Shelf, Stored, busy};

/// How a storage tells the states of an item apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Versions {
    /// Every change gives another.
    Strong,
    /// Changes shortly one after the other share one: the storage then has [`Traits::versions_repeat`].
    Repeating,
}

/// What a write of the engine destroyed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replaced {
    /// The item.
    pub id: ItemId,
    /// All of it, as it was.
    pub bytes: Arc<[u8]>,
    /// Who wrote: see [`MemoryCollection::written_by`].
    pub by: String,
}

/// A collection in memory. Clones share their items, as processes share a server.
#[derive(Clone, Debug)]
pub struct MemoryCollection {
    dialect: Dialect,
    traits: Traits,
    lens: Lens,
    fuse: Fuse,
    writer: String,
    shelf: Arc<Mutex<Shelf>>,
}

impl MemoryCollection {
    /// An empty collection with strong versions.
    pub fn new(dialect: Dialect, traits: Traits, seed: u64) -> MemoryCollection {
        let mut shelf = Shelf::new(seed);
        shelf.prefix = match dialect {
            Dialect::Outlook => "",
            Dialect::Server => "/",
        };
        MemoryCollection {
            dialect,
            traits,
            lens: Lens::default(),
            fuse: Fuse::default(),
            writer: String::new(),
            shelf: Arc::new(Mutex::new(shelf)),
        }
    }

    /// The same collection, whose writes burn this fuse.
    #[must_use]
    pub fn with_fuse(mut self, fuse: &Fuse) -> MemoryCollection {
        self.fuse = fuse.clone();
        self
    }

    /// The same collection, with versions of another kind.
    #[must_use]
    pub fn with_versions(mut self, versions: Versions) -> MemoryCollection {
        self.traits.versions_repeat = versions == Versions::Repeating;
        self.shelf().versions = versions;
        self
    }

    /// The same collection, whose new ids begin so: those of several mailboxes are never alike.
    #[must_use]
    pub fn with_prefix(self, prefix: &'static str) -> MemoryCollection {
        self.shelf().prefix = prefix;
        self
    }

    /// The same collection, with other traits.
    #[must_use]
    pub fn with_traits(&self, traits: Traits) -> MemoryCollection {
        MemoryCollection { traits, ..self.clone() }
    }

    /// The same collection, read and written by this lens.
    #[must_use]
    pub fn with_lens(mut self, lens: &Lens) -> MemoryCollection {
        self.lens = lens.clone();
        self
    }

    /// From now on these faults happen.
    pub fn set_faults(&self, faults: Faults) {
        self.shelf().set_faults(faults);
    }

    /// From now on the collection changes what it is given: it adds to what no lens understands and gives sets another
    /// order.
    pub fn set_rewriting(&self, rewrites: bool) {
        self.shelf().rewrites = rewrites;
    }

    /// From now on an item that the engine changes gets another id.
    pub fn set_renaming(&self, renames: bool) {
        self.shelf().renames = renames;
    }

    /// What its clock shows.
    pub fn set_now(&self, now: Timestamp) {
        self.shelf().now = now;
    }

    /// The same collection, as this program writes to it through the [`Collection`].
    #[must_use]
    pub fn written_by(&self, writer: &str) -> MemoryCollection {
        MemoryCollection { writer: writer.to_owned(), ..self.clone() }
    }

    /// What was destroyed since this was asked last.
    pub fn take_replaced(&self) -> Vec<Replaced> {
        std::mem::take(&mut self.shelf().replaced)
    }

    /// How many writes were done so far, those of users included.
    pub fn writes(&self) -> u64 {
        self.shelf().writes
    }

    /// How many writes made the collection mail attendees.
    pub fn mails(&self) -> u64 {
        self.shelf().mails
    }

    /// What is there, as a user sees it. What cannot be read is not seen.
    pub fn items(&self) -> Vec<(ItemId, Item)> {
        let shelf = self.shelf();
        let read = |(id, stored): (&ItemId, &Stored)| Some((id.clone(), stored.body.as_ref()?.item.clone()));
        shelf.items.iter().filter_map(read).collect()
    }

    /// The bytes of everything there.
    pub fn originals(&self) -> Vec<(ItemId, Arc<[u8]>)> {
        self.shelf().items.iter().map(|(id, stored)| (id.clone(), stored.bytes.clone())).collect()
    }

    /// The text that no lens understands.
    pub fn extra(&self, id: &ItemId) -> Option<String> {
        Some(self.shelf().items.get(id)?.body.as_ref()?.extra.clone())
    }

    /// The original of an item, with what no lens understands.
    pub fn original_of(item: &Item, extra: &str) -> Original {
        let body = Body { item: item.clone(), extra: extra.to_owned(), day: None };
        Original { capture: 1, bytes: body.bytes() }
    }

    /// A user makes an item.
    pub fn make(&self, item: &Item, extra: &str) -> ItemId {
        let body = Body { item: self.dialect.holds(item), extra: extra.to_owned(), day: None };
        self.put_bytes(body.bytes())
    }

    /// Another program leaves something that is no item.
    pub fn put_bytes(&self, bytes: Arc<[u8]>) -> ItemId {
        let mut shelf = self.shelf();
        let id = shelf.new_id();
        shelf.put(&id, bytes);
        id
    }

    /// A user edits an item.
    pub fn edit(&self, id: &ItemId, change: impl FnOnce(&mut Item)) {
        let mut shelf = self.shelf();
        let stored = shelf.items.get(id).and_then(|stored| stored.body.as_deref().cloned());
        let Some(mut body) = stored else { return };
        change(&mut body.item);
        body.item = self.dialect.holds(&body.item);
        body.day = None;
        shelf.put(id, body.bytes());
    }

    /// Another program overwrites all of an item.
    pub fn overwrite(&self, id: &ItemId, bytes: Arc<[u8]>) {
        self.shelf().put(id, bytes);
    }

    /// A user removes an item.
    pub fn remove(&self, id: &ItemId) {
        self.shelf().take(id);
    }

    /// An item gets another id and stays what it is, as when it is moved to another folder and back.
    pub fn rename(&self, id: &ItemId) -> ItemId {
        self.shelf().rename(id)
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        // A test that failed while it held the lock has said so already.
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write_one(&self, write: &Write) -> Result<Written> {
        self.fuse.burn();
        let written = self.attempt(write)?;
        self.fuse.burn();
        let mut shelf = self.shelf();
        let faults = shelf.faults;
        if shelf.happens(faults.write_done_but_failed) {
            return Err(Error::new(ErrorKind::Busy { retry_after: None }, "The storage answered 500."));
        }
        if shelf.happens(faults.write_done_but_stale) {
            return Err(stale("The storage answered 412."));
        }
        Ok(written)
    }

    fn attempt(&self, write: &Write) -> Result<Written> {
        let mut shelf = self.shelf();
        shelf.reach()?;
        let faults = shelf.faults;
        if self.traits.read_only {
            return Err(Error::new(ErrorKind::ReadOnly, "The storage takes no writes."));
        }
        if shelf.happens(faults.write_refused) {
            return Err(Error::new(ErrorKind::Refused, "The storage will not take this item."));
        }
        if shelf.happens(faults.write_busy) {
            return Err(busy("The storage answered 503."));
        }
        self.apply(&mut shelf, write)
    }

    fn apply(&self, shelf: &mut Shelf, write: &Write) -> Result<Written> {
        match write {
            Write::Create(draft) => {
                let id = self.name(shelf, draft);
                if self.traits.create_guard && shelf.is_taken(&id, &draft.key.uid) {
                    return Err(stale("There is an item of this name or UID already."));
                }
                let bytes = self.drafted(shelf, draft);
                self.mail(shelf, [&draft.item]);
                let before = shelf.put(&id, bytes);
                shelf.remember(&id, before, &self.writer);
                if let Some(stored) = shelf.items.get_mut(&id) {
                    stored.key = Some(draft.key.uid.clone());
                }
                self.held(shelf, &id)
            }
            Write::Update(expected, draft) => {
                shelf.expect(expected, true)?;
                let bytes = self.drafted(shelf, draft);
                self.mail(shelf, [&expected.item, &draft.item]);
                let before = shelf.put(&expected.id, bytes);
                shelf.remember(&expected.id, before, &self.writer);
                let id = if shelf.renames { shelf.rename(&expected.id) } else { expected.id.clone() };
                self.held(shelf, &id)
            }
            Write::Delete(expected) => {
                shelf.expect(expected, self.traits.delete_guard)?;
                self.mail(shelf, [&expected.item]);
                let before = shelf.take(&expected.id);
                shelf.remember(&expected.id, before, &self.writer);
                Ok(Written::Deleted)
            }
        }
    }

    /// A server that schedules mails the attendees of what is written.
    fn mail<'i>(&self, shelf: &mut Shelf, items: impl IntoIterator<Item = &'i Item>) {
        let meets = |item: &Item| matches!(item, Item::Event(event) if !event.main.attendees.is_empty());
        if self.traits.mails_attendees && items.into_iter().any(meets) {
            shelf.mails += 1;
        }
    }

    fn fetched(&self, shelf: &mut Shelf, id: &ItemId, scope: &Scope) -> Fetched {
        let chance = shelf.faults.fetch_fails;
        if shelf.happens(chance) {
            return Fetched::Failed(busy("The storage answered 503."));
        }
        let chance = shelf.faults.fetch_gone;
        let stored = if shelf.hidden() || shelf.happens(chance) { None } else { shelf.items.get(id) };
        let Some(stored) = stored else { return Fetched::Gone };
        let version = shelf.version(stored);
        match self.snapshot(shelf, id, stored) {
            Some(snapshot) if scope.kinds.contains(&snapshot.item.kind()) => {
                Fetched::Found(Box::new(snapshot))
            }
            Some(snapshot) => Fetched::NotOurs(version, Foreign::of_another_kind(&snapshot.item)),
            None => Fetched::NotOurs(version, Foreign::unreadable("it cannot be read")),
        }
    }

    fn snapshot(&self, shelf: &Shelf, id: &ItemId, stored: &Stored) -> Option<Snapshot> {
        Some(Snapshot {
            id: id.clone(),
            version: shelf.version(stored),
            modified: Some(stored.modified),
            item: self.lens.read(stored.body.as_ref()?.item.clone()),
            original: Original { capture: 1, bytes: stored.bytes.clone() },
            warnings: Vec::new(),
        })
    }

    /// The day as of which an item is shown.
    fn day(&self) -> Option<u32> {
        self.lens.day.filter(|_| self.dialect == Dialect::Outlook)
    }

    fn name(&self, shelf: &mut Shelf, draft: &Draft) -> ItemId {
        match self.dialect {
            Dialect::Server => ItemId(format!("/{}.ics", draft.key.name)),
            Dialect::Outlook => shelf.new_id(),
        }
    }

    fn held(&self, shelf: &Shelf, id: &ItemId) -> Result<Written> {
        let snapshot = shelf.items.get(id).and_then(|stored| self.snapshot(shelf, id, stored));
        snapshot
            .map(|snapshot| Written::Holds(Box::new(snapshot)))
            .ok_or_else(|| Error::new(ErrorKind::Malformed, "What was written cannot be read."))
    }

    /// The bytes that a draft becomes: what is not understood comes from what is patched.
    fn drafted(&self, shelf: &mut Shelf, draft: &Draft) -> Arc<[u8]> {
        let from = draft.from.as_ref().and_then(|from| Body::read(&from.bytes));
        let before = from.as_ref().map(|body| &body.item);
        let item = self.lens.written(self.dialect, &draft.item, before);
        let extra = from.map(|body| body.extra).unwrap_or_default();
        let mut body = Body { item, extra, day: self.day() };
        let creates = draft.from.is_none();
        if creates && self.traits.assigns_uid {
            let ItemId(own) = shelf.new_id();
            body.item.set_uid(Some(format!("{own}@server")));
        }
        body.item = self.dialect.holds(&body.item);
        if shelf.rewrites {
            rewrite(&mut body);
        }
        body.bytes()
    }
}

impl Collection for MemoryCollection {
    fn traits(&self) -> Traits {
        self.traits
    }

    fn read(&self, original: &Original) -> Option<(Item, Vec<Warning>)> {
        Some((self.lens.read(Body::read(&original.bytes)?.item), Vec::new()))
    }

    fn lens(&self) -> String {
        format!("{:?}", self.lens)
    }

    fn is_outdated(&self, original: &Original) -> bool {
        self.day().is_some() && Body::read(&original.bytes).is_some_and(|body| body.day != self.day())
    }

    fn belongs(&self, original: &Original) -> bool {
        let filter = self.lens.filter.as_ref().filter(|_| self.dialect == Dialect::Outlook);
        let Some((filter, body)) = filter.zip(Body::read(&original.bytes)) else { return true };
        filter.lets_through(&body.item)
    }

    fn holds(&self, item: &Item) -> Item {
        self.lens.read(self.dialect.holds(item))
    }

    fn takes(&self, over: &Original, item: &Item) -> Option<Item> {
        let is_theirs = self.dialect == Dialect::Server && !self.lens.theirs.is_empty();
        let (there, _) = self.read(over).filter(|_| is_theirs)?;
        Some(carry::take(&self.lens.theirs, &there, item))
    }

    fn keeps(&self, _item: &Item) -> BTreeSet<Field> {
        if self.dialect == Dialect::Outlook { self.lens.kept.clone() } else { BTreeSet::new() }
    }

    fn changes(
        &self,
        since: Option<&SyncToken>,
        _scope: &Scope,
        sink: &mut dyn FnMut(Row) -> Result<()>,
        call: &Call,
    ) -> Result<Changes> {
        call.check()?;
        call.count_request();
        let mut shelf = self.shelf();
        shelf.reach()?;
        shelf.refuse_listing()?;
        let faults = shelf.faults;
        let since = since.and_then(|token| token.0.parse::<u64>().ok());
        let since = since.filter(|_| !shelf.hidden() && !shelf.happens(faults.token_expired));
        let cut = since.is_none() && (shelf.hidden() || faults.row_missing > 0 || faults.listing_empty);
        let rows = shelf.rows(since);
        let next = shelf.token();
        drop(shelf);
        rows.into_iter().try_for_each(sink)?;
        Ok(match since {
            Some(_) => Changes::Since { next },
            None => Changes::Listing { next: (!cut).then_some(next) },
        })
    }

    fn fetch(&self, ids: &[ItemId], scope: &Scope, call: &Call) -> Result<Vec<Fetched>> {
        call.check()?;
        call.count_request();
        let mut shelf = self.shelf();
        shelf.reach()?;
        Ok(ids.iter().map(|id| self.fetched(&mut shelf, id, scope)).collect())
    }

    fn standing(&self, call: &Call) -> Result<Standing> {
        call.count_request();
        let mut shelf = self.shelf();
        shelf.reach()?;
        Ok(if shelf.faults.revoked { Standing::Missing("It answers 404.".into()) } else { Standing::Answers })
    }

    fn write(&self, batch: &[Write], call: &Call) -> Vec<Result<Written>> {
        let write = |write| {
            call.check()?;
            call.count_request();
            self.write_one(write)
        };
        batch.iter().map(write).collect()
    }
}

/// What a server does to what it is given, without changing what it says.
fn rewrite(body: &mut Body) {
    if !body.extra.ends_with('~') {
        body.extra.push('~');
    }
    match &mut body.item {
        Item::Event(event) => event.main.categories.reverse(),
        Item::Task(task) => task.categories.reverse(),
        Item::Contact(contact) => contact.categories.reverse(),
        Item::Group(group) => group.members.reverse(),
    }
}

fn stale(what: &str) -> Error {
    Error::new(ErrorKind::Stale, what)
}

/// A scope of one kind.
pub fn scope_of(kind: Kind) -> Scope {
    Scope::of(vec![kind])
}
