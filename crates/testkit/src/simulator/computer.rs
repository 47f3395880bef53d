//! A computer on which Dovetail runs: a folder with a state and a journal, and what happens to them.

use std::collections::{BTreeMap, HashSet};
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use dovetail_model::{Item, Kind, Zone};
use dovetail_sync::history::{self, Subject};
use dovetail_sync::journal::Clashed;
use dovetail_sync::restore::{Choice, restore, take};
use dovetail_sync::scope::{Range, Scope};
use dovetail_sync::state::Verdict;
use dovetail_sync::storage::{Call, ItemId, Original};
use dovetail_sync::verify::Verified;
use dovetail_sync::{
    Direction, Journal, Limits, Pair, Report, Rule, Side, Sides, State, sync_items, sync_pair, undo, verify,
};
use jiff::Timestamp;

use super::place::Place;
use crate::faults::{Crash, Fuse};
use crate::memory::{Lens, scope_of};

/// Clones are the same computer.
#[derive(Clone)]
pub(super) struct Computer {
    pub(super) name: String,
    folder: Arc<tempfile::TempDir>,
    kind: Kind,
    direction: Direction,
    rule: Rule,
    sides: Sides<Arc<dyn Place>>,
    fuse: Fuse,
    /// What the profile is set to.
    profile: Arc<Mutex<Profile>>,
    /// As long as the process lives.
    open: Arc<Mutex<Option<Files>>>,
}

/// What a user sets of a profile.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Profile {
    /// How many days back and ahead events are synced; `None`: all.
    pub(super) range: Option<(u32, u32)>,
    pub(super) lens: Lens,
    pub(super) guard: Guard,
}

/// What may be destroyed without asking.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) enum Guard {
    /// Everything: the limits have tests of their own, and would only hold everything here.
    #[default]
    Open,
    /// Three items a side and day.
    Three,
    /// Nothing.
    Strict,
}

impl Guard {
    fn limits(self) -> Limits {
        match self {
            Guard::Open => Limits { items: 1_000, per_cent: 100, at_most: 1_000 },
            Guard::Three => Limits { items: 3, per_cent: 0, at_most: 1_000 },
            Guard::Strict => Limits { items: 0, per_cent: 0, at_most: 0 },
        }
    }
}

/// A version that the journal knows, and the item that it is one of.
#[derive(Clone, Debug)]
pub(super) struct Past {
    pub(super) side: Side,
    pub(super) item: Item,
    subject: Subject,
    number: i64,
}

impl Profile {
    /// The scope of an item's kind on a day.
    pub(super) fn scope(&self, kind: Kind, now: Timestamp) -> Scope {
        let home = Zone::named("Europe/Berlin");
        let today = home.wall_clock(now).date();
        let range = self.range.map(|(days_back, days_ahead)| Range { days_back, days_ahead, today, home });
        Scope { range, filter: self.lens.filter.clone(), ..scope_of(kind) }
    }
}

struct Files {
    state: State,
    journal: Journal,
}

/// The files of a computer on which nothing has run yet.
const FILES: [&str; 2] = ["state.db", "journal.db"];

/// Files are made once; each computer begins with copies, which is quicker.
fn put_fresh_files(folder: &Path) -> std::io::Result<()> {
    static FRESH: OnceLock<[Vec<u8>; 2]> = OnceLock::new();
    let [state, journal] = FILES.map(|file| folder.join(file));
    if let Some(fresh) = FRESH.get() {
        return [state, journal].iter().zip(fresh).try_for_each(|(path, bytes)| std::fs::write(path, bytes));
    }
    drop((State::open(&state), Journal::open(&journal)));
    // Who was faster has the same.
    drop(FRESH.set([std::fs::read(state)?, std::fs::read(journal)?]));
    Ok(())
}

/// Which runs of the journal are looked at for what one run replaced: those that began at the same moment too.
const RECENT_RUNS: usize = 6;

const PAIR: &str = "pair";

