//! What an earlier run was writing when it was killed, or was not told the outcome of: found out by reading.
//!
//! A write that arrived is recorded as it should have been, so that it is not taken for somebody's edit; one that did not
//! is forgotten, and its item planned anew. Nothing is repeated blind. What was to be changed or removed is asked by its
//! id, before anything else ([`settle`]); what was to be made has no id yet, what was changed may have another one since, and
//! both are looked for among the new items ([`adopt`]).

use std::collections::BTreeMap;

use dovetail_model::carry::{Ground, carry, edit, take};
use dovetail_model::{Item, Kind};

use crate::cases;
use crate::error::Result;
use crate::execute::{made_by, new_id, standing, tokens};
use crate::journal::Outcome;
use crate::observe::{self, Digest, Observed, changed};
use crate::plan::Change;
use crate::sides::{Side, Sides};
use crate::spool::Spool;
use crate::state::{Base, Grounds, Intent, Link, LinkId, Wanted};
use crate::storage::{BATCH, Collection, Fetched, ItemId, Snapshot};
use crate::{Pair, Run, reread};

/// Whether a side holds what was wanted.
enum Arrived {
    /// It does: this is its base now.
    Yes(Option<Base>),
    /// It says all that was to be written, and more: whether the write arrived and the item was edited since, or somebody else has
    /// said the same, makes no difference.
    Within,
    No,
    /// No item has that id any more.
    Gone,
    CannotTell,
}

type Answers = BTreeMap<ItemId, Fetched>;

/// What could not be settled before both sides were asked what changed.
pub(crate) struct Unsettled {
    /// The numbers of intents whose items are gone: they may have other ids since.
    gone: Vec<i64>,
    /// Links of which the last item was removed: it may have been moved instead.
    removed: Vec<Removed>,
}

/// A link of which the last item was removed, as far as anybody can tell.
struct Removed {
    link: Link,
    side: Side,
    entry: Option<i64>,
}

/// Settles what can be asked by id.
///
/// What arrived in part, or was edited since, stays open: [`adopt`] sees what else is known of it.
pub(crate) fn settle(run: &mut Run<'_>) -> Result<Unsettled> {
    let intents = run.state.intents(&run.pair.id)?;
    let by_id: Vec<&Intent> =
        intents.iter().filter(|intent| Side::BOTH.iter().all(|side| !intent.creates(*side))).collect();
    let answers = Sides::new(|side| side).try_map(|side, _| answers(run, side, &by_id))?;
    let mut open = Unsettled { gone: Vec::new(), removed: Vec::new() };
    for intent in by_id {
        let link = intent.link.map(|link| run.state.link(link)).transpose()?.flatten();
        if intent.link.is_some() && link.is_none() {
            run.state.transaction(|state| state.remove_intent(intent.id))?;
            continue;
        }
        let arrived = Sides::new(|side| side)
            .map(|side, _| arrived(*run.pair.storages.of(side), intent, side, answers.of(side)));
        let any = |is: fn(&Arrived) -> bool| arrived.as_ref().into_array().into_iter().any(is);
        let is_unknown = any(|arrived| matches!(arrived, Arrived::CannotTell));
        let is_gone = any(|arrived| matches!(arrived, Arrived::Gone));
        if is_gone && !is_unknown {
            open.gone.push(intent.id);
        }
        if is_unknown || is_gone {
            run.done.unsettled.extend(intent.link);
        } else if came_in_part(intent, &arrived) {
            settle_entries(run, intent, &arrived)?;
            run.done.unsettled.extend(intent.link);
        } else {
            let removed = link.filter(|_| is_all(&arrived)).and_then(|link| removed(run.pair, intent, link));
            if conclude(run, intent, arrived)?.is_none() {
                open.removed.extend(removed);
            }
        }
    }
    Ok(open)
}

/// Whether some of the writes of an intent arrived, and not all as they were meant.
fn came_in_part(intent: &Intent, arrived: &Sides<Arrived>) -> bool {
    let came = |side: Side| match arrived.of(side) {
        Arrived::Yes(_) => !matches!(intent.wanted.of(side), Wanted::Same),
        arrived => matches!(arrived, Arrived::Within),
    };
    !is_all(arrived) && Side::BOTH.into_iter().any(came)
}

