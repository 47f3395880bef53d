//! What the program answers: exit codes, sentences, the shapes of JSON; and what it never says.

use dovetail_testkit::servers::{Scripted, answer};
use expect_test::{Expect, expect};
use serde_json::{Value, json};

use crate::home::{Ended, Home};
use crate::samples;
use crate::server::{Collection, Holding};

/// What a command prints on the error output, with the home directory taken out.
fn check(home: &Home, words: &[&str], code: i32, complaint: Expect) -> Ended {
    let ended = home.run(words);
    assert_eq!(ended.code, code, "{words:?}: {ended:#?}");
    complaint.assert_eq(&ended.err.replace(&home.path().display().to_string(), "HOME"));
    ended
}

#[test]
fn wrong_usage_is_told_with_a_hint() {
    let home = Home::new();
    check(
        &home,
        &["sync"],
        2,
        expect![[r#"
        error: There is no profile yet.
        hint: Make one with `dovetail profile add`.
    "#]],
    );
    check(
        &home,
        &["sync", "work"],
        2,
        expect![[r#"
        error: There is no profile "work".
        hint: Make one with `dovetail profile add`.
    "#]],
    );
    check(
        &home,
        &["undo", "3f2a"],
        2,
        expect![[r#"
        error: There is no run "3f2a".
        hint: `dovetail report list` lists the runs.
    "#]],
    );
    check(
        &home,
        &["held", "approve", "3"],
        2,
        expect![[r#"
        error: No step "3" waits.
        hint: `dovetail held list` lists the steps that wait.
    "#]],
    );
    check(
        &home,
        &["settings", "set", "zone=Mars"],
        2,
        expect![[r#"
        error: "Mars" is no value for zone.
        hint: zone takes the name of a time zone such as Europe/Berlin, or nothing.
    "#]],
    );
    check(
        &home,
        &["profile", "options", "day_back"],
        2,
        expect![[r#"
            error: There is no option "day_back".
            hint: Perhaps days_back is meant. `dovetail profile options` lists them all.
        "#]],
    );
    check(
        &home,
        &["settings", "set", "colour=red"],
        2,
        expect![[r#"
            error: There is no option "colour".
            hint: `dovetail settings show` lists them all.
        "#]],
    );
}

#[test]
fn an_address_that_is_none_is_told_without_what_may_be_a_password() {
    let home = Home::new();
    let check = |url: &str, complaint: Expect| {
        let words = [
            "profile",
            "add",
            "people",
            "--url",
            url,
            "--user",
            "me",
            "--password-stdin",
            "--folder",
            "Contacts",
        ];
        let ended = home.run_with_input(&words, "secret\n");
        assert_eq!(ended.code, 2, "{url}: {ended:#?}");
        assert!(!ended.err.contains("hunter2"), "{ended:#?}");
        complaint.assert_eq(&ended.err);
    };
    check(
        "https://me:hunter2@dav.example.org/",
        expect![[r#"
        error: The address must hold neither a user's name nor a password.
        hint: Give the name with --user; the password is asked for.
    "#]],
    );
    check(
        "https://me:hunter2@:x/",
        expect![[r#"
        error: This is no address: empty host.
        hint: Give one such as https://dav.example.org/.
    "#]],
    );
    check(
        "https://",
        expect![[r#"
        error: "https://" is no address: empty host.
        hint: Give one such as https://dav.example.org/.
    "#]],
    );
    check(
        "ftp://dav.example.org/",
        expect![[r#"
        error: "ftp://dav.example.org/" does not begin with https:// or http://.
        hint: Give one such as https://dav.example.org/.
    "#]],
    );
}

#[test]
fn with_json_a_complaint_is_an_object() {
    let home = Home::new();
    check(
        &home,
        &["sync", "work", "--json"],
        2,
        expect![[r#"
        {"error":"There is no profile \"work\".","hint":"Make one with `dovetail profile add`.","kind":"usage"}
    "#]],
    );
    check(
        &home,
        &["synchronise", "--json"],
        2,
        expect![[r#"
        {"error":"unrecognized subcommand 'synchronise'","hint":"See `dovetail help`.","kind":"usage"}
    "#]],
    );
}

#[test]
fn options_have_the_defaults_of_the_manual() {
    let home = Home::new();
    let options = home.json(&["profile", "options"]);
    let default = |key: &str| {
        let option = options.as_array().unwrap().iter().find(|option| option["key"] == key);
        option.unwrap_or_else(|| panic!("there is an option {key}"))["default"].clone()
    };
    for (key, value) in [
        ("direction", json!("two-way")),
        ("rule", json!("merge")),
        ("interval_minutes", json!(30)),
        ("chunks", json!("yes")),
        ("chunk_items", json!(100)),
        ("time_range", json!("yes")),
        ("category", json!("")),
        ("category_include_uncategorized", json!("no")),
        ("category_negate", json!("no")),
        ("days_back", json!(60)),
        ("days_ahead", json!(365)),
    ] {
        assert_eq!(default(key), value, "{key}");
    }
}

#[test]
fn every_command_teaches_with_an_example() {
    let home = Home::new();
    for words in [
        "profile add",
        "profile list",
        "profile show",
        "profile set",
        "profile options",
        "profile password",
        "profile color fetch",
        "profile color set",
        "profile color pick",
        "profile remove",
        "settings show",
        "settings set",
        "discover",
        "test",
        "color",
        "find",
        "free-busy",
        "sync",
        "plan",
        "status",
        "report list",
        "report show",
        "held list",
        "held show",
        "held approve",
        "held reject",
        "clashes list",
        "clashes show",
        "clashes take",
        "history",
        "restore",
        "state path",
        "state forget",
        "undo",
        "verify",
        "outlook folders",
        "outlook list",
        "outlook show",
        "outlook set",
        "outlook delete",
        "outlook import",
        "outlook export",
        "outlook add-folder",
        "check",
    ] {
        let asked: Vec<&str> = words.split(' ').chain(["--help"]).collect();
        let help = home.fine(&asked);
        let (_, example) = help.split_once("Example").unwrap_or_else(|| panic!("{words}: {help}"));
        assert!(example.contains(&format!("dovetail {words}")), "{words}: {help}");
    }
}

/// A home with a synced profile of two cards.
fn synced() -> Option<(Home, Collection)> {
    let home = Home::new();
    let server = Collection::make(Holding::Cards)?;
    for number in 0..2 {
        server.put(&format!("sample-{number}.vcf"), &samples::card(number));
    }
    home.join("people", "Contacts", &server);
    home.sync("people");
    Some((home, server))
}

#[test]
fn a_run_answers_with_exactly_these_keys() {
    let Some((home, _server)) = synced() else { return };
    let run = home.sync("people");
    let keys: Vec<_> = run.as_object().unwrap().keys().map(String::as_str).collect();
    let wanted = [
        "profile",
        "outcome",
        "outlook",
        "server",
        "held",
        "failed",
        "clashes",
        "requests",
        "seconds",
        "run",
        "warnings",
        "further_warned",
    ];
    assert_eq!(keys, wanted);
    assert_eq!(run["outlook"], json!({ "created": 0, "updated": 0, "deleted": 0 }));
    assert_eq!((&run["profile"], &run["outcome"]), (&json!("people"), &json!("finished")));
}

#[test]
fn every_answer_is_json_when_asked_for() {
    let Some((home, server)) = synced() else { return };
    let id = home.id_of("Contacts", "Sample Person 000");
    let url = server.url();
    for words in [
        vec!["profile", "list"],
        vec!["profile", "show", "people"],
        vec!["profile", "options"],
        vec!["settings", "show"],
        vec!["plan", "people"],
        vec!["status"],
        vec!["report", "list"],
        vec!["report", "show"],
        vec!["held", "list"],
        vec!["clashes", "list"],
        vec!["history", &id],
        vec!["state", "path", "people"],
        vec!["verify", "people"],
        vec!["verify", "people", "--repair"],
        vec!["outlook", "folders"],
        vec!["outlook", "list", "--folder", "Contacts"],
        vec!["outlook", "show", &id],
        vec!["profile", "remove", "people", "--yes"],
    ] {
        home.json(&words);
    }
    let words = ["discover", "--url", &url, "--user", server.user(), "--password-stdin", "--json"];
    let ended = home.run_with_input(&words, server.password());
    let found: Value = serde_json::from_str(&ended.out).unwrap();
    assert!(found.as_array().unwrap().iter().any(|found| found["url"] == url.as_str()), "{found}");
}

#[test]
fn the_beginning_of_a_run_and_of_an_entry_id_is_enough() {
    let Some((home, _server)) = synced() else { return };
    let id = home.id_of("Contacts", "Sample Person 000");
    let others: Vec<_> =
        home.list("Contacts").iter().map(|entry| entry["id"].as_str().unwrap().to_owned()).collect();
    let unique =
        (1..=id.len()).find(|&end| others.iter().filter(|other| other.starts_with(&id[..end])).count() == 1);
    let shown = home.json(&["outlook", "show", &id[..unique.unwrap()]]);
    assert_eq!(shown["id"], id.as_str());
    let run = home.json(&["report", "list"])[0]["run"].as_str().unwrap().to_owned();
    assert_eq!(home.json(&["report", "show", &run[..8]])["run"], run.as_str());
}

#[test]
fn what_is_left_alone_is_called_by_its_name() {
    const LIST: &str = "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:list-1\r\nFN:Sample list\r\nN:Sample list;;;;\r\n\
        X-ADDRESSBOOKSERVER-KIND:group\r\nEND:VCARD\r\n";
    let Some((home, server)) = synced() else { return };
    server.put("list.vcf", LIST);
    let file = home.file("list.vcf", &LIST.replace("Sample list", "Sample list of the mailbox"));
    home.fine(&["outlook", "import", &file, "--folder", "Contacts"]);
    let planned = home.json(&["plan", "people"])["lines"].clone();
    let why = "it is a distribution list, which this profile does not sync";
    let line =
        |title, side| json!({ "title": title, "side": side, "event": { "code": "not_ours", "why": why } });
    assert_eq!(
        planned,
        json!([line("Sample list of the mailbox", "outlook"), line("Sample list", "server")])
    );
    let told = home.fine(&["sync", "people"]);
    let told: Vec<_> = told.lines().skip(1).map(str::trim_start).collect();
    expect![[r#"
        left alone: "Sample list of the mailbox" (Outlook): it is a distribution list, which this profile does not sync
        left alone: "Sample list" (server): it is a distribution list, which this profile does not sync"#]].assert_eq(&told.join("\n"));
}

#[test]
fn a_pipe_sees_no_progress() {
    let Some((home, server)) = synced() else { return };
    server.put("sample-9.vcf", &samples::card(9));
    let ended = home.run(&["sync", "people"]);
    assert_eq!((ended.code, ended.err.as_str()), (0, ""));
    assert!(!ended.out.contains(['\r', '\u{1b}']), "{:?}", ended.out);
    let told = ended.out.split_once(" (run").unwrap();
    assert_eq!(told.0, "people: done");
    assert!(told.1.ends_with("  Outlook: 1 created\n"), "{}", told.1);
}

/// A server that takes nobody.
fn refusing_server() -> Scripted {
    Scripted::new(|_, _| answer(401, &[("WWW-Authenticate", "Basic realm=\"sample\"")], ""))
}

#[test]
fn a_password_is_in_its_file_alone_and_in_no_output() {
    const PASSWORD: &str = "hunter2-sample-secret";
    let Some((home, _server)) = synced() else { return };
    let refusing = refusing_server();
    home.move_to("people", &refusing.address);
    let mut said = Vec::new();
    let mut say = |ended: Ended| said.extend([ended.out, ended.err]);
    say(home.run_with_input(&["profile", "password", "people", "--password-stdin"], PASSWORD));
    for words in [
        vec!["sync", "people", "--verbose"],
        vec!["profile", "show", "people", "--json"],
        vec!["status", "--verbose"],
        vec!["report", "show"],
        vec!["verify", "people", "--verbose"],
    ] {
        say(home.run(&words));
    }
    // In base64 it would be as readable.
    let encoded = crate::server::base64(format!(":{PASSWORD}").as_bytes());
    let encoded = encoded.trim_end_matches('=');
    for text in said {
        assert!(!text.contains(PASSWORD) && !text.contains(encoded), "{text}");
    }
    assert_eq!(home.files_with(PASSWORD), ["secrets.json"]);
}

#[test]
fn a_profile_that_is_made_again_goes_on_where_it_was() {
    let Some((home, server)) = synced() else { return };
    home.fine(&["profile", "remove", "people", "--yes"]);
    home.join("again", "Contacts", &server);
    let run = home.sync("again");
    assert_eq!(run["requests"], 1, "{run}");
    home.fine(&["profile", "remove", "again", "--yes", "--purge"]);
    home.join("anew", "Contacts", &server);
    assert_eq!(home.json(&["report", "list"]), json!([]), "nothing is known of earlier runs");
}

#[test]
fn a_folder_and_a_collection_are_joined_once() {
    let Some((home, server)) = synced() else { return };
    let words = [
        "profile",
        "add",
        "twice",
        "--url",
        &server.url(),
        "--user",
        server.user(),
        "--password-stdin",
        "--folder",
        "Contacts",
    ];
    let ended = home.run_with_input(&words, server.password());
    assert_eq!(ended.code, 2, "{ended:#?}");
    expect![[r#"
        error: The profile "people" joins this folder and this collection already.
        hint: Sync it with `dovetail sync people`.
    "#]]
    .assert_eq(&ended.err);
}

#[test]
fn a_check_tells_what_is_in_a_file_and_whether_it_stays_the_same() {
    let home = Home::new();
    let file = home.file("sample.ics", &samples::calendar(&samples::event(1)));
    let answer = home.json(&["check", &file]);
    assert_eq!(answer[0]["same"], true, "{answer}");
    assert_eq!(answer[0]["items"][0]["title"], "Sample event 001", "{answer}");
    let absent = home.path().join("absent.ics").display().to_string();
    check(
        &home,
        &["check", &absent],
        3,
        expect![[r#"
            error: Cannot read HOME/absent.ics: it is not there.
            hint: Check that the file is there and that you may read and write it, then try again.
        "#]],
    );
    let ended = home.run_with_input(&["check", "-", "--json"], &samples::card(1));
    assert_eq!(ended.code, 0, "{ended:#?}");
    assert!(ended.out.contains("Sample Person 001"), "{ended:#?}");
}

#[test]
fn the_collection_for_a_folder_is_found_from_the_address_of_the_server() {
    let Some(server) = Collection::make(Holding::Tasks) else { return };
    let home = Home::new();
    let words = [
        "profile",
        "add",
        "todo",
        "--url",
        server.server_url(),
        "--user",
        server.user(),
        "--password-stdin",
        "--folder",
        "Tasks",
        "--json",
    ];
    let ended = home.run_with_input(&words, server.password());
    assert_eq!(ended.code, 0, "{ended:#?}");
    let added: Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!((&added["collection"], &added["password"]), (&json!(server.url()), &json!("file")));
}

#[test]
fn several_fitting_collections_are_listed_and_one_is_asked_for() {
    let Some(server) = Collection::make(Holding::Cards) else { return };
    server.make_another("second");
    let home = Home::new();
    let add = |further: &[&str]| {
        let words = [
            "profile",
            "add",
            "people",
            "--url",
            server.server_url(),
            "--user",
            server.user(),
            "--password-stdin",
            "--folder",
            "Contacts",
        ];
        home.run_with_input(&[words.as_slice(), further].concat(), server.password())
    };
    let ended = add(&[]);
    assert_eq!(ended.code, 2, "{ended:#?}");
    assert!(
        ended.err.starts_with("error: Several collections fit the folder \"Contacts\".\nhint: Name one"),
        "{ended:#?}"
    );
    assert!(ended.err.contains("/alice/contacts/") && ended.err.contains("/alice/second/"), "{ended:#?}");
    assert_eq!(add(&["--collection", "/alice/second"]).code, 0);
    assert!(
        home.json(&["profile", "show", "people"])["collection"].as_str().unwrap().ends_with("/alice/second/")
    );
}
