//! The storages as the engine meets them: what other programs wrote survives, and a mailbox and a real server stay in step.

#![allow(clippy::unwrap_used, reason = "a test that unwraps fails with a line number")]

mod conformance;
mod endurance;
mod in_step;
mod lists;
mod satellites;
mod scheduling;
mod stand_ins;
mod travel;
mod uids;

use std::sync::Arc;

use dovetail_backends::dav::{Contents, DavCollection};
use dovetail_backends::store::{Mailbox, StoreCollection};
use dovetail_dav::{Client, ClientSettings, Credentials};
use dovetail_mapping::{Options, Settings, vcard};
use dovetail_model::{Item, Kind, Zone};
use dovetail_testkit::servers::{DAVICAL, Product, Server};
use jiff::Timestamp;
use url::Url;

/// The kinds that are synced, each with the folder and the collection that are there from the start.
const PLACES: [(Kind, &str, &str); 3] = [
    (Kind::Event, "Calendar", "calendar"),
    (Kind::Task, "Tasks", "tasks"),
    (Kind::Contact, "Contacts", "contacts"),
];

fn noon() -> Timestamp {
    Timestamp::from_second(1_772_366_400).unwrap()
}

fn home() -> Zone {
    Zone::named("Europe/Berlin")
}

fn contents(kind: Kind) -> Contents {
    match kind {
        Kind::Event | Kind::Task => Contents::Calendar,
        Kind::Contact | Kind::Group => Contents::AddressBook { new_cards: vcard::Version::V3 },
    }
}

fn client(server: &Server) -> Client {
    let url = Url::parse(&server.address).unwrap();
    let credentials = Credentials { user: server.user.clone(), password: server.password.as_str().into() };
    Client::new(&url, Some(credentials.into()), &ClientSettings::default()).unwrap()
}

/// Where a collection is, or would be.
fn address(server: &Server, kind: Kind, name: &str) -> String {
    match contents(kind) {
        Contents::Calendar => server.calendar(name),
        Contents::AddressBook { .. } => server.address_book(name),
    }
}

fn dav(server: &Server, kind: Kind, name: &str) -> DavCollection {
    dav_as(server, kind, name, Options::default())
}

/// The same, with items read and written as a profile chooses.
fn dav_as(server: &Server, kind: Kind, name: &str, options: Options) -> DavCollection {
    let url = Url::parse(&address(server, kind, name)).unwrap();
    let settings = Settings { options, ..Settings::new(home(), "-//Example//Sample//EN") };
    DavCollection::new(client(server), url, contents(kind), settings, noon)
}

fn mailbox() -> (tempfile::TempDir, Arc<Mailbox>) {
    let folder = tempfile::tempdir().unwrap();
    let mailbox = Mailbox::open(&folder.path().join("mailbox.db"), &home()).unwrap();
    (folder, Arc::new(mailbox))
}

fn store(mailbox: &Arc<Mailbox>, folder: &str) -> StoreCollection {
    StoreCollection::new(mailbox.clone(), folder, noon).unwrap()
}

/// What of an item the server is known to take whole.
fn fitting(product: Product) -> fn(Item) -> Item {
    if product != DAVICAL {
        return |item| item;
    }
    // QUIRK(backslashes: davical): of a card it drops the backslash before a semicolon, so that one value becomes two.
    |mut item| {
        if let Item::Contact(contact) = &mut item {
            contact.company = contact.company.replace(';', "");
        }
        item
    }
}
