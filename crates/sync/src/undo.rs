//! Taking a run back: a plan built from its journal, carried out like any other.
//!
//! Each side's originals go back whole wherever the item is as the run left it; the rest is listed. What each side then
//! holds is its base, set apart: nothing crosses again until somebody edits. An undo is a run, and can be undone.

use std::collections::BTreeMap;
use std::time::Instant;

use jiff::Timestamp;
use uuid::Uuid;

use crate::error::{Error, ErrorKind, Result};
use crate::execute::{Desk, Executed, Task, carry_out};
use crate::guard::{Circumstances, Limits, guard};
use crate::journal::{Entry, Journal, Operation, Outcome, Stored};
use crate::plan::{Action, Change, PlanRow, Step, Verdict};
use crate::report::{Line, LineEvent, Report, SkipReason};
use crate::sides::{Side, Sides};
use crate::state::{Link, LinkId, LinkState, State};
use crate::storage::{Call, CreateKey, Draft, Fetched, ItemId, Snapshot};
use crate::{Pair, outcome, requests};

/// What a run did to one item: at most one entry a side.
type Done = Sides<Option<Entry>>;

/// Takes a run back on both sides.
///
/// The run's own deletions of what it had made do not need a person's approval: who undoes a run has asked for them.
/// Mail that the server would send still does.
///
/// # Errors
/// `Gone` where there is no such run of this pair; else as [`crate::sync_pair`].
pub fn undo(
    pair: &Pair<'_>,
    run: &str,
    state: &mut State,
    journal: &mut Journal,
    now: Timestamp,
    call: &Call,
) -> Result<Report> {
    let undone = journal
        .run(run)?
        .filter(|row| row.pair == pair.id)
        .ok_or_else(|| Error::new(ErrorKind::Gone, format!("There is no run {run} of this profile.")))?;
    let entries = journal.entries(&undone.id)?;
    let own = Uuid::new_v4().to_string();
    journal.begin(&own, &pair.id, now)?;
    let (clock, requests_before) = (Instant::now(), requests(call));

    let mut executed = Executed::default();
    let result = take_back(pair, entries, &own, state, journal, now, call, &mut executed);
    let outcome = outcome(result, executed.stopped.take());
    let report = Report {
        run: own,
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

#[expect(clippy::too_many_arguments, reason = "the body of undo, cut off so that its report is always kept")]
fn take_back(
    pair: &Pair<'_>,
    entries: Vec<Entry>,
    run: &str,
    state: &mut State,
    journal: &mut Journal,
    now: Timestamp,
    call: &Call,
    executed: &mut Executed,
) -> Result<()> {
    let mut tasks = Vec::new();
    for done in by_item(entries) {
        if let Some(task) = task(pair, &done, state, call, executed)? {
            tasks.push(task);
        }
    }
    hold(pair, &mut tasks, executed);
    let mut desk = Desk { run: run.to_owned(), now, state, journal };
    for (number, chunk) in tasks.chunks(pair.chunk.max(1)).enumerate() {
        if let Err(cancelled) = call.check() {
            executed.stopped = Some(cancelled);
            return Ok(());
        }
        call.tell("undoing", (number * pair.chunk) as u64, Some(tasks.len() as u64));
        carry_out(pair, chunk, &mut desk, call, executed)?;
        if executed.stopped.is_some() {
            break;
        }
    }
    desk.state.transaction(|state| {
        for side in Side::BOTH {
            for id in executed.pending.of(side) {
                state.put_pending(&pair.id, side, id)?;
            }
        }
        Ok(())
    })
}

/// The entries of a run by item, the last item first.
fn by_item(entries: Vec<Entry>) -> Vec<Done> {
    let mut items: Vec<Done> = Vec::new();
    let mut known: BTreeMap<(Side, ItemId), usize> = BTreeMap::new();
    for entry in entries.into_iter().filter(|entry| entry.outcome != Outcome::Failed) {
        let side = entry.side;
        let names =
            [entry.item.clone().map(|id| (side, id)), entry.other.clone().map(|id| (side.other(), id))];
        let at = names.iter().flatten().find_map(|name| known.get(name).copied()).filter(|at| {
            // A second write of one side is another item, or a later state of one: each is taken back by itself.
            items.get(*at).is_some_and(|done| done.of(side).is_none())
        });
        let at = at.unwrap_or_else(|| {
            items.push(Sides { outlook: None, server: None });
            items.len() - 1
        });
        known.extend(names.into_iter().flatten().map(|name| (name, at)));
        if let Some(done) = items.get_mut(at) {
            *done.of_mut(side) = Some(entry);
        }
    }
    items.reverse();
    items
}

/// What takes an item back; `None` where it was changed since, which is reported.
fn task(
    pair: &Pair<'_>,
    done: &Done,
    state: &State,
    call: &Call,
    executed: &mut Executed,
) -> Result<Option<Task>> {
    let title = Side::BOTH
        .iter()
        .find_map(|side| done.of(*side).as_ref().map(|entry| entry.title.clone()))
        .unwrap_or_default();
    let mut action = Action {
        verdict: Verdict::Leave,
        current: Sides { outlook: None, server: None },
        steps: Sides { outlook: Step::Leave, server: Step::Leave },
        clashes: Vec::new(),
        kept: Side::Server,
    };
    for side in Side::BOTH {
        let id = item_id(done, side);
        let current = id.map(|id| fetch(pair, side, &id, call)).transpose()?.flatten();
        if let Some(entry) = done.of(side) {
            match step(pair, entry, current.as_ref()) {
                Ok(step) => *action.steps.of_mut(side) = step,
                Err(why) => {
                    executed.lines.push(Line { title, side: Some(side), event: LineEvent::Skipped { why } });
                    return Ok(None);
                }
            }
        }
        *action.current.of_mut(side) = current;
    }
    let link = link_of(pair, done, state)?;
    Ok(Some(Task { link, action, title, apart: true }))
}

fn item_id(done: &Done, side: Side) -> Option<ItemId> {
    let own = done.of(side).as_ref().and_then(|entry| entry.item.clone());
    own.or_else(|| done.of(side.other()).as_ref().and_then(|entry| entry.other.clone()))
}

fn fetch(pair: &Pair<'_>, side: Side, id: &ItemId, call: &Call) -> Result<Option<Snapshot>> {
    let answers = pair.storages.of(side).fetch(std::slice::from_ref(id), &pair.scope, call)?;
    match answers.into_iter().next() {
        Some(Fetched::Found(snapshot)) => Ok(Some(*snapshot)),
        Some(Fetched::Failed(error)) => Err(error),
        _ => Ok(None),
    }
}

/// The step that takes an entry back, if the item is as the entry left it.
fn step(pair: &Pair<'_>, entry: &Entry, current: Option<&Snapshot>) -> Result<Step, SkipReason> {
    if entry.outcome == Outcome::Begun {
        return Err(SkipReason::Unknown);
    }
    let untouched = |after: &Option<Stored>, current: &Snapshot| {
        after
            .as_ref()
            .is_some_and(|after| after.version == current.version || after.original == current.original)
    };
    match (entry.operation, current) {
        (Operation::Create, Some(current)) if untouched(&entry.after, current) => Ok(Step::Delete),
        (Operation::Create, None) => Ok(Step::Leave),
        (Operation::Update, Some(current)) if untouched(&entry.after, current) => Ok(restored(pair, entry)?),
        (Operation::Delete, None) => Ok(restored(pair, entry)?),
        _ => Err(SkipReason::ChangedSince),
    }
}

/// The original of old, put back whole.
fn restored(pair: &Pair<'_>, entry: &Entry) -> Result<Step, SkipReason> {
    let before = entry.before.as_ref().ok_or(SkipReason::Unknown)?;
    let (item, _) = pair.storages.of(entry.side).read(&before.original).ok_or(SkipReason::Unknown)?;
    // A new name: some servers begin anew with versions under a name that was used before.
    let name = Uuid::new_v4().to_string();
    let key = CreateKey { uid: entry.uid.clone(), name };
    Ok(Step::Write(Draft { item, from: Some(before.original.clone()), key }))
}

fn link_of(pair: &Pair<'_>, done: &Done, state: &State) -> Result<Option<Link>> {
    for side in Side::BOTH {
        if let Some(id) = item_id(done, side)
            && let Some(link) = state.link_of(&pair.id, side, &id)?
        {
            return Ok(Some(link));
        }
    }
    Ok(None)
}

/// Who undoes has asked for deletions; not for mail.
fn hold(pair: &Pair<'_>, tasks: &mut Vec<Task>, executed: &mut Executed) {
    let traits = pair.storages.map(|_, storage| storage.traits());
    let circumstances = Circumstances {
        limits: Limits { items: u64::MAX, per_cent: u64::MAX, at_most: u64::MAX },
        linked: Sides::default(),
        destroyed: Sides::default(),
        server_may_schedule: pair.server_may_schedule,
        verdict: &|_| None,
    };
    let mut ready = Vec::new();
    for task in tasks.drain(..) {
        let changes = Sides { outlook: Change::Never, server: Change::Never };
        let mut row = [PlanRow::new(None, changes, &task.action, traits)];
        guard(&mut row, &circumstances);
        let [row] = row;
        match row.hold {
            Some(reason) => {
                executed.lines.push(Line {
                    title: task.title,
                    side: None,
                    event: LineEvent::Held { reason },
                });
            }
            None => ready.push(task),
        }
    }
    *tasks = ready;
}

/// Whether a link was set apart by a person.
pub(crate) fn is_apart(link: &Link) -> bool {
    link.id != LinkId(0) && matches!(link.state, LinkState::Apart { .. })
}
