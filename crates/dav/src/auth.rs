//! Who we are to the server: logins that do not print, and the exchange in which a server asks for them.
//!
//! A password is offered as Basic (RFC 7617, UTF-8) or Digest (RFC 7616), a token as Bearer (RFC 6750). A login that the
//! server has refused is not offered again by itself: accounts get locked that way. What does not count as refused is a
//! challenge before anything was offered, a nonce that has become stale, and a token that can be renewed.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use digest_auth::{AuthContext, HttpMethod, WwwAuthenticateHeader};
use secrecy::{ExposeSecret, SecretString};
use url::{Position, Url};

use crate::error::{Error, ErrorKind, Result};

pub mod challenge;

use challenge::{Challenge, challenges};

/// A user and a password.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// The user name.
    pub user: String,
    /// The password.
    pub password: SecretString,
}

impl Credentials {
    /// The value of an `Authorization` header (RFC 7617, in UTF-8).
    pub(crate) fn basic(&self) -> SecretString {
        let plain = SecretString::from(format!("{}:{}", self.user, self.password.expose_secret()));
        SecretString::from(format!("Basic {}", BASE64_STANDARD.encode(plain.expose_secret())))
    }
}

/// A login, offered to the server's own origin and to no other.
#[derive(Clone)]
pub enum Login {
    /// A user and a password.
    Password(Credentials, Manner),
    /// Access tokens.
    Token(Arc<dyn Tokens>),
}

impl From<Credentials> for Login {
    /// As most servers want it.
    fn from(credentials: Credentials) -> Self {
        Login::Password(credentials, Manner::default())
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Login::Password(credentials, manner) => write!(f, "Password({credentials:?}, {manner:?})"),
            Login::Token(_) => f.write_str("Token"),
        }
    }
}

/// When a password is offered, and how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Manner {
    /// Basic with every request; Digest, where the server does not offer Basic.
    #[default]
    Preemptive,
    /// Nothing until the server asks; then the strongest of what it offers.
    WhenAsked,
    /// Basic with every request, whatever the server offers.
    BasicOnly,
}

/// Where access tokens come from.
pub trait Tokens: Send + Sync {
    /// An access token; another one than `refused`.
    ///
    /// # Errors
    /// `Unauthorized`, where a person has to log in anew; those of the requests that it takes.
    fn token(&self, refused: Option<&SecretString>) -> Result<SecretString>;
}

/// A login, and what is known of how this server wants it. Shared by all requests of a client.
pub(crate) struct Authenticator {
    login: Login,
    scheme: Mutex<Scheme>,
}

/// How the server wants the password.
enum Scheme {
    /// It has not asked yet.
    Unknown,
    Basic,
    Digest(WwwAuthenticateHeader),
}

/// One request and its answers, until the server is content or has refused the login.
pub(crate) struct Exchange<'a> {
    authenticator: &'a Authenticator,
    sent: Sent,
    /// How often the server has asked.
    asked: u32,
    /// Whether it has offered Basic in this exchange.
    offered_basic: bool,
}

/// What was offered last.
enum Sent {
    Nothing,
    Basic,
    Digest { nonce: String },
    Token(SecretString),
}

/// A server that asks more often than this in one exchange does not know what it wants.
const MOST_CHALLENGES: u32 = 4;

impl Authenticator {
    pub(crate) fn new(login: Login) -> Self {
        let scheme = match &login {
            Login::Password(_, Manner::WhenAsked) | Login::Token(_) => Scheme::Unknown,
            Login::Password(_, Manner::Preemptive | Manner::BasicOnly) => Scheme::Basic,
        };
        Authenticator { login, scheme: Mutex::new(scheme) }
    }

    /// The password, where the login is one.
    pub(crate) fn password(&self) -> Option<&SecretString> {
        match &self.login {
            Login::Password(credentials, _) => Some(&credentials.password),
            Login::Token(_) => None,
        }
    }

