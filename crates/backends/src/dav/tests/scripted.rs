//! Against scripts: what servers do that Radicale does not.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use dovetail_model::Item;
use dovetail_model::event::{Attendee, Participant, Response, Role};
use dovetail_sync::error::{Error, ErrorKind};
use dovetail_sync::storage::{
    Call, Changes, Collection, Fetched, ItemId, Original, Row, Snapshot, SyncToken, Version, Write, Written,
};
use dovetail_testkit::servers::{Scripted, Seen, answer};

use super::{Contents, DavCollection, changes, collection, collection_of, draft, event, scope, soon, token};

pub(super) const ICS: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//Sample//EN\r\nBEGIN:VEVENT\r\nUID:UID\r\n\
                   DTSTAMP:20260101T000000Z\r\nDTSTART:20260302T090000Z\r\nDTEND:20260302T100000Z\r\nSUMMARY:Sample\r\n\
                   END:VEVENT\r\nEND:VCALENDAR\r\n";

/// How a server is to differ from a plain one.
#[derive(Clone, Copy, Default)]
pub(super) struct Habits {
    /// The `DAV` header.
    classes: &'static str,
    /// Privileges; all where empty.
    privileges: &'static str,
    /// It answers `sync-collection`.
    syncs: bool,
    /// PUT gives no ETag.
    silent: bool,
    /// The path of the collection, `/a/` where empty.
    path: &'static str,
}

pub(super) type Items = Arc<Mutex<BTreeMap<String, (u32, String)>>>;

/// A small server with one calendar. What the test says of a request goes before what the server would answer.
pub(super) fn server(
    habits: Habits,
    items: Items,
    script: impl Fn(usize, &Seen) -> Option<Vec<u8>> + Send + Sync + 'static,
) -> Scripted {
    Scripted::new(move |number, seen| {
        script(number, seen).unwrap_or_else(|| plain(habits, &mut items.lock().unwrap(), seen))
    })
}

pub(super) fn plain(habits: Habits, items: &mut BTreeMap<String, (u32, String)>, seen: &Seen) -> Vec<u8> {
    let held = items.get(&seen.path).cloned();
    let etag = held.as_ref().map(|(version, _)| format!("\"{version}\""));
    match seen.method.as_str() {
        "OPTIONS" => answer(200, &[("DAV", habits.classes)], ""),
        "PROPFIND" if seen.path.ends_with('/') => listing(habits, items, seen),
        "PROPFIND" => match etag {
            Some(etag) => multistatus(&row(&seen.path, &format!("<D:getetag>{etag}</D:getetag>"))),
            None => answer(404, &[], ""),
        },
        "REPORT" if seen.text().contains("multiget") => {
            let asked = |path: &&String| seen.text().contains(&format!("<D:href>{path}</D:href>"));
            let rows = items.keys().filter(asked).map(|path| body_row(path, &items[path]));
            multistatus(&rows.collect::<String>())
        }
        "REPORT" => multistatus(&(rows(items) + "<D:sync-token>token-1</D:sync-token>")),
        "GET" => match (held, etag) {
            (Some((_, body)), Some(etag)) => answer(200, &[("ETag", &etag)], &body),
            _ => answer(404, &[], ""),
        },
        "PUT" if seen.header("if-none-match").is_some() && held.is_some() => answer(412, &[], ""),
        "PUT" | "DELETE"
            if seen.header("if-match").is_some_and(|expected| Some(expected) != etag.as_deref()) =>
        {
            answer(412, &[], "")
        }
        "PUT" => {
            let version = held.map_or(1, |(version, _)| version + 1);
            items.insert(seen.path.clone(), (version, seen.text()));
            if habits.silent {
                answer(201, &[], "")
            } else {
                answer(201, &[("ETag", &format!("\"{version}\""))], "")
            }
        }
        "DELETE" => {
            items.remove(&seen.path);
            answer(204, &[], "")
        }
        _ => answer(501, &[], ""),
    }
}

fn listing(habits: Habits, items: &BTreeMap<String, (u32, String)>, seen: &Seen) -> Vec<u8> {
    let privileges =
        if habits.privileges.is_empty() { "<D:privilege><D:all/></D:privilege>" } else { habits.privileges };
    let report = if habits.syncs {
        "<D:supported-report><D:report><D:sync-collection/></D:report></D:supported-report>"
    } else {
        ""
    };
    let ctag: u32 = items.values().map(|(version, _)| version).sum();
    let own = format!(
        "<D:resourcetype><D:collection/><C:calendar/></D:resourcetype><S:getctag>sum {ctag}</S:getctag>\
         <D:current-user-privilege-set>{privileges}</D:current-user-privilege-set>\
         <D:supported-report-set>{report}</D:supported-report-set>"
    );
    let members = if seen.header("depth") == Some("1") { rows(items) } else { String::new() };
    multistatus(&(row(&seen.path, &own) + &members))
}

