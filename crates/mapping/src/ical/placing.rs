//! In which zone the times of a new object are written, as the profile chooses.
//!
//! An object that is there keeps the zones that it has.

use std::borrow::Cow;

use dovetail_model::{Event, When, Zone};

use crate::Settings;
use crate::options::TimeZones;
use crate::windows_zones;

/// The event in the zone that the profile wants for it; `old_start` is what the object has now, if there is one.
pub(super) fn placed<'e>(event: &'e Event, old_start: Option<&When>, settings: &Settings) -> Cow<'e, Event> {
    let options = &settings.options.events;
    let When::Time { zone, .. } = &event.main.start else { return Cow::Borrowed(event) };
    if matches!(zone, Zone::Utc | Zone::Floating) {
        return Cow::Borrowed(event);
    }
    let there =
        old_start.map(|start| if let When::Time { zone, .. } = start { zone.clone() } else { zone.clone() });
    let wanted = match &options.time_zones {
        TimeZones::Utc => Some(Zone::Utc),
        TimeZones::Iana { for_home: Some(id) } if is_home(zone, settings) => {
            windows_zones::canonical_iana(id).map(Zone::named)
        }
        TimeZones::Iana { .. } | TimeZones::Windows => None,
    };
    match wanted {
        // What was written so before stays so.
        Some(wanted) if there.is_none_or(|there| there == wanted) => in_zone(event, &wanted),
        _ => Cow::Borrowed(event),
    }
}

/// Whether a zone is the mailbox's to Outlook, which knows the zones that Windows takes together as one.
fn is_home(zone: &Zone, settings: &Settings) -> bool {
    let windows = |zone: &Zone| match zone {
        Zone::Named(zone) => windows_zones::windows_of_iana(&zone.id),
        _ => None,
    };
    *zone == settings.home || windows(zone).is_some_and(|own| windows(&settings.home) == Some(own))
}

/// The same event in another zone. A series of which the first occurrence would begin on another day stays where it is:
/// its rule speaks of days.
fn in_zone<'e>(event: &'e Event, zone: &Zone) -> Cow<'e, Event> {
    let start = event.main.start.in_zone(zone);
    let repeats = event.rule.is_some() || !event.rdates.is_empty();
    if repeats && start.date() != event.main.start.date() {
        return Cow::Borrowed(event);
    }
    let moved = event.main.start.local().duration_until(start.local());
    // Occurrences are named by the clock of the series, whatever the clocks in the other zone do meanwhile.
    let named = |id: &When| {
        let local = id.local().checked_add(moved).unwrap_or(id.local());
        start.at_wall_clock(local)
    };
    let mut placed = event.clone();
    placed.main.end = placed.main.end.in_zone(zone);
    placed.rdates = event.rdates.iter().map(named).collect();
    placed.exdates = event.exdates.iter().map(named).collect();
    placed.overrides = event.overrides.iter().map(|(id, changed)| (named(id), changed.clone())).collect();
    for changed in placed.overrides.values_mut() {
        (changed.start, changed.end) = (changed.start.in_zone(zone), changed.end.in_zone(zone));
    }
    placed.main.start = start;
    Cow::Owned(placed)
}

/// The TZID of a zone of the database in a new object.
pub(super) fn tzid(id: &str, settings: &Settings) -> String {
    let windows = match settings.options.events.time_zones {
        TimeZones::Windows => windows_zones::windows_of_iana(id),
        TimeZones::Utc | TimeZones::Iana { .. } => None,
    };
    // Of zones that Windows takes together only the one that it means comes back as it was.
    let is_meant = |windows: &&str| windows_zones::iana_of_windows(windows) == Some(id);
    windows.filter(is_meant).unwrap_or(id).to_owned()
}
