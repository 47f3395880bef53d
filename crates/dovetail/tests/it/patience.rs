//! How patient the program is: with servers that ask for a pause or fail, with items that fail again and again, and with
//! schedulers that call it too often.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;

use dovetail_testkit::servers::answer;
use serde_json::json;

use crate::gate::{Act, Gate};
use crate::home::Home;
use crate::samples;
use crate::scene::Scene;
use crate::server::{Collection, Holding};

#[test]
fn a_scheduler_syncs_what_is_due_and_nothing_else() {
    let Some(scene) = Scene::new() else { return };
    let home = &scene.home;
    let due = || home.json(&["sync", "--due"]);
    let first = due();
    assert_eq!(first["outcome"], "not_due", "it was synced a moment ago: {first}");
    assert!(first["due"].is_string(), "{first}");
    assert_eq!(scene.gate.seen().len(), 0);
    home.fine(&["profile", "set", "people", "interval_minutes=0"]);
    assert_eq!(due()["due"], json!(null), "never by itself");
    assert!(home.fine(&["sync", "--due"]).contains("not due by itself"));

    home.fine(&["profile", "set", "people", "interval_minutes=30"]);
    // As if it had never run.
    for name in ["journal.db", "journal.db-wal", "journal.db-shm"] {
        let _ = std::fs::remove_file(home.state_folder("people").join(name));
    }
    assert_eq!(due()["outcome"], "finished");
    assert_eq!(due()["outcome"], "not_due");
    assert_eq!(home.run(&["sync", "--due", "--now"]).code, 2, "one or the other");
}

#[test]
fn a_server_that_asked_for_a_pause_is_not_asked_again_before_unless_somebody_insists() {
    let Some(scene) = Scene::new() else { return };
    let home = &scene.home;
    scene.gate.say(answer(429, &[("Retry-After", "7200")], ""));
    assert_eq!(home.run(&["sync", "people"]).code, 3);
    assert_eq!(scene.gate.seen().len(), 1);
    scene.gate.open();
    let ended = home.run(&["sync", "people"]);
    assert_eq!(ended.code, 3, "{ended:#?}");
    assert!(
        ended.err.contains("429 Too Many Requests") && ended.err.contains("Try again in 2 hours"),
        "{ended:#?}"
    );
    assert_eq!(home.json(&["sync", "--due"])["outcome"], "not_due");
    assert_eq!(scene.gate.seen().len(), 0, "nobody asked the server");
    let status = home.json(&["status"]);
    assert_eq!(status[0]["pause"]["by"], "server", "{status}");
    assert!(home.fine(&["status"]).contains("people: is left alone until "));

    assert_eq!(home.json(&["sync", "people", "--now"])["outcome"], "finished");
    assert_eq!(home.json(&["status"])[0]["pause"], json!(null));
    home.sync("people");
}

/// A colour is fetched before the run, by a request of its own.
#[test]
fn a_login_that_was_refused_for_a_colour_is_not_offered_again_by_the_run() {
    let (home, Some(server)) = (Home::new(), Collection::make(Holding::Events)) else { return };
    let gate = Gate::before(&server);
    home.join("work", "Calendar", &server);
    home.move_to("work", &format!("{}{}", gate.address, server.path()));
    home.fine(&["profile", "set", "work", "category=Work", "fetch_color=yes"]);
    home.sync("work");
    gate.say(answer(401, &[("WWW-Authenticate", "Basic realm=\"x\"")], ""));
    let ended = home.run(&["sync", "work"]);
    assert_eq!((ended.code, gate.seen().len()), (3, 1), "{ended:#?}");
    assert!(ended.err.contains("The server does not accept the login"), "{ended:#?}");
    assert_eq!(home.json(&["status"])[0]["pause"]["by"], "us");
}

/// Not `sync` alone: whatever asks the server heeds what it asked for, and remembers what it says.
#[test]
fn every_command_heeds_a_pause_and_remembers_one() {
    let Some(scene) = Scene::new() else { return };
    let home = &scene.home;
    let history = home.json(&["history", "Sample Person 001"]);
    let version =
        history["versions"].as_array().unwrap().iter().find_map(|it| it["number"].as_i64()).unwrap();
    let restore = format!("Sample Person 001@{version}");
    let run = home.json(&["report", "list"])[0]["run"].as_str().unwrap().to_owned();
    let commands = [
        &["plan", "people"][..],
        &["verify", "people"],
        &["verify", "people", "--repair"],
        &["verify", "people", "--repair", "--yes"],
        &["undo", &run],
        &["restore", &restore],
        &["test", "people"],
        &["color", "people"],
        &["find", "somebody", "--profile", "people"],
        &["free-busy", "people"],
    ];
    let busy = || scene.gate.say(answer(429, &[("Retry-After", "7200")], ""));
    busy();
    assert_eq!(home.run(&["sync", "people"]).code, 3);
    scene.gate.open();
    for words in commands {
        let ended = home.run(words);
        assert_eq!(ended.code, 3, "{words:?}: {ended:#?}");
        assert!(ended.err.contains("Try again in 2 hours"), "{words:?}: {ended:#?}");
        assert_eq!(scene.gate.seen().len(), 0, "{words:?} asks nobody");
    }
    // What asks nothing of the server goes on.
    home.fine(&["history", "Sample Person 001"]);
    home.fine(&["clashes", "list"]);
    home.fine(&["held", "list"]);
    assert_eq!(home.json(&["sync", "people", "--now"])["outcome"], "finished");

    for words in commands.iter().filter(|words| !matches!(words[0], "find" | "free-busy")) {
        busy();
        assert_eq!(home.run(words).code, 3, "{words:?}");
        let status = home.json(&["status"]);
        assert_eq!(status[0]["pause"]["by"], "server", "{words:?}: {status}");
        scene.gate.open();
        assert_eq!(home.json(&["sync", "people", "--now"])["outcome"], "finished", "{words:?}");
    }
}

