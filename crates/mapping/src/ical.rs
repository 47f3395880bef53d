//! The lens between the model and iCalendar (RFC 5545): [`read`] and [`write()`].
//!
//! One resource holds one item: a VEVENT with the VEVENTs that override its occurrences, or else a VTODO. Everything else
//! in it stays as it is. Writing reads what the original holds, compares it field by field with what is wanted, and
//! changes the lines of the fields that differ; a new object is an empty component changed in the same way.
//!
//! A resource of overrides without their series (an invitation to single occurrences) reads as an event that is the first
//! of them, with the others as overrides on RDATEs; nothing is written that would make up the series.
//!
//! Start with [`event`] for the components of an event, then [`property`] for the fields that tasks share.

use dovetail_model::{Item, When, Zone};
use jiff::Timestamp;

use crate::component::{Component, ComponentId, Document, Line, LineId, Node, Place};
use crate::content_line::NewLine;
use crate::options::ZoneHistory;
use crate::{ColoredCategory, Options, Reading, Settings, Warning};

mod alarm;
mod attendee;
mod body;
mod color;
mod event;
mod observances;
mod placing;
mod property;
mod recurrence;
mod stamps;
mod task;
#[cfg(test)]
mod tests;
mod time_zone;
mod timeline;
mod when;

pub(crate) use attendee::{is_copy, is_owners, is_usable};
pub(crate) use property::is_uri;
use time_zone::Definition;

/// Reads the event of a resource, or else its task.
pub fn read(original: &[u8], settings: &Settings) -> Reading {
    let document = Document::parse(original);
    let mut reader = Reader::new(&document, settings);
    reader.warnings.extend(document.warnings());
    let parts = Parts::find(&document, Part::Event, &mut reader)
        .or_else(|| Parts::find(&document, Part::Task, &mut reader));
    let item = parts.as_ref().and_then(|parts| match parts.part {
        Part::Event => event::read(&document, parts, &mut reader).map(|event| Item::Event(Box::new(event))),
        Part::Task => Some(Item::Task(Box::new(task::read(document.component(parts.main), &mut reader)))),
    });
    let mut warnings = reader.warnings;
    warnings.extend(doubts(&document, parts.as_ref()));
    warnings.sort_by_key(|warning| warning.line);
    // What several lines need, such as a start, is read more than once.
    warnings.dedup();
    Reading { item, warnings }
}

/// What is missing around an item, or in old spellings in it.
fn doubts(document: &Document, parts: Option<&Parts>) -> Vec<Warning> {
    let Some(parts) = parts else { return vec![Warning::at("no_item", "", Some(1))] };
    let main = document.component(parts.main);
    let mut found = Vec::new();
    if parts.calendar == document.root().id() {
        found.push(Warning::at("no_calendar", parts.part.name(), main.begin().and_then(Line::number)));
    }
    for component in parts.overrides.iter().chain([&parts.main]).map(|id| document.component(*id)) {
        let begin = component.begin().and_then(Line::number);
        for name in ["UID", "DTSTAMP"].into_iter().filter(|name| component.line(name).is_none()) {
            found.push(Warning::at("missing_property", name, begin).with(component.name()));
        }
        let encoded = component.lines().filter(|line| property::is_quoted_printable(*line));
        found.extend(encoded.map(|line| Warning::at("old_encoding", line.name(), line.number())));
    }
    found
}

