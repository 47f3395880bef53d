//! RRULE values (RFC 5545 section 3.3.10) and the lists of dates beside them: EXDATE and RDATE.
//!
//! A rule is read into canonical form: sorted, without repetitions, a week start only where it matters, UNTIL in UTC for
//! times in a zone and in the form of the start otherwise. A rule that cannot be read is a warning and stays as it is.

use std::collections::BTreeSet;

use dovetail_model::recurrence::{Frequency, Rule, RuleDay, RuleEnd};
use dovetail_model::{When, Zone};

use super::when::{self, Stamp};
use super::{Reader, Writer};
use crate::Warning;
use crate::component::{Component, ComponentId, Line};
use crate::content_line::NewLine;

#[cfg(test)]
mod tests;

const WEEKDAYS: [&str; 7] = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];

const FREQUENCIES: [(&str, Frequency); 7] = [
    ("SECONDLY", Frequency::Secondly),
    ("MINUTELY", Frequency::Minutely),
    ("HOURLY", Frequency::Hourly),
    ("DAILY", Frequency::Daily),
    ("WEEKLY", Frequency::Weekly),
    ("MONTHLY", Frequency::Monthly),
    ("YEARLY", Frequency::Yearly),
];

/// The rule of a component that starts at `start`; `None` also where it cannot be read.
pub(super) fn read_rule(component: Component<'_>, start: &When, reader: &mut Reader<'_>) -> Option<Rule> {
    let mut lines = component.lines_named("RRULE");
    let line = lines.next();
    for further in lines {
        reader.warn(Warning::at("several_rules", "RRULE", further.number()));
    }
    if let Some(line) = component.line("EXRULE") {
        reader.warn(Warning::at("not_supported", "EXRULE", line.number()));
    }
    let line = line?;
    match parse(&line.value(), start, reader.home) {
        Ok(rule) => {
            for (code, part) in doubts(&line.value(), &rule, start) {
                reader.warn(Warning::at(code, "RRULE", line.number()).with(part));
            }
            Some(rule)
        }
        Err(part) => {
            reader.warn(Warning::at("bad_rule", "RRULE", line.number()).with(part));
            None
        }
    }
}

/// The parts of a rule that can be read and make no sense where they stand (RFC 5545 section 3.3.10), each with what is to be
/// said of it.
fn doubts(text: &str, rule: &Rule, start: &When) -> Vec<(&'static str, String)> {
    let parts = text.split(';').map(str::trim).filter_map(|part| Some((part, part.split_once('=')?)));
    let frequency = rule.frequency;
    let in_months = matches!(frequency, Frequency::Monthly | Frequency::Yearly);
    let mut seen: Vec<&str> = Vec::new();
    let mut found = Vec::new();
    for (part, (name, value)) in parts {
        let (name, value) = (name.trim(), value.trim());
        let is = |wanted: &str| name.eq_ignore_ascii_case(wanted);
        let is_repeated = seen.iter().any(|known| known.eq_ignore_ascii_case(name));
        seen.push(name);
        let is_odd = is_repeated
            || (is("INTERVAL") || is("COUNT")) && value.parse() == Ok(0_u32)
            || is("UNTIL") && matches!(rule.end, RuleEnd::Count(_))
            || is("BYDAY") && value.contains(|letter: char| letter.is_ascii_digit()) && !in_months
            || is("BYMONTHDAY") && frequency == Frequency::Weekly
            || is("BYYEARDAY")
                && matches!(frequency, Frequency::Daily | Frequency::Weekly | Frequency::Monthly)
            || is("BYWEEKNO") && frequency != Frequency::Yearly
            || is("BYSETPOS") && by_nothing(rule);
        if is_odd {
            found.push(("odd_rule_part", part.to_owned()));
        } else if is("UNTIL") && ends_before(rule, start) {
            found.push(("rule_ends_before_start", part.to_owned()));
        }
    }
    found
}

/// Whether nothing but BYSETPOS says which occurrences there are.
fn by_nothing(rule: &Rule) -> bool {
    let times = rule.by_second.is_empty() && rule.by_minute.is_empty() && rule.by_hour.is_empty();
    let days = rule.by_day.is_empty() && rule.by_month_day.is_empty() && rule.by_year_day.is_empty();
    times && days && rule.by_week.is_empty() && rule.by_month.is_empty()
}

