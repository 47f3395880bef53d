//! Taking a run back: a plan built from its journal, carried out like any other.
//!
//! Each side's originals go back whole wherever the item is as the run left it; the rest is listed. What each side then
//! holds is its base, set apart: nothing crosses again until somebody edits. An undo is a run, and can be undone.

use std::collections::BTreeMap;

use jiff::Timestamp;
use uuid::Uuid;

use crate::asked::{Looking, carry_out};
use crate::error::{Error, ErrorKind, Result};
use crate::execute::Task;
use crate::journal::{Entry, Journal, Operation, Outcome, Stored};
use crate::plan::{Action, Step, Verdict};
use crate::report::{Line, LineEvent, Report, SkipReason};
use crate::sides::{Side, Sides};
use crate::state::{Link, State};
use crate::storage::{Call, CreateKey, Draft, ItemId, Snapshot};
use crate::{Pair, Run, recover};

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
    Run::new(pair, state, journal, now, call).reported(|run| {
        recover::settle(run)?;
        let (mut tasks, mut looking) = (Vec::new(), Looking::default());
        for done in by_item(run.journal.entries(&undone.id)?) {
            tasks.extend(task(run, &mut looking, &done)?);
        }
        carry_out(run, "undoing", tasks)
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
fn task(run: &mut Run<'_>, looking: &mut Looking, done: &Done) -> Result<Option<Task>> {
    let title = done.as_ref().into_array().into_iter().flatten().map(|entry| entry.title.clone()).next();
    let title = title.unwrap_or_default();
    let mut action = Action {
        verdict: Verdict::Leave,
        current: Sides { outlook: None, server: None },
        steps: Sides { outlook: Step::Leave, server: Step::Leave },
        clashes: Vec::new(),
        kept: Side::Server,
    };
    for side in Side::BOTH {
        let current = match item_id(done, side) {
            Some(id) => looking.fetch(run, side, &id)?,
            None => Ok(None),
        };
        let step = current.as_ref().map_err(|why| *why).and_then(|current| match done.of(side) {
            Some(entry) => step(run.pair, entry, current.as_ref()),
            None => Ok(Step::Leave),
        });
        match (step, current) {
            (Ok(step), Ok(current)) => {
                *action.steps.of_mut(side) = step;
                *action.current.of_mut(side) = current;
            }
            (Err(why), _) | (_, Err(why)) => {
                let event = LineEvent::Skipped { why };
                run.done.lines.push(Line { title, side: Some(side), event });
                return Ok(None);
            }
        }
    }
    let link = link_of(run, done)?;
    Ok(Some(Task { link, action, title, subject: String::new(), apart: true, asked: true }))
}

fn item_id(done: &Done, side: Side) -> Option<ItemId> {
    let own = done.of(side).as_ref().and_then(|entry| entry.item.clone());
    own.or_else(|| done.of(side.other()).as_ref().and_then(|entry| entry.other.clone()))
}

/// The step that takes an entry back, if the item is as the entry left it.
fn step(pair: &Pair<'_>, entry: &Entry, current: Option<&Snapshot>) -> Result<Step, SkipReason> {
    if entry.outcome == Outcome::Begun {
        return Err(SkipReason::Unknown);
    }
    let repeats = pair.storages.of(entry.side).traits().versions_repeat;
    let untouched = |after: &Option<Stored>, current: &Snapshot| {
        let same = |after: &Stored| {
            after.original == current.original || (!repeats && after.version == current.version)
        };
        after.as_ref().is_some_and(same)
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

fn link_of(run: &Run<'_>, done: &Done) -> Result<Option<Link>> {
    for side in Side::BOTH {
        if let Some(id) = item_id(done, side)
            && let Some(link) = run.state.link_of(&run.pair.id, side, &id)?
        {
            return Ok(Some(link));
        }
    }
    Ok(None)
}
