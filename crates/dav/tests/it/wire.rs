//! Redirects, logins, and connections that fail.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use dovetail_dav::auth::Tokens;
use dovetail_dav::discovery::{Access, discover};
use dovetail_dav::make_collection::NewCollection;
use dovetail_dav::proxy_for::ProxyFor;
use dovetail_dav::request::Expect;
use dovetail_dav::{
    Client, ClientSettings, CollectionKind, Components, Credentials, Depth, Error, ErrorKind, Login, names,
};
use dovetail_testkit::servers::{Scripted, answer};
use expect_test::expect;
use secrecy::SecretString;
use url::Url;

/// `alice:alicepw`, as it must not be seen anywhere else.
const LOGIN: &str = "Basic YWxpY2U6YWxpY2Vwdw==";

fn client(server: &Scripted) -> (Client, Url) {
    let url = Url::parse(&server.address).expect("a URL");
    let credentials = Credentials { user: "alice".to_owned(), password: "alicepw".into() };
    let settings = ClientSettings {
        user_agent: "Dovetail/test".to_owned(),
        read_timeout: Duration::from_secs(2),
        ..ClientSettings::default()
    };
    (Client::new(&url, Some(credentials.into()), &settings).expect("a client"), url)
}

fn multistatus(rows: &str) -> Vec<u8> {
    let body = format!(
        "<D:multistatus xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav' xmlns:R='urn:ietf:params:xml:ns:carddav'>{rows}</D:multistatus>"
    );
    answer(207, &[("Content-Type", "application/xml")], &body)
}

fn found(href: &str, properties: &str) -> String {
    format!(
        "<D:response><D:href>{href}</D:href><D:propstat><D:prop>{properties}</D:prop>\
         <D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>"
    )
}

#[test]
fn the_login_and_the_name_of_the_program_go_with_every_request() {
    let server = Scripted::new(|_, _| answer(204, &[], ""));
    let (client, url) = client(&server);
    client.options(&url).unwrap();
    client.delete(&url.join("a").unwrap(), None).unwrap();
    for seen in server.seen() {
        assert_eq!(seen.header("authorization"), Some(LOGIN));
        assert_eq!(seen.header("user-agent"), Some("Dovetail/test"));
    }
    assert_eq!(client.requests(), 2);
}

