//! Who called a meeting and who is asked to come, against Outlook's recipients.
//!
//! Outlook says twice what the owner answered: as a recipient, and as ResponseStatus, which is the one that counts in a
//! meeting that somebody else called. The organizer is a recipient of a type of their own and no attendee: where a server
//! has them as an attendee too, that line stays there alone.

use dovetail_model::event::{Attendee, EventStatus, Occurrence, Participant, Response, Role};

use super::{AppointmentItem, Recipient};
use crate::ical::is_usable;
use crate::options::Organizer;
use crate::{Settings, Warning};

#[cfg(test)]
mod tests;

/// Outlook's types of recipients.
const ORGANIZER: u8 = 0;
const REQUIRED: u8 = 1;
const OPTIONAL: u8 = 2;
const RESOURCE: u8 = 3;

/// Outlook's states of a meeting.
const NO_MEETING: u8 = 0;
const MEETING: u8 = 1;
const RECEIVED: u8 = 3;
const CANCELED: u8 = 5;
const RECEIVED_AND_CANCELED: u8 = 7;

/// Outlook's answers.
const ORGANIZED: u8 = 1;
const NOT_RESPONDED: u8 = 5;
const ANSWERS: [(u8, Response); 4] = [
    (2, Response::Tentative),
    (3, Response::Accepted),
    (4, Response::Declined),
    (ORGANIZED, Response::Accepted),
];

/// Whether a meeting was called off, by its state.
pub(super) fn is_canceled(item: &AppointmentItem) -> bool {
    matches!(item.meeting_status, CANCELED | RECEIVED_AND_CANCELED)
}

fn is_received(item: &AppointmentItem) -> bool {
    matches!(item.meeting_status, RECEIVED | RECEIVED_AND_CANCELED)
}

/// Who called a meeting; nobody where it is none. The owner's own meeting need not say so.
pub(super) fn organizer(item: &AppointmentItem, settings: &Settings) -> Option<Participant> {
    if item.meeting_status == NO_MEETING {
        return None;
    }
    let recipient = item.recipients.iter().find(|recipient| recipient.kind == ORGANIZER);
    let filled = |own: &String, other: fn(&Recipient) -> &String| {
        if own.is_empty() { recipient.map(other).cloned().unwrap_or_default() } else { own.clone() }
    };
    let address = filled(&item.sent_representing_email_address, |recipient| &recipient.address);
    let name = bare_name(&filled(&item.organizer, |recipient| &recipient.name));
    if address.is_empty() && name.is_empty() {
        let own = settings.own_address.as_ref().filter(|_| !is_received(item))?;
        return Some(Participant { address: uri(own), ..Participant::default() });
    }
    let sender = Some(&item.sender_email_address).filter(|sender| !same_address(sender, &address));
    if settings.options.events.organizer == Organizer::OwnerOfCalendar
        && !is_received(item)
        && let Some(own) = &settings.own_address
        && !is_own(&address, settings)
    {
        // Whoever calls it in Outlook acts for the owner of the calendar.
        return Some(Participant { address: uri(own), name: String::new(), sent_by: uri(&address) });
    }
    Some(Participant {
        sent_by: sender.map(|sender| uri(sender)).unwrap_or_default(),
        address: uri(&address),
        name,
    })
}

/// Everybody asked to come.
pub(super) fn attendees(item: &AppointmentItem, settings: &Settings) -> Vec<Attendee> {
    let invited = item.recipients.iter().filter(|recipient| recipient.kind != ORGANIZER);
    let attendee = |recipient: &Recipient| Attendee {
        who: Participant {
            address: uri(&recipient.address),
            name: bare_name(&recipient.name),
            sent_by: String::new(),
        },
        role: match recipient.kind {
            OPTIONAL => Role::Optional,
            RESOURCE => Role::Resource,
            _ => Role::Required,
        },
        response: response(answer_of(recipient, item, settings)),
        rsvp: item.response_requested && recipient.kind != RESOURCE,
    };
    invited.map(attendee).collect()
}

/// What somebody answered. Of the owner's answer ResponseStatus counts, where somebody else called the meeting.
fn answer_of(recipient: &Recipient, item: &AppointmentItem, settings: &Settings) -> u8 {
    match item.response_status {
        answer if answer != 0 && is_received(item) && is_own(&recipient.address, settings) => answer,
        _ => recipient.meeting_response_status,
    }
}

/// Whether the owner was asked to a meeting and has not answered yet.
pub(super) fn is_unanswered(item: &AppointmentItem, settings: &Settings) -> bool {
    let is_asked =
        |recipient: &&Recipient| recipient.kind != ORGANIZER && is_own(&recipient.address, settings);
    let own = item.recipients.iter().find(is_asked).filter(|_| is_received(item));
    own.is_some_and(|own| response(answer_of(own, item, settings)) == Response::NeedsAction)
}

