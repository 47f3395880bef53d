//! An edit in Outlook changes the lines of its property on the server, what counts revisions, and nothing else.

use dovetail_model::carry::{Ground, carry};
use dovetail_model::{Item, Zone};
use jiff::Timestamp;
use serde_json::Value;

use crate::component::{Child, Component, Document};
use crate::options::{AllCustom, CalendarOptions, CustomProperties, FormatsFrom, FormatsTo};
use crate::outlook::{AppointmentItem, TaskItem};
use crate::{Dialect, Settings, read, write};

/// A property of Outlook, what it is set to, and the lines on the server that may change.
type Edit = (&'static str, &'static str, &'static [&'static str]);

const TEXT: &[&str] = &["DESCRIPTION", "X-ALT-DESC", "STYLED-DESCRIPTION"];
const BUSY: &[&str] = &["TRANSP", "X-MICROSOFT-CDO-BUSYSTATUS"];
const PROGRESS: &[&str] = &["STATUS", "X-DOVETAIL-STATUS", "PERCENT-COMPLETE", "COMPLETED", "SEQUENCE"];

const DATES: &[&str] = &["DTSTART", "DUE", "DURATION", "TRIGGER", "SEQUENCE"];
const REPEATS: &[&str] = &["RRULE", "X-DOVETAIL-REGENERATES", "SEQUENCE"];
const EVERY_OTHER_DAY: &str = "{\"RecurrenceType\":0,\"Interval\":2,\"NoEndDate\":true}";

const OF_BOTH: &[Edit] = &[
    ("Body", "Something new, at last", TEXT),
    ("Categories", "Work, Something new", &["CATEGORIES"]),
    ("Categories", "", &["CATEGORIES"]),
    ("Sensitivity", "0", &["CLASS"]),
    ("Sensitivity", "2", &["CLASS"]),
    ("Sensitivity", "3", &["CLASS"]),
    ("Importance", "0", &["PRIORITY"]),
    ("Importance", "2", &["PRIORITY"]),
];

const OF_EVENTS: &[Edit] = &[
    ("RTFBody", "{\\rtf1 Something {\\b new}\\par}", TEXT),
    ("BusyStatus", "0", BUSY),
    ("BusyStatus", "1", BUSY),
    ("BusyStatus", "2", BUSY),
    ("BusyStatus", "3", BUSY),
    ("BusyStatus", "4", BUSY),
    ("Subject", "Cancelled: Something new", &["STATUS", "SUMMARY", "SEQUENCE"]),
    ("Subject", "Something new", &["STATUS", "SUMMARY", "SEQUENCE"]),
    ("Location", "Somewhere new", &["LOCATION"]),
    ("Start", "2030-05-06T07:08", SPAN),
    ("StartUTC", "2030-05-06T07:08", SPAN),
    ("StartInStartTimeZone", "2030-05-06T07:08", SPAN),
    ("End", "2090-05-06T07:08", SPAN),
    ("EndUTC", "2090-05-06T07:08", SPAN),
    ("EndInEndTimeZone", "2090-05-06T07:08", SPAN),
    ("StartTimeZone", "Tonga Standard Time", SPAN),
    ("EndTimeZone", "Hawaiian Standard Time", SPAN),
    ("AllDayEvent", "true", ALL_DAY),
    ("ReminderSet", "false", NO_ALARM),
    ("ReminderSet", "true", ALARM),
    ("ReminderMinutesBeforeStart", "77", ALARM),
    ("RecurrencePattern", "null", SERIES),
    ("RecurrencePattern", EVERY_OTHER_DAY, SERIES),
    ("Recipients", INVITED, PEOPLE),
    ("Recipients", "[]", PEOPLE),
    ("ResponseRequested", "false", PEOPLE),
    ("Organizer", "Another Name", PEOPLE),
    ("SentRepresentingEmailAddress", "another@example.com", PEOPLE),
    ("SenderEmailAddress", "assistant@example.net", PEOPLE),
    ("MeetingStatus", "1", PEOPLE),
    ("MeetingStatus", "5", &["ORGANIZER", "ATTENDEE", "STATUS", "SEQUENCE"]),
    ("ResponseStatus", "3", PEOPLE),
    ("UserProperties", "{\"Shade\":\"red\"}", &["X-CALDAVSYNCHRONIZER-SHADE"]),
    ("Attachments", LINKED, &["ATTACH"]),
    ("Attachments", "[]", &["ATTACH"]),
];

