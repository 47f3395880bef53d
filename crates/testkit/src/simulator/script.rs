//! The events of a simulation, numbered, each with dice of its own: any of them can be left out, and the others stay what
//! they were. That is how a long story becomes a short one.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::Dice;

/// What happens, and what is left out of it.
#[derive(Clone, Debug, Default)]
pub(super) struct Script {
    seed: u64,
    skip: BTreeSet<u32>,
    begun: u32,
    asides: u32,
}

/// What happens beside the events is numbered from here: the events, and their dice, stay what they are without it.
pub const ASIDES: u32 = 1 << 16;

impl Script {
    pub(super) fn new(seed: u64, skip: &[u32]) -> Script {
        Script { seed, skip: skip.iter().copied().collect(), begun: 0, asides: 0 }
    }

    /// The next event. `None`: it is left out.
    pub(super) fn event(&mut self) -> Option<Dice> {
        self.begun += 1;
        self.unless_skipped(self.begun - 1)
    }

    /// What happens next beside the events. `None`: it is left out.
    pub(super) fn aside(&mut self) -> Option<Dice> {
        self.asides += 1;
        self.unless_skipped(ASIDES + self.asides - 1)
    }

    fn unless_skipped(&self, number: u32) -> Option<Dice> {
        (!self.skip.contains(&number)).then(|| self.dice(("event", number)))
    }

    /// The numbers of all that there was.
    pub(super) fn begun(&self) -> Vec<u32> {
        (0..self.begun).chain(ASIDES..ASIDES + self.asides).collect()
    }

    /// Dice for what is no event.
    pub(super) fn dice(&self, of: impl Hash) -> Dice {
        let mut hasher = DefaultHasher::new();
        (self.seed, of).hash(&mut hasher);
        Dice::new(hasher.finish())
    }
}
