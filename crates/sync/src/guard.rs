//! Holds what must wait for a person: too much destruction, mail nobody asked for, and writing in circles.
//!
//! [`guard`] is a function of its arguments. What is harmless goes on. Items that vanish together with everything else of
//! their collection arrive here held already: nothing proved that they are gone (`observe.rs`).

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::Run;
use crate::error::Result;
use crate::journal::Operation;
use crate::plan::PlanRow;
use crate::report::HoldReason;
use crate::sides::{Side, Sides};
use crate::state::{HeldRow, Verdict};
use crate::storage::ItemId;

#[cfg(test)]
mod tests;

/// How much may be destroyed on one side within 24 hours. Destroyed is what is deleted, or overwritten so that a value
/// loses; carried edits do not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// More than this and more than `per_cent` is too much.
    pub items: u64,
    /// Of the linked items.
    pub per_cent: u64,
    /// More than this is too much of any number.
    pub at_most: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { items: 10, per_cent: 20, at_most: 200 }
    }
}

/// What the guard knows beyond the plan.
#[derive(Clone, Debug, Default)]
pub struct Circumstances {
    /// The limits of the profile.
    pub limits: Limits,
    /// How many items are linked.
    pub linked: Sides<u64>,
    /// What was destroyed in the 24 hours before.
    pub destroyed: Sides<u64>,
    /// Items to which the same was written again and again.
    pub flapping: Sides<BTreeSet<ItemId>>,
    /// Whether the user lets the server mail attendees.
    pub server_may_schedule: bool,
    /// What a person said about steps, by their subjects.
    pub verdicts: BTreeMap<String, Verdict>,
    /// Steps that wait since an earlier run because there were too many, or for what that run began with, by their subjects.
    /// They go on waiting when there are fewer: nobody has looked at them yet.
    pub waiting: BTreeMap<String, HoldReason>,
}

/// Who wrote the same to an item so often within a day is not alone: something changes it back each time.
const FLAPS: u32 = 2;

/// What the guard knows of a run.
pub(crate) fn circumstances(run: &Run<'_>) -> Result<Circumstances> {
    let (pair, state, journal) = (&run.pair.id, &*run.state, &*run.journal);
    let day_before = run.now.checked_sub(SignedDuration::from_hours(24)).unwrap_or(Timestamp::MIN);
    let sides = Sides::new(|side| side);
    Ok(Circumstances {
        limits: run.pair.limits,
        linked: sides.try_map(|side, _| state.linked(pair, side))?,
        destroyed: sides.try_map(|side, _| journal.destroyed_since(pair, side, day_before))?,
        flapping: sides.try_map(|side, _| journal.rewritten_since(pair, side, day_before, FLAPS))?,
        server_may_schedule: run.pair.server_may_schedule,
        verdicts: state.verdicts(pair)?,
        waiting: state.held(pair)?.into_iter().filter_map(waiting_before).collect(),
    })
}

/// Subject and reason of a step that waits because of the run that it was first planned in.
fn waiting_before(held: HeldRow) -> Option<(String, HoldReason)> {
    let row: PlanRow = serde_json::from_value(held.row).ok()?;
    let stays = |reason: &HoldReason| {
        use HoldReason::{Forgotten, NewMapping, NewScope, TooMuch};
        matches!(reason, TooMuch { .. } | NewScope | NewMapping | Forgotten)
    };
    let reason = row.hold.filter(stays)?;
    (held.verdict == Verdict::Waiting).then_some((row.subject, reason))
}

/// Marks the rows that wait, and those that a person decided.
pub fn guard(rows: &mut [PlanRow], circumstances: &Circumstances) {
    for row in rows.iter_mut() {
        let verdict = circumstances.verdicts.get(&row.subject);
        row.approved = verdict == Some(&Verdict::Approved);
        row.rejected = verdict == Some(&Verdict::Rejected);
        // Nor is it forgotten what it waits for where this run has a reason of its own, which the next one may lack.
        if let Some(reason) = circumstances.waiting.get(&row.subject) {
            row.hold = Some(reason.clone());
        }
    }
    let bare = Sides::new(|side| {
        *circumstances.linked.of(side) == 0 && rows.iter().all(|row| row.items.of(side).is_none())
    });
    for row in rows.iter_mut().filter(|row| row.hold.is_none() && !row.approved && !row.rejected) {
        let empties =
            |side: Side| *row.operations.of(side) == Some(Operation::Delete) && *bare.of(side.other());
        if Side::BOTH.into_iter().any(empties) {
            row.hold = Some(HoldReason::NothingThere);
        }
    }
    let too_much = Sides::new(|side| too_much(rows, side, circumstances));
    for row in rows {
        if row.approved || row.rejected {
            row.hold = None;
        } else if row.hold.is_none() {
            row.hold = Side::BOTH.into_iter().find_map(|side| {
                let mails = *row.mails.of(side) && !circumstances.server_may_schedule;
                let destroys = too_much.of(side).clone().filter(|_| *row.loses.of(side));
                let id = row.items.of(side).as_ref().filter(|_| row.operations.of(side).is_some());
                let flaps = id.is_some_and(|id| circumstances.flapping.of(side).contains(id));
                destroys.or(mails.then_some(HoldReason::WouldMail)).or(flaps.then_some(HoldReason::Flapping))
            });
        }
    }
}

fn too_much(rows: &[PlanRow], side: Side, circumstances: &Circumstances) -> Option<HoldReason> {
    // What waits anyway is not done, and what a person approved was looked at.
    let counts = |row: &&PlanRow| row.hold.is_none() && !row.approved && !row.rejected && *row.loses.of(side);
    let planned = rows.iter().filter(counts).count() as u64;
    if planned == 0 {
        return None;
    }
    let destroyed = planned.saturating_add(*circumstances.destroyed.of(side));
    let linked = *circumstances.linked.of(side);
    let Limits { items, per_cent, at_most } = circumstances.limits;
    let part = destroyed.saturating_mul(100) > linked.saturating_mul(per_cent);
    (destroyed > at_most || (destroyed > items && part)).then_some(HoldReason::TooMuch { destroyed, linked })
}
