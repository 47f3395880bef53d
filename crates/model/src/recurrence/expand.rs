//! The occurrences of a rule: period by period, every day of the period is asked whether it fits.
//!
//! That is more days than the cleverest expansion would look at, and it is why each BY-part is one line below. Where a
//! rule says nothing about days, as most do, the one day that the start has is asked.

use std::collections::VecDeque;

use jiff::civil::{Date, DateTime, Time};
use jiff::{SignedDuration, ToSpan};

use super::{Frequency, Rule, RuleEnd};
use crate::when::When;

/// So many days in a row without an occurrence end a series: after 400 years the calendar repeats itself, so that a rule
/// of days, weeks, months or years that found nothing in them, counting only the periods that its interval leaves, never
/// does. Rules of hours, minutes and seconds step over a day, hour or minute that does not fit, and each step counts as
/// a day.
const HORIZON_DAYS: i64 = 146_097;

/// An iterator over the wall-clock starts of occurrences.
#[derive(Debug)]
pub struct Occurrences<'r> {
    rule: &'r Rule,
    start: DateTime,
    /// Whether the series is of days, not times.
    whole_days: bool,
    until: Option<DateTime>,
    left: Option<u32>,
    /// The times of each day that fits; of rules of hours, minutes and seconds each period has its own.
    times: Vec<Time>,
    /// The number of the next period to be looked at.
    period: i64,
    /// Days looked at since the last occurrence.
    empty_days: i64,
    ready: VecDeque<DateTime>,
    /// The last occurrence that was given.
    last: DateTime,
    started: bool,
    ended: bool,
}

impl<'r> Occurrences<'r> {
    /// Begins with the occurrences at or after `at`, or somewhat earlier: what is surely before it is not laid out. Not
    /// for rules with COUNT, whose end is found by counting.
    pub(super) fn skip_to(mut self, at: DateTime) -> Self {
        if self.left.is_some() || at <= self.start {
            return self;
        }
        let span = self.start.duration_until(at);
        let (days, seconds) = (span.as_secs() / 86_400, span.as_secs());
        // No period is longer than this, so that none is skipped that reaches up to `at`.
        let periods = match self.rule.frequency {
            Frequency::Yearly => days / 366,
            Frequency::Monthly => days / 31,
            Frequency::Weekly => days / 7,
            Frequency::Daily => days,
            Frequency::Hourly => seconds / 3600,
            Frequency::Minutely => seconds / 60,
            Frequency::Secondly => seconds,
        };
        self.period = (periods / i64::from(self.rule.interval.max(1)) - 1).max(0);
        self.started = true;
        self
    }

    pub(super) fn new(rule: &'r Rule, start: &When) -> Self {
        let (until, left) = match &rule.end {
            RuleEnd::Never => (None, None),
            RuleEnd::Count(count) => (None, Some(*count)),
            RuleEnd::Until(until) => (Some(last_moment(until, start)), None),
        };
        let whole_days = matches!(start, When::Date(_));
        let start = start.local();
        Occurrences {
            rule,
            start,
            whole_days,
            until,
            left,
            times: times(rule, start, whole_days, start),
            period: 0,
            empty_days: 0,
            ready: VecDeque::new(),
            last: start,
            started: false,
            ended: false,
        }
    }

    /// Fills `ready` with the occurrences of the next period that has any.
    fn fill(&mut self) {
        while self.ready.is_empty() && !self.ended {
            let Some(at) = period_start(self.rule, self.start, self.period) else {
                self.ended = true;
                return;
            };
            self.period += self.periods_until_fit(at).max(1);
            let mut found = in_period(self, at);
            // A series of whole days asks one day several times if its rule is of hours.
            found.retain(|at| *at > self.last);
            self.ready.extend(found);
            let days = match self.rule.frequency {
                Frequency::Yearly => 366,
                Frequency::Monthly => 30,
                Frequency::Weekly => 7,
                _ => 1,
            };
            self.empty_days = if self.ready.is_empty() { self.empty_days + days } else { 0 };
            self.ended = self.empty_days > HORIZON_DAYS || self.until.is_some_and(|until| at > until);
        }
    }

    /// How many periods of hours, minutes or seconds lie before the next day, hour or minute if that of `at` does not fit;
    /// 0 if it does.
    fn periods_until_fit(&self, at: DateTime) -> i64 {
        let rule = self.rule;
        let seconds = match rule.frequency {
            Frequency::Hourly => 3600,
            Frequency::Minutely => 60,
            Frequency::Secondly => 1,
            _ => return 0,
        };
        let misses = |list: &[i8], value| !list.is_empty() && !list.contains(&value);
        let (minute, second) = (i64::from(at.minute()), i64::from(at.second()));
        let left = if !fits(rule, self.start.date(), at.date()) {
            86_400 - (i64::from(at.hour()) * 3600 + minute * 60 + second)
        } else if misses(&rule.by_hour, at.hour()) {
            3600 - (minute * 60 + second)
        } else if rule.frequency <= Frequency::Minutely && misses(&rule.by_minute, at.minute()) {
            60 - second
        } else {
            return 0;
        };
        let step = seconds * i64::from(rule.interval.max(1));
        (left + step - 1) / step
    }
}

