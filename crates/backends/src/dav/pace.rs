//! How many writes are in flight at once: more for as long as that pays, fewer where the server asks for less.

use std::time::Duration;

/// How many may be in flight. QUIRK(backlog: sogo): a site that has not been tuned answers one and lets five wait. Where eight come,
/// some find no place and try again after a second: to find that out takes longer than more than six have ever gained.
const STEPS: [usize; 4] = [1, 2, 4, 6];

const MOST: usize = STEPS[STEPS.len() - 1];

/// The next step must bring this much more to be worth it.
const GAIN: f64 = 1.1;

/// Writes that a number is measured by, for each that is in flight: enough to tell, few enough to find out soon.
const ROUND: usize = 4;

/// Fewer writes than this tell nothing.
const FEWEST: usize = 8;

/// So often it is looked how it goes where there is nothing to be found out: seldom enough not to matter.
const SETTLED: usize = 500;

/// How a round of writes went.
#[derive(Clone, Copy, Debug)]
pub(super) struct Round {
    /// Writes answered.
    pub(super) answered: usize,
    /// How long they took altogether.
    pub(super) took: Duration,
    /// Whether the server asked for less.
    pub(super) busy: bool,
}

/// The number of writes in flight, and what is known about others.
#[derive(Clone, Debug)]
pub(super) struct Pace {
    at_once: usize,
    ceiling: usize,
    /// Writes a second when so many were in flight, last time; by number.
    rates: [Option<f64>; MOST + 1],
    /// Nothing else is to be tried now.
    is_settled: bool,
}

impl Default for Pace {
    /// One at a time: a few writes gain nothing from more, and QUIRK(locks: xandikos) a serial server may answer 423 to what comes
    /// while it is writing.
    fn default() -> Self {
        Pace { at_once: 1, ceiling: MOST, rates: [None; MOST + 1], is_settled: false }
    }
}

impl Pace {
    /// How many to have in flight now.
    pub(super) fn at_once(&self) -> usize {
        self.at_once
    }

    /// How many writes to send before it is looked how that went. Between two rounds the server has nothing to do, so that there
    /// are none where there is nothing to be found out.
    pub(super) fn round(&self) -> usize {
        if self.is_settled { SETTLED } else { (ROUND * self.at_once).max(FEWEST) }
    }

    /// Learns from a round.
    pub(super) fn learn(&mut self, round: Round) {
        let now = self.at_once;
        if round.busy {
            self.at_once = fewer(now).unwrap_or(now);
            self.ceiling = self.at_once;
            self.is_settled = false;
            return;
        }
        if round.answered < 2 * now {
            // Too few to tell.
            return;
        }
        let rate = round.answered as f64 / round.took.as_secs_f64().max(1e-6);
        if let Some(known) = self.rates.get_mut(now) {
            *known = Some(rate);
        }
        self.at_once = self.next(rate);
        self.is_settled = self.at_once == now;
    }

    fn next(&self, rate: f64) -> usize {
        let now = self.at_once;
        let rate_of = |number: usize| self.rates.get(number).copied().flatten();
        let more = more(now).filter(|more| *more <= self.ceiling);
        let is_worth_it = |more: &usize| rate_of(*more).is_none_or(|more| more >= GAIN * rate);
        match (fewer(now), more.filter(is_worth_it)) {
            (Some(fewer), _) if rate_of(fewer).is_some_and(|fewer| rate < GAIN * fewer) => fewer,
            (_, Some(more)) => more,
            (Some(fewer), None) if rate_of(fewer).is_none() => fewer,
            _ => now,
        }
    }
}

fn fewer(than: usize) -> Option<usize> {
    STEPS.into_iter().rev().find(|step| *step < than)
}

fn more(than: usize) -> Option<usize> {
    STEPS.into_iter().find(|step| *step > than)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Pace, Round};

    /// Runs rounds against a server that answers `rate(n)` writes a second with n in flight.
    fn settle(rate: impl Fn(usize) -> f64) -> usize {
        let mut pace = Pace::default();
        for _ in 0..40 {
            let answered = 4 * pace.at_once();
            let took = Duration::from_secs_f64(answered as f64 / rate(pace.at_once()));
            pace.learn(Round { answered, took, busy: false });
        }
        pace.at_once()
    }

    #[test]
    fn a_serial_server_gets_one_write_at_a_time() {
        assert_eq!(settle(|n| 20.0 - n as f64), 1);
        assert_eq!(settle(|_| 20.0), 1);
    }

    #[test]
    fn a_parallel_server_gets_as_many_as_help() {
        assert_eq!(settle(|n| 50.0 * n as f64), 6);
        assert_eq!(settle(|n| 50.0 * n.min(4) as f64), 4);
    }

    #[test]
    fn a_server_that_asks_for_less_gets_fewer_and_no_more_again() {
        let mut pace = Pace::default();
        for _ in 0..40 {
            pace.learn(Round {
                answered: 4 * pace.at_once(),
                took: Duration::from_secs_f64(1.0 / pace.at_once() as f64),
                busy: false,
            });
        }
        assert_eq!(pace.at_once(), 6);
        pace.learn(Round { answered: 3, took: Duration::from_secs(1), busy: true });
        assert_eq!(pace.at_once(), 4);
        for _ in 0..10 {
            pace.learn(Round {
                answered: 16,
                took: Duration::from_secs_f64(4.0 / pace.at_once() as f64),
                busy: false,
            });
        }
        assert!(pace.at_once() <= 4);
    }

    #[test]
    fn the_pace_is_found_within_a_hundred_writes_and_then_nothing_waits() {
        for (bears, found) in [(1, 1), (2, 2), (4, 4), (6, 6), (100, 6)] {
            let (mut pace, mut sent) = (Pace::default(), 0);
            while !pace.is_settled {
                let answered = pace.round();
                sent += answered;
                let rate = 50.0 * pace.at_once().min(bears) as f64;
                let took = Duration::from_secs_f64(answered as f64 / rate);
                pace.learn(Round { answered, took, busy: false });
            }
            assert!(sent <= 100, "{bears}: {sent} writes");
            assert_eq!(pace.at_once(), found, "{bears}");
        }
    }

    #[test]
    fn a_server_that_becomes_slower_is_tried_again() {
        let mut pace = Pace::default();
        let mut run = |rate: &dyn Fn(usize) -> f64| {
            for _ in 0..20 {
                let answered = pace.round().min(100);
                let took = Duration::from_secs_f64(answered as f64 / rate(pace.at_once()));
                pace.learn(Round { answered, took, busy: false });
            }
            pace.at_once()
        };
        assert_eq!(run(&|n| 50.0 * n as f64), 6);
        // It took a lock meanwhile: more at once only stand in each other's way.
        assert_eq!(run(&|n| 60.0 / n as f64), 1);
    }

    #[test]
    fn a_short_round_teaches_nothing() {
        let mut pace = Pace::default();
        pace.learn(Round { answered: 1, took: Duration::from_secs(60), busy: false });
        assert_eq!(pace.at_once(), 1);
    }
}
