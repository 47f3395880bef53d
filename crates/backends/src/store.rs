//! An Outlook-shaped mailbox in one SQLite file: the embedded default, the headless Outlook, and the reference for what
//! an Outlook storage does.
//!
//! Items are kept as Outlook's own records (`dovetail_mapping::outlook`); times are given by the caller. Several
//! processes may use one file. [`StoreCollection`] is a folder of it as the engine sees it.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use dovetail_mapping::outlook::{OutlookItem, assign};
use dovetail_mapping::{Dialect, Settings, write_record};
use dovetail_model::{Item, Kind, Zone};
use dovetail_sync::error::{Error, ErrorKind, Result};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row as SqlRow, params};
use rusqlite_migration::{Error as MigrationError, M, MigrationDefinitionError, Migrations};
use uuid::Uuid;

mod collection;
mod satellites;
#[cfg(test)]
mod tests;

pub use collection::StoreCollection;
use satellites::{put_whole, touch_master, whole};

/// A mailbox file.
#[derive(Debug)]
pub struct Mailbox {
    connection: Mutex<Connection>,
    path: PathBuf,
    id: String,
    settings: Settings,
}

/// A folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folder {
    /// Its EntryID.
    pub entry_id: String,
    /// Its place in the tree, such as `Calendar/Work`.
    pub path: String,
    /// What it holds.
    pub kind: Kind,
    /// How many items it holds.
    pub items: u64,
}

/// An item as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemRow {
    /// Its EntryID.
    pub entry_id: String,
    /// Its subject or name.
    pub title: String,
    /// Its start or due date; empty for none.
    pub starts: String,
    /// LastModificationTime, UTC, RFC 3339.
    pub modified: String,
}

/// An item with all that is known of it.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredItem {
    /// Its EntryID.
    pub entry_id: String,
    /// The path of its folder.
    pub folder: String,
    /// LastModificationTime, UTC.
    pub modified: Timestamp,
    /// Its properties.
    pub item: OutlookItem,
}

/// A category of the mailbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Category {
    /// Its name; names differ by more than case.
    pub name: String,
    /// OlCategoryColor, 0 to 25.
    pub color: u8,
    /// OlCategoryShortcutKey, 0 to 11.
    pub shortcut_key: u8,
}

/// What came of an import.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// The EntryIDs of new items.
    pub created: Vec<String>,
    /// The EntryIDs of items that were there already, by their UID, and were updated.
    pub updated: Vec<String>,
}

/// The folders of a new mailbox.
const FIRST_FOLDERS: [(&str, Kind); 3] =
    [("Calendar", Kind::Event), ("Contacts", Kind::Contact), ("Tasks", Kind::Task)];

impl Mailbox {
    /// Opens the mailbox at `path`, or makes one, in the zone `home` where it is new.
    ///
    /// # Errors
    /// `Local` where the file is no mailbox, is held by another program, or the disk fails.
    pub fn open(path: &Path, home: &Zone) -> Result<Mailbox> {
        private(path);
        let failed = |error| Error::database(&named(path), error);
        let mut connection = opened(path).map_err(failed)?;
        let steps = [include_str!("store/0001.sql"), include_str!("store/0002.sql")];
        let migrations = Migrations::new(steps.map(M::up).into());
        migrations.to_latest(&mut connection).map_err(|error| match error {
            MigrationError::RusqliteError { err, .. } => failed(err),
            MigrationError::MigrationDefinition(MigrationDefinitionError::DatabaseTooFarAhead) => {
                Error::newer(path)
            }
            _ => {
                let what = format!("{} is no mailbox", path.display());
                Error::new(ErrorKind::Local, what).because(error)
            }
        })?;
        let (id, home) = furnish(&mut connection, home).map_err(failed)?;
        let product = format!("-//Dovetail//{}//EN", env!("CARGO_PKG_VERSION"));
        let settings = Settings::new(home, product);
        Ok(Mailbox { connection: Mutex::new(connection), path: path.to_owned(), id, settings })
    }

    /// Outlook's current zone.
    pub fn home(&self) -> &Zone {
        &self.settings.home
    }

    /// All folders, by path.
    pub fn folders(&self) -> Result<Vec<Folder>> {
        self.with(|connection| {
            let mut statement = connection.prepare_cached(&format!("{FOLDERS} ORDER BY path"))?;
            let rows = statement.query_map([], folder_of_row)?;
            rows.collect()
        })
    }

