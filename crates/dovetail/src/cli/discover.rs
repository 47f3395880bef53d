//! `dovetail discover`: which collections a server has, and new ones.

use std::net::SocketAddr;

use clap::Args;
use dovetail_model::Kind;
use dovetail_sync::ErrorKind;
use serde_json::{Value, json};

use super::password::PasswordSource;
use super::screen::{Screen, table};
use super::{Outcome, warn_at, words};
use crate::app::{App, Beginning, Discovered, Found, NewCollection};
use crate::error::{Error, Kind as Ending, Result};

/// Find the calendars, task lists and address books behind an address, or make a new one there
#[derive(Args)]
#[command(after_help = "\
Examples:
  dovetail discover --url https://dav.example.org/ --user me
  dovetail discover --email me@example.org
  dovetail discover --url https://dav.example.org/ --user me --create tasks \"To do\" --color \"#3366CC\"

With a mail address, its domain is asked for the server (SRV and TXT records, RFC 6764).
You are asked before the password goes to a server of another domain, or to one without
encryption: --yes says yes beforehand.")]
pub(crate) struct Discover {
    /// The address of the server, of the account or of a collection
    #[arg(long, required_unless_present = "email", conflicts_with = "email")]
    url: Option<String>,
    /// Your mail address, where you do not know the address of the server
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
    /// The user's name on the server [default: the mail address]
    #[arg(long, required_unless_present = "email")]
    user: Option<String>,
    #[command(flatten)]
    source: PasswordSource,
    /// Make a collection: calendar, tasks or contacts, and what you call it
    #[arg(long, num_args = 2, value_names = ["KIND", "NAME"], requires = "url")]
    create: Option<Vec<String>>,
    /// The colour of the new collection
    #[arg(long, value_name = "#RRGGBB", requires = "create", visible_alias = "colour")]
    color: Option<String>,
    /// Let the password go to a server of another domain, and to one without encryption
    #[arg(long, requires = "email")]
    yes: bool,
    /// The name server to ask, in place of the system's
    #[arg(long, value_name = "IP:PORT", requires = "email")]
    name_server: Option<SocketAddr>,
    /// An option of the way to the server, such as proxy=none; `dovetail profile options` lists what there is
    #[arg(long = "set", value_name = "KEY=VALUE")]
    options: Vec<String>,
}

impl Discover {
    /// Does it.
    pub(crate) fn run(&self, app: &App, screen: &Screen) -> Result<Outcome> {
        let app = &app.going(&self.options)?;
        let user = self.user.as_deref().or(self.email.as_deref()).unwrap_or_default();
        if let Some(url) = &self.url {
            warn_at(app, url, screen)?;
        }
        if let (Some(create), Some(url)) = (self.create.as_deref(), self.url.as_deref()) {
            return self.create(app, url, user, create, screen);
        }
        let found = match (&self.url, &self.email) {
            (Some(url), _) => app.discover(url, user, &self.source.proof(app, user, screen)?)?,
            (None, email) => {
                let email = email.as_deref().unwrap_or_default();
                let beginnings = app.beginnings(email, self.name_server)?;
                let trusted = self.agreed(email, beginnings, screen)?;
                for beginning in &trusted {
                    warn_at(app, &beginning.url, screen)?;
                }
                app.discover_any(&trusted, user, &self.source.proof(app, user, screen)?)
                    .map_err(|error| self.perhaps_another_name(error))?
            }
        };
        show(&found, screen);
        Ok(Outcome::Fine)
    }

    /// A login that was refused with the mail address for a name may be right with another name (RFC 6764 section 6). It is not
    /// tried by itself: that would be a guess at somebody's account.
    fn perhaps_another_name(&self, error: Error) -> Error {
        match error.kind {
            Ending::Stopped(ErrorKind::Unauthorized) if self.user.is_none() => {
                let hint =
                    "Check the password; if your name there is not your mail address, give it with --user.";
                Error { hint: hint.to_owned(), ..error }
            }
            _ => error,
        }
    }

