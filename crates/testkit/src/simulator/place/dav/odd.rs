//! What is odd about a server for good, and what goes wrong with it for a while.

use std::time::Duration;

use dovetail_davserver::faults::{
    BadEtags, Fault as Wrong, RetryAfter, RewrittenEtag, Rule, Tokens, When, Which,
};

use super::super::{Fault, FaultKind, Harms};
use crate::Dice;

/// Something a server does otherwise than others, all the time.
#[derive(Clone, Copy)]
pub(super) struct Oddity {
    pub(super) name: &'static str,
    rules: fn() -> Vec<(Which, Wrong)>,
}

/// Before it is learned that a name that is taken is not written to again, names are random: then nothing tells of an item that
/// another computer has just made.
pub(super) const UIDS_REPEAT: &str = "UIDs may repeat";

/// A listing that says itself that there is more.
const IN_PART: &str = "listing in part, and told";

const ODDITIES: &[Oddity] = &[
    Oddity { name: "strong ETags, exact tokens", rules: Vec::new },
    Oddity { name: "no ETag for what is put", rules: || put(Wrong::Etags(BadEtags::Missing)) },
    Oddity { name: "a weak ETag for what is put", rules: || put(Wrong::Etags(BadEtags::Weak)) },
    Oddity { name: "ETags without quotes", rules: || all(Wrong::Etags(BadEtags::Unquoted)) },
    Oddity { name: "ETags that count writes", rules: || all(Wrong::Etags(BadEtags::Repeating)) },
    Oddity { name: "names that are taken are overwritten", rules: || put(Wrong::IfNoneMatchIgnored) },
    Oddity { name: "If-Match is ignored", rules: || all(Wrong::IfMatchIgnored) },
    Oddity { name: "coarse tokens", rules: || all(Wrong::Tokens(Tokens::Coarse)) },
    Oddity { name: "a ctag alone", rules: || all(Wrong::Tokens(Tokens::CoarseCtagOnly)) },
    Oddity { name: "no tokens", rules: || all(Wrong::Tokens(Tokens::Missing)) },
    Oddity { name: "it rewrites", rules: || put(Wrong::Rewrites(RewrittenEtag::Untold)) },
    Oddity { name: "it rewrites and hides it", rules: || put(Wrong::Rewrites(RewrittenEtag::Told)) },
    Oddity { name: "hrefs are URLs", rules: || all(Wrong::HrefsAbsolute) },
    Oddity { name: "hrefs in two spellings", rules: || all(Wrong::HrefsEncodedDifferently) },
    Oddity { name: "pages of two rows", rules: || sync(Wrong::Truncated { rows: 2 }) },
    Oddity { name: "PROPFIND lists a part, and says so", rules: listing_in_part },
    Oddity { name: UIDS_REPEAT, rules: || put(Wrong::DuplicateUidsTaken) },
    Oddity { name: "a clock that is an hour late", rules: || all(Wrong::ClockOff { seconds: -3_600 }) },
];

impl Oddity {
    /// One in three servers is as it should be. What a listing leaves out is seen only where each run lists.
    pub(super) fn of(dice: &mut Dice, only: Option<&str>) -> Oddity {
        if only.is_some_and(|fault| left_out(fault).is_some() || fault == IN_PART) {
            return Oddity { name: "no tokens", rules: || all(Wrong::Tokens(Tokens::Missing)) };
        }
        let odd = ODDITIES.first().copied().filter(|_| dice.once_in(3));
        let any = || dice.pick(ODDITIES).copied();
        odd.or_else(any).unwrap_or(Oddity { name: "none", rules: Vec::new })
    }

    pub(super) fn rules(self) -> Vec<Rule> {
        (self.rules)().into_iter().map(|(which, fault)| Rule { which, fault }).collect()
    }
}

fn all(fault: Wrong) -> Vec<(Which, Wrong)> {
    vec![(Which::default(), fault)]
}

fn put(fault: Wrong) -> Vec<(Which, Wrong)> {
    vec![(Which::method("PUT"), fault)]
}

fn sync(fault: Wrong) -> Vec<(Which, Wrong)> {
    vec![(Which::body("sync-collection"), fault)]
}

/// A server with a limit, which the reports do not have.
fn listing_in_part() -> Vec<(Which, Wrong)> {
    let propfind = (Which::method("PROPFIND"), Wrong::Truncated { rows: 1 });
    vec![(Which::default(), Wrong::Tokens(Tokens::Missing)), propfind]
}

const fn harmless(name: &'static str, often: u64) -> FaultKind {
    FaultKind { name, often, harms: Harms::Nothing }
}

const fn lie(name: &'static str, often: u64, harms: Harms) -> FaultKind {
    FaultKind { name, often, harms }
}

