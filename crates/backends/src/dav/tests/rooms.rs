//! Rooms that Outlook knows by their mail addresses, and the server by an id of its own.

use dovetail_model::Item;
use dovetail_model::event::{Attendee, Participant, Role};
use dovetail_sync::storage::{Call, Collection, Draft, Write};
use dovetail_testkit::servers::{Scripted, Seen, answer};

use super::scripted::{SYNCS, asked, held, multistatus, row, server, some_items, storage};
use super::{draft, scope};

const OF_ROOM: &str = "<D:displayname>Room 1</D:displayname>\
                       <C:calendar-user-type xmlns:C=\"urn:ietf:params:xml:ns:caldav\">ROOM</C:calendar-user-type>";

const ID: &str = "<D:resource-id><D:href>urn:uuid:1f7a</D:href></D:resource-id>";

fn addresses(mail: &str) -> String {
    format!(
        "<C:calendar-user-address-set xmlns:C=\"urn:ietf:params:xml:ns:caldav\"><D:href>mailto:{mail}</D:href>\
         </C:calendar-user-address-set>"
    )
}

/// A server that schedules, and answers a search so.
fn searched(classes: &'static str, found: (u16, String)) -> Scripted {
    server(SYNCS, some_items(0), move |_, seen: &Seen| match seen.method.as_str() {
        "OPTIONS" => Some(answer(200, &[("DAV", classes)], "")),
        "REPORT" if seen.text().contains("principal-property-search") => Some(match found.0 {
            207 => multistatus(&found.1),
            status => answer(status, &[], ""),
        }),
        _ => None,
    })
}

const SCHEDULES: &str = "1, calendar-access, calendar-auto-schedule";

fn attendee(name: &str, mail: &str, role: Role) -> Attendee {
    let who = Participant { address: format!("mailto:{mail}"), name: name.into(), ..Participant::default() };
    Attendee { who, role, ..Attendee::default() }
}

/// A meeting of somebody, in a room.
fn meeting() -> Draft {
    let mut draft = draft("1", "Meeting");
    let Item::Event(event) = &mut draft.item else { panic!("no event") };
    event.main.organizer = Some(attendee("", "me@example.test", Role::Chair).who);
    event.main.attendees = vec![
        attendee("Guest", "guest@example.test", Role::Required),
        attendee("Room 1", "room-1@example.test", Role::Resource),
    ];
    draft
}

fn searches(server: &Scripted) -> usize {
    let is_search = |seen: &&Seen| seen.text().contains("principal-property-search");
    server.seen().iter().filter(is_search).count()
}

/// The lines of attendees of the last meeting that was sent.
fn sent(server: &Scripted) -> Vec<String> {
    let seen = server.seen();
    let body = seen.iter().rfind(|seen| seen.method == "PUT").unwrap().text().replace("\r\n ", "");
    body.lines().filter(|line| line.starts_with("ATTENDEE")).map(str::to_owned).collect()
}

#[test]
fn a_room_is_named_as_the_server_does_where_that_has_a_name_for_it() {
    let named = "ATTENDEE;EMAIL=room-1@example.test;CUTYPE=RESOURCE;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;CN=Room 1:urn:uuid:1f7a";
    let by_mail = "ATTENDEE;CUTYPE=RESOURCE;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;CN=Room 1:mailto:room-1@example.test";
    let own = addresses("Room-1@example.test");
    let is = |properties: &str| (207, row("/principals/room/", properties));
    for (classes, found, wanted, asked_for) in [
        (SCHEDULES, is(&format!("{OF_ROOM}{ID}{own}")), named, 1),
        (SCHEDULES, is(&format!("{OF_ROOM}{ID}")), named, 1),
        // Another room of that name, one without an id, a person, nobody, and a server that cannot search.
        (SCHEDULES, is(&format!("{OF_ROOM}{ID}{}", addresses("other@example.test"))), by_mail, 1),
        (SCHEDULES, is(&format!("{OF_ROOM}{own}")), by_mail, 1),
        (SCHEDULES, is(&format!("<D:displayname>Room 1</D:displayname>{ID}{own}")), by_mail, 1),
        (
            SCHEDULES,
            is(&format!("{OF_ROOM}<D:resource-id><D:href>no uri</D:href></D:resource-id>")),
            by_mail,
            1,
        ),
        (SCHEDULES, (207, String::new()), by_mail, 1),
        (SCHEDULES, (501, String::new()), by_mail, 1),
        // One that books nothing is not asked.
        ("1, calendar-access", is(&format!("{OF_ROOM}{ID}{own}")), by_mail, 0),
    ] {
        let server = searched(classes, found.clone());
        let storage = storage(&server, SYNCS);
        storage.changes(None, &scope(), &mut |_| Ok(()), &Call::default()).unwrap();
        let draft = meeting();
        let written = storage.write(&[Write::Create(draft.clone())], &Call::default());
        let snapshot = held(&written[0]).clone();
        let lines = sent(&server);
        assert_eq!(lines.last().map(String::as_str), Some(wanted), "{found:?}");
        assert!(lines[0].ends_with(":mailto:guest@example.test"), "{lines:?}");
        // It is read as Outlook has it, so that nothing differs; and another edit of the meeting asks for nothing.
        let (Item::Event(read), Item::Event(meant)) = (&snapshot.item, &draft.item) else {
            panic!("no event")
        };
        assert_eq!(read.main.attendees, meant.main.attendees, "{found:?}");
        let mut again = Draft { from: Some(snapshot.original.clone()), ..draft };
        if let Item::Event(event) = &mut again.item {
            event.main.location = "Elsewhere".into();
        }
        let written = storage.write(&[Write::Update(snapshot, again)], &Call::default());
        held(&written[0]);
        assert_eq!(sent(&server), lines, "{found:?}");
        assert_eq!((searches(&server), asked(&server, "PUT")), (asked_for, 2), "{found:?}");
    }
}
