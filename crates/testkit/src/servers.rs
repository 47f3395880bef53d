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
    /// Its address, such as `http://127.0.0.1:5232/`.
    pub address: String,
    /// A user that it knows.
    pub user: &'static str,
    /// The user's password.
    pub password: &'static str,
    folder: PathBuf,
    port: u16,
}

impl Server {
    /// The address of a path on it; the path begins with a slash.
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.address.trim_end_matches('/'))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A server that will not stop is no reason to fail a test that has passed.
        let _ = Command::new(self.folder.join("stop")).arg(self.port.to_string()).arg("--wipe").status();
    }
}

/// Radicale, with empty collections at `/alice/{calendar,tasks,contacts}/`. `None`, said loudly, where it cannot be
/// installed here.
///
/// # Panics
/// Where it cannot be started and the variable `CI` is set: there, nothing may be skipped.
pub fn radicale() -> Option<Server> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../servers/radicale");
    // The port may be taken by somebody else before the server takes it: then another one is tried.
    let mut said = String::new();
    for _ in 0..3 {
        let port = free_port();
        match Command::new(folder.join("start")).arg(port.to_string()).output() {
            Ok(output) if output.status.success() => {
                let address = format!("http://127.0.0.1:{port}/");
                return Some(Server { address, user: "alice", password: "alicepw", folder, port });
            }
            Ok(output) => said = String::from_utf8_lossy(&output.stderr).into_owned(),
            Err(error) => said = error.to_string(),
        }
    }
    skip("radicale", &said);
    None
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
