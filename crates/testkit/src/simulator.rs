//! The seeded simulator: users edit both sides, storages fail, processes die, states get lost; the oracle then checks the
//! laws of the engine.
//!
//! Every value that a user writes is a word of its own, and every item carries its name as a category that nobody edits.
//! So the oracle can tell, without knowing how the engine works, whether an item was duplicated, and whether a value is
//! still somewhere: on a side, or in the journal, or replaced by a user who saw it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::panic::AssertUnwindSafe;
use std::path::PathBuf;

use dovetail_model::contact::{Email, Place};
use dovetail_model::item::{Alarm, AlarmAction, Trigger};
use dovetail_model::recurrence::{Frequency, Rule as Recurrence, RuleEnd};
use dovetail_model::{Item, Kind, When, Zone};
use dovetail_sync::storage::{Call, Collection, ItemId, Traits};
use dovetail_sync::{
    Direction, Journal, Limits, Pair, Report, Rule, RunOutcome, Side, Sides, State, sync_pair, undo, verify,
};
use jiff::{Span, Timestamp};

use crate::conformance::sample;
use crate::faults::{Crash, Faults};
use crate::memory::{MemoryCollection, scope_of};
use crate::{Dialect, Dice};

/// What a simulation is to go through.
#[derive(Clone, Copy, Debug)]
pub struct Scenario {
    /// Makes every choice.
    pub seed: u64,
    /// Rounds of edits and runs before all is quiet.
    pub rounds: u32,
    /// The n-th point at which the process dies, in the first run; else chosen by the seed.
    pub crash_at: Option<u64>,
}

/// What was found wrong: a law, and the story that broke it.
#[derive(Debug)]
pub struct Broken {
    /// The law.
    pub law: String,
    /// All that happened.
    pub story: String,
}

/// Plays a scenario and checks the laws.
pub fn simulate(scenario: Scenario) -> Result<(), Broken> {
    let mut world = World::new(scenario);
    world.play(scenario).map_err(|law| Broken { law, story: world.story.clone() })
}

struct World {
    dice: Dice,
    kind: Kind,
    sides: Sides<MemoryCollection>,
    /// The folders of the engines: two computers on one mailbox have two.
    folders: Vec<tempfile::TempDir>,
    now: Timestamp,
    words: u64,
    /// Words that a user saw and replaced, or whose item a user removed.
    replaced: BTreeSet<String>,
    /// Names of items of which a user removed a copy.
    removed: BTreeSet<String>,
    named: BTreeSet<String>,
    /// Whether every engine finished a run that nothing disturbed: only then can a listing that lies do no harm.
    settled: bool,
    story: String,
}

type Law = std::result::Result<(), String>;

impl World {
    fn new(scenario: Scenario) -> World {
        let mut dice = Dice::new(scenario.seed);
        let kind = *dice.pick(&[Kind::Event, Kind::Task, Kind::Contact]).unwrap_or(&Kind::Event);
        let guarded = !dice.once_in(4);
        let traits = Traits { create_guard: guarded, delete_guard: guarded, ..Traits::default() };
        let outlook = MemoryCollection::new(
            Dialect::Outlook,
            Traits { create_guard: true, delete_guard: true, ..Traits::default() },
            scenario.seed,
        );
        let server = MemoryCollection::new(Dialect::Server, traits, scenario.seed + 1);
        server.set_rewriting(dice.once_in(3));
        let folders = (0..=dice.roll(2)).filter_map(|_| folder().ok()).collect();
        World {
            dice,
            kind,
            sides: Sides { outlook, server },
            folders,
            now: "2026-03-02T08:00:00Z".parse().unwrap_or(Timestamp::UNIX_EPOCH),
            words: 0,
            replaced: BTreeSet::new(),
            removed: BTreeSet::new(),
            named: BTreeSet::new(),
            settled: false,
            story: String::new(),
        }
    }

