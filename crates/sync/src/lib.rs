//! The sync engine: it knows items, not formats; storages, not protocols.
//!
//! ```text
//! observe  ->  match_up  ->  plan  ->  guard  ->  execute
//! ```
//!
//! [`mod@observe`] asks each side what changed and joins that with the links. [`mod@match_up`] pairs what is linked on neither
//! side. [`mod@plan`] decides, item by item, what is done, as plain data. [`mod@guard`] holds what must wait for a person.
//! [`mod@execute`] makes what it is about to replace durable in the journal, writes, and records what each side then holds.
//!
//! [`sync_pair`] is all of it; [`preview`] stops before the last step. Read this file, then [`mod@plan`].

mod asked;
pub mod cases;
mod differing;
pub mod duplicates;
pub mod error;
pub mod execute;
pub mod guard;
pub mod history;
pub mod journal;
pub mod match_up;
pub mod mend;
pub mod observe;
mod only;
mod outside;
mod people;
pub mod plan;
mod recover;
mod remember;
pub mod report;
mod reread;
pub mod restore;
pub mod scope;
pub mod sides;
pub mod spool;
pub mod state;
pub mod storage;
pub mod undo;
pub mod verify;

use std::sync::atomic::Ordering;
use std::time::Instant;

use dovetail_model::Zone;
use jiff::Timestamp;
use uuid::Uuid;

pub use duplicates::Duplicates;
pub use error::{Error, ErrorKind, Result};
pub use guard::Limits;
pub use journal::Journal;
pub use plan::{Direction, Plan, Rule};
pub use report::{Report, RunOutcome};
pub use sides::{Side, Sides};
pub use state::State;
pub use storage::Collection;
pub use undo::undo;
pub use verify::{Verified, verify};

use cases::{Cases, ask_for_namesakes, cases};
use execute::{Executed, execute};
use guard::{circumstances, guard};
use observe::{Observed, observe};
use people::{Familiar, familiar};
use remember::remember;
use report::{Line, LineEvent};
use spool::{Spool, Spooled};
use storage::{Call, ItemId, Scope};

/// A folder of Outlook, a collection of a server, and how they are kept in step.
#[derive(Clone)]
pub struct Pair<'a> {
    /// Names the pair in state and journal.
    pub id: String,
    /// Both sides.
    pub storages: Sides<&'a dyn Collection>,
    /// Which items belong to it.
    pub scope: Scope,
    /// Who wins clashes.
    pub rule: Rule,
    /// Which way edits go.
    pub direction: Direction,
    /// How many items are written between two commits.
    pub chunk: usize,
    /// Where floating times are read.
    pub home: Zone,
    /// How much may be destroyed without asking.
    pub limits: Limits,
    /// Whether the user lets the server mail attendees.
    pub server_may_schedule: bool,
    /// What is done about appointments that Outlook has twice.
    pub duplicates: Duplicates,
}

/// Brings both sides of a pair in step.
///
/// What happens to single items is in the report, and so is what stopped a run; both are in the journal as well.
///
/// # Errors
/// Only where not even a report could be kept: our own files fail.
pub fn sync_pair(
    pair: &Pair<'_>,
    state: &mut State,
    journal: &mut Journal,
    now: Timestamp,
    call: &Call,
) -> Result<Report> {
    Run::new(pair, state, journal, now, call).reported(|run| {
        let mut first = first_pass(run)?;
        execute(run, &mut first)?;
        duplicates::sweep(run)?;
        run.call.pass();
        remember(run, first)?;
        run.call.pass();
        Ok(())
    })
}

/// Brings these items alone in step, named by the id that either side gives them; the rest waits for the next run.
///
/// # Errors
/// As [`sync_pair`]. Where neither side has any of them, the run stops before its first write.
pub fn sync_items(
    pair: &Pair<'_>,
    only: &[ItemId],
    state: &mut State,
    journal: &mut Journal,
    now: Timestamp,
    call: &Call,
) -> Result<Report> {
    Run::new(pair, state, journal, now, call).reported(|run| {
        let mut first = first_pass(run)?;
        only::leave_others(run, &mut first, only)?;
        execute(run, &mut first)?;
        remember(run, first)
    })
}

/// What a run would do now. Neither side is written to.
///
/// # Errors
/// What would stop the run.
pub fn preview(
    pair: &Pair<'_>,
    state: &mut State,
    journal: &mut Journal,
    now: Timestamp,
    call: &Call,
) -> Result<Plan> {
    let mut run = Run::new(pair, state, journal, now, call);
    let mut first = first_pass(&mut run)?;
    first.spell_out(&run)?;
    let Sides { outlook, server } = first.observed.map(|_, observed| observed.lines);
    first.plan.lines = [outlook, server].concat();
    Ok(first.plan)
}

/// What the first pass found out and decided; bodies are in the spool.
pub(crate) struct FirstPass {
    pub(crate) plan: Plan,
    /// What is only made on a side, and has no row.
    pub(crate) plain: Vec<plan::Plain>,
    pub(crate) spool: Spool,
    pub(crate) observed: Sides<Observed>,
    /// What was matched with an item of another category.
    pub(crate) met_outside: Vec<Sides<Spooled>>,
    /// Whom members of lists mean, and what tasks are called to which others are related, where something is done.
    pub(crate) people: Option<Familiar>,
    /// The subjects of steps that a run over a few items leaves: what a person said about them stays.
    pub(crate) left: Vec<String>,
}

