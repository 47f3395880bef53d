//! A computer on which Dovetail runs: a folder with a state and a journal, and what happens to them.

use std::collections::HashSet;
use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use dovetail_model::{Kind, Zone};
use dovetail_sync::scope::{Range, Scope};
use dovetail_sync::state::Verdict;
use dovetail_sync::storage::Call;
use dovetail_sync::verify::Verified;
use dovetail_sync::{Direction, Journal, Limits, Pair, Report, Rule, Sides, State, sync_pair, undo, verify};
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

    /// The user approves what waits. Returns how much that was.
    pub(super) fn approve_all(&self, now: Timestamp) -> Result<usize, String> {
        let approve = |_: &Pair<'_>, state: &mut State, _: &mut Journal| {
            let held = state.held(PAIR)?;
            held.iter().try_for_each(|row| state.decide_held(PAIR, row.id, Verdict::Approved))?;
            Ok(held.len())
        };
        Ok(self.work(now, approve)?.unwrap_or(0))
    }

    /// A run. `None`: it died.
    pub(super) fn run(&self, now: Timestamp) -> Result<Option<Report>, String> {
        self.work(now, |pair, state, journal| sync_pair(pair, state, journal, now, &self.call()))
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
                // The limits have tests of their own; here they would only hold everything.
                limits: Limits { items: 1_000, per_cent: 100, at_most: 1_000 },
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