    pub(crate) fn begin(&self) -> Exchange<'_> {
        Exchange { authenticator: self, sent: Sent::Nothing, asked: 0, offered_basic: false }
    }

    fn scheme(&self) -> MutexGuard<'_, Scheme> {
        self.scheme.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Exchange<'_> {
    /// The value of the `Authorization` header for the next try, if anything is to be offered yet.
    ///
    /// # Errors
    /// Those of [`Tokens::token`].
    pub(crate) fn offer(&mut self, method: &str, url: &Url) -> Result<Option<SecretString>> {
        let (sent, value) = match &self.authenticator.login {
            Login::Token(tokens) => {
                let refused = match &self.sent {
                    Sent::Token(refused) => Some(refused),
                    _ => None,
                };
                let token = tokens.token(refused)?;
                let value = SecretString::from(format!("Bearer {}", token.expose_secret()));
                (Sent::Token(token), Some(value))
            }
            Login::Password(credentials, _) => match &mut *self.authenticator.scheme() {
                Scheme::Unknown => (Sent::Nothing, None),
                Scheme::Basic => (Sent::Basic, Some(credentials.basic())),
                Scheme::Digest(prompt) => {
                    let value = digest(credentials, prompt, method, url)?;
                    (Sent::Digest { nonce: prompt.nonce.clone() }, Some(value))
                }
            },
        };
        self.sent = sent;
        Ok(value)
    }

    /// The server has answered 401 with these `WWW-Authenticate` headers. `true`: there is something else to offer.
    ///
    /// # Errors
    /// `Unauthorized`, where it asks for a login that we cannot give.
    pub(crate) fn asked<'h>(&mut self, headers: impl Iterator<Item = &'h str>) -> Result<bool> {
        self.asked += 1;
        let manner = match &self.authenticator.login {
            Login::Token(_) => return Ok(self.asked == 1),
            Login::Password(_, manner) => *manner,
        };
        if self.asked > MOST_CHALLENGES {
            return Ok(false);
        }
        let offered = challenges(headers);
        let offers_basic = offered.iter().any(|challenge| challenge.scheme == "basic");
        self.offered_basic |= offers_basic;
        let prompt = strongest_digest(&offered);
        let next = match (&self.sent, prompt) {
            _ if manner == Manner::BasicOnly => None,
            // It asks before it was told anything. Without a word about how, Basic it is.
            (Sent::Nothing, Some(prompt)) => Some(Scheme::Digest(prompt)),
            (Sent::Nothing, None) if offers_basic || offered.is_empty() => Some(Scheme::Basic),
            (Sent::Basic, Some(prompt)) if !offers_basic => Some(Scheme::Digest(prompt)),
            (Sent::Digest { nonce }, Some(prompt))
                if prompt.stale || (self.asked == 1 && *nonce != prompt.nonce) =>
            {
                Some(Scheme::Digest(prompt))
            }
            // QUIRK(digest: cyrus): it offers Digest to users whom it lets in by Basic alone, and then Digest once more.
            (Sent::Digest { .. }, _) if self.offered_basic => Some(Scheme::Basic),
            (Sent::Nothing, None) | (Sent::Basic, None) if !offers_basic && !offered.is_empty() => {
                return Err(unknown_schemes(&offered));
            }
            _ => None,
        };
        let again = next.is_some();
        if let Some(scheme) = next {
            *self.authenticator.scheme() = scheme;
        }
        Ok(again)
    }
}

fn digest(
    credentials: &Credentials,
    prompt: &mut WwwAuthenticateHeader,
    method: &str,
    url: &Url,
) -> Result<SecretString> {
    let target = &url[Position::BeforePath..Position::AfterQuery];
    let context = AuthContext::new_with_method(
        credentials.user.as_str(),
        credentials.password.expose_secret(),
        target,
        None::<&[u8]>,
        HttpMethod::from(method),
    );
    let answer = prompt.respond(&context).map_err(|error| {
        Error::new(ErrorKind::Refused, format!("the server's Digest login cannot be answered: {error}"))
    })?;
    Ok(SecretString::from(answer.to_header_string()))
}

/// The Digest challenge with the strongest algorithm of those that we know.
fn strongest_digest(offered: &[Challenge]) -> Option<WwwAuthenticateHeader> {
    let mut prompts: Vec<WwwAuthenticateHeader> = offered
        .iter()
        .filter(|challenge| challenge.scheme == "digest")
        .filter_map(|challenge| {
            // The library knows these words in one spelling only.
            let quoted = |(name, value): &(String, String)| {
                let value = match name.as_str() {
                    "algorithm" => value.to_ascii_uppercase().replace("-SESS", "-sess"),
                    "charset" => value.to_ascii_uppercase(),
                    "qop" => value.to_ascii_lowercase(),
                    _ => value.replace('\\', "\\\\").replace('"', "\\\""),
                };
                format!("{name}=\"{value}\"")
            };
            let parameters: Vec<String> = challenge.parameters.iter().map(quoted).collect();
            let mut prompt = digest_auth::parse(&format!("Digest {}", parameters.join(", "))).ok()?;
            // We protect the login; the body is TLS' business.
            if let Some(qop) = &mut prompt.qop {
                qop.retain(|qop| *qop == digest_auth::Qop::AUTH);
                if qop.is_empty() {
                    return None;
                }
            }
            Some(prompt)
        })
        .collect();
    // The sort is stable: of equals, the one that the server named first.
    prompts.sort_by_key(|prompt| prompt.algorithm.algo == digest_auth::AlgorithmType::MD5);
    prompts.into_iter().next()
}

fn unknown_schemes(offered: &[Challenge]) -> Error {
    let names = challenge::names(offered);
    let what = format!("the server asks for a login by {names}, and offers neither Basic nor Digest");
    Error::new(ErrorKind::Unauthorized, what).with_status(401)
}

#[cfg(test)]
mod tests;
