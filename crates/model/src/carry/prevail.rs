//! Where one side's edits give way as a whole: it yields to the other, or may not be edited at all.

use std::collections::BTreeSet;

use super::clash::{beyond, summary_of};
use super::visit::{Carry, GiveWay, Own};
use super::{Agreement, Clash, Edit, Ground, Held, Reconciled, Views, edit, fields, series_of, settle};
use crate::item::Item;

impl Edit {
    /// What of it is in `other` too: the same fields, and the same entries of sets and lists.
    #[must_use]
    pub fn within(mut self, other: &Edit) -> Edit {
        self.fields.retain(|field, changes| {
            let there = other.fields.get(field);
            changes.retain(|change| there.is_some_and(|there| there.iter().any(|it| it.key == change.key)));
            !changes.is_empty()
        });
        self
    }
}

impl Edit {
    /// All of both.
    fn and(mut self, other: Edit) -> Edit {
        for (field, changes) in other.fields {
            let known = self.fields.entry(field).or_default();
            let new = |change: &super::Change| !known.iter().any(|it| it.key == change.key);
            let new: Vec<super::Change> = changes.into_iter().filter(new).collect();
            known.extend(new);
        }
        self
    }
}

/// Sets on `current` what `what` names back to the base; whatever else was edited stays.
pub fn take_back(base: &Ground, current: &Item, what: &Edit) -> Item {
    settle::after_edit(current, taken_back(base, current, what))
}

fn taken_back(base: &Ground, current: &Item, what: &Edit) -> Item {
    let mut item = current.clone();
    let mut give_way = GiveWay { unknown: &base.unknown, what };
    fields::visit(&base.item, current, &mut item, &mut give_way);
    item
}

/// The winner stays as it is. Of the loser's edits, those that `seen` names are taken back to its own base; then the
/// winner's are carried to it. What the winner's side could never show is not in `seen`, and so stays.
pub fn prevail(winner: Held<'_>, loser: Held<'_>, seen: &Edit) -> Reconciled {
    let edited = edit(loser.base, loser.current);
    let lost = edited.clone().within(seen);
    let mut item = taken_back(loser.base, loser.current, &lost);
    let series = series_of(loser.base);
    let mut carry = Carry { unknown: &winner.base.unknown, contest: None, series };
    fields::visit(&winner.base.item, winner.current, &mut item, &mut carry);
    // What the winner could not see goes all the same where it edited the same.
    let won = edit(winner.base, winner.current);
    Reconciled {
        winner: winner.current.clone(),
        loser: settle::after_edit(loser.current, item),
        clashes: clashes(&won, &lost.and(edited.within(&won))),
    }
}

/// What is lost of an edited item that is removed: a clash for each unit, of which nothing is kept.
pub fn removed(base: &Ground, edited: &Item) -> Vec<Clash> {
    let nothing_stands = |clash: Clash| Clash { kept: String::new(), ..clash };
    lost(&edit(base, edited)).into_iter().map(nothing_stands).collect()
}

/// What is lost of an edit that is taken back.
pub fn lost(edit: &Edit) -> Vec<Clash> {
    clashes(&Edit::default(), edit)
}

/// Two items that were never linked, of which `own` wins all in which they differ. Lost is what the other one says; where it
/// says nothing, nothing is.
pub fn replace(views: Views<'_>, differing: &Edit) -> Reconciled {
    let (of_winner, of_loser) = (own_ground(views, differing), own_ground(views.swapped(), differing));
    let mut lost = edit(&of_loser, views.other);
    lost.fields.retain(|_, changes| {
        changes.retain(|change| !change.after.is_empty());
        !changes.is_empty()
    });
    Reconciled {
        winner: views.own.clone(),
        loser: super::carry(&of_winner, views.own, views.other),
        clashes: clashes(&edit(&of_winner, views.own), &lost),
    }
}

fn clashes(won: &Edit, lost: &Edit) -> Vec<Clash> {
    let of_unit = |unit| {
        let theirs = beyond(unit, lost, won);
        if theirs.is_empty() {
            return None;
        }
        let ours: Vec<&str> = won.of_unit(unit).map(|(_, change)| change.after.as_str()).collect();
        let base: Vec<&str> = theirs.iter().map(|(_, change)| change.before.as_str()).collect();
        Some(Clash {
            unit,
            fields: theirs.iter().map(|(field, _)| *field).collect(),
            kept: summary_of(if ours.is_empty() { base } else { ours }),
            lost: summary_of(theirs.iter().map(|(_, change)| change.after.as_str())),
        })
    };
    lost.units().into_iter().filter_map(of_unit).collect()
}

/// A base of `own` from which it was edited in all in which both differ, and in nothing else: what only the other has is
/// taken for removed.
pub fn own_ground(views: Views<'_>, differing: &Edit) -> Ground {
    let mut item = views.own.clone();
    let mut own = Own { differing, unknown: BTreeSet::new() };
    fields::visit(views.own, views.other_as_own, &mut item, &mut own);
    Ground { item, unknown: own.unknown, kind: Agreement::Synced }
}
