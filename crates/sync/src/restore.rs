//! Putting a version back: as an edit of the side that had it, which is carried to the other side like any edit.
//!
//! [`restore`] puts back a whole version of the journal, [`take`] what one side had edited when both sides edited one thing.
//! Both are runs of their own, and can be undone. What somebody has edited since on the other side stands, where it is about
//! something else.

use std::collections::BTreeSet;

use dovetail_model::Item;
use dovetail_model::carry::{self, Clash, Field, Ground, Unit, edit};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::asked::{Looking, carry_out};
use crate::error::{Error, ErrorKind, Result};
use crate::execute::Task;
use crate::history::{self, Subject};
use crate::journal::{Clashed, Entry, Journal};
use crate::plan::{Action, Change, Direction, Rule, Step, Terms, decide};
use crate::report::{Line, LineEvent, Report, SkipReason};
use crate::sides::{Side, Sides};
use crate::state::{Link, State};
use crate::storage::{Call, CreateKey, Draft, ItemId, Original, Snapshot, Version};
use crate::{Pair, Run, RunOutcome, recover};

/// Puts a version of an item back.
///
/// # Errors
/// `Gone` where the journal does not have that version of the item; else as [`crate::sync_pair`].
pub fn restore(
    pair: &Pair<'_>,
    subject: &Subject,
    number: i64,
    state: &mut State,
    journal: &mut Journal,
    now: Timestamp,
    call: &Call,
) -> Result<Report> {
    let found = history::version(number, journal)?.filter(|(entry, _)| subject.entries.contains(&entry.id));
    let (entry, original) = found.ok_or_else(|| {
        let what = format!("The journal has no version {number} of this item.");
        Error::new(ErrorKind::Gone, what)
    })?;
    let side = entry.side;
    let across = counterpart(subject, &entry, journal)?;
    Run::new(pair, state, journal, now, call).reported(|run| {
        recover::settle(run)?;
        let back = Back { side, item: read(run.pair, side, &original)?, from: original, across };
        let task = put_back(run, &mut Looking::default(), subject, back)?;
        carry_out(run, "restoring", task.into_iter().collect())
    })
}

/// What the other side held when an entry was made, as far as the journal tells.
fn counterpart(subject: &Subject, entry: &Entry, journal: &Journal) -> Result<Option<Original>> {
    let mut found = None;
    for id in &subject.entries {
        let Some(other) = journal.entry(*id)?.filter(|other| other.side != entry.side) else { continue };
        if *id > entry.id && found.is_some() {
            break;
        }
        found = other.after.or(other.before).map(|stored| stored.original).or(found);
    }
    Ok(found)
}

/// What a person chose of a clash.
#[derive(Clone, Copy, Debug)]
pub struct Choice<'c> {
    /// The clash.
    pub clash: &'c Clashed,
    /// The side whose edit is to stand.
    pub side: Side,
}

/// Gives what clashed the value that one side had then, on both sides.
///
/// # Errors
/// `Gone` where that version is not kept; else as [`crate::sync_pair`].
pub fn take(
    pair: &Pair<'_>,
    subject: &Subject,
    choice: Choice<'_>,
    state: &mut State,
    journal: &mut Journal,
    now: Timestamp,
    call: &Call,
) -> Result<Report> {
    let Choice { clash, side } = choice;
    let not_kept = || Error::new(ErrorKind::Gone, format!("What the {side} had then is not kept any more."));
    let fought = clash.sides.of(side).as_ref().and_then(|fought| fought.stored.clone());
    let original = fought.ok_or_else(not_kept)?.original;
    let report = Run::new(pair, state, journal, now, call).reported(|run| {
        recover::settle(run)?;
        let then = read(run.pair, side, &original)?;
        let (link, mut looking) = (link_of(run, subject)?, Looking::default());
        let back = match current(run, &mut looking, subject, link.as_ref(), side)? {
            Err(why) => {
                skip(run, subject, side, why);
                return Ok(());
            }
            Ok(Some(now_there)) => {
                let fields = fields(&clash.clashes);
                // What of it goes with other fields, such as what Outlook has once for a series, goes with it on both sides.
                let storage = run.pair.storages.of(side);
                let item = storage.holds(&carry::take(&fields, &then, &now_there.item));
                Back { side, item, from: now_there.original, across: None }
            }
            Ok(None) => Back { side, item: then, from: original, across: None },
        };
        let task = put_back(run, &mut looking, subject, back)?;
        carry_out(run, "restoring", task.into_iter().collect())
    })?;
    let left = |line: &Line| !matches!(line.event, LineEvent::Skipped { why: SkipReason::Same });
    if report.outcome == RunOutcome::Finished && !report.lines.iter().any(left) {
        journal.settle_clash(&pair.id, clash.id, side)?;
    }
    Ok(report)
}

