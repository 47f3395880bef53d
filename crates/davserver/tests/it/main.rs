//! The server from outside, byte by byte.

#![allow(
    clippy::unwrap_used,
    reason = "a test that unwraps fails with a line number, which is what a test is for"
)]

mod http;

mod clients;
mod faults;
mod folder;
mod protocol;
mod queries;
mod scale;
