//! Items of calendars, task lists and address books, and how two of them differ.
//!
//! No input or output, no formats, no clock. Read [`item`] and [`event`] first, then [`carry`]: how an
//! edit made to one item is set on another.

pub mod carry;
pub mod contact;
pub mod event;
pub mod filter;
pub mod group;
pub mod item;
pub mod recurrence;
pub mod resemble;
pub mod task;
pub mod warning;
pub mod when;

pub use contact::Contact;
pub use event::{Event, Occurrence};
pub use filter::CategoryFilter;
pub use group::Group;
pub use item::{Item, Kind};
pub use task::Task;
pub use warning::Warning;
pub use when::{When, Zone};
