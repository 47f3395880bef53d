//! `dovetail held`: steps that wait for a person.

use clap::Subcommand;
use dovetail_model::Item;
use dovetail_model::carry::{Change, Field};
use dovetail_sync::history::fields_of;
use dovetail_sync::plan::PlanRow;
use dovetail_sync::state::Verdict;
use dovetail_sync::{Side, Sides};
use serde_json::{Value, json};

use super::report::when;
use super::screen::{Screen, count, table};
use super::{Outcome, plan, words};
use crate::app::{App, HeldStep};
use crate::error::Result;

/// What can be done with steps that wait.
#[derive(Subcommand)]
pub(crate) enum Held {
    /// List the steps that wait
    #[command(after_help = "Example:\n  dovetail held list work")]
    List {
        /// The profile [default: all]
        profile: Option<String>,
    },
    /// Show a step whole
    #[command(after_help = "Example:\n  dovetail held show work:3")]
    Show {
        /// The step, such as work:3
        id: String,
    },
    /// Let the next run carry steps out, if nothing changed since
    #[command(after_help = "\
Example:
  dovetail held approve work:3 work:4

What you approve is bound to what both sides hold now: if either changes before the next run, the step waits again. An item that
was suspended because something changes it back each time is let go on, and counted anew.")]
    Approve {
        /// The steps, such as work:3
        #[arg(required = true)]
        ids: Vec<String>,
    },
    /// Refuse steps: what each side holds stays as it is
    #[command(after_help = "\
Example:
  dovetail held reject work:3

Both sides then differ because you wanted it so: `dovetail verify` says so, and nothing crosses until somebody edits again.")]
    Reject {
        /// The steps, such as work:3
        #[arg(required = true)]
        ids: Vec<String>,
    },
}

impl Held {
    /// Does it.
    pub(crate) fn run(&self, app: &App, screen: &Screen) -> Result<Outcome> {
        match self {
            Held::List { profile } => list(app, profile.as_deref(), screen)?,
            Held::Show { id } => {
                let step = app.held_step(id)?;
                let items = app.items_of(&step)?;
                let mut answer = described(&step);
                answer["items"] = json!(items.as_ref().map(|_, item| item.as_ref().map(fields_of)));
                screen.answer(&answer, || told(app, &step, &items));
            }
            Held::Approve { ids } => decide(app, ids, Verdict::Approved, screen)?,
            Held::Reject { ids } => decide(app, ids, Verdict::Rejected, screen)?,
        }
        Ok(Outcome::Fine)
    }
}

fn list(app: &App, profile: Option<&str>, screen: &Screen) -> Result<()> {
    let steps = app.held(profile)?;
    let answer: Value = steps.iter().map(described).collect();
    screen.answer(&answer, || {
        let row = |step: &HeldStep| {
            let planned = planned(step);
            let reason = planned.as_ref().and_then(|row| row.hold.as_ref()).map(words::hold);
            vec![
                step.name(),
                planned.map(|row| row.title).unwrap_or_default(),
                words::code_of(&step.row.verdict),
                reason.unwrap_or_default(),
            ]
        };
        match table(&["step", "title", "decision", "why it waits"], steps.iter().map(row).collect()) {
            none if none.is_empty() => "Nothing waits for a decision.".to_owned(),
            rows => format!("{rows}\n`dovetail held approve STEP` carries one out, `reject` leaves both sides as they are."),
        }
    });
    Ok(())
}

fn described(step: &HeldStep) -> Value {
    json!({
        "id": step.name(),
        "profile": step.profile,
        "run": step.row.run,
        "since": step.row.since,
        "decision": step.row.verdict,
        "step": planned(step).as_ref().map(plan::described),
    })
}

fn told(app: &App, step: &HeldStep, items: &Sides<Option<Item>>) -> String {
    let since = when(app, &step.row.since);
    let head = format!("Step {} waits since {since} (run {}).", step.name(), words::short(&step.row.run));
    let lines = planned(step).map(|row| plan::lines(&row)).unwrap_or_default();
    let steps = table(&["side", "step", "kind", "title", "change"], lines);
    let values = Side::BOTH.iter().flat_map(|side| {
        let fields = items.of(*side).as_ref().map(fields_of).unwrap_or_default();
        let row = move |(field, change): (Field, Change)| {
            vec![side.to_string(), words::field(field), words::plain_text(&change.after)]
        };
        fields
            .into_iter()
            .flat_map(|(field, changes)| changes.into_iter().map(move |it| (field, it)))
            .map(row)
    });
    let values = table(&["side", "field", "when both last agreed"], values.collect());
    let decide = format!(
        "`dovetail held approve {0}` carries it out, `dovetail held reject {0}` leaves both sides as they are.",
        step.name()
    );
    let parts = [head, steps, values, decide];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n")
}

fn planned(step: &HeldStep) -> Option<PlanRow> {
    serde_json::from_value(step.row.row.clone()).ok()
}

fn decide(app: &App, ids: &[String], verdict: Verdict, screen: &Screen) -> Result<()> {
    // All of them are looked up before the first is decided: a mistyped one changes nothing.
    let steps = ids.iter().map(|id| app.held_step(id)).collect::<Result<Vec<_>>>()?;
    for step in &steps {
        app.decide(step, verdict)?;
    }
    let names: Vec<_> = steps.iter().map(HeldStep::name).collect();
    screen.answer(&json!({ "decision": verdict, "steps": names }), || {
        let steps = count(names.len(), "step");
        match verdict {
            Verdict::Approved => {
                format!("{steps} approved: the next run carries it out, if nothing changed since.")
            }
            _ => format!("{steps} rejected: the next run records that both sides stay as they are."),
        }
    });
    Ok(())
}
