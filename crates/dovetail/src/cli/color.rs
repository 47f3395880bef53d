//! `dovetail color`: the colour of a profile's collection.

use clap::Args;
use serde_json::json;

use super::screen::Screen;
use super::{Outcome, warn};
use crate::app::App;
use crate::error::Result;

/// Show the colour of a profile's collection on the server, or set it
#[derive(Args)]
#[command(
    visible_alias = "colour",
    after_help = "Examples:\n  dovetail color work\n  dovetail color work \"#3366CC\"\n\nOther programs on this account see the new colour too."
)]
pub(crate) struct Color {
    /// The profile
    profile: String,
    /// The new colour; two more digits say how opaque it is
    #[arg(value_name = "#RRGGBB")]
    color: Option<String>,
}

impl Color {
    /// Does it.
    pub(crate) fn run(&self, app: &App, screen: &Screen) -> Result<Outcome> {
        let failed = |error: crate::error::Error| app.of_profile(&self.profile, error);
        warn(app, &self.profile, screen)?;
        let colour = match &self.color {
            Some(typed) => app.set_colour(&self.profile, typed).map_err(failed)?,
            None => app.colour(&self.profile).map_err(failed)?,
        };
        screen.answer(&json!({ "profile": self.profile, "colour": colour }), || {
            colour.clone().unwrap_or_else(|| "The collection has no colour.".to_owned())
        });
        Ok(Outcome::Fine)
    }
}
