//! Which accounts are left alone for a while, kept in a file of the home directory.
//!
//! A file that cannot be read or written delays nothing: then nobody waits.

use std::collections::BTreeMap;
use std::fs;

use dovetail_sync::journal::Journal;
use dovetail_sync::{ErrorKind, RunOutcome};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{App, now, profiles};
use crate::config::{self, Profile};
use crate::error::{Error, Result};
use crate::schedule::{self, Pause, Turn, Urgency};

/// The name of the file.
const FILE: &str = "pauses.json";

/// All that the file says.
#[derive(Default, Serialize, Deserialize)]
struct Pauses {
    /// By account: the server and the user's name there.
    #[serde(default)]
    accounts: BTreeMap<String, Pause>,
}

impl App {
    /// Whether it is a profile's turn.
    ///
    /// # Errors
    /// What its server said, where it asked for a pause that is not over.
    pub(crate) fn turn(&self, name: &str, urgency: Urgency) -> Result<Turn> {
        let config = self.config()?;
        let profile = config.profile(name)?;
        let pause = self.pause(profile);
        let minutes = i64::try_from(profile.number("interval_minutes")).unwrap_or(0);
        let last = match urgency {
            Urgency::Due => self.last_run(profile)?,
            _ => None,
        };
        let turn = schedule::turn(urgency, last, SignedDuration::from_mins(minutes), pause.as_ref(), now());
        match (turn, pause) {
            (Turn::Paused(until), Some(pause)) => {
                let kind = ErrorKind::Busy { retry_after: Some(schedule::left(until, now())) };
                Err(Error::from(dovetail_sync::Error::new(kind, pause.what)))
            }
            (turn, _) => Ok(turn),
        }
    }

    /// Why the account of a profile is left alone, if it is.
    pub(crate) fn pause(&self, profile: &Profile) -> Option<Pause> {
        self.pauses().accounts.remove(&account(profile)?)
    }

    /// Remembers what a run says of its account.
    pub(super) fn note(&self, profile: &Profile, outcome: &RunOutcome) {
        let Some(account) = account(profile) else { return };
        let mut pauses = self.pauses();
        let before = pauses.accounts.remove(&account);
        let dice = Uuid::new_v4().as_u64_pair().0;
        let next = schedule::after(outcome, before.as_ref(), dice, now());
        if next == before {
            return;
        }
        if let Some(next) = next {
            pauses.accounts.insert(account, next);
        }
        let kept = serde_json::to_vec_pretty(&pauses).map_err(|cause| cause.to_string()).and_then(|text| {
            config::write_private(&self.home.join(FILE), &text).map_err(|error| error.to_string())
        });
        if let Err(cause) = kept {
            tracing::warn!(cause, "it is not kept that a server is to be left alone");
        }
    }

    /// A person has looked after an account: what failed before says nothing any more.
    pub(super) fn forget_pause(&self, profile: &Profile) {
        self.note(profile, &RunOutcome::Finished);
    }

    fn pauses(&self) -> Pauses {
        let text = fs::read_to_string(self.home.join(FILE)).unwrap_or_default();
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// When the last run of a profile began.
    fn last_run(&self, profile: &Profile) -> Result<Option<Timestamp>> {
        let journal = self.journal_file(profile);
        if !journal.exists() {
            return Ok(None);
        }
        let last = Journal::open(&journal)?.runs(&profile.id, 1)?.pop();
        Ok(last.and_then(|run| run.started.parse().ok()))
    }
}

/// Names an account: the server and the user's name there.
fn account(profile: &Profile) -> Option<String> {
    let url = profiles::address(&profile.collection).ok()?;
    Some(format!("{} {}", url.origin().ascii_serialization(), profile.user))
}
