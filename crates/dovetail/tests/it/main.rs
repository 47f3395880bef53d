//! The program end to end: the real binary, a real server, a home directory of its own for each test.
//!
//! Where no server can be started a test says so loudly and passes, except on CI, where it fails.

mod answers;
mod first_sync;
mod home;
mod kills;
mod samples;
mod server;
mod state_loss;
