//! What is chosen of the fields that distribution lists have.

use serde::{Deserialize, Serialize};

/// What is chosen of the fields that distribution lists have.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListOptions {
    /// How new lists are written. An existing list keeps the format it has.
    pub format: ListFormat,
}

/// How a distribution list is written on a server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ListFormat {
    /// SOGo's own: a list of the cards of an address book.
    Vlist,
    /// A card of version 3.0 with the properties that Apple has for groups.
    #[default]
    VCard3,
    /// A card of version 4.0 (RFC 6350 section 6.1.4).
    VCard4,
}
