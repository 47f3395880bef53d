//! What there is to decide: one case an item, made of what was observed on both sides.
//!
//! Changes of linked items are put together by their link. New items are a linked item under another id, a copy of one, or
//! [`match_up`] says which belong together. What cannot be decided in this run stays a question of the next.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use dovetail_model::Kind;
use dovetail_model::resemble::{Features, features, score};

use crate::error::Result;
use crate::match_up::{Matches, SAME, by_resemblance, by_uid};
use crate::observe::{Digest, NewItem, Observed, changed};
use crate::plan::{Change, Plain, direction_of};
use crate::report::{HoldReason, Line, LineEvent};
use crate::scope::Place;
use crate::sides::{Side, Sides};
use crate::spool::{Names, Spool, Spooled};
use crate::state::{Link, LinkId, State};
use crate::{Pair, Run, observe, outside};

/// One item, and what became of it on each side.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// Its link, where it has one.
    pub link: Option<LinkId>,
    /// What it is, where it has none.
    pub kind: Option<Kind>,
    /// What became of it; bodies are in the spool.
    pub changes: Sides<Change<Spooled>>,
    /// Why it has to wait, whatever is decided.
    pub hold: Option<HoldReason>,
    /// Outlook's item is a copy of another one there: it goes.
    pub copy: bool,
}

/// What there is to decide in a run, and what is known without deciding anything.
#[derive(Debug, Default)]
pub struct Cases {
    /// One an item.
    pub cases: Vec<Case>,
    /// What is new on one side, and the other has nothing like it.
    pub(crate) single: Vec<Plain>,
    /// What was matched with an item of another category: nothing of it crosses.
    pub met_outside: Vec<Sides<Spooled>>,
}

/// Makes the cases of a run. Takes the items from what was observed, and adds the questions that stay.
///
/// # Errors
/// Where our own files fail.
pub fn cases(
    pair: &Pair<'_>,
    state: &State,
    spool: &mut Spool,
    observed: &mut Sides<Observed>,
) -> Result<Cases> {
    let mut linked = Linked::default();
    for side in Side::BOTH {
        let seen = observed.of_mut(side);
        for (id, change) in std::mem::take(&mut seen.linked) {
            *linked.changes(state, id)?.of_mut(side) = change;
        }
        for id in &seen.unproven {
            *linked.changes(state, *id)?.of_mut(side) = Change::Deleted;
        }
    }
    for id in state.reread(&pair.id)? {
        linked.changes(state, id)?;
    }
    let mut new = rejoin(pair, state, spool, &mut linked, observed)?;
    let own = own_items(pair, state, &mut new)?;
    let mut matches = match_up(pair, spool, &mut new)?;
    own.rejoin(state, &mut linked, &new, &mut matches)?;
    let met_outside = leave_outside(pair, spool, &mut new, &mut matches, observed)?;
    let mut cases = of_links(pair, state, spool, linked, observed)?;
    let single = add_new(&mut cases, &new, &matches, spool, observed)?;
    Ok(Cases { cases, single, met_outside })
}

/// Asks whether a linked item is still there, of whose UID its side has something new: a report of what changed may be silent about
/// what was removed, made again and removed since (RFC 6578 section 3.5), and then the new item is the one that is left.
pub(crate) fn ask_for_namesakes(
    run: &Run<'_>,
    spool: &mut Spool,
    observed: &mut Sides<Observed>,
) -> Result<()> {
    for side in Side::BOTH {
        if run.state.token(&run.pair.id, side)?.is_none() {
            // A listing leaves out what is not there, and that was asked for.
            continue;
        }
        let seen = observed.of(side);
        let mut known: BTreeSet<LinkId> = seen.linked.iter().map(|(link, _)| *link).collect();
        known.extend(seen.unproven.iter().chain(&seen.unknown).chain(&seen.parked));
        let mut ids = BTreeSet::new();
        for item in &seen.new {
            let link = run.state.link_by_uid(&run.pair.id, &spool.names(item.spooled)?.uid)?;
            let link = link.filter(|link| !known.contains(&link.id));
            let base = link.and_then(|link| link.sides.of(side).as_ref().map(|base| base.id.clone()));
            ids.extend(base.filter(|id| !seen.pending.contains(id)));
        }
        observe::ask_for(run, side, ids.into_iter().collect(), spool, observed.of_mut(side))?;
    }
    Ok(())
}

