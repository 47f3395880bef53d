//! What goes wrong on purpose: which requests suffer, and what they suffer.
//!
//! Plain data. [`Faults`] is a list of rules; each has a [`Which`] that picks requests and a [`Fault`]. Several rules may
//! hit one request; each counts the requests that its matcher fits for itself. What is drawn by lot follows from the
//! seed alone, so that a run with the same requests goes wrong in the same places.

use std::time::Duration;

mod play;
#[cfg(test)]
mod tests;

pub(crate) use play::{Hits, Playing, RowFate};

/// What goes wrong with a server from now on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// The rules, each for itself.
    pub rules: Vec<Rule>,
}

impl Faults {
    /// One fault, for every request that fits.
    pub fn always(which: Which, fault: Fault) -> Faults {
        Faults { rules: vec![Rule { which, fault }] }
    }

    /// What SOGo 5 gets wrong, and says of itself: conditions on names are ignored, ETags come again, and bodies are
    /// stored in another form in spite of a strong ETag. Its clock is another rule: [`Tokens::Coarse`].
    pub fn like_sogo() -> Faults {
        let classes = "access-control, calendar-query-extended".to_owned();
        Faults::always(Which::method("OPTIONS"), Fault::Announces { classes })
            .and(Which::method("PUT"), Fault::IfNoneMatchIgnored)
            .and(Which::method("DELETE"), Fault::IfMatchIgnored)
            .and(Which::method("PUT"), Fault::Rewrites(RewrittenEtag::Told))
            .and(Which::default(), Fault::Etags(BadEtags::Repeating))
    }

    /// And another rule.
    #[must_use]
    pub fn and(mut self, which: Which, fault: Fault) -> Faults {
        self.rules.push(Rule { which, fault });
        self
    }
}

/// A fault and the requests that suffer it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Which requests.
    pub which: Which,
    /// What they suffer.
    pub fault: Fault,
}

/// Picks requests. `Which::default()` picks all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Which {
    /// Only this method, such as `PUT`.
    pub method: Option<String>,
    /// Only where the path, as it was sent, has this in it.
    pub path: Option<String>,
    /// Only where the body has this in it, such as `sync-collection`.
    pub body: Option<String>,
    /// Which of those that fit so far.
    pub when: When,
}

impl Which {
    /// Requests of a method.
    pub fn method(method: &str) -> Which {
        Which { method: Some(method.to_owned()), ..Which::default() }
    }

    /// Requests whose body has a text in it: a kind of REPORT, say.
    pub fn body(part: &str) -> Which {
        Which { body: Some(part.to_owned()), ..Which::default() }
    }

    /// Only where the path has this in it.
    #[must_use]
    pub fn on(self, path: &str) -> Which {
        Which { path: Some(path.to_owned()), ..self }
    }

    /// One request in so many, drawn by lot from a seed.
    #[must_use]
    pub fn one_in(self, rate: u64, seed: u64) -> Which {
        self.when(When::OneIn { rate, seed })
    }

    /// Only at these times.
    #[must_use]
    pub fn when(self, when: When) -> Which {
        Which { when, ..self }
    }
}

/// Which of the requests that fit, counted from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum When {
    /// Every one.
    #[default]
    Always,
    /// The n-th.
    Nth(u64),
    /// The first so many.
    First(u64),
    /// All after the first so many.
    After(u64),
    /// One in so many, drawn by lot; never for 0.
    OneIn {
        /// One in so many.
        rate: u64,
        /// What the lot follows from.
        seed: u64,
    },
}

