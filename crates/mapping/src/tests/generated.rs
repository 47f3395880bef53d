//! The laws of both lenses on generated events: zones, recurrences, people, reminders and all.

use std::collections::{BTreeMap, BTreeSet};

use dovetail_model::contact::Custom;
use dovetail_model::event::{Attendee, Busy, EventStatus, Participant, Response, Role};
use dovetail_model::item::{
    Alarm, AlarmAction, Attachment, AttachmentSource, Priority, Sensitivity, Trigger,
};
use dovetail_model::recurrence::{Frequency, Rule, RuleDay, RuleEnd};
use dovetail_model::when::{CustomZone, Observance};
use dovetail_model::{Event, Item, Occurrence, When, Zone};
use jiff::civil::{Date, DateTime, date};
use jiff::{SignedDuration, Timestamp, ToSpan};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::strategy::ValueTree;

use crate::options::AllCustom;
use crate::{Dialect, Settings, holds, read, write};

fn settings() -> Settings {
    let mut settings = Settings {
        own_address: Some("me@example.com".into()),
        ..Settings::new(Zone::named("Europe/Berlin"), "-//Example//Generated//EN")
    };
    settings.options.calendar.custom.all = AllCustom::Mapped;
    settings
}

fn now() -> Timestamp {
    Timestamp::from_second(1_772_366_400).unwrap()
}

fn text() -> impl Strategy<Value = String> {
    let word = select(vec![
        "Planning",
        "a,b;c",
        "back\\slash",
        "two\nlines",
        "\"quoted\"",
        "Größe",
        "😀",
        ":",
        " blank ",
        "a\\nb",
        "=3D",
    ]);
    vec(word, 0..4).prop_map(|words| words.concat().trim().to_owned())
}

fn zone() -> impl Strategy<Value = Zone> {
    let named = select(vec![
        "Europe/Berlin",
        "America/New_York",
        "Asia/Kolkata",
        "Australia/Sydney",
        "Pacific/Auckland",
        "America/Sao_Paulo",
        "Europe/Vienna",
        "Africa/Casablanca",
        "Asia/Tehran",
    ]);
    let own = (-11_i32..13).prop_map(|hours| own_zone(hours * 3_600 + 900));
    prop_oneof![12 => named.prop_map(Zone::named), 3 => Just(Zone::Utc), 3 => Just(Zone::Floating), 1 => own]
}

/// A zone that its rules alone describe: no clock of another one is changed on these days.
fn own_zone(offset: i32) -> Zone {
    let observance = |month, week, (offset_from, offset_to)| {
        let day = RuleDay { ordinal: Some(week), weekday: 2 };
        let rule = Rule { by_month: vec![month], by_day: vec![day], ..Rule::every(1, Frequency::Yearly) };
        Observance {
            start: date(1601, 1, 1).at(3, 0, 0, 0),
            offset_from,
            offset_to,
            rule: Some(rule),
            rdates: Vec::new(),
        }
    };
    let summer = offset + 3_600;
    let observances = vec![observance(9, 3, (summer, offset)), observance(4, 1, (offset, summer))];
    Zone::Custom(Box::new(CustomZone { tzid: format!("Own {offset}"), observances }))
}

fn local() -> impl Strategy<Value = DateTime> {
    // Before 1970, after 2038, and much in between; also the days on which clocks are changed.
    let day = prop_oneof![
        6 => (0_i64..7_000).prop_map(|days| date(2015, 1, 1).saturating_add(days.days())),
        1 => (0_i64..9_000).prop_map(|days| date(1945, 1, 1).saturating_add(days.days())),
        1 => (0_i64..9_000).prop_map(|days| date(2039, 1, 1).saturating_add(days.days())),
        1 => select(vec![date(2024, 3, 31), date(2024, 10, 27), date(2024, 2, 29), date(2026, 11, 1)]),
    ];
    (day, 0_i8..24, select(vec![0_i8, 15, 30, 59])).prop_map(|(day, hour, minute)| day.at(hour, minute, 0, 0))
}

