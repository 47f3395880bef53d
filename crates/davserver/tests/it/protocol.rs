//! The methods, one after the other.

use dovetail_davserver::{Access, Beginning, CollectionKind, Server, Settings, User};

use crate::http::{event, meeting, send, send_as_it_is};

const CALENDAR: &str = "/sample/calendar/";

fn server() -> Server {
    Server::start(Settings::default()).unwrap()
}

fn propfind(server: &Server, path: &str, depth: &str, properties: &str) -> crate::http::Answer {
    let body = format!(
        "<propfind xmlns='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav' xmlns:R='urn:ietf:params:xml:ns:carddav' \
         xmlns:S='http://calendarserver.org/ns/'><prop>{properties}</prop></propfind>"
    );
    send(server, &format!("PROPFIND {path}"), &[("Depth", depth)], &body)
}

fn sync(server: &Server, token: &str, more: &str) -> crate::http::Answer {
    let body = format!(
        "<sync-collection xmlns='DAV:'><sync-token>{token}</sync-token><sync-level>1</sync-level>{more}\
         <prop><getetag/></prop></sync-collection>"
    );
    send(server, &format!("REPORT {CALENDAR}"), &[], &body)
}

#[test]
fn a_bare_host_leads_to_the_collections() {
    let server = server();
    let well_known = send_as_it_is(&server, "PROPFIND /.well-known/caldav", &[("Connection", "close")], "");
    assert_eq!((well_known.status, well_known.header("location")), (301, Some("/")));
    let principal = propfind(&server, "/", "0", "<current-user-principal/>");
    assert_eq!(principal.all("D:href"), ["/", "/principals/sample/"]);
    let homes =
        propfind(&server, "/principals/sample/", "0", "<C:calendar-home-set/><R:addressbook-home-set/>");
    assert_eq!(homes.all("D:href")[1..], ["/sample/", "/sample/"]);
    let found = propfind(&server, "/sample/", "1", "<resourcetype/><displayname/>");
    assert_eq!(found.status, 207);
    let hrefs = ["/sample/", "/sample/calendar/", "/sample/contacts/", "/sample/tasks/"];
    assert_eq!(found.all("D:href"), hrefs);
    assert_eq!(found.all("D:displayname"), ["sample", "Calendar", "Contacts", "Tasks"]);
}

#[test]
fn who_does_not_say_who_they_are_learns_nothing() {
    let server = server();
    for login in ["", "Basic c2FtcGxlOndyb25n", "Basic !", "Bearer c2FtcGxlOnNhbXBsZQ=="] {
        for request in
            ["GET /", "PUT /sample/calendar/a.ics", "PROPFIND /nowhere/", "DELETE /sample/calendar/"]
        {
            let answer =
                send_as_it_is(&server, request, &[("Authorization", login), ("Connection", "close")], "");
            assert_eq!(answer.status, 401, "{request} {login}");
            assert!(answer.header("www-authenticate").unwrap().starts_with("Basic realm="));
        }
    }
    assert_eq!(server.collections().len(), 3);
}

#[test]
fn nobody_sees_what_is_somebody_elses() {
    let users = vec![User::default(), User::new("other", "secret")];
    let server = Server::start(Settings { users, ..Settings::default() }).unwrap();
    server.put("/other/calendar/a.ics", meeting("a").as_bytes()).unwrap();
    for request in
        ["GET /other/calendar/a.ics", "DELETE /other/calendar/", "OPTIONS /other/", "MKCALENDAR /other/x/"]
    {
        assert_eq!(send(&server, request, &[], "").status, 403, "{request}");
    }
    assert_eq!(server.objects("/other/calendar/").len(), 1);
}

