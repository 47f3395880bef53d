//! To-dos.

use serde::{Deserialize, Serialize};

use crate::contact::Custom;
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
    /// How long after it was done it is to be done again, counted from the day on which that was (Outlook's Regenerate).
    /// Such a task has no [`Task::rule`]: its days cannot be told beforehand.
    pub regenerates: Option<Rule>,
    /// A page about it; empty for none.
    pub url: String,
    /// Its attachments.
    pub attachments: Vec<Attachment>,
    /// How much work it is thought to be, in minutes; 0 unknown.
    pub total_work: u32,
    /// How much work was done, in minutes.
    pub actual_work: u32,
    /// How far one has to go for it, in words.
    pub mileage: String,
    /// What is needed to bill it, in words.
    pub billing: String,
    /// Whom one talks to about it (RFC 5545 section 3.8.4.2), a set.
    pub contacts: Vec<String>,
    /// The companies that it concerns, in words.
    pub companies: String,
    /// Whose task it is; empty for nobody's in particular.
    pub owner: String,
    /// Properties of the user's own, among them [`RELATIONS`].
    #[serde(default)]
    pub custom: Vec<Custom>,
    /// The tasks to which a server relates it. Outlook has none: they are noted there among [`Task::custom`], and never carried.
    #[serde(default)]
    pub relations: Vec<Relation>,
}

/// Another task, and what that is to this one (RFC 5545 section 3.8.4.5).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relation {
    /// What it is, in capitals: `PARENT`, `CHILD`, `SIBLING` or another word.
    pub kind: String,
    /// Its UID.
    pub uid: String,
}

/// The property of a task in Outlook that notes its parents and children on the server.
pub const RELATIONS: &str = "RELATED-TO";

impl Task {
    /// Notes the tasks to which this one is related, by their titles where these are known and else by their UIDs:
    /// `PARENT: title; CHILD: uid`.
    pub fn note_relations<'t>(&mut self, title_of: impl Fn(&str) -> Option<&'t str>) {
        if self.relations.is_empty() {
            return;
        }
        let words = |relation: &Relation| {
            let title = title_of(&relation.uid).map(|title| title.split_whitespace().collect::<Vec<_>>());
            let title = title.map(|words| words.join(" ")).filter(|title| !title.is_empty());
            format!("{}: {}", relation.kind, title.as_ref().unwrap_or(&relation.uid))
        };
        let value = self.relations.iter().map(words).collect::<Vec<_>>().join("; ");
        match self.custom.iter_mut().find(|own| own.name == RELATIONS) {
            Some(note) => note.value = value,
            None => self.custom.push(Custom { name: RELATIONS.to_owned(), value }),
        }
    }
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
    /// Waiting on somebody; iCalendar knows no such status, and calls it not started.
    Waiting,
    /// Outlook's Deferred, iCalendar's `CANCELLED`.
    Deferred,
}