fn rows(items: &BTreeMap<String, (u32, String)>) -> String {
    items
        .iter()
        .map(|(path, (version, _))| row(path, &format!("<D:getetag>\"{version}\"</D:getetag>")))
        .collect()
}

pub(super) fn body_row(path: &str, (version, body): &(u32, String)) -> String {
    let body = format!("<C:calendar-data><![CDATA[{body}]]></C:calendar-data>");
    row(path, &format!("<D:getetag>\"{version}\"</D:getetag>{body}"))
}

pub(super) fn row(href: &str, properties: &str) -> String {
    format!(
        "<D:response><D:href>{href}</D:href><D:propstat><D:prop>{properties}</D:prop>\
         <D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>"
    )
}

pub(super) fn failed_row(href: &str, status: u16) -> String {
    format!("<D:response><D:href>{href}</D:href><D:status>HTTP/1.1 {status} X</D:status></D:response>")
}

pub(super) fn multistatus(rows: &str) -> Vec<u8> {
    let namespaces =
        "xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav' xmlns:S='http://calendarserver.org/ns/'";
    answer(207, &[], &format!("<D:multistatus {namespaces}>{rows}</D:multistatus>"))
}

pub(super) fn some_items(count: usize) -> Items {
    let item = |number| (format!("/a/{number}.ics"), (1, ICS.replace("UID:UID", &format!("UID:{number}"))));
    Arc::new(Mutex::new((0..count).map(item).collect()))
}

pub(super) fn storage(server: &Scripted, habits: Habits) -> DavCollection {
    let path = if habits.path.is_empty() { "/a/" } else { habits.path };
    collection(&format!("{}{path}", server.address), Contents::Calendar)
}

pub(super) fn ids(count: usize) -> Vec<ItemId> {
    (0..count).map(|number| ItemId(format!("/a/{number}.ics"))).collect()
}

fn present(number: usize) -> Row {
    Row::Present(ItemId(format!("/a/{number}.ics")), Version("\"1\"".to_owned()))
}

fn failure(storage: &DavCollection, since: Option<&SyncToken>) -> Error {
    storage.changes(since, &scope(), &mut |_| Ok(()), &Call::default()).unwrap_err()
}

/// Requests of a method, without those that only try whether conditions hold.
pub(super) fn asked(server: &Scripted, method: &str) -> usize {
    server.seen().iter().filter(|seen| seen.method == method && !is_trial(seen)).count()
}

/// Whether a write expects what cannot be.
pub(super) fn is_trial(seen: &Seen) -> bool {
    let expects = |name| seen.header(name).is_some();
    expects("if-match")
        && (expects("if-none-match") || seen.header("if-match") == Some("\"no-such-version\""))
}

pub(super) const SYNCS: Habits =
    Habits { classes: "1", privileges: "", syncs: true, silent: false, path: "" };

#[test]
fn a_token_that_is_no_longer_known_leads_to_a_listing() {
    for (status, body) in [
        (403, "<D:error xmlns:D='DAV:'><D:valid-sync-token/></D:error>"),
        (412, "<D:error xmlns:D='DAV:'><D:valid-sync-token/></D:error>"),
        (409, ""),
        (410, ""),
        (507, ""),
    ] {
        let server = server(SYNCS, some_items(2), move |_, seen| {
            seen.text().contains("token-1").then(|| answer(status, &[], body))
        });
        let storage = storage(&server, SYNCS);
        let (_, answer, _) = changes(&storage, None);
        let (rows, answer, requests) = changes(&storage, Some(&token(answer)));
        assert!(matches!(answer, Changes::Listing { .. }), "{status}");
        assert_eq!((rows, requests), (vec![present(0), present(1)], 2), "{status}");
    }
}

#[test]
fn a_server_that_announces_reports_it_does_not_answer_is_listed() {
    for propfind in [207, 405] {
        let server = server(SYNCS, some_items(2), move |_, seen| match seen.method.as_str() {
            "REPORT" if seen.text().contains("sync-collection") => Some(answer(403, &[], "")),
            "REPORT" if seen.text().contains("VTODO") => Some(multistatus("")),
            "PROPFIND" if propfind == 405 && seen.header("depth") == Some("1") => Some(answer(405, &[], "")),
            _ => None,
        });
        let (rows, answer, _) = changes(&storage(&server, SYNCS), None);
        assert_eq!(rows, [present(0), present(1)]);
        assert!(matches!(answer, Changes::Listing { .. }));
    }
}

#[test]
fn without_sync_a_run_without_changes_is_one_look_at_the_ctag() {
    let items = some_items(2);
    let server = server(Habits::default(), items.clone(), |_, _| None);
    let (_, answer, _) = changes(&storage(&server, Habits::default()), None);
    let url = format!("{}/a/", server.address);
    let storage = collection_of(("alice", "alicepw"), &url, Contents::Calendar, soon);
    let (rows, answer, requests) = changes(&storage, Some(&token(answer)));
    assert_eq!(
        (rows, requests),
        (vec![present(0), present(1)], 1),
        "it may have moved since in the same second"
    );
    let (rows, answer, requests) = changes(&storage, Some(&token(answer)));
    assert_eq!((rows, requests), (vec![], 1));
    items.lock().unwrap().remove("/a/0.ics");
    let (rows, answer, requests) = changes(&storage, Some(&token(answer)));
    assert_eq!((rows, requests), (vec![present(1)], 2));
    assert!(matches!(answer, Changes::Listing { .. }), "what is not listed is not said to be removed");
}

