//! Why something was not done, in the words of the protocol.

use std::fmt;

use crate::xml::{Name, names};

/// Why something was not done. As an answer it is a status, and an error element in the body where an RFC names one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// One sentence for a person.
    pub reason: String,
    /// The precondition that failed (RFC 4918 section 16).
    pub(crate) condition: Option<Name>,
    /// The resource that is in the way, as an encoded path.
    pub(crate) href: Option<String>,
}

impl Refusal {
    /// A refusal by its status alone.
    pub(crate) fn new(status: u16, reason: impl Into<String>) -> Self {
        Refusal { status, reason: reason.into(), condition: None, href: None }
    }

    /// A refusal by a precondition that an RFC names.
    pub(crate) fn condition(status: u16, condition: Name, reason: impl Into<String>) -> Self {
        Refusal { condition: Some(condition), ..Refusal::new(status, reason) }
    }

    /// Another resource has the UID (RFC 4791 section 5.3.2.1, RFC 6352 section 6.3.2.1).
    pub(crate) fn uid_conflict(condition: Name, href: String) -> Self {
        Refusal {
            href: Some(href),
            ..Refusal::condition(409, condition, "another resource of the collection has this UID")
        }
    }

    /// Nothing is there.
    pub(crate) fn missing() -> Self {
        Refusal::new(404, "there is nothing here")
    }

    /// The resource is not in the expected state.
    pub(crate) fn stale() -> Self {
        Refusal::new(412, "the resource is not in the state that the request expects")
    }

    /// The user may not do this.
    pub(crate) fn forbidden() -> Self {
        Refusal::condition(403, names::NEED_PRIVILEGES, "this may not be changed")
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.status, self.reason)
    }
}

impl std::error::Error for Refusal {}

impl From<std::io::Error> for Refusal {
    fn from(error: std::io::Error) -> Self {
        Refusal::new(507, format!("the folder cannot be used: {error}"))
    }
}
