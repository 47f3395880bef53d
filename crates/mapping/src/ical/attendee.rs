//! ORGANIZER and ATTENDEE (RFC 5545 sections 3.8.4.1 and 3.8.4.3). A line that is changed keeps every parameter that the
//! model does not speak of.
//!
//! In a meeting that somebody else called, only one's own answer is one's own to change (RFC 6638 section 3.2.2.1): the
//! other people of such a copy stay as the organizer has them.

use dovetail_model::Occurrence;
use dovetail_model::event::{Attendee, Participant, Response, Role};

use super::{Reader, Whose, Writer};
use crate::component::{Component, ComponentId, Line, LineId};
use crate::content_line::NewLine;
use crate::options::{Attendees, ScheduleAgent, SogoNotifications};
use crate::{Settings, Warning};

/// What keeps SOGo from sending mails about an event.
const SOGO_NOTIFICATIONS: &str = "X-SOGO-SEND-APPOINTMENT-NOTIFICATIONS";

const RESPONSES: [(&str, Response); 5] = [
    ("NEEDS-ACTION", Response::NeedsAction),
    ("ACCEPTED", Response::Accepted),
    ("DECLINED", Response::Declined),
    ("TENTATIVE", Response::Tentative),
    ("DELEGATED", Response::Delegated),
];

/// Who called the meeting.
pub(super) fn read_organizer(component: Component<'_>, reader: &mut Reader<'_>) -> Option<Participant> {
    if reader.settings.options.events.attendees == Attendees::Left {
        return None;
    }
    component.line("ORGANIZER").and_then(|line| read_participant(line, reader))
}

/// Changes the people of a component.
pub(super) fn write_people(
    writer: &mut Writer<'_>,
    id: ComponentId,
    before: &Occurrence,
    after: &Occurrence,
) {
    if writer.settings.options.events.attendees == Attendees::Left {
        return;
    }
    if writer.whose == Whose::Theirs {
        return write_own_answer(writer, id, &after.attendees);
    }
    write_organizer(writer, id, before.organizer.as_ref(), after.organizer.as_ref());
    write_attendees(writer, id, &before.attendees, &after.attendees);
}

/// Changes who called the meeting.
fn write_organizer(
    writer: &mut Writer<'_>,
    id: ComponentId,
    before: Option<&Participant>,
    after: Option<&Participant>,
) {
    // Of somebody who cannot be reached a server could make nothing.
    if before == after || after.is_some_and(|who| !is_usable(&who.address)) {
        return;
    }
    match (writer.line(id, "ORGANIZER"), after) {
        (Some(line), Some(organizer)) => change_participant(writer, line, before, organizer),
        (Some(line), None) => writer.document.remove_line(line),
        (None, Some(organizer)) => {
            let line = with_name(NewLine::raw("ORGANIZER", &organizer.address), organizer);
            let line = with_agent(line, writer.settings);
            writer.insert(id, &line);
        }
        (None, None) => {}
    }
}

/// Whether a component is an invitation that one has from somebody else.
pub(crate) fn is_copy(component: Component<'_>, settings: &Settings) -> bool {
    let Some(organizer) = component.line("ORGANIZER") else { return false };
    let acts = organizer.param("SENT-BY").is_some_and(|who| is_own_address(&who, settings));
    let is_mine = acts || is_own(organizer, settings);
    !is_mine && component.lines_named("ATTENDEE").any(|line| is_own(line, settings))
}

/// Whether an attendee is the one who stores the meeting: the owner of the calendar, or who called it.
pub(crate) fn is_owners(line: Line<'_>, component: Component<'_>, settings: &Settings) -> bool {
    let calls = component
        .line("ORGANIZER")
        .is_some_and(|organizer| address_of(organizer).to_lowercase() == address_of(line).to_lowercase());
    calls || is_own(line, settings)
}

fn is_own(line: Line<'_>, settings: &Settings) -> bool {
    is_own_address(&address_of(line), settings)
}

/// Whether an address is the own one, by whatever spelling.
fn is_own_address(address: &str, settings: &Settings) -> bool {
    let bare = |address: &str| strip_mailto(address.trim()).unwrap_or(address.trim()).to_lowercase();
    settings.own_address.as_ref().is_some_and(|own| bare(own) == bare(address))
}

/// Says to SOGo that it is to send no mail about a meeting, in every component that was given.
pub(super) fn silence_sogo(writer: &mut Writer<'_>, components: &[ComponentId]) {
    if writer.settings.options.events.sogo_notifications != SogoNotifications::None {
        return;
    }
    for id in components {
        let component = writer.document.component(*id);
        let is_said = component.line(SOGO_NOTIFICATIONS).is_some_and(|line| line.value().trim() == "NO");
        if component.line("ORGANIZER").is_some() && !is_said {
            writer.write_raw(*id, SOGO_NOTIFICATIONS, "NO");
        }
    }
}

