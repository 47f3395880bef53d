//! What a server was seen to do, by writing to it and reading from it: whether conditions on writes hold, whether bodies
//! stay as they are sent, whether ETags come again.
//!
//! Until something was seen, the worst is taken to be true. Where the trials are made: [`super::writing`]. What was seen is
//! remembered in the sync token, and forgotten when the server calls itself another one.

use std::collections::HashSet;

use dovetail_dav::flavor::Flavor;
use serde::{Deserialize, Serialize};

/// Bodies that came back as they were sent, one after the other, before a server is believed to keep them.
const BELIEVED_AFTER: u32 = 5;

/// As many ETags of a listing are looked at, and no more.
const SAMPLE: usize = 256;

/// Whether something was seen to hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Seen {
    /// Nobody has looked.
    #[default]
    NotYet,
    /// It holds.
    Holds,
    /// It does not, once at least.
    Fails,
}

impl Seen {
    /// Both together: one failure outweighs whatever else was seen.
    #[must_use]
    fn and(self, other: Seen) -> Seen {
        match (self, other) {
            (Seen::Fails, _) | (_, Seen::Fails) => Seen::Fails,
            (Seen::Holds, _) | (_, Seen::Holds) => Seen::Holds,
            _ => Seen::NotYet,
        }
    }
}

/// What was seen of a server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Lessons {
    /// That `If-None-Match: *` keeps PUT from overwriting.
    pub(super) creates: Seen,
    /// That If-Match keeps PUT from overwriting.
    pub(super) updates: Seen,
    /// That If-Match keeps DELETE from deleting.
    pub(super) deletes: Seen,
    /// That equal ETags stand for equal bodies.
    pub(super) versions: Seen,
    /// QUIRK(quotes: mail.ru): ETags in If-Match are understood without their quotes only.
    pub(super) bare_etags: bool,
    /// A body came back otherwise than it was sent.
    rewrites: bool,
    /// So many bodies came back as they were sent.
    kept: u32,
    /// So often it closed a connection that it had left open.
    #[serde(default)]
    pub(super) silent_closes: u32,
}

impl Lessons {
    /// What is known of a server that is recognised.
    pub(super) fn of(flavor: Flavor) -> Lessons {
        let guards = if flavor.guards_names() { Seen::NotYet } else { Seen::Fails };
        Lessons {
            creates: guards,
            updates: guards,
            deletes: guards,
            versions: if flavor.repeats_etags() { Seen::Fails } else { Seen::NotYet },
            rewrites: flavor.rewrites(),
            ..Lessons::default()
        }
    }

    /// What was seen by two who looked at the same server.
    #[must_use]
    pub(super) fn and(self, other: Lessons) -> Lessons {
        Lessons {
            creates: self.creates.and(other.creates),
            updates: self.updates.and(other.updates),
            deletes: self.deletes.and(other.deletes),
            versions: self.versions.and(other.versions),
            bare_etags: self.bare_etags || other.bare_etags,
            rewrites: self.rewrites || other.rewrites,
            kept: self.kept.max(other.kept),
            silent_closes: self.silent_closes.max(other.silent_closes),
        }
    }

    /// Whether a strong ETag in the answer to a write proves that the body is stored as it was sent.
    pub(super) fn keeps_bodies(&self) -> bool {
        !self.rewrites && self.kept >= BELIEVED_AFTER
    }

    /// A body was read after it was written.
    pub(super) fn came_back(&mut self, as_sent: bool) {
        self.rewrites |= !as_sent;
        self.kept = self.kept.saturating_add(u32::from(as_sent));
    }

    /// The quotes of ETags were the trouble: what was seen with them says nothing.
    pub(super) fn without_quotes(&mut self) {
        *self = Lessons { bare_etags: true, updates: Seen::NotYet, deletes: Seen::NotYet, ..*self };
    }

    /// ETags of different items were seen.
    pub(super) fn saw(&mut self, versions: &Versions) {
        self.versions = self.versions.and(versions.conclusion());
    }
}

/// ETags of different items. Where an ETag counts the writes of its item, or the seconds, many items have the same one: then
/// an item that is made anew may come to an ETag that it had before, with another body.
#[derive(Debug)]
pub(super) struct Versions {
    different: HashSet<String>,
    seen: usize,
    digests: usize,
    enough: usize,
}

impl Versions {
    /// ETags of items in any state: items may have been written so many times each.
    pub(super) fn listed() -> Versions {
        Versions { different: HashSet::new(), seen: 0, digests: 0, enough: 20 }
    }

