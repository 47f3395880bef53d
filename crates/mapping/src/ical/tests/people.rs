//! Who may be changed in a meeting, and what is said to servers that would mail.

use dovetail_model::event::{Attendee, Busy, EventStatus, Participant, Response, Role};
use dovetail_model::recurrence::{Frequency, Rule};
use jiff::civil::datetime;

use super::*;
use crate::options::{Attendees, ScheduleAgent, SogoNotifications};
use crate::scheduling::{Silence, is_silent};

const COPY: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20260101T000000Z\r\n\
                    DTSTART:20260302T090000Z\r\nDTEND:20260302T100000Z\r\nSUMMARY:Planning\r\n\
                    ORGANIZER;CN=Chair;X-ROOM=1:mailto:chair@example.com\r\n\
                    ATTENDEE;CN=Guest;DELEGATED-FROM=\"mailto:boss@example.com\":mailto:guest@example.com\r\n\
                    ATTENDEE;PARTSTAT=NEEDS-ACTION;RSVP=TRUE;X-OWN=1:MAILTO:Sample.Person@example.com\r\n\
                    END:VEVENT\r\nEND:VCALENDAR\r\n";

fn own_meeting() -> String {
    COPY.replace("mailto:chair@example.com", "mailto:sample.person@example.com")
}

fn guest(name: &str) -> Attendee {
    let who = Participant { address: format!("mailto:{name}@example.com"), ..Participant::default() };
    Attendee { who, ..Attendee::default() }
}

fn changed(from: &str, settings: &Settings, edit: impl FnOnce(&mut Event)) -> String {
    let Some(Item::Event(mut event)) = read(from.as_bytes(), settings).item else { panic!("no event") };
    edit(&mut event);
    let written = write(&Item::Event(event), Some(from.as_bytes()), now(), settings);
    String::from_utf8(written).unwrap().replace("\r\n ", "")
}

#[test]
fn of_an_invitation_ones_own_answer_alone_is_changed() {
    let written = changed(COPY, &settings(), |event| {
        event.main.organizer = None;
        event.main.attendees.retain(|attendee| attendee.who.name != "Guest");
        event.main.attendees.push(guest("other"));
        let own = event.main.attendees.first_mut().unwrap();
        (own.response, own.rsvp, own.role) = (Response::Accepted, false, Role::Optional);
        own.who.name = "Renamed".into();
    });
    let wanted = COPY.replace("PARTSTAT=NEEDS-ACTION;RSVP=TRUE", "PARTSTAT=ACCEPTED;RSVP=FALSE");
    assert_eq!(without_stamps(&written), without_stamps(&wanted));
}

/// What may be stamped by any change.
fn without_stamps(calendar: &str) -> Vec<&str> {
    let is_stamp =
        |line: &&str| ["DTSTAMP", "LAST-MODIFIED", "SEQUENCE"].iter().any(|name| line.starts_with(name));
    calendar.lines().filter(|line| !is_stamp(line)).collect()
}

#[test]
fn of_ones_own_meeting_everybody_can_be_changed_and_keeps_what_nobody_here_knows() {
    let written = changed(&own_meeting(), &settings(), |event| {
        event.main.attendees[0].response = Response::Declined;
        event.main.attendees.push(guest("other"));
    });
    assert!(
        written.contains(
            "ATTENDEE;CN=Guest;DELEGATED-FROM=\"mailto:boss@example.com\";PARTSTAT=DECLINED:mailto:guest@example.com\r\n"
        ),
        "{written}"
    );
    assert!(written.contains(":mailto:other@example.com\r\n"));
}

#[test]
fn new_people_say_who_tells_them_as_the_profile_has_it() {
    let add = |settings: &Settings| {
        changed(&own_meeting(), settings, |event| {
            event.main.attendees.push(guest("other"));
            event.main.attendees.push(Attendee { role: Role::Resource, ..guest("room") });
        })
    };
    let mut settings = settings();
    let line =
        |written: &str, name: &str| written.lines().find(|line| line.ends_with(name)).unwrap().to_owned();
    let written = add(&settings);
    assert!(line(&written, ":mailto:other@example.com").contains(";SCHEDULE-AGENT=CLIENT"));
    assert!(
        !line(&written, ":mailto:room@example.com").contains("SCHEDULE-AGENT"),
        "a room is asked by the server"
    );
    assert!(!written.contains("X-SOGO"));
    settings.options.events.schedule_agent = ScheduleAgent::Unsaid;
    settings.options.events.sogo_notifications = SogoNotifications::None;
    let written = add(&settings);
    assert!(!written.contains("SCHEDULE-AGENT"));
    assert!(written.contains("X-SOGO-SEND-APPOINTMENT-NOTIFICATIONS:NO\r\n"));
}