fn is_all(arrived: &Sides<Arrived>) -> bool {
    Side::BOTH.into_iter().all(|side| matches!(arrived.of(side), Arrived::Yes(_)))
}

/// The link of which an intent was to remove the last item, where a UID can tell if that was moved.
fn removed(pair: &Pair<'_>, intent: &Intent, link: Link) -> Option<Removed> {
    let last = |side: &Side| {
        matches!(intent.wanted.of(*side), Wanted::Nothing) && intent.planned.of(side.other()).is_none()
    };
    let side = Side::BOTH.into_iter().find(last)?;
    let is_told = link.uid.is_some() && !pair.storages.of(side).traits().assigns_uid;
    is_told.then_some(Removed { link, side, entry: *intent.entries.of(side) })
}

fn answers(run: &Run<'_>, side: Side, intents: &[&Intent]) -> Result<Answers> {
    let asked = |intent: &&&Intent| !matches!(intent.wanted.of(side), Wanted::Same);
    let ids: Vec<ItemId> = intents
        .iter()
        .filter(asked)
        .filter_map(|intent| Some(intent.planned.of(side).as_ref()?.id.clone()))
        .collect();
    let mut answers = Answers::new();
    for batch in ids.chunks(BATCH) {
        let fetched = run.pair.storages.of(side).fetch(batch, &run.pair.scope, run.call)?;
        answers.extend(batch.iter().cloned().zip(fetched));
    }
    let gone = |answer: &Fetched| matches!(answer, Fetched::Gone);
    let gone_ids: Vec<ItemId> =
        answers.iter().filter(|(_, answer)| gone(answer)).map(|(id, _)| id.clone()).collect();
    let alive = answers.values().any(|answer| matches!(answer, Fetched::Found(_)));
    if !gone_ids.is_empty() && !observe::proven(run.pair, side, run.state, alive, &gone_ids, run.call)? {
        // A share that was revoked answers that everything is gone.
        answers.retain(|_, answer| !gone(answer));
    }
    Ok(answers)
}

fn arrived(storage: &dyn Collection, intent: &Intent, side: Side, answers: &Answers) -> Arrived {
    let planned = intent.planned.of(side);
    let answer = planned.as_ref().and_then(|base| answers.get(&base.id));
    match (intent.wanted.of(side), answer) {
        (Wanted::Same, _) => Arrived::Yes(planned.clone()),
        (_, None | Some(Fetched::Failed(_))) => Arrived::CannotTell,
        (Wanted::Nothing, Some(Fetched::Gone)) => Arrived::Yes(None),
        (Wanted::Item(item), Some(Fetched::Found(found)))
            if planned.as_ref().is_some_and(|base| base.original != found.original)
                && says(storage, item, found) =>
        {
            Arrived::Yes(Some(Base::from(found.as_ref())))
        }
        (Wanted::Item(item), Some(Fetched::Found(found)))
            if planned.as_ref().is_some_and(|base| is_within(storage, base, item, &found.item)) =>
        {
            Arrived::Within
        }
        (Wanted::Item(_), Some(Fetched::Gone)) => Arrived::Gone,
        _ => Arrived::No,
    }
}

fn says(storage: &dyn Collection, wanted: &Item, found: &Snapshot) -> bool {
    wanted.kind() == found.item.kind() && edit(&Ground::from(storage.holds(wanted)), &found.item).is_empty()
}

/// Whether an item says all that a write was to make it say.
fn is_within(storage: &dyn Collection, planned: &Base, wanted: &Item, found: &Item) -> bool {
    let Some((planned, _)) = storage.read(&planned.original).filter(|_| wanted.kind() == found.kind()) else {
        return false;
    };
    let wanted = storage.holds(wanted);
    let written = edit(&Ground::from(planned), &wanted);
    let missing = edit(&Ground::from(found.clone()), &wanted);
    !written.is_empty() && written.within(&missing).is_empty()
}

