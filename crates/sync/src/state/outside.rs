//! What a scope leaves out, and what a change of the scope or of the lenses means for what is remembered.

use jiff::civil::Date;
use rusqlite::{OptionalExtension, Row as SqlRow, params};

use super::{Changing, LinkId, State, column};
use crate::error::Result;
use crate::scope::Place;
use crate::sides::{Side, Sides};
use crate::storage::{ItemId, Version};

/// An item that lies outside the scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutsideRow {
    /// Its name.
    pub id: ItemId,
    /// Its state; `None`: it is gone, but that does not cross while its link lies outside.
    pub version: Option<Version>,
    /// The UID, of an item without a link.
    pub uid: Option<String>,
    /// What else a counterpart finds it by, where it has another category; not told of when it is asked for.
    pub keys: Vec<String>,
    /// Where it lies.
    pub place: Place,
}

impl State {
    /// What is known of an item that lies outside; `None` where it does not.
    pub fn outside(&self, pair: &str, side: Side, id: &ItemId) -> Result<Option<OutsideRow>> {
        let sql = "SELECT id, version, uid, category, enters FROM outside WHERE pair = ?1 AND side = ?2 AND id = ?3";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_row(params![pair, column(side), id.0], outside_of_row).optional()?)
    }

    /// The items outside that have this UID and no link.
    pub fn outside_by_uid(&self, pair: &str, side: Side, uid: &str) -> Result<Vec<ItemId>> {
        let sql = "SELECT id FROM outside WHERE pair = ?1 AND side = ?2 AND uid = ?3";
        self.ids(sql, params![pair, column(side), uid])
    }

    /// The items outside that have no link and are called so.
    pub fn outside_by_key(&self, pair: &str, side: Side, key: &str) -> Result<Vec<ItemId>> {
        let sql = "SELECT id FROM outside_key WHERE pair = ?1 AND side = ?2 AND key = ?3";
        self.ids(sql, params![pair, column(side), key])
    }

    /// Whether any item outside is found by what it is called.
    pub fn has_outside_keys(&self, pair: &str, side: Side) -> Result<bool> {
        let sql = "SELECT EXISTS (SELECT 1 FROM outside_key WHERE pair = ?1 AND side = ?2)";
        Ok(self.connection.prepare_cached(sql)?.query_row([pair, column(side)], |row| row.get(0))?)
    }

    /// Whether anything of a side lies outside.
    pub fn has_outside(&self, pair: &str, side: Side) -> Result<bool> {
        let sql = "SELECT EXISTS (SELECT 1 FROM outside WHERE pair = ?1 AND side = ?2)";
        Ok(self.connection.prepare_cached(sql)?.query_row([pair, column(side)], |row| row.get(0))?)
    }

    /// What enters the scope on this day, or did before.
    pub fn entering(&self, pair: &str, side: Side, today: Date) -> Result<Vec<ItemId>> {
        let sql = "SELECT id FROM outside WHERE pair = ?1 AND side = ?2 AND enters <= ?3 ORDER BY id";
        self.ids(sql, params![pair, column(side), today.to_string()])
    }

    /// Forgets all that is known of a pair whose sources are others now: what is there is matched as at a first run. Returns
    /// whether it did.
    pub fn enter_sources(&mut self, pair: &str, sources: &Sides<String>) -> Result<bool> {
        let sql = "SELECT outlook_source, server_source FROM scope WHERE pair = ?1";
        let known = |row: &SqlRow<'_>| Ok(Sides { outlook: row.get(0)?, server: row.get(1)? });
        let last: Option<Sides<String>> =
            self.connection.prepare_cached(sql)?.query_row([pair], known).optional()?;
        let Some(last) = last.filter(|last| last != sources) else { return Ok(false) };
        let others = |side| !last.of(side).is_empty() && last.of(side) != sources.of(side);
        let is_another = Side::BOTH.into_iter().any(others);
        let transaction = self.connection.transaction()?;
        if is_another {
            for table in ["link", "token", "not_ours", "outside", "pending", "made", "intent", "held"] {
                transaction.execute(&format!("DELETE FROM {table} WHERE pair = ?1"), [pair])?;
            }
        }
        transaction.execute(
            "UPDATE scope SET outlook_source = ?2, server_source = ?3 WHERE pair = ?1",
            params![pair, sources.outlook, sources.server],
        )?;
        transaction.commit()?;
        Ok(is_another)
    }

    /// Whether no run went through since the scope changed.
    pub fn is_new_scope(&self, pair: &str) -> Result<bool> {
        self.flag("SELECT settled = 0 FROM scope WHERE pair = ?1", pair)
    }

    /// Whether no run went through since what was known of the pair had been lost.
    pub fn is_forgotten(&self, pair: &str) -> Result<bool> {
        self.flag("SELECT forgotten = 1 FROM scope WHERE pair = ?1", pair)
    }

    /// Whether no run went through since the lenses changed.
    pub fn is_new_lens(&self, pair: &str) -> Result<bool> {
        self.flag("SELECT settled = 0 FROM lens WHERE pair = ?1", pair)
    }

    fn flag(&self, sql: &str, pair: &str) -> Result<bool> {
        let flag = self.connection.prepare_cached(sql)?.query_row([pair], |row| row.get(0)).optional()?;
        Ok(flag.unwrap_or(false))
    }

    /// How originals were read by the last run.
    pub fn lens(&self, pair: &str) -> Result<Option<String>> {
        let sql = "SELECT lens FROM lens WHERE pair = ?1";
        Ok(self.connection.prepare_cached(sql)?.query_row([pair], |row| row.get(0)).optional()?)
    }

    /// The links whose bases are read differently than when they were joined.
    pub fn reread(&self, pair: &str) -> Result<Vec<LinkId>> {
        // CROSS JOIN keeps the order: the few first, not all links of the pair.
        let sql = "SELECT reread.link FROM reread CROSS JOIN link ON link.id = reread.link
                   WHERE pair = ?1 ORDER BY reread.link";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([pair], |row| Ok(LinkId(row.get(0)?)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// The longest interval of a series, in days, which a person was told of; 0 for none.
    pub fn longest_interval(&self, pair: &str) -> Result<u64> {
        let sql = "SELECT longest_interval FROM scope WHERE pair = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let days: Option<i64> = statement.query_row([pair], |row| row.get(0)).optional()?;
        Ok(days.unwrap_or(0).unsigned_abs())
    }
}

