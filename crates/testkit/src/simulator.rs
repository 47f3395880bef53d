//! The seeded simulator: users edit both sides, storages fail, processes die, states get lost; the oracle then checks the
//! laws of the engine.
//!
//! Every value that a user writes is a word of its own, and every item carries its name as a category that nobody edits.
//! So the oracle can tell, without knowing how the engine works: what each item has to say once all is quiet
//! (`expectation`), whether an item was duplicated or lost, and whether bytes that the engine replaced were in its journal
//! before. All choices come from the seed.

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use dovetail_model::Kind;
use dovetail_sync::storage::Traits;
use dovetail_sync::{Report, RunOutcome, Side, Sides};
use jiff::{Span, Timestamp};

mod computer;
mod edits;
mod expectation;
mod users;

use crate::faults::{Faults, Fuse};
use crate::memory::{MemoryCollection, Versions};
use crate::{Dialect, Dice};
use computer::Computer;
use users::Users;

/// What a simulation goes through.
#[derive(Clone, Copy, Debug)]
pub struct Scenario {
    /// Makes every choice.
    pub seed: u64,
    /// Rounds of edits and runs before all is quiet.
    pub rounds: u32,
    /// The point at which the process dies in the first run, the first point before a write being 0; nothing else goes wrong
    /// then. `None`: the seed decides what goes wrong.
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

/// Plays a scenario and checks the laws. Whether the process died at the point that the scenario names: it does not, where
/// the run has fewer points.
///
/// # Errors
/// The law that was broken.
pub fn simulate(scenario: Scenario) -> Result<bool, Broken> {
    let mut world = World::new(scenario).map_err(|law| Broken { law, story: String::new() })?;
    let played = std::panic::catch_unwind(AssertUnwindSafe(|| world.play(scenario)));
    let law = match played {
        Ok(Ok(died)) => return Ok(died),
        Ok(Err(law)) => law,
        Err(panic) => {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            format!("it panicked: {}", text.unwrap_or_default())
        }
    };
    let story = world.users().story.clone();
    Err(Broken { law, story })
}

struct World {
    dice: Dice,
    users: Arc<Mutex<Users>>,
    sides: Sides<MemoryCollection>,
    computers: Vec<Computer>,
    /// Both sides' writes burn it.
    fuse: Fuse,
    now: Timestamp,
    /// Versions tell every state apart: only then can a state that was lost, or an edit in the middle of a run, be noticed.
    strong: bool,
    /// A name that is taken is not created again: only then does a listing that leaves out what is new do no harm.
    guarded: bool,
    /// What went wrong in the middle of another run.
    inner: Arc<Mutex<Option<String>>>,
}

type Law<T = ()> = Result<T, String>;

impl World {
    fn new(scenario: Scenario) -> Law<World> {
        let mut dice = Dice::new(scenario.seed);
        let kind = *dice.pick(&[Kind::Event, Kind::Task, Kind::Contact, Kind::Group]).unwrap_or(&Kind::Event);
        let guarded = !dice.once_in(4);
        let strong = scenario.crash_at.is_some() || !dice.once_in(8);
        let fuse = Fuse::default();
        let safe = Traits { create_guard: true, delete_guard: true, ..Traits::default() };
        let traits = Traits {
            create_guard: guarded,
            delete_guard: guarded,
            assigns_uid: dice.once_in(8),
            ..Traits::default()
        };
        let outlook = MemoryCollection::new(Dialect::Outlook, safe, scenario.seed).with_fuse(&fuse);
        let server = MemoryCollection::new(Dialect::Server, traits, scenario.seed + 1).with_fuse(&fuse);
        let server = if strong { server } else { server.with_versions(Versions::Repeating) };
        server.set_rewriting(dice.once_in(3));
        let sides = Sides { outlook, server };
        let count = if strong && dice.once_in(3) { 2 } else { 1 };
        let computers = (1..=count)
            .map(|number| Computer::new(&format!("computer {number}"), kind, &sides))
            .collect::<std::io::Result<Vec<Computer>>>()
            .map_err(|error| error.to_string())?;
        let users = Users::new(kind, sides.clone(), dice.clone(), count);
        Ok(World {
            dice,
            users: Arc::new(Mutex::new(users)),
            sides,
            computers,
            fuse,
            now: "2026-03-02T08:00:00Z".parse().unwrap_or(Timestamp::UNIX_EPOCH),
            strong,
            guarded,
            inner: Arc::default(),
        })
    }

    fn users(&self) -> MutexGuard<'_, Users> {
        self.users.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn play(&mut self, scenario: Scenario) -> Law<bool> {
        self.begin();
        let mut died = false;
        for round in 0..scenario.rounds {
            self.tick();
            for _ in 0..self.dice.roll(4) {
                self.users().act();
            }
            match scenario.crash_at {
                Some(at) if round == 0 => {
                    self.fuse.crash_after(at);
                    died = self.run_one(0)?.is_none();
                }
                Some(_) => drop(self.run_one(0)?),
                None => self.troubled_run()?,
            }
            self.users().no_duplicates()?;
            if self.dice.once_in(3) {
                self.agree()?;
            }
        }
        self.agree()?;
        if scenario.crash_at.is_none() && self.dice.once_in(3) {
            self.undo_stays_undone()?;
        }
        Ok(died)
    }

