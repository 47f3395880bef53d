//! When an object takes place: the instances of a series, and whether one of them overlaps a time (RFC 4791 section 9.9).
//!
//! Pure. What times, zones and rules mean is read by the lens of `dovetail-mapping` and counted by `dovetail-model`; which
//! of it counts, and for what, is said here.

use std::cell::OnceCell;

use dovetail_mapping::component::{Component, Document, Line};
use dovetail_mapping::{Settings, ical};
use dovetail_model::{Event, Item, Task, When, Zone};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::refusal::Refusal;
use crate::xml::{Element, Name};

/// No series is laid out further than that: a rule may give an occurrence each second.
const LONGEST: usize = 50_000;

/// A time range; an end that is not there is infinitely far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Range {
    start: Timestamp,
    end: Timestamp,
}

/// An object, and how its times are read.
#[derive(Debug)]
pub(crate) struct Series<'d> {
    document: &'d Document,
    /// Where floating times and days are.
    home: Zone,
    /// The time zones of the object, as text.
    zones: Vec<u8>,
    /// The starts that the rule gives to the instances that are described by a component of their own.
    described: OnceCell<Vec<Timestamp>>,
}

/// An instance of a series, or what takes place once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Instance {
    /// The start that the rule gives it; of what takes place once, none.
    pub(crate) recurrence: Option<When>,
    pub(crate) start: When,
    pub(crate) end: When,
}

impl Range {
    /// Reads `time-range`, `expand` and their like (RFC 4791 sections 9.9 and 9.6.5).
    pub(crate) fn read(element: &Element) -> Result<Range, Refusal> {
        let bad = |reason| Refusal::condition(403, Name::caldav("valid-filter"), reason);
        let instant = |name| match element.attribute(name) {
            None => Ok(None),
            Some(text) => utc(text).map(Some).ok_or_else(|| bad("a time range is said in UTC")),
        };
        let (start, end) = (instant("start")?, instant("end")?);
        let range = Range { start: start.unwrap_or(Timestamp::MIN), end: end.unwrap_or(Timestamp::MAX) };
        match (start, end) {
            (None, None) => Err(bad("a time range has a start or an end")),
            _ if range.start >= range.end => Err(bad("a time range ends after it starts")),
            _ => Ok(range),
        }
    }

    /// Whether an instant is in it.
    pub(crate) fn has(self, at: Timestamp) -> bool {
        self.start <= at && at < self.end
    }

    /// Whether an event is in it with some of its time.
    fn has_some_of(self, start: Timestamp, end: Timestamp) -> bool {
        // What takes no time is an instant.
        if start >= end { self.has(start) } else { start < self.end && end > self.start }
    }

    /// The part of a time that is in it.
    pub(crate) fn part_of(self, start: Timestamp, end: Timestamp) -> (Timestamp, Timestamp) {
        (start.max(self.start), end.min(self.end))
    }

    /// Its ends as iCalendar writes them.
    pub(crate) fn utc(self) -> (String, String) {
        (utc_text(self.start), utc_text(self.end))
    }

    /// The table of RFC 4791 section 9.9 for VTODO.
    fn has_task(self, times: &TaskTimes) -> bool {
        let (from, to) = (self.start, self.end);
        match *times {
            TaskTimes { start: Some(start), due: Some(due), .. } => {
                (from < due || from <= start) && (to > start || to >= due)
            }
            TaskTimes { start: Some(start), .. } => self.has(start),
            TaskTimes { due: Some(due), .. } => from < due && to >= due,
            TaskTimes { completed: Some(completed), created: Some(created), .. } => {
                (from <= created || from <= completed) && (to >= created || to >= completed)
            }
            TaskTimes { completed: Some(completed), .. } => from <= completed && to >= completed,
            TaskTimes { created: Some(created), .. } => to > created,
            _ => true,
        }
    }
}

/// What a task says of time.
#[derive(Clone, Copy, Debug, Default)]
struct TaskTimes {
    start: Option<Timestamp>,
    due: Option<Timestamp>,
    completed: Option<Timestamp>,
    created: Option<Timestamp>,
}

