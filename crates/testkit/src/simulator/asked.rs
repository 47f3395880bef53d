//! What a person asks for beside full runs: a run over a few items, taking back, putting back, choosing otherwise of a clash,
//! and saying what is to become of what waits.
//!
//! All but the first come last: what an item has to say afterwards follows from what was asked, not from what users edited.

use std::collections::{BTreeMap, BTreeSet};

use dovetail_model::carry::{Change, Field, Ground, edit, take};
use dovetail_sync::report::{LineEvent, SkipReason};
use dovetail_sync::state::Verdict;
use dovetail_sync::storage::ItemId;
use dovetail_sync::{Direction, Report, Side, Sides};

use super::computer::{Computer, Guard, Profile};
use super::edits::{self, Facts};
use super::one_way::differing;
use super::{Law, World, left_doubts, names_of};
use crate::Dialect;

impl World {
    /// Somebody asks for something when all is quiet.
    pub(super) fn ask(&mut self) -> Law {
        let [computer] = self.computers.as_slice() else {
            // Another computer knows nothing of what was asked of this one, and carries what it always did.
            return Ok(());
        };
        let computer = computer.clone();
        let dice = self.users().script.dice("undo");
        self.dice = dice;
        if self.dice.once_in(3) {
            return self.undo_stays_undone(&computer);
        }
        let aside = self.users().script.aside();
        let Some(dice) = aside.filter(|_| self.direction == Direction::TwoWay) else { return Ok(()) };
        self.dice = dice;
        match self.dice.roll(4) {
            0 => self.what_waits_is_done_as_said(&computer, Verdict::Approved),
            1 => self.what_waits_is_done_as_said(&computer, Verdict::Rejected),
            2 => self.a_version_comes_back(&computer),
            _ => self.a_clash_is_taken(&computer),
        }
    }

    /// A run over a few items, as when Outlook has saved one: all others stay as they are, whatever goes wrong.
    pub(super) fn partial_run(&mut self) -> Law {
        let Some(dice) = self.users().script.aside() else { return Ok(()) };
        self.dice = dice;
        // Two computers of which one knows the server only with what a user added to a copy take that back from each other.
        let may_fight = self.direction != Direction::TwoWay && self.computers.len() > 1;
        if may_fight || !self.dice.once_in(4) {
            return Ok(());
        }
        for side in Side::BOTH {
            let faults = self.faults(side);
            self.play_faults(side, &faults);
        }
        if self.dice.once_in(4) {
            self.fuse.crash_after(self.dice.roll(12));
        }
        let mut named: BTreeMap<String, ItemId> = BTreeMap::new();
        for _ in 0..1 + self.dice.roll(3) {
            let side = *self.dice.pick(&Side::BOTH).unwrap_or(&Side::Outlook);
            let items: Vec<_> = self.users().look(side).into_iter().collect();
            named.extend(self.dice.pick(&items).map(|(name, (id, _))| (name.clone(), id.clone())));
        }
        let ids: Vec<ItemId> = named.values().cloned().collect();
        let at = usize::try_from(self.dice.roll(self.computers.len() as u64)).unwrap_or(0);
        let names: Vec<&String> = named.keys().collect();
        self.users().tell(&format!("only {names:?}:"));
        let before = self.contents();
        self.run_so(at, |computer, now| computer.run_over(&ids, now))?;
        self.users().told_the_truth();
        let after = self.contents();
        for side in Side::BOTH {
            let others = |items: &[(String, Facts)]| {
                let items = items.iter().filter(|(name, _)| !named.contains_key(name));
                items.cloned().collect::<Vec<_>>()
            };
            if others(before.of(side)) != others(after.of(side)) {
                return Err(format!("more than {names:?} changed on {side}: {before:?}, {after:?}"));
            }
        }
        Ok(())
    }

