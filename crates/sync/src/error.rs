//! Failures, named by what the caller does next.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The result of what may fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What failed, and why.
#[derive(Debug)]
pub struct Error {
    /// What the caller does next.
    pub kind: ErrorKind,
    /// What happened, a sentence without secrets.
    pub what: String,
    /// What caused it.
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// What the caller does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKind {
    /// The item is not at the version that was expected: plan it again in the next run.
    Stale,
    /// The item, or the collection, is not there.
    Gone,
    /// The storage will not take this item: report it, try again when it changes.
    Refused,
    /// The storage takes no writes from us: say so once.
    ReadOnly,
    /// Try again later, after this long if it is said.
    Busy {
        /// As the storage asked for.
        retry_after: Option<Duration>,
    },
    /// The storage cannot be reached: stop the run.
    Offline,
    /// The storage does not accept us: stop, and do not try again by ourselves.
    Unauthorized,
    /// The answer cannot be understood.
    Malformed,
    /// Cancelled by the user, or out of time.
    Cancelled,
    /// Our own files failed: the disk is full, a lock is held, a database is damaged.
    Local,
}

impl Error {
    /// A failure without a cause of its own.
    pub fn new(kind: ErrorKind, what: impl Into<String>) -> Self {
        Error { kind, what: what.into(), source: None }
    }

    /// The same failure with what caused it.
    pub fn because(mut self, source: impl std::error::Error + Send + Sync + 'static) -> Self {
        self.source = Some(Box::new(source));
        self
    }

    /// Whether a run cannot go on after this failure of a single item or request.
    pub fn stops_the_run(&self) -> bool {
        matches!(
            self.kind,
            ErrorKind::Offline | ErrorKind::Unauthorized | ErrorKind::Cancelled | ErrorKind::Local
        )
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
