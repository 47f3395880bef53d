//! What lies outside the scope of a pair: it is parked. Nothing of it crosses, its going is no deletion, and it is not asked
//! again before it changes, the day comes on which it enters, or the scope itself changes.
//!
//! A linked item is outside if Outlook's item has another category, or if neither side's lies in the time range: an edit that
//! takes it out of the range on one side still crosses. An item without a link that lies outside is only remembered, with its
//! UID, or where it has none, and another category, with what it is called: a counterpart inside finds it by that, and is then
//! matched with it instead of being copied. What is matched by what it says is linked, and lies outside from then on.

use std::collections::BTreeSet;

use crate::cases::identify;
use crate::error::Result;
use crate::execute::{standing, stands_apart};
use crate::observe::{self, NewItem, Observed};
use crate::plan::{Change, Notice};
use crate::report::{Line, LineEvent};
use crate::scope::{Place, Scope};
use crate::sides::{Side, Sides};
use crate::spool::{Spool, Spooled};
use crate::state::{Base, Changing, Link, LinkId, LinkState, OutsideRow, State};
use crate::storage::{ItemId, Snapshot};
use crate::{Pair, Run};

/// Asks for what is known to lie outside and now has to do with something that changed on the other side.
pub(crate) fn ask_for_counterparts(
    run: &Run<'_>,
    spool: &mut Spool,
    observed: &mut Sides<Observed>,
) -> Result<()> {
    for side in Side::BOTH {
        if !run.state.has_outside(&run.pair.id, side)? {
            continue;
        }
        if run.state.has_outside_keys(&run.pair.id, side)? {
            let new = observed.of_mut(side.other()).new.iter_mut();
            for item in new.filter(|item| item.place == Place::Inside) {
                identify(run.pair, side.other(), spool, item)?;
            }
        }
        let ids = counterparts(run, side, spool, observed)?;
        observe::ask_for(run, side, ids, spool, observed.of_mut(side))?;
    }
    Ok(())
}

/// The ids of a side that something on the other side has to do with.
fn counterparts(
    run: &Run<'_>,
    side: Side,
    spool: &mut Spool,
    observed: &Sides<Observed>,
) -> Result<Vec<ItemId>> {
    let (pair, state, changed) = (&run.pair.id, &*run.state, observed.of(side.other()));
    let mut ids = BTreeSet::new();
    let mut links: BTreeSet<LinkId> = changed.linked.iter().map(|(link, _)| *link).collect();
    links.extend(&changed.unproven);
    // What was asked once more, and is as it was, may have been in the way of what the other side had to say before.
    for id in &changed.not_outside {
        links.extend(state.link_of(pair, side.other(), id)?.map(|link| link.id));
    }
    for link in links {
        let Some(base) = state.link(link)?.and_then(|link| link.sides.of(side).clone()) else { continue };
        if state.outside(pair, side, &base.id)?.is_some() {
            ids.insert(base.id);
        }
    }
    let new = || changed.new.iter().filter(|item| item.place == Place::Inside);
    for item in new() {
        ids.extend(state.outside_by_uid(pair, side, &spool.names(item.spooled)?.uid)?);
    }
    for uid in &changed.widowed {
        ids.extend(state.outside_by_uid(pair, side, uid)?);
    }
    for key in new().filter_map(|item| item.features.as_ref()).flat_map(|features| &features.keys) {
        ids.extend(state.outside_by_key(pair, side, key)?);
    }
    let asked = &observed.of(side).not_outside;
    Ok(ids.into_iter().filter(|id| !asked.contains(id)).collect())
}

/// Whether a linked item lies outside, now that this became of it. If so, it is remembered.
pub(crate) fn is_outside(
    pair: &Pair<'_>,
    state: &State,
    spool: &mut Spool,
    link: &Link,
    changes: &Sides<Change<Spooled>>,
    observed: &mut Sides<Observed>,
) -> Result<bool> {
    if !pair.scope.is_bounded() || Side::BOTH.iter().all(|side| *changes.of(*side) == Change::Deleted) {
        return Ok(false);
    }
    let places = Sides::new(|side| side)
        .try_map(|side, _| place(pair, state, side, spool, link, changes.of(side), observed.of(side)))?;
    let known: Vec<Place> = places.into_array().into_iter().flatten().collect();
    let other_time = |place: &Place| matches!(place, Place::OtherTime { .. });
    let outside =
        known.contains(&Place::OtherCategory) || (!known.is_empty() && known.iter().all(other_time));
    if outside {
        let enters = known.iter().filter_map(|place| place.enters()).min();
        let other_category = known.contains(&Place::OtherCategory);
        let place = if other_category { Place::OtherCategory } else { Place::OtherTime { enters } };
        for side in Side::BOTH {
            let rows = rows(pair, side, spool, link, changes.of(side), observed.of(side))?;
            let rows = rows.into_iter().map(|row| OutsideRow { place, ..row });
            observed.of_mut(side).outside.extend(rows);
        }
    }
    Ok(outside)
}

