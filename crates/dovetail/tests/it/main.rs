//! The program end to end: the real binary, a real server, a home directory of its own for each test.
//!
//! Where no server can be started a test says so loudly and passes, except on CI, where it fails.

#![allow(
    clippy::unwrap_used,
    reason = "a test that unwraps fails with a line number, which is what a test is for"
)]

mod answers;
mod collections;
mod compared;
mod connection;
mod demo;
mod directions;
mod discover;
mod duplicates;
mod failing;
#[cfg(target_os = "linux")]
mod failing_disk;
mod failing_files;
mod failing_tls;
mod find;
mod first_sync;
mod gate;
mod history;
mod home;
mod hostile;
mod kills;
mod lists;
mod login;
mod mail;
mod manual;
mod meeting;
mod outside;
mod patience;
mod samples;
mod satellites;
mod scene;
mod scheduling;
mod scope;
mod server;
mod state_loss;
mod tasks;
mod warnings;
mod way;