/// What says when something takes place; what is named by its start moves along, and a new zone is defined.
const SPAN: &[&str] = &[
    "DTSTART",
    "DTEND",
    "DURATION",
    "SEQUENCE",
    "RECURRENCE-ID",
    "EXDATE",
    "RDATE",
    "RRULE",
    "TZID",
    "TZOFFSETFROM",
    "TZOFFSETTO",
    "TZNAME",
];
/// And what a day without TRANSP says by itself.
const ALL_DAY: &[&str] = &["DTSTART", "DTEND", "DURATION", "SEQUENCE", "EXDATE", "RDATE", "RRULE", "TRANSP"];
const ALARM: &[&str] = &["ACTION", "DESCRIPTION", "TRIGGER"];
/// A reminder that goes takes along what the server's has beside.
const NO_ALARM: &[&str] = &[
    "ACTION",
    "DESCRIPTION",
    "TRIGGER",
    "UID",
    "X-WR-ALARMUID",
    "X-APPLE-DEFAULT-ALARM",
    "X-EVOLUTION-ALARM-UID",
    "ACKNOWLEDGED",
    "X-MOZ-SNOOZE-TIME",
    "REPEAT",
    "DURATION",
    "SUMMARY",
];
const SERIES: &[&str] = &["RRULE", "RDATE", "EXDATE", "SEQUENCE"];
const PEOPLE: &[&str] = &["ORGANIZER", "ATTENDEE", "SEQUENCE"];
const INVITED: &str = "[{\"Name\":\"New Guest\",\"Address\":\"new@example.net\",\"Type\":2}]";
const LINKED: &str = "[{\"DisplayName\":\"plan\",\"PathName\":\"https://example.net/plan\",\"Type\":4}]";

const OF_TASKS: &[Edit] = &[
    ("Status", "1", PROGRESS),
    ("Status", "2", PROGRESS),
    ("Status", "3", PROGRESS),
    ("Status", "4", PROGRESS),
    ("PercentComplete", "50", PROGRESS),
    ("Complete", "true", PROGRESS),
    ("DateCompleted", "2024-05-09", PROGRESS),
    ("StartDate", "2024-04-02", DATES),
    ("DueDate", "2024-06-09", DATES),
    // A reminder that is set at a moment is kept by its distance from the day.
    ("ReminderTime", "2024-04-01T10:00", &["TRIGGER"]),
    ("ReminderSet", "false", &["ACTION", "DESCRIPTION", "TRIGGER"]),
    ("RecurrencePattern", "null", REPEATS),
    ("RecurrencePattern", EVERY_OTHER_DAY, REPEATS),
    ("UserProperties", "{\"Shade\":\"red\"}", &["X-CALDAVSYNCHRONIZER-SHADE"]),
    ("Subject", "Something new", &["SUMMARY"]),
    ("TotalWork", "77", &["X-DOVETAIL-TOTAL-WORK"]),
    ("ActualWork", "78", &["X-DOVETAIL-ACTUAL-WORK"]),
    ("Mileage", "9 km", &["X-DOVETAIL-MILEAGE"]),
    ("BillingInformation", "Project 9", &["X-DOVETAIL-BILLING"]),
    ("ContactNames", "Somebody New; Other Person", &["CONTACT"]),
    ("Companies", "New Ltd", &["X-DOVETAIL-COMPANIES"]),
    ("Owner", "New Owner", &["X-DOVETAIL-OWNER"]),
];

fn settings() -> Settings {
    let mut settings = Settings::new(Zone::named("Europe/Berlin"), "-//Example//EN");
    settings.own_address = Some("sample.person@example.com".into());
    settings.options.calendar = CalendarOptions {
        formats_to_server: FormatsTo::AltDesc,
        formats_to_outlook: FormatsFrom::Anywhere,
        custom: CustomProperties { all: AllCustom::Mapped, ..CustomProperties::default() },
        ..CalendarOptions::default()
    };
    settings
}

fn now() -> Timestamp {
    "2026-06-01T12:00:00Z".parse().expect("a time")
}

fn item(dialect: Dialect, original: &[u8]) -> Item {
    read(dialect, original, &settings()).item.expect("there is an item")
}

fn fixtures() -> Vec<(String, Vec<u8>)> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/ical");
    let mut paths: Vec<_> =
        std::fs::read_dir(folder).expect("fixtures").map(|entry| entry.expect("a file").path()).collect();
    paths.sort();
    let name = |path: &std::path::Path| path.file_name().expect("a name").to_string_lossy().into_owned();
    paths.iter().map(|path| (name(path), std::fs::read(path).expect("a file"))).collect()
}

/// The lines of all components, with their names.
fn lines(original: &[u8]) -> Vec<(String, Vec<u8>)> {
    fn walk(component: Component<'_>, found: &mut Vec<(String, Vec<u8>)>) {
        for child in component.children() {
            match child {
                Child::Line(line) => found.push((line.name().to_uppercase(), line.raw().to_vec())),
                Child::Component(inner) => walk(inner, found),
            }
        }
    }
    let mut found = Vec::new();
    walk(Document::parse(original).root(), &mut found);
    found
}

