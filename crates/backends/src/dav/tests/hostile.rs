//! Answers that no honest server gives: nothing panics, nothing is taken for gone, nothing goes to anybody else.

use std::sync::atomic::{AtomicUsize, Ordering};

use dovetail_sync::storage::{Call, Collection, Fetched, ItemId, Row, SyncToken, Write};
use dovetail_testkit::servers::{Scripted, answer};

use super::super::fetching::{Room, fetch_ahead, fetch_into, side_by_side};
use super::scripted::{
    SYNCS, asked, creates, failed_row, ids, multistatus, row, server, snapshot, some_items, storage,
};
use super::{changes, draft, scope, token};

const NAMESPACES: &str = "xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav'";

fn document(body: &str) -> Vec<u8> {
    answer(207, &[("Content-Type", "application/xml")], body)
}

fn hostile() -> Vec<(&'static str, Vec<u8>)> {
    let whole =
        multistatus(&(row("/a/0.ics", "<D:getetag>\"1\"</D:getetag>") + "<D:sync-token>t</D:sync-token>"));
    let open = format!("<D:multistatus {NAMESPACES}>");
    let bomb = "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">\
                <!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;\"><!ENTITY d \"&c;&c;&c;&c;&c;&c;&c;&c;\">]>";
    let outside = "<!DOCTYPE x [<!ENTITY a SYSTEM \"file:///etc/hostname\">]>";
    let utf_16: Vec<u8> =
        "<D:multistatus xmlns:D='DAV:'/>".encode_utf16().flat_map(u16::to_le_bytes).collect();
    vec![
        ("nothing", answer(207, &[], "")),
        ("cut", whole[..whole.len() - 25].to_vec()),
        ("no XML", document("PK\u{3}\u{4} is not XML")),
        ("NUL bytes", document(&format!("{open}\0\0<D:response>\0</D:response></D:multistatus>"))),
        (
            "an entity bomb",
            document(&format!("{bomb}{open}<D:response><D:href>&d;</D:href></D:response></D:multistatus>")),
        ),
        (
            "an outer entity",
            document(&format!(
                "{outside}{open}<D:response><D:href>/a/&a;</D:href></D:response></D:multistatus>"
            )),
        ),
        ("deep nesting", document(&format!("{open}{}", "<D:response>".repeat(20_000)))),
        ("deep nesting of what is skipped", document(&format!("{open}{}", "<x>".repeat(20_000)))),
        ("one long name", document(&format!("{open}<{}", "a".repeat(1 << 20)))),
        ("one long href", document(&format!("{open}<D:response><D:href>/{}", "a".repeat(1 << 20)))),
        ("a thousand attributes", document(&format!("<D:multistatus {NAMESPACES} {}/>", attributes()))),
        (
            "another encoding",
            answer(
                207,
                &[("Content-Type", "application/xml; charset=utf-16")],
                &String::from_utf8_lossy(&utf_16),
            ),
        ),
        (
            "bytes of another encoding",
            answer_of(207, b"<?xml version='1.0' encoding='iso-8859-1'?><D:multistatus xmlns:D='DAV:'><D:response><D:href>/a/0\xfc\xff\xfe.ics</D:href></D:response></D:multistatus>"),
        ),
        (
            "a status that is none",
            document(&format!(
                "{open}<D:response><D:href>/a/0.ics</D:href><D:status>HTTP/1.1 99999999999999999999 X</D:status></D:response></D:multistatus>"
            )),
        ),
        ("no length", b"HTTP/1.1 207 X\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\n".to_vec()),
        ("a length that is none", b"HTTP/1.1 207 X\r\nContent-Length: -5\r\n\r\n".to_vec()),
        ("a promise", b"HTTP/1.1 207 X\r\nContent-Length: 99999999999\r\n\r\n<D:multistatus".to_vec()),
        ("headers without end", [b"HTTP/1.1 207 X\r\n".to_vec(), b"X: y\r\n".repeat(100_000)].concat()),
        ("not HTTP", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".to_vec()),
    ]
}

/// Documents that are longer than anything that is read.
fn endless() -> [(&'static str, Vec<u8>); 4] {
    let open = format!("<D:multistatus {NAMESPACES}>");
    [
        ("one endless name", document(&format!("{open}<{}", "a".repeat(33 << 20)))),
        ("one endless href", document(&format!("{open}<D:response><D:href>/{}", "a".repeat(33 << 20)))),
        (
            "one endless body",
            document(&format!(
                "{open}<D:response><D:href>/a/0.ics</D:href><D:propstat><D:prop><C:calendar-data>{}",
                "a".repeat(33 << 20)
            )),
        ),
        (
            "a hundred megabytes of blanks",
            document(&format!("{}{open}</D:multistatus>", " ".repeat(100 << 20))),
        ),
    ]
}

/// An answer whose body is no text.
fn answer_of(status: u16, body: &[u8]) -> Vec<u8> {
    let head =
        format!("HTTP/1.1 {status} Scripted\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

fn attributes() -> String {
    (0..1000).map(|number| format!("a{number}='{number}' ")).collect()
}

/// A token that an honest server of the same kind gave.
fn honest_token() -> SyncToken {
    let honest = server(SYNCS, some_items(3), |_, _| None);
    let (_, answer, _) = changes(&storage(&honest, SYNCS), None);
    token(answer)
}

/// Lists, reads and writes what a server has, and fails where an item is said to be gone or removed.
fn use_all(server: &Scripted, token: &SyncToken, what: &str) {
    for since in [None, Some(token)] {
        look(server, since, what);
    }
    let storage = storage(server, SYNCS);
    let update = Write::Update(snapshot(0), draft("0", "Changed"));
    let writes = [creates(9).remove(8), update, Write::Delete(snapshot(1))];
    let written = storage.write(&writes, &Call::default());
    assert_eq!(written.len(), 3, "{what}");
}

/// Lists and reads what a server has, likewise.
fn look(server: &Scripted, since: Option<&SyncToken>, what: &str) {
    let storage = storage(server, SYNCS);
    let mut sink = |row| {
        assert!(!matches!(row, Row::Removed(_)), "{what}: {row:?}");
        Ok(())
    };
    let _ = storage.changes(since, &scope(), &mut sink, &Call::default());
    let fetched = storage.fetch(&ids(3), &scope(), &Call::default()).unwrap_or_default();
    assert!(!fetched.iter().any(|it| matches!(it, Fetched::Gone)), "{what}: {fetched:?}");
}

const METHODS: [&str; 6] = ["REPORT", "PROPFIND", "GET", "PUT", "DELETE", "OPTIONS"];

/// Whatever a server answers to any kind of request, no item is said to be gone or removed.
#[test]
fn no_answer_makes_anything_gone() {
    let token = honest_token();
    for (what, bytes) in hostile() {
        for method in METHODS {
            let bytes = bytes.clone();
            let server =
                server(SYNCS, some_items(3), move |_, seen| (seen.method == method).then(|| bytes.clone()));
            use_all(&server, &token, &format!("{what}, {method}"));
        }
    }
}

/// What stands in a refusal is a help where it is understood, and nothing where it is not.
#[test]
fn no_refusal_makes_anything_gone() {
    let token = honest_token();
    for (what, bytes) in hostile() {
        let Some(rest) = bytes.strip_prefix(b"HTTP/1.1 207") else { continue };
        for status in ["200", "400", "403", "409", "412", "500", "507", "999"] {
            let refusal = [b"HTTP/1.1 ", status.as_bytes(), rest].concat();
            let server = server(SYNCS, some_items(3), move |_, seen| {
                // A GET that is answered with 200 gives a body, whatever it is.
                METHODS.contains(&seen.method.as_str()).then(|| refusal.clone())
            });
            use_all(&server, &token, &format!("{what}, {status}"));
        }
    }
}

/// An answer that is longer than anything may be is left before its end, by each that reads answers, and is no answer.
#[test]
fn endless_answers_end() {
    for (number, (what, bytes)) in endless().into_iter().enumerate() {
        // One kind of answer is read as another one: each is tried by one that reads it.
        let methods: &[&str] =
            [&["REPORT", "PROPFIND"][..], &["REPORT"], &["REPORT"], &["REPORT", "GET"]][number];
        for &method in methods {
            let (bytes, sent) = (bytes.clone(), AtomicUsize::new(0));
            let server = server(SYNCS, some_items(3), move |_, seen| {
                if seen.method != method {
                    // Bodies are asked for one by one where the report does not give them.
                    return (method == "GET" && seen.text().contains("multiget"))
                        .then(|| answer(207, &[], ""));
                }
                // Once is enough to see how it is read; what comes then is as little of an answer.
                let is_first = sent.fetch_add(1, Ordering::Relaxed) == 0;
                Some(if is_first { bytes.clone() } else { answer(207, &[], "") })
            });
            look(&server, None, &format!("{what}, {method}"));
            assert!(server.seen().iter().any(|seen| seen.method == method), "{what}, {method}: nobody asked");
        }
    }
}

/// Bodies that fill the room that is set aside for them are left to the next run: they are neither gone, nor asked for one by one.
#[test]
fn bodies_that_have_no_room_are_left_to_the_next_run() {
    let server = server(SYNCS, some_items(60), |_, _| None);
    let storage = storage(&server, SYNCS);
    let fetch = |ids: &[ItemId], bytes| {
        let room = Room::of(bytes);
        let fetched = fetch_into(&room, side_by_side, &storage, ids, &scope(), &Call::default()).unwrap();
        let kinds = fetched.iter().map(|it| match it {
            Fetched::Found(_) => "found",
            Fetched::Failed(error) if error.what.contains("too large") => "left",
            other => panic!("{other:?}"),
        });
        kinds.collect::<Vec<_>>()
    };
    let ids = ids(60);
    assert_eq!(fetch(&ids, 1 << 20), ["found"; 60]);
    let one = some_items(1).lock().unwrap()["/a/0.ics"].1.len();
    // One by one, by a report, and by two side by side.
    for number in [1, 3, 60] {
        let gets = asked(&server, "GET");
        let some = fetch(&ids[..number], one * number / 2);
        let found = some.iter().filter(|it| **it == "found").count();
        assert!(found * 2 <= number && found + 3 > number / 2, "{number}: {some:?}");
        assert!(asked(&server, "GET") <= gets + 1, "{number}: {:#?}", server.seen());
    }
}

/// What several readers may hold at once is less than what one may: what is too large beside others is asked for by itself.
#[test]
fn bodies_that_have_no_room_beside_others_are_asked_for_by_themselves() {
    let server = server(SYNCS, some_items(250), |_, _| None);
    let storage = storage(&server, SYNCS);
    let (ids, one) = (ids(250), some_items(1).lock().unwrap()["/a/0.ics"].1.len());
    for (bytes, reports) in [(1 << 20, 2), (one * 40, 6)] {
        let before = asked(&server, "REPORT");
        let mut told = Vec::new();
        let mut sink = |id: &ItemId, fetched| {
            assert!(matches!(fetched, Fetched::Found(_)), "{fetched:?}");
            told.push(id.clone());
            Ok(())
        };
        let all: Vec<&ItemId> = ids.iter().collect();
        fetch_ahead(bytes, &storage, &all, &scope(), &mut sink, &Call::default()).unwrap();
        assert_eq!(told, ids);
        let asked = asked(&server, "REPORT") - before;
        assert!((reports..=reports + 2).contains(&asked), "{bytes} bytes: {asked} reports");
    }
}

/// Where an answer breaks off, what follows it is not told either, whether or not it had room until then.
#[test]
fn an_answer_that_breaks_off_ends_the_asking_and_is_told() {
    let body = "<D:getetag>\"1\"</D:getetag><C:calendar-data>of some length</C:calendar-data>";
    let rows: String = (0..100).map(|number| row(&format!("/a/{number}.ics"), body)).collect();
    let whole = multistatus(&rows);
    let broken = whole[..whole.len() * 3 / 4].to_vec();
    for bytes in [1 << 20, 100] {
        let (broken, sent) = (broken.clone(), AtomicUsize::new(0));
        let server = server(SYNCS, some_items(900), move |_, seen| {
            let is_first = seen.method == "REPORT" && seen.text().contains("/a/0.ics");
            (is_first && sent.fetch_add(1, Ordering::Relaxed) == 0).then(|| broken.clone())
        });
        let storage = storage(&server, SYNCS);
        let (ids, mut told) = (ids(900), 0);
        let all: Vec<&ItemId> = ids.iter().collect();
        let mut sink = |_: &ItemId, _| {
            told += 1;
            Ok(())
        };
        let answer = fetch_ahead(bytes, &storage, &all, &scope(), &mut sink, &Call::default());
        assert!(answer.is_err() && told == 0, "{bytes} bytes: {answer:?} after {told}");
    }
}

/// Hrefs that lead elsewhere are no items, and a 404 for them says nothing of ours. Nobody else is asked, or told a password.
#[test]
fn hrefs_that_lead_elsewhere_lead_nowhere() {
    let elsewhere = Scripted::new(|_, _| answer(200, &[], "caught"));
    let hrefs = [
        format!("{}/a/0.ics", elsewhere.address),
        format!("//{}/a/0.ics", elsewhere.address.trim_start_matches("http://")),
        "ftp://elsewhere.example.test/a/0.ics".to_owned(),
        "/a/../a/0.ics".to_owned(),
        "/a/%2e%2e/a/0.ics".to_owned(),
        "../a/0.ics".to_owned(),
        "http://user:password@elsewhere.example.test/a/0.ics".to_owned(),
        "javascript:alert(1)".to_owned(),
        "\\\\elsewhere\\a\\0.ics".to_owned(),
        "\u{1f4a3}".repeat(10),
        String::new(),
        "?".to_owned(),
        "#".to_owned(),
        "/".to_owned(),
        "/a/".to_owned(),
    ];
    for href in hrefs {
        let row = row(&href, "<D:getetag>\"1\"</D:getetag><C:calendar-data>x</C:calendar-data>");
        let rows = row + &failed_row(&href, 404) + "<D:sync-token>token-1</D:sync-token>";
        let honest = server(SYNCS, some_items(2), |_, _| None);
        let (_, answer, _) = changes(&storage(&honest, SYNCS), None);
        let token = token(answer);
        let server = server(SYNCS, some_items(2), move |_, seen| {
            (seen.method == "REPORT").then(|| multistatus(&rows))
        });
        let storage = storage(&server, SYNCS);
        let mut sink = |row| {
            let ours = matches!(&row, Row::Removed(id) | Row::Present(id, _) if ids(2).contains(id));
            assert!(!ours, "{href}: {row:?}");
            Ok(())
        };
        let _ = storage.changes(Some(&token), &scope(), &mut sink, &Call::default());
        let fetched = storage.fetch(&ids(2), &scope(), &Call::default()).unwrap();
        assert!(fetched.iter().all(|it| matches!(it, Fetched::Found(_))), "{href}: {fetched:?}");
        assert!(server.seen().iter().all(|seen| seen.path.starts_with("/a/")), "{href}");
    }
    assert_eq!(elsewhere.seen(), []);
}
