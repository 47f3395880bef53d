//! GET: one resource as it is.

use url::Url;

use crate::client::Client;
use crate::error::Result;
use crate::http_date;
use crate::multistatus::etag;
use crate::request::Request;
use crate::response::Response;

/// A resource longer than this is refused.
pub const LONGEST_BYTES: u64 = 32 << 20;

/// A resource as the server holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    /// Its state.
    pub etag: Option<String>,
    /// When it was changed, in seconds since 1970.
    pub modified: Option<i64>,
    /// Its media type, without parameters, in lower case.
    pub media_type: Option<String>,
    /// Its body.
    pub body: Vec<u8>,
}

/// The request.
pub fn prepare(url: &Url) -> Request {
    // Compressed on the way, an answer may come with another ETag: nginx makes it a weak one, Apache adds a suffix.
    Request::new("GET", url).header("Accept-Encoding", "identity")
}

/// The answer.
pub fn parse(response: Response) -> Result<Resource> {
    let response = response.success()?;
    if response.is_web_page() {
        return Err(response.web_page());
    }
    let media_type = response.header("content-type").and_then(|value| value.split(';').next());
    Ok(Resource {
        etag: response.header("etag").and_then(etag),
        modified: response.header("last-modified").and_then(http_date::unix_seconds),
        media_type: media_type.map(|media_type| media_type.trim().to_ascii_lowercase()),
        body: response.into_bytes(LONGEST_BYTES)?,
    })
}

impl Client {
    /// Gets a resource.
    pub fn get(&self, url: &Url) -> Result<Resource> {
        parse(self.send(&prepare(url))?)
    }
}
