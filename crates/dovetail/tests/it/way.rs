//! The way to a server: warnings where it is not safe, and what to do about a proxy.

use dovetail_testkit::servers::{Scripted, answer};
use expect_test::expect;
use serde_json::Value;

use crate::home::{Ended, Home};
use crate::manual;
use crate::scene::{Scene, of_connection};
use crate::server::base64;

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

#[test]
fn a_proxy_that_wants_a_login_before_there_is_a_profile() {
    let home = Home::new();
    let wanted = format!("Basic {}", base64(b"sample:proxypw"));
    let proxy = Scripted::new(move |_, seen| match seen.header("proxy-authorization") {
        Some(login) if login == wanted => answer(404, &[], ""),
        _ => answer(407, &[("Proxy-Authenticate", "Basic realm=\"sample\"")], ""),
    });
    let set = format!("proxy={}", proxy.address);
    let discover = ["discover", "--url", ADDRESS, "--user", "alice", "--password-stdin", "--set", &set];
    let refused = home.run_with_input(&discover, "alicepw\n");
    let (_, told) = refused.err.split_once('\n').unwrap();
    expect![[r#"
        error: The proxy does not let us through: it wants a login by Basic, and answered PROPFIND / with 407 Proxy Authentication Required.
        hint: Set proxy_user for all profiles with `dovetail settings set`, and give its password with `dovetail settings password --for proxy`.
    "#]]
    .assert_eq(told);
    manual::shows(told);
    // What the hint says helps.
    home.fine(&["settings", "set", "proxy_user=sample"]);
    let words = ["settings", "password", "--for", "proxy", "--password-stdin"];
    assert_eq!(home.run_with_input(&words, "proxypw\n").code, 0);
    let asked = home.run_with_input(&[&discover[..], &["--json"]].concat(), "alicepw\n");
    assert!(asked.err.contains("\"kind\":\"gone\""), "{asked:#?}");
}
