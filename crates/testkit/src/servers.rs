//! Real servers for tests, as `servers/<name>/start` makes them: each test gets an instance of its own, on a free port,
//! and its data goes with it.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

pub mod scripted;

pub use scripted::{Scripted, Seen, answer};

/// A running server. Stopped, and its data removed, when dropped.
#[derive(Debug)]
pub struct Server {
    /// What it is.
    pub product: Product,
    /// Its address, such as `http://127.0.0.1:5232/`.
    pub address: String,
    /// A user that it knows.
    pub user: &'static str,
    /// The user's password.
    pub password: &'static str,
    folder: PathBuf,
    port: u16,
}

/// A server that tests can start. The user's calendar home has the empty calendars `calendar` and `tasks`, the address book
/// home has `contacts`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Product {
    /// As in `servers/<name>/start`.
    pub name: &'static str,
    /// The path of the user's calendar home; ends with a slash.
    pub calendar_home: &'static str,
    /// The path of the user's address book home; ends with a slash.
    pub address_book_home: &'static str,
}

const RADICALE: Product =
    Product { name: "radicale", calendar_home: "/alice/", address_book_home: "/alice/" };
const XANDIKOS: Product =
    Product { name: "xandikos", calendar_home: "/alice/calendars/", address_book_home: "/alice/contacts/" };

/// Radicale. `None`, said loudly, where it cannot be installed here.
///
/// # Panics
/// Where it cannot be started and the variable `CI` is set: there, nothing may be skipped.
pub fn radicale() -> Option<Server> {
    RADICALE.start()
}

/// Xandikos: slow, and the slower the more items a collection holds. `None`, said loudly, where it cannot be installed here.
///
/// # Panics
/// As [`radicale`].
pub fn xandikos() -> Option<Server> {
    XANDIKOS.start()
}

/// Every server that can be started here, one after the other: each is stopped before the next one starts.
///
/// # Panics
/// As [`radicale`].
pub fn each() -> impl Iterator<Item = Server> {
    [radicale, xandikos].into_iter().filter_map(|start| start())
}

impl Product {
    #[allow(clippy::disallowed_macros, reason = "shown only where a test fails, which then names the server")]
    fn start(self) -> Option<Server> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../servers").join(self.name);
        // The port may be taken by somebody else before the server takes it: then another one is tried.
        let mut said = String::new();
        for _ in 0..3 {
            let port = free_port();
            match Command::new(folder.join("start")).arg(port.to_string()).output() {
                Ok(output) if output.status.success() => {
                    let address = format!("http://127.0.0.1:{port}/");
                    eprintln!("against {} at {address}", self.name);
                    return Some(Server {
                        product: self,
                        address,
                        user: "alice",
                        password: "alicepw",
                        folder,
                        port,
                    });
                }
                Ok(output) => said = String::from_utf8_lossy(&output.stderr).into_owned(),
                Err(error) => said = error.to_string(),
            }
        }
        skip(self.name, &said);
        None
    }
}

impl Server {
    /// The address of a path on it; the path begins with a slash.
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.address.trim_end_matches('/'))
    }

    /// The address of a calendar of the user, whether it is there or not. Ends with a slash.
    pub fn calendar(&self, name: &str) -> String {
        self.at(&format!("{}{name}/", self.product.calendar_home))
    }

    /// The address of an address book of the user, whether it is there or not. Ends with a slash.
    pub fn address_book(&self, name: &str) -> String {
        self.at(&format!("{}{name}/", self.product.address_book_home))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A server that will not stop is no reason to fail a test that has passed.
        let _ = Command::new(self.folder.join("stop")).arg(self.port.to_string()).arg("--wipe").status();
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("the port").port()
}

#[allow(clippy::disallowed_macros, reason = "a test that is skipped must say so")]
fn skip(server: &str, why: &str) {
    assert!(std::env::var_os("CI").is_none(), "{server} cannot be started: {why}");
    eprintln!("SKIPPED: {server} cannot be started here: {why}");
}
