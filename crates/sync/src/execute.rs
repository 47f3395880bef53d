//! The second pass: the plan, chunk by chunk. The only file that writes to storages.
//!
//! A chunk is: journal what is about to be replaced; record the intents; write; record what each side now holds. The last is one
//! with the first two of the chunk after the next, and is done while the next one is written. A kill between any two of these
//! leaves each item old or new, and the next run finds out which. A link moves on only when all steps of its item are done; the
//! intents of what was not are kept, and read first by the next run.

use std::collections::{BTreeMap, BTreeSet};

use dovetail_model::carry::{Clash, Ground, edit};
use dovetail_model::{Item, Kind};
use jiff::Timestamp;

use crate::differing::bases_differ;
use crate::error::{Error, ErrorKind, Result};
use crate::journal::{Clashed, Entry, Fought, Operation, Outcome, Stored};
use crate::people::Familiar;
use crate::plan::{Action, Plain, PlanRow, Step, Terms, Verdict, action_of, direction_of, rebuild};
use crate::report::{Counts, Line, LineEvent, SkipReason};
use crate::sides::{Side, Sides};
use crate::spool::Spool;
use crate::state::{Base, Changing, Failing, Intent, Link, LinkId, LinkState, Wanted, hash};
use crate::storage::{Draft, ItemId, Original, Snapshot, Write, Written};
use crate::{Duplicates, FirstPass, Pair, Run};

mod lists;

/// What was carried out.
#[derive(Debug, Default)]
pub(crate) struct Executed {
    pub(crate) written: Sides<Counts>,
    pub(crate) lines: Vec<Line>,
    /// What is to be asked again in the next run.
    pub(crate) pending: Sides<BTreeSet<ItemId>>,
    /// What ended the run before its end.
    pub(crate) stopped: Option<Error>,
    /// Writes in a row that did not reach their storage.
    pub(crate) lost: Sides<u32>,
    /// Steps that failed, by their subjects, with what the storage said of the item.
    pub(crate) refused: BTreeMap<String, (String, String)>,
    /// What earlier runs were to make, if nobody knows yet whether they did: their intents, by the side and by what it was to be
    /// made from.
    pub(crate) undecided: BTreeMap<(Side, ItemId), Vec<i64>>,
    /// Links of which earlier runs began writes, if nobody knows yet what became of all of them.
    pub(crate) unsettled: BTreeSet<LinkId>,
    /// Steps of which not everything was done, for whatever reason, by their subjects.
    pub(crate) undone: BTreeSet<String>,
    /// Steps that were not tried, because they failed too often.
    pub(crate) deferred: BTreeSet<String>,
    /// What was linked for the first time, where that is asked: see `duplicates`.
    pub(crate) joined: BTreeSet<LinkId>,
    /// How often a chunk was written step by step: see `beside`.
    turns: u64,
}

/// What is done to one item, with its bodies.
#[derive(Clone)]
pub(crate) struct Task {
    pub(crate) link: Option<Link>,
    pub(crate) action: Action,
    pub(crate) title: String,
    /// What names the step, with the versions that it was planned from; empty where nobody asks.
    pub(crate) subject: String,
    /// What each side then holds is meant to differ.
    pub(crate) apart: bool,
    /// A person asked for it: what it destroys does not count towards the limits.
    pub(crate) asked: bool,
}

