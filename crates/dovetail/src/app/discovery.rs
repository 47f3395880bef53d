//! Finding and making collections: where to begin, for an address of the web or of mail, and what a server has there.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use dovetail_dav::discovery::{self as dav, Access};
use dovetail_dav::dns::{Answer, Place, Resolver};
use dovetail_dav::href::Path;
use dovetail_dav::{Client, CollectionKind, CollectionProperties, Colour, Components, make_collection};
use dovetail_model::Kind;
use dovetail_sync::ErrorKind;
use url::Url;

use super::App;
use super::login::Proof;
use super::profiles::{Found, address, failed};
use crate::error::{self, Error, Result};

/// An address to begin at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Beginning {
    /// The address.
    pub(crate) url: String,
    /// What it is said to have; `None`: anything.
    pub(crate) kind: Option<CollectionKind>,
    /// Whether the password may go there without asking: the server is of the mail address's own domain, and the way
    /// to it is encrypted.
    pub(crate) is_expected: bool,
}

/// What was found.
#[derive(Debug, Default)]
pub(crate) struct Discovered {
    /// The collections; one that the address names itself is the first.
    pub(crate) collections: Vec<Found>,
    /// The user's mail addresses there.
    pub(crate) mail_addresses: Vec<String>,
    /// Where the server listed a part alone of what is there.
    pub(crate) listed_in_part: Vec<String>,
    /// Addresses at other servers to which this one points, and of which nothing was asked.
    pub(crate) elsewhere: Vec<String>,
}

/// A collection that is wanted.
pub(crate) struct NewCollection<'a> {
    /// What it is to hold.
    pub(crate) kind: Kind,
    /// What people call it.
    pub(crate) name: &'a str,
    /// Its colour, as it was typed.
    pub(crate) colour: Option<&'a str>,
}

impl App {
    /// Where the domain of a mail address says that its calendars and address books are (RFC 6764), the best first; the
    /// domain itself where it says nothing.
    pub(crate) fn beginnings(&self, email: &str, name_server: Option<SocketAddr>) -> Result<Vec<Beginning>> {
        let domain = domain(email).ok_or_else(|| {
            Error::usage(
                format!("{email:?} is no mail address."),
                "Give one such as me@example.org, or the address of the server with --url.",
            )
        })?;
        let resolver = name_server.map_or_else(Resolver::of_the_system, Resolver::at).map_err(failed)?;
        let (mut beginnings, mut offered) = (Vec::new(), false);
        for kind in [CollectionKind::Calendar, CollectionKind::AddressBook] {
            match resolver.places(&domain, kind).map_err(failed)? {
                Answer::At(places) => {
                    beginnings.extend(places.iter().map(|place| Beginning::of(place, kind)))
                }
                Answer::NotOffered => continue,
                Answer::Silent => {}
            }
            offered = true;
        }
        if !offered {
            return Err(Error::stopped(
                ErrorKind::Gone,
                format!("The domain {domain} says that it has neither calendars nor address books."),
                "Ask whoever runs the mail for the address of another server, and give it with --url.",
            ));
        }
        if beginnings.is_empty() {
            let url = format!("https://{domain}/");
            beginnings.push(Beginning { url, kind: None, is_expected: true });
        }
        Ok(beginnings)
    }

    /// The collections behind an address.
    pub(crate) fn discover(&self, url: &str, user: &str, proof: &Proof) -> Result<Discovered> {
        let start = address(url)?;
        let client = self.client_at(&start, user, proof)?;
        let found = dav::discover(&client, &start).map_err(failed)?;
        Ok(Discovered::of(&client, &start, &found))
    }

    /// The collections behind what a domain names: of each kind, those of the first place that answers.
    pub(crate) fn discover_any(
        &self,
        beginnings: &[Beginning],
        user: &str,
        proof: &Proof,
    ) -> Result<Discovered> {
        let mut all = Discovered::default();
        let (mut settled, mut failure): (Vec<Option<CollectionKind>>, Option<Error>) = (Vec::new(), None);
        for beginning in beginnings {
            if settled.contains(&beginning.kind) {
                continue;
            }
            match self.discover(&beginning.url, user, proof) {
                Ok(found) => {
                    settled.push(beginning.kind);
                    all.add(found);
                }
                // Whoever is not known at one server will not be let in at the next; and no account is to be locked.
                Err(error) if error.kind == error::Kind::Stopped(ErrorKind::Unauthorized) => {
                    return Err(error);
                }
                Err(error) => drop(failure.get_or_insert(error)),
            }
        }
        match failure {
            Some(error) if settled.is_empty() => Err(error),
            _ => Ok(all),
        }
    }

    /// Makes a collection where the address says that the user keeps such.
    pub(crate) fn create_collection(
        &self,
        url: &str,
        user: &str,
        proof: &Proof,
        wanted: &NewCollection<'_>,
    ) -> Result<Found> {
        let new = wanted.for_server()?;
        let start = address(url)?;
        let client = self.client_at(&start, user, proof)?;
        let found = dav::discover(&client, &start).map_err(failed)?;
        let homes = match new.kind {
            CollectionKind::Calendar => &found.calendar_homes,
            CollectionKind::AddressBook => &found.address_book_homes,
        };
        let home = homes.first().ok_or_else(|| {
            Error::stopped(
                ErrorKind::Refused,
                "The server names no place for new collections of this kind.",
                "Make it with the server's own web page, if it has one.",
            )
        })?;
        client.make_collection_in(home, &new).map(|made| Found::of(&made)).map_err(failed)
    }
}

