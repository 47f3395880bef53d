//! What waits for a later run: questions, what is not ours, steps that a person has to decide.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{OptionalExtension, Row as SqlRow, params};
use serde::{Deserialize, Serialize};

use super::{Changing, State, column};
use crate::error::{Error, ErrorKind, Result};
use crate::sides::Side;
use crate::storage::{ItemId, Version};

/// What a person said about a held step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Nothing yet.
    Waiting,
    /// Do it, if nothing changed since.
    Approved,
    /// Do not; what each side holds is the new base.
    Rejected,
}

/// A held step as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldRow {
    /// Its number, by which a person names it.
    pub id: i64,
    /// The run that held it first.
    pub run: String,
    /// What was said about it.
    pub verdict: Verdict,
    /// The step as a plan shows it.
    pub row: serde_json::Value,
    /// When it was held first, RFC 3339.
    pub since: String,
}

impl State {
    /// What the last run left open about a side.
    pub fn pending(&self, pair: &str, side: Side) -> Result<BTreeSet<ItemId>> {
        let mut statement =
            self.connection.prepare_cached("SELECT id FROM pending WHERE pair = ?1 AND side = ?2")?;
        let rows = statement.query_map(params![pair, column(side)], |row| Ok(ItemId(row.get(0)?)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// What of it the last run asked about and got no answer that could be used.
    pub fn asked_in_vain(&self, pair: &str, side: Side) -> Result<BTreeSet<ItemId>> {
        let sql = "SELECT id FROM pending WHERE pair = ?1 AND side = ?2 AND in_vain";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map(params![pair, column(side)], |row| Ok(ItemId(row.get(0)?)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Whether an id is known to hold something that is not ours.
    pub fn is_not_ours(&self, pair: &str, side: Side, id: &ItemId) -> Result<bool> {
        let sql = "SELECT 1 FROM not_ours WHERE pair = ?1 AND side = ?2 AND id = ?3";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_row(params![pair, column(side), id.0], |_| Ok(())).optional()?.is_some())
    }

    /// The steps that wait, or were decided and not yet carried out.
    pub fn held(&self, pair: &str) -> Result<Vec<HeldRow>> {
        let sql = "SELECT id, run, verdict, row, since FROM held WHERE pair = ?1 ORDER BY id";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([pair], held_of_row)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// What was said about the steps that wait, by their subjects.
    pub fn verdicts(&self, pair: &str) -> Result<BTreeMap<String, Verdict>> {
        let mut statement =
            self.connection.prepare_cached("SELECT subject, verdict FROM held WHERE pair = ?1")?;
        let rows =
            statement.query_map([pair], |row| Ok((row.get(0)?, verdict_of(&row.get::<_, String>(1)?))))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Records what a person says about a held step. It is carried out by the next run.
    ///
    /// # Errors
    /// `Gone` where no such step waits.
    pub fn decide_held(&mut self, pair: &str, id: i64, verdict: Verdict) -> Result<()> {
        let sql = "UPDATE held SET verdict = ?3 WHERE pair = ?1 AND id = ?2";
        match self.connection.execute(sql, params![pair, id, verdict_name(verdict)])? {
            0 => Err(Error::new(ErrorKind::Gone, format!("No step {id} waits."))),
            _ => Ok(()),
        }
    }
}

impl Changing<'_> {
    /// Asks about an item again in the next run.
    pub fn put_pending(&self, pair: &str, side: Side, id: &ItemId) -> Result<()> {
        self.connection
            .prepare_cached("INSERT OR IGNORE INTO pending (pair, side, id) VALUES (?1, ?2, ?3)")?
            .execute(params![pair, column(side), id.0])?;
        Ok(())
    }

    /// The same of an item that was asked about in vain.
    pub fn put_asked_in_vain(&self, pair: &str, side: Side, id: &ItemId) -> Result<()> {
        self.connection
            .prepare_cached(
                "INSERT OR REPLACE INTO pending (pair, side, id, in_vain) VALUES (?1, ?2, ?3, TRUE)",
            )?
            .execute(params![pair, column(side), id.0])?;
        Ok(())
    }

    /// Forgets the questions of earlier runs.
    pub fn clear_pending(&self, pair: &str) -> Result<()> {
        self.connection.prepare_cached("DELETE FROM pending WHERE pair = ?1")?.execute([pair])?;
        Ok(())
    }

    /// Remembers an id that its side's token does not know: of an item that the run made, or (`None`) of one that is new to
    /// the run, and known to the token with which it ends if it ends well.
    pub fn put_made(&self, pair: &str, side: Side, id: &ItemId, run: Option<&str>) -> Result<()> {
        self.connection
            .prepare_cached("INSERT OR REPLACE INTO made (pair, side, id, run) VALUES (?1, ?2, ?3, ?4)")?
            .execute(params![pair, column(side), id.0, run.unwrap_or_default()])?;
        Ok(())
    }

    /// Forgets what other runs than this one made: the tokens that it ends with know of them.
    pub fn keep_made(&self, pair: &str, run: &str) -> Result<()> {
        let sql = "DELETE FROM made WHERE pair = ?1 AND run <> ?2";
        self.connection.prepare_cached(sql)?.execute([pair, run])?;
        Ok(())
    }

    /// Remembers that an id holds something that is not ours, in this state.
    pub fn put_not_ours(
        &self,
        pair: &str,
        side: Side,
        id: &ItemId,
        version: &Version,
        why: &str,
    ) -> Result<()> {
        self.connection
            .prepare_cached(
                "INSERT OR REPLACE INTO not_ours (pair, side, id, version, why) VALUES (?1,?2,?3,?4,?5)",
            )?
            .execute(params![pair, column(side), id.0, version.0, why])?;
        Ok(())
    }

    /// Forgets that an id holds something that is not ours.
    pub fn remove_not_ours(&self, pair: &str, side: Side, id: &ItemId) -> Result<()> {
        self.connection
            .prepare_cached("DELETE FROM not_ours WHERE pair = ?1 AND side = ?2 AND id = ?3")?
            .execute(params![pair, column(side), id.0])?;
        Ok(())
    }

    /// Holds a step, or keeps it held.
    pub fn put_held(
        &self,
        pair: &str,
        run: &str,
        subject: &str,
        row: &serde_json::Value,
        since: &str,
    ) -> Result<()> {
        self.connection.execute(
            "INSERT INTO held (pair, run, subject, verdict, row, since) VALUES (?1, ?2, ?3, 'waiting', ?4, ?5)
             ON CONFLICT (pair, subject) DO UPDATE SET row = excluded.row",
            params![pair, run, subject, row.to_string(), since],
        )?;
        Ok(())
    }

    /// Forgets held steps that no longer wait: those of other subjects than these.
    pub fn keep_held(&self, pair: &str, subjects: &[&str]) -> Result<()> {
        let mut statement = self.connection.prepare_cached("SELECT id, subject FROM held WHERE pair = ?1")?;
        let rows =
            statement.query_map([pair], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)))?;
        let rows: Vec<(i64, String)> = rows.collect::<rusqlite::Result<_>>()?;
        for (id, subject) in rows {
            if !subjects.contains(&subject.as_str()) {
                self.connection.execute("DELETE FROM held WHERE id = ?1", [id])?;
            }
        }
        Ok(())
    }
}

fn verdict_name(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Waiting => "waiting",
        Verdict::Approved => "approved",
        Verdict::Rejected => "rejected",
    }
}

fn verdict_of(name: &str) -> Verdict {
    match name {
        "approved" => Verdict::Approved,
        "rejected" => Verdict::Rejected,
        _ => Verdict::Waiting,
    }
}

fn held_of_row(row: &SqlRow<'_>) -> rusqlite::Result<HeldRow> {
    let verdict: String = row.get(2)?;
    let shown: String = row.get(3)?;
    Ok(HeldRow {
        id: row.get(0)?,
        run: row.get(1)?,
        verdict: verdict_of(&verdict),
        row: serde_json::from_str(&shown).unwrap_or_default(),
        since: row.get(4)?,
    })
}
