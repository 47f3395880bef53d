//! Appointments against events.

use std::borrow::Cow;
use std::collections::BTreeMap;

use dovetail_model::event::{Busy, Event, EventStatus, Occurrence};
use dovetail_model::item::{Alarm, AlarmAction, Trigger};
use dovetail_model::{Kind, When, Zone};
use jiff::civil::{Date, DateTime};

use super::rtf_body::{self, Body, Text};
use super::stand_in::Series;
use super::{
    AppointmentItem, RecurrenceException, RecurrencePattern, calendar_priority, categories, custom,
    global_id, held_categories, importance, joined, no_date, people, recurrence, satellite, sensitivity,
    sensitivity_number, stand_in, windows_zone,
};
use crate::options::{Attendees, Reminders};
use crate::windows_zones::iana_of_windows;
use crate::{Settings, Warning, upcoming};

/// What stands before the subject of a cancelled appointment.
const CANCELLED: &str = "Cancelled: ";

/// An appointment of which nothing is said yet, in the zone of the mailbox.
pub(super) fn blank(settings: &Settings) -> AppointmentItem {
    let zone = windows_zone(&settings.home).unwrap_or("UTC").to_owned();
    AppointmentItem { start_time_zone: zone.clone(), end_time_zone: zone, ..AppointmentItem::default() }
}

/// Reads an appointment; a pattern that Outlook cannot have is a warning.
pub(super) fn read(item: &AppointmentItem, settings: &Settings, warnings: &mut Vec<Warning>) -> Event {
    if settings.options.events.attendees == Attendees::Mapped {
        people::warn_of_unreachable(item, settings, warnings);
    }
    custom::warn_of_local_files(&item.attachments, warnings);
    no_date::warn_of_undated(item, warnings);
    let main = occurrence(item, settings);
    let mut event = Event { uid: global_id::uid(&item.global_appointment_id), main, ..Event::default() };
    if let Some(series) = Series::of(item) {
        read_stand_in(&mut event, item, &series, settings);
        satellite::read(&mut event, item, &series, settings, warnings);
        return event;
    }
    let marked = Series::marked(item);
    event.main = in_zone_of(marked.as_ref(), event.main);
    read_pattern(&mut event, item, marked.as_ref(), settings, warnings);
    satellite::read_left(&mut event, item, settings, warnings);
    event
}

/// What Outlook says of an occurrence: whatever pattern a user chose, the zone is that of the series which was marked.
fn in_zone_of(marked: Option<&Series>, seen: Occurrence) -> Occurrence {
    match marked {
        Some(series) => series.in_own_zone(seen),
        None => seen,
    }
}

fn read_pattern(
    event: &mut Event,
    item: &AppointmentItem,
    marked: Option<&Series>,
    settings: &Settings,
    warnings: &mut Vec<Warning>,
) {
    let Some(pattern) = &item.recurrence_pattern else { return };
    event.rule = recurrence::rule(pattern);
    if event.rule.is_none() {
        let kind = pattern.recurrence_type.to_string();
        warnings.push(Warning::at("unknown_recurrence_type", "RecurrencePattern", None).with(kind));
        return;
    }
    for exception in no_date::dated(pattern) {
        // The day alone tells which one it is: its time is that of the series, which may have been moved since.
        let later = item.start_in_start_time_zone.date().duration_until(exception.original_date.date());
        let id = event.main.start.local().checked_add(later).unwrap_or(exception.original_date);
        let id = event.main.start.at_wall_clock(id);
        match &exception.appointment_item {
            Some(changed) if !exception.deleted => {
                let seen = in_zone_of(marked, changed_occurrence(changed, &event.main, settings));
                let seen = no_date::with_usual_time(seen, changed, || event.main.moved_to(&id));
                event.overrides.insert(id, seen);
            }
            _ => drop(event.exdates.insert(id)),
        }
    }
    settle_exceptions(event);
}

/// The occurrence of a day, in a series of Outlook's.
fn id_on(day: Date, start: &When) -> When {
    start.at_wall_clock(day.to_datetime(start.local().time()))
}

