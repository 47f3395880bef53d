//! `dovetail status`: how every profile stands.

use clap::Args;
use serde_json::{Value, json};

use super::Outcome;
use super::report::{outcome_of, when};
use super::screen::{Screen, table};
use crate::app::{App, Standing};
use crate::error::Result;

/// Show how every profile stands: its last run, and what waits for you
#[derive(Args)]
#[command(after_help = "Example:\n  dovetail status")]
pub(crate) struct Status {}

impl Status {
    /// Does it.
    pub(crate) fn run(&self, app: &App, screen: &Screen) -> Result<Outcome> {
        let standings = app.status()?;
        let answer: Value = standings.iter().map(described).collect();
        screen.answer(&answer, || {
            let rows = standings.iter().map(|standing| row(app, standing)).collect();
            match table(&["profile", "last run", "outcome", "held", "state", "journal"], rows) {
                none if none.is_empty() => {
                    "There is no profile yet. Make one with `dovetail profile add`.".to_owned()
                }
                rows => rows,
            }
        });
        Ok(Outcome::Fine)
    }
}

fn described(standing: &Standing) -> Value {
    json!({
        "profile": standing.name,
        "folder": standing.profile.folder,
        "collection": standing.profile.collection,
        "last_run": standing.last.as_ref().map(|run| json!({
            "run": run.id,
            "started": run.started,
            "outcome": outcome_of(run),
        })),
        "held": standing.held,
        "state_bytes": standing.state_bytes,
        "journal_bytes": standing.journal_bytes,
    })
}

fn row(app: &App, standing: &Standing) -> Vec<String> {
    let (started, outcome) = match &standing.last {
        Some(run) => (when(app, &run.started), outcome_of(run)),
        None => ("never".to_owned(), "-"),
    };
    vec![
        standing.name.clone(),
        started,
        outcome.to_owned(),
        standing.held.map_or_else(|| "?".to_owned(), |held| held.to_string()),
        kibibytes(standing.state_bytes),
        kibibytes(standing.journal_bytes),
    ]
}

fn kibibytes(bytes: u64) -> String {
    format!("{} KiB", bytes.div_ceil(1024))
}
