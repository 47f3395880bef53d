//! Running the engine on a profile: both sides are opened, and a run, a preview, an undo or a verification is made.

use std::path::Path;
use std::sync::Arc;

use dovetail_backends::dav::{Contents, DavCollection};
use dovetail_backends::store::{Mailbox, StoreCollection};
use dovetail_mapping::Settings;
use dovetail_model::{Item, Kind, Zone};
use dovetail_sync::journal::Keep;
use dovetail_sync::mend::{mend, mending};
use dovetail_sync::scope::{Range, Scope};
use dovetail_sync::storage::{Call, ItemId, Original};
use dovetail_sync::verify::{Verified, verify};
use dovetail_sync::{
    Collection, Direction, Duplicates, ErrorKind, Journal, Limits, Pair, Plan, Report, Rule, RunOutcome,
    Side, Sides, State,
};
use url::Url;

use super::{App, PastRun, now, profiles, settings};
use crate::config::{Config, Profile, private_folder};
use crate::error::{Error, Result};
use crate::options;

/// A profile with all that a run needs.
pub(super) struct Opened {
    pub(super) profile: Profile,
    mailbox: Arc<Mailbox>,
    storages: Sides<Box<dyn Collection>>,
    /// Names what is synced.
    sources: Sides<String>,
    kind: Kind,
    pub(super) state: State,
    pub(super) journal: Journal,
    home: Zone,
}

impl App {
    /// Brings both sides of a profile in step; where `only` names items, these alone: by EntryIDs or the beginnings of
    /// such, or by URLs or paths on the server.
    pub(crate) fn sync(&self, name: &str, only: &[String], call: &Call) -> Result<Report> {
        self.prepare_category(name)?;
        let mut opened = self.open_profile(name)?;
        let lost_writes = u32::try_from(opened.profile.number("lost_writes")).unwrap_or(u32::MAX);
        let call = &Call { lost_writes, ..call.clone() };
        let only: Vec<ItemId> = only.iter().map(|named| opened.item_id(named)).collect();
        let (pair, state, journal) = opened.parts();
        let report = match only.as_slice() {
            [] => dovetail_sync::sync_pair(&pair, state, journal, now(), call)?,
            only => dovetail_sync::sync_items(&pair, only, state, journal, now(), call)?,
        };
        // An item that nobody has says nothing about the server.
        let is_of_items = matches!(report.outcome, RunOutcome::Stopped { kind: ErrorKind::Gone, .. });
        if only.is_empty() || !is_of_items {
            self.note(&opened.profile, &report.outcome);
        }
        if report.outcome == RunOutcome::Finished {
            opened.forget_old()?;
        }
        Ok(report)
    }

    /// What a run of a profile would do.
    pub(crate) fn plan(&self, name: &str, call: &Call) -> Result<Plan> {
        let mut opened = self.open_in_turn(name)?;
        let (pair, state, journal) = opened.parts();
        let plan = dovetail_sync::preview(&pair, state, journal, now(), call);
        self.note_answer(name, plan.map_err(Error::from))
    }

    /// Takes a run back.
    pub(crate) fn undo(&self, run: &PastRun, call: &Call) -> Result<Report> {
        let mut opened = self.open_in_turn(&run.profile)?;
        let (pair, state, journal) = opened.parts();
        let report = dovetail_sync::undo::undo(&pair, &run.row.id, state, journal, now(), call)?;
        self.note_report(&opened.profile, &report);
        Ok(report)
    }

    /// Compares both sides of a profile.
    pub(crate) fn verify(&self, name: &str, call: &Call) -> Result<Verified> {
        let mut opened = self.open_in_turn(name)?;
        let (pair, state, _) = opened.parts();
        let verified = verify(&pair, state, call);
        self.note_answer(name, verified.map_err(Error::from))
    }

    /// What mending the differences between both sides of a profile would do.
    pub(crate) fn mending(&self, name: &str, call: &Call) -> Result<Plan> {
        let mut opened = self.open_in_turn(name)?;
        let (pair, state, journal) = opened.parts();
        let plan = mending(&pair, state, journal, now(), call);
        self.note_answer(name, plan.map_err(Error::from))
    }

    /// Mends the differences between both sides of a profile.
    pub(crate) fn mend(&self, name: &str, call: &Call) -> Result<Report> {
        let mut opened = self.open_in_turn(name)?;
        let (pair, state, journal) = opened.parts();
        let report = mend(&pair, state, journal, now(), call)?;
        self.note_report(&opened.profile, &report);
        Ok(report)
    }

    /// Opens a profile whose server is about to be asked: not before a pause is over that it asked for.
    pub(super) fn open_in_turn(&self, name: &str) -> Result<Opened> {
        self.check_pause(name)?;
        self.open_profile(name)
    }

    /// Opens a profile without asking whether its server wants to be left alone: for what asks it nothing, and for runs whose turn it is.
    pub(super) fn open_profile(&self, name: &str) -> Result<Opened> {
        let config = self.config()?;
        let profile = config.profile(name)?.clone();
        private_folder(&self.state_folder(&profile))?;
        // The state is locked first: where another run goes on, nothing is asked of anybody.
        let state = State::open_within(&self.state_file(&profile), self.patience)?;
        let journal = Journal::open(&self.journal_file(&profile))?;
        tell_of_damage(state.damaged.as_deref());
        tell_of_damage(journal.damaged.as_deref());
        let mailbox = self.mailbox(profile.mailbox.as_deref())?;
        let home = mailbox.home().clone();
        let folder = StoreCollection::new(Arc::clone(&mailbox), &profile.folder, now)?
            .mapped(options::mapping(&profile), profile.email())
            .at(now());
        let kind = folder.kind();
        let account = format!("{} as {}", profile.collection, profile.user);
        let sources = Sides { outlook: folder.source(), server: account };
        let mut server_settings = self.server_settings(&profile, &home);
        server_settings.categories = self.colored_categories(&profile, &mailbox)?;
        let server = self.server(&profile, kind, server_settings, &config)?;
        let storages =
            Sides { outlook: Box::new(folder) as Box<dyn Collection>, server: Box::new(server) as _ };
        Ok(Opened { profile, mailbox, storages, sources, kind, state, journal, home })
    }

