//! Real servers for tests, as `servers/<name>/start` makes them.
//!
//! Small ones are started for each test, on a free port, and their data goes with it. Large ones run once for all tests;
//! each test is a user of its own there.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

pub mod name_server;
pub mod scripted;

pub use name_server::{NameServer, Zone};
pub use scripted::{Scripted, Seen, answer};

/// A running server, with a user whose collections are empty. Stopped, and its data removed, when dropped, unless other
/// tests use it too.
#[derive(Debug)]
pub struct Server {
    /// What it is.
    pub product: Product,
    /// Its address, such as `http://127.0.0.1:5232/`.
    pub address: String,
    /// A user that it knows; nobody else is this user.
    pub user: String,
    /// The user's password.
    pub password: String,
    folder: PathBuf,
    port: u16,
}

/// A server that tests can start. The user's calendar home has the empty calendars `calendar` and `tasks`, the address book
/// home has `contacts`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Product {
    /// As in `servers/<name>/start`.
    pub name: &'static str,
    /// The path of a calendar home, with `USER` for the user; ends with a slash.
    calendar_home: &'static str,
    /// The path of an address book home, likewise.
    address_book_home: &'static str,
    /// The path of a principal, likewise.
    principal: &'static str,
    runs: Runs,
    /// Variables that change how it is set up.
    environment: &'static [(&'static str, &'static str)],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Runs {
    /// For each test anew.
    ForOne,
    /// Once, on this port.
    ForAll(u16),
}

/// Radicale: slow, and the slower the more items a collection holds.
pub const RADICALE: Product = Product {
    name: "radicale",
    calendar_home: "/USER/",
    address_book_home: "/USER/",
    principal: "/USER/",
    runs: Runs::ForOne,
    environment: &[],
};
/// Xandikos: as slow.
pub const XANDIKOS: Product = Product {
    name: "xandikos",
    calendar_home: "/USER/calendars/",
    address_book_home: "/USER/contacts/",
    principal: "/USER/",
    runs: Runs::ForOne,
    environment: &[],
};
/// SOGo, behind a web server.
pub const SOGO: Product = Product {
    name: "sogo",
    calendar_home: "/SOGo/dav/USER/Calendar/",
    address_book_home: "/SOGo/dav/USER/Contacts/",
    principal: "/SOGo/dav/USER/",
    runs: Runs::ForAll(20_000),
    environment: &[],
};
/// DAViCal.
pub const DAVICAL: Product = Product {
    name: "davical",
    calendar_home: "/caldav.php/USER/",
    address_book_home: "/caldav.php/USER/",
    principal: "/caldav.php/USER/",
    runs: Runs::ForAll(20_100),
    environment: &[],
};
/// Cyrus: the strictest.
pub const CYRUS: Product = Product {
    name: "cyrus",
    calendar_home: "/dav/calendars/user/USER/",
    address_book_home: "/dav/addressbooks/user/USER/",
    principal: "/dav/principals/user/USER/",
    runs: Runs::ForAll(20_200),
    environment: &[],
};
/// sabre/dav in an old version, without sync-collection.
pub const SABRE: Product = Product {
    name: "sabre",
    calendar_home: "/calendars/USER/",
    address_book_home: "/addressbooks/USER/",
    principal: "/principals/USER/",
    runs: Runs::ForAll(20_300),
    environment: &[],
};

/// The same sabre/dav, which takes logins by Digest alone (RFC 7616, MD5).
pub const SABRE_WITH_DIGEST: Product =
    Product { runs: Runs::ForAll(20_310), environment: &[("SABRE_AUTH", "digest")], ..SABRE };
/// The same Cyrus, which offers SCRAM and Digest before Basic, to users whom it lets in by Basic alone.
pub const CYRUS_WITH_MANY_LOGINS: Product = Product {
    runs: Runs::ForAll(20_210),
    environment: &[("CYRUS_MECHS", "PLAIN LOGIN DIGEST-MD5 SCRAM-SHA-256")],
    ..CYRUS
};

/// All of them.
pub const ALL: [Product; 6] = [RADICALE, XANDIKOS, SOGO, DAVICAL, CYRUS, SABRE];

/// Radicale, for tests to which it does not matter which server it is.
///
/// # Panics
/// As [`Product::start`].
pub fn radicale() -> Option<Server> {
    RADICALE.start()
}

/// Every server that can be started here, one after the other.
///
/// # Panics
/// As [`Product::start`].
pub fn each() -> impl Iterator<Item = Server> {
    ALL.into_iter().filter_map(Product::start)
}

impl Product {
    /// Starts it. `None`, said loudly, where that cannot be. The variable `DAVTEST_ONLY` names those that are wanted.
    ///
    /// # Panics
    /// Where it cannot be started and the variable `CI` is set: there, nothing may be skipped.
    #[allow(clippy::disallowed_macros, reason = "shown only where a test fails, which then names the server")]
    pub fn start(self) -> Option<Server> {
        let only = std::env::var("DAVTEST_ONLY").unwrap_or_default();
        if !only.is_empty() && !only.split(',').any(|name| name == self.name) {
            return None;
        }
        match self.started() {
            Ok(server) => {
                eprintln!("against {} at {}", self.name, server.address);
                Some(server)
            }
            Err(why) => {
                crate::skip(self.name, &why);
                None
            }
        }
    }

