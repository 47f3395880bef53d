use std::collections::BTreeSet;

use dovetail_model::event::Busy;
use dovetail_model::item::{Alarm, AlarmAction, Priority, Trigger};
use dovetail_model::recurrence::{Frequency, Rule, RuleEnd};
use dovetail_model::{CategoryFilter, Event, Item, When, Zone};
use jiff::ToSpan;
use jiff::civil::{DateTime, datetime};

use crate::options::Reminders;
use crate::outlook::{AppointmentItem, OutlookItem, is_outdated, read, recurrence, write};
use crate::{Dialect, Settings};

fn settings() -> Settings {
    Settings::new(Zone::named("Europe/Berlin"), "-//Example//EN")
}

fn march(day: i8, hour: i8) -> DateTime {
    datetime(2026, 3, day, hour, 0, 0, 0)
}

fn at(local: DateTime) -> When {
    When::Time { local, zone: Zone::named("Europe/Berlin") }
}

fn twice_a_day() -> Rule {
    Rule { by_hour: vec![9, 15], end: RuleEnd::Count(6), ..Rule::every(1, Frequency::Daily) }
}

/// A series from the 2nd of March, 9 to 10.
fn series(rule: Rule) -> Event {
    let mut event = Event { uid: Some("1".into()), rule: Some(rule), ..Event::default() };
    event.main.priority = Priority(5);
    event.main.summary = "Feed the cat".into();
    event.main.description = "Twice".into();
    event.main.categories = vec!["Home".into()];
    event.main.alarms = vec![Alarm {
        trigger: Trigger::Start(-900),
        action: AlarmAction::Display,
        minutes_before_start: Some(15),
    }];
    (event.main.start, event.main.end) = (at(march(2, 9)), at(march(2, 10)));
    event
}

fn written(event: &Event, from: Option<&[u8]>, settings: &Settings) -> Vec<u8> {
    write(&Item::Event(Box::new(event.clone())), from, settings)
}

fn bytes(event: &Event) -> Vec<u8> {
    written(event, None, &settings())
}

fn event(bytes: &[u8]) -> Event {
    match read(bytes, &settings()).item {
        Some(Item::Event(event)) => *event,
        other => panic!("{other:?}"),
    }
}

fn warnings(bytes: &[u8]) -> Vec<(String, String)> {
    read(bytes, &settings()).warnings.into_iter().map(|it| (it.code, it.property)).collect()
}

fn appointment(bytes: &[u8]) -> AppointmentItem {
    match OutlookItem::parse(bytes).unwrap() {
        OutlookItem::Appointment(item) => *item,
        other => panic!("{other:?}"),
    }
}

/// The record, edited as a person does.
fn edited(bytes: &[u8], edit: impl FnOnce(&mut AppointmentItem)) -> Vec<u8> {
    let mut item = appointment(bytes);
    edit(&mut item);
    let home = settings().home;
    item.satellites.iter_mut().for_each(|it| it.settle(&home));
    item.settle(&home);
    OutlookItem::Appointment(Box::new(item)).to_json().into_bytes()
}

/// The starts that a person sees in Outlook.
fn seen(bytes: &[u8]) -> Vec<DateTime> {
    let item = appointment(bytes);
    let mut starts: BTreeSet<DateTime> = BTreeSet::from([item.start_in_start_time_zone]);
    if let Some(pattern) = &item.recurrence_pattern {
        let rule = recurrence::rule(pattern).unwrap();
        starts.extend(rule.occurrences(&at(item.start_in_start_time_zone)));
        for exception in &pattern.exceptions {
            starts.retain(|start| start.date() != exception.original_date.date());
            starts.extend(exception.appointment_item.as_ref().map(|it| it.start_in_start_time_zone));
        }
    }
    starts.extend(item.satellites.iter().map(|it| it.start_in_start_time_zone));
    starts.into_iter().collect()
}

fn of(item: &mut AppointmentItem, start: DateTime) -> &mut AppointmentItem {
    item.satellites.iter_mut().find(|it| it.start_in_start_time_zone == start).unwrap()
}

/// Brings a record in step, as a run does.
fn in_step(bytes: &[u8]) -> Vec<u8> {
    assert!(is_outdated(bytes, &settings()), "nothing is out of step");
    let after = written(&event(bytes), Some(bytes), &settings());
    assert_eq!(event(&after), event(bytes), "what is brought in step says the same");
    assert!(!is_outdated(&after, &settings()), "what is brought in step is in step");
    assert_eq!(written(&event(&after), Some(&after), &settings()), after, "and stays as it is");
    after
}