/// Carries out a plan. `Err` only where our own files fail; what a storage answers is in `run.done`.
pub(crate) fn execute(run: &mut Run<'_>, first: &mut FirstPass) -> Result<()> {
    run.done.undecided = undecided(run)?;
    let terms = Terms::of(run.pair, run.id).knowing(first.people.as_ref());
    let (held, ready): (Vec<&PlanRow>, Vec<&PlanRow>) =
        first.plan.rows.iter().partition(|row| row.hold.is_some());
    for row in held {
        let link = row.link.map(|id| run.state.link(id)).transpose()?.flatten();
        let action = action_of(&mut first.spool, link.as_ref(), row, &terms)?;
        hold(row, link.as_ref(), &action, &mut run.done);
    }
    let mut ready = ready;
    let failing = run.state.failing(&run.pair.id)?;
    for row in ready.extract_if(.., |row| is_deferred(row, &failing, run.now)) {
        let Some(failed) = failing.get(&row.subject) else { continue };
        let link = row.link.map(|id| run.state.link(id)).transpose()?.flatten();
        let action = action_of(&mut first.spool, link.as_ref(), row, &terms)?;
        for side in Side::BOTH {
            run.done.pending.of_mut(side).extend(ids(link.as_ref(), &action, side));
        }
        run.done.deferred.insert(row.subject.clone());
        run.done.lines.push(Line { title: row.title.clone(), side: None, event: failed.deferred() });
    }
    let (lists, others): (Vec<&PlanRow>, Vec<&PlanRow>) =
        ready.into_iter().partition(|row| row.kind == Kind::Group);
    write_rows(run, &mut first.spool, &others, first.people.as_ref())?;
    write_plain(run, &mut first.spool, &first.plain, first.people.as_ref())?;
    lists::write(run, &mut first.spool, &mut first.people, lists)
}

fn write_rows(
    run: &mut Run<'_>,
    spool: &mut Spool,
    rows: &[&PlanRow],
    people: Option<&Familiar>,
) -> Result<()> {
    let terms = Terms::of(run.pair, run.id).knowing(people);
    in_chunks(run, "writing", rows, |run, row| {
        let link = row.link.map(|id| run.state.link(id)).transpose()?.flatten();
        let mut action = action_of(spool, link.as_ref(), row, &terms)?;
        if row.rejected {
            action.steps = Sides { outlook: Step::Leave, server: Step::Leave };
        }
        if let Some(people) = people {
            people.now.settle_all(&mut action, run.pair);
        }
        let (title, subject) = (row.title.clone(), row.subject.clone());
        Ok(Task { link, action, title, subject, apart: row.rejected, asked: row.approved })
    })
}

/// What is only made on a side.
fn write_plain(
    run: &mut Run<'_>,
    spool: &mut Spool,
    plain: &[Plain],
    people: Option<&Familiar>,
) -> Result<()> {
    let terms = Terms::of(run.pair, run.id).knowing(people);
    in_chunks(run, "writing", plain, |_, plain| {
        let changes = plain.case().changes;
        let action = rebuild(spool, None, &changes, &terms)?;
        let item = Side::BOTH.into_iter().find_map(|side| action.item_after(side));
        let title = item.map(|item| item.title().to_owned()).unwrap_or_default();
        let subject = action.subject(None, &changes);
        Ok(Task { link: None, action, title, subject, apart: false, asked: false })
    })
}

/// Whether a step failed so often that it is not tried now. What a person decided is tried at once.
fn is_deferred(row: &PlanRow, failing: &BTreeMap<String, Failing>, now: Timestamp) -> bool {
    let waits = failing.get(&row.subject).is_some_and(|failed| failed.waits(now));
    waits && !row.approved && !row.rejected
}

/// A held row stays a question: its items are looked at again in the next run.
fn hold(row: &PlanRow, link: Option<&Link>, action: &Action, done: &mut Executed) {
    for side in Side::BOTH {
        done.pending.of_mut(side).extend(ids(link, action, side));
    }
    let event = row.hold.clone().map(|reason| LineEvent::Held { reason });
    done.lines.extend(event.map(|event| Line { title: row.title.clone(), side: None, event }));
}

/// What a side calls the item of an action: now, and when both last agreed.
pub(crate) fn ids(link: Option<&Link>, action: &Action, side: Side) -> impl Iterator<Item = ItemId> {
    let seen = action.current.of(side).as_ref().map(|snapshot| snapshot.id.clone());
    let base = link.and_then(|link| link.sides.of(side).as_ref()).map(|base| base.id.clone());
    seen.into_iter().chain(base)
}

