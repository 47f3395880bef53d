//! Which reminders are still to come. Only what would be put up anew is asked; what is there stays.

use dovetail_model::item::{Alarm, Trigger};
use dovetail_model::recurrence::RuleEnd;
use dovetail_model::{Event, When};

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
    let of_rule = match &event.rule {
        None => start.local(),
        Some(rule) if rule.end == RuleEnd::Never => return None,
        Some(rule) => {
            let mut occurrences = rule.occurrences(start);
            let last = occurrences.by_ref().take(MOST_OCCURRENCES).last()?;
            if occurrences.next().is_some() {
                return None;
            }
            last
        }
    };
    let further = event.rdates.last().map(|date| date.local());
    Some(start.at_wall_clock(further.map_or(of_rule, |further| further.max(of_rule))))
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
