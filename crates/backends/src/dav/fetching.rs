//! Bodies by id: a report for many at once, and for what it leaves open, one by one.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;

use dovetail_dav::href::Path;
use dovetail_dav::multiget::Got;
use dovetail_dav::{Client, ErrorKind as DavKind};
use dovetail_sync::error::{Error, ErrorKind, Result};
use dovetail_sync::storage::{BATCH, Call, Fetched, Foreign, ItemId, Scope, Version};

use super::{DavCollection, failure};

/// Bodies of more bytes are not held at once: what comes after them is left to the next run.
pub(super) const MOST_BYTES: usize = 256 << 20;

/// So many reports are asked for at a time. QUIRK(backlog: sogo): where eight connections are opened at once, some wait for a second
/// until the server takes them.
const READERS: usize = 4;

/// One report asks for so many at most. The end of each answer often waits for an acknowledgement, for 40 ms, so that many short ones
/// take longer than a few.
const PER_REPORT: usize = 2 * BATCH;

/// What one of several readers may hold of bodies.
pub(super) const BYTES_AHEAD: usize = MOST_BYTES / READERS;

/// So many items are worth two reports.
const WORTH_TWO: usize = 40;

/// One answer an id, in order.
pub(super) fn fetch(
    collection: &DavCollection,
    ids: &[ItemId],
    scope: &Scope,
    call: &Call,
) -> Result<Vec<Fetched>> {
    fetch_into(&Room::of(MOST_BYTES), side_by_side, collection, ids, scope, call)
}

/// Asks for some bodies by reports.
type Ask = fn(&DavCollection, &Client, &[Path], &Room, &Call) -> Result<HashMap<Path, Got>>;

/// The same, as far as there is room.
pub(super) fn fetch_into(
    room: &Room,
    ask: Ask,
    collection: &DavCollection,
    ids: &[ItemId],
    scope: &Scope,
    call: &Call,
) -> Result<Vec<Fetched>> {
    let client = collection.client(call);
    let mut fetched = Vec::with_capacity(ids.len());
    for batch in ids.chunks(PER_REPORT) {
        call.check()?;
        call.tell("fetching", fetched.len() as u64, Some(ids.len() as u64));
        let paths: Vec<Path> = batch.iter().filter_map(|id| Path::parse(&id.0).ok()).collect();
        let mut got = ask(collection, &client, &paths, room, call)?;
        for id in batch {
            fetched.push(match Path::parse(&id.0) {
                Ok(path) => {
                    let answer = match got.remove(&path) {
                        Some(Got::Unclear(_)) | None => alone(collection, &client, &path, room),
                        Some(clear) => Ok(clear),
                    };
                    conclude(collection, &path, answer, scope)?
                }
                Err(error) => Fetched::Failed(failure(error)),
            });
        }
    }
    Ok(fetched)
}

/// Tells the sink each answer.
type Sink<'s> = dyn FnMut(&ItemId, Fetched) -> Result<()> + 's;

/// One answer an id, in order, from several readers that ask ahead and may hold so many bytes each. Each of them waits until
/// its answers are taken.
pub(super) fn fetch_ahead(
    bytes: usize,
    collection: &DavCollection,
    ids: &[&ItemId],
    scope: &Scope,
    sink: &mut Sink<'_>,
    call: &Call,
) -> Result<()> {
    if ids.len() <= PER_REPORT {
        return take(ids, fetch(collection, &of(ids), scope, call)?, sink);
    }
    std::thread::scope(|threads| {
        let reader = |first: usize| {
            let (answers, taken) = mpsc::sync_channel(0);
            threads.spawn(move || {
                for batch in ids.chunks(PER_REPORT).skip(first).step_by(READERS) {
                    let room = Room::of(bytes);
                    let fetched = fetch_into(&room, at_once, collection, &of(batch), scope, call);
                    let is_last = fetched.is_err();
                    if answers.send((fetched, room)).is_err() || is_last {
                        return;
                    }
                }
            });
            taken
        };
        let readers: Vec<_> = (0..READERS).map(reader).collect();
        for (batch, reader) in ids.chunks(PER_REPORT).zip(readers.iter().cycle()) {
            call.check()?;
            // A reader that is gone has panicked: so does the scope.
            let Ok((fetched, room)) = reader.recv() else { break };
            let mut fetched = fetched?;
            if room.check().is_err() {
                // What is too large beside others may not be so by itself.
                fetched = fetch(collection, &of(batch), scope, call)?;
            }
            take(batch, fetched, sink)?;
        }
        Ok(())
    })
}

fn of(ids: &[&ItemId]) -> Vec<ItemId> {
    ids.iter().map(|id| (*id).clone()).collect()
}

fn take(ids: &[&ItemId], fetched: Vec<Fetched>, sink: &mut Sink<'_>) -> Result<()> {
    ids.iter().zip(fetched).try_for_each(|(id, fetched)| sink(id, fetched))
}

/// What may still be held of one call. A server that answers with the largest bodies that are read at all would else fill the
/// memory with them.
pub(super) struct Room {
    left: AtomicUsize,
    is_full: AtomicBool,
}

impl Room {
    pub(super) fn of(bytes: usize) -> Room {
        Room { left: AtomicUsize::new(bytes), is_full: AtomicBool::new(false) }
    }

    /// Whether there is room for this; if so, it is taken.
    fn takes(&self, got: &Got) -> bool {
        let length = length(got);
        let rest =
            self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(length));
        self.is_full.fetch_or(rest.is_err(), Ordering::Relaxed);
        rest.is_ok()
    }

    fn give_back(&self, got: &Got) {
        self.left.fetch_add(length(got), Ordering::Relaxed);
    }

    /// Fails where something has found no room: what comes after it would find none either.
    pub(super) fn check(&self) -> Result<()> {
        if !self.is_full.load(Ordering::Relaxed) {
            return Ok(());
        }
        let what = "not read: the items beside it are too large for all to be read at once";
        Err(Error::new(ErrorKind::Refused, what))
    }
}