impl Changing<'_> {
    /// Remembers an item that lies outside.
    pub fn put_outside(&self, pair: &str, side: Side, row: &OutsideRow) -> Result<()> {
        self.connection
            .prepare_cached(
                "INSERT OR REPLACE INTO outside (pair, side, id, version, uid, category, enters)
                 VALUES (?1,?2,?3,?4,?5,?6,?7)",
            )?
            .execute(params![
                pair,
                column(side),
                row.id.0,
                row.version.as_ref().map(|version| &version.0),
                row.uid,
                row.place == Place::OtherCategory,
                row.place.enters().map(|day| day.to_string()),
            ])?;
        for key in &row.keys {
            self.connection
                .prepare_cached(
                    "INSERT OR IGNORE INTO outside_key (pair, side, key, id) VALUES (?1,?2,?3,?4)",
                )?
                .execute(params![pair, column(side), key, row.id.0])?;
        }
        Ok(())
    }

    /// Forgets that an item lies outside.
    pub fn remove_outside(&self, pair: &str, side: Side, id: &ItemId) -> Result<()> {
        self.connection
            .prepare_cached("DELETE FROM outside WHERE pair = ?1 AND side = ?2 AND id = ?3")?
            .execute(params![pair, column(side), id.0])?;
        Ok(())
    }

    /// Remembers how originals are read from now on, and the links whose bases differ for it.
    pub fn put_lens(&self, pair: &str, lens: &str, reread: &[LinkId]) -> Result<()> {
        self.connection.execute(
            "INSERT OR REPLACE INTO lens (pair, lens, settled)
             VALUES (?1, ?2, NOT EXISTS (SELECT 1 FROM link WHERE pair = ?1))",
            [pair, lens],
        )?;
        self.connection
            .execute("DELETE FROM reread WHERE link IN (SELECT id FROM link WHERE pair = ?1)", [pair])?;
        self.meet_anew(reread)
    }

    /// Notes of links that both sides may say more than when they agreed.
    pub fn meet_anew(&self, links: &[LinkId]) -> Result<()> {
        for link in links {
            self.connection
                .prepare_cached("INSERT OR IGNORE INTO reread (link) VALUES (?1)")?
                .execute([link.0])?;
        }
        Ok(())
    }

    /// A run went through: scope and lenses are those of the last run from now on, and what had been lost is known again.
    pub fn settle(&self, pair: &str) -> Result<()> {
        let known = "UPDATE scope SET forgotten = 0 WHERE pair = ?1 AND forgotten = 1";
        self.connection.prepare_cached(known)?.execute([pair])?;
        for table in ["scope", "lens"] {
            let sql = format!("UPDATE {table} SET settled = 1 WHERE pair = ?1 AND settled = 0");
            self.connection.prepare_cached(&sql)?.execute([pair])?;
        }
        Ok(())
    }

    /// Remembers the longest interval of a series that a person was told of.
    pub fn put_longest_interval(&self, pair: &str, days: u64) -> Result<()> {
        let sql = "UPDATE scope SET longest_interval = ?2 WHERE pair = ?1";
        self.connection.execute(sql, params![pair, i64::try_from(days).unwrap_or(i64::MAX)])?;
        Ok(())
    }
}

fn outside_of_row(row: &SqlRow<'_>) -> rusqlite::Result<OutsideRow> {
    let enters: Option<String> = row.get(4)?;
    let enters = enters.and_then(|day| day.parse().ok());
    Ok(OutsideRow {
        id: ItemId(row.get(0)?),
        version: row.get::<_, Option<String>>(1)?.map(Version),
        uid: row.get(2)?,
        keys: Vec::new(),
        place: if row.get(3)? { Place::OtherCategory } else { Place::OtherTime { enters } },
    })
}
