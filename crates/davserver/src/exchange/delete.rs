//! DELETE (RFC 4918 section 9.6): removes an object, or a collection with all that is in it.

use super::{Exchange, Reply, conditions};
use crate::location::Location;
use crate::refusal::Refusal;
use crate::store::Access;

/// Removes what is there.
pub(super) fn answer(exchange: &Exchange<'_>, location: &Location) -> Result<Reply, Refusal> {
    let mut store = exchange.shared.write();
    let (address, name) = match location {
        Location::Object(address, name) => (address, Some(name)),
        Location::Collection(address) => (address, None),
        _ => return Err(Refusal::forbidden()),
    };
    let collection = store.collection(address).ok_or_else(Refusal::missing)?;
    if let Some(name) = name {
        let stored = collection.object(name).ok_or_else(Refusal::missing)?;
        conditions::check(exchange, Some(stored))?;
    }
    if collection.access == Access::ReadOnly {
        return Err(Refusal::forbidden());
    }
    match name {
        Some(name) => store.delete(address, name)?,
        None => store.delete_collection(address)?,
    }
    Ok(Reply::new(204))
}
