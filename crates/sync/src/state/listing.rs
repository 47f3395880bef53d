//! A listing, joined with the links: what a side has that we do not know, has in another state, or no longer names.

use rusqlite::{Params, params};

use super::{State, column, row_parts};
use crate::error::Result;
use crate::sides::Side;
use crate::storage::{ItemId, Row, Traits};

/// What is to be fetched by id, after one side was asked what changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Questions {
    /// New, or in another state than its base, or left over from the last run.
    pub changed: Vec<ItemId>,
    /// Linked, but missing from a listing or reported as removed; or made by the last run, and not in a report of what
    /// changed since before that.
    pub absent: Vec<ItemId>,
    /// Their state could not be told: neither changed nor absent.
    pub unclear: Vec<ItemId>,
    /// Whether at least one linked item was named.
    pub linked_seen: bool,
    /// How many items were named.
    pub named: u64,
}

/// Whether the rows are all there is, or only what changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coverage {
    /// Everything: what is not named is absent.
    Whole,
    /// What changed since a token.
    Since,
}

/// Where rows are kept until they are joined. It is made once: with each table that is made, SQLite prepares all statements
/// anew.
pub(super) const TABLE: &str =
    "CREATE TEMP TABLE listing (id TEXT PRIMARY KEY, version TEXT, what TEXT NOT NULL) WITHOUT ROWID";

impl State {
    /// Takes the rows of a listing as they come; nothing of them stays in memory.
    pub fn begin_listing(&mut self) -> Result<()> {
        self.connection.prepare_cached("DELETE FROM temp.listing")?.execute([])?;
        Ok(self.connection.execute_batch("SAVEPOINT listing")?)
    }

    /// Adds a row. A later row about the same id replaces an earlier one.
    pub fn list(&self, row: &Row) -> Result<()> {
        let (id, version, what) = row_parts(row);
        self.connection
            .prepare_cached("INSERT OR REPLACE INTO temp.listing (id, version, what) VALUES (?1, ?2, ?3)")?
            .execute(params![id, version, what])?;
        Ok(())
    }

    /// Ends a listing that was not told to its end.
    pub fn abandon_listing(&self) -> Result<()> {
        Ok(self.connection.execute_batch("ROLLBACK TO listing; RELEASE listing")?)
    }

    /// Joins the listing with what is known of the pair.
    pub fn questions(
        &mut self,
        pair: &str,
        side: Side,
        coverage: Coverage,
        traits: Traits,
    ) -> Result<Questions> {
        self.connection.execute_batch("RELEASE listing")?;
        let side_name = column(side);
        // A repeated version proves nothing. Whole listings of such storages are rare: they have tokens.
        let repeats = traits.versions_repeat;
        let changed = format!(
            "SELECT l.id FROM temp.listing l
             LEFT JOIN link k ON k.pair = ?1 AND k.{side_name}_id = l.id
             LEFT JOIN not_ours n ON n.pair = ?1 AND n.side = ?2 AND n.id = l.id
             LEFT JOIN outside o ON o.pair = ?1 AND o.side = ?2 AND o.id = l.id
             WHERE l.what = 'present'
               AND (k.id IS NULL OR k.{side_name}_version <> l.version OR n.id IS NOT NULL OR o.id IS NOT NULL OR ?3)
               AND (n.id IS NULL OR n.version <> l.version OR ?3)
               AND (o.id IS NULL OR coalesce(o.version, '') <> l.version OR ?3)
             UNION
             SELECT p.id FROM pending p LEFT JOIN temp.listing l ON l.id = p.id
             WHERE p.pair = ?1 AND p.side = ?2 AND coalesce(l.what, '') <> 'unclear'
             ORDER BY 1"
        );
        // Reported as removed: unlinked ones too, since a report that is wrong about an item must not hide it for good.
        let mut absent = self.ids("SELECT id FROM temp.listing WHERE what = 'removed'", [])?;
        if coverage == Coverage::Whole {
            let unlisted = format!(
                "SELECT k.{side_name}_id FROM link k LEFT JOIN temp.listing l ON l.id = k.{side_name}_id
                 LEFT JOIN outside o ON o.pair = ?1 AND o.side = ?2 AND o.id = k.{side_name}_id
                 WHERE k.pair = ?1 AND k.{side_name}_id IS NOT NULL AND l.id IS NULL
                   AND (o.id IS NULL OR o.version IS NOT NULL)"
            );
            absent.extend(self.ids(&unlisted, [pair, side_name])?);
        }
        if coverage == Coverage::Since {
            // RFC 6578 section 3.5: what came and went since the token is not told of.
            let made = "SELECT m.id FROM made m LEFT JOIN temp.listing l ON l.id = m.id
                 WHERE m.pair = ?1 AND m.side = ?2 AND l.id IS NULL";
            absent.extend(self.ids(made, [pair, side_name])?);
        }
        absent.sort_unstable();
        absent.dedup();
        let mut changed = self.ids(&changed, params![pair, side_name, repeats])?;
        changed.retain(|id| absent.binary_search(id).is_err());
        let unclear = self.ids("SELECT id FROM temp.listing WHERE what = 'unclear'", [])?;
        // CROSS JOIN keeps the order: what was listed, not all links of the pair.
        let seen = format!(
            "SELECT EXISTS (SELECT 1 FROM temp.listing l
             CROSS JOIN link k ON k.pair = ?1 AND k.{side_name}_id = l.id WHERE l.what = 'present')"
        );
        let linked_seen = self.connection.prepare_cached(&seen)?.query_row([pair], |row| row.get(0))?;
        let named = "SELECT count(*) FROM temp.listing WHERE what = 'present'";
        let named: i64 = self.connection.prepare_cached(named)?.query_row([], |row| row.get(0))?;
        Ok(Questions { changed, absent, unclear, linked_seen, named: named.unsigned_abs() })
    }

    /// Whether the last listing named an item as present.
    pub fn is_listed(&self, id: &ItemId) -> Result<bool> {
        let sql = "SELECT EXISTS (SELECT 1 FROM temp.listing WHERE id = ?1 AND what = 'present')";
        Ok(self.connection.prepare_cached(sql)?.query_row([&id.0], |row| row.get(0))?)
    }

    pub(super) fn ids(&self, sql: &str, params: impl Params) -> Result<Vec<ItemId>> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map(params, |row| Ok(ItemId(row.get(0)?)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}