/// Series of which some days have several occurrences.
fn crowded() -> Vec<Event> {
    let hourly = Rule { end: RuleEnd::Count(5), ..Rule::every(1, Frequency::Hourly) };
    let by_minute =
        Rule { by_minute: vec![0, 30], end: RuleEnd::Count(9), ..Rule::every(1, Frequency::Weekly) };
    let until = RuleEnd::Until(at(march(9, 12)));
    let on_some = Rule { by_hour: vec![9, 11, 13], end: until, ..Rule::every(2, Frequency::Daily) };
    let mut all: Vec<Event> = [twice_a_day(), hourly, by_minute, on_some].map(series).into();
    for rule in [None, Some(Rule { end: RuleEnd::Count(3), ..Rule::every(1, Frequency::Weekly) })] {
        let mut event = series(twice_a_day());
        event.rule = rule;
        event.rdates.extend([at(march(2, 17)), at(march(3, 8)), at(march(3, 20))]);
        all.push(event);
    }
    all
}

/// Every occurrence of a series, by the clock on the wall.
fn all_of(event: &Event) -> BTreeSet<DateTime> {
    let mut all: BTreeSet<DateTime> = event.rdates.iter().map(When::local).collect();
    all.insert(event.main.start.local());
    all.extend(event.rule.iter().flat_map(|rule| rule.occurrences(&event.main.start)));
    all
}

#[test]
fn every_occurrence_of_a_day_is_seen_and_the_series_is_read_as_it_was_written() {
    for event in crowded() {
        let record = bytes(&event);
        assert_eq!(seen(&record), all_of(&event).into_iter().collect::<Vec<_>>(), "{:?}", event.rule);
        assert_eq!(self::event(&record), event);
        assert_eq!(written(&event, Some(&record), &settings()), record);
        assert!(!is_outdated(&record, &settings()));
        let item = appointment(&record);
        assert!(!item.satellites.is_empty());
        for satellite in &item.satellites {
            assert_eq!((satellite.subject.as_str(), satellite.categories.as_str()), ("Feed the cat", "Home"));
            assert!(satellite.reminder_set && satellite.recurrence_pattern.is_none());
            assert_eq!(satellite.duration, 60);
        }
    }
}

#[test]
fn what_is_changed_and_what_is_taken_out_crosses_both_ways_whichever_of_the_day_it_is() {
    for event in crowded() {
        let all: Vec<When> = all_of(&event).into_iter().map(at).collect();
        for (one, other) in all.iter().zip(all.iter().skip(1)) {
            let mut event = event.clone();
            let mut changed = event.main.moved_to(&at(other.local().saturating_add(20.minutes())));
            changed.location = "Garden".into();
            changed.alarms.clear();
            event.exdates.insert(one.clone());
            event.overrides.insert(other.clone(), changed);
            let record = bytes(&event);
            // Where a day is all there is, its first occurrence is the appointment itself.
            if appointment(&record).recurrence_pattern.is_some() {
                assert_eq!(self::event(&record), event, "{one:?}");
            }
            assert_eq!(written(&self::event(&record), Some(&record), &settings()), record, "{one:?}");
        }
    }
}

#[test]
fn an_edit_of_a_satellite_is_one_of_that_occurrence_and_of_that_field_alone() {
    type Edit = fn(&mut AppointmentItem);
    type Wanted = fn(&mut dovetail_model::Occurrence);
    let edits: [(Edit, Wanted); 7] = [
        (|it| it.subject = "Feed both".into(), |it| it.summary = "Feed both".into()),
        (|it| it.location = "Garden".into(), |it| it.location = "Garden".into()),
        (|it| it.body = "Much".into(), |it| it.description = "Much".into()),
        (|it| it.busy_status = 0, |it| it.busy = Busy::Free),
        (|it| it.importance = 2, |it| it.priority = Priority(1)),
        (|it| it.reminder_set = false, |it| it.alarms.clear()),
        (
            |it| {
                it.start_in_start_time_zone = march(3, 16);
                it.end_in_end_time_zone = march(3, 18);
            },
            |it| (it.start, it.end) = (at(march(3, 16)), at(march(3, 18))),
        ),
    ];
    for (edit, wanted) in edits {
        let event = series(twice_a_day());
        let record = edited(&bytes(&event), |item| edit(of(item, march(3, 15))));
        let mut expected = event.clone();
        let mut changed = event.main.moved_to(&at(march(3, 15)));
        wanted(&mut changed);
        expected.overrides.insert(at(march(3, 15)), changed.clone());
        assert_eq!(self::event(&record), expected);
        assert!(!is_outdated(&record, &settings()), "Outlook shows what its user wrote");
        assert_eq!(written(&expected, Some(&record), &settings()), record);
        // Another title of the series, from the server, leaves the edit where it is, and takes the others along.
        expected.main.location = "Kitchen".into();
        let after = written(&expected, Some(&record), &settings());
        assert_eq!(self::event(&after), expected);
        assert_eq!(of(&mut appointment(&after), march(2, 15)).location, "Kitchen");
    }
}

