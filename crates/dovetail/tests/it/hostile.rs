//! What `discover` and `test` make of answers that no honest server gives: they end, in little memory, say nothing that is not so,
//! and show nobody else who we are.

use std::fs;
use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use dovetail_testkit::servers::{Scripted, Seen, answer};
use serde_json::Value;

use crate::home::{Ended, Home};

/// More than the program takes by itself, by far less than the longest of these answers: 100 MiB.
const MOST_BYTES: u64 = 64 << 20;

const PASSWORD: &str = "a-password-of-mine";

const OPEN: &str = "<D:multistatus xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav' xmlns:R='urn:ietf:params:xml:ns:carddav'>";

fn document(body: &str) -> Vec<u8> {
    answer(207, &[("Content-Type", "application/xml")], body)
}

fn row(href: &str, properties: &str) -> String {
    format!(
        "<D:response><D:href>{href}</D:href><D:propstat><D:prop>{properties}</D:prop>\
         <D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>"
    )
}

const CALENDAR: &str = "<D:resourcetype><D:collection/><C:calendar/></D:resourcetype><D:supported-report-set>\
    <D:supported-report><D:report><D:sync-collection/></D:report></D:supported-report></D:supported-report-set>";

/// Answers that are none.
fn broken() -> Vec<(&'static str, Vec<u8>)> {
    let whole = format!("{OPEN}{}</D:multistatus>", row("/a/", CALENDAR));
    let bomb = "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">\
                <!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;\"><!ENTITY d \"&c;&c;&c;&c;&c;&c;&c;&c;\">]>";
    let outer = "<!DOCTYPE x [<!ENTITY d SYSTEM \"file:///etc/hostname\">]>";
    vec![
        ("truncated", document(&whole[..whole.len() - 20])),
        ("an entity bomb", document(&format!("{bomb}{OPEN}{}</D:multistatus>", row("/a/&d;", CALENDAR)))),
        ("an outer entity", document(&format!("{outer}{OPEN}{}</D:multistatus>", row("/a/&d;", CALENDAR)))),
        ("deep nesting", document(&format!("{OPEN}{}", "<D:response>".repeat(50_000)))),
        (
            "deep nesting of a property",
            document(&format!("{OPEN}<D:response><D:propstat><D:prop>{}", "<x>".repeat(50_000))),
        ),
        (
            "NUL bytes",
            document(&format!("{OPEN}\0\0<D:response>\0<D:propstat/></D:response></D:multistatus>")),
        ),
        ("no row", document(&format!("{OPEN}</D:multistatus>"))),
        ("a hundred megabytes of blanks", document(&format!("{}{whole}", " ".repeat(100 << 20)))),
        ("a promise", b"HTTP/1.1 207 X\r\nContent-Length: 99999999999\r\n\r\n<D:multistatus".to_vec()),
        ("not HTTP", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".to_vec()),
        ("headers without end", [b"HTTP/1.1 207 X\r\n".to_vec(), b"X: y\r\n".repeat(100_000)].concat()),
    ]
}

/// Properties and rows that lead to another server or upwards.
fn astray(elsewhere: &str) -> Vec<(&'static str, String)> {
    let bare = elsewhere.trim_start_matches("http:");
    let hrefs = [
        format!("{elsewhere}/p/"),
        format!("{bare}/p/"),
        "/a/../../p/".to_owned(),
        "/a/%2e%2e/p/".to_owned(),
        "../p/".to_owned(),
        elsewhere.replacen("http://", "http://alice:secret@", 1),
        "ftp://elsewhere.example.test/p/".to_owned(),
        "/a/\0\u{1}".to_owned(),
    ];
    let all = |name: &str| {
        let hrefs: String = hrefs.iter().map(|href| format!("<D:href>{href}</D:href>")).collect();
        format!("<{name}>{hrefs}</{name}>")
    };
    let pointers = [
        "D:current-user-principal",
        "D:principal-URL",
        "C:calendar-home-set",
        "R:addressbook-home-set",
        "D:owner",
    ];
    let pointers: String = pointers.iter().map(|name| all(name)).collect();
    let rows: String = hrefs.iter().map(|href| row(href, CALENDAR)).collect();
    let homes = "<C:calendar-home-set><D:href>/a/</D:href></C:calendar-home-set>\
                 <R:addressbook-home-set><D:href>/a/</D:href></R:addressbook-home-set>";
    vec![
        ("pointers that lead astray", format!("{OPEN}{}</D:multistatus>", row("/a/", &pointers))),
        ("collections that lie astray", format!("{OPEN}{}{rows}</D:multistatus>", row("/a/", homes))),
        (
            "a calendar that points astray",
            format!("{OPEN}{}{rows}</D:multistatus>", row("/a/", &(CALENDAR.to_owned() + &pointers))),
        ),
    ]
}

/// A command that ended, and the most memory that it had at once, where the system tells.
fn measured(home: &Home, words: &[&str]) -> (Ended, u64) {
    let mut child = home.command(words).spawn().unwrap();
    let _ = child.stdin.take().unwrap().write_all(format!("{PASSWORD}\n").as_bytes());
    let (path, is_over) = (format!("/proc/{}/status", child.id()), AtomicBool::new(false));
    thread::scope(|scope| {
        let watching = scope.spawn(|| {
            let mut peak = 0;
            while !is_over.load(Ordering::Relaxed) {
                let status = fs::read_to_string(&path).unwrap_or_default();
                let line =
                    status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
                peak = peak.max(line.and_then(|line| line.parse().ok()).unwrap_or(0));
                thread::sleep(Duration::from_millis(2));
            }
            peak * 1024
        });
        let ended = Ended::of(child.wait_with_output().unwrap());
        is_over.store(true, Ordering::Relaxed);
        (ended, watching.join().unwrap())
    })
}

/// Runs a command against a server, and sees that it did what it may, whatever the server says.
fn harmless(what: &str, command: &str, server: &Scripted) -> Ended {
    let url = format!("{}/a/", server.address);
    let words = [
        command,
        "--url",
        &url,
        "--user",
        "alice",
        "--password-stdin",
        "--json",
        "--set",
        "timeout_seconds=5",
    ];
    let (ended, peak) = measured(&Home::new(), &words);
    let told = format!("{what}, {command}: {peak} bytes, {ended:#?}");
    assert!([0, 1, 3].contains(&ended.code), "{told}");
    assert!(!ended.err.contains("panicked") && !told.contains(PASSWORD), "{told}");
    assert!(peak < MOST_BYTES, "{told}");
    let upwards = |seen: &Seen| seen.path.contains("..") || seen.path.to_lowercase().contains("%2e");
    assert!(!server.seen().is_empty() && !server.seen().iter().any(upwards), "{told}: {:#?}", server.seen());
    ended
}

#[test]
fn discovery_and_the_connection_test_take_a_broken_answer_for_none() {
    for (what, bytes) in broken() {
        for command in ["discover", "test"] {
            let bytes = bytes.clone();
            let server = Scripted::new(move |_, _| bytes.clone());
            let ended = harmless(what, command, &server);
            assert_eq!(ended.code, 3, "{what}, {command}: {ended:#?}");
        }
    }
}

/// A server that begins well: what it then says of its abilities, its changes and its items is broken.
#[test]
fn a_connection_test_goes_no_further_than_the_answers_are_whole() {
    let good = format!("{OPEN}{}</D:multistatus>", row("/a/", CALENDAR));
    for (what, bytes) in broken() {
        for method in ["OPTIONS", "REPORT", "1"] {
            let (bytes, good) = (bytes.clone(), document(&good));
            let server = Scripted::new(move |_, seen| match (seen.method.as_str(), seen.header("depth")) {
                ("PROPFIND", Some("1")) if method == "1" => bytes.clone(),
                ("PROPFIND", _) => good.clone(),
                (asked, _) if asked == method => bytes.clone(),
                _ => answer(200, &[("DAV", "1, calendar-access")], ""),
            });
            let ended = harmless(&format!("{what} to {method}"), "test", &server);
            let told: Value = serde_json::from_str(&ended.out).unwrap();
            let checks = told["findings"].as_array().unwrap();
            let is = |check: &str| checks.iter().any(|finding| finding["check"] == check);
            assert!(is("holds") && !is("tells_changes") && !is("etags"), "{what} to {method}: {told:#}");
        }
    }
}

#[test]
fn nothing_leads_discovery_or_the_connection_test_astray() {
    let elsewhere = Scripted::new(|_, _| answer(200, &[], "caught"));
    for (what, body) in astray(&elsewhere.address) {
        for command in ["discover", "test"] {
            let body = body.clone();
            let server = Scripted::new(move |_, _| document(&body));
            let ended = harmless(what, command, &server);
            if command == "discover" && ended.code == 0 {
                let found: Value = serde_json::from_str(&ended.out).unwrap();
                let own = format!("{}/", server.address);
                let is_own = |found: &Value| found["url"].as_str().is_some_and(|url| url.starts_with(&own));
                assert!(found.as_array().unwrap().iter().all(is_own), "{what}: {found:#}");
            }
        }
    }
    assert_eq!(elsewhere.seen(), []);
}
