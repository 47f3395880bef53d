//! `calendar-data` and `address-data` in a report (RFC 4791 section 9.6, RFC 6352 section 10.4): how much of an object is
//! wanted, and in which form.

use dovetail_mapping::component::{Child, Component, Document};
use dovetail_model::{When, Zone};

use super::super::resource::Found;
use crate::instances::{Instance, Range, Series, utc_text};
use crate::refusal::Refusal;
use crate::store::CollectionKind;
use crate::xml::{Element, Name, escape_into};

/// What is wanted of objects.
#[derive(Clone, Debug)]
pub(super) struct Shape {
    part: Part,
    instances: Instances,
}

#[derive(Clone, Debug)]
enum Part {
    Whole,
    /// RFC 4791 section 9.6.1.
    Component(Selection),
    /// RFC 6352 section 10.4.2.
    Properties(Vec<String>),
}

/// What is wanted of a component.
#[derive(Clone, Debug)]
struct Selection {
    name: String,
    /// None: all.
    properties: Option<Vec<String>>,
    /// None: all.
    components: Option<Vec<Selection>>,
}

#[derive(Clone, Copy, Debug)]
enum Instances {
    AsStored,
    /// Each as an event of its own (RFC 4791 section 9.6.5).
    Expanded(Range),
    /// Without those described outside of a range (RFC 4791 section 9.6.6).
    Limited(Range),
}

impl Shape {
    /// What a report says of it.
    pub(super) fn read(report: &Element) -> Result<Shape, Refusal> {
        let whole = Shape { part: Part::Whole, instances: Instances::AsStored };
        let Some(prop) = report.child(&Name::dav("prop")) else { return Ok(whole) };
        if let Some(data) = prop.child(&Name::carddav("address-data")) {
            let names: Vec<String> = named(data, &Name::carddav("prop")).collect();
            let some = !names.is_empty();
            return Ok(Shape { part: if some { Part::Properties(names) } else { Part::Whole }, ..whole });
        }
        let Some(data) = prop.child(&Name::caldav("calendar-data")) else { return Ok(whole) };
        let part =
            data.child(&Name::caldav("comp")).map_or(Part::Whole, |it| Part::Component(Selection::read(it)));
        let expand = data.child(&Name::caldav("expand"));
        let instances = match (expand, data.child(&Name::caldav("limit-recurrence-set"))) {
            (Some(expand), _) => Instances::Expanded(Range::read(expand)?),
            (None, Some(limit)) => Instances::Limited(Range::read(limit)?),
            (None, None) => Instances::AsStored,
        };
        Ok(Shape { part, instances })
    }

    /// Writes an object so.
    pub(super) fn write(&self, found: Found<'_>, home: &Zone, out: &mut String) {
        let stored = &found.stored.bytes;
        if matches!((&self.part, self.instances), (Part::Whole, Instances::AsStored)) {
            return escape_into(out, &String::from_utf8_lossy(stored));
        }
        let source = Document::parse(stored);
        let rearranged = match self.instances {
            _ if found.collection.kind == CollectionKind::Contacts => stored.to_vec(),
            Instances::AsStored => stored.to_vec(),
            Instances::Expanded(range) => expanded(&Series::new(&source, home), range),
            Instances::Limited(range) => limited(&Series::new(&source, home), range),
        };
        let bytes = match &self.part {
            Part::Whole => rearranged,
            Part::Component(selection) => selection.of(&Document::parse(&rearranged)),
            Part::Properties(names) => {
                // A card without its version is none.
                let properties = Some(names.iter().cloned().chain(["VERSION".to_owned()]).collect());
                Selection { name: "VCARD".to_owned(), properties, components: None }
                    .of(&Document::parse(&rearranged))
            }
        };
        escape_into(out, &String::from_utf8_lossy(&bytes));
    }
}

impl Selection {
    fn read(element: &Element) -> Selection {
        let has = |local| element.child(&Name::caldav(local)).is_some();
        let components = element.elements().filter(|inner| inner.name == Name::caldav("comp"));
        Selection {
            name: element.attribute("name").unwrap_or_default().to_owned(),
            properties: (!has("allprop")).then(|| named(element, &Name::caldav("prop")).collect()),
            components: (!has("allcomp")).then(|| components.map(Selection::read).collect()),
        }
    }