#[test]
fn a_satellite_that_is_deleted_is_an_occurrence_that_does_not_take_place() {
    let event = series(twice_a_day());
    let record = edited(&bytes(&event), |item| {
        item.satellites.retain(|it| it.start_in_start_time_zone != march(3, 15))
    });
    let mut expected = event;
    expected.exdates.insert(at(march(3, 15)));
    assert_eq!(self::event(&record), expected);
    assert_eq!(written(&expected, Some(&record), &settings()), record);
    expected.main.summary = "Feed the dog".into();
    let after = written(&expected, Some(&record), &settings());
    assert_eq!(self::event(&after), expected, "it stays deleted whatever is written later");
    // The server takes it back: it is there again.
    expected.exdates.clear();
    let after = written(&expected, Some(&after), &settings());
    assert_eq!((seen(&after).len(), self::event(&after)), (6, expected));
}

#[test]
fn an_edit_of_the_series_is_none_of_its_satellites_and_takes_them_along() {
    let event = series(twice_a_day());
    let mut record = edited(&bytes(&event), |item| {
        item.subject = "Feed the dog".into();
        of(item, march(3, 15)).location = "Garden".into();
        of(item, march(2, 15)).other.insert("Mine".into(), 1.into());
    });
    let mut expected = event;
    expected.main.summary = "Feed the dog".into();
    let mut changed = expected.main.moved_to(&at(march(3, 15)));
    changed.location = "Garden".into();
    expected.overrides.insert(at(march(3, 15)), changed);
    assert_eq!(self::event(&record), expected);
    record = in_step(&record);
    let mut item = appointment(&record);
    assert!(item.satellites.iter().all(|it| it.subject == "Feed the dog"));
    assert_eq!(of(&mut item, march(2, 15)).other.get("Mine"), Some(&1.into()), "what is not known stays");
}

#[test]
fn a_changed_time_of_day_is_no_edit_and_follows_the_series_too() {
    // From the second day on the first occurrence is at midnight: the pattern shows it by changed occurrences.
    let event = series(Rule { end: RuleEnd::Count(40), ..Rule::every(8, Frequency::Hourly) });
    let record = bytes(&event);
    let changed = |record: &[u8]| -> Vec<String> {
        let exceptions = appointment(record).recurrence_pattern.unwrap().exceptions;
        exceptions.into_iter().filter_map(|it| Some(it.appointment_item?.subject)).collect()
    };
    assert!(changed(&record).len() > 10);
    let edit = |item: &mut AppointmentItem| {
        item.subject = "Feed the dog".into();
        let exceptions = &mut item.recurrence_pattern.as_mut().unwrap().exceptions;
        exceptions.last_mut().unwrap().appointment_item.as_mut().unwrap().location = "Garden".into();
    };
    let record = edited(&record, edit);
    let mut expected = event;
    expected.main.summary = "Feed the dog".into();
    let last = self::event(&record).overrides.pop_last().unwrap();
    assert_eq!((last.1.location.as_str(), last.1.summary.as_str()), ("Garden", "Feed the dog"));
    expected.overrides.insert(last.0, last.1);
    assert_eq!(self::event(&record), expected);
    assert!(changed(&in_step(&record)).iter().all(|subject| subject == "Feed the dog"));
}

#[test]
fn categories_and_privacy_of_a_satellite_stay_where_they_are_and_are_told() {
    let event = series(twice_a_day());
    let record = edited(&bytes(&event), |item| {
        of(item, march(3, 15)).categories = "Home, Vet".into();
        of(item, march(3, 15)).sensitivity = 2;
    });
    assert_eq!(self::event(&record), event);
    let told = ["Categories", "Sensitivity"].map(|name| ("of_the_whole_series".to_owned(), name.to_owned()));
    assert_eq!(warnings(&record), told);
    let mut expected = event;
    expected.main.summary = "Feed the dog".into();
    let after = written(&expected, Some(&record), &settings());
    let mut item = appointment(&after);
    let satellite = of(&mut item, march(3, 15));
    assert_eq!((satellite.categories.as_str(), satellite.sensitivity), ("Home, Vet", 2));
    assert_eq!(satellite.subject, "Feed the dog");
}

