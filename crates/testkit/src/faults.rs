//! What may go wrong with a storage, on switches, and the fuse by which a test interrupts a run at a chosen write.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What may go wrong. Numbers are the chance of one in so many, for each request or row; 0 is never.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// A row is missing from a listing, although the item is there. Such a listing ends without a token; a report of
    /// changes that leaves one out would be believed by everybody.
    pub row_missing: u64,
    /// A row comes twice.
    pub row_twice: u64,
    /// A row says that its state cannot be told.
    pub row_unclear: u64,
    /// A row reports an item as removed that is there.
    pub row_removed: u64,
    /// An item has another version than before, although it says the same.
    pub version_touched: u64,
    /// A token is no longer known.
    pub token_expired: u64,
    /// The collection cannot be listed: 404, although it is there.
    pub listing_missing: u64,
    /// The storage asks to be left alone for a while instead of listing.
    pub listing_busy: u64,
    /// A fetch of an item fails.
    pub fetch_fails: u64,
    /// A fetch of an item says that it is gone, although it is there.
    pub fetch_gone: u64,
    /// A write is refused and not done.
    pub write_refused: u64,
    /// The storage asks to be left alone for a while; the write is not done.
    pub write_busy: u64,
    /// A write is done and answered with a failure.
    pub write_done_but_failed: u64,
    /// A write is done and answered as stale.
    pub write_done_but_stale: u64,
    /// Nothing can be reached from this request on.
    pub offline: u64,
    /// The listing is empty; items are found by their ids.
    pub listing_empty: bool,
    /// Every item answers that it is gone, and the collection too.
    pub revoked: bool,
    /// Every item answers that it is gone, and the listing is empty, while the collection answers.
    pub emptied: bool,
}

/// What a crash unwinds with. It is caught by who arranged it, and prints nothing.
///
/// Unwinding stands for a killed process: what SQLite has committed stays, what it has not is rolled back, and everything
/// in memory is gone.
#[derive(Debug)]
pub struct Crash;

/// Burns at each point of a run at which a storage can be interrupted: before and after every write. Clones are one
/// fuse, so that the writes of several storages are counted together.
#[derive(Clone, Default)]
pub struct Fuse(Arc<Mutex<Burning>>);

#[derive(Default)]
struct Burning {
    left: u64,
    then: Option<Box<dyn FnOnce() + Send>>,
}

impl Fuse {
    /// After `points` more points, does this; instead of what it would have done.
    pub fn light(&self, points: u64, then: impl FnOnce() + Send + 'static) {
        *self.burning() = Burning { left: points, then: Some(Box::new(then)) };
    }

    /// After `points` more points, the process dies.
    pub fn crash_after(&self, points: u64) {
        self.light(points, || std::panic::resume_unwind(Box::new(Crash)));
    }

    /// Nothing happens any more. Whether something still would have.
    pub fn put_out(&self) -> bool {
        self.burning().then.take().is_some()
    }

    /// A point is passed.
    pub(crate) fn burn(&self) {
        let mut burning = self.burning();
        if burning.left > 0 {
            burning.left -= 1;
            return;
        }
        let then = burning.then.take();
        // What happens may run into this fuse again.
        drop(burning);
        if let Some(then) = then {
            then();
        }
    }

    fn burning(&self) -> MutexGuard<'_, Burning> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Fuse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fuse({} points left)", self.burning().left)
    }
}
