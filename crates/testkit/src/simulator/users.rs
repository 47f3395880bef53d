//! The people of a simulation: they make, edit, move and remove items on both sides, and the oracle remembers what they
//! did. Other programs are here too: they leave behind what is no item, and spoil what is one.

use std::collections::BTreeMap;
use std::sync::Arc;

use dovetail_model::resemble::{features, score};
use dovetail_model::{Item, Kind, Zone};
use dovetail_sync::match_up::SAME;
use dovetail_sync::storage::ItemId;
use dovetail_sync::{Rule, Side, Sides};

use super::edits::{Facts, edit, facts, fresh, name_of};
use super::expectation::{Engines, Expectation};
use super::one_way::Kept;
use super::place::Place;
use super::script::Script;
use crate::Dice;

/// What lies on one side: items by the names that they carry.
type Shelf = BTreeMap<String, (ItemId, Item)>;

pub(super) struct Users {
    pub(super) dice: Dice,
    pub(super) script: Script,
    /// What users of the side that is merged to made, and nobody may touch.
    pub(super) kept: Kept,
    pub(super) kind: Kind,
    pub(super) sides: Sides<Arc<dyn Place>>,
    pub(super) story: String,
    expectations: BTreeMap<String, Expectation>,
    spoilt: Vec<(Side, ItemId, Arc<[u8]>)>,
    strangers: Vec<(Side, ItemId, Arc<[u8]>)>,
    /// What the server has twice under one UID: the ids of the copies, and the names of what they are copies of.
    copies: BTreeMap<ItemId, String>,
    words: u64,
    /// How many engines there are.
    engines: usize,
    /// Of two edits one wins whole.
    whole: bool,
    /// The same item has the same UID on both sides.
    uids: bool,
    /// A storage does not tell the truth about what is there: what moves now is gone, as far as anybody can tell.
    pub(super) lied_to: bool,
    /// A storage may keep to itself what is new.
    pub(super) news_are_hidden: bool,
}

impl Users {
    pub(super) fn new(
        kind: Kind,
        sides: Sides<Arc<dyn Place>>,
        script: Script,
        engines: (usize, Rule),
        uids: bool,
    ) -> Users {
        let (engines, rule) = engines;
        Users {
            dice: script.dice("users"),
            script,
            kept: Kept::default(),
            whole: matches!(rule, Rule::OutlookWins | Rule::ServerWins | Rule::Automatic),
            kind,
            sides,
            story: String::new(),
            expectations: BTreeMap::new(),
            spoilt: Vec::new(),
            strangers: Vec::new(),
            copies: BTreeMap::new(),
            words: 0,
            engines,
            uids,
            lied_to: false,
            news_are_hidden: false,
        }
    }

    pub(super) fn tell(&mut self, what: &str) {
        self.story.push_str(what);
        self.story.push('\n');
    }

    fn several(&self) -> Engines {
        Engines { several: self.engines > 1, whole: self.whole }
    }

    fn word(&mut self) -> String {
        self.words += 1;
        format!("word{}x", self.words)
    }

    pub(super) fn some_side(&mut self) -> Side {
        *self.dice.pick(&Side::BOTH).unwrap_or(&Side::Outlook)
    }

    fn fresh(&mut self) -> (String, Item) {
        let name = format!("name{}x", self.expectations.len() + 1);
        let title = self.word();
        (name.clone(), fresh(self.kind, &name, title, &mut self.dice))
    }

    /// A user makes an item.
    pub(super) fn make(&mut self, side: Side) {
        let (name, item) = self.fresh();
        let id = self.sides.of(side).make(&item, &format!("only {side} knows {name}"));
        self.tell(&format!("{side}: a user makes {name} ({}) as {}", item.title(), id.0));
        let held = self.look(side).get(&name).map(|(_, item)| facts(item)).unwrap_or_default();
        self.kept.made(side, &name, &held);
        self.expectations.insert(name, Expectation::of_new(&held, self.several()));
    }

    /// The same thing is on both sides before they are synchronised first, perhaps with edits.
    pub(super) fn make_on_both(&mut self) {
        let (name, item) = self.fresh();
        let mut other = item.clone();
        if self.dice.once_in(2) {
            let word = self.word();
            describe(&mut other, &word);
        }
        self.sides.outlook.make(&item, &format!("only {} knows {name}", Side::Outlook));
        self.sides.server.make(&other, &format!("only {} knows {name}", Side::Server));
        self.tell(&format!("both: {name} ({})", item.title()));
        for (side, held) in [(Side::Outlook, &item), (Side::Server, &other)] {
            let held = self.look(side).get(&name).map_or_else(|| facts(held), |(_, item)| facts(item));
            self.kept.made(side, &name, &held);
        }
        let mut expectation = Expectation::of_new(&facts(&other), self.several());
        expectation.merge(&self.said(&name));
        expectation.by_looks = true;
        self.expectations.insert(name, expectation);
    }

