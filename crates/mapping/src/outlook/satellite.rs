//! The single appointments in which Outlook shows what a stand-in ([`super::stand_in`]) has no room for: of several
//! occurrences on one day those after the first.
//!
//! They belong to the appointment of the series as its changed occurrences do, and are read and written with it. The mark
//! of the series names the occurrences that are shown so, and what they said when they were made; that of a satellite says
//! which one it is. So what a user did can be told from what the series says by now: a field that differs from what was
//! made is an edit of that occurrence, one that is named and not there was deleted, and whatever nobody edited follows the
//! series. Categories and privacy are those of the series, as of every occurrence in Outlook.

use std::collections::BTreeMap;

use dovetail_model::{Event, Occurrence, When, Zone};
use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};

use super::appointment::{occurrence, occurrence_anew, patched, placed, reminder, series_wide};
use super::stand_in::Series;
use super::{AppointmentItem, no_date, recurrence};
use crate::{Settings, Warning, upcoming};

#[cfg(test)]
mod tests;

/// The property that bears the mark.
pub(super) const MARK: &str = "DovetailOccurrenceOf";

/// Which occurrence a single appointment shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Mark {
    /// The UID of the series, for whoever looks at the appointment alone.
    series: String,
    /// The start that the series gave it when it was made, by the clock of the series.
    occurrence: DateTime,
    /// What it was made to say.
    says: Says,
    /// Whether it was made without the reminder of the series, which was over.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    silent: bool,
}

/// What a satellite was made to say.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
enum Says {
    /// What the series says.
    Series,
    /// What its occurrence says that differs from the series.
    Own,
}

impl Mark {
    fn of(item: &AppointmentItem) -> Option<Mark> {
        serde_json::from_str(item.user_properties.get(MARK)?.as_str()?).ok()
    }

    fn put(&self, item: &mut AppointmentItem) {
        if let Ok(mark) = serde_json::to_string(self) {
            item.user_properties.insert(MARK.to_owned(), mark.into());
        }
    }
}

/// The start of the occurrence that an appointment shows for its series; `None`: it is none of that kind.
pub(super) fn shown(item: &AppointmentItem) -> Option<DateTime> {
    Mark::of(item).map(|mark| mark.occurrence)
}

/// The satellites of an appointment by the occurrence that each shows.
fn by_occurrence(item: &AppointmentItem) -> BTreeMap<DateTime, (Mark, &AppointmentItem)> {
    let marked = item.satellites.iter().filter_map(|satellite| Some((Mark::of(satellite)?, satellite)));
    marked.map(|(mark, satellite)| (mark.occurrence, (mark, satellite))).collect()
}

/// Reads what a user did to the satellites of a series, once the series itself is read.
pub(super) fn read(
    event: &mut Event,
    item: &AppointmentItem,
    series: &Series,
    settings: &Settings,
    warnings: &mut Vec<Warning>,
) {
    let there = by_occurrence(item);
    for at in series.further() {
        match there.get(at) {
            None => event.exdates.extend(series.now(*at)),
            Some(found) => {
                let id = series.now(*at);
                read_one(event, found.1, &found.0, Place { series, id }, settings, warnings);
            }
        }
    }
}

/// Reads the satellites of a series whose pattern the user replaced: what was edited of them stays, where the new pattern
/// has that occurrence.
pub(super) fn read_left(
    event: &mut Event,
    item: &AppointmentItem,
    settings: &Settings,
    warnings: &mut Vec<Warning>,
) {
    let Some(series) = Series::marked(item) else { return };
    for (at, (mark, satellite)) in by_occurrence(item) {
        let id = event.main.start.at_wall_clock(at);
        let has = event.rule.as_ref().is_some_and(|rule| rule.occurs(&event.main.start, &id));
        let id = has.then_some(id).filter(|id| !event.overrides.contains_key(id));
        read_one(event, satellite, &mark, Place { series: &series, id }, settings, warnings);
    }
}

