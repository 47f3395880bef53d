//! The sync engine: it knows items, not formats; storages, not protocols.
//!
//! ```text
//! observe  ->  match_up  ->  plan  ->  guard  ->  execute
//! ```
//!
//! [`observe`] asks each side what changed and joins that with the links. [`match_up`] pairs what is linked on neither
//! side. [`plan`] decides, item by item, what is done, as plain data. [`guard`] holds what must wait for a person.
//! [`execute`] makes what it is about to replace durable in the journal, writes, and records what each side then holds.
//!
//! [`sync_pair`] is all of it; [`preview`] stops before the last step. Read this file, then [`plan`].

pub mod error;
pub mod execute;
pub mod guard;
pub mod journal;
pub mod match_up;
pub mod observe;
pub mod plan;
mod prepare;
pub mod report;
pub mod sides;
pub mod spool;
pub mod state;
pub mod storage;
pub mod undo;
pub mod verify;

use std::time::Instant;

use dovetail_model::Zone;
use jiff::Timestamp;
use uuid::Uuid;

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

use execute::Executed;
use prepare::{Prepared, prepare};
use storage::{Call, Scope};

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
}

/// Brings both sides of a pair in step.
///
/// What happens to single items is in the report, and so is what stopped a run; both are in the journal as well.
///
/// # Errors
/// Only where not even a report could be kept: our own files fail, or the rule is not available.
pub fn sync_pair(
    pair: &Pair<'_>,
    state: &mut State,
    journal: &mut Journal,
    now: Timestamp,
    call: &Call,
) -> Result<Report> {
    plan::verdict(Sides::new(|_| plan::Seen::Unchanged), pair.rule, pair.direction)?;
    let run = Uuid::new_v4();
    journal.begin(&run.to_string(), &pair.id, now)?;
    let clock = Instant::now();
    let requests_before = requests(call);

    let mut executed = Executed::default();
    let result = prepare(pair, state, journal, run, now, call).and_then(|mut prepared| {
        executed.lines.append(&mut prepared.lines);
        execute::execute(pair, &mut prepared, state, journal, now, call, &mut executed)?;
        prepare::finish(pair, prepared, state, now, &mut executed)
    });
    let outcome = outcome(result, executed.stopped.take());
    let report = Report {
        run: run.to_string(),
        pair: pair.id.clone(),
        started: now,
        seconds: clock.elapsed().as_secs_f64(),
        outcome,
        requests: requests(call) - requests_before,
        ..executed.report()
    };
    journal.finish(&report)?;
    Ok(report)
}

/// What a run would do now. Nothing is written, nor remembered.
///
/// # Errors
/// What would stop the run.
pub fn preview(
    pair: &Pair<'_>,
    state: &mut State,
    journal: &Journal,
    now: Timestamp,
    call: &Call,
) -> Result<Plan> {
    let prepared: Prepared = prepare(pair, state, journal, Uuid::new_v4(), now, call)?;
    Ok(prepared.plan)
}

pub(crate) fn requests(call: &Call) -> u64 {
    call.requests.load(std::sync::atomic::Ordering::Relaxed)
}

pub(crate) fn outcome(result: Result<()>, stopped: Option<Error>) -> RunOutcome {
    match result.err().or(stopped) {
        Some(error) => RunOutcome::Stopped { kind: error.kind, what: error.what },
        None => RunOutcome::Finished,
    }
}
