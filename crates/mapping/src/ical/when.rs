//! Dates, times and durations as iCalendar writes them (RFC 5545 sections 3.3.4 to 3.3.6), and the two of them that make
//! up the span of an event. What a TZID means is in [`super::time_zone`].

use std::fmt::Write as _;

use dovetail_model::{When, Zone};
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

use super::Reader;
use crate::Warning;
use crate::component::Line;
use crate::content_line::NewLine;

#[cfg(test)]
mod tests;

/// A date or time without its zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stamp {
    /// `19970714`.
    Date(Date),
    /// `19970714T133000`.
    Local(DateTime),
    /// `19970714T133000Z`.
    Utc(DateTime),
}

impl Stamp {
    /// Reads one. Lenient: extended ISO form, seconds left out, leap seconds and blanks around it are taken.
    pub(super) fn parse(text: &str) -> Option<Stamp> {
        let text = text.trim();
        let (date, time) = match text.split_once(['T', 't', ' ']) {
            Some((date, time)) => (date, Some(time)),
            None => (text, None),
        };
        let date = parse_date(date)?;
        let Some(time) = time else { return Some(Stamp::Date(date)) };
        match time.strip_suffix(['Z', 'z']) {
            Some(time) => Some(Stamp::Utc(date.to_datetime(parse_time(time)?))),
            None => Some(Stamp::Local(date.to_datetime(parse_time(time)?))),
        }
    }
}

fn parse_date(text: &str) -> Option<Date> {
    let digits = digits(text, '-')?;
    let [y1, y2, y3, y4, m1, m2, d1, d2] = *digits.as_slice() else { return None };
    let year = i16::from(y1) * 1000 + i16::from(y2) * 100 + i16::from(y3) * 10 + i16::from(y4);
    Date::new(year, (m1 * 10 + m2) as i8, (d1 * 10 + d2) as i8).ok()
}

fn parse_time(text: &str) -> Option<Time> {
    let digits = digits(text, ':')?;
    let pair = |tens: u8, ones: u8| (tens * 10 + ones) as i8;
    match *digits.as_slice() {
        [h1, h2, m1, m2] => Time::new(pair(h1, h2), pair(m1, m2), 0, 0).ok(),
        [h1, h2, m1, m2, s1, s2] => Time::new(pair(h1, h2), pair(m1, m2), pair(s1, s2).min(59), 0).ok(),
        _ => None,
    }
}

/// The digits of `text`, of which there are few, without a separator.
fn digits(text: &str, separator: char) -> Option<Vec<u8>> {
    let wanted = text.chars().filter(|character| *character != separator).take(9);
    wanted.map(|character| character.to_digit(10).map(|digit| digit as u8)).collect()
}

/// `19970714`.
pub(super) fn format_date(date: Date) -> String {
    format!("{:04}{:02}{:02}", date.year().max(0), date.month(), date.day())
}

/// `19970714T133000`.
pub(super) fn format_local(local: DateTime) -> String {
    format!("{}T{:02}{:02}{:02}", format_date(local.date()), local.hour(), local.minute(), local.second())
}

/// `19970714T133000Z`.
pub(super) fn format_instant(instant: Timestamp) -> String {
    format_local(TimeZone::UTC.to_datetime(instant)) + "Z"
}

/// A date or time as a value; its TZID and VALUE parameters are not part of it.
pub(super) fn format_when(when: &When) -> String {
    match when {
        When::Date(date) => format_date(*date),
        When::Time { local, zone: Zone::Utc } => format_local(*local) + "Z",
        When::Time { local, .. } => format_local(*local),
    }
}

/// A new line with a date or time; `tzid` is given for times in a zone.
pub(super) fn new_line(name: &str, when: &When, tzid: Option<&str>) -> NewLine {
    let line = NewLine::raw(name, &format_when(when));
    match (when, tzid) {
        (When::Date(_), _) => line.param("VALUE", "DATE"),
        (_, Some(tzid)) => line.param("TZID", tzid),
        _ => line,
    }
}

/// The date or time of a line, warning where there is none.
pub(super) fn read_line(line: Line<'_>, reader: &mut Reader<'_>) -> Option<When> {
    let when = read_value(&line.value(), line, reader);
    if when.is_none() {
        reader.warn(Warning::at("bad_date", line.name(), line.number()).with(line.value()));
    }
    when
}