impl Iterator for Occurrences<'_> {
    type Item = DateTime;

    fn next(&mut self) -> Option<DateTime> {
        if self.left == Some(0) {
            return None;
        }
        let next = if self.started {
            self.fill();
            self.ready.pop_front()?
        } else {
            self.started = true;
            self.start
        };
        if self.until.is_some_and(|until| next > until) {
            self.ended = true;
            self.ready.clear();
            return None;
        }
        self.left = self.left.map(|left| left - 1);
        self.last = next;
        Some(next)
    }
}

/// UNTIL on the wall clock of the series; a day includes all of it.
fn last_moment(until: &When, start: &When) -> DateTime {
    match (until, start) {
        (When::Date(day), _) => day.to_datetime(Time::MAX),
        (_, When::Time { zone, .. }) => until.in_zone(zone).local(),
        (_, When::Date(_)) => until.local(),
    }
}

/// A moment in the `number`-th period; `None` when the calendar ends.
fn period_start(rule: &Rule, start: DateTime, number: i64) -> Option<DateTime> {
    let steps = number.checked_mul(i64::from(rule.interval.max(1)))?;
    let seconds = |each: i64| Some(SignedDuration::from_secs(steps.checked_mul(each)?));
    let first = match rule.frequency {
        Frequency::Yearly => {
            Date::new(i16::try_from(steps.checked_add(i64::from(start.year()))?).ok()?, 1, 1)
        }
        Frequency::Monthly => {
            let month = (i64::from(start.year()) * 12 + i64::from(start.month()) - 1).checked_add(steps)?;
            let year = i16::try_from(month.div_euclid(12)).ok()?;
            Date::new(year, i8::try_from(month.rem_euclid(12)).ok()? + 1, 1)
        }
        Frequency::Weekly => {
            let into_week =
                (7 + i64::from(start.weekday().to_monday_zero_offset()) - i64::from(rule.week_start % 7)) % 7;
            start.date().checked_sub(into_week.days()).ok()?.checked_add(seconds(7 * DAY)?)
        }
        Frequency::Daily => start.date().checked_add(seconds(DAY)?),
        Frequency::Hourly => return start.checked_add(seconds(3600)?).ok(),
        Frequency::Minutely => return start.checked_add(seconds(60)?).ok(),
        Frequency::Secondly => return start.checked_add(seconds(1)?).ok(),
    };
    Some(first.ok()?.to_datetime(Time::midnight()))
}

/// Seconds.
const DAY: i64 = 86_400;

/// The occurrences in the period that begins at `at`, BYSETPOS applied, in order.
fn in_period(series: &Occurrences<'_>, at: DateTime) -> Vec<DateTime> {
    let (rule, start) = (series.rule, series.start.date());
    let of_period;
    let times = match rule.frequency {
        Frequency::Hourly | Frequency::Minutely | Frequency::Secondly => {
            of_period = times(rule, series.start, series.whole_days, at);
            &of_period
        }
        _ => &series.times,
    };
    let mut found = Vec::new();
    let mut ask = |first: Date, count: i16| {
        let days = std::iter::successors(Some(first), |day| day.tomorrow().ok());
        let count = usize::try_from(count).unwrap_or_default();
        for day in days.take(count).filter(|day| fits(rule, start, *day)) {
            found.extend(times.iter().map(|time| day.to_datetime(*time)));
        }
    };
    let says_days = !(rule.by_day.is_empty() && rule.by_month_day.is_empty() && rule.by_year_day.is_empty());
    let asks_all = says_days || !rule.by_week.is_empty();
    let mut ask_month = |month: i8| match Date::new(at.year(), month, 1) {
        Ok(first) if asks_all => ask(first, i16::from(first.days_in_month())),
        // A month that does not have that day has none.
        Ok(_) => Date::new(at.year(), month, start.day()).map_or((), |day| ask(day, 1)),
        Err(_) => {}
    };
    match rule.frequency {
        Frequency::Yearly if !rule.by_month.is_empty() => rule.by_month.iter().copied().for_each(ask_month),
        Frequency::Yearly if asks_all => ask(at.date().first_of_year(), at.date().days_in_year()),
        Frequency::Yearly => ask_month(start.month()),
        Frequency::Monthly => ask_month(at.month()),
        Frequency::Weekly => ask(at.date(), 7),
        _ => ask(at.date(), 1),
    }
    if rule.by_set_position.is_empty() {
        return found;
    }
    let count = i64::try_from(found.len()).unwrap_or(i64::MAX);
    let chosen = |number: i64| {
        rule.by_set_position.iter().any(|position| match i64::from(*position) {
            position if position > 0 => position == number + 1,
            position => count + position == number,
        })
    };
    (0_i64..).zip(found).filter(|(number, _)| chosen(*number)).map(|(_, at)| at).collect()
}

