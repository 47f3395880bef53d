//! The report `sync-collection` (RFC 6578): what changed since a token, page by page.

use super::super::multistatus::{Multistatus, status};
use super::super::properties::{self, Wanted, sync_token, told};
use super::super::resource::{Found, Resource};
use super::super::{Exchange, Reply};
use super::Report;
use super::calendar_data::Shape;
use crate::faults::Tokens;
use crate::refusal::Refusal;
use crate::store::{Change, Collection};
use crate::xml::{Element, Name};

/// What changed, the oldest change first; without a token, what is there.
pub(super) fn answer(report: &Report<'_>) -> Result<Reply, Refusal> {
    let Report { exchange, address, collection, home, root } = report;
    // RFC 6578 section 3.2 has a Depth other than 0 refused; clients in use send 1, and no server minds.
    let wanted = Wanted::read(root)?;
    let shape = Shape::read(root)?;
    let token = root.child(&Name::dav("sync-token")).map(Element::text).unwrap_or_default();
    let since = since(exchange, collection, token.trim())?;
    let limit = limit(root)?.into_iter().chain(exchange.hits.page()).min();
    let mut answer = Multistatus::listing(exchange);
    // Who has a coarse token may know what was made after the change that it stands for.
    let coarse = exchange.hits.tokens() == Tokens::Coarse;
    let known = if coarse { Some(u64::MAX) } else { since };
    let mut changes = in_order(collection, since, known.unwrap_or(0)).peekable();
    let mut rows = 0;
    let mut last = None;
    while let Some((revision, change)) = changes.next_if(|_| limit.is_none_or(|limit| rows < limit)) {
        rows += 1;
        last = Some(revision);
        match change {
            Change::Removed(name) => answer.row(&address.href_of(name), |out| status(out, 404)),
            Change::Present(name, stored) => {
                let resource = Resource::Object(Found { address, collection, name, stored });
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
        }
    }
    let next = match changes.peek() {
        Some(_) => {
            answer.more(&address.href());
            last.unwrap_or(since.unwrap_or(0))
        }
        None => told(collection, exchange.hits.tokens()),
    };
    Ok(answer.finish_with(&sync_token(collection, next)))
}

/// The changes after a revision, in the order of their revisions; all that is there without one. Of what is gone again,
/// that which was made up to the revision `known`.
fn in_order(
    collection: &Collection,
    since: Option<u64>,
    known: u64,
) -> impl Iterator<Item = (u64, Change<'_>)> {
    let mut present = collection.changed_since(since.unwrap_or(0)).peekable();
    let removed = since.into_iter().flat_map(move |since| collection.removed_since(since, known));
    let mut removed = removed.peekable();
    std::iter::from_fn(move || match (present.peek(), removed.peek()) {
        (Some((one, _)), Some((other, _))) if other < one => removed.next(),
        (None, _) => removed.next(),
        _ => present.next(),
    })
}

/// The revision that a token stands for.
fn since(exchange: &Exchange<'_>, collection: &Collection, token: &str) -> Result<Option<u64>, Refusal> {
    if token.is_empty() {
        return Ok(None);
    }
    let refused = |status| {
        Refusal::condition(status, Name::dav("valid-sync-token"), "this token is not, or no longer, known")
    };
    if let Some(status) = exchange.hits.token_refused() {
        return Err(refused(status));
    }
    let known = token.strip_prefix("data:,").and_then(|rest| rest.split_once('/'));
    let revision = known.filter(|(incarnation, _)| *incarnation == collection.incarnation);
    let revision = revision.and_then(|(_, revision)| revision.parse::<u64>().ok());
    let told = |revision: &u64| (collection.forgotten..=collection.revision).contains(revision);
    revision.filter(told).map(Some).ok_or_else(|| refused(403))
}

/// RFC 5323 section 5.17.
fn limit(root: &Element) -> Result<Option<usize>, Refusal> {
    let Some(limit) = root.child(&Name::dav("limit")) else { return Ok(None) };
    let count = limit.child(&Name::dav("nresults")).and_then(|count| count.text().trim().parse().ok());
    match count {
        Some(count) if count > 0 => Ok(Some(count)),
        _ => Err(Refusal::condition(400, Name::dav("number-of-matches-within-limits"), "a bad limit")),
    }
}
