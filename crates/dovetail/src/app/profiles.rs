//! What is joined: making, changing and removing profiles, and finding a server's collections.

use std::fs;
use std::path::{Path, PathBuf};

use dovetail_dav::options::Capabilities;
use dovetail_dav::{CollectionKind, CollectionProperties, Flavor};
use dovetail_model::Kind;
use dovetail_sync::ErrorKind;
use secrecy::SecretString;
use serde_json::Map;
use url::Url;
use uuid::Uuid;

use super::App;
use super::login::Proof;
use crate::config::{self, Config, Profile};
use crate::error::{self, Error, Result};
use crate::options;
use crate::secrets::{Place, Secret};

/// A profile that is wanted.
pub(crate) struct NewProfile<'a> {
    /// How it is called.
    pub(crate) name: &'a str,
    /// The address of the server, of the account or of a collection.
    pub(crate) url: &'a str,
    /// The user's name there.
    pub(crate) user: &'a str,
    /// The path of the folder.
    pub(crate) folder: &'a str,
    /// The collection, where it was named: its URL, path or name.
    pub(crate) collection: Option<&'a str>,
    /// The own e-mail address.
    pub(crate) email: Option<&'a str>,
    /// Options, as they are typed.
    pub(crate) options: &'a [String],
    /// The file of the mailbox, where it is not the one in the home directory.
    pub(crate) mailbox: Option<&'a Path>,
}

/// A collection of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// Where it is.
    pub(crate) url: String,
    /// What people call it; the last part of its path where it has no name.
    pub(crate) name: String,
    /// The kinds of items that it takes.
    pub(crate) kinds: Vec<Kind>,
    /// Its colour, `#RRGGBBAA`; empty for none.
    pub(crate) colour: String,
    /// Whether we may write; `None` where the server does not say.
    pub(crate) writable: Option<bool>,
    /// Whose it is, where it is somebody else's.
    pub(crate) owner: Option<String>,
}

/// A profile that was made.
pub(crate) struct Added {
    /// The collection that was picked.
    pub(crate) collection: Found,
    /// Where the password is kept.
    pub(crate) place: Place,
}

impl App {
    /// Whether a profile can be made so, as far as can be known without asking the server.
    pub(crate) fn check_new(&self, wanted: &NewProfile<'_>) -> Result<()> {
        check_name(wanted.name, &self.config()?)?;
        address(wanted.url)?;
        config::set(&mut Map::new(), &options::OF_PROFILES, wanted.options)?;
        self.folder_kind(wanted.mailbox, wanted.folder).map(|_| ())
    }

    /// Whether a profile has meetings of which it lets the server send mail.
    pub(crate) fn lets_server_mail(&self, name: &str) -> Result<bool> {
        let config = self.config()?;
        let profile = config.profile(name)?;
        let is_calendar = || self.folder_kind(profile.mailbox.as_deref(), &profile.folder);
        Ok(options::lets_server_schedule(profile) && is_calendar().is_ok_and(|kind| kind == Kind::Event))
    }