/// A date or time in the value of a line, by the parameters of the line. `VALUE=DATE` cuts the time off.
pub(super) fn read_value(text: &str, line: Line<'_>, reader: &mut Reader<'_>) -> Option<When> {
    let stamp = Stamp::parse(text)?;
    let is_typed = line.param("VALUE").is_some_and(|value| value.eq_ignore_ascii_case("DATE"));
    let doubt = match stamp {
        Stamp::Date(_) if !is_typed => Some("untyped_date"),
        Stamp::Utc(_) if line.param("TZID").is_some() => Some("zone_and_utc"),
        _ => None,
    };
    if let Some(code) = doubt {
        reader.warn(Warning::at(code, line.name(), line.number()).with(text.trim()));
    }
    match stamp {
        Stamp::Date(date) => Some(When::Date(date)),
        Stamp::Local(local) | Stamp::Utc(local)
            if line.param("VALUE").is_some_and(|value| value.eq_ignore_ascii_case("DATE")) =>
        {
            Some(When::Date(local.date()))
        }
        Stamp::Utc(local) => Some(When::utc(local)),
        Stamp::Local(local) => {
            let zone = line.param("TZID").map_or(Zone::Floating, |tzid| reader.zone(&tzid, line));
            Some(When::Time { local, zone })
        }
    }
}

/// Warns of what names an occurrence of a series in a form of which the start is not (RFC 5545 section 3.8.4.4): a day of a
/// timed series, a time of one of whole days, a floating time where the start has a zone.
pub(super) fn warn_of_other_form(start: &When, when: &When, line: Line<'_>, reader: &mut Reader<'_>) {
    let form = |when: &When| match when {
        When::Date(_) => 0,
        When::Time { zone: Zone::Floating, .. } => 1,
        When::Time { .. } => 2,
    };
    if form(start) != form(when) {
        reader.warn(Warning::at("other_form", line.name(), line.number()).with(format_when(when)));
    }
}

/// `when` in the zone and value type of `form`, the start of a series: how recurrence ids, EXDATEs and RDATEs are
/// compared. A bare day of a timed series means the occurrence of that day.
pub(super) fn in_form_of(form: &When, when: &When, home: &Zone) -> When {
    match (form, when) {
        // Midnight in UTC stands for the day; any other time in UTC is midnight somewhere, at home most likely.
        (When::Date(_), When::Time { local, zone: Zone::Utc }) if local.time() != Time::midnight() => {
            When::Date(home.wall_clock(when.instant(home)).date())
        }
        (When::Date(_), _) => When::Date(when.date()),
        (When::Time { local, zone }, When::Date(date)) => {
            When::Time { local: date.to_datetime(local.time()), zone: zone.clone() }
        }
        (When::Time { zone: Zone::Floating, .. }, When::Time { zone: Zone::Utc, .. }) => {
            When::Time { local: home.wall_clock(when.instant(home)), zone: Zone::Floating }
        }
        (When::Time { zone: Zone::Floating, .. }, When::Time { local, .. })
        | (When::Time { .. }, When::Time { local, zone: Zone::Floating }) => form.at_wall_clock(*local),
        (When::Time { zone, .. }, When::Time { .. }) => when.in_zone(zone),
    }
}

/// A time whose zone is UTC by any name, as UTC.
pub(super) fn plain_utc(when: &When) -> When {
    match when {
        When::Time { local, zone: Zone::Named(zone) } if zone.id == "Etc/UTC" => When::utc(*local),
        _ => when.clone(),
    }
}

/// A duration (RFC 5545 section 3.3.6): days by the calendar, then seconds by the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Length {
    pub(super) days: i64,
    pub(super) seconds: i64,
}

impl Length {
    /// Reads that of a line. One that is spelled oddly is told of.
    pub(super) fn read(line: Line<'_>, reader: &mut Reader<'_>) -> Option<Length> {
        let value = line.value();
        let length = Length::parse(&value)?;
        if !Length::is_regular(&value) {
            reader.warn(Warning::at("odd_duration", line.name(), line.number()).with(value.trim()));
        }
        Some(length)
    }