    /// Something that is not ours lies on both sides.
    pub(super) fn leave_strangers(&mut self) {
        for side in Side::BOTH {
            let storage = self.sides.of(side).clone();
            let ids = storage.leave_strangers(&self.stranger());
            let originals = storage.originals().into_iter().filter(|(id, _)| ids.contains(id));
            self.strangers.extend(originals.map(|(id, bytes)| (side, id, bytes)));
        }
    }

    /// An item of another kind.
    fn stranger(&mut self) -> Item {
        let other = match self.kind {
            Kind::Event => Kind::Task,
            Kind::Task => Kind::Event,
            Kind::Contact => Kind::Group,
            Kind::Group => Kind::Contact,
        };
        fresh(other, "stranger", "A stranger".into(), &mut self.dice)
    }

    /// What is on a side, by name.
    pub(super) fn look(&self, side: Side) -> Shelf {
        let named = |(id, item): (ItemId, Item)| (name_of(&item), (id, item));
        let is_one = |(name, (id, _)): &(String, (ItemId, Item))| !name.is_empty() && !self.is_copy(side, id);
        self.sides.of(side).items().into_iter().map(named).filter(is_one).collect()
    }

    fn is_copy(&self, side: Side, id: &ItemId) -> bool {
        side == Side::Server && self.copies.contains_key(id)
    }

    fn is_copied(&self, name: &str) -> bool {
        self.copies.values().any(|copied| copied == name)
    }

    fn said(&self, name: &str) -> Sides<Option<Facts>> {
        said(&Sides::new(|side| self.look(side)), name)
    }

    /// A user does something.
    pub(super) fn act(&mut self) {
        let Some(dice) = self.script.event() else { return };
        self.dice = dice;
        let side = self.some_side();
        match self.dice.roll(16) {
            0 | 1 if self.news_are_hidden => {}
            0 | 1 => self.make(side),
            2 | 3 => self.remove(side),
            4 => self.move_away_and_back(side),
            5 => self.spoil(side),
            6 => self.copy(),
            _ => self.edit(side),
        }
    }

    fn some_item(&mut self, side: Side) -> Option<(String, ItemId, Item)> {
        let items: Vec<_> = self.look(side).into_iter().map(|(name, (id, item))| (name, id, item)).collect();
        let at = self.dice.roll(items.len() as u64);
        items.into_iter().nth(usize::try_from(at).unwrap_or(0))
    }

    pub(super) fn edit(&mut self, side: Side) {
        let word = self.word();
        let Some((name, id, item)) = self.some_item(side) else { return };
        let both = self.look(side.other()).contains_key(&name);
        let Some(expectation) = self.expectations.get(&name) else { return };
        let settled = expectation.settled;
        let made_by_one = !settled || expectation.removed;
        if !self.uids && (made_by_one && self.engines > 1 || !settled && both && expectation.by_looks) {
            // An engine that did not make the copy, or forgot that it did, knows it only by what it says.
            return;
        }
        if !both && !self.uids && self.engines > 1 {
            // Nor would an engine know what another one brings back.
            return;
        }
        let mut wanted = item.clone();
        edit(&mut wanted, side, &word, &mut self.dice);
        if expectation.takes_back_in_doubt(side, both, &facts(&item), &facts(&wanted)) {
            // What arrived without an answer and is taken back cannot be told from what never arrived.
            return;
        }
        self.sides.of(side).edit(&id, &wanted);
        let before = facts(&item);
        let Some(after) = self.look(side).get(&name).map(|(_, item)| facts(item)) else { return };
        let changed: Vec<String> = before
            .keys()
            .chain(after.keys().filter(|aspect| !before.contains_key(*aspect)))
            .filter(|aspect| before.get(*aspect) != after.get(*aspect))
            .map(|aspect| format!("{aspect} {:?} -> {:?}", before.get(aspect), after.get(aspect)))
            .collect();
        self.tell(&format!("{side}: a user edits {name} ({}): {}", id.0, changed.join(", ")));
        let said = self.said(&name);
        self.kept.edited(side, &name, (&before, &after), said.of(side.other()).as_ref());
        if let Some(expectation) = self.expectations.get_mut(&name) {
            expectation.edited(side, &before, &after);
            if both && !settled {
                expectation.merge(&said);
            }
        }
    }

