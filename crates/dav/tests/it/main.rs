//! The client on the wire, against scripts.

#![allow(clippy::unwrap_used, reason = "a test that unwraps fails with a line number")]

mod memory;
mod multiplexed;
mod oauth;
mod people;
mod recorded;
mod way;
mod wire;
