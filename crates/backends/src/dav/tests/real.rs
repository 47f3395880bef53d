//! Against real servers: each test runs against every one that can be started.

use dovetail_dav::discovery::discover;
use dovetail_dav::make_collection::NewCollection;
use dovetail_dav::{Client, ClientSettings, CollectionKind, Components, Credentials, ErrorKind, names};
use dovetail_mapping::vcard;
use dovetail_model::Kind;
use dovetail_sync::storage::{
    Call, Changes, Collection, Draft, Fetched, ItemId, Row, Standing, Write, Written,
};
use dovetail_testkit::conformance::{CHECKS, Subject};
use dovetail_testkit::servers::{self, Server};
use url::Url;

use super::super::facts::Bookmark;
use super::{Contents, changes, collection, draft, next_week, scope, token};

fn client(server: &Server, password: &str) -> (Client, Url) {
    let url = Url::parse(&server.address).unwrap();
    let credentials = Credentials { user: server.user.to_owned(), password: password.into() };
    (Client::new(&url, Some(credentials.into()), &ClientSettings::default()).unwrap(), url)
}

fn place(server: &Server, contents: Contents, name: &str) -> String {
    match contents {
        Contents::Calendar => server.calendar(name),
        Contents::AddressBook { .. } => server.address_book(name),
    }
}

/// Runs the conformance suite, each check in a new collection.
fn conforms(contents: Contents, kind: Kind) {
    for server in servers::each() {
        let (client, _) = client(&server, server.password);
        for (name, check) in CHECKS {
            let url = place(&server, contents, name);
            let new = NewCollection {
                kind: match contents {
                    Contents::Calendar => CollectionKind::Calendar,
                    Contents::AddressBook { .. } => CollectionKind::AddressBook,
                },
                components: Components::BOTH,
                name,
                colour: None,
            };
            client.make_collection(&Url::parse(&url).unwrap(), &new).unwrap();
            check(&Subject { collection: Box::new(collection(&url, contents)), kind, plant: None, many: 30 });
        }
    }
}

#[test]
fn a_calendar_of_events_conforms() {
    conforms(Contents::Calendar, Kind::Event);
}

#[test]
fn a_calendar_of_tasks_conforms() {
    conforms(Contents::Calendar, Kind::Task);
}

#[test]
fn an_address_book_conforms() {
    conforms(Contents::AddressBook { new_cards: vcard::Version::V3 }, Kind::Contact);
    conforms(Contents::AddressBook { new_cards: vcard::Version::V4 }, Kind::Contact);
}

#[test]
fn a_run_without_changes_costs_one_request() {
    for server in servers::each() {
        let url = server.calendar("calendar");
        let first = collection(&url, Contents::Calendar);
        for number in 0..3 {
            let uid = format!("sample-{number}");
            first.write(&[Write::Create(draft(&uid, "Sample"))], &Call::default()).remove(0).unwrap();
        }
        let (rows, answer, _) = changes(&first, None);
        assert_eq!(rows.len(), 3);
        assert!(matches!(answer, Changes::Listing { .. }));
        // Another process, which knows nothing but the token.
        let (rows, answer, requests) = changes(&collection(&url, Contents::Calendar), Some(&token(answer)));
        assert_eq!((rows, requests), (vec![], 1));
        assert!(matches!(answer, Changes::Since { .. }));
        // Much later, rights are asked for again.
        let late = super::collection_at(&url, Contents::Calendar, next_week);
        let (rows, _, requests) = changes(&late, Some(&token(answer)));
        assert_eq!((rows, requests), (vec![], 3));
    }
}

#[test]
fn a_token_that_the_server_never_gave_leads_to_a_listing() {
    for server in servers::each() {
        let url = server.calendar("calendar");
        let ours = collection(&url, Contents::Calendar);
        ours.write(&[Write::Create(draft("one", "One"))], &Call::default()).remove(0).unwrap();
        let (listed, answer, _) = changes(&ours, None);
        let mut bookmark = Bookmark::read(&token(answer), &ours.path).unwrap();
        let foreign = bookmark.sync_token.take().unwrap().replace(|digit: char| digit.is_ascii_digit(), "0");
        bookmark.sync_token = Some(foreign);
        let (rows, answer, _) = changes(&ours, bookmark.token().as_ref());
        assert!(matches!(answer, Changes::Listing { next: Some(_) }), "{answer:?}");
        assert_eq!(rows, listed);
    }
}

