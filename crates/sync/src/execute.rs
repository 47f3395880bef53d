//! The second pass: the plan, chunk by chunk. The only file that writes to storages.
//!
//! A chunk is: journal what is about to be replaced; record the intents; write; record what each side now holds. A kill
//! between any two of these leaves each item old or new, and the next run finds out which. A link moves on only when all
//! steps of its item are done: what was half done is planned again, and what is done already is then no edit any more.

use std::collections::BTreeSet;

use crate::Pair;
use crate::error::{Error, ErrorKind, Result};
use crate::journal::{Entry, Journal, Operation, Outcome, Stored};
use crate::plan::{Action, PlanRow, Step};
use crate::prepare::{Prepared, rebuild, terms};
use crate::report::{Counts, Line, LineEvent, Report, RunOutcome, SkipReason};
use crate::sides::{Side, Sides};
use crate::state::{Base, Intent, Link, LinkId, LinkState, State};
use crate::storage::{Call, ItemId, Snapshot, Write, Written};

use jiff::Timestamp;

/// What was carried out.
#[derive(Debug, Default)]
pub(crate) struct Executed {
    pub(crate) written: Sides<Counts>,
    pub(crate) lines: Vec<Line>,
    /// What is to be asked again in the next run.
    pub(crate) pending: Sides<BTreeSet<ItemId>>,
    /// What ended the run before its end.
    pub(crate) stopped: Option<Error>,
}

impl Executed {
    pub(crate) fn report(self) -> Report {
        let count = |wanted: fn(&LineEvent) -> bool| {
            self.lines.iter().filter(|line| wanted(&line.event)).count() as u64
        };
        Report {
            run: String::new(),
            pair: String::new(),
            started: Timestamp::UNIX_EPOCH,
            seconds: 0.0,
            outcome: RunOutcome::Finished,
            written: self.written,
            held: count(|event| matches!(event, LineEvent::Held { .. })),
            failed: count(|event| matches!(event, LineEvent::Failed { .. })),
            clashes: count(|event| matches!(event, LineEvent::Clashed { .. })),
            requests: 0,
            lines: self.lines,
        }
    }
}

/// What is done to one item, with its bodies.
pub(crate) struct Task {
    pub(crate) link: Option<Link>,
    pub(crate) action: Action,
    pub(crate) title: String,
    /// What each side then holds is meant to differ.
    pub(crate) apart: bool,
}

/// Where the writes of a run are journaled.
pub(crate) struct Desk<'d> {
    pub(crate) run: String,
    pub(crate) now: Timestamp,
    pub(crate) state: &'d mut State,
    pub(crate) journal: &'d mut Journal,
}

/// Carries out a plan. `Err` only where our own files fail; what a storage answers is in `executed`.
pub(crate) fn execute(
    pair: &Pair<'_>,
    prepared: &mut Prepared,
    state: &mut State,
    journal: &mut Journal,
    now: Timestamp,
    call: &Call,
    executed: &mut Executed,
) -> Result<()> {
    let terms = terms(pair, prepared.run);
    let mut desk = Desk { run: prepared.run.to_string(), now, state, journal };
    let (held, ready): (Vec<&PlanRow>, Vec<&PlanRow>) =
        prepared.plan.rows.iter().partition(|row| row.hold.is_some());
    for row in held {
        hold(pair, row, &mut prepared.spool, desk.state, executed)?;
    }
    let count = ready.len() as u64;
    for (number, rows) in ready.chunks(pair.chunk.max(1)).enumerate() {
        if let Err(cancelled) = call.check() {
            executed.stopped = Some(cancelled);
            return Ok(());
        }
        call.tell("writing", (number * pair.chunk) as u64, Some(count));
        let mut tasks = Vec::with_capacity(rows.len());
        for row in rows {
            let link = row.link.map(|id| desk.state.link(id)).transpose()?.flatten();
            let mut action = rebuild(pair, &mut prepared.spool, link.as_ref(), &row.changes, &terms)?;
            if row.rejected {
                action.steps = Sides { outlook: Step::Leave, server: Step::Leave };
            }
            tasks.push(Task { link, action, title: row.title.clone(), apart: row.rejected });
        }
        carry_out(pair, &tasks, &mut desk, call, executed)?;
        if executed.stopped.is_some() {
            return Ok(());
        }
    }
    Ok(())
}

/// A held row stays a question: its items are looked at again in the next run.
fn hold(
    pair: &Pair<'_>,
    row: &PlanRow,
    spool: &mut crate::spool::Spool,
    state: &State,
    executed: &mut Executed,
) -> Result<()> {
    let link = row.link.map(|id| state.link(id)).transpose()?.flatten();
    for side in Side::BOTH {
        let spooled = match row.changes.of(side) {
            crate::plan::Change::Edited(it) | crate::plan::Change::Restated(it) => Some(*it),
            _ => None,
        };
        let seen = spooled
            .map(|it| spool.read(it, *pair.storages.of(side)))
            .transpose()?
            .map(|snapshot| snapshot.id);
        let base = link.as_ref().and_then(|link| link.sides.of(side).as_ref()).map(|base| base.id.clone());
        executed.pending.of_mut(side).extend(seen.or(base));
    }
    if let Some(reason) = row.hold.clone() {
        executed.lines.push(Line { title: row.title.clone(), side: None, event: LineEvent::Held { reason } });
    }
    Ok(())
}

