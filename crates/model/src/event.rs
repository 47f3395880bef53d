//! Calendar entries.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::contact::Custom;
use crate::item::{Alarm, Attachment, Priority, Sensitivity};
use crate::recurrence::Rule;
use crate::when::When;

mod reach;

pub use reach::{Days, Reach};

/// A calendar entry: a single one, or a series together with the occurrences that differ from it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// RFC 5545 section 3.8.4.7.
    pub uid: Option<String>,
    /// The entry itself; of a series, its first occurrence as the rule has it.
    pub main: Occurrence,
    /// How the series repeats; `None` for a single entry.
    pub rule: Option<Rule>,
    /// Further occurrences (RFC 5545 section 3.8.5.2), in the zone and value type of `main.start`.
    #[serde(with = "crate::when::as_list")]
    pub rdates: BTreeSet<When>,
    /// Occurrences that do not take place (RFC 5545 section 3.8.5.1), in the zone and value type of `main.start`.
    #[serde(with = "crate::when::as_list")]
    pub exdates: BTreeSet<When>,
    /// Occurrences that differ, by recurrence id: the start that the rule gives them, in the zone and value type
    /// of `main.start` (RFC 5545 section 3.8.4.4). Each is complete: nothing is inherited.
    #[serde(with = "crate::when::as_pairs")]
    pub overrides: BTreeMap<When, Occurrence>,
}

/// What one occurrence shows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Occurrence {
    /// The title.
    pub summary: String,
    /// The place.
    pub location: String,
    /// The text, lines ended by `\n`.
    pub description: String,
    /// The text as HTML, where the item carries one beside the plain text.
    pub html: Option<String>,
    /// The start. A [`When::Date`] makes the occurrence all-day.
    pub start: When,
    /// The end, exclusive; never before the start. A lens resolves durations and absent ends.
    pub end: When,
    /// Whether it takes place.
    pub status: EventStatus,
    /// What it says of the owner's time.
    pub busy: Busy,
    /// Its priority.
    pub priority: Priority,
    /// Its sensitivity. Outlook keeps one for the whole series.
    pub sensitivity: Sensitivity,
    /// Its categories, a set in the order in which they were given; compared without regard to case.
    pub categories: Vec<String>,
    /// Its alarms.
    pub alarms: Vec<Alarm>,
    /// A page about it; empty for none.
    pub url: String,
    /// Who called the meeting.
    pub organizer: Option<Participant>,
    /// Who is asked to come.
    pub attendees: Vec<Attendee>,
    /// Its attachments.
    pub attachments: Vec<Attachment>,
    /// Properties of the user's own.
    #[serde(default)]
    pub custom: Vec<Custom>,
}

/// Whether an event takes place (RFC 5545 section 3.8.1.11).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum EventStatus {
    /// It does: `CONFIRMED`, or nothing said.
    #[default]
    Confirmed,
    /// Perhaps.
    Tentative,
    /// It does not.
    Cancelled,
}

/// What an event says of its owner's time (Outlook's BusyStatus).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Busy {
    /// Free.
    Free,
    /// Tentative.
    Tentative,
    /// Busy.
    #[default]
    Busy,
    /// Out of office.
    OutOfOffice,
    /// Working elsewhere.
    WorkingElsewhere,
}

/// A calendar user (RFC 5545 section 3.3.3).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Participant {
    /// The address as a URI, mostly `mailto:`.
    pub address: String,
    /// The display name, empty if unknown.
    pub name: String,
    /// Who acts for them, as a URI (RFC 5545 section 3.2.18; Outlook's "on behalf of"); empty for nobody.
    #[serde(default)]
    pub sent_by: String,
}

/// Somebody, or something, asked to a meeting (RFC 5545 section 3.8.4.1).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attendee {
    /// Who.
    pub who: Participant,
    /// The part they play.
    pub role: Role,
    /// What they answered.
    pub response: Response,
    /// Whether an answer is asked for.
    pub rsvp: bool,
}

/// The part an attendee plays (RFC 5545 section 3.2.16).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Role {
    /// Leads the meeting.
    Chair,
    /// Has to come.
    #[default]
    Required,
    /// May come.
    Optional,
    /// A room or a thing.
    Resource,
}

/// What an attendee answered (RFC 5545 section 3.2.12).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Response {
    /// Nothing yet.
    #[default]
    NeedsAction,
    /// Yes.
    Accepted,
    /// No.
    Declined,
    /// Perhaps.
    Tentative,
    /// Sends somebody else.
    Delegated,
}

impl Occurrence {
    /// The same occurrence, starting at another time; it takes as long, by the clock on the wall. Where it ends in another
    /// zone than it starts in, it still does.
    pub fn moved_to(&self, start: &When) -> Occurrence {
        if let (When::Time { zone: from, .. }, When::Time { zone: to, .. }) = (&self.start, &self.end)
            && from != to
            && matches!(start, When::Time { zone, .. } if zone == from)
        {
            let shift = self.start.local().duration_until(start.local());
            let end = self.end.local().checked_add(shift).unwrap_or(self.end.local());
            return Occurrence { start: start.clone(), end: self.end.at_wall_clock(end), ..self.clone() };
        }
        let length = self.start.local().duration_until(self.end.local());
        let end = start.local().checked_add(length).unwrap_or(start.local());
        Occurrence { start: start.clone(), end: start.at_wall_clock(end), ..self.clone() }
    }
}
