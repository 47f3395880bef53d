//! Two collections, one profile, and a clock that a test moves.

use std::path::PathBuf;

use dovetail_model::contact::Contact;
use dovetail_model::event::{Event, Occurrence};
use dovetail_model::{Item, Kind, Zone};
use dovetail_sync::history::{self, Subject, Version};
use dovetail_sync::report::{HoldReason, LineEvent};
use dovetail_sync::restore::restore;
use dovetail_sync::scope::Range;
use dovetail_sync::state::{HeldRow, Verdict};
use dovetail_sync::storage::{Call, ItemId, Original, Scope, Traits};
use dovetail_sync::{
    Direction, Duplicates, Journal, Limits, Pair, Plan, Report, Result, Rule, RunOutcome, Side, Sides, State,
    Verified, preview, sync_items, sync_pair, undo, verify,
};
use dovetail_testkit::memory::Lens;
use dovetail_testkit::{Dialect, MemoryCollection};
use jiff::{SignedDuration, Timestamp};

pub(crate) struct World {
    folder: tempfile::TempDir,
    pub(crate) sides: Sides<MemoryCollection>,
    pub(crate) now: Timestamp,
    pub(crate) call: Call,
    pub(crate) kinds: Vec<Kind>,
    /// How many days back and ahead are synced; `None`: all.
    pub(crate) range: Option<(u32, u32)>,
    /// What names the collection of the server, and the account.
    pub(crate) source: &'static str,
    pub(crate) lens: Lens,
    pub(crate) rule: Rule,
    pub(crate) direction: Direction,
    pub(crate) limits: Limits,
    pub(crate) chunk: usize,
    pub(crate) server_may_schedule: bool,
    pub(crate) duplicates: Duplicates,
}

impl World {
    pub(crate) fn new() -> World {
        World::with_server(Traits::default())
    }

    /// Creates and deletes are guarded on both sides, whatever else is particular about the server.
    pub(crate) fn with_server(traits: Traits) -> World {
        let guarded = |traits| Traits { create_guard: true, delete_guard: true, ..traits };
        let world = World {
            folder: folder().expect("a folder for the profile"),
            sides: Sides {
                outlook: MemoryCollection::new(Dialect::Outlook, guarded(Traits::default()), 1),
                server: MemoryCollection::new(Dialect::Server, guarded(traits), 2),
            },
            now: "2026-03-02T08:00:00Z".parse().expect("a time"),
            call: Call::default(),
            kinds: vec![Kind::Event],
            range: None,
            source: "calendar",
            lens: Lens::default(),
            rule: Rule::Merge,
            direction: Direction::TwoWay,
            limits: Limits::default(),
            chunk: 4,
            server_may_schedule: false,
            duplicates: Duplicates::Keep,
        };
        world.tick(0);
        world
    }

    /// Time passes.
    pub(crate) fn later(&mut self, seconds: i64) {
        self.now = self.now.checked_add(SignedDuration::from_secs(seconds)).expect("a time");
        self.tick(0);
    }

