//! The options of the mapping of events.

use dovetail_mapping::options::EventOptions;

use super::Declared;
use crate::config::Profile;

pub(super) const OPTIONS: &[Declared] = &[];

/// What a profile chooses of them.
pub(super) fn chosen(_profile: &Profile) -> EventOptions {
    EventOptions {}
}
