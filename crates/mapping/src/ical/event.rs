//! VEVENTs: the one that is the event or its series, and those that override occurrences.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use dovetail_model::event::{Busy, EventStatus};
use dovetail_model::recurrence::RuleEnd;
use dovetail_model::{Event, Kind, Occurrence, When, Zone};

use super::alarm::{self, Anchors};
use super::body::{self, Body};
use super::color;
use super::when::{self, Length};
use super::{Part, Parts, Reader, Whose, Writer, attendee, placing, property, recurrence};
use crate::component::{Component, ComponentId, Document, Line, Node, Place};
use crate::content_line::NewLine;
use crate::{Settings, Warning, upcoming};

const STATUSES: [(&str, EventStatus); 3] = [
    ("CONFIRMED", EventStatus::Confirmed),
    ("TENTATIVE", EventStatus::Tentative),
    ("CANCELLED", EventStatus::Cancelled),
];

const BUSY_STATUS: &str = "X-MICROSOFT-CDO-BUSYSTATUS";

const BUSY: [(&str, Busy); 5] = [
    ("FREE", Busy::Free),
    ("TENTATIVE", Busy::Tentative),
    ("BUSY", Busy::Busy),
    ("OOF", Busy::OutOfOffice),
    ("WORKINGELSEWHERE", Busy::WorkingElsewhere),
];

/// Reads an event; `None` if it has no start.
pub(super) fn read(document: &Document, parts: &Parts, reader: &mut Reader<'_>) -> Option<Event> {
    let component = document.component(parts.main);
    let Some(start) = component.line("DTSTART").and_then(|line| when::read_line(line, reader)) else {
        reader.warn(Warning::at("no_start", "DTSTART", component.begin().and_then(Line::number)));
        return None;
    };
    let main = read_occurrence(component, start, reader);
    let overrides = read_overrides(document, parts, &main.start, reader);
    let mut event = Event { uid: super::uid(component), main, ..Event::default() };
    let start = event.main.start.clone();
    if is_series(component) {
        event.rule = recurrence::read_rule(component, &start, reader);
        event.rdates = recurrence::read_dates(component, "RDATE", &start, reader);
        event.exdates = recurrence::read_dates(component, "EXDATE", &start, reader);
    } else {
        let line = component.line("RECURRENCE-ID").and_then(Line::number);
        reader.warn(Warning::at("no_series", "RECURRENCE-ID", line));
        // Overrides without their series: without RDATEs nobody would know that they take place.
        event.rdates = overrides.iter().map(|found| found.key.clone()).collect();
    }
    event.overrides = overrides.into_iter().map(|found| (found.key, found.occurrence)).collect();
    Some(event)
}

/// Whether a main component is the event itself, rather than the first override of a series that is not there.
fn is_series(component: Component<'_>) -> bool {
    component.line("RECURRENCE-ID").is_none()
}

/// A component that overrides an occurrence.
struct Override {
    key: When,
    id: ComponentId,
    occurrence: Occurrence,
}

fn read_overrides(
    document: &Document,
    parts: &Parts,
    start: &When,
    reader: &mut Reader<'_>,
) -> Vec<Override> {
    let mut found: Vec<Override> = Vec::new();
    for id in &parts.overrides {
        let component = document.component(*id);
        let Some(line) = component.line("RECURRENCE-ID") else { continue };
        let Some(key) = when::read_line(line, reader) else { continue };
        when::warn_of_other_form(start, &key, line, reader);
        let key = when::in_form_of(start, &key, reader.home);
        if line.param("RANGE").is_some() {
            reader.warn(Warning::at("not_supported", "RANGE", line.number()));
        }
        if found.iter().any(|other| other.key == key) {
            reader.warn(Warning::at("several_overrides", "RECURRENCE-ID", line.number()).with(line.value()));
        }
        let own = component.line("DTSTART").and_then(|line| when::read_line(line, reader));
        let occurrence = read_occurrence(component, own.unwrap_or_else(|| key.clone()), reader);
        found.push(Override { key, id: *id, occurrence });
    }
    found
}