/// Outlook has one occurrence a day. One that was moved onto the day of another has taken its place, whether Outlook lists
/// that as deleted or not; one that is changed is not deleted.
fn settle_exceptions(event: &mut Event) {
    let Event { main, rule, exdates, overrides, .. } = event;
    exdates.retain(|id| !overrides.contains_key(id));
    let zone = if let When::Time { zone, .. } = &main.start { zone.clone() } else { Zone::Floating };
    for (id, changed) in overrides.iter() {
        let day = recurrence::in_zone(&changed.start, &zone).date();
        let replaced = id_on(day, &main.start);
        let takes_place = rule.as_ref().is_some_and(|rule| rule.occurs(&main.start, &replaced));
        if day != id.date() && takes_place && !overrides.contains_key(&replaced) {
            exdates.insert(replaced);
        }
    }
}

/// A changed occurrence. Outlook keeps one sensitivity and one list of categories for the whole series.
fn changed_occurrence(item: &AppointmentItem, main: &Occurrence, settings: &Settings) -> Occurrence {
    series_wide(occurrence(item, settings), main)
}

/// An occurrence with what Outlook keeps one of for the whole series.
pub(super) fn series_wide(occurrence: Occurrence, main: &Occurrence) -> Occurrence {
    Occurrence { sensitivity: main.sensitivity, categories: main.categories.clone(), ..occurrence }
}

/// The series that a stand-in stands for; what was taken out of the pattern because the series never had it is nothing.
fn read_stand_in(event: &mut Event, item: &AppointmentItem, series: &Series, settings: &Settings) {
    (event.main.start, event.main.end) = (series.start.clone(), series.end.clone());
    let exceptions = || item.recurrence_pattern.iter().flat_map(no_date::dated);
    let dates = || exceptions().map(|exception| exception.original_date.date());
    let mut days = match (dates().min(), dates().max()) {
        (Some(first), Some(last)) => series.days(first, last),
        _ => BTreeMap::new(),
    };
    let marked = Series::marked(item).filter(|_| series.is_moved());
    let then = match marked.as_ref().zip(dates().min().zip(dates().max())) {
        Some((marked, (first, last))) => marked.days(first, last),
        None => days.clone(),
    };
    let marked = marked.as_ref().unwrap_or(series);
    for exception in exceptions() {
        let day = exception.original_date.date();
        let Some(id) = days.remove(&day) else { continue };
        match &exception.appointment_item {
            Some(changed) if !exception.deleted => {
                let seen = series.in_own_zone(changed_occurrence(changed, &event.main, settings));
                let seen = no_date::with_usual_time(seen, changed, || event.main.moved_to(&id));
                let Some(then) =
                    then.get(&day).filter(|then| marked.shown_at(then).time() != series.usual_time())
                else {
                    event.overrides.insert(id, seen);
                    continue;
                };
                // One at another time of day than the pattern has is shown by an exception, though nothing was changed.
                let usual = event.main.moved_to(&id);
                let changed = match series.says() {
                    Some(says) => {
                        let made = series.in_own_zone(occurrence(says, settings)).moved_to(then);
                        satellite::since(seen, &made, &usual)
                    }
                    None => seen,
                };
                if changed != usual {
                    event.overrides.insert(id, changed);
                }
            }
            _ => drop(event.exdates.insert(id)),
        }
    }
    event.rdates = series.rdates.iter().cloned().collect();
    event.rule.clone_from(&series.rule);
}

