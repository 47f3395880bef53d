//! A server over a folder of files: what it holds, it holds when it starts again.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;

use dovetail_davserver::{Access, CollectionKind, Server, Settings, Storage};

use crate::http::{meeting, send};

const CALENDAR: &str = "/sample/calendar/";

fn start(folder: &Path) -> Server {
    Server::start(Settings { storage: Storage::Folder(folder.to_owned()), ..Settings::default() }).unwrap()
}

/// The names and the statuses that a token leads to, and the next token; no rows where the token is refused.
fn sync(server: &Server, token: &str) -> (Vec<(String, bool)>, Option<String>) {
    let body = format!(
        "<sync-collection xmlns='DAV:'><sync-token>{token}</sync-token><sync-level>1</sync-level><prop><getetag/>\
         </prop></sync-collection>"
    );
    let answer = send(server, &format!("REPORT {CALENDAR}"), &[], &body);
    let rows = answer.all("D:response").into_iter().map(|row| {
        let name = row.split("</D:href>").next().unwrap().rsplit('/').next().unwrap();
        (name.to_owned(), !row.contains(" 404 "))
    });
    (rows.collect(), answer.all("D:sync-token").first().map(ToString::to_string))
}

fn put(server: &Server, uid: &str) {
    server.put(&format!("{CALENDAR}{uid}.ics"), meeting(uid).as_bytes()).unwrap();
}

#[test]
fn what_was_stored_is_there_after_a_restart_and_tokens_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let server = start(folder.path());
    for uid in ["a", "b", "c"] {
        put(&server, uid);
    }
    let (_, token) = sync(&server, "");
    let token = token.unwrap();
    put(&server, "d");
    server.delete("/sample/calendar/a.ics").unwrap();
    server.put("/sample/calendar/%2E%C3%BC%20%2F%25.ics", meeting("odd").as_bytes()).unwrap();
    server.make_collection("/sample/%2Emore/", CollectionKind::Tasks, "More & <more>").unwrap();
    server.set_access("/sample/%2Emore/", Access::ReadOnly).unwrap();
    let (before, collections) = (server.objects(CALENDAR), server.collections());
    let expected = sync(&server, &token);
    assert_eq!(expected.0.len(), 3);
    drop(server);
    let server = start(folder.path());
    assert_eq!((server.objects(CALENDAR), server.collections()), (before, collections));
    assert_eq!(sync(&server, &token), expected);
    put(&server, "e");
    assert_eq!(sync(&server, &expected.1.unwrap()).0, [("e.ics".to_owned(), true)]);
}

#[test]
fn files_changed_beside_the_server_are_changes() {
    let folder = tempfile::tempdir().unwrap();
    let server = start(folder.path());
    for uid in ["changed", "removed", "same"] {
        put(&server, uid);
    }
    let (_, token) = sync(&server, "");
    drop(server);
    let files = folder.path().join("sample/calendar");
    fs::write(files.join("changed.ics"), meeting("changed").replace("Sample", "Other")).unwrap();
    fs::write(files.join("new.ics"), meeting("new")).unwrap();
    fs::remove_file(files.join("removed.ics")).unwrap();
    let server = start(folder.path());
    let (mut rows, _) = sync(&server, &token.unwrap());
    rows.sort();
    let expected = [("changed.ics", true), ("new.ics", true), ("removed.ics", false)];
    assert_eq!(rows, expected.map(|(name, there)| (name.to_owned(), there)));
}

#[test]
fn a_line_cut_off_by_a_kill_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let server = start(folder.path());
    put(&server, "a");
    let (_, token) = sync(&server, "");
    put(&server, "b");
    drop(server);
    let history = folder.path().join("sample/calendar/.changes");
    let text = fs::read_to_string(&history).unwrap();
    fs::write(&history, &text[..text.len() - 10]).unwrap();
    let server = start(folder.path());
    assert_eq!(sync(&server, &token.unwrap()).0, [("b.ics".to_owned(), true)]);
}

#[test]
fn tokens_of_a_history_that_cannot_be_read_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let server = start(folder.path());
    put(&server, "a");
    let (_, token) = sync(&server, "");
    drop(server);
    let history = folder.path().join("sample/calendar/.changes");
    let text = fs::read_to_string(&history).unwrap();
    OpenOptions::new()
        .append(true)
        .open(&history)
        .unwrap()
        .write_all(format!("?\n{text}").as_bytes())
        .unwrap();
    let server = start(folder.path());
    assert_eq!(sync(&server, &token.unwrap()), (vec![], None));
    assert_eq!(sync(&server, "").0, [("a.ics".to_owned(), true)]);
}

#[test]
fn what_is_removed_with_its_collection_does_not_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let server = start(folder.path());
    put(&server, "a");
    let (_, token) = sync(&server, "");
    server.delete(CALENDAR).unwrap();
    server.make_collection(CALENDAR, CollectionKind::Events, "Again").unwrap();
    assert_eq!(sync(&server, &token.unwrap()), (vec![], None), "another collection at the same address");
    drop(server);
    assert_eq!(start(folder.path()).objects(CALENDAR), []);
}
