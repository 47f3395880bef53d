use expect_test::expect;

use super::{By, NewCollection, prepare, segment};
use crate::colour::Colour;
use crate::propfind::{CollectionKind, Components};
use crate::recorded::{at, sent};

const TASKS: NewCollection<'static> = NewCollection {
    kind: CollectionKind::Calendar,
    components: Components { events: false, tasks: true },
    name: "Küche & \"Bad\" / <Keller>",
    colour: Some(Colour { rgba: [0x11, 0x22, 0x33, 0xFF] }),
};

#[test]
fn the_requests_are_these_bytes() {
    let url = at("/alice/tasks/");
    expect![[r#"
        MKCALENDAR http://127.0.0.1:5232/alice/tasks/
        Content-Type: application/xml; charset=utf-8

        <?xml version="1.0" encoding="utf-8"?>
        <C:mkcalendar xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:A="http://apple.com/ns/ical/"><D:set><D:prop><C:supported-calendar-component-set><C:comp name="VTODO"/></C:supported-calendar-component-set><D:displayname>Küche &amp; &quot;Bad&quot; / &lt;Keller&gt;</D:displayname><A:calendar-color>#112233FF</A:calendar-color></D:prop></D:set></C:mkcalendar>"#]]
    .assert_eq(&sent(&prepare(&url, &TASKS, By::OwnMethod)));
    expect![[r#"
        MKCOL http://127.0.0.1:5232/alice/tasks/
        Content-Type: application/xml; charset=utf-8

        <?xml version="1.0" encoding="utf-8"?>
        <D:mkcol xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:A="http://apple.com/ns/ical/"><D:set><D:prop><D:resourcetype><D:collection/><C:calendar/></D:resourcetype><C:supported-calendar-component-set><C:comp name="VTODO"/></C:supported-calendar-component-set><D:displayname>Küche &amp; &quot;Bad&quot; / &lt;Keller&gt;</D:displayname><A:calendar-color>#112233FF</A:calendar-color></D:prop></D:set></D:mkcol>"#]]
    .assert_eq(&sent(&prepare(&url, &TASKS, By::Mkcol)));
    let book = NewCollection { kind: CollectionKind::AddressBook, components: Components::NONE, ..TASKS };
    for by in [By::OwnMethod, By::Mkcol] {
        let request = sent(&prepare(&url, &book, by));
        assert!(request.starts_with("MKCOL ") && request.contains("<CR:addressbook/>"), "{request}");
        assert!(!request.contains("supported-calendar-component-set"), "{request}");
    }
}

#[test]
fn a_name_in_a_url_is_made_of_what_every_server_takes() {
    let long = "x".repeat(300);
    for (name, expected) in [
        ("Work", "work"),
        ("Küche & \"Bad\" / <Keller>", "k-che-bad-keller"),
        ("  a  b  ", "a-b"),
        ("../../etc", "etc"),
        ("日本", ""),
        ("&/?#", ""),
        ("2026", "2026"),
        (long.as_str(), &long[..60]),
    ] {
        assert_eq!(segment(name), expected, "{name}");
    }
}
