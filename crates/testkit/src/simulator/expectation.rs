//! What an item has to say once all is quiet, known from what users did to it and saw while they did.
//!
//! For every aspect there are the values that may stand: those that no later edit replaced *having seen them*. As long as
//! no two users edited one clash unit without seeing each other's edit, exactly one value may stand. Where they did, the
//! unit is contested, and any value it had since the sides last agreed may stand; the loser is in the journal, which another
//! law looks after.

use std::collections::{BTreeMap, BTreeSet};

use dovetail_sync::{Side, Sides};

use super::edits::{Facts, clash, may_be_hidden, shown, unit};

/// Whether an item has to be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// On both sides.
    Alive,
    /// On none.
    Gone,
    /// On both or on none: users removed it before the sides had agreed on it.
    Either,
}

#[derive(Clone, Debug)]
pub(super) struct Expectation {
    pub(super) fate: Fate,
    /// Both sides agreed on it, and every engine knows that they did.
    pub(super) settled: bool,
    /// No engine knows that the items of both sides are one, except by what they say.
    pub(super) by_looks: bool,
    standing: BTreeMap<String, BTreeSet<String>>,
    since_agreement: BTreeMap<String, BTreeSet<String>>,
    contested: BTreeSet<String>,
    /// Several engines carry edits, and none knows what another carried: to them, who edits what another has just carried
    /// did not see it.
    several: bool,
}

impl Expectation {
    /// Of an item that a user made.
    pub(super) fn of_new(facts: &Facts, several: bool) -> Expectation {
        let mut expectation = Expectation {
            several,
            fate: Fate::Alive,
            settled: false,
            by_looks: false,
            standing: BTreeMap::new(),
            since_agreement: BTreeMap::new(),
            contested: BTreeSet::new(),
        };
        for (aspect, value) in facts {
            expectation.standing.insert(aspect.clone(), [value.clone()].into());
            expectation.since_agreement.insert(aspect.clone(), [value.clone()].into());
        }
        expectation
    }

    /// The same item was made on another side as well, or nobody knows any more that two items were one: what only one of
    /// them says stands, what they say differently is open.
    pub(super) fn merge(&mut self, sides: &Sides<Option<Facts>>) {
        self.settled = false;
        for (side, facts) in [(Side::Outlook, &sides.outlook), (Side::Server, &sides.server)] {
            let Some(facts) = facts else { continue };
            let aspects: BTreeSet<String> = facts.keys().chain(self.standing.keys()).cloned().collect();
            for aspect in aspects {
                let value = facts.get(&aspect).cloned().unwrap_or_default();
                let standing = self.standing.entry(aspect.clone()).or_default();
                if value.is_empty() && !standing.is_empty() {
                    // What one side does not say is older than what the other says.
                    continue;
                }
                if standing.iter().all(|other| shown(side, &aspect, other) != value) {
                    self.contested.insert(unit(&aspect).to_owned());
                    standing.insert(value.clone());
                }
                self.since_agreement.entry(aspect).or_default().insert(value);
            }
        }
    }

    /// A user who saw `before` on this side made it `after`.
    pub(super) fn edited(&mut self, side: Side, before: &Facts, after: &Facts) {
        let aspects: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        let value = |facts: &Facts, aspect: &str| facts.get(aspect).cloned().unwrap_or_default();
        for aspect in aspects {
            let (was, is) = (value(before, aspect), value(after, aspect));
            if was == is {
                continue;
            }
            let known_to_some = self.several && !self.settled;
            let related = |other: &str| clash(aspect, other);
            if known_to_some || self.unseen(side, before, related) || self.carried(related) {
                self.contested.insert(unit(aspect).to_owned());
            }
            let standing = self.standing.entry(aspect.clone()).or_insert_with(|| [String::new()].into());
            standing.retain(|other| shown(side, aspect, other) != was);
            standing.insert(is.clone());
            let ever = self.since_agreement.entry(aspect.clone()).or_insert_with(|| [String::new()].into());
            ever.insert(was);
            ever.insert(is);
            if self.fate == Fate::Gone {
                self.fate = Fate::Alive;
            }
        }
    }

