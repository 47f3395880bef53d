//! Texts of which each producer has a spelling of its own: the people around a person, initials, how names are spoken,
//! further properties of Outlook.

use dovetail_model::contact::{Contact, Custom, Gender};

use super::card::{Card, Syntax, has_label, types};
use super::encoding;
use super::entries::{self, Entry};
use crate::component::{Component, Line, LineId};
use crate::content_line::printable_value;

/// A text, and where it may stand.
struct Spelled {
    /// The properties, the one first that is written.
    names: &'static [&'static str],
    /// As Apple labels a related name.
    label: &'static str,
    /// As RFC 6350 section 6.6.6 calls the relation.
    related: &'static str,
}

const fn plain(names: &'static [&'static str]) -> Spelled {
    Spelled { names, label: "", related: "" }
}

const INITIALS: Spelled = plain(&["X-INITIALS", "X-MS-INITIALS", "INITIALS"]);
const SPOKEN_FAMILY: Spelled = plain(&["X-PHONETIC-LAST-NAME"]);
const SPOKEN_GIVEN: Spelled = plain(&["X-PHONETIC-FIRST-NAME"]);
const SPOKEN_COMPANY: Spelled = plain(&["X-PHONETIC-ORG", "X-PHONETIC-COMPANY"]);
const ASSISTANT: Spelled =
    Spelled { label: "Assistant", ..plain(&["X-ASSISTANT", "X-MS-ASSISTANT", "X-EVOLUTION-ASSISTANT"]) };
const MANAGER: Spelled =
    Spelled { label: "Manager", ..plain(&["X-MANAGER", "X-MS-MANAGER", "X-EVOLUTION-MANAGER"]) };
const SPOUSE: Spelled =
    Spelled { names: &["X-SPOUSE", "X-MS-SPOUSE", "X-EVOLUTION-SPOUSE"], label: "Spouse", related: "SPOUSE" };
const CHILD: Spelled = Spelled { names: &["X-MS-CHILD", "X-CHILD"], label: "Child", related: "CHILD" };

/// Properties of Outlook that have no counterpart of their own, with those that keep them. Thunderbird and SOGo have four
/// fields for a user to define, as Outlook does.
pub(crate) const CUSTOM: [(&str, &[&str]); 16] = [
    ("User1", &["X-CUSTOM1", "CUSTOM1"]),
    ("User2", &["X-CUSTOM2", "CUSTOM2"]),
    ("User3", &["X-CUSTOM3", "CUSTOM3"]),
    ("User4", &["X-CUSTOM4", "CUSTOM4"]),
    ("Account", &["X-ACCOUNT"]),
    ("BillingInformation", &["X-BILLING-INFORMATION"]),
    ("Companies", &["X-COMPANIES"]),
    ("ComputerNetworkName", &["X-COMPUTER-NETWORK-NAME"]),
    ("CustomerID", &["X-CUSTOMER-ID"]),
    ("FTPSite", &["X-FTP-SITE"]),
    ("GovernmentIDNumber", &["X-GOVERNMENT-ID"]),
    ("Hobby", &["X-HOBBY", "HOBBY"]),
    ("Language", &["X-LANGUAGE"]),
    ("Mileage", &["X-MILEAGE"]),
    ("OrganizationalIDNumber", &["X-ORGANIZATIONAL-ID"]),
    ("ReferredBy", &["X-REFERRED-BY"]),
];

/// Reads all of them.
pub(super) fn read(card: Component<'_>, contact: &mut Contact) {
    let gathered = Gathered::of(card);
    for (spelled, field) in texts(contact) {
        *field = gathered.text(&spelled);
    }
    contact.children = entries::only(gathered.children()).into_iter().map(|child| child.0).collect();
    contact.custom = CUSTOM
        .iter()
        .map(|(name, names)| Custom { name: (*name).to_owned(), value: gathered.text(&plain(names)) })
        .filter(|custom| !custom.value.is_empty())
        .collect();
    contact.gender = read_gender(card);
    contact.free_busy_url = card.line("FBURL").map(encoding::uri).unwrap_or_default();
}

