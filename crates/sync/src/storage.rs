//! What the engine asks of a storage: one trait, object-safe and blocking.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

use dovetail_model::carry::Field;
use dovetail_model::{Item, Kind};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Result};
pub use crate::scope::Scope;
pub use dovetail_model::Warning;

/// Names an item within its collection: an href's path, an EntryID. Opaque.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ItemId(pub String);

/// Names a state of an item: an ETag, a modification time. Opaque; equal versions mean equal contents unless
/// [`Traits::versions_repeat`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Version(pub String);

/// Names a state of a collection, to ask for what changed since. Opaque.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SyncToken(pub String);

/// All of an item as its side gave it: the stored base, what an update patches, what the journal keeps, what undo
/// puts back.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Original {
    /// The version of what is captured, counted by the storage that captured it. Raised when a storage begins to
    /// capture more.
    pub capture: u32,
    /// The bytes.
    pub bytes: Arc<[u8]>,
}

impl fmt::Debug for Original {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Original(capture {}, {:?})", self.capture, String::from_utf8_lossy(&self.bytes))
    }
}

/// An item as a side holds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Its name there.
    pub id: ItemId,
    /// Its state.
    pub version: Version,
    /// When it was last changed, where the side tells. Decides who wins a clash, never whether anything is lost.
    pub modified: Option<Timestamp>,
    /// What it says.
    pub item: Item,
    /// All of it.
    pub original: Original,
    /// What was noticed when it was read.
    pub warnings: Vec<Warning>,
}

/// What is to be written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// What the side is to hold afterwards.
    pub item: Item,
    /// What is patched to become that. Undo, restore and revert give an original of old, and it goes back whole.
    /// `None`: written from nothing.
    pub from: Option<Original>,
    /// Names for a new item, chosen before the write so that it can be recognised after a crash.
    pub key: CreateKey,
}

/// The names of a new item. Chosen by the engine, recorded in the intent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreateKey {
    /// The UID that the item will carry where the storage keeps UIDs.
    pub uid: String,
    /// The resource name where the storage lets us name, without extension: derived from the UID where the storage's
    /// create guard holds, random otherwise.
    pub name: String,
}

/// What a storage can do. Asked once a run, after the first answer of the storage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Traits {
    /// It takes no writes.
    pub read_only: bool,
    /// Writing an item with attendees may make it send mail.
    pub mails_attendees: bool,
    /// It gives new items UIDs of its own.
    pub assigns_uid: bool,
    /// A create fails where the name is taken (`If-None-Match: *` holds).
    pub create_guard: bool,
    /// A delete fails where the version differs (`If-Match` holds on DELETE).
    pub delete_guard: bool,
    /// Equal versions may hide a change: whatever is reported or listed is fetched, though its version is equal.
    pub versions_repeat: bool,
}

/// How a storage answered [`Collection::changes`]. The rows themselves went to the sink.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Changes {
    /// What changed since the token that was given.
    Since {
        /// For the next run.
        next: SyncToken,
    },
    /// Everything that is there: no token was given, or the storage no longer knows it.
    Listing {
        /// For the next run, where the storage has tokens.
        next: Option<SyncToken>,
    },
}

/// One row of [`Collection::changes`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Row {
    /// There, in this state. After a token: new, changed, or merely repeated.
    Present(ItemId, Version),
    /// Reported as removed. A question, not yet a deletion.
    Removed(ItemId),
    /// There, but its state cannot be told now (a status of its own inside a listing). Neither changed nor removed.
    Unclear(ItemId),
}

/// How many ids are asked for at once.
pub const BATCH: usize = 100;

/// The answer to one id of [`Collection::fetch`].
#[derive(Debug)]
pub enum Fetched {
    /// Here it is.
    Found(Box<Snapshot>),
    /// There, but not ours: another kind, or a body that cannot be read.
    NotOurs(Version, Foreign),
    /// Not there: the storage says so of this very id.
    Gone,
    /// It could not be told.
    Failed(Error),
}

/// What is not ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Foreign {
    /// What a person calls it, as far as it can be read.
    pub title: Option<String>,
    /// Why it is not ours.
    pub why: String,
}

