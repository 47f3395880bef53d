//! What changed on one side since both last agreed.
//!
//! Absence is not deletion: an id that a listing does not name, or a report calls removed, becomes a question and is
//! fetched by id. *Gone* counts only where the collection itself answers and something of it that is linked is found.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use dovetail_model::carry::{Ground, edit};
use dovetail_model::resemble::Features;
use dovetail_model::{Item, Kind};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::plan::Change;
use crate::report::{Line, LineEvent};
use crate::scope::Place;
use crate::sides::Side;
use crate::spool::{Spool, Spooled};
use crate::state::listing::Coverage;
use crate::state::{Base, Link, LinkId, LinkState, OutsideRow, Questions, State};
use crate::storage::{
    BATCH, Call, Changes, Fetched, Foreign, ItemId, Row, Snapshot, Standing, SyncToken, Version, Warning,
};
use crate::{Pair, Run};

/// What was found out about one side.
#[derive(Debug, Default)]
pub struct Observed {
    /// Linked items that changed, in whatever way.
    pub linked: Vec<(LinkId, Change<Spooled>)>,
    /// Items without a link.
    pub new: Vec<NewItem>,
    /// Items that carry the UID of another one of this side.
    pub copies: Vec<NewItem>,
    /// Linked items that are gone, but nothing proves that the collection still answers.
    pub unproven: BTreeSet<LinkId>,
    /// What is to be asked again.
    pub pending: BTreeSet<ItemId>,
    /// What of it was asked in vain.
    pub in_vain: BTreeSet<ItemId>,
    /// Linked items that could not be read, and were not asked in vain before: nothing is decided of them in this run. Of a
    /// storage whose versions repeat, all: what was there before is no version to expect.
    pub unknown: BTreeSet<LinkId>,
    /// Whether a linked item was found: then the collection is what it was.
    pub alive: bool,
    /// Whether items without a link could not be read for the first time: what is made now might be there already.
    pub unread: bool,
    /// What is not ours, with its version and the reason.
    pub not_ours: Vec<(ItemId, Version, String)>,
    /// What was not ours and now is, or is gone.
    pub ours_now: Vec<ItemId>,
    /// Links to what is not ours now.
    pub parked: BTreeSet<LinkId>,
    /// Where linked items that changed lie now.
    pub places: BTreeMap<LinkId, Place>,
    /// What lies outside the scope, and is not asked again while it is as it is.
    pub outside: Vec<OutsideRow>,
    /// What was known to lie outside and was asked for: it is among `outside`, or does no more.
    pub not_outside: BTreeSet<ItemId>,
    /// The UIDs of unlinked items outside that are gone: their counterparts need wait no longer.
    pub widowed: Vec<String>,
    /// The longest interval of a series that was seen, in days, and what the series is called.
    pub longest: Option<(u64, String)>,
    /// Where the next run asks from.
    pub next: Option<SyncToken>,
    /// What a report says.
    pub lines: Vec<Line>,
}

/// An item that is not linked, as far as matching asks. Of a first sync all items are here: by what they are known lies in the
/// spool, and what is alike can be told by digests of it.
#[derive(Clone, Debug)]
pub struct NewItem {
    /// Where its body lies, and by what it is known.
    pub spooled: Spooled,
    /// Of its id.
    pub id: Digest,
    /// Of its UID; where it carries none, of the one that it would be given on the other side.
    pub uid: Digest,
    /// What it is.
    pub kind: Kind,
    /// What identifies it, once that is asked: where nothing on the other side may be the same, it is not.
    pub features: Option<Box<Features>>,
    /// Of what a person calls it.
    pub title: Digest,
    /// Where it lies, seen from the scope.
    pub place: Place,
}

/// Sixteen bytes that stand for a text: no two texts that anybody can find have the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Digest([u8; 16]);

impl Digest {
    /// That of a text.
    pub fn of(text: &str) -> Digest {
        let mut first = [0; 16];
        let whole = Sha256::digest(text);
        first.iter_mut().zip(whole).for_each(|(to, from)| *to = from);
        Digest(first)
    }
}

/// How many warnings a report tells of one item.
const WARNINGS: usize = 5;

