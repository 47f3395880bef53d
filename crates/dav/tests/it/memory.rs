//! How much memory answers take that no honest server gives: measured in a process of its own, which is this test once more.

use std::env;
use std::io::Write;
use std::process::Command;

use dovetail_dav::discovery::discover;
use dovetail_dav::href::Path;
use dovetail_dav::query::Of;
use dovetail_dav::request::Expect;
use dovetail_dav::{Client, ClientSettings, CollectionKind, Credentials, Error};
use dovetail_testkit::servers::{Scripted, answer};
use url::Url;

/// Twice what one resource may be long, and what the process takes by itself. Half of it was measured on Linux.
const MOST_BYTES: u64 = 96 << 20;

/// Bodies are kept until all of an answer is there, which may be 128 MiB; 153 were measured.
const MOST_BYTES_OF_BODIES: u64 = 224 << 20;

const MIB: usize = 1 << 20;

/// The variables that make a process the one that is measured: what it asks for, and where.
const ASKED: &str = "DOVETAIL_TEST_ASKED";
const ADDRESS: &str = "DOVETAIL_TEST_ADDRESS";

struct Case {
    what: &'static str,
    asked: &'static str,
    answer: Vec<u8>,
    /// A part of what became of it.
    told: &'static str,
    most_bytes: u64,
}

fn case(what: &'static str, asked: &'static str, answer: Vec<u8>, told: &'static str) -> Case {
    Case { what, asked, answer, told, most_bytes: MOST_BYTES }
}

const OPEN: &str = "<D:multistatus xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav'>";
const ROW: &str = "<D:response><D:href>/a/</D:href><D:propstat><D:prop>";
const END: &str = "</D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>";

fn document(body: &str) -> Vec<u8> {
    answer(207, &[("Content-Type", "application/xml")], &format!("{OPEN}{body}</D:multistatus>"))
}

/// As a server compresses what is mostly the same byte over and over: each piece is a text, whose last byte comes so many times more.
fn zipped(status: u16, media_type: &str, pieces: &[(&str, usize)]) -> Vec<u8> {
    let mut zip = Zip { bytes: vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255], bit: 8 };
    // A block that is not the last one, with the codes that RFC 1951 section 3.2.6 fixes.
    zip.put(0b010, 3);
    for (text, times) in pieces {
        for byte in text.bytes() {
            zip.put(0x30 + u32::from(byte), 8);
        }
        for _ in 0..times / 258 {
            // 258 bytes as they were one byte before.
            zip.put(0b1100_0101, 8);
            zip.put(0, 5);
        }
    }
    let head = format!(
        "HTTP/1.1 {status} X\r\nConnection: close\r\nContent-Type: {media_type}\r\nContent-Encoding: gzip\r\n\
         Content-Length: {}\r\n\r\n",
        zip.bytes.len()
    );
    [head.into_bytes(), zip.bytes].concat()
}

/// Bytes that are filled from their lowest bit on.
struct Zip {
    bytes: Vec<u8>,
    bit: u32,
}

impl Zip {
    /// Codes stand in it with their highest bit first.
    fn put(&mut self, code: u32, bits: u32) {
        for at in (0..bits).rev() {
            if self.bit == 8 {
                self.bytes.push(0);
                self.bit = 0;
            }
            if let Some(last) = self.bytes.last_mut() {
                *last |= u8::try_from((code >> at) & 1).unwrap() << self.bit;
            }
            self.bit += 1;
        }
    }
}

fn listings() -> Vec<Case> {
    let rows: String =
        (0..251_000).map(|n| format!("<D:response><D:href>/a/{n}</D:href></D:response>")).collect();
    let hrefs = "<D:href>/</D:href>".repeat(90_000);
    let shared = format!("<D:response>{hrefs}<D:propstat><D:prop><C:x>{}</C:x>{END}", "x".repeat(16 * MIB));
    let long = format!("{ROW}<x xmlns='{}'>{}</x>{END}", "n".repeat(MIB), "<y/>".repeat(90_000));
    let many = "too many properties";
    vec![
        case("rows without end", "list", document(&rows), "lists more than 250000 resources"),
        case("changes without end", "sync", document(&rows), "lists more than 250000 resources"),
        case("many resources that share a row", "list", document(&shared), "done"),
        case(
            "elements without end",
            "list",
            document(&format!("{ROW}{}{END}", "<a/>".repeat(7 * MIB))),
            many,
        ),
        case(
            "attributes without end",
            "list",
            document(&format!("{ROW}<a {}/>{END}", "b='' ".repeat(5 * MIB))),
            "done",
        ),
        case("one namespace for many", "list", document(&long), "too long"),
        case(
            "a bomb of gzip in a name",
            "list",
            zipped(207, "application/xml", &[(&format!("{OPEN}<D:response><D:href>/a"), 512 * MIB)]),
            "too large",
        ),
        case(
            "a bomb of gzip of blanks",
            "sync",
            zipped(207, "application/xml", &[(&format!("{OPEN} "), 512 * MIB)]),
            "too large",
        ),
    ]
}

