//! Typed values as another library reads them.

use calcard::common::PartialDateTime;
use calcard::icalendar::{
    ICalendar, ICalendarComponent, ICalendarComponentType, ICalendarEntry, ICalendarProperty,
};
use jiff::civil::{Date, DateTime, Time};

use super::*;

/// What both read of one event or task.
#[derive(Debug, PartialEq, Eq)]
struct Reading {
    summary: String,
    location: String,
    description: String,
    start: Option<(DateTime, bool)>,
    attendees: usize,
    has_rule: bool,
}

fn theirs(component: &ICalendarComponent) -> Reading {
    let text = |property: ICalendarProperty| {
        let value = component.property(&property).and_then(|entry| entry.values.first());
        value.and_then(|value| value.as_text()).unwrap_or_default().replace("\r\n", "\n")
    };
    let start = component.property(&ICalendarProperty::Dtstart).and_then(|entry| entry.values.first());
    Reading {
        summary: text(ICalendarProperty::Summary),
        location: text(ICalendarProperty::Location),
        description: plain(text(ICalendarProperty::Description)),
        start: start.and_then(|value| value.as_partial_date_time()).and_then(civil),
        attendees: component.properties(&ICalendarProperty::Attendee).filter(is_reachable).count(),
        has_rule: component.property(&ICalendarProperty::Rrule).is_some(),
    }
}

/// Whom nobody could write to is no attendee here.
fn is_reachable(attendee: &&ICalendarEntry) -> bool {
    let address = attendee.values.first().and_then(|value| value.as_text()).unwrap_or_default();
    !address.contains(' ') && address != "invalid:nomail"
}

/// The clock, and whether it is a whole day.
fn civil(partial: &PartialDateTime) -> Option<(DateTime, bool)> {
    let small = |number: u8| i8::try_from(number).ok();
    let date =
        Date::new(i16::try_from(partial.year?).ok()?, small(partial.month?)?, small(partial.day?)?).ok()?;
    let Some(hour) = partial.hour else { return Some((date.to_datetime(Time::midnight()), true)) };
    let time = Time::new(small(hour)?, small(partial.minute?)?, small(partial.second?)?, 0).ok()?;
    Some((date.to_datetime(time), false))
}

fn ours(item: &Item) -> Reading {
    let clock = |when: &When| (when.local(), matches!(when, When::Date(_)));
    match item {
        Item::Event(event) => Reading {
            summary: event.main.summary.clone(),
            location: event.main.location.clone(),
            description: event.main.description.clone(),
            start: Some(clock(&event.main.start)),
            attendees: event.main.attendees.len(),
            has_rule: event.rule.is_some(),
        },
        Item::Task(task) => Reading {
            summary: task.summary.clone(),
            location: String::new(),
            description: task.description.clone(),
            start: task.start.as_ref().map(clock),
            attendees: 0,
            has_rule: task.rule.is_some(),
        },
        other => panic!("{other:?}"),
    }
}

/// Compares an item that has one component only, and says whether it could be compared.
fn compare(name: &str, bytes: &[u8]) -> bool {
    // Without what is only said by formats.
    let settings = Settings::new(settings().home, "-//Example//EN");
    let Some(item) = read(bytes, &settings).item else { return false };
    let Ok(calendar) = ICalendar::parse(String::from_utf8_lossy(bytes).as_ref()) else { return false };
    let is_item = |component: &&ICalendarComponent| {
        matches!(component.component_type, ICalendarComponentType::VEvent | ICalendarComponentType::VTodo)
    };
    let mut components: Vec<_> = calendar.components.iter().filter(is_item).collect();
    components.retain(|component| component.property(&ICalendarProperty::RecurrenceId).is_none());
    let [component] = components.as_slice() else { return false };
    let mut theirs = theirs(component);
    if let Item::Task(_) = &item {
        // Tasks of the model have neither.
        theirs.location = String::new();
        theirs.attendees = 0;
    }
    assert_eq!(ours(&item), theirs, "{name}");
    true
}

/// Files of which there is more than one reading.
const DISPUTED: &[&str] = &[
    // A rule with a part that nobody knows: here the event does not repeat, there the part is dropped.
    "unknown-zone-and-bad-rule.ics",
    // Text in no one encoding.
    "ical4j-1106817412.ics",
    // Quoted-printable, which iCalendar does not have.
    "ical4j-php-flp.ics",
];

#[test]
fn another_library_reads_the_same() {
    let is_disputed = |name: &str| DISPUTED.iter().any(|file| name.starts_with(file));
    let files = fixtures().into_iter().chain(corpus()).filter(|file| !is_disputed(&file.0));
    let compared = files.filter(|(name, bytes)| compare(name, bytes)).count();
    assert!(compared >= 15, "{compared}");
}

#[test]
fn another_library_reads_what_is_written_from_nothing() {
    for (name, bytes) in fixtures() {
        let Some(item) = read_item(&bytes) else { continue };
        let written = write(&item, None, now(), &settings());
        assert!(compare(&name, &written), "{name}\n{}", String::from_utf8_lossy(&written));
    }
}

/// What a description says that is HTML.
fn plain(text: String) -> String {
    use crate::body::html;
    if html::is_html(&text) { html::read(&text).text() } else { text }
}

/// The rules of public calendars, each with the start of a series that has it.
fn rules() -> Vec<(When, String)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/rules.txt");
    let text = std::fs::read_to_string(path).unwrap();
    let started = |line: &str| {
        let (start, rule) = line.split_once(' ')?;
        let local = match when::Stamp::parse(start)? {
            when::Stamp::Date(date) => date.at(9, 0, 0, 0),
            when::Stamp::Local(local) | when::Stamp::Utc(local) => local,
        };
        Some((When::utc(local), rule.to_owned()))
    };
    text.lines().map(|line| started(line).unwrap_or_else(|| panic!("{line}"))).collect()
}

/// `rrule` leaves out a start that the rule does not give, which RFC 5545 counts as the first occurrence: a series that is
/// counted is then another.
#[test]
fn the_rules_of_public_calendars_give_what_another_library_makes_of_them() {
    let mut compared = 0;
    for (start, text) in rules() {
        let rule =
            recurrence::parse(&text, &start, &Zone::Utc).unwrap_or_else(|part| panic!("{text}: {part}"));
        let begins = start.local().strftime("DTSTART:%Y%m%dT%H%M%SZ");
        let whole = format!("{begins}\nRRULE:{}", recurrence::format(&rule, &start, &Zone::Utc));
        // It refuses a series that ends before it begins.
        let Ok(set) = whole.parse::<rrule::RRuleSet>() else { continue };
        let dates = set.all(40).dates;
        let mut expected: Vec<DateTime> =
            dates.iter().map(|at| at.format("%Y-%m-%dT%H:%M:%S").to_string().parse().unwrap()).collect();
        if text.contains("COUNT") && expected.first() != Some(&start.local()) {
            continue;
        }
        compared += 1;
        expected.retain(|at| *at > start.local());
        let found: Vec<DateTime> = rule.occurrences(&start).skip(1).take(expected.len() + 1).collect();
        let found_as_many = found.iter().take(expected.len()).copied().collect::<Vec<_>>();
        assert_eq!(found_as_many, expected, "{whole}");
        assert!(expected.len() >= 39 || found.len() == expected.len(), "{whole}");
    }
    assert!(compared >= 140, "{compared}");
}
