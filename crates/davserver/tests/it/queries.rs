//! Queries: what is found, and how much of it is told.

use dovetail_davserver::{CollectionKind, Server, Settings};

use crate::http::{Answer, event, send};

/// A calendar with these events, each named after its UID.
fn calendar(events: &[(&str, &str)]) -> Server {
    let server = Server::start(Settings::default()).unwrap();
    for (uid, properties) in events {
        server.put(&format!("/sample/calendar/{uid}.ics"), event(uid, properties).as_bytes()).unwrap();
    }
    server
}

fn query(server: &Server, data: &str, filter: &str) -> Answer {
    let body = format!(
        "<C:calendar-query xmlns:C='urn:ietf:params:xml:ns:caldav' xmlns:D='DAV:'><D:prop>{data}</D:prop>\
         <C:filter><C:comp-filter name='VCALENDAR'>{filter}</C:comp-filter></C:filter></C:calendar-query>"
    );
    send(server, "REPORT /sample/calendar/", &[("Depth", "1")], &body)
}

/// The UIDs of what was found.
fn found(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, 207, "{}", answer.body);
    let hrefs = answer.all("D:href").into_iter();
    hrefs.map(|href| href.rsplit('/').next().unwrap().split('.').next().unwrap().to_owned()).collect()
}

fn in_range(server: &Server, start: &str, end: &str) -> Vec<String> {
    let range =
        format!("<C:comp-filter name='VEVENT'><C:time-range start='{start}' end='{end}'/></C:comp-filter>");
    found(&query(server, "<D:getetag/>", &range))
}

const NEW_YORK: &str = "BEGIN:VTIMEZONE\r\nTZID:America/New_York\r\nBEGIN:STANDARD\r\nDTSTART:20071104T020000\r\n\
    RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU\r\nTZOFFSETFROM:-0400\r\nTZOFFSETTO:-0500\r\nEND:STANDARD\r\nBEGIN:DAYLIGHT\r\n\
    DTSTART:20070311T020000\r\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU\r\nTZOFFSETFROM:-0500\r\nTZOFFSETTO:-0400\r\n\
    END:DAYLIGHT\r\nEND:VTIMEZONE\r\n";

#[test]
fn a_time_range_finds_what_overlaps_it() {
    let server = calendar(&[
        ("hour", "DTSTART:20260302T090000Z\r\nDTEND:20260302T100000Z\r\n"),
        ("duration", "DTSTART:20260302T090000Z\r\nDURATION:PT2H\r\n"),
        ("instant", "DTSTART:20260302T110000Z\r\n"),
        ("day", "DTSTART;VALUE=DATE:20260303\r\n"),
        ("days", "DTSTART;VALUE=DATE:20260304\r\nDTEND;VALUE=DATE:20260306\r\n"),
    ]);
    let rows: [(&str, &str, &[&str]); 8] = [
        ("20260302T000000Z", "20260302T090000Z", &[]),
        ("20260302T000000Z", "20260302T090001Z", &["duration", "hour"]),
        ("20260302T100000Z", "20260302T110000Z", &["duration"]),
        ("20260302T110000Z", "20260302T110001Z", &["instant"]),
        ("20260303T235959Z", "20260304T000000Z", &["day"]),
        ("20260304T000000Z", "20260304T000001Z", &["days"]),
        ("20260305T235959Z", "20260307T000000Z", &["days"]),
        ("20260306T000000Z", "20260307T000000Z", &[]),
    ];
    for (start, end, expected) in rows {
        assert_eq!(in_range(&server, start, end), expected, "{start} {end}");
    }
}

