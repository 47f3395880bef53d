//! What the two users of the demo do between the first sync and the second: one in the mailbox, one on the server.

use dovetail_sync::Side;

use super::filling::Joined;
use super::{Demo, calendar, people, todo};
use crate::error::{Error, Result};

/// Something that a user does.
pub(crate) struct Edit {
    /// Where.
    pub(crate) side: Side,
    /// The folder, or the collection that it is joined with.
    folder: &'static str,
    /// To which item; of a new one, its title.
    pub(crate) title: &'static str,
    /// What, as the demo tells it.
    pub(crate) told: &'static str,
    deed: Deed,
}

enum Deed {
    /// Properties of the Outlook item, `PROPERTY=VALUE`.
    Set(&'static str),
    /// A piece of the server's object, and what stands there instead.
    Replace(&'static str, String),
    Remove,
    Add(String),
}

/// Everything that happens, in order.
pub(super) fn edits(demo: &Demo) -> Vec<Edit> {
    use Side::{Outlook, Server};
    let edit = |side, folder, title, told, deed| Edit { side, folder, title, told, deed };
    let replace = |from: &'static str, to: &str| Deed::Replace(from, to.to_owned());
    vec![
        edit(
            Outlook,
            "Calendar",
            calendar::DESIGN_REVIEW,
            "moves it to Room 9",
            Deed::Set("Location=Room 9"),
        ),
        edit(
            Server,
            "Calendar",
            calendar::DESIGN_REVIEW,
            "adds to its text",
            replace("Bring the drawings.", "Bring the drawings\\, and samples."),
        ),
        edit(
            Outlook,
            "Calendar",
            calendar::BUDGET,
            "renames it",
            Deed::Set("Subject=Budget talk, final round"),
        ),
        edit(
            Server,
            "Calendar",
            calendar::BUDGET,
            "renames it too",
            replace("SUMMARY:Budget talk", "SUMMARY:Budget talk with the board"),
        ),
        edit(
            Outlook,
            "Calendar",
            calendar::TEAM_ROUND,
            "moves the series to Hall 2",
            Deed::Set("Location=Hall 2"),
        ),
        edit(
            Server,
            "Calendar",
            calendar::TEAM_ROUND,
            "cancels one more occurrence",
            Deed::Replace("RRULE:FREQ=WEEKLY\r\n", calendar::one_more_cancelled(demo.today)),
        ),
        edit(Server, "Calendar", calendar::DENTIST, "removes it", Deed::Remove),
        edit(
            Outlook,
            "Contacts",
            people::CARETAKER,
            "has a new mobile number",
            Deed::Set("MobileTelephoneNumber=+1 555 0199"),
        ),
        edit(
            Server,
            "Contacts",
            people::CARETAKER,
            "has a new title",
            replace("TITLE:Caretaker", "TITLE:Head caretaker"),
        ),
        edit(Outlook, "Contacts", people::GARDENER, "is removed", Deed::Remove),
        edit(Server, "Tasks", todo::PAINT, "is done", replace("END:VTODO", todo::DONE)),
        edit(Outlook, "Tasks", todo::NEW, "is new", Deed::Add(todo::new_task())),
    ]
}

impl Edit {
    /// Does it.
    pub(super) fn play(&self, demo: &Demo) -> Result<()> {
        let joined = demo.joined.iter().find(|joined| joined.folder == self.folder);
        let joined = joined.ok_or_else(|| self.lost())?;
        match (self.side, &self.deed) {
            (Side::Outlook, deed) => self.play_in_mailbox(demo, deed),
            (Side::Server, deed) => self.play_on_server(demo, joined, deed),
        }
    }

    fn play_in_mailbox(&self, demo: &Demo, deed: &Deed) -> Result<()> {
        if let Deed::Add(text) = deed {
            return demo.app.import_bytes(None, text.as_bytes(), self.folder).map(drop);
        }
        let items = demo.app.items(None, self.folder)?;
        let item = items.iter().find(|item| item.title == self.title).ok_or_else(|| self.lost())?;
        match deed {
            Deed::Set(assignment) => {
                demo.app.set_properties(None, &item.entry_id, &[(*assignment).to_owned()]).map(drop)
            }
            _ => demo.app.delete_items(None, std::slice::from_ref(&item.entry_id)).map(drop),
        }
    }

    fn play_on_server(&self, demo: &Demo, joined: &Joined, deed: &Deed) -> Result<()> {
        let titled = [format!("\nSUMMARY:{}\r", self.title), format!("\nFN:{}\r", self.title)];
        let found = demo.server.objects(&joined.path("")).into_iter().find_map(|object| {
            let text = String::from_utf8(object.bytes.to_vec()).ok()?;
            titled.iter().any(|line| text.contains(line)).then_some((object.name, text))
        });
        let (name, text) = found.ok_or_else(|| self.lost())?;
        match deed {
            Deed::Replace(from, to) if text.contains(from) => {
                joined.put(&demo.server, &name, &text.replacen(from, to, 1))
            }
            Deed::Remove => demo.server.delete(&joined.path(&name)).map(drop).map_err(super::server_failed),
            _ => Err(self.lost()),
        }
    }

    /// The demo made the item itself: only somebody else who works on the same folder can have taken it away.
    fn lost(&self) -> Error {
        Error::usage(
            format!("The demo does not find {:?} any more.", self.title),
            "Begin again with `dovetail demo`.",
        )
    }
}
