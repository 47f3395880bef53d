//! Writes: several in flight, none done twice, and afterwards what the server really holds.
//!
//! Every write states its condition. Whether the server heeds it is tried with the first write of its kind, in [`trials`].

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use dovetail_dav::Client;
use dovetail_dav::href::Path;
use dovetail_dav::multiget::Got;
use dovetail_dav::request::Expect;
use dovetail_mapping::options::LargePhoto;
use dovetail_mapping::scheduling;
use dovetail_mapping::vcard::{self, linked};
use dovetail_model::event::{Event, Occurrence, Response};
use dovetail_model::item::{Attachment, AttachmentSource, Content};
use dovetail_model::{Contact, Item, When};
use dovetail_sync::error::{Error, ErrorKind, Result};
use dovetail_sync::storage::{BATCH, Call, Draft, Snapshot, Version, Write, Written};
use url::Url;
use uuid::Uuid;

use super::facts::Facts;
use super::failure::again;
use super::fetching::{MOST_BYTES, Room, one, report};
use super::naming::resource_name;
use super::pace::Round;
use super::{Contents, DavCollection, failure, lists, rooms, smaller};

mod trials;

/// A server that asks for a longer pause than this gets the rest of the writes another time.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// What the server asked for that is not over: nothing is sent until then.
fn pause_left(collection: &DavCollection) -> Option<Duration> {
    let left = collection.learned().not_before?.saturating_duration_since(Instant::now());
    (!left.is_zero()).then_some(left)
}

/// What a write came to, as far as its own answer tells.
enum Sent {
    /// The server took the body.
    Stored { path: Path, etag: Option<String>, body: Vec<u8> },
    /// It is gone.
    Deleted,
}

/// What a server holds: its ETag, its body, and when it was changed, in Unix seconds.
type Stored = (String, Vec<u8>, Option<i64>);

/// What an update is to put, or a deletion to remove.
struct Target<'a> {
    path: Path,
    url: Url,
    /// The ETag that it was read at.
    expected: &'a str,
}

/// One answer a write, in order.
pub(super) fn write(collection: &DavCollection, batch: &[Write], call: &Call) -> Vec<Result<Written>> {
    if let Some(left) = pause_left(collection) {
        let busy = || {
            let what = format!("{}: the server asked to be left alone for a while", collection.path);
            Err(Error::new(ErrorKind::Busy { retry_after: Some(left) }, what))
        };
        return batch.iter().map(|_| busy()).collect();
    }
    let facts = match call.check().and_then(|()| collection.facts_for_writing(call)) {
        Ok(facts) if facts.read_only => {
            let what = format!("the server lets us read {} but not write there", collection.path);
            return batch.iter().map(|_| Err(Error::new(ErrorKind::ReadOnly, what.clone()))).collect();
        }
        Ok(facts) => facts,
        Err(error) => return batch.iter().map(|_| Err(again(&error))).collect(),
    };
    let (trouble, lost) = (AtomicBool::new(false), AtomicU32::new(0));
    let client = collection.client(call);
    if facts.mails_attendees {
        rooms::look_up(collection, &client, batch);
    }
    let desk = Desk { collection, client, facts, call, trouble, lost };
    let sent = desk.send_all(batch);
    let mut written = desk.look_again(sent);
    desk.learn_from(batch, &mut written);
    written
}

struct Desk<'a> {
    collection: &'a DavCollection,
    client: Client,
    facts: Facts,
    call: &'a Call,
    /// A write failed: this is not the time for trials.
    trouble: AtomicBool,
    /// Writes in a row that did not reach the server.
    lost: AtomicU32,
}

