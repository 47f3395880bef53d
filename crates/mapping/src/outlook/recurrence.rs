//! Outlook's recurrence patterns against rules.
//!
//! A rule that no pattern says is shown by a stand-in ([`super::stand_in`]). Outlook moves a day that a month does not have
//! to the month's last; a rule skips the month. So 29, 30 and 31 are written as what they mean.

use dovetail_model::recurrence::{Frequency, Rule, RuleDay, RuleEnd};
use dovetail_model::{When, Zone};
use jiff::civil::Date;

use super::no_date::LAST_DAY;
use super::{NO_DATE, RecurrencePattern, windows_zone};

pub(super) const DAILY: u8 = 0;
pub(super) const WEEKLY: u8 = 1;
pub(super) const MONTHLY: u8 = 2;
pub(super) const MONTH_NTH: u8 = 3;
pub(super) const YEARLY: u8 = 5;
pub(super) const YEAR_NTH: u8 = 6;

/// Outlook's number for "the last".
const LAST: i8 = 5;

/// The rule of a pattern; `None` for a type that Outlook does not have.
pub(super) fn rule(pattern: &RecurrencePattern) -> Option<Rule> {
    let frequency = match pattern.recurrence_type {
        DAILY => Frequency::Daily,
        WEEKLY => Frequency::Weekly,
        MONTHLY | MONTH_NTH => Frequency::Monthly,
        YEARLY | YEAR_NTH => Frequency::Yearly,
        _ => return None,
    };
    // Outlook sometimes reports an interval of 0 and means 1.
    let mut rule = Rule::every(pattern.interval.max(1), frequency);
    match pattern.recurrence_type {
        WEEKLY => rule.by_day = days(pattern.day_of_week_mask),
        MONTHLY => (rule.by_month_day, rule.by_set_position) = month_days(pattern.day_of_month),
        YEARLY => {
            let (month, day) = (pattern.month_of_year, pattern.day_of_month);
            rule.by_month = vec![month];
            (rule.by_month_day, rule.by_set_position) = match longest(month) {
                29 if day >= 29 => month_days(29),
                most => (vec![day.min(most)], Vec::new()),
            };
        }
        MONTH_NTH | YEAR_NTH => {
            rule.by_day = days(pattern.day_of_week_mask);
            rule.by_set_position = match pattern.instance {
                0 => Vec::new(),
                LAST => vec![-1],
                instance => vec![i16::from(instance)],
            };
            if pattern.recurrence_type == YEAR_NTH {
                rule.by_month = vec![pattern.month_of_year];
            }
        }
        _ => {}
    }
    rule.end = match pattern {
        RecurrencePattern { no_end_date: true, .. } => RuleEnd::Never,
        RecurrencePattern { occurrences: 0, pattern_end_date: NO_DATE, .. } => RuleEnd::Never,
        RecurrencePattern { occurrences: 1.., .. } => RuleEnd::Count(pattern.occurrences),
        _ => RuleEnd::Until(When::Date(pattern.pattern_end_date)),
    };
    Some(rule)
}

/// The pattern of a rule of a series that starts at `start`; `None` where Outlook has none that means the same.
pub(super) fn pattern(rule: &Rule, start: &When) -> Option<RecurrencePattern> {
    let sub_daily = !(rule.by_second.is_empty() && rule.by_minute.is_empty() && rule.by_hour.is_empty());
    if sub_daily || !rule.by_week.is_empty() || !rule.by_year_day.is_empty() {
        return None;
    }
    let mut pattern = match rule.frequency {
        Frequency::Daily => daily(rule),
        Frequency::Weekly => weekly(rule, start.date()),
        Frequency::Monthly => monthly(rule, start.date()),
        Frequency::Yearly => yearly(rule, start.date()),
        _ => None,
    }?;
    pattern.interval = rule.interval.max(1);
    pattern.pattern_start_date = start.date();
    end(&mut pattern, rule, start);
    Some(pattern)
}