#[test]
fn what_is_put_is_what_is_got() {
    let server = server();
    let body = event("a", "DTSTART:20260302T090000Z\r\nSUMMARY:<&\"ü\"> \u{1f980}\r\n");
    let put = send(&server, "PUT /sample/calendar/a.ics", &[("If-None-Match", "*")], &body);
    assert_eq!(put.status, 201);
    let got = send(&server, "GET /sample/calendar/a.ics", &[], "");
    assert_eq!((got.status, &got.body, got.header("etag")), (200, &body, put.header("etag")));
    let again = [("If-None-Match", put.header("etag").unwrap())];
    assert_eq!(send(&server, "GET /sample/calendar/a.ics", &again, "").status, 304);
    let multiget = "<C:calendar-multiget xmlns:C='urn:ietf:params:xml:ns:caldav' xmlns='DAV:'><prop><getetag/>\
                    <C:calendar-data/></prop><href>/sample/calendar/a.ics</href><href>/sample/calendar/b.ics</href>\
                    </C:calendar-multiget>";
    let rows = send(&server, &format!("REPORT {CALENDAR}"), &[("Depth", "1")], multiget);
    let data = rows.all("C:calendar-data")[0]
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#13;", "\r");
    assert_eq!(data.replace("&amp;", "&"), body);
    assert_eq!(rows.all("D:status"), ["HTTP/1.1 200 OK", "HTTP/1.1 404 Not Found"]);
}

#[test]
fn conditions_are_kept() {
    let server = server();
    let etag = server.put("/sample/calendar/a.ics", meeting("a").as_bytes()).unwrap();
    let weak = format!("W/{etag}");
    let both = format!("\"x\", {etag}");
    let put = "PUT /sample/calendar/a.ics";
    let rows = [
        (put, "If-None-Match", "*", 412),
        (put, "If-None-Match", &*etag, 412),
        (put, "If-Match", "\"x\"", 412),
        (put, "If-Match", &weak, 412),
        (put, "If-Match", &both, 204),
        (put, "If-Match", "*", 204),
        ("PUT /sample/calendar/b.ics", "If-Match", "*", 412),
        ("DELETE /sample/calendar/a.ics", "If-Match", "\"x\"", 412),
        ("DELETE /sample/calendar/b.ics", "If-Match", "*", 404),
        ("DELETE /sample/calendar/a.ics", "If-Match", &etag, 204),
    ];
    for (request, name, value, expected) in rows {
        let uid = if request.ends_with("b.ics") { "b" } else { "a" };
        let body = if request.starts_with("PUT") { meeting(uid) } else { String::new() };
        assert_eq!(
            send(&server, request, &[(name, value)], &body).status,
            expected,
            "{request} {name}: {value}"
        );
    }
}

#[test]
fn a_token_tells_what_changed_and_nothing_else() {
    let server = server();
    for uid in ["a", "b", "c"] {
        server.put(&format!("{CALENDAR}{uid}.ics"), meeting(uid).as_bytes()).unwrap();
    }
    let first = sync(&server, "", "");
    assert_eq!(first.all("D:href").len(), 3);
    let token = first.all("D:sync-token")[0];
    let none = sync(&server, token, "");
    assert_eq!((none.all("D:href").len(), none.all("D:sync-token")[0]), (0, token));
    server.delete("/sample/calendar/b.ics").unwrap();
    server.put("/sample/calendar/d.ics", meeting("d").as_bytes()).unwrap();
    server.put("/sample/calendar/e.ics", meeting("e").as_bytes()).unwrap();
    server.delete("/sample/calendar/e.ics").unwrap();
    server.put("/sample/calendar/a.ics", event("a", "DTSTART:20260303T090000Z\r\n").as_bytes()).unwrap();
    let second = sync(&server, token, "");
    // What came and went in between was never told, and is not now.
    assert_eq!(second.all("D:href"), ["b", "d", "a"].map(|uid| format!("{CALENDAR}{uid}.ics")));
    assert_eq!(second.all("D:status")[0], "HTTP/1.1 404 Not Found");
    let stale = sync(&server, "data:,of-another-collection/1", "");
    assert_eq!(stale.status, 403);
    assert!(stale.body.contains("<D:valid-sync-token/>"));
}