#[test]
fn satellites_go_with_the_pattern_and_what_was_edited_of_them_is_told() {
    let event = series(twice_a_day());
    let record = edited(&bytes(&event), |item| {
        of(item, march(3, 15)).location = "Garden".into();
        item.recurrence_pattern.as_mut().unwrap().interval = 2;
    });
    assert_eq!(warnings(&record), [("no_occurrence_any_more".to_owned(), "Start".to_owned())]);
    let read = self::event(&record);
    assert_eq!((&read.rule.as_ref().unwrap().by_hour, read.overrides.len()), (&Vec::new(), 0));
    assert_eq!(appointment(&in_step(&record)).satellites, []);
    // A single appointment has none either.
    let mut single = event.clone();
    single.rule = None;
    let after = written(&single, Some(&bytes(&event)), &settings());
    assert_eq!((appointment(&after).satellites.len(), self::event(&after)), (0, single));
}

#[test]
fn a_series_that_moves_as_a_whole_keeps_what_was_done_to_its_satellites() {
    // An hourly one moves with its start.
    let event = series(Rule { end: RuleEnd::Count(5), ..Rule::every(1, Frequency::Hourly) });
    let record = edited(&bytes(&event), |item| {
        of(item, march(2, 11)).location = "Garden".into();
        item.satellites.retain(|it| it.start_in_start_time_zone != march(2, 12));
        item.start_in_start_time_zone = march(2, 10);
        item.end_in_end_time_zone = march(2, 11);
    });
    let mut expected = event;
    (expected.main.start, expected.main.end) = (at(march(2, 10)), at(march(2, 11)));
    let mut changed = expected.main.moved_to(&at(march(2, 12)));
    changed.location = "Garden".into();
    expected.overrides.insert(at(march(2, 12)), changed);
    expected.exdates.insert(at(march(2, 13)));
    assert_eq!(self::event(&record), expected);
    let hours: Vec<_> = seen(&in_step(&record)).into_iter().map(|at| at.hour()).collect();
    assert_eq!(hours, [10, 11, 12, 14]);
}

#[test]
fn a_filters_category_is_on_every_satellite_and_is_no_edit_where_it_is_taken_from_one() {
    let mut settings = settings();
    settings.options.calendar.filter =
        Some(CategoryFilter { name: "Work".into(), admits: dovetail_model::filter::Admits::Category });
    let event = series(twice_a_day());
    let item = Item::Event(Box::new(event));
    let now = jiff::Timestamp::UNIX_EPOCH;
    let record = crate::write(Dialect::Outlook, &item, None, now, &settings);
    assert!(appointment(&record).satellites.iter().all(|it| it.categories == "Home, Work"));
    assert_eq!(crate::read(Dialect::Outlook, &record, &settings).item.as_ref(), Some(&item));
    let without = edited(&record, |item| of(item, march(3, 15)).categories = "Home".into());
    assert_eq!(crate::read(Dialect::Outlook, &without, &settings).item.as_ref(), Some(&item));
}

#[test]
fn an_option_that_changes_what_is_read_makes_no_edit_of_a_satellite() {
    let mut event = series(twice_a_day());
    let (with, mut without) = (settings(), settings());
    without.options.calendar.reminders = Reminders::None;
    for (first, then) in [(&with, &without), (&without, &with)] {
        let mut record = written(&event, None, first);
        for settings in [then, first, then] {
            let Some(Item::Event(read)) = read(&record, settings).item else { panic!("no event") };
            assert_eq!(read.overrides, event.overrides);
            event.main.summary.push('!');
            let mut next = *read;
            next.main.summary.clone_from(&event.main.summary);
            record = written(&next, Some(&record), settings);
            assert_eq!(read_again(&record, settings).overrides, event.overrides);
        }
    }
}

