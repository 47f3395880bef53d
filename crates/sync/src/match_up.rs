//! Which unlinked items of the two sides are the same thing: by UID, then by resemblance.
//!
//! A function of its arguments. One to one; the best score first; ties are held for a person.

use std::collections::{BTreeMap, BTreeSet};

use dovetail_model::resemble::{Features, score};

use crate::observe::NewItem;
use crate::scope::Place;
use crate::sides::{Side, Sides};

#[cfg(test)]
mod tests;

/// From this score on two items are the same thing. A shared title alone is 40 of an event, 60 of a task; a shared name is
/// 45 of a contact.
pub const SAME: u8 = 75;

/// What came of matching; numbers are positions in the lists that were given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matches {
    /// The same thing on both sides.
    pub pairs: Vec<Sides<usize>>,
    /// On one side only.
    pub single: Sides<BTreeSet<usize>>,
    /// One UID several times on a side: all that carry it, on both sides. Which belong together cannot be told.
    pub copies: Sides<BTreeSet<usize>>,
    /// Several resemble each other equally.
    pub ambiguous: Sides<BTreeSet<usize>>,
}

/// Matches the new items of both sides by their UIDs.
pub fn by_uid(new: Sides<&[NewItem]>) -> Matches {
    let mut matches =
        Matches { single: new.map(|_, items| (0..items.len()).collect()), ..Matches::default() };
    match_by_uid(new, &mut matches);
    matches
}

impl Matches {
    fn pair(&mut self, outlook: usize, server: usize) {
        self.single.outlook.remove(&outlook);
        self.single.server.remove(&server);
        self.pairs.push(Sides { outlook, server });
    }

    fn are_free(&self, outlook: usize, server: usize) -> bool {
        self.single.outlook.contains(&outlook) && self.single.server.contains(&server)
    }
}

fn match_by_uid(new: Sides<&[NewItem]>, matches: &mut Matches) {
    let uid = |(side, at): (Side, usize)| new.of(side).get(at).map(|item| item.uid);
    // Sorted, not in a map: of a first sync all items are here.
    let mut carriers: Vec<(Side, usize)> = Vec::with_capacity(new.outlook.len() + new.server.len());
    for side in Side::BOTH {
        carriers.extend((0..new.of(side).len()).map(|at| (side, at)));
    }
    carriers.sort_unstable_by_key(|carrier| (uid(*carrier), *carrier));
    for at in carriers.chunk_by(|one, other| uid(*one) == uid(*other)) {
        match at {
            [_] => {}
            [(Side::Outlook, outlook), (Side::Server, server)]
                if kind_of(new.outlook, *outlook) == kind_of(new.server, *server) =>
            {
                matches.pair(*outlook, *server);
            }
            _ => {
                for (side, at) in at {
                    matches.single.of_mut(*side).remove(at);
                    matches.copies.of_mut(*side).insert(*at);
                }
            }
        }
    }
}

fn kind_of(items: &[NewItem], at: usize) -> Option<dovetail_model::Kind> {
    items.get(at).map(|item| item.kind)
}

/// Matches what is left by what identifies it, as far as that is known: with what Outlook has in another category last.
pub fn by_resemblance(new: Sides<&[NewItem]>, matches: &mut Matches) {
    resembling(new, matches, |outlook, _| outlook.place != Place::OtherCategory);
    resembling(new, matches, |outlook, server| {
        let lie = (outlook.place, server.place) == (Place::OtherCategory, Place::Inside);
        // Of the same name in two calendars that share a folder: where both carry a UID, it alone tells.
        lie && !(is_named(outlook) && is_named(server))
    });
}

fn is_named(item: &NewItem) -> bool {
    item.features.as_ref().is_some_and(|features| features.uid.is_some())
}

fn resembling(new: Sides<&[NewItem]>, matches: &mut Matches, may_be: impl Fn(&NewItem, &NewItem) -> bool) {
    for (_, scored) in scored(new, &matches.single, may_be).into_iter().rev() {
        let mut rivals = Sides::<BTreeMap<usize, Vec<usize>>>::default();
        for (outlook, server) in &scored {
            rivals.outlook.entry(*outlook).or_default().push(*server);
            rivals.server.entry(*server).or_default().push(*outlook);
        }
        for (outlook, server) in scored {
            if !matches.are_free(outlook, server) {
                continue;
            }
            let free = |side: Side, at: &usize| matches.single.of(side).contains(at);
            let of = |rivals: &BTreeMap<usize, Vec<usize>>, at, side| -> Vec<usize> {
                rivals.get(&at).into_iter().flatten().copied().filter(|at| free(side, at)).collect()
            };
            let servers = of(&rivals.outlook, outlook, Side::Server);
            let outlooks = of(&rivals.server, server, Side::Outlook);
            // Items that nothing tells apart may be paired in any way: the result is the same.
            if alike(new.server, &servers) && alike(new.outlook, &outlooks) {
                matches.pair(outlook, server);
                continue;
            }
            for (side, tied) in [(Side::Outlook, outlooks), (Side::Server, servers)] {
                for at in tied {
                    matches.single.of_mut(side).remove(&at);
                    matches.ambiguous.of_mut(side).insert(at);
                }
            }
        }
    }
}

/// What resembles each other enough, by score, and may be the same at all. Only items that share a key are compared.
fn scored(
    new: Sides<&[NewItem]>,
    free: &Sides<BTreeSet<usize>>,
    may_be: impl Fn(&NewItem, &NewItem) -> bool,
) -> BTreeMap<u8, Vec<(usize, usize)>> {
    let mut by_key: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for at in &free.server {
        for key in features(new.server, *at).into_iter().flat_map(|features| &features.keys) {
            by_key.entry(key).or_default().push(*at);
        }
    }
    let mut scored: BTreeMap<u8, Vec<(usize, usize)>> = BTreeMap::new();
    for at in &free.outlook {
        let Some((outlook, mine)) = new.outlook.get(*at).zip(features(new.outlook, *at)) else { continue };
        let keys = mine.keys.iter();
        let candidates: BTreeSet<usize> =
            keys.filter_map(|key| by_key.get(key.as_str())).flatten().copied().collect();
        for there in candidates {
            let Some((server, theirs)) = new.server.get(there).zip(features(new.server, there)) else {
                continue;
            };
            let score = if may_be(outlook, server) { score(mine, theirs) } else { 0 };
            if score >= SAME {
                scored.entry(score).or_default().push((*at, there));
            }
        }
    }
    scored
}

fn features(items: &[NewItem], at: usize) -> Option<&Features> {
    items.get(at)?.features.as_deref()
}

/// Whether all of these agree in all that identifies them.
fn alike(items: &[NewItem], at: &[usize]) -> bool {
    let mut traits = at.iter().filter_map(|at| features(items, *at)).map(|features| &features.traits);
    let first = traits.next();
    traits.all(|other| Some(other) == first)
}
