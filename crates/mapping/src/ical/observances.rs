//! VTIMEZONEs of zones of the database, generated from their transitions (RFC 5545 section 3.6.5).
//!
//! From the year asked for on: a yearly rule where the transitions follow one, single dates where they do not.

use dovetail_model::recurrence::{Frequency, Rule, RuleDay, RuleEnd};
use dovetail_model::when::{CustomZone, Observance};
use dovetail_model::{When, Zone};
use jiff::civil::{Date, DateTime, Weekday};
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};

use super::recurrence;
use super::when::format_local;
use crate::component::{ComponentId, Document, Node, Place};
use crate::content_line::NewLine;

#[cfg(test)]
mod tests;

/// Transitions are looked at until this year; a rule that holds until then is written without an end.
const HORIZON: i16 = 2050;

/// Fewer onsets than this are single dates rather than a rule.
const FEWEST_FOR_A_RULE: usize = 3;

const SECOND: SignedDuration = SignedDuration::from_secs(1);

/// An observance with what only a VTIMEZONE says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct NamedObservance {
    pub(super) is_daylight: bool,
    /// TZNAME; may be empty.
    pub(super) name: String,
    pub(super) observance: Observance,
}

/// A change of the offset.
#[derive(Clone, Debug)]
struct Onset {
    /// In the local time before it.
    local: DateTime,
    offset_from: i32,
    offset_to: i32,
    name: String,
    is_daylight: bool,
}

impl Onset {
    fn is_alike(&self, other: &Onset) -> bool {
        (self.offset_from, self.offset_to, self.is_daylight, &self.name)
            == (other.offset_from, other.offset_to, other.is_daylight, &other.name)
    }
}

/// Puts a VTIMEZONE into a calendar, behind those that are there and before everything else.
pub(super) fn insert_definition(
    document: &mut Document,
    calendar: ComponentId,
    tzid: &str,
    observances: &[NamedObservance],
) {
    let view = document.component(calendar);
    let last = view.components_named("VTIMEZONE").last().map(|zone| Place::After(Node::Component(zone.id())));
    let place =
        last.or_else(|| view.components().next().map(|first| Place::Before(Node::Component(first.id()))));
    let Some(id) = document.insert_component(calendar, place.unwrap_or(Place::Last), "VTIMEZONE") else {
        return;
    };
    document.insert(id, Place::Last, &NewLine::raw("TZID", tzid));
    for named in observances {
        let name = if named.is_daylight { "DAYLIGHT" } else { "STANDARD" };
        let Some(inner) = document.insert_component(id, Place::Last, name) else { continue };
        for line in observance_lines(named) {
            document.insert(inner, Place::Last, &line);
        }
    }
}

fn observance_lines(named: &NamedObservance) -> Vec<NewLine> {
    let observance = &named.observance;
    let mut lines = vec![
        NewLine::raw("DTSTART", &format_local(observance.start)),
        NewLine::raw("TZOFFSETFROM", &format_offset(observance.offset_from)),
        NewLine::raw("TZOFFSETTO", &format_offset(observance.offset_to)),
    ];
    if !named.name.is_empty() {
        lines.push(NewLine::text("TZNAME", &named.name));
    }
    if let Some(rule) = &observance.rule {
        lines
            .push(NewLine::raw("RRULE", &recurrence::format(rule, &When::utc(observance.start), &Zone::Utc)));
    }
    if !observance.rdates.is_empty() {
        let dates: Vec<_> = observance.rdates.iter().map(|local| format_local(*local)).collect();
        lines.push(NewLine::raw("RDATE", &dates.join(",")));
    }
    lines
}

/// `+0100`; with seconds only where there are any.
fn format_offset(seconds: i32) -> String {
    let sign = if seconds < 0 { '-' } else { '+' };
    let total = seconds.unsigned_abs();
    let text = format!("{sign}{:02}{:02}", total / 3600, total / 60 % 60);
    if total.is_multiple_of(60) { text } else { format!("{text}{:02}", total % 60) }
}

/// The observances of a zone that only its rules describe.
pub(super) fn of_custom(zone: &CustomZone) -> Vec<NamedObservance> {
    let named = |observance: &Observance| NamedObservance {
        is_daylight: observance.offset_to > observance.offset_from,
        name: String::new(),
        observance: observance.clone(),
    };
    zone.observances.iter().map(named).collect()
}

/// The observances of a zone of the database that are in force from the start of `year` (UTC) on.
pub(super) fn of_database(zone: &TimeZone, year: i16) -> Vec<NamedObservance> {
    let onsets = onsets(zone, year);
    if onsets.is_empty() {
        return vec![unchanging(zone)];
    }
    let mut groups: Vec<Vec<&Onset>> = Vec::new();
    for onset in &onsets {
        match groups.iter_mut().find(|group| group.first().is_some_and(|first| first.is_alike(onset))) {
            Some(group) => group.push(onset),
            None => groups.push(vec![onset]),
        }
    }
    let mut observances: Vec<_> =
        groups.iter().flat_map(|group| group_observances(group, horizon(year))).collect();
    observances.sort_by_key(|named| named.observance.start);
    observances
}

fn unchanging(zone: &TimeZone) -> NamedObservance {
    let info = zone.to_offset_info(Timestamp::UNIX_EPOCH);
    let offset = zone.to_offset(start_of(2020)).seconds();
    let start = Date::new(1970, 1, 1).unwrap_or(Date::ZERO).at(0, 0, 0, 0);
    NamedObservance {
        is_daylight: false,
        name: info.abbreviation().to_owned(),
        observance: Observance {
            start,
            offset_from: offset,
            offset_to: offset,
            rule: None,
            rdates: Vec::new(),
        },
    }
}

