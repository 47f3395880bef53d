//! What is kept: the collections of users, their objects, and what changed when.
//!
//! Knows nothing of HTTP or XML. Each change of a collection has a number, its revision; what changed since a revision is
//! found without looking at what did not. [`folder`] keeps all of it in files.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::sync::Arc;

use hyper::body::Bytes;
use jiff::Timestamp;

use crate::location::Address;
use crate::object::NewObject;
use crate::refusal::Refusal;
use crate::xml::{Element, Name, Node, names};
use crate::{Settings, Storage, clock};

mod folder;

use folder::Folder;

/// What a collection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum CollectionKind {
    /// A calendar of events (VEVENT).
    Events,
    /// A calendar of tasks (VTODO).
    Tasks,
    /// A calendar of both.
    EventsAndTasks,
    /// An address book.
    Contacts,
}

impl CollectionKind {
    /// The components that it takes.
    pub(crate) fn components(self) -> &'static [&'static str] {
        match self {
            CollectionKind::Events => &["VEVENT"],
            CollectionKind::Tasks => &["VTODO"],
            CollectionKind::EventsAndTasks => &["VEVENT", "VTODO"],
            CollectionKind::Contacts => &["VCARD"],
        }
    }

    /// Whether it takes a component of that name.
    pub(crate) fn takes(self, component: &str) -> bool {
        self.components().contains(&component)
    }
}

/// What clients may do with a collection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Access {
    /// Everything.
    #[default]
    ReadWrite,
    /// Look at it.
    ReadOnly,
}

/// A collection, seen from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CollectionInfo {
    /// Its path, encoded, such as `/sample/calendar/`.
    pub path: String,
    /// What it is for.
    pub kind: CollectionKind,
    /// Its display name.
    pub name: String,
    /// How many objects are in it.
    pub objects: usize,
    /// What clients may do with it.
    pub access: Access,
}

/// Everything.
#[derive(Debug)]
pub(crate) struct Store {
    users: Vec<String>,
    collections: BTreeMap<Address, Collection>,
    folder: Option<Folder>,
    remembered_removals: usize,
    /// How many collections were made so far.
    made: u64,
}

/// A collection.
#[derive(Debug)]
pub(crate) struct Collection {
    pub(crate) kind: CollectionKind,
    pub(crate) access: Access,
    /// Properties that clients set, as elements.
    pub(crate) properties: BTreeMap<Name, Element>,
    /// Tells it from others that were or will be at its address.
    pub(crate) incarnation: String,
    /// The latest change.
    pub(crate) revision: u64,
    /// The second that the collection's clock shows.
    second: u64,
    pub(crate) changed: Second,
    objects: BTreeMap<Arc<str>, Stored>,
    by_uid: HashMap<String, Arc<str>>,
    /// The objects by their latest change.
    changes: BTreeMap<u64, Arc<str>>,
    /// What was removed, by the change that removed it.
    removals: BTreeMap<u64, Removal>,
    removed: HashMap<Arc<str>, u64>,
    /// Removals up to this change are forgotten: what changed since an earlier one cannot be told.
    pub(crate) forgotten: u64,
}

/// The second of the latest change, for those who tell the state of a collection by a coarse clock.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Second {
    pub(crate) second: u64,
    /// The latest change before it.
    pub(crate) after: u64,
}

#[derive(Debug)]
struct Removal {
    name: Arc<str>,
    created: u64,
}

/// An object as it is kept.
#[derive(Debug)]
pub(crate) struct Stored {
    pub(crate) bytes: Bytes,
    pub(crate) etag: String,
    pub(crate) modified: Timestamp,
    pub(crate) uid: String,
    /// How often it was written since it is there, or since the server started.
    pub(crate) writes: u64,
    revision: u64,
    /// The change that made it, for those who saw an older state and never knew of it.
    created: u64,
}

/// What changed with an object.
#[derive(Clone, Debug)]
pub(crate) enum Change<'c> {
    Present(&'c str, &'c Stored),
    Removed(&'c str),
}