#[test]
fn pages_add_up_to_the_whole_while_others_write() {
    let server = server();
    for number in 0..10 {
        let uid = format!("o{number}");
        server.put(&format!("{CALENDAR}{uid}.ics"), meeting(&uid).as_bytes()).unwrap();
    }
    let (mut token, mut seen) = (String::new(), std::collections::BTreeSet::new());
    for page in 0..20 {
        let answer = sync(&server, &token, "<limit><nresults>3</nresults></limit>");
        let truncated = answer.body.contains(" 507 ");
        for row in answer.all("D:response") {
            let href = row.split("</D:href>").next().unwrap().trim_start_matches("<D:href>").to_owned();
            match row.contains(" 404 ") {
                // Also of what came and went before its page was due: whoever never heard of it need not care.
                true => drop(seen.remove(&href)),
                false if href != CALENDAR => drop(seen.insert(href)),
                false => {}
            }
        }
        token = answer.all("D:sync-token")[0].to_owned();
        if !truncated {
            break;
        }
        // One that was told, one that was not yet.
        let _ = server.delete(&format!("{CALENDAR}o{page}.ics"));
        let _ = server.delete(&format!("{CALENDAR}o{}.ics", 9 - page));
        server.put(&format!("{CALENDAR}new{page}.ics"), meeting(&format!("new{page}")).as_bytes()).unwrap();
    }
    let there: Vec<String> =
        server.objects(CALENDAR).into_iter().map(|object| format!("{CALENDAR}{}", object.name)).collect();
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), there);
}

#[test]
fn collections_are_made_described_and_removed() {
    let server = server();
    let calendar = "<C:mkcalendar xmlns:C='urn:ietf:params:xml:ns:caldav' xmlns='DAV:'><set><prop>\
                    <displayname>A &amp; B</displayname><C:supported-calendar-component-set><C:comp name='VTODO'/>\
                    </C:supported-calendar-component-set></prop></set></C:mkcalendar>";
    let book = "<mkcol xmlns='DAV:' xmlns:R='urn:ietf:params:xml:ns:carddav'><set><prop><resourcetype><collection/>\
                <R:addressbook/></resourcetype><R:addressbook-description>Mine</R:addressbook-description></prop></set></mkcol>";
    assert_eq!(send(&server, "MKCALENDAR /sample/new%20one/", &[], calendar).status, 201);
    assert_eq!(send(&server, "MKCALENDAR /sample/new%20one/", &[], calendar).status, 405);
    assert_eq!(send(&server, "MKCOL /sample/book/", &[], book).status, 201);
    assert_eq!(send(&server, "MKCOL /sample/plain/", &[], "").status, 403);
    assert_eq!(send(&server, "MKCALENDAR /sample/calendar/inner/", &[], "").status, 403);
    let collections = server.collections();
    let made: Vec<_> = collections.iter().map(|it| (it.path.as_str(), it.kind, it.name.as_str())).collect();
    assert!(made.contains(&("/sample/new%20one/", CollectionKind::Tasks, "A & B")), "{made:?}");
    assert!(made.contains(&("/sample/book/", CollectionKind::Contacts, "")), "{made:?}");
    let patch = |inner: &str| {
        let body = format!("<propertyupdate xmlns='DAV:'>{inner}</propertyupdate>");
        send(&server, "PROPPATCH /sample/new%20one/", &[], &body)
    };
    let set = patch("<set><prop><displayname>C</displayname><x xmlns='urn:own'>1<y/></x></prop></set>");
    assert_eq!(set.all("D:status"), ["HTTP/1.1 200 OK"]);
    let own = propfind(&server, "/sample/new%20one/", "0", "<displayname/><x xmlns='urn:own'/><z/>");
    assert!(own.body.contains("<x xmlns=\"urn:own\">1<y/></x>"), "{}", own.body);
    assert_eq!(own.all("D:status"), ["HTTP/1.1 200 OK", "HTTP/1.1 404 Not Found"]);
    let refused = patch("<set><prop><displayname>D</displayname><getetag>1</getetag></prop></set>");
    assert_eq!(refused.all("D:status"), ["HTTP/1.1 403 Forbidden", "HTTP/1.1 424 Failed Dependency"]);
    let own = propfind(&server, "/sample/new%20one/", "0", "<displayname/>");
    assert_eq!(own.all("D:displayname"), ["C"], "all of it or nothing");
    assert_eq!(send(&server, "DELETE /sample/new%20one/", &[], "").status, 204);
    assert_eq!(propfind(&server, "/sample/new%20one/", "0", "<displayname/>").status, 404);
}