#[test]
fn a_meeting_that_nobody_changed_is_not_silenced() {
    let mut settings = settings();
    settings.options.events.sogo_notifications = SogoNotifications::None;
    assert_eq!(changed(&own_meeting(), &settings, |_| {}), own_meeting());
}

#[test]
fn people_are_left_alone_where_the_profile_says_so() {
    let mut settings = settings();
    settings.options.events.attendees = Attendees::Left;
    let written = changed(&own_meeting(), &settings, |event| {
        assert_eq!((&event.main.organizer, event.main.attendees.len()), (&None, 0));
        event.main.attendees.push(guest("other"));
        event.main.location = "Room 2".into();
    });
    let wanted = own_meeting().replace("END:VEVENT", "LOCATION:Room 2\r\nEND:VEVENT");
    assert_eq!(without_stamps(&written), without_stamps(&wanted));
}

#[test]
fn who_acts_for_an_organizer_crosses() {
    let with =
        own_meeting().replace("ORGANIZER;CN=Chair", "ORGANIZER;CN=Chair;SENT-BY=\"MAILTO:a@example.com\"");
    let Some(Item::Event(event)) = read(with.as_bytes(), &settings()).item else { panic!("no event") };
    assert_eq!(event.main.organizer.unwrap().sent_by, "mailto:a@example.com");
    let written =
        changed(&with, &settings(), |event| event.main.organizer.as_mut().unwrap().sent_by = String::new());
    assert_eq!(without_stamps(&written), without_stamps(&own_meeting()));
}

#[test]
fn a_meeting_is_silent_where_all_who_would_be_told_say_so() {
    let agent = |calendar: &str| is_silent(calendar.as_bytes(), Silence::ScheduleAgent, &settings());
    let sogo = |calendar: &str| is_silent(calendar.as_bytes(), Silence::SogoNotifications, &settings());
    let left = own_meeting().replace("ATTENDEE;CN=Guest", "ATTENDEE;SCHEDULE-AGENT=client;CN=Guest");
    let told = left.replace("END:VEVENT", "ATTENDEE:mailto:other@example.com\r\nEND:VEVENT");
    let room = left.replace("END:VEVENT", "ATTENDEE;CUTYPE=ROOM:mailto:room@example.com\r\nEND:VEVENT");
    let copy = COPY.replace("ORGANIZER;", "ORGANIZER;SCHEDULE-AGENT=CLIENT;");
    for (calendar, silent) in [
        (&left, true),
        (&room, true),
        (&copy, true),
        (&told, false),
        (&own_meeting(), false),
        (&COPY.to_owned(), false),
    ] {
        assert_eq!(agent(calendar), silent, "{calendar}");
        assert!(!sogo(calendar));
    }
    let sogos = own_meeting().replace("END:VEVENT", "X-SOGO-SEND-APPOINTMENT-NOTIFICATIONS:NO\r\nEND:VEVENT");
    assert!(sogo(&sogos) && !agent(&sogos));
    assert!(
        sogo("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"),
        "nobody is there to be told"
    );
}

