//! Servers and networks that fail: each failure is told in one sentence, nothing is lost, and the next run goes on.

use std::fs;
use std::net::TcpListener;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;
use std::thread;
use std::time::{Duration, Instant};

use dovetail_testkit::servers::{Scripted, answer};
use expect_test::expect;
use serde_json::{Value, json};

use crate::gate::{Act, Gate};
use crate::home::{Ended, Home};
use crate::manual;
use crate::samples;
use crate::scene::{Scene, fails};
use crate::server::{Collection, Holding};

/// An address at which nobody listens.
fn nobody() -> String {
    format!("http://{}", TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap())
}

/// The text with an example in place of each name that was made up for a new card on the server.
fn with_example_names(text: &str) -> String {
    let made_up = |word: &str| word.contains("/alice/contacts/") && !word.contains("sample-");
    let words = text.split(' ').map(|word| if made_up(word) { "/alice/contacts/0a1b2c3d.vcf" } else { word });
    words.collect::<Vec<_>>().join(" ")
}

#[test]
fn a_server_that_is_down() {
    let Some(scene) = Scene::new() else { return };
    let nobody = nobody();
    scene.go_to(&nobody);
    let examples = [(nobody.as_str(), "https://dav.example.org")];
    let told = expect![[r#"
        error: https://dav.example.org cannot be reached: the connection is refused.
        hint: Check the network connection and the address of the server, then try again; what was done so far is kept.
    "#]];
    fails(&scene.home, &["sync", "people"], 3, "offline", told, &examples);
    scene.recovers();
}

#[test]
fn every_command_that_asks_the_server_says_so_alike() {
    let Some(scene) = Scene::new() else { return };
    let run = scene.home.json(&["report", "list"])[0]["run"].as_str().unwrap().to_owned();
    let nobody = nobody();
    scene.go_to(&nobody);
    let sync = scene.home.run(&["sync", "people"]);
    for words in [vec!["plan", "people"], vec!["verify", "people"], vec!["undo", &run]] {
        let ended = scene.home.run(&words);
        assert_eq!((ended.code, ended.err), (3, sync.err.clone()), "{words:?}");
    }
    let discover = ["discover", "--url", &nobody, "--user", "alice", "--password-stdin"];
    let ended = scene.home.run_with_input(&discover, "alicepw\n");
    assert_eq!((ended.code, ended.err), (3, sync.err));
    scene.recovers();
}

#[test]
fn a_host_that_is_not_found() {
    let Some(scene) = Scene::new() else { return };
    scene.go_to("https://dav.example.invalid");
    scene.sync_fails("offline", expect![[r#"
        error: The host dav.example.invalid cannot be found.
        hint: Check the network connection and the address of the server, then try again; what was done so far is kept.
    "#]]);
    scene.recovers();
}

#[test]
fn a_connection_that_breaks() {
    let Some(scene) = Scene::new() else { return };
    scene.gate.set(|_, _| Act::Close);
    scene.sync_fails("offline", expect![[r#"
        error: The connection to https://dav.example.org broke before REPORT /alice/contacts/ was answered.
        hint: Check the network connection and the address of the server, then try again; what was done so far is kept.
    "#]]);
    scene.recovers();
}

#[test]
fn a_server_that_is_too_slow() {
    let Some(scene) = Scene::new() else { return };
    scene.home.fine(&["settings", "set", "timeout_seconds=2"]);
    scene.gate.set(|_, _| Act::Wait(Duration::from_secs(10)));
    let begun = Instant::now();
    scene.sync_fails("offline", expect![[r#"
        error: https://dav.example.org did not answer REPORT /alice/contacts/ within 2 seconds.
        hint: Check the network connection and the address of the server, then try again; what was done so far is kept.
    "#]]);
    assert!(begun.elapsed() < Duration::from_secs(30), "it does not wait for ever");
    scene.recovers();
}

#[test]
fn a_server_that_is_slow_but_not_too_slow() {
    let Some(scene) = Scene::new() else { return };
    scene.gate.set(|_, _| {
        thread::sleep(Duration::from_millis(300));
        Act::Pass
    });
    scene.home.sync("people");
    scene.recovers();
}

#[test]
fn a_wrong_password_is_tried_once() {
    let Some(scene) = Scene::new() else { return };
    let words = ["profile", "password", "people", "--password-stdin"];
    assert_eq!(scene.home.run_with_input(&words, "a wrong one\n").code, 0);
    scene.gate.open();
    scene.home.run(&["sync", "people"]);
    assert_eq!(scene.gate.seen().len(), 1, "the server is asked once");
    scene.sync_fails("unauthorized", expect![[r#"
        error: The server does not accept the login: it answered REPORT /alice/contacts/ with 401 Unauthorized. The server says: "Access to the requested resource forbidden".
        hint: Check user and password, then give the new one with `dovetail profile password people`.
    "#]]);
    assert_eq!(scene.home.run_with_input(&words, "alicepw\n").code, 0);
    scene.recovers();
}

#[test]
fn a_password_that_is_not_to_be_found() {
    let Some(scene) = Scene::new() else { return };
    let (secrets, elsewhere) = (scene.home.path().join("secrets.json"), tempfile::tempdir().unwrap());
    fs::rename(&secrets, elsewhere.path().join("secrets.json")).unwrap();
    scene.sync_fails(
        "unauthorized",
        expect![[r#"
        error: The password of this profile is not to be found.
        hint: Give it again with `dovetail profile password people`.
    "#]],
    );
    assert_eq!(scene.gate.seen(), [], "the server is not asked");
    fs::rename(elsewhere.path().join("secrets.json"), &secrets).unwrap();
    scene.recovers();
}

#[test]
fn a_profile_is_not_made_with_a_wrong_password() {
    let Some(server) = Collection::make(Holding::Cards) else { return };
    let home = Home::new();
    let gate = Gate::before(&server);
    let url = format!("{}{}", gate.address, server.path());
    let words = [
        "profile",
        "add",
        "people",
        "--url",
        &url,
        "--user",
        "alice",
        "--password-stdin",
        "--folder",
        "Contacts",
    ];
    let ended = home.run_with_input(&words, "wrong\n");
    assert_eq!((ended.code, gate.seen().len()), (3, 1), "{ended:#?}");
    expect![[r#"
        error: The server does not accept the login: it answered PROPFIND /alice/contacts/ with 401 Unauthorized. The server says: "Access to the requested resource forbidden".
        hint: Check the user's name and the password.
    "#]].assert_eq(&ended.err);
    manual::shows(&ended.err);
    assert_eq!(home.json(&["profile", "list"]), json!([]));
    assert!(!home.path().join("secrets.json").exists());
}

/// At a bare address the login is refused before the address itself is asked.
#[test]
fn a_wrong_password_at_the_address_of_a_whole_server() {
    let home = Home::new();
    let server = Scripted::new(|_, _| answer(401, &[("WWW-Authenticate", "Basic realm=\"x\"")], ""));
    let way = ["--url", &server.address, "--user", "alice", "--password-stdin"];
    let add: &[&str] = &["profile", "add", "people", "--folder", "Contacts"];
    for command in [&["discover"][..], add] {
        let before = server.seen().len();
        let ended = home.run_with_input(&[command, &way].concat(), "wrong\n");
        assert_eq!((ended.code, server.seen().len() - before), (3, 1), "{ended:#?}");
        expect![[r#"
            error: The server does not accept the login: it answered PROPFIND /.well-known/caldav with 401 Unauthorized.
            hint: Check the user's name and the password.
        "#]]
        .assert_eq(&ended.err);
        manual::shows(&ended.err);
    }
}

#[test]
fn a_server_that_wants_a_login_that_is_not_spoken() {
    let Some(scene) = Scene::new() else { return };
    scene.gate.say(answer(401, &[("WWW-Authenticate", "Negotiate"), ("WWW-Authenticate", "NTLM")], ""));
    scene.sync_fails(
        "unauthorized",
        expect![[r#"
            error: The server asks for a login by Negotiate (Kerberos) or NTLM, and offers neither Basic nor Digest.
            hint: Ask whoever runs the server to let this account in by Basic over https://, or by a password for programs; where it asks for Bearer, set login=oauth.
        "#]],
    );
    scene.recovers();
}

#[test]
fn a_proxy_that_wants_a_login() {
    let Some(scene) = Scene::new() else { return };
    for (asked, told) in [
        (
            "Basic realm=\"sample\"",
            expect![[r#"
                error: The proxy does not let us through: it wants a login by Basic, and answered REPORT /alice/contacts/ with 407 Proxy Authentication Required.
                hint: Set proxy_user, and give its password with `dovetail profile password people --for proxy`.
            "#]],
        ),
        (
            "NTLM",
            expect![[r#"
                error: The proxy does not let us through: it wants a login by NTLM, which is not spoken here, and answered REPORT /alice/contacts/ with 407 Proxy Authentication Required.
                hint: Let a program of its own log in to the proxy, such as px or cntlm, and set proxy to the address at which it listens on this computer.
            "#]],
        ),
    ] {
        let proxy = Scripted::new(move |_, _| answer(407, &[("Proxy-Authenticate", asked)], ""));
        scene.home.fine(&["profile", "set", "people", &format!("proxy={}", proxy.address)]);
        scene.sync_fails("unauthorized", told);
        let before = proxy.seen().len();
        assert_eq!(
            (scene.home.run(&["sync", "people"]).code, proxy.seen().len() - before),
            (3, 1),
            "asked once"
        );
    }
    scene.home.fine(&["profile", "set", "people", "proxy=none"]);
    scene.recovers();
}

#[test]
fn a_server_that_refuses() {
    let Some(scene) = Scene::new() else { return };
    scene.gate.say(answer(403, &[], "No."));
    scene.sync_fails(
        "refused",
        expect![[r#"
            error: The server answered REPORT /alice/contacts/ with 403 Forbidden.
            hint: Ask whoever runs the server: its log says why, and whether this account may use the collection.
        "#]],
    );
    scene.recovers();
}

#[test]
fn a_server_that_breaks_down() {
    let Some(scene) = Scene::new() else { return };
    scene.gate.say(answer(500, &[], "Oops."));
    scene.sync_fails(
        "refused",
        expect![[r#"
            error: The server answered REPORT /alice/contacts/ with 500 Internal Server Error.
            hint: Ask whoever runs the server: its log says why, and whether this account may use the collection.
        "#]],
    );
    scene.recovers();
}

#[test]
fn a_server_that_wants_a_pause() {
    let Some(scene) = Scene::new() else { return };
    scene.gate.say(answer(429, &[("Retry-After", "120")], ""));
    scene.home.run(&["sync", "people"]);
    assert_eq!(scene.gate.seen().len(), 1, "the server is asked once");
    scene.sync_fails(
        "busy",
        expect![[r#"
        error: The server has no time now: it answered REPORT /alice/contacts/ with 429 Too Many Requests.
        hint: Try again in 2 minutes; what was done so far is kept.
    "#]],
    );
    scene.recovers();
}

#[test]
fn a_server_that_has_no_time() {
    let Some(scene) = Scene::new() else { return };
    scene.gate.say(answer(503, &[], ""));
    scene.sync_fails(
        "busy",
        expect![[r#"
        error: The server has no time now: it answered REPORT /alice/contacts/ with 503 Service Unavailable.
        hint: Try again in a while; what was done so far is kept.
    "#]],
    );
    scene.recovers();
}

#[test]
fn a_server_that_wants_a_short_pause_in_the_middle_gets_it() {
    let Some(scene) = Scene::new() else { return };
    let puts = AtomicUsize::new(0);
    scene.gate.set(move |_, seen| match seen.method.as_str() {
        "PUT" if puts.fetch_add(1, SeqCst) == 0 => Act::Say(answer(503, &[("Retry-After", "1")], "")),
        _ => Act::Pass,
    });
    let begun = Instant::now();
    let ended = scene.home.run(&["sync", "people", "--json"]);
    let run: Value = serde_json::from_str(&ended.out).unwrap();
    // The other card is written after the pause; this one is not sent twice, but by the next run.
    assert_eq!((&run["outcome"], &run["failed"]), (&"finished".into(), &1.into()), "{run}");
    assert!(begun.elapsed() >= Duration::from_secs(1));
    scene.recovers();
}

/// What it does not list would else be taken for gone, and both sides for equal.
#[test]
fn a_server_that_lists_only_a_part() {
    let Some(scene) = Scene::new() else { return };
    scene.gate.set(|_, seen| {
        if seen.text().contains("sync-collection") {
            return Act::Say(answer(403, &[], ""));
        }
        let row = |href: &str, content: &str| {
            format!("<D:response><D:href>{href}</D:href>{content}</D:response>")
        };
        let card = "<D:propstat><D:prop><D:getetag>\"1\"</D:getetag></D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat>";
        let more = "<D:status>HTTP/1.1 507 Insufficient Storage</D:status>\
                    <D:error><D:number-of-matches-within-limits/></D:error>";
        let rows = row(&format!("{}sample-0.vcf", seen.path), card) + &row(&seen.path, more);
        let body = format!("<D:multistatus xmlns:D=\"DAV:\">{rows}</D:multistatus>");
        Act::Say(answer(207, &[("Content-Type", "application/xml")], &body))
    });
    let told = || {
        expect![[r#"
        error: The server lists only a part of /alice/contacts/ (507).
        hint: Nothing was taken for removed. Ask whoever runs the server to raise the limit of what it lists, or divide the collection.
    "#]]
    };
    scene.sync_fails("refused", told());
    scene.fails(&["verify", "people"], 3, "refused", told());
    scene.recovers();
}

#[test]
fn a_collection_that_is_gone() {
    let Some(scene) = Scene::new() else { return };
    scene.gate.say(answer(404, &[], "Nothing here."));
    scene.sync_fails(
        "gone",
        expect![[r#"
        error: The server answered REPORT /alice/contacts/ with 404 Not Found.
        hint: Look with `dovetail discover` whether the collection was moved or is no longer shared.
    "#]],
    );
    scene.recovers();
}

#[test]
fn a_web_page_of_a_network_that_wants_a_login() {
    let Some(scene) = Scene::new() else { return };
    let page = "<html><body><h1>Welcome to the guest network</h1></body></html>";
    scene.gate.say(answer(200, &[("Content-Type", "text/html; charset=utf-8")], page));
    scene.sync_fails("malformed", expect![[r#"
        error: https://dav.example.org answered REPORT /alice/contacts/ with a web page.
        hint: Check that the address is one of a CalDAV or CardDAV server, and in a browser that the network does not ask for a login of its own.
    "#]]);
    scene.recovers();
}

#[test]
fn a_redirect_to_another_server() {
    let Some(scene) = Scene::new() else { return };
    let other = Scripted::new(|_, _| answer(200, &[("Content-Type", "text/html")], "Welcome"));
    let there = format!("{}/login", other.address);
    scene.gate.say(answer(302, &[("Location", &there)], ""));
    let before = scene.both();
    let examples = [
        (scene.gate.address.as_str(), "https://dav.example.org"),
        (&other.address, "https://login.example.net"),
    ];
    let told = expect![[r#"
        error: https://dav.example.org sends us on to another server, https://login.example.net, to which the login was not given.
        hint: No password went there. If you trust that server, make the profile with its address.
    "#]];
    fails(&scene.home, &["sync", "people"], 3, "moved", told, &examples);
    assert_eq!((other.seen(), scene.both()), (Vec::new(), before), "the other server is not even asked");
    scene.recovers();
}

#[test]
fn an_answer_that_breaks_off() {
    let Some(scene) = Scene::new() else { return };
    scene.gate.say(
        b"HTTP/1.1 207 Multi-Status\r\nContent-Type: application/xml\r\nContent-Length: 5000\r\n\r\n<D:mult"
            .to_vec(),
    );
    scene.sync_fails("offline", expect![[r#"
        error: The connection broke in the middle of an answer.
        hint: Check the network connection and the address of the server, then try again; what was done so far is kept.
    "#]]);
    scene.recovers();
}

#[test]
fn an_answer_that_is_no_xml() {
    let Some(scene) = Scene::new() else { return };
    scene.gate.say(answer(
        207,
        &[("Content-Type", "application/xml")],
        "<D:multistatus xmlns:D=\"DAV:\"><oops",
    ));
    scene.sync_fails("malformed", expect![[r#"
        error: The answer's XML cannot be read.
        hint: Check that the address is one of a CalDAV or CardDAV server, and in a browser that the network does not ask for a login of its own.
    "#]]);
    scene.recovers();
}

#[test]
fn connections_that_are_closed_though_they_seemed_to_be_kept_are_no_failure() {
    let Some(scene) = Scene::new() else { return };
    scene.gate.set(|_, _| Act::PassAndSeemToKeep);
    let first = scene.home.fine(&["sync", "people"]);
    assert!(!first.contains("keep_connections"), "once may be chance: {first}");

    // The second time, the way out is told.
    scene.server.replace("sample-2.vcf", "Sample Company", "Another Company");
    let second = scene.home.fine(&["sync", "people"]);
    let told: Vec<_> = second.lines().skip(1).map(str::trim_start).collect();
    expect![[r#"
        Outlook: 1 updated
        note: the server closes connections that it seems to keep, so that requests are made twice and writes can fail: set keep_connections=no with `dovetail profile set`."#]]
    .assert_eq(&told.join("\n"));
    manual::mentions(told[1]);
    let runs = scene.home.json(&["report", "list"]);
    let shown = scene.home.fine(&["report", "show", runs[0]["run"].as_str().unwrap()]);
    assert!(shown.contains(told[1]), "{shown}");

    scene.home.fine(&["profile", "set", "people", "keep_connections=no"]);
    scene.server.replace("sample-2.vcf", "Another Company", "Sample Company");
    let third = scene.home.fine(&["sync", "people"]);
    assert!(third.contains("Outlook: 1 updated") && !third.contains("note:"), "{third}");
    scene.recovers();
}

/// Ten cards are to be written; the server dies at the sixth.
#[test]
fn a_server_that_dies_in_the_middle_of_a_run() {
    for last in [Act::Close, Act::SwallowAnswer] {
        let Some(scene) = Scene::new() else { return };
        let cards: String = (10..20).map(samples::plain_card).collect();
        let file = scene.home.file("ten.vcf", &cards);
        scene.home.fine(&["outlook", "import", &file, "--folder", "Contacts"]);
        scene.home.fine(&["profile", "set", "people", "chunk_items=4"]);
        let written = AtomicUsize::new(0);
        scene.gate.set(move |_, seen| {
            let number =
                if seen.method == "PUT" { written.fetch_add(1, SeqCst) } else { written.load(SeqCst) };
            match number {
                ..6 => Act::Pass,
                6 => last.clone(),
                _ => Act::Close,
            }
        });
        let ended = scene.home.run(&["sync", "people"]);
        assert_eq!(ended.code, 3, "{ended:#?}");
        let text = with_example_names(&ended.err).replace(&scene.gate.address, "https://dav.example.org");
        expect![[r#"
            error: The connection to https://dav.example.org broke before PUT /alice/contacts/0a1b2c3d.vcf was answered.
            hint: Check the network connection and the address of the server, then try again; what was done so far is kept.
        "#]]
        .assert_eq(&text);
        manual::shows(&text);
        let half = scene.server.names().len();
        assert!((4..14).contains(&half), "{half} cards were written");

        scene.gate.open();
        let run = scene.home.sync("people");
        assert_eq!((&run["outcome"], &run["failed"]), (&"finished".into(), &0.into()), "{run}");
        assert_eq!(scene.server.values("FN").len(), 15);
        assert_eq!(scene.home.titles("Contacts"), scene.server.values("FN"), "nothing is there twice");
        scene.home.fine(&["verify", "people"]);
    }
}

#[test]
fn a_collection_that_may_only_be_read() {
    let Some(scene) = Scene::new() else { return };
    scene.gate.set(|_, seen| match seen.method.as_str() {
        "PUT" | "DELETE" => {
            Act::Say(answer(403, &[], "<D:error xmlns:D=\"DAV:\"><D:need-privileges/></D:error>"))
        }
        _ => Act::Pass,
    });
    let ended = scene.home.run(&["sync", "people"]);
    assert_eq!(ended.code, 1, "{ended:#?}");
    let told = with_example_names(&ended.out);
    let told: Vec<_> = told.lines().skip(1).map(str::trim_start).collect();
    expect![[r#"
        Outlook: 1 created, 1 updated
        failed: "Sample Person 001" (server): The server does not let us write here: it answered PUT /alice/contacts/sample-1.vcf with 403 Forbidden (need-privileges).
        failed: "Sample Person 004" (server): The server does not let us write here: it answered PUT /alice/contacts/0a1b2c3d.vcf with 403 Forbidden (need-privileges).
        What failed is tried again by the next run.
        Ask the owner of the collection for the right to write, or set direction=merge-to-outlook with `dovetail profile set`, so that only Outlook is written."#]].assert_eq(&told.join("\n"));
    manual::mentions(told[1]);
    manual::mentions(told[4]);
    assert_eq!(scene.home.titles("Contacts").len(), 5, "what the server has is taken over all the same");
    let json = scene.home.run(&["sync", "people", "--json"]);
    let run: Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!((json.code, &run["failed"]), (1, &2.into()), "{run}");
    scene.recovers();
}

/// The server says so beforehand: then no write is even tried.
#[test]
fn a_collection_of_which_the_server_says_that_it_may_only_be_read() {
    let home = Home::new();
    let Some(server) = Collection::make(Holding::Cards) else { return };
    server.put("sample-0.vcf", &samples::card(0));
    home.join("people", "Contacts", &server);
    let file = home.file("new.vcf", &samples::plain_card(4));
    home.fine(&["outlook", "import", &file, "--folder", "Contacts"]);
    let gate = Gate::before(&server);
    home.move_to("people", &format!("{}{}", gate.address, server.path()));
    let rights = format!(
        "<D:multistatus xmlns:D=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:carddav\"><D:response>\
         <D:href>{}</D:href><D:propstat><D:prop><D:resourcetype><D:collection/><C:addressbook/></D:resourcetype>\
         <D:current-user-privilege-set><D:privilege><D:read/></D:privilege></D:current-user-privilege-set></D:prop>\
         <D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response></D:multistatus>",
        server.path()
    );
    gate.set(move |_, seen| match seen.text().contains("current-user-privilege-set") {
        true => Act::Say(answer(207, &[("Content-Type", "application/xml")], &rights)),
        false => Act::Pass,
    });
    let ended = home.run(&["sync", "people"]);
    assert_eq!(ended.code, 0, "{ended:#?}");
    let told: Vec<_> = ended.out.lines().skip(1).map(str::trim_start).collect();
    expect![[r#"
        Outlook: 1 created
        note: the server takes no writes: what you edit on the other side stays there. Ask the owner of the collection for the right to write, or set direction=merge-to-outlook with `dovetail profile set`, so that only Outlook is written."#]]
    .assert_eq(&told.join("\n"));
    manual::mentions(told[1]);
    assert!(gate.seen().iter().all(|seen| seen.method != "PUT"));
    assert_eq!(home.titles("Contacts"), ["Sample Person 000", "Sample Person 004"]);

    // In the direction that is proposed, there is nothing to be said.
    home.fine(&["profile", "set", "people", "direction=merge-to-outlook"]);
    let quiet = home.fine(&["sync", "people"]);
    assert!(!quiet.contains("note:"), "{quiet}");
    home.fine(&["profile", "set", "people", "direction=two-way"]);

    // The right is given: the next run knows, and the one after it brings what waited.
    gate.open();
    home.sync("people");
    home.sync("people");
    assert_eq!(server.values("FN"), ["Sample Person 000", "Sample Person 004"]);
}

#[test]
fn one_profile_that_fails_does_not_keep_the_others_from_their_turn() {
    let Some(scene) = Scene::new() else { return };
    let Some(other) = Collection::make(Holding::Events) else { return };
    other.put("sample-1.ics", &samples::event(1));
    scene.home.join("work", "Calendar", &other);
    scene.gate.say(answer(503, &[], ""));
    let ended: Ended = scene.home.run(&["sync"]);
    assert_eq!(ended.code, 3, "{ended:#?}");
    assert_eq!(scene.home.titles("Calendar"), ["Sample event 001"]);
    scene.recovers();
}
