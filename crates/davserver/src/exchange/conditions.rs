//! If-Match and If-None-Match (RFC 9110 section 13.1).

use super::Exchange;
use crate::faults::Fault;
use crate::refusal::Refusal;
use crate::store::Stored;

/// Checks what a request says of the state in which it expects the resource; `None` is one that is not there.
pub(super) fn check(exchange: &Exchange<'_>, stored: Option<&Stored>) -> Result<(), Refusal> {
    let current = stored.map(|stored| exchange.hits.current_etag(&stored.etag, stored.writes));
    let current = current.as_deref();
    if let Some(expected) = exchange.asked.header("if-match") {
        let matches = match current {
            None => false,
            Some(_) if expected.trim() == "*" => true,
            // Strong comparison: weak ones match nothing.
            Some(current) => !current.starts_with("W/") && tags(expected).any(|tag| tag == current),
        };
        if !matches && !exchange.hits.has(&Fault::IfMatchIgnored) {
            return Err(Refusal::stale());
        }
    }
    if is_unwanted(exchange, current) && !exchange.hits.has(&Fault::IfNoneMatchIgnored) {
        return Err(Refusal::stale());
    }
    Ok(())
}

/// Whether If-None-Match has the state in which the resource is.
pub(super) fn is_unwanted(exchange: &Exchange<'_>, current: Option<&str>) -> bool {
    let (Some(unwanted), Some(current)) = (exchange.asked.header("if-none-match"), current) else {
        return false;
    };
    let bare = |tag: &str| tag.strip_prefix("W/").unwrap_or(tag).to_owned();
    unwanted.trim() == "*" || tags(unwanted).any(|tag| bare(tag) == bare(current))
}

/// The entity tags of a list. Those of this server have no commas.
fn tags(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').map(str::trim)
}
