//! Bodies between the two passes of a run: an append-only file, thrown away at its end.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Result};
use crate::observe::uid_of;
use crate::storage::{Collection, ItemId, Original, Snapshot, Version};

/// Where a body lies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spooled {
    at: u64,
    head: u32,
    body: u32,
}

#[derive(Serialize, Deserialize)]
struct Head {
    #[serde(flatten)]
    names: Names,
    version: Version,
    modified: Option<Timestamp>,
    capture: u32,
}

/// By what an item is known. It lies in front of its body: of a first sync the names of all items would fill the memory.
#[derive(Debug, Serialize, Deserialize)]
pub struct Names {
    /// Its id.
    pub id: ItemId,
    /// Its UID; where it carries none, the one that it would be given on the other side.
    pub uid: String,
    /// What a person calls it.
    pub title: String,
}

/// The file.
#[derive(Debug)]
pub struct Spool {
    file: File,
    path: PathBuf,
    end: u64,
    /// Where the file stands: what is written one behind the other need not be looked for.
    at: u64,
}

impl Spool {
    /// Makes an empty spool; what a killed run left is thrown away.
    pub fn create(path: &Path) -> Result<Spool> {
        let mut options = File::options();
        options.create(true).truncate(true).read(true).write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path).map_err(|error| failed(path, error))?;
        Ok(Spool { file, path: path.to_owned(), end: 0, at: 0 })
    }

    /// Keeps a snapshot.
    pub fn push(&mut self, snapshot: &Snapshot) -> Result<Spooled> {
        let head = Head {
            names: Names {
                id: snapshot.id.clone(),
                uid: uid_of(snapshot),
                title: snapshot.item.title().to_owned(),
            },
            version: snapshot.version.clone(),
            modified: snapshot.modified,
            capture: snapshot.original.capture,
        };
        let mut bytes = serde_json::to_vec(&head).map_err(|error| failed(&self.path, error.into()))?;
        let length = |bytes: usize| u32::try_from(bytes).map_err(|_| too_large());
        let spooled = Spooled {
            at: self.end,
            head: length(bytes.len())?,
            body: length(snapshot.original.bytes.len())?,
        };
        bytes.extend_from_slice(&snapshot.original.bytes);
        self.go_to(self.end)?;
        self.file.write_all(&bytes).map_err(|error| failed(&self.path, error))?;
        self.end += bytes.len() as u64;
        self.at = self.end;
        Ok(spooled)
    }

    fn go_to(&mut self, at: u64) -> Result<()> {
        if self.at != at {
            self.file.seek(SeekFrom::Start(at)).map_err(|error| failed(&self.path, error))?;
        }
        Ok(())
    }

    /// Reads a snapshot back; its storage reads the item out of the original again.
    pub fn read(&mut self, spooled: Spooled, storage: &dyn Collection) -> Result<Snapshot> {
        let split = spooled.head as usize;
        let bytes = self.bytes(spooled.at, split + spooled.body as usize)?;
        let (head, body) = bytes.split_at_checked(split).ok_or_else(damaged)?;
        let head = Head::read(head)?;
        let original = Original { capture: head.capture, bytes: Arc::from(body) };
        let (item, warnings) = storage.read(&original).ok_or_else(damaged)?;
        Ok(Snapshot {
            id: head.names.id,
            version: head.version,
            modified: head.modified,
            item,
            original,
            warnings,
        })
    }

    /// Reads back by what a snapshot is known.
    pub fn names(&mut self, spooled: Spooled) -> Result<Names> {
        Ok(Head::read(&self.bytes(spooled.at, spooled.head as usize)?)?.names)
    }

    fn bytes(&mut self, at: u64, length: usize) -> Result<Vec<u8>> {
        let mut bytes = vec![0; length];
        self.go_to(at)?;
        // Until it is known where the file stands.
        self.at = u64::MAX;
        self.file.read_exact(&mut bytes).map_err(|error| failed(&self.path, error))?;
        self.at = at + length as u64;
        Ok(bytes)
    }
}

impl Head {
    fn read(bytes: &[u8]) -> Result<Head> {
        serde_json::from_slice(bytes).map_err(|error| damaged().because(error))
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        // It is disposable: what stays behind is thrown away by the next run.
        drop(std::fs::remove_file(&self.path));
    }
}

fn failed(path: &Path, error: std::io::Error) -> Error {
    Error::file(path, "use", &error).because(error)
}

fn too_large() -> Error {
    Error::new(ErrorKind::Local, "An item is larger than four gigabytes.")
}

fn damaged() -> Error {
    Error::new(ErrorKind::Local, "The spool file of this run was changed by another program.")
}
