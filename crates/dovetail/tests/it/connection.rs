//! `dovetail test`, against every real server and against some that are worse.

use dovetail_testkit::servers::{
    self, CYRUS, DAVICAL, Product, RADICALE, SABRE, SOGO, Scripted, Server, XANDIKOS, answer,
};
use serde_json::Value;

use crate::collections::join;
use crate::home::{Ended, Home};
use crate::outside;

fn run(home: &Home, url: &str, login: (&str, &str), words: &[&str]) -> Ended {
    let words = [&["test", "--url", url, "--user", login.0, "--password-stdin"], words].concat();
    home.run_with_input(&words, &format!("{}\n", login.1))
}

/// The answer in JSON.
fn tested(home: &Home, url: &str, server: &Server, words: &[&str]) -> Value {
    let ended = run(home, url, (&server.user, &server.password), &[words, &["--json"]].concat());
    assert_eq!(ended.code, 0, "{url}: {ended:#?}");
    serde_json::from_str(&ended.out).expect("JSON")
}

/// The weight of a finding; empty where it was not made.
fn weight<'a>(answer: &'a Value, check: &str) -> &'a str {
    let findings = answer["findings"].as_array().expect("findings");
    let found = findings.iter().find(|finding| finding["check"] == check);
    found.map_or("", |finding| finding["weight"].as_str().expect("a weight"))
}

/// The conditions that a server does not heed, by what they guard.
fn unguarded(product: Product) -> &'static [&'static str] {
    // QUIRK(conditions: sogo): only an update heeds its condition.
    if product == SOGO { &["guarded_create", "guarded_delete"] } else { &[] }
}

#[test]
fn every_server_is_told_what_it_is_good_for() {
    let home = Home::new();
    for server in servers::each() {
        let name = server.product.name;
        let book = server.address_book("contacts");
        for (url, kind) in
            [(server.calendar("calendar"), "event"), (server.calendar("tasks"), "task"), (book, "contact")]
        {
            let answer = tested(&home, &url, &server, &["--write"]);
            let whole = format!("{name} {kind}: {answer:#}");
            assert_eq!(weight(&answer, "unencrypted"), "note", "{whole}");
            assert_eq!(weight(&answer, "holds"), "fine", "{whole}");
            assert_eq!(weight(&answer, "reports"), "fine", "{whole}");
            assert_eq!(weight(&answer, "no_items"), "note", "{whole}");
            assert_eq!(weight(&answer, "write_failed"), "", "{whole}");
            assert_ne!(weight(&answer, "read_only"), "error", "{whole}");
            for guard in ["guarded_create", "guarded_update", "guarded_delete"] {
                let expected = if unguarded(server.product).contains(&guard) { "warning" } else { "fine" };
                assert_eq!(weight(&answer, guard), expected, "{guard}: {whole}");
            }
            let (tells, seen) = if server.product == SABRE { ("", "") } else { ("fine", "fine") };
            assert_eq!(weight(&answer, "tells_changes"), tells, "{whole}");
            assert_eq!(weight(&answer, "change_seen"), seen, "{whole}");
            // Who stores what was sent, and says so.
            let plain = match server.product {
                CYRUS | SABRE => true,
                DAVICAL => kind != "contact",
                XANDIKOS => kind == "contact",
                _ => false,
            };
            assert_eq!(weight(&answer, "created") == "fine", plain, "{whole}");
            // What it made is gone.
            let again = tested(&home, &url, &server, &[]);
            assert_eq!(weight(&again, "no_items"), "note", "{name}: {again:#}");
            assert_eq!(weight(&again, "created"), "", "nothing is written unless it is asked for");
        }
    }
}

#[test]
fn etags_of_real_servers_are_strong() {
    let home = Home::new();
    for server in servers::each() {
        let url = server.calendar("calendar");
        outside::put_event(
            &server,
            &url,
            "one.ics",
            "BEGIN:VEVENT\r\nUID:one\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:20261130T100000Z\r\nDTEND:20261130T110000Z\r\nSUMMARY:Sample\r\nEND:VEVENT\r\n",
        );
        let answer = tested(&home, &url, &server, &[]);
        assert_eq!(weight(&answer, "etags"), "fine", "{}: {answer:#}", server.product.name);
    }
}

#[test]
fn a_collection_of_another_kind_than_the_folder_cannot_be_used() {
    let home = Home::new();
    for server in servers::each().filter(|server| [RADICALE, SOGO].contains(&server.product)) {
        let name = server.product.name;
        join(&home, name, "Contacts", &server, &server.address_book("contacts"));
        let fine = home.run(&["test", name]);
        assert_eq!(fine.code, 0, "{fine:#?}");
        assert!(fine.out.contains("The collection can be synced."), "{fine:#?}");
        home.move_to(name, &server.calendar("calendar"));
        let wrong = home.run(&["test", name, "--write"]);
        assert_eq!(wrong.code, 1, "{wrong:#?}");
        assert!(wrong.out.contains("The folder holds contacts, the collection events"), "{wrong:#?}");
        assert!(!wrong.out.contains("condition"), "nothing is written there: {wrong:#?}");
        home.move_to(name, &server.at(&server.calendar_home()));
        let home_set = home.run(&["test", name]);
        assert_eq!(home_set.code, 1, "{home_set:#?}");
        assert!(home_set.out.contains("neither a calendar nor an address book"), "{home_set:#?}");
    }
}

