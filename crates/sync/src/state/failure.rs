//! Failures of a database, in words for the person whose file it is.

use crate::error::{Error, ErrorKind};

impl Error {
    /// A failure of a database; `whose` names it, such as "the mailbox /home/me/mailbox.db".
    pub fn database(whose: &str, cause: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as Sql;
        let is_full = |cause: &rusqlite::Error| match cause.sqlite_error() {
            // What processes share of a database lies in a file, too.
            Some(error) => error.extended_code == rusqlite::ffi::SQLITE_IOERR_SHMSIZE,
            None => false,
        };
        let (kind, what) = match cause.sqlite_error_code() {
            Some(Sql::DiskFull) => (ErrorKind::Full, format!("the disk is full: {whose} cannot be written")),
            Some(Sql::SystemIoFailure) if is_full(&cause) => {
                (ErrorKind::Full, format!("the disk is full: {whose} cannot be written"))
            }
            Some(Sql::DatabaseBusy | Sql::DatabaseLocked) => {
                (ErrorKind::Locked, format!("another program holds {whose}"))
            }
            Some(Sql::DatabaseCorrupt | Sql::NotADatabase) => {
                (ErrorKind::Damaged, format!("{whose} is damaged, or no database at all"))
            }
            Some(Sql::ReadOnly) => (ErrorKind::Local, format!("{whose} may only be read")),
            Some(Sql::CannotOpen | Sql::PermissionDenied) => {
                (ErrorKind::Local, format!("{whose} cannot be opened"))
            }
            _ => (ErrorKind::Local, format!("{whose} cannot be read or written")),
        };
        Error::new(kind, what).because(cause)
    }
}
