use jiff::ToSpan;
use jiff::civil::{DateTime, date, datetime};

use super::*;
use crate::when::Zone;

fn berlin(local: DateTime) -> When {
    When::Time { local, zone: Zone::named("Europe/Berlin") }
}

fn day(ordinal: Option<i8>, weekday: u8) -> RuleDay {
    RuleDay { ordinal, weekday }
}

fn check(rule: &Rule, start: DateTime, expected: &[DateTime]) {
    let found: Vec<DateTime> = rule.occurrences(&berlin(start)).take(expected.len()).collect();
    assert_eq!(found, expected, "{rule}");
}

#[test]
fn the_examples_of_rfc_5545_give_the_dates_it_lists() {
    let start = datetime(1997, 9, 2, 9, 0, 0, 0);
    let on = |y, m, d| datetime(y, m, d, 9, 0, 0, 0);
    let daily = Rule { end: RuleEnd::Count(3), ..Rule::every(2, Frequency::Daily) };
    check(&daily, start, &[on(1997, 9, 2), on(1997, 9, 4), on(1997, 9, 6)]);
    assert_eq!(daily.occurrences(&berlin(start)).count(), 3);

    let weekly = Rule { by_day: vec![day(None, 1), day(None, 3)], ..Rule::every(2, Frequency::Weekly) };
    check(&weekly, start, &[on(1997, 9, 2), on(1997, 9, 4), on(1997, 9, 16), on(1997, 9, 18)]);

    let first_friday = Rule { by_day: vec![day(Some(1), 4)], ..Rule::every(1, Frequency::Monthly) };
    check(&first_friday, on(1997, 9, 5), &[on(1997, 9, 5), on(1997, 10, 3), on(1997, 11, 7)]);

    let second_to_last_monday = Rule { by_day: vec![day(Some(-2), 0)], ..Rule::every(1, Frequency::Monthly) };
    check(&second_to_last_monday, on(1997, 9, 22), &[on(1997, 9, 22), on(1997, 10, 20), on(1997, 11, 17)]);

    let third_to_last_day = Rule { by_month_day: vec![-3], ..Rule::every(1, Frequency::Monthly) };
    check(&third_to_last_day, on(1997, 9, 28), &[on(1997, 9, 28), on(1997, 10, 29), on(1997, 11, 28)]);

    let twentieth_monday = Rule { by_day: vec![day(Some(20), 0)], ..Rule::every(1, Frequency::Yearly) };
    check(&twentieth_monday, on(1997, 5, 19), &[on(1997, 5, 19), on(1998, 5, 18), on(1999, 5, 17)]);

    let monday_of_week_20 =
        Rule { by_week: vec![20], by_day: vec![day(None, 0)], ..Rule::every(1, Frequency::Yearly) };
    check(&monday_of_week_20, on(1997, 5, 12), &[on(1997, 5, 12), on(1998, 5, 11), on(1999, 5, 17)]);

    let weekdays = (0..5).map(|weekday| day(None, weekday)).collect();
    let last_workday =
        Rule { by_day: weekdays, by_set_position: vec![-1], ..Rule::every(1, Frequency::Monthly) };
    check(
        &last_workday,
        on(1997, 9, 30),
        &[on(1997, 9, 30), on(1997, 10, 31), on(1997, 11, 28), on(1997, 12, 31)],
    );

    let leap_days = Rule { by_month: vec![2], by_month_day: vec![29], ..Rule::every(1, Frequency::Yearly) };
    check(&leap_days, on(1996, 2, 29), &[on(1996, 2, 29), on(2000, 2, 29), on(2004, 2, 29)]);
}

#[test]
fn a_week_begins_where_wkst_says() {
    let start = datetime(1997, 8, 5, 9, 0, 0, 0);
    let on = |m, d| datetime(1997, m, d, 9, 0, 0, 0);
    let every_other = |week_start| Rule {
        by_day: vec![day(None, 1), day(None, 6)],
        week_start,
        ..Rule::every(2, Frequency::Weekly)
    };
    check(&every_other(0), start, &[on(8, 5), on(8, 10), on(8, 19), on(8, 24)]);
    check(&every_other(6), start, &[on(8, 5), on(8, 17), on(8, 19), on(8, 31)]);
}

#[test]
fn until_is_read_in_the_zone_of_the_series_and_a_day_includes_its_end() {
    let start = berlin(datetime(2026, 3, 27, 0, 30, 0, 0));
    let until = |until| Rule { end: RuleEnd::Until(until), ..Rule::every(1, Frequency::Daily) };
    let utc = |y, m, d, h| When::utc(datetime(y, m, d, h, 30, 0, 0));
    // 23:30 UTC is half past midnight in winter and half past one after the clocks changed.
    assert_eq!(until(utc(2026, 3, 28, 23)).occurrences(&start).count(), 3);
    assert_eq!(until(utc(2026, 3, 29, 22)).occurrences(&start).count(), 4);
    assert_eq!(until(When::Date(date(2026, 3, 30))).occurrences(&start).count(), 4);
}