/// Whatever is said back to us in a refusal, the login is not in what a person reads.
#[test]
fn a_refusal_that_says_our_login_back_is_not_quoted() {
    let plain = |status, said: &str| answer(status, &[("Content-Type", "text/plain")], said);
    let server = Scripted::new(move |_, seen| {
        let login = seen.header("authorization").unwrap_or_default();
        match seen.path.as_str() {
            "/login" => plain(401, login),
            "/header" => plain(403, &format!("Authorization: {login}")),
            "/encoded" => plain(403, login.strip_prefix("Basic ").unwrap_or_default()),
            "/password" => plain(400, "alice:alicepw is nobody"),
            _ => plain(403, "alice is nobody"),
        }
    });
    let (client, url) = client(&server);
    let mut told = String::new();
    for path in ["/harmless", "/header", "/encoded", "/password", "/login"] {
        told += &format!("{}\n", client.get(&url.join(path).unwrap()).unwrap_err());
    }
    expect![[r#"
        the server answered GET /harmless with 403 Forbidden. The server says: "alice is nobody"
        the server answered GET /header with 403 Forbidden
        the server answered GET /encoded with 403 Forbidden
        the server answered GET /password with 400 Bad Request
        the server does not accept the login: it answered GET /login with 401 Unauthorized
    "#]]
    .assert_eq(&told);
}

/// One access token for ever.
struct Forever;

impl Tokens for Forever {
    fn token(&self, _refused: Option<&SecretString>) -> Result<SecretString, Error> {
        Ok("token-of-alice".into())
    }
}

#[test]
fn a_refusal_that_says_a_token_back_is_not_quoted() {
    let server = Scripted::new(|_, seen| {
        let said = seen.header("authorization").unwrap_or_default().replace("Bearer ", "unknown: ");
        answer(403, &[("Content-Type", "text/plain")], &said)
    });
    let url = Url::parse(&server.address).unwrap();
    let login = Login::Token(Arc::new(Forever));
    let client = Client::new(&url, Some(login), &ClientSettings::default()).unwrap();
    let told = client.get(&url).unwrap_err().what;
    assert_eq!(server.seen()[0].header("authorization"), Some("Bearer token-of-alice"));
    assert_eq!(told, "the server answered GET / with 403 Forbidden");
}

#[test]
fn a_redirect_keeps_the_method_and_the_body() {
    for status in [301, 302, 307, 308] {
        let server = Scripted::new(move |_, seen| match seen.path.as_str() {
            "/old" => answer(status, &[("Location", "/new")], ""),
            _ => answer(201, &[("ETag", "\"1\"")], ""),
        });
        let (client, url) = client(&server);
        let stored =
            client.put(&url.join("/old").unwrap(), "text/calendar", b"BODY", Expect::Absent).unwrap();
        assert_eq!(stored.etag.as_deref(), Some("\"1\""));
        let seen = server.seen();
        assert_eq!((seen[1].method.as_str(), seen[1].path.as_str()), ("PUT", "/new"), "{status}");
        assert_eq!((seen[1].body.as_slice(), seen[1].header("if-none-match")), (&b"BODY"[..], Some("*")));
        assert_eq!(seen[1].header("authorization"), Some(LOGIN));
        assert_eq!(client.requests(), 2);
    }
}

#[test]
fn nothing_is_asked_of_another_server() {
    let other = Scripted::new(|_, _| answer(401, &[("WWW-Authenticate", "Basic realm=\"x\"")], ""));
    let target = format!("{}/dav/", other.address);
    let server = Scripted::new(move |_, _| answer(301, &[("Location", &target)], ""));
    let (client, url) = client(&server);
    let failed = client.propfind(&url, Depth::Zero, &[names::RESOURCETYPE], &mut |_| Ok(())).unwrap_err();
    assert_eq!(failed.kind, ErrorKind::Moved);
    assert!(failed.what.contains(&other.address), "{failed}");
    assert_eq!(other.seen(), []);
}

#[test]
fn a_write_is_not_carried_to_another_server() {
    let other = Scripted::new(|_, _| answer(201, &[], ""));
    let target = format!("{}/dav/", other.address);
    let server = Scripted::new(move |_, _| answer(307, &[("Location", &target)], ""));
    let (client, url) = client(&server);
    let failed = client.put(&url, "text/calendar", b"BODY", Expect::Absent).unwrap_err();
    assert_eq!(failed.kind, ErrorKind::Moved);
    assert_eq!(client.delete(&url, None).unwrap_err().kind, ErrorKind::Moved);
    assert_eq!(other.seen(), []);
}

#[test]
fn redirects_end() {
    let server = Scripted::new(|number, _| answer(302, &[("Location", &format!("/{number}"))], ""));
    let (client, url) = client(&server);
    assert_eq!(client.get(&url).unwrap_err().kind, ErrorKind::Malformed);
    assert!(server.seen().len() < 10);
    let nowhere = Scripted::new(|_, _| answer(302, &[], ""));
    let (client, url) = self::client(&nowhere);
    assert_eq!(client.get(&url).unwrap_err().kind, ErrorKind::Refused);
}

#[test]
fn a_refused_login_is_not_offered_again_where_it_was_refused() {
    let server = Scripted::new(|_, seen| {
        if seen.path.starts_with("/closed/") { answer(401, &[], "") } else { answer(204, &[], "") }
    });
    let (client, url) = client(&server);
    let closed = url.join("/closed/a").unwrap();
    for _ in 0..3 {
        assert_eq!(client.get(&closed).unwrap_err().kind, ErrorKind::Unauthorized);
    }
    // It was accepted nowhere: then it is wrong, wherever it is offered.
    assert_eq!(client.get(&url.join("/open/a").unwrap()).unwrap_err().kind, ErrorKind::Unauthorized);
    assert_eq!(server.seen().len(), 1);
    let (client, url) = self::client(&server);
    client.get(&url.join("/open/a").unwrap()).unwrap();
    assert_eq!(client.get(&closed).unwrap_err().kind, ErrorKind::Unauthorized);
    assert_eq!(client.get(&url.join("/closed/b/c").unwrap()).unwrap_err().kind, ErrorKind::Unauthorized);
    assert_eq!(server.seen().len(), 3);
    client.get(&url.join("/open/b").unwrap()).unwrap();
}

#[test]
fn a_login_is_given_in_the_way_that_the_server_asks_for() {
    let challenge = ("WWW-Authenticate", "SCRAM-SHA-256, Digest realm=\"r\", nonce=\"n\", qop=\"auth\"");
    let server = Scripted::new(move |_, seen| match seen.header("authorization") {
        Some(value) if value.starts_with("Digest username=\"alice\", realm=\"r\"") => answer(204, &[], ""),
        _ => answer(401, &[challenge], ""),
    });
    let (client, url) = client(&server);
    client.put(&url.join("/a").unwrap(), "text/calendar", b"BODY", Expect::Absent).unwrap();
    client.delete(&url.join("/a").unwrap(), None).unwrap();
    let seen: Vec<_> = server.seen().iter().map(|seen| (seen.method.clone(), seen.body.clone())).collect();
    // From the second request on it is known how.
    let put = ("PUT".to_owned(), b"BODY".to_vec());
    assert_eq!(seen, [put.clone(), put, ("DELETE".to_owned(), Vec::new())]);
}

#[test]
fn no_secret_is_printed() {
    let server = Scripted::new(|_, _| answer(401, &[], ""));
    let (client, url) = client(&server);
    let credentials = Credentials { user: "alice".to_owned(), password: "alicepw".into() };
    let failed = client.get(&url).unwrap_err();
    let printed = format!("{client:?} {credentials:?} {failed:?} {failed}");
    assert!(!printed.contains("alicepw") && !printed.contains("YWxpY2U6"), "{printed}");
    let with_login = Url::parse("https://alice:alicepw@dav.example.test/").unwrap();
    let failed = Client::new(&with_login, None, &ClientSettings::default()).unwrap_err();
    assert!(!format!("{failed:?}").contains("alicepw"));
}

#[test]
fn a_connection_that_breaks_in_the_middle_of_an_answer_is_offline() {
    let cut = |mut bytes: Vec<u8>| {
        bytes.truncate(bytes.len() - 20);
        bytes
    };
    let server = Scripted::new(move |number, _| match number {
        0 => cut(multistatus(&found("/a", "<D:getetag>\"1\"</D:getetag>"))),
        1 => cut(answer(200, &[("ETag", "\"1\"")], "BEGIN:VCALENDAR and more of it")),
        2 => b"HTTP/1.1 200 OK\r\nContent-Le".to_vec(),
        _ => Vec::new(),
    });
    let (client, url) = client(&server);
    let mut rows = 0;
    let mut sink = |_| {
        rows += 1;
        Ok(())
    };
    let failed = client.propfind(&url, Depth::One, &[names::GETETAG], &mut sink).unwrap_err();
    assert_eq!(failed.kind, ErrorKind::Offline);
    for _ in 0..3 {
        assert_eq!(client.get(&url).unwrap_err().kind, ErrorKind::Offline);
    }
    assert_eq!(server.seen().len(), 4, "nothing is sent twice");
}

#[test]
fn a_body_that_ends_early_without_saying_how_long_it_is_is_no_answer() {
    let server = Scripted::play(vec![
        b"HTTP/1.0 207 Multi-Status\r\n\r\n<D:multistatus xmlns:D='DAV:'><D:response><D:href>/a</D:href></D:response>".to_vec(),
    ]);
    let (client, url) = client(&server);
    let failed = client.propfind(&url, Depth::One, &[names::GETETAG], &mut |_| Ok(())).unwrap_err();
    assert_eq!(failed.kind, ErrorKind::Malformed);
}

#[test]
fn a_server_that_is_not_there_or_silent_is_offline() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    let settings = ClientSettings { read_timeout: Duration::from_millis(200), ..ClientSettings::default() };
    let client = Client::new(&silent, None, &settings).unwrap();
    let failed = client.get(&silent).unwrap_err();
    assert_eq!(failed.kind, ErrorKind::Offline);
    assert!(failed.what.contains("within a second"), "{failed}");
    // A deadline shortens the wait.
    let settings = ClientSettings { read_timeout: Duration::from_secs(60), ..ClientSettings::default() };
    let begun = Instant::now();
    let counter = Arc::new(AtomicU64::new(0));
    let client = Client::new(&silent, None, &settings)
        .unwrap()
        .counting(counter.clone(), Some(begun + Duration::from_millis(200)));
    assert_eq!(client.get(&silent).unwrap_err().kind, ErrorKind::Offline);
    assert!(begun.elapsed() < Duration::from_secs(10));
    assert_eq!(counter.load(Ordering::Relaxed), 1);
    drop(listener);
    let failed = client.get(&silent).unwrap_err();
    assert_eq!(failed.kind, ErrorKind::Offline);
}

/// A server that sends its answer byte by byte, each after a pause.
fn trickling(pause: Duration) -> Url {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 4_096]);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nETag: \"1\"\r\nContent-Length: 8\r\n\r\n");
        for byte in b"12345678" {
            std::thread::sleep(pause);
            let _ = stream.write_all(&[*byte]);
        }
    });
    url
}

