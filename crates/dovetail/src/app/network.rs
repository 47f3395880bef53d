//! The way to a server: what the options of a profile, and else those for all profiles, say about it.

use std::path::Path;
use std::time::Duration;

use dovetail_dav::tls::Version;
use dovetail_dav::{
    Client, ClientSettings, Credentials, Fingerprint, Identity, Login, Manner, Proxy, Tls, Trust,
};
use secrecy::SecretString;
use serde_json::{Map, Value};
use url::{Host, Url};

use super::App;
use super::login::Proof;
use super::profiles::{address, failed};
use crate::config::{self, Config, Profile};
use crate::error::{Error, Result};
use crate::options;
use crate::secrets::Secret;

/// The way to the server of a profile, which may not be made yet.
pub(crate) struct Way<'a> {
    /// The profile's id.
    id: Option<&'a str>,
    own: &'a Map<String, Value>,
    general: &'a Map<String, Value>,
}

impl<'a> Way<'a> {
    /// The way of a profile.
    pub(crate) fn of(profile: &'a Profile, config: &'a Config) -> Way<'a> {
        Way { id: Some(&profile.id), own: &profile.options, general: &config.settings }
    }

    /// The way before there is a profile, with the options that it is to have.
    pub(crate) fn planned(own: &'a Map<String, Value>, config: &'a Config) -> Way<'a> {
        Way { id: None, own, general: &config.settings }
    }

    fn stored(&self, key: &str) -> &'a Map<String, Value> {
        if self.own.contains_key(key) { self.own } else { self.general }
    }

    pub(super) fn text(&self, key: &str) -> String {
        config::text(self.stored(key), &options::OF_ALL, key)
    }

    fn is_on(&self, key: &str) -> bool {
        self.text(key) == "yes"
    }

    /// Whether one logs in by access tokens.
    pub(super) fn takes_tokens(&self) -> bool {
        self.text("login") == "oauth"
    }

    /// How a password is offered.
    pub(super) fn manner(&self) -> Manner {
        match (self.is_on("force_basic"), self.is_on("preemptive_login")) {
            (true, _) => Manner::BasicOnly,
            (false, true) => Manner::Preemptive,
            (false, false) => Manner::WhenAsked,
        }
    }

    /// What a person should be told of each time something is sent to `url`.
    fn warnings(&self, url: &Url) -> Vec<&'static str> {
        match url.scheme() {
            "http" if !is_here(url) => vec![UNENCRYPTED],
            "https" => self.unchecked().into_iter().collect(),
            _ => Vec::new(),
        }
    }

    /// What a person should be told where no certificate is looked at.
    fn unchecked(&self) -> Option<&'static str> {
        let is_checked = self.is_on("tls_check") || !self.text("tls_fingerprint").is_empty();
        (!is_checked).then_some(UNCHECKED)
    }
}

const UNENCRYPTED: &str =
    "The address begins with http://: password and items travel so that everybody on the way can read them.";

const UNCHECKED: &str =
    "Certificates are not checked (tls_check=no): whoever is on the way can read and change everything.";

