//! The connection test: what can be found out about a collection before one trusts it with one's items.
//!
//! What was found are codes and arguments; `cli/words/finding.rs` words them. Nothing is written here; the write test is in
//! `connection/probe.rs`.

use dovetail_dav::multistatus::Row;
use dovetail_dav::options::Capabilities;
use dovetail_dav::propfind::COLLECTION_PROPERTIES;
use dovetail_dav::{Client, CollectionKind, CollectionProperties, Depth, ErrorKind, Trust, names, principal};
use dovetail_model::Kind;
use dovetail_sync::Side;
use url::Url;

use super::App;
use super::login::Proof;
use super::network::is_here;
use super::profiles::{address, failed, failed_of_profile};
use super::runs::direction_named;
use crate::error::{Error, Result};

mod probe;

pub(crate) use probe::{Guard, Stored};

/// What is to be tested.
pub(crate) struct Tested {
    client: Client,
    url: Url,
    /// The kind of the folder that the collection is joined with.
    folder: Option<Kind>,
    /// The user's own address, as the profile has it.
    email: Option<String>,
    /// Which side is written to alone, where the profile says so.
    written_alone: Option<Side>,
    /// Words a failure: with a profile, or without.
    failed: fn(dovetail_dav::Error) -> Error,
}

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Weight {
    /// As it should be.
    Fine,
    /// Good to know.
    Note,
    /// Something will not work, or not as well as it could.
    Warning,
    /// The collection cannot be used so.
    Error,
}

