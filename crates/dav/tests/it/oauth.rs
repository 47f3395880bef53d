//! Access tokens: a person agrees in a browser, and what comes of it is renewed. The provider plays a script.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use dovetail_dav::oauth::{Consent, Grant, Provider, Renewing};
use dovetail_dav::{Client, ClientSettings, Error, ErrorKind, Login};
use dovetail_testkit::servers::{Scripted, Seen, answer};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use url::{Url, form_urlencoded};

/// Long enough for a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(60);

fn provider(server: &Scripted) -> Provider {
    Provider {
        authorization: Url::parse(&format!("{}/agree?prompt=consent", server.address)).unwrap(),
        token: Url::parse(&format!("{}/token", server.address)).unwrap(),
        client_id: "dovetail & co".to_owned(),
        client_secret: None,
        scope: "calendar contacts".to_owned(),
    }
}

fn client(url: &Url, login: Option<Login>) -> Client {
    Client::new(url, login, &ClientSettings::default()).unwrap()
}

fn json(status: u16, text: &str) -> Vec<u8> {
    answer(status, &[("Content-Type", "application/json")], text)
}

fn pairs(text: &str) -> BTreeMap<String, String> {
    form_urlencoded::parse(text.as_bytes()).into_owned().collect()
}

/// Calls at the door as a browser would; the status of the answer, 0 for none.
fn call(redirect: &str, request: &str) -> u16 {
    let port = Url::parse(redirect).unwrap().port().unwrap();
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer);
    answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0)
}

fn get(target: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
}

#[test]
fn a_person_agrees_once_and_tokens_are_given() {
    let server = Scripted::new(|_, _| {
        json(
            200,
            r#"{"access_token":"first","token_type":"bearer","refresh_token":"next","expires_in":3600}"#,
        )
    });
    let provider = provider(&server);
    let consent = Consent::begin(&provider, Some("me@example.test")).unwrap();
    let asked = pairs(consent.url().query().unwrap());
    assert_eq!(consent.url().path(), "/agree");
    for (key, value) in [
        ("prompt", "consent"),
        ("response_type", "code"),
        ("client_id", "dovetail & co"),
        ("scope", "calendar contacts"),
        ("code_challenge_method", "S256"),
        ("login_hint", "me@example.test"),
    ] {
        assert_eq!(asked[key], value, "{key}");
    }
    let redirect = asked["redirect_uri"].clone();
    assert!(redirect.starts_with("http://127.0.0.1:"), "{redirect}");
    let browser = get(&format!("/?state={}&code=a%2Bb", asked["state"]));
    let at = redirect.clone();
    let browser = thread::spawn(move || call(&at, &browser));
    let code = consent.wait(PATIENCE).unwrap();
    assert_eq!(browser.join().unwrap(), 200);
    let grant = provider.grant(&client(&provider.token, None), &code).unwrap();
    assert_eq!(grant.access.expose_secret(), "first");
    assert_eq!(grant.refresh.as_ref().unwrap().expose_secret(), "next");
    let seen = &server.seen()[0];
    let sent = pairs(&seen.text());
    let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(sent["code_verifier"].as_bytes()));
    assert_eq!((seen.method.as_str(), seen.path.as_str()), ("POST", "/token"));
    assert_eq!((&sent["code"], &sent["redirect_uri"]), (&"a+b".to_owned(), &redirect));
    assert_eq!((sent["client_id"].as_str(), &challenge), ("dovetail & co", &asked["code_challenge"]));
    assert!(sent["code_verifier"].len() >= 43);
    let printed = format!("{grant:?} {code:?}");
    for secret in ["first", "next", "a+b", &sent["code_verifier"]] {
        assert!(!printed.contains(secret), "{printed}");
    }
}