    /// The folder at a path.
    ///
    /// # Errors
    /// `Gone` where there is none; the text names those that there are.
    pub fn folder(&self, path: &str) -> Result<Folder> {
        let found = self.with(|connection| {
            let sql = format!("{FOLDERS} WHERE path = ?1 COLLATE NOCASE");
            connection.prepare_cached(&sql)?.query_row([path], folder_of_row).optional()
        })?;
        match found {
            Some(folder) => Ok(folder),
            None => {
                let names: Vec<String> = self.folders()?.into_iter().map(|folder| folder.path).collect();
                let what = format!("There is no folder {path}. There are: {}.", names.join(", "));
                Err(Error::new(ErrorKind::Gone, what))
            }
        }
    }

    /// Makes a folder; those above it must be there.
    ///
    /// # Errors
    /// `Refused` where there is one of this name, `Gone` where the folder above is missing.
    pub fn create_folder(&self, path: &str, kind: Kind) -> Result<Folder> {
        let (parent, name) = match path.rsplit_once('/') {
            Some((parent, name)) => (Some(self.folder(parent)?.entry_id), name),
            None => (None, path),
        };
        if name.is_empty() || self.folder(path).is_ok() {
            return Err(Error::new(
                ErrorKind::Refused,
                format!("The folder {path} cannot be made: it is there, or has no name."),
            ));
        }
        self.with(|connection| {
            let sql = "INSERT INTO folder (entry_id, parent, name, kind) VALUES (?1, ?2, ?3, ?4)";
            connection.execute(sql, params![new_id(), parent, name, kind_name(kind)])
        })?;
        self.folder(path)
    }

    /// The items of a folder, those that start first first.
    pub fn items(&self, folder: &str) -> Result<Vec<ItemRow>> {
        let folder = self.folder(folder)?;
        self.with(|connection| {
            let sql = "SELECT entry_id, title, starts, modified FROM item WHERE folder = ?1 ORDER BY starts, title, entry_id";
            let mut statement = connection.prepare_cached(sql)?;
            let rows = statement.query_map([folder.entry_id], |row| {
                Ok(ItemRow { entry_id: row.get(0)?, title: row.get(1)?, starts: row.get(2)?, modified: row.get(3)? })
            })?;
            rows.collect()
        })
    }

