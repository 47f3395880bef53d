//! A folder of a mailbox as the engine sees it.

use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError};

use dovetail_mapping::color::category_color_of_css;
use dovetail_mapping::options::Mapped;
use dovetail_mapping::outlook::{self, OutlookItem};
use dovetail_mapping::{Dialect, Options, Settings, read_record, write_record};
use dovetail_model::carry::Field;
use dovetail_model::{Item, Kind};
use dovetail_sync::error::{Error, ErrorKind, Result};
use dovetail_sync::storage::{
    Call, Changes, Collection, Draft, Fetched, Foreign, ItemId, Original, Row, Scope, Snapshot, Standing,
    SyncToken, Traits, Version, Warning, Write, Written,
};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use super::{Folder, Mailbox, new_id, next_changes, put_whole, remove, whole};

/// What is captured of an item, counted: raised when more is.
const CAPTURE: u32 = 1;

/// The digits with which the EntryIDs of a batch begin alike: there are four times as many beginnings as an index of ids of
/// 100 000 items has pages.
const SHARED_DIGITS: usize = 3;

/// A folder of a mailbox.
///
/// Its token is the mailbox's change counter. An item that a synchroniser made keeps the UID that it was made under: the
/// same is not made twice, even where Outlook itself has no UID (contacts, tasks); the second create fails as `Stale`.
#[derive(Clone, Debug)]
pub struct StoreCollection {
    mailbox: Arc<Mailbox>,
    folder: Folder,
    settings: Settings,
    clock: fn() -> Timestamp,
}

impl StoreCollection {
    /// The folder at `path`; `clock` stamps what is written.
    ///
    /// # Errors
    /// `Gone` where there is no such folder.
    pub fn new(mailbox: Arc<Mailbox>, path: &str, clock: fn() -> Timestamp) -> Result<StoreCollection> {
        let folder = mailbox.folder(path)?;
        let settings = mailbox.settings.clone();
        Ok(StoreCollection { mailbox, folder, settings, clock })
    }

    /// The same, with items read and written as a profile chooses, by somebody of that address.
    #[must_use]
    pub fn mapped(mut self, options: Options, own_address: Option<String>) -> StoreCollection {
        self.settings.options = options;
        self.settings.own_address = own_address;
        self
    }

    /// The same, at a time: what is over by then is no reminder any more.
    #[must_use]
    pub fn at(mut self, now: Timestamp) -> StoreCollection {
        self.settings.now = Some(now);
        self
    }

    /// Names the folder, wherever the mailbox is kept and whatever the folder is called.
    pub fn source(&self) -> String {
        format!("{} {}", self.mailbox.id, self.folder.entry_id)
    }

    /// What the folder holds.
    pub fn kind(&self) -> Kind {
        self.folder.kind
    }

    fn settings(&self) -> &Settings {
        &self.settings
    }

    fn token(&self, change: i64) -> SyncToken {
        SyncToken(format!("{} {change}", self.mailbox.id))
    }

    /// The counter of a token of this mailbox.
    fn counter(&self, token: &SyncToken) -> Option<i64> {
        token.0.strip_prefix(&self.mailbox.id)?.trim().parse().ok()
    }

    fn snapshot(&self, stored: &StoredRow) -> Option<Snapshot> {
        let original = original(&stored.properties);
        let (item, warnings) = self.read(&original)?;
        Some(Snapshot {
            id: ItemId(stored.entry_id.clone()),
            version: version(stored.change),
            modified: stored.modified.parse().ok(),
            item,
            original,
            warnings,
        })
    }

    fn fetch_one(&self, connection: &Connection, id: &ItemId, scope: &Scope) -> rusqlite::Result<Fetched> {
        let Some(stored) = stored(connection, &self.folder.entry_id, id)? else { return Ok(Fetched::Gone) };
        Ok(match self.snapshot(&stored) {
            Some(snapshot) if scope.kinds.contains(&snapshot.item.kind()) => {
                Fetched::Found(Box::new(snapshot))
            }
            Some(snapshot) => {
                Fetched::NotOurs(version(stored.change), Foreign::of_another_kind(&snapshot.item))
            }
            None => Fetched::NotOurs(version(stored.change), Foreign::unreadable("it cannot be read")),
        })
    }

    /// Does one write of a batch; `prefix` is how the EntryIDs of what the batch makes begin.
    fn write_one(
        &self,
        connection: &Connection,
        write: &Write,
        prefix: &str,
        change: i64,
    ) -> Result<Written> {
        match write {
            Write::Create(draft) => {
                if self.is_taken(connection, &draft.key.uid)? {
                    let what = format!("The folder has an item with the UID {} already.", draft.key.uid);
                    return Err(Error::new(ErrorKind::Stale, what));
                }
                let mut id = new_id();
                id.replace_range(..prefix.len(), prefix);
                self.store(connection, &id, draft, Some(&draft.key.uid), change)
            }
            Write::Update(expected, draft) => {
                self.expect(connection, expected)?;
                self.store(connection, &expected.id.0, draft, None, change)
            }
            Write::Delete(expected) => {
                self.expect(connection, expected)?;
                self.sql(remove(connection, &expected.id.0, (self.clock)(), change))?;
                Ok(Written::Deleted)
            }
        }
    }

