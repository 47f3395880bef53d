//! The way to a server: warnings where it is not safe.

use expect_test::expect;
use serde_json::Value;

use crate::home::Ended;
use crate::scene::{Scene, of_connection};

const ADDRESS: &str = "http://dav.example.org";

#[test]
fn whoever_sends_the_password_unencrypted_is_warned_each_time() {
    let Some(scene) = Scene::new() else { return };
    let Scene { home, gate, .. } = &scene;
    let proxy = format!("proxy={}", gate.address);
    let warning = |ended: &Ended, words: &[&str]| {
        expect![[r#"
            warning: people: The address begins with http://: password and items travel so that everybody on the way can read them.
        "#]]
        .assert_eq(&ended.err);
        assert_ne!(ended.code, 3, "{words:?}: {ended:#?}");
        assert!(!gate.seen().is_empty(), "{words:?} asks the server");
        gate.forget();
    };
    home.fine(&["profile", "set", "people", &proxy]);
    scene.go_to(ADDRESS);
    let set = home.run(&["profile", "set", "people", "chunk_items=50"]);
    assert!(set.err.starts_with("warning: people: The address begins with http://"), "{set:#?}");
    for words in [
        &["plan", "people"][..],
        &["sync", "people"],
        &["sync", "people", "--json"],
        &["verify", "people"],
        &["verify", "people", "--repair"],
        &["verify", "people", "--repair", "--yes"],
        &["color", "people"],
    ] {
        let ended = home.run(words);
        if words.contains(&"--json") {
            let told: Value = serde_json::from_str(&ended.err).unwrap();
            assert_eq!(told["profile"], "people", "{told}");
            continue;
        }
        warning(&ended, words);
    }
    let history = home.json(&["history", "Sample Person 001"]);
    let version =
        history["versions"].as_array().unwrap().iter().find_map(|it| it["number"].as_i64()).unwrap();
    let restore = ["restore", &format!("Sample Person 001@{version}")];
    warning(&home.run(&restore), &restore);
    let runs = home.json(&["report", "list"]);
    let undo = ["undo", runs[0]["run"].as_str().unwrap()];
    warning(&home.run(&undo), &undo);
}

#[test]
fn there_is_a_warning_before_there_is_a_profile() {
    let Some(scene) = Scene::new() else { return };
    let Scene { home, gate, server } = &scene;
    let (proxy, url) = (format!("proxy={}", gate.address), format!("{ADDRESS}{}", server.path()));
    let login = ["--url", &url, "--user", "alice", "--password-stdin", "--set", &proxy];
    let run = |words: &[&str]| home.run_with_input(&[words, &login].concat(), "alicepw\n");
    let discovered = run(&["discover"]);
    assert_eq!(discovered.code, 0, "{discovered:#?}");
    expect![[r#"
        warning: The address begins with http://: password and items travel so that everybody on the way can read them.
    "#]]
    .assert_eq(&discovered.err);
    let added = run(&["profile", "add", "more", "--folder", "Contacts"]);
    assert_eq!(added.code, 0, "{added:#?}");
    expect![[r#"
        warning: more: The address begins with http://: password and items travel so that everybody on the way can read them.
    "#]]
    .assert_eq(&added.err);
    let tested = run(&["test"]);
    expect![[r#"
        warning The connection to http://dav.example.org is not encrypted.
        Whoever is on the way can read your password and all items, and change them.
        Use the address that begins with https://, if the server has one.
    "#]]
    .assert_eq(&of_connection(&tested.out));
}