    /// The item whose EntryID begins so.
    ///
    /// # Errors
    /// `Gone` where there is none, `Refused` where several begin so.
    pub fn item(&self, id_begins: &str) -> Result<StoredItem> {
        let rows: Vec<(String, String, String, String)> = self.with(|connection| {
            let sql = "SELECT entry_id, folder, modified, properties FROM item
                       WHERE substr(entry_id, 1, length(?1)) = upper(?1) LIMIT 2";
            let mut statement = connection.prepare_cached(sql)?;
            let rows = statement
                .query_map([id_begins], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
            rows.collect()
        })?;
        let [(entry_id, folder, modified, properties)] =
            <[_; 1]>::try_from(rows).map_err(|rows| match rows.len() {
                0 => Error::new(ErrorKind::Gone, format!("There is no item {id_begins}.")),
                _ => Error::new(ErrorKind::Refused, format!("Several items begin with {id_begins}.")),
            })?;
        let folder =
            self.folders()?.into_iter().find(|other| other.entry_id == folder).map(|folder| folder.path);
        Ok(StoredItem {
            entry_id,
            folder: folder.unwrap_or_default(),
            modified: modified.parse().unwrap_or(Timestamp::UNIX_EPOCH),
            item: record(&properties)?,
        })
    }

    /// The series that a single appointment shows an occurrence of, by the beginning of the appointment's EntryID: the EntryID of
    /// the series.
    ///
    /// # Errors
    /// Where the mailbox cannot be read.
    pub fn series_shown_by(&self, id_begins: &str) -> Result<Option<String>> {
        self.with(|connection| satellites::master_of(connection, id_begins))
    }

    /// Adds an item to a folder; its EntryID is returned.
    ///
    /// # Errors
    /// `Refused` where the folder holds another kind.
    pub fn add(&self, folder: &str, item: &OutlookItem, now: Timestamp) -> Result<String> {
        let folder = self.folder(folder)?;
        fits(&folder, kind_of(item))?;
        let id = new_id();
        self.with_transaction(|connection| {
            let change = next_change(connection)?;
            put_whole(connection, &id, &folder.entry_id, item, None, now, change).map(drop)
        })?;
        Ok(id)
    }

    /// Sets properties of an item by their names, as Outlook would: what depends on them follows.
    ///
    /// # Errors
    /// `Refused` for an unknown property or a value that does not fit; nothing is then changed.
    pub fn set(&self, id_begins: &str, properties: &[(&str, &str)], now: Timestamp) -> Result<StoredItem> {
        let mut stored = self.item(id_begins)?;
        let today = self.home().wall_clock(now).date();
        for (property, value) in properties {
            stored.item = assign(&stored.item, property, value, self.home(), today)
                .map_err(|error| Error::new(ErrorKind::Refused, error.to_string()))?;
        }
        self.save(&stored, now)?;
        self.item(&stored.entry_id)
    }

    fn save(&self, stored: &StoredItem, now: Timestamp) -> Result<()> {
        let folder = self.folder(&stored.folder)?;
        self.with_transaction(|connection| {
            let change = next_change(connection)?;
            put(connection, &stored.entry_id, &folder.entry_id, &stored.item, None, now, change)?;
            touch_master(connection, &stored.entry_id, now, change)
        })
    }

    /// Moves an item to Deleted Items; a series with the appointments that show its further occurrences.
    ///
    /// # Errors
    /// As [`Mailbox::item`].
    pub fn delete(&self, id_begins: &str, now: Timestamp) -> Result<StoredItem> {
        let stored = self.item(id_begins)?;
        self.with_transaction(|connection| {
            let change = next_change(connection)?;
            touch_master(connection, &stored.entry_id, now, change)?;
            remove(connection, &stored.entry_id, now, change)
        })?;
        Ok(stored)
    }

    /// What is in Deleted Items: EntryID and properties.
    pub fn deleted(&self) -> Result<Vec<(String, OutlookItem)>> {
        let rows: Vec<(String, String)> = self.with(|connection| {
            let mut statement =
                connection.prepare_cached("SELECT entry_id, properties FROM deleted ORDER BY change")?;
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.collect()
        })?;
        rows.into_iter().map(|(id, properties)| Ok((id, record(&properties)?))).collect()
    }

    /// The categories, by name.
    pub fn categories(&self) -> Result<Vec<Category>> {
        self.with(|connection| {
            let mut statement =
                connection.prepare_cached("SELECT name, color, shortcut_key FROM category ORDER BY name")?;
            let rows = statement.query_map([], |row| {
                Ok(Category { name: row.get(0)?, color: row.get(1)?, shortcut_key: row.get(2)? })
            })?;
            rows.collect()
        })
    }

    /// Makes a category, or changes the one of this name.
    pub fn put_category(&self, category: &Category) -> Result<()> {
        self.with(|connection| {
            let sql = "INSERT INTO category (name, color, shortcut_key) VALUES (?1, ?2, ?3)
                       ON CONFLICT (name) DO UPDATE SET color = excluded.color, shortcut_key = excluded.shortcut_key";
            connection.execute(sql, params![category.name, category.color, category.shortcut_key])
        })?;
        Ok(())
    }

    /// Takes items into a folder. One whose UID is in the folder already updates it.
    ///
    /// # Errors
    /// `Refused` where the folder holds another kind: then nothing was taken.
    pub fn import(&self, folder: &str, items: &[Item], now: Timestamp) -> Result<Imported> {
        let target = self.folder(folder)?;
        for item in items {
            fits(&target, item.kind())?;
        }
        self.with_transaction(|connection| {
            let mut imported = Imported::default();
            let changes = next_changes(connection, items.len())?;
            for (item, change) in items.iter().zip(changes) {
                let known = by_uid(connection, &target, item.uid())?;
                let before = known.as_ref().map(|(_, properties)| properties.as_bytes());
                let record = write_record(item, before, &self.settings);
                let (id, ids) = match known {
                    Some((id, _)) => (id, &mut imported.updated),
                    None => (new_id(), &mut imported.created),
                };
                put_whole(connection, &id, &target.entry_id, &record, item.uid(), now, change)?;
                ids.push(id);
            }
            Ok(imported)
        })
    }

    /// All items of a folder, as the model has them.
    pub fn read_all(&self, folder: &str) -> Result<Vec<Item>> {
        let folder = self.folder(folder)?;
        let rows: Vec<String> = self.with(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT entry_id, properties FROM item WHERE folder = ?1 AND master IS NULL
                 ORDER BY starts, title, entry_id",
            )?;
            let rows = statement.query_map([folder.entry_id], |row| Ok((row.get(0)?, row.get(1)?)))?;
            let whole_row = |row: rusqlite::Result<(String, String)>| {
                let (id, properties) = row?;
                whole(connection, &id, properties)
            };
            rows.map(whole_row).collect()
        })?;
        let read =
            |text: &String| dovetail_mapping::read(Dialect::Outlook, text.as_bytes(), &self.settings).item;
        Ok(rows.iter().filter_map(read).collect())
    }

    fn with<T>(&self, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T> {
        let connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        work(&connection).map_err(|error| self.failed(error))
    }

    fn with_transaction<T>(&self, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T> {
        let mut connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let transaction = connection
            .transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)
            .map_err(|error| self.failed(error))?;
        let done = work(&transaction).map_err(|error| self.failed(error))?;
        transaction.commit().map_err(|error| self.failed(error))?;
        Ok(done)
    }

    fn failed(&self, error: rusqlite::Error) -> Error {
        Error::database(&named(&self.path), error)
    }
}

