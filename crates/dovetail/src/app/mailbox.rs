//! The mailbox by hand: folders, items, import and export.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use dovetail_backends::store::{Folder, ItemRow, Mailbox, StoredItem};
use dovetail_mapping::component::Document;
use dovetail_mapping::inspect::{Piece, split};
use dovetail_mapping::{Dialect, Settings, Warning};
use dovetail_model::{Item, Kind, Zone};
use dovetail_sync::ErrorKind;

use super::{App, now, settings};
use crate::error::{Error, Result};

/// What an import did.
pub(crate) struct Imported {
    /// The EntryIDs of new items.
    pub(crate) created: Vec<String>,
    /// The EntryIDs of items that were there already and were updated.
    pub(crate) updated: Vec<String>,
    /// How many entries of the file the folder does not hold.
    pub(crate) left_out: usize,
    /// What was noticed in the file.
    pub(crate) warnings: Vec<Warning>,
}

impl App {
    /// The folders of a mailbox.
    pub(crate) fn folders(&self, mailbox: Option<&Path>) -> Result<Vec<Folder>> {
        Ok(self.mailbox(mailbox)?.folders()?)
    }

    /// Makes a folder.
    pub(crate) fn add_folder(&self, mailbox: Option<&Path>, path: &str, kind: Kind) -> Result<()> {
        self.mailbox(mailbox)?.create_folder(path, kind).map_err(meant_otherwise)?;
        Ok(())
    }

    /// The items of a folder.
    pub(crate) fn items(&self, mailbox: Option<&Path>, folder: &str) -> Result<Vec<ItemRow>> {
        self.mailbox(mailbox)?.items(folder).map_err(meant_otherwise)
    }

    /// The item whose EntryID begins so.
    pub(crate) fn item(&self, mailbox: Option<&Path>, id_begins: &str) -> Result<StoredItem> {
        self.mailbox(mailbox)?.item(id_begins).map_err(meant_otherwise)
    }

    /// Sets properties of an item, `PROPERTY=VALUE` each: all of them or, if one is wrong, none.
    pub(crate) fn set_properties(
        &self,
        mailbox: Option<&Path>,
        id_begins: &str,
        assignments: &[String],
    ) -> Result<StoredItem> {
        let pairs = assignments.iter().map(|word| {
            word.split_once('=').ok_or_else(|| {
                Error::usage(
                    format!("{word:?} sets nothing."),
                    "Write it as PROPERTY=VALUE, such as Subject=Lunch.",
                )
            })
        });
        let pairs: Vec<(&str, &str)> = pairs.collect::<Result<_>>()?;
        self.mailbox(mailbox)?.set(id_begins, &pairs, now()).map_err(meant_otherwise)
    }

    /// Deletes the items whose EntryIDs begin so; all of them must be there.
    pub(crate) fn delete_items(&self, mailbox: Option<&Path>, ids_begin: &[String]) -> Result<Vec<String>> {
        let mailbox = self.mailbox(mailbox)?;
        let found = ids_begin.iter().map(|begins| mailbox.item(begins).map_err(meant_otherwise));
        let mut ids = found.map(|item| Ok(item?.entry_id)).collect::<Result<Vec<String>>>()?;
        ids.dedup();
        for id in &ids {
            mailbox.delete(id, now())?;
        }
        Ok(ids)
    }

    /// Makes items of a file of iCalendar or vCard: those that the folder holds.
    pub(crate) fn import(&self, mailbox: Option<&Path>, file: &Path, folder: &str) -> Result<Imported> {
        let bytes = fs::read(file).map_err(|cause| Error::file(file, "read", &cause))?;
        self.import_bytes(mailbox, &bytes, folder)
    }

    /// Makes items of what such a file holds.
    pub(crate) fn import_bytes(
        &self,
        mailbox: Option<&Path>,
        bytes: &[u8],
        folder: &str,
    ) -> Result<Imported> {
        let mailbox = self.mailbox(mailbox)?;
        let kind = mailbox.folder(folder).map_err(meant_otherwise)?.kind;
        let settings = settings(mailbox.home().clone());
        let pieces = split(bytes);
        let mut warnings = Vec::new();
        let items: Vec<Item> = pieces
            .iter()
            .filter_map(|piece| read(piece, &settings, &mut warnings))
            .filter(|item| fits(item, kind))
            .collect();
        let left_out = pieces.len() - items.len();
        let imported = mailbox.import(folder, &items, now())?;
        Ok(Imported { created: imported.created, updated: imported.updated, left_out, warnings })
    }