/// What a PUT did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Done {
    pub(crate) etag: String,
    pub(crate) writes: u64,
    pub(crate) outcome: Outcome,
}

/// Whether a resource was there before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Created,
    Replaced,
}

impl Store {
    /// What the settings say: empty, or what the folder holds. Users without collections get theirs.
    pub(crate) fn open(settings: &Settings) -> io::Result<Store> {
        let users: Vec<String> = settings.users.iter().map(|user| user.name.clone()).collect();
        let mut store = Store {
            users,
            collections: BTreeMap::new(),
            folder: None,
            remembered_removals: settings.remembered_removals,
            made: 0,
        };
        if let Storage::Folder(path) = &settings.storage {
            let folder = Folder::open(path)?;
            store.collections = folder.load(&store.users)?;
            store.folder = Some(folder);
        }
        for user in store.users.clone() {
            if store.home(&user).next().is_some() {
                continue;
            }
            for beginning in &settings.beginnings {
                let address = Address { owner: user.clone(), name: beginning.name.clone() };
                let made = store.make_collection(address, beginning.kind, &beginning.shown);
                made.map_err(|refusal| io::Error::other(refusal.to_string()))?;
            }
        }
        Ok(store)
    }

    /// All collections.
    pub(crate) fn collections(&self) -> impl Iterator<Item = (&Address, &Collection)> {
        self.collections.iter()
    }

    /// The clocks of all collections go on.
    pub(crate) fn next_second(&mut self) {
        self.collections.values_mut().for_each(|collection| collection.second += 1);
    }

