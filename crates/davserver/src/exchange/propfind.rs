//! PROPFIND (RFC 4918 section 9.1).

use super::multistatus::Multistatus;
use super::properties::{self, Wanted};
use super::resource::Resource;
use super::{Exchange, Reply};
use crate::faults::Fault;
use crate::location::Location;
use crate::refusal::Refusal;
use crate::xml::{self, Name};

/// The properties of a resource, and of what is in it.
pub(super) fn answer(exchange: &Exchange<'_>, location: &Location) -> Result<Reply, Refusal> {
    let body = exchange.asked.bytes();
    let wanted = match body.is_empty() {
        true => Wanted::All(Vec::new()),
        false => {
            let root = xml::parse(body)?;
            if root.name != Name::dav("propfind") {
                return Err(Refusal::new(400, "the body is no propfind"));
            }
            Wanted::read(&root)?
        }
    };
    let store = exchange.shared.read();
    let resource = Resource::find(exchange, &store, location)?;
    let with_members = match (exchange.asked.header("depth").map(str::trim), resource) {
        (Some("0"), _) | (_, Resource::Object(_)) => false,
        (Some("1"), _) => true,
        // What is not said is infinity.
        _ => {
            let reason = "how deep to look has to be said: 0 or 1";
            return Err(Refusal::condition(403, Name::dav("propfind-finite-depth"), reason));
        }
    };
    if with_members && exchange.hits.has(&Fault::ListingMissing) {
        return Err(Refusal::missing());
    }
    let mut answer = Multistatus::listing(exchange);
    let own = resource.href();
    // The body of an object is no property (RFC 4791 section 9.6).
    let content = |resource| {
        let wanted = &wanted;
        move |out: &mut String| properties::write(exchange, resource, wanted, &|_, _| {}, out)
    };
    answer.own(&own, content(resource));
    if with_members {
        for member in resource.members(exchange, &store) {
            if answer.is_full() {
                answer.more(&own);
                break;
            }
            answer.row(&member.href(), content(member));
        }
    }
    Ok(answer.finish())
}
