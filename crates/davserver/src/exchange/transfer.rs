//! COPY and MOVE (RFC 4918 sections 9.8 and 9.9), of objects. Collections stay where they are.

use super::{Exchange, Reply, conditions};
use crate::location::{Address, Location};
use crate::refusal::Refusal;
use crate::store::{Access, Outcome, Store};

/// Whether the source stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Transfer {
    Copy,
    Move,
}

/// Puts an object under another name, or into another collection; it has to be one that could be put there.
pub(super) fn answer(exchange: &Exchange<'_>, location: &Location, how: Transfer) -> Result<Reply, Refusal> {
    let Location::Object(source, name) = location else {
        return Err(Refusal::new(403, "only objects can be copied and moved"));
    };
    let (target, new_name) = destination(exchange)?;
    if (source, name) == (&target, &new_name) {
        return Err(Refusal::new(403, "it is there already"));
    }
    let mut bytes = None;
    if let Some(stored) = exchange.shared.read().collection(source).and_then(|it| it.object(name)) {
        bytes = Some(stored.bytes.clone());
    }
    let object = exchange.shared.examine(&target, bytes.ok_or_else(Refusal::missing)?)?;
    let mut store = exchange.shared.write();
    let stored = store.collection(source).and_then(|it| it.object(name)).ok_or_else(Refusal::missing)?;
    conditions::check(exchange, Some(stored))?;
    if how == Transfer::Move {
        writable(&store, source)?;
    }
    writable(&store, &target)?;
    let taken = store.collection(&target).is_some_and(|collection| collection.object(&new_name).is_some());
    if taken && exchange.asked.header("overwrite").is_some_and(|value| value.trim().eq_ignore_ascii_case("f"))
    {
        return Err(Refusal::new(412, "there is something at the destination"));
    }
    let done = match how {
        Transfer::Copy => store.put(&target, &new_name, object)?,
        Transfer::Move => {
            // First, for in one collection both would have the UID.
            store.delete(source, name)?;
            match store.put(&target, &new_name, object.clone()) {
                Ok(done) => done,
                Err(refusal) => {
                    store.put_anyway(source, name, object)?;
                    return Err(refusal);
                }
            }
        }
    };
    Ok(Reply::new(match done.outcome {
        Outcome::Created => 201,
        Outcome::Replaced => 204,
    }))
}

fn destination(exchange: &Exchange<'_>) -> Result<(Address, String), Refusal> {
    let header =
        exchange.asked.header("destination").ok_or_else(|| Refusal::new(400, "there is no Destination"))?;
    match Location::parse(header)? {
        Location::Object(address, name) if address.owner == exchange.user.name => Ok((address, name)),
        _ => Err(Refusal::new(403, "an object can only be put into a collection of one's own")),
    }
}

fn writable(store: &Store, address: &Address) -> Result<(), Refusal> {
    match store.collection(address) {
        Some(collection) if collection.access == Access::ReadOnly => Err(Refusal::forbidden()),
        _ => Ok(()),
    }
}