/// Puts the people of an occurrence into an appointment that has none yet.
pub(super) fn write_anew(item: &mut AppointmentItem, occurrence: &Occurrence, settings: &Settings) {
    let organizer = occurrence.organizer.as_ref();
    let calls = |who: &Participant| match organizer {
        Some(other) => same_address(&bare(&who.address), &bare(&other.address)),
        // What nobody calls is the owner's.
        None => self::is_own(&bare(&who.address), settings),
    };
    let invited: Vec<&Attendee> =
        occurrence.attendees.iter().filter(|attendee| !calls(&attendee.who)).collect();
    let is_own = organizer.is_none_or(|organizer| is_own(&bare(&organizer.address), settings));
    if invited.is_empty() && is_own {
        // A meeting with oneself is none.
        return;
    }
    let canceled = occurrence.status == EventStatus::Cancelled;
    item.meeting_status = match (is_own, canceled) {
        (true, false) => MEETING,
        (true, true) => CANCELED,
        (false, false) => RECEIVED,
        (false, true) => RECEIVED_AND_CANCELED,
    };
    if let Some(organizer) = organizer {
        let address = bare(&organizer.address);
        item.organizer.clone_from(&organizer.name);
        item.sender_email_address =
            if organizer.sent_by.is_empty() { address.clone() } else { bare(&organizer.sent_by) };
        item.recipients.push(Recipient {
            name: organizer.name.clone(),
            address: address.clone(),
            kind: ORGANIZER,
            meeting_response_status: ORGANIZED,
            ..Recipient::default()
        });
        item.sent_representing_email_address = address;
    }
    item.recipients.extend(invited.iter().map(|attendee| recipient(attendee)));
    item.response_requested = invited.iter().any(|attendee| attendee.rsvp);
    let own = invited.iter().find(|attendee| self::is_own(&bare(&attendee.who.address), settings));
    item.response_status = match own {
        _ if is_own => ORGANIZED,
        Some(own) => answer(own.response),
        None => 0,
    };
}

/// Takes the people of `fresh`; recipients that stay keep what is not spoken of here, and an answer that means the same.
pub(super) fn patch(item: &mut AppointmentItem, fresh: &AppointmentItem) {
    let before = std::mem::take(&mut item.recipients);
    item.recipients.clone_from(&fresh.recipients);
    for recipient in &mut item.recipients {
        let old = before.iter().find(|old| {
            let same = if old.address.is_empty() {
                old.name == recipient.name
            } else {
                same_address(&old.address, &recipient.address)
            };
            same && (old.kind == ORGANIZER) == (recipient.kind == ORGANIZER)
        });
        let Some(old) = old else { continue };
        recipient.other.clone_from(&old.other);
        if response(old.meeting_response_status) == response(recipient.meeting_response_status) {
            recipient.meeting_response_status = old.meeting_response_status;
        }
    }
    item.organizer.clone_from(&fresh.organizer);
    item.sent_representing_email_address.clone_from(&fresh.sent_representing_email_address);
    item.sender_email_address.clone_from(&fresh.sender_email_address);
    item.response_requested = fresh.response_requested;
    if response(item.response_status) != response(fresh.response_status)
        || (item.meeting_status == NO_MEETING) != (fresh.meeting_status == NO_MEETING)
    {
        item.response_status = fresh.response_status;
    }
}

fn recipient(attendee: &Attendee) -> Recipient {
    Recipient {
        name: attendee.who.name.clone(),
        address: bare(&attendee.who.address),
        kind: match attendee.role {
            Role::Chair | Role::Required => REQUIRED,
            Role::Optional => OPTIONAL,
            Role::Resource => RESOURCE,
        },
        meeting_response_status: answer(attendee.response),
        ..Recipient::default()
    }
}

fn response(answer: u8) -> Response {
    ANSWERS.iter().find(|known| known.0 == answer).map_or(Response::NeedsAction, |known| known.1)
}

/// Outlook does not know that somebody was sent in one's place: that is no answer to it.
fn answer(response: Response) -> u8 {
    ANSWERS.iter().find(|known| known.1 == response).map_or(NOT_RESPONDED, |known| known.0)
}

/// An address as Outlook has it. Other URIs than `mailto:` stay as they are.
fn bare(uri: &str) -> String {
    let rest =
        uri.get(..7).filter(|scheme| scheme.eq_ignore_ascii_case("mailto:")).and_then(|_| uri.get(7..));
    rest.filter(|rest| !rest.is_empty() && !rest.contains(':')).unwrap_or(uri).to_owned()
}

/// An address of Outlook as a URI.
fn uri(address: &str) -> String {
    let address = address.trim();
    if address.is_empty() || address.contains(':') { address.to_owned() } else { format!("mailto:{address}") }
}

/// A name without the mail address that Exchange puts behind it: `Guest (guest@example.com)`.
fn bare_name(name: &str) -> String {
    let is_mail = |text: &str| text.contains('@') && !text.contains(['(', ' ']);
    let rest = name.trim_end().strip_suffix(')').and_then(|rest| rest.rsplit_once(" ("));
    rest.filter(|(_, mail)| is_mail(mail)).map_or(name, |(rest, _)| rest.trim_end()).to_owned()
}

/// Warns of the people of a meeting who have no address that a server could reach them by.
pub(super) fn warn_of_unreachable(item: &AppointmentItem, settings: &Settings, warnings: &mut Vec<Warning>) {
    let organizer = organizer(item, settings).into_iter();
    let people = organizer.chain(attendees(item, settings).into_iter().map(|attendee| attendee.who));
    for who in people.filter(|who| !is_usable(&who.address)) {
        let shown = if who.name.is_empty() { bare(&who.address) } else { who.name };
        warnings.push(Warning::at("unreachable", "Recipients", None).with(shown));
    }
}

fn same_address(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

fn is_own(address: &str, settings: &Settings) -> bool {
    settings.own_address.as_ref().is_some_and(|own| same_address(&bare(own), address))
}
