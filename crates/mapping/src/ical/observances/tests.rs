use dovetail_model::when::CustomZone;

use super::*;
use crate::ical::time_zone::Definition;

fn names() -> Vec<String> {
    jiff::tz::db().available().map(|name| name.to_string()).filter(|name| name != "Factory").collect()
}

/// The zone as its VTIMEZONE has it: generated, written, read.
fn through_text(zone: &TimeZone, year: i16) -> (String, Zone) {
    let mut document = Document::parse(b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n");
    let calendar = document.components().next().unwrap().id();
    insert_definition(&mut document, calendar, "Test", &of_database(zone, year));
    let text = String::from_utf8(document.to_bytes()).unwrap();
    let component = document.component(calendar).components().next().unwrap();
    let mut warnings = Vec::new();
    let observances = Definition::read(component, &mut warnings).unwrap().observances;
    assert_eq!(warnings, Vec::new());
    (text, Zone::Custom(Box::new(CustomZone { tzid: String::from("Test"), observances })))
}

#[test]
fn generated_rules_give_the_offsets_of_the_database() {
    for name in names() {
        let zone = jiff::tz::db().get(&name).unwrap();
        let (text, custom) = through_text(&zone, 2020);
        let end = start_of(2038);
        let changes = zone
            .following(start_of(2020))
            .map(|change| change.timestamp())
            .take_while(|change| *change < end);
        let around = changes.flat_map(|change| [change - SECOND, change]);
        let quarters = (0..18 * 4).map(|quarter| start_of(2020) + SignedDuration::from_hours(quarter * 2191));
        for instant in around.chain(quarters) {
            let wanted = zone.to_datetime(instant);
            assert_eq!(custom.wall_clock(instant), wanted, "{name} {instant}\n{text}");
        }
    }
}

#[test]
fn regular_zones_are_compact() {
    for (name, observances) in [
        ("Europe/Berlin", 2),
        ("America/New_York", 2),
        ("Australia/Lord_Howe", 2),
        ("Asia/Jerusalem", 2),
        ("Asia/Tokyo", 1),
        ("Etc/GMT+5", 1),
        ("Africa/Casablanca", 2),
    ] {
        let zone = jiff::tz::db().get(name).unwrap();
        assert_eq!(of_database(&zone, 2024).len(), observances, "{name}");
    }
}

#[test]
fn rules_begin_with_the_year_asked_for() {
    let zone = jiff::tz::db().get("Europe/Moscow").unwrap();
    let (_, custom) = through_text(&zone, 2009);
    for text in
        ["2009-01-01T00:00:00Z", "2010-07-01T00:00:00Z", "2012-01-01T00:00:00Z", "2024-01-01T00:00:00Z"]
    {
        let instant: Timestamp = text.parse().unwrap();
        assert_eq!(custom.wall_clock(instant), zone.to_datetime(instant), "{text}");
    }
}

#[test]
fn years_far_away_do_no_harm() {
    let zone = jiff::tz::db().get("Europe/Berlin").unwrap();
    for year in [i16::MIN, 0, 1800, 9999, i16::MAX] {
        assert!(!of_database(&zone, year).is_empty());
    }
}
