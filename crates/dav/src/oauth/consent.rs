//! A person agrees in a browser, which then comes back to this computer (RFC 8252 section 7.3, RFC 7636).
//!
//! Anybody can call at the door that is open meanwhile: a page in the same browser, another user of this computer. What does
//! not bring the word that was given along (`state`) is sent away and changes nothing.

use std::fmt;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use url::Url;

use super::{Provider, is_code};
use crate::error::{Error, ErrorKind, Result};

/// A browser that calls sends no more than this.
const MOST_BYTES: u64 = 64 * 1024;

/// How long a browser that calls may take to say what it wants.
const PATIENCE: Duration = Duration::from_secs(10);

/// How often it is looked whether somebody has called.
const GLANCE: Duration = Duration::from_millis(20);

/// A login under way: a person is to open its address.
pub struct Consent {
    url: Url,
    redirect: Url,
    state: SecretString,
    verifier: SecretString,
    listener: TcpListener,
}

/// What the browser brought. It is good for one request, and only for who began the login.
#[derive(Debug)]
pub struct Code {
    pub(super) code: SecretString,
    pub(super) redirect: Url,
    pub(super) verifier: SecretString,
}

/// What a caller brought, that knew the word.
enum Brought {
    Code(SecretString),
    Refusal(String),
}

impl fmt::Debug for Consent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Consent({})", self.redirect)
    }
}

impl Consent {
    /// Begins a login, for this user if it is known: opens a port on this computer, to which the browser will come back.
    ///
    /// # Errors
    /// `Refused`, where the provider's addresses are not safe or no port can be opened.
    pub fn begin(provider: &Provider, user: Option<&str>) -> Result<Consent> {
        provider.check()?;
        let closed = |error: std::io::Error| {
            Error::new(ErrorKind::Refused, "no port of this computer can be opened for the browser")
                .because(error)
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(closed)?;
        listener.set_nonblocking(true).map_err(closed)?;
        let port = listener.local_addr().map_err(closed)?.port();
        let redirect = Url::parse(&format!("http://127.0.0.1:{port}/"))
            .map_err(|error| Error::new(ErrorKind::Refused, "no address for the browser").because(error))?;
        let (state, verifier) = (random()?, random()?);
        let digest = Sha256::digest(verifier.expose_secret().as_bytes());
        let mut url = provider.authorization.clone();
        url.set_fragment(None);
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &provider.client_id)
            .append_pair("redirect_uri", redirect.as_str())
            .append_pair("state", state.expose_secret())
            .append_pair("code_challenge", &BASE64_URL_SAFE_NO_PAD.encode(digest))
            .append_pair("code_challenge_method", "S256");
        if !provider.scope.is_empty() {
            url.query_pairs_mut().append_pair("scope", &provider.scope);
        }
        if let Some(user) = user.filter(|user| !user.is_empty()) {
            url.query_pairs_mut().append_pair("login_hint", user);
        }
        Ok(Consent { url, redirect, state, verifier, listener })
    }

    /// The address that the person has to open in a browser of this computer.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Waits until the person has agreed.
    ///
    /// # Errors
    /// `Unauthorized`, where the person does not agree, or not in time.
    pub fn wait(self, patience: Duration) -> Result<Code> {
        let until = Instant::now() + patience;
        let (bring, brought): (Sender<Brought>, Receiver<Brought>) = mpsc::channel();
        loop {
            // The port is not blocking: nobody there is a failure like any other.
            if let Ok((stream, _)) = self.listener.accept() {
                let (state, redirect, bring) = (self.state.clone(), self.redirect.clone(), bring.clone());
                thread::spawn(move || receive(&stream, &state, &redirect, &bring));
                continue;
            }
            match brought.recv_timeout(GLANCE) {
                Ok(Brought::Code(code)) => {
                    return Ok(Code { code, redirect: self.redirect, verifier: self.verifier });
                }
                Ok(Brought::Refusal(why)) => {
                    return Err(Error::new(
                        ErrorKind::Unauthorized,
                        format!("the login was not granted{why}"),
                    ));
                }
                Err(_) if Instant::now() >= until => {
                    return Err(Error::new(
                        ErrorKind::Unauthorized,
                        "nobody has agreed to the login in time",
                    ));
                }
                Err(_) => {}
            }
        }
    }
}

/// A word that nobody can guess: 256 bits (RFC 7636 section 4.1).
fn random() -> Result<SecretString> {
    let mut bytes = [0; 32];
    let provider = rustls::crypto::ring::default_provider();
    provider.secure_random.fill(&mut bytes).map_err(|_| {
        Error::new(
            ErrorKind::Refused,
            "this computer gives no random numbers, without which no login is safe",
        )
    })?;
    Ok(SecretString::from(BASE64_URL_SAFE_NO_PAD.encode(bytes)))
}

/// Hears who calls, and answers with a page for people.
fn receive(stream: &TcpStream, state: &SecretString, redirect: &Url, bring: &Sender<Brought>) {
    let ready = stream
        .set_nonblocking(false)
        .and_then(|()| stream.set_read_timeout(Some(PATIENCE)))
        .and_then(|()| stream.set_write_timeout(Some(PATIENCE)));
    let Some(target) = ready.ok().and_then(|()| target(stream)) else { return };
    let brought = redirect.join(&target).ok().and_then(|url| brought(&url, state, redirect));
    let (status, words) = match &brought {
        Some(Brought::Code(_)) => ("200 OK", "You are logged in. This window can be closed."),
        Some(Brought::Refusal(_)) => ("200 OK", "You are not logged in. This window can be closed."),
        None => ("404 Not Found", "There is nothing here."),
    };
    let page = format!("<!DOCTYPE html><meta charset=utf-8><title>Dovetail</title><p>{words}</p>\n");
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\nCache-Control: no-store\r\n\
         Referrer-Policy: no-referrer\r\nConnection: close\r\n\r\n",
        page.len()
    );
    let mut stream = stream;
    // A browser that does not wait for the page has brought what it had all the same.
    let _ = stream.write_all((head + &page).as_bytes()).and_then(|()| stream.flush());
    if let Some(brought) = brought {
        let _ = bring.send(brought);
    }
}

/// What a GET asks for, once all of its head has come.
fn target(stream: &TcpStream) -> Option<String> {
    let mut lines = BufReader::new(stream.take(MOST_BYTES));
    let mut first = String::new();
    lines.read_line(&mut first).ok()?;
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if line.trim_end().is_empty() {
            break;
        }
    }
    let mut words = first.split(' ');
    (words.next()? == "GET").then_some(())?;
    words.next().filter(|target| target.starts_with('/')).map(str::to_owned)
}

/// What stands in the address that the browser was sent to; `None` where it is not the one that is waited for.
fn brought(url: &Url, state: &SecretString, redirect: &Url) -> Option<Brought> {
    let value = |key: &str| {
        let mut values = url.query_pairs().filter(|(name, _)| name == key).map(|(_, value)| value);
        // RFC 6749 section 3.1: what comes twice is no answer.
        values.next().filter(|_| values.next().is_none())
    };
    let is_ours = url.origin() == redirect.origin() && url.path() == redirect.path();
    if !is_ours || value("state")? != state.expose_secret() {
        return None;
    }
    match (value("code").filter(|code| !code.is_empty()), value("error")) {
        (Some(code), None) => Some(Brought::Code(SecretString::from(code.into_owned()))),
        (_, Some(error)) => {
            let why = if is_code(&error) { format!(" ({error})") } else { String::new() };
            Some(Brought::Refusal(why))
        }
        (None, None) => None,
    }
}
