use super::*;

fn definition(tzid: &str, text: &str) -> Definition {
    let text = format!("BEGIN:VTIMEZONE\nTZID:{tzid}\n{text}END:VTIMEZONE\n");
    let document = crate::component::Document::parse(text.as_bytes());
    Definition::read(document.components().next().unwrap(), &mut Vec::new()).unwrap()
}

fn onset(name: &str, start: &str, from: &str, to: &str, more: &str) -> String {
    format!("BEGIN:{name}\nDTSTART:{start}\nTZOFFSETFROM:{from}\nTZOFFSETTO:{to}\n{more}END:{name}\n")
}

fn berlin_rules() -> String {
    onset("STANDARD", "16010101T030000", "+0200", "+0100", "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\n")
        + &onset("DAYLIGHT", "16010101T020000", "+0100", "+0200", "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3\n")
}

fn id(found: Option<(Zone, bool)>) -> (String, bool) {
    match found {
        Some((Zone::Named(zone), warned)) => (zone.id, warned),
        Some((Zone::Utc, warned)) => ("UTC".into(), warned),
        Some((Zone::Custom(zone), warned)) => (format!("custom {}", zone.tzid), warned),
        Some((Zone::Floating, _)) | None => ("none".into(), false),
    }
}

#[test]
fn names_are_enough() {
    let cases = [
        ("Europe/Berlin", "Europe/Berlin"),
        ("europe/berlin", "Europe/Berlin"),
        ("Asia/Calcutta", "Asia/Kolkata"),
        ("Europe/Kyiv", "Europe/Kyiv"),
        ("Europe/Kiev", "Europe/Kyiv"),
        ("UTC", "UTC"),
        ("Etc/UTC", "UTC"),
        ("GMT", "Etc/GMT"),
        ("w. europe standard time", "Europe/Berlin"),
        ("/mozilla.org/20070129_1/America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires"),
        ("/citadel.org/20190914_1/Europe/Berlin", "Europe/Berlin"),
        ("Europe/Berlin 1", "Europe/Berlin"),
        ("(UTC+01:00) Brussels, Copenhagen, Madrid, Paris", "Europe/Paris"),
        ("tzone://Microsoft/Utc", "UTC"),
        ("Nowhere/Land", "none"),
        ("", "none"),
        ("/", "none"),
    ];
    for (tzid, wanted) in cases {
        assert_eq!(id(resolve(tzid, None)), (wanted.to_owned(), false), "{tzid}");
    }
}

#[test]
fn rules_speak_for_a_name_that_says_nothing() {
    let cases = [
        ("Customized Time Zone", berlin_rules(), "Europe/Berlin"),
        ("Plus Two", onset("STANDARD", "19700101T000000", "+0200", "+0200", ""), "Etc/GMT-2"),
        ("Nothing", onset("STANDARD", "19700101T000000", "+0000", "+0000", ""), "UTC"),
        ("India", onset("STANDARD", "16010101T000000", "+0530", "+0530", ""), "Asia/Kolkata"),
        ("Odd", onset("STANDARD", "16010101T000000", "+0317", "+0317", ""), "custom Odd"),
        (
            "Every other year",
            onset("STANDARD", "20200101T000000", "+0100", "+0200", "RRULE:FREQ=YEARLY;INTERVAL=2\n"),
            "custom Every other year",
        ),
        ("Empty", String::new(), "none"),
    ];
    for (tzid, rules, wanted) in cases {
        assert_eq!(id(resolve(tzid, Some(&definition(tzid, &rules)))), (wanted.to_owned(), false), "{tzid}");
    }
}

#[test]
fn old_and_abridged_rules_do_not_belie_a_name() {
    let old_american =
        onset("STANDARD", "19671029T020000", "-0400", "-0500", "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\n")
            + &onset(
                "DAYLIGHT",
                "19870405T020000",
                "-0500",
                "-0400",
                "RRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=4\n",
            );
    let one_year = onset("STANDARD", "20231029T030000", "+0200", "+0100", "")
        + &onset("DAYLIGHT", "20240331T020000", "+0100", "+0200", "");
    let cases = [
        ("America/New_York", old_american),
        ("Europe/Berlin", one_year),
        ("Europe/Berlin", onset("STANDARD", "19700101T000000", "+0100", "+0100", "")),
        ("Europe/Berlin", berlin_rules().replace("1601", "0001")),
        ("W. Europe Standard Time", berlin_rules()),
        ("Asia/Tehran", onset("STANDARD", "20220921T000000", "+0430", "+0330", "")),
    ];
    for (tzid, rules) in cases {
        let (_, warned) = id(resolve(tzid, Some(&definition(tzid, &rules))));
        assert!(!warned, "{tzid} {rules}");
    }
}

#[test]
fn rules_that_were_never_those_of_the_name_are_believed() {
    let (found, warned) = id(resolve("Asia/Tokyo", Some(&definition("Asia/Tokyo", &berlin_rules()))));
    assert_eq!((found.as_str(), warned), ("Europe/Berlin", true));
}

#[test]
fn a_location_beside_the_name_is_believed_if_the_rules_agree() {
    let with = |location: &str| format!("X-LIC-LOCATION:{location}\n{}", berlin_rules());
    assert_eq!(id(resolve("Own name", Some(&definition("Own name", &with("Europe/Oslo"))))).0, "Europe/Oslo");
    assert_eq!(
        id(resolve("Own name", Some(&definition("Own name", &with("Asia/Tokyo"))))).0,
        "Europe/Berlin"
    );
}

#[test]
fn offsets_are_read_in_their_forms() {
    let cases = [
        ("+0100", Some(3600)),
        ("-0330", Some(-12_600)),
        ("+013045", Some(5445)),
        ("+01:00", Some(3600)),
        ("0100", Some(3600)),
        ("-01", Some(-3600)),
        ("+9999", None),
        ("", None),
        ("+", None),
        ("abc", None),
        ("é100", None),
    ];
    for (text, seconds) in cases {
        assert_eq!(offset(text), seconds, "{text}");
    }
}
