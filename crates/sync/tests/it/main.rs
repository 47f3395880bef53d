//! Whole runs of the engine between two collections in memory. What must hold through faults and crashes in any order is
//! for the simulator in `testkit`; here each promise is a story of its own.

#![allow(
    clippy::unwrap_used,
    reason = "a test that unwraps fails with a line number, which is what a test is for"
)]

mod category;
mod chunks;
mod clashes;
mod directions;
mod doubts;
mod duplicates;
mod halfway;
mod held;
mod history;
mod interrupted;
mod lists;
mod matching;
mod mending;
mod partial;
mod range;
mod released;
mod reread;
mod rules;
mod runs;
mod scenarios;
mod scope;
mod undo;
mod world;
