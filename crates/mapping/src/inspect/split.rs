//! One stand-alone object an item, of a file that may hold many.

use std::collections::BTreeSet;

use crate::Dialect;
use crate::component::{Component, Document, Line};

/// The components that are, or are part of, an item of a calendar.
const ENTRIES: [&str; 3] = ["VEVENT", "VTODO", "VJOURNAL"];

/// What of a calendar goes into each object; the rest (METHOD, the calendar's name) speaks of the calendar.
const CALENDAR_PROPERTIES: [&str; 3] = ["VERSION", "PRODID", "CALSCALE"];

/// A stand-alone object: a VCALENDAR with all components of one UID and the VTIMEZONEs that they use, or one VCARD or
/// VLIST.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// How it is to be read.
    pub dialect: Dialect,
    /// The object.
    pub bytes: Vec<u8>,
    /// The line of the file on which the item starts, from 1.
    pub line: Option<usize>,
    /// Where runs of lines come from: the line in the object, and that in the file.
    origins: Vec<(usize, Option<usize>)>,
}

impl Piece {
    /// The line of the file from which a line of the object comes.
    pub fn source_line(&self, line: Option<usize>) -> Option<usize> {
        let line = line?;
        let (start, origin) = self.origins.iter().rev().find(|(start, _)| *start <= line)?;
        origin.map(|origin| origin + (line - start))
    }
}

/// Splits a file into its items, calendars first entry by first entry, then cards and lists. Components that are no items
/// (free times) are left out.
pub fn split(bytes: &[u8]) -> Vec<Piece> {
    let document = Document::parse(bytes);
    let mut pieces = Vec::new();
    // Entries outside of any calendar are taken as entries of one.
    for calendar in document.components_named("VCALENDAR").chain([document.root()]) {
        split_calendar(calendar, &mut pieces);
    }
    for card in document.components().filter(|outer| outer.is("VCARD") || outer.is("VLIST")) {
        let mut writer = Writer::new(Dialect::VCard3, card);
        writer.component(card);
        pieces.push(writer.piece);
    }
    pieces
}

/// Whether an outermost component is looked into at all.
pub(super) fn is_known(outer: Component<'_>) -> bool {
    ["VCALENDAR", "VCARD", "VLIST", "VTIMEZONE"].iter().chain(&ENTRIES).any(|name| outer.is(name))
}

fn split_calendar(calendar: Component<'_>, pieces: &mut Vec<Piece>) {
    for entries in entries_by_uid(calendar) {
        let Some(first) = entries.first() else { continue };
        let mut writer = Writer::new(Dialect::ICalendar, *first);
        match calendar.begin() {
            Some(begin) => writer.line(begin),
            None => {
                writer.new_line("BEGIN:VCALENDAR");
                writer.new_line("VERSION:2.0");
            }
        }
        let properties = calendar.lines().filter(|line| CALENDAR_PROPERTIES.iter().any(|name| line.is(name)));
        properties.for_each(|line| writer.line(line));
        let mut used = BTreeSet::new();
        entries.iter().for_each(|entry| collect_zones(*entry, &mut used));
        let is_used =
            |zone: &Component<'_>| zone.line("TZID").is_some_and(|line| used.contains(line.value().trim()));
        calendar.components_named("VTIMEZONE").filter(is_used).for_each(|zone| writer.component(zone));
        entries.iter().for_each(|entry| writer.component(*entry));
        writer.new_line("END:VCALENDAR");
        pieces.push(writer.piece);
    }
}

/// The entries of a calendar, those of one kind and UID together, in the order of their first ones.
fn entries_by_uid(calendar: Component<'_>) -> Vec<Vec<Component<'_>>> {
    let mut groups: Vec<Vec<Component<'_>>> = Vec::new();
    let mut known = std::collections::HashMap::new();
    for entry in calendar.components().filter(|entry| ENTRIES.iter().any(|name| entry.is(name))) {
        let uid = entry.line("UID").map(|line| line.text().trim().to_owned()).filter(|uid| !uid.is_empty());
        let at = match uid {
            Some(uid) => *known.entry((entry.name().to_ascii_uppercase(), uid)).or_insert(groups.len()),
            None => groups.len(),
        };
        match groups.get_mut(at) {
            Some(group) => group.push(entry),
            None => groups.push(vec![entry]),
        }
    }
    groups
}

/// The TZIDs that the lines of a component use, at any depth.
fn collect_zones(component: Component<'_>, used: &mut BTreeSet<String>) {
    used.extend(component.lines().filter_map(|line| line.param("TZID")));
    component.components().for_each(|inner| collect_zones(inner, used));
}

struct Writer {
    piece: Piece,
    /// The number of the line that comes next, from 1.
    next: usize,
    /// The line ending of the file.
    ending: &'static [u8],
}

impl Writer {
    fn new(dialect: Dialect, item: Component<'_>) -> Self {
        let line = item.begin().and_then(Line::number);
        let raw = item.begin().map(Line::raw).unwrap_or_default();
        let endings: [&[u8]; 3] = [b"\r\n", b"\n", b"\r"];
        let ending = endings.into_iter().find(|ending| raw.ends_with(ending)).unwrap_or(b"\r\n");
        Writer { piece: Piece { dialect, bytes: Vec::new(), line, origins: Vec::new() }, next: 1, ending }
    }

    fn line(&mut self, line: Line<'_>) {
        self.add(line.raw(), line.number());
    }

    /// A component with its END, which it may lack in the file.
    fn component(&mut self, component: Component<'_>) {
        self.add(&component.to_bytes(), component.begin().and_then(Line::number));
        if !component.is_closed() {
            self.new_line(&format!("END:{}", component.name()));
        }
    }

    fn new_line(&mut self, line: &str) {
        self.add(line.as_bytes(), None);
    }

    fn add(&mut self, bytes: &[u8], origin: Option<usize>) {
        self.piece.origins.push((self.next, origin));
        self.piece.bytes.extend_from_slice(bytes);
        if !bytes.ends_with(b"\n") && !bytes.ends_with(b"\r") {
            self.piece.bytes.extend_from_slice(self.ending);
        }
        // Sources whose lines end by a carriage return alone have no line feed at all.
        let feeds = bytes.iter().filter(|byte| **byte == b'\n').count();
        let returns = bytes.iter().filter(|byte| **byte == b'\r').count();
        self.next += if feeds == 0 { returns.max(1) } else { feeds + usize::from(!bytes.ends_with(b"\n")) };
    }
}
