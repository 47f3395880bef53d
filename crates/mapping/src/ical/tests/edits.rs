//! An edit changes the lines of its property, and no other byte.

use std::collections::BTreeSet;

use dovetail_model::contact::Custom;
use dovetail_model::event::{Attendee, Busy, EventStatus, Participant, Response, Role};
use dovetail_model::recurrence::{Frequency, Rule};
use dovetail_model::task::TaskStatus;
use jiff::Span;
use serde_json::Value;

use super::*;

/// An edit of an event: its name, what it does, and the properties whose lines it may change.
type EventEdit = (&'static str, fn(&mut Event), &'static [&'static str]);

const ALARM_LINES: &[&str] = &["BEGIN", "END", "ACTION", "DESCRIPTION", "TRIGGER"];

const TEXT: &[&str] = &["DESCRIPTION", "X-ALT-DESC", "STYLED-DESCRIPTION"];

fn set_text(event: &mut Event, text: &str, html: Option<&str>) {
    event.main.description = text.to_owned();
    event.main.html = html.map(str::to_owned);
}

/// In the one spelling that readers give.
const NEW_HTML: &str = "<html><body><div><b>New</b>; &quot;good&quot;, 100%</div></body></html>";

const EVENT_EDITS: &[EventEdit] = &[
    ("summary", |event| event.main.summary.push_str(", changed"), &["SUMMARY"]),
    ("no summary", |event| event.main.summary.clear(), &["SUMMARY"]),
    ("location", |event| event.main.location = "Elsewhere; far, far away".into(), &["LOCATION"]),
    ("description", |event| set_text(event, "First\nsecond \\ third", None), TEXT),
    ("html", |event| set_text(event, "New; \"good\", 100%", Some(NEW_HTML)), TEXT),
    ("no html", |event| event.main.html = None, TEXT),
    ("status", |event| event.main.status = EventStatus::Cancelled, &["STATUS"]),
    ("free", |event| event.main.busy = Busy::Free, &["TRANSP", "X-MICROSOFT-CDO-BUSYSTATUS"]),
    (
        "elsewhere",
        |event| event.main.busy = Busy::WorkingElsewhere,
        &["TRANSP", "X-MICROSOFT-CDO-BUSYSTATUS"],
    ),
    ("priority", |event| event.main.priority = other_priority(event.main.priority), &["PRIORITY"]),
    ("class", |event| event.main.sensitivity = Sensitivity::Confidential, &["CLASS"]),
    ("new category", |event| event.main.categories.push("New, and long".into()), &["CATEGORIES"]),
    ("no categories", |event| event.main.categories.clear(), &["CATEGORIES"]),
    ("one category less", |event| drop(event.main.categories.pop()), &["CATEGORIES"]),
    ("url", |event| event.main.url = "https://example.com/new;a,b".into(), &["URL"]),
    ("organizer", |event| rename(&mut event.main.organizer), &["ORGANIZER"]),
    ("no organizer", |event| event.main.organizer = None, &["ORGANIZER"]),
    ("new attendee", |event| event.main.attendees.push(guest()), &["ATTENDEE"]),
    ("first attendee", |event| event.main.attendees.first_mut().into_iter().for_each(answer), &["ATTENDEE"]),
    ("no attendees", |event| event.main.attendees.clear(), &["ATTENDEE"]),
    ("new link", |event| event.main.attachments.push(link()), &["ATTACH"]),
    ("no attachments", |event| event.main.attachments.clear(), &["ATTACH"]),
    ("first alarm", |event| event.main.alarms.first_mut().into_iter().for_each(postpone), &["TRIGGER"]),
    ("no alarms", |event| event.main.alarms.clear(), ALL_ALARM_LINES),
    ("new alarm", |event| event.main.alarms.push(alarm_before(7)), ALARM_LINES),
    ("start", begin_earlier, &["DTSTART", "DURATION"]),
    ("end", |event| event.main.end = later(&event.main.end, 2), &["DTEND", "DURATION"]),
    ("new custom", |event| event.main.custom.push(own("Size", "9; or 10")), &["X-CALDAVSYNCHRONIZER-SIZE"]),
    ("other custom", |event| event.main.custom.iter_mut().for_each(repaint), SHADE),
    ("no custom", |event| event.main.custom.clear(), SHADE),
    ("other rule", |event| event.rule = Some(Rule::every(5, Frequency::Weekly)), &["RRULE"]),
    ("new exdate", |event| event.exdates.extend([later(&event.main.start, 70)]), &["EXDATE"]),
    ("no exdates", |event| event.exdates.clear(), &["EXDATE"]),
    ("one exdate less", |event| drop(event.exdates.pop_last()), &["EXDATE"]),
    ("new rdate", |event| event.rdates.extend([later(&event.main.start, 71)]), &["RDATE"]),
    ("no rdates", |event| event.rdates.clear(), &["RDATE"]),
    ("one rdate less", |event| drop(event.rdates.pop_first()), &["RDATE"]),
];

const SHADE: &[&str] = &["X-CALDAVSYNCHRONIZER-SHADE"];

fn own(name: &str, value: &str) -> Custom {
    Custom { name: name.into(), value: value.into() }
}

fn repaint(custom: &mut Custom) {
    custom.value.push_str(", not red");
}

/// What an event says and no edit changes: who it is, and the changed occurrences, which are edited by themselves.
const NOT_EDITED: [&str; 2] = ["uid", "overrides"];

#[test]
fn every_field_of_an_event_is_edited_by_one_of_these() {
    let fields = |event: &Event| {
        let Ok(Value::Object(mut event)) = serde_json::to_value(event) else { panic!("no object") };
        let Some(Value::Object(main)) = event.remove("main") else { panic!("no occurrence") };
        event.into_iter().chain(main).collect::<Vec<_>>()
    };
    let mut left: BTreeSet<String> = fields(&Event::default()).into_iter().map(|field| field.0).collect();
    assert!(left.len() > 20, "{left:?}");
    for (_, bytes) in fixtures() {
        let Some(Item::Event(event)) = read_item(&bytes) else { continue };
        for (_, apply, _) in EVENT_EDITS {
            let mut edited = (*event).clone();
            apply(&mut edited);
            for (before, after) in fields(&event).iter().zip(fields(&edited)) {
                if *before != after {
                    left.remove(&before.0);
                }
            }
        }
    }
    assert!(left.iter().eq(BTreeSet::from(NOT_EDITED.map(str::to_owned)).iter()), "{left:?}");
}

const ALL_ALARM_LINES: &[&str] = &[
    "BEGIN",
    "END",
    "ACTION",
    "DESCRIPTION",
    "TRIGGER",
    "SUMMARY",
    "ATTENDEE",
    "UID",
    "ATTACH",
    "REPEAT",
    "DURATION",
    "ACKNOWLEDGED",
    "X-WR-ALARMUID",
    "X-APPLE-DEFAULT-ALARM",
    "X-MOZ-SNOOZE-TIME",
    "X-EVOLUTION-ALARM-UID",
    "X-WARD-ALARM",
];

fn person(name: &str) -> Participant {
    Participant {
        address: format!("mailto:{name}@example.com"),
        name: format!("A {name}, \"quoted\""),
        ..Participant::default()
    }
}

/// Another name: who calls a meeting in one's own calendar cannot be handed over.
fn rename(organizer: &mut Option<Participant>) {
    let who = organizer.take().unwrap_or_else(|| person("organizer"));
    *organizer = Some(Participant { name: "Renamed: Organizer".into(), ..who });
}

fn guest() -> Attendee {
    Attendee { who: person("guest"), role: Role::Optional, response: Response::Tentative, rsvp: true }
}

fn answer(attendee: &mut Attendee) {
    attendee.response =
        if attendee.response == Response::Declined { Response::Accepted } else { Response::Declined };
    attendee.rsvp = !attendee.rsvp;
    attendee.role = if attendee.role == Role::Chair { Role::Required } else { Role::Chair };
    attendee.who.name = "Renamed: Person".into();
}

fn link() -> Attachment {
    Attachment {
        source: AttachmentSource::Uri("https://files.example.com/new.pdf".into()),
        name: "new; 1.pdf".into(),
        media_type: "application/pdf".into(),
    }
}

fn postpone(alarm: &mut Alarm) {
    alarm.trigger = match &alarm.trigger {
        Trigger::Start(seconds) => Trigger::Start(seconds - 300),
        Trigger::End(seconds) => Trigger::Start(seconds - 300),
        Trigger::At(instant) => Trigger::At(*instant - Span::new().minutes(5)),
    };
}

/// Another start, and the same end. One that lay before its start is another one then.
fn begin_earlier(event: &mut Event) {
    if event.main.start != event.main.end {
        event.main.start = later(&event.main.start, -1);
    }
}

/// As many days later.
fn later(when: &When, days: i32) -> When {
    when.at_wall_clock(when.local().checked_add(Span::new().days(days)).unwrap())
}

/// Only what [`edit`] means is compared: minutes are derived, order is not kept.
fn comparable(mut event: Event) -> Event {
    event.main.alarms.iter_mut().for_each(|alarm| alarm.minutes_before_start = None);
    event.main.alarms.sort_by_key(|alarm| format!("{alarm:?}"));
    event.main.attendees.sort_by_key(|attendee| format!("{attendee:?}"));
    event.main.custom.sort_by(|one, other| one.name.cmp(&other.name));
    event
}

fn lines(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    fn walk(component: Component<'_>, lines: &mut Vec<(String, Vec<u8>)>) {
        lines.extend(component.begin().map(|line| (String::from("BEGIN"), line.raw().to_vec())));
        for child in component.children() {
            match child {
                crate::component::Child::Line(line) => {
                    lines.push((line.name().to_uppercase(), line.raw().to_vec()))
                }
                crate::component::Child::Component(inner) => walk(inner, lines),
            }
        }
        lines.extend(component.begin().map(|_| (String::from("END"), component.name().into())));
    }
    let mut all = Vec::new();
    walk(Document::parse(bytes).root(), &mut all);
    all
}

/// What every revision changes (RFC 5545 section 3.8.7).
const STAMPS: [&str; 2] = ["DTSTAMP", "LAST-MODIFIED"];

/// What a revision changes that all invited have to hear of.
const COUNTED: [&str; 8] = ["DTSTART", "DTEND", "DURATION", "DUE", "RRULE", "RDATE", "EXDATE", "STATUS"];

/// The names of the lines that are in only one of two documents; the others have to be in the same order.
fn changed_names(before: &[u8], after: &[u8], may_change: &[&str], context: &str) {
    let counts = may_change.iter().any(|name| COUNTED.contains(name));
    let may =
        |name: &str| may_change.contains(&name) || STAMPS.contains(&name) || counts && name == "SEQUENCE";
    let keep = |bytes: &[u8]| {
        let kept = lines(bytes).into_iter().filter(|(name, _)| !may(name));
        kept.map(|(_, raw)| String::from_utf8_lossy(&raw).into_owned()).collect::<Vec<_>>()
    };
    assert_eq!(keep(before), keep(after), "{context}\n{}", String::from_utf8_lossy(after));
}

#[test]
fn an_edited_field_changes_only_its_lines() {
    for (name, bytes) in fixtures() {
        let Some(Item::Event(event)) = read_item(&bytes) else { continue };
        for (edit, apply, may_change) in EVENT_EDITS {
            let mut wanted = (*event).clone();
            apply(&mut wanted);
            let is_override = Document::parse(&bytes)
                .components()
                .next()
                .unwrap()
                .components_named("VEVENT")
                .all(|one| one.line("RECURRENCE-ID").is_some());
            if is_override && may_change.iter().any(|name| OF_SERIES.contains(name)) {
                // Occurrences without their series have neither.
                continue;
            }
            let context = format!("{name}: {edit}");
            let written = rewrite(&Item::Event(Box::new(wanted.clone())), &bytes);
            changed_names(&bytes, &written, may_change, &context);
            let again = event_of(read_item(&written).unwrap());
            assert_eq!(
                comparable(again),
                comparable(wanted),
                "{context}\n{}",
                String::from_utf8_lossy(&written)
            );
        }
    }
}

type TaskEdit = (&'static str, fn(&mut Task), &'static [&'static str]);

const TASK_EDITS: &[TaskEdit] = &[
    ("summary", |task| task.summary.push('!'), &["SUMMARY"]),
    ("description", |task| task.description = "New\ntext".into(), &["DESCRIPTION"]),
    (
        "start",
        |task| task.start = task.start.as_ref().map(|start| later(start, -1)),
        &["DTSTART", "DURATION"],
    ),
    ("no start", |task| task.start = None, &["DTSTART", "DURATION", "DUE"]),
    ("due", |task| task.due = task.due.as_ref().map(|due| later(due, 3)), &["DUE", "DURATION"]),
    ("no due", |task| task.due = None, &["DUE", "DURATION"]),
    (
        "progress",
        |task| set_progress(task, TaskStatus::InProgress, 60),
        &["STATUS", "PERCENT-COMPLETE", "COMPLETED", "X-DOVETAIL-STATUS"],
    ),
    (
        "done",
        |task| set_progress(task, TaskStatus::Complete, 100),
        &["STATUS", "PERCENT-COMPLETE", "COMPLETED", "X-DOVETAIL-STATUS"],
    ),
    (
        "deferred",
        |task| set_progress(task, TaskStatus::Deferred, 0),
        &["STATUS", "PERCENT-COMPLETE", "COMPLETED", "X-DOVETAIL-STATUS"],
    ),
    (
        "waiting",
        |task| set_progress(task, TaskStatus::Waiting, 10),
        &["STATUS", "PERCENT-COMPLETE", "COMPLETED", "X-DOVETAIL-STATUS"],
    ),
    (
        "not started",
        |task| set_progress(task, TaskStatus::NotStarted, 0),
        &["STATUS", "PERCENT-COMPLETE", "COMPLETED", "X-DOVETAIL-STATUS"],
    ),
    ("priority", |task| task.priority = other_priority(task.priority), &["PRIORITY"]),
    ("class", |task| task.sensitivity = Sensitivity::Confidential, &["CLASS"]),
    ("category", |task| task.categories.push("New".into()), &["CATEGORIES"]),
    ("url", |task| task.url = "https://example.com/".into(), &["URL"]),
    ("rule", |task| task.rule = Some(Rule::every(2, Frequency::Daily)), &["RRULE"]),
    ("no rule", |task| task.rule = None, &["RRULE"]),
    (
        "again when done",
        |task| task.regenerates = Some(Rule::every(3, Frequency::Weekly)),
        &["X-DOVETAIL-REGENERATES"],
    ),
    ("not again", |task| task.regenerates = None, &["X-DOVETAIL-REGENERATES"]),
    ("work", |task| task.total_work = 3_000, &["X-DOVETAIL-TOTAL-WORK"]),
    ("no work", |task| task.total_work = 0, &["X-DOVETAIL-TOTAL-WORK"]),
    ("worked", |task| task.actual_work = 45, &["X-DOVETAIL-ACTUAL-WORK"]),
    ("mileage", |task| task.mileage = "7 km; there and back".into(), &["X-DOVETAIL-MILEAGE"]),
    ("billing", |task| task.billing = "Project, 8".into(), &["X-DOVETAIL-BILLING"]),
    ("companies", |task| task.companies = "One; Two".into(), &["X-DOVETAIL-COMPANIES"]),
    ("owner", |task| task.owner = "Somebody else".into(), &["X-DOVETAIL-OWNER"]),
    ("no owner", |task| task.owner.clear(), &["X-DOVETAIL-OWNER"]),
    ("another contact", |task| task.contacts.push("Person, New".into()), &["CONTACT"]),
    ("no contacts", |task| task.contacts.clear(), &["CONTACT"]),
    ("category less", |task| drop(task.categories.pop()), &["CATEGORIES"]),
    (
        "new alarm",
        |task| task.alarms.push(Alarm { minutes_before_start: None, ..alarm_before(77) }),
        ALARM_LINES,
    ),
    ("no alarms", |task| task.alarms.clear(), ALL_ALARM_LINES),
    ("new link", |task| task.attachments.push(link()), &["ATTACH"]),
    ("no attachments", |task| task.attachments.clear(), &["ATTACH"]),
    ("alarm", |task| task.alarms.first_mut().into_iter().for_each(postpone), &["TRIGGER"]),
];

fn set_progress(task: &mut Task, status: TaskStatus, percent: u8) {
    task.status = status;
    task.percent = percent;
    task.completed = (percent == 100).then(|| When::utc(jiff::civil::datetime(2024, 5, 31, 10, 11, 12, 0)));
}

#[test]
fn an_edited_field_of_a_task_changes_only_its_lines() {
    let mut tasks = 0;
    for (name, bytes) in fixtures() {
        let Some(Item::Task(task)) = read_item(&bytes) else { continue };
        tasks += 1;
        for (edit, apply, may_change) in TASK_EDITS {
            let mut wanted = (*task).clone();
            apply(&mut wanted);
            let context = format!("{name}: {edit}");
            let written = rewrite(&Item::Task(Box::new(wanted.clone())), &bytes);
            changed_names(&bytes, &written, may_change, &context);
            let mut again = task_of(read_item(&written).unwrap());
            again
                .alarms
                .iter_mut()
                .chain(&mut wanted.alarms)
                .for_each(|alarm| alarm.minutes_before_start = None);
            assert_eq!(again, wanted, "{context}\n{}", String::from_utf8_lossy(&written));
        }
    }
    assert!(tasks >= 7);
}

#[test]
fn undoing_an_edit_brings_back_what_was_meant() {
    for (name, bytes) in fixtures() {
        let Some(Item::Event(event)) = read_item(&bytes) else { continue };
        for (edit, apply, _) in EVENT_EDITS {
            let mut wanted = (*event).clone();
            apply(&mut wanted);
            let written = rewrite(&Item::Event(Box::new(wanted)), &bytes);
            let undone = rewrite(&Item::Event(event.clone()), &written);
            let mut again = event_of(read_item(&undone).unwrap());
            let mut before = (*event).clone();
            // Bytes that were removed cannot come back from an item; categories come back in another order.
            for event in [&mut again, &mut before] {
                event.main.attachments.retain(|one| matches!(one.source, AttachmentSource::Uri(_)));
            }
            assert_eq!(comparable(again), comparable(before), "{name}: {edit}");
        }
    }
}

#[test]
fn a_moved_start_keeps_its_form() {
    let cases = [
        ("exchange-windows-zone", "DTSTART;TZID=W. Europe Standard Time:20240403T140000"),
        ("lightning-old-zone-prefix", "DTSTART;TZID=/mozilla.org/20070129_1/Europe/London:20070308T190000"),
        ("sogo-utc-series", "DTSTART:20240305T220000Z"),
        ("nextcloud-floating", "DTSTART:20240625T070000"),
        ("google-all-day", "DTSTART;VALUE=DATE:20240716"),
        ("custom-zone", "DTSTART;TZID=Customized Time Zone:20240611T090000"),
    ];
    for (name, line) in cases {
        let bytes = fixture(name);
        let mut event = event_of(read_item(&bytes).unwrap());
        event.main = event.main.moved_to(&later(&event.main.start, 1));
        event.exdates.clear();
        event.overrides.clear();
        let written = String::from_utf8(rewrite(&Item::Event(Box::new(event.clone())), &bytes)).unwrap();
        assert!(written.contains(line), "{name}\n{written}");
        assert_eq!(
            written.matches("BEGIN:VTIMEZONE").count(),
            String::from_utf8(bytes).unwrap().matches("BEGIN:VTIMEZONE").count()
        );
        assert_eq!(event_of(read_item(written.as_bytes()).unwrap()).main.start, event.main.start, "{name}");
    }
}

#[test]
fn an_edit_of_the_text_is_made_in_the_html_that_hangs_on_it() {
    let bytes = fixture("thunderbird-html-description");
    let mut event = event_of(read_item(&bytes).unwrap());
    event.main.description = "Bring all your notes".into();
    let written = rewrite(&Item::Event(Box::new(event)), &bytes);
    let again = event_of(read_item(&written).unwrap()).main;
    assert_eq!(again.description, "Bring all your notes");
    let html = "<html><body><div><b>Bring</b> all your notes</div></body></html>";
    assert_eq!(again.html.as_deref(), Some(html));
    assert!(String::from_utf8(written).unwrap().contains("ALTREP="));
}

#[test]
fn a_duration_stays_a_duration() {
    let bytes = fixture("sogo-utc-series");
    let mut event = event_of(read_item(&bytes).unwrap());
    event.main = event.main.moved_to(&later(&event.main.start, 1));
    let moved = String::from_utf8(rewrite(&Item::Event(Box::new(event.clone())), &bytes)).unwrap();
    assert!(moved.contains("\r\nDURATION:PT45M\r\n") && !moved.contains("DTEND"), "{moved}");
    event.main.end = later(&event.main.end, 1);
    let longer = String::from_utf8(rewrite(&Item::Event(Box::new(event)), &bytes)).unwrap();
    assert!(longer.contains("\r\nDURATION:P1DT45M\r\n") && !longer.contains("DTEND"), "{longer}");
}

#[test]
fn what_becomes_all_day_lasts_days() {
    let bytes = fixture("dates-without-rule");
    let mut event = event_of(read_item(&bytes).unwrap());
    let id = event.rdates.first().unwrap().clone();
    let mut changed = event.main.moved_to(&id);
    changed.start = When::Date(id.date());
    changed.end = later(&changed.start, 1);
    event.overrides.insert(id, changed);
    let written = String::from_utf8(rewrite(&Item::Event(Box::new(event.clone())), &bytes)).unwrap();
    assert!(written.contains("\r\nDTSTART;VALUE=DATE:20240610\r\nDURATION:P1D\r\n"), "{written}");
    assert_eq!(event_of(read_item(written.as_bytes()).unwrap()), event);
}

#[test]
fn an_event_that_gains_a_zone_gains_its_vtimezone() {
    let bytes = fixture("sogo-utc-series");
    let mut event = event_of(read_item(&bytes).unwrap());
    let zone = Zone::named("America/Chicago");
    event.main.start = event.main.start.in_zone(&zone);
    event.main.end = event.main.end.in_zone(&zone);
    let dates = event.exdates.iter().map(|date| date.in_zone(&zone)).collect();
    event.exdates = dates;
    let written = rewrite(&Item::Event(Box::new(event.clone())), &bytes);
    let text = String::from_utf8_lossy(&written);
    assert!(text.contains("BEGIN:VTIMEZONE\r\nTZID:Central Standard Time\r\n"), "{text}");
    assert!(text.contains("DTSTART;TZID=Central Standard Time:20240304T160000\r\n"), "{text}");
    // The instants of the other dates are the same as before, so their lines are too.
    assert!(text.contains("EXDATE:20240310T220000Z,20240313T220000Z\r\n"), "{text}");
    assert_eq!(event_of(read_item(&written).unwrap()), event);
}

#[test]
fn an_event_that_becomes_all_day_has_no_times_left() {
    let bytes = fixture("google-weekly-moved-cancelled");
    let mut event = event_of(read_item(&bytes).unwrap());
    let day = |when: &When| When::Date(when.date());
    event.main.start = day(&event.main.start);
    event.main.end = later(&event.main.start, 1);
    event.exdates = event.exdates.iter().map(day).collect();
    event.overrides = event.overrides.iter().map(|(key, changed)| (day(key), changed.clone())).collect();
    if let Some(rule) = &mut event.rule {
        rule.end = dovetail_model::recurrence::RuleEnd::Until(When::Date(jiff::civil::date(2024, 6, 30)));
    }
    let written = rewrite(&Item::Event(Box::new(event.clone())), &bytes);
    let text = String::from_utf8_lossy(&written);
    for line in [
        "DTSTART;VALUE=DATE:20240304\r\n",
        "DTEND;VALUE=DATE:20240305\r\n",
        "UNTIL=20240630;",
        "EXDATE;VALUE=DATE:20240401\r\n",
        "RECURRENCE-ID;VALUE=DATE:20240311\r\n",
        "RECURRENCE-ID;VALUE=DATE:20240321\r\n",
    ] {
        assert!(text.contains(line), "{line}{text}");
    }
    assert_eq!(event_of(read_item(&written).unwrap()), event);
}

#[test]
fn a_new_override_is_a_component_of_its_own() {
    let bytes = fixture("google-weekly-moved-cancelled");
    let mut event = event_of(read_item(&bytes).unwrap());
    let key = later(&event.main.start, 14);
    let mut changed = event.main.moved_to(&later(&key, 1));
    changed.summary = "Once elsewhere".into();
    event.overrides.insert(key, changed);
    let written = rewrite(&Item::Event(Box::new(event.clone())), &bytes);
    let text = String::from_utf8_lossy(&written);
    let end = text.rfind("BEGIN:VEVENT").unwrap();
    let shared = &String::from_utf8_lossy(&bytes)[..end];
    assert!(text.starts_with(shared), "{text}");
    for line in [
        "UID:5f3gk2q8s7p6sample0001@google.com\r\n",
        "DTSTAMP:20240601T120000Z\r\nRECURRENCE-ID;TZID=Europe/Berlin:20240318T093000\r\n",
        "SEQUENCE:2\r\n",
        "DTSTART;TZID=Europe/Berlin:20240319T093000\r\nDTEND;TZID=Europe/Berlin:20240319T100000\r\n",
        "ORGANIZER;CN=Sample Person:mailto:sample.person@example.com\r\n",
        // What nobody here knows is of the occurrence as well.
        "X-GOOGLE-CONFERENCE:https://meet.example.com/abc-defg-hij\r\n",
        "X-NUM-GUESTS=0:mailto:second.person@example.com\r\n",
    ] {
        assert!(text[end..].contains(line), "{line}{text}");
    }
    assert!(!text[end..].contains("RRULE") && !text[end..].contains("EXDATE"), "{text}");
    assert_eq!(comparable(event_of(read_item(&written).unwrap())), comparable(event));
}

#[test]
fn an_override_that_goes_takes_only_its_component() {
    let bytes = fixture("google-weekly-moved-cancelled");
    let mut event = event_of(read_item(&bytes).unwrap());
    let last = event.overrides.pop_last().unwrap();
    let written = rewrite(&Item::Event(Box::new(event.clone())), &bytes);
    let text = String::from_utf8_lossy(&bytes);
    let (start, end) = (text.rfind("BEGIN:VEVENT").unwrap(), text.rfind("END:VCALENDAR").unwrap());
    assert_eq!(String::from_utf8_lossy(&written), format!("{}{}", &text[..start], &text[end..]));
    assert!(!event_of(read_item(&written).unwrap()).overrides.contains_key(&last.0));
}

#[test]
fn overrides_of_a_moved_series_keep_what_only_they_hold() {
    let bytes = fixture("google-weekly-moved-cancelled");
    let mut event = event_of(read_item(&bytes).unwrap());
    let hour = Span::new().hours(1);
    let shift = |when: &When| when.at_wall_clock(when.local().checked_add(hour).unwrap());
    event.main = event.main.moved_to(&shift(&event.main.start));
    event.exdates = event.exdates.iter().map(shift).collect();
    event.overrides = event.overrides.iter().map(|(key, changed)| (shift(key), changed.clone())).collect();
    let written = rewrite(&Item::Event(Box::new(event.clone())), &bytes);
    let text = String::from_utf8_lossy(&written);
    assert!(text.contains("X-RESPONSE-COMMENT=\"On a train, sorry\""), "{text}");
    assert!(text.contains("RECURRENCE-ID;TZID=Europe/Berlin:20240311T103000\r\n"), "{text}");
    assert!(
        text.contains("RECURRENCE-ID:20240321T093000Z\r\n") || text.contains(":20240321T103000\r\n"),
        "{text}"
    );
    assert_eq!(event_of(read_item(&written).unwrap()), event);
}

#[test]
fn a_series_of_overrides_alone_is_not_made_up() {
    let bytes = fixture("davx5-only-overrides");
    let mut event = event_of(read_item(&bytes).unwrap());
    event.overrides.values_mut().for_each(|changed| changed.summary = "Changed".into());
    let written = rewrite(&Item::Event(Box::new(event.clone())), &bytes);
    assert_eq!(String::from_utf8_lossy(&written).matches("SUMMARY:Changed").count(), 1);
    assert_eq!(
        lines(&written).iter().filter(|line| line.0 == "BEGIN").count(),
        lines(&bytes).iter().filter(|line| line.0 == "BEGIN").count()
    );
    changed_names(&bytes, &written, &["SUMMARY"], "only overrides");
}

#[test]
fn line_endings_of_a_changed_line_are_those_of_the_file() {
    let bytes = fixture("lightning-old-zone-prefix");
    let mut event = event_of(read_item(&bytes).unwrap());
    event.main.location = "Elsewhere".into();
    event.main.alarms.push(alarm_before(5));
    let written = rewrite(&Item::Event(Box::new(event)), &bytes);
    assert!(!written.contains(&b'\r'));
}

/// The events of a calendar as they stand there, and the calendar without them.
fn taken_apart(bytes: &[u8]) -> (Vec<Vec<u8>>, String) {
    let document = Document::parse(bytes);
    let events = document.components().flat_map(|outer| outer.components_named("VEVENT"));
    let events: Vec<Vec<u8>> = events.map(Component::to_bytes).collect();
    let mut rest = String::from_utf8_lossy(bytes).into_owned();
    for event in &events {
        rest = rest.replacen(&*String::from_utf8_lossy(event), "", 1);
    }
    (events, rest)
}

/// Edits of the series itself, which one occurrence cannot have.
const OF_SERIES: [&str; 3] = ["RRULE", "EXDATE", "RDATE"];

/// Makes an edit of an event in one of its occurrences.
fn edit_occurrence(
    occurrence: &dovetail_model::Occurrence,
    apply: fn(&mut Event),
) -> dovetail_model::Occurrence {
    let mut alone = Event { main: occurrence.clone(), ..Event::default() };
    apply(&mut alone);
    alone.main
}

#[test]
fn an_edited_field_of_a_changed_occurrence_changes_only_its_lines_there() {
    let mut tried = 0;
    for (name, bytes) in fixtures() {
        let Some(Item::Event(event)) = read_item(&bytes) else { continue };
        for (key, occurrence) in &event.overrides {
            for (edit, apply, may_change) in EVENT_EDITS {
                if may_change.iter().any(|name| OF_SERIES.contains(name)) {
                    continue;
                }
                let mut wanted = (*event).clone();
                wanted.overrides.insert(key.clone(), edit_occurrence(occurrence, *apply));
                let context = format!("{name}: {edit} on {key}");
                let written = rewrite(&Item::Event(Box::new(wanted.clone())), &bytes);
                let ((before, outside), (after, still_outside)) =
                    (taken_apart(&bytes), taken_apart(&written));
                assert_eq!((before.len(), outside), (after.len(), still_outside), "{context}");
                let changed: Vec<_> = before.iter().zip(&after).filter(|(old, new)| old != new).collect();
                assert!(changed.len() <= 1, "{context}: {} events are changed", changed.len());
                assert_eq!(changed.is_empty(), wanted == *event, "{context}");
                for (old, new) in changed {
                    assert!(String::from_utf8_lossy(old).contains("RECURRENCE-ID"), "{context}");
                    changed_names(old, new, may_change, &context);
                }
                tried += 1;
            }
        }
    }
    assert!(tried > 150, "{tried}");
}

#[test]
fn an_edited_field_of_an_occurrence_that_was_as_its_series_leaves_all_that_is_there_as_it_is() {
    let mut tried = 0;
    for (name, bytes) in fixtures() {
        let Some(Item::Event(event)) = read_item(&bytes) else { continue };
        let Some(rule) = &event.rule else { continue };
        let is_free = |key: &When| !event.overrides.contains_key(key) && !event.exdates.contains(key);
        let starts = rule.occurrences(&event.main.start).take(30);
        let keys = starts.skip(1).map(|local| event.main.start.at_wall_clock(local));
        let Some(key) = keys.into_iter().find(is_free) else { continue };
        let usual = event.main.moved_to(&key);
        for (edit, apply, may_change) in EVENT_EDITS {
            let changed = edit_occurrence(&usual, *apply);
            if may_change.iter().any(|name| OF_SERIES.contains(name)) || changed == usual {
                continue;
            }
            let mut wanted = (*event).clone();
            wanted.overrides.insert(key.clone(), changed);
            let context = format!("{name}: {edit} on {key}");
            let written = rewrite(&Item::Event(Box::new(wanted)), &bytes);
            let ((before, outside), (after, still_outside)) = (taken_apart(&bytes), taken_apart(&written));
            assert_eq!(outside, still_outside, "{context}");
            let added: Vec<_> = after.iter().filter(|one| !before.contains(one)).collect();
            assert_eq!((after.len(), added.len()), (before.len() + 1, 1), "{context}");
            assert!(String::from_utf8_lossy(added[0]).contains("RECURRENCE-ID"), "{context}");
            tried += 1;
        }
    }
    assert!(tried > 100, "{tried}");
}

#[test]
fn a_link_that_is_called_otherwise_keeps_its_line() {
    for (line, name, wanted) in [
        (
            "ATTACH;MANAGED-ID=1;SIZE=7;X-P=2:https://example.com/a",
            "New",
            "ATTACH;MANAGED-ID=1;SIZE=7;X-P=2;FILENAME=New:https://example.com/a",
        ),
        (
            "ATTACH;FILENAME=a;SIZE=7:https://example.com/a",
            "New",
            "ATTACH;FILENAME=New;SIZE=7:https://example.com/a",
        ),
        (
            "ATTACH;X-FILENAME=a;SIZE=7:https://example.com/a",
            "New",
            "ATTACH;X-FILENAME=New;SIZE=7:https://example.com/a",
        ),
        ("ATTACH;FILENAME=a;SIZE=7:https://example.com/a", "", "ATTACH;SIZE=7:https://example.com/a"),
    ] {
        let before = format!(
            "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART:20260302T090000Z\r\n{line}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
        );
        let mut event = event_of(read_item(before.as_bytes()).unwrap());
        event.main.attachments[0].name = name.into();
        event.main.attachments.push(link());
        let after = rewrite(&Item::Event(Box::new(event)), before.as_bytes());
        let after = String::from_utf8(after).unwrap().replace("\r\n ", "");
        assert!(after.contains(&format!("\r\n{wanted}\r\n")), "{after}");
        assert_eq!(after.matches("ATTACH").count(), 2, "{after}");
    }
}

#[test]
fn a_rule_that_goes_while_a_start_becomes_a_time_is_gone() {
    let before = b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART;VALUE=DATE:20260302\r\nRRULE:FREQ=DAILY;UNTIL=20260309\r\n\
                   END:VEVENT\r\nEND:VCALENDAR\r\n";
    let mut event = event_of(read_item(before).unwrap());
    event.rule = None;
    event.main.start = When::utc(jiff::civil::datetime(2026, 3, 2, 9, 0, 0, 0));
    event.main.end = event.main.start.clone();
    let after = rewrite(&Item::Event(Box::new(event.clone())), before);
    assert_eq!(event_of(read_item(&after).unwrap()), event, "{}", String::from_utf8_lossy(&after));
}
