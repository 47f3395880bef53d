use jiff::civil::{date, datetime};

use super::*;
use crate::recurrence::{Frequency, RuleDay};

/// Central Europe by its rules, as a VTIMEZONE tells them.
fn central_europe() -> Zone {
    let last_sunday = |month| {
        Some(Rule {
            by_month: vec![month],
            by_day: vec![RuleDay { ordinal: Some(-1), weekday: 6 }],
            ..Rule::every(1, Frequency::Yearly)
        })
    };
    let observance = |start, offset_from, offset_to, rule| Observance {
        start,
        offset_from,
        offset_to,
        rule,
        rdates: Vec::new(),
    };
    Zone::Custom(Box::new(CustomZone {
        tzid: "Office".into(),
        observances: vec![
            observance(datetime(1996, 10, 27, 3, 0, 0, 0), 7200, 3600, last_sunday(10)),
            observance(datetime(1981, 3, 29, 2, 0, 0, 0), 3600, 7200, last_sunday(3)),
        ],
    }))
}

#[test]
fn a_zone_known_by_its_rules_reads_times_as_the_named_zone_does() {
    let (custom, named) = (central_europe(), Zone::named("Europe/Berlin"));
    let mut local = datetime(2026, 1, 1, 0, 30, 0, 0);
    while local.year() < 2027 {
        assert_eq!(custom.instant(local), named.instant(local), "{local}");
        let instant = named.instant(local);
        assert_eq!(custom.wall_clock(instant), named.wall_clock(instant), "{instant}");
        local = local.checked_add(SignedDuration::from_hours(29)).unwrap();
    }
    for (ambiguous_or_skipped, hour) in [(date(2026, 10, 25), 2), (date(2026, 3, 29), 2)] {
        let local = ambiguous_or_skipped.at(hour, 30, 0, 0);
        assert_eq!(custom.instant(local), named.instant(local), "{local}");
    }
}

#[test]
fn rules_that_begin_in_1601_give_the_same_offsets() {
    let Zone::Custom(zone) = central_europe() else { panic!("a zone known by its rules") };
    let mut old = (*zone).clone();
    for observance in &mut old.observances {
        observance.start = observance.start.with().year(1601).month(1).day(1).build().unwrap();
    }
    let mut instant: Timestamp = "1997-01-01T00:00:00Z".parse().unwrap();
    while instant < "2030-01-01T00:00:00Z".parse().unwrap() {
        assert_eq!(old.offset_at(instant), zone.offset_at(instant), "{instant}");
        instant += SignedDuration::from_hours(997);
    }
}

#[test]
fn an_ambiguous_time_is_the_earlier_and_a_skipped_one_moves_forward() {
    let berlin = Zone::named("Europe/Berlin");
    let utc = |day: jiff::civil::Date, hour| Zone::Utc.instant(day.at(hour, 30, 0, 0));
    assert_eq!(berlin.instant(datetime(2026, 10, 25, 2, 30, 0, 0)), utc(date(2026, 10, 25), 0));
    assert_eq!(berlin.instant(datetime(2026, 3, 29, 2, 30, 0, 0)), utc(date(2026, 3, 29), 1));
}

#[test]
fn zones_are_the_same_when_they_are_not_merely_spelled_the_same() {
    let spelled = |tzid: &str| Zone::Named(NamedZone { id: "Europe/Berlin".into(), tzid: tzid.into() });
    assert_eq!(spelled("W. Europe Standard Time"), spelled("Europe/Berlin"));
    assert_ne!(spelled("Office"), central_europe());
}

#[test]
fn a_time_moves_to_another_zone_but_days_and_floating_times_stay() {
    let nine = When::Time { local: datetime(2026, 7, 1, 9, 0, 0, 0), zone: Zone::named("Europe/Berlin") };
    assert_eq!(nine.in_zone(&Zone::Utc), When::utc(datetime(2026, 7, 1, 7, 0, 0, 0)));
    let floating = When::Time { local: datetime(2026, 7, 1, 9, 0, 0, 0), zone: Zone::Floating };
    assert_eq!(floating.in_zone(&Zone::Utc), floating);
    let day = When::Date(date(2026, 7, 1));
    assert_eq!(day.in_zone(&Zone::Utc), day);
}
