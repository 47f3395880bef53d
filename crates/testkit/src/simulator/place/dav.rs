//! A collection of a CalDAV or CardDAV server as a place: the embedded server at one end of a loopback connection, the
//! storage that the program has at the other.
//!
//! Users are other clients: they put and delete objects on the server itself. Each thread has one server for all its
//! simulations, and a new collection on it for each.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use dovetail_backends::dav::{Contents, DavCollection};
use dovetail_dav::href::Path;
use dovetail_dav::{Client, ClientSettings, Credentials};
use dovetail_davserver::faults::Rule;
use dovetail_davserver::{CollectionKind, Faults, Server, Settings as ServerSettings, User};
use dovetail_mapping::{Dialect, Settings, vcard};
use dovetail_model::{Item, Kind, Zone};
use dovetail_sync::error::Result;
use dovetail_sync::storage::{
    Call, Changes, Collection, Fetched, ItemId, Original, Row, Scope, Standing, SyncToken, Traits, Warning,
    Write, Written,
};
use jiff::Timestamp;
use url::Url;

use super::{Fault, FaultKind, Place};
use crate::Dice;
use crate::faults::Fuse;
use crate::memory::{Lens, Replaced};

mod odd;

use odd::Oddity;

/// The property that no lens understands.
const EXTRA: &str = "X-KNOWN-TO-NOBODY";

/// Writes that a storage may have under way at once, of batches as small as those of a simulation.
const IN_FLIGHT: u64 = 3;

/// What users do that is told of beside the faults.
const COPIED: &str = "a UID twice";

pub(in crate::simulator) struct DavPlace {
    server: Arc<Server>,
    url: Url,
    path: Path,
    kind: Kind,
    oddity: Oddity,
    fuse: Fuse,
    /// Whether the engine's batches go out write by write, so that the process can die between any two.
    singly: bool,
    client: Mutex<Client>,
    now: Mutex<Timestamp>,
    names: AtomicU64,
    writes: Arc<AtomicU64>,
    replaced: Arc<Mutex<Vec<Replaced>>>,
    /// What goes wrong now: one for each rule that the server has behind those of its oddity.
    playing: Mutex<Vec<&'static FaultKind>>,
    happened: Mutex<BTreeMap<&'static str, u64>>,
}

thread_local! {
    static SERVER: std::io::Result<Arc<Server>> = start();
    static MADE: AtomicU64 = const { AtomicU64::new(0) };
    static NOW: std::cell::Cell<Timestamp> = const { std::cell::Cell::new(Timestamp::UNIX_EPOCH) };
}

fn start() -> std::io::Result<Arc<Server>> {
    let users = vec![User::new("sample", "sample")];
    Server::start(ServerSettings { users, ..ServerSettings::default() }).map(Arc::new)
}

/// What the storage's clock shows: this thread's, since a simulation runs on one. The threads of a storage that writes
/// several items at once have none, and stamp them with the distant past.
fn now() -> Timestamp {
    NOW.get()
}

impl DavPlace {
    pub(in crate::simulator) const FAULTS: &'static [FaultKind] = odd::FAULTS;

    /// A new collection.
    pub(in crate::simulator) fn new(
        kind: Kind,
        only: Option<&'static str>,
        dice: &mut Dice,
        fuse: &Fuse,
    ) -> Result<DavPlace, String> {
        let server = SERVER.with(|server| match server {
            Ok(server) => Ok(server.clone()),
            Err(error) => Err(error.to_string()),
        })?;
        server.set_faults(Faults::default());
        let path = format!("/sample/c{}/", MADE.with(|made| made.fetch_add(1, Ordering::Relaxed)));
        let holds = match kind {
            Kind::Event | Kind::Task => CollectionKind::EventsAndTasks,
            Kind::Contact | Kind::Group => CollectionKind::Contacts,
        };
        server.make_collection(&path, holds, "Sample").map_err(|refusal| refusal.reason)?;
        let url = Url::parse(&server.url()).and_then(|url| url.join(&path)).map_err(|it| it.to_string())?;
        Ok(DavPlace {
            client: Mutex::new(client(&url)?),
            path: Path::of(&url),
            oddity: Oddity::of(dice, only),
            server,
            url,
            kind,
            fuse: fuse.clone(),
            singly: dice.once_in(2),
            now: Mutex::new(Timestamp::UNIX_EPOCH),
            names: AtomicU64::default(),
            writes: Arc::default(),
            replaced: Arc::default(),
            playing: Mutex::default(),
            happened: Mutex::default(),
        })
    }

