//! The same requests to every server, and the bytes of the answers.

use std::io::{Read, Write};
use std::net::TcpStream;

use dovetail_dav::href::Path;
use dovetail_dav::request::Expect;
use dovetail_dav::{
    CollectionKind, Depth, Request, delete, get, multiget, names, options, propfind, put, sync_collection,
};
use dovetail_testkit::servers::Server;
use url::Url;

/// One request of the tour, answered.
pub(crate) struct Stop {
    pub(crate) name: &'static str,
    pub(crate) answer: Vec<u8>,
}

impl Stop {
    pub(crate) fn status(&self) -> u16 {
        let head = String::from_utf8_lossy(self.answer.get(..32).unwrap_or(&self.answer)).into_owned();
        head.split(' ').nth(1).and_then(|code| code.parse().ok()).expect("a status")
    }

    pub(crate) fn header(&self, name: &str) -> Option<String> {
        let (head, _) = split(&self.answer);
        let head = String::from_utf8_lossy(head).into_owned();
        let mut headers = head.lines().filter_map(|line| line.split_once(':'));
        headers.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim().to_owned())
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(split(&self.answer).1).into_owned()
    }
}

pub(crate) const MEDIA_TYPE: &str = "text/calendar; charset=utf-8";

pub(crate) fn event(uid: &str, title: &str) -> String {
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//Sample//EN\r\nBEGIN:VEVENT\r\nUID:{uid}\r\n\
         DTSTAMP:20260301T120000Z\r\nDTSTART:20260302T090000Z\r\nDTEND:20260302T100000Z\r\nSUMMARY:{title}\r\n\
         TRANSP:OPAQUE\r\nCATEGORIES:Sample\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
}

/// All of it, in an order in which each answer means something.
pub(crate) fn take(server: &Server) -> Vec<Stop> {
    let calendar = Url::parse(&server.calendar("calendar")).unwrap();
    let home = Url::parse(&server.at(&server.calendar_home())).unwrap();
    let at = |name: &str| Path::of(&calendar).member(name).url(&calendar);
    let (one, two) = (at("one@example.com.ics"), at("two.ics"));
    let body = |title: &str| event("one@example.com", title).into_bytes();
    let put = |url: &Url, body: &[u8], expect: Expect<'_>| put::prepare(url, MEDIA_TYPE, body, expect);
    let stale = Expect::ETag("\"no-such-version\"");
    let mut stops = Vec::new();
    let mut ask = |name: &'static str, request: Request| {
        let answer = exchange(server, &request);
        stops.push(Stop { name, answer });
        stops.last().map(|stop| (stop.text(), stop.header("etag"))).unwrap_or_default()
    };
    let wanted = [
        names::RESOURCETYPE,
        names::DISPLAYNAME,
        names::SUPPORTED_CALENDAR_COMPONENT_SET,
        names::CURRENT_USER_PRIVILEGE_SET,
        names::SUPPORTED_REPORT_SET,
        names::GETCTAG,
        names::SYNC_TOKEN,
    ];
    ask("options", options::prepare(&calendar));
    ask("home", propfind::prepare(&home, Depth::One, &wanted));
    ask("put-created", put(&one, &body("One"), Expect::Absent));
    ask("put-taken", put(&one, &body("Taken"), Expect::Absent));
    ask("put-stale", put(&one, &body("Stale"), stale));
    ask("put-refused", put(&two, b"no calendar", Expect::Absent));
    let (_, etag) = ask("get", get::prepare(&one));
    let etag = etag.expect("an ETag");
    let (listed, _) = ask("sync-initial", sync_collection::prepare(&calendar, None));
    let token = between(&listed, "sync-token>", "<").unwrap_or_default().to_owned();
    ask("put-updated", put(&one, &body("Updated"), Expect::ETag(&etag)));
    ask("sync-delta", sync_collection::prepare(&calendar, Some(&token)));
    ask("sync-bad-token", sync_collection::prepare(&calendar, Some("a-token-that-nobody-gave")));
    let items = [Path::of(&one), Path::of(&at("missing.ics"))];
    ask("multiget", multiget::prepare(&calendar, CollectionKind::Calendar, &items));
    let free_busy = "<?xml version=\"1.0\" encoding=\"utf-8\"?><C:free-busy-query xmlns:C=\"urn:ietf:params:xml:ns:caldav\">\
                     <C:time-range start=\"20260301T000000Z\" end=\"20260308T000000Z\"/></C:free-busy-query>";
    let report = Request::new("REPORT", &calendar).header("Depth", "1");
    ask("free-busy", report.body("application/xml; charset=utf-8", free_busy));
    ask("delete-stale", delete::prepare(&one, Some(stale)));
    ask("delete-missing", delete::prepare(&two, Some(Expect::ETag(&etag))));
    stops
}

