//! The options of the mapping of contacts.

use dovetail_mapping::options::ContactOptions;

use super::Declared;
use crate::config::Profile;

pub(super) const OPTIONS: &[Declared] = &[];

/// What a profile chooses of them.
pub(super) fn chosen(_profile: &Profile) -> ContactOptions {
    ContactOptions {}
}
