//! Seeded cases of deciding and guarding, without storages, files or runs.
//!
//! An item is on both sides, perhaps linked; users change it; the engine decides. What it wants is then taken for done, and
//! looked at: nothing is lost that is not told, nothing is touched that nobody edited, one-way writes one way, and a second
//! decision finds nothing left to do. All choices come from the seed.

use std::collections::{BTreeMap, BTreeSet};

use dovetail_model::{Item, Kind, Zone};
use dovetail_sync::cases::Case;
use dovetail_sync::guard::{Circumstances, guard};
use dovetail_sync::plan::{Action, Change, PlanRow, Step, Terms, decide};
use dovetail_sync::report::HoldReason;
use dovetail_sync::spool::Spooled;
use dovetail_sync::state::{Base, Link, LinkId, LinkState, Verdict as Said};
use dovetail_sync::storage::{ItemId, Snapshot, Traits, Version};
use dovetail_sync::{Collection, Direction, Duplicates, Limits, Pair, Rule, Side, Sides};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::memory::scope_of;
use crate::simulator::edits::{Facts, edit, facts, fresh, may_be_hidden, unit};
use crate::{Dialect, Dice, MemoryCollection};

/// What decides: two storages of which only the dialects matter.
#[derive(Debug)]
pub struct Planner {
    sides: Sides<MemoryCollection>,
}

impl Default for Planner {
    fn default() -> Self {
        let traits = Traits { create_guard: true, delete_guard: true, ..Traits::default() };
        Planner {
            sides: Sides {
                outlook: MemoryCollection::new(Dialect::Outlook, traits, 0),
                server: MemoryCollection::new(Dialect::Server, traits, 0),
            },
        }
    }
}

/// One item and what became of it.
struct Setting {
    kind: Kind,
    rule: Rule,
    direction: Direction,
    link: Option<Link>,
    bases: Sides<Option<Item>>,
    changes: Sides<Change<Snapshot>>,
}

type Law = Result<(), String>;

impl Planner {
    /// Plays a case.
    ///
    /// # Errors
    /// The law that was broken, and the case that broke it.
    pub fn play(&self, seed: u64) -> Law {
        let mut dice = Dice::new(seed);
        let setting = self.setting(&mut dice);
        let checked = self.check(&setting, &mut dice);
        checked.map_err(|law| {
            let Setting { kind, rule, direction, link, changes, .. } = &setting;
            let link = link.as_ref().map(|link| (&link.state, &link.made));
            let said = |side: Side| {
                let base = setting.bases.of(side).as_ref().map(facts);
                format!("{side}: {base:?}\n  became {}", told(changes.of(side)))
            };
            let sides = Side::BOTH.map(said).join("\n");
            format!("{law}\n{kind:?}, {direction:?}, {rule:?}, {link:?}\n{sides}")
        })
    }

    fn setting(&self, dice: &mut Dice) -> Setting {
        let kind = *dice.pick(&[Kind::Event, Kind::Task, Kind::Contact, Kind::Group]).unwrap_or(&Kind::Event);
        let direction = if dice.once_in(2) { Direction::TwoWay } else { one_of(dice, &Direction::ALL) };
        let rule = one_of(dice, &Rule::ALL);
        let mut words = 0;
        let mut item = fresh(kind, "name1x", "A title".into(), dice);
        for _ in 0..dice.roll(4) {
            change(&mut item, Side::Server, &mut words, dice);
        }
        let server = self.sides.server.holds(&item);
        let common = Sides { outlook: self.sides.outlook.holds(&server), server };
        let linked = !dice.once_in(4);
        let missing = if linked && dice.once_in(8) { Some(one_of(dice, &Side::BOTH)) } else { None };
        let bases = common.clone().map(|side, item| (linked && missing != Some(side)).then_some(item));
        let changes = Sides::new(|side| {
            let mut edited = common.of(side).clone();
            for _ in 0..1 + dice.roll(2) {
                change(&mut edited, side, &mut words, dice);
            }
            let edited = self.sides.of(side).holds(&edited);
            let seen = |item: &Item, dice: &mut Dice| self.snapshot(side, item, "2", dice);
            match bases.of(side) {
                Some(base) => match dice.roll(8) {
                    0 | 1 => Change::Unchanged,
                    2 => Change::Restated(seen(base, dice)),
                    3 | 4 => Change::Deleted,
                    _ => Change::Edited(seen(&edited, dice)),
                },
                None if dice.once_in(3) => Change::Never,
                None => Change::Edited(seen(&edited, dice)),
            }
        });
        let link = linked.then(|| self.link(&bases, direction, dice));
        Setting { kind, rule, direction, link, bases, changes }
    }

