//! Mending: what `verify` found to differ is joined again, as at a first sync, whatever the bases say.
//!
//! That both sides differ although nobody edited anything should not happen; where it does (a state from elsewhere, a server
//! that lost a write), an ordinary run finds nothing to do. What one side lacks is not mended but asked again: the next run
//! decides with what it then knows, because absence is not deletion.

use jiff::Timestamp;

use crate::asked::{carry_out, rows};
use crate::error::Result;
use crate::execute::Task;
use crate::journal::Journal;
use crate::people::People;
use crate::plan::{Change, Plan, Step, Terms, decide};
use crate::report::{Line, LineEvent, Report, SkipReason};
use crate::sides::{Side, Sides};
use crate::state::{Link, LinkId, LinkState, State};
use crate::storage::{Call, ItemId};
use crate::verify::{BATCH, Held, differ_as_wanted, held, lies_outside, unlinked};
use crate::{Pair, Run, recover};

/// What mending would do.
///
/// # Errors
/// What would stop a run.
pub fn mending(
    pair: &Pair<'_>,
    state: &mut State,
    journal: &mut Journal,
    now: Timestamp,
    call: &Call,
) -> Result<Plan> {
    let mut run = Run::new(pair, state, journal, now, call);
    let torn = torn(&mut run)?;
    Ok(Plan { rows: rows(&run, &torn.tasks)?, ..Plan::default() })
}

/// Mends what differs.
///
/// # Errors
/// As [`crate::sync_pair`].
pub fn mend(
    pair: &Pair<'_>,
    state: &mut State,
    journal: &mut Journal,
    now: Timestamp,
    call: &Call,
) -> Result<Report> {
    Run::new(pair, state, journal, now, call).reported(|run| {
        recover::settle(run)?;
        let torn = torn(run)?;
        for (title, ids) in torn.missing {
            let event = LineEvent::Skipped { why: SkipReason::Missing };
            run.done.lines.push(Line { title, side: None, event });
            for (side, id) in ids {
                run.done.pending.of_mut(side).insert(id);
            }
        }
        for side in Side::BOTH {
            run.done.pending.of_mut(side).extend(torn.unlinked.of(side).iter().cloned());
        }
        carry_out(run, "mending", torn.tasks)
    })
}

/// What differs.
struct Torn {
    tasks: Vec<Task>,
    /// What one side alone has: what a person calls it, and its names.
    missing: Vec<(String, Vec<(Side, ItemId)>)>,
    unlinked: Sides<Vec<ItemId>>,
}

fn torn(run: &mut Run<'_>) -> Result<Torn> {
    let mut torn = Torn { tasks: Vec::new(), missing: Vec::new(), unlinked: Sides::default() };
    let people = People::where_needed(run.pair, run.state)?;
    let mut after = LinkId(0);
    loop {
        run.call.check()?;
        let links = run.state.links(&run.pair.id, after, BATCH)?;
        let Some(last) = links.last() else { break };
        after = last.id;
        let Held { items, .. } = held(run.pair, &links, &people, run.call)?;
        for (link, items) in links.into_iter().zip(items) {
            let is_left = matches!(link.state, LinkState::Apart { .. } | LinkState::Own | LinkState::Parked);
            if is_left || lies_outside(run.pair, &items) || differ_as_wanted(run.pair, &link, &items) {
                continue;
            }
            match (items.outlook, items.server) {
                (Some(outlook), Some(server)) => {
                    let changes = Sides { outlook: Change::Edited(outlook), server: Change::Edited(server) };
                    torn.tasks.extend(joined(run, link, &people, &changes)?);
                }
                _ => torn.missing.push(named(run.pair, &link)),
            }
        }
    }
    for side in Side::BOTH {
        *torn.unlinked.of_mut(side) = unlinked(run.pair, side, run.state, run.call)?;
    }
    Ok(torn)
}

/// What joins two items as if they were met for the first time; `None` where nothing is to be written.
fn joined(
    run: &Run<'_>,
    link: Link,
    people: &People,
    changes: &Sides<Change<crate::storage::Snapshot>>,
) -> Result<Option<Task>> {
    let terms = Terms::of(run.pair, run.id);
    // Without the link's bases: what they say has led to this.
    let mut action = decide(None, changes, &terms)?;
    people.settle_all(&mut action, run.pair);
    if action.steps.as_ref().into_array().iter().all(|step| **step == Step::Leave) {
        return Ok(None);
    }
    let title = action.item_after(Side::Server).map(|item| item.title().to_owned()).unwrap_or_default();
    Ok(Some(Task { link: Some(link), action, title, subject: String::new(), apart: false, asked: false }))
}

fn named(pair: &Pair<'_>, link: &Link) -> (String, Vec<(Side, ItemId)>) {
    let title = |side: Side| crate::observe::title_of_base(pair, side, link);
    let id = |side: Side| Some((side, link.sides.of(side).as_ref()?.id.clone()));
    let title = title(Side::Server).or_else(|| title(Side::Outlook)).unwrap_or_default();
    (title, Side::BOTH.into_iter().filter_map(id).collect())
}