impl<'d> Series<'d> {
    /// An object whose floating times are in `home`.
    pub(crate) fn new(document: &'d Document, home: &Zone) -> Series<'d> {
        let calendars = document.components();
        let zones = calendars.flat_map(|calendar| calendar.components_named("VTIMEZONE").collect::<Vec<_>>());
        let zones = zones.flat_map(Component::to_bytes).collect();
        Series { document, home: home.clone(), zones, described: OnceCell::new() }
    }

    /// The object.
    pub(crate) fn document(&self) -> &'d Document {
        self.document
    }

    /// Whether a component takes place in a range. The component of a series stands for those of its instances that have
    /// none of their own.
    pub(crate) fn overlaps(&self, component: Component<'_>, range: Range) -> bool {
        match self.read(component) {
            Some(Item::Event(event)) => self.instances_of(component, &event, range, 1).next().is_some(),
            Some(Item::Task(task)) => self.task_overlaps(component, &task, range),
            _ => false,
        }
    }

    /// The instances that a VEVENT stands for and that overlap a range.
    pub(crate) fn instances(&self, component: Component<'_>, range: Range) -> Vec<Instance> {
        match self.read(component) {
            Some(Item::Event(event)) => self.instances_of(component, &event, range, LONGEST).collect(),
            _ => Vec::new(),
        }
    }

    /// The instant that a line says, be it a date, floating, or in a zone of the object.
    pub(crate) fn instant(&self, line: Line<'_>) -> Option<Timestamp> {
        self.when(line).map(|when| when.instant(&self.home))
    }

    /// The instant of a time of the object.
    pub(crate) fn instant_of(&self, when: &When) -> Timestamp {
        when.instant(&self.home)
    }

    fn instances_of(
        &self,
        component: Component<'_>,
        event: &Event,
        range: Range,
        most: usize,
    ) -> impl Iterator<Item = Instance> {
        let length = event.main.start.local().duration_until(event.main.end.local());
        let own_id = component.line("RECURRENCE-ID").and_then(|line| self.when(line));
        let starts: Vec<When> = match own_id {
            Some(_) => vec![event.main.start.clone()],
            None => self.starts(event, range, length),
        };
        let repeats = own_id.is_some() || event.rule.is_some() || !event.rdates.is_empty();
        let home = self.home.clone();
        let instances = starts.into_iter().map(move |start| {
            let end = start.local().checked_add(length).unwrap_or(start.local());
            let recurrence = repeats.then(|| own_id.clone().unwrap_or_else(|| start.clone()));
            Instance { recurrence, end: start.at_wall_clock(end), start }
        });
        let overlaps = move |it: &Instance| range.has_some_of(it.start.instant(&home), it.end.instant(&home));
        instances.filter(overlaps).take(most)
    }

    /// The starts of the instances that no other component describes, as far as they can be in the range.
    fn starts(&self, event: &Event, range: Range, length: SignedDuration) -> Vec<When> {
        let first = &event.main.start;
        let by_rule: Vec<When> = match &event.rule {
            None => vec![first.clone()],
            Some(rule) => {
                // A day more on either side, for what the clock on the wall has not to do with UTC.
                let day = SignedDuration::from_hours(24);
                let from = shifted(range.start, -(length.max(SignedDuration::ZERO)) - day);
                let to = shifted(range.end, day);
                let laid_out = rule.occurrences(first).take(LONGEST);
                let in_range = laid_out.take_while(|at| *at < to).filter(|at| *at >= from);
                in_range.map(|at| first.at_wall_clock(at)).collect()
            }
        };
        let excluded = |start: &When| {
            event.exdates.iter().any(|it| it.wall_clock_key() == start.wall_clock_key())
                || self.described().contains(&start.instant(&self.home))
        };
        let all = by_rule.into_iter().chain(event.rdates.iter().cloned());
        all.filter(|start| !excluded(start)).collect()
    }

    fn described(&self) -> &[Timestamp] {
        self.described.get_or_init(|| {
            let components =
                self.document.components().flat_map(|calendar| calendar.components().collect::<Vec<_>>());
            let ids = components.filter_map(|component| component.line("RECURRENCE-ID"));
            ids.filter_map(|line| self.instant(line)).collect()
        })
    }

