//! `dovetail verify`: compares both sides, item by item.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use clap::Args;
use dovetail_sync::Side;
use dovetail_sync::storage::Call;
use dovetail_sync::verify::{Difference, Verified};
use serde_json::json;

use super::screen::{Screen, count};
use super::sync::{stop_of, stop_on_ctrl_c, summary};
use super::{Outcome, plan, warn, words};
use crate::app::App;
use crate::error::Result;

/// Compare both sides item by item, and prove that they hold the same
#[derive(Args)]
#[command(after_help = "\
Example:
  dovetail verify work
  dovetail verify work --repair
  dovetail verify work --repair --yes

--repair shows what would mend the differences: differing items are joined as at a first sync, the newer edit winning a clash.
With --yes it is done, as a run that can be undone. What one side alone has is left to the next sync.

What one side could never hold is no difference. The exit code is 1 where something differs that was not meant to: an
undone run and a rejected step are meant.")]
pub(crate) struct Verify {
    /// The profile [default: all]
    profile: Option<String>,
    /// Show what would mend the differences, instead of the differences
    #[arg(long)]
    repair: bool,
    /// Mend
    #[arg(long, requires = "repair")]
    yes: bool,
}

impl Verify {
    /// Does it.
    pub(crate) fn run(&self, app: &App, screen: &Screen) -> Result<Outcome> {
        let cancel = stop_on_ctrl_c();
        if self.repair {
            return self.repair(app, screen, &cancel);
        }
        let mut equal = true;
        for (name, _) in app.chosen(self.profile.as_deref())? {
            let call = Call { cancel: cancel.clone(), ..Call::default() };
            warn(app, &name, screen)?;
            let verified = app.verify(&name, &call).map_err(|error| app.of_profile(&name, error))?;
            equal &= verified.is_equal();
            let mut answer = json!(verified);
            answer["profile"] = json!(name);
            answer["same"] = json!(verified.is_equal());
            screen.answer(&answer, || told(&name, &verified));
        }
        Ok(Outcome::fine_if(equal))
    }

    fn repair(&self, app: &App, screen: &Screen, cancel: &Arc<AtomicBool>) -> Result<Outcome> {
        let mut fine = true;
        for (name, _) in app.chosen(self.profile.as_deref())? {
            let call = Call { cancel: Arc::clone(cancel), ..Call::default() };
            warn(app, &name, screen)?;
            if self.yes {
                let report = app.mend(&name, &call).map_err(|error| error.of_profile(&name))?;
                fine &= report.lines.is_empty();
                screen.answer(&summary(&name, &report), || words::report(&name, &report));
                if let Some(error) = stop_of(&report) {
                    return Err(error.of_profile(&name));
                }
                continue;
            }
            let plan = app.mending(&name, &call).map_err(|error| error.of_profile(&name))?;
            fine &= plan.rows.is_empty();
            screen.answer(&json!({ "profile": name, "rows": plan::rows(&plan) }), || {
                match plan.rows.is_empty() {
                    true => format!("{name}: nothing to mend"),
                    false => {
                        let told = plan::told(&name, &plan);
                        format!("{told}\n`dovetail verify {name} --repair --yes` does this.")
                    }
                }
            });
        }
        Ok(Outcome::fine_if(fine))
    }
}

pub(crate) fn told(name: &str, verified: &Verified) -> String {
    let items = count(usize::try_from(verified.equal).unwrap_or(usize::MAX), "item");
    let head = match verified.is_equal() {
        true => format!("{name}: both sides hold the same: {items} compared"),
        false => format!("{name}: the sides differ; {items} are the same"),
    };
    let mut lines = vec![head];
    lines.extend(verified.differing.iter().map(|difference| format!("  differs: {}", told_of(difference))));
    lines.extend(
        verified.intended.iter().map(|difference| format!("  differs as intended: {}", told_of(difference))),
    );
    for side in Side::BOTH {
        let ids = verified.unlinked.of(side).iter();
        lines.extend(ids.map(|id| format!("  on {side} alone, not synced yet: {}", words::quoted(&id.0))));
    }
    let unreadable = verified.unreadable.iter();
    lines.extend(unreadable.map(|(id, why)| format!("  not compared: {}: {why}", words::quoted(&id.0))));
    lines.join("\n")
}

fn told_of(difference: &Difference) -> String {
    let fields: Vec<_> = difference.fields.iter().map(|field| words::field(*field)).collect();
    let what = match (difference.present.outlook, difference.present.server) {
        (true, false) => "on Outlook's side alone".to_owned(),
        (false, true) => "on the server alone".to_owned(),
        (false, false) => "on neither side".to_owned(),
        (true, true) => fields.join(", "),
    };
    format!("{}: {what}", words::quoted(&difference.title))
}
