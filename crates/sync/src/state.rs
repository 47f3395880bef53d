//! What a profile remembers between runs: links with each side's base, tokens, questions, intents, held steps.
//!
//! One SQLite database a profile. A damaged one is moved aside and a fresh one made: the next run then matches and
//! merges, it never deletes. Only this file and `journal.rs` write SQL.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use dovetail_model::Item;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row as SqlRow, params};
use rusqlite_migration::{M, Migrations};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::error::Result;
use crate::plan::Baseline;
use crate::sides::{Side, Sides};
use crate::storage::{ItemId, Original, Row, Snapshot, SyncToken, Version};

mod failing;
mod failure;
pub(crate) mod file;
mod intent;
pub mod listing;
mod outside;
#[cfg(test)]
mod tests;
mod waiting;

pub use failing::Failing;
pub(crate) use failing::pause_after;
pub use intent::{Intent, Wanted};
pub use listing::Questions;
pub use outside::OutsideRow;
pub use waiting::{HeldRow, Verdict};

/// Whether every link has its originals.
fn is_whole(connection: &Connection) -> rusqlite::Result<bool> {
    let sql = "SELECT NOT EXISTS (SELECT 1 FROM link
        WHERE outlook_hash IS NOT NULL AND outlook_hash NOT IN (SELECT hash FROM original)
           OR server_hash IS NOT NULL AND server_hash NOT IN (SELECT hash FROM original))";
    connection.query_row(sql, [], |row| row.get(0))
}

/// Names a link within a state database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LinkId(pub i64);

/// An item on both sides, and what each held when they last agreed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Its name; 0 before it is stored.
    pub id: LinkId,
    /// The UID by which it is known.
    pub uid: Option<String>,
    /// The UID of Outlook's item, where the server gave its item another.
    pub other_uid: Option<String>,
    /// Each side's base; `None` where that side holds nothing, by intent.
    pub sides: Sides<Option<Base>>,
    /// How it stands.
    pub state: LinkState,
    /// The side whose item was copied to the other; `None` where each had it by itself.
    pub made: Option<Side>,
    /// Whether both bases agreed when they were stored, and do not as they are read now: see [`State::reread`].
    pub is_reread: bool,
    /// What a side said when both last agreed, where that is another thing than its base: in this run alone, see
    /// [`State::set_grounds`].
    pub grounds: Sides<Option<Item>>,
}

impl Link {
    /// A link of what both sides hold, known by the server's UID, else by Outlook's, else by one that was given to it.
    pub fn new(
        id: LinkId,
        sides: Sides<Option<Base>>,
        uids: Sides<Option<&str>>,
        given: Option<String>,
    ) -> Link {
        let uid = uids.server.or(uids.outlook).map(str::to_owned).or(given);
        let other_uid = uids.outlook.map(str::to_owned).filter(|other| Some(other) != uid.as_ref());
        Link {
            id,
            uid,
            other_uid,
            sides,
            state: LinkState::Joined,
            made: None,
            is_reread: false,
            grounds: Sides::default(),
        }
    }
}

/// What a side held when both last agreed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Base {
    /// The item's name there.
    pub id: ItemId,
    /// Its state.
    pub version: Version,
    /// When it was last changed, where the side tells.
    pub modified: Option<Timestamp>,
    /// All of it.
    pub original: Original,
}

impl Base {
    /// The snapshot that it was, with what its storage reads in its original.
    pub(crate) fn holding(&self, item: Item) -> Snapshot {
        Snapshot {
            id: self.id.clone(),
            version: self.version.clone(),
            modified: self.modified,
            item,
            original: self.original.clone(),
            warnings: Vec::new(),
        }
    }
}

impl From<&Snapshot> for Base {
    fn from(snapshot: &Snapshot) -> Self {
        Base {
            id: snapshot.id.clone(),
            version: snapshot.version.clone(),
            modified: snapshot.modified,
            original: snapshot.original.clone(),
        }
    }
}