pub(super) fn occurrence(item: &AppointmentItem, settings: &Settings) -> Occurrence {
    let text = rtf_body::read(&item.body, &item.rtf_body, settings);
    let cancelled = item.subject.strip_prefix(CANCELLED);
    let with_people = settings.options.events.attendees == Attendees::Mapped;
    let is_cancelled = cancelled.is_some() || with_people && people::is_canceled(item);
    let start = time(item.all_day_event, item.start_in_start_time_zone, &item.start_time_zone, settings);
    let end = time(item.all_day_event, item.end_in_end_time_zone, &item.end_time_zone, settings);
    Occurrence {
        summary: cancelled.unwrap_or(&item.subject).to_owned(),
        status: if is_cancelled { EventStatus::Cancelled } else { EventStatus::Confirmed },
        organizer: if with_people { people::organizer(item, settings) } else { None },
        attendees: if with_people { people::attendees(item, settings) } else { Vec::new() },
        location: item.location.clone(),
        description: text.text,
        html: text.html,
        end: no_date::end(end, item, &start),
        start,
        busy: shown_busy(item, settings),
        priority: calendar_priority(item.importance, &settings.options.calendar),
        sensitivity: sensitivity(item.sensitivity),
        categories: categories(&item.categories),
        alarms: reminder(item, settings).into_iter().collect(),
        attachments: custom::links(&item.attachments),
        custom: custom::properties(&item.user_properties, Kind::Event, settings),
        ..Occurrence::default()
    }
}

fn time(all_day: bool, local: DateTime, zone: &str, settings: &Settings) -> When {
    if all_day {
        return When::Date(local.date());
    }
    When::Time { local, zone: zone_of_windows(zone).unwrap_or_else(|| settings.home.clone()) }
}

/// The zone that Outlook calls so.
pub(super) fn zone_of_windows(name: &str) -> Option<Zone> {
    Some(match iana_of_windows(name)? {
        "Etc/UTC" => Zone::Utc,
        id => Zone::named(id),
    })
}

pub(super) fn reminder(item: &AppointmentItem, settings: &Settings) -> Option<Alarm> {
    let minutes = item.reminder_minutes_before_start;
    let is_mapped = settings.options.calendar.reminders != Reminders::None;
    (is_mapped && item.reminder_set).then(|| Alarm {
        trigger: Trigger::Start(minutes.saturating_mul(-60)),
        action: AlarmAction::Display,
        minutes_before_start: Some(minutes),
    })
}

/// The alarm that Outlook shows of several: the first message that goes off at or before the start.
pub(super) fn shown(alarms: &[Alarm]) -> Option<i64> {
    alarms
        .iter()
        .filter(|alarm| alarm.action == AlarmAction::Display)
        .find_map(|alarm| alarm.minutes_before_start.filter(|minutes| *minutes >= 0))
}

fn busy(status: u8) -> Busy {
    match status {
        0 => Busy::Free,
        1 => Busy::Tentative,
        3 => Busy::OutOfOffice,
        4 => Busy::WorkingElsewhere,
        _ => Busy::Busy,
    }
}

/// Outlook's own number for a time that may be taken.
const TENTATIVE: u8 = 1;

/// Whether an appointment shows as tentative what is busy to the server: an invitation that the owner has not answered.
fn is_pencilled_in(item: &AppointmentItem, settings: &Settings) -> bool {
    settings.options.events.attendees == Attendees::Mapped && people::is_unanswered(item, settings)
}

/// What an appointment says of the owner's time; that an invitation is not answered yet is no word of the owner's.
fn shown_busy(item: &AppointmentItem, settings: &Settings) -> Busy {
    match busy(item.busy_status) {
        Busy::Tentative if is_pencilled_in(item, settings) => Busy::Busy,
        busy => busy,
    }
}

fn busy_number(busy: Busy) -> u8 {
    match busy {
        Busy::Free => 0,
        Busy::Tentative => 1,
        Busy::Busy => 2,
        Busy::OutOfOffice => 3,
        Busy::WorkingElsewhere => 4,
    }
}

