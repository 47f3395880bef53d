//! Postal addresses: ADR (RFC 6350 section 6.3.1), with their labels: a LABEL line of the same place up to version 3.0, a
//! parameter in 4.0. And which of them letters go to.

use dovetail_model::contact::{Address, Place};

use super::card::{Card, Syntax, types};
use super::entries::Entry;
use super::name::patched;
use super::{encoding, reach};
use crate::component::{Component, Line, LineId, ParamEdit};

/// The addresses that have anything in them.
pub(super) fn read_addresses(card: Component<'_>) -> Vec<(LineId, Address)> {
    let mut found = Vec::new();
    for line in card.lines_named("ADR") {
        let parts = encoding::trimmed_parts(line, ';');
        if parts.iter().take(7).all(String::is_empty) {
            continue;
        }
        let mut parts = parts.into_iter();
        let mut next = || parts.next().unwrap_or_default();
        let address = Address {
            place: reach::place(&types(line)),
            po_box: next(),
            extended: next(),
            street: next(),
            locality: next(),
            region: next(),
            postal_code: next(),
            country: next(),
        };
        found.push((line.id(), address));
    }
    found
}

/// The components in the order of ADR.
fn list(address: &Address) -> [&str; 7] {
    let Address { place: _, po_box, extended, street, locality, region, postal_code, country } = address;
    [po_box, extended, street, locality, region, postal_code, country]
}

impl Entry for Address {
    fn is_same(&self, other: &Self) -> bool {
        list(self) == list(other)
    }

    fn has_same_type(&self, other: &Self) -> bool {
        self.place == other.place
    }

    fn add(&self, card: &mut Card) {
        let parts = list(self).map(|part| card.escape_entry(part));
        card.add("ADR", reach::place_types(self.place), &parts.join(";"));
    }

    fn change(&self, held: &Self, line: LineId, card: &mut Card) {
        let label = label_line(card, line);
        reach::change_place(card, line, held.place, self.place);
        if let Some(label) = label {
            reach::change_place(card, label, held.place, self.place);
        }
        if self.is_same(held) {
            return;
        }
        let value = encoding::escaped(card.document.line(line)).into_owned();
        let value = patched(card, &value, &list(held), &list(self));
        card.put(line, &value);
        if let Some(label) = label {
            let text = relabelled(&encoding::text(card.document.line(label)), held, self);
            let value = card.escape(&text);
            card.put(label, &value);
        }
        if let Some(text) = card.document.line(line).param("LABEL") {
            // RFC 6868 has no place in a card of 4.0, where a line end in a parameter is a backslash and an n.
            let text = relabelled(&text.replace("\\n", "\n"), held, self).replace('\n', "\\n");
            card.document.set_param(line, "LABEL", &[text]);
        }
    }

    fn remove(&self, line: LineId, card: &mut Card) {
        let label = label_line(card, line);
        card.remove(line);
        label.into_iter().for_each(|label| card.remove(label));
    }
}

/// The LABEL of an ADR: that of the same place, and the same one among those.
fn label_line(card: &Card, line: LineId) -> Option<LineId> {
    let place = |line: Line<'_>| reach::place(&types(line));
    let own = place(card.document.line(line));
    let of_place = |name: &'static str| card.view().lines_named(name).filter(move |line| place(*line) == own);
    let at = of_place("ADR").position(|other| other.id() == line)?;
    of_place("LABEL").nth(at).map(|label| label.id())
}

/// A label with the parts of the address that changed replaced; composed anew where they are not found in it.
fn relabelled(label: &str, held: &Address, wanted: &Address) -> String {
    let mut text = label.replace("\r\n", "\n");
    for (before, after) in list(held).into_iter().zip(list(wanted)).filter(|(before, after)| before != after)
    {
        if before.is_empty() || text.matches(before).count() != 1 {
            return composed(wanted);
        }
        text = text.replacen(before, after, 1);
    }
    text.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

/// An address as it stands on a letter.
fn composed(address: &Address) -> String {
    let Address { place: _, po_box, extended, street, locality, region, postal_code, country } = address;
    let town = [postal_code, locality].map(String::as_str).join(" ");
    let lines = [po_box, extended, street, town.trim(), region, country];
    lines.into_iter().filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

/// The place of Outlook's number for a mailing address.
const NUMBERED: [Option<Place>; 4] = [None, Some(Place::Home), Some(Place::Work), Some(Place::Other)];

/// What Outlook writes into its own cards.
const DEFAULT_ADDRESS: &str = "X-MS-OL-DEFAULT-POSTAL-ADDRESS";

/// The place of the address that letters go to: of the one that is preferred most.
pub(super) fn read_mailing(card: Component<'_>) -> Option<Place> {
    let preferred = card
        .lines_named("ADR")
        .filter_map(|line| Some((preference(line)?, line)))
        .filter(|(_, line)| encoding::trimmed_parts(*line, ';').iter().any(|part| !part.is_empty()))
        .min_by_key(|(preference, _)| *preference);
    if let Some((_, line)) = preferred {
        return Some(reach::place(&types(line)));
    }
    let number: usize = encoding::first_text(card, DEFAULT_ADDRESS).trim().parse().ok()?;
    NUMBERED.get(number).copied().flatten()
}

/// How much a line is preferred: less is more.
fn preference(line: Line<'_>) -> Option<u8> {
    let number = line.param("PREF").and_then(|number| number.trim().parse().ok());
    number.or_else(|| types(line).iter().any(|word| word == "PREF").then_some(1))
}

/// Changes which address letters go to. The addresses themselves were changed before.
pub(super) fn write_mailing(card: &mut Card, wanted: Option<Place>) {
    if read_mailing(card.view()) == wanted {
        return;
    }
    if let Some(line) = card.first(DEFAULT_ADDRESS) {
        let number = NUMBERED.iter().position(|place| *place == wanted).unwrap_or_default();
        card.put(line, &number.to_string());
    }
    let lines: Vec<(LineId, Place, bool)> = card
        .view()
        .lines_named("ADR")
        .map(|line| (line.id(), reach::place(&types(line)), preference(line).is_some()))
        .collect();
    for (line, ..) in lines.iter().filter(|(.., preferred)| *preferred) {
        card.change_types(*line, &["PREF"], &[]);
        card.document.edit_params(*line, |param| match param.is("PREF") {
            true => ParamEdit::Put(String::new()),
            false => ParamEdit::Keep,
        });
    }
    let Some((line, ..)) = lines.iter().find(|(_, place, _)| Some(*place) == wanted) else { return };
    match card.syntax {
        Syntax::V4 => card.document.set_param(*line, "PREF", &["1"]),
        _ => card.change_types(*line, &[], &["PREF"]),
    }
}
