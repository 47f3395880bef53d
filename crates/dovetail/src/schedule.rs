//! When a profile may run again: intervals, pauses that a server asked for, and our own patience with one that fails.
//!
//! Functions of their arguments: the time and the dice are given. `app/pauses.rs` keeps what they say, an account each, since a
//! server does not care which of a user's profiles asks too much.

use std::time::Duration;

use dovetail_sync::{ErrorKind, RunOutcome};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// Why an account is left alone for a while.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Pause {
    /// How many runs in a row failed.
    pub(crate) failures: u32,
    /// Until when; `None`: until a person has looked after it.
    pub(crate) until: Option<Timestamp>,
    /// When that was decided. Where that is yet to come, the clock was wrong then, and the pause says nothing.
    #[serde(default)]
    pub(crate) since: Option<Timestamp>,
    /// What runs by itself waits so much longer, in milliseconds, so that not all come at that very moment.
    #[serde(default)]
    pub(crate) spread_milliseconds: i64,
    /// Who wants it.
    pub(crate) by: By,
    /// What the last run said when it stopped.
    pub(crate) what: String,
}

/// Who wants a pause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum By {
    /// The server: nobody asks it before, unless a person insists.
    Server,
    /// We: what runs by itself waits; a person need not.
    Us,
}

/// How much a run is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Urgency {
    /// By a schedule: only where it is due.
    Due,
    /// By a person or a script: at once, but for what the server asked for.
    Asked,
    /// By a person who insists.
    Now,
}

/// Whether a run is begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// It is.
    Go,
    /// Not before this moment; `None`: not by itself.
    NotBefore(Option<Timestamp>),
    /// The server asked for a pause that is not over.
    Paused(Timestamp),
}

/// The first pause of our own.
const FIRST: SignedDuration = SignedDuration::from_mins(1);
/// The longest.
const LONGEST: SignedDuration = SignedDuration::from_hours(4);

/// Whether it is a profile's turn. Its last run began at `last`; it is to run every `interval`, which may be zero for never.
pub(crate) fn turn(
    urgency: Urgency,
    last: Option<Timestamp>,
    interval: SignedDuration,
    pause: Option<&Pause>,
    now: Timestamp,
) -> Turn {
    let pause = pause.filter(|pause| pause.until.is_none() || pause.since.is_none_or(|since| since <= now));
    // A run that is yet to come was told of by a clock that was wrong.
    let last = last.filter(|last| *last <= now);
    let asked = pause.filter(|pause| pause.by == By::Server).and_then(|pause| pause.until);
    match urgency {
        Urgency::Now => Turn::Go,
        Urgency::Asked => match asked.filter(|until| now < *until) {
            Some(until) => Turn::Paused(until),
            None => Turn::Go,
        },
        Urgency::Due => {
            if interval.is_zero() {
                return Turn::NotBefore(None);
            }
            let due = match pause {
                Some(pause) => pause
                    .until
                    .map(|until| later(until, SignedDuration::from_millis(pause.spread_milliseconds))),
                None => Some(last.map_or(now, |last| later(last, interval))),
            };
            match due {
                Some(due) if due <= now => Turn::Go,
                due => Turn::NotBefore(due),
            }
        }
    }
}

/// The pause after a run; `None` where there is none. `dice` is any number, which spreads those that would come together.
pub(crate) fn after(
    outcome: &RunOutcome,
    before: Option<&Pause>,
    dice: u64,
    now: Timestamp,
) -> Option<Pause> {
    let RunOutcome::Stopped { kind, what } = outcome else { return None };
    let failures = before.map_or(0, |before| before.failures).saturating_add(1);
    let pause = |by, until| {
        let (since, what) = (Some(now), what.clone());
        Some(Pause { failures, until, since, spread_milliseconds: 0, by, what })
    };
    match kind {
        ErrorKind::Busy { retry_after: Some(asked) } => {
            let asked = SignedDuration::try_from(*asked).unwrap_or(LONGEST);
            let spread_milliseconds = millis(part(asked, dice, 10));
            let pause = pause(By::Server, Some(later(now, asked)));
            pause.map(|pause| Pause { spread_milliseconds, ..pause })
        }
        ErrorKind::Busy { retry_after: None } | ErrorKind::Offline | ErrorKind::Malformed => {
            pause(By::Us, Some(later(now, back_off(failures, dice))))
        }
        // Trying again by ourselves could lock the account, or ask a server that is not the one that was meant.
        ErrorKind::Unauthorized | ErrorKind::Untrusted | ErrorKind::Moved => pause(By::Us, None),
        ErrorKind::Gone | ErrorKind::Refused | ErrorKind::ReadOnly | ErrorKind::Stale => {
            pause(By::Us, Some(later(now, back_off(failures, dice))))
        }
        // Not the server's doing: what was known of it still holds.
        ErrorKind::Cancelled
        | ErrorKind::Locked
        | ErrorKind::Full
        | ErrorKind::Outdated
        | ErrorKind::Damaged
        | ErrorKind::Local => before.cloned(),
    }
}