    fn dialect(&self) -> Dialect {
        match self.kind {
            Kind::Event | Kind::Task => Dialect::ICalendar,
            Kind::Contact | Kind::Group => Dialect::VCard3,
        }
    }

    /// A name that nothing has; one in two has to be encoded in an address.
    fn new_path(&self) -> Path {
        let number = self.names.fetch_add(1, Ordering::Relaxed);
        let extension = if self.dialect() == Dialect::ICalendar { "ics" } else { "vcf" };
        let name =
            if number.is_multiple_of(2) { format!("made {number} @ö") } else { format!("made-{number}") };
        self.path.member(&format!("{name}.{extension}"))
    }

    fn put(&self, path: &Path, bytes: &[u8]) {
        let stored = match self.notices_twins() {
            true => self.server.put(path.as_str(), bytes),
            false => self.server.put_anyway(path.as_str(), bytes),
        };
        if let Err(refusal) = stored {
            let body = String::from_utf8_lossy(bytes);
            panic!("the server takes no {path} of a user: {}\n{body}", refusal.reason);
        }
    }

    fn bytes(&self, id: &ItemId) -> Option<Arc<[u8]>> {
        self.originals().into_iter().find(|(other, _)| other == id).map(|(_, bytes)| bytes)
    }

    fn written(&self, item: &Item, over: Option<&[u8]>) -> Vec<u8> {
        dovetail_mapping::write(self.dialect(), item, over, *lock(&self.now), &settings())
    }

    /// Takes over how often the faults happened, before the server forgets it.
    fn count(&self) {
        let counts = self.server.fault_counts();
        let counts = counts.into_iter().skip(self.oddity.rules().len());
        let mut happened = lock(&self.happened);
        for (kind, count) in lock(&self.playing).iter().zip(counts) {
            *happened.entry(kind.name).or_default() += count;
        }
    }
}

fn client(url: &Url) -> Result<Client, String> {
    let credentials = Credentials { user: "sample".to_owned(), password: "sample".into() };
    Client::new(url, Some(credentials.into()), &ClientSettings::default()).map_err(|error| error.to_string())
}