/// What is taken of a side to decide clashes otherwise. When an item is, is taken as a whole: an occurrence without its rule says
/// nothing.
fn fields(clashes: &[Clash]) -> BTreeSet<Field> {
    let is_time = clashes.iter().any(|clash| clash.unit == Unit::Time);
    let clashed = clashes.iter().flat_map(|clash| clash.fields.iter().copied());
    clashed.chain(Field::ALL.into_iter().filter(|field| is_time && field.unit() == Unit::Time)).collect()
}

fn read(pair: &Pair<'_>, side: Side, original: &Original) -> Result<Item> {
    let unreadable = || Error::new(ErrorKind::Malformed, "That version cannot be read any more.");
    Ok(pair.storages.of(side).read(original).ok_or_else(unreadable)?.0)
}

/// What is put back, and where.
struct Back {
    side: Side,
    item: Item,
    /// What is patched to become that.
    from: Original,
    /// What the other side is made of, if it has nothing.
    across: Option<Original>,
}

fn link_of(run: &Run<'_>, subject: &Subject) -> Result<Option<Link>> {
    Ok(subject.link.map(|id| run.state.link(id)).transpose()?.flatten())
}

/// What a side holds of the item now.
fn current(
    run: &Run<'_>,
    looking: &mut Looking,
    subject: &Subject,
    link: Option<&Link>,
    side: Side,
) -> Result<Result<Option<Snapshot>, SkipReason>> {
    let linked = link.map(|link| link.sides.of(side).as_ref().map(|base| base.id.clone()));
    match linked.unwrap_or_else(|| subject.sides.of(side).clone()) {
        Some(id) => looking.fetch(run, side, &id),
        None => Ok(Ok(None)),
    }
}

fn skip(run: &mut Run<'_>, subject: &Subject, side: Side, why: SkipReason) {
    let event = LineEvent::Skipped { why };
    run.done.lines.push(Line { title: subject.title.clone(), side: Some(side), event });
}

