//! VTODO. Of a series the component without a RECURRENCE-ID counts: occurrences that were moved or done stay as they
//! are.
//!
//! What iCalendar has no property for is in some of our own (`X-DOVETAIL-...`), which other programs keep as they keep any
//! X-property: that a task waits for somebody, when it is to be done again, and what Outlook knows of work and bills.

use dovetail_model::item::{Alarm, Trigger};
use dovetail_model::recurrence::Rule;
use dovetail_model::task::{RELATIONS, Relation, TaskStatus};
use dovetail_model::{Kind, Task, When, Zone};
use jiff::civil::Time;

use super::alarm::{self, Anchors};
use super::body::{self, Body};
use super::when::{self, Length};
use super::{Reader, Writer, property, recurrence};
use crate::component::{Component, ComponentId, Line};
use crate::content_line::NewLine;
use crate::options::{TaskDates, TaskRecurrence, TaskReminders};
use crate::{Warning, upcoming};

const STATUSES: [(&str, TaskStatus); 4] = [
    ("NEEDS-ACTION", TaskStatus::NotStarted),
    ("IN-PROCESS", TaskStatus::InProgress),
    ("COMPLETED", TaskStatus::Complete),
    ("CANCELLED", TaskStatus::Deferred),
];

/// Says that what is not started waits for somebody.
const STATUS_BEYOND: &str = "X-DOVETAIL-STATUS";
const WAITING: &str = "WAITING";

/// How long after a task was done it is to be done again: a rule, as text, which is what an X-property holds.
const REGENERATES: &str = "X-DOVETAIL-REGENERATES";

/// Minutes of work.
const TOTAL_WORK: &str = "X-DOVETAIL-TOTAL-WORK";
const ACTUAL_WORK: &str = "X-DOVETAIL-ACTUAL-WORK";

const MILEAGE: &str = "X-DOVETAIL-MILEAGE";
const BILLING: &str = "X-DOVETAIL-BILLING";
const COMPANIES: &str = "X-DOVETAIL-COMPANIES";
const OWNER: &str = "X-DOVETAIL-OWNER";

/// The last second of a day: when a task is due of which only the day is known, where a time has to be said.
const END_OF_DAY: Time = Time::constant(23, 59, 59, 0);

/// Reads a task.
pub(super) fn read(component: Component<'_>, reader: &mut Reader<'_>) -> Task {
    let start = read_date(component, "DTSTART", reader);
    let due = read_due(component, start.as_ref(), reader);
    let anchors = Anchors::of_task(start.as_ref(), due.as_ref(), reader.home);
    let status = read_status(component, reader);
    let repeats_from = start.as_ref().or(due.as_ref()).cloned().unwrap_or_default();
    let repeats = reader.options.tasks.recurrence == TaskRecurrence::Mapped;
    let mut task = Task {
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
        rule: recurrence::read_rule(component, &repeats_from, reader).filter(|_| repeats),
        regenerates: read_regenerates(component, &repeats_from, reader).filter(|_| repeats),
        url: property::read_url(component),
        attachments: property::read_attachments(component, reader),
        total_work: read_minutes(component, TOTAL_WORK, reader),
        actual_work: read_minutes(component, ACTUAL_WORK, reader),
        mileage: property::read_text(component, MILEAGE),
        billing: property::read_text(component, BILLING),
        contacts: read_contacts(component),
        companies: property::read_text(component, COMPANIES),
        owner: property::read_text(component, OWNER),
        custom: property::read_custom(component, Kind::Task, reader),
        relations: read_relations(component, reader),
        start,
        due,
    };
    task.note_relations(|_| None);
    task
}

