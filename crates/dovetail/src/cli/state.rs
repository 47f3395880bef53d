//! `dovetail state`: what is remembered of a profile, and beginning anew.

use clap::Subcommand;
use serde_json::json;

use super::Outcome;
use super::screen::Screen;
use crate::app::App;
use crate::error::Result;

/// What can be done with what is remembered.
#[derive(Subcommand)]
pub(crate) enum State {
    /// Show where state and journal of a profile are
    #[command(after_help = "Example:\n  dovetail state path work")]
    Path {
        /// The profile
        profile: String,
    },
    /// Forget what both sides held when they last agreed; the journal stays
    #[command(after_help = "\
Example:
  dovetail state forget work

The next run is a first one: it matches what is on both sides and merges it. It deletes nothing, so that what was deleted on
one side since the last run comes back from the other, and so does what was undone.")]
    Forget {
        /// The profile
        profile: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

impl State {
    /// Does it.
    pub(crate) fn run(&self, app: &App, screen: &Screen) -> Result<Outcome> {
        match self {
            State::Path { profile } => {
                let files = app.files(profile)?;
                let answer = json!({
                    "profile": profile,
                    "folder": files.folder,
                    "state": files.state,
                    "journal": files.journal,
                });
                screen.answer(&answer, || files.folder.display().to_string());
            }
            State::Forget { profile, yes } => {
                app.config()?.profile(profile)?;
                let question = format!(
                    "Forget what both sides of {profile} held when they last agreed? The next run matches and merges."
                );
                if !screen.confirm(&question, *yes)? {
                    return Ok(Outcome::Unfinished);
                }
                app.forget_state(profile)?;
                screen.answer(&json!({ "profile": profile, "forgotten": true }), || {
                    format!("Forgotten. `dovetail plan {profile}` shows what the next run would do.")
                });
            }
        }
        Ok(Outcome::Fine)
    }
}
