//! What a TZID means: by its name, by the name and rules of its VTIMEZONE, by its rules alone.
//!
//! Names win, because rules that come with calendars are often old or abridged. Only a VTIMEZONE that never agreed with
//! the zone whose name it bears is believed against it. Writing VTIMEZONEs is in [`super::observances`].

use std::cell::RefCell;
use std::sync::OnceLock;

use dovetail_model::when::{CustomZone, NamedZone, Observance};
use dovetail_model::{When, Zone};
use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};

use super::recurrence;
use super::timeline::Timeline;
use super::when::Stamp;
use crate::Warning;
use crate::component::Component;
use crate::windows_zones;

#[cfg(test)]
mod tests;

/// Zones looked at first for rules without a known name, so that Central European rules are Berlin's rather than those of
/// the first zone in the alphabet.
const WELL_KNOWN: [&str; 16] = [
    "Europe/Berlin",
    "Europe/London",
    "Europe/Athens",
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
    "America/Phoenix",
    "America/Halifax",
    "America/Anchorage",
    "Asia/Jerusalem",
    "Asia/Kolkata",
    "Asia/Tehran",
    "Australia/Sydney",
    "Australia/Adelaide",
    "Pacific/Auckland",
];

/// No zone begins earlier: Outlook has all of them begin in 1601.
const EARLIEST: i16 = 1600;

/// A VTIMEZONE as it stands in a calendar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Definition {
    pub(super) tzid: String,
    /// X-LIC-LOCATION: an IANA name beside a name of the producer's own.
    location: Option<String>,
    pub(super) observances: Vec<Observance>,
}

impl Definition {
    /// Reads a VTIMEZONE; observances without a start or offsets are left out with a warning.
    pub(super) fn read(component: Component<'_>, warnings: &mut Vec<Warning>) -> Option<Definition> {
        let tzid = component.line("TZID")?.value().trim().to_owned();
        let location = component.line("X-LIC-LOCATION").map(|line| line.value().trim().to_owned());
        let mut observances = Vec::new();
        for inner in component.components() {
            if !inner.is("STANDARD") && !inner.is("DAYLIGHT") {
                continue;
            }
            let observance = read_observance(inner);
            let doubt = match &observance {
                None => Some("bad_observance"),
                Some(observance) => (observance.start.year() < EARLIEST).then_some("early_observance"),
            };
            let line = inner.begin().and_then(|line| line.number());
            warnings.extend(doubt.map(|code| Warning::at(code, "VTIMEZONE", line).with(tzid.clone())));
            observances.extend(observance);
        }
        Some(Definition { tzid, location, observances })
    }
}

fn read_observance(component: Component<'_>) -> Option<Observance> {
    let start = local(&component.line("DTSTART")?.value())?;
    let rule = component.line("RRULE").and_then(|line| {
        // UNTIL of an observance is UTC and stays so; a bare local start is all that the parser needs.
        recurrence::parse(&line.value(), &When::utc(start), &Zone::Utc).ok()
    });
    let rdates = component.lines_named("RDATE").flat_map(|line| {
        let value = line.value();
        value.split(',').filter_map(local).collect::<Vec<_>>()
    });
    Some(Observance {
        start,
        offset_from: offset(&component.line("TZOFFSETFROM")?.value())?,
        offset_to: offset(&component.line("TZOFFSETTO")?.value())?,
        rule,
        rdates: rdates.collect(),
    })
}

fn local(text: &str) -> Option<DateTime> {
    match Stamp::parse(text)? {
        Stamp::Date(date) => Some(date.at(0, 0, 0, 0)),
        Stamp::Local(local) | Stamp::Utc(local) => Some(local),
    }
}

/// Seconds of `+0100`, `-033000`.
fn offset(text: &str) -> Option<i32> {
    let text = text.trim();
    let (sign, digits) = match text.split_at_checked(1)? {
        ("-", digits) => (-1, digits),
        ("+", digits) => (1, digits),
        _ => (1, text),
    };
    let number: i32 = digits.replace(':', "").parse().ok()?;
    let (hours, minutes, seconds) = match digits.replace(':', "").len() {
        2 => (number, 0, 0),
        3 | 4 => (number / 100, number % 100, 0),
        6 => (number / 10_000, number / 100 % 100, number % 100),
        _ => return None,
    };
    let seconds = sign * (hours * 3600 + minutes * 60 + seconds);
    Offset::from_seconds(seconds).ok().map(Offset::seconds)
}