fn length(got: &Got) -> usize {
    match got {
        Got::Body { body, .. } => body.len(),
        Got::Gone | Got::Unclear(_) => 0,
    }
}

/// Asks for many in one report.
fn at_once(
    collection: &DavCollection,
    client: &Client,
    paths: &[Path],
    room: &Room,
    call: &Call,
) -> Result<HashMap<Path, Got>> {
    let mut got = HashMap::with_capacity(paths.len());
    report(collection, client, paths, &mut got, room, call).map(|()| got)
}

/// Asks for many in two reports at once: while one of them is read here, the server works on the other.
pub(super) fn side_by_side(
    collection: &DavCollection,
    client: &Client,
    paths: &[Path],
    room: &Room,
    call: &Call,
) -> Result<HashMap<Path, Got>> {
    if paths.len() < WORTH_TWO {
        return at_once(collection, client, paths, room, call);
    }
    let (first, second) = paths.split_at(paths.len() / 2);
    std::thread::scope(|scope| {
        let other = scope.spawn(|| at_once(collection, client, second, room, call));
        let mut got = at_once(collection, client, first, room, call);
        // A panic over there is one here.
        let other = other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        if let Ok(got) = &mut got {
            got.extend(other?);
        }
        got
    })
}

/// Asks for many at once. Where the report fails as a whole, because of one of the items or for no reason that is
/// told, its halves are asked for; what is then still missing is asked for one by one.
pub(super) fn report(
    collection: &DavCollection,
    client: &Client,
    paths: &[Path],
    got: &mut HashMap<Path, Got>,
    room: &Room,
    call: &Call,
) -> Result<()> {
    // A report for a single item is no cheaper than a GET, and QUIRK(empty-reports: davical) one for none at all is a failure.
    if paths.len() < 2 || room.check().is_err() {
        return Ok(());
    }
    call.check()?;
    let answer = client.multiget(&collection.url, collection.contents.kind(), paths, &mut |item| {
        if !paths.contains(&item.path) {
            return Ok(());
        }
        // What is told twice and differently is told by none of the two.
        let told = match got.get(&item.path) {
            Some(before) if *before != item.got => Got::Unclear(None),
            _ if room.takes(&item.got) => item.got,
            _ => Got::Unclear(None),
        };
        if let Some(before) = got.insert(item.path, told) {
            room.give_back(&before);
        }
        Ok(())
    });
    match answer {
        Ok(()) => Ok(()),
        // QUIRK(missing: sabre): one missing item makes the whole report a 404.
        // A web page in place of an answer is not about items.
        Err(error)
            if matches!(error.kind, DavKind::Gone | DavKind::Refused | DavKind::Malformed)
                && error.status != Some(200) =>
        {
            tracing::info!(%error, items = paths.len(), "a report is split");
            // Rows of an answer that broke off do not count.
            paths.iter().filter_map(|path| got.remove(path)).for_each(|got| room.give_back(&got));
            let (first, second) = paths.split_at(paths.len() / 2);
            report(collection, client, first, got, room, call)?;
            report(collection, client, second, got, room, call)
        }
        Err(error) => Err(failure(error)),
    }
}

/// Asks for one, as long as there is room.
fn alone(collection: &DavCollection, client: &Client, path: &Path, room: &Room) -> Result<Got> {
    room.check()?;
    let got = one(collection, client, path).map_err(failure)?;
    if room.takes(&got) { Ok(got) } else { room.check().map(|()| got) }
}

/// Asks for one.
pub(super) fn one(collection: &DavCollection, client: &Client, path: &Path) -> dovetail_dav::Result<Got> {
    let resource = match client.get(&path.url(&collection.url)) {
        Ok(resource) => resource,
        Err(error) if error.kind == DavKind::Gone => return Ok(Got::Gone),
        Err(error) => return Err(error),
    };
    if let Some(etag) = resource.etag {
        return Ok(Got::Body { etag, modified: resource.modified, body: resource.body });
    }
    // QUIRK(empty-etags: owncloud): GET may come without an ETag. A report gives both, and of one moment.
    let mut told = Got::Unclear(None);
    let answer = client.multiget(
        &collection.url,
        collection.contents.kind(),
        std::slice::from_ref(path),
        &mut |item| {
            if item.path == *path && matches!(item.got, Got::Body { .. }) {
                told = item.got;
            }
            Ok(())
        },
    );
    Ok(answer.map_or(Got::Unclear(None), |()| told))
}

fn conclude(collection: &DavCollection, path: &Path, answer: Result<Got>, scope: &Scope) -> Result<Fetched> {
    Ok(match answer {
        Ok(Got::Body { etag, modified, body }) => {
            let version = Version(etag.clone());
            match collection.snapshot(path, etag, modified, body) {
                Ok(snapshot) if scope.kinds.contains(&snapshot.item.kind()) => {
                    Fetched::Found(Box::new(snapshot))
                }
                Ok(snapshot) => Fetched::NotOurs(version, Foreign::of_another_kind(&snapshot.item)),
                Err(why) => Fetched::NotOurs(version, Foreign::unreadable(why)),
            }
        }
        Ok(Got::Gone) => Fetched::Gone,
        Ok(Got::Unclear(_)) => {
            Fetched::Failed(Error::new(ErrorKind::Malformed, format!("{path}: the server gives it no ETag")))
        }
        Err(error) if error.stops_the_run() || matches!(error.kind, ErrorKind::Busy { .. }) => {
            return Err(error);
        }
        Err(error) => Fetched::Failed(error),
    })
}
