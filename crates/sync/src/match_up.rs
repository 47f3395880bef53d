//! Which unlinked items of the two sides are the same thing: by what a killed run was writing, by UID, by resemblance.
//!
//! A function of its arguments. One to one; the best score first; ties are held for a person.

use std::collections::{BTreeMap, BTreeSet};

use dovetail_model::resemble::score;

use crate::observe::NewItem;
use crate::sides::Sides;
use crate::storage::ItemId;

#[cfg(test)]
mod tests;

/// From this score on two items are the same thing. A shared title alone is 40 of an event, 60 of a task; a shared name is
/// 45 of a contact.
pub const SAME: u8 = 75;

/// What came of matching; numbers are positions in the lists that were given.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Matches {
    /// The same thing on both sides.
    pub pairs: Vec<Sides<usize>>,
    /// On one side only.
    pub single: Sides<Vec<usize>>,
    /// Copies: another item of this side has the UID already.
    pub copies: Sides<Vec<usize>>,
    /// Several of the other side resemble it equally.
    pub ambiguous: Sides<Vec<usize>>,
}

/// Matches the new items of both sides. `written` names items known to belong together, for which no other evidence is
/// asked: what a killed run made.
pub fn match_up(new: Sides<&[NewItem]>, written: &[Sides<ItemId>]) -> Matches {
    let mut matches = Matches::default();
    let mut free: Sides<BTreeSet<usize>> =
        Sides { outlook: (0..new.outlook.len()).collect(), server: (0..new.server.len()).collect() };
    by_name(new, written, &mut free, &mut matches);
    drop_copies(new, &mut free, &mut matches);
    by_uid(new, &mut free, &mut matches);
    by_resemblance(new, &mut free, &mut matches);
    matches.single = free.map(|_, free| free.into_iter().collect());
    matches
}

fn pair(matches: &mut Matches, free: &mut Sides<BTreeSet<usize>>, outlook: usize, server: usize) {
    free.outlook.remove(&outlook);
    free.server.remove(&server);
    matches.pairs.push(Sides { outlook, server });
}

fn by_name(
    new: Sides<&[NewItem]>,
    written: &[Sides<ItemId>],
    free: &mut Sides<BTreeSet<usize>>,
    matches: &mut Matches,
) {
    for ids in written {
        let at = |items: &[NewItem], id: &ItemId| items.iter().position(|item| item.id == *id);
        if let (Some(outlook), Some(server)) = (at(new.outlook, &ids.outlook), at(new.server, &ids.server))
            && free.outlook.contains(&outlook)
            && free.server.contains(&server)
        {
            pair(matches, free, outlook, server);
        }
    }
}

/// Of several items of one side with one UID only the first can be told apart from the rest.
fn drop_copies(new: Sides<&[NewItem]>, free: &mut Sides<BTreeSet<usize>>, matches: &mut Matches) {
    for side in crate::Side::BOTH {
        let mut seen = BTreeSet::new();
        let candidates: Vec<usize> = free.of(side).iter().copied().collect();
        for at in candidates {
            let uid = new.of(side).get(at).and_then(|item| item.features.uid.as_deref());
            if uid.is_some_and(|uid| !seen.insert(uid)) {
                free.of_mut(side).remove(&at);
                matches.copies.of_mut(side).push(at);
            }
        }
    }
}

fn by_uid(new: Sides<&[NewItem]>, free: &mut Sides<BTreeSet<usize>>, matches: &mut Matches) {
    let uid = |items: &[NewItem], at: usize| items.get(at).and_then(|item| item.features.uid.clone());
    let server: BTreeMap<String, usize> =
        free.server.iter().filter_map(|at| Some((uid(new.server, *at)?, *at))).collect();
    let outlook: Vec<usize> = free.outlook.iter().copied().collect();
    for at in outlook {
        let Some(there) = uid(new.outlook, at).and_then(|uid| server.get(&uid).copied()) else { continue };
        if new.outlook.get(at).map(|item| item.features.kind)
            == new.server.get(there).map(|item| item.features.kind)
        {
            pair(matches, free, at, there);
        }
    }
}

fn by_resemblance(new: Sides<&[NewItem]>, free: &mut Sides<BTreeSet<usize>>, matches: &mut Matches) {
    let mut by_key: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for at in &free.server {
        for key in new.server.get(*at).into_iter().flat_map(|item| &item.features.keys) {
            by_key.entry(key).or_default().push(*at);
        }
    }
    let mut scored = Vec::new();
    for outlook in &free.outlook {
        let Some(item) = new.outlook.get(*outlook) else { continue };
        let candidates: BTreeSet<usize> =
            item.features.keys.iter().filter_map(|key| by_key.get(key.as_str())).flatten().copied().collect();
        for server in candidates {
            let Some(other) = new.server.get(server) else { continue };
            let score = score(&item.features, &other.features);
            if score >= SAME {
                scored.push((score, *outlook, server));
            }
        }
    }
    scored.sort_by(|one, other| other.0.cmp(&one.0).then((one.1, one.2).cmp(&(other.1, other.2))));
    for (at, (best, outlook, server)) in scored.iter().enumerate() {
        if !free.outlook.contains(outlook) || !free.server.contains(server) {
            continue;
        }
        let rival = |(score, o, s): &(u8, usize, usize)| {
            score == best
                && ((o == outlook && s != server && free.server.contains(s))
                    || (s == server && o != outlook && free.outlook.contains(o)))
        };
        let rivals: Vec<_> = scored.iter().skip(at + 1).filter(|other| rival(other)).collect();
        if rivals.is_empty() {
            pair(matches, free, *outlook, *server);
            continue;
        }
        if interchangeable(new, *outlook, *server, &rivals) {
            // Copies that nothing tells apart: whichever are paired, the result is the same.
            pair(matches, free, *outlook, *server);
            continue;
        }
        let all = rivals.iter().map(|(_, o, s)| (*o, *s)).chain([(*outlook, *server)]);
        for (o, s) in all.collect::<Vec<_>>() {
            if free.outlook.remove(&o) {
                matches.ambiguous.outlook.push(o);
            }
            if free.server.remove(&s) {
                matches.ambiguous.server.push(s);
            }
        }
    }
}

/// Whether those that compete agree in all that identifies them.
fn interchangeable(
    new: Sides<&[NewItem]>,
    outlook: usize,
    server: usize,
    rivals: &[&(u8, usize, usize)],
) -> bool {
    let traits = |items: &[NewItem], at: usize| items.get(at).map(|item| item.features.traits.clone());
    rivals.iter().all(|(_, o, s)| {
        traits(new.outlook, *o) == traits(new.outlook, outlook)
            && traits(new.server, *s) == traits(new.server, server)
    })
}
