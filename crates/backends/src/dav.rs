//! A calendar or an address book of a CalDAV or CardDAV server.
//!
//! An item's id is the canonical path of its resource ([`dovetail_dav::href::Path`]): equal for all spellings of its href,
//! and usable as the path of a request as it is. Its version is its ETag, its original the body. What the server is
//! found to be like travels in the sync token ([`facts`]), so that a run without changes costs one request.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use dovetail_dav::href::Path;
use dovetail_dav::propfind::CollectionKind;
use dovetail_dav::{Client, names};
use dovetail_mapping::options::{NewUid, SogoNotifications};
use dovetail_mapping::{Dialect, Reading, Settings, outlook, scheduling, vcard};
use dovetail_model::Item;
use dovetail_sync::error::Result;
use dovetail_sync::storage::{
    Call, Changes, Collection, Draft, Fetched, ItemId, Original, Row, Scope, Snapshot, Standing, SyncToken,
    Traits, Version, Warning, Write, Written,
};
use jiff::Timestamp;
use url::Url;

mod facts;
mod failure;
mod fetching;
mod lessons;
mod listing;
mod lists;
mod naming;
mod pace;
mod photos;
mod rooms;
mod smaller;
mod stamp;
mod writing;

#[cfg(test)]
mod tests;

use facts::{Bookmark, Facts, SilencedBy};
pub use failure::failure;
use lessons::Lessons;
use pace::Pace;
use photos::Silent;

/// What is captured of an item: the body, with the photo that it links to.
const CAPTURE: u32 = 1;

/// What a collection is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contents {
    /// Events or tasks; the scope says which are ours.
    Calendar,
    /// Contacts and distribution lists.
    AddressBook {
        /// How new cards are written. An existing card keeps its version.
        new_cards: vcard::Version,
    },
}

impl Contents {
    fn kind(self) -> CollectionKind {
        match self {
            Contents::Calendar => CollectionKind::Calendar,
            Contents::AddressBook { .. } => CollectionKind::AddressBook,
        }
    }

    /// What new objects are written in, where the server takes cards of these versions: in the other one, where it does
    /// not take the one that is wanted. A server that does not say takes any.
    fn dialect(self, card_versions: &[String]) -> Dialect {
        let takes = |version: &str| card_versions.is_empty() || card_versions.iter().any(|it| it == version);
        match self {
            Contents::Calendar => Dialect::ICalendar,
            Contents::AddressBook { new_cards: vcard::Version::V3 } if takes("3.0") || !takes("4.0") => {
                Dialect::VCard3
            }
            Contents::AddressBook { new_cards: vcard::Version::V4 } if !takes("4.0") && takes("3.0") => {
                Dialect::VCard3
            }
            Contents::AddressBook { .. } => Dialect::VCard4,
        }
    }

    fn extension(self) -> &'static str {
        match self {
            Contents::Calendar => "ics",
            Contents::AddressBook { .. } => "vcf",
        }
    }

    fn media_type(self) -> &'static str {
        match self {
            Contents::Calendar => "text/calendar; charset=utf-8",
            Contents::AddressBook { .. } => "text/vcard; charset=utf-8",
        }
    }
}

/// A collection of a server, as a storage.
#[derive(Debug)]
pub struct DavCollection {
    client: Client,
    url: Url,
    path: Path,
    contents: Contents,
    settings: Settings,
    now: fn() -> Timestamp,
    learned: Mutex<Learned>,
    silent: Silent,
}

/// What this process found out by itself.
#[derive(Debug, Default)]
struct Learned {
    facts: Option<Facts>,
    /// What was known before they were asked for again.
    outdated: Option<Facts>,
    /// Whether the facts were asked for by this process, and not remembered.
    asked: bool,
    pace: Pace,
    /// Until when the server asked to be left alone, where that is too long to wait for.
    not_before: Option<Instant>,
    /// Whether it was tried if a name that is taken can be taken again. That is done once.
    names_tried: bool,
    /// What the server calls rooms and things, by their mail addresses; `None`: by nothing else.
    rooms: BTreeMap<String, Option<String>>,
}

impl DavCollection {
    /// The collection at `url`; nothing is sent yet. `now` tells the time for stamps of new objects and for the age of
    /// what is known about the server.
    pub fn new(
        client: Client,
        url: Url,
        contents: Contents,
        settings: Settings,
        now: fn() -> Timestamp,
    ) -> Self {
        let path = Path::of(&url);
        let path = if path.as_str().ends_with('/') { path } else { path.member("") };
        let url = path.url(&url);
        let learned = Mutex::default();
        DavCollection { client, url, path, contents, settings, now, learned, silent: Silent::default() }
    }

    /// The client, counting and ending as the call asks.
    fn client(&self, call: &Call) -> Client {
        self.client.counting(call.requests.clone(), call.deadline)
    }

