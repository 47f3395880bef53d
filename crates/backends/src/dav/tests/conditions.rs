//! Writes and their conditions, against scripts: what servers make of If-Match, and what they answer that is not so.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use dovetail_sync::error::{Error, ErrorKind};
use dovetail_sync::storage::{Call, Collection, Snapshot, Version, Write, Written};
use dovetail_testkit::servers::{Scripted, Seen, answer};

use super::super::lessons;
use super::scripted::{
    ICS, Items, SYNCS, asked, creates, held, is_trial, multistatus, plain, row, server, snapshot, some_items,
    storage,
};
use super::{DavCollection, draft};

fn write(storage: &DavCollection, write: Write) -> Result<Written, Error> {
    storage.write(&[write], &Call::default()).remove(0)
}

fn update(number: usize) -> Write {
    Write::Update(snapshot(number), draft(&number.to_string(), "Changed"))
}

fn with_version(mut snapshot: Snapshot, version: &str) -> Snapshot {
    snapshot.version = Version(version.to_owned());
    snapshot
}

fn writes(server: &Scripted) -> Vec<Seen> {
    server.seen().into_iter().filter(|seen| matches!(seen.method.as_str(), "PUT" | "DELETE")).collect()
}

#[test]
fn every_write_states_its_condition() {
    let server = server(SYNCS, some_items(2), |_, _| None);
    let storage = storage(&server, SYNCS);
    write(&storage, creates(5).remove(4)).unwrap();
    write(&storage, update(0)).unwrap();
    write(&storage, Write::Delete(snapshot(1))).unwrap();
    let seen = writes(&server);
    for seen in &seen {
        assert!(seen.header("if-match").is_some() || seen.header("if-none-match") == Some("*"), "{seen:?}");
    }
    let conditions: Vec<_> = seen
        .iter()
        .filter(|seen| !is_trial(seen))
        .map(|seen| (seen.header("if-none-match"), seen.header("if-match")))
        .collect();
    assert_eq!(conditions, [(Some("*"), None), (None, Some("\"1\"")), (None, Some("\"1\""))]);
}

#[test]
fn conditions_are_tried_once_and_then_relied_on() {
    let server = server(SYNCS, some_items(6), |_, _| None);
    let storage = storage(&server, SYNCS);
    for number in 0..3 {
        write(&storage, update(number)).unwrap();
        write(&storage, Write::Delete(snapshot(number + 3))).unwrap();
    }
    assert_eq!(writes(&server).iter().filter(|seen| is_trial(seen)).count(), 2);
    assert_eq!((asked(&server, "PUT"), asked(&server, "DELETE")), (3, 3));
}

/// What cannot be true is refused for another reason: nothing is learned of it, and the write is sent as it should be.
#[test]
fn an_odd_refusal_of_a_trial_keeps_nothing_from_being_written() {
    let server = server(SYNCS, some_items(1), |_, seen| is_trial(seen).then(|| answer(409, &[], "")));
    let storage = storage(&server, SYNCS);
    assert_eq!(held(&write(&storage, update(0))).item.title(), "Changed");
    assert_eq!(storage.lessons().updates, lessons::Seen::NotYet);
}

/// QUIRK(quotes: mail.ru): If-Match is understood without quotes only, although ETags have them.
#[test]
fn etags_go_without_quotes_where_they_are_not_understood_with_them() {
    let items = some_items(3);
    let server = Scripted::new(move |_, seen| {
        let mut seen = seen.clone();
        for (_, value) in seen.headers.iter_mut().filter(|(name, _)| name == "if-match") {
            *value = if value.starts_with('"') { "\"never\"".to_owned() } else { format!("\"{value}\"") };
        }
        plain(SYNCS, &mut items.lock().unwrap(), &seen)
    });
    let storage = storage(&server, SYNCS);
    for number in 0..2 {
        assert_eq!(held(&write(&storage, update(number))).item.title(), "Changed");
    }
    assert_eq!(write(&storage, Write::Delete(snapshot(2))).unwrap(), Written::Deleted);
    let stale = with_version(snapshot(0), "\"0\"");
    assert_eq!(write(&storage, Write::Delete(stale)).unwrap_err().kind, ErrorKind::Stale);
}

/// Weak ETags match nothing in If-Match (RFC 9110 section 13.1.1): we look, and the write expects that there is something.
#[test]
fn what_has_a_weak_etag_is_looked_at_and_written() {
    let items = some_items(2);
    let server = weak_server(items.clone());
    let storage = storage(&server, SYNCS);
    let weak = |number| with_version(snapshot(number), "W/\"1\"");
    let update = Write::Update(weak(0), draft("0", "Changed"));
    let written = write(&storage, update.clone());
    assert_eq!((held(&written).item.title(), held(&written).version.0.as_str()), ("Changed", "W/\"2\""));
    assert_eq!(write(&storage, update).unwrap_err().kind, ErrorKind::Stale, "it is another one now");
    assert_eq!(write(&storage, Write::Delete(weak(1))).unwrap(), Written::Deleted);
    let last = writes(&server).pop().unwrap();
    assert_eq!((last.method.as_str(), last.header("if-match")), ("DELETE", Some("*")));
    assert_eq!(items.lock().unwrap().len(), 1);
}