#[test]
fn the_profiles_address_is_compared_with_the_owners() {
    let home = Home::new();
    for server in servers::each() {
        let name = server.product.name;
        join(&home, name, "Calendar", &server, &server.calendar("calendar"));
        let check = || home.json(&["test", name]);
        // QUIRK(addresses: radicale, xandikos): they know no addresses.
        let known = ![RADICALE, XANDIKOS].contains(&server.product);
        let expected = if known { "address_missing" } else { "address_unknown" };
        let answer = check();
        assert_eq!(weight(&answer, expected), "note", "{name}: {answer:#}");
        home.fine(&["profile", "set", name, "email=somebody.else@example.net"]);
        let answer = check();
        let expected = if known { ("address_differs", "warning") } else { ("address_unknown", "note") };
        assert_eq!(weight(&answer, expected.0), expected.1, "{name}: {answer:#}");
        if known {
            let findings = answer["findings"].as_array().unwrap();
            let hint = findings.iter().find(|it| it["check"] == "address_differs").unwrap()["hint"].as_str();
            assert!(hint.unwrap().contains(&format!("profile set {name} email=")), "{hint:?}");
            let address = hint.unwrap().rsplit_once('=').unwrap().1.trim_end_matches("`.").to_owned();
            home.fine(&["profile", "set", name, &format!("email={}", address.to_uppercase())]);
            let answer = check();
            assert_eq!(weight(&answer, "address_known"), "fine", "{name}: {answer:#}");
        }
    }
}

#[test]
fn what_cannot_be_reached_or_entered_stops_the_test() {
    let home = Home::new();
    let down = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let ended = run(&home, &format!("http://{down}/a/"), ("alice", "x"), &[]);
    assert_eq!(ended.code, 3, "{ended:#?}");
    assert!(ended.out.contains("could not be finished") && ended.err.contains("refused"), "{ended:#?}");
    for server in servers::each().filter(|server| [CYRUS, RADICALE].contains(&server.product)) {
        let ended = run(&home, &server.calendar("calendar"), (&server.user, "wrong-password"), &["--json"]);
        let complaint: Value = serde_json::from_str(&ended.err).expect("JSON");
        let answer: Value = serde_json::from_str(&ended.out).expect("JSON");
        assert_eq!((ended.code, &complaint["kind"]), (3, &"unauthorized".into()), "{ended:#?}");
        assert_eq!(answer["verdict"], "stopped", "{answer}");
        assert!(!format!("{ended:?}").contains("wrong-password"));
    }
}

/// A server whose calendar is as these properties say, and which lists these ETags.
fn scripted(types: &'static str, etags: &'static [&'static str]) -> Scripted {
    saying(types, "", etags)
}

/// The same, with further properties.
fn saying(types: &'static str, more: &'static str, etags: &'static [&'static str]) -> Scripted {
    let row = |href: &str, properties: &str| {
        format!(
            "<D:response><D:href>{href}</D:href><D:propstat><D:prop>{properties}</D:prop>\
             <D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>"
        )
    };
    Scripted::new(move |_, seen| {
        let own = row("/a/", &format!("<D:resourcetype><D:collection/>{types}</D:resourcetype>{more}"));
        let rows = match (seen.method.as_str(), seen.header("depth")) {
            ("PROPFIND", Some("1")) => {
                let items = etags.iter().enumerate().map(|(number, etag)| row(&format!("/a/{number}"), etag));
                items.fold(own, |all, item| all + &item)
            }
            ("PROPFIND", _) => own,
            _ => return answer(404, &[], ""),
        };
        let body = format!(
            "<D:multistatus xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav' xmlns:R='urn:ietf:params:xml:ns:carddav'>{rows}</D:multistatus>"
        );
        answer(207, &[("Content-Type", "application/xml")], &body)
    })
}

