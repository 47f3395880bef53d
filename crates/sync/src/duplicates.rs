//! Appointments that Outlook has twice: above all the tentative meeting that it makes from an invitation mail beside the one that
//! was synced.
//!
//! Candidates agree in title, start and end. A copy that an invitation made goes, whatever else differs: it has the same UID, or
//! is a tentative meeting of the same organizer. Of others one goes only where recurrence, place and attendees agree too, of
//! each changed occurrence as well; else both stay, and a person is told. What goes moves to Outlook's deleted items, through guard and journal.
//!
//! [`set_aside`] looks at what is new in Outlook before it is uploaded, [`sweep`] at what a run has brought. A run that brought
//! nothing looks at nothing.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};

use dovetail_model::event::{Busy, Event, EventStatus, Occurrence};
use dovetail_model::resemble::features;
use dovetail_model::{Item, Zone};
use serde::{Deserialize, Serialize};

use crate::Run;
use crate::asked::carry_out;
use crate::cases::Case;
use crate::error::Result;
use crate::execute::Task;
use crate::observe::{NewItem, Observed};
use crate::plan::{Action, Change, Step, Verdict};
use crate::report::{HoldReason, Line, LineEvent};
use crate::sides::{Side, Sides};
use crate::spool::Spool;
use crate::state::{Link, LinkId, LinkState};
use crate::storage::Snapshot;
use crate::verify::BATCH;

#[cfg(test)]
mod tests;

/// What is done about appointments that Outlook has twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Duplicates {
    /// Nothing.
    #[default]
    Keep,
    /// The copy moves to the deleted items.
    MoveAway,
}

/// What two appointments of one title, start and end are to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Likeness {
    /// The first is what an invitation made of the second.
    CopyOfInvitation,
    /// The second is what an invitation made of the first.
    InvitationOfCopy,
    /// One is as good as the other.
    Equal,
    /// They may well be two things.
    Perhaps,
}

fn likeness(one: &Event, other: &Event) -> Likeness {
    let same_organizer = match (&one.main.organizer, &other.main.organizer) {
        (Some(one), Some(other)) => one.address.eq_ignore_ascii_case(&other.address),
        _ => false,
    };
    let same_uid = one.uid.is_some() && one.uid == other.uid;
    if same_uid || same_organizer {
        match (is_tentative(one), is_tentative(other)) {
            (true, false) => return Likeness::CopyOfInvitation,
            (false, true) => return Likeness::InvitationOfCopy,
            _ if same_uid => return Likeness::Equal,
            _ => {}
        }
    }
    let same_rule = one.rule == other.rule && one.rdates == other.rdates && one.exdates == other.exdates;
    let same_changes = one.overrides.keys().eq(other.overrides.keys())
        && one.overrides.values().zip(other.overrides.values()).all(|(one, other)| {
            (&one.summary, &one.start, &one.end) == (&other.summary, &other.start, &other.end)
                && same_meeting(one, other)
        });
    match same_rule && same_changes && same_meeting(&one.main, &other.main) {
        true => Likeness::Equal,
        false => Likeness::Perhaps,
    }
}

/// Whether place and attendees agree.
fn same_meeting(one: &Occurrence, other: &Occurrence) -> bool {
    let attendees = |occurrence: &Occurrence| -> BTreeSet<String> {
        occurrence.attendees.iter().map(|attendee| attendee.who.address.to_lowercase()).collect()
    };
    one.location.trim().eq_ignore_ascii_case(other.location.trim()) && attendees(one) == attendees(other)
}

fn is_tentative(event: &Event) -> bool {
    event.main.busy == Busy::Tentative || event.main.status == EventStatus::Tentative
}

/// Title, start and end of an appointment with a title.
fn key(item: &Item, home: &Zone) -> Option<Vec<String>> {
    let Item::Event(_) = item else { return None };
    let features = features(item, home);
    let values: Vec<String> =
        features.traits.into_iter().take(3).filter_map(|it| it.values.into_iter().next()).collect();
    (values.len() == 3).then_some(values)
}

fn event(item: &Item) -> Option<&Event> {
    match item {
        Item::Event(event) => Some(event),
        _ => None,
    }
}

/// An appointment in Outlook.
struct Known {
    link: Option<LinkId>,
    item: Item,
}

