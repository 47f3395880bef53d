use super::*;

/// All names of the zone database but `Factory`, its placeholder for a computer that was never set up.
fn names() -> impl Iterator<Item = String> {
    jiff::tz::db().available().map(|name| name.to_string()).filter(|name| name != "Factory")
}

#[test]
fn every_name_of_the_zone_database_has_a_present_name() {
    let unknown: Vec<_> = names()
        .filter(|name| canonical_iana(name).is_none_or(|now| jiff::tz::db().get(now).is_err()))
        .collect();
    assert_eq!(unknown, Vec::<String>::new());
}

#[test]
fn a_present_name_keeps_the_same_rules() {
    let instant: jiff::Timestamp = "2024-07-01T00:00:00Z".parse().unwrap();
    for name in names() {
        let old = jiff::tz::db().get(&name).unwrap();
        let now = jiff::tz::db().get(canonical_iana(&name).unwrap()).unwrap();
        assert_eq!(old.to_offset(instant), now.to_offset(instant), "{name}");
    }
}

#[test]
fn every_windows_zone_leads_to_a_zone_and_back_to_itself_unless_it_is_retired() {
    for (_, windows, iana) in table::PRIMARY {
        assert!(jiff::tz::db().get(iana).is_ok(), "{windows}");
        assert_eq!(iana_of_windows(&windows.to_uppercase()), Some(*iana));
        let back = windows_of_iana(iana);
        let retired = ["Armenian", "Kamchatka", "Mexico Standard", "Mid-Atlantic"];
        assert!(
            back == Some(windows) || retired.iter().any(|start| windows.starts_with(start)),
            "{windows} {back:?}"
        );
    }
}

#[test]
fn old_and_new_names_have_their_windows_zone() {
    let cases = [
        ("Europe/Kyiv", "FLE Standard Time"),
        ("Europe/Kiev", "FLE Standard Time"),
        ("asia/kolkata", "India Standard Time"),
        ("Asia/Calcutta", "India Standard Time"),
        ("UTC", "UTC"),
        ("Etc/UTC", "UTC"),
        ("Zulu", "UTC"),
        ("GMT", "UTC"),
        ("US/Pacific", "Pacific Standard Time"),
        ("America/Buenos_Aires", "Argentina Standard Time"),
        ("Europe/Oslo", "W. Europe Standard Time"),
        ("CET", "Romance Standard Time"),
    ];
    for (iana, windows) in cases {
        assert_eq!(windows_of_iana(iana), Some(windows), "{iana}");
    }
    assert_eq!(windows_of_iana("Europe/Nowhere"), None);
    assert_eq!(iana_of_windows("Nowhere Standard Time"), None);
}

#[test]
fn names_that_outlook_shows_are_known() {
    let cases = [
        ("(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna", "W. Europe Standard Time"),
        ("(GMT+01.00) Amsterdam / Berlin / Bern / Rome / Stockholm / Vienna", "W. Europe Standard Time"),
        ("(UTC-05:00) Eastern Time (US & Canada)", "Eastern Standard Time"),
        ("(UTC) Coordinated Universal Time", "UTC"),
        ("(UTC+12:00) Coordinated Universal Time+12", "UTC+12"),
    ];
    for (shown, windows) in cases {
        assert_eq!(windows_of_shown_name(shown), Some(windows), "{shown}");
    }
    assert_eq!(windows_of_shown_name("(UTC+01:00) Nowhere"), None);
    assert_eq!(windows_of_shown_name(""), None);
    for (_, windows) in table::SHOWN {
        assert!(iana_of_windows(windows).is_some(), "{windows}");
    }
}
