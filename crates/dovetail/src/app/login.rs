//! How one logs in: by a password, or by access tokens, for which a person agrees in a browser.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use dovetail_dav::oauth::{Consent, Grant, Provider, Renewing};
use dovetail_dav::{Client, Credentials, Login};
use dovetail_sync::ErrorKind;
use secrecy::SecretString;
use url::Url;

use super::App;
use super::network::Way;
use super::profiles::failed;
use crate::config::{Config, Profile};
use crate::error::{self, Error, Result};
use crate::secrets::{Place, Secret};

/// How long a person may take to agree.
const PATIENCE: Duration = Duration::from_secs(15 * 60);

/// What shows a server who we are.
pub(crate) enum Proof {
    /// The password of the user.
    Password(SecretString),
    /// Access tokens: those of now, which others may take the place of.
    Grant(Arc<Mutex<Grant>>),
}

/// A login in a browser, under way.
pub(crate) struct Agreeing {
    consent: Consent,
    provider: Provider,
    client: Client,
}

impl Agreeing {
    /// The address that the person has to open.
    pub(crate) fn url(&self) -> &str {
        self.consent.url().as_str()
    }

    /// Waits until the person has agreed, and gets the tokens.
    pub(crate) fn finish(self) -> Result<Proof> {
        let code = self.consent.wait(PATIENCE).map_err(not_agreed)?;
        let grant = self.provider.grant(&self.client, &code).map_err(not_agreed)?;
        Ok(Proof::Grant(Arc::new(Mutex::new(grant))))
    }
}

impl App {
    /// Begins a login in a browser, if that is how one logs in where no profile is made yet.
    pub(crate) fn agree(&self, user: &str) -> Result<Option<Agreeing>> {
        let config = self.config()?;
        let way = Way::planned(&self.way, &config);
        if way.takes_tokens() { self.agreeing(user, &way).map(Some) } else { Ok(None) }
    }

    /// Begins a login in a browser for a profile.
    pub(crate) fn agree_anew(&self, name: &str) -> Result<Agreeing> {
        let config = self.config()?;
        let profile = config.profile(name)?;
        let way = Way::of(profile, &config);
        if !way.takes_tokens() {
            return Err(Error::usage(
                format!("The profile {name:?} logs in by a password."),
                format!(
                    "Give it with `dovetail profile password {name}`, or set login=oauth if the server wants access tokens."
                ),
            ));
        }
        self.agreeing(&profile.user, &way)
    }

    fn agreeing(&self, user: &str, way: &Way<'_>) -> Result<Agreeing> {
        let provider = self.provider(way)?;
        let client = self.client_of_provider(&provider.token, way)?;
        let consent = Consent::begin(&provider, Some(user)).map_err(failed)?;
        Ok(Agreeing { consent, provider, client })
    }

    /// Keeps what came of a login of a profile, and says where.
    pub(crate) fn keep_proof(&self, name: &str, proof: &Proof) -> Result<Place> {
        let config = self.config()?;
        self.keep_proof_of(&config.profile(name)?.id, proof)
    }

    pub(super) fn keep_proof_of(&self, id: &str, proof: &Proof) -> Result<Place> {
        match proof {
            Proof::Password(password) => self.secrets.keep(id, password),
            Proof::Grant(grant) => self.secrets.keep_grant(id, &newest(grant)),
        }
    }

    /// The login of a profile, as it is kept.
    pub(super) fn login_of(&self, profile: &Profile, way: &Way<'_>) -> Result<Login> {
        if !way.takes_tokens() {
            return Ok(by_password(&profile.user, self.secrets.find(&profile.id)?, way));
        }
        let grant = self.secrets.find_grant(&profile.id)?.ok_or_else(|| {
            Error::stopped(
                ErrorKind::Unauthorized,
                "This profile is not logged in.",
                "Log in with `dovetail profile login NAME`.",
            )
        })?;
        let (secrets, id) = (self.secrets.clone(), profile.id.clone());
        self.tokens(way, grant, move |grant| {
            if let Err(error) = secrets.keep_grant(&id, grant) {
                tracing::warn!(%error, "the renewed login cannot be kept");
            }
        })
    }

    /// A login that was just given.
    pub(super) fn login(&self, user: &str, proof: &Proof, way: &Way<'_>) -> Result<Login> {
        match proof {
            Proof::Password(password) => Ok(by_password(user, password.clone(), way)),
            Proof::Grant(grant) => {
                let held = Arc::clone(grant);
                let keep = move |new: &Grant| {
                    *held.lock().unwrap_or_else(PoisonError::into_inner) = new.clone();
                };
                self.tokens(way, newest(grant), keep)
            }
        }
    }

    fn tokens(
        &self,
        way: &Way<'_>,
        grant: Grant,
        keep: impl Fn(&Grant) + Send + Sync + 'static,
    ) -> Result<Login> {
        let provider = self.provider(way)?;
        let client = self.client_of_provider(&provider.token, way)?;
        Ok(Login::Token(Arc::new(Renewing::new(provider, client, grant, keep))))
    }

    /// Who gives access tokens, as the options say.
    fn provider(&self, way: &Way<'_>) -> Result<Provider> {
        let named = |key: &str| match way.text(key) {
            text if text.is_empty() => Err(Error::usage(
                format!("To log in by access tokens, {key} has to be set."),
                "Set login, oauth_authorization_url, oauth_token_url and oauth_client_id as whoever runs the server says.",
            )),
            text => Ok(text),
        };
        let url = |key: &str| {
            let text = named(key)?;
            Url::parse(&text).map_err(|cause| {
                Error::usage(format!("{key} is no address: {cause}."), "Give one that begins with https://.")
            })
        };
        Ok(Provider {
            authorization: url("oauth_authorization_url")?,
            token: url("oauth_token_url")?,
            client_id: named("oauth_client_id")?,
            client_secret: self.secret_of_way(way, "oauth_client_id", Secret::Program)?,
            scope: way.text("oauth_scope"),
        })
    }

    /// What to do about a failure of a profile: the way to log in is the profile's own.
    pub(crate) fn of_profile(&self, name: &str, error: Error) -> Error {
        let takes_tokens = |config: Config| {
            config.profiles.get(name).is_some_and(|profile| Way::of(profile, &config).takes_tokens())
        };
        let is_login = error.kind == error::Kind::Stopped(ErrorKind::Unauthorized)
            && !error.what.starts_with("The proxy ")
            && !error.what.contains(" wants a client certificate");
        if is_login && self.config().is_ok_and(takes_tokens) {
            return Error { hint: format!("Log in with `dovetail profile login {name}`."), ..error };
        }
        error.of_profile(name)
    }
}

fn by_password(user: &str, password: SecretString, way: &Way<'_>) -> Login {
    Login::Password(Credentials { user: user.to_owned(), password }, way.manner())
}

fn newest(grant: &Mutex<Grant>) -> Grant {
    grant.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

/// A login in a browser that came to nothing.
fn not_agreed(error: dovetail_dav::Error) -> Error {
    let error = failed(error);
    match error.kind {
        error::Kind::Stopped(ErrorKind::Unauthorized) => Error {
            hint: "Begin again, and agree in the browser; check oauth_client_id and oauth_scope if it fails again."
                .to_owned(),
            ..error
        },
        // What is pinned is the certificate of the server, not that of who gives the tokens.
        error::Kind::Stopped(ErrorKind::Untrusted) => Error {
            hint: "Nothing was sent. Check oauth_token_url and this computer's clock; an authority of your own is trusted with \
                   ca_file."
                .to_owned(),
            ..error
        },
        _ => error,
    }
}
