//! PUT (RFC 4791 section 5.3.2, RFC 6352 section 6.3.2): stores an object.

use dovetail_mapping::component::{Child, Component, Document};
use hyper::body::Bytes;

use super::{Exchange, Reply, conditions};
use crate::faults::{Fault, RewrittenEtag};
use crate::location::Location;
use crate::object::Strictness;
use crate::refusal::Refusal;
use crate::store::{Access, Outcome};

/// Stores the body as it is, or refuses it.
pub(super) fn answer(exchange: &Exchange<'_>, location: &Location) -> Result<Reply, Refusal> {
    let Location::Object(address, name) = location else {
        return Err(Refusal::new(405, "only objects can be stored"));
    };
    let sent = exchange.asked.body.clone().unwrap_or_default();
    let rewrites = exchange.hits.rewrites();
    let lenient = exchange.hits.has(&Fault::DuplicateUidsTaken);
    let strictness = if lenient { Strictness::AnyUid } else { Strictness::Strict };
    let mut object = exchange.shared.examine_as(address, sent.clone(), strictness)?;
    if rewrites.is_some() {
        object = exchange.shared.examine_as(address, rewritten(&sent), strictness)?;
    }
    let mut store = exchange.shared.write();
    let collection = store.collection(address).ok_or_else(Refusal::missing)?;
    conditions::check(exchange, collection.object(name))?;
    if collection.access == Access::ReadOnly {
        return Err(Refusal::forbidden());
    }
    let done = match lenient {
        true => store.put_anyway(address, name, object)?,
        false => store.put(address, name, object)?,
    };
    let reply = Reply::new(match done.outcome {
        Outcome::Created => 201,
        Outcome::Replaced => 204,
    });
    let (etag, _) = exchange.hits.etags(&done.etag, done.writes);
    Ok(match (rewrites, etag) {
        // RFC 4791 section 5.3.4: an ETag would say that what was sent is what is stored.
        (Some(RewrittenEtag::Untold), _) | (_, None) => reply,
        (_, Some(etag)) => reply.with("etag", etag),
    })
}

/// The same object, as a server would have it that takes it apart: properties in alphabetical order, and one more.
fn rewritten(sent: &[u8]) -> Bytes {
    let document = Document::parse(sent);
    let mut out = Vec::new();
    for component in document.components() {
        rewrite(component, 0, &mut out);
    }
    out.into()
}

fn rewrite(component: Component<'_>, depth: usize, out: &mut Vec<u8>) {
    let name = component.name().to_ascii_uppercase();
    out.extend_from_slice(format!("BEGIN:{name}\r\n").as_bytes());
    let mut lines: Vec<_> =
        component.lines().filter(|line| line.is_property() && !line.is("X-STORED-BY")).collect();
    // VERSION comes first in a card (RFC 6350 section 6.7.9).
    lines.sort_by_key(|line| (!line.is("VERSION"), line.name().to_ascii_uppercase()));
    for line in lines {
        out.extend_from_slice(line.raw());
        if !line.raw().ends_with(b"\n") {
            out.extend_from_slice(b"\r\n");
        }
    }
    if depth == 0 {
        out.extend_from_slice(b"X-STORED-BY:davserver\r\n");
    }
    for child in component.children() {
        if let Child::Component(inner) = child {
            rewrite(inner, depth + 1, out);
        }
    }
    out.extend_from_slice(format!("END:{name}\r\n").as_bytes());
}