    fn play(&mut self, scenario: Scenario) -> Law {
        for _ in 0..2 + self.dice.roll(3) {
            for side in Side::BOTH {
                self.make(side);
            }
        }
        self.make_same_on_both();
        for round in 0..scenario.rounds {
            self.tick(600);
            for _ in 0..self.dice.roll(4) {
                self.act();
            }
            self.mischief(round == 0, scenario.crash_at);
            self.run()?;
            if self.dice.once_in(3) {
                self.settle()?;
            }
            self.no_duplicates()?;
        }
        self.calm();
        self.quiet()?;
        self.nothing_lost()?;
        self.no_duplicates()?;
        if self.dice.once_in(3) { self.undo_stays_undone() } else { Ok(()) }
    }

    fn tick(&mut self, seconds: i64) {
        self.now = self.now.checked_add(Span::new().seconds(seconds)).unwrap_or(self.now);
        for side in Side::BOTH {
            // Clocks differ and jump: they may pick the wrong winner, never lose anything.
            let skew = i64::try_from(self.dice.roll(7_200)).unwrap_or(0) - 3_600;
            self.sides.of(side).set_now(self.now.checked_add(Span::new().seconds(skew)).unwrap_or(self.now));
        }
    }

    fn tell(&mut self, what: &str) {
        // Writing to a String cannot fail.
        let _ = writeln!(self.story, "{what}");
    }

    fn word(&mut self) -> String {
        self.words += 1;
        format!("word{}x", self.words)
    }

    fn fresh(&mut self) -> (Item, String) {
        let name = format!("name{}x", self.named.len() + 1);
        self.named.insert(name.clone());
        let title = self.word();
        let mut item = sample(self.kind, 0);
        match &mut item {
            Item::Event(event) => {
                event.uid = Some(format!("{name}@example.com"));
                event.main.summary = title;
                event.main.categories.push(name.clone());
                event.main.alarms = vec![alarm(15), alarm(60)];
                if self.dice.once_in(2) {
                    event.rule = Some(Recurrence {
                        end: RuleEnd::Count(20),
                        ..Recurrence::every(1, Frequency::Weekly)
                    });
                }
            }
            Item::Task(task) => {
                task.uid = Some(format!("{name}@example.com"));
                task.summary = title;
                task.categories.push(name.clone());
            }
            Item::Contact(contact) => {
                contact.uid = Some(format!("{name}@example.com"));
                contact.formatted_name.clone_from(&title);
                contact.name.family = title;
                contact.note.clear();
                contact.categories.push(name.clone());
                let at = |n: u32| Email { address: format!("{name}{n}@example.com"), place: Place::Other };
                contact.emails = (0..5).map(at).collect();
            }
            Item::Group(group) => group.name = title,
        }
        (item, name)
    }

    fn make(&mut self, side: Side) {
        let (item, name) = self.fresh();
        self.sides.of(side).make(&item, &format!("only {side} knows"));
        self.tell(&format!("a user makes {name} ({}) on {side}", item.title()));
    }

    /// The same thing is on both sides before the first run, perhaps with another text.
    fn make_same_on_both(&mut self) {
        for _ in 0..self.dice.roll(4) {
            let (item, name) = self.fresh();
            self.sides.outlook.make(&item, "only Outlook knows");
            let mut other = item.clone();
            let word = self.dice.once_in(2).then(|| self.word());
            if let Some(word) = &word {
                describe(&mut other, word);
            }
            self.sides.server.make(&other, "only the server knows");
            self.tell(&format!("{name} ({}) is on both sides, the server says {word:?}", item.title()));
        }
    }

    fn some_item(&mut self, side: Side) -> Option<(ItemId, Item)> {
        let items = self.sides.of(side).items();
        self.dice.pick(&items).cloned()
    }

    fn act(&mut self) {
        let side = *self.dice.pick(&Side::BOTH).unwrap_or(&Side::Outlook);
        match self.dice.roll(8) {
            0 => self.make(side),
            1 => {
                if let Some((id, item)) = self.some_item(side) {
                    self.tell(&format!("a user removes {} on {side}", name_of(&item)));
                    self.replaced.extend(words_in(&item));
                    self.removed.insert(name_of(&item));
                    self.sides.of(side).remove(&id);
                }
            }
            _ => {
                if let Some((id, item)) = self.some_item(side) {
                    self.edit(side, &id, &item);
                }
            }
        }
    }

