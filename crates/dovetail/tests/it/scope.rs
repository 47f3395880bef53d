//! What a profile leaves out: the time range and the category, from the options to the server.

use crate::home::Home;
use crate::samples;
use crate::server::{Collection, Holding};

fn event(title: &str, lines: &str) -> String {
    let uid = title.replace(' ', "-");
    format!(
        "BEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20200101T000000Z\r\nSUMMARY:{title}\r\n{lines}END:VEVENT\r\n"
    )
}

/// The objects of the server that hold a text.
fn holding(server: &Collection, text: &str) -> usize {
    server.objects().iter().filter(|object| object.contains(text)).count()
}

#[test]
fn a_time_range_leaves_old_and_far_events_alone_on_both_sides_and_takes_them_in_when_it_is_off() {
    let Some(server) = Collection::make(Holding::Events) else { return };
    let home = Home::new();
    let days = "DTSTART;VALUE=DATE:19900301\r\nDTEND;VALUE=DATE:19900302\r\n";
    let far = "DTSTART;VALUE=DATE:29900301\r\nDTEND;VALUE=DATE:29900302\r\n";
    server.put("old.ics", &event("old", days));
    server.put("series.ics", &event("series", &format!("{days}RRULE:FREQ=WEEKLY\r\n")));
    let file = home.file("far.ics", &samples::calendar(&event("far", far)));
    home.fine(&["outlook", "import", &file, "--folder", "Calendar"]);
    home.join("events", "Calendar", &server);
    home.fine(&["profile", "set", "events", "time_range=yes"]);
    home.sync("events");
    assert_eq!(
        (home.titles("Calendar"), server.names().len()),
        (vec!["far".to_owned(), "series".to_owned()], 2)
    );

    home.fine(&["profile", "set", "events", "time_range=no"]);
    home.sync("events");
    assert_eq!((home.titles("Calendar").len(), server.names().len()), (3, 3));

    // Back in the range nothing is deleted, and nothing of what is outside crosses.
    home.fine(&["profile", "set", "events", "time_range=yes"]);
    home.sync("events");
    server.replace("old.ics", "SUMMARY:old", "SUMMARY:older");
    home.fine(&["outlook", "delete", &home.id_of("Calendar", "far")]);
    let report = home.sync("events");
    assert_eq!(
        (home.titles("Calendar"), server.names().len()),
        (vec!["old".to_owned(), "series".to_owned()], 3),
        "{report}"
    );

    // Taken in again, what was edited meanwhile crosses, and what is gone in this very run waits.
    home.fine(&["profile", "set", "events", "time_range=no"]);
    home.run(&["sync", "events"]);
    assert_eq!(
        (home.titles("Calendar"), server.names().len()),
        (vec!["older".to_owned(), "series".to_owned()], 3)
    );
    assert_eq!(home.json(&["held", "list"]).as_array().unwrap().len(), 1);
}

#[test]
fn a_category_shares_a_folder_and_is_never_carried_to_the_server() {
    let Some(server) = Collection::make(Holding::Events) else { return };
    let home = Home::new();
    let days = "DTSTART;VALUE=DATE:20260301\r\nDTEND;VALUE=DATE:20260302\r\n";
    server.put("theirs.ics", &event("theirs", days));
    let of_outlook = [
        event("mine", &format!("{days}CATEGORIES:Work,Garden\r\n")),
        event("private", &format!("{days}CATEGORIES:Home\r\n")),
    ];
    let file = home.file("mine.ics", &samples::calendar(&of_outlook.concat()));
    home.fine(&["outlook", "import", &file, "--folder", "Calendar"]);
    home.join("events", "Calendar", &server);
    home.fine(&["profile", "set", "events", "category=work"]);
    home.sync("events");
    assert_eq!(server.names().len(), 2);
    assert_eq!((holding(&server, "Garden"), holding(&server, "Work"), holding(&server, "work")), (1, 0, 0));
    let shown = home.json(&["outlook", "show", &home.id_of("Calendar", "theirs")]);
    assert!(shown.to_string().contains("\"work\""), "{shown}");

    home.fine(&["outlook", "set", &home.id_of("Calendar", "theirs"), "Categories=Home"]);
    home.fine(&["outlook", "delete", &home.id_of("Calendar", "theirs")]);
    home.sync("events");
    assert_eq!(
        server.names().len(),
        1,
        "removed in one go with its category: it was in the profile until then"
    );

    home.fine(&["outlook", "set", &home.id_of("Calendar", "mine"), "Categories=Home"]);
    home.sync("events");
    home.fine(&["outlook", "delete", &home.id_of("Calendar", "mine")]);
    home.sync("events");
    assert_eq!(server.names().len(), 1, "it had left the profile");
}

#[test]
fn options_of_the_category_that_make_no_sense_are_refused() {
    let Some(server) = Collection::make(Holding::Events) else { return };
    let home = Home::new();
    home.join("events", "Calendar", &server);
    for wrong in [
        &["category=Work; Home"] as &[&str],
        &["category=Work,Home"],
        &["category_negate=yes", "category_include_uncategorized=yes"],
    ] {
        let ended = home.run(&[&["profile", "set", "events"], wrong].concat());
        assert_eq!(ended.code, 2, "{ended:#?}");
    }
    home.fine(&["profile", "set", "events", "category_negate=yes"]);
    let ended = home.run(&["profile", "set", "events", "category_include_uncategorized=yes"]);
    assert!(ended.err.contains("exclude each other"), "{ended:#?}");
}