    fn snapshot(&self, side: Side, item: &Item, version: &str, dice: &mut Dice) -> Snapshot {
        let minutes = i64::try_from(dice.roll(4)).unwrap_or(0);
        let modified = Timestamp::UNIX_EPOCH.checked_add(SignedDuration::from_mins(minutes)).ok();
        Snapshot {
            id: ItemId(format!("on {side}")),
            version: Version(version.into()),
            modified: modified.filter(|_| !dice.once_in(4)),
            item: item.clone(),
            original: MemoryCollection::original_of(item, &format!("only {side} knows")),
            warnings: Vec::new(),
        }
    }

    fn link(&self, bases: &Sides<Option<Item>>, direction: Direction, dice: &mut Dice) -> Link {
        let stored = bases
            .as_ref()
            .map(|side, item| item.as_ref().map(|item| Base::from(&self.snapshot(side, item, "1", dice))));
        let uids = bases.as_ref().map(|_, item| item.as_ref().and_then(Item::uid));
        let mut link = Link::new(LinkId(1), stored, uids, None);
        link.made =
            [None, Some(Side::Outlook), Some(Side::Server)][usize::try_from(dice.roll(3)).unwrap_or(0)];
        let whole = bases.outlook.is_some() && bases.server.is_some();
        link.state = match direction.merges_to() {
            Some(target) if !whole && bases.of(target).is_some() => LinkState::Own,
            Some(_) if whole && dice.once_in(3) => LinkState::Own,
            _ if whole => LinkState::Joined,
            _ => LinkState::Apart { run: "an undone run".into() },
        };
        link
    }