#[test]
fn what_others_do_is_told_and_what_is_old_is_not() {
    for server in servers::each() {
        let url = server.calendar("calendar");
        let ours = collection(&url, Contents::Calendar);
        let held = |write: Write| match collection(&url, Contents::Calendar)
            .write(&[write], &Call::default())
            .remove(0)
        {
            Ok(Written::Holds(snapshot)) => *snapshot,
            other => panic!("{other:?}"),
        };
        let gone = held(Write::Create(draft("gone", "Gone before we came")));
        collection(&url, Contents::Calendar)
            .write(&[Write::Delete(gone)], &Call::default())
            .remove(0)
            .unwrap();
        let one = held(Write::Create(draft("one", "One")));
        let (rows, answer, _) = changes(&ours, None);
        assert_eq!(rows, vec![Row::Present(one.id.clone(), one.version.clone())]);
        let changed = held(Write::Update(
            one.clone(),
            Draft { from: Some(one.original.clone()), ..draft("one", "Uno") },
        ));
        let (rows, answer, requests) = changes(&ours, Some(&token(answer)));
        assert_eq!((rows, requests), (vec![Row::Present(changed.id.clone(), changed.version.clone())], 1));
        collection(&url, Contents::Calendar)
            .write(&[Write::Delete(changed.clone())], &Call::default())
            .remove(0)
            .unwrap();
        let (rows, _, _) = changes(&ours, Some(&token(answer)));
        assert_eq!(rows, vec![Row::Removed(changed.id)]);
    }
}

/// Two servers sort the properties of an object, and give the ETag of what they sorted: one body comes back as it was
/// sent by chance, the next one does not.
#[test]
fn what_is_said_to_be_held_is_what_is_held() {
    let sorted = "SUMMARY:S\r\nDTSTART:20260302T090000Z\r\nDTEND:20260302T100000Z\r\n\
                  DTSTAMP:20260301T120000Z\r\nUID:one\r\n";
    let unsorted = "UID:two\r\nX-OTHER:1\r\nDTSTAMP:20260301T120000Z\r\nDTEND:20260302T100000Z\r\n\
                    DTSTART:20260302T090000Z\r\nSUMMARY:S\r\n";
    for server in servers::each() {
        let storage = collection(&server.calendar("calendar"), Contents::Calendar);
        for (uid, properties) in [("one", sorted), ("two", unsorted)] {
            let body = format!(
                "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//Other//EN\r\nBEGIN:VEVENT\r\n{properties}\
                 END:VEVENT\r\nEND:VCALENDAR\r\n"
            );
            let original = storage.original(body.into_bytes());
            let (item, _) = storage.read(&original).unwrap();
            let create = Write::Create(Draft { item, from: Some(original), ..draft(uid, "S") });
            let Ok(Written::Holds(held)) = storage.write(&[create], &Call::default()).remove(0) else {
                panic!("{uid} is written");
            };
            let found = storage.fetch(std::slice::from_ref(&held.id), &scope(), &Call::default()).unwrap();
            assert!(matches!(&found[..], [Fetched::Found(found)] if found == &held), "{held:?} {found:?}");
        }
    }
}

#[test]
fn the_server_is_found_from_any_address() {
    for server in servers::each() {
        let (client, root) = client(&server, server.password);
        let calendars = server.product.calendar_home;
        for start in ["/", "/alice/", &server.calendar("calendar"), &server.calendar("calendar/nowhere")] {
            let found = discover(&client, &root.join(start).unwrap()).unwrap();
            assert_eq!(found.principal.as_ref().map(Url::path), Some("/alice/"), "{start}");
            assert_eq!(
                found.calendar_homes.iter().map(Url::path).collect::<Vec<_>>(),
                [calendars],
                "{start}"
            );
            let mut collections: Vec<_> = found
                .collections
                .iter()
                .map(|it| {
                    (it.url.as_str(), it.kind, it.name.as_deref(), it.components.events, it.components.tasks)
                })
                .collect();
            // By kind, then by address: a calendar has components, a book has none.
            collections.sort_by_key(|(url, _, _, events, tasks)| (!(*events || *tasks), *url));
            let (calendar, book) = (Some(CollectionKind::Calendar), Some(CollectionKind::AddressBook));
            assert_eq!(
                collections,
                [
                    (&*server.calendar("calendar"), calendar, Some("Calendar"), true, false),
                    (&*server.calendar("tasks"), calendar, Some("Tasks"), false, true),
                    (&*server.address_book("contacts"), book, Some("Contacts"), false, false),
                ],
                "{start}"
            );
            assert!(found.collections.iter().all(|it| !it.privileges.unwrap().is_read_only()), "{start}");
        }
    }
}

