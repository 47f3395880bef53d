//! Database files: opened durable and private, checked, moved aside where damaged; and the lock of a profile.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

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

/// Opens, or makes, a database that can be relied on: it is whole, and what was committed stays so. A damaged one is moved
/// aside; where to is told.
pub(crate) fn open(
    path: &Path,
    migrations: &Migrations<'_>,
    is_whole: impl Fn(&Connection) -> rusqlite::Result<bool>,
) -> Result<(Connection, Option<PathBuf>)> {
    let attempt = || -> Result<Connection, Unusable> {
        let connection = migrated(path, migrations)?;
        if is_whole(&connection).map_err(|error| Unusable::of(path, error))? {
            Ok(connection)
        } else {
            Err(Unusable::Damaged)
        }
    };
    match attempt() {
        Ok(connection) => Ok((connection, None)),
        Err(Unusable::Failed(error)) => Err(error),
        Err(Unusable::Damaged) => {
            let aside = moved_aside(path)?;
            match attempt() {
                Ok(connection) => Ok((connection, Some(aside))),
                Err(Unusable::Failed(error)) => Err(error),
                Err(Unusable::Damaged) => {
                    let what = format!("{} is damaged as soon as it is made", path.display());
                    Err(Error::new(ErrorKind::Local, what))
                }
            }
        }
    }
}

fn migrated(path: &Path, migrations: &Migrations<'_>) -> Result<Connection, Unusable> {
    make_private(path);
    let mut connection = sound(path).map_err(|error| Unusable::of(path, error))?.ok_or(Unusable::Damaged)?;
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
fn sound(path: &Path) -> rusqlite::Result<Option<Connection>> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(Duration::from_secs(10))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    let whole: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    Ok((whole == "ok").then_some(connection))
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

/// Locks a profile for this process, for as long as the file is open.
pub(crate) fn lock(path: &Path) -> Result<File> {
    let path = path.with_extension("lock");
    let failed = |error: std::io::Error| Error::file(&path, "lock", &error).because(error);
    let options = File::options().create(true).truncate(false).read(true).write(true).clone();
    let mut file = options.open(&path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => {
            // Only for the sentence below: the lock itself is the system's, and goes with the process.
            let id = std::process::id().to_string();
            file.set_len(0).and_then(|()| file.write_all(id.as_bytes())).map_err(failed)?;
            Ok(file)
        }
        Err(std::fs::TryLockError::WouldBlock) => {
            let who = std::fs::read_to_string(&path).ok().filter(|id| !id.is_empty());
            let who = who.map(|id| format!(" (process {id})")).unwrap_or_default();
            Err(Error::new(ErrorKind::Locked, format!("another run is at work on this profile{who}")))
        }
        Err(std::fs::TryLockError::Error(error)) => Err(failed(error)),
    }
}

/// Moves a damaged database, and what SQLite keeps beside it, out of the way.
fn moved_aside(path: &Path) -> Result<PathBuf> {
    let beside = |suffix: &str| PathBuf::from(format!("{}{suffix}", path.display()));
    let numbered = |number: u32| beside(&format!(".damaged-{number}"));
    let aside = (1..u32::MAX).map(numbered).find(|to| !to.exists()).unwrap_or_else(|| numbered(0));
    std::fs::rename(path, &aside).map_err(|error| Error::file(path, "move aside", &error).because(error))?;
    for suffix in ["-wal", "-shm"] {
        // It belongs to the damaged file and may not exist.
        drop(std::fs::remove_file(beside(suffix)));
    }
    Ok(aside)
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        Error::database("the state of this profile", error)
    }
}
