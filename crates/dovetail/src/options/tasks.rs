//! The options of the mapping of tasks.

use dovetail_mapping::options::TaskOptions;

use super::Declared;
use crate::config::Profile;

pub(super) const OPTIONS: &[Declared] = &[];

/// What a profile chooses of them.
pub(super) fn chosen(_profile: &Profile) -> TaskOptions {
    TaskOptions {}
}
