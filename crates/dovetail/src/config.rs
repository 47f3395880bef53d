//! The profiles and settings: one readable JSON file in the home directory.
//!
//! The file is replaced whole and atomically, readable by its owner alone. What this version does not know in it is
//! kept. A file that cannot be read is reported with its line and never overwritten. Passwords are not in it: see
//! [`crate::secrets`].

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use url::Url;

use crate::error::{Error, Result};
use crate::options::{self, Declared};

/// The name of the file.
const FILE: &str = "config.json";

/// All that the file says.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(expecting = "an object of settings and profiles")]
pub(crate) struct Config {
    /// Options that hold for all profiles, where they differ from their defaults.
    #[serde(default)]
    pub(crate) settings: Map<String, Value>,
    /// The profiles by name.
    #[serde(default)]
    pub(crate) profiles: BTreeMap<String, Profile>,
    /// What this version does not know.
    #[serde(flatten)]
    unknown: Map<String, Value>,
}

/// One folder of Outlook and one collection of a server that are kept in step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(expecting = "a profile")]
pub(crate) struct Profile {
    /// Names the pair in state and journal, and the password: a UUID.
    pub(crate) id: String,
    /// The URL of the collection.
    pub(crate) collection: String,
    /// The user's name there.
    pub(crate) user: String,
    /// The path of the folder within the mailbox.
    pub(crate) folder: String,
    /// The file of the mailbox, where it is not the one in the home directory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) mailbox: Option<PathBuf>,
    /// Its options; what is not here has its default.
    #[serde(default)]
    pub(crate) options: Map<String, Value>,
    /// What this version does not know.
    #[serde(flatten)]
    pub(crate) unknown: Map<String, Value>,
}

impl Config {
    /// Reads the file; an absent one is an empty configuration.
    pub(crate) fn read(home: &Path) -> Result<Config> {
        let path = home.join(FILE);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => return Ok(Config::default()),
            Err(cause) => return Err(Error::file(&path, "read", &cause)),
        };
        let config: Config = serde_json::from_str(&text).map_err(|cause| unreadable(&path, &cause))?;
        config.check(&path)?;
        Ok(config)
    }

    /// Reads the file, changes it and writes it back, alone among all that do so.
    pub(crate) fn edit<T>(home: &Path, change: impl FnOnce(&mut Config) -> Result<T>) -> Result<T> {
        let lock = home.join("config.lock");
        let held = private_file(&lock).map_err(|cause| Error::file(&lock, "open", &cause))?;
        held.lock().map_err(|cause| Error::file(&lock, "lock", &cause))?;
        let mut config = Config::read(home)?;
        let answer = change(&mut config)?;
        let text = serde_json::to_string_pretty(&config).map_err(|cause| {
            Error::config(format!("The settings cannot be written: {cause}."), "Nothing changed.")
        })?;
        write_private(&home.join(FILE), format!("{text}\n").as_bytes())?;
        Ok(answer)
    }

    /// The profile of that name.
    pub(crate) fn profile(&self, name: &str) -> Result<&Profile> {
        self.profiles.get(name).ok_or_else(|| self.no_such_profile(name))
    }

    /// The profile of that name, to change it.
    pub(crate) fn profile_mut(&mut self, name: &str) -> Result<&mut Profile> {
        let absent = self.no_such_profile(name);
        self.profiles.get_mut(name).ok_or(absent)
    }

    /// What is said of a name that no profile has.
    pub(crate) fn no_such_profile(&self, name: &str) -> Error {
        let names: Vec<_> = self.profiles.keys().map(String::as_str).collect();
        let hint = match names.as_slice() {
            [] => "Make one with `dovetail profile add`.".to_owned(),
            names => format!("There is: {}.", names.join(", ")),
        };
        Error::usage(format!("There is no profile {name:?}."), hint)
    }

    fn check(&self, path: &Path) -> Result<()> {
        check_values(&self.settings, &options::OF_ALL, "settings", path)?;
        for (name, profile) in &self.profiles {
            check_values(&profile.options, &options::OF_PROFILES, &format!("profile {name:?}"), path)?;
            if Url::parse(&profile.collection).is_ok_and(|url| holds_login(&url)) {
                return Err(Error::config(
                    format!(
                        "In {}, profile {name:?}, the collection's address holds a login.",
                        path.display()
                    ),
                    format!("Take it out and give the password with `dovetail profile password {name}`."),
                ));
            }
        }
        Ok(())
    }
}

/// Whether an address holds a user's name or a password, which would then be shown with it.
pub(crate) fn holds_login(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}

/// The value of an option that is known to be declared: as stored, else its default.
pub(crate) fn value_of(stored: &Map<String, Value>, option: &Declared) -> Value {
    stored.get(option.key).cloned().unwrap_or_else(|| option.default_value())
}

impl Profile {
    /// The value of an option of profiles that is a number.
    pub(crate) fn number(&self, key: &str) -> u64 {
        number(&self.options, &options::OF_PROFILES, key)
    }

    /// The own e-mail address on the server, where it was given.
    pub(crate) fn email(&self) -> Option<String> {
        Some(self.text("email")).filter(|email| !email.is_empty())
    }

