use expect_test::expect;

use super::{
    COLLECTION_PROPERTIES, CollectionKind, CollectionProperties, Components, Depth, Privileges, parse,
    prepare,
};
use crate::names;
use crate::recorded::{answer, at, sent, xml};

const HOME: &[u8] = include_bytes!("../../../../fixtures/dav/radicale/home.http");

#[test]
fn the_request_is_these_bytes() {
    expect![[r#"
        PROPFIND http://127.0.0.1:5232/alice/
        Depth: 1
        Content-Type: application/xml; charset=utf-8

        <?xml version="1.0" encoding="utf-8"?>
        <D:propfind xmlns:D="DAV:" xmlns:CS="http://calendarserver.org/ns/"><D:prop><D:getetag/><D:resourcetype/><CS:getctag/></D:prop></D:propfind>"#]]
    .assert_eq(&sent(&prepare(&at("/alice/"), Depth::One, &[
        names::GETETAG,
        names::RESOURCETYPE,
        names::GETCTAG,
    ])));
    let all = sent(&prepare(&at("/alice/"), Depth::Zero, &COLLECTION_PROPERTIES));
    assert!(all.contains("Depth: 0") && all.contains("<C:supported-calendar-component-set/>"), "{all}");
}

fn collections(response: crate::Response) -> Vec<CollectionProperties> {
    let (base, mut collections) = (response.url.clone(), Vec::new());
    parse(response, &mut |row| {
        collections.push(CollectionProperties::from_row(&base, &row)?);
        Ok(())
    })
    .unwrap();
    collections.sort_by(|a, b| a.url.cmp(&b.url));
    collections
}

#[test]
fn radicales_collections_are_what_they_are() {
    let collections = collections(answer("PROPFIND", at("/alice/"), HOME));
    let [home, calendar, contacts, tasks] = collections.as_slice() else { panic!("{collections:?}") };
    assert_eq!((home.url.path(), home.kind), ("/alice/", None));
    assert_eq!(
        (calendar.kind, contacts.kind),
        (Some(CollectionKind::Calendar), Some(CollectionKind::AddressBook))
    );
    assert_eq!(calendar.components, Components { events: true, tasks: false });
    assert_eq!(tasks.components, Components { events: false, tasks: true });
    assert_eq!(calendar.name.as_deref(), Some("Calendar"));
    assert_eq!(calendar.privileges, Some(Privileges { change: true, add: true, remove: true }));
    assert_eq!(calendar.owner.as_ref().map(crate::href::Path::as_str), Some("/alice/"));
    assert_eq!(calendar.max_resource_size, Some(10_000_000));
    assert!(calendar.answers_report("sync-collection") && calendar.answers_report("calendar-multiget"));
    assert!(!calendar.answers_report("addressbook-query") && contacts.answers_report("addressbook-query"));
    assert!(calendar.sync_token.is_some() && calendar.ctag.is_some());
}

#[test]
fn rights_are_what_the_privileges_say() {
    for (privileges, expected) in [
        ("<privilege><read/></privilege>", [false, false, false]),
        ("<privilege><all/></privilege>", [true, true, true]),
        ("<privilege><write/></privilege>", [true, true, true]),
        ("<privilege><write-content/></privilege><privilege><unbind/></privilege>", [true, false, true]),
        ("<privilege><bind/></privilege>", [false, true, false]),
        ("<privilege><write-properties/></privilege>", [false, false, false]),
        ("<privilege><x:write xmlns:x='urn:other'/></privilege>", [false, false, false]),
    ] {
        let body = format!(
            "<multistatus xmlns='DAV:'><response><href>/a/</href><propstat><prop><current-user-privilege-set>\
             {privileges}</current-user-privilege-set></prop><status>HTTP/1.1 200 OK</status></propstat></response></multistatus>"
        );
        let found = collections(xml("PROPFIND", at("/a/"), 207, &body))[0].privileges.unwrap();
        assert_eq!([found.change, found.add, found.remove], expected, "{privileges}");
        assert_eq!(found.is_read_only(), expected == [false; 3]);
    }
}

#[test]
fn what_a_server_does_not_say_is_not_known() {
    let body = "<multistatus xmlns='DAV:'><response><href>/a/</href><propstat><prop><displayname> </displayname>\
                <resourcetype><collection/></resourcetype></prop><status>HTTP/1.1 200 OK</status></propstat></response></multistatus>";
    let found = &collections(xml("PROPFIND", at("/a/"), 207, body))[0];
    assert_eq!((found.kind, &found.name, &found.privileges, &found.ctag), (None, &None, &None, &None));
    assert_eq!(found.components, Components::NONE);
}

#[test]
fn a_calendar_that_names_no_components_takes_all() {
    let set = "C:supported-calendar-component-set";
    for (property, expected) in [
        (String::new(), Components::BOTH),
        (format!("<{set}/>"), Components::BOTH),
        (format!("<{set}><C:comp name='vtodo'/></{set}>"), Components { events: false, tasks: true }),
        (format!("<{set}><C:comp name='VJOURNAL'/></{set}>"), Components::NONE),
    ] {
        let body = format!(
            "<multistatus xmlns='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav'><response><href>/a/</href><propstat><prop>\
             <resourcetype><collection/><C:calendar/></resourcetype>{property}</prop>\
             <status>HTTP/1.1 200 OK</status></propstat></response></multistatus>"
        );
        assert_eq!(collections(xml("PROPFIND", at("/a/"), 207, &body))[0].components, expected, "{property}");
    }
}

#[test]
fn sogos_personal_calendar_is_a_calendar_though_it_is_an_outbox() {
    let body = "<multistatus xmlns='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav'><response><href>/a/</href><propstat><prop>\
                <resourcetype><collection/><C:calendar/><C:schedule-outbox/></resourcetype></prop>\
                <status>HTTP/1.1 200 OK</status></propstat></response></multistatus>";
    assert_eq!(collections(xml("PROPFIND", at("/a/"), 207, body))[0].kind, Some(CollectionKind::Calendar));
}

#[test]
fn the_versions_of_cards_that_are_taken_are_told() {
    let row = |data: &str| {
        format!(
            "<D:multistatus xmlns:D=\"DAV:\" xmlns:R=\"urn:ietf:params:xml:ns:carddav\"><D:response><D:href>/alice/</D:href>\
             <D:propstat><D:prop><D:resourcetype><D:collection/><R:addressbook/></D:resourcetype>\
             <R:supported-address-data>{data}</R:supported-address-data></D:prop>\
             <D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response></D:multistatus>"
        )
    };
    let answered = |data: &str| {
        let body = row(data);
        let text = format!("HTTP/1.1 207 Multi-Status\r\nContent-Type: application/xml\r\n\r\n{body}");
        collections(answer("PROPFIND", at("/alice/"), text.as_bytes())).remove(0).card_versions
    };
    assert_eq!(answered(""), Vec::<String>::new());
    assert_eq!(
        answered(
            "<R:address-data-type content-type=\"text/vcard\" version=\"3.0\"/>\
             <R:address-data-type content-type=\"text/vcard\" version=\"4.0\"/>\
             <R:address-data-type content-type=\"application/vcard+json\" version=\"4.0\"/>"
        ),
        ["3.0", "4.0"]
    );
}