    /// What the lens of a profile's server is told.
    fn server_settings(&self, profile: &Profile, home: &Zone) -> Settings {
        Settings {
            own_address: profile.email(),
            options: options::mapping(profile),
            now: Some(now()),
            ..settings(home.clone())
        }
    }

    /// The collection of a profile, with its login.
    fn server(
        &self,
        profile: &Profile,
        kind: Kind,
        settings: Settings,
        config: &Config,
    ) -> Result<DavCollection> {
        let url = profiles::address(&profile.collection)?;
        let client = self.client_of(profile, config)?;
        let contents = match kind {
            Kind::Event | Kind::Task => Contents::Calendar,
            Kind::Contact | Kind::Group => {
                Contents::AddressBook { new_cards: options::contacts::new_cards(profile) }
            }
        };
        Ok(DavCollection::new(client, url, contents, settings, now))
    }
}

impl Opened {
    /// Lets the journal forget what is older, or more, than the profile wants to keep.
    fn forget_old(&mut self) -> Result<()> {
        let keep = Keep {
            days: u32::try_from(self.profile.number("journal_days")).unwrap_or(u32::MAX),
            bytes: self.profile.number("journal_megabytes").saturating_mul(1_000_000),
        };
        let needed = self.state.needed_runs()?;
        self.journal.forget_old(&keep, &needed, now())?;
        Ok(())
    }

    /// What an original of a side says.
    pub(super) fn read(&self, side: Side, original: &Original) -> Option<Item> {
        Some(self.storages.of(side).read(original)?.0)
    }

    /// The name of the pair in state and journal.
    pub(super) fn pair(&self) -> &str {
        &self.profile.id
    }

    /// The id of the item that a person names so.
    fn item_id(&self, named: &str) -> ItemId {
        let on_server = || Url::parse(named).map_or_else(|_| named.to_owned(), |url| url.path().to_owned());
        ItemId(self.mailbox.item(named).map_or_else(|_| on_server(), |item| item.entry_id))
    }

    fn kinds(&self) -> Vec<Kind> {
        let with_lists = self.kind == Kind::Contact && self.profile.is_on("map_distribution_lists");
        std::iter::once(self.kind).chain(with_lists.then_some(Kind::Group)).collect()
    }

    fn scope(&self) -> Scope {
        let days = |key: &str| u32::try_from(self.profile.number(key)).unwrap_or(u32::MAX);
        let range = Range {
            days_back: days("days_back"),
            days_ahead: days("days_ahead"),
            today: self.home.wall_clock(now()).date(),
            home: self.home.clone(),
        };
        let filters = matches!(self.kind, Kind::Event | Kind::Task);
        Scope {
            kinds: self.kinds(),
            range: (self.kind == Kind::Event && self.profile.is_on("time_range")).then_some(range),
            filter: options::mapping(&self.profile).calendar.filter.filter(|_| filters),
            sources: self.sources.clone(),
        }
    }

    /// How many items are written at a time.
    fn chunk(&self) -> usize {
        let items = usize::try_from(self.profile.number("chunk_items")).unwrap_or(usize::MAX);
        if self.profile.is_on("chunks") { items } else { usize::MAX }
    }

    /// The pair, and what a run changes beside it.
    pub(super) fn parts(&mut self) -> (Pair<'_>, &mut State, &mut Journal) {
        let duplicates = match self.profile.is_on("cleanup_duplicates") && self.kind == Kind::Event {
            true => Duplicates::MoveAway,
            false => Duplicates::Keep,
        };
        let profile = &self.profile;
        let pair = Pair {
            id: profile.id.clone(),
            storages: Sides { outlook: &*self.storages.outlook, server: &*self.storages.server },
            scope: self.scope(),
            rule: rule_named(&profile.text("rule")),
            direction: direction_named(&profile.text("direction")),
            chunk: self.chunk(),
            home: self.home.clone(),
            limits: Limits {
                items: profile.number("guard_items"),
                per_cent: profile.number("guard_percent"),
                at_most: profile.number("guard_at_most"),
            },
            server_may_schedule: options::lets_server_schedule(profile),
            duplicates,
        };
        (pair, &mut self.state, &mut self.journal)
    }
}

/// The direction of that name, as it is typed.
pub(super) fn direction_named(word: &str) -> Direction {
    match word {
        "replicate-to-server" => Direction::ReplicateToServer,
        "replicate-to-outlook" => Direction::ReplicateToOutlook,
        "merge-to-server" => Direction::MergeToServer,
        "merge-to-outlook" => Direction::MergeToOutlook,
        _ => Direction::TwoWay,
    }
}

fn rule_named(word: &str) -> Rule {
    match word {
        "outlook-wins" => Rule::OutlookWins,
        "server-wins" => Rule::ServerWins,
        "automatic" => Rule::Automatic,
        "ask" => Rule::Ask,
        _ => Rule::Merge,
    }
}

fn tell_of_damage(aside: Option<&Path>) {
    if let Some(aside) = aside {
        tracing::warn!("a damaged database was moved to {}; this run merges", aside.display());
    }
}
