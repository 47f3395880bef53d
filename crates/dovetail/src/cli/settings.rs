//! `dovetail settings`: what holds for all profiles.

use clap::Subcommand;
use serde_json::{Map, Value, json};

use super::Outcome;
use super::password::{Further, PasswordSource};
use super::profile::{place_code, place_words};
use super::screen::{Screen, table};
use crate::app::App;
use crate::config;
use crate::error::Result;
use crate::options::{self, Declared};

/// What can be done with settings.
#[derive(Subcommand)]
pub(crate) enum Settings {
    /// Show every setting with its value and meaning
    #[command(after_help = "Example:\n  dovetail settings show")]
    Show,
    /// Change settings
    #[command(after_help = "Example:\n  dovetail settings set zone=Europe/Berlin")]
    Set {
        /// What to set, such as zone=Europe/Berlin
        #[arg(value_name = "KEY=VALUE", required = true)]
        assignments: Vec<String>,
    },
    /// Give a password that all profiles use
    #[command(after_help = "Example:\n  dovetail settings password --for proxy")]
    Password {
        /// What it is the password of
        #[arg(long = "for", value_name = "WHAT")]
        of: Further,
        #[command(flatten)]
        source: PasswordSource,
    },
}

impl Settings {
    /// Does it.
    pub(crate) fn run(&self, app: &App, screen: &Screen) -> Result<Outcome> {
        match self {
            Settings::Show => {}
            Settings::Set { assignments } => {
                app.set_settings(assignments)?;
                app.warnings_for_all()?.iter().for_each(|warning| screen.warn(None, warning));
            }
            Settings::Password { of, source } => {
                let place = app.keep_further(None, of.secret(), &source.password(of.owner())?)?;
                screen.answer(&json!({ "password": place_code(&place) }), || {
                    format!("The password is kept in {}.", place_words(&place))
                });
                return Ok(Outcome::Fine);
            }
        }
        let config = app.config()?;
        let none = Map::new();
        screen.answer(&values(&config.settings, &none, &options::OF_ALL), || {
            explained(&config.settings, &none, options::OF_ALL.iter())
        });
        Ok(Outcome::Fine)
    }
}

/// The values of options, defaults included, for programs. What is not stored may be set for all profiles.
pub(crate) fn values(
    stored: &Map<String, Value>,
    general: &Map<String, Value>,
    table: &'static [Declared],
) -> Value {
    let value = |option: &Declared| match general_value(stored, general, option) {
        Some(value) => value.clone(),
        None => config::value_of(stored, option),
    };
    Value::Object(table.iter().map(|option| (option.key.to_owned(), value(option))).collect())
}

/// The values of options with their meanings, for people.
pub(crate) fn explained<'a>(
    stored: &Map<String, Value>,
    general: &Map<String, Value>,
    options: impl Iterator<Item = &'a Declared>,
) -> String {
    let row = |option: &Declared| {
        let value = match general_value(stored, general, option) {
            Some(value) => format!("{} (for all profiles)", plain(value)),
            None => {
                let usual = if stored.contains_key(option.key) { "" } else { " (default)" };
                format!("{}{usual}", plain(&config::value_of(stored, option)))
            }
        };
        vec![option.key.to_owned(), value, option.meaning.to_owned()]
    };
    table(&["key", "value", "meaning"], options.map(row).collect())
}

/// The value for all profiles, where it holds for one that has not set its own.
fn general_value<'v>(
    stored: &Map<String, Value>,
    general: &'v Map<String, Value>,
    option: &Declared,
) -> Option<&'v Value> {
    let inherits = !stored.contains_key(option.key) && options::is_of_way(option.key);
    general.get(option.key).filter(|_| inherits)
}

/// What options exist, for programs.
pub(crate) fn declared<'a>(options: impl Iterator<Item = &'a Declared>) -> Value {
    let row = |option: &Declared| {
        json!({
            "key": option.key,
            "default": option.default_value(),
            "meaning": option.meaning,
            "takes": option.takes(),
        })
    };
    options.map(row).collect()
}

/// A value as it would be typed; a dash for nothing.
pub(crate) fn plain(value: &Value) -> String {
    match value.as_str() {
        Some("") => "-".to_owned(),
        Some(text) => text.to_owned(),
        None => value.to_string(),
    }
}
