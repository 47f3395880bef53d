use dovetail_model::recurrence::{Frequency, Rule, RuleEnd};
use dovetail_model::{Event, Item, When, Zone};
use jiff::civil::{Date, date, datetime};
use serde_json::{Map, Value, json};

use crate::options::AllCustom;
use crate::outlook::{OutlookItem, beyond, read, write, write_item};
use crate::{Dialect, Settings, Warning};

const NONE: &str = "4501-01-01T00:00:00";

fn settings() -> Settings {
    let mut settings = Settings::new(Zone::named("Europe/Berlin"), "-//Example//EN");
    settings.options.calendar.custom.all = AllCustom::Mapped;
    settings
}

fn at(day: i8, hour: i8) -> When {
    When::Time { local: datetime(2026, 3, day, hour, 0, 0, 0), zone: Zone::named("Europe/Berlin") }
}

/// A weekly series of hours, of which one occurrence is changed and one deleted.
fn series() -> Event {
    let rule = Rule { end: RuleEnd::Count(5), ..Rule::every(1, Frequency::Weekly) };
    let mut event = Event { uid: Some("abc-1".into()), rule: Some(rule), ..Event::default() };
    event.main.summary = "Planning".into();
    event.main.priority = dovetail_model::item::Priority(5);
    (event.main.start, event.main.end) = (at(2, 10), at(2, 11));
    let mut moved = event.main.moved_to(&at(10, 14));
    moved.location = "Room 2".into();
    event.overrides.insert(at(9, 10), moved);
    event.exdates.insert(at(16, 10));
    event
}

/// What Outlook has of it, with properties that are no part of an event.
fn record() -> Value {
    let item = Item::Event(Box::new(series()));
    let mut record: Value = serde_json::from_slice(&write(&item, None, &settings())).unwrap();
    record["UserProperties"] = json!({"Shade": "red"});
    record
}

fn parsed(record: &Value) -> (Option<Event>, Vec<String>) {
    let reading = read(&serde_json::to_vec(record).unwrap(), &settings());
    let event = reading.item.map(|item| match item {
        Item::Event(event) => *event,
        other => panic!("{other:?}"),
    });
    let told = |warning: &Warning| format!("{} {}", warning.property, warning.code);
    (event, reading.warnings.iter().map(told).collect())
}

/// What holds no date, and what that means to the event that is read otherwise.
type Row = (&'static str, &'static [(&'static str, &'static str)], fn(&mut Event), &'static [&'static str]);

const EXCEPTION: &str = "/RecurrencePattern/Exceptions/0/AppointmentItem";

const ROWS: &[Row] = &[
    (
        "an appointment without an end takes no time",
        &[("/End", NONE), ("/EndUTC", NONE), ("/EndInEndTimeZone", NONE), ("/Duration", "0")],
        |event| event.main.end = event.main.start.clone(),
        &[],
    ),
    (
        "a whole day without an end is one day",
        &[
            ("/AllDayEvent", "true"),
            ("/RecurrencePattern", "null"),
            ("/StartInStartTimeZone", "2026-03-02T00:00:00"),
            ("/EndInEndTimeZone", NONE),
        ],
        |event| {
            (event.rule, event.overrides, event.exdates) = Default::default();
            event.main.start = When::Date(date(2026, 3, 2));
            event.main.end = When::Date(date(2026, 3, 3));
        },
        &[],
    ),
    (
        "a series that ends on no day has no end",
        &[("/RecurrencePattern/PatternEndDate", "4501-01-01"), ("/RecurrencePattern/Occurrences", "0")],
        |event| event.rule.as_mut().unwrap().end = RuleEnd::Never,
        &[],
    ),
    (
        "a series without an end has none whatever its day",
        &[("/RecurrencePattern/PatternEndDate", "4501-01-01"), ("/RecurrencePattern/NoEndDate", "true")],
        |event| event.rule.as_mut().unwrap().end = RuleEnd::Never,
        &[],
    ),
    (
        "a series that is counted ends by its count",
        &[("/RecurrencePattern/PatternEndDate", "4501-01-01")],
        |_| {},
        &[],
    ),
    (
        "a pattern that begins on no day begins with its appointment",
        &[("/RecurrencePattern/PatternStartDate", "4501-01-01")],
        |_| {},
        &[],
    ),
    (
        "a changed occurrence of no day is none",
        &[("/RecurrencePattern/Exceptions/0/OriginalDate", NONE)],
        |event| event.overrides.clear(),
        &["OriginalDate exception_without_day"],
    ),
    (
        "a deleted occurrence of no day is none",
        &[("/RecurrencePattern/Exceptions/1/OriginalDate", NONE)],
        |event| event.exdates.clear(),
        &["OriginalDate exception_without_day"],
    ),
    (
        "a changed occurrence without a time takes place at the usual one",
        &[
            ("Start", NONE),
            ("StartUTC", NONE),
            ("StartInStartTimeZone", NONE),
            ("End", NONE),
            ("EndUTC", NONE),
            ("EndInEndTimeZone", NONE),
        ],
        |event| {
            let changed = event.overrides.get_mut(&at(9, 10)).unwrap();
            (changed.start, changed.end) = (at(9, 10), at(9, 11));
        },
        &[],
    ),
    (
        "a changed occurrence without an end takes the usual time",
        &[("End", NONE), ("EndUTC", NONE), ("EndInEndTimeZone", NONE)],
        |_| {},
        &[],
    ),
    ("a date of the user's own that is none is no text", &[("/UserProperties/Due", NONE)], |_| {}, &[]),
    ("when an invitation was answered crosses nowhere", &[("/ReplyTime", NONE)], |_| {}, &[]),
    ("when a reminder comes next crosses nowhere", &[("/ReminderTime", NONE)], |_| {}, &[]),
    ("nor do those of an occurrence", &[("ReplyTime", NONE), ("ReminderTime", NONE)], |_| {}, &[]),
];