#[test]
fn who_cannot_be_reached_is_not_written_and_stays_where_they_are() {
    let named = |address: &str| {
        let who =
            Participant { address: address.into(), name: "Nobody Resolved".into(), ..Participant::default() };
        Attendee { who, ..Attendee::default() }
    };
    for address in [
        "",
        "mailto:",
        "mailto:/o=ExchangeLabs/cn=abc",
        "mailto:foo bar",
        "mailto:foo bar@example.com",
        "invalid:nomail",
        "x",
        ":",
    ] {
        let written = changed(&own_meeting(), &settings(), |event| event.main.attendees.push(named(address)));
        assert_eq!(written, own_meeting(), "{address}");
        let mut event = Event::default();
        event.main.organizer = Some(named(address).who);
        event.main.attendees = vec![named(address), guest("other")];
        let held = crate::holds(crate::Dialect::ICalendar, &Item::Event(Box::new(event)), &settings());
        let Item::Event(held) = held else { panic!("no event") };
        assert_eq!((held.main.organizer, held.main.attendees), (None, vec![guest("other")]), "{address}");
        let on_server =
            own_meeting().replace("END:VEVENT", &format!("ATTENDEE;CN=Odd;X-KEPT=1:{address}\r\nEND:VEVENT"));
        let reading = read(on_server.as_bytes(), &settings());
        let codes: Vec<&str> = reading.warnings.iter().map(|warning| warning.code.as_str()).collect();
        assert_eq!(
            codes,
            [if address.trim_start_matches("mailto:").is_empty() { "no_address" } else { "bad_address" }],
            "{address}"
        );
        let written = changed(&on_server, &settings(), |event| {
            assert_eq!(event.main.attendees.len(), 2, "{address}");
            event.main.attendees.clear();
        });
        assert!(written.contains(&format!("ATTENDEE;CN=Odd;X-KEPT=1:{address}\r\n")), "{written}");
    }
    for address in ["mailto:a@b", "urn:uuid:1f7a", "https://example.com/room", "/principals/x"] {
        assert_eq!(is_usable(address), address != "/principals/x", "{address}");
    }
}

