//! Which reminders are still to come. Only what would be put up anew is asked; what is there stays.

use dovetail_model::item::{Alarm, Trigger};
use dovetail_model::recurrence::{Rule, RuleEnd};
use dovetail_model::{Event, Task, When};
use jiff::civil::DateTime;

use crate::Settings;
use crate::options::Reminders;

/// Longer series are taken to go on.
const MOST_OCCURRENCES: usize = 36_525;

/// Whether anything can be over.
pub(crate) fn matters(settings: &Settings) -> bool {
    settings.options.calendar.reminders == Reminders::Upcoming && settings.now.is_some()
}

/// The start of the last occurrence of an event; `None` where it goes on for ever.
pub(crate) fn last_start(event: &Event) -> Option<When> {
    let start = &event.main.start;
    let of_rule = last_of(start, event.rule.as_ref())?;
    let further = event.rdates.last().map(|date| date.local());
    Some(start.at_wall_clock(further.map_or(of_rule, |further| further.max(of_rule))))
}

/// The clock on the wall at the last start of a series; `None` where it goes on for ever.
fn last_of(start: &When, rule: Option<&Rule>) -> Option<DateTime> {
    let Some(rule) = rule else { return Some(start.local()) };
    if rule.end == RuleEnd::Never {
        return None;
    }
    let mut occurrences = rule.occurrences(start);
    let last = occurrences.by_ref().take(MOST_OCCURRENCES).last()?;
    occurrences.next().is_none().then_some(last)
}

/// Takes out of `wanted` what would be a new reminder and is over, where the profile wants those that are to come alone.
/// `start` is that of the last occurrence; `None` where there is none.
pub(crate) fn keep_upcoming(
    wanted: &mut Vec<Alarm>,
    before: &[Alarm],
    start: Option<&When>,
    settings: &Settings,
) {
    let (Reminders::Upcoming, Some(now), Some(start)) =
        (settings.options.calendar.reminders, settings.now, start)
    else {
        return;
    };
    if wanted.len() <= before.len() {
        return;
    }
    let start = start.instant(&settings.home);
    wanted.retain(|alarm| {
        let moment = match (&alarm.trigger, alarm.minutes_before_start) {
            (Trigger::At(moment), _) => moment.as_second(),
            (_, Some(minutes)) => start.as_second().saturating_sub(minutes.saturating_mul(60)),
            _ => return true,
        };
        before.contains(alarm) || moment > now.as_second()
    });
}

/// The alarms that a task is to have: none that would be a new reminder and is over, where the profile wants those that
/// are to come alone. What is done again has further ones to come, a reminder at a moment goes off once.
pub(crate) fn of_task(task: &Task, before: &[Alarm], settings: &Settings) -> Vec<Alarm> {
    let mut alarms = task.alarms.clone();
    let Some(now) = settings.now.filter(|_| matters(settings) && alarms.len() > before.len()) else {
        return alarms;
    };
    let last_day = last_day(task, settings);
    alarms.retain(|alarm| {
        let moment = match (&alarm.trigger, alarm.minutes_before_start, &last_day) {
            (Trigger::At(moment), ..) => moment.as_second(),
            (_, Some(minutes), Some(day)) => {
                let day = day.instant(&settings.home).as_second();
                day.saturating_sub(minutes.saturating_mul(60))
            }
            _ => return true,
        };
        before.contains(alarm) || moment > now.as_second()
    });
    alarms
}

/// The day on which a task starts, or is due, for the last time; `None` where nobody knows, or it goes on for ever.
fn last_day(task: &Task, settings: &Settings) -> Option<When> {
    let start = task.start.as_ref().or(task.due.as_ref()).filter(|_| task.regenerates.is_none())?;
    let last = start.at_wall_clock(last_of(start, task.rule.as_ref())?);
    Some(When::Date(last.in_zone(&settings.home).date()))
}
