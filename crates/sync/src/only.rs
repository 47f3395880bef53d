//! A run over a few items: whatever else there is to do stays a question for the next run.

use std::collections::BTreeSet;

use crate::error::{Error, ErrorKind, Result};
use crate::execute::ids;
use crate::plan::{Terms, action_of};
use crate::report::{Line, LineEvent, SkipReason};
use crate::sides::Side;
use crate::storage::ItemId;
use crate::{FirstPass, Run};

/// Takes all steps out of the plan that do not touch one of these items, whichever side has it.
///
/// # Errors
/// `Gone` where neither side knows any of them: they were named wrongly, and nothing is done.
pub(crate) fn leave_others(run: &mut Run<'_>, first: &mut FirstPass, only: &[ItemId]) -> Result<()> {
    first.spell_out(run)?;
    let terms = Terms::of(run.pair, run.id).knowing(first.people.as_ref());
    let mut met = BTreeSet::new();
    let mut kept = Vec::new();
    for row in std::mem::take(&mut first.plan.rows) {
        let link = row.link.map(|id| run.state.link(id)).transpose()?.flatten();
        let action = action_of(&mut first.spool, link.as_ref(), &row, &terms)?;
        let of = |side| ids(link.as_ref(), &action, side);
        let before = met.len();
        met.extend(Side::BOTH.into_iter().flat_map(of).filter(|id| only.contains(id)));
        if met.len() > before {
            kept.push(row);
            continue;
        }
        for side in Side::BOTH {
            run.done.pending.of_mut(side).extend(of(side));
        }
        first.left.push(row.subject);
    }
    first.plan.rows = kept;
    let mut unknown = Vec::new();
    for id in only.iter().filter(|id| !met.contains(id)) {
        let mut linked = false;
        for side in Side::BOTH {
            linked |= run.state.link_of(&run.pair.id, side, id)?.is_some();
            let seen = first.observed.of(side);
            let known =
                run.state.outside(&run.pair.id, side, id)?.is_some() && !seen.not_outside.contains(id);
            if known || seen.outside.iter().any(|row| row.id == *id) {
                let event = LineEvent::Skipped { why: SkipReason::Outside };
                run.done.lines.push(Line { title: id.0.clone(), side: Some(side), event });
                linked = true;
            }
        }
        if !linked {
            unknown.push(id);
        }
    }
    if let Some(id) = unknown.first().filter(|_| unknown.len() == only.len()) {
        return Err(Error::new(ErrorKind::Gone, format!("Neither side has an item {}.", id.0)));
    }
    // Removed since somebody named it: no reason to leave the others.
    run.done.lines.extend(unknown.into_iter().map(|id| Line {
        title: id.0.clone(),
        side: None,
        event: LineEvent::Skipped { why: SkipReason::Nowhere },
    }));
    Ok(())
}