/// The task that puts an item back; `None` where there is nothing to do, which is reported.
fn put_back(run: &mut Run<'_>, looking: &mut Looking, subject: &Subject, back: Back) -> Result<Option<Task>> {
    let (side, link) = (back.side, link_of(run, subject)?);
    let mut held = Sides::default();
    for side in Side::BOTH {
        match current(run, looking, subject, link.as_ref(), side)? {
            Ok(current) => *held.of_mut(side) = current,
            Err(why) => {
                skip(run, subject, side, why);
                return Ok(None);
            }
        }
    }
    let other = held.of(side.other()).as_ref();
    let key = key_of(&back.item, subject, link.as_ref());
    // Who asks for it has the last word.
    let after = other.and_then(|other| other.modified).map_or(run.now, |theirs| theirs.max(run.now));
    let asked = Snapshot {
        id: held.of(side).as_ref().map_or_else(nameless, |held| held.id.clone()),
        version: held.of(side).as_ref().map_or_else(|| Version(String::new()), |held| held.version.clone()),
        modified: after.checked_add(SignedDuration::from_secs(1)).ok(),
        item: back.item,
        original: back.from.clone(),
        warnings: Vec::new(),
    };
    let across = back.across.filter(|_| other.is_none() && link.is_none());
    let pretended = across.map(|original| -> Result<Snapshot> {
        let item = read(run.pair, side.other(), &original)?;
        let (version, warnings) = (Version(String::new()), Vec::new());
        // Of an unknown age it would have the last word.
        Ok(Snapshot { id: nameless(), version, modified: Some(run.now), item, original, warnings })
    });
    let pretended = pretended.transpose()?;
    let there = match &pretended {
        Some(snapshot) => Change::Edited(snapshot.clone()),
        None => since_base(run.pair, link.as_ref(), side.other(), other),
    };
    let changes = match side {
        Side::Outlook => Sides { outlook: Change::Edited(asked.clone()), server: there },
        Side::Server => Sides { outlook: there, server: Change::Edited(asked.clone()) },
    };
    // Whatever the rules of the profile are: a person has asked for this on both sides. Where neither has it any more, nothing that
    // stands is to be kept beside it.
    let mut terms = Terms::of(run.pair, run.id);
    terms.rule = Rule::Merge;
    terms.direction = match pretended {
        Some(_) => Direction::replicating_to(side.other()),
        None => Direction::TwoWay,
    };
    let mut action = decide(link.as_ref(), &changes, &terms)?;
    settle(run.pair, &mut action, &held, side, Wanted { asked, pretended, key });
    if action.steps.as_ref().into_array().iter().all(|step| **step == Step::Leave) {
        skip(run, subject, side, SkipReason::Same);
        return Ok(None);
    }
    let title = subject.title.clone();
    Ok(Some(Task { link, action, title, subject: String::new(), apart: false, asked: true }))
}

fn nameless() -> ItemId {
    ItemId(String::new())
}

struct Wanted {
    asked: Snapshot,
    pretended: Option<Snapshot>,
    key: CreateKey,
}

/// Turns what was decided for items that are not there yet into writes of what is there.
fn settle(pair: &Pair<'_>, action: &mut Action, held: &Sides<Option<Snapshot>>, side: Side, wanted: Wanted) {
    let Wanted { asked, pretended, key } = wanted;
    for (side, from) in [(side, Some(asked)), (side.other(), pretended)] {
        let Some(from) = from else { continue };
        let item = action.item_after(side).unwrap_or(&from.item).clone();
        let storage = pair.storages.of(side);
        let is_there = held.of(side).as_ref().is_some_and(|held| {
            edit(&Ground::from(storage.holds(&held.item)), &storage.holds(&item)).is_empty()
        });
        *action.steps.of_mut(side) = match is_there {
            true => Step::Leave,
            false => Step::Write(Draft { item, from: Some(from.original), key: key.clone() }),
        };
        action.current.of_mut(side).clone_from(held.of(side));
    }
    // What was edited since is carried or overwritten because a person asked for it, and is in the journal.
    action.clashes.clear();
}

fn key_of(item: &Item, subject: &Subject, link: Option<&Link>) -> CreateKey {
    // A new name: some servers begin anew with versions under a name that was used before.
    let name = Uuid::new_v4().to_string();
    let known = Some(subject.uid.clone()).filter(|uid| !uid.is_empty());
    let known = item.uid().map(str::to_owned).or_else(|| link.and_then(|link| link.uid.clone())).or(known);
    CreateKey { uid: known.unwrap_or_else(|| name.clone()), name }
}

/// What became of the other side's item since both last agreed.
fn since_base(pair: &Pair<'_>, link: Option<&Link>, side: Side, held: Option<&Snapshot>) -> Change<Snapshot> {
    let base = link.and_then(|link| link.sides.of(side).as_ref());
    match (base, held) {
        (None, None) => Change::Never,
        (None, Some(held)) => Change::Edited(held.clone()),
        (Some(_), None) => Change::Deleted,
        (Some(base), Some(held)) if base.original == held.original => Change::Restated(held.clone()),
        (Some(base), Some(held)) => {
            let was = pair.storages.of(side).read(&base.original);
            match was.is_some_and(|(was, _)| edit(&Ground::from(was), &held.item).is_empty()) {
                true => Change::Restated(held.clone()),
                false => Change::Edited(held.clone()),
            }
        }
    }
}
