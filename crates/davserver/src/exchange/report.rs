//! REPORT (RFC 3253 section 3.6): finds the report that is meant.

use dovetail_model::Zone;

use super::{Exchange, Reply};
use crate::faults::Fault;
use crate::instances;
use crate::location::{Address, Location};
use crate::refusal::Refusal;
use crate::store::{Collection, CollectionKind};
use crate::xml::names::{CALDAV, CARDDAV, DAV};
use crate::xml::{self, Element, Name};

mod calendar_data;
mod free_busy;
mod multiget;
mod query;
mod sync_collection;

/// A report on a collection.
struct Report<'a> {
    exchange: &'a Exchange<'a>,
    address: &'a Address,
    collection: &'a Collection,
    /// Where floating times are.
    home: Zone,
    /// The body.
    root: Element,
}

/// Answers a report on a collection.
pub(super) fn answer(exchange: &Exchange<'_>, location: &Location) -> Result<Reply, Refusal> {
    let root = xml::parse(exchange.asked.bytes())?;
    let store = exchange.shared.read();
    let name = root.name.clone();
    let unsupported =
        || Refusal::condition(403, Name::dav("supported-report"), format!("there is no {} here", name.local));
    let Location::Collection(address) = location else { return Err(unsupported()) };
    let collection = store.collection(address).ok_or_else(Refusal::missing)?;
    let lists = !name.local.ends_with("-multiget");
    if lists && exchange.hits.has(&Fault::ListingMissing) {
        return Err(Refusal::missing());
    }
    let is_book = collection.kind == CollectionKind::Contacts;
    let syncs = exchange.hits.tokens().sync();
    let report = Report { exchange, address, collection, home: home(collection, &root), root };
    match (name.namespace.as_ref(), name.local.as_ref()) {
        (DAV, "sync-collection") if syncs => sync_collection::answer(&report),
        (CALDAV, "calendar-multiget") if !is_book => multiget::answer(&report),
        (CALDAV, "calendar-query") if !is_book => query::answer(&report),
        (CALDAV, "free-busy-query") if !is_book => free_busy::answer(&report),
        (CARDDAV, "addressbook-multiget") if is_book => multiget::answer(&report),
        (CARDDAV, "addressbook-query") if is_book => query::answer(&report),
        _ => Err(unsupported()),
    }
}

/// Where floating times are: as the query has it, else the calendar (RFC 4791 sections 9.8 and 5.2.2), else UTC.
fn home(collection: &Collection, root: &Element) -> Zone {
    let own = || collection.properties.get(&Name::caldav("calendar-timezone"));
    let said = root.child(&Name::caldav("timezone")).or_else(own);
    said.and_then(|element| instances::zone(&element.text())).unwrap_or(Zone::Utc)
}
