//! Every option there is, declared once: its key, its default, what it means and which values it takes.
//!
//! `profile options`, `profile set`, `settings set` and the reading of the file all derive from these tables. A new
//! option is a row here and the place that uses it. What a profile *is* (its server, folder and mailbox) is no option.

use std::sync::LazyLock;

use dovetail_dav::Fingerprint;
use serde_json::Value;
use url::Url;

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
    /// The name of a time zone, such as `Europe/Berlin`; empty for the computer's.
    Zone,
    /// `system`, `none`, or the address of a proxy.
    Proxy,
    /// The SHA-256 digest of a certificate in hexadecimal digits; empty for none.
    Fingerprint,
}

/// The options of a profile.
pub(crate) static OF_PROFILES: LazyLock<Vec<Declared>> = LazyLock::new(|| [OWN, WAY].concat());

/// The settings that hold for all profiles. Those of the way to the server hold for profiles that do not have their own.
pub(crate) static OF_ALL: LazyLock<Vec<Declared>> = LazyLock::new(|| [GENERAL, WAY].concat());

/// Whether an option of a profile is also a setting for all, which holds where the profile has not set it.
pub(crate) fn is_of_way(key: &str) -> bool {
    WAY.iter().any(|option| option.key == key)
}

const OWN: &[Declared] = &[
    Declared {
        key: "direction",
        default: "two-way",
        meaning: "Which way edits travel. This version knows two-way alone.",
        domain: Domain::Choice(&["two-way"]),
    },
    Declared {
        key: "rule",
        default: "merge",
        meaning: "What happens when both sides edited the same field. merge: the newer edit wins, the other is kept \
                  in the journal and shown. This version knows merge alone.",
        domain: Domain::Choice(&["merge"]),
    },
    Declared {
        key: "interval_minutes",
        default: "30",
        meaning: "How often the profile is synced by itself, in minutes; 0: only when asked. Stored for now: this \
                  version syncs when asked.",
        domain: Domain::Number(0, 10_080),
    },
    Declared {
        key: "chunk_items",
        default: "100",
        meaning: "How many items are fetched or written at a time, and committed together.",
        domain: Domain::Number(1, 10_000),
    },
    Declared {
        key: "days_back",
        default: "60",
        meaning: "For events: how many days before today are synced. Stored for now: this version syncs all events.",
        domain: Domain::Number(0, 36_500),
    },
    Declared {
        key: "days_ahead",
        default: "365",
        meaning: "For events: how many days after today are synced. Stored for now: this version syncs all events.",
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
        key: "map_distribution_lists",
        default: "no",
        meaning: "For contacts: whether distribution lists travel as well; no: they are neither made, changed nor deleted \
                  on either side.",
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

/// The options of the way to a server.
const WAY: &[Declared] = &[
    Declared {
        key: "timeout_seconds",
        default: "90",
        meaning: "How long a server may take to begin an answer, and then for each piece of it, in seconds.",
        domain: Domain::Number(1, 3_600),
    },
    Declared {
        key: "proxy",
        default: "system",
        meaning: "What stands between this computer and the server. system: what the system's settings or the variables \
                  HTTPS_PROXY and NO_PROXY say; none: nothing; else its address, such as http://proxy.example.org:3128 \
                  or socks5h://127.0.0.1:1080.",
        domain: Domain::Proxy,
    },
    Declared {
        key: "proxy_user",
        default: "",
        meaning: "The user's name at the proxy, where it wants one. Its password is given with `profile password NAME \
                  --for proxy`, or for all profiles with `settings password --for proxy`.",
        domain: Domain::Text,
    },
    Declared {
        key: "preemptive_login",
        default: "yes",
        meaning: "Whether the password is sent with every request, before the server asks. no: two more requests at the \
                  start of each run, and the strongest login of those that the server offers.",
        domain: YES_NO,
    },
    Declared {
        key: "force_basic",
        default: "no",
        meaning: "Whether the password is sent as Basic whatever the server offers, for servers that offer what they \
                  cannot do. Only over https:// is that safe.",
        domain: YES_NO,
    },
    Declared {
        key: "tls_check",
        default: "yes",
        meaning: "Whether the server's certificate is checked. no: anybody on the way can pretend to be the server; each \
                  run warns of it. tls_fingerprint is the safe way for a certificate of your own making.",
        domain: YES_NO,
    },
    Declared {
        key: "tls_fingerprint",
        default: "",
        meaning: "The SHA-256 fingerprint of the one certificate that is believed, whoever issued it; a run stops where \
                  the server shows another one.",
        domain: Domain::Fingerprint,
    },
    Declared {
        key: "tls_1_2",
        default: "yes",
        meaning: "Whether TLS 1.2 will do where the server does not speak 1.3. What is older is never spoken.",
        domain: YES_NO,
    },
    Declared {
        key: "ca_file",
        default: "",
        meaning: "A file (PEM) with certificates of authorities that are trusted beside the system's.",
        domain: Domain::Text,
    },
    Declared {
        key: "client_certificate",
        default: "",
        meaning: "A file (PEM or PKCS#12) with the certificate and the key that show the server who you are. Its \
                  password is given with `profile password NAME --for certificate`, or for all profiles with `settings \
                  password --for certificate`.",
        domain: Domain::Text,
    },
    Declared {
        key: "keep_connections",
        default: "yes",
        meaning: "Whether a connection serves several requests. no: for servers or proxies that break off connections \
                  which they seem to keep.",
        domain: YES_NO,
    },
    Declared {
        key: "lenient_headers",
        default: "yes",
        meaning: "Whether malformed headers of an answer are passed over.",
        domain: YES_NO,
    },
];

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
            Domain::Zone => value.as_str().is_some_and(|zone| zone.is_empty() || is_zone(zone)),
            Domain::Proxy => value.as_str().is_some_and(is_proxy),
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
            Domain::Zone => "the name of a time zone such as Europe/Berlin, or nothing".to_owned(),
            Domain::Proxy => "system, none, or an address such as http://proxy.example.org:3128".to_owned(),
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
