use std::collections::{BTreeMap, BTreeSet};

use jiff::ToSpan;
use jiff::civil::{Date, DateTime, date, datetime};

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

/// The rule as a whole: sorted lists without repetitions, as a lens reads them.
fn generated(dice: &mut Dice) -> Rule {
    use Frequency::{Daily, Monthly, Weekly, Yearly};
    let frequency = [Daily, Weekly, Monthly, Yearly][usize::try_from(dice.roll(4)).unwrap()];
    let mut rule = Rule::every(u32::try_from(dice.roll(4)).unwrap() + 1, frequency);
    rule.week_start = u8::try_from(dice.roll(7)).unwrap();
    let signed = |dice: &mut Dice, to: i8| dice.number(1, to) * if dice.roll(2) == 0 { 1 } else { -1 };
    if dice.roll(2) == 0 {
        rule.by_month = sorted([dice.number(1, 12), dice.number(1, 12), dice.number(1, 12)]);
    }
    // RFC 5545 section 3.3.10: not with weekly rules.
    if dice.roll(3) == 0 && frequency != Weekly {
        rule.by_month_day = sorted([signed(dice, 31), signed(dice, 31)]);
    }
    // Only with yearly rules.
    if dice.roll(4) == 0 && frequency == Yearly {
        rule.by_year_day = sorted([i16::from(signed(dice, 127)), i16::from(signed(dice, 127)), 366]);
    }
    if dice.roll(4) == 0 && frequency == Yearly {
        rule.by_week = sorted([signed(dice, 53), signed(dice, 53)]);
    }
    if dice.roll(2) == 0 {
        // Ordinals only with months and years, not with weeks of the year.
        let ordinals = matches!(frequency, Monthly | Yearly) && rule.by_week.is_empty() && dice.roll(2) == 0;
        let mut weekday = || {
            let ordinal = ordinals.then(|| signed(dice, 5));
            day(ordinal, u8::try_from(dice.roll(7)).unwrap())
        };
        rule.by_day = sorted([weekday(), weekday()]);
    }
    if dice.roll(4) == 0 {
        rule.by_hour = sorted([dice.number(0, 23), dice.number(0, 23)]);
    }
    if dice.roll(6) == 0 {
        rule.by_minute = sorted([dice.number(0, 59), dice.number(0, 59)]);
    }
    if dice.roll(4) == 0 {
        rule.by_set_position = sorted([i16::from(signed(dice, 3))]);
    }
    rule
}

fn sorted<T: Ord, const N: usize>(list: [T; N]) -> Vec<T> {
    BTreeSet::from(list).into_iter().collect()
}

/// The first day of the week of `at`, counting back day by day.
fn week_of(rule: &Rule, mut at: Date) -> Date {
    while at.weekday().to_monday_zero_offset() != i8::try_from(rule.week_start).unwrap() {
        at = at.yesterday().unwrap();
    }
    at
}

/// Week 1 is the one with 4 January in it: of at least four days it has that one.
fn week_fits(rule: &Rule, at: Date) -> bool {
    let first = |year| week_of(rule, date(year, 1, 4));
    let weeks = |from: Date, to: Date| i8::try_from(from.until(to).unwrap().get_days() / 7).unwrap();
    let year = (at.year() - 1..=at.year() + 1).rfind(|year| first(*year) <= at).unwrap();
    let number = weeks(first(year), at) + 1;
    let all = weeks(first(year), first(year + 1));
    rule.by_week.iter().any(|week| *week == number || *week == number - all - 1)
}

/// Whether a weekday is the n-th of its month or year, by counting the others.
fn weekday_fits(rule: &Rule, by: &RuleDay, at: Date) -> bool {
    if by.day() != at.weekday() {
        return false;
    }
    let Some(ordinal) = by.ordinal else { return true };
    let in_month = rule.frequency == Frequency::Monthly || !rule.by_month.is_empty();
    let same = |day: &Date| day.year() == at.year() && (!in_month || day.month() == at.month());
    let count = |weeks: i64| {
        let along = (1..).map_while(|n| at.checked_add((n * weeks * 7).days()).ok().filter(same));
        i8::try_from(along.count()).unwrap()
    };
    ordinal == count(-1) + 1 || ordinal == -count(1) - 1
}