#[test]
fn patience_is_for_each_piece_of_an_answer_and_a_deadline_for_all_of_it() {
    let settings = |read_timeout| ClientSettings { read_timeout, ..ClientSettings::default() };
    // Eight pieces take longer than the patience for one.
    let url = trickling(Duration::from_millis(700));
    let client = Client::new(&url, None, &settings(Duration::from_secs(5))).unwrap();
    assert_eq!(client.get(&url).unwrap().body, b"12345678");

    let url = trickling(Duration::from_secs(5));
    let client = Client::new(&url, None, &settings(Duration::from_millis(200))).unwrap();
    assert_eq!(client.get(&url).unwrap_err().kind, ErrorKind::Offline, "one piece");

    let url = trickling(Duration::from_secs(1));
    let end = Instant::now() + Duration::from_secs(2);
    let client = Client::new(&url, None, &settings(Duration::from_secs(60))).unwrap();
    let client = client.counting(Arc::default(), Some(end));
    assert_eq!(client.get(&url).unwrap_err().kind, ErrorKind::Offline, "all of them");
}

#[test]
fn an_answer_that_is_no_multistatus_is_malformed() {
    for bytes in [
        answer(200, &[], "<html>Welcome</html>"),
        answer(207, &[], "<html>Welcome</html>"),
        answer(207, &[], "Welcome"),
        answer(207, &[], ""),
    ] {
        let server = Scripted::play(vec![bytes]);
        let (client, url) = client(&server);
        let failed = client.propfind(&url, Depth::Zero, &[names::GETETAG], &mut |_| Ok(())).unwrap_err();
        assert_eq!(failed.kind, ErrorKind::Malformed);
    }
}

