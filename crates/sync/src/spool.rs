//! Bodies between the two passes of a run: an append-only file, thrown away at its end.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Result};
use crate::storage::{Collection, ItemId, Original, Snapshot, Version};

/// Where a body lies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spooled {
    at: u64,
    head: u64,
    body: u64,
}

#[derive(Serialize, Deserialize)]
struct Head {
    id: ItemId,
    version: Version,
    modified: Option<Timestamp>,
    capture: u32,
}

/// The file.
#[derive(Debug)]
pub struct Spool {
    file: File,
    path: PathBuf,
    end: u64,
}

impl Spool {
    /// Makes an empty spool; what a killed run left is thrown away.
    pub fn create(path: &Path) -> Result<Spool> {
        let mut options = File::options();
        options.create(true).truncate(true).read(true).write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path).map_err(|error| failed(path, error))?;
        Ok(Spool { file, path: path.to_owned(), end: 0 })
    }

    /// Keeps a snapshot.
    pub fn push(&mut self, snapshot: &Snapshot) -> Result<Spooled> {
        let head = Head {
            id: snapshot.id.clone(),
            version: snapshot.version.clone(),
            modified: snapshot.modified,
            capture: snapshot.original.capture,
        };
        let head = serde_json::to_vec(&head).map_err(|error| failed(&self.path, error.into()))?;
        let body = &snapshot.original.bytes;
        let (head_length, body_length) = (head.len() as u64, body.len() as u64);
        self.file.seek(SeekFrom::Start(self.end)).map_err(|error| failed(&self.path, error))?;
        self.file
            .write_all(&head)
            .and_then(|()| self.file.write_all(body))
            .map_err(|error| failed(&self.path, error))?;
        let spooled = Spooled { at: self.end, head: head_length, body: body_length };
        self.end += head_length + body_length;
        Ok(spooled)
    }

    /// Reads a snapshot back; its storage reads the item out of the original again.
    pub fn read(&mut self, spooled: Spooled, storage: &dyn Collection) -> Result<Snapshot> {
        let mut bytes = Vec::new();
        self.file.seek(SeekFrom::Start(spooled.at)).map_err(|error| failed(&self.path, error))?;
        let length = spooled.head + spooled.body;
        (&mut self.file).take(length).read_to_end(&mut bytes).map_err(|error| failed(&self.path, error))?;
        let split = usize::try_from(spooled.head).unwrap_or(usize::MAX);
        let (head, body) = bytes.split_at_checked(split).ok_or_else(damaged)?;
        let head: Head = serde_json::from_slice(head).map_err(|error| damaged().because(error))?;
        let original = Original { capture: head.capture, bytes: Arc::from(body) };
        let (item, _) = storage.read(&original).ok_or_else(damaged)?;
        Ok(Snapshot { id: head.id, version: head.version, modified: head.modified, item, original })
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

fn damaged() -> Error {
    Error::new(ErrorKind::Local, "The spool file of this run was changed by another program.")
}
