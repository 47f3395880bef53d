//! The write test: an object of our own is made, changed and deleted, with right and with wrong conditions.
//!
//! Which conditions hold decides whether an edit that somebody makes at the same moment can be lost. The object has no
//! attendees, lies in the past, takes no time, and is removed at the end, whatever happened.

use dovetail_dav::href::Path;
use dovetail_dav::request::Expect;
use dovetail_dav::{Client, CollectionProperties, Error, ErrorKind, Result, names};
use dovetail_model::Kind;
use url::Url;
use uuid::Uuid;

use super::{Finding, is_end};

/// A condition on a write (RFC 9110 section 13.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Guard {
    /// `If-None-Match: *` on a creation.
    Create,
    /// `If-Match` on an update.
    Update,
    /// `If-Match` on a deletion.
    Delete,
}

/// What became of a created object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stored {
    /// Whether the answer to the write had a strong ETag.
    pub(crate) tells_etag: bool,
    /// Whether that is the ETag of what is there.
    pub(crate) etag_is_right: bool,
    /// Whether what is there is what was sent.
    pub(crate) as_sent: bool,
}

impl Stored {
    /// Whether the object is just as it was sent.
    pub(crate) fn is_plain(self) -> bool {
        self.tells_etag && self.etag_is_right && self.as_sent
    }
}

/// An ETag that nothing has.
const WRONG: &str = "\"dovetail-connection-test-wrong\"";

/// Tells what the collection makes of writes.
///
/// # Errors
/// Where the server is no longer to be reached.
pub(super) fn probe(
    client: &Client,
    collection: &CollectionProperties,
    kind: Kind,
    tell: &mut dyn FnMut(Finding),
) -> Result<()> {
    let probe = Probe::new(client, collection, kind);
    let outcome = probe.run(tell);
    let left = probe.clean_up();
    match outcome {
        Err(error) if is_end(&error) => Err(error),
        Err(error) => {
            tell(Finding::WriteFailed { what: error.what, left });
            Ok(())
        }
        Ok(()) => {
            if let Some(left) = left {
                tell(Finding::WriteFailed {
                    what: "the object could not be removed".to_owned(),
                    left: Some(left),
                });
            }
            Ok(())
        }
    }
}

struct Probe<'a> {
    client: &'a Client,
    collection: &'a CollectionProperties,
    kind: Kind,
    uid: String,
    url: Url,
}

impl<'a> Probe<'a> {
    fn new(client: &'a Client, collection: &'a CollectionProperties, kind: Kind) -> Self {
        let uid = format!("dovetail-connection-test-{}", Uuid::new_v4());
        let suffix = match kind {
            Kind::Event | Kind::Task => "ics",
            Kind::Contact | Kind::Group => "vcf",
        };
        let url = Path::of(&collection.url).member(&format!("{uid}.{suffix}")).url(&collection.url);
        Probe { client, collection, kind, uid, url }
    }

