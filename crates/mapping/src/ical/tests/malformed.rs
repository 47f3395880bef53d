//! What is understood of calendars that do not follow the standard, and what is said of them: a page beside each file.

use std::fmt::Write as _;

use expect_test::expect_file;

use super::*;

fn files() -> Vec<(String, Vec<u8>)> {
    let files = files_in(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/malformed"));
    assert!(files.len() >= 30, "the fixtures are missing");
    files
}

/// The event in words, as far as repairs concern it.
fn told(reading: &Reading) -> String {
    let mut text = String::new();
    for warning in &reading.warnings {
        let line = warning.line.map_or("-".to_owned(), |line| line.to_string());
        let said = format!("line {line}: {} {} {:?}", warning.property, warning.code, warning.arguments);
        let _ = writeln!(text, "{}", said.trim_end_matches(" []"));
    }
    let Some(Item::Event(event)) = &reading.item else {
        return text + "nothing\n";
    };
    let occurrence = |text: &mut String, what: &str, it: &dovetail_model::Occurrence| {
        let _ = writeln!(text, "{what} {:?} from {} to {}", it.summary, it.start, it.end);
        let _ = writeln!(text, "  {:?} {:?} {:?} {:?}", it.status, it.busy, it.priority, it.sensitivity);
        for (name, value) in [("place", &it.location), ("text", &it.description)] {
            if !value.is_empty() {
                let _ = writeln!(text, "  {name} {value:?}");
            }
        }
        if !it.categories.is_empty() {
            let _ = writeln!(text, "  categories {:?}", it.categories);
        }
        for who in
            it.organizer.iter().map(|who| (who, "calls".to_owned())).chain(
                it.attendees.iter().map(|one| (&one.who, format!("{:?} {:?}", one.role, one.response))),
            )
        {
            let _ = writeln!(text, "  {} {:?} {}", who.0.address, who.0.name, who.1);
        }
        for alarm in &it.alarms {
            let _ =
                writeln!(text, "  {:?} {:?} {:?}", alarm.action, alarm.trigger, alarm.minutes_before_start);
        }
    };
    occurrence(&mut text, "event", &event.main);
    if let Some(rule) = &event.rule {
        let _ = writeln!(text, "rule {rule}");
    }
    for (name, dates) in [("without", &event.exdates), ("also", &event.rdates)] {
        for date in dates {
            let _ = writeln!(text, "{name} {date}");
        }
    }
    for (id, changed) in &event.overrides {
        occurrence(&mut text, &format!("instead of {id}"), changed);
    }
    text
}

#[test]
fn what_is_malformed_is_understood_as_well_as_can_be_and_told_of() {
    for (name, bytes) in files() {
        let page = format!("../../../../../fixtures/malformed/{}", name.replace(".ics", ".txt"));
        expect_file![page].assert_eq(&told(&read(&bytes, &settings())));
    }
}

#[test]
fn what_is_malformed_stays_byte_for_byte_where_nothing_is_edited() {
    for (name, bytes) in files() {
        let Some(item) = read_item(&bytes) else { continue };
        assert_eq!(
            String::from_utf8_lossy(&rewrite(&item, &bytes)),
            String::from_utf8_lossy(&bytes),
            "{name}"
        );
        assert_eq!(rewrite(&item, &bytes), bytes, "{name}");
    }
}

#[test]
fn an_edit_of_what_is_malformed_is_understood_and_leaves_the_rest() {
    for (name, bytes) in files() {
        let Some(Item::Event(mut event)) = read_item(&bytes) else { continue };
        event.main.location = "Elsewhere".into();
        let written = rewrite(&Item::Event(event.clone()), &bytes);
        assert_eq!(
            event_of(read_item(&written).unwrap()),
            *event,
            "{name}\n{}",
            String::from_utf8_lossy(&written)
        );
    }
}

#[test]
fn a_count_of_nothing_stays_on_the_server_until_the_series_is_edited() {
    let (_, bytes) = files().into_iter().find(|(name, _)| name == "count-of-nothing.ics").unwrap();
    let mut event = event_of(read_item(&bytes).unwrap());
    event.main.location = "Elsewhere".into();
    let text =
        |event: &Event| String::from_utf8(rewrite(&Item::Event(event.clone().into()), &bytes)).unwrap();
    assert!(text(&event).contains("\r\nRRULE:FREQ=WEEKLY;COUNT=0\r\n"), "{}", text(&event));
    event.rule.as_mut().unwrap().interval = 2;
    assert!(text(&event).contains("\r\nRRULE:FREQ=WEEKLY;INTERVAL=2\r\n"), "{}", text(&event));
}
