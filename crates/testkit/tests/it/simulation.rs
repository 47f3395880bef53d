//! The laws of the engine, over simulated histories.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use dovetail_testkit::simulator::{Broken, Scenario, simulate};

const ROUNDS: u32 = 5;

/// `DOVETAIL_SEED=n` plays one seed; `DOVETAIL_SEEDS=n` plays as many.
#[test]
fn the_laws_of_the_engine_hold_through_edits_faults_and_crashes() {
    let play = |seed| simulate(Scenario { seed, rounds: ROUNDS, crash_at: None }).map(drop);
    match number("DOVETAIL_SEED") {
        Some(seed) => report(1, vec![(seed, play(seed))]),
        None => for_all(number("DOVETAIL_SEEDS").unwrap_or(2_000), play),
    }
}

#[test]
fn a_crash_before_or_after_any_write_of_a_run_converges() {
    for_all(12, |seed| {
        for crash_at in 0.. {
            if !simulate(Scenario { seed, rounds: 2, crash_at: Some(crash_at) })? {
                assert!(crash_at >= 4, "seed {seed}: a first run has more writes than {crash_at} crashes");
                return Ok(());
            }
        }
        Ok(())
    });
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Plays every seed below `count`, on all processors.
fn for_all(count: u64, play: impl Fn(u64) -> Result<(), Broken> + Sync) {
    let next = AtomicU64::new(0);
    let played = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= count {
                        break;
                    }
                    let result = play(seed);
                    played.lock().unwrap_or_else(PoisonError::into_inner).push((seed, result));
                }
            });
        }
    });
    let played = played.into_inner().unwrap_or_else(PoisonError::into_inner);
    assert_eq!(played.len() as u64, count, "every seed was played");
    report(count, played);
}

/// Tells the shortest story of those that broke a law, and names the other seeds.
fn report(count: u64, played: Vec<(u64, Result<(), Broken>)>) {
    let mut broken: Vec<(u64, Broken)> =
        played.into_iter().filter_map(|(seed, result)| Some((seed, result.err()?))).collect();
    broken.sort_by_key(|(_, broken)| broken.story.len());
    let Some((seed, Broken { law, story })) = broken.first() else { return };
    let others: Vec<String> = broken.iter().map(|(seed, broken)| format!("{seed}: {}", broken.law)).collect();
    panic!(
        "{} of {count} seeds broke a law:\n{}\n\nseed {seed}: {law}\n\n{story}\nreplay: \
         DOVETAIL_SEED={seed} cargo test -p dovetail-testkit --test it simulation",
        broken.len(),
        others.join("\n"),
    );
}