/// What a request suffers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A multistatus leaves out one in so many of its rows (0: none, 1: all) and says nothing of it. The collection itself is
    /// always there. Which rows, follows from their names and from how many requests the rule has seen. A report of
    /// changes that leaves one out is believed by everybody, for its token says that it was told.
    RowsLeftOut {
        /// One in so many.
        one_in: u64,
    },
    /// One in so many rows of a multistatus has this status and no properties.
    RowsFail {
        /// One in so many.
        one_in: u64,
        /// The status of the row.
        status: u16,
    },
    /// A listing (PROPFIND with a depth of 1, and the reports that list) has no row but that of the collection itself;
    /// what is asked for by name is there.
    ListingEmpty,
    /// A request for a listing (PROPFIND with a depth of 1, and the reports that list) is answered by 404; the collection
    /// answers to anything else.
    ListingMissing,
    /// The request is done, and answered by this status: 412 or 500, say.
    FailsAfterwards {
        /// The status.
        status: u16,
    },
    /// The request is not done, and answered by this status: 401, 403, 429, 503, ...
    Fails {
        /// The status.
        status: u16,
        /// What Retry-After says, if it is there.
        retry_after: Option<RetryAfter>,
    },
    /// ETags are not as they should be, in headers and in properties.
    Etags(BadEtags),
    /// The state of collections is told less well than it should be.
    Tokens(Tokens),
    /// OPTIONS names further compliance classes: some servers are known by what they announce.
    Announces {
        /// As in the header `DAV`.
        classes: String,
    },
    /// PUT overwrites in spite of `If-None-Match: *`.
    IfNoneMatchIgnored,
    /// PUT and DELETE do what they are asked for in spite of If-Match.
    IfMatchIgnored,
    /// A sync token is refused: 403, 409, 410 or 507, with the element `valid-sync-token`. A request without a token is
    /// answered.
    TokenRefused {
        /// The status.
        status: u16,
    },
    /// A multistatus ends after so many rows, with a row of the status 507 for the collection and a token to go on from (RFC
    /// 6578 section 3.6); other listings than sync-collection have no token.
    Truncated {
        /// So many rows.
        rows: usize,
    },
    /// A multistatus ends after so many rows, and says nothing of it.
    CutSilently {
        /// So many rows.
        rows: usize,
    },
    /// Hrefs of every other answer are encoded in another way: lower-case hex digits, `@` and some others bare, letters
    /// escaped.
    HrefsEncodedDifferently,
    /// Hrefs are whole URLs.
    HrefsAbsolute,
    /// A redirect to the same path at another address.
    Redirect {
        /// 301, 302, 303, 307 or 308.
        status: u16,
        /// What comes before the path: `http://other.example` for another host, `/elsewhere` for another place on this
        /// one.
        to: String,
    },
    /// Objects of several UIDs, and several objects of one UID, are taken.
    DuplicateUidsTaken,
    /// The answer is held back for so long.
    Slow(Duration),
    /// The body of the answer ends in its middle, as if that were all; the request was done.
    CutInBody,
    /// The body of the answer is of another kind: a page in HTML with the same status, as proxies have it.
    Garbage,
    /// The connection is reset in the middle of the body of the answer; the request was done.
    ResetInBody,
    /// The connection is closed instead of an answer, and nothing was done.
    ClosedBefore,
    /// The connection is closed instead of an answer, and the request was done.
    ClosedAfterwards,
    /// The connection is closed after the answer, which says that it is kept.
    ClosesSilently,
    /// The XML has bytes in its text that XML 1.0 forbids: U+0001, and a byte that is not UTF-8.
    BadCharacters,
    /// The body is so long: blanks are put behind what it is. They do no harm to who has the room.
    Oversized {
        /// In bytes.
        bytes: u64,
    },
    /// What is stored by a PUT is not what was sent: a property is added and lines are put into another order. What the
    /// server says of the ETag of it:
    Rewrites(RewrittenEtag),
    /// The clock is wrong by so many seconds, in the headers Date and Last-Modified and in `getlastmodified`.
    ClockOff {
        /// Seconds; ahead if positive.
        seconds: i64,
    },
}

/// How a Retry-After is written (RFC 9110 section 10.2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryAfter {
    /// As a number of seconds.
    Seconds(u32),
    /// As a date, so many seconds from now.
    Date(u32),
}

/// In which way ETags are bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadEtags {
    /// There are none.
    Missing,
    /// They are weak: `W/"..."`. As weak ones match nothing in If-Match (RFC 9110 section 13.1.1), what a client sends back
    /// is refused.
    Weak,
    /// They are others each time, and what a client sends back is refused.
    Changing,
    /// They count the writes of an object, and begin anew when it is deleted and made again under its name.
    Repeating,
    /// They have no quotes in properties.
    Unquoted,
}

/// How the state of a collection is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tokens {
    /// By a sync token and a ctag, which change with every change.
    #[default]
    Exact,
    /// By a sync token and a ctag that are times of a clock in whole seconds: all changes of one second
    /// ([`Server::next_second`](crate::Server::next_second)) have the same. A report since such a token repeats what was told; a
    /// change may leave the ctag as it is.
    Coarse,
    /// By a ctag; there is no `sync-collection`.
    CtagOnly,
    /// By such a ctag as of a coarse clock alone.
    CoarseCtagOnly,
    /// Not at all.
    Missing,
}

impl Tokens {
    /// Whether there is the report `sync-collection`.
    pub(crate) fn sync(self) -> bool {
        matches!(self, Tokens::Exact | Tokens::Coarse)
    }
}

/// What the answer to a PUT says of what was rewritten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RewrittenEtag {
    /// Nothing, as it should be (RFC 4791 section 5.3.4).
    Untold,
    /// The ETag of what is stored, as if it were what was sent.
    Told,
}
