use std::collections::BTreeMap;

use jiff::civil::{date, datetime};
use proptest::prelude::*;

use super::*;
use crate::event::Occurrence;
use crate::recurrence::{Frequency, Rule, RuleEnd};

fn berlin() -> Zone {
    Zone::named("Europe/Berlin")
}

fn march() -> Days {
    Days { first: date(2026, 3, 1), last: date(2026, 3, 31) }
}

fn event(start: When, end: When) -> Event {
    Event { main: Occurrence { start, end, ..Occurrence::default() }, ..Event::default() }
}

fn timed(zone: &Zone, start: DateTime, minutes: i64) -> Event {
    let at = |local| When::Time { local, zone: zone.clone() };
    event(at(start), at(start.checked_add(minutes.minutes()).expect("a time")))
}

fn days(first: Date, after: Date) -> Event {
    event(When::Date(first), When::Date(after))
}

fn day(day: Date) -> Event {
    days(day, day.tomorrow().expect("a day"))
}

fn series(event: Event, rule: Rule) -> Event {
    Event { rule: Some(rule), ..event }
}

#[test]
fn a_single_event_lies_where_its_days_are_in_the_home_zone() {
    let at = |month, day, hour, minute| datetime(2026, month, day, hour, minute, 0, 0);
    let tokyo = Zone::named("Asia/Tokyo");
    let cases = [
        ("ends as the range begins", timed(&berlin(), at(2, 28, 23, 0), 60), Reach::Before),
        ("reaches into the range by a minute", timed(&berlin(), at(2, 28, 23, 0), 61), Reach::Within),
        ("has no length, at the first moment", timed(&berlin(), at(3, 1, 0, 0), 0), Reach::Within),
        ("begins in the last minute", timed(&berlin(), at(3, 31, 23, 59), 60), Reach::Within),
        ("begins as the range ends", timed(&berlin(), at(4, 1, 0, 0), 60), Reach::From(date(2026, 4, 1))),
        ("is on the day before by UTC alone", timed(&Zone::Utc, at(2, 28, 23, 30), 10), Reach::Within),
        ("is on the day after in Tokyo alone", timed(&tokyo, at(4, 1, 6, 30), 10), Reach::Within),
        ("floats on the last day", timed(&Zone::Floating, at(3, 31, 23, 30), 10), Reach::Within),
        ("is the day before", day(date(2026, 2, 28)), Reach::Before),
        ("is the last day", day(date(2026, 3, 31)), Reach::Within),
        ("is longer than the range", days(date(2020, 1, 1), date(2030, 1, 1)), Reach::Within),
        ("has no end of its own", days(date(2026, 3, 31), date(2026, 3, 31)), Reach::Within),
    ];
    for (what, event, expected) in cases {
        assert_eq!(event.reach(march(), &berlin()), expected, "it {what}");
    }
}

#[test]
fn any_occurrence_of_a_series_counts() {
    let weekly = |until: Option<Date>| {
        let end = until.map_or(RuleEnd::Never, |day| RuleEnd::Until(When::Date(day)));
        let first = timed(&berlin(), datetime(2019, 1, 2, 9, 0, 0, 0), 60);
        series(first, Rule { end, ..Rule::every(1, Frequency::Weekly) })
    };
    let yearly = |month, at| series(day(date(1990, month, at)), Rule::every(1, Frequency::Yearly));
    let counted = |count| {
        let first = timed(&berlin(), datetime(2026, 2, 1, 9, 0, 0, 0), 60);
        series(first, Rule { end: RuleEnd::Count(count), ..Rule::every(1, Frequency::Daily) })
    };
    let later = series(day(date(2026, 5, 1)), Rule::every(1, Frequency::Daily));
    let cases = [
        ("goes on for ever", weekly(None), Reach::Within),
        ("ended before", weekly(Some(date(2026, 2, 27))), Reach::Before),
        ("ends in the range", weekly(Some(date(2026, 3, 4))), Reach::Within),
        ("is a birthday in the range", yearly(3, 15), Reach::Within),
        ("is a birthday after it", yearly(7, 1), Reach::From(date(2026, 7, 1))),
        ("is a birthday before it", yearly(1, 1), Reach::From(date(2027, 1, 1))),
        ("was counted out before", counted(28), Reach::Before),
        ("is counted into the range", counted(29), Reach::Within),
        ("begins later", later, Reach::From(date(2026, 5, 1))),
    ];
    for (what, event, expected) in cases {
        assert_eq!(event.reach(march(), &berlin()), expected, "it {what}");
    }
}

#[test]
fn an_occurrence_that_was_moved_counts_where_it_is_now() {
    let mut yearly = series(day(date(2020, 7, 1)), Rule::every(1, Frequency::Yearly));
    let mut moved_to = |to: Date| {
        let Event { main: moved, .. } = day(to);
        yearly.overrides = BTreeMap::from([(When::Date(date(2026, 7, 1)), moved)]);
        yearly.reach(march(), &berlin())
    };
    assert_eq!(moved_to(date(2026, 3, 3)), Reach::Within);
    assert_eq!(moved_to(date(2026, 2, 3)), Reach::From(date(2027, 7, 1)));
}

