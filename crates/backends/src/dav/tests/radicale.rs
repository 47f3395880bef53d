//! Against a real Radicale.

use dovetail_dav::discovery::discover;
use dovetail_dav::make_collection::NewCollection;
use dovetail_dav::{Client, ClientSettings, CollectionKind, Components, Credentials, ErrorKind, names};
use dovetail_mapping::vcard;
use dovetail_model::Kind;
use dovetail_sync::storage::{Call, Changes, Collection, Fetched, ItemId, Row, Standing, Write, Written};
use dovetail_testkit::conformance::{CHECKS, Subject};
use dovetail_testkit::servers::{self, Server};
use url::Url;

use super::{Contents, changes, collection, draft, next_week, scope, token};

fn client(server: &Server, password: &str) -> (Client, Url) {
    let url = Url::parse(&server.address).unwrap();
    let credentials = Credentials { user: server.user.to_owned(), password: password.into() };
    (Client::new(&url, Some(&credentials), &ClientSettings::default()).unwrap(), url)
}

/// Runs the conformance suite, each check in a new collection.
fn conforms(contents: Contents, kind: Kind) {
    let Some(server) = servers::radicale() else { return };
    let (client, _) = client(&server, server.password);
    for (name, check) in CHECKS {
        let url = server.at(&format!("/alice/{name}/"));
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
        check(&Subject { collection: Box::new(collection(&url, contents)), kind, plant: None, many: 60 });
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
    let Some(server) = servers::radicale() else { return };
    let url = server.at("/alice/calendar/");
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

#[test]
fn what_others_do_is_told_and_what_is_old_is_not() {
    let Some(server) = servers::radicale() else { return };
    let url = server.at("/alice/calendar/");
    let ours = collection(&url, Contents::Calendar);
    let held =
        |write: Write| match collection(&url, Contents::Calendar).write(&[write], &Call::default()).remove(0)
        {
            Ok(Written::Holds(snapshot)) => *snapshot,
            other => panic!("{other:?}"),
        };
    let gone = held(Write::Create(draft("gone", "Gone before we came")));
    collection(&url, Contents::Calendar).write(&[Write::Delete(gone)], &Call::default()).remove(0).unwrap();
    let one = held(Write::Create(draft("one", "One")));
    let (rows, answer, _) = changes(&ours, None);
    assert_eq!(rows, vec![Row::Present(one.id.clone(), one.version.clone())]);
    let changed = held(Write::Update(
        one.clone(),
        super::Draft { from: Some(one.original.clone()), ..draft("one", "Uno") },
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

#[test]
fn the_server_is_found_from_any_address() {
    let Some(server) = servers::radicale() else { return };
    let (client, root) = client(&server, server.password);
    for start in ["/", "/alice/", "/alice/calendar/", "/alice/calendar/nowhere/"] {
        let found = discover(&client, &root.join(start).unwrap()).unwrap();
        assert_eq!(found.principal.as_ref().map(Url::path), Some("/alice/"), "{start}");
        assert_eq!(found.calendar_homes.iter().map(Url::path).collect::<Vec<_>>(), ["/alice/"], "{start}");
        let mut collections: Vec<_> = found
            .collections
            .iter()
            .map(|it| (it.url.path(), it.kind, it.name.as_deref(), it.components.events, it.components.tasks))
            .collect();
        collections.sort();
        let (calendar, book) = (Some(CollectionKind::Calendar), Some(CollectionKind::AddressBook));
        assert_eq!(
            collections,
            [
                ("/alice/calendar/", calendar, Some("Calendar"), true, false),
                ("/alice/contacts/", book, Some("Contacts"), false, false),
                ("/alice/tasks/", calendar, Some("Tasks"), false, true),
            ],
            "{start}"
        );
        assert!(found.collections.iter().all(|it| !it.privileges.unwrap().is_read_only()), "{start}");
    }
}

#[test]
fn a_wrong_password_is_offered_once() {
    let Some(server) = servers::radicale() else { return };
    let (client, root) = client(&server, "wrong");
    assert_eq!(discover(&client, &root.join("alice/").unwrap()).unwrap_err().kind, ErrorKind::Unauthorized);
    assert_eq!(client.requests(), 1);
    assert_eq!(
        client.options(&root.join("alice/calendar/").unwrap()).unwrap_err().kind,
        ErrorKind::Unauthorized
    );
    assert_eq!(client.requests(), 1);
}

#[test]
fn a_collection_can_be_named_and_coloured_and_its_like_made() {
    let Some(server) = servers::radicale() else { return };
    let (client, _) = client(&server, server.password);
    let url = Url::parse(&server.at("/alice/new%20one/")).unwrap();
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

#[test]
fn a_collection_that_is_not_there_or_not_ours_says_so() {
    let Some(server) = servers::radicale() else { return };
    let call = Call::default();
    let standing = |path: &str, contents| collection(&server.at(path), contents).standing(&call);
    assert_eq!(standing("/alice/calendar/", Contents::Calendar).unwrap(), Standing::Answers);
    assert!(matches!(standing("/alice/nowhere/", Contents::Calendar).unwrap(), Standing::Missing(_)));
    assert!(matches!(standing("/alice/contacts/", Contents::Calendar).unwrap(), Standing::Missing(_)));
    assert!(matches!(standing("/alice/", Contents::Calendar).unwrap(), Standing::Missing(_)));
    assert!(standing("/bob/calendar/", Contents::Calendar).is_err());
}

#[test]
fn odd_names_are_found_under_every_spelling() {
    let Some(server) = servers::radicale() else { return };
    let storage = collection(&server.at("/alice/calendar/"), Contents::Calendar);
    let uids =
        ["a/b c?d#e%f:g;h,i'j", "ümlaut@example.com", "sample@example.com", "..", "x".repeat(300).as_str()]
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