/// The fields that are one text each, in the order in which a new card has them.
fn texts(contact: &mut Contact) -> [(Spelled, &mut String); 7] {
    let Contact { initials, phonetic, assistant, manager, spouse, .. } = contact;
    [
        (INITIALS, initials),
        (SPOKEN_FAMILY, &mut phonetic.family),
        (SPOKEN_GIVEN, &mut phonetic.given),
        (SPOKEN_COMPANY, &mut phonetic.company),
        (ASSISTANT, assistant),
        (MANAGER, manager),
        (SPOUSE, spouse),
    ]
}

/// The lines of a card that may be one of these: most cards have none.
struct Gathered<'d> {
    card: Component<'d>,
    lines: Vec<Line<'d>>,
}

impl<'d> Gathered<'d> {
    fn of(card: Component<'d>) -> Self {
        let may_be = |line: &Line<'_>| {
            let name = line.name();
            let first = name.as_bytes().first().map(u8::to_ascii_uppercase);
            match first {
                Some(b'X') => name.as_bytes().get(1) == Some(&b'-'),
                Some(b'C') => name.len() == 7,
                Some(b'R' | b'H' | b'I') => true,
                _ => false,
            }
        };
        Gathered { card, lines: card.lines().filter(may_be).collect() }
    }

    fn lines_of(&self, spelled: &Spelled) -> Vec<Line<'d>> {
        let named = spelled.names.iter().flat_map(|name| self.lines.iter().filter(move |line| line.is(name)));
        let related = self.lines.iter().filter(|line| {
            !spelled.label.is_empty()
                && line.is("X-ABRELATEDNAMES")
                && has_label(self.card, **line, spelled.label)
                || !spelled.related.is_empty()
                    && line.is("RELATED")
                    && line.param("VALUE").is_some_and(|kind| kind.eq_ignore_ascii_case("text"))
                    && types(**line).iter().any(|word| word == spelled.related)
        });
        named.chain(related).copied().filter(|line| !line.raw_value().trim_ascii().is_empty()).collect()
    }

    fn text(&self, spelled: &Spelled) -> String {
        self.lines_of(spelled).first().map(|line| encoding::text(*line)).unwrap_or_default()
    }

    fn children(&self) -> Vec<(LineId, Child)> {
        let lines = self.lines_of(&CHILD);
        lines.into_iter().map(|line| (line.id(), Child(encoding::text(line).trim().to_owned()))).collect()
    }
}

/// Changes those that differ.
pub(super) fn write(card: &mut Card, held: &mut Contact, wanted: &Contact) {
    let mut wanted = wanted.clone();
    for ((spelled, held), (_, wanted)) in texts(held).into_iter().zip(texts(&mut wanted)) {
        write_text(card, &spelled, held, wanted);
    }
    let children: Vec<Child> = wanted.children.iter().cloned().map(Child).collect();
    entries::write(card, |card| Gathered::of(card).children(), &children);
    write_gender(card, held.gender, wanted.gender);
    let url = |contact: &Contact| contact.free_busy_url.clone();
    if url(held) != url(&wanted) {
        put_url(card, "FBURL", &url(&wanted));
    }
    for (name, names) in CUSTOM {
        let value = |contact: &Contact| {
            let found = contact.custom.iter().find(|custom| custom.name.eq_ignore_ascii_case(name));
            found.map(|custom| custom.value.clone()).unwrap_or_default()
        };
        write_text(card, &plain(names), &value(held), &value(&wanted));
    }
}

fn put_url(card: &mut Card, name: &str, url: &str) {
    match card.first(name) {
        Some(line) if url.is_empty() => card.remove(line),
        Some(line) => card.put(line, &printable_value(url)),
        None if url.is_empty() => {}
        None => drop(card.add(name, &[], &printable_value(url))),
    }
}

