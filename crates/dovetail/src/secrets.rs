//! Passwords: in the keyring of the operating system where one works, else in a file that its owner alone can read.
//!
//! A password is asked for by the id of its profile. It is a [`SecretString`] everywhere, which does not print, and is
//! on no command line. `DOVETAIL_KEYRING=off` uses the file at once, for computers without a desktop and for tests.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use dovetail_dav::oauth::Grant;
use dovetail_sync::ErrorKind;
use secrecy::{ExposeSecret, SecretString};

use crate::config::{private_file, write_private};
use crate::error::{Error, Result};

/// The name under which the keyring lists our entries.
const SERVICE: &str = "dovetail";

/// How long a keyring may take: it may show a dialog that asks for its own password, or never answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// Where a password is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// In the keyring of the operating system.
    Keyring,
    /// In a file.
    File(PathBuf),
}

/// A password beside that of the server's account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Secret {
    /// Of the proxy's user.
    Proxy,
    /// Of the file with the client certificate.
    Certificate,
    /// Of this program, at who gives access tokens.
    Program,
    /// What gives the next access token.
    Renewal,
    /// The access token of now.
    Access,
}

impl Secret {
    const ALL: [Secret; 5] =
        [Secret::Proxy, Secret::Certificate, Secret::Program, Secret::Renewal, Secret::Access];

    /// Under which name it is kept: of a profile, or of all.
    fn name(self, profile: Option<&str>) -> String {
        let what = match self {
            Secret::Proxy => "proxy",
            Secret::Certificate => "certificate",
            Secret::Program => "oauth-client",
            Secret::Renewal => "renewal",
            Secret::Access => "access",
        };
        profile.map_or_else(|| what.to_owned(), |profile| format!("{profile} {what}"))
    }
}

/// The passwords of all profiles.
#[derive(Clone)]
pub(crate) struct Secrets {
    path: PathBuf,
    keyring: bool,
}

impl Secrets {
    /// The passwords of a home directory.
    pub(crate) fn of(home: &Path) -> Secrets {
        let off = std::env::var("DOVETAIL_KEYRING").is_ok_and(|value| value == "off");
        Secrets { path: home.join("secrets.json"), keyring: !off && keyring_may_work() }
    }

    /// The passwords of a home directory that no keyring is asked about.
    pub(crate) fn in_file(home: &Path) -> Secrets {
        Secrets { path: home.join("secrets.json"), keyring: false }
    }

    /// Keeps a password, and says where.
    pub(crate) fn keep(&self, profile: &str, password: &SecretString) -> Result<Place> {
        let key = profile.to_owned();
        let secret = password.clone();
        let kept = self.keyring
            && patiently(move || entry(&key)?.set_password(secret.expose_secret()).ok()).is_some();
        self.edit(|stored| {
            stored.remove(profile);
            if !kept {
                stored.insert(profile.to_owned(), password.expose_secret().to_owned());
            }
        })?;
        Ok(if kept { Place::Keyring } else { Place::File(self.path.clone()) })
    }

    /// Keeps a password beside that of the server's account, and says where.
    pub(crate) fn keep_further(
        &self,
        profile: Option<&str>,
        secret: Secret,
        password: &SecretString,
    ) -> Result<Place> {
        self.keep(&secret.name(profile), password)
    }

    /// A password beside that of the server's account, if one was given.
    pub(crate) fn find_if_any(&self, profile: Option<&str>, secret: Secret) -> Result<Option<SecretString>> {
        self.look(&secret.name(profile))
    }

    fn look(&self, name: &str) -> Result<Option<SecretString>> {
        if let Some(password) = self.read()?.remove(name) {
            return Ok(Some(SecretString::from(password)));
        }
        let key = name.to_owned();
        let found = if self.keyring { patiently(move || entry(&key)?.get_password().ok()) } else { None };
        Ok(found.map(SecretString::from))
    }