/// Which new items of both sides are the same. What identifies them is read only where a UID does not tell.
fn match_up(pair: &Pair<'_>, spool: &mut Spool, new: &mut Sides<Vec<NewItem>>) -> Result<Matches> {
    let mut matches = by_uid(new.as_ref().map(|_, new| new.as_slice()));
    if Side::BOTH.iter().any(|side| matches.single.of(*side).is_empty()) {
        return Ok(matches);
    }
    for side in Side::BOTH {
        for at in matches.single.of(side) {
            if let Some(item) = new.of_mut(side).get_mut(*at) {
                identify(pair, side, spool, item)?;
            }
        }
    }
    by_resemblance(new.as_ref().map(|_, new| new.as_slice()), &mut matches);
    Ok(matches)
}

/// Reads what identifies a new item.
pub(crate) fn identify(pair: &Pair<'_>, side: Side, spool: &mut Spool, item: &mut NewItem) -> Result<()> {
    if item.features.is_none() {
        let storage = *pair.storages.of(side);
        let mut features = features(&spool.read(item.spooled, storage)?.item, &pair.home);
        // Where a side gives UIDs of its own, they tell nothing.
        features.uid = features.uid.filter(|_| !storage.traits().assigns_uid);
        item.features = Some(Box::new(features));
    }
    Ok(())
}

/// Changes by link.
#[derive(Default)]
struct Linked(BTreeMap<LinkId, Sides<Change<Spooled>>>);

impl Linked {
    /// The changes of a link; where there are none yet, each side is as its base has it.
    fn changes(&mut self, state: &State, id: LinkId) -> Result<&mut Sides<Change<Spooled>>> {
        match self.0.entry(id) {
            Entry::Occupied(known) => Ok(known.into_mut()),
            Entry::Vacant(free) => {
                let link = state.link(id)?;
                let has = |side| link.as_ref().is_some_and(|link| link.sides.of(side).is_some());
                Ok(free.insert(Sides::new(|side| if has(side) { Change::Unchanged } else { Change::Never })))
            }
        }
    }
}

/// The new items, less those that are a linked one under another id, and copies of linked ones.
fn rejoin(
    pair: &Pair<'_>,
    state: &State,
    spool: &mut Spool,
    linked: &mut Linked,
    observed: &mut Sides<Observed>,
) -> Result<Sides<Vec<NewItem>>> {
    let mut unlinked = Sides::<Vec<NewItem>>::default();
    for side in Side::BOTH {
        for item in std::mem::take(&mut observed.of_mut(side).new) {
            match state.link_by_uid(&pair.id, &spool.names(item.spooled)?.uid)? {
                Some(link) if lacks(pair, state, &link, linked, side)? => {
                    observed.of_mut(side).places.insert(link.id, item.place);
                    *linked.changes(state, link.id)?.of_mut(side) = moved(pair, side, &link, &item, spool)?;
                }
                Some(_) if item.place != Place::Inside => {
                    outside::set_aside(pair, side, &item, &item, Vec::new(), spool, observed)?;
                }
                Some(_) => copy(side, &item, spool, observed)?,
                None => unlinked.of_mut(side).push(item),
            }
        }
    }
    // What is lost is known once both sides' UIDs have told all that they can.
    for side in Side::BOTH {
        if unlinked.of(side).is_empty() {
            continue;
        }
        let mut lost = lost(pair, state, spool, linked, observed, side)?;
        let unanswered = unanswered(pair, state, spool, linked, observed, side)?;
        if lost.is_empty() && unanswered.is_empty() {
            continue;
        }
        for mut item in std::mem::take(unlinked.of_mut(side)) {
            identify(pair, side, spool, &mut item)?;
            match alike(&mut lost, &item).map(|id| state.link(id)).transpose()?.flatten() {
                Some(link) => {
                    observed.of_mut(side).places.insert(link.id, item.place);
                    *linked.changes(state, link.id)?.of_mut(side) = moved(pair, side, &link, &item, spool)?;
                }
                // It may be that one under another id, and it may be another one.
                None if unanswered.iter().any(|link| is_alike(link, &item)) => {
                    wait(side, spool.names(item.spooled)?, HoldReason::Ambiguous, observed);
                }
                None => unlinked.of_mut(side).push(item),
            }
        }
    }
    Ok(unlinked)
}

/// What the side that is merged to has of its own, and the other lacked until now: it stands at the end of the new items, in
/// order to be matched with what is new on the other.
#[derive(Default)]
struct Own {
    target: Option<Side>,
    begin: usize,
    links: Vec<LinkId>,
}

