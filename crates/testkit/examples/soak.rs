//! Plays simulated histories for as long as it is asked to: `./soak SECONDS [FIRST-SEED]`.
//!
//! Every direction and rule has its turn, in memory and, once in sixteen, against the embedded DAV server; beside each history
//! a thousand cases of deciding, and beside each fourth one a history of several mailboxes. A broken law is told in a short story, and ends the run with a failure.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use dovetail_testkit::planner::Planner;
use dovetail_testkit::simulator::{Against, Scenario, several, shrink, simulate};

/// Cases of deciding beside each history.
const CASES: u64 = 1_000;

#[allow(clippy::disallowed_macros, reason = "what it finds out is told on the screen")]
fn main() {
    let mut arguments = std::env::args().skip(1).map(|argument| argument.parse::<u64>().ok());
    let seconds = arguments.next().flatten().unwrap_or(60);
    let first = arguments.next().flatten().unwrap_or(0);
    let (begun, next) = (Instant::now(), AtomicU64::new(0));
    let broken = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                while begun.elapsed() < Duration::from_secs(seconds) {
                    let seed = first + next.fetch_add(1, Ordering::Relaxed);
                    if let Err(law) = play(seed) {
                        broken.lock().unwrap_or_else(PoisonError::into_inner).push(law);
                    }
                }
            });
        }
    });
    let (played, took) = (next.into_inner(), begun.elapsed().as_secs_f64());
    println!(
        "seeds {first} to {}: {played} histories and {} plans in {took:.0} s, {:.1} histories a second",
        first + played.saturating_sub(1),
        played * CASES,
        played as f64 / took,
    );
    let broken = broken.into_inner().unwrap_or_else(PoisonError::into_inner);
    for law in &broken {
        println!("\n{law}");
    }
    assert!(broken.is_empty(), "{} seeds broke a law", broken.len());
}

fn play(seed: u64) -> Result<(), String> {
    let modes = Scenario::modes();
    let mode = usize::try_from(seed % modes.len() as u64).unwrap_or(0);
    let (direction, rule) = modes[mode];
    let against = if (seed / modes.len() as u64).is_multiple_of(16) { Against::Dav } else { Against::Memory };
    let scenario = Scenario { seed, direction, rule, against, ..Scenario::USUAL };
    if let Err(broken) = simulate(&scenario) {
        let (shorter, told) = shrink(&scenario, broken);
        return Err(format!(
            "seed {seed}, {direction:?}, {rule:?}, {against:?}, without the events {:?}: {}\n{}",
            shorter.skip, told.law, told.story
        ));
    }
    if seed.is_multiple_of(4) {
        several(seed)
            .map_err(|told| format!("seed {seed}, several mailboxes: {}\n{}", told.law, told.story))?;
    }
    let planner = Planner::default();
    (seed * CASES..(seed + 1) * CASES)
        .try_for_each(|case| planner.play(case).map_err(|law| format!("case {case} of deciding: {law}")))
}