/// How many ids a storage is given at once, of which it may ask for some ahead.
const AT_ONCE: usize = 50 * BATCH;

/// Asks one side what changed.
///
/// # Errors
/// What stops a run: the storage cannot be reached or does not accept us, our own files fail.
pub fn observe(
    pair: &Pair<'_>,
    side: Side,
    state: &mut State,
    spool: &mut Spool,
    call: &Call,
) -> Result<Observed> {
    let (mut questions, coverage, next) = ask(pair, side, state, call)?;
    let asked_in_vain = state.asked_in_vain(&pair.id, side)?;
    let mut observed = Observed { next, alive: questions.linked_seen, ..Observed::default() };
    let repeats = pair.storages.of(side).traits().versions_repeat;
    for id in &questions.unclear {
        let link = state.link_of(&pair.id, side, id)?;
        no_answer(&mut observed, id, &asked_in_vain, link.as_ref(), repeats);
    }
    let entering = match &pair.scope.range {
        Some(range) => state.entering(&pair.id, side, range.today)?,
        None => Vec::new(),
    };
    let is_asked =
        |id: &ItemId| [&questions.changed, &questions.absent].iter().any(|ids| ids.binary_search(id).is_ok());
    let entering: Vec<ItemId> = entering.into_iter().filter(|id| !is_asked(id)).collect();
    let unlisted = match coverage {
        Coverage::Whole => questions.absent.as_slice(),
        Coverage::Since => &[],
    };
    let asking = Asking { pair, side, state, call, unlisted, listed: true, asked_in_vain: &asked_in_vain };
    let mut ids = std::mem::take(&mut questions.changed);
    ids.extend(questions.absent.iter().cloned().chain(entering));
    asking.fetch(ids, spool, &mut observed)?;
    Ok(observed)
}

/// Asks for further items by their ids, once both sides have told what changed.
pub(crate) fn ask_for(
    run: &Run<'_>,
    side: Side,
    ids: Vec<ItemId>,
    spool: &mut Spool,
    observed: &mut Observed,
) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    let asked_in_vain = run.state.asked_in_vain(&run.pair.id, side)?;
    let (state, call) = (&*run.state, run.call);
    let (pair, unlisted, listed) = (run.pair, &[], false);
    let asking = Asking { pair, side, state, call, unlisted, listed, asked_in_vain: &asked_in_vain };
    asking.fetch(ids, spool, observed)
}

/// Items that are asked for by their ids.
struct Asking<'a> {
    pair: &'a Pair<'a>,
    side: Side,
    state: &'a State,
    call: &'a Call,
    /// What a listing of everything left out, sorted.
    unlisted: &'a [ItemId],
    /// Whether the last listing was this side's.
    listed: bool,
    /// What the last run asked about in vain.
    asked_in_vain: &'a BTreeSet<ItemId>,
}

