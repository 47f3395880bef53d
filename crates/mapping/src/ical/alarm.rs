//! VALARM (RFC 5545 section 3.6.6). An alarm that is changed keeps its component and everything in it but the line of
//! what changed.

use dovetail_model::item::{Alarm, AlarmAction, Trigger};
use dovetail_model::{When, Zone};
use jiff::Timestamp;

use super::when::{Length, format_instant, format_seconds, read_value};
use super::{Reader, Writer};
use crate::Warning;
use crate::component::{Component, ComponentId, Place};
use crate::content_line::NewLine;
use crate::options::Reminders;

/// What alarms are measured from, as instants: the start and the end, or of a task the due time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Anchors {
    pub(super) start: Option<Timestamp>,
    pub(super) end: Option<Timestamp>,
    /// What minutes are counted from.
    zero: Option<Timestamp>,
}

impl Anchors {
    /// Of something that begins and ends; days and floating times are read in `home`.
    pub(super) fn of(start: Option<&When>, end: Option<&When>, home: &Zone) -> Self {
        let [start, end] = [start, end].map(|when| when.map(|when| when.instant(home)));
        Anchors { start, end, zero: start.or(end) }
    }

    /// Of a task. Minutes are counted from the beginning of the day, at home, on which it starts, or else is due: the day is
    /// all that every side knows.
    pub(super) fn of_task(start: Option<&When>, due: Option<&When>, home: &Zone) -> Self {
        let day = start.or(due).map(|when| When::Date(when.in_zone(home).date()).instant(home));
        Anchors { zero: day, ..Anchors::of(start, due, home) }
    }

    /// When an alarm goes off so many minutes before.
    pub(super) fn moment(self, minutes: i64) -> Option<Timestamp> {
        let seconds = self.zero?.as_second().checked_sub(minutes.checked_mul(60)?)?;
        Timestamp::from_second(seconds).ok()
    }

    /// The trigger of an alarm so many minutes before: from the start, else from the end.
    pub(super) fn trigger(self, minutes: i64) -> Option<Trigger> {
        let moment = self.moment(minutes)?.as_second();
        let from = |anchor: Timestamp| moment.checked_sub(anchor.as_second());
        match (self.start, self.end) {
            (Some(start), _) => from(start).map(Trigger::Start),
            (None, Some(end)) => from(end).map(Trigger::End),
            (None, None) => None,
        }
    }

    /// Whole minutes before the start, or without one before the end.
    pub(super) fn minutes_before_start(self, trigger: &Trigger) -> Option<i64> {
        let anchor = self.zero?;
        let seconds = match trigger {
            Trigger::Start(seconds) => self.start?.as_second().checked_add(*seconds)?,
            Trigger::End(seconds) => self.end?.as_second().checked_add(*seconds)?,
            Trigger::At(instant) => instant.as_second(),
        };
        Some(anchor.as_second().checked_sub(seconds)? / 60)
    }
}

/// The alarms of a component; those without a usable trigger are left out with a warning.
pub(super) fn read_alarms(component: Component<'_>, anchors: Anchors, reader: &mut Reader<'_>) -> Vec<Alarm> {
    if reader.settings.options.calendar.reminders == Reminders::None {
        return Vec::new();
    }
    alarms_with_ids(component, anchors, reader).into_iter().map(|(_, alarm)| alarm).collect()
}

fn alarms_with_ids(
    component: Component<'_>,
    anchors: Anchors,
    reader: &mut Reader<'_>,
) -> Vec<(ComponentId, Alarm)> {
    let mut alarms = Vec::new();
    for inner in component.components_named("VALARM") {
        match read_trigger(inner, reader) {
            Some(trigger) => {
                let minutes_before_start = anchors.minutes_before_start(&trigger);
                alarms
                    .push((inner.id(), Alarm { trigger, action: read_action(inner), minutes_before_start }));
            }
            None => {
                let line = inner.line("TRIGGER").or_else(|| inner.begin());
                let value = line.map(|line| line.value().into_owned()).unwrap_or_default();
                let number = line.and_then(|line| line.number());
                reader.warn(Warning::at("bad_trigger", "TRIGGER", number).with(value));
            }
        }
    }
    alarms
}

fn read_trigger(alarm: Component<'_>, reader: &mut Reader<'_>) -> Option<Trigger> {
    let line = alarm.line("TRIGGER")?;
    if let Some(length) = Length::read(line, reader) {
        let from_end = line.param("RELATED").is_some_and(|anchor| anchor.eq_ignore_ascii_case("END"));
        let seconds = length.total_seconds();
        return Some(if from_end { Trigger::End(seconds) } else { Trigger::Start(seconds) });
    }
    match read_value(&line.value(), line, reader)? {
        When::Date(_) => None,
        time => Some(Trigger::At(time.instant(reader.home))),
    }
}

