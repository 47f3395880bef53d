//! What is chosen of the fields that tasks alone have.

use serde::{Deserialize, Serialize};

/// What is chosen of the fields that tasks alone have.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskOptions {
    /// How the days on which a task starts and is due are written.
    pub dates: TaskDates,
    /// How reminders are written.
    pub reminders: TaskReminders,
    /// Whether tasks repeat.
    pub recurrence: TaskRecurrence,
}

/// How days of tasks are written where the server's task does not say a time already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum TaskDates {
    /// As days.
    #[default]
    Days,
    /// As floating times: the first and the last second of the day.
    Floating,
}

/// How reminders of tasks are written that were set in Outlook.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum TaskReminders {
    /// By their distance from the start, else from the due time.
    #[default]
    Relative,
    /// By the moment at which they go off.
    Absolute,
}

/// Whether tasks repeat.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum TaskRecurrence {
    /// How they do so crosses.
    #[default]
    Mapped,
    /// Each side keeps its own.
    Left,
}
