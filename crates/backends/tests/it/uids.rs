//! Which UID an event of Outlook gets on a server, where it is new there.

use dovetail_mapping::Options;
use dovetail_mapping::options::NewUid;
use dovetail_mapping::outlook::OutlookItem;
use dovetail_model::Kind;
use dovetail_testkit::servers::{RADICALE, SOGO};

use super::in_step::Steps;
use super::{dav_as, mailbox, noon, store};

/// An id as Outlook makes it, with a number in it.
fn own_id(number: usize) -> String {
    let class = "040000008200E00074C5B7101A82E008";
    format!("{class}{:040}10000000{number:032X}", 0)
}

#[test]
fn the_uid_of_an_event_that_is_new_on_the_server_is_outlooks_id_where_that_is_chosen() {
    let mut number = 0;
    for server in [RADICALE, SOGO].into_iter().filter_map(|product| product.start()) {
        let is_sogo = server.product == SOGO;
        for (chosen, is_outlooks) in [
            (NewUid::Fresh, false),
            (NewUid::GlobalAppointmentId, true),
            (NewUid::GlobalAppointmentIdOnSogo, is_sogo),
        ] {
            number += 1;
            let id = own_id(number);
            let mut options = Options::default();
            options.events.new_uid = chosen;
            let (files, mailbox) = mailbox();
            let dav = dav_as(&server, Kind::Event, "calendar", options);
            let mut steps = Steps::new(Kind::Event, store(&mailbox, "Calendar"), dav, files.path());
            steps.run();
            let title = format!("Event {number}");
            let record: OutlookItem = serde_json::from_value(serde_json::json!({
                "MessageClass": "IPM.Appointment",
                "Subject": title,
                "GlobalAppointmentID": id,
                "StartInStartTimeZone": format!("2027-03-{number:02}T09:00:00"),
                "EndInEndTimeZone": format!("2027-03-{number:02}T10:00:00"),
                "StartTimeZone": "W. Europe Standard Time",
                "EndTimeZone": "W. Europe Standard Time",
            }))
            .unwrap();
            mailbox.add("Calendar", &record, noon()).unwrap();
            steps.run();
            steps.at_rest();
            let uids = steps.uids_on_server();
            let context = format!("{} {chosen:?} {uids:?}", server.product.name);
            assert_eq!(uids.len(), number - if is_sogo { 3 } else { 0 }, "{context}");
            assert_eq!(uids.contains(&id), is_outlooks, "{context}");
        }
    }
}
