//! Randomness that a seed repeats.

/// A linear congruential generator (Knuth's MMIX constants): plain, and the same everywhere.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// The same seed rolls the same numbers.
    pub fn new(seed: u64) -> Dice {
        let mut dice = Dice(seed ^ 0x9E37_79B9_7F4A_7C15);
        // The first numbers of neighbouring seeds are alike.
        for _ in 0..8 {
            dice.roll(2);
        }
        dice
    }

    /// A number from 0 to `below` - 1; 0 where `below` is 0.
    pub fn roll(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below.max(1)
    }

    /// True once in `times`.
    pub fn once_in(&mut self, times: u64) -> bool {
        self.roll(times) == 0
    }

    /// One of several; `None` of none.
    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        from.get(usize::try_from(self.roll(from.len() as u64)).unwrap_or(0))
    }
}