/// Writes an item; `from`, where it holds one of the same kind, is patched. Contacts and groups are not written: `from`
/// comes back, or nothing.
pub fn write(item: &Item, from: Option<&[u8]>, now: Timestamp, settings: &Settings) -> Vec<u8> {
    match item {
        Item::Event(event) => {
            let event = event::held(event);
            let (mut writer, parts) = Writer::open(from, Part::Event, event.uid.as_deref(), now, settings);
            writer.year = match settings.options.events.zone_history {
                ZoneHistory::Needed => event::earliest_year(&event),
                ZoneHistory::Full => OLDEST_YEAR,
            };
            let revisions = stamps::revisions(&writer, &parts);
            event::write(&mut writer, &parts, &event);
            let written = writer.document.to_bytes();
            if from.is_some_and(|from| from == written) {
                return written;
            }
            stamps::renew(&mut writer, &revisions);
            event::finish(&mut writer, &parts);
            writer.document.to_bytes()
        }
        Item::Task(task) => {
            let task = task::held(task, &settings.home);
            let (mut writer, parts) = Writer::open(from, Part::Task, task.uid.as_deref(), now, settings);
            writer.year = task::earliest_year(&task);
            let revisions = stamps::revisions(&writer, &parts);
            task::write(&mut writer, parts.main, &task);
            stamps::renew(&mut writer, &revisions);
            writer.document.to_bytes()
        }
        Item::Contact(_) | Item::Group(_) => from.unwrap_or_default().to_vec(),
    }
}

/// The kinds of components that are items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Event,
    Task,
}

impl Part {
    fn name(self) -> &'static str {
        match self {
            Part::Event => "VEVENT",
            Part::Task => "VTODO",
        }
    }
}

/// Where the item is in a document.
#[derive(Clone, Debug)]
struct Parts {
    part: Part,
    calendar: ComponentId,
    main: ComponentId,
    /// Components with a RECURRENCE-ID, `main` not among them.
    overrides: Vec<ComponentId>,
}

impl Parts {
    /// The first component, and those that bear its UID.
    fn find(document: &Document, part: Part, reader: &mut Reader<'_>) -> Option<Parts> {
        let holds = |holder: &Component<'_>| holder.components_named(part.name()).next().is_some();
        let calendar = document.components().filter(|outer| outer.is("VCALENDAR")).find(holds);
        let calendar = calendar.or_else(|| Some(document.root()).filter(holds))?;
        // An event without a start is none, and says nothing of the others.
        let usable = |one: &Component<'_>| part != Part::Event || one.line("DTSTART").is_some();
        let all = || calendar.components_named(part.name());
        let first = all().find(usable).or_else(|| all().next())?;
        let uid = uid(first);
        let (same, others): (Vec<_>, Vec<_>) =
            calendar.components_named(part.name()).partition(|component| {
                component.id() == first.id() || uid.is_some() && self::uid(*component) == uid
            });
        for other in others {
            let line = other.begin().and_then(Line::number);
            reader.warn(Warning::at("several_uids", "UID", line).with(self::uid(other).unwrap_or_default()));
        }
        let (overrides, masters): (Vec<_>, Vec<_>) =
            same.into_iter().partition(|component| component.line("RECURRENCE-ID").is_some());
        if let [_, .., last] = masters.as_slice() {
            reader.warn(Warning::at("several_masters", part.name(), last.begin().and_then(Line::number)));
        }
        let main = masters.last().or(overrides.first())?.id();
        let overrides = overrides.iter().map(|component| component.id()).filter(|id| *id != main);
        Some(Parts { part, calendar: calendar.id(), main, overrides: overrides.collect() })
    }
}

fn uid(component: Component<'_>) -> Option<String> {
    component.line("UID").map(|line| line.text().trim().to_owned()).filter(|uid| !uid.is_empty())
}

/// What reading a component needs beside it, and what it warns of.
struct Reader<'a> {
    home: &'a Zone,
    options: &'a Options,
    categories: &'a [ColoredCategory],
    settings: &'a Settings,
    definitions: Vec<Definition>,
    /// TZIDs that were asked for, and what they mean.
    zones: Vec<(String, Zone)>,
    warnings: Vec<Warning>,
}