/// Makes tasks and carries them out, a chunk at a time, until all are done or the run has to stop.
///
/// While a chunk is on its way to the server, or to Outlook where the server gets nothing of it, the one before it is recorded and
/// the one after it is decided and made durable: neither waits for the other. So no task may depend on what becomes of another one.
pub(crate) fn in_chunks<T>(
    run: &mut Run<'_>,
    what: &str,
    items: &[T],
    mut task: impl FnMut(&Run<'_>, &T) -> Result<Task>,
) -> Result<()> {
    let mut parts = items.chunks(run.pair.chunk.max(1));
    let mut decide = |run: &Run<'_>| -> Result<Option<Chunk>> {
        let part = parts.next().filter(|_| run.done.stopped.is_none());
        let tasks = part.map(|part| part.iter().map(|item| task(run, item)).collect());
        Ok(tasks.transpose()?.map(Chunk::of))
    };
    heed_cancel(run);
    let mut next = decide(run)?;
    turn(run, None, next.as_mut())?;
    let mut written: Option<Chunk> = None;
    let mut begun = 0;
    while let Some(mut chunk) = next.take() {
        heed_cancel(run);
        run.call.tell(what, begun as u64, Some(items.len() as u64));
        begun += chunk.tasks.len();
        // The server first: it holds more, so what Outlook's write makes room for has arrived somewhere.
        let first = if chunk.writes_to(Side::Server) { Side::Server } else { Side::Outlook };
        let batch = chunk.batch(first);
        let (answers, recorded) = beside(run, first, &batch.writes, |run| {
            let mut decided = decide(run);
            turn(run, written.take().as_ref(), decided.as_mut().ok().and_then(Option::as_mut))?;
            decided
        });
        take_in(run, first, &mut chunk, batch.at, answers);
        if first == Side::Server {
            let batch = chunk.batch(Side::Outlook);
            let answers = send(run, Side::Outlook, &batch.writes);
            take_in(run, Side::Outlook, &mut chunk, batch.at, answers);
        }
        match recorded {
            Ok(decided) => (next, written) = (decided, Some(chunk)),
            Err(error) => {
                turn(run, Some(&chunk), None)?;
                return Err(error);
            }
        }
    }
    turn(run, written.as_ref(), None)
}

/// Nothing more is begun once the user, or the time given for the run, says so.
fn heed_cancel(run: &mut Run<'_>) {
    if run.done.stopped.is_none() {
        run.done.stopped = run.call.check().err();
    }
}

/// What a storage said to each write of a batch.
type Answers = Vec<Result<Written>>;

/// Sends these writes to a side and does work of our own, side by side.
///
/// Where a test stops a run between any two of its steps, one comes after the other, now this one first and now that one: so
/// it meets each state that threads can leave.
fn beside<T>(
    run: &mut Run<'_>,
    side: Side,
    writes: &[Write],
    work: impl FnOnce(&mut Run<'_>) -> Result<T>,
) -> (Answers, Result<T>) {
    if writes.is_empty() || run.done.stopped.is_some() {
        return (Vec::new(), work(run));
    }
    let (storage, call) = (*run.pair.storages.of(side), run.call);
    if call.between.is_some() {
        run.done.turns += 1;
        if run.done.turns.is_multiple_of(2) {
            let done = work(run);
            return (storage.write(writes, call), done);
        }
        return (storage.write(writes, call), work(run));
    }
    std::thread::scope(|threads| {
        let writing = threads.spawn(|| storage.write(writes, call));
        let done = work(run);
        (writing.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), done)
    })
}

/// Nothing is written once the run has to stop.
fn send(run: &Run<'_>, side: Side, writes: &[Write]) -> Answers {
    if writes.is_empty() || run.done.stopped.is_some() {
        return Vec::new();
    }
    run.pair.storages.of(side).write(writes, run.call)
}

/// Tasks, from when they are decided on until it is recorded what became of them.
struct Chunk {
    tasks: Vec<Task>,
    works: Vec<Work>,
}