/// Tells of each linked appointment of Outlook, by title, start and end.
fn each_linked(run: &Run<'_>, mut tell: impl FnMut(LinkId, Vec<String>, Item)) -> Result<()> {
    let mut after = LinkId(0);
    loop {
        run.call.check()?;
        let links = run.state.links(&run.pair.id, after, BATCH)?;
        let Some(last) = links.last() else { return Ok(()) };
        after = last.id;
        for link in &links {
            let Some(item) = of_outlook(run, link) else { continue };
            if let Some(key) = key(&item, &run.pair.home) {
                tell(link.id, key, item);
            }
        }
    }
}

/// The linked appointments of Outlook by title, start and end: those that are wanted.
fn linked(
    run: &Run<'_>,
    is_wanted: impl Fn(&Vec<String>) -> bool,
) -> Result<BTreeMap<Vec<String>, Vec<Known>>> {
    let mut known: BTreeMap<Vec<String>, Vec<Known>> = BTreeMap::new();
    each_linked(run, |link, key, item| {
        if is_wanted(&key) {
            known.entry(key).or_default().push(Known { link: Some(link), item });
        }
    })?;
    Ok(known)
}

fn of_outlook(run: &Run<'_>, link: &Link) -> Option<Item> {
    let base = link.sides.outlook.as_ref().filter(|_| link.state == LinkState::Joined)?;
    Some(run.pair.storages.outlook.read(&base.original)?.0)
}

/// Before anything is uploaded: marks what is new in Outlook and a copy of what is there.
pub(crate) fn set_aside(
    run: &Run<'_>,
    spool: &mut Spool,
    cases: &mut Vec<Case>,
    observed: &mut Sides<Observed>,
) -> Result<()> {
    // What edits come from is not written to.
    if run.pair.duplicates == Duplicates::Keep || run.pair.direction.target() == Some(Side::Server) {
        return Ok(());
    }
    let storage = run.pair.storages.outlook;
    let copies = std::mem::take(&mut observed.outlook.copies);
    let mut new: Vec<(Option<usize>, Vec<String>, Item)> = Vec::new();
    for (at, case) in cases.iter().enumerate() {
        if let (None, Change::Edited(spooled), Change::Never) =
            (case.link, &case.changes.outlook, &case.changes.server)
        {
            let item = spool.read(*spooled, storage)?.item;
            new.extend(key(&item, &run.pair.home).map(|key| (Some(at), key, item)));
        }
    }
    let mut held: BTreeMap<usize, NewItem> = BTreeMap::new();
    for copy in copies {
        let item = spool.read(copy.spooled, storage)?.item;
        if let Some(key) = key(&item, &run.pair.home) {
            // Its case is made when it is known to go: as long as it waits, it has none.
            held.insert(new.len(), copy);
            new.push((None, key, item));
        }
    }
    if new.is_empty() {
        return Ok(());
    }
    let wanted: BTreeSet<&Vec<String>> = new.iter().map(|(_, key, _)| key).collect();
    let mut known = linked(run, |key| wanted.contains(key))?;
    let gone: BTreeSet<LinkId> = cases
        .iter()
        .filter(|case| case.changes.outlook == Change::Deleted)
        .filter_map(|case| case.link)
        .collect();
    drop(wanted);
    for (number, (at, key, item)) in new.into_iter().enumerate() {
        let there = known.entry(key).or_default();
        there.retain(|known| known.link.is_none_or(|link| !gone.contains(&link)));
        let found = there.iter().find_map(|known| {
            let likeness = likeness(event(&item)?, event(&known.item)?);
            matches!(likeness, Likeness::CopyOfInvitation | Likeness::Equal).then_some(())
        });
        let title = item.title().to_owned();
        match (found, at, held.remove(&number)) {
            (Some(()), Some(at), _) => {
                if let Some(case) = cases.get_mut(at) {
                    case.copy = true;
                }
            }
            (Some(()), None, Some(copy)) => {
                let names = spool.names(copy.spooled)?;
                let is_hold = |line: &Line| {
                    line.title == names.title
                        && matches!(line.event, LineEvent::Held { reason: HoldReason::DuplicateUid { .. } })
                };
                observed.outlook.lines.retain(|line| !is_hold(line));
                observed.outlook.pending.remove(&names.id);
                let changes = Sides { outlook: Change::Edited(copy.spooled), server: Change::Never };
                cases.push(Case { link: None, kind: Some(copy.kind), changes, hold: None, copy: true });
            }
            (None, Some(_), _) => {
                if !there.is_empty() {
                    observed.outlook.lines.push(perhaps(title));
                }
                there.push(Known { link: None, item });
            }
            _ => {}
        }
    }
    Ok(())
}

