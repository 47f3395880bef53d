//! A first sync of as many items as people have: both sides hold some already, and most of those are the same.

use dovetail_davserver::{Server, Settings};
use dovetail_mapping::Dialect;
use dovetail_model::{Item, Kind, Zone};
use dovetail_testkit::sample;
use jiff::Timestamp;
use serde_json::Value;

use crate::home::{Home, writes};

/// A folder, the collection that it is joined with, and what they hold.
struct Meeting {
    profile: &'static str,
    folder: &'static str,
    collection: &'static str,
    kind: Kind,
    items: usize,
}

const MEETINGS: [Meeting; 3] = [
    Meeting {
        profile: "people",
        folder: "Contacts",
        collection: "contacts",
        kind: Kind::Contact,
        items: 1_000,
    },
    Meeting { profile: "work", folder: "Calendar", collection: "calendar", kind: Kind::Event, items: 1_000 },
    Meeting { profile: "todo", folder: "Tasks", collection: "tasks", kind: Kind::Task, items: 200 },
];

impl Meeting {
    fn written(&self, item: &Item) -> Vec<u8> {
        let dialect = if self.kind == Kind::Contact { Dialect::VCard3 } else { Dialect::ICalendar };
        let settings =
            dovetail_mapping::Settings::new(Zone::named("Europe/Berlin"), "-//Example//Sample//EN");
        dovetail_mapping::write(dialect, item, None, Timestamp::UNIX_EPOCH, &settings)
    }

    /// A quarter is in the mailbox alone, a quarter on the server alone, the rest on both.
    fn prepare(&self, home: &Home, server: &Server) {
        let mut in_mailbox = Vec::new();
        for (number, item) in sample::items(self.kind, self.items, 1).iter().enumerate() {
            let written = self.written(item);
            if number % 4 != 0 {
                let extension = if self.kind == Kind::Contact { "vcf" } else { "ics" };
                let path = format!("/sample/{}/item-{number}.{extension}", self.collection);
                server.put(&path, &written).unwrap();
            }
            if number % 4 != 1 {
                in_mailbox.extend(written);
            }
        }
        let file = home.path().join(format!("{}.import", self.profile));
        std::fs::write(&file, in_mailbox).unwrap();
        home.fine(&["outlook", "import", file.to_str().unwrap(), "--folder", self.folder]);
        let url = format!("{}sample/{}/", server.url(), self.collection);
        let words = ["profile", "add", self.profile, "--url", &url, "--user", "sample", "--password-stdin"];
        let words = [&words[..], &["--folder", self.folder, "--set", "time_range=no"]].concat();
        assert_eq!(home.run_with_input(&words, "sample\n").code, 0);
    }

    fn check(&self, home: &Home, server: &Server) {
        let first = home.sync(self.profile);
        let quarter = Value::from(self.items / 4);
        let created = (&first["outlook"]["created"], &first["server"]["created"]);
        assert_eq!(created, (&quarter, &quarter), "{first}");
        assert_eq!((&first["held"], &first["failed"]), (&Value::from(0), &Value::from(0)), "{first}");
        assert_eq!(home.list(self.folder).len(), self.items);
        assert_eq!(server.objects(&format!("/sample/{}/", self.collection)).len(), self.items);
        home.fine(&["verify", self.profile]);
        let next = home.sync(self.profile);
        assert_eq!((writes(&next), &next["requests"]), (0, &Value::from(1)), "{next}");
    }
}

#[test]
fn a_thousand_contacts_a_thousand_events_and_two_hundred_tasks_meet() {
    let (home, server) = (Home::new(), Server::start(Settings::default()).unwrap());
    for meeting in &MEETINGS {
        meeting.prepare(&home, &server);
    }
    for meeting in &MEETINGS {
        meeting.check(&home, &server);
    }
}
