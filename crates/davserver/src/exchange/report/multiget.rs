//! The reports `calendar-multiget` (RFC 4791 section 7.9) and `addressbook-multiget` (RFC 6352 section 8.7).

use super::super::Reply;
use super::super::multistatus::{Multistatus, status};
use super::super::properties::{self, Wanted};
use super::super::resource::{Found, Resource};
use super::Report;
use super::calendar_data::Shape;
use crate::location::Location;
use crate::refusal::Refusal;
use crate::xml::{Name, escape_into};

/// A row for each href that was sent; 404 for what is not in the collection.
pub(super) fn answer(report: &Report<'_>) -> Result<Reply, Refusal> {
    let Report { exchange, address, collection, home, root } = report;
    let wanted = Wanted::read(root)?;
    let shape = Shape::read(root)?;
    let mut answer = Multistatus::new(exchange);
    for href in root.elements().filter(|element| element.name == Name::dav("href")) {
        let href = href.text();
        let found = match Location::parse(href.trim()) {
            Ok(Location::Object(place, name)) if place == **address => {
                collection.object(&name).map(|stored| (name, stored))
            }
            _ => None,
        };
        match found {
            Some((name, stored)) => {
                let resource = Resource::Object(Found { address, collection, name: &name, stored });
                answer.row(&resource.href(), |out| {
                    properties::write(
                        exchange,
                        resource,
                        &wanted,
                        &|found, out| shape.write(found, home, out),
                        out,
                    );
                });
            }
            None => {
                let mut escaped = String::new();
                escape_into(&mut escaped, href.trim());
                answer.row(&escaped, |out| status(out, 404));
            }
        }
    }
    Ok(answer.finish())
}