    fn run(self, script: &Path, arguments: &[&str]) -> Result<(), String> {
        let environment = self.environment.iter().copied();
        let output = Command::new(script).args(arguments).envs(environment).output();
        let output = output.map_err(|error| error.to_string())?;
        match output.status.success() {
            true => Ok(()),
            false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
        }
    }

    fn started(self) -> Result<Server, String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../servers").join(self.name);
        let server = |port, user: &str, password: &str| Server {
            product: self,
            address: format!("http://127.0.0.1:{port}/"),
            user: user.to_owned(),
            password: password.to_owned(),
            folder: folder.clone(),
            port,
        };
        match self.runs {
            Runs::ForAll(port) => {
                self.run(&folder.join("start"), &[&port.to_string()])?;
                let (user, password) = (somebody(), "sample-password");
                self.run(&folder.join("user"), &[&format!("{user}:{password}"), &port.to_string()])?;
                Ok(server(port, &user, password))
            }
            Runs::ForOne => {
                // The port may be taken by somebody else before the server takes it: then another one is tried.
                let mut said = String::new();
                for _ in 0..3 {
                    let port = free_port();
                    match self.run(&folder.join("start"), &[&port.to_string()]) {
                        Ok(()) => return Ok(server(port, "alice", "alicepw")),
                        Err(why) => said = why,
                    }
                }
                Err(said)
            }
        }
    }
}

/// The name of a user whom no server knows yet.
fn somebody() -> String {
    format!("u{}", uuid::Uuid::new_v4().simple())
}

impl Server {
    /// The address of a path on it; the path begins with a slash.
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.address.trim_end_matches('/'))
    }

    /// The address of a calendar of the user, whether it is there or not. Ends with a slash.
    pub fn calendar(&self, name: &str) -> String {
        self.at(&format!("{}{name}/", self.calendar_home()))
    }

    /// The address of an address book of the user, whether it is there or not. Ends with a slash.
    pub fn address_book(&self, name: &str) -> String {
        self.at(&format!("{}{name}/", self.address_book_home()))
    }

    /// The path of the user's calendar home; ends with a slash.
    pub fn calendar_home(&self) -> String {
        self.product.calendar_home.replace("USER", &self.user)
    }

    /// The path of the user's address book home; ends with a slash.
    pub fn address_book_home(&self) -> String {
        self.product.address_book_home.replace("USER", &self.user)
    }

    /// The path of the user's principal; ends with a slash.
    pub fn principal(&self) -> String {
        self.product.principal.replace("USER", &self.user)
    }

    /// The mails that the server has sent to this address so far, oldest first. Only SOGo sends any.
    pub fn mails_to(&self, address: &str) -> Vec<String> {
        let root = std::env::var_os("DAVTEST_STATE").map(PathBuf::from);
        let root = root.unwrap_or_else(|| std::env::temp_dir().join("davtest"));
        let folder = root.join(format!("{}-{}", self.product.name, self.port)).join("mail");
        let mut files: Vec<PathBuf> =
            std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
        files.sort();
        let recipient = format!("X-Envelope: RCPT TO:<{address}>");
        let mails = files.iter().filter_map(|file| std::fs::read(file).ok());
        let mails = mails.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        mails.filter(|mail| mail.lines().any(|line| line == recipient)).collect()
    }

    /// Somebody else on the same server. On a small one this is always the same one, and known from the start.
    ///
    /// # Panics
    /// Where the server does not take another user.
    #[must_use]
    pub fn another_user(&self) -> (String, String) {
        self.further_user(&[]).unwrap_or_else(|why| panic!("another user: {why}"))
    }

    /// A room on the same server, with its password. `None`, said loudly, where the server does not know what a room is.
    ///
    /// # Panics
    /// As [`Product::start`].
    #[must_use]
    pub fn room(&self) -> Option<(String, String)> {
        match self.further_user(&["room"]) {
            Ok(room) => Some(room),
            Err(why) => {
                crate::skip(self.product.name, &why);
                None
            }
        }
    }

    fn further_user(&self, what: &[&str]) -> Result<(String, String), String> {
        match self.product.runs {
            Runs::ForOne => Ok(("bob".to_owned(), "bobpw".to_owned())),
            Runs::ForAll(port) => {
                let (user, password) = (somebody(), "other-password");
                let (login, port) = (format!("{user}:{password}"), port.to_string());
                let arguments = [&[login.as_str(), port.as_str()], what].concat();
                self.product.run(&self.folder.join("user"), &arguments)?;
                Ok((user, password.to_owned()))
            }
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Runs::ForAll(_) = self.product.runs {
            return;
        }
        // A server that will not stop is no reason to fail a test that has passed.
        let _ = Command::new(self.folder.join("stop")).arg(self.port.to_string()).arg("--wipe").status();
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("the port").port()
}