    fn store(
        &self,
        connection: &Connection,
        id: &str,
        draft: &Draft,
        key: Option<&str>,
        change: i64,
    ) -> Result<Written> {
        if let Some(at) = outlook::beyond(&draft.item) {
            let what =
                format!("Outlook has no day such as {}: it knows those from 1601 to 4500-08-31.", at.date());
            return Err(Error::new(ErrorKind::Refused, what));
        }
        let from = draft.from.as_ref().map(|from| &from.bytes[..]);
        let record = write_record(&draft.item, from, self.settings());
        let now = (self.clock)();
        let properties =
            self.sql(put_whole(connection, id, &self.folder.entry_id, &record, key, now, change))?;
        self.sql(self.make_colored_categories(connection, &record))?;
        let unreadable = || Error::new(ErrorKind::Malformed, "What was written cannot be read back.");
        let reading = read_record(&record, self.settings());
        Ok(Written::Holds(Box::new(Snapshot {
            id: ItemId(id.to_owned()),
            version: version(change),
            modified: Some(now),
            item: reading.item.ok_or_else(unreadable)?,
            original: original(&properties),
            warnings: reading.warnings,
        })))
    }

    /// Makes the categories that stand for a colour, named as in CSS, where they are not there.
    fn make_colored_categories(&self, connection: &Connection, item: &OutlookItem) -> rusqlite::Result<()> {
        let OutlookItem::Appointment(item) = item else { return Ok(()) };
        if self.settings.options.calendar.color == Mapped::No {
            return Ok(());
        }
        for color in item.categories.split([',', ';']).filter_map(category_color_of_css) {
            let sql =
                "INSERT INTO category (name, color, shortcut_key) VALUES (?1, ?2, 0) ON CONFLICT DO NOTHING";
            connection.prepare_cached(sql)?.execute(params![color.css, color.number])?;
        }
        Ok(())
    }

    fn expect(&self, connection: &Connection, expected: &Snapshot) -> Result<()> {
        match self.sql(stored(connection, &self.folder.entry_id, &expected.id))? {
            None => Err(Error::new(ErrorKind::Gone, "The item is not in the folder any more.")),
            Some(stored) if version(stored.change) != expected.version => {
                Err(Error::new(ErrorKind::Stale, "The item was changed meanwhile."))
            }
            Some(_) => Ok(()),
        }
    }

    fn is_taken(&self, connection: &Connection, uid: &str) -> Result<bool> {
        let sql = "SELECT EXISTS (SELECT 1 FROM item WHERE folder = ?1 AND create_key = ?2)";
        let mut statement = self.sql(connection.prepare_cached(sql))?;
        self.sql(statement.query_row(params![self.folder.entry_id, uid], |row| row.get(0)))
    }

    fn sql<T>(&self, result: rusqlite::Result<T>) -> Result<T> {
        result.map_err(|error| self.mailbox.failed(error))
    }
}

struct StoredRow {
    entry_id: String,
    properties: String,
    modified: String,
    change: i64,
}

fn stored(connection: &Connection, folder: &str, id: &ItemId) -> rusqlite::Result<Option<StoredRow>> {
    let sql = "SELECT entry_id, properties, modified, change FROM item
               WHERE folder = ?1 AND entry_id = ?2 AND master IS NULL";
    let found = connection
        .prepare_cached(sql)?
        .query_row(params![folder, id.0], |row| {
            Ok(StoredRow {
                entry_id: row.get(0)?,
                properties: row.get(1)?,
                modified: row.get(2)?,
                change: row.get(3)?,
            })
        })
        .optional()?;
    found
        .map(|found| {
            Ok(StoredRow { properties: whole(connection, &found.entry_id, found.properties)?, ..found })
        })
        .transpose()
}

fn original(properties: &str) -> Original {
    Original { capture: CAPTURE, bytes: Arc::from(properties.as_bytes()) }
}

fn version(change: i64) -> Version {
    Version(change.to_string())
}

impl Collection for StoreCollection {
    fn traits(&self) -> Traits {
        Traits { create_guard: true, delete_guard: true, ..Traits::default() }
    }

    fn read(&self, original: &Original) -> Option<(Item, Vec<Warning>)> {
        let reading = dovetail_mapping::read(Dialect::Outlook, &original.bytes, self.settings());
        Some((reading.item?, reading.warnings))
    }

