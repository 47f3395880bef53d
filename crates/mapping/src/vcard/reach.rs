//! How somebody is reached: EMAIL, TEL and URL.

use dovetail_model::contact::{Email, Line, Phone, Place, WebPage};

use super::card::{Card, Syntax, types};
use super::encoding;
use super::entries::Entry;
use crate::component::{self, Component, LineId};
use crate::content_line::printable_value;

/// The place that the types of a line name.
pub(super) fn place(types: &[String]) -> Place {
    let has = |word: &str| types.iter().any(|known| known == word);
    match () {
        () if has("HOME") => Place::Home,
        () if has("WORK") => Place::Work,
        () => Place::Other,
    }
}

/// The types that name a place.
pub(super) fn place_types(place: Place) -> &'static [&'static str] {
    match place {
        Place::Home => &["HOME"],
        Place::Work => &["WORK"],
        Place::Other => &[],
    }
}

/// Changes the place that a line names.
pub(super) fn change_place(card: &mut Card, line: LineId, held: Place, wanted: Place) {
    if held != wanted {
        card.change_types(line, &["HOME", "WORK"], place_types(wanted));
    }
}

/// The lines of that name whose value is not empty.
fn read_values<E>(
    card: Component<'_>,
    name: &str,
    value: fn(component::Line<'_>) -> String,
    entry: impl Fn(String, &[String]) -> E,
) -> Vec<(LineId, E)> {
    let lines = card.lines_named(name).map(|line| (line, value(line))).filter(|found| !found.1.is_empty());
    lines.map(|(line, value)| (line.id(), entry(value, &types(line)))).collect()
}

/// E-mail addresses.
pub(super) fn read_emails(card: Component<'_>) -> Vec<(LineId, Email)> {
    read_values(
        card,
        "EMAIL",
        |line| encoding::text(line).trim().to_owned(),
        |address, types| Email { address, place: place(types) },
    )
}

impl Entry for Email {
    fn is_same(&self, other: &Self) -> bool {
        self.address.to_lowercase() == other.address.to_lowercase()
    }

    fn has_same_type(&self, other: &Self) -> bool {
        self.place == other.place
    }

    fn add(&self, card: &mut Card) {
        let internet: &[&str] = if card.syntax == Syntax::V4 { &[] } else { &["INTERNET"] };
        let value = card.escape(&self.address);
        card.add("EMAIL", &[internet, place_types(self.place)].concat(), &value);
    }

    fn change(&self, held: &Self, line: LineId, card: &mut Card) {
        change_place(card, line, held.place, self.place);
        if self.address != held.address {
            let value = card.escape(&self.address);
            card.put(line, &value);
        }
    }
}

/// The types that say what answers at a number, the decisive first.
const LINES: [(&str, Line); 7] = [
    ("FAX", Line::Fax),
    ("PAGER", Line::Pager),
    ("CELL", Line::Mobile),
    ("IPHONE", Line::Mobile),
    ("CAR", Line::Car),
    ("ISDN", Line::Isdn),
    ("MAIN", Line::Main),
];

/// Telephone numbers; of a `tel:` URI (RFC 3966), what follows the scheme.
pub(super) fn read_phones(card: Component<'_>) -> Vec<(LineId, Phone)> {
    read_values(card, "TEL", number, |number, types| {
        let line = LINES.iter().find(|(word, _)| types.iter().any(|known| known == word));
        Phone { number, line: line.map_or(Line::Voice, |found| found.1), place: place(types) }
    })
}

fn number(line: component::Line<'_>) -> String {
    let text = encoding::text(line);
    let text = text.trim();
    let is_uri = text.get(..4).is_some_and(|scheme| scheme.eq_ignore_ascii_case("tel:"));
    if is_uri { text.get(4..).unwrap_or_default().to_owned() } else { text.to_owned() }
}

impl Entry for Phone {
    fn is_same(&self, other: &Self) -> bool {
        let digits = |number: &str| number.chars().filter(char::is_ascii_digit).collect::<String>();
        self.number == other.number
            || !digits(&self.number).is_empty() && digits(&self.number) == digits(&other.number)
    }

    fn has_same_type(&self, other: &Self) -> bool {
        self.line == other.line && self.place == other.place
    }

    fn add(&self, card: &mut Card) {
        let value = card.escape(&self.number);
        card.add("TEL", &[place_types(self.place), line_types(self.line)].concat(), &value);
    }

    fn change(&self, held: &Self, line: LineId, card: &mut Card) {
        change_place(card, line, held.place, self.place);
        if self.line != held.line {
            let gone = [&LINES.map(|known| known.0)[..], &["VOICE"]].concat();
            card.change_types(line, &gone, line_types(self.line));
        }
        if self.number != held.number {
            put_number(card, line, &self.number);
        }
    }
}

fn line_types(line: Line) -> &'static [&'static str] {
    match line {
        Line::Voice => &["VOICE"],
        Line::Main => &["MAIN"],
        Line::Mobile => &["CELL"],
        Line::Fax => &["FAX"],
        Line::Pager => &["PAGER"],
        Line::Car => &["CAR"],
        Line::Isdn => &["ISDN"],
    }
}

/// Changes a number. A URI stays one if the number can be said in it verbatim, else the line becomes text.
fn put_number(card: &mut Card, line: LineId, number: &str) {
    let view = card.document.line(line);
    let is_uri = view.value().trim().get(..4).is_some_and(|scheme| scheme.eq_ignore_ascii_case("tel:"));
    let fits = number.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.();=*#".contains(&byte));
    if is_uri && fits {
        return card.document.set_value(line, &format!("tel:{number}"));
    }
    if view.param("VALUE").is_some_and(|kind| kind.eq_ignore_ascii_case("uri")) {
        card.document.remove_param(line, "VALUE");
    }
    let value = card.escape(number);
    card.put(line, &value);
}

/// Web pages.
pub(super) fn read_pages(card: Component<'_>) -> Vec<(LineId, WebPage)> {
    read_values(card, "URL", encoding::uri, |url, types| WebPage { url, place: place(types) })
}

impl Entry for WebPage {
    fn is_same(&self, other: &Self) -> bool {
        self.url == other.url
    }

    fn has_same_type(&self, other: &Self) -> bool {
        self.place == other.place
    }

    fn add(&self, card: &mut Card) {
        card.add("URL", place_types(self.place), &printable_value(&self.url));
    }

    fn change(&self, held: &Self, line: LineId, card: &mut Card) {
        change_place(card, line, held.place, self.place);
        if self.url != held.url {
            card.put(line, &printable_value(&self.url));
        }
    }
}