    /// A run is taken back: both sides are as they were before it, and no later run brings it again.
    fn undo_stays_undone(&mut self, computer: &Computer) -> Law {
        self.tick();
        self.users().tell("what the next run does will be undone:");
        for _ in 0..1 + self.dice.roll(3) {
            let side = self.users().some_side();
            self.users().edit(side);
        }
        let side = self.users().some_side();
        self.users().make(side);
        let before = self.contents();
        let report = self.undisturbed(0)?;
        if left_doubts(&Some(report.clone())) {
            // It did not do all of it: versions that it remembered were false.
            return Ok(());
        }
        let Sides { outlook, server } = self.contents().map(|_, items| names_of(&items));
        if outlook != server {
            // What is new was not told yet, and comes with a later run: of that, nothing is undone here.
            return Ok(());
        }
        self.tick();
        let now = self.now;
        self.users().tell("that is undone:");
        self.run_so(0, |_, _| computer.undo(&report.run, now))?;
        if self.contents() != before {
            return Err(format!("undone, {:?} is not as before: {before:?}", self.contents()));
        }
        self.lasts(&before)?;
        // What waited for a person does so again.
        if report.held > 0 { Ok(()) } else { self.quiet() }
    }

    /// Two runs change nothing, and nothing waits.
    fn stays(&mut self, before: &Sides<Vec<(String, Facts)>>) -> Law {
        self.lasts(before)?;
        self.quiet()
    }

    fn lasts(&mut self, before: &Sides<Vec<(String, Facts)>>) -> Law {
        for _ in 0..2 {
            self.tick();
            let report = self.undisturbed(0)?;
            if self.contents() != *before {
                return Err(format!("what was asked for did not last: {:?}", report.written));
            }
        }
        Ok(())
    }

    /// What was removed waits where nothing may be destroyed. Approved, it goes on both sides; rejected, it stays on the other.
    fn what_waits_is_done_as_said(&mut self, computer: &Computer, verdict: Verdict) -> Law {
        self.tick();
        computer.set_profile(Profile { guard: Guard::Strict, ..Profile::default() });
        self.users().tell("from now on nothing may be destroyed without a person");
        let before = self.contents().map(|_, items| names_of(&items));
        let side = self.users().some_side();
        self.users().remove(side);
        let removed: Vec<String> = {
            let left = names_of(self.contents().of(side));
            before.of(side).iter().filter(|name| !left.contains(name)).cloned().collect()
        };
        let report = self.undisturbed(0)?;
        let held = names_of(self.contents().of(side.other()));
        if report.held != removed.len() as u64 || held != *before.of(side.other()) {
            return Err(format!("{removed:?} should wait: {} do, {held:?} are there", report.held));
        }
        self.users().tell(&format!("what waits is {verdict:?}"));
        computer.decide_all(verdict, self.now)?;
        self.undisturbed(0)?;
        computer.set_profile(Profile::default());
        let after = self.contents();
        let there = names_of(after.of(side.other()));
        let lacks = removed.iter().all(|name| !there.contains(name));
        let as_said = match verdict {
            Verdict::Approved => lacks,
            _ => {
                there == *before.of(side.other())
                    && names_of(after.of(side)).len() + removed.len() == there.len()
            }
        };
        if !as_said {
            return Err(format!("{removed:?} was {verdict:?} on {side}, and then there was {after:?}"));
        }
        self.stays(&after)
    }

