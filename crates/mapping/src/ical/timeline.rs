//! The onsets of a VTIMEZONE's observances as instants, for comparison with a zone of the database.
//!
//! Only the rules that time zones have are laid out here: one onset a year, on a day of the month or a weekday. The
//! general expansion of rules is the model's.

use dovetail_model::recurrence::{Frequency, Rule, RuleEnd};
use dovetail_model::when::Observance;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone};

/// The years that are laid out, beside the last onset of rules that ended before.
const YEARS: std::ops::RangeInclusive<i16> = 1969..=2040;

/// When the offset from UTC changes, and to what.
#[derive(Clone, Debug)]
pub(super) struct Timeline {
    /// The offset before the first onset, seconds east.
    before: i32,
    /// Instants and the offsets from then on, in order.
    onsets: Vec<(Timestamp, i32)>,
    /// The last onset, unless a rule goes on for ever.
    last_single: Option<Timestamp>,
}

impl Timeline {
    /// Lays out observances; `None` if there are none, or one has a rule of a kind that time zones do not have.
    pub(super) fn of(observances: &[Observance]) -> Option<Timeline> {
        let mut onsets = Vec::new();
        let mut endless = false;
        for observance in observances {
            let from = Offset::from_seconds(observance.offset_from).ok()?;
            let mut locals = vec![observance.start];
            locals.extend(&observance.rdates);
            if let Some(rule) = &observance.rule {
                endless |= rule.end == RuleEnd::Never;
                locals.extend(rule_onsets(observance, rule, from)?);
            }
            for local in locals {
                onsets.push((from.to_timestamp(local).ok()?, observance.offset_from, observance.offset_to));
            }
        }
        onsets.sort_unstable();
        let before = onsets.first()?.1;
        let last_single = onsets.last().map(|onset| onset.0).filter(|_| !endless);
        let mut onsets: Vec<_> = onsets.into_iter().map(|(instant, _, to)| (instant, to)).collect();
        onsets.dedup();
        Some(Timeline { before, onsets, last_single })
    }

    /// The first onset.
    pub(super) fn first(&self) -> Timestamp {
        self.onsets.first().map_or(Timestamp::UNIX_EPOCH, |onset| onset.0)
    }

    /// The last onset; `None` where onsets go on for ever.
    pub(super) fn last_single(&self) -> Option<Timestamp> {
        self.last_single
    }

    /// Whether a zone of the database has the same offsets from an instant until another one.
    pub(super) fn agrees(&self, zone: &TimeZone, from: Timestamp, to: Timestamp) -> bool {
        let theirs = zone.following(from).take_while(|change| change.timestamp() < to);
        let start = zone.to_offset(from).seconds();
        let theirs = theirs.map(|change| (change.timestamp(), change.offset().seconds()));
        self.offset_at(from) == start && self.changes(from, to).eq(changes(start, theirs))
    }

    /// The offset, if it does not change from an instant until another one.
    pub(super) fn fixed_offset(&self, from: Timestamp, to: Timestamp) -> Option<i32> {
        self.changes(from, to).next().is_none().then(|| self.offset_at(from))
    }

    /// The offset at an instant.
    pub(super) fn offset_at(&self, instant: Timestamp) -> i32 {
        self.onsets.iter().rev().find(|onset| onset.0 <= instant).map_or(self.before, |onset| onset.1)
    }

    fn changes(&self, from: Timestamp, to: Timestamp) -> impl Iterator<Item = (Timestamp, i32)> {
        let within = self.onsets.iter().copied().filter(move |onset| from < onset.0 && onset.0 < to);
        changes(self.offset_at(from), within)
    }
}

/// The onsets that change the offset.
fn changes(
    start: i32,
    onsets: impl Iterator<Item = (Timestamp, i32)>,
) -> impl Iterator<Item = (Timestamp, i32)> {
    let mut current = start;
    onsets.filter(move |onset| std::mem::replace(&mut current, onset.1) != onset.1)
}

/// The onsets that a yearly rule gives, local; `None` for any other rule.
fn rule_onsets(observance: &Observance, rule: &Rule, from: Offset) -> Option<Vec<DateTime>> {
    let plain = rule.frequency == Frequency::Yearly
        && rule.interval == 1
        && rule.by_year_day.is_empty()
        && rule.by_week.is_empty()
        && rule.by_set_position.is_empty()
        && rule.by_month.len() <= 1;
    if !plain {
        return None;
    }
    let start = observance.start;
    let until = match &rule.end {
        RuleEnd::Never => None,
        RuleEnd::Until(when) => TimeZone::UTC.to_timestamp(when.local()).ok(),
        RuleEnd::Count(count) => {
            let year = start.year().checked_add(i16::try_from(count - 1).ok()?)?;
            from.to_timestamp(Date::new(year, 12, 31).ok()?.at(23, 59, 59, 0)).ok()
        }
    };
    let last = until.map_or(*YEARS.end(), |until| from.to_datetime(until).year()).min(*YEARS.end());
    // Of a rule that has ended, its last onset is what counts.
    let first = start.year().max((*YEARS.start()).min(last.saturating_sub(1)));
    let time = time_of(rule, start);
    let onsets =
        (first..=last).filter_map(|year| day_of(rule, start.date(), year)).map(|day| day.to_datetime(time));
    let in_time = |local: &DateTime| {
        *local >= start
            && until.is_none_or(|until| from.to_timestamp(*local).is_ok_and(|onset| onset <= until))
    };
    Some(onsets.filter(in_time).collect())
}

/// Exchange writes the time of day into the rule too.
fn time_of(rule: &Rule, start: DateTime) -> jiff::civil::Time {
    let hour = rule.by_hour.first().copied().unwrap_or(start.hour());
    let minute = rule.by_minute.first().copied().unwrap_or(start.minute());
    jiff::civil::Time::new(hour, minute, start.second(), 0).unwrap_or(start.time())
}

/// The day of an onset in a year: the first that fulfils the rule.
fn day_of(rule: &Rule, start: Date, year: i16) -> Option<Date> {
    let month = rule.by_month.first().copied().unwrap_or(start.month());
    let first = Date::new(year, month, 1).ok()?;
    if rule.by_day.is_empty() {
        let day = rule.by_month_day.first().copied().unwrap_or(start.day());
        return if day > 0 {
            Date::new(year, month, day).ok()
        } else {
            first.last_of_month().with().day(first.days_in_month() + 1 + day).build().ok()
        };
    }
    let days = rule.by_day.iter().filter_map(|day| match day.ordinal {
        Some(ordinal) => first.nth_weekday_of_month(ordinal, day.day()).ok(),
        None => (1..=first.days_in_month()).filter_map(|day| Date::new(year, month, day).ok()).find(|date| {
            date.weekday() == day.day()
                && (rule.by_month_day.is_empty()
                    || rule.by_month_day.contains(&date.day())
                    || rule.by_month_day.contains(&(date.day() - date.days_in_month() - 1)))
        }),
    });
    days.min()
}
