//! `dovetail restore`: puts a version of an item back.

use clap::Args;
use dovetail_sync::storage::Call;
use serde_json::json;

use super::screen::Screen;
use super::sync::{stop_of, stop_on_ctrl_c};
use super::{Outcome, warn, words};
use crate::app::App;
use crate::error::{Error, Result};

/// Put a version of an item back, on both sides
#[derive(Args)]
#[command(after_help = "\
Examples:
  dovetail history \"Budget talk\"
  dovetail restore \"Budget talk@34\"

It is an edit like any other: what the other side edited since about something else stands, and `dovetail undo` takes it
back. An item that is gone comes back on both sides.")]
pub(crate) struct Restore {
    /// The item, as for `dovetail history`, and the number of the version
    #[arg(value_name = "ITEM@VERSION")]
    version: String,
    /// The profile [default: all]
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
}

impl Restore {
    /// Does it.
    pub(crate) fn run(&self, app: &App, screen: &Screen) -> Result<Outcome> {
        let named = self.version.rsplit_once('@');
        let named = named.and_then(|(item, number)| Some((item, number.parse::<i64>().ok()?)));
        let (item, number) = named.filter(|(item, _)| !item.is_empty()).ok_or_else(|| {
            Error::usage(
                format!("{:?} names no version.", self.version),
                "Write it as ITEM@VERSION; `dovetail history ITEM` lists the versions.",
            )
        })?;
        let call = Call { cancel: stop_on_ctrl_c(), ..Call::default() };
        let version = app.version(self.profile.as_deref(), item, number)?;
        let profile = version.profile.clone();
        warn(app, &profile, screen)?;
        let report = app.restore(version, &call).map_err(|error| error.of_profile(&profile))?;
        let answer = json!({ "profile": profile, "restored": number, "report": report });
        screen.answer(&answer, || words::report(&profile, &report));
        match stop_of(&report) {
            Some(error) => Err(error.of_profile(&profile)),
            None => Ok(Outcome::fine_if(report.lines.is_empty())),
        }
    }
}