/// Writes an event over an appointment: what differs from what it says now is taken from one written anew.
pub(super) fn write(event: &Event, before: AppointmentItem, settings: &Settings) -> AppointmentItem {
    let event = &*without_past_reminders(event, &before, settings);
    let mut fresh = written_anew(event, settings);
    let (now, wanted) = (read(&before, settings, &mut Vec::new()), read(&fresh, settings, &mut Vec::new()));
    let new = before == blank(settings);
    let mut item = before;
    patch(&mut item, &fresh, Sides { now: &now.main, wanted: &wanted.main }, settings);
    let series = |event: &Event| {
        (event.rule.clone(), event.rdates.clone(), event.overrides.clone(), event.exdates.clone())
    };
    let repeats = wanted.rule.is_some() || !wanted.rdates.is_empty();
    let moved = (&now.main.start, &now.main.end) != (&wanted.main.start, &wanted.main.end);
    // Another time shows other occurrences of what nobody edited.
    let shows_others = shows_others(&item, &fresh, settings);
    if series(&now) != series(&wanted) || repeats && moved || shows_others {
        satellite::put_over(&item, &mut fresh, settings);
        item.satellites = std::mem::take(&mut fresh.satellites);
        item.recurrence_pattern =
            pattern_over(item.recurrence_pattern.take(), fresh.recurrence_pattern.clone(), settings);
        let stood_in = item.user_properties.remove(stand_in::MARK).is_some();
        if stood_in || mark(&fresh).is_some() {
            put_span(&mut item, &fresh);
        }
        if let Some(mark) = mark(&fresh) {
            item.user_properties.insert(stand_in::MARK.to_owned(), mark.clone());
        }
    }
    if new || item.global_appointment_id.is_empty() {
        item.global_appointment_id = fresh.global_appointment_id;
    }
    item.settle(&settings.home);
    item
}

/// The series that a stand-in is marked with.
fn mark(item: &AppointmentItem) -> Option<&serde_json::Value> {
    item.user_properties.get(stand_in::MARK)
}

/// Whether it stands for a series of which other occurrences are to be seen by now.
pub(super) fn is_outdated(item: &AppointmentItem, settings: &Settings) -> bool {
    let is_asked = Series::of(item).is_some() || !item.satellites.is_empty();
    is_asked && {
        let fresh = written_anew(&read(item, settings, &mut Vec::new()), settings);
        shows_others(item, &fresh, settings)
    }
}

/// Whether another stand-in for the same series shows something else of it than the one that is there.
fn shows_others(item: &AppointmentItem, fresh: &AppointmentItem, settings: &Settings) -> bool {
    match (Series::marked(item), Series::marked(fresh)) {
        (Some(item), Some(fresh)) => {
            !item.shows_the_same(&fresh) || !satellite::say_the_same(&item, &fresh, settings)
        }
        (_, None) => !item.satellites.is_empty(),
        (None, Some(_)) => false,
    }
}

/// The event without new reminders that are over.
fn without_past_reminders<'e>(
    event: &'e Event,
    before: &AppointmentItem,
    settings: &Settings,
) -> Cow<'e, Event> {
    if !upcoming::matters(settings) {
        return Cow::Borrowed(event);
    }
    let mut event = event.clone();
    let there: Vec<Alarm> = reminder(before, settings).into_iter().collect();
    if there.is_empty() {
        let last = upcoming::last_start(&event);
        upcoming::keep_upcoming(&mut event.main.alarms, &there, last.as_ref(), settings);
    }
    for occurrence in event.overrides.values_mut().filter(|_| there.is_empty()) {
        let start = occurrence.start.clone();
        upcoming::keep_upcoming(&mut occurrence.alarms, &there, Some(&start), settings);
    }
    Cow::Owned(event)
}

/// What an appointment says, and what it is to say.
#[derive(Clone, Copy)]
struct Sides<'o> {
    now: &'o Occurrence,
    wanted: &'o Occurrence,
}

