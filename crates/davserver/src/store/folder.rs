//! Collections in a folder: `USER/COLLECTION/` with a file for each object, `.collection` for its properties and
//! `.changes` for its history, one change a line.
//!
//! A file is written beside its place and renamed into it, so that it is old or new; nothing is forced onto the disk, for a
//! kill of the process is to be survived, not a loss of power. What was changed beside the server is found when it
//! starts, by comparing each file with what the history says of it, and becomes a change like any other; so
//! tokens stay valid. Where the history cannot be read the collection gets another incarnation, and they do not.

use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};

use super::{Access, Collection, CollectionKind};
use crate::clock;
use crate::location::{Address, segment};
use crate::object::NewObject;
use crate::xml::{self, Element, Name};

const PROPERTIES: &str = ".collection";
const CHANGES: &str = ".changes";

/// The folder of a store.
#[derive(Clone, Debug)]
pub(super) struct Folder {
    root: PathBuf,
}

/// What stands in `.collection`.
#[derive(Debug, Serialize, Deserialize)]
struct Description {
    kind: CollectionKind,
    access: Access,
    incarnation: String,
    /// Elements, each as XML that stands on its own.
    properties: Vec<String>,
}

/// A line of `.changes`.
#[derive(Debug, Serialize, Deserialize)]
struct Line {
    revision: u64,
    name: String,
    /// None where it was removed.
    etag: Option<String>,
    /// The change that made it.
    created: u64,
}

impl Folder {
    /// Takes a folder into use; it is made if it is not there.
    pub(super) fn open(root: &Path) -> io::Result<Folder> {
        fs::create_dir_all(root)?;
        Ok(Folder { root: root.to_owned() })
    }

    /// The collections of these users.
    pub(super) fn load(&self, users: &[String]) -> io::Result<BTreeMap<Address, Collection>> {
        let mut found = BTreeMap::new();
        for owner in users {
            let home = self.root.join(file_name(owner));
            if !home.is_dir() {
                continue;
            }
            for entry in fs::read_dir(home)? {
                let path = entry?.path();
                let Some(name) = decoded(&path).filter(|_| path.join(PROPERTIES).is_file()) else { continue };
                let address = Address { owner: owner.clone(), name };
                let collection = self.load_collection(&address)?;
                found.insert(address, collection);
            }
        }
        Ok(found)
    }

    fn load_collection(&self, address: &Address) -> io::Result<Collection> {
        let path = self.path(address);
        let description: Description = serde_json::from_slice(&fs::read(path.join(PROPERTIES))?)?;
        let properties = description.properties.iter().filter_map(|text| xml::parse(text.as_bytes()).ok());
        let properties: BTreeMap<Name, Element> =
            properties.map(|element| (element.name.clone(), element)).collect();
        let mut collection = Collection::new(description.kind, properties, 0);
        collection.access = description.access;
        let fresh = std::mem::replace(&mut collection.incarnation, description.incarnation);
        let lines = read_history(&path.join(CHANGES));
        if lines.is_none() {
            collection.incarnation = fresh;
        }
        let mut files = read_objects(&path)?;
        replay(&mut collection, lines.unwrap_or_default(), &mut files);
        let mut rest: Vec<_> = files.into_iter().collect();
        rest.sort_by(|one, other| one.0.cmp(&other.0));
        for (name, object) in rest {
            collection.insert(&name, object);
        }
        self.write_properties(address, &collection)?;
        self.write_history(address, &collection)?;
        Ok(collection)
    }

    /// Makes the folder of a collection.
    pub(super) fn make_collection(&self, address: &Address, collection: &Collection) -> io::Result<()> {
        fs::create_dir_all(self.path(address))?;
        self.write_history(address, collection)?;
        self.write_properties(address, collection)
    }

    /// Removes the folder of a collection.
    pub(super) fn remove_collection(&self, address: &Address) -> io::Result<()> {
        // Without this file it is no collection any more, should the rest be interrupted.
        fs::remove_file(self.path(address).join(PROPERTIES))?;
        fs::remove_dir_all(self.path(address))
    }

    /// Writes what is not objects.
    pub(super) fn write_properties(&self, address: &Address, collection: &Collection) -> io::Result<()> {
        let description = Description {
            kind: collection.kind,
            access: collection.access,
            incarnation: collection.incarnation.clone(),
            properties: collection.properties.values().map(Element::to_xml).collect(),
        };
        self.write(address, PROPERTIES, &serde_json::to_vec_pretty(&description)?)
    }

    /// Writes an object, of which [`Folder::note`] has to follow.
    pub(super) fn write_object(&self, address: &Address, name: &str, object: &NewObject) -> io::Result<()> {
        self.write(address, &file_name(name), &object.bytes)
    }

    /// Removes an object, of which [`Folder::note`] has to follow.
    pub(super) fn remove_object(&self, address: &Address, name: &str) -> io::Result<()> {
        fs::remove_file(self.path(address).join(file_name(name)))
    }