/// The fields of one component that starts at `start`.
fn read_occurrence(component: Component<'_>, start: When, reader: &mut Reader<'_>) -> Occurrence {
    let end = read_end(component, &start, reader);
    let anchors = Anchors::of(Some(&start), Some(&end), reader.home);
    let body = body::read(component, reader);
    Occurrence {
        summary: property::read_text(component, "SUMMARY"),
        location: property::read_text(component, "LOCATION"),
        description: body.text,
        html: body.html,
        status: read_status(component, reader),
        busy: read_busy(component, &start),
        priority: property::read_priority(component, reader),
        sensitivity: property::read_class(component, &reader.options.calendar),
        categories: color::read_categories(component, reader),
        alarms: alarm::read_alarms(component, anchors, reader),
        url: property::read_url(component),
        organizer: attendee::read_organizer(component, reader),
        attendees: attendee::read_attendees(component, reader),
        attachments: property::read_attachments(component, reader),
        custom: property::read_custom(component, Kind::Event, reader),
        start,
        end,
    }
}

/// Writes an event into its components, in which it is compared with what they hold.
pub(super) fn write(writer: &mut Writer<'_>, parts: &Parts, event: &Event) {
    let event = &*own_part_alone(writer, parts, event);
    let main = writer.document.component(parts.main);
    let old_start = main.line("DTSTART").and_then(|line| when::read_line(line, &mut writer.reader));
    let event = &*placing::placed(event, old_start.as_ref(), writer.settings);
    let event = &*without_past_reminders(writer, parts, event, old_start.as_ref());
    let main = writer.document.component(parts.main);
    let is_series = is_series(main);
    write_span(writer, parts.main, &event.main);
    let start = &event.main.start;
    let overrides = read_overrides(&writer.document, parts, start, &mut writer.reader);
    if is_series {
        write_recurrence(writer, parts.main, event, old_start.as_ref());
    }
    write_fields(writer, parts.main, &event.main);
    write_overrides(writer, parts, overrides, event, old_start.as_ref());
}

/// Of a meeting that somebody else called, the event as they have it, with what an attendee may change of it (RFC 6638
/// section 3.2.2.1) as it is wanted: the own answer, time and reminders, what nobody else is told of, and occurrences that
/// the owner will not see.
fn own_part_alone<'e>(writer: &mut Writer<'_>, parts: &Parts, event: &'e Event) -> Cow<'e, Event> {
    let main = writer.document.component(parts.main);
    if writer.is_new(parts.main) || !attendee::is_copy(main, writer.settings) {
        return Cow::Borrowed(event);
    }
    writer.whose = Whose::Theirs;
    let is_series = is_series(main);
    let Some(mut own) = read(&writer.document, parts, &mut writer.reader) else {
        return Cow::Borrowed(event);
    };
    let (start, home) = (own.main.start.clone(), writer.reader.home);
    own.main = own_part(&own.main, &event.main, writer.settings);
    let takes_place = |event: &Event, id: &When| {
        *id == start
            || event.rdates.contains(id)
            || event.rule.as_ref().is_some_and(|rule| rule.occurs(&start, id))
    };
    for (id, wanted) in &event.overrides {
        let id = when::in_form_of(&start, id, home);
        if let Some(there) = own.overrides.get_mut(&id) {
            *there = own_part(there, wanted, writer.settings);
        } else if is_series && takes_place(&own, &id) && !own.exdates.contains(&id) {
            let there = own.main.moved_to(&id);
            let changed = own_part(&there, wanted, writer.settings);
            if changed != there {
                own.overrides.insert(id, changed);
            }
        }
    }
    for id in event.exdates.iter().map(|id| when::in_form_of(&start, id, home)).filter(|_| is_series) {
        if takes_place(&own, &id) && !own.overrides.contains_key(&id) {
            own.exdates.insert(id);
        }
    }
    Cow::Owned(Event { uid: event.uid.clone(), ..own })
}

/// What an attendee may change, as `wanted` has it; the rest as it is.
fn own_part(there: &Occurrence, wanted: &Occurrence, settings: &Settings) -> Occurrence {
    Occurrence {
        busy: wanted.busy,
        priority: wanted.priority,
        sensitivity: wanted.sensitivity,
        categories: wanted.categories.clone(),
        alarms: wanted.alarms.clone(),
        custom: wanted.custom.clone(),
        attendees: attendee::with_own_answer(&there.attendees, &wanted.attendees, settings),
        ..there.clone()
    }
}

