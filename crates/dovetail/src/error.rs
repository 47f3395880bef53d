//! What goes wrong in the program, as a person reads it: a sentence, a hint, and the exit code that follows.
//!
//! Failures of single items are no errors of this kind: they are lines of a run's report.

use std::fmt;
use std::path::Path;
use std::time::Duration;

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
        dovetail_sync::Error::file(path, deed, cause).into()
    }

    /// The same of a profile, whose name then stands in the hint.
    pub(crate) fn of_profile(self, name: &str) -> Self {
        Error { hint: self.hint.replace("NAME", name), ..self }
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
        ErrorKind::Untrusted => "untrusted",
        ErrorKind::Moved => "moved",
        ErrorKind::Unauthorized => "unauthorized",
        ErrorKind::Malformed => "malformed",
        ErrorKind::Cancelled => "cancelled",
        ErrorKind::Locked => "locked",
        ErrorKind::Full => "full",
        ErrorKind::Outdated => "outdated",
        ErrorKind::Damaged => "damaged",
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
        Error::stopped(error.kind, sentence(&error.what), hint_of(&error))
    }
}

/// What to do about a failure. Who does not let us in is told by the text alone: an engine knows no proxies.
fn hint_of(error: &dovetail_sync::Error) -> String {
    let what = error.what.as_str();
    let hint = match error.kind {
        ErrorKind::Unauthorized if what.starts_with("the proxy ") && what.contains("not spoken here") => {
            "Let a program of its own log in to the proxy, such as px or cntlm, and set proxy to the address at which it \
             listens on this computer."
        }
        ErrorKind::Unauthorized if what.starts_with("the proxy ") => {
            "Set proxy_user, and give its password with `dovetail profile password NAME --for proxy`."
        }
        ErrorKind::Unauthorized if what.contains("neither Basic nor Digest") => {
            "Ask whoever runs the server to let this account in by Basic over https://, or by a password for programs; where it \
             asks for Bearer, set login=oauth."
        }
        ErrorKind::Unauthorized if what.contains(" wants a client certificate") => {
            "Name a file with the certificate and its key (PEM or PKCS#12) with `dovetail profile set NAME \
             client_certificate=FILE`."
        }
        ErrorKind::Untrusted if what.contains("no version of TLS that is safe") => {
            "No password was sent. Ask whoever runs the server for TLS 1.2 or 1.3."
        }
        ErrorKind::Untrusted if what.contains("tls_1_2=no") => {
            "No password was sent. Ask whoever runs the server for TLS 1.3, or allow 1.2 with `dovetail profile set NAME \
             tls_1_2=yes`."
        }
        ErrorKind::Refused if what.starts_with("the server lists only a part of ") => {
            "Nothing was taken for removed. Ask whoever runs the server to raise the limit of what it lists, or divide the \
             collection."
        }
        kind => return hint(kind),
    };
    hint.to_owned()
}

/// What to do about a failure that stopped a run. A profile that is known stands in place of `NAME`.
fn hint(kind: ErrorKind) -> String {
    let hint = match kind {
        ErrorKind::Stale => "Something else changed it meanwhile; try again.",
        ErrorKind::Gone => {
            "Look with `dovetail discover` whether the collection was moved or is no longer shared."
        }
        ErrorKind::Refused => {
            "Ask whoever runs the server: its log says why, and whether this account may use the collection."
        }
        ErrorKind::ReadOnly => "Ask the owner of the collection for the right to write.",
        ErrorKind::Busy { retry_after: Some(pause) } => {
            return format!("Try again in {}; what was done so far is kept.", length(pause));
        }
        ErrorKind::Busy { retry_after: None } => "Try again in a while; what was done so far is kept.",
        ErrorKind::Offline => {
            "Check the network connection and the address of the server, then try again; what was done so far is kept."
        }
        ErrorKind::Untrusted => {
            "No password was sent. Check the address and this computer's clock, and let whoever runs the server look \
             after its certificate; one that you know to be the server's is believed alone with `dovetail profile set NAME \
             tls_fingerprint=FINGERPRINT`."
        }
        ErrorKind::Moved => {
            "No password went there. If you trust that server, make the profile with its address."
        }
        ErrorKind::Unauthorized => {
            "Check user and password, then give the new one with `dovetail profile password NAME`."
        }
        ErrorKind::Malformed => {
            "Check that the address is one of a CalDAV or CardDAV server, and in a browser that the network does not ask \
             for a login of its own."
        }
        ErrorKind::Cancelled => "What was done so far is kept; the next run goes on from there.",
        ErrorKind::Locked => "Wait until it is done, then try again; what was done so far is kept.",
        ErrorKind::Full => "Make room on the disk, then try again; what was done so far is kept.",
        ErrorKind::Outdated => "Update Dovetail; nothing was changed.",
        ErrorKind::Damaged => {
            "Put the file back from a backup. State and journal of a profile are made anew by the next run."
        }
        ErrorKind::Local => {
            "Check that the file is there and that you may read and write it, then try again."
        }
    };
    hint.to_owned()
}

/// A length of time, rounded up to what is easily said.
fn length(time: Duration) -> String {
    let said = |number: u64, unit: &str| match number {
        1 => format!("1 {unit}"),
        _ => format!("{number} {unit}s"),
    };
    match time.as_secs() {
        seconds @ ..=90 => said(seconds.max(1), "second"),
        seconds @ ..=5_400 => said(seconds.div_ceil(60), "minute"),
        seconds => said(seconds.div_ceil(3_600), "hour"),
    }
}

/// What happened, as a sentence: what lies below the program tells it without capital and full stop.
pub(crate) fn sentence(what: &str) -> String {
    let what = what.trim_end_matches('.');
    let is_url = what.starts_with("http://") || what.starts_with("https://");
    let mut rest = what.chars();
    match rest.next() {
        Some(first) if !is_url => format!("{}{}.", first.to_uppercase(), rest.as_str()),
        _ => format!("{what}."),
    }
}
