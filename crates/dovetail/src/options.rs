//! Every option there is, declared once: its key, its default, what it means and which values it takes.
//!
//! `profile options`, `profile set`, `settings set` and the reading of the file all derive from these tables. A new
//! option is a row here and the place that uses it: those of the mapping are in a file for each kind of item, beside what
//! tells them to the lenses. What a profile *is* (its server, folder and mailbox) is no option.

use std::sync::LazyLock;

use dovetail_dav::{Fingerprint, oauth};
use dovetail_mapping::Options;
use serde_json::{Map, Value};
use url::Url;

use crate::config::Profile;

pub(crate) mod calendar;
pub(crate) mod contacts;
mod events;
mod keeping;
pub(crate) mod lists;
mod tasks;
mod way;

pub(crate) use events::lets_server_schedule;

/// One option.
#[derive(Clone, Copy)]
pub(crate) struct Declared {
    /// Its name, as it is typed and stored.
    pub(crate) key: &'static str,
    /// Its value where none was set, as it would be typed.
    pub(crate) default: &'static str,
    /// What it does, a sentence.
    pub(crate) meaning: &'static str,
    /// Which values it takes.
    pub(crate) domain: Domain,
}

/// Which values an option takes.
#[derive(Clone, Copy)]
pub(crate) enum Domain {
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A whole number within bounds, both included.
    Number(u64, u64),
    /// Any text; empty for none.
    Text,
    /// The name of a category of Outlook; empty for none.
    Category,
    /// The name of a time zone, such as `Europe/Berlin`; empty for the computer's.
    Zone,
    /// Pairs of names such as `Project=X-PROJECT`, with commas between them; the second begins with `X-`.
    Pairs,
    /// `system`, `none`, or the address of a proxy.
    Proxy,
    /// The SHA-256 digest of a certificate in hexadecimal digits; empty for none.
    Fingerprint,
    /// An address to which secrets may go; empty for none.
    SafeAddress,
}

/// The options of a profile.
pub(crate) static OF_PROFILES: LazyLock<Vec<Declared>> = LazyLock::new(|| {
    let mapped =
        [calendar::OPTIONS, events::OPTIONS, tasks::OPTIONS, contacts::OPTIONS, lists::OPTIONS].concat();
    [OWN, keeping::OPTIONS, &mapped, way::OPTIONS].concat()
});

/// The settings that hold for all profiles. Those of the way to the server hold for profiles that do not have their own.
pub(crate) static OF_ALL: LazyLock<Vec<Declared>> = LazyLock::new(|| [GENERAL, way::OPTIONS].concat());

/// What a profile chooses of the mapping, as the lenses are told.
pub(crate) fn mapping(profile: &Profile) -> Options {
    Options {
        calendar: calendar::chosen(profile),
        events: events::chosen(profile),
        tasks: tasks::chosen(profile),
        contacts: contacts::chosen(profile),
        lists: lists::chosen(profile),
    }
}

/// A sentence about options that exclude each other, if they are set so.
pub(crate) fn contradiction(stored: &Map<String, Value>) -> Option<&'static str> {
    let is_on = |key: &str| stored.get(key).and_then(Value::as_str) == Some("yes");
    let both = is_on("category_negate") && is_on("category_include_uncategorized");
    both.then_some(
        "category_negate and category_include_uncategorized exclude each other: all but one category takes in what has none.",
    )
}

/// The options of the way to a server.
pub(crate) fn of_way() -> &'static [Declared] {
    way::OPTIONS
}

/// Whether an option of a profile is also a setting for all, which holds where the profile has not set it.
pub(crate) fn is_of_way(key: &str) -> bool {
    way::OPTIONS.iter().any(|option| option.key == key)
}

const OWN: &[Declared] = &[
    Declared {
        key: "direction",
        default: "two-way",
        meaning: "Which way edits travel. replicate-to-server, replicate-to-outlook: that side becomes a copy of the other, \
                  whatever was edited or made there; its own items go, beyond the limits of the guard only when you say \
                  so. merge-to-server, merge-to-outlook: that side takes the other's items and keeps its own, edits of \
                  them included.",
        domain: Domain::Choice(&[
            "two-way",
            "replicate-to-server",
            "replicate-to-outlook",
            "merge-to-server",
            "merge-to-outlook",
        ]),
    },
    Declared {
        key: "rule",
        default: "merge",
        meaning: "Two-way: what happens when both sides edited an item. merge: field by field; of one field the newer edit \
                  wins, and an edit outlives a deletion. outlook-wins, server-wins: that side's item, its deletion \
                  included. automatic: the newer item, and a deletion before an edit. ask: field by field, and what \
                  clashes waits for you. What loses is kept in the journal and shown.",
        domain: Domain::Choice(&["merge", "outlook-wins", "server-wins", "automatic", "ask"]),
    },
    Declared {
        key: "interval_minutes",
        default: "30",
        meaning: "How often `sync --due` syncs the profile, in minutes; 0: never. A scheduler of the system runs \
                  that every few minutes.",
        domain: Domain::Number(0, 10_080),
    },
    Declared {
        key: "chunks",
        default: "yes",
        meaning: "Whether items are written in chunks of chunk_items. no: all at once, which takes as much memory as they all \
                  take, and leads to the same.",
        domain: YES_NO,
    },
    Declared {
        key: "chunk_items",
        default: "100",
        meaning: "How many items are written at a time, and committed together.",
        domain: Domain::Number(1, 10_000),
    },
    Declared {
        key: "time_range",
        default: "yes",
        meaning: "For events: whether only those from days_back before today to days_ahead after it are synced; no: all. \
                  What leaves the range stays on both sides as it is.",
        domain: YES_NO,
    },
    Declared {
        key: "days_back",
        default: "60",
        meaning: "For events: how many days before today are synced, if time_range is on. Any occurrence of a series \
                  counts.",
        domain: Domain::Number(0, 36_500),
    },
    Declared {
        key: "days_ahead",
        default: "365",
        meaning: "For events: how many days after today are synced, if time_range is on. Choose at least a year where \
                  there are birthdays: a series that repeats less often than the range is long is at times left alone.",
        domain: Domain::Number(0, 36_500),
    },
    Declared {
        key: "guard_items",
        default: "10",
        meaning: "How many deletions and lost values a side takes within a day without asking you, or guard_percent \
                  of its items if that is more.",
        domain: Domain::Number(0, 1_000_000),
    },
    Declared {
        key: "guard_percent",
        default: "20",
        meaning: "Which part of a side's items, in per cent, may be deleted or lose a value within a day without \
                  asking you, or guard_items if that is more.",
        domain: Domain::Number(0, 100),
    },
    Declared {
        key: "guard_at_most",
        default: "200",
        meaning: "How many deletions and lost values a side takes within a day at the very most without asking you.",
        domain: Domain::Number(0, 1_000_000),
    },
    Declared {
        key: "server_may_schedule",
        default: "no",
        meaning: "Whether writes may make the server mail a meeting's attendees; no: such writes wait for you.",
        domain: Domain::Choice(&["no", "yes"]),
    },
    Declared {
        key: "email",
        default: "",
        meaning: "Your own e-mail address on this server, by which you are found among a meeting's attendees.",
        domain: Domain::Text,
    },
];

