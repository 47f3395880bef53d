//! What is chosen of the fields that tasks alone have.

use serde::{Deserialize, Serialize};

/// What is chosen of the fields that tasks alone have.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskOptions {}
