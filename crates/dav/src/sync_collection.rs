//! The `sync-collection` report (RFC 6578): what changed in a collection since a token.

use url::Url;

use crate::client::Client;
use crate::error::{Error, ErrorKind, Result};
use crate::href::Path;
use crate::multistatus::{self, Row};
use crate::names;
use crate::request::{self, Request};
use crate::response::Response;
use crate::xml;

#[cfg(test)]
mod tests;

/// Pages of one answer: of as many items as an answer may have, each has to bring a few.
const MOST_PAGES: usize = 10_000;

/// One answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Where to go on from.
    pub token: String,
    /// Whether the server had more to tell (RFC 6578 section 3.6).
    pub truncated: bool,
}

/// The request. No token: everything that is there. The properties asked for are the ETag and the resource type.
pub fn prepare(url: &Url, token: Option<&str>) -> Request {
    let body = format!(
        "<D:sync-token>{}</D:sync-token><D:sync-level>1</D:sync-level>{}",
        xml::escape(token.unwrap_or_default()),
        xml::prop(&[names::GETETAG, names::RESOURCETYPE])
    );
    Request::new("REPORT", url)
        // RFC 6578 section 3.2: the depth is said in the body.
        .header("Depth", "0")
        .body(request::XML, xml::document("D:sync-collection", &body))
}

/// The answer; rows of members go to the sink, a row of the collection itself does not.
///
/// # Errors
/// Also `Malformed`, where there is no token to go on from, and the failure of the collection's own row, unless it says that
/// there is more (507).
pub fn parse(response: Response, sink: &mut dyn FnMut(Row) -> Result<()>) -> Result<Page> {
    let url = response.url.clone();
    let own = Path::of(&url);
    let mut truncated = false;
    let tail = multistatus::parse(response, &mut |row| {
        if Path::resolve(&url, &row.href).is_ok_and(|path| path.is_same_collection(&own)) {
            truncated |= row.status == Some(507);
            return match row.status {
                None | Some(200..=299 | 507) => Ok(()),
                Some(status) => {
                    let path = url.path();
                    Err(row.error(
                        status,
                        &format!("the server answered REPORT {path} with {status} for all of it"),
                    ))
                }
            };
        }
        sink(row)
    })?;
    let token = tail.sync_token.ok_or_else(|| {
        Error::new(
            ErrorKind::Malformed,
            format!("the server answered REPORT {} without a sync-token", url.path()),
        )
    })?;
    Ok(Page { token, truncated })
}

/// Whether this failure says that the server no longer knows the token, so that a listing is due.
///
/// Servers do not agree on the status: RFC 6578 section 3.2 has 403 with `valid-sync-token`, QUIRK(tokens: xandikos) it says 412. A
/// collection that cannot be read at all will say so again when it is listed.
pub fn is_token_refused(error: &Error) -> bool {
    error.names_precondition("valid-sync-token")
        || matches!(error.status, Some(400 | 403 | 405 | 409 | 410 | 412 | 415 | 501 | 507))
}

impl Client {
    /// Asks for all that changed, page after page; gives the token for the next time.
    pub fn sync_collection(
        &self,
        url: &Url,
        token: Option<&str>,
        sink: &mut dyn FnMut(Row) -> Result<()>,
    ) -> Result<String> {
        let mut since = token.map(str::to_owned);
        let (mut rows, mut pages) = (0, 0);
        loop {
            let before = rows;
            let response = self.send(&prepare(url, since.as_deref()))?;
            let page = parse(response, &mut |row| {
                rows += 1;
                sink(row)
            })?;
            if !page.truncated {
                return Ok(page.token);
            }
            pages += 1;
            let is_endless = rows > multistatus::LISTED.rows || pages > MOST_PAGES;
            if is_endless || rows == before || since.as_deref() == Some(page.token.as_str()) {
                let what = format!("the server has more to tell of {}, but not from where", url.path());
                return Err(Error::new(ErrorKind::Malformed, what));
            }
            since = Some(page.token);
        }
    }
}