/// Whether a rule ends before its series begins, which then has its start alone.
fn ends_before(rule: &Rule, start: &When) -> bool {
    match (&rule.end, start) {
        (RuleEnd::Until(until), When::Date(start)) => until.date() < *start,
        // UNTIL is floating where the start is.
        (RuleEnd::Until(until), When::Time { .. }) => until.instant(&Zone::Utc) < start.instant(&Zone::Utc),
        _ => false,
    }
}

/// Changes the rule of a component that starts at `start`.
pub(super) fn write_rule(
    writer: &mut Writer<'_>,
    id: ComponentId,
    start: &When,
    before: Option<&Rule>,
    after: Option<&Rule>,
) {
    if before == after {
        return;
    }
    let line = writer.document.component(id).line("RRULE").map(Line::id);
    match (line, after) {
        (Some(line), Some(rule)) => writer.document.set_value(line, &format(rule, start, writer.reader.home)),
        (Some(line), None) => writer.document.remove_line(line),
        (None, Some(rule)) => {
            writer.insert(id, &NewLine::raw("RRULE", &format(rule, start, writer.reader.home)))
        }
        (None, None) => {}
    }
}

/// Reads a rule. The error is the part that is wrong.
pub(super) fn parse(text: &str, start: &When, home: &Zone) -> Result<Rule, String> {
    let mut rule = Rule::every(1, Frequency::Daily);
    let mut frequency = None;
    let (mut count, mut until) = (None, None);
    for part in text.trim().split(';').map(str::trim).filter(|part| !part.is_empty()) {
        let (name, value) = part.split_once('=').ok_or(part)?;
        let (name, value) = (name.trim().to_ascii_uppercase(), value.trim().to_ascii_uppercase());
        let bad = || part.to_owned();
        match name.as_str() {
            "FREQ" => frequency = Some(FREQUENCIES.iter().find(|known| known.0 == value).ok_or_else(bad)?.1),
            "INTERVAL" => rule.interval = value.parse::<u32>().map_err(|_| bad())?.max(1),
            // A series of no occurrences is nobody's wish: as if it were not said.
            "COUNT" => count = Some(value.parse::<u32>().map_err(|_| bad())?).filter(|count| *count > 0),
            "UNTIL" => until = Some(Stamp::parse(&value).ok_or_else(bad)?),
            "WKST" => rule.week_start = weekday(&value).ok_or_else(bad)?,
            "BYDAY" => rule.by_day = list(&value, rule_day).ok_or_else(bad)?,
            "BYSECOND" => rule.by_second = numbers(&value, 0, 60, false).ok_or_else(bad)?,
            "BYMINUTE" => rule.by_minute = numbers(&value, 0, 59, false).ok_or_else(bad)?,
            "BYHOUR" => rule.by_hour = numbers(&value, 0, 23, false).ok_or_else(bad)?,
            "BYMONTHDAY" => rule.by_month_day = numbers(&value, 1, 31, true).ok_or_else(bad)?,
            "BYYEARDAY" => rule.by_year_day = numbers(&value, 1, 366, true).ok_or_else(bad)?,
            "BYWEEKNO" => rule.by_week = numbers(&value, 1, 53, true).ok_or_else(bad)?,
            "BYMONTH" => rule.by_month = numbers(&value, 1, 12, false).ok_or_else(bad)?,
            "BYSETPOS" => rule.by_set_position = numbers(&value, 1, 366, true).ok_or_else(bad)?,
            "RSCALE" if value == "GREGORIAN" => {}
            _ => return Err(bad()),
        }
    }
    rule.frequency = frequency.ok_or("FREQ")?;
    rule.end = match (count, until) {
        (Some(count), _) => RuleEnd::Count(count),
        (None, Some(until)) => RuleEnd::Until(last_moment(until, start, home)),
        (None, None) => RuleEnd::Never,
    };
    Ok(canonical(rule))
}

