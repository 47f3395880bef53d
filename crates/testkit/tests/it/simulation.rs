//! The laws of the engine, over simulated histories.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use dovetail_testkit::simulator::{Against, Broken, Played, Scenario, faults_of_dav, simulate};

const ROUNDS: u32 = 5;

const BASE: Scenario =
    Scenario { seed: 0, rounds: ROUNDS, crash_at: None, against: Against::Memory, only: None };

/// `DOVETAIL_SEED=n` plays one seed; `DOVETAIL_SEEDS=n` plays as many.
#[test]
fn the_laws_of_the_engine_hold_through_edits_faults_and_crashes() {
    let play = |seed| simulate(Scenario { seed, ..BASE });
    for_seeds("DOVETAIL_SEED", 2_000, play);
}

/// `DOVETAIL_DAV_SEED=n` plays one seed; `DOVETAIL_DAV_SEEDS=n` plays as many; `DOVETAIL_FAULT=name` allows this fault alone.
#[test]
#[allow(clippy::disallowed_macros, reason = "a long run tells how often each fault happened")]
fn they_hold_against_a_dav_server_with_all_that_goes_wrong_there() {
    let name = std::env::var("DOVETAIL_FAULT").ok();
    let only = faults_of_dav().find(|fault| name.as_deref() == Some(fault));
    let play = |seed| simulate(Scenario { seed, against: Against::Dav, only, ..BASE });
    let happened = for_seeds("DOVETAIL_DAV_SEED", 200, play);
    println!("{happened:#?}");
}

#[test]
fn each_fault_of_a_dav_server_happens_and_breaks_no_law() {
    for fault in faults_of_dav() {
        let play = |seed| simulate(Scenario { seed, against: Against::Dav, only: Some(fault), ..BASE });
        let happened = for_all(5, &format!("DOVETAIL_FAULT='{fault}' DOVETAIL_DAV_SEED"), play);
        assert!(happened.get(fault).is_some_and(|count| *count > 0), "{fault} never happened");
    }
}

#[test]
fn a_crash_before_or_after_any_write_of_a_run_converges() {
    for (against, seeds) in [(Against::Memory, 12), (Against::Dav, 4)] {
        for_all(seeds, "every crash of DOVETAIL_SEED", |seed| {
            for crash_at in 0.. {
                let scenario = Scenario { seed, rounds: 2, crash_at: Some(crash_at), against, only: None };
                if !simulate(scenario)?.died {
                    assert!(
                        crash_at >= 4,
                        "seed {seed}: a first run has more writes than {crash_at} crashes"
                    );
                    break;
                }
            }
            Ok(Played::default())
        });
    }
}

/// Plays the one seed that the variable `name` tells, or as many as `name` with an S behind it tells.
fn for_seeds(name: &str, usual: u64, play: impl Fn(u64) -> Result<Played, Broken> + Sync) -> Counts {
    match number(name) {
        Some(seed) => report(1, name, vec![(seed, play(seed))]),
        None => for_all(number(&format!("{name}S")).unwrap_or(usual), name, play),
    }
}

/// How often each fault happened.
type Counts = BTreeMap<&'static str, u64>;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Plays every seed below `count`, on all processors; `replay` is what a single seed is told by.
fn for_all(count: u64, replay: &str, play: impl Fn(u64) -> Result<Played, Broken> + Sync) -> Counts {
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
    report(count, replay, played)
}

/// Tells the shortest story of those that broke a law, and names the other seeds.
fn report(count: u64, replay: &str, played: Vec<(u64, Result<Played, Broken>)>) -> Counts {
    let (mut broken, mut counts) = (Vec::new(), Counts::new());
    for (seed, result) in played {
        match result {
            Ok(played) => {
                played.faults.into_iter().for_each(|(name, often)| *counts.entry(name).or_default() += often);
            }
            Err(law) => broken.push((seed, law)),
        }
    }
    broken.sort_by_key(|(_, broken)| broken.story.len());
    let Some((seed, Broken { law, story })) = broken.first() else { return counts };
    let others: Vec<String> = broken.iter().map(|(seed, broken)| format!("{seed}: {}", broken.law)).collect();
    panic!(
        "{} of {count} seeds broke a law:\n{}\n\nseed {seed}: {law}\n\n{story}\nreplay: \
         {replay}={seed} cargo test -p dovetail-testkit --test it simulation",
        broken.len(),
        others.join("\n"),
    );
}