#[test]
fn who_does_not_know_the_word_changes_nothing() {
    let server = Scripted::new(|_, _| json(500, ""));
    let consent = Consent::begin(&provider(&server), None).unwrap();
    let asked = pairs(consent.url().query().unwrap());
    let (redirect, state) = (asked["redirect_uri"].clone(), asked["state"].clone());
    assert!(!format!("{consent:?}").contains(&state));
    let strangers = [
        (get("/?code=theirs&state=guessed"), 404),
        (get("/?code=theirs"), 404),
        (get("/?error=access_denied"), 404),
        (get(&format!("/elsewhere?code=theirs&state={state}")), 404),
        (get(&format!("/?state={state}")), 404),
        (get(&format!("/?state={state}&state={state}&code=theirs")), 404),
        (get(&format!("//elsewhere.example.test/?state={state}&code=theirs")), 404),
        (format!("POST /?code=theirs&state={state} HTTP/1.1\r\n\r\n"), 0),
        (format!("GET /?code=theirs&state={state} HTTP/1.1\r\nHost: cut"), 0),
        ("\u{16}\u{3}\u{1}".to_owned(), 0),
        (String::new(), 0),
    ];
    let browser = thread::spawn(move || {
        for (request, status) in strangers {
            assert_eq!(call(&redirect, &request), status, "{request}");
        }
        call(&redirect, &get(&format!("/?state={state}&error=access_denied")))
    });
    let refused = consent.wait(PATIENCE).unwrap_err();
    assert_eq!(browser.join().unwrap(), 200);
    let told = (ErrorKind::Unauthorized, "the login was not granted (access_denied)");
    assert_eq!((refused.kind, refused.what.as_str()), told);
}

#[test]
fn nobody_is_waited_for_without_end() {
    let server = Scripted::new(|_, _| json(500, ""));
    let consent = Consent::begin(&provider(&server), None).unwrap();
    let late = consent.wait(Duration::ZERO).unwrap_err();
    assert_eq!(
        (late.kind, late.what.as_str()),
        (ErrorKind::Unauthorized, "nobody has agreed to the login in time")
    );
}

#[test]
fn no_secret_goes_where_others_can_read_it() {
    let server = Scripted::new(|_, _| json(500, ""));
    for (authorization, token) in [
        ("http://login.example.test/agree", "https://login.example.test/token"),
        ("https://login.example.test/agree", "http://login.example.test/token"),
        ("ftp://127.0.0.1/agree", "https://login.example.test/token"),
    ] {
        let unsafe_one = Provider {
            authorization: Url::parse(authorization).unwrap(),
            token: Url::parse(token).unwrap(),
            ..provider(&server)
        };
        let refused = Consent::begin(&unsafe_one, None).unwrap_err();
        assert_eq!(refused.kind, ErrorKind::Refused, "{authorization} {token}");
        assert!(refused.what.ends_with("the address must begin with https://"), "{refused}");
    }
}

/// A server that takes one token, and a provider that gives the answers of a script.
struct Scene {
    dav: Scripted,
    provider: Scripted,
    kept: Arc<Mutex<Vec<String>>>,
}

impl Scene {
    fn new(good: &'static str, script: impl Fn(usize, &Seen) -> Vec<u8> + Send + Sync + 'static) -> Scene {
        let dav = Scripted::new(move |_, seen| {
            let wanted = format!("Bearer {good}");
            match seen.header("authorization") {
                Some(token) if token == wanted => answer(204, &[], ""),
                _ => answer(401, &[("WWW-Authenticate", "Bearer realm=\"x\", error=\"invalid_token\"")], ""),
            }
        });
        Scene { dav, provider: Scripted::new(script), kept: Arc::default() }
    }

    /// A client that holds these tokens.
    fn client(&self, access: &str, refresh: Option<&str>, secret: Option<&str>) -> Client {
        let provider = Provider { client_secret: secret.map(SecretString::from), ..provider(&self.provider) };
        let grant = Grant { access: access.into(), refresh: refresh.map(SecretString::from) };
        let kept = self.kept.clone();
        let keep = move |grant: &Grant| {
            let refresh = grant.refresh.as_ref().map(|refresh| refresh.expose_secret().to_owned());
            kept.lock().unwrap().push(refresh.unwrap_or_default());
        };
        let at = client(&provider.token, None);
        let tokens = Login::Token(Arc::new(Renewing::new(provider, at, grant, keep)));
        client(&Url::parse(&self.dav.address).unwrap(), Some(tokens))
    }

    fn ask(&self, client: &Client) -> Result<(), Error> {
        client.options(&Url::parse(&self.dav.address).unwrap()).map(|_| ())
    }

    fn kept(&self) -> Vec<String> {
        self.kept.lock().unwrap().clone()
    }
}

#[test]
fn a_token_that_has_run_out_is_renewed_once_for_all_requests() {
    let scene = Scene::new("second", |_, _| {
        json(200, r#"{"access_token":"second","token_type":"Bearer","refresh_token":"later"}"#)
    });
    let client = scene.client("first", Some("next"), None);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| scene.ask(&client).unwrap());
        }
    });
    let asked = scene.provider.seen();
    assert_eq!(asked.len(), 1);
    let form = pairs(&asked[0].text());
    assert_eq!((form["grant_type"].as_str(), form["refresh_token"].as_str()), ("refresh_token", "next"));
    assert_eq!(scene.kept(), ["later"]);
}

