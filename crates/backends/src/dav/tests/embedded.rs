//! Against the server of this project in this process: the conformance suite, also where the server is as odd as some are.

use std::time::Duration;

use dovetail_dav::discovery::discover;
use dovetail_dav::{Client, ClientSettings, Credentials};
use dovetail_davserver::faults::{BadEtags, Fault, RetryAfter, RewrittenEtag, Tokens, Which};
use dovetail_davserver::{CollectionKind, Faults, Server, Settings, Storage, User};
use dovetail_mapping::vcard;
use dovetail_model::Kind;
use dovetail_sync::error::ErrorKind;
use dovetail_sync::storage::{
    Call, Changes, Collection, CreateKey, Draft, Fetched, ItemId, Row, Snapshot, Write, Written,
};
use dovetail_testkit::conformance::{CHECKS, Subject};
use url::Url;

use super::{Contents, DavCollection, changes, collection, collection_of, draft, next_week, scope, token};

fn server() -> Server {
    server_over(Storage::Memory)
}

fn server_over(storage: Storage) -> Server {
    let users = vec![User::new("alice", "alicepw")];
    Server::start(Settings { users, storage, ..Settings::default() }).unwrap()
}

fn conforms(kind: Kind, faults: &Faults) {
    let server = server();
    server.set_faults(faults.clone());
    conforms_on(&server, kind);
}

/// Runs the conformance suite, each check in a new collection.
fn conforms_on(server: &Server, kind: Kind) {
    let (contents, made) = match kind {
        Kind::Event | Kind::Task => (Contents::Calendar, CollectionKind::EventsAndTasks),
        _ => (Contents::AddressBook { new_cards: vcard::Version::V4 }, CollectionKind::Contacts),
    };
    for (name, check) in CHECKS {
        let path = format!("/alice/{name}/");
        server.make_collection(&path, made, name).unwrap();
        let url = format!("{}{}", server.url(), path.trim_start_matches('/'));
        check(&Subject {
            collection: Box::new(collection(&url, contents)),
            kind,
            plant: None,
            fitting: |item| item,
            many: 250,
        });
    }
}

#[test]
fn a_calendar_of_events_conforms() {
    conforms(Kind::Event, &Faults::default());
}

#[test]
fn a_calendar_of_tasks_conforms() {
    conforms(Kind::Task, &Faults::default());
}

#[test]
fn an_address_book_conforms() {
    conforms(Kind::Contact, &Faults::default());
}

#[test]
fn a_calendar_in_a_folder_conforms() {
    let folder = tempfile::tempdir().unwrap();
    conforms_on(&server_over(Storage::Folder(folder.path().to_owned())), Kind::Event);
}

/// What a storage has to make good for: whoever uses it sees no difference.
#[test]
fn a_server_with_oddities_conforms_all_the_same() {
    let all = Which::default;
    let odd = [
        Faults::always(all(), Fault::Tokens(Tokens::CtagOnly)),
        Faults::always(all(), Fault::Tokens(Tokens::Missing)),
        Faults::always(Which::method("PUT"), Fault::Etags(BadEtags::Missing)),
        Faults::always(Which::method("PUT"), Fault::Etags(BadEtags::Weak)),
        Faults::always(all(), Fault::Etags(BadEtags::Unquoted)),
        Faults::always(all(), Fault::Rewrites(RewrittenEtag::Untold)),
        Faults::always(all(), Fault::Rewrites(RewrittenEtag::Told)),
        Faults::like_sogo(),
        // The same without a word of it, one by one and together: what a server does not say of itself is found out.
        Faults::always(Which::method("PUT"), Fault::IfNoneMatchIgnored),
        Faults::always(Which::method("DELETE"), Fault::IfMatchIgnored),
        Faults::always(Which::method("PUT"), Fault::IfMatchIgnored),
        Faults::always(all(), Fault::Etags(BadEtags::Repeating)),
        Faults::always(all(), Fault::IfMatchIgnored)
            .and(all(), Fault::IfNoneMatchIgnored)
            .and(all(), Fault::Etags(BadEtags::Repeating))
            .and(Which::method("PUT"), Fault::Rewrites(RewrittenEtag::Told)),
        Faults::always(all(), Fault::HrefsAbsolute),
        Faults::always(all(), Fault::HrefsEncodedDifferently),
        Faults::always(Which::body("sync-collection"), Fault::Truncated { rows: 7 }),
    ];
    for faults in odd {
        conforms(Kind::Event, &faults);
    }
}

