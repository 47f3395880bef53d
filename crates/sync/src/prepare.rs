//! The first pass of a run, up to a guarded plan; and its end, when everything is remembered at once.

use std::collections::{BTreeMap, BTreeSet};

use dovetail_model::resemble::{features, score};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::Pair;
use crate::error::Result;
use crate::execute::Executed;
use crate::guard::{Circumstances, guard};
use crate::journal::Journal;
use crate::match_up::{SAME, match_up};
use crate::observe::{NewItem, Observed, observe, title_of_base};
use crate::plan::{Action, Change, Plan, PlanRow, Terms, decide};
use crate::report::{HoldReason, Line, LineEvent};
use crate::sides::{Side, Sides};
use crate::spool::{Spool, Spooled};
use crate::state::{Intent, Link, LinkId, LinkState, State};
use crate::storage::{Call, ItemId, Snapshot};

/// What the first pass found out and decided.
pub(crate) struct Prepared {
    pub(crate) run: Uuid,
    pub(crate) plan: Plan,
    pub(crate) spool: Spool,
    pub(crate) observed: Sides<Observed>,
    /// What is to be asked again, beyond what observing and executing leave open.
    pub(crate) pending: Sides<BTreeSet<ItemId>>,
    pub(crate) lines: Vec<Line>,
}

type Changes = BTreeMap<LinkId, Sides<Change<Spooled>>>;

/// Observes both sides, matches, plans and guards. Nothing is written but the spool.
pub(crate) fn prepare(
    pair: &Pair<'_>,
    state: &mut State,
    journal: &Journal,
    run: Uuid,
    now: Timestamp,
    call: &Call,
) -> Result<Prepared> {
    let mut spool = Spool::create(&state.spool_path())?;
    let observed = Sides::new(|side| side).try_map(|side, _| observe(pair, side, state, &mut spool, call))?;
    let mut prepared = Prepared {
        run,
        plan: Plan::default(),
        spool,
        observed,
        pending: Sides::default(),
        lines: Vec::new(),
    };
    let mut changes = prepared.linked_changes(state)?;
    let new = prepared.unlinked(pair, state, &mut changes)?;
    prepared.plan_linked(pair, state, changes)?;
    prepared.plan_new(pair, state, &new)?;
    prepared.hold_unproven(pair, state)?;

    let before = now.checked_sub(SignedDuration::from_hours(24)).unwrap_or(Timestamp::MIN);
    let circumstances = Circumstances {
        limits: pair.limits,
        linked: Sides::new(|side| side).try_map(|side, _| state.linked(&pair.id, side))?,
        destroyed: Sides::new(|side| side)
            .try_map(|side, _| journal.destroyed_since(&pair.id, side, before))?,
        server_may_schedule: pair.server_may_schedule,
        verdict: &|subject| state.verdict(&pair.id, subject).ok().flatten(),
    };
    guard(&mut prepared.plan.rows, &circumstances);
    prepared.observed.outlook.new.clear();
    prepared.observed.server.new.clear();
    Ok(prepared)
}

impl Prepared {
    fn linked_changes(&self, state: &State) -> Result<Changes> {
        let mut changes = Changes::new();
        for side in Side::BOTH {
            for (id, change) in &self.observed.of(side).linked {
                *both(&mut changes, state, *id)?.of_mut(side) = change.clone();
            }
        }
        Ok(changes)
    }

    /// The new items of both sides, less those that are a linked item under another id, and copies of linked ones.
    fn unlinked(
        &mut self,
        pair: &Pair<'_>,
        state: &State,
        changes: &mut Changes,
    ) -> Result<Sides<Vec<NewItem>>> {
        let intents = state.intents(&pair.id)?;
        let mut unlinked = Sides::<Vec<NewItem>>::default();
        for side in Side::BOTH {
            for item in std::mem::take(&mut self.observed.of_mut(side).new) {
                let link = self.link_that_lost(pair, state, changes, &intents, side, &item)?;
                if let Some(id) = link {
                    *both(changes, state, id)?.of_mut(side) = Change::Edited(item.spooled);
                    continue;
                }
                match known_uid(pair, state, &item)? {
                    Some(uid) => self.copy(side, &item, uid),
                    None => unlinked.of_mut(side).push(item),
                }
            }
        }
        Ok(unlinked)
    }