impl Computer {
    /// Its files are in memory where the system has a file system there: durability is SQLite's business, speed ours.
    pub(super) fn new(
        name: &str,
        kind: Kind,
        mode: (Direction, Rule),
        sides: &Sides<Arc<dyn Place>>,
        fuse: &Fuse,
    ) -> std::io::Result<Computer> {
        let memory = std::path::Path::new("/dev/shm");
        let folder = if memory.is_dir() { tempfile::tempdir_in(memory)? } else { tempfile::tempdir()? };
        put_fresh_files(folder.path())?;
        let (folder, profile, open) = (Arc::new(folder), Arc::default(), Arc::default());
        let (direction, rule) = mode;
        let (name, sides, fuse) = (name.to_owned(), sides.clone(), fuse.clone());
        Ok(Computer { name, folder, kind, direction, rule, sides, fuse, profile, open })
    }

    /// What the profile is set to.
    pub(super) fn profile(&self) -> Profile {
        self.profile.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The user sets the profile.
    pub(super) fn set_profile(&self, profile: Profile) {
        *self.profile.lock().unwrap_or_else(PoisonError::into_inner) = profile;
    }

    /// The user says what is to become of what waits. Returns how much that was.
    pub(super) fn decide_all(&self, verdict: Verdict, now: Timestamp) -> Result<usize, String> {
        let decide = |_: &Pair<'_>, state: &mut State, _: &mut Journal| {
            let held = state.held(PAIR)?;
            held.iter().try_for_each(|row| state.decide_held(PAIR, row.id, verdict))?;
            Ok(held.len())
        };
        Ok(self.work(now, decide)?.unwrap_or(0))
    }

    /// A run. `None`: it died.
    pub(super) fn run(&self, now: Timestamp) -> Result<Option<Report>, String> {
        self.work(now, |pair, state, journal| sync_pair(pair, state, journal, now, &self.call()))
    }

    /// A run over these items alone.
    pub(super) fn run_over(&self, only: &[ItemId], now: Timestamp) -> Result<Option<Report>, String> {
        self.work(now, |pair, state, journal| sync_items(pair, only, state, journal, now, &self.call()))
    }

