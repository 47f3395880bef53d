//! Nothing that was merged may be invalid: an end before its start, an exception of an occurrence that the rule no
//! longer has. Applied only to what carrying changed.

use std::collections::BTreeMap;

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
fn in_form_of(start: &When, id: When) -> When {
    match (start, &id) {
        (When::Time { zone, .. }, When::Time { zone: other, .. }) if zone != other => {
            start.at_wall_clock(id.local())
        }
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
    if (&before.start, &before.end) == (&occurrence.start, &occurrence.end) {
        return;
    }
    let (start, end) = (&occurrence.start, &occurrence.end);
    let same_form =
        matches!((start, end), (When::Date(_), When::Date(_)) | (When::Time { .. }, When::Time { .. }));
    if same_form && end.instant(&Zone::Utc) >= start.instant(&Zone::Utc) {
        return;
    }
    occurrence.end = before.moved_to(&occurrence.start).end;
    if occurrence.end.local() < occurrence.start.local() {
        occurrence.end = occurrence.start.clone();
    }
    if let (When::Date(start), When::Date(end)) = (&occurrence.start, &mut occurrence.end)
        && *end <= *start
    {
        *end = start.tomorrow().unwrap_or(*start);
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

fn settle_task_span(before: &Task, task: &mut Task) {
    if let (Some(start), Some(due)) = (&task.start, &task.due)
        && due.instant(&Zone::Utc) < start.instant(&Zone::Utc)
    {
        // One of the two was edited alone: the other gives way.
        if before.start == task.start { task.start = None } else { task.due = None }
    }
}

/// Status, percent and completion say the same (Outlook couples them, RFC 5545 leaves it to the reader).
fn settle_progress(before: &Task, task: &mut Task) {
    task.percent = task.percent.min(100);
    match task.status {
        TaskStatus::Complete if before.status != TaskStatus::Complete => task.percent = 100,
        TaskStatus::Complete => {}
        _ => {
            task.completed = None;
            if task.percent == 100 {
                task.percent = if before.percent == 100 { 0 } else { before.percent };
            }
        }
    }
}
