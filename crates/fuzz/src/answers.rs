//! Answers of servers: any may be refused, none may break us, and one that breaks off never counts as whole.

use std::io::{BufReader, Cursor};

use dovetail_dav::propfind::{self, CollectionProperties};
use dovetail_dav::{
    Flavor, Response, Row, delete, get, http_date, make_collection, multiget, multistatus, names, options,
    proppatch, put, query, sync_collection,
};
use url::Url;

/// An answer as it was recorded: status line, headers, a blank line, the body.
pub(crate) fn check(data: &[u8]) {
    let Ok(base) = Url::parse("http://127.0.0.1:5232/sample/calendar/") else { return };
    let (head, body) = split(data);
    let answer = || response(&base, head, body);
    let rows = &mut |row: Row| {
        look_at(&base, &row);
        Ok(())
    };
    let _ = propfind::parse(answer(), rows);
    let _ = query::parse(answer(), rows);
    let _ = sync_collection::parse(answer(), rows);
    let _ = multiget::parse(answer(), &mut |_| Ok(()));
    let _ = (proppatch::parse(answer()), delete::parse(answer()), make_collection::parse(answer()));
    let _ = (get::parse(answer()), put::parse(answer()));
    if let Ok(capabilities) = options::parse(answer()) {
        let _ = Flavor::of(&base, &capabilities);
    }
    let error = answer().into_error();
    let _ = (error.to_string(), sync_collection::is_token_refused(&error));
    reads_alike_in_pieces(body);
    is_not_whole_without_its_end(body);
}

fn split(data: &[u8]) -> (&[u8], &[u8]) {
    let end = data.windows(4).position(|window| window == b"\r\n\r\n").unwrap_or(0);
    let (head, body) = data.split_at(end);
    (head, body.strip_prefix(b"\r\n\r\n").unwrap_or(body))
}

fn response(base: &Url, head: &[u8], body: &[u8]) -> Response {
    let head = String::from_utf8_lossy(head);
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|code| code.parse().ok());
    let headers = lines.filter_map(|line| line.split_once(':'));
    Response {
        method: "PROPFIND",
        url: base.clone(),
        status: status.unwrap_or(207),
        headers: headers.map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned())).collect(),
        body: Box::new(Cursor::new(body.to_vec())),
        secrets: Vec::new(),
        received_unix_seconds: None,
    }
}

fn look_at(base: &Url, row: &Row) {
    let _ = (row.etag(), row.is_gone(), row.is_collection(), row.failure());
    let _ = CollectionProperties::from_row(base, row);
    let _ = propfind::hrefs(base, row, &names::CALENDAR_HOME_SET);
    let _ = row.text(&names::GETLASTMODIFIED).and_then(http_date::unix_seconds);
}

/// All rows, and whether the document was whole.
fn rows(body: &[u8], piece: usize) -> (Vec<Row>, bool) {
    let mut rows = Vec::new();
    let read = multistatus::read(BufReader::with_capacity(piece, body), &mut |row| {
        rows.push(row);
        Ok(())
    });
    (rows, read.is_ok())
}

fn reads_alike_in_pieces(body: &[u8]) {
    let whole = rows(body, body.len().max(1));
    for piece in [1, 7] {
        assert_eq!(rows(body, piece), whole, "in pieces of {piece} bytes");
    }
}

fn is_not_whole_without_its_end(body: &[u8]) {
    let Some(end) = body.windows(2).rposition(|window| window == b"</") else { return };
    if rows(body, body.len()).1 {
        for end in [end, end / 2] {
            let cut = body.get(..end).unwrap_or_default();
            let is_whole = rows(cut, cut.len().max(1)).1;
            assert!(!is_whole || has_its_end(cut), "taken for whole at byte {end}");
        }
    }
}

/// Whether a multistatus ends somewhere: what stands behind that is no part of it.
fn has_its_end(body: &[u8]) -> bool {
    let text = String::from_utf8_lossy(body);
    text.split("</").skip(1).any(|tag| {
        let name = tag.split(['>', ' ', '\t', '\r', '\n']).next().unwrap_or_default();
        name.rsplit(':').next() == Some("multistatus")
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_stands_behind_a_whole_answer_is_no_part_of_it() {
        let answer = "<multistatus xmlns='DAV:'><response><href>/</href></response></multistatus>";
        super::is_not_whole_without_its_end(format!("{answer}{answer}").as_bytes());
        super::is_not_whole_without_its_end(answer.as_bytes());
        assert!(!super::has_its_end(b"<multistatus xmlns='DAV:'><response></response>"));
    }
}
