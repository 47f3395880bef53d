//! Finding people, rooms and things that can be booked: by their names, as a server knows them.

use dovetail_dav::principal_search::{Match, UserKind};
use dovetail_dav::{Client, ErrorKind};
use url::Url;

use super::App;
use super::login::Proof;
use super::profiles::{address, failed};
use crate::error::{Error, Result};

/// Where is looked for somebody.
pub(crate) enum Directory<'a> {
    /// On the server of a profile.
    Profile(&'a str),
    /// On a server without one.
    Server {
        /// An address there.
        url: &'a str,
        /// The user's name.
        user: &'a str,
        /// What shows that it is the user.
        proof: Proof,
    },
}

/// Who is looked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sought {
    /// Everybody and everything whose name holds the text.
    Anybody,
    /// The room or resource of exactly that name.
    Bookable,
}

/// Somebody, or something, that a server knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Known {
    /// What people call it.
    pub(crate) name: String,
    /// What it is: `room`, `resource`, `group`, `person`, or nothing where the server does not say.
    pub(crate) kind: Option<&'static str>,
    /// What stands for it among the attendees of a meeting: its mail addresses, else what the server calls it.
    pub(crate) addresses: Vec<String>,
}

impl App {
    /// Who is found by a name: what can be booked first, then by name.
    pub(crate) fn find(&self, directory: &Directory<'_>, name: &str, sought: Sought) -> Result<Vec<Known>> {
        if name.trim().is_empty() {
            return Err(Error::usage("The name is empty.", "Give a part of the name."));
        }
        let (client, url) = match directory {
            Directory::Profile(profile) => self.collection(profile)?,
            Directory::Server { url, user, proof } => {
                let url = address(url)?;
                (self.client_at(&url, user, proof)?, url)
            }
        };
        let place = own_place(&client, &url)?;
        let found = match sought {
            Sought::Anybody => client.search_principals(&place, name),
            Sought::Bookable => client.find_resource(&place, name).map(|found| found.into_iter().collect()),
        };
        let mut found = found.map_err(not_searched)?;
        found.sort_by_cached_key(|found| (rank(found.kind), found.name.clone(), found.url.to_string()));
        Ok(found.into_iter().map(Known::of).collect())
    }
}

/// Where a server is asked: it searches all of its principals, wherever it is asked, but not all answer at a collection.
fn own_place(client: &Client, url: &Url) -> Result<Url> {
    let whose = client.ownership(url).map_err(failed)?;
    Ok(whose.user.map_or_else(|| url.clone(), |user| user.url(url)))
}

impl Known {
    fn of(found: Match) -> Known {
        let last = || {
            let mut parts = found.url.path().rsplit('/');
            parts.find(|part| !part.is_empty()).unwrap_or_default().to_owned()
        };
        let name = found.name.clone().filter(|name| !name.trim().is_empty()).unwrap_or_else(last);
        let addresses = match found.mail_addresses.is_empty() {
            true => found.resource_id.into_iter().collect(),
            false => found.mail_addresses,
        };
        Known { name, kind: kind(found.kind), addresses }
    }
}

fn kind(kind: UserKind) -> Option<&'static str> {
    match kind {
        UserKind::Room => Some("room"),
        UserKind::Resource => Some("resource"),
        UserKind::Group => Some("group"),
        UserKind::Individual => Some("person"),
        UserKind::Unknown => None,
    }
}

fn rank(kind: UserKind) -> u8 {
    match kind {
        UserKind::Room => 0,
        UserKind::Resource => 1,
        UserKind::Group => 2,
        UserKind::Individual | UserKind::Unknown => 3,
    }
}

fn not_searched(error: dovetail_dav::Error) -> Error {
    let is_refused = matches!(error.kind, ErrorKind::Refused | ErrorKind::Gone | ErrorKind::ReadOnly);
    let known = failed(error);
    if !is_refused {
        return known;
    }
    let hint = "This server seems not to let programs search for names: look for the address where it shows its users.";
    Error { hint: hint.to_owned(), ..known }
}