/// The password of an account is offered once in a command, and a server that is down is waited for once.
#[test]
fn a_login_that_was_refused_and_a_server_that_was_not_reached_are_not_tried_for_the_next_profile() {
    let Some(scene) = Scene::new() else { return };
    let home = &scene.home;
    scene.server.make_another("more");
    let url = format!("{}/alice/more/", scene.gate.address);
    let add = [
        "profile",
        "add",
        "more",
        "--url",
        &url,
        "--user",
        "alice",
        "--folder",
        "Contacts",
        "--password-stdin",
    ];
    assert_eq!(home.run_with_input(&add, "alicepw\n").code, 0);
    let refuse = || scene.gate.say(answer(401, &[("WWW-Authenticate", "Basic realm=\"x\"")], ""));
    refuse();
    let ended = home.run(&["sync"]);
    assert_eq!((ended.code, scene.gate.seen().len()), (3, 1), "{ended:#?}");
    assert!(ended.out.contains("people: not tried, for the same login was refused at more"), "{ended:#?}");
    let ended = home.run(&["sync", "--json"]);
    assert_eq!((ended.code, scene.gate.seen().len()), (3, 2), "a person asked again: {ended:#?}");
    let told = ended.out.lines().find(|line| line.contains("not_tried")).expect(&ended.out);
    let told: serde_json::Value = serde_json::from_str(told).unwrap();
    assert_eq!(told, json!({ "profile": "people", "outcome": "not_tried", "because_of": "more" }));

    // Another password is another login.
    let password = ["profile", "password", "people", "--password-stdin"];
    assert_eq!(home.run_with_input(&password, "another one\n").code, 0);
    refuse();
    assert_eq!((home.run(&["sync"]).code, scene.gate.seen().len()), (3, 2));
    assert_eq!(home.run_with_input(&password, "alicepw\n").code, 0);

    // What is wrong with one collection is no matter of the account.
    scene.gate.set(|_, seen| match seen.path.starts_with("/alice/more/") {
        true => Act::Say(answer(403, &[], "")),
        false => Act::Pass,
    });
    let ended = home.run(&["sync"]);
    assert!(ended.code == 3 && ended.out.contains("people: done"), "{ended:#?}");

    let down = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    home.move_to("more", &format!("http://{down}/alice/more/"));
    home.move_to("people", &format!("http://{down}/alice/contacts/"));
    let ended = home.run(&["sync"]);
    assert_eq!((ended.code, ended.err.matches("cannot be reached").count()), (3, 1), "{ended:#?}");
    let told = "people: not tried, for the same server could not be reached at more";
    assert!(ended.out.contains(told), "{ended:#?}");
}

#[test]
fn a_server_that_fails_is_asked_by_itself_ever_less_often_but_at_once_by_a_person() {
    let Some(scene) = Scene::new() else { return };
    let home = &scene.home;
    scene.gate.say(answer(503, &[], ""));
    for failures in 1..=3 {
        assert_eq!(home.run(&["sync", "people"]).code, 3);
        let pause = home.json(&["status"])[0]["pause"].clone();
        assert_eq!((&pause["failures"], &pause["by"]), (&json!(failures), &json!("us")), "{pause}");
    }
    scene.gate.open();
    assert_eq!(home.json(&["sync", "--due"])["outcome"], "not_due");
    assert_eq!(scene.gate.seen().len(), 0);
    assert_eq!(home.sync("people")["outcome"], "finished");
}

#[test]
fn after_a_refused_login_nothing_is_tried_by_itself_until_somebody_has_looked_after_it() {
    let Some(scene) = Scene::new() else { return };
    let home = &scene.home;
    scene.gate.say(answer(401, &[("WWW-Authenticate", "Basic realm=\"x\"")], ""));
    assert_eq!(home.run(&["sync", "people"]).code, 3);
    scene.gate.open();
    assert_eq!(home.json(&["sync", "--due"])["due"], json!(null));
    assert_eq!(scene.gate.seen().len(), 0);
    assert!(home.fine(&["status"]).contains("until you have looked after it"));
    let password = format!("{}\n", scene.server.password());
    assert_eq!(
        home.run_with_input(&["profile", "password", "people", "--password-stdin"], &password).code,
        0
    );
    assert_eq!(home.json(&["status"])[0]["pause"], json!(null));
}