/// What a run is told of a link beyond its bases.
#[derive(Clone, Debug)]
pub(crate) struct Grounds {
    /// What each side's edits are to be told from.
    pub(crate) items: Sides<Item>,
    /// The run that set the link apart, if one did.
    pub(crate) apart: Option<String>,
}

/// How a link stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkState {
    /// Both sides agree up to what one of them cannot hold.
    Joined,
    /// A person undid or rejected what would have joined them, in this run. Differences are intended.
    Apart {
        /// The run.
        run: String,
    },
    /// Out of scope: nothing crosses.
    Parked,
    /// The side that a merge writes to has something of its own here: an item, or what it says. That differs as long as the
    /// direction is this.
    Own,
}

/// A state database, locked for this process.
#[derive(Debug)]
pub struct State {
    connection: Connection,
    /// Behind the connection: it closes first.
    seal: file::Seal,
    path: PathBuf,
    /// What links are told to be based on in this run.
    grounds: BTreeMap<LinkId, Grounds>,
    /// Holds the lock while the state is open.
    _lock: File,
    /// Where a damaged predecessor was moved, if there was one.
    pub damaged: Option<PathBuf>,
}

impl State {
    /// Opens, or makes, the database at `path`; its folder must exist.
    ///
    /// A damaged database is moved aside ([`State::damaged`] then tells where) and a fresh one made.
    ///
    /// # Errors
    /// `Local` where another process has it open, or the disk fails.
    pub fn open(path: &Path) -> Result<State> {
        Self::open_within(path, Duration::ZERO)
    }

    /// The same, where another process may take so long to be done with it.
    ///
    /// # Errors
    /// As [`State::open`].
    pub fn open_within(path: &Path, patience: Duration) -> Result<State> {
        let lock = file::lock(path, patience)?;
        let migrations = Migrations::new(vec![
            M::up(include_str!("state/0001.sql")),
            M::up(include_str!("state/0002.sql")),
            M::up(include_str!("state/0003.sql")),
            M::up(include_str!("state/0004.sql")),
            M::up(include_str!("state/0005.sql")),
            M::up(include_str!("state/0006.sql")),
            M::up(include_str!("state/0007.sql")),
        ]);
        let file::Opened { connection, seal, damaged } = file::open(path, &migrations, is_whole)?;
        // What a row that is replaced held is let go of, as if it was deleted.
        connection.pragma_update(None, "recursive_triggers", true)?;
        connection.execute_batch(listing::TABLE)?;
        let (path, grounds) = (path.to_owned(), BTreeMap::new());
        Ok(State { connection, seal, path, grounds, _lock: lock, damaged })
    }

    /// Forgets all of it: the next run is a first one, that matches what is there.
    ///
    /// # Errors
    /// `Local` where the file cannot be removed.
    pub fn forget(self) -> Result<()> {
        let State { connection, seal, path, _lock: lock, .. } = self;
        drop(connection);
        drop(seal);
        file::remove(&path)?;
        drop(lock);
        Ok(())
    }

