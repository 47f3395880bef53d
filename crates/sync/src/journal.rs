//! What runs did, and every original that they replaced: the source of undo, restore and history.
//!
//! Written before a storage is: an original is durable here before it is overwritten or deleted (INVARIANT 5). A damaged
//! journal is moved aside like a damaged state; what it held can then only be read by hand.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use dovetail_model::Kind;
use dovetail_model::carry::Clash;
use jiff::Timestamp;
use rusqlite::{Connection, Row as SqlRow, ToSql, params};
use rusqlite_migration::{M, Migrations};
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::report::{Report, RunOutcome};
use crate::sides::Side;
use crate::state::{Base, column, file, side_of};
use crate::storage::{ItemId, Original, Snapshot, Version};

mod bodies;
mod clash;
mod mentions;
mod retention;

pub use clash::{Clashed, Fought};
pub use mentions::Mention;
pub use retention::Keep;

/// A journal database.
#[derive(Debug)]
pub struct Journal {
    connection: Connection,
    /// Behind the connection: it closes first.
    seal: file::Seal,
    /// Where a damaged predecessor was moved, if there was one.
    pub damaged: Option<PathBuf>,
}

/// What was done to one item on one side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its number.
    pub id: i64,
    /// The side that was written.
    pub side: Side,
    /// What was done.
    pub operation: Operation,
    /// The item; of a create, known once it is done.
    pub item: Option<ItemId>,
    /// Its counterpart on the other side.
    pub other: Option<ItemId>,
    /// The UID.
    pub uid: String,
    /// What kind of item it is.
    pub kind: Kind,
    /// What a person calls it.
    pub title: String,
    /// What clashed.
    pub clashes: Vec<Clash>,
    /// Whether a value was destroyed, or may have been: a deletion, or an overwrite that lost a clash.
    pub loses: bool,
    /// Whether a person asked for this very step: by approving, undoing, restoring.
    pub asked: bool,
    /// A digest of what is written, where it may be written again and again: to an item that was linked before.
    pub content: Option<Vec<u8>>,
    /// How it ended.
    pub outcome: Outcome,
    /// What the side held before.
    pub before: Option<Stored>,
    /// What it held after.
    pub after: Option<Stored>,
}

/// An original together with its version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// All of it.
    pub original: Original,
    /// Its state then.
    pub version: Version,
}

impl From<&Snapshot> for Stored {
    fn from(snapshot: &Snapshot) -> Self {
        Stored { original: snapshot.original.clone(), version: snapshot.version.clone() }
    }
}

/// What is done to an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Operation {
    /// It is made.
    Create,
    /// It is changed.
    Update,
    /// It is removed.
    Delete,
}

/// How an entry ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// The run was killed before it could say.
    Begun,
    /// It was done.
    Done,
    /// The storage refused.
    Failed,
}

/// A run as a list of runs shows it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RunRow {
    /// A UUID.
    pub id: String,
    /// The pair.
    pub pair: String,
    /// When it began, RFC 3339.
    pub started: String,
    /// What it reported; `None` while it runs, or when it was killed.
    pub report: Option<Report>,
}

impl Journal {
    /// Opens, or makes, the database at `path`; its folder must exist.
    ///
    /// # Errors
    /// `Local` where the disk fails.
    pub fn open(path: &Path) -> Result<Journal> {
        let migrations = Migrations::new(vec![
            M::up(include_str!("journal/0001.sql")),
            M::up(include_str!("journal/0002.sql")),
        ]);
        let file::Opened { connection, seal, damaged } = file::open(path, &migrations, |_| Ok(true))?;
        Ok(Journal { connection, seal, damaged })
    }

    /// Begins a run.
    pub fn begin(&mut self, run: &str, pair: &str, now: Timestamp) -> Result<()> {
        self.seal.take_off();
        let sql = "INSERT INTO run (id, pair, started) VALUES (?1, ?2, ?3)";
        self.connection.prepare_cached(sql)?.execute([run, pair, &now.to_string()])?;
        Ok(())
    }

    /// Keeps what a run reports.
    pub fn finish(&mut self, report: &Report) -> Result<()> {
        let text = serde_json::to_string(report).unwrap_or_default();
        let sql = "UPDATE run SET report = ?2 WHERE id = ?1";
        self.connection.prepare_cached(sql)?.execute([&report.run, &text])?;
        if report.outcome == RunOutcome::Finished {
            self.seal.put_on();
        }
        Ok(())
    }

    /// Makes what is recorded durable as one.
    pub(crate) fn together<T>(&mut self, work: impl FnOnce(&mut Journal) -> Result<T>) -> Result<T> {
        file::together(self, |journal| &journal.connection, work)
    }