    /// The collections of a user.
    pub(crate) fn home<'s>(&'s self, user: &'s str) -> impl Iterator<Item = (&'s Address, &'s Collection)> {
        self.collections.iter().filter(move |(address, _)| address.owner == user)
    }

    /// A collection.
    pub(crate) fn collection(&self, address: &Address) -> Option<&Collection> {
        self.collections.get(address)
    }

    fn collection_mut(&mut self, address: &Address) -> Result<&mut Collection, Refusal> {
        self.collections.get_mut(address).ok_or_else(Refusal::missing)
    }

    /// Makes an empty collection with a display name.
    pub(crate) fn make_collection(
        &mut self,
        address: Address,
        kind: CollectionKind,
        shown: &str,
    ) -> Result<(), Refusal> {
        let text = vec![Node::Text(shown.to_owned())];
        let name = Element { name: names::DISPLAYNAME, attributes: Vec::new(), children: text };
        self.make_collection_with(address, kind, BTreeMap::from([(names::DISPLAYNAME, name)]))
    }

    /// Makes an empty collection with properties.
    pub(crate) fn make_collection_with(
        &mut self,
        address: Address,
        kind: CollectionKind,
        properties: BTreeMap<Name, Element>,
    ) -> Result<(), Refusal> {
        if !self.users.contains(&address.owner) {
            return Err(Refusal::new(409, "there is no such home"));
        }
        if self.collections.contains_key(&address) {
            return Err(Refusal::condition(
                405,
                Name::dav("resource-must-be-null"),
                "there is a collection already",
            ));
        }
        self.made += 1;
        let collection = Collection::new(kind, properties, self.made);
        if let Some(folder) = &self.folder {
            folder.make_collection(&address, &collection)?;
        }
        self.collections.insert(address, collection);
        Ok(())
    }

    /// Removes a collection and all that is in it.
    pub(crate) fn delete_collection(&mut self, address: &Address) -> Result<(), Refusal> {
        if !self.collections.contains_key(address) {
            return Err(Refusal::missing());
        }
        if let Some(folder) = &self.folder {
            folder.remove_collection(address)?;
        }
        self.collections.remove(address);
        Ok(())
    }

    /// Says what clients may do with a collection.
    pub(crate) fn set_access(&mut self, address: &Address, access: Access) -> Result<(), Refusal> {
        self.collection_mut(address)?.access = access;
        self.keep_properties(address)
    }

    /// Sets properties, or removes them where there is no element.
    pub(crate) fn set_properties(
        &mut self,
        address: &Address,
        changes: Vec<(Name, Option<Element>)>,
    ) -> Result<(), Refusal> {
        let properties = &mut self.collection_mut(address)?.properties;
        for (name, element) in changes {
            match element {
                Some(element) => properties.insert(name, element),
                None => properties.remove(&name),
            };
        }
        self.keep_properties(address)
    }

    fn keep_properties(&self, address: &Address) -> Result<(), Refusal> {
        match (&self.folder, self.collection(address)) {
            (Some(folder), Some(collection)) => Ok(folder.write_properties(address, collection)?),
            _ => Ok(()),
        }
    }

    /// Stores an object; its UID must not be that of another one.
    pub(crate) fn put(&mut self, address: &Address, name: &str, object: NewObject) -> Result<Done, Refusal> {
        let collection = self.collection(address).ok_or_else(|| {
            // RFC 4918 section 9.7.1.
            Refusal::new(409, "there is no such collection")
        })?;
        let condition = match collection.kind {
            CollectionKind::Contacts => Name::carddav("no-uid-conflict"),
            _ => Name::caldav("no-uid-conflict"),
        };
        if let Some(other) = collection.by_uid.get(&object.uid).filter(|other| other.as_ref() != name) {
            return Err(Refusal::uid_conflict(condition, address.href_of(other)));
        }
        if collection.object(name).is_some_and(|before| before.uid != object.uid) {
            // RFC 4791 section 5.3.2.1: nor may an object be overwritten by one of another UID.
            return Err(Refusal::uid_conflict(condition, address.href_of(name)));
        }
        self.put_anyway(address, name, object)
    }

    /// Stores an object, whatever its UID.
    pub(crate) fn put_anyway(
        &mut self,
        address: &Address,
        name: &str,
        object: NewObject,
    ) -> Result<Done, Refusal> {
        let folder = self.folder.clone();
        let collection = self.collection_mut(address)?;
        let etag = object.etag.clone();
        if let Some(before) = collection.object(name).filter(|before| before.bytes == object.bytes) {
            return Ok(Done { etag, writes: before.writes, outcome: Outcome::Replaced });
        }
        if let Some(folder) = &folder {
            folder.write_object(address, name, &object)?;
        }
        let outcome = collection.insert(name, object);
        if let Some(folder) = &folder {
            folder.note(address, collection, name)?;
        }
        let writes = collection.object(name).map_or(1, |stored| stored.writes);
        Ok(Done { etag, writes, outcome })
    }

    /// Removes an object.
    pub(crate) fn delete(&mut self, address: &Address, name: &str) -> Result<(), Refusal> {
        let (folder, limit) = (self.folder.clone(), self.remembered_removals);
        let collection = self.collection_mut(address)?;
        if collection.object(name).is_none() {
            return Err(Refusal::missing());
        }
        if let Some(folder) = &folder {
            folder.remove_object(address, name)?;
        }
        collection.remove(name);
        if let Some(folder) = &folder {
            folder.note(address, collection, name)?;
        }
        collection.forget_beyond(limit);
        Ok(())
    }
}

impl Collection {
    fn new(kind: CollectionKind, properties: BTreeMap<Name, Element>, number: u64) -> Self {
        Collection {
            kind,
            access: Access::default(),
            properties,
            incarnation: format!("{:x}-{number:x}", clock::unique()),
            revision: 0,
            // A collection is older than what is done with it.
            second: 1,
            changed: Second::default(),
            objects: BTreeMap::new(),
            by_uid: HashMap::new(),
            changes: BTreeMap::new(),
            removals: BTreeMap::new(),
            removed: HashMap::new(),
            forgotten: 0,
        }
    }