    /// Whether an option of profiles that is yes or no is switched on.
    pub(crate) fn is_on(&self, key: &str) -> bool {
        self.text(key) == "yes"
    }

    /// The value of an option of profiles that is a text or a choice.
    pub(crate) fn text(&self, key: &str) -> String {
        text(&self.options, &options::OF_PROFILES, key)
    }
}

/// A number among stored options.
pub(crate) fn number(stored: &Map<String, Value>, table: &'static [Declared], key: &str) -> u64 {
    options::find(table, key).and_then(|option| value_of(stored, option).as_u64()).unwrap_or_default()
}

/// A text among stored options.
pub(crate) fn text(stored: &Map<String, Value>, table: &'static [Declared], key: &str) -> String {
    let value = options::find(table, key).map(|option| value_of(stored, option));
    value.as_ref().and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// Sets options as they were typed, `KEY=VALUE` each: all of them or, if one is wrong, none.
pub(crate) fn set(
    stored: &mut Map<String, Value>,
    table: &'static [Declared],
    typed: &[String],
) -> Result<()> {
    let mut changed = stored.clone();
    for word in typed {
        let (key, value) = word.split_once('=').ok_or_else(|| {
            Error::usage(format!("{word:?} sets nothing."), "Write it as KEY=VALUE, such as chunk_items=50.")
        })?;
        let option = options::find(table, key.trim()).ok_or_else(|| no_such_option(table, key))?;
        let value = option.parse(value.trim()).map_err(|takes| {
            Error::usage(format!("{:?} is no value for {}.", value.trim(), option.key), takes)
        })?;
        changed.insert(option.key.to_owned(), value);
    }
    if let Some(contradiction) = options::contradiction(&changed) {
        return Err(Error::usage(contradiction.to_owned(), "Set one of them to no. Nothing changed."));
    }
    *stored = changed;
    Ok(())
}

/// What is said of a key that no option has.
pub(crate) fn no_such_option(table: &'static [Declared], key: &str) -> Error {
    let likeness = |option: &&Declared| strsim::normalized_damerau_levenshtein(option.key, key.trim());
    let nearest = table.iter().max_by(|one, other| likeness(one).total_cmp(&likeness(other)));
    let listed =
        if std::ptr::eq(table, options::OF_ALL.as_slice()) { "settings show" } else { "profile options" };
    let meant = nearest
        .filter(|option| likeness(option) > 0.5)
        .map(|option| format!("Perhaps {} is meant. ", option.key));
    let hint = format!("{}`dovetail {listed}` lists them all.", meant.unwrap_or_default());
    Error::usage(format!("There is no option {key:?}."), hint)
}

fn check_values(
    stored: &Map<String, Value>,
    table: &'static [Declared],
    whose: &str,
    path: &Path,
) -> Result<()> {
    for (key, value) in stored {
        // INVARIANT: what is not known is kept, so that an older version does not spoil a newer one's file.
        let Some(option) = options::find(table, key) else { continue };
        option.check(value).map_err(|takes| {
            Error::config(
                format!("In {}, {whose}, {key} is {value}.", path.display()),
                format!("{takes} Correct the file; it was not changed."),
            )
        })?;
    }
    Ok(())
}

fn unreadable(path: &Path, cause: &serde_json::Error) -> Error {
    use serde_json::error::Category;
    let what = cause.to_string();
    let what = what.split(" at line ").next().unwrap_or_default();
    let flaw = match cause.classify() {
        Category::Eof => "ends too early",
        Category::Data => "does not say what settings say",
        Category::Syntax | Category::Io => "is no JSON",
    };
    let (path, line, column) = (path.display(), cause.line(), cause.column());
    Error::config(
        format!("{path} {flaw}: line {line}, column {column}: {what}."),
        "Correct the file, or move it away and add the profiles again; it was not changed.",
    )
}

/// Replaces a file by one that its owner alone can read: at every moment the old or the new one is there.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(format!(".{}.new", std::process::id()));
    let fresh = path.with_file_name(name);
    let written = private_file(&fresh).and_then(|mut file| {
        file.set_len(0)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&fresh, path)?;
        sync_folder(path)
    });
    written.map_err(|cause| {
        let _ = fs::remove_file(&fresh);
        Error::file(path, "write", &cause)
    })
}

/// Opens a file that its owner alone can read, making it where it is not there.
pub(crate) fn private_file(path: &Path) -> std::io::Result<File> {
    let mut how = File::options();
    how.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        how.mode(0o600);
    }
    how.open(path)
}

/// Makes a folder that its owner alone can enter, with all above it.
pub(crate) fn private_folder(path: &Path) -> Result<()> {
    let mut how = fs::DirBuilder::new();
    how.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        how.mode(0o700);
    }
    how.create(path).map_err(|cause| Error::file(path, "make the folder", &cause))
}

/// A renaming is durable when its folder is (not a notion of Windows).
fn sync_folder(path: &Path) -> std::io::Result<()> {
    match path.parent() {
        Some(folder) if cfg!(unix) => File::open(folder)?.sync_all(),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
