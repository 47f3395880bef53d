//! Originals that are read differently than before: the profile chose another mapping, or this program understands more.
//!
//! Both bases of every link are read through the lenses as they are now. Where they agree, nothing happened. Where they do
//! not, a field is mapped that was not, and both sides are joined in it as if they met for the first time: nobody edited it,
//! and what only one of them says is kept. What a side shows of an item for some time alone is written anew once that is over.

use crate::differing::bases_differ;
use crate::error::Result;
use crate::journal::Operation;
use crate::plan::{Change, PlanRow};
use crate::report::HoldReason;
use crate::sides::Side;
use crate::state::{Link, LinkId, LinkState};
use crate::{Pair, Run};

/// Links that are read at once.
const BATCH: usize = 100;

/// Notes which links are read differently, where the lenses are others than in the last run.
pub(crate) fn notice(run: &mut Run<'_>) -> Result<()> {
    let pair = run.pair;
    let lens = pair.storages.map(|_, storage| storage.lens());
    let lens = format!("{}\n{}", lens.outlook, lens.server);
    if run.state.lens(&pair.id)?.is_some_and(|last| last == lens) {
        return Ok(());
    }
    let mut reread = Vec::new();
    let mut after = LinkId(0);
    loop {
        run.call.check()?;
        let links = run.state.links(&pair.id, after, BATCH)?;
        let Some(last) = links.last() else { break };
        after = last.id;
        let is_reread = |link: &&Link| is_outdated(pair, link) || disagrees(pair, link);
        reread.extend(links.iter().filter(is_reread).map(|link| link.id));
    }
    run.state.transaction(|state| state.put_lens(&pair.id, &lens, &reread))
}

/// Whether a side shows of an item what is of a time that is over. What is meant to differ stays as it is.
fn is_outdated(pair: &Pair<'_>, link: &Link) -> bool {
    let shows_old = |side: &Side| {
        let base = link.sides.of(*side).as_ref();
        base.is_some_and(|base| pair.storages.of(*side).is_outdated(&base.original))
    };
    !matches!(link.state, LinkState::Apart { .. } | LinkState::Own) && Side::BOTH.iter().any(shows_old)
}

/// Whether the bases of a link that agreed do so no more. What is meant to differ does.
pub(crate) fn disagrees(pair: &Pair<'_>, link: &Link) -> bool {
    !matches!(link.state, LinkState::Apart { .. } | LinkState::Own)
        && bases_differ(pair.storages, link).unwrap_or(false)
}

/// Holds deletions that the first run after a change may mistake: a scope that changed is a new base line; what was edited in
/// a field that is mapped no more is no reason any more to keep an item; without memory, what is to become a copy seems to
/// have extras.
pub(crate) fn hold_doubtful(run: &Run<'_>, rows: &mut [PlanRow]) -> Result<()> {
    let (scope, lens) = (run.state.is_new_scope(&run.pair.id)?, run.state.is_new_lens(&run.pair.id)?);
    let deletes =
        |row: &PlanRow| Side::BOTH.iter().any(|side| *row.operations.of(*side) == Some(Operation::Delete));
    if run.state.is_forgotten(&run.pair.id)? {
        for row in rows.iter_mut().filter(|row| row.hold.is_none() && deletes(row)) {
            row.hold = Some(HoldReason::Forgotten);
        }
    }
    // What a side that becomes a copy of the other loses is said of that run as a whole.
    let scope = scope && run.pair.direction.replicates_to().is_none();
    for row in rows.iter_mut().filter(|row| row.link.is_some() && row.hold.is_none()) {
        let is_gone = Side::BOTH.iter().any(|side| *row.changes.of(*side) == Change::Deleted);
        let restated = Side::BOTH.iter().any(|side| matches!(row.changes.of(*side), Change::Restated(_)));
        if is_gone && deletes(row) && scope {
            row.hold = Some(HoldReason::NewScope);
        } else if is_gone && deletes(row) && restated && lens {
            row.hold = Some(HoldReason::NewMapping);
        }
    }
    Ok(())
}
