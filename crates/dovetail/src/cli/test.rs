//! `dovetail test`: whether a collection can be synced, and what is to be known of it beforehand.

use clap::Args;
use serde_json::{Value, json};

use super::screen::Screen;
use super::without_profile::{Login, WithoutProfile};
use super::{Outcome, words};
use crate::app::{App, Finding, Weight};
use crate::error::{Error, Result};
use words::finding::{Told, told};

/// Test a collection: connection, login, what it holds, what one may do there, and what the server is good for
#[derive(Args)]
#[command(after_help = "\
Examples:
  dovetail test work
  dovetail test work --write
  dovetail test --url https://dav.example.org/me/calendar/ --user me

Nothing is written without --write. With it, an object of its own is made, changed and deleted.
The exit code is 1 where the collection cannot be synced so, and 3 where it cannot be reached.")]
pub(crate) struct Test {
    /// The profile
    #[arg(required_unless_present = "url", conflicts_with = "url")]
    profile: Option<String>,
    #[command(flatten)]
    collection: WithoutProfile,
    /// Make, change and delete an object of its own
    #[arg(long)]
    write: bool,
}

impl Test {
    /// Does it.
    pub(crate) fn run(&self, app: &App, screen: &Screen) -> Result<Outcome> {
        let app = &self.collection.on_the_way(app)?;
        let (tested, user) = match &self.profile {
            Some(profile) => {
                let user = app.config()?.profile(profile)?.user.clone();
                (app.tested_profile(profile).map_err(|error| app.of_profile(profile, error))?, user)
            }
            None => {
                let Login { url, user, proof } = self.collection.login(app, screen)?;
                (app.tested_address(url, user, &proof)?, user.to_owned())
            }
        };
        if !screen.json {
            screen.line(&format!("Testing {}", tested.url()));
        }
        let mut heard = Heard { screen, profile: self.profile.as_deref(), findings: Vec::new() };
        let mut outcome = tested.look(&user, &mut |finding| heard.add(finding));
        if self.write && outcome.is_ok() && heard.may_be_written() {
            outcome = tested.writes(&mut |finding| heard.add(finding));
        }
        if let Some(profile) = &self.profile {
            outcome = app.note_answer(profile, outcome);
        }
        self.conclude(tested.url(), &heard, outcome.as_ref().err());
        outcome.map_err(|error| match &self.profile {
            Some(profile) => app.of_profile(profile, error),
            None => error,
        })?;
        Ok(Outcome::fine_if(heard.worst() < Weight::Error))
    }

    fn conclude(&self, url: &str, heard: &Heard<'_>, stopped: Option<&Error>) {
        let (verdict, words) = match (stopped, heard.worst()) {
            (Some(_), _) => ("stopped", "The test could not be finished."),
            (None, Weight::Error) => ("unusable", "The collection cannot be synced so."),
            (None, Weight::Warning) => {
                ("usable_with_warnings", "The collection can be synced; mind the warnings.")
            }
            (None, Weight::Fine | Weight::Note) => ("usable", "The collection can be synced."),
        };
        let answer = json!({
            "url": url,
            "profile": self.profile,
            "verdict": verdict,
            "findings": heard.findings.iter().map(|finding| heard.described(finding)).collect::<Vec<Value>>(),
        });
        heard.screen.answer(&answer, || words.to_owned());
    }
}

/// What was found so far. A person sees it as it comes.
struct Heard<'s> {
    screen: &'s Screen,
    profile: Option<&'s str>,
    findings: Vec<Finding>,
}

impl Heard<'_> {
    fn add(&mut self, finding: Finding) {
        if !self.screen.json {
            self.screen.line(&self.shown(&finding));
        }
        self.findings.push(finding);
    }

    fn worst(&self) -> Weight {
        self.findings.iter().map(Finding::weight).max().unwrap_or(Weight::Fine)
    }

    fn may_be_written(&self) -> bool {
        self.worst() < Weight::Error && !self.findings.contains(&Finding::ReadOnlyAsWanted)
    }

    fn described(&self, finding: &Finding) -> Value {
        let Told { what, consequence, hint } = told(finding, self.profile);
        json!({
            "check": finding.code(),
            "weight": weight(finding),
            "what": what,
            "consequence": consequence,
            "hint": hint,
        })
    }

    /// A finding in lines: what was found; what follows from it, and what to do, each on a line of its own.
    fn shown(&self, finding: &Finding) -> String {
        let Told { what, consequence, hint } = told(finding, self.profile);
        let head = match finding.weight() {
            Weight::Fine => "ok",
            Weight::Note => "note",
            Weight::Warning => "warning",
            Weight::Error => "ERROR",
        };
        let mut lines = vec![format!("  {head:8}{}", words::plain_text(&what))];
        let further = [consequence, hint].into_iter().flatten();
        lines.extend(further.map(|text| format!("          {}", words::plain_text(&text))));
        lines.join("\n")
    }
}

fn weight(finding: &Finding) -> &'static str {
    match finding.weight() {
        Weight::Fine => "fine",
        Weight::Note => "note",
        Weight::Warning => "warning",
        Weight::Error => "error",
    }
}