fn settings() -> Settings {
    let product = "-//Example//Another client//EN".to_owned();
    Settings::new(Zone::named("Europe/Berlin"), product)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Place for DavPlace {
    fn open(&self, computer: &str, _lens: &Lens) -> Box<dyn Collection> {
        let contents = match self.dialect() {
            Dialect::ICalendar => Contents::Calendar,
            _ => Contents::AddressBook { new_cards: vcard::Version::V3 },
        };
        let client = lock(&self.client).clone();
        let watched = Watched {
            inner: DavCollection::new(client, self.url.clone(), contents, settings(), now),
            computer: computer.to_owned(),
            server: self.server.clone(),
            path: self.path.clone(),
            fuse: self.fuse.clone(),
            singly: self.singly,
            writes: self.writes.clone(),
            replaced: self.replaced.clone(),
        };
        Box::new(watched)
    }

    fn has_lenses(&self) -> bool {
        false
    }

    fn items(&self) -> Vec<(ItemId, Item)> {
        let read = |bytes: &[u8]| dovetail_mapping::read(self.dialect(), bytes, &settings()).item;
        self.originals().into_iter().filter_map(|(id, bytes)| Some((id, read(&bytes)?))).collect()
    }

    fn originals(&self) -> Vec<(ItemId, Arc<[u8]>)> {
        originals(&self.server, &self.path)
    }

    fn extra(&self, id: &ItemId) -> Option<String> {
        let text = String::from_utf8(self.bytes(id)?.to_vec()).ok()?.replace("\r\n ", "");
        let line = text.lines().find_map(|line| line.strip_prefix(EXTRA)?.strip_prefix(':'));
        Some(line.unwrap_or_default().to_owned())
    }

    fn make(&self, item: &Item, extra: &str) -> ItemId {
        let body = String::from_utf8_lossy(&self.written(item, None)).into_owned();
        let end = ["END:VEVENT", "END:VTODO", "END:VCARD"].iter().find_map(|end| body.find(end));
        let (head, tail) = body.split_at(end.unwrap_or(body.len()));
        let extra = if extra.is_empty() { String::new() } else { format!("{EXTRA}:{extra}\r\n") };
        let path = self.new_path();
        self.put(&path, format!("{head}{extra}{tail}").as_bytes());
        ItemId(path.as_str().to_owned())
    }

    fn edit(&self, id: &ItemId, wanted: &Item) {
        let Some(bytes) = self.bytes(id) else { return };
        self.overwrite(id, &self.written(wanted, Some(&bytes)));
    }

    fn remove(&self, id: &ItemId) {
        drop(self.server.delete(&id.0));
    }

    fn rename(&self, id: &ItemId) -> ItemId {
        let Some(bytes) = self.bytes(id) else { return id.clone() };
        let path = self.new_path();
        // Its UID is taken as long as it is there.
        self.remove(id);
        self.put(&path, &bytes);
        ItemId(path.as_str().to_owned())
    }

    fn copy(&self, id: &ItemId) -> Option<ItemId> {
        if self.notices_twins() {
            return None;
        }
        let bytes = self.bytes(id)?;
        let path = self.new_path();
        self.put(&path, &bytes);
        *lock(&self.happened).entry(COPIED).or_default() += 1;
        Some(ItemId(path.as_str().to_owned()))
    }

    /// The server takes nothing that nobody can read: all that is not ours is of another kind.
    fn leave_strangers(&self, other: &Item) -> Vec<ItemId> {
        vec![self.make(other, "")]
    }

    fn spoil(&self, id: &ItemId, item: &Item, other: &Item) {
        let mut other = other.clone();
        other.set_uid(item.uid().map(str::to_owned));
        self.overwrite(id, &self.written(&other, None));
    }

    fn overwrite(&self, id: &ItemId, bytes: &[u8]) {
        if let Ok(path) = Path::parse(&id.0) {
            self.put(&path, bytes);
        }
    }

    fn take_replaced(&self) -> Vec<Replaced> {
        std::mem::take(&mut *lock(&self.replaced))
    }

    fn writes(&self) -> u64 {
        self.writes.load(Ordering::Relaxed)
    }

    fn set_now(&self, now: Timestamp) {
        *lock(&self.now) = now;
        NOW.set(now);
        self.server.next_second();
    }

    fn faults(&self) -> &'static [FaultKind] {
        odd::FAULTS
    }

    fn play(&self, faults: &[Fault]) {
        self.count();
        let mut rules: Vec<Rule> = self.oddity.rules();
        let mut kinds = Vec::new();
        for fault in faults {
            let added = odd::rules(fault);
            kinds.extend(added.iter().map(|_| fault.kind));
            rules.extend(added);
        }
        self.server.set_faults(Faults { rules });
        *lock(&self.playing) = kinds;
        // A login that was refused is not offered again by the same process.
        if let Ok(client) = client(&self.url) {
            *lock(&self.client) = client;
        }
    }

    fn happened(&self) -> BTreeMap<&'static str, u64> {
        self.play(&[]);
        std::mem::take(&mut *lock(&self.happened))
    }

    /// A login that was refused is not offered again, and who is to come back in an hour does not come earlier, but for
    /// what was under way. Told only of a fault that is alone: of several at once, one may hide another.
    fn hammered(&self) -> Option<String> {
        let kind = match lock(&self.playing).as_slice() {
            [kind] => *kind,
            _ => return None,
        };
        let most = match kind.name {
            "401" => 1,
            "503 with Retry-After in seconds" | "429 with Retry-After as a date" => IN_FLIGHT,
            _ => return None,
        };
        let count = self.server.fault_counts().into_iter().nth(self.oddity.rules().len())?;
        (count > most).then(|| format!("{} was answered {count} times in one run", kind.name))
    }

    fn notices_twins(&self) -> bool {
        self.oddity.name != odd::UIDS_REPEAT
    }

    fn describe(&self) -> String {
        self.oddity.name.to_owned()
    }
}