fn daily(rule: &Rule) -> Option<RecurrencePattern> {
    let plain = rule.by_month.is_empty() && rule.by_month_day.is_empty() && rule.by_set_position.is_empty();
    match rule.by_day.as_slice() {
        [] if plain => Some(RecurrencePattern { recurrence_type: DAILY, ..RecurrencePattern::default() }),
        // Every one of these weekdays, every week.
        days if plain && rule.interval <= 1 => Some(RecurrencePattern {
            recurrence_type: WEEKLY,
            day_of_week_mask: mask(days)?,
            ..RecurrencePattern::default()
        }),
        _ => None,
    }
}

fn weekly(rule: &Rule, start: Date) -> Option<RecurrencePattern> {
    if !(rule.by_month.is_empty() && rule.by_month_day.is_empty() && rule.by_set_position.is_empty()) {
        return None;
    }
    // Where weeks begin matters only to several weekdays in every n-th week; Outlook cannot be told.
    if rule.interval > 1 && rule.by_day.len() > 1 && rule.week_start != 0 {
        return None;
    }
    let own =
        [RuleDay { ordinal: None, weekday: u8::try_from(start.weekday().to_monday_zero_offset()).ok()? }];
    let days = if rule.by_day.is_empty() { &own } else { rule.by_day.as_slice() };
    Some(RecurrencePattern {
        recurrence_type: WEEKLY,
        day_of_week_mask: mask(days)?,
        ..RecurrencePattern::default()
    })
}

fn monthly(rule: &Rule, start: Date) -> Option<RecurrencePattern> {
    if !rule.by_month.is_empty() {
        return None;
    }
    if !rule.by_day.is_empty() {
        return nth(rule, MONTH_NTH);
    }
    let day_of_month = match (rule.by_month_day.as_slice(), rule.by_set_position.as_slice()) {
        ([], []) if start.day() <= 28 => start.day(),
        ([day @ 1..=28], []) => *day,
        ([-1], []) => 31,
        ([28, 29], [-1]) => 29,
        ([28, 29, 30], [-1]) => 30,
        ([28, 29, 30, 31], [-1]) => 31,
        _ => return None,
    };
    Some(RecurrencePattern { recurrence_type: MONTHLY, day_of_month, ..RecurrencePattern::default() })
}

fn yearly(rule: &Rule, start: Date) -> Option<RecurrencePattern> {
    let month_of_year = match rule.by_month.as_slice() {
        [] if rule.by_day.is_empty() => start.month(),
        [month] => *month,
        _ => return None,
    };
    if !rule.by_day.is_empty() {
        return Some(RecurrencePattern { month_of_year, ..nth(rule, YEAR_NTH)? });
    }
    let day_of_month = match (rule.by_month_day.as_slice(), rule.by_set_position.as_slice()) {
        // Every year has that day, but for the 29th of February.
        ([], []) => start.day(),
        ([day @ 1..=31], []) => *day,
        ([-1], []) => longest(month_of_year),
        ([28, 29], [-1]) if month_of_year == 2 => 29,
        _ => return None,
    };
    let is_skipped = rule.by_set_position.is_empty() && rule.by_month_day != [-1];
    if is_skipped && Date::new(2026, month_of_year, day_of_month).is_err() {
        return None;
    }
    Some(RecurrencePattern {
        recurrence_type: YEARLY,
        day_of_month,
        month_of_year,
        ..RecurrencePattern::default()
    })
}

/// The n-th of some weekdays.
fn nth(rule: &Rule, recurrence_type: u8) -> Option<RecurrencePattern> {
    if !rule.by_month_day.is_empty() {
        return None;
    }
    let position = match (rule.by_day.as_slice(), rule.by_set_position.as_slice()) {
        ([RuleDay { ordinal: Some(ordinal), .. }], []) => i16::from(*ordinal),
        (days, [position]) if days.iter().all(|day| day.ordinal.is_none()) => *position,
        _ => return None,
    };
    let instance = match position {
        -1 => LAST,
        1..=4 => i8::try_from(position).ok()?,
        _ => return None,
    };
    let bare: Vec<RuleDay> = rule.by_day.iter().map(|day| RuleDay { ordinal: None, ..*day }).collect();
    Some(RecurrencePattern {
        recurrence_type,
        instance,
        day_of_week_mask: mask(&bare)?,
        ..RecurrencePattern::default()
    })
}

