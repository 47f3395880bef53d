//! For tests only: a storage in memory that can fail in every way a real one does, the conformance suite that every
//! storage passes, and the seeded simulator that drives the engine through edits, faults and crashes.

pub mod conformance;
pub mod dice;
pub mod memory;
pub mod simulator;

pub use dice::Dice;
pub use memory::{Dialect, Faults, MemoryCollection};
