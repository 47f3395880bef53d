//! Recurrence rules (RFC 5545 section 3.3.10) and the occurrences that they give.
//!
//! [`Rule::occurrences`] counts on the wall clock; zones come in only where UNTIL names another one. How a rule is
//! written down is for the lenses.

use std::fmt;

use jiff::civil::{DateTime, Weekday};
use serde::{Deserialize, Serialize};

use crate::when::When;

mod expand;
#[cfg(test)]
mod tests;

pub use expand::Occurrences;

/// A recurrence rule. Lists are sorted and without repetitions: a lens reads them so, and equal rules compare equal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Rule {
    /// The period.
    pub frequency: Frequency,
    /// Every how many periods, at least 1.
    pub interval: u32,
    /// When it ends.
    pub end: RuleEnd,
    /// BYSECOND, 0 to 60.
    pub by_second: Vec<i8>,
    /// BYMINUTE, 0 to 59.
    pub by_minute: Vec<i8>,
    /// BYHOUR, 0 to 23.
    pub by_hour: Vec<i8>,
    /// BYDAY.
    pub by_day: Vec<RuleDay>,
    /// BYMONTHDAY, 1 to 31 or -31 to -1.
    pub by_month_day: Vec<i8>,
    /// BYYEARDAY, 1 to 366 or -366 to -1.
    pub by_year_day: Vec<i16>,
    /// BYWEEKNO, 1 to 53 or -53 to -1.
    pub by_week: Vec<i8>,
    /// BYMONTH, 1 to 12.
    pub by_month: Vec<i8>,
    /// BYSETPOS, 1 to 366 or -366 to -1.
    pub by_set_position: Vec<i16>,
    /// WKST: the first day of a week, 0 Monday to 6 Sunday.
    pub week_start: u8,
}

/// The period of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Frequency {
    /// SECONDLY.
    Secondly,
    /// MINUTELY.
    Minutely,
    /// HOURLY.
    Hourly,
    /// DAILY.
    Daily,
    /// WEEKLY.
    Weekly,
    /// MONTHLY.
    Monthly,
    /// YEARLY.
    Yearly,
}

/// When a rule ends.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum RuleEnd {
    /// Never.
    Never,
    /// After so many occurrences (COUNT), the first included.
    Count(u32),
    /// With the last occurrence not after this (UNTIL).
    Until(When),
}

/// A weekday of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RuleDay {
    /// The n-th of its period, from the end if negative; `None` for every one.
    pub ordinal: Option<i8>,
    /// 0 Monday to 6 Sunday.
    pub weekday: u8,
}

impl Rule {
    /// A rule without any limit: every `interval` periods.
    pub fn every(interval: u32, frequency: Frequency) -> Self {
        Rule {
            frequency,
            interval,
            end: RuleEnd::Never,
            by_second: Vec::new(),
            by_minute: Vec::new(),
            by_hour: Vec::new(),
            by_day: Vec::new(),
            by_month_day: Vec::new(),
            by_year_day: Vec::new(),
            by_week: Vec::new(),
            by_month: Vec::new(),
            by_set_position: Vec::new(),
            week_start: 0,
        }
    }

    /// The starts of the occurrences of a series that starts at `start`, in order, by the clock on its wall. The start
    /// itself is always the first (RFC 5545 section 3.8.5.3), and COUNT counts it.
    pub fn occurrences(&self, start: &When) -> Occurrences<'_> {
        Occurrences::new(self, start)
    }

    /// The occurrences of a series that starts at `start`, from a wall-clock time on.
    pub fn occurrences_from(&self, start: &When, from: DateTime) -> impl Iterator<Item = DateTime> + '_ {
        self.occurrences(start).skip_to(from).skip_while(move |at| *at < from)
    }

    /// Whether a series that starts at `start` has an occurrence there. Only the clock on the wall is compared: a
    /// recurrence id is written in the series' own zone. Of a series that is ended by a count, so many occurrences are
    /// laid out; past [`COUNTED`] of them the answer is yes.
    pub fn occurs(&self, start: &When, id: &When) -> bool {
        let wanted: DateTime = id.local();
        if wanted == start.local() {
            return true;
        }
        let counted = matches!(self.end, RuleEnd::Count(_));
        let mut series = self.occurrences(start).skip_to(wanted).enumerate();
        let found = series.find(|(number, at)| *at >= wanted || (counted && *number >= COUNTED));
        found.is_some_and(|(_, at)| at <= wanted)
    }
}

/// Occurrences of a counted series that are laid out in order to find one.
const COUNTED: usize = 20_000;

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let period = match self.frequency {
            Frequency::Secondly => "second",
            Frequency::Minutely => "minute",
            Frequency::Hourly => "hour",
            Frequency::Daily => "day",
            Frequency::Weekly => "week",
            Frequency::Monthly => "month",
            Frequency::Yearly => "year",
        };
        match self.interval {
            1 => write!(f, "every {period}")?,
            interval => write!(f, "every {interval} {period}s")?,
        }
        numbers(f, "months", &self.by_month)?;
        numbers(f, "weeks", &self.by_week)?;
        numbers(f, "days of the year", &self.by_year_day)?;
        numbers(f, "days of the month", &self.by_month_day)?;
        if !self.by_day.is_empty() {
            let days: Vec<String> = self.by_day.iter().map(ToString::to_string).collect();
            write!(f, ", on {}", days.join(" "))?;
        }
        numbers(f, "hours", &self.by_hour)?;
        numbers(f, "minutes", &self.by_minute)?;
        numbers(f, "seconds", &self.by_second)?;
        numbers(f, "positions", &self.by_set_position)?;
        if self.week_start != 0 {
            write!(f, ", weeks from {}", weekday_name(self.week_start))?;
        }
        match &self.end {
            RuleEnd::Never => Ok(()),
            RuleEnd::Count(count) => write!(f, ", {count} times"),
            RuleEnd::Until(when) => write!(f, ", until {when}"),
        }
    }
}

fn numbers<N: fmt::Display>(f: &mut fmt::Formatter<'_>, name: &str, values: &[N]) -> fmt::Result {
    if values.is_empty() {
        return Ok(());
    }
    let values: Vec<String> = values.iter().map(ToString::to_string).collect();
    write!(f, ", {name} {}", values.join(" "))
}

fn weekday_name(weekday: u8) -> &'static str {
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"][usize::from(weekday % 7)]
}

impl fmt::Display for RuleDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.ordinal {
            Some(ordinal) => write!(f, "{ordinal}. {}", weekday_name(self.weekday)),
            None => f.write_str(weekday_name(self.weekday)),
        }
    }
}

impl RuleDay {
    /// The weekday in jiff's terms.
    pub fn day(self) -> Weekday {
        Weekday::from_monday_zero_offset(i8::try_from(self.weekday % 7).unwrap_or(0))
            .unwrap_or(Weekday::Monday)
    }
}