/// Where a side's item lies: as it is now, or as it was when it was last seen.
fn place(
    pair: &Pair<'_>,
    state: &State,
    side: Side,
    spool: &mut Spool,
    link: &Link,
    change: &Change<Spooled>,
    observed: &Observed,
) -> Result<Option<Place>> {
    let storage = *pair.storages.of(side);
    let is_asked = |base: &Base| *change == Change::Unchanged && observed.not_outside.contains(&base.id);
    Ok(match change {
        Change::Never => None,
        Change::Edited(spooled) | Change::Restated(spooled) => Some(match observed.places.get(&link.id) {
            Some(place) => *place,
            None => pair.scope.place_of(storage, &spool.read(*spooled, storage)?),
        }),
        Change::Unchanged | Change::Deleted => match link.sides.of(side) {
            None => None,
            // What was parked since both agreed may have been changed before; what was asked in this run has not.
            Some(base) => match state.outside(&pair.id, side, &base.id)? {
                Some(row) if !is_asked(base) && !pair.scope.has_entered(row.place) => Some(row.place),
                _ => storage
                    .read(&base.original)
                    .map(|(item, _)| pair.scope.place(storage, &base.original, &item)),
            },
        },
    })
}

/// What is remembered of a side's item.
fn rows(
    pair: &Pair<'_>,
    side: Side,
    spool: &mut Spool,
    link: &Link,
    change: &Change<Spooled>,
    observed: &Observed,
) -> Result<Vec<OutsideRow>> {
    let base = link.sides.of(side).as_ref();
    let place = Place::OtherTime { enters: None };
    let row =
        |id: &ItemId, version| OutsideRow { id: id.clone(), version, uid: None, keys: Vec::new(), place };
    Ok(match change {
        Change::Never => Vec::new(),
        // What nothing proves to be gone stays a question.
        Change::Deleted if observed.unproven.contains(&link.id) => Vec::new(),
        Change::Deleted => base.map(|base| row(&base.id, None)).into_iter().collect(),
        Change::Unchanged => base.map(|base| row(&base.id, Some(base.version.clone()))).into_iter().collect(),
        Change::Edited(spooled) | Change::Restated(spooled) => {
            let snapshot = spool.read(*spooled, *pair.storages.of(side))?;
            let now = row(&snapshot.id, Some(snapshot.version.clone()));
            // Of an item that was moved, the old id is gone.
            let moved_from = base.filter(|base| base.id != snapshot.id).map(|base| row(&base.id, None));
            std::iter::once(now).chain(moved_from).collect()
        }
    })
}

/// What is remembered of an item without a link; it is asked for by the UID of `known_as`, its counterpart or itself, and by
/// `keys`.
pub(crate) fn set_aside(
    pair: &Pair<'_>,
    side: Side,
    item: &NewItem,
    known_as: &NewItem,
    keys: Vec<String>,
    spool: &mut Spool,
    observed: &mut Sides<Observed>,
) -> Result<()> {
    let Snapshot { id, version, .. } = spool.read(item.spooled, *pair.storages.of(side))?;
    observed.of_mut(side).outside.push(OutsideRow {
        id,
        version: Some(version),
        uid: Some(spool.names(known_as.spooled)?.uid),
        keys,
        // What is inside is set aside for what its counterpart is.
        place: if item.place == Place::Inside { Place::OtherCategory } else { item.place },
    });
    Ok(())
}

/// Two items that were matched by what they say, of which Outlook's has another category, lie outside as if they had been linked
/// before.
pub(crate) fn meet(
    pair: &Pair<'_>,
    items: Sides<&NewItem>,
    spool: &mut Spool,
    observed: &mut Sides<Observed>,
) -> Result<()> {
    for side in Side::BOTH {
        let snapshot = spool.read(items.of(side).spooled, *pair.storages.of(side))?;
        observed.of_mut(side).outside.push(OutsideRow {
            id: snapshot.id,
            version: Some(snapshot.version),
            uid: None,
            keys: Vec::new(),
            place: Place::OtherCategory,
        });
    }
    let title = spool.names(items.server.spooled)?.title;
    let line = Line { title, side: None, event: LineEvent::Parked };
    observed.server.lines.push(line);
    Ok(())
}

/// Links two items that met outside. Once they are inside they are joined as at a first sync in what they differ in.
pub(crate) fn join(
    pair: &Pair<'_>,
    state: &Changing<'_>,
    spool: &mut Spool,
    met: &Sides<Spooled>,
) -> Result<()> {
    let held = met.as_ref().try_map(|side, spooled| spool.read(*spooled, *pair.storages.of(side)))?;
    let bases = held.as_ref().map(|_, snapshot| Some(Base::from(snapshot)));
    let uids = held.as_ref().map(|_, snapshot| snapshot.item.uid());
    let mut link = Link::new(LinkId(0), bases, uids, None);
    link.state = standing(pair, &link, None, &Sides::default(), None);
    let id = state.put_link(&pair.id, &link)?;
    if link.state == LinkState::Joined && stands_apart(pair, &link) {
        state.meet_anew(&[id])?;
    }
    Ok(())
}

/// What is said of the series with the longest interval, where that is longer than the range and was not told of before.
pub(crate) fn short_range(scope: &Scope, observed: &Sides<Observed>, told: u64) -> Option<Notice> {
    let days = scope.days();
    let seen = observed.as_ref().into_array().into_iter().filter_map(|seen| seen.longest.clone());
    let (interval_days, title) = seen.max_by_key(|(interval, _)| *interval)?;
    let is_new = days > 0 && interval_days > days && interval_days > told;
    is_new.then_some(Notice::ShortRange { title, days, interval_days })
}