#[test]
fn a_series_is_found_where_it_takes_place_and_not_between() {
    let zoned =
        "DTSTART;TZID=America/New_York:20260302T190000\r\nDTEND;TZID=America/New_York:20260302T200000\r\n";
    let weekly =
        format!("{zoned}RRULE:FREQ=WEEKLY;COUNT=4\r\nEXDATE;TZID=America/New_York:20260309T190000\r\n");
    let moved = "END:VEVENT\r\nBEGIN:VEVENT\r\nUID:weekly\r\nDTSTAMP:20260101T000000Z\r\n\
                 RECURRENCE-ID;TZID=America/New_York:20260316T190000\r\nDTSTART:20260318T120000Z\r\n\
                 DTEND:20260318T130000Z\r\n";
    let server = Server::start(Settings::default()).unwrap();
    let body = event("weekly", &(weekly + moved)).replace("BEGIN:VEVENT", &format!("{NEW_YORK}BEGIN:VEVENT"));
    let body = body.replacen(&format!("END:VEVENT\r\n{NEW_YORK}"), "END:VEVENT\r\n", 1);
    server.put("/sample/calendar/weekly.ics", body.as_bytes()).unwrap();
    let forever = "DTSTART;VALUE=DATE:20200101\r\nRRULE:FREQ=DAILY;BYDAY=SA\r\n";
    server.put("/sample/calendar/saturdays.ics", event("saturdays", forever).as_bytes()).unwrap();
    let rows: [(&str, &str, &[&str]); 8] = [
        // Seven in the evening is midnight in UTC in winter, and eleven in summer.
        ("20260303T000000Z", "20260303T003000Z", &["weekly"]),
        ("20260302T230000Z", "20260302T235959Z", &[]),
        ("20260309T000000Z", "20260311T000000Z", &[]),
        ("20260316T230000Z", "20260317T010000Z", &[]),
        ("20260318T123000Z", "20260318T124500Z", &["weekly"]),
        ("20260323T230000Z", "20260323T233000Z", &["weekly"]),
        ("20260330T000000Z", "20260402T000000Z", &[]),
        ("21000102T120000Z", "21000102T130000Z", &["saturdays"]),
    ];
    for (start, end, expected) in rows {
        assert_eq!(in_range(&server, start, end), expected, "{start} {end}");
    }
}

#[test]
fn floating_times_are_where_the_calendar_or_the_query_says() {
    let server = calendar(&[("floating", "DTSTART:20260302T190000\r\nDTEND:20260302T200000\r\n")]);
    assert_eq!(in_range(&server, "20260302T190000Z", "20260302T193000Z"), ["floating"]);
    let zone = format!("BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\n{NEW_YORK}END:VCALENDAR");
    let patch = format!(
        "<propertyupdate xmlns='DAV:'><set><prop><calendar-timezone xmlns='urn:ietf:params:xml:ns:caldav'>{zone}\
         </calendar-timezone></prop></set></propertyupdate>"
    );
    assert_eq!(send(&server, "PROPPATCH /sample/calendar/", &[], &patch).status, 207);
    assert!(in_range(&server, "20260302T190000Z", "20260302T193000Z").is_empty());
    assert_eq!(in_range(&server, "20260303T000000Z", "20260303T003000Z"), ["floating"]);
}

#[test]
fn tasks_are_found_by_what_they_say_of_time() {
    let server = Server::start(Settings::default()).unwrap();
    let tasks = [
        ("both", "DTSTART:20260302T090000Z\r\nDUE:20260304T090000Z\r\n"),
        ("due", "DUE:20260305T090000Z\r\n"),
        ("done", "COMPLETED:20260306T090000Z\r\nSTATUS:COMPLETED\r\n"),
        ("created", "CREATED:20260310T090000Z\r\n"),
        ("weekly", "DTSTART:20260401T090000Z\r\nDUE:20260401T100000Z\r\nRRULE:FREQ=WEEKLY\r\n"),
    ];
    for (uid, properties) in tasks {
        let body = event(uid, properties).replace("VEVENT", "VTODO");
        server.put(&format!("/sample/tasks/{uid}.ics"), body.as_bytes()).unwrap();
    }
    let rows: [(&str, &str, &[&str]); 5] = [
        ("20260303T000000Z", "20260303T010000Z", &["both"]),
        ("20260305T000000Z", "20260305T100000Z", &["due"]),
        ("20260306T080000Z", "20260306T100000Z", &["done"]),
        ("20260408T093000Z", "20260408T094500Z", &["created", "weekly"]),
        ("20260407T093000Z", "20260407T094500Z", &["created"]),
    ];
    for (start, end, expected) in rows {
        let body = format!(
            "<C:calendar-query xmlns:C='urn:ietf:params:xml:ns:caldav' xmlns:D='DAV:'><D:prop><D:getetag/></D:prop>\
             <C:filter><C:comp-filter name='VCALENDAR'><C:comp-filter name='VTODO'><C:time-range start='{start}' \
             end='{end}'/></C:comp-filter></C:comp-filter></C:filter></C:calendar-query>"
        );
        assert_eq!(found(&send(&server, "REPORT /sample/tasks/", &[], &body)), expected, "{start}");
    }
}