/// What is said in all components of an item once one of them was changed.
pub(super) fn finish(writer: &mut Writer<'_>, parts: &Parts) {
    let uid = super::uid(writer.document.component(parts.main));
    let calendar = writer.document.component(writer.calendar);
    let of_item =
        calendar.components_named(Part::Event.name()).filter(|component| super::uid(*component) == uid);
    let components: Vec<_> = of_item.map(Component::id).collect();
    attendee::silence_sogo(writer, &components);
}

/// The event without new reminders that are over.
fn without_past_reminders<'e>(
    writer: &mut Writer<'_>,
    parts: &Parts,
    event: &'e Event,
    old_start: Option<&When>,
) -> Cow<'e, Event> {
    if !upcoming::matters(writer.settings) {
        return Cow::Borrowed(event);
    }
    let mut event = event.clone();
    let start = old_start.unwrap_or(&event.main.start).clone();
    let main = writer.document.component(parts.main);
    let before = read_occurrence(main, start.clone(), &mut writer.reader).alarms;
    let there = read_overrides(&writer.document, parts, &start, &mut writer.reader);
    let last = upcoming::last_start(&event);
    upcoming::keep_upcoming(&mut event.main.alarms, &before, last.as_ref(), writer.settings);
    for (key, occurrence) in &mut event.overrides {
        let before =
            there.iter().find(|found| found.key == *key).map_or(&before, |found| &found.occurrence.alarms);
        let start = occurrence.start.clone();
        upcoming::keep_upcoming(&mut occurrence.alarms, before, Some(&start), writer.settings);
    }
    Cow::Owned(event)
}

/// What iCalendar can hold of an event.
pub(super) fn held(event: &Event) -> Event {
    let occurrence = |occurrence: &Occurrence| Occurrence {
        start: when::plain_utc(&occurrence.start),
        end: when::plain_utc(&occurrence.end),
        sensitivity: property::held_class(occurrence.sensitivity),
        ..occurrence.clone()
    };
    let dates = |dates: &BTreeSet<When>| dates.iter().map(when::plain_utc).collect();
    let overrides = event.overrides.iter().map(|(key, changed)| (when::plain_utc(key), occurrence(changed)));
    Event {
        uid: event.uid.clone(),
        main: occurrence(&event.main),
        rule: event.rule.clone(),
        rdates: dates(&event.rdates),
        exdates: dates(&event.exdates),
        overrides: overrides.collect::<BTreeMap<_, _>>(),
    }
}

/// The year from which VTIMEZONEs have to hold.
pub(super) fn earliest_year(event: &Event) -> i16 {
    let overrides = event.overrides.iter().flat_map(|(key, changed)| [key, &changed.start]);
    super::earliest([&event.main.start].into_iter().chain(&event.rdates).chain(overrides))
}

/// Whether a start became a day or a time.
fn has_other_form(old: Option<&When>, new: &When) -> bool {
    old.is_some_and(|old| is_day(old) != is_day(new))
}

fn is_day(when: &When) -> bool {
    matches!(when, When::Date(_))
}

/// The end: DTEND, else DURATION, else a day of an all-day event and nothing of another; never before the start.
fn read_end(component: Component<'_>, start: &When, reader: &mut Reader<'_>) -> When {
    let shortest = match start {
        When::Date(date) => When::Date(date.tomorrow().unwrap_or(*date)),
        When::Time { .. } => start.clone(),
    };
    if let Some(line) = component.line("DTEND") {
        let Some(end) = when::read_line(line, reader) else { return shortest };
        if is_day(start) != is_day(&end) {
            reader.warn(Warning::at("other_form", "DTEND", line.number()).with(line.value()));
        }
        let end = as_end(start, &end, reader.home);
        if is_too_early(start, &end, reader.home) {
            reader.warn(Warning::at("end_before_start", "DTEND", line.number()).with(line.value()));
            return shortest;
        }
        return end;
    }
    let Some(line) = component.line("DURATION") else { return shortest };
    let length = Length::read(line, reader).filter(|length| length.total_seconds() >= 0);
    match length.and_then(|length| length.end_of(start, reader.home)) {
        Some(end) => end,
        None => {
            reader.warn(Warning::at("bad_duration", "DURATION", line.number()).with(line.value()));
            shortest
        }
    }
}