/// A start and an end.
fn span() -> impl Strategy<Value = (When, When)> {
    let days = (local(), 1_i64..20).prop_map(|(start, days)| {
        let start = start.date();
        (When::Date(start), When::Date(start.saturating_add(days.days())))
    });
    let times = (local(), zone(), zone(), 0_i64..3_000, any::<bool>()).prop_map(times);
    prop_oneof![1 => days, 3 => times]
}

fn times((local, zone, other, minutes, flies): (DateTime, Zone, Zone, i64, bool)) -> (When, When) {
    // What the clock skips is no time that anybody can write down twice.
    let local = if zone == Zone::Floating { local } else { zone.wall_clock(zone.instant(local)) };
    let start = When::Time { local, zone: zone.clone() };
    let home = settings().home;
    let end = start.instant(&home).checked_add(SignedDuration::from_mins(minutes)).unwrap();
    let there = if flies && zone != Zone::Floating && other != Zone::Floating { other } else { zone };
    let local = if there == Zone::Floating { home.wall_clock(end) } else { there.wall_clock(end) };
    (start, When::Time { local, zone: there })
}

fn numbers<N: Copy + std::fmt::Debug + 'static>(all: Vec<N>) -> impl Strategy<Value = Vec<N>> {
    let few = all.len().min(3);
    prop_oneof![3 => Just(Vec::new()), 1 => subsequence(all, 1..=few)]
}

fn rule() -> impl Strategy<Value = Rule> {
    use Frequency::{Daily, Monthly, Weekly, Yearly};
    let until = (1_i64..900).prop_map(|days| {
        RuleEnd::Until(When::utc(date(2026, 1, 1).saturating_add(days.days()).at(12, 0, 0, 0)))
    });
    let end = prop_oneof![Just(RuleEnd::Never), (1_u32..60).prop_map(RuleEnd::Count), until];
    let ordinal = prop_oneof![2 => Just(None), 1 => select(vec![1_i8, 2, 4, -1, -2]).prop_map(Some)];
    let parts = (
        numbers((0_u8..7).collect()),
        numbers(vec![-3_i8, -1, 1, 2, 15, 28, 29, 30, 31]),
        numbers(vec![1_i8, 2, 6, 12]),
        numbers(vec![-1_i16, 1, 2]),
        ordinal,
        // Several occurrences on one day, which are many records.
        prop_oneof![19 => Just(Vec::new()), 1 => subsequence(vec![0_i8, 9, 14, 23], 1..=3)],
    );
    (select(vec![Daily, Weekly, Monthly, Yearly]), 1_u32..4, end, parts).prop_map(
        |(frequency, interval, end, (days, month_days, months, positions, ordinal, by_hour))| {
            let ordinal = ordinal.filter(|_| matches!(frequency, Monthly | Yearly));
            let by_day: Vec<_> = days.into_iter().map(|weekday| RuleDay { ordinal, weekday }).collect();
            let month_days = if frequency == Weekly { Vec::new() } else { month_days };
            let positions = if by_day.is_empty() && month_days.is_empty() { Vec::new() } else { positions };
            Rule {
                end,
                by_day,
                by_month_day: month_days,
                by_month: months,
                by_set_position: positions,
                by_hour,
                ..Rule::every(interval, frequency)
            }
        },
    )
}

fn participant() -> impl Strategy<Value = Participant> {
    // Quotes have no place in parameters.
    let name = select(vec!["", "Guest", "Name, First", "Größe 'x'", "a;b:c"]);
    let address =
        select(vec!["me@example.com", "guest@example.com", "chair@example.com", "room@example.com"]);
    let acting = prop_oneof![5 => Just(""), 1 => Just("mailto:assistant@example.com")];
    (name, address, acting).prop_map(|(name, address, sent_by)| Participant {
        address: format!("mailto:{address}"),
        name: name.into(),
        sent_by: sent_by.into(),
    })
}