#[test]
fn conditions_on_properties_are_kept() {
    let server = calendar(&[
        ("plain", "DTSTART:20260302T090000Z\r\nSUMMARY:Über allem\r\n"),
        (
            "meeting",
            "DTSTART:20260302T090000Z\r\nSUMMARY:Meeting\r\nATTENDEE;PARTSTAT=DECLINED:mailto:a@example.com\r\n",
        ),
        (
            "alarm",
            "DTSTART:20260302T090000Z\r\nBEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:x\r\nTRIGGER:-PT5M\r\nEND:VALARM\r\n",
        ),
    ]);
    let summary = |inner: &str| format!("<C:prop-filter name='SUMMARY'>{inner}</C:prop-filter>");
    let attendee = |inner: &str| {
        let parameter = format!("<C:param-filter name='PARTSTAT'>{inner}</C:param-filter>");
        format!("<C:prop-filter name='attendee'>{parameter}</C:prop-filter>")
    };
    let rows: [(String, &[&str]); 9] = [
        (String::new(), &["alarm", "meeting", "plain"]),
        (summary(""), &["meeting", "plain"]),
        (summary("<C:is-not-defined/>"), &["alarm"]),
        (summary("<C:text-match>MEET</C:text-match>"), &["meeting"]),
        (summary("<C:text-match collation='i;octet'>MEET</C:text-match>"), &[]),
        (summary("<C:text-match collation='i;unicode-casemap'>über</C:text-match>"), &["plain"]),
        (summary("<C:text-match negate-condition='yes'>meet</C:text-match>"), &["plain"]),
        (attendee("<C:text-match>declined</C:text-match>"), &["meeting"]),
        ("<C:comp-filter name='VALARM'/>".to_owned(), &["alarm"]),
    ];
    for (filter, expected) in rows {
        let filter = format!("<C:comp-filter name='VEVENT'>{filter}</C:comp-filter>");
        assert_eq!(found(&query(&server, "<D:getetag/>", &filter)), expected, "{filter}");
    }
    let refused = [
        (
            "<C:comp-filter name='VALARM'><C:time-range start='20260302T090000Z'/></C:comp-filter>",
            "supported-filter",
        ),
        ("<C:comp-filter name='VEVENT'><C:time-range start='2026'/></C:comp-filter>", "valid-filter"),
        (&summary("<C:text-match collation='i;x'>y</C:text-match>"), "supported-collation"),
    ];
    for (filter, expected) in refused {
        let answer = query(&server, "<D:getetag/>", filter);
        assert!(answer.status == 403 && answer.body.contains(expected), "{}", answer.body);
    }
}

#[test]
fn as_much_of_an_object_is_told_as_is_wanted() {
    let server = calendar(&[(
        "daily",
        "DTSTART:20260302T090000Z\r\nDTEND:20260302T100000Z\r\nSUMMARY:Daily\r\nRRULE:FREQ=DAILY\r\n",
    )]);
    let all = "<C:comp-filter name='VEVENT'/>";
    let part = "<C:calendar-data><C:comp name='VCALENDAR'><C:prop name='VERSION'/><C:comp name='VEVENT'>\
                <C:prop name='UID'/></C:comp></C:comp></C:calendar-data>";
    let told = query(&server, part, all);
    let data = told.all("C:calendar-data")[0].replace("&#13;", "");
    assert_eq!(data, "BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nUID:daily\nEND:VEVENT\nEND:VCALENDAR\n");
    let expand =
        "<C:calendar-data><C:expand start='20260305T000000Z' end='20260307T000000Z'/></C:calendar-data>";
    let told = query(&server, expand, all);
    let data = told.all("C:calendar-data")[0].replace("&#13;", "");
    let starts: Vec<&str> =
        data.lines().filter(|line| line.starts_with("DTSTART") || line.starts_with("REC")).collect();
    let expected = [
        "RECURRENCE-ID:20260305T090000Z",
        "DTSTART:20260305T090000Z",
        "RECURRENCE-ID:20260306T090000Z",
        "DTSTART:20260306T090000Z",
    ];
    assert_eq!(starts, expected, "{data}");
    assert!(!data.contains("RRULE") && data.matches("SUMMARY:Daily").count() == 2);
}