fn weak_server(items: Items) -> Scripted {
    let shelf = items.clone();
    server(SYNCS, items, move |_, seen| {
        let mut shelf = shelf.lock().unwrap();
        let (version, body) = shelf.get(&seen.path)?.clone();
        let weak = format!("W/\"{version}\"");
        match seen.method.as_str() {
            "PROPFIND" => Some(multistatus(&row(&seen.path, &format!("<D:getetag>{weak}</D:getetag>")))),
            "GET" => Some(answer(200, &[("ETag", &weak)], &body)),
            "PUT" | "DELETE" if seen.header("if-match") != Some("*") => Some(answer(412, &[], "")),
            "PUT" => {
                shelf.insert(seen.path.clone(), (version + 1, seen.text()));
                Some(answer(204, &[("ETag", &format!("W/\"{}\"", version + 1))], ""))
            }
            _ => {
                shelf.remove(&seen.path);
                Some(answer(204, &[], ""))
            }
        }
    })
}

#[test]
fn a_failure_after_the_deed_is_looked_into_before_anything_else() {
    for (status, is_done, expected) in [
        (500, true, Ok(())),
        (501, true, Ok(())),
        (504, true, Ok(())),
        (500, false, Err(ErrorKind::Refused)),
        (504, false, Err(ErrorKind::Busy { retry_after: None })),
    ] {
        let items = some_items(3);
        let shelf = items.clone();
        let server = server(SYNCS, items, move |_, seen| {
            let is_write = matches!(seen.method.as_str(), "PUT" | "DELETE") && !is_trial(seen);
            is_write.then(|| {
                let mut shelf = shelf.lock().unwrap();
                match seen.method.as_str() {
                    _ if !is_done => {}
                    "PUT" => drop(shelf.insert(seen.path.clone(), (5, seen.text()))),
                    _ => drop(shelf.remove(&seen.path)),
                }
                answer(status, &[], "")
            })
        });
        for write_of in [creates(9).remove(8), update(0), Write::Delete(snapshot(1))] {
            let was = writes(&server).iter().filter(|seen| !is_trial(seen)).count();
            let written = write(&storage(&server, SYNCS), write_of);
            let shown = format!("{status} {is_done} {written:?}");
            assert_eq!(written.map(drop).map_err(|error| error.kind), expected, "{shown}");
            let now = writes(&server).iter().filter(|seen| !is_trial(seen)).count();
            assert_eq!(now - was, 1, "once: {shown}");
        }
    }
}

#[test]
fn a_deletion_that_was_not_done_is_told_in_whatever_header() {
    for (status, expected) in [
        ("200 No error", Ok(Written::Deleted)),
        ("412 Precondition failed", Err(ErrorKind::Stale)),
        ("403 Forbidden", Err(ErrorKind::Refused)),
        ("no", Err(ErrorKind::Refused)),
    ] {
        let server = server(SYNCS, some_items(1), move |_, seen| {
            (seen.method == "DELETE" && !is_trial(seen)).then(|| answer(200, &[("X-Dav-Error", status)], ""))
        });
        let written = write(&storage(&server, SYNCS), Write::Delete(snapshot(0)));
        assert_eq!(written.map_err(|error| error.kind), expected, "{status}");
    }
}

#[test]
fn an_item_is_where_the_server_says_if_that_is_in_the_collection() {
    for (location, at) in [
        ("/a/given.ics", "/a/given.ics"),
        ("given.ics", "/a/given.ics"),
        ("/a/4.ics", "/a/4.ics"),
        // Nothing that was put is there.
        ("/b/other.ics", "/a/4.ics"),
        ("/a/", "/a/4.ics"),
        ("/a/b/c.ics", "/a/4.ics"),
        ("http://elsewhere.example.test/a/given.ics", "/a/4.ics"),
        ("/a/../b/other.ics", "/a/4.ics"),
    ] {
        let items: Items = Arc::new(Mutex::new(BTreeMap::new()));
        let shelf = items.clone();
        let server = server(SYNCS, items, move |_, seen| {
            (seen.method == "PUT" && !is_trial(seen)).then(|| {
                shelf.lock().unwrap().insert(at.to_owned(), (1, seen.text()));
                answer(201, &[("Location", location), ("ETag", "\"1\"")], "")
            })
        });
        let written = write(&storage(&server, SYNCS), creates(5).remove(4));
        assert_eq!(held(&written).id.0, at, "{location}");
        assert!(held(&written).original.bytes.starts_with(&ICS.as_bytes()[..15]));
    }
}

#[test]
fn an_update_may_be_answered_with_anything_that_is_a_success() {
    for (status, etag) in [(200, "\"2\""), (204, "\"2\""), (204, ""), (201, ""), (202, "W/\"2\"")] {
        let items = some_items(1);
        let shelf = items.clone();
        let server = server(SYNCS, items, move |_, seen| {
            (seen.method == "PUT" && !is_trial(seen)).then(|| {
                shelf.lock().unwrap().insert(seen.path.clone(), (2, seen.text()));
                answer(status, &[("ETag", etag)], "")
            })
        });
        let written = write(&storage(&server, SYNCS), update(0));
        assert_eq!((held(&written).version.0.as_str(), held(&written).item.title()), ("\"2\"", "Changed"));
    }
}
