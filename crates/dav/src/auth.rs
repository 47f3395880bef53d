//! Who we are to the server: a user and a password that does not print.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use secrecy::{ExposeSecret, SecretString};

/// A login, sent with every request to the server's own origin and to no other.
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