/// QUIRK(coarse-ctags: sogo)
#[test]
fn what_changes_in_the_second_of_a_listing_is_seen_though_the_ctag_stays() {
    let items = some_items(2);
    let server = server(Habits::default(), items.clone(), |_, _| None);
    let url = format!("{}/a/", server.address);
    let (_, answer, _) = changes(&storage(&server, Habits::default()), None);
    // The scripted ctag is the sum of the versions.
    let put = |number: usize| {
        let mut items = items.lock().unwrap();
        let (_, item) = items.pop_first().unwrap();
        items.insert(format!("/a/{number}.ics"), item);
    };
    put(2);
    let (rows, answer, _) = changes(&storage(&server, Habits::default()), Some(&token(answer)));
    assert_eq!(rows, [present(1), present(2)], "a run in the same second");
    put(3);
    let later = collection_of(("alice", "alicepw"), &url, Contents::Calendar, soon);
    let (rows, answer, _) = changes(&later, Some(&token(answer)));
    assert_eq!(rows, [present(2), present(3)]);
    assert_eq!(changes(&later, Some(&token(answer))).0, []);
}

#[test]
fn an_answer_that_is_not_whole_is_no_listing() {
    let cut = |bytes: Vec<u8>| bytes[..bytes.len() - 30].to_vec();
    for partial in [
        cut(multistatus(&row("/a/0.ics", "<D:getetag>\"1\"</D:getetag>"))),
        answer(207, &[], "<D:multistatus xmlns:D='DAV:'>"),
        answer(200, &[], "<html/>"),
        answer(207, &[], ""),
        answer(404, &[], ""),
        answer(500, &[], ""),
        multistatus(&row("/a/0.ics", "<D:getetag>\"1\"</D:getetag>")),
    ] {
        let server =
            server(SYNCS, some_items(2), move |_, seen| (seen.method == "REPORT").then(|| partial.clone()));
        failure(&storage(&server, SYNCS), None);
    }
}

#[test]
fn a_row_with_a_status_of_its_own_is_unclear_and_what_is_no_item_is_no_row() {
    let server = server(SYNCS, some_items(1), |_, seen| {
        (seen.method == "REPORT").then(|| {
            let rows = row("/a/0.ics", "<D:getetag>\"1\"</D:getetag>")
                + &failed_row("/a/1.ics", 500)
                + &failed_row("/a/2.ics", 403)
                + &row("/a/3.ics", "<D:getetag/>")
                + &failed_row("/a/4.ics", 404)
                + &row("/a/sub/", "<D:getetag>\"1\"</D:getetag>")
                + &row(
                    "/a/folder",
                    "<D:getetag>\"1\"</D:getetag><D:resourcetype><D:collection/></D:resourcetype>",
                )
                + &row("/a", "<D:getetag>\"1\"</D:getetag>")
                + &row("http://elsewhere.example.test/a/9.ics", "<D:getetag>\"1\"</D:getetag>")
                + "<D:sync-token>token-2</D:sync-token>";
            multistatus(&rows)
        })
    });
    let unclear = |number| Row::Unclear(ItemId(format!("/a/{number}.ics")));
    let storage = storage(&server, SYNCS);
    let (rows, answer, _) = changes(&storage, None);
    assert_eq!(
        rows,
        [present(0), unclear(1), unclear(2), unclear(3)],
        "in a listing, what is gone is of the past"
    );
    let (rows, _, _) = changes(&storage, Some(&token(answer)));
    let removed = Row::Removed(ItemId("/a/4.ics".to_owned()));
    assert_eq!(rows, [present(0), unclear(1), unclear(2), unclear(3), removed]);
}

#[test]
fn one_item_has_one_id_however_its_href_is_written() {
    let server = server(SYNCS, some_items(0), |_, seen| {
        (seen.method == "REPORT").then(|| {
            let etag = "<D:getetag>\"1\"</D:getetag>";
            let hrefs = ["/a/x@y.ics", "/a/x%40y.ics", "x%40y.ics", "/%61/%c3%bc.ics", "/a/ü.ics"];
            let rows: String = hrefs.iter().map(|href| row(href, etag)).collect();
            multistatus(&(rows + "<D:sync-token>t</D:sync-token>"))
        })
    });
    let (rows, _, _) = changes(&storage(&server, SYNCS), None);
    let id = |id: &str| Row::Present(ItemId(id.to_owned()), Version("\"1\"".to_owned()));
    let (one, two) = ("/a/x%40y.ics", "/a/%C3%BC.ics");
    assert_eq!(rows, [id(one), id(one), id(one), id(two), id(two)]);
}

