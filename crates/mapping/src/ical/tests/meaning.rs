//! What fixtures mean, one fact a line.

use dovetail_model::event::{Busy, EventStatus, Response, Role};
use dovetail_model::recurrence::{Frequency, RuleEnd};
use dovetail_model::task::TaskStatus;
use jiff::civil::{date, datetime};

use super::*;

fn event(name: &str) -> Event {
    event_of(read_item(&fixture(name)).unwrap())
}

fn task(name: &str) -> Task {
    task_of(read_item(&fixture(name)).unwrap())
}

fn codes(name: &str) -> Vec<String> {
    read(&fixture(name), &settings()).warnings.into_iter().map(|warning| warning.code).collect()
}

fn time(zone: &str, local: jiff::civil::DateTime) -> When {
    When::Time { local, zone: Zone::named(zone) }
}

#[test]
fn a_series_is_read_with_its_overrides_in_the_form_of_its_start() {
    let event = event("google-weekly-moved-cancelled");
    assert_eq!(event.uid.as_deref(), Some("5f3gk2q8s7p6sample0001@google.com"));
    assert_eq!(event.main.start, time("Europe/Berlin", datetime(2024, 3, 4, 9, 30, 0, 0)));
    let rule = event.rule.unwrap();
    assert_eq!((rule.frequency, rule.week_start), (Frequency::Weekly, 0));
    assert_eq!(rule.end, RuleEnd::Until(When::utc(datetime(2024, 6, 30, 21, 59, 59, 0))));
    assert_eq!(event.exdates.len(), 2);
    let cancelled = &event.overrides[&time("Europe/Berlin", datetime(2024, 3, 21, 9, 30, 0, 0))];
    assert_eq!(cancelled.status, EventStatus::Cancelled);
    let moved = &event.overrides[&time("Europe/Berlin", datetime(2024, 3, 11, 9, 30, 0, 0))];
    assert_eq!(moved.attendees[1].response, Response::Declined);
    assert_eq!(event.main.attendees[2].role, Role::Resource);
    assert_eq!(event.main.location, "Room 2, first floor");
    let minutes: Vec<_> = event.main.alarms.iter().map(|alarm| alarm.minutes_before_start).collect();
    assert_eq!(minutes, [Some(10), Some(1440)]);
    assert_eq!(event.main.alarms[1].action, AlarmAction::Email);
}

#[test]
fn zones_are_found_by_all_their_names() {
    let cases = [
        ("exchange-windows-zone", "Europe/Berlin", "W. Europe Standard Time"),
        ("lightning-old-zone-prefix", "Europe/London", "/mozilla.org/20070129_1/Europe/London"),
        ("evolution-freeassociation", "Asia/Kolkata", "/freeassociation.sourceforge.net/Asia/Kolkata"),
        (
            "outlook-shown-zone-name",
            "Europe/Berlin",
            "(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna",
        ),
        ("two-zones-flight", "Asia/Tokyo", "Asia/Tokyo"),
    ];
    for (name, id, tzid) in cases {
        let When::Time { zone: Zone::Named(zone), .. } = event(name).main.start else { panic!("{name}") };
        assert_eq!((zone.id.as_str(), zone.tzid.as_str()), (id, tzid));
        assert_eq!(codes(name), Vec::<String>::new(), "{name}");
    }
    assert_eq!(
        event("two-zones-flight").main.end,
        time("America/Los_Angeles", datetime(2024, 9, 9, 5, 10, 0, 0))
    );
}

#[test]
fn a_misleading_name_yields_to_the_rules() {
    let start = event("misleading-zone").main.start;
    let When::Time { zone: Zone::Named(zone), .. } = start else { panic!("{start:?}") };
    assert_eq!((zone.id.as_str(), zone.tzid.as_str()), ("America/New_York", "Europe/Berlin"));
    assert_eq!(codes("misleading-zone"), ["misleading_zone"]);
}

#[test]
fn rules_of_no_known_zone_are_a_zone_of_their_own() {
    let start = event("custom-zone").main.start;
    let When::Time { zone: zone @ Zone::Custom(_), local } = start else { panic!("{start:?}") };
    assert_eq!(zone.instant(local).to_string(), "2024-06-10T05:15:00Z");
}

