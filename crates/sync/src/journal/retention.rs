//! How long the journal remembers, and how much: what is too old goes, and the oldest where it takes too much room.
//!
//! Clashes that nobody has decided about keep both their versions, whatever their age; runs that something else still names,
//! such as a step that waits, stay as well, and so does everything of the last two days and the last run.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use rusqlite::{OptionalExtension, params};

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
        let mut gone = 0;
        let old = self.oldest(before(now, age), needed, usize::MAX)?;
        let due = self.oldest(before(now, age.saturating_add(EVERY)), needed, 1)?;
        if !due.is_empty() {
            self.forget(&old, before(now, age))?;
            gone += old.len() as u64;
        }
        while keep.bytes > 0 && self.used_bytes()? > keep.bytes {
            let older = self.oldest(before(now, RECENT), needed, usize::MAX)?;
            // An eighth at a time: each round reads all that is kept.
            let Some(some) = older.get(..older.len().div_ceil(8)).filter(|some| !some.is_empty()) else {
                break;
            };
            self.forget(some, before(now, RECENT))?;
            gone += some.len() as u64;
        }
        if gone > 0 {
            self.give_back_room()?;
        }
        Ok(gone)
    }

    /// The oldest runs from before a moment, less the last of their pair and those that are needed; at most so many.
    fn oldest(&self, before: Timestamp, needed: &BTreeSet<String>, count: usize) -> Result<Vec<String>> {
        let sql = "SELECT id, started FROM run
                   WHERE rowid NOT IN (SELECT max(rowid) FROM run GROUP BY pair) ORDER BY rowid";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let (id, started): (String, String) = (row.get(0)?, row.get(1)?);
            // Runs stand in the order in which they began: the first that is young enough ends the search.
            if found.len() >= count || started.parse::<Timestamp>().is_ok_and(|started| started >= before) {
                break;
            }
            if !needed.contains(&id) {
                found.push(id);
            }
        }
        Ok(found)
    }

    fn forget(&mut self, runs: &[String], before: Timestamp) -> Result<()> {
        let transaction = self.connection.transaction()?;
        for run in runs {
            transaction.prepare_cached("DELETE FROM entry WHERE run = ?1")?.execute([run])?;
            transaction.prepare_cached("DELETE FROM run WHERE id = ?1")?.execute([run])?;
        }
        let sql = "DELETE FROM clash WHERE taken IS NOT NULL AND at < ?1";
        transaction.execute(sql, params![before.as_second()])?;
        bodies::drop_unused(&transaction)?;
        transaction.commit()?;
        Ok(())
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

fn before(now: Timestamp, age: SignedDuration) -> Timestamp {
    now.checked_sub(age).unwrap_or(Timestamp::MIN)
}