    fn learned(&self) -> MutexGuard<'_, Learned> {
        self.learned.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is known about the collection; asks the server where nothing is.
    fn facts(&self, call: &Call) -> Result<Facts> {
        if let Some(facts) = self.learned().facts.clone() {
            return Ok(facts);
        }
        let facts =
            Facts::ask(&self.client(call), &self.url, self.contents, (self.now)()).map_err(failure)?;
        let mut learned = self.learned();
        let facts = facts.and_seen(learned.outdated.as_ref());
        (learned.facts, learned.asked) = (Some(facts.clone()), true);
        Ok(facts)
    }

    /// Begins with what a token tells, and what this process has seen since.
    fn recall(&self, remembered: Option<Facts>) {
        let mut learned = self.learned();
        let known = learned.facts.take();
        let Some(remembered) = remembered else {
            learned.outdated = known;
            return;
        };
        let remembered = remembered.and_seen(known.as_ref());
        // A right to write that was missing may have been given since.
        if remembered.is_fresh((self.now)()) && !remembered.read_only {
            learned.facts = Some(remembered);
        } else {
            learned.outdated = Some(remembered);
        }
    }

    /// What was seen of the server by now.
    fn lessons(&self) -> Lessons {
        self.learned().facts.as_ref().map(|facts| facts.lessons).unwrap_or_default()
    }

    fn learn(&self, lesson: impl FnOnce(&mut Lessons)) {
        if let Some(facts) = &mut self.learned().facts {
            lesson(&mut facts.lessons);
        }
    }

    /// What is known, before something is written: a right that was missing may have been given since.
    fn facts_for_writing(&self, call: &Call) -> Result<Facts> {
        let facts = self.facts(call)?;
        if !facts.read_only || self.learned().asked {
            return Ok(facts);
        }
        self.recall(None);
        self.facts(call)
    }

    fn dialect(&self) -> Dialect {
        let learned = self.learned();
        self.contents.dialect(learned.facts.as_ref().map_or(&[], |facts| &facts.card_versions))
    }

    /// What holds for writing: on SOGo, meetings say that it is to mail nobody, unless the profile wants it otherwise; and rooms
    /// are named as the server does.
    fn writing(&self) -> Cow<'_, Settings> {
        let silenced_by = self.learned().facts.as_ref().and_then(|facts| facts.silenced_by);
        let silences = silenced_by == Some(SilencedBy::SogoNotifications)
            && self.settings.options.events.sogo_notifications == SogoNotifications::NoneOnSogo;
        let rooms = rooms::known(self);
        if !silences && rooms.is_empty() {
            return Cow::Borrowed(&self.settings);
        }
        let mut settings = Settings { rooms, ..self.settings.clone() };
        if silences {
            settings.options.events.sogo_notifications = SogoNotifications::None;
        }
        Cow::Owned(settings)
    }

    fn id(&self, path: &Path) -> ItemId {
        ItemId(path.as_str().to_owned())
    }

    fn original(&self, body: Vec<u8>) -> Original {
        Original { capture: CAPTURE, bytes: body.into() }
    }

    /// What a body holds; `None`, with the reason, where it is nothing that can be synced.
    fn understand(&self, body: &[u8]) -> Result<Item, String> {
        Ok(self.understand_all(body)?.0)
    }

    /// The same, with what was noticed.
    fn understand_all(&self, body: &[u8]) -> Result<(Item, Vec<Warning>), String> {
        let Reading { item, warnings } = dovetail_mapping::read(self.dialect(), body, &self.settings);
        match item {
            Some(item) => Ok((lists::with_ids(item, &self.path), warnings)),
            None if warnings.is_empty() => Err("not an item of a known kind".to_owned()),
            None => Err(warnings.into_iter().map(|warning| warning.code).collect::<Vec<_>>().join(", ")),
        }
    }

    /// A snapshot of a body; `Err` says why it is none.
    fn snapshot(
        &self,
        path: &Path,
        etag: String,
        modified: Option<i64>,
        body: Vec<u8>,
    ) -> Result<Snapshot, String> {
        let body = self.with_linked_photo(body);
        let (item, warnings) = self.understand_all(&body)?;
        let stated = stamp::modified(&body);
        let modified = stated.or_else(|| modified.and_then(|seconds| Timestamp::from_second(seconds).ok()));
        Ok(Snapshot {
            id: self.id(path),
            version: Version(etag),
            modified,
            item,
            original: self.original(body),
            warnings,
        })
    }
}

impl Collection for DavCollection {
    fn traits(&self) -> Traits {
        let facts = self.learned().facts.clone();
        facts.unwrap_or_else(|| Facts::unknown(&self.url)).traits()
    }

    fn read(&self, original: &Original) -> Option<(Item, Vec<Warning>)> {
        self.understand_all(&original.bytes).ok()
    }

    fn lens(&self) -> String {
        self.settings.lens()
    }

