//! Setting a property by its name, as a person or a script does, with what Outlook then does by itself.

use std::fmt;

use dovetail_model::Zone;
use jiff::civil::{Date, DateTime, Time};
use serde_json::{Map, Value};

use super::rtf_body::{self, Body};
use super::{AppointmentItem, OutlookItem, no_date};
use crate::windows_zones::{iana_of_windows, windows_of_iana};

/// Why a property could not be set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AssignError {
    /// There is no such property; these are close.
    Unknown {
        /// What was asked for.
        property: String,
        /// Names that are close.
        close: Vec<String>,
    },
    /// The value does not fit.
    BadValue {
        /// The property.
        property: String,
        /// What would fit.
        wanted: String,
    },
    /// Outlook computes it from others.
    ReadOnly {
        /// The property.
        property: String,
    },
}

impl fmt::Display for AssignError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AssignError::Unknown { property, close } if close.is_empty() => {
                write!(f, "There is no property {property}.")
            }
            AssignError::Unknown { property, close } => {
                write!(f, "There is no property {property}; do you mean {}?", close.join(" or "))
            }
            AssignError::BadValue { property, wanted } => write!(f, "{property} takes {wanted}."),
            AssignError::ReadOnly { property } => {
                write!(f, "{property} cannot be set: Outlook computes it from other properties.")
            }
        }
    }
}

impl std::error::Error for AssignError {}

/// Outlook's answer to an invitation, and what it makes of the time that was pencilled in.
const ACCEPTED: u8 = 3;
const RECEIVED: u8 = 3;
const RECEIVED_AND_CANCELED: u8 = 7;
const TENTATIVE: u8 = 1;
const BUSY: u8 = 2;

/// What Outlook computes.
const COMPUTED: [&str; 4] = ["Duration", "IsRecurring", "GlobalAppointmentID", "MessageClass"];

/// Sets a property from text: numbers and switches as Outlook counts them, dates as `2026-03-02`, times as
/// `2026-03-02T10:00`. What depends on it follows; `home` is the zone of the mailbox, `today` its date.
///
/// # Errors
/// An unknown property, a value of another type, or a property that Outlook computes.
pub fn assign(
    item: &OutlookItem,
    property: &str,
    text: &str,
    home: &Zone,
    today: Date,
) -> Result<OutlookItem, AssignError> {
    let Ok(Value::Object(mut record)) = serde_json::to_value(item) else {
        return Err(AssignError::Unknown { property: property.to_owned(), close: Vec::new() });
    };
    // Left out where it is empty.
    let has_formats = matches!(item, OutlookItem::Appointment(_) | OutlookItem::Task(_));
    let empty = Value::from("");
    let formats = (has_formats && property == "RTFBody").then_some(&empty);
    let Some(old) = record.get(property).or(formats) else {
        return Err(AssignError::Unknown {
            property: property.to_owned(),
            close: close_to(property, &record),
        });
    };
    if COMPUTED.contains(&property) {
        return Err(AssignError::ReadOnly { property: property.to_owned() });
    }
    let value = value_like(old, property, text)?;
    record.insert(property.to_owned(), value);
    let wanted =
        || AssignError::BadValue { property: property.to_owned(), wanted: "another type of value".into() };
    let mut item: OutlookItem = serde_json::from_value(Value::Object(record)).map_err(|_| wanted())?;
    match &mut item {
        OutlookItem::Appointment(item) => {
            rtf_body::settle(Body { body: &mut item.body, rtf_body: &mut item.rtf_body }, property);
            follow_time(item, property, home)?;
            let is_invitation = matches!(item.meeting_status, RECEIVED | RECEIVED_AND_CANCELED);
            if property == "ResponseStatus"
                && is_invitation
                && item.response_status == ACCEPTED
                && item.busy_status == TENTATIVE
            {
                item.busy_status = BUSY;
            }
        }
        OutlookItem::Task(item) => {
            rtf_body::settle(Body { body: &mut item.body, rtf_body: &mut item.rtf_body }, property);
            item.settle(property, today);
        }
        OutlookItem::Contact(item) => {
            if ["Title", "FirstName", "MiddleName", "LastName", "Suffix"].contains(&property) {
                item.compose_full_name();
            }
        }
        OutlookItem::DistList(_) => {}
    }
    Ok(item)
}

/// The value that a text means where this one stands.
fn value_like(old: &Value, property: &str, text: &str) -> Result<Value, AssignError> {
    let bad =
        |wanted: &str| AssignError::BadValue { property: property.to_owned(), wanted: wanted.to_owned() };
    match old {
        Value::Bool(_) => match text.to_ascii_lowercase().as_str() {
            "true" | "yes" | "1" => Ok(Value::Bool(true)),
            "false" | "no" | "0" => Ok(Value::Bool(false)),
            _ => Err(bad("true or false")),
        },
        Value::Number(_) => text.parse::<i64>().map(Value::from).map_err(|_| bad("a number")),
        Value::String(old) if old.parse::<DateTime>().is_ok() && old.contains('T') => {
            let time = text
                .replacen(' ', "T", 1)
                .parse::<DateTime>()
                .or_else(|_| text.parse::<Date>().map(|day| day.at(0, 0, 0, 0)));
            time.map(|time| Value::from(time.to_string())).map_err(|_| bad("a time such as 2026-03-02T10:00"))
        }
        Value::String(old) if old.parse::<Date>().is_ok() => {
            let day = if text.is_empty() { Ok(super::NO_DATE) } else { text.parse::<Date>() };
            day.map(|day| Value::from(day.to_string()))
                .map_err(|_| bad("a date such as 2026-03-02, or nothing"))
        }
        Value::String(_) => Ok(Value::from(text)),
        _ => serde_json::from_str(text).map_err(|_| bad("JSON")),
    }
}

