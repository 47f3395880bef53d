//! Where an event lies, seen from a span of days: any occurrence of the whole series counts.
//!
//! This is the one rule by which both sides are asked; what a server or Outlook would say of a range is not looked at.

use jiff::ToSpan;
use jiff::civil::{Date, DateTime, Time};

use super::Event;
use crate::recurrence::RuleEnd;
use crate::when::{When, Zone};

#[cfg(test)]
mod tests;

/// A span of days, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Days {
    /// The first day.
    pub first: Date,
    /// The last day.
    pub last: Date,
}

/// Where an event lies, seen from a span of days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// An occurrence takes place on one of the days, at least in part.
    Within,
    /// None does; the next one begins on this day, which is after them.
    From(Date),
    /// None does, and none will.
    Before,
}

/// So many occurrences of a series are laid out at most; one that needs more is taken to lie within.
const LOOKED_AT: usize = 20_000;

/// The calendars of two zones differ by less than so many days.
const MARGIN: i64 = 2;

impl Event {
    /// Where the event lies, seen from these days of the calendar of `home`.
    pub fn reach(&self, days: Days, home: &Zone) -> Reach {
        let of_series = match &self.rule {
            Some(_) => self.series_reach(days, home),
            None => self.reach_at(&self.main.start, days, home),
        };
        let further = self.rdates.iter().map(|start| self.reach_at(start, days, home));
        let changed = self.overrides.values();
        let changed = changed.map(|occurrence| reach_of(&occurrence.start, &occurrence.end, days, home));
        further.chain(changed).fold(of_series, Reach::nearer)
    }

    /// The most days between two occurrences, as the period and the interval of the rule have it; `None` for what does
    /// not repeat.
    pub fn longest_interval(&self) -> Option<u64> {
        use crate::recurrence::Frequency::{Monthly, Weekly, Yearly};
        let rule = self.rule.as_ref()?;
        let days = match rule.frequency {
            Yearly => 366,
            Monthly => 31,
            Weekly => 7,
            _ => 1,
        };
        Some(u64::from(rule.interval.max(1)) * days)
    }

    /// Where the occurrence lies that starts there as the series has it.
    fn reach_at(&self, start: &When, days: Days, home: &Zone) -> Reach {
        if self.exdates.contains(start) || self.overrides.contains_key(start) {
            return Reach::Before;
        }
        let length = self.main.start.local().duration_until(self.main.end.local());
        let end = start.local().checked_add(length).unwrap_or(start.local());
        reach_of(start, &self.main.end.at_wall_clock(end), days, home)
    }

    fn series_reach(&self, days: Days, home: &Zone) -> Reach {
        let Some(rule) = &self.rule else { return Reach::Before };
        let start = &self.main.start;
        let length = start.local().duration_until(self.main.end.local());
        let first = days.first.at(0, 0, 0, 0);
        let surely_before = first.checked_sub(length).and_then(|at| at.checked_sub(MARGIN.days()));
        let surely_before = surely_before.unwrap_or(DateTime::MIN);
        // Where a series ends that is counted is found by counting, and that has to have an end as well.
        let series: Box<dyn Iterator<Item = DateTime>> = match rule.end {
            RuleEnd::Count(_) => Box::new(rule.occurrences(start)),
            RuleEnd::Never | RuleEnd::Until(_) => Box::new(rule.occurrences_from(start, surely_before)),
        };
        for (number, local) in series.enumerate() {
            if number >= LOOKED_AT {
                return Reach::Within;
            }
            if local < surely_before {
                continue;
            }
            match self.reach_at(&start.at_wall_clock(local), days, home) {
                Reach::Before => {}
                found => return found,
            }
        }
        Reach::Before
    }
}

impl Reach {
    fn nearer(self, other: Reach) -> Reach {
        match (self, other) {
            (Reach::Within, _) | (_, Reach::Within) => Reach::Within,
            (Reach::From(one), Reach::From(other)) => Reach::From(one.min(other)),
            (Reach::From(day), Reach::Before) | (Reach::Before, Reach::From(day)) => Reach::From(day),
            (Reach::Before, Reach::Before) => Reach::Before,
        }
    }
}

/// Where one occurrence lies.
fn reach_of(start: &When, end: &When, days: Days, home: &Zone) -> Reach {
    let apart = |one: Date, other: Date| one.until(other).map_or(0, |span| i64::from(span.get_days()));
    // Most are far from both ends: then no zone need be asked.
    if apart(end.date(), days.first) > MARGIN && apart(start.date(), days.first) > MARGIN {
        return Reach::Before;
    }
    if apart(days.first, start.date()) > MARGIN && apart(start.date(), days.last) > MARGIN {
        return Reach::Within;
    }
    let (first, last) = days_of(start, end, home);
    if last < days.first {
        Reach::Before
    } else if first > days.last {
        Reach::From(first)
    } else {
        Reach::Within
    }
}

/// The first and the last day of an occurrence. The end is exclusive.
fn days_of(start: &When, end: &When, home: &Zone) -> (Date, Date) {
    let (start, end) = (start.in_zone(home).local(), end.in_zone(home).local());
    let last = if end > start && end.time() == Time::midnight() {
        end.date().yesterday().unwrap_or(end.date())
    } else {
        end.date()
    };
    (start.date(), last.max(start.date()))
}