fn is_too_early(start: &When, end: &When, home: &Zone) -> bool {
    match start {
        When::Date(date) => end.date() <= *date,
        When::Time { .. } => end.instant(home) < start.instant(home),
    }
}

/// An end whose value type is not that of the start, in the latter's. A start in a zone may have its end in another.
fn as_end(start: &When, end: &When, home: &Zone) -> When {
    match (start, end) {
        (When::Time { .. }, When::Date(date)) => start.at_wall_clock(date.at(0, 0, 0, 0)),
        (When::Time { zone: Zone::Floating, .. }, _)
        | (When::Date(_), _)
        | (_, When::Time { zone: Zone::Floating, .. }) => when::in_form_of(start, end, home),
        _ => end.clone(),
    }
}

/// Changes start and end; what gives the end stays DTEND or DURATION.
fn write_span(writer: &mut Writer<'_>, id: ComponentId, wanted: &Occurrence) {
    let start = &wanted.start;
    let component = writer.document.component(id);
    let before = component.line("DTSTART").and_then(|line| when::read_line(line, &mut writer.reader));
    let moved = before.as_ref() != Some(start);
    if moved {
        writer.write_when(id, "DTSTART", Some(start));
    }
    let component = writer.document.component(id);
    let dtend = component.line("DTEND");
    // Of a start of another value type, or one that is later, an end that is taken to mean the same is not valid any more.
    let home = writer.reader.home;
    let is_stale = moved
        && dtend.and_then(|line| when::read_line(line, &mut writer.reader)).is_some_and(|end| {
            is_day(&end) != is_day(start) || is_too_early(start, &as_end(start, &end, home), home)
        });
    // A day lasts days (RFC 5545 section 3.6.1).
    let is_stale = is_stale
        || moved
            && is_day(start)
            && component.line("DURATION").is_some_and(|line| line.value().contains(['T', 't']));
    let is_same = read_end(component, start, &mut writer.reader) == wanted.end;
    let (dtend, duration) = (dtend.map(Line::id), component.line("DURATION").map(Line::id));
    if is_same && !is_stale && !writer.is_new(id) {
        return;
    }
    let length = when::format_length(start, &wanted.end, writer.reader.home);
    match (dtend, duration, length) {
        (None, Some(line), Some(length)) => writer.document.set_value(line, &length),
        (_, duration, _) => {
            duration.into_iter().for_each(|line| writer.document.remove_line(line));
            // DTEND has to be later than DTSTART (RFC 5545 section 3.8.2.2); no length is said by leaving it out.
            let end = Some(&wanted.end).filter(|end| *end != start);
            writer.write_when(id, "DTEND", end);
        }
    }
}

fn write_recurrence(writer: &mut Writer<'_>, id: ComponentId, event: &Event, old_start: Option<&When>) {
    let start = &event.main.start;
    let component = writer.document.component(id);
    let mut rule = recurrence::read_rule(component, start, &mut writer.reader);
    let mut rdates = recurrence::read_dates(component, "RDATE", start, &mut writer.reader);
    let mut exdates = recurrence::read_dates(component, "EXDATE", start, &mut writer.reader);
    if has_other_form(old_start, start) {
        // RFC 5545 wants UNTIL and these dates in the value type of DTSTART: all of them are written anew.
        let is_ended = rule.as_ref().is_some_and(|rule| matches!(rule.end, RuleEnd::Until(_)));
        rule = rule.filter(|_| !is_ended);
        let gone = (is_ended && event.rule.is_none()).then_some("RRULE");
        for name in ["RDATE", "EXDATE"].into_iter().chain(gone) {
            let lines: Vec<_> = writer.document.component(id).lines_named(name).map(Line::id).collect();
            lines.into_iter().for_each(|line| writer.document.remove_line(line));
        }
        (rdates, exdates) = (BTreeSet::new(), BTreeSet::new());
    }
    recurrence::write_rule(writer, id, start, rule.as_ref(), event.rule.as_ref());
    recurrence::write_dates(writer, id, "RDATE", start, &rdates, &event.rdates);
    recurrence::write_dates(writer, id, "EXDATE", start, &exdates, &event.exdates);
}

