use expect_test::expect;

use super::{Page, is_token_refused, parse, prepare};
use crate::error::ErrorKind;
use crate::recorded::{answer, at, sent, xml};

const INITIAL: &[u8] = include_bytes!("../../../../fixtures/dav/radicale/sync-initial.http");
const DELTA: &[u8] = include_bytes!("../../../../fixtures/dav/radicale/sync-delta.http");
const BAD_TOKEN: &[u8] = include_bytes!("../../../../fixtures/dav/radicale/sync-bad-token.http");

#[test]
fn the_request_is_these_bytes() {
    expect![[r#"
        REPORT http://127.0.0.1:5232/alice/calendar/
        Depth: 0
        Content-Type: application/xml; charset=utf-8

        <?xml version="1.0" encoding="utf-8"?>
        <D:sync-collection xmlns:D="DAV:"><D:sync-token>data:,1&amp;2</D:sync-token><D:sync-level>1</D:sync-level><D:prop><D:getetag/><D:resourcetype/></D:prop></D:sync-collection>"#]]
    .assert_eq(&sent(&prepare(&at("/alice/calendar/"), Some("data:,1&2"))));
    assert!(sent(&prepare(&at("/"), None)).contains("<D:sync-token></D:sync-token>"));
}

/// An href, its ETag, and whether it is gone.
type Told = (String, Option<String>, bool);

fn rows(response: crate::Response) -> crate::Result<(Vec<Told>, Page)> {
    let mut rows = Vec::new();
    let page = parse(response, &mut |row| {
        rows.push((row.href.clone(), row.etag(), row.is_gone()));
        Ok(())
    })?;
    Ok((rows, page))
}

#[test]
fn radicales_answers_are_read() {
    let (listed, page) = rows(answer("REPORT", at("/alice/calendar/"), INITIAL)).unwrap();
    assert_eq!(listed.len(), 2);
    assert_eq!(listed[0].0, "/alice/calendar/one%40example.com.ics");
    assert!(listed.iter().all(|(_, etag, gone)| etag.is_some() && !gone));
    assert!(page.token.starts_with("http://radicale.org/ns/sync/") && !page.truncated);
    let (changed, _) = rows(answer("REPORT", at("/alice/calendar/"), DELTA)).unwrap();
    assert_eq!(changed, [("/alice/calendar/one%40example.com.ics".to_owned(), None, true)]);
}

#[test]
fn a_token_that_is_not_known_is_told_from_other_refusals() {
    let refused = rows(answer("REPORT", at("/alice/calendar/"), BAD_TOKEN)).unwrap_err();
    assert!(refused.names_precondition("valid-sync-token") && is_token_refused(&refused));
    for (status, body, expected) in [
        (403, "<error xmlns='DAV:'><valid-sync-token/></error>", true),
        (412, "<error xmlns='DAV:'><valid-sync-token/></error>", true),
        (409, "", true),
        (410, "", true),
        (507, "<error xmlns='DAV:'><number-of-matches-within-limits/></error>", true),
        (404, "", false),
        (401, "", false),
        (500, "", false),
        (503, "", false),
    ] {
        let error = rows(xml("REPORT", at("/a/"), status, body)).unwrap_err();
        assert_eq!(is_token_refused(&error), expected, "{status} {body}");
    }
}

#[test]
fn a_truncated_answer_is_told_and_the_collection_is_no_row() {
    let body = "<multistatus xmlns='DAV:'><response><href>/a/1.ics</href><propstat><prop><getetag>\"1\"</getetag></prop>\
                <status>HTTP/1.1 200 OK</status></propstat></response>\
                <response><href>http://127.0.0.1:5232/%61</href><status>HTTP/1.1 507 Insufficient Storage</status>\
                <error><number-of-matches-within-limits/></error></response><sync-token>t2</sync-token></multistatus>";
    let (rows, page) = rows(xml("REPORT", at("/a/"), 207, body)).unwrap();
    assert_eq!(rows, [("/a/1.ics".to_owned(), Some("\"1\"".to_owned()), false)]);
    assert_eq!(page, Page { token: "t2".to_owned(), truncated: true });
}

#[test]
fn a_collection_that_fails_as_a_whole_is_no_answer() {
    for (status, expected) in [
        ("200 OK", None),
        ("403 Forbidden", Some(ErrorKind::Refused)),
        ("404 Not Found", Some(ErrorKind::Gone)),
        ("503 Service Unavailable", Some(ErrorKind::Busy { retry_after: None })),
    ] {
        let body = format!(
            "<multistatus xmlns='DAV:'><response><href>/a/</href><status>HTTP/1.1 {status}</status></response>\
             <sync-token>t2</sync-token></multistatus>"
        );
        let failed = rows(xml("REPORT", at("/a/"), 207, &body)).err();
        assert_eq!(failed.map(|error| error.kind), expected, "{status}");
    }
}

#[test]
fn an_answer_without_a_token_is_a_failure() {
    let error = rows(xml("REPORT", at("/a/"), 207, "<multistatus xmlns='DAV:'></multistatus>")).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Malformed);
}