#[test]
fn a_truncated_report_is_asked_for_to_its_end() {
    let server = Scripted::new(|_, seen| {
        let (row, token, more) = match seen.text() {
            body if body.contains("<D:sync-token></D:sync-token>") => ("/a/1", "one", true),
            body if body.contains("<D:sync-token>one</D:sync-token>") => ("/a/2", "two", true),
            _ => ("/a/3", "three", false),
        };
        let more = if more {
            "<D:response><D:href>/a/</D:href><D:status>HTTP/1.1 507 More</D:status></D:response>"
        } else {
            ""
        };
        let token = format!("<D:sync-token>{token}</D:sync-token>");
        multistatus(&(found(row, "<D:getetag>\"1\"</D:getetag>") + more + &token))
    });
    let (client, url) = client(&server);
    let mut hrefs = Vec::new();
    let token = client
        .sync_collection(&url.join("/a/").unwrap(), None, &mut |row| {
            hrefs.push(row.href);
            Ok(())
        })
        .unwrap();
    assert_eq!(
        (hrefs, token.as_str()),
        (vec!["/a/1".to_owned(), "/a/2".to_owned(), "/a/3".to_owned()], "three")
    );
}

#[test]
fn a_server_that_never_gets_further_is_not_asked_forever() {
    let more = "<D:response><D:href>/a/</D:href><D:status>HTTP/1.1 507 More</D:status></D:response>";
    let one = found("/a/1.ics", "<D:getetag>\"1\"</D:getetag>");
    for (what, rows, token, requests) in [
        ("it stays where it is", format!("{more}{one}"), "same", 2),
        ("it tells nothing and moves on", more.to_owned(), "", 1),
    ] {
        let server = Scripted::new(move |number, _| {
            let token = if token.is_empty() { number.to_string() } else { token.to_owned() };
            multistatus(&format!("{rows}<D:sync-token>{token}</D:sync-token>"))
        });
        let (client, url) = client(&server);
        let failed = client.sync_collection(&url.join("/a/").unwrap(), None, &mut |_| Ok(())).unwrap_err();
        assert_eq!((failed.kind, server.seen().len()), (ErrorKind::Malformed, requests), "{what}");
    }
}

