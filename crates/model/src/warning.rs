//! What was noticed in an original and does not stop it from being read, as code and arguments: it is put into words on display.

use serde::{Deserialize, Serialize};

/// Something about an original that its owner may want to know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// What it is, such as `bad_date`.
    pub code: String,
    /// The property concerned, empty if none.
    pub property: String,
    /// The line of the original on which it starts, from 1.
    pub line: Option<usize>,
    /// What the words need.
    pub arguments: Vec<String>,
}

impl Warning {
    /// A warning of a property on a line of the original.
    pub fn at(code: &str, property: &str, line: Option<usize>) -> Self {
        Warning { code: code.to_owned(), property: property.to_owned(), line, arguments: Vec::new() }
    }

    /// With what the words need.
    #[must_use]
    pub fn with(mut self, argument: impl Into<String>) -> Self {
        self.arguments.push(argument.into());
        self
    }
}
