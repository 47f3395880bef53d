//! The `principal-property-search` report (RFC 3744 section 9.4): people, rooms and resources by their names.

use url::Url;

use crate::client::Client;
use crate::error::Result;
use crate::multistatus;
use crate::names;
use crate::principal::mail_addresses;
use crate::request::{self, Request};
use crate::response::Response;
use crate::xml;

#[cfg(test)]
mod tests;

/// Somebody, or something, that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// The principal.
    pub url: Url,
    /// Its name.
    pub name: Option<String>,
    /// What it is.
    pub kind: UserKind,
    /// What names it in an invitation, where the server says so (`DAV:resource-id`).
    pub resource_id: Option<String>,
    /// Its mail addresses, as far as the server knows them.
    pub mail_addresses: Vec<String>,
}

/// What a principal stands for (RFC 6638 section 2.4.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserKind {
    /// A person.
    Individual,
    /// Several of them.
    Group,
    /// A thing that can be booked.
    Resource,
    /// A place that can be booked.
    Room,
    /// The server does not know, or does not say.
    Unknown,
}

/// The request: all whose display name holds `text`, wherever the server keeps its principals.
pub fn prepare(url: &Url, text: &str) -> Request {
    let wanted =
        [names::DISPLAYNAME, names::CALENDAR_USER_TYPE, names::RESOURCE_ID, names::CALENDAR_USER_ADDRESS_SET];
    let body = format!(
        "<D:property-search>{}<D:match>{}</D:match></D:property-search>{}<D:apply-to-principal-collection-set/>",
        xml::prop(&[names::DISPLAYNAME]),
        xml::escape(text),
        xml::prop(&wanted)
    );
    Request::new("REPORT", url)
        .header("Depth", "0")
        .body(request::XML, xml::document("D:principal-property-search", &body))
}

/// The answer.
pub fn parse(response: Response) -> Result<Vec<Match>> {
    let base = response.url.clone();
    let mut found = Vec::new();
    multistatus::parse_within(response, multistatus::KEPT, &mut |row| {
        let path = crate::href::Path::resolve(&base, &row.href);
        // Who is of another server cannot be booked at this one.
        if let (None, Ok(path)) = (row.failure(), path) {
            let kind = row.text(&names::CALENDAR_USER_TYPE).unwrap_or_default();
            let id = row.found(&names::RESOURCE_ID).and_then(|id| id.child(&names::HREF));
            let id = id.map(|id| id.trimmed().to_owned()).filter(|id| !id.is_empty());
            found.push(Match {
                url: path.url(&base),
                name: row.text(&names::DISPLAYNAME).map(str::to_owned),
                kind: UserKind::parse(kind),
                resource_id: id,
                mail_addresses: mail_addresses(&row),
            });
        }
        Ok(())
    })?;
    Ok(found)
}

impl UserKind {
    fn parse(text: &str) -> UserKind {
        match text.to_ascii_uppercase().as_str() {
            "INDIVIDUAL" => UserKind::Individual,
            "GROUP" => UserKind::Group,
            "RESOURCE" => UserKind::Resource,
            "ROOM" => UserKind::Room,
            _ => UserKind::Unknown,
        }
    }
}

impl Client {
    /// Everybody and everything whose name holds `text`. An empty text finds nobody, and nobody is asked.
    ///
    /// # Errors
    /// `Refused`, where the server cannot search.
    pub fn search_principals(&self, url: &Url, text: &str) -> Result<Vec<Match>> {
        if text.trim().is_empty() {
            return Ok(Vec::new());
        }
        parse(self.send(&prepare(url, text.trim()))?)
    }

    /// The room or resource of exactly this name, without regard to case.
    ///
    /// # Errors
    /// As [`Client::search_principals`].
    pub fn find_resource(&self, url: &Url, name: &str) -> Result<Option<Match>> {
        let wanted = name.trim().to_lowercase();
        let found = self.search_principals(url, name)?;
        Ok(found.into_iter().find(|found| {
            matches!(found.kind, UserKind::Room | UserKind::Resource)
                && found.name.as_ref().is_some_and(|name| name.trim().to_lowercase() == wanted)
        }))
    }
}
