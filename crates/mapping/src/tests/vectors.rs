//! What patterns of Outlook are as rules, rules as patterns, and alarms as its one reminder: pairs that were worked out by hand.

use dovetail_model::item::{Alarm, AlarmAction};
use dovetail_model::{Item, Zone};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::options::Reminders;
use crate::outlook::{OutlookItem, write_item};
use crate::{Dialect, Settings, read, write};

fn settings() -> Settings {
    let mut settings = Settings::new(Zone::named("Europe/Berlin"), "-//Example//EN");
    settings.options.calendar.reminders = Reminders::All;
    settings
}

fn now() -> Timestamp {
    "2024-01-01T00:00:00Z".parse().expect("a time")
}

/// A pattern by its parts, as Outlook has them, and the rule.
const PATTERNS: &[(&str, &str)] = &[
    (r#"{"RecurrenceType":0,"Interval":3}"#, "FREQ=DAILY;INTERVAL=3"),
    (r#"{"RecurrenceType":0,"Interval":0,"Occurrences":5,"NoEndDate":false}"#, "FREQ=DAILY;COUNT=5"),
    (
        r#"{"RecurrenceType":1,"DayOfWeekMask":62,"Occurrences":10,"NoEndDate":false}"#,
        "FREQ=WEEKLY;COUNT=10;BYDAY=MO,TU,WE,TH,FR",
    ),
    (r#"{"RecurrenceType":1,"DayOfWeekMask":65,"Interval":2}"#, "FREQ=WEEKLY;INTERVAL=2;BYDAY=SA,SU"),
    (r#"{"RecurrenceType":2,"DayOfMonth":15}"#, "FREQ=MONTHLY;BYMONTHDAY=15"),
    (r#"{"RecurrenceType":3,"DayOfWeekMask":16,"Instance":2}"#, "FREQ=MONTHLY;BYDAY=TH;BYSETPOS=2"),
    (
        r#"{"RecurrenceType":3,"DayOfWeekMask":62,"Instance":5}"#,
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
    ),
    (r#"{"RecurrenceType":5,"DayOfMonth":24,"MonthOfYear":12}"#, "FREQ=YEARLY;BYMONTHDAY=24;BYMONTH=12"),
    (
        r#"{"RecurrenceType":6,"DayOfWeekMask":1,"Instance":5,"MonthOfYear":3,"Interval":2}"#,
        "FREQ=YEARLY;INTERVAL=2;BYDAY=SU;BYMONTH=3;BYSETPOS=-1",
    ),
];

#[test]
fn a_pattern_is_written_as_the_rule_that_it_means() {
    for (pattern, wanted) in PATTERNS {
        let pattern: Value = serde_json::from_str(pattern).expect("JSON");
        let record = json!({
            "MessageClass": "IPM.Appointment",
            "StartInStartTimeZone": "2024-03-10T10:00:00",
            "EndInEndTimeZone": "2024-03-10T11:00:00",
            "StartTimeZone": "W. Europe Standard Time",
            "EndTimeZone": "W. Europe Standard Time",
            "RecurrencePattern": pattern,
        });
        let record = serde_json::to_vec(&record).expect("JSON");
        let item = read(Dialect::Outlook, &record, &settings()).item.expect("an item");
        let written = write(Dialect::ICalendar, &item, None, now(), &settings());
        let text = String::from_utf8(written).expect("UTF-8").replace("\r\n ", "");
        // Its zone has rules of its own.
        let (_, event) = text.split_once("BEGIN:VEVENT").expect("an event");
        let rule = event.lines().find_map(|line| line.strip_prefix("RRULE:").map(parts));
        assert_eq!(rule, Some(parts(wanted)), "{pattern}");
    }
}

/// The parts of a rule, whose order says nothing.
fn parts(rule: &str) -> Vec<String> {
    let mut parts: Vec<String> =
        rule.split(';').map(str::to_owned).filter(|part| part != "INTERVAL=1").collect();
    parts.sort();
    parts
}

fn event(start: &str, lines: &str) -> String {
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20240101T000000Z\r\n{start}\r\n{lines}\r\n\
         END:VEVENT\r\nEND:VCALENDAR\r\n"
    )
}

fn appointment(calendar: &str) -> crate::outlook::AppointmentItem {
    let item = read(Dialect::ICalendar, calendar.as_bytes(), &settings()).item.expect("an item");
    match write_item(&item, None, &settings()) {
        OutlookItem::Appointment(item) => *item,
        other => panic!("{other:?}"),
    }
}

/// The start of a series, its rule, and what Outlook gets: the type, the mask, the instance, the day, the month, the interval.
/// `None`: it has no pattern for it, and shows another one that stands for it.
type Shown = (&'static str, &'static str, Option<(u8, u8, i8, i8, i8, u32)>);

const RULES: &[Shown] = &[
    ("20240304", "FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR", Some((1, 62, 0, 0, 0, 1))),
    ("20240314", "FREQ=MONTHLY;BYDAY=2TH", Some((3, 16, 2, 0, 0, 1))),
    ("20240329", "FREQ=MONTHLY;BYDAY=-1FR", Some((3, 32, 5, 0, 0, 1))),
    ("20240329", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", Some((3, 62, 5, 0, 0, 1))),
    ("20240331", "FREQ=MONTHLY;BYMONTHDAY=-1", Some((2, 0, 0, 31, 0, 1))),
    ("20240331", "FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU", Some((6, 1, 5, 0, 3, 1))),
    ("20240331", "FREQ=YEARLY", Some((5, 0, 0, 31, 3, 1))),
    ("20240304", "FREQ=WEEKLY;COUNT=0", Some((1, 2, 0, 0, 0, 1))),
    ("20240304", "FREQ=MONTHLY;BYDAY=MO", None),
    ("20240513", "FREQ=YEARLY;BYDAY=20MO", None),
];

#[test]
fn a_rule_is_shown_as_the_pattern_that_it_means() {
    for (start, rule, wanted) in RULES {
        let item = appointment(&event(
            &format!("DTSTART;TZID=Europe/Berlin:{start}T100000"),
            &format!("RRULE:{rule}"),
        ));
        let pattern = item.recurrence_pattern.expect("a pattern");
        let shown = (
            pattern.recurrence_type,
            pattern.day_of_week_mask,
            pattern.instance,
            pattern.day_of_month,
            pattern.month_of_year,
            pattern.interval,
        );
        let is_stand_in = item.user_properties.keys().any(|name| name.starts_with("Dovetail"));
        assert_eq!((!is_stand_in).then_some(shown), *wanted, "{rule}");
        assert_eq!(pattern.no_end_date, !is_stand_in, "{rule}");
    }
}

#[test]
fn a_moment_in_utc_ends_a_series_by_the_clock_of_the_series() {
    for (start, last) in [
        ("DTSTART;TZID=Asia/Tokyo:20231230T070000", "2024-01-06"),
        ("DTSTART;TZID=Asia/Tokyo:20231230T090000", "2023-12-30"),
        ("DTSTART:20231229T230000Z", "2024-01-05"),
        ("DTSTART:20231229T230001Z", "2023-12-29"),
    ] {
        let item = appointment(&event(start, "RRULE:FREQ=WEEKLY;UNTIL=20240105T230000Z"));
        let pattern = item.recurrence_pattern.expect("a pattern");
        assert_eq!(pattern.pattern_end_date.to_string(), last, "{start}");
        assert!(!pattern.no_end_date, "{start}");
    }
}

#[test]
fn a_series_that_ends_before_it_begins_takes_place_once_however_often_it_is_written() {
    let calendar = event("DTSTART;VALUE=DATE:20040318", "RRULE:FREQ=YEARLY;UNTIL=20030317;BYMONTH=3");
    let pattern = appointment(&calendar).recurrence_pattern.expect("a pattern");
    assert_eq!((pattern.occurrences, pattern.pattern_end_date.to_string()), (1, "2004-03-18".to_owned()));
    let item = read(Dialect::ICalendar, calendar.as_bytes(), &settings()).item.expect("an item");
    let record = write(Dialect::Outlook, &item, None, now(), &settings());
    let shown = read(Dialect::Outlook, &record, &settings()).item.expect("an item");
    let again = write(Dialect::Outlook, &shown, Some(&record), now(), &settings());
    assert_eq!(String::from_utf8_lossy(&again), String::from_utf8_lossy(&record));
}

/// When alarms go off, of an event from ten to eleven, and how many minutes before it Outlook shows a reminder.
const ALARMS: &[(&str, Option<i64>)] = &[
    ("TRIGGER:-PT15M", Some(15)),
    ("TRIGGER:-P0D", Some(0)),
    ("TRIGGER:PT0S", Some(0)),
    ("TRIGGER:PT5M", None),
    ("TRIGGER;RELATED=END:-PT1H30M", Some(30)),
    ("TRIGGER;RELATED=END:-PT30M", None),
    ("TRIGGER;VALUE=DATE-TIME:20240304T093000Z", Some(30)),
    ("TRIGGER;VALUE=DATE-TIME:20240304T103000Z", None),
    // Not spelled as the standard has it, and told of; a day is what it means.
    ("TRIGGER:-PT1D", Some(24 * 60)),
    ("TRIGGER:-PT90S", Some(1)),
];

#[test]
fn an_alarm_is_shown_as_the_reminder_that_it_means() {
    for (trigger, wanted) in ALARMS {
        let alarm = format!("BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:x\r\n{trigger}\r\nEND:VALARM");
        let item = appointment(&event("DTSTART:20240304T100000Z\r\nDTEND:20240304T110000Z", &alarm));
        let shown = item.reminder_set.then_some(item.reminder_minutes_before_start);
        assert_eq!(shown, *wanted, "{trigger}");
    }
}

/// Alarms of every kind, the second of which Outlook shows; with what other programs note of them.
const SEVERAL: &str = "X-MOZ-LASTACK:20240303T080000Z\r\nX-MOZ-SNOOZE-TIME:20240303T090000Z\r\n\
                       BEGIN:VALARM\r\nACTION:EMAIL\r\nSUMMARY:Soon\r\nDESCRIPTION:Mail\r\n\
                       ATTENDEE:mailto:guest@example.com\r\nTRIGGER:-P1D\r\nEND:VALARM\r\n\
                       BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:Shown\r\nTRIGGER:-PT15M\r\n\
                       ACKNOWLEDGED:20240303T080000Z\r\nX-KEPT:1\r\nEND:VALARM\r\n\
                       BEGIN:VALARM\r\nACTION:AUDIO\r\nTRIGGER;RELATED=END:-PT2H\r\nATTACH:https://example.com/bell\r\nEND:VALARM\r\n\
                       BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:Again\r\nTRIGGER:-PT1H\r\nREPEAT:3\r\nDURATION:PT5M\r\n\
                       END:VALARM\r\nBEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:Once\r\n\
                       TRIGGER;VALUE=DATE-TIME:20240304T080000Z\r\nEND:VALARM";

/// What is done to the reminder in Outlook.
type Edit = fn(&mut Vec<Alarm>);

#[test]
fn of_several_alarms_the_one_that_outlook_shows_is_edited_and_the_others_stay_with_all_that_is_noted_of_them()
{
    let server = event("DTSTART:20240304T100000Z\r\nDTEND:20240304T110000Z\r\nPRIORITY:5", SEVERAL);
    let read_it = |dialect, bytes: &[u8]| read(dialect, bytes, &settings()).item.expect("an item");
    let before =
        write(Dialect::Outlook, &read_it(Dialect::ICalendar, server.as_bytes()), None, now(), &settings());
    let carried = |edit: Edit| {
        let mut edited = read_it(Dialect::Outlook, &before);
        let Item::Event(event) = &mut edited else { panic!("no event") };
        edit(&mut event.main.alarms);
        // As it is in Outlook then.
        let after = write(Dialect::Outlook, &edited, Some(&before), now(), &settings());
        let base = dovetail_model::carry::Ground::from(read_it(Dialect::Outlook, &before));
        let there = read_it(Dialect::ICalendar, server.as_bytes());
        let wanted = dovetail_model::carry::carry(&base, &read_it(Dialect::Outlook, &after), &there);
        let written = write(Dialect::ICalendar, &wanted, Some(server.as_bytes()), now(), &settings());
        String::from_utf8(written).expect("UTF-8")
    };
    let shown = "BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:Shown\r\nTRIGGER:-PT15M\r\n\
                 ACKNOWLEDGED:20240303T080000Z\r\nX-KEPT:1\r\nEND:VALARM\r\n";
    let record: Value = serde_json::from_slice(&before).expect("JSON");
    assert_eq!((&record["ReminderSet"], &record["ReminderMinutesBeforeStart"]), (&json!(true), &json!(15)));
    let edits: [(Edit, String); 3] = [
        (|_| {}, server.clone()),
        (
            |alarms| {
                let alarm = alarms.first_mut().expect("an alarm");
                assert_eq!(alarm.action, AlarmAction::Display);
                alarm.trigger = dovetail_model::item::Trigger::Start(-1_800);
                alarm.minutes_before_start = Some(30);
            },
            server.replace(shown, &shown.replace("-PT15M", "-PT30M")),
        ),
        (Vec::clear, server.replace(shown, "")),
    ];
    for (edit, wanted) in edits {
        let unstamped = |text: &str| {
            let is_stamp =
                |line: &&str| ["DTSTAMP", "LAST-MODIFIED"].iter().any(|name| line.starts_with(name));
            text.lines().filter(|line| !is_stamp(line)).map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(unstamped(&carried(edit)), unstamped(&wanted));
    }
}
