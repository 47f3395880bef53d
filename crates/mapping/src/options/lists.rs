//! What is chosen of the fields that distribution lists have.

use serde::{Deserialize, Serialize};

/// What is chosen of the fields that distribution lists have.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListOptions {}
