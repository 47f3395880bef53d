//! Nothing that was merged may be invalid: an end before its start, an exception of an occurrence that the rule no
//! longer has. Applied only to what carrying changed.

use std::collections::BTreeMap;

use jiff::SignedDuration;

use crate::event::{Event, Occurrence};
use crate::item::Item;
use crate::task::{Task, TaskStatus};
use crate::when::{When, Zone};

/// Makes `after`, which carrying made of `before`, valid.
pub(super) fn after_edit(before: &Item, after: Item) -> Item {
    if *before == after {
        return after;
    }
    match (before, after) {
        (Item::Event(before), Item::Event(mut event)) => {
            settle_event(before, &mut event);
            Item::Event(event)
        }
        (Item::Task(before), Item::Task(mut task)) => {
            settle_task(before, &mut task);
            Item::Task(task)
        }
        (_, after) => after,
    }
}

fn settle_event(before: &Event, event: &mut Event) {
    settle_span(&before.main, &mut event.main);
    let start = event.main.start.clone();
    event.exdates =
        std::mem::take(&mut event.exdates).into_iter().map(|day| in_form_of(&start, day)).collect();
    event.rdates = std::mem::take(&mut event.rdates).into_iter().map(|day| in_form_of(&start, day)).collect();
    let changed = std::mem::take(&mut event.overrides);
    event.overrides =
        changed.into_iter().map(|(id, occurrence)| (in_form_of(&start, id), occurrence)).collect();
    for (id, occurrence) in &mut event.overrides {
        let was = before.overrides.get(id).unwrap_or(&before.main);
        settle_span(was, occurrence);
    }
    let same_series =
        before.rule == event.rule && before.main.start == event.main.start && before.rdates == event.rdates;
    if same_series {
        return;
    }
    // What was no occurrence before either (some servers keep such strays) is not ours to clean up.
    let stray = |id: &When| !occurs(before, id);
    let kept: BTreeMap<When, Occurrence> = std::mem::take(&mut event.overrides);
    let exdates = std::mem::take(&mut event.exdates);
    event.overrides = kept
        .into_iter()
        .filter(|(id, _)| occurs(event, id) || (before.overrides.contains_key(id) && stray(id)))
        .collect();
    event.exdates = exdates
        .into_iter()
        .filter(|id| occurs(event, id) || (before.exdates.contains(id) && stray(id)))
        .collect();
}

/// Recurrence ids are written as the series' start is.
pub(super) fn in_form_of(start: &When, id: When) -> When {
    match (start, &id) {
        (When::Time { .. }, When::Time { .. }) => start.at_wall_clock(id.local()),
        _ => id,
    }
}

fn occurs(event: &Event, id: &When) -> bool {
    if *id == event.main.start || event.rdates.contains(id) {
        return true;
    }
    event.rule.as_ref().is_some_and(|rule| rule.occurs(&event.main.start, id))
}

/// An end follows its start: where it would be before it, the occurrence keeps the length that it had.
fn settle_span(before: &Occurrence, occurrence: &mut Occurrence) {
    let unedited = (&before.start, &before.end) == (&occurrence.start, &occurrence.end);
    if unedited || is_span(&occurrence.start, &occurrence.end) {
        return;
    }
    occurrence.end = before.moved_to(&occurrence.start).end;
    if !is_span(&occurrence.start, &occurrence.end) {
        occurrence.end = match &occurrence.start {
            When::Date(start) => When::Date(start.tomorrow().unwrap_or(*start)),
            start => start.clone(),
        };
    }
}

/// Whether an occurrence can last from `start` to `end`: both days or both times, and whole days at least one
/// (RFC 5545 section 3.6.1).
fn is_span(start: &When, end: &When) -> bool {
    match (start, end) {
        (When::Date(start), When::Date(end)) => start < end,
        (When::Time { .. }, When::Time { .. }) => start.instant(&Zone::Utc) <= end.instant(&Zone::Utc),
        _ => false,
    }
}

fn settle_task(before: &Task, task: &mut Task) {
    if (&before.start, &before.due) != (&task.start, &task.due) {
        settle_task_span(before, task);
    }
    if (before.status, before.percent, &before.completed) != (task.status, task.percent, &task.completed) {
        settle_progress(before, task);
    }
}

/// A task is not due before it starts: the date that was edited stands, the other keeps its distance, or falls on the
/// same moment where there was none.
fn settle_task_span(before: &Task, task: &mut Task) {
    let (Some(start), Some(due)) = (&task.start, &task.due) else { return };
    if start.instant(&Zone::Utc) <= due.instant(&Zone::Utc) {
        return;
    }
    let length = match (&before.start, &before.due) {
        (Some(start), Some(due)) => start.local().duration_until(due.local()),
        _ => SignedDuration::ZERO,
    };
    let length = length.max(SignedDuration::ZERO);
    if before.start == task.start {
        let local = due.local().checked_sub(length).unwrap_or(due.local());
        task.start = Some(due.at_wall_clock(local));
    } else {
        let local = start.local().checked_add(length).unwrap_or(start.local());
        task.due = Some(start.at_wall_clock(local));
    }
}

/// Status, percent and completion say the same (Outlook couples them, RFC 5545 leaves it to the reader): the one that
/// was edited says what.
fn settle_progress(before: &Task, task: &mut Task) {
    task.percent = task.percent.min(100);
    let reopened = before.percent != task.percent && task.percent < 100;
    let finished = (before.percent != task.percent && task.percent == 100)
        || (before.completed != task.completed && task.completed.is_some());
    if before.status == task.status {
        match task.status {
            TaskStatus::Complete if reopened => task.status = TaskStatus::InProgress,
            _ if finished => task.status = TaskStatus::Complete,
            _ => {}
        }
    }
    if task.status == TaskStatus::Complete {
        task.percent = 100;
    } else {
        task.completed = None;
        if task.percent == 100 {
            task.percent = if before.percent == 100 { 0 } else { before.percent };
        }
    }
}
