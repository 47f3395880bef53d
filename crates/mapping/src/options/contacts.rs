//! What is chosen of the fields that contacts have.

use serde::{Deserialize, Serialize};

/// What is chosen of the fields that contacts have.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactOptions {}
