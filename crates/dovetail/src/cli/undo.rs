//! `dovetail undo`: takes a run back.

use clap::Args;
use dovetail_sync::storage::Call;
use serde_json::json;

use super::screen::Screen;
use super::sync::{stop_of, stop_on_ctrl_c};
use super::{Outcome, warn, words};
use crate::app::App;
use crate::error::Result;

/// Take a run back, on both sides, wherever the items were not changed since
#[derive(Args)]
#[command(after_help = "\
Example:
  dovetail undo 3f2a91c0

What was taken back stays so: it crosses again only when someone edits it.")]
pub(crate) struct Undo {
    /// The run; the beginning of its id is enough
    run: String,
}

impl Undo {
    /// Does it.
    pub(crate) fn run(&self, app: &App, screen: &Screen) -> Result<Outcome> {
        let call = Call { cancel: stop_on_ctrl_c(), ..Call::default() };
        let run = app.run_of(&self.run)?;
        warn(app, &run.profile, screen)?;
        let report = app.undo(&run, &call)?;
        let answer = json!({ "profile": run.profile, "undone": run.row.id, "report": report });
        screen.answer(&answer, || {
            format!("Undoing run {}.\n{}", words::short(&run.row.id), words::report(&run.profile, &report))
        });
        match stop_of(&report) {
            Some(error) => Err(app.of_profile(&run.profile, error)),
            None => Ok(Outcome::fine_if(report.failed == 0 && report.held == 0 && report.lines.is_empty())),
        }
    }
}
