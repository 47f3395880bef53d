//! Deciding with the bodies from the spool: the one part of planning that reads anything.

use super::{Action, Change, Direction, Plan, PlanRow, Rule, Terms, Verdict, decide};
use crate::cases::Case;
use crate::error::{Error, ErrorKind, Result};
use crate::observe::Observed;
use crate::people::Familiar;
use crate::report::{HoldReason, Line, LineEvent};
use crate::sides::{Side, Sides};
use crate::spool::{Spool, Spooled};
use crate::state::Link;
use crate::{Run, duplicates};

/// Plans every case.
pub(crate) fn plan(
    run: &Run<'_>,
    spool: &mut Spool,
    cases: Vec<Case>,
    people: Option<&Familiar>,
    observed: &mut Sides<Observed>,
) -> Result<Plan> {
    let terms = Terms::of(run.pair, run.id).knowing(people);
    let mut plan = Plan::default();
    for case in cases {
        let link = case.link.map(|id| run.state.link(id)).transpose()?.flatten();
        let action = match case.copy {
            true => removal(spool, &case.changes, &terms),
            false => rebuild(spool, link.as_ref(), &case.changes, &terms),
        };
        match action {
            Ok(action) => {
                let mut row = PlanRow::new(case, &action, terms.storages);
                if terms.direction == Direction::TwoWay && terms.rule == Rule::Ask && row.is_contested() {
                    row.hold.get_or_insert(HoldReason::Clash);
                }
                plan.rows.push(row);
            }
            Err(error) if error.kind == ErrorKind::Malformed => unreadable(link.as_ref(), &error, observed),
            Err(error) => return Err(error),
        }
    }
    Ok(plan)
}

/// An item whose base cannot be read any more disturbs no other; it stays a question.
fn unreadable(link: Option<&Link>, error: &Error, observed: &mut Sides<Observed>) {
    for side in Side::BOTH {
        let Some(base) = link.and_then(|link| link.sides.of(side).as_ref()) else { continue };
        let seen = observed.of_mut(side);
        seen.pending.insert(base.id.clone());
        seen.lines.push(Line {
            title: base.id.0.clone(),
            side: Some(side),
            event: LineEvent::Failed { kind: error.kind, what: error.what.clone() },
        });
    }
}

/// What is done about a row. The first pass keeps no bodies: the second decides again, to the same effect.
pub(crate) fn action_of(
    spool: &mut Spool,
    link: Option<&Link>,
    row: &PlanRow,
    terms: &Terms<'_>,
) -> Result<Action> {
    match row.verdict {
        Verdict::RemoveCopy => removal(spool, &row.changes, terms),
        _ => rebuild(spool, link, &row.changes, terms),
    }
}

fn removal(spool: &mut Spool, changes: &Sides<Change<Spooled>>, terms: &Terms<'_>) -> Result<Action> {
    match &changes.outlook {
        Change::Edited(spooled) => Ok(duplicates::removal(spool.read(*spooled, terms.storages.outlook)?)),
        _ => rebuild(spool, None, changes, terms),
    }
}

/// Decides on one case.
fn rebuild(
    spool: &mut Spool,
    link: Option<&Link>,
    changes: &Sides<Change<Spooled>>,
    terms: &Terms<'_>,
) -> Result<Action> {
    let bodies = changes
        .as_ref()
        .try_map(|side, change| change.try_map(|spooled| spool.read(*spooled, *terms.storages.of(side))))?;
    decide(link, &bodies, terms)
}