    /// The versions that can be put back of all items that the journal knows.
    pub(super) fn versions(&self, now: Timestamp) -> Result<Vec<Past>, String> {
        let versions = |pair: &Pair<'_>, state: &mut State, journal: &mut Journal| {
            let read = |side: Side, original: &Original| Some(pair.storages.of(side).read(original)?.0);
            let mut past: BTreeMap<i64, Past> = BTreeMap::new();
            for run in journal.runs(PAIR, usize::MAX)? {
                for id in journal.entries(&run.id)?.into_iter().filter_map(|entry| entry.item) {
                    for subject in history::find(PAIR, &id.0, state, journal, &read)? {
                        for version in history::versions(&subject, state, journal, &read)? {
                            let Some(number) = version.number else { continue };
                            let original = history::version(number, journal)?.map(|(_, original)| original);
                            let item = original.and_then(|original| read(version.side, &original));
                            let (side, subject) = (version.side, subject.clone());
                            past.extend(item.map(|item| (number, Past { side, item, subject, number })));
                        }
                    }
                }
            }
            Ok(past.into_values().collect())
        };
        Ok(self.work(now, versions)?.unwrap_or_default())
    }

    /// A version is put back.
    pub(super) fn restore(&self, past: &Past, now: Timestamp) -> Result<Option<Report>, String> {
        self.work(now, |pair, state, journal| {
            restore(pair, &past.subject, past.number, state, journal, now, &self.call())
        })
    }

    /// The clashes that nobody has decided about.
    pub(super) fn clashes(&self) -> Result<Vec<Clashed>, String> {
        let files = self.files().map_err(|error| error.to_string())?;
        let clashes = files.journal.open_clashes(PAIR).map_err(|error| error.to_string());
        *self.open() = Some(files);
        clashes
    }

    /// What clashed is to be as one side had it.
    pub(super) fn take(&self, clash: &Clashed, side: Side, now: Timestamp) -> Result<Option<Report>, String> {
        let took = self.work(now, |pair, state, journal| {
            let read = |side: Side, original: &Original| Some(pair.storages.of(side).read(original)?.0);
            let id = clash.sides.of(side).as_ref().map(|fought| fought.id.0.clone()).unwrap_or_default();
            let subjects = history::find(PAIR, &id, state, journal, &read)?;
            let Some(subject) = subjects.first() else { return Ok(None) };
            take(pair, subject, Choice { clash, side }, state, journal, now, &self.call()).map(Some)
        });
        Ok(took?.flatten())
    }

    /// The item in an original.
    pub(super) fn read(
        &self,
        side: Side,
        original: &Original,
        now: Timestamp,
    ) -> Result<Option<Item>, String> {
        let read =
            |pair: &Pair<'_>, _: &mut State, _: &mut Journal| Ok(pair.storages.of(side).read(original));
        Ok(self.work(now, read)?.flatten().map(|(item, _)| item))
    }

    pub(super) fn undo(&self, run: &str, now: Timestamp) -> Result<Option<Report>, String> {
        self.work(now, |pair, state, journal| undo(pair, run, state, journal, now, &self.call()))
    }

    /// Its runs burn the fuse between any two steps of their own, as they do with each write.
    fn call(&self) -> Call {
        let fuse = self.fuse.clone();
        Call { between: Some(Arc::new(move || fuse.burn())), ..Call::default() }
    }

    pub(super) fn verify(&self, now: Timestamp) -> Result<Option<Verified>, String> {
        self.work(now, |pair, state, _| verify(pair, state, &Call::default()))
    }

    fn work<T>(
        &self,
        now: Timestamp,
        work: impl FnOnce(&Pair<'_>, &mut State, &mut Journal) -> dovetail_sync::Result<T>,
    ) -> Result<Option<T>, String> {
        let lived = std::panic::catch_unwind(AssertUnwindSafe(|| {
            let mut files = self.files()?;
            let profile = self.profile();
            let sides = self.sides.as_ref().map(|_, place| place.open(&self.name, &profile.lens));
            let pair = Pair {
                id: PAIR.into(),
                storages: sides.as_ref().map(|_, storage| storage.as_ref()),
                scope: profile.scope(self.kind, now),
                rule: self.rule,
                direction: self.direction,
                chunk: 3,
                home: Zone::named("Europe/Berlin"),
                limits: profile.guard.limits(),
                server_may_schedule: true,
                duplicates: dovetail_sync::Duplicates::Keep,
            };
            let done = work(&pair, &mut files.state, &mut files.journal);
            *self.open() = Some(files);
            done
        }));
        match lived {
            Ok(Ok(done)) => Ok(Some(done)),
            Ok(Err(error)) => Err(format!("the engine failed: {error}, {:?}", error.source)),
            Err(cause) if cause.is::<Crash>() => Ok(None),
            Err(cause) => std::panic::resume_unwind(cause),
        }
    }

    fn open(&self) -> MutexGuard<'_, Option<Files>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Its files: opened by a new process, or open already. Whoever dies with them has closed them.
    fn files(&self) -> dovetail_sync::Result<Files> {
        let open = self.open().take();
        open.map_or_else(
            || {
                let state = State::open(&self.path("state.db"))?;
                Ok(Files { state, journal: Journal::open(&self.path("journal.db"))? })
            },
            Ok,
        )
    }

    /// The process ends; the next one begins with what is in the files.
    pub(super) fn end_process(&self) {
        drop(self.open().take());
    }

    /// The originals that the last runs put into the journal before they replaced them.
    pub(super) fn journaled(&self) -> Result<HashSet<Arc<[u8]>>, String> {
        let words = |error: dovetail_sync::Error| error.to_string();
        let files = self.files().map_err(words)?;
        let mut originals = HashSet::new();
        for run in files.journal.runs(PAIR, RECENT_RUNS).map_err(words)? {
            let entries = files.journal.entries(&run.id).map_err(words)?;
            originals.extend(entries.into_iter().filter_map(|entry| Some(entry.before?.original.bytes)));
        }
        *self.open() = Some(files);
        Ok(originals)
    }

    pub(super) fn lose_state(&self) {
        self.end_process();
        for suffix in ["", "-wal", "-shm"] {
            // What does not exist is lost already.
            drop(std::fs::remove_file(self.path(&format!("state.db{suffix}"))));
        }
    }

    pub(super) fn damage_state(&self) {
        self.end_process();
        let nonsense = b"this is no database, and it never was one, whoever asks for it";
        drop(std::fs::write(self.path("state.db"), nonsense));
    }

    fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join(file)
    }
}