    fn task_overlaps(&self, component: Component<'_>, task: &Task, range: Range) -> bool {
        let at = |when: &Option<When>| when.as_ref().map(|when| when.instant(&self.home));
        let times = TaskTimes {
            start: at(&task.start),
            due: at(&task.due),
            completed: at(&task.completed),
            created: component.line("CREATED").and_then(|line| self.instant(line)),
        };
        let (Some(rule), Some(first)) = (&task.rule, task.start.as_ref().or(task.due.as_ref())) else {
            return range.has_task(&times);
        };
        let to = shifted(range.end, SignedDuration::from_hours(24));
        let mut starts = rule.occurrences(first).take(LONGEST).take_while(|at| *at < to);
        starts.any(|local| {
            let moved =
                first.instant(&self.home).duration_until(first.at_wall_clock(local).instant(&self.home));
            let shift = |at: Option<Timestamp>| at.and_then(|at| at.checked_add(moved).ok());
            range.has_task(&TaskTimes { start: shift(times.start), due: shift(times.due), ..times })
        })
    }

    /// What a component says, without the others and as if it were no instance of anything.
    fn read(&self, component: Component<'_>) -> Option<Item> {
        let mut text = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n".to_vec();
        text.extend_from_slice(&self.zones);
        let name = component.name();
        text.extend_from_slice(format!("BEGIN:{name}\r\n").as_bytes());
        for line in component.lines().filter(|line| !line.is("RECURRENCE-ID") && line.is_property()) {
            text.extend_from_slice(line.raw());
        }
        text.extend_from_slice(format!("END:{name}\r\nEND:VCALENDAR\r\n").as_bytes());
        ical::read(&text, &reading(&self.home)).item
    }

    /// The time that a line says: it is read as if it were the start of an event.
    fn when(&self, line: Line<'_>) -> Option<When> {
        let params = ["TZID", "VALUE"].into_iter().filter_map(|name| Some((name, line.param(name)?)));
        let params: String =
            params.map(|(name, value)| format!(";{name}=\"{}\"", value.replace('"', ""))).collect();
        let start = format!("DTSTART{params}:{}\r\n", line.value().trim());
        event_from(&self.zones, &start, &self.home).map(|event| event.main.start)
    }
}

/// The zone that a VTIMEZONE describes, in a calendar as `calendar-timezone` holds it (RFC 4791 section 5.2.2).
pub(crate) fn zone(calendar: &str) -> Option<Zone> {
    let document = Document::parse(calendar.trim_start().as_bytes());
    let zone = document.components().find_map(|calendar| calendar.components_named("VTIMEZONE").next())?;
    let id = zone.line("TZID")?.text();
    let start = format!("DTSTART;TZID=\"{}\":20260101T000000\r\n", id.replace('"', ""));
    match event_from(&zone.to_bytes(), &start, &Zone::Utc)?.main.start {
        When::Time { zone: Zone::Floating, .. } | When::Date(_) => None,
        When::Time { zone, .. } => Some(zone),
    }
}

fn event_from(zones: &[u8], start: &str, home: &Zone) -> Option<Event> {
    let mut text = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n".to_vec();
    text.extend_from_slice(zones);
    text.extend_from_slice(b"BEGIN:VEVENT\r\nUID:x\r\n");
    text.extend_from_slice(start.as_bytes());
    text.extend_from_slice(b"END:VEVENT\r\nEND:VCALENDAR\r\n");
    match ical::read(&text, &reading(home)).item? {
        Item::Event(event) => Some(*event),
        _ => None,
    }
}

fn reading(home: &Zone) -> Settings {
    Settings::new(home.clone(), "")
}

/// So much later, on the wall clock of UTC.
fn shifted(instant: Timestamp, by: SignedDuration) -> DateTime {
    let edge = if by.is_negative() { DateTime::MIN } else { DateTime::MAX };
    instant.checked_add(by).map_or(edge, |moved| TimeZone::UTC.to_datetime(moved))
}

/// RFC 5545 section 3.3.5, form 2.
fn utc(text: &str) -> Option<Timestamp> {
    let local = DateTime::strptime("%Y%m%dT%H%M%SZ", text).ok()?;
    local.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

/// RFC 5545 section 3.3.5, form 2.
pub(crate) fn utc_text(instant: Timestamp) -> String {
    TimeZone::UTC.to_datetime(instant).strftime("%Y%m%dT%H%M%SZ").to_string()
}
