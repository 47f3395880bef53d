use std::io::{self, BufReader, Read};

use super::{Most, Row, etag, read, read_within};
use crate::error::{Error, ErrorKind, Result};
use crate::names;

fn rows(body: &str) -> Result<(Vec<Row>, Option<String>)> {
    let mut rows = Vec::new();
    let document =
        format!("<multistatus xmlns='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav'>{body}</multistatus>");
    let tail = read(BufReader::new(document.as_bytes()), &mut |row| {
        rows.push(row);
        Ok(())
    })?;
    Ok((rows, tail.sync_token))
}

fn row(body: &str) -> Row {
    let (rows, _) = rows(&format!("<response><href>/a</href>{body}</response>")).unwrap();
    let [row] = rows.try_into().unwrap();
    row
}

const FOUND: &str =
    "<propstat><prop><getetag>\"1\"</getetag></prop><status>HTTP/1.1 200 OK</status></propstat>";
const MISSING: &str =
    "<propstat><prop><getetag/><displayname/></prop><status>HTTP/1.1 404 Not Found</status></propstat>";

#[test]
fn properties_keep_their_own_status_in_any_order() {
    for body in [format!("{FOUND}{MISSING}"), format!("{MISSING}{FOUND}")] {
        let row = row(&body);
        assert_eq!(row.etag().as_deref(), Some("\"1\""));
        assert_eq!(row.found(&names::DISPLAYNAME), None);
        assert_eq!((row.status, row.failure(), row.is_gone()), (None, None, false));
    }
}

#[test]
fn a_missing_property_is_no_missing_resource() {
    let row = row(MISSING);
    assert_eq!((row.is_gone(), row.failure(), row.etag()), (false, None, None));
}

#[test]
fn a_row_has_the_status_that_it_states() {
    for (body, status, failure) in [
        ("<status>HTTP/1.1 404 Not Found</status>", Some(404), Some(404)),
        ("<status>HTTP/1.1 507 Insufficient Storage</status>", Some(507), Some(507)),
        ("<status>HTTP/1.1 200 OK</status>", Some(200), None),
        ("<status>403</status>", Some(403), Some(403)),
        (
            "<propstat><prop><getetag/></prop><status>HTTP/1.1 403 Forbidden</status></propstat>",
            None,
            Some(403),
        ),
        ("<status>HTTP/2 503</status>", Some(503), Some(503)),
    ] {
        let row = row(body);
        assert_eq!((row.status, row.failure()), (status, failure), "{body}");
    }
}

#[test]
fn a_status_that_is_none_is_a_failure() {
    for body in ["<status/>", "<status>HTTP/1.1 OK</status>", "<status>HTTP/1.1 99999 Odd</status>"] {
        let error = rows(&format!("<response><href>/a</href>{body}</response>")).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Malformed, "{body}");
    }
}

#[test]
fn several_hrefs_share_a_status() {
    let (rows, _) =
        rows("<response><href>/a</href><href>/b</href><status>HTTP/1.1 404 Not Found</status></response>")
            .unwrap();
    assert_eq!(
        rows.iter().map(|row| (row.href.as_str(), row.is_gone())).collect::<Vec<_>>(),
        [("/a", true), ("/b", true)]
    );
}

#[test]
fn the_token_is_found_before_and_after_the_rows() {
    for body in [
        "<sync-token>t</sync-token><response><href>/a</href></response>",
        "<response><href>/a</href></response><sync-token> t\n</sync-token>",
    ] {
        assert_eq!(rows(body).unwrap().1.as_deref(), Some("t"));
    }
    assert_eq!(rows("<sync-token/>").unwrap(), (vec![], None));
}

#[test]
fn a_rule_that_was_not_met_is_named() {
    let row = row("<status>HTTP/1.1 403 No</status><error><C:valid-calendar-data/></error>");
    assert_eq!(row.precondition.unwrap().local, "valid-calendar-data");
}

#[test]
fn a_row_without_a_resource_is_a_failure() {
    assert_eq!(rows(&format!("<response>{FOUND}</response>")).unwrap_err().kind, ErrorKind::Malformed);
}

#[test]
fn a_document_that_breaks_off_anywhere_is_a_failure() {
    let whole =
        format!("<multistatus xmlns='DAV:'><response><href>/a</href>{FOUND}</response></multistatus>");
    for end in 0..whole.len() {
        let result = read(BufReader::new(&whole.as_bytes()[..end]), &mut |_| Ok(()));
        assert!(result.is_err(), "{}", &whole[..end]);
    }
    assert!(read(BufReader::new(whole.as_bytes()), &mut |_| Ok(())).is_ok());
}

