//! Single items in the past: their versions, clashes that were decided, and choosing otherwise afterwards.

use dovetail_model::Item;
use dovetail_sync::history::{self, Subject, Version};
use dovetail_sync::journal::Clashed;
use dovetail_sync::restore::{Choice, restore, take};
use dovetail_sync::storage::{Call, Original};
use dovetail_sync::{Report, Side, Sides};
use url::Url;

use super::runs::Opened;
use super::{App, now};
use crate::config::Profile;
use crate::error::{Error, Result};

/// An item of a profile, with all its versions.
pub(crate) struct ItemPast {
    /// The profile's name.
    pub(crate) profile: String,
    /// The item.
    pub(crate) subject: Subject,
    /// Its versions, oldest first.
    pub(crate) versions: Vec<Version>,
}

/// A version of an item that is to be put back.
pub(crate) struct PastVersion {
    /// The profile's name.
    pub(crate) profile: String,
    subject: Subject,
    number: i64,
    opened: Opened,
}

/// A clash of a profile.
pub(crate) struct KeptClash {
    /// The profile's name.
    pub(crate) profile: String,
    /// The clash.
    pub(crate) clash: Clashed,
    /// What each side had then, as far as it can be read.
    pub(crate) items: Sides<Option<Item>>,
}

impl KeptClash {
    /// How a person names it: `work:3`.
    pub(crate) fn name(&self) -> String {
        format!("{}:{}", self.profile, self.clash.id)
    }
}

impl App {
    /// An item and all its versions; looked for in one profile, or in all.
    pub(crate) fn history(&self, profile: Option<&str>, item: &str) -> Result<ItemPast> {
        let (profile, subject, opened) = self.subject(profile, item)?;
        let read = |side: Side, original: &Original| opened.read(side, original);
        let versions = history::versions(&subject, &opened.state, &opened.journal, &read)?;
        Ok(ItemPast { profile, subject, versions })
    }

    /// A version of an item, to be put back; the item is looked for in one profile, or in all.
    pub(crate) fn version(&self, profile: Option<&str>, item: &str, number: i64) -> Result<PastVersion> {
        let (profile, subject, opened) = self.subject(profile, item)?;
        if history::version(number, &opened.journal)?
            .is_none_or(|(entry, _)| !subject.entries.contains(&entry.id))
        {
            return Err(Error::usage(
                format!("The journal has no version {number} of {:?}.", subject.title),
                format!("`dovetail history {item:?}` lists those that it has."),
            ));
        }
        Ok(PastVersion { profile, subject, number, opened })
    }

    /// Puts a version back.
    pub(crate) fn restore(&self, version: PastVersion, call: &Call) -> Result<Report> {
        let PastVersion { profile, subject, number, mut opened } = version;
        self.check_pause(&profile)?;
        let (pair, state, journal) = opened.parts();
        let report = restore(&pair, &subject, number, state, journal, now(), call)?;
        self.note_report(&opened.profile, &report);
        Ok(report)
    }

    /// The clashes of one profile, or of all, newest first: those that nobody has decided about, or all that are kept.
    pub(crate) fn clashes(&self, profile: Option<&str>, which: Which) -> Result<Vec<KeptClash>> {
        let mut found = Vec::new();
        for (name, profile) in self.chosen(profile)? {
            if !self.was_synced(&profile) {
                continue;
            }
            let opened = self.open_profile(&name)?;
            let clashes = match which {
                Which::Open => opened.journal.open_clashes(opened.pair())?,
                Which::All => opened.journal.all_clashes(opened.pair())?,
            };
            found.extend(clashes.into_iter().map(|clash| {
                let items = clash.sides.as_ref().map(|side, fought| {
                    let stored = fought.as_ref().and_then(|fought| fought.stored.as_ref())?;
                    opened.read(side, &stored.original)
                });
                KeptClash { profile: name.clone(), clash, items }
            }));
        }
        Ok(found)
    }