pub(crate) fn between<'t>(text: &'t str, before: &str, after: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(before)?;
    rest.split_once(after).map(|(found, _)| found)
}

/// Sends a request as it is, and reads until the server closes the connection.
pub(crate) fn exchange(server: &Server, request: &Request) -> Vec<u8> {
    let host = format!("{}:{}", request.url.host_str().unwrap(), request.url.port().unwrap());
    let login = base64(format!("{}:{}", server.user, server.password).as_bytes());
    let mut head = format!(
        "{} {} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: Dovetail\r\nAuthorization: Basic {login}\r\nConnection: close\r\n",
        request.method,
        request.url.path()
    );
    for (name, value) in &request.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    let body = request.body.as_deref().unwrap_or_default();
    head.push_str(&format!("Content-Length: {}\r\n\r\n", body.len()));
    let mut stream = TcpStream::connect(host).unwrap();
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    whole(&answer)
}

/// The answer with its body in one piece.
fn whole(answer: &[u8]) -> Vec<u8> {
    let (head, body) = split(answer);
    let head = String::from_utf8_lossy(head).into_owned();
    if !head.to_ascii_lowercase().contains("transfer-encoding: chunked") {
        return answer.to_vec();
    }
    let (mut rest, mut pieces) = (body, Vec::new());
    while let Some(end) = rest.windows(2).position(|two| two == b"\r\n") {
        let size = String::from_utf8_lossy(&rest[..end]).into_owned();
        let size = usize::from_str_radix(size.split(';').next().unwrap_or_default().trim(), 16).unwrap();
        if size == 0 {
            break;
        }
        pieces.extend_from_slice(&rest[end + 2..end + 2 + size]);
        rest = &rest[end + 4 + size..];
    }
    joined(&head, &pieces)
}

/// The answer as it would be for Alice on the first port, with nothing in it that is of this session alone.
pub(crate) fn anonymous(server: &Server, answer: &[u8]) -> Vec<u8> {
    let (head, body) = split(answer);
    let plain = |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let mut capital = server.user.clone();
        capital.get_mut(..1).map(str::make_ascii_uppercase).unwrap_or_default();
        let text = text.replace(&server.user, "alice").replace(&capital, "Alice");
        text.replace(server.address.trim_end_matches('/'), "http://127.0.0.1:5232")
    };
    let head = plain(head);
    let kept: Vec<&str> =
        head.lines().filter(|line| !line.to_ascii_lowercase().starts_with("set-cookie:")).collect();
    joined(&kept.join("\r\n"), plain(body).as_bytes())
}

fn joined(head: &str, body: &[u8]) -> Vec<u8> {
    let framing = ["transfer-encoding:", "content-length:"];
    let is_framing = |line: &&str| framing.iter().any(|name| line.to_ascii_lowercase().starts_with(name));
    let mut whole: String =
        head.lines().filter(|line| !is_framing(line)).map(|line| format!("{line}\r\n")).collect();
    whole.push_str(&format!("Content-Length: {}\r\n\r\n", body.len()));
    [whole.as_bytes(), body].concat()
}

fn split(answer: &[u8]) -> (&[u8], &[u8]) {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").expect("headers");
    (&answer[..end], &answer[end + 4..])
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digit = |number: u32| char::from(DIGITS[(number & 63) as usize]);
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let number = chunk.iter().fold(0, |sum, byte| sum << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            text.push(if place <= chunk.len() { digit(number >> (18 - 6 * place as u32)) } else { '=' });
        }
    }
    text
}