impl Chunk {
    fn of(tasks: Vec<Task>) -> Chunk {
        let work = |task| Work { entries: Sides::new(|side| entry(task, side)), ..Work::default() };
        let works = tasks.iter().map(work).collect();
        Chunk { tasks, works }
    }

    fn writes_to(&self, side: Side) -> bool {
        self.works.iter().any(|work| work.entries.of(side).is_some())
    }

    /// A side's part of it.
    fn batch(&mut self, side: Side) -> Batch {
        let mut batch = Batch::default();
        for (at, (task, work)) in self.tasks.iter().zip(&mut self.works).enumerate() {
            let Some(entry) = work.entries.of_mut(side) else { continue };
            if work.failed {
                // What is carried both ways is carried whole: nobody could tell the half of it from an edit.
                not_tried(entry);
            } else if let Some(write) = write_of(&task.action, side) {
                batch.at.push(at);
                batch.writes.push(write);
            }
        }
        batch
    }

    fn entries(&self) -> Vec<&Entry> {
        self.works.iter().flat_map(|work| work.entries.as_ref().into_array()).flatten().collect()
    }

    fn entries_mut(&mut self) -> Vec<&mut Entry> {
        self.works.iter_mut().flat_map(|work| work.entries.as_mut().into_array()).flatten().collect()
    }
}

/// A side's part of a chunk: the writes, and which task each belongs to.
#[derive(Default)]
struct Batch {
    at: Vec<usize>,
    writes: Vec<Write>,
}

/// The work on one task of a chunk.
#[derive(Default)]
struct Work {
    entries: Sides<Option<Entry>>,
    intent: Option<i64>,
    /// The row of the journal that keeps both versions of a clash.
    clash: Option<i64>,
    written: Sides<Option<Written>>,
    /// A storage got it, whatever it said.
    is_tried: bool,
    failed: bool,
}

/// Records what became of a chunk, and what is about to become of the next one: as one, since each commit waits for the disk.
///
/// INVARIANT: what is about to be replaced is durable in the journal, and what is about to be written in the state,
/// before the first write of a chunk.
fn turn(run: &mut Run<'_>, written: Option<&Chunk>, mut next: Option<&mut Chunk>) -> Result<()> {
    if written.is_none() && next.is_none() {
        return Ok(());
    }
    let (id, pair, now) = (run.id.to_string(), run.pair, run.now);
    run.journal.together(|journal| {
        if let Some(written) = written {
            journal.conclude(&written.entries())?;
            // What was not done is decided again by the next run.
            let undecided = written.works.iter().filter(|work| work.failed).filter_map(|work| work.clash);
            journal.drop_clashes(&undecided.collect::<Vec<_>>())?;
        }
        let Some(next) = next.as_deref_mut() else { return Ok(()) };
        journal.record(&id, &pair.id, now, &mut next.entries_mut())?;
        for (task, work) in next.tasks.iter().zip(&mut next.works) {
            let clash = clashed(task, &id, now);
            work.clash = clash.map(|clash| journal.record_clash(&pair.id, &clash)).transpose()?;
        }
        Ok(())
    })?;
    run.call.pass();
    let tokens = tokens(run)?;
    let done = &mut run.done;
    run.state.transaction(|state| {
        for (task, work) in written.iter().flat_map(|written| written.tasks.iter().zip(&written.works)) {
            record(state, pair, &id, &tokens, (task, work), done)?;
        }
        for (task, work) in next.into_iter().flat_map(|next| next.tasks.iter().zip(&mut next.works)) {
            let entries = work.entries.as_ref().map(|_, entry| entry.as_ref().map(|entry| entry.id));
            if entries != Sides::default() {
                work.intent = Some(state.put_intent(&pair.id, &id, &intent(task, entries))?);
            }
        }
        Ok(())
    })?;
    for (task, work) in written.iter().flat_map(|written| written.tasks.iter().zip(&written.works)) {
        if let Some(link) = task.link.as_ref().filter(|_| !work.failed) {
            run.state.set_grounds(link.id, None);
        }
    }
    run.call.pass();
    Ok(())
}