    /// How it looks from outside.
    pub(crate) fn info(&self, address: &Address) -> CollectionInfo {
        CollectionInfo {
            path: address.href(),
            kind: self.kind,
            name: self.properties.get(&names::DISPLAYNAME).map(Element::text).unwrap_or_default(),
            objects: self.objects.len(),
            access: self.access,
        }
    }

    /// An object by its name.
    pub(crate) fn object(&self, name: &str) -> Option<&Stored> {
        self.objects.get(name)
    }

    /// All objects, by name.
    pub(crate) fn objects(&self) -> impl ExactSizeIterator<Item = (&str, &Stored)> {
        self.objects.iter().map(|(name, stored)| (name.as_ref(), stored))
    }

    /// The objects by their latest change, with its number: those changed after `since`.
    pub(crate) fn changed_since(&self, since: u64) -> impl Iterator<Item = (u64, Change<'_>)> {
        let range = (std::ops::Bound::Excluded(since), std::ops::Bound::Unbounded);
        self.changes
            .range(range)
            .filter_map(|(revision, name)| Some((*revision, Change::Present(name, self.objects.get(name)?))))
    }

    /// What was removed after `since` and made no later than `made`, with the number of the removal.
    pub(crate) fn removed_since(&self, since: u64, made: u64) -> impl Iterator<Item = (u64, Change<'_>)> {
        let range = (std::ops::Bound::Excluded(since), std::ops::Bound::Unbounded);
        let removals = self.removals.range(range).filter(move |(_, removal)| removal.created <= made);
        removals.map(|(revision, removal)| (*revision, Change::Removed(&removal.name)))
    }

    /// One more change.
    fn count(&mut self) {
        if self.changed.second != self.second {
            self.changed = Second { second: self.second, after: self.revision };
        }
        self.revision += 1;
    }

    fn insert(&mut self, name: &str, object: NewObject) -> Outcome {
        self.count();
        let revision = self.revision;
        let (key, created, writes, outcome) = match self.objects.remove_entry(name) {
            Some((key, before)) => {
                self.changes.remove(&before.revision);
                self.release_uid(&before.uid, &key);
                (key, before.created, before.writes + 1, Outcome::Replaced)
            }
            None => {
                let key: Arc<str> = Arc::from(name);
                let removal = self.removed.remove(&key).and_then(|removed| self.removals.remove(&removed));
                (key, removal.map_or(revision, |removal| removal.created), 1, Outcome::Created)
            }
        };
        let NewObject { bytes, etag, modified, uid } = object;
        self.by_uid.entry(uid.clone()).or_insert_with(|| key.clone());
        self.changes.insert(revision, key.clone());
        self.objects.insert(key, Stored { bytes, etag, modified, uid, writes, revision, created });
        outcome
    }

    fn remove(&mut self, name: &str) {
        let Some((key, before)) = self.objects.remove_entry(name) else { return };
        self.count();
        self.changes.remove(&before.revision);
        self.release_uid(&before.uid, &key);
        self.removed.insert(key.clone(), self.revision);
        self.removals.insert(self.revision, Removal { name: key, created: before.created });
    }

    fn release_uid(&mut self, uid: &str, name: &Arc<str>) {
        if self.by_uid.get(uid) == Some(name) {
            self.by_uid.remove(uid);
        }
    }

    fn forget_beyond(&mut self, limit: usize) {
        while self.removals.len() > limit {
            let Some((revision, removal)) = self.removals.pop_first() else { return };
            self.removed.remove(&removal.name);
            self.forgotten = revision;
        }
    }
}

/// For playing a history again.
impl Collection {
    fn set_created(&mut self, name: &str, created: u64) {
        if let Some(stored) = self.objects.get_mut(name) {
            stored.created = created;
        }
    }

    /// Something that is no more was removed by the next change.
    fn note_removal(&mut self, name: &str, created: u64) {
        self.count();
        let key: Arc<str> = Arc::from(name);
        self.removed.insert(key.clone(), self.revision);
        self.removals.insert(self.revision, Removal { name: key, created });
    }
}