/// UNTIL in the form in which it is compared. A bare day of a timed series includes that whole day.
fn last_moment(until: Stamp, start: &When, home: &Zone) -> When {
    match (start, until) {
        (When::Date(_), Stamp::Date(date)) => When::Date(date),
        (When::Date(_), Stamp::Local(local) | Stamp::Utc(local)) => When::Date(local.date()),
        (When::Time { zone: Zone::Floating, .. }, Stamp::Utc(local)) => {
            when::in_form_of(start, &When::utc(local), home)
        }
        (_, Stamp::Utc(local)) => When::utc(local),
        (_, Stamp::Local(local)) => start.at_wall_clock(local).in_zone(&Zone::Utc),
        (_, Stamp::Date(date)) => start.at_wall_clock(date.at(23, 59, 59, 0)).in_zone(&Zone::Utc),
    }
}

fn canonical(mut rule: Rule) -> Rule {
    if matches!(rule.frequency, Frequency::Weekly | Frequency::Daily) {
        // RFC 5545 section 3.3.10 has numbers in months and years only; elsewhere they mean nothing.
        rule.by_day.iter_mut().for_each(|day| day.ordinal = None);
    }
    sort(&mut rule.by_second);
    sort(&mut rule.by_minute);
    sort(&mut rule.by_hour);
    rule.by_day.sort_by_key(|day| (day.weekday, day.ordinal));
    rule.by_day.dedup();
    sort(&mut rule.by_month_day);
    sort(&mut rule.by_year_day);
    sort(&mut rule.by_week);
    sort(&mut rule.by_month);
    sort(&mut rule.by_set_position);
    let weeks_count =
        rule.frequency == Frequency::Weekly && (rule.interval > 1 || !rule.by_set_position.is_empty());
    if !weeks_count && rule.by_week.is_empty() {
        rule.week_start = 0;
    }
    rule
}

fn sort<T: Ord>(numbers: &mut Vec<T>) {
    numbers.sort_unstable();
    numbers.dedup();
}

fn list<T>(value: &str, parse: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    value.split(',').map(str::trim).filter(|text| !text.is_empty()).map(parse).collect()
}

/// Numbers from `least` to `greatest`, or counted from the end where that is allowed.
fn numbers<T: TryFrom<i16>>(value: &str, least: i16, greatest: i16, from_end: bool) -> Option<Vec<T>> {
    list(value, |text| {
        let number: i16 = text.parse().ok()?;
        let inside = (least..=greatest).contains(&number.checked_abs()?) && (number >= 0 || from_end);
        inside.then(|| T::try_from(number).ok()).flatten()
    })
}

fn weekday(text: &str) -> Option<u8> {
    WEEKDAYS.iter().position(|day| *day == text).and_then(|day| u8::try_from(day).ok())
}

fn rule_day(text: &str) -> Option<RuleDay> {
    let (number, day) = text.split_at_checked(text.len().checked_sub(2)?)?;
    let ordinal = match number {
        "" => None,
        _ => Some(number.parse::<i8>().ok().filter(|number| *number != 0 && number.unsigned_abs() <= 53)?),
    };
    Some(RuleDay { ordinal, weekday: weekday(day)? })
}

/// Writes a rule of what starts at `start`.
pub(super) fn format(rule: &Rule, start: &When, home: &Zone) -> String {
    let frequency =
        FREQUENCIES.iter().find(|known| known.1 == rule.frequency).map_or("DAILY", |known| known.0);
    let mut parts = vec![format!("FREQ={frequency}")];
    if rule.interval > 1 {
        parts.push(format!("INTERVAL={}", rule.interval));
    }
    match &rule.end {
        RuleEnd::Never => {}
        RuleEnd::Count(count) => parts.push(format!("COUNT={count}")),
        RuleEnd::Until(until) => parts.push(format!("UNTIL={}", format_until(until, start, home))),
    }
    push(&mut parts, "BYMONTH", &rule.by_month);
    push(&mut parts, "BYWEEKNO", &rule.by_week);
    push(&mut parts, "BYYEARDAY", &rule.by_year_day);
    push(&mut parts, "BYMONTHDAY", &rule.by_month_day);
    let days: Vec<_> = rule.by_day.iter().map(|day| format_rule_day(*day)).collect();
    push(&mut parts, "BYDAY", &days);
    push(&mut parts, "BYHOUR", &rule.by_hour);
    push(&mut parts, "BYMINUTE", &rule.by_minute);
    push(&mut parts, "BYSECOND", &rule.by_second);
    push(&mut parts, "BYSETPOS", &rule.by_set_position);
    if let Some(day) = WEEKDAYS.get(usize::from(rule.week_start)).filter(|_| rule.week_start > 0) {
        parts.push(format!("WKST={day}"));
    }
    parts.join(";")
}