#[test]
fn the_sink_can_end_a_listing_and_its_failure_is_kept() {
    let server = server(SYNCS, some_items(3), |_, _| None);
    let mut sink = |_| Err(Error::new(ErrorKind::Local, "the disk is full"));
    let failed = storage(&server, SYNCS).changes(None, &scope(), &mut sink, &Call::default()).unwrap_err();
    assert_eq!((failed.kind, failed.what.as_str()), (ErrorKind::Local, "the disk is full"));
}

/// What became of each id, in a word.
pub(super) fn words(fetched: &[Fetched]) -> Vec<&'static str> {
    let word = |fetched: &Fetched| match fetched {
        Fetched::Found(_) => "found",
        Fetched::NotOurs(..) => "not ours",
        Fetched::Gone => "gone",
        Fetched::Failed(_) => "failed",
    };
    fetched.iter().map(word).collect()
}

#[test]
fn what_a_report_leaves_out_is_asked_for_by_name() {
    let items = some_items(3);
    items.lock().unwrap().remove("/a/1.ics");
    let server = server(SYNCS, items, |_, seen| {
        // Left out in silence, though it is there.
        (seen.method == "REPORT").then(|| multistatus(&body_row("/a/0.ics", &(1, ICS.to_owned()))))
    });
    let fetched = storage(&server, SYNCS).fetch(&ids(3), &scope(), &Call::default()).unwrap();
    assert_eq!(words(&fetched), ["found", "gone", "found"]);
    assert_eq!((asked(&server, "REPORT"), asked(&server, "GET")), (1, 2));
}

#[test]
fn of_a_character_that_xml_forbids_its_property_and_line_are_told() {
    for forbidden in ["\u{b}", "\u{1}", "\u{ffff}"] {
        let text = ICS.replace("SUMMARY:Sample", &format!("LOCATION:Room\r\nSUMMARY:Sam{forbidden}ple"));
        let rows = body_row("/a/0.ics", &(1, text)) + &body_row("/a/1.ics", &(1, ICS.to_owned()));
        let server = server(SYNCS, some_items(2), move |_, seen| {
            (seen.method == "REPORT").then(|| multistatus(&rows))
        });
        let fetched = storage(&server, SYNCS).fetch(&ids(2), &scope(), &Call::default()).unwrap();
        let [Fetched::Found(found), Fetched::Found(whole)] = fetched.as_slice() else {
            panic!("{fetched:?}")
        };
        let told: Vec<_> =
            found.warnings.iter().map(|it| (it.property.as_str(), it.code.as_str(), it.line)).collect();
        assert_eq!(told, [("SUMMARY", "lost_character", Some(10))], "{forbidden:?}");
        assert_eq!(found.item.title(), "Sam\u{fffd}ple");
        assert_eq!(whole.warnings, []);
    }
}

#[test]
fn what_is_told_twice_and_differently_is_asked_for_by_name() {
    let there = body_row("/a/0.ics", &(1, ICS.to_owned()));
    for rows in [there.clone() + &failed_row("/a/0.ics", 404), failed_row("/a/0.ics", 404) + &there] {
        let server = server(SYNCS, some_items(2), move |_, seen| {
            (seen.method == "REPORT").then(|| multistatus(&rows))
        });
        let fetched = storage(&server, SYNCS).fetch(&ids(2), &scope(), &Call::default()).unwrap();
        assert_eq!((words(&fetched), asked(&server, "GET")), (vec!["found", "found"], 2));
    }
}

/// QUIRK(empty-etags: owncloud): GET comes without an ETag.
#[test]
fn a_body_without_an_etag_is_asked_for_with_one() {
    for (report, expected) in [(207, "found"), (501, "failed")] {
        let server = server(SYNCS, some_items(1), move |_, seen| match seen.method.as_str() {
            "GET" => Some(answer(200, &[], ICS)),
            "REPORT" if report == 501 => Some(answer(501, &[], "")),
            _ => None,
        });
        let fetched = storage(&server, SYNCS).fetch(&ids(1), &scope(), &Call::default()).unwrap();
        assert_eq!((words(&fetched), asked(&server, "REPORT")), (vec![expected], 1));
    }
}

#[test]
fn a_report_that_one_item_spoils_still_gives_the_others() {
    for status in [404, 400, 500] {
        let items = some_items(50);
        items.lock().unwrap().remove("/a/17.ics");
        let server = server(SYNCS, items, move |_, seen| {
            (seen.method == "REPORT" && seen.text().contains("/a/17.ics")).then(|| answer(status, &[], ""))
        });
        let fetched = storage(&server, SYNCS).fetch(&ids(50), &scope(), &Call::default()).unwrap();
        let mut expected = vec!["found"; 50];
        expected[17] = "gone";
        assert_eq!(words(&fetched), expected);
        assert!(server.seen().len() < 20, "{}", server.seen().len());
    }
}