    /// The link whose item of this side is gone, and now is there under another id: recognised by its UID, or because
    /// a killed run was making just this item for it.
    fn link_that_lost(
        &mut self,
        pair: &Pair<'_>,
        state: &State,
        changes: &Changes,
        intents: &[Intent],
        side: Side,
        item: &NewItem,
    ) -> Result<Option<LinkId>> {
        let by_uid = match &item.features.uid {
            Some(uid) => state.link_by_uid(&pair.id, uid)?,
            None => None,
        };
        let by_intent = match self.counterpart(pair, intents, side, item)? {
            Some(other) if by_uid.is_none() => state.link_of(&pair.id, side.other(), &other)?,
            _ => None,
        };
        let lost = by_uid.or(by_intent).filter(|link| {
            let change = changes.get(&link.id).map(|change| change.of(side));
            link.sides.of(side).is_none() && !matches!(change, Some(Change::Edited(_)))
                || matches!(change, Some(Change::Deleted))
        });
        match lost {
            Some(link) => Ok(Some(link.id)),
            None if item.features.uid.is_none() => lost_and_alike(pair, state, changes, side, item),
            None => Ok(None),
        }
    }

    /// What a killed run was making this item from.
    fn counterpart(
        &mut self,
        pair: &Pair<'_>,
        intents: &[Intent],
        side: Side,
        item: &NewItem,
    ) -> Result<Option<ItemId>> {
        let candidates: Vec<&Intent> =
            intents.iter().filter(|intent| intent.side == side && intent.item.is_some()).collect();
        if candidates.is_empty() {
            return Ok(None);
        }
        let storage = *pair.storages.of(side);
        let made = storage.holds(&self.spool.read(item.spooled, storage)?.item);
        let same = |intent: &&&Intent| {
            intent.item.as_ref().is_some_and(|item| {
                let mut item = storage.holds(item);
                item.set_uid(made.uid().map(str::to_owned));
                item == made
            })
        };
        Ok(candidates.iter().find(same).and_then(|intent| intent.other.clone()))
    }

    fn copy(&mut self, side: Side, item: &NewItem, uid: String) {
        self.pending.of_mut(side).insert(item.id.clone());
        self.held_line(side, &item.title, HoldReason::DuplicateUid { uid });
    }

    fn held_line(&mut self, side: Side, title: &str, reason: HoldReason) {
        self.lines.push(Line {
            title: title.to_owned(),
            side: Some(side),
            event: LineEvent::Held { reason },
        });
    }

    fn plan_linked(&mut self, pair: &Pair<'_>, state: &State, changes: Changes) -> Result<()> {
        let parked: BTreeSet<LinkId> =
            Side::BOTH.iter().flat_map(|side| self.observed.of(*side).parked.iter().copied()).collect();
        for (id, change) in changes {
            let Some(link) = state.link(id)? else { continue };
            let unproven = Side::BOTH.iter().any(|side| self.observed.of(*side).unproven.contains(&id));
            let outside = link.state == LinkState::Parked && !self.came_back(&change);
            if parked.contains(&id) || unproven || outside {
                // What changed on the other side is looked at again when this one is known.
                self.ask_again(&link);
                continue;
            }
            self.plan_row(pair, Some(&link), change)?;
        }
        Ok(())
    }

    /// Whether a parked item was seen again in scope.
    fn came_back(&self, change: &Sides<Change<Spooled>>) -> bool {
        matches!(change.outlook, Change::Edited(_) | Change::Restated(_))
            || matches!(change.server, Change::Edited(_) | Change::Restated(_))
    }