    /// Reads one; `None` if it is none, or absurdly long. `T` may be missing or misplaced.
    pub(super) fn parse(text: &str) -> Option<Length> {
        let text = text.trim().to_ascii_uppercase();
        let (sign, rest) = match text.strip_prefix('-') {
            Some(rest) => (-1, rest),
            None => (1, text.strip_prefix('+').unwrap_or(&text)),
        };
        let mut length = Length { days: 0, seconds: 0 };
        let mut number = None;
        let mut found = false;
        for character in rest.strip_prefix('P')?.chars() {
            if let Some(digit) = character.to_digit(10) {
                number = Some(number.unwrap_or(0_i64).checked_mul(10)?.checked_add(i64::from(digit))?);
                continue;
            }
            if character == 'T' && number.is_none() {
                continue;
            }
            let count = sign * number.take().filter(|count| *count <= 1_000_000_000)?;
            found = true;
            match character {
                'W' => length.days += count * 7,
                'D' => length.days += count,
                'H' => length.seconds += count * 3600,
                'M' => length.seconds += count * 60,
                'S' => length.seconds += count,
                _ => return None,
            }
        }
        (found && number.is_none()).then_some(length)
    }

    /// Whether it is spelled as RFC 5545 section 3.3.6 has it: what it counts in the right order, and hours and less behind `T`.
    fn is_regular(text: &str) -> bool {
        let counts = |text: &str, units: &str| {
            let at: Vec<_> =
                text.chars().filter(|it| !it.is_ascii_digit()).map(|it| units.find(it)).collect();
            at.iter().all(Option::is_some) && at.is_sorted_by(|one, other| one < other)
        };
        let text = text.trim().to_ascii_uppercase();
        let bare = text.strip_prefix(['+', '-']).unwrap_or(&text);
        match bare.strip_prefix('P').map(|rest| rest.split_once('T').unwrap_or((rest, "0S"))) {
            Some((days, time)) => counts(days, "WD") && !time.is_empty() && counts(time, "HMS"),
            None => false,
        }
    }

    /// All of it in seconds, days counted as 24 hours.
    pub(super) fn total_seconds(self) -> i64 {
        self.days * 86_400 + self.seconds
    }

    /// The end of what starts at `start` and takes this long; never before `start`.
    pub(super) fn end_of(self, start: &When, home: &Zone) -> Option<When> {
        match start {
            When::Date(date) => {
                let days = self.total_seconds().div_euclid(86_400).max(1);
                Some(When::Date(date.checked_add(Span::new().try_days(days).ok()?).ok()?))
            }
            When::Time { local, zone } => {
                let local = local.checked_add(Span::new().try_days(self.days).ok()?).ok()?;
                if self.seconds == 0 || *zone == Zone::Floating {
                    let local = local.checked_add(Span::new().try_seconds(self.seconds).ok()?).ok()?;
                    return Some(start.at_wall_clock(local));
                }
                let instant = start.at_wall_clock(local).instant(home);
                let instant = instant.checked_add(Span::new().try_seconds(self.seconds).ok()?).ok()?;
                Some(start.at_wall_clock(zone.wall_clock(instant)))
            }
        }
    }
}

/// Seconds as a duration: `-PT15M`, `P1D`, `PT0S`.
pub(super) fn format_seconds(seconds: i64) -> String {
    let mut text = String::from(if seconds < 0 { "-P" } else { "P" });
    let total = seconds.unsigned_abs();
    let (days, rest) = (total / 86_400, total % 86_400);
    // Writing into a String cannot fail.
    if days > 0 {
        let _ = write!(text, "{days}D");
    }
    if rest > 0 || days == 0 {
        text.push('T');
    }
    for (count, unit) in [(rest / 3600, 'H'), (rest / 60 % 60, 'M'), (rest % 60, 'S')] {
        if count > 0 {
            let _ = write!(text, "{count}{unit}");
        }
    }
    if total == 0 {
        text.push_str("0S");
    }
    text
}

/// The duration of a span as a value that gives this very end again, if there is one.
pub(super) fn format_length(start: &When, end: &When, home: &Zone) -> Option<String> {
    let exact = end.instant(home).as_second().checked_sub(start.instant(home).as_second())?;
    let nominal = start.local().duration_until(end.local()).as_secs();
    [nominal, exact].into_iter().map(format_seconds).find(|text| {
        Length::parse(text).and_then(|length| length.end_of(start, home)).is_some_and(|again| again == *end)
    })
}
