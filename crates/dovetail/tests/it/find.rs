//! `dovetail find`, against every real server, and against a script that has rooms.

use dovetail_testkit::servers::{self, CYRUS, DAVICAL, SABRE, SOGO, Scripted, Server, XANDIKOS, answer};
use expect_test::expect;
use serde_json::{Value, json};

use crate::home::{Ended, Home};
use crate::server::{Collection, Holding};

fn run(home: &Home, url: &str, login: (&str, &str), words: &[&str]) -> Ended {
    let words = [&["find"], words, &["--url", url, "--user", login.0, "--password-stdin"]].concat();
    home.run_with_input(&words, &format!("{}\n", login.1))
}

/// Who is found on a real server, and the exit code.
fn found(home: &Home, server: &Server, url: &str, words: &[&str]) -> (i32, Value) {
    let ended = run(home, url, (&server.user, &server.password), &[words, &["--json"]].concat());
    assert!(ended.code < 2, "{} {words:?}: {ended:#?}", server.product.name);
    (ended.code, serde_json::from_str(&ended.out).expect("JSON"))
}

#[test]
fn people_are_found_on_every_server_that_can_search() {
    let home = Home::new();
    for server in servers::each() {
        let (name, url) = (server.product.name, server.calendar("calendar"));
        let login = (server.user.as_str(), server.password.as_str());
        let searches = [XANDIKOS, DAVICAL, CYRUS, SABRE].contains(&server.product);
        if server.product == SOGO {
            let ended = run(&home, &url, login, &["alice"]);
            assert_eq!(ended.code, 3, "{name}: {ended:#?}");
            assert!(ended.err.contains("seems not to let programs search"), "{name}: {ended:#?}");
            continue;
        }
        let (code, all) = found(&home, &server, &url, &[&server.user]);
        let all = all.as_array().expect("a list").clone();
        assert_eq!((code, all.is_empty()), (i32::from(!searches), !searches), "{name}: {all:#?}");
        for one in &all {
            let known = one["name"].as_str().unwrap().to_lowercase();
            assert!(known.contains(&server.user), "{name}: {one:#}");
        }
        // A person is nothing that can be booked.
        assert_eq!(found(&home, &server, &url, &[&server.user, "--bookable"]), (1, json!([])), "{name}");
        assert_eq!(found(&home, &server, &url, &["<nobody & \"nothing\">"]), (1, json!([])), "{name}");
    }
}

fn with_rooms() -> Scripted {
    let row = |href: &str, properties: &str| {
        format!(
            "<D:response><D:href>{href}</D:href><D:propstat><D:prop>{properties}</D:prop>\
             <D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>"
        )
    };
    let known = |path: &str, name: &str, kind: &str, addresses: &str| {
        row(
            path,
            &format!(
                "<D:displayname>{name}</D:displayname><C:calendar-user-type>{kind}</C:calendar-user-type>{addresses}"
            ),
        )
    };
    let mail = |mail: &str| {
        format!("<C:calendar-user-address-set><D:href>mailto:{mail}</D:href></C:calendar-user-address-set>")
    };
    let id = |id: &str| format!("<D:resource-id><D:href>{id}</D:href></D:resource-id>");
    let all = known("/p/keeper/", "Room keeper", "INDIVIDUAL", &mail("keeper@example.test"))
        + &known("/p/1/", "Room 1", "ROOM", &(mail("room1@example.test") + &id("urn:uuid:1")))
        + &known("/p/10/", "Room 10", "ROOM", &id("urn:uuid:10"))
        + &known("/p/beamer/", "Beamer of room\u{7} 1", "RESOURCE", "")
        + &known("/p/nameless/", "", "", "");
    Scripted::new(move |_, seen| {
        let rows = match seen.method.as_str() {
            "PROPFIND" => {
                row("/a/", "<D:current-user-principal><D:href>/p/me/</D:href></D:current-user-principal>")
            }
            "REPORT" if seen.path == "/p/me/" => all.clone(),
            _ => return answer(404, &[], ""),
        };
        let body = format!(
            "<D:multistatus xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav'>{rows}</D:multistatus>"
        );
        answer(207, &[("Content-Type", "application/xml")], &body)
    })
}

#[test]
fn rooms_come_first_and_have_an_address_to_be_invited_by() {
    let (home, server) = (Home::new(), with_rooms());
    let url = format!("{}/a/", server.address);
    let ended = run(&home, &url, ("alice", "x"), &["room"]);
    assert_eq!(ended.code, 0, "{ended:#?}");
    expect![[r#"
        NAME               KIND      ADDRESS
        Room 1             room      room1@example.test
        Room 10            room      urn:uuid:10
        Beamer of room� 1  resource
        nameless           unknown
        Room keeper        person    keeper@example.test
    "#]]
    .assert_eq(&ended.out);
    let one = run(&home, &url, ("alice", "x"), &["room 1", "--bookable", "--json"]);
    let answer: Value = serde_json::from_str(&one.out).expect("JSON");
    assert_eq!(answer, json!([{ "name": "Room 1", "kind": "room", "addresses": ["room1@example.test"] }]));
    let asked = server.seen().into_iter().find(|seen| seen.method == "REPORT").unwrap();
    assert!(asked.text().contains("<D:match>room</D:match>"), "{}", asked.text());
}

#[test]
fn a_profile_names_the_server_too_and_nobody_is_not_looked_for() {
    let Some(collection) = Collection::make(Holding::Events) else { return };
    let home = Home::new();
    home.join("work", "Calendar", &collection);
    // QUIRK(search: radicale): it finds nobody, in place of refusing.
    let ended = home.run(&["find", "room", "--profile", "work"]);
    assert_eq!(
        (ended.code, ended.out.as_str()),
        (1, "The server finds nobody of that name.\n"),
        "{ended:#?}"
    );
    for words in [
        &["find", "room"][..],
        &["find"],
        &["find", " ", "--profile", "work"],
        &["find", "x", "--url", "http://127.0.0.1:1/"],
    ] {
        assert_eq!(home.run(words).code, 2, "{words:?}");
    }
}

#[test]
fn a_server_that_does_not_search_is_told_from_one_that_finds_nobody() {
    let server = Scripted::new(|_, seen| match seen.method.as_str() {
        "PROPFIND" => answer(
            207,
            &[("Content-Type", "application/xml")],
            "<D:multistatus xmlns:D='DAV:'><D:response><D:href>/a/</D:href><D:propstat><D:prop><D:owner/></D:prop>\
             <D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response></D:multistatus>",
        ),
        _ => answer(501, &[("Content-Type", "text/plain")], "No such report"),
    });
    let ended = run(&Home::new(), &format!("{}/a/", server.address), ("alice", "x"), &["room"]);
    assert_eq!(ended.code, 3, "{ended:#?}");
    expect![[r#"
        error: The server answered REPORT /a/ with 501 Not Implemented. The server says: "No such report".
        hint: This server seems not to let programs search for names: look for the address where it shows its users.
    "#]].assert_eq(&ended.err);
}
