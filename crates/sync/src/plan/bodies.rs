//! Deciding with the bodies from the spool: the one part of planning that reads anything.

use dovetail_model::Kind;

use super::{Action, Change, Direction, Plan, PlanRow, Rule, Terms, Verdict, decide};
use crate::cases::Case;
use crate::error::{Error, ErrorKind, Result};
use crate::observe::{Observed, title_of_base};
use crate::people::Familiar;
use crate::report::{HoldReason, Line, LineEvent};
use crate::sides::{Side, Sides};
use crate::spool::{Spool, Spooled};
use crate::state::Link;
use crate::{Duplicates, Run, duplicates};

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
                let mut row = PlanRow::new(case, link.as_ref(), &action, terms.storages);
                if terms.direction == Direction::TwoWay && terms.rule == Rule::Ask && row.is_contested() {
                    row.hold.get_or_insert(HoldReason::Clash);
                }
                plan.rows.push(row);
            }
            Err(error) if error.kind == ErrorKind::Malformed => {
                unreadable(run, link.as_ref(), error, observed);
            }
            Err(error) => return Err(error),
        }
    }
    Ok(plan)
}

/// An item that is new on one side, and to be made on the other. Where nothing can stop that it needs no row, which is most of the
/// memory that a first sync would take: nothing is destroyed by it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plain {
    pub(crate) kind: Kind,
    pub(crate) from: Side,
    pub(crate) body: Spooled,
}

impl Plain {
    fn of(case: &Case) -> Option<Plain> {
        let (from, body) = match case.changes {
            Sides { outlook: Change::Edited(body), server: Change::Never } => (Side::Outlook, body),
            Sides { outlook: Change::Never, server: Change::Edited(body) } => (Side::Server, body),
            _ => return None,
        };
        let is_single = case.link.is_none() && case.hold.is_none() && !case.copy;
        case.kind.filter(|_| is_single).map(|kind| Plain { kind, from, body })
    }

    /// Whether it is made whatever else there is.
    fn is_plain(self, terms: &Terms<'_>) -> bool {
        let mails = terms.traits.of(self.from.other()).mails_attendees && self.kind == Kind::Event;
        // Who is meant by the members of a list is known once the others are made.
        !mails && self.kind != Kind::Group
    }

    /// As any other case.
    pub(crate) fn case(self) -> Case {
        let Plain { kind, from, body } = self;
        let changes = Sides::new(|side| if side == from { Change::Edited(body) } else { Change::Never });
        Case { link: None, kind: Some(kind), changes, hold: None, copy: false }
    }
}

/// Whether anything can be plain in this run.
fn may_be_plain(run: &Run<'_>, terms: &Terms<'_>) -> Result<bool> {
    let takes_writes = |side: &Side| !terms.traits.of(*side).read_only;
    let is_free = terms.direction == Direction::TwoWay && Side::BOTH.iter().all(takes_writes);
    Ok(is_free && run.state.failing(&run.pair.id)?.is_empty())
}

/// Takes what is plain of what is new on one side, unless somebody has to look at all of it first; the rest are cases.
pub(crate) fn part(run: &Run<'_>, single: Vec<Plain>, cases: &mut Vec<Case>) -> Result<Vec<Plain>> {
    let terms = Terms::of(run.pair, run.id);
    // Copies are looked for, whom members of lists mean, and what tasks say of others.
    let is_looked_at = run.pair.duplicates != Duplicates::Keep
        || [Kind::Group, Kind::Task].iter().any(|kind| run.pair.scope.kinds.contains(kind));
    let may_be_plain = !is_looked_at && may_be_plain(run, &terms)?;
    let (plain, others): (Vec<Plain>, Vec<Plain>) =
        single.into_iter().partition(|single| may_be_plain && single.is_plain(&terms));
    cases.extend(others.into_iter().map(Plain::case));
    Ok(plain)
}

/// Takes what is plain of what was looked at.
pub(crate) fn take_plain(run: &Run<'_>, cases: &mut Vec<Case>) -> Result<Vec<Plain>> {
    let terms = Terms::of(run.pair, run.id);
    if !may_be_plain(run, &terms)? {
        return Ok(Vec::new());
    }
    let mut taken = Vec::new();
    cases.retain(|case| {
        let plain = Plain::of(case).filter(|single| single.is_plain(&terms));
        taken.extend(plain);
        plain.is_none()
    });
    Ok(taken)
}

/// An item whose base cannot be read any more disturbs no other; it stays a question.
fn unreadable(run: &Run<'_>, link: Option<&Link>, error: Error, observed: &mut Sides<Observed>) {
    let Some(link) = link else { return };
    let ids = link.sides.as_ref().map(|_, base| base.as_ref().map(|base| base.id.clone()));
    let read = Side::BOTH.into_iter().find_map(|side| title_of_base(run.pair, side, link));
    let named = || ids.as_ref().into_array().into_iter().flatten().next().map(|id| id.0.clone());
    let title = read.or_else(named).unwrap_or_default();
    for side in Side::BOTH {
        observed.of_mut(side).pending.extend(ids.of(side).clone());
    }
    let event = LineEvent::Failed { kind: error.kind, what: error.what };
    // Said once of the item, and not of each side.
    observed.outlook.lines.push(Line { title, side: None, event });
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
pub(crate) fn rebuild(
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