fn own_items(pair: &Pair<'_>, state: &State, new: &mut Sides<Vec<NewItem>>) -> Result<Own> {
    let Some(target) = direction_of(pair).merges_to() else { return Ok(Own::default()) };
    if new.of(target.other()).is_empty() {
        return Ok(Own::default());
    }
    let mut own = Own { target: Some(target), begin: new.of(target).len(), links: Vec::new() };
    for link in state.alone(&pair.id, target)? {
        let Some(base) = link.sides.of(target) else { continue };
        let Some((item, _)) = pair.storages.of(target).read(&base.original) else { continue };
        own.links.push(link.id);
        new.of_mut(target).push(NewItem {
            spooled: Spooled::default(),
            id: Digest::of(&base.id.0),
            uid: Digest::of(link.uid.as_ref().unwrap_or(&base.id.0)),
            kind: item.kind(),
            features: Some(Box::new(features(&item, &pair.home))),
            title: Digest::of(item.title()),
            place: pair.scope.place(*pair.storages.of(target), &base.original, &item),
        });
    }
    Ok(own)
}

impl Own {
    /// Puts what was matched to the links, and leaves what was not as it is.
    fn rejoin(
        &self,
        state: &State,
        linked: &mut Linked,
        new: &Sides<Vec<NewItem>>,
        matches: &mut Matches,
    ) -> Result<()> {
        let Some(target) = self.target else { return Ok(()) };
        let known = |at: &usize| at.checked_sub(self.begin).and_then(|at| self.links.get(at)).copied();
        for pair in std::mem::take(&mut matches.pairs) {
            let source = new.of(target.other()).get(*pair.of(target.other()));
            match (known(pair.of(target)), source) {
                (Some(link), Some(item)) => {
                    *linked.changes(state, link)?.of_mut(target.other()) = Change::Edited(item.spooled);
                }
                _ => matches.pairs.push(pair),
            }
        }
        for found in [&mut matches.single, &mut matches.copies, &mut matches.ambiguous] {
            found.of_mut(target).retain(|at| known(at).is_none());
        }
        Ok(())
    }
}

/// What became of a linked item that has another id now.
fn moved(
    pair: &Pair<'_>,
    side: Side,
    link: &Link,
    item: &NewItem,
    spool: &mut Spool,
) -> Result<Change<Spooled>> {
    let Some(base) = link.sides.of(side) else { return Ok(Change::Edited(item.spooled)) };
    let snapshot = spool.read(item.spooled, *pair.storages.of(side))?;
    Ok(changed(pair, side, base, &snapshot, item.spooled))
}

/// Whether a link has no item on a side any more, or on purpose.
fn lacks(pair: &Pair<'_>, state: &State, link: &Link, linked: &Linked, side: Side) -> Result<bool> {
    Ok(match (linked.0.get(&link.id).map(|changes| changes.of(side)), link.sides.of(side)) {
        (Some(Change::Deleted), _) | (_, None) => true,
        (Some(Change::Edited(_) | Change::Restated(_)), _) => false,
        (_, Some(base)) => {
            state.outside(&pair.id, side, &base.id)?.is_some_and(|outside| outside.version.is_none())
        }
    })
}

/// A linked item that is gone from one side, or may be, and is still on the other.
struct Lost {
    link: LinkId,
    /// What it was, and what the other side's is now: another computer may have brought it back as that.
    features: Vec<Features>,
    /// Whether the other side's item carries a UID: then the UID alone tells what belongs to it.
    named: bool,
}

fn lost(
    pair: &Pair<'_>,
    state: &State,
    spool: &mut Spool,
    linked: &Linked,
    observed: &Sides<Observed>,
    side: Side,
) -> Result<Vec<Lost>> {
    let mut lost = Vec::new();
    for (id, changes) in &linked.0 {
        let there = changes.of(side.other());
        let is_gone_there = *there == Change::Deleted && !observed.of(side.other()).unproven.contains(id);
        if *changes.of(side) != Change::Deleted || is_gone_there {
            continue;
        }
        let Some(link) = state.link(*id)? else { continue };
        lost.extend(looks(pair, spool, &link, there, side)?);
    }
    Ok(lost)
}

/// The linked items of a side of which nobody could tell whether they are there.
fn unanswered(
    pair: &Pair<'_>,
    state: &State,
    spool: &mut Spool,
    linked: &Linked,
    observed: &Sides<Observed>,
    side: Side,
) -> Result<Vec<Lost>> {
    let mut unanswered = Vec::new();
    for id in &observed.of(side).pending {
        let Some(link) = state.link_of(&pair.id, side, id)? else { continue };
        let there =
            linked.0.get(&link.id).map_or(Change::Unchanged, |changes| changes.of(side.other()).clone());
        unanswered.extend(looks(pair, spool, &link, &there, side)?);
    }
    Ok(unanswered)
}

