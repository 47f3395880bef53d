//! What Outlook has twice: the tentative meeting that it makes from an invitation mail, beside the synced one.

use serde_json::json;

use crate::home::{Home, writes};
use crate::samples;
use crate::server::{Collection, Holding};

fn meeting(uid: &str, more: &str) -> String {
    format!(
        "BEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20260101T000000Z\r\nSUMMARY:Sample meeting\r\n\
         DTSTART:20260310T090000Z\r\nDTEND:20260310T100000Z\r\n\
         ORGANIZER;CN=Sample Boss:mailto:boss@example.test\r\n\
         ATTENDEE;CN=Sample Owner;PARTSTAT=NEEDS-ACTION:mailto:sample.owner@example.test\r\n{more}END:VEVENT\r\n"
    )
}

const TENTATIVE: &str = "STATUS:TENTATIVE\r\nX-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE\r\nLOCATION:Room 4\r\n";

/// A synced calendar with the meeting; then Outlook makes its own of the invitation.
fn invited(option: &str) -> Option<(Home, Collection)> {
    let home = Home::new();
    let server = Collection::make(Holding::Events)?;
    server.put("meeting.ics", &meeting("sample-meeting", "LOCATION:Room 4\r\n"));
    home.join("work", "Calendar", &server);
    home.fine(&["profile", "set", "work", option, "days_back=36500"]);
    home.sync("work");
    let invitation = samples::calendar(&meeting("made-of-an-invitation", TENTATIVE));
    let file = home.file("invitation.ics", &invitation);
    home.fine(&["outlook", "import", &file, "--folder", "Calendar"]);
    assert_eq!(home.list("Calendar").len(), 2);
    Some((home, server))
}

#[test]
fn the_meeting_that_outlook_makes_of_an_invitation_moves_to_the_deleted_items() {
    let Some((home, server)) = invited("cleanup_duplicates=yes") else { return };
    let plan = home.json(&["plan", "work"]);
    assert_eq!(plan["rows"][0]["verdict"], "remove_copy", "it is seen before it is done: {plan}");
    assert_eq!(server.names().len(), 1);
    let run = home.sync("work");
    assert_eq!((&run["outlook"]["deleted"], &run["server"]["created"]), (&json!(1), &json!(0)), "{run}");
    assert_eq!(home.titles("Calendar"), ["Sample meeting"]);
    let told = home.fine(&["report", "show"]);
    assert!(told.contains("Outlook had it twice; this one is in its deleted items now"), "{told}");
    assert_eq!(writes(&home.sync("work")), 0);

    home.fine(&["undo", run["run"].as_str().unwrap()]);
    assert_eq!(home.titles("Calendar").len(), 2, "who wants it back gets it");
    assert_eq!(writes(&home.sync("work")), 0);
    assert_eq!(server.names().len(), 1);
}

#[test]
fn it_is_uploaded_where_nobody_asked_for_that() {
    let Some((home, server)) = invited("cleanup_duplicates=no") else { return };
    let run = home.sync("work");
    assert_eq!((&run["outlook"]["deleted"], &run["server"]["created"]), (&json!(0), &json!(1)), "{run}");
    assert_eq!(server.names().len(), 2);
}
