//! A small CalDAV and CardDAV server in the process, on the loopback interface unless told otherwise: for the demo,
//! benchmarks and tests.
//!
//! It keeps to RFC 4918, 4791, 6352, 6578, 5689 and 6764 as far as it goes, so that any client can use it; it shares no code
//! with the client of this project, and so is a second opinion on the protocol. It is no server for a network: it trusts
//! who runs it, and speaks neither TLS nor HTTP/2. What it does badly on purpose is in [`faults`].
//!
//! Each user has a home `/NAME/` with `calendar/` (events), `tasks/` and `contacts/`, and a principal
//! `/principals/NAME/`. Start with [`Server::start`]; then `wire` (HTTP), `exchange` (a request finds its method), one
//! file a method or report, and [`store`] (what is kept).
//!
//! ```
//! use dovetail_davserver::{Server, Settings};
//!
//! let server = Server::start(Settings::default())?;
//! let etag = server.put("/sample/contacts/a.vcf", b"BEGIN:VCARD\r\nVERSION:4.0\r\nUID:a\r\nFN:A\r\nEND:VCARD\r\n");
//! assert_eq!(server.objects("/sample/contacts/")[0].etag, etag.unwrap());
//! # Ok::<(), std::io::Error>(())
//! ```

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

mod clock;
mod exchange;
pub mod faults;
mod filter;
mod instances;
mod location;
mod object;
mod refusal;
mod store;
mod wire;
mod xml;

use exchange::Shared;
use location::Location;

pub use exchange::Seen;
pub use faults::Faults;
pub use refusal::Refusal;
pub use store::{Access, CollectionInfo, CollectionKind};

/// How a server is to be.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where it listens. Whoever can reach it sees passwords and bodies as they are: it speaks no TLS.
    pub address: IpAddr,
    /// The port; 0 for any that is free.
    pub port: u16,
    /// Who may use it. Nobody may be called `principals` or `.well-known`, or have a name without characters.
    pub users: Vec<User>,
    /// Where it keeps what it is given.
    pub storage: Storage,
    /// What a user without collections begins with.
    pub beginnings: Vec<Beginning>,
    /// The longest object that it takes, in bytes.
    pub max_resource_size: usize,
    /// The longest body of a request that it reads, in bytes.
    pub max_body_size: usize,
    /// How many removed objects of a collection are remembered for sync tokens; tokens older than that are invalid.
    pub remembered_removals: usize,
}

impl Default for Settings {
    /// Any port of 127.0.0.1, one user `sample` with the password `sample`, in memory; `calendar`, `tasks` and `contacts`.
    fn default() -> Self {
        Settings {
            address: IpAddr::V4(Ipv4Addr::LOCALHOST),
            port: 0,
            users: vec![User::default()],
            storage: Storage::Memory,
            beginnings: vec![
                Beginning::new("calendar", CollectionKind::Events, "Calendar"),
                Beginning::new("tasks", CollectionKind::Tasks, "Tasks"),
                Beginning::new("contacts", CollectionKind::Contacts, "Contacts"),
            ],
            max_resource_size: 10 << 20,
            max_body_size: 64 << 20,
            remembered_removals: 100_000,
        }
    }
}

/// Somebody who may use a server.
#[derive(Clone, PartialEq, Eq)]
pub struct User {
    /// The login, and the name of the home.
    pub name: String,
    /// The password.
    pub password: String,
    /// The mail address, without `mailto:`.
    pub mail: String,
}

impl User {
    /// A user with a mail address at example.com.
    pub fn new(name: &str, password: &str) -> User {
        User { name: name.to_owned(), password: password.to_owned(), mail: format!("{name}@example.com") }
    }
}

impl Default for User {
    /// `sample` with the password `sample`.
    fn default() -> Self {
        User::new("sample", "sample")
    }
}

impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "User({}, {})", self.name, self.mail)
    }
}

/// A collection that a user begins with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beginning {
    /// Its name in the home.
    pub name: String,
    /// What it is for.
    pub kind: CollectionKind,
    /// Its display name.
    pub shown: String,
}

impl Beginning {
    /// A collection.
    pub fn new(name: &str, kind: CollectionKind, shown: &str) -> Beginning {
        Beginning { name: name.to_owned(), kind, shown: shown.to_owned() }
    }
}

/// Where a server keeps what it is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Storage {
    /// Nowhere but in memory.
    Memory,
    /// In a folder: a folder for each user and collection, in it a file for each object. It is made if it is not there;
    /// files changed beside the server are taken as changes when it starts the next time.
    Folder(PathBuf),
}

/// An object of a collection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// Its name in the collection, decoded.
    pub name: String,
    /// Its ETag, with the quotes.
    pub etag: String,
    /// What it holds.
    pub bytes: Vec<u8>,
}