#[test]
fn collections_are_found_past_places_that_do_not_answer() {
    for closed in [401, 404, 405, 500] {
        let server = Scripted::new(move |_, seen| match seen.path.as_str() {
            "/.well-known/caldav" => answer(301, &[("Location", "/dav")], ""),
            "/dav" => answer(301, &[("Location", "/dav/")], ""),
            "/dav/" => multistatus(&found(
                "/dav/",
                "<D:resourcetype><D:collection/></D:resourcetype><D:current-user-principal><D:href>/dav/alice</D:href></D:current-user-principal>",
            )),
            "/dav/alice" => multistatus(&found(
                "/dav/alice",
                "<C:calendar-home-set><D:href>/dav/alice/</D:href></C:calendar-home-set>\
                 <R:addressbook-home-set><D:href>/dav/alice/</D:href></R:addressbook-home-set>\
                 <C:calendar-user-address-set><D:href>MAILTO:alice@example.test</D:href><D:href>/dav/alice</D:href></C:calendar-user-address-set>",
            )),
            "/dav/alice/" => multistatus(
                &(found("/dav/alice/", "<D:resourcetype><D:collection/></D:resourcetype>")
                    + &found("/dav/alice/personal.ics", "<D:resourcetype/>")
                    + &found(
                        "/dav/alice/inbox/",
                        "<D:resourcetype><D:collection/><C:schedule-inbox/></D:resourcetype>",
                    )
                    + &found(
                        "/dav/alice/work/",
                        "<D:resourcetype><D:collection/><C:calendar/></D:resourcetype>",
                    )
                    + &found(
                        "/dav/alice/people/",
                        "<D:resourcetype><D:collection/><R:addressbook/></D:resourcetype>",
                    )),
            ),
            _ => answer(closed, &[], ""),
        });
        let (client, url) = client(&server);
        let found = discover(&client, &url).unwrap();
        let collections: Vec<_> =
            found.collections.iter().map(|it| (it.url.path(), it.kind.unwrap())).collect();
        assert_eq!(
            collections,
            [
                ("/dav/alice/work/", CollectionKind::Calendar),
                ("/dav/alice/people/", CollectionKind::AddressBook)
            ],
            "{closed}"
        );
        assert_eq!(found.mail_addresses, ["alice@example.test"]);
        assert_eq!(found.principal.unwrap().path(), "/dav/alice");
    }
}