/// Records in the journal what became of each write.
fn settle_entries(run: &mut Run<'_>, intent: &Intent, arrived: &Sides<Arrived>) -> Result<()> {
    for side in Side::BOTH {
        if let Some(entry) = *intent.entries.of(side) {
            match arrived.of(side) {
                Arrived::Yes(base) => run.journal.settle(entry, Outcome::Done, base.as_ref())?,
                // As it was left nobody has seen it.
                Arrived::Within => run.journal.settle(entry, Outcome::Done, None)?,
                _ => run.journal.settle(entry, Outcome::Failed, None)?,
            }
        }
    }
    run.call.pass();
    Ok(())
}

/// Records what became of an intent; the link, where all of it arrived.
fn conclude(run: &mut Run<'_>, intent: &Intent, arrived: Sides<Arrived>) -> Result<Option<LinkId>> {
    if Side::BOTH.iter().any(|side| matches!(arrived.of(*side), Arrived::CannotTell)) {
        return Ok(None);
    }
    settle_entries(run, intent, &arrived)?;
    let Sides { outlook: Arrived::Yes(outlook), server: Arrived::Yes(server) } = arrived else {
        run.state.transaction(|state| state.remove_intent(intent.id))?;
        return Ok(None);
    };
    if let Some(link) = intent.link {
        run.state.set_grounds(link, None);
    }
    let sides = Sides { outlook, server };
    let items = sides
        .as_ref()
        .map(|side, base| base.as_ref().and_then(|base| run.pair.storages.of(side).read(&base.original)));
    let uids = items.as_ref().map(|_, item| item.as_ref().and_then(|(item, _)| item.uid()));
    let mut link = Link::new(intent.link.unwrap_or(LinkId(0)), sides.clone(), uids, intent.uid.clone());
    let before = intent.link.map(|id| run.state.link(id)).transpose()?.flatten();
    let created = Side::BOTH.into_iter().find(|side| intent.creates(*side)).filter(|_| !intent.apart);
    link.made = made_by(&link, created, before.as_ref());
    let apart = apart(run, intent);
    let seen = intent.planned.as_ref().map(|_, seen| seen.as_ref().map(|seen| &seen.original));
    link.state = standing(run.pair, &link, before.as_ref(), &seen, apart.as_deref());
    // What was written through other lenses than there are now is met as if these had changed just now.
    let is_reread = reread::disagrees(run.pair, &link);
    let tokens = tokens(run)?;
    let stored = run.state.transaction(|state| {
        match intent.link {
            Some(link) => state.remove_intents(link, intent.id)?,
            None => state.remove_intent(intent.id)?,
        }
        if link.sides.outlook.is_none() && link.sides.server.is_none() {
            return state.remove_link(link.id).map(|()| None);
        }
        for side in Side::BOTH {
            let new = new_id(before.as_ref(), &link, side, intent.creates(side));
            if let Some(new) = new.filter(|_| *tokens.of(side)) {
                state.put_made(&run.pair.id, side, new, None)?;
            }
        }
        let id = state.put_link(&run.pair.id, &link)?;
        if is_reread {
            state.meet_anew(&[id])?;
        }
        Ok(Some(id))
    })?;
    Ok(stored)
}

