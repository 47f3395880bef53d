//! The one place that reads the clock: a server stamps what it stores, and nobody can tell it the time.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Now, in whole seconds.
#[allow(
    clippy::disallowed_methods,
    reason = "a server has a clock of its own; this is the only place to read it"
)]
pub(crate) fn now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_second(now.as_second()).unwrap_or(now)
}

/// An instant as HTTP writes it (RFC 9110 section 5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`.
pub(crate) fn http_date(instant: Timestamp) -> String {
    instant.to_zoned(TimeZone::UTC).strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// A number that no other start of a server on this machine has.
#[allow(clippy::disallowed_methods, reason = "as above")]
pub(crate) fn unique() -> u64 {
    u64::try_from(Timestamp::now().as_nanosecond()).unwrap_or_default()
        ^ (u64::from(std::process::id()) << 40)
}

/// So many seconds later.
pub(crate) fn shifted(instant: Timestamp, seconds: i64) -> Timestamp {
    instant.checked_add(jiff::SignedDuration::from_secs(seconds)).unwrap_or(instant)
}
