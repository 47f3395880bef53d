//! Tasks. Outlook's have days, not times; its reminder is a moment on the clock of the mailbox.

use dovetail_model::item::{Alarm, AlarmAction, Trigger};
use dovetail_model::task::{Task, TaskStatus};
use dovetail_model::{Kind, When, Zone};
use jiff::SignedDuration;
use jiff::civil::{Date, DateTime};

use super::rtf_body::{self, Body, Text};
use super::{
    NO_DATE, RecurrencePattern, TaskItem, calendar_priority, categories, custom, held_categories, importance,
    joined, put, recurrence, sensitivity, sensitivity_number,
};
use crate::options::TaskRecurrence;
use crate::{Settings, upcoming};

/// Reads a task.
pub(super) fn read(item: &TaskItem, settings: &Settings) -> Task {
    let day = |date: Date| recurrence::date(date).map(When::Date);
    let mut task = Task {
        uid: None,
        summary: item.subject.clone(),
        description: rtf_body::read(&item.body, &item.rtf_body, settings).text,
        start: day(item.start_date),
        due: day(item.due_date),
        status: status(item),
        percent: item.percent_complete.min(100),
        completed: if item.complete { day(item.date_completed) } else { None },
        priority: calendar_priority(item.importance, &settings.options.calendar),
        sensitivity: sensitivity(item.sensitivity),
        categories: categories(&item.categories),
        total_work: item.total_work,
        actual_work: item.actual_work,
        mileage: item.mileage.clone(),
        billing: item.billing_information.clone(),
        contacts: contact_names(&item.contact_names),
        companies: item.companies.clone(),
        owner: item.owner.clone(),
        custom: custom::properties(&item.user_properties, Kind::Task, settings),
        ..Task::default()
    };
    if let Some(pattern) = item.recurrence_pattern.as_ref().filter(|_| repeats(settings)) {
        let rule = recurrence::rule(pattern);
        *if pattern.regenerate { &mut task.regenerates } else { &mut task.rule } = rule;
    }
    task.alarms = reminder(item, &task, settings).into_iter().collect();
    task
}

/// Whether it crosses how tasks repeat.
fn repeats(settings: &Settings) -> bool {
    settings.options.tasks.recurrence == TaskRecurrence::Mapped
}

/// Outlook separates names by semicolons; each once.
fn contact_names(joined: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for name in joined.split(';').map(str::trim).filter(|name| !name.is_empty()) {
        if !names.iter().any(|known| known.to_lowercase() == name.to_lowercase()) {
            names.push(name.to_owned());
        }
    }
    names
}

fn status(item: &TaskItem) -> TaskStatus {
    match item.status {
        _ if item.complete => TaskStatus::Complete,
        1 => TaskStatus::InProgress,
        2 => TaskStatus::Complete,
        3 => TaskStatus::Waiting,
        4 => TaskStatus::Deferred,
        _ => TaskStatus::NotStarted,
    }
}

fn status_number(status: TaskStatus) -> u8 {
    match status {
        TaskStatus::NotStarted => 0,
        TaskStatus::InProgress => 1,
        TaskStatus::Complete => 2,
        TaskStatus::Waiting => 3,
        TaskStatus::Deferred => 4,
    }
}

fn reminder(item: &TaskItem, task: &Task, settings: &Settings) -> Option<Alarm> {
    if !item.reminder_set {
        return None;
    }
    let before = |anchor: &When| anchor.local().duration_since(item.reminder_time).as_mins();
    let (trigger, minutes_before_start) = match (&task.start, &task.due) {
        (Some(start), _) => (Trigger::Start(before(start).saturating_mul(-60)), Some(before(start))),
        (None, Some(due)) => (Trigger::End(before(due).saturating_mul(-60)), Some(before(due))),
        (None, None) => (Trigger::At(settings.home.instant(item.reminder_time)), None),
    };
    Some(Alarm { trigger, action: AlarmAction::Display, minutes_before_start })
}