/// How a mailbox is called in what is said of it.
fn named(path: &Path) -> String {
    format!("the mailbox {}", path.display())
}

/// The file, durable from now on.
fn opened(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(Duration::from_secs(10))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    // As for a profile's own files: indexes by random ids are met everywhere.
    connection.pragma_update(None, "cache_size", -4 * 1024)?;
    connection.pragma_update(None, "wal_autocheckpoint", 10_000)?;
    Ok(connection)
}

/// Folders with their paths.
const FOLDERS: &str = "WITH RECURSIVE tree (entry_id, path, kind) AS (
        SELECT entry_id, name, kind FROM folder WHERE parent IS NULL
        UNION ALL SELECT f.entry_id, tree.path || '/' || f.name, f.kind FROM folder f JOIN tree ON f.parent = tree.entry_id
    )
    SELECT entry_id, path, kind, (SELECT count(*) FROM item WHERE item.folder = tree.entry_id) FROM tree";

fn folder_of_row(row: &SqlRow<'_>) -> rusqlite::Result<Folder> {
    let kind: String = row.get(2)?;
    Ok(Folder {
        entry_id: row.get(0)?,
        path: row.get(1)?,
        kind: match kind.as_str() {
            "contact" => Kind::Contact,
            "task" => Kind::Task,
            _ => Kind::Event,
        },
        items: row.get::<_, i64>(3)?.unsigned_abs(),
    })
}

fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Event => "event",
        Kind::Contact | Kind::Group => "contact",
        Kind::Task => "task",
    }
}

fn by_uid(
    connection: &Connection,
    folder: &Folder,
    uid: Option<&str>,
) -> rusqlite::Result<Option<(String, String)>> {
    let Some(uid) = uid else { return Ok(None) };
    let sql = "SELECT entry_id, properties FROM item WHERE folder = ?1 AND create_key = ?2";
    let found = |row: &SqlRow<'_>| Ok((row.get(0)?, row.get(1)?));
    let found: Option<(String, String)> =
        connection.prepare_cached(sql)?.query_row(params![folder.entry_id, uid], found).optional()?;
    found.map(|(id, properties)| Ok((id.clone(), whole(connection, &id, properties)?))).transpose()
}

/// A folder holds items of one kind; one of contacts, distribution lists too.
fn fits(folder: &Folder, kind: Kind) -> Result<()> {
    if kind == folder.kind || folder.kind == Kind::Contact && kind == Kind::Group {
        return Ok(());
    }
    let what = format!("The folder {} does not hold items of this kind.", folder.path);
    Err(Error::new(ErrorKind::Refused, what))
}

fn kind_of(item: &OutlookItem) -> Kind {
    match item {
        OutlookItem::Appointment(_) => Kind::Event,
        OutlookItem::Task(_) => Kind::Task,
        OutlookItem::Contact(_) => Kind::Contact,
        OutlookItem::DistList(_) => Kind::Group,
    }
}

/// The name and the zone of a mailbox; a new one gets them, and its folders.
fn furnish(connection: &mut Connection, home: &Zone) -> rusqlite::Result<(String, Zone)> {
    // Whoever only reads need not wait for whoever writes.
    let (id, zone) = match known(connection)? {
        Some(known) => known,
        None => furnish_new(connection, home)?,
    };
    let zone = if zone == "Etc/UTC" { Zone::Utc } else { Zone::named(&zone) };
    Ok((id, zone))
}

