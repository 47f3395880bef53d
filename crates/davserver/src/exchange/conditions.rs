//! If-Match and If-None-Match (RFC 9110 section 13.1).

use super::Exchange;
use crate::faults::Fault;
use crate::refusal::Refusal;
use crate::store::Stored;

/// Checks what a request says of the state in which it expects the resource; `None` is one that is not there.
pub(super) fn check(exchange: &Exchange<'_>, stored: Option<&Stored>) -> Result<(), Refusal> {
    if let Some(expected) = exchange.asked.header("if-match") {
        let matches = stored.is_some_and(|stored| {
            let current = current(exchange, stored);
            // Strong comparison: weak ones match nothing.
            let strong = |tag: &str| !tag.starts_with("W/") && current.iter().any(|it| it == tag);
            expected.trim() == "*" || tags(expected).any(strong)
        });
        if !matches && !exchange.hits.has(&Fault::IfMatchIgnored) {
            return Err(Refusal::stale());
        }
    }
    let unwanted = stored.is_some_and(|stored| is_unwanted(exchange, stored));
    if unwanted && !exchange.hits.has(&Fault::IfNoneMatchIgnored) {
        return Err(Refusal::stale());
    }
    Ok(())
}

/// Whether If-None-Match has the state in which the resource is.
pub(super) fn is_unwanted(exchange: &Exchange<'_>, stored: &Stored) -> bool {
    let Some(unwanted) = exchange.asked.header("if-none-match") else { return false };
    let current = current(exchange, stored);
    let bare = |tag: &str| tag.strip_prefix("W/").unwrap_or(tag).to_owned();
    unwanted.trim() == "*" || tags(unwanted).any(|tag| current.iter().any(|it| bare(it) == bare(tag)))
}

/// The ETag of what is stored, and the one that is told of it where that is another.
fn current(exchange: &Exchange<'_>, stored: &Stored) -> Vec<String> {
    let (told, _) = exchange.hits.etags(&stored.etag, stored.writes);
    told.into_iter().chain([stored.etag.clone()]).collect()
}

/// The entity tags of a list. Those of this server have no commas.
fn tags(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').map(str::trim)
}