/// Changes every field of a component but its start and end, which have been written.
fn write_fields(writer: &mut Writer<'_>, id: ComponentId, wanted: &Occurrence) {
    let before = read_occurrence(writer.document.component(id), wanted.start.clone(), &mut writer.reader);
    let text = |writer: &mut Writer<'_>, name: &str, before: &str, after: &str| {
        property::write_text(writer, id, name, before, after);
    };
    text(writer, "SUMMARY", &before.summary, &wanted.summary);
    text(writer, "LOCATION", &before.location, &wanted.location);
    body::write(writer, id, &body_of(&before), &body_of(wanted));
    write_status(writer, id, before.status, wanted.status);
    property::write_priority(writer, id, before.priority, wanted.priority);
    property::write_class(writer, id, before.sensitivity, wanted.sensitivity);
    write_busy(writer, id, &before, wanted);
    color::write_categories(writer, id, &before.categories, &wanted.categories);
    property::write_url(writer, id, &before.url, &wanted.url);
    attendee::write_people(writer, id, &before, wanted);
    property::write_attachments(writer, id, &before.attachments, &wanted.attachments);
    property::write_custom(writer, id, Kind::Event, &wanted.custom);
    let anchors = Anchors::of(Some(&wanted.start), Some(&wanted.end), writer.reader.home);
    alarm::write_alarms(writer, id, anchors, &wanted.alarms);
}

fn body_of(occurrence: &Occurrence) -> Body {
    Body { text: occurrence.description.clone(), html: occurrence.html.clone() }
}

fn write_overrides(
    writer: &mut Writer<'_>,
    parts: &Parts,
    mut there: Vec<Override>,
    event: &Event,
    old_start: Option<&When>,
) {
    let start = &event.main.start;
    let comparable =
        old_start.map_or_else(|| start.clone(), |old| when::in_form_of(start, old, writer.reader.home));
    let shift = comparable.local().duration_until(start.local());
    let mut new = Vec::new();
    for (key, wanted) in &event.overrides {
        // Of several components for one occurrence the last one counts, as when reading.
        let same = there.iter().rposition(|found| found.key == *key);
        let moved = || {
            let old = key.local().checked_sub(shift).map(|local| start.at_wall_clock(local)).ok()?;
            let is_free = !event.overrides.contains_key(&old);
            there.iter().rposition(|found| found.key == old).filter(|_| is_free)
        };
        match same.or_else(moved) {
            Some(at) => {
                let found = there.remove(at);
                there.retain(|other| other.key != found.key);
                if found.key != *key || has_other_form(old_start, start) {
                    writer.write_when(found.id, "RECURRENCE-ID", Some(key));
                }
                change_override(writer, &found, wanted);
            }
            None => new.push((key, wanted)),
        }
    }
    for gone in there {
        writer.document.remove_component(gone.id);
    }
    for (key, wanted) in new {
        insert_override(writer, parts, event, key, wanted);
    }
}

fn change_override(writer: &mut Writer<'_>, found: &Override, wanted: &Occurrence) {
    if found.occurrence.start != wanted.start || found.occurrence.end != wanted.end {
        write_span(writer, found.id, wanted);
    }
    write_fields(writer, found.id, wanted);
}

/// What a changed occurrence does not take over from its series.
const OF_SERIES: [&str; 9] = [
    "RRULE",
    "RDATE",
    "EXRULE",
    "EXDATE",
    "RECURRENCE-ID",
    "DTSTAMP",
    "X-MOZ-LASTACK",
    "X-MOZ-SNOOZE-TIME",
    "X-MOZ-GENERATION",
];

