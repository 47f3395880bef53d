//! Several mailboxes on one server, each with a computer of its own: a family's calendar, a team's address book.
//!
//! The oracle is plainer than that of one mailbox. Once all is quiet everybody has the same items, once each, and they say the
//! same everywhere; what one person alone edited stands; what nobody removed is there, and what nobody edited and somebody
//! removed is not; and what was overwritten is in the journal of who did it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use dovetail_model::{Item, Kind};
use dovetail_sync::storage::{ItemId, Traits};
use dovetail_sync::{Direction, Rule, RunOutcome, Side, Sides};
use jiff::{Span, Timestamp};

use super::computer::Computer;
use super::edits::{Facts, edit, facts, fresh, may_be_hidden, name_of, shown};
use super::place::{DavPlace, Fault, Harms, Place};
use super::script::Script;
use super::{Against, Broken, shrink};
use crate::faults::Fuse;
use crate::memory::MemoryCollection;
use crate::{Dialect, Dice};

/// What several mailboxes go through.
#[derive(Clone, Debug)]
pub struct Several {
    /// What the server is.
    pub against: Against,
    /// Makes every choice.
    pub seed: u64,
    /// Numbers of events that are left out.
    pub skip: Vec<u32>,
}

impl Several {
    /// The same without what does not matter, and what it breaks then.
    pub fn shrink(&self, broken: Broken) -> (Several, Broken) {
        let without = |skip: &[u32]| Several { skip: skip.to_vec(), ..self.clone() };
        let (skip, broken) = shrink(self.skip.clone(), broken, |skip| several(&without(skip)));
        (without(&skip), broken)
    }
}

/// Plays them and checks the laws.
///
/// # Errors
/// The law that was broken.
pub fn several(scenario: &Several) -> Result<(), Broken> {
    let mut town =
        Town::new(scenario).map_err(|law| Broken { law, story: String::new(), events: Vec::new() })?;
    let played = town.play();
    played.map_err(|law| Broken { law, story: town.story.clone(), events: town.script.begun() })
}

type Law<T = ()> = Result<T, String>;

/// What is known of an item since all was quiet last.
#[derive(Default)]
struct Known {
    /// Everybody had it then.
    settled: bool,
    removed: bool,
    /// Who edited it.
    editors: BTreeSet<usize>,
    /// What they last made of what they edited.
    values: Facts,
}

struct Town {
    dice: Dice,
    script: Script,
    kind: Kind,
    /// The server first, then the mailboxes.
    places: Vec<Arc<dyn Place>>,
    computers: Vec<Computer>,
    fuse: Fuse,
    now: Timestamp,
    known: BTreeMap<String, Known>,
    words: u32,
    story: String,
}

const SERVER: usize = 0;

impl Town {
    fn new(scenario: &Several) -> Law<Town> {
        let (seed, script) = (scenario.seed, Script::new(scenario.seed, &scenario.skip));
        let mut dice = script.dice("town");
        let kind = *dice.pick(&[Kind::Event, Kind::Task, Kind::Contact, Kind::Group]).unwrap_or(&Kind::Event);
        let traits = Traits { create_guard: true, delete_guard: true, ..Traits::default() };
        let fuse = Fuse::default();
        let place = |dialect, seed, prefix| -> Arc<dyn Place> {
            Arc::new(MemoryCollection::new(dialect, traits, seed).with_fuse(&fuse).with_prefix(prefix))
        };
        let server: Arc<dyn Place> = match scenario.against {
            Against::Memory => place(Dialect::Server, seed, "/"),
            Against::Dav => Arc::new(DavPlace::new(kind, None, &mut dice, &fuse)?),
        };
        let mut places = vec![server];
        let mailboxes = ["A", "B", "C"].into_iter().take(if dice.once_in(2) { 2 } else { 3 });
        places
            .extend((1..).zip(mailboxes).map(|(number, name)| place(Dialect::Outlook, seed + number, name)));
        let computer = |(number, mailbox): (usize, &Arc<dyn Place>)| {
            let sides = Sides { outlook: mailbox.clone(), server: places[SERVER].clone() };
            let mode = (Direction::TwoWay, Rule::Merge);
            Computer::new(&format!("computer {number}"), kind, mode, &sides, &fuse)
                .map_err(|error| error.to_string())
        };
        let computers = places.iter().enumerate().skip(1).map(computer).collect::<Law<_>>()?;
        Ok(Town {
            dice,
            script,
            kind,
            places,
            computers,
            fuse,
            now: "2026-03-02T08:00:00Z".parse().unwrap_or(Timestamp::UNIX_EPOCH),
            known: BTreeMap::new(),
            words: 0,
            story: String::new(),
        })
    }

