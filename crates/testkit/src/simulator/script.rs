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
}

impl Script {
    pub(super) fn new(seed: u64, skip: &[u32]) -> Script {
        Script { seed, skip: skip.iter().copied().collect(), begun: 0 }
    }

    /// The next event. `None`: it is left out.
    pub(super) fn event(&mut self) -> Option<Dice> {
        let number = self.begun;
        self.begun += 1;
        (!self.skip.contains(&number)).then(|| self.dice(("event", number)))
    }

    /// How many events there were.
    pub(super) fn begun(&self) -> u32 {
        self.begun
    }

    /// Dice for what is no event.
    pub(super) fn dice(&self, of: impl Hash) -> Dice {
        let mut hasher = DefaultHasher::new();
        (self.seed, of).hash(&mut hasher);
        Dice::new(hasher.finish())
    }
}