    /// The items of a folder as one calendar, or as cards one after the other; and how many they are.
    pub(crate) fn export(&self, mailbox: Option<&Path>, folder: &str) -> Result<(usize, Vec<u8>)> {
        let mailbox = self.mailbox(mailbox)?;
        let items = mailbox.read_all(folder).map_err(meant_otherwise)?;
        let settings = settings(mailbox.home().clone());
        let objects = items.iter().map(|item| {
            let dialect = match item.kind() {
                Kind::Event | Kind::Task => Dialect::ICalendar,
                Kind::Contact | Kind::Group => Dialect::VCard3,
            };
            (dialect, dovetail_mapping::write(dialect, item, None, now(), &settings))
        });
        let (calendars, cards): (Vec<_>, Vec<_>) =
            objects.partition(|(dialect, _)| *dialect == Dialect::ICalendar);
        let mut bytes = join(calendars.iter().map(|(_, object)| object.as_slice()));
        bytes.extend(cards.into_iter().flat_map(|(_, object)| object));
        Ok((items.len(), bytes))
    }

    /// What a folder holds.
    pub(super) fn folder_kind(&self, mailbox: Option<&Path>, folder: &str) -> Result<Kind> {
        Ok(self.mailbox(mailbox)?.folder(folder).map_err(meant_otherwise)?.kind)
    }

    /// The mailbox: the one in the home directory is made where it is not there, another must be.
    pub(super) fn mailbox(&self, named: Option<&Path>) -> Result<Arc<Mailbox>> {
        let path: PathBuf = self.mailbox_file(named);
        let zone: Zone = self.zone(&self.config()?);
        Ok(Arc::new(Mailbox::open(&path, &zone)?))
    }
}

/// An item of a piece of a file; warnings are told with their lines in the file.
fn read(piece: &Piece, settings: &Settings, warnings: &mut Vec<Warning>) -> Option<Item> {
    let reading = dovetail_mapping::read(piece.dialect, &piece.bytes, settings);
    let in_file = reading
        .warnings
        .into_iter()
        .map(|warning| Warning { line: piece.source_line(warning.line), ..warning });
    warnings.extend(in_file);
    reading.item
}

fn fits(item: &Item, folder: Kind) -> bool {
    item.kind() == folder || item.kind() == Kind::Group && folder == Kind::Contact
}

/// One calendar of many: the properties of the first, each time zone once, every entry.
fn join<'a>(calendars: impl Iterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut head = Vec::new();
    let mut parts: Vec<Vec<u8>> = Vec::new();
    for calendar in calendars {
        let document = Document::parse(calendar);
        for calendar in document.components_named("VCALENDAR") {
            if head.is_empty() {
                head.extend(
                    calendar
                        .begin()
                        .into_iter()
                        .chain(calendar.lines().filter(|line| line.is_property()))
                        .flat_map(|line| line.raw().to_vec()),
                );
            }
            for part in calendar.components() {
                let bytes = part.to_bytes();
                if !part.is("VTIMEZONE") || !parts.contains(&bytes) {
                    parts.push(bytes);
                }
            }
        }
    }
    if head.is_empty() {
        return head;
    }
    head.extend(parts.into_iter().flatten());
    head.extend_from_slice(b"END:VCALENDAR\r\n");
    head
}

/// A folder, item or property that is not there, or does not fit, was typed wrongly: nothing was begun.
fn meant_otherwise(error: dovetail_sync::Error) -> Error {
    match error.kind {
        ErrorKind::Gone | ErrorKind::Refused => Error::usage(
            error.what,
            "`dovetail outlook folders` lists the folders, `dovetail outlook list --folder F` the items of one.",
        ),
        _ => error.into(),
    }
}

#[cfg(test)]
mod tests;
