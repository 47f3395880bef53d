//! The same of one occurrence of a series: one that was changed before, one that was as its series, and one that Outlook
//! shows as a single appointment beside it.

use std::collections::{BTreeMap, BTreeSet};

use dovetail_model::{Event, Item, When, Zone};

use super::{COMPUTED, OF_BOTH, OF_EVENTS, carried, fixtures, kept, lines, missing, now, set, settings};
use crate::component::{Component, Document};
use crate::outlook::{AppointmentItem, OutlookItem, RecurrenceException, shown_occurrence};
use crate::windows_zones::iana_of_windows;
use crate::{Dialect, read, write};

/// What Outlook has one of for the whole series: an edit of it in one occurrence is none.
const OF_THE_WHOLE_SERIES: [&str; 2] = ["Categories", "Sensitivity"];

/// What one occurrence has not.
const OF_THE_SERIES_ALONE: [&str; 1] = ["RecurrencePattern"];

/// What may change when an occurrence takes place at another time: one that is moved onto the day of another takes its place,
/// and a new zone is defined.
const OF_ITS_TIME: &[&str] = &["DTSTART", "DTEND", "DURATION", "SEQUENCE", "EXDATE", "RRULE"];
const OF_A_ZONE: &[&str] = &["TZID", "TZOFFSETFROM", "TZOFFSETTO", "TZNAME", "DTSTART", "RRULE", "RDATE"];

/// What a component of an occurrence says of it alone, and what it does not take over from its series: how often that takes place,
/// and what Mozilla notes of reminders that were seen.
const OF_ITS_OWN: &[&str] = &["RECURRENCE-ID", "DTSTART", "DTEND", "DURATION", "CREATED"];
const OF_THE_SERIES: &[&str] =
    &["RRULE", "RDATE", "EXDATE", "X-MOZ-LASTACK", "X-MOZ-SNOOZE-TIME", "X-MOZ-GENERATION"];

/// How Outlook shows an occurrence that is edited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Spot {
    /// As a changed occurrence, which the series has already.
    Changed(usize),
    /// As one of the series, which the edit makes a changed one.
    Usual,
    /// As a single appointment beside the series.
    Satellite(usize),
}

/// An occurrence as Outlook shows it.
struct Shown {
    spot: Spot,
    item: AppointmentItem,
    /// Whether the server has a component for it.
    is_override: bool,
}

/// The occurrences of a series that are edited: all that were changed, one that was not, and some of the satellites.
fn shown(record: &AppointmentItem, event: &Event) -> Vec<Shown> {
    let has = |at| event.overrides.keys().any(|id| id.local() == at);
    let mut all = Vec::new();
    for (number, exception) in record.recurrence_pattern.iter().flat_map(|it| &it.exceptions).enumerate() {
        if let Some(item) = &exception.appointment_item {
            let day = exception.original_date.date();
            let is_override = event.overrides.keys().any(|id| id.date() == day);
            all.push(Shown { spot: Spot::Changed(number), item: (**item).clone(), is_override });
        }
    }
    for (number, item) in record.satellites.iter().enumerate() {
        let alone = OutlookItem::Appointment(Box::new(item.clone()));
        let is_override = shown_occurrence(&alone).is_some_and(has);
        if number < 2 || is_override || number + 1 == record.satellites.len() {
            all.push(Shown { spot: Spot::Satellite(number), item: item.clone(), is_override });
        }
    }
    all.extend(usual(record, event).map(|item| Shown { spot: Spot::Usual, item, is_override: false }));
    all
}

