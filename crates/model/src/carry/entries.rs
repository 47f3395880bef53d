//! Sets and keyed lists: entries are matched against the base, and each edit crosses by itself.

use std::collections::{BTreeMap, BTreeSet};

use super::Change;

/// An entry of a set or keyed list.
pub(crate) trait Entry: Clone + PartialEq {
    /// What makes it the same entry on both sides, whatever else differs. Entries that share a key are told apart by
    /// their order.
    fn key(&self) -> String;

    /// Whether nothing was edited from one state of an entry to another.
    fn same(&self, other: &Self) -> bool {
        self == other
    }

    /// Whether an entry that is gone may have become this one (its key was edited). Never so in a set.
    fn may_have_been(&self, _gone: &Self) -> bool {
        false
    }

    /// Sets on `onto` what differs between the states of an entry.
    fn carry(base: &Self, edited: &Self, onto: &mut Self);

    /// At a first match, the older state of two entries of one key, of which both sides' are edits that can be merged.
    /// `None`: they contradict each other. In a set, no two of one key differ.
    fn common(&self, _other: &Self) -> Option<Self> {
        None
    }

    /// What a new entry is an edit of, where the other side has it already. `None`: the other side's stays as it is.
    fn origin(&self) -> Option<Self> {
        None
    }

    /// As a report shows it; two entries of one key are equal when this is.
    fn shown(&self) -> String;
}

/// What became of an entry of the base, or where a new one came from.
enum Fate<'e, E> {
    Removed { key: String, entry: &'e E },
    Added { key: String, index: usize, entry: &'e E },
    Changed { from_key: String, key: String, index: usize, from: &'e E, to: &'e E },
}

impl<E> Fate<'_, E> {
    /// Whether it concerns an entry of one of the keys.
    fn concerns(&self, crosses: &dyn Fn(&str) -> bool) -> bool {
        match self {
            Fate::Removed { key, .. } | Fate::Added { key, .. } => crosses(key),
            Fate::Changed { from_key, key, .. } => crosses(from_key) || crosses(key),
        }
    }
}

/// The changes from `base` to `edited`, one for each entry that differs. An entry whose key was edited counts under both
/// of its keys, so that it meets whatever the other side did to either.
pub(crate) fn changes_between<E: Entry>(base: &[E], edited: &[E]) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut push = |key: String, before: Option<&E>, after: Option<&E>| {
        let shown = |entry: Option<&E>| entry.map(Entry::shown).unwrap_or_default();
        changes.push(Change { key: Some(key), before: shown(before), after: shown(after) });
    };
    for fate in fates(base, edited) {
        match fate {
            Fate::Removed { key, entry } => push(key, Some(entry), None),
            Fate::Added { key, entry, .. } => push(key, None, Some(entry)),
            Fate::Changed { from_key, key, from, to, .. } => {
                if from_key != key {
                    push(from_key, Some(from), Some(to));
                }
                push(key, Some(from), Some(to));
            }
        }
    }
    changes
}

/// Sets on `onto` what differs between `base` and `edited`. What `base` never held stays.
pub(crate) fn carry_entries<E: Entry>(base: &[E], edited: &[E], onto: &mut Vec<E>) {
    carry_fates(fates(base, edited), edited, onto, Order::Leads);
}

/// The same for the side that yields: it leaves alone what concerns an entry of `contested`.
pub(crate) fn carry_uncontested<E: Entry>(
    base: &[E],
    edited: &[E],
    onto: &mut Vec<E>,
    contested: &dyn Fn(&str) -> bool,
) {
    let fates = fates(base, edited).into_iter().filter(|fate| !fate.concerns(contested));
    carry_fates(fates, edited, onto, Order::Follows);
}

/// Sets on `onto`, which holds `edited`, the entries of `contested` back to `base`.
pub(crate) fn take_back_entries<E: Entry>(
    base: &[E],
    edited: &[E],
    onto: &mut Vec<E>,
    contested: &dyn Fn(&str) -> bool,
) {
    let fates = fates(edited, base).into_iter().filter(|fate| fate.concerns(contested));
    carry_fates(fates, base, onto, Order::Leads);
}