/// Where a satellite belongs.
struct Place<'s> {
    series: &'s Series,
    /// The occurrence as the series gives it now; `None` where it does so no more.
    id: Option<When>,
}

fn read_one(
    event: &mut Event,
    satellite: &AppointmentItem,
    mark: &Mark,
    place: Place<'_>,
    settings: &Settings,
    warnings: &mut Vec<Warning>,
) {
    let Some(says) = place.series.says() else { return };
    let warn =
        |code: &str, property: &str| Warning::at(code, property, None).with(mark.occurrence.to_string());
    if satellite.categories != says.categories {
        warnings.push(warn("of_the_whole_series", "Categories"));
    }
    if satellite.sensitivity != says.sensitivity {
        warnings.push(warn("of_the_whole_series", "Sensitivity"));
    }
    let made = occurrence(says, settings);
    let made = made.moved_to(&made.start.at_wall_clock(mark.occurrence));
    let made = place.series.in_own_zone(made);
    let start = place.id.clone().unwrap_or_else(|| event.main.start.at_wall_clock(mark.occurrence));
    let usual = event.main.moved_to(&start);
    let seen = place.series.in_own_zone(occurrence(satellite, settings));
    let mut seen = series_wide(no_date::with_usual_time(seen, satellite, || made.clone()), &usual);
    if mark.silent && seen.alarms.is_empty() {
        seen.alarms.clone_from(&made.alarms);
    }
    let said = match mark.says {
        Says::Own => seen,
        Says::Series => since(seen, &made, &usual),
    };
    match place.id {
        Some(id) if mark.says == Says::Own || said != usual => drop(event.overrides.insert(id, said)),
        None if said != usual => warnings.push(warn("no_occurrence_any_more", "Start")),
        _ => {}
    }
}

/// What an occurrence says that was made to say `made` and is seen to say something since, where the series says `usual` by
/// now: what nobody edited of it follows the series.
pub(super) fn since(seen: Occurrence, made: &Occurrence, usual: &Occurrence) -> Occurrence {
    let (mut said, seen, made) = (usual.clone(), sorted(seen), &sorted(made.clone()));
    if (&seen.summary, seen.status) != (&made.summary, made.status) {
        (said.summary, said.status) = (seen.summary, seen.status);
    }
    if seen.location != made.location {
        said.location = seen.location;
    }
    if (&seen.description, &seen.html) != (&made.description, &made.html) {
        (said.description, said.html) = (seen.description, seen.html);
    }
    if (&seen.start, &seen.end) != (&made.start, &made.end) {
        (said.start, said.end) = (seen.start, seen.end);
    }
    if seen.busy != made.busy {
        said.busy = seen.busy;
    }
    if seen.priority != made.priority {
        said.priority = seen.priority;
    }
    if seen.alarms != made.alarms {
        said.alarms = seen.alarms;
    }
    if (&seen.organizer, &seen.attendees) != (&made.organizer, &made.attendees) {
        (said.organizer, said.attendees) = (seen.organizer, seen.attendees);
    }
    if seen.attachments != made.attachments {
        said.attachments = seen.attachments;
    }
    if seen.custom != made.custom {
        said.custom = seen.custom;
    }
    said
}

/// The same, its entries in an order that does not depend on when each was written.
fn sorted(mut occurrence: Occurrence) -> Occurrence {
    occurrence.attendees.sort_by(|one, other| one.who.address.cmp(&other.who.address));
    occurrence.attachments.sort();
    occurrence.custom.sort_by(|one, other| one.name.cmp(&other.name));
    occurrence
}

