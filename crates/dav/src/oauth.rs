//! Access tokens by OAuth 2 (RFC 6749), as a program on a person's own computer gets them (RFC 8252).
//!
//! A person agrees once, in a browser: [`Consent`] makes the address for it and waits until the browser comes back to this
//! computer. What that brings is a [`Grant`]. [`Renewing`] gives access tokens out of a grant for as long as the provider
//! renews them. No secret is in an address that we hand out, in an error or in a log.

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use url::{Host, Url, form_urlencoded};

use crate::auth::{Credentials, Tokens};
use crate::client::Client;
use crate::error::{Error, ErrorKind, Result, kind_of};
use crate::request::Request;
use crate::response::Response;

mod consent;

pub use consent::{Code, Consent};

/// An answer with tokens is not longer than this.
const MOST_BYTES: u64 = 1024 * 1024;

/// A token that was renewed so shortly ago is not refused because it has grown old.
const FRESH: Duration = Duration::from_secs(60);

/// Who gives tokens, and how it knows this program.
#[derive(Clone, Debug)]
pub struct Provider {
    /// Where a person agrees. What stands in its query stays there (RFC 6749 section 3.1).
    pub authorization: Url,
    /// Where tokens are given.
    pub token: Url,
    /// The name that the provider has given to this program.
    pub client_id: String,
    /// The secret that the provider has given to this program, if it gives such: on a person's own computer it is none.
    pub client_secret: Option<SecretString>,
    /// What is asked for, words with blanks in between; empty for what the provider gives by itself.
    pub scope: String,
}

/// What a person has agreed to.
#[derive(Clone)]
pub struct Grant {
    /// The access token of now.
    pub access: SecretString,
    /// What gives the next one; `None` where the provider gives none, so that the person has to agree anew.
    pub refresh: Option<SecretString>,
}

impl fmt::Debug for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Grant")
    }
}

impl Provider {
    /// Whether its addresses are such that a secret may go there: encrypted, or of this computer.
    ///
    /// # Errors
    /// `Refused`, where they are not.
    pub fn check(&self) -> Result<()> {
        for url in [&self.authorization, &self.token] {
            if !is_safe(url) {
                let server = url.origin().ascii_serialization();
                let what =
                    format!("{server} cannot give tokens safely: the address must begin with https://");
                return Err(Error::new(ErrorKind::Refused, what));
            }
        }
        Ok(())
    }

    /// Gets tokens for what a person has agreed to. The client is one of the token address, without a login.
    ///
    /// # Errors
    /// `Unauthorized`, where the provider does not give any; those of the request.
    pub fn grant(&self, client: &Client, code: &Code) -> Result<Grant> {
        let given = self.ask(
            client,
            &[
                ("grant_type", "authorization_code"),
                ("code", code.code.expose_secret()),
                ("redirect_uri", code.redirect.as_str()),
                ("code_verifier", code.verifier.expose_secret()),
            ],
        )?;
        Ok(Grant { access: given.access, refresh: given.refresh })
    }

    /// Gets the next access token (RFC 6749 section 6).
    fn renew(&self, client: &Client, refresh: &SecretString) -> Result<Grant> {
        let form = [("grant_type", "refresh_token"), ("refresh_token", refresh.expose_secret())];
        let given = self.ask(client, &form)?;
        // Without a new one, the old one stays good.
        Ok(Grant { access: given.access, refresh: given.refresh.or_else(|| Some(refresh.clone())) })
    }

    /// A request for tokens. The program's own secret goes as the RFC prefers it (section 2.3.1); to a provider that does
    /// not know that form it goes once more, in the other one.
    fn ask(&self, client: &Client, form: &[(&str, &str)]) -> Result<Given> {
        self.check()?;
        let Some(secret) = &self.client_secret else {
            return self.ask_so(client, form, &[("client_id", &self.client_id)], None);
        };
        let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let credentials = Credentials {
            user: encoded(&self.client_id),
            password: SecretString::from(encoded(secret.expose_secret())),
        };
        match self.ask_so(client, form, &[], Some(credentials.basic())) {
            Err(error) if error.status == Some(401) => {
                let us = [("client_id", self.client_id.as_str()), ("client_secret", secret.expose_secret())];
                self.ask_so(client, form, &us, None)
            }
            answer => answer,
        }
    }

    fn ask_so(
        &self,
        client: &Client,
        form: &[(&str, &str)],
        us: &[(&str, &str)],
        offer: Option<SecretString>,
    ) -> Result<Given> {
        let mut body = form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(form).extend_pairs(us);
        let request = Request::new("POST", &self.token)
            .header("Accept", "application/json")
            .body("application/x-www-form-urlencoded", body.finish());
        // Whatever a token address points to is not asked.
        let response = client.send_once(&request, &self.token, offer.as_ref())?;
        Given::of(response, &self.token)
    }
}

