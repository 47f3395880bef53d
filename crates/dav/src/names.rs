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
/// The namespace in which sabre/dav and its descendants explain a refusal.
pub const SABRE: &str = "http://sabredav.org/ns";

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

/// `addressbook` of CardDAV.
pub const ADDRESSBOOK: Name = Name::new(CARDDAV, "addressbook");
/// `addressbook-color` of InfCloud.
pub const ADDRESSBOOK_COLOR: Name = Name::new(INFINITY, "addressbook-color");
/// `addressbook-description` of CardDAV.
pub const ADDRESSBOOK_DESCRIPTION: Name = Name::new(CARDDAV, "addressbook-description");
/// `addressbook-home-set` of CardDAV.
pub const ADDRESSBOOK_HOME_SET: Name = Name::new(CARDDAV, "addressbook-home-set");
/// `address-data` of CardDAV.
pub const ADDRESS_DATA: Name = Name::new(CARDDAV, "address-data");
/// `calendar` of CalDAV.
pub const CALENDAR: Name = Name::new(CALDAV, "calendar");
/// `calendar-color` of Apple.
pub const CALENDAR_COLOR: Name = Name::new(APPLE_ICAL, "calendar-color");
/// `calendar-data` of CalDAV.
pub const CALENDAR_DATA: Name = Name::new(CALDAV, "calendar-data");
/// `calendar-description` of CalDAV.
pub const CALENDAR_DESCRIPTION: Name = Name::new(CALDAV, "calendar-description");
/// `calendar-home-set` of CalDAV.
pub const CALENDAR_HOME_SET: Name = Name::new(CALDAV, "calendar-home-set");
/// `max-resource-size` of CalDAV.
pub const CALENDAR_MAX_RESOURCE_SIZE: Name = Name::new(CALDAV, "max-resource-size");
/// `calendar-proxy-read-for` of CalendarServer.
pub const CALENDAR_PROXY_READ_FOR: Name = Name::new(CALENDAR_SERVER, "calendar-proxy-read-for");
/// `calendar-proxy-write-for` of CalendarServer.
pub const CALENDAR_PROXY_WRITE_FOR: Name = Name::new(CALENDAR_SERVER, "calendar-proxy-write-for");
/// `calendar-user-address-set` of CalDAV.
pub const CALENDAR_USER_ADDRESS_SET: Name = Name::new(CALDAV, "calendar-user-address-set");
/// `calendar-user-type` of CalDAV.
pub const CALENDAR_USER_TYPE: Name = Name::new(CALDAV, "calendar-user-type");
/// `max-resource-size` of CardDAV.
pub const CARD_MAX_RESOURCE_SIZE: Name = Name::new(CARDDAV, "max-resource-size");
/// `collection` of WebDAV.
pub const COLLECTION: Name = Name::new(DAV, "collection");
/// `comp` of CalDAV.
pub const COMP: Name = Name::new(CALDAV, "comp");
/// `current-user-principal` of WebDAV.
pub const CURRENT_USER_PRINCIPAL: Name = Name::new(DAV, "current-user-principal");
/// `current-user-privilege-set` of WebDAV.
pub const CURRENT_USER_PRIVILEGE_SET: Name = Name::new(DAV, "current-user-privilege-set");
/// `displayname` of WebDAV.
pub const DISPLAYNAME: Name = Name::new(DAV, "displayname");
/// `error` of WebDAV.
pub const ERROR: Name = Name::new(DAV, "error");
/// `getctag` of CalendarServer.
pub const GETCTAG: Name = Name::new(CALENDAR_SERVER, "getctag");
/// `getetag` of WebDAV.
pub const GETETAG: Name = Name::new(DAV, "getetag");
/// `getlastmodified` of WebDAV.
pub const GETLASTMODIFIED: Name = Name::new(DAV, "getlastmodified");
/// `href` of WebDAV.
pub const HREF: Name = Name::new(DAV, "href");
/// `multistatus` of WebDAV.
pub const MULTISTATUS: Name = Name::new(DAV, "multistatus");
/// `organizer` of CalendarServer.
pub const ORGANIZER: Name = Name::new(CALENDAR_SERVER, "organizer");
/// `owner` of WebDAV.
pub const OWNER: Name = Name::new(DAV, "owner");
/// `principal` of WebDAV.
pub const PRINCIPAL: Name = Name::new(DAV, "principal");
/// `principal-URL` of WebDAV.
pub const PRINCIPAL_URL: Name = Name::new(DAV, "principal-URL");
/// `privilege` of WebDAV.
pub const PRIVILEGE: Name = Name::new(DAV, "privilege");
/// `prop` of WebDAV.
pub const PROP: Name = Name::new(DAV, "prop");
/// `propstat` of WebDAV.
pub const PROPSTAT: Name = Name::new(DAV, "propstat");
/// `resource-id` of WebDAV.
pub const RESOURCE_ID: Name = Name::new(DAV, "resource-id");
/// `resourcetype` of WebDAV.
pub const RESOURCETYPE: Name = Name::new(DAV, "resourcetype");
/// `response` of WebDAV.
pub const RESPONSE: Name = Name::new(DAV, "response");
/// `responsedescription` of WebDAV.
pub const RESPONSEDESCRIPTION: Name = Name::new(DAV, "responsedescription");
/// `message` of sabre/dav and its descendants.
pub const SABRE_MESSAGE: Name = Name::new(SABRE, "message");
/// `status` of WebDAV.
pub const STATUS: Name = Name::new(DAV, "status");
/// `supported-calendar-component-set` of CalDAV.
pub const SUPPORTED_CALENDAR_COMPONENT_SET: Name = Name::new(CALDAV, "supported-calendar-component-set");
/// `supported-address-data` of CardDAV.
pub const SUPPORTED_ADDRESS_DATA: Name = Name::new(CARDDAV, "supported-address-data");
/// `supported-report-set` of WebDAV.
pub const SUPPORTED_REPORT_SET: Name = Name::new(DAV, "supported-report-set");
/// `sync-token` of WebDAV.
pub const SYNC_TOKEN: Name = Name::new(DAV, "sync-token");