/// When Outlook's one reminder goes off: that of the first alarm that shows a message, and has a moment.
fn reminder_time(task: &Task, settings: &Settings) -> Option<DateTime> {
    let home = &settings.home;
    let day = task.start.as_ref().or(task.due.as_ref()).map(|when| at_home(when, home).date().at(0, 0, 0, 0));
    let said = |alarm: &Alarm| match (&alarm.trigger, &task.start, &task.due) {
        (Trigger::At(instant), ..) => Some(home.wall_clock(*instant)),
        (Trigger::Start(seconds), Some(anchor), _) | (Trigger::End(seconds), _, Some(anchor)) => {
            at_home(anchor, home).checked_add(SignedDuration::from_secs(*seconds)).ok()
        }
        _ => None,
    };
    let moment = |alarm: &Alarm| {
        let said = said(alarm);
        let (Some(day), Some(minutes)) = (day, alarm.minutes_before_start) else { return said };
        // Said of a task that begins, or is due, at another time of the day: the distance from the day counts.
        match said {
            Some(said) if day.duration_since(said).as_mins() == minutes => Some(said),
            _ => day.checked_sub(SignedDuration::from_mins(minutes)).ok(),
        }
    };
    task.alarms.iter().filter(|alarm| alarm.action == AlarmAction::Display).find_map(moment)
}

fn at_home(when: &When, home: &Zone) -> DateTime {
    when.in_zone(home).local()
}

/// Writes a task over Outlook's: what differs from what it says now is taken from one written anew.
pub(super) fn write(task: &Task, before: TaskItem, settings: &Settings) -> TaskItem {
    let now = read(&before, settings);
    let reminded;
    let task = match upcoming::matters(settings) && now.alarms.is_empty() {
        true => {
            reminded = Task { alarms: upcoming::of_task(task, &[], settings), ..task.clone() };
            &reminded
        }
        false => task,
    };
    let fresh = written_anew(task, settings);
    let wanted = read(&fresh, settings);
    let mut item = before;
    if now.summary != wanted.summary {
        item.subject = fresh.subject;
    }
    let text = |task: &Task| Text { text: task.description.clone(), html: None };
    let body = Body { body: &mut item.body, rtf_body: &mut item.rtf_body };
    rtf_body::write(body, &text(&now), &text(&wanted), settings);
    if now.start != wanted.start {
        item.start_date = fresh.start_date;
    }
    if now.due != wanted.due {
        item.due_date = fresh.due_date;
    }
    if (now.status, now.percent, &now.completed) != (wanted.status, wanted.percent, &wanted.completed) {
        item.status = fresh.status;
        item.complete = fresh.complete;
        item.percent_complete = fresh.percent_complete;
        item.date_completed = fresh.date_completed;
    }
    if now.priority != wanted.priority {
        item.importance = fresh.importance;
    }
    if now.sensitivity != wanted.sensitivity {
        item.sensitivity = fresh.sensitivity;
    }
    if now.categories != wanted.categories {
        item.categories = fresh.categories;
    }
    if (fresh.reminder_set, fresh.reminder_time) != (item.reminder_set, item.reminder_time)
        && (now.alarms != wanted.alarms || (now.start, now.due) != (wanted.start, wanted.due))
    {
        item.reminder_set = fresh.reminder_set;
        item.reminder_time = fresh.reminder_time;
    }
    custom::write_properties(&mut item.user_properties, &now.custom, &wanted.custom);
    if (&now.rule, &now.regenerates) != (&wanted.rule, &wanted.regenerates) {
        item.recurrence_pattern = fresh.recurrence_pattern;
    }
    item.is_recurring = item.recurrence_pattern.is_some();
    put(&now.total_work, &wanted.total_work, &mut item.total_work, |minutes| *minutes);
    put(&now.actual_work, &wanted.actual_work, &mut item.actual_work, |minutes| *minutes);
    put(&now.mileage, &wanted.mileage, &mut item.mileage, Clone::clone);
    put(&now.billing, &wanted.billing, &mut item.billing_information, Clone::clone);
    put(&now.contacts, &wanted.contacts, &mut item.contact_names, |_| fresh.contact_names);
    put(&now.companies, &wanted.companies, &mut item.companies, Clone::clone);
    put(&now.owner, &wanted.owner, &mut item.owner, Clone::clone);
    item
}

