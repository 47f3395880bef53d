use jiff::civil::datetime;

use super::*;

fn berlin(local: DateTime) -> When {
    When::Time { local, zone: Zone::named("Europe/Berlin") }
}

#[test]
fn stamps_are_read_in_their_forms_and_leniently() {
    let date = jiff::civil::date(2024, 3, 5);
    let cases = [
        ("20240305", Some(Stamp::Date(date))),
        ("20240305T103000", Some(Stamp::Local(date.at(10, 30, 0, 0)))),
        ("20240305T103000Z", Some(Stamp::Utc(date.at(10, 30, 0, 0)))),
        (" 2024-03-05T10:30:00z ", Some(Stamp::Utc(date.at(10, 30, 0, 0)))),
        ("20240305T1030", Some(Stamp::Local(date.at(10, 30, 0, 0)))),
        ("20240305T235960Z", Some(Stamp::Utc(date.at(23, 59, 59, 0)))),
        ("20240230", None),
        ("20240305T", None),
        ("2024030", None),
        ("202403055", None),
        ("20240305T253000", None),
        ("", None),
        ("２０２４０３０５", None),
    ];
    for (text, wanted) in cases {
        assert_eq!(Stamp::parse(text), wanted, "{text}");
    }
}

#[test]
fn durations_are_read_in_their_forms() {
    let cases = [
        ("PT15M", Some((0, 900))),
        ("-PT1H30M", Some((0, -5400))),
        ("+P1DT2H", Some((1, 7200))),
        ("P2W", Some((14, 0))),
        ("-P0D", Some((0, 0))),
        ("PT0S", Some((0, 0))),
        ("-PT1D", Some((-1, 0))),
        ("P", None),
        ("PT", None),
        ("PT15", None),
        ("15M", None),
        ("PT99999999999999999999S", None),
        ("P1X", None),
    ];
    for (text, wanted) in cases {
        assert_eq!(Length::parse(text).map(|length| (length.days, length.seconds)), wanted, "{text}");
    }
}

#[test]
fn durations_that_are_not_spelled_as_the_standard_has_it_are_known() {
    for regular in ["PT15M", "-PT1H30M", "+P1DT2H", "P2W", "-P0D", "PT0S", "-P0DT0H10M0S", "pt5m", " P1D "] {
        assert!(Length::is_regular(regular), "{regular}");
    }
    for odd in ["-PT1D", "P15M", "P1DT", "PT1M2H", "P2D1W", "PT5X", "P1D2D"] {
        assert!(!Length::is_regular(odd), "{odd}");
    }
}

#[test]
fn durations_are_written_as_they_are_read() {
    for seconds in [0, 1, 59, 60, 900, -900, 3600, 86_400, -86_400, 90_061, 604_800, i64::from(i32::MAX)] {
        let text = format_seconds(seconds);
        assert_eq!(Length::parse(&text).unwrap().total_seconds(), seconds, "{text}");
    }
    assert_eq!(format_seconds(-900), "-PT15M");
    assert_eq!(format_seconds(86_400), "P1D");
    assert_eq!(format_seconds(0), "PT0S");
}

#[test]
fn days_follow_the_calendar_and_hours_the_clock() {
    let start = berlin(datetime(2024, 3, 30, 12, 0, 0, 0));
    let home = Zone::Utc;
    let end = |text: &str| Length::parse(text).unwrap().end_of(&start, &home).unwrap();
    assert_eq!(end("P1D"), berlin(datetime(2024, 3, 31, 12, 0, 0, 0)));
    assert_eq!(end("PT24H"), berlin(datetime(2024, 3, 31, 13, 0, 0, 0)));
    let day = When::Date(jiff::civil::date(2024, 3, 30));
    assert_eq!(
        Length::parse("PT24H").unwrap().end_of(&day, &home),
        Some(When::Date(jiff::civil::date(2024, 3, 31)))
    );
    assert_eq!(
        Length::parse("-P1D").unwrap().end_of(&day, &home),
        Some(When::Date(jiff::civil::date(2024, 3, 31)))
    );
}

#[test]
fn a_length_across_a_transition_gives_the_same_end_again() {
    let start = berlin(datetime(2024, 3, 30, 12, 0, 0, 0));
    let home = Zone::Utc;
    for end in [
        datetime(2024, 3, 31, 12, 0, 0, 0),
        datetime(2024, 3, 31, 13, 0, 0, 0),
        datetime(2024, 3, 31, 1, 0, 0, 0),
    ] {
        let text = format_length(&start, &berlin(end), &home).unwrap();
        assert_eq!(Length::parse(&text).unwrap().end_of(&start, &home), Some(berlin(end)), "{text}");
    }
}

#[test]
fn recurrence_ids_take_the_form_of_the_start() {
    let start = berlin(datetime(2024, 5, 6, 9, 0, 0, 0));
    let wanted = berlin(datetime(2024, 5, 13, 9, 0, 0, 0));
    let home = Zone::named("America/New_York");
    let floating = When::Time { local: datetime(2024, 5, 13, 9, 0, 0, 0), zone: Zone::Floating };
    for given in [
        wanted.clone(),
        When::utc(datetime(2024, 5, 13, 7, 0, 0, 0)),
        When::Date(jiff::civil::date(2024, 5, 13)),
        floating.clone(),
    ] {
        assert_eq!(in_form_of(&start, &given, &home), wanted, "{given:?}");
    }
    let floating_start = When::Time { local: datetime(2024, 5, 6, 9, 0, 0, 0), zone: Zone::Floating };
    assert_eq!(in_form_of(&floating_start, &When::utc(datetime(2024, 5, 13, 13, 0, 0, 0)), &home), floating);
    assert_eq!(in_form_of(&floating_start, &wanted, &home), floating);
    let day = When::Date(jiff::civil::date(2024, 5, 6));
    let thirteenth = When::Date(jiff::civil::date(2024, 5, 13));
    for given in
        [wanted, When::utc(datetime(2024, 5, 13, 0, 0, 0, 0)), When::utc(datetime(2024, 5, 13, 4, 0, 0, 0))]
    {
        assert_eq!(in_form_of(&day, &given, &home), thirteenth, "{given:?}");
    }
}
