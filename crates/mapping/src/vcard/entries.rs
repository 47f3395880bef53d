//! Lists of which each entry is a line: e-mail addresses, telephone numbers, postal addresses, pages, members.
//!
//! Entries that did not change keep their lines. A changed one is looked for among those that are gone, first by its
//! value, then by its place, and keeps its line, group and parameters; the rest are removals and additions. The order of
//! lines is that of the card.

use super::card::Card;
use crate::component::{Component, LineId};

/// An entry of such a list.
pub(super) trait Entry: Clone + PartialEq {
    /// Whether both are the same number or address, perhaps with another type.
    fn is_same(&self, other: &Self) -> bool;
    /// Whether both have the same type, perhaps with another number or address.
    fn has_same_type(&self, other: &Self) -> bool;
    /// Adds a line for it.
    fn add(&self, card: &mut Card);
    /// Changes the line of `held` into one for this.
    fn change(&self, held: &Self, line: LineId, card: &mut Card);
    /// Takes its line out.
    fn remove(&self, line: LineId, card: &mut Card) {
        card.remove(line);
    }
}

/// The entries without their lines.
pub(super) fn only<E>(entries: Vec<(LineId, E)>) -> Vec<E> {
    entries.into_iter().map(|(_, entry)| entry).collect()
}

/// Changes the list that `read` finds into `wanted`.
pub(super) fn write<E: Entry>(
    card: &mut Card,
    read: impl Fn(Component<'_>) -> Vec<(LineId, E)>,
    wanted: &[E],
) {
    let held = read(card.view()).into_iter().map(|(line, entry)| (vec![line], entry)).collect();
    write_grouped(card, held, wanted);
}

/// Changes a list of which an entry may have several lines, which then share its fate.
pub(super) fn write_grouped<E: Entry>(card: &mut Card, held: Vec<(Vec<LineId>, E)>, wanted: &[E]) {
    let mut held: Vec<Option<Held<E>>> = held.into_iter().map(Some).collect();
    let mut wanted: Vec<Option<&E>> = wanted.iter().map(Some).collect();
    pair_off(&mut held, &mut wanted, |held, wanted| held == wanted);
    let mut changed = pair_off(&mut held, &mut wanted, E::is_same);
    changed.extend(pair_off(&mut held, &mut wanted, E::has_same_type));
    for ((lines, held), wanted) in changed {
        lines.iter().for_each(|line| wanted.change(&held, *line, card));
    }
    for (lines, entry) in held.into_iter().flatten() {
        lines.iter().for_each(|line| entry.remove(*line, card));
    }
    for entry in wanted.into_iter().flatten() {
        entry.add(card);
    }
}

/// An entry and its lines.
type Held<E> = (Vec<LineId>, E);

/// Takes pairs that fit out of both lists; of several that fit, the one at the same place.
fn pair_off<'w, E: Entry>(
    held: &mut [Option<Held<E>>],
    wanted: &mut [Option<&'w E>],
    fits: impl Fn(&E, &E) -> bool,
) -> Vec<(Held<E>, &'w E)> {
    let mut pairs = Vec::new();
    for (at, slot) in wanted.iter_mut().enumerate() {
        let Some(entry) = *slot else { continue };
        let fits_here = |held: &Option<Held<E>>| held.as_ref().is_some_and(|(_, held)| fits(held, entry));
        let found = match held.get(at) {
            Some(same) if fits_here(same) => Some(at),
            _ => held.iter().position(fits_here),
        };
        if let Some(found) = found.and_then(|found| held.get_mut(found)).and_then(Option::take) {
            pairs.push((found, entry));
            *slot = None;
        }
    }
    pairs
}
