use dovetail_model::event::{Attendee, Event, EventStatus, Participant, Response, Role};
use dovetail_model::{Item, When, Zone};
use jiff::civil::datetime;
use serde_json::{Value, json};

use crate::Settings;
use crate::options::{Attendees, Organizer};
use crate::outlook::{read, write};

fn settings() -> Settings {
    Settings { own_address: Some("Me@Example.com".into()), ..Settings::new(Zone::Utc, "-//Example//EN") }
}

fn who(name: &str) -> Participant {
    Participant {
        address: format!("mailto:{}@example.com", name.to_lowercase()),
        name: name.into(),
        sent_by: String::new(),
    }
}

fn attendee(name: &str, role: Role, response: Response) -> Attendee {
    Attendee { who: who(name), role, response, rsvp: role != Role::Resource }
}

fn meeting(organizer: &str, attendees: Vec<Attendee>) -> Event {
    let mut event = Event::default();
    event.main.start = When::utc(datetime(2026, 3, 2, 9, 0, 0, 0));
    event.main.end = When::utc(datetime(2026, 3, 2, 10, 0, 0, 0));
    event.main.organizer = Some(who(organizer));
    event.main.attendees = attendees;
    event
}

fn record(event: &Event, settings: &Settings) -> Value {
    let written = write(&Item::Event(Box::new(event.clone())), None, settings);
    serde_json::from_slice(&written).unwrap()
}