const GENERAL: &[Declared] = &[Declared {
    key: "zone",
    default: "",
    meaning: "The time zone that a new mailbox is made in, such as Europe/Berlin; empty: the computer's. Times \
                  without a zone are read in the mailbox's.",
    domain: Domain::Zone,
}];

const YES_NO: Domain = Domain::Choice(&["no", "yes"]);

/// The option of that key.
pub(crate) fn find(table: &'static [Declared], key: &str) -> Option<&'static Declared> {
    table.iter().find(|option| option.key == key)
}

impl Declared {
    /// The value that was typed, as it is stored; else a sentence that says what the option takes.
    pub(crate) fn parse(&self, typed: &str) -> Result<Value, String> {
        let value = match self.domain {
            Domain::Number(..) => typed.parse::<u64>().map(Value::from).unwrap_or(Value::Null),
            _ => Value::from(typed),
        };
        self.check(&value).map(|()| value)
    }

    /// Whether a stored value is one that the option takes; else a sentence that says what it takes.
    pub(crate) fn check(&self, value: &Value) -> Result<(), String> {
        let fits = match self.domain {
            Domain::Choice(words) => value.as_str().is_some_and(|word| words.contains(&word)),
            Domain::Number(least, most) => {
                value.as_u64().is_some_and(|number| (least..=most).contains(&number))
            }
            Domain::Text => value.is_string(),
            // Outlook keeps an item's categories as one text, with these between them.
            Domain::Category => value.as_str().is_some_and(|name| !name.contains([',', ';'])),
            Domain::Zone => value.as_str().is_some_and(|zone| zone.is_empty() || is_zone(zone)),
            Domain::Pairs => value.as_str().is_some_and(|text| calendar::pairs(text).is_some()),
            Domain::Proxy => value.as_str().is_some_and(is_proxy),
            Domain::SafeAddress => {
                value.as_str().is_some_and(|text| text.is_empty() || is_safe_address(text))
            }
            Domain::Fingerprint => {
                value.as_str().is_some_and(|text| text.is_empty() || Fingerprint::parse(text).is_some())
            }
        };
        if fits { Ok(()) } else { Err(format!("{} takes {}.", self.key, self.takes())) }
    }

    /// Which values it takes, in words.
    pub(crate) fn takes(&self) -> String {
        match self.domain {
            Domain::Choice(words) => words.join(" or "),
            Domain::Number(least, most) => format!("a whole number from {least} to {most}"),
            Domain::Text => "any text".to_owned(),
            Domain::Category => {
                "the name of one category, without commas and semicolons, or nothing".to_owned()
            }
            Domain::Zone => "the name of a time zone such as Europe/Berlin, or nothing".to_owned(),
            Domain::Pairs => "pairs such as Project=X-PROJECT, Customer=X-CUSTOMER, each name once and none that has a meaning already, or nothing".to_owned(),
            Domain::Proxy => "system, none, or an address such as http://proxy.example.org:3128".to_owned(),
            Domain::SafeAddress => "an address that begins with https://, or nothing".to_owned(),
            Domain::Fingerprint => "64 hexadecimal digits, with or without colons, or nothing".to_owned(),
        }
    }

    /// The default as it would be stored.
    pub(crate) fn default_value(&self) -> Value {
        match self.domain {
            Domain::Number(least, _) => Value::from(self.default.parse::<u64>().unwrap_or(least)),
            _ => Value::from(self.default),
        }
    }
}

fn is_zone(name: &str) -> bool {
    jiff::tz::TimeZone::get(name).is_ok()
}

fn is_safe_address(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| oauth::is_safe(&url) && !crate::config::holds_login(&url))
}

/// A login in the address would be shown with it.
fn is_proxy(text: &str) -> bool {
    let is_address = |url: Url| {
        let known = matches!(url.scheme(), "http" | "https" | "socks5" | "socks5h");
        known && url.host().is_some() && !crate::config::holds_login(&url)
    };
    matches!(text, "system" | "none") || Url::parse(text).is_ok_and(is_address)
}

#[cfg(test)]
mod tests;