fn known(connection: &Connection) -> rusqlite::Result<Option<(String, String)>> {
    let sql = "SELECT id, zone FROM mailbox";
    connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?))).optional()
}

fn furnish_new(connection: &mut Connection, home: &Zone) -> rusqlite::Result<(String, String)> {
    let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    // Another process may have been faster.
    if let Some(known) = known(&transaction)? {
        return Ok(known);
    }
    let zone = if let Zone::Named(zone) = home { zone.id.clone() } else { "Etc/UTC".to_owned() };
    let id = new_id();
    transaction.execute("INSERT INTO mailbox (id, zone) VALUES (?1, ?2)", [&id, &zone])?;
    transaction.execute("INSERT INTO counter (change) VALUES (0)", [])?;
    for (name, kind) in FIRST_FOLDERS {
        let sql = "INSERT INTO folder (entry_id, parent, name, kind) VALUES (?1, NULL, ?2, ?3)";
        transaction.execute(sql, params![new_id(), name, kind_name(kind)])?;
    }
    transaction.commit()?;
    Ok((id, zone))
}

fn new_id() -> String {
    Uuid::new_v4().simple().to_string().to_uppercase()
}

/// The number of the next change.
fn next_change(connection: &Connection) -> rusqlite::Result<i64> {
    Ok(next_changes(connection, 1)?.end - 1)
}

/// The numbers of the next changes: those that are not used are left out.
fn next_changes(connection: &Connection, count: usize) -> rusqlite::Result<Range<i64>> {
    let sql = "UPDATE counter SET change = change + ?1 RETURNING change + 1";
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    let end: i64 = connection.prepare_cached(sql)?.query_row([count], |row| row.get(0))?;
    Ok(end - count..end)
}

/// Keeps a record; its properties as they are kept.
fn put(
    connection: &Connection,
    id: &str,
    folder: &str,
    item: &OutlookItem,
    key: Option<&str>,
    now: Timestamp,
    change: i64,
) -> rusqlite::Result<String> {
    let properties = item.to_json();
    let (title, starts) = shown(item);
    connection
        .prepare_cached(
            "INSERT INTO item (entry_id, folder, title, starts, properties, create_key, modified, change)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
             ON CONFLICT (entry_id) DO UPDATE SET title = ?3, starts = ?4, properties = ?5,
                 create_key = coalesce(create_key, ?6), modified = ?7, change = ?8",
        )?
        .execute(params![id, folder, title, starts, properties, key, now.to_string(), change])?;
    Ok(properties)
}

/// Moves a record, and what shows further occurrences of its series, to Deleted Items.
fn remove(connection: &Connection, id: &str, now: Timestamp, change: i64) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO deleted (entry_id, folder, properties, modified, change, master)
             SELECT entry_id, folder, properties, ?2, ?3, master FROM item WHERE entry_id = ?1 OR master = ?1",
        )?
        .execute(params![id, now.to_string(), change])?;
    connection.prepare_cached("DELETE FROM item WHERE entry_id = ?1 OR master = ?1")?.execute([id])?;
    Ok(())
}

/// Title and start, for lists.
fn shown(item: &OutlookItem) -> (String, String) {
    use dovetail_mapping::outlook::NO_DATE;
    match item {
        OutlookItem::Appointment(item) => (item.subject.clone(), item.start.to_string()),
        OutlookItem::Task(item) if item.due_date == NO_DATE => (item.subject.clone(), String::new()),
        OutlookItem::Task(item) => (item.subject.clone(), item.due_date.to_string()),
        OutlookItem::Contact(item) => {
            let names = [&item.full_name, &item.file_as, &item.company_name, &item.email1_address];
            (names.into_iter().find(|name| !name.is_empty()).cloned().unwrap_or_default(), String::new())
        }
        OutlookItem::DistList(item) => (item.dl_name.clone(), String::new()),
    }
}

fn record(properties: &str) -> Result<OutlookItem> {
    OutlookItem::parse(properties.as_bytes()).map_err(|error| {
        Error::new(ErrorKind::Malformed, "An item of the mailbox cannot be read.").because(error)
    })
}

/// Makes the file before SQLite does, readable by its owner alone.
fn private(path: &Path) {
    let mut options = std::fs::File::options();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    // A failure shows again, with its reason, when SQLite opens the file.
    drop(options.open(path));
}
