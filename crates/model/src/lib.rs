//! Items of calendars, task lists and address books, and how two of them differ.
//!
//! No input or output, no formats, no clock. Read [`item`] and [`event`] first, then [`carry`]: how an
//! edit made to one item is set on another.

pub mod item;
pub mod event;
pub mod task;
pub mod contact;
pub mod group;
pub mod when;
pub mod recurrence;
pub mod carry;
pub mod resemble;

pub use contact::Contact;
pub use event::{Event, Occurrence};
pub use group::Group;
pub use item::{Item, Kind};
pub use task::Task;
pub use when::{When, Zone};
