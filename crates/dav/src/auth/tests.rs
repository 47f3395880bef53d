//! Exchanges between a client and servers that ask in different ways.

use std::sync::Mutex;

use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::{Authenticator, Credentials, Login, Manner, Tokens};
use crate::error::{ErrorKind, Result};

const BASIC: &str = "Basic YWxpY2U6cMOkc3N3w7ZyZA==";
const MD5: &str = "Digest realm=\"r\", nonce=\"n1\", qop=\"auth,auth-int\", algorithm=md5";
const SHA: &str = "DIGEST REALM=\"r\", NONCE=\"n2\", QOP=\"auth\", ALGORITHM=SHA-256";

/// Those of one answer, or what was offered in turn.
type Headers = &'static [&'static str];

fn authenticator(manner: Manner) -> Authenticator {
    let credentials = Credentials { user: "alice".to_owned(), password: "pässwörd".into() };
    Authenticator::new(Login::Password(credentials, manner))
}

/// What is offered in turn while the server answers each offer with the next of these headers.
fn offers(authenticator: &Authenticator, answers: &[&[&str]]) -> Vec<String> {
    let url = Url::parse("http://example.com/dav/a%20b?c=d").unwrap();
    let mut exchange = authenticator.begin();
    let mut offered = Vec::new();
    let short = |offer: Option<SecretString>| match offer {
        None => "nothing".to_owned(),
        Some(value) => {
            let value = value.expose_secret();
            let part =
                |name: &str| value.split(", ").find_map(|part| part.split_once(name)).map(|(_, value)| value);
            match value.starts_with("Digest") {
                true => format!("Digest {} {}", part("nonce=").unwrap(), part("nc=").unwrap_or("-")),
                false => value.to_owned(),
            }
        }
    };
    for answer in answers {
        offered.push(short(exchange.offer("PUT", &url).unwrap()));
        match exchange.asked(answer.iter().copied()) {
            Ok(true) => {}
            Ok(false) => return [offered, vec!["refused".to_owned()]].concat(),
            Err(error) => return [offered, vec![error.what]].concat(),
        }
    }
    offered.push(short(exchange.offer("PUT", &url).unwrap()));
    offered
}

#[test]
fn a_password_is_offered_as_the_server_wants_it_and_refused_once() {
    use Manner::{BasicOnly, Preemptive, WhenAsked};
    const STALE: &str = "Digest realm=\"r\", nonce=\"n3\", qop=\"auth\", stale=true";
    const STRANGE: &str =
        "the server asks for a login by NTLM or Negotiate (Kerberos), and offers neither Basic nor Digest";
    let table: [(Manner, &[Headers], Headers); 15] = [
        (Preemptive, &[], &[BASIC]),
        (Preemptive, &[&["Basic realm=\"r\""]], &[BASIC, "refused"]),
        (Preemptive, &[&[]], &[BASIC, "refused"]),
        // The password is wrong, whatever else is offered.
        (Preemptive, &[&["SCRAM-SHA-256", MD5, "Basic realm=\"r\""]], &[BASIC, "refused"]),
        (Preemptive, &[&[MD5]], &[BASIC, "Digest \"n1\" 00000001"]),
        (Preemptive, &[&[MD5], &[MD5]], &[BASIC, "Digest \"n1\" 00000001", "refused"]),
        (Preemptive, &[&["NTLM, Negotiate"]], &[BASIC, STRANGE]),
        (WhenAsked, &[], &["nothing"]),
        (WhenAsked, &[&["Basic realm=\"r\""]], &["nothing", BASIC]),
        (WhenAsked, &[&["Basic realm=\"r\""], &["Basic realm=\"r\""]], &["nothing", BASIC, "refused"]),
        (WhenAsked, &[&[MD5, SHA, "Basic realm=\"r\""]], &["nothing", "Digest \"n2\" 00000001"]),
        (WhenAsked, &[&[MD5], &[STALE]], &["nothing", "Digest \"n1\" 00000001", "Digest \"n3\" 00000001"]),
        // A server that offers Digest to users whom it does not let in by Digest.
        (
            WhenAsked,
            &[&[MD5, "Basic realm=\"r\""], &[MD5], &["Basic realm=\"r\""]],
            &["nothing", "Digest \"n1\" 00000001", BASIC, "refused"],
        ),
        (
            WhenAsked,
            &[&["Negotiate"]],
            &[
                "nothing",
                "the server asks for a login by Negotiate (Kerberos), and offers neither Basic nor Digest",
            ],
        ),
        (BasicOnly, &[&[MD5]], &[BASIC, "refused"]),
    ];
    for (manner, answers, expected) in table {
        assert_eq!(offers(&authenticator(manner), answers), expected, "{manner:?} {answers:?}");
    }
}