/// An occurrence that Outlook shows as its pattern has it.
fn usual(record: &AppointmentItem, event: &Event) -> Option<AppointmentItem> {
    let pattern = record.recurrence_pattern.as_ref()?;
    let is_edited = |day| pattern.exceptions.iter().any(|exception| exception.original_date.date() == day);
    let is_taken = |day| event.overrides.values().any(|it| it.start.date() == day);
    let start = record.start_in_start_time_zone;
    let zone = Zone::named(iana_of_windows(&record.start_time_zone)?);
    let shown = |at| match event.main.start.at_wall_clock(at) {
        id @ When::Time { .. } if !matches!(id, When::Time { zone: Zone::Floating, .. }) => {
            id.in_zone(&zone).local()
        }
        id => id.local(),
    };
    let later = event.rule.as_ref()?.occurrences(&event.main.start).skip(1).take(30).map(shown);
    let at = later
        .into_iter()
        .find(|at| at.time() == start.time() && !is_taken(at.date()) && !is_edited(at.date()))?;
    let moved = start.date().duration_until(at.date());
    let mut item = AppointmentItem { recurrence_pattern: None, satellites: Vec::new(), ..record.clone() };
    item.user_properties.retain(|name, _| !name.starts_with("Dovetail"));
    item.start_in_start_time_zone = start.checked_add(moved).ok()?;
    item.end_in_end_time_zone = item.end_in_end_time_zone.checked_add(moved).ok()?;
    item.settle(&settings().home);
    Some(item)
}

/// The series with that occurrence as it is now.
fn with(record: &AppointmentItem, spot: Spot, at: &AppointmentItem, item: AppointmentItem) -> OutlookItem {
    let mut record = record.clone();
    let exceptions = record.recurrence_pattern.as_mut().map(|pattern| &mut pattern.exceptions);
    match (spot, exceptions) {
        (Spot::Changed(number), Some(exceptions)) => {
            exceptions[number].appointment_item = Some(Box::new(item));
        }
        (Spot::Usual, Some(exceptions)) => exceptions.push(RecurrenceException {
            original_date: at.start_in_start_time_zone,
            deleted: false,
            appointment_item: Some(Box::new(item)),
        }),
        (Spot::Satellite(number), _) => record.satellites[number] = item,
        (_, None) => panic!("no series"),
    }
    OutlookItem::Appointment(Box::new(record))
}

/// A line, with its name.
type Line = (String, Vec<u8>);

/// The events of a calendar, and its other lines.
fn taken_apart(bytes: &[u8]) -> (Vec<Vec<u8>>, Vec<Line>) {
    let document = Document::parse(bytes);
    let events = document.components().flat_map(|outer| outer.components_named("VEVENT"));
    let events: Vec<Vec<u8>> = events.map(Component::to_bytes).collect();
    let of_events: Vec<_> = events.iter().flat_map(|event| lines(event)).collect();
    (events, lines(bytes).into_iter().filter(|line| !of_events.contains(line)).collect())
}

/// Checks that one event alone is another one, or new, and that only in these lines; gives whether one is.
fn check(context: &str, server: &[u8], written: &[u8], shown: &Shown, may_change: &[&str]) -> bool {
    let ((old, around), (new, still_around)) = (taken_apart(server), taken_apart(written));
    let text = String::from_utf8_lossy(written);
    let of_time = may_change.contains(&"DTSTART");
    let zones: &[&str] = if of_time { OF_A_ZONE } else { &[] };
    assert_eq!(kept(&around, zones), kept(&still_around, zones), "{context}\n{text}");
    let is_series = |event: &[u8]| !lines(event).iter().any(|line| line.0 == "RECURRENCE-ID");
    let of_series = if of_time { &["EXDATE", "SEQUENCE"][..] } else { &[] };
    let mut changed = 0;
    for (before, after) in old.iter().zip(&new).filter(|(before, after)| before != after) {
        let (allowed, counts) = if is_series(before) { (of_series, 0) } else { (may_change, 1) };
        assert_eq!(kept(&lines(before), allowed), kept(&lines(after), allowed), "{context}\n{text}");
        changed += counts;
    }
    if shown.is_override || new.len() == old.len() {
        assert_eq!(new.len(), old.len(), "{context}\n{text}");
        assert!(changed <= 1 && (changed == 0 || shown.is_override), "{context}\n{text}");
        return changed == 1;
    }
    // A component of its own, which says what the series says but for that.
    assert_eq!((new.len(), changed), (old.len() + 1, 0), "{context}\n{text}");
    let series = old.iter().find(|event| is_series(event)).unwrap_or_else(|| panic!("{context}: no series"));
    let added = new.iter().find(|event| !old.contains(event) && !is_series(event));
    let added = added.unwrap_or_else(|| panic!("{context}: nothing is added\n{text}"));
    let may = [may_change, OF_ITS_OWN, OF_THE_SERIES].concat();
    let said = |event: &[u8]| {
        let mut said = kept(&lines(event), &may);
        said.sort();
        said
    };
    assert_eq!(said(series), said(added), "{context}\n{text}");
    let own = [OF_ITS_OWN, OF_THE_SERIES].concat();
    let all = |event: &[u8]| kept(&lines(event), &own).into_iter().collect::<BTreeSet<_>>();
    of_time || all(series) != all(added)
}

