//! What Outlook holds where it has no date, in appointments: 4501-01-01 counts as nothing, and nothing is written as that day.

use dovetail_model::{Event, Occurrence, When};
use jiff::civil::{Date, DateTime, date};

use super::{AppointmentItem, NO_DATE, RecurrenceException, RecurrencePattern};
use crate::Warning;

#[cfg(test)]
mod tests;

/// The days that Outlook knows; it refuses appointments on others.
const FIRST_DAY: Date = date(1601, 1, 1);
pub(super) const LAST_DAY: Date = date(4500, 8, 31);

/// Whether a time is one.
pub(super) fn is_said(at: DateTime) -> bool {
    at.date() != NO_DATE
}

/// Whether the text of a user's own property is a date that is none.
pub(super) fn is_none(text: &str) -> bool {
    let day = text.strip_prefix("4501-01-01");
    day.is_some_and(|time| matches!(time, "" | "T00:00:00" | " 00:00:00"))
}

/// An end that is said, or the shortest there is.
pub(super) fn end(end: When, item: &AppointmentItem, start: &When) -> When {
    match start {
        _ if is_said(item.end_in_end_time_zone) => end,
        When::Date(day) => When::Date(day.tomorrow().unwrap_or(*day)),
        When::Time { .. } => start.clone(),
    }
}

/// An occurrence whose time nobody said takes place when its series has it.
pub(super) fn with_usual_time(
    seen: Occurrence,
    item: &AppointmentItem,
    usual: impl FnOnce() -> Occurrence,
) -> Occurrence {
    match (is_said(item.start_in_start_time_zone), is_said(item.end_in_end_time_zone)) {
        (true, true) => seen,
        (true, false) => Occurrence { end: usual().moved_to(&seen.start).end, ..seen },
        (false, _) => {
            let Occurrence { start, end, .. } = usual();
            Occurrence { start, end, ..seen }
        }
    }
}

/// The exceptions that say which day they are of.
pub(super) fn dated(pattern: &RecurrencePattern) -> impl Iterator<Item = &RecurrenceException> {
    pattern.exceptions.iter().filter(|exception| is_said(exception.original_date))
}

/// The exceptions that nobody can tell the day of: they stay in Outlook, as they are.
pub(super) fn undated(pattern: &RecurrencePattern) -> impl Iterator<Item = &RecurrenceException> {
    pattern.exceptions.iter().filter(|exception| !is_said(exception.original_date))
}

/// Warns of exceptions of no day.
pub(super) fn warn_of_undated(item: &AppointmentItem, warnings: &mut Vec<Warning>) {
    let undated = item.recurrence_pattern.iter().flat_map(undated);
    warnings.extend(undated.map(|_| Warning::at("exception_without_day", "OriginalDate", None)));
}

/// Whether Outlook has a day.
pub(super) fn is_known(day: Date) -> bool {
    (FIRST_DAY..=LAST_DAY).contains(&day)
}

/// A time of an event that no appointment can have.
pub(super) fn beyond(event: &Event) -> Option<&When> {
    let all = event.overrides.values().chain([&event.main]);
    let mut times = all.flat_map(|it| [&it.start, &it.end]);
    times.find(|at| !is_known(at.date()))
}
