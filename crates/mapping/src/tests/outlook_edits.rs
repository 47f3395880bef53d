//! An edit in Outlook changes the lines of its property on the server, what counts revisions, and nothing else.

use dovetail_model::carry::{Ground, carry};
use dovetail_model::{Item, Zone};
use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::component::{Child, Component, Document};
use crate::options::{AllCustom, CalendarOptions, CustomProperties, FormatsFrom, FormatsTo, Mapped};
use crate::outlook::{AppointmentItem, LinkedFile, OutlookItem, Recipient, RecurrencePattern, TaskItem};
use crate::{ColoredCategory, Dialect, Settings, read, write};

mod occurrences;

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
    "X-WARD-ALARM",
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

/// Calendars of one's own, and invitations.
fn fixtures() -> Vec<(String, Vec<u8>)> {
    let fixtures = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    let folders =
        ["ical", "invitations"].map(|name| std::fs::read_dir(fixtures.join(name)).expect("fixtures"));
    let mut paths: Vec<_> =
        folders.into_iter().flatten().map(|entry| entry.expect("a file").path()).collect();
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

/// The server's object after an edit in Outlook.
fn carried(server: &[u8], before: &[u8], after: &[u8], settings: &Settings) -> Vec<u8> {
    let item = |dialect, original: &[u8]| read(dialect, original, settings).item.expect("there is an item");
    let base = Ground::from(item(Dialect::Outlook, before));
    let wanted = carry(&base, &item(Dialect::Outlook, after), &item(Dialect::ICalendar, server));
    write(Dialect::ICalendar, &wanted, Some(server), now(), settings)
}

/// The lines but those that may change, and the stamps of a revision.
fn kept(lines: &[(String, Vec<u8>)], may_change: &[&str]) -> Vec<String> {
    let may = |name: &str| may_change.contains(&name) || ["DTSTAMP", "LAST-MODIFIED"].contains(&name);
    let kept = lines.iter().filter(|line| !may(&line.0));
    kept.map(|line| String::from_utf8_lossy(&line.1).into_owned()).collect()
}

/// How many of the lines that may change did; none of the others has.
fn changed(name: &str, server: &[u8], written: &[u8], may_change: &[&str]) -> usize {
    let (old, new) = (lines(server), lines(written));
    assert_eq!(
        kept(&old, may_change),
        kept(&new, may_change),
        "{name}\n{}",
        String::from_utf8_lossy(written)
    );
    let unstamped = |line: &&(String, Vec<u8>)| may_change.contains(&line.0.as_str());
    let changed = new.iter().filter(unstamped).filter(|line| !old.contains(line)).count();
    let gone = old.iter().filter(unstamped).filter(|line| !new.contains(line)).count();
    let stamped = |name: &str| new.iter().filter(|line| line.0 == name && !old.contains(line)).count();
    assert_eq!(stamped("DTSTAMP") > 0, changed + gone > 0, "{name}: stamped only where something changed");
    changed + gone
}

/// The same after an edit in Outlook.
fn edited(name: &str, server: &[u8], before: &[u8], after: &[u8], may_change: &[&str]) -> usize {
    changed(name, server, &carried(server, before, after, &settings()), may_change)
}

/// Sets a property as a user does. `None`: an end would lie before its start then, which Outlook refuses.
fn set(record: &OutlookItem, property: &str, value: &str) -> Option<OutlookItem> {
    let value = match record {
        OutlookItem::Appointment(item) if property == "UserProperties" => {
            // What stands for a series is marked by such properties, which nobody sees.
            let mut all: Map<String, Value> = serde_json::from_str(value).expect("JSON");
            let marks = item.user_properties.iter().filter(|(name, _)| name.starts_with("Dovetail"));
            all.extend(marks.map(|(name, mark)| (name.clone(), mark.clone())));
            Value::Object(all).to_string()
        }
        _ => value.to_owned(),
    };
    let today = jiff::civil::date(2026, 3, 1);
    let set = crate::outlook::assign(record, property, &value, &settings().home, today);
    if let Err(error) = &set {
        assert!(["Time", "Start", "End", "AllDay"].iter().any(|part| property.contains(part)), "{error}");
    }
    set.ok()
}

#[test]
fn an_edit_in_outlook_changes_the_lines_of_its_property_and_the_stamps() {
    let mut effective = std::collections::BTreeMap::new();
    for (name, server) in fixtures() {
        let Some(read) = read(Dialect::ICalendar, &server, &settings()).item else { continue };
        let before = write(Dialect::Outlook, &read, None, now(), &settings());
        let own = if matches!(read, Item::Event(_)) { OF_EVENTS } else { OF_TASKS };
        let record = serde_json::from_slice(&before).expect("an item of Outlook");
        for (property, value, may_change) in OF_BOTH.iter().chain(own) {
            let Some(set) = set(&record, property, value) else { continue };
            if drops_occurrences(property) && has_overrides(&read) {
                continue;
            }
            let after = serde_json::to_vec(&set).expect("JSON");
            let context = format!("{name}: {property}={value}");
            let changed = edited(&context, &server, &before, &after, may_change);
            *effective.entry(format!("{property}={value}")).or_insert(0) += usize::from(changed > 0);
        }
    }
    // Each edit is one for some fixture at least.
    let vain: Vec<_> = effective.iter().filter(|(_, count)| **count == 0).map(|(edit, _)| edit).collect();
    assert_eq!(vain, Vec::<&String>::new(), "{effective:?}");
}

/// What makes other occurrences of a series: changed ones go with it, and with all of their lines.
fn drops_occurrences(property: &str) -> bool {
    ["Start", "StartUTC", "StartInStartTimeZone", "StartTimeZone", "AllDayEvent", "RecurrencePattern"]
        .contains(&property)
}

fn has_overrides(item: &Item) -> bool {
    matches!(item, Item::Event(event) if !event.overrides.is_empty())
}

/// The fields of a record, also those that its JSON leaves out where they are empty; as Outlook names them, in small letters.
fn fields(record: &impl std::fmt::Debug) -> Vec<String> {
    let text = format!("{record:#?}");
    let own = text.lines().filter_map(|line| line.strip_prefix("    ").filter(|line| !line.starts_with(' ')));
    let names = own.filter_map(|line| line.split_once(": ").map(|(name, _)| name.replace('_', "")));
    names.collect()
}

/// The fields of a record that none of these properties is.
fn missing<'p>(record: &impl std::fmt::Debug, edited: impl Iterator<Item = &'p str>) -> Vec<String> {
    let edited: Vec<String> = edited.map(str::to_lowercase).collect();
    let fields = fields(record);
    assert!(edited.iter().all(|name| fields.contains(name)), "{edited:?} {fields:?}");
    fields.into_iter().filter(|name| !edited.contains(name)).collect()
}