    /// Makes entries, with the originals that are about to be replaced, durable; their ids are set.
    pub fn record(
        &mut self,
        run: &str,
        pair: &str,
        now: Timestamp,
        entries: &mut [&mut Entry],
    ) -> Result<()> {
        let transaction = self.connection.savepoint()?;
        for entry in entries.iter_mut() {
            let before = entry
                .before
                .as_ref()
                .map(|stored| bodies::put(&transaction, &stored.original.bytes))
                .transpose()?;
            transaction
                .prepare_cached(
                    "INSERT INTO entry (run, pair, side, at, operation, item_id, other_id, uid, kind, title, clashes,
                     loses, outcome, before_hash, before_capture, before_version, content, asked)
                     VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,'begun',?13,?14,?15,?16,?17)",
                )?
                .execute(params![
                    run,
                    pair,
                    column(entry.side),
                    now.as_second(),
                    word(&entry.operation),
                    entry.item.as_ref().map(|id| &id.0),
                    entry.other.as_ref().map(|id| &id.0),
                    entry.uid,
                    word(&entry.kind),
                    entry.title,
                    serde_json::to_string(&entry.clashes).unwrap_or_default(),
                    entry.loses,
                    before,
                    entry.before.as_ref().map(|stored| stored.original.capture),
                    entry.before.as_ref().map(|stored| &stored.version.0),
                    entry.content,
                    entry.asked.then_some(1),
                ])?;
            entry.id = transaction.last_insert_rowid();
        }
        transaction.commit()?;
        Ok(())
    }

    /// Records how entries ended: `outcome`, `loses`, `item` and `after` are as the entries say.
    pub fn conclude(&mut self, entries: &[&Entry]) -> Result<()> {
        let transaction = self.connection.savepoint()?;
        for entry in entries {
            let after = entry
                .after
                .as_ref()
                .map(|stored| bodies::put(&transaction, &stored.original.bytes))
                .transpose()?;
            transaction
                .prepare_cached(
                    "UPDATE entry SET outcome = ?2, item_id = ?3, after_hash = ?4, after_capture = ?5, after_version = ?6,
                     loses = ?7 WHERE id = ?1",
                )?
                .execute(params![
                    entry.id,
                    word(&entry.outcome),
                    entry.item.as_ref().map(|id| &id.0),
                    after,
                    entry.after.as_ref().map(|stored| stored.original.capture),
                    entry.after.as_ref().map(|stored| &stored.version.0),
                    entry.loses,
                ])?;
        }
        transaction.commit()?;
        Ok(())
    }

    /// Records what a later run found out about an entry of a killed one: what the side holds, or that nothing was done.
    pub(crate) fn settle(&mut self, entry: i64, outcome: Outcome, holds: Option<&Base>) -> Result<()> {
        let transaction = self.connection.transaction()?;
        let after = holds.map(|base| bodies::put(&transaction, &base.original.bytes)).transpose()?;
        transaction.execute(
            "UPDATE entry SET outcome = ?2, item_id = coalesce(?3, item_id),
             after_hash = ?4, after_capture = ?5, after_version = ?6, loses = loses AND ?2 <> 'failed' WHERE id = ?1",
            params![
                entry,
                word(&outcome),
                holds.map(|base| &base.id.0),
                after,
                holds.map(|base| base.original.capture),
                holds.map(|base| &base.version.0),
            ],
        )?;
        transaction.commit()?;
        Ok(())
    }

    /// The runs of a pair, newest first, at most `count`: in the order in which they were, whatever the clock said.
    pub fn runs(&self, pair: &str, count: usize) -> Result<Vec<RunRow>> {
        let sql = "SELECT id, pair, started, report FROM run WHERE pair = ?1 ORDER BY rowid DESC LIMIT ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows =
            statement.query_map(params![pair, i64::try_from(count).unwrap_or(i64::MAX)], run_of_row)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Whether it remembers any run of a pair but this one.
    pub fn has_others(&self, pair: &str, run: &str) -> Result<bool> {
        let sql = "SELECT EXISTS (SELECT 1 FROM run WHERE pair = ?1 AND id <> ?2)";
        Ok(self.connection.prepare_cached(sql)?.query_row([pair, run], |row| row.get(0))?)
    }

    /// The run whose id begins so; `None` where there is none, or more than one.
    pub fn run(&self, id_begins: &str) -> Result<Option<RunRow>> {
        let sql = "SELECT id, pair, started, report FROM run WHERE substr(id, 1, length(?1)) = ?1 LIMIT 2";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([id_begins], run_of_row)?;
        let mut rows: Vec<RunRow> = rows.collect::<rusqlite::Result<_>>()?;
        Ok(if rows.len() == 1 { rows.pop() } else { None })
    }

    /// The entries of a run, in the order in which they were made.
    pub fn entries(&self, run: &str) -> Result<Vec<Entry>> {
        self.read_entries("run = ?1 ORDER BY id", &[&run])
    }

    /// An entry by its number.
    pub fn entry(&self, id: i64) -> Result<Option<Entry>> {
        Ok(self.read_entries("id = ?1", &[&id])?.pop())
    }

    fn read_entries(&self, condition: &str, parameters: &[&dyn ToSql]) -> Result<Vec<Entry>> {
        let sql = format!("{SELECT_ENTRY} WHERE {condition}");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map(parameters, |row| entry_of_row(&self.connection, row))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// How many values were destroyed on a side since a moment, by deletions and by overwrites that lost a clash. One that failed
    /// may have been done all the same: it counts until a later run has seen that it was not.
    pub fn destroyed_since(&self, pair: &str, side: Side, since: Timestamp) -> Result<u64> {
        let sql = "SELECT count(*) FROM entry
            WHERE pair = ?1 AND side = ?2 AND at > ?3 AND loses";
        let mut statement = self.connection.prepare_cached(sql)?;
        let count: i64 =
            statement.query_row(params![pair, column(side), since.as_second()], |row| row.get(0))?;
        Ok(count.unsigned_abs())
    }

    /// The items of a side to which the same was written at least `times` times since a moment, and since a person last
    /// asked for it, and which somebody else had changed before each write but the first.
    pub fn rewritten_since(
        &self,
        pair: &str,
        side: Side,
        since: Timestamp,
        times: u32,
    ) -> Result<BTreeSet<ItemId>> {
        let sql = "WITH written AS (
                SELECT id, item_id, content, before_hash,
                    lag(after_hash) OVER (PARTITION BY item_id ORDER BY id) AS left_as
                FROM entry
                WHERE pair = ?1 AND side = ?2 AND at > ?3 AND operation = 'update' AND outcome = 'done')
            SELECT DISTINCT item_id FROM written
            WHERE content IS NOT NULL AND left_as IS NOT before_hash AND id > (
                SELECT coalesce(max(id), 0) FROM entry asked
                WHERE asked.pair = ?1 AND asked.side = ?2 AND asked.at > ?3 AND asked.operation = 'update'
                AND asked.item_id = written.item_id AND asked.asked = 1)
            GROUP BY item_id, content HAVING count(*) >= ?4";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map(params![pair, column(side), since.as_second(), times], |row| {
            Ok(ItemId(row.get(0)?))
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

const SELECT_ENTRY: &str = "SELECT id, side, operation, item_id, other_id, uid, kind, title, clashes, loses, outcome,
    before_capture, before_version, before_hash, after_capture, after_version, after_hash, content, asked FROM entry";

fn run_of_row(row: &SqlRow<'_>) -> rusqlite::Result<RunRow> {
    let report: Option<String> = row.get(3)?;
    Ok(RunRow {
        id: row.get(0)?,
        pair: row.get(1)?,
        started: row.get(2)?,
        report: report.and_then(|report| serde_json::from_str(&report).ok()),
    })
}

fn entry_of_row(connection: &Connection, row: &SqlRow<'_>) -> rusqlite::Result<Entry> {
    Ok(Entry {
        id: row.get(0)?,
        side: side_of(&row.get::<_, String>(1)?),
        operation: of_word(&row.get::<_, String>(2)?).unwrap_or(Operation::Update),
        item: row.get::<_, Option<String>>(3)?.map(ItemId),
        other: row.get::<_, Option<String>>(4)?.map(ItemId),
        uid: row.get(5)?,
        kind: of_word(&row.get::<_, String>(6)?).unwrap_or(Kind::Event),
        title: row.get(7)?,
        clashes: serde_json::from_str(&row.get::<_, String>(8)?).unwrap_or_default(),
        loses: row.get(9)?,
        outcome: of_word(&row.get::<_, String>(10)?).unwrap_or(Outcome::Begun),
        before: stored_of_row(connection, row, 11)?,
        after: stored_of_row(connection, row, 14)?,
        content: row.get(17)?,
        asked: row.get::<_, Option<i64>>(18)? == Some(1),
    })
}

/// Capture, version and hash, from `first` on.
fn stored_of_row(
    connection: &Connection,
    row: &SqlRow<'_>,
    first: usize,
) -> rusqlite::Result<Option<Stored>> {
    let Some(hash) = row.get::<_, Option<Vec<u8>>>(first + 2)? else { return Ok(None) };
    let Some(bytes) = bodies::get(connection, &hash)? else { return Ok(None) };
    Ok(Some(Stored {
        original: Original { capture: row.get(first)?, bytes: Arc::from(bytes) },
        version: Version(row.get(first + 1)?),
    }))
}

/// The word by which a table knows a value.
fn word<T: Serialize>(value: &T) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

fn of_word<T: for<'de> Deserialize<'de>>(word: &str) -> Option<T> {
    serde_json::from_value(serde_json::Value::from(word)).ok()
}
