use expect_test::expect;

use super::{UserKind, parse, prepare};
use crate::recorded::{at, sent, xml};

#[test]
fn the_request_is_these_bytes_with_the_text_escaped() {
    expect![[r#"
        REPORT http://127.0.0.1:5232/p/me/
        Depth: 0
        Content-Type: application/xml; charset=utf-8

        <?xml version="1.0" encoding="utf-8"?>
        <D:principal-property-search xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:property-search><D:prop><D:displayname/></D:prop><D:match>Room &lt;1&gt; &amp; 2</D:match></D:property-search><D:prop><D:displayname/><C:calendar-user-type/><D:resource-id/><C:calendar-user-address-set/></D:prop><D:apply-to-principal-collection-set/></D:principal-property-search>"#]]
    .assert_eq(&sent(&prepare(&at("/p/me/"), "Room <1> & 2")));
}

#[test]
fn what_was_found_is_what_the_rows_say() {
    let row = |href: &str, properties: &str| {
        format!(
            "<D:response><D:href>{href}</D:href><D:propstat><D:prop>{properties}</D:prop>\
             <D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>"
        )
    };
    let body = format!(
        "<D:multistatus xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav'>{}{}{}{}</D:multistatus>",
        row(
            "/p/room/",
            "<D:displayname>Room 1</D:displayname><C:calendar-user-type>room</C:calendar-user-type>\
             <D:resource-id><D:href>urn:uuid:1</D:href></D:resource-id>\
             <C:calendar-user-address-set><D:href>mailto:room@example.test</D:href></C:calendar-user-address-set>"
        ),
        row("/p/person/", "<D:displayname>Room Keeper</D:displayname>"),
        row("https://elsewhere.example.test/p/", "<D:displayname>Room 2</D:displayname>"),
        "<D:response><D:href>/p/closed/</D:href><D:status>HTTP/1.1 403 Forbidden</D:status></D:response>",
    );
    let found = parse(xml("REPORT", at("/p/me/"), 207, &body)).unwrap();
    let [room, person] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((room.kind, room.name.as_deref()), (UserKind::Room, Some("Room 1")));
    assert_eq!(room.resource_id.as_deref(), Some("urn:uuid:1"));
    assert_eq!(room.mail_addresses, ["room@example.test"]);
    assert_eq!((person.kind, person.resource_id.as_ref()), (UserKind::Unknown, None));
    assert_eq!(person.url, at("/p/person/"));
}
