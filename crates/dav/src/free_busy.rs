//! When somebody is busy: the `free-busy-query` report (RFC 4791 section 7.10), and the files that servers publish.
//!
//! The answer is an iCalendar object, which is handed on as it is.

use url::Url;

use crate::client::Client;
use crate::error::{Error, ErrorKind, Result};
use crate::get;
use crate::request::{self, Request};
use crate::response::Response;
use crate::xml;

#[cfg(test)]
mod tests;

/// A span of time in UTC, as iCalendar writes it: `20261130T080000Z`. The end is not part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// When it begins.
    pub start: String,
    /// When it ends.
    pub end: String,
}

/// The request: all of a calendar that takes time within the span.
pub fn prepare(calendar: &Url, span: &Span) -> Request {
    let (start, end) = (xml::escape(&span.start), xml::escape(&span.end));
    let body = format!("<C:time-range start=\"{start}\" end=\"{end}\"/>");
    Request::new("REPORT", calendar)
        .header("Depth", "1")
        .body(request::XML, xml::document("C:free-busy-query", &body))
}

/// The answer: an iCalendar object.
///
/// # Errors
/// Also `Malformed`, where it is none. Its media type is not looked at: QUIRK(media-types: sogo, xandikos) it says nothing.
pub fn parse(response: Response) -> Result<Vec<u8>> {
    let path = response.url.path().to_owned();
    let response = response.success()?;
    if response.is_web_page() {
        return Err(response.web_page());
    }
    let body = response.into_bytes(get::LONGEST_BYTES)?;
    let start = body.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(body.len());
    let begins = body.get(start..).and_then(|rest| rest.get(..15));
    if begins.is_some_and(|begin| begin.eq_ignore_ascii_case(b"BEGIN:VCALENDAR")) {
        Ok(body)
    } else {
        let what = format!("the server answered for the free and busy time of {path} with no calendar");
        Err(Error::new(ErrorKind::Malformed, what))
    }
}

/// Where SOGo publishes when somebody is busy, if this is an address of SOGo; `who` is a user or a mail address.
pub fn sogo_public(url: &Url, who: &str) -> Option<Url> {
    let mut segments = url.path_segments()?;
    let above: Vec<&str> = segments.by_ref().take_while(|segment| *segment != "SOGo").collect();
    segments.next().filter(|segment| *segment == "dav")?;
    let mut public = url.clone();
    public.set_query(None);
    public.set_fragment(None);
    public.path_segments_mut().ok()?.clear().extend(above).extend([
        "SOGo",
        "dav",
        "public",
        who,
        "freebusy.ifb",
    ]);
    Some(public)
}

impl Client {
    /// When a calendar says that its owner is busy.
    ///
    /// # Errors
    /// `Refused`, where the server does not answer this report.
    pub fn free_busy(&self, calendar: &Url, span: &Span) -> Result<Vec<u8>> {
        parse(self.send(&prepare(calendar, span))?)
    }

    /// When a published file (`.ifb`) says that somebody is busy. Of which time is up to the server.
    pub fn published_free_busy(&self, file: &Url) -> Result<Vec<u8>> {
        parse(self.send(&Request::new("GET", file))?)
    }
}
