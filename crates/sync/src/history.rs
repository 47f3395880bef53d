//! What became of an item: every version of it that the journal holds, on both sides.
//!
//! An item is found by any of its names: an id that either side gave it, its UID, or what people call it. Entries that share
//! a name speak of one item, so that it stays the same item through deletions, undos and new ids.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use dovetail_model::carry::{Change, Field, Ground, edit};
use dovetail_model::{Item, Kind};
use jiff::Timestamp;
use serde::Serialize;

use crate::error::Result;
use crate::journal::{Entry, Journal, Mention, Operation, Outcome};
use crate::sides::{Side, Sides};
use crate::state::{Link, LinkId, State};
use crate::storage::{ItemId, Original};

/// An item that the journal, the state or both know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subject {
    /// Its link, where it is linked.
    pub link: Option<LinkId>,
    /// The entries of the journal about it, oldest first.
    pub entries: Vec<i64>,
    /// What a person calls it; empty where only the state knows it.
    pub title: String,
    /// The last name that each side gave it.
    pub sides: Sides<Option<ItemId>>,
    /// Its UID; empty for none.
    pub uid: String,
}

/// A version of an item, as it was on one side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Version {
    /// By this it is put back; `None` where there is nothing to put back, or it is what the side holds now.
    pub number: Option<i64>,
    /// The side.
    pub side: Side,
    /// When the run began that wrote it, found it or removed it.
    pub at: Timestamp,
    /// That run; `None` for what the side held when both last agreed.
    pub run: Option<String>,
    /// How it came to be.
    pub how: How,
    /// What differs from the version before it on this side, in full.
    pub changes: BTreeMap<Field, Vec<Change>>,
}

/// How a version came to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// The run found it there, and replaced or removed it: somebody had written it.
    Found,
    /// The run wrote it.
    Written,
    /// The run removed what was there.
    Removed,
    /// The side held this when both last agreed.
    Last,
}

/// How an original of a side is read.
pub type Read<'r> = &'r dyn Fn(Side, &Original) -> Option<Item>;

/// The items of a pair that are called so: by an id of either side or the beginning of Outlook's, by the last part of a path
/// on the server, by the UID, or by the title.
///
/// # Errors
/// Where our own files fail.
pub fn find(
    pair: &str,
    name: &str,
    state: &State,
    journal: &Journal,
    read: Read<'_>,
) -> Result<Vec<Subject>> {
    let mut family = Family::default();
    let mut mentions = Vec::new();
    journal.mentions(pair, |mention| {
        let group = family.join(names_of(&mention));
        mentions.push((group, mention.entry, is_titled(&mention.title, name)));
    })?;
    let mut links = Vec::new();
    each_link(pair, state, |link| links.push((family.join(names_of_link(link)), link.id)))?;
    let mut wanted = family.called(name);
    if wanted.is_empty() {
        // Nobody's name: what people call it, for which every item has to be read.
        let titled = mentions.iter().filter(|(.., titled)| *titled).map(|(group, ..)| family.root(*group));
        wanted.extend(titled);
        each_link(pair, state, |link| {
            if is_titled(&title_of(link, read), name) {
                wanted.insert(family.root(family.known(link)));
            }
        })?;
    }
    let mut found: BTreeMap<usize, Subject> = BTreeMap::new();
    for (group, entry, _) in mentions {
        let root = family.root(group);
        if wanted.contains(&root) {
            found.entry(root).or_default().entries.push(entry);
        }
    }
    for (group, link) in links {
        let root = family.root(group);
        if wanted.contains(&root) {
            found.entry(root).or_default().link = Some(link);
        }
    }
    found.into_values().map(|subject| introduced(subject, state, journal, read)).collect()
}

fn each_link(pair: &str, state: &State, mut tell: impl FnMut(&Link)) -> Result<()> {
    let mut after = LinkId(0);
    loop {
        let links = state.links(pair, after, 500)?;
        let Some(last) = links.last() else { return Ok(()) };
        after = last.id;
        links.iter().for_each(&mut tell);
    }
}

