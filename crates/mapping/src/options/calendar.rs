//! What is chosen of the fields that events and tasks share.

use serde::{Deserialize, Serialize};

/// What is chosen of the fields that events and tasks share.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalendarOptions {}
