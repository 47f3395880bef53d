//! In which zones new objects are written, by option.

use super::*;
use crate::options::{TimeZones, ZoneHistory};
use dovetail_model::recurrence::{Frequency, Rule};
use jiff::civil::datetime;

fn event(zone: &str) -> Event {
    let at = |hour| When::Time { local: datetime(2026, 7, 1, hour, 0, 0, 0), zone: Zone::named(zone) };
    let mut event = Event { uid: Some("1".into()), ..Event::default() };
    (event.main.start, event.main.end) = (at(9), at(10));
    event
}

fn chosen(time_zones: TimeZones, zone_history: ZoneHistory) -> Settings {
    let mut settings = settings();
    settings.options.events.time_zones = time_zones;
    settings.options.events.zone_history = zone_history;
    settings
}

fn written(event: &Event, settings: &Settings) -> String {
    String::from_utf8(write(&Item::Event(Box::new(event.clone())), None, now(), settings)).unwrap()
}

fn iana(for_home: Option<&str>) -> TimeZones {
    TimeZones::Iana { for_home: for_home.map(str::to_owned) }
}

#[test]
fn new_times_are_in_the_zones_that_the_profile_wants() {
    for (time_zones, zone, start, tzid) in [
        (
            TimeZones::Windows,
            "Europe/Berlin",
            "DTSTART;TZID=W. Europe Standard Time:20260701T090000",
            Some("W. Europe Standard Time"),
        ),
        (
            TimeZones::Windows,
            "America/New_York",
            "DTSTART;TZID=Eastern Standard Time:20260701T090000",
            Some("Eastern Standard Time"),
        ),
        // Windows takes it together with another one, as which it would come back.
        (
            TimeZones::Windows,
            "Europe/Vienna",
            "DTSTART;TZID=Europe/Vienna:20260701T090000",
            Some("Europe/Vienna"),
        ),
        (iana(None), "Europe/Berlin", "DTSTART;TZID=Europe/Berlin:20260701T090000", Some("Europe/Berlin")),
        (
            iana(Some("Europe/Vienna")),
            "Europe/Berlin",
            "DTSTART;TZID=Europe/Vienna:20260701T090000",
            Some("Europe/Vienna"),
        ),
        (
            iana(Some("Europe/London")),
            "Europe/Berlin",
            "DTSTART;TZID=Europe/London:20260701T080000",
            Some("Europe/London"),
        ),
        (
            iana(Some("Europe/Vienna")),
            "Asia/Tokyo",
            "DTSTART;TZID=Asia/Tokyo:20260701T090000",
            Some("Asia/Tokyo"),
        ),
        (TimeZones::Utc, "Europe/Berlin", "DTSTART:20260701T070000Z", None),
        (TimeZones::Utc, "Asia/Tokyo", "DTSTART:20260701T000000Z", None),
    ] {
        let settings = chosen(time_zones.clone(), ZoneHistory::Needed);
        let text = written(&event(zone), &settings);
        assert!(text.contains(&format!("\r\n{start}\r\n")), "{time_zones:?} {zone}\n{text}");
        let definition = text.contains("BEGIN:VTIMEZONE");
        assert_eq!(definition, tzid.is_some(), "{text}");
        assert!(tzid.is_none_or(|tzid| text.contains(&format!("\r\nTZID:{tzid}\r\n"))), "{text}");
    }
}

#[test]
fn a_mailbox_may_be_in_any_of_the_zones_that_windows_takes_together() {
    for (home, zone, tzid) in [
        ("Europe/Vienna", "Europe/Berlin", "Europe/Vienna"),
        ("Europe/Vienna", "Europe/Vienna", "Europe/Vienna"),
        ("Europe/Zurich", "Europe/Berlin", "Europe/Vienna"),
        ("Europe/Vienna", "Europe/Paris", "Europe/Paris"),
        ("Asia/Tokyo", "Europe/Berlin", "Europe/Berlin"),
    ] {
        let mut settings = chosen(iana(Some("Europe/Vienna")), ZoneHistory::Needed);
        settings.home = Zone::named(home);
        let text = written(&event(zone), &settings);
        assert!(
            text.contains(&format!("\r\nDTSTART;TZID={tzid}:20260701T090000\r\n")),
            "{home} {zone}\n{text}"
        );
        assert!(text.contains(&format!("\r\nTZID:{tzid}\r\n")), "{text}");
    }
}

#[test]
fn what_is_there_keeps_its_zone() {
    let berlin = written(&event("Europe/Berlin"), &chosen(iana(None), ZoneHistory::Needed));
    for time_zones in [TimeZones::Windows, TimeZones::Utc, iana(Some("Europe/Vienna"))] {
        let settings = chosen(time_zones, ZoneHistory::Needed);
        let Some(Item::Event(mut event)) = read(berlin.as_bytes(), &settings).item else {
            panic!("no event")
        };
        event.main.start = event.main.start.at_wall_clock(datetime(2026, 7, 2, 9, 0, 0, 0));
        event.main.end = event.main.end.at_wall_clock(datetime(2026, 7, 2, 10, 0, 0, 0));
        let moved = write(&Item::Event(event), Some(berlin.as_bytes()), now(), &settings);
        let moved = String::from_utf8(moved).unwrap();
        assert!(moved.contains("DTSTART;TZID=Europe/Berlin:20260702T090000\r\n"), "{moved}");
    }
}