fn entry(task: &Task, side: Side) -> Option<Entry> {
    let action = &task.action;
    let current = action.current.of(side).as_ref();
    let (operation, draft) = match action.steps.of(side) {
        Step::Leave => return None,
        Step::Delete => (Operation::Delete, None),
        Step::Write(draft) if current.is_some() => (Operation::Update, Some(draft)),
        Step::Write(draft) => (Operation::Create, Some(draft)),
    };
    let item = draft.map(|draft| &draft.item).or(current.map(|snapshot| &snapshot.item))?;
    let uid = draft.map(|draft| draft.key.uid.as_str()).or(item.uid()).unwrap_or_default();
    let clashes = if side == action.kept { Vec::new() } else { action.clashes.clone() };
    Some(Entry {
        id: 0,
        side,
        operation,
        item: current.map(|snapshot| snapshot.id.clone()),
        other: action.current.of(side.other()).as_ref().map(|snapshot| snapshot.id.clone()),
        uid: uid.to_owned(),
        kind: item.kind(),
        title: task.title.clone(),
        loses: !task.asked && (operation == Operation::Delete || !clashes.is_empty()),
        clashes,
        asked: task.asked,
        content: draft.filter(|_| operation == Operation::Update).map(|draft| digest(&draft.item)),
        outcome: Outcome::Begun,
        before: current.map(Stored::from),
        after: None,
    })
}

/// Equal for items that say the same.
fn digest(item: &Item) -> Vec<u8> {
    hash(&serde_json::to_vec(item).unwrap_or_default())
}

/// Both versions of what both sides had edited, if one of them is about to be overwritten.
fn clashed(task: &Task, run: &str, at: Timestamp) -> Option<Clashed> {
    let action = &task.action;
    if action.clashes.is_empty()
        // A copy is meant to be one: its own edits clash with nothing.
        || matches!(action.verdict, Verdict::TakeBack(_))
        || action.steps.as_ref().into_array().iter().all(|step| **step == Step::Leave)
    {
        return None;
    }
    let sides = action.current.as_ref().map(|_, current| {
        current.as_ref().map(|it| Fought { id: it.id.clone(), stored: Some(Stored::from(it)) })
    });
    let item = &action.current.of(action.kept).as_ref()?.item;
    Some(Clashed {
        sides,
        uid: given_uid(task).or(item.uid().map(str::to_owned)).unwrap_or_default(),
        kind: item.kind(),
        title: task.title.clone(),
        kept: action.kept,
        clashes: action.clashes.clone(),
        id: 0,
        run: run.to_owned(),
        at,
        taken: None,
    })
}

/// The side on which a task makes an item.
fn created(task: &Task) -> Option<Side> {
    let Action { current, steps, .. } = &task.action;
    let made = |side: &Side| current.of(*side).is_none() && matches!(steps.of(*side), Step::Write(_));
    Side::BOTH.into_iter().find(made)
}

/// That side, and the item that it is made from.
fn made_from(task: &Task) -> Option<(Side, ItemId)> {
    let side = created(task)?;
    Some((side, task.action.current.of(side.other()).as_ref()?.id.clone()))
}

/// Earlier writes that were to make an item and of which nobody knows yet whether they did, by what they were made from.
fn undecided(run: &Run<'_>) -> Result<BTreeMap<(Side, ItemId), Vec<i64>>> {
    let mut undecided = BTreeMap::<_, Vec<i64>>::new();
    for intent in run.state.intents(&run.pair.id)? {
        for side in Side::BOTH.into_iter().filter(|side| intent.creates(*side)) {
            if let Some(source) = intent.planned.of(side.other()) {
                undecided.entry((side, source.id.clone())).or_default().push(intent.id);
            }
        }
    }
    Ok(undecided)
}