    pub(super) fn remove(&mut self, side: Side) {
        let Some((name, id, item)) = self.some_item(side) else { return };
        // What one engine brought, and another one knows by its looks alone, is something new to that one.
        let known = self.expectations.get(&name).is_some_and(|it| it.settled && !it.is_edited());
        if name == ANCHOR || self.is_copied(&name) || (!known && !self.uids && self.engines > 1) {
            return;
        }
        self.tell(&format!("{side}: a user removes {name} ({})", id.0));
        self.sides.of(side).remove(&id);
        self.kept.removed(side, &name);
        if let Some(expectation) = self.expectations.get_mut(&name) {
            expectation.removed(side, &facts(&item));
        }
    }

    /// The item has another id then; without a UID it would be another item.
    fn move_away_and_back(&mut self, side: Side) {
        let Some((name, id, item)) = self.some_item(side) else { return };
        let settled = self.expectations.get(&name).is_some_and(|expectation| expectation.settled);
        if item.uid().is_none() || !settled || name == ANCHOR || self.is_copied(&name) || self.lied_to {
            return;
        }
        let new = self.sides.of(side).rename(&id);
        if let Some(expectation) = self.expectations.get_mut(&name) {
            expectation.moved();
        }
        self.tell(&format!("{side}: {name} has another id: {} instead of {}", new.0, id.0));
    }

    /// For a while an item cannot be read.
    fn spoil(&mut self, side: Side) {
        let Some((name, id, item)) = self.some_item(side) else { return };
        // What cannot be read under another id than before is gone and something else: also what was made again.
        let settled = self.expectations.get(&name).is_some_and(|it| it.settled && !it.moved && !it.removed);
        let original = self.sides.of(side).originals().into_iter().find(|(other, _)| *other == id);
        let may_be = settled && name != ANCHOR && !self.is_copied(&name);
        let Some((_, bytes)) = original.filter(|_| may_be) else { return };
        self.tell(&format!("{side}: {name} ({}) cannot be read", id.0));
        let stranger = self.stranger();
        self.sides.of(side).spoil(&id, &item, &stranger);
        self.spoilt.push((side, id, bytes));
    }

    /// For a while the server has an item twice: which of the two is meant, nobody can tell, and each stays as it is.
    fn copy(&mut self) {
        let Some((name, id, item)) = self.some_item(Side::Server) else { return };
        let settled = self.expectations.get(&name).is_some_and(|it| it.settled && !it.moved);
        if !settled || item.uid().is_none() || self.is_copied(&name) {
            return;
        }
        let removed = self.expectations.get(&name).is_some_and(|it| it.removed);
        if removed && !self.uids && self.engines > 1 {
            // The copy is what is left, and what one engine brings of it is something new to another one.
            return;
        }
        let Some(copy) = self.sides.server.copy(&id) else { return };
        self.tell(&format!("server: {name} ({}) is there a second time, as {}", id.0, copy.0));
        self.copies.insert(copy, name);
    }

    /// What could not be read can be read again, and nothing is there twice.
    pub(super) fn mend(&mut self) {
        for (copy, name) in std::mem::take(&mut self.copies) {
            self.tell(&format!("server: a user removes the second {name} ({})", copy.0));
            let last = self.sides.server.items().into_iter().find(|(id, _)| *id == copy);
            self.sides.server.remove(&copy);
            if let (Some((_, item)), false) = (last, self.look(Side::Server).contains_key(&name))
                && let Some(expectation) = self.expectations.get_mut(&name)
            {
                // The other one had been removed: then this one is the item.
                expectation.removed(Side::Server, &facts(&item));
            }
        }
        for (side, id, bytes) in std::mem::take(&mut self.spoilt) {
            self.tell(&format!("{side}: {} can be read again", id.0));
            self.sides.of(side).overwrite(&id, &bytes);
        }
    }

    /// A run was interrupted, or was not told what became of its writes: what it may have made is known by its looks alone.
    pub(super) fn doubt(&mut self) {
        for expectation in self.expectations.values_mut() {
            expectation.by_looks |= !expectation.settled;
            expectation.doubted = true;
        }
    }

    /// Whether a listing that leaves something out, or a fetch that fails, can do no harm: what is on both sides is linked.
    pub(super) fn may_be_lied_to(&self) -> bool {
        let (outlook, server) = (self.look(Side::Outlook), self.look(Side::Server));
        self.expectations.iter().all(|(name, it)| {
            !it.moved && (it.settled || !(outlook.contains_key(name) && server.contains_key(name)))
        })
    }

    /// From now on nothing that is there is hidden.
    pub(super) fn told_the_truth(&mut self) {
        self.lied_to = false;
        self.news_are_hidden = false;
    }

    /// Whether nothing is new on any side.
    pub(super) fn all_settled(&self) -> bool {
        self.expectations.values().all(|it| it.settled)
    }

