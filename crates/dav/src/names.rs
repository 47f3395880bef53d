//! The names of XML elements, once. CalDAV and CardDAV are one protocol with two vocabularies.

use std::borrow::Cow;
use std::fmt;

/// WebDAV's namespace.
pub const DAV: &str = "DAV:";
/// CalDAV's namespace (RFC 4791 section 4).
pub const CALDAV: &str = "urn:ietf:params:xml:ns:caldav";
/// CardDAV's namespace (RFC 6352 section 4).
pub const CARDDAV: &str = "urn:ietf:params:xml:ns:carddav";
/// The namespace of the `getctag` property.
pub const CALENDAR_SERVER: &str = "http://calendarserver.org/ns/";
/// The namespace of the `calendar-color` property.
pub const APPLE_ICAL: &str = "http://apple.com/ns/ical/";
/// The namespace of the colour of address books.
pub const INFINITY: &str = "http://inf-it.com/ns/ab/";

/// The name of an element: its namespace and its local name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name {
    /// The namespace; empty where there is none.
    pub namespace: Cow<'static, str>,
    /// The local name.
    pub local: Cow<'static, str>,
}

impl Name {
    /// A name known beforehand.
    pub const fn new(namespace: &'static str, local: &'static str) -> Self {
        Name { namespace: Cow::Borrowed(namespace), local: Cow::Borrowed(local) }
    }

    /// The prefix that requests of this crate bind to the namespace, if it is one that they use.
    pub fn prefix(&self) -> Option<&'static str> {
        PREFIXES.iter().find(|(_, namespace)| *namespace == self.namespace).map(|(prefix, _)| *prefix)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.local)
    }
}

/// The prefixes of requests and what they are bound to.
pub const PREFIXES: [(&str, &str); 6] =
    [("D", DAV), ("C", CALDAV), ("CR", CARDDAV), ("CS", CALENDAR_SERVER), ("A", APPLE_ICAL), ("I", INFINITY)];

macro_rules! names {
    ($($constant:ident = $namespace:ident $local:literal;)*) => {
        $(
            #[doc = concat!("`", $local, "`")]
            pub const $constant: Name = Name::new($namespace, $local);
        )*
    };
}

names! {
    ADDRESSBOOK = CARDDAV "addressbook";
    ADDRESSBOOK_COLOR = INFINITY "addressbook-color";
    ADDRESSBOOK_DESCRIPTION = CARDDAV "addressbook-description";
    ADDRESSBOOK_HOME_SET = CARDDAV "addressbook-home-set";
    ADDRESS_DATA = CARDDAV "address-data";
    CALENDAR = CALDAV "calendar";
    CALENDAR_COLOR = APPLE_ICAL "calendar-color";
    CALENDAR_DATA = CALDAV "calendar-data";
    CALENDAR_DESCRIPTION = CALDAV "calendar-description";
    CALENDAR_HOME_SET = CALDAV "calendar-home-set";
    CALENDAR_MAX_RESOURCE_SIZE = CALDAV "max-resource-size";
    CALENDAR_USER_ADDRESS_SET = CALDAV "calendar-user-address-set";
    CARD_MAX_RESOURCE_SIZE = CARDDAV "max-resource-size";
    COLLECTION = DAV "collection";
    COMP = CALDAV "comp";
    CURRENT_USER_PRINCIPAL = DAV "current-user-principal";
    CURRENT_USER_PRIVILEGE_SET = DAV "current-user-privilege-set";
    DISPLAYNAME = DAV "displayname";
    ERROR = DAV "error";
    GETCTAG = CALENDAR_SERVER "getctag";
    GETETAG = DAV "getetag";
    GETLASTMODIFIED = DAV "getlastmodified";
    HREF = DAV "href";
    MULTISTATUS = DAV "multistatus";
    OWNER = DAV "owner";
    PRINCIPAL = DAV "principal";
    PRINCIPAL_URL = DAV "principal-URL";
    PRIVILEGE = DAV "privilege";
    PROP = DAV "prop";
    PROPSTAT = DAV "propstat";
    RESOURCETYPE = DAV "resourcetype";
    RESPONSE = DAV "response";
    STATUS = DAV "status";
    SUPPORTED_CALENDAR_COMPONENT_SET = CALDAV "supported-calendar-component-set";
    SUPPORTED_REPORT_SET = DAV "supported-report-set";
    SYNC_TOKEN = DAV "sync-token";
}