fn others() -> Vec<Case> {
    let property = |name: &str| {
        let hrefs: String = (0..2_000).map(|n| format!("<D:href>/{n}/</D:href>")).collect();
        format!("<{name}>{hrefs}</{name}>")
    };
    let homes =
        format!("{ROW}{}{}{END}", property("C:calendar-home-set"), property("D:current-user-principal"));
    let calendar = "<D:resourcetype><D:collection/><C:calendar/></D:resourcetype>";
    let calendars: String = (0..11_000)
        .map(|n| format!("<D:response><D:href>/{n}/</D:href><D:propstat><D:prop>{calendar}{END}"))
        .collect();
    let calendars =
        format!("{ROW}<C:calendar-home-set><D:href>/b/</D:href></C:calendar-home-set>{END}{calendars}");
    let body = format!("{ROW}<D:getetag>1</D:getetag><C:calendar-data>x");
    let mut bodies: Vec<(&str, usize)> = vec![(OPEN, 0)];
    for _ in 0..20 {
        bodies.extend([(body.as_str(), 12 * MIB), ("</C:calendar-data>", 0), (END, 0)]);
    }
    vec![
        case("homes without end", "discover", document(&homes), "leads to no calendar"),
        case("calendars without end", "discover", document(&calendars), "leads to no calendar"),
        case("people without end", "search", document(&calendars), "lists more than 10000 resources"),
        Case {
            most_bytes: MOST_BYTES_OF_BODIES,
            ..case("bodies without end", "read", zipped(207, "application/xml", &bodies), "longer than any")
        },
        case(
            "a bomb of gzip as a body",
            "get",
            zipped(200, "text/calendar", &[("x", 512 * MIB)]),
            "larger than",
        ),
        case(
            "a bomb of gzip as a refusal",
            "write",
            zipped(403, "text/plain", &[("No. x", 512 * MIB)]),
            "says: \"No. xxx",
        ),
    ]
}

fn ask(asked: &str, address: &str) -> Result<(), Error> {
    let url = Url::parse(address).unwrap();
    let credentials = Credentials { user: "alice".to_owned(), password: "alicepw".into() };
    let client = Client::new(&url, Some(credentials.into()), &ClientSettings::default())?;
    let (mut rows, mut kept) = (0, Vec::new());
    let mut count = |_| {
        rows += 1;
        Ok(())
    };
    match asked {
        "list" => client.query(&url, Of::Events, &mut count).map(drop),
        "sync" => client.sync_collection(&url, None, &mut count).map(drop),
        "discover" => discover(&client, &url).map(drop),
        "search" => client.search_principals(&url, "x").map(drop),
        "read" => client.multiget(&url, CollectionKind::Calendar, &[Path::of(&url)], &mut |item| {
            kept.push(item);
            Ok(())
        }),
        "get" => client.get(&url).map(drop),
        "write" => client.put(&url, "text/calendar", b"x", Expect::Absent).map(drop),
        other => panic!("{other} is not asked for"),
    }
}

/// The most memory that this process has had at once, where the system tells.
fn peak_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

#[test]
fn no_answer_takes_more_memory_than_a_few_of_the_longest_resources() {
    if let (Ok(asked), Ok(address)) = (env::var(ASKED), env::var(ADDRESS)) {
        let told = ask(&asked, &address).map_or_else(|error| error.what, |()| "done".to_owned());
        let told = format!("told {told}\npeak {}\n", peak_bytes().unwrap_or_default());
        return std::io::stdout().write_all(told.as_bytes()).unwrap();
    }
    let mut wrong = Vec::new();
    for Case { what, asked, answer, told, most_bytes } in listings().into_iter().chain(others()) {
        let server = Scripted::new(move |_, _| answer.clone());
        let output = Command::new(env::current_exe().unwrap())
            .args([
                "--exact",
                "memory::no_answer_takes_more_memory_than_a_few_of_the_longest_resources",
                "--nocapture",
            ])
            .env(ASKED, asked)
            .env(ADDRESS, format!("{}/a/", server.address))
            .output()
            .unwrap();
        let out = String::from_utf8_lossy(&output.stdout).into_owned();
        let line =
            |word: &str| out.lines().find_map(|line| Some(line.split_once(word)?.1)).unwrap_or_default();
        let peak: u64 = line("peak ").parse().unwrap_or(u64::MAX);
        if !output.status.success() || !line("told ").contains(told) || peak > most_bytes {
            wrong.push(format!("{what}: {peak} bytes, {out}{}", String::from_utf8_lossy(&output.stderr)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