    /// The clock of the collections runs ahead of ours.
    pub(crate) fn tick(&self, ahead_seconds: i64) {
        for side in Side::BOTH {
            let ahead = SignedDuration::from_secs(ahead_seconds);
            self.sides.of(side).set_now(self.now.checked_add(ahead).expect("a time"));
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn with<T>(&self, work: impl FnOnce(&Pair<'_>, &mut State, &mut Journal) -> T) -> T {
        let mut state = State::open(&self.path("state.db")).expect("a state");
        let mut journal = self.journal();
        let sides = self.sides.as_ref().map(|_, side| side.clone().with_lens(&self.lens));
        let pair = Pair {
            id: "pair".into(),
            storages: Sides { outlook: &sides.outlook, server: &sides.server },
            scope: self.scope(),
            rule: self.rule,
            direction: self.direction,
            chunk: self.chunk,
            home: home(),
            limits: self.limits,
            server_may_schedule: self.server_may_schedule,
            duplicates: self.duplicates,
        };
        work(&pair, &mut state, &mut journal)
    }

    fn scope(&self) -> Scope {
        let today = home().wall_clock(self.now).date();
        let range =
            self.range.map(|(days_back, days_ahead)| Range { days_back, days_ahead, today, home: home() });
        let filter = self.lens.filter.clone();
        let sources = Sides { outlook: "folder".into(), server: self.source.into() };
        Scope { kinds: self.kinds.clone(), range, filter, sources }
    }

    /// Days go by.
    pub(crate) fn days_later(&mut self, days: i64) {
        self.later(days * 86_400);
    }

    pub(crate) fn journal(&self) -> Journal {
        Journal::open(&self.path("journal.db")).expect("a journal")
    }

    pub(crate) fn try_run(&self) -> Result<Report> {
        self.with(|pair, state, journal| sync_pair(pair, state, journal, self.now, &self.call))
    }

    /// A run, ten minutes after the last.
    pub(crate) fn run(&mut self) -> Report {
        self.later(600);
        self.try_run().expect("a report")
    }

    /// A run over these items alone.
    pub(crate) fn run_only(&mut self, only: &[ItemId]) -> Result<Report> {
        self.later(600);
        self.with(|pair, state, journal| sync_items(pair, only, state, journal, self.now, &self.call))
    }

    /// A run to its end, in which nothing failed.
    pub(crate) fn good_run(&mut self) -> Report {
        let report = self.run();
        assert_eq!(report.outcome, RunOutcome::Finished);
        assert_eq!(report.failed, 0, "{:?}", report.lines);
        report
    }

    pub(crate) fn preview(&self) -> Plan {
        self.with(|pair, state, journal| preview(pair, state, journal, self.now, &self.call)).expect("a plan")
    }

    pub(crate) fn undo(&mut self, run: &str) -> Report {
        self.later(600);
        self.with(|pair, state, journal| undo(pair, run, state, journal, self.now, &self.call))
            .expect("a report")
    }

    /// The items of that name, as the history finds them.
    pub(crate) fn subjects(&self, name: &str) -> Vec<Subject> {
        self.with(|pair, state, journal| {
            let read = |side: Side, original: &Original| Some(pair.storages.of(side).read(original)?.0);
            history::find(&pair.id, name, state, journal, &read)
        })
        .expect("items")
    }

    /// The one item of that name.
    pub(crate) fn subject(&self, name: &str) -> Subject {
        let mut found = self.subjects(name);
        assert_eq!(found.len(), 1, "{name}: {found:?}");
        found.remove(0)
    }

    /// All versions of the one item of that name.
    pub(crate) fn versions(&self, name: &str) -> Vec<Version> {
        let subject = self.subject(name);
        self.with(|pair, state, journal| {
            let read = |side: Side, original: &Original| Some(pair.storages.of(side).read(original)?.0);
            history::versions(&subject, state, journal, &read)
        })
        .expect("versions")
    }

    pub(crate) fn restore(&mut self, name: &str, number: i64) -> Report {
        let subject = self.subject(name);
        self.later(600);
        self.with(|pair, state, journal| {
            restore(pair, &subject, number, state, journal, self.now, &self.call)
        })
        .expect("a report")
    }

    pub(crate) fn verify(&self) -> Verified {
        self.with(|pair, state, _| verify(pair, state, &self.call)).expect("a comparison")
    }

    pub(crate) fn held(&self) -> Vec<HeldRow> {
        self.with(|_, state, _| state.held("pair")).expect("what waits")
    }

    pub(crate) fn decide_all(&self, verdict: Verdict) {
        for row in self.held() {
            self.with(|_, state, _| state.decide_held("pair", row.id, verdict)).expect("a decision");
        }
    }

    pub(crate) fn make(&self, side: Side, title: &str) -> ItemId {
        self.sides.of(side).make(&event(title), "only this side knows")
    }

    pub(crate) fn find(&self, side: Side, title: &str) -> ItemId {
        let items = self.sides.of(side).items();
        items
            .into_iter()
            .find(|(_, item)| item.title() == title)
            .map(|(id, _)| id)
            .expect("an item of that title")
    }

    pub(crate) fn remove(&self, side: Side, title: &str) {
        self.sides.of(side).remove(&self.find(side, title));
    }

    pub(crate) fn edit(&self, side: Side, title: &str, change: impl FnOnce(&mut Occurrence)) {
        self.sides.of(side).edit(&self.find(side, title), |item| change(occurrence(item)));
    }

    pub(crate) fn titles(&self, side: Side) -> Vec<String> {
        let items = self.sides.of(side).items();
        let mut titles: Vec<String> = items.iter().map(|(_, item)| item.title().to_owned()).collect();
        titles.sort();
        titles
    }

    pub(crate) fn place(&self, side: Side, title: &str) -> String {
        let items = self.sides.of(side).items();
        let found = items.into_iter().find(|(_, item)| item.title() == title);
        occurrence(&mut found.expect("an item of that title").1).location.clone()
    }

    /// As many linked events as are asked for: `event 0` and so on.
    pub(crate) fn linked(count: usize) -> World {
        let mut world = World::new();
        for number in 0..count {
            world.make(Side::Server, &format!("event {number}"));
        }
        assert_eq!(world.good_run().written.outlook.created, count as u64);
        world
    }
}

/// In memory where the system has a file system there: durability is SQLite's business, speed ours.
fn folder() -> std::io::Result<tempfile::TempDir> {
    let memory = std::path::Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }
}

fn home() -> Zone {
    Zone::named("Europe/Berlin")
}

pub(crate) fn event(title: &str) -> Item {
    let uid = Some(format!("{}@example.com", title.replace(' ', "-")));
    let main = Occurrence { summary: title.to_owned(), ..Occurrence::default() };
    Item::Event(Box::new(Event { uid, main, ..Event::default() }))
}

pub(crate) fn occurrence(item: &mut Item) -> &mut Occurrence {
    match item {
        Item::Event(event) => &mut event.main,
        other => panic!("these tests make events only, not {other:?}"),
    }
}

/// A contact of that name, and of nothing else.
pub(crate) fn contact(name: &str) -> Item {
    let mut contact = Contact { formatted_name: name.into(), ..Contact::default() };
    contact.name.family = name.into();
    Item::Contact(Box::new(contact))
}

/// What a run wrote: in Outlook, on the server.
pub(crate) fn writes(report: &Report) -> (u64, u64) {
    (report.written.outlook.total(), report.written.server.total())
}

/// Why steps of a run wait.
pub(crate) fn held(report: &Report) -> Vec<HoldReason> {
    let reason = |event: &LineEvent| match event {
        LineEvent::Held { reason } => Some(reason.clone()),
        _ => None,
    };
    report.lines.iter().filter_map(|line| reason(&line.event)).collect()
}
