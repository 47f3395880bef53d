//! Whole exchanges as Radicale answered them.

use std::time::Duration;

use dovetail_dav::make_collection::NewCollection;
use dovetail_dav::request::Expect;
use dovetail_dav::{
    Client, ClientSettings, CollectionKind, Components, Credentials, Error, ErrorKind, names,
};
use dovetail_testkit::servers::Scripted;
use url::Url;

fn fixture(name: &str) -> Vec<u8> {
    let path = format!("{}/../../fixtures/dav/radicale/{name}.http", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).expect(&path)
}

/// A client of a server that gives one recorded answer, and a URL there.
fn client(name: &str) -> (Client, Url, Scripted) {
    let server = Scripted::play(vec![fixture(name)]);
    let url = Url::parse(&format!("{}/alice/calendar/one.ics", server.address)).expect("a URL");
    let credentials = Credentials { user: "alice".to_owned(), password: "alicepw".into() };
    (Client::new(&url, Some(credentials.into()), &ClientSettings::default()).expect("a client"), url, server)
}

fn failure<T: std::fmt::Debug>(name: &str, ask: impl FnOnce(&Client, &Url) -> Result<T, Error>) -> Error {
    let (client, url, _server) = client(name);
    ask(&client, &url).expect_err(name)
}

#[test]
fn a_created_item_has_the_etag_of_the_answer() {
    let (client, url, server) = client("put-created");
    let stored = client.put(&url, "text/calendar; charset=utf-8", b"BEGIN", Expect::Absent).unwrap();
    assert_eq!(stored.etag.map(|etag| etag.len()), Some(66));
    let seen = &server.seen()[0];
    assert_eq!((seen.method.as_str(), seen.body.as_slice()), ("PUT", &b"BEGIN"[..]));
    assert_eq!(seen.header("if-none-match"), Some("*"));
    assert_eq!(seen.header("content-type"), Some("text/calendar; charset=utf-8"));
    assert_eq!((seen.header("content-length"), seen.header("transfer-encoding")), (Some("5"), None));
    assert_eq!(seen.header("expect"), None);
}

#[test]
fn an_item_is_got_with_its_state() {
    let (client, url, _server) = client("get");
    let resource = client.get(&url).unwrap();
    assert_eq!(resource.media_type.as_deref(), Some("text/calendar"));
    assert!(resource.body.starts_with(b"BEGIN:VCALENDAR\r\n") && resource.modified.is_some());
    assert_eq!(resource.etag.map(|etag| etag.len()), Some(66));
}

#[test]
fn deleting_and_naming_succeed_in_either_form() {
    let (client_1, url, server) = client("delete");
    client_1.delete(&url, Some(Expect::ETag("\"1\""))).unwrap();
    assert_eq!(server.seen()[0].header("if-match"), Some("\"1\""));
    let (client_2, url, server) = client("proppatch");
    client_2.proppatch(&url, &[(names::DISPLAYNAME, "A & B")]).unwrap();
    assert!(server.seen()[0].text().contains("<D:displayname>A &amp; B</D:displayname>"));
}

#[test]
fn what_the_server_can_do_is_known() {
    let (client, url, _server) = client("options");
    let capabilities = client.options(&url).unwrap();
    assert!(capabilities.has("calendar-access") && capabilities.has("addressbook"));
    assert!(!capabilities.mails_attendees());
    assert!(capabilities.methods.contains("MKCALENDAR"));
}

#[test]
fn refusals_are_named_by_what_to_do_next() {
    let put = |client: &Client, url: &Url| client.put(url, "text/calendar", b"", Expect::Absent);
    let failed = failure("put-taken", put);
    assert_eq!((failed.kind, failed.status), (ErrorKind::Stale, Some(412)));
    let failed = failure("put-uid-conflict", put);
    assert_eq!(failed.kind, ErrorKind::Refused);
    assert!(
        failed.names_precondition("no-uid-conflict") && failed.what.contains("no-uid-conflict"),
        "{failed}"
    );
    assert_eq!(failure("put-refused", put).kind, ErrorKind::Refused);
    assert_eq!(failure("get-gone", |client, url| client.get(url)).kind, ErrorKind::Gone);
    let delete = |client: &Client, url: &Url| client.delete(url, Some(Expect::ETag("\"1\"")));
    assert_eq!(failure("delete-stale", delete).kind, ErrorKind::Stale);
    let ask = |client: &Client, url: &Url| client.collection_properties(url);
    assert_eq!(failure("unauthorized", ask).kind, ErrorKind::Unauthorized);
    assert_eq!(failure("forbidden", ask).kind, ErrorKind::Refused);
    let make = |client: &Client, url: &Url| {
        let new = NewCollection {
            kind: CollectionKind::Calendar,
            components: Components::BOTH,
            name: "x",
            colour: None,
        };
        client.make_collection(url, &new)
    };
    assert!(failure("mkcalendar-exists", make).names_precondition("resource-must-be-null"));
}

#[test]
fn a_busy_server_says_for_how_long() {
    let date = ("Date", "Sun, 06 Nov 1994 08:49:37 GMT");
    for (status, headers, expected) in [
        (429, vec![("Retry-After", "7")], Some(7)),
        (503, vec![("Retry-After", "Sun, 06 Nov 1994 08:50:07 GMT"), date], Some(30)),
        (503, vec![("Retry-After", "Sun, 06 Nov 1994 08:00:00 GMT"), date], Some(0)),
        (503, vec![("Retry-After", "soon")], None),
        (503, vec![], None),
        (502, vec![], None),
    ] {
        let server = Scripted::play(vec![dovetail_testkit::servers::answer(status, &headers, "")]);
        let url = Url::parse(&server.address).unwrap();
        let client = Client::new(&url, None, &ClientSettings::default()).unwrap();
        let retry_after = expected.map(Duration::from_secs);
        assert_eq!(
            client.get(&url).unwrap_err().kind,
            ErrorKind::Busy { retry_after },
            "{status} {headers:?}"
        );
        assert_eq!(server.seen().len(), 1, "it is not asked again");
    }
}

#[test]
fn a_server_that_does_not_tell_the_time_is_given_it_by_the_clock_of_the_program() {
    let later = ("Retry-After", "Sun, 06 Nov 1994 08:50:07 GMT");
    let server = Scripted::play(vec![dovetail_testkit::servers::answer(503, &[later], "")]);
    let url = Url::parse(&server.address).unwrap();
    let settings = ClientSettings { clock: Some(|| 784_111_777), ..ClientSettings::default() };
    let failed = Client::new(&url, None, &settings).unwrap().get(&url).unwrap_err();
    assert_eq!(failed.kind, ErrorKind::Busy { retry_after: Some(Duration::from_secs(30)) });
}
