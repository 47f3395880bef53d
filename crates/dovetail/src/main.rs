//! Dovetail, the program: one binary.
//!
//! Start with [`app`], which does what is asked, and [`cli`], which asks it and shows what it answered.

use std::process::ExitCode;

mod app;
mod cli;
mod config;
mod demo;
mod error;
mod options;
mod schedule;
mod secrets;

fn main() -> ExitCode {
    cli::run()
}