fn day_fits(rule: &Rule, first: Date, at: Date) -> bool {
    let either_end = |list: &[i16], number: i16, all: i16| {
        list.is_empty() || list.contains(&number) || list.contains(&(number - all - 1))
    };
    let month_days: Vec<i16> = rule.by_month_day.iter().copied().map(i16::from).collect();
    let said = !(rule.by_day.is_empty() && rule.by_month_day.is_empty() && rule.by_year_day.is_empty());
    let as_the_start = match rule.frequency {
        _ if said => true,
        Frequency::Weekly => at.weekday() == first.weekday(),
        Frequency::Monthly => at.day() == first.day(),
        Frequency::Yearly if !rule.by_week.is_empty() => at.weekday() == first.weekday(),
        Frequency::Yearly if rule.by_month.is_empty() => {
            (at.month(), at.day()) == (first.month(), first.day())
        }
        Frequency::Yearly => at.day() == first.day(),
        _ => true,
    };
    as_the_start
        && (rule.by_month.is_empty() || rule.by_month.contains(&at.month()))
        && either_end(&month_days, at.day().into(), at.days_in_month().into())
        && either_end(&rule.by_year_day, at.day_of_year(), at.days_in_year())
        && (rule.by_day.is_empty() || rule.by_day.iter().any(|by| weekday_fits(rule, by, at)))
        && (rule.by_week.is_empty() || week_fits(rule, at))
}

/// Occurrences by their definition: every single day is asked whether it is in the rule, then each period whether it is one
/// of the interval and which of its days are wanted.
fn by_definition(rule: &Rule, start: DateTime, last: DateTime) -> Vec<DateTime> {
    let first = start.date();
    let days_between = |from: Date, to: Date| from.until(to).unwrap().get_days();
    let mut periods: BTreeMap<i32, Vec<DateTime>> = BTreeMap::new();
    let mut at = date(first.year(), 1, 1).yesterday().unwrap();
    while at < last.date() {
        at = at.tomorrow().unwrap();
        let number = match rule.frequency {
            Frequency::Daily => days_between(first, at),
            Frequency::Weekly => days_between(week_of(rule, first), at).div_euclid(7),
            Frequency::Monthly => {
                i32::from(at.year() - first.year()) * 12 + i32::from(at.month() - first.month())
            }
            _ => i32::from(at.year() - first.year()),
        };
        if number >= 0 && number % i32::try_from(rule.interval).unwrap() == 0 && day_fits(rule, first, at) {
            let or_start = |list: &[i8], value| if list.is_empty() { vec![value] } else { list.to_vec() };
            for hour in or_start(&rule.by_hour, start.hour()) {
                let minutes = or_start(&rule.by_minute, start.minute());
                let times = minutes.into_iter().map(|minute| at.at(hour, minute, start.second(), 0));
                periods.entry(number).or_default().extend(times);
            }
        }
    }
    let wanted = |found: Vec<DateTime>| {
        let positions = rule.by_set_position.iter().map(|position| usize::from(position.unsigned_abs()));
        let from_end = rule.by_set_position.first().is_some_and(|position| *position < 0);
        let chosen: Vec<usize> = positions
            .filter_map(|n| if from_end { found.len().checked_sub(n) } else { n.checked_sub(1) })
            .collect();
        let all = rule.by_set_position.is_empty();
        let numbered = found.into_iter().enumerate();
        numbered.filter(move |(n, _)| all || chosen.contains(n)).map(|(_, at)| at).collect::<Vec<_>>()
    };
    let later = periods.into_values().flat_map(wanted).filter(|at| *at > start && *at <= last);
    [start].into_iter().chain(later).collect()
}

