use std::path::Path;

use dovetail_model::Kind;
use expect_test::{Expect, expect};

use super::{inspect, split};
use crate::component::tests::all_samples;
use crate::component::{Component, Document};
use crate::{Dialect, Settings};

fn settings() -> Settings {
    Settings::new(dovetail_model::Zone::named("Europe/Berlin"), "-//Example//EN")
}

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures").join(name)).unwrap()
}

/// A report in lines.
fn shown(bytes: &[u8]) -> String {
    let report = inspect(bytes, &settings());
    let mut out = String::new();
    for (name, count) in &report.components {
        out.push_str(&format!("{count} {name}\n"));
    }
    for item in &report.items {
        out.push_str(&format!("{:?} {:?} {:?} line {:?}\n", item.kind, item.uid, item.title, item.line));
    }
    for warning in &report.warnings {
        out.push_str(&format!(
            "! {} {} line {:?} {:?}\n",
            warning.code, warning.property, warning.line, warning.arguments
        ));
    }
    out.push_str(if report.is_rewritten_alike { "alike\n" } else { "NOT alike\n" });
    out
}

#[track_caller]
fn check(bytes: &[u8], wanted: Expect) {
    wanted.assert_eq(&shown(bytes));
}

#[test]
fn every_sample_is_rewritten_alike() {
    for (path, bytes) in all_samples() {
        assert!(inspect(&bytes, &settings()).is_rewritten_alike, "{path}");
    }
}