/// The times of an appointment say one thing in several ways: the one that was set leads, and a start takes its end along.
fn follow_time(item: &mut AppointmentItem, property: &str, home: &Zone) -> Result<(), AssignError> {
    let zone = |name: &str| iana_of_windows(name).map_or_else(|| home.clone(), Zone::named);
    let (start_zone, end_zone) = (zone(&item.start_time_zone), zone(&item.end_time_zone));
    // What was set says no more when it was.
    let started = match property {
        "StartUTC" if item.all_day_event => home.instant(item.start_in_start_time_zone),
        "StartUTC" => start_zone.instant(item.start_in_start_time_zone),
        _ => Zone::Utc.instant(item.start_utc),
    };
    let length = Zone::Utc.instant(item.end_utc).duration_since(started);
    let before = match property {
        "StartInStartTimeZone" => start_zone.wall_clock(Zone::Utc.instant(item.start_utc)),
        _ => item.start_in_start_time_zone,
    };
    match property {
        "Start" => item.start_in_start_time_zone = start_zone.wall_clock(home.instant(item.start)),
        "StartUTC" => {
            item.start_in_start_time_zone = start_zone.wall_clock(Zone::Utc.instant(item.start_utc))
        }
        "End" => item.end_in_end_time_zone = end_zone.wall_clock(home.instant(item.end)),
        "EndUTC" => item.end_in_end_time_zone = end_zone.wall_clock(Zone::Utc.instant(item.end_utc)),
        "StartTimeZone" | "EndTimeZone" => {
            let name =
                if property == "StartTimeZone" { &mut item.start_time_zone } else { &mut item.end_time_zone };
            if iana_of_windows(name).is_none() {
                let known = windows_of_iana(name).map(str::to_owned);
                let wanted = || AssignError::BadValue {
                    property: property.to_owned(),
                    wanted: "a Windows zone such as W. Europe Standard Time".to_owned(),
                };
                *name = known.ok_or_else(wanted)?;
            }
        }
        _ => {}
    }
    if ["Start", "StartUTC", "StartInStartTimeZone"].contains(&property) {
        if !no_date::is_known(item.start_in_start_time_zone.date()) {
            let wanted = "a day from 1601-01-01 to 4500-08-31".to_owned();
            return Err(AssignError::BadValue { property: property.to_owned(), wanted });
        }
        move_exceptions(item, before.time(), home);
        let end = zone(&item.start_time_zone).instant(item.start_in_start_time_zone).checked_add(length);
        // Where there is no end, none is taken along.
        if let Ok(end) = end
            && no_date::is_said(item.end_in_end_time_zone)
        {
            item.end_in_end_time_zone = if item.all_day_event {
                item.start_in_start_time_zone.saturating_add(length)
            } else {
                end_zone.wall_clock(end)
            };
        }
    }
    item.settle(home);
    if item.end_utc < item.start_utc {
        let wanted = "a time that leaves the end behind the start".to_owned();
        return Err(AssignError::BadValue { property: property.to_owned(), wanted });
    }
    Ok(())
}

/// Takes the changed occurrences of a series along to another time of day: they are named by it, and those that take place
/// at the time of the series still do.
fn move_exceptions(item: &mut AppointmentItem, before: Time, home: &Zone) {
    let now = item.start_in_start_time_zone.time();
    if item.all_day_event || before == now {
        return;
    }
    let moved = Date::ZERO.to_datetime(before).duration_until(Date::ZERO.to_datetime(now));
    let exceptions = item.recurrence_pattern.iter_mut().flat_map(|pattern| &mut pattern.exceptions);
    for exception in exceptions.filter(|exception| !exception.deleted) {
        let day = exception.original_date.date();
        exception.original_date = day.to_datetime(now);
        let Some(changed) = &mut exception.appointment_item else { continue };
        let is_usual = changed.start_in_start_time_zone == day.to_datetime(before)
            && changed.start_time_zone == item.start_time_zone;
        if is_usual && !changed.all_day_event {
            let later = |at: DateTime| at.checked_add(moved).unwrap_or(at);
            changed.start_in_start_time_zone = later(changed.start_in_start_time_zone);
            changed.end_in_end_time_zone = later(changed.end_in_end_time_zone);
            changed.settle(home);
        }
    }
}

/// The names that differ in few letters, else those that contain the one asked for; the closest first.
fn close_to(property: &str, record: &Map<String, Value>) -> Vec<String> {
    let wanted = property.to_lowercase();
    let mut names: Vec<(usize, &String)> =
        record.keys().map(|name| (apart(&name.to_lowercase(), &wanted), name)).collect();
    names.sort();
    let near = |(letters, _): &&(usize, &String)| *letters <= 2;
    let alike = |(_, name): &&(usize, &String)| wanted.len() >= 3 && name.to_lowercase().contains(&wanted);
    let found: Vec<String> = names.iter().filter(near).map(|(_, name)| (*name).clone()).collect();
    let found = if found.is_empty() {
        names.iter().filter(alike).map(|(_, name)| (*name).clone()).collect()
    } else {
        found
    };
    found.into_iter().take(4).collect()
}

/// How many letters have to change (Levenshtein's distance).
fn apart(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, letter) in one.chars().enumerate() {
        let mut next = vec![i + 1];
        for (j, across) in other.iter().enumerate() {
            let change = row.get(j).copied().unwrap_or(0) + usize::from(letter != *across);
            let drop = row.get(j + 1).copied().unwrap_or(0) + 1;
            let add = next.get(j).copied().unwrap_or(0) + 1;
            next.push(change.min(drop).min(add));
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}