#[test]
fn what_does_not_take_place_does_not_count() {
    let weekly = series(day(date(2026, 3, 2)), Rule::every(5, Frequency::Weekly));
    let without = |dates: &[Date]| {
        let exdates = dates.iter().map(|day| When::Date(*day)).collect();
        Event { exdates, ..weekly.clone() }.reach(march(), &berlin())
    };
    assert_eq!(without(&[]), Reach::Within);
    assert_eq!(without(&[date(2026, 3, 2)]), Reach::From(date(2026, 4, 6)));
    assert_eq!(without(&[date(2026, 3, 2), date(2026, 4, 6)]), Reach::From(date(2026, 5, 11)));

    let mut single = day(date(2026, 1, 1));
    single.rdates = [When::Date(date(2026, 3, 9))].into();
    assert_eq!(single.reach(march(), &berlin()), Reach::Within);
}

#[test]
fn a_rule_without_bounds_is_decided_at_once() {
    let secondly = |end| {
        let first = timed(&berlin(), datetime(1970, 1, 1, 0, 0, 0, 0), 0);
        series(first, Rule { end, ..Rule::every(1, Frequency::Secondly) }).reach(march(), &berlin())
    };
    assert_eq!(secondly(RuleEnd::Never), Reach::Within);
    // Nobody counts that far.
    assert_eq!(secondly(RuleEnd::Count(u32::MAX)), Reach::Within);
    let never = Rule { by_month: vec![2], by_month_day: vec![30], ..Rule::every(1, Frequency::Yearly) };
    assert_eq!(series(day(date(1990, 1, 1)), never).reach(march(), &berlin()), Reach::Before);
}

#[test]
fn the_interval_is_that_of_the_rule() {
    let interval =
        |frequency, every| series(day(date(2026, 1, 1)), Rule::every(every, frequency)).longest_interval();
    assert_eq!(interval(Frequency::Yearly, 2), Some(732));
    assert_eq!(interval(Frequency::Monthly, 1), Some(31));
    assert_eq!(interval(Frequency::Weekly, 2), Some(14));
    assert_eq!(interval(Frequency::Hourly, 9), Some(9));
    assert_eq!(day(date(2026, 1, 1)).longest_interval(), None);
}

/// The rule, told slowly: every occurrence is laid out and compared.
fn laid_out(event: &Event, days: Days) -> bool {
    let Some(rule) = &event.rule else { return false };
    let length = event.main.start.local().duration_until(event.main.end.local());
    let when = |local| event.main.start.at_wall_clock(local);
    let starts = rule.occurrences(&event.main.start).take_while(|at| at.year() < 2034);
    starts.filter(|at| !event.exdates.contains(&when(*at))).any(|at| {
        let end = at.checked_add(length).expect("an end");
        let (first, last) = days_of(&when(at), &when(end), &berlin());
        first <= days.last && last >= days.first
    })
}

proptest! {
    #[test]
    fn it_finds_what_laying_out_every_occurrence_finds(
        first in 0_i64..2_000,
        hour in 0_i8..24,
        minutes in 0_i64..5_000,
        (interval, frequency, count) in (1_u32..9, 0_usize..4, proptest::option::of(1_u32..60)),
        left_out in proptest::collection::vec(0_usize..6, 0..4),
        (begin, length) in (0_i64..3_000, 0_i64..400),
        in_tokyo in any::<bool>(),
    ) {
        let on = |days: i64| date(2022, 1, 1).checked_add(days.days()).expect("a day");
        let zone = if in_tokyo { Zone::named("Asia/Tokyo") } else { berlin() };
        let frequency =
            [Frequency::Daily, Frequency::Weekly, Frequency::Monthly, Frequency::Yearly][frequency];
        let end = count.map_or(RuleEnd::Never, RuleEnd::Count);
        let rule = Rule { end, ..Rule::every(interval, frequency) };
        let mut event = series(timed(&zone, on(first).at(hour, 0, 0, 0), minutes), rule.clone());
        let starts: Vec<DateTime> = rule.occurrences(&event.main.start).take(6).collect();
        let left_out = left_out.iter().filter_map(|at| starts.get(*at));
        event.exdates = left_out.map(|at| event.main.start.at_wall_clock(*at)).collect();

        let days = Days { first: on(begin), last: on(begin + length) };
        let found = event.reach(days, &berlin());
        prop_assert_eq!(found == Reach::Within, laid_out(&event, days), "{:?} {:?}", found, days);
        if let Reach::From(next) = found {
            let until = |last| event.reach(Days { first: days.first, last }, &berlin());
            prop_assert!(next > days.last);
            prop_assert_eq!(until(next), Reach::Within);
            prop_assert_eq!(until(next.yesterday().expect("a day")), Reach::From(next));
        }
    }
}
