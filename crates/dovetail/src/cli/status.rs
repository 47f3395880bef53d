//! `dovetail status`: how every profile stands.

use clap::Args;
use dovetail_sync::state::Failing;
use serde_json::{Value, json};

use super::report::{outcome_of, when};
use super::screen::{Screen, table};
use super::{Outcome, words};
use crate::app::{App, Standing};
use crate::error::{Result, sentence};

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
            let heads = ["profile", "last run", "outcome", "held", "clashes", "failing", "state", "journal"];
            let remarks = standings.iter().flat_map(|standing| remarks(app, standing));
            match table(&heads, rows) {
                none if none.is_empty() => {
                    "There is no profile yet. Make one with `dovetail profile add`.".to_owned()
                }
                rows => std::iter::once(rows).chain(remarks).collect::<Vec<_>>().join("\n"),
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
        "clashes": standing.clashes,
        "failing": standing.failing.as_ref().map(|all| all.iter().map(failing).collect::<Value>()),
        "pause": standing.pause,
        "journal_since": standing.journal_since,
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
        standing.clashes.to_string(),
        standing.failing.as_ref().map_or_else(|| "?".to_owned(), |failing| failing.len().to_string()),
        kibibytes(standing.state_bytes),
        kibibytes(standing.journal_bytes),
    ]
}

fn failing(failing: &Failing) -> Value {
    json!({
        "title": failing.title,
        "what": failing.what,
        "times": failing.times,
        "since": failing.since,
        "next": failing.next,
    })
}

/// What a person should know beyond the row.
fn remarks(app: &App, standing: &Standing) -> Vec<String> {
    let name = &standing.name;
    let failing = standing.failing.iter().flatten().map(|failing| {
        let since = when(app, &failing.since.to_string());
        let title = words::quoted(&failing.title);
        format!("{name}: {title} failed {} times since {since}: {}", failing.times, sentence(&failing.what))
    });
    let pause = standing.pause.iter().map(|pause| match pause.until {
        Some(until) => {
            let until = when(app, &until.to_string());
            format!("{name}: is left alone until {until}: {}", sentence(&pause.what))
        }
        None => format!(
            "{name}: is not synced by itself until you have looked after it: {}",
            sentence(&pause.what)
        ),
    });
    failing.chain(pause).collect()
}

fn kibibytes(bytes: u64) -> String {
    format!("{} KiB", bytes.div_ceil(1024))
}