/// Writes a task into its component, in which it is compared with what that holds.
pub(super) fn write(writer: &mut Writer<'_>, id: ComponentId, task: &Task) {
    let options = &writer.settings.options;
    let alarms_before = read(writer.document.component(id), &mut writer.reader).alarms;
    write_span(writer, id, task);
    let before = read(writer.document.component(id), &mut writer.reader);
    if options.tasks.recurrence == TaskRecurrence::Mapped {
        write_recurrence(writer, id, &before, task);
    }
    property::write_text(writer, id, "SUMMARY", &before.summary, &task.summary);
    let body = |task: &Task| Body { text: task.description.clone(), html: None };
    body::write(writer, id, &body(&before), &body(task));
    write_progress(writer, id, &before, task);
    property::write_priority(writer, id, before.priority, task.priority);
    property::write_class(writer, id, before.sensitivity, task.sensitivity);
    property::write_categories(writer, id, &before.categories, &task.categories);
    property::write_url(writer, id, &before.url, &task.url);
    property::write_attachments(writer, id, &before.attachments, &task.attachments);
    property::write_custom(writer, id, Kind::Task, &task.custom);
    write_business(writer, id, &before, task);
    let anchors = Anchors::of_task(before.start.as_ref(), before.due.as_ref(), writer.reader.home);
    let form = options.tasks.reminders;
    let wanted = upcoming::of_task(task, &alarms_before, writer.settings);
    let alarms: Vec<Alarm> =
        wanted.iter().map(|alarm| anchored(alarm, anchors, &alarms_before, form)).collect();
    alarm::write_alarms(writer, id, anchors, &alarms);
}

/// Changes how it repeats.
fn write_recurrence(writer: &mut Writer<'_>, id: ComponentId, before: &Task, task: &Task) {
    let start = before.start.as_ref().or(before.due.as_ref()).cloned().unwrap_or_default();
    recurrence::write_rule(writer, id, &start, before.rule.as_ref(), task.rule.as_ref());
    if before.regenerates != task.regenerates {
        let rule = task.regenerates.as_ref();
        let rule = rule.map(|rule| recurrence::format(rule, &start, writer.reader.home));
        writer.write_text(id, REGENERATES, &rule.unwrap_or_default());
    }
}

/// An alarm as it is said of this task. Where it comes from, the task may begin or be due at another time of the day: its
/// distance from the day, which is the same everywhere, then says when it goes off.
fn anchored(alarm: &Alarm, anchors: Anchors, before: &[Alarm], form: TaskReminders) -> Alarm {
    let is_of_here = before.iter().any(|held| held.minutes_before_start == alarm.minutes_before_start);
    if before.contains(alarm) {
        return alarm.clone();
    }
    let moment = alarm.minutes_before_start.and_then(|minutes| anchors.moment(minutes)).map(Trigger::At);
    let is_it = |held: &&Alarm| held.action == alarm.action && Some(&held.trigger) == moment.as_ref();
    let is_relative = !matches!(alarm.trigger, Trigger::At(_));
    if let Some(held) = before.iter().find(is_it).filter(|_| is_relative) {
        // The dates of the task moved, and not the moment that is said.
        return held.clone();
    }
    let trigger = match alarm.minutes_before_start {
        Some(minutes) if form == TaskReminders::Absolute => anchors.moment(minutes).map(Trigger::At),
        Some(minutes) if !is_of_here && anchors.minutes_before_start(&alarm.trigger) != Some(minutes) => {
            anchors.trigger(minutes)
        }
        _ => None,
    };
    Alarm { trigger: trigger.unwrap_or_else(|| alarm.trigger.clone()), ..alarm.clone() }
}

/// Changes what Outlook knows of work and bills.
fn write_business(writer: &mut Writer<'_>, id: ComponentId, before: &Task, task: &Task) {
    for (name, before, after) in [
        (TOTAL_WORK, before.total_work, task.total_work),
        (ACTUAL_WORK, before.actual_work, task.actual_work),
    ] {
        if before != after {
            let value = if after == 0 { String::new() } else { after.to_string() };
            writer.write_raw(id, name, &value);
        }
    }
    for (name, before, after) in [
        (MILEAGE, &before.mileage, &task.mileage),
        (BILLING, &before.billing, &task.billing),
        (COMPANIES, &before.companies, &task.companies),
        (OWNER, &before.owner, &task.owner),
    ] {
        property::write_text(writer, id, name, before, after);
    }
    write_contacts(writer, id, &before.contacts, &task.contacts);
}

fn read_minutes(component: Component<'_>, name: &str, reader: &mut Reader<'_>) -> u32 {
    let Some(line) = component.line(name) else { return 0 };
    line.value().trim().parse().unwrap_or_else(|_| {
        reader.warn(Warning::at("bad_value", name, line.number()).with(line.value()));
        0
    })
}

