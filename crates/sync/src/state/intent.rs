//! Writes that were begun. After a crash nobody knows whether they arrived: the next run reads before it does anything.

use dovetail_model::Item;
use rusqlite::{Row as SqlRow, params};
use serde::{Deserialize, Serialize};

use super::{Base, BaseColumns, Changing, LinkId, State, base_of_row};
use crate::error::Result;
use crate::sides::{Side, Sides};

/// What was about to be done to one item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intent {
    /// Its number; 0 before it is stored.
    pub id: i64,
    /// Its link, where it had one.
    pub link: Option<LinkId>,
    /// The UID by which the link is, or will be, known if its items carry none.
    pub uid: Option<String>,
    /// What each side held when the writes were planned.
    pub planned: Sides<Option<Base>>,
    /// What each side is to hold afterwards.
    pub wanted: Sides<Wanted>,
    /// The rows of the journal.
    pub entries: Sides<Option<i64>>,
    /// Both sides are meant to differ afterwards.
    pub apart: bool,
    /// What it was to make was made again, before anybody could tell whether it had been made.
    pub superseded: bool,
}

/// What a side is to hold after a write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wanted {
    /// What it holds: nothing is written there.
    Same,
    /// This.
    Item(Box<Item>),
    /// Nothing.
    Nothing,
}

impl Intent {
    /// Whether an item was to be made on `side`: its id is not known beforehand.
    pub fn creates(&self, side: Side) -> bool {
        self.planned.of(side).is_none() && matches!(self.wanted.of(side), Wanted::Item(_))
    }
}

impl State {
    /// The writes that were begun and of which no outcome is known.
    pub fn intents(&self, pair: &str) -> Result<Vec<Intent>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT id, link, uid, apart, outlook_entry, outlook_wanted, server_entry, server_wanted,
             outlook_id, outlook_version, outlook_modified, outlook_capture,
             (SELECT bytes FROM original WHERE hash = outlook_hash),
             server_id, server_version, server_modified, server_capture,
             (SELECT bytes FROM original WHERE hash = server_hash), superseded
             FROM intent WHERE pair = ?1 ORDER BY id",
        )?;
        let rows = statement.query_map([pair], intent_of_row)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

impl Changing<'_> {
    /// Remembers writes that are about to begin; returns the number by which the intent is known.
    pub fn put_intent(&self, pair: &str, run: &str, intent: &Intent) -> Result<i64> {
        let planned =
            intent.planned.as_ref().try_map(|_, base| BaseColumns::stored(self.connection, base.as_ref()))?;
        let wanted =
            intent.wanted.as_ref().map(|_, wanted| serde_json::to_string(wanted).unwrap_or_default());
        self.connection
            .prepare_cached(
                "INSERT INTO intent (pair, run, link, uid, apart, outlook_entry, outlook_wanted,
                 outlook_id, outlook_version, outlook_modified, outlook_capture, outlook_hash,
                 server_entry, server_wanted, server_id, server_version, server_modified, server_capture, server_hash)
                 VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,?19)",
            )?
            .execute(params![
                pair,
                run,
                intent.link.map(|link| link.0),
                intent.uid,
                intent.apart,
                intent.entries.outlook,
                wanted.outlook,
                planned.outlook.id,
                planned.outlook.version,
                planned.outlook.modified,
                planned.outlook.capture,
                planned.outlook.hash,
                intent.entries.server,
                wanted.server,
                planned.server.id,
                planned.server.version,
                planned.server.modified,
                planned.server.capture,
                planned.server.hash,
            ])?;
        Ok(self.connection.last_insert_rowid())
    }

    /// What an intent was to make is made again by another one.
    pub fn supersede(&self, id: i64) -> Result<()> {
        self.connection.prepare_cached("UPDATE intent SET superseded = 1 WHERE id = ?1")?.execute([id])?;
        Ok(())
    }

    /// Forgets what was begun for a link up to this intent: what each side holds of it was recorded since.
    pub fn remove_intents(&self, link: LinkId, up_to: i64) -> Result<()> {
        let sql = "DELETE FROM intent WHERE link = ?1 AND id <= ?2";
        self.connection.prepare_cached(sql)?.execute([link.0, up_to])?;
        Ok(())
    }

    /// Forgets an intent: what became of it is known.
    pub fn remove_intent(&self, id: i64) -> Result<()> {
        self.connection.prepare_cached("DELETE FROM intent WHERE id = ?1")?.execute([id])?;
        Ok(())
    }
}

fn intent_of_row(row: &SqlRow<'_>) -> rusqlite::Result<Intent> {
    let wanted = |column: usize| -> rusqlite::Result<Wanted> {
        // What cannot be read any more is asked like everything else: by what changed since the base.
        Ok(serde_json::from_str(&row.get::<_, String>(column)?).unwrap_or(Wanted::Same))
    };
    Ok(Intent {
        id: row.get(0)?,
        link: row.get::<_, Option<i64>>(1)?.map(LinkId),
        uid: row.get(2)?,
        apart: row.get(3)?,
        entries: Sides { outlook: row.get(4)?, server: row.get(6)? },
        wanted: Sides { outlook: wanted(5)?, server: wanted(7)? },
        planned: Sides { outlook: base_of_row(row, 8)?, server: base_of_row(row, 13)? },
        superseded: row.get(18)?,
    })
}
