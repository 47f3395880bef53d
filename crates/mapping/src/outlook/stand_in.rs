//! What Outlook shows of a series that it has no pattern for: rules with parts that it lacks, further dates beside a rule,
//! occurrences without their series, zones that it does not know.
//!
//! The appointment gets the pattern that has every true occurrence and the fewest beside them, which are taken out as
//! deleted occurrences. It is marked, in a property of its own, with the series that it stands for. As long as nobody
//! edits the pattern, that series is what it is read as: nothing of the stand-in is ever carried back. An edit of one
//! occurrence is one of the series; another time of day, length or end is carried as such; another pattern replaces the
//! rule, which is what its user wanted.
//!
//! Outlook's patterns have one occurrence a day: of several the first is shown so, the others as single appointments
//! ([`super::satellite`]).
//!
//! What is shown are the occurrences around the quarter of the year in which it is made. In the next one it is out of date
//! ([`super::is_outdated`]) unless it would look the same, and is made anew; in between it stays as it is.

use std::collections::{BTreeMap, BTreeSet};

use dovetail_model::recurrence::{Rule, RuleEnd};
use dovetail_model::{Event, Occurrence, When, Zone};
use jiff::civil::{Date, DateTime, Time};
use jiff::{SignedDuration, Span, ToSpan};
use serde::{Deserialize, Serialize};

use super::appointment::zone_of_windows;
use super::recurrence::{self, DAILY, MONTH_NTH, MONTHLY, WEEKLY, YEAR_NTH, YEARLY};
use super::{AppointmentItem, RecurrencePattern, windows_zone};
use crate::Settings;

#[cfg(test)]
mod tests;

/// The property that bears the mark.
pub(super) const MARK: &str = "DovetailStandsFor";

/// A stand-in shows no more occurrences: those of every day for a year and a half after its quarter has begun, so that a
/// year ahead of any day of it is shown.
const MOST_SHOWN: usize = 700;

/// So many occurrences at most are shown as single appointments.
const MOST_SATELLITES: usize = 700;

/// Outlook has no longer finite patterns.
const MOST_OF_PATTERN: usize = 999;

/// Rules are asked for no more occurrences: those of one day count one by one.
const MOST_ASKED: usize = 50_000;

/// A stand-in shows so many years, from its first occurrence on.
const YEARS: i16 = 5;

/// Where there are more occurrences than can be shown, those of so many days before its quarter are shown at most.
const DAYS_BACK: i64 = 91;

/// The series that an appointment stands for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Series {
    /// The start: by its own clock where Outlook does not know the zone, else as Outlook can hold it.
    pub(super) start: When,
    pub(super) end: When,
    pub(super) rule: Option<Rule>,
    pub(super) rdates: Vec<When>,
    shown: Shown,
    /// What was moved since: by how much its start was.
    #[serde(skip)]
    moved: SignedDuration,
}

/// What the stand-in looked like when it was made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Shown {
    start: DateTime,
    end: DateTime,
    zone: String,
    pattern: Option<RecurrencePattern>,
    /// The occurrences that single appointments show, also those that do not take place.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    further: Vec<DateTime>,
    /// What these, and those at another time of day than the pattern has, were made to say; at the start of the series.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    says: Option<Box<AppointmentItem>>,
}

/// What of a series is shown.
pub(super) struct StandIn {
    /// The first occurrence that is shown, as Outlook has it.
    pub(super) first: DateTime,
    /// Its pattern; `None` where one day is all there is.
    pub(super) pattern: Option<RecurrencePattern>,
    /// The days of the pattern that the series has, with the start of the occurrence.
    pub(super) days: BTreeMap<Date, DateTime>,
    /// The days of the pattern that it does not have.
    pub(super) too_many: Vec<Date>,
    /// The occurrences of these days beyond the first, in order.
    pub(super) further: Vec<DateTime>,
}