impl<'a> Reader<'a> {
    fn new(document: &Document, settings: &'a Settings) -> Self {
        let mut warnings = Vec::new();
        let holders = document.components().filter(|outer| outer.is("VCALENDAR")).chain([document.root()]);
        let zones = holders.flat_map(|holder| holder.components_named("VTIMEZONE"));
        let definitions = zones.filter_map(|zone| Definition::read(zone, &mut warnings)).collect();
        let Settings { home, options, categories, .. } = settings;
        Reader { home, settings, options, categories, definitions, zones: Vec::new(), warnings }
    }

    fn warn(&mut self, warning: Warning) {
        self.warnings.push(warning);
    }

    /// The zone of a TZID; floating where nothing is known of it. `line` is where it stands.
    fn zone(&mut self, tzid: &str, line: Line<'_>) -> Zone {
        if let Some((_, zone)) = self.zones.iter().find(|known| known.0 == tzid) {
            return zone.clone();
        }
        let definition = self.definitions.iter().find(|definition| definition.tzid == tzid).or_else(|| {
            self.definitions.iter().find(|definition| definition.tzid.eq_ignore_ascii_case(tzid))
        });
        let warning = |code| Warning::at(code, line.name(), line.number()).with(tzid);
        let zone = match time_zone::resolve(tzid, definition) {
            Some((zone, false)) => {
                if definition.is_none() && time_zone::is_utc(&zone) {
                    self.warn(warning("utc_by_name"));
                }
                zone
            }
            Some((zone, true)) => {
                self.warn(warning("misleading_zone"));
                zone
            }
            None => {
                self.warn(warning("unknown_zone"));
                Zone::Floating
            }
        };
        self.zones.push((tzid.to_owned(), zone.clone()));
        zone
    }
}

/// A document that is being changed.
struct Writer<'a> {
    document: Document,
    reader: Reader<'a>,
    settings: &'a Settings,
    calendar: ComponentId,
    now: Timestamp,
    /// The year from which new VTIMEZONEs have to hold.
    year: i16,
    /// Components that did not exist before: what is implied elsewhere is said in them.
    new: Vec<ComponentId>,
    /// Whose meeting it was before anything was changed.
    whose: Whose,
}

/// Whose an event is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whose {
    /// The owner's of the calendar.
    Own,
    /// A meeting that somebody else called.
    Theirs,
}

