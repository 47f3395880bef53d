//! Whether a server that stores a meeting tells anybody about it, by what stands in the meeting.
//!
//! This is no lens: it looks at the bytes that are stored, because what keeps a server silent is said there and nowhere
//! else. Which way works on which server is for the caller to know; it has to be proven.

use crate::Settings;
use crate::component::{Component, Document, Line};
use crate::ical;

/// What keeps a server from telling attendees of a meeting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Silence {
    /// `SCHEDULE-AGENT=CLIENT` (or `NONE`) on those who would be told (RFC 6638 section 7.1).
    ScheduleAgent,
    /// SOGo's `X-SOGO-SEND-APPOINTMENT-NOTIFICATIONS:NO`.
    SogoNotifications,
}

/// Whether a calendar has anybody to be told.
pub fn is_meeting(calendar: &[u8]) -> bool {
    let document = Document::parse(calendar);
    let mut events = document.components().flat_map(|outer| outer.components_named("VEVENT"));
    events.any(|event| event.line("ATTENDEE").is_some())
}

/// Whether a stored calendar is an invitation that the owner has from somebody else: of that only the own part may be changed.
pub fn is_invitation(calendar: &[u8], settings: &Settings) -> bool {
    let document = Document::parse(calendar);
    document
        .components()
        .flat_map(|outer| outer.components_named("VEVENT"))
        .any(|event| ical::is_copy(event, settings))
}

/// Whether a stored calendar makes a server that keeps to it tell nobody. Rooms and things do not count: to be asked is
/// what they are for.
pub fn is_silent(calendar: &[u8], silence: Silence, settings: &Settings) -> bool {
    let document = Document::parse(calendar);
    let meetings: Vec<_> = document.components().flat_map(|outer| outer.components_named("VEVENT")).collect();
    meetings.into_iter().filter(|event| event.line("ATTENDEE").is_some()).all(|event| match silence {
        Silence::SogoNotifications => event
            .line("X-SOGO-SEND-APPOINTMENT-NOTIFICATIONS")
            .is_some_and(|line| line.value().trim() == "NO"),
        Silence::ScheduleAgent => is_left_to_client(event, settings),
    })
}

fn is_left_to_client(event: Component<'_>, settings: &Settings) -> bool {
    let says_so = |line: Line<'_>| {
        line.param("SCHEDULE-AGENT")
            .is_some_and(|agent| ["CLIENT", "NONE"].contains(&agent.to_uppercase().as_str()))
    };
    if ical::is_copy(event, settings) {
        // An answer goes to whoever called it.
        return event.line("ORGANIZER").is_some_and(says_so);
    }
    let is_thing = |line: &Line<'_>| {
        line.param("CUTYPE").is_some_and(|kind| ["ROOM", "RESOURCE"].contains(&kind.to_uppercase().as_str()))
    };
    let told = event.lines_named("ATTENDEE").filter(|line| !ical::is_owners(*line, event, settings));
    told.filter(|line| !is_thing(line)).all(says_so)
}