    fn edit(&mut self, side: Side, id: &ItemId, item: &Item) {
        let word = self.word();
        let which = self.dice.roll(4);
        let mut edited = item.clone();
        change(&mut edited, which, &word);
        let gone: Vec<String> = words_in(item).difference(&words_in(&edited)).cloned().collect();
        self.tell(&format!(
            "a user edits {} on {side}: field {which} becomes {word}, {gone:?} go",
            name_of(item)
        ));
        self.replaced.extend(gone);
        self.sides.of(side).edit(id, |item| *item = edited);
    }

    /// What goes wrong in the next run.
    fn mischief(&mut self, first: bool, crash_at: Option<u64>) {
        match self.dice.roll(12) {
            0 => self.lose_state(),
            1 => self.damage_state(),
            _ => {}
        }
        for side in Side::BOTH {
            let mut faults = Faults::default();
            if self.dice.once_in(2) {
                let mut chance =
                    |often: u64| if self.dice.once_in(3) { 2 + self.dice.roll(often) } else { 0 };
                faults = Faults {
                    token_expired: chance(3),
                    write_refused: chance(6),
                    write_done_but_failed: chance(6),
                    write_done_but_stale: chance(6),
                    offline: chance(12),
                    ..Faults::default()
                };
                if self.settled {
                    faults.row_missing = chance(6);
                    faults.row_unclear = chance(6);
                    faults.row_removed = chance(6);
                    faults.fetch_fails = chance(6);
                    faults.revoked = self.dice.once_in(8);
                    faults.emptied = self.dice.once_in(8);
                }
            }
            self.sides.of(side).set_faults(faults);
            let fuse = match crash_at {
                Some(at) if first => (side == Side::Server).then_some(at),
                Some(_) => None,
                None => self.dice.once_in(4).then(|| self.dice.roll(8)),
            };
            self.sides.of(side).set_fuse(fuse);
            self.tell(&format!("{side}: {faults:?}, dies at {fuse:?}"));
        }
    }

    fn calm(&mut self) {
        for side in Side::BOTH {
            self.sides.of(side).set_faults(Faults::default());
            self.sides.of(side).set_fuse(None);
        }
        self.tell("from now on nothing fails");
    }

    /// Every engine runs undisturbed, twice where the first run had something to plan again.
    fn settle(&mut self) -> Law {
        self.calm();
        for engine in (0..self.folders.len()).cycle().take(self.folders.len() * 2) {
            self.run_engine(engine)?;
        }
        self.settled = self.sides.server.traits().create_guard;
        Ok(())
    }

    fn state_path(&self, engine: usize) -> PathBuf {
        self.folders.get(engine).map(|folder| folder.path().join("state.db")).unwrap_or_default()
    }

    fn lose_state(&mut self) {
        for beside in ["", "-wal", "-shm"] {
            drop(std::fs::remove_file(format!("{}{beside}", self.state_path(0).display())));
        }
        self.settled = false;
        self.tell("the state is lost");
    }

    fn damage_state(&mut self) {
        drop(std::fs::write(
            self.state_path(0),
            b"this is no database, and it never was one, whoever asks for it",
        ));
        self.settled = false;
        self.tell("the state is damaged");
    }

    fn pair(&self) -> (MemoryCollection, MemoryCollection) {
        (self.sides.outlook.clone(), self.sides.server.clone())
    }

    /// One run of a randomly chosen engine. Dying is no failure; only the laws count.
    fn run(&mut self) -> std::result::Result<Option<Report>, String> {
        let engine = usize::try_from(self.dice.roll(self.folders.len() as u64)).unwrap_or(0);
        self.run_engine(engine)
    }

    fn run_engine(&mut self, engine: usize) -> std::result::Result<Option<Report>, String> {
        let (kind, now) = (self.kind, self.now);
        let done = self.with_engine(
            engine,
            |pair, state, journal| sync_pair(pair, state, journal, now, &Call::default()),
            kind,
        )?;
        match &done {
            Some(report) => self.tell(&format!(
                "engine {engine} ran: {:?}, {:?}, {:?}",
                report.outcome, report.written, report.lines
            )),
            None => self.tell(&format!("engine {engine} died")),
        }
        Ok(done)
    }