    fn terms(&self, setting: &Setting) -> Terms<'_> {
        let pair = Pair {
            id: "pair".into(),
            storages: Sides { outlook: &self.sides.outlook as &dyn Collection, server: &self.sides.server },
            scope: scope_of(setting.kind),
            rule: setting.rule,
            direction: setting.direction,
            chunk: 1,
            home: Zone::named("Europe/Berlin"),
            limits: Limits::default(),
            server_may_schedule: true,
            duplicates: Duplicates::Keep,
        };
        Terms::of(&pair, Uuid::nil())
    }

    fn check(&self, setting: &Setting, dice: &mut Dice) -> Law {
        let decided = |link: Option<&Link>, changes: &Sides<Change<Snapshot>>, terms: &Terms<'_>| {
            decide(link, changes, terms).map_err(|error| format!("it failed: {error}"))
        };
        let terms = self.terms(setting);
        let action = decided(setting.link.as_ref(), &setting.changes, &terms)?;
        let again = decided(setting.link.as_ref(), &setting.changes, &terms)?;
        if (&action.steps, &action.clashes, action.kept) != (&again.steps, &again.clashes, again.kept) {
            return Err("the same case is decided in two ways".into());
        }
        let case = Case {
            link: None,
            kind: None,
            changes: setting.changes.as_ref().map(|_, change| spooled(change)),
            hold: None,
            copy: false,
        };
        let row = PlanRow::new(case, setting.link.as_ref(), &action, terms.storages);
        steps_fit(setting, &action)?;
        let after = Sides::new(|side| self.after(&action, side));
        losses_are_told(setting, &action, &row, &after)?;
        what_nobody_edited_stays(setting, &action, &after)?;
        the_winner_is_left_alone(setting, &action)?;
        self.settles(setting, &action, &after, &terms)?;
        guarded(&row, dice)
    }

    /// What a side holds once the action is done.
    fn after(&self, action: &Action, side: Side) -> Option<Item> {
        match action.steps.of(side) {
            Step::Leave => action.current.of(side).as_ref().map(|snapshot| snapshot.item.clone()),
            Step::Write(draft) => Some(self.sides.of(side).holds(&draft.item)),
            Step::Delete => None,
        }
    }

    /// Once done, nothing is left to do; and two sides that are kept in step are in step.
    fn settles(
        &self,
        setting: &Setting,
        action: &Action,
        after: &Sides<Option<Item>>,
        terms: &Terms<'_>,
    ) -> Law {
        if after.outlook.is_none() && after.server.is_none() {
            return Ok(());
        }
        let mut dice = Dice::new(0);
        let now = after
            .as_ref()
            .map(|side, item| item.as_ref().map(|item| self.snapshot(side, item, "3", &mut dice)));
        let bases = now.as_ref().map(|_, snapshot| snapshot.as_ref().map(Base::from));
        let uids = after.as_ref().map(|_, item| item.as_ref().and_then(Item::uid));
        let mut link = Link::new(LinkId(1), bases, uids, None);
        let before = setting.link.as_ref();
        link.made = before.and_then(|link| link.made);
        link.state = before.map_or(LinkState::Joined, |link| link.state.clone());
        for restated in [false, true] {
            let seen = now.as_ref().map(|_, snapshot| match snapshot {
                None => Change::Never,
                Some(snapshot) if restated => Change::Restated(snapshot.clone()),
                Some(_) => Change::Unchanged,
            });
            let next = decide(Some(&link), &seen, terms).map_err(|error| error.to_string())?;
            if next.steps != (Sides { outlook: Step::Leave, server: Step::Leave }) {
                return Err(format!("{:?} is followed by {:?}", action.verdict, next.steps));
            }
        }
        let joined = before.is_none_or(|link| link.state == LinkState::Joined);
        let (Some(outlook), Some(server)) = (now.outlook, now.server) else { return Ok(()) };
        if joined && setting.direction.merges_to().is_none() {
            let new = Sides { outlook: Change::Edited(outlook), server: Change::Edited(server) };
            let mut two_way = *terms;
            (two_way.direction, two_way.rule) = (Direction::TwoWay, Rule::Merge);
            let rest = decide(None, &new, &two_way).map_err(|error| error.to_string())?;
            if rest.steps != (Sides { outlook: Step::Leave, server: Step::Leave }) {
                let left = after.as_ref().map(|_, item| item.as_ref().map(facts));
                return Err(format!("{:?} leaves the sides apart: {left:?}", action.verdict));
            }
        }
        Ok(())
    }
}

fn one_of<T: Copy>(dice: &mut Dice, of: &[T]) -> T {
    let at = usize::try_from(dice.roll(of.len() as u64)).unwrap_or(0);
    of[at % of.len()]
}

fn change(item: &mut Item, side: Side, words: &mut u32, dice: &mut Dice) {
    *words += 1;
    edit(item, side, &format!("word{words}x"), dice);
}

fn spooled(change: &Change<Snapshot>) -> Change<Spooled> {
    let kept: Result<_, ()> = change.try_map(|_| Ok(Spooled::default()));
    kept.unwrap_or(Change::Never)
}

fn told(change: &Change<Snapshot>) -> String {
    match change {
        Change::Edited(snapshot) => format!("edited: {:?}", facts(&snapshot.item)),
        Change::Restated(_) => "restated".into(),
        Change::Never => "never".into(),
        Change::Unchanged => "unchanged".into(),
        Change::Deleted => "deleted".into(),
    }
}