impl Series {
    /// The series that an appointment stands for, with what was edited of it since. `None`: it is no stand-in, or another
    /// pattern was chosen.
    pub(super) fn of(item: &AppointmentItem) -> Option<Series> {
        let mut series = Series::marked(item)?;
        let shape = |pattern: &RecurrencePattern| {
            let RecurrencePattern { recurrence_type, interval, day_of_week_mask, .. } = pattern;
            let RecurrencePattern { day_of_month, month_of_year, instance, .. } = pattern;
            (*recurrence_type, *interval, *day_of_week_mask, *day_of_month, *month_of_year, *instance)
        };
        let (was, is) = (&series.shown.pattern, &item.recurrence_pattern);
        if was.as_ref().map(shape) != is.as_ref().map(shape)
            || item.start_time_zone != series.shown.zone
            || item.all_day_event != matches!(series.start, When::Date(_))
        {
            return None;
        }
        if let (Some(was), Some(is)) = (was, is)
            && (was.pattern_end_date, was.no_end_date) != (is.pattern_end_date, is.no_end_date)
            && let Some(rule) = &mut series.rule
        {
            rule.end = match is.no_end_date || recurrence::date(is.pattern_end_date).is_none() {
                true => RuleEnd::Never,
                false => RuleEnd::Until(last_moment(&series.start, is.pattern_end_date)),
            };
        }
        let moved = series.shown.start.duration_until(item.start_in_start_time_zone);
        let longer = series.shown.end.duration_until(item.end_in_end_time_zone);
        let by = |when: &When, by| {
            when.local().checked_add(by).map_or(when.clone(), |local| when.at_wall_clock(local))
        };
        series.start = by(&series.start, moved);
        series.end = by(&series.end, longer);
        series.moved = moved;
        Some(series)
    }

    /// The series that an appointment is marked with, as it was then.
    pub(super) fn marked(item: &AppointmentItem) -> Option<Series> {
        serde_json::from_str(item.user_properties.get(MARK)?.as_str()?).ok()
    }

    /// Whether it was moved since its mark was made.
    pub(super) fn is_moved(&self) -> bool {
        !self.moved.is_zero()
    }

    /// The time of day of the pattern when it was made.
    pub(super) fn usual_time(&self) -> Time {
        self.shown.start.time()
    }

    /// The occurrences that single appointments were made for.
    pub(super) fn further(&self) -> &[DateTime] {
        &self.shown.further
    }

    /// What these, and those at another time of day than the pattern has, were made to say.
    pub(super) fn says(&self) -> Option<&AppointmentItem> {
        self.shown.says.as_deref()
    }

    /// From now on they are made to say this.
    pub(super) fn says_now(&mut self, says: AppointmentItem) {
        self.shown.says = Some(Box::new(says));
    }

    /// Whether two stand-ins show the same occurrences of the same series.
    pub(super) fn shows_the_same(&self, other: &Series) -> bool {
        let of = |series: &Series| {
            let Series { start, end, rule, rdates, shown, .. } = series;
            let Shown { start: first, end: first_end, zone, pattern, further, .. } = shown;
            (
                (start.clone(), end.clone(), rule.clone(), rdates.clone()),
                (*first, *first_end, zone.clone(), pattern.clone(), further.clone()),
            )
        };
        of(self) == of(other)
    }

    /// The occurrence that was shown at that time when the mark was made; `None` where the series has it no more.
    pub(super) fn now(&self, at: DateTime) -> Option<When> {
        let moved = at.checked_add(self.moved).ok();
        let ids = moved.into_iter().chain([at]).map(|at| self.id_at(at));
        ids.into_iter().find(|id| self.has(id))
    }

    /// What the series calls the occurrence that Outlook shows at that time.
    pub(super) fn id_at(&self, at: DateTime) -> When {
        match (&self.start, self.shown_zone()) {
            (When::Time { zone, .. }, Some(shown)) => When::Time { local: at, zone: shown }.in_zone(zone),
            _ => self.start.at_wall_clock(at),
        }
    }

    /// Where Outlook shows an occurrence.
    pub(super) fn shown_at(&self, id: &When) -> DateTime {
        self.shown_zone().map_or(id.local(), |shown| recurrence::in_zone(id, &shown).local())
    }

    /// What Outlook says of an occurrence, in the zone of the series where Outlook does not know that.
    pub(super) fn in_own_zone(&self, mut seen: Occurrence) -> Occurrence {
        if let (When::Time { zone, .. }, Some(shown)) = (&self.start, self.shown_zone()) {
            for time in [&mut seen.start, &mut seen.end] {
                if matches!(time, When::Time { zone: there, .. } if *there == shown) {
                    *time = time.in_zone(zone);
                }
            }
        }
        seen
    }

    /// The zone in which Outlook shows the series; `None` where that is its own one.
    fn shown_zone(&self) -> Option<Zone> {
        if !is_foreign(&self.start) {
            return None;
        }
        zone_of_windows(&self.shown.zone)
    }