impl Asking<'_> {
    fn fetch(&self, ids: Vec<ItemId>, spool: &mut Spool, observed: &mut Observed) -> Result<()> {
        let Asking { pair, side, call, .. } = *self;
        let (all, mut answered) = (ids.len() as u64, 0);
        let mut gone = Vec::new();
        let mut sink = |id: &ItemId, fetched| {
            if answered % BATCH == 0 {
                call.tell(side_words(side), answered as u64, Some(all));
            }
            answered += 1;
            gone.extend(self.answer(id, fetched, spool, observed)?);
            Ok(())
        };
        let mut ids = ids.into_iter();
        // What has answered has another copy of its id: of a first sync all items are here.
        while ids.len() > 0 {
            let part: Vec<ItemId> = ids.by_ref().take(AT_ONCE).collect();
            let part: Vec<&ItemId> = part.iter().collect();
            pair.storages.of(side).fetch_each(&part, &pair.scope, &mut sink, call)?;
        }
        if gone.is_empty() {
            return Ok(());
        }
        let gone_ids = ids_of(&gone, side);
        if proven(pair, side, self.state, observed.alive, &gone_ids, call)? {
            observed.linked.extend(gone.into_iter().map(|link| (link.id, Change::Deleted)));
        } else {
            observed.pending.extend(gone_ids);
            observed.unproven.extend(gone.into_iter().map(|link| link.id));
        }
        Ok(())
    }

    /// Takes the answer to one id. Returns its link where it is gone.
    fn answer(
        &self,
        id: &ItemId,
        fetched: Fetched,
        spool: &mut Spool,
        observed: &mut Observed,
    ) -> Result<Option<Link>> {
        let Asking { pair, side, state, asked_in_vain, .. } = *self;
        let repeats = pair.storages.of(side).traits().versions_repeat;
        let link = state.link_of(&pair.id, side, id)?;
        let fetched = became_another(pair, side, link.as_ref(), fetched);
        self.what_was_known(id, &fetched, link.as_ref(), observed)?;
        if matches!(fetched, Fetched::Found(_)) && self.unlisted.binary_search(id).is_ok() {
            // The listing left out what is there, and so perhaps what is new. Once, that is waited for.
            could_not_tell(observed, id, asked_in_vain, false);
            observed.next = observed.next.take().filter(|_| asked_in_vain.contains(id));
        }
        observed.alive |= link.is_some() && matches!(fetched, Fetched::Found(_) | Fetched::NotOurs(..));
        match (fetched, link) {
            (Fetched::Found(snapshot), Some(link)) => {
                self.see_interval(&snapshot, observed);
                let base = link.sides.of(side).as_ref();
                let change = classify(pair, side, &link, &snapshot, spool)?;
                if let Some(change) = change {
                    let place = pair.scope.place_of(*pair.storages.of(side), &snapshot);
                    observed.lines.extend(self.warning(&snapshot, base, place));
                    observed.places.insert(link.id, place);
                    observed.linked.push((link.id, change));
                }
            }
            (Fetched::Found(snapshot), None) => {
                self.see_interval(&snapshot, observed);
                let item = new_item(pair, side, &snapshot, spool)?;
                observed.lines.extend(self.warning(&snapshot, None, item.place));
                observed.new.push(item);
            }
            (Fetched::NotOurs(version, what), link) => {
                let base = link.as_ref().and_then(|link| title_of_base(pair, side, link));
                let title = what.title.or(base).unwrap_or_else(|| id.0.clone());
                let event = LineEvent::NotOurs { why: what.why.clone() };
                observed.lines.push(Line { title, side: Some(side), event });
                observed.parked.extend(link.map(|link| link.id));
                observed.not_ours.push((id.clone(), version, what.why));
            }
            (Fetched::Gone, Some(_)) if self.is_contradicted(id)? => {
                // The listing had it a moment ago. Once, that is waited for.
                could_not_tell(observed, id, asked_in_vain, true);
            }
            (Fetched::Gone, Some(link)) => return Ok(Some(link)),
            (Fetched::Gone, None) => {}
            (Fetched::Failed(error), link) => {
                no_answer(observed, id, asked_in_vain, link.as_ref(), repeats);
                failed(observed, pair, side, id, &error, link);
            }
        }
        Ok(None)
    }

    /// Whether an item that answers that it is gone was listed in this very run, and not asked in vain before.
    fn is_contradicted(&self, id: &ItemId) -> Result<bool> {
        Ok(self.listed && !self.asked_in_vain.contains(id) && self.state.is_listed(id)?)
    }

    /// What was remembered of an item is so no more, now that it answered.
    fn what_was_known(
        &self,
        id: &ItemId,
        fetched: &Fetched,
        link: Option<&Link>,
        observed: &mut Observed,
    ) -> Result<()> {
        let Asking { pair, side, state, .. } = *self;
        if matches!(fetched, Fetched::Failed(_)) {
            return Ok(());
        }
        if !matches!(fetched, Fetched::NotOurs(..)) && state.is_not_ours(&pair.id, side, id)? {
            observed.ours_now.push(id.clone());
        }
        let Some(outside) = state.outside(&pair.id, side, id)? else { return Ok(()) };
        observed.not_outside.insert(id.clone());
        if link.is_none() && matches!(fetched, Fetched::Gone) {
            observed.widowed.extend(outside.uid);
        }
        Ok(())
    }

    /// What is said of what was noticed in an item that lies inside the scope; what was noticed in its base was said before.
    fn warning(&self, snapshot: &Snapshot, base: Option<&Base>, place: Place) -> Option<Line> {
        if snapshot.warnings.is_empty() || place != Place::Inside {
            return None;
        }
        let read = |base: &Base| self.pair.storages.of(self.side).read(&base.original);
        let said = base.and_then(read).map(|(_, warnings)| warnings).unwrap_or_default();
        let said: HashSet<_> = said.iter().map(unplaced).collect();
        let is_new = |it: &&Warning| !said.contains(&unplaced(it));
        let mut warnings: Vec<Warning> = snapshot.warnings.iter().filter(is_new).cloned().collect();
        let further = warnings.len().saturating_sub(WARNINGS);
        warnings.truncate(WARNINGS);
        let title = Some(snapshot.item.title()).filter(|title| !title.is_empty()).unwrap_or(&snapshot.id.0);
        (!warnings.is_empty()).then(|| Line {
            title: title.to_owned(),
            side: Some(self.side),
            event: LineEvent::Warned { warnings, further },
        })
    }

    fn see_interval(&self, snapshot: &Snapshot, observed: &mut Observed) {
        if self.pair.scope.range.is_none() {
            return;
        }
        let Item::Event(event) = &snapshot.item else { return };
        let longest = event.longest_interval().unwrap_or(0);
        if observed.longest.as_ref().is_none_or(|(days, _)| longest > *days) {
            observed.longest = Some((longest, snapshot.item.title().to_owned()));
        }
    }
}

