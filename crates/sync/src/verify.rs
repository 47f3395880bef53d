//! Proof that both sides hold the same, up to what one of them cannot hold.

use std::collections::BTreeSet;

use dovetail_model::carry::Field;
use serde::Serialize;

use crate::Pair;
use crate::differing::differing;
use crate::error::Result;
use crate::observe::title_of_base;
use crate::people::People;
use crate::scope::Place;
use crate::sides::{Side, Sides};
use crate::state::listing::Coverage;
use crate::state::{Link, LinkId, LinkState, State};
use crate::storage::{Call, Fetched, ItemId, Row, Snapshot};

/// What a comparison of both sides found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Verified {
    /// Linked items that are the same on both sides.
    pub equal: u64,
    /// Linked items that differ.
    pub differing: Vec<Difference>,
    /// Linked items that are meant to differ: a person wanted it so (an undone run, a rejected step), or one side keeps its
    /// own (a merge, or a field that the profile wants it to keep).
    pub intended: Vec<Difference>,
    /// Linked items outside the scope: nothing of them crosses.
    pub parked: u64,
    /// Items that are on one side only and linked to nothing.
    pub unlinked: Sides<Vec<ItemId>>,
    /// Items that could not be compared, with the reason.
    pub unreadable: Vec<(ItemId, String)>,
}

/// Where two linked items differ.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// What a person calls the item.
    pub title: String,
    /// The fields; empty where one side does not have the item.
    pub fields: Vec<Field>,
    /// The sides that have it.
    pub present: Sides<bool>,
}

impl Verified {
    /// Whether both sides hold the same, intended differences aside.
    pub fn is_equal(&self) -> bool {
        self.differing.is_empty()
            && self.unreadable.is_empty()
            && self.unlinked.outlook.is_empty()
            && self.unlinked.server.is_empty()
    }
}

/// How many linked items are compared at once.
pub(crate) const BATCH: usize = 100;

/// Fetches all linked items of both sides and compares them; lists what is linked to nothing.
///
/// # Errors
/// What would stop a run.
pub fn verify(pair: &Pair<'_>, state: &mut State, call: &Call) -> Result<Verified> {
    let mut verified = Verified::default();
    let people = People::where_needed(pair, state)?;
    let mut after = LinkId(0);
    loop {
        call.check()?;
        let links = state.links(&pair.id, after, BATCH)?;
        let Some(last) = links.last() else { break };
        after = last.id;
        compare(pair, &links, &people, call, &mut verified)?;
        call.tell("comparing", verified.equal, None);
    }
    for side in Side::BOTH {
        *verified.unlinked.of_mut(side) = unlinked(pair, side, state, call)?;
    }
    Ok(verified)
}

fn compare(
    pair: &Pair<'_>,
    links: &[Link],
    people: &People,
    call: &Call,
    verified: &mut Verified,
) -> Result<()> {
    let held = held(pair, links, people, call)?;
    verified.unreadable.extend(held.unreadable);
    for (link, held) in links.iter().zip(held.items) {
        if lies_outside(pair, &held) {
            verified.parked += 1;
            continue;
        }
        match difference(pair, link, &held) {
            None => verified.equal += 1,
            Some(difference)
                if matches!(link.state, LinkState::Apart { .. } | LinkState::Own)
                    || is_kept(pair, &difference, &held) =>
            {
                verified.intended.push(difference)
            }
            Some(difference) => verified.differing.push(difference),
        }
    }
    Ok(())
}

/// Whether a side keeps all in which two items differ, as the profile wants it.
fn is_kept(pair: &Pair<'_>, difference: &Difference, held: &Sides<Option<Snapshot>>) -> bool {
    let keeps = |side: Side| {
        let snapshot = held.of(side).as_ref()?;
        Some(pair.storages.of(side).keeps(&snapshot.item))
    };
    let kept: BTreeSet<Field> = Side::BOTH.into_iter().filter_map(keeps).flatten().collect();
    !difference.fields.is_empty() && difference.fields.iter().all(|field| kept.contains(field))
}

/// Whether two items differ in nothing but what a side keeps as the profile wants it.
pub(crate) fn differ_as_wanted(pair: &Pair<'_>, link: &Link, held: &Sides<Option<Snapshot>>) -> bool {
    difference(pair, link, held).is_some_and(|difference| is_kept(pair, &difference, held))
}

