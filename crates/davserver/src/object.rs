//! What may be stored: one calendar or address book object a resource (RFC 4791 section 4.1, RFC 6352 section 5.1).

use dovetail_mapping::component::{Component, Document};
use dovetail_mapping::{Settings, ical};
use dovetail_model::Zone;
use hyper::body::Bytes;
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::clock;
use crate::refusal::Refusal;
use crate::store::CollectionKind;
use crate::xml::Name;

/// An object that may be stored.
#[derive(Clone, Debug)]
pub(crate) struct NewObject {
    pub(crate) bytes: Bytes,
    /// A strong one, with quotes: equal bytes have equal ones.
    pub(crate) etag: String,
    pub(crate) modified: Timestamp,
    pub(crate) uid: String,
}

/// Whether an object has to have but one UID.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Strictness {
    /// As the RFCs have it.
    Strict,
    /// Several UIDs are taken, and so is one that another object has.
    AnyUid,
}

impl NewObject {
    /// Bytes that were stored before, whatever they are.
    pub(crate) fn trusted(bytes: Bytes, modified: Timestamp) -> NewObject {
        let document = Document::parse(&bytes);
        let outer = document.components().next();
        let inner = outer.and_then(|outer| outer.components().find(|inner| !inner.is("VTIMEZONE")));
        let uid = inner.or(outer).and_then(uid).unwrap_or_default();
        NewObject { etag: etag(&bytes), bytes, modified, uid }
    }
}

/// Looks at what is to be stored in a collection of that kind.
pub(crate) fn examine(
    bytes: Bytes,
    kind: CollectionKind,
    limit: usize,
    strictness: Strictness,
) -> Result<NewObject, Refusal> {
    let vocabulary = if kind == CollectionKind::Contacts { Name::carddav } else { Name::caldav };
    if bytes.len() > limit {
        let reason = format!("no object may be longer than {limit} bytes");
        return Err(Refusal::condition(403, vocabulary("max-resource-size"), reason));
    }
    let uid = match kind {
        CollectionKind::Contacts => card(&bytes)?,
        _ => calendar(&bytes, kind, strictness)?,
    };
    Ok(NewObject { etag: etag(&bytes), bytes, modified: clock::now(), uid })
}

fn etag(bytes: &[u8]) -> String {
    let hash = Sha256::digest(bytes);
    let digits: String = hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("\"{digits}\"")
}

/// The UID of a calendar object resource.
fn calendar(bytes: &[u8], kind: CollectionKind, strictness: Strictness) -> Result<String, Refusal> {
    let bad = |reason: &str| Refusal::condition(403, Name::caldav("valid-calendar-data"), reason);
    let mixed =
        |reason: &str| Refusal::condition(403, Name::caldav("valid-calendar-object-resource"), reason);
    let document = Document::parse(bytes);
    if let Some(warning) = document.warnings().first() {
        return Err(bad(&format!("{} in line {}", warning.code, warning.line.unwrap_or_default())));
    }
    if document.root().lines().next().is_some() {
        return Err(bad("a property outside of the calendar"));
    }
    let mut outermost = document.components();
    let calendar = match (outermost.next(), outermost.next()) {
        (Some(calendar), None) if calendar.is("VCALENDAR") => calendar,
        _ => return Err(bad("an object is one VCALENDAR")),
    };
    if calendar.line("METHOD").is_some() {
        return Err(mixed("an object that is stored has no METHOD"));
    }
    let mut inner = calendar.components().filter(|inner| !inner.is("VTIMEZONE"));
    let Some(first) = inner.next() else { return Err(mixed("the calendar is empty")) };
    let component = first.name().to_ascii_uppercase();
    if !kind.takes(&component) {
        let reason = format!("this collection takes no {component}");
        return Err(Refusal::condition(403, Name::caldav("supported-calendar-component"), reason));
    }
    let uid = uid(first).ok_or_else(|| bad("there is no UID"))?;
    for other in inner {
        if !other.is(&component) {
            return Err(mixed("an object is of one kind"));
        }
        if strictness == Strictness::Strict && self::uid(other).as_deref() != Some(uid.as_str()) {
            return Err(mixed("an object has one UID"));
        }
    }
    let home = Settings::new(Zone::Utc, "");
    let reading = ical::read(bytes, &home);
    let dates = ["DTSTART", "DTEND", "DUE", "DURATION", "RECURRENCE-ID", "RRULE"];
    let wrong = |code: &str| matches!(code, "bad_date" | "bad_duration" | "bad_rule" | "no_start");
    let found = reading.warnings.iter().find(|it| wrong(&it.code) && dates.contains(&it.property.as_str()));
    match (reading.item, found) {
        (Some(_), None) => Ok(uid),
        (_, Some(warning)) => Err(bad(&format!("{} cannot be read", warning.property))),
        (None, None) => Err(bad("it cannot be read")),
    }
}

/// The UID of an address object resource.
fn card(bytes: &[u8]) -> Result<String, Refusal> {
    let bad = |reason: &str| Refusal::condition(403, Name::carddav("valid-address-data"), reason);
    let document = Document::parse(bytes);
    if let Some(warning) = document.warnings().iter().find(|warning| warning.code != "unparsable_line") {
        return Err(bad(&format!("{} in line {}", warning.code, warning.line.unwrap_or_default())));
    }
    let mut outermost = document.components();
    let card = match (outermost.next(), outermost.next()) {
        (Some(card), None) if card.is("VCARD") => card,
        // A distribution list as SOGo has it.
        (Some(list), None) if list.is("VLIST") => return uid(list).ok_or_else(|| bad("there is no UID")),
        _ => return Err(bad("an object is one VCARD or VLIST")),
    };
    let version = card.line("VERSION").map(|line| line.value().trim().to_owned()).unwrap_or_default();
    if version != "3.0" && version != "4.0" {
        let reason = "vCards are taken in the versions 3.0 and 4.0";
        return Err(Refusal::condition(403, Name::carddav("supported-address-data"), reason));
    }
    if card.line("FN").is_none() {
        return Err(bad("there is no FN"));
    }
    uid(card).ok_or_else(|| bad("there is no UID"))
}

fn uid(component: Component<'_>) -> Option<String> {
    component.line("UID").map(|line| line.text().trim().to_owned()).filter(|uid| !uid.is_empty())
}
