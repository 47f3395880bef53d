//! What past runs left behind: reports, the journal's entries, steps that wait, the size of the files.

use std::fs;
use std::path::{Path, PathBuf};

use dovetail_model::Item;
use dovetail_sync::Sides;
use dovetail_sync::journal::{Entry, Journal, RunRow};
use dovetail_sync::plan::PlanRow;
use dovetail_sync::state::{Failing, HeldRow, State, Verdict};

use super::App;
use crate::config::Profile;
use crate::error::{Error, Result};
use crate::schedule::Pause;

/// How a profile stands.
pub(crate) struct Standing {
    /// Its name.
    pub(crate) name: String,
    /// The profile.
    pub(crate) profile: Profile,
    /// Its last run.
    pub(crate) last: Option<RunRow>,
    /// How many steps wait for a person; `None` while a run goes on.
    pub(crate) held: Option<usize>,
    /// How many clashes nobody has decided about.
    pub(crate) clashes: u64,
    /// What failed several times in a row; `None` while a run goes on.
    pub(crate) failing: Option<Vec<Failing>>,
    /// Why its account is left alone, if it is.
    pub(crate) pause: Option<Pause>,
    /// When the oldest run that the journal remembers began, RFC 3339.
    pub(crate) journal_since: Option<String>,
    /// The size of the state, in bytes.
    pub(crate) state_bytes: u64,
    /// The size of the journal, in bytes.
    pub(crate) journal_bytes: u64,
}

/// Where what is remembered of a profile is.
pub(crate) struct Files {
    /// The folder of both.
    pub(crate) folder: PathBuf,
    /// What both sides held when they last agreed.
    pub(crate) state: PathBuf,
    /// What runs did.
    pub(crate) journal: PathBuf,
}

/// A run of a profile.
pub(crate) struct PastRun {
    /// The profile's name.
    pub(crate) profile: String,
    /// The run.
    pub(crate) row: RunRow,
}

/// A step of a profile that waits.
pub(crate) struct HeldStep {
    /// The profile's name.
    pub(crate) profile: String,
    /// The step.
    pub(crate) row: HeldRow,
}

impl HeldStep {
    /// How a person names it: `work:3`.
    pub(crate) fn name(&self) -> String {
        format!("{}:{}", self.profile, self.row.id)
    }
}

impl App {
    /// How every profile stands.
    pub(crate) fn status(&self) -> Result<Vec<Standing>> {
        let mut standings = Vec::new();
        for (name, profile) in self.config()?.profiles {
            let journal = self.journal_file(&profile);
            let opened = journal.exists().then(|| Journal::open(&journal)).transpose()?;
            let (last, since, clashes) = match &opened {
                Some(journal) => (
                    journal.runs(&profile.id, 1)?.pop(),
                    journal.since(&profile.id)?,
                    journal.count_open_clashes(&profile.id)?,
                ),
                None => (None, None, 0),
            };
            let waiting = self.waiting_of(&profile).ok();
            standings.push(Standing {
                held: waiting.as_ref().map(|(held, _)| held.len()),
                failing: waiting.map(|(_, failing)| failing),
                clashes,
                pause: self.pause(&profile),
                journal_since: since,
                state_bytes: size(&self.state_file(&profile)),
                journal_bytes: size(&journal),
                name,
                profile,
                last,
            });
        }
        Ok(standings)
    }

    /// The runs of one profile, or of all; newest first, at most `count`.
    pub(crate) fn runs(&self, profile: Option<&str>, count: usize) -> Result<Vec<PastRun>> {
        let mut runs = Vec::new();
        for (name, profile) in self.chosen(profile)? {
            let journal = self.journal_file(&profile);
            if journal.exists() {
                let rows = Journal::open(&journal)?.runs(&profile.id, count)?;
                runs.extend(rows.into_iter().map(|row| PastRun { profile: name.clone(), row }));
            }
        }
        runs.sort_by(|one, other| other.row.started.cmp(&one.row.started));
        runs.truncate(count);
        Ok(runs)
    }

    /// The run whose id begins so, else the last one, with what it wrote.
    pub(crate) fn run(&self, id_begins: Option<&str>) -> Result<(PastRun, Vec<Entry>)> {
        let run = match id_begins {
            Some(id_begins) => self.run_of(id_begins)?,
            None => self
                .runs(None, 1)?
                .pop()
                .ok_or_else(|| Error::usage("There was no run yet.", "Make one with `dovetail sync`."))?,
        };
        let config = self.config()?;
        let entries =
            Journal::open(&self.journal_file(config.profile(&run.profile)?))?.entries(&run.row.id)?;
        Ok((run, entries))
    }