fn read_regenerates(component: Component<'_>, start: &When, reader: &mut Reader<'_>) -> Option<Rule> {
    let line = component.line(REGENERATES)?;
    let rule = recurrence::parse(&line.text(), start, reader.home);
    rule.inspect_err(|part| {
        reader.warn(Warning::at("bad_rule", REGENERATES, line.number()).with(part.as_str()));
    })
    .ok()
}

/// RELATED-TO. Not where the user has a pair for the property that notes it.
fn read_relations(component: Component<'_>, reader: &Reader<'_>) -> Vec<Relation> {
    if !reader.settings.options.calendar.custom.is_note(Kind::Task, RELATIONS) {
        return Vec::new();
    }
    let relation = |line: Line<'_>| {
        let (uid, kind) = (line.text(), line.param("RELTYPE").unwrap_or_else(|| "PARENT".into()));
        let uid = uid.trim();
        (!uid.is_empty()).then(|| Relation { kind: kind.to_ascii_uppercase(), uid: uid.to_owned() })
    };
    component.lines_named("RELATED-TO").filter_map(relation).collect()
}

/// CONTACT, each name once.
fn read_contacts(component: Component<'_>) -> Vec<String> {
    let mut contacts: Vec<String> = Vec::new();
    for name in component.lines_named("CONTACT").map(|line| line.text().trim().to_owned()) {
        if !name.is_empty() && !is_among(&contacts, &name) {
            contacts.push(name);
        }
    }
    contacts
}

fn is_among(names: &[String], wanted: &str) -> bool {
    names.iter().any(|name| name.trim().to_lowercase() == wanted.trim().to_lowercase())
}

/// Changes CONTACT: each name has a line. A line without a name is none that was read, and stays.
fn write_contacts(writer: &mut Writer<'_>, id: ComponentId, before: &[String], after: &[String]) {
    let is_gone = |name: &str| is_among(before, name) && !is_among(after, name);
    let lines = writer.document.component(id).lines_named("CONTACT");
    let gone: Vec<_> = lines.filter(|line| is_gone(&line.text())).map(|line| line.id()).collect();
    gone.into_iter().for_each(|line| writer.document.remove_line(line));
    for name in after.iter().filter(|name| !name.trim().is_empty() && !is_among(before, name)) {
        writer.insert(id, &NewLine::text("CONTACT", name));
    }
}

