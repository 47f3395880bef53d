//! PUT: one resource is made or replaced.

use url::Url;

use crate::client::Client;
use crate::error::Result;
use crate::href::Path;
use crate::multistatus::{etag, is_strong};
use crate::request::{Expect, Request};
use crate::response::Response;

/// What the server tells of a write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Where the resource is, if not where it was put.
    pub at: Option<Path>,
    /// Its new state, where the server vouches that it holds the bytes that were sent: a strong ETag says so
    /// (RFC 4791 section 5.3.4). Not all servers that say so keep their word.
    pub etag: Option<String>,
}

/// The request.
pub fn prepare(url: &Url, media_type: &str, body: &[u8], expect: Expect<'_>) -> Request {
    expect.on(Request::new("PUT", url)).body(media_type, body)
}

/// The answer.
pub fn parse(response: Response) -> Result<Stored> {
    let response = response.success()?;
    let location = response.header("location").and_then(|href| Path::resolve(&response.url, href).ok());
    Ok(Stored {
        at: location.filter(|path| *path != Path::of(&response.url)),
        etag: response.header("etag").and_then(etag).filter(|etag| is_strong(etag)),
    })
}

impl Client {
    /// Makes a resource, or replaces it.
    pub fn put(&self, url: &Url, media_type: &str, body: &[u8], expect: Expect<'_>) -> Result<Stored> {
        parse(self.send(&prepare(url, media_type, body, expect))?)
    }
}
