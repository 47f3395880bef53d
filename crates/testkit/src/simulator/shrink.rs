//! A story that breaks a law, made short: events are left out as long as a law is still broken.

use super::{Broken, Scenario, simulate};

/// How many stories are tried at most.
const TRIES: u32 = 400;

/// The same scenario without what does not matter, and what it breaks then.
pub fn shrink(scenario: &Scenario, broken: Broken) -> (Scenario, Broken) {
    let (mut scenario, mut broken) = (scenario.clone(), broken);
    let mut tries = 0;
    loop {
        let before = scenario.skip.len();
        for event in (0..broken.events).rev() {
            if scenario.skip.contains(&event) || tries >= TRIES {
                continue;
            }
            tries += 1;
            let mut shorter = scenario.clone();
            shorter.skip.push(event);
            if let Err(still) = simulate(&shorter) {
                (scenario, broken) = (shorter, still);
            }
        }
        if scenario.skip.len() == before || tries >= TRIES {
            scenario.skip.sort_unstable();
            return (scenario, broken);
        }
    }
}
