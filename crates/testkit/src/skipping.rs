//! Tests that cannot run on this machine say so where a person sees it.

use std::fs::OpenOptions;
use std::io::Write;

/// Says that what a test needs is missing, and why. A passing test's output is hidden, so that `./test` names a file in the
/// variable `DOVETAIL_SKIPPED`, which it shows at its end.
///
/// # Panics
/// With the variable `CI`: there nothing may be skipped.
#[allow(clippy::disallowed_macros, reason = "a test that is skipped must say so")]
pub fn skip(what: &str, why: &str) {
    let why = why.trim();
    assert!(std::env::var_os("CI").is_none(), "{what} cannot be had: {why}");
    eprintln!("SKIPPED: {what} cannot be had here: {why}");
    let Some(path) = std::env::var_os("DOVETAIL_SKIPPED") else { return };
    let first = why.lines().last().unwrap_or_default();
    let file = OpenOptions::new().append(true).create(true).open(path);
    // One write: tests run side by side.
    let line = format!("{what}: {first}\n");
    if let Err(error) = file.and_then(|mut file| file.write_all(line.as_bytes())) {
        eprintln!("and that is not kept: {error}");
    }
}
