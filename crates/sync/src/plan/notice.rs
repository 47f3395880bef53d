//! What a person should know of a run as a whole, before it begins.

use serde::{Deserialize, Serialize};

use super::{Plan, PlanRow, Terms, action_of};
use crate::Run;
use crate::error::Result;
use crate::execute::ids;
use crate::journal::Operation;
use crate::observe::Observed;
use crate::sides::{Side, Sides};
use crate::spool::Spool;

/// What a person should know of a run as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "code")]
pub enum Notice {
    /// The first run that makes a side a copy of the other: what it has of its own goes.
    Replicates {
        /// The side that becomes a copy.
        target: Side,
        /// How many of its items are to be removed.
        removed: u64,
        /// How many are to be replaced so that something they say is lost.
        replaced: u64,
    },
    /// A side takes no writes: what is edited on the other one stays there.
    ReadOnly {
        /// The side.
        side: Side,
        /// How many steps of this run are left for that.
        left: u64,
    },
    /// A series repeats less often than the time range is long: at times the range holds none of its occurrences, and the
    /// series is left alone. Told once of a range, and again of a series that repeats still less often.
    ShortRange {
        /// What the series is called.
        title: String,
        /// How many days are synced.
        days: u64,
        /// How many days lie between two occurrences.
        interval_days: u64,
    },
    /// Connections to a side broke off again though it had seemed to keep them.
    BreaksOff {
        /// The side.
        side: Side,
    },
    /// Something that this version has no name for.
    #[serde(other)]
    Unknown,
}

/// Whether the last run was made on the same terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Baseline {
    /// Scope and direction are those of the last run.
    Known,
    /// It is the first run with this scope and in this direction.
    New,
}

/// What there is to be said of a plan. `replicates_to` is the side that becomes a copy of the other.
pub fn notices(rows: &[PlanRow], replicates_to: Option<Side>, baseline: Baseline) -> Vec<Notice> {
    let Some(target) = replicates_to.filter(|_| baseline == Baseline::New) else { return Vec::new() };
    let is = |row: &&PlanRow, operation| *row.operations.of(target) == Some(operation);
    let removed = rows.iter().filter(|row| is(row, Operation::Delete)).count() as u64;
    let replaced =
        rows.iter().filter(|row| is(row, Operation::Update) && *row.loses.of(target)).count() as u64;
    if removed + replaced == 0 {
        return Vec::new();
    }
    vec![Notice::Replicates { target, removed, replaced }]
}

/// Leaves what would write to a side that takes no writes, and says so once, not of each item. It is asked again.
pub(crate) fn leave_read_only(
    run: &Run<'_>,
    spool: &mut Spool,
    plan: &mut Plan,
    observed: &mut Sides<Observed>,
) -> Result<()> {
    let terms = Terms::of(run.pair, run.id);
    let wanted = |side: Side| run.pair.direction.target().is_none_or(|target| target == side);
    for side in Side::BOTH.into_iter().filter(|side| terms.traits.of(*side).read_only && wanted(*side)) {
        let rows = std::mem::take(&mut plan.rows);
        let (left, rows): (Vec<PlanRow>, Vec<PlanRow>) =
            rows.into_iter().partition(|row| row.operations.of(side).is_some());
        plan.rows = rows;
        plan.notices.push(Notice::ReadOnly { side, left: left.len() as u64 });
        for row in left {
            let link = row.link.map(|id| run.state.link(id)).transpose()?.flatten();
            let action = action_of(spool, link.as_ref(), &row, &terms)?;
            for side in Side::BOTH {
                observed.of_mut(side).pending.extend(ids(link.as_ref(), &action, side));
            }
        }
    }
    Ok(())
}
