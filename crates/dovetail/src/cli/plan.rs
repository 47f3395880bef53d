//! `dovetail plan`: what a run would do, without doing it.

use clap::Args;
use dovetail_sync::Side;
use dovetail_sync::journal::Operation;
use dovetail_sync::plan::{self, PlanRow};
use dovetail_sync::report::Line;
use dovetail_sync::storage::Call;
use serde_json::{Value, json};

use super::screen::{Screen, table};
use super::sync::stop_on_ctrl_c;
use super::{Outcome, warn, warn_of_mail, words};
use crate::app::App;
use crate::error::Result;

/// Show what a run would do, without doing it
#[derive(Args)]
#[command(after_help = "Example:\n  dovetail plan work")]
pub(crate) struct Plan {
    /// The profile [default: all]
    profile: Option<String>,
}

impl Plan {
    /// Does it.
    pub(crate) fn run(&self, app: &App, screen: &Screen) -> Result<Outcome> {
        let cancel = stop_on_ctrl_c();
        for (name, _) in app.chosen(self.profile.as_deref())? {
            let call = Call { cancel: cancel.clone(), ..Call::default() };
            warn(app, &name, screen)?;
            warn_of_mail(app, &name, screen)?;
            let plan = app.plan(&name, &call).map_err(|error| app.of_profile(&name, error))?;
            let lines: Vec<&Line> = plan.lines.iter().filter(|line| !line.is_warning()).collect();
            let answer = json!({
                "profile": name,
                "rows": rows(&plan),
                "notices": plan.notices,
                "lines": lines,
                "warnings": words::described_warnings(&plan.lines),
            });
            screen.answer(&answer, || told(&name, &plan));
        }
        Ok(Outcome::Fine)
    }
}

pub(crate) fn rows(plan: &plan::Plan) -> Value {
    plan.rows.iter().filter(|row| worth_showing(row)).map(described).collect()
}

/// A step for programs.
pub(crate) fn described(row: &PlanRow) -> Value {
    json!({
        "title": row.title,
        "kind": row.kind,
        "verdict": row.verdict,
        "operations": row.operations,
        "fields": row.fields,
        "clashes": row.clashes,
        "kept": row.kept,
        "hold": row.hold,
    })
}

/// Bases that are only recorded anew are nothing that a person wants to hear of.
fn worth_showing(row: &PlanRow) -> bool {
    row.writes() || row.hold.is_some()
}

pub(crate) fn told(name: &str, plan: &plan::Plan) -> String {
    let shown: Vec<&PlanRow> = plan.rows.iter().filter(|row| worth_showing(row)).collect();
    let notices = plan.notices.iter().map(words::notice).chain(words::lines(&plan.lines));
    let notices: String = notices.map(|it| format!("\n  {it}")).collect();
    if shown.is_empty() {
        return format!("{name}: in step, nothing to do{notices}");
    }
    let counts = Side::BOTH.map(|side| {
        let number =
            |operation| shown.iter().filter(|row| *row.operations.of(side) == Some(operation)).count();
        let parts = [Operation::Create, Operation::Update, Operation::Delete];
        let parts: Vec<_> = parts.map(|operation| (number(operation), deed(operation))).into();
        let parts: Vec<_> =
            parts.iter().filter(|part| part.0 > 0).map(|(n, deed)| format!("{deed} {n}")).collect();
        format!("{side}: {}", if parts.is_empty() { "nothing".to_owned() } else { parts.join(", ") })
    });
    let lines = shown.iter().flat_map(|row| lines(row)).collect();
    let head = format!("{name}: {}{notices}", counts.join("; "));
    format!("{head}\n{}", table(&["side", "step", "kind", "title", "change"], lines))
}

/// The lines of a step: one a side, or one a field that changes there; then why it waits, and what clashed.
pub(crate) fn lines(row: &PlanRow) -> Vec<Vec<String>> {
    let line = |side: String, step: &str, change: String| {
        vec![side, step.to_owned(), words::kind(row.kind).to_owned(), row.title.clone(), change]
    };
    let mut lines = Vec::new();
    for side in Side::BOTH {
        let Some(operation) = *row.operations.of(side) else { continue };
        let fields = row.fields.of(side);
        if fields.is_empty() {
            lines.push(line(side.to_string(), deed(operation), String::new()));
        }
        lines.extend(fields.iter().map(|change| {
            let text = format!(
                "{}: {} -> {}",
                words::field(change.field),
                words::quoted(&change.before),
                words::quoted(&change.after)
            );
            line(side.to_string(), deed(operation), text)
        }));
    }
    lines.extend(row.clashes.iter().map(|clash| line(String::new(), "clash", words::clash(row.kept, clash))));
    lines.extend(row.hold.iter().map(|reason| line(String::new(), "hold", words::hold(reason))));
    lines
}

fn deed(operation: Operation) -> &'static str {
    match operation {
        Operation::Create => "create",
        Operation::Update => "update",
        Operation::Delete => "delete",
    }
}