/// What Outlook computes; of an appointment, what it shows beside it ([`occurrences`]); and what nobody knows.
const COMPUTED: [&str; 5] = ["duration", "isrecurring", "globalappointmentid", "satellites", "other"];

#[test]
fn every_property_of_an_appointment_is_edited_by_one_of_these() {
    let edited = OF_BOTH.iter().chain(OF_EVENTS).map(|edit| edit.0);
    assert_eq!(missing(&AppointmentItem::default(), edited), COMPUTED);
}

#[test]
fn every_property_of_a_task_is_edited_by_one_of_these() {
    let edited = OF_BOTH.iter().chain(OF_TASKS).map(|edit| edit.0);
    let missing = missing(&TaskItem::default(), edited);
    assert_eq!(missing, ["rtfbody", "isrecurring", "other"]);
}

/// What is within a property: its name, the field, what that is set to, and the lines on the server that may change.
type InnerEdit = (&'static str, &'static str, &'static str, &'static [&'static str]);

const WITHIN: &[InnerEdit] = &[
    ("RecurrencePattern", "RecurrenceType", "0", SERIES),
    ("RecurrencePattern", "Interval", "3", SERIES),
    ("RecurrencePattern", "DayOfWeekMask", "42", SERIES),
    ("RecurrencePattern", "DayOfMonth", "11", SERIES),
    ("RecurrencePattern", "MonthOfYear", "9", SERIES),
    ("RecurrencePattern", "Instance", "2", SERIES),
    ("RecurrencePattern", "Occurrences", "7", SERIES),
    ("RecurrencePattern", "NoEndDate", "true", SERIES),
    ("RecurrencePattern", "PatternEndDate", "\"2031-02-03\"", SERIES),
    ("Recipients", "Name", "\"New Name\"", PEOPLE),
    ("Recipients", "Address", "\"new@example.net\"", PEOPLE),
    ("Recipients", "Type", "2", PEOPLE),
    ("Recipients", "MeetingResponseStatus", "2", PEOPLE),
    ("Attachments", "DisplayName", "\"New name\"", &["ATTACH"]),
    ("Attachments", "PathName", "\"https://example.net/new\"", &["ATTACH"]),
];

#[test]
fn an_edit_of_a_part_of_a_property_changes_the_lines_of_that_property() {
    let mut effective = std::collections::BTreeMap::new();
    for (name, server) in fixtures() {
        let Some(read @ Item::Event(_)) = read(Dialect::ICalendar, &server, &settings()).item else {
            continue;
        };
        let before = write(Dialect::Outlook, &read, None, now(), &settings());
        let record: Value = serde_json::from_slice(&before).expect("JSON");
        for (property, field, value, may_change) in WITHIN {
            let mut after = record.clone();
            let Some(inner) = inner(&mut after[*property]) else { continue };
            if *property == "RecurrencePattern" && has_overrides(&read) {
                continue;
            }
            inner[*field] = serde_json::from_str(value).expect("JSON");
            if *field == "PatternEndDate" {
                (inner["NoEndDate"], inner["Occurrences"]) = (false.into(), 0.into());
            } else if *field == "Occurrences" {
                inner["NoEndDate"] = false.into();
            }
            let context = format!("{name}: {property}.{field}={value}");
            let after = serde_json::to_vec(&after).expect("JSON");
            let changed = edited(&context, &server, &before, &after, may_change);
            *effective.entry(format!("{property}.{field}")).or_insert(0) += usize::from(changed > 0);
        }
    }
    let vain: Vec<_> = effective.iter().filter(|(_, count)| **count == 0).map(|(edit, _)| edit).collect();
    assert_eq!((vain.len(), effective.len()), (0, WITHIN.len()), "{effective:?}");
}

/// The pattern itself, or the last one of a list.
fn inner(property: &mut Value) -> Option<&mut Value> {
    match property {
        Value::Object(_) => Some(property),
        Value::Array(all) => all.last_mut(),
        _ => None,
    }
}

#[test]
fn every_part_of_a_property_is_edited_by_one_of_these() {
    let of = |property: &'static str| WITHIN.iter().filter(move |edit| edit.0 == property).map(|edit| edit.1);
    let (pattern, recipient, link) =
        (RecurrencePattern::default(), Recipient::default(), LinkedFile::default());
    let recipient_fields =
        fields(&recipient).iter().map(|name| name.replace("kind", "type")).collect::<Vec<_>>();
    assert_eq!(recipient_fields, ["name", "address", "type", "meetingresponsestatus", "other"]);
    assert_eq!(of("Recipients").count(), 4);
    assert_eq!(fields(&link), ["displayname", "pathname", "kind", "other"], "of another kind it is no link");
    assert_eq!(of("Attachments").count(), 2);
    // The start is that of the appointment; the exceptions are edited by themselves; tasks alone are made again.
    let left = ["patternstartdate", "exceptions", "regenerate", "other"];
    assert_eq!(missing(&pattern, of("RecurrencePattern")), left);
}

#[test]
fn an_edit_of_the_categories_changes_the_colour_where_that_stands_for_one() {
    let colored = |name: &str, color| ColoredCategory { name: name.into(), color };
    let categories = vec![colored("Work", 8), colored("Home", 1)];
    let lines: [(Mapped, &[&str]); 2] =
        [(Mapped::Yes, &["CATEGORIES", "COLOR"]), (Mapped::No, &["CATEGORIES"])];
    for (color, may_change) in lines {
        let mut settings = Settings { categories: categories.clone(), ..settings() };
        settings.options.calendar.color = color;
        let mut colours = 0;
        for (name, server) in fixtures() {
            let Some(read @ Item::Event(_)) = read(Dialect::ICalendar, &server, &settings).item else {
                continue;
            };
            let before = write(Dialect::Outlook, &read, None, now(), &settings);
            let record = serde_json::from_slice(&before).expect("an item of Outlook");
            for value in ["", "Home", "Work", "Home, Work", "Neither", "green"] {
                let Some(set) = set(&record, "Categories", value) else { continue };
                let after = serde_json::to_vec(&set).expect("JSON");
                let written = carried(&server, &before, &after, &settings);
                changed(&format!("{name}: {value}"), &server, &written, may_change);
                let colour_of = |bytes: &[u8]| {
                    self::lines(bytes).into_iter().filter(|line| line.0 == "COLOR").collect::<Vec<_>>()
                };
                colours += usize::from(colour_of(&written) != colour_of(&server));
            }
        }
        assert_eq!(colours > 20, color == Mapped::Yes, "{colours}");
    }
}
