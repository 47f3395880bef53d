//! What is known about a collection and its server, and the token that carries it from run to run.

use dovetail_dav::flavor::Flavor;
use dovetail_dav::href::Path;
use dovetail_dav::{Client, ErrorKind, propfind};
use dovetail_sync::storage::{SyncToken, Traits};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use url::Url;

use super::Contents;

/// Facts older than this are asked for again: rights change.
const FRESH_FOR: SignedDuration = SignedDuration::from_hours(24);

/// What matters about a collection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Facts {
    pub(super) learned: Timestamp,
    pub(super) read_only: bool,
    pub(super) mails_attendees: bool,
    /// It answers `sync-collection`.
    pub(super) syncs: bool,
    pub(super) guards_names: bool,
    pub(super) repeats_etags: bool,
    pub(super) rewrites: bool,
    /// In bytes.
    pub(super) max_resource_size: Option<u64>,
}

impl Facts {
    /// Asks the server, with two requests.
    pub(super) fn ask(
        client: &Client,
        url: &Url,
        contents: Contents,
        now: Timestamp,
    ) -> dovetail_dav::Result<Facts> {
        let properties = client.collection_properties(url)?;
        if properties.kind.is_some_and(|kind| kind != contents.kind()) {
            let what = format!("{} is not the kind of collection that the profile syncs", url.path());
            return Err(dovetail_dav::Error::new(ErrorKind::Refused, what));
        }
        // QUIRK(icloud, google): OPTIONS may be refused. Then nothing is known against the server, and nothing for it.
        let capabilities = match client.options(url) {
            Ok(capabilities) => Some(capabilities),
            Err(error) if matches!(error.kind, ErrorKind::Refused | ErrorKind::Gone) => None,
            Err(error) => return Err(error),
        };
        let mails = capabilities.as_ref().is_none_or(|capabilities| capabilities.mails_attendees());
        let flavor = Flavor::of(url, &capabilities.unwrap_or_default());
        Ok(Facts {
            learned: now,
            read_only: properties.privileges.is_some_and(propfind::Privileges::is_read_only),
            mails_attendees: contents == Contents::Calendar && mails,
            syncs: properties.answers_report("sync-collection"),
            max_resource_size: properties.max_resource_size.filter(|size| *size > 0),
            ..Facts::of_flavor(flavor, now)
        })
    }

    /// What is assumed before the server was asked: the worst.
    pub(super) fn unknown(url: &Url) -> Facts {
        let flavor = Flavor::of(url, &dovetail_dav::options::Capabilities::default());
        Facts { mails_attendees: true, rewrites: true, ..Facts::of_flavor(flavor, Timestamp::UNIX_EPOCH) }
    }

    fn of_flavor(flavor: Flavor, now: Timestamp) -> Facts {
        Facts {
            learned: now,
            read_only: false,
            mails_attendees: false,
            syncs: false,
            guards_names: flavor.guards_names(),
            repeats_etags: flavor.repeats_etags(),
            rewrites: flavor.rewrites(),
            max_resource_size: None,
        }
    }

    pub(super) fn is_fresh(&self, now: Timestamp) -> bool {
        now.duration_since(self.learned).abs() < FRESH_FOR
    }

    pub(super) fn traits(&self) -> Traits {
        Traits {
            read_only: self.read_only,
            mails_attendees: self.mails_attendees,
            assigns_uid: false,
            create_guard: self.guards_names,
            delete_guard: self.guards_names,
            versions_repeat: self.repeats_etags,
        }
    }
}

/// What a sync token of this storage says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Bookmark {
    /// The collection that it is about.
    pub(super) collection: String,
    /// Where `sync-collection` goes on.
    pub(super) sync_token: Option<String>,
    /// What the collection was like, where there is no sync token.
    pub(super) ctag: Option<String>,
    pub(super) facts: Facts,
}

impl Bookmark {
    /// What a token says, if it is one of ours for this collection.
    pub(super) fn read(token: &SyncToken, collection: &Path) -> Option<Bookmark> {
        let bookmark: Bookmark = serde_json::from_str(&token.0).ok()?;
        (bookmark.collection == collection.as_str()).then_some(bookmark)
    }

    /// As a token; `None` never happens for what can be written as JSON.
    pub(super) fn token(&self) -> Option<SyncToken> {
        serde_json::to_string(self).ok().map(SyncToken)
    }
}
