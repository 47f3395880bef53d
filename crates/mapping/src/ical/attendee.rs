//! ORGANIZER and ATTENDEE (RFC 5545 sections 3.8.4.1 and 3.8.4.3). A line that is changed keeps every parameter that the
//! model does not speak of.

use dovetail_model::event::{Attendee, Participant, Response, Role};

use super::{Reader, Writer};
use crate::Warning;
use crate::component::{Component, ComponentId, Line, LineId};
use crate::content_line::NewLine;

const RESPONSES: [(&str, Response); 5] = [
    ("NEEDS-ACTION", Response::NeedsAction),
    ("ACCEPTED", Response::Accepted),
    ("DECLINED", Response::Declined),
    ("TENTATIVE", Response::Tentative),
    ("DELEGATED", Response::Delegated),
];

/// Who called the meeting.
pub(super) fn read_organizer(component: Component<'_>, reader: &mut Reader<'_>) -> Option<Participant> {
    component.line("ORGANIZER").and_then(|line| read_participant(line, reader))
}

/// Changes who called the meeting.
pub(super) fn write_organizer(
    writer: &mut Writer<'_>,
    id: ComponentId,
    before: Option<&Participant>,
    after: Option<&Participant>,
) {
    if before == after {
        return;
    }
    match (writer.line(id, "ORGANIZER"), after) {
        (Some(line), Some(organizer)) => change_participant(writer, line, before, organizer),
        (Some(line), None) => writer.document.remove_line(line),
        (None, Some(organizer)) => writer.insert(id, &new_line("ORGANIZER", organizer)),
        (None, None) => {}
    }
}

/// Everybody asked to come.
pub(super) fn read_attendees(component: Component<'_>, reader: &mut Reader<'_>) -> Vec<Attendee> {
    component.lines_named("ATTENDEE").filter_map(|line| read_attendee(line, reader)).collect()
}

fn read_attendee(line: Line<'_>, reader: &mut Reader<'_>) -> Option<Attendee> {
    let upper =
        |name: &str| line.param(name).map(|value| value.trim().to_ascii_uppercase()).unwrap_or_default();
    let role = match (upper("CUTYPE").as_str(), upper("ROLE").as_str()) {
        ("RESOURCE" | "ROOM", _) | (_, "X-LOCATION") => Role::Resource,
        (_, "CHAIR") => Role::Chair,
        (_, "OPT-PARTICIPANT" | "NON-PARTICIPANT") => Role::Optional,
        _ => Role::Required,
    };
    let answer = upper("PARTSTAT");
    Some(Attendee {
        who: read_participant(line, reader)?,
        role,
        response: RESPONSES
            .iter()
            .find(|known| known.0 == answer)
            .map_or(Response::NeedsAction, |known| known.1),
        rsvp: upper("RSVP") == "TRUE",
    })
}

/// Changes attendees, matched by address.
pub(super) fn write_attendees(
    writer: &mut Writer<'_>,
    id: ComponentId,
    before: &[Attendee],
    after: &[Attendee],
) {
    if before == after {
        return;
    }
    let mut wanted: Vec<&Attendee> = after.iter().collect();
    let mut changed = Vec::new();
    for line in writer.document.component(id).lines_named("ATTENDEE") {
        let Some(attendee) = read_attendee(line, &mut writer.reader) else { continue };
        let same = |other: &&Attendee| key(&other.who) == key(&attendee.who);
        let found = wanted.iter().position(same).map(|at| wanted.remove(at));
        changed.push((line.id(), attendee, found));
    }
    for (line, attendee, found) in changed {
        match found {
            Some(wanted) => change_attendee(writer, line, &attendee, wanted),
            None => writer.document.remove_line(line),
        }
    }
    for attendee in wanted {
        let line = new_attendee(attendee);
        writer.insert(id, &line);
    }
}

