use jiff::civil::{date, datetime};

use super::*;

fn zoned() -> When {
    When::Time { local: datetime(2024, 1, 8, 9, 0, 0, 0), zone: Zone::named("Europe/Berlin") }
}

fn canonical_text(text: &str, start: &When) -> Result<String, String> {
    parse(text, start, &Zone::Utc).map(|rule| format(&rule, start, &Zone::Utc))
}

#[test]
fn rules_are_read_into_canonical_form() {
    let cases = [
        ("FREQ=DAILY", "FREQ=DAILY"),
        ("freq=weekly;byday=fr,mo,MO;interval=2;wkst=su", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR;WKST=SU"),
        ("FREQ=WEEKLY;WKST=SU;BYDAY=TU", "FREQ=WEEKLY;BYDAY=TU"),
        ("FREQ=WEEKLY;BYDAY=1TU", "FREQ=WEEKLY;BYDAY=TU"),
        ("FREQ=MONTHLY;BYDAY=+1MO,-1FR", "FREQ=MONTHLY;BYDAY=1MO,-1FR"),
        ("FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU;COUNT=5", "FREQ=YEARLY;COUNT=5;BYMONTH=10;BYDAY=-1SU"),
        ("FREQ=MONTHLY;BYMONTHDAY=31,-1,1;BYSETPOS=-1", "FREQ=MONTHLY;BYMONTHDAY=-1,1,31;BYSETPOS=-1"),
        (
            "INTERVAL=1;FREQ=YEARLY;BYYEARDAY=366,-366;BYWEEKNO=53",
            "FREQ=YEARLY;BYWEEKNO=53;BYYEARDAY=-366,366",
        ),
        ("FREQ=DAILY;BYHOUR=9,8;BYMINUTE=0;BYSECOND=60", "FREQ=DAILY;BYHOUR=8,9;BYMINUTE=0;BYSECOND=60"),
        ("FREQ=DAILY;INTERVAL=0", "FREQ=DAILY"),
        ("FREQ=DAILY;COUNT=0", "FREQ=DAILY"),
        ("FREQ=DAILY;COUNT=0;UNTIL=20240110T000000Z", "FREQ=DAILY;UNTIL=20240110T000000Z"),
        ("FREQ=DAILY;COUNT=3;UNTIL=20240110T000000Z", "FREQ=DAILY;COUNT=3"),
        ("RSCALE=GREGORIAN;FREQ=DAILY;", "FREQ=DAILY"),
    ];
    for (text, wanted) in cases {
        assert_eq!(canonical_text(text, &zoned()).as_deref(), Ok(wanted), "{text}");
    }
}

#[test]
fn until_takes_the_form_that_the_start_asks_for() {
    let day = When::Date(date(2024, 1, 8));
    let floating = When::Time { local: datetime(2024, 1, 8, 9, 0, 0, 0), zone: Zone::Floating };
    let cases = [
        (zoned(), "20240201T080000Z", "20240201T080000Z"),
        (zoned(), "20240201T090000", "20240201T080000Z"),
        (zoned(), "20240201", "20240201T225959Z"),
        (day.clone(), "20240201", "20240201"),
        (day, "20240201T225959Z", "20240201"),
        (floating.clone(), "20240201T225959Z", "20240201T225959"),
        (floating, "20240201", "20240201T235959"),
    ];
    for (start, until, wanted) in cases {
        let text = canonical_text(&format!("FREQ=DAILY;UNTIL={until}"), &start).unwrap();
        assert_eq!(text, format!("FREQ=DAILY;UNTIL={wanted}"), "{until}");
    }
}

#[test]
fn a_rule_that_cannot_be_read_names_the_part() {
    let cases = [
        ("", "FREQ"),
        ("COUNT=3", "FREQ"),
        ("FREQ=FORTNIGHTLY", "FREQ=FORTNIGHTLY"),
        ("FREQ=DAILY;COUNT=-1", "COUNT=-1"),
        ("FREQ=DAILY;INTERVAL=-1", "INTERVAL=-1"),
        ("FREQ=MONTHLY;BYDAY=0MO", "BYDAY=0MO"),
        ("FREQ=MONTHLY;BYDAY=M", "BYDAY=M"),
        ("FREQ=MONTHLY;BYDAY=1É", "BYDAY=1É"),
        ("FREQ=MONTHLY;BYMONTHDAY=32", "BYMONTHDAY=32"),
        ("FREQ=MONTHLY;BYMONTHDAY=0", "BYMONTHDAY=0"),
        ("FREQ=YEARLY;BYMONTH=-1", "BYMONTH=-1"),
        ("FREQ=YEARLY;BYMONTH=5L", "BYMONTH=5L"),
        ("FREQ=DAILY;UNTIL=SOON", "UNTIL=SOON"),
        ("FREQ=DAILY;RSCALE=CHINESE", "RSCALE=CHINESE"),
        ("FREQ=DAILY;X-UNKNOWN=1", "X-UNKNOWN=1"),
        ("DAILY", "DAILY"),
    ];
    for (text, part) in cases {
        assert_eq!(canonical_text(text, &zoned()), Err(part.to_owned()), "{text}");
    }
}

#[test]
fn a_canonical_rule_reads_as_itself() {
    for text in [
        "FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYMONTHDAY=2,3,4,5,6,7,8;BYDAY=TU",
        "FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3",
        "FREQ=WEEKLY;INTERVAL=2;UNTIL=20301231T225959Z;BYDAY=MO,WE;WKST=SU",
    ] {
        assert_eq!(canonical_text(text, &zoned()).as_deref(), Ok(text));
    }
}
