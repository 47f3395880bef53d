//! What a run will do, decided before it does anything: plain data from links and changes.
//!
//! [`verdict`] is the table of what happens; `plan/table.txt` is the same table, printed by a test, and the
//! specification. [`decide`] turns a verdict into the steps of one item: what both sides edit here, what only one may in
//! `one_way`.

use std::collections::BTreeSet;

use dovetail_model::Item;
use dovetail_model::carry::{self, Clash, Field, Ground, Held, Reconciled, Views, common_ground, reconcile};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Pair;
use crate::differing::differing;
use crate::error::{Error, ErrorKind, Result};
use crate::observe::uid_of;
use crate::people::Familiar;
use crate::sides::{Side, Sides};
use crate::state::{Base, Link, LinkState};
use crate::storage::{Collection, CreateKey, Draft, Snapshot, Traits};

mod bodies;
mod notice;
mod one_way;
mod row;
mod table;
#[cfg(test)]
mod tests;

pub(crate) use bodies::{Plain, action_of, part, plan, rebuild, take_plain};
pub(crate) use notice::leave_read_only;
pub use notice::{Baseline, Notice, notices};
pub use row::{FieldChange, Plan, PlanRow};
pub use table::{Direction, Rule, Seen, Verdict, Whose, verdict};

/// What became of an item on one side since both last agreed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Change<S> {
    /// This side does not have it, and did not when both last agreed.
    Never,
    /// It is as it was.
    Unchanged,
    /// It has another version and says the same.
    Restated(S),
    /// It was edited, or is new.
    Edited(S),
    /// It is gone, and that is confirmed.
    Deleted,
}

impl<S> Change<S> {
    /// The same about something else, such as a body read from the spool.
    pub fn try_map<U, E>(&self, mut make: impl FnMut(&S) -> Result<U, E>) -> Result<Change<U>, E> {
        Ok(match self {
            Change::Never => Change::Never,
            Change::Unchanged => Change::Unchanged,
            Change::Restated(it) => Change::Restated(make(it)?),
            Change::Edited(it) => Change::Edited(make(it)?),
            Change::Deleted => Change::Deleted,
        })
    }

    /// Whether this side says something that it did not say when both last agreed.
    pub(crate) fn is_edit(&self) -> bool {
        matches!(self, Change::Edited(_))
    }

    fn seen(&self) -> Seen {
        match self {
            Change::Never => Seen::Never,
            Change::Unchanged | Change::Restated(_) => Seen::Unchanged,
            Change::Edited(_) => Seen::Edited,
            Change::Deleted => Seen::Deleted,
        }
    }
}

/// What is done on one side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Step {
    /// Nothing.
    Leave,
    /// The item is made or changed.
    Write(Draft),
    /// It is removed.
    Delete,
}

/// What is done to one item.
#[derive(Clone, Debug)]
pub struct Action {
    /// Why.
    pub verdict: Verdict,
    /// What each side holds now, as far as it holds anything.
    pub current: Sides<Option<Snapshot>>,
    /// What is done.
    pub steps: Sides<Step>,
    /// What clashed.
    pub clashes: Vec<Clash>,
    /// Who won the clashes.
    pub kept: Side,
}

/// What deciding needs to know beyond links and changes.
#[derive(Clone, Copy)]
pub struct Terms<'a> {
    /// The storages, for what is pure in them: reading originals and knowing what they hold.
    pub storages: Sides<&'a dyn Collection>,
    /// What the storages can do.
    pub traits: Sides<Traits>,
    /// Who wins.
    pub rule: Rule,
    /// Which way edits go.
    pub direction: Direction,
    /// Which way they would go if both sides took writes.
    pub wanted: Direction,
    /// The run: random names are made of it, so that planning twice gives the same names.
    pub run: Uuid,
    /// Whom members of lists mean, and what the tasks are called.
    people: Option<&'a Familiar>,
}

/// Which way edits go where a storage may take no writes: then the other side takes what it has, and keeps its own.
pub(crate) fn direction_of(pair: &Pair<'_>) -> Direction {
    pair.direction.where_writable(pair.storages.map(|_, storage| !storage.traits().read_only))
}

