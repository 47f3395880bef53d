use expect_test::expect;

use super::{Of, prepare};
use crate::recorded::{at, sent};

#[test]
fn the_requests_for_all_items_of_a_kind_are_these_bytes() {
    expect![[r#"
        REPORT http://127.0.0.1:5232/alice/calendar/
        Depth: 1
        Content-Type: application/xml; charset=utf-8

        <?xml version="1.0" encoding="utf-8"?>
        <C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop><D:getetag/><D:resourcetype/></D:prop><C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT"/></C:comp-filter></C:filter></C:calendar-query>"#]]
    .assert_eq(&sent(&prepare(&at("/alice/calendar/"), Of::Events)));
    let tasks = sent(&prepare(&at("/alice/calendar/"), Of::Tasks));
    assert!(tasks.contains("<C:comp-filter name=\"VCALENDAR\"><C:comp-filter name=\"VTODO\"/>"), "{tasks}");
    expect![[r#"
        REPORT http://127.0.0.1:5232/alice/contacts/
        Depth: 1
        Content-Type: application/xml; charset=utf-8

        <?xml version="1.0" encoding="utf-8"?>
        <CR:addressbook-query xmlns:D="DAV:" xmlns:CR="urn:ietf:params:xml:ns:carddav"><D:prop><D:getetag/><D:resourcetype/></D:prop><CR:filter/></CR:addressbook-query>"#]]
    .assert_eq(&sent(&prepare(&at("/alice/contacts/"), Of::Cards)));
}
