//! Distribution lists are written last: they name entries that perhaps have just been made, contacts and other lists.

use std::collections::{BTreeMap, HashMap};

use dovetail_model::Item;

use super::{Task, in_chunks, write_rows};
use crate::Run;
use crate::error::Result;
use crate::journal::Operation;
use crate::people::{Familiar, People};
use crate::plan::{Action, Change, Direction, PlanRow, Step, Terms, Verdict, action_of, decide};
use crate::sides::{Side, Sides};
use crate::spool::Spool;
use crate::state::{Link, LinkId, LinkState};
use crate::storage::{CreateKey, Draft, ItemId, Snapshot};

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
    let again = made_again(run, &lists)?;
    for (depth, lists) in by_depth(run, spool, people, lists)? {
        people.now = People::of(run.pair, run.state)?;
        if depth < endless {
            write_rows(run, spool, &lists, Some(people))?;
            continue;
        }
        // What is there already can name at once what is made first.
        let (new, there): (Vec<&PlanRow>, Vec<&PlanRow>) = lists.into_iter().partition(|row| is_made(row));
        write_rows(run, spool, &new, Some(people))?;
        people.now = People::of(run.pair, run.state)?;
        write_rows(run, spool, &there, Some(people))?;
        complete(run, &new, &there)?;
    }
    name_anew(run, &again)
}

/// A list that is gone from a side and is made there again: its link, and what it was called there.
struct MadeAgain {
    side: Side,
    link: LinkId,
    was: ItemId,
}

fn made_again(run: &Run<'_>, lists: &[&PlanRow]) -> Result<Vec<MadeAgain>> {
    let mut found = Vec::new();
    for row in lists {
        let made = Side::BOTH.into_iter().find(|side| *row.operations.of(*side) == Some(Operation::Create));
        let (Some(side), Some(id)) = (made, row.link) else { continue };
        let base = run.state.link(id)?.and_then(|link| link.sides.of(side).clone());
        found.extend(base.map(|base| MadeAgain { side, link: id, was: base.id }));
    }
    Ok(found)
}

/// What was made again is another entry: the lists that contain it name that one from now on.
fn name_anew(run: &mut Run<'_>, again: &[MadeAgain]) -> Result<()> {
    let mut renamed = Sides::<HashMap<String, String>>::default();
    for made in again {
        let link = run.state.link(made.link)?;
        let Some(base) = link.as_ref().and_then(|link| link.sides.of(made.side).as_ref()) else { continue };
        if base.id != made.was {
            renamed.of_mut(made.side).insert(made.was.0.clone(), base.id.0.clone());
        }
    }
    if Side::BOTH.iter().all(|side| renamed.of(*side).is_empty()) {
        return Ok(());
    }
    let mut links = Vec::new();
    for id in People::of(run.pair, run.state)?.dependent() {
        // What a merge leaves to its side names its members all the same.
        let named = [LinkState::Joined, LinkState::Own];
        let link = run.state.link(*id)?.filter(|link| named.contains(&link.state));
        let names = |side: Side| {
            let base = link.as_ref()?.sides.of(side).as_ref()?;
            let (item, _) = run.pair.storages.of(side).read(&base.original)?;
            naming(&base.holding(item), renamed.of(side))
        };
        links.extend(Side::BOTH.into_iter().find_map(names).map(|_| *id));
    }
    let terms = Terms::of(run.pair, run.id);
    in_chunks(run, "writing", &links, |run, id| {
        let (link, mut action) = unchanged(run, *id, &terms)?;
        for side in Side::BOTH {
            let step = action.current.of(side).as_ref().and_then(|held| naming(held, renamed.of(side)));
            *action.steps.of_mut(side) = step.unwrap_or(Step::Leave);
        }
        Ok(task(link, action))
    })
}

const UNCHANGED: Sides<Change<Snapshot>> = Sides { outlook: Change::Unchanged, server: Change::Unchanged };

/// What is to be done of a linked list that nobody edited.
fn unchanged(run: &Run<'_>, id: LinkId, terms: &Terms<'_>) -> Result<(Option<Link>, Action)> {
    let link = run.state.link(id)?;
    let action = decide(link.as_ref(), &UNCHANGED, terms)?;
    Ok((link, action))
}

fn task(link: Option<Link>, action: Action) -> Task {
    let title = action.item_after(Side::Server).map(|item| item.title().to_owned()).unwrap_or_default();
    let subject = action.subject(link.as_ref(), &UNCHANGED);
    Task { link, action, title, subject, apart: false, asked: false }
}

/// Writes a list over itself, with the names that some of its members have now; nothing where it has none of these.
fn naming(held: &Snapshot, renamed: &HashMap<String, String>) -> Option<Step> {
    let mut item = held.item.clone();
    let Item::Group(group) = &mut item else { return None };
    for entry in group.members.iter_mut().filter_map(|member| member.entry.as_mut()) {
        if let Some(now) = renamed.get(entry) {
            entry.clone_from(now);
        }
    }
    let key = CreateKey { uid: String::new(), name: String::new() };
    let draft = |item| Step::Write(Draft { item, from: Some(held.original.clone()), key });
    (item != held.item).then(|| draft(item))
}

fn is_made(row: &PlanRow) -> bool {
    matches!(row.verdict, Verdict::Create(_))
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
fn complete(run: &mut Run<'_>, new: &[&PlanRow], there: &[&PlanRow]) -> Result<()> {
    let (new, there) = (joined(run, new)?, joined(run, there)?);
    let all: Vec<LinkId> = new.iter().chain(&there).copied().collect();
    run.state.transaction(|state| state.meet_anew(&all))?;
    let everybody = People::of(run.pair, run.state)?;
    let people = Familiar { then: everybody.clone(), now: everybody };
    let terms = Terms::of(run.pair, run.id).knowing(Some(&people));
    // What a merge has just made has nothing of its own yet: it becomes what its source is.
    let mut as_made = terms;
    as_made.direction = terms.direction.merges_to().map_or(terms.direction, Direction::replicating_to);
    for (links, terms) in [(new, as_made), (there, terms)] {
        in_chunks(run, "writing", &links, |run, id| {
            let (link, mut action) = unchanged(run, *id, &terms)?;
            people.now.settle_all(&mut action, run.pair);
            Ok(task(link, action))
        })?;
    }
    Ok(())
}

/// The links of some rows, but for those that a person wants to differ, and those that a merge leaves to their side. What was
/// made just now is nobody's yet, though it lacks something.
fn joined(run: &Run<'_>, rows: &[&PlanRow]) -> Result<Vec<LinkId>> {
    let mut links: Vec<LinkId> = Vec::new();
    for row in rows.iter().filter(|row| !row.rejected) {
        for side in Side::BOTH {
            let Some(id) = row.items.of(side) else { continue };
            let link = run.state.link_of(&run.pair.id, side, id)?;
            let is_left = |state: &LinkState| match state {
                LinkState::Apart { .. } => true,
                LinkState::Own => !is_made(row),
                _ => false,
            };
            links.extend(link.filter(|link| !is_left(&link.state)).map(|link| link.id));
        }
    }
    links.dedup();
    Ok(links)
}