#[test]
fn each_id_gets_an_answer_of_its_own() {
    let items = some_items(6);
    items.lock().unwrap().insert("/a/1.ics".into(), (1, "not a calendar".into()));
    items.lock().unwrap().insert("/a/2.ics".into(), (1, ICS.replace("VEVENT", "VTODO")));
    let server = server(SYNCS, items, |_, seen| match (seen.method.as_str(), seen.path.as_str()) {
        ("REPORT", _) => Some(answer(501, &[], "")),
        ("GET", "/a/3.ics") => Some(answer(500, &[], "")),
        ("GET", "/a/4.ics") => Some(answer(403, &[], "")),
        ("GET", "/a/5.ics") => Some(answer(200, &[], ICS)),
        _ => None,
    });
    let fetched = storage(&server, SYNCS).fetch(&ids(6), &scope(), &Call::default()).unwrap();
    assert_eq!(words(&fetched), ["found", "not ours", "not ours", "failed", "failed", "failed"]);
}

/// QUIRK(empty-reports: davical), and GMX: a report for nothing is a failure there.
#[test]
fn nothing_is_asked_for_nothing_and_one_item_is_asked_for_by_name() {
    for (count, asked) in [(0, vec![]), (1, vec!["GET /a/0.ics"])] {
        let server = server(SYNCS, some_items(6), |_, _| None);
        let fetched = storage(&server, SYNCS).fetch(&ids(count), &scope(), &Call::default()).unwrap();
        assert_eq!(words(&fetched), vec!["found"; count]);
        let seen: Vec<_> =
            server.seen().iter().map(|seen| format!("{} {}", seen.method, seen.path)).collect();
        assert_eq!(seen, asked, "{count}");
    }
}

#[test]
fn a_fetch_stops_where_the_run_must() {
    for (status, kind) in [(401, ErrorKind::Unauthorized), (503, ErrorKind::Busy { retry_after: None })] {
        let server = server(SYNCS, some_items(3), move |_, seen| {
            (seen.method == "REPORT").then(|| answer(status, &[], ""))
        });
        let failed = storage(&server, SYNCS).fetch(&ids(3), &scope(), &Call::default()).unwrap_err();
        assert_eq!(failed.kind, kind);
        assert_eq!(server.seen().len(), 1);
    }
}

pub(super) fn creates(count: usize) -> Vec<Write> {
    (0..count).map(|number| Write::Create(draft(&format!("{number}"), "Sample"))).collect()
}

pub(super) fn held(written: &Result<Written, Error>) -> &Snapshot {
    match written {
        Ok(Written::Holds(snapshot)) => snapshot,
        other => panic!("{other:?}"),
    }
}

pub(super) fn snapshot(number: usize) -> Snapshot {
    Snapshot {
        id: ItemId(format!("/a/{number}.ics")),
        version: Version("\"1\"".to_owned()),
        modified: None,
        item: event(&number.to_string(), "Sample"),
        original: Original {
            capture: 1,
            bytes: ICS.replace("UID:UID", &format!("UID:{number}")).into_bytes().into(),
        },
        warnings: Vec::new(),
    }
}

#[test]
fn writes_without_an_etag_are_read_again_with_one_report() {
    let habits = Habits { silent: true, ..SYNCS };
    let server = server(habits, some_items(0), |_, _| None);
    let written = storage(&server, habits).write(&creates(20), &Call::default());
    for (number, written) in written.iter().enumerate() {
        let held = held(written);
        assert_eq!((held.version.0.as_str(), held.item.uid()), ("\"1\"", Some(number.to_string().as_str())));
    }
    assert_eq!((asked(&server, "PUT"), asked(&server, "REPORT"), asked(&server, "GET")), (20, 1, 0));
}

#[test]
fn a_server_that_keeps_what_it_is_sent_is_believed_after_the_first_time() {
    let server = server(SYNCS, some_items(0), |_, _| None);
    let storage = storage(&server, SYNCS);
    let mut writes = creates(20);
    let later = writes.split_off(10);
    storage.write(&writes, &Call::default());
    assert_eq!(asked(&server, "REPORT"), 1);
    let written = storage.write(&later, &Call::default());
    assert!(written.iter().all(|written| held(written).version.0 == "\"1\""));
    assert_eq!(asked(&server, "REPORT"), 1);
}

#[test]
fn a_server_that_rewrites_is_read_again_every_time() {
    let items = some_items(0);
    let shelf = items.clone();
    let server = server(SYNCS, items, move |_, seen| {
        (seen.method == "PUT").then(|| {
            let body = seen.text().replace("BEGIN:VEVENT\r\n", "BEGIN:VEVENT\r\nCLASS:PUBLIC\r\n");
            shelf.lock().unwrap().insert(seen.path.clone(), (1, body));
            answer(201, &[("ETag", "\"1\"")], "")
        })
    });
    let storage = storage(&server, SYNCS);
    for (round, writes) in creates(20).chunks(10).enumerate() {
        for written in storage.write(writes, &Call::default()) {
            let body = held(&written).original.bytes.clone();
            assert!(String::from_utf8_lossy(&body).contains("CLASS:PUBLIC"));
        }
        assert_eq!(asked(&server, "REPORT"), round + 1);
    }
}

