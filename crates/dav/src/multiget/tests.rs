use expect_test::expect;

use super::{Got, Item, parse, prepare};
use crate::href::Path;
use crate::propfind::CollectionKind;
use crate::recorded::{answer, at, sent, xml};

const MULTIGET: &[u8] = include_bytes!("../../../../fixtures/dav/radicale/multiget.http");

fn path(text: &str) -> Path {
    Path::parse(text).unwrap()
}

#[test]
fn the_requests_are_these_bytes() {
    expect![[r#"
        REPORT http://127.0.0.1:5232/alice/calendar/
        Depth: 1
        Content-Type: application/xml; charset=utf-8

        <?xml version="1.0" encoding="utf-8"?>
        <C:calendar-multiget xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop><D:getetag/><D:getlastmodified/><C:calendar-data/></D:prop><D:href>/alice/calendar/a%26b.ics</D:href></C:calendar-multiget>"#]]
    .assert_eq(&sent(&prepare(&at("/alice/calendar/"), CollectionKind::Calendar, &[path("/alice/calendar/a&b.ics")])));
    expect![[r#"
        REPORT http://127.0.0.1:5232/alice/contacts/
        Depth: 1
        Content-Type: application/xml; charset=utf-8

        <?xml version="1.0" encoding="utf-8"?>
        <CR:addressbook-multiget xmlns:D="DAV:" xmlns:CR="urn:ietf:params:xml:ns:carddav"><D:prop><D:getetag/><D:getlastmodified/><CR:address-data/></D:prop><D:href>/alice/contacts/1.vcf</D:href></CR:addressbook-multiget>"#]]
    .assert_eq(&sent(&prepare(&at("/alice/contacts/"), CollectionKind::AddressBook, &[path("/alice/contacts/1.vcf")])));
}

#[test]
fn an_href_with_what_xml_has_for_itself_reads_back() {
    for name in ["a&b", "a<b>c", "a'b\"c", "a&amp;b", "]]>"] {
        let asked = path("/alice/calendar/").member(name);
        let request =
            prepare(&at("/alice/calendar/"), CollectionKind::Calendar, std::slice::from_ref(&asked));
        let body = request.body.unwrap();
        let mut reader = crate::xml::Reader::new(body.as_slice(), 1 << 20, 1 << 20);
        let crate::xml::Piece::Start(root) = reader.next().unwrap() else { panic!("a root") };
        let root = reader.element(root).unwrap();
        let hrefs: Vec<_> = root.children_named(&crate::names::HREF).map(|href| href.text.clone()).collect();
        assert_eq!(hrefs, [asked.as_str()], "{name}");
        assert_eq!(Path::parse(&hrefs[0]).unwrap(), asked);
    }
}

fn items(response: crate::Response) -> Vec<Item> {
    let mut items = Vec::new();
    parse(response, &mut |item| {
        items.push(item);
        Ok(())
    })
    .unwrap();
    items
}

#[test]
fn radicales_answer_is_read() {
    let items = items(answer("REPORT", at("/alice/calendar/"), MULTIGET));
    let [gone, found] = items.as_slice() else { panic!("{items:?}") };
    assert_eq!((gone.path.as_str(), &gone.got), ("/alice/calendar/one%40example.com.ics", &Got::Gone));
    assert_eq!(found.path.as_str(), "/alice/calendar/two%20%C3%BC.ics");
    let Got::Body { etag, body, .. } = &found.got else { panic!("{found:?}") };
    assert!(etag.starts_with('"') && etag.len() == 66, "{etag}");
    assert!(body.starts_with(b"BEGIN:VCALENDAR\r\n") && body.ends_with(b"END:VCALENDAR\r\n"));
}

#[test]
fn a_row_that_leaves_it_open_is_neither_there_nor_gone() {
    let data = "<C:calendar-data>BEGIN:VCALENDAR</C:calendar-data>";
    let ok = |prop: &str| format!("<propstat><prop>{prop}</prop><status>HTTP/1.1 200 OK</status></propstat>");
    for (row, expected) in [
        (ok(data), Got::Unclear(None)),
        (ok("<getetag>\"1\"</getetag>"), Got::Unclear(None)),
        (ok("<getetag>\"1\"</getetag><C:calendar-data/>"), Got::Unclear(None)),
        ("<status>HTTP/1.1 500 Oops</status>".to_owned(), Got::Unclear(Some(500))),
        ("<status>HTTP/1.1 403 Forbidden</status>".to_owned(), Got::Unclear(Some(403))),
        ("<status>HTTP/1.1 410 Gone</status>".to_owned(), Got::Gone),
        (
            ok(&format!(
                "<getetag>1</getetag><getlastmodified>Thu, 01 Jan 1970 00:00:09 GMT</getlastmodified>{data}"
            )),
            Got::Body { etag: "\"1\"".into(), modified: Some(9), body: b"BEGIN:VCALENDAR".to_vec() },
        ),
    ] {
        let body = format!(
            "<multistatus xmlns='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav'><response><href>/a/1.ics</href>{row}</response></multistatus>"
        );
        assert_eq!(items(xml("REPORT", at("/a/"), 207, &body))[0].got, expected, "{row}");
    }
}

#[test]
fn a_row_of_another_server_is_passed_over() {
    let body = "<multistatus xmlns='DAV:'><response><href>http://other.example.test/a/1.ics</href>\
                <status>HTTP/1.1 404 Not Found</status></response></multistatus>";
    assert_eq!(items(xml("REPORT", at("/a/"), 207, body)), []);
}