/// A warning without its line, which may be another each time.
fn unplaced(warning: &Warning) -> (&str, &str, &[String]) {
    (&warning.code, &warning.property, &warning.arguments)
}

/// Streams the storage's answer into the state and joins it there.
fn ask(
    pair: &Pair<'_>,
    side: Side,
    state: &mut State,
    call: &Call,
) -> Result<(Questions, Coverage, Option<SyncToken>)> {
    let storage = *pair.storages.of(side);
    let token = state.token(&pair.id, side)?;
    state.begin_listing()?;
    let mut rows = 0_u64;
    let mut sink = |row: Row| {
        rows += 1;
        if rows.is_multiple_of(1_000) {
            call.check()?;
            call.tell(side_words(side), rows, None);
        }
        state.list(&row)
    };
    let answered = storage.changes(token.as_ref(), &pair.scope, &mut sink, call);
    let (coverage, next) = match answered {
        Ok(Changes::Since { next }) => (Coverage::Since, Some(next)),
        Ok(Changes::Listing { next }) => (Coverage::Whole, next),
        Err(error) => {
            state.abandon_listing()?;
            return Err(error);
        }
    };
    Ok((state.questions(&pair.id, side, coverage, storage.traits())?, coverage, next))
}

fn side_words(side: Side) -> &'static str {
    match side {
        Side::Outlook => "reading Outlook",
        Side::Server => "reading the server",
    }
}

/// A linked item that has become one of another kind is ours no more: nothing of the one can be carried to the other.
fn became_another(pair: &Pair<'_>, side: Side, link: Option<&Link>, fetched: Fetched) -> Fetched {
    let Fetched::Found(found) = &fetched else { return fetched };
    let base = link.and_then(|link| link.sides.of(side).as_ref());
    let was = base
        .filter(|base| base.original != found.original)
        .and_then(|base| pair.storages.of(side).read(&base.original));
    match was {
        Some((was, _)) if was.kind() != found.item.kind() => {
            Fetched::NotOurs(found.version.clone(), Foreign::changed_kind(&found.item))
        }
        _ => fetched,
    }
}

/// What became of a linked item that is there. `None`: its base still holds.
fn classify(
    pair: &Pair<'_>,
    side: Side,
    link: &Link,
    snapshot: &Snapshot,
    spool: &mut Spool,
) -> Result<Option<Change<Spooled>>> {
    let Some(base) = link.sides.of(side) else { return Ok(Some(Change::Edited(spool.push(snapshot)?))) };
    if base.original == snapshot.original
        && base.version == snapshot.version
        && link.state != LinkState::Parked
    {
        return Ok(None);
    }
    Ok(Some(changed(pair, side, base, snapshot, spool.push(snapshot)?)))
}