fn change_attendee(writer: &mut Writer<'_>, line: LineId, before: &Attendee, after: &Attendee) {
    if before.who != after.who {
        change_participant(writer, line, Some(&before.who), &after.who);
    }
    if before.role != after.role {
        match after.role {
            Role::Resource => writer.document.set_param(line, "CUTYPE", &["RESOURCE"]),
            _ if before.role == Role::Resource => writer.document.remove_param(line, "CUTYPE"),
            _ => {}
        }
        writer.document.set_param(line, "ROLE", &[role_name(after.role)]);
    }
    if before.response != after.response {
        writer.document.set_param(line, "PARTSTAT", &[response_name(after.response)]);
    }
    match (before.rsvp, after.rsvp) {
        (false, true) => writer.document.set_param(line, "RSVP", &["TRUE"]),
        (true, false) => writer.document.set_param(line, "RSVP", &["FALSE"]),
        _ => {}
    }
}

fn new_attendee(attendee: &Attendee) -> NewLine {
    let mut line = NewLine::raw("ATTENDEE", &attendee.who.address);
    if attendee.role == Role::Resource {
        line = line.param("CUTYPE", "RESOURCE");
    }
    line = line.param("ROLE", role_name(attendee.role)).param("PARTSTAT", response_name(attendee.response));
    if attendee.rsvp {
        line = line.param("RSVP", "TRUE");
    }
    with_name(line, &attendee.who)
}

fn role_name(role: Role) -> &'static str {
    match role {
        Role::Chair => "CHAIR",
        Role::Required | Role::Resource => "REQ-PARTICIPANT",
        Role::Optional => "OPT-PARTICIPANT",
    }
}

fn response_name(response: Response) -> &'static str {
    RESPONSES.iter().find(|known| known.1 == response).map_or("NEEDS-ACTION", |known| known.0)
}

/// The calendar user of a line. Where the value is no mail address and EMAIL gives one (RFC 7986), that is the address.
fn read_participant(line: Line<'_>, reader: &mut Reader<'_>) -> Option<Participant> {
    let value = line.value();
    let value = value.trim();
    let email = line.param("EMAIL").filter(|email| !email.trim().is_empty());
    let name = line.param("CN").unwrap_or_default();
    let address = match (strip_mailto(value), email) {
        (Some(address), _) if !address.is_empty() => format!("mailto:{address}"),
        (_, Some(email)) => format!("mailto:{}", strip_mailto(&email).unwrap_or(email.trim())),
        (None, None) if value.contains('@') && !value.contains(':') => format!("mailto:{value}"),
        (None, None) => value.to_owned(),
        (Some(_), _) => String::new(),
    };
    if address.is_empty() && name.is_empty() {
        reader.warn(Warning::at("no_address", line.name(), line.number()));
        return None;
    }
    Some(Participant { address, name })
}

fn strip_mailto(value: &str) -> Option<&str> {
    let (scheme, rest) = value.split_at_checked(7)?;
    scheme.eq_ignore_ascii_case("mailto:").then(|| rest.trim())
}

fn change_participant(
    writer: &mut Writer<'_>,
    line: LineId,
    before: Option<&Participant>,
    after: &Participant,
) {
    if before.is_none_or(|before| before.address != after.address) {
        writer.document.set_value(line, &after.address);
        writer.document.remove_param(line, "EMAIL");
    }
    if before.is_some_and(|before| before.name == after.name) {
        return;
    }
    if after.name.is_empty() {
        writer.document.remove_param(line, "CN");
    } else {
        writer.document.set_param(line, "CN", &[&after.name]);
    }
}

fn new_line(name: &str, who: &Participant) -> NewLine {
    with_name(NewLine::raw(name, &who.address), who)
}

fn with_name(line: NewLine, who: &Participant) -> NewLine {
    if who.name.is_empty() { line } else { line.param("CN", &who.name) }
}

/// Whether a line speaks of the one who has that mail address.
pub(super) fn is_of(line: Line<'_>, own: &str) -> bool {
    let address = line.value().trim().to_lowercase();
    address.strip_prefix("mailto:").unwrap_or(&address) == own.trim().to_lowercase()
}

/// What tells attendees apart: the address, or the name of one without.
fn key(who: &Participant) -> String {
    let key = if who.address.is_empty() { &who.name } else { &who.address };
    key.to_lowercase()
}