/// The subject with what it is called now.
fn introduced(mut subject: Subject, state: &State, journal: &Journal, read: Read<'_>) -> Result<Subject> {
    for id in &subject.entries {
        let Some(entry) = journal.entry(*id)? else { continue };
        for (side, named) in [(entry.side, &entry.item), (entry.side.other(), &entry.other)] {
            if named.is_some() {
                subject.sides.of_mut(side).clone_from(named);
            }
        }
        if !entry.uid.is_empty() {
            subject.uid = entry.uid;
        }
        subject.title = entry.title;
    }
    if let Some(link) = subject.link.map(|id| state.link(id)).transpose()?.flatten() {
        for side in Side::BOTH {
            if let Some(base) = link.sides.of(side) {
                *subject.sides.of_mut(side) = Some(base.id.clone());
            }
        }
        subject.title = Some(title_of(&link, read)).filter(|it| !it.is_empty()).unwrap_or(subject.title);
        subject.uid = link.uid.unwrap_or(subject.uid);
    }
    Ok(subject)
}

fn is_titled(title: &str, name: &str) -> bool {
    !name.is_empty() && title.to_lowercase() == name.to_lowercase()
}

fn title_of(link: &Link, read: Read<'_>) -> String {
    let of = |side: Side| {
        let base = link.sides.of(side).as_ref()?;
        Some(read(side, &base.original)?.title().to_owned())
    };
    of(Side::Server).or_else(|| of(Side::Outlook)).unwrap_or_default()
}

/// A name of an item.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Name {
    Id(Side, String),
    Uid(String),
}

fn names_of(mention: &Mention) -> Vec<Name> {
    let item = mention.item.clone().map(|id| Name::Id(mention.side, id.0));
    let other = mention.other.clone().map(|id| Name::Id(mention.side.other(), id.0));
    let uid = (!mention.uid.is_empty()).then(|| Name::Uid(mention.uid.clone()));
    item.into_iter().chain(other).chain(uid).collect()
}

fn names_of_link(link: &Link) -> Vec<Name> {
    let id = |side: Side| {
        let base = link.sides.of(side).as_ref()?;
        Some(Name::Id(side, base.id.0.clone()))
    };
    let uids = [link.uid.clone(), link.other_uid.clone()].into_iter().flatten().map(Name::Uid);
    Side::BOTH.into_iter().filter_map(id).chain(uids).collect()
}

/// Names by the group of those that mean one item.
#[derive(Default)]
struct Family {
    groups: HashMap<Name, usize>,
    /// The group that a group was joined with; itself where it was not.
    parents: Vec<usize>,
}

impl Family {
    /// Makes one group of all groups that have one of these names.
    fn join(&mut self, names: Vec<Name>) -> usize {
        let mut joined = None;
        for name in names {
            let group = match self.groups.get(&name) {
                Some(group) => self.root(*group),
                None => {
                    let group = joined.unwrap_or_else(|| self.new_group());
                    self.groups.insert(name, group);
                    group
                }
            };
            let with = *joined.get_or_insert(group);
            if let Some(parent) = self.parents.get_mut(group) {
                *parent = with;
            }
        }
        joined.unwrap_or_else(|| self.new_group())
    }

    /// The group of a link whose names were joined.
    fn known(&self, link: &Link) -> usize {
        names_of_link(link).iter().find_map(|name| self.groups.get(name).copied()).unwrap_or_default()
    }

    fn new_group(&mut self) -> usize {
        self.parents.push(self.parents.len());
        self.parents.len() - 1
    }

    fn root(&self, group: usize) -> usize {
        let mut at = group;
        while let Some(parent) = self.parents.get(at).filter(|parent| **parent != at) {
            at = *parent;
        }
        at
    }

    /// The groups of which a name is meant.
    fn called(&self, name: &str) -> BTreeSet<usize> {
        let roots = |is_meant: &dyn Fn(&Name) -> bool| -> BTreeSet<usize> {
            self.groups
                .iter()
                .filter(|(name, _)| is_meant(name))
                .map(|(_, group)| self.root(*group))
                .collect()
        };
        let whole = roots(&|known| match known {
            Name::Id(Side::Outlook, id) => id.eq_ignore_ascii_case(name),
            Name::Id(Side::Server, id) => id == name,
            Name::Uid(uid) => uid == name,
        });
        if !whole.is_empty() {
            return whole;
        }
        roots(&|known| match known {
            // Shorter beginnings may well be words.
            Name::Id(Side::Outlook, id) => {
                name.len() >= 4
                    && id.get(..name.len()).is_some_and(|begins| begins.eq_ignore_ascii_case(name))
            }
            Name::Id(Side::Server, id) => id.rsplit('/').next() == Some(name),
            Name::Uid(_) => false,
        })
    }
}