#[test]
fn a_collection_that_is_both_is_an_error_and_bad_etags_are_warnings() {
    let home = Home::new();
    let both = scripted("<C:calendar/><R:addressbook/>", &[]);
    let ended = run(&home, &format!("{}/a/", both.address), ("alice", "x"), &[]);
    assert_eq!(ended.code, 1, "{ended:#?}");
    assert!(ended.out.contains("a calendar and an address book at once"), "{ended:#?}");
    let odd = scripted(
        "<C:calendar/>",
        &[
            "<D:getetag>\"1\"</D:getetag>",
            "<D:getetag>W/\"2\"</D:getetag>",
            "<D:getetag>3</D:getetag>",
            "<D:displayname>none</D:displayname>",
        ],
    );
    let ended = run(&home, &format!("{}/a/", odd.address), ("alice", "x"), &["--json"]);
    assert_eq!(ended.code, 0, "{ended:#?}");
    let answer: Value = serde_json::from_str(&ended.out).expect("JSON");
    assert_eq!(answer["verdict"], "usable_with_warnings");
    for (check, expected) in [
        ("etags", "warning"),
        ("reports_missing", "warning"),
        ("no_changes", "note"),
        ("rights_unknown", "note"),
        ("address_unknown", "note"),
        // OPTIONS was answered with 404, which says nothing.
        ("not_announced", ""),
    ] {
        assert_eq!(weight(&answer, check), expected, "{check}: {answer:#}");
    }
    let told = answer.to_string();
    assert!(told.contains("1 with no ETag, 1 with a weak ETag, 1 with an ETag without quotes"), "{told}");
}

#[test]
fn what_a_server_announces_is_tried() {
    let home = Home::new();
    let server = saying(
        "<C:calendar/>",
        "<D:supported-report-set><D:supported-report><D:report><D:sync-collection/></D:report></D:supported-report>\
         </D:supported-report-set><D:current-user-privilege-set><D:privilege><D:write-content/></D:privilege>\
         </D:current-user-privilege-set>",
        &[],
    );
    let ended = run(&home, &format!("{}/a/", server.address), ("alice", "x"), &[]);
    assert_eq!(ended.code, 0, "{ended:#?}");
    for told in [
        "announces sync-collection, but fails at it",
        "You may write there, but not add and not remove items.",
        "The collection can be synced; mind the warnings.",
    ] {
        assert!(ended.out.contains(told), "{told}: {ended:#?}");
    }
    assert!(
        server.seen().iter().all(|seen| ["PROPFIND", "OPTIONS", "REPORT"].contains(&seen.method.as_str()))
    );
}

#[test]
fn a_collection_that_has_moved_is_tested_where_it_is() {
    let home = Home::new();
    let target = scripted("<C:calendar/>", &[]);
    let address = target.address.clone();
    let server = Scripted::new(move |_, seen| match seen.path.as_str() {
        "/old/" => answer(301, &[("Location", "/a/")], ""),
        "/else/" => answer(301, &[("Location", &format!("{address}/a/"))], ""),
        _ => answer(
            207,
            &[("Content-Type", "application/xml")],
            "<D:multistatus xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav'><D:response><D:href>/a/</D:href><D:propstat>\
             <D:prop><D:resourcetype><D:collection/><C:calendar/></D:resourcetype></D:prop><D:status>HTTP/1.1 200 OK</D:status>\
             </D:propstat></D:response></D:multistatus>",
        ),
    });
    let ended = run(&home, &format!("{}/old/", server.address), ("alice", "x"), &[]);
    assert!(ended.out.contains(&format!("sends us on to {}/a/.", server.address)), "{ended:#?}");
    let ended = run(&home, &format!("{}/else/", server.address), ("alice", "x"), &["--json"]);
    let complaint: Value = serde_json::from_str(&ended.err).expect("JSON");
    assert_eq!((ended.code, &complaint["kind"]), (3, &"moved".into()), "{ended:#?}");
    assert_eq!(target.seen(), [], "no password goes to another server");
}

/// Who only reads needs no more: the same collection is enough for one direction, and for another it is not.
#[test]
fn a_collection_that_may_only_be_read_is_enough_where_only_outlook_is_written() {
    let home = Home::new();
    let server = saying(
        "<C:calendar/>",
        "<D:current-user-privilege-set><D:privilege><D:read/></D:privilege></D:current-user-privilege-set>",
        &[],
    );
    let url = format!("{}/a/", server.address);
    let add = [
        "profile",
        "add",
        "work",
        "--url",
        &url,
        "--user",
        "alice",
        "--folder",
        "Calendar",
        "--password-stdin",
    ];
    assert_eq!(home.run_with_input(&add, "x\n").code, 0);
    for (direction, code, expected) in [
        ("two-way", 1, "error"),
        ("replicate-to-server", 1, "error"),
        ("merge-to-server", 1, "error"),
        ("replicate-to-outlook", 0, "note"),
        ("merge-to-outlook", 0, "note"),
    ] {
        home.fine(&["profile", "set", "work", &format!("direction={direction}")]);
        let ended = home.run(&["test", "work", "--write", "--json"]);
        assert_eq!(ended.code, code, "{direction}: {ended:#?}");
        let answer: Value = serde_json::from_str(&ended.out).expect("JSON");
        assert_eq!(weight(&answer, "read_only"), expected, "{direction}: {answer:#}");
        assert_eq!(weight(&answer, "write_failed"), "", "nothing is tried: {answer:#}");
        let hint = answer.to_string().contains("or set direction=merge-to-outlook with");
        assert_eq!(hint, code == 1, "{direction}: {answer:#}");
    }
    assert!(server.seen().iter().all(|seen| seen.method != "PUT"));
}
