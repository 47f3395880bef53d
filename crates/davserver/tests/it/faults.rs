//! What goes wrong on purpose, as a client sees it.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use dovetail_davserver::faults::{BadEtags, Fault, RetryAfter, RewrittenEtag, Tokens, When, Which};
use dovetail_davserver::{Faults, Server, Settings};

use crate::http::{Answer, meeting, send};

const CALENDAR: &str = "/sample/calendar/";
const OBJECT: &str = "/sample/calendar/o0.ics";

/// A server with twenty events, on which this goes wrong with every request.
fn server(fault: Fault) -> Server {
    server_with(Faults::always(Which::default(), fault))
}

fn server_with(faults: Faults) -> Server {
    let server = Server::start(Settings::default()).unwrap();
    for number in 0..20 {
        let uid = format!("o{number}");
        server.put(&format!("{CALENDAR}{uid}.ics"), meeting(&uid).as_bytes()).unwrap();
    }
    server.set_faults(faults);
    server
}

fn list(server: &Server) -> Answer {
    let body = "<propfind xmlns='DAV:' xmlns:S='http://calendarserver.org/ns/'><prop><getetag/><sync-token/><S:getctag/>\
                <getlastmodified/></prop></propfind>";
    send(server, &format!("PROPFIND {CALENDAR}"), &[("Depth", "1")], body)
}

fn sync(server: &Server, token: &str) -> Answer {
    let body = format!(
        "<sync-collection xmlns='DAV:'><sync-token>{token}</sync-token><sync-level>1</sync-level><prop><getetag/>\
         </prop></sync-collection>"
    );
    send(server, &format!("REPORT {CALENDAR}"), &[], &body)
}

fn get(server: &Server) -> Answer {
    send(server, &format!("GET {OBJECT}"), &[], "")
}

fn put(server: &Server, headers: &[(&str, &str)], body: &str) -> Answer {
    send(server, &format!("PUT {OBJECT}"), headers, body)
}

/// Another body for the same object.
fn other() -> String {
    meeting("o0").replace("Sample", "Other")
}

fn stored(server: &Server) -> String {
    let objects = server.objects(CALENDAR);
    String::from_utf8(objects.into_iter().find(|object| object.name == "o0.ics").unwrap().bytes).unwrap()
}

fn rows(answer: &Answer) -> BTreeSet<&str> {
    answer.all("D:href").into_iter().filter(|href| href.ends_with(".ics")).collect()
}

#[test]
fn rows_are_left_out_fail_or_end_early() {
    let server = server(Fault::RowsLeftOut { one_in: 3 });
    let (first, second) = (list(&server), list(&server));
    let lost = 20 - rows(&first).len();
    assert!((1..15).contains(&lost), "{lost}");
    assert!(rows(&first) != rows(&second), "each listing misses others");
    server.set_faults(Faults::always(Which::default(), Fault::RowsLeftOut { one_in: 3 }));
    assert_eq!(list(&server).body, first.body, "the same requests miss the same");

    server.set_faults(Faults::always(Which::default(), Fault::RowsFail { one_in: 1, status: 503 }));
    let failed = list(&server);
    assert_eq!(rows(&failed).len(), 20);
    assert_eq!(failed.body.matches(" 503 ").count(), 20);

    for (fault, expected, says_so) in [
        (Fault::CutSilently { rows: 5 }, 5, false),
        (Fault::ListingEmpty, 0, false),
        (Fault::Truncated { rows: 5 }, 5, true),
    ] {
        server.set_faults(Faults::always(Which::default(), fault));
        for answer in [list(&server), sync(&server, "")] {
            assert_eq!((answer.status, rows(&answer).len()), (207, expected));
            assert_eq!(answer.body.contains(" 507 "), says_so, "{}", answer.body);
        }
    }
    let (mut token, mut seen) = (String::new(), BTreeSet::new());
    for _ in 0..4 {
        let page = sync(&server, &token);
        seen.extend(rows(&page).into_iter().map(str::to_owned));
        token = page.all("D:sync-token")[0].to_owned();
    }
    assert_eq!(seen.len(), 20, "the token of a page goes on from it");
}