fn attendees() -> impl Strategy<Value = Vec<Attendee>> {
    let role = select(vec![Role::Chair, Role::Required, Role::Optional, Role::Resource]);
    let response = select(vec![
        Response::NeedsAction,
        Response::Accepted,
        Response::Declined,
        Response::Tentative,
        Response::Delegated,
    ]);
    let attendee = (participant(), role, response, any::<bool>())
        .prop_map(|(who, role, response, rsvp)| Attendee { who, role, response, rsvp });
    vec(attendee, 0..4).prop_map(|all| {
        let mut seen = BTreeSet::new();
        all.into_iter().filter(|one| seen.insert(one.who.address.clone())).collect()
    })
}

fn alarms(start: &When, end: &When) -> impl Strategy<Value = Vec<Alarm>> + use<> {
    let action = select(vec![AlarmAction::Display, AlarmAction::Audio, AlarmAction::Email]);
    let at = start.instant(&settings().home);
    let trigger = prop_oneof![
        (-3_000_i64..200).prop_map(|minutes| Trigger::Start(minutes * 60)),
        (-3_000_i64..200).prop_map(|minutes| Trigger::End(minutes * 60)),
        (-3_000_i64..200).prop_map(move |minutes| {
            let moment = at.checked_add(SignedDuration::from_mins(minutes)).unwrap();
            Trigger::At(moment)
        }),
    ];
    let home = settings().home;
    let (start, end) = (start.instant(&home).as_second(), end.instant(&home).as_second());
    vec((trigger, action), 0..4).prop_map(move |all| {
        let mut seen = BTreeSet::new();
        let alarm = |(trigger, action): (Trigger, AlarmAction)| {
            let moment = match &trigger {
                Trigger::Start(seconds) => start + seconds,
                Trigger::End(seconds) => end + seconds,
                Trigger::At(moment) => moment.as_second(),
            };
            Alarm { trigger, action, minutes_before_start: Some((start - moment) / 60) }
        };
        let all = all.into_iter().map(alarm);
        all.filter(|alarm| seen.insert((alarm.minutes_before_start, format!("{:?}", alarm.action)))).collect()
    })
}

fn occurrence() -> impl Strategy<Value = Occurrence> {
    let state = (
        select(vec![EventStatus::Confirmed, EventStatus::Tentative, EventStatus::Cancelled]),
        select(vec![Busy::Free, Busy::Tentative, Busy::Busy, Busy::OutOfOffice, Busy::WorkingElsewhere]),
        0_u8..10,
        select(vec![Sensitivity::Public, Sensitivity::Private, Sensitivity::Confidential]),
        subsequence(vec!["Work", "Größe", "Two words"], 0..=3),
    );
    let people = (prop_oneof![2 => Just(None), 1 => participant().prop_map(Some)], attendees());
    let more = (
        subsequence(vec!["https://example.com/a.pdf", "https://example.com/b?c=d"], 0..=2),
        subsequence(vec!["Project", "Customer-No"], 0..=2),
    );
    let reminded =
        span().prop_flat_map(|(start, end)| (Just((start.clone(), end.clone())), alarms(&start, &end)));
    ((text(), text(), text()), reminded, state, people, more).prop_map(
        |(texts, reminded, state, people, more)| {
            let ((start, end), alarms) = reminded;
            let (status, busy, priority, sensitivity, categories) = state;
            let link = |link: &str| Attachment {
                source: AttachmentSource::Uri(link.into()),
                name: "a file".into(),
                media_type: String::new(),
            };
            let own = |name: &str| Custom { name: name.into(), value: "some, value".into() };
            Occurrence {
                summary: texts.0,
                location: texts.1,
                description: texts.2,
                start,
                end,
                status,
                busy,
                priority: Priority(priority),
                sensitivity,
                categories: categories.into_iter().map(str::to_owned).collect(),
                alarms,
                organizer: people.0,
                attendees: people.1,
                attachments: more.0.into_iter().map(link).collect(),
                custom: more.1.into_iter().map(own).collect(),
                ..Occurrence::default()
            }
        },
    )
}

