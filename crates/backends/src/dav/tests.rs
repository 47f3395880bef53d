//! The storage against real servers and against scripts of what servers have been seen to say.

mod cards;
mod conditions;
mod embedded;
mod hostile;
mod real;
mod rooms;
mod scripted;

use std::sync::atomic::Ordering;

use dovetail_dav::{Client, ClientSettings, Credentials};
use dovetail_mapping::Settings;
use dovetail_model::{Event, Item, Kind, When, Zone};
use dovetail_sync::storage::{Call, Changes, Collection, CreateKey, Draft, Row, Scope, SyncToken};
use jiff::Timestamp;
use jiff::civil::datetime;
use url::Url;

use super::{Contents, DavCollection};

fn noon() -> Timestamp {
    Timestamp::from_second(1_772_366_400).unwrap()
}

fn soon() -> Timestamp {
    Timestamp::from_second(1_772_366_400 + 2).unwrap()
}

fn next_week() -> Timestamp {
    Timestamp::from_second(1_772_366_400 + 7 * 86_400).unwrap()
}

fn collection(url: &str, contents: Contents) -> DavCollection {
    collection_of(("alice", "alicepw"), url, contents, noon)
}

fn collection_of(
    (user, password): (&str, &str),
    url: &str,
    contents: Contents,
    now: fn() -> Timestamp,
) -> DavCollection {
    let url = Url::parse(url).unwrap();
    let credentials = Credentials { user: user.to_owned(), password: password.into() };
    let client = Client::new(&url, Some(credentials.into()), &ClientSettings::default()).unwrap();
    let settings = Settings::new(Zone::Utc, "-//Example//Sample//EN");
    DavCollection::new(client, url, contents, settings, now)
}

fn scope() -> Scope {
    Scope::of(vec![Kind::Event])
}

fn event(uid: &str, title: &str) -> Item {
    let mut event = Event { uid: Some(uid.to_owned()), ..Event::default() };
    event.main.summary = title.to_owned();
    event.main.start = When::utc(datetime(2026, 3, 2, 9, 0, 0, 0));
    event.main.end = When::utc(datetime(2026, 3, 2, 10, 0, 0, 0));
    Item::Event(Box::new(event))
}

fn draft(uid: &str, title: &str) -> Draft {
    let key = CreateKey { uid: uid.to_owned(), name: uid.to_owned() };
    Draft { item: event(uid, title), from: None, key }
}

/// The rows, the answer, and how many requests it took.
fn changes(collection: &DavCollection, since: Option<&SyncToken>) -> (Vec<Row>, Changes, u64) {
    let (mut rows, call) = (Vec::new(), Call::default());
    let mut sink = |row| {
        rows.push(row);
        Ok(())
    };
    let answer = collection.changes(since, &scope(), &mut sink, &call).unwrap();
    (rows, answer, call.requests.load(Ordering::Relaxed))
}

fn token(changes: Changes) -> SyncToken {
    match changes {
        Changes::Since { next } | Changes::Listing { next: Some(next) } => next,
        Changes::Listing { next: None } => panic!("a token"),
    }
}