/// What is written names what is there; what stands still is left alone; one-way goes one way.
fn steps_fit(setting: &Setting, action: &Action) -> Law {
    let stands =
        |change: &Change<Snapshot>| matches!(change, Change::Never | Change::Unchanged | Change::Restated(_));
    let still = Side::BOTH.iter().all(|side| stands(setting.changes.of(*side)));
    for side in Side::BOTH {
        let current = action.current.of(side);
        match action.steps.of(side) {
            Step::Leave => continue,
            Step::Delete if current.is_none() => return Err(format!("nothing is removed on {side}")),
            Step::Write(draft)
                if current.is_some() && draft.from.as_ref() != current.as_ref().map(|it| &it.original) =>
            {
                return Err(format!("what is on {side} is not what is patched"));
            }
            _ => {}
        }
        if still {
            return Err(format!("nobody did anything, and yet {:?}", action.verdict));
        }
        if setting.direction.target().is_some_and(|target| target != side) {
            return Err(format!("{side} is written to"));
        }
    }
    Ok(())
}

/// What a user edited and is no more, on the side of that user, is told of, and so in the journal.
fn losses_are_told(setting: &Setting, action: &Action, row: &PlanRow, after: &Sides<Option<Item>>) -> Law {
    if setting.bases.outlook.is_none() || setting.bases.server.is_none() {
        // What comes back to one side is merged as at a first sync: what only one of them says stands.
        return Ok(());
    }
    for side in Side::BOTH {
        let (Some(base), Change::Edited(edited)) = (setting.bases.of(side), setting.changes.of(side)) else {
            continue;
        };
        let (was, is) = (facts(base), facts(&edited.item));
        let left = after.of(side).as_ref().map(facts).unwrap_or_default();
        // Where there is no room for it on this side, the other has it.
        let across = after.of(side.other()).as_ref().map(facts).unwrap_or_default();
        let gone =
            |aspect: &String| is.get(aspect) != left.get(aspect) && is.get(aspect) != across.get(aspect);
        let lost = differing(&was, &is).into_iter().find(gone);
        if let Some(lost) = lost.filter(|_| !*row.loses.of(side)) {
            return Err(format!("{:?} loses {lost} of {side} and does not tell: {left:?}", action.verdict));
        }
        if setting.direction.merges_to() == Some(side) {
            let own = differing(&was, &is);
            let touched = differing(&is, &left).into_iter().find(|aspect| own.contains(aspect));
            if let Some(touched) = touched {
                return Err(format!("{side} keeps its own, and {touched} was touched: {left:?}"));
            }
        }
    }
    Ok(())
}

fn differing(one: &Facts, other: &Facts) -> BTreeSet<String> {
    let aspects = one.keys().chain(other.keys());
    aspects.filter(|aspect| one.get(*aspect) != other.get(*aspect)).cloned().collect()
}

/// Whether something of the same clash unit differs; a list counts as one.
fn differs_in_unit(one: &Facts, other: &Facts, aspect: &str) -> bool {
    let list = |aspect: &str| aspect.split(':').next().unwrap_or_default().to_owned();
    differing(one, other).iter().any(|it| unit(it) == unit(aspect) || list(it) == list(aspect))
}

fn what_nobody_edited_stays(setting: &Setting, action: &Action, after: &Sides<Option<Item>>) -> Law {
    let (Some(outlook), Some(server)) = (&setting.bases.outlook, &setting.bases.server) else {
        return Ok(());
    };
    let bases = Sides { outlook: facts(outlook), server: facts(server) };
    let current = action.current.as_ref().map(|_, it| it.as_ref().map(|it| facts(&it.item)));
    for side in Side::BOTH {
        let (Some(now), Some(left)) = (current.of(side), after.of(side).as_ref().map(facts)) else {
            continue;
        };
        for aspect in differing(now, &left) {
            let edited = Side::BOTH.into_iter().any(|side| {
                let now = current.of(side).as_ref();
                now.is_some_and(|now| differs_in_unit(bases.of(side), now, &aspect))
            });
            if !edited && !may_be_hidden(side, &aspect) {
                return Err(format!("{:?} touches {aspect} of {side}: {left:?}", action.verdict));
            }
        }
    }
    Ok(())
}