/// The pattern that Outlook has for how a task repeats, if it has one.
fn pattern(task: &Task, start: &When) -> Option<RecurrencePattern> {
    match (&task.rule, &task.regenerates) {
        (Some(rule), _) => recurrence::pattern(rule, start),
        (None, Some(rule)) => {
            Some(RecurrencePattern { regenerate: true, ..recurrence::pattern(rule, start)? })
        }
        (None, None) => None,
    }
}

/// A semicolon in a name would part it.
fn joined_names(names: &[String]) -> String {
    names.iter().map(|name| name.replace(';', " ")).collect::<Vec<_>>().join("; ")
}

fn written_anew(task: &Task, settings: &Settings) -> TaskItem {
    let home = &settings.home;
    let date = |when: &Option<When>| when.as_ref().map_or(NO_DATE, |when| at_home(when, home).date());
    let complete = task.status == TaskStatus::Complete;
    let reminder = reminder_time(task, settings);
    let anchor = task.start.as_ref().or(task.due.as_ref()).map(|when| When::Date(at_home(when, home).date()));
    let recurrence_pattern = anchor.and_then(|start| pattern(task, &start));
    TaskItem {
        subject: task.summary.clone(),
        body: rtf_body::lines(&task.description),
        rtf_body: String::new(),
        start_date: date(&task.start),
        due_date: date(&task.due),
        date_completed: if complete { date(&task.completed) } else { NO_DATE },
        complete,
        percent_complete: if complete { 100 } else { task.percent.min(99) },
        status: status_number(task.status),
        importance: importance(task.priority),
        sensitivity: sensitivity_number(task.sensitivity),
        categories: joined(&held_categories(&task.categories)),
        reminder_set: reminder.is_some(),
        reminder_time: reminder.unwrap_or(NO_DATE.at(0, 0, 0, 0)),
        is_recurring: recurrence_pattern.is_some(),
        recurrence_pattern,
        total_work: task.total_work,
        actual_work: task.actual_work,
        mileage: task.mileage.clone(),
        billing_information: task.billing.clone(),
        contact_names: joined_names(&task.contacts),
        companies: task.companies.clone(),
        owner: task.owner.clone(),
        user_properties: custom::anew(&task.custom, Kind::Task, settings),
        other: serde_json::Map::new(),
    }
}

impl TaskItem {
    /// Makes IsRecurring follow its pattern, and Complete, Status and PercentComplete say the same, as Outlook does, after one of them was set.
    pub fn settle(&mut self, set: &str, today: Date) {
        self.is_recurring = self.recurrence_pattern.is_some();
        let complete = match set {
            "Complete" => self.complete,
            "PercentComplete" => self.percent_complete >= 100,
            "Status" => self.status == 2,
            _ => return,
        };
        if complete {
            (self.complete, self.status, self.percent_complete) = (true, 2, 100);
            if self.date_completed == NO_DATE {
                self.date_completed = today;
            }
        } else {
            self.complete = false;
            self.date_completed = NO_DATE;
            if self.percent_complete >= 100 {
                self.percent_complete = 0;
            }
            self.status = match (self.status, self.percent_complete) {
                (2, 0) => 0,
                (0 | 2, 1..) if set != "Status" => 1,
                (status, _) => status.min(4),
            };
            if self.status == 2 {
                self.status = 1;
            }
        }
    }
}