    /// Notes the latest change of a collection, which was one of that object.
    pub(super) fn note(&self, address: &Address, collection: &Collection, name: &str) -> io::Result<()> {
        let mut history = OpenOptions::new().append(true).open(self.path(address).join(CHANGES))?;
        history.write_all(line(collection, name).as_bytes())
    }

    fn write_history(&self, address: &Address, collection: &Collection) -> io::Result<()> {
        let mut revisions: Vec<(u64, &str)> =
            collection.changes.iter().map(|(revision, name)| (*revision, name.as_ref())).collect();
        let removals = collection.removals.iter();
        revisions.extend(removals.map(|(revision, removal)| (*revision, removal.name.as_ref())));
        revisions.sort_unstable();
        let text: String = revisions.into_iter().map(|(_, name)| line(collection, name)).collect();
        self.write(address, CHANGES, text.as_bytes())
    }

    fn write(&self, address: &Address, name: &str, bytes: &[u8]) -> io::Result<()> {
        let (beside, place) = (self.path(address).join(".new"), self.path(address).join(name));
        File::create(&beside)?.write_all(bytes)?;
        fs::rename(beside, place)
    }

    fn path(&self, address: &Address) -> PathBuf {
        self.root.join(file_name(&address.owner)).join(file_name(&address.name))
    }
}

/// A name as a file may have it: encoded as in a path, and nothing that the server uses itself.
fn file_name(name: &str) -> String {
    let encoded = segment(name).to_string();
    match encoded.strip_prefix('.') {
        Some(rest) => format!("%2E{rest}"),
        None => encoded,
    }
}

/// The name that a file stands for; `None` for the server's own.
fn decoded(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_str().filter(|name| !name.starts_with('.'))?;
    Some(percent_decode_str(name).decode_utf8().ok()?.into_owned())
}

fn line(collection: &Collection, name: &str) -> String {
    let line = match collection.objects.get(name) {
        Some(stored) => Line {
            revision: stored.revision,
            name: name.to_owned(),
            etag: Some(stored.etag.clone()),
            created: stored.created,
        },
        None => {
            let revision = collection.removed.get(name).copied().unwrap_or(collection.revision);
            let created = collection.removals.get(&revision).map_or(revision, |removal| removal.created);
            Line { revision, name: name.to_owned(), etag: None, created }
        }
    };
    // A line of numbers and strings can always be written.
    serde_json::to_string(&line).unwrap_or_default() + "\n"
}

/// The lines of a history; `None` where it is not there, or damaged before its last line: that one may have been cut off by a
/// kill, and what it said is found by looking at the files.
fn read_history(path: &Path) -> Option<Vec<Line>> {
    let text = fs::read_to_string(path).ok()?;
    let mut lines: Vec<Line> = Vec::new();
    let mut texts = text.lines().peekable();
    while let Some(text) = texts.next() {
        match serde_json::from_str::<Line>(text) {
            Ok(line) if lines.last().is_none_or(|before| before.revision < line.revision) => lines.push(line),
            Err(_) if texts.peek().is_none() => {}
            _ => return None,
        }
    }
    Some(lines)
}

fn read_objects(path: &Path) -> io::Result<HashMap<String, NewObject>> {
    let mut objects = HashMap::new();
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        let Some(name) = decoded(&entry.path()).filter(|_| entry.path().is_file()) else { continue };
        let modified = entry.metadata()?.modified().ok().and_then(|time| Timestamp::try_from(time).ok());
        let modified = modified.and_then(|time| Timestamp::from_second(time.as_second()).ok());
        let bytes = fs::read(entry.path())?.into();
        objects.insert(name, NewObject::trusted(bytes, modified.unwrap_or_else(clock::now)));
    }
    Ok(objects)
}

/// Plays the history over the files, so that each that is as it was keeps its revision; takes those out of `files`.
fn replay(collection: &mut Collection, lines: Vec<Line>, files: &mut HashMap<String, NewObject>) {
    let latest: HashMap<String, Line> = lines.into_iter().map(|line| (line.name.clone(), line)).collect();
    let mut latest: Vec<Line> = latest.into_values().collect();
    latest.sort_by_key(|line| line.revision);
    let end = latest.last().map_or(0, |line| line.revision);
    let mut gone = Vec::new();
    let mut changed = Vec::new();
    for line in latest {
        // One less, for what follows counts on.
        collection.revision = line.revision.saturating_sub(1);
        match (files.remove(&line.name), line.etag) {
            (Some(object), Some(etag)) => {
                if object.etag != etag {
                    changed.push((line.name.clone(), object.clone()));
                }
                collection.insert(&line.name, object);
                collection.set_created(&line.name, line.created);
            }
            (None, Some(_)) => {
                let nothing = NewObject::trusted(Vec::new().into(), Timestamp::UNIX_EPOCH);
                collection.insert(&line.name, nothing);
                collection.set_created(&line.name, line.created);
                gone.push(line.name);
            }
            (file, None) => {
                collection.note_removal(&line.name, line.created);
                files.extend(file.map(|object| (line.name, object)));
            }
        }
    }
    collection.revision = end;
    for name in gone {
        collection.remove(&name);
    }
    for (name, object) in changed {
        collection.insert(&name, object);
    }
}