#[test]
fn an_edit_that_comes_between_our_write_and_our_look_is_not_taken_for_ours() {
    let items = some_items(0);
    let shelf = items.clone();
    let server = server(SYNCS, items, move |_, seen| {
        if seen.method == "REPORT" {
            for (version, body) in shelf.lock().unwrap().values_mut() {
                (*version, *body) = (2, body.replace("SUMMARY:Sample", "SUMMARY:Somebody else's"));
            }
        }
        None
    });
    let written = storage(&server, SYNCS).write(&creates(2), &Call::default());
    for written in &written {
        let held = held(written);
        assert_eq!((held.version.0.as_str(), held.item.title()), ("\"1\"", "Sample"));
    }
}

#[test]
fn what_a_room_answers_while_its_meeting_is_written_is_an_edit_of_the_server() {
    for silent in [false, true] {
        for (answer_of_room, is_news) in [("ACCEPTED", true), ("DECLINED", true), ("NEEDS-ACTION", false)] {
            let habits = Habits { silent, ..SYNCS };
            let items = some_items(0);
            let shelf = items.clone();
            let server = server(habits, items, move |_, seen| {
                (seen.method == "PUT").then(|| {
                    let body = seen.text().replace("\r\n ", "").replace(";PARTSTAT=NEEDS-ACTION", "");
                    let answered = format!(";PARTSTAT={answer_of_room}:mailto:room@");
                    let body = body
                        .replace(":mailto:room@", &answered)
                        .replace("STATUS:", "CLASS:PUBLIC\r\nSTATUS:");
                    shelf.lock().unwrap().insert(seen.path.clone(), (1, body));
                    answer(201, if silent { &[] } else { &[("ETag", "\"1\"")] }, "")
                })
            });
            let mut meeting = draft("meeting", "Sample");
            let Item::Event(event) = &mut meeting.item else { panic!("{meeting:?}") };
            let who = |address: &str| Participant { address: address.into(), ..Participant::default() };
            event.main.organizer = Some(who("mailto:me@example.com"));
            event.main.attendees = vec![Attendee {
                who: who("mailto:room@example.com"),
                role: Role::Resource,
                ..Attendee::default()
            }];
            let storage = storage(&server, habits);
            let written = storage.write(&[Write::Create(meeting)], &Call::default());
            let before = held(&written[0]).clone();
            let now = storage
                .fetch(std::slice::from_ref(&before.id), &scope(), &Call::default())
                .unwrap()
                .remove(0);
            let Fetched::Found(now) = now else { panic!("{now:?}") };
            let response = |snapshot: &Snapshot| match &snapshot.item {
                Item::Event(event) => event.main.attendees[0].response,
                other => panic!("{other:?}"),
            };
            let context = format!("{silent} {answer_of_room}");
            assert_eq!(response(&before), Response::NeedsAction, "{context}");
            assert_eq!(response(&now) != Response::NeedsAction, is_news, "{context}");
            // What the next run has to read has no version that a server gives.
            assert_eq!(before.version.0.is_empty(), is_news, "{context}");
            let differs = before.item != now.item;
            assert_eq!(differs, is_news, "{context}: nothing else is taken for an edit");
        }
    }
}

#[test]
fn what_cannot_be_read_again_is_read_in_the_next_run() {
    let habits = Habits { silent: true, ..SYNCS };
    let server = server(habits, some_items(0), |_, seen| {
        matches!(seen.method.as_str(), "REPORT" | "GET").then(|| answer(500, &[], ""))
    });
    let storage = storage(&server, habits);
    let written = storage.write(&creates(2), &Call::default());
    let held = held(&written[0]).clone();
    assert_eq!((held.version.0.as_str(), held.item.title()), ("", "Sample"));
    let again = storage.write(&[Write::Delete(held)], &Call::default());
    assert_eq!(again[0].as_ref().unwrap_err().kind, ErrorKind::Stale);
    assert_eq!(asked(&server, "DELETE"), 0);
}

#[test]
fn a_busy_server_is_given_its_time_and_nothing_is_sent_twice() {
    let busy = Mutex::new(true);
    let server = server(SYNCS, some_items(0), move |_, seen| {
        let mut busy = busy.lock().unwrap();
        let now = seen.path == "/a/5.ics" && std::mem::take(&mut *busy);
        now.then(|| answer(429, &[("Retry-After", "1")], ""))
    });
    let begun = Instant::now();
    let written = storage(&server, SYNCS).write(&creates(30), &Call::default());
    assert!(begun.elapsed() >= Duration::from_secs(1));
    for (number, written) in written.iter().enumerate() {
        if number == 5 {
            let kind = ErrorKind::Busy { retry_after: Some(Duration::from_secs(1)) };
            assert_eq!(written.as_ref().unwrap_err().kind, kind);
        } else {
            held(written);
        }
    }
    assert_eq!(asked(&server, "PUT"), 30);
}

