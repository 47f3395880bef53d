//! `dovetail profile`: the pairs of a folder and a collection that are kept in step.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};

use super::password::{self, Further, PasswordSource};
use super::screen::{Screen, table};
use super::{Outcome, settings, warn, warn_of_mail};
use crate::app::{Added, App, NewProfile, Picked};
use crate::config;
use crate::error::Result;
use crate::options::{self, Declared};
use crate::secrets::Place;

/// What can be done with profiles.
#[derive(Subcommand)]
pub(crate) enum Profile {
    Add(Add),
    /// List all profiles
    #[command(after_help = "Example:\n  dovetail profile list")]
    List,
    /// Show a profile and its options
    #[command(after_help = "Example:\n  dovetail profile show work")]
    Show {
        /// The profile
        name: String,
    },
    /// Change options of a profile
    #[command(after_help = "Example:\n  dovetail profile set work chunk_items=50 email=me@example.org")]
    Set {
        /// The profile
        name: String,
        /// What to set; `dovetail profile options` lists what there is
        #[arg(value_name = "KEY=VALUE", required = true)]
        assignments: Vec<String>,
    },
    /// List the options that profiles have, with defaults and meanings
    #[command(after_help = "Example:\n  dovetail profile options rule")]
    Options {
        /// One option alone
        key: Option<String>,
    },
    /// Keep the colours of a profile's category and of its collection alike
    Color {
        #[command(subcommand)]
        what: Color,
    },
    /// Give a new password
    #[command(after_help = "Example:\n  dovetail profile password work")]
    Password {
        /// The profile
        name: String,
        /// What it is the password of, if not of the server's account
        #[arg(long = "for", value_name = "WHAT")]
        of: Option<Further>,
        #[command(flatten)]
        source: PasswordSource,
    },
    /// Log in with a browser, where the server wants access tokens (login=oauth)
    #[command(after_help = "\
Example:
  dovetail profile login work

An address is shown: open it in a browser on this computer, and agree there.")]
    Login {
        /// The profile
        name: String,
    },
    /// Remove a profile; the items stay on both sides
    #[command(after_help = "Example:\n  dovetail profile remove work --yes")]
    Remove {
        /// The profile
        name: String,
        /// Delete its state and its journal too: its runs can then no longer be undone
        #[arg(long)]
        purge: bool,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

/// What can be done with the colours of a profile's category and of its collection.
#[derive(Subcommand)]
pub(crate) enum Color {
    /// Give the category the colour that is nearest to the collection's
    #[command(after_help = "Example:\n  dovetail profile color fetch work")]
    Fetch {
        /// The profile
        name: String,
    },
    /// Give the collection the colour of the category
    #[command(after_help = "Example:\n  dovetail profile color set work")]
    Set {
        /// The profile
        name: String,
    },
    /// Give the category a colour
    #[command(after_help = "Example:\n  dovetail profile color pick work darkblue")]
    Pick {
        /// The profile
        name: String,
        /// One of Outlook's colours of categories, or none
        color: String,
    },
}

impl Color {
    fn run(&self, app: &App, screen: &Screen) -> Result<()> {
        let (Color::Fetch { name } | Color::Set { name } | Color::Pick { name, .. }) = self;
        if !matches!(self, Color::Pick { .. }) {
            warn(app, name, screen)?;
        }
        let picked = match self {
            Color::Fetch { name } => app.fetch_color(name),
            Color::Set { name } => app.set_color(name),
            Color::Pick { name, color } => app.pick_color(name, color),
        };
        let Picked { category, color, collection } = picked.map_err(|error| app.of_profile(name, error))?;
        let color = color.map(|color| color.name);
        let answer =
            json!({ "profile": name, "category": category, "color": color, "collection": collection });
        screen.answer(&answer, || {
            let of_collection = collection.map(|color| format!("; the collection's is {color}"));
            let color = color.map_or_else(|| "no colour".to_owned(), |color| format!("the colour {color}"));
            format!("The category {category:?} has {color}{}.", of_collection.unwrap_or_default())
        });
        Ok(())
    }
}

/// Make a profile: find the collections of a server, check the login, and pick the one for a folder
#[derive(Args)]
#[command(after_help = "\
Example:
  dovetail profile add work --url https://dav.example.org/ --user me --folder Calendar

The password is asked for. A new profile syncs both ways.")]
pub(crate) struct Add {
    /// How you call the profile
    name: String,
    /// The address of the server, of the account or of a collection
    #[arg(long)]
    url: String,
    /// The user's name on the server
    #[arg(long)]
    user: String,
    #[command(flatten)]
    source: PasswordSource,
    /// The folder of the mailbox, such as Calendar
    #[arg(long)]
    folder: String,
    /// Which of the server's collections, where there are several: its URL, path or name
    #[arg(long, value_name = "HREF")]
    collection: Option<String>,
    /// Your own e-mail address there, by which you are found among attendees
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
    /// The mailbox file, if not the one in the home directory
    #[arg(long, value_name = "FILE")]
    mailbox: Option<PathBuf>,
    /// An option, such as proxy=none; `dovetail profile options` lists what there is
    #[arg(long = "set", value_name = "KEY=VALUE")]
    options: Vec<String>,
}

impl Profile {
    /// Does it.
    pub(crate) fn run(&self, app: &App, screen: &Screen) -> Result<Outcome> {
        match self {
            Profile::Add(add) => add.run(app, screen)?,
            Profile::List => list(app, screen)?,
            Profile::Show { name } => show(app, name, screen)?,
            Profile::Set { name, assignments } => {
                app.set_options(name, assignments)?;
                warn(app, name, screen)?;
                warn_of_mail(app, name, screen)?;
                show(app, name, screen)?;
            }
            Profile::Options { key } => show_options(key.as_deref(), screen)?,
            Profile::Color { what } => what.run(app, screen)?,
            Profile::Password { name, of, source } => {
                let user = app.config()?.profile(name)?.user.clone();
                let place = match of {
                    None => app.keep_password(name, &source.password(&user)?)?,
                    Some(of) => app.keep_further(Some(name), of.secret(), &source.password(of.owner())?)?,
                };
                screen.answer(&json!({ "profile": name, "password": place_code(&place) }), || {
                    format!("The password is kept in {}.", place_words(&place))
                });
            }
            Profile::Login { name } => {
                warn(app, name, screen)?;
                let proof = password::agreed(app.agree_anew(name)?, screen)?;
                let place = app.keep_proof(name, &proof)?;
                screen.answer(&json!({ "profile": name, "login": place_code(&place) }), || {
                    format!("You are logged in; what keeps you so is in {}.", place_words(&place))
                });
            }
            Profile::Remove { name, purge, yes } => remove(app, name, *purge, *yes, screen)?,
        }
        Ok(Outcome::Fine)
    }
}

impl Add {
    fn run(&self, app: &App, screen: &Screen) -> Result<()> {
        let wanted = NewProfile {
            name: &self.name,
            url: &self.url,
            user: &self.user,
            folder: &self.folder,
            collection: self.collection.as_deref(),
            email: self.email.as_deref(),
            mailbox: self.mailbox.as_deref(),
            options: &self.options,
        };
        app.check_new(&wanted)?;
        let going = app.going(&self.options)?;
        let warnings = going.warnings_at(&self.url)?;
        warnings.iter().for_each(|warning| screen.warn(Some(&self.name), warning));
        let proof = self.source.proof(&going, &self.user, screen)?;
        let Added { collection, place } = app.add_profile(&wanted, &proof)?;
        let name = &self.name;
        warn_of_mail(app, name, screen)?;
        let answer = json!({
            "profile": name,
            "folder": self.folder,
            "collection": collection.url,
            "name": collection.name,
            "password": place_code(&place),
        });
        screen.answer(&answer, || {
            format!(
                "Profile {name} joins the folder {} and the collection {} at {}.\n\
                 The password is kept in {}.\n\
                 Next: `dovetail plan {name}` shows what a run would do, `dovetail sync {name}` does it.",
                self.folder,
                collection.name,
                collection.url,
                place_words(&place)
            )
        });
        Ok(())
    }
}

pub(super) fn place_code(place: &Place) -> &'static str {
    match place {
        Place::Keyring => "keyring",
        Place::File(_) => "file",
    }
}

pub(super) fn place_words(place: &Place) -> String {
    match place {
        Place::Keyring => "the keyring".to_owned(),
        Place::File(path) => format!("{}, which only you can read", path.display()),
    }
}

fn list(app: &App, screen: &Screen) -> Result<()> {
    let config = app.config()?;
    let answer: Value = {
        config.profiles.iter().map(|(name, profile)| described(name, profile, &config.settings)).collect()
    };
    screen.answer(&answer, || {
        let row = |(name, profile): (&String, &config::Profile)| {
            vec![name.clone(), profile.folder.clone(), profile.collection.clone(), profile.user.clone()]
        };
        match table(&["profile", "folder", "collection", "user"], config.profiles.iter().map(row).collect()) {
            empty if empty.is_empty() => {
                "There is no profile yet. Make one with `dovetail profile add`.".to_owned()
            }
            rows => rows,
        }
    });
    Ok(())
}

fn show(app: &App, name: &str, screen: &Screen) -> Result<()> {
    let config = app.config()?;
    let profile = config.profile(name)?;
    screen.answer(&described(name, profile, &config.settings), || {
        let facts = [
            ("profile", name.to_owned()),
            ("folder", profile.folder.clone()),
            ("mailbox", app.mailbox_file(profile.mailbox.as_deref()).display().to_string()),
            ("collection", profile.collection.clone()),
            ("user", profile.user.clone()),
        ];
        let facts: Vec<_> = facts.iter().map(|(key, value)| format!("{key:11}{value}")).collect();
        format!(
            "{}\n\n{}",
            facts.join("\n"),
            settings::explained(&profile.options, &config.settings, options::OF_PROFILES.iter())
        )
    });
    Ok(())
}

fn described(name: &str, profile: &config::Profile, general: &Map<String, Value>) -> Value {
    json!({
        "profile": name,
        "folder": profile.folder,
        "mailbox": profile.mailbox,
        "collection": profile.collection,
        "user": profile.user,
        "options": settings::values(&profile.options, general, &options::OF_PROFILES),
    })
}

fn show_options(key: Option<&str>, screen: &Screen) -> Result<()> {
    let shown: Vec<&Declared> = match key {
        None => options::OF_PROFILES.iter().collect(),
        Some(key) => {
            let found = options::find(&options::OF_PROFILES, key);
            vec![found.ok_or_else(|| config::no_such_option(&options::OF_PROFILES, key))?]
        }
    };
    screen.answer(&settings::declared(shown.iter().copied()), || {
        let row = |option: &&Declared| {
            vec![
                option.key.to_owned(),
                settings::plain(&option.default_value()),
                option.takes(),
                option.meaning.to_owned(),
            ]
        };
        table(&["key", "default", "takes", "meaning"], shown.iter().map(row).collect())
    });
    Ok(())
}

fn remove(app: &App, name: &str, purge: bool, yes: bool, screen: &Screen) -> Result<()> {
    app.config()?.profile(name)?;
    let question = match purge {
        true => format!(
            "Remove the profile {name:?}, its state and its journal? Its runs can then not be undone."
        ),
        false => format!("Remove the profile {name:?}? Its state and journal stay."),
    };
    let removed = screen.confirm(&question, yes)?;
    if removed {
        app.remove_profile(name, purge)?;
    }
    screen.answer(&json!({ "profile": name, "removed": removed, "purged": removed && purge }), || {
        match removed {
            true => format!("Profile {name} is removed; the items stay on both sides."),
            false => "Nothing was removed.".to_owned(),
        }
    });
    Ok(())
}
