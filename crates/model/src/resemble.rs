//! How much two items that are not linked look like the same thing.
//!
//! INTERFACE ONLY FOR NOW.

use serde::{Deserialize, Serialize};

use crate::item::{Item, Kind};
use crate::when::Zone;

/// What is kept of an item in order to match it: small, whatever the item's size.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Features {
    /// Items of different kinds never match.
    pub kind: Kind,
    /// The UID.
    pub uid: Option<String>,
    /// Keys under which a counterpart is looked for; never an empty text. Two items that share none are not compared.
    pub keys: Vec<String>,
    /// Normalised values of the fields that identify the kind, by name.
    pub values: Vec<(String, String)>,
}

/// The features of an item; floating times are read in `home`.
pub fn features(item: &Item, home: &Zone) -> Features {
    let _ = (item, home);
    unimplemented!()
}

/// How sure it is that both are the same thing: 0 not at all to 100.
pub fn score(one: &Features, other: &Features) -> u8 {
    let _ = (one, other);
    unimplemented!()
}