    /// ETags of items that were just made: a count would begin with the same number for each.
    pub(super) fn made() -> Versions {
        Versions { enough: 3, ..Versions::listed() }
    }

    /// One more item.
    pub(super) fn add(&mut self, etag: &str) {
        if self.seen < SAMPLE && !etag.is_empty() {
            self.seen += 1;
            self.digests += usize::from(is_digest(etag));
            self.different.insert(etag.to_owned());
        }
    }

    /// Two items with one body may share an ETag that is made of it; that happens, but seldom.
    fn conclusion(&self) -> Seen {
        let different = self.different.len();
        let shared = different * 10 < self.seen * 9;
        if self.seen > 0 && self.digests == self.seen && !shared {
            return Seen::Holds;
        }
        if self.seen >= self.enough && different * 10 >= self.seen * 9 {
            Seen::Holds
        } else if self.seen >= 3 && different * 2 <= self.seen {
            Seen::Fails
        } else {
            Seen::NotYet
        }
    }
}

/// Whether an ETag is made of the body, or of chance: as long as MD5 or longer, in hexadecimal digits of many kinds. What
/// counts is shorter, or mostly zeros.
fn is_digest(etag: &str) -> bool {
    let digits = etag.bytes().filter(u8::is_ascii_hexdigit);
    let kinds: HashSet<u8> = digits.clone().map(|digit| digit.to_ascii_lowercase()).collect();
    digits.count() >= 32 && kinds.len() >= 8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn conclusion(mut versions: Versions, etags: impl Iterator<Item = usize>) -> Seen {
        etags.for_each(|etag| versions.add(&format!("\"{etag}\"")));
        versions.conclusion()
    }

    #[test]
    fn etags_that_many_items_share_are_not_relied_on() {
        for (versions, etags, expected) in [
            (Versions::made(), vec![1, 2, 3], Seen::Holds),
            (Versions::made(), vec![1, 2], Seen::NotYet),
            (Versions::made(), vec![1, 1, 1], Seen::Fails),
            (Versions::made(), vec![], Seen::NotYet),
            (Versions::listed(), (0..19).collect(), Seen::NotYet),
            (Versions::listed(), (0..20).collect(), Seen::Holds),
            // Two with one body.
            (Versions::listed(), (0..30).chain([7]).collect(), Seen::Holds),
            // Written now and then.
            (Versions::listed(), vec![0, 0, 1, 0, 2, 0, 0, 1], Seen::Fails),
            (Versions::listed(), (0..1000).map(|number| number % 200).collect(), Seen::NotYet),
        ] {
            let shown = format!("{etags:?}");
            assert_eq!(conclusion(versions, etags.into_iter()), expected, "{shown}");
        }
    }

    #[test]
    fn one_digest_is_enough_and_a_count_is_none() {
        let seen = |etags: &[&str]| {
            let mut versions = Versions::made();
            etags.iter().for_each(|etag| versions.add(etag));
            versions.conclusion()
        };
        let md5 = "\"9e107d9d372bb6826bd81d3542a419d6\"";
        assert_eq!(seen(&[md5]), Seen::Holds);
        assert_eq!(seen(&["W/\"2fd4e1c6-7a2d-28fc-ed84-9ee1bb76e739\""]), Seen::Holds);
        assert_eq!(seen(&["\"gcs00000000\""]), Seen::NotYet);
        assert_eq!(seen(&["\"00000000000000000000000000000017\""]), Seen::NotYet);
        assert_eq!(seen(&["\"1772366400\""]), Seen::NotYet);
        assert_eq!(seen(&[md5, "\"7\""]), Seen::NotYet);
        assert_eq!(seen(&[md5, md5, md5]), Seen::Fails, "whatever it looks like");
    }

    #[test]
    fn a_failure_that_was_seen_once_is_not_forgotten() {
        let failed = Lessons { creates: Seen::Fails, ..Lessons::default() };
        let held = Lessons { creates: Seen::Holds, deletes: Seen::Holds, ..Lessons::default() };
        assert_eq!((failed.and(held).creates, held.and(failed).creates), (Seen::Fails, Seen::Fails));
        assert_eq!(Lessons::default().and(held), held);
        let mut lessons = Lessons::default();
        (0..BELIEVED_AFTER).for_each(|_| lessons.came_back(true));
        assert!(lessons.keeps_bodies());
        lessons.came_back(false);
        (0..100).for_each(|_| lessons.came_back(true));
        assert!(!lessons.keeps_bodies());
    }
}
