//! Postal addresses: ADR (RFC 6350 section 6.3.1). LABEL lines and parameters stay as they are.

use dovetail_model::contact::Address;

use super::card::{Card, types};
use super::entries::Entry;
use super::name::patched;
use super::{encoding, reach};
use crate::component::{Component, LineId};

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
        reach::change_place(card, line, held.place, self.place);
        if !self.is_same(held) {
            let value = encoding::escaped(card.document.line(line)).into_owned();
            let value = patched(card, &value, &list(held), &list(self));
            card.put(line, &value);
        }
    }
}
