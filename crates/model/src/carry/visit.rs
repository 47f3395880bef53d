//! What is done with each field: comparing, carrying, finding common ground.

use std::collections::BTreeSet;

use super::entries::{Entry, carry_entries, changes_between, keys};
use super::fields::{Field, Unit};
use super::{Change, Edit};
use crate::event::Occurrence;

/// Is told of every field of three items of one kind.
pub(crate) trait Visitor {
    /// A field that is one value.
    fn value<V: Value>(&mut self, field: Field, base: &V, edited: &V, onto: &mut V);

    /// A set or keyed list.
    fn entries<E: Entry>(&mut self, field: Field, base: &[E], edited: &[E], onto: &mut Vec<E>);

    /// What a changed occurrence that is new in a series has of that series.
    fn inherited<'o>(&'o self, main: &'o Occurrence) -> &'o Occurrence {
        main
    }

    /// The fields that this side edited itself.
    fn contested(&self) -> &BTreeSet<Field> {
        const { &BTreeSet::new() }
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

/// Sets on the third item what differs between the first two, in the units that are asked for.
pub(crate) struct Carry<'a> {
    pub(crate) unknown: &'a BTreeSet<Field>,
    pub(crate) units: &'a dyn Fn(Unit) -> bool,
    /// The series as the side that is carried to had it before its own edits, which are none of a single occurrence.
    pub(crate) series: Option<&'a Occurrence>,
    /// The fields that that side edited itself.
    pub(crate) contested: &'a BTreeSet<Field>,
}

impl Visitor for Carry<'_> {
    fn value<V: Value>(&mut self, field: Field, base: &V, edited: &V, onto: &mut V) {
        if (self.units)(field.unit()) && (base != edited || self.unknown.contains(&field)) {
            onto.clone_from(edited);
        }
    }

    fn entries<E: Entry>(&mut self, field: Field, base: &[E], edited: &[E], onto: &mut Vec<E>) {
        if !(self.units)(field.unit()) {
            return;
        }
        let base = if self.unknown.contains(&field) { &[] } else { base };
        carry_entries(base, edited, onto);
    }

    fn inherited<'o>(&'o self, main: &'o Occurrence) -> &'o Occurrence {
        self.series.unwrap_or(main)
    }

    fn contested(&self) -> &BTreeSet<Field> {
        self.contested
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

    fn entries<E: Entry>(&mut self, field: Field, _own: &[E], _other: &[E], onto: &mut Vec<E>) {
        if let Some(changes) = self.differing.fields.get(&field) {
            let differing: BTreeSet<&str> =
                changes.iter().filter_map(|change| change.key.as_deref()).collect();
            let mut keys = keys(onto).into_iter();
            onto.retain(|_| keys.next().is_none_or(|key| !differing.contains(key.as_str())));
        }
    }
}
