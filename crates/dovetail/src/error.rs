//! What goes wrong in the program, as a person reads it: a sentence, a hint, and the exit code that follows.
//!
//! Failures of single items are no errors of this kind: they are lines of a run's report.

use std::fmt;
use std::path::Path;

use dovetail_sync::ErrorKind;

/// The result of what may fail.
pub(crate) type Result<T, E = Error> = std::result::Result<T, E>;

/// What failed, and what to do about it.
#[derive(Debug)]
pub(crate) struct Error {
    /// Which exit code follows.
    pub(crate) kind: Kind,
    /// What happened: one sentence, without secrets.
    pub(crate) what: String,
    /// What to do now: one sentence.
    pub(crate) hint: String,
}

/// What kind of failure it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The command cannot be meant as it was given: nothing was tried.
    Usage,
    /// A file of settings cannot be used.
    Config,
    /// What was asked for was begun, and had to stop.
    Stopped(ErrorKind),
}

impl Error {
    /// The command was wrong.
    pub(crate) fn usage(what: impl Into<String>, hint: impl Into<String>) -> Self {
        Error { kind: Kind::Usage, what: what.into(), hint: hint.into() }
    }

    /// A file of ours cannot be used as it is.
    pub(crate) fn config(what: impl Into<String>, hint: impl Into<String>) -> Self {
        Error { kind: Kind::Config, what: what.into(), hint: hint.into() }
    }

    /// It was begun and had to stop.
    pub(crate) fn stopped(kind: ErrorKind, what: impl Into<String>, hint: impl Into<String>) -> Self {
        Error { kind: Kind::Stopped(kind), what: what.into(), hint: hint.into() }
    }

    /// A file could not be read or written.
    pub(crate) fn file(path: &Path, deed: &str, cause: &std::io::Error) -> Self {
        Error::stopped(
            ErrorKind::Local,
            format!("Cannot {deed} {}: {cause}.", path.display()),
            "Check that the file is there, that it may be accessed, and that the disk is not full.",
        )
    }

    /// The exit code: 2 for what was never begun, 3 for what had to stop.
    pub(crate) fn exit_code(&self) -> u8 {
        match self.kind {
            Kind::Usage | Kind::Config => 2,
            Kind::Stopped(_) => 3,
        }
    }

    /// The kind as `--json` names it.
    pub(crate) fn code(&self) -> &'static str {
        match self.kind {
            Kind::Usage => "usage",
            Kind::Config => "config",
            Kind::Stopped(kind) => code_of(kind),
        }
    }
}

/// A kind of the engine as `--json` names it.
pub(crate) fn code_of(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Stale => "stale",
        ErrorKind::Gone => "gone",
        ErrorKind::Refused => "refused",
        ErrorKind::ReadOnly => "read_only",
        ErrorKind::Busy { .. } => "busy",
        ErrorKind::Offline => "offline",
        ErrorKind::Unauthorized => "unauthorized",
        ErrorKind::Malformed => "malformed",
        ErrorKind::Cancelled => "cancelled",
        ErrorKind::Local => "local",
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl std::error::Error for Error {}

impl From<dovetail_sync::Error> for Error {
    fn from(error: dovetail_sync::Error) -> Self {
        let hint = match error.kind {
            ErrorKind::Stale => "Something else changed it meanwhile; try again.",
            ErrorKind::Gone => {
                "Look with `dovetail discover` whether the collection was moved or is no longer shared."
            }
            ErrorKind::Refused => "The item stays as it is on its own side; see `dovetail report show`.",
            ErrorKind::ReadOnly => "Ask the owner of the collection for the right to write.",
            ErrorKind::Busy { .. } => "Try again in a while.",
            ErrorKind::Offline => {
                "Check the network connection and the address of the server, then try again."
            }
            ErrorKind::Unauthorized => {
                "Check user and password, then give the new one with `dovetail profile password NAME`."
            }
            ErrorKind::Malformed => "Check that the address is one of a CalDAV or CardDAV collection.",
            ErrorKind::Cancelled => "What was done so far is kept; the next run goes on from there.",
            ErrorKind::Local => {
                "Check that the disk is not full and that no other run of this profile is going on."
            }
        };
        Error::stopped(error.kind, sentence(error.kind, &error.what), hint)
    }
}

/// What happened, as a sentence.
pub(crate) fn sentence(kind: ErrorKind, what: &str) -> String {
    let what = what.trim_end_matches('.');
    match kind {
        ErrorKind::Unauthorized => format!("The server does not accept the login ({what})."),
        _ => format!("{what}."),
    }
}
