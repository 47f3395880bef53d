//! How much goes without a person: no more than the guard allows on a side within a day, whatever goes wrong.
//!
//! Here it does not matter what an item should say at the end, so that lies may come at any time.

use std::collections::BTreeSet;
use std::panic::AssertUnwindSafe;

use dovetail_sync::storage::ItemId;
use dovetail_sync::{Side, Sides};

use super::computer::{Guard, Profile};
use super::place::Fault;
use super::{Broken, Law, Played, Scenario, World};

/// Plays a scenario in which users remove much, the state is lost at times, and the one fault that it names goes wrong all the
/// time.
///
/// # Errors
/// Where more was destroyed than the guard allows.
pub fn destroys_little(scenario: &Scenario) -> Result<Played, Broken> {
    let mut world =
        World::new(scenario).map_err(|law| Broken { law, story: String::new(), events: Vec::new() })?;
    let played = std::panic::catch_unwind(AssertUnwindSafe(|| world.play_bounded(scenario)));
    let law = match played {
        Ok(Ok(())) => return Ok(Played { died: false, faults: world.sides.server.happened() }),
        Ok(Err(law)) => law,
        Err(panic) => format!("it panicked: {:?}", panic.downcast_ref::<String>()),
    };
    let users = world.users();
    Err(Broken { law, story: users.story.clone(), events: users.script.begun() })
}

impl World {
    fn play_bounded(&mut self, scenario: &Scenario) -> Law {
        self.begin();
        for _ in 0..8 {
            self.users().make_on_both();
        }
        self.undisturbed(0)?;
        let Some(computer) = self.computers.first().cloned() else { return Ok(()) };
        computer.set_profile(Profile { guard: Guard::Three, ..Profile::default() });
        self.users().tell("from now on three may be destroyed without a person");
        let mut destroyed = Sides { outlook: 0, server: 0 };
        for round in 0..scenario.rounds {
            let dice = self.users().script.dice(("bounded", round));
            self.dice = dice;
            self.tick();
            for _ in 0..self.dice.roll(5) {
                let side = self.users().some_side();
                self.users().remove(side);
                self.users().act();
            }
            if self.dice.once_in(5) {
                self.users().tell("the state is lost");
                computer.lose_state();
            }
            self.plays_only(scenario.only)?;
            let before = self.ids();
            self.run_one(0)?;
            let after = self.ids();
            for side in Side::BOTH {
                *destroyed.of_mut(side) += before.of(side).difference(after.of(side)).count();
                if *destroyed.of(side) > 3 {
                    return Err(format!("{} are gone on {side}, and nobody was asked", destroyed.of(side)));
                }
            }
        }
        Ok(())
    }

    fn plays_only(&mut self, name: Option<&str>) -> Law {
        let Some(name) = name else { return Ok(()) };
        let kind = self.sides.server.faults().iter().find(|kind| kind.name == name);
        let kind = kind.ok_or_else(|| format!("the server knows no {name}"))?;
        let fault = Fault { kind, once_in: 1 + self.dice.roll(3), seed: self.dice.roll(1 << 30) };
        self.play_faults(Side::Server, &[fault]);
        Ok(())
    }

    /// What is there.
    fn ids(&self) -> Sides<BTreeSet<ItemId>> {
        Sides::new(|side| self.sides.of(side).originals().into_iter().map(|(id, _)| id).collect())
    }
}