fn event(record: &Value, settings: &Settings) -> Event {
    match read(&serde_json::to_vec(record).unwrap(), settings).item {
        Some(Item::Event(event)) => *event,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_people_of_a_meeting_read_back_as_they_were_written() {
    let all = [
        attendee("Guest", Role::Required, Response::Accepted),
        attendee("Perhaps", Role::Optional, Response::Tentative),
        attendee("Room", Role::Resource, Response::Declined),
        attendee("Me", Role::Required, Response::NeedsAction),
    ];
    for organizer in ["Me", "Chair"] {
        let invited: Vec<Attendee> = all.iter().filter(|one| one.who.name != organizer).cloned().collect();
        let meeting = meeting(organizer, invited);
        assert_eq!(event(&record(&meeting, &settings()), &settings()).main, {
            let mut main = meeting.main.clone();
            main.priority = dovetail_model::item::Priority(5);
            main
        });
    }
}

#[test]
fn the_state_of_a_meeting_says_who_called_it_and_whether_it_takes_place() {
    let me = || vec![attendee("Me", Role::Required, Response::Declined)];
    let guest = || vec![attendee("Guest", Role::Required, Response::NeedsAction)];
    for (organizer, attendees, status, state, answer) in [
        ("Me", Vec::new(), EventStatus::Confirmed, 0, 0),
        ("Me", guest(), EventStatus::Confirmed, 1, 1),
        ("Me", guest(), EventStatus::Cancelled, 5, 1),
        ("Chair", me(), EventStatus::Confirmed, 3, 4),
        ("Chair", me(), EventStatus::Cancelled, 7, 4),
        ("Chair", guest(), EventStatus::Confirmed, 3, 0),
    ] {
        let mut meeting = meeting(organizer, attendees);
        meeting.main.status = status;
        let record = record(&meeting, &settings());
        assert_eq!((&record["MeetingStatus"], &record["ResponseStatus"]), (&json!(state), &json!(answer)));
        assert_eq!(event(&record, &settings()).main.status, status);
    }
}

#[test]
fn an_answer_in_outlook_is_the_owners_alone() {
    let attendees = vec![
        attendee("Me", Role::Required, Response::NeedsAction),
        attendee("Guest", Role::Required, Response::Accepted),
    ];
    let mut record = record(&meeting("Chair", attendees), &settings());
    record["ResponseStatus"] = json!(3);
    let answers: Vec<Response> =
        event(&record, &settings()).main.attendees.iter().map(|attendee| attendee.response).collect();
    assert_eq!(answers, [Response::Accepted, Response::Accepted]);
    record["ResponseStatus"] = json!(4);
    let answers: Vec<Response> =
        event(&record, &settings()).main.attendees.iter().map(|attendee| attendee.response).collect();
    assert_eq!(answers, [Response::Declined, Response::Accepted]);
}

#[test]
fn whoever_calls_a_meeting_is_no_attendee_of_it_in_outlook() {
    let attendees = vec![
        attendee("Chair", Role::Chair, Response::Accepted),
        attendee("Me", Role::Required, Response::Accepted),
    ];
    let held = event(&record(&meeting("Chair", attendees), &settings()), &settings());
    assert_eq!(held.main.organizer, Some(who("Chair")));
    assert_eq!(held.main.attendees, [attendee("Me", Role::Required, Response::Accepted)]);
}

#[test]
fn a_meeting_without_an_organizer_is_called_by_the_owner() {
    let record = json!({
        "MessageClass": "IPM.Appointment", "MeetingStatus": 1,
        "Recipients": [{"Name": "Guest", "Address": "guest@example.com", "Type": 1}],
    });
    let own = Participant { address: "mailto:Me@Example.com".into(), ..Participant::default() };
    assert_eq!(event(&record, &settings()).main.organizer, Some(own));
    let nobody = Settings { own_address: None, ..settings() };
    assert_eq!(event(&record, &nobody).main.organizer, None);
}

#[test]
fn the_people_are_left_alone_where_the_profile_says_so() {
    let mut left = settings();
    left.options.events.attendees = Attendees::Left;
    let meeting = meeting("Me", vec![attendee("Guest", Role::Required, Response::Accepted)]);
    let record = record(&meeting, &settings());
    let mut held = event(&record, &left);
    assert_eq!((held.main.organizer.clone(), held.main.attendees.clone()), (None, Vec::new()));
    held.main.location = "Room 2".into();
    let written = write(&Item::Event(Box::new(held)), Some(&serde_json::to_vec(&record).unwrap()), &left);
    let written: Value = serde_json::from_slice(&written).unwrap();
    let mut wanted = record.clone();
    wanted["Location"] = json!("Room 2");
    assert_eq!(written, wanted);
    assert_eq!(self::record(&meeting, &left).get("Recipients"), None);
}

#[test]
fn whoever_acts_for_the_organizer_is_told_on_both_sides() {
    let mut meeting = meeting("Chair", vec![attendee("Me", Role::Required, Response::NeedsAction)]);
    meeting.main.organizer.as_mut().unwrap().sent_by = "mailto:assistant@example.com".into();
    let record = record(&meeting, &settings());
    assert_eq!(record["SentRepresentingEmailAddress"], "chair@example.com");
    assert_eq!(record["SenderEmailAddress"], "assistant@example.com");
    assert_eq!(event(&record, &settings()).main.organizer, meeting.main.organizer);
}

#[test]
fn who_keeps_somebody_elses_calendar_calls_meetings_for_them_where_the_profile_says_so() {
    let record =
        record(&meeting("Assistant", vec![attendee("Guest", Role::Required, Response::NeedsAction)]), &{
            Settings { own_address: Some("assistant@example.com".into()), ..settings() }
        });
    let mut acting = settings();
    assert_eq!(event(&record, &acting).main.organizer, Some(who("Assistant")));
    acting.options.events.organizer = Organizer::OwnerOfCalendar;
    let wanted = Participant {
        address: "mailto:Me@Example.com".into(),
        name: String::new(),
        sent_by: "mailto:assistant@example.com".into(),
    };
    assert_eq!(event(&record, &acting).main.organizer, Some(wanted));
}

#[test]
fn other_addresses_than_those_of_mail_stay_what_they_are() {
    let mut room = attendee("Room", Role::Resource, Response::NeedsAction);
    for address in ["urn:uuid:1f7a", "https://example.com/principals/room", "mailto:a:b@example.com", ""] {
        room.who.address = address.into();
        let held = event(&record(&meeting("Me", vec![room.clone()]), &settings()), &settings());
        assert_eq!(held.main.attendees, [room.clone()], "{address}");
    }
}

#[test]
fn a_recipient_keeps_what_is_not_spoken_of() {
    let meeting = meeting("Me", vec![attendee("Guest", Role::Required, Response::NeedsAction)]);
    let mut record = record(&meeting, &settings());
    record["Recipients"][1]["DisplayType"] = json!(6);
    record["Recipients"][1]["MeetingResponseStatus"] = json!(0);
    let mut more = event(&record, &settings());
    more.main.attendees.push(attendee("Other", Role::Optional, Response::NeedsAction));
    let from = serde_json::to_vec(&record).unwrap();
    let written: Value =
        serde_json::from_slice(&write(&Item::Event(Box::new(more)), Some(&from), &settings())).unwrap();
    assert_eq!(written["Recipients"][1], record["Recipients"][1]);
    assert_eq!(written["Recipients"][2]["Address"], "other@example.com");
}

#[test]
fn whoever_has_no_address_stays_in_outlook_with_a_warning() {
    let record = json!({
        "MessageClass": "IPM.Appointment", "MeetingStatus": 1,
        "Recipients": [
            {"Name": "Nobody Resolved", "Address": "", "Type": 1},
            {"Name": "Inside", "Address": "/o=ExchangeLabs/cn=abc", "Type": 1},
            {"Name": "Guest (guest@example.com)", "Address": "guest@example.com", "Type": 1},
        ],
    });
    let bytes = serde_json::to_vec(&record).unwrap();
    let reading = read(&bytes, &settings());
    let told: Vec<_> = reading.warnings.iter().map(|it| (it.code.as_str(), it.arguments.join(" "))).collect();
    assert_eq!(told, [("unreachable", "Nobody Resolved".into()), ("unreachable", "Inside".into())]);
    let mut held = event(&record, &settings());
    let names: Vec<&str> = held.main.attendees.iter().map(|it| it.who.name.as_str()).collect();
    assert_eq!(names, ["Nobody Resolved", "Inside", "Guest"]);
    held.main.attendees.push(attendee("Other", Role::Required, Response::NeedsAction));
    let written: Value =
        serde_json::from_slice(&write(&Item::Event(Box::new(held)), Some(&bytes), &settings())).unwrap();
    let addresses: Vec<&str> = written["Recipients"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|recipient| recipient["Type"] == 1)
        .map(|recipient| recipient["Address"].as_str().unwrap_or_default())
        .collect();
    assert_eq!(addresses, ["", "/o=ExchangeLabs/cn=abc", "guest@example.com", "other@example.com"]);
}

#[test]
fn a_name_with_its_address_behind_it_is_the_name_alone() {
    for (name, bare) in [
        ("Guest (guest@example.com)", "Guest"),
        ("Guest  (guest@example.com) ", "Guest"),
        ("Guest (Sales)", "Guest (Sales)"),
        ("Guest", "Guest"),
        ("(guest@example.com)", "(guest@example.com)"),
        ("", ""),
    ] {
        assert_eq!(super::bare_name(name), bare);
    }
}

#[test]
fn an_invitation_that_is_not_answered_shows_as_tentative_and_tells_the_server_nothing() {
    use dovetail_model::event::Busy;
    let invited = |response| meeting("Chair", vec![attendee("Me", Role::Required, response)]);
    for (response, busy, shown, said) in [
        (Response::NeedsAction, Busy::Busy, 1, Busy::Busy),
        (Response::NeedsAction, Busy::Free, 0, Busy::Free),
        (Response::NeedsAction, Busy::OutOfOffice, 3, Busy::OutOfOffice),
        (Response::NeedsAction, Busy::Tentative, 1, Busy::Busy),
        (Response::Accepted, Busy::Busy, 2, Busy::Busy),
        (Response::Accepted, Busy::Tentative, 1, Busy::Tentative),
    ] {
        let mut meeting = invited(response);
        meeting.main.busy = busy;
        let record = record(&meeting, &settings());
        assert_eq!(record["BusyStatus"], shown, "{response:?} {busy:?}");
        assert_eq!(event(&record, &settings()).main.busy, said, "{response:?} {busy:?}");
    }
    // One's own meeting, and somebody else's to which one is not asked, are what they are.
    for meeting in [
        meeting("Me", vec![attendee("Guest", Role::Required, Response::NeedsAction)]),
        meeting("Chair", vec![attendee("Guest", Role::Required, Response::NeedsAction)]),
    ] {
        assert_eq!(record(&meeting, &settings())["BusyStatus"], 2);
    }
    // Once it is answered, on either side, it is what it is.
    let unanswered = serde_json::to_vec(&record(&invited(Response::NeedsAction), &settings())).unwrap();
    let accepted =
        Item::Event(Box::new(event(&record(&invited(Response::Accepted), &settings()), &settings())));
    let written: Value = serde_json::from_slice(&write(&accepted, Some(&unanswered), &settings())).unwrap();
    assert_eq!((&written["ResponseStatus"], &written["BusyStatus"]), (&json!(3), &json!(2)));
    let item = crate::outlook::OutlookItem::parse(&unanswered).unwrap();
    let today = jiff::civil::date(2026, 3, 1);
    let item = crate::outlook::assign(&item, "ResponseStatus", "3", &Zone::Utc, today).unwrap();
    let answered = read(item.to_json().as_bytes(), &settings()).item;
    let Some(Item::Event(answered)) = answered else { panic!() };
    assert_eq!((answered.main.busy, answered.main.attendees[0].response), (Busy::Busy, Response::Accepted));
}

/// An invitation to a series, of which an occurrence was changed; as a server has it.
fn invitation(file: &str) -> Vec<u8> {
    let fixtures = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/invitations");
    std::fs::read(fixtures.join(file)).unwrap()
}

/// The appointments that show an occurrence of which something is said, and where Outlook has them.
const SHOWN: [(&str, &str, &str); 2] = [
    ("invitation-to-series.ics", "DECLINED", "/RecurrencePattern/Exceptions/0/AppointmentItem"),
    ("invitation-several-a-day.ics", "DECLINED", "/Satellites"),
];

/// What one occurrence says of the owner's answer, in Outlook's record of a series.
fn answered<'r>(record: &'r mut Value, path: &str) -> &'r mut Value {
    let found = record.pointer_mut(path).unwrap();
    let one = match found {
        Value::Array(all) => all.iter_mut().find(|one| one["ResponseStatus"] != 2).unwrap(),
        one => one,
    };
    &mut one["ResponseStatus"]
}

