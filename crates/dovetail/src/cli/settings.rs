//! `dovetail settings`: what holds for all profiles.

use clap::Subcommand;
use serde_json::{Map, Value, json};

use super::Outcome;
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
}

impl Settings {
    /// Does it.
    pub(crate) fn run(&self, app: &App, screen: &Screen) -> Result<Outcome> {
        if let Settings::Set { assignments } = self {
            app.set_settings(assignments)?;
        }
        let config = app.config()?;
        screen.answer(&values(&config.settings, options::OF_ALL), || {
            explained(&config.settings, options::OF_ALL.iter())
        });
        Ok(Outcome::Fine)
    }
}

/// The values of options, defaults included, for programs.
pub(crate) fn values(stored: &Map<String, Value>, table: &'static [Declared]) -> Value {
    Value::Object(
        table.iter().map(|option| (option.key.to_owned(), config::value_of(stored, option))).collect(),
    )
}

/// The values of options with their meanings, for people.
pub(crate) fn explained<'a>(
    stored: &Map<String, Value>,
    options: impl Iterator<Item = &'a Declared>,
) -> String {
    let row = |option: &Declared| {
        let value = plain(&config::value_of(stored, option));
        let usual = if stored.contains_key(option.key) { "" } else { " (default)" };
        vec![option.key.to_owned(), format!("{value}{usual}"), option.meaning.to_owned()]
    };
    table(&["key", "value", "meaning"], options.map(row).collect())
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