    fn ask_again(&mut self, link: &Link) {
        for side in Side::BOTH {
            if let Some(base) = link.sides.of(side) {
                self.pending.of_mut(side).insert(base.id.clone());
            }
        }
    }

    fn plan_new(&mut self, pair: &Pair<'_>, state: &State, new: &Sides<Vec<NewItem>>) -> Result<()> {
        let written = self.written_together(pair, state, new)?;
        let matches = match_up(Sides { outlook: &new.outlook, server: &new.server }, &written);
        for at in &matches.pairs {
            let spooled = Sides { outlook: new.outlook.get(at.outlook), server: new.server.get(at.server) };
            if let Sides { outlook: Some(outlook), server: Some(server) } = spooled {
                let change = Sides {
                    outlook: Change::Edited(outlook.spooled),
                    server: Change::Edited(server.spooled),
                };
                self.plan_row(pair, None, change)?;
            }
        }
        for side in Side::BOTH {
            for item in matches.single.of(side).iter().filter_map(|at| new.of(side).get(*at)) {
                let mut change = Sides { outlook: Change::Never, server: Change::Never };
                *change.of_mut(side) = Change::Edited(item.spooled);
                self.plan_row(pair, None, change)?;
            }
            for item in matches.copies.of(side).iter().filter_map(|at| new.of(side).get(*at)) {
                self.copy(side, item, item.features.uid.clone().unwrap_or_default());
            }
            for item in matches.ambiguous.of(side).iter().filter_map(|at| new.of(side).get(*at)) {
                self.pending.of_mut(side).insert(item.id.clone());
                self.held_line(side, &item.title, HoldReason::Ambiguous);
            }
        }
        Ok(())
    }

    /// Items that a killed run made, with what it made them from.
    fn written_together(
        &mut self,
        pair: &Pair<'_>,
        state: &State,
        new: &Sides<Vec<NewItem>>,
    ) -> Result<Vec<Sides<ItemId>>> {
        let intents = state.intents(&pair.id)?;
        let mut together = Vec::new();
        for side in Side::BOTH {
            for item in new.of(side) {
                let Some(other) = self.counterpart(pair, &intents, side, item)? else { continue };
                together.push(match side {
                    Side::Outlook => Sides { outlook: item.id.clone(), server: other },
                    Side::Server => Sides { outlook: other, server: item.id.clone() },
                });
            }
        }
        Ok(together)
    }

    fn plan_row(
        &mut self,
        pair: &Pair<'_>,
        link: Option<&Link>,
        change: Sides<Change<Spooled>>,
    ) -> Result<()> {
        let terms = terms(pair, self.run);
        let action = rebuild(pair, &mut self.spool, link, &change, &terms)?;
        self.plan.rows.push(PlanRow::new(link.map(|link| link.id), change, &action, terms.traits));
        Ok(())
    }

    fn hold_unproven(&mut self, pair: &Pair<'_>, state: &State) -> Result<()> {
        for side in Side::BOTH {
            for id in self.observed.of(side).unproven.clone() {
                let Some(link) = state.link(id)? else { continue };
                let title = title_of_base(pair, side, &link).unwrap_or_default();
                self.held_line(side, &title, HoldReason::Unproven);
            }
        }
        Ok(())
    }
}

/// The one link whose item of this side is gone, is still on the other, and looks like the new item: where items carry
/// no UID, that is how an item shows that was moved, or brought back by another computer.
fn lost_and_alike(
    pair: &Pair<'_>,
    state: &State,
    changes: &Changes,
    side: Side,
    item: &NewItem,
) -> Result<Option<LinkId>> {
    let mut alike = Vec::new();
    for (id, change) in changes {
        if !matches!(change.of(side), Change::Deleted) || matches!(change.of(side.other()), Change::Deleted) {
            continue;
        }
        let base = state.link(*id)?.and_then(|link| link.sides.of(side).clone());
        let was = base.and_then(|base| pair.storages.of(side).read(&base.original));
        if was.is_some_and(|(was, _)| score(&features(&was, &pair.home), &item.features) >= SAME) {
            alike.push(*id);
        }
    }
    Ok(if alike.len() == 1 { alike.pop() } else { None })
}