#[test]
fn a_provider_may_leave_the_token_for_renewing_as_it_was() {
    let scene = Scene::new("second", |_, _| json(200, r#"{"access_token":"second","token_type":"Bearer"}"#));
    scene.ask(&scene.client("first", Some("next"), None)).unwrap();
    assert_eq!(scene.kept(), ["next"]);
}

#[test]
fn a_login_that_is_not_renewed_stops_all_and_is_not_tried_again() {
    let refusals = [
        (
            r#"{"error":"invalid_grant","error_description":"next was revoked"}"#,
            "gives no access (invalid_grant)",
        ),
        (r#"{"error":"next next next"}"#, "gives no access: 400"),
        ("<html>", "gives no access: 400"),
    ];
    for (refusal, told) in refusals {
        let scene = Scene::new("second", move |_, _| json(400, refusal));
        let client = scene.client("first", Some("next"), None);
        for _ in 0..3 {
            let failed = scene.ask(&client).unwrap_err();
            assert_eq!(
                (failed.kind, failed.what.ends_with(told)),
                (ErrorKind::Unauthorized, true),
                "{failed}"
            );
            assert!(!format!("{failed:?}").contains("next"), "{failed:?}");
        }
        assert_eq!(scene.provider.seen().len(), 1, "the provider is asked once");
        assert_eq!(scene.kept(), Vec::<String>::new());
    }
}

#[test]
fn a_new_token_that_is_refused_stops_all() {
    let scene = Scene::new("none", |_, _| json(200, r#"{"access_token":"second","refresh_token":"later"}"#));
    let client = scene.client("first", Some("next"), None);
    for _ in 0..3 {
        assert_eq!(scene.ask(&client).unwrap_err().kind, ErrorKind::Unauthorized);
    }
    assert_eq!((scene.provider.seen().len(), scene.dav.seen().len()), (1, 2));
}

#[test]
fn a_login_without_a_token_for_renewing_runs_out() {
    let scene = Scene::new("second", |_, _| json(500, ""));
    let failed = scene.ask(&scene.client("first", None, None)).unwrap_err();
    let told = (ErrorKind::Unauthorized, "the login has run out, and cannot be renewed");
    assert_eq!((failed.kind, failed.what.as_str()), told);
    assert_eq!(scene.provider.seen(), []);
}

#[test]
fn a_provider_without_time_is_asked_again_later() {
    for (status, pause) in
        [(503, Some(Duration::from_secs(7))), (429, Some(Duration::from_secs(7))), (500, None)]
    {
        let scene = Scene::new("second", move |number, _| match number {
            0 if pause.is_some() => answer(status, &[("Retry-After", "7")], "next"),
            0 => answer(status, &[], "next"),
            _ => json(200, r#"{"access_token":"second"}"#),
        });
        let client = scene.client("first", Some("next"), None);
        let failed = scene.ask(&client).unwrap_err();
        assert_eq!(failed.kind, ErrorKind::Busy { retry_after: pause }, "{failed}");
        scene.ask(&client).unwrap();
    }
}

#[test]
fn a_programs_own_secret_goes_as_the_standard_prefers_it_and_else_in_the_form() {
    let scene = Scene::new("second", |_, seen| match seen.header("authorization") {
        Some(_) => json(401, r#"{"error":"invalid_client"}"#),
        None => json(200, r#"{"access_token":"second"}"#),
    });
    scene.ask(&scene.client("first", Some("next"), Some("ours:ü"))).unwrap();
    let seen = scene.provider.seen();
    // RFC 6749 section 2.3.1: both are encoded as in a form first.
    let basic = base64::prelude::BASE64_STANDARD.encode("dovetail+%26+co:ours%3A%C3%BC");
    assert_eq!(seen[0].header("authorization"), Some(format!("Basic {basic}").as_str()));
    assert!(!seen[0].text().contains("client_secret"));
    assert_eq!(pairs(&seen[1].text())["client_secret"], "ours:ü");
    assert_eq!(seen.len(), 2);
}

#[test]
fn a_token_goes_to_its_own_server_alone() {
    let elsewhere = Scripted::new(|_, _| answer(204, &[], ""));
    let scene = Scene::new("first", |_, _| json(500, ""));
    let client = scene.client("first", None, None);
    client.options(&Url::parse(&elsewhere.address).unwrap()).unwrap();
    assert_eq!(elsewhere.seen()[0].header("authorization"), None);
}
