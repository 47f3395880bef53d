//! What one command has learned of servers and logins: who was refused for one profile is not offered for the next, and who was not
//! reached is not waited for again.
//!
//! Only within a command: whoever gives the next one may have looked after it.

use dovetail_sync::ErrorKind;
use secrecy::ExposeSecret;

use super::network::Way;
use super::{App, pauses};
use crate::config::{Config, Profile};
use crate::error::{self, Error};
use crate::options;

/// How a profile ended in this command.
pub(crate) struct Ended {
    name: String,
    failure: Option<Hopeless>,
}

/// Why another profile of the same account is not tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hopeless {
    /// The server, or what is before it, does not accept the login.
    Refused,
    /// The server cannot prove that it is the one that was meant.
    Untrusted,
    /// It sends us on to another one.
    Moved,
    /// No connection comes about.
    Unreached,
}

impl Ended {
    /// A profile that ended so.
    pub(crate) fn of(name: &str, error: Option<&Error>) -> Ended {
        Ended { name: name.to_owned(), failure: error.and_then(Hopeless::of) }
    }
}

impl Hopeless {
    fn of(error: &Error) -> Option<Hopeless> {
        match error.kind {
            error::Kind::Stopped(ErrorKind::Unauthorized) => Some(Hopeless::Refused),
            error::Kind::Stopped(ErrorKind::Untrusted) => Some(Hopeless::Untrusted),
            error::Kind::Stopped(ErrorKind::Moved) => Some(Hopeless::Moved),
            // A connection that breaks on a large answer may hold for a smaller one.
            error::Kind::Stopped(ErrorKind::Offline) if never_answered(&error.what) => {
                Some(Hopeless::Unreached)
            }
            _ => None,
        }
    }
}

fn never_answered(what: &str) -> bool {
    [" cannot be reached", " cannot be found", " did not answer "].iter().any(|words| what.contains(words))
}

impl App {
    /// Whether a profile would fail as an earlier one of this command did: the name of that one, and why. Never where another one of the
    /// account went well.
    pub(crate) fn hopeless(&self, name: &str, earlier: &[Ended]) -> Option<(String, Hopeless)> {
        if earlier.iter().all(|ended| ended.failure.is_none()) {
            return None;
        }
        let config = self.config().ok()?;
        let profile = config.profiles.get(name)?;
        let alike = |ended: &&Ended| {
            let other = config.profiles.get(&ended.name);
            other.is_some_and(|other| self.is_same_way(profile, other, &config))
        };
        let alike: Vec<&Ended> = earlier.iter().filter(alike).collect();
        if alike.iter().any(|ended| ended.failure.is_none()) {
            return None;
        }
        alike.into_iter().find_map(|ended| Some((ended.name.clone(), ended.failure?)))
    }

    /// Whether two profiles go to one account in one way, with one password.
    fn is_same_way(&self, one: &Profile, other: &Profile, config: &Config) -> bool {
        let (way, other_way) = (Way::of(one, config), Way::of(other, config));
        let is_same = |option: &options::Declared| way.text(option.key) == other_way.text(option.key);
        let account = pauses::account(one);
        account.is_some()
            && account == pauses::account(other)
            && options::of_way().iter().all(is_same)
            // Each login in a browser is one of its own.
            && !way.takes_tokens()
            && match (self.secrets.find(&one.id), self.secrets.find(&other.id)) {
                (Ok(one), Ok(other)) => one.expose_secret() == other.expose_secret(),
                _ => false,
            }
    }
}