impl Foreign {
    /// An item of a kind that the profile does not sync.
    pub fn of_another_kind(item: &Item) -> Foreign {
        Foreign::of(item, |kind| format!("it is {kind}, which this profile does not sync"))
    }

    /// An item that was of another kind when it was linked.
    pub fn changed_kind(item: &Item) -> Foreign {
        Foreign::of(item, |kind| format!("it has become {kind}, and its counterpart has not"))
    }

    fn of(item: &Item, why: impl FnOnce(&str) -> String) -> Foreign {
        let kind = match item.kind() {
            Kind::Event => "an event",
            Kind::Task => "a task",
            Kind::Contact => "a contact",
            Kind::Group => "a distribution list",
        };
        let title = Some(item.title()).filter(|title| !title.is_empty()).map(str::to_owned);
        Foreign { title, why: why(kind) }
    }

    /// What cannot be read as an item.
    pub fn unreadable(why: impl Into<String>) -> Foreign {
        Foreign { title: None, why: why.into() }
    }
}

/// One write. Each names the version that it expects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Write {
    /// Must not exist yet.
    Create(Draft),
    /// Must still be as the snapshot has it.
    Update(Snapshot, Draft),
    /// Must still be as the snapshot has it.
    Delete(Snapshot),
}

/// What the storage holds after a write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Written {
    /// The item as it truly is there now: re-read where the storage rewrites what it is given.
    Holds(Box<Snapshot>),
    /// It is gone.
    Deleted,
}

/// What the storage tells about the collection itself, asked before absences are believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The collection answers as what it is.
    Answers,
    /// It is not there, or answers as something else. The text says what.
    Missing(String),
}

/// Is told what is done, items done, and items in all if known.
pub type Progress = Arc<dyn Fn(&str, u64, Option<u64>) + Send + Sync>;

/// So many writes in a row that do not reach a storage end a run, if nobody says otherwise.
pub const LOST_WRITES: u32 = 3;

/// What everything that takes time is given: cancellation, a deadline, progress, and a count of requests.
#[derive(Clone)]
pub struct Call {
    /// Set by Ctrl-C: stop between two items.
    pub cancel: Arc<AtomicBool>,
    /// Give up after this.
    pub deadline: Option<Instant>,
    /// Told of progress: what is done, items done, items in all if known.
    pub progress: Option<Progress>,
    /// Requests made over a network so far: each storage adds its own.
    pub requests: Arc<AtomicU64>,
    /// So many writes in a row that do not reach a storage end a run; at least 1.
    pub lost_writes: u32,
    /// Called between any two steps of a run that are durable each by itself: a test kills the process there.
    pub between: Option<Between>,
}

/// What is called between two steps of a run.
pub type Between = Arc<dyn Fn() + Send + Sync>;

impl Default for Call {
    fn default() -> Self {
        Call {
            cancel: Arc::default(),
            deadline: None,
            progress: None,
            requests: Arc::default(),
            lost_writes: LOST_WRITES,
            between: None,
        }
    }
}

impl Call {
    /// Fails when the user cancelled or the deadline has passed.
    pub fn check(&self) -> Result<()> {
        let out_of_time = self.deadline.is_some_and(deadline_passed);
        if self.cancel.load(Ordering::Relaxed) {
            Err(Error::new(ErrorKind::Cancelled, "Stopped on request."))
        } else if out_of_time {
            Err(Error::new(ErrorKind::Cancelled, "Stopped: the time given for this run is over."))
        } else {
            Ok(())
        }
    }

    /// A step of a run is durable, and the next one has not begun.
    pub(crate) fn pass(&self) {
        if let Some(between) = &self.between {
            between();
        }
    }

    /// Counts one request.
    pub fn count_request(&self) {
        self.requests.fetch_add(1, Ordering::Relaxed);
    }

    /// Tells of progress.
    pub fn tell(&self, what: &str, done: u64, of: Option<u64>) {
        if let Some(progress) = &self.progress {
            progress(what, done, of);
        }
    }
}

fn deadline_passed(deadline: Instant) -> bool {
    deadline.elapsed() > std::time::Duration::ZERO
}