#[test]
fn broken_files_are_described() {
    check(
        &fixture("broken/missing-end.vcf"),
        expect![[r#"
        1 VCARD
        Some(Contact) Some("missing-end") "Sample Person" line Some(1)
        ! missing_end VCARD line Some(1) []
        alike
    "#]],
    );
    check(
        &fixture("broken/missing-end.ics"),
        expect![[r#"
        1 VALARM
        1 VCALENDAR
        1 VEVENT
        Some(Event) Some("missing-end") "Never ends" line Some(4)
        ! missing_end VALARM line Some(9) []
        ! stray_end VTODO line Some(13) []
        alike
    "#]],
    );
    check(
        &fixture("broken/garbage.vcf"),
        expect![[r#"
        1 VCARD
        Some(Contact) None "Sam\0ple" line Some(1)
        ! missing_property UID line Some(1) []
        ! unparsable_line  line Some(4) []
        ! unparsable_line  line Some(5) []
        ! not_utf8 ADR line Some(9) []
        ! bad_date BDAY line Some(10) ["yesterday"]
        ! stray_end VCARD line Some(13) []
        ! unparsable_line  line Some(14) []
        alike
    "#]],
    );
    check(
        &fixture("broken/truncated-base64.vcf"),
        expect![[r#"
        1 VCARD
        Some(Contact) Some("truncated") "Truncated Photo" line Some(1)
        ! bad_base64 PHOTO line Some(6) []
        alike
    "#]],
    );
    check(
        &fixture("broken/vlist.vcf"),
        expect![[r#"
            1 VLIST
            Some(Group) Some("list") "Agents" line Some(1)
            alike
        "#]],
    );
}

#[test]
fn odd_files_are_described() {
    check(
        &fixture("broken/odd.ics"),
        expect![[r#"
        1 VCALENDAR
        1 VEVENT
        None None "" line Some(2)
        ! missing_property PRODID line Some(1) ["VCALENDAR"]
        ! missing_property VERSION line Some(1) ["VCALENDAR"]
        ! missing_property DTSTAMP line Some(2) ["VEVENT"]
        ! missing_property UID line Some(2) ["VEVENT"]
        ! no_start DTSTART line Some(2) []
        ! bad_date DTSTART line Some(3) ["20240230T250000"]
        ! bad_escape SUMMARY line Some(6) []
        alike
    "#]],
    );
    check(
        &fixture("broken/long-line.vcf"),
        expect![[r#"
        1 VCARD
        Some(Contact) Some("long") "Long" line Some(1)
        alike
    "#]],
    );
    check(
        b"neither\r\n",
        expect![[r#"
        ! no_component  line Some(1) []
        ! unparsable_line  line Some(1) []
        alike
    "#]],
    );
    check(
        b"",
        expect![[r#"
        alike
    "#]],
    );
}

#[test]
fn deep_nesting_is_described() {
    let report = inspect(&fixture("broken/deep.ics"), &settings());
    assert!(report.components.values().sum::<usize>() < 40);
    assert!(report.warnings.iter().any(|warning| warning.code == "stray_begin"));
}

const CALENDAR: &[u8] =
    b"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Example//EN\nMETHOD:PUBLISH\nX-WR-CALNAME:All\n\
BEGIN:VTIMEZONE\nTZID:Europe/Berlin\nBEGIN:STANDARD\nDTSTART:19701025T030000\nTZOFFSETFROM:+0200\n\
TZOFFSETTO:+0100\nEND:STANDARD\nEND:VTIMEZONE\n\
BEGIN:VTIMEZONE\nTZID:Unused\nBEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0100\n\
END:STANDARD\nEND:VTIMEZONE\n\
BEGIN:VEVENT\nUID:a\nDTSTAMP:20240101T000000Z\nDTSTART;TZID=Europe/Berlin:20240101T100000\nRRULE:FREQ=DAILY\n\
SUMMARY:Series\nEND:VEVENT\n\
BEGIN:VTODO\nUID:a\nDTSTAMP:20240101T000000Z\nSUMMARY:Task\nPRIORITY:many\nEND:VTODO\n\
BEGIN:VEVENT\nUID:a\nDTSTAMP:20240101T000000Z\nRECURRENCE-ID;TZID=Europe/Berlin:20240102T100000\n\
DTSTART;TZID=Europe/Berlin:20240102T110000\nSUMMARY:Moved\nEND:VEVENT\n\
BEGIN:VEVENT\nDTSTAMP:20240101T000000Z\nDTSTART:20240101T100000Z\nSUMMARY:C:\\temp\nEND:VEVENT\n\
BEGIN:VFREEBUSY\nUID:f\nEND:VFREEBUSY\nEND:VCALENDAR\n";

#[test]
fn a_calendar_is_counted_item_by_item_and_warned_of_by_its_own_lines() {
    check(
        CALENDAR,
        expect![[r#"
        2 STANDARD
        1 VCALENDAR
        3 VEVENT
        1 VFREEBUSY
        2 VTIMEZONE
        1 VTODO
        Some(Event) Some("a") "Series" line Some(22)
        Some(Task) Some("a") "Task" line Some(29)
        Some(Event) None "C:\\temp" line Some(42)
        ! bad_value PRIORITY line Some(33) ["many"]
        ! missing_property UID line Some(42) ["VEVENT"]
        ! bad_escape SUMMARY line Some(45) []
        alike
    "#]],
    );
}

#[test]
fn a_calendar_is_split_into_one_object_a_uid_with_the_zones_it_uses() {
    let pieces: Vec<_> =
        split(CALENDAR).iter().map(|piece| String::from_utf8(piece.bytes.clone()).unwrap()).collect();
    assert_eq!(pieces.len(), 3);
    expect![[r#"
        BEGIN:VCALENDAR
        VERSION:2.0
        PRODID:-//Example//EN
        BEGIN:VTIMEZONE
        TZID:Europe/Berlin
        BEGIN:STANDARD
        DTSTART:19701025T030000
        TZOFFSETFROM:+0200
        TZOFFSETTO:+0100
        END:STANDARD
        END:VTIMEZONE
        BEGIN:VEVENT
        UID:a
        DTSTAMP:20240101T000000Z
        DTSTART;TZID=Europe/Berlin:20240101T100000
        RRULE:FREQ=DAILY
        SUMMARY:Series
        END:VEVENT
        BEGIN:VEVENT
        UID:a
        DTSTAMP:20240101T000000Z
        RECURRENCE-ID;TZID=Europe/Berlin:20240102T100000
        DTSTART;TZID=Europe/Berlin:20240102T110000
        SUMMARY:Moved
        END:VEVENT
        END:VCALENDAR
    "#]]
    .assert_eq(&pieces[0]);
    expect![[r#"
        BEGIN:VCALENDAR
        VERSION:2.0
        PRODID:-//Example//EN
        BEGIN:VTODO
        UID:a
        DTSTAMP:20240101T000000Z
        SUMMARY:Task
        PRIORITY:many
        END:VTODO
        END:VCALENDAR
    "#]]
    .assert_eq(&pieces[1]);
}

#[test]
fn pieces_know_the_lines_of_the_file() {
    let todo = split(CALENDAR).into_iter().nth(1).unwrap();
    let text = String::from_utf8(todo.bytes.clone()).unwrap();
    let source = String::from_utf8(CALENDAR.to_vec()).unwrap();
    let own = |text: &str, line: &str| text.lines().position(|known| known == line).unwrap() + 1;
    for line in ["VERSION:2.0", "SUMMARY:Task", "PRIORITY:many", "END:VTODO"] {
        assert_eq!(todo.source_line(Some(own(&text, line))), Some(own(&source, line)), "{line}");
    }
    assert_eq!(todo.source_line(Some(own(&text, "END:VCALENDAR"))), None);
}

#[test]
fn every_item_of_every_sample_is_split_off_whole() {
    fn count(document: &Document, name: &str) -> usize {
        let outer = document.components().filter(|outer| outer.is("VCALENDAR")).chain([document.root()]);
        outer.map(|outer: Component<'_>| outer.components_named(name).count()).sum()
    }
    for (path, bytes) in all_samples() {
        let source = Document::parse(&bytes);
        let pieces: Vec<_> = split(&bytes).iter().map(|piece| Document::parse(&piece.bytes)).collect();
        for name in ["VEVENT", "VTODO", "VJOURNAL", "VCARD"] {
            let split_off: usize = pieces.iter().map(|piece| count(piece, name)).sum();
            assert_eq!(split_off, count(&source, name), "{path}: {name}");
        }
    }
}

#[test]
fn cards_are_split_one_by_one() {
    let pieces = split(&fixture("vcard/two-cards.vcf"));
    assert_eq!(
        pieces.iter().map(|piece| (piece.dialect, piece.line)).collect::<Vec<_>>(),
        [(Dialect::VCard3, Some(1)), (Dialect::VCard3, Some(7))]
    );
    let report = inspect(&fixture("vcard/two-cards.vcf"), &settings());
    assert_eq!(report.items.iter().map(|item| item.kind).collect::<Vec<_>>(), [Some(Kind::Contact); 2]);
}

#[test]
fn old_line_endings_and_missing_ends_do_not_spoil_a_piece() {
    let pieces = split(b"BEGIN:VCALENDAR\rBEGIN:VEVENT\rUID:a\rSUMMARY:x");
    assert_eq!(pieces.len(), 1);
    assert_eq!(
        pieces[0].bytes,
        b"BEGIN:VCALENDAR\rBEGIN:VEVENT\rUID:a\rSUMMARY:x\rEND:VEVENT\rEND:VCALENDAR\r"
    );
    let pieces = split(b"BEGIN:VTODO\nUID:a\nEND:VTODO\n");
    assert_eq!(
        pieces[0].bytes,
        b"BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VTODO\nUID:a\nEND:VTODO\nEND:VCALENDAR\n"
    );
}

proptest::proptest! {
    #[test]
    fn any_bytes_are_inspected(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..300)) {
        proptest::prop_assert!(inspect(&bytes, &settings()).is_rewritten_alike);
    }
}