/// All that [`rules`] knows.
pub(super) const FAULTS: &[FaultKind] = &[
    harmless("503 before a write", 4),
    harmless("503 with Retry-After in seconds", 6),
    harmless("429 with Retry-After as a date", 6),
    harmless("429 with a pause of no time", 6),
    harmless("401", 12),
    harmless("403 for a write", 6),
    harmless("500 for anything", 10),
    harmless("412 after the write", 4),
    harmless("500 after the write", 4),
    harmless("412 after the removal", 4),
    harmless("500 after the removal", 4),
    harmless("token refused with 403", 2),
    harmless("token refused with 409", 2),
    harmless("token refused with 410", 2),
    harmless("token refused with 507", 2),
    harmless("pages of one row", 1),
    harmless(IN_PART, 2),
    harmless("closed before it is done", 8),
    harmless("closed after it is done", 8),
    harmless("closed silently", 4),
    harmless("reset in the body", 8),
    harmless("XML cut short", 6),
    harmless("a web page instead", 8),
    harmless("characters that XML forbids", 4),
    harmless("a body with much beside it", 6),
    harmless("redirect to itself", 4),
    harmless("redirect to another host", 10),
    harmless("slow", 4),
    harmless("hrefs encoded differently", 1),
    harmless("absolute hrefs", 1),
    harmless("a clock that jumps", 2),
    harmless("a write is rewritten", 2),
    harmless("ETags change", 3),
    harmless("weak ETags", 3),
    lie("ETags are missing", 4, Harms::Presence),
    lie("rows fail", 3, Harms::Presence),
    // Some servers say so of a collection with nothing in it.
    lie("listing 404", 3, Harms::News),
    lie("rows left out", 3, Harms::News),
    lie("rows cut silently", 3, Harms::News),
    lie("listing empty", 2, Harms::News),
];

/// A fault as the server plays it.
pub(super) fn rules(fault: &Fault) -> Vec<Rule> {
    let when = When::OneIn { rate: fault.once_in, seed: fault.seed };
    let rule = |(which, fault): (Which, Wrong)| Rule { which: which.when(when), fault };
    match left_out(fault.kind.name) {
        // A report of changes that leaves one out would be believed by everybody.
        Some(wrong) => {
            let listings = [Which::body("<D:sync-token></D:sync-token>"), Which::method("PROPFIND")];
            listings.into_iter().map(|which| rule((which, wrong.clone()))).collect()
        }
        None => vec![rule(wrong(fault.kind.name))],
    }
}

/// What a listing may leave out without a word.
fn left_out(name: &str) -> Option<Wrong> {
    match name {
        "rows left out" => Some(Wrong::RowsLeftOut { one_in: 2 }),
        "rows cut silently" => Some(Wrong::CutSilently { rows: 2 }),
        "listing empty" => Some(Wrong::ListingEmpty),
        _ => None,
    }
}

fn wrong(name: &str) -> (Which, Wrong) {
    let any = Which::default;
    let reports = || Which::method("REPORT");
    let listings = || Which::body("sync-level");
    let fails = |status, retry_after| Wrong::Fails { status, retry_after };
    match name {
        "503 before a write" => (Which::method("PUT"), fails(503, None)),
        "503 with Retry-After in seconds" => (any(), fails(503, Some(RetryAfter::Seconds(3_600)))),
        "429 with Retry-After as a date" => (any(), fails(429, Some(RetryAfter::Date(3_600)))),
        "429 with a pause of no time" => (any(), fails(429, Some(RetryAfter::Seconds(0)))),
        "401" => (any(), fails(401, None)),
        "403 for a write" => (Which::method("PUT"), fails(403, None)),
        "500 for anything" => (any(), fails(500, None)),
        "412 after the write" => (Which::method("PUT"), Wrong::FailsAfterwards { status: 412 }),
        "500 after the write" => (Which::method("PUT"), Wrong::FailsAfterwards { status: 500 }),
        "412 after the removal" => (Which::method("DELETE"), Wrong::FailsAfterwards { status: 412 }),
        "500 after the removal" => (Which::method("DELETE"), Wrong::FailsAfterwards { status: 500 }),
        "listing 404" => (any(), Wrong::ListingMissing),
        "token refused with 403" => (listings(), Wrong::TokenRefused { status: 403 }),
        "token refused with 409" => (listings(), Wrong::TokenRefused { status: 409 }),
        "token refused with 410" => (listings(), Wrong::TokenRefused { status: 410 }),
        "token refused with 507" => (listings(), Wrong::TokenRefused { status: 507 }),
        "pages of one row" => (listings(), Wrong::Truncated { rows: 1 }),
        IN_PART => (any(), Wrong::Truncated { rows: 1 }),
        "closed before it is done" => (any(), Wrong::ClosedBefore),
        "closed after it is done" => (any(), Wrong::ClosedAfterwards),
        "closed silently" => (any(), Wrong::ClosesSilently),
        "reset in the body" => (any(), Wrong::ResetInBody),
        "XML cut short" => (reports(), Wrong::CutInBody),
        "a web page instead" => (any(), Wrong::Garbage),
        "characters that XML forbids" => (reports(), Wrong::BadCharacters),
        "a body with much beside it" => (reports(), Wrong::Oversized { bytes: 300_000 }),
        "redirect to itself" => (any(), Wrong::Redirect { status: 307, to: String::new() }),
        "redirect to another host" => {
            (any(), Wrong::Redirect { status: 302, to: "http://elsewhere.example".to_owned() })
        }
        "slow" => (any(), Wrong::Slow(Duration::from_millis(5))),
        "hrefs encoded differently" => (any(), Wrong::HrefsEncodedDifferently),
        "absolute hrefs" => (any(), Wrong::HrefsAbsolute),
        "a clock that jumps" => (any(), Wrong::ClockOff { seconds: 86_400 }),
        "a write is rewritten" => (Which::method("PUT"), Wrong::Rewrites(RewrittenEtag::Untold)),
        "ETags change" => (any(), Wrong::Etags(BadEtags::Changing)),
        "weak ETags" => (any(), Wrong::Etags(BadEtags::Weak)),
        "ETags are missing" => (any(), Wrong::Etags(BadEtags::Missing)),
        "rows fail" => (reports(), Wrong::RowsFail { one_in: 2, status: 500 }),
        unknown => unreachable!("nobody knows how to play {unknown:?}"),
    }
}
