//! For tests only: a storage in memory that can fail in every way a real one does, the conformance suite that every
//! storage passes, and the seeded simulator that drives the engine through edits, faults and crashes.

pub mod dialect;
pub mod faults;
pub mod memory;
pub mod servers;

pub mod conformance;
pub mod dice;
pub mod planner;
pub mod sample;
pub mod simulator;
mod skipping;

pub use dialect::Dialect;
pub use dice::Dice;
pub use faults::{Crash, Faults, Fuse};
pub use memory::MemoryCollection;
pub use skipping::skip;
