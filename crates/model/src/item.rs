//! One item of a collection, and the values that several kinds of items share.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{Contact, Event, Group, Task};

/// What a folder of Outlook or a collection of a server holds one of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Item {
    /// A calendar entry, single or a series with its changed occurrences.
    Event(Box<Event>),
    /// A to-do.
    Task(Box<Task>),
    /// A person or a company.
    Contact(Box<Contact>),
    /// A distribution list.
    Group(Box<Group>),
}

/// The kind of an [`Item`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// [`Item::Event`].
    Event,
    /// [`Item::Task`].
    Task,
    /// [`Item::Contact`].
    Contact,
    /// [`Item::Group`].
    Group,
}

impl Item {
    /// The kind of this item.
    pub fn kind(&self) -> Kind {
        match self {
            Item::Event(_) => Kind::Event,
            Item::Task(_) => Kind::Task,
            Item::Contact(_) => Kind::Contact,
            Item::Group(_) => Kind::Group,
        }
    }

    /// The UID (RFC 5545 section 3.8.4.7, RFC 6350 section 6.7.6); `None` where the item carries none.
    pub fn uid(&self) -> Option<&str> {
        match self {
            Item::Event(event) => event.uid.as_deref(),
            Item::Task(task) => task.uid.as_deref(),
            Item::Contact(contact) => contact.uid.as_deref(),
            Item::Group(group) => group.uid.as_deref(),
        }
    }

    /// Sets the UID.
    pub fn set_uid(&mut self, uid: Option<String>) {
        match self {
            Item::Event(event) => event.uid = uid,
            Item::Task(task) => task.uid = uid,
            Item::Contact(contact) => contact.uid = uid,
            Item::Group(group) => group.uid = uid,
        }
    }

    /// What a person calls the item: its summary, or a contact's or list's name. May be empty.
    pub fn title(&self) -> &str {
        match self {
            Item::Event(event) => &event.main.summary,
            Item::Task(task) => &task.summary,
            Item::Contact(contact) => contact.title_of_entry(),
            Item::Group(group) => &group.name,
        }
    }
}

/// How much an item matters, as iCalendar counts it (RFC 5545 section 3.8.1.9): 0 undefined, 1 highest, 9 lowest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Priority(pub u8);

/// Who may see an item.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Sensitivity {
    /// Everybody with access to the collection (`CLASS:PUBLIC`, Outlook's Normal).
    #[default]
    Public,
    /// Outlook's Personal; iCalendar and vCard know no such class.
    Personal,
    /// `CLASS:PRIVATE`.
    Private,
    /// `CLASS:CONFIDENTIAL`.
    Confidential,
}

/// A reminder (RFC 5545 section 3.6.6).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Alarm {
    /// When it goes off.
    pub trigger: Trigger,
    /// What it does.
    pub action: AlarmAction,
    /// The trigger as whole minutes before the item's start (a task without a start: before its due time),
    /// negative after it: what makes an alarm of one dialect the alarm of another. `None` where it has no such
    /// distance. A lens fills it in.
    pub minutes_before_start: Option<i64>,
}

/// When an alarm goes off (RFC 5545 section 3.8.6.3). Offsets are seconds, negative before the anchor.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Trigger {
    /// Seconds from the start.
    Start(i64),
    /// Seconds from the end or the due time.
    End(i64),
    /// At an instant.
    At(jiff::Timestamp),
}

/// What an alarm does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum AlarmAction {
    /// Shows a message. Outlook's reminder is one of these.
    Display,
    /// Plays a sound.
    Audio,
    /// Sends a mail.
    Email,
    /// Anything else.
    Other,
}

/// A file that belongs to an item.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Attachment {
    /// Where the bytes are.
    pub source: AttachmentSource,
    /// The file name, empty if unknown.
    pub name: String,
    /// The media type, empty if unknown.
    pub media_type: String,
}

/// Where the bytes of an attachment are.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum AttachmentSource {
    /// At a URI.
    Uri(String),
    /// Inside the item's original; told apart by content.
    Inline {
        /// A digest of the bytes, lower-case hexadecimal.
        digest: String,
        /// Their number.
        bytes: u64,
        /// The bytes themselves, where they are at hand.
        #[serde(skip)]
        content: Content,
    },
}

/// Bytes that travel with their digest, so that the other side can be given them. They are told apart by the digest: any
/// two are equal, and they are neither stored nor shown.
#[derive(Clone, Default)]
pub struct Content(pub Option<Arc<[u8]>>);

impl PartialEq for Content {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Content {}

impl PartialOrd for Content {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Content {
    fn cmp(&self, _: &Self) -> Ordering {
        Ordering::Equal
    }
}

impl Hash for Content {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Content(here)" } else { "Content(elsewhere)" })
    }
}
