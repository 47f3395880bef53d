//! Database files: opened durable and private, checked, moved aside where damaged; and the lock of a profile.
//!
//! Checking reads all of a file, so it is done only where it may find something: see [`Seal`].

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use rusqlite::Connection;
use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
use rusqlite_migration::{Error as MigrationError, MigrationDefinitionError, Migrations};

use crate::error::{Error, ErrorKind, Result};

/// Why a database cannot be used as it is.
enum Unusable {
    /// It is damaged: a fresh one serves better.
    Damaged,
    /// The disk fails, or the file belongs to a newer program.
    Failed(Error),
}

impl Unusable {
    fn of(path: &Path, error: rusqlite::Error) -> Unusable {
        match error.sqlite_error_code() {
            Some(DatabaseCorrupt | NotADatabase) => Unusable::Damaged,
            _ => Unusable::Failed(Error::database(&path.display().to_string(), error)),
        }
    }
}

/// A database that can be relied on.
pub(crate) struct Opened {
    pub(crate) connection: Connection,
    /// To be dropped after the connection.
    pub(crate) seal: Seal,
    /// Where a damaged predecessor was moved, if there was one.
    pub(crate) damaged: Option<PathBuf>,
}

/// Opens, or makes, a database that can be relied on: it is whole, and what was committed stays so. A damaged one is moved
/// aside; where to is told.
pub(crate) fn open(
    path: &Path,
    migrations: &Migrations<'_>,
    is_whole: impl Fn(&Connection) -> rusqlite::Result<bool>,
) -> Result<Opened> {
    let attempt = |trust| -> Result<Connection, Unusable> {
        let connection = migrated(path, migrations, trust)?;
        match trust {
            Trust::Untouched => Ok(connection),
            Trust::Unknown if is_whole(&connection).map_err(|error| Unusable::of(path, error))? => {
                Ok(connection)
            }
            Trust::Unknown => Err(Unusable::Damaged),
        }
    };
    let opened = |connection, damaged| Opened { connection, seal: Seal::of(path), damaged };
    match attempt(Seal::of(path).trust()) {
        Ok(connection) => Ok(opened(connection, None)),
        Err(Unusable::Failed(error)) => Err(error),
        Err(Unusable::Damaged) => {
            let aside = moved_aside(path)?;
            match attempt(Trust::Unknown) {
                Ok(connection) => Ok(opened(connection, Some(aside))),
                Err(Unusable::Failed(error)) => Err(error),
                Err(Unusable::Damaged) => {
                    let what = format!("{} is damaged as soon as it is made", path.display());
                    Err(Error::new(ErrorKind::Local, what))
                }
            }
        }
    }
}

fn migrated(path: &Path, migrations: &Migrations<'_>, trust: Trust) -> Result<Connection, Unusable> {
    make_private(path);
    let mut connection =
        sound(path, trust).map_err(|error| Unusable::of(path, error))?.ok_or(Unusable::Damaged)?;
    migrations.to_latest(&mut connection).map_err(|error| match error {
        MigrationError::RusqliteError { err, .. } => Unusable::of(path, err),
        // Not damaged: moving it aside would throw away what a newer version knows.
        MigrationError::MigrationDefinition(MigrationDefinitionError::DatabaseTooFarAhead) => {
            Unusable::Failed(Error::newer(path))
        }
        _ => Unusable::Damaged,
    })?;
    Ok(connection)
}

/// The database, durable from now on; `None` where SQLite finds it damaged.
fn sound(path: &Path, trust: Trust) -> rusqlite::Result<Option<Connection>> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(Duration::from_secs(10))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    // Indexes by hash and by id are met at random places: of a large collection they outgrow the usual two megabytes.
    connection.pragma_update(None, "cache_size", -CACHE_KIBIBYTES)?;
    // The same pages are written again and again: seldom copying them from the log to the file is enough.
    connection.pragma_update(None, "wal_autocheckpoint", LOG_PAGES)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    if trust == Trust::Untouched {
        return Ok(Some(connection));
    }
    let whole: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    Ok((whole == "ok").then_some(connection))
}

/// The most memory that the pages of a database take: `docs/performance.md` says what less of it, or more, would change.
const CACHE_KIBIBYTES: i64 = 6 * 1024;
/// The pages that the log holds before they are copied to the file.
const LOG_PAGES: i64 = 10_000;
/// The statements that are kept ready: more than a run has.
const STATEMENTS: usize = 128;

/// What is known of a file before it is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trust {
    /// Nobody wrote to it since a run ended well.
    Untouched,
    /// Nothing: it has to be checked.
    Unknown,
}

/// A note beside a database: how long it was, and when it was last written, when a run had ended well and it was closed. As
/// long as that is true, the file need not be read through again. There is none while a run is at work, so that whatever
/// ends a run otherwise, damage in the file among it, makes the next one check.
#[derive(Debug)]
pub(crate) struct Seal {
    database: PathBuf,
    note: PathBuf,
    /// Whether the note is to be written when the database is closed.
    ended_well: bool,
}

impl Seal {
    pub(super) fn of(database: &Path) -> Seal {
        Seal { database: database.to_owned(), note: beside(database, ".seal"), ended_well: false }
    }

