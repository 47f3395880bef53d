//! The options of the mapping of events.

use dovetail_mapping::options::{
    Attendees, EventOptions, NewUid, Organizer, ScheduleAgent, SogoNotifications, TimeZones, ZoneHistory,
};

use super::{Declared, Domain, YES_NO};
use crate::config::Profile;

pub(super) const OPTIONS: &[Declared] = &[
    Declared {
        key: "map_attendees",
        default: "yes",
        meaning: "For calendars: whether organizer and attendees travel; no: the people of both sides are left alone.",
        domain: YES_NO,
    },
    Declared {
        key: "schedule_agent_client",
        default: "yes",
        meaning: "For calendars: whether new attendees say that Outlook tells them of a meeting, and not the server \
                  (SCHEDULE-AGENT=CLIENT). With this and sogo_no_notifications off, the server schedules and mails.",
        domain: YES_NO,
    },
    Declared {
        key: "sogo_no_notifications",
        default: "auto",
        meaning: "For calendars: whether meetings that are written say that SOGo is to mail nobody; auto: where the server \
                  is SOGo.",
        domain: Domain::Choice(&["auto", "no", "yes"]),
    },
    Declared {
        key: "organizer_as_delegate",
        default: "no",
        meaning: "For calendars that you keep for somebody else: whether your own meetings are called by the owner of the \
                  calendar (the profile's email), through you (SENT-BY).",
        domain: YES_NO,
    },
    Declared {
        key: "time_zones",
        default: "windows",
        meaning: "For calendars: in which zones the times of new objects on the server are written: their own by the names \
                  of Windows or of the IANA database (which some servers want), or all in UTC.",
        domain: Domain::Choice(&["windows", "utc", "iana"]),
    },
    Declared {
        key: "own_time_zone",
        default: "",
        meaning: "For calendars with time_zones=iana: the zone that is written for times in the mailbox's own zone.",
        domain: Domain::Zone,
    },
    Declared {
        key: "time_zone_history",
        default: "no",
        meaning: "For calendars: whether the rules of zones are written as far back as they are known; no: for the years \
                  that are needed.",
        domain: YES_NO,
    },
    Declared {
        key: "uid_from_global_id",
        default: "auto",
        meaning: "For calendars: whether an event that is new on the server gets Outlook's GlobalAppointmentID as its UID, by \
                  which invitations that come by mail are known again; auto: where the server is SOGo.",
        domain: Domain::Choice(&["auto", "no", "yes"]),
    },
];

/// What a profile chooses of them.
pub(super) fn chosen(profile: &Profile) -> EventOptions {
    EventOptions {
        attendees: if profile.is_on("map_attendees") { Attendees::Mapped } else { Attendees::Left },
        schedule_agent: match profile.is_on("schedule_agent_client") {
            true => ScheduleAgent::Client,
            false => ScheduleAgent::Unsaid,
        },
        sogo_notifications: match profile.text("sogo_no_notifications").as_str() {
            "yes" => SogoNotifications::None,
            "no" => SogoNotifications::Unsaid,
            _ => SogoNotifications::NoneOnSogo,
        },
        organizer: match profile.is_on("organizer_as_delegate") {
            true => Organizer::OwnerOfCalendar,
            false => Organizer::AsInOutlook,
        },
        time_zones: match profile.text("time_zones").as_str() {
            "utc" => TimeZones::Utc,
            "iana" => TimeZones::Iana {
                for_home: Some(profile.text("own_time_zone")).filter(|zone| !zone.is_empty()),
            },
            _ => TimeZones::Windows,
        },
        new_uid: match profile.text("uid_from_global_id").as_str() {
            "yes" => NewUid::GlobalAppointmentId,
            "no" => NewUid::Fresh,
            _ => NewUid::GlobalAppointmentIdOnSogo,
        },
        zone_history: match profile.is_on("time_zone_history") {
            true => ZoneHistory::Full,
            false => ZoneHistory::Needed,
        },
    }
}

/// Whether a profile leaves it to the server to tell attendees: that is its leave to send mail.
pub(crate) fn lets_server_schedule(profile: &Profile) -> bool {
    profile.is_on("server_may_schedule")
        || profile.is_on("map_attendees")
            && !profile.is_on("schedule_agent_client")
            && profile.text("sogo_no_notifications") == "no"
}