/// Twice as long after each failure, give or take a quarter.
fn back_off(failures: u32, dice: u64) -> SignedDuration {
    let doubled = FIRST.checked_mul(1 << failures.saturating_sub(1).min(20)).unwrap_or(LONGEST);
    let plain = doubled.min(LONGEST);
    plain.saturating_sub(part(plain, 100, 25)).saturating_add(part(plain, dice, 50))
}

/// Up to so many per cent of a length, as the dice say: of 100, they count the part.
fn part(of: SignedDuration, dice: u64, per_cent: i64) -> SignedDuration {
    let dice = i64::try_from(dice % 101).unwrap_or(0);
    SignedDuration::from_millis(millis(of).saturating_mul(per_cent) / 100 * dice / 100)
}

fn millis(of: SignedDuration) -> i64 {
    i64::try_from(of.as_millis()).unwrap_or(i64::MAX / 1_000)
}

fn later(from: Timestamp, by: SignedDuration) -> Timestamp {
    from.checked_add(by).unwrap_or(Timestamp::MAX)
}

/// How long it still is until a moment.
pub(crate) fn left(until: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(until.duration_since(now)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2026-03-02T08:00:00Z";

    fn now() -> Timestamp {
        NOW.parse().unwrap()
    }

    fn minutes(minutes: i64) -> Timestamp {
        later(now(), SignedDuration::from_mins(minutes))
    }

    fn stopped(kind: ErrorKind) -> RunOutcome {
        RunOutcome::Stopped { kind, what: "it stopped".into() }
    }

    fn paused(by: By, until: Option<i64>) -> Pause {
        let until = until.map(minutes);
        Pause { failures: 1, until, since: None, spread_milliseconds: 0, by, what: String::new() }
    }

    #[test]
    fn what_a_clock_said_that_was_wrong_keeps_nobody_waiting() {
        let half_an_hour = SignedDuration::from_mins(30);
        let year = 365 * 24 * 60;
        let ahead = |by| Some(Pause { since: Some(minutes(year)), ..paused(by, Some(year + 5)) });
        for (urgency, last, pause) in [
            (Urgency::Due, Some(year), None),
            (Urgency::Due, None, ahead(By::Us)),
            (Urgency::Due, Some(year), ahead(By::Server)),
            (Urgency::Asked, None, ahead(By::Server)),
        ] {
            let turn = super::turn(urgency, last.map(minutes), half_an_hour, pause.as_ref(), now());
            assert_eq!(turn, Turn::Go, "{urgency:?} {last:?} {pause:?}");
        }
        // What waits for a person does, whatever the clock says.
        let refused = Some(Pause { since: Some(minutes(year)), ..paused(By::Us, None) });
        let turn = super::turn(Urgency::Due, None, half_an_hour, refused.as_ref(), now());
        assert_eq!(turn, Turn::NotBefore(None));
    }

    #[test]
    fn it_is_a_profiles_turn_when_its_interval_or_its_pause_is_over() {
        use Turn::{Go, NotBefore, Paused};
        let half_an_hour = SignedDuration::from_mins(30);
        let check = |urgency, last: Option<i64>, interval, pause: Option<Pause>, turn: Turn| {
            let got = super::turn(urgency, last.map(minutes), interval, pause.as_ref(), now());
            assert_eq!(got, turn, "{urgency:?} {last:?} {interval:?} {pause:?}");
        };
        for urgency in [Urgency::Asked, Urgency::Now] {
            check(urgency, Some(-1), half_an_hour, None, Go);
            check(urgency, Some(-1), SignedDuration::ZERO, Some(paused(By::Us, Some(5))), Go);
            check(urgency, Some(-1), half_an_hour, Some(paused(By::Us, None)), Go);
            check(urgency, Some(-1), half_an_hour, Some(paused(By::Server, Some(-1))), Go);
        }
        let asked = || Some(paused(By::Server, Some(5)));
        check(Urgency::Asked, Some(-1), half_an_hour, asked(), Paused(minutes(5)));
        check(Urgency::Now, Some(-1), half_an_hour, asked(), Go);

        let due = Urgency::Due;
        check(due, None, half_an_hour, None, Go);
        check(due, Some(-30), half_an_hour, None, Go);
        check(due, Some(-29), half_an_hour, None, NotBefore(Some(minutes(1))));
        check(due, None, SignedDuration::ZERO, None, NotBefore(None));
        check(due, Some(-1), half_an_hour, Some(paused(By::Us, Some(0))), Go);
        check(due, Some(-99), half_an_hour, Some(paused(By::Us, Some(5))), NotBefore(Some(minutes(5))));
        check(due, Some(-99), half_an_hour, asked(), NotBefore(Some(minutes(5))));
        check(due, Some(-99), half_an_hour, Some(paused(By::Us, None)), NotBefore(None));
    }

    #[test]
    fn a_server_that_fails_is_asked_ever_less_often() {
        let lengths = |dice| -> Vec<i64> {
            let mut pause = None;
            let next = |_| {
                pause = after(&stopped(ErrorKind::Offline), pause.as_ref(), dice, now());
                pause.as_ref().unwrap().until.unwrap().duration_since(now()).as_secs()
            };
            (0..11).map(next).collect()
        };
        let plain = [60, 120, 240, 480, 960, 1_920, 3_840, 7_680, 14_400, 14_400, 14_400];
        for (dice, share) in [(0, 0.75), (50, 1.0), (100, 1.25)] {
            let expected: Vec<i64> = plain.iter().map(|seconds| (*seconds as f64 * share) as i64).collect();
            assert_eq!(lengths(dice), expected, "dice {dice}");
        }
        let all = (0..1_000).flat_map(lengths);
        assert!(all.into_iter().all(|seconds| (45..=18_000).contains(&seconds)));
    }

    #[test]
    fn a_server_that_asks_for_patience_gets_at_least_that() {
        for dice in 0..200 {
            let asked = ErrorKind::Busy { retry_after: Some(Duration::from_secs(600)) };
            let pause = after(&stopped(asked), None, dice, now()).unwrap();
            assert_eq!((pause.until, pause.by), (Some(minutes(10)), By::Server));
            let half_an_hour = SignedDuration::from_mins(30);
            match turn(Urgency::Due, None, half_an_hour, Some(&pause), now()) {
                Turn::NotBefore(Some(due)) => assert!((minutes(10)..=minutes(11)).contains(&due), "{due}"),
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn after_a_refused_login_nothing_is_tried_by_itself() {
        let pause = after(&stopped(ErrorKind::Unauthorized), None, 7, now()).unwrap();
        assert_eq!((pause.until, pause.by), (None, By::Us));
        let turn = turn(Urgency::Due, None, SignedDuration::from_mins(30), Some(&pause), minutes(100_000));
        assert_eq!(turn, Turn::NotBefore(None));
    }

    #[test]
    fn a_good_run_ends_every_pause_and_what_is_not_the_servers_doing_changes_none() {
        let before = paused(By::Server, Some(5));
        assert_eq!(after(&RunOutcome::Finished, Some(&before), 1, now()), None);
        for kind in [ErrorKind::Cancelled, ErrorKind::Locked, ErrorKind::Full, ErrorKind::Local] {
            assert_eq!(after(&stopped(kind), Some(&before), 1, now()).as_ref(), Some(&before));
            assert_eq!(after(&stopped(kind), None, 1, now()), None);
        }
    }
}