/// Carries out the tasks of a chunk.
pub(crate) fn carry_out(
    pair: &Pair<'_>,
    tasks: &[Task],
    desk: &mut Desk<'_>,
    call: &Call,
    executed: &mut Executed,
) -> Result<()> {
    let mut entries: Sides<Vec<(usize, Entry)>> = Sides::default();
    for side in Side::BOTH {
        *entries.of_mut(side) =
            tasks.iter().enumerate().filter_map(|(at, task)| Some((at, entry(task, side)?))).collect();
    }
    record_intents(pair, tasks, &mut entries, desk)?;

    let mut done: Vec<Sides<Option<Written>>> = tasks.iter().map(|_| Sides::default()).collect();
    let mut failed: BTreeSet<usize> = BTreeSet::new();
    for side in Side::BOTH {
        let entries = entries.of_mut(side);
        let results = write(pair, side, tasks, entries, call, executed);
        for ((at, entry), result) in entries.iter_mut().zip(results) {
            match result {
                Ok(written) => {
                    conclude(entry, &written);
                    count(executed.written.of_mut(side), entry.operation);
                    if let Some(done) = done.get_mut(*at) {
                        *done.of_mut(side) = Some(written);
                    }
                }
                Err(error) => {
                    entry.outcome = Outcome::Failed;
                    failed.insert(*at);
                    report_failure(entry, side, error, executed);
                }
            }
        }
        let concluded: Vec<Entry> = entries.iter().map(|(_, entry)| entry.clone()).collect();
        desk.journal.conclude(&concluded)?;
    }
    record_outcomes(pair, tasks, &done, &failed, desk, executed)
}

fn entry(task: &Task, side: Side) -> Option<Entry> {
    let action = &task.action;
    let current = action.current.of(side).as_ref();
    let (operation, draft) = match action.steps.of(side) {
        Step::Leave => return None,
        Step::Delete => (Operation::Delete, None),
        Step::Write(draft) if current.is_some() => (Operation::Update, Some(draft)),
        Step::Write(draft) => (Operation::Create, Some(draft)),
    };
    let item = draft.map(|draft| &draft.item).or(current.map(|snapshot| &snapshot.item))?;
    let uid = draft.map(|draft| draft.key.uid.as_str()).or(item.uid()).unwrap_or_default();
    let clashes = if side == action.kept { Vec::new() } else { action.clashes.clone() };
    Some(Entry {
        id: 0,
        side,
        operation,
        item: current.map(|snapshot| snapshot.id.clone()),
        other: action.current.of(side.other()).as_ref().map(|snapshot| snapshot.id.clone()),
        uid: uid.to_owned(),
        kind: item.kind(),
        title: task.title.clone(),
        loses: operation == Operation::Delete || !clashes.is_empty(),
        clashes,
        outcome: Outcome::Begun,
        before: current.map(Stored::from),
        after: None,
    })
}

/// INVARIANT: what is about to be replaced is durable in the journal, and what is about to be written in the state,
/// before the first write of a chunk.
fn record_intents(
    pair: &Pair<'_>,
    tasks: &[Task],
    entries: &mut Sides<Vec<(usize, Entry)>>,
    desk: &mut Desk<'_>,
) -> Result<()> {
    for side in Side::BOTH {
        let mut bare: Vec<Entry> = entries.of(side).iter().map(|(_, entry)| entry.clone()).collect();
        if bare.is_empty() {
            continue;
        }
        desk.journal.record(&desk.run, &pair.id, desk.now, &mut bare)?;
        for ((_, entry), recorded) in entries.of_mut(side).iter_mut().zip(bare) {
            entry.id = recorded.id;
        }
        desk.state.transaction(|state| {
            for (at, entry) in entries.of(side) {
                let made = match tasks.get(*at).map(|task| task.action.steps.of(side)) {
                    Some(Step::Write(draft)) if entry.operation == Operation::Create => {
                        Some(draft.item.clone())
                    }
                    _ => None,
                };
                let intent = Intent {
                    side,
                    own: entry.item.clone(),
                    other: entry.other.clone(),
                    uid: entry.uid.clone(),
                    item: made,
                };
                state.put_intent(&pair.id, &desk.run, &intent)?;
            }
            Ok(())
        })?;
    }
    Ok(())
}

/// Writes a side's part of a chunk: one result an entry. Nothing is written once the run has to stop.
fn write(
    pair: &Pair<'_>,
    side: Side,
    tasks: &[Task],
    entries: &[(usize, Entry)],
    call: &Call,
    executed: &Executed,
) -> Vec<Result<Written>> {
    let not_begun = || Error::new(ErrorKind::Cancelled, "The run stopped before this was written.");
    if executed.stopped.is_some() {
        return entries.iter().map(|_| Err(not_begun())).collect();
    }
    let batch: Vec<Write> = entries.iter().filter_map(|(at, _)| write_of(tasks.get(*at)?, side)).collect();
    if batch.is_empty() {
        return Vec::new();
    }
    let mut results = pair.storages.of(side).write(&batch, call);
    results.resize_with(entries.len(), || Err(not_begun()));
    results
}

