//! Whole runs of the engine between two collections in memory. What must hold through faults and crashes in any order is
//! for the simulator in `testkit`; here each promise is a story of its own.

mod clashes;
mod directions;
mod held;
mod interrupted;
mod partial;
mod rules;
mod runs;
mod scenarios;
mod scope;
mod undo;
mod world;