#[test]
fn what_was_written_in_utc_stays_so_and_its_occurrences_are_still_known() {
    let settings = chosen(TimeZones::Utc, ZoneHistory::Needed);
    let mut series = event("Europe/Berlin");
    series.rule = Some(Rule::every(1, Frequency::Monthly));
    let winter = series.main.start.at_wall_clock(datetime(2026, 12, 1, 9, 0, 0, 0));
    series.exdates.insert(winter);
    let text = written(&series, &settings);
    assert!(text.contains("EXDATE:20261201T070000Z\r\n"), "{text}");
    series.main.start = series.main.start.at_wall_clock(datetime(2026, 7, 1, 8, 0, 0, 0));
    let moved = write(&Item::Event(Box::new(series)), Some(text.as_bytes()), now(), &settings);
    let moved = String::from_utf8(moved).unwrap();
    assert!(moved.contains("DTSTART:20260701T060000Z\r\n") && !moved.contains("VTIMEZONE"), "{moved}");
}

#[test]
fn a_series_that_would_begin_on_another_day_keeps_its_zone() {
    let settings = chosen(TimeZones::Utc, ZoneHistory::Needed);
    let mut series = event("Asia/Tokyo");
    series.main.start = series.main.start.at_wall_clock(datetime(2026, 7, 1, 3, 0, 0, 0));
    series.rule = Some(Rule::every(1, Frequency::Monthly));
    assert!(written(&series, &settings).contains("DTSTART;TZID=Asia/Tokyo:20260701T030000\r\n"));
    series.rule = None;
    assert!(written(&series, &settings).contains("DTSTART:20260630T180000Z\r\n"));
}

#[test]
fn the_rules_of_a_zone_are_written_as_far_back_as_they_are_needed_or_known() {
    let observances = |history| {
        let text = written(&event("Europe/Berlin"), &chosen(TimeZones::Windows, history));
        text.matches("BEGIN:STANDARD").count() + text.matches("BEGIN:DAYLIGHT").count()
    };
    assert_eq!(observances(ZoneHistory::Needed), 2);
    assert!(observances(ZoneHistory::Full) > 8);
    let mut old = event("Europe/Berlin");
    old.main.start = old.main.start.at_wall_clock(datetime(1947, 6, 1, 9, 0, 0, 0));
    old.main.end = old.main.end.at_wall_clock(datetime(1947, 6, 1, 10, 0, 0, 0));
    let text = written(&old, &chosen(TimeZones::Windows, ZoneHistory::Needed));
    // The clocks were two hours ahead of their winter then.
    assert!(text.contains("TZOFFSETTO:+0300"), "{text}");
    assert_eq!(event_of(read(text.as_bytes(), &settings()).item.unwrap()).main.start, old.main.start);
}

#[test]
fn times_that_come_twice_or_never_are_read_as_the_standard_has_it() {
    let berlin = Zone::named("Europe/Berlin");
    for (local, instant) in
        [("20241027T023000", "2024-10-27T00:30:00Z"), ("20240331T023000", "2024-03-31T01:30:00Z")]
    {
        let text = format!(
            "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART;TZID=Europe/Berlin:{local}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
        );
        let event = event_of(read(text.as_bytes(), &settings()).item.unwrap());
        assert_eq!(event.main.start.instant(&berlin), instant.parse().unwrap());
        assert_eq!(rewrite(&Item::Event(Box::new(event)), text.as_bytes()), text.as_bytes());
    }
}

#[test]
fn times_long_before_and_long_after_today_are_the_same_on_both_sides() {
    for year in [1601, 1752, 1899, 1945, 1969, 1970, 2026, 2037, 2038, 2039, 2100, 2999, 4499] {
        for history in [ZoneHistory::Needed, ZoneHistory::Full] {
            for time_zones in [TimeZones::Windows, TimeZones::Utc, iana(None)] {
                let settings = chosen(time_zones.clone(), history);
                for zone in ["Europe/Berlin", "America/New_York", "Australia/Sydney"] {
                    let mut event = event(zone);
                    let local = |hour| datetime(year, 7, 1, hour, 30, 0, 0);
                    let at = |hour| When::Time { local: local(hour), zone: Zone::named(zone) };
                    (event.main.start, event.main.end) = (at(9), at(10));
                    let text = written(&event, &settings);
                    let read = event_of(read(text.as_bytes(), &settings).item.unwrap());
                    let context = format!("{year} {history:?} {time_zones:?} {zone}\n{text}");
                    let instant = |when: &When| when.instant(&settings.home);
                    assert_eq!(instant(&read.main.start), instant(&event.main.start), "{context}");
                    assert_eq!(instant(&read.main.end), instant(&event.main.end), "{context}");

                    let item = Item::Event(Box::new(event.clone()));
                    let Item::Event(held) = crate::holds(crate::Dialect::Outlook, &item, &settings) else {
                        panic!("no event")
                    };
                    assert_eq!((held.main.start, held.main.end), (at(9), at(10)), "{context}");
                }
            }
        }
    }
}