impl Drop for DavPlace {
    fn drop(&mut self) {
        self.server.set_faults(Faults::default());
        drop(self.server.delete(self.path.as_str()));
    }
}

fn originals(server: &Server, path: &Path) -> Vec<(ItemId, Arc<[u8]>)> {
    let id = |name: &str| ItemId(path.member(name).as_str().to_owned());
    let objects = server.objects(path.as_str());
    objects.into_iter().map(|object| (id(&object.name), Arc::from(object.bytes))).collect()
}

/// The storage of a computer, and what its writes do to the server.
struct Watched {
    inner: DavCollection,
    computer: String,
    server: Arc<Server>,
    path: Path,
    fuse: Fuse,
    singly: bool,
    writes: Arc<AtomicU64>,
    replaced: Arc<Mutex<Vec<Replaced>>>,
}

impl Watched {
    fn write_together(&self, batch: &[Write], call: &Call) -> Vec<Result<Written>> {
        self.fuse.burn();
        let before = originals(&self.server, &self.path);
        self.writes.fetch_add(batch.len() as u64, Ordering::Relaxed);
        let written = self.inner.write(batch, call);
        let after: BTreeMap<ItemId, Arc<[u8]>> = originals(&self.server, &self.path).into_iter().collect();
        let gone = before.into_iter().filter(|(id, bytes)| after.get(id) != Some(bytes));
        let by = || self.computer.clone();
        lock(&self.replaced).extend(gone.map(|(id, bytes)| Replaced { id, bytes, by: by() }));
        self.fuse.burn();
        written
    }
}

impl Collection for Watched {
    fn traits(&self) -> Traits {
        self.inner.traits()
    }

    fn read(&self, original: &Original) -> Option<(Item, Vec<Warning>)> {
        self.inner.read(original)
    }

    fn holds(&self, item: &Item) -> Item {
        self.inner.holds(item)
    }

    fn takes(&self, over: &Original, item: &Item) -> Option<Item> {
        self.inner.takes(over, item)
    }

    fn changes(
        &self,
        since: Option<&SyncToken>,
        scope: &Scope,
        sink: &mut dyn FnMut(Row) -> Result<()>,
        call: &Call,
    ) -> Result<Changes> {
        self.inner.changes(since, scope, sink, call)
    }

    fn token_to_keep(&self, token: SyncToken) -> SyncToken {
        self.inner.token_to_keep(token)
    }

    fn fetch(&self, ids: &[ItemId], scope: &Scope, call: &Call) -> Result<Vec<Fetched>> {
        self.inner.fetch(ids, scope, call)
    }

    fn fetch_each(
        &self,
        ids: &[&ItemId],
        scope: &Scope,
        sink: &mut dyn FnMut(&ItemId, Fetched) -> Result<()>,
        call: &Call,
    ) -> Result<()> {
        self.inner.fetch_each(ids, scope, sink, call)
    }

    fn standing(&self, call: &Call) -> Result<Standing> {
        self.inner.standing(call)
    }

    fn write(&self, batch: &[Write], call: &Call) -> Vec<Result<Written>> {
        if !self.singly {
            return self.write_together(batch, call);
        }
        batch.iter().flat_map(|write| self.write_together(std::slice::from_ref(write), call)).collect()
    }
}