    /// A user who saw this removed the item on this side.
    pub(super) fn removed(&mut self, side: Side, seen: &Facts) {
        let edited_elsewhere = self.unseen(side, seen, |_| true);
        let perhaps_edited = self.carried(|_| true) || self.edited_out_of_sight(side);
        self.fate = match self.fate {
            Fate::Gone => Fate::Gone,
            _ if !self.settled => Fate::Either,
            _ if edited_elsewhere => Fate::Alive,
            _ if perhaps_edited => Fate::Either,
            _ => Fate::Gone,
        };
        self.may_come_back_poorer();
        if self.fate == Fate::Alive {
            // What only the removed item said went with it: it comes back as both agreed on it, edited by others.
            let edited = self.since_agreement.iter().filter(|(_, values)| values.len() > 1);
            self.contested.extend(edited.map(|(aspect, _)| unit(aspect).to_owned()));
        }
    }

    /// What was removed may come back from the other side, which perhaps never held all of it.
    fn may_come_back_poorer(&mut self) {
        if self.fate == Fate::Either {
            for (aspect, values) in &mut self.since_agreement {
                values.insert(String::new());
                self.contested.insert(unit(aspect).to_owned());
            }
        }
    }

    /// Engines forgot what they knew.
    pub(super) fn forgotten(&mut self, sides: &Sides<Option<Facts>>) {
        self.merge(sides);
        self.by_looks = true;
        if self.fate == Fate::Gone && (sides.outlook.is_some() || sides.server.is_some()) {
            self.fate = Fate::Either;
        }
        self.may_come_back_poorer();
    }

    /// Whether something stands that a user of this side does not see.
    fn unseen(&self, side: Side, seen: &Facts, concerned: impl Fn(&str) -> bool) -> bool {
        self.standing.iter().filter(|(aspect, _)| concerned(aspect)).any(|(aspect, standing)| {
            let sees = seen.get(aspect).cloned().unwrap_or_default();
            let hidden = sees.is_empty() && may_be_hidden(side, aspect);
            !hidden && standing.iter().any(|value| shown(side, aspect, value) != sees)
        })
    }

    /// Whether an edit may have been carried by one engine that another takes for one of its own.
    fn carried(&self, concerned: impl Fn(&str) -> bool) -> bool {
        let edited = |(aspect, values): (&String, &BTreeSet<String>)| concerned(aspect) && values.len() > 1;
        self.several && self.since_agreement.iter().any(edited)
    }

    /// Whether something was edited that this side cannot show.
    fn edited_out_of_sight(&self, side: Side) -> bool {
        self.since_agreement.iter().any(|(aspect, values)| {
            let seen: BTreeSet<String> = values.iter().map(|value| shown(side, aspect, value)).collect();
            seen.len() < values.len() || (values.len() > 1 && may_be_hidden(side, aspect))
        })
    }

    /// All is quiet: what the sides hold has to be as expected. It is then what both agreed on.
    pub(super) fn agree(&mut self, name: &str, sides: &Sides<Option<Facts>>) -> Result<(), String> {
        let (outlook, server) = match (&sides.outlook, &sides.server, self.fate) {
            (None, None, Fate::Gone | Fate::Either) => {
                self.fate = Fate::Gone;
                return Ok(());
            }
            (Some(outlook), Some(server), Fate::Alive | Fate::Either) => (outlook, server),
            (outlook, server, fate) => {
                let there = (outlook.is_some(), server.is_some());
                return Err(format!("{name} should be {fate:?}; on Outlook, on the server: {there:?}"));
            }
        };
        self.fate = Fate::Alive;
        let aspects: BTreeSet<String> =
            outlook.keys().chain(server.keys()).chain(self.standing.keys()).cloned().collect();
        let mut agreed = BTreeMap::new();
        for aspect in aspects {
            let open = self.contested.contains(unit(&aspect));
            let nothing: BTreeSet<String> = [String::new()].into();
            let ground = if open { &self.since_agreement } else { &self.standing };
            let allowed = ground.get(&aspect).unwrap_or(&nothing);
            let fits = |value: &&String| {
                holds(Side::Outlook, outlook, &aspect, value) && holds(Side::Server, server, &aspect, value)
            };
            let Some(value) = allowed.iter().find(fits) else {
                let (here, there) = (outlook.get(&aspect), server.get(&aspect));
                return Err(format!(
                    "{name}: {aspect} is {here:?} on Outlook and {there:?} on the server, and should be one of {allowed:?}"
                ));
            };
            agreed.insert(aspect, BTreeSet::from([value.clone()]));
        }
        self.settled = true;
        self.by_looks = false;
        self.contested.clear();
        self.since_agreement = agreed.clone();
        self.standing = agreed;
        Ok(())
    }
}

fn holds(side: Side, facts: &Facts, aspect: &str, value: &str) -> bool {
    let held = facts.get(aspect).map(String::as_str).unwrap_or_default();
    held == shown(side, aspect, value) || (held.is_empty() && may_be_hidden(side, aspect))
}