#[test]
fn what_is_read_only_stays_as_it_is() {
    let server = server();
    server.put("/sample/calendar/a.ics", meeting("a").as_bytes()).unwrap();
    server.set_access(CALENDAR, Access::ReadOnly).unwrap();
    let rights = propfind(&server, CALENDAR, "0", "<current-user-privilege-set/>");
    assert!(rights.body.contains("<D:read/>") && !rights.body.contains("<D:write"), "{}", rights.body);
    for request in
        ["PUT /sample/calendar/a.ics", "PUT /sample/calendar/b.ics", "DELETE /sample/calendar/a.ics"]
    {
        let body = if request.starts_with("PUT") { meeting("b") } else { String::new() };
        assert_eq!(send(&server, request, &[], &body).status, 403, "{request}");
    }
    assert_eq!(send(&server, "DELETE /sample/calendar/", &[], "").status, 403);
    assert_eq!(server.objects(CALENDAR).len(), 1);
}

#[test]
fn what_cannot_be_stored_is_refused_by_the_name_of_the_reason() {
    let server = Server::start(Settings { max_resource_size: 1_000, ..Settings::default() }).unwrap();
    server.put("/sample/calendar/taken.ics", meeting("taken").as_bytes()).unwrap();
    let card = |lines: &str| format!("BEGIN:VCARD\r\n{lines}END:VCARD\r\n");
    let task = meeting("t").replace("VEVENT", "VTODO");
    let rows = [
        ("calendar/a.ics", meeting(""), "valid-calendar-data"),
        ("calendar/a.ics", meeting("a").replace("DTSTART:2026", "DTSTART:x"), "valid-calendar-data"),
        ("calendar/a.ics", "nothing of the kind".to_owned(), "valid-calendar-data"),
        ("calendar/a.ics", meeting("a") + &meeting("b"), "valid-calendar-data"),
        (
            "calendar/a.ics",
            meeting("a").replace("PRODID", "METHOD:PUBLISH\r\nPRODID"),
            "valid-calendar-object-resource",
        ),
        ("calendar/a.ics", task, "supported-calendar-component"),
        ("calendar/a.ics", meeting("taken"), "no-uid-conflict"),
        ("calendar/taken.ics", meeting("other"), "no-uid-conflict"),
        ("calendar/a.ics", meeting(&"u".repeat(1_000)), "max-resource-size"),
        ("contacts/a.vcf", card("VERSION:3.0\r\nUID:a\r\n"), "valid-address-data"),
        ("contacts/a.vcf", card("VERSION:3.0\r\nFN:A\r\n"), "valid-address-data"),
        ("contacts/a.vcf", card("VERSION:2.1\r\nFN:A\r\nUID:a\r\n"), "supported-address-data"),
        ("contacts/a.vcf", meeting("a"), "valid-address-data"),
    ];
    for (place, body, expected) in rows {
        let answer = send(&server, &format!("PUT /sample/{place}"), &[], &body);
        assert!(
            (400..500).contains(&answer.status) && answer.body.contains(&format!(":{expected}")),
            "{answer:?}"
        );
    }
    assert_eq!(send(&server, "PUT /sample/nowhere/a.ics", &[], &meeting("a")).status, 409);
    assert_eq!((server.objects(CALENDAR).len(), server.objects("/sample/contacts/").len()), (1, 0));
}

#[test]
fn requests_are_remembered_without_their_secrets() {
    let server = server();
    send(&server, "PUT /sample/calendar/a.ics?x", &[("If-None-Match", "*")], &meeting("a"));
    send(&server, "BREW /", &[], "");
    let seen = server.requests();
    assert_eq!(server.request_count(), 2);
    assert_eq!((seen[0].method.as_str(), seen[0].path.as_str()), ("PUT", "/sample/calendar/a.ics?x"));
    assert_eq!((seen[0].header("if-none-match"), seen[0].header("authorization")), (Some("*"), None));
    assert_eq!((seen[0].status, seen[1].status), (Some(201), Some(405)));
    assert_eq!(seen[0].body, meeting("a"));
}