/// Whether a day has occurrences, as far as the parts about days say.
fn fits(rule: &Rule, start: Date, day: Date) -> bool {
    (rule.by_month.is_empty() || rule.by_month.contains(&day.month()))
        && (rule.by_week.is_empty() || fits_week(rule, day))
        && (rule.by_year_day.is_empty() || counted(&rule.by_year_day, day.day_of_year(), day.days_in_year()))
        && (rule.by_month_day.is_empty() || counted(&rule.by_month_day, day.day(), day.days_in_month()))
        && (rule.by_day.is_empty()
            || rule.by_day.iter().any(|by| by.day() == day.weekday() && fits_ordinal(rule, by.ordinal, day)))
        && fits_start(rule, start, day)
}

/// What the parts leave open is as the start has it.
fn fits_start(rule: &Rule, start: Date, day: Date) -> bool {
    let day_said = !(rule.by_day.is_empty() && rule.by_month_day.is_empty() && rule.by_year_day.is_empty());
    match rule.frequency {
        _ if day_said => true,
        Frequency::Yearly if !rule.by_week.is_empty() => day.weekday() == start.weekday(),
        Frequency::Yearly => {
            day.day() == start.day() && (!rule.by_month.is_empty() || day.month() == start.month())
        }
        Frequency::Monthly => day.day() == start.day(),
        Frequency::Weekly => day.weekday() == start.weekday(),
        _ => true,
    }
}

/// The n-th weekday of the month, or of the year where no month is given. Elsewhere ordinals mean nothing.
fn fits_ordinal(rule: &Rule, ordinal: Option<i8>, day: Date) -> bool {
    let Some(ordinal) = ordinal else { return true };
    let (number, length) = match rule.frequency {
        Frequency::Monthly => (i16::from(day.day()), i16::from(day.days_in_month())),
        Frequency::Yearly if !rule.by_month.is_empty() => {
            (i16::from(day.day()), i16::from(day.days_in_month()))
        }
        Frequency::Yearly if rule.by_week.is_empty() => (day.day_of_year(), day.days_in_year()),
        _ => return true,
    };
    let from_start = (number - 1) / 7 + 1;
    let from_end = (length - number) / 7 + 1;
    if ordinal > 0 { i16::from(ordinal) == from_start } else { -i16::from(ordinal) == from_end }
}

/// Week numbers of RFC 5545: week 1 is the first with four days in the year, weeks begin at WKST.
fn fits_week(rule: &Rule, day: Date) -> bool {
    let into_week =
        (7 + day.weekday().to_monday_zero_offset() - i8::try_from(rule.week_start % 7).unwrap_or(0)) % 7;
    // The fourth day of a week lies in the year that the week belongs to.
    let Ok(fourth) = day.checked_add(i64::from(3 - into_week).days()) else { return false };
    let week = (fourth.day_of_year() - 1) / 7 + 1;
    let weeks = week + (fourth.days_in_year() - fourth.day_of_year()) / 7;
    counted(&rule.by_week, week, weeks)
}

/// Whether a list that counts from either end has the number.
fn counted<N: Copy + Into<i16>>(list: &[N], number: impl Into<i16>, length: impl Into<i16>) -> bool {
    let (number, length) = (number.into(), length.into());
    list.iter().map(|wanted| (*wanted).into()).any(|wanted| wanted == number || length + wanted + 1 == number)
}

/// The times of day in a period that begins at `at`, in order. Whole days have none (RFC 5545 section 3.3.10).
fn times(rule: &Rule, start: DateTime, whole_days: bool, at: DateTime) -> Vec<Time> {
    if whole_days {
        return vec![Time::midnight()];
    }
    let frequency = rule.frequency;
    let hours = parts(&rule.by_hour, frequency <= Frequency::Hourly, at.hour(), start.hour());
    let minutes = parts(&rule.by_minute, frequency <= Frequency::Minutely, at.minute(), start.minute());
    let seconds = parts(&rule.by_second, frequency <= Frequency::Secondly, at.second(), start.second());
    let mut times = Vec::with_capacity(hours.len() * minutes.len() * seconds.len());
    for hour in &hours {
        for minute in &minutes {
            times.extend(seconds.iter().filter_map(|second| Time::new(*hour, *minute, *second, 0).ok()));
        }
    }
    times
}

/// The values of one unit of time: those of the list, of which the period itself fixes one where it is shorter; without
/// a list, the period's or the start's.
fn parts(list: &[i8], fixed: bool, of_period: i8, of_start: i8) -> Vec<i8> {
    match (fixed, list.is_empty()) {
        (true, true) => vec![of_period],
        (true, false) => list.iter().copied().filter(|value| *value == of_period).collect(),
        (false, true) => vec![of_start],
        (false, false) => list.to_vec(),
    }
}
