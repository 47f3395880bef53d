use std::collections::BTreeSet;

use dovetail_model::recurrence::{Frequency, Rule, RuleDay, RuleEnd};
use dovetail_model::{Event, Item, When, Zone};
use jiff::ToSpan;
use jiff::civil::{Date, DateTime, date, datetime};
use serde_json::{Value, json};

use super::MARK;
use crate::Settings;
use crate::outlook::{AppointmentItem, OutlookItem, read, recurrence, write};

fn settings() -> Settings {
    Settings::new(Zone::named("Europe/Berlin"), "-//Example//EN")
}

fn at(local: DateTime) -> When {
    When::Time { local, zone: Zone::named("Europe/Berlin") }
}

fn series(rule: Rule) -> Event {
    let mut event = Event { uid: Some("1".into()), rule: Some(rule), ..Event::default() };
    event.main.priority = dovetail_model::item::Priority(5);
    event.main.summary = "Planning".into();
    (event.main.start, event.main.end) =
        (at(datetime(2026, 3, 2, 10, 0, 0, 0)), at(datetime(2026, 3, 2, 11, 0, 0, 0)));
    event
}

fn bytes(event: &Event) -> Vec<u8> {
    write(&Item::Event(Box::new(event.clone())), None, &settings())
}

fn event(bytes: &[u8]) -> Event {
    match read(bytes, &settings()).item {
        Some(Item::Event(event)) => *event,
        other => panic!("{other:?}"),
    }
}

fn appointment(bytes: &[u8]) -> AppointmentItem {
    match serde_json::from_slice(bytes).unwrap() {
        OutlookItem::Appointment(item) => *item,
        other => panic!("{other:?}"),
    }
}

/// The starts that a person sees in Outlook.
fn seen(bytes: &[u8]) -> Vec<DateTime> {
    let item = appointment(bytes);
    let Some(pattern) = &item.recurrence_pattern else { return vec![item.start_in_start_time_zone] };
    let rule = recurrence::rule(pattern).unwrap();
    let mut starts: BTreeSet<DateTime> = rule.occurrences(&at(item.start_in_start_time_zone)).collect();
    for exception in &pattern.exceptions {
        let day = exception.original_date.date();
        assert!(starts.iter().any(|start| start.date() == day), "{day} is no day of the pattern");
        starts.retain(|start| start.date() != day);
        starts.extend(exception.appointment_item.as_ref().map(|changed| changed.start_in_start_time_zone));
    }
    starts.into_iter().collect()
}

fn day(ordinal: Option<i8>, weekday: u8) -> RuleDay {
    RuleDay { ordinal, weekday }
}

/// Rules that Outlook has no pattern for, with one occurrence a day.
fn odd_rules() -> Vec<Rule> {
    let every = |frequency| Rule { end: RuleEnd::Count(30), ..Rule::every(1, frequency) };
    let monthly = || every(Frequency::Monthly);
    vec![
        Rule { by_month_day: vec![31], ..monthly() },
        Rule { by_month_day: vec![1, 15], ..monthly() },
        Rule { by_month_day: vec![-2], ..monthly() },
        Rule { by_day: vec![day(Some(1), 0), day(Some(3), 0)], ..monthly() },
        Rule { by_day: vec![day(Some(-2), 0)], ..monthly() },
        Rule { by_day: vec![day(None, 0)], ..monthly() },
        Rule { by_day: vec![day(None, 4)], by_month_day: vec![13], ..monthly() },
        Rule { by_day: (0..5).map(|d| day(None, d)).collect(), by_set_position: vec![1, -1], ..monthly() },
        Rule { by_month: vec![6, 12], ..every(Frequency::Yearly) },
        Rule { by_month: vec![2], by_month_day: vec![29], ..every(Frequency::Yearly) },
        Rule { by_year_day: vec![1, 100, -1], ..every(Frequency::Yearly) },
        Rule { by_week: vec![20], by_day: vec![day(None, 0)], ..every(Frequency::Yearly) },
        Rule { by_month: vec![6, 7], ..every(Frequency::Weekly) },
        Rule { by_month: vec![1], ..every(Frequency::Daily) },
        Rule {
            interval: 2,
            by_day: vec![day(None, 0), day(None, 6)],
            week_start: 6,
            ..every(Frequency::Weekly)
        },
        // The start is no day of the rule, and counts all the same.
        Rule { by_day: vec![day(None, 2)], ..every(Frequency::Weekly) },
        Rule { by_hour: vec![12], ..every(Frequency::Daily) },
    ]
}