#[test]
fn a_collection_that_cannot_be_listed_answers_otherwise() {
    let server = server(Fault::ListingMissing);
    assert_eq!((list(&server).status, sync(&server, "").status, get(&server).status), (404, 404, 200));
    let own = send(&server, &format!("PROPFIND {CALENDAR}"), &[("Depth", "0")], "");
    assert_eq!(own.status, 207);
}

#[test]
fn what_fails_is_done_or_not_as_the_fault_says() {
    let date = |answer: &Answer| answer.header("retry-after").is_some_and(|value| value.ends_with("GMT"));
    let rows = [
        (Fault::Fails { status: 401, retry_after: None }, 401, false),
        (Fault::Fails { status: 403, retry_after: None }, 403, false),
        (Fault::Fails { status: 429, retry_after: Some(RetryAfter::Seconds(7)) }, 429, false),
        (Fault::Fails { status: 503, retry_after: Some(RetryAfter::Date(7)) }, 503, false),
        (Fault::Fails { status: 507, retry_after: None }, 507, false),
        (Fault::FailsAfterwards { status: 412 }, 412, true),
        (Fault::FailsAfterwards { status: 500 }, 500, true),
        (Fault::ClosedBefore, 0, false),
        (Fault::ClosedAfterwards, 0, true),
    ];
    for (fault, status, done) in rows {
        let server = server(fault.clone());
        let answer = put(&server, &[], &other());
        assert_eq!((answer.status, stored(&server) == other()), (status, done), "{fault:?}");
        match status {
            401 => assert!(answer.header("www-authenticate").is_some()),
            429 => assert_eq!(answer.header("retry-after"), Some("7")),
            503 => assert!(date(&answer), "{answer:?}"),
            _ => {}
        }
        assert_eq!(server.requests()[0].status.unwrap_or(0), status);
    }
}

#[test]
fn etags_are_as_bad_as_they_are_said_to_be() {
    let told = |bad: BadEtags| {
        let server = server(Fault::Etags(bad));
        let header = get(&server).header("etag").map(str::to_owned);
        let property = list(&server).all("D:getetag").first().map(|etag| etag.replace("&quot;", "\""));
        (server, header, property)
    };
    let (_, header, property) = told(BadEtags::Missing);
    assert_eq!((header, property), (None, None));
    let (server, header, property) = told(BadEtags::Weak);
    assert!(header == property && header.as_ref().unwrap().starts_with("W/\""));
    assert_eq!(put(&server, &[("If-Match", &header.unwrap())], &other()).status, 412);
    let (server, header, property) = told(BadEtags::Changing);
    assert!(header != property);
    assert_eq!(put(&server, &[("If-Match", &header.unwrap())], &other()).status, 412);
    let (_, header, property) = told(BadEtags::Unquoted);
    assert_eq!(header.unwrap().trim_matches('"'), property.unwrap());
    let (server, header, _) = told(BadEtags::Repeating);
    let first = header.unwrap();
    let second = put(&server, &[("If-Match", &first)], &other());
    assert!(second.status == 204 && second.header("etag") != Some(&first));
    server.delete(OBJECT).unwrap();
    assert_eq!(put(&server, &[], &other()).header("etag"), Some(first.as_str()), "as when it was first made");
}