impl<'a> Writer<'a> {
    /// Opens the original if it holds an item of that kind, else a new calendar with an empty component.
    fn open(
        from: Option<&[u8]>,
        part: Part,
        uid: Option<&str>,
        now: Timestamp,
        settings: &'a Settings,
    ) -> (Self, Parts) {
        let over = |document, reader, calendar| Writer {
            document,
            reader,
            settings,
            calendar,
            now,
            year: 1970,
            new: Vec::new(),
            whose: Whose::Own,
        };
        let patched = from.map(Document::parse).and_then(|document| {
            let mut reader = Reader::new(&document, settings);
            let parts = Parts::find(&document, part, &mut reader)?;
            Some((document, reader, parts))
        });
        if let Some((document, reader, parts)) = patched {
            let calendar = parts.calendar;
            let mut writer = over(document, reader, calendar);
            writer.write_uid(&parts, uid);
            return (writer, parts);
        }
        let mut document = Document::parse(b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n");
        let calendar = document.components().next().unwrap_or(document.root()).id();
        document.insert(calendar, Place::Last, &NewLine::raw("VERSION", "2.0"));
        document.insert(calendar, Place::Last, &NewLine::text("PRODID", &settings.product));
        let reader = Reader::new(&document, settings);
        let mut writer = over(document, reader, calendar);
        let main = writer.insert_component(part, uid, Place::Last);
        (writer, Parts { part, calendar, main, overrides: Vec::new() })
    }

    /// Puts a new component with UID and stamps into the calendar.
    fn insert_component(&mut self, part: Part, uid: Option<&str>, at: Place) -> ComponentId {
        let inserted = self.document.insert_component(self.calendar, at, part.name());
        let id = inserted.unwrap_or(self.calendar);
        self.new.push(id);
        if let Some(uid) = uid {
            self.insert(id, &NewLine::text("UID", uid));
        }
        for name in ["DTSTAMP", "CREATED", "LAST-MODIFIED"] {
            self.insert(id, &NewLine::raw(name, &when::format_instant(self.now)));
        }
        id
    }

    /// Gives all components of the item another UID.
    fn write_uid(&mut self, parts: &Parts, uid: Option<&str>) {
        let Some(uid) = uid else { return };
        for id in parts.overrides.iter().copied().chain([parts.main]) {
            if self::uid(self.document.component(id)).as_deref() != Some(uid) {
                self.write_text(id, "UID", uid);
            }
        }
    }

    fn is_new(&self, id: ComponentId) -> bool {
        self.new.contains(&id)
    }

    fn line(&self, id: ComponentId, name: &str) -> Option<LineId> {
        self.document.component(id).line(name).map(Line::id)
    }

    /// Puts a line behind the others of its name, else behind the last property.
    fn insert(&mut self, id: ComponentId, line: &NewLine) {
        let component = self.document.component(id);
        let alike = component.lines_named(line.name()).last().map(|last| Place::After(Node::Line(last.id())));
        let inner = || component.components().next().map(|inner| Place::Before(Node::Component(inner.id())));
        let place = alike.or_else(inner).unwrap_or(Place::Last);
        self.document.insert(id, place, line);
    }

    /// Sets a TEXT property; without text it goes.
    fn write_text(&mut self, id: ComponentId, name: &str, text: &str) {
        match self.line(id, name) {
            Some(line) if text.is_empty() => self.document.remove_line(line),
            Some(line) => {
                // Old calendars encode values; what is written now is not.
                self.document.remove_param(line, "ENCODING");
                self.document.remove_param(line, "CHARSET");
                self.document.set_text(line, text);
            }
            None if text.is_empty() => {}
            None => self.insert(id, &NewLine::text(name, text)),
        }
    }

    /// Sets a property whose value needs no escapes; without value it goes.
    fn write_raw(&mut self, id: ComponentId, name: &str, value: &str) {
        match self.line(id, name) {
            Some(line) if value.is_empty() => self.document.remove_line(line),
            Some(line) => self.document.set_value(line, value),
            None if value.is_empty() => {}
            None => self.insert(id, &NewLine::raw(name, value)),
        }
    }

    /// Sets a date or time; the line keeps its TZID if that means the zone wanted.
    fn write_when(&mut self, id: ComponentId, name: &str, when: Option<&When>) {
        match (self.line(id, name), when) {
            (Some(line), Some(when)) => self.change_when(line, when),
            (Some(line), None) => self.document.remove_line(line),
            (None, Some(when)) => self.insert_when(id, name, when),
            (None, None) => {}
        }
    }

    fn insert_when(&mut self, id: ComponentId, name: &str, when: &When) {
        let tzid = self.tzid_of(when);
        self.insert(id, &when::new_line(name, when, tzid.as_deref()));
    }

    fn change_when(&mut self, id: LineId, when: &When) {
        let line = self.document.line(id);
        let tzid = line.param("TZID");
        if let (When::Time { local, zone }, Some(tzid)) = (when, &tzid)
            && *zone != Zone::Floating
            && self.reader.zone(tzid, line) == *zone
        {
            self.keep_date_time(id);
            self.document.set_value(id, &when::format_local(*local));
            return;
        }
        match when {
            When::Date(_) => self.document.set_param(id, "VALUE", &["DATE"]),
            When::Time { .. } => self.keep_date_time(id),
        }
        match self.tzid_of(when) {
            Some(tzid) => self.document.set_param(id, "TZID", &[tzid]),
            None => self.document.remove_param(id, "TZID"),
        }
        self.document.set_value(id, &when::format_when(when));
    }

    /// Takes `VALUE=DATE` off a line that is to have a time.
    fn keep_date_time(&mut self, id: LineId) {
        let kind = self.document.line(id).param("VALUE");
        if kind.is_some_and(|kind| !kind.eq_ignore_ascii_case("DATE-TIME")) {
            self.document.remove_param(id, "VALUE");
        }
    }

    /// The TZID for a time in a zone: as the calendar spells it already, else with a new VTIMEZONE.
    fn tzid_of(&mut self, when: &When) -> Option<String> {
        let When::Time { zone, .. } = when else { return None };
        let preferred = match zone {
            Zone::Utc | Zone::Floating => return None,
            Zone::Named(zone) => zone.tzid.as_str(),
            Zone::Custom(zone) => zone.tzid.as_str(),
        };
        let spelled = self.spelled_zones();
        let same = spelled.iter().filter(|known| known.1 == *zone).map(|known| &known.0);
        let found = same.clone().find(|tzid| *tzid == preferred).or_else(|| same.clone().next()).cloned();
        found.or_else(|| Some(self.define(zone, &spelled)))
    }

    /// The TZIDs of VTIMEZONEs and of starts in the calendar, and what they mean.
    fn spelled_zones(&mut self) -> Vec<(String, Zone)> {
        let calendar = self.document.component(self.calendar);
        let defined = calendar.components_named("VTIMEZONE").filter_map(|zone| zone.line("TZID"));
        let mut zones: Vec<_> = defined.map(|line| (line.value().trim().to_owned(), line)).collect();
        let starts = calendar.components().filter_map(|component| component.line("DTSTART"));
        zones.extend(starts.filter_map(|line| Some((line.param("TZID")?, line))));
        zones.into_iter().map(|(tzid, line)| (tzid.clone(), self.reader.zone(&tzid, line))).collect()
    }

    /// Puts a VTIMEZONE into the calendar, under a TZID that means nothing else there.
    fn define(&mut self, zone: &Zone, taken: &[(String, Zone)]) -> String {
        let (name, other, observances) = match zone {
            Zone::Custom(custom) => (custom.tzid.clone(), None, observances::of_custom(custom)),
            Zone::Named(named) => {
                let rules = zone.rules();
                (
                    placing::tzid(&named.id, self.settings),
                    Some(named.id.clone()),
                    rules.map_or(Vec::new(), |rules| observances::of_database(&rules, self.year)),
                )
            }
            Zone::Utc | Zone::Floating => ("UTC".to_owned(), None, Vec::new()),
        };
        let numbered = (1..100).map(|number| format!("Zone {number}"));
        let mut names = std::iter::once(name.clone()).chain(other).chain(numbered);
        // Rules that are their own must not go under a name that means others.
        let is_free = |tzid: &String| {
            !taken.iter().any(|known| known.0 == *tzid)
                && (matches!(zone, Zone::Named(_))
                    || !tzid.is_empty() && time_zone::resolve(tzid, None).is_none())
        };
        let tzid = names.find(is_free).unwrap_or(name);
        if !observances.is_empty() {
            observances::insert_definition(&mut self.document, self.calendar, &tzid, &observances);
            let zones = self.document.component(self.calendar);
            let added = zones.components_named("VTIMEZONE").last();
            self.reader.definitions.extend(added.and_then(|zone| Definition::read(zone, &mut Vec::new())));
        }
        tzid
    }
}

/// VTIMEZONEs reach back to no earlier year.
const OLDEST_YEAR: i16 = 1900;

/// VTIMEZONEs begin no later: rules of which nothing is known but a far future are nobody's.
const LATEST_YEAR: i16 = 2030;

/// The year of the earliest of some dates, from [`OLDEST_YEAR`] to [`LATEST_YEAR`].
fn earliest<'w>(dates: impl Iterator<Item = &'w When>) -> i16 {
    dates.map(|when| when.date().year()).min().unwrap_or(1970).clamp(OLDEST_YEAR, LATEST_YEAR)
}