    /// The password of a profile.
    pub(crate) fn find(&self, profile: &str) -> Result<SecretString> {
        self.look(profile)?.ok_or_else(|| {
            Error::stopped(
                ErrorKind::Unauthorized,
                "The password of this profile is not to be found.",
                "Give it again with `dovetail profile password NAME`.",
            )
        })
    }

    /// Keeps what came of a login by access tokens, and says where the part is that lasts.
    pub(crate) fn keep_grant(&self, profile: &str, grant: &Grant) -> Result<Place> {
        self.keep_further(Some(profile), Secret::Access, &grant.access)?;
        let lasting = grant.refresh.clone().unwrap_or_default();
        self.keep_further(Some(profile), Secret::Renewal, &lasting)
    }

    /// What came of the last login by access tokens, if there was one.
    pub(crate) fn find_grant(&self, profile: &str) -> Result<Option<Grant>> {
        let refresh = self.find_if_any(Some(profile), Secret::Renewal)?;
        let access = self.find_if_any(Some(profile), Secret::Access)?;
        let refresh = refresh.filter(|refresh| !refresh.expose_secret().is_empty());
        let is_any = refresh.is_some() || access.is_some();
        Ok(is_any.then(|| Grant { access: access.unwrap_or_default(), refresh }))
    }

    /// Forgets all passwords of a profile, wherever they are.
    pub(crate) fn forget(&self, profile: &str) -> Result<()> {
        let further = Secret::ALL.map(|secret| secret.name(Some(profile)));
        let names = [&[profile.to_owned()][..], &further].concat();
        if self.keyring {
            let names = names.clone();
            patiently(move || {
                names.iter().for_each(|name| drop(entry(name).map(|entry| entry.delete_credential())));
                Some(())
            });
        }
        if self.path.exists() {
            self.edit(|stored| stored.retain(|name, _| !names.contains(name)))?;
        }
        Ok(())
    }

    fn edit(&self, change: impl FnOnce(&mut BTreeMap<String, String>)) -> Result<()> {
        let lock = self.path.with_extension("lock");
        let held = private_file(&lock).map_err(|cause| Error::file(&lock, "open", &cause))?;
        held.lock().map_err(|cause| Error::file(&lock, "lock", &cause))?;
        let before = self.read()?;
        let mut stored = before.clone();
        change(&mut stored);
        if stored == before {
            return Ok(());
        }
        let text = serde_json::to_vec_pretty(&stored).map_err(|_| self.unreadable())?;
        write_private(&self.path, &text)
    }

    fn read(&self) -> Result<BTreeMap<String, String>> {
        match fs::read(&self.path) {
            // The cause is not told: it may quote what stands in the file.
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|_| self.unreadable()),
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => Ok(BTreeMap::new()),
            Err(cause) => Err(Error::file(&self.path, "read", &cause)),
        }
    }

    fn unreadable(&self) -> Error {
        Error::config(
            format!("{} does not hold passwords in a way that can be read.", self.path.display()),
            "Move the file away and give the passwords again with `dovetail profile password NAME`.",
        )
    }
}

fn entry(profile: &str) -> Option<keyring::Entry> {
    keyring::Entry::new(SERVICE, profile).ok()
}

/// A keyring of a Unix desktop is reached over the session bus: without one there is no use in waiting.
fn keyring_may_work() -> bool {
    if cfg!(any(windows, target_os = "macos")) {
        return true;
    }
    let bus = std::env::var_os("XDG_RUNTIME_DIR").map(|folder| Path::new(&folder).join("bus"));
    std::env::var_os("DBUS_SESSION_BUS_ADDRESS").is_some() || bus.is_some_and(|bus| bus.exists())
}

/// What the keyring answers; `None` where it fails or does not answer in time. The thread of a keyring that never
/// answers ends with the program.
fn patiently<T: Send + 'static>(ask: impl FnOnce() -> Option<T> + Send + 'static) -> Option<T> {
    let (answer, answered) = mpsc::channel();
    thread::spawn(move || answer.send(ask()));
    answered.recv_timeout(PATIENCE).ok().flatten()
}

#[cfg(test)]
mod tests;
