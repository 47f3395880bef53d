//! What is known about a collection and its server, and the token that carries it from run to run.

use dovetail_dav::flavor::Flavor;
use dovetail_dav::href::Path;
use dovetail_dav::options::Capabilities;
use dovetail_dav::{Client, ErrorKind, propfind};
use dovetail_mapping::scheduling::Silence;
use dovetail_sync::storage::{SyncToken, Traits};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use url::Url;

use super::Contents;
use super::lessons::{Lessons, Seen};

/// Facts older than this are asked for again: rights change.
const FRESH_FOR: SignedDuration = SignedDuration::from_hours(24);

/// What matters about a collection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Facts {
    pub(super) learned: Timestamp,
    pub(super) read_only: bool,
    pub(super) mails_attendees: bool,
    /// What keeps it from doing so, where that is proven (`tests/it/scheduling.rs`).
    #[serde(default)]
    pub(super) silenced_by: Option<SilencedBy>,
    /// It answers `sync-collection`.
    pub(super) syncs: bool,
    /// In bytes.
    pub(super) max_resource_size: Option<u64>,
    /// The versions of vCard that it says it takes.
    #[serde(default)]
    pub(super) card_versions: Vec<String>,
    /// What the server says of itself: with another text it is another server, of which nothing was seen yet.
    pub(super) server: String,
    pub(super) lessons: Lessons,
}

/// What keeps a server from telling attendees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum SilencedBy {
    ScheduleAgent,
    SogoNotifications,
}

impl SilencedBy {
    fn of(url: &Url, capabilities: &Capabilities) -> Option<SilencedBy> {
        let named = capabilities.server.as_deref().unwrap_or_default();
        match Flavor::of(url, capabilities) {
            Flavor::Sogo => Some(SilencedBy::SogoNotifications),
            _ if named.starts_with("Cyrus-HTTP/") || named.starts_with("DAViCal/") => {
                Some(SilencedBy::ScheduleAgent)
            }
            _ => None,
        }
    }
}

impl From<SilencedBy> for Silence {
    fn from(by: SilencedBy) -> Silence {
        match by {
            SilencedBy::ScheduleAgent => Silence::ScheduleAgent,
            SilencedBy::SogoNotifications => Silence::SogoNotifications,
        }
    }
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
        // QUIRK(options: icloud, google): OPTIONS may be refused. Then nothing is known against the server, and nothing for it.
        let capabilities = match client.options(url) {
            Ok(capabilities) => Some(capabilities),
            Err(error) if matches!(error.kind, ErrorKind::Refused | ErrorKind::Gone) => None,
            Err(error) => return Err(error),
        };
        let mails = capabilities.as_ref().is_none_or(|capabilities| capabilities.mails_attendees());
        let capabilities = capabilities.unwrap_or_default();
        let classes: Vec<&str> = capabilities.classes.iter().map(String::as_str).collect();
        let server = format!("{}; {}", capabilities.server.as_deref().unwrap_or_default(), classes.join(","));
        Ok(Facts {
            learned: now,
            read_only: properties.privileges.is_some_and(propfind::Privileges::is_read_only),
            mails_attendees: contents == Contents::Calendar && mails,
            silenced_by: SilencedBy::of(url, &capabilities),
            syncs: properties.answers_report("sync-collection"),
            max_resource_size: properties.max_resource_size.filter(|size| *size > 0),
            card_versions: properties.card_versions,
            server,
            lessons: Lessons::of(Flavor::of(url, &capabilities)),
        })
    }

    /// What is assumed before the server was asked: the worst.
    pub(super) fn unknown(url: &Url) -> Facts {
        let flavor = Flavor::of(url, &dovetail_dav::options::Capabilities::default());
        Facts {
            learned: Timestamp::UNIX_EPOCH,
            read_only: false,
            mails_attendees: true,
            silenced_by: None,
            syncs: false,
            max_resource_size: None,
            card_versions: Vec::new(),
            server: String::new(),
            lessons: Lessons::of(flavor),
        }
    }

    /// With what was seen of the server before, if it still is the same one.
    #[must_use]
    pub(super) fn and_seen(mut self, before: Option<&Facts>) -> Facts {
        if let Some(before) = before.filter(|before| before.server == self.server) {
            self.lessons = self.lessons.and(before.lessons);
        }
        self
    }

    pub(super) fn is_fresh(&self, now: Timestamp) -> bool {
        now.duration_since(self.learned).abs() < FRESH_FOR
    }

    pub(super) fn traits(&self) -> Traits {
        Traits {
            read_only: self.read_only,
            mails_attendees: self.mails_attendees,
            assigns_uid: false,
            create_guard: self.lessons.creates == Seen::Holds,
            delete_guard: self.lessons.deletes == Seen::Holds,
            versions_repeat: self.lessons.versions != Seen::Holds,
        }
    }
}

/// QUIRK(counting-ctags: sabre): a number too small for a time counts the changes.
fn counts(ctag: &str) -> bool {
    let number = ctag.strip_prefix("http://sabre.io/ns/sync/").unwrap_or(ctag);
    (1..10).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit())
}

/// What a sync token of this storage says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Bookmark {
    /// The collection that it is about.
    pub(super) collection: String,
    /// Where `sync-collection` goes on.
    pub(super) sync_token: Option<String>,
    /// What the collection was like, where there is no sync token.
    pub(super) ctag: Option<Ctag>,
    pub(super) facts: Facts,
}

/// A ctag, and whether it can be believed that nothing changed while it stays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Ctag {
    pub(super) value: String,
    /// When a listing told it first.
    pub(super) since: Timestamp,
    pub(super) settled: bool,
}

impl Ctag {
    /// QUIRK(coarse-ctags: sogo): a ctag may be a time in whole seconds, so that a change in the second of the listing leaves
    /// it as it is. Settled is what a listing found that began in a later second than the one in which it was told first.
    const GRAIN: SignedDuration = SignedDuration::from_secs(2);

    /// As a listing tells it that began at `now`, after what was known before.
    pub(super) fn listed(value: String, now: Timestamp, before: Option<Ctag>) -> Ctag {
        let before = before.filter(|before| before.value == value && before.since <= now);
        let since = before.map_or(now, |before| before.since);
        let settled = counts(&value) || now.duration_since(since) >= Self::GRAIN;
        Ctag { value, since, settled }
    }
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

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::Ctag;

    #[test]
    fn a_ctag_is_believed_once_a_later_second_told_it_again() {
        let at = |second: i64| Timestamp::from_second(1_772_366_400 + second).unwrap();
        let listed = |value: &str, second, before| Ctag::listed(value.to_owned(), at(second), before);
        let first = listed("1772366400", 0, None);
        for (value, second, settled) in [
            ("1772366400", 0, false),
            ("1772366400", 1, false),
            ("1772366400", 2, true),
            ("1772366400", 90, true),
            ("1772366490", 90, false),
            // The clock was set back.
            ("1772366400", -5, false),
        ] {
            assert_eq!(listed(value, second, Some(first.clone())).settled, settled, "{value} at {second}");
        }
        for (value, counts) in [
            ("17", true),
            ("http://sabre.io/ns/sync/17", true),
            ("1772366400", false),
            ("http://sabre.io/ns/sync/1772366400", false),
            ("\"d41d8cd9\"", false),
            ("12:00:05", false),
            ("", false),
        ] {
            assert_eq!(listed(value, 0, None).settled, counts, "{value}");
        }
    }
}
