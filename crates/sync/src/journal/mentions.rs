//! Who is who in the journal: by which names entries speak of items.

use super::Journal;
use crate::error::Result;
use crate::sides::Side;
use crate::state::side_of;
use crate::storage::ItemId;

/// By which names an entry speaks of its item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention {
    /// The entry.
    pub entry: i64,
    /// The side that was written.
    pub side: Side,
    /// The item there.
    pub item: Option<ItemId>,
    /// Its counterpart.
    pub other: Option<ItemId>,
    /// Its UID; empty for none.
    pub uid: String,
    /// What a person calls it.
    pub title: String,
}

impl Journal {
    /// Tells of every entry of a pair, oldest first; nothing of them stays in memory.
    pub fn mentions(&self, pair: &str, mut tell: impl FnMut(Mention)) -> Result<()> {
        let sql = "SELECT id, side, item_id, other_id, uid, title FROM entry WHERE pair = ?1 ORDER BY id";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([pair])?;
        while let Some(row) = rows.next()? {
            tell(Mention {
                entry: row.get(0)?,
                side: side_of(&row.get::<_, String>(1)?),
                item: row.get::<_, Option<String>>(2)?.map(ItemId),
                other: row.get::<_, Option<String>>(3)?.map(ItemId),
                uid: row.get(4)?,
                title: row.get(5)?,
            });
        }
        Ok(())
    }

    /// The run of an entry, and when it began, in seconds since 1970.
    pub fn run_of_entry(&self, entry: i64) -> Result<(String, i64)> {
        let sql = "SELECT run, at FROM entry WHERE id = ?1";
        Ok(self.connection.prepare_cached(sql)?.query_row([entry], |row| Ok((row.get(0)?, row.get(1)?)))?)
    }
}