    fn begin(&mut self) {
        let alone = 2 + self.dice.roll(2);
        let together = self.dice.roll(3);
        let mut users = self.users();
        for _ in 0..alone {
            users.make(Side::Outlook);
            users.make(Side::Server);
        }
        for _ in 0..together {
            users.make_on_both();
        }
        users.leave_strangers();
    }

    /// Time passes. Clocks differ and jump: they may pick the wrong winner, never lose anything.
    fn tick(&mut self) {
        self.now = self.now.checked_add(Span::new().minutes(10)).unwrap_or(self.now);
        for side in Side::BOTH {
            let skew = i64::try_from(self.dice.roll(7_200)).unwrap_or(0) - 3_600;
            let shown = self.now.checked_add(Span::new().seconds(skew)).unwrap_or(self.now);
            self.sides.of(side).set_now(shown);
        }
    }

    /// A run in which something may go wrong.
    fn troubled_run(&mut self) -> Law {
        if self.strong && self.dice.once_in(8) {
            self.lose_state();
        }
        let mut lies = false;
        for side in Side::BOTH {
            let faults = self.faults();
            lies |= faults.lie();
            self.sides.of(side).set_faults(faults);
            if faults != Faults::default() {
                self.users().tell(&format!("{side}: {}", named(&faults)));
            }
        }
        let at = usize::try_from(self.dice.roll(self.computers.len() as u64)).unwrap_or(0);
        self.interrupt(at, lies);
        self.run_one(at)?;
        Ok(())
    }

    fn faults(&mut self) -> Faults {
        if self.dice.once_in(2) {
            return Faults::default();
        }
        let may_lie = self.guarded && self.users().may_be_lied_to();
        let mut chance = |often: u64| if self.dice.once_in(4) { 2 + self.dice.roll(often) } else { 0 };
        let mut faults = Faults {
            version_touched: chance(6),
            token_expired: chance(3),
            listing_missing: chance(4),
            listing_busy: chance(4),
            write_refused: chance(6),
            write_busy: chance(6),
            write_done_but_failed: chance(6),
            write_done_but_stale: chance(6),
            offline: chance(12),
            ..Faults::default()
        };
        if !self.strong {
            // A change that shares its version with the one before is seen only by who asks what changed since.
            faults.token_expired = 0;
        }
        if may_lie {
            faults.row_missing = chance(6);
            faults.row_unclear = chance(6);
            faults.row_removed = chance(6);
            faults.fetch_fails = chance(6);
            faults.listing_empty = chance(4) == 2;
            faults.revoked = chance(4) == 2;
            faults.emptied = chance(4) == 2;
        }
        faults
    }

    /// Something happens in the middle of the next run: the process dies, a user acts, another computer runs as well.
    fn interrupt(&mut self, at: usize, lies: bool) {
        if !self.strong {
            return;
        }
        let points = self.dice.roll(10);
        let users = self.users.clone();
        match self.dice.roll(4) {
            0 => {
                self.users().tell(&format!("(it will die at point {points})"));
                self.fuse.crash_after(points);
            }
            1 => self.fuse.light(points, move || {
                let mut users = users.lock().unwrap_or_else(PoisonError::into_inner);
                users.tell("meanwhile:");
                users.act();
            }),
            // Two computers that make the same item at once need a server that notices, and tells the truth.
            2 if self.guarded && !lies => {
                let other = self.computers.iter().enumerate().find(|(other, _)| *other != at);
                let Some((_, other)) = other.map(|(at, it)| (at, it.clone())) else { return };
                let (now, inner) = (self.now, self.inner.clone());
                self.fuse.light(points, move || {
                    let ran = other.run(now);
                    let mut users = users.lock().unwrap_or_else(PoisonError::into_inner);
                    users.tell(&format!("meanwhile {} ran: {}", other.name, told(&ran)));
                    if let Err(error) = ran {
                        *inner.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                    }
                });
            }
            _ => {}
        }
    }

    /// One run. `None`: it died. What it replaced has to be in the journal then, at any moment at which it may die.
    fn run_one(&mut self, at: usize) -> Law<Option<Report>> {
        let Some(computer) = self.computers.get(at).cloned() else { return Ok(None) };
        let ran = computer.run(self.now);
        self.fuse.put_out();
        self.users().tell(&format!("{} ran: {}", computer.name, told(&ran)));
        self.replaced_is_journaled()?;
        match self.inner.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(error) => Err(error),
            None => ran,
        }
    }