/// A folder of Outlook or a collection of a server.
pub trait Collection: Send + Sync {
    /// What the storage can do, as far as it is known by now.
    fn traits(&self) -> Traits;

    /// The item that an original of this storage holds. Pure: stored bases go through it too. `None`: unreadable.
    fn read(&self, original: &Original) -> Option<(Item, Vec<Warning>)>;

    /// A text that differs where an original may be read differently: what the profile chooses of the mapping, and whatever
    /// else the reading depends on.
    fn lens(&self) -> String {
        String::new()
    }

    /// Whether an original shows of its item what is of a time that is over, or of what the item said before, so that it has to be
    /// written anew though nobody edited that. Asked of what was changed on that side, and of all where the lens has changed, so
    /// that one of whom this may be true of a time has the time in its lens. Pure.
    fn is_outdated(&self, _original: &Original) -> bool {
        false
    }

    /// Whether an original belongs to the profile by its category, where the profile has a filter. Pure.
    fn belongs(&self, _original: &Original) -> bool {
        true
    }

    /// What this storage could keep of an item: what reading it back would give. Pure.
    fn holds(&self, item: &Item) -> Item;

    /// What an item would be once it was to say all that `item` does, where it is not all its owner's to change: a meeting
    /// that somebody else called. `None`: all of it is, as far as this storage could keep it. Pure.
    fn takes(&self, _over: &Original, _item: &Item) -> Option<Item> {
        None
    }

    /// The fields that an item of this storage keeps as they are whatever the other side holds, as the profile wants it: what
    /// differs in them is meant to. Pure.
    fn keeps(&self, _item: &Item) -> BTreeSet<Field> {
        BTreeSet::new()
    }

    /// Whether a new item may have that UID here; else it gets one of its own.
    fn takes_uid(&self, _uid: &str) -> bool {
        true
    }

    /// Whether it may mail attendees when it comes to hold `draft` (nothing: `None`) instead of `current`. `None`: it
    /// knows no more than its traits and the attendees of the items say.
    fn may_mail(&self, _current: Option<&Snapshot>, _draft: Option<&Draft>) -> Option<bool> {
        None
    }

    /// Tells the sink what changed since the token; everything, where there is none or it is no longer known.
    fn changes(
        &self,
        since: Option<&SyncToken>,
        scope: &Scope,
        sink: &mut dyn FnMut(Row) -> Result<()>,
        call: &Call,
    ) -> Result<Changes>;

    /// A token that this storage gave, as it is kept at the end of a complete run: with what was learned about the storage
    /// in the meantime.
    fn token_to_keep(&self, token: SyncToken) -> SyncToken {
        token
    }

    /// Whether connections to it broke off in this run though it had seemed to keep them, and not for the first time.
    fn breaks_off(&self) -> bool {
        false
    }

    /// One answer an id, in order. `Err` only where the whole run must stop.
    fn fetch(&self, ids: &[ItemId], scope: &Scope, call: &Call) -> Result<Vec<Fetched>>;

    /// The same for many ids: tells the sink each answer, in order. `Err` also where the sink fails.
    ///
    /// A storage that has to wait for its answers asks ahead while the sink works, and holds no more than a few batches.
    fn fetch_each(
        &self,
        ids: &[&ItemId],
        scope: &Scope,
        sink: &mut dyn FnMut(&ItemId, Fetched) -> Result<()>,
        call: &Call,
    ) -> Result<()> {
        for batch in ids.chunks(BATCH) {
            call.check()?;
            let batch: Vec<ItemId> = batch.iter().map(|id| (*id).clone()).collect();
            for (id, fetched) in batch.iter().zip(self.fetch(&batch, scope, call)?) {
                sink(id, fetched)?;
            }
        }
        Ok(())
    }

    /// Whether the collection itself is there. Asked before deletions are believed.
    fn standing(&self, call: &Call) -> Result<Standing>;

    /// One answer a write, in order: what is now held. A write is never repeated by the storage.
    fn write(&self, batch: &[Write], call: &Call) -> Vec<Result<Written>>;
}
