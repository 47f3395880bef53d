//! What a person asks for beside ordinary runs, item by item: taking back, putting back, mending. Each is made of tasks like
//! any run's, and carried out by the same executor, with the same journal.

use crate::Run;
use crate::cases::Case;
use crate::error::Result;
use crate::execute::{Task, in_chunks};
use crate::guard::{Circumstances, Limits, circumstances, guard};
use crate::observe;
use crate::plan::{Change, PlanRow};
use crate::report::{HoldReason, Line, LineEvent, SkipReason};
use crate::sides::{Side, Sides};
use crate::storage::{Fetched, ItemId, Snapshot};

/// What sides hold now, as a person's wish needs to know it.
#[derive(Default)]
pub(crate) struct Looking {
    /// Where something linked was found: then what is gone is gone.
    alive: Sides<bool>,
}

impl Looking {
    /// What a side holds under an id; or why nobody can tell. Absence is not deletion: an item is gone where the collection
    /// answers and something else of it is found.
    pub(crate) fn fetch(
        &mut self,
        run: &Run<'_>,
        side: Side,
        id: &ItemId,
    ) -> Result<Result<Option<Snapshot>, SkipReason>> {
        let (pair, ids) = (run.pair, std::slice::from_ref(id));
        match pair.storages.of(side).fetch(ids, &pair.scope, run.call)?.into_iter().next() {
            Some(Fetched::Found(snapshot)) => Ok(Ok(Some(*snapshot))),
            Some(Fetched::Failed(error)) => Err(error),
            Some(Fetched::NotOurs(..)) => Ok(Err(SkipReason::NotOurs)),
            Some(Fetched::Gone) | None => {
                let alive = self.alive.of_mut(side);
                *alive = *alive || observe::proven(pair, side, run.state, false, ids, run.call)?;
                Ok(if *alive { Ok(None) } else { Err(SkipReason::Missing) })
            }
        }
    }
}

/// Does what may be done of these tasks, and remembers what was left open.
pub(crate) fn carry_out(run: &mut Run<'_>, what: &str, tasks: Vec<Task>) -> Result<()> {
    let rows = rows(run, &tasks)?;
    let mut ready = Vec::new();
    for (task, row) in tasks.into_iter().zip(rows) {
        // Nothing waits here for a later run: who asked is told, and can ask again.
        let why = match row.hold {
            None => {
                ready.push(task);
                continue;
            }
            Some(HoldReason::WouldMail) => SkipReason::WouldMail,
            Some(_) => SkipReason::TooMuch,
        };
        run.done.lines.push(Line { title: task.title, side: None, event: LineEvent::Skipped { why } });
    }
    in_chunks(run, what, &ready, |_, task| Ok(task.clone()))?;
    let (pair, pending) = (run.pair, &run.done.pending);
    run.state.transaction(|state| {
        for side in Side::BOTH {
            for id in pending.of(side) {
                state.put_pending(&pair.id, side, id)?;
            }
        }
        Ok(())
    })
}

/// The tasks as a plan shows them, with what the guard says of them: of what a person asked for, whatever is destroyed, it
/// holds only what would be mailed.
pub(crate) fn rows(run: &Run<'_>, tasks: &[Task]) -> Result<Vec<PlanRow>> {
    let storages = run.pair.storages;
    let changes = Sides { outlook: Change::Never, server: Change::Never };
    let row = |task: &Task| {
        let link = task.link.as_ref().map(|link| link.id);
        let case = Case { link, kind: None, changes: changes.clone(), hold: None, copy: false };
        PlanRow::new(case, task.link.as_ref(), &task.action, storages)
    };
    let mut rows: Vec<PlanRow> = tasks.iter().map(row).collect();
    let circumstances = match tasks.iter().all(|task| task.asked) {
        true => Circumstances {
            limits: Limits { items: u64::MAX, per_cent: u64::MAX, at_most: u64::MAX },
            server_may_schedule: run.pair.server_may_schedule,
            ..Circumstances::default()
        },
        false => circumstances(run)?,
    };
    guard(&mut rows, &circumstances);
    Ok(rows)
}