#[test]
fn the_state_of_a_collection_is_told_as_well_as_it_is_said_to_be() {
    let server = server(Fault::Tokens(Tokens::CtagOnly));
    let ctag = |server: &Server| list(server).all("CS:getctag").first().map(ToString::to_string);
    assert!(list(&server).all("D:sync-token").is_empty() && ctag(&server).is_some());
    assert_eq!(sync(&server, "").status, 403);
    server.set_faults(Faults::always(Which::default(), Fault::Tokens(Tokens::Missing)));
    assert!(list(&server).all("D:sync-token").is_empty() && ctag(&server).is_none());

    server.set_faults(Faults::always(Which::default(), Fault::Tokens(Tokens::Coarse)));
    server.next_second();
    server.put(OBJECT, other().as_bytes()).unwrap();
    let (before, token) = (ctag(&server), sync(&server, "").all("D:sync-token")[0].to_owned());
    server.delete(OBJECT).unwrap();
    assert_eq!(ctag(&server), before, "a change that the clock does not show");
    for _ in 0..2 {
        assert_eq!(rows(&sync(&server, &token)).len(), 1, "told, and told again");
        assert_eq!(sync(&server, &token).all("D:sync-token"), [token.as_str()]);
    }
    server.next_second();
    server.put(OBJECT, other().as_bytes()).unwrap();
    assert_ne!(ctag(&server), before, "a change in another second");
    assert_eq!(rows(&sync(&server, &token)).len(), 1);
    assert_ne!(sync(&server, &token).all("D:sync-token"), [token.as_str()]);
    for status in [403, 409, 410, 507] {
        server.set_faults(Faults::always(Which::body("sync-collection"), Fault::TokenRefused { status }));
        let refused = sync(&server, &token);
        assert!(refused.status == status && refused.body.contains("<D:valid-sync-token/>"));
        assert_eq!(sync(&server, "").status, 207);
    }
}

#[test]
fn preconditions_can_be_ignored() {
    let server = server(Fault::IfNoneMatchIgnored);
    assert_eq!(put(&server, &[("If-None-Match", "*")], &other()).status, 204);
    assert_eq!(stored(&server), other());
    server.set_faults(Faults::always(Which::method("DELETE"), Fault::IfMatchIgnored));
    assert_eq!(put(&server, &[("If-Match", "\"x\"")], &other()).status, 412);
    assert_eq!(send(&server, &format!("DELETE {OBJECT}"), &[("If-Match", "\"x\"")], "").status, 204);
}

#[test]
fn hrefs_are_written_in_another_way_and_lead_to_the_same() {
    let server = server(Fault::HrefsEncodedDifferently);
    server.put("/sample/calendar/%C3%BC%40x.ics", meeting("odd").as_bytes()).unwrap();
    let spellings: BTreeSet<String> = (0..8).map(|_| list(&server).all("D:href").concat()).collect();
    assert_eq!(spellings.len(), 2, "{spellings:?}");
    for spelling in ["/sample/calendar/%c3%bc@x.ics", "/%73ample/%63alendar/%c3%bc@x.ics"] {
        assert_eq!(send(&server, &format!("GET {spelling}"), &[], "").status, 200);
    }
    server.set_faults(Faults::always(Which::default(), Fault::HrefsAbsolute));
    let url = server.url();
    assert!(list(&server).all("D:href").into_iter().all(|href| href.starts_with(&url)));
}

#[test]
fn redirects_lead_away() {
    for (to, expected) in [
        ("/elsewhere", format!("/elsewhere{OBJECT}")),
        ("http://other.example", format!("http://other.example{OBJECT}")),
    ] {
        let answer = get(&server(Fault::Redirect { status: 301, to: to.to_owned() }));
        assert_eq!((answer.status, answer.header("location")), (301, Some(expected.as_str())));
    }
}

#[test]
fn duplicate_uids_are_taken() {
    let server = server(Fault::DuplicateUidsTaken);
    let path = format!("PUT {CALENDAR}other.ics");
    assert_eq!(send(&server, &path, &[], &meeting("o0")).status, 201);
    let two = meeting("a").replace("END:VCALENDAR\r\n", "")
        + meeting("b").split_once("PRODID:-//Example//Sample//EN\r\n").unwrap().1;
    assert_eq!(send(&server, &path, &[], &two).status, 204);
}