#[test]
fn a_wrong_password_is_offered_once() {
    for server in servers::each() {
        let (client, root) = client(&server, "wrong");
        assert_eq!(
            discover(&client, &root.join("alice/").unwrap()).unwrap_err().kind,
            ErrorKind::Unauthorized
        );
        assert_eq!(client.requests(), 1);
        assert_eq!(
            client.options(&root.join("alice/calendar/").unwrap()).unwrap_err().kind,
            ErrorKind::Unauthorized
        );
        assert_eq!(client.requests(), 1);
    }
}

#[test]
fn a_collection_can_be_named_and_coloured_and_its_like_made() {
    for server in servers::each() {
        let (client, _) = client(&server, server.password);
        let url = Url::parse(&server.calendar("new%20one")).unwrap();
        let new = NewCollection {
            kind: CollectionKind::Calendar,
            components: Components { events: false, tasks: true },
            name: "Things & <more>",
            colour: Some("#112233"),
        };
        client.make_collection(&url, &new).unwrap();
        assert_eq!(client.make_collection(&url, &new).unwrap_err().kind, ErrorKind::Refused);
        let made = client.collection_properties(&url).unwrap();
        assert_eq!(made.name.as_deref(), Some("Things & <more>"));
        assert_eq!(made.colour.as_deref(), Some("#112233"));
        assert_eq!(made.components, Components { events: false, tasks: true });
        client.proppatch(&url, &[(names::DISPLAYNAME, "Other"), (names::CALENDAR_COLOR, "#445566")]).unwrap();
        let made = client.collection_properties(&url).unwrap();
        assert_eq!((made.name.as_deref(), made.colour.as_deref()), (Some("Other"), Some("#445566")));
        client.delete(&url, None).unwrap();
        assert_eq!(client.collection_properties(&url).unwrap_err().kind, ErrorKind::Gone);
    }
}

#[test]
fn a_collection_that_is_not_there_or_not_ours_says_so() {
    for server in servers::each() {
        let call = Call::default();
        let standing = |url: &str, contents| collection(url, contents).standing(&call);
        let calendar = standing(&server.calendar("calendar"), Contents::Calendar);
        assert_eq!(calendar.unwrap(), Standing::Answers);
        for missing in [server.calendar("nowhere"), server.address_book("contacts"), server.at("/alice/")] {
            let standing = standing(&missing, Contents::Calendar).unwrap();
            assert!(matches!(standing, Standing::Missing(_)), "{missing}");
        }
        let bobs = server.calendar("calendar").replace("alice", "bob");
        assert!(standing(&bobs, Contents::Calendar).is_err());
    }
}

#[test]
fn odd_names_are_found_under_every_spelling() {
    for server in servers::each() {
        let storage = collection(&server.calendar("calendar"), Contents::Calendar);
        let uids = [
            "a/b c?d#e%f:g;h,i'j",
            "ümlaut@example.com",
            "sample@example.com",
            "..",
            "x".repeat(300).as_str(),
        ]
        .map(str::to_owned);
        let writes: Vec<Write> = uids.iter().map(|uid| Write::Create(draft(uid, "Sample"))).collect();
        let mut ids: Vec<ItemId> = storage
            .write(&writes, &Call::default())
            .into_iter()
            .map(|written| match written.unwrap() {
                Written::Holds(snapshot) => snapshot.id,
                Written::Deleted => panic!("held"),
            })
            .collect();
        let (rows, _, _) = changes(&storage, None);
        let mut listed: Vec<ItemId> = rows
            .into_iter()
            .map(|row| match row {
                Row::Present(id, _) => id,
                other => panic!("{other:?}"),
            })
            .collect();
        let fetched = storage.fetch(&ids, &scope(), &Call::default()).unwrap();
        for (answer, uid) in fetched.iter().zip(&uids) {
            assert!(matches!(answer, Fetched::Found(found) if found.item.uid() == Some(uid)), "{answer:?}");
        }
        ids.sort();
        listed.sort();
        assert_eq!(ids, listed);
    }
}
