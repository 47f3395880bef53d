//! PROPFIND (RFC 4918 section 9.1), and what the properties of a collection mean.

use url::Url;

use crate::client::Client;
use crate::colour::Colour;
use crate::error::{Error, ErrorKind, Result};
use crate::href::Path;
use crate::multistatus::{self, Row, Tail};
use crate::names::{self, Name};
use crate::request::{self, Request};
use crate::response::Response;
use crate::xml::{self, Element};

#[cfg(test)]
mod tests;

/// How far a request reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// The resource alone.
    Zero,
    /// The resource and its members.
    One,
}

impl Depth {
    pub(crate) fn header(self) -> &'static str {
        match self {
            Depth::Zero => "0",
            Depth::One => "1",
        }
    }
}

/// The request.
pub fn prepare(url: &Url, depth: Depth, properties: &[Name]) -> Request {
    Request::new("PROPFIND", url)
        .header("Depth", depth.header())
        .body(request::XML, xml::document("D:propfind", &xml::prop(properties)))
}

/// The answer, row by row.
pub fn parse(response: Response, sink: &mut dyn FnMut(Row) -> Result<()>) -> Result<Tail> {
    multistatus::parse(response, sink)
}

/// What [`CollectionProperties`] are made of.
pub const COLLECTION_PROPERTIES: [Name; 15] = [
    names::RESOURCETYPE,
    names::DISPLAYNAME,
    names::CURRENT_USER_PRIVILEGE_SET,
    names::OWNER,
    names::SUPPORTED_REPORT_SET,
    names::SYNC_TOKEN,
    names::GETCTAG,
    names::SUPPORTED_CALENDAR_COMPONENT_SET,
    names::CALENDAR_DESCRIPTION,
    names::CALENDAR_COLOR,
    names::CALENDAR_MAX_RESOURCE_SIZE,
    names::ADDRESSBOOK_DESCRIPTION,
    names::ADDRESSBOOK_COLOR,
    names::CARD_MAX_RESOURCE_SIZE,
    names::SUPPORTED_ADDRESS_DATA,
];

/// What a collection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CollectionKind {
    /// Events and tasks (RFC 4791).
    Calendar,
    /// Contacts (RFC 6352).
    AddressBook,
}

/// The components that a calendar takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Components {
    /// VEVENT.
    pub events: bool,
    /// VTODO.
    pub tasks: bool,
}

/// What the user may do in a collection (RFC 3744 section 3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Privileges {
    /// Change items.
    pub change: bool,
    /// Add items.
    pub add: bool,
    /// Remove items.
    pub remove: bool,
}

impl Privileges {
    /// Whether no item can be written at all.
    pub fn is_read_only(self) -> bool {
        !(self.change || self.add || self.remove)
    }
}

/// What a server says about a collection. What it does not say is `None` or empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CollectionProperties {
    /// Where it is.
    pub url: Url,
    /// What it is for; `None`: it is neither a calendar nor an address book.
    pub kind: Option<CollectionKind>,
    /// What people call it.
    pub name: Option<String>,
    /// More about it.
    pub description: Option<String>,
    /// Its colour, where it can be understood.
    pub colour: Option<Colour>,
    /// What a calendar takes; everything where the server does not say. An address book takes none.
    pub components: Components,
    /// What the user may do.
    pub privileges: Option<Privileges>,
    /// Whose it is.
    pub owner: Option<Path>,
    /// Changes when anything in it changes.
    pub ctag: Option<String>,
    /// Where `sync-collection` would go on from.
    pub sync_token: Option<String>,
    /// The local names of the reports it answers.
    pub reports: Vec<String>,
    /// The longest body it takes, in bytes.
    pub max_resource_size: Option<u64>,
    /// The versions of vCard that it says it takes (RFC 6352 section 6.2.2).
    pub card_versions: Vec<String>,
}

impl CollectionProperties {
    /// What a row says; `base` is the URL that answered.
    ///
    /// # Errors
    /// `Malformed`, where the row is of another server.
    pub fn from_row(base: &Url, row: &Row) -> Result<Self> {
        let text = |name: &Name| row.text(name).map(str::to_owned);
        let either = |a: &Name, b: &Name| text(a).or_else(|| text(b));
        let kind = row.found(&names::RESOURCETYPE).and_then(kind);
        Ok(CollectionProperties {
            url: Path::resolve(base, &row.href)?.url(base),
            kind,
            name: text(&names::DISPLAYNAME),
            description: either(&names::CALENDAR_DESCRIPTION, &names::ADDRESSBOOK_DESCRIPTION),
            colour: either(&names::CALENDAR_COLOR, &names::ADDRESSBOOK_COLOR)
                .and_then(|text| Colour::parse(&text)),
            components: match kind {
                Some(CollectionKind::Calendar) => {
                    components(row.found(&names::SUPPORTED_CALENDAR_COMPONENT_SET))
                }
                _ => Components::NONE,
            },
            privileges: row.found(&names::CURRENT_USER_PRIVILEGE_SET).map(privileges),
            owner: hrefs(base, row, &names::OWNER).into_iter().next(),
            ctag: text(&names::GETCTAG),
            sync_token: text(&names::SYNC_TOKEN),
            reports: row.found(&names::SUPPORTED_REPORT_SET).map(reports).unwrap_or_default(),
            max_resource_size: either(&names::CALENDAR_MAX_RESOURCE_SIZE, &names::CARD_MAX_RESOURCE_SIZE)
                .and_then(|size| size.parse().ok()),
            card_versions: row.found(&names::SUPPORTED_ADDRESS_DATA).map(card_versions).unwrap_or_default(),
        })
    }