/// The server's object after an edit in Outlook, and how many of the lines that may change did.
fn edited(name: &str, server: &[u8], before: &[u8], after: &[u8], may_change: &[&str]) -> usize {
    let base = Ground::from(item(Dialect::Outlook, before));
    let wanted = carry(&base, &item(Dialect::Outlook, after), &item(Dialect::ICalendar, server));
    let written = write(Dialect::ICalendar, &wanted, Some(server), now(), &settings());
    let may = |name: &str| may_change.contains(&name) || ["DTSTAMP", "LAST-MODIFIED"].contains(&name);
    let (old, new) = (lines(server), lines(&written));
    let kept = |lines: &[(String, Vec<u8>)]| {
        let kept = lines.iter().filter(|line| !may(&line.0));
        kept.map(|line| String::from_utf8_lossy(&line.1).into_owned()).collect::<Vec<_>>()
    };
    assert_eq!(kept(&old), kept(&new), "{name}\n{}", String::from_utf8_lossy(&written));
    let unstamped = |line: &&(String, Vec<u8>)| may_change.contains(&line.0.as_str());
    let changed = new.iter().filter(unstamped).filter(|line| !old.contains(line)).count();
    let gone = old.iter().filter(unstamped).filter(|line| !new.contains(line)).count();
    let stamped = |name: &str| new.iter().filter(|line| line.0 == name && !old.contains(line)).count();
    assert_eq!(stamped("DTSTAMP") > 0, changed + gone > 0, "{name}: stamped only where something changed");
    changed + gone
}

#[test]
fn an_edit_in_outlook_changes_the_lines_of_its_property_and_the_stamps() {
    let mut effective = std::collections::BTreeMap::new();
    for (name, server) in fixtures() {
        let Some(read) = read(Dialect::ICalendar, &server, &settings()).item else { continue };
        let before = write(Dialect::Outlook, &read, None, now(), &settings());
        let own = if matches!(read, Item::Event(_)) { OF_EVENTS } else { OF_TASKS };
        for (property, value, may_change) in OF_BOTH.iter().chain(own) {
            let record = serde_json::from_slice(&before).expect("an item of Outlook");
            let today = jiff::civil::date(2026, 3, 1);
            // An end may lie before its start then: Outlook refuses that.
            let Ok(set) = crate::outlook::assign(&record, property, value, &settings().home, today) else {
                assert!(
                    ["Time", "End", "AllDay"].iter().any(|part| property.contains(part)),
                    "{name}: {property}={value}"
                );
                continue;
            };
            if drops_occurrences(property) && has_overrides(&read) {
                continue;
            }
            // What stands for a series is marked by such a property: without it, it is another one.
            if *property == "UserProperties" && String::from_utf8_lossy(&before).contains("DovetailStandsFor")
            {
                continue;
            }
            let after = serde_json::to_vec(&set).expect("JSON");
            let context = format!("{name}: {property}={value}");
            let changed = edited(&context, &server, &before, &after, may_change);
            *effective.entry(format!("{property}={value}")).or_insert(0) += usize::from(changed > 0);
        }
    }
    // Each edit is one for some fixture at least; an answer is for an invitation, of which none is a fixture.
    let vain: Vec<_> = effective.iter().filter(|(_, count)| **count == 0).map(|(edit, _)| edit).collect();
    assert_eq!(vain, ["ResponseStatus=3"], "{effective:?}");
}

/// What makes other occurrences of a series: changed ones go with it, and with all of their lines.
fn drops_occurrences(property: &str) -> bool {
    ["Start", "StartUTC", "StartInStartTimeZone", "StartTimeZone", "AllDayEvent", "RecurrencePattern"]
        .contains(&property)
}

fn has_overrides(item: &Item) -> bool {
    matches!(item, Item::Event(event) if !event.overrides.is_empty())
}

#[test]
fn every_property_of_an_appointment_is_edited_by_one_of_these() {
    let record = AppointmentItem { rtf_body: "x".into(), ..AppointmentItem::default() };
    let Ok(Value::Object(record)) = serde_json::to_value(record) else { panic!() };
    let edited: Vec<&str> = OF_BOTH.iter().chain(OF_EVENTS).map(|edit| edit.0).collect();
    let missing: Vec<&String> = record.keys().filter(|name| !edited.contains(&name.as_str())).collect();
    // Outlook computes them.
    assert_eq!(missing, ["Duration", "IsRecurring", "GlobalAppointmentID"]);
}

fn is_cancelled(subject: &str) -> bool {
    subject.starts_with("Cancelled: ")
}

