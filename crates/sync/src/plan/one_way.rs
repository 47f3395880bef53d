//! One-way: what the side that is only written to does to an item, and what is done to it.
//!
//! A replicated item is what the source has: an edit of it is taken back, field by field. A merged one keeps what its side
//! made of it: where it differs from what the source last gave, nothing is written.

use std::collections::{BTreeSet, HashMap};

use dovetail_model::Item;
use dovetail_model::carry::{self, Change, Field, Ground, Held, Reconciled, Views};
use dovetail_model::group::Member;

use super::{Action, Direction, Step, Terms, Whose, ground, write_over};
use crate::differing::differing;
use crate::error::Result;
use crate::sides::{Side, Sides};
use crate::state::{Link, LinkState};
use crate::storage::Collection;

/// Whose the target's item is. Where two-way was meant and one side takes no writes, both sides' items are one another's.
pub(super) fn whose(link: Option<&Link>, terms: &Terms<'_>) -> Whose {
    let source = terms.direction.target().map(Side::other);
    let given = |link: &Link| {
        let whole = link.sides.outlook.is_some() && link.sides.server.is_some();
        link.made == source || (terms.wanted == Direction::TwoWay && whole)
    };
    match link {
        Some(link) if given(link) && link.state == LinkState::Own => Whose::Edited,
        Some(link) if given(link) => Whose::Given,
        _ => Whose::Own,
    }
}

/// The target is again what both agreed on, as far as the source's side can show what was edited there.
pub(super) fn take_back(action: &mut Action, on: Side, link: Option<&Link>, terms: &Terms<'_>) -> Result<()> {
    let (Some(base), Some(edited)) = (ground(link, on, terms)?, action.current.of(on)) else {
        return Ok(());
    };
    if let Sides { outlook: Some(outlook), server: Some(server) } = &action.current
        && differing(terms.storages, &outlook.item, &server.item).is_empty()
    {
        // It is what the source can show, though perhaps another part of it than this computer would: another one brought it.
        action.kept = on.other();
        return Ok(());
    }
    // What the source's side cannot show of the edit, it has no opinion on, as where it overwrites one: two computers that knew the
    // target with more of that, and with less, would take it back from each other.
    let shows = |item: &Item| terms.storages.of(on.other()).holds(item);
    let seen = carry::edit(&Ground::from(shows(&base.item)), &shows(&edited.item));
    let what = carry::edit(&base, &edited.item).within(&seen);
    let item = carry::take_back(&base, &edited.item, &what);
    let step = write_over(edited, item, on, link, terms);
    // Nobody but us wrote there, if it is only how the storage spells what it was given.
    if step != Step::Leave {
        action.clashes = carry::lost(&what);
    }
    *action.steps.of_mut(on) = step;
    action.kept = on.other();
    Ok(())
}

/// The target's item, which was never linked, becomes what the source has: all in which it differs, as far as both could
/// hold it.
pub(super) fn replace(action: &mut Action, on: Side, link: Option<&Link>, terms: &Terms<'_>) -> Result<()> {
    let Sides { outlook: Some(outlook), server: Some(server) } = &action.current else { return Ok(()) };
    let found = differing(terms.storages, &outlook.item, &server.item);
    if found.is_empty() {
        return Ok(());
    }
    let (source, target) = if on == Side::Server { (outlook, server) } else { (server, outlook) };
    let seen_there = terms.storages.of(on).holds(&source.item);
    let seen_here = terms.storages.of(on.other()).holds(&target.item);
    let views =
        Views { own: &source.item, other: &target.item, own_as_other: &seen_there, other_as_own: &seen_here };
    let Reconciled { loser, clashes, .. } = carry::replace(views, &found);
    let step = write_over(target, loser, on, link, terms);
    *action.steps.of_mut(on) = step;
    action.clashes = clashes;
    action.kept = on.other();
    Ok(())
}

/// How many entries of the copy alone go at most, one after the other.
const ENTRIES: usize = 64;