#[test]
fn a_stand_in_shows_the_occurrences_of_its_series_and_reads_as_the_series() {
    for rule in odd_rules() {
        let event = series(rule.clone());
        let written = bytes(&event);
        let shown = seen(&written);
        let mut days = BTreeSet::new();
        let wanted: Vec<DateTime> =
            rule.occurrences(&event.main.start).filter(|at| days.insert(at.date())).collect();
        assert!(wanted.starts_with(&shown), "{rule}\n{shown:?}\n{wanted:?}");
        let five_years = event.main.start.date().saturating_add(5.years());
        let all: Vec<_> = wanted.iter().filter(|at| at.date() < five_years).copied().collect();
        let is_full = appointment(&written).recurrence_pattern.unwrap().occurrences > 500;
        assert!(shown == all || is_full && shown.len() > 4, "{rule}\n{shown:?}\n{all:?}");
        assert_eq!(self::event(&written), event, "{rule}");
    }
}

#[test]
fn of_an_endless_series_some_years_are_shown_and_nothing_long_over() {
    let rule = Rule { by_month_day: vec![1, 15], ..Rule::every(1, Frequency::Monthly) };
    let event = series(rule);
    let years = |bytes: &[u8]| {
        let shown = seen(bytes);
        (shown.first().unwrap().date(), shown.last().unwrap().date())
    };
    let (first, last) = years(&bytes(&event));
    assert_eq!(first, date(2026, 3, 2));
    assert!(last >= date(2028, 1, 1), "{last}");
    let later = Settings { now: Some("2036-06-10T12:00:00Z".parse().unwrap()), ..settings() };
    let written = write(&Item::Event(Box::new(event.clone())), None, &later);
    // Of the past a quarter is left where the pattern has no room for more.
    assert_eq!(years(&written).0, date(2036, 1, 1));
    assert_eq!(self::event(&written), event);
}

#[test]
fn further_dates_are_shown_whatever_their_time() {
    for rule in [None, Some(Rule { end: RuleEnd::Count(3), ..Rule::every(1, Frequency::Weekly) })] {
        let mut event = series(Rule::every(1, Frequency::Daily));
        event.rule = rule.clone();
        event.rdates.extend([at(datetime(2026, 3, 5, 10, 0, 0, 0)), at(datetime(2026, 3, 11, 16, 30, 0, 0))]);
        let written = bytes(&event);
        let mut wanted: BTreeSet<DateTime> = event.rdates.iter().map(When::local).collect();
        wanted.insert(event.main.start.local());
        wanted.extend(rule.iter().flat_map(|rule| rule.occurrences(&event.main.start)));
        assert_eq!(seen(&written), wanted.into_iter().collect::<Vec<_>>());
        assert_eq!(self::event(&written), event);
    }
}

#[test]
fn what_is_changed_and_what_is_taken_out_crosses_both_ways() {
    for rule in odd_rules() {
        let mut event = series(rule.clone());
        let mut days = BTreeSet::new();
        let first_of_day = rule.occurrences(&event.main.start).filter(|at| days.insert(at.date()));
        let starts: Vec<When> = first_of_day.take(4).map(at).collect();
        let [_, second, third, _] = starts.as_slice() else { panic!("{rule}") };
        if third.date() >= event.main.start.date().saturating_add(5.years()) {
            // Nobody sees it yet.
            continue;
        }
        let mut moved = event.main.moved_to(&at(third.local().saturating_add(1.hour())));
        moved.location = "Elsewhere".into();
        event.exdates.insert(second.clone());
        event.overrides.insert(third.clone(), moved);
        assert_eq!(self::event(&bytes(&event)), event, "{rule}");
    }
}

/// The record with a property set as Outlook does.
fn edited(bytes: &[u8], edit: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut record: Value = serde_json::from_slice(bytes).unwrap();
    edit(&mut record);
    serde_json::to_vec(&record).unwrap()
}

