//! Paths: from a request to the resource that is meant, and from a resource to its href, encoded once.

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::refusal::Refusal;

#[cfg(test)]
mod tests;

/// What is escaped in a segment of a path: all but the unreserved characters of RFC 3986 section 2.3.
const SEGMENT: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The first segment of the paths of principals; no user may be called so.
pub(crate) const PRINCIPALS: &str = "principals";

/// Names a collection: its owner, and its name in the owner's home. Both decoded.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Address {
    pub(crate) owner: String,
    pub(crate) name: String,
}

impl Address {
    /// The path of the collection, encoded, with a slash at its end.
    pub(crate) fn href(&self) -> String {
        format!("/{}/{}/", segment(&self.owner), segment(&self.name))
    }

    /// The path of an object in the collection, encoded.
    pub(crate) fn href_of(&self, object: &str) -> String {
        format!("{}{}", self.href(), segment(object))
    }
}

/// A resource of the server, there or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Location {
    /// `/`
    Root,
    /// `/.well-known/caldav` and `/.well-known/carddav` (RFC 6764).
    WellKnown,
    /// `/principals/`
    Principals,
    /// `/principals/NAME/`
    Principal(String),
    /// `/NAME/`: where the collections of a user are.
    Home(String),
    /// `/NAME/COLLECTION/`
    Collection(Address),
    /// `/NAME/COLLECTION/OBJECT`
    Object(Address, String),
}

impl Location {
    /// Reads the path of a request target, or an href: a path, or a whole URL whose host is not looked at.
    pub(crate) fn parse(target: &str) -> Result<Location, Refusal> {
        let path = match target.split_once("://") {
            Some((scheme, rest)) if scheme.chars().all(char::is_alphanumeric) => {
                rest.find('/').and_then(|slash| rest.get(slash..)).unwrap_or("/")
            }
            _ => target,
        };
        let path = path.split(['?', '#']).next().unwrap_or_default();
        let Some(path) = path.strip_prefix('/') else {
            return Err(Refusal::new(400, "a path begins with a slash"));
        };
        let mut segments = Vec::new();
        for raw in path.split('/').filter(|raw| !raw.is_empty()) {
            let decoded = percent_decode_str(raw).decode_utf8();
            let decoded = decoded.map_err(|_| Refusal::new(400, "a path is UTF-8, percent-encoded"))?;
            if decoded == "." || decoded == ".." || decoded.chars().any(char::is_control) {
                return Err(Refusal::new(403, "nothing may be called so"));
            }
            segments.push(decoded.into_owned());
        }
        let mut segments = segments.into_iter();
        let location = match (segments.next(), segments.next(), segments.next(), segments.next()) {
            (None, ..) => Location::Root,
            (Some(first), Some(second), None, _)
                if first == ".well-known" && (second == "caldav" || second == "carddav") =>
            {
                Location::WellKnown
            }
            (Some(first), None, ..) if first == PRINCIPALS => Location::Principals,
            (Some(first), Some(name), None, _) if first == PRINCIPALS => Location::Principal(name),
            (Some(first), ..) if first == PRINCIPALS => return Err(Refusal::missing()),
            (Some(owner), None, ..) => Location::Home(owner),
            (Some(owner), Some(name), None, _) => Location::Collection(Address { owner, name }),
            (Some(owner), Some(name), Some(object), None) => {
                Location::Object(Address { owner, name }, object)
            }
            _ => return Err(Refusal::missing()),
        };
        Ok(location)
    }

    /// The user to whom it belongs; `None` for what everybody may see.
    pub(crate) fn owner(&self) -> Option<&str> {
        match self {
            Location::Root | Location::WellKnown | Location::Principals => None,
            Location::Principal(owner) | Location::Home(owner) => Some(owner),
            Location::Collection(address) | Location::Object(address, _) => Some(&address.owner),
        }
    }
}

/// A name as a segment of a path.
pub(crate) fn segment(name: &str) -> impl fmt::Display + '_ {
    utf8_percent_encode(name, &SEGMENT)
}

/// The path of the principal of a user.
pub(crate) fn principal_href(user: &str) -> String {
    format!("/{PRINCIPALS}/{}/", segment(user))
}

/// The path of the home of a user.
pub(crate) fn home_href(user: &str) -> String {
    format!("/{}/", segment(user))
}