/// What iCalendar can hold of a task: completion is a moment.
pub(super) fn held(task: &Task, home: &Zone) -> Task {
    Task {
        start: task.start.as_ref().map(when::plain_utc),
        due: task.due.as_ref().map(when::plain_utc),
        completed: task.completed.as_ref().map(|completed| in_utc(completed, home)),
        percent: task.percent.min(100),
        sensitivity: property::held_class(task.sensitivity),
        relations: Vec::new(),
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
    let length = Length::read(line, reader);
    let due = length.zip(start).and_then(|(length, start)| length.end_of(start, reader.home));
    if due.is_none() {
        reader.warn(Warning::at("bad_duration", "DURATION", line.number()).with(line.value()));
    }
    due
}

/// Changes start and due time; what gives the latter stays DUE or DURATION.
fn write_span(writer: &mut Writer<'_>, id: ComponentId, task: &Task) {
    let component = writer.document.component(id);
    let start = read_date(component, "DTSTART", &mut writer.reader);
    let due = read_due(component, start.as_ref(), &mut writer.reader);
    if start != task.start {
        let wanted = task.start.as_ref();
        let wanted = wanted.map(|day| said(writer, day, start.as_ref(), due.as_ref(), Time::midnight()));
        writer.write_when(id, "DTSTART", wanted.as_ref());
    }
    let component = writer.document.component(id);
    let start = read_date(component, "DTSTART", &mut writer.reader);
    if read_due(component, start.as_ref(), &mut writer.reader) == task.due {
        return;
    }
    let has_due = component.line("DUE").is_some();
    let duration = component.line("DURATION").map(Line::id).filter(|_| !has_due);
    let wanted = task.due.as_ref().map(|day| said(writer, day, due.as_ref(), start.as_ref(), END_OF_DAY));
    let length = start.as_ref().zip(wanted.as_ref());
    let length = length.and_then(|(start, due)| when::format_length(start, due, writer.reader.home));
    match (duration, length) {
        (Some(line), Some(length)) => writer.document.set_value(line, &length),
        (duration, _) => {
            duration.into_iter().for_each(|line| writer.document.remove_line(line));
            writer.write_when(id, "DUE", wanted.as_ref());
        }
    }
}

/// A start or due time as it is to be written. Of a day the time is the one that was `held` until now: whoever set the day
/// knew of no time (Outlook). Start and due time are both days or both times (RFC 5545 section 3.8.2.3): where the
/// `other` one has a time, `time` is said.
fn said(writer: &Writer<'_>, wanted: &When, held: Option<&When>, other: Option<&When>, time: Time) -> When {
    let When::Date(day) = wanted else { return wanted.clone() };
    let home = writer.reader.home;
    let on_day = |form: &When, time: Time| match form {
        When::Time { zone: Zone::Floating, .. } | When::Date(_) => form.at_wall_clock(day.to_datetime(time)),
        When::Time { zone, .. } => form.at_wall_clock(zone.wall_clock(home.instant(day.to_datetime(time)))),
    };
    let floating = writer.settings.options.tasks.dates == TaskDates::Floating;
    match (held, other) {
        (Some(held @ When::Time { .. }), _) => on_day(held, held.in_zone(home).local().time()),
        (_, Some(other @ When::Time { .. })) => on_day(other, time),
        (None, None) if floating => When::Time { local: day.to_datetime(time), zone: Zone::Floating },
        _ => wanted.clone(),
    }
}

fn read_status(component: Component<'_>, reader: &mut Reader<'_>) -> TaskStatus {
    let Some(line) = component.line("STATUS") else {
        let is_done = component.line("COMPLETED").is_some();
        return if is_done { TaskStatus::Complete } else { TaskStatus::NotStarted };
    };
    let value = line.value().trim().to_ascii_uppercase();
    match STATUSES.iter().find(|known| known.0 == value) {
        Some((_, TaskStatus::NotStarted)) if is_waiting(component) => TaskStatus::Waiting,
        Some(known) => known.1,
        None => {
            reader.warn(Warning::at("bad_value", "STATUS", line.number()).with(line.value()));
            TaskStatus::NotStarted
        }
    }
}

fn is_waiting(component: Component<'_>) -> bool {
    component.line(STATUS_BEYOND).is_some_and(|line| line.value().trim().eq_ignore_ascii_case(WAITING))
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

/// Changes COMPLETED, STATUS and PERCENT-COMPLETE, in this order, as each implies something of the next. What was edited is
/// said though it is implied: not every program draws the same conclusions.
fn write_progress(writer: &mut Writer<'_>, id: ComponentId, before: &Task, task: &Task) {
    if !is_same_day(before.completed.as_ref(), task.completed.as_ref(), writer.reader.home) {
        writer.write_when(id, "COMPLETED", task.completed.as_ref());
    }
    let status = read_status(writer.document.component(id), &mut writer.reader);
    if status != task.status || before.status != task.status {
        let name =
            STATUSES.iter().find(|known| known.1 == task.status).map_or("NEEDS-ACTION", |known| known.0);
        writer.write_raw(id, "STATUS", name);
        let beyond = if task.status == TaskStatus::Waiting { WAITING } else { "" };
        writer.write_raw(id, STATUS_BEYOND, beyond);
    }
    let percent = read_percent(writer.document.component(id), task.status, &mut writer.reader);
    if percent != task.percent || before.percent != task.percent {
        writer.write_raw(id, "PERCENT-COMPLETE", &task.percent.to_string());
    }
}

/// Whether two moments of completion are the same, where the wanted one may be known as a day only: midnight at home.
fn is_same_day(before: Option<&When>, after: Option<&When>, home: &Zone) -> bool {
    let (Some(before), Some(after)) = (before, after) else { return before.is_none() && after.is_none() };
    let (before, after) = (home.wall_clock(before.instant(home)), home.wall_clock(after.instant(home)));
    before == after || before.date() == after.date() && after.time() == jiff::civil::Time::midnight()
}