    /// Makes a profile: the login is checked, the collection picked, the password kept.
    pub(crate) fn add_profile(&self, wanted: &NewProfile<'_>, proof: &Proof) -> Result<Added> {
        self.check_new(wanted)?;
        let kind = self.folder_kind(wanted.mailbox, wanted.folder)?;
        let found = self.going(wanted.options)?.discover(wanted.url, wanted.user, proof)?.collections;
        let collection = pick(found, kind, wanted)?;
        let mailbox =
            wanted.mailbox.map(|path| std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf()));
        let id = pair_id(&collection.url, mailbox.as_deref(), wanted);
        let mut profile = Profile {
            id: id.clone(),
            collection: collection.url.clone(),
            user: wanted.user.to_owned(),
            folder: wanted.folder.to_owned(),
            mailbox,
            options: Map::new(),
            unknown: Map::new(),
        };
        if kind == Kind::Contact {
            let flavor = Flavor::of(&address(&profile.collection)?, &Capabilities::default());
            config::set(&mut profile.options, &options::OF_PROFILES, &options::lists::usual(flavor))?;
        }
        config::set(&mut profile.options, &options::OF_PROFILES, wanted.options)?;
        if let Some(email) = wanted.email {
            config::set(&mut profile.options, &options::OF_PROFILES, &[format!("email={email}")])?;
        }
        // The password is kept once nothing else can fail, and before the profile is there to need it.
        let place = Config::edit(&self.home, |config| {
            check_name(wanted.name, config)?;
            check_pair(&id, config)?;
            config.profiles.insert(wanted.name.to_owned(), profile);
            self.keep_proof_of(&id, proof)
        })?;
        Ok(Added { collection, place })
    }

    /// Sets options of a profile, `KEY=VALUE` each.
    pub(crate) fn set_options(&self, name: &str, assignments: &[String]) -> Result<()> {
        Config::edit(&self.home, |config| {
            config::set(&mut config.profile_mut(name)?.options, &options::OF_PROFILES, assignments)
        })
    }

    /// Keeps a new password for a profile.
    pub(crate) fn keep_password(&self, name: &str, password: &SecretString) -> Result<Place> {
        let config = self.config()?;
        let profile = config.profile(name)?;
        let place = self.secrets.keep(&profile.id, password)?;
        self.forget_pause(profile);
        Ok(place)
    }

    /// Keeps a password beside that of the server's account, for a profile or for all.
    pub(crate) fn keep_further(
        &self,
        name: Option<&str>,
        secret: Secret,
        password: &SecretString,
    ) -> Result<Place> {
        let config = self.config()?;
        let profile = name.map(|name| config.profile(name)).transpose()?;
        self.secrets.keep_further(profile.map(|profile| profile.id.as_str()), secret, password)
    }

    /// Removes a profile and its password. State and journal stay unless `purge`: the same folder and collection,
    /// joined again, find them.
    pub(crate) fn remove_profile(&self, name: &str, purge: bool) -> Result<()> {
        let removed = Config::edit(&self.home, |config| {
            config.profile(name)?;
            config.profiles.remove(name).ok_or_else(|| config.no_such_profile(name))
        })?;
        self.secrets.forget(&removed.id)?;
        let folder = self.state_folder(&removed);
        if purge && folder.exists() {
            fs::remove_dir_all(&folder).map_err(|cause| Error::file(&folder, "delete", &cause))?;
        }
        Ok(())
    }

    /// The folder of a profile's state and journal.
    pub(crate) fn state_folder(&self, profile: &Profile) -> PathBuf {
        self.home.join("profiles").join(&profile.id)
    }
}

/// A name that is easily typed and that no other profile has, however it is spelt.
fn check_name(name: &str, config: &Config) -> Result<()> {
    let typed_easily = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    if name.is_empty() || name.starts_with('-') || !name.chars().all(typed_easily) {
        return Err(Error::usage(
            format!("{name:?} is no name for a profile."),
            "Use letters, digits, hyphens, underscores and dots.",
        ));
    }
    let folded = name.to_lowercase();
    match config.profiles.keys().find(|taken| taken.to_lowercase() == folded) {
        None => Ok(()),
        Some(taken) => Err(Error::usage(
            format!("There is a profile {taken:?} already."),
            "Choose another name, or remove that one first with `dovetail profile remove`.",
        )),
    }
}

impl Found {
    /// What a server says of a collection of the user's own.
    pub(super) fn of(properties: &CollectionProperties) -> Found {
        let mut kinds = Vec::new();
        match properties.kind {
            Some(CollectionKind::AddressBook) => kinds.push(Kind::Contact),
            Some(CollectionKind::Calendar) => {
                kinds.extend(properties.components.events.then_some(Kind::Event));
                kinds.extend(properties.components.tasks.then_some(Kind::Task));
            }
            None => {}
        }
        let last = properties.url.path_segments().and_then(|mut parts| parts.rfind(|part| !part.is_empty()));
        Found {
            url: properties.url.to_string(),
            name: properties.name.clone().or(last.map(str::to_owned)).unwrap_or_default(),
            kinds,
            colour: properties.colour.map(|colour| colour.to_string()).unwrap_or_default(),
            writable: properties.privileges.map(|may| !may.is_read_only()),
            owner: None,
        }
    }

    /// Whether a person means this collection by `named`: its URL, its path or its name.
    fn is_called(&self, named: &str) -> bool {
        let path = Url::parse(&self.url).map(|url| url.path().to_owned()).unwrap_or_default();
        let bare = |text: &str| text.trim_end_matches('/').to_owned();
        [&self.url, &path].iter().any(|known| bare(known) == bare(named)) || self.name == named
    }
}

