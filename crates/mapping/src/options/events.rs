//! What is chosen of the fields that events alone have.

use serde::{Deserialize, Serialize};

/// What is chosen of the fields that events alone have.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventOptions {}
