//! Programs to be compared with: the simplest possible one, and a sync over the crate `vstorage`. Each prints how many
//! seconds its work took.
//!
//! ```text
//! peers put CONNECTIONS COLLECTION-URL FOLDER      sends every file of the folder, and keeps nothing
//! peers get CONNECTIONS COLLECTION-URL contacts    lists, and reads all by a hundred, and keeps nothing
//! peers vstorage contacts HOME-URL NAME FOLDER STATUS-FILE
//! ```
//!
//! User and password are in PEERS_USER and PEERS_PASSWORD.

use std::process::ExitCode;
use std::time::Instant;

mod floor;
mod http;
mod vstorage;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// What a collection holds.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Events,
    Contacts,
}

impl Kind {
    fn named(name: &str) -> Result<Kind> {
        match name {
            "events" => Ok(Kind::Events),
            "contacts" => Ok(Kind::Contacts),
            other => Err(format!("{other} is neither events nor contacts").into()),
        }
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let begun = Instant::now();
    match run(&words) {
        Ok(items) => {
            println!("{{\"seconds\":{:.3},\"items\":{items}}}", begun.elapsed().as_secs_f64());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{words:?}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(words: &[&str]) -> Result<usize> {
    match words {
        ["put", connections, url, folder] => floor::put(connections.parse()?, url, folder),
        ["get", connections, url, kind] => floor::get(connections.parse()?, url, Kind::named(kind)?),
        ["vstorage", kind, home, name, folder, status] => {
            vstorage::sync(Kind::named(kind)?, home, name, folder, status)
        }
        _ => Err("see the head of main.rs".into()),
    }
}

fn login() -> Result<(String, String)> {
    Ok((std::env::var("PEERS_USER")?, std::env::var("PEERS_PASSWORD")?))
}
