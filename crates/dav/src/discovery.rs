//! Finds the collections of a user from whatever address a person has: of a collection, of a principal, of a whole server
//! (RFC 6764, RFC 5397, RFC 4791 section 6.2.1, RFC 6352 section 7.1.1).
//!
//! Servers answer much of this with 404, 405 or 401 somewhere on the way; what does not answer is passed over, and the next
//! place is asked. Looking up DNS records is done by [`crate::dns`].

use std::collections::BTreeSet;

use url::Url;

use crate::client::Client;
use crate::error::{Error, ErrorKind, Result};
use crate::href::Path;
use crate::multistatus::{self, Row};
use crate::names::{self, Name};
use crate::principal::mail_addresses;
use crate::propfind::{self, COLLECTION_PROPERTIES, CollectionProperties, Depth, hrefs};

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The user's own resource.
    pub principal: Option<Url>,
    /// Where the user's calendars are, and new ones may be made.
    pub calendar_homes: Vec<Url>,
    /// Where the user's address books are, and new ones may be made.
    pub address_book_homes: Vec<Url>,
    /// The user's mail addresses, as far as the server knows them.
    pub mail_addresses: Vec<String>,
    /// Calendars and address books, by URL.
    pub collections: Vec<CollectionProperties>,
    /// What others let the user act for them in.
    pub delegated: Vec<Delegated>,
    /// Homes that the server has listed in part (507, RFC 6578 section 3.6): they may hold more than was found.
    pub listed_in_part: Vec<Url>,
    /// Principals and homes at other servers, of which nothing was asked: the login is not for them.
    pub elsewhere: Vec<Url>,
}

/// Calendars and address books of somebody for whom the user may act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delegated {
    /// Whose they are.
    pub principal: Url,
    /// What the user may do there.
    pub access: Access,
    /// The collections, without those that were found as the user's own.
    pub collections: Vec<CollectionProperties>,
}

/// What somebody who acts for another may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Read and write.
    Write,
    /// Read alone.
    Read,
}

/// What is asked of a place on the way.
const SIGNPOSTS: [Name; 5] = [
    names::CURRENT_USER_PRINCIPAL,
    names::PRINCIPAL_URL,
    names::CALENDAR_HOME_SET,
    names::ADDRESSBOOK_HOME_SET,
    names::CALENDAR_USER_ADDRESS_SET,
];

/// Finds the collections that `start` leads to. Where `start` is a collection itself, it comes first, and is found even
/// if nothing else is.
///
/// # Errors
/// `Unauthorized`, `Untrusted` and `Offline` at once. Where no place answered with a calendar, an address book or a home:
/// `Moved` or `Malformed`, if that was the first answer, else `Gone`.
pub fn discover(client: &Client, start: &Url) -> Result<Found> {
    let mut search = Search { client, found: Found::default(), seen: BTreeSet::new() };
    let mut first = None;
    for place in places(start) {
        match search.look_at(&place) {
            Ok(()) if search.is_done() => break,
            Ok(()) => {}
            // The first place is where the login must hold. Others may ask for another one: a proxy at `/`.
            Err(error) if stops(&error, place == *start) => return Err(search.refused_first(first, error)),
            // What the first place says tells most.
            Err(error) => drop(first.get_or_insert(error)),
        }
    }
    search.list_homes()?;
    search.list_delegated();
    if search.found.collections.is_empty() && !search.is_done() {
        let what = format!("{start} leads to no calendar and no address book");
        if let Some(elsewhere) = search.found.elsewhere.first() {
            let there = elsewhere.origin().ascii_serialization();
            let what =
                format!("{what} but those at another server, {there}, to which the login was not given");
            return Err(Error::new(ErrorKind::Moved, what));
        }
        return Err(match first {
            // Whoever is sent elsewhere wants to know where.
            Some(moved) if moved.kind == ErrorKind::Moved => moved,
            Some(cause) if cause.kind == ErrorKind::Malformed => {
                Error::new(ErrorKind::Malformed, format!("{what}: {cause}")).because(cause)
            }
            Some(cause) => Error::new(ErrorKind::Gone, what).because(cause),
            None => Error::new(ErrorKind::Gone, what),
        });
    }
    Ok(search.found)
}

/// Where to look, in order.
fn places(start: &Url) -> Vec<Url> {
    let at = |path: &str| Path::parse(path).ok().map(|path| path.url(start));
    let mut places = vec![start.clone()];
    if !start.path().ends_with('/') {
        // Many servers do not know a collection without its slash.
        places.extend(at(&format!("{}/", start.path())));
    }
    let others = ["/.well-known/caldav", "/.well-known/carddav", "/"].into_iter().filter_map(at);
    places.extend(others.filter(|other| other != start));
    if start.path() == "/" {
        // A bare address says only which server it is: the signposts of RFC 6764 come first.
        places.rotate_left(1);
    }
    places
}