/// Makes the satellites of a stand-in. `says` is what the series says at its own start, as Outlook has it.
pub(super) fn make(
    event: &Event,
    further: &[DateTime],
    says: &AppointmentItem,
    settings: &Settings,
) -> Vec<AppointmentItem> {
    let made = occurrence(says, settings);
    let zone = if let When::Time { zone, .. } = &made.start { zone.clone() } else { Zone::Floating };
    let local = |id: &When| recurrence::in_zone(id, &zone).local();
    let taken_out: Vec<DateTime> = event.exdates.iter().map(local).collect();
    let changed: BTreeMap<DateTime, &Occurrence> =
        event.overrides.iter().map(|(id, changed)| (local(id), changed)).collect();
    let one = |at: &DateTime| {
        let (mut item, says) = match changed.get(at) {
            Some(own) => (occurrence_anew(&series_wide((*own).clone(), &event.main), settings), Says::Own),
            None => (moved(says, &made, *at, settings), Says::Series),
        };
        let series = event.uid.clone().unwrap_or_default();
        let silent = says == Says::Series && hush(&mut item, settings);
        Mark { series, occurrence: *at, says, silent }.put(&mut item);
        item
    };
    further.iter().filter(|at| !taken_out.contains(at)).map(one).collect()
}

/// What the series says, at another time. `made` is `says` as it is read.
fn moved(says: &AppointmentItem, made: &Occurrence, at: DateTime, settings: &Settings) -> AppointmentItem {
    let made = made.moved_to(&made.start.at_wall_clock(at));
    let mut item = says.clone();
    (item.start_in_start_time_zone, item.start_time_zone) = placed(&made.start, settings);
    (item.end_in_end_time_zone, item.end_time_zone) = placed(&made.end, settings);
    item.settle(&settings.home);
    item
}

/// Leaves out the reminder of an appointment that did not remind before, where it is over and only those that are to come
/// are wanted.
fn hush(item: &mut AppointmentItem, settings: &Settings) -> bool {
    let mut alarms: Vec<_> = reminder(item, settings).into_iter().collect();
    if alarms.is_empty() {
        return false;
    }
    let start = occurrence(item, settings).start;
    upcoming::keep_upcoming(&mut alarms, &[], Some(&start), settings);
    item.reminder_set = !alarms.is_empty();
    !item.reminder_set
}

/// Whether the occurrences of a stand-in were made to say what they are to say, where that matters.
pub(super) fn say_the_same(series: &Series, wanted: &Series, settings: &Settings) -> bool {
    let says = |series: &Series| series.says().map(|says| sorted(occurrence(says, settings)));
    wanted.says().is_none() || says(series) == says(wanted)
}

/// Puts the satellites of `fresh` over those that an appointment has: each keeps what the lens does not know, and what is
/// not to be shown any more goes.
pub(super) fn put_over(before: &AppointmentItem, fresh: &mut AppointmentItem, settings: &Settings) {
    let Some(mut series) = Series::marked(fresh) else { return };
    let Some(wanted) = series.says().cloned() else { return };
    let old_series = Series::marked(before);
    let old_says = old_series.as_ref().and_then(Series::says);
    let says = match old_says {
        Some(old) => {
            let now = occurrence(old, settings);
            patched(old.clone(), &wanted, now, settings)
        }
        None => wanted,
    };
    let made = occurrence(&says, settings);
    let there = by_occurrence(before);
    let same_for_all = old_says
        .is_some_and(|old| (&old.categories, old.sensitivity) == (&says.categories, says.sensitivity));
    for satellite in &mut fresh.satellites {
        let Some(mut mark) = Mark::of(satellite) else { continue };
        if mark.says == Says::Series {
            *satellite = moved(&says, &made, mark.occurrence, settings);
        }
        let old = there.get(&mark.occurrence).map(|(_, old)| *old);
        if let Some(old) = old {
            let mut now = occurrence(old, settings);
            if same_for_all {
                // What a user chose for this one stays.
                now = series_wide(now, &occurrence(satellite, settings));
            }
            *satellite = patched(old.clone(), satellite, now, settings);
        }
        let reminded = old.is_some_and(|old| old.reminder_set);
        mark.silent = mark.says == Says::Series && !reminded && hush(satellite, settings);
        mark.put(satellite);
    }
    series.says_now(says);
    series.mark(fresh);
}
