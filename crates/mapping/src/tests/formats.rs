//! Formatted texts, from one lens to the other and back.

use dovetail_model::carry::{Ground, carry};
use dovetail_model::{Item, Task, Zone};
use jiff::Timestamp;

use crate::body::{Rich, compressed, html, rtf};
use crate::options::{CalendarOptions, FormatsFrom, FormatsTo};
use crate::outlook::OutlookItem;
use crate::{Dialect, Settings, holds, read, write};

fn settings(formats_to_server: FormatsTo, formats_to_outlook: FormatsFrom) -> Settings {
    let mut settings = Settings::new(Zone::named("Europe/Berlin"), "-//Example//EN");
    settings.options.calendar =
        CalendarOptions { formats_to_server, formats_to_outlook, ..CalendarOptions::default() };
    settings
}

fn both_ways() -> Settings {
    settings(FormatsTo::AltDesc, FormatsFrom::Anywhere)
}

fn fixture(name: &str) -> Vec<u8> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/ical");
    std::fs::read(folder.join(name)).expect("the fixture is there")
}

fn event(lines: &str) -> Vec<u8> {
    let lines = lines.replace('\n', "\r\n");
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:one\r\nDTSTAMP:20260101T000000Z\r\n\
         DTSTART:20260302T090000Z\r\nDTEND:20260302T100000Z\r\n{lines}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    .into_bytes()
}

fn item(dialect: Dialect, original: &[u8], settings: &Settings) -> Item {
    read(dialect, original, settings).item.expect("there is an item")
}

fn written(dialect: Dialect, item: &Item, from: Option<&[u8]>, settings: &Settings) -> Vec<u8> {
    let now = "2026-06-01T12:00:00Z".parse::<Timestamp>().expect("a time");
    write(dialect, item, from, now, settings)
}

/// The first line of that name, unfolded, its text unescaped.
fn line(original: &[u8], name: &str) -> Option<String> {
    let document = crate::component::Document::parse(original);
    let calendar = document.components().next()?;
    let line = calendar.components().next()?.lines_named(name).last()?.text();
    Some(line)
}

/// What one side made of an edit, carried to the other side's item.
fn carried(
    (from, before, after): (Dialect, &[u8], &[u8]),
    (to, onto): (Dialect, &[u8]),
    settings: &Settings,
) -> Vec<u8> {
    let base = Ground::from(item(from, before, settings));
    let changed = carry(&base, &item(from, after, settings), &item(to, onto, settings));
    written(to, &changed, Some(onto), settings)
}

fn outlook(item: &[u8]) -> serde_json::Value {
    serde_json::from_slice(item).expect("JSON")
}

fn with(item: &[u8], property: &str, text: &str) -> Vec<u8> {
    let item = OutlookItem::parse(item).expect("an item of Outlook");
    let today = jiff::civil::date(2026, 3, 1);
    let set = crate::outlook::assign(&item, property, text, &both_ways().home, today).expect("it can be set");
    set.to_json().into_bytes()
}

/// The formatted text of an item of Outlook, where it has one.
fn formats_of(item: &[u8]) -> Option<Rich> {
    use base64::Engine as _;
    let item = outlook(item);
    let bytes = base64::engine::general_purpose::STANDARD.decode(item["RTFBody"].as_str()?).expect("Base64");
    Some(rtf::read(&bytes))
}

const FORMATTED: &str = "DESCRIPTION:All good\nX-ALT-DESC;FMTTYPE=text/html:<p>All <b>good</b></p>";

#[test]
fn formats_of_the_server_go_to_outlook_where_that_is_chosen() {
    for (chosen, go) in [(FormatsFrom::Anywhere, true), (FormatsFrom::DescriptionAlone, false)] {
        let settings = settings(FormatsTo::Nowhere, chosen);
        for server in [
            event(FORMATTED),
            event("DESCRIPTION:All good\nSTYLED-DESCRIPTION;FMTTYPE=text/html:<p>All <b>good</b></p>"),
            event("DESCRIPTION;ALTREP=\"data:text/html,All%20%3Cb%3Egood%3C/b%3E\":All good"),
        ] {
            let made =
                written(Dialect::Outlook, &item(Dialect::ICalendar, &server, &settings), None, &settings);
            assert_eq!(outlook(&made)["Body"], "All good");
            assert_eq!(outlook(&made).get("RTFBody").is_some(), go);
        }
        // A description in HTML would be unreadable.
        let server = event("DESCRIPTION:<p>All <b>good</b></p>");
        let made = written(Dialect::Outlook, &item(Dialect::ICalendar, &server, &settings), None, &settings);
        assert_eq!(outlook(&made)["Body"], "All good");
        assert!(outlook(&made).get("RTFBody").is_some());
    }
}