/// What tells an item of a side, where that had one.
fn looks(
    pair: &Pair<'_>,
    spool: &mut Spool,
    link: &Link,
    there: &Change<Spooled>,
    side: Side,
) -> Result<Option<Lost>> {
    let was = |side: Side| {
        let base = link.sides.of(side).as_ref()?;
        Some(pair.storages.of(side).read(&base.original)?.0)
    };
    let Some(item) = was(side) else { return Ok(None) };
    // Where a side gives UIDs of its own, they tell nothing.
    let assigns = pair.storages.of(side).traits().assigns_uid;
    let other = match there {
        Change::Edited(spooled) => Some(spool.read(*spooled, *pair.storages.of(side.other()))?.item),
        _ => was(side.other()),
    };
    let named = !assigns && was(side.other()).is_some_and(|other| other.uid().is_some());
    let seen = [Some(item), other].into_iter().flatten();
    let features = seen.map(|item| features(&item, &pair.home)).collect();
    Ok(Some(Lost { link: link.id, features, named }))
}

/// The one that a new item looks like, where no UID tells: it was moved, or brought back by another computer.
fn alike(lost: &mut Vec<Lost>, item: &NewItem) -> Option<LinkId> {
    let mut found = lost.iter().enumerate().filter(|(_, lost)| is_alike(lost, item)).map(|(at, _)| at);
    match (found.next(), found.next()) {
        (Some(at), None) => Some(lost.remove(at).link),
        _ => None,
    }
}

fn is_alike(lost: &Lost, item: &NewItem) -> bool {
    let Some(mine) = item.features.as_deref() else { return false };
    let unnamed = mine.uid.is_none() || !lost.named;
    unnamed && lost.features.iter().any(|features| score(features, mine) >= SAME)
}

fn of_links(
    pair: &Pair<'_>,
    state: &State,
    spool: &mut Spool,
    linked: Linked,
    observed: &mut Sides<Observed>,
) -> Result<Vec<Case>> {
    let mut cases = Vec::new();
    for (id, changes) in linked.0 {
        let Some(link) = state.link(id)? else { continue };
        let unknown = Side::BOTH.into_iter().any(|side| observed.of(side).unknown.contains(&id));
        if outside::is_outside(pair, state, spool, &link, &changes, observed)? {
            continue;
        }
        if out_of_scope(pair, state, &link, observed)? || perhaps_moved(&changes, observed) || unknown {
            // What changed on the other side waits until this one is known again.
            ask_again(pair, &link, &changes, spool, observed)?;
            continue;
        }
        let unproven = Side::BOTH
            .into_iter()
            .any(|side| observed.of(side).unproven.contains(&id) && *changes.of(side) == Change::Deleted);
        let hold = unproven.then_some(HoldReason::Unproven);
        cases.push(Case { link: Some(id), kind: None, changes, hold, copy: false });
    }
    Ok(cases)
}