#[test]
fn busy_times_are_told_without_what_they_are_for() {
    let server = calendar(&[
        ("one", "DTSTART:20260302T090000Z\r\nDTEND:20260302T100000Z\r\nSUMMARY:Secret\r\n"),
        ("two", "DTSTART:20260302T093000Z\r\nDTEND:20260302T110000Z\r\nRRULE:FREQ=DAILY;COUNT=2\r\n"),
        ("free", "DTSTART:20260302T120000Z\r\nDTEND:20260302T130000Z\r\nTRANSP:TRANSPARENT\r\n"),
        ("perhaps", "DTSTART:20260302T150000Z\r\nDTEND:20260302T160000Z\r\nSTATUS:TENTATIVE\r\n"),
    ]);
    let body = "<C:free-busy-query xmlns:C='urn:ietf:params:xml:ns:caldav'><C:time-range start='20260302T000000Z' \
                end='20260303T100000Z'/></C:free-busy-query>";
    let answer = send(&server, "REPORT /sample/calendar/", &[], body);
    let times: Vec<&str> = answer.body.lines().filter(|line| line.starts_with("FREEBUSY")).collect();
    let expected = [
        "FREEBUSY;FBTYPE=BUSY:20260302T090000Z/20260302T110000Z",
        "FREEBUSY;FBTYPE=BUSY:20260303T093000Z/20260303T100000Z",
        "FREEBUSY;FBTYPE=BUSY-TENTATIVE:20260302T150000Z/20260302T160000Z",
    ];
    assert_eq!(times, expected);
    assert!(!answer.body.contains("Secret"));
}

#[test]
fn cards_are_found_by_what_is_in_them() {
    let server = Server::start(Settings::default()).unwrap();
    server.make_collection("/sample/book/", CollectionKind::Contacts, "Book").unwrap();
    for (uid, lines) in [
        ("one", "FN:Sample Person\r\nitem1.EMAIL;TYPE=work:one@example.com\r\n"),
        ("two", "FN:Other Person\r\nNICKNAME:Two\r\n"),
    ] {
        let card = format!("BEGIN:VCARD\r\nVERSION:4.0\r\nUID:{uid}\r\n{lines}END:VCARD\r\n");
        server.put(&format!("/sample/book/{uid}.vcf"), card.as_bytes()).unwrap();
    }
    let text = |name: &str, kind: &str, text: &str| {
        format!(
            "<prop-filter name='{name}'><text-match match-type='{kind}'>{text}</text-match></prop-filter>"
        )
    };
    let rows: [(&str, String, &[&str]); 8] = [
        ("anyof", String::new(), &["one", "two"]),
        ("anyof", text("FN", "contains", "PERSON"), &["one", "two"]),
        ("anyof", text("FN", "starts-with", "sample"), &["one"]),
        ("anyof", text("FN", "equals", "person"), &[]),
        ("anyof", text("FN", "equals", "x") + &text("NICKNAME", "ends-with", "wo"), &["two"]),
        ("allof", text("FN", "equals", "x") + &text("NICKNAME", "ends-with", "wo"), &[]),
        ("anyof", "<prop-filter name='EMAIL'><is-not-defined/></prop-filter>".to_owned(), &["two"]),
        ("anyof", "<prop-filter name='item1.EMAIL'><param-filter name='TYPE'><text-match>work</text-match></param-filter></prop-filter>".to_owned(), &["one"]),
    ];
    for (test, filter, expected) in rows {
        let body = format!(
            "<addressbook-query xmlns='urn:ietf:params:xml:ns:carddav' xmlns:D='DAV:'><D:prop><address-data>\
             <prop name='FN'/></address-data></D:prop><filter test='{test}'>{filter}</filter></addressbook-query>"
        );
        let answer = send(&server, "REPORT /sample/book/", &[("Depth", "1")], &body);
        assert_eq!(found(&answer), expected, "{filter}");
        let data = answer.all("CR:address-data").join("").replace("&#13;", "");
        assert!(
            data.lines()
                .all(|line| ["BEGIN", "END", "VERSION", "FN"].contains(&line.split(':').next().unwrap()))
        );
    }
}
