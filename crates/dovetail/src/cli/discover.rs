//! `dovetail discover`: which collections a server has.

use clap::Args;
use serde_json::{Value, json};

use super::password::PasswordSource;
use super::screen::{Screen, table};
use super::{Outcome, words};
use crate::app::{App, Found};
use crate::error::Result;

/// Find the calendars, task lists and address books behind an address
#[derive(Args)]
#[command(after_help = "Example:\n  dovetail discover --url https://dav.example.org/ --user me")]
pub(crate) struct Discover {
    /// The address of the server, of the account or of a collection
    #[arg(long)]
    url: String,
    /// The user's name on the server
    #[arg(long)]
    user: String,
    #[command(flatten)]
    source: PasswordSource,
}

impl Discover {
    /// Does it.
    pub(crate) fn run(&self, app: &App, screen: &Screen) -> Result<Outcome> {
        let found = app.discover(&self.url, &self.user, &self.source.password(&self.user)?)?;
        let answer: Value = found.iter().map(described).collect();
        screen.answer(&answer, || {
            match table(&["kind", "name", "colour", "access", "url"], found.iter().map(row).collect()) {
                none if none.is_empty() => {
                    "The account has no calendar, task list or address book.".to_owned()
                }
                rows => rows,
            }
        });
        Ok(Outcome::Fine)
    }
}

fn described(found: &Found) -> Value {
    json!({
        "kinds": found.kinds,
        "name": found.name,
        "colour": found.colour,
        "access": access(found),
        "url": found.url,
    })
}

fn row(found: &Found) -> Vec<String> {
    let kinds: Vec<_> = found.kinds.iter().map(|kind| format!("{}s", words::kind(*kind))).collect();
    vec![
        kinds.join(", "),
        found.name.clone(),
        found.colour.clone(),
        access(found).to_owned(),
        found.url.clone(),
    ]
}

fn access(found: &Found) -> &'static str {
    match found.writable {
        Some(true) => "write",
        Some(false) => "read",
        None => "unknown",
    }
}
