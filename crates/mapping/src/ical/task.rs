//! VTODO. Of a series the first component counts; the others stay as they are.

use dovetail_model::task::TaskStatus;
use dovetail_model::{Task, When, Zone};

use super::alarm::{self, Anchors};
use super::body::{self, Body};
use super::when::{self, Length};
use super::{Reader, Writer, property, recurrence};
use crate::Warning;
use crate::component::{Component, ComponentId, Line};

const STATUSES: [(&str, TaskStatus); 4] = [
    ("NEEDS-ACTION", TaskStatus::NotStarted),
    ("IN-PROCESS", TaskStatus::InProgress),
    ("COMPLETED", TaskStatus::Complete),
    ("CANCELLED", TaskStatus::Deferred),
];

/// Reads a task.
pub(super) fn read(component: Component<'_>, reader: &mut Reader<'_>) -> Task {
    let start = read_date(component, "DTSTART", reader);
    let due = read_due(component, start.as_ref(), reader);
    let anchors = Anchors::of(start.as_ref(), due.as_ref(), reader.home);
    let status = read_status(component, reader);
    let repeats_from = start.as_ref().or(due.as_ref()).cloned().unwrap_or_default();
    Task {
        uid: super::uid(component),
        summary: property::read_text(component, "SUMMARY"),
        description: body::read(component, reader).text,
        status,
        percent: read_percent(component, status, reader),
        completed: read_completed(component, reader),
        priority: property::read_priority(component, reader),
        sensitivity: property::read_class(component, &reader.options.calendar),
        categories: property::read_categories(component),
        alarms: alarm::read_alarms(component, anchors, reader),
        rule: recurrence::read_rule(component, &repeats_from, reader),
        url: property::read_url(component),
        attachments: property::read_attachments(component, reader),
        start,
        due,
    }
}

/// Writes a task into its component, in which it is compared with what that holds.
pub(super) fn write(writer: &mut Writer<'_>, id: ComponentId, task: &Task) {
    write_span(writer, id, task);
    let repeats_from = task.start.as_ref().or(task.due.as_ref()).cloned().unwrap_or_default();
    let before = read(writer.document.component(id), &mut writer.reader);
    recurrence::write_rule(writer, id, &repeats_from, before.rule.as_ref(), task.rule.as_ref());
    property::write_text(writer, id, "SUMMARY", &before.summary, &task.summary);
    let body = |task: &Task| Body { text: task.description.clone(), html: None };
    body::write(writer, id, &body(&before), &body(task));
    write_progress(writer, id, &before, task);
    property::write_priority(writer, id, before.priority, task.priority);
    property::write_class(writer, id, before.sensitivity, task.sensitivity);
    property::write_categories(writer, id, &before.categories, &task.categories);
    property::write_url(writer, id, &before.url, &task.url);
    property::write_attachments(writer, id, &before.attachments, &task.attachments);
    let anchors = Anchors::of(task.start.as_ref(), task.due.as_ref(), writer.reader.home);
    alarm::write_alarms(writer, id, anchors, &task.alarms);
}

/// What iCalendar can hold of a task: it has no status for waiting, and completion is a moment.
pub(super) fn held(task: &Task, home: &Zone) -> Task {
    Task {
        start: task.start.as_ref().map(when::plain_utc),
        due: task.due.as_ref().map(when::plain_utc),
        completed: task.completed.as_ref().map(|completed| in_utc(completed, home)),
        status: if task.status == TaskStatus::Waiting { TaskStatus::NotStarted } else { task.status },
        percent: task.percent.min(100),
        sensitivity: property::held_class(task.sensitivity),
        ..task.clone()
    }
}

/// The year from which VTIMEZONEs have to hold.
pub(super) fn earliest_year(task: &Task) -> i16 {
    super::earliest(task.start.iter().chain(&task.due))
}

fn read_date(component: Component<'_>, name: &str, reader: &mut Reader<'_>) -> Option<When> {
    component.line(name).and_then(|line| when::read_line(line, reader))
}

/// The moment of completion, which has to be in UTC (RFC 5545 section 3.8.2.1) and is read so.
fn read_completed(component: Component<'_>, reader: &mut Reader<'_>) -> Option<When> {
    read_date(component, "COMPLETED", reader).map(|completed| in_utc(&completed, reader.home))
}