/// UNTIL has the value type of the start, and is in UTC where the start has a zone (RFC 5545 section 3.3.10).
fn format_until(until: &When, start: &When, home: &Zone) -> String {
    match (start, until) {
        (When::Date(_), _) => when::format_date(until.date()),
        (_, When::Date(date)) => {
            when::format_when(&start.at_wall_clock(date.at(23, 59, 59, 0)).in_zone(&Zone::Utc))
        }
        (When::Time { zone: Zone::Floating, .. }, _) => {
            when::format_when(&when::in_form_of(start, until, home))
        }
        (_, When::Time { zone: Zone::Floating, local }) => {
            when::format_when(&start.at_wall_clock(*local).in_zone(&Zone::Utc))
        }
        _ => when::format_when(&until.in_zone(&Zone::Utc)),
    }
}

fn format_rule_day(day: RuleDay) -> String {
    let name = WEEKDAYS.get(usize::from(day.weekday % 7)).copied().unwrap_or("MO");
    day.ordinal.map_or_else(|| name.to_owned(), |ordinal| format!("{ordinal}{name}"))
}

fn push<T: ToString>(parts: &mut Vec<String>, name: &str, values: &[T]) {
    if !values.is_empty() {
        let values: Vec<_> = values.iter().map(T::to_string).collect();
        parts.push(format!("{name}={}", values.join(",")));
    }
}

/// The dates of all lines of that name, in the form of `start`.
pub(super) fn read_dates(
    component: Component<'_>,
    name: &str,
    start: &When,
    reader: &mut Reader<'_>,
) -> BTreeSet<When> {
    let mut dates = BTreeSet::new();
    for line in component.lines_named(name) {
        for text in line.value().split(',').filter(|text| !text.trim().is_empty()) {
            match read_date(text, line, start, reader) {
                Some(date) => drop(dates.insert(date)),
                None => reader.warn(Warning::at("bad_date", name, line.number()).with(text)),
            }
        }
    }
    dates
}

/// One value of a list; of a period its start.
fn read_date(text: &str, line: Line<'_>, start: &When, reader: &mut Reader<'_>) -> Option<When> {
    let first = text.split('/').next().unwrap_or_default();
    let date = when::read_value(first, line, reader)?;
    when::warn_of_other_form(start, &date, line, reader);
    if text.contains('/') {
        reader.warn(Warning::at("length_of_its_own", line.name(), line.number()).with(text));
    }
    Some(when::in_form_of(start, &date, reader.home))
}

/// Changes the dates of that name: what is removed leaves its line, what is added gets lines of its own in the form of
/// the start.
pub(super) fn write_dates(
    writer: &mut Writer<'_>,
    id: ComponentId,
    name: &str,
    start: &When,
    before: &BTreeSet<When>,
    after: &BTreeSet<When>,
) {
    if before.is_subset(after) {
        add_dates(writer, id, name, start, after.difference(before));
        return;
    }
    let lines: Vec<_> = writer.document.component(id).lines_named(name).map(Line::id).collect();
    for line_id in lines {
        let line = writer.document.line(line_id);
        let value = line.value().into_owned();
        let mut kept = Vec::new();
        let mut all = 0;
        for text in value.split(',') {
            all += 1;
            let date = read_date(text, line, start, &mut writer.reader);
            if date.is_none_or(|date| after.contains(&date)) {
                kept.push(text);
            }
        }
        if kept.iter().all(|text| text.trim().is_empty()) {
            writer.document.remove_line(line_id);
        } else if kept.len() < all {
            writer.document.set_value(line_id, &kept.join(","));
        }
    }
    add_dates(writer, id, name, start, after.difference(before));
}

fn add_dates<'d>(
    writer: &mut Writer<'_>,
    id: ComponentId,
    name: &str,
    start: &When,
    dates: impl Iterator<Item = &'d When>,
) {
    for date in dates {
        let date = when::in_form_of(start, date, writer.reader.home);
        writer.insert_when(id, name, &date);
    }
}
