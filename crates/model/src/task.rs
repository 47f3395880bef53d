//! To-dos.

use serde::{Deserialize, Serialize};

use crate::item::{Alarm, Attachment, Priority, Sensitivity};
use crate::recurrence::Rule;
use crate::when::When;

/// A to-do (RFC 5545 section 3.6.2; Outlook's TaskItem).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// RFC 5545 section 3.8.4.7. Outlook keeps none.
    pub uid: Option<String>,
    /// The title.
    pub summary: String,
    /// The text, lines ended by `\n`.
    pub description: String,
    /// When work on it may start.
    pub start: Option<When>,
    /// When it is due.
    pub due: Option<When>,
    /// How far it is.
    pub status: TaskStatus,
    /// How much of it is done, 0 to 100.
    pub percent: u8,
    /// When it was completed.
    pub completed: Option<When>,
    /// Its priority.
    pub priority: Priority,
    /// Its sensitivity.
    pub sensitivity: Sensitivity,
    /// Its categories, a set in the order in which they were given; compared without regard to case.
    pub categories: Vec<String>,
    /// Its alarms.
    pub alarms: Vec<Alarm>,
    /// How it repeats.
    pub rule: Option<Rule>,
    /// A page about it; empty for none.
    pub url: String,
    /// Its attachments.
    pub attachments: Vec<Attachment>,
}

/// How far a task is (Outlook's OlTaskStatus; RFC 5545 section 3.8.1.11).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum TaskStatus {
    /// `NEEDS-ACTION`.
    #[default]
    NotStarted,
    /// `IN-PROCESS`.
    InProgress,
    /// `COMPLETED`.
    Complete,
    /// Waiting on somebody; iCalendar knows no such status.
    Waiting,
    /// Outlook's Deferred, iCalendar's `CANCELLED`.
    Deferred,
}