/// How an item differs from its base: in what it says, or in its version alone.
pub(crate) fn changed(
    pair: &Pair<'_>,
    side: Side,
    base: &Base,
    snapshot: &Snapshot,
    spooled: Spooled,
) -> Change<Spooled> {
    let says_the_same = || {
        let was = pair.storages.of(side).read(&base.original);
        was.is_some_and(|(item, _)| edit(&Ground::from(item), &snapshot.item).is_empty())
    };
    if base.original == snapshot.original || says_the_same() {
        Change::Restated(spooled)
    } else {
        Change::Edited(spooled)
    }
}

/// The UID of an item, or one that depends on nothing but the item, so that two computers on one mailbox give it the same.
pub(crate) fn uid_of(snapshot: &Snapshot) -> String {
    let derived = || Uuid::new_v5(&Uuid::NAMESPACE_OID, snapshot.id.0.as_bytes()).to_string();
    snapshot.item.uid().map_or_else(derived, str::to_owned)
}

fn new_item(pair: &Pair<'_>, side: Side, snapshot: &Snapshot, spool: &mut Spool) -> Result<NewItem> {
    Ok(NewItem {
        spooled: spool.push(snapshot)?,
        id: Digest::of(&snapshot.id.0),
        uid: Digest::of(&uid_of(snapshot)),
        kind: snapshot.item.kind(),
        features: None,
        title: Digest::of(snapshot.item.title()),
        place: pair.scope.place_of(*pair.storages.of(side), snapshot),
    })
}

fn could_not_tell(observed: &mut Observed, id: &ItemId, asked_in_vain: &BTreeSet<ItemId>, linked: bool) {
    observed.pending.insert(id.clone());
    observed.in_vain.insert(id.clone());
    // An item that nobody can ever read must not hold up the others for good.
    observed.unread |= !linked && !asked_in_vain.contains(id);
}

/// The same of an item of which nothing was said: what is linked waits, see [`Observed::unknown`].
fn no_answer(
    observed: &mut Observed,
    id: &ItemId,
    asked_in_vain: &BTreeSet<ItemId>,
    link: Option<&Link>,
    repeats: bool,
) {
    could_not_tell(observed, id, asked_in_vain, link.is_some());
    let waits = repeats || !asked_in_vain.contains(id);
    observed.unknown.extend(link.filter(|_| waits).map(|link| link.id));
}

fn failed(
    observed: &mut Observed,
    pair: &Pair<'_>,
    side: Side,
    id: &ItemId,
    error: &Error,
    link: Option<Link>,
) {
    let title = link.and_then(|link| title_of_base(pair, side, &link)).unwrap_or_else(|| id.0.clone());
    let event = LineEvent::Failed { kind: error.kind, what: error.what.clone() };
    observed.lines.push(Line { title, side: Some(side), event });
}

/// What a person calls a linked item, by its base.
pub(crate) fn title_of_base(pair: &Pair<'_>, side: Side, link: &Link) -> Option<String> {
    let base = link.sides.of(side).as_ref()?;
    let (item, _) = pair.storages.of(side).read(&base.original)?;
    Some(item.title().to_owned())
}

fn ids_of(links: &[Link], side: Side) -> Vec<ItemId> {
    links.iter().filter_map(|link| link.sides.of(side).as_ref()).map(|base| base.id.clone()).collect()
}

/// Believes that linked items are gone only where the collection answers and another linked item of it is there.
pub(crate) fn proven(
    pair: &Pair<'_>,
    side: Side,
    state: &State,
    alive: bool,
    gone: &[ItemId],
    call: &Call,
) -> Result<bool> {
    let storage = *pair.storages.of(side);
    if !matches!(storage.standing(call)?, Standing::Answers) {
        return Ok(false);
    }
    if alive {
        return Ok(true);
    }
    let Some(other) = state.some_linked(&pair.id, side, gone)? else { return Ok(false) };
    let answers = storage.fetch(&[other], &pair.scope, call)?;
    Ok(answers.iter().any(|answer| matches!(answer, Fetched::Found(_) | Fetched::NotOurs(..))))
}