fn perhaps(title: String) -> Line {
    Line { title, side: Some(Side::Outlook), event: LineEvent::PerhapsCopy }
}

/// What becomes of a copy: it goes from Outlook, and nothing happens on the server.
pub(crate) fn removal(copy: Snapshot) -> Action {
    Action {
        verdict: Verdict::RemoveCopy,
        current: Sides { outlook: Some(copy), server: None },
        steps: Sides { outlook: Step::Delete, server: Step::Leave },
        clashes: Vec::new(),
        kept: Side::Server,
    }
}

/// After a run: of what it brought, or uploaded, and something that was there, one goes if it is a copy, from both sides.
pub(crate) fn sweep(run: &mut Run<'_>) -> Result<()> {
    let new = std::mem::take(&mut run.done.joined);
    let is_wanted = run.pair.duplicates == Duplicates::MoveAway && run.pair.direction.target().is_none();
    if !is_wanted || new.is_empty() || run.done.stopped.is_some() {
        return Ok(());
    }
    // What there is once need not be kept in memory.
    let mut counts: HashMap<u64, u32> = HashMap::new();
    each_linked(run, |_, key, _| *counts.entry(digest(&key)).or_default() += 1)?;
    let is_several = |key: &Vec<String>| counts.get(&digest(key)).is_some_and(|count| *count > 1);
    let mut tasks = Vec::new();
    for there in linked(run, is_several)?.into_values().filter(|there| there.len() > 1) {
        let (gone, doubtful) = copies(&there, &new);
        run.done.lines.extend(doubtful.into_iter().map(perhaps));
        for id in gone {
            tasks.extend(run.state.link(id)?.and_then(|link| removal_of_both(run, link)));
        }
    }
    carry_out(run, "removing copies", tasks)
}

/// Which of those of one title, start and end go, and the titles of those that may be copies. What was there before the run
/// was looked at before.
fn copies(there: &[Known], new: &BTreeSet<LinkId>) -> (BTreeSet<LinkId>, Vec<String>) {
    let (mut gone, mut doubtful) = (BTreeSet::new(), Vec::new());
    for (at, one) in there.iter().enumerate() {
        for other in there.iter().skip(at + 1) {
            let (Some(one_link), Some(other_link)) = (one.link, other.link) else { continue };
            let Some((first, second)) = event(&one.item).zip(event(&other.item)) else { continue };
            let is_settled = gone.contains(&one_link) || gone.contains(&other_link);
            if is_settled || !(new.contains(&one_link) || new.contains(&other_link)) {
                continue;
            }
            let copy = match likeness(first, second) {
                Likeness::CopyOfInvitation => Some(one_link),
                Likeness::InvitationOfCopy => Some(other_link),
                Likeness::Equal if new.contains(&other_link) => Some(other_link),
                Likeness::Equal => Some(one_link),
                Likeness::Perhaps => None,
            };
            match copy {
                Some(copy) => gone.extend([copy]),
                None => doubtful.push(one.item.title().to_owned()),
            }
        }
    }
    (gone, doubtful)
}

fn digest(key: &[String]) -> u64 {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    hasher.finish()
}

fn removal_of_both(run: &Run<'_>, link: Link) -> Option<Task> {
    let snapshot = |side: Side| {
        let base = link.sides.of(side).as_ref()?;
        let item = run.pair.storages.of(side).read(&base.original)?.0;
        Some(base.holding(item))
    };
    let current = Sides { outlook: snapshot(Side::Outlook), server: snapshot(Side::Server) };
    let title = current.outlook.as_ref()?.item.title().to_owned();
    let steps = current.as_ref().map(|_, held| if held.is_some() { Step::Delete } else { Step::Leave });
    let action =
        Action { verdict: Verdict::RemoveCopy, current, steps, clashes: Vec::new(), kept: Side::Server };
    Some(Task { link: Some(link), action, title, subject: String::new(), apart: false, asked: false })
}