    /// The one run whose id begins so.
    pub(crate) fn run_of(&self, id_begins: &str) -> Result<PastRun> {
        let mut found = Vec::new();
        for run in self.runs(None, usize::MAX)? {
            if !id_begins.is_empty() && run.row.id.starts_with(id_begins) {
                found.push(run);
            }
        }
        match (found.len(), found.pop()) {
            (1, Some(run)) => Ok(run),
            (0, _) => Err(Error::usage(
                format!("There is no run {id_begins:?}."),
                "`dovetail report list` lists the runs.",
            )),
            (several, _) => Err(Error::usage(
                format!("{several} runs begin with {id_begins:?}."),
                "Give more of the run's id.",
            )),
        }
    }

    /// The steps of one profile, or of all, that wait for a person.
    pub(crate) fn held(&self, profile: Option<&str>) -> Result<Vec<HeldStep>> {
        let mut steps = Vec::new();
        for (name, profile) in self.chosen(profile)? {
            let rows = self.held_of(&profile)?;
            steps.extend(rows.into_iter().map(|row| HeldStep { profile: name.clone(), row }));
        }
        Ok(steps)
    }

    /// The waiting step of that name: `work:3`, or `3` where one profile alone has such a step.
    pub(crate) fn held_step(&self, name: &str) -> Result<HeldStep> {
        let mut found: Vec<_> = self
            .held(None)?
            .into_iter()
            .filter(|step| step.name() == name || step.row.id.to_string() == name)
            .collect();
        match (found.len(), found.pop()) {
            (1, Some(step)) => Ok(step),
            (0, _) => Err(Error::usage(
                format!("No step {name:?} waits."),
                "`dovetail held list` lists the steps that wait.",
            )),
            _ => Err(Error::usage(
                format!("Several profiles have a step {name}."),
                "Name the profile too, such as work:3.",
            )),
        }
    }

    /// Records what a person says about a step. The next run carries it out.
    pub(crate) fn decide(&self, step: &HeldStep, verdict: Verdict) -> Result<()> {
        let config = self.config()?;
        let profile = config.profile(&step.profile)?;
        let mut state = State::open_within(&self.state_file(profile), self.patience)?;
        Ok(state.decide_held(&profile.id, step.row.id, verdict)?)
    }

    /// Where state and journal of a profile are.
    pub(crate) fn files(&self, name: &str) -> Result<Files> {
        let config = self.config()?;
        let profile = config.profile(name)?;
        Ok(Files {
            folder: self.state_folder(profile),
            state: self.state_file(profile),
            journal: self.journal_file(profile),
        })
    }

    /// Forgets what both sides of a profile held when they last agreed: the next run matches and merges.
    pub(crate) fn forget_state(&self, name: &str) -> Result<()> {
        let config = self.config()?;
        let file = self.state_file(config.profile(name)?);
        if file.exists() {
            State::open_within(&file, self.patience)?.forget()?;
        }
        Ok(())
    }

    fn held_of(&self, profile: &Profile) -> Result<Vec<HeldRow>> {
        let file = self.state_file(profile);
        if !file.exists() {
            return Ok(Vec::new());
        }
        Ok(State::open(&file)?.held(&profile.id)?)
    }

    /// The steps of a profile that wait, and what failed several times in a row.
    fn waiting_of(&self, profile: &Profile) -> Result<(Vec<HeldRow>, Vec<Failing>)> {
        let file = self.state_file(profile);
        if !file.exists() {
            return Ok((Vec::new(), Vec::new()));
        }
        let state = State::open(&file)?;
        let failing = state.failing(&profile.id)?.into_values().filter(|failing| failing.times > 1);
        Ok((state.held(&profile.id)?, failing.collect()))
    }

    /// What both sides held of the item of a step when they last agreed, as far as it is known.
    pub(crate) fn items_of(&self, step: &HeldStep) -> Result<Sides<Option<Item>>> {
        let nothing = Sides { outlook: None, server: None };
        let Ok(row) = serde_json::from_value::<PlanRow>(step.row.row.clone()) else { return Ok(nothing) };
        let opened = self.open_profile(&step.profile)?;
        let Some(link) = row.link.map(|id| opened.state.link(id)).transpose()?.flatten() else {
            return Ok(nothing);
        };
        Ok(link.sides.map(|side, base| opened.read(side, &base?.original)))
    }

    /// The profile of that name, else all of them.
    pub(crate) fn chosen(&self, name: Option<&str>) -> Result<Vec<(String, Profile)>> {
        let config = self.config()?;
        match name {
            Some(name) => Ok(vec![(name.to_owned(), config.profile(name)?.clone())]),
            None => Ok(config.profiles.into_iter().collect()),
        }
    }

    pub(super) fn state_file(&self, profile: &Profile) -> PathBuf {
        self.state_folder(profile).join("state.db")
    }

    pub(super) fn journal_file(&self, profile: &Profile) -> PathBuf {
        self.state_folder(profile).join("journal.db")
    }
}

fn size(path: &Path) -> u64 {
    fs::metadata(path).map(|facts| facts.len()).unwrap_or_default()
}