/// Servers say so of users who have nothing yet. To list it would be to list the server.
#[test]
fn an_empty_home_is_not_listed() {
    let homes = ["<C:calendar-home-set/>", "<C:calendar-home-set><D:href/></C:calendar-home-set>", ""];
    for home in homes {
        let server = Scripted::new(move |_, seen| match seen.path.as_str() {
            "/" => multistatus(&found(
                "/",
                &format!(
                    "{home}<R:addressbook-home-set><D:href> </D:href></R:addressbook-home-set>\
                     <D:current-user-principal><D:href/></D:current-user-principal>"
                ),
            )),
            _ => answer(404, &[], ""),
        });
        let (client, url) = client(&server);
        let failed = discover(&client, &url).unwrap_err();
        assert_eq!(failed.kind, ErrorKind::Gone, "{home}: {failed}");
        let listed = server.seen().iter().filter(|seen| seen.header("depth") != Some("0")).count();
        assert_eq!(listed, 0, "{home}: {:#?}", server.seen());
    }
}

#[test]
fn a_place_that_fails_for_the_token_of_what_has_none_is_not_asked_for_it() {
    let server = Scripted::new(|_, seen| {
        let homes = "<C:calendar-home-set><D:href>/a/</D:href></C:calendar-home-set>\
                     <D:resourcetype><D:collection/><C:calendar/></D:resourcetype>";
        if seen.text().contains("sync-token") {
            answer(500, &[], "")
        } else {
            multistatus(&found("/a/", homes))
        }
    });
    let (client, url) = client(&server);
    assert_eq!(discover(&client, &url.join("/a/").unwrap()).unwrap().collections.len(), 1);
}

#[test]
fn several_homes_of_one_kind_are_all_listed() {
    let server = Scripted::new(|_, seen| match (seen.path.as_str(), seen.header("depth")) {
        ("/me/", _) => multistatus(&found(
            "/me/",
            "<C:calendar-home-set><D:href>/one/</D:href><D:href>/two/</D:href></C:calendar-home-set>\
             <R:addressbook-home-set><D:href>/two/</D:href></R:addressbook-home-set>",
        )),
        (home @ ("/one/" | "/two/"), Some("1")) => {
            let types = "<D:resourcetype><D:collection/><C:calendar/></D:resourcetype>";
            multistatus(&found(&format!("{home}work/"), types))
        }
        _ => answer(404, &[], ""),
    });
    let (client, url) = client(&server);
    let found = discover(&client, &url.join("/me/").unwrap()).unwrap();
    let paths: Vec<_> = found.collections.iter().map(|it| it.url.path()).collect();
    assert_eq!(paths, ["/one/work/", "/two/work/"]);
    let listed: Vec<_> = server.seen().into_iter().filter(|seen| seen.header("depth") == Some("1")).collect();
    assert_eq!(listed.len(), 2, "each home is listed once");
}

/// A bare address: the login is offered at the first signpost, and what is said there is told.
#[test]
fn who_refuses_the_login_at_the_first_signpost_is_told_of_by_its_own_answer() {
    let server = Scripted::new(|_, _| answer(401, &[("WWW-Authenticate", "Basic realm=\"x\"")], ""));
    let (client, url) = client(&server);
    let failed = discover(&client, &url).unwrap_err();
    assert_eq!(failed.kind, ErrorKind::Unauthorized);
    assert!(failed.what.contains("PROPFIND /.well-known/caldav with 401"), "{failed}");
    assert_eq!(server.seen().len(), 1, "and not again");
}