/// What an attendee does to a meeting that somebody else called, and the lines of it that may change.
type CopyEdit = (&'static str, fn(&mut Event), &'static [&'static str]);

const OF_A_COPY: &[CopyEdit] = &[
    ("title", |event| event.main.summary = "Mine".into(), &[]),
    ("place", |event| event.main.location = "Mine".into(), &[]),
    ("text", |event| event.main.description = "Mine".into(), &[]),
    ("page", |event| event.main.url = "https://example.com/mine".into(), &[]),
    ("state", |event| event.main.status = EventStatus::Cancelled, &[]),
    ("link", |event| event.main.attachments.clear(), &[]),
    ("time", |event| event.main = event.main.moved_to(&When::utc(datetime(2026, 3, 2, 9, 30, 0, 0))), &[]),
    ("length", |event| event.main.end = When::utc(datetime(2026, 3, 2, 11, 0, 0, 0)), &[]),
    ("rule", |event| event.rule = Some(Rule::every(2, Frequency::Daily)), &[]),
    ("no rule", |event| event.rule = None, &[]),
    (
        "further",
        |event| {
            event.rdates.insert(When::utc(datetime(2026, 3, 30, 9, 0, 0, 0)));
        },
        &[],
    ),
    ("called back", |event| event.exdates.clear(), &[]),
    ("changed no more", |event| event.overrides.clear(), &[]),
    ("people", |event| event.main.attendees.retain(|one| one.who.name != "Guest"), &[]),
    ("organizer", |event| event.main.organizer = None, &[]),
    ("answer", |event| event.main.attendees[1].response = Response::Accepted, &["ATTENDEE"]),
    (
        "time of one's own",
        |event| event.main.busy = Busy::OutOfOffice,
        &["TRANSP", "X-MICROSOFT-CDO-BUSYSTATUS"],
    ),
    (
        "reminder",
        |event| event.main.alarms.push(alarm_before(5)),
        &["BEGIN", "END", "ACTION", "TRIGGER", "DESCRIPTION"],
    ),
    ("category", |event| event.main.categories.push("Mine".into()), &["CATEGORIES"]),
    ("class", |event| event.main.sensitivity = Sensitivity::Private, &["CLASS"]),
    ("priority", |event| event.main.priority = Priority(1), &["PRIORITY"]),
    (
        "not to be seen",
        |event| {
            event.exdates.insert(When::utc(datetime(2026, 3, 9, 9, 0, 0, 0)));
        },
        &["EXDATE"],
    ),
    (
        "never there",
        |event| {
            event.exdates.insert(When::utc(datetime(2026, 3, 9, 8, 0, 0, 0)));
        },
        &[],
    ),
];

#[test]
fn of_a_meeting_that_somebody_else_called_the_own_part_alone_is_written() {
    let lines = |text: &str| text.replace("\r\n ", "").lines().map(str::to_owned).collect::<Vec<_>>();
    let copy = COPY.replace(
        "END:VEVENT",
        "LOCATION:Room 1\r\nDESCRIPTION:Theirs\r\nATTACH:https://example.com/a\r\nX-KEPT:1\r\n\
         RRULE:FREQ=WEEKLY;COUNT=4\r\nEXDATE:20260323T090000Z\r\nEND:VEVENT\r\n\
         BEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20260101T000000Z\r\nRECURRENCE-ID:20260316T090000Z\r\n\
         DTSTART:20260316T120000Z\r\nDTEND:20260316T130000Z\r\nSUMMARY:Later\r\nX-KEPT:2\r\nEND:VEVENT",
    );
    for (what, edit, may_change) in OF_A_COPY {
        let written = changed(&copy, &settings(), edit);
        let may = |line: &&String| {
            let stamps = ["DTSTAMP", "LAST-MODIFIED", "SEQUENCE"];
            may_change.iter().chain(&stamps).any(|name| line.starts_with(name))
        };
        let kept = |text: &str| lines(text).iter().filter(|line| !may(line)).cloned().collect::<Vec<_>>();
        assert_eq!(kept(&written), kept(&copy), "{what}");
        assert_eq!(written != copy, !may_change.is_empty(), "{what}\n{written}");
        // Of one's own meeting all of it is.
        assert_ne!(
            changed(&copy.replace("chair@", "sample.person@"), &settings(), edit),
            copy.replace("chair@", "sample.person@"),
            "{what}"
        );
    }
}

#[test]
fn of_one_occurrence_of_somebody_elses_series_the_own_part_alone_is_written() {
    let copy = COPY.replace("END:VEVENT", "RRULE:FREQ=WEEKLY;COUNT=4\r\nEND:VEVENT");
    let on = |event: &mut Event, edit: fn(&mut dovetail_model::Occurrence)| {
        let id = When::utc(datetime(2026, 3, 9, 9, 0, 0, 0));
        let mut changed = event.main.moved_to(&id);
        edit(&mut changed);
        event.overrides.insert(id, changed);
    };
    let declined = changed(&copy, &settings(), |event| {
        on(event, |one| {
            one.attendees[1].response = Response::Declined;
            one.summary = "Mine".into();
            one.start = When::utc(datetime(2026, 3, 9, 15, 0, 0, 0));
            one.end = When::utc(datetime(2026, 3, 9, 16, 0, 0, 0));
        });
    });
    assert!(
        declined.contains("RECURRENCE-ID:20260309T090000Z") && declined.contains("PARTSTAT=DECLINED"),
        "{declined}"
    );
    assert!(declined.contains("DTSTART:20260309T090000Z") && !declined.contains("Mine"), "{declined}");
    assert_eq!(changed(&copy, &settings(), |event| on(event, |one| one.summary = "Mine".into())), copy);
}

#[test]
fn meetings_that_an_assistant_calls_are_written_so_and_come_back_as_they_were() {
    use crate::options::Organizer;
    let mut acting = settings();
    acting.options.events.organizer = Organizer::OwnerOfCalendar;
    let record = serde_json::json!({
        "MessageClass": "IPM.Appointment", "MeetingStatus": 1, "Subject": "Planning",
        "SentRepresentingEmailAddress": "assistant@example.com",
        "Recipients": [{"Name": "Guest", "Address": "guest@example.com", "Type": 1}],
    });
    let record = serde_json::to_vec(&record).unwrap();
    let item = crate::read(crate::Dialect::Outlook, &record, &acting).item.unwrap();
    let server = write(&item, None, now(), &acting);
    let text = String::from_utf8(server.clone()).unwrap().replace("\r\n ", "");
    assert!(
        text.lines().any(|line| {
            line.starts_with("ORGANIZER;")
                && line.contains("SENT-BY=\"mailto:assistant@example.com\"")
                && line.ends_with(":mailto:sample.person@example.com")
        }),
        "{text}"
    );
    let back = read(&server, &acting).item.unwrap();
    let written = crate::write(crate::Dialect::Outlook, &back, None, now(), &acting);
    let again: serde_json::Value = serde_json::from_slice(&written).unwrap();
    assert_eq!(again["MeetingStatus"], 1);
    assert_eq!(again["SentRepresentingEmailAddress"], "sample.person@example.com");
    assert_eq!(again["SenderEmailAddress"], "assistant@example.com");
    let again = crate::read(crate::Dialect::Outlook, &written, &acting).item.unwrap();
    assert_eq!(event_of(again).main.organizer, event_of(back).main.organizer);
}