    pub(super) fn trust(&self) -> Trust {
        let note = std::fs::read_to_string(&self.note).ok();
        let is_true = note.is_some() && note == self.written().map(|(_, note)| note);
        if is_true { Trust::Untouched } else { Trust::Unknown }
    }

    /// When the database was last written, and what a note of that says; `None` while its log is still to be read.
    fn written(&self) -> Option<(SystemTime, String)> {
        if beside(&self.database, "-wal").exists() {
            return None;
        }
        let file = std::fs::metadata(&self.database).ok()?;
        let written = file.modified().ok()?;
        let since = written.duration_since(SystemTime::UNIX_EPOCH).ok()?;
        Some((written, format!("{} {}", file.len(), since.as_nanos())))
    }

    /// A run begins.
    pub(crate) fn take_off(&mut self) {
        self.ended_well = false;
        // There may be none.
        drop(std::fs::remove_file(&self.note));
    }

    /// A run has ended well.
    pub(crate) fn put_on(&mut self) {
        self.ended_well = true;
    }

    /// Writes the note. Clocks of file systems have ticks, and what is written within the tick of the last write cannot be
    /// told from it: the note counts only if it is younger.
    fn write(&self) -> Option<()> {
        let (written, note) = self.written()?;
        for _ in 0..TICKS {
            std::fs::write(&self.note, &note).ok()?;
            if std::fs::metadata(&self.note).ok()?.modified().ok()? > written {
                return Some(());
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        std::fs::remove_file(&self.note).ok()
    }
}

/// For so many milliseconds a tick of the file system's clock is waited for.
const TICKS: u32 = 20;

impl Drop for Seal {
    fn drop(&mut self) {
        if self.ended_well {
            make_private(&self.note);
            // Without a note the file is checked.
            let _ = self.write();
        }
    }
}

/// Makes the file before SQLite does, readable by its owner alone.
fn make_private(path: &Path) {
    let mut options = File::options();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    // A failure shows again, with its reason, when SQLite opens the file.
    drop(options.open(path));
}

/// Locks a profile for this process, for as long as the file is open. Where another process has it, that is waited for.
pub(crate) fn lock(path: &Path, patience: Duration) -> Result<File> {
    let path = path.with_extension("lock");
    let failed = |error: std::io::Error| Error::file(&path, "lock", &error).because(error);
    let mut options = File::options();
    options.create(true).truncate(false).read(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&path).map_err(failed)?;
    let begun = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => break,
            Err(std::fs::TryLockError::WouldBlock) => {
                let left = patience.saturating_sub(begun.elapsed());
                if left.is_zero() {
                    return Err(is_locked(&path, patience));
                }
                std::thread::sleep(left.min(LOOK_AGAIN));
            }
            Err(std::fs::TryLockError::Error(error)) => return Err(failed(error)),
        }
    }
    // Only for the sentence below: the lock itself is the system's, and goes with the process.
    let id = std::process::id().to_string();
    file.set_len(0).and_then(|()| file.write_all(id.as_bytes())).map_err(failed)?;
    Ok(file)
}

/// Whoever waits for a lock looks so often.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

fn is_locked(path: &Path, patience: Duration) -> Error {
    let who = std::fs::read_to_string(path).ok().filter(|id| !id.is_empty());
    let who = who.map(|id| format!(" (process {id})")).unwrap_or_default();
    let waited = match patience.as_secs() {
        0 => String::new(),
        seconds => format!(", and still is after {seconds} seconds"),
    };
    Error::new(ErrorKind::Locked, format!("another run is at work on this profile{who}{waited}"))
}

/// Does work on a database as one transaction; what does not end well leaves it as it was.
pub(crate) fn together<D, T>(
    database: &mut D,
    connection: impl Fn(&D) -> &Connection,
    work: impl FnOnce(&mut D) -> Result<T>,
) -> Result<T> {
    connection(database).execute_batch("BEGIN")?;
    let done = work(database).and_then(|done| {
        connection(database).execute_batch("COMMIT")?;
        Ok(done)
    });
    if done.is_err() {
        // Where SQLite has ended it by itself already, there is nothing to end.
        drop(connection(database).execute_batch("ROLLBACK"));
    }
    done
}

/// Removes a database with all that lies beside it.
pub(crate) fn remove(path: &Path) -> Result<()> {
    for suffix in ["", "-wal", "-shm", ".seal"] {
        let file = beside(path, suffix);
        match std::fs::remove_file(&file) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(Error::file(&file, "delete", &error).because(error));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Moves a damaged database, and what SQLite keeps beside it, out of the way.
fn moved_aside(path: &Path) -> Result<PathBuf> {
    let numbered = |number: u32| beside(path, &format!(".damaged-{number}"));
    let aside = (1..u32::MAX).map(numbered).find(|to| !to.exists()).unwrap_or_else(|| numbered(0));
    std::fs::rename(path, &aside).map_err(|error| Error::file(path, "move aside", &error).because(error))?;
    for suffix in ["-wal", "-shm"] {
        // It belongs to the damaged file and may not exist.
        drop(std::fs::remove_file(beside(path, suffix)));
    }
    Ok(aside)
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        Error::database("the state of this profile", error)
    }
}