fn event() -> impl Strategy<Value = Event> {
    let repeats = prop_oneof![1 => Just(None), 2 => rule().prop_map(Some)];
    let people = prop_oneof![2 => Just(None), 1 => attendees().prop_map(Some)];
    let changes = vec((0_usize..6, any::<bool>(), text(), -3_i64..4, people), 0..3);
    (occurrence(), repeats, changes, vec(1_i64..400, 0..2)).prop_map(|(main, rule, changes, further)| {
        let mut event = Event { uid: Some("generated@example.com".into()), main, ..Event::default() };
        let start = event.main.start.clone();
        let Some(mut rule) = rule else { return event };
        // UNTIL is written as the start is.
        rule.end = match (rule.end, &start) {
            (RuleEnd::Until(until), When::Date(_)) => RuleEnd::Until(When::Date(until.date())),
            (RuleEnd::Until(until), When::Time { zone: Zone::Floating, .. }) => {
                RuleEnd::Until(When::Time { local: until.local(), zone: Zone::Floating })
            }
            (end, _) => end,
        };
        if matches!(&rule.end, RuleEnd::Until(until) if until.instant(&Zone::Utc) < start.instant(&Zone::Utc))
        {
            rule.end = RuleEnd::Never;
        }
        let starts: Vec<DateTime> = rule.occurrences(&start).take(6).collect();
        for (number, is_gone, title, hours, people) in changes {
            let Some(local) = starts.get(number) else { continue };
            let id = start.at_wall_clock(*local);
            if event.exdates.contains(&id) || event.overrides.contains_key(&id) {
                continue;
            }
            if is_gone {
                event.exdates.insert(id);
                continue;
            }
            let to = match &id {
                When::Date(_) => id.clone(),
                When::Time { .. } => start.at_wall_clock(local.saturating_add(hours.hours())),
            };
            let mut changed = Occurrence { summary: title, alarms: Vec::new(), ..event.main.moved_to(&to) };
            changed.attendees = people.unwrap_or(changed.attendees);
            // Where start and end are in different zones, of which one changes its clocks that day.
            if changed.end.instant(&Zone::Utc) < changed.start.instant(&Zone::Utc) {
                continue;
            }
            event.overrides.insert(id, changed);
        }
        for days in further {
            let day: Date = start.date().saturating_add(days.days());
            event.rdates.insert(start.at_wall_clock(day.to_datetime(start.local().time())));
        }
        event.rule = Some(rule);
        event
    })
}

fn item(event: Event) -> Item {
    Item::Event(Box::new(event))
}

fn round(dialect: Dialect, item: &Item) -> (Vec<u8>, Item) {
    let written = write(dialect, item, None, now(), &settings());
    let read = read(dialect, &written, &settings());
    assert_eq!(read.warnings, [], "{}", String::from_utf8_lossy(&written));
    (written, read.item.expect("an item"))
}

/// Entries of lists come in the order of their lines.
fn comparable(item: &Item) -> Event {
    let Item::Event(event) = item else { panic!("no event") };
    let mut event = (**event).clone();
    let sort = |occurrence: &mut Occurrence| {
        occurrence.alarms.sort_by_key(|alarm| format!("{alarm:?}"));
        occurrence.attendees.sort_by_key(|attendee| attendee.who.address.clone());
        occurrence.attachments.sort();
        occurrence.custom.sort_by_key(|own| own.name.clone());
        occurrence.categories.sort();
    };
    sort(&mut event.main);
    event.overrides.values_mut().for_each(sort);
    event
}

