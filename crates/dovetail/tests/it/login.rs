//! Logging in by access tokens: a person agrees in a browser, and the profile stays logged in for as long as the provider
//! renews that.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use dovetail_testkit::servers::{Scripted, answer};
use serde_json::Value;

use crate::gate::{Act, Gate};
use crate::home::{Ended, Home};
use crate::manual;
use crate::samples;
use crate::server::{Collection, Holding};

/// The secret of the program, which is in no output.
const PROGRAM: &str = "sample-program-secret";

/// A server that takes access tokens, whoever gives them, and a home directory.
struct Scene {
    home: Home,
    server: Collection,
    gate: Gate,
    provider: Scripted,
    /// The number of the token that is good now; none is good where it is 0.
    good: Arc<AtomicU64>,
}

impl Scene {
    fn new() -> Option<Scene> {
        let server = Collection::make(Holding::Cards)?;
        server.put("1.vcf", &samples::card(1));
        let (good, given) = (Arc::new(AtomicU64::new(1)), AtomicU64::new(0));
        let now = Arc::clone(&good);
        // Each token is good for one renewal, as careful providers have it.
        let provider = Scripted::new(move |_, seen| {
            let number = given.fetch_add(1, Ordering::SeqCst) + 1;
            let renews = format!("renews-sample-{}", number - 1);
            let fits = seen.text().contains("grant_type=authorization_code") || seen.text().contains(&renews);
            match now.load(Ordering::SeqCst) > 0 && fits {
                true => answer(200, &[("Content-Type", "application/json")], &tokens(number)),
                false => answer(400, &[], r#"{"error":"invalid_grant"}"#),
            }
        });
        let gate = Gate::before(&server);
        let scene = Scene { home: Home::new(), server, gate, provider, good };
        scene.guard();
        Some(scene)
    }

    /// Lets in who has the good token, from now on.
    fn guard(&self) {
        let (good, basic) = (Arc::clone(&self.good), self.server.basic());
        self.gate.set(move |_, seen| {
            let wanted = format!("Bearer access-sample-{}", good.load(Ordering::SeqCst));
            match seen.header("authorization") {
                Some(login) if login == wanted => Act::PassAs(basic.clone()),
                _ => Act::Say(answer(401, &[("WWW-Authenticate", "Bearer realm=\"sample\"")], "")),
            }
        });
    }

    /// Runs a command that asks for a login; the browser does with the address what it likes.
    fn in_a_browser(&self, words: &[&str], browser: impl FnOnce(&str)) -> Ended {
        let words: Vec<&str> = words.iter().copied().chain(["--json"]).collect();
        let mut child = self.home.start(&words);
        let mut complaints = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        complaints.read_line(&mut line).unwrap();
        let asked: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("{line}"));
        browser(asked["open"].as_str().unwrap());
        let mut ended = Ended::of(child.wait_with_output().unwrap());
        complaints.read_to_string(&mut ended.err).unwrap();
        ended
    }

    /// Makes a profile that logs in by tokens.
    fn join(&self, browser: impl FnOnce(&str)) -> Ended {
        let (authorization, token) =
            (format!("{}/agree", self.provider.address), format!("{}/token", self.provider.address));
        self.home.fine(&[
            "settings",
            "set",
            &format!("oauth_authorization_url={authorization}"),
            &format!("oauth_token_url={token}"),
            "oauth_client_id=sample",
            "oauth_scope=dav offline_access",
        ]);
        let kept = self
            .home
            .run_with_input(&["settings", "password", "--for", "oauth-client", "--password-stdin"], PROGRAM);
        assert_eq!(kept.code, 0, "{kept:?}");
        let url = format!("{}{}", self.gate.address, self.server.path());
        let words = ["profile", "add", "people", "--url", &url, "--user", self.server.user()];
        let further = ["--folder", "Contacts", "--set", "login=oauth"];
        self.in_a_browser(&[&words[..], &further].concat(), browser)
    }

    fn asked_of_provider(&self) -> usize {
        self.provider.seen().len()
    }
}

fn tokens(number: u64) -> String {
    format!(
        r#"{{"access_token":"access-sample-{number}","token_type":"Bearer","refresh_token":"renews-sample-{number}"}}"#
    )
}

/// A browser whose user agrees, or brings something else in place of the code.
fn brings(what: &str) -> impl FnOnce(&str) {
    let what = what.to_owned();
    move |address| {
        let url = url::Url::parse(address).unwrap();
        let value = |key: &str| url.query_pairs().find(|(name, _)| name == key).unwrap().1.into_owned();
        assert_eq!(value("scope"), "dav offline_access");
        let port = url::Url::parse(&value("redirect_uri")).unwrap().port().unwrap();
        let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        let request = format!("GET /?state={}&{what} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", value("state"));
        stream.write_all(request.as_bytes()).unwrap();
        let mut page = String::new();
        stream.read_to_string(&mut page).unwrap();
        assert!(page.starts_with("HTTP/1.1 200 OK\r\n"), "{page}");
    }
}

