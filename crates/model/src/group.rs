//! Distribution lists.

use serde::{Deserialize, Serialize};

use crate::item::Sensitivity;

/// A distribution list (RFC 6350 section 6.1.4, `KIND:group`; SOGo's VLIST; Outlook's DistListItem).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// RFC 6350 section 6.7.6. A VLIST may carry none, Outlook keeps none.
    pub uid: Option<String>,
    /// Its name.
    pub name: String,
    /// Another name that it goes by; empty for none.
    pub nickname: String,
    /// Its members.
    pub members: Vec<Member>,
    /// Notes, lines ended by `\n`.
    pub note: String,
    /// Categories, a set in the order in which they were given; compared without regard to case.
    pub categories: Vec<String>,
    /// Who may see it.
    pub sensitivity: Sensitivity,
}

/// A member of a distribution list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// The display name, empty if unknown.
    pub name: String,
    /// The e-mail address, empty if the member is known by its UID only.
    pub address: String,
    /// The UID of the member's own entry.
    pub uid: Option<String>,
    /// What the side that has the list calls the member's own entry: an id of its collection, where lists name entries so
    /// (SOGo's VLIST).
    pub entry: Option<String>,
}
