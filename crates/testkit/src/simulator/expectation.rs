//! What an item has to say once all is quiet, known from what users did to it and saw while they did.
//!
//! For every aspect there are the values that may stand: those that no later edit replaced *having seen them*. As long as
//! no two users edited one clash unit without seeing each other's edit, exactly one value may stand. Where they did, the
//! unit is contested, and any value it had since the sides last agreed may stand; the loser is in the journal, which another
//! law looks after.

use std::collections::{BTreeMap, BTreeSet};

use dovetail_sync::{Side, Sides};

use super::edits::{Facts, clash, may_be_hidden, shown, unit};

/// The aspect that a profile may leave alone.
const TEXT: &str = "text";

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

/// How engines go about their work.
#[derive(Clone, Copy, Debug)]
pub(super) struct Engines {
    /// There is more than one.
    pub(super) several: bool,
    /// Of two edits of one item one wins whole.
    pub(super) whole: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Expectation {
    pub(super) fate: Fate,
    /// Both sides agreed on it, and every engine knows that they did.
    pub(super) settled: bool,
    /// No engine knows that the items of both sides are one, except by what they say.
    pub(super) by_looks: bool,
    /// A user removed it on one side since both agreed.
    pub(super) removed: bool,
    /// It got another id since both sides agreed.
    pub(super) moved: bool,
    /// A run since both agreed was not told what became of its writes.
    pub(super) doubted: bool,
    /// The text was not mapped at some time since both agreed: who edits it then has edited nothing.
    text_is_open: bool,
    standing: BTreeMap<String, BTreeSet<String>>,
    /// What both agreed on; nothing, of an item that they have not agreed on yet.
    agreed: BTreeMap<String, String>,
    since_agreement: BTreeMap<String, BTreeSet<String>>,
    /// On which sides an aspect was edited since both agreed.
    edited_on: BTreeMap<String, Sides<bool>>,
    contested: BTreeSet<String>,
    /// Lists in which entries were replaced by several users.
    contested_lists: BTreeSet<String>,
    /// Of two edits one wins whole, and so does a removal, perhaps.
    whole: bool,
    /// Several engines carry edits, and none knows what another carried: to them, who edits what another has just carried
    /// did not see it.
    several: bool,
}

impl Expectation {
    /// Of an item that a user made.
    pub(super) fn of_new(facts: &Facts, engines: Engines) -> Expectation {
        let Engines { several, whole } = engines;
        let mut expectation = Expectation {
            several,
            whole,
            fate: Fate::Alive,
            settled: false,
            by_looks: false,
            removed: false,
            moved: false,
            doubted: false,
            text_is_open: false,
            standing: BTreeMap::new(),
            agreed: BTreeMap::new(),
            since_agreement: BTreeMap::new(),
            edited_on: BTreeMap::new(),
            contested: BTreeSet::new(),
            contested_lists: BTreeSet::new(),
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

    /// The text is not mapped, or was not for a while: what becomes of it is open, as at a first sync.
    pub(super) fn leave_text(&mut self, sides: &Sides<Option<Facts>>) {
        self.text_is_open = true;
        self.contested.insert(unit(TEXT).to_owned());
        let values = self.since_agreement.entry(TEXT.to_owned()).or_default();
        for facts in [&sides.outlook, &sides.server].into_iter().flatten() {
            values.insert(facts.get(TEXT).cloned().unwrap_or_default());
        }
    }

    /// A user who saw `before` on this side made it `after`.
    pub(super) fn edited(&mut self, side: Side, before: &Facts, after: &Facts) {
        let aspects: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        let value = |facts: &Facts, aspect: &str| facts.get(aspect).cloned().unwrap_or_default();
        let (mut lists, mut removed_there) = (BTreeSet::new(), false);
        for aspect in aspects {
            let (was, is) = (value(before, aspect), value(after, aspect));
            if was == is {
                continue;
            }
            let known_to_some = self.several && !self.settled;
            let related = |other: &str| clash(aspect, other);
            if known_to_some
                || self.unseen(side, before, related)
                || self.carried(related)
                || self.perhaps_undelivered(side, related)
                || self.taken_back(side, aspect, &is)
            {
                self.contested.insert(unit(aspect).to_owned());
                let list = aspect.split_once(':').map(|(list, _)| list.to_owned());
                lists.extend(list.filter(|_| is.is_empty()));
            }
            let same_list = self.carried_in_list(aspect);
            if same_list.is_some() && is.is_empty() && may_be_hidden(side, aspect) {
                // One engine gave it the room of what was removed; to another one that is room still.
                self.contested.insert(unit(aspect).to_owned());
            }
            lists.extend(same_list);
            *self.edited_on.entry(aspect.clone()).or_default().of_mut(side) = true;
            let standing = self.standing.entry(aspect.clone()).or_insert_with(|| [String::new()].into());
            standing.retain(|other| shown(side, aspect, other) != was);
            standing.insert(is.clone());
            let ever = self.since_agreement.entry(aspect.clone()).or_insert_with(|| [String::new()].into());
            ever.insert(was);
            if self.several {
                // An engine may take what another one carried to the other side for an edit that was made there.
                ever.insert(shown(side.other(), aspect, &is));
            }
            ever.insert(is);
            match self.fate {
                Fate::Gone if self.whole || (self.text_is_open && aspect == TEXT) => {
                    self.fate = Fate::Either;
                    self.may_come_back_poorer();
                }
                Fate::Gone => {
                    self.fate = Fate::Alive;
                    removed_there = true;
                }
                // What is as it was before gives nobody a reason to bring the item back.
                Fate::Alive if self.removed && !self.is_edited_on(side, after) => {
                    self.fate = Fate::Either;
                    self.may_come_back_poorer();
                }
                _ => {}
            }
        }
        let elsewhere = |on: &Sides<bool>| *on.of(side.other());
        if removed_there || (self.whole && self.edited_on.values().any(elsewhere)) {
            self.contest_edits();
        }
        self.contested_lists.extend(lists);
        self.contest_newcomers();
    }

    /// Whether an edit that came from the other side is made undone: an engine that was not told that its write arrived
    /// finds what was there before, and carries the edit again.
    fn taken_back(&self, side: Side, aspect: &str, value: &str) -> bool {
        let before = self.agreed.get(aspect).map(String::as_str).unwrap_or_default();
        self.edited_on.get(aspect).is_some_and(|edited| *edited.of(side.other())) && value == before
    }

    /// Whether this edit makes something what it was before, of an item that was edited on the other side as well and written by a
    /// run that was not told so, or perhaps by one of several engines, or that lies on both sides while no engine knows that both
    /// agreed.
    pub(super) fn takes_back_in_doubt(&self, side: Side, both: bool, before: &Facts, after: &Facts) -> bool {
        let crossed = self.edited_on.values().any(|on| *on.of(side.other()));
        if !(both && !self.settled || (self.doubted || self.several) && crossed) {
            return false;
        }
        let nothing = BTreeSet::from([String::new()]);
        before.keys().chain(after.keys()).any(|aspect| {
            let is = after.get(aspect).map(String::as_str).unwrap_or_default();
            let said = self.since_agreement.get(aspect).unwrap_or(&nothing);
            before.get(aspect) != after.get(aspect)
                && said.iter().any(|value| shown(side, aspect, value) == is)
        })
    }

    /// Two users put different entries in the place of one: that is one clash, in which one of the new entries loses.
    fn contest_newcomers(&mut self) {
        let lists = &self.contested_lists;
        let of_list = |aspect: &str| aspect.split_once(':').is_some_and(|(list, _)| lists.contains(list));
        let came = |aspect: &&String| of_list(aspect) && !self.agreed.contains_key(*aspect);
        let came: Vec<String> = self.since_agreement.keys().filter(came).cloned().collect();
        self.contested.extend(came);
    }

    /// An item was removed on one side: what only that one said went with it. It comes back as both agreed on it, edited
    /// by others.
    fn contest_edits(&mut self) {
        let edited = self.since_agreement.iter().filter(|(_, values)| values.len() > 1);
        self.contested.extend(edited.map(|(aspect, _)| unit(aspect).to_owned()));
    }

    /// Whether these facts are others than those that both sides agreed on, as this side shows them.
    fn is_edited_on(&self, side: Side, facts: &Facts) -> bool {
        let differs = |aspect: &String| {
            let agreed = self.agreed.get(aspect).map(String::as_str).unwrap_or_default();
            let held = facts.get(aspect).map(String::as_str).unwrap_or_default();
            held != shown(side, aspect, agreed) && !(held.is_empty() && may_be_hidden(side, aspect))
        };
        facts.keys().chain(self.agreed.keys()).any(differs)
    }

    /// A user who saw this removed the item on this side.
    pub(super) fn removed(&mut self, side: Side, seen: &Facts) {
        let (edited_elsewhere, perhaps_elsewhere) = (
            self.unseen(side, seen, |aspect| !self.contested.contains(unit(aspect))),
            self.unseen(side, seen, |_| true),
        );
        let perhaps_edited = perhaps_elsewhere
            || self.carried(|_| true)
            || self.edited_out_of_sight(side)
            || self.perhaps_not_carried(side);
        self.fate = match self.fate {
            Fate::Gone => Fate::Gone,
            _ if !self.settled => Fate::Either,
            _ if edited_elsewhere && self.whole => Fate::Either,
            _ if edited_elsewhere => Fate::Alive,
            _ if perhaps_edited => Fate::Either,
            _ => Fate::Gone,
        };
        self.removed = true;
        self.may_come_back_poorer();
        if self.fate == Fate::Alive {
            self.contest_edits();
        }
    }

    /// A user moved the item away and back, and it has another id.
    pub(super) fn moved(&mut self) {
        self.moved = true;
        if self.fate == Fate::Gone {
            // Removed on the other side: what is under another id then may be something new.
            self.fate = Fate::Either;
            self.may_come_back_poorer();
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

    /// Only this is left to make the other side's item from, which may have said more.
    fn comes_back_as(&mut self, facts: &Facts) {
        for (aspect, values) in &mut self.since_agreement {
            let left = facts.get(aspect).cloned().unwrap_or_default();
            if values.insert(left) {
                self.contested.insert(unit(aspect).to_owned());
            }
        }
    }

    /// Engines forgot what they knew.
    pub(super) fn forgotten(&mut self, sides: &Sides<Option<Facts>>) {
        self.merge(sides);
        self.by_looks = true;
        if let (Some(facts), None) | (None, Some(facts)) = (&sides.outlook, &sides.server) {
            self.comes_back_as(facts);
        }
        if self.fate == Fate::Gone && (sides.outlook.is_some() || sides.server.is_some()) {
            self.fate = Fate::Either;
        }
        self.may_come_back_poorer();
    }

    /// Whether anything was edited since both sides agreed.
    pub(super) fn is_edited(&self) -> bool {
        self.since_agreement.values().any(|values| values.len() > 1)
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

    /// The list of an entry, if an edit of another entry of it may have been carried: an engine that does not know that takes
    /// what came for what the other entry became.
    fn carried_in_list(&self, entry: &str) -> Option<String> {
        let (list, _) = entry.split_once(':')?;
        let same_list = |other: &str| other.split_once(':').is_some_and(|(other, _)| other == list);
        self.carried(same_list).then(|| list.to_owned())
    }

    /// Whether an edit of the other side is on this side, and perhaps no engine knows that: a user made it here as well, or
    /// an engine was not told that its write arrived.
    fn perhaps_not_carried(&self, side: Side) -> bool {
        self.edited_on.values().any(|on| *on.of(side.other()) && (self.doubted || *on.of(side)))
    }

    /// Whether an edit of the other side is on this side, and a run may not have been told that it arrived: who edits the very value
    /// then may as well have edited the one that it replaced.
    fn perhaps_undelivered(&self, side: Side, concerned: impl Fn(&str) -> bool) -> bool {
        let crossed = |(aspect, on): (&String, &Sides<bool>)| concerned(aspect) && *on.of(side.other());
        self.doubted && self.edited_on.iter().any(crossed)
    }

    /// Whether something was edited that this side cannot show.
    fn edited_out_of_sight(&self, side: Side) -> bool {
        self.since_agreement.iter().any(|(aspect, values)| {
            let seen: BTreeSet<String> = values.iter().map(|value| shown(side, aspect, value)).collect();
            seen.len() < values.len() || (values.len() > 1 && may_be_hidden(side, aspect))
        })
    }

    /// All is quiet, and it was looked at in another way what the sides hold: from here on that counts.
    pub(super) fn begin_anew(&mut self, sides: &Sides<Option<Facts>>) {
        let engines = Engines { several: self.several, whole: self.whole };
        let held = sides.server.as_ref().or(sides.outlook.as_ref());
        let fate = if held.is_some() { Fate::Alive } else { Fate::Gone };
        let settled = sides.outlook.is_some() && sides.server.is_some();
        *self = Expectation { fate, settled, ..Expectation::of_new(held.unwrap_or(&Facts::new()), engines) };
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
        self.removed = false;
        self.moved = false;
        self.doubted = false;
        self.text_is_open = false;
        self.contested.clear();
        self.contested_lists.clear();
        self.edited_on.clear();
        let only =
            |(aspect, values): (&String, &BTreeSet<String>)| Some((aspect.clone(), values.first()?.clone()));
        self.agreed = agreed.iter().filter_map(only).filter(|(_, value)| !value.is_empty()).collect();
        self.since_agreement = agreed.clone();
        self.standing = agreed;
        Ok(())
    }
}

fn holds(side: Side, facts: &Facts, aspect: &str, value: &str) -> bool {
    let held = facts.get(aspect).map(String::as_str).unwrap_or_default();
    held == shown(side, aspect, value) || (held.is_empty() && may_be_hidden(side, aspect))
}
