//! A series with several occurrences on one day, which Outlook shows as single appointments beside it, end to end against a
//! real server: its edits cross, any version of it is put back, and runs about it are taken back.

use serde_json::Value;

use crate::home::{Home, writes};
use crate::server::{Collection, Holding};

/// Three days, twice on each.
const SERIES: &str = "BEGIN:VEVENT\r\nUID:twice-a-day\r\nDTSTAMP:20260101T000000Z\r\nSUMMARY:Feed the cat\r\n\
                      DTSTART:20260302T080000Z\r\nDTEND:20260302T081500Z\r\nRRULE:FREQ=DAILY;COUNT=6;BYHOUR=8,14\r\n\
                      X-BOWL;X-SIZE=2:blue\r\nEND:VEVENT\r\n";

const OTHER: &str = "BEGIN:VEVENT\r\nUID:other\r\nDTSTAMP:20260101T000000Z\r\nSUMMARY:Other\r\n\
                     DTSTART:20260305T080000Z\r\nDTEND:20260305T090000Z\r\nEND:VEVENT\r\n";

/// What shows the afternoon of the second day.
const SECOND_DAY: &str = "2026-03-03T14";

fn synced() -> Option<(Home, Collection)> {
    let home = Home::new();
    let server = Collection::make(Holding::Events)?;
    server.put("series.ics", SERIES);
    server.put("other.ics", OTHER);
    home.join("work", "Calendar", &server);
    home.sync("work");
    rests(&home);
    Some((home, server))
}

/// A run has nothing to do, and both sides hold the same.
fn rests(home: &Home) {
    let run = home.sync("work");
    assert_eq!(writes(&run), 0, "{run}");
    home.fine(&["verify", "work"]);
}

fn body(server: &Collection) -> String {
    server.request("GET", "series.ics", "").body
}

/// What a person sees of the series: when, what and where.
fn seen(home: &Home) -> Vec<(String, String, String)> {
    let rows = home.list("Calendar").into_iter().filter(|row| row["title"] != "Other");
    let row = |row: Value| {
        let shown = home.json(&["outlook", "show", row["id"].as_str().unwrap()]);
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        (text(&row["when"]), text(&row["title"]), text(&shown["properties"]["Location"]))
    };
    let mut seen: Vec<_> = rows.map(row).collect();
    seen.sort();
    seen
}

/// The id of the appointment that is shown at that time.
fn at(home: &Home, when: &str) -> String {
    let rows = home.list("Calendar");
    let row = rows.iter().find(|row| row["when"].as_str().is_some_and(|at| at.starts_with(when)));
    row.unwrap_or_else(|| panic!("nothing is at {when}: {rows:?}"))["id"].as_str().unwrap().to_owned()
}

/// The id of the series itself.
fn series(home: &Home) -> String {
    at(home, "2026-03-02T08")
}

/// A run about it: one write on one side; its name.
fn goes(home: &Home, side: &str) -> String {
    let run = home.sync("work");
    let updated = run[side]["updated"].as_u64();
    assert_eq!((writes(&run), updated), (1, Some(1)), "{run}");
    run["run"].as_str().unwrap().to_owned()
}

/// The first version of an item on the server of which that is true: its number.
fn version(home: &Home, item: &str, wanted: impl Fn(&Value) -> bool) -> String {
    let history = home.json(&["history", item]);
    let mut versions = history["versions"].as_array().unwrap().iter();
    let found = versions.find(|one| one["side"] == "server" && one["number"].is_i64() && wanted(one));
    found.unwrap_or_else(|| panic!("{history:#}"))["number"].to_string()
}

