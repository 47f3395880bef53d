//! What is done to a series in Outlook, and what becomes of it on the server.

use dovetail_model::carry::{Ground, carry};
use dovetail_model::{Event, Item, When, Zone};
use jiff::Timestamp;
use jiff::civil::{date, datetime};
use serde_json::{Value, json};

use crate::outlook::{OutlookItem, assign};
use crate::{Dialect, Settings, read, write};

fn settings() -> Settings {
    Settings::new(Zone::named("Europe/Berlin"), "-//Example//EN")
}

fn item(dialect: Dialect, original: &[u8]) -> Item {
    read(dialect, original, &settings()).item.expect("there is an item")
}

fn event(original: &[u8]) -> Event {
    match item(Dialect::ICalendar, original) {
        Item::Event(event) => *event,
        other => panic!("{other:?}"),
    }
}

/// A series in Berlin with the given lines, and further components.
fn series(lines: &str, further: &str) -> Vec<u8> {
    let text = format!(
        "BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nUID:1\nDTSTAMP:20260101T000000Z\nSUMMARY:Planning\n\
         DTSTART;TZID=Europe/Berlin:20260302T100000\nDTEND;TZID=Europe/Berlin:20260302T110000\n{lines}END:VEVENT\n\
         {further}END:VCALENDAR\n"
    );
    text.replace('\n', "\r\n").into_bytes()
}

fn changed_on(day: u8, lines: &str) -> String {
    format!(
        "BEGIN:VEVENT\nUID:1\nDTSTAMP:20260101T000000Z\nSUMMARY:Planning\n\
         RECURRENCE-ID;TZID=Europe/Berlin:202603{day:02}T100000\n{lines}END:VEVENT\n"
    )
}

fn in_outlook(server: &[u8]) -> Vec<u8> {
    write(Dialect::Outlook, &item(Dialect::ICalendar, server), None, Timestamp::UNIX_EPOCH, &settings())
}

/// The server's object after an edit in Outlook, unfolded.
fn after(server: &[u8], edit: impl FnOnce(&[u8]) -> Vec<u8>) -> String {
    let before = in_outlook(server);
    let edited = edit(&before);
    let base = Ground::from(item(Dialect::Outlook, &before));
    let wanted = carry(&base, &item(Dialect::Outlook, &edited), &item(Dialect::ICalendar, server));
    let written = write(Dialect::ICalendar, &wanted, Some(server), Timestamp::UNIX_EPOCH, &settings());
    String::from_utf8(written).unwrap().replace("\r\n ", "").replace("\r\n", "\n")
}

fn set(record: &[u8], property: &str, text: &str) -> Vec<u8> {
    let record = OutlookItem::parse(record).unwrap();
    let set = assign(&record, property, text, &settings().home, date(2026, 3, 1)).unwrap();
    set.to_json().into_bytes()
}

fn edited(record: &[u8], edit: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut record: Value = serde_json::from_slice(record).unwrap();
    edit(&mut record);
    serde_json::to_vec(&record).unwrap()
}

fn berlin(day: i8, hour: i8, minute: i8) -> When {
    When::Time { local: datetime(2026, 3, day, hour, minute, 0, 0), zone: Zone::named("Europe/Berlin") }
}

#[test]
fn a_series_that_is_moved_in_outlook_keeps_its_changed_occurrences_and_all_they_have() {
    let elsewhere = changed_on(
        3,
        "DTSTART;TZID=Europe/Berlin:20260303T100000\nDTEND;TZID=Europe/Berlin:20260303T110000\nLOCATION:Room 9\n\
         CATEGORIES:Own\nX-KEPT;X-P=1:of the third\nBEGIN:VALARM\nUID:a\nACTION:DISPLAY\nTRIGGER:-PT5M\nEND:VALARM\n",
    );
    let later = changed_on(
        4,
        "DTSTART;TZID=Europe/Berlin:20260304T150000\nDTEND;TZID=Europe/Berlin:20260304T163000\nX-KEPT:of the fourth\n",
    );
    let server = series(
        "RRULE:FREQ=DAILY;COUNT=9\nEXDATE;TZID=Europe/Berlin:20260306T100000\n",
        &(elsewhere + &later),
    );
    let by_hand = |record: &[u8]| set(record, "Start", "2026-03-02T10:30");
    // As a mailbox tells of it that leaves what names an exception at the old time.
    let series_alone = |record: &[u8]| {
        edited(record, |record| {
            for (property, time) in
                [("StartInStartTimeZone", "2026-03-02T10:30:00"), ("EndInEndTimeZone", "2026-03-02T11:30:00")]
            {
                record[property] = json!(time);
            }
        })
    };
    let texts = [after(&server, by_hand), after(&server, series_alone)];
    for (text, third) in texts.iter().zip(["103000", "100000"]) {
        for line in [
            "DTSTART;TZID=Europe/Berlin:20260302T103000",
            "EXDATE;TZID=Europe/Berlin:20260306T103000",
            "RECURRENCE-ID;TZID=Europe/Berlin:20260303T103000",
            "RECURRENCE-ID;TZID=Europe/Berlin:20260304T103000",
            &format!("DTSTART;TZID=Europe/Berlin:20260303T{third}"),
            "DTSTART;TZID=Europe/Berlin:20260304T150000",
            "LOCATION:Room 9",
            "CATEGORIES:Own",
            "X-KEPT;X-P=1:of the third",
            "X-KEPT:of the fourth",
            "UID:a",
        ] {
            assert_eq!(text.lines().filter(|known| *known == line).count(), 1, "{line}\n{text}");
        }
        assert_eq!(text.matches("BEGIN:VEVENT").count(), 3, "{text}");
    }
}

