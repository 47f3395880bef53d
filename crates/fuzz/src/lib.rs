//! What no input may bring about: each target is a function of bytes that panics where a law is broken.
//!
//! The targets are here once. The tests of this crate run them for some seconds, over the fixtures and over damaged copies
//! of them that a seed repeats; `./fuzz` gives them to libFuzzer for as long as one likes. An input that breaks a law
//! becomes a test of the code that it broke. Start with [`TARGETS`].

mod answers;
mod documents;
mod items;
mod lines;
mod mutation;
mod rows;

pub use mutation::Mutations;

/// A law, and what it is tried on.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// As in `./fuzz NAME`.
    pub name: &'static str,
    /// Panics where the law is broken.
    pub check: fn(&[u8]),
    /// Folders of `fixtures/` with inputs to begin with.
    pub seeds: &'static [&'static str],
    /// How many damaged copies the tests try: a few seconds' worth.
    pub tries: u64,
}

/// All of them.
pub const TARGETS: &[Target] = &[
    Target { name: "lines", check: lines::check, seeds: &["ical", "vcard", "broken"], tries: 3_000 },
    Target { name: "documents", check: documents::check, seeds: &["ical", "vcard", "broken"], tries: 3_000 },
    Target { name: "calendars", check: items::check_calendar, seeds: &["ical", "broken"], tries: 1_500 },
    Target { name: "cards", check: items::check_card, seeds: &["vcard", "broken"], tries: 1_500 },
    Target { name: "records", check: items::check_record, seeds: &["outlook"], tries: 1_500 },
    Target { name: "answers", check: answers::check, seeds: &["dav"], tries: 6_000 },
    Target { name: "rows", check: rows::check, seeds: &["state"], tries: 1_000 },
];