#[test]
fn answers_are_late_cut_or_spoilt() {
    let whole = get(&server(Fault::ClosesSilently));
    assert!(whole.whole);
    let begun = Instant::now();
    get(&server(Fault::Slow(Duration::from_millis(150))));
    assert!(begun.elapsed() >= Duration::from_millis(150));
    let reset = get(&server(Fault::ResetInBody));
    assert!(!reset.whole && reset.status == 200 && reset.raw_body.len() < whole.raw_body.len());
    let cut = get(&server(Fault::CutInBody));
    assert!(cut.whole && cut.raw_body.len() == whole.raw_body.len() / 2);
    let garbage = list(&server(Fault::Garbage));
    assert!(garbage.status == 207 && garbage.body.contains("<html>"));
    let bad = list(&server(Fault::BadCharacters));
    assert!(
        bad.raw_body.contains(&1) && bad.raw_body.contains(&0xff) && bad.body.ends_with("</D:multistatus>\n")
    );
    let long = list(&server(Fault::Oversized { bytes: 1 << 20 }));
    assert!(
        long.whole && long.raw_body.len() == 1 << 20 && long.body.trim_end().ends_with("</D:multistatus>")
    );
}

#[test]
fn a_silent_close_says_that_the_connection_is_kept() {
    let server = server(Fault::ClosesSilently);
    let kept = crate::http::send_as_it_is(&server, "GET /.well-known/caldav", &[], "");
    // It came back at all: the end of the connection is what ends an answer here.
    assert!(kept.status == 301 && kept.header("connection").is_none());
}

#[test]
fn what_is_stored_is_rewritten() {
    for (told, has_etag) in [(RewrittenEtag::Told, true), (RewrittenEtag::Untold, false)] {
        let server = server(Fault::Rewrites(told));
        let answer = put(&server, &[], &other());
        assert_eq!((answer.status, answer.header("etag").is_some()), (204, has_etag));
        let stored = stored(&server);
        assert!(
            stored != other() && stored.contains("X-STORED-BY") && stored.contains("SUMMARY:Other"),
            "{stored}"
        );
        assert_eq!(stored.lines().count(), other().lines().count() + 1);
    }
}

#[test]
fn the_clock_jumps() {
    let far = i64::from(365 * 86_400);
    let server = server(Fault::ClockOff { seconds: -far });
    let (answer, listed) = (get(&server), list(&server));
    server.set_faults(Faults::default());
    let right = get(&server);
    for name in ["date", "last-modified"] {
        assert_ne!(answer.header(name).unwrap()[12..16], right.header(name).unwrap()[12..16], "{name}");
    }
    assert_eq!(listed.all("D:getlastmodified")[0], answer.header("last-modified").unwrap());
}

#[test]
fn a_rule_hits_the_requests_that_it_is_for() {
    let fails = Fault::Fails { status: 500, retry_after: None };
    let faults = Faults::always(Which::method("GET").when(When::Nth(2)), fails.clone())
        .and(Which::default().on("/tasks/"), fails);
    let server = server_with(faults);
    let statuses: Vec<u16> = (0..3).map(|_| get(&server).status).collect();
    assert_eq!(statuses, [200, 500, 200]);
    assert_eq!(send(&server, "OPTIONS /sample/tasks/", &[], "").status, 500);
    // Whoever uses the server directly is spared.
    server.put("/sample/calendar/new.ics", meeting("new").as_bytes()).unwrap();
}

#[test]
fn a_server_can_say_that_it_is_another_one_and_behave_so() {
    let server = server_with(Faults::like_sogo());
    let options = send(&server, &format!("OPTIONS {CALENDAR}"), &[], "");
    let classes = options.header("dav").unwrap();
    assert!(classes.contains("calendar-access") && classes.contains("calendar-query-extended"), "{classes}");
    let first = get(&server).header("etag").unwrap().to_owned();
    assert_eq!(put(&server, &[("If-None-Match", "*")], &other()).status, 204);
    assert_eq!(put(&server, &[("If-Match", &first)], &other()).status, 412);
    assert_eq!(send(&server, &format!("DELETE {OBJECT}"), &[("If-Match", "\"x\"")], "").status, 204);
    assert_eq!(put(&server, &[], &meeting("o0")).header("etag"), Some(first.as_str()));
    assert!(stored(&server).contains("X-STORED-BY"));
}