#[test]
fn an_exception_in_outlook_keeps_what_nobody_here_knows_when_the_server_moves_its_series() {
    let server =
        series("RRULE:FREQ=DAILY;COUNT=9\n", &changed_on(3, "DTSTART;TZID=Europe/Berlin:20260303T120000\n"));
    let known = edited(&in_outlook(&server), |record| {
        record["RecurrencePattern"]["Exceptions"][0]["AppointmentItem"]["Flag"] = json!("kept");
    });
    let mut moved = event(&server);
    moved.main = moved.main.moved_to(&berlin(2, 9, 0));
    let changed = moved.overrides.pop_first().unwrap().1;
    moved.overrides.insert(berlin(3, 9, 0), changed);
    let moved = Item::Event(Box::new(moved));
    let written = write(Dialect::Outlook, &moved, Some(&known), Timestamp::UNIX_EPOCH, &settings());
    let record: Value = serde_json::from_slice(&written).unwrap();
    let exception = &record["RecurrencePattern"]["Exceptions"][0];
    assert_eq!(exception["OriginalDate"], "2026-03-03T09:00:00");
    assert_eq!(exception["AppointmentItem"]["Flag"], "kept");
}

#[test]
fn one_occurrence_is_either_changed_or_deleted() {
    let server =
        series("RRULE:FREQ=DAILY;COUNT=9\n", &changed_on(3, "DTSTART;TZID=Europe/Berlin:20260303T120000\n"));
    let text = after(&server, |record| {
        edited(record, |record| {
            let exceptions = record["RecurrencePattern"]["Exceptions"].as_array_mut().unwrap();
            exceptions.push(json!({"OriginalDate": "2026-03-03T00:00:00", "Deleted": true}));
        })
    });
    assert!(!text.contains("EXDATE") && text.contains("RECURRENCE-ID"), "{text}");
}

#[test]
fn an_occurrence_that_outlook_moved_onto_the_day_of_another_takes_its_place() {
    let server =
        series("RRULE:FREQ=DAILY;COUNT=9\n", &changed_on(3, "DTSTART;TZID=Europe/Berlin:20260303T120000\n"));
    let move_to = |time: &'static str| {
        after(&server, |record| {
            edited(record, |record| {
                let one = &mut record["RecurrencePattern"]["Exceptions"][0]["AppointmentItem"];
                one["StartInStartTimeZone"] = json!(time);
                one["EndInEndTimeZone"] = json!(time);
            })
        })
    };
    let onto_next = move_to("2026-03-04T12:00:00");
    assert!(onto_next.contains("EXDATE;TZID=Europe/Berlin:20260304T100000"), "{onto_next}");
    // Beyond the series there is nothing to be replaced, and on its own day neither.
    for time in ["2026-03-20T12:00:00", "2026-03-03T18:00:00"] {
        let text = move_to(time);
        assert!(!text.contains("EXDATE"), "{text}");
    }
}

#[test]
fn where_the_server_has_two_on_one_day_both_stay_there() {
    let server =
        series("RRULE:FREQ=DAILY;COUNT=9\n", &changed_on(3, "DTSTART;TZID=Europe/Berlin:20260304T120000\n"));
    let text = after(&server, |record| set(record, "Subject", "Renamed"));
    assert!(text.contains("SUMMARY:Renamed") && !text.contains("EXDATE"), "{text}");
}
