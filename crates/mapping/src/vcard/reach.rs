//! How somebody is reached: EMAIL, TEL and URL.

use dovetail_model::contact::{Email, Line, Phone, Place, WebPage};

use super::card::{Card, Syntax, label, types};
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

/// What a display name of an address is kept in.
const DISPLAY_NAME: &str = "X-DISPLAY-NAME";

/// E-mail addresses.
pub(super) fn read_emails(card: Component<'_>) -> Vec<(LineId, Email)> {
    let lines = card.lines_named("EMAIL").map(|line| (line, types(line)));
    lines
        .filter(|(_, types)| !is_telex(types))
        .map(|(line, types)| {
            let address = encoding::text(line).trim().to_owned();
            let name = line.param(DISPLAY_NAME).unwrap_or_default();
            (line.id(), Email { address, place: place(&types), name })
        })
        .filter(|(_, email)| !email.address.is_empty())
        .collect()
}

/// QUIRK(telex: outlook): a telex number is an e-mail address of a type of its own.
fn is_telex(types: &[String]) -> bool {
    types.iter().any(|word| word == "TLX")
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
        let line = card.add("EMAIL", &[internet, place_types(self.place)].concat(), &value);
        put_display_name(card, line, &self.name);
    }

    fn change(&self, held: &Self, line: LineId, card: &mut Card) {
        change_place(card, line, held.place, self.place);
        if self.name != held.name {
            put_display_name(card, line, &self.name);
        }
        if self.address != held.address {
            let value = card.escape(&self.address);
            card.put(line, &value);
        }
    }
}

fn put_display_name(card: &mut Card, line: LineId, name: &str) {
    match name.is_empty() {
        true => card.document.remove_param(line, DISPLAY_NAME),
        false => card.document.set_param(line, DISPLAY_NAME, &[name]),
    }
}

/// The types that say what answers at a number, the decisive first: the one first of a line that is written, then its other
/// names, Evolution's and Outlook's among them.
const LINES: [(Line, &[&str]); 12] = [
    (Line::Fax, &["FAX"]),
    (Line::Pager, &["PAGER"]),
    (Line::Mobile, &["CELL", "IPHONE", "PCS", "MOBILE"]),
    (Line::Car, &["CAR"]),
    (Line::Isdn, &["ISDN"]),
    (Line::Assistant, &["X-ASSISTANT", "ASSISTANT", "X-EVOLUTION-ASSISTANT"]),
    (Line::Callback, &["X-CALLBACK", "CALLBACK", "X-EVOLUTION-CALLBACK"]),
    (Line::Radio, &["X-RADIO", "RADIO", "X-EVOLUTION-RADIO"]),
    (Line::Telex, &["X-TELEX", "TLX", "TELEX", "X-EVOLUTION-TELEX"]),
    (Line::TextPhone, &["TEXTPHONE", "TTY-TDD", "TTY", "X-EVOLUTION-TTYTDD"]),
    (Line::Main, &["MAIN", "COMPANY", "X-EVOLUTION-COMPANY"]),
    (Line::Voice, &["VOICE", "MSG", "TEXT", "OTHER"]),
];

/// What Outlook knows no number for.
const SPECIAL: [&str; 3] = ["VIDEO", "MODEM", "BBS"];

/// Telephone numbers; of a `tel:` URI (RFC 3966), what follows the scheme.
pub(super) fn read_phones(card: Component<'_>) -> Vec<(LineId, Phone)> {
    let mut found = Vec::new();
    for property in card.lines() {
        let is_number = property.is("TEL") || property.is("X-MS-TEL") || property.is("EMAIL");
        if !is_number {
            continue;
        }
        let types = types(property);
        if property.is("EMAIL") && !is_telex(&types) {
            continue;
        }
        let number = number(property);
        if number.is_empty() {
            continue;
        }
        let line = line(&types, || label(card, property));
        let is_company = types.iter().any(|word| matches!(word.as_str(), "COMPANY" | "X-EVOLUTION-COMPANY"));
        let place = if line == Line::Main && is_company { Place::Work } else { place(&types) };
        found.push((property.id(), Phone { number, line, place }));
    }
    found
}

fn line<'d>(types: &[String], label: impl Fn() -> Option<component::Line<'d>>) -> Line {
    let has = |words: &[&str]| types.iter().any(|known| words.contains(&known.as_str()));
    if let Some((line, _)) = LINES.iter().find(|(_, words)| has(words)) {
        return *line;
    }
    match () {
        () if has(&SPECIAL) => Line::Special,
        () if has(&["HOME", "WORK"]) => Line::Voice,
        // QUIRK(main-number: outlook): the main number is the one that is nothing but preferred.
        () if types.iter().any(|word| word == "PREF") => Line::Main,
        () => match label() {
            Some(label) if label.value().contains("<AssistantPhone>") => Line::Assistant,
            // Any other says something, even if nothing that we know.
            Some(_) => Line::Voice,
            None => Line::Unsaid,
        },
    }
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
        if self.line != held.line && card.document.line(line).is("EMAIL") {
            self.add(card);
            return card.remove(line);
        }
        change_place(card, line, held.place, self.place);
        if self.line != held.line {
            let known = LINES.iter().flat_map(|(_, words)| words.iter().copied());
            let gone: Vec<&str> = known.chain(SPECIAL).collect();
            card.change_types(line, &gone, line_types(self.line));
        }
        if self.number != held.number {
            put_number(card, line, &self.number);
        }
    }
}

fn line_types(line: Line) -> &'static [&'static str] {
    let written = |found: &'static (Line, &[&str])| found.1.get(..1).unwrap_or_default();
    match line {
        Line::Special => &["VIDEO"],
        _ => LINES.iter().find(|known| known.0 == line).map(written).unwrap_or_default(),
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
    let pages = card.lines_named("URL").map(|line| (line.id(), encoding::uri(line), place(&types(line))));
    let pages = pages.map(|(line, url, place)| (line, WebPage { url, place }));
    pages.filter(|(_, page)| !page.url.is_empty()).collect()
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