/// All versions of an item, oldest first; of each side, what it held when both last agreed is the last.
///
/// # Errors
/// Where our own files fail.
pub fn versions(subject: &Subject, state: &State, journal: &Journal, read: Read<'_>) -> Result<Vec<Version>> {
    let mut told = Telling { read, last: Sides { outlook: None, server: None }, versions: Vec::new() };
    for id in &subject.entries {
        let Some(entry) = journal.entry(*id)? else { continue };
        let (run, at) = journal.run_of_entry(*id)?;
        let at = Timestamp::from_second(at).unwrap_or(Timestamp::UNIX_EPOCH);
        told.entry(&entry, &run, at);
    }
    let link = subject.link.map(|id| state.link(id)).transpose()?.flatten();
    for side in Side::BOTH {
        let base = link.as_ref().and_then(|link| link.sides.of(side).as_ref());
        if let Some(base) = base {
            let at = told.versions.iter().rfind(|version| version.side == side).map(|version| version.at);
            let at = at.or(base.modified).unwrap_or(Timestamp::UNIX_EPOCH);
            told.version(None, side, at, None, How::Last, &base.original);
        }
    }
    Ok(told.versions)
}

struct Telling<'r> {
    read: Read<'r>,
    /// What each side was told to have last; `None` before the first version, and after a removal.
    last: Sides<Option<(Original, Option<Item>)>>,
    versions: Vec<Version>,
}

impl Telling<'_> {
    fn entry(&mut self, entry: &Entry, run: &str, at: Timestamp) {
        let side = entry.side;
        let run = Some(run.to_owned());
        if let Some(before) = &entry.before {
            self.version(
                Some(number(entry.id, Part::Before)),
                side,
                at,
                run.clone(),
                How::Found,
                &before.original,
            );
        }
        if entry.outcome != Outcome::Done {
            return;
        }
        match &entry.after {
            Some(after) => {
                self.version(
                    Some(number(entry.id, Part::After)),
                    side,
                    at,
                    run,
                    How::Written,
                    &after.original,
                );
            }
            None if entry.operation == Operation::Delete => {
                *self.last.of_mut(side) = None;
                let how = How::Removed;
                self.versions.push(Version { number: None, side, at, run, how, changes: BTreeMap::new() });
            }
            None => {}
        }
    }

    fn version(
        &mut self,
        number: Option<i64>,
        side: Side,
        at: Timestamp,
        run: Option<String>,
        how: How,
        original: &Original,
    ) {
        let last = self.last.of(side).as_ref();
        if last.is_some_and(|(last, _)| last.bytes == original.bytes) {
            return;
        }
        let item = (self.read)(side, original);
        let changes = match (last.and_then(|(_, item)| item.as_ref()), &item) {
            (Some(before), Some(after)) => edit(&Ground::from(before.clone()), after).fields,
            (None, Some(item)) => fields_of(item),
            _ => BTreeMap::new(),
        };
        let is_restated = last.is_some() && changes.is_empty();
        *self.last.of_mut(side) = Some((original.clone(), item));
        // What says the same in other bytes is nothing that happened to the item.
        if !is_restated {
            self.versions.push(Version { number, side, at, run, how, changes });
        }
    }
}

/// All that an item says, as changes from one that says nothing.
pub fn fields_of(item: &Item) -> BTreeMap<Field, Vec<Change>> {
    let nothing = match item.kind() {
        Kind::Event => Item::Event(Box::default()),
        Kind::Task => Item::Task(Box::default()),
        Kind::Contact => Item::Contact(Box::default()),
        Kind::Group => Item::Group(Box::default()),
    };
    edit(&Ground::from(nothing), item).fields
}

/// Which of the two originals of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Before,
    After,
}

/// The number of a version: that of its entry in the journal, twice, and one more for what was written. So it means the same
/// for as long as the journal keeps the entry.
fn number(entry: i64, part: Part) -> i64 {
    entry.saturating_mul(2).saturating_add(i64::from(part == Part::After))
}

/// A version by its number: its side and all of it; `None` where the journal does not have it (any more).
///
/// # Errors
/// Where our own files fail.
pub fn version(number: i64, journal: &Journal) -> Result<Option<(Entry, Original)>> {
    let Some(entry) = journal.entry(number.div_euclid(2))? else { return Ok(None) };
    let stored = match number.rem_euclid(2) {
        0 => entry.before.clone(),
        _ => entry.after.clone(),
    };
    Ok(stored.map(|stored| (entry, stored.original)))
}