/// Whether nobody on the way can read what goes there: it is encrypted, or does not leave this computer.
pub fn is_safe(url: &Url) -> bool {
    let is_here = match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    url.host().is_some() && (url.scheme() == "https" || (url.scheme() == "http" && is_here))
}

/// What a provider gave.
struct Given {
    access: SecretString,
    refresh: Option<SecretString>,
}

impl Given {
    /// Reads the answer of a token address (RFC 6749 sections 5.1 and 5.2).
    fn of(response: Response, token: &Url) -> Result<Given> {
        let provider = token.origin().ascii_serialization();
        let status = response.status;
        let kind = match kind_of(status, None, response.retry_after()) {
            ErrorKind::Busy { retry_after } => Some(ErrorKind::Busy { retry_after }),
            _ if status >= 500 => Some(ErrorKind::Busy { retry_after: None }),
            _ => None,
        };
        if let Some(kind) = kind {
            let what = format!("{provider} has no time for a login now: it answered with {status}");
            return Err(Error::new(kind, what).with_status(status));
        }
        if status == 407 {
            // A proxy may say back the form that was sent, and the form holds what lets us in.
            return Err(Response { body: Box::new(std::io::empty()), ..response }.into_error());
        }
        let bytes = response.into_bytes(MOST_BYTES)?;
        let answer: Value = serde_json::from_slice(&bytes).unwrap_or_default();
        let text = |key: &str| answer.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
        if !(200..300).contains(&status) || text("access_token").is_none() {
            let why = text("error").filter(|code| is_code(code)).map(|code| format!(" ({code})"));
            let what = format!("{provider} gives no access{}", why.unwrap_or_else(|| format!(": {status}")));
            return Err(Error::new(ErrorKind::Unauthorized, what).with_status(status));
        }
        let kind = text("token_type").unwrap_or("bearer");
        if !kind.eq_ignore_ascii_case("bearer") {
            let what = format!("{provider} gives tokens of a kind that is not known here");
            return Err(Error::new(ErrorKind::Refused, what));
        }
        let secret = |key: &str| text(key).map(SecretString::from);
        Ok(Given { access: secret("access_token").unwrap_or_default(), refresh: secret("refresh_token") })
    }
}

/// Whether a text is a code of an error, and nothing that a provider puts a secret into.
pub(crate) fn is_code(text: &str) -> bool {
    text.len() <= 40 && text.chars().all(|c| c.is_ascii_lowercase() || c == '_')
}

/// Access tokens of a grant, renewed when the server refuses one.
///
/// It is renewed once for all requests that were refused with the same token. What the provider has refused once is not
/// asked for again.
pub struct Renewing {
    provider: Provider,
    client: Client,
    held: Mutex<Held>,
    keep: Box<dyn Fn(&Grant) + Send + Sync>,
}

struct Held {
    grant: Grant,
    renewed: Option<Instant>,
    /// Why there is nothing more to be had.
    over: Option<String>,
}

impl Renewing {
    /// Tokens of this grant; `client` is one of the token address, without a login. Each new grant is told to `keep` before it
    /// is used: the one before it may be good for nothing then.
    pub fn new(
        provider: Provider,
        client: Client,
        grant: Grant,
        keep: impl Fn(&Grant) + Send + Sync + 'static,
    ) -> Renewing {
        let held = Mutex::new(Held { grant, renewed: None, over: None });
        Renewing { provider, client, held, keep: Box::new(keep) }
    }

    fn renew(&self, held: &mut Held) -> Result<()> {
        let is_fresh = held.renewed.is_some_and(|then| then.elapsed() < FRESH);
        let refresh = held.grant.refresh.clone().filter(|_| !is_fresh);
        let renewed = match refresh {
            Some(refresh) => self.provider.renew(&self.client, &refresh),
            None if is_fresh => {
                Err(Error::new(ErrorKind::Unauthorized, "the server does not accept a login that is new"))
            }
            None => Err(Error::new(ErrorKind::Unauthorized, "the login has run out, and cannot be renewed")),
        };
        match renewed {
            Ok(grant) => {
                tracing::debug!("the login was renewed");
                (self.keep)(&grant);
                held.grant = grant;
                held.renewed = Some(Instant::now());
                Ok(())
            }
            Err(error) => {
                if error.kind == ErrorKind::Unauthorized {
                    held.over = Some(error.what.clone());
                }
                Err(error)
            }
        }
    }
}

impl Tokens for Renewing {
    fn token(&self, refused: Option<&SecretString>) -> Result<SecretString> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(what) = &held.over {
            return Err(Error::new(ErrorKind::Unauthorized, what.clone()));
        }
        let access = held.grant.access.expose_secret();
        if access.is_empty() || refused.is_some_and(|refused| refused.expose_secret() == access) {
            self.renew(&mut held)?;
        }
        Ok(held.grant.access.clone())
    }
}
