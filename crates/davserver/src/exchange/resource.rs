//! What a path leads to, and what is in it.

use super::Exchange;
use crate::User;
use crate::location::{self, Address, Location};
use crate::refusal::Refusal;
use crate::store::{Collection, Store, Stored};

/// A resource that is there.
#[derive(Clone, Copy, Debug)]
pub(super) enum Resource<'s> {
    Root,
    Principals,
    Principal(&'s User),
    Home(&'s User),
    Collection(&'s Address, &'s Collection),
    Object(Found<'s>),
}

/// An object and where it was found.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found<'s> {
    pub(super) address: &'s Address,
    pub(super) collection: &'s Collection,
    pub(super) name: &'s str,
    pub(super) stored: &'s Stored,
}

impl<'s> Resource<'s> {
    /// Finds it. Only what the user may see is ever looked for.
    pub(super) fn find(
        exchange: &Exchange<'s>,
        store: &'s Store,
        location: &'s Location,
    ) -> Result<Resource<'s>, Refusal> {
        let collection = |address| store.collection(address).ok_or_else(Refusal::missing);
        Ok(match location {
            Location::Root => Resource::Root,
            Location::WellKnown => return Err(Refusal::missing()),
            Location::Principals => Resource::Principals,
            Location::Principal(_) => Resource::Principal(exchange.user),
            Location::Home(_) => Resource::Home(exchange.user),
            Location::Collection(address) => Resource::Collection(address, collection(address)?),
            Location::Object(address, name) => {
                let collection = collection(address)?;
                let stored = collection.object(name).ok_or_else(Refusal::missing)?;
                Resource::Object(Found { address, collection, name, stored })
            }
        })
    }

    /// Its path, encoded.
    pub(super) fn href(&self) -> String {
        match self {
            Resource::Root => "/".to_owned(),
            Resource::Principals => format!("/{}/", location::PRINCIPALS),
            Resource::Principal(user) => location::principal_href(&user.name),
            Resource::Home(user) => location::home_href(&user.name),
            Resource::Collection(address, _) => address.href(),
            Resource::Object(found) => found.address.href_of(found.name),
        }
    }

    /// What is directly in it, as far as the user may see it.
    pub(super) fn members(
        self,
        exchange: &Exchange<'s>,
        store: &'s Store,
    ) -> Box<dyn Iterator<Item = Resource<'s>> + 's> {
        let user = exchange.user;
        match self {
            Resource::Root => Box::new([Resource::Principals, Resource::Home(user)].into_iter()),
            Resource::Principals => Box::new(std::iter::once(Resource::Principal(user))),
            Resource::Home(user) => Box::new(
                store.home(&user.name).map(|(address, collection)| Resource::Collection(address, collection)),
            ),
            Resource::Collection(address, collection) => Box::new(
                collection
                    .objects()
                    .map(move |(name, stored)| Resource::Object(Found { address, collection, name, stored })),
            ),
            Resource::Principal(_) | Resource::Object(_) => Box::new(std::iter::empty()),
        }
    }
}