#[test]
fn a_server_that_cannot_take_two_writes_at_once_gets_one_at_a_time_and_all_of_them() {
    let (at_work, refused) = (Mutex::new(()), Arc::new(AtomicUsize::new(0)));
    let refusals = refused.clone();
    let server = server(SYNCS, some_items(0), move |_, seen| {
        if seen.method != "PUT" {
            return None;
        }
        let Ok(_alone) = at_work.try_lock() else {
            refusals.fetch_add(1, Ordering::Relaxed);
            return Some(answer(423, &[], ""));
        };
        std::thread::sleep(Duration::from_millis(5));
        None
    });
    let written = storage(&server, SYNCS).write(&creates(60), &Call::default());
    for written in &written {
        held(written);
    }
    let refused = refused.load(Ordering::Relaxed);
    assert!((1..=4).contains(&refused), "{refused}");
    assert_eq!(asked(&server, "PUT"), 60 + refused);
}

#[test]
fn a_server_that_stays_locked_gets_the_rest_another_time() {
    let server = server(SYNCS, some_items(0), |number, seen| {
        (seen.method == "PUT" && number > 12).then(|| answer(423, &[], ""))
    });
    let written = storage(&server, SYNCS).write(&creates(60), &Call::default());
    let busy = ErrorKind::Busy { retry_after: None };
    let failed: Vec<_> = written.iter().filter_map(|written| written.as_ref().err()).collect();
    assert!(failed.len() >= 48 && failed.iter().all(|error| error.kind == busy), "{failed:?}");
    assert!(asked(&server, "PUT") <= 12 + 3, "{}", asked(&server, "PUT"));
}

#[test]
fn a_failure_that_stops_the_run_stops_the_writes() {
    for (bytes, kind) in [
        (
            answer(503, &[("Retry-After", "3600")], ""),
            ErrorKind::Busy { retry_after: Some(Duration::from_secs(3600)) },
        ),
        (answer(503, &[], ""), ErrorKind::Busy { retry_after: None }),
        (answer(401, &[], ""), ErrorKind::Unauthorized),
        (Vec::new(), ErrorKind::Offline),
    ] {
        let server = server(SYNCS, some_items(0), move |_, seen| {
            (seen.method == "PUT" && seen.path != "/a/0.ics").then(|| bytes.clone())
        });
        let written = storage(&server, SYNCS).write(&creates(30), &Call::default());
        assert_eq!(written.len(), 30);
        held(&written[0]);
        assert!(written[1..].iter().all(|written| written.as_ref().unwrap_err().kind == kind), "{written:?}");
        assert!(asked(&server, "PUT") <= 4, "{}", asked(&server, "PUT"));
    }
}

#[test]
fn a_write_whose_answer_is_lost_is_not_repeated() {
    let items = some_items(0);
    let shelf = items.clone();
    let server = server(SYNCS, items.clone(), move |_, seen| {
        (seen.method == "PUT").then(|| {
            shelf.lock().unwrap().insert(seen.path.clone(), (1, seen.text()));
            b"HTTP/1.1 201 Cre".to_vec()
        })
    });
    let written = storage(&server, SYNCS).write(&creates(1), &Call::default());
    assert_eq!(written[0].as_ref().unwrap_err().kind, ErrorKind::Offline);
    assert_eq!((asked(&server, "PUT"), items.lock().unwrap().len()), (1, 1));
}

#[test]
fn refusals_of_a_write_are_named_by_what_to_do_next() {
    let conflict =
        "<D:error xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav'><C:no-uid-conflict/></D:error>";
    let privileges = "<D:error xmlns:D='DAV:'><D:need-privileges/></D:error>";
    for (status, body, on_create, on_update) in [
        (412, "", ErrorKind::Stale, ErrorKind::Stale),
        (412, "<error xmlns='DAV:'><if-match/>does not match</error>", ErrorKind::Stale, ErrorKind::Stale),
        (412, conflict, ErrorKind::Refused, ErrorKind::Refused),
        (409, conflict, ErrorKind::Refused, ErrorKind::Refused),
        (403, privileges, ErrorKind::ReadOnly, ErrorKind::ReadOnly),
        (405, "", ErrorKind::ReadOnly, ErrorKind::ReadOnly),
        (404, "", ErrorKind::Refused, ErrorKind::Gone),
        (410, "", ErrorKind::Refused, ErrorKind::Gone),
        (409, "", ErrorKind::Refused, ErrorKind::Refused),
        (413, "", ErrorKind::Refused, ErrorKind::Refused),
        (415, "", ErrorKind::Refused, ErrorKind::Refused),
        (422, "", ErrorKind::Refused, ErrorKind::Refused),
        (507, "", ErrorKind::Refused, ErrorKind::Refused),
        (500, "", ErrorKind::Refused, ErrorKind::Refused),
    ] {
        let server = server(SYNCS, some_items(1), move |_, seen| {
            (seen.method == "PUT").then(|| answer(status, &[], body))
        });
        let update = Write::Update(snapshot(0), draft("0", "Changed"));
        let written = storage(&server, SYNCS).write(&[creates(2).remove(1), update], &Call::default());
        let kinds: Vec<ErrorKind> =
            written.iter().map(|written| written.as_ref().unwrap_err().kind).collect();
        assert_eq!(kinds, [on_create, on_update], "{status} {body}");
    }
}

