//! Holds what must wait for a person: too much destruction, unproven absences, mail nobody asked for.
//!
//! A function of its arguments. What is harmless goes on.

use serde::{Deserialize, Serialize};

use crate::plan::PlanRow;
use crate::report::HoldReason;
use crate::sides::{Side, Sides};
use crate::state::Verdict;

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
#[derive(Clone, Copy)]
pub struct Circumstances<'a> {
    /// The limits of the profile.
    pub limits: Limits,
    /// How many items are linked.
    pub linked: Sides<u64>,
    /// What was destroyed in the 24 hours before.
    pub destroyed: Sides<u64>,
    /// Whether the user lets the server mail attendees.
    pub server_may_schedule: bool,
    /// What a person said about a step, by its subject.
    pub verdict: &'a dyn Fn(&str) -> Option<Verdict>,
}

/// Marks the rows that wait, and those that a person rejected.
pub fn guard(rows: &mut [PlanRow], circumstances: &Circumstances<'_>) {
    let too_much = Sides::new(|side| too_much(rows, side, circumstances));
    for row in rows {
        if row.hold.is_some() || !row.writes() {
            continue;
        }
        let reason = Side::BOTH.into_iter().find_map(|side| {
            let destroys = too_much.of(side).clone().filter(|_| *row.loses.of(side));
            let mails = *row.mails.of(side) && !circumstances.server_may_schedule;
            destroys.or(mails.then_some(HoldReason::WouldMail))
        });
        match (circumstances.verdict)(&row.subject) {
            Some(Verdict::Rejected) => row.rejected = true,
            Some(Verdict::Approved) => {}
            Some(Verdict::Waiting) | None => row.hold = reason,
        }
    }
}

fn too_much(rows: &[PlanRow], side: Side, circumstances: &Circumstances<'_>) -> Option<HoldReason> {
    let planned = rows.iter().filter(|row| row.hold.is_none() && *row.loses.of(side)).count() as u64;
    if planned == 0 {
        return None;
    }
    let destroyed = planned.saturating_add(*circumstances.destroyed.of(side));
    let linked = *circumstances.linked.of(side);
    let Limits { items, per_cent, at_most } = circumstances.limits;
    let part = destroyed.saturating_mul(100) > linked.saturating_mul(per_cent);
    (destroyed > at_most || (destroyed > items && part)).then_some(HoldReason::TooMuch { destroyed, linked })
}
