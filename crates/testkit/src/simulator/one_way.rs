//! What has to be true once all is quiet where edits go one way.
//!
//! A copy says what its source says, and nothing else. What is merged to has all that the source has, and what its own users
//! made of its items is as they left it. The source is never written to.

use std::collections::{BTreeMap, BTreeSet};

use dovetail_sync::{Direction, Side};

use super::edits::{Facts, facts, may_be_hidden, shown};
use super::users::Users;

/// What users last made of aspects.
#[derive(Clone, Debug, Default)]
pub(super) struct Kept {
    /// By side and name.
    made: BTreeMap<(Side, String), Facts>,
    /// What aspects of an item said on a side before a user first edited them.
    before: BTreeMap<(Side, String, String), String>,
    /// The aspects, by side and name, of which the other side said the same when they were edited, or that were made what they had been: that
    /// is nobody's own.
    shared: BTreeSet<(Side, String, String)>,
}

impl Kept {
    pub(super) fn made(&mut self, side: Side, name: &str, facts: &Facts) {
        self.made.insert((side, name.to_owned()), facts.clone());
    }

    /// A user made this of an item, of which the other side says that, if it has it.
    pub(super) fn edited(
        &mut self,
        side: Side,
        name: &str,
        (before, after): (&Facts, &Facts),
        other: Option<&Facts>,
    ) {
        if before == after {
            // What says the same as before is nobody's own.
            return;
        }
        let kept = self.made.entry((side, name.to_owned())).or_default();
        for aspect in before.keys().chain(after.keys()) {
            let value = |facts: &Facts| facts.get(aspect).cloned().unwrap_or_default();
            if before.get(aspect) == after.get(aspect) {
                continue;
            }
            kept.insert(aspect.clone(), value(after));
            let key = (side, name.to_owned(), aspect.clone());
            let first = self.before.entry(key.clone());
            let is_as_before = *first.or_insert_with(|| value(before)) == value(after);
            if is_as_before || other.is_some_and(|other| shown(side, aspect, &value(other)) == value(after)) {
                self.shared.insert(key);
            } else {
                self.shared.remove(&key);
            }
        }
    }

    pub(super) fn removed(&mut self, side: Side, name: &str) {
        self.made.remove(&(side, name.to_owned()));
    }

    /// What of it is their own.
    fn own(&self, side: Side, name: &str, made: &Facts) -> Facts {
        let is_own = |aspect: &String| !self.shared.contains(&(side, name.to_owned(), aspect.clone()));
        made.iter()
            .filter(|(aspect, _)| is_own(aspect))
            .map(|(aspect, value)| (aspect.clone(), value.clone()))
            .collect()
    }
}

type Law = Result<(), String>;

pub(super) fn check(users: &Users, direction: Direction) -> Law {
    let Some(target) = direction.target() else { return Ok(()) };
    source_has_what_was_made_there(users, target.other())?;
    match direction.merges_to() {
        Some(target) => is_merged(users, target),
        None => is_copy(users, target),
    }
}

fn source_has_what_was_made_there(users: &Users, source: Side) -> Law {
    for (name, (id, item)) in users.look(source) {
        let Some(made) = users.kept.made.get(&(source, name.clone())) else {
            return Err(format!("nobody made {name} ({}) on {source}, which is never written to", id.0));
        };
        stand(&name, source, made, &facts(&item))?;
    }
    Ok(())
}

/// What users made is as they made it.
fn stand(name: &str, side: Side, made: &Facts, held: &Facts) -> Law {
    for (aspect, value) in made {
        let now = held.get(aspect).map(String::as_str).unwrap_or_default();
        if now != value {
            return Err(format!("{name}: {aspect} on {side} is {now:?}, and a user left it as {value:?}"));
        }
    }
    Ok(())
}

fn is_copy(users: &Users, target: Side) -> Law {
    let (source, copy) = (users.look(target.other()), users.look(target));
    for name in source.keys().chain(copy.keys()) {
        let (Some((_, original)), Some((_, copied))) = (source.get(name), copy.get(name)) else {
            return Err(format!("{name} is on one side only, and {target} should be a copy"));
        };
        let (said, copied) = (facts(original), facts(copied));
        if let Some(aspect) = differing(target, &said, &copied) {
            return Err(format!(
                "{name}: {aspect} is {:?} on {target}, and {:?} there where it comes from",
                copied.get(aspect),
                said.get(aspect)
            ));
        }
    }
    Ok(())
}

/// An aspect of a copy on `target` that is not what `target` can show of the original.
pub(super) fn differing<'f>(target: Side, original: &'f Facts, copy: &'f Facts) -> Option<&'f String> {
    let value = |facts: &Facts, aspect: &str| facts.get(aspect).cloned().unwrap_or_default();
    original.keys().chain(copy.keys()).find(|aspect| {
        let (original, copied) = (value(original, aspect), value(copy, aspect));
        let same =
            copied == shown(target, aspect, &original) || original == shown(target.other(), aspect, &copied);
        let no_room = (original.is_empty() && may_be_hidden(target.other(), aspect))
            || (copied.is_empty() && may_be_hidden(target, aspect));
        !same && !no_room
    })
}

fn is_merged(users: &Users, target: Side) -> Law {
    let there = users.look(target);
    if let Some(name) = users.look(target.other()).keys().find(|name| !there.contains_key(*name)) {
        return Err(format!("{name} did not come to {target}"));
    }
    for ((_, name), made) in users.kept.made.iter().filter(|((side, _), _)| *side == target) {
        let own = users.kept.own(target, name, made);
        match there.get(name) {
            Some((_, item)) => stand(name, target, &own, &facts(item))?,
            None if own.is_empty() => {}
            None => return Err(format!("{name} is no longer on {target}, where a user made or edited it")),
        }
    }
    Ok(())
}
