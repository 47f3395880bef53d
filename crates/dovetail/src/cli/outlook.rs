//! `dovetail outlook`: the mailbox by hand, in Outlook's own words. What is changed here is an edit like any other.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use dovetail_backends::store::{ItemRow, StoredItem};
use dovetail_model::Kind;
use serde_json::{Value, json};

use super::screen::{Screen, count, table};
use super::{Outcome, settings, words};
use crate::app::{App, Imported};
use crate::config::write_private;
use crate::error::Result;

/// What can be done with the mailbox.
#[derive(Subcommand)]
pub(crate) enum Outlook {
    /// List the folders
    #[command(after_help = "Example:\n  dovetail outlook folders")]
    Folders {
        #[command(flatten)]
        mailbox: MailboxFile,
    },
    /// Make a folder
    #[command(after_help = "Example:\n  dovetail outlook add-folder Contacts/Suppliers --kind contacts")]
    AddFolder {
        /// Its path
        folder: String,
        /// What it holds
        #[arg(long, value_enum)]
        kind: FolderKind,
        #[command(flatten)]
        mailbox: MailboxFile,
    },
    /// List the items of a folder
    #[command(after_help = "Example:\n  dovetail outlook list --folder Calendar")]
    List {
        /// The folder
        #[arg(long)]
        folder: String,
        #[command(flatten)]
        mailbox: MailboxFile,
    },
    /// Show an item with all its properties
    #[command(after_help = "Example:\n  dovetail outlook show 0000A1B2")]
    Show {
        /// The item; the beginning of its EntryID is enough
        id: String,
        #[command(flatten)]
        mailbox: MailboxFile,
    },
    /// Set properties of an item
    #[command(
        after_help = "Example:\n  dovetail outlook set 0000A1B2 \"Subject=Lunch with Sam\" Location=Canteen"
    )]
    Set {
        /// The item; the beginning of its EntryID is enough
        id: String,
        /// Properties by the names that Outlook gives them
        #[arg(value_name = "PROPERTY=VALUE", required = true)]
        assignments: Vec<String>,
        #[command(flatten)]
        mailbox: MailboxFile,
    },
    /// Delete items
    #[command(after_help = "Example:\n  dovetail outlook delete 0000A1B2")]
    Delete {
        /// The items; the beginnings of their EntryIDs are enough
        #[arg(required = true)]
        ids: Vec<String>,
        #[command(flatten)]
        mailbox: MailboxFile,
    },
    /// Make items of an iCalendar or vCard file
    #[command(after_help = "Example:\n  dovetail outlook import holidays.ics --folder Calendar")]
    Import {
        /// The file, .ics or .vcf
        file: PathBuf,
        /// The folder that gets them
        #[arg(long)]
        folder: String,
        #[command(flatten)]
        mailbox: MailboxFile,
    },
    /// Write the items of a folder as iCalendar or vCard
    #[command(after_help = "Example:\n  dovetail outlook export --folder Calendar --output calendar.ics")]
    Export {
        /// The folder
        #[arg(long)]
        folder: String,
        /// The file [default: the standard output]
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
        #[command(flatten)]
        mailbox: MailboxFile,
    },
}

/// Which mailbox is meant.
#[derive(Args)]
pub(crate) struct MailboxFile {
    /// The mailbox file [default: mailbox.db in the home directory]
    #[arg(id = "mailbox", long = "mailbox", value_name = "FILE")]
    file: Option<PathBuf>,
}

/// What a folder holds, as Outlook calls it.
#[derive(Clone, Copy, clap::ValueEnum)]
pub(crate) enum FolderKind {
    /// Appointments and meetings
    Calendar,
    /// Contacts
    Contacts,
    /// Tasks
    Tasks,
}

impl Outlook {
    /// Does it.
    pub(crate) fn run(&self, app: &App, screen: &Screen) -> Result<Outcome> {
        match self {
            Outlook::Folders { mailbox } => folders(app, mailbox, screen)?,
            Outlook::AddFolder { folder, kind, mailbox } => {
                app.add_folder(mailbox.path(), folder, kind.holds())?;
                screen.answer(&json!({ "folder": folder }), || format!("The folder {folder} is there."));
            }
            Outlook::List { folder, mailbox } => list(app, mailbox, folder, screen)?,
            Outlook::Show { id, mailbox } => show(&app.item(mailbox.path(), id)?, screen),
            Outlook::Set { id, assignments, mailbox } => {
                show(&app.set_properties(mailbox.path(), id, assignments)?, screen);
            }
            Outlook::Delete { ids, mailbox } => {
                let deleted = app.delete_items(mailbox.path(), ids)?;
                screen.answer(&json!({ "deleted": deleted }), || {
                    format!("{} deleted.", count(deleted.len(), "item"))
                });
            }
            Outlook::Import { file, folder, mailbox } => {
                let imported = app.import(mailbox.path(), file, folder)?;
                tell_of_import(&imported, folder, screen);
            }
            Outlook::Export { folder, output, mailbox } => {
                export(app, mailbox, folder, output.as_ref(), screen)?
            }
        }
        Ok(Outcome::Fine)
    }
}