fn intent(task: &Task, entries: Sides<Option<i64>>) -> Intent {
    let action = &task.action;
    Intent {
        id: 0,
        link: task.link.as_ref().map(|link| link.id),
        uid: given_uid(task),
        planned: action.current.as_ref().map(|_, current| current.as_ref().map(Base::from)),
        wanted: action.steps.as_ref().map(|_, step| match step {
            Step::Leave => Wanted::Same,
            Step::Write(draft) => Wanted::Item(Box::new(draft.item.clone())),
            Step::Delete => Wanted::Nothing,
        }),
        entries,
        apart: task.apart,
        superseded: false,
    }
}

/// Takes in what a side said to its part of a chunk.
fn take_in(run: &mut Run<'_>, side: Side, chunk: &mut Chunk, at: Vec<usize>, answers: Answers) {
    let Chunk { tasks, works } = chunk;
    let mut answers = answers.into_iter();
    for at in at {
        let not_begun = || Err(Error::new(ErrorKind::Cancelled, "The run stopped before this was written."));
        let answer = answers.next();
        let Some(work) = works.get_mut(at) else { continue };
        let Some(entry) = work.entries.of_mut(side) else { continue };
        let is_tried = answer.is_some();
        work.is_tried |= is_tried;
        match answer.unwrap_or_else(not_begun) {
            Ok(written) => {
                *run.done.lost.of_mut(side) = 0;
                conclude(entry, &written);
                count(run.done.written.of_mut(side), entry.operation);
                *work.written.of_mut(side) = Some(written);
            }
            Err(error) => {
                // What was tried may have been done all the same.
                if is_tried {
                    entry.outcome = Outcome::Failed
                } else {
                    not_tried(entry)
                }
                work.failed = true;
                let subject = tasks.get(at).map(|task| task.subject.as_str()).unwrap_or_default();
                report_failure(subject, entry, side, error, run);
            }
        }
    }
}

fn not_tried(entry: &mut Entry) {
    entry.outcome = Outcome::Failed;
    entry.loses = false;
}

fn write_of(action: &Action, side: Side) -> Option<Write> {
    Some(match (action.steps.of(side), action.current.of(side)) {
        (Step::Write(draft), Some(current)) => Write::Update(current.clone(), draft.clone()),
        (Step::Write(draft), None) => Write::Create(draft.clone()),
        (Step::Delete, Some(current)) => Write::Delete(current.clone()),
        _ => return None,
    })
}

fn conclude(entry: &mut Entry, written: &Written) {
    entry.outcome = Outcome::Done;
    if let Written::Holds(snapshot) = written {
        entry.item = Some(snapshot.id.clone());
        entry.after = Some(Stored::from(snapshot.as_ref()));
    }
}

fn count(counts: &mut Counts, operation: Operation) {
    match operation {
        Operation::Create => counts.created += 1,
        Operation::Update => counts.updated += 1,
        Operation::Delete => counts.deleted += 1,
    }
}

fn report_failure(subject: &str, entry: &Entry, side: Side, error: Error, run: &mut Run<'_>) {
    let (done, patience) = (&mut run.done, run.call.lost_writes);
    let lost = done.lost.of_mut(side);
    *lost = if error.is_of_transport() { lost.saturating_add(1) } else { 0 };
    let is_enough = if error.is_of_transport() { *lost >= patience } else { error.stops_the_run() };
    if is_enough {
        if done.stopped.is_none() {
            done.stopped = Some(error);
        }
        return;
    }
    if done.stopped.is_some() {
        // What followed was not tried.
        return;
    }
    let event = match error.kind {
        // Somebody was faster: the item is planned again in the next run.
        ErrorKind::Stale | ErrorKind::Gone => LineEvent::Skipped { why: SkipReason::ChangedSince },
        kind => LineEvent::Failed { kind, what: error.what.clone() },
    };
    if matches!(event, LineEvent::Failed { .. }) && !error.is_of_transport() && !subject.is_empty() {
        done.refused.insert(subject.to_owned(), (entry.title.clone(), error.what));
    }
    done.lines.push(Line { title: entry.title.clone(), side: Some(side), event });
}

