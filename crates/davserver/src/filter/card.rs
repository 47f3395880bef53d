//! The `filter` of an `addressbook-query` (RFC 6352 section 10.5).

use dovetail_mapping::component::{Component, Document, Line};

use super::{ParameterFilter, TextMatch, name_of};
use crate::refusal::Refusal;
use crate::xml::names::CARDDAV;
use crate::xml::{Element, Name};

/// Which cards somebody looks for.
#[derive(Clone, Debug)]
pub(crate) struct CardFilter {
    test: Test,
    properties: Vec<PropertyFilter>,
}

/// Whether one of several conditions is enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Test {
    AnyOf,
    AllOf,
}

/// A `prop-filter` (RFC 6352 section 10.5.1).
#[derive(Clone, Debug)]
struct PropertyFilter {
    name: String,
    absent: bool,
    test: Test,
    texts: Vec<TextMatch>,
    parameters: Vec<ParameterFilter>,
}

impl CardFilter {
    /// Reads it.
    pub(crate) fn read(filter: &Element) -> Result<CardFilter, Refusal> {
        let properties = filter.elements().filter(|inner| inner.name == Name::carddav("prop-filter"));
        let properties = properties.map(PropertyFilter::read).collect::<Result<_, _>>()?;
        Ok(CardFilter { test: Test::read(filter)?, properties })
    }

    /// Whether a card matches. Without any condition all do.
    pub(crate) fn matches(&self, document: &Document) -> bool {
        let Some(card) = document.components().next() else { return false };
        self.test.of(self.properties.iter().map(|filter| filter.holds_in(card)))
    }
}

impl Test {
    fn read(element: &Element) -> Result<Test, Refusal> {
        match element.attribute("test") {
            None | Some("anyof") => Ok(Test::AnyOf),
            Some("allof") => Ok(Test::AllOf),
            Some(_) => Err(Refusal::condition(403, Name::carddav("supported-filter"), "an unknown test")),
        }
    }

    /// Nothing asked is nothing failed.
    fn of(self, answers: impl Iterator<Item = bool>) -> bool {
        let mut answers = answers.peekable();
        match self {
            Test::AllOf => answers.all(|answer| answer),
            Test::AnyOf => answers.peek().is_none() || answers.any(|answer| answer),
        }
    }
}

impl PropertyFilter {
    fn read(element: &Element) -> Result<PropertyFilter, Refusal> {
        let of =
            |local: &'static str| element.elements().filter(move |inner| inner.name == Name::carddav(local));
        Ok(PropertyFilter {
            name: name_of(element)?,
            absent: element.child(&Name::carddav("is-not-defined")).is_some(),
            test: Test::read(element)?,
            texts: of("text-match").map(TextMatch::read).collect::<Result<_, _>>()?,
            parameters: of("param-filter")
                .map(|inner| ParameterFilter::read(inner, CARDDAV))
                .collect::<Result<_, _>>()?,
        })
    }

    fn holds_in(&self, card: Component<'_>) -> bool {
        let (group, name) = match self.name.split_once('.') {
            Some((group, name)) => (Some(group), name),
            None => (None, self.name.as_str()),
        };
        let of_group = |line: &Line<'_>| {
            group.is_none_or(|group| line.group().is_some_and(|other| other.eq_ignore_ascii_case(group)))
        };
        let mut lines = card.lines_named(name).filter(of_group);
        match self.absent {
            true => lines.next().is_none(),
            false => lines.any(|line| self.holds(line)),
        }
    }

    fn holds(&self, line: Line<'_>) -> bool {
        let text = line.text();
        let texts = self.texts.iter().map(|wanted| wanted.matches(&text));
        self.test.of(texts.chain(self.parameters.iter().map(|parameter| parameter.holds_in(line))))
    }
}
