//! What is malformed on a server is synced as well as can be, and its owner is told of it: once, with item, property and line.

use dovetail_davserver::{Server, Settings};
use expect_test::expect;
use serde_json::Value;

use crate::home::{Ended, Home};
use crate::samples;

/// A file of `fixtures/`.
fn fixture(name: &str) -> String {
    let path = format!("{}/../../fixtures/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn join(home: &Home, server: &Server, profile: &str, folder: &str, collection: &str) {
    let url = format!("{}sample/{collection}/", server.url());
    let words = ["profile", "add", profile, "--url", &url, "--user", "sample", "--password-stdin"];
    let words = [&words[..], &["--folder", folder, "--set", "time_range=no"]].concat();
    let Ended { code, err, .. } = home.run_with_input(&words, "sample\n");
    assert_eq!(code, 0, "{err}");
}

/// What a report in words says of items.
fn told(home: &Home, words: &[&str]) -> String {
    let out = home.fine(words);
    let lines = out.lines().filter(|line| line.trim_start().starts_with("warning:"));
    lines.map(|line| format!("{}\n", line.trim_start())).collect()
}

#[test]
fn what_is_malformed_is_told_of_with_item_property_and_line() {
    let (home, server) = (Home::new(), Server::start(Settings::default()).unwrap());
    for name in ["two-rules.ics", "strange-values.ics"] {
        server
            .put(&format!("/sample/calendar/{name}"), fixture(&format!("malformed/{name}")).as_bytes())
            .unwrap();
    }
    let card = samples::card(1).replacen("ORG:", "BDAY:in spring\r\nORG:", 1);
    server.put("/sample/contacts/1.vcf", card.as_bytes()).unwrap();
    join(&home, &server, "work", "Calendar", "calendar");
    join(&home, &server, "people", "Contacts", "contacts");

    let first = told(&home, &["plan", "work"]);
    expect![[r#"
        warning: "Strange values" (server): line 10: PRIORITY: the value is not one that the standard knows: "high"; line 11: STATUS: the value is not one that the standard knows: "MAYBE"; line 16: ATTACH: the data is not base64
        warning: "Two rules" (server): line 11: RRULE: there are several rules; the first counts; line 12: EXRULE: this is not supported; it is kept as it is
    "#]].assert_eq(&first);
    let planned = home.json(&["plan", "work"])["warnings"].clone();
    assert_eq!(told(&home, &["sync", "work"]), first);
    assert_eq!(told(&home, &["report", "show"]), first);
    expect![[r#"
        warning: "Sample Person 001" (server): line 12: BDAY: not a date or time: "in spring"
    "#]]
    .assert_eq(&told(&home, &["sync", "people"]));

    expect![[r#"
        [
          {
            "title": "Strange values",
            "side": "server",
            "warnings": [
              {
                "line": 10,
                "property": "PRIORITY",
                "code": "bad_value",
                "text": "the value is not one that the standard knows: \"high\""
              },
              {
                "line": 11,
                "property": "STATUS",
                "code": "bad_value",
                "text": "the value is not one that the standard knows: \"MAYBE\""
              },
              {
                "line": 16,
                "property": "ATTACH",
                "code": "bad_base64",
                "text": "the data is not base64"
              }
            ],
            "further": 0
          },
          {
            "title": "Two rules",
            "side": "server",
            "warnings": [
              {
                "line": 11,
                "property": "RRULE",
                "code": "several_rules",
                "text": "there are several rules; the first counts"
              },
              {
                "line": 12,
                "property": "EXRULE",
                "code": "not_supported",
                "text": "this is not supported; it is kept as it is"
              }
            ],
            "further": 0
          }
        ]"#]]
    .assert_eq(&serde_json::to_string_pretty(&planned).unwrap());
}

/// An alarm that never rings.
const ALARM: &str = "BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:never\r\nEND:VALARM\r\n";

#[test]
fn a_warning_is_told_once_and_of_many_the_first() {
    let (home, server) = (Home::new(), Server::start(Settings::default()).unwrap());
    let event = samples::event(1).replacen("BEGIN:VALARM", &(ALARM.repeat(7) + "BEGIN:VALARM"), 1);
    let put = |event: &str| {
        server.put("/sample/calendar/1.ics", samples::calendar(event).as_bytes()).unwrap();
    };
    put(&event);
    join(&home, &server, "work", "Calendar", "calendar");
    let warned = |run: &Value| {
        let of_item = run["warnings"].as_array().unwrap().first()?;
        Some((of_item["warnings"].as_array().unwrap().len(), of_item["further"].as_u64().unwrap()))
    };
    assert_eq!(warned(&home.sync("work")), Some((5, 2)));
    assert_eq!(warned(&home.sync("work")), None, "nothing is read");
    let edited = event.replacen("DTSTAMP", "LOCATION:Room 1\r\nDTSTAMP", 1);
    put(&edited);
    assert_eq!(warned(&home.sync("work")), None, "all of this was said before");
    put(&edited.replacen("DTSTAMP", "PRIORITY:high\r\nDTSTAMP", 1));
    assert_eq!(warned(&home.sync("work")), Some((1, 0)), "this was not");
}

#[test]
fn of_what_waits_a_warning_is_told_in_each_run_until_it_is_decided() {
    let (home, server) = (Home::new(), Server::start(Settings::default()).unwrap());
    let put = |event: &str| {
        server.put("/sample/calendar/1.ics", samples::calendar(event).as_bytes()).unwrap();
    };
    let event = samples::event(1);
    put(&event);
    join(&home, &server, "work", "Calendar", "calendar");
    home.fine(&["profile", "set", "work", "rule=ask"]);
    home.sync("work");
    let id = home.list("Calendar")[0]["id"].as_str().unwrap().to_owned();
    home.fine(&["outlook", "set", &id, "Location=Room 2"]);
    let located: Vec<&str> = event.lines().filter(|line| !line.starts_with("LOCATION")).collect();
    let edited = located.join("\r\n") + "\r\n";
    put(&edited.replacen("DTSTAMP", "LOCATION:Room 1\r\nPRIORITY:high\r\nDTSTAMP", 1));
    for _ in 0..2 {
        let run: Value = serde_json::from_str(&home.run(&["sync", "work", "--json"]).out).unwrap();
        assert_eq!((&run["held"], run["warnings"].as_array().map(Vec::len)), (&1.into(), Some(1)), "{run}");
    }
    let held = home.json(&["held", "list", "work"]);
    home.fine(&["held", "approve", held[0]["id"].as_str().unwrap()]);
    home.sync("work");
    let run = home.sync("work");
    assert_eq!(run["warnings"], serde_json::json!([]), "{run}");
}

#[test]
fn of_many_items_with_warnings_the_first_are_told_in_words_and_all_in_json() {
    let (home, server) = (Home::new(), Server::start(Settings::default()).unwrap());
    for number in 0..25 {
        let event = samples::event(number).replacen("DTSTAMP", "PRIORITY:high\r\nDTSTAMP", 1);
        server.put(&format!("/sample/calendar/{number}.ics"), samples::calendar(&event).as_bytes()).unwrap();
    }
    join(&home, &server, "work", "Calendar", "calendar");
    let planned = home.json(&["plan", "work"])["warnings"].clone();
    assert_eq!(planned.as_array().unwrap().len(), 25);
    let told = told(&home, &["sync", "work"]);
    assert_eq!(home.json(&["report", "show"])["warnings"], planned);
    assert_eq!(told.lines().count(), 21, "{told}");
    assert!(told.ends_with("warning: 5 items more: --json tells of all items.\n"), "{told}");
}
