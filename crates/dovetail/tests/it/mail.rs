//! A profile that leaves it to the server to tell of meetings says so, where it is set up and before it does anything.

use dovetail_davserver::{Server, Settings};

use crate::home::Home;

/// Options, and whether the server may send mail by them.
const CASES: [(&[&str], bool); 6] = [
    (&[], false),
    (&["schedule_agent_client=no"], false),
    (&["sogo_no_notifications=no"], false),
    (&["schedule_agent_client=no", "sogo_no_notifications=no"], true),
    (&["schedule_agent_client=no", "sogo_no_notifications=no", "map_attendees=no"], false),
    (&["server_may_schedule=yes"], true),
];

fn says(ended: &crate::home::Ended, name: &str) -> bool {
    assert_eq!(ended.code, 0, "{ended:#?}");
    ended
        .err
        .contains(&format!("warning: {name}: Whoever is asked to a meeting may get mail from the server"))
}

#[test]
fn whoever_lets_the_server_mail_is_told_at_set_up_and_in_every_plan() {
    let (home, server) = (Home::new(), Server::start(Settings::default()).unwrap());
    for (number, (options, mails)) in CASES.into_iter().enumerate() {
        for (folder, collection, is_calendar) in
            [("Calendar", "calendar", true), ("Contacts", "contacts", false)]
        {
            let name = format!("{collection}{number}");
            let url = format!("{}sample/{collection}/", server.url());
            let words = ["profile", "add", &name, "--url", &url, "--user", "sample", "--password-stdin"];
            let mut words = [&words[..], &["--folder", folder]].concat();
            words.extend(options.iter().flat_map(|option| ["--set", option]));
            let wanted = mails && is_calendar;
            let context = format!("{options:?} {folder}");
            assert_eq!(says(&home.run_with_input(&words, "sample\n"), &name), wanted, "{context}");
            assert_eq!(says(&home.run(&["plan", &name]), &name), wanted, "{context}");
            let set = home.run(&["profile", "set", &name, "chunk_items=50"]);
            assert_eq!(says(&set, &name), wanted, "{context}");
            home.fine(&["profile", "remove", &name, "--yes"]);
        }
    }
}
