//! The options of the mapping of distribution lists.

use dovetail_mapping::options::ListOptions;

use super::{Declared, YES_NO};
use crate::config::Profile;

pub(super) const OPTIONS: &[Declared] = &[Declared {
    key: "map_distribution_lists",
    default: "no",
    meaning: "For contacts: whether distribution lists travel as well; no: they are neither made, changed nor deleted \
                  on either side.",
    domain: YES_NO,
}];

/// What a profile chooses of them.
pub(super) fn chosen(_profile: &Profile) -> ListOptions {
    ListOptions {}
}
