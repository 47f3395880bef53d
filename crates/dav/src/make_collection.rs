//! MKCALENDAR (RFC 4791 section 5.3.1) and the extended MKCOL (RFC 5689): a new calendar or address book.

use url::Url;

use crate::client::Client;
use crate::colour::Colour;
use crate::error::Result;
use crate::names::{self, Name};
use crate::propfind::{CollectionKind, Components};
use crate::proppatch;
use crate::request::{self, Request};
use crate::response::Response;
use crate::xml;

/// What is to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCollection<'a> {
    /// What it is for.
    pub kind: CollectionKind,
    /// What a calendar takes.
    pub components: Components,
    /// What people call it.
    pub name: &'a str,
    /// Its colour.
    pub colour: Option<Colour>,
}

/// The request.
pub fn prepare(url: &Url, new: &NewCollection<'_>) -> Request {
    let colour = new.colour.map(|colour| colour.to_string());
    let mut texts: Vec<(Name, &str)> = vec![(names::DISPLAYNAME, new.name)];
    texts.extend(colour.as_deref().map(|colour| (colour_property(new.kind), colour)));
    let (method, root, first) = match new.kind {
        CollectionKind::Calendar => ("MKCALENDAR", "C:mkcalendar", component_set(new.components)),
        CollectionKind::AddressBook => {
            let kind = "<D:resourcetype><D:collection/><CR:addressbook/></D:resourcetype>";
            ("MKCOL", "D:mkcol", kind.to_owned())
        }
    };
    let prop = proppatch::prop(&texts).replacen("<D:prop>", &format!("<D:prop>{first}"), 1);
    // MKCALENDAR's root is in CalDAV's namespace, its `set` in WebDAV's.
    Request::new(method, url).body(request::XML, xml::document(root, &format!("<D:set>{prop}</D:set>")))
}

/// The property that holds the colour of a collection.
pub fn colour_property(kind: CollectionKind) -> Name {
    match kind {
        CollectionKind::Calendar => names::CALENDAR_COLOR,
        CollectionKind::AddressBook => names::ADDRESSBOOK_COLOR,
    }
}

fn component_set(components: Components) -> String {
    let mut set = String::from("<C:supported-calendar-component-set>");
    for (wanted, name) in [(components.events, "VEVENT"), (components.tasks, "VTODO")] {
        if wanted {
            set.push_str(&format!("<C:comp name=\"{name}\"/>"));
        }
    }
    set + "</C:supported-calendar-component-set>"
}

/// The answer.
pub fn parse(response: Response) -> Result<()> {
    response.success().map(drop)
}

impl Client {
    /// Makes a calendar or an address book, and sees to it that name and colour are as wanted.
    pub fn make_collection(&self, url: &Url, new: &NewCollection<'_>) -> Result<()> {
        parse(self.send(&prepare(url, new))?)?;
        // QUIRK(sogo): the name of a new address book is not taken, and a colour only afterwards.
        let made = self.collection_properties(url)?;
        let colour =
            new.colour.filter(|colour| made.colour != Some(*colour)).map(|colour| colour.to_string());
        let mut texts: Vec<(Name, &str)> = Vec::new();
        if made.name.as_deref() != Some(new.name) {
            texts.push((names::DISPLAYNAME, new.name));
        }
        texts.extend(colour.as_deref().map(|colour| (colour_property(new.kind), colour)));
        for text in texts {
            // The collection is there; what it is called is a matter of taste.
            if let Err(error) = self.proppatch(url, &[text]) {
                tracing::warn!(%error, "a new collection does not look as it should");
            }
        }
        Ok(())
    }
}
