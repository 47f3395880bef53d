//! The reports `calendar-query` (RFC 4791 section 7.8) and `addressbook-query` (RFC 6352 section 8.6).

use super::super::multistatus::Multistatus;
use super::super::properties::{self, Wanted};
use super::super::resource::{Found, Resource};
use super::super::{Exchange, Reply};
use super::multiget::whole;
use crate::location::Address;
use crate::refusal::Refusal;
use crate::store::Collection;
use crate::xml::Element;

/// The objects that match a filter.
pub(super) fn answer(
    exchange: &Exchange<'_>,
    address: &Address,
    collection: &Collection,
    root: &Element,
) -> Result<Reply, Refusal> {
    let wanted = Wanted::read(root)?;
    let mut answer = Multistatus::new(exchange);
    let own = address.href();
    for (name, stored) in collection.objects() {
        if answer.is_full() {
            answer.more(&own);
            break;
        }
        let resource = Resource::Object(Found { address, collection, name, stored });
        answer.row(&resource.href(), |out| properties::write(exchange, resource, &wanted, &whole, out));
    }
    Ok(answer.finish())
}
