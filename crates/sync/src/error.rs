//! Failures, named by what the caller does next.

use std::path::Path;
use std::time::Duration;
use std::{fmt, io};

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
    /// The storage cannot prove that it is the one that was meant: stop, a person has to look after it.
    Untrusted,
    /// The storage says that it is elsewhere: stop, a person has to say whether that is trusted.
    Moved,
    /// The storage does not accept us: stop, and do not try again by ourselves.
    Unauthorized,
    /// The answer cannot be understood.
    Malformed,
    /// Cancelled by the user, or out of time.
    Cancelled,
    /// Another process is at work on our files: stop, and try again when it is done.
    Locked,
    /// There is no room for our files: stop, and try again when there is.
    Full,
    /// Our files were written by a newer version: stop, this one must not touch them.
    Outdated,
    /// A file of ours is damaged: stop; state and journal are made anew by the next run, a mailbox by a person.
    Damaged,
    /// Our own files failed in another way: they may not be read or written.
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
        match self.kind {
            ErrorKind::Offline
            | ErrorKind::Untrusted
            | ErrorKind::Moved
            | ErrorKind::Unauthorized
            | ErrorKind::Cancelled
            | ErrorKind::Locked
            | ErrorKind::Full
            | ErrorKind::Outdated
            | ErrorKind::Damaged
            | ErrorKind::Local => true,
            ErrorKind::Stale
            | ErrorKind::Gone
            | ErrorKind::Refused
            | ErrorKind::ReadOnly
            | ErrorKind::Busy { .. }
            | ErrorKind::Malformed => false,
        }
    }

    /// Whether it says nothing about an item, but that the storage was not reached, or has no time: a few of these in a row
    /// stop a run.
    pub fn is_of_transport(&self) -> bool {
        matches!(self.kind, ErrorKind::Offline | ErrorKind::Busy { .. })
    }

    /// A file that this version must not touch.
    pub fn newer(path: &Path) -> Self {
        Error::new(
            ErrorKind::Outdated,
            format!("{} was written by a newer version of Dovetail", path.display()),
        )
    }

    /// A failure of a file; `deed` is what could not be done, such as "write".
    pub fn file(path: &Path, deed: &str, cause: &io::Error) -> Self {
        let kind = match cause.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => ErrorKind::Full,
            _ => ErrorKind::Local,
        };
        let why = match cause.kind() {
            io::ErrorKind::NotFound => "it is not there".to_owned(),
            io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
            io::ErrorKind::IsADirectory => "it is a folder".to_owned(),
            io::ErrorKind::AlreadyExists => "something else is there already".to_owned(),
            io::ErrorKind::NotADirectory => "what is above it is no folder".to_owned(),
            io::ErrorKind::StorageFull => "the disk is full".to_owned(),
            io::ErrorKind::ReadOnlyFilesystem => "the disk may only be read".to_owned(),
            // The number that the system gives a failure helps nobody.
            _ => cause.to_string().split(" (os error").next().unwrap_or_default().to_owned(),
        };
        Error::new(kind, format!("cannot {deed} {}: {why}", path.display()))
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