/// The collection that is meant: the one that was named, the one that the address is itself, or the only one that takes
/// the folder's kind.
fn pick(found: Vec<Found>, kind: Kind, wanted: &NewProfile<'_>) -> Result<Found> {
    let mut fitting: Vec<Found> = found.into_iter().filter(|found| found.kinds.contains(&kind)).collect();
    let listed = |fitting: &[Found]| {
        let lines: Vec<_> = fitting.iter().map(|found| format!("{} ({})", found.url, found.name)).collect();
        lines.join(", ")
    };
    let all = listed(&fitting);
    if let Some(named) = wanted.collection {
        fitting.retain(|found| found.is_called(named));
    } else if let Some(itself) = fitting.iter().position(|found| found.is_called(wanted.url)) {
        return Ok(fitting.swap_remove(itself));
    }
    match (fitting.len(), fitting.pop()) {
        (1, Some(only)) => Ok(only),
        (0, _) if all.is_empty() => Err(Error::usage(
            format!("The server has no collection for the kind of the folder {:?}.", wanted.folder),
            "See `dovetail discover` for what it has.",
        )),
        (0, _) => {
            Err(Error::usage("No collection that fits the folder is called so.", format!("There is: {all}.")))
        }
        _ => Err(Error::usage(
            format!("Several collections fit the folder {:?}.", wanted.folder),
            format!("Name one with --collection: {all}."),
        )),
    }
}

/// An address as people type it: of the web, and encrypted where they do not say.
pub(super) fn address(typed: &str) -> Result<Url> {
    let refused = |what: String| Error::usage(what, "Give one such as https://dav.example.org/.");
    let whole = if typed.contains("://") { typed.to_owned() } else { format!("https://{typed}") };
    // What stands before an @ may be a password.
    let shown = if typed.contains('@') { "This".to_owned() } else { format!("{typed:?}") };
    let url = Url::parse(&whole).map_err(|cause| refused(format!("{shown} is no address: {cause}.")))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(refused(format!("{shown} does not begin with https:// or http://.")));
    }
    if config::holds_login(&url) {
        return Err(Error::usage(
            "The address must hold neither a user's name nor a password.",
            "Give the name with --user; the password is asked for.",
        ));
    }
    Ok(url)
}

/// The client's failure at the server of a profile, whose name is to stand in place of `NAME`.
pub(super) fn failed_of_profile(error: dovetail_dav::Error) -> Error {
    Error::from(dovetail_backends::dav::failure(error))
}

/// The client's failure, before there is a profile to speak of.
pub(super) fn failed(error: dovetail_dav::Error) -> Error {
    let known = failed_of_profile(error);
    let hint = match known.kind {
        error::Kind::Stopped(ErrorKind::Unauthorized)
            if known.what.contains(" does not accept the login") =>
        {
            "Check the user's name and the password.".to_owned()
        }
        error::Kind::Stopped(ErrorKind::Gone) => {
            "Give the address that the server's help names for CalDAV or CardDAV.".to_owned()
        }
        error::Kind::Stopped(ErrorKind::Moved) => {
            "No password went there. If you trust that server, give its address.".to_owned()
        }
        _ => before_a_profile(&known.hint),
    };
    Error { hint, ..known }
}

/// A hint that ends with an option or a password of a profile, where there is none yet: the commands take options
/// themselves, and find such passwords among those for all profiles.
fn before_a_profile(hint: &str) -> String {
    let set = hint.replace("`dovetail profile set NAME ", "`--set ");
    if set != hint {
        return format!("{}, which discover, test and profile add take.", set.trim_end_matches('.'));
    }
    hint.replace("Set proxy_user,", "Set proxy_user for all profiles with `dovetail settings set`,")
        .replace("`dovetail profile password NAME --for", "`dovetail settings password --for")
}

/// One folder and one collection are joined by one profile: two would undo each other's work.
fn check_pair(id: &str, config: &Config) -> Result<()> {
    match config.profiles.iter().find(|(_, profile)| profile.id == id) {
        None => Ok(()),
        Some((name, _)) => Err(Error::usage(
            format!("The profile {name:?} joins this folder and this collection already."),
            format!("Sync it with `dovetail sync {name}`."),
        )),
    }
}

/// Names a pair: the same folder and collection always get the same name, so that a profile that was removed and is
/// made again goes on where it was.
fn pair_id(collection: &str, mailbox: Option<&Path>, wanted: &NewProfile<'_>) -> String {
    let mailbox = mailbox.map(|path| path.display().to_string()).unwrap_or_default();
    let of = format!("dovetail\0{collection}\0{}\0{mailbox}\0{}", wanted.user, wanted.folder);
    Uuid::new_v5(&Uuid::NAMESPACE_URL, of.as_bytes()).to_string()
}