#[test]
fn an_unknown_zone_without_rules_is_floating() {
    let event = event("unknown-zone-and-bad-rule");
    assert_eq!(
        event.main.start,
        When::Time { local: datetime(2024, 6, 10, 9, 0, 0, 0), zone: Zone::Floating }
    );
    assert_eq!(event.main.end, event.main.start);
    assert_eq!(event.rule, None);
    assert_eq!(event.main.categories, ["One", "two,half"]);
    let mut codes = codes("unknown-zone-and-bad-rule");
    codes.sort();
    assert_eq!(
        codes,
        [
            "bad_rule",
            "bad_trigger",
            "bad_value",
            "bad_value",
            "end_before_start",
            "unknown_zone",
            "unparsable_line"
        ]
    );
}

#[test]
fn all_day_events_are_days() {
    let holidays = event("google-all-day").main;
    assert_eq!(
        (holidays.start, holidays.end),
        (When::Date(date(2024, 7, 15)), When::Date(date(2024, 7, 27)))
    );
    assert_eq!(holidays.busy, Busy::Free);
    let feast = event("icloud-birthday-series");
    assert_eq!(feast.exdates.into_iter().collect::<Vec<_>>(), [When::Date(date(2032, 2, 29))]);
    assert_eq!(feast.main.alarms[0].minutes_before_start, Some(-540));
    assert_eq!(feast.main.alarms[1].action, AlarmAction::Other);
}

#[test]
fn what_producers_say_in_their_own_ways_is_understood() {
    let concert = event("icloud-travel-time").main;
    assert_eq!(concert.organizer.unwrap().address, "mailto:sample.person@example.com");
    assert_eq!(concert.attendees[0].role, Role::Chair);
    assert_eq!(concert.url, "https://tickets.example.com/?order=1;2,3");
    assert_eq!(concert.alarms[1].trigger, Trigger::End(-300));
    assert_eq!(concert.alarms[1].minutes_before_start, Some(-115));
    let planning = event("thunderbird-html-description");
    assert_eq!(
        planning.main.html.as_deref(),
        Some("<html><body><div><b>Bring</b> your notes</div></body></html>")
    );
    assert_eq!(planning.main.categories, ["Work", "Projects, large", "planning"]);
    assert_eq!(planning.rdates.len(), 1);
    assert_eq!(planning.exdates.first(), Some(&time("Europe/Berlin", datetime(2024, 8, 13, 15, 0, 0, 0))));
    assert_eq!(
        planning.overrides.first_key_value().unwrap().1.end,
        time("Europe/Berlin", datetime(2024, 6, 12, 12, 0, 0, 0))
    );
    assert_eq!(event("exchange-windows-zone").main.busy, Busy::OutOfOffice);
    assert_eq!(event("evolution-freeassociation").main.sensitivity, Sensitivity::Private);
    // Its HTML says more than the text does: the words of the latter count.
    let html = event("outlook-shown-zone-name").main.html;
    let wanted = "<html><body><div>Please be there <b>ten</b> minutes before.</div></body></html>";
    assert_eq!(html.as_deref(), Some(wanted));
    let ticket = &event("two-zones-flight").main.attachments[0];
    assert!(
        matches!(&ticket.source, AttachmentSource::Inline { bytes: 56, digest, .. } if digest.len() == 64),
        "{ticket:?}"
    );
    assert_eq!(ticket.name, "ticket.txt");
    let lunch = event("bare-meeting-invitation").main;
    assert_eq!(lunch.attendees[1].response, Response::Delegated);
    assert_eq!(lunch.attendees[3].who.address, "mailto:fourth.person@example.com");
}

#[test]
fn overrides_without_their_series_are_all_there() {
    let lecture = event("davx5-only-overrides");
    assert_eq!(lecture.main.summary, "Lecture (second of three)");
    assert_eq!(lecture.rule, None);
    let third = time("Europe/Vienna", datetime(2024, 4, 19, 10, 0, 0, 0));
    assert_eq!(lecture.rdates.iter().collect::<Vec<_>>(), [&third]);
    assert_eq!(lecture.overrides[&third].status, EventStatus::Cancelled);
    assert_eq!(event("davx5-orphan-override").overrides.len(), 1);
}

