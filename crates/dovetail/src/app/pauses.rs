//! Which accounts are left alone for a while, kept in a file of the home directory.
//!
//! A file that cannot be read or written delays nothing: then nobody waits.

use std::collections::BTreeMap;
use std::fs;

use dovetail_sync::journal::Journal;
use dovetail_sync::{ErrorKind, Report, RunOutcome};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{App, now, profiles};
use crate::config::{self, Profile};
use crate::error::{self, Error, Result};
use crate::schedule::{self, Pause, Turn, Urgency};

/// The name of the file.
const FILE: &str = "pauses.json";

/// The name of the file that is locked while that one is changed: several profiles may run at once.
const LOCK: &str = "pauses.lock";

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
        let held = config::private_file(&self.home.join(LOCK)).and_then(|lock| lock.lock().map(|()| lock));
        if let Err(cause) = &held {
            tracing::warn!(%cause, "pauses are changed without a lock");
        }
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

    /// Asks whether the server of a profile may be asked for something beside runs, which nobody's schedule wants.
    ///
    /// # Errors
    /// What its server said, where it asked for a pause that is not over.
    pub(crate) fn check_pause(&self, name: &str) -> Result<()> {
        self.turn(name, Urgency::Asked).map(drop)
    }

    /// Remembers what an answer beside runs says of the account of a profile: that it lets us in, or that it is to be left alone.
    pub(crate) fn note_answer<T>(&self, name: &str, answer: Result<T>) -> Result<T> {
        let outcome = match &answer {
            Ok(_) => RunOutcome::Finished,
            Err(Error { kind: error::Kind::Stopped(kind), what, .. }) if is_of_account(*kind) => {
                RunOutcome::Stopped { kind: *kind, what: what.clone() }
            }
            // What else goes wrong is no fault of the account.
            Err(_) => return answer,
        };
        let config = self.config()?;
        self.note(config.profile(name)?, &outcome);
        answer
    }

    /// Remembers what a run beside those of `sync` says of its account. One that asked the server nothing says nothing.
    pub(super) fn note_report(&self, profile: &Profile, report: &Report) {
        let is_news = match &report.outcome {
            RunOutcome::Finished => report.requests > 0,
            RunOutcome::Stopped { kind, .. } => is_of_account(*kind),
        };
        if is_news {
            self.note(profile, &report.outcome);
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

/// Whether a failure is that of an account, or of the way to it, whatever was asked for.
fn is_of_account(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::Busy { .. }
            | ErrorKind::Offline
            | ErrorKind::Unauthorized
            | ErrorKind::Untrusted
            | ErrorKind::Moved
    )
}

/// Names an account: the server and the user's name there.
pub(super) fn account(profile: &Profile) -> Option<String> {
    let url = profiles::address(&profile.collection).ok()?;
    Some(format!("{} {}", url.origin().ascii_serialization(), profile.user))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::Map;

    use super::*;

    fn profile(user: &str) -> Profile {
        Profile {
            id: user.to_owned(),
            collection: "https://dav.example.org/a/".to_owned(),
            user: user.to_owned(),
            folder: "Calendar".to_owned(),
            mailbox: None,
            options: Map::new(),
            unknown: Map::new(),
        }
    }

    #[test]
    fn what_several_runs_say_at_once_is_kept_of_each() {
        let home = tempfile::tempdir().unwrap();
        let users: Vec<String> = (0..16).map(|number| format!("user {number}")).collect();
        std::thread::scope(|scope| {
            for user in &users {
                scope.spawn(|| {
                    let app = App::open_without_keyring(home.path()).unwrap();
                    let kind = ErrorKind::Busy { retry_after: Some(Duration::from_secs(600)) };
                    app.note(&profile(user), &RunOutcome::Stopped { kind, what: "later".to_owned() });
                });
            }
        });
        let app = App::open_without_keyring(home.path()).unwrap();
        let lost: Vec<_> = users.iter().filter(|user| app.pause(&profile(user)).is_none()).collect();
        assert!(lost.is_empty(), "{lost:?}");
    }
}