fn shown(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Whether somebody else called it: then one's own answer alone may be changed.
fn is_copy(event: &Event) -> bool {
    event.main.organizer.as_ref().is_some_and(|who| who.address != "mailto:me@example.com")
}

const DIALECTS: [Dialect; 2] = [Dialect::ICalendar, Dialect::Outlook];

proptest! {
    #![proptest_config(ProptestConfig { cases: 750, max_shrink_iters: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_a_dialect_holds_it_holds_again_and_writes_byte_for_byte(event in event()) {
        let item = item(event);
        for dialect in DIALECTS {
            let (written, held) = round(dialect, &item);
            prop_assert_eq!(comparable(&holds(dialect, &item, &settings())), comparable(&held));
            let (_, again) = round(dialect, &held);
            prop_assert_eq!(comparable(&again), comparable(&held), "{:?}", dialect);
            let unchanged = write(dialect, &held, Some(&written), now(), &settings());
            prop_assert_eq!(shown(&unchanged), shown(&written), "{:?}", dialect);
        }
    }

    #[test]
    fn icalendar_holds_all_of_an_event(event in event()) {
        let item = item(event);
        let (written, held) = round(Dialect::ICalendar, &item);
        prop_assert_eq!(comparable(&held), comparable(&item), "{}", shown(&written));
    }

    #[test]
    fn one_event_written_over_another_is_read_as_it_was_meant(one in event(), other in event()) {
        for dialect in DIALECTS {
            if dialect == Dialect::ICalendar && is_copy(&one) {
                continue;
            }
            let (written, _) = round(dialect, &item(one.clone()));
            let (_, wanted) = round(dialect, &item(other.clone()));
            let over = write(dialect, &wanted, Some(&written), now(), &settings());
            let read = read(dialect, &over, &settings()).item.expect("an item");
            prop_assert_eq!(
                comparable(&read), comparable(&wanted), "{:?}\n{}\n{}", dialect, shown(&written), shown(&over)
            );
        }
    }

    #[test]
    fn an_event_that_went_to_outlook_and_back_lost_nothing_on_its_server(event in event(), title in text()) {
        let (on_server, held) = round(Dialect::ICalendar, &item(event));
        let (_, in_outlook) = round(Dialect::Outlook, &held);
        let title = format!("{title}!");
        let mut edited = in_outlook.clone();
        if let Item::Event(event) = &mut edited {
            event.main.summary.clone_from(&title);
        }
        let carried = dovetail_model::carry::carry(&in_outlook.into(), &edited, &held);
        let mut wanted = comparable(&held);
        wanted.main.summary = title;
        prop_assert_eq!(comparable(&carried), wanted);
        let written = write(Dialect::ICalendar, &carried, Some(&on_server), now(), &settings());
        prop_assert_eq!(without_title(&written), without_title(&on_server));
    }
}

/// The lines of a calendar but for titles, and what any change may stamp.
fn without_title(bytes: &[u8]) -> Vec<String> {
    let text = shown(bytes).replace("\r\n ", "");
    let may_differ = ["SUMMARY", "DTSTAMP", "LAST-MODIFIED", "SEQUENCE"];
    let stays = |line: &&str| !may_differ.iter().any(|name| line.starts_with(name));
    text.lines().filter(stays).map(str::to_owned).collect()
}

fn zone_of(when: &When) -> Option<&Zone> {
    match when {
        When::Date(_) => None,
        When::Time { zone, .. } => Some(zone),
    }
}

#[test]
fn the_generated_events_are_as_various_as_they_are_meant_to_be() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for _ in 0..300 {
        let event = event().new_tree(&mut runner).unwrap().current();
        let is_odd = |rule: &Rule| !rule.by_set_position.is_empty() || rule.by_month_day.len() > 1;
        for (what, is) in [
            ("series", event.rule.is_some()),
            ("odd series", event.rule.as_ref().is_some_and(is_odd)),
            ("changed", !event.overrides.is_empty()),
            ("gone", !event.exdates.is_empty()),
            ("people", !event.main.attendees.is_empty()),
            ("all-day", matches!(event.main.start, When::Date(_))),
            ("reminders", event.main.alarms.len() > 1),
            ("until", event.rule.as_ref().is_some_and(|rule| matches!(rule.end, RuleEnd::Until(_)))),
            ("at a moment", event.main.alarms.iter().any(|alarm| matches!(alarm.trigger, Trigger::At(_)))),
            ("ends in another zone", zone_of(&event.main.start) != zone_of(&event.main.end)),
            ("own people", event.overrides.values().any(|one| one.attendees != event.main.attendees)),
        ] {
            *seen.entry(what).or_default() += usize::from(is);
        }
    }
    assert!(seen.len() == 11 && seen.values().all(|count| *count >= 20), "{seen:?}");
}