impl Desk<'_> {
    /// Sends the writes, round after round. After a failure that stops the run, the rest is not sent.
    fn send_all(&self, batch: &[Write]) -> Vec<Result<Sent>> {
        let mut sent = Vec::with_capacity(batch.len());
        while let Some(rest) = batch.get(sent.len()..).filter(|rest| !rest.is_empty()) {
            self.call.tell("writing", sent.len() as u64, Some(batch.len() as u64));
            let pace = self.collection.learned().pace.clone();
            let at_once = pace.at_once();
            let round = rest.get(..pace.round()).unwrap_or(rest);
            let begun = Instant::now();
            let (mut answers, stop) = self.round(round, at_once);
            let busy = stop.as_ref().is_some_and(|stop| matches!(stop.kind, ErrorKind::Busy { .. }));
            let lesson = Round { answered: answers.len(), took: begun.elapsed(), busy };
            self.collection.learned().pace.learn(lesson);
            let mut goes_on = stop.map_or(Ok(()), |stop| self.pause(stop, at_once));
            if at_once > 1 {
                goes_on = goes_on.and_then(|()| self.alone(round, &mut answers));
            }
            sent.extend(answers);
            if let Err(stop) = goes_on {
                sent.resize_with(batch.len(), || Err(again(&stop)));
            }
        }
        sent
    }

    /// Sends writes, `at_once` of them in flight. Gives the answers of those that were sent, which are the first ones, and
    /// the failure that kept the rest from being sent.
    fn round(&self, writes: &[Write], at_once: usize) -> (Vec<Result<Sent>>, Option<Error>) {
        let next = AtomicUsize::new(0);
        let stop: Mutex<Option<Error>> = Mutex::new(None);
        let answers: Mutex<Vec<(usize, Result<Sent>)>> = Mutex::new(Vec::with_capacity(writes.len()));
        let lane = || {
            loop {
                if lock(&stop).is_some() {
                    return;
                }
                if let Err(cancelled) = self.call.check() {
                    lock(&stop).get_or_insert(cancelled);
                    return;
                }
                let number = next.fetch_add(1, Ordering::Relaxed);
                let Some(write) = writes.get(number) else { return };
                let answer = self.send(write);
                if let Err(error) = self.reached(&answer)
                    && (error.stops_the_run() || matches!(error.kind, ErrorKind::Busy { .. }))
                {
                    lock(&stop).get_or_insert(again(error));
                }
                lock(&answers).push((number, answer));
            }
        };
        std::thread::scope(|scope| {
            for _ in 1..at_once.min(writes.len()) {
                scope.spawn(lane);
            }
            lane();
        });
        let mut answers = answers.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        answers.sort_by_key(|(number, _)| *number);
        (answers.into_iter().map(|(_, answer)| answer).collect(), lock(&stop).take())
    }

    /// Sends once more, one after the other, what found the collection locked by another of our writes: nothing was begun of
    /// it, and it states its condition again.
    fn alone(&self, writes: &[Write], answers: &mut [Result<Sent>]) -> Result<()> {
        for (write, answer) in writes.iter().zip(answers) {
            if !answer.as_ref().is_err_and(is_locked) {
                continue;
            }
            self.call.check()?;
            *answer = self.send(write);
            if let Err(error) = self.reached(answer)
                && (error.stops_the_run() || matches!(error.kind, ErrorKind::Busy { .. }))
            {
                self.pause(again(error), 1)?;
            }
        }
        Ok(())
    }

    /// The failure of a write, unless it only did not reach the server, and not too many in a row have.
    fn reached<'e>(&self, answer: &'e Result<Sent>) -> Result<(), &'e Error> {
        match answer {
            Err(error) if error.kind == ErrorKind::Offline => {
                let lost = self.lost.fetch_add(1, Ordering::Relaxed).saturating_add(1);
                if lost < self.call.lost_writes { Ok(()) } else { Err(error) }
            }
            answer => {
                self.lost.store(0, Ordering::Relaxed);
                answer.as_ref().map(|_| ())
            }
        }
    }

    /// Waits as long as a busy server asks for, if it is not too long. A server that only says that it is busy while it
    /// has several writes gets fewer from then on. Any other reason to stop stays one.
    fn pause(&self, stop: Error, at_once: usize) -> Result<()> {
        let ErrorKind::Busy { retry_after } = stop.kind else { return Err(stop) };
        let pause = match retry_after {
            Some(pause) => pause,
            None if at_once > 1 => return self.call.check(),
            None => return Err(stop),
        };
        if pause > LONGEST_PAUSE {
            self.collection.learned().not_before = Instant::now().checked_add(pause);
            return Err(stop);
        }
        let until = Instant::now() + pause;
        while Instant::now() < until {
            self.call.check()?;
            std::thread::sleep(
                Duration::from_millis(50).min(until.saturating_duration_since(Instant::now())),
            );
        }
        self.call.check()
    }

    fn send(&self, write: &Write) -> Result<Sent> {
        match write {
            Write::Create(draft) => self.create(draft),
            Write::Update(snapshot, draft) => self.update(snapshot, draft),
            Write::Delete(snapshot) => self.delete(snapshot),
        }
    }

    fn create(&self, draft: &Draft) -> Result<Sent> {
        let extension = lists::extension(self.collection.contents, &draft.item, &self.collection.settings);
        let name = resource_name(&draft.key.name, extension);
        let mut item = draft.item.clone();
        if item.uid().is_none() {
            item.set_uid(Some(draft.key.uid.clone()));
        }
        let path = self.collection.path.member(&name);
        self.put(path, &Draft { item, ..draft.clone() }, Expect::Absent).map_err(|error| match error.kind {
            // QUIRK(refusals: sogo): a body that it does not like is "not found". The collection itself is asked elsewhere.
            ErrorKind::Gone => Error::new(ErrorKind::Refused, error.what.clone()).because(error),
            _ => error,
        })
    }

    fn update(&self, snapshot: &Snapshot, draft: &Draft) -> Result<Sent> {
        let target = self.target(snapshot)?;
        let body = self.body(&target.path, draft)?;
        self.guarded(
            &target,
            |lessons| &mut lessons.updates,
            |expect| self.put_body(&target.path, &body, expect),
        )
    }

    fn delete(&self, snapshot: &Snapshot) -> Result<Sent> {
        let target = self.target(snapshot)?;
        let send = |expect: Expect<'_>| match self.client.delete(&target.url, Some(expect)) {
            Ok(()) => Ok(Sent::Deleted),
            Err(error) if is_doubtful(&error) => match one(self.collection, &self.client, &target.path) {
                Ok(Got::Gone) => Ok(Sent::Deleted),
                _ => Err(of_a_write(error)),
            },
            Err(error) => Err(of_a_write(error)),
        };
        self.guarded(&target, |lessons| &mut lessons.deletes, send)
    }

    fn target<'s>(&self, snapshot: &'s Snapshot) -> Result<Target<'s>> {
        let path = Path::parse(&snapshot.id.0).map_err(failure)?;
        let url = path.url(&self.collection.url);
        Ok(Target { path, url, expected: known(snapshot)? })
    }

    fn put(&self, path: Path, draft: &Draft, expect: Expect<'_>) -> Result<Sent> {
        let body = self.body(&path, draft)?;
        self.put_body(&path, &body, expect)
    }

    /// What is to be sent for a draft.
    fn body(&self, path: &Path, draft: &Draft) -> Result<Vec<u8>> {
        let options = &self.collection.settings.options.contacts;
        let is_card = matches!(self.collection.contents, Contents::AddressBook { .. });
        let mut item = draft.item.clone();
        if is_card && item.uid().is_none() {
            // A card without a UID must not be written; the same one gets the same, whoever writes it.
            item.set_uid(Some(Uuid::new_v5(&Uuid::NAMESPACE_URL, path.as_str().as_bytes()).to_string()));
        }
        let from = draft.from.as_ref().map(|original| &*original.bytes);
        let mut body = self.written(&item, from);
        if self.is_too_large(&body)
            && let Item::Contact(contact) = &item
        {
            body = match options.large_photo {
                LargePhoto::Refused => body,
                LargePhoto::Reduced => self.with_smaller_photo(path, contact, from).unwrap_or(body),
                LargePhoto::LeftOut => {
                    tracing::warn!(%path, "a photo is left out: with it, the card is larger than the server takes");
                    let photo = from.and_then(|from| self.photo(from));
                    self.written(&Item::Contact(Box::new(Contact { photo, ..(**contact).clone() })), from)
                }
            };
        }
        if self.is_too_large(&body) {
            let what = format!("{path}: {} bytes are more than the server takes", body.len());
            return Err(Error::new(ErrorKind::Refused, what));
        }
        Ok(body)
    }

    fn written(&self, item: &Item, from: Option<&[u8]>) -> Vec<u8> {
        let DavCollection { path, now, .. } = self.collection;
        let (dialect, settings) = (self.collection.dialect(), self.collection.writing());
        let body = dovetail_mapping::write(dialect, &lists::with_names(item, path), from, now(), &settings);
        match item {
            Item::Contact(_) => linked::without_photo(&body).into_owned(),
            _ => body,
        }
    }

    /// The card with the largest photo with which the server takes it; `None` where there is none.
    fn with_smaller_photo(&self, path: &Path, contact: &Contact, from: Option<&[u8]>) -> Option<Vec<u8>> {
        let photo = contact.photo.as_ref()?;
        let AttachmentSource::Inline { content: Content(Some(content)), .. } = &photo.source else {
            return None;
        };
        smaller::photos(content).find_map(|smaller| {
            let size = smaller.len();
            let photo = Some(vcard::photo::reduced(photo, smaller));
            let body = self.written(&Item::Contact(Box::new(Contact { photo, ..contact.clone() })), from);
            let fits = !self.is_too_large(&body);
            if fits {
                tracing::warn!(%path, size, "a photo is made smaller: with it, the card is larger than the server takes");
            }
            fits.then_some(body)
        })
    }

    fn is_too_large(&self, body: &[u8]) -> bool {
        self.facts.max_resource_size.is_some_and(|most| body.len() as u64 > most)
    }

    /// The photo that the server has.
    fn photo(&self, original: &[u8]) -> Option<Attachment> {
        match self.collection.understand(original).ok()? {
            Item::Contact(contact) => contact.photo,
            _ => None,
        }
    }

    fn put_body(&self, path: &Path, body: &[u8], expect: Expect<'_>) -> Result<Sent> {
        let collection = self.collection;
        let url = path.url(&collection.url);
        let media_type = lists::media_type(collection.contents, body);
        let stored = match self.client.put(&url, media_type, body, expect) {
            Ok(stored) => stored,
            Err(error) => {
                self.trouble.store(true, Ordering::Relaxed);
                let etag = self.stored_all_the_same(&error, path, body, expect);
                let etag = etag.ok_or_else(|| of_a_write(error))?;
                return Ok(Sent::Stored { path: path.clone(), etag: Some(etag), body: body.to_vec() });
            }
        };
        // Whatever else an answer points to is not what was put.
        let at = stored.at.filter(|at| at.is_member_of(&collection.path));
        let path = at.unwrap_or_else(|| path.clone());
        Ok(Sent::Stored { path, etag: stored.etag, body: body.to_vec() })
    }

    /// The ETag of what was sent, if it is stored in spite of an answer that says that something went wrong.
    ///
    /// QUIRK(user-agent: sogo): a card put by a program without a name is stored, and answered with 501.
    fn stored_all_the_same(
        &self,
        error: &dovetail_dav::Error,
        path: &Path,
        body: &[u8],
        expect: Expect<'_>,
    ) -> Option<String> {
        if !is_doubtful(error) {
            return None;
        }
        let Ok(Got::Body { etag, body: held, .. }) = one(self.collection, &self.client, path) else {
            return None;
        };
        let is_new = !matches!(expect, Expect::ETag(before) if before == etag);
        let is_ours = self.collection.understand(&held).ok()? == self.collection.understand(body).ok()?;
        (is_new && is_ours).then_some(etag)
    }

    /// Reads again what the server may hold otherwise than it was sent.
    fn look_again(&self, sent: Vec<Result<Sent>>) -> Vec<Result<Written>> {
        let believed = self.collection.lessons().keeps_bodies();
        let doubtful: Vec<Path> = sent
            .iter()
            .filter_map(|sent| match sent {
                Ok(Sent::Stored { path, etag, .. }) if !(believed && etag.is_some()) => Some(path.clone()),
                _ => None,
            })
            .collect();
        let mut held = self.held(&doubtful);
        sent.into_iter()
            .map(|sent| match sent? {
                Sent::Deleted => Ok(Written::Deleted),
                Sent::Stored { path, etag, body } => {
                    let found = held.remove(&path);
                    // Nobody knows whether that is the ETag of what was sent: the next run reads it.
                    let is_known = believed || matches!(found, Some(Got::Body { .. }));
                    self.conclude(&path, etag.filter(|_| is_known), body, found)
                        .map(|snapshot| Written::Holds(Box::new(snapshot)))
                }
            })
            .collect()
    }

    /// What the server holds at these paths, as far as it tells. A failure here does not undo the writes.
    fn held(&self, paths: &[Path]) -> HashMap<Path, Got> {
        let mut held = HashMap::new();
        if pause_left(self.collection).is_some() {
            return held;
        }
        // What was written must be known even if the run was cancelled in between.
        let call = Call { cancel: Default::default(), deadline: None, ..self.call.clone() };
        let room = Room::of(MOST_BYTES);
        for batch in paths.chunks(BATCH) {
            if let Err(error) = report(self.collection, &self.client, batch, &mut held, &room, &call) {
                tracing::warn!(%error, "what was written cannot be read again");
                return held;
            }
            for path in batch {
                if !matches!(held.get(path), Some(Got::Body { .. }))
                    && room.check().is_ok()
                    && let Ok(got) = one(self.collection, &self.client, path)
                {
                    held.insert(path.clone(), got);
                }
            }
        }
        held
    }

    /// What is held, at an ETag that no resource has where the server has answered in it: the next run reads it.
    fn without_answers(&self, sent: &[u8], held: Stored) -> Stored {
        match self.before_answers(sent, &held.1) {
            Some(unanswered) => (String::new(), unanswered, None),
            None => held,
        }
    }

    /// What the server holds of a meeting, but with the answers that were sent: what it has answered itself for a room while
    /// the meeting was written is an edit of its own, which is to cross as any other. `None` where it has not.
    ///
    /// QUIRK(rooms: sogo): a room says at once that it comes.
    fn before_answers(&self, sent: &[u8], held: &[u8]) -> Option<Vec<u8>> {
        if sent == held || !scheduling::is_meeting(sent) {
            return None;
        }
        let understood = |body| match self.collection.understand(body) {
            Ok(Item::Event(event)) => Some(event),
            _ => None,
        };
        let (mut asked, mut answered) = (understood(sent)?, understood(held)?);
        let asked: HashMap<_, _> = occurrences(&mut asked).collect();
        let mut any = false;
        for (id, occurrence) in occurrences(&mut answered) {
            let Some(asked) = asked.get(&id) else { continue };
            for attendee in &mut occurrence.attendees {
                let before = asked.attendees.iter().find(|one| one.who.address == attendee.who.address);
                if let Some(before) = before.filter(|before| before.response != attendee.response)
                    && attendee.response != Response::NeedsAction
                {
                    attendee.response = before.response;
                    any = true;
                }
            }
        }
        any.then(|| self.written(&Item::Event(answered), Some(held)))
    }

    /// What is held after a write: what was found, unless somebody else has written meanwhile. Then what was sent is
    /// the base, at the version that it had, so that the next run sees the other one's edit as an edit.
    fn conclude(
        &self,
        path: &Path,
        etag: Option<String>,
        sent: Vec<u8>,
        found: Option<Got>,
    ) -> Result<Snapshot> {
        let (version, body, modified) = match (etag, found) {
            (Some(etag), Some(Got::Body { etag: now, body, modified })) if now == etag => {
                self.collection.learn(|lessons| lessons.came_back(body == sent));
                self.without_answers(&sent, (etag, body, modified))
            }
            (Some(etag), Some(Got::Body { etag: now, body, modified })) => {
                let same = self.collection.understand(&body).ok() == self.collection.understand(&sent).ok();
                if same { (now, body, modified) } else { (etag, sent, None) }
            }
            (None, Some(Got::Body { etag: now, body, modified })) => {
                self.without_answers(&sent, (now, body, modified))
            }
            (Some(etag), _) if self.collection.lessons().keeps_bodies() => (etag, sent, None),
            // What a server may have made of the body is not known yet. With an ETag that no resource has, the next run
            // reads the item before anything is done to it.
            _ => (String::new(), sent, None),
        };
        self.collection.snapshot(path, version, modified, body).map_err(|why| {
            Error::new(
                ErrorKind::Malformed,
                format!("{path}: what the server made of it cannot be read: {why}"),
            )
        })
    }
}