#[test]
fn formats_of_outlook_go_to_the_server_where_that_is_chosen() {
    let cases = [
        (FormatsTo::Nowhere, [false, false]),
        (FormatsTo::AltDesc, [true, false]),
        (FormatsTo::Styled, [false, true]),
        (FormatsTo::Both, [true, true]),
    ];
    for (chosen, wanted) in cases {
        let settings = settings(chosen, FormatsFrom::DescriptionAlone);
        let made =
            written(Dialect::Outlook, &item(Dialect::ICalendar, &event("X:1"), &settings), None, &settings);
        let made = with(&made, "RTFBody", "{\\rtf1 All {\\b good}}");
        assert_eq!(outlook(&made)["Body"], "All good");
        let server = written(Dialect::ICalendar, &item(Dialect::Outlook, &made, &settings), None, &settings);
        assert_eq!(line(&server, "DESCRIPTION").as_deref(), Some("All good"));
        let found = ["X-ALT-DESC", "STYLED-DESCRIPTION"].map(|name| line(&server, name));
        assert_eq!(found.clone().map(|html| html.is_some()), wanted, "{chosen:?}");
        for html in found.into_iter().flatten() {
            assert_eq!(html, "<html><body><div>All <b>good</b></div></body></html>");
        }
    }
}

#[test]
fn an_edit_of_the_plain_text_is_made_in_the_formatted_one_whether_formats_cross_or_not() {
    for settings in [both_ways(), settings(FormatsTo::Nowhere, FormatsFrom::DescriptionAlone)] {
        let server = event(FORMATTED);
        let made = written(Dialect::Outlook, &item(Dialect::ICalendar, &server, &settings), None, &settings);
        let mut edited = outlook(&made);
        edited["Body"] = "All very good".into();
        edited.as_object_mut().expect("a record").remove("RTFBody");
        let edited = serde_json::to_vec(&edited).expect("JSON");
        let after = carried((Dialect::Outlook, &made, &edited), (Dialect::ICalendar, &server), &settings);
        assert_eq!(line(&after, "DESCRIPTION").as_deref(), Some("All very good"));
        let html = line(&after, "X-ALT-DESC");
        assert!(html.is_none_or(|html| html::read(&html).agrees_with("All very good")));

        let made = with(&made, "RTFBody", "{\\rtf1 All {\\b good}}");
        let server_after = String::from_utf8(event("DESCRIPTION:All so good")).expect("text");
        let after = carried(
            (Dialect::ICalendar, &event("DESCRIPTION:All good"), server_after.as_bytes()),
            (Dialect::Outlook, &made),
            &settings,
        );
        assert_eq!(outlook(&after)["Body"], "All so good");
        let after = item(Dialect::Outlook, &after, &both_ways());
        let Item::Event(after) = after else { panic!("{after:?}") };
        assert_eq!(
            after.main.html.as_deref(),
            Some("<html><body><div>All so <b>good</b></div></body></html>")
        );
    }
}

#[test]
fn where_formats_say_something_else_than_the_plain_text_that_counts() {
    let settings = both_ways();
    let server = event("DESCRIPTION:All bad\nX-ALT-DESC;FMTTYPE=text/html:<p>All <b>good</b></p>");
    let Item::Event(read) = item(Dialect::ICalendar, &server, &settings) else { panic!() };
    let html = "<html><body><div>All <b>bad</b></div></body></html>";
    assert_eq!((read.main.description.as_str(), read.main.html.as_deref()), ("All bad", Some(html)));
    let same = written(Dialect::ICalendar, &Item::Event(read), Some(&server), &settings);
    assert_eq!(same, server);
    let emptied = event("DESCRIPTION:\nX-ALT-DESC;FMTTYPE=text/html:<p>All <b>good</b></p>");
    let Item::Event(read) = item(Dialect::ICalendar, &emptied, &settings) else { panic!() };
    assert_eq!((read.main.description.as_str(), read.main.html.as_deref()), ("", None));
    let alone = event("X-ALT-DESC;FMTTYPE=text/html:<p>All <b>good</b></p>");
    let Item::Event(read) = item(Dialect::ICalendar, &alone, &settings) else { panic!() };
    assert_eq!(read.main.description, "All good");
}

#[test]
fn a_text_that_looks_like_html_is_not_taken_for_it() {
    let settings = both_ways();
    let server = event("X:1");
    let mut wanted = item(Dialect::ICalendar, &server, &settings);
    if let Item::Event(event) = &mut wanted {
        event.main.description = "Write <b>so</b>\nfor bold".to_owned();
    }
    let after = written(Dialect::ICalendar, &wanted, Some(&server), &settings);
    assert_eq!(item(Dialect::ICalendar, &after, &settings), wanted);
    assert_eq!(holds(Dialect::ICalendar, &wanted, &settings), wanted);
}

