//! Distribution lists are written last: they name entries that perhaps have just been made, contacts and other lists.

use std::collections::BTreeMap;

use super::{Task, in_chunks, write_rows};
use crate::Run;
use crate::error::Result;
use crate::people::{Familiar, People};
use crate::plan::{Change, PlanRow, Terms, action_of, decide};
use crate::sides::{Side, Sides};
use crate::spool::Spool;
use crate::state::{LinkId, LinkState};

/// Writes the lists of a plan: those that contain no others first.
pub(super) fn write(
    run: &mut Run<'_>,
    spool: &mut Spool,
    people: &mut Option<Familiar>,
    lists: Vec<&PlanRow>,
) -> Result<()> {
    let Some(people) = people.as_mut().filter(|_| !lists.is_empty()) else {
        return write_rows(run, spool, &lists, None);
    };
    let endless = lists.len();
    for (depth, lists) in by_depth(run, spool, people, lists)? {
        people.now = People::of(run.pair, run.state)?;
        write_rows(run, spool, &lists, Some(people))?;
        if depth == endless {
            complete(run, &lists)?;
        }
    }
    Ok(())
}

fn by_depth<'r>(
    run: &Run<'_>,
    spool: &mut Spool,
    people: &Familiar,
    lists: Vec<&'r PlanRow>,
) -> Result<BTreeMap<usize, Vec<&'r PlanRow>>> {
    let terms = Terms::of(run.pair, run.id).knowing(Some(people));
    let mut actions = Vec::with_capacity(lists.len());
    for row in &lists {
        let link = row.link.map(|id| run.state.link(id)).transpose()?.flatten();
        actions.push(action_of(spool, link.as_ref(), row, &terms)?);
    }
    let mut levels = BTreeMap::<usize, Vec<&PlanRow>>::new();
    for (depth, row) in people.now.depths(&actions).into_iter().zip(lists) {
        levels.entry(depth).or_default().push(row);
    }
    Ok(levels)
}

/// Lists that contain each other could not name each other when they were made. Now they can: they are met anew, by the next
/// run where this one ends here. Those that a person wants to differ do.
fn complete(run: &mut Run<'_>, lists: &[&PlanRow]) -> Result<()> {
    let mut links: Vec<LinkId> = Vec::new();
    for row in lists.iter().filter(|row| !row.rejected) {
        for side in Side::BOTH {
            let Some(id) = row.items.of(side) else { continue };
            let link = run.state.link_of(&run.pair.id, side, id)?;
            let joined = link.filter(|link| !matches!(link.state, LinkState::Apart { .. } | LinkState::Own));
            links.extend(joined.map(|link| link.id));
        }
    }
    links.dedup();
    run.state.transaction(|state| state.meet_anew(&links))?;
    let everybody = People::of(run.pair, run.state)?;
    let people = Familiar { then: everybody.clone(), now: everybody };
    let terms = Terms::of(run.pair, run.id).knowing(Some(&people));
    in_chunks(run, "writing", &links, |run, id| {
        let link = run.state.link(*id)?;
        let unchanged = Sides { outlook: Change::Unchanged, server: Change::Unchanged };
        let mut action = decide(link.as_ref(), &unchanged, &terms)?;
        people.now.settle_all(&mut action, run.pair);
        let title = action.item_after(Side::Server).map(|item| item.title().to_owned()).unwrap_or_default();
        let subject = action.subject(link.as_ref().map(|link| link.id));
        Ok(Task { link, action, title, subject, apart: false, asked: false })
    })
}
