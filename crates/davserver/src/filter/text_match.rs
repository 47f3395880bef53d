//! `text-match` (RFC 4791 section 9.7.5, RFC 6352 section 10.5.4): whether a value has a text in it.

use crate::refusal::Refusal;
use crate::xml::names::CARDDAV;
use crate::xml::{Element, Name};

/// A text that is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TextMatch {
    wanted: String,
    collation: Collation,
    place: Place,
    negated: bool,
}

/// When texts are equal (RFC 4790 section 9, RFC 5051).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Collation {
    Octet,
    AsciiCase,
    UnicodeCase,
}

/// Where in the value the text stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Anywhere,
    Whole,
    Start,
    End,
}

impl TextMatch {
    /// Reads it, of a calendar or of an address book.
    pub(super) fn read(element: &Element) -> Result<TextMatch, Refusal> {
        let in_book = element.name.namespace == CARDDAV;
        let name = if in_book { Name::carddav } else { Name::caldav };
        let collation = match element.attribute("collation") {
            Some("i;octet") => Collation::Octet,
            Some("i;unicode-casemap") => Collation::UnicodeCase,
            Some("i;ascii-casemap") => Collation::AsciiCase,
            None | Some("default") if in_book => Collation::UnicodeCase,
            None | Some("default") => Collation::AsciiCase,
            Some(other) => {
                let reason = format!("the collation {other} is not known here");
                return Err(Refusal::condition(403, name("supported-collation"), reason));
            }
        };
        let place = match element.attribute("match-type") {
            None | Some("contains") => Place::Anywhere,
            Some("equals") => Place::Whole,
            Some("starts-with") => Place::Start,
            Some("ends-with") => Place::End,
            Some(_) => {
                return Err(Refusal::condition(403, name("supported-filter"), "an unknown match-type"));
            }
        };
        let negated = element.attribute("negate-condition") == Some("yes");
        Ok(TextMatch { wanted: collation.fold(&element.text()), collation, place, negated })
    }

    /// Whether a value matches.
    pub(super) fn matches(&self, value: &str) -> bool {
        let value = self.collation.fold(value);
        let found = match self.place {
            Place::Anywhere => value.contains(&self.wanted),
            Place::Whole => value == self.wanted,
            Place::Start => value.starts_with(&self.wanted),
            Place::End => value.ends_with(&self.wanted),
        };
        found != self.negated
    }
}

impl Collation {
    fn fold(self, text: &str) -> String {
        match self {
            Collation::Octet => text.to_owned(),
            Collation::AsciiCase => text.to_ascii_lowercase(),
            Collation::UnicodeCase => text.to_lowercase(),
        }
    }
}
