//! What failed again and again: it is tried less often, and named.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use rusqlite::params;

use super::{Changing, State};
use crate::error::Result;
use crate::report::LineEvent;

/// A step that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failing {
    /// What a person calls the item.
    pub title: String,
    /// What the storage said last.
    pub what: String,
    /// How often it failed in a row.
    pub times: u32,
    /// When it failed first.
    pub since: Timestamp,
    /// It is not tried before.
    pub next: Timestamp,
}

impl Failing {
    /// Whether it is not tried now. It is where it is to wait longer than anything ever is: the clock was wrong then.
    pub(crate) fn waits(&self, now: Timestamp) -> bool {
        let left = self.next.duration_since(now);
        left.is_positive() && left <= pause_after(self.times)
    }

    /// What a report says while it is not tried.
    pub(crate) fn deferred(&self) -> LineEvent {
        LineEvent::Deferred { times: self.times, until: self.next, what: self.what.clone() }
    }
}

/// How long a step that failed so often in a row is not tried: twice it is tried again by the next run, then after one hour,
/// two, four, and at most a day.
pub(crate) fn pause_after(times: u32) -> SignedDuration {
    match times {
        0..=2 => SignedDuration::ZERO,
        times => SignedDuration::from_hours(1_i64 << (times - 3).min(5)).min(SignedDuration::from_hours(24)),
    }
}

impl State {
    /// What fails, by what it is about.
    pub fn failing(&self, pair: &str) -> Result<BTreeMap<String, Failing>> {
        let sql = "SELECT subject, title, what, times, since, next FROM failing WHERE pair = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([pair], |row| {
            let time = |text: String| text.parse().unwrap_or(Timestamp::UNIX_EPOCH);
            Ok((
                row.get(0)?,
                Failing {
                    title: row.get(1)?,
                    what: row.get(2)?,
                    times: row.get(3)?,
                    since: time(row.get(4)?),
                    next: time(row.get(5)?),
                },
            ))
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

impl Changing<'_> {
    /// Counts a failure.
    pub(crate) fn put_failing(&self, pair: &str, subject: &str, failing: &Failing) -> Result<()> {
        self.connection.execute(
            "INSERT OR REPLACE INTO failing (pair, subject, title, what, times, since, next)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![
                pair,
                subject,
                failing.title,
                failing.what,
                failing.times,
                failing.since.to_string(),
                failing.next.to_string(),
            ],
        )?;
        Ok(())
    }

    /// Forgets failures of anything else than these.
    pub(crate) fn keep_failing(&self, pair: &str, subjects: &BTreeSet<&str>) -> Result<()> {
        let mut statement = self.connection.prepare_cached("SELECT subject FROM failing WHERE pair = ?1")?;
        let known: Vec<String> =
            statement.query_map([pair], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        for subject in known.iter().filter(|subject| !subjects.contains(subject.as_str())) {
            self.connection
                .execute("DELETE FROM failing WHERE pair = ?1 AND subject = ?2", params![pair, subject])?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fails_more_often_waits_longer_but_never_more_than_a_day() {
        let hours: Vec<i64> = (0..10).map(|times| pause_after(times).as_hours()).collect();
        assert_eq!(hours, [0, 0, 0, 1, 2, 4, 8, 16, 24, 24]);
        assert_eq!(pause_after(u32::MAX).as_hours(), 24);
    }
}