#[test]
fn objects_are_moved_and_copied_where_they_could_be_put() {
    let server = server();
    server.make_collection("/sample/other/", CollectionKind::Events, "Other").unwrap();
    for uid in ["a", "b"] {
        server.put(&format!("{CALENDAR}{uid}.ics"), meeting(uid).as_bytes()).unwrap();
    }
    let url = server.url();
    let rows = [
        ("MOVE /sample/calendar/a.ics", "sample/calendar/c.ics", "T", 201),
        ("MOVE /sample/calendar/a.ics", "sample/calendar/d.ics", "T", 404),
        ("COPY /sample/calendar/c.ics", "sample/calendar/d.ics", "T", 409),
        ("COPY /sample/calendar/c.ics", "sample/other/c.ics", "T", 201),
        ("COPY /sample/calendar/c.ics", "sample/other/c.ics", "T", 204),
        ("MOVE /sample/calendar/c.ics", "sample/other/c.ics", "F", 412),
        ("MOVE /sample/calendar/b.ics", "sample/other/c.ics", "T", 409),
        ("MOVE /sample/calendar/b.ics", "sample/tasks/b.ics", "T", 403),
        ("MOVE /sample/calendar/b.ics", "sample/nowhere/b.ics", "T", 409),
        ("MOVE /sample/calendar/b.ics", "somebody/calendar/b.ics", "T", 403),
        ("MOVE /sample/calendar/b.ics", "sample/other/b.ics", "F", 201),
    ];
    for (request, destination, overwrite, expected) in rows {
        let destination = format!("{url}{destination}");
        let headers = [("Destination", destination.as_str()), ("Overwrite", overwrite)];
        assert_eq!(send(&server, request, &headers, "").status, expected, "{request} {destination}");
    }
    let names = |path: &str| server.objects(path).into_iter().map(|it| it.name).collect::<Vec<_>>();
    assert_eq!(
        (names(CALENDAR), names("/sample/other/")),
        (vec!["c.ics".into()], vec!["b.ics".into(), "c.ics".into()])
    );
}

#[test]
fn settings_are_followed_or_refused() {
    let beginnings = vec![Beginning::new("one", CollectionKind::EventsAndTasks, "One")];
    let first = Server::start(Settings { beginnings, ..Settings::default() }).unwrap();
    let paths: Vec<String> = first.collections().into_iter().map(|it| it.path).collect();
    assert_eq!(paths, ["/sample/one/"]);
    let port: u16 = first.url().trim_end_matches('/').rsplit(':').next().unwrap().parse().unwrap();
    let again = || Server::start(Settings { port, ..Settings::default() });
    assert_eq!(again().unwrap_err().kind(), std::io::ErrorKind::AddrInUse);
    drop(first);
    assert_eq!(
        send(&again().unwrap(), "OPTIONS /", &[], "").status,
        200,
        "a port is free when its server is gone"
    );
    for name in ["", "principals", ".well-known", "a\u{0}"] {
        let users = vec![User::new(name, "secret")];
        assert!(Server::start(Settings { users, ..Settings::default() }).is_err(), "{name:?}");
    }
}

#[test]
fn a_request_that_breaks_off_anywhere_is_answered() {
    let server = server();
    let query = "<C:calendar-query xmlns:C='urn:ietf:params:xml:ns:caldav' xmlns='DAV:'><prop><C:calendar-data><C:expand \
                 start='20260101T000000Z' end='20270101T000000Z'/></C:calendar-data></prop><C:filter><C:comp-filter \
                 name='VCALENDAR'><C:comp-filter name='VEVENT'><C:time-range start='20260101T000000Z'/></C:comp-filter>\
                 </C:comp-filter></C:filter></C:calendar-query>";
    let series = event("a", "DTSTART:20260302T090000Z\r\nRRULE:FREQ=DAILY;COUNT=3\r\n");
    server.put("/sample/calendar/a.ics", series.as_bytes()).unwrap();
    let rows = [
        ("REPORT /sample/calendar/", query),
        ("PUT /sample/calendar/b.ics", &series.replace("UID:a", "UID:b")),
    ];
    for (request, body) in rows {
        for length in (0..body.trim_end().len()).step_by(3) {
            let answer = send(&server, request, &[], &body[..length]);
            assert!((400..500).contains(&answer.status), "{request} {length}: {answer:?}");
        }
        assert!(send(&server, request, &[], body).status < 300);
    }
    for method in ["MKCOL", "MKCALENDAR", "PROPPATCH", "COPY", "MOVE", "LOCK", "POST"] {
        let answer = send(&server, &format!("{method} /sample/x/y.ics"), &[], "<x");
        assert!((400..500).contains(&answer.status), "{method}: {answer:?}");
    }
}