    /// A version of the journal is put back: its side says what it said, the other one what it can hold of that.
    fn a_version_comes_back(&mut self, computer: &Computer) -> Law {
        self.tick();
        let versions = computer.versions(self.now)?;
        let Some(version) = self.dice.pick(&versions).cloned() else { return Ok(()) };
        let (side, facts) = (version.side, edits::facts(&version.item));
        let name = edits::name_of(&version.item);
        let was_there = Side::BOTH.into_iter().any(|side| self.users().look(side).contains_key(&name));
        self.users().tell(&format!("{name} shall be as it was on {side}: {facts:?}"));
        let server_before = self.contents().server.into_iter().find(|(other, _)| *other == name);
        let server_before = server_before.map(|(_, facts)| facts).unwrap_or_default();
        let report = self.run_so(0, |_, now| computer.restore(&version, now))?;
        if !is_done(report.as_ref())? {
            return Ok(());
        }
        let held = self.contents();
        let of = |side: Side| held.of(side).iter().find(|(other, _)| *other == name).map(|(_, facts)| facts);
        // Outlook has room for so many: where one goes, the next one that the server has is shown.
        let is_shown_now = |aspect: &String| {
            let has_room =
                side == Side::Outlook && ["email:", "alarm:"].iter().any(|list| aspect.starts_with(list));
            has_room && !facts.contains_key(aspect) && server_before.contains_key(aspect)
        };
        // What comes back on both sides says also what the other side said then.
        let is_back = |here: &Facts| match was_there {
            true => here.iter().filter(|(aspect, _)| !is_shown_now(aspect)).eq(&facts),
            false => facts.iter().all(|(aspect, value)| {
                // No priority is nothing that a version says.
                let is_silent = aspect == "priority" && value == "0";
                is_silent || here.get(aspect) == Some(value)
            }),
        };
        match (of(side), of(side.other())) {
            (Some(here), Some(there)) if is_back(here) => {
                if let Some(aspect) = differing(side.other(), here, there) {
                    return Err(format!("{name}: {aspect} came back on {side} alone: {here:?}, {there:?}"));
                }
            }
            (here, there) => {
                return Err(format!("{name} did not come back to {side} as {facts:?}: {here:?}, {there:?}"));
            }
        }
        self.stays(&held)
    }

    /// Of a clash that was decided the other edit is taken: what clashed is as that side had it.
    fn a_clash_is_taken(&mut self, computer: &Computer) -> Law {
        self.tick();
        let clashes = computer.clashes()?;
        let Some(clash) = self.dice.pick(&clashes).cloned() else { return Ok(()) };
        let side = *self.dice.pick(&Side::BOTH).unwrap_or(&Side::Outlook);
        let fought = clash.sides.of(side).as_ref().and_then(|fought| fought.stored.clone());
        let Some(stored) = fought else { return Ok(()) };
        let Some(then) = computer.read(side, &stored.original, self.now)? else { return Ok(()) };
        let name = edits::name_of(&then);
        self.users().tell(&format!("of {name}, {:?} shall be as {side} had it", clash.clashes));
        let report = self.run_so(0, |_, now| computer.take(&clash, side, now))?;
        if !is_done(report.as_ref())? {
            return Ok(());
        }
        let item = self.users().look(side).remove(&name).map(|(_, item)| item);
        let Some(item) = item else { return Err(format!("{name} is not on {side}")) };
        let fields: BTreeSet<_> =
            clash.clashes.iter().flat_map(|clash| clash.fields.iter().copied()).collect();
        // What Outlook has once for a series is meanwhile as it is now, in its occurrences as well.
        let since: BTreeSet<Field> = Field::ALL.into_iter().filter(|field| !fields.contains(field)).collect();
        let then = match side {
            Side::Outlook => Dialect::Outlook.holds(&take(&since, &item, &then)),
            Side::Server => then,
        };
        let differ = edit(&Ground::from(then), &item).fields;
        // Outlook has room for so many: where one goes, the next one that the server has is shown.
        let is_as_it_was = |field: Field, changes: &[Change]| {
            let has_room = side == Side::Outlook && matches!(field, Field::Emails | Field::Alarms);
            changes.iter().all(|change| has_room && change.before.is_empty())
        };
        let mut clashed = differ.iter().filter(|(field, _)| fields.contains(field));
        if let Some((field, _)) = clashed.find(|(field, changes)| !is_as_it_was(**field, changes)) {
            return Err(format!("{name}: {field:?} is not as {side} had it: {item:?}"));
        }
        let held = self.contents();
        self.stays(&held)
    }
}

/// Whether all of it was done, or was so already: what became another thing meanwhile is left as it is. Nothing fails here.
fn is_done(report: Option<&Report>) -> Result<bool, String> {
    let report = report.ok_or("what was asked for was not even tried")?;
    let skipped = |event: &LineEvent| matches!(event, LineEvent::Skipped { why } if *why != SkipReason::Same);
    match report.lines.iter().find(|line| matches!(line.event, LineEvent::Failed { .. })) {
        Some(line) => Err(format!("what was asked for failed: {line:?}")),
        None => Ok(!report.lines.iter().any(|line| skipped(&line.event))),
    }
}
