//! For tests: answers as they were recorded, and requests as they would be sent.

use std::io::Cursor;

use url::Url;

use crate::request::Request;
use crate::response::Response;

mod tour;

/// The URL that fixtures were recorded at.
pub(crate) fn at(path: &str) -> Url {
    Url::parse("http://127.0.0.1:5232").unwrap().join(path).unwrap()
}

/// An answer out of its bytes: status line, headers, a blank line, the body.
pub(crate) fn answer(method: &'static str, url: Url, bytes: &[u8]) -> Response {
    let end =
        bytes.windows(4).position(|window| window == b"\r\n\r\n").expect("a blank line after the headers");
    let head = std::str::from_utf8(&bytes[..end]).unwrap();
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers = lines.map(|line| line.split_once(':').unwrap());
    Response {
        method,
        url,
        status,
        headers: headers.map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned())).collect(),
        body: Box::new(Cursor::new(bytes[end + 4..].to_vec())),
        secrets: Vec::new(),
        received_unix_seconds: None,
    }
}

/// An answer with an XML body.
pub(crate) fn xml(method: &'static str, url: Url, status: u16, body: &str) -> Response {
    answer(
        method,
        url,
        format!("HTTP/1.1 {status} X\r\nContent-Type: application/xml\r\n\r\n{body}").as_bytes(),
    )
}

/// A request as text.
pub(crate) fn sent(request: &Request) -> String {
    let mut text = format!("{} {}\n", request.method, request.url);
    for (name, value) in &request.headers {
        text.push_str(&format!("{name}: {value}\n"));
    }
    text.push('\n');
    text.push_str(std::str::from_utf8(request.body.as_deref().unwrap_or_default()).unwrap());
    text
}