fn stops(error: &Error, is_start: bool) -> bool {
    match error.kind {
        ErrorKind::Offline | ErrorKind::Untrusted | ErrorKind::Busy { .. } => true,
        ErrorKind::Unauthorized => is_start,
        _ => false,
    }
}

/// What is asked of collections. QUIRK(root: davical): whoever asks its root for a sync-token gets a 500 for everything.
fn of_collections() -> impl Iterator<Item = Name> {
    COLLECTION_PROPERTIES.into_iter().filter(|name| *name != names::SYNC_TOKEN)
}

/// Places are asked once, with or without a slash where they stand.
struct Search<'a> {
    client: &'a Client,
    found: Found,
    seen: BTreeSet<Path>,
}

/// More people than this are not asked for: a list that long is no list of people for whom one acts.
const MOST_DELEGATORS: usize = 100;

/// Nor are more homes of one person.
const MOST_HOMES: usize = 100;

impl Search<'_> {
    /// Whether both kinds of homes are known.
    fn is_done(&self) -> bool {
        !self.found.calendar_homes.is_empty() && !self.found.address_book_homes.is_empty()
    }

    /// The failure to tell of, where one stops the search. A login that was refused and nowhere accepted is not offered again: then the
    /// first answer tells more than that nothing was sent.
    fn refused_first(&self, first: Option<Error>, then: Error) -> Error {
        let is_refused = |error: &Error| error.kind == ErrorKind::Unauthorized;
        first
            .filter(|first| is_refused(first) && is_refused(&then) && !self.client.is_let_in())
            .unwrap_or(then)
    }

    /// Asks one place what it is and where it points.
    fn look_at(&mut self, place: &Url) -> Result<()> {
        if !self.seen.insert(Path::of(place)) {
            return Ok(());
        }
        let wanted: Vec<Name> = SIGNPOSTS.into_iter().chain(of_collections()).collect();
        let (answered, row) = self.client.propfind_one(place, &wanted)?;
        self.seen.insert(Path::of(&answered));
        self.add(CollectionProperties::from_row(&answered, &row)?);
        self.note_homes(&answered, &row);
        let principals = [names::CURRENT_USER_PRINCIPAL, names::PRINCIPAL_URL];
        let principal = principals.iter().find_map(|name| hrefs(&answered, &row, name).into_iter().next());
        match principal {
            Some(path) if self.found.principal.is_none() => {
                let url = path.url(&answered);
                self.found.principal = Some(url.clone());
                self.look_at_principal(&url)
            }
            _ => Ok(()),
        }
    }

    fn look_at_principal(&mut self, principal: &Url) -> Result<()> {
        if !self.seen.insert(Path::of(principal)) {
            return Ok(());
        }
        let (answered, row) = self.client.propfind_one(principal, &SIGNPOSTS)?;
        self.note_homes(&answered, &row);
        Ok(())
    }

    fn note_homes(&mut self, base: &Url, row: &Row) {
        let found = &mut self.found;
        for (name, homes) in [
            (names::CALENDAR_HOME_SET, &mut found.calendar_homes),
            (names::ADDRESSBOOK_HOME_SET, &mut found.address_book_homes),
        ] {
            for home in hrefs(base, row, &name).into_iter().map(|path| path.url(base)) {
                if !homes.contains(&home) {
                    homes.push(home);
                }
            }
        }
        let signposts = [
            names::CURRENT_USER_PRINCIPAL,
            names::PRINCIPAL_URL,
            names::CALENDAR_HOME_SET,
            names::ADDRESSBOOK_HOME_SET,
        ];
        for url in signposts.iter().flat_map(|name| elsewhere(base, row, name)) {
            if !found.elsewhere.contains(&url) {
                found.elsewhere.push(url);
            }
        }
        for address in mail_addresses(row) {
            if !found.mail_addresses.contains(&address) {
                found.mail_addresses.push(address);
            }
        }
    }

    fn list_homes(&mut self) -> Result<()> {
        let mut homes = self.found.calendar_homes.clone();
        homes.extend(self.found.address_book_homes.clone());
        let mut listed = BTreeSet::new();
        for home in homes.into_iter().filter(|home| listed.insert(Path::of(home))).take(MOST_HOMES) {
            match self.list(&home) {
                Err(error) if stops(&error, true) => return Err(error),
                Err(error) => tracing::warn!(%error, "a home was passed over"),
                Ok(()) => {}
            }
        }
        Ok(())
    }

    fn list(&mut self, home: &Url) -> Result<()> {
        let Listing { collections, is_whole } = listing(self.client, home)?;
        self.found.listed_in_part.extend((!is_whole).then(|| home.clone()));
        for properties in collections {
            self.add(properties);
        }
        Ok(())
    }

    /// Lists what others let the user act in. Servers announce this and then fail at it; so whatever fails here is passed
    /// over.
    fn list_delegated(&mut self) {
        let Some(principal) = self.found.principal.clone() else { return };
        let whose = match self.client.proxy_for(&principal) {
            Ok(whose) => whose,
            Err(error) => return tracing::debug!(%error, "delegations are passed over"),
        };
        let writing = whose.writing.iter().map(|path| (path, Access::Write));
        let reading = whose.reading.iter().map(|path| (path, Access::Read));
        for (path, access) in writing.chain(reading).take(MOST_DELEGATORS) {
            let url = path.url(&principal);
            match self.delegated(&url) {
                Ok(mut collections) => {
                    collections
                        .retain(|properties| properties.kind.is_some() && !self.knows(&properties.url));
                    self.found.delegated.push(Delegated { principal: url, access, collections });
                }
                Err(error) => tracing::debug!(%error, "a delegation is passed over"),
            }
        }
    }

    /// All that is in the homes of a principal.
    fn delegated(&mut self, principal: &Url) -> Result<Vec<CollectionProperties>> {
        let (answered, row) = self.client.propfind_one(principal, &SIGNPOSTS)?;
        let mut homes = hrefs(&answered, &row, &names::CALENDAR_HOME_SET);
        for home in hrefs(&answered, &row, &names::ADDRESSBOOK_HOME_SET) {
            if !homes.iter().any(|known| known.is_same_collection(&home)) {
                homes.push(home);
            }
        }
        let mut found = Vec::new();
        for home in homes.into_iter().map(|home| home.url(&answered)) {
            match listing(self.client, &home) {
                Ok(Listing { collections, is_whole }) => {
                    found.extend(collections);
                    self.found.listed_in_part.extend((!is_whole).then_some(home));
                }
                Err(error) => tracing::debug!(%error, "a home of somebody else is passed over"),
            }
        }
        Ok(found)
    }

    /// Whether this collection was found.
    fn knows(&self, url: &Url) -> bool {
        let path = Path::of(url);
        self.found.collections.iter().any(|known| Path::of(&known.url).is_same_collection(&path))
    }

    /// Adds what is a calendar or an address book, once.
    fn add(&mut self, mut properties: CollectionProperties) {
        if properties.kind.is_some() && !self.knows(&properties.url) {
            // Asked for without its slash, a collection may be told of without one; some servers know it with one alone.
            if !properties.url.path().ends_with('/') {
                let path = format!("{}/", properties.url.path());
                properties.url.set_path(&path);
            }
            self.found.collections.push(properties);
        }
    }
}