#[test]
fn generated_rules_agree_with_asking_every_day() {
    let mut dice = Dice(7);
    for round in 0..1_500 {
        let mut rule = generated(&mut dice);
        let start = datetime(2020, dice.number(1, 12), dice.number(1, 28), 9, 30, 0, 0);
        let last = datetime(2022, 12, 31, 0, 0, 0, 0);
        rule.end = RuleEnd::Until(When::Time { local: last, zone: Zone::Floating });
        let mut expected = by_definition(&rule, start, last.checked_add(400.days()).unwrap());
        expected.retain(|at| *at <= last);
        let found: Vec<DateTime> = rule.occurrences(&berlin(start)).collect();
        assert_eq!(found, expected, "round {round}: {rule} from {start}");
        let mut at = start;
        for _ in 0..10 {
            at = at.checked_add(i64::try_from(dice.roll(120)).unwrap().days()).unwrap();
            assert_eq!(rule.occurs(&berlin(start), &berlin(at)), expected.contains(&at), "{rule}: {at}");
        }
        for at in expected.iter().rev().step_by(7) {
            assert!(rule.occurs(&berlin(start), &berlin(*at)), "round {round}: {rule} from {start}: {at}");
        }
    }
}

/// A rule as RFC 5545 writes it.
fn written(rule: &Rule) -> String {
    fn part<T: ToString>(text: &mut String, name: &str, list: &[T]) {
        if !list.is_empty() {
            let values: Vec<String> = list.iter().map(ToString::to_string).collect();
            text.push_str(&format!(";{name}={}", values.join(",")));
        }
    }
    let mut text = format!("FREQ={:?};INTERVAL={}", rule.frequency, rule.interval).to_uppercase();
    let name = |weekday: u8| ["MO", "TU", "WE", "TH", "FR", "SA", "SU"][usize::from(weekday)];
    let days = rule
        .by_day
        .iter()
        .map(|by| format!("{}{}", by.ordinal.map(|n| n.to_string()).unwrap_or_default(), name(by.weekday)));
    part(&mut text, "BYMONTH", &rule.by_month);
    part(&mut text, "BYWEEKNO", &rule.by_week);
    part(&mut text, "BYYEARDAY", &rule.by_year_day);
    part(&mut text, "BYMONTHDAY", &rule.by_month_day);
    part(&mut text, "BYDAY", &days.collect::<Vec<_>>());
    part(&mut text, "BYHOUR", &rule.by_hour);
    part(&mut text, "BYMINUTE", &rule.by_minute);
    part(&mut text, "BYSECOND", &rule.by_second);
    part(&mut text, "BYSETPOS", &rule.by_set_position);
    text + ";WKST=" + name(rule.week_start)
}

/// How a series begins: its start, in UTC or by the clocks of Berlin.
fn begins(start: &When) -> String {
    let local = start.local().strftime("%Y%m%dT%H%M%S");
    match start {
        When::Time { zone: Zone::Utc, .. } => format!("DTSTART:{local}Z"),
        _ => format!("DTSTART;TZID=Europe/Berlin:{local}"),
    }
}

fn second_opinion(rule: &Rule, start: &When, count: u16) -> Vec<DateTime> {
    let end = match &rule.end {
        RuleEnd::Never => String::new(),
        RuleEnd::Count(count) => format!(";COUNT={count}"),
        RuleEnd::Until(until) => format!(";UNTIL={}Z", until.local().strftime("%Y%m%dT%H%M%S")),
    };
    let text = format!("{}\nRRULE:{}{end}", begins(start), written(rule));
    let set: rrule::RRuleSet = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
    let dates = set.all(count).dates;
    dates.iter().map(|at| at.format("%Y-%m-%dT%H:%M:%S").to_string().parse().unwrap()).collect()
}

