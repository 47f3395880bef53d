use super::{busy, period, within};

const FILE: &[u8] = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VFREEBUSY\r\nDTSTART:20261101T000000Z\r\n\
FREEBUSY;FBTYPE=BUSY-TENTATIVE:20261130T120000Z/PT30M\r\n\
FREEBUSY;FBTYPE=FREE:20261130T130000Z/20261130T140000Z\r\n\
FREEBUSY:20261130T100000Z/20261130T110000Z,20261130T080000Z/+P1D,no/time\r\n\
END:VFREEBUSY\r\nEND:VCALENDAR\r\n";

#[test]
fn busy_times_come_in_order_without_the_free_ones() {
    let told: Vec<String> =
        busy(FILE).iter().map(|it| format!("{} {} {}", it.start, it.end, it.kind)).collect();
    assert_eq!(
        told,
        [
            "2026-11-30T08:00:00Z 2026-12-01T08:00:00Z BUSY",
            "2026-11-30T10:00:00Z 2026-11-30T11:00:00Z BUSY",
            "2026-11-30T12:00:00Z 2026-11-30T12:30:00Z BUSY-TENTATIVE",
        ]
    );
    assert_eq!(busy(b"no calendar"), []);
}

#[test]
fn only_what_lies_in_the_span_is_told() {
    let at = |text: &str| text.parse().unwrap();
    let told = within(busy(FILE), at("2026-11-30T10:30:00Z"), at("2026-11-30T12:00:00Z"));
    let told: Vec<String> = told.iter().map(|it| format!("{} {}", it.start, it.end)).collect();
    assert_eq!(
        told,
        ["2026-11-30T10:30:00Z 2026-11-30T12:00:00Z", "2026-11-30T10:30:00Z 2026-11-30T11:00:00Z"]
    );
}

#[test]
fn a_period_that_is_none_is_passed_over() {
    for text in [
        "",
        "/",
        "20261130T100000Z",
        "20261130T100000/20261130T110000",
        "20261130T110000Z/20261130T100000Z",
        "20261130T100000Z/PT0S",
        "20261130T100000Z/P99999999999Y",
        "99991231T235959Z/P400D",
        "20261131T100000Z/PT1H",
    ] {
        assert_eq!(period(text), None, "{text}");
    }
    assert!(period(" 20261130T100000Z/20261130T110000Z ").is_some());
}