#[test]
fn the_collections_are_found_from_any_address() {
    let server = server();
    let root = Url::parse(&server.url()).unwrap();
    let credentials = Credentials { user: "alice".to_owned(), password: "alicepw".into() };
    for start in ["", "alice/", "alice/calendar/", "alice/calendar/nowhere/", "principals/alice/"] {
        let client =
            Client::new(&root, Some(credentials.clone().into()), &ClientSettings::default()).unwrap();
        let found = discover(&client, &root.join(start).unwrap()).unwrap();
        let mut paths: Vec<&str> = found.collections.iter().map(|it| it.url.path()).collect();
        paths.sort_unstable();
        assert_eq!(paths, ["/alice/calendar/", "/alice/contacts/", "/alice/tasks/"], "{start}");
    }
}

#[test]
fn a_failure_is_known_by_what_to_do_next() {
    let fails = |status, retry_after| Fault::Fails { status, retry_after };
    let busy = |seconds| ErrorKind::Busy { retry_after: Some(Duration::from_secs(seconds)) };
    let rows = [
        (fails(401, None), ErrorKind::Unauthorized),
        (fails(429, Some(RetryAfter::Seconds(7))), busy(7)),
        (fails(503, Some(RetryAfter::Seconds(7))), busy(7)),
        (fails(503, None), ErrorKind::Busy { retry_after: None }),
        (Fault::ListingMissing, ErrorKind::Gone),
        (Fault::ClosedBefore, ErrorKind::Offline),
        (Fault::ResetInBody, ErrorKind::Offline),
        (Fault::CutInBody, ErrorKind::Malformed),
        (Fault::Garbage, ErrorKind::Malformed),
    ];
    for (fault, expected) in rows {
        let server = server();
        let url = format!("{}alice/calendar/", server.url());
        let storage = collection(&url, Contents::Calendar);
        for number in 0..20 {
            let create = Write::Create(draft(&format!("sample-{number}"), "Sample"));
            storage.write(&[create], &Call::default()).remove(0).unwrap();
        }
        server.set_faults(Faults::always(Which::default(), fault.clone()));
        let error = collection(&url, Contents::Calendar)
            .changes(None, &scope(), &mut |_| Ok(()), &Call::default())
            .expect_err(&format!("{fault:?}"));
        assert_eq!(error.kind, expected, "{fault:?}: {error}");
    }
}

/// Whatever a listing leaves out or fails to say: what is fetched by its name is there, and never said to be gone. Where the server
/// says itself that it lists but a part, there is no listing.
#[test]
fn what_a_listing_does_not_name_is_not_gone() {
    let tokens = Tokens::Missing;
    let listings = [
        (Fault::RowsLeftOut { one_in: 2 }, tokens, None),
        (Fault::RowsFail { one_in: 2, status: 503 }, tokens, None),
        (Fault::ListingEmpty, tokens, None),
        (Fault::CutSilently { rows: 3 }, tokens, None),
        (Fault::Truncated { rows: 3 }, tokens, Some(ErrorKind::Refused)),
        // A report of changes goes on from there.
        (Fault::Truncated { rows: 3 }, Tokens::Exact, None),
        (Fault::ListingMissing, Tokens::Exact, Some(ErrorKind::Gone)),
    ];
    for (fault, tokens, expected) in listings {
        let server = server();
        let url = format!("{}alice/calendar/", server.url());
        let storage = collection(&url, Contents::Calendar);
        let writes: Vec<Write> =
            (0..12).map(|number| Write::Create(draft(&format!("sample-{number}"), "Sample"))).collect();
        let written = storage.write(&writes, &Call::default()).into_iter().map(|written| match written {
            Ok(Written::Holds(held)) => held.id,
            other => panic!("{other:?}"),
        });
        let ids: Vec<_> = written.collect();
        let all = Which::default;
        server.set_faults(Faults::always(all(), Fault::Tokens(tokens)).and(all(), fault.clone()));
        let storage = collection(&url, Contents::Calendar);
        let mut removed = 0;
        let mut sink = |row| {
            removed += usize::from(matches!(row, Row::Removed(_)));
            Ok(())
        };
        let answer = storage.changes(None, &scope(), &mut sink, &Call::default());
        assert_eq!(answer.err().map(|error| error.kind), expected, "{fault:?}");
        assert_eq!(removed, 0, "{fault:?}");
        server.set_faults(Faults::always(Which::method("PROPFIND"), fault.clone()));
        let fetched = storage.fetch(&ids, &scope(), &Call::default()).unwrap();
        assert!(fetched.iter().all(|it| matches!(it, Fetched::Found(_))), "{fault:?}: {fetched:?}");
    }
}

