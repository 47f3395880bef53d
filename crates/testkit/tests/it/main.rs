//! The memory storage passes the conformance suite, and the engine passes the simulator and the scenarios.

#![allow(clippy::unwrap_used, reason = "a test that unwraps fails with a line number")]

mod memory;
mod simulation;
mod tidy;
