//! A story that breaks a law, made short: events are left out as long as a law is still broken.

use super::Broken;

/// How many stories are tried at most.
const TRIES: u32 = 400;

/// What does not matter and can be left out besides what is in `skip`, and what is broken then. `play` tells the story without
/// some events.
pub(super) fn shrink(
    mut skip: Vec<u32>,
    mut broken: Broken,
    play: impl Fn(&[u32]) -> Result<(), Broken>,
) -> (Vec<u32>, Broken) {
    let mut tries = 0;
    loop {
        let before = skip.len();
        for event in broken.events.clone().into_iter().rev() {
            if skip.contains(&event) || tries >= TRIES {
                continue;
            }
            tries += 1;
            skip.push(event);
            match play(&skip) {
                Err(still) => broken = still,
                Ok(()) => drop(skip.pop()),
            }
        }
        if skip.len() == before || tries >= TRIES {
            skip.sort_unstable();
            return (skip, broken);
        }
    }
}