#[test]
fn an_answer_to_one_occurrence_crosses_both_ways_and_is_for_that_alone() {
    let settings = Settings { own_address: Some("sample.person@example.com".into()), ..settings() };
    let now = "2024-03-02T12:00:00Z".parse().unwrap();
    let ical = |bytes: &[u8]| crate::read(crate::Dialect::ICalendar, bytes, &settings).item.unwrap();
    let answers = [("ACCEPTED", 3), ("DECLINED", 4), ("TENTATIVE", 2), ("NEEDS-ACTION", 5), ("DELEGATED", 5)];
    for (file, said, path) in SHOWN {
        let server = String::from_utf8(invitation(file)).unwrap();
        let (series, occurrence) = server.split_at(server.rfind("BEGIN:VEVENT").unwrap());
        let answering = |answer: &str| {
            let unfolded = occurrence.replace("\r\n ", "");
            let line = unfolded.lines().find(|line| line.contains("CN=Sample Person")).unwrap();
            let line = line.replace(&format!("PARTSTAT={said}"), &format!("PARTSTAT={answer}"));
            let old = unfolded.lines().find(|line| line.contains("CN=Sample Person")).unwrap();
            format!("{series}{}", unfolded.replace(old, &line))
        };
        for (answer, status) in answers {
            let changed = answering(answer);
            let mut record: Value =
                serde_json::from_slice(&write(&ical(changed.as_bytes()), None, &settings)).unwrap();
            assert_eq!(record["ResponseStatus"], 2, "{file} {answer}");
            if status != 2 || !path.ends_with("Satellites") {
                assert_eq!(*answered(&mut record, path), status, "{file} {answer}");
            }
            assert_eq!(event(&record, &settings).overrides.len(), 1, "{file} {answer}");

            // And the other way: as it is in Outlook, before and after.
            let before = write(&ical(server.as_bytes()), None, &settings);
            let mut after: Value = serde_json::from_slice(&before).unwrap();
            *answered(&mut after, path) = json!(status);
            let outlook = |bytes: &[u8]| read(bytes, &settings).item.unwrap();
            let ground = dovetail_model::carry::Ground::from(outlook(&before));
            let edited = outlook(&serde_json::to_vec(&after).unwrap());
            let wanted = dovetail_model::carry::carry(&ground, &edited, &ical(server.as_bytes()));
            let written =
                crate::write(crate::Dialect::ICalendar, &wanted, Some(server.as_bytes()), now, &settings);
            // Outlook does not know of those who were sent in one's place.
            let told = if answer == "DELEGATED" { "NEEDS-ACTION" } else { answer };
            let lines = |text: &str| {
                let stamps = ["DTSTAMP", "LAST-MODIFIED"];
                let is_stamp = |line: &&str| stamps.iter().any(|name| line.starts_with(name));
                let text = text.replace("\r\n ", "");
                text.lines().filter(|line| !is_stamp(line)).map(str::to_owned).collect::<Vec<_>>()
            };
            let written = String::from_utf8(written).unwrap();
            assert_eq!(lines(&written), lines(&answering(told)), "{file} {answer}");
        }
    }
}