#[test]
fn an_item_that_fails_again_and_again_is_tried_less_often_and_named_while_others_go_on() {
    let Some(scene) = Scene::new() else { return };
    let home = &scene.home;
    home.sync("people");
    let puts = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&puts);
    scene.gate.set(move |_, seen| {
        let is_refused = seen.method == "PUT" && seen.text().contains("Sample Person 005");
        if is_refused {
            counted.fetch_add(1, SeqCst);
            return Act::Say(answer(415, &[], "no"));
        }
        Act::Pass
    });
    let file = home.file("bad.vcf", &samples::plain_card(5));
    home.fine(&["outlook", "import", &file, "--folder", "Contacts"]);
    for times in 1..=5 {
        let file = home.file("good.vcf", &samples::plain_card(5 + times));
        home.fine(&["outlook", "import", &file, "--folder", "Contacts"]);
        let ended = home.run(&["sync", "people"]);
        assert_eq!(ended.code, 1, "{ended:#?}");
        assert!(ended.out.contains("Sample Person 005"), "it is named each time: {ended:#?}");
        assert!(ended.out.contains("server: 1 created"), "another one is not kept from its turn: {ended:#?}");
        assert_eq!(ended.out.contains("not tried: "), times > 3, "{times}: {ended:#?}");
    }
    assert_eq!(puts.load(SeqCst), 3, "after three times it waits");
    let status = home.json(&["status"]);
    let failing = &status[0]["failing"][0];
    assert_eq!((&failing["title"], &failing["times"]), (&json!("Sample Person 005"), &json!(3)), "{status}");
    assert!(home.fine(&["status"]).contains("\"Sample Person 005\" failed 3 times since"));

    // Once it is another thing, it is tried at once.
    let id = home.id_of("Contacts", "Sample Person 005");
    home.fine(&["outlook", "set", &id, "JobTitle=Sample title"]);
    home.run(&["sync", "people"]);
    assert_eq!(puts.load(SeqCst), 4);
    scene.gate.open();
    home.fine(&["outlook", "set", &id, "JobTitle=Another title"]);
    assert_eq!(home.sync("people")["server"]["created"], 1);
    assert_eq!(home.json(&["status"])[0]["failing"], json!([]));
}

#[test]
fn a_few_writes_in_a_row_that_do_not_arrive_end_a_run_and_what_was_done_is_kept() {
    for (lost_writes, sent) in [("1", 1), ("3", 3)] {
        let Some(scene) = Scene::new() else { return };
        let home = &scene.home;
        home.sync("people");
        home.fine(&["profile", "set", "people", &format!("lost_writes={lost_writes}")]);
        let cards: String = (10..20).map(samples::plain_card).collect();
        let file = home.file("more.vcf", &cards);
        home.fine(&["outlook", "import", &file, "--folder", "Contacts"]);
        let puts = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&puts);
        scene.gate.set(move |_, seen| match seen.method.as_str() {
            "PUT" if counted.fetch_add(1, SeqCst) >= 2 => Act::Close,
            _ => Act::Pass,
        });
        let ended = home.run(&["sync", "people"]);
        assert_eq!(ended.code, 3, "{ended:#?}");
        // Another one may be on its way then.
        let all = puts.load(SeqCst);
        assert!((2 + sent..=3 + sent).contains(&all), "two arrive, then {lost_writes} do not: {all}");
        assert_eq!(scene.server.names().len(), 5 + 2);
        scene.gate.open();
        let run = home.sync("people");
        assert_eq!((&run["server"]["created"], &run["failed"]), (&json!(8), &json!(0)), "{run}");
        assert_eq!(scene.server.names().len(), 5 + 10);
        home.fine(&["verify", "people"]);
    }
}

#[test]
fn a_single_write_that_does_not_arrive_stops_no_other() {
    let Some(scene) = Scene::new() else { return };
    let home = &scene.home;
    home.sync("people");
    let cards: String = (10..20).map(samples::plain_card).collect();
    let file = home.file("more.vcf", &cards);
    home.fine(&["outlook", "import", &file, "--folder", "Contacts"]);
    let puts = Arc::new(AtomicUsize::new(0));
    scene.gate.set(move |_, seen| match seen.method.as_str() {
        "PUT" if puts.fetch_add(1, SeqCst) == 3 => Act::Close,
        _ => Act::Pass,
    });
    let ended = home.run(&["sync", "people", "--json"]);
    assert_eq!(ended.code, 1, "{ended:#?}");
    assert_eq!(scene.server.names().len(), 5 + 9);
    scene.gate.open();
    assert_eq!(home.sync("people")["server"]["created"], 1);
}