    /// The clash of that name: `work:3`, or `3` where one profile alone has such a clash.
    pub(crate) fn clash(&self, name: &str) -> Result<KeptClash> {
        let is_meant = |clash: &KeptClash| clash.name() == name || clash.clash.id.to_string() == name;
        let mut found: Vec<_> = self.clashes(None, Which::All)?.into_iter().filter(is_meant).collect();
        match (found.len(), found.pop()) {
            (1, Some(clash)) => Ok(clash),
            (0, _) => Err(Error::usage(
                format!("There is no clash {name:?}."),
                "`dovetail clashes list` lists them.",
            )),
            _ => Err(Error::usage(
                format!("Several profiles have a clash {name}."),
                "Name the profile too, such as work:3.",
            )),
        }
    }

    /// Lets the edit of a side stand, whichever was kept then.
    pub(crate) fn take(&self, clash: &KeptClash, side: Side, call: &Call) -> Result<Report> {
        let mut opened = self.open_in_turn(&clash.profile)?;
        let subject = {
            let read = |side: Side, original: &Original| opened.read(side, original);
            let named = Side::BOTH.iter().find_map(|side| clash.clash.sides.of(*side).as_ref());
            let name = named.map(|fought| fought.id.0.as_str()).unwrap_or_default();
            history::find(opened.pair(), name, &opened.state, &opened.journal, &read)?.pop()
        };
        let subject = subject.unwrap_or_else(|| of_clash(&clash.clash));
        let (pair, state, journal) = opened.parts();
        let choice = Choice { clash: &clash.clash, side };
        let report = take(&pair, &subject, choice, state, journal, now(), call)?;
        self.note_report(&opened.profile, &report);
        Ok(report)
    }

    /// The one item that is called so.
    fn subject(&self, profile: Option<&str>, item: &str) -> Result<(String, Subject, Opened)> {
        let path = Url::parse(item).ok().filter(|url| url.has_host()).map(|url| url.path().to_owned());
        let name = path.as_deref().unwrap_or(item);
        let mut found = Vec::new();
        for (profile, config) in self.chosen(profile)? {
            if !self.was_synced(&config) {
                continue;
            }
            let opened = self.open_profile(&profile)?;
            let subjects = self.called(&opened, &config, name)?;
            found.extend(subjects.into_iter().map(|subject| (profile.clone(), subject)));
        }
        match (found.len(), found.pop()) {
            (1, Some((profile, subject))) => {
                let opened = self.open_profile(&profile)?;
                Ok((profile, subject, opened))
            }
            (0, _) => Err(Error::usage(
                format!("No item {item:?} was ever synced."),
                "Name it by its id, its path on the server, its UID or its whole title; `dovetail report show` names what a run \
                 wrote.",
            )),
            (several, last) => {
                found.extend(last);
                Err(Error::usage(format!("{several} items are called {item:?}."), one_of(&found)))
            }
        }
    }

    /// The items of a profile that are called so. A single appointment that shows an occurrence of a series is a part of that.
    fn called(&self, opened: &Opened, profile: &Profile, name: &str) -> Result<Vec<Subject>> {
        let read = |side: Side, original: &Original| opened.read(side, original);
        let find = |name: &str| history::find(opened.pair(), name, &opened.state, &opened.journal, &read);
        let found = find(name)?;
        if !found.is_empty() {
            return Ok(found);
        }
        match self.mailbox(profile.mailbox.as_deref())?.series_shown_by(name)? {
            Some(series) => Ok(find(&series)?),
            None => Ok(found),
        }
    }

    fn was_synced(&self, profile: &Profile) -> bool {
        self.state_file(profile).exists() || self.journal_file(profile).exists()
    }
}

/// Which clashes are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    /// Those that nobody has decided about.
    Open,
    /// All that are kept.
    All,
}

/// How those that are called alike can be told apart.
fn one_of(found: &[(String, Subject)]) -> String {
    let name = |(profile, subject): &(String, Subject)| {
        let id = subject.sides.outlook.as_ref().or(subject.sides.server.as_ref());
        format!("{} in {profile}", id.map_or(subject.uid.as_str(), |id| id.0.as_str()))
    };
    let names: Vec<String> = found.iter().take(5).map(name).collect();
    format!("Name one by its id: {}.", names.join(", "))
}

/// What a clash knows of its item, where nothing else knows it any more.
fn of_clash(clash: &Clashed) -> Subject {
    Subject {
        title: clash.title.clone(),
        uid: clash.uid.clone(),
        sides: clash.sides.as_ref().map(|_, fought| fought.as_ref().map(|fought| fought.id.clone())),
        ..Subject::default()
    }
}
