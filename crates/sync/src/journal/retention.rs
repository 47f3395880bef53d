//! How long the journal remembers, and how much: what is too old goes, and the oldest where it takes too much room.
//!
//! Clashes that nobody has decided about keep both their versions, whatever their age; runs that something else still names,
//! such as a step that waits, stay as well, and so does everything of the last two days and the last run. Age is counted in
//! days on which there were runs: no clock that goes wrong for a while erases the past.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use rusqlite::OptionalExtension;

use super::{Journal, bodies};
use crate::error::Result;

/// How much of the past is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keep {
    /// For so many days.
    pub days: u32,
    /// In so many bytes; 0 for any number.
    pub bytes: u64,
}

impl Default for Keep {
    fn default() -> Self {
        Keep { days: 90, bytes: 0 }
    }
}

/// What is younger than this is kept, whatever room it takes: the guard counts by it, and a person may want it undone.
const RECENT: SignedDuration = SignedDuration::from_hours(48);

/// Forgetting reads all that is kept, so that it is worth doing only so often.
const EVERY: SignedDuration = SignedDuration::from_hours(24);

/// A run that may go.
struct Aged {
    id: String,
    /// How long it is known to be over: of the time between two runs at most a day counts. A clock that was wrong for a
    /// while makes nothing older than it is.
    age: SignedDuration,
}

impl Journal {
    /// How many bytes it takes, without what was freed within its file.
    pub fn used_bytes(&self) -> Result<u64> {
        let sql = "SELECT (c.page_count - f.freelist_count) * s.page_size
                   FROM pragma_page_count c, pragma_freelist_count f, pragma_page_size s";
        let bytes: i64 = self.connection.query_row(sql, [], |row| row.get(0))?;
        Ok(bytes.unsigned_abs())
    }

    /// When the oldest run that it remembers began, RFC 3339.
    pub fn since(&self, pair: &str) -> Result<Option<String>> {
        let sql = "SELECT started FROM run WHERE pair = ?1 ORDER BY rowid LIMIT 1";
        Ok(self.connection.query_row(sql, [pair], |row| row.get(0)).optional()?)
    }

    /// Forgets what is too old or too much; but no run that is `needed`. How many runs went.
    pub fn forget_old(&mut self, keep: &Keep, needed: &BTreeSet<String>, now: Timestamp) -> Result<u64> {
        let age = SignedDuration::from_hours(i64::from(keep.days) * 24).max(RECENT);
        let is_too_large = keep.bytes > 0 && self.used_bytes()? > keep.bytes;
        if !is_too_large && !self.reaches_back(age.saturating_add(EVERY), now)? {
            return Ok(0);
        }
        let mut aged = self.aged(needed, now)?;
        let mut gone = 0;
        if aged.first().is_some_and(|oldest| oldest.age > age.saturating_add(EVERY)) {
            let young = aged.iter().position(|run| run.age <= age).unwrap_or(aged.len());
            gone += self.forget(aged.drain(..young))?;
        }
        aged.retain(|run| run.age > RECENT);
        while keep.bytes > 0 && self.used_bytes()? > keep.bytes && !aged.is_empty() {
            // An eighth at a time: each round reads all that is kept.
            gone += self.forget(aged.drain(..aged.len().div_ceil(8)))?;
        }
        if gone > 0 {
            self.give_back_room()?;
        }
        Ok(gone)
    }

    /// Whether the oldest run began so long ago, by the clock.
    fn reaches_back(&self, age: SignedDuration, now: Timestamp) -> Result<bool> {
        let sql = "SELECT started FROM run ORDER BY rowid LIMIT 1";
        let started: Option<String> = self.connection.query_row(sql, [], |row| row.get(0)).optional()?;
        let started = started.and_then(|started| started.parse::<Timestamp>().ok());
        Ok(started.is_some_and(|started| now.duration_since(started) > age))
    }

    /// The runs that may go, the oldest first: not the last of their pair, nor those that are needed.
    fn aged(&self, needed: &BTreeSet<String>, now: Timestamp) -> Result<Vec<Aged>> {
        let mut statement =
            self.connection.prepare_cached("SELECT id, pair, started FROM run ORDER BY rowid DESC")?;
        let mut rows = statement.query([])?;
        let (mut found, mut pairs) = (Vec::new(), BTreeSet::new());
        let (mut later, mut age) = (now, SignedDuration::ZERO);
        while let Some(row) = rows.next()? {
            let (id, pair, started): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
            if let Ok(started) = started.parse::<Timestamp>() {
                let between = later.duration_since(started).clamp(SignedDuration::ZERO, EVERY);
                age = age.saturating_add(between);
                later = started;
            }
            if !pairs.insert(pair) && !needed.contains(&id) {
                found.push(Aged { id, age });
            }
        }
        found.reverse();
        Ok(found)
    }

    fn forget(&mut self, runs: impl Iterator<Item = Aged>) -> Result<u64> {
        let transaction = self.connection.transaction()?;
        let mut gone = 0;
        for run in runs {
            transaction.prepare_cached("DELETE FROM entry WHERE run = ?1")?.execute([&run.id])?;
            transaction.prepare_cached("DELETE FROM run WHERE id = ?1")?.execute([&run.id])?;
            gone += 1;
        }
        let sql = "DELETE FROM clash WHERE taken IS NOT NULL AND run NOT IN (SELECT id FROM run)";
        transaction.execute(sql, [])?;
        bodies::drop_unused(&transaction)?;
        transaction.commit()?;
        Ok(gone)
    }

    /// Gives the room of the file back where most of it is free.
    fn give_back_room(&self) -> Result<()> {
        let sql =
            "SELECT f.freelist_count * 2 > c.page_count FROM pragma_page_count c, pragma_freelist_count f";
        if self.connection.query_row(sql, [], |row| row.get(0))? {
            self.connection.execute_batch("VACUUM")?;
        }
        Ok(())
    }
}
