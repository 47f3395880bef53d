//! The reports `calendar-multiget` (RFC 4791 section 7.9) and `addressbook-multiget` (RFC 6352 section 8.7): many items at
//! once.

use url::Url;

use crate::client::Client;
use crate::error::Result;
use crate::href::Path;
use crate::http_date;
use crate::multistatus::{self, Row};
use crate::names;
use crate::propfind::CollectionKind;
use crate::request::{self, Request};
use crate::response::Response;
use crate::xml;

#[cfg(test)]
mod tests;

/// An item as the report gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Which it is.
    pub path: Path,
    /// What became of it.
    pub got: Got,
}

/// What became of one item of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Got {
    /// Here it is.
    Body {
        /// Its state.
        etag: String,
        /// When it was changed, in seconds since 1970.
        modified: Option<i64>,
        /// Its body.
        body: Vec<u8>,
    },
    /// The server says that there is none.
    Gone,
    /// The row leaves it open: another status, no ETag or no body.
    Unclear(Option<u16>),
}

/// The request.
pub fn prepare(url: &Url, kind: CollectionKind, items: &[Path]) -> Request {
    let (root, data) = match kind {
        CollectionKind::Calendar => ("C:calendar-multiget", names::CALENDAR_DATA),
        CollectionKind::AddressBook => ("CR:addressbook-multiget", names::ADDRESS_DATA),
    };
    let mut body = xml::prop(&[names::GETETAG, names::GETLASTMODIFIED, data]);
    for item in items {
        body.push_str("<D:href>");
        body.push_str(&xml::escape(item.as_str()));
        body.push_str("</D:href>");
    }
    Request::new("REPORT", url).header("Depth", "1").body(request::XML, xml::document(root, &body))
}

/// The answer, item by item. Items may be missing from it.
pub fn parse(response: Response, sink: &mut dyn FnMut(Item) -> Result<()>) -> Result<()> {
    let base = response.url.clone();
    multistatus::parse_within(response, multistatus::BODIES, &mut |row| {
        match Path::resolve(&base, &row.href) {
            Ok(path) => sink(Item { path, got: got(&row) }),
            // Nobody asked for it; whatever was asked for and is not there will be looked for.
            Err(error) => {
                tracing::warn!(%error, "a row was passed over");
                Ok(())
            }
        }
    })?;
    Ok(())
}

fn got(row: &Row) -> Got {
    if row.is_gone() {
        return Got::Gone;
    }
    // Not trimmed: the line feed at its end belongs to a body.
    let data = row.found(&names::CALENDAR_DATA).or_else(|| row.found(&names::ADDRESS_DATA));
    match (row.etag(), data) {
        (Some(etag), Some(data)) if !data.trimmed().is_empty() => Got::Body {
            etag,
            modified: row.text(&names::GETLASTMODIFIED).and_then(http_date::unix_seconds),
            body: data.text.trim_start().as_bytes().to_vec(),
        },
        _ => Got::Unclear(row.failure()),
    }
}

impl Client {
    /// Gets many items.
    pub fn multiget(
        &self,
        url: &Url,
        kind: CollectionKind,
        items: &[Path],
        sink: &mut dyn FnMut(Item) -> Result<()>,
    ) -> Result<()> {
        parse(self.send(&prepare(url, kind, items))?, sink)
    }
}
