//! Failures, named by what the caller does next.

use std::fmt;
use std::time::Duration;

use crate::names::Name;

/// The result of what may fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What failed, and why. Never holds a secret.
#[derive(Debug)]
pub struct Error {
    /// What the caller does next.
    pub kind: ErrorKind,
    /// What happened: the request, and how it was answered.
    pub what: String,
    /// The HTTP status, where there was an answer.
    pub status: Option<u16>,
    /// The precondition that the server says was not met (RFC 4918 section 16).
    pub precondition: Option<Name>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// What the caller does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The resource is not in the state that was expected (412): look again.
    Stale,
    /// The resource is not there (404, 410).
    Gone,
    /// The server will not do this; doing it again will not help.
    Refused,
    /// The server lets us read but not write here.
    ReadOnly,
    /// Later (429, 503 and their like), after this long if it was said.
    Busy {
        /// As the server asked for.
        retry_after: Option<Duration>,
    },
    /// The server cannot be reached, or the connection broke.
    Offline,
    /// The server cannot prove that it is the one that was meant. Nothing was told to it.
    Untrusted,
    /// The server points to another one. Nothing was told to that one: a person has to say whether to trust it.
    Moved,
    /// The login is not accepted (401). It is not tried again with the same credentials.
    Unauthorized,
    /// The answer cannot be understood.
    Malformed,
}

impl Error {
    /// A failure without a cause of its own.
    pub fn new(kind: ErrorKind, what: impl Into<String>) -> Self {
        Error { kind, what: what.into(), status: None, precondition: None, source: None }
    }

    /// The same failure with what caused it.
    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// The same failure with the status that told of it.
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    /// Whether the server named this precondition; `local` as in the RFCs, such as `no-uid-conflict`.
    pub fn names_precondition(&self, local: &str) -> bool {
        self.precondition.as_ref().is_some_and(|name| name.local == local)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_ref().map(|source| source.as_ref() as _)
    }
}

/// The kind of failure that a status tells of, without its headers and body.
pub(crate) fn kind_of(status: u16, precondition: Option<&Name>, retry_after: Option<Duration>) -> ErrorKind {
    match (status, precondition) {
        (401 | 407, _) => ErrorKind::Unauthorized,
        (403, Some(name)) if name.local == "need-privileges" => ErrorKind::ReadOnly,
        (404 | 410, _) => ErrorKind::Gone,
        // QUIRK(refusals: xandikos): 412 also stands for what RFC 4791 answers with 403 or 409; it then names the rule.
        // QUIRK(refusals: davical): it names the header as if that were a rule.
        (412, None) => ErrorKind::Stale,
        (412, Some(name)) if matches!(&*name.local, "if-match" | "if-none-match") => ErrorKind::Stale,
        (408 | 423 | 425 | 429 | 502 | 503 | 504, _) => ErrorKind::Busy { retry_after },
        _ => ErrorKind::Refused,
    }
}
