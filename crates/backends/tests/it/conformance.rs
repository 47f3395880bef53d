//! The conformance suite, with items that other programs wrote.

use dovetail_backends::dav::Contents;
use dovetail_dav::make_collection::NewCollection;
use dovetail_dav::request::Expect;
use dovetail_dav::{Client, CollectionKind, Components};
use dovetail_mapping::outlook::OutlookItem;
use dovetail_model::Kind;
use dovetail_sync::storage::ItemId;
use dovetail_testkit::conformance::{CHECKS, Planted, Subject};
use dovetail_testkit::servers;
use serde_json::json;
use url::Url;

use super::{PLACES, address, client, contents, dav, fitting, mailbox, noon, store};

const UNKNOWN: &str = "known-to-nobody";

#[test]
fn what_outlook_holds_beyond_what_we_know_survives() {
    for (kind, path, _) in PLACES {
        for (_, check) in CHECKS {
            let (_folder, mailbox) = mailbox();
            let planted = mailbox.clone();
            let plant = move || {
                let id = planted.add(path, &record(kind), noon()).unwrap();
                Planted { id: ItemId(id), unknown: UNKNOWN.into() }
            };
            let collection = Box::new(store(&mailbox, path));
            check(&Subject {
                collection,
                kind,
                plant: Some(Box::new(plant)),
                fitting: |item| item,
                many: 20,
            });
        }
    }
}

fn record(kind: Kind) -> OutlookItem {
    let record = match kind {
        Kind::Event => json!({
            "MessageClass": "IPM.Appointment", "Subject": "Planted", "BillingInformation": UNKNOWN,
            "Start": "2026-03-02T09:00:00", "End": "2026-03-02T10:00:00",
        }),
        Kind::Task => {
            json!({"MessageClass": "IPM.Task", "Subject": "Planted", "BillingInformation": UNKNOWN})
        }
        Kind::Contact | Kind::Group => {
            json!({"MessageClass": "IPM.Contact", "FullName": "Sample Person", "GovernmentIDNumber": UNKNOWN})
        }
    };
    serde_json::from_value(record).unwrap()
}

/// Runs the suite on every server, each check in a new collection.
fn conforms_everywhere(kind: Kind) {
    for server in servers::each() {
        for (name, check) in CHECKS {
            let (at, client) = (Url::parse(&address(&server, kind, name)).unwrap(), client(&server));
            make(&client, &at, kind, name);
            let (planted, planter) = (at.join("planted").unwrap(), client.clone());
            let plant = move || {
                let (media_type, body) = resource(kind);
                planter.put(&planted, media_type, body.as_bytes(), Expect::Absent).unwrap();
                Planted { id: ItemId(planted.path().to_owned()), unknown: UNKNOWN.into() }
            };
            let collection = Box::new(dav(&server, kind, name));
            check(&Subject {
                collection,
                kind,
                plant: Some(Box::new(plant)),
                fitting: fitting(server.product),
                many: 20,
            });
            // Some servers take a UID once for all collections of a user.
            client.delete(&at, None).unwrap();
        }
    }
}

#[test]
fn calendars_of_events_conform() {
    conforms_everywhere(Kind::Event);
}

#[test]
fn calendars_of_tasks_conform() {
    conforms_everywhere(Kind::Task);
}

#[test]
fn address_books_conform() {
    conforms_everywhere(Kind::Contact);
}

fn make(client: &Client, at: &Url, kind: Kind, name: &str) {
    let (events, tasks) = (kind == Kind::Event, kind == Kind::Task);
    let new = NewCollection {
        kind: match contents(kind) {
            Contents::Calendar => CollectionKind::Calendar,
            Contents::AddressBook { .. } => CollectionKind::AddressBook,
        },
        components: Components { events, tasks },
        name,
        colour: None,
    };
    client.make_collection(at, &new).unwrap();
}

fn resource(kind: Kind) -> (&'static str, String) {
    let calendar = |component: &str, times: &str| {
        format!(
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//Other//EN\r\nBEGIN:{component}\r\nUID:planted\r\n\
             DTSTAMP:20260301T120000Z\r\n{times}SUMMARY:Planted\r\nX-OTHER;X-KIND=strange:{UNKNOWN}\r\n\
             END:{component}\r\nEND:VCALENDAR\r\n"
        )
    };
    match kind {
        Kind::Event => {
            let times = "DTSTART:20260302T090000Z\r\nDTEND:20260302T100000Z\r\n";
            ("text/calendar; charset=utf-8", calendar("VEVENT", times))
        }
        Kind::Task => ("text/calendar; charset=utf-8", calendar("VTODO", "")),
        Kind::Contact | Kind::Group => {
            let card = format!(
                "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:planted\r\nFN:Sample Person\r\nN:Person;Sample;;;\r\n\
                 X-OTHER:{UNKNOWN}\r\nEND:VCARD\r\n"
            );
            ("text/vcard; charset=utf-8", card)
        }
    }
}
