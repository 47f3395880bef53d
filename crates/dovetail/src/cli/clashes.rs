//! `dovetail clashes`: what both sides had edited, with both versions, and choosing otherwise afterwards.

use clap::{Subcommand, ValueEnum};
use dovetail_model::carry::{Change, Field, Ground, edit};
use dovetail_sync::Side;
use dovetail_sync::report::{LineEvent, SkipReason};
use dovetail_sync::storage::Call;
use serde_json::{Value, json};

use super::report::when;
use super::screen::{Screen, table};
use super::sync::{stop_of, stop_on_ctrl_c};
use super::{Outcome, warn, words};
use crate::app::{App, KeptClash, Which};
use crate::error::Result;

/// What can be done with clashes.
#[derive(Subcommand)]
pub(crate) enum Clashes {
    /// List clashes, newest first: what was kept and what lost
    #[command(after_help = "Examples:\n  dovetail clashes list\n  dovetail clashes list work --all")]
    List {
        /// The profile [default: all]
        profile: Option<String>,
        /// Those that you decided about as well
        #[arg(long)]
        all: bool,
    },
    /// Show both versions of a clash, field by field
    #[command(after_help = "Example:\n  dovetail clashes show work:3")]
    Show {
        /// The clash, such as work:3
        id: String,
    },
    /// Let one side's edit stand, whichever was kept then
    #[command(after_help = "\
Examples:
  dovetail clashes take work:3 server
  dovetail clashes take work:3 outlook

Only what clashed gets that side's value, on both sides; what was edited since about something else stays. It is a run like
any other: `dovetail undo` takes it back. Taking what was kept writes nothing: the clash is then decided, and its versions age
like anything else in the journal.")]
    Take {
        /// The clash, such as work:3
        id: String,
        /// Whose edit is to stand
        #[arg(value_enum)]
        side: Whose,
    },
}

/// A side, as it is typed.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Whose {
    /// Outlook's
    Outlook,
    /// The server's
    Server,
}

impl Clashes {
    /// Does it.
    pub(crate) fn run(&self, app: &App, screen: &Screen) -> Result<Outcome> {
        match self {
            Clashes::List { profile, all } => {
                let which = if *all { Which::All } else { Which::Open };
                list(app, profile.as_deref(), which, screen)
            }
            Clashes::Show { id } => {
                let clash = app.clash(id)?;
                screen.answer(&described(&clash), || told(app, &clash));
                Ok(Outcome::Fine)
            }
            Clashes::Take { id, side } => take(app, id, *side, screen),
        }
    }
}

fn list(app: &App, profile: Option<&str>, which: Which, screen: &Screen) -> Result<Outcome> {
    let clashes = app.clashes(profile, which)?;
    let answer: Value = clashes.iter().map(summary).collect();
    screen.answer(&answer, || {
        let row = |clash: &KeptClash| {
            let each = |of: &dyn Fn(&dovetail_model::carry::Clash) -> String| {
                clash.clash.clashes.iter().map(of).collect::<Vec<_>>().join("; ")
            };
            vec![
                clash.name(),
                when(app, &clash.clash.at.to_string()),
                clash.clash.title.clone(),
                each(&|clash| words::unit(&clash.unit)),
                format!("{} ({})", each(&|clash| words::quoted(&clash.kept)), clash.clash.kept),
                format!("{} ({})", each(&|clash| words::quoted(&clash.lost)), clash.clash.kept.other()),
                clash.clash.taken.map(|side| format!("{side} taken")).unwrap_or_default(),
            ]
        };
        let heads = ["clash", "when", "title", "what", "kept", "lost", "decided"];
        match table(&heads, clashes.iter().map(row).collect()) {
            none if none.is_empty() => "No clash waits for a second look.".to_owned(),
            rows => {
                format!("{rows}\n`dovetail clashes take CLASH outlook` or `... server` lets that edit stand.")
            }
        }
    });
    Ok(Outcome::Fine)
}

fn summary(clash: &KeptClash) -> Value {
    json!({
        "id": clash.name(),
        "profile": clash.profile,
        "run": clash.clash.run,
        "when": clash.clash.at,
        "title": clash.clash.title,
        "kind": clash.clash.kind,
        "kept": clash.clash.kept,
        "clashes": clash.clash.clashes,
        "taken": clash.clash.taken,
    })
}

fn described(clash: &KeptClash) -> Value {
    let mut answer = summary(clash);
    answer["fields"] = fields(clash)
        .into_iter()
        .map(|field| {
            json!({
                "field": field.field,
                "entry": field.change.key,
                "outlook": field.change.before,
                "server": field.change.after,
                "clashed": field.clashed,
            })
        })
        .collect();
    answer
}

/// A field in which both versions differ.
struct Differing {
    field: Field,
    /// From Outlook's value to the server's.
    change: Change,
    /// Whether it is what clashed; else one side only held it, or could not.
    clashed: bool,
}

fn fields(clash: &KeptClash) -> Vec<Differing> {
    let (Some(outlook), Some(server)) = (&clash.items.outlook, &clash.items.server) else {
        return Vec::new();
    };
    let fields = edit(&Ground::from(outlook.clone()), server).fields.into_iter();
    fields
        .flat_map(|(field, changes)| {
            let clashed = clash.clash.clashes.iter().any(|clash| clash.fields.contains(&field));
            changes.into_iter().map(move |change| Differing { field, change, clashed })
        })
        .collect()
}

fn told(app: &App, clash: &KeptClash) -> String {
    let of = &clash.clash;
    let decided = match of.taken {
        None => format!("{} was kept", whose(of.kept)),
        Some(side) => format!("{} was kept, and {} was taken afterwards", whose(of.kept), whose(side)),
    };
    let when = when(app, &of.at.to_string());
    let run = words::short(&of.run);
    let head =
        format!("Clash {} of {} at {when} (run {run}): {decided}.", clash.name(), words::quoted(&of.title));
    let rows = fields(clash).into_iter().map(|field| {
        vec![
            words::field(field.field),
            words::plain_text(&field.change.before),
            words::plain_text(&field.change.after),
            if field.clashed { "clash".to_owned() } else { String::new() },
        ]
    });
    let table = table(&["field", "Outlook", "server", ""], rows.collect());
    format!("{head}\n{table}")
}

fn whose(side: Side) -> &'static str {
    match side {
        Side::Outlook => "Outlook's edit",
        Side::Server => "the server's edit",
    }
}

fn take(app: &App, id: &str, side: Whose, screen: &Screen) -> Result<Outcome> {
    let side = match side {
        Whose::Outlook => Side::Outlook,
        Whose::Server => Side::Server,
    };
    let clash = app.clash(id)?;
    warn(app, &clash.profile, screen)?;
    let call = Call { cancel: stop_on_ctrl_c(), ..Call::default() };
    let report = app.take(&clash, side, &call).map_err(|error| error.of_profile(&clash.profile))?;
    let answer = json!({ "clash": clash.name(), "taken": side, "report": report });
    let is_same = report.lines.iter().all(|line| line.event == LineEvent::Skipped { why: SkipReason::Same });
    screen.answer(&answer, || match is_same && !report.lines.is_empty() {
        true => format!("{} stands on both sides already; clash {} is decided.", whose(side), clash.name()),
        false => words::report(&clash.profile, &report),
    });
    match stop_of(&report) {
        Some(error) => Err(error.of_profile(&clash.profile)),
        None => Ok(Outcome::fine_if(is_same)),
    }
}