#[test]
fn a_version_with_all_that_shows_the_series_is_put_back() {
    let Some((home, server)) = synced() else { return };
    let (first, before) = (seen(&home), body(&server));
    assert_eq!(first.len(), 4, "{first:?}");
    home.fine(&["outlook", "set", &at(&home, SECOND_DAY), "Location=Garden"]);
    goes(&home, "server");
    assert!(body(&server).contains("LOCATION:Garden\r\n"), "{}", body(&server));
    home.fine(&["outlook", "delete", &at(&home, "2026-03-04T14")]);
    goes(&home, "server");
    assert!(body(&server).contains("EXDATE"), "{}", body(&server));
    rests(&home);
    let edited = seen(&home);
    assert_eq!(edited.len(), 3, "{edited:?}");

    // As the server had it at first.
    let id = series(&home);
    let number = version(&home, &id, |_| true);
    home.fine(&["restore", &format!("{id}@{number}")]);
    assert_eq!(seen(&home), first);
    let lines = |body: &str| {
        let lines = body.lines().filter(|line| !line.starts_with("DTSTAMP") && !line.starts_with("SEQUENCE"));
        lines.filter(|line| !line.starts_with("LAST-MODIFIED")).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(lines(&body(&server)), lines(&before));
    rests(&home);

    // And as it was in between, with the edit.
    let number = version(&home, &id, |one| one["changes"].to_string().contains("Garden"));
    home.fine(&["restore", &format!("{id}@{number}")]);
    let back = seen(&home);
    assert!(
        back.iter().any(|(when, _, place)| when.starts_with(SECOND_DAY) && place == "Garden"),
        "{back:?}"
    );
    assert!(body(&server).contains("LOCATION:Garden\r\n") && body(&server).contains("X-BOWL;X-SIZE=2:blue"));
    rests(&home);
}

#[test]
fn a_single_appointment_of_a_series_has_the_history_of_the_series() {
    let Some((home, _server)) = synced() else { return };
    home.fine(&["outlook", "set", &at(&home, SECOND_DAY), "Location=Garden"]);
    goes(&home, "server");
    let (one, whole) = (at(&home, SECOND_DAY), series(&home));
    assert_ne!(one, whole);
    for name in [one.as_str(), &one[..8]] {
        let told = home.json(&["history", name]);
        assert_eq!(told["versions"], home.json(&["history", &whole])["versions"], "{name}");
    }
    let number = version(&home, &one, |_| true);
    home.fine(&["restore", &format!("{one}@{number}")]);
    assert!(seen(&home).iter().all(|(.., place)| place.is_empty()), "{:?}", seen(&home));
    rests(&home);
}

#[test]
fn a_run_about_a_single_appointment_of_a_series_is_taken_back() {
    for edit in ["set", "delete"] {
        let Some((home, server)) = synced() else { return };
        let before = body(&server);
        let id = at(&home, SECOND_DAY);
        let further: &[&str] = if edit == "set" { &["Location=Garden", "Subject=Play"] } else { &[] };
        home.fine(&[&["outlook", edit, &id], further].concat());
        let edited = seen(&home);
        let run = goes(&home, "server");
        assert_ne!(body(&server), before);
        home.fine(&["undo", &run]);
        let after = body(&server);
        for line in ["RECURRENCE-ID", "EXDATE", "Garden"] {
            assert!(!after.contains(line), "{edit}: {after}");
        }
        assert!(after.contains("X-BOWL;X-SIZE=2:blue\r\n"), "{after}");
        // What a user did in Outlook was no write of the run, and stays there.
        assert_eq!(seen(&home), edited, "{edit}");
        rests(&home);
    }
}

#[test]
fn what_a_run_wrote_of_a_series_into_outlook_is_taken_back_with_all_that_shows_it() {
    let Some((home, server)) = synced() else { return };
    let first = seen(&home);
    server.replace("series.ics", "Feed the cat", "Feed the dog");
    let run = goes(&home, "outlook");
    assert!(seen(&home).iter().all(|(_, title, _)| title == "Feed the dog"), "{:?}", seen(&home));
    home.fine(&["undo", &run]);
    assert_eq!(seen(&home), first);
    rests(&home);

    let Some((home, server)) = synced() else { return };
    home.fine(&["outlook", "set", &at(&home, SECOND_DAY), "Location=Garden"]);
    goes(&home, "server");
    let edited = seen(&home);
    server.delete("series.ics");
    let run = home.sync("work");
    assert_eq!((writes(&run), seen(&home).len()), (1, 0), "{run}");
    home.fine(&["undo", run["run"].as_str().unwrap()]);
    assert_eq!(seen(&home), edited);
    rests(&home);
}
