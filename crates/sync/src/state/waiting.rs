//! What waits for a later run: questions, writes that were begun, steps that a person has to decide.

use dovetail_model::Item;
use rusqlite::{Row as SqlRow, params};
use serde::{Deserialize, Serialize};

use super::{Changing, State, column, side_of};
use crate::error::{Error, ErrorKind, Result};
use crate::sides::Side;
use crate::storage::{ItemId, Version};

/// A write that was begun. After a crash nobody knows whether it arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intent {
    /// Where it was to be written.
    pub side: Side,
    /// What was to be updated or deleted; `None` for a create.
    pub own: Option<ItemId>,
    /// Its counterpart on the other side.
    pub other: Option<ItemId>,
    /// The UID that it carries.
    pub uid: String,
    /// What a create was to write.
    pub item: Option<Item>,
}

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
    /// The writes that were begun and of which no outcome is known.
    pub fn intents(&self, pair: &str) -> Result<Vec<Intent>> {
        let sql = "SELECT side, own_id, other_id, uid, item FROM intent WHERE pair = ?1 ORDER BY id";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([pair], |row| {
            let item: Option<String> = row.get(4)?;
            Ok(Intent {
                side: side_of(&row.get::<_, String>(0)?),
                own: row.get::<_, Option<String>>(1)?.map(ItemId),
                other: row.get::<_, Option<String>>(2)?.map(ItemId),
                uid: row.get(3)?,
                item: item.and_then(|item| serde_json::from_str(&item).ok()),
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// The steps that wait, or were decided and not yet carried out.
    pub fn held(&self, pair: &str) -> Result<Vec<HeldRow>> {
        let sql = "SELECT id, run, verdict, row, since FROM held WHERE pair = ?1 ORDER BY id";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([pair], held_of_row)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// What was said about the step with this subject.
    pub fn verdict(&self, pair: &str, subject: &str) -> Result<Option<Verdict>> {
        let sql = "SELECT id, run, verdict, row, since FROM held WHERE pair = ?1 AND subject = ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query_map(params![pair, subject], held_of_row)?;
        Ok(rows.next().transpose()?.map(|row| row.verdict))
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
    /// Remembers a write that is about to begin.
    pub fn put_intent(&self, pair: &str, run: &str, intent: &Intent) -> Result<()> {
        let item = intent.item.as_ref().and_then(|item| serde_json::to_string(item).ok());
        self.connection
            .prepare_cached("INSERT INTO intent (pair, run, side, own_id, other_id, uid, item) VALUES (?1,?2,?3,?4,?5,?6,?7)")?
            .execute(params![
                pair,
                run,
                column(intent.side),
                intent.own.as_ref().map(|id| &id.0),
                intent.other.as_ref().map(|id| &id.0),
                intent.uid,
                item,
            ])?;
        Ok(())
    }

    /// Forgets the intents of one run: their outcomes are recorded.
    pub fn clear_intents_of(&self, pair: &str, run: &str) -> Result<()> {
        self.connection.execute("DELETE FROM intent WHERE pair = ?1 AND run = ?2", [pair, run])?;
        Ok(())
    }

    /// Forgets all intents of a pair: what became of them is known.
    pub fn clear_intents(&self, pair: &str) -> Result<()> {
        self.connection.execute("DELETE FROM intent WHERE pair = ?1", [pair])?;
        Ok(())
    }

    /// Asks about an item again in the next run.
    pub fn put_pending(&self, pair: &str, side: Side, id: &ItemId) -> Result<()> {
        self.connection
            .prepare_cached("INSERT OR IGNORE INTO pending (pair, side, id) VALUES (?1, ?2, ?3)")?
            .execute(params![pair, column(side), id.0])?;
        Ok(())
    }

    /// Forgets the questions of earlier runs.
    pub fn clear_pending(&self, pair: &str) -> Result<()> {
        self.connection.execute("DELETE FROM pending WHERE pair = ?1", [pair])?;
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
    pub fn keep_held(&self, pair: &str, subjects: &[String]) -> Result<()> {
        let mut statement = self.connection.prepare_cached("SELECT id, subject FROM held WHERE pair = ?1")?;
        let rows =
            statement.query_map([pair], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)))?;
        let rows: Vec<(i64, String)> = rows.collect::<rusqlite::Result<_>>()?;
        for (id, subject) in rows {
            if !subjects.contains(&subject) {
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

fn held_of_row(row: &SqlRow<'_>) -> rusqlite::Result<HeldRow> {
    let verdict: String = row.get(2)?;
    let shown: String = row.get(3)?;
    Ok(HeldRow {
        id: row.get(0)?,
        run: row.get(1)?,
        verdict: match verdict.as_str() {
            "approved" => Verdict::Approved,
            "rejected" => Verdict::Rejected,
            _ => Verdict::Waiting,
        },
        row: serde_json::from_str(&shown).unwrap_or_default(),
        since: row.get(4)?,
    })
}