/// The zone that a TZID with this VTIMEZONE means, and whether its name was not to be believed. `None`: nothing is known.
pub(super) fn resolve(tzid: &str, definition: Option<&Definition>) -> Option<(Zone, bool)> {
    let tzid = tzid.trim();
    let Some(definition) = definition.filter(|definition| !definition.observances.is_empty()) else {
        return known_name(tzid).map(|id| (named(id, tzid), false));
    };
    let is_it = |known: &Resolved| known.0 == tzid && known.1 == *definition;
    let before = RESOLVED.with_borrow(|known| known.iter().find(|known| is_it(known)).map(|it| it.2.clone()));
    before.unwrap_or_else(|| {
        let found = compared(tzid, definition);
        RESOLVED.with_borrow_mut(|known| {
            known.truncate(MOST_REMEMBERED - 1);
            known.insert(0, (tzid.to_owned(), definition.clone(), found.clone()));
        });
        found
    })
}

/// A TZID, its VTIMEZONE, and what they mean.
type Resolved = (String, Definition, Option<(Zone, bool)>);

thread_local! {
    /// What was found out last: the objects of a calendar say the same of their few zones again and again, and to compare
    /// rules with those of the database is a good part of the time that reading an event takes.
    static RESOLVED: RefCell<Vec<Resolved>> = const { RefCell::new(Vec::new()) };
}

/// So many are remembered.
const MOST_REMEMBERED: usize = 8;

fn compared(tzid: &str, definition: &Definition) -> Option<(Zone, bool)> {
    let known = known_name(tzid);
    let timeline = Timeline::of(&definition.observances);
    if let Some(id) = known {
        let believed = timeline.as_ref().is_none_or(|timeline| ever_agreed(timeline, id));
        return Some(if believed {
            (named(id, tzid), false)
        } else {
            (by_rules(definition, timeline.as_ref()), true)
        });
    }
    let location = definition.location.as_deref().and_then(known_name);
    match (location, &timeline) {
        (Some(id), Some(timeline)) if ever_agreed(timeline, id) => Some((named(id, tzid), false)),
        _ => Some((by_rules(definition, timeline.as_ref()), false)),
    }
}

fn named(id: &str, tzid: &str) -> Zone {
    match id {
        "Etc/UTC" => Zone::Utc,
        _ => Zone::Named(NamedZone { id: id.to_owned(), tzid: tzid.to_owned() }),
    }
}

/// Whether a zone is UTC, whatever it is called.
pub(super) fn is_utc(zone: &Zone) -> bool {
    matches!(zone, Zone::Utc) || matches!(zone, Zone::Named(zone) if zone.id == "Etc/GMT")
}

/// The IANA zone of a name: of the IANA database, of Windows, as Outlook shows it, or with a producer's prefix.
fn known_name(tzid: &str) -> Option<&'static str> {
    if let Some(id) = windows_zones::canonical_iana(tzid) {
        return Some(id);
    }
    let windows = |name: &str| windows_zones::iana_of_windows(name).and_then(windows_zones::canonical_iana);
    if let Some(id) = windows(tzid).or_else(|| windows_zones::windows_of_shown_name(tzid).and_then(windows)) {
        return Some(id);
    }
    let segments: Vec<_> = tzid.split('/').collect();
    let prefixed = (1..=3).rev().filter(|count| *count < segments.len()).find_map(|count| {
        let name = segments.get(segments.len() - count..)?.join("/");
        windows_zones::canonical_iana(&name).or_else(|| windows(&name))
    });
    prefixed.or_else(|| {
        // Lightning numbers the copies of a zone: "Europe/Berlin 1".
        let (name, number) = tzid.rsplit_once(' ')?;
        number.parse::<u16>().ok().and_then(|_| windows_zones::canonical_iana(name))
    })
}

