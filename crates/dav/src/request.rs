//! A request as plain data: what goes over the wire, apart from who sends it.

use url::Url;

/// The media type of XML bodies.
pub(crate) const XML: &str = "application/xml; charset=utf-8";

/// One request. The client adds host, length, user agent and login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The method.
    pub method: &'static str,
    /// What it is about.
    pub url: Url,
    /// Further headers.
    pub headers: Vec<(&'static str, String)>,
    /// The body; `None` differs from an empty one, which is sent with its length.
    pub body: Option<Vec<u8>>,
}

impl Request {
    /// A request without headers and body.
    pub fn new(method: &'static str, url: &Url) -> Self {
        Request { method, url: url.clone(), headers: Vec::new(), body: None }
    }

    /// With one more header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// With a body of this media type.
    #[must_use]
    pub fn body(mut self, media_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.headers.push(("Content-Type", media_type.to_owned()));
        self.body = Some(body.into());
        self
    }

    /// Whether it may change something on the server.
    pub fn writes(&self) -> bool {
        !matches!(self.method, "GET" | "HEAD" | "OPTIONS" | "PROPFIND" | "REPORT")
    }
}

/// What a write expects of the resource (RFC 9110 section 13.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect<'a> {
    /// That there is none.
    Absent,
    /// That it has this ETag, quotes included.
    ETag(&'a str),
    /// Both at once, which is never so: a server that heeds conditions does nothing.
    Never(&'a str),
}

impl Expect<'_> {
    /// The same request with the header that says so.
    pub(crate) fn on(self, request: Request) -> Request {
        match self {
            Expect::Absent => request.header("If-None-Match", "*"),
            Expect::ETag(etag) => request.header("If-Match", etag),
            Expect::Never(etag) => request.header("If-Match", etag).header("If-None-Match", "*"),
        }
    }
}
