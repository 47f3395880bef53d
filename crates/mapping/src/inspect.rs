//! What a file holds and what is wrong with it, whoever wrote it: calendars with many entries, address books with many
//! cards, or bytes that are neither. Pure; [`split()`] makes stand-alone objects of such a file.

use std::collections::BTreeMap;

use dovetail_model::{Item, Kind};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::component::{Component, Document};
use crate::{Settings, Warning, content_line, read, write};

mod split;
#[cfg(test)]
mod tests;

pub use split::{Piece, split};

/// What was found in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// How many components there are of each name (`VEVENT`, `VTIMEZONE`, `VCARD`), at any depth.
    pub components: BTreeMap<String, usize>,
    /// The items, in the order of the file.
    pub items: Vec<Summary>,
    /// What is not as it should be, in the order of the file.
    pub warnings: Vec<Warning>,
    /// Whether reading the file and writing it again gives the same bytes, as a whole and item by item.
    pub is_rewritten_alike: bool,
}

/// An item in short.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// What it is; `None` where it cannot be used as an item.
    pub kind: Option<Kind>,
    /// Its UID.
    pub uid: Option<String>,
    /// What a person calls it.
    pub title: String,
    /// The line on which it starts, from 1.
    pub line: Option<usize>,
}

/// Reads all of a file.
pub fn inspect(bytes: &[u8], settings: &Settings) -> Report {
    let document = Document::parse(bytes);
    let mut warnings = document.warnings();
    let mut components = BTreeMap::new();
    visit(document.root(), &mut |component| {
        *components.entry(component.name().to_ascii_uppercase()).or_default() += 1;
        warn_of_component(component, &mut warnings);
    });
    let mut is_rewritten_alike = document.to_bytes() == bytes;
    let mut items = Vec::new();
    for piece in split(bytes) {
        let reading = read(piece.dialect, &piece.bytes, settings);
        is_rewritten_alike &= reading.item.as_ref().is_none_or(|item| {
            write(piece.dialect, item, Some(&piece.bytes), Timestamp::UNIX_EPOCH, settings) == piece.bytes
        });
        items.push(Summary {
            kind: reading.item.as_ref().map(Item::kind),
            uid: reading.item.as_ref().and_then(Item::uid).map(str::to_owned),
            title: reading.item.as_ref().map(Item::title).unwrap_or_default().to_owned(),
            line: piece.line,
        });
        if reading.item.is_none() && reading.warnings.is_empty() {
            warnings.push(Warning::at("not_supported", "", piece.line));
        }
        let in_source = |warning: Warning| Warning { line: piece.source_line(warning.line), ..warning };
        warnings.extend(reading.warnings.into_iter().map(in_source));
    }
    items.sort_by_key(|item| item.line);
    for foreign in document.components().filter(|outer| !split::is_known(*outer)) {
        let line = foreign.begin().and_then(|line| line.number());
        warnings.push(Warning::at("not_supported", "", line).with(foreign.name()));
    }
    if document.components().next().is_none() && !bytes.trim_ascii().is_empty() {
        warnings.push(Warning::at("no_component", "", Some(1)));
    }
    sort_and_unite(&mut warnings);
    Report { components, items, warnings, is_rewritten_alike }
}

/// What is warned of on several ways, such as a time zone that many items use, is said once.
fn sort_and_unite(warnings: &mut Vec<Warning>) {
    let key = |warning: &Warning| {
        (warning.line, warning.code.clone(), warning.property.clone(), warning.arguments.clone())
    };
    warnings.sort_by_key(key);
    warnings.dedup();
}

fn visit<'d>(component: Component<'d>, act: &mut impl FnMut(Component<'d>)) {
    for inner in component.components() {
        act(inner);
        visit(inner, act);
    }
}

/// Properties that are TEXT in both formats, in which a stray backslash hints at a producer that does not escape.
const TEXTS: [&str; 9] =
    ["SUMMARY", "DESCRIPTION", "LOCATION", "COMMENT", "CATEGORIES", "FN", "N", "NOTE", "ORG"];

/// Warns of missing properties (RFC 5545 section 3.6) and of escapes that are none.
fn warn_of_component(component: Component<'_>, warnings: &mut Vec<Warning>) {
    let begin = component.begin().and_then(|line| line.number());
    let mandatory: &[&str] = match component.name().to_ascii_uppercase().as_str() {
        "VCALENDAR" => &["VERSION", "PRODID"],
        "VEVENT" => &["UID", "DTSTAMP", "DTSTART"],
        "VTODO" | "VJOURNAL" => &["UID", "DTSTAMP"],
        "VTIMEZONE" => &["TZID"],
        "VALARM" => &["ACTION", "TRIGGER"],
        _ => &[],
    };
    for name in mandatory.iter().filter(|name| component.line(name).is_none()) {
        warnings.push(Warning::at("missing_property", name, begin).with(component.name()));
    }
    // Version 2.1 of vCard knows no backslash.
    if component.line("VERSION").is_some_and(|line| line.value().trim() == "2.1") {
        return;
    }
    for line in component.lines().filter(|line| TEXTS.iter().any(|name| line.is(name))) {
        if content_line::has_bad_escape(&line.value()) {
            warnings.push(Warning::at("bad_escape", line.name(), line.number()));
        }
    }
}
