//! Recurrence rules (RFC 5545 section 3.3.10) and the occurrences that they give.

use jiff::civil::Weekday;
use serde::{Deserialize, Serialize};

use crate::when::When;

/// A recurrence rule. Lists keep the order of the source; two rules are equal when they are the same in canonical
/// form, which a lens produces (sorted, without repetitions).
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
}

impl RuleDay {
    /// The weekday in jiff's terms.
    pub fn day(self) -> Weekday {
        Weekday::from_monday_zero_offset(i8::try_from(self.weekday % 7).unwrap_or(0)).unwrap_or(Weekday::Monday)
    }
}