#[test]
fn a_rule_that_never_matches_ends() {
    let never = Rule { by_month: vec![2], by_month_day: vec![30], ..Rule::every(1, Frequency::Monthly) };
    assert_eq!(never.occurrences(&berlin(datetime(2026, 1, 1, 8, 0, 0, 0))).count(), 1);
    let seconds = Rule { by_month: vec![2], by_month_day: vec![30], ..Rule::every(1, Frequency::Secondly) };
    assert_eq!(seconds.occurrences(&berlin(datetime(2026, 1, 1, 8, 0, 0, 0))).count(), 1);
}

#[test]
fn a_series_has_the_occurrences_that_it_lists_and_no_others() {
    let start = berlin(datetime(2026, 3, 2, 10, 0, 0, 0));
    let weekly = Rule::every(1, Frequency::Weekly);
    let at = |d, h| berlin(datetime(2026, 3, d, h, 0, 0, 0));
    assert!(weekly.occurs(&start, &at(9, 10)));
    assert!(!weekly.occurs(&start, &at(9, 11)));
    assert!(!weekly.occurs(&start, &at(10, 10)));
}

/// A small generator: the same rules every time, without a dependency on how a random crate counts.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }

    fn number(&mut self, from: i8, to: i8) -> i8 {
        from + i8::try_from(self.roll(u64::from((to - from).unsigned_abs()) + 1)).unwrap()
    }
}

/// Days by their definition: for every single day of twelve years, is it in the rule? Weeks and positions aside, that needs
/// no periods but for the interval.
fn by_definition(rule: &Rule, start: DateTime) -> Vec<DateTime> {
    let first = start.date();
    let mut found = vec![start];
    let mut at = first;
    while at.year() < first.year() + 12 {
        at = at.checked_add(1.day()).unwrap();
        let months = i32::from(at.year() - first.year()) * 12 + i32::from(at.month() - first.month());
        let interval = i32::try_from(rule.interval).unwrap();
        let in_interval = match rule.frequency {
            Frequency::Daily => first.until(at).unwrap().get_days() % interval == 0,
            Frequency::Monthly => months % interval == 0,
            _ => i32::from(at.year() - first.year()) % interval == 0,
        };
        let nth_in_month = |by: &RuleDay| {
            let earlier = i8::try_from(
                (1..)
                    .map_while(|w| at.checked_sub((7 * w).days()).ok().filter(|d| d.month() == at.month()))
                    .count(),
            )
            .unwrap();
            let later = i8::try_from(
                (1..)
                    .map_while(|w| at.checked_add((7 * w).days()).ok().filter(|d| d.month() == at.month()))
                    .count(),
            )
            .unwrap();
            by.day() == at.weekday()
                && by
                    .ordinal
                    .is_none_or(|n| rule.frequency == Frequency::Daily || n == earlier + 1 || n == -later - 1)
        };
        let fits = (rule.by_month.is_empty() || rule.by_month.contains(&at.month()))
            && (rule.by_month_day.is_empty()
                || rule
                    .by_month_day
                    .iter()
                    .any(|d| *d == at.day() || *d == at.day() - at.days_in_month() - 1))
            && (rule.by_day.is_empty() || rule.by_day.iter().any(nth_in_month));
        let implied = !rule.by_month_day.is_empty()
            || !rule.by_day.is_empty()
            || match rule.frequency {
                Frequency::Daily => true,
                Frequency::Monthly => at.day() == first.day(),
                _ => at.day() == first.day() && (!rule.by_month.is_empty() || at.month() == first.month()),
            };
        if in_interval && fits && implied {
            found.push(at.to_datetime(start.time()));
        }
    }
    found
}

#[test]
fn generated_rules_agree_with_asking_every_day() {
    let mut dice = Dice(7);
    for round in 0..400 {
        let frequency =
            [Frequency::Daily, Frequency::Monthly, Frequency::Yearly][usize::try_from(dice.roll(3)).unwrap()];
        let mut rule = Rule::every(u32::try_from(dice.roll(4)).unwrap() + 1, frequency);
        if dice.roll(2) == 0 || frequency == Frequency::Yearly {
            rule.by_month = vec![dice.number(1, 6), dice.number(7, 12)];
        }
        if dice.roll(2) == 0 {
            let day = dice.number(1, 31);
            rule.by_month_day = vec![if dice.roll(2) == 0 { day } else { -day }, dice.number(1, 31)];
        }
        if dice.roll(2) == 0 {
            let ordinal =
                [None, Some(1), Some(2), Some(5), Some(-1), Some(-2)][usize::try_from(dice.roll(6)).unwrap()];
            rule.by_day = vec![day(ordinal, u8::try_from(dice.roll(7)).unwrap())];
        }
        let start = datetime(2020, dice.number(1, 12), dice.number(1, 28), 9, 30, 0, 0);
        let expected = by_definition(&rule, start);
        let found: Vec<DateTime> = rule
            .occurrences(&berlin(start))
            .take_while(|at| at.year() < 2032 || *at <= *expected.last().unwrap())
            .collect();
        let last = datetime(2031, 12, 31, 0, 0, 0, 0);
        let until_last =
            |list: &[DateTime]| list.iter().copied().filter(|at| *at <= last).collect::<Vec<_>>();
        assert_eq!(until_last(&found), until_last(&expected), "round {round}: {rule} from {start}");
    }
}