/// A running server. It stops when dropped.
///
/// Beside HTTP it can be used directly, as somebody at another client would: the same checks apply, faults do not, and
/// it is no request.
pub struct Server {
    shared: Arc<Shared>,
    address: SocketAddr,
    running: Option<wire::Running>,
}

impl Server {
    /// Starts a server.
    ///
    /// # Errors
    /// Where the port is taken, a user may not be called so, or the folder cannot be read and written.
    pub fn start(settings: Settings) -> io::Result<Server> {
        let address = SocketAddr::new(settings.address, settings.port);
        let shared = Arc::new(Shared::new(settings)?);
        let running = wire::start(address, shared.clone())?;
        Ok(Server { shared, address: running.address(), running: Some(running) })
    }

    /// Its address, such as `http://127.0.0.1:40000/`; that of this computer, where it listens on all that it has.
    pub fn url(&self) -> String {
        let mut address = self.address;
        match address.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
            IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
            _ => {}
        }
        format!("http://{address}/")
    }

    /// The latest requests, the oldest first; no more than some ten thousand are kept.
    pub fn requests(&self) -> Vec<Seen> {
        self.shared.seen()
    }

    /// How many requests came in.
    pub fn request_count(&self) -> u64 {
        self.shared.request_count()
    }

    /// What goes wrong from now on; `Faults::default()` for nothing. Counting begins anew.
    pub fn set_faults(&self, faults: Faults) {
        self.shared.set_faults(faults);
    }

    /// Lets the clock go on by which a coarse server tells what changed ([`faults::Tokens::Coarse`]); it stands still by itself.
    pub fn next_second(&self) {
        self.shared.write().next_second();
    }

    /// How many requests each rule of the faults hit since they were set, in the order of the rules.
    pub fn fault_counts(&self) -> Vec<u64> {
        self.shared.fault_counts()
    }

    /// The collections of all users.
    pub fn collections(&self) -> Vec<CollectionInfo> {
        self.shared.read().collections().map(|(address, collection)| collection.info(address)).collect()
    }

    /// Makes a collection, such as `/sample/work/`, with a display name.
    ///
    /// # Errors
    /// Where one is there already, there is no such user, or the path is not that of a collection.
    pub fn make_collection(&self, path: &str, kind: CollectionKind, name: &str) -> Result<(), Refusal> {
        match Location::parse(path)? {
            Location::Collection(address) => self.shared.write().make_collection(address, kind, name),
            _ => Err(Refusal::new(403, "collections are made in the home of a user")),
        }
    }

    /// Says whether clients may change a collection. Whoever uses the server directly always may.
    ///
    /// # Errors
    /// Where there is no such collection.
    pub fn set_access(&self, path: &str, access: Access) -> Result<(), Refusal> {
        match Location::parse(path)? {
            Location::Collection(address) => self.shared.write().set_access(&address, access),
            _ => Err(Refusal::missing()),
        }
    }

    /// The objects of a collection by name; none where there is no such collection.
    pub fn objects(&self, collection_path: &str) -> Vec<Object> {
        let Ok(Location::Collection(address)) = Location::parse(collection_path) else { return Vec::new() };
        let store = self.shared.read();
        let Some(collection) = store.collection(&address) else { return Vec::new() };
        let objects = collection.objects().map(|(name, stored)| Object {
            name: name.to_string(),
            etag: stored.etag.clone(),
            bytes: stored.bytes.to_vec(),
        });
        objects.collect()
    }

    /// Stores an object, and tells its new ETag. The path is encoded as in a request.
    ///
    /// # Errors
    /// As the answer to a PUT would have it.
    pub fn put(&self, path: &str, bytes: &[u8]) -> Result<String, Refusal> {
        match Location::parse(path)? {
            Location::Object(address, name) => {
                let object = self.shared.examine(&address, bytes.to_vec().into())?;
                self.shared.write().put(&address, &name, object).map(|done| done.etag)
            }
            _ => Err(Refusal::new(405, "only an object can be stored")),
        }
    }

    /// Stores an object as a server does that takes several objects of one UID.
    ///
    /// # Errors
    /// Where it is no object that the collection takes, or there is no collection.
    pub fn put_anyway(&self, path: &str, bytes: &[u8]) -> Result<String, Refusal> {
        match Location::parse(path)? {
            Location::Object(address, name) => {
                let object = self.shared.examine(&address, bytes.to_vec().into())?;
                self.shared.write().put_anyway(&address, &name, object).map(|done| done.etag)
            }
            _ => Err(Refusal::new(405, "only an object can be stored")),
        }
    }

    /// Deletes an object, or a collection with all that is in it.
    ///
    /// # Errors
    /// Where nothing is there.
    pub fn delete(&self, path: &str) -> Result<(), Refusal> {
        match Location::parse(path)? {
            Location::Object(address, name) => self.shared.write().delete(&address, &name),
            Location::Collection(address) => self.shared.write().delete_collection(&address),
            _ => Err(Refusal::forbidden()),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            running.stop();
        }
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Server({})", self.url())
    }
}
