//! The options of the way to a server, as the server and a proxy see them; and the warnings where the way is not safe.

use dovetail_testkit::servers::{Scripted, Zone, answer};
use expect_test::expect;
use serde_json::Value;

use crate::gate::{Act, Gate};
use crate::home::{Ended, Home};
use crate::manual;
use crate::samples;
use crate::scene::{Scene, of_connection};
use crate::server::{Collection, Holding, base64};

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
        &["find", "somebody", "--profile", "people"],
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

const UNENCRYPTED: &str =
    "The address begins with http://: password and items travel so that everybody on the way can read them.";

/// What a command warned of.
fn warned(ended: &Ended) -> Vec<&str> {
    ended.err.lines().filter(|line| line.starts_with("warning: ")).collect()
}

#[test]
fn whoever_sends_the_password_of_a_calendar_unencrypted_is_warned_as_well() {
    let (home, Some(server)) = (Home::new(), Collection::make(Holding::Events)) else { return };
    server.put("sample-1.ics", &samples::event(1));
    home.join("work", "Calendar", &server);
    home.sync("work");
    // A clash that can be decided otherwise.
    server.replace("sample-1.ics", "Sample event 001", "Title of the server");
    home.fine(&[
        "outlook",
        "set",
        &home.id_of("Calendar", "Sample event 001"),
        "Subject=Title of the mailbox",
    ]);
    home.sync("work");
    let clash = home.json(&["clashes", "list"])[0]["id"].as_str().unwrap().to_owned();

    let gate = Gate::before(&server);
    let proxy = format!("proxy={}", gate.address);
    home.fine(&["profile", "set", "work", "category=Work", &proxy]);
    home.fine(&["profile", "color", "pick", "work", "blue"]);
    home.move_to("work", &format!("{ADDRESS}{}", server.path()));
    for words in [
        &["clashes", "take", &clash, "outlook"][..],
        &["free-busy", "work"],
        &["profile", "color", "fetch", "work"],
        &["profile", "color", "set", "work"],
        &["test", "work"],
    ] {
        let ended = home.run(words);
        // The connection test has findings of its own.
        let wanted = if words[0] == "test" { None } else { Some(format!("warning: work: {UNENCRYPTED}")) };
        assert_eq!(warned(&ended), wanted.iter().collect::<Vec<_>>(), "{words:?}: {ended:#?}");
        assert!(!gate.seen().is_empty(), "{words:?} asks the server: {ended:#?}");
        gate.forget();
    }
    // Where the login is given by another server, that one alone is asked.
    let login = home.run(&["profile", "login", "work"]);
    assert_eq!(warned(&login), [&format!("warning: work: {UNENCRYPTED}")], "{login:#?}");

    let names = Zone::default()
        .srv("_caldav._tcp.example.org", 0, 1, 80, "dav.example.org")
        .txt("_caldav._tcp.example.org", &format!("path={}", server.path()))
        .serve();
    let address = names.address.to_string();
    let url = format!("{ADDRESS}{}", server.path());
    let login = ["--password-stdin", "--set", &proxy];
    for words in [
        &["discover", "--email", "alice@example.org", "--user", "alice", "--name-server", &address, "--yes"]
            [..],
        &["free-busy", "--url", &url, "--user", "alice"],
        &["find", "somebody", "--url", &url, "--user", "alice"],
    ] {
        let ended = home.run_with_input(&[words, &login].concat(), "alicepw\n");
        assert_eq!(warned(&ended), [&format!("warning: {UNENCRYPTED}")], "{words:?}: {ended:#?}");
        assert!(!gate.seen().is_empty(), "{words:?} asks the server: {ended:#?}");
        gate.forget();
    }
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

/// What a sync through a gate looked like to the server, and how it ended.
fn seen(home: &Home, gate: &Gate) -> String {
    gate.forget();
    let ended = home.run(&["sync", "people", "--json"]);
    let kind = serde_json::from_str::<Value>(&ended.err).ok().map(|error| error["kind"].clone());
    let requests = gate.seen();
    let mut logins: Vec<_> = requests
        .iter()
        .map(|seen| seen.header("authorization").map_or("none", |login| login.split(' ').next().unwrap()))
        .collect();
    logins.dedup();
    let first = |name| requests[0].header(name).unwrap_or("none");
    let proxy = match first("proxy-authorization") {
        login if login == format!("Basic {}", base64(b"general:general-pw")) => "general",
        login if login == format!("Basic {}", base64(b"own:own-pw")) => "own",
        login => login,
    };
    format!(
        "{}; logins: {}; connection: {}; at the proxy: {proxy}",
        kind.as_ref().and_then(Value::as_str).unwrap_or("fine"),
        logins.join(", "),
        first("connection")
    )
}

#[test]
fn an_option_of_the_way_is_set_for_all_profiles_and_otherwise_for_one() {
    let Some(scene) = Scene::new() else { return };
    let Scene { home, gate, server } = &scene;
    for (words, password) in
        [(&["settings", "password"][..], "general-pw"), (&["profile", "password", "people"], "own-pw")]
    {
        let words = [words, &["--for", "proxy", "--password-stdin"]].concat();
        assert_eq!(home.run_with_input(&words, &format!("{password}\n")).code, 0);
    }
    home.fine(&["settings", "set", &format!("proxy={}", gate.address)]);
    let basic = server.basic();
    // The server takes Digest, whatever the answer to its challenge.
    let digest = {
        let basic = basic.clone();
        move |seen: &dovetail_testkit::servers::Seen| match seen.header("authorization") {
            Some(login) if login.starts_with("Digest ") => Act::PassAs(basic.clone()),
            _ => Act::Say(answer(
                401,
                &[("WWW-Authenticate", "Digest realm=\"r\", nonce=\"n\", qop=\"auth\"")],
                "",
            )),
        }
    };
    let mut told = String::new();
    for (key, general, own) in [
        ("force_basic", "yes", "no"),
        ("preemptive_login", "no", "yes"),
        ("keep_connections", "no", "yes"),
        ("lenient_headers", "no", "yes"),
        ("proxy_user", "general", "own"),
    ] {
        let (digest, basic) = (digest.clone(), basic.clone());
        gate.set(move |_, seen| match (key, seen.header("authorization")) {
            ("force_basic", _) => digest(seen),
            ("preemptive_login", login) if login != Some(&*basic) => {
                Act::Say(answer(401, &[("WWW-Authenticate", "Basic realm=\"r\"")], ""))
            }
            ("lenient_headers", _) => Act::Say(answer(403, &[("Sample Header", "1")], "")),
            _ => Act::Pass,
        });
        home.fine(&["settings", "set", &format!("{key}={general}")]);
        told.push_str(&format!("{key}={general} for all: {}\n", seen(home, gate)));
        home.fine(&["profile", "set", "people", &format!("{key}={own}")]);
        told.push_str(&format!("{key}={own} for one: {}\n", seen(home, gate)));
    }
    expect![[r#"
        force_basic=yes for all: unauthorized; logins: Basic; connection: none; at the proxy: none
        force_basic=no for one: fine; logins: Basic, Digest; connection: none; at the proxy: none
        preemptive_login=no for all: fine; logins: none, Basic; connection: none; at the proxy: none
        preemptive_login=yes for one: fine; logins: Basic; connection: none; at the proxy: none
        keep_connections=no for all: fine; logins: Basic; connection: close; at the proxy: none
        keep_connections=yes for one: fine; logins: Basic; connection: none; at the proxy: none
        lenient_headers=no for all: malformed; logins: Basic; connection: none; at the proxy: none
        lenient_headers=yes for one: refused; logins: Basic; connection: none; at the proxy: none
        proxy_user=general for all: fine; logins: Basic; connection: none; at the proxy: general
        proxy_user=own for one: fine; logins: Basic; connection: none; at the proxy: own
    "#]]
    .assert_eq(&told);
    home.fine(&["settings", "set", "proxy=none"]);
    scene.recovers();
}

/// What the environment says of proxies holds for `system` alone.
#[test]
fn the_proxy_of_the_system_is_that_of_the_environment() {
    let Some(scene) = Scene::new() else { return };
    let Scene { home, gate, server } = &scene;
    scene.home.move_to("people", &format!("http://dav.example.invalid{}", server.path()));
    let all = [
        "HTTP_PROXY",
        "http_proxy",
        "HTTPS_PROXY",
        "https_proxy",
        "ALL_PROXY",
        "all_proxy",
        "NO_PROXY",
        "no_proxy",
    ];
    let own = format!("proxy={}", gate.address);
    let ours = gate.address.as_str();
    for (proxy, environment, comes_through) in [
        ("proxy=system", &[][..], false),
        ("proxy=system", &[("HTTP_PROXY", ours)], true),
        ("proxy=system", &[("http_proxy", ours)], true),
        ("proxy=system", &[("ALL_PROXY", ours)], true),
        // That of another scheme.
        ("proxy=system", &[("HTTPS_PROXY", ours)], false),
        ("proxy=system", &[("HTTP_PROXY", ours), ("NO_PROXY", "dav.example.invalid")], false),
        ("proxy=system", &[("HTTP_PROXY", ours), ("NO_PROXY", "example.invalid")], false),
        ("proxy=system", &[("HTTP_PROXY", ours), ("NO_PROXY", "example.org")], true),
        ("proxy=none", &[("HTTP_PROXY", ours), ("ALL_PROXY", ours)], false),
        (&own, &[("HTTP_PROXY", "http://127.0.0.1:1"), ("NO_PROXY", "*")], true),
    ] {
        home.fine(&["settings", "set", proxy]);
        gate.forget();
        let mut command = home.command(&["plan", "people"]);
        for name in all {
            command.env_remove(name);
        }
        let ended = Ended::of(command.envs(environment.iter().copied()).output().unwrap());
        let case = format!("{proxy} {environment:?}: {ended:#?}");
        assert_eq!((ended.code == 0, gate.seen().is_empty()), (comes_through, !comes_through), "{case}");
    }
}

/// Which kind of failure a sync ends with.
fn outcome(home: &Home) -> String {
    let ended = home.run(&["sync", "people", "--json"]);
    let kind = |line: &str| Some(serde_json::from_str::<Value>(line).ok()?["kind"].as_str()?.to_owned());
    ended.err.lines().find_map(kind).unwrap_or_else(|| format!("fine, {}", ended.code))
}

#[test]
fn a_proxy_a_patience_and_a_login_of_ones_own_go_before_those_for_all() {
    let Some(scene) = Scene::new() else { return };
    let Scene { home, gate, .. } = &scene;
    let refusing = Scripted::new(|_, _| answer(403, &[], ""));
    let (theirs, ours) = (format!("proxy={}", refusing.address), format!("proxy={}", gate.address));
    for (general, expected, own, expected_then) in [
        (theirs.as_str(), "refused", ours.as_str(), "fine, 0"),
        (&ours, "fine, 0", &theirs, "refused"),
        ("proxy=none", "fine, 0", &theirs, "refused"),
        ("timeout_seconds=1", "offline", "timeout_seconds=60", "fine, 0"),
        ("timeout_seconds=90", "fine, 0", "timeout_seconds=1", "offline"),
        ("login=oauth", "unauthorized", "login=password", "fine, 0"),
        ("login=password", "fine, 0", "login=oauth", "unauthorized"),
    ] {
        let is_slow = general.starts_with("timeout_seconds");
        let begin = move || {
            gate.set(move |number, _| {
                if is_slow && number == 0 {
                    std::thread::sleep(std::time::Duration::from_secs(2));
                }
                Act::Pass
            });
        };
        home.fine(&["settings", "set", general]);
        begin();
        let before = outcome(home);
        home.fine(&["profile", "set", "people", own]);
        begin();
        assert_eq!(
            (before.as_str(), outcome(home).as_str()),
            (expected, expected_then),
            "{general}, then {own}"
        );
        home.without("people", own.split('=').next().unwrap());
    }
    home.fine(&["settings", "set", "proxy=none"]);
}