fn patch(item: &mut AppointmentItem, fresh: &AppointmentItem, sides: Sides<'_>, settings: &Settings) {
    let Sides { now, wanted } = sides;
    if (&now.summary, now.status) != (&wanted.summary, wanted.status) {
        item.subject.clone_from(&fresh.subject);
    }
    if now.location != wanted.location {
        item.location.clone_from(&fresh.location);
    }
    let text = Text { text: now.description.clone(), html: now.html.clone() };
    let body = Body { body: &mut item.body, rtf_body: &mut item.rtf_body };
    rtf_body::write(body, &text, &rtf_body::read_whole(&fresh.body, &fresh.rtf_body), settings);
    if (&now.start, &now.end) != (&wanted.start, &wanted.end) {
        put_span(item, fresh);
    }
    let was_pencilled_in = is_pencilled_in(item, settings);
    if now.priority != wanted.priority {
        item.importance = fresh.importance;
    }
    if now.sensitivity != wanted.sensitivity {
        item.sensitivity = fresh.sensitivity;
    }
    if now.categories != wanted.categories {
        item.categories.clone_from(&fresh.categories);
    }
    if now.alarms != wanted.alarms {
        item.reminder_set = fresh.reminder_set;
        item.reminder_minutes_before_start = fresh.reminder_minutes_before_start;
    }
    if now.attachments != wanted.attachments {
        custom::write_links(&mut item.attachments, &wanted.attachments);
    }
    custom::write_properties(&mut item.user_properties, &now.custom, &wanted.custom);
    if (&now.organizer, &now.attendees) != (&wanted.organizer, &wanted.attendees) {
        people::patch(item, fresh);
    }
    if (&now.organizer, &now.attendees, now.status) != (&wanted.organizer, &wanted.attendees, wanted.status) {
        item.meeting_status = fresh.meeting_status;
    }
    if now.busy != wanted.busy || is_pencilled_in(item, settings) != was_pencilled_in {
        item.busy_status = fresh.busy_status;
    }
}

fn put_span(item: &mut AppointmentItem, fresh: &AppointmentItem) {
    item.all_day_event = fresh.all_day_event;
    item.start_in_start_time_zone = fresh.start_in_start_time_zone;
    item.end_in_end_time_zone = fresh.end_in_end_time_zone;
    item.start_time_zone.clone_from(&fresh.start_time_zone);
    item.end_time_zone.clone_from(&fresh.end_time_zone);
}

/// The new pattern; exceptions that the old one had keep what the lens does not know.
fn pattern_over(
    before: Option<RecurrencePattern>,
    fresh: Option<RecurrencePattern>,
    settings: &Settings,
) -> Option<RecurrencePattern> {
    let mut fresh = fresh?;
    let before = before.unwrap_or_default();
    for exception in &mut fresh.exceptions {
        let day = exception.original_date.date();
        let old = before.exceptions.iter().find(|old| old.original_date.date() == day && !old.deleted);
        if let (Some(new), Some(old)) =
            (&mut exception.appointment_item, old.and_then(|old| old.appointment_item.clone()))
        {
            let now = occurrence(&old, settings);
            **new = patched(*old, new, now, settings);
        }
    }
    fresh.exceptions.extend(no_date::undated(&before).cloned());
    fresh.other = before.other;
    Some(fresh)
}

/// An appointment that says `now`, with what another one says otherwise.
pub(super) fn patched(
    mut item: AppointmentItem,
    fresh: &AppointmentItem,
    now: Occurrence,
    settings: &Settings,
) -> AppointmentItem {
    let wanted = occurrence(fresh, settings);
    patch(&mut item, fresh, Sides { now: &now, wanted: &wanted }, settings);
    item.settle(&settings.home);
    item
}

fn written_anew(event: &Event, settings: &Settings) -> AppointmentItem {
    let mut item = occurrence_anew(&event.main, settings);
    item.global_appointment_id = event.uid.as_deref().map(global_id::global_id).unwrap_or_default();
    let start = time(item.all_day_event, item.start_in_start_time_zone, &item.start_time_zone, settings);
    let is_of_outlook = event.rdates.is_empty() && !stand_in::is_foreign(&event.main.start);
    let rule = event.rule.as_ref().filter(|_| is_of_outlook);
    let pattern = rule.and_then(|rule| recurrence::pattern(rule, &start));
    match pattern.filter(|pattern| recurrence::begins_on(pattern, start.date())) {
        Some(pattern) => put_pattern(&mut item, event, pattern, &start, settings),
        None if event.rule.is_some() || !event.rdates.is_empty() => {
            put_stand_in(&mut item, event, &start, settings);
        }
        None => {}
    }
    item.settle(&settings.home);
    item
}