    fn with_engine<T>(
        &self,
        engine: usize,
        work: impl FnOnce(&Pair<'_>, &mut State, &mut Journal) -> dovetail_sync::Result<T>,
        kind: Kind,
    ) -> std::result::Result<Option<T>, String> {
        let path = self.state_path(engine);
        let (outlook, server) = self.pair();
        let lived = std::panic::catch_unwind(AssertUnwindSafe(|| {
            let mut state = State::open(&path)?;
            let mut journal = Journal::open(&path.with_file_name("journal.db"))?;
            let pair = Pair {
                id: "pair".into(),
                storages: Sides { outlook: &outlook, server: &server },
                scope: scope_of(kind),
                rule: Rule::Merge,
                direction: Direction::TwoWay,
                chunk: 3,
                home: Zone::named("Europe/Berlin"),
                // The limits have tests of their own; here they would only hold everything.
                limits: Limits { items: 1_000, per_cent: 100, at_most: 1_000 },
                server_may_schedule: true,
            };
            work(&pair, &mut state, &mut journal)
        }));
        match lived {
            Ok(Ok(done)) => Ok(Some(done)),
            Ok(Err(error)) => Err(format!("the engine failed: {error}, {:?}", error.source)),
            Err(cause) if cause.is::<Crash>() => Ok(None),
            Err(cause) => std::panic::resume_unwind(cause),
        }
    }

    /// At most two runs of each engine until nothing is left to do, and none writes after that.
    fn quiet(&mut self) -> Law {
        for engine in (0..self.folders.len()).cycle().take(self.folders.len() * 2) {
            self.tick(600);
            let report = self.run_engine(engine)?.ok_or("nothing should die now")?;
            if report.outcome != RunOutcome::Finished || report.failed > 0 {
                return Err(format!("nothing fails, and yet: {:?} {:?}", report.outcome, report.lines));
            }
        }
        for engine in 0..self.folders.len() {
            let before = self.sides.as_ref().map(|_, side| side.writes());
            let report = self.run_engine(engine)?.ok_or("nothing should die now")?;
            let after = self.sides.as_ref().map(|_, side| side.writes());
            if before != after {
                return Err(format!("a converged pair was written to: {:?}", report.written));
            }
            if report.held > 0 {
                continue;
            }
            let kind = self.kind;
            let verified =
                self.with_engine(engine, |pair, state, _| verify(pair, state, &Call::default()), kind)?;
            if let Some(verified) = verified.filter(|verified| !verified.is_equal()) {
                return Err(format!("the sides differ: {verified:?}"));
            }
        }
        Ok(())
    }

    /// Nothing exists twice on a side.
    fn no_duplicates(&self) -> Law {
        for side in Side::BOTH {
            let mut seen = BTreeMap::new();
            for (id, item) in self.sides.of(side).items() {
                if let Some(other) = seen.insert(name_of(&item), id.clone()) {
                    return Err(format!("{} is on {side} twice: {other:?} and {id:?}", name_of(&item)));
                }
            }
        }
        Ok(())
    }

    /// Every word that a user wrote is on a side, in a journal, or replaced by a user who saw it; every item that no user
    /// removed is on both sides.
    fn nothing_lost(&self) -> Law {
        let mut found: BTreeSet<String> = self.replaced.clone();
        for side in Side::BOTH {
            let items = self.sides.of(side).items();
            found.extend(items.iter().flat_map(|(_, item)| words_in(item)));
            let names: BTreeSet<String> = items.iter().map(|(_, item)| name_of(item)).collect();
            let lost: Vec<&String> =
                self.named.difference(&self.removed).filter(|name| !names.contains(*name)).collect();
            if !lost.is_empty() {
                return Err(format!("{lost:?} are not on {side}, and nobody removed them"));
            }
        }
        for engine in 0..self.folders.len() {
            let path = self.state_path(engine).with_file_name("journal.db");
            let journal = Journal::open(&path).map_err(|error| error.to_string())?;
            for run in journal.runs("pair", usize::MAX).map_err(|error| error.to_string())? {
                for entry in journal.entries(&run.id).map_err(|error| error.to_string())? {
                    let texts = entry
                        .before
                        .iter()
                        .map(|stored| String::from_utf8_lossy(&stored.original.bytes).into_owned());
                    found.extend(texts.flat_map(|text| words(&text)));
                }
            }
        }
        let lost: Vec<String> =
            (1..=self.words).map(|n| format!("word{n}x")).filter(|word| !found.contains(word)).collect();
        if lost.is_empty() { Ok(()) } else { Err(format!("{lost:?} are nowhere")) }
    }

    /// A run of edits is taken back; runs after that change nothing.
    fn undo_stays_undone(&mut self) -> Law {
        self.folders.truncate(1);
        let side = *self.dice.pick(&Side::BOTH).unwrap_or(&Side::Outlook);
        let before = self.contents();
        if let Some((id, item)) = self.some_item(side) {
            self.tick(600);
            self.edit(side, &id, &item);
        }
        self.make(side);
        let edited = self.contents();
        let Some(report) = self.run_engine(0)? else { return Err("nothing should die now".into()) };
        let (kind, now, run) = (self.kind, self.now, report.run.clone());
        let undone = self.with_engine(
            0,
            |pair, state, journal| undo(pair, &run, state, journal, now, &Call::default()),
            kind,
        )?;
        self.tell(&format!("undone: {:?}", undone.map(|report| (report.written, report.lines))));
        let after = self.contents();
        if *after.of(side) != *edited.of(side) || *after.of(side.other()) != *before.of(side.other()) {
            return Err("an undone run left something behind".into());
        }
        for _ in 0..2 {
            self.run_engine(0)?;
            if self.contents() != after {
                return Err("an undone run came back".into());
            }
        }
        Ok(())
    }

    fn contents(&self) -> Sides<Vec<String>> {
        self.sides.as_ref().map(|_, side| {
            let mut items: Vec<String> =
                side.items().into_iter().map(|(_, item)| format!("{item:?}")).collect();
            items.sort();
            items
        })
    }
}

/// States are forced to the disk at every commit: a folder in memory makes thousands of runs bearable.
fn folder() -> std::io::Result<tempfile::TempDir> {
    let memory = std::path::Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }
}