impl MailboxFile {
    fn path(&self) -> Option<&std::path::Path> {
        self.file.as_deref()
    }
}

impl FolderKind {
    fn holds(self) -> Kind {
        match self {
            FolderKind::Calendar => Kind::Event,
            FolderKind::Contacts => Kind::Contact,
            FolderKind::Tasks => Kind::Task,
        }
    }
}

fn folders(app: &App, mailbox: &MailboxFile, screen: &Screen) -> Result<()> {
    let folders = app.folders(mailbox.path())?;
    let answer: Value = folders
        .iter()
        .map(|folder| json!({ "folder": folder.path, "kind": folder.kind, "items": folder.items }))
        .collect();
    screen.answer(&answer, || {
        let rows = folders.iter().map(|folder| {
            vec![folder.path.clone(), format!("{}s", words::kind(folder.kind)), folder.items.to_string()]
        });
        table(&["folder", "holds", "items"], rows.collect())
    });
    Ok(())
}

fn list(app: &App, mailbox: &MailboxFile, folder: &str, screen: &Screen) -> Result<()> {
    let items = app.items(mailbox.path(), folder)?;
    let answer: Value = items
        .iter()
        .map(|item| json!({ "id": item.entry_id, "title": item.title, "when": item.starts, "modified": item.modified }))
        .collect();
    screen.answer(&answer, || {
        let row =
            |item: &ItemRow| vec![item.entry_id.clone(), item.starts.replace('T', " "), item.title.clone()];
        match table(&["id", "when", "title"], items.iter().map(row).collect()) {
            none if none.is_empty() => format!("The folder {folder} is empty."),
            rows => rows,
        }
    });
    Ok(())
}

fn show(stored: &StoredItem, screen: &Screen) {
    let properties = json!(stored.item);
    let answer = json!({
        "id": stored.entry_id,
        "folder": stored.folder,
        "modified": stored.modified.to_string(),
        "properties": properties,
    });
    screen.answer(&answer, || {
        let property = |(name, value): (&String, &Value)| vec![name.clone(), settings::plain(value)];
        let rows = properties.as_object().into_iter().flatten().map(property).collect();
        format!("{} in {}\n{}", stored.entry_id, stored.folder, table(&["property", "value"], rows))
    });
}

fn tell_of_import(imported: &Imported, folder: &str, screen: &Screen) {
    let answer = json!({
        "folder": folder,
        "created": imported.created,
        "updated": imported.updated,
        "left_out": imported.left_out,
        "warnings": imported.warnings,
    });
    screen.answer(&answer, || {
        let mut lines = vec![format!("{} imported into {folder}.", count(imported.created.len(), "item"))];
        if !imported.updated.is_empty() {
            lines.push(format!("  {} there already, and updated", count(imported.updated.len(), "item")));
        }
        if imported.left_out > 0 {
            lines.push(format!(
                "  {} left out: the folder holds another kind",
                count(imported.left_out, "item")
            ));
        }
        let warnings = imported.warnings.iter().map(words::placed_warning);
        lines.extend(warnings.map(|warning| format!("  {warning}")));
        lines.join("\n")
    });
}

fn export(
    app: &App,
    mailbox: &MailboxFile,
    folder: &str,
    output: Option<&PathBuf>,
    screen: &Screen,
) -> Result<()> {
    let (items, bytes) = app.export(mailbox.path(), folder)?;
    match output {
        None if screen.json => {
            let text = String::from_utf8_lossy(&bytes);
            screen.answer(&json!({ "folder": folder, "items": items, "text": text }), String::new);
        }
        None => screen.bytes(&bytes),
        Some(path) => {
            write_private(path, &bytes)?;
            let answer = json!({ "folder": folder, "items": items, "file": path });
            screen.answer(&answer, || format!("{} written to {}.", count(items, "item"), path.display()));
        }
    }
    Ok(())
}
