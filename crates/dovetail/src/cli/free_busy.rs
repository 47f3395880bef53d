//! `dovetail free-busy`: when somebody is busy.

use clap::Args;
use jiff::ToSpan;
use jiff::civil::Date;
use serde_json::{Value, json};

use super::screen::{Screen, table};
use super::without_profile::{Login, WithoutProfile};
use super::{Outcome, warn, words};
use crate::app::{App, Busy, Whose};
use crate::error::{Error, Result};

/// Tell when somebody is busy, as the server of a calendar says
#[derive(Args)]
#[command(after_help = "\
Examples:
  dovetail free-busy work
  dovetail free-busy work --of colleague@example.org --from 2026-11-30 --to 2026-12-04
  dovetail free-busy --url https://sogo.example.org/SOGo/dav/public/me/freebusy.ifb

A file that ends in .ifb is read without a login.
With --of, the server has to be a SOGo that publishes such files.")]
pub(crate) struct FreeBusy {
    /// The profile of a calendar
    #[arg(required_unless_present = "url", conflicts_with = "url")]
    profile: Option<String>,
    #[command(flatten)]
    calendar: WithoutProfile,
    /// Somebody else on the same server: the user's name or mail address
    #[arg(long, value_name = "WHO", requires = "profile")]
    of: Option<String>,
    /// The first day [default: today]
    #[arg(long, value_name = "DAY")]
    from: Option<Date>,
    /// The last day [default: six days later]
    #[arg(long, value_name = "DAY")]
    to: Option<Date>,
}

impl FreeBusy {
    /// Does it.
    pub(crate) fn run(&self, app: &App, screen: &Screen) -> Result<Outcome> {
        let app = &self.calendar.on_the_way(app)?;
        let from = self.from.map_or_else(|| app.today(), Ok)?;
        let to = self.to.or_else(|| from.checked_add(6.days()).ok()).unwrap_or(from);
        let busy = app.busy(&self.whose(app, screen)?, from, to).map_err(|error| match &self.profile {
            Some(profile) => app.of_profile(profile, error),
            None => error,
        })?;
        let answer: Value = busy.iter().map(described).collect();
        screen.answer(&answer, || {
            match table(&["from", "to", "how"], busy.iter().map(|busy| row(app, busy)).collect()) {
                none if none.is_empty() => format!("Nothing is taken from {from} to {to}."),
                rows => rows,
            }
        });
        Ok(Outcome::Fine)
    }

    fn whose(&self, app: &App, screen: &Screen) -> Result<Whose<'_>> {
        if let Some(profile) = &self.profile {
            warn(app, profile, screen)?;
            return Ok(match &self.of {
                Some(who) => Whose::Somebody { profile, who },
                None => Whose::Profile(profile),
            });
        }
        match self.calendar.public() {
            // No password goes there.
            Some(url) if url.split('?').next().unwrap_or_default().ends_with(".ifb") => Ok(Whose::File(url)),
            Some(_) => Err(Error::usage(
                "The calendar needs a login.",
                "Give the user with --user, or the address of a published file, which ends in .ifb.",
            )),
            None => {
                self.calendar.warn(app, screen)?;
                let Login { url, user, proof } = self.calendar.login(app, screen)?;
                Ok(Whose::Calendar { url, user, proof })
            }
        }
    }
}

fn described(busy: &Busy) -> Value {
    json!({ "start": busy.start.to_string(), "end": busy.end.to_string(), "kind": busy.kind })
}

fn row(app: &App, busy: &Busy) -> Vec<String> {
    let shown = |moment: jiff::Timestamp| {
        let local = app.wall_clock(&moment.to_string());
        local.map_or_else(|| moment.to_string(), |local| local.strftime("%Y-%m-%d %H:%M").to_string())
    };
    let how = match busy.kind.as_str() {
        "BUSY" => "busy".to_owned(),
        "BUSY-TENTATIVE" => "tentative".to_owned(),
        "BUSY-UNAVAILABLE" => "away".to_owned(),
        other => words::plain_text(other),
    };
    vec![shown(busy.start), shown(busy.end), how]
}
