//! MKCALENDAR (RFC 4791 section 5.3.1) and the extended MKCOL (RFC 5689): a new calendar or address book.

use url::Url;

use crate::client::Client;
use crate::colour::Colour;
use crate::error::{Error, ErrorKind, Result};
use crate::href::Path;
use crate::names::{self, Name};
use crate::propfind::{CollectionKind, CollectionProperties, Components};
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

/// How a calendar is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// MKCALENDAR, or for an address book, for which there is none such, the extended MKCOL.
    OwnMethod,
    /// The extended MKCOL.
    Mkcol,
}

/// The request.
pub fn prepare(url: &Url, new: &NewCollection<'_>, by: By) -> Request {
    let colour = new.colour.map(|colour| colour.to_string());
    let mut texts: Vec<(Name, &str)> = vec![(names::DISPLAYNAME, new.name)];
    texts.extend(colour.as_deref().map(|colour| (colour_property(new.kind), colour)));
    let (method, root, first) = match (new.kind, by) {
        (CollectionKind::Calendar, By::OwnMethod) => {
            ("MKCALENDAR", "C:mkcalendar", component_set(new.components))
        }
        (CollectionKind::Calendar, By::Mkcol) => {
            let kind = "<D:resourcetype><D:collection/><C:calendar/></D:resourcetype>";
            ("MKCOL", "D:mkcol", format!("{kind}{}", component_set(new.components)))
        }
        (CollectionKind::AddressBook, _) => {
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

/// A name for the URL of a collection that people call `name`: letters, digits and hyphens, which every server takes.
/// Empty where nothing of the name can be kept.
pub fn segment(name: &str) -> String {
    let mut segment = String::new();
    for character in name.chars() {
        match character {
            'a'..='z' | '0'..='9' => segment.push(character),
            'A'..='Z' => segment.push(character.to_ascii_lowercase()),
            _ if segment.is_empty() || segment.ends_with('-') => {}
            _ => segment.push('-'),
        }
        if segment.len() >= LONGEST_SEGMENT {
            break;
        }
    }
    segment.trim_end_matches('-').to_owned()
}

/// Names of URLs are kept shorter than this.
const LONGEST_SEGMENT: usize = 60;

/// So many names are tried before another way is left to the caller.
const MOST_NAMES: u32 = 50;

impl Client {
    /// Makes a calendar or an address book, and sees to it that name and colour are as wanted.
    ///
    /// # Errors
    /// `Refused`, where there is something already, or the server makes no such thing.
    pub fn make_collection(&self, url: &Url, new: &NewCollection<'_>) -> Result<()> {
        self.make(url, new)?;
        // QUIRK(book-names: sogo): the name of a new address book is not taken, and a colour only afterwards.
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

    /// Makes a collection in a home, at an address of its own that goes with its name, and tells what it is like.
    ///
    /// # Errors
    /// As [`Client::make_collection`].
    pub fn make_collection_in(&self, home: &Url, new: &NewCollection<'_>) -> Result<CollectionProperties> {
        let url = self.free_place(home, new)?;
        self.make_collection(&url, new)?;
        self.collection_properties(&url)
    }

    /// Where nothing is yet. Servers disagree on what they answer where something is; so they are asked before.
    fn free_place(&self, home: &Url, new: &NewCollection<'_>) -> Result<Url> {
        let first = match segment(new.name) {
            none if none.is_empty() => match new.kind {
                CollectionKind::Calendar => "calendar".to_owned(),
                CollectionKind::AddressBook => "contacts".to_owned(),
            },
            segment => segment,
        };
        for number in 1..=MOST_NAMES {
            let name = if number == 1 { first.clone() } else { format!("{first}-{number}") };
            let mut url = Path::of(home).member(&name).url(home);
            url.set_path(&format!("{}/", url.path()));
            match self.propfind_one(&url, &[names::RESOURCETYPE]) {
                Err(gone) if gone.kind == ErrorKind::Gone => return Ok(url),
                // Somebody else's, or broken: taken, at any rate.
                Ok(_) => {}
                Err(taken) if matches!(taken.kind, ErrorKind::Refused | ErrorKind::ReadOnly) => {}
                Err(other) => return Err(other),
            }
        }
        Err(Error::new(ErrorKind::Refused, format!("{home} has no free address like {first:?}")))
    }

    /// Asks in one way, and in the other where the server does not know the first.
    fn make(&self, url: &Url, new: &NewCollection<'_>) -> Result<()> {
        let refused = match parse(self.send(&prepare(url, new, By::OwnMethod))?) {
            Err(refused) if new.kind == CollectionKind::Calendar && is_unknown_method(&refused) => refused,
            settled => return settled,
        };
        // The same statuses say that there is something already, which is not to be tried again.
        let is_there = !matches!(
            self.propfind_one(url, &[names::RESOURCETYPE]),
            Err(gone) if gone.kind == ErrorKind::Gone
        );
        if is_there {
            return Err(refused);
        }
        parse(self.send(&prepare(url, new, By::Mkcol))?)
    }
}

/// Whether a server may say this of a method that it does not have.
fn is_unknown_method(error: &Error) -> bool {
    matches!(error.status, Some(400 | 403 | 404 | 405 | 415 | 501))
}

#[cfg(test)]
mod tests;