/// The record with these properties, below the appointment or, without a slash, of its changed occurrence.
fn with(properties: &[(&str, &str)]) -> Value {
    let mut record = record();
    for (path, text) in properties {
        let path = if path.starts_with('/') { (*path).to_owned() } else { format!("{EXCEPTION}/{path}") };
        let (above, name) = path.rsplit_once('/').unwrap();
        let value = serde_json::from_str(text).unwrap_or_else(|_| json!(text));
        record.pointer_mut(above).unwrap()[name] = value;
    }
    record
}

#[test]
fn what_outlook_holds_for_no_date_is_none_wherever_an_appointment_has_it() {
    let (usual, none) = parsed(&record());
    assert_eq!(none, Vec::<String>::new());
    for (what, properties, edit, told) in ROWS {
        let mut wanted = usual.clone().unwrap();
        edit(&mut wanted);
        let record = with(properties);
        let (event, warnings) = parsed(&record);
        assert_eq!(event.as_ref(), Some(&wanted), "{what}");
        assert_eq!(warnings, *told, "{what}");

        let item = Item::Event(Box::new(wanted));
        let now = "2026-03-01T12:00:00Z".parse().unwrap();
        let server = crate::write(Dialect::ICalendar, &item, None, now, &settings());
        assert!(!String::from_utf8_lossy(&server).contains("4501"), "{what}");
    }
}

#[test]
fn an_edit_beside_a_date_that_is_none_leaves_that() {
    for (what, properties, _, _) in ROWS {
        let record = with(properties);
        let before = serde_json::to_vec(&record).unwrap();
        let Some(mut event) = parsed(&record).0 else { panic!("{what}") };
        let written = |event: &Event| {
            let written = write(&Item::Event(Box::new(event.clone())), Some(&before), &settings());
            serde_json::from_slice::<Map<String, Value>>(&written).unwrap()
        };
        let differing = |after: &Map<String, Value>| {
            let mut names: Vec<String> = after
                .iter()
                .filter(|(name, value)| record.get(*name) != Some(value))
                .map(|it| it.0.clone())
                .collect();
            // Outlook computes these: where the record does not say them alike, they are made to.
            names.retain(|name| {
                let computed = ["Start", "StartUTC", "Duration", "IsRecurring"].contains(&name.as_str());
                let begins =
                    name == "RecurrencePattern" && what.starts_with("a pattern that begins on no day");
                !computed && !begins
            });
            names
        };
        assert_eq!(differing(&written(&event)), Vec::<String>::new(), "{what}");
        event.main.location = "Room 9".into();
        assert_eq!(differing(&written(&event)), ["Location"], "{what}");
        let Some(rule) = &mut event.rule else { continue };
        rule.interval = 2;
        event.exdates.clear();
        let after = written(&event);
        let none = |pattern: &Value| {
            let exceptions = pattern["Exceptions"].as_array().unwrap().iter();
            exceptions.filter(|exception| exception["OriginalDate"] == NONE).cloned().collect::<Vec<_>>()
        };
        assert_eq!(none(&after["RecurrencePattern"]), none(&record["RecurrencePattern"]), "{what}");
    }
}