/// What both sides hold of some links.
pub(crate) struct Held {
    /// Of each link, in order.
    pub(crate) items: Vec<Sides<Option<Snapshot>>>,
    /// What could not be read, with the reason.
    pub(crate) unreadable: Vec<(ItemId, String)>,
}

/// Fetches what both sides hold of some links, with members of lists as `people` knows them.
pub(crate) fn held(pair: &Pair<'_>, links: &[Link], people: &People, call: &Call) -> Result<Held> {
    let items = links.iter().map(|_| Sides { outlook: None, server: None }).collect();
    let mut held = Held { items, unreadable: Vec::new() };
    for side in Side::BOTH {
        let ids: Vec<(usize, ItemId)> = links
            .iter()
            .enumerate()
            .filter_map(|(at, link)| Some((at, link.sides.of(side).as_ref()?.id.clone())))
            .collect();
        let bare: Vec<ItemId> = ids.iter().map(|(_, id)| id.clone()).collect();
        let answers = pair.storages.of(side).fetch(&bare, &pair.scope, call)?;
        for ((at, id), answer) in ids.into_iter().zip(answers) {
            match answer {
                Fetched::Found(mut snapshot) => {
                    people.fill(side, &mut snapshot.item);
                    if let Some(items) = held.items.get_mut(at) {
                        *items.of_mut(side) = Some(*snapshot);
                    }
                }
                Fetched::Gone => {}
                Fetched::NotOurs(_, what) => held.unreadable.push((id, what.why)),
                Fetched::Failed(error) => held.unreadable.push((id, error.what)),
            }
        }
    }
    Ok(held)
}

/// Whether Outlook's item has another category, or no item takes place in the time range.
pub(crate) fn lies_outside(pair: &Pair<'_>, held: &Sides<Option<Snapshot>>) -> bool {
    let place = |side: Side| {
        let snapshot = held.of(side).as_ref()?;
        Some(pair.scope.place_of(*pair.storages.of(side), snapshot))
    };
    let places: Vec<Place> = Side::BOTH.into_iter().filter_map(place).collect();
    let outside = places.iter().all(|place| matches!(place, Place::OtherTime { .. }));
    places.contains(&Place::OtherCategory) || (!places.is_empty() && outside)
}

fn difference(pair: &Pair<'_>, link: &Link, held: &Sides<Option<Snapshot>>) -> Option<Difference> {
    let present = Sides { outlook: held.outlook.is_some(), server: held.server.is_some() };
    let (Some(outlook), Some(server)) = (&held.outlook, &held.server) else {
        let title = Side::BOTH.iter().find_map(|side| title_of_base(pair, *side, link)).unwrap_or_default();
        return Some(Difference { title, fields: Vec::new(), present });
    };
    let found = differing(pair.storages, &outlook.item, &server.item);
    let title = server.item.title().to_owned();
    if outlook.item.kind() != server.item.kind() {
        return Some(Difference { title, fields: Vec::new(), present });
    }
    (!found.is_empty()).then(|| Difference { title, fields: found.fields.into_keys().collect(), present })
}

/// The items of a side that are ours and linked to nothing.
pub(crate) fn unlinked(pair: &Pair<'_>, side: Side, state: &mut State, call: &Call) -> Result<Vec<ItemId>> {
    let storage = *pair.storages.of(side);
    state.begin_listing()?;
    let mut sink = |row: Row| state.list(&row);
    if let Err(error) = storage.changes(None, &pair.scope, &mut sink, call) {
        state.abandon_listing()?;
        return Err(error);
    }
    let questions = state.questions(&pair.id, side, Coverage::Whole, storage.traits())?;
    let mut found = Vec::new();
    for batch in questions.changed.chunks(BATCH) {
        let mut unknown = Vec::new();
        for id in batch {
            // What is set aside waits for its counterpart, which has another category.
            let known =
                state.link_of(&pair.id, side, id)?.is_some() || state.outside(&pair.id, side, id)?.is_some();
            if !known {
                unknown.push(id.clone());
            }
        }
        let answers = storage.fetch(&unknown, &pair.scope, call)?;
        let inside = |snapshot: &Snapshot| pair.scope.place_of(storage, snapshot) == Place::Inside;
        let is_ours = |answer: &Fetched| matches!(answer, Fetched::Found(snapshot) if inside(snapshot));
        let ours = unknown.into_iter().zip(answers).filter(|(_, answer)| is_ours(answer));
        found.extend(ours.map(|(id, _)| id));
    }
    Ok(found)
}