fn alarm(minutes: i64) -> Alarm {
    Alarm {
        trigger: Trigger::Start(-60 * minutes),
        action: AlarmAction::Display,
        minutes_before_start: Some(minutes),
    }
}

fn describe(item: &mut Item, text: &str) {
    match item {
        Item::Event(event) => event.main.description = text.to_owned(),
        Item::Task(task) => task.description = text.to_owned(),
        Item::Contact(contact) => contact.note = text.to_owned(),
        Item::Group(group) => group.note = text.to_owned(),
    }
}

/// A user's edit: of a title, a text, an entry of a list, or a single occurrence.
fn change(item: &mut Item, which: u64, word: &str) {
    match (item, which) {
        (Item::Event(event), 0) => event.main.summary = word.to_owned(),
        (Item::Event(event), 1) => event.main.location = word.to_owned(),
        (Item::Event(event), 2) if event.rule.is_some() => {
            let id = event.main.start.local().saturating_add(Span::new().weeks(2));
            let id: When = event.main.start.at_wall_clock(id);
            let mut occurrence =
                event.overrides.get(&id).cloned().unwrap_or_else(|| event.main.moved_to(&id));
            occurrence.location = word.to_owned();
            event.overrides.insert(id, occurrence);
        }
        // Not the title: once a state is lost nothing else tells that two tasks are the same.
        (Item::Task(task), 0) => task.categories.push(word.to_owned()),
        (Item::Contact(contact), 0) => contact.company = word.to_owned(),
        (Item::Contact(contact), 1) => {
            if let Some(email) = contact.emails.first_mut() {
                email.address = format!("{word}@example.com");
            }
        }
        (Item::Contact(contact), 2) => contact.job_title = word.to_owned(),
        (item, _) => describe(item, word),
    }
}

fn name_of(item: &Item) -> String {
    let categories: &[String] = match item {
        Item::Event(event) => &event.main.categories,
        Item::Task(task) => &task.categories,
        Item::Contact(contact) => &contact.categories,
        Item::Group(group) => &group.categories,
    };
    categories.iter().find(|category| category.starts_with("name")).cloned().unwrap_or_default()
}

fn words_in(item: &Item) -> BTreeSet<String> {
    words(&format!("{item:?}"))
}

fn words(text: &str) -> BTreeSet<String> {
    text.split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|part| part.starts_with("word"))
        .map(str::to_owned)
        .collect()
}
