//! The table: what each server says, does, and passes.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::Ordering;

use dovetail_backends::dav::{Contents, DavCollection};
use dovetail_dav::make_collection::NewCollection;
use dovetail_dav::{Client, ClientSettings, CollectionKind, Components, Credentials, Flavor};
use dovetail_mapping::{Settings, vcard};
use dovetail_model::{Item, Kind, Zone};
use dovetail_sync::storage::{Call, Changes, Collection, CreateKey, Draft, Scope, Snapshot, Write, Written};
use dovetail_testkit::conformance::{CHECKS, Subject};
use dovetail_testkit::sample;
use dovetail_testkit::servers::{DAVICAL, Server};
use jiff::Timestamp;
use url::Url;

use crate::tour::{self, Stop};

/// A server: each sentence about it, and what is the case.
pub(crate) struct Column {
    name: &'static str,
    cells: Vec<(&'static str, String)>,
}

pub(crate) fn probe(server: &Server) -> Column {
    let mut cells = said(server);
    cells.extend(learned(server));
    for (kind, what) in [
        (Kind::Event, "conformance: events"),
        (Kind::Task, "conformance: tasks"),
        (Kind::Contact, "conformance: contacts"),
    ] {
        cells.push((what, conformance(server, kind)));
        println!("{}: {what}: {}", server.product.name, cells.last().unwrap().1);
    }
    Column { name: server.product.name, cells }
}

/// What the tour shows.
fn said(server: &Server) -> Vec<(&'static str, String)> {
    let stops = tour::take(server);
    let stop = |name: &str| stops.iter().find(|stop| stop.name == name).expect("a stop of the tour");
    let status = |name: &str| stop(name).status().to_string();
    let capabilities = client(server).options(&url(server, "calendar")).unwrap();
    let sent = tour::event("one@example.com", "One");
    let stored = stop("get").text();
    let yes = |is: bool| (if is { "yes" } else { "no" }).to_owned();
    vec![
        (
            "recognised as",
            format!("{:?}", Flavor::of(&url(server, "calendar"), &capabilities)).to_lowercase(),
        ),
        ("announces automatic scheduling", yes(capabilities.mails_attendees())),
        ("announces `sync-collection`", yes(stop("home").text().contains("sync-collection"))),
        ("PUT answers with an ETag", yes(stop("put-created").header("etag").is_some())),
        (
            "an event is stored as it was sent",
            yes(stored == sent || stored == tour::event("one@example.com", "Taken")),
        ),
        ("PUT, `If-None-Match: *`, taken", status("put-taken")),
        ("PUT, another If-Match", status("put-stale")),
        ("DELETE, another If-Match", status("delete-stale")),
        ("DELETE of nothing, If-Match", status("delete-missing")),
        ("PUT of what is no calendar", status("put-refused")),
        ("an unknown sync token", refused_token(stop("sync-bad-token"))),
        ("multiget of what is missing", missing(stop("multiget"))),
        ("free-busy report", status("free-busy")),
    ]
}

fn refused_token(stop: &Stop) -> String {
    let named = stop.text().contains("valid-sync-token");
    format!("{}{}", stop.status(), if named { " named" } else { "" })
}

fn missing(stop: &Stop) -> String {
    match stop.status() {
        207 if stop.text().contains("missing.ics") => "a row, 404".to_owned(),
        207 => "no row".to_owned(),
        status => format!("all of it {status}"),
    }
}

/// What the storage finds out by itself, and what a run without changes costs it then.
fn learned(server: &Server) -> Vec<(&'static str, String)> {
    let ours = storage(server, Kind::Event, "tasks-not");
    make(&client(server), &address(server, Kind::Event, "tasks-not"), Kind::Event);
    let scope = Scope::of(vec![Kind::Event]);
    let list = |storage: &DavCollection, since: Option<&_>| {
        let call = Call::default();
        let answer = storage.changes(since, &scope, &mut |_| Ok(()), &call).unwrap();
        let token = match answer {
            Changes::Since { next } | Changes::Listing { next: Some(next) } => next,
            Changes::Listing { next: None } => panic!("a token"),
        };
        (token, call.requests.load(Ordering::Relaxed))
    };
    let write = |write: Write| ours.write(&[write], &Call::default()).pop().unwrap().unwrap();
    let held = |written: Written| match written {
        Written::Holds(snapshot) => *snapshot,
        Written::Deleted => panic!("held"),
    };
    list(&ours, None);
    let creates: Vec<Write> = sample::items(Kind::Event, 8, 3).into_iter().enumerate().map(create).collect();
    let written = ours.write(&creates, &Call::default());
    let mut made: Vec<Snapshot> = written.into_iter().map(|written| held(written.unwrap())).collect();
    let (first, second) = (made.remove(0), made.remove(0));
    let mut item = first.item.clone();
    if let Item::Event(event) = &mut item {
        event.main.summary = "Renamed".to_owned();
    }
    let key = CreateKey { uid: "unused".to_owned(), name: "unused".to_owned() };
    write(Write::Update(first.clone(), Draft { item, from: Some(first.original), key }));
    write(Write::Delete(second));
    let (token, _) = list(&ours, None);
    let (_, requests) = list(&storage(server, Kind::Event, "tasks-not"), Some(&ours.token_to_keep(token)));
    let traits = ours.traits();
    let seen = |is: bool| (if is { "holds" } else { "not relied on" }).to_owned();
    client(server).delete(&address(server, Kind::Event, "tasks-not"), None).unwrap();
    vec![
        ("learned: a taken name is safe", seen(traits.create_guard)),
        ("learned: a late deletion is refused", seen(traits.delete_guard)),
        ("learned: an ETag never comes again", seen(!traits.versions_repeat)),
        ("requests of a run without changes", requests.to_string()),
    ]
}

fn create((number, mut item): (usize, Item)) -> Write {
    let uid = format!("sample-{number}");
    item.set_uid(Some(uid.clone()));
    Write::Create(Draft { item, from: None, key: CreateKey { name: uid.clone(), uid } })
}

fn conformance(server: &Server, kind: Kind) -> String {
    let mut failed = Vec::new();
    for (number, (name, check)) in CHECKS.iter().enumerate() {
        let folder = format!("check-{number}");
        let at = address(server, kind, &folder);
        make(&client(server), &at, kind);
        let subject = Subject {
            collection: Box::new(storage(server, kind, &folder)),
            kind,
            plant: None,
            fitting: if server.product == DAVICAL { without_semicolons } else { |item| item },
            many: 20,
        };
        if catch_unwind(AssertUnwindSafe(|| check(&subject))).is_err() {
            failed.push(*name);
        }
        client(server).delete(&at, None).unwrap();
    }
    match failed.is_empty() {
        true => format!("all {}", CHECKS.len()),
        false => format!("fails: {}", failed.join(", ")),
    }
}

/// QUIRK(backslashes: davical): of a card it drops the backslash before a semicolon, so that one value becomes two.
fn without_semicolons(mut item: Item) -> Item {
    if let Item::Contact(contact) = &mut item {
        contact.company = contact.company.replace(';', "");
    }
    item
}

fn url(server: &Server, name: &str) -> Url {
    Url::parse(&server.calendar(name)).unwrap()
}

fn client(server: &Server) -> Client {
    let credentials = Credentials { user: server.user.clone(), password: server.password.as_str().into() };
    Client::new(&Url::parse(&server.address).unwrap(), Some(credentials.into()), &ClientSettings::default())
        .unwrap()
}

fn contents(kind: Kind) -> Contents {
    match kind {
        Kind::Event | Kind::Task => Contents::Calendar,
        Kind::Contact | Kind::Group => Contents::AddressBook { new_cards: vcard::Version::V3 },
    }
}

fn address(server: &Server, kind: Kind, name: &str) -> Url {
    let address = match contents(kind) {
        Contents::Calendar => server.calendar(name),
        Contents::AddressBook { .. } => server.address_book(name),
    };
    Url::parse(&address).unwrap()
}

fn storage(server: &Server, kind: Kind, name: &str) -> DavCollection {
    let settings = Settings::new(Zone::named("Europe/Berlin"), "-//Example//Sample//EN");
    let now = || Timestamp::from_second(1_772_366_400).unwrap();
    DavCollection::new(client(server), address(server, kind, name), contents(kind), settings, now)
}

fn make(client: &Client, at: &Url, kind: Kind) {
    let made_for = match contents(kind) {
        Contents::Calendar => CollectionKind::Calendar,
        Contents::AddressBook { .. } => CollectionKind::AddressBook,
    };
    let components = Components { events: kind == Kind::Event, tasks: kind == Kind::Task };
    client
        .make_collection(at, &NewCollection { kind: made_for, components, name: "Sample", colour: None })
        .unwrap();
}

const BEGIN: &str =
    "<!-- The table is written by: cargo run -p dovetail-testkit --example servers -- table -->\n";
const END: &str = "<!-- The end of the table. -->";

/// Puts the table between its marks.
pub(crate) fn write(page: &Path, columns: &[Column]) {
    let names: Vec<&str> = columns.iter().map(|column| column.name).collect();
    let mut table = format!("| | {} |\n|---|{}\n", names.join(" | "), "---|".repeat(columns.len()));
    for (number, (sentence, _)) in columns[0].cells.iter().enumerate() {
        let cells: Vec<&str> = columns.iter().map(|column| column.cells[number].1.as_str()).collect();
        table.push_str(&format!("| {sentence} | {} |\n", cells.join(" | ")));
    }
    let text = std::fs::read_to_string(page).unwrap();
    let (before, rest) = text.split_once(BEGIN).expect("the mark at the beginning");
    let (_, after) = rest.split_once(END).expect("the mark at the end");
    std::fs::write(page, format!("{before}{BEGIN}\n{table}\n{END}{after}")).unwrap();
}
