//! Whether the server heeds the conditions of writes: tried once for each kind of write, with a write that is wanted anyway or
//! that changes nothing.
//!
//! A condition that cannot be true has to be refused. A server that does the write all the same has done what was wanted, and is
//! looked at before each write from then on. What a trial costs is paid once for a collection: two requests for the first
//! update, the first deletion and the first new item.

use std::sync::atomic::Ordering;

use dovetail_dav::href::Path;
use dovetail_dav::multistatus::is_strong;
use dovetail_dav::request::Expect;
use dovetail_dav::{ErrorKind as DavKind, names};
use dovetail_model::Item;
use dovetail_sync::error::{Error, ErrorKind, Result};
use dovetail_sync::storage::{Snapshot, Write, Written};

use super::{Desk, Target, failure};
use crate::dav::lessons::{Lessons, Seen, Versions};

/// An ETag that no resource has.
const NO_ETAG: &str = "\"no-such-version\"";

impl Desk<'_> {
    /// Sends a write that expects an ETag. Where it is known that the server does not look at it, or not known that it does,
    /// we look before.
    pub(super) fn guarded<T>(
        &self,
        target: &Target<'_>,
        lesson: impl Fn(&mut Lessons) -> &mut Seen,
        send: impl Fn(Expect<'_>) -> Result<T>,
    ) -> Result<T> {
        let mut lessons = self.collection.lessons();
        let seen = *lesson(&mut lessons);
        let spelled = |etag: &str| spelled(etag, lessons.bare_etags);
        if seen != Seen::Holds {
            // QUIRK(conditions: sogo): If-Match is ignored on DELETE; a look at the ETag narrows the gap.
            self.look(target)?;
        }
        if seen == Seen::NotYet {
            match send(Expect::ETag(&spelled(NO_ETAG))) {
                Err(error) if error.kind == ErrorKind::Stale => {
                    self.collection.learn(|lessons| *lesson(lessons) = Seen::Holds);
                }
                // Not on account of the condition, perhaps, or in an odd way.
                Err(error) if error.kind == ErrorKind::Refused => {}
                Err(error) => return Err(error),
                Ok(done) => {
                    tracing::warn!("the server does not heed If-Match");
                    self.collection.learn(|lessons| *lesson(lessons) = Seen::Fails);
                    return Ok(done);
                }
            }
        }
        match send(Expect::ETag(&spelled(target.expected))) {
            Err(error) if error.kind == ErrorKind::Stale => self.insist(target, send, error),
            answer => answer,
        }
    }

    /// A condition was refused. If it is true all the same, the server does not understand it in this form, and gets it in
    /// another one.
    fn insist<T>(
        &self,
        target: &Target<'_>,
        send: impl Fn(Expect<'_>) -> Result<T>,
        refusal: Error,
    ) -> Result<T> {
        if self.look(target).is_err() {
            return Err(refusal);
        }
        if !is_strong(target.expected) {
            // A weak ETag matches nothing in If-Match (RFC 9110 section 13.1.1); we have looked ourselves.
            return send(Expect::ETag("*"));
        }
        if self.collection.lessons().bare_etags {
            return Err(refusal);
        }
        // QUIRK(quotes: mail.ru): ETags are understood without their quotes only.
        let done = send(Expect::ETag(&spelled(target.expected, true)))?;
        self.collection.learn(Lessons::without_quotes);
        Ok(done)
    }

    /// Fails unless the resource is in the state that is expected.
    fn look(&self, target: &Target<'_>) -> Result<()> {
        let etag = match self.client.propfind_one(&target.url, &[names::GETETAG]) {
            Ok((_, row)) => row.etag(),
            Err(error) if error.kind == DavKind::Refused => None,
            Err(error) => return Err(failure(error)),
        };
        let etag = match etag {
            Some(etag) => Some(etag),
            None => self.client.get(&target.url).map_err(failure)?.etag,
        };
        if etag.as_deref() == Some(target.expected) {
            return Ok(());
        }
        Err(Error::new(ErrorKind::Stale, format!("{}: changed since it was read", target.path)))
    }

    /// Whether ETags come again, and whether a name that is taken is safe, as far as new items show it.
    pub(super) fn learn_from(&self, batch: &[Write], written: &mut [Result<Written>]) {
        if self.trouble.load(Ordering::Relaxed) {
            return;
        }
        for (write, written) in batch.iter().zip(&*written) {
            if let (Write::Update(before, _), Ok(Written::Holds(after))) = (write, written) {
                let mut versions = Versions::listed();
                versions.add(&before.version.0);
                versions.add(&after.version.0);
                self.collection.learn(|lessons| lessons.saw(&versions));
            }
        }
        let made = batch.iter().zip(written).filter_map(|(write, written)| match (write, written) {
            (Write::Create(_), Ok(Written::Holds(snapshot))) => Some(&mut **snapshot),
            _ => None,
        });
        let (mut versions, mut harmless) = (Versions::made(), None);
        for snapshot in made {
            versions.add(&snapshot.version.0);
            if harmless.is_none() && !snapshot.version.0.is_empty() && !is_meeting(&snapshot.item) {
                harmless = Some(snapshot);
            }
        }
        self.collection.learn(|lessons| lessons.saw(&versions));
        let untried = self.collection.lessons().creates == Seen::NotYet
            && !std::mem::replace(&mut self.collection.learned().names_tried, true);
        if let Some(snapshot) = harmless.filter(|_| untried)
            && let Err(error) = self.try_name(snapshot)
        {
            tracing::info!(%error, "whether a name that is taken is safe could not be tried");
        }
    }

    /// Puts what is there where it is, as if it were new. With If-Match beside it, so that nobody's edit is lost in between.
    fn try_name(&self, made: &mut Snapshot) -> Result<()> {
        let version = made.version.0.clone();
        let path = Path::parse(&made.id.0).map_err(failure)?;
        let target = Target { url: path.url(&self.collection.url), path, expected: &version };
        let expect = if is_strong(&version) { Expect::Never(&version) } else { Expect::Absent };
        let original = made.original.bytes.to_vec();
        let media_type = self.collection.contents.media_type();
        match self.client.put(&target.url, media_type, &original, expect) {
            Err(error) if error.kind == DavKind::Stale => {
                // Only if it was not the other condition that failed.
                self.look(&target)?;
                self.collection.learn(|lessons| lessons.creates = Seen::Holds);
            }
            Err(error) => return Err(failure(error)),
            Ok(stored) => {
                tracing::warn!("the server does not heed If-None-Match");
                self.collection.learn(|lessons| lessons.creates = Seen::Fails);
                let found = self.held(std::slice::from_ref(&target.path)).remove(&target.path);
                *made = self.conclude(&target.path, stored.etag, original, found)?;
            }
        }
        Ok(())
    }
}

fn spelled(etag: &str, bare: bool) -> String {
    if bare { etag.trim_matches('"').to_owned() } else { etag.to_owned() }
}

/// Whether storing it may make a server send mail.
fn is_meeting(item: &Item) -> bool {
    let Item::Event(event) = item else { return false };
    event
        .overrides
        .values()
        .chain([&event.main])
        .any(|one| one.organizer.is_some() || !one.attendees.is_empty())
}