/// Who has a limit for PROPFIND may have none for the reports.
#[test]
fn where_a_part_is_listed_by_propfind_the_reports_are_asked_for_all() {
    let server = server();
    let url = format!("{}alice/calendar/", server.url());
    let storage = collection(&url, Contents::Calendar);
    let writes: Vec<Write> =
        (0..5).map(|number| Write::Create(draft(&format!("{number}"), "Sample"))).collect();
    assert!(storage.write(&writes, &Call::default()).iter().all(Result::is_ok));
    let faults = Faults::always(Which::method("PROPFIND"), Fault::Truncated { rows: 3 })
        .and(Which::default(), Fault::Tokens(Tokens::CtagOnly));
    server.set_faults(faults);
    let storage = collection(&url, Contents::Calendar);
    for _ in 0..2 {
        let (rows, answer, _) = changes(&storage, None);
        assert!(matches!(answer, Changes::Listing { .. }), "{answer:?}");
        let ids: std::collections::BTreeSet<_> = rows
            .iter()
            .map(|row| match row {
                Row::Present(id, _) => id,
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(ids.len(), 5);
    }
}

/// QUIRK(empty-listings: synology): the listing of an empty calendar is "not found". A server with sync tokens has no such excuse.
#[test]
fn a_listing_that_is_not_found_is_an_empty_one_only_where_the_collection_is() {
    let server = server();
    server.set_faults(
        Faults::always(Which::default(), Fault::ListingMissing)
            .and(Which::default(), Fault::Tokens(Tokens::Missing)),
    );
    let url = format!("{}alice/calendar/", server.url());
    let (rows, answer, _) = changes(&collection(&url, Contents::Calendar), None);
    assert_eq!((rows, answer), (vec![], dovetail_sync::storage::Changes::Listing { next: None }));
    let missing = collection(&format!("{}alice/nowhere/", server.url()), Contents::Calendar)
        .changes(None, &scope(), &mut |_| Ok(()), &Call::default())
        .unwrap_err();
    assert_eq!(missing.kind, ErrorKind::Gone);
}

fn held(written: Result<Written, dovetail_sync::error::Error>) -> Snapshot {
    match written {
        Ok(Written::Holds(held)) => *held,
        other => panic!("{other:?}"),
    }
}

fn write(storage: &DavCollection, write: Write) -> Result<Written, dovetail_sync::error::Error> {
    storage.write(&[write], &Call::default()).remove(0)
}

fn changed(held: &Snapshot, title: &str) -> Write {
    let uid = held.item.uid().unwrap();
    Write::Update(held.clone(), Draft { from: Some(held.original.clone()), ..draft(uid, title) })
}

/// On a server that heeds no condition and says nothing of it, somebody else's edit outlives whatever comes too late.
#[test]
fn an_edit_by_somebody_else_outlives_late_writes_to_a_server_without_conditions() {
    let server = server();
    server.set_faults(
        Faults::always(Which::default(), Fault::IfMatchIgnored)
            .and(Which::default(), Fault::IfNoneMatchIgnored)
            .and(Which::default(), Fault::Etags(BadEtags::Repeating)),
    );
    let url = format!("{}alice/calendar/", server.url());
    let theirs = collection(&url, Contents::Calendar);
    for late in ["update", "delete"] {
        // Nothing is known about the server.
        let ours = collection(&url, Contents::Calendar);
        let seen = held(write(&ours, Write::Create(draft(late, "Sample"))));
        held(write(&theirs, changed(&seen, "Somebody else's")));
        let refused = match late {
            "update" => write(&ours, changed(&seen, "Too late")),
            _ => write(&ours, Write::Delete(seen.clone())),
        };
        assert_eq!(refused.unwrap_err().kind, ErrorKind::Stale, "{late}");
        let found = ours.fetch(&[seen.id], &scope(), &Call::default()).unwrap();
        assert!(
            matches!(&found[..], [Fetched::Found(found)] if found.item.title() == "Somebody else's"),
            "{found:?}"
        );
    }
}

#[test]
fn what_was_seen_of_a_server_is_remembered_and_costs_nothing_again() {
    let server = server();
    let url = format!("{}alice/calendar/", server.url());
    let ours = collection(&url, Contents::Calendar);
    let (_, answer, _) = changes(&ours, None);
    let traits = ours.traits();
    assert!(
        !traits.create_guard && !traits.delete_guard && traits.versions_repeat,
        "as long as nothing was seen"
    );
    let creates: Vec<Write> =
        (0..6).map(|number| Write::Create(draft(&format!("sample-{number}"), "Sample"))).collect();
    let mut made: Vec<Snapshot> = ours.write(&creates, &Call::default()).into_iter().map(held).collect();
    let again = held(write(&ours, changed(&made.remove(0), "Changed")));
    assert_eq!(write(&ours, Write::Delete(made.remove(0))).unwrap(), Written::Deleted);
    let traits = ours.traits();
    assert!(traits.create_guard && traits.delete_guard && !traits.versions_repeat, "{traits:?}");
    // Another process, which knows nothing but the token.
    let kept = ours.token_to_keep(token(answer));
    let later = collection(&url, Contents::Calendar);
    let (_, answer, requests) = changes(&later, Some(&kept));
    assert_eq!((later.traits(), requests), (traits, 1));
    let before = server.requests().len();
    held(write(&later, changed(&again, "Changed again")));
    write(&later, Write::Delete(made.remove(0))).unwrap();
    held(write(&later, Write::Create(draft("sample-9", "Sample"))));
    assert_eq!(server.requests().len() - before, 3, "one request a write");
    // Another server at this address: nothing is known of it.
    server.set_faults(Faults::always(
        Which::method("OPTIONS"),
        Fault::Announces { classes: "something-new".to_owned() },
    ));
    let kept = later.token_to_keep(token(answer));
    let much_later = collection_of(("alice", "alicepw"), &url, Contents::Calendar, next_week);
    changes(&much_later, Some(&kept));
    assert!(!much_later.traits().create_guard);
}

#[test]
fn a_token_that_is_refused_in_any_way_leads_to_a_listing() {
    for status in [403, 409, 410, 507] {
        let server = server();
        let url = format!("{}alice/calendar/", server.url());
        let storage = collection(&url, Contents::Calendar);
        storage.write(&[Write::Create(draft("one", "One"))], &Call::default()).remove(0).unwrap();
        let (rows, answer, _) = changes(&storage, None);
        server.set_faults(Faults::always(Which::default(), Fault::TokenRefused { status }));
        let (again, answer, _) = changes(&collection(&url, Contents::Calendar), Some(&token(answer)));
        assert!(matches!(answer, dovetail_sync::storage::Changes::Listing { .. }), "{status}: {answer:?}");
        assert_eq!(again, rows);
    }
}

/// A write whose answer is lost, or says something else than what happened, is never reported as done with other content.
#[test]
fn a_write_that_was_done_and_denied_is_found_by_the_next_look() {
    for fault in [
        Fault::FailsAfterwards { status: 412 },
        Fault::FailsAfterwards { status: 500 },
        Fault::ClosedAfterwards,
        Fault::ResetInBody,
    ] {
        let server = server();
        let url = format!("{}alice/calendar/", server.url());
        server.set_faults(Faults::always(Which::method("PUT"), fault.clone()));
        let storage = collection(&url, Contents::Calendar);
        let written = storage.write(&[Write::Create(draft("one", "One"))], &Call::default()).remove(0);
        assert_eq!(server.objects("/alice/calendar/").len(), 1, "{fault:?}");
        let is_write = |method: &str, expected: Option<&str>| method == "PUT" && expected.is_none();
        let seen = server.requests();
        let puts = seen.iter().filter(|seen| is_write(&seen.method, seen.header("if-match"))).count();
        assert_eq!(puts, 1, "a write is never sent twice: {fault:?} {written:?}");
        let (rows, _, _) = changes(&storage, None);
        assert_eq!(rows.len(), 1, "{fault:?}");
    }
}

#[test]
fn a_token_that_is_refused_between_two_pages_does_not_end_the_use_of_tokens() {
    let server = server();
    let path = "/alice/paged/";
    server.make_collection(path, CollectionKind::EventsAndTasks, "Paged").unwrap();
    let collection = collection(&format!("{}alice/paged/", server.url()), Contents::Calendar);
    let drafts: Vec<Write> = ["a", "b", "c"].iter().map(|uid| Write::Create(draft(uid, uid))).collect();
    assert!(collection.write(&drafts, &Call::default()).iter().all(Result::is_ok));
    let paged = Faults::always(Which::body("sync-collection"), Fault::Truncated { rows: 1 })
        .and(Which::body("sync-collection"), Fault::TokenRefused { status: 409 });
    server.set_faults(paged);
    let (rows, listed, _) = changes(&collection, None);
    assert!(rows.iter().filter(|row| matches!(row, Row::Present(..))).count() >= 3, "{rows:?}");

    // The next run lists again, and has a sync token from then on.
    server.set_faults(Faults::default());
    let (_, listed, _) = changes(&collection, Some(&token(listed)));
    let (rows, changes, requests) = changes(&collection, Some(&token(listed)));
    assert!(matches!(changes, Changes::Since { .. }) && rows.is_empty());
    let asked = server.requests();
    assert!(asked.iter().rev().take(usize::try_from(requests).unwrap()).all(|it| it.method == "REPORT"));
}

#[test]
fn a_server_that_wants_to_be_left_alone_for_an_hour_gets_no_further_write() {
    let server = server();
    server.make_collection("/alice/busy/", CollectionKind::EventsAndTasks, "Busy").unwrap();
    let collection = collection(&format!("{}alice/busy/", server.url()), Contents::Calendar);
    let later = Fault::Fails { status: 503, retry_after: Some(RetryAfter::Seconds(3_600)) };
    server.set_faults(Faults::always(Which::method("PUT"), later));
    let write = |uid| collection.write(&[Write::Create(draft(uid, uid))], &Call::default()).remove(0);
    assert!(matches!(write("a").unwrap_err().kind, ErrorKind::Busy { retry_after: Some(_) }));

    server.set_faults(Faults::default());
    let asked = server.request_count();
    let refused = write("b").unwrap_err();
    assert!(matches!(refused.kind, ErrorKind::Busy { retry_after: Some(left) } if left.as_secs() > 3_000));
    assert_eq!(server.request_count(), asked);
}

#[test]
fn two_resources_of_one_uid_are_two_items() {
    let server = server();
    server.set_faults(Faults::always(Which::default(), Fault::DuplicateUidsTaken));
    server.make_collection("/alice/twice/", CollectionKind::EventsAndTasks, "Twice").unwrap();
    let collection = collection(&format!("{}alice/twice/", server.url()), Contents::Calendar);
    let named = |name: &str| {
        let draft = draft("one", name);
        let key = CreateKey { name: name.to_owned(), ..draft.key.clone() };
        Write::Create(Draft { key, ..draft })
    };
    let written = collection.write(&[named("first"), named("second")], &Call::default());
    let ids: Vec<ItemId> = written
        .into_iter()
        .map(|written| match written.unwrap() {
            Written::Holds(snapshot) => snapshot.id,
            Written::Deleted => panic!("it was made"),
        })
        .collect();
    let fetched = collection.fetch(&ids, &scope(), &Call::default()).unwrap();
    for (answer, title) in fetched.iter().zip(["first", "second"]) {
        let Fetched::Found(snapshot) = answer else { panic!("{answer:?}") };
        assert_eq!((snapshot.item.uid(), snapshot.item.title()), (Some("one"), title));
    }
}

#[test]
fn what_cannot_be_read_again_after_a_write_is_read_by_the_next_run() {
    let server = server();
    server.make_collection("/alice/unread/", CollectionKind::EventsAndTasks, "Unread").unwrap();
    let collection = collection(&format!("{}alice/unread/", server.url()), Contents::Calendar);
    let unreadable = Fault::Fails { status: 500, retry_after: None };
    let faults = Faults::always(Which::method("PUT"), Fault::Rewrites(RewrittenEtag::Told))
        .and(Which::method("GET"), unreadable.clone())
        .and(Which::method("REPORT"), unreadable);
    server.set_faults(faults);
    let written = collection.write(&[Write::Create(draft("a", "a"))], &Call::default()).remove(0);
    let Written::Holds(base) = written.unwrap() else { panic!("it was made") };

    // Its version is none that the server has: what was sent is not what is there.
    server.set_faults(Faults::default());
    let (rows, ..) = changes(&collection, None);
    assert!(
        matches!(rows.as_slice(), [Row::Present(id, version)] if *id == base.id && *version != base.version)
    );
}