#[test]
fn a_server_without_collections_is_told_from_one_that_does_not_answer() {
    let server = Scripted::new(|_, _| answer(404, &[], ""));
    let (client_1, url) = client(&server);
    assert_eq!(discover(&client_1, &url).unwrap_err().kind, ErrorKind::Gone);
    let server = Scripted::new(|_, _| Vec::new());
    let (client_2, url) = client(&server);
    assert_eq!(discover(&client_2, &url).unwrap_err().kind, ErrorKind::Offline);
    assert_eq!(server.seen().len(), 1);
}

#[test]
fn a_collection_stands_for_itself_where_nothing_else_answers() {
    let server = Scripted::new(|_, seen| match seen.path.as_str() {
        "/shared/team/" => multistatus(&found(
            "/shared/team/",
            "<D:displayname>Team</D:displayname><D:resourcetype><D:collection/><C:calendar/></D:resourcetype>\
             <D:current-user-privilege-set><D:privilege><D:read/></D:privilege></D:current-user-privilege-set>",
        )),
        _ => answer(401, &[], ""),
    });
    let (client, url) = client(&server);
    let found = discover(&client, &url.join("/shared/team/").unwrap()).unwrap();
    assert_eq!(found.collections.len(), 1);
    assert_eq!(found.collections[0].name.as_deref(), Some("Team"));
    assert!(found.collections[0].privileges.unwrap().is_read_only());
}

#[test]
fn a_read_is_led_on_by_303_and_a_write_is_not() {
    let server = Scripted::new(|_, seen| match seen.path.as_str() {
        "/old" => answer(303, &[("Location", "/new")], ""),
        _ => multistatus(&found("/new", "<D:getetag>\"1\"</D:getetag>")),
    });
    let (client, url) = client(&server);
    let old = url.join("/old").unwrap();
    let (answered, _) = client.propfind_one(&old, &[names::GETETAG]).unwrap();
    assert_eq!(answered.path(), "/new");
    assert!(client.put(&old, "text/calendar", b"BODY", Expect::Absent).is_err());
    let puts = server.seen().into_iter().filter(|seen| seen.method == "PUT");
    assert_eq!(puts.map(|seen| seen.path).collect::<Vec<_>>(), ["/old"]);
}

#[test]
fn a_calendar_is_made_in_the_other_way_where_the_first_is_not_known() {
    for unknown in [400, 403, 405, 415, 501] {
        let server = Scripted::new(move |_, seen| match seen.method.as_str() {
            "MKCALENDAR" => answer(unknown, &[], ""),
            "MKCOL" => answer(201, &[], ""),
            "PROPFIND" if seen.text().contains("displayname") => multistatus(&found(
                "/a/sample/",
                "<D:displayname>Sample</D:displayname><D:resourcetype><D:collection/><C:calendar/></D:resourcetype>",
            )),
            _ => answer(404, &[], ""),
        });
        let (client, url) = client(&server);
        let new = NewCollection {
            kind: CollectionKind::Calendar,
            components: Components { events: true, tasks: false },
            name: "Sample",
            colour: None,
        };
        let made = client.make_collection_in(&url.join("/a/").unwrap(), &new).unwrap();
        assert_eq!((made.url.path(), made.kind), ("/a/sample/", Some(CollectionKind::Calendar)));
        let seen: Vec<_> = server.seen().into_iter().map(|seen| seen.method).collect();
        assert_eq!(
            seen,
            ["PROPFIND", "MKCALENDAR", "PROPFIND", "MKCOL", "PROPFIND", "PROPFIND"],
            "{unknown}"
        );
    }
}

#[test]
fn what_is_there_already_is_not_made_again() {
    let server = Scripted::new(|_, seen| match seen.method.as_str() {
        "PROPFIND" => multistatus(&found("/a/", "<D:resourcetype><D:collection/></D:resourcetype>")),
        _ => answer(405, &[], ""),
    });
    let (client, url) = client(&server);
    let new = NewCollection {
        kind: CollectionKind::Calendar,
        components: Components::BOTH,
        name: "Sample",
        colour: None,
    };
    let refused = client.make_collection(&url.join("/a/").unwrap(), &new).unwrap_err();
    assert_eq!((refused.kind, refused.status), (ErrorKind::Refused, Some(405)));
    assert!(server.seen().iter().all(|seen| seen.method != "MKCOL"));
    assert_eq!(client.make_collection_in(&url, &new).unwrap_err().kind, ErrorKind::Refused);
}

