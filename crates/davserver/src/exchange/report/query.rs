//! The reports `calendar-query` (RFC 4791 section 7.8) and `addressbook-query` (RFC 6352 section 8.6).

use dovetail_mapping::component::Document;
use dovetail_model::Zone;

use super::super::Reply;
use super::super::multistatus::Multistatus;
use super::super::properties::{self, Wanted};
use super::super::resource::{Found, Resource};
use super::Report;
use super::calendar_data::Shape;
use crate::filter::{CardFilter, ComponentFilter};
use crate::instances::Series;
use crate::refusal::Refusal;
use crate::store::Stored;
use crate::xml::{Element, Name};

/// What somebody looks for.
enum Filter {
    Calendar(ComponentFilter),
    Cards(CardFilter),
}

/// The objects that match a filter.
pub(super) fn answer(report: &Report<'_>) -> Result<Reply, Refusal> {
    let Report { exchange, address, collection, home, root } = report;
    let wanted = Wanted::read(root)?;
    let shape = Shape::read(root)?;
    let filter = Filter::read(root)?;
    let limit = limit(root);
    let mut answer = Multistatus::listing(exchange);
    let own = address.href();
    let matching = collection.objects().filter(|(_, stored)| filter.matches(stored, home));
    for (number, (name, stored)) in matching.enumerate() {
        if answer.is_full() || limit.is_some_and(|limit| number >= limit) {
            answer.more(&own);
            break;
        }
        let resource = Resource::Object(Found { address, collection, name, stored });
        answer.row(&resource.href(), |out| {
            properties::write(exchange, resource, &wanted, &|found, out| shape.write(found, home, out), out);
        });
    }
    Ok(answer.finish())
}

impl Filter {
    fn read(root: &Element) -> Result<Filter, Refusal> {
        if let Some(filter) = root.child(&Name::carddav("filter")) {
            return Ok(Filter::Cards(CardFilter::read(filter)?));
        }
        match root.child(&Name::caldav("filter")) {
            Some(filter) => Ok(Filter::Calendar(ComponentFilter::read_filter(filter)?)),
            None => Err(Refusal::new(400, "a query has a filter")),
        }
    }

    fn matches(&self, stored: &Stored, home: &Zone) -> bool {
        let document = Document::parse(&stored.bytes);
        match self {
            Filter::Calendar(filter) => filter.matches(&Series::new(&document, home)),
            Filter::Cards(filter) => filter.matches(&document),
        }
    }
}

/// RFC 6352 section 10.6.
fn limit(root: &Element) -> Option<usize> {
    let count = root.child(&Name::carddav("limit"))?.child(&Name::carddav("nresults"))?;
    count.text().trim().parse().ok()
}