/// Records what became of a task.
fn record(
    state: &Changing<'_>,
    pair: &Pair<'_>,
    run: &str,
    tokens: &Sides<bool>,
    (task, work): (&Task, &Work),
    done: &mut Executed,
) -> Result<()> {
    if work.failed {
        done.undone.insert(task.subject.clone());
        // Its intent stays where a storage got it: an answer that failed does not tell whether the write arrived.
        if let Some(intent) = work.intent.filter(|_| !work.is_tried) {
            state.remove_intent(intent)?;
        }
        for side in Side::BOTH {
            let pending = done.pending.of_mut(side);
            pending.extend(ids(task.link.as_ref(), &task.action, side));
            pending.extend(written_id(work.written.of(side).as_ref()));
        }
        return Ok(());
    }
    let made = made_from(task).and_then(|made| done.undecided.get(&made));
    for intent in made.into_iter().flatten() {
        state.supersede(*intent)?;
    }
    let link = link_after(pair, task, &work.written, run);
    match (&link.sides.outlook, &link.sides.server) {
        (None, None) => state.remove_link(link.id)?,
        _ => {
            let id = state.put_link(&pair.id, &link)?;
            // What was new in Outlook alone was looked at before.
            let is_new = task.link.is_none() && task.action.current.server.is_some();
            let is_asked = pair.duplicates == Duplicates::MoveAway && is_new;
            done.joined.extend(is_asked.then_some(id));
        }
    }
    if task.action.verdict == Verdict::RemoveCopy {
        let (title, side) = (task.title.clone(), Some(Side::Outlook));
        done.lines.push(Line { title, side, event: LineEvent::CopyRemoved });
    }
    for side in Side::BOTH {
        let entry = work.entries.of(side).as_ref();
        let created = entry.is_some_and(|entry| entry.operation == Operation::Create);
        let new = new_id(task.link.as_ref(), &link, side, created);
        if let Some(new) = new.filter(|_| created || *tokens.of(side)) {
            state.put_made(&pair.id, side, new, created.then_some(run))?;
        }
    }
    if let Some(intent) = work.intent {
        state.remove_intent(intent)?;
    }
    if done.unsettled.remove(&link.id) {
        state.remove_intents(link.id, i64::MAX)?;
    }
    done.lines.extend(task.action.clashes.iter().map(|clash| lost(task, clash)));
    Ok(())
}

/// What is said of an edit that was lost.
fn lost(task: &Task, clash: &Clash) -> Line {
    let (kept, clash) = (task.action.kept, clash.clone());
    let (side, event) = match task.action.verdict {
        Verdict::TakeBack(on) => (Some(on), LineEvent::TakenBack { clash }),
        // Nothing was kept instead: it was not theirs to change who edited it.
        Verdict::Carry(_) | Verdict::Reconcile if clash.kept.is_empty() => {
            (Some(kept.other()), LineEvent::TakenBack { clash })
        }
        _ => (None, LineEvent::Clashed { kept, clash }),
    };
    Line { title: task.title.clone(), side, event }
}

/// The sides that are asked what changed since a token.
pub(crate) fn tokens(run: &Run<'_>) -> Result<Sides<bool>> {
    Sides::new(|side| side).try_map(|side, _| Ok(run.state.token(&run.pair.id, side)?.is_some()))
}

/// The id of a side's item, where its token may not know it: the link did not have it before, or the item was made again
/// under the id that it had.
pub(crate) fn new_id<'l>(
    before: Option<&Link>,
    link: &'l Link,
    side: Side,
    created: bool,
) -> Option<&'l ItemId> {
    let known = before.and_then(|before| before.sides.of(side).as_ref()).map(|base| &base.id);
    link.sides.of(side).as_ref().map(|base| &base.id).filter(|id| created || known != Some(*id))
}

fn written_id(written: Option<&Written>) -> Option<ItemId> {
    match written {
        Some(Written::Holds(snapshot)) => Some(snapshot.id.clone()),
        _ => None,
    }
}

