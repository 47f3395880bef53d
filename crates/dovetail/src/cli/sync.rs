//! `dovetail sync`: brings both sides of profiles in step.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::Args;
use dovetail_sync::report::{Report, RunOutcome};
use dovetail_sync::storage::Call;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::report::when;
use super::screen::Screen;
use super::{Outcome, warn, words};
use crate::app::{App, Ended, Hopeless};
use crate::error::{Error, Result, code_of};
use crate::schedule::{Turn, Urgency};

/// Bring both sides in step
#[derive(Args)]
#[command(after_help = "\
Examples:
  dovetail sync
  dovetail sync work
  dovetail sync work --only 0000A1B2 --only /me/calendar/lunch.ics

  dovetail sync --due --wait 60

A scheduler (cron, a systemd timer, the task scheduler of Windows) calls `sync --due` every minute or so: it syncs the profiles
whose interval is over. A server that fails is tried ever less often, one that asks for patience gets it, and after a refused
login nothing is tried until you have synced by hand. Without --due a run begins at once, unless the server asked for a pause
that is not over.

Ctrl-C stops between two items: what was done is kept, and the next run goes on from there.")]
pub(crate) struct Sync {
    /// The profile [default: all, one after the other]
    profile: Option<String>,
    /// Sync these items alone: ids as `dovetail outlook list` shows them, or paths on the server
    #[arg(long, value_name = "ID", requires = "profile")]
    only: Vec<String>,
    /// For schedulers: sync only what is due, by its interval and by how its server answered last
    #[arg(long, conflicts_with_all = ["only", "now"])]
    due: bool,
    /// Sync even though the server asked to be left alone for a while
    #[arg(long)]
    now: bool,
}

impl Sync {
    /// Does it.
    pub(crate) fn run(&self, app: &App, screen: &Screen) -> Result<Outcome> {
        let profiles = app.chosen(self.profile.as_deref())?;
        if profiles.is_empty() {
            return Err(Error::usage("There is no profile yet.", "Make one with `dovetail profile add`."));
        }
        let cancel = stop_on_ctrl_c();
        let mut fine = true;
        let mut stopped = None;
        let urgency = match (self.due, self.now) {
            (true, _) => Urgency::Due,
            (_, true) => Urgency::Now,
            _ => Urgency::Asked,
        };
        let mut earlier = Vec::new();
        for (name, _) in profiles {
            if let Some((other, why)) = app.hopeless(&name, &earlier) {
                not_tried(&name, &other, why, screen);
                continue;
            }
            let error = match self.one(app, &name, urgency, &cancel, screen) {
                Ok(Some(report)) => {
                    fine &= report.failed == 0 && report.held == 0;
                    stop_of(&report)
                }
                Ok(None) => continue,
                Err(error) => Some(error),
            };
            earlier.push(Ended::of(&name, error.as_ref()));
            // Each failure is told at once, except the last, which ends the program.
            let error = error.map(|error| app.of_profile(&name, error));
            if let Some(earlier) = error.and_then(|error| stopped.replace(error)) {
                screen.complain(&earlier);
            }
            if cancel.load(Ordering::Relaxed) {
                break;
            }
        }
        stopped.map_or(Ok(Outcome::fine_if(fine)), Err)
    }

    /// Syncs one profile; `None` where it is not due.
    fn one(
        &self,
        app: &App,
        name: &str,
        urgency: Urgency,
        cancel: &Arc<AtomicBool>,
        screen: &Screen,
    ) -> Result<Option<Report>> {
        if let Turn::NotBefore(until) = app.turn(name, urgency)? {
            not_due(app, name, until, screen);
            return Ok(None);
        }
        warn(app, name, screen)?;
        let bar = screen.progress(name);
        let call = Call {
            cancel: Arc::clone(cancel),
            progress: bar.as_ref().map(|bar| bar.listener()),
            ..Call::default()
        };
        let ended = app.sync(name, &self.only, &call);
        drop(bar);
        let report = ended?;
        screen.answer(&summary(name, &report), || words::report(name, &report));
        Ok(Some(report))
    }
}

/// Says that a profile would fail as another one did.
fn not_tried(name: &str, other: &str, why: Hopeless, screen: &Screen) {
    let answer = json!({ "profile": name, "outcome": "not_tried", "because_of": other });
    screen.answer(&answer, || {
        let why = match why {
            Hopeless::Refused => "the same login was refused",
            Hopeless::Untrusted => "the same server could not be trusted",
            Hopeless::Moved => "the same server sent us on to another one",
            Hopeless::Unreached => "the same server could not be reached",
        };
        format!("{name}: not tried, for {why} at {other}")
    });
}

/// Says that a profile is not synced now.
fn not_due(app: &App, name: &str, until: Option<Timestamp>, screen: &Screen) {
    let answer = json!({ "profile": name, "outcome": "not_due", "due": until });
    screen.answer(&answer, || match until {
        Some(until) => format!("{name}: not due before {}", when(app, &until.to_string())),
        None => format!("{name}: not due by itself"),
    });
}

/// What a run did, for programs: exactly these keys.
pub(crate) fn summary(profile: &str, report: &Report) -> Value {
    json!({
        "profile": profile,
        "outcome": match &report.outcome {
            RunOutcome::Finished => "finished",
            RunOutcome::Stopped { kind, .. } => code_of(*kind),
        },
        "outlook": report.written.outlook,
        "server": report.written.server,
        "held": report.held,
        "failed": report.failed,
        "clashes": report.clashes,
        "requests": report.requests,
        "seconds": (report.seconds * 1000.0).round() / 1000.0,
        "run": report.run,
        "warnings": words::described_warnings(&report.lines),
        "further_warned": words::warned_further(&report.lines),
    })
}

/// Why a run stopped, where it did.
pub(crate) fn stop_of(report: &Report) -> Option<Error> {
    match &report.outcome {
        RunOutcome::Finished => None,
        RunOutcome::Stopped { kind, what } => Some(dovetail_sync::Error::new(*kind, what.as_str()).into()),
    }
}

/// A flag that the first Ctrl-C sets; the second ends the program at once.
pub(crate) fn stop_on_ctrl_c() -> Arc<AtomicBool> {
    let cancel = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&cancel);
    let set = ctrlc::set_handler(move || {
        if flag.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
    });
    if let Err(cause) = set {
        tracing::warn!(%cause, "Ctrl-C ends the program at once");
    }
    cancel
}