    /// The places to which the password may go: a person is told of each server, and asked about those that the domain
    /// names without being at home there.
    fn agreed(&self, email: &str, beginnings: Vec<Beginning>, screen: &Screen) -> Result<Vec<Beginning>> {
        let mut servers: Vec<(String, bool)> = Vec::new();
        for beginning in &beginnings {
            let server = beginning.server();
            if servers.iter().any(|(known, _)| *known == server) {
                continue;
            }
            if !screen.json {
                screen.remark(&match beginning.kind {
                    Some(_) => format!("The domain of {email} names {server}."),
                    None => format!("The domain of {email} names no server; {server} is tried."),
                });
            }
            let question = format!(
                "{server} is no server of that domain, or without encryption. Send the password of {email} there?"
            );
            let goes = beginning.is_expected || screen.confirm(&question, self.yes)?;
            servers.push((server, goes));
        }
        let goes = |beginning: &Beginning| servers.contains(&(beginning.server(), true));
        let trusted: Vec<Beginning> = beginnings.into_iter().filter(goes).collect();
        if trusted.is_empty() {
            return Err(Error::usage(
                "No server is left to be asked; no password was sent.",
                "Give the address of the server with --url.",
            ));
        }
        Ok(trusted)
    }

    fn create(
        &self,
        app: &App,
        url: &str,
        user: &str,
        create: &[String],
        screen: &Screen,
    ) -> Result<Outcome> {
        let [kind, name] = create else {
            return Err(Error::usage("--create takes two words.", "Give what to make, and how you call it."));
        };
        let kind = match kind.as_str() {
            "calendar" => Kind::Event,
            "tasks" => Kind::Task,
            "contacts" => Kind::Contact,
            other => {
                return Err(Error::usage(
                    format!("{other:?} cannot be made."),
                    "Give calendar, tasks or contacts.",
                ));
            }
        };
        let wanted = NewCollection { kind, name, colour: self.color.as_deref() };
        wanted.check()?;
        let made = app.create_collection(url, user, &self.source.proof(app, user, screen)?, &wanted)?;
        if made.name != name.trim() {
            screen.remark("The server did not take the name as it is: it is in use already, or the server changes some of its characters.");
        }
        screen.answer(&described(&made), || {
            let name = words::plain_text(&made.name);
            format!(
                "{name} is made, at {}.\nNext: `dovetail profile add` joins it with a folder of the mailbox.",
                made.url
            )
        });
        Ok(Outcome::Fine)
    }
}

fn show(found: &Discovered, screen: &Screen) {
    let answer: Value = found.collections.iter().map(described).collect();
    screen.answer(&answer, || {
        let heads = ["kind", "name", "colour", "access", "owner", "url"];
        match table(&heads, found.collections.iter().map(row).collect()) {
            none if none.is_empty() => "The account has no calendar, task list or address book.".to_owned(),
            rows if found.mail_addresses.is_empty() => rows,
            rows => {
                let addresses = words::plain_text(&found.mail_addresses.join(", "));
                format!("{rows}\n\nThe server knows you as {addresses}.")
            }
        }
    });
    for url in &found.listed_in_part {
        screen.remark(&format!(
            "The server lists only a part of what is at {} (507): there may be more. Discover at the address of the collection itself, if yours is missing.",
            words::plain_text(url)
        ));
    }
    for url in &found.elsewhere {
        screen.remark(&format!(
            "The server also points to {}, another server: no password went there. If you trust it, discover there.",
            words::plain_text(url)
        ));
    }
}

fn described(found: &Found) -> Value {
    json!({
        "kinds": found.kinds,
        "name": found.name,
        "colour": found.colour,
        "access": access(found),
        "owner": found.owner,
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
        found.owner.clone().unwrap_or_default(),
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
