//! Failures of the client as failures of a storage.

use dovetail_dav::ErrorKind as Dav;
use dovetail_sync::error::{Error, ErrorKind};

/// The same failure, for the engine.
pub fn failure(error: dovetail_dav::Error) -> Error {
    let kind = match error.kind {
        Dav::Stale => ErrorKind::Stale,
        Dav::Gone => ErrorKind::Gone,
        Dav::Refused => ErrorKind::Refused,
        Dav::ReadOnly => ErrorKind::ReadOnly,
        Dav::Busy { retry_after } => ErrorKind::Busy { retry_after },
        Dav::Offline => ErrorKind::Offline,
        Dav::Untrusted => ErrorKind::Untrusted,
        Dav::Moved => ErrorKind::Moved,
        Dav::Unauthorized => ErrorKind::Unauthorized,
        Dav::Malformed => ErrorKind::Malformed,
    };
    Error::new(kind, error.what.clone()).because(error)
}

/// The same failure once more, for another item that it also befell.
pub(super) fn again(error: &Error) -> Error {
    Error::new(error.kind, error.what.clone())
}