    /// Whether an engine may forget what it knew: something still tells which items of both sides are one.
    pub(super) fn may_be_forgotten(&self) -> bool {
        let home = Zone::named("Europe/Berlin");
        let (outlook, server) = (self.look(Side::Outlook), self.look(Side::Server));
        let alike = |(name, (_, item)): (&String, &(ItemId, Item))| {
            let Some((_, other)) = server.get(name) else { return true };
            let same_uid = item.uid().is_some() && item.uid() == other.uid();
            same_uid || score(&features(item, &home), &features(other, &home)) >= SAME
        };
        self.spoilt.is_empty()
            && self.copies.is_empty()
            && (self.uids || self.engines == 1)
            && outlook.iter().all(alike)
    }

    /// Texts are not mapped, or were not until now.
    pub(super) fn leave_texts(&mut self) {
        let shelves = Sides::new(|side| self.look(side));
        for (name, expectation) in &mut self.expectations {
            expectation.leave_text(&said(&shelves, name));
        }
    }

    /// The name of some item that both sides have and agree on.
    pub(super) fn some_settled(&mut self) -> Option<String> {
        let shelves = Sides::new(|side| self.look(side));
        let both = |name: &&String| shelves.as_ref().into_array().iter().all(|it| it.contains_key(*name));
        let settled = self.expectations.iter().filter(|(_, it)| it.settled).map(|(name, _)| name);
        let names: Vec<String> = settled.filter(both).filter(|name| *name != ANCHOR).cloned().collect();
        self.dice.pick(&names).cloned()
    }

    /// An engine forgot what it knew.
    pub(super) fn forget(&mut self) {
        let shelves = Sides::new(|side| self.look(side));
        for (name, expectation) in &mut self.expectations {
            expectation.forgotten(&said(&shelves, name));
        }
    }

    /// All is quiet: everything has to be as expected.
    pub(super) fn agree(&mut self) -> Result<(), String> {
        let shelves = Sides::new(|side| self.look(side));
        for (name, expectation) in &mut self.expectations {
            expectation.agree(name, &said(&shelves, name))?;
        }
        self.strangers_stay()?;
        self.extras_stay()
    }

    /// All is quiet where edits go one way: what was not checked item by item counts from here on.
    pub(super) fn agree_one_way(
        &mut self,
        check: impl FnOnce(&Users) -> Result<(), String>,
    ) -> Result<(), String> {
        check(self)?;
        let shelves = Sides::new(|side| self.look(side));
        for (name, expectation) in &mut self.expectations {
            expectation.begin_anew(&said(&shelves, name));
        }
        self.strangers_stay()?;
        self.extras_stay()
    }

    fn strangers_stay(&self) -> Result<(), String> {
        for (side, id, bytes) in &self.strangers {
            let originals = self.sides.of(*side).originals();
            if !originals.contains(&(id.clone(), bytes.clone())) {
                return Err(format!("{} on {side} is not ours, and was touched", id.0));
            }
        }
        Ok(())
    }

    /// What no lens understands stays on the side that it was made on, whatever was carried to it.
    fn extras_stay(&self) -> Result<(), String> {
        for side in Side::BOTH {
            for (name, (id, _)) in self.look(side) {
                let extra = self.sides.of(side).extra(&id).unwrap_or_default();
                if !extra.is_empty() && extra != format!("only {side} knows {name}") {
                    return Err(format!("what {name} holds on {side} beside the item became {extra:?}"));
                }
            }
        }
        Ok(())
    }

    /// Nothing exists twice on a side.
    pub(super) fn no_duplicates(&self) -> Result<(), String> {
        for side in Side::BOTH {
            let mut seen: BTreeMap<String, ItemId> = BTreeMap::new();
            let named = |(id, item): (ItemId, Item)| (id, name_of(&item));
            let items = self.sides.of(side).items().into_iter().map(named);
            let items = items.filter(|(id, name)| !name.is_empty() && !self.is_copy(side, id));
            for (id, name) in items {
                if let Some(other) = seen.insert(name.clone(), id.clone()) {
                    return Err(format!("{name} is on {side} twice: {} and {}", other.0, id.0));
                }
            }
        }
        Ok(())
    }
}

/// What both sides say of an item.
fn said(shelves: &Sides<Shelf>, name: &str) -> Sides<Option<Facts>> {
    shelves.as_ref().map(|_, shelf| shelf.get(name).map(|(_, item)| facts(item)))
}

/// The item that nobody removes: where nothing is left of a side, nobody knows whether it still answers.
const ANCHOR: &str = "name1x";

fn describe(item: &mut Item, word: &str) {
    match item {
        Item::Event(event) => event.main.description = word.into(),
        Item::Task(task) => task.description = word.into(),
        Item::Contact(contact) => contact.note = word.into(),
        Item::Group(group) => group.note = word.into(),
    }
}
