//! The memory storage passes the conformance suite, and the engine passes the simulator.

mod memory;
mod simulation;
mod tidy;
