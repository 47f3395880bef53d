//! What a command takes that asks a server of which there is no profile.

use clap::Args;

use super::password::PasswordSource;
use super::screen::Screen;
use super::warn_at;
use crate::app::{App, Proof};
use crate::error::{Error, Result};

/// A server, or something on it, in place of a profile.
#[derive(Args)]
pub(crate) struct WithoutProfile {
    /// An address on a server, in place of a profile
    #[arg(long)]
    url: Option<String>,
    /// The user's name on the server
    #[arg(long, requires = "url")]
    user: Option<String>,
    #[command(flatten)]
    source: PasswordSource,
    /// An option of the way there, such as proxy=none
    #[arg(long = "set", value_name = "KEY=VALUE", requires = "url")]
    options: Vec<String>,
}

/// A login at an address.
pub(crate) struct Login<'a> {
    pub(crate) url: &'a str,
    pub(crate) user: &'a str,
    pub(crate) proof: Proof,
}

impl WithoutProfile {
    /// The program as it goes to that server.
    pub(crate) fn on_the_way(&self, app: &App) -> Result<App> {
        app.going(&self.options)
    }

    /// The address, where nobody is to be logged in there.
    pub(crate) fn public(&self) -> Option<&str> {
        self.url.as_deref().filter(|_| self.user.is_none())
    }

    /// Warns of what is unsafe on the way, where a login is to go there.
    pub(crate) fn warn(&self, app: &App, screen: &Screen) -> Result<()> {
        match (&self.url, &self.user) {
            (Some(url), Some(_)) => warn_at(app, url, screen),
            _ => Ok(()),
        }
    }

    /// The login.
    pub(crate) fn login(&self, app: &App, screen: &Screen) -> Result<Login<'_>> {
        let (Some(url), Some(user)) = (&self.url, &self.user) else {
            return Err(Error::usage("A login is missing.", "Give the user with --user, beside --url."));
        };
        Ok(Login { url, user, proof: self.source.proof(app, user, screen)? })
    }
}