fn read_action(alarm: Component<'_>) -> AlarmAction {
    match alarm.line("ACTION").map(|line| line.value().trim().to_ascii_uppercase()).as_deref() {
        // Some producers leave it out; they all mean a message.
        None | Some("DISPLAY" | "") => AlarmAction::Display,
        Some("AUDIO") => AlarmAction::Audio,
        Some("EMAIL") => AlarmAction::Email,
        Some(_) => AlarmAction::Other,
    }
}

/// Changes the alarms of a component. What is wanted is matched with what is there: first equals, then alarms of the same
/// action, of which the trigger changes.
pub(super) fn write_alarms(writer: &mut Writer<'_>, id: ComponentId, anchors: Anchors, after: &[Alarm]) {
    if writer.settings.options.calendar.reminders == Reminders::None {
        return;
    }
    let mut there = alarms_with_ids(writer.document.component(id), anchors, &mut writer.reader);
    let mut wanted: Vec<&Alarm> = after.iter().collect();
    wanted.retain(|alarm| {
        let same =
            there.iter().position(|(_, old)| old.trigger == alarm.trigger && old.action == alarm.action);
        same.map(|at| there.remove(at)).is_none()
    });
    wanted.retain(|alarm| {
        let Some(at) = there.iter().position(|(_, old)| old.action == alarm.action) else { return true };
        let (old, _) = there.remove(at);
        change_trigger(writer, old, &alarm.trigger);
        false
    });
    for (old, _) in there {
        writer.document.remove_component(old);
    }
    for alarm in wanted {
        insert_alarm(writer, id, alarm);
    }
}

fn change_trigger(writer: &mut Writer<'_>, alarm: ComponentId, trigger: &Trigger) {
    let Some(line) = writer.line(alarm, "TRIGGER") else { return };
    let document = &mut writer.document;
    if let Trigger::At(instant) = trigger {
        document.remove_param(line, "RELATED");
        document.remove_param(line, "TZID");
        document.set_param(line, "VALUE", &["DATE-TIME"]);
        document.set_value(line, &format_instant(*instant));
        return;
    }
    let is_duration =
        document.line(line).param("VALUE").is_none_or(|kind| kind.eq_ignore_ascii_case("DURATION"));
    if !is_duration {
        document.remove_param(line, "VALUE");
        document.remove_param(line, "TZID");
    }
    match trigger {
        Trigger::End(seconds) => {
            document.set_param(line, "RELATED", &["END"]);
            document.set_value(line, &format_seconds(*seconds));
        }
        Trigger::Start(seconds) => {
            let named = document.line(line).param("RELATED");
            if named.is_some_and(|anchor| !anchor.eq_ignore_ascii_case("START")) {
                document.set_param(line, "RELATED", &["START"]);
            }
            document.set_value(line, &format_seconds(*seconds));
        }
        Trigger::At(_) => {}
    }
}

fn insert_alarm(writer: &mut Writer<'_>, id: ComponentId, alarm: &Alarm) {
    let Some(inner) = writer.document.insert_component(id, Place::Last, "VALARM") else { return };
    let trigger = match &alarm.trigger {
        Trigger::Start(seconds) => NewLine::raw("TRIGGER", &format_seconds(*seconds)),
        Trigger::End(seconds) => NewLine::raw("TRIGGER", &format_seconds(*seconds)).param("RELATED", "END"),
        Trigger::At(instant) => {
            NewLine::raw("TRIGGER", &format_instant(*instant)).param("VALUE", "DATE-TIME")
        }
    };
    let action = match alarm.action {
        AlarmAction::Display => "DISPLAY",
        AlarmAction::Audio => "AUDIO",
        AlarmAction::Email => "EMAIL",
        AlarmAction::Other => "X-OTHER",
    };
    let title = writer.document.component(id).line("SUMMARY").map(|line| line.text());
    let title = title.filter(|title| !title.is_empty()).unwrap_or_else(|| String::from("Reminder"));
    let mut lines = vec![NewLine::raw("ACTION", action), trigger];
    if matches!(alarm.action, AlarmAction::Display | AlarmAction::Email) {
        lines.push(NewLine::text("DESCRIPTION", &title));
    }
    if alarm.action == AlarmAction::Email {
        lines.push(NewLine::text("SUMMARY", &title));
        let own = writer.settings.own_address.iter();
        lines.extend(own.map(|address| NewLine::raw("ATTENDEE", &format!("mailto:{address}"))));
    }
    for line in lines {
        writer.document.insert(inner, Place::Last, &line);
    }
}