/// The event and each changed occurrence of it.
fn occurrences(event: &mut Event) -> impl Iterator<Item = (Option<When>, &mut Occurrence)> {
    let changed = event.overrides.iter_mut().map(|(id, occurrence)| (Some(id.clone()), occurrence));
    std::iter::once((None, &mut event.main)).chain(changed)
}

/// The ETag that a snapshot was read at.
fn known(snapshot: &Snapshot) -> Result<&str> {
    let Version(etag) = &snapshot.version;
    if etag.is_empty() {
        return Err(Error::new(ErrorKind::Stale, format!("{}: to be read again first", snapshot.id.0)));
    }
    Ok(etag)
}

/// Whether the write may have been done although the answer is a failure.
fn is_doubtful(error: &dovetail_dav::Error) -> bool {
    matches!(error.status, Some(500..=502 | 504))
}

/// Whether a write was refused because of another one that was not done yet.
///
/// QUIRK(locks: xandikos): it has one lock for a collection, and answers 423 to a write that finds it taken.
fn is_locked(error: &Error) -> bool {
    let cause = error.source.as_ref().and_then(|source| source.downcast_ref::<dovetail_dav::Error>());
    cause.is_some_and(|cause| cause.status == Some(423))
}

/// A method that is not allowed at all is the right to write that is missing.
fn of_a_write(error: dovetail_dav::Error) -> Error {
    let is_forbidden = error.status == Some(405);
    let mut error = failure(error);
    if is_forbidden {
        error.kind = ErrorKind::ReadOnly;
    }
    error
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
