//! `dovetail find`: the addresses of people, rooms and things that can be booked.

use clap::Args;
use serde_json::{Value, json};

use super::Outcome;
use super::password::PasswordSource;
use super::screen::{Screen, table};
use crate::app::{App, Directory, Known, Sought};
use crate::error::{Error, Result};

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
    /// The address of a server without a profile
    #[arg(long, requires = "user")]
    url: Option<String>,
    /// The user's name on the server
    #[arg(long, requires = "url")]
    user: Option<String>,
    #[command(flatten)]
    source: PasswordSource,
    /// Only the room or thing of exactly this name
    #[arg(long)]
    bookable: bool,
    /// An option of the way to a server without a profile, such as proxy=none
    #[arg(long = "set", value_name = "KEY=VALUE", requires = "url")]
    options: Vec<String>,
}

impl Find {
    /// Does it.
    pub(crate) fn run(&self, app: &App, screen: &Screen) -> Result<Outcome> {
        let app = &app.going(&self.options)?;
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
        match (&self.profile, &self.url, &self.user) {
            (Some(profile), ..) => Ok(Directory::Profile(profile)),
            (None, Some(url), Some(user)) => {
                Ok(Directory::Server { url, user, proof: self.source.proof(app, user, screen)? })
            }
            _ => Err(Error::usage(
                "No server is named.",
                "Give a profile with --profile, or --url and --user.",
            )),
        }
    }
}

fn described(known: &Known) -> Value {
    json!({ "name": known.name, "kind": known.kind, "addresses": known.addresses })
}

fn row(known: &Known) -> Vec<String> {
    vec![known.name.clone(), known.kind.unwrap_or("unknown").to_owned(), known.addresses.join(", ")]
}