    /// Whether it says that it answers this report.
    pub fn answers_report(&self, local: &str) -> bool {
        self.reports.iter().any(|report| report == local)
    }
}

impl Components {
    /// Events and tasks.
    pub const BOTH: Components = Components { events: true, tasks: true };
    /// Neither.
    pub const NONE: Components = Components { events: false, tasks: false };
}

/// More addresses in one property are passed over: nobody has so many homes, nor acts for so many people.
const MOST_HREFS: usize = 1_000;

/// The paths in a property that the server gave, as far as they are of this server.
pub fn hrefs(base: &Url, row: &Row, name: &Name) -> Vec<Path> {
    let Some(property) = row.found(name) else { return Vec::new() };
    let hrefs = property.children_named(&names::HREF).take(MOST_HREFS);
    hrefs
        .filter(|href| !href.trimmed().is_empty())
        .filter_map(|href| Path::resolve(base, href.trimmed()).ok())
        .collect()
}

fn kind(types: &Element) -> Option<CollectionKind> {
    if types.child(&names::CALENDAR).is_some() {
        // QUIRK(doubles: sogo): the personal calendar is a schedule-outbox as well.
        Some(CollectionKind::Calendar)
    } else if types.child(&names::ADDRESSBOOK).is_some() {
        Some(CollectionKind::AddressBook)
    } else {
        None
    }
}

fn components(set: Option<&Element>) -> Components {
    let names = set
        .into_iter()
        .flat_map(|set| set.children_named(&names::COMP))
        .filter_map(|comp| comp.attribute("name"));
    let names: Vec<&str> = names.collect();
    let has = |name: &str| names.iter().any(|n| n.eq_ignore_ascii_case(name));
    // A calendar that takes nothing would be none: an empty list says as little as a missing one.
    if names.is_empty() {
        Components::BOTH
    } else {
        Components { events: has("VEVENT"), tasks: has("VTODO") }
    }
}

fn privileges(set: &Element) -> Privileges {
    let has = |wanted: &[&str]| {
        let granted = set.children_named(&names::PRIVILEGE).flat_map(|privilege| &privilege.children);
        granted
            .filter(|name| name.name.namespace == names::DAV)
            .any(|name| wanted.contains(&&*name.name.local))
    };
    Privileges {
        change: has(&["all", "write", "write-content"]),
        add: has(&["all", "write", "bind"]),
        remove: has(&["all", "write", "unbind"]),
    }
}

fn card_versions(set: &Element) -> Vec<String> {
    let is_card = |data: &&Element| {
        data.attribute("content-type").is_none_or(|kind| kind.trim().eq_ignore_ascii_case("text/vcard"))
    };
    let versions = set.children.iter().filter(is_card).filter_map(|data| data.attribute("version"));
    versions.map(|version| version.trim().to_owned()).collect()
}

fn reports(set: &Element) -> Vec<String> {
    let supported = set.children.iter().flat_map(|supported| &supported.children);
    supported.flat_map(|report| &report.children).map(|report| report.name.local.to_string()).collect()
}

impl Client {
    /// Asks for properties; rows go to the sink.
    pub fn propfind(
        &self,
        url: &Url,
        depth: Depth,
        properties: &[Name],
        sink: &mut dyn FnMut(Row) -> Result<()>,
    ) -> Result<Tail> {
        parse(self.send(&prepare(url, depth, properties))?, sink)
    }

    /// The row of a single resource, and the URL that answered.
    ///
    /// # Errors
    /// Also `Gone`, where the answer itself says so of the resource.
    pub fn propfind_one(&self, url: &Url, properties: &[Name]) -> Result<(Url, Row)> {
        let response = self.send(&prepare(url, Depth::Zero, properties))?;
        let answered = response.url.clone();
        let mut first = None;
        parse(response, &mut |row| {
            first.get_or_insert(row);
            Ok(())
        })?;
        let path = answered.path().to_owned();
        let row = first.ok_or_else(|| {
            Error::new(ErrorKind::Malformed, format!("the server answered PROPFIND {path} with nothing"))
        })?;
        match row.failure() {
            Some(status) => {
                let what = format!("the server answered PROPFIND {path} with {status} for what was asked");
                Err(row.error(status, &what))
            }
            None => Ok((answered, row)),
        }
    }

    /// What the server says about a collection.
    pub fn collection_properties(&self, url: &Url) -> Result<CollectionProperties> {
        let (answered, row) = self.propfind_one(url, &COLLECTION_PROPERTIES)?;
        CollectionProperties::from_row(&answered, &row)
    }
}