/// The last change before the year, and all from then until the horizon.
fn onsets(zone: &TimeZone, year: i16) -> Vec<Onset> {
    let start = start_of(year);
    let end = start_of(horizon(year).saturating_add(1));
    let before = zone.preceding(start).take(1);
    let after = zone.following(start.checked_sub(SECOND).unwrap_or(start));
    let mut onsets: Vec<Onset> = Vec::new();
    for change in before.chain(after.take_while(|change| change.timestamp() < end)) {
        let earlier = zone.to_offset(change.timestamp().checked_sub(SECOND).unwrap_or(Timestamp::MIN));
        let onset = Onset {
            local: earlier.to_datetime(change.timestamp()),
            offset_from: earlier.seconds(),
            offset_to: change.offset().seconds(),
            name: change.abbreviation().to_owned(),
            is_daylight: change.dst().is_dst(),
        };
        if onsets.last().is_none_or(|last| last.offset_to != onset.offset_to) {
            onsets.push(onset);
        }
    }
    onsets
}

/// The last year of which onsets are looked at.
fn horizon(year: i16) -> i16 {
    HORIZON.max(year.saturating_add(15))
}

fn start_of(year: i16) -> Timestamp {
    let date = Date::new(year.clamp(1900, 9000), 1, 1).unwrap_or(Date::ZERO);
    TimeZone::UTC.to_timestamp(date.at(0, 0, 0, 0)).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// Rules for as long as onsets follow one; the others as single dates of one observance.
fn group_observances(group: &[&Onset], last_year: i16) -> Vec<NamedObservance> {
    let mut observances = Vec::new();
    let mut single = Vec::new();
    let mut rest = group;
    while let Some(first) = rest.first() {
        let (length, rule) = longest_rule(rest);
        let (run, further) = rest.split_at(length.max(1));
        rest = further;
        match rule.filter(|_| run.len() >= FEWEST_FOR_A_RULE) {
            Some(mut rule) => {
                let last = run.last().unwrap_or(first);
                if last.local.year() < last_year {
                    rule.end = RuleEnd::Until(When::utc(to_utc(last)));
                }
                observances.push(observance(first, Some(rule), Vec::new()));
            }
            None => single.extend(run.iter().map(|onset| onset.local)),
        }
    }
    if let (Some(first), Some((start, dates))) = (group.first(), single.split_first()) {
        let first = Onset { local: *start, ..(*first).clone() };
        observances.push(observance(&first, None, dates.to_vec()));
    }
    observances
}

fn observance(onset: &Onset, rule: Option<Rule>, rdates: Vec<DateTime>) -> NamedObservance {
    NamedObservance {
        is_daylight: onset.is_daylight,
        name: onset.name.clone(),
        observance: Observance {
            start: onset.local,
            offset_from: onset.offset_from,
            offset_to: onset.offset_to,
            rule,
            rdates,
        },
    }
}

fn to_utc(onset: &Onset) -> DateTime {
    let offset = Offset::from_seconds(onset.offset_from).unwrap_or(Offset::UTC);
    offset.to_timestamp(onset.local).map_or(onset.local, |instant| Offset::UTC.to_datetime(instant))
}

/// How many of the first onsets follow one yearly rule, and that rule.
fn longest_rule(onsets: &[&Onset]) -> (usize, Option<Rule>) {
    let Some(first) = onsets.first() else { return (0, None) };
    let consecutive = onsets.iter().zip(first.local.year()..).take_while(|(onset, year)| {
        onset.local.year() == *year
            && onset.local.month() == first.local.month()
            && onset.local.time() == first.local.time()
    });
    let days: Vec<_> = consecutive.map(|(onset, _)| onset.local.date()).collect();
    let best = (1..=days.len()).rev().find_map(|count| Some((count, day_rule(days.get(..count)?)?)));
    best.map_or((1, None), |(count, rule)| (count, Some(rule)))
}

/// The rule that gives these days of one month, a day a year.
fn day_rule(days: &[Date]) -> Option<Rule> {
    let first = days.first()?;
    let mut rule = Rule::every(1, Frequency::Yearly);
    rule.by_month = vec![first.month()];
    if days.iter().all(|day| day.day() == first.day()) {
        rule.by_month_day = vec![first.day()];
        return Some(rule);
    }
    if days.iter().any(|day| day.weekday() != first.weekday()) {
        return None;
    }
    let (least, greatest) =
        (days.iter().map(|day| day.day()).min()?, days.iter().map(|day| day.day()).max()?);
    let day = |ordinal| vec![RuleDay { ordinal, weekday: weekday_number(first.weekday()) }];
    if days.iter().all(|day| day.day() + 7 > day.days_in_month()) {
        rule.by_day = day(Some(-1));
    } else if (least - 1) / 7 == (greatest - 1) / 7 {
        rule.by_day = day(Some((least - 1) / 7 + 1));
    } else if greatest - least < 7 {
        rule.by_day = day(None);
        rule.by_month_day = (least..least + 7).filter(|day| *day <= first.days_in_month()).collect();
    } else {
        return None;
    }
    Some(rule)
}

fn weekday_number(weekday: Weekday) -> u8 {
    u8::try_from(weekday.to_monday_zero_offset()).unwrap_or(0)
}