    fn has(&self, id: &When) -> bool {
        let by_rule = self.rule.as_ref().is_some_and(|rule| rule.occurs(&self.start, id));
        by_rule || id.local() == self.start.local() || self.rdates.iter().any(|at| at.local() == id.local())
    }

    /// The first occurrence of each day of the series that Outlook shows, from one day to another.
    pub(super) fn days(&self, first: Date, last: Date) -> BTreeMap<Date, When> {
        // A day more on both sides, for zones that are ahead or behind.
        let from = first.yesterday().unwrap_or(first).to_datetime(Time::midnight());
        let beyond = last.tomorrow().unwrap_or(last);
        let single = Some(self.start.local()).into_iter();
        let of_rule = self.rule.iter().flat_map(|rule| {
            rule.occurrences_from(&self.start, from).take(MOST_ASKED).take_while(|at| at.date() <= beyond)
        });
        let further = self.rdates.iter().map(When::local);
        let mut days: BTreeMap<Date, (DateTime, When)> = BTreeMap::new();
        for at in single.chain(of_rule).chain(further) {
            let id = self.start.at_wall_clock(at);
            let shown = self.shown_at(&id);
            if !(first..=last).contains(&shown.date()) {
                continue;
            }
            let known = days.entry(shown.date()).or_insert_with(|| (shown, id.clone()));
            if shown < known.0 {
                *known = (shown, id);
            }
        }
        days.into_iter().map(|(day, (_, id))| (day, id)).collect()
    }

    /// Marks the appointment that stands for it.
    pub(super) fn mark(&self, item: &mut AppointmentItem) {
        if let Ok(mark) = serde_json::to_string(self) {
            item.user_properties.insert(MARK.to_owned(), mark.into());
        }
    }
}

/// UNTIL on a day of a series.
fn last_moment(start: &When, day: Date) -> When {
    match start {
        When::Date(_) => When::Date(day),
        When::Time { .. } => start.at_wall_clock(day.at(23, 59, 59, 0)).in_zone(&Zone::Utc),
    }
}

/// The stand-in of an event whose start and end are `start` and `end` to Outlook, and the series that it is marked with.
pub(super) fn make(
    event: &Event,
    start: &When,
    end: &When,
    settings: &Settings,
) -> Option<(StandIn, Series)> {
    let zone = if let When::Time { zone, .. } = start { zone.clone() } else { Zone::Floating };
    let in_place = |when: &When| recurrence::in_zone(when, &zone);
    let LaidOut { mut days, times } = lay_out(event, in_place, settings)?;
    let Occurrence { start: own_start, end: own_end, .. } = &event.main;
    let (own_start, own_end) = if is_foreign(own_start) { (own_start, own_end) } else { (start, end) };
    let recent = quarter(settings).map(|quarter| quarter.saturating_sub(DAYS_BACK.days()));
    let (first, pattern) = loop {
        let first = days.values().next().copied()?;
        let all: Vec<Date> = days.keys().copied().collect();
        let found = nearest(&all, first);
        let Some(half) = all.get(all.len() / 2).filter(|_| found.is_none() && all.len() > 1) else {
            break (first, found);
        };
        // More than a pattern can have: what fits into one is shown, and of that the past last.
        match recent.filter(|recent| first.date() < *recent && days.keys().any(|day| day >= recent)) {
            Some(recent) => days = days.split_off(&recent),
            None => drop(days.split_off(half)),
        }
    };
    let last = *days.keys().next_back()?;
    let mut too_many = Vec::new();
    let pattern = pattern.map(|mut pattern| {
        let all: Vec<Date> = dates_of(&pattern, first, last);
        too_many = all.iter().copied().filter(|day| !days.contains_key(day)).collect();
        pattern.no_end_date = false;
        pattern.occurrences = u32::try_from(all.len()).unwrap_or(u32::MAX);
        pattern.pattern_start_date = first.date();
        pattern.pattern_end_date = last;
        pattern
    });
    let further = further(&days, times, settings);
    let length = start.local().duration_until(end.local());
    let own_zone = if let When::Time { zone, .. } = own_start { zone.clone() } else { Zone::Floating };
    let series = Series {
        start: own_start.clone(),
        end: own_end.clone(),
        rule: event.rule.clone(),
        rdates: event.rdates.iter().map(|date| recurrence::in_zone(date, &own_zone)).collect(),
        shown: Shown {
            start: first,
            end: first.checked_add(length).unwrap_or(first),
            zone: String::new(),
            pattern: pattern.clone(),
            further: further.clone(),
            says: None,
        },
        moved: SignedDuration::ZERO,
    };
    Some((StandIn { first, pattern, days, too_many, further }, series))
}