#[test]
fn what_may_only_be_read_is_not_written() {
    let habits = Habits { privileges: "<D:privilege><D:read/></D:privilege>", ..SYNCS };
    let server = server(habits, some_items(1), |_, _| None);
    let storage = storage(&server, habits);
    changes(&storage, None);
    assert!(storage.traits().read_only);
    for write in [creates(1).remove(0), Write::Delete(snapshot(0))] {
        assert_eq!(
            storage.write(&[write], &Call::default())[0].as_ref().unwrap_err().kind,
            ErrorKind::ReadOnly
        );
    }
    assert_eq!((asked(&server, "PUT"), asked(&server, "DELETE")), (0, 0));
}

#[test]
fn a_server_that_schedules_mails_attendees() {
    for (classes, mails) in [("1, 3, calendar-access", false), ("1, Calendar-Auto-Schedule", true)] {
        let habits = Habits { classes, ..SYNCS };
        let server = server(habits, some_items(0), |_, _| None);
        let storage = storage(&server, habits);
        assert!(storage.traits().mails_attendees, "as long as nothing is known");
        changes(&storage, None);
        assert_eq!(storage.traits().mails_attendees, mails);
    }
    let server =
        server(SYNCS, some_items(0), |_, seen| (seen.method == "OPTIONS").then(|| answer(400, &[], "")));
    let storage = storage(&server, SYNCS);
    changes(&storage, None);
    assert!(storage.traits().mails_attendees, "a server that does not say may do it");
}

#[test]
fn sogos_conditions_are_not_relied_on() {
    let habits = Habits { path: "/SOGo/dav/alice/Calendar/personal/", ..SYNCS };
    let path = "/SOGo/dav/alice/Calendar/personal/0.ics";
    let items = Arc::new(Mutex::new(BTreeMap::from([(path.to_owned(), (2, ICS.to_owned()))])));
    let server = server(habits, items, |_, seen| (seen.method == "DELETE").then(|| answer(204, &[], "")));
    let storage = storage(&server, habits);
    let traits = storage.traits();
    assert!(!traits.create_guard && !traits.delete_guard && traits.versions_repeat);
    let mut old = snapshot(0);
    old.id = ItemId(path.to_owned());
    let stale = storage.write(&[Write::Delete(old.clone())], &Call::default());
    assert_eq!(stale[0].as_ref().unwrap_err().kind, ErrorKind::Stale);
    assert_eq!(asked(&server, "DELETE"), 0);
    old.version = Version("\"2\"".to_owned());
    assert_eq!(
        *storage.write(&[Write::Delete(old)], &Call::default())[0].as_ref().unwrap(),
        Written::Deleted
    );
}

#[test]
fn a_collection_of_another_kind_is_refused_at_once() {
    let server = server(SYNCS, some_items(0), |_, _| None);
    let book = Contents::AddressBook { new_cards: dovetail_mapping::vcard::Version::V3 };
    let failed = failure(&collection(&format!("{}/a/", server.address), book), None);
    assert_eq!(failed.kind, ErrorKind::Refused);
}

#[test]
fn a_token_of_another_collection_counts_for_nothing() {
    let server = server(SYNCS, some_items(1), |_, _| None);
    let one = storage(&server, SYNCS);
    let (_, answer, _) = changes(&one, None);
    let other = storage(&server, Habits { path: "/b/", ..SYNCS });
    let (_, answer, _) = changes(&other, Some(&token(answer)));
    assert!(matches!(answer, Changes::Listing { .. }));
}

#[test]
fn a_cancelled_call_sends_nothing() {
    let server = server(SYNCS, some_items(1), |_, _| None);
    let storage = super::collection(&format!("{}/a/", server.address), Contents::Calendar);
    let call = Call::default();
    call.cancel.store(true, Ordering::Relaxed);
    let mut sink = |_| Ok(());
    assert_eq!(storage.changes(None, &scope(), &mut sink, &call).unwrap_err().kind, ErrorKind::Cancelled);
    assert_eq!(storage.fetch(&ids(1), &scope(), &call).unwrap_err().kind, ErrorKind::Cancelled);
    assert_eq!(storage.write(&creates(1), &call)[0].as_ref().unwrap_err().kind, ErrorKind::Cancelled);
    assert_eq!(server.seen(), []);
}