#[test]
fn every_property_of_a_task_is_edited_by_one_of_these() {
    let Ok(Value::Object(record)) = serde_json::to_value(TaskItem::default()) else { panic!() };
    let edited: Vec<&str> = OF_BOTH.iter().chain(OF_TASKS).map(|edit| edit.0).collect();
    let missing: Vec<&String> = record.keys().filter(|name| !edited.contains(&name.as_str())).collect();
    // Outlook computes it.
    assert_eq!(missing, ["IsRecurring"]);
}

#[test]
fn an_edit_of_one_occurrence_in_outlook_changes_its_own_lines() {
    let of_occurrences: [(&str, Value, &[&str]); 18] = [
        ("Subject", "Something new".into(), &["SUMMARY"]),
        ("Subject", "Cancelled: Something new".into(), &["SUMMARY", "STATUS", "SEQUENCE"]),
        ("Location", "Somewhere new".into(), &["LOCATION"]),
        ("Body", "Something new, at last".into(), TEXT),
        ("BusyStatus", 0.into(), BUSY),
        ("BusyStatus", 1.into(), BUSY),
        ("BusyStatus", 2.into(), BUSY),
        ("BusyStatus", 3.into(), BUSY),
        ("BusyStatus", 4.into(), BUSY),
        ("Importance", 0.into(), &["PRIORITY"]),
        ("Importance", 2.into(), &["PRIORITY"]),
        ("ReminderMinutesBeforeStart", 77.into(), &["ACTION", "DESCRIPTION", "TRIGGER"]),
        ("ReminderSet", false.into(), NO_ALARM),
        ("RTFBody", RICH.into(), TEXT),
        ("StartInStartTimeZone", "2024-01-01T00:01:00".into(), OF_ITS_TIME),
        ("EndInEndTimeZone", "2090-01-01T00:01:00".into(), OF_ITS_TIME),
        ("ResponseStatus", 4.into(), PEOPLE),
        ("Attachments", serde_json::from_str(LINKED).expect("JSON"), &["ATTACH"]),
    ];
    let mut effective = std::collections::BTreeMap::new();
    let mut tried = 0;
    for (name, server) in fixtures() {
        let Some(read) = read(Dialect::ICalendar, &server, &settings()).item else { continue };
        let before = write(Dialect::Outlook, &read, None, now(), &settings());
        let record: Value = serde_json::from_slice(&before).expect("JSON");
        let exceptions = record["RecurrencePattern"]["Exceptions"].as_array().cloned().unwrap_or_default();
        for (at, exception) in exceptions.iter().enumerate() {
            if exception["AppointmentItem"].is_null() {
                continue;
            }
            for (property, value, may_change) in &of_occurrences {
                let mut after = record.clone();
                let one = &mut after["RecurrencePattern"]["Exceptions"][at]["AppointmentItem"];
                let mut value = value.clone();
                // A title without that word calls the occurrence back.
                if value == "Something new"
                    && exception["AppointmentItem"]["Subject"].as_str().is_some_and(is_cancelled)
                {
                    value = "Cancelled: Something new".into();
                }
                if one[*property] == value {
                    continue;
                }
                one[*property] = value;
                if *property == "RTFBody" {
                    one["Body"] = "Something new".into();
                }
                if *property == "ReminderMinutesBeforeStart" {
                    one["ReminderSet"] = Value::from(true);
                }
                let after = serde_json::to_vec(&after).expect("JSON");
                let context = format!("{name}: {property} of occurrence {at}");
                let changed = edited(&context, &server, &before, &after, may_change);
                // No more than the lines of one event, before and after.
                let may_be_vain = ["ReminderSet", "ResponseStatus", "RTFBody"].contains(property);
                assert!(changed > 0 || may_be_vain, "{context}");
                let most = 2 * may_change.len() + usize::from(*property == "ResponseStatus") * 20;
                assert!(changed <= most, "{context}: {changed} lines");
                *effective.entry(*property).or_insert(0) += usize::from(changed > 0);
                tried += 1;
            }
        }
    }
    assert!(tried >= 30, "{tried}");
    let vain: Vec<_> = effective.iter().filter(|(_, count)| **count == 0).map(|(name, _)| *name).collect();
    // No invitation among the fixtures has a changed occurrence.
    assert_eq!(vain, ["ResponseStatus"], "{effective:?}");
}

/// Something new, with formats, as Outlook keeps it.
const RICH: &str = "e1xydGYxIFNvbWV0aGluZyB7XGIgbmV3fVxwYXJ9";
/// An occurrence that is moved onto the day of another takes its place.
const OF_ITS_TIME: &[&str] = &[
    "DTSTART",
    "DTEND",
    "DURATION",
    "SEQUENCE",
    "EXDATE",
    "RRULE",
    "TZID",
    "TZOFFSETFROM",
    "TZOFFSETTO",
    "TZNAME",
];