fn write_of(task: &Task, side: Side) -> Option<Write> {
    let current = task.action.current.of(side);
    Some(match (task.action.steps.of(side), current) {
        (Step::Write(draft), Some(current)) => Write::Update(current.clone(), draft.clone()),
        (Step::Write(draft), None) => Write::Create(draft.clone()),
        (Step::Delete, Some(current)) => Write::Delete(current.clone()),
        _ => return None,
    })
}

fn conclude(entry: &mut Entry, written: &Written) {
    entry.outcome = Outcome::Done;
    if let Written::Holds(snapshot) = written {
        entry.item = Some(snapshot.id.clone());
        entry.after = Some(Stored::from(snapshot.as_ref()));
    }
}

fn count(counts: &mut Counts, operation: Operation) {
    match operation {
        Operation::Create => counts.created += 1,
        Operation::Update => counts.updated += 1,
        Operation::Delete => counts.deleted += 1,
    }
}

fn report_failure(entry: &Entry, side: Side, error: Error, executed: &mut Executed) {
    let event = match error.kind {
        // Somebody was faster: the item is planned again in the next run.
        ErrorKind::Stale | ErrorKind::Gone => LineEvent::Skipped { why: SkipReason::ChangedSince },
        kind => LineEvent::Failed { kind, what: error.what.clone() },
    };
    if !error.stops_the_run() {
        executed.lines.push(Line { title: entry.title.clone(), side: Some(side), event });
    } else if executed.stopped.is_none() {
        executed.stopped = Some(error);
    }
}

fn record_outcomes(
    pair: &Pair<'_>,
    tasks: &[Task],
    done: &[Sides<Option<Written>>],
    failed: &BTreeSet<usize>,
    desk: &mut Desk<'_>,
    executed: &mut Executed,
) -> Result<()> {
    let run = desk.run.clone();
    desk.state.transaction(|state| {
        for (at, (task, written)) in tasks.iter().zip(done).enumerate() {
            if failed.contains(&at) {
                for side in Side::BOTH {
                    let base = task.link.as_ref().and_then(|link| link.sides.of(side).as_ref());
                    let base = base.map(|base| base.id.clone());
                    let ids = [id_of(task, side), written_id(written.of(side).as_ref()), base];
                    executed.pending.of_mut(side).extend(ids.into_iter().flatten());
                }
                continue;
            }
            let link = link_after(task, written, &run);
            match (&link.sides.outlook, &link.sides.server) {
                (None, None) => state.remove_link(link.id)?,
                _ => drop(state.put_link(&pair.id, &link)?),
            }
            executed.lines.extend(task.action.clashes.iter().map(|clash| Line {
                title: task.title.clone(),
                side: None,
                event: LineEvent::Clashed { kept: task.action.kept, clash: clash.clone() },
            }));
        }
        state.clear_intents_of(&pair.id, &run)
    })
}

fn id_of(task: &Task, side: Side) -> Option<ItemId> {
    task.action.current.of(side).as_ref().map(|snapshot| snapshot.id.clone())
}

fn written_id(written: Option<&Written>) -> Option<ItemId> {
    match written {
        Some(Written::Holds(snapshot)) => Some(snapshot.id.clone()),
        _ => None,
    }
}

/// What each side holds once the task is done is its new base.
fn link_after(task: &Task, written: &Sides<Option<Written>>, run: &str) -> Link {
    let holds: Sides<Option<Snapshot>> = Sides::new(|side| match written.of(side) {
        Some(Written::Holds(snapshot)) => Some(snapshot.as_ref().clone()),
        Some(Written::Deleted) => None,
        None => task.action.current.of(side).clone(),
    });
    let uid = [&holds.server, &holds.outlook]
        .into_iter()
        .flatten()
        .find_map(|snapshot| snapshot.item.uid().map(str::to_owned))
        .or_else(|| task.link.as_ref().and_then(|link| link.uid.clone()))
        .or_else(|| Side::BOTH.iter().find_map(|side| key_uid(task.action.steps.of(*side))));
    let apart = match &task.link {
        _ if task.apart => LinkState::Apart { run: run.to_owned() },
        Some(Link { state: LinkState::Apart { run }, .. }) => LinkState::Apart { run: run.clone() },
        _ => LinkState::Joined,
    };
    Link {
        id: task.link.as_ref().map_or(LinkId(0), |link| link.id),
        uid,
        sides: Sides::new(|side| holds.of(side).as_ref().map(Base::from)),
        state: apart,
    }
}

fn key_uid(step: &Step) -> Option<String> {
    match step {
        Step::Write(draft) => Some(draft.key.uid.clone()),
        _ => None,
    }
}
