//! The options of the mapping of tasks.

use dovetail_mapping::options::{TaskDates, TaskOptions, TaskRecurrence, TaskReminders};

use super::{Declared, Domain, YES_NO};
use crate::config::Profile;

pub(super) const OPTIONS: &[Declared] = &[
    Declared {
        key: "task_dates",
        default: "days",
        meaning: "For tasks: how the days on which a task starts and is due reach the server. floating: as the first and \
                  the last second of the day, without a time zone, for servers and programs that want times.",
        domain: Domain::Choice(&["days", "floating"]),
    },
    Declared {
        key: "task_reminders",
        default: "relative",
        meaning: "For tasks: how reminders set in Outlook reach the server. relative: by their distance from the start, or \
                  else the due date; absolute: by the moment, which some phones want.",
        domain: Domain::Choice(&["relative", "absolute"]),
    },
    Declared {
        key: "map_task_recurrence",
        default: "yes",
        meaning: "For tasks: whether it travels how they repeat; no: each side keeps its own, for servers that know no \
                  repeating tasks.",
        domain: YES_NO,
    },
];

/// What a profile chooses of them.
pub(super) fn chosen(profile: &Profile) -> TaskOptions {
    TaskOptions {
        dates: if profile.text("task_dates") == "floating" { TaskDates::Floating } else { TaskDates::Days },
        reminders: match profile.text("task_reminders").as_str() {
            "absolute" => TaskReminders::Absolute,
            _ => TaskReminders::Relative,
        },
        recurrence: match profile.is_on("map_task_recurrence") {
            true => TaskRecurrence::Mapped,
            false => TaskRecurrence::Left,
        },
    }
}