impl<'a> Terms<'a> {
    /// The terms of a run of a pair.
    pub fn of(pair: &Pair<'a>, run: Uuid) -> Terms<'a> {
        Terms {
            storages: pair.storages,
            traits: pair.storages.map(|_, storage| storage.traits()),
            rule: pair.rule,
            direction: direction_of(pair),
            wanted: pair.direction,
            run,
            people: None,
        }
    }

    /// The same, knowing whom members of lists mean.
    #[must_use]
    pub(crate) fn knowing(self, people: Option<&'a Familiar>) -> Terms<'a> {
        Terms { people, ..self }
    }
}

/// Decides what is done to one item: a linked one, one that is new on a side, or two that were matched.
///
/// # Errors
/// `Malformed` where a stored base cannot be read any more.
pub fn decide(link: Option<&Link>, changes: &Sides<Change<Snapshot>>, terms: &Terms<'_>) -> Result<Action> {
    let seen = changes.as_ref().map(|_, change| change.seen());
    let verdict = verdict(seen, one_way::whose(link, terms), terms.rule, terms.direction);
    let verdict = if is_met_anew(link) { verdict.met_anew(terms.direction) } else { verdict };
    let current = Sides::new(|side| side).try_map(|side, _| current(link, changes.of(side), side, terms))?;
    let leave = Sides { outlook: Step::Leave, server: Step::Leave };
    let mut action = Action { verdict, current, steps: leave, clashes: Vec::new(), kept: Side::Server };
    match verdict {
        Verdict::Leave | Verdict::Forget | Verdict::RemoveCopy => {}
        Verdict::Create(on) => create(&mut action, on, link, terms),
        Verdict::Carry(onto) => carry_onto(&mut action, onto, link, terms)?,
        Verdict::Reconcile => join(&mut action, link, terms)?,
        Verdict::Overwrite(on) => overwrite(&mut action, on, link, terms)?,
        Verdict::OverwriteOlder => {
            let newer = action.current.outlook.as_ref().zip(action.current.server.as_ref());
            let newer = newer.map_or(Side::Server, |(outlook, server)| self::newer(outlook, server));
            overwrite(&mut action, newer.other(), link, terms)?;
        }
        Verdict::TakeBack(on) => one_way::take_back(&mut action, on, link, terms)?,
        Verdict::Offer(onto) => one_way::offer(&mut action, onto, link, terms)?,
        Verdict::Delete(on) => {
            *action.steps.of_mut(on) = Step::Delete;
            if *seen.of(on) == Seen::Edited {
                lose_edit(&mut action, on, link, terms)?;
            }
        }
        Verdict::Revive(on) => revive(&mut action, on, link, terms)?,
    }
    // An edit that had made room may have arrived without what was to take it.
    let is_half = link.is_some_and(|link| link.grounds != Sides::default());
    let has_room = verdict.makes_room() || is_half && terms.direction == Direction::TwoWay;
    if has_room && terms.direction.replicates_to().is_none() {
        fill(&mut action, link, terms);
    }
    if let Some(target) = terms.direction.replicates_to().filter(|_| has_room) {
        one_way::complete(&mut action, target, link, terms);
    }
    show_anew(&mut action, link, changes, terms);
    for side in Side::BOTH {
        take_back_what_is_not_ours(&mut action, side, link, terms)?;
    }
    if let Some(target) = terms.direction.target() {
        // INVARIANT: one-way, the side that edits come from is never written to.
        *action.steps.of_mut(target.other()) = Step::Leave;
    }
    Ok(action)
}

/// Whether both bases agreed when they were stored, and are read differently now.
fn is_met_anew(link: Option<&Link>) -> bool {
    link.is_some_and(|link| link.is_reread)
}

/// Where a side shows of an item what is of a time that is over, or of what it said before it was edited, it gets what it has
/// once more.
fn show_anew(action: &mut Action, link: Option<&Link>, changes: &Sides<Change<Snapshot>>, terms: &Terms<'_>) {
    let is_apart = link.is_some_and(|link| matches!(link.state, LinkState::Apart { .. } | LinkState::Own));
    if action.current.outlook.is_none() || action.current.server.is_none() {
        return;
    }
    for side in Side::BOTH {
        let Some(current) = action.current.of(side) else { continue };
        let is_new = matches!(changes.of(side), Change::Edited(_) | Change::Restated(_)) && !is_apart;
        let is_left = *action.steps.of(side) == Step::Leave;
        if is_left && (is_new || is_met_anew(link)) && terms.storages.of(side).is_outdated(&current.original)
        {
            let key = create_key(current, side, link, terms);
            let draft = Draft { item: current.item.clone(), from: Some(current.original.clone()), key };
            *action.steps.of_mut(side) = Step::Write(draft);
        }
    }
}

/// What a side holds now: as just seen, or as its base has it.
fn current(
    link: Option<&Link>,
    change: &Change<Snapshot>,
    side: Side,
    terms: &Terms<'_>,
) -> Result<Option<Snapshot>> {
    let mut current = match change {
        Change::Edited(snapshot) | Change::Restated(snapshot) => Some(snapshot.clone()),
        Change::Never | Change::Deleted => None,
        Change::Unchanged => {
            let base = link.and_then(|link| link.sides.of(side).as_ref());
            base.map(|base| snapshot_of_base(base, side, terms)).transpose()?
        }
    };
    if let (Some(snapshot), Some(people)) = (&mut current, terms.people) {
        people.now.fill(side, &mut snapshot.item);
    }
    Ok(current)
}

fn snapshot_of_base(base: &Base, side: Side, terms: &Terms<'_>) -> Result<Snapshot> {
    Ok(base.holding(read_original(base, side, terms)?))
}

fn read_original(base: &Base, side: Side, terms: &Terms<'_>) -> Result<Item> {
    let unreadable = || {
        Error::new(
            ErrorKind::Malformed,
            format!("What is stored of the {side} item {} cannot be read.", base.id.0),
        )
    };
    Ok(terms.storages.of(side).read(&base.original).ok_or_else(unreadable)?.0)
}

/// What a side held when both last agreed, and whom its members then meant.
fn ground(link: Option<&Link>, side: Side, terms: &Terms<'_>) -> Result<Option<Ground>> {
    let Some((link, base)) = link.and_then(|link| Some((link, link.sides.of(side).as_ref()?))) else {
        return Ok(None);
    };
    let mut item = match link.grounds.of(side) {
        Some(ground) => ground.clone(),
        None => read_original(base, side, terms)?,
    };
    if let Some(people) = terms.people {
        people.then.fill(side, &mut item);
    }
    Ok(Some(Ground::from(item)))
}

fn create(action: &mut Action, on: Side, link: Option<&Link>, terms: &Terms<'_>) {
    if let Some(source) = action.current.of(on.other()) {
        let mut key = create_key(source, on, link, terms);
        if link.is_none() && !terms.storages.of(on).takes_uid(&key.uid) {
            let uid = Uuid::new_v5(&terms.run, source.id.0.as_bytes()).to_string();
            key = CreateKey { name: uid.clone(), uid };
        }
        let mut item = source.item.clone();
        item.set_uid(Some(key.uid.clone()));
        *action.steps.of_mut(on) = Step::Write(Draft { item, from: None, key });
    }
}

fn carry_onto(action: &mut Action, onto: Side, link: Option<&Link>, terms: &Terms<'_>) -> Result<()> {
    let from = onto.other();
    let Some(base) = ground(link, from, terms)? else {
        // It had been taken from this side on purpose, and somebody brought it back: as if both were new.
        return match terms.direction {
            Direction::TwoWay => join(action, link, terms),
            _ => one_way::replace(action, onto, link, terms),
        };
    };
    let (Some(edited), Some(target)) = (action.current.of(from), action.current.of(onto)) else {
        return Ok(());
    };
    let shown = Ground::from(terms.storages.of(from).holds(&target.item));
    if carry::edit(&shown, &edited.item).is_empty() {
        // Another computer has carried the edit already; or it has shown here what lies there, beyond what the base of this
        // one tells, and that is nobody's edit.
        return Ok(());
    }
    let item = carry::carry(&base, &edited.item, &target.item);
    *action.steps.of_mut(onto) = write_over(target, item, onto, link, terms);
    Ok(())
}

/// Two edited items of one link, or two that were matched: then what they have in common is their base.
fn join(action: &mut Action, link: Option<&Link>, terms: &Terms<'_>) -> Result<()> {
    let (Some(outlook), Some(server)) = (&action.current.outlook, &action.current.server) else {
        return Ok(());
    };
    let outlook_there = terms.storages.server.holds(&outlook.item);
    let server_here = terms.storages.outlook.holds(&server.item);
    let views = Views {
        own: &outlook.item,
        other: &server.item,
        own_as_other: &outlook_there,
        other_as_own: &server_here,
    };
    let found = differing(terms.storages, &outlook.item, &server.item);
    if found.is_empty() {
        // They agree already, perhaps because a killed run had carried the edits: only the bases are recorded.
        return Ok(());
    }
    let bases = match (ground(link, Side::Outlook, terms)?, ground(link, Side::Server, terms)?) {
        (Some(of_outlook), Some(of_server)) if is_met_anew(link) => {
            in_common(&of_outlook.item, &of_server.item, terms)
        }
        (Some(of_outlook), Some(of_server)) => Sides {
            outlook: carry::agreed(of_outlook, &outlook.item, &found),
            server: carry::agreed(of_server, &server.item, &found),
        },
        _ => {
            let (outlook, server) = common_ground(views);
            Sides { outlook, server }
        }
    };
    let newer = match terms.rule {
        Rule::OutlookWins => Side::Outlook,
        Rule::ServerWins => Side::Server,
        Rule::Merge | Rule::Automatic | Rule::Ask => newer(outlook, server),
    };
    action.kept = newer;
    let held = |side: Side| {
        let current = if side == Side::Outlook { outlook } else { server };
        Held { base: bases.of(side), current: &current.item }
    };
    let Reconciled { winner, loser, clashes } = reconcile(held(newer), held(newer.other()));
    let (for_outlook, for_server) = if newer == Side::Outlook { (winner, loser) } else { (loser, winner) };
    action.steps = Sides {
        outlook: write_over(outlook, for_outlook, Side::Outlook, link, terms),
        server: write_over(server, for_server, Side::Server, link, terms),
    };
    action.clashes = clashes;
    Ok(())
}

/// The edit of one side gives way to that of the other, whole.
fn overwrite(action: &mut Action, on: Side, link: Option<&Link>, terms: &Terms<'_>) -> Result<()> {
    let bases = Sides::new(|side| side).try_map(|side, _| ground(link, side, terms))?;
    let bases = bases.as_ref().map(|_, base| base.as_ref().filter(|_| !is_met_anew(link)));
    let (Some(of_winner), Some(of_loser)) = (*bases.of(on.other()), *bases.of(on)) else {
        return match terms.direction {
            // What was never linked is merged; the rule decides what clashes.
            Direction::TwoWay => join(action, link, terms),
            _ => one_way::replace(action, on, link, terms),
        };
    };
    let (Some(winner), Some(loser)) = (action.current.of(on.other()), action.current.of(on)) else {
        return Ok(());
    };
    // What the winner's side cannot show of the loser's edit, it has no opinion on.
    let shows = |item: &Item| terms.storages.of(on.other()).holds(item);
    let seen = carry::edit(&Ground::from(shows(&of_loser.item)), &shows(&loser.item));
    let prevailed = carry::prevail(
        Held { base: of_winner, current: &winner.item },
        Held { base: of_loser, current: &loser.item },
        &seen,
    );
    let step = write_over(loser, prevailed.loser, on, link, terms);
    *action.steps.of_mut(on) = step;
    action.clashes = prevailed.clashes;
    action.kept = on.other();
    Ok(())
}

/// What is removed was edited since both sides agreed: the edit is lost, and that is said.
fn lose_edit(action: &mut Action, on: Side, link: Option<&Link>, terms: &Terms<'_>) -> Result<()> {
    action.kept = on.other();
    if let (Some(base), Some(edited)) = (ground(link, on, terms)?, action.current.of(on)) {
        action.clashes = carry::removed(&base, &edited.item);
    }
    Ok(())
}

/// Where an edit made room for what the other side has beyond what fitted so far (a fourth address, once one of three is
/// removed), that crosses as well. Only what is missing on a side: nothing that anybody edited is touched.
fn fill(action: &mut Action, link: Option<&Link>, terms: &Terms<'_>) {
    if link.is_some_and(|link| matches!(link.state, LinkState::Apart { .. })) {
        return;
    }
    let after = |side: Side| Some(terms.storages.of(side).holds(action.item_after(side)?));
    let (Some(outlook), Some(server)) = (after(Side::Outlook), after(Side::Server)) else { return };
    if differing(terms.storages, &outlook, &server).is_empty() {
        return;
    }
    let filled = [(Side::Outlook, &outlook, &server), (Side::Server, &server, &outlook)]
        .map(|(side, own, other)| (side, filled(own, &terms.storages.of(side).holds(other))));
    for (side, item) in filled {
        match (action.current.of(side), action.steps.of_mut(side)) {
            (Some(current), step) => *step = write_over(current, item, side, link, terms),
            (None, Step::Write(draft)) => draft.item = item,
            (None, _) => {}
        }
    }
}

/// An item with what another of the same side has and it has not.
fn filled(own: &Item, other: &Item) -> Item {
    let views = Views { own, other, own_as_other: own, other_as_own: other };
    let (ground, ground_of_other) = common_ground(views);
    let Reconciled { loser, clashes, .. } =
        reconcile(Held { base: &ground_of_other, current: other }, Held { base: &ground, current: own });
    // What contradicts itself is no room that was made.
    let contested = clashes.iter().flat_map(|clash| clash.fields.iter().copied()).collect();
    carry::take(&contested, own, &loser)
}

/// Of an item that is not all its owner's to change, the rest is not written; where it was edited on the other side, that is
/// taken back there, or the sides would differ from now on.
fn take_back_what_is_not_ours(
    action: &mut Action,
    on: Side,
    link: Option<&Link>,
    terms: &Terms<'_>,
) -> Result<()> {
    let (Some(current), Step::Write(draft)) = (action.current.of(on).clone(), action.steps.of(on)) else {
        return Ok(());
    };
    let storage = terms.storages.of(on);
    let Some(taken) = storage.takes(&current.original, &draft.item) else { return Ok(()) };
    let wanted = carry::edit(&Ground::from(current.item.clone()), &draft.item);
    let refused = carry::edit(&Ground::from(taken.clone()), &storage.holds(&draft.item)).within(&wanted);
    if refused.is_empty() {
        return Ok(());
    }
    *action.steps.of_mut(on) = write_over(&current, taken.clone(), on, link, terms);
    let from = on.other();
    let (Some(edited), Some(after)) = (action.current.of(from).clone(), action.item_after(from).cloned())
    else {
        return Ok(());
    };
    let fields: BTreeSet<Field> = refused.fields.keys().copied().collect();
    let is_untouched = |base: Ground| {
        let edit = carry::edit(&base, &current.item);
        !edit.fields.keys().any(|field| fields.contains(field))
    };
    let before = match (ground(link, on, terms)?.is_some_and(is_untouched), ground(link, from, terms)?) {
        (true, Some(base)) => base.item,
        // What the other side edited since is what is to be seen here.
        _ => terms.storages.of(from).holds(&taken),
    };
    let item = carry::take(&fields, &before, &after);
    let mut lost = carry::lost(&carry::edit(&Ground::from(item.clone()), &after));
    // Nothing that the other side wanted stands instead.
    lost.iter_mut().for_each(|clash| clash.kept.clear());
    action.clashes.extend(lost);
    action.kept = on;
    *action.steps.of_mut(from) = write_over(&edited, item, from, link, terms);
    Ok(())
}

/// What two bases have in common: what one of them says beyond that is new to the other side.
fn in_common(outlook: &Item, server: &Item, terms: &Terms<'_>) -> Sides<Ground> {
    let (of_outlook, of_server) = common_ground(Views {
        own: outlook,
        other: server,
        own_as_other: &terms.storages.server.holds(outlook),
        other_as_own: &terms.storages.outlook.holds(server),
    });
    Sides { outlook: of_outlook, server: of_server }
}

/// Who wins a clash: the item that was changed later. Where that is not known, or equal, the server's: others may have
/// seen it already.
fn newer(outlook: &Snapshot, server: &Snapshot) -> Side {
    match (outlook.modified, server.modified) {
        (Some(outlook), Some(server)) if outlook > server => Side::Outlook,
        _ => Side::Server,
    }
}

/// The item comes back as its side had it, with what the other side edited since.
fn revive(action: &mut Action, on: Side, link: Option<&Link>, terms: &Terms<'_>) -> Result<()> {
    let base_there = link.and_then(|link| link.sides.of(on).as_ref());
    let base_here = ground(link, on.other(), terms)?;
    let (Some(there), Some(was), Some(here), Some(edited)) =
        (base_there, ground(link, on, terms)?, base_here, action.current.of(on.other()))
    else {
        create(action, on, link, terms);
        return Ok(());
    };
    let key = create_key(edited, on, link, terms);
    let mut item = carry::carry(&here, &edited.item, &was.item);
    item.set_uid(Some(key.uid.clone()));
    *action.steps.of_mut(on) = Step::Write(Draft { item, from: Some(there.original.clone()), key });
    Ok(())
}

/// A write that makes `target` say what `item` says; nothing where it could not tell the difference.
fn write_over(target: &Snapshot, item: Item, side: Side, link: Option<&Link>, terms: &Terms<'_>) -> Step {
    let storage = terms.storages.of(side);
    if item == target.item {
        return Step::Leave;
    }
    let held = Ground::from(storage.holds(&target.item));
    if carry::edit(&held, &storage.holds(&item)).is_empty() {
        return Step::Leave;
    }
    let key = create_key(target, side, link, terms);
    Step::Write(Draft { item, from: Some(target.original.clone()), key })
}

/// The names of an item that may have to be made: its UID, and a resource name, random where the server would overwrite.
fn create_key(source: &Snapshot, on: Side, link: Option<&Link>, terms: &Terms<'_>) -> CreateKey {
    let known = link.and_then(|link| link.uid.clone()).filter(|_| source.item.uid().is_none());
    let uid = known.unwrap_or_else(|| uid_of(source));
    let name = if terms.traits.of(on).create_guard {
        uid.clone()
    } else {
        Uuid::new_v5(&terms.run, source.id.0.as_bytes()).to_string()
    };
    CreateKey { uid, name }
}