    fn run(&self, tell: &mut dyn FnMut(Finding)) -> Result<()> {
        let token = self.token()?;
        let sent = self.body("Dovetail connection test");
        let stored = self.put(&sent, Expect::Absent)?;
        let there = self.client.get(&self.url)?;
        let current = self.etag()?;
        tell(Finding::Created(Stored {
            tells_etag: stored.is_some(),
            etag_is_right: stored.is_none() || stored == current,
            as_sent: there.body == sent.as_bytes(),
        }));
        if let Some(token) = token {
            let told = self.is_told(&token)?;
            tell(Finding::ChangeSeen { told });
        }
        let other = self.body("Dovetail connection test, changed");
        self.tell_of(Guard::Create, self.put(&other, Expect::Absent).map(|_| ()), tell)?;
        self.tell_of(Guard::Update, self.put(&other, Expect::ETag(WRONG)).map(|_| ()), tell)?;
        if let Some(etag) = self.etag()? {
            self.put(&other, Expect::ETag(&etag))?;
        }
        self.tell_of(Guard::Delete, self.client.delete(&self.url, Some(Expect::ETag(WRONG))), tell)?;
        match self.etag() {
            Ok(Some(etag)) => self.client.delete(&self.url, Some(Expect::ETag(&etag))),
            Ok(None) => Ok(()),
            Err(gone) if gone.kind == ErrorKind::Gone => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// What is left of the object, if it cannot be removed.
    fn clean_up(&self) -> Option<String> {
        match self.client.delete(&self.url, None) {
            Ok(()) => None,
            Err(gone) if gone.kind == ErrorKind::Gone => None,
            Err(_) => match self.etag() {
                Err(gone) if gone.kind == ErrorKind::Gone => None,
                _ => Some(self.url.to_string()),
            },
        }
    }

    /// Tells of a condition that was wrong on purpose: a write that was refused for it was guarded.
    fn tell_of(&self, guard: Guard, outcome: Result<()>, tell: &mut dyn FnMut(Finding)) -> Result<()> {
        let holds = match outcome {
            Ok(()) => false,
            Err(error) if error.kind == ErrorKind::Stale || error.status == Some(412) => true,
            // Said in other words (RFC 4791 section 5.3.2.1), it is refused all the same.
            Err(error) if guard == Guard::Create && error.status == Some(409) => true,
            Err(error) => return Err(error),
        };
        tell(Finding::Guarded { guard, holds });
        Ok(())
    }

    fn put(&self, body: &str, expect: Expect<'_>) -> Result<Option<String>> {
        let media_type = match self.kind {
            Kind::Event | Kind::Task => "text/calendar; charset=utf-8",
            Kind::Contact | Kind::Group => "text/vcard; charset=utf-8",
        };
        Ok(self.client.put(&self.url, media_type, body.as_bytes(), expect)?.etag)
    }

    /// The ETag of what is there.
    fn etag(&self) -> Result<Option<String>> {
        self.client.propfind_one(&self.url, &[names::GETETAG]).map(|(_, row)| row.etag())
    }

    /// Where to ask on from for changes; `None` where the server does not tell of any.
    fn token(&self) -> Result<Option<String>> {
        if !self.collection.answers_report("sync-collection") {
            return Ok(None);
        }
        match self.client.sync_collection(&self.collection.url, None, &mut |_| Ok(())) {
            Ok(token) => Ok(Some(token)),
            Err(error) if is_end(&error) => Err(error),
            Err(_) => Ok(None),
        }
    }

    /// Whether the object is among the changes since `token`.
    fn is_told(&self, token: &str) -> Result<bool> {
        let own = Path::of(&self.url);
        let mut told = false;
        let asked = self.client.sync_collection(&self.collection.url, Some(token), &mut |row| {
            let path = Path::resolve(&self.collection.url, &row.href);
            told |= path.is_ok_and(|path| path == own) && row.failure().is_none();
            Ok(())
        });
        match asked {
            Ok(_) => Ok(told),
            Err(error) if is_end(&error) => Err(error),
            Err(Error { .. }) => Ok(false),
        }
    }

    fn body(&self, title: &str) -> String {
        let uid = &self.uid;
        let component = match self.kind {
            Kind::Contact | Kind::Group => {
                // In no order that a server would sort it into, so that one which writes anew is seen to.
                return format!(
                    "BEGIN:VCARD\r\nVERSION:3.0\r\nNOTE:{title}\r\nN:{title};;;;\r\nFN:{title}\r\nUID:{uid}\r\n\
                     EMAIL:test@example.invalid\r\nEND:VCARD\r\n"
                );
            }
            Kind::Event => format!(
                "BEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20000101T000000Z\r\nDTSTART;VALUE=DATE:20000101\r\n\
                 SUMMARY:{title}\r\nTRANSP:TRANSPARENT\r\nEND:VEVENT\r\n"
            ),
            Kind::Task => format!(
                "BEGIN:VTODO\r\nUID:{uid}\r\nDTSTAMP:20000101T000000Z\r\nSUMMARY:{title}\r\nSTATUS:COMPLETED\r\n\
                 COMPLETED:20000101T000000Z\r\nEND:VTODO\r\n"
            ),
        };
        format!(
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:{}\r\n{component}END:VCALENDAR\r\n",
            super::super::PRODUCT
        )
    }
}
