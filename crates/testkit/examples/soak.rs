//! Plays simulated histories for as long as it is asked to: `./soak SECONDS [FIRST-SEED [WHAT]]`.
//!
//! Every direction and rule has its turn, in memory and, once in sixteen, against the embedded DAV server; beside each history
//! a thousand cases of deciding, and beside each fourth one a history of several mailboxes, every fourth of these against the
//! embedded server. WHAT is one of these alone: `memory`, `dav` (the usual direction and rule), `several` or `plans`. A broken law is told in a short story, and the command
//! fails. In place of SECONDS, `x20000` plays so many seeds, however long that takes.

use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use dovetail_testkit::planner::Planner;
use dovetail_testkit::simulator::{Against, Scenario, Several, several, simulate};

/// Cases of deciding beside each history.
const CASES: u64 = 1_000;

/// What is played.
#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    Everything,
    Memory,
    Dav,
    Several,
    Plans,
}

impl What {
    fn named(name: Option<&str>) -> Option<What> {
        Some(match name {
            None => What::Everything,
            Some("memory") => What::Memory,
            Some("dav") => What::Dav,
            Some("several") => What::Several,
            Some("plans") => What::Plans,
            Some(_) => return None,
        })
    }
}

/// How much is played.
#[derive(Clone, Copy)]
enum HowMuch {
    Seconds(u64),
    Seeds(u64),
}

impl HowMuch {
    fn named(text: &str) -> Option<HowMuch> {
        match text.strip_prefix('x') {
            Some(seeds) => seeds.parse().ok().map(HowMuch::Seeds),
            None => text.parse().ok().map(HowMuch::Seconds),
        }
    }

    fn goes_on(self, begun: Instant, played: u64) -> bool {
        match self {
            HowMuch::Seconds(seconds) => begun.elapsed() < Duration::from_secs(seconds),
            HowMuch::Seeds(seeds) => played < seeds,
        }
    }
}

#[allow(clippy::disallowed_macros, reason = "what it finds out is told on the screen")]
fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let argument = |at: usize| arguments.get(at).map(String::as_str);
    let first = argument(1).map_or(Some(0), |first| first.parse::<u64>().ok());
    let asked = (HowMuch::named(argument(0).unwrap_or("60")), first, What::named(argument(2)));
    let (Some(much), Some(first), Some(what)) = asked else {
        eprintln!("usage: ./soak [SECONDS|xSEEDS [FIRST-SEED [memory|dav|several|plans]]]");
        return ExitCode::from(2);
    };
    let (begun, next) = (Instant::now(), AtomicU64::new(0));
    let broken = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if !much.goes_on(begun, number) {
                        next.fetch_sub(1, Ordering::Relaxed);
                        return;
                    }
                    if let Err(law) = play(first + number, what) {
                        broken.lock().unwrap_or_else(PoisonError::into_inner).push(law);
                    }
                }
            });
        }
    });
    let (played, took) = (next.into_inner(), begun.elapsed().as_secs_f64());
    println!(
        "seeds {first} to {}: {played} in {took:.0} s, {:.1} a second",
        first + played.saturating_sub(1),
        played as f64 / took,
    );
    let broken = broken.into_inner().unwrap_or_else(PoisonError::into_inner);
    for law in &broken {
        println!("\n{law}");
    }
    if broken.is_empty() {
        return ExitCode::SUCCESS;
    }
    println!("\n{} seeds broke a law.", broken.len());
    ExitCode::FAILURE
}

fn play(seed: u64, what: What) -> Result<(), String> {
    let modes = Scenario::modes();
    let mode = usize::try_from(seed % modes.len() as u64).unwrap_or(0);
    let (direction, rule) = if what == What::Dav { modes[0] } else { modes[mode] };
    let dav = match what {
        What::Everything => (seed / modes.len() as u64).is_multiple_of(16),
        _ => what == What::Dav,
    };
    let against = if dav { Against::Dav } else { Against::Memory };
    let scenario = Scenario { seed, direction, rule, against, ..Scenario::USUAL };
    if !matches!(what, What::Several | What::Plans)
        && let Err(broken) = simulate(&scenario)
    {
        let (shorter, told) = scenario.shrink(broken);
        return Err(format!(
            "seed {seed}, {direction:?}, {rule:?}, {against:?}, without the events {:?}: {}\n{}",
            shorter.skip, told.law, told.story
        ));
    }
    if what == What::Several || (what == What::Everything && seed.is_multiple_of(4)) {
        let against = if (seed / 4).is_multiple_of(4) { Against::Dav } else { Against::Memory };
        let scenario = Several { against, seed, skip: Vec::new() };
        if let Err(broken) = several(&scenario) {
            let (shorter, told) = scenario.shrink(broken);
            return Err(format!(
                "seed {seed}, several mailboxes, {against:?}, without the events {:?}: {}\n{}",
                shorter.skip, told.law, told.story
            ));
        }
    }
    if matches!(what, What::Plans | What::Everything) {
        let planner = Planner::default();
        return (seed * CASES..(seed + 1) * CASES).try_for_each(|case| {
            planner.play(case).map_err(|law| format!("case {case} of deciding: {law}"))
        });
    }
    Ok(())
}