/// Makes links of new items that a killed run made, and of those that it changed and that have other ids since: `gone` are
/// the intents of which the latter may be so.
pub(crate) fn adopt(
    run: &mut Run<'_>,
    open: &Unsettled,
    spool: &mut Spool,
    observed: &mut Sides<Observed>,
) -> Result<()> {
    for removed in &open.removed {
        bring_back(run, removed, observed)?;
    }
    for intent in run.state.intents(&run.pair.id)? {
        let is_gone = open.gone.contains(&intent.id);
        let created = Side::BOTH.into_iter().find(|side| intent.creates(*side));
        let missing = || Side::BOTH.into_iter().find(|side| is_gone && is_missing(&intent, *side, observed));
        let Some(side) = created.or_else(missing) else {
            if !is_gone {
                look_again(run, &intent, spool, observed)?;
            } else if !is_open(&intent, observed) {
                conclude(run, &intent, Sides::new(|_| Arrived::No))?;
            }
            continue;
        };
        if intent.creates(side.other()) {
            // Both sides were to be made anew, by an undo: what is there is matched like anything new.
            run.state.transaction(|state| state.remove_intent(intent.id))?;
            continue;
        }
        let made = made(run.pair, &intent, side, spool, observed.of(side))?;
        let is_copy = intent.superseded || is_made(run, &intent, side)?;
        if let Some((at, _)) = made.as_ref().filter(|_| is_copy) {
            // Made twice, because the first one could not be read for a while: it waits for a person, like any copy.
            let item = observed.of_mut(side).new.remove(*at);
            cases::copy(side, &item, spool, observed)?;
            continue;
        }
        let arrived_here = match &made {
            Some((_, snapshot)) => Arrived::Yes(Some(Base::from(snapshot))),
            // What could not be read may be what was made.
            None if observed.of(side).pending.is_empty() => Arrived::No,
            None => Arrived::CannotTell,
        };
        let answers = answers(run, side.other(), &[&intent])?;
        let arrived_there = arrived(*run.pair.storages.of(side.other()), &intent, side.other(), &answers);
        let there = match &arrived_there {
            Arrived::Yes(base) => base.clone(),
            _ => None,
        };
        let arrived = match side {
            Side::Outlook => Sides { outlook: arrived_here, server: arrived_there },
            Side::Server => Sides { outlook: arrived_there, server: arrived_here },
        };
        if let (Some(link), Some((at, _))) = (conclude(run, &intent, arrived)?, made) {
            let here = observed.of_mut(side);
            here.new.remove(at);
            here.linked.retain(|(id, _)| *id != link);
            if let Some(base) = there {
                compare(run, side.other(), link, &base, spool, observed.of_mut(side.other()))?;
            }
        }
    }
    Ok(())
}

/// Settles writes to a linked item by what was observed of it since they were asked about.
///
/// Where not all arrived as it was meant, the bases do not tell what is whose edit: for this run, the grounds of the link do.
fn look_again(
    run: &mut Run<'_>,
    intent: &Intent,
    spool: &mut Spool,
    observed: &mut Sides<Observed>,
) -> Result<()> {
    let Some(link) = intent.link.map(|link| run.state.link(link)).transpose()?.flatten() else {
        return Ok(());
    };
    let held = Sides::new(|side| side)
        .try_map(|side, _| holds_now(run.pair, &link, side, spool, observed.of(side)))?;
    let Sides { outlook: Some(outlook), server: Some(server) } = held else { return Ok(()) };
    let held = Sides { outlook, server };
    let arrived = Sides::new(|side| side).map(|side, _| {
        let found = Fetched::Found(Box::new(held.of(side).clone()));
        let id = intent.planned.of(side).as_ref().map(|base| base.id.clone());
        arrived(*run.pair.storages.of(side), intent, side, &id.into_iter().zip([found]).collect())
    });
    let (is_all, is_part) = (is_all(&arrived), came_in_part(intent, &arrived));
    let grounds = grounds(run.pair, &link, intent, &arrived).filter(|_| is_all || is_part);
    if let Some(items) = grounds.clone().filter(|_| is_part) {
        settle_entries(run, intent, &arrived)?;
        run.state.set_grounds(link.id, Some(Grounds { items, apart: apart(run, intent) }));
    } else {
        conclude(run, intent, arrived)?;
    }
    let Some(grounds) = grounds else { return Ok(()) };
    for side in Side::BOTH {
        let (ground, seen) = (Ground::from(grounds.of(side).clone()), observed.of_mut(side));
        reclassify(link.id, held.of(side), &ground, seen, spool)?;
    }
    Ok(())
}

/// The run that what an intent writes is set apart by.
fn apart(run: &Run<'_>, intent: &Intent) -> Option<String> {
    intent.apart.then(|| run.id.to_string())
}

/// What a side holds of a link; `None` where it does no more, or nobody can tell.
fn holds_now(
    pair: &Pair<'_>,
    link: &Link,
    side: Side,
    spool: &mut Spool,
    observed: &Observed,
) -> Result<Option<Snapshot>> {
    let (storage, Some(base)) = (*pair.storages.of(side), link.sides.of(side)) else { return Ok(None) };
    Ok(match observed.linked.iter().find(|(id, _)| *id == link.id) {
        Some((_, Change::Edited(spooled) | Change::Restated(spooled))) => {
            Some(spool.read(*spooled, storage)?)
        }
        Some(_) => None,
        None if observed.pending.contains(&base.id) || observed.parked.contains(&link.id) => None,
        None => storage.read(&base.original).map(|(item, _)| base.holding(item)),
    })
}

