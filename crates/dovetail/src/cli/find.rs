//! `dovetail find`: the addresses of people, rooms and things that can be booked.

use clap::Args;
use serde_json::{Value, json};

use super::screen::{Screen, table};
use super::without_profile::{Login, WithoutProfile};
use super::{Outcome, warn};
use crate::app::{App, Directory, Known, Sought};
use crate::error::Result;

/// Find people, rooms and things that can be booked by their names, as a server knows them
#[derive(Args)]
#[command(after_help = "\
Examples:
  dovetail find \"meeting room\" --profile work
  dovetail find \"Room 1\" --bookable --url https://dav.example.org/ --user me

The address is what to invite to a meeting. The exit code is 1 where nobody is found.")]
pub(crate) struct Find {
    /// A part of the name
    name: String,
    /// The profile whose server is asked
    #[arg(long, required_unless_present = "url", conflicts_with = "url")]
    profile: Option<String>,
    #[command(flatten)]
    server: WithoutProfile,
    /// Only the room or thing of exactly this name
    #[arg(long)]
    bookable: bool,
}

impl Find {
    /// Does it.
    pub(crate) fn run(&self, app: &App, screen: &Screen) -> Result<Outcome> {
        let app = &self.server.on_the_way(app)?;
        let sought = if self.bookable { Sought::Bookable } else { Sought::Anybody };
        let found =
            app.find(&self.directory(app, screen)?, &self.name, sought).map_err(|error| {
                match &self.profile {
                    Some(profile) => app.of_profile(profile, error),
                    None => error,
                }
            })?;
        let answer: Value = found.iter().map(described).collect();
        screen.answer(&answer, || {
            match table(&["name", "kind", "address"], found.iter().map(row).collect()) {
                none if none.is_empty() => "The server finds nobody of that name.".to_owned(),
                rows => rows,
            }
        });
        Ok(Outcome::fine_if(!found.is_empty()))
    }

    fn directory(&self, app: &App, screen: &Screen) -> Result<Directory<'_>> {
        if let Some(profile) = &self.profile {
            warn(app, profile, screen)?;
            return Ok(Directory::Profile(profile));
        }
        self.server.warn(app, screen)?;
        let Login { url, user, proof } = self.server.login(app, screen)?;
        Ok(Directory::Server { url, user, proof })
    }
}

fn described(known: &Known) -> Value {
    json!({ "name": known.name, "kind": known.kind, "addresses": known.addresses })
}

fn row(known: &Known) -> Vec<String> {
    vec![known.name.clone(), known.kind.unwrap_or("unknown").to_owned(), known.addresses.join(", ")]
}
