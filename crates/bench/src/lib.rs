//! How fast it is, and how much memory it takes: formats alone, and whole runs between a mailbox and a server.
//!
//! Every figure is that of a process of its own, so that its time and its memory are ours alone: the server is another
//! process, and so is whatever prepares a measurement. [`main`] decides which of them this one is. What comes out is
//! compared with the aims in [`figure`]; `docs/performance.md` says what they mean.

use std::process::ExitCode;

pub mod figure;
mod formats;
mod place;
mod process;
mod runs;
mod server;

use figure::Figure;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// A series of measurements.
type Series = fn(&mut dyn FnMut(Figure)) -> Result<()>;

/// All of them, in the order in which they are done.
const SERIES: [(&str, Series); 4] = [
    ("formats", formats::measure),
    ("small", runs::measure_small),
    ("large", runs::measure_large),
    ("memory", runs::measure_memory),
];

/// Measures the series that are named on the command line, or all; `--json` prints one object a line.
pub fn main() -> ExitCode {
    // What cargo adds to the command line of a benchmark.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let done = match process::role(&arguments) {
        Some(role) => role(arguments.get(1..).unwrap_or_default()),
        None => measure(&arguments),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("{error}"));
            ExitCode::FAILURE
        }
    }
}

fn measure(arguments: &[String]) -> Result<()> {
    let is_json = arguments.iter().any(|argument| argument == "--json");
    let names: Vec<&String> = arguments.iter().filter(|argument| !argument.starts_with("--")).collect();
    if !is_json {
        say(&Figure::heading());
    }
    for (name, series) in SERIES {
        if names.is_empty() || names.iter().any(|wanted| *wanted == name) {
            series(&mut |figure| {
                say(&if is_json { figure.json() } else { figure.row() });
            })?;
        }
    }
    Ok(())
}

#[allow(clippy::disallowed_macros, reason = "a benchmark prints what it measured")]
fn say(line: &str) {
    println!("{line}");
}