#[test]
fn an_appointment_that_begins_on_no_day_is_left_where_it_is() {
    let none = [("/Start", NONE), ("/StartUTC", NONE), ("/StartInStartTimeZone", NONE)];
    assert_eq!(parsed(&with(&none)), (None, vec!["Start no_start".to_owned()]));
}

#[test]
fn a_series_that_ends_when_outlook_has_no_days_any_more_has_no_end_there_and_keeps_its_own() {
    let start = When::Date(date(2026, 1, 1));
    let rule = |end| Rule { end, ..Rule::every(1, Frequency::Yearly) };
    for (end, is_endless) in [
        (RuleEnd::Never, true),
        (RuleEnd::Until(When::Date(date(4501, 1, 1))), true),
        (RuleEnd::Until(When::Date(date(9999, 12, 31))), true),
        (RuleEnd::Until(When::Date(date(4500, 1, 1))), false),
        (RuleEnd::Count(900), false),
    ] {
        let mut event = Event { rule: Some(rule(end.clone())), ..Event::default() };
        (event.main.start, event.main.end) = (start.clone(), When::Date(date(2026, 1, 2)));
        let item = Item::Event(Box::new(event));
        let OutlookItem::Appointment(record) = write_item(&item, None, &settings()) else { panic!() };
        let pattern = record.recurrence_pattern.unwrap();
        assert_eq!(pattern.no_end_date, is_endless, "{end:?}");
        assert_eq!(pattern.pattern_end_date == date(4501, 1, 1), is_endless, "{end:?}");
        let Item::Event(held) = crate::holds(Dialect::Outlook, &item, &settings()) else { panic!() };
        assert_eq!(held.rule.unwrap().end == RuleEnd::Never, is_endless, "{end:?}");

        // An edit in Outlook leaves the server's end.
        let now = "2026-03-01T12:00:00Z".parse().unwrap();
        let server = crate::write(Dialect::ICalendar, &item, None, now, &settings());
        let before = write(&item, None, &settings());
        let read = |bytes: &[u8]| read(bytes, &settings()).item.unwrap();
        let mut edited = read(&before);
        let Item::Event(event) = &mut edited else { panic!() };
        event.main.location = "Room 2".into();
        let ground = dovetail_model::carry::Ground::from(read(&before));
        let wanted = dovetail_model::carry::carry(&ground, &edited, &item);
        let written = crate::write(Dialect::ICalendar, &wanted, Some(&server), now, &settings());
        let rule = |bytes: &[u8]| {
            let text = String::from_utf8_lossy(bytes).into_owned();
            text.lines().find(|line| line.starts_with("RRULE")).map(str::to_owned)
        };
        assert_eq!(rule(&written), rule(&server), "{end:?}");
    }
}

#[test]
fn of_an_event_on_days_that_outlook_does_not_have_it_is_told() {
    let on = |day: Date| {
        let mut event = Event::default();
        (event.main.start, event.main.end) = (When::Date(day), When::Date(day.tomorrow().unwrap_or(day)));
        event
    };
    for (day, is_beyond) in [
        (date(1, 1, 1), true),
        (date(1600, 12, 31), true),
        (date(1601, 1, 1), false),
        (date(1969, 7, 20), false),
        (date(2038, 1, 19), false),
        (date(4500, 8, 30), false),
        (date(4500, 8, 31), true),
        (date(4501, 1, 1), true),
        (date(9999, 12, 31), true),
    ] {
        let event = on(day);
        let found = |event: &Event| beyond(&Item::Event(Box::new(event.clone()))).is_some();
        assert_eq!(found(&event), is_beyond, "{day}");
        let mut series = on(date(2026, 3, 2));
        series.overrides.insert(When::Date(date(2026, 3, 3)), event.main);
        assert_eq!(found(&series), is_beyond, "{day}");
    }
    assert_eq!(beyond(&Item::Task(Box::default())), None);
}
