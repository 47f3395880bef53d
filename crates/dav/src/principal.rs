//! Principals: who somebody is to the server (RFC 3744 section 2), and whose a collection is.

use url::Url;

use crate::client::Client;
use crate::error::Result;
use crate::href::Path;
use crate::multistatus::Row;
use crate::names::{self, Name};
use crate::propfind::hrefs;

#[cfg(test)]
mod tests;

/// Somebody: a user, a group, a room or a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// Where it is.
    pub url: Url,
    /// What people call it.
    pub name: Option<String>,
    /// Its mail addresses, as far as the server knows them.
    pub mail_addresses: Vec<String>,
}

/// Whose a collection is, and who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ownership {
    /// The owner; `None` where the server does not say.
    pub owner: Option<Path>,
    /// The user who asks; `None` where the server does not say.
    pub user: Option<Path>,
}

impl Ownership {
    /// Whether it is somebody else's; `None` where the server does not say.
    pub fn is_shared(&self) -> Option<bool> {
        Some(!self.owner.as_ref()?.is_same_collection(self.user.as_ref()?))
    }
}

/// What [`Principal`] is made of.
const OF_PRINCIPALS: [Name; 2] = [names::DISPLAYNAME, names::CALENDAR_USER_ADDRESS_SET];

/// What [`Ownership`] is made of. QUIRK(owners: openxchange): it names an organizer in place of an owner.
const OF_OWNERSHIP: [Name; 4] =
    [names::OWNER, names::ORGANIZER, names::CURRENT_USER_PRINCIPAL, names::PRINCIPAL_URL];

/// The mail addresses in the property of that name (RFC 6638 section 2.4.1): those of `mailto:` hrefs, decoded.
pub fn mail_addresses(row: &Row) -> Vec<String> {
    let mut addresses = Vec::new();
    let set = row.found(&names::CALENDAR_USER_ADDRESS_SET);
    for href in set.into_iter().flat_map(|set| set.children_named(&names::HREF)) {
        let href = href.trimmed();
        let is_mail = href.get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case("mailto:"));
        let address = if is_mail { href.get(7..).unwrap_or_default() } else { "" };
        let address = percent_encoding::percent_decode_str(address).decode_utf8_lossy().into_owned();
        if !address.is_empty() && !addresses.contains(&address) {
            addresses.push(address);
        }
    }
    addresses
}

/// Whose a row says that a collection is.
pub fn ownership(base: &Url, row: &Row) -> Ownership {
    let first = |either: [&Name; 2]| either.iter().find_map(|name| hrefs(base, row, name).into_iter().next());
    Ownership {
        owner: first([&names::OWNER, &names::ORGANIZER]),
        user: first([&names::CURRENT_USER_PRINCIPAL, &names::PRINCIPAL_URL]),
    }
}

impl Client {
    /// Who a principal is.
    pub fn principal(&self, url: &Url) -> Result<Principal> {
        let (answered, row) = self.propfind_one(url, &OF_PRINCIPALS)?;
        let name = row.text(&names::DISPLAYNAME).map(str::to_owned);
        Ok(Principal { url: answered, name, mail_addresses: mail_addresses(&row) })
    }

    /// Whose a collection is.
    pub fn ownership(&self, collection: &Url) -> Result<Ownership> {
        let (answered, row) = self.propfind_one(collection, &OF_OWNERSHIP)?;
        Ok(ownership(&answered, &row))
    }
}
