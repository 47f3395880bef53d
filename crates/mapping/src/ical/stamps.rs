//! What tells one revision of a component from the next: DTSTAMP, LAST-MODIFIED and SEQUENCE (RFC 5545 sections 3.8.7.2
//! to 3.8.7.4).
//!
//! Only a component in which something else was changed is a new revision. CREATED is set once, with the component.

use super::{Parts, Writer, attendee, when};
use crate::component::{Component, ComponentId, Line};

/// The properties that make a revision one that all invited have to hear of (RFC 5546 section 2.1.4).
const SIGNIFICANT: [&str; 8] = ["DTSTART", "DTEND", "DURATION", "DUE", "RRULE", "RDATE", "EXDATE", "STATUS"];

/// A component before it was changed.
pub(super) struct Revision {
    id: ComponentId,
    bytes: Box<[u8]>,
    significant: Vec<Vec<u8>>,
}

/// The components of an item as they are; new ones are not among them.
pub(super) fn revisions(writer: &Writer<'_>, parts: &Parts) -> Vec<Revision> {
    let there = [parts.main].into_iter().chain(parts.overrides.iter().copied());
    there
        .filter(|id| !writer.is_new(*id))
        .map(|id| {
            let component = writer.document.component(id);
            Revision {
                id,
                bytes: component.to_bytes().into_boxed_slice(),
                significant: significant(component),
            }
        })
        .collect()
}

fn significant(component: Component<'_>) -> Vec<Vec<u8>> {
    let counts = |line: &Line<'_>| SIGNIFICANT.iter().any(|name| line.is(name));
    component.lines().filter(counts).map(|line| line.raw().to_vec()).collect()
}

/// Stamps the components that are not as they were.
pub(super) fn renew(writer: &mut Writer<'_>, before: &[Revision]) {
    let now = when::format_instant(writer.now);
    for revision in before {
        let component = writer.document.component(revision.id);
        if *component.to_bytes() == *revision.bytes {
            continue;
        }
        let matters = significant(component) != revision.significant;
        for name in ["DTSTAMP", "LAST-MODIFIED"] {
            writer.write_raw(revision.id, name, &now);
        }
        if matters {
            count_up(writer, revision.id);
        }
    }
}

/// Raises SEQUENCE, as only the organizer of a meeting may (RFC 5546 section 2.1.4). What is no meeting is counted where
/// it was counted before.
fn count_up(writer: &mut Writer<'_>, id: ComponentId) {
    let component = writer.document.component(id);
    let number = component.line("SEQUENCE").map(|line| line.value().trim().parse::<u32>().unwrap_or(0));
    let may = match component.line("ORGANIZER") {
        Some(line) => writer.settings.own_address.as_deref().is_some_and(|own| attendee::is_of(line, own)),
        None => number.is_some(),
    };
    if may {
        writer.write_raw(id, "SEQUENCE", &number.unwrap_or(0).saturating_add(1).to_string());
    }
}
