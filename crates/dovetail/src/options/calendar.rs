//! The options of the mapping of what events and tasks share.

use dovetail_mapping::options::CalendarOptions;

use super::Declared;
use crate::config::Profile;

pub(super) const OPTIONS: &[Declared] = &[];

/// What a profile chooses of them.
pub(super) fn chosen(_profile: &Profile) -> CalendarOptions {
    CalendarOptions {}
}
