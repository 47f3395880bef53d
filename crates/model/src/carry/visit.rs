//! What is done with each field: comparing, carrying, finding common ground.

use std::collections::{BTreeMap, BTreeSet};

use super::clash::Contest;
use super::entries::{
    Entry, carry_entries, carry_uncontested, changes_between, common_entries, keys, take_back_entries,
};
use super::fields::{self, Field};
use super::settle::in_form_of;
use super::{Change, Edit};
use crate::event::Occurrence;
use crate::item::Item;
use crate::when::When;

/// Is told of every field of three items of one kind.
pub(crate) trait Visitor {
    /// A field that is one value.
    fn value<V: Value>(&mut self, field: Field, base: &V, edited: &V, onto: &mut V);

    /// A set or keyed list.
    fn entries<E: Entry>(&mut self, field: Field, base: &[E], edited: &[E], onto: &mut Vec<E>);

    /// A changed occurrence that is new in the series `onto`, which begins at `begins` now; on the side that made it, the series
    /// was `made_of`.
    fn adopted(
        &self,
        occurrence: Occurrence,
        _id: &When,
        _made_of: &Occurrence,
        _onto: &Occurrence,
        _begins: &When,
    ) -> Occurrence {
        occurrence
    }
}

/// What a field can hold that is carried as one value.
pub(crate) trait Value: Clone + PartialEq {
    /// Whether nothing is said: such a value is the older state of any other at a first match.
    fn is_blank(&self) -> bool;

    /// As a report shows it, in full.
    fn shown(&self) -> String;
}

/// Collects the differences between base and edited.
pub(crate) struct Compare<'a> {
    pub(crate) unknown: &'a BTreeSet<Field>,
    pub(crate) edit: Edit,
}

impl Visitor for Compare<'_> {
    fn value<V: Value>(&mut self, field: Field, base: &V, edited: &V, _onto: &mut V) {
        let unknown = self.unknown.contains(&field);
        if unknown || base != edited {
            let before = if unknown { String::new() } else { base.shown() };
            self.edit.fields.insert(field, vec![Change { key: None, before, after: edited.shown() }]);
        }
    }

    fn entries<E: Entry>(&mut self, field: Field, base: &[E], edited: &[E], _onto: &mut Vec<E>) {
        let base = if self.unknown.contains(&field) { &[] } else { base };
        let changes = changes_between(base, edited);
        if !changes.is_empty() {
            self.edit.fields.insert(field, changes);
        }
    }
}

/// Sets on the third item what differs between the first two.
pub(crate) struct Carry<'a> {
    /// Fields of which all counts as edited.
    pub(crate) unknown: &'a BTreeSet<Field>,
    /// What is left alone because the side that is carried to wins it.
    pub(crate) contest: Option<&'a Contest>,
    /// The series as the side that is carried to had it before its own edits, which are none of a single occurrence.
    pub(crate) series: Option<&'a Occurrence>,
}

impl Visitor for Carry<'_> {
    fn value<V: Value>(&mut self, field: Field, base: &V, edited: &V, onto: &mut V) {
        let contested = self.contest.is_some_and(|contest| contest.whole(field));
        if !contested && (base != edited || self.unknown.contains(&field)) {
            onto.clone_from(edited);
        }
    }

    fn entries<E: Entry>(&mut self, field: Field, base: &[E], edited: &[E], onto: &mut Vec<E>) {
        let base = if self.unknown.contains(&field) { &[] } else { base };
        match self.contest {
            None => carry_entries(base, edited, onto),
            Some(contest) => carry_uncontested(base, edited, onto, &|key| contest.entry(field, key)),
        }
    }

    /// It starts as the series has it there, by the clock of that, with all that the side which made it could never hold, and
    /// takes what was edited.
    fn adopted(
        &self,
        occurrence: Occurrence,
        id: &When,
        made_of: &Occurrence,
        onto: &Occurrence,
        begins: &When,
    ) -> Occurrence {
        let mut adopted = self.series.unwrap_or(onto).moved_to(&in_form_of(begins, id.clone()));
        let mut carry = Carry { unknown: self.unknown, contest: None, series: None };
        fields::occurrence_fields(&made_of.moved_to(id), &occurrence, &mut adopted, &mut carry);
        adopted
    }
}

/// Sets these fields on the third item, a copy of the first, as the second has them.
pub(crate) struct Take<'a> {
    pub(crate) fields: &'a BTreeSet<Field>,
}

impl Visitor for Take<'_> {
    fn value<V: Value>(&mut self, field: Field, _base: &V, edited: &V, onto: &mut V) {
        if self.fields.contains(&field) {
            onto.clone_from(edited);
        }
    }

    fn entries<E: Entry>(&mut self, field: Field, base: &[E], edited: &[E], onto: &mut Vec<E>) {
        if self.fields.contains(&field) {
            carry_entries(base, edited, onto);
        }
    }
}