/// Whether `rrule` has an opinion of its own on a rule. It is not asked about the fifth weekday from a month's end (it refuses
/// it), nor about weeks without days (it takes all seven, while RFC 5545 has the start say what the rule does not), nor about
/// week 53 (it finds it at the beginning of years before which there was none), nor about positions in a week (it counts them from the start on in the first week, where that is not the week's first day); nor
/// about BYDAY with ordinals together with plain weekdays (it finds nothing) or periods below a day (with BYMONTH it loses
/// occurrences), which [`generated`] does not give.
fn has_a_second_opinion(rule: &Rule, start: Date) -> bool {
    let is_refused =
        rule.frequency == Frequency::Monthly && rule.by_day.iter().any(|by| by.ordinal == Some(-5));
    let is_weeks_alone = !rule.by_week.is_empty()
        && rule.by_day.is_empty()
        && rule.by_month_day.is_empty()
        && rule.by_year_day.is_empty();
    let is_part_of_week = rule.frequency == Frequency::Weekly
        && !rule.by_set_position.is_empty()
        && week_of(rule, start) != start;
    let is_last_week = rule.by_week.contains(&53);
    !(is_refused || is_weeks_alone || is_part_of_week || is_last_week)
}

/// A series to ask about: in UTC or in Berlin, endless, counted, or until some day.
fn generated_series(dice: &mut Dice, round: u16) -> (Rule, When) {
    let mut rule = generated(dice);
    let local = datetime(2020, dice.number(1, 12), dice.number(1, 28), 9, 30, 0, 0);
    let start = if round.is_multiple_of(2) { When::utc(local) } else { berlin(local) };
    if !round.is_multiple_of(2) {
        // What the clock skips or strikes twice is for each to decide.
        rule.by_hour.retain(|hour| *hour > 3);
    }
    let later = local.checked_add(i64::from(dice.number(1, 120)).saturating_mul(7).days()).unwrap();
    rule.end = match round % 3 {
        0 => RuleEnd::Never,
        1 => RuleEnd::Count(u32::try_from(dice.number(1, 15)).unwrap()),
        _ => RuleEnd::Until(When::utc(later)),
    };
    (rule, start)
}

/// `rrule` leaves out a start that is not in the rule, which RFC 5545 counts as the first occurrence.
#[test]
fn generated_rules_agree_with_a_second_opinion() {
    const MOST: usize = 19;
    let mut dice = Dice(11);
    let (mut compared, mut ends) = (0, [0; 3]);
    for round in 0..2_400 {
        let (rule, mut start) = generated_series(&mut dice, round);
        if !has_a_second_opinion(&rule, start.date()) {
            continue;
        }
        if matches!(rule.end, RuleEnd::Count(_)) {
            // A start that is not in the rule counts, but not to the other.
            let endless = Rule { end: RuleEnd::Never, ..rule.clone() };
            let Some(first) = second_opinion(&endless, &start, 1).first().copied() else { continue };
            start = start.at_wall_clock(first);
            if !has_a_second_opinion(&rule, start.date()) {
                continue;
            }
        }
        let mut expected = second_opinion(&rule, &start, 1 + u16::try_from(MOST).unwrap());
        compared += 1;
        ends[usize::from(round % 3)] += 1;
        expected.retain(|at| *at > start.local());
        expected.truncate(MOST);
        // Of one that never ends the other looks no further than some thousand periods.
        let wanted = if rule.end == RuleEnd::Never { expected.len().max(1) } else { MOST };
        let found: Vec<DateTime> = rule.occurrences(&start).skip(1).take(wanted).collect();
        assert_eq!(found, expected, "round {round}: {} {:?} from {start}", written(&rule), rule.end);
    }
    assert!(compared >= 2_000 && ends.iter().all(|count| *count >= 300), "{compared}: {ends:?}");
}

