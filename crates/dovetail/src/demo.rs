//! `dovetail demo`: the main job with nothing but this program. A server in this process, a mailbox that is filled with
//! made-up items, and two users who edit both.
//!
//! This file sets the stage; `filling` says what is on it, `story` what happens. What is shown is in `cli/demo.rs`.

use std::net::IpAddr;
use std::path::Path;

use dovetail_davserver::{Server, Settings, Storage, User};
use dovetail_sync::ErrorKind;
use jiff::civil::Date;
use secrecy::SecretString;
use uuid::Uuid;

use crate::app::Proof;
use crate::app::{App, NewProfile};
use crate::error::{Error, Result};

mod calendar;
mod filling;
mod people;
mod story;
mod todo;

pub(crate) use filling::{Joined, Part};
pub(crate) use story::Edit;

/// The user of the server.
pub(crate) const USER: &str = "sample";
/// The user's password where nobody but this computer can use it.
const PASSWORD: &str = "sample";

/// The stage.
pub(crate) struct Demo {
    /// The program, in a home directory of its own.
    pub(crate) app: App,
    /// What is joined.
    pub(crate) joined: [Joined; 3],
    /// The password of [`USER`], which is shown.
    pub(crate) password: String,
    server: Server,
    today: Date,
}

impl Demo {
    /// Starts the server and makes an empty home directory in `folder`, where no keyring is used.
    pub(crate) fn begin(folder: &Path, listen: IpAddr, port: u16) -> Result<Demo> {
        let app = App::open_without_keyring(folder)?;
        let password = match listen.is_loopback() {
            true => PASSWORD.to_owned(),
            // Whoever is in the same network may try.
            false => Uuid::new_v4().simple().to_string().split_off(20),
        };
        let users = vec![User::new(USER, &password)];
        let settings =
            Settings { address: listen, port, users, storage: Storage::Memory, ..Settings::default() };
        let server = Server::start(settings).map_err(|cause| {
            let what = format!("The server of the demo cannot be started: {cause}.");
            let hint =
                "Choose another port with --port, or none; with --listen, an address of this computer.";
            Error::stopped(ErrorKind::Local, what, hint)
        })?;
        let today = app.today()?;
        Ok(Demo { app, joined: Joined::all(today), password, server, today })
    }

    /// The address of the server.
    pub(crate) fn address(&self) -> String {
        self.server.url()
    }

    /// Puts the items where they are at first.
    pub(crate) fn fill(&self) -> Result<()> {
        self.joined.iter().try_for_each(|joined| joined.fill(self))
    }

    /// Makes the profiles.
    pub(crate) fn join(&self) -> Result<()> {
        let address = self.address();
        for joined in &self.joined {
            let profile = NewProfile {
                name: joined.profile,
                url: &address,
                user: USER,
                folder: joined.folder,
                collection: Some(&joined.path("")),
                email: None,
                mailbox: None,
                options: &[],
            };
            self.app.add_profile(&profile, &Proof::Password(SecretString::from(self.password.as_str())))?;
        }
        self.app.set_options("people", &["map_distribution_lists=yes".to_owned()])
    }

    /// Lets both users do what they do, and tells what that was.
    pub(crate) fn edit(&self) -> Result<Vec<Edit>> {
        let edits = story::edits(self);
        edits.iter().try_for_each(|edit| edit.play(self))?;
        Ok(edits)
    }
}

fn server_failed(cause: impl std::fmt::Display) -> Error {
    Error::stopped(
        ErrorKind::Local,
        format!("The server of the demo failed: {cause}."),
        "Begin again with `dovetail demo`.",
    )
}
