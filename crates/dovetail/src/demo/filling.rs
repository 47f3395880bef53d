//! What both sides of the demo hold before they first meet: some items are on one side, some on both.

use dovetail_davserver::Server;
use dovetail_mapping::Dialect;
use jiff::civil::Date;

use super::{Demo, USER, calendar, people, todo};
use crate::app;
use crate::error::Result;

/// An item, as its server would hold it.
pub(super) struct Entry {
    /// Its resource name on the server.
    pub(super) name: String,
    pub(super) part: Part,
    /// iCalendar or vCard.
    pub(super) text: String,
}

/// Where an item is before the first sync.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Mailbox,
    Server,
    Both,
}

impl Part {
    /// A quarter on each side alone, half on both.
    pub(super) fn of(number: usize) -> Part {
        match number % 4 {
            2 => Part::Mailbox,
            3 => Part::Server,
            _ => Part::Both,
        }
    }
}

/// A folder, the collection that it is joined with, and what the two hold.
pub(crate) struct Joined {
    /// The name of the profile.
    pub(crate) profile: &'static str,
    /// The folder of the mailbox.
    pub(crate) folder: &'static str,
    /// The name of the collection.
    pub(crate) collection: &'static str,
    pub(super) entries: Vec<Entry>,
}

impl Joined {
    /// The three that the demo joins.
    pub(super) fn all(today: Date) -> [Joined; 3] {
        let joined = |profile, folder, collection, entries| Joined { profile, folder, collection, entries };
        [
            joined("work", "Calendar", "calendar", calendar::entries(today)),
            joined("people", "Contacts", "contacts", people::entries()),
            joined("todo", "Tasks", "tasks", todo::entries(today)),
        ]
    }

    /// How many items are in such a place.
    pub(crate) fn count(&self, part: Part) -> usize {
        self.entries.iter().filter(|entry| entry.part == part).count()
    }

    /// The path of an object of it on the server.
    pub(super) fn path(&self, name: &str) -> String {
        format!("/{USER}/{}/{name}", self.collection)
    }

    pub(super) fn fill(&self, demo: &Demo) -> Result<()> {
        let (mut cards, mut calendars) = (String::new(), String::new());
        for (number, entry) in self.entries.iter().enumerate() {
            if entry.part != Part::Mailbox {
                self.put(&demo.server, &entry.name, &self.as_server_has_it(number, entry))?;
            }
            if entry.part != Part::Server {
                let into = if self.folder == "Contacts" { &mut cards } else { &mut calendars };
                into.push_str(&entry.text);
            }
        }
        for text in [cards, calendars].iter().filter(|text| !text.is_empty()) {
            demo.app.import_bytes(None, text.as_bytes(), self.folder)?;
        }
        Ok(())
    }

    pub(super) fn put(&self, server: &Server, name: &str, text: &str) -> Result<()> {
        server.put(&self.path(name), text.as_bytes()).map(drop).map_err(super::server_failed)
    }

    /// A server's items say more than a mailbox can hold.
    fn as_server_has_it(&self, number: usize, entry: &Entry) -> String {
        if self.folder == "Contacts" {
            return people::richer(number, &entry.text);
        }
        // Read and written once, so that each object brings its time zones along.
        let whole = app::rewritten(Dialect::ICalendar, entry.text.as_bytes()).unwrap_or_default();
        let whole = String::from_utf8(whole).unwrap_or_default();
        calendar::richer(&whole)
    }
}
