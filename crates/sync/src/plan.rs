//! What a run will do, decided before it does anything: plain data from links and changes.
//!
//! [`verdict`] is the table of what happens; `plan/table.txt` is the same table, printed by a test, and the
//! specification. [`decide`] turns a verdict into the steps of one item.

use dovetail_model::Item;
use dovetail_model::carry::{self, Clash, Ground, Held, Reconciled, Views, common_ground, reconcile};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Pair;
use crate::differing::differing;
use crate::error::{Error, ErrorKind, Result};
use crate::observe::uid_of;
use crate::sides::{Side, Sides};
use crate::state::{Base, Link, LinkState};
use crate::storage::{Collection, CreateKey, Draft, Snapshot, Traits};

mod bodies;
mod row;
#[cfg(test)]
mod tests;

pub(crate) use bodies::{plan, rebuild};
pub use row::{FieldChange, Plan, PlanRow};

/// Which way edits go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Both ways.
    TwoWay,
    /// The server becomes what Outlook is.
    ReplicateToServer,
    /// Outlook becomes what the server is.
    ReplicateToOutlook,
    /// Outlook's items go to the server, which keeps its own.
    MergeToServer,
    /// The server's items go to Outlook, which keeps its own.
    MergeToOutlook,
}

/// Who wins where both sides edited one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// Field by field; the newer side in a clash; an edit outlives a deletion.
    Merge,
    /// Outlook.
    OutlookWins,
    /// The server.
    ServerWins,
    /// The newer item, deletions included.
    Automatic,
    /// A person.
    Ask,
}

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

    fn seen(&self) -> Seen {
        match self {
            Change::Never => Seen::Never,
            Change::Unchanged | Change::Restated(_) => Seen::Unchanged,
            Change::Edited(_) => Seen::Edited,
            Change::Deleted => Seen::Deleted,
        }
    }
}

/// A [`Change`] without its body: what the table asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// Never there.
    Never,
    /// As it was.
    Unchanged,
    /// Edited, or new.
    Edited,
    /// Gone.
    Deleted,
}

/// What happens to an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Nothing.
    Leave,
    /// It is made on this side, from the other.
    Create(Side),
    /// The other side's edit is carried to this one.
    Carry(Side),
    /// Each side's edit is carried to the other.
    Reconcile,
    /// It is removed on this side.
    Delete(Side),
    /// It was removed on this side and edited on the other: it comes back, edited.
    Revive(Side),
    /// It is gone on both sides.
    Forget,
}

/// The table.
///
/// # Errors
/// `Refused` for a direction or rule that is not built yet: nothing was touched.
pub fn verdict(seen: Sides<Seen>, rule: Rule, direction: Direction) -> Result<Verdict> {
    use Seen::{Deleted, Edited, Never, Unchanged};
    use Side::{Outlook, Server};
    if (rule, direction) != (Rule::Merge, Direction::TwoWay) {
        let what = format!("The direction {direction:?} with the rule {rule:?} is not available yet.");
        return Err(Error::new(ErrorKind::Refused, what));
    }
    Ok(match (seen.outlook, seen.server) {
        (Never | Unchanged, Never | Unchanged) => Verdict::Leave,
        (Edited, Never) => Verdict::Create(Server),
        (Never, Edited) => Verdict::Create(Outlook),
        (Edited, Unchanged) => Verdict::Carry(Server),
        (Unchanged, Edited) => Verdict::Carry(Outlook),
        (Edited, Edited) => Verdict::Reconcile,
        (Deleted, Unchanged) => Verdict::Delete(Server),
        (Unchanged, Deleted) => Verdict::Delete(Outlook),
        (Deleted, Edited) => Verdict::Revive(Outlook),
        (Edited, Deleted) => Verdict::Revive(Server),
        (Deleted | Never, Deleted) | (Deleted, Never) => Verdict::Forget,
    })
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
    /// The run: random names are made of it, so that planning twice gives the same names.
    pub run: Uuid,
}