/// Whether a side has the item, but as something that is not ours: nothing crosses then.
fn out_of_scope(pair: &Pair<'_>, state: &State, link: &Link, observed: &Sides<Observed>) -> Result<bool> {
    for side in Side::BOTH {
        let (Some(base), seen) = (link.sides.of(side), observed.of(side)) else { continue };
        if seen.parked.contains(&link.id)
            || state.is_not_ours(&pair.id, side, &base.id)? && !seen.ours_now.contains(&base.id)
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether an item is gone while another one could not be read, which may be the same.
fn perhaps_moved(changes: &Sides<Change<Spooled>>, observed: &Sides<Observed>) -> bool {
    Side::BOTH.into_iter().any(|side| observed.of(side).unread && *changes.of(side) == Change::Deleted)
}

fn ask_again(
    pair: &Pair<'_>,
    link: &Link,
    changes: &Sides<Change<Spooled>>,
    spool: &mut Spool,
    observed: &mut Sides<Observed>,
) -> Result<()> {
    for side in Side::BOTH {
        let pending = &mut observed.of_mut(side).pending;
        match changes.of(side) {
            Change::Never | Change::Unchanged => {}
            Change::Deleted => pending.extend(link.sides.of(side).as_ref().map(|base| base.id.clone())),
            Change::Restated(spooled) | Change::Edited(spooled) => {
                // A moved item is known by its new id alone, but missed under its old one.
                pending.insert(spool.read(*spooled, *pair.storages.of(side))?.id);
                pending.extend(link.sides.of(side).as_ref().map(|base| base.id.clone()));
            }
        }
    }
    Ok(())
}

/// Sets aside what lies outside and has no counterpart inside, and what belongs to an item of another category. Returns what
/// was matched with such an item by what it says: no UID would tell it another time.
fn leave_outside(
    pair: &Pair<'_>,
    spool: &mut Spool,
    new: &mut Sides<Vec<NewItem>>,
    matches: &mut Matches,
    observed: &mut Sides<Observed>,
) -> Result<Vec<Sides<Spooled>>> {
    let mut met = Vec::new();
    for at in std::mem::take(&mut matches.pairs) {
        let (Some(outlook), Some(server)) = (new.outlook.get(at.outlook), new.server.get(at.server)) else {
            continue;
        };
        let crosses = outlook.place != Place::OtherCategory
            && (outlook.place == Place::Inside || server.place == Place::Inside);
        if crosses {
            matches.pairs.push(at);
        } else if outlook.place == Place::OtherCategory && outlook.uid != server.uid {
            outside::meet(pair, Sides { outlook, server }, spool, observed)?;
            met.push(Sides { outlook: outlook.spooled, server: server.spooled });
        } else {
            outside::set_aside(pair, Side::Outlook, outlook, outlook, Vec::new(), spool, observed)?;
            outside::set_aside(pair, Side::Server, server, outlook, Vec::new(), spool, observed)?;
        }
    }
    for found in [&mut matches.single, &mut matches.copies, &mut matches.ambiguous] {
        for side in Side::BOTH {
            let lies_outside =
                |at: &usize| new.of(side).get(*at).is_some_and(|item| item.place != Place::Inside);
            for at in found.of_mut(side).extract_if(.., lies_outside).collect::<Vec<_>>() {
                let Some(item) = new.of_mut(side).get_mut(at) else { continue };
                let keys = keys(pair, side, spool, item)?;
                outside::set_aside(pair, side, item, item, keys, spool, observed)?;
            }
        }
    }
    Ok(met)
}

/// What an item of another category is found by, where its UID does not tell.
fn keys(pair: &Pair<'_>, side: Side, spool: &mut Spool, item: &mut NewItem) -> Result<Vec<String>> {
    if item.place != Place::OtherCategory {
        return Ok(Vec::new());
    }
    identify(pair, side, spool, item)?;
    let assigns = pair.storages.of(side.other()).traits().assigns_uid;
    let features = item.features.as_ref().filter(|features| assigns || features.uid.is_none());
    Ok(features.map(|features| features.keys.clone()).unwrap_or_default())
}

/// Makes cases of what was matched; returns what is on one side only.
fn add_new(
    cases: &mut Vec<Case>,
    new: &Sides<Vec<NewItem>>,
    matches: &Matches,
    spool: &mut Spool,
    observed: &mut Sides<Observed>,
) -> Result<Vec<Plain>> {
    let mut single = Vec::new();
    for side in Side::BOTH {
        let item = |at: &usize| new.of(side).get(*at);
        for item in matches.copies.of(side).iter().filter_map(item) {
            copy(side, item, spool, observed)?;
        }
        for item in matches.ambiguous.of(side).iter().filter_map(item) {
            wait(side, spool.names(item.spooled)?, HoldReason::Ambiguous, observed);
        }
        let alone = matches.single.of(side).iter().filter_map(item);
        if observed.of(side.other()).unread {
            for item in alone {
                observed.of_mut(side).pending.insert(spool.names(item.spooled)?.id);
            }
        } else {
            single.extend(alone.map(|item| Plain { kind: item.kind, from: side, body: item.spooled }));
        }
    }
    cases.extend(matches.pairs.iter().filter_map(|at| {
        let (outlook, server) = (new.outlook.get(at.outlook)?, new.server.get(at.server)?);
        let changes =
            Sides { outlook: Change::Edited(outlook.spooled), server: Change::Edited(server.spooled) };
        Some(Case { link: None, kind: Some(outlook.kind), changes, hold: None, copy: false })
    }));
    Ok(single)
}

/// Holds an item that another one is a copy of, or the other way round.
pub(crate) fn copy(
    side: Side,
    item: &NewItem,
    spool: &mut Spool,
    observed: &mut Sides<Observed>,
) -> Result<()> {
    let names = spool.names(item.spooled)?;
    observed.of_mut(side).copies.push(item.clone());
    let reason = HoldReason::DuplicateUid { uid: names.uid.clone() };
    wait(side, names, reason, observed);
    Ok(())
}

/// A person has to act on the item itself: until then it is looked at in every run, and never written.
fn wait(side: Side, item: Names, reason: HoldReason, observed: &mut Sides<Observed>) {
    let seen = observed.of_mut(side);
    seen.pending.insert(item.id);
    seen.lines.push(Line { title: item.title, side: Some(side), event: LineEvent::Held { reason } });
}