#[test]
fn delegations_that_fail_are_passed_over() {
    for closed in [401, 403, 404, 500] {
        let server = Scripted::new(move |_, seen| match (seen.method.as_str(), seen.path.as_str()) {
            ("OPTIONS", _) => answer(200, &[("DAV", "1, calendar-access, calendar-proxy")], ""),
            ("PROPFIND", "/me/") if seen.text().contains("calendar-proxy-write-for") => {
                let own = "xmlns='http://calendarserver.org/ns/'";
                multistatus(&found(
                    "/me/",
                    &format!(
                        "<calendar-proxy-write-for {own}><D:href>/closed/</D:href><D:href>/open/</D:href></calendar-proxy-write-for>"
                    ),
                ))
            }
            ("PROPFIND", "/closed/") => answer(closed, &[], ""),
            ("PROPFIND", path @ ("/me/" | "/open/")) => multistatus(&found(
                path,
                &format!(
                    "<D:current-user-principal><D:href>/me/</D:href></D:current-user-principal>\
                     <C:calendar-home-set><D:href>{path}home/</D:href></C:calendar-home-set>\
                     <R:addressbook-home-set><D:href>{path}home/</D:href></R:addressbook-home-set>"
                ),
            )),
            ("PROPFIND", path) => multistatus(&found(
                &format!("{path}work/"),
                "<D:resourcetype><D:collection/><C:calendar/></D:resourcetype>",
            )),
            _ => answer(404, &[], ""),
        });
        let (client, url) = client(&server);
        let found = discover(&client, &url.join("/me/").unwrap()).unwrap();
        assert_eq!(found.collections.len(), 1, "{closed}");
        let [theirs] = found.delegated.as_slice() else { panic!("{closed}: {found:#?}") };
        assert_eq!((theirs.principal.path(), theirs.access), ("/open/", Access::Write));
        assert_eq!(theirs.collections[0].url.path(), "/open/home/work/");
    }
}

#[test]
fn a_server_that_does_not_announce_delegation_is_not_asked_for_it() {
    let server = Scripted::new(|_, seen| match seen.method.as_str() {
        "OPTIONS" => answer(200, &[("DAV", "1, calendar-access")], ""),
        _ => answer(500, &[], ""),
    });
    let (client, url) = client(&server);
    assert_eq!(client.proxy_for(&url).unwrap(), ProxyFor::default());
    assert_eq!(server.seen().len(), 1);
}

#[test]
fn a_room_is_found_by_its_whole_name_and_a_person_is_none() {
    let principal = |href: &str, name: &str, kind: &str| {
        let kind = format!("<C:calendar-user-type>{kind}</C:calendar-user-type>");
        found(href, &format!("<D:displayname>{name}</D:displayname>{kind}"))
    };
    let server = Scripted::new(move |_, _| {
        multistatus(
            &[
                principal("/p/keeper/", "Room 1", "INDIVIDUAL"),
                principal("/p/larger/", "Room 12", "ROOM"),
                principal("/p/room/", "room 1", "ROOM"),
                principal("/p/beamer/", "Beamer", "RESOURCE"),
            ]
            .concat(),
        )
    });
    let (client, url) = client(&server);
    for (name, expected) in
        [("Room 1", Some("/p/room/")), (" beamer ", Some("/p/beamer/")), ("Room", None), ("", None)]
    {
        let found = client.find_resource(&url, name).unwrap();
        assert_eq!(found.as_ref().map(|found| found.url.path()), expected, "{name:?}");
    }
    assert_eq!(server.seen().len(), 3, "an empty name is not searched for");
}