#[test]
fn an_edit_of_the_series_is_carried_without_its_stand_in() {
    let event = series(Rule {
        by_month_day: vec![1, 15],
        end: RuleEnd::Count(30),
        ..Rule::every(1, Frequency::Monthly)
    });
    let written = bytes(&event);
    let later = edited(&written, |record| {
        record["StartInStartTimeZone"] = json!("2026-03-02T12:00:00");
        record["EndInEndTimeZone"] = json!("2026-03-02T12:30:00");
    });
    let mut wanted = event.clone();
    wanted.main.start = at(datetime(2026, 3, 2, 12, 0, 0, 0));
    wanted.main.end = at(datetime(2026, 3, 2, 12, 30, 0, 0));
    assert_eq!(self::event(&later), wanted);

    let ended =
        edited(&written, |record| record["RecurrencePattern"]["PatternEndDate"] = json!("2026-06-30"));
    let rule = self::event(&ended).rule.unwrap();
    assert_eq!(rule.by_month_day, [1, 15]);
    let last = rule.occurrences(&event.main.start).last().unwrap();
    assert_eq!(last.date(), date(2026, 6, 15));

    let titled = edited(&written, |record| record["Subject"] = json!("Other"));
    wanted = event.clone();
    wanted.main.summary = "Other".into();
    assert_eq!(self::event(&titled), wanted);

    let another = edited(&written, |record| {
        record["RecurrencePattern"] = json!({"RecurrenceType": 1, "Interval": 1, "DayOfWeekMask": 2});
    });
    let rule = self::event(&another).rule.unwrap();
    assert_eq!(rule, Rule { by_day: vec![day(None, 0)], ..Rule::every(1, Frequency::Weekly) });
}

#[test]
fn a_stand_in_that_nobody_needs_any_more_goes_with_its_mark() {
    let odd = bytes(&series(Rule { by_month_day: vec![1, 15], ..Rule::every(1, Frequency::Monthly) }));
    assert!(appointment(&odd).user_properties.contains_key(MARK));
    let plain = series(Rule { by_month_day: vec![2], ..Rule::every(1, Frequency::Monthly) });
    let written = write(&Item::Event(Box::new(plain.clone())), Some(&odd), &settings());
    assert_eq!(appointment(&written).user_properties.get(MARK), None);
    assert_eq!(event(&written), plain);
    let mut single = plain;
    single.rule = None;
    let written = write(&Item::Event(Box::new(single.clone())), Some(&odd), &settings());
    assert_eq!((appointment(&written).recurrence_pattern, event(&written)), (None, single));
}

#[test]
fn a_stand_in_has_no_more_days_than_outlook_takes() {
    let rule = Rule { by_month: vec![1, 2, 3, 4, 5, 6, 7], ..Rule::every(1, Frequency::Daily) };
    let written = bytes(&series(rule));
    let pattern = appointment(&written).recurrence_pattern.unwrap();
    assert!(pattern.occurrences <= 999 && pattern.exceptions.len() <= 999);
    let last: Date = pattern.pattern_end_date;
    assert!(last >= date(2026, 12, 31), "{last}");
}

/// The settings at noon of a day.
fn on(day: Date) -> Settings {
    let noon = at(day.at(12, 0, 0, 0)).instant(&Zone::Utc);
    Settings { now: Some(noon), ..settings() }
}

#[test]
fn what_is_shown_moves_on_with_the_quarters_of_the_year_and_never_in_between() {
    // As dense as can be; twice a month; once a year.
    let rules = [
        Rule { by_hour: vec![10], ..Rule::every(1, Frequency::Daily) },
        Rule { by_month_day: vec![1, 15], ..Rule::every(1, Frequency::Monthly) },
        Rule { by_year_day: vec![100], ..Rule::every(1, Frequency::Yearly) },
    ];
    for rule in rules {
        let event = series(rule.clone());
        let mut record = write(&Item::Event(Box::new(event.clone())), None, &on(date(2026, 3, 2)));
        let mut made_anew = 0;
        for month in (0..48_i64).filter(|month| month % 3 == 2 || month % 3 == 1) {
            let begin = date(2026, 3, 1).saturating_add(month.months());
            for today in [begin, begin.last_of_month()] {
                let settings = on(today);
                let is_outdated = crate::outlook::is_outdated(&record, &settings);
                assert!(!is_outdated || today.month() % 3 == 1 && today.day() == 1, "{rule} {today}");
                let read = match read(&record, &settings).item {
                    Some(Item::Event(read)) => *read,
                    other => panic!("{other:?}"),
                };
                assert_eq!(read, event, "{rule} {today}");
                let after = write(&Item::Event(Box::new(read)), Some(&record), &settings);
                assert_eq!(after != record, is_outdated, "{rule} {today}");
                record = after;
                made_anew += u32::from(is_outdated);
            }
            // All of a profile's range is shown at the end of the quarter too: 60 days back, a year ahead.
            let today = begin.last_of_month();
            let range = today.saturating_sub(60.days())..=today.saturating_add(365.days());
            let from = range.start().to_datetime(jiff::civil::Time::midnight());
            let wanted = rule.occurrences_from(&event.main.start, from).map(|at| at.date());
            let wanted: Vec<Date> = wanted.take_while(|day| range.contains(day)).collect();
            let shown = seen(&record).into_iter().map(|at| at.date()).filter(|day| range.contains(day));
            // RFC 5545 counts a start that the rule does not give.
            let own = event.main.start.date();
            let (shown, wanted) = (shown.filter(|day| *day != own), wanted.iter().filter(|day| **day != own));
            assert_eq!(shown.collect::<Vec<_>>(), wanted.copied().collect::<Vec<_>>(), "{rule} {today}");
        }
        assert!(made_anew >= 2, "{rule}: made anew {made_anew} times");
    }
}

