//! Who is told of a meeting that a profile writes to a real SOGo, in each position of the option that decides it.

use std::time::{Duration, Instant};

use dovetail_testkit::servers::{SOGO, Server};
use serde_json::Value;

use crate::home::Home;
use crate::samples;

/// The meetings of which mails have come to an address, by the words of their subjects, once there are as many of the loud one
/// as that, or much later.
fn mails(server: &Server, address: &str, awaited: usize) -> Vec<&'static str> {
    let begun = Instant::now();
    loop {
        let mails: Vec<&str> = server.mails_to(address).iter().map(|mail| meeting_of(mail)).collect();
        let loud = mails.iter().filter(|meeting| **meeting == "loud").count();
        if loud >= awaited || begun.elapsed() > Duration::from_secs(20) {
            return mails;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// The meeting that the subject of a mail names.
fn meeting_of(mail: &str) -> &'static str {
    let mut lines = mail.lines().skip_while(|line| !line.starts_with("Subject:"));
    let first = lines.next().unwrap_or_default();
    let folded = lines.take_while(|line| line.starts_with([' ', '\t']));
    let subject = folded.fold(first.to_owned(), |subject, line| subject + line);
    ["quiet", "loud"].into_iter().find(|title| subject.contains(title)).unwrap_or("neither")
}

fn meeting(title: &str, organizer: &str, attendee: &str) -> String {
    samples::calendar(&format!(
        "BEGIN:VEVENT\r\nUID:{title}\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:20270302T090000Z\r\n\
         DTEND:20270302T100000Z\r\nSUMMARY:{title}\r\nORGANIZER:mailto:{organizer}\r\n\
         ATTENDEE;PARTSTAT=ACCEPTED:mailto:{organizer}\r\n\
         ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:{attendee}\r\nEND:VEVENT\r\n"
    ))
}

/// A run writes one event to the server, and nothing waits. What SOGo calls the organizer may come back.
fn goes_out(home: &Home) {
    let run = home.sync("work");
    let written: u64 = run["server"].as_object().unwrap().values().filter_map(Value::as_u64).sum();
    assert_eq!((written, &run["held"]), (1, &Value::from(0)), "{run}");
}

/// Makes a meeting in Outlook, moves it and deletes it, each time followed by a run and what `told` says to it.
fn live(home: &Home, file: &str, title: &str, mut told: impl FnMut(&str)) {
    home.fine(&["outlook", "import", file, "--folder", "Calendar"]);
    goes_out(home);
    told("created");
    let id = home.id_of("Calendar", title);
    let times = ["StartInStartTimeZone=2027-03-02T11:00:00", "EndInEndTimeZone=2027-03-02T12:00:00"];
    home.fine(&[&["outlook", "set", &id][..], &times].concat());
    goes_out(home);
    told("changed");
    home.fine(&["outlook", "delete", &id]);
    goes_out(home);
    told("deleted");
}

#[test]
fn a_profile_has_sogo_mail_nobody_or_everybody_asked_to_a_meeting() {
    let Some(server) = SOGO.start() else { return };
    let home = Home::new();
    let (colleague, _) = server.another_user();
    let [own, attendee] = [&server.user, &colleague].map(|user| format!("{user}@example.test"));
    let url = server.calendar("calendar");
    let words = ["profile", "add", "work", "--url", &url, "--user", &server.user, "--password-stdin"];
    let further = ["--folder", "Calendar", "--email", &own, "--set", "time_range=no"];
    let added = home.run_with_input(&[&words[..], &further].concat(), &format!("{}\n", server.password));
    assert_eq!(added.code, 0, "{added:#?}");
    // One that stays, so that the others are seen to be gone.
    let file = home.file("plain.ics", &samples::calendar(&samples::plain_event(1, true)));
    home.fine(&["outlook", "import", &file, "--folder", "Calendar"]);
    goes_out(&home);

    let quiet = home.file("quiet.ics", &meeting("quiet", &own, &attendee));
    let loud = home.file("loud.ics", &meeting("loud", &own, &attendee));
    for position in ["auto", "yes"] {
        home.fine(&["profile", "set", "work", &format!("sogo_no_notifications={position}")]);
        live(&home, &quiet, "quiet", |_| {});
    }
    home.fine(&["profile", "set", "work", "sogo_no_notifications=no", "schedule_agent_client=no"]);
    let mut awaited = 0;
    live(&home, &loud, "loud", |deed| {
        // Mails of the quiet one would have been sent before.
        awaited += 1;
        assert_eq!(mails(&server, &attendee, awaited), vec!["loud"; awaited], "{deed}");
    });
    assert_eq!(awaited, 3);
}