    fn replaced_is_journaled(&self) -> Law {
        for side in Side::BOTH {
            for replaced in self.sides.of(side).take_replaced() {
                let by = self.computers.iter().find(|computer| computer.name == replaced.by);
                let Some(by) = by else { return Err(format!("nobody knows {}", replaced.by)) };
                if !by.journaled()?.contains(&replaced.bytes) {
                    let bytes = String::from_utf8_lossy(&replaced.bytes).into_owned();
                    return Err(format!(
                        "{} on {side} was destroyed without a trace: {bytes}",
                        replaced.id.0
                    ));
                }
            }
        }
        Ok(())
    }

    /// The state of a computer is lost or damaged; never while nothing could tell that two items are one.
    fn lose_state(&mut self) {
        let possible = self.users().may_be_forgotten();
        let Some(computer) = self.computers.first().filter(|_| possible).cloned() else { return };
        let damaged = self.dice.once_in(2);
        if damaged {
            computer.damage_state();
        } else {
            computer.lose_state();
        }
        let mut users = self.users();
        users.tell(if damaged { "the state is damaged" } else { "the state is lost" });
        users.forget();
    }

    /// Nothing fails any more: at most two runs of each computer, then none writes, and everything is as it has to be.
    fn agree(&mut self) -> Law {
        for side in Side::BOTH {
            self.sides.of(side).set_faults(Faults::default());
        }
        let mut users = self.users();
        users.mend();
        users.tell("from now on nothing fails");
        drop(users);
        for _ in 0..2 {
            self.tick();
            for at in 0..self.computers.len() {
                self.undisturbed(at)?;
            }
        }
        self.quiet()?;
        let mut users = self.users();
        users.no_duplicates()?;
        users.agree()
    }

    fn undisturbed(&mut self, at: usize) -> Law<Report> {
        let report = self.run_one(at)?.ok_or("it died, though nothing fails")?;
        if report.outcome != RunOutcome::Finished || report.failed > 0 {
            return Err(format!("nothing fails, and yet: {:?} {:?}", report.outcome, report.lines));
        }
        Ok(report)
    }

    fn quiet(&mut self) -> Law {
        for at in 0..self.computers.len() {
            let before = self.sides.as_ref().map(|_, side| side.writes());
            let report = self.undisturbed(at)?;
            let after = self.sides.as_ref().map(|_, side| side.writes());
            if before != after {
                return Err(format!("a converged pair was written to: {:?}", report.written));
            }
            if report.held > 0 {
                return Err(format!("something is held though nothing fails: {:?}", report.lines));
            }
            let verified = self.computers.get(at).map(Computer::verify).transpose()?.flatten();
            if let Some(verified) = verified.filter(|verified| !verified.is_equal()) {
                return Err(format!("the sides differ: {verified:?}"));
            }
        }
        Ok(())
    }

    /// A run is taken back: both sides are as they were before it, and no later run brings it again.
    fn undo_stays_undone(&mut self) -> Law {
        if self.computers.len() > 1 {
            // Another computer knows nothing of the undoing, and carries the edits again.
            return Ok(());
        }
        self.tick();
        self.users().tell("what the next run does will be undone:");
        for _ in 0..1 + self.dice.roll(3) {
            let side = self.users().some_side();
            self.users().edit(side);
        }
        let side = self.users().some_side();
        self.users().make(side);
        let before = self.contents();
        let report = self.undisturbed(0)?;
        let Some(computer) = self.computers.first().cloned() else { return Ok(()) };
        self.tick();
        let undone = computer.undo(&report.run, self.now);
        self.users().tell(&format!("{} undid: {}", computer.name, told(&undone)));
        undone?;
        self.replaced_is_journaled()?;
        if self.contents() != before {
            return Err(format!("undone, {:?} is not as before: {before:?}", self.contents()));
        }
        for _ in 0..2 {
            self.tick();
            let report = self.undisturbed(0)?;
            if self.contents() != before {
                return Err(format!("what was undone came back: {:?}", report.written));
            }
        }
        Ok(())
    }

    /// What every item says, by name.
    fn contents(&self) -> Sides<Vec<(String, edits::Facts)>> {
        let users = self.users();
        Sides::new(|side| {
            users.look(side).into_iter().map(|(name, (_, item))| (name, edits::facts(&item))).collect()
        })
    }
}

fn told(ran: &Law<Option<Report>>) -> String {
    match ran {
        Ok(Some(report)) => {
            let Sides { outlook, server } = report.written;
            let counts = |it: dovetail_sync::report::Counts| {
                format!("{}+ {}~ {}-", it.created, it.updated, it.deleted)
            };
            format!(
                "{:?}, Outlook {}, server {}, {:?}",
                report.outcome,
                counts(outlook),
                counts(server),
                report.lines
            )
        }
        Ok(None) => "it died".into(),
        Err(error) => error.clone(),
    }
}

/// The faults that may happen, without those that may not.
fn named(faults: &Faults) -> String {
    let text = format!("{faults:?}");
    let inner = text.trim_start_matches("Faults { ").trim_end_matches(" }");
    let real = inner.split(", ").filter(|fault| !fault.ends_with(": 0") && !fault.ends_with(": false"));
    real.collect::<Vec<_>>().join(", ")
}