#[test]
fn a_nonce_serves_until_the_server_gives_another_one() {
    let authenticator = authenticator(Manner::WhenAsked);
    assert_eq!(offers(&authenticator, &[&[MD5]]), ["nothing", "Digest \"n1\" 00000001"]);
    assert_eq!(offers(&authenticator, &[]), ["Digest \"n1\" 00000002"]);
    // Much later the server has forgotten it, and does not call that stale.
    let other = MD5.replace("n1", "n9");
    assert_eq!(offers(&authenticator, &[&[&other]]), ["Digest \"n1\" 00000003", "Digest \"n9\" 00000001"]);
    // The password was changed meanwhile.
    let third = MD5.replace("n1", "n10");
    assert_eq!(
        offers(&authenticator, &[&[&other], &[&third]]),
        ["Digest \"n9\" 00000002", "refused"],
        "the same nonce again means that it was not the nonce"
    );
}

/// The example of RFC 7616 section 3.9.1, but for the nonce of the client, which is left to chance.
#[test]
fn a_digest_is_made_of_what_the_rfc_says() {
    let credentials = Credentials { user: "Mufasa".to_owned(), password: "Circle of Life".into() };
    let authenticator = Authenticator::new(Login::Password(credentials, Manner::WhenAsked));
    let url = Url::parse("http://www.example.org/dir/index.html").unwrap();
    let mut exchange = authenticator.begin();
    exchange.offer("GET", &url).unwrap();
    let asked = "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", algorithm=SHA-256, \
                 nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"";
    assert!(exchange.asked([asked].into_iter()).unwrap());
    let offer = exchange.offer("GET", &url).unwrap().unwrap();
    let mut answer = digest_auth::AuthorizationHeader::parse(offer.expose_secret()).unwrap();
    assert_eq!((answer.uri.as_str(), answer.qop), ("/dir/index.html", Some(digest_auth::Qop::AUTH)));
    answer.cnonce = Some("f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ".to_owned());
    answer.digest(&digest_auth::AuthContext::new("Mufasa", "Circle of Life", "/dir/index.html"));
    assert_eq!(answer.response, "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1");
}

struct Renewing(Mutex<u32>);

impl Tokens for Renewing {
    fn token(&self, refused: Option<&SecretString>) -> Result<SecretString> {
        let mut number = self.0.lock().unwrap();
        if refused.is_some() {
            *number += 1;
        }
        Ok(format!("token{number}").into())
    }
}

#[test]
fn a_token_is_renewed_once() {
    let authenticator = Authenticator::new(Login::Token(std::sync::Arc::new(Renewing(Mutex::new(1)))));
    assert_eq!(offers(&authenticator, &[]), ["Bearer token1"]);
    let answers: [&[&str]; 2] = [&["Bearer error=\"invalid_token\""], &["Bearer error=\"invalid_token\""]];
    assert_eq!(offers(&authenticator, &answers), ["Bearer token1", "Bearer token2", "refused"]);
}

#[test]
fn challenges_that_cannot_be_answered_are_no_challenges() {
    for asked in [
        "Digest realm=\"r\"",
        "Digest realm=\"r\", nonce=\"n\", algorithm=WHIRLPOOL",
        "Digest realm=\"r\", nonce=\"n\", qop=\"auth-int\"",
        "Digest realm=\"r\", nonce=\"n\", charset=\"KOI8-R\", algorithm=\"",
    ] {
        let authenticator = authenticator(Manner::WhenAsked);
        let mut exchange = authenticator.begin();
        exchange.offer("GET", &Url::parse("http://example.com/").unwrap()).unwrap();
        assert_eq!(exchange.asked([asked].into_iter()).unwrap_err().kind, ErrorKind::Unauthorized, "{asked}");
    }
}