impl Series {
    /// With the name of the zone in which it is shown.
    pub(super) fn shown_in(mut self, zone: &str) -> Series {
        zone.clone_into(&mut self.shown.zone);
        self
    }
}

/// Whether a time is in a zone that Outlook does not know: a series there is shown in that of the mailbox, where its occurrences
/// are by other rules.
pub(super) fn is_foreign(start: &When) -> bool {
    match start {
        When::Date(_) | When::Time { zone: Zone::Floating, .. } => false,
        When::Time { zone, .. } => windows_zone(zone).is_none(),
    }
}

/// The occurrences beyond the first of each of these days; of too many those of this quarter of the year and what follows.
fn further(
    days: &BTreeMap<Date, DateTime>,
    mut times: BTreeSet<DateTime>,
    settings: &Settings,
) -> Vec<DateTime> {
    times.retain(|at| days.get(&at.date()).is_some_and(|first| first != at));
    if let Some(quarter) = quarter(settings) {
        for from in [quarter.saturating_sub(DAYS_BACK.days()), quarter] {
            let from = from.to_datetime(Time::midnight());
            if times.len() > MOST_SATELLITES && times.last().is_some_and(|last| *last >= from) {
                times = times.split_off(&from);
            }
        }
    }
    times.into_iter().take(MOST_SATELLITES).collect()
}

/// What there is to show of a series.
struct LaidOut {
    /// The days that are shown, each with the start of its first occurrence.
    days: BTreeMap<Date, DateTime>,
    /// All occurrences of these days, and others.
    times: BTreeSet<DateTime>,
}

fn lay_out(event: &Event, in_place: impl Fn(&When) -> When, settings: &Settings) -> Option<LaidOut> {
    let own = &event.main.start;
    let quarter = quarter(settings);
    // Of a long series what is long over is not shown.
    let oldest = quarter.and_then(|quarter| quarter.checked_sub(1.year()).ok());
    let oldest = oldest.map_or(DateTime::MIN, |oldest| oldest.to_datetime(Time::midnight()));
    // A day more, for zones that are ahead.
    let from = oldest.checked_sub(1.day()).unwrap_or(oldest).max(own.local());
    let of_rule = event.rule.iter().flat_map(|rule| rule.occurrences_from(own, from).take(MOST_ASKED));
    let single = event.rule.is_none().then(|| own.local());
    let starts = single.into_iter().chain(of_rule).map(|local| own.at_wall_clock(local));
    let further: BTreeSet<DateTime> = event.rdates.iter().map(|date| in_place(date).local()).collect();
    let (mut days, mut times) = (BTreeMap::<Date, DateTime>::new(), BTreeSet::new());
    let mut add = |at: DateTime| {
        if at >= oldest {
            times.insert(at);
            days.entry(at.date()).and_modify(|known| *known = at.min(*known)).or_insert(at);
        }
        days.len() < MOST_LAID_OUT && !is_beyond(&days, at)
    };
    for at in starts {
        if !add(in_place(&at).local()) {
            break;
        }
    }
    for at in further {
        add(at);
    }
    let first = *days.keys().next()?;
    let end = first.checked_add(Span::new().try_years(i64::from(YEARS)).ok()?).ok()?;
    days.retain(|day, _| *day < end);
    if let Some(recent) = quarter.map(|quarter| quarter.saturating_sub(DAYS_BACK.days()))
        && days.len() > MOST_SHOWN
        && days.keys().any(|day| *day >= recent)
    {
        days = days.split_off(&recent);
    }
    if let Some(beyond) = days.keys().nth(MOST_SHOWN).copied() {
        drop(days.split_off(&beyond));
    }
    Some(LaidOut { days, times })
}

/// As many as are shown, and a year before them.
const MOST_LAID_OUT: usize = MOST_SHOWN + 366;

/// The first day of the quarter of the year in which it is; `None` where nothing is known of the time.
pub(super) fn quarter(settings: &Settings) -> Option<Date> {
    let today = settings.home.wall_clock(settings.now?).date();
    Date::new(today.year(), (today.month() - 1) / 3 * 3 + 1, 1).ok()
}

/// Whether a day is beyond what is shown.
fn is_beyond(days: &BTreeMap<Date, DateTime>, at: DateTime) -> bool {
    days.keys().next().is_some_and(|first| at.date().year() - first.year() > YEARS)
}

