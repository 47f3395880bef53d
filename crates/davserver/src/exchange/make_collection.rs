//! MKCALENDAR (RFC 4791 section 5.3.1) and the extended MKCOL (RFC 5689).

use std::collections::BTreeMap;

use super::{Exchange, Reply, properties, proppatch};
use crate::location::Location;
use crate::refusal::Refusal;
use crate::store::CollectionKind;
use crate::xml::{self, Element, Name};

/// Makes a calendar or an address book, with properties.
pub(super) fn answer(exchange: &Exchange<'_>, location: &Location) -> Result<Reply, Refusal> {
    let address = match location {
        Location::Collection(address) => address.clone(),
        Location::Object(..) => {
            let condition = Name::caldav("calendar-collection-location-ok");
            return Err(Refusal::condition(403, condition, "collections are made in the home of a user"));
        }
        _ => return Err(Refusal::new(405, "this is there already")),
    };
    let (beginning, body_name) = match exchange.asked.method.as_str() {
        "MKCALENDAR" => (Beginning::Calendar, Name::caldav("mkcalendar")),
        _ => (Beginning::Nothing, Name::dav("mkcol")),
    };
    let mut wanted = BTreeMap::new();
    if !exchange.asked.bytes().is_empty() {
        let root = xml::parse(exchange.asked.bytes())?;
        if root.name != body_name {
            return Err(Refusal::new(415, format!("the body is no {}", body_name.local)));
        }
        wanted.extend(
            proppatch::changes(&root).into_iter().filter_map(|(name, element)| Some((name, element?))),
        );
    }
    let types = wanted.remove(&Name::dav("resourcetype"));
    let components = wanted.remove(&Name::caldav("supported-calendar-component-set"));
    let kind = kind(beginning, types.as_ref(), components.as_ref())?;
    if let Some(name) = wanted.keys().find(|name| properties::is_protected(name)) {
        let condition = Name::dav("cannot-modify-protected-property");
        return Err(Refusal::condition(403, condition, format!("{} cannot be set", name.local)));
    }
    exchange.shared.write().make_collection_with(address, kind, wanted)?;
    Ok(Reply::new(201).with("cache-control", "no-cache"))
}

/// What the method says of the new collection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Beginning {
    Calendar,
    Nothing,
}

fn kind(
    beginning: Beginning,
    types: Option<&Element>,
    components: Option<&Element>,
) -> Result<CollectionKind, Refusal> {
    let is = |name: &Name| types.is_some_and(|types| types.child(name).is_some());
    let (calendar, book) = (is(&Name::caldav("calendar")), is(&Name::carddav("addressbook")));
    let calendar = calendar || beginning == Beginning::Calendar;
    if book && !calendar {
        return Ok(CollectionKind::Contacts);
    }
    if book || !calendar {
        let reason = "a collection is a calendar or an address book";
        return Err(Refusal::condition(403, Name::dav("valid-resourcetype"), reason));
    }
    let Some(components) = components else { return Ok(CollectionKind::EventsAndTasks) };
    let has = |wanted: &str| {
        components
            .elements()
            .any(|it| it.attribute("name").is_some_and(|name| name.eq_ignore_ascii_case(wanted)))
    };
    match (has("VEVENT"), has("VTODO")) {
        (true, false) => Ok(CollectionKind::Events),
        (false, true) => Ok(CollectionKind::Tasks),
        (true, true) => Ok(CollectionKind::EventsAndTasks),
        (false, false) => {
            let condition = Name::caldav("supported-calendar-component");
            Err(Refusal::condition(403, condition, "calendars hold VEVENT and VTODO"))
        }
    }
}
