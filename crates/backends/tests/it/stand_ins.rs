//! A series that Outlook has no pattern for: what of it is seen moves on with time, and the server's rule stays as it is.

use dovetail_backends::dav::{Contents, DavCollection};
use dovetail_dav::request::Expect;
use dovetail_mapping::Settings;
use dovetail_model::Kind;
use dovetail_testkit::servers::{self, Server};
use jiff::Timestamp;
use serde_json::Value;
use url::Url;

use super::in_step::Steps;
use super::{client, home, mailbox, noon, store};

const SERIES: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//Sample//EN\r\nBEGIN:VEVENT\r\nUID:twice-a-month\r\n\
                      DTSTAMP:20260101T000000Z\r\nSUMMARY:Twice a month\r\nDTSTART:20260301T090000Z\r\n\
                      DTEND:20260301T100000Z\r\nRRULE:FREQ=MONTHLY;BYMONTHDAY=1,15\r\nEXDATE:20340115T090000Z\r\n\
                      END:VEVENT\r\nBEGIN:VEVENT\r\nUID:twice-a-month\r\nDTSTAMP:20260101T000000Z\r\n\
                      RECURRENCE-ID:20340201T090000Z\r\nSUMMARY:Another title\r\nDTSTART:20340201T090000Z\r\n\
                      DTEND:20340201T100000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

/// An event whose reminder is over when the others are shown anew: nothing of it crosses because of that.
const SINGLE: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//Sample//EN\r\nBEGIN:VEVENT\r\nUID:single\r\n\
                      DTSTAMP:20260101T000000Z\r\nSUMMARY:Once\r\nDTSTART:20260310T090000Z\r\n\
                      DTEND:20260310T100000Z\r\nBEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:Soon\r\nTRIGGER:-PT15M\r\n\
                      END:VALARM\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

fn stored(server: &Server, url: &Url) -> (Vec<u8>, Option<String>) {
    let resource = client(server).get(url).unwrap();
    (resource.body, resource.etag)
}

#[test]
fn what_is_seen_of_a_series_without_a_pattern_moves_on_and_its_rule_is_not_touched() {
    let Some(server) = servers::radicale() else { return };
    let url = Url::parse(&server.calendar("calendar")).unwrap().join("series.ics").unwrap();
    let single = url.join("single.ics").unwrap();
    for (url, body) in [(&url, SERIES), (&single, SINGLE)] {
        client(&server).put(url, "text/calendar; charset=utf-8", body.as_bytes(), Expect::Absent).unwrap();
    }
    let on_server = stored(&server, &url);
    let (files, mailbox) = mailbox();
    let steps = |now: &str| {
        let now: Timestamp = now.parse().unwrap();
        let outlook = store(&mailbox, "Calendar").at(now);
        let settings = Settings { now: Some(now), ..Settings::new(home(), "-//Example//Sample//EN") };
        let calendar = Url::parse(&server.calendar("calendar")).unwrap();
        let dav = DavCollection::new(client(&server), calendar, Contents::Calendar, settings, noon);
        Steps::new(Kind::Event, outlook, dav, files.path())
    };
    let entry = |title: &str| {
        let rows = mailbox.items("Calendar").unwrap();
        rows.into_iter().find(|row| row.title.starts_with(title)).unwrap().entry_id
    };
    let shown = |title: &str| serde_json::to_value(mailbox.item(&entry(title)).unwrap().item).unwrap();
    let record = || shown("Twice a month");
    let exception = |day: &str| {
        let all = record()["RecurrencePattern"]["Exceptions"].as_array().unwrap().clone();
        all.into_iter().find(|one| one["OriginalDate"].as_str().unwrap().starts_with(day))
    };
    let mut first = steps("2026-03-02T12:00:00Z");
    first.run();
    first.at_rest();
    drop(first);
    assert_eq!(exception("2034-02-01"), None, "that is too far away to be seen");
    let once = (shown("Once"), stored(&server, &single));
    assert_eq!(once.0["ReminderSet"], true);
    // In the same quarter nothing is written; years later once, in Outlook alone.
    for (now, writes) in [
        ("2026-03-31T20:00:00Z", 0),
        ("2033-05-20T12:00:00Z", 1),
        ("2033-06-29T12:00:00Z", 0),
        ("2033-07-02T12:00:00Z", 1),
    ] {
        let mut later = steps(now);
        let report = later.run();
        let written = (report.written.outlook.total(), report.written.server.total(), report.held);
        assert_eq!(written, (writes, 0, 0), "{now} {:?}", report.lines);
        later.at_rest();
        assert_eq!(stored(&server, &url), on_server, "{now}");
        assert_eq!((shown("Once"), stored(&server, &single)), once, "{now}");
    }
    assert_eq!(exception("2034-01-15").map(|one| one["Deleted"].clone()), Some(Value::from(true)));
    let changed = exception("2034-02-01").unwrap();
    assert_eq!(changed["AppointmentItem"]["Subject"], "Another title");
    // An edit of what is seen now is one of the series.
    mailbox.set(&entry("Twice a month"), &[("Subject", "A better title")], noon()).unwrap();
    let mut last = steps("2033-07-03T12:00:00Z");
    last.run();
    last.at_rest();
    let body = String::from_utf8(stored(&server, &url).0).unwrap();
    for line in ["SUMMARY:A better title", "SUMMARY:Another title", "RRULE:FREQ=MONTHLY;BYMONTHDAY=1,15"] {
        assert!(body.contains(line), "{line}\n{body}");
    }
}