    fn holds(&self, item: &Item) -> Item {
        dovetail_mapping::holds(self.dialect(), item, &self.settings)
    }

    fn takes(&self, over: &Original, item: &Item) -> Option<Item> {
        let dialect = self.dialect();
        if dialect != Dialect::ICalendar || !scheduling::is_invitation(&over.bytes, &self.settings) {
            return None;
        }
        let stamp = Timestamp::UNIX_EPOCH;
        let written = dovetail_mapping::write(dialect, item, Some(&over.bytes), stamp, &self.settings);
        dovetail_mapping::read(dialect, &written, &self.settings).item
    }

    fn takes_uid(&self, uid: &str) -> bool {
        let is_sogo = || {
            let silenced_by = self.learned().facts.as_ref().and_then(|facts| facts.silenced_by);
            silenced_by == Some(SilencedBy::SogoNotifications)
        };
        match self.settings.options.events.new_uid {
            NewUid::GlobalAppointmentId => true,
            NewUid::GlobalAppointmentIdOnSogo if is_sogo() => true,
            NewUid::GlobalAppointmentIdOnSogo | NewUid::Fresh => !outlook::is_own_id(uid),
        }
    }

    fn may_mail(&self, current: Option<&Snapshot>, draft: Option<&Draft>) -> Option<bool> {
        if !self.traits().mails_attendees {
            return Some(false);
        }
        let written = draft.map(|draft| {
            let from = draft.from.as_ref().map(|from| &from.bytes[..]);
            dovetail_mapping::write(self.dialect(), &draft.item, from, (self.now)(), &self.writing())
        });
        let was = current.map(|current| &current.original.bytes[..]);
        if !was.into_iter().chain(written.as_deref()).any(scheduling::is_meeting) {
            return Some(false);
        }
        let silenced_by = self.learned().facts.as_ref().and_then(|facts| facts.silenced_by);
        let Some(by) = silenced_by else { return Some(true) };
        let silent = |bytes: Option<&[u8]>| {
            bytes.is_none_or(|bytes| scheduling::is_silent(bytes, by.into(), &self.settings))
        };
        Some(!match (by, &written) {
            // SOGo asks what is stored, and of what is deleted what was.
            (SilencedBy::SogoNotifications, Some(_)) => silent(written.as_deref()),
            // Whom the server told of a meeting it tells also that it is not theirs any more (RFC 6638 section 3.2.1).
            _ => silent(was) && silent(written.as_deref()),
        })
    }

    fn changes(
        &self,
        since: Option<&SyncToken>,
        _scope: &Scope,
        sink: &mut dyn FnMut(Row) -> Result<()>,
        call: &Call,
    ) -> Result<Changes> {
        listing::changes(self, since, sink, call)
    }

    fn breaks_off(&self) -> bool {
        let now = self.client.silent_closes();
        now > 0 && now.saturating_add(self.lessons().silent_closes) > 1
    }

    fn token_to_keep(&self, token: SyncToken) -> SyncToken {
        let mut lessons = self.lessons();
        lessons.silent_closes = lessons.silent_closes.saturating_add(self.client.silent_closes());
        let bookmark = Bookmark::read(&token, &self.path).map(|mut bookmark| {
            bookmark.facts.lessons = bookmark.facts.lessons.and(lessons);
            bookmark
        });
        bookmark.and_then(|bookmark| bookmark.token()).unwrap_or(token)
    }

    fn fetch(&self, ids: &[ItemId], scope: &Scope, call: &Call) -> Result<Vec<Fetched>> {
        fetching::fetch(self, ids, scope, call)
    }

    fn fetch_each(
        &self,
        ids: &[&ItemId],
        scope: &Scope,
        sink: &mut dyn FnMut(&ItemId, Fetched) -> Result<()>,
        call: &Call,
    ) -> Result<()> {
        fetching::fetch_ahead(fetching::BYTES_AHEAD, self, ids, scope, sink, call)
    }

    fn standing(&self, call: &Call) -> Result<Standing> {
        let missing = |what: &str| Ok(Standing::Missing(format!("{}: {what}", self.path)));
        match self.client(call).propfind_one(&self.url, &[names::RESOURCETYPE]) {
            Ok((_, row)) => {
                let wanted = match self.contents {
                    Contents::Calendar => names::CALENDAR,
                    Contents::AddressBook { .. } => names::ADDRESSBOOK,
                };
                let is_it =
                    row.found(&names::RESOURCETYPE).is_some_and(|types| types.child(&wanted).is_some());
                if is_it { Ok(Standing::Answers) } else { missing("is of another kind") }
            }
            Err(error) if error.kind == dovetail_dav::ErrorKind::Gone => missing("is not there"),
            Err(error) => Err(failure(error)),
        }
    }

    fn write(&self, batch: &[Write], call: &Call) -> Vec<Result<Written>> {
        writing::write(self, batch, call)
    }
}
