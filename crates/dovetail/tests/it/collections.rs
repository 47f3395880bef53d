//! What is done with a profile's collection beside syncing it: its colour, and when its owner is busy.

use dovetail_testkit::servers::{self, SOGO, Server};
use serde_json::{Value, json};

use crate::home::Home;
use crate::outside;

/// Joins a folder and a collection of any server.
pub(crate) fn join(home: &Home, profile: &str, folder: &str, server: &Server, url: &str) {
    let words = [
        "profile",
        "add",
        profile,
        "--url",
        url,
        "--user",
        &server.user,
        "--folder",
        folder,
        "--password-stdin",
        // The samples lie on fixed days.
        "--set",
        "time_range=no",
    ];
    let ended = home.run_with_input(&words, &format!("{}\n", server.password));
    assert_eq!(ended.code, 0, "{ended:#?}");
}

#[test]
fn the_colour_of_a_calendar_can_be_read_and_set() {
    let home = Home::new();
    for server in servers::each() {
        let name = server.product.name;
        join(&home, name, "Calendar", &server, &server.calendar("calendar"));
        // QUIRK(opacity: sogo): it does not keep how opaque a colour is.
        let see_through = if server.product == SOGO { "#FFFFFFFF" } else { "#FFFFFF80" };
        for (typed, kept) in [("#12ab34", "#12AB34FF"), ("#FFFFFF80", see_through)] {
            let set = home.json(&["color", name, typed]);
            assert_eq!(set["colour"], kept, "{name}");
            assert_eq!(home.fine(&["color", name]).trim(), kept, "{name}");
        }
        let wrong = home.run(&["color", name, "green"]);
        assert_eq!(wrong.code, 2, "{wrong:#?}");
        assert_eq!(home.fine(&["colour", name]).trim(), see_through, "{name}");
    }
}

/// The day in UTC: what servers publish is of the time around it.
#[expect(clippy::disallowed_methods, reason = "the servers under test have no other clock")]
fn today() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%d").to_string()
}

#[test]
fn busy_times_are_those_of_the_events_that_take_time() {
    let home = Home::new();
    for server in servers::each() {
        let name = server.product.name;
        let url = server.calendar("calendar");
        let dashed = today();
        let day = dashed.replace('-', "");
        let event = |uid: &str, hours: &str, more: &str| {
            let (from, to) = hours.split_once('-').unwrap();
            let component = format!(
                "BEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:{day}T{from}0000Z\r\n\
                 DTEND:{day}T{to}0000Z\r\nSUMMARY:Sample\r\n{more}END:VEVENT\r\n"
            );
            outside::put_event(&server, &url, &format!("{uid}.ics"), &component);
        };
        event("busy", "10-11", "");
        event("free", "13-14", "TRANSP:TRANSPARENT\r\n");
        event("gone", "15-16", "STATUS:CANCELLED\r\n");
        join(&home, name, "Calendar", &server, &url);
        let busy = home.json(&["free-busy", name]);
        let taken = |from: u32| {
            let time = |hour: u32| format!("{dashed}T{hour}:00:00Z");
            json!({ "start": time(from), "end": time(from + 1), "kind": "BUSY" })
        };
        // QUIRK(free-busy: sogo): what was cancelled takes time, too.
        let hours: &[u32] = if server.product == SOGO { &[10, 15] } else { &[10] };
        let expected: Value = hours.iter().copied().map(taken).collect();
        assert_eq!(busy, expected, "{name}");
        assert!(home.fine(&["free-busy", name]).contains(" 10:00"), "{name}");
        let none = home.fine(&["free-busy", name, "--from", "2001-01-01", "--to", "2001-01-02"]);
        assert!(none.contains("Nothing is taken"), "{name}: {none}");
        if server.product == SOGO {
            published(&home, &server, &expected);
        }
    }
}

/// SOGo publishes the same for everybody, without a login, and for others of the same server.
fn published(home: &Home, server: &Server, expected: &Value) {
    let file = server.at(&format!("/SOGo/dav/public/{}/freebusy.ifb", server.user));
    assert_eq!(home.json(&["free-busy", "--url", &file]), *expected);
    let mail = format!("{}@example.test", server.user);
    for who in [&server.user, &mail] {
        assert_eq!(home.json(&["free-busy", "sogo", "--of", who]), *expected, "{who}");
    }
    let nobody = home.run(&["free-busy", "sogo", "--of", "nobody-at-all"]);
    assert_eq!(nobody.code, 3, "{nobody:#?}");
    assert!(nobody.err.contains("SOGoEnablePublicAccess"), "{nobody:#?}");
}

#[test]
fn a_span_that_is_none_and_a_calendar_without_a_login_are_refused() {
    let home = Home::new();
    for words in [
        &["free-busy", "--url", "http://127.0.0.1:1/a/"][..],
        &["free-busy"],
        &["free-busy", "--url", "http://127.0.0.1:1/a.ifb", "--from", "2026-02-02", "--to", "2026-02-01"],
        &["free-busy", "--url", "http://127.0.0.1:1/a.ifb", "--from", "today"],
    ] {
        let ended = home.run(words);
        assert_eq!(ended.code, 2, "{words:?}: {ended:#?}");
    }
}

#[test]
fn a_profiles_category_and_its_calendar_can_have_the_same_colour() {
    let home = Home::new();
    for server in servers::each() {
        let name = server.product.name;
        join(&home, name, "Calendar", &server, &server.calendar("calendar"));
        home.fine(&["color", name, "#1E90FF"]);
        let without = home.run(&["profile", "color", "fetch", name]);
        assert_eq!(without.code, 2, "{without:#?}");

        let category = format!("category={name}");
        home.fine(&["profile", "set", name, &category, "category_shortcut=ctrl+f6"]);
        let fetched = home.json(&["profile", "color", "fetch", name]);
        assert_eq!(fetched["color"], "Blue", "{name}");
        let picked = home.json(&["profile", "color", "pick", name, "DarkRed"]);
        assert_eq!(picked["color"], "DarkRed", "{name}");
        let set = home.json(&["profile", "color", "set", name]);
        assert_eq!(set["collection"], "#C11A25FF", "{name}");
        let wrong = home.run(&["profile", "color", "pick", name, "pink"]);
        assert_eq!(wrong.code, 2, "{wrong:#?}");

        // Each run does it, where that is chosen, and not otherwise.
        for (fetch, number) in [("no", "DarkRed"), ("yes", "DarkGreen")] {
            home.fine(&["color", name, "#368F2B"]);
            home.fine(&["profile", "set", name, &format!("fetch_color={fetch}")]);
            home.sync(name);
            let option = home.json(&["profile", "show", name])["options"]["category_color"].clone();
            assert_eq!(option, number.to_lowercase(), "{name}");
        }
        home.fine(&["profile", "color", "pick", name, "none"]);
        let set = home.run(&["profile", "color", "set", name]);
        assert_eq!(set.code, 2, "{set:#?}");
    }
}