#[test]
fn generated_rules_below_a_day_agree_with_asking_every_period() {
    let mut dice = Dice(13);
    for round in 0..500 {
        let (frequency, minutes) =
            [(Frequency::Hourly, 60), (Frequency::Minutely, 1)][usize::from(round % 2 == 0)];
        let interval = [1, 2, 7, 15, 90][usize::try_from(dice.roll(5)).unwrap()];
        let mut rule = Rule { frequency, interval, ..generated(&mut dice) };
        rule.by_year_day.clear();
        rule.by_week.clear();
        rule.by_set_position.clear();
        rule.by_day.iter_mut().for_each(|by| by.ordinal = None);
        rule.by_day.dedup();
        // Minutes that a rule of hours lists are those of its hour, whatever the start's.
        if frequency == Frequency::Hourly {
            rule.by_minute.clear();
        }
        let start = datetime(2020, dice.number(1, 12), dice.number(1, 28), 9, 30, 0, 0);
        let last = start.checked_add(60.days()).unwrap();
        rule.end = RuleEnd::Until(When::Time { local: last, zone: Zone::Floating });
        let step = (minutes * i64::from(interval)).minutes();
        let every = std::iter::successors(Some(start), |at| at.checked_add(step).ok());
        let fits = |at: &DateTime| {
            *at == start
                || day_fits(&rule, start.date(), at.date())
                    && (rule.by_hour.is_empty() || rule.by_hour.contains(&at.hour()))
                    && (rule.by_minute.is_empty() || rule.by_minute.contains(&at.minute()))
        };
        let expected: Vec<DateTime> = every.take_while(|at| *at <= last).filter(fits).collect();
        let found: Vec<DateTime> = rule.occurrences(&berlin(start)).collect();
        assert_eq!(found, expected, "round {round}: {} from {start}", written(&rule));
    }
}

#[test]
fn rules_below_a_day_find_what_lies_far_ahead() {
    let start = datetime(1997, 9, 2, 9, 0, 0, 0);
    let working_hours = Rule { by_hour: (9..=16).collect(), ..Rule::every(20, Frequency::Minutely) };
    let found: Vec<DateTime> = working_hours.occurrences(&berlin(start)).skip(23).take(2).collect();
    assert_eq!(found, [datetime(1997, 9, 2, 16, 40, 0, 0), datetime(1997, 9, 3, 9, 0, 0, 0)]);
    let second_of_a_leap_day = Rule {
        by_month: vec![2],
        by_month_day: vec![29],
        by_hour: vec![12],
        by_minute: vec![0],
        by_second: vec![1],
        ..Rule::every(1, Frequency::Secondly)
    };
    let found: Vec<DateTime> = second_of_a_leap_day.occurrences(&berlin(start)).skip(1).take(2).collect();
    assert_eq!(found, [datetime(2000, 2, 29, 12, 0, 1, 0), datetime(2004, 2, 29, 12, 0, 1, 0)]);
    assert!(second_of_a_leap_day.occurs(&berlin(start), &berlin(datetime(2096, 2, 29, 12, 0, 1, 0))));
}

#[test]
fn a_rare_occurrence_is_found() {
    let every_seven_years = Rule {
        by_month: vec![2],
        by_month_day: vec![29],
        by_day: vec![day(None, 0)],
        ..Rule::every(7, Frequency::Yearly)
    };
    let start = datetime(2044, 2, 29, 8, 0, 0, 0);
    check(&every_seven_years, start, &[start, datetime(2072, 2, 29, 8, 0, 0, 0)]);
}

#[test]
fn a_series_of_whole_days_has_no_times() {
    let start = When::Date(date(2026, 3, 2));
    let rule = Rule { by_hour: vec![9, 10], ..Rule::every(1, Frequency::Daily) };
    let hourly = Rule::every(1, Frequency::Hourly);
    for rule in [rule, hourly] {
        let found: Vec<Date> = rule.occurrences(&start).take(3).map(DateTime::date).collect();
        assert_eq!(found, [date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 4)]);
    }
}

#[test]
fn a_counted_series_ends_where_it_is_counted_to() {
    let start = berlin(datetime(2026, 3, 2, 10, 0, 0, 0));
    let ten = Rule { end: RuleEnd::Count(10), ..Rule::every(1, Frequency::Weekly) };
    let at = |week: i64| berlin(datetime(2026, 3, 2, 10, 0, 0, 0).checked_add((7 * week).days()).unwrap());
    assert!(ten.occurs(&start, &at(9)) && !ten.occurs(&start, &at(10)));
    let none = Rule { end: RuleEnd::Count(0), ..Rule::every(1, Frequency::Weekly) };
    assert!(none.occurs(&start, &start), "the start is always an occurrence");
}