/// Everybody asked to come.
pub(super) fn read_attendees(component: Component<'_>, reader: &mut Reader<'_>) -> Vec<Attendee> {
    if reader.settings.options.events.attendees == Attendees::Left {
        return Vec::new();
    }
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
fn write_attendees(writer: &mut Writer<'_>, id: ComponentId, before: &[Attendee], after: &[Attendee]) {
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
    for attendee in wanted.into_iter().filter(|attendee| is_usable(&attendee.who.address)) {
        let line = new_attendee(attendee, writer.settings);
        writer.insert(id, &line);
    }
}

/// Changes what the owner answered, and nothing else about the people of a meeting.
fn write_own_answer(writer: &mut Writer<'_>, id: ComponentId, after: &[Attendee]) {
    let lines: Vec<_> = writer.document.component(id).lines_named("ATTENDEE").map(Line::id).collect();
    for line in lines {
        let view = writer.document.line(line);
        if !is_own(view, writer.settings) {
            continue;
        }
        let Some(before) = read_attendee(view, &mut writer.reader) else { continue };
        if let Some(wanted) = after.iter().find(|other| key(&other.who) == key(&before.who)) {
            let answered = Attendee { response: wanted.response, rsvp: wanted.rsvp, ..before.clone() };
            change_attendee(writer, line, &before, &answered);
        }
    }
}

/// The people of a meeting that somebody else called, of whom the owner answers as `wanted` says.
pub(super) fn with_own_answer(there: &[Attendee], wanted: &[Attendee], settings: &Settings) -> Vec<Attendee> {
    let answered = |attendee: &Attendee| {
        let is_own = is_own_address(&attendee.who.address, settings);
        let own = wanted.iter().find(|other| is_own && key(&other.who) == key(&attendee.who));
        let attendee = attendee.clone();
        own.map_or(attendee.clone(), |own| Attendee { response: own.response, rsvp: own.rsvp, ..attendee })
    };
    there.iter().map(answered).collect()
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

fn new_attendee(attendee: &Attendee, settings: &Settings) -> NewLine {
    let mut line = NewLine::raw("ATTENDEE", &attendee.who.address);
    if attendee.role == Role::Resource {
        let mail = strip_mailto(&attendee.who.address).unwrap_or_default();
        if let Some(room) = settings.rooms.iter().find(|room| room.mail.eq_ignore_ascii_case(mail)) {
            line = NewLine::raw("ATTENDEE", &room.uri).param("EMAIL", mail);
        }
        // Whoever books rooms and things is asked: a server that does so is to.
        line = line.param("CUTYPE", "RESOURCE");
    } else if !is_own_address(&attendee.who.address, settings) {
        line = with_agent(line, settings);
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

/// The calendar user of a line.
fn read_participant(line: Line<'_>, reader: &mut Reader<'_>) -> Option<Participant> {
    let name = line.param("CN").unwrap_or_default();
    let address = address_of(line);
    if !is_usable(&address) {
        let code = if address.is_empty() { "no_address" } else { "bad_address" };
        reader.warn(Warning::at(code, line.name(), line.number()).with(line.value()));
        return None;
    }
    if is_bare_mail(line.value().trim()) {
        reader.warn(Warning::at("no_scheme", line.name(), line.number()).with(line.value()));
    }
    let sent_by = line.param("SENT-BY").map(|who| as_uri(&who)).unwrap_or_default();
    Some(Participant { address, name, sent_by })
}

/// The address of a line. Where the value is no mail address and EMAIL gives one (RFC 7986), that is the address.
fn address_of(line: Line<'_>) -> String {
    let value = line.value();
    let value = value.trim();
    let email = line.param("EMAIL").filter(|email| !email.trim().is_empty());
    match (strip_mailto(value), email) {
        (Some(address), _) if !address.is_empty() => format!("mailto:{address}"),
        (_, Some(email)) => format!("mailto:{}", strip_mailto(&email).unwrap_or(email.trim())),
        (None, None) => as_uri(value),
        (Some(_), _) => String::new(),
    }
}

/// An address as a URI: of mail, where it looks like one and says nothing else.
fn as_uri(address: &str) -> String {
    let address = address.trim();
    match strip_mailto(address) {
        Some(bare) => format!("mailto:{bare}"),
        None if is_bare_mail(address) => format!("mailto:{address}"),
        None => address.to_owned(),
    }
}

/// Whether somebody can be reached by a URI: one of mail needs an address, any other a scheme and something that it names.
pub(crate) fn is_usable(uri: &str) -> bool {
    let Some((scheme, rest)) = uri.split_once(':') else { return false };
    let is_scheme = scheme.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && scheme.chars().all(|letter| letter.is_ascii_alphanumeric() || "+-.".contains(letter));
    let is_plain =
        !rest.is_empty() && !rest.contains(|letter: char| letter.is_whitespace() || letter.is_control());
    let is_named = match scheme.to_ascii_lowercase().as_str() {
        "mailto" => {
            rest.rsplit_once('@').is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty())
        }
        // Some write this where they know of no address.
        "invalid" => false,
        _ => true,
    };
    is_scheme && is_plain && is_named
}

/// Whether an address is of mail and does not say so.
fn is_bare_mail(address: &str) -> bool {
    address.contains('@') && !address.contains(':')
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
    let was = before.cloned().unwrap_or_default();
    for (param, before, after) in [("CN", was.name, &after.name), ("SENT-BY", was.sent_by, &after.sent_by)] {
        if before == *after {
            continue;
        }
        if after.is_empty() {
            writer.document.remove_param(line, param);
        } else {
            writer.document.set_param(line, param, &[after]);
        }
    }
}

fn with_name(mut line: NewLine, who: &Participant) -> NewLine {
    for (param, value) in [("CN", &who.name), ("SENT-BY", &who.sent_by)] {
        line = if value.is_empty() { line } else { line.param(param, value) };
    }
    line
}

fn with_agent(line: NewLine, settings: &Settings) -> NewLine {
    match settings.options.events.schedule_agent {
        ScheduleAgent::Client => line.param("SCHEDULE-AGENT", "CLIENT"),
        ScheduleAgent::Unsaid => line,
    }
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
