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

    /// With what the words need. Of a long text the beginning: an original may hold any, and a report keeps it.
    #[must_use]
    pub fn with(mut self, argument: impl Into<String>) -> Self {
        let mut argument = argument.into();
        if let Some((end, _)) = argument.char_indices().nth(LONGEST) {
            argument.truncate(end);
            argument.push('…');
        }
        self.arguments.push(argument);
        self
    }
}

/// As many characters of a text are told.
const LONGEST: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_long_text_the_beginning_is_told() {
        for letter in ["a", "ä", "😀"] {
            let whole = letter.repeat(LONGEST);
            for (argument, told) in [(whole.clone(), whole.clone()), (whole.repeat(50), format!("{whole}…"))]
            {
                assert_eq!(Warning::at("bad_value", "PRIORITY", None).with(argument).arguments, [told]);
            }
        }
    }
}