fn read_again(record: &[u8], settings: &Settings) -> Event {
    match read(record, settings).item {
        Some(Item::Event(event)) => *event,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_satellite_whose_reminder_is_over_is_made_without_it_where_only_those_to_come_are_wanted() {
    let mut upcoming = settings();
    upcoming.options.calendar.reminders = Reminders::Upcoming;
    upcoming.now = Some(at(march(3, 12)).instant(&Zone::Utc));
    for (settings, wanted) in [(settings(), [true, true, true]), (upcoming, [false, true, true])] {
        let event = series(twice_a_day());
        let record = written(&event, None, &settings);
        let reminds: Vec<bool> = appointment(&record).satellites.iter().map(|it| it.reminder_set).collect();
        assert_eq!(reminds, wanted);
        assert_eq!(read_again(&record, &settings), event, "that it is over is no edit");
        let again = edited(&record, |item| of(item, march(2, 15)).reminder_minutes_before_start = 5);
        let again = edited(&again, |item| of(item, march(2, 15)).reminder_set = true);
        let changed = read_again(&again, &settings).overrides;
        assert_eq!(changed.values().map(|it| it.alarms.len()).collect::<Vec<_>>(), [1]);
    }
}

#[test]
fn of_very_many_the_next_ones_are_single_appointments() {
    let endless = |rule: Rule| {
        let mut event = series(Rule { end: RuleEnd::Never, ..rule });
        event.main.summary = "Often".into();
        event
    };
    let today = at(datetime(2027, 5, 20, 12, 0, 0, 0)).instant(&Zone::Utc);
    let settings = Settings { now: Some(today), ..settings() };
    // An hourly series has more in a quarter than are shown: those from its beginning on are.
    for (rule, first) in [
        (Rule::every(1, Frequency::Hourly), datetime(2027, 4, 1, 1, 0, 0, 0)),
        (twice_a_day(), datetime(2027, 12, 31, 15, 0, 0, 0).saturating_sub(364.days())),
    ] {
        let event = endless(rule.clone());
        let record = written(&event, None, &settings);
        let satellites = appointment(&record).satellites;
        assert!(satellites.len() <= 700 && satellites.len() > 690 || rule.by_hour.len() == 2, "{rule}");
        assert!(satellites.iter().any(|it| it.start_in_start_time_zone == first), "{rule}");
        assert_eq!(read_again(&record, &settings), event);
        assert_eq!(written(&event, Some(&record), &settings), record);
    }
}

#[test]
fn a_record_of_before_there_were_satellites_is_read_as_it_was_and_gets_them() {
    let event = series(twice_a_day());
    let old = edited(&bytes(&event), |item| {
        item.satellites.clear();
        let mark = item.user_properties.get_mut(crate::outlook::stand_in::MARK).unwrap();
        let mut series: serde_json::Value = serde_json::from_str(mark.as_str().unwrap()).unwrap();
        let shown = series["shown"].as_object_mut().unwrap();
        assert!(shown.remove("further").is_some() && shown.remove("says").is_some());
        *mark = series.to_string().into();
    });
    assert_eq!(self::event(&old), event);
    assert_eq!(seen(&in_step(&old)).len(), 6);
}

#[test]
fn a_satellite_by_itself_is_an_appointment_like_any_other() {
    let record = bytes(&series(twice_a_day()));
    let alone = appointment(&record).satellites.remove(0);
    let alone = OutlookItem::Appointment(Box::new(alone)).to_json();
    let read = self::event(alone.as_bytes());
    assert_eq!((read.rule, read.uid, read.main.custom), (None, None, Vec::new()));
    assert_eq!(read.main.start, at(march(2, 15)));
}

#[test]
fn a_series_whose_zone_is_shown_by_another_one_stays_as_it_is_written() {
    // Until 1980 Vienna and Berlin, which Windows has one zone for, did not change their clocks alike.
    let hourly = Rule { end: RuleEnd::Count(9), ..Rule::every(8, Frequency::Hourly) };
    let weekly = Rule { end: RuleEnd::Count(40), ..Rule::every(1, Frequency::Weekly) };
    let twice = Rule { by_hour: vec![4, 9], ..weekly.clone() };
    for year in [1945, 2026] {
        for rule in [hourly.clone(), weekly.clone(), twice.clone()] {
            let mut event = series(rule);
            let start = datetime(year, 3, 13, 4, 0, 0, 0);
            event.main =
                event.main.moved_to(&When::Time { local: start, zone: Zone::named("Europe/Vienna") });
            event.rdates.insert(event.main.start.at_wall_clock(start.saturating_add(50.days())));
            let record = bytes(&event);
            let read = self::event(&record);
            assert_eq!(written(&read, Some(&record), &settings()), record, "{year}");
            assert!(!is_outdated(&record, &settings()), "{year}");
            assert_eq!(self::event(&bytes(&read)), read, "{year}");
            let is_crowded = event.rule.as_ref().is_some_and(|rule| *rule != weekly);
            assert!(year < 2000 || is_crowded != appointment(&record).satellites.is_empty(), "{year}");
        }
    }
}
