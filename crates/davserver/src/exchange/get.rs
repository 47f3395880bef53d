//! GET and HEAD (RFC 9110 section 9.3.1).

use super::{Exchange, Reply, conditions};
use crate::clock;
use crate::location::Location;
use crate::refusal::Refusal;
use crate::store::CollectionKind;

/// An object, as it is stored.
pub(super) fn answer(exchange: &Exchange<'_>, location: &Location) -> Result<Reply, Refusal> {
    let Location::Object(address, name) = location else {
        return Err(Refusal::new(405, "only objects can be got"));
    };
    let store = exchange.shared.read();
    let collection = store.collection(address).ok_or_else(Refusal::missing)?;
    let stored = collection.object(name).ok_or_else(Refusal::missing)?;
    let (etag, _) = exchange.hits.etags(&stored.etag, stored.writes);
    let modified = clock::shifted(stored.modified, exchange.hits.clock_off());
    let unwanted = conditions::is_unwanted(exchange, stored);
    let mut reply =
        Reply::new(if unwanted { 304 } else { 200 }).with("last-modified", clock::http_date(modified));
    if let Some(etag) = etag {
        reply = reply.with("etag", etag);
    }
    if !unwanted {
        reply = reply.with("content-type", media_type(collection.kind));
        reply.body = stored.bytes.clone();
    }
    Ok(reply)
}

/// The media type of the objects of a collection.
pub(super) fn media_type(kind: CollectionKind) -> &'static str {
    match kind {
        CollectionKind::Contacts => "text/vcard; charset=utf-8",
        CollectionKind::Events => "text/calendar; charset=utf-8; component=vevent",
        CollectionKind::Tasks => "text/calendar; charset=utf-8; component=vtodo",
        CollectionKind::EventsAndTasks => "text/calendar; charset=utf-8",
    }
}