fn carry_fates<'e, E: Entry + 'e>(
    fates: impl IntoIterator<Item = Fate<'e, E>>,
    edited: &[E],
    onto: &mut Vec<E>,
    order: Order,
) {
    for fate in fates {
        match fate {
            Fate::Removed { key, .. } => {
                if let Some(at) = position(onto, &key) {
                    onto.remove(at);
                }
            }
            Fate::Changed { from_key, key, index, from, to } => {
                let (old, new) = (position(onto, &from_key), position(onto, &key));
                match old.or(new).and_then(|at| onto.get_mut(at)) {
                    Some(entry) => E::carry(from, to, entry),
                    None => plant(edited, index, onto, order),
                }
                // The other side has made an entry of the new key by itself.
                if let (Some(_), Some(same)) = (old, new.filter(|new| Some(*new) != old)) {
                    onto.remove(same);
                }
            }
            Fate::Added { key, index, entry } => match position(onto, &key).and_then(|at| onto.get_mut(at)) {
                Some(there) => {
                    if let Some(origin) = entry.origin() {
                        E::carry(&origin, entry, there);
                    }
                }
                None => plant(edited, index, onto, order),
            },
        }
    }
}

/// The keys of a list's entries: the n-th entry of one key, from the second on, has its number behind it, and before that what
/// no key has.
pub(crate) fn keys<E: Entry>(list: &[E]) -> Vec<String> {
    let mut earlier: BTreeMap<String, u32> = BTreeMap::new();
    let mut numbered = |key: String| {
        let count = earlier.entry(key.clone()).or_default();
        *count += 1;
        if *count == 1 { key } else { format!("{key}\0{count}") }
    };
    list.iter().map(|entry| numbered(entry.key())).collect()
}

/// The base of one side's list at a first match: what both have, merged entry by entry where they differ.
pub(crate) fn common_entries<E: Entry>(own: &[E], other: &[E], differs: &dyn Fn(&str) -> bool) -> Vec<E> {
    let across: BTreeMap<String, &E> = keys(other).into_iter().zip(other).collect();
    let common = |(key, entry): (String, &E)| {
        if differs(&key) { entry.common(across.get(&key)?) } else { Some(entry.clone()) }
    };
    keys(own).into_iter().zip(own).filter_map(common).collect()
}

/// Whose order counts where an entry came first in its list. A side that can hold few entries holds the first of them,
/// so both sides have to agree on which these are.
#[derive(Clone, Copy)]
enum Order {
    /// That of the list that is carried: its first entry becomes the first.
    Leads,
    /// That of the list that is carried to.
    Follows,
}

/// Puts an entry into a list that does not have it: behind the nearest that it follows, before the nearest that it
/// precedes, else at the end.
fn plant<E: Entry>(edited: &[E], index: usize, onto: &mut Vec<E>, order: Order) {
    let Some(entry) = edited.get(index) else { return };
    let keys = keys(edited);
    let (before, after) = keys.split_at(index.min(keys.len()));
    let behind = before.iter().rev().find_map(|key| position(onto, key)).map(|at| at + 1);
    let at = match (behind, order) {
        (Some(at), _) => at,
        (None, Order::Leads) if index == 0 => 0,
        (None, _) => after.iter().skip(1).find_map(|key| position(onto, key)).unwrap_or(onto.len()),
    };
    onto.insert(at, entry.clone());
}

fn position<E: Entry>(list: &[E], key: &str) -> Option<usize> {
    keys(list).iter().position(|other| other == key)
}

/// Matches entries by key; then entries that are gone with entries that are new, in order, where one may have become
/// the other.
fn fates<'e, E: Entry>(base: &'e [E], edited: &'e [E]) -> Vec<Fate<'e, E>> {
    let edited_keys = keys(edited);
    let at: BTreeMap<&str, usize> =
        edited_keys.iter().enumerate().map(|(index, key)| (key.as_str(), index)).collect();
    let mut taken = BTreeSet::new();
    let mut gone = Vec::new();
    let mut fates = Vec::new();
    for (key, from) in keys(base).into_iter().zip(base) {
        let index = at.get(key.as_str()).copied();
        match index.and_then(|index| Some((index, edited.get(index)?))) {
            Some((index, to)) => {
                taken.insert(index);
                if !to.same(from) {
                    fates.push(Fate::Changed { from_key: key.clone(), key, index, from, to });
                }
            }
            None => gone.push((key, from)),
        }
    }
    for (from_key, from) in gone {
        let mut new = edited_keys.iter().zip(edited).enumerate();
        match new.find(|(index, (_, to))| !taken.contains(index) && to.may_have_been(from)) {
            Some((index, (key, to))) => {
                taken.insert(index);
                fates.push(Fate::Changed { from_key, key: key.clone(), index, from, to });
            }
            None => fates.push(Fate::Removed { key: from_key, entry: from }),
        }
    }
    for (index, (key, entry)) in edited_keys.iter().zip(edited).enumerate() {
        if !taken.contains(&index) {
            fates.push(Fate::Added { key: key.clone(), index, entry });
        }
    }
    fates
}