#[test]
fn meeting_links_outlive_edits_on_both_sides() {
    let cases = [
        (
            "teams-meeting.ics",
            "https://teams.microsoft.com/l/meetup-join/19%3ameeting_U2FtcGxlU2FtcGxlU2FtcGxl%40thread.v2/0\
          ?context=%7b%22Tid%22%3a%2200000000-0000-0000-0000-000000000001%22%2c%22Oid%22%3a%2200000000-0000-0000-0000-000000000002%22%7d",
        ),
        ("zoom-meeting.ics", "https://example.zoom.us/j/81234567890?pwd=U2FtcGxlU2FtcGxl.1"),
        (
            "google-jitsi-html-description.ics",
            "https://meet.jit.si/SampleRoomForPlanning#config.startWithAudioMuted=true",
        ),
    ];
    for settings in [both_ways(), settings(FormatsTo::Nowhere, FormatsFrom::DescriptionAlone)] {
        for (name, link) in cases {
            let server = fixture(name);
            let read = item(Dialect::ICalendar, &server, &settings);
            let made = written(Dialect::Outlook, &read, None, &settings);
            let body = outlook(&made)["Body"].as_str().expect("a text").to_owned();
            assert!(body.contains(link), "{name}: {body}");
            if let Some(rich) = formats_of(&made) {
                let html = html::write(&rich);
                assert!(html.contains(&format!("href='{link}'")), "{name}: {html}");
            }

            let new = format!("Please be there in time.\r\n{body}");
            let edited = match formats_of(&made) {
                Some(rich) => {
                    let rtf = rtf::write(&rich.with_text(&new));
                    with(&made, "RTFBody", &String::from_utf8(rtf).expect("ASCII"))
                }
                None => with(&made, "Body", &new),
            };
            let after = carried((Dialect::Outlook, &made, &edited), (Dialect::ICalendar, &server), &settings);
            let described = line(&after, "DESCRIPTION").expect("a description");
            assert!(described.contains("Please be there in time."), "{name}: {described}");
            assert!(described.contains(link), "{name}: {described}");
            let html =
                line(&after, "X-ALT-DESC").or_else(|| Some(described).filter(|text| html::is_html(text)));
            let was_html = line(&server, "X-ALT-DESC").is_some() || name.starts_with("google");
            assert!(
                !was_html || html.as_ref().is_some_and(|html| html.contains(&format!("href='{link}'"))),
                "{html:?}"
            );
            let unchanged = ["LOCATION", "X-MICROSOFT-SKYPETEAMSMEETINGURL", "SUMMARY"];
            for property in unchanged {
                assert_eq!(line(&after, property), line(&server, property), "{name}");
            }
        }
    }
}

#[test]
fn what_crossed_is_no_difference_and_crosses_no_more() {
    let settings = both_ways();
    for name in [
        "teams-meeting.ics",
        "google-jitsi-html-description.ics",
        "styled-description.ics",
        "thunderbird-html-description.ics",
    ] {
        let server = item(Dialect::ICalendar, &fixture(name), &settings);
        let Item::Event(event) = &server else { panic!("{name}") };
        assert!(event.main.html.is_some(), "{name}");
        let made = written(Dialect::Outlook, &server, None, &settings);
        let Item::Event(there) = item(Dialect::Outlook, &made, &settings) else { panic!("{name}") };
        assert_eq!(there.main.html, event.main.html, "{name}");
        assert_eq!(written(Dialect::Outlook, &Item::Event(there), Some(&made), &settings), made, "{name}");
    }
}

#[test]
fn compressed_formats_stay_compressed() {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    let settings = both_ways();
    let made =
        written(Dialect::Outlook, &item(Dialect::ICalendar, &event("X:1"), &settings), None, &settings);
    let packed = compressed::pack(b"{\\rtf1\\ansi All {\\b good}\\par}");
    let made = with(&made, "RTFBody", &STANDARD.encode(packed));
    let mut read = item(Dialect::Outlook, &made, &settings);
    assert_eq!(written(Dialect::Outlook, &read, Some(&made), &settings), made);
    if let Item::Event(event) = &mut read {
        event.main.description = "All very good".to_owned();
    }
    let after = outlook(&written(Dialect::Outlook, &read, Some(&made), &settings));
    let bytes = STANDARD.decode(after["RTFBody"].as_str().expect("formats")).expect("Base64");
    let unpacked = compressed::unpack(&bytes).expect("compressed RTF");
    assert!(html::write(&rtf::read(&unpacked)).contains("All very <b>good</b>"));
}

#[test]
fn formats_of_a_task_stay_with_its_text() {
    let settings = both_ways();
    let task = Item::Task(Box::new(Task { description: "All good".into(), ..Task::default() }));
    let made = with(&written(Dialect::Outlook, &task, None, &settings), "RTFBody", "{\\rtf1 All {\\b good}}");
    let mut read = item(Dialect::Outlook, &made, &settings);
    assert_eq!(written(Dialect::Outlook, &read, Some(&made), &settings), made);
    if let Item::Task(task) = &mut read {
        task.description = "All so good".to_owned();
    }
    let after = outlook(&written(Dialect::Outlook, &read, Some(&made), &settings));
    assert_eq!(after["Body"], "All so good");
    assert!(after["RTFBody"].as_str().is_some_and(|formats| !formats.is_empty()));
    let plain = with(&made, "Body", "Something else");
    assert_eq!(outlook(&plain).get("RTFBody"), None);
}