/// A copy has no more than its source: where an edit left room there for what only the copy has, that goes. What goes may
/// show that more would have had room.
pub(super) fn complete(action: &mut Action, on: Side, link: Option<&Link>, terms: &Terms<'_>) {
    if link.is_some_and(|link| matches!(link.state, LinkState::Apart { .. })) {
        return;
    }
    for _ in 0..ENTRIES {
        if !takes_out(action, on, link, terms) {
            return;
        }
    }
}

fn takes_out(action: &mut Action, on: Side, link: Option<&Link>, terms: &Terms<'_>) -> bool {
    let (Some(source), Some(target)) = (action.item_after(on.other()), action.item_after(on)) else {
        return false;
    };
    let (outlook, server) = if on == Side::Server { (source, target) } else { (target, source) };
    let found = differing(terms.storages, outlook, server);
    if found.is_empty() {
        return false;
    }
    let views = Views {
        own: source,
        other: target,
        own_as_other: &terms.storages.of(on).holds(source),
        other_as_own: &terms.storages.of(on.other()).holds(target),
    };
    let Reconciled { loser, clashes, .. } = carry::replace(views, &found);
    match (action.current.of(on), action.steps.of_mut(on)) {
        (Some(current), step) => *step = write_over(current, loser, on, link, terms),
        (None, Step::Write(draft)) => draft.item = loser,
        (None, _) => {}
    }
    action.clashes.extend(clashes);
    action.kept = on.other();
    true
}

/// What the source edited is carried, except where the target has its own: where it differs from what the source had
/// before.
pub(super) fn offer(action: &mut Action, onto: Side, link: Option<&Link>, terms: &Terms<'_>) -> Result<()> {
    let Some(base) = ground(link, onto.other(), terms)? else { return Ok(()) };
    let (Some(source), Some(target)) = (action.current.of(onto.other()), action.current.of(onto)) else {
        return Ok(());
    };
    // Whatever it says otherwise than it would if all came from the source is its own.
    let mut given = terms.storages.of(onto).holds(&base.item);
    name_members_as(&mut given, &target.item);
    let own = Ground::from(given);
    let Reconciled { winner, .. } = carry::reconcile(
        Held { base: &own, current: &target.item },
        Held { base: &base, current: &source.item },
    );
    let item = ousting_nothing(*terms.storages.of(onto), &target.item, winner);
    let step = write_over(target, item, onto, link, terms);
    *action.steps.of_mut(onto) = step;
    action.kept = onto;
    Ok(())
}

/// How a side calls the entries of a list's members is nothing that it says of them by itself.
fn name_members_as(item: &mut Item, there: &Item) {
    let (Item::Group(group), Item::Group(there)) = (item, there) else { return };
    // Of two of one address the first counts.
    let by_address: HashMap<String, &Member> =
        there.members.iter().rev().map(|held| (held.address.to_lowercase(), held)).collect();
    for member in group.members.iter_mut().filter(|member| !member.address.is_empty()) {
        if let Some(held) = by_address.get(&member.address.to_lowercase()) {
            (member.uid, member.entry) = (held.uid.clone(), held.entry.clone());
        }
    }
}

/// What is offered, less the lists in which it would take the room of what the target has of its own.
fn ousting_nothing(storage: &dyn Collection, own: &Item, offered: Item) -> Item {
    let ground = Ground::from(storage.holds(own));
    let wanted = carry::edit(&ground, &offered);
    let held = carry::edit(&ground, &storage.holds(&offered));
    // An entry that goes while another comes looks like one that became the other.
    let was_there = |change: &Change| change.key.is_some() && !change.before.is_empty();
    let ousts = |field: &Field, changes: &[Change]| {
        let meant = wanted.fields.get(field).map(Vec::as_slice).unwrap_or_default();
        changes.iter().any(|change| was_there(change) && !meant.contains(change))
    };
    let full: BTreeSet<Field> = held
        .fields
        .iter()
        .filter(|(field, changes)| ousts(field, changes))
        .map(|(field, _)| *field)
        .collect();
    if full.is_empty() { offered } else { carry::take(&full, own, &offered) }
}