#[test]
fn a_profile_logs_in_by_a_browser_and_stays_logged_in() {
    let Some(scene) = Scene::new() else { return };
    let added = scene.join(brings("code=sample"));
    assert_eq!(added.code, 0, "{added:?}");
    assert_eq!(scene.asked_of_provider(), 1);
    scene.home.sync("people");
    assert_eq!(scene.home.titles("Contacts").len(), 1);
    assert_eq!(scene.asked_of_provider(), 1, "the token is kept from run to run");
    // It runs out: one renewal, and the next run has the new one from the start.
    for (good, asked) in [(2, 2), (2, 2), (3, 3)] {
        scene.good.store(good, Ordering::SeqCst);
        scene.home.sync("people");
        assert_eq!(scene.asked_of_provider(), asked);
    }
    let basic = scene.provider.seen().iter().all(|seen| seen.header("authorization").is_some());
    assert!(basic, "the program's own secret is sent as the standard prefers it");
}

#[test]
fn a_login_that_is_not_renewed_stops_the_profile_and_is_said_once() {
    let Some(scene) = Scene::new() else { return };
    scene.join(brings("code=sample"));
    scene.good.store(0, Ordering::SeqCst);
    scene.guard();
    let failed = scene.home.run(&["sync", "people", "--verbose"]);
    let told = failed.err.replace(&scene.provider.address, "https://login.example.org");
    let told: Vec<&str> =
        told.lines().filter(|line| line.starts_with("error:") || line.starts_with("hint:")).collect();
    let complaint = "error: https://login.example.org gives no access (invalid_grant).\n\
                     hint: Log in with `dovetail profile login people`.";
    assert_eq!((failed.code, told.join("\n").as_str()), (3, complaint), "{failed:?}");
    manual::shows(complaint);
    assert_eq!((scene.asked_of_provider(), scene.gate.seen().len()), (2, 1), "nobody is asked twice");
    // Agreed again, it goes on.
    scene.good.store(3, Ordering::SeqCst);
    let login = scene.in_a_browser(&["profile", "login", "people"], brings("code=sample"));
    assert_eq!((login.code, login.out.trim()), (0, r#"{"profile":"people","login":"file"}"#), "{login:?}");
    scene.home.sync("people");
}

#[test]
fn who_does_not_agree_gets_no_profile() {
    let Some(scene) = Scene::new() else { return };
    let refused = scene.join(brings("error=access_denied"));
    assert_eq!(refused.code, 3, "{refused:?}");
    let complaint: Value = serde_json::from_str(refused.err.trim()).unwrap();
    assert_eq!(complaint["error"], "The login was not granted (access_denied).");
    assert_eq!(scene.home.json(&["profile", "list"]).as_array().unwrap().len(), 0);
    assert_eq!(scene.asked_of_provider(), 0);
    assert_eq!(scene.gate.seen().len(), 0, "the server is not asked without a login");
}

#[test]
fn tokens_are_in_their_file_alone_and_in_no_output() {
    let Some(scene) = Scene::new() else { return };
    let mut said = vec![scene.join(brings("code=sample-code"))];
    scene.good.store(2, Ordering::SeqCst);
    for words in [
        vec!["sync", "people", "--verbose"],
        vec!["profile", "show", "people", "--json"],
        vec!["settings", "show"],
        vec!["report", "show"],
        vec!["test", "people", "--verbose"],
    ] {
        said.push(scene.home.run(&words));
    }
    for secret in ["access-sample", "renews-sample", "sample-code", PROGRAM] {
        for ended in &said {
            assert!(!ended.out.contains(secret) && !ended.err.contains(secret), "{secret}: {ended:?}");
        }
        let files = if secret == "sample-code" { vec![] } else { vec!["secrets.json".to_owned()] };
        assert_eq!(scene.home.files_with(secret), files, "{secret}");
    }
    scene.home.fine(&["profile", "remove", "people", "--yes"]);
    assert_eq!(scene.home.files_with("renews-sample"), Vec::<String>::new(), "what is removed is forgotten");
}

#[test]
fn a_server_may_be_looked_at_by_tokens_before_there_is_a_profile() {
    let Some(scene) = Scene::new() else { return };
    let set = |key: &str, path: &str| format!("{key}={}{path}", scene.provider.address);
    let (authorization, token) = (set("oauth_authorization_url", "/agree"), set("oauth_token_url", "/token"));
    let options =
        ["login=oauth", &authorization, &token, "oauth_client_id=sample", "oauth_scope=dav offline_access"];
    let url = format!("{}{}", scene.gate.address, scene.server.path());
    let words = ["discover", "--url", &url, "--user", scene.server.user()];
    let words: Vec<&str> =
        words.into_iter().chain(options.iter().flat_map(|option| ["--set", option])).collect();
    let found = scene.in_a_browser(&words, brings("code=sample"));
    assert_eq!((found.code, found.out.contains(&scene.server.path())), (0, true), "{found:?}");
    assert_eq!(scene.home.files_with("access-sample"), Vec::<String>::new(), "nothing is kept");
}

#[test]
fn what_is_missing_for_tokens_is_named() {
    let Some(scene) = Scene::new() else { return };
    let home = &scene.home;
    let words = ["discover", "--url", "http://127.0.0.1:1/", "--user", "me", "--set", "login=oauth"];
    let missing = home.run(&words);
    let complaint = "error: To log in by access tokens, oauth_authorization_url has to be set.\n\
                     hint: Set login, oauth_authorization_url, oauth_token_url and oauth_client_id as whoever runs the server says.";
    assert_eq!((missing.code, missing.err.trim()), (2, complaint));
    manual::shows(complaint);
    let readable = home.run(&["settings", "set", "oauth_token_url=http://login.example.org/token"]);
    assert_eq!(readable.code, 2, "{readable:?}");
    home.join("people", "Contacts", &scene.server);
    let password = home.run(&["profile", "login", "people"]);
    assert_eq!(password.code, 2, "{password:?}");
    assert!(password.err.contains("logs in by a password"), "{password:?}");
    home.fine(&["profile", "set", "people", "login=oauth"]);
    let nobody = home.run(&["sync", "people"]);
    let complaint =
        "error: This profile is not logged in.\nhint: Log in with `dovetail profile login people`.";
    assert_eq!((nobody.code, nobody.err.trim()), (3, complaint));
    manual::shows(complaint);
}

/// A network may let nothing out but by its proxy: the provider is reached by it as well.
#[test]
fn tokens_are_asked_for_through_the_proxy() {
    let Some(scene) = Scene::new() else { return };
    let basic = scene.server.basic();
    scene.gate.set(move |_, seen| match seen.header("authorization") {
        _ if seen.path.ends_with("/token") => {
            Act::Say(answer(200, &[("Content-Type", "application/json")], &tokens(1)))
        }
        Some("Bearer access-sample-1") => Act::PassAs(basic.clone()),
        _ => Act::Say(answer(401, &[("WWW-Authenticate", "Bearer realm=\"sample\"")], "")),
    });
    scene.home.fine(&["settings", "set", &format!("proxy={}", scene.gate.address)]);
    let added = scene.join(brings("code=sample"));
    assert_eq!((added.code, scene.asked_of_provider()), (0, 0), "{added:?}");
    let through = format!("{}/token", scene.provider.address);
    assert_eq!(scene.gate.seen().iter().filter(|seen| seen.path == through).count(), 1);
    scene.home.sync("people");
}

#[test]
fn a_provider_of_ones_own_goes_before_the_one_for_all() {
    let Some(scene) = Scene::new() else { return };
    scene.join(brings("code=sample"));
    // What a browser is sent to, part by part.
    let asked = || {
        let mut asked = (String::new(), String::new(), String::new());
        scene.in_a_browser(&["profile", "login", "people"], |address| {
            let url = url::Url::parse(address).unwrap();
            let value = |key: &str| url.query_pairs().find(|(name, _)| name == key).unwrap().1.into_owned();
            asked = (url.path().to_owned(), value("client_id"), value("scope"));
            let port = url::Url::parse(&value("redirect_uri")).unwrap().port().unwrap();
            let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
            let refusal = format!("GET /?state={}&error=access_denied HTTP/1.1\r\n\r\n", value("state"));
            stream.write_all(refusal.as_bytes()).unwrap();
            stream.read_to_string(&mut String::new()).unwrap();
        });
        asked
    };
    let parts = |path: &str, id: &str, scope: &str| (path.to_owned(), id.to_owned(), scope.to_owned());
    assert_eq!(asked(), parts("/agree", "sample", "dav offline_access"));
    let authorization = format!("oauth_authorization_url={}/own", scene.provider.address);
    for (own, expected) in [
        ("oauth_client_id=own", parts("/agree", "own", "dav offline_access")),
        ("oauth_scope=own", parts("/agree", "own", "own")),
        (&authorization, parts("/own", "own", "own")),
    ] {
        scene.home.fine(&["profile", "set", "people", own]);
        assert_eq!(asked(), expected, "{own}");
    }
    // The program's secret belongs to its name, and so does where it is shown.
    let other = Scripted::new(|_, _| answer(200, &[("Content-Type", "application/json")], &tokens(7)));
    scene.home.fine(&["profile", "set", "people", &format!("oauth_token_url={}/token", other.address)]);
    let login = scene.in_a_browser(&["profile", "login", "people"], |address| {
        let url = url::Url::parse(address).unwrap();
        let value = |key: &str| url.query_pairs().find(|(name, _)| name == key).unwrap().1.into_owned();
        let port = url::Url::parse(&value("redirect_uri")).unwrap().port().unwrap();
        let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        let request = format!("GET /?state={}&code=sample HTTP/1.1\r\n\r\n", value("state"));
        stream.write_all(request.as_bytes()).unwrap();
        stream.read_to_string(&mut String::new()).unwrap();
    });
    assert_eq!((login.code, other.seen().len()), (0, 1), "{login:?}");
    assert_eq!(other.seen()[0].header("authorization"), None, "the secret for all is not of this name");
}
