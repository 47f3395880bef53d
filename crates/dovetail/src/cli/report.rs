//! `dovetail report`: what past runs did.

use clap::Subcommand;
use dovetail_sync::journal::{Entry, Operation, RunRow};
use dovetail_sync::report::RunOutcome;
use serde_json::{Value, json};

use super::screen::{Screen, count, table};
use super::{Outcome, words};
use crate::app::{App, PastRun};
use crate::error::{Result, code_of};

/// What can be asked of past runs.
#[derive(Subcommand)]
pub(crate) enum Report {
    /// List runs, newest first
    #[command(after_help = "Example:\n  dovetail report list work --count 5")]
    List {
        /// The profile [default: all]
        profile: Option<String>,
        /// How many runs
        #[arg(long, default_value_t = 20, value_name = "NUMBER")]
        count: usize,
    },
    /// Show what a run did: every item that it wrote, every clash with what was kept and what lost
    #[command(after_help = "Example:\n  dovetail report show 3f2a91c0")]
    Show {
        /// The run; the beginning of its id is enough [default: the last one]
        run: Option<String>,
    },
}

impl Report {
    /// Does it.
    pub(crate) fn run(&self, app: &App, screen: &Screen) -> Result<Outcome> {
        match self {
            Report::List { profile, count } => list(app, profile.as_deref(), *count, screen)?,
            Report::Show { run } => {
                let (run, entries) = app.run(run.as_deref())?;
                screen.answer(&described(&run, &entries), || told(app, &run, &entries));
            }
        }
        Ok(Outcome::Fine)
    }
}

/// How a run ended, in a word.
pub(crate) fn outcome_of(run: &RunRow) -> &'static str {
    match run.report.as_ref().map(|report| &report.outcome) {
        Some(RunOutcome::Finished) => "finished",
        Some(RunOutcome::Stopped { kind, .. }) => code_of(*kind),
        None => "killed",
    }
}

/// A moment on the clock on the wall.
pub(crate) fn when(app: &App, timestamp: &str) -> String {
    app.wall_clock(timestamp)
        .map_or_else(|| timestamp.to_owned(), |local| local.strftime("%F %H:%M").to_string())
}

fn list(app: &App, profile: Option<&str>, count: usize, screen: &Screen) -> Result<()> {
    let runs = app.runs(profile, count)?;
    let answer: Value = runs.iter().map(summary).collect();
    screen.answer(&answer, || {
        let row = |run: &PastRun| {
            let done = run.row.report.as_ref().map(|report| words::counted_sides(&report.written));
            vec![
                words::short(&run.row.id).to_owned(),
                run.profile.clone(),
                when(app, &run.row.started),
                outcome_of(&run.row).to_owned(),
                done.unwrap_or_default(),
            ]
        };
        match table(&["run", "profile", "started", "outcome", "written"], runs.iter().map(row).collect()) {
            none if none.is_empty() => "There was no run yet.".to_owned(),
            rows => rows,
        }
    });
    Ok(())
}

fn summary(run: &PastRun) -> Value {
    json!({
        "run": run.row.id,
        "profile": run.profile,
        "started": run.row.started,
        "outcome": outcome_of(&run.row),
        "written": run.row.report.as_ref().map(|report| report.written),
    })
}

fn described(run: &PastRun, entries: &[Entry]) -> Value {
    let entries: Value = entries.iter().map(entry).collect();
    let lines = run.row.report.as_ref().map(|report| report.lines.as_slice()).unwrap_or_default();
    json!({
        "run": run.row.id,
        "profile": run.profile,
        "started": run.row.started,
        "outcome": outcome_of(&run.row),
        "report": run.row.report,
        "warnings": words::described_warnings(lines),
        "further_warned": words::warned_further(lines),
        "entries": entries,
    })
}

fn entry(entry: &Entry) -> Value {
    json!({
        "side": entry.side,
        "operation": entry.operation,
        "kind": entry.kind,
        "title": entry.title,
        "id": entry.item.as_ref().map(|id| &id.0),
        "uid": entry.uid,
        "outcome": ended(entry),
        "clashes": entry.clashes,
    })
}

fn told(app: &App, run: &PastRun, entries: &[Entry]) -> String {
    let mut parts =
        vec![format!("Run {} of {}, begun {}.", run.row.id, run.profile, when(app, &run.row.started))];
    match &run.row.report {
        Some(report) => parts.push(words::report(&run.profile, report)),
        None => {
            parts.push("It was killed before it could report; the next run went on from there.".to_owned())
        }
    }
    if !entries.is_empty() {
        parts.push(format!("It wrote {}:", count(entries.len(), "item")));
        parts.push(table(&["side", "deed", "kind", "title"], entries.iter().map(row).collect()));
        parts.push(format!("`dovetail undo {}` takes this back.", words::short(&run.row.id)));
    }
    parts.join("\n")
}

fn row(entry: &Entry) -> Vec<String> {
    let deed = match entry.operation {
        Operation::Create => "created",
        Operation::Update => "updated",
        Operation::Delete => "deleted",
    };
    let deed = match ended(entry) {
        "done" => deed.to_owned(),
        other => format!("{deed} ({other})"),
    };
    vec![entry.side.to_string(), deed, words::kind(entry.kind).to_owned(), entry.title.clone()]
}

fn ended(entry: &Entry) -> &'static str {
    use dovetail_sync::journal::Outcome::{Begun, Done, Failed};
    match entry.outcome {
        Begun => "begun",
        Done => "done",
        Failed => "failed",
    }
}