/// Where a rule names the winner, its item is not written to.
fn the_winner_is_left_alone(setting: &Setting, action: &Action) -> Law {
    let winner = match (setting.direction, setting.rule) {
        (Direction::TwoWay, Rule::OutlookWins) => Side::Outlook,
        (Direction::TwoWay, Rule::ServerWins) => Side::Server,
        _ => return Ok(()),
    };
    let both = Side::BOTH.iter().all(|side| {
        setting.bases.of(*side).is_some() && matches!(setting.changes.of(*side), Change::Edited(_))
    });
    let Some(Step::Write(draft)) = both.then(|| action.steps.of(winner)) else { return Ok(()) };
    // What the loser had to yield may make room for what it holds beyond.
    let current = action.current.of(winner).as_ref().map(|it| facts(&it.item)).unwrap_or_default();
    let touched = differing(&current, &facts(&draft.item));
    let base = setting.bases.of(winner).as_ref().map(facts).unwrap_or_default();
    match touched.iter().find(|aspect| current.get(*aspect) != base.get(*aspect)) {
        Some(aspect) => Err(format!("{winner} wins, and its {aspect} was touched")),
        None => Ok(()),
    }
}

/// Among many steps like this one: what waits and what does not is as the limits have it.
fn guarded(row: &PlanRow, dice: &mut Dice) -> Law {
    let linked = dice.roll(60);
    let mut rows: Vec<PlanRow> = (0..dice.roll(24))
        .map(|number| PlanRow {
            subject: format!("{number}"),
            loses: Sides::new(|_| dice.once_in(2)),
            mails: Sides::new(|_| dice.once_in(20)),
            hold: dice.once_in(20).then_some(HoldReason::Unproven),
            ..row.clone()
        })
        .collect();
    let subject = |dice: &mut Dice| dice.roll(24).to_string();
    let mut verdicts = BTreeMap::new();
    for _ in 0..dice.roll(6) {
        let said = one_of(dice, &[Said::Waiting, Said::Approved, Said::Rejected]);
        verdicts.insert(subject(dice), said);
    }
    let limits = Limits { items: dice.roll(12), per_cent: dice.roll(50), at_most: dice.roll(30) };
    let circumstances = Circumstances {
        limits,
        linked: Sides { outlook: linked, server: dice.roll(60) },
        destroyed: Sides { outlook: dice.roll(8), server: dice.roll(8) },
        verdicts: verdicts.clone(),
        ..Circumstances::default()
    };
    let before = rows.clone();
    guard(&mut rows, &circumstances);
    for (row, before) in rows.iter().zip(&before) {
        match verdicts.get(&row.subject) {
            Some(Said::Approved) if row.hold.is_some() || !row.approved => {
                return Err("what was approved waits".into());
            }
            Some(Said::Rejected) if row.hold.is_some() || !row.rejected => {
                return Err("what was rejected waits".into());
            }
            Some(Said::Approved | Said::Rejected) => {}
            _ if before.hold.is_some() && row.hold.is_none() => return Err("a hold was lifted".into()),
            _ => {}
        }
    }
    stays_within(&rows, &circumstances)
}

/// What goes on and destroys is within the limits.
fn stays_within(rows: &[PlanRow], circumstances: &Circumstances) -> Law {
    let limits = circumstances.limits;
    for side in Side::BOTH {
        let goes =
            |row: &&PlanRow| row.hold.is_none() && !row.approved && !row.rejected && *row.loses.of(side);
        let planned = rows.iter().filter(goes).count() as u64;
        let all = planned + circumstances.destroyed.of(side);
        let beyond = all > limits.at_most
            || (all > limits.items && all * 100 > circumstances.linked.of(side) * limits.per_cent);
        if planned > 0 && beyond {
            return Err(format!("{planned} go on {side} beyond {limits:?}"));
        }
    }
    Ok(())
}