fn in_utc(when: &When, home: &Zone) -> When {
    When::utc(Zone::Utc.wall_clock(when.instant(home)))
}

/// DUE, or DTSTART and DURATION.
fn read_due(component: Component<'_>, start: Option<&When>, reader: &mut Reader<'_>) -> Option<When> {
    if component.line("DUE").is_some() {
        return read_date(component, "DUE", reader);
    }
    let line = component.line("DURATION")?;
    let due =
        Length::parse(&line.value()).zip(start).and_then(|(length, start)| length.end_of(start, reader.home));
    if due.is_none() {
        reader.warn(Warning::at("bad_duration", "DURATION", line.number()).with(line.value()));
    }
    due
}

/// Changes start and due time; what gives the latter stays DUE or DURATION.
fn write_span(writer: &mut Writer<'_>, id: ComponentId, task: &Task) {
    let component = writer.document.component(id);
    if read_date(component, "DTSTART", &mut writer.reader) != task.start {
        writer.write_when(id, "DTSTART", task.start.as_ref());
    }
    let component = writer.document.component(id);
    if read_due(component, task.start.as_ref(), &mut writer.reader) == task.due {
        return;
    }
    let has_due = component.line("DUE").is_some();
    let duration = component.line("DURATION").map(Line::id).filter(|_| !has_due);
    let length = task.start.as_ref().zip(task.due.as_ref());
    let length = length.and_then(|(start, due)| when::format_length(start, due, writer.reader.home));
    match (duration, length) {
        (Some(line), Some(length)) => writer.document.set_value(line, &length),
        (duration, _) => {
            duration.into_iter().for_each(|line| writer.document.remove_line(line));
            writer.write_when(id, "DUE", task.due.as_ref());
        }
    }
}

fn read_status(component: Component<'_>, reader: &mut Reader<'_>) -> TaskStatus {
    let Some(line) = component.line("STATUS") else {
        let is_done = component.line("COMPLETED").is_some();
        return if is_done { TaskStatus::Complete } else { TaskStatus::NotStarted };
    };
    let value = line.value().trim().to_ascii_uppercase();
    match STATUSES.iter().find(|known| known.0 == value) {
        Some(known) => known.1,
        None => {
            reader.warn(Warning::at("bad_value", "STATUS", line.number()).with(line.value()));
            TaskStatus::NotStarted
        }
    }
}

/// PERCENT-COMPLETE; what is complete is so to 100 per cent unless it says otherwise.
fn read_percent(component: Component<'_>, status: TaskStatus, reader: &mut Reader<'_>) -> u8 {
    let implied = if status == TaskStatus::Complete { 100 } else { 0 };
    let Some(line) = component.line("PERCENT-COMPLETE") else { return implied };
    match line.value().trim().parse::<u8>() {
        Ok(percent) if percent <= 100 => percent,
        _ => {
            reader.warn(Warning::at("bad_value", "PERCENT-COMPLETE", line.number()).with(line.value()));
            implied
        }
    }
}

/// Changes STATUS, COMPLETED and PERCENT-COMPLETE, in this order, as each implies something of the next.
fn write_progress(writer: &mut Writer<'_>, id: ComponentId, before: &Task, task: &Task) {
    if !is_same_day(before.completed.as_ref(), task.completed.as_ref(), writer.reader.home) {
        writer.write_when(id, "COMPLETED", task.completed.as_ref());
    }
    let status = read_status(writer.document.component(id), &mut writer.reader);
    if status != task.status {
        let name =
            STATUSES.iter().find(|known| known.1 == task.status).map_or("NEEDS-ACTION", |known| known.0);
        writer.write_raw(id, "STATUS", name);
    }
    let percent = read_percent(writer.document.component(id), task.status, &mut writer.reader);
    if percent != task.percent {
        writer.write_raw(id, "PERCENT-COMPLETE", &task.percent.to_string());
    }
}

/// Whether two moments of completion are the same, where the wanted one may be known as a day only: midnight at home.
fn is_same_day(before: Option<&When>, after: Option<&When>, home: &Zone) -> bool {
    let (Some(before), Some(after)) = (before, after) else { return before.is_none() && after.is_none() };
    let (before, after) = (home.wall_clock(before.instant(home)), home.wall_clock(after.instant(home)));
    before == after || before.date() == after.date() && after.time() == jiff::civil::Time::midnight()
}
