use expect_test::expect;

use super::{Span, parse, prepare, sogo_public};
use crate::error::ErrorKind;
use crate::recorded::{answer, at, sent};

#[test]
fn the_request_for_free_and_busy_times_is_these_bytes() {
    let span = Span { start: "20261130T000000Z".to_owned(), end: "20261201T000000Z".to_owned() };
    expect![[r#"
        REPORT http://127.0.0.1:5232/alice/calendar/
        Depth: 1
        Content-Type: application/xml; charset=utf-8

        <?xml version="1.0" encoding="utf-8"?>
        <C:free-busy-query xmlns:C="urn:ietf:params:xml:ns:caldav"><C:time-range start="20261130T000000Z" end="20261201T000000Z"/></C:free-busy-query>"#]]
    .assert_eq(&sent(&prepare(&at("/alice/calendar/"), &span)));
}

#[test]
fn only_a_calendar_is_an_answer_whatever_its_media_type() {
    for (kind, body, expected) in [
        ("application/octet-stream", "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", Ok(())),
        ("text/calendar", "\r\nbegin:vcalendar\r\n", Ok(())),
        ("text/plain", "BEGIN:VCARD", Err(ErrorKind::Malformed)),
        ("text/plain", "", Err(ErrorKind::Malformed)),
        ("text/html", "BEGIN:VCALENDAR", Err(ErrorKind::Malformed)),
    ] {
        let bytes = format!("HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\n\r\n{body}");
        let parsed = parse(answer("REPORT", at("/a/"), bytes.as_bytes()));
        assert_eq!(parsed.map(|_| ()).map_err(|error| error.kind), expected, "{kind}: {body}");
    }
    let refused = parse(answer("REPORT", at("/a/"), b"HTTP/1.1 501 No\r\n\r\n")).unwrap_err();
    assert_eq!((refused.kind, refused.status), (ErrorKind::Refused, Some(501)));
}

#[test]
fn sogo_publishes_below_its_own_path() {
    for (path, who, expected) in [
        ("/SOGo/dav/me/Calendar/personal/", "me", Some("/SOGo/dav/public/me/freebusy.ifb")),
        (
            "/mail/SOGo/dav/",
            "a b@example.test",
            Some("/mail/SOGo/dav/public/a%20b@example.test/freebusy.ifb"),
        ),
        ("/SOGo/", "me", None),
        ("/dav/me/", "me", None),
        ("/", "me", None),
    ] {
        let public = sogo_public(&at(path), who);
        assert_eq!(public.as_ref().map(url::Url::path), expected, "{path}");
    }
}