/// What each side's edits of a link are to be told from, where some of the writes of an intent arrived.
///
/// A side that says what was to be written there has edited what it says beyond that. Where the other side's write did not arrive,
/// the edit that was on its way there is still one of this side's, and what this one got from there is none.
fn grounds(pair: &Pair<'_>, link: &Link, intent: &Intent, arrived: &Sides<Arrived>) -> Option<Sides<Item>> {
    let read = |side: Side, base: &Base| Some(pair.storages.of(side).read(&base.original)?.0);
    let planned = Sides::new(|side| side).map(|side, _| read(side, intent.planned.of(side).as_ref()?));
    let Sides { outlook: Some(outlook), server: Some(server) } = planned else { return None };
    let planned = Sides { outlook, server };
    if Side::BOTH.into_iter().any(|side| matches!(intent.wanted.of(side), Wanted::Nothing)) {
        return None;
    }
    let wanted = |side: Side| match intent.wanted.of(side) {
        Wanted::Item(item) => pair.storages.of(side).holds(item),
        _ => planned.of(side).clone(),
    };
    let came = |side: Side| matches!(arrived.of(side), Arrived::Yes(_) | Arrived::Within);
    let Some(lost) = Side::BOTH.into_iter().find(|side| !came(*side)) else {
        return Some(Sides::new(wanted));
    };
    let there = lost.other();
    if !came(there) || planned.outlook.kind() == Kind::Group {
        // Whom a side means by a member of a list, nobody reads in the list.
        return None;
    }
    let before = |side: Side| match link.grounds.of(side) {
        Some(ground) => Some(ground.clone()),
        None => read(side, link.sides.of(side).as_ref()?),
    };
    let (mine, others) = (before(lost)?, before(there)?);
    // What was to give way is an edit still: it has not given way yet, and is told when it does.
    let edited = edit(&Ground::from(mine.clone()), planned.of(lost));
    let gives_way = edited.within(&edit(&Ground::from(planned.of(lost).clone()), &wanted(lost)));
    let stands = take(&gives_way.fields.into_keys().collect(), &mine, planned.of(lost));
    let carried = carry(&Ground::from(mine), &stands, &others);
    let carried = pair.storages.of(there).holds(&carried);
    Some(Sides::new(|side| if side == lost { stands.clone() } else { carried.clone() }))
}

/// Tells anew whether a side edited an item, by what its edits are to be told from.
fn reclassify(
    link: LinkId,
    held: &Snapshot,
    ground: &Ground,
    observed: &mut Observed,
    spool: &mut Spool,
) -> Result<()> {
    let is_edited = !edit(ground, &held.item).is_empty();
    match observed.linked.iter_mut().find(|(id, _)| *id == link) {
        Some((_, change)) => {
            if let Change::Edited(spooled) | Change::Restated(spooled) = *change {
                *change = if is_edited { Change::Edited(spooled) } else { Change::Restated(spooled) };
            }
        }
        None if is_edited => observed.linked.push((link, Change::Edited(spool.push(held)?))),
        None => {}
    }
    Ok(())
}

/// Whether the item of an intent that was to change it is gone from a side.
fn is_missing(intent: &Intent, side: Side, observed: &Sides<Observed>) -> bool {
    let is_it = |(id, change): &(LinkId, _)| Some(*id) == intent.link && *change == Change::Deleted;
    matches!(intent.wanted.of(side), Wanted::Item(_)) && observed.of(side).linked.iter().any(is_it)
}