#[test]
fn an_edit_of_one_occurrence_in_outlook_changes_the_lines_of_its_property_there_alone() {
    let mut effective: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for (name, server) in fixtures() {
        let Some(item @ Item::Event(_)) = read(Dialect::ICalendar, &server, &settings()).item else {
            continue;
        };
        let Item::Event(event) = &item else { continue };
        let before = write(Dialect::Outlook, &item, None, now(), &settings());
        let Ok(OutlookItem::Appointment(record)) = serde_json::from_slice(&before) else { panic!("{name}") };
        for shown in shown(&record, event) {
            let kind = match shown.spot {
                Spot::Changed(_) => "changed",
                Spot::Usual => "usual",
                Spot::Satellite(_) => "satellite",
            };
            let one = OutlookItem::Appointment(Box::new(shown.item.clone()));
            for (property, value, may_change) in OF_BOTH.iter().chain(OF_EVENTS) {
                if OF_THE_SERIES_ALONE.contains(property) {
                    continue;
                }
                let set = match *property {
                    "ReminderMinutesBeforeStart" => set(&one, "ReminderSet", "true"),
                    _ => Some(one.clone()),
                }
                .and_then(|one| set(&one, property, value));
                let Some(OutlookItem::Appointment(set)) = set else { continue };
                let after = with(&record, shown.spot, &shown.item, *set).to_json();
                let written = carried(&server, &before, after.as_bytes(), &settings());
                let context = format!("{name}: {property}={value} of {:?}", shown.spot);
                let may: Vec<&str> = match property {
                    _ if OF_THE_WHOLE_SERIES.contains(property) => Vec::new(),
                    _ if may_change.contains(&"DTSTART") => [may_change, OF_ITS_TIME].concat(),
                    _ => may_change.to_vec(),
                };
                let is_changed = check(&context, &server, &written, &shown, &may);
                *effective.entry((kind, property)).or_default() += usize::from(is_changed);
            }
        }
    }
    for ((kind, property), count) in &effective {
        let is_vain = OF_THE_WHOLE_SERIES.contains(property);
        assert_eq!(*count == 0, is_vain, "{kind} {property}: {effective:?}");
    }
    assert_eq!(effective.keys().map(|(kind, _)| kind).collect::<BTreeSet<_>>().len(), 3, "{effective:?}");
}

#[test]
fn every_property_of_an_occurrence_is_edited_by_one_of_these() {
    let edited = OF_BOTH.iter().chain(OF_EVENTS).map(|edit| edit.0);
    let edited = edited.filter(|property| !OF_THE_SERIES_ALONE.contains(property));
    let mut left = missing(&AppointmentItem::default(), edited);
    left.retain(|name| !COMPUTED.contains(&name.as_str()));
    assert_eq!(left, ["recurrencepattern"]);
}