/// The pattern that has all of these days and the fewest others; `None` where there is one day alone, or none has so many.
fn nearest(days: &[Date], first: DateTime) -> Option<RecurrencePattern> {
    let (start, end) = (*days.first()?, *days.last()?);
    if start == end {
        return None;
    }
    let known: BTreeSet<Date> = days.iter().copied().collect();
    let fits = |pattern: &RecurrencePattern| {
        let all = dates_of(pattern, first, end);
        let has_all = all.len() <= MOST_OF_PATTERN && known.iter().all(|day| all.binary_search(day).is_ok());
        has_all.then_some(all.len())
    };
    let candidates = candidates(days).into_iter();
    let mut fitting: Vec<_> = candidates.filter_map(|pattern| Some((fits(&pattern)?, pattern))).collect();
    fitting.sort_by_key(|(count, _)| *count);
    fitting.into_iter().next().map(|(_, pattern)| pattern)
}

fn candidates(days: &[Date]) -> Vec<RecurrencePattern> {
    let Some(first) = days.first().copied() else { return Vec::new() };
    let apart = |number: fn(Date) -> i64| {
        let steps = days.windows(2).filter_map(|pair| Some(number(*pair.get(1)?) - number(*pair.first()?)));
        u32::try_from(steps.fold(0, greatest_common)).unwrap_or(1).max(1)
    };
    let ordinary = |date: Date| i64::from(date.since(Date::ZERO).map_or(0, |span| span.get_days()));
    let month = |date: Date| i64::from(date.year()) * 12 + i64::from(date.month());
    let shape = |recurrence_type, interval| RecurrencePattern {
        recurrence_type,
        interval,
        ..RecurrencePattern::default()
    };
    let mask = days.iter().fold(0_u8, |mask, day| mask | 1 << day.weekday().to_sunday_zero_offset());
    let is_one_weekday = mask.count_ones() == 1;
    let daily = apart(ordinary);
    let weekly = if is_one_weekday { daily / 7 } else { 1 };
    let mut all = vec![
        shape(DAILY, daily),
        RecurrencePattern { day_of_week_mask: mask, ..shape(WEEKLY, weekly.max(1)) },
    ];
    let monthly = apart(month);
    let in_one_month = days.iter().all(|day| day.month() == first.month());
    let yearly = |interval: u32| (in_one_month && interval.is_multiple_of(12)).then_some(interval / 12);
    if days.iter().all(|day| day.day() == first.day()) {
        all.push(RecurrencePattern { day_of_month: first.day(), ..shape(MONTHLY, monthly) });
        if let Some(interval) = yearly(monthly).filter(|_| (first.month(), first.day()) != (2, 29)) {
            let month_of_year = first.month();
            all.push(RecurrencePattern {
                day_of_month: first.day(),
                month_of_year,
                ..shape(YEARLY, interval)
            });
        }
    }
    let nth = |date: Date| (date.day() - 1) / 7 + 1;
    let is_last = |date: &Date| date.day() + 7 > date.days_in_month();
    let instance = if days.iter().all(|day| nth(*day) == nth(first)) && nth(first) <= 4 {
        Some(nth(first))
    } else {
        days.iter().all(is_last).then_some(5)
    };
    if let Some(instance) = instance.filter(|_| is_one_weekday) {
        let nth = RecurrencePattern { day_of_week_mask: mask, instance, ..shape(MONTH_NTH, monthly) };
        if let Some(interval) = yearly(monthly) {
            let month_of_year = first.month();
            all.push(RecurrencePattern { recurrence_type: YEAR_NTH, interval, month_of_year, ..nth.clone() });
        }
        all.push(nth);
    }
    all
}

fn greatest_common(one: i64, other: i64) -> i64 {
    if other == 0 { one.abs() } else { greatest_common(other, one % other) }
}

/// The days of a pattern, up to the last one.
fn dates_of(pattern: &RecurrencePattern, first: DateTime, last: Date) -> Vec<Date> {
    let endless = RecurrencePattern { no_end_date: true, ..pattern.clone() };
    let Some(rule) = recurrence::rule(&endless) else { return Vec::new() };
    let start = When::Time { local: first, zone: Zone::Floating };
    let days = rule.occurrences(&start).map(|at| at.date());
    days.take_while(|day| *day <= last).take(MOST_OF_PATTERN + 1).collect()
}