#[test]
fn what_a_user_made_of_a_stand_in_is_not_taken_back_by_a_later_quarter() {
    let rule = Rule { by_month_day: vec![1, 15], ..Rule::every(1, Frequency::Monthly) };
    let event = series(rule);
    let record = write(&Item::Event(Box::new(event.clone())), None, &on(date(2026, 3, 2)));
    let later = on(date(2030, 5, 20));
    assert!(crate::outlook::is_outdated(&record, &later));
    let another = edited(&record, |record| {
        record["RecurrencePattern"] = json!({"RecurrenceType": 1, "Interval": 1, "DayOfWeekMask": 2});
    });
    assert!(!crate::outlook::is_outdated(&another, &later), "another pattern is one of the user's");
    let plain = series(Rule { by_month_day: vec![2], ..Rule::every(1, Frequency::Monthly) });
    assert!(
        !crate::outlook::is_outdated(&bytes(&plain), &later),
        "a pattern of Outlook's own needs no window"
    );
}

/// Zones that Windows has one name for, and a day on which their clocks did not agree.
const ONE_TO_WINDOWS: [(&str, &str, Date); 3] = [
    ("Europe/Berlin", "Europe/Vienna", date(1949, 8, 20)),
    ("Europe/Berlin", "Europe/Zurich", date(1941, 6, 3)),
    ("America/New_York", "America/Toronto", date(1946, 10, 9)),
];

#[test]
fn a_series_in_a_zone_that_windows_knows_by_another_name_keeps_its_wall_clock() {
    let summers = Rule { by_month: vec![2, 6, 12], ..Rule::every(1, Frequency::Monthly) };
    let counted = Rule { end: RuleEnd::Count(40), ..Rule::every(1, Frequency::Weekly) };
    let twice = Rule { by_hour: vec![9, 15], ..counted.clone() };
    for (home, zone, first) in ONE_TO_WINDOWS {
        let settings = Settings::new(Zone::named(home), "-//Example//EN");
        for rule in [summers.clone(), counted.clone(), twice.clone()] {
            let mut event = series(rule.clone());
            let start = When::Time { local: first.at(9, 0, 0, 0), zone: Zone::named(zone) };
            event.main = event.main.moved_to(&start);
            let later = rule.occurrences(&start).nth(3).map(|local| start.at_wall_clock(local)).unwrap();
            event.exdates.insert(later);
            let later = rule.occurrences(&start).nth(2).map(|local| start.at_wall_clock(local)).unwrap();
            let mut changed = event.main.moved_to(&later);
            changed.location = "Elsewhere".into();
            event.overrides.insert(later, changed);
            let record = write(&Item::Event(Box::new(event.clone())), None, &settings);
            let Some(Item::Event(held)) = read(&record, &settings).item else { panic!("no event") };
            assert_eq!(held.main.start.local(), event.main.start.local(), "{zone}: {rule}");
            let starts = |dates: &BTreeSet<When>| dates.iter().map(When::local).collect::<Vec<_>>();
            assert_eq!(starts(&held.exdates), starts(&event.exdates), "{zone}: {rule}");
            let changes = |event: &Event| event.overrides.keys().map(When::local).collect::<Vec<_>>();
            assert_eq!(changes(&held), changes(&event), "{zone}: {rule}");
            for again in [&event, &*held] {
                let over = write(&Item::Event(Box::new(again.clone())), Some(&record), &settings);
                assert_eq!(appointment(&over), appointment(&record), "{zone}: {rule}");
            }
            assert!(!crate::outlook::is_outdated(&record, &settings), "{zone}: {rule}");
        }
    }
}

