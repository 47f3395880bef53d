//! What is chosen of the fields that events alone have.

use serde::{Deserialize, Serialize};

/// What is chosen of the fields that events alone have.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventOptions {
    /// Whether organizer and attendees cross.
    pub attendees: Attendees,
    /// Whether new attendees are told by Outlook alone (`SCHEDULE-AGENT=CLIENT`, RFC 6638 section 7.1).
    pub schedule_agent: ScheduleAgent,
    /// Whether SOGo is told to send no mail (its `X-SOGO-SEND-APPOINTMENT-NOTIFICATIONS`).
    pub sogo_notifications: SogoNotifications,
    /// Who calls the owner's own meetings.
    pub organizer: Organizer,
    /// In which zones the times of new objects are written.
    pub time_zones: TimeZones,
    /// How far back new VTIMEZONEs reach.
    pub zone_history: ZoneHistory,
    /// Which UID an event gets that is new on the server.
    pub new_uid: NewUid,
}

/// Which UID an event gets that is new on the server. One that has come from another program keeps its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NewUid {
    /// As [`NewUid::GlobalAppointmentId`] where the server is SOGo, else as [`NewUid::Fresh`].
    #[default]
    GlobalAppointmentIdOnSogo,
    /// Outlook's id, by which invitations that come by mail are found again.
    GlobalAppointmentId,
    /// A new one.
    Fresh,
}

/// In which zones the times of new objects are written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeZones {
    /// Their own, by the names of Windows, as Outlook has them.
    #[default]
    Windows,
    /// In UTC, without VTIMEZONEs.
    Utc,
    /// Their own, by the names of the IANA database.
    Iana {
        /// The zone that is written where a time is in the mailbox's own.
        for_home: Option<String>,
    },
}

/// How far back new VTIMEZONEs reach.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ZoneHistory {
    /// As far as the object needs them.
    #[default]
    Needed,
    /// As far as anything is known.
    Full,
}

/// Whether organizer and attendees cross.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Attendees {
    /// They do.
    #[default]
    Mapped,
    /// The people of both sides are left alone.
    Left,
}

/// Who tells the attendees of a meeting about it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScheduleAgent {
    /// Outlook does: attendees that are written say so.
    #[default]
    Client,
    /// Nothing is said, and a server that schedules does.
    Unsaid,
}

/// Whether SOGo sends mails about meetings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SogoNotifications {
    /// None where the server is SOGo: whoever knows that makes it [`SogoNotifications::None`]. A lens says nothing.
    #[default]
    NoneOnSogo,
    /// Meetings that are written say that none are wanted.
    None,
    /// Nothing is said about them.
    Unsaid,
}

/// Who calls the meetings that the owner of the mailbox calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Organizer {
    /// Whom Outlook says.
    #[default]
    AsInOutlook,
    /// The owner of the calendar on the server, by whom Outlook says (`SENT-BY`).
    OwnerOfCalendar,
}