impl FirstPass {
    /// Gives a row to what has none.
    pub(crate) fn spell_out(&mut self, run: &Run<'_>) -> Result<()> {
        let plain = std::mem::take(&mut self.plain).into_iter().map(plan::Plain::case).collect();
        let spelt = plan::plan(run, &mut self.spool, plain, self.people.as_ref(), &mut self.observed)?;
        self.plan.rows.extend(spelt.rows);
        Ok(())
    }
}

/// Everything before the first write.
fn first_pass(run: &mut Run<'_>) -> Result<FirstPass> {
    run.state.begin();
    // A scope that changed is a new base line: nothing is deleted for having left it.
    let ran_before = run.journal.has_others(&run.pair.id, &run.id.to_string())?;
    let baseline = run.state.enter_scope(&run.pair.id, &fingerprint(run.pair), ran_before)?;
    run.state.enter_sources(&run.pair.id, &run.pair.scope.sources)?;
    if plan::direction_of(run.pair).merges_to().is_none() {
        run.state.transaction(|state| state.disown(&run.pair.id))?;
    }
    reread::notice(run)?;
    run.call.pass();
    // What a killed run was writing is read, not repeated, and not taken for somebody's edit.
    let open = recover::settle(run)?;

    let mut spool = Spool::create(&run.state.spool_path())?;
    let mut observed = Sides::new(|side| side)
        .try_map(|side, _| run.state.reading(|state| observe(run.pair, side, state, &mut spool, run.call)))?;
    recover::adopt(run, &open, &mut spool, &mut observed)?;
    ask_for_namesakes(run, &mut spool, &mut observed)?;
    outside::ask_for_counterparts(run, &mut spool, &mut observed)?;

    let Cases { mut cases, single, met_outside } =
        run.state.reading(|state| cases(run.pair, state, &mut spool, &mut observed))?;
    let mut plain = plan::part(run, single, &mut cases)?;
    duplicates::set_aside(run, &mut spool, &mut cases, &mut observed)?;
    let people = familiar(run, &mut spool, &mut cases)?;
    plain.extend(plan::take_plain(run, &mut cases)?);
    let mut plan = plan::plan(run, &mut spool, cases, people.as_ref(), &mut observed)?;
    plan::leave_read_only(run, &mut spool, &mut plan, &mut observed)?;
    reread::hold_doubtful(run, &mut plan.rows)?;
    if !plan.rows.is_empty() {
        guard(&mut plan.rows, &circumstances(run)?);
        plan.notices.extend(plan::notices(&plan.rows, run.pair.direction.replicates_to(), baseline));
    }
    let told = run.state.longest_interval(&run.pair.id)?;
    plan.notices.extend(outside::short_range(&run.pair.scope, &observed, told));
    Ok(FirstPass { plan, plain, spool, observed, met_outside, people, left: Vec::new() })
}

/// On what terms a pair is synced: where they change, the next run has a new base line.
fn fingerprint(pair: &Pair<'_>) -> String {
    format!("{} {:?}", pair.scope.fingerprint(), pair.direction)
}

/// A run at work: whom it works for, where it remembers, and what it has done so far.
pub(crate) struct Run<'r> {
    pub(crate) id: Uuid,
    pub(crate) pair: &'r Pair<'r>,
    pub(crate) state: &'r mut State,
    pub(crate) journal: &'r mut Journal,
    pub(crate) now: Timestamp,
    pub(crate) call: &'r Call,
    pub(crate) done: Executed,
}

impl<'r> Run<'r> {
    pub(crate) fn new(
        pair: &'r Pair<'r>,
        state: &'r mut State,
        journal: &'r mut Journal,
        now: Timestamp,
        call: &'r Call,
    ) -> Self {
        state.clear_grounds();
        Run { id: Uuid::new_v4(), pair, state, journal, now, call, done: Executed::default() }
    }

    /// Does the work of the run between a beginning and a report that are both in the journal, whatever happens.
    pub(crate) fn reported(mut self, work: impl FnOnce(&mut Self) -> Result<()>) -> Result<Report> {
        let requests = |call: &Call| call.requests.load(Ordering::Relaxed);
        let (clock, requests_before) = (Instant::now(), requests(self.call));
        self.journal.begin(&self.id.to_string(), &self.pair.id, self.now)?;
        for (title, aside) in [("state", self.state.damaged.take()), ("journal", self.journal.damaged.take())]
        {
            let event = aside.map(|to| LineEvent::SetAside { to: to.display().to_string() });
            self.done.lines.extend(event.map(|event| Line { title: title.to_owned(), side: None, event }));
        }
        let stopped = work(&mut self).err();
        let outcome = match stopped.or(self.done.stopped.take()) {
            Some(error) => RunOutcome::Stopped { kind: error.kind, what: error.what },
            None => RunOutcome::Finished,
        };
        let report = Report {
            run: self.id.to_string(),
            pair: self.pair.id.clone(),
            started: self.now,
            seconds: clock.elapsed().as_secs_f64(),
            outcome,
            requests: requests(self.call) - requests_before,
            written: self.done.written,
            lines: self.done.lines,
            held: 0,
            failed: 0,
            clashes: 0,
        }
        .counted();
        self.journal.finish(&report)?;
        Ok(report)
    }
}