/// Changes a text on all lines that say it; without text, all of its lines go.
fn write_text(card: &mut Card, spelled: &Spelled, held: &str, wanted: &str) {
    if held == wanted {
        return;
    }
    let lines = Gathered::of(card.view()).lines_of(spelled);
    let lines: Vec<_> = lines.into_iter().map(|line| (line.id(), encoding::text(line))).collect();
    let value = card.escape(wanted);
    for (line, text) in &lines {
        match () {
            () if wanted.is_empty() => card.remove(*line),
            () if text == held => card.put(*line, &value),
            () => {}
        }
    }
    if lines.is_empty() && !wanted.is_empty() {
        add(card, spelled, &value);
    }
}

/// Version 4.0 has a property of its own for relations.
fn add(card: &mut Card, spelled: &Spelled, value: &str) {
    if card.syntax == Syntax::V4 && !spelled.related.is_empty() {
        let line = card.add("RELATED", &[spelled.related], "");
        card.document.set_param(line, "VALUE", &["text"]);
        card.put(line, value);
    } else if let Some(name) = spelled.names.first() {
        card.add(name, &[], value);
    }
}

/// The name of a child, on a line of its own.
#[derive(Clone, PartialEq)]
struct Child(String);

impl Entry for Child {
    fn is_same(&self, other: &Self) -> bool {
        self.0.to_lowercase() == other.0.to_lowercase()
    }

    fn has_same_type(&self, _: &Self) -> bool {
        // One child is not another.
        false
    }

    fn add(&self, card: &mut Card) {
        let value = card.escape(&self.0);
        add(card, &CHILD, &value);
    }

    fn change(&self, _: &Self, line: LineId, card: &mut Card) {
        let value = card.escape(&self.0);
        card.put(line, &value);
    }
}

const GENDERS: [&str; 3] = ["GENDER", "X-WAB-GENDER", "X-GENDER"];

/// GENDER (RFC 6350 section 6.2.7), or what Outlook and others wrote before. Others than these two are not ours.
fn read_gender(card: Component<'_>) -> Gender {
    let lines = GENDERS.iter().flat_map(|name| card.lines_named(name));
    lines.map(gender_of).find(|gender| *gender != Gender::Unspecified).unwrap_or_default()
}

fn gender_of(line: Line<'_>) -> Gender {
    let first = encoding::trimmed_parts(line, ';').into_iter().next().unwrap_or_default();
    match (line.is("X-WAB-GENDER"), first.to_ascii_uppercase().as_str()) {
        (true, "1") | (false, "F" | "FEMALE") => Gender::Female,
        (true, "2") | (false, "M" | "MALE") => Gender::Male,
        _ => Gender::Unspecified,
    }
}

fn write_gender(card: &mut Card, held: Gender, wanted: Gender) {
    if held == wanted {
        return;
    }
    let lines = GENDERS.iter().flat_map(|name| card.view().lines_named(name)).collect::<Vec<_>>();
    let lines: Vec<_> = lines
        .into_iter()
        .filter(|line| gender_of(*line) != Gender::Unspecified)
        .map(|line| (line.id(), line.is("X-WAB-GENDER")))
        .collect();
    let value = |is_number: bool| match (wanted, is_number) {
        (Gender::Female, true) => "1",
        (Gender::Female, false) => "F",
        (Gender::Male, true) => "2",
        (Gender::Male, false) => "M",
        (Gender::Unspecified, _) => "",
    };
    for (line, is_number) in &lines {
        match wanted {
            Gender::Unspecified => card.remove(*line),
            _ => card.put(*line, value(*is_number)),
        }
    }
    if lines.is_empty() && wanted != Gender::Unspecified {
        let is_number = card.syntax != Syntax::V4;
        card.add(if is_number { "X-WAB-GENDER" } else { "GENDER" }, &[], value(is_number));
    }
}