/// The changes of a link, made where there are none yet: unchanged where the side has the item at all.
fn both<'c>(changes: &'c mut Changes, state: &State, id: LinkId) -> Result<&'c mut Sides<Change<Spooled>>> {
    let link = state.link(id)?;
    Ok(changes.entry(id).or_insert_with(|| {
        Sides::new(|side| match link.as_ref().and_then(|link| link.sides.of(side).as_ref()) {
            Some(_) => Change::Unchanged,
            None => Change::Never,
        })
    }))
}

/// The UID of an item that is linked already.
fn known_uid(pair: &Pair<'_>, state: &State, item: &NewItem) -> Result<Option<String>> {
    let Some(uid) = &item.features.uid else { return Ok(None) };
    Ok(state.link_by_uid(&pair.id, uid)?.map(|_| uid.clone()))
}

pub(crate) fn terms<'p>(pair: &'p Pair<'_>, run: Uuid) -> Terms<'p> {
    let storages = Sides { outlook: pair.storages.outlook, server: pair.storages.server };
    Terms {
        storages,
        traits: storages.map(|_, storage| storage.traits()),
        rule: pair.rule,
        direction: pair.direction,
        run,
        home: &pair.home,
    }
}

/// Decides again with the bodies from the spool.
pub(crate) fn rebuild(
    pair: &Pair<'_>,
    spool: &mut Spool,
    link: Option<&Link>,
    change: &Sides<Change<Spooled>>,
    terms: &Terms<'_>,
) -> Result<Action> {
    let read = |side: Side, change: &Change<Spooled>, spool: &mut Spool| -> Result<Change<Snapshot>> {
        change.try_map(|spooled| spool.read(*spooled, *pair.storages.of(side)))
    };
    let bodies = Sides {
        outlook: read(Side::Outlook, &change.outlook, spool)?,
        server: read(Side::Server, &change.server, spool)?,
    };
    decide(link, &bodies, terms)
}

/// Remembers, as one, where the next run begins: tokens move on only together with all that is still open.
pub(crate) fn finish(
    pair: &Pair<'_>,
    prepared: Prepared,
    state: &mut State,
    now: Timestamp,
    executed: &mut Executed,
) -> Result<()> {
    let Prepared { run, plan, observed, mut pending, .. } = prepared;
    let complete = executed.stopped.is_none();
    let run = run.to_string();
    state.transaction(|state| {
        if complete {
            state.clear_pending(&pair.id)?;
        }
        for side in Side::BOTH {
            let seen = observed.of(side);
            pending.of_mut(side).extend(seen.pending.iter().cloned());
            pending.of_mut(side).append(executed.pending.of_mut(side));
            for id in pending.of(side) {
                state.put_pending(&pair.id, side, id)?;
            }
            for (id, version, why) in &seen.not_ours {
                state.put_not_ours(&pair.id, side, id, version, why)?;
            }
            for id in &seen.ours_now {
                state.remove_not_ours(&pair.id, side, id)?;
            }
            for id in &seen.parked {
                state.park(*id)?;
            }
            if complete {
                state.put_token(&pair.id, side, seen.next.as_ref())?;
            }
        }
        if complete && pending.outlook.is_empty() && pending.server.is_empty() {
            // What a killed run was making may be among what could not be seen: its intents stay until all is clear.
            state.clear_intents(&pair.id)?;
        }
        let held: Vec<&PlanRow> = plan.rows.iter().filter(|row| row.hold.is_some()).collect();
        for row in &held {
            let shown = serde_json::to_value(row).unwrap_or_default();
            state.put_held(&pair.id, &run, &row.subject, &shown, &now.to_string())?;
        }
        if complete {
            let subjects: Vec<String> = held.iter().map(|row| row.subject.clone()).collect();
            state.keep_held(&pair.id, &subjects)?;
            state.drop_unused_originals()?;
        }
        Ok(())
    })
}