#[test]
fn tasks_are_read() {
    let paint = task("tasksorg-subtask");
    assert_eq!(
        (paint.start, paint.due),
        (Some(When::Date(date(2024, 4, 5))), Some(When::Date(date(2024, 4, 6))))
    );
    assert_eq!(paint.priority, Priority(3));
    assert_eq!(paint.rule.unwrap().by_month_day, [-1]);
    assert_eq!(paint.alarms[0].minutes_before_start, Some(-1980));
    let form = task("nextcloud-task-done");
    assert_eq!((form.status, form.percent), (TaskStatus::Complete, 100));
    assert_eq!(form.due, Some(time("Europe/Berlin", datetime(2024, 5, 10, 12, 0, 0, 0))));
    assert_eq!(form.completed, Some(When::utc(datetime(2024, 5, 10, 13, 22, 0, 0))));
    let report = task("outlook-task-in-process");
    assert_eq!((report.status, report.percent), (TaskStatus::InProgress, 40));
    // Counted from the day on which it is due.
    assert_eq!(report.alarms[0].minutes_before_start, Some(15 * 60));
}

#[test]
fn a_day_of_completion_does_not_replace_the_moment() {
    let bytes = fixture("nextcloud-task-done");
    let mut form = task("nextcloud-task-done");
    form.completed = Some(When::Date(date(2024, 5, 10)));
    form.summary.push('!');
    let written = String::from_utf8(rewrite(&Item::Task(Box::new(form)), &bytes)).unwrap();
    assert!(written.contains("COMPLETED:20240510T132200Z\r\n"), "{written}");
}

#[test]
fn an_event_without_start_is_no_item() {
    let reading =
        read(b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:x\nSUMMARY:y\nEND:VEVENT\nEND:VCALENDAR\n", &settings());
    assert_eq!(reading.item, None);
    assert_eq!(reading.warnings[0].code, "no_start");
}

#[test]
fn a_new_event_is_written_in_full() {
    let mut event = Event { uid: Some("new-1@example.com".into()), ..Event::default() };
    event.main.start = time("Europe/Berlin", datetime(2024, 6, 10, 9, 0, 0, 0));
    event.main.end = time("Europe/Berlin", datetime(2024, 6, 10, 9, 30, 0, 0));
    event.main.summary = "First, second; third\\".into();
    event.main.priority = Priority(5);
    event.main.sensitivity = Sensitivity::Private;
    event.main.alarms.push(alarm_before(15));
    event.rule = Some(dovetail_model::recurrence::Rule::every(1, Frequency::Daily));
    let written = write(&Item::Event(Box::new(event)), None, now(), &settings());
    expect_test::expect![[r#"
        BEGIN:VCALENDAR
        VERSION:2.0
        PRODID:-//Dovetail//Tests//EN
        BEGIN:VTIMEZONE
        TZID:W. Europe Standard Time
        BEGIN:STANDARD
        DTSTART:20231029T030000
        TZOFFSETFROM:+0200
        TZOFFSETTO:+0100
        TZNAME:CET
        RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
        END:STANDARD
        BEGIN:DAYLIGHT
        DTSTART:20240331T020000
        TZOFFSETFROM:+0100
        TZOFFSETTO:+0200
        TZNAME:CEST
        RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
        END:DAYLIGHT
        END:VTIMEZONE
        BEGIN:VEVENT
        UID:new-1@example.com
        DTSTAMP:20240601T120000Z
        CREATED:20240601T120000Z
        LAST-MODIFIED:20240601T120000Z
        DTSTART;TZID=W. Europe Standard Time:20240610T090000
        DTEND;TZID=W. Europe Standard Time:20240610T093000
        RRULE:FREQ=DAILY
        SUMMARY:First\, second\; third\\
        PRIORITY:5
        CLASS:PRIVATE
        TRANSP:OPAQUE
        X-MICROSOFT-CDO-BUSYSTATUS:BUSY
        BEGIN:VALARM
        ACTION:DISPLAY
        TRIGGER:-PT15M
        DESCRIPTION:First\, second\; third\\
        END:VALARM
        END:VEVENT
        END:VCALENDAR
    "#]]
    .assert_eq(&String::from_utf8(written).unwrap().replace("\r\n", "\n"));
}

#[test]
fn an_event_without_a_start_does_not_hide_one_that_has_a_start() {
    let bytes =
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:Torn off\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:one\r\n\
                  DTSTART:20260302T090000Z\r\nSUMMARY:Whole\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
    let event = event_of(read_item(bytes).unwrap());
    assert_eq!((event.uid.as_deref(), event.main.summary.as_str()), (Some("one"), "Whole"));
    assert_eq!(rewrite(&Item::Event(Box::new(event)), bytes), bytes);
}