#[test]
fn a_connection_that_breaks_is_no_malformed_answer() {
    struct Breaks(&'static [u8]);
    impl Read for Breaks {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            if self.0.is_empty() { Err(io::ErrorKind::ConnectionReset.into()) } else { self.0.read(buffer) }
        }
    }
    let begun = b"<multistatus xmlns='DAV:'><response><href>/a</href>";
    let error = read(BufReader::new(Breaks(begun)), &mut |_| Ok(())).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Offline);
}

#[test]
fn what_is_no_multistatus_is_a_failure() {
    for document in ["<html></html>", "<multistatus/>", "<error xmlns='DAV:'/>", "", "not XML"] {
        assert!(read(BufReader::new(document.as_bytes()), &mut |_| Ok(())).is_err(), "{document}");
    }
}

#[test]
fn the_sink_can_stop_the_reading() {
    let document = format!(
        "<multistatus xmlns='DAV:'>{}</multistatus>",
        "<response><href>/a</href></response>".repeat(10)
    );
    let mut count = 0;
    let error = read(BufReader::new(document.as_bytes()), &mut |_| {
        count += 1;
        if count == 3 { Err(Error::new(ErrorKind::Refused, "enough")) } else { Ok(()) }
    });
    assert_eq!((error.unwrap_err().what.as_str(), count), ("enough", 3));
}

#[test]
fn etags_come_in_one_form() {
    for (text, expected) in [
        ("\"1\"", Some("\"1\"")),
        ("W/\"1\"", Some("W/\"1\"")),
        ("1", Some("\"1\"")),
        ("", None),
        ("\"\"", None),
        ("None", None),
        ("\"None\"", None),
        (" \"1\"\n", Some("\"1\"")),
    ] {
        assert_eq!(etag(text).as_deref(), expected, "{text}");
    }
}

/// Gives a document of many rows without holding it.
struct Endless {
    rows: usize,
    current: Vec<u8>,
    taken: usize,
}

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.taken == self.current.len() {
            self.taken = 0;
            self.current = match self.rows {
                0 => b"<multistatus xmlns='DAV:'>".to_vec(),
                1..=20_000 => format!("<response><href>/{}</href>{FOUND}</response>", self.rows).into_bytes(),
                20_001 => b"</multistatus>".to_vec(),
                _ => Vec::new(),
            };
            self.rows += 1;
        }
        let length = buffer.len().min(self.current.len() - self.taken);
        buffer[..length].copy_from_slice(&self.current[self.taken..][..length]);
        self.taken += length;
        Ok(length)
    }
}

#[test]
fn any_number_of_rows_may_come_but_no_endless_one() {
    let mut count = 0;
    read(BufReader::new(Endless { rows: 0, current: Vec::new(), taken: 0 }), &mut |_| {
        count += 1;
        Ok(())
    })
    .unwrap();
    assert_eq!(count, 20_000);
    let endless = (&b"<multistatus xmlns='DAV:'><response><href>"[..]).chain(io::repeat(b'a'));
    assert_eq!(read(BufReader::new(endless), &mut |_| Ok(())).unwrap_err().kind, ErrorKind::Malformed);
}

#[test]
fn an_answer_that_goes_on_is_left_where_it_holds_more_than_any() {
    for (most, rows, told) in [
        (Most { rows: 10, bytes: 1 << 30 }, 10, "the answer lists more than 10 resources"),
        (Most { rows: 20_000, bytes: 1 << 16 }, 600, "the answer is longer than any that is read"),
        (Most { rows: 20_000, bytes: 1 << 30 }, 20_000, ""),
    ] {
        let mut count = 0;
        let source = BufReader::new(Endless { rows: 0, current: Vec::new(), taken: 0 });
        let result = read_within(source, most, &[], &mut |_| {
            count += 1;
            Ok(())
        });
        assert_eq!(result.map_or_else(|error| error.what, |_| String::new()), told);
        assert!(count <= rows && count * 3 > rows, "{told}: {count}");
    }
}

#[test]
fn resources_that_share_a_row_share_a_status_alone() {
    let (rows, _) = rows(&format!(
        "<response><href>/a</href><href>/b</href><status>HTTP/1.1 404 Not Found</status>{FOUND}</response>"
    ))
    .unwrap();
    assert_eq!(rows.iter().map(|row| row.href.as_str()).collect::<Vec<_>>(), ["/a", "/b"]);
    assert!(rows.iter().all(|row| row.is_gone() && row.properties.is_empty()), "{rows:?}");
}
