//! The reports `calendar-query` (RFC 4791 section 7.8) and `addressbook-query` (RFC 6352 section 8.6), as listings.

use url::Url;

use crate::client::Client;
use crate::error::Result;
use crate::multistatus::{self, Row, Tail};
use crate::names;
use crate::request::{self, Request};
use crate::response::Response;
use crate::xml;

#[cfg(test)]
mod tests;

/// What is listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// The events of a calendar.
    Events,
    /// The tasks of a calendar.
    Tasks,
    /// The cards of an address book.
    Cards,
}

/// The request: the ETags of all items of that kind.
pub fn prepare(url: &Url, of: Of) -> Request {
    let prop = xml::prop(&[names::GETETAG, names::RESOURCETYPE]);
    let calendar = |component: &str| {
        let inner = format!("<C:comp-filter name=\"{component}\"/>");
        format!("{prop}<C:filter><C:comp-filter name=\"VCALENDAR\">{inner}</C:comp-filter></C:filter>")
    };
    let (root, body) = match of {
        Of::Events => ("C:calendar-query", calendar("VEVENT")),
        Of::Tasks => ("C:calendar-query", calendar("VTODO")),
        // An empty filter matches all (RFC 6352 section 10.5).
        Of::Cards => ("CR:addressbook-query", format!("{prop}<CR:filter/>")),
    };
    Request::new("REPORT", url).header("Depth", "1").body(request::XML, xml::document(root, &body))
}

/// The answer, row by row.
pub fn parse(response: Response, sink: &mut dyn FnMut(Row) -> Result<()>) -> Result<Tail> {
    multistatus::parse(response, sink)
}

impl Client {
    /// Lists the ETags of all items of a kind.
    pub fn query(&self, url: &Url, of: Of, sink: &mut dyn FnMut(Row) -> Result<()>) -> Result<Tail> {
        parse(self.send(&prepare(url, of))?, sink)
    }
}