/// Outlook knows of a finite series both the number of occurrences and the day of the last.
fn end(pattern: &mut RecurrencePattern, rule: &Rule, start: &When) {
    if rule.end == RuleEnd::Never {
        return;
    }
    let (mut count, mut last) = (0_u32, start.date());
    for occurrence in rule.occurrences(start).take(MOST_OCCURRENCES) {
        count += 1;
        last = occurrence.date();
    }
    // To Outlook it has no end then.
    if last > LAST_DAY {
        return;
    }
    pattern.no_end_date = false;
    // A longer series ends on its day, and is not counted. One that ends before it begins still takes place once.
    pattern.occurrences = if count <= MOST_COUNTED { count.max(1) } else { 0 };
    pattern.pattern_end_date = last;
}

/// Outlook counts no further.
const MOST_COUNTED: u32 = 999;

/// Nobody plans further: occurrences of a hundred years, one a day.
const MOST_OCCURRENCES: usize = 36_525;

/// The last day that a month can have.
fn longest(month: i8) -> i8 {
    Date::new(2024, month, 1).map_or(31, Date::days_in_month)
}

fn month_days(day: i8) -> (Vec<i8>, Vec<i16>) {
    match day {
        29 => (vec![28, 29], vec![-1]),
        30 => (vec![28, 29, 30], vec![-1]),
        31 => (vec![-1], Vec::new()),
        day => (vec![day], Vec::new()),
    }
}

/// Outlook's mask counts from Sunday, rules from Monday.
fn mask(days: &[RuleDay]) -> Option<u8> {
    days.iter().try_fold(0, |mask, day| day.ordinal.is_none().then_some(mask | 1 << ((day.weekday + 1) % 7)))
}

fn days(mask: u8) -> Vec<RuleDay> {
    (0..7)
        .filter(|weekday| mask & (1 << ((weekday + 1) % 7)) != 0)
        .map(|weekday| RuleDay { ordinal: None, weekday })
        .collect()
}

/// Whether a series of a pattern may begin on that day. RFC 5545 counts a start that the rule does not give; Outlook moves it.
pub(super) fn begins_on(pattern: &RecurrencePattern, day: Date) -> bool {
    let Some(rule) = rule(&RecurrencePattern { no_end_date: true, interval: 1, ..pattern.clone() }) else {
        return false;
    };
    // A day earlier begins a series that has the day only if the rule gives it.
    let earlier = day.yesterday().unwrap_or(day);
    rule.occurs(&When::Date(earlier), &When::Date(day))
}

/// What Outlook could hold of a rule.
pub(super) fn held(wanted: &Rule, start: &When) -> Option<Rule> {
    rule(&pattern(wanted, start)?)
}

/// The zone of a series, as its pattern is read: where floating, the mailbox's. Zones that are one to Windows are one to a
/// pattern: what the clock on the wall shows stays.
pub(super) fn in_zone(id: &When, zone: &Zone) -> When {
    let is_one = |from: &Zone| windows_zone(from).is_some_and(|name| windows_zone(zone) == Some(name));
    match id {
        When::Date(_) => id.clone(),
        When::Time { zone: from, local } if *from == Zone::Floating || is_one(from) => {
            When::Time { local: *local, zone: zone.clone() }
        }
        When::Time { .. } => id.in_zone(zone),
    }
}

/// A date that is none.
pub(super) fn date(value: Date) -> Option<Date> {
    (value != NO_DATE).then_some(value)
}