    fn of(&self, document: &Document) -> Vec<u8> {
        let mut out = Vec::new();
        document.components_named(&self.name).for_each(|component| self.write(component, &mut out));
        out
    }

    fn write(&self, component: Component<'_>, out: &mut Vec<u8>) {
        put(out, &format!("BEGIN:{}", component.name()));
        for child in component.children() {
            match child {
                Child::Line(line) => {
                    let wanted = |name: &String| line.is(name);
                    if self.properties.as_ref().is_none_or(|names| names.iter().any(wanted)) {
                        out.extend_from_slice(line.raw());
                    }
                }
                Child::Component(inner) => match &self.components {
                    None => out.extend_from_slice(&inner.to_bytes()),
                    Some(selections) => {
                        let selected = selections.iter().filter(|selection| inner.is(&selection.name));
                        selected.for_each(|selection| selection.write(inner, out));
                    }
                },
            }
        }
        put(out, &format!("END:{}", component.name()));
    }
}

fn named<'e>(element: &'e Element, name: &Name) -> impl Iterator<Item = String> {
    let inner: Vec<&'e Element> = element.elements().filter(|inner| inner.name == *name).collect();
    inner.into_iter().filter_map(|inner| inner.attribute("name").map(str::to_owned))
}

/// Each instance in the range as an event of its own, in UTC; what has no instances stays as it is.
fn expanded(series: &Series<'_>, range: Range) -> Vec<u8> {
    let mut out = Vec::new();
    for calendar in series.document().components() {
        put(&mut out, "BEGIN:VCALENDAR");
        calendar.lines().for_each(|line| out.extend_from_slice(line.raw()));
        for component in calendar.components() {
            if component.is("VEVENT") {
                for instance in series.instances(component, range) {
                    write_instance(series, component, &instance, &mut out);
                }
            } else if !component.is("VTIMEZONE") {
                out.extend_from_slice(&component.to_bytes());
            }
        }
        put(&mut out, "END:VCALENDAR");
    }
    out
}

fn write_instance(series: &Series<'_>, component: Component<'_>, instance: &Instance, out: &mut Vec<u8>) {
    const REPLACED: [&str; 8] =
        ["DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "EXRULE", "RECURRENCE-ID"];
    put(out, "BEGIN:VEVENT");
    for child in component.children() {
        match child {
            Child::Line(line) if REPLACED.iter().any(|name| line.is(name)) => {}
            Child::Line(line) => out.extend_from_slice(line.raw()),
            Child::Component(inner) => out.extend_from_slice(&inner.to_bytes()),
        }
    }
    let times = [
        ("RECURRENCE-ID", instance.recurrence.as_ref()),
        ("DTSTART", Some(&instance.start)),
        ("DTEND", Some(&instance.end)),
    ];
    for (name, when) in times {
        match when {
            None => {}
            Some(When::Date(date)) => put(out, &format!("{name};VALUE=DATE:{}", date.strftime("%Y%m%d"))),
            Some(When::Time { local, zone: Zone::Floating }) => {
                put(out, &format!("{name}:{}", local.strftime("%Y%m%dT%H%M%S")));
            }
            Some(when) => put(out, &format!("{name}:{}", utc_text(series.instant_of(when)))),
        }
    }
    put(out, "END:VEVENT");
}

/// Without the components of instances that are outside of the range.
fn limited(series: &Series<'_>, range: Range) -> Vec<u8> {
    let mut out = Vec::new();
    for calendar in series.document().components() {
        put(&mut out, "BEGIN:VCALENDAR");
        calendar.lines().for_each(|line| out.extend_from_slice(line.raw()));
        for component in calendar.components() {
            let moved_here = || series.overlaps(component, range);
            let belongs_here = || {
                component
                    .line("RECURRENCE-ID")
                    .and_then(|line| series.instant(line))
                    .is_none_or(|at| range.has(at))
            };
            if component.line("RECURRENCE-ID").is_none() || belongs_here() || moved_here() {
                out.extend_from_slice(&component.to_bytes());
            }
        }
        put(&mut out, "END:VCALENDAR");
    }
    out
}

fn put(out: &mut Vec<u8>, line: &str) {
    out.extend_from_slice(line.as_bytes());
    out.extend_from_slice(b"\r\n");
}