    fn play(&mut self) -> Law {
        for place in 0..self.places.len() {
            self.make(place);
            self.make(place);
        }
        self.rest()?;
        for round in 0..5 {
            self.dice = self.script.dice(("round", round));
            let (acts, runs, rests) = (1 + self.dice.roll(4), 1 + self.dice.roll(3), self.dice.once_in(3));
            for _ in 0..acts {
                if self.happens() {
                    self.act();
                }
            }
            for _ in 0..runs {
                if self.happens() {
                    self.troubled_run()?;
                }
            }
            if rests {
                self.rest()?;
            }
        }
        self.rest()
    }

    /// Whether the next event is not left out; then its dice are thrown.
    fn happens(&mut self) -> bool {
        self.script.event().map(|dice| self.dice = dice).is_some()
    }

    fn tell(&mut self, what: &str) {
        self.story.push_str(what);
        self.story.push('\n');
    }

    fn tick(&mut self) {
        self.now = self.now.checked_add(Span::new().minutes(10)).unwrap_or(self.now);
        for place in &self.places {
            let skew = i64::try_from(self.dice.roll(3_600)).unwrap_or(0);
            place.set_now(self.now.checked_add(Span::new().seconds(skew)).unwrap_or(self.now));
        }
    }

    fn word(&mut self) -> String {
        self.words += 1;
        format!("word{}x", self.words)
    }

    fn make(&mut self, place: usize) {
        let name = format!("name{}x", self.known.len() + 1);
        let title = self.word();
        let item = fresh(self.kind, &name, title, &mut self.dice);
        self.places[place].make(&item, "");
        self.tell(&format!("{place}: {name} is made ({})", item.title()));
        self.known.insert(name, Known::default());
    }

    fn look(&self, place: usize) -> BTreeMap<String, (ItemId, Item)> {
        self.places[place].items().into_iter().map(|(id, item)| (name_of(&item), (id, item))).collect()
    }

    fn act(&mut self) {
        let place = usize::try_from(self.dice.roll(self.places.len() as u64)).unwrap_or(SERVER);
        if self.dice.once_in(6) {
            return self.make(place);
        }
        let settled =
            |(name, _): &(String, (ItemId, Item))| self.known.get(name).is_some_and(|it| it.settled);
        let items: Vec<(String, (ItemId, Item))> = self.look(place).into_iter().filter(settled).collect();
        let Some((name, (id, item))) = self.dice.pick(&items).cloned() else { return };
        // One item stays: where nothing is left, nobody knows whether a place still answers.
        if self.dice.once_in(6) && name != "name1x" {
            self.places[place].remove(&id);
            self.tell(&format!("{place}: {name} is removed"));
            if let Some(known) = self.known.get_mut(&name) {
                known.removed = true;
            }
            return;
        }
        let side = if place == SERVER { Side::Server } else { Side::Outlook };
        let (word, mut wanted) = (self.word(), item.clone());
        edit(&mut wanted, side, &word, &mut self.dice);
        self.places[place].edit(&id, &wanted);
        let before = facts(&item);
        let after = self.look(place).get(&name).map(|(_, item)| facts(item)).unwrap_or_default();
        let aspects: BTreeSet<String> = before.keys().chain(after.keys()).cloned().collect();
        let changed: Vec<String> =
            aspects.into_iter().filter(|aspect| before.get(aspect) != after.get(aspect)).collect();
        self.tell(&format!("{place}: {name} is edited: {changed:?} to {after:?}"));
        if let Some(known) = self.known.get_mut(&name).filter(|_| !changed.is_empty()) {
            known.editors.insert(place);
            for aspect in changed {
                let value = after.get(&aspect).cloned().unwrap_or_default();
                known.values.insert(aspect, value);
            }
        }
    }

