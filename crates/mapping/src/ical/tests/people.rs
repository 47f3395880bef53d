//! Who may be changed in a meeting, and what is said to servers that would mail.

use dovetail_model::event::{Attendee, Participant, Response, Role};

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
