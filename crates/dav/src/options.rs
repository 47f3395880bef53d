//! OPTIONS: what a server can do (RFC 4918 section 10.1).

use std::collections::BTreeSet;

use url::Url;

use crate::client::Client;
use crate::error::Result;
use crate::request::Request;
use crate::response::Response;

/// What a server says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Capabilities {
    /// The compliance classes of its `DAV` header, in lower case.
    pub classes: BTreeSet<String>,
    /// The methods it allows here, in upper case; empty where it does not say.
    pub methods: BTreeSet<String>,
    /// Its `Server` header, or what it says of itself in one of its own.
    pub server: Option<String>,
}

impl Capabilities {
    /// Whether it has this compliance class.
    pub fn has(&self, class: &str) -> bool {
        self.classes.contains(class)
    }

    /// Whether it sends invitations by itself when an event with attendees is stored (RFC 6638 section 2).
    pub fn mails_attendees(&self) -> bool {
        self.has("calendar-auto-schedule")
    }
}

/// The request.
pub fn prepare(url: &Url) -> Request {
    Request::new("OPTIONS", url)
}

/// The answer.
pub fn parse(response: Response) -> Result<Capabilities> {
    let response = response.success()?;
    let list = |name| {
        // QUIRK(classes: davical): the list is spread over two headers.
        let words = response.headers_named(name).flat_map(|value| value.split(','));
        words.map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned).collect::<BTreeSet<_>>()
    };
    Ok(Capabilities {
        classes: list("dav").into_iter().map(|class| class.to_ascii_lowercase()).collect(),
        methods: list("allow").into_iter().map(|method| method.to_ascii_uppercase()).collect(),
        // QUIRK(recognised: davical): `Server` says "1.1" alone.
        server: response.header("x-davical-version").or(response.header("server")).map(str::to_owned),
    })
}

impl Client {
    /// Asks what the server can do.
    pub fn options(&self, url: &Url) -> Result<Capabilities> {
        parse(self.send(&prepare(url))?)
    }
}
