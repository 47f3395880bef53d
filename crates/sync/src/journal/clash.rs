//! Clashes, with both versions whole: what stands and what lost, so that a person may choose afterwards.

use dovetail_model::Kind;
use dovetail_model::carry::Clash;
use jiff::Timestamp;
use rusqlite::{Connection, Row as SqlRow, params};

use super::{Journal, Stored, bodies, of_word, stored_of_row, word};
use crate::error::{Error, ErrorKind, Result};
use crate::sides::{Side, Sides};
use crate::state::{column, side_of};
use crate::storage::ItemId;

/// What both sides had edited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clashed {
    /// What each side had, when the clash was decided.
    pub sides: Sides<Option<Fought>>,
    /// The UID.
    pub uid: String,
    /// What kind of item it is.
    pub kind: Kind,
    /// What a person calls it.
    pub title: String,
    /// The side whose edit stands.
    pub kept: Side,
    /// What clashed.
    pub clashes: Vec<Clash>,
    /// Its number; 0 before it is stored.
    pub id: i64,
    /// The run that decided.
    pub run: String,
    /// When that run began.
    pub at: Timestamp,
    /// The side that a person chose afterwards.
    pub taken: Option<Side>,
}

/// An item of one side in a clash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fought {
    /// Its name there.
    pub id: ItemId,
    /// All of it; `None` where it cannot be read any more.
    pub stored: Option<Stored>,
}

const SELECT: &str = "SELECT id, run, at, uid, kind, title, kept, clashes, taken,
    outlook_id, outlook_capture, outlook_version, outlook_hash,
    server_id, server_capture, server_version, server_hash FROM clash";

impl Journal {
    /// Makes a clash durable, with both versions; its number is returned.
    pub(crate) fn record_clash(&mut self, pair: &str, clash: &Clashed) -> Result<i64> {
        let transaction = self.connection.savepoint()?;
        {
            let hash = |side: Side| -> Result<Option<Vec<u8>>> {
                let stored = clash.sides.of(side).as_ref().and_then(|fought| fought.stored.as_ref());
                stored.map(|stored| bodies::put(&transaction, &stored.original.bytes)).transpose()
            };
            let columns = |side: Side| {
                let fought = clash.sides.of(side).as_ref();
                let stored = fought.and_then(|fought| fought.stored.as_ref());
                let id = fought.map(|fought| &fought.id.0);
                (id, stored.map(|stored| stored.original.capture), stored.map(|stored| &stored.version.0))
            };
            let (outlook, server) = (columns(Side::Outlook), columns(Side::Server));
            transaction.execute(
                "INSERT INTO clash (pair, run, at, uid, kind, title, kept, clashes,
                 outlook_id, outlook_capture, outlook_version, outlook_hash,
                 server_id, server_capture, server_version, server_hash)
                 VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16)",
                params![
                    pair,
                    clash.run,
                    clash.at.as_second(),
                    clash.uid,
                    word(&clash.kind),
                    clash.title,
                    column(clash.kept),
                    serde_json::to_string(&clash.clashes).unwrap_or_default(),
                    outlook.0,
                    outlook.1,
                    outlook.2,
                    hash(Side::Outlook)?,
                    server.0,
                    server.1,
                    server.2,
                    hash(Side::Server)?,
                ],
            )?;
        }
        let id = transaction.last_insert_rowid();
        transaction.commit()?;
        Ok(id)
    }

    /// Forgets clashes that were not decided after all.
    pub(crate) fn drop_clashes(&mut self, ids: &[i64]) -> Result<()> {
        for id in ids {
            self.connection.execute("DELETE FROM clash WHERE id = ?1", [id])?;
        }
        Ok(())
    }

    /// The clashes of a pair, newest first: those that nobody has decided about.
    pub fn open_clashes(&self, pair: &str) -> Result<Vec<Clashed>> {
        let sql = format!("{SELECT} WHERE pair = ?1 AND taken IS NULL ORDER BY id DESC");
        self.read_clashes(&sql, pair)
    }

    /// All clashes of a pair, newest first.
    pub fn all_clashes(&self, pair: &str) -> Result<Vec<Clashed>> {
        self.read_clashes(&format!("{SELECT} WHERE pair = ?1 ORDER BY id DESC"), pair)
    }

    /// How many clashes of a pair nobody has decided about.
    pub fn count_open_clashes(&self, pair: &str) -> Result<u64> {
        let sql = "SELECT count(*) FROM clash WHERE pair = ?1 AND taken IS NULL";
        let count: i64 = self.connection.prepare_cached(sql)?.query_row([pair], |row| row.get(0))?;
        Ok(count.unsigned_abs())
    }

    fn read_clashes(&self, sql: &str, pair: &str) -> Result<Vec<Clashed>> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([pair], |row| clash_of_row(&self.connection, row))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Records which side a person chose.
    ///
    /// # Errors
    /// `Gone` where there is no such clash.
    pub fn settle_clash(&mut self, pair: &str, id: i64, taken: Side) -> Result<()> {
        let sql = "UPDATE clash SET taken = ?3 WHERE pair = ?1 AND id = ?2";
        match self.connection.execute(sql, params![pair, id, column(taken)])? {
            0 => Err(Error::new(ErrorKind::Gone, format!("There is no clash {id}."))),
            _ => Ok(()),
        }
    }
}

fn clash_of_row(connection: &Connection, row: &SqlRow<'_>) -> rusqlite::Result<Clashed> {
    let fought = |first: usize| -> rusqlite::Result<Option<Fought>> {
        let Some(id) = row.get::<_, Option<String>>(first)? else { return Ok(None) };
        let stored = stored_of_row(connection, row, first + 1)?;
        Ok(Some(Fought { id: ItemId(id), stored }))
    };
    Ok(Clashed {
        id: row.get(0)?,
        run: row.get(1)?,
        at: Timestamp::from_second(row.get(2)?).unwrap_or(Timestamp::UNIX_EPOCH),
        uid: row.get(3)?,
        kind: of_word(&row.get::<_, String>(4)?).unwrap_or(Kind::Event),
        title: row.get(5)?,
        kept: side_of(&row.get::<_, String>(6)?),
        clashes: serde_json::from_str(&row.get::<_, String>(7)?).unwrap_or_default(),
        taken: row.get::<_, Option<String>>(8)?.map(|side| side_of(&side)),
        sides: Sides { outlook: fought(9)?, server: fought(13)? },
    })
}