/// Makes a changed occurrence of a copy of its series, so that it has everything that nobody here knows of.
fn insert_override(writer: &mut Writer<'_>, parts: &Parts, event: &Event, key: &When, wanted: &Occurrence) {
    let calendar = writer.document.component(writer.calendar);
    let last = calendar.components_named(Part::Event.name()).last();
    let place = last.map_or(Place::Last, |last| Place::After(Node::Component(last.id())));
    let main = writer.document.component(parts.main);
    let mut series = main.to_bytes();
    if !main.is_closed() {
        series.extend(b"\r\nEND:VEVENT\r\n");
    }
    let nodes = writer.document.insert_bytes(writer.calendar, place, &series);
    let copy = nodes.iter().find_map(|node| match node {
        Node::Component(id) => Some(*id),
        Node::Line(_) => None,
    });
    let Some(id) = copy else { return };
    let of_series = |line: &Line<'_>| OF_SERIES.iter().any(|name| line.is(name));
    let lines: Vec<_> = writer.document.component(id).lines().filter(of_series).map(Line::id).collect();
    lines.into_iter().for_each(|line| writer.document.remove_line(line));
    writer.insert(id, &NewLine::raw("DTSTAMP", &when::format_instant(writer.now)));
    let key = when::in_form_of(&event.main.start, key, writer.reader.home);
    writer.insert_when(id, "RECURRENCE-ID", &key);
    write_span(writer, id, wanted);
    write_fields(writer, id, wanted);
}

fn read_status(component: Component<'_>, reader: &mut Reader<'_>) -> EventStatus {
    let Some(line) = component.line("STATUS") else { return EventStatus::Confirmed };
    let value = line.value().trim().to_ascii_uppercase();
    match STATUSES.iter().find(|known| known.0 == value) {
        Some(known) => known.1,
        None => {
            reader.warn(Warning::at("bad_value", "STATUS", line.number()).with(line.value()));
            EventStatus::Confirmed
        }
    }
}

fn write_status(writer: &mut Writer<'_>, id: ComponentId, before: EventStatus, after: EventStatus) {
    if before != after {
        let name = STATUSES.iter().find(|known| known.1 == after).map_or("CONFIRMED", |known| known.0);
        writer.write_raw(id, "STATUS", name);
    }
}

/// Exchange's busy status where it is given; else TRANSP, without which an all-day event takes no time. Where TRANSP says
/// otherwise, somebody changed it who knew nothing of the former.
fn read_busy(component: Component<'_>, start: &When) -> Busy {
    let transparency = component.line("TRANSP").map(|line| line.value().trim().to_ascii_uppercase());
    let Some(line) = component.line(BUSY_STATUS) else {
        return match transparency.as_deref() {
            Some("TRANSPARENT") => Busy::Free,
            None if is_day(start) => Busy::Free,
            _ => Busy::Busy,
        };
    };
    let value = line.value().trim().to_ascii_uppercase();
    let busy = BUSY.iter().find(|known| known.0 == value).map_or(Busy::Busy, |known| known.1);
    match (busy, transparency.as_deref()) {
        (Busy::Busy | Busy::Tentative | Busy::OutOfOffice, Some("TRANSPARENT")) => Busy::Free,
        (Busy::Free, Some("OPAQUE")) => Busy::Busy,
        _ => busy,
    }
}

/// Changes TRANSP, and Exchange's busy status where it is there or alone can say it. A new component has both.
fn write_busy(writer: &mut Writer<'_>, id: ComponentId, before: &Occurrence, after: &Occurrence) {
    let is_new = writer.is_new(id);
    if before.busy == after.busy && !is_new {
        return;
    }
    let transparency = if after.busy == Busy::Free { "TRANSPARENT" } else { "OPAQUE" };
    let line = writer.document.component(id).line("TRANSP");
    if line.is_none_or(|line| !line.value().trim().eq_ignore_ascii_case(transparency)) {
        writer.write_raw(id, "TRANSP", transparency);
    }
    let said_by_transp = matches!(after.busy, Busy::Free | Busy::Busy);
    if is_new || !said_by_transp || writer.line(id, BUSY_STATUS).is_some() {
        let name = BUSY.iter().find(|known| known.1 == after.busy).map_or("BUSY", |known| known.0);
        writer.write_raw(id, BUSY_STATUS, name);
    }
}
