use super::{mail_addresses, ownership};
use crate::multistatus::Row;
use crate::recorded::{at, xml};

fn row(properties: &str) -> Row {
    let body = format!(
        "<D:multistatus xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav' xmlns:S='http://calendarserver.org/ns/'>\
         <D:response><D:href>/a/</D:href><D:propstat><D:prop>{properties}</D:prop>\
         <D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response></D:multistatus>"
    );
    let mut rows = Vec::new();
    crate::propfind::parse(xml("PROPFIND", at("/a/"), 207, &body), &mut |row| {
        rows.push(row);
        Ok(())
    })
    .unwrap();
    rows.remove(0)
}

#[test]
fn mail_addresses_are_those_of_mailto_hrefs_once_and_decoded() {
    let set = "<C:calendar-user-address-set><D:href>MAILTO:one@example.test</D:href><D:href>/principals/one/</D:href>\
               <D:href>urn:uuid:1</D:href><D:href>mailto:a%2Bb@example.test</D:href><D:href>mailto:</D:href>\
               <D:href>mailto:one@example.test</D:href></C:calendar-user-address-set>";
    assert_eq!(mail_addresses(&row(set)), ["one@example.test", "a+b@example.test"]);
    assert_eq!(mail_addresses(&row("")), Vec::<String>::new());
}

#[test]
fn a_collection_is_shared_where_the_owner_is_somebody_else() {
    let user = "<D:current-user-principal><D:href>/p/us%65r</D:href></D:current-user-principal>";
    let named = |tag: &str, href: &str| format!("<{tag}><D:href>{href}</D:href></{tag}>{user}");
    for (properties, shared) in [
        (named("D:owner", "/p/user/"), Some(false)),
        (named("D:owner", "/p/other/"), Some(true)),
        (named("S:organizer", "/p/other/"), Some(true)),
        (named("D:owner", "/p/user/") + "<S:organizer><D:href>/p/other/</D:href></S:organizer>", Some(false)),
        (user.to_owned(), None),
        ("<D:owner><D:href>/p/other/</D:href></D:owner>".to_owned(), None),
        ("<D:owner><D:href>/p/user/</D:href></D:owner><D:principal-URL><D:href>/p/user/</D:href></D:principal-URL>".to_owned(), Some(false)),
    ] {
        assert_eq!(ownership(&at("/a/"), &row(&properties)).is_shared(), shared, "{properties}");
    }
}