/// What each side holds once the task is done is its new base.
fn link_after(pair: &Pair<'_>, task: &Task, written: &Sides<Option<Written>>, run: &str) -> Link {
    let holds: Sides<Option<Snapshot>> = Sides::new(|side| match written.of(side) {
        Some(Written::Holds(snapshot)) => Some(snapshot.as_ref().clone()),
        Some(Written::Deleted) => None,
        None => task.action.current.of(side).clone(),
    });
    let id = task.link.as_ref().map_or(LinkId(0), |link| link.id);
    let bases = holds.as_ref().map(|_, snapshot| snapshot.as_ref().map(Base::from));
    let uids = holds.as_ref().map(|_, snapshot| snapshot.as_ref().and_then(|snapshot| snapshot.item.uid()));
    let mut link = Link::new(id, bases, uids, given_uid(task));
    let created = created(task).filter(|_| !task.apart);
    link.made = made_by(&link, created, task.link.as_ref());
    let seen = task.action.current.as_ref().map(|_, seen| seen.as_ref().map(|seen| &seen.original));
    link.state = standing(pair, &link, task.link.as_ref(), &seen, task.apart.then_some(run));
    link
}

/// The side whose item is on both.
pub(crate) fn made_by(link: &Link, created: Option<Side>, before: Option<&Link>) -> Option<Side> {
    let whole = link.sides.outlook.is_some() && link.sides.server.is_some();
    created.map(Side::other).or_else(|| before.and_then(|before| before.made)).filter(|_| whole)
}

/// How a link stands: apart, where a person wanted it so, in this run or before; as one side's own, where that is merged to.
/// `seen` is what each side had before it was written.
pub(crate) fn standing(
    pair: &Pair<'_>,
    link: &Link,
    before: Option<&Link>,
    seen: &Sides<Option<&Original>>,
    apart: Option<&str>,
) -> LinkState {
    let apart_before = before.and_then(|before| match &before.state {
        LinkState::Apart { run } => Some(run.as_str()),
        _ => None,
    });
    let own = direction_of(pair).merges_to().filter(|target| link.sides.of(*target).is_some());
    match apart.or(apart_before) {
        None if own.is_none() => LinkState::Joined,
        None if own.is_some_and(|target| has_its_own(pair, link, before, *seen.of(target), target)) => {
            LinkState::Own
        }
        _ if !stands_apart(pair, link) => LinkState::Joined,
        Some(run) => LinkState::Apart { run: run.to_owned() },
        None => LinkState::Own,
    }
}

/// Whether the side that is merged to has edited its item, and that still says what no source would give it: also what the
/// source's side cannot hold.
fn has_its_own(
    pair: &Pair<'_>,
    link: &Link,
    before: Option<&Link>,
    seen: Option<&Original>,
    target: Side,
) -> bool {
    let read = |side: Side, original: &Original| Some(pair.storages.of(side).read(original)?.0);
    let held = |link: &Link, side: Side| read(side, &link.sides.of(side).as_ref()?.original);
    let Some(before) = before else { return false };
    let (Some(source), Some(item)) = (held(link, target.other()), held(link, target)) else { return false };
    let says_more = |was: Item, item: &Item| !edit(&Ground::from(was), item).is_empty();
    let is_edited = || {
        let seen = seen.and_then(|seen| read(target, seen));
        held(before, target).zip(seen).is_some_and(|(was, seen)| says_more(was, &seen))
    };
    (before.state == LinkState::Own || is_edited())
        && says_more(pair.storages.of(target).holds(&source), &item)
}

/// Whether the bases of a link differ in more than one side can hold.
pub(crate) fn stands_apart(pair: &Pair<'_>, link: &Link) -> bool {
    bases_differ(pair.storages, link).unwrap_or(true)
}

/// The UID by which a link is known whose items carry none: what it was known by, or what its item is given when it is made.
fn given_uid(task: &Task) -> Option<String> {
    let known = task.link.as_ref().and_then(|link| link.uid.clone());
    known.or_else(|| {
        task.action.steps.as_ref().into_array().into_iter().find_map(|step| match step {
            Step::Write(Draft { key, .. }) => Some(key.uid.clone()),
            _ => None,
        })
    })
}