    /// The runs that something here still names: steps that wait, links that were set apart, writes of unknown outcome.
    pub fn needed_runs(&self) -> Result<BTreeSet<String>> {
        let sql = "SELECT run FROM held UNION SELECT run FROM intent
                   UNION SELECT run FROM link WHERE state = 'apart' AND run IS NOT NULL";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([], |row| row.get(0))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// A run begins: until it has ended well, the file is not trusted.
    pub(crate) fn begin(&mut self) {
        self.seal.take_off();
    }

    /// A run has ended well.
    pub(crate) fn finish(&mut self) {
        self.seal.put_on();
    }

    /// Where bodies lie between the two passes of a run.
    pub fn spool_path(&self) -> PathBuf {
        self.path.with_extension("spool")
    }

    /// The number of links of a pair that `side` has an item in.
    pub fn linked(&self, pair: &str, side: Side) -> Result<u64> {
        let sql = format!("SELECT count(*) FROM link WHERE pair = ?1 AND {}_id IS NOT NULL", column(side));
        Ok(self
            .connection
            .prepare_cached(&sql)?
            .query_row([pair], |row| row.get::<_, i64>(0))?
            .unsigned_abs())
    }

    /// A link.
    pub fn link(&self, id: LinkId) -> Result<Option<Link>> {
        self.one_link("link.id = ?1", &[&id.0])
    }

    /// The link in which `side` has the item `id`.
    pub fn link_of(&self, pair: &str, side: Side, id: &ItemId) -> Result<Option<Link>> {
        self.one_link(&format!("pair = ?1 AND {}_id = ?2", column(side)), &[&pair, &id.0])
    }

    /// The link known by a UID.
    pub fn link_by_uid(&self, pair: &str, uid: &str) -> Result<Option<Link>> {
        // One after the other: each by its own index, however many links there are.
        for column in ["uid", "other_uid"] {
            let found = self.one_link(&format!("pair = ?1 AND {column} = ?2"), &[&pair, &uid])?;
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// The links of a pair after `after`, at most `count`, in order of their ids.
    pub fn links(&self, pair: &str, after: LinkId, count: usize) -> Result<Vec<Link>> {
        let sql = format!("{SELECT_LINK} WHERE pair = ?1 AND link.id > ?2 ORDER BY link.id LIMIT ?3");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        let rows = statement.query_map(params![pair, after.0, count], link_of_row)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Some item of `side` that is linked and not among `except`.
    pub fn some_linked(&self, pair: &str, side: Side, except: &[ItemId]) -> Result<Option<ItemId>> {
        let sql = format!("SELECT {0}_id FROM link WHERE pair = ?1 AND {0}_id IS NOT NULL", column(side));
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query([pair])?;
        while let Some(row) = rows.next()? {
            let id = ItemId(row.get(0)?);
            if !except.contains(&id) {
                return Ok(Some(id));
            }
        }
        Ok(None)
    }

    fn one_link(&self, condition: &str, parameters: &[&dyn rusqlite::ToSql]) -> Result<Option<Link>> {
        let sql = format!("{SELECT_LINK} WHERE {condition} LIMIT 1");
        let mut link = self.connection.prepare_cached(&sql)?.query_row(parameters, link_of_row).optional()?;
        if let Some(link) = &mut link
            && let Some(grounds) = self.grounds.get(&link.id)
        {
            link.grounds = grounds.items.as_ref().map(|_, item| Some(item.clone()));
            if let Some(run) = &grounds.apart {
                link.state = LinkState::Apart { run: run.clone() };
            }
        }
        Ok(link)
    }

    /// For the rest of this run, each side's edits of a link are what it says beyond this, and not beyond its base; `None`: beyond
    /// its base once more.
    pub(crate) fn set_grounds(&mut self, link: LinkId, grounds: Option<Grounds>) {
        match grounds {
            Some(grounds) => self.grounds.insert(link, grounds),
            None => self.grounds.remove(&link),
        };
    }

    /// Another run begins.
    pub(crate) fn clear_grounds(&mut self) {
        self.grounds.clear();
    }

    /// Does several changes as one: all of them, or none.
    pub fn transaction<T>(&mut self, work: impl FnOnce(&Changing<'_>) -> Result<T>) -> Result<T> {
        let transaction = self.connection.transaction()?;
        let done = work(&Changing { connection: &transaction })?;
        transaction.commit()?;
        Ok(done)
    }

    /// Asks many questions as one reader: SQLite takes and gives back its locks once, not for each of them. Nothing may be
    /// changed meanwhile.
    pub(crate) fn reading<T>(&mut self, work: impl FnOnce(&mut State) -> Result<T>) -> Result<T> {
        file::together(self, |state| &state.connection, work)
    }

    /// The token of the last run.
    pub fn token(&self, pair: &str, side: Side) -> Result<Option<SyncToken>> {
        let sql = "SELECT token FROM token WHERE pair = ?1 AND side = ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_row([pair, column(side)], |row| row.get(0)).optional()?.map(SyncToken))
    }

    /// Makes a changed scope a new base line: everything is listed again, and every linked item is asked again, because
    /// it may have left the scope, or be back in it, without having changed.
    /// What one side has of its own and the other not at all, because the last direction merged, is new again.
    /// `ran_before`: there were runs; if nothing is known of them, it has been lost.
    pub fn enter_scope(&mut self, pair: &str, fingerprint: &str, ran_before: bool) -> Result<Baseline> {
        let sql = "SELECT fingerprint, finished FROM scope WHERE pair = ?1";
        let fingerprint_of = |row: &SqlRow<'_>| Ok((row.get(0)?, row.get(1)?));
        let last: Option<(String, bool)> =
            self.connection.prepare_cached(sql)?.query_row([pair], fingerprint_of).optional()?;
        if let Some((last, finished)) = last
            && last == fingerprint
        {
            return Ok(if finished { Baseline::Known } else { Baseline::New });
        }
        let transaction = self.connection.transaction()?;
        for table in ["token", "not_ours", "outside"] {
            transaction.execute(&format!("DELETE FROM {table} WHERE pair = ?1"), [pair])?;
        }
        for side in Side::BOTH.map(column) {
            let linked = format!(
                "INSERT OR IGNORE INTO pending (pair, side, id)
                 SELECT pair, '{side}', {side}_id FROM link WHERE pair = ?1 AND {side}_id IS NOT NULL"
            );
            transaction.execute(&linked, [pair])?;
        }
        transaction.execute(FORGET_ALONE, [pair])?;
        transaction.execute(
            "INSERT INTO scope (pair, fingerprint, finished, forgotten) VALUES (?1, ?2, FALSE, ?3)
             ON CONFLICT DO UPDATE SET fingerprint = excluded.fingerprint, finished = FALSE, settled = 0,
                 longest_interval = 0",
            params![pair, fingerprint, ran_before],
        )?;
        transaction.commit()?;
        Ok(Baseline::New)
    }

    /// The items that one side has of its own, and the other not at all.
    pub fn alone(&self, pair: &str, side: Side) -> Result<Vec<Link>> {
        let missing = column(side.other());
        let sql = format!(
            "{SELECT_LINK} WHERE pair = ?1 AND state = 'own' AND {missing}_id IS NULL ORDER BY link.id"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map([pair], link_of_row)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

/// A transaction on the state.
#[derive(Debug)]
pub struct Changing<'c> {
    connection: &'c Connection,
}

impl Changing<'_> {
    /// Stores a link: a new one where its id is 0.
    pub fn put_link(&self, pair: &str, link: &Link) -> Result<LinkId> {
        let (state, run) = match &link.state {
            LinkState::Joined => ("joined", None),
            LinkState::Parked => ("parked", None),
            LinkState::Own => ("own", None),
            LinkState::Apart { run } => ("apart", Some(run)),
        };
        let id = (link.id.0 != 0).then_some(link.id.0);
        let Sides { outlook, server } =
            link.sides.as_ref().try_map(|_, base| BaseColumns::stored(self.connection, base.as_ref()))?;
        // Not INSERT OR REPLACE, for which SQLite keeps a copy of each page that the statement touches.
        self.connection
            .prepare_cached(
                "DELETE FROM link WHERE id = ?1 OR pair = ?2 AND outlook_id = ?3 OR pair = ?2 AND server_id = ?4",
            )?
            .execute(params![id, pair, outlook.id, server.id])?;
        self.connection
            .prepare_cached(
                "INSERT INTO link (id, pair, uid, other_uid, state, run,
             outlook_id, outlook_version, outlook_modified, outlook_capture, outlook_hash,
             server_id, server_version, server_modified, server_capture, server_hash, made)
             VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17)",
            )?
            .execute(params![
                id,
                pair,
                link.uid,
                link.other_uid,
                state,
                run,
                outlook.id,
                outlook.version,
                outlook.modified,
                outlook.capture,
                outlook.hash,
                server.id,
                server.version,
                server.modified,
                server.capture,
                server.hash,
                link.made.map(column),
            ])?;
        Ok(LinkId(self.connection.last_insert_rowid()))
    }

    /// Marks a link as out of scope.
    pub fn park(&self, id: LinkId) -> Result<()> {
        self.connection
            .prepare_cached("UPDATE link SET state = 'parked' WHERE id = ?1 AND state = 'joined'")?
            .execute([id.0])?;
        Ok(())
    }

    /// A run with the scope that was entered went to its end.
    pub fn finish_scope(&self, pair: &str) -> Result<()> {
        let sql = "UPDATE scope SET finished = TRUE WHERE pair = ?1 AND NOT finished";
        self.connection.prepare_cached(sql)?.execute([pair])?;
        Ok(())
    }

    /// Once nothing is merged any more, nothing is one side's own: what only that side has is new again, and what the other
    /// has as well is joined as if both met for the first time.
    pub fn disown(&self, pair: &str) -> Result<()> {
        let sql = "SELECT EXISTS (SELECT 1 FROM link WHERE pair = ?1 AND state = 'own')";
        if !self.connection.prepare_cached(sql)?.query_row([pair], |row| row.get(0))? {
            return Ok(());
        }
        for side in Side::BOTH.map(column) {
            let own = format!(
                "INSERT OR IGNORE INTO pending (pair, side, id)
                 SELECT pair, '{side}', {side}_id FROM link
                 WHERE pair = ?1 AND state = 'own' AND {side}_id IS NOT NULL"
            );
            self.connection.execute(&own, [pair])?;
        }
        self.connection.execute(FORGET_ALONE, [pair])?;
        self.connection.execute(
            "INSERT OR IGNORE INTO reread (link) SELECT id FROM link WHERE pair = ?1 AND state = 'own'",
            [pair],
        )?;
        self.connection
            .execute("UPDATE link SET state = 'joined' WHERE pair = ?1 AND state = 'own'", [pair])?;
        Ok(())
    }

    /// Forgets a link, and what was to become of it: another link may get its number.
    pub fn remove_link(&self, id: LinkId) -> Result<()> {
        for sql in ["DELETE FROM intent WHERE link = ?1", "DELETE FROM link WHERE id = ?1"] {
            self.connection.prepare_cached(sql)?.execute([id.0])?;
        }
        Ok(())
    }

    /// Remembers where the next run asks from; `None` makes it list everything.
    pub fn put_token(&self, pair: &str, side: Side, token: Option<&SyncToken>) -> Result<()> {
        // A token that is the same is not written: a run without changes leaves the file as it is.
        let keep = "INSERT INTO token (pair, side, token) VALUES (?1, ?2, ?3)
             ON CONFLICT DO UPDATE SET token = excluded.token WHERE token <> excluded.token";
        let forget = "DELETE FROM token WHERE pair = ?1 AND side = ?2";
        match token {
            Some(token) => self.connection.prepare_cached(keep)?.execute([pair, column(side), &token.0])?,
            None => self.connection.prepare_cached(forget)?.execute([pair, column(side)])?,
        };
        Ok(())
    }

    /// Forgets originals that no link holds any more.
    pub fn drop_unused_originals(&self) -> Result<()> {
        let sql = "SELECT EXISTS (SELECT 1 FROM loose)";
        if !self.connection.prepare_cached(sql)?.query_row([], |row| row.get(0))? {
            return Ok(());
        }
        self.connection.execute_batch(
            "DELETE FROM original WHERE hash IN (SELECT hash FROM loose)
             AND NOT EXISTS (SELECT 1 FROM link WHERE outlook_hash = hash)
             AND NOT EXISTS (SELECT 1 FROM link WHERE server_hash = hash)
             AND NOT EXISTS (SELECT 1 FROM intent WHERE outlook_hash = hash OR server_hash = hash);
             DELETE FROM loose",
        )?;
        Ok(())
    }
}

/// What one side has of its own, and the other not at all, is no link any more.
const FORGET_ALONE: &str =
    "DELETE FROM link WHERE pair = ?1 AND state = 'own' AND (outlook_id IS NULL OR server_id IS NULL)";

#[derive(Default)]
struct BaseColumns<'b> {
    id: Option<&'b str>,
    version: Option<&'b str>,
    modified: Option<String>,
    capture: Option<u32>,
    hash: Option<Vec<u8>>,
}

impl<'b> BaseColumns<'b> {
    /// Stores the original of a base, and names it.
    fn stored(connection: &Connection, base: Option<&'b Base>) -> Result<Self> {
        let Some(base) = base else { return Ok(BaseColumns::default()) };
        Ok(BaseColumns {
            id: Some(&base.id.0),
            version: Some(&base.version.0),
            modified: base.modified.map(|at| at.to_string()),
            capture: Some(base.original.capture),
            hash: Some(put_original(connection, &base.original)?),
        })
    }
}

const SELECT_LINK: &str = "SELECT link.id, uid, other_uid, state, run,
    outlook_id, outlook_version, outlook_modified, outlook_capture,
    (SELECT bytes FROM original WHERE hash = outlook_hash),
    server_id, server_version, server_modified, server_capture,
    (SELECT bytes FROM original WHERE hash = server_hash), made,
    EXISTS (SELECT 1 FROM reread WHERE reread.link = link.id) FROM link";

fn link_of_row(row: &SqlRow<'_>) -> rusqlite::Result<Link> {
    let state: String = row.get(3)?;
    let run: Option<String> = row.get(4)?;
    Ok(Link {
        id: LinkId(row.get(0)?),
        uid: row.get(1)?,
        other_uid: row.get(2)?,
        sides: Sides { outlook: base_of_row(row, 5)?, server: base_of_row(row, 10)? },
        state: match state.as_str() {
            "parked" => LinkState::Parked,
            "own" => LinkState::Own,
            "apart" => LinkState::Apart { run: run.unwrap_or_default() },
            _ => LinkState::Joined,
        },
        made: row.get::<_, Option<String>>(15)?.map(|side| side_of(&side)),
        is_reread: row.get(16)?,
        grounds: Sides::default(),
    })
}

fn base_of_row(row: &SqlRow<'_>, first: usize) -> rusqlite::Result<Option<Base>> {
    let Some(id) = row.get::<_, Option<String>>(first)? else { return Ok(None) };
    let modified: Option<String> = row.get(first + 2)?;
    let bytes: Vec<u8> = row.get(first + 4)?;
    Ok(Some(Base {
        id: ItemId(id),
        version: Version(row.get(first + 1)?),
        modified: modified.and_then(|at| at.parse().ok()),
        original: Original { capture: row.get(first + 3)?, bytes: Arc::from(bytes) },
    }))
}

/// The name of a side in tables.
pub(crate) fn column(side: Side) -> &'static str {
    match side {
        Side::Outlook => "outlook",
        Side::Server => "server",
    }
}

pub(crate) fn side_of(column: &str) -> Side {
    if column == "outlook" { Side::Outlook } else { Side::Server }
}

pub(crate) fn hash(bytes: &[u8]) -> Vec<u8> {
    Sha256::digest(bytes).to_vec()
}

/// Stores an original once, under its hash, which is returned.
pub(crate) fn put_original(connection: &Connection, original: &Original) -> Result<Vec<u8>> {
    let hash = hash(&original.bytes);
    connection
        .prepare_cached("INSERT OR IGNORE INTO original (hash, bytes) VALUES (?1, ?2)")?
        .execute(params![hash, &original.bytes[..]])?;
    Ok(hash)
}

/// A row of a listing as the state keeps it for the join.
pub(crate) fn row_parts(row: &Row) -> (&str, Option<&str>, &'static str) {
    match row {
        Row::Present(id, version) => (&id.0, Some(&version.0), "present"),
        Row::Removed(id) => (&id.0, None, "removed"),
        Row::Unclear(id) => (&id.0, None, "unclear"),
    }
}