/// Gives an appointment its pattern, with the exceptions. One of what is no occurrence cannot be told to Outlook; it stays
/// where it is.
fn put_pattern(
    item: &mut AppointmentItem,
    event: &Event,
    mut pattern: RecurrencePattern,
    start: &When,
    settings: &Settings,
) {
    let zone = if let When::Time { zone, .. } = start { zone.clone() } else { Zone::Floating };
    let held = event.rule.as_ref().and_then(|rule| recurrence::held(rule, start));
    let known = |id: &When| {
        let id = recurrence::in_zone(id, &zone);
        held.as_ref().is_some_and(|held| held.occurs(start, &id)).then_some(id)
    };
    for (id, changed) in &event.overrides {
        pattern.exceptions.extend(known(id).map(|id| exception(id.local(), changed, event, settings)));
    }
    pattern.exceptions.extend(event.exdates.iter().filter_map(known).map(|id| deleted(id.date())));
    pattern.exceptions.sort_by_key(|exception| exception.original_date);
    item.recurrence_pattern = Some(pattern);
}

/// Gives an appointment the pattern that stands for its series, and the mark that says so.
fn put_stand_in(item: &mut AppointmentItem, event: &Event, start: &When, settings: &Settings) {
    let end = time(item.all_day_event, item.end_in_end_time_zone, &item.end_time_zone, settings);
    let Some((stand_in, mut series)) = stand_in::make(event, start, &end, settings) else { return };
    let is_usual = |at: &DateTime| at.time() == stand_in.first.time();
    if !stand_in.further.is_empty() || !stand_in.days.values().all(is_usual) {
        let says = AppointmentItem { global_appointment_id: String::new(), ..item.clone() };
        item.satellites = satellite::make(event, &stand_in.further, &says, settings);
        series.says_now(says);
    }
    let length = start.local().duration_until(end.local());
    item.start_in_start_time_zone = stand_in.first;
    item.end_in_end_time_zone = stand_in.first.checked_add(length).unwrap_or(stand_in.first);
    let zone = if let When::Time { zone, .. } = start { zone.clone() } else { Zone::Floating };
    let known = |id: &When| {
        let id = recurrence::in_zone(id, &zone).local();
        stand_in.days.get(&id.date()).filter(|at| **at == id).map(|at| at.date())
    };
    let usual = |day: Date| day.to_datetime(stand_in.first.time());
    let mut exceptions: BTreeMap<_, _> = stand_in.too_many.iter().map(|day| (*day, deleted(*day))).collect();
    for (day, at) in stand_in.days.iter().filter(|(_, at)| at.time() != stand_in.first.time()) {
        let moved = event.main.moved_to(&start.at_wall_clock(*at));
        exceptions.insert(*day, exception(usual(*day), &moved, event, settings));
    }
    for (day, changed) in event.overrides.iter().filter_map(|(id, changed)| Some((known(id)?, changed))) {
        exceptions.insert(day, exception(usual(day), changed, event, settings));
    }
    exceptions.extend(event.exdates.iter().filter_map(known).map(|day| (day, deleted(day))));
    series.shown_in(&item.start_time_zone).mark(item);
    item.recurrence_pattern = stand_in
        .pattern
        .map(|pattern| RecurrencePattern { exceptions: exceptions.into_values().collect(), ..pattern });
}

fn exception(
    original_date: DateTime,
    changed: &Occurrence,
    event: &Event,
    settings: &Settings,
) -> RecurrenceException {
    let mut changed = occurrence_anew(changed, settings);
    let id = |uid| global_id::of_occurrence(uid, original_date.date());
    changed.global_appointment_id = event.uid.as_deref().map(id).unwrap_or_default();
    RecurrenceException { original_date, deleted: false, appointment_item: Some(Box::new(changed)) }
}

/// Of a deleted occurrence Outlook keeps the day alone.
fn deleted(day: Date) -> RecurrenceException {
    RecurrenceException { original_date: day.at(0, 0, 0, 0), deleted: true, appointment_item: None }
}