/// A zone of which Windows knows nothing: there the clocks change in April and September.
fn somewhere() -> Zone {
    let fixture = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/ical/custom-zone.ics");
    let calendar = std::fs::read(fixture).unwrap();
    match crate::read(crate::Dialect::ICalendar, &calendar, &settings()).item {
        Some(Item::Event(event)) => match event.main.start {
            When::Time { zone: zone @ Zone::Custom(_), .. } => zone,
            other => panic!("{other}"),
        },
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_series_in_a_zone_that_windows_does_not_know_is_seen_when_it_takes_place_and_read_by_its_own_clock() {
    let mut event = series(Rule { end: RuleEnd::Count(30), ..Rule::every(1, Frequency::Weekly) });
    let at = |local| When::Time { local, zone: somewhere() };
    event.main = event.main.moved_to(&at(datetime(2026, 6, 8, 9, 0, 0, 0)));
    let (gone, changed) = (at(datetime(2026, 9, 28, 9, 0, 0, 0)), at(datetime(2026, 10, 5, 9, 0, 0, 0)));
    event.exdates.insert(gone.clone());
    let mut elsewhere = event.main.moved_to(&changed);
    elsewhere.location = "Elsewhere".into();
    event.overrides.insert(changed, elsewhere);
    let record = bytes(&event);
    assert_eq!(self::event(&record), event);
    assert_eq!(write(&Item::Event(Box::new(event.clone())), Some(&record), &settings()), record);
    assert!(!crate::outlook::is_outdated(&record, &settings()));
    // From the third Wednesday of September on it is an hour later there, and from the end of October on as before.
    let rule = event.rule.clone().unwrap();
    let true_times = rule.occurrences(&event.main.start).map(|at| event.main.start.at_wall_clock(at));
    let wanted: Vec<_> = true_times
        .filter(|at| *at != gone)
        .map(|at| at.in_zone(&Zone::named("Europe/Berlin")).local())
        .collect();
    assert_eq!(seen(&record), wanted);
    assert!(wanted.iter().any(|at| at.hour() == 7) && wanted.iter().any(|at| at.hour() == 8), "{wanted:?}");

    // An occurrence that a user deletes or changes is that of the series, by whatever clock.
    for day in [date(2026, 6, 22), date(2026, 9, 21), date(2026, 12, 7)] {
        let id = at(day.at(9, 0, 0, 0));
        let moved = id.in_zone(&Zone::named("Europe/Berlin")).local();
        let mut expected = event.clone();
        expected.exdates.insert(id.clone());
        let without = edited(&record, |record| exception_on(record, day, None));
        assert_eq!(self::event(&without), expected, "{day}");
        let mut expected = event.clone();
        let mut other = event.main.moved_to(&id);
        other.location = "Garden".into();
        expected.overrides.insert(id, other);
        let changed = edited(&record, |record| exception_on(record, day, Some((moved, "Garden"))));
        assert_eq!(self::event(&changed), expected, "{day}");
        assert!(!crate::outlook::is_outdated(&changed, &settings()), "{day}");
    }
    // Moved as a whole, it goes by its own clock on.
    let later = edited(&record, |record| {
        record["StartInStartTimeZone"] = json!("2026-06-08T08:15:00");
        record["EndInEndTimeZone"] = json!("2026-06-08T09:15:00");
    });
    assert_eq!(self::event(&later).main.start, at(datetime(2026, 6, 8, 10, 0, 0, 0)));
}

/// Makes an exception of the occurrence of a day, as Outlook does: deleted, or at that time and place.
fn exception_on(record: &mut Value, day: Date, changed: Option<(DateTime, &str)>) {
    let mut item = record.clone();
    let series = record["RecurrencePattern"]["Exceptions"].as_array_mut().unwrap();
    let old =
        series.iter().position(|one| one["OriginalDate"].as_str().unwrap().starts_with(&day.to_string()));
    let old = old.map(|at| series.remove(at));
    let original = day.at(7, 15, 0, 0).to_string();
    let Some((start, place)) = changed else {
        series.push(json!({"OriginalDate": original, "Deleted": true}));
        return;
    };
    for name in ["RecurrencePattern", "UserProperties", "Satellites"] {
        item.as_object_mut().unwrap().remove(name);
    }
    if let Some(old) = old {
        item = old["AppointmentItem"].clone();
    }
    item["StartInStartTimeZone"] = json!(start.to_string());
    item["EndInEndTimeZone"] = json!(start.saturating_add(1.hour()).to_string());
    item["Location"] = json!(place);
    series.push(json!({"OriginalDate": original, "Deleted": false, "AppointmentItem": item}));
}
