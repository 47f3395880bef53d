use std::sync::atomic::{AtomicU64, Ordering};

use dovetail_testkit::simulator::{Scenario, simulate};

/// `DOVETAIL_SEED=n` plays one seed and tells its story; `DOVETAIL_SEEDS=n` plays as many.
#[test]
fn the_laws_of_the_engine_hold_through_edits_faults_and_crashes() {
    let number = |name| std::env::var(name).ok().and_then(|value: String| value.parse::<u64>().ok());
    if let Some(seed) = number("DOVETAIL_SEED") {
        return check(Scenario { seed, rounds: 5, crash_at: None });
    }
    let seeds = number("DOVETAIL_SEEDS").unwrap_or(2_000);
    let next = AtomicU64::new(0);
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                while let seed = next.fetch_add(1, Ordering::Relaxed)
                    && seed < seeds
                {
                    check(Scenario { seed, rounds: 5, crash_at: None });
                }
            });
        }
    });
}

#[test]
fn a_crash_at_any_point_of_a_first_run_converges() {
    for seed in 0..10 {
        for crash_at in 0..40 {
            check(Scenario { seed, rounds: 1, crash_at: Some(crash_at) });
        }
    }
}

fn check(scenario: Scenario) {
    if let Err(broken) = simulate(scenario) {
        let replay = match scenario.crash_at {
            None => {
                format!("DOVETAIL_SEED={} cargo test -p dovetail-testkit --test it simulation", scenario.seed)
            }
            Some(_) => format!("{scenario:?}"),
        };
        panic!("{}\n\n{}\nreplay: {replay}", broken.law, broken.story);
    }
}