/// What a home holds.
struct Listing {
    collections: Vec<CollectionProperties>,
    /// Whether that is all.
    is_whole: bool,
}

/// All that a home holds, in one request.
fn listing(client: &Client, home: &Url) -> Result<Listing> {
    let mut rows = Vec::new();
    let wanted: Vec<Name> = of_collections().collect();
    let response = client.send(&propfind::prepare(home, Depth::One, &wanted))?;
    multistatus::parse_within(response, multistatus::KEPT, &mut |row| {
        rows.push(row);
        Ok(())
    })?;
    let is_whole = rows.iter().all(|row| row.status != Some(507));
    let mut collections = Vec::new();
    for row in rows.iter().filter(|row| row.failure().is_none()) {
        match CollectionProperties::from_row(home, row) {
            Ok(properties) => collections.push(properties),
            Err(error) => tracing::warn!(%error, "a row was passed over"),
        }
    }
    Ok(Listing { collections, is_whole })
}

/// The addresses in a property that are of other servers.
fn elsewhere(base: &Url, row: &Row, name: &Name) -> Vec<Url> {
    let set = row.found(name).into_iter();
    let hrefs = set.flat_map(|set| set.children_named(&names::HREF)).map(|href| href.trimmed());
    let hrefs = hrefs.take(MOST_HOMES);
    let urls = hrefs.filter_map(|href| base.join(href).ok());
    urls.filter(|url| matches!(url.scheme(), "http" | "https") && url.origin() != base.origin()).collect()
}