/// Whether rules are those of a zone: in the present, in some whole year (old or abridged rules), or as far as single
/// onsets reach.
fn ever_agreed(timeline: &Timeline, id: &str) -> bool {
    let Ok(zone) = jiff::tz::db().get(id) else { return false };
    let (from, to) = present(timeline);
    if timeline.agrees(&zone, from, to) {
        return true;
    }
    let years = (1970..=2040).rev().filter(|year| timeline.first() <= start_of_year(*year));
    let (first, last) = (timeline.first(), timeline.last_single());
    years.into_iter().any(|year| timeline.agrees(&zone, start_of_year(year), start_of_year(year + 1)))
        || last.is_some_and(|last| timeline.agrees(&zone, first, just_after(last.max(first))))
}

/// A zone of the database with these rules in the present, else a zone of its own.
fn by_rules(definition: &Definition, timeline: Option<&Timeline>) -> Zone {
    let custom = || {
        Zone::Custom(Box::new(CustomZone {
            tzid: definition.tzid.clone(),
            observances: definition.observances.clone(),
        }))
    };
    let Some(timeline) = timeline else { return custom() };
    let (from, to) = present(timeline);
    let offsets = SEASONS.map(|(month, day)| timeline.offset_at(instant(2034, month, day)));
    let fits = |id: &&str| jiff::tz::db().get(id).is_ok_and(|zone| timeline.agrees(&zone, from, to));
    let candidates = known_zones().iter().filter(|zone| zone.1 == offsets).map(|zone| zone.0);
    let fixed = timeline.fixed_offset(from, to).and_then(fixed_zone);
    fixed.or_else(|| candidates.into_iter().find(fits)).map_or_else(custom, |id| named(id, &definition.tzid))
}

/// Days in whose offsets most zones differ.
const SEASONS: [(i8, i8); 2] = [(1, 15), (7, 15)];

/// Zones of the database in the order in which they are preferred, with their offsets in both seasons: laid out once,
/// because looking at all of them takes a while.
fn known_zones() -> &'static [(&'static str, [i32; 2])] {
    static ZONES: OnceLock<Vec<(&'static str, [i32; 2])>> = OnceLock::new();
    ZONES.get_or_init(|| {
        let names = jiff::tz::db().available();
        let others = names.filter_map(|name| windows_zones::canonical_iana(name.as_str()));
        let mut zones: Vec<(&'static str, [i32; 2])> = Vec::new();
        for id in WELL_KNOWN.into_iter().chain(windows_zones::main_iana_zones()).chain(others) {
            if !zones.iter().any(|known| known.0 == id)
                && let Ok(zone) = jiff::tz::db().get(id)
            {
                zones.push((
                    id,
                    SEASONS.map(|(month, day)| zone.to_offset(instant(2034, month, day)).seconds()),
                ));
            }
        }
        zones
    })
}

/// `Etc/GMT-1` for an hour east of Greenwich.
fn fixed_zone(offset: i32) -> Option<&'static str> {
    match (offset / 3600, offset % 3600) {
        (0, 0) => Some("Etc/UTC"),
        (hours, 0) => windows_zones::canonical_iana(&format!("Etc/GMT{:+}", -hours)),
        _ => None,
    }
}

/// The years in which rules are compared: 2015 to 2035, as far as the rules begin before.
fn present(timeline: &Timeline) -> (Timestamp, Timestamp) {
    let to = start_of_year(2036);
    (timeline.first().clamp(start_of_year(2015), start_of_year(2034)), to)
}

fn just_after(instant: Timestamp) -> Timestamp {
    instant.checked_add(SignedDuration::from_secs(1)).unwrap_or(instant)
}

fn start_of_year(year: i16) -> Timestamp {
    instant(year, 1, 1)
}

fn instant(year: i16, month: i8, day: i8) -> Timestamp {
    let midnight = Date::new(year, month, day).unwrap_or(Date::ZERO).at(0, 0, 0, 0);
    TimeZone::UTC.to_timestamp(midnight).unwrap_or(Timestamp::UNIX_EPOCH)
}