pub(super) fn occurrence_anew(occurrence: &Occurrence, settings: &Settings) -> AppointmentItem {
    let mut item = blank(settings);
    item.subject.clone_from(&occurrence.summary);
    if occurrence.status == EventStatus::Cancelled {
        item.subject.insert_str(0, CANCELLED);
    }
    item.location.clone_from(&occurrence.location);
    let text = Text { text: occurrence.description.clone(), html: occurrence.html.clone() };
    let body = Body { body: &mut item.body, rtf_body: &mut item.rtf_body };
    rtf_body::write(body, &Text::default(), &text, settings);
    item.all_day_event = matches!(occurrence.start, When::Date(_));
    (item.start_in_start_time_zone, item.start_time_zone) = placed(&occurrence.start, settings);
    (item.end_in_end_time_zone, item.end_time_zone) = placed(&occurrence.end, settings);
    item.busy_status = busy_number(occurrence.busy);
    item.importance = importance(occurrence.priority);
    item.sensitivity = sensitivity_number(occurrence.sensitivity);
    item.categories = joined(&held_categories(&occurrence.categories));
    if settings.options.events.attendees == Attendees::Mapped {
        people::write_anew(&mut item, occurrence, settings);
    }
    if occurrence.busy == Busy::Busy && is_pencilled_in(&item, settings) {
        item.busy_status = TENTATIVE;
    }
    custom::write_links(&mut item.attachments, &occurrence.attachments);
    item.user_properties = custom::anew(&occurrence.custom, Kind::Event, settings);
    let minutes = shown(&occurrence.alarms);
    item.reminder_set = minutes.is_some();
    item.reminder_minutes_before_start = minutes.unwrap_or(item.reminder_minutes_before_start);
    item.settle(&settings.home);
    item
}

/// A time as Outlook keeps it: wall clock and Windows zone. Floating times, and zones that Windows does not know, are
/// put into the zone of the mailbox.
pub(super) fn placed(when: &When, settings: &Settings) -> (DateTime, String) {
    let home = windows_zone(&settings.home).unwrap_or("UTC").to_owned();
    match when {
        When::Date(date) => (date.at(0, 0, 0, 0), home),
        When::Time { local, zone } => match (windows_zone(zone), zone) {
            (Some(name), _) => (*local, name.to_owned()),
            (None, Zone::Floating) => (*local, home),
            (None, _) => (when.in_zone(&settings.home).local(), home),
        },
    }
}

impl AppointmentItem {
    /// Makes what depends on other properties say the same as they do; `home` is the zone of the mailbox.
    pub fn settle(&mut self, home: &Zone) {
        let zone = |name: &str| match iana_of_windows(name) {
            Some(id) => Zone::named(id),
            None => home.clone(),
        };
        let no_end =
            (!no_date::is_said(self.end_in_end_time_zone)).then_some((self.end, self.end_utc, self.duration));
        let instants = if self.all_day_event {
            // An all-day appointment is a pair of days, whatever the zone.
            self.start = self.start_in_start_time_zone;
            self.end = self.end_in_end_time_zone;
            (home.instant(self.start), home.instant(self.end))
        } else {
            let instants = (
                zone(&self.start_time_zone).instant(self.start_in_start_time_zone),
                zone(&self.end_time_zone).instant(self.end_in_end_time_zone),
            );
            (self.start, self.end) = (home.wall_clock(instants.0), home.wall_clock(instants.1));
            instants
        };
        (self.start_utc, self.end_utc) = (Zone::Utc.wall_clock(instants.0), Zone::Utc.wall_clock(instants.1));
        self.duration = instants.1.duration_since(instants.0).as_mins();
        if let Some(no_end) = no_end {
            (self.end, self.end_utc, self.duration) = no_end;
        }
        self.is_recurring = self.recurrence_pattern.is_some();
        if let Some(pattern) = &mut self.recurrence_pattern {
            pattern.pattern_start_date = self.start_in_start_time_zone.date();
        }
    }
}
