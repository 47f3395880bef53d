//! What the program can do, for whoever asks: the command line now, a web page later. It shows nothing itself.
//!
//! Start here, then `app/profiles.rs` (what is joined), `app/runs.rs` (syncing and what follows) and `app/mailbox.rs`
//! (the mailbox by hand).

use std::path::{Path, PathBuf};
use std::time::Duration;

use directories::ProjectDirs;
use dovetail_mapping::inspect::Report;
use dovetail_mapping::{Dialect, Settings};
use dovetail_model::Zone;
use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::config::{self, Config};
use crate::error::{Error, Result};
use crate::options;
use crate::secrets::Secrets;

mod category;
mod colour;
mod connection;
mod discovery;
mod finding;
mod free_busy;
mod history;
mod hopeless;
mod login;
mod mailbox;
mod network;
mod past;
mod pauses;
mod profiles;
mod runs;

pub(crate) use category::Picked;
pub(crate) use connection::{Finding, Guard, Stored, Weight};
pub(crate) use discovery::{Beginning, Discovered, NewCollection};
pub(crate) use finding::{Directory, Known, Sought};
pub(crate) use free_busy::{Busy, Whose};
pub(crate) use history::{ItemPast, KeptClash, Which};
pub(crate) use hopeless::{Ended, Hopeless};
pub(crate) use login::{Agreeing, Proof};
pub(crate) use mailbox::Imported;
pub(crate) use past::{HeldStep, PastRun, Standing};
pub(crate) use profiles::{Added, Found, NewProfile};

/// Names the program in new calendar objects (RFC 5545 section 3.7.3).
const PRODUCT: &str = concat!("-//Dovetail//Dovetail ", env!("CARGO_PKG_VERSION"), "//EN");

/// The home directory and what is in it.
pub(crate) struct App {
    home: PathBuf,
    secrets: Secrets,
    /// Options of the way to a server that no profile names yet.
    way: Map<String, Value>,
    /// For so long another run on the same profile is waited for.
    patience: Duration,
}

impl App {
    /// Opens a home directory, making it where it is not there; the platform's, where none is named.
    pub(crate) fn open(home: Option<PathBuf>) -> Result<App> {
        let home = home.or_else(usual_home).ok_or_else(|| {
            Error::usage("There is no folder for data of programs here.", "Name one with --home DIR.")
        })?;
        Self::with_secrets(&home, Secrets::of)
    }

    /// Opens a home directory that keeps its passwords itself, wherever it is.
    pub(crate) fn open_without_keyring(home: &Path) -> Result<App> {
        Self::with_secrets(home, Secrets::in_file)
    }

    fn with_secrets(home: &Path, secrets: impl FnOnce(&Path) -> Secrets) -> Result<App> {
        let home = std::path::absolute(home).unwrap_or_else(|_| home.to_path_buf());
        config::private_folder(&home)?;
        Ok(App { secrets: secrets(&home), home, way: Map::new(), patience: Duration::ZERO })
    }

    /// The same, waiting so long for another run on the same profile.
    pub(crate) fn waiting(self, patience: Duration) -> App {
        App { patience, ..self }
    }

    /// The same, going to servers that no profile names yet as these options say, `KEY=VALUE` each.
    pub(crate) fn going(&self, options: &[String]) -> Result<App> {
        let mut way = Map::new();
        config::set(&mut way, &options::OF_PROFILES, options)?;
        Ok(App { home: self.home.clone(), secrets: self.secrets.clone(), way, patience: self.patience })
    }

    /// The profiles and settings, as they are now.
    pub(crate) fn config(&self) -> Result<Config> {
        Config::read(&self.home)
    }

    /// Sets what holds for all profiles, `KEY=VALUE` each.
    pub(crate) fn set_settings(&self, assignments: &[String]) -> Result<()> {
        Config::edit(&self.home, |config| config::set(&mut config.settings, &options::OF_ALL, assignments))
    }

    /// The mailbox file: the one that is named, else the one in the home directory.
    pub(crate) fn mailbox_file(&self, named: Option<&Path>) -> PathBuf {
        named.map_or_else(|| self.home.join("mailbox.db"), Path::to_path_buf)
    }

    /// A moment as the clock on the wall shows it; `None` where the text is no timestamp.
    pub(crate) fn wall_clock(&self, timestamp: &str) -> Option<jiff::civil::DateTime> {
        let zone = self.zone(&self.config().ok()?);
        Some(zone.wall_clock(timestamp.parse().ok()?))
    }

    /// The day on the wall's calendar.
    pub(crate) fn today(&self) -> Result<jiff::civil::Date> {
        Ok(self.zone(&self.config()?).wall_clock(now()).date())
    }

    /// The zone in which times without a zone are read: as set, else the computer's, else UTC.
    fn zone(&self, config: &Config) -> Zone {
        let set = config::text(&config.settings, &options::OF_ALL, "zone");
        if !set.is_empty() {
            return Zone::named(&set);
        }
        computers_zone()
    }
}

/// The time. INVARIANT: nothing else in the program reads the clock; it is an argument everywhere.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the clock")]
fn now() -> Timestamp {
    Timestamp::now()
}

/// What a file of iCalendar or vCard holds, and whether it survives rewriting. Needs no home directory.
pub(crate) fn inspect(bytes: &[u8]) -> Report {
    dovetail_mapping::inspect::inspect(bytes, &settings(computers_zone()))
}

/// An object as we would write it anew; `None` where it holds no item.
pub(crate) fn rewritten(dialect: Dialect, bytes: &[u8]) -> Option<Vec<u8>> {
    let settings = settings(computers_zone());
    let item = dovetail_mapping::read(dialect, bytes, &settings).item?;
    Some(dovetail_mapping::write(dialect, &item, None, now(), &settings))
}

/// What the lenses are told where no profile says anything.
fn settings(home: Zone) -> Settings {
    Settings::new(home, PRODUCT)
}

fn computers_zone() -> Zone {
    let computers = jiff::tz::TimeZone::try_system().ok();
    match computers.as_ref().and_then(|zone| zone.iana_name()) {
        None | Some("UTC" | "Etc/UTC") => Zone::Utc,
        Some(name) => Zone::named(name),
    }
}

fn usual_home() -> Option<PathBuf> {
    ProjectDirs::from("", "", "dovetail").map(|folders| folders.data_local_dir().to_path_buf())
}