impl<'a> Terms<'a> {
    /// The terms of a run of a pair.
    pub fn of(pair: &Pair<'a>, run: Uuid) -> Terms<'a> {
        Terms {
            storages: pair.storages,
            traits: pair.storages.map(|_, storage| storage.traits()),
            rule: pair.rule,
            direction: pair.direction,
            run,
        }
    }
}

/// Decides what is done to one item: a linked one, one that is new on a side, or two that were matched.
///
/// # Errors
/// `Refused` as [`verdict`]; `Malformed` where a stored base cannot be read any more.
pub fn decide(link: Option<&Link>, changes: &Sides<Change<Snapshot>>, terms: &Terms<'_>) -> Result<Action> {
    let verdict = verdict(changes.as_ref().map(|_, change| change.seen()), terms.rule, terms.direction)?;
    let current = Sides::new(|side| side).try_map(|side, _| current(link, changes.of(side), side, terms))?;
    let leave = Sides { outlook: Step::Leave, server: Step::Leave };
    let mut action = Action { verdict, current, steps: leave, clashes: Vec::new(), kept: Side::Server };
    match verdict {
        Verdict::Leave | Verdict::Forget => {}
        Verdict::Create(on) => create(&mut action, on, link, terms),
        Verdict::Carry(onto) => {
            carry_onto(&mut action, onto, link, terms)?;
            fill(&mut action, link, terms);
        }
        Verdict::Reconcile => {
            join(&mut action, link, terms)?;
            fill(&mut action, link, terms);
        }
        Verdict::Delete(on) => *action.steps.of_mut(on) = Step::Delete,
        Verdict::Revive(on) => {
            revive(&mut action, on, link, terms)?;
            fill(&mut action, link, terms);
        }
    }
    Ok(action)
}

/// What a side holds now: as just seen, or as its base has it.
fn current(
    link: Option<&Link>,
    change: &Change<Snapshot>,
    side: Side,
    terms: &Terms<'_>,
) -> Result<Option<Snapshot>> {
    match change {
        Change::Edited(snapshot) | Change::Restated(snapshot) => Ok(Some(snapshot.clone())),
        Change::Never | Change::Deleted => Ok(None),
        Change::Unchanged => {
            let base = link.and_then(|link| link.sides.of(side).as_ref());
            base.map(|base| snapshot_of_base(base, side, terms)).transpose()
        }
    }
}

fn snapshot_of_base(base: &Base, side: Side, terms: &Terms<'_>) -> Result<Snapshot> {
    Ok(Snapshot {
        id: base.id.clone(),
        version: base.version.clone(),
        modified: base.modified,
        item: read_base(base, side, terms)?,
        original: base.original.clone(),
    })
}

fn read_base(base: &Base, side: Side, terms: &Terms<'_>) -> Result<Item> {
    let unreadable = || {
        Error::new(
            ErrorKind::Malformed,
            format!("What is stored of the {side} item {} cannot be read.", base.id.0),
        )
    };
    Ok(terms.storages.of(side).read(&base.original).ok_or_else(unreadable)?.0)
}

fn ground(link: Option<&Link>, side: Side, terms: &Terms<'_>) -> Result<Option<Ground>> {
    let base = link.and_then(|link| link.sides.of(side).as_ref());
    base.map(|base| Ok(Ground::from(read_base(base, side, terms)?))).transpose()
}

fn create(action: &mut Action, on: Side, link: Option<&Link>, terms: &Terms<'_>) {
    if let Some(source) = action.current.of(on.other()) {
        let key = create_key(source, on, link, terms);
        let mut item = source.item.clone();
        item.set_uid(Some(key.uid.clone()));
        *action.steps.of_mut(on) = Step::Write(Draft { item, from: None, key });
    }
}

fn carry_onto(action: &mut Action, onto: Side, link: Option<&Link>, terms: &Terms<'_>) -> Result<()> {
    let from = onto.other();
    let Some(base) = ground(link, from, terms)? else {
        // It had been taken from this side on purpose, and somebody brought it back: as if both were new.
        return join(action, link, terms);
    };
    let (Some(edited), Some(target)) = (action.current.of(from), action.current.of(onto)) else {
        return Ok(());
    };
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
        (Some(of_outlook), Some(of_server)) => Sides {
            outlook: carry::agreed(of_outlook, &outlook.item, &found),
            server: carry::agreed(of_server, &server.item, &found),
        },
        _ => {
            let (outlook, server) = common_ground(views);
            Sides { outlook, server }
        }
    };
    let newer = newer(outlook, server);
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
    let views = Views {
        own: &outlook,
        other: &server,
        own_as_other: &terms.storages.server.holds(&outlook),
        other_as_own: &terms.storages.outlook.holds(&server),
    };
    let (ground_outlook, ground_server) = common_ground(views);
    let Reconciled { winner, loser, clashes } = reconcile(
        Held { base: &ground_server, current: &server },
        Held { base: &ground_outlook, current: &outlook },
    );
    if !clashes.is_empty() {
        return;
    }
    for (side, item) in [(Side::Outlook, loser), (Side::Server, winner)] {
        match (action.current.of(side), action.steps.of_mut(side)) {
            (Some(current), step) => *step = write_over(current, item, side, link, terms),
            (None, Step::Write(draft)) => draft.item = item,
            (None, _) => {}
        }
    }
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
    let (Some(there), Some(here), Some(edited)) = (base_there, base_here, action.current.of(on.other()))
    else {
        create(action, on, link, terms);
        return Ok(());
    };
    let key = create_key(edited, on, link, terms);
    let mut item = carry::carry(&here, &edited.item, &read_base(there, on, terms)?);
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