    /// Somebody's run, in which something may go wrong with the server or with the computer.
    fn troubled_run(&mut self) -> Law {
        self.tick();
        let mut faults = Vec::new();
        for kind in self.places[SERVER].faults() {
            if kind.harms == Harms::Nothing && self.dice.once_in(8) {
                faults.push(Fault {
                    kind,
                    once_in: 2 + self.dice.roll(kind.often),
                    seed: self.dice.roll(1 << 30),
                });
            }
        }
        self.places[SERVER].play(&faults);
        let at = usize::try_from(self.dice.roll(self.computers.len() as u64)).unwrap_or(0);
        if self.dice.once_in(3) {
            self.fuse.crash_after(self.dice.roll(8));
        }
        self.run(at)?;
        self.places[SERVER].play(&[]);
        Ok(())
    }

    /// How many writes it made; `None` where it did not end well.
    fn run(&mut self, at: usize) -> Law<Option<u64>> {
        let Some(computer) = self.computers.get(at).cloned() else { return Ok(None) };
        let ran = computer.run(self.now)?;
        self.fuse.put_out();
        self.tell(&format!("{} ran: {ran:?}", computer.name));
        for place in &self.places {
            for replaced in place.take_replaced() {
                let by = self.computers.iter().find(|computer| computer.name == replaced.by);
                if !by
                    .map(Computer::journaled)
                    .transpose()?
                    .is_some_and(|kept| kept.contains(&replaced.bytes))
                {
                    return Err(format!("{} was destroyed without a trace", replaced.id.0));
                }
            }
        }
        let well = ran.filter(|report| report.outcome == RunOutcome::Finished && report.failed == 0);
        Ok(well.map(|report| report.written.outlook.total() + report.written.server.total()))
    }

    /// Nothing fails any more: what one writes the others take, and then nobody writes.
    fn rest(&mut self) -> Law {
        self.tell("from now on nothing fails");
        for round in 0.. {
            self.tick();
            let mut writes = 0;
            for at in 0..self.computers.len() {
                writes += self.run(at)?.ok_or("a run does not end well, though nothing fails")?;
            }
            if writes == 0 {
                break;
            }
            if round > 5 {
                return Err("they never come to rest".into());
            }
        }
        self.agree()
    }

    fn agree(&mut self) -> Law {
        let held: Vec<_> = (0..self.places.len()).map(|place| self.look(place)).collect();
        for (place, items) in held.iter().enumerate() {
            if items.len() != self.places[place].items().len() {
                return Err(format!("something is there twice at {place}: {:?}", items.keys()));
            }
        }
        for (name, known) in &mut self.known {
            let there: Vec<Option<Facts>> =
                held.iter().map(|items| items.get(name).map(|(_, item)| facts(item))).collect();
            let count = there.iter().flatten().count();
            let must_be = !known.removed;
            let must_not_be = known.removed && known.editors.is_empty();
            if (count != 0 && count != there.len()) || (count == 0 && must_be) || (count > 0 && must_not_be) {
                return Err(format!("{name} is at {count} of {} places", there.len()));
            }
            if let Some(server) = there.first().cloned().flatten() {
                is_the_same(name, &server, &there)?;
                if known.editors.len() == 1 && must_be {
                    stands(name, known, &server)?;
                }
            }
            *known = Known { settled: count > 0, removed: count == 0, ..Known::default() };
        }
        Ok(())
    }
}

fn value<'f>(facts: &'f Facts, aspect: &str) -> &'f str {
    facts.get(aspect).map(String::as_str).unwrap_or_default()
}

/// Every mailbox shows what the server says.
fn is_the_same(name: &str, server: &Facts, there: &[Option<Facts>]) -> Law {
    for (place, mailbox) in there.iter().enumerate().skip(1) {
        let Some(mailbox) = mailbox else { continue };
        for aspect in server.keys().chain(mailbox.keys()) {
            let (here, shows) = (value(server, aspect), value(mailbox, aspect));
            let same =
                shows == shown(Side::Outlook, aspect, here) || here == shown(Side::Server, aspect, shows);
            let no_room = shows.is_empty() && may_be_hidden(Side::Outlook, aspect);
            if !same && !no_room {
                return Err(format!("{name}: {aspect} is {shows:?} at {place}, and {here:?} on the server"));
            }
        }
    }
    Ok(())
}

/// What its only editor wrote is there.
fn stands(name: &str, known: &Known, server: &Facts) -> Law {
    for (aspect, wanted) in &known.values {
        let now = value(server, aspect);
        if now != shown(Side::Server, aspect, wanted) {
            return Err(format!("{name}: {aspect} is {now:?}, and its only editor wrote {wanted:?}"));
        }
    }
    Ok(())
}