/// Sets what is contested on the third item, a copy of the second, back to the first, the base.
pub(crate) struct TakeBack<'a> {
    /// Fields of which there is no base: single values stay, entries go.
    pub(crate) unknown: &'a BTreeSet<Field>,
    pub(crate) contest: &'a Contest,
}

impl Visitor for TakeBack<'_> {
    fn value<V: Value>(&mut self, field: Field, base: &V, _edited: &V, onto: &mut V) {
        if self.contest.whole(field) && !self.unknown.contains(&field) {
            onto.clone_from(base);
        }
    }

    fn entries<E: Entry>(&mut self, field: Field, base: &[E], edited: &[E], onto: &mut Vec<E>) {
        let base = if self.unknown.contains(&field) { &[] } else { base };
        take_back_entries(base, edited, onto, &|key| self.contest.entry(field, key));
    }
}

/// Sets what an edit names on the third item, a copy of the second, back to the first, the base.
pub(crate) struct GiveWay<'a> {
    /// Fields of which there is no base: single values stay, entries go.
    pub(crate) unknown: &'a BTreeSet<Field>,
    pub(crate) what: &'a Edit,
}

impl Visitor for GiveWay<'_> {
    fn value<V: Value>(&mut self, field: Field, base: &V, _edited: &V, onto: &mut V) {
        if self.what.fields.contains_key(&field) && !self.unknown.contains(&field) {
            onto.clone_from(base);
        }
    }

    fn entries<E: Entry>(&mut self, field: Field, base: &[E], edited: &[E], onto: &mut Vec<E>) {
        let Some(changes) = self.what.fields.get(&field) else { return };
        let base = if self.unknown.contains(&field) { &[] } else { base };
        let named = |key: &str| changes.iter().any(|change| change.key.as_deref() == Some(key));
        take_back_entries(base, edited, onto, &named);
    }
}

/// Makes the third item, a copy of the first, the base from which that was edited in all in which it differs from the
/// second.
pub(crate) struct Own<'a> {
    pub(crate) differing: &'a Edit,
    pub(crate) unknown: BTreeSet<Field>,
}

impl Visitor for Own<'_> {
    fn value<V: Value>(&mut self, field: Field, _own: &V, _other: &V, _onto: &mut V) {
        if self.differing.fields.contains_key(&field) {
            self.unknown.insert(field);
        }
    }

    fn entries<E: Entry>(&mut self, field: Field, own: &[E], other: &[E], onto: &mut Vec<E>) {
        let Some(changes) = self.differing.fields.get(&field) else { return };
        let differs = |key: &str| changes.iter().any(|change| change.key.as_deref() == Some(key));
        let same = keys(own).into_iter().zip(own).filter(|(key, _)| !differs(key));
        let across = keys(other).into_iter().zip(other).filter(|(key, _)| differs(key));
        *onto = same.chain(across).map(|(_, entry)| entry.clone()).collect();
    }
}

/// Sets on the third item, a copy of the first, what the second holds of values in which the sides do not differ.
pub(crate) struct Agree<'a> {
    pub(crate) differing: &'a Edit,
}

impl Visitor for Agree<'_> {
    fn value<V: Value>(&mut self, field: Field, _base: &V, edited: &V, onto: &mut V) {
        if !self.differing.fields.contains_key(&field) {
            onto.clone_from(edited);
        }
    }

    fn entries<E: Entry>(&mut self, _field: Field, _base: &[E], _edited: &[E], _onto: &mut Vec<E>) {}
}

/// The number of entries of each list of an item.
pub(crate) fn count_entries(item: &Item) -> BTreeMap<Field, usize> {
    let mut counts = Counts::default();
    fields::visit(item, item, &mut item.clone(), &mut counts);
    counts.0
}

#[derive(Default)]
struct Counts(BTreeMap<Field, usize>);

impl Visitor for Counts {
    fn value<V: Value>(&mut self, _field: Field, _base: &V, _edited: &V, _onto: &mut V) {}

    fn entries<E: Entry>(&mut self, field: Field, _base: &[E], edited: &[E], _onto: &mut Vec<E>) {
        self.0.insert(field, edited.len());
    }
}

/// Makes the third item, a copy of the first, the base that it has in common with the second.
pub(crate) struct Common<'a> {
    pub(crate) differing: &'a Edit,
    pub(crate) unknown: BTreeSet<Field>,
}

impl Visitor for Common<'_> {
    fn value<V: Value>(&mut self, field: Field, own: &V, other: &V, onto: &mut V) {
        if !self.differing.fields.contains_key(&field) || own.is_blank() {
            return;
        }
        if other.is_blank() {
            onto.clone_from(other);
        } else {
            self.unknown.insert(field);
        }
    }

    fn entries<E: Entry>(&mut self, field: Field, own: &[E], other: &[E], onto: &mut Vec<E>) {
        if let Some(changes) = self.differing.fields.get(&field) {
            let differing: BTreeSet<&str> =
                changes.iter().filter_map(|change| change.key.as_deref()).collect();
            *onto = common_entries(own, other, &|key| differing.contains(key));
        }
    }
}