    fn lens(&self) -> String {
        let lens = self.settings().lens();
        match self.folder.kind {
            // What stands for a series is looked at anew from time to time.
            Kind::Event => lens + &outlook::shown_in(self.settings()),
            _ => lens,
        }
    }

    fn is_outdated(&self, original: &Original) -> bool {
        outlook::is_outdated(&original.bytes, self.settings())
    }

    fn belongs(&self, original: &Original) -> bool {
        dovetail_mapping::belongs(Dialect::Outlook, &original.bytes, self.settings())
    }

    fn holds(&self, item: &Item) -> Item {
        dovetail_mapping::holds(Dialect::Outlook, item, self.settings())
    }

    fn keeps(&self, item: &Item) -> BTreeSet<Field> {
        dovetail_mapping::keeps(Dialect::Outlook, item, self.settings())
    }

    fn changes(
        &self,
        since: Option<&SyncToken>,
        _scope: &Scope,
        sink: &mut dyn FnMut(Row) -> Result<()>,
        call: &Call,
    ) -> Result<Changes> {
        call.check()?;
        let connection = self.mailbox.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let change: i64 =
            self.sql(connection.query_row("SELECT change FROM counter", [], |row| row.get(0)))?;
        let since = since.and_then(|token| self.counter(token)).filter(|since| *since <= change);
        // What is written meanwhile is beyond the token, and is told by the next run.
        let rows = "SELECT entry_id, change, 0 FROM item
                    WHERE folder = ?1 AND change > ?2 AND change <= ?3 AND master IS NULL
                    UNION ALL
                    SELECT entry_id, change, 1 FROM deleted
                    WHERE folder = ?1 AND change > ?2 AND change <= ?3 AND master IS NULL AND ?4";
        let mut statement = self.sql(connection.prepare_cached(rows))?;
        let from = since.unwrap_or(0);
        let mut rows =
            self.sql(statement.query(params![self.folder.entry_id, from, change, since.is_some()]))?;
        while let Some(row) = self.sql(rows.next())? {
            let (id, number, removed): (String, i64, bool) =
                self.sql((|| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))())?;
            sink(if removed { Row::Removed(ItemId(id)) } else { Row::Present(ItemId(id), version(number)) })?;
        }
        let next = self.token(change);
        Ok(match since {
            Some(_) => Changes::Since { next },
            None => Changes::Listing { next: Some(next) },
        })
    }

    fn fetch(&self, ids: &[ItemId], scope: &Scope, call: &Call) -> Result<Vec<Fetched>> {
        call.check()?;
        let connection = self.mailbox.connection.lock().unwrap_or_else(PoisonError::into_inner);
        // One look at the file for all of them; without this each takes and gives back a lock.
        let reading = self.sql(connection.unchecked_transaction())?;
        ids.iter().map(|id| self.sql(self.fetch_one(&reading, id, scope))).collect()
    }

    fn standing(&self, _call: &Call) -> Result<Standing> {
        Ok(match self.mailbox.folder(&self.folder.path) {
            Ok(folder) if folder.entry_id == self.folder.entry_id => Standing::Answers,
            Ok(_) => Standing::Missing("Another folder has its name now.".into()),
            Err(error) if error.kind == ErrorKind::Gone => Standing::Missing(error.what),
            Err(error) => return Err(error),
        })
    }

    fn write(&self, batch: &[Write], call: &Call) -> Vec<Result<Written>> {
        let mut connection = self.mailbox.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate);
        let mut transaction = match self.sql(transaction) {
            Ok(transaction) => transaction,
            Err(error) => return failed_alike(batch, &error),
        };
        let changes = match self.sql(next_changes(&transaction, batch.len())) {
            Ok(changes) => changes,
            Err(error) => return failed_alike(batch, &error),
        };
        // What is made together lies together in every index of ids, and can still be named by how its EntryID begins.
        let mut prefix = new_id();
        prefix.truncate(SHARED_DIGITS);
        let mut answers = Vec::with_capacity(batch.len());
        for (write, change) in batch.iter().zip(changes) {
            answers.push(call.check().and_then(|()| {
                // A write that fails half way leaves nothing behind, and the others as they are.
                let point = self.sql(transaction.savepoint())?;
                let written = self.write_one(&point, write, &prefix, change)?;
                self.sql(point.commit())?;
                Ok(written)
            }));
        }
        match self.sql(transaction.commit()) {
            Ok(()) => answers,
            Err(error) => failed_alike(batch, &error),
        }
    }
}

fn failed_alike(batch: &[Write], error: &Error) -> Vec<Result<Written>> {
    batch.iter().map(|_| Err(Error::new(error.kind, error.what.clone()))).collect()
}
