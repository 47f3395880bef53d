//! What a profile chooses of the mapping, one file for each kind of item. The defaults are those of a new profile.
//!
//! A lens of either side is told the same. A field that is not mapped is read as empty on both sides, and so nothing of it
//! ever differs, crosses or is emptied.

use serde::{Deserialize, Serialize};

mod calendar;
mod contacts;
mod events;
mod lists;
mod tasks;

pub use calendar::{
    AllCustom, CalendarOptions, ConfidentialAs, CustomProperties, FormatsFrom, FormatsTo, Mapped, PrivateAs,
    PublicAs, PublicClass, Reminders,
};
pub use contacts::{
    ContactOptions, DefaultIm, FiledAs, FirstEmail, ImForm, LargePhoto, Numbers, OutlookPhoto,
};
pub use events::{
    Attendees, EventOptions, NewUid, Organizer, ScheduleAgent, SogoNotifications, TimeZones, ZoneHistory,
};
pub use lists::{ListFormat, ListOptions};
pub use tasks::{TaskDates, TaskOptions, TaskRecurrence, TaskReminders};

/// All of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Options {
    /// What events and tasks share.
    pub calendar: CalendarOptions,
    /// Events.
    pub events: EventOptions,
    /// Tasks.
    pub tasks: TaskOptions,
    /// Contacts.
    pub contacts: ContactOptions,
    /// Distribution lists.
    pub lists: ListOptions,
}