/// Makes a link once more of which the last item was moved meanwhile, and not removed: with what the other side's had said.
fn bring_back(run: &mut Run<'_>, removed: &Removed, observed: &mut Sides<Observed>) -> Result<()> {
    let Removed { link, side, entry } = removed;
    let uids: Vec<Digest> =
        [&link.uid, &link.other_uid].into_iter().flatten().map(|uid| Digest::of(uid)).collect();
    let is_there = |side: Side| observed.of(side).new.iter().any(|item| uids.contains(&item.uid));
    if !is_there(*side) || is_there(side.other()) {
        return Ok(());
    }
    if let Some(entry) = *entry {
        run.journal.settle(entry, Outcome::Failed, None)?;
    }
    let link = Link { id: LinkId(0), ..link.clone() };
    let id = run.state.transaction(|state| state.put_link(&run.pair.id, &link))?;
    for side in Side::BOTH.into_iter().filter(|side| link.sides.of(*side).is_some()) {
        observed.of_mut(side).linked.push((id, Change::Deleted));
    }
    Ok(())
}

/// Whether nobody can tell yet what became of an item that is gone.
fn is_open(intent: &Intent, observed: &Sides<Observed>) -> bool {
    Side::BOTH.into_iter().any(|side| {
        let (seen, planned) = (observed.of(side), intent.planned.of(side).as_ref());
        planned.is_some_and(|base| seen.pending.contains(&base.id))
            || intent.link.is_some_and(|link| seen.unproven.contains(&link))
    })
}

/// Whether another item has been made of the same one since.
fn is_made(run: &Run<'_>, intent: &Intent, side: Side) -> Result<bool> {
    let source = intent.planned.of(side.other()).as_ref().filter(|_| intent.link.is_none());
    let Some(source) = source else { return Ok(false) };
    Ok(run.state.link_of(&run.pair.id, side.other(), &source.id)?.is_some())
}

/// The new item that says what was to be made.
fn made(
    pair: &Pair<'_>,
    intent: &Intent,
    side: Side,
    spool: &mut Spool,
    observed: &Observed,
) -> Result<Option<(usize, Snapshot)>> {
    let Wanted::Item(wanted) = intent.wanted.of(side) else { return Ok(None) };
    let storage = *pair.storages.of(side);
    let held = storage.holds(wanted);
    let title = Digest::of(held.title());
    for (at, item) in observed.new.iter().enumerate().filter(|(_, item)| item.title == title) {
        let snapshot = spool.read(item.spooled, storage)?;
        let same_uid = match (snapshot.item.uid(), held.uid()) {
            (Some(found), Some(wanted)) => found == wanted || storage.traits().assigns_uid,
            _ => true,
        };
        if same_uid && says(storage, wanted, &snapshot) {
            return Ok(Some((at, snapshot)));
        }
    }
    Ok(None)
}

/// The counterpart of an adopted item is compared with what it was when the item was written, and not with what it was before or
/// with nothing.
fn compare(
    run: &Run<'_>,
    side: Side,
    link: LinkId,
    base: &Base,
    spool: &mut Spool,
    observed: &mut Observed,
) -> Result<()> {
    let storage = *run.pair.storages.of(side);
    if let Some((_, change)) = observed.linked.iter_mut().find(|(id, _)| *id == link) {
        if let Change::Edited(spooled) | Change::Restated(spooled) = *change {
            *change = changed(run.pair, side, base, &spool.read(spooled, storage)?, spooled);
        }
        return Ok(());
    }
    let id = Digest::of(&base.id.0);
    let snapshot = match observed.new.iter().position(|item| item.id == id) {
        Some(at) => spool.read(observed.new.remove(at).spooled, storage)?,
        // As long as it had no link, nobody asked where it is.
        None => match storage.fetch(std::slice::from_ref(&base.id), &run.pair.scope, run.call)?.pop() {
            Some(Fetched::Found(snapshot)) => *snapshot,
            Some(Fetched::Gone)
                if observe::proven(
                    run.pair,
                    side,
                    run.state,
                    observed.alive,
                    std::slice::from_ref(&base.id),
                    run.call,
                )? =>
            {
                observed.linked.push((link, Change::Deleted));
                return Ok(());
            }
            _ => {
                observed.pending.insert(base.id.clone());
                return Ok(());
            }
        },
    };
    if snapshot.original != base.original || snapshot.version != base.version {
        let spooled = spool.push(&snapshot)?;
        observed.linked.push((link, changed(run.pair, side, base, &snapshot, spooled)));
    }
    Ok(())
}