impl Beginning {
    fn of(place: &Place, kind: CollectionKind) -> Beginning {
        let is_expected = place.is_within() && place.url.scheme() == "https";
        Beginning { url: place.url.to_string(), kind: Some(kind), is_expected }
    }

    /// The server.
    pub(crate) fn server(&self) -> String {
        Url::parse(&self.url).map_or_else(|_| self.url.clone(), |url| url.origin().ascii_serialization())
    }
}

impl Discovered {
    fn of(client: &Client, start: &Url, found: &dav::Found) -> Discovered {
        let mut owners =
            Owners { client, start, user: found.principal.as_ref().map(Path::of), names: BTreeMap::new() };
        let mut collections: Vec<Found> =
            found.collections.iter().map(|own| owners.found(own, None)).collect();
        for delegated in &found.delegated {
            let principal = Path::of(&delegated.principal);
            for theirs in &delegated.collections {
                let mut theirs = owners.found(theirs, Some(&principal));
                // What the server says of the collection itself counts more than what it says of the person.
                theirs.writable = theirs.writable.or(Some(delegated.access == Access::Write));
                collections.push(theirs);
            }
        }
        Discovered {
            collections,
            mail_addresses: found.mail_addresses.clone(),
            listed_in_part: found.listed_in_part.iter().map(ToString::to_string).collect(),
            elsewhere: found.elsewhere.iter().map(ToString::to_string).collect(),
        }
    }

    fn add(&mut self, other: Discovered) {
        for found in other.collections {
            if !self.collections.iter().any(|known| known.url == found.url) {
                self.collections.push(found);
            }
        }
        for (ours, theirs) in [
            (&mut self.mail_addresses, other.mail_addresses),
            (&mut self.listed_in_part, other.listed_in_part),
            (&mut self.elsewhere, other.elsewhere),
        ] {
            let new: Vec<String> = theirs.into_iter().filter(|text| !ours.contains(text)).collect();
            ours.extend(new);
        }
    }
}

/// More owners are not asked for their names.
const MOST_OWNERS: usize = 100;

/// The names of those who own what was found, each asked for once.
struct Owners<'a> {
    client: &'a Client,
    start: &'a Url,
    user: Option<Path>,
    names: BTreeMap<Path, String>,
}

impl Owners<'_> {
    /// A collection with its owner's name; `owner` where the server says of the collection itself nothing.
    fn found(&mut self, properties: &CollectionProperties, owner: Option<&Path>) -> Found {
        let owner = properties.owner.as_ref().or(owner);
        let foreign =
            owner.filter(|owner| !self.user.as_ref().is_some_and(|user| user.is_same_collection(owner)));
        let known = self.user.is_some();
        let name = foreign.filter(|_| known).map(|owner| self.name(owner));
        Found { owner: name, ..Found::of(properties) }
    }

    fn name(&mut self, owner: &Path) -> String {
        if let Some(name) = self.names.get(owner) {
            return name.clone();
        }
        let url = owner.url(self.start);
        let is_asked = self.names.len() < MOST_OWNERS;
        let principal = is_asked.then(|| self.client.principal(&url).ok()).flatten();
        let named = principal.and_then(|who| who.name.or(who.mail_addresses.into_iter().next()));
        let name = named.unwrap_or_else(|| {
            let last = url.path_segments().and_then(|mut parts| parts.rfind(|part| !part.is_empty()));
            last.unwrap_or_default().to_owned()
        });
        self.names.insert(owner.clone(), name.clone());
        name
    }
}

impl NewCollection<'_> {
    /// Whether it can be asked for, as far as can be known without the server.
    pub(crate) fn check(&self) -> Result<()> {
        self.for_server().map(|_| ())
    }

    /// What is asked of the server.
    fn for_server(&self) -> Result<make_collection::NewCollection<'_>> {
        if self.name.trim().is_empty() || self.name.chars().any(char::is_control) {
            return Err(Error::usage(
                "A collection needs a name, on one line.",
                "Give one such as \"Sample calendar\".",
            ));
        }
        let (kind, components) = match self.kind {
            Kind::Event => (CollectionKind::Calendar, Components { events: true, tasks: false }),
            Kind::Task => (CollectionKind::Calendar, Components { events: false, tasks: true }),
            Kind::Contact | Kind::Group => (CollectionKind::AddressBook, Components::NONE),
        };
        let colour = self.colour.map(colour).transpose()?;
        Ok(make_collection::NewCollection { kind, components, name: self.name.trim(), colour })
    }
}

/// A colour as it was typed.
pub(super) fn colour(typed: &str) -> Result<Colour> {
    Colour::parse(typed).ok_or_else(|| {
        Error::usage(
            format!("{typed:?} is no colour."),
            "Write it as #RRGGBB, such as #3366CC, in quotes for the shell's sake.",
        )
    })
}

/// The domain of a mail address, in ASCII (RFC 5890); `None` where it is no mail address.
fn domain(email: &str) -> Option<String> {
    let (local, domain) = email.trim().rsplit_once('@')?;
    let typed_well = |c: char| c.is_alphanumeric() || matches!(c, '-' | '.');
    if local.is_empty() || domain.is_empty() || !domain.chars().all(typed_well) {
        return None;
    }
    let url = Url::parse(&format!("https://{domain}/")).ok()?;
    let domain = url.domain()?.trim_matches('.').to_owned();
    let is_label = |label: &str| !label.is_empty() && label.len() < 64;
    (domain.len() < 250 && domain.split('.').all(is_label)).then_some(domain)
}

#[cfg(test)]
mod tests;