/// Something that was found out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Finding {
    /// The connection is encrypted, and the certificate is trusted.
    Encrypted { server: String },
    /// The connection is encrypted, and the certificate is the one that was pinned.
    Pinned { server: String },
    /// The connection is encrypted, and nobody looks at the certificate.
    NotChecked { server: String },
    /// The connection is not encrypted.
    Unencrypted { server: String, stays_here: bool },
    /// The login is accepted.
    LoggedIn { user: String },
    /// The server sends us on to another address of its own.
    SentOn { to: String },
    /// What the collection is for.
    Holds { kinds: Vec<Kind>, name: Option<String> },
    /// It is a calendar and an address book at once.
    HoldsBoth,
    /// It is neither a calendar nor an address book.
    HoldsNothing,
    /// The folder is of another kind.
    WrongKind { folder: Kind, kinds: Vec<Kind> },
    /// The server does not announce calendars, or address books.
    NotAnnounced { kind: CollectionKind },
    /// The user may write.
    Writable,
    /// The user may write, but not all: what is missing.
    PartlyWritable { missing: Vec<&'static str> },
    /// The user may only read.
    ReadOnly,
    /// The user may only read, and the profile wants no more.
    ReadOnlyAsWanted,
    /// The server does not say what the user may do.
    RightsUnknown,
    /// It answers the reports by which items are listed and read.
    Reports,
    /// It does not announce these reports.
    ReportsMissing { reports: Vec<&'static str> },
    /// It tells what changed, when asked.
    TellsChanges,
    /// It says that it tells what changed, and does not.
    TellsChangesNot { error: String },
    /// It does not say that it tells what changed.
    NoChanges,
    /// How items' ETags look.
    ETags { items: usize, weak: usize, missing: usize, unquoted: usize },
    /// There is no item whose ETag could be looked at.
    NoItems,
    /// It is somebody else's.
    Shared { owner: String },
    /// The user's address is one of those that the server knows.
    AddressKnown { address: String },
    /// The profile has no address.
    AddressMissing { known: Vec<String> },
    /// The profile has an address that the server does not know.
    AddressDiffers { ours: String, known: Vec<String> },
    /// The server knows no address of the user.
    AddressUnknown,
    /// The server mails attendees by itself.
    MailsAttendees,
    /// What the write test saw of a created object.
    Created(Stored),
    /// What the write test saw of a condition.
    Guarded { guard: Guard, holds: bool },
    /// Whether changes that the write test made were told of.
    ChangeSeen { told: bool },
    /// The write test could not write, or not clean up.
    WriteFailed { what: String, left: Option<String> },
}

impl App {
    /// The collection of a profile, to be tested.
    ///
    /// # Errors
    /// Also what its server said, where it asked for a pause that is not over.
    pub(crate) fn tested_profile(&self, name: &str) -> Result<Tested> {
        self.check_pause(name)?;
        let config = self.config()?;
        let profile = config.profile(name)?;
        let url = address(&profile.collection)?;
        let folder = self.folder_kind(profile.mailbox.as_deref(), &profile.folder)?;
        let client = self.client_of(profile, &config)?;
        let email = Some(profile.text("email")).filter(|email| !email.is_empty());
        let written_alone = direction_named(&profile.text("direction")).target();
        Ok(Tested { client, url, folder: Some(folder), email, written_alone, failed: failed_of_profile })
    }

    /// A collection without a profile, to be tested.
    pub(crate) fn tested_address(&self, url: &str, user: &str, proof: &Proof) -> Result<Tested> {
        let url = address(url)?;
        let client = self.client_at(&url, user, proof)?;
        Ok(Tested { client, url, folder: None, email: None, written_alone: None, failed })
    }
}

impl Tested {
    /// Where it is.
    pub(crate) fn url(&self) -> &str {
        self.url.as_str()
    }

    /// Finds out what can be found out without writing. What is found is told at once, so that it is known even where
    /// the test cannot go on.
    ///
    /// # Errors
    /// Where the server cannot be reached or trusted, or does not let the user in.
    pub(crate) fn look(&self, user: &str, tell: &mut dyn FnMut(Finding)) -> Result<()> {
        let mut wanted = COLLECTION_PROPERTIES.to_vec();
        wanted.extend([names::ORGANIZER, names::CURRENT_USER_PRINCIPAL, names::PRINCIPAL_URL]);
        let (answered, row) = self.client.propfind_one(&self.url, &wanted).map_err(self.failed)?;
        self.tell_of_connection(user, tell);
        if answered.path() != self.url.path() {
            tell(Finding::SentOn { to: answered.to_string() });
        }
        let properties = CollectionProperties::from_row(&answered, &row).map_err(self.failed)?;
        let kinds = kinds(&properties);
        if !self.tell_of_kind(&row, &properties, &kinds, tell) {
            return Ok(());
        }
        let capabilities = match self.client.options(&answered) {
            Ok(capabilities) => Some(capabilities),
            // QUIRK(options: google, icloud): OPTIONS on an address book is answered with 400 or 404, which says nothing.
            Err(error) if matches!(error.status, Some(400 | 404 | 405 | 501)) => None,
            Err(error) => return Err((self.failed)(error)),
        };
        self.tell_of_rights(&properties, tell);
        tell_of_abilities(&properties, capabilities.as_ref(), tell);
        self.tell_of_changes(&properties, tell)?;
        self.tell_of_etags(tell)?;
        self.tell_of_people(&answered, &row, capabilities.as_ref(), &kinds, tell)
    }

    /// Whether it can hold items, which the write test needs to know.
    pub(crate) fn writes(&self, tell: &mut dyn FnMut(Finding)) -> Result<()> {
        let properties = self.client.collection_properties(&self.url).map_err(self.failed)?;
        let held = kinds(&properties);
        let Some(kind) = self.folder.or_else(|| held.first().copied()) else { return Ok(()) };
        probe::probe(&self.client, &properties, kind, tell).map_err(self.failed)
    }

    fn tell_of_connection(&self, user: &str, tell: &mut dyn FnMut(Finding)) {
        let server = self.url.origin().ascii_serialization();
        tell(match (self.url.scheme(), self.client.trust()) {
            ("https", Trust::System) => Finding::Encrypted { server },
            ("https", Trust::Pinned(_)) => Finding::Pinned { server },
            ("https", Trust::Anybody) => Finding::NotChecked { server },
            _ => Finding::Unencrypted { server, stays_here: is_here(&self.url) },
        });
        tell(Finding::LoggedIn { user: user.to_owned() });
    }

    /// Whether it is worth going on.
    fn tell_of_kind(
        &self,
        row: &Row,
        properties: &CollectionProperties,
        kinds: &[Kind],
        tell: &mut dyn FnMut(Finding),
    ) -> bool {
        let types = row.found(&names::RESOURCETYPE);
        let is = |name: &dovetail_dav::Name| types.is_some_and(|types| types.child(name).is_some());
        let finding = match (properties.kind, self.folder) {
            _ if is(&names::CALENDAR) && is(&names::ADDRESSBOOK) => Finding::HoldsBoth,
            (None, _) => Finding::HoldsNothing,
            (_, Some(folder)) if !kinds.contains(&folder) => {
                Finding::WrongKind { folder, kinds: kinds.to_vec() }
            }
            _ => Finding::Holds { kinds: kinds.to_vec(), name: properties.name.clone() },
        };
        let goes_on = finding.weight() < Weight::Error;
        tell(finding);
        goes_on
    }

    fn tell_of_rights(&self, properties: &CollectionProperties, tell: &mut dyn FnMut(Finding)) {
        tell(match properties.privileges {
            None => Finding::RightsUnknown,
            Some(may) if may.is_read_only() && self.written_alone == Some(Side::Outlook) => {
                Finding::ReadOnlyAsWanted
            }
            Some(may) if may.is_read_only() => Finding::ReadOnly,
            Some(may) => {
                let rights = [(may.change, "change"), (may.add, "add"), (may.remove, "remove")];
                let missing: Vec<_> =
                    rights.iter().filter(|(may, _)| !may).map(|(_, right)| *right).collect();
                if missing.is_empty() { Finding::Writable } else { Finding::PartlyWritable { missing } }
            }
        });
    }

    fn tell_of_changes(
        &self,
        properties: &CollectionProperties,
        tell: &mut dyn FnMut(Finding),
    ) -> Result<()> {
        if !properties.answers_report("sync-collection") {
            tell(Finding::NoChanges);
            return Ok(());
        }
        let asked = self
            .client
            .sync_collection(&self.url, None, &mut |_| Ok(()))
            .and_then(|token| self.client.sync_collection(&self.url, Some(&token), &mut |_| Ok(())));
        tell(match asked {
            Ok(_) => Finding::TellsChanges,
            Err(error) if is_end(&error) => return Err((self.failed)(error)),
            Err(error) => Finding::TellsChangesNot { error: error.what },
        });
        Ok(())
    }

    fn tell_of_etags(&self, tell: &mut dyn FnMut(Finding)) -> Result<()> {
        let (mut items, mut weak, mut missing, mut unquoted) = (0, 0, 0, 0);
        let own = dovetail_dav::href::Path::of(&self.url);
        let wanted = [names::GETETAG, names::RESOURCETYPE];
        let listed = self.client.propfind(&self.url, Depth::One, &wanted, &mut |row| {
            let path = dovetail_dav::href::Path::resolve(&self.url, &row.href);
            let is_item = path.is_ok_and(|path| !path.is_same_collection(&own));
            if is_item && !row.is_collection() && row.failure().is_none() {
                items += 1;
                match row.text(&names::GETETAG) {
                    None => missing += 1,
                    Some(etag) if etag.starts_with("W/") => weak += 1,
                    Some(etag) if !etag.starts_with('"') => unquoted += 1,
                    Some(_) => {}
                }
            }
            Ok(())
        });
        listed.map_err(self.failed)?;
        tell(match items {
            0 => Finding::NoItems,
            items => Finding::ETags { items, weak, missing, unquoted },
        });
        Ok(())
    }

    fn tell_of_people(
        &self,
        answered: &Url,
        row: &Row,
        capabilities: Option<&Capabilities>,
        kinds: &[Kind],
        tell: &mut dyn FnMut(Finding),
    ) -> Result<()> {
        let ownership = principal::ownership(answered, row);
        if let (Some(true), Some(owner)) = (ownership.is_shared(), &ownership.owner) {
            let who = self.client.principal(&owner.url(answered)).ok();
            let name = who.and_then(|who| who.name.or(who.mail_addresses.into_iter().next()));
            tell(Finding::Shared { owner: name.unwrap_or_else(|| owner.to_string()) });
        }
        let holds_meetings =
            kinds.contains(&Kind::Event) && self.folder.is_none_or(|kind| kind == Kind::Event);
        if !holds_meetings {
            return Ok(());
        }
        if capabilities.is_some_and(Capabilities::mails_attendees) {
            tell(Finding::MailsAttendees);
        }
        // Who speaks in a calendar is its owner; where it is shared, the owner's addresses count.
        let whose = ownership.owner.or(ownership.user);
        let known = whose.map(|path| self.client.principal(&path.url(answered)));
        let known = known.and_then(|asked| asked.ok()).map(|who| who.mail_addresses).unwrap_or_default();
        tell(match (&self.email, known) {
            (_, known) if known.is_empty() => Finding::AddressUnknown,
            (None, known) => Finding::AddressMissing { known },
            (Some(ours), known) if known.iter().any(|it| it.eq_ignore_ascii_case(ours)) => {
                Finding::AddressKnown { address: ours.clone() }
            }
            (Some(ours), known) => Finding::AddressDiffers { ours: ours.clone(), known },
        });
        Ok(())
    }
}

fn tell_of_abilities(
    properties: &CollectionProperties,
    capabilities: Option<&Capabilities>,
    tell: &mut dyn FnMut(Finding),
) {
    let Some(kind) = properties.kind else { return };
    let (class, needed) = match kind {
        CollectionKind::Calendar => ("calendar-access", ["calendar-query", "calendar-multiget"]),
        CollectionKind::AddressBook => ("addressbook", ["addressbook-query", "addressbook-multiget"]),
    };
    if capabilities.is_some_and(|capabilities| !capabilities.has(class)) {
        tell(Finding::NotAnnounced { kind });
    }
    let reports: Vec<_> = needed.into_iter().filter(|report| !properties.answers_report(report)).collect();
    tell(if reports.is_empty() { Finding::Reports } else { Finding::ReportsMissing { reports } });
}

fn kinds(properties: &CollectionProperties) -> Vec<Kind> {
    let components = properties.components;
    match properties.kind {
        Some(CollectionKind::AddressBook) => vec![Kind::Contact],
        Some(CollectionKind::Calendar) => {
            let both = [(components.events, Kind::Event), (components.tasks, Kind::Task)];
            both.into_iter().filter(|(takes, _)| *takes).map(|(_, kind)| kind).collect()
        }
        None => Vec::new(),
    }
}

/// Whether there is no use in asking further.
fn is_end(error: &dovetail_dav::Error) -> bool {
    matches!(
        error.kind,
        ErrorKind::Offline | ErrorKind::Untrusted | ErrorKind::Unauthorized | ErrorKind::Busy { .. }
    )
}

impl Finding {
    /// How much it weighs.
    pub(crate) fn weight(&self) -> Weight {
        use Finding as F;
        match self {
            F::HoldsBoth | F::HoldsNothing | F::WrongKind { .. } | F::ReadOnly | F::WriteFailed { .. } => {
                Weight::Error
            }
            F::Unencrypted { stays_here: false, .. }
            | F::NotChecked { .. }
            | F::NotAnnounced { .. }
            | F::PartlyWritable { .. }
            | F::ReportsMissing { .. }
            | F::TellsChangesNot { .. }
            | F::AddressDiffers { .. }
            | F::Guarded { holds: false, .. }
            | F::ChangeSeen { told: false } => Weight::Warning,
            F::ETags { weak, missing, unquoted, .. } if weak + missing + unquoted > 0 => Weight::Warning,
            F::Created(stored) if !stored.is_plain() => Weight::Note,
            F::Unencrypted { stays_here: true, .. }
            | F::SentOn { .. }
            | F::RightsUnknown
            | F::ReadOnlyAsWanted
            | F::NoChanges
            | F::NoItems
            | F::Shared { .. }
            | F::AddressMissing { .. }
            | F::AddressUnknown
            | F::MailsAttendees => Weight::Note,
            F::Encrypted { .. }
            | F::Pinned { .. }
            | F::LoggedIn { .. }
            | F::Holds { .. }
            | F::Writable
            | F::Reports
            | F::TellsChanges
            | F::ETags { .. }
            | F::AddressKnown { .. }
            | F::Created(_)
            | F::Guarded { holds: true, .. }
            | F::ChangeSeen { told: true } => Weight::Fine,
        }
    }

    /// What it is called in JSON.
    pub(crate) fn code(&self) -> &'static str {
        use Finding as F;
        match self {
            F::Encrypted { .. } => "encrypted",
            F::Pinned { .. } => "pinned",
            F::NotChecked { .. } => "not_checked",
            F::Unencrypted { .. } => "unencrypted",
            F::LoggedIn { .. } => "logged_in",
            F::SentOn { .. } => "sent_on",
            F::Holds { .. } => "holds",
            F::HoldsBoth => "holds_both",
            F::HoldsNothing => "holds_nothing",
            F::WrongKind { .. } => "wrong_kind",
            F::NotAnnounced { .. } => "not_announced",
            F::Writable => "writable",
            F::PartlyWritable { .. } => "partly_writable",
            F::ReadOnly | F::ReadOnlyAsWanted => "read_only",
            F::RightsUnknown => "rights_unknown",
            F::Reports => "reports",
            F::ReportsMissing { .. } => "reports_missing",
            F::TellsChanges => "tells_changes",
            F::TellsChangesNot { .. } => "tells_changes_not",
            F::NoChanges => "no_changes",
            F::ETags { .. } => "etags",
            F::NoItems => "no_items",
            F::Shared { .. } => "shared",
            F::AddressKnown { .. } => "address_known",
            F::AddressMissing { .. } => "address_missing",
            F::AddressDiffers { .. } => "address_differs",
            F::AddressUnknown => "address_unknown",
            F::MailsAttendees => "mails_attendees",
            F::Created(_) => "created",
            F::Guarded { guard: Guard::Create, .. } => "guarded_create",
            F::Guarded { guard: Guard::Update, .. } => "guarded_update",
            F::Guarded { guard: Guard::Delete, .. } => "guarded_delete",
            F::ChangeSeen { .. } => "change_seen",
            F::WriteFailed { .. } => "write_failed",
        }
    }
}

#[cfg(test)]
mod tests;
