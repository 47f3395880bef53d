//! REPORT (RFC 3253 section 3.6): finds the report that is meant.

use dovetail_model::Zone;

use super::{Exchange, Reply};
use crate::faults::{Fault, Tokens};
use crate::instances;
use crate::location::Location;
use crate::refusal::Refusal;
use crate::store::{Collection, CollectionKind};
use crate::xml::names::{CALDAV, CARDDAV, DAV};
use crate::xml::{self, Element, Name};

mod calendar_data;
mod free_busy;
mod multiget;
mod query;
mod sync_collection;

/// Answers a report on a collection.
pub(super) fn answer(exchange: &Exchange<'_>, location: &Location) -> Result<Reply, Refusal> {
    let root = xml::parse(exchange.asked.bytes())?;
    let store = exchange.shared.read();
    let unsupported = || {
        Refusal::condition(
            403,
            Name::dav("supported-report"),
            format!("there is no {} here", root.name.local),
        )
    };
    let Location::Collection(address) = location else { return Err(unsupported()) };
    let collection = store.collection(address).ok_or_else(Refusal::missing)?;
    let report = (root.name.namespace.as_ref(), root.name.local.as_ref());
    let lists = !report.1.ends_with("-multiget");
    if lists && exchange.hits.has(&Fault::ListingMissing) {
        return Err(Refusal::missing());
    }
    let is_book = collection.kind == CollectionKind::Contacts;
    let syncs = !matches!(exchange.hits.tokens(), Tokens::CtagOnly | Tokens::Missing);
    let home = home(collection, &root);
    match report {
        (DAV, "sync-collection") if syncs => {
            sync_collection::answer(exchange, address, collection, &home, &root)
        }
        (CALDAV, "calendar-multiget") if !is_book => {
            multiget::answer(exchange, address, collection, &home, &root)
        }
        (CARDDAV, "addressbook-multiget") if is_book => {
            multiget::answer(exchange, address, collection, &home, &root)
        }
        (CALDAV, "calendar-query") if !is_book => query::answer(exchange, address, collection, &home, &root),
        (CARDDAV, "addressbook-query") if is_book => {
            query::answer(exchange, address, collection, &home, &root)
        }
        (CALDAV, "free-busy-query") if !is_book => free_busy::answer(collection, &home, &root),
        _ => Err(unsupported()),
    }
}

/// Where floating times are: as the query has it, else the calendar (RFC 4791 sections 9.8 and 5.2.2), else UTC.
fn home(collection: &Collection, root: &Element) -> Zone {
    let own = || collection.properties.get(&Name::caldav("calendar-timezone"));
    let said = root.child(&Name::caldav("timezone")).or_else(own);
    said.and_then(|element| instances::zone(&element.text())).unwrap_or(Zone::Utc)
}
