//! The names of XML elements.

use std::borrow::Cow;

/// WebDAV (RFC 4918).
pub(crate) const DAV: &str = "DAV:";
/// CalDAV (RFC 4791).
pub(crate) const CALDAV: &str = "urn:ietf:params:xml:ns:caldav";
/// CardDAV (RFC 6352).
pub(crate) const CARDDAV: &str = "urn:ietf:params:xml:ns:carddav";
/// `getctag`.
pub(crate) const CALENDAR_SERVER: &str = "http://calendarserver.org/ns/";
/// The prefix `xml`.
pub(crate) const XML: &str = "http://www.w3.org/XML/1998/namespace";

/// The prefixes of answers, declared by their root.
pub(crate) const PREFIXES: [(&str, &str); 4] =
    [("D", DAV), ("C", CALDAV), ("CR", CARDDAV), ("CS", CALENDAR_SERVER)];

/// The name of an element: its namespace and its local name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Name {
    pub(crate) namespace: Cow<'static, str>,
    pub(crate) local: Cow<'static, str>,
}

impl Name {
    /// A name known beforehand.
    pub(crate) const fn new(namespace: &'static str, local: &'static str) -> Self {
        Name { namespace: Cow::Borrowed(namespace), local: Cow::Borrowed(local) }
    }

    /// A name of WebDAV.
    pub(crate) const fn dav(local: &'static str) -> Self {
        Name::new(DAV, local)
    }

    /// A name of CalDAV.
    pub(crate) const fn caldav(local: &'static str) -> Self {
        Name::new(CALDAV, local)
    }

    /// A name of CardDAV.
    pub(crate) const fn carddav(local: &'static str) -> Self {
        Name::new(CARDDAV, local)
    }

    /// Opens the element; returns how it is closed.
    pub(crate) fn open(&self, out: &mut String) -> String {
        let tag = self.tag(out);
        out.push('>');
        format!("</{tag}>")
    }

    /// The element with nothing in it.
    pub(crate) fn empty(&self, out: &mut String) {
        self.tag(out);
        out.push_str("/>");
    }

    fn tag(&self, out: &mut String) -> String {
        out.push('<');
        match PREFIXES.iter().find(|(_, namespace)| *namespace == self.namespace) {
            Some((prefix, _)) => {
                let tag = format!("{prefix}:{}", self.local);
                out.push_str(&tag);
                tag
            }
            None => {
                out.push_str(&self.local);
                out.push_str(" xmlns=\"");
                super::escape_into(out, &self.namespace);
                out.push('"');
                self.local.clone().into_owned()
            }
        }
    }
}

/// The user may not do this (RFC 3744 section 7.1.1).
pub(crate) const NEED_PRIVILEGES: Name = Name::dav("need-privileges");
/// `displayname`, settable on every collection.
pub(crate) const DISPLAYNAME: Name = Name::dav("displayname");
