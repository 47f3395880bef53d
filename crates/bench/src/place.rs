//! A profile in a folder: a mailbox, and what is remembered of it.

use std::path::Path;
use std::sync::Arc;

use dovetail_backends::dav::{Contents, DavCollection};
use dovetail_backends::store::{Mailbox, StoreCollection};
use dovetail_dav::{Client, ClientSettings, Credentials};
use dovetail_mapping::{Settings, vcard};
use dovetail_model::{Kind, Zone};
use dovetail_sync::storage::{Call, Scope};
use dovetail_sync::{Direction, Journal, Limits, Pair, Report, Rule, RunOutcome, Sides, State, sync_pair};
use jiff::Timestamp;
use url::Url;

use crate::Result;

/// The folder of the mailbox that is kept in step.
pub(crate) const FOLDER: &str = "Contacts";

/// What holds for all items.
pub(crate) fn settings() -> Settings {
    Settings::new(home(), "-//Example//Sample//EN")
}

fn home() -> Zone {
    Zone::named("Europe/Berlin")
}

/// The clock stands still: what is measured does not depend on the day.
pub(crate) fn now() -> Timestamp {
    Timestamp::UNIX_EPOCH
}

/// The mailbox of a profile.
pub(crate) fn mailbox(folder: &Path) -> Result<Arc<Mailbox>> {
    Ok(Arc::new(Mailbox::open(&folder.join("mailbox.db"), &home())?))
}

/// One run of a profile, from opening its files to the report.
pub(crate) fn sync(folder: &Path, address_book: &str) -> Result<Report> {
    let url = Url::parse(address_book)?;
    let login = Credentials { user: "sample".to_owned(), password: "sample".into() }.into();
    let client = Client::new(&url, Some(login), &ClientSettings::default())?;
    let contents = Contents::AddressBook { new_cards: vcard::Version::V3 };
    let server = DavCollection::new(client, url, contents, settings(), now);
    let outlook = StoreCollection::new(mailbox(folder)?, FOLDER, now)?;
    let mut state = State::open(&folder.join("state.db"))?;
    let mut journal = Journal::open(&folder.join("journal.db"))?;
    let pair = Pair {
        id: "pair".to_owned(),
        storages: Sides { outlook: &outlook, server: &server },
        scope: Scope::of(vec![Kind::Contact]),
        rule: Rule::Merge,
        direction: Direction::TwoWay,
        chunk: 100,
        home: home(),
        limits: Limits::default(),
        server_may_schedule: false,
        duplicates: dovetail_sync::Duplicates::Keep,
    };
    let report = sync_pair(&pair, &mut state, &mut journal, now(), &Call::default())?;
    match &report.outcome {
        RunOutcome::Finished if report.failed == 0 && report.held == 0 => Ok(report),
        _ => Err(format!("the run did not go through: {:?}", report.lines).into()),
    }
}
