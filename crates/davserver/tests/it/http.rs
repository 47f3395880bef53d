//! Requests by hand: what is sent is what a test says, and what came back is all of it.

use std::io::{Read, Write};
use std::net::TcpStream;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use dovetail_davserver::Server;

/// An answer; of a broken one, as much as came.
#[derive(Clone, Debug, Default)]
pub(crate) struct Answer {
    /// 0 where the connection was closed without one.
    pub(crate) status: u16,
    head: String,
    pub(crate) body: String,
    pub(crate) raw_body: Vec<u8>,
    /// Whether the body was as long as its head said.
    pub(crate) whole: bool,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(':'));
        lines.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }

    /// The texts between these tags, without any entity resolved.
    pub(crate) fn all(&self, tag: &str) -> Vec<&str> {
        let (open, close) = (format!("<{tag}>"), format!("</{tag}>"));
        let parts = self.body.split(&open).skip(1);
        parts.filter_map(|part| part.split(&close).next()).collect()
    }
}

/// Sends a request as the user `sample`, on a connection of its own.
pub(crate) fn send(server: &Server, request: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let login = format!("Basic {}", STANDARD.encode("sample:sample"));
    let mut all = vec![("Authorization", login.as_str()), ("Connection", "close")];
    all.extend(headers);
    send_as_it_is(server, request, &all, body)
}

/// Sends a request with these headers, and the host and the length of the body.
pub(crate) fn send_as_it_is(server: &Server, request: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let host = server.url().trim_start_matches("http://").trim_end_matches('/').to_owned();
    let mut stream = TcpStream::connect(&host).unwrap();
    let mut text = format!("{request} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {}\r\n", body.len());
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    stream.write_all(format!("{text}\r\n{body}").as_bytes()).unwrap();
    let mut bytes = Vec::new();
    // A reset ends it as well.
    let _ = stream.read_to_end(&mut bytes);
    let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else {
        return Answer::default();
    };
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let raw_body = bytes[end + 4..].to_vec();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let body = String::from_utf8_lossy(&raw_body).into_owned();
    let mut answer = Answer { status, head, body, raw_body, whole: true };
    let length: Option<usize> = answer.header("content-length").map(|length| length.parse().unwrap());
    answer.whole = length.is_none_or(|length| length == answer.raw_body.len());
    answer
}

/// An event.
pub(crate) fn event(uid: &str, properties: &str) -> String {
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//Sample//EN\r\nBEGIN:VEVENT\r\nUID:{uid}\r\n\
         DTSTAMP:20260101T000000Z\r\n{properties}END:VEVENT\r\nEND:VCALENDAR\r\n"
    )
}

/// An event of an hour.
pub(crate) fn meeting(uid: &str) -> String {
    event(uid, "DTSTART:20260302T090000Z\r\nDTEND:20260302T100000Z\r\nSUMMARY:Sample\r\n")
}