/// Whether an address is of this computer, by its own word (RFC 6761 section 6.3 keeps `localhost` for that).
pub(super) fn is_here(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

impl App {
    /// What a person should be told of a profile each time something is sent to its server.
    pub(crate) fn warnings(&self, name: &str) -> Result<Vec<&'static str>> {
        let config = self.config()?;
        let profile = config.profile(name)?;
        Ok(Way::of(profile, &config).warnings(&address(&profile.collection)?))
    }

    /// The same of a server that no profile names.
    pub(crate) fn warnings_at(&self, url: &str) -> Result<Vec<&'static str>> {
        let config = self.config()?;
        Ok(Way::planned(&self.way, &config).warnings(&address(url)?))
    }

    /// The same of all profiles that have no setting of their own.
    pub(crate) fn warnings_for_all(&self) -> Result<Vec<&'static str>> {
        let config = self.config()?;
        Ok(Way::planned(&self.way, &config).unchecked().into_iter().collect())
    }

    /// A client of the server of a profile, with the profile's login.
    pub(super) fn client_of(&self, profile: &Profile, config: &Config) -> Result<Client> {
        let way = Way::of(profile, config);
        let url = address(&profile.collection)?;
        self.client(&url, Some(self.login_of(profile, &way)?), &way, self.tls(&way)?)
    }

    /// A client of a server that no profile names.
    pub(super) fn client_at(&self, url: &Url, user: &str, proof: &Proof) -> Result<Client> {
        let config = self.config()?;
        let way = Way::planned(&self.way, &config);
        self.client(url, Some(self.login(user, proof, &way)?), &way, self.tls(&way)?)
    }

    /// A client for what is there for everybody.
    pub(super) fn client_without_login(&self, url: &Url) -> Result<Client> {
        let config = self.config()?;
        let way = Way::planned(&self.way, &config);
        self.client(url, None, &way, self.tls(&way)?)
    }

    /// A client of who gives access tokens. A certificate that is pinned, and one that shows who we are, are the server's
    /// business alone.
    pub(super) fn client_of_provider(&self, url: &Url, way: &Way<'_>) -> Result<Client> {
        let server = self.tls(way)?;
        let trust = match server.trust {
            Trust::Pinned(_) => Trust::System,
            trust => trust,
        };
        self.client(url, None, way, Tls { trust, identity: None, ..server })
    }

    fn client(&self, url: &Url, login: Option<Login>, way: &Way<'_>, tls: Tls) -> Result<Client> {
        let seconds = config::number(way.stored("timeout_seconds"), &options::OF_ALL, "timeout_seconds");
        let patience = Duration::from_secs(seconds);
        let usual = ClientSettings::default();
        let settings = ClientSettings {
            connect_timeout: usual.connect_timeout.min(patience),
            read_timeout: patience,
            tls,
            proxy: self.proxy(way)?,
            keeps_connections: way.is_on("keep_connections"),
            lenient_headers: way.is_on("lenient_headers"),
            clock: Some(|| super::now().as_second()),
            ..usual
        };
        Client::new(url, login, &settings).map_err(failed)
    }

    fn tls(&self, way: &Way<'_>) -> Result<Tls> {
        let trust = match Fingerprint::parse(&way.text("tls_fingerprint")) {
            Some(fingerprint) => Trust::Pinned(fingerprint),
            None if way.is_on("tls_check") => Trust::System,
            None => Trust::Anybody,
        };
        let authorities = match way.text("ca_file").as_str() {
            "" => None,
            path => Some(read(path)?),
        };
        let identity = match way.text("client_certificate").as_str() {
            "" => None,
            path => {
                let password = self.secret_of_way(way, "client_certificate", Secret::Certificate)?;
                Some(Identity::read(&read(path)?, password.as_ref()).map_err(|error| Error {
                    hint: format!("Look at {path}, which client_certificate names."),
                    ..failed(error)
                })?)
            }
        };
        let oldest = if way.is_on("tls_1_2") { Version::V1_2 } else { Version::V1_3 };
        Ok(Tls { trust, authorities, identity, oldest })
    }

    fn proxy(&self, way: &Way<'_>) -> Result<Proxy> {
        let url = match way.text("proxy").as_str() {
            "system" => return Ok(Proxy::System),
            "none" => return Ok(Proxy::None),
            url => Url::parse(url)
                .map_err(|cause| Error::usage(format!("The proxy is no address: {cause}."), PROXY))?,
        };
        let login = match way.text("proxy_user") {
            user if user.is_empty() => None,
            user => {
                let password = self.secret_of_way(way, "proxy_user", Secret::Proxy)?;
                Some(Credentials { user, password: password.unwrap_or_default() })
            }
        };
        Ok(Proxy::Manual { url, login })
    }

    /// A password beside the server's: of the profile, where the option that needs it is its own, else of all.
    pub(super) fn secret_of_way(
        &self,
        way: &Way<'_>,
        key: &str,
        secret: Secret,
    ) -> Result<Option<SecretString>> {
        let owner = way.id.filter(|_| way.own.contains_key(key));
        self.secrets.find_if_any(owner, secret)
    }
}

const PROXY: &str = "Set it to system, to none, or to an address such as http://proxy.example.org:3128.";

fn read(path: &str) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(|cause| Error::file(Path::new(path), "read", &cause))
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::is_here;

    #[test]
    fn only_this_computer_may_be_spoken_to_in_the_open() {
        for (address, here) in [
            ("http://127.0.0.1:5232/", true),
            ("http://127.9.9.9/", true),
            ("http://[::1]/", true),
            ("http://localhost/", true),
            ("http://LOCALHOST/", true),
            ("http://dav.localhost/", true),
            ("http://localhost.example.org/", false),
            ("http://notlocalhost/", false),
            ("http://192.168.0.1/", false),
            ("http://dav.example.org/", false),
        ] {
            assert_eq!(is_here(&Url::parse(address).unwrap()), here, "{address}");
        }
    }
}
