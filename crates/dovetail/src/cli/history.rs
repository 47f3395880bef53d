//! `dovetail history`: all versions of an item.

use clap::Args;
use dovetail_model::carry::{Change, Field, shortened};
use dovetail_sync::history::{How, Version};
use serde_json::{Value, json};

use super::report::when;
use super::screen::{Screen, table};
use super::{Outcome, words};
use crate::app::{App, ItemPast};
use crate::error::Result;

/// Show every version of an item that the journal holds, on both sides, field by field
#[derive(Args)]
#[command(after_help = "\
Examples:
  dovetail history \"Budget talk\"
  dovetail history 0000A1B2 --profile work
  dovetail history /me/calendar/lunch.ics

The number of a version puts it back: see `dovetail restore`. For how long versions are kept is the option journal_days.")]
pub(crate) struct History {
    /// The item: its id in the mailbox or the beginning of it, its path on the server, its UID, or its title
    item: String,
    /// The profile [default: all]
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
}

impl History {
    /// Does it.
    pub(crate) fn run(&self, app: &App, screen: &Screen) -> Result<Outcome> {
        let past = app.history(self.profile.as_deref(), &self.item)?;
        screen.answer(&described(&past), || told(app, &past));
        Ok(Outcome::Fine)
    }
}

fn described(past: &ItemPast) -> Value {
    json!({
        "profile": past.profile,
        "title": past.subject.title,
        "uid": past.subject.uid,
        "items": past.subject.sides,
        "versions": past.versions,
    })
}

fn told(app: &App, past: &ItemPast) -> String {
    let title = words::quoted(&past.subject.title);
    let rows: Vec<_> = past.versions.iter().flat_map(|version| rows(app, version)).collect();
    if rows.is_empty() {
        return format!("{title} in {}: no run has written it.", past.profile);
    }
    let table = table(&["version", "when", "run", "side", "what", "change"], rows);
    let item = past.subject.sides.outlook.as_ref().or(past.subject.sides.server.as_ref());
    let item = item.map_or(past.subject.uid.as_str(), |id| id.0.as_str());
    format!("{title} in {}\n{table}\n`dovetail restore {item}@VERSION` puts a version back.", past.profile)
}

/// The rows of a version: one a change.
fn rows(app: &App, version: &Version) -> Vec<Vec<String>> {
    let what = match version.how {
        How::Found => "found",
        How::Written => "written",
        How::Removed => "removed",
        How::Last => "now",
    };
    let row = |change: String| {
        vec![
            version.number.map(|number| number.to_string()).unwrap_or_default(),
            when(app, &version.at.to_string()),
            version.run.as_deref().map(words::short).unwrap_or_default().to_owned(),
            version.side.to_string(),
            what.to_owned(),
            change,
        ]
    };
    let mut rows: Vec<_> = version
        .changes
        .iter()
        .flat_map(|(field, changes)| changes.iter().map(|change| row(changed(*field, change))))
        .collect();
    if rows.is_empty() {
        rows.push(row(String::new()));
    }
    rows
}

/// A change of a field in a few words.
pub(crate) fn changed(field: Field, change: &Change) -> String {
    let after = words::quoted(&shortened(&change.after));
    match change.before.is_empty() {
        true => format!("{}: {after}", words::field(field)),
        false => {
            format!("{}: {} -> {after}", words::field(field), words::quoted(&shortened(&change.before)))
        }
    }
}
