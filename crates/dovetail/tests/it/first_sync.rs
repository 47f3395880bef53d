//! Both sides already hold items, some of them the same: the first sync, and what follows it.

use serde_json::Value;

use crate::home::{Home, writes};
use crate::samples;
use crate::server::{Collection, Holding};

/// One kind of items, as both sides hold it before the first sync: a quarter is in the mailbox alone, a quarter on
/// the server alone, the rest on both.
struct Kind {
    profile: &'static str,
    folder: &'static str,
    holding: Holding,
    items: usize,
    on_server: fn(usize) -> String,
    in_mailbox: fn(usize) -> String,
    kept: &'static [&'static str],
    /// A property of Outlook, and the value it is edited to.
    edit: (&'static str, &'static str),
    /// What the server then has.
    edited: &'static str,
}

const CONTACTS: Kind = Kind {
    profile: "people",
    folder: "Contacts",
    holding: Holding::Cards,
    items: 80,
    on_server: samples::card,
    in_mailbox: samples::plain_card,
    kept: samples::OF_A_CARD,
    edit: ("JobTitle", "Sample title"),
    edited: "TITLE:Sample title",
};

const EVENTS: Kind = Kind {
    profile: "events",
    folder: "Calendar",
    holding: Holding::Events,
    items: 80,
    on_server: samples::event,
    in_mailbox: |number| samples::plain_event(number, number.is_multiple_of(2)),
    kept: samples::OF_AN_EVENT,
    edit: ("Location", "Sample place"),
    edited: "LOCATION:Sample place",
};

const TASKS: Kind = Kind {
    profile: "tasks",
    folder: "Tasks",
    holding: Holding::Tasks,
    items: 40,
    on_server: samples::task,
    in_mailbox: samples::plain_task,
    kept: samples::OF_A_TASK,
    edit: ("Body", "Sample text"),
    edited: "DESCRIPTION:Sample text",
};

impl Kind {
    fn on_both_sides(&self, number: usize) -> bool {
        number % 4 > 1
    }

    /// Fills both sides and makes the profile.
    fn prepare(&self, home: &Home) -> Option<Collection> {
        let server = Collection::make(self.holding)?;
        let mut in_mailbox = String::new();
        for number in 0..self.items {
            if number % 4 != 0 {
                server.put(&self.name(number), &(self.on_server)(number));
            }
            if number % 4 != 1 {
                in_mailbox.push_str(&(self.in_mailbox)(number));
            }
        }
        let file = match self.holding {
            Holding::Cards => home.file("import.vcf", &in_mailbox),
            Holding::Events | Holding::Tasks => home.file("import.ics", &samples::calendar(&in_mailbox)),
        };
        home.fine(&["outlook", "import", &file, "--folder", self.folder]);
        home.join(self.profile, self.folder, &server);
        Some(server)
    }

    fn name(&self, number: usize) -> String {
        match self.holding {
            Holding::Cards => format!("sample-{number}.vcf"),
            Holding::Events | Holding::Tasks => format!("sample-{number}.ics"),
        }
    }

    fn title(&self, number: usize) -> String {
        match self.holding {
            Holding::Cards => format!("Sample Person {number:03}"),
            Holding::Events => format!("Sample event {number:03}"),
            Holding::Tasks => format!("Sample task {number:03}"),
        }
    }

    fn check_first_sync(&self) {
        let home = Home::new();
        let Some(server) = self.prepare(&home) else { return };
        let first = home.sync(self.profile);
        assert_eq!(first["held"], 0, "{first}");
        assert_eq!(first["clashes"], 0, "{first}");
        home.fine(&["verify", self.profile]);
        self.check_nobody_is_lost_or_doubled(&home, &server);
        check_quiet(&home, self.profile);
        self.check_richness(&server);

        for number in (0..self.items).filter(|&number| self.on_both_sides(number)).take(10) {
            let id = home.id_of(self.folder, &self.title(number));
            let (property, value) = self.edit;
            home.fine(&["outlook", "set", &id, &format!("{property}={value}")]);
        }
        let second = home.sync(self.profile);
        assert_eq!(second["server"]["updated"], 10, "{second}");
        assert_eq!(writes(&second), 10, "{second}");
        let edited = server.objects().iter().filter(|object| object.contains(self.edited)).count();
        assert_eq!(edited, 10);
        self.check_richness(&server);
        home.fine(&["verify", self.profile]);
        check_quiet(&home, self.profile);
    }

    fn check_nobody_is_lost_or_doubled(&self, home: &Home, server: &Collection) {
        let titles: Vec<_> = (0..self.items).map(|number| self.title(number)).collect();
        assert_eq!(home.titles(self.folder), titles);
        assert_eq!(server.names().len(), self.items);
    }

    /// Whether every object that came from the server still has what no mailbox holds.
    fn check_richness(&self, server: &Collection) {
        for number in (0..self.items).filter(|number| number % 4 != 0) {
            let object = server.request("GET", &self.name(number), "").body;
            for kept in self.kept {
                assert!(object.contains(kept), "{} lost {kept:?}:\n{object}", self.name(number));
            }
        }
    }
}

/// A run after convergence writes nothing and asks the server once.
fn check_quiet(home: &Home, profile: &str) {
    let run = home.sync(profile);
    assert_eq!(writes(&run), 0, "{run}");
    assert_eq!(run["requests"], 1, "{run}");
}

#[test]
fn eighty_contacts_meet_and_nothing_is_lost() {
    CONTACTS.check_first_sync();
}

#[test]
fn eighty_events_meet_and_nothing_is_lost() {
    EVENTS.check_first_sync();
}

#[test]
fn forty_tasks_meet_and_nothing_is_lost() {
    TASKS.check_first_sync();
}

#[test]
fn however_many_items_are_written_at_a_time_the_same_becomes_of_them() {
    for settings in [&["chunks=no"][..], &["chunk_items=1"], &["chunks=yes", "chunk_items=3"]] {
        let (home, kind) = (Home::new(), Kind { items: 12, ..CONTACTS });
        let Some(server) = kind.prepare(&home) else { return };
        home.fine(&[&["profile", "set", kind.profile], settings].concat());
        let run = home.sync(kind.profile);
        // Half of them are on both sides, and the mailbox's cards have less.
        let created = |side: &str| run[side]["created"].as_u64();
        assert_eq!((created("outlook"), created("server")), (Some(3), Some(3)), "{settings:?}: {run}");
        assert_eq!((&run["held"], &run["clashes"]), (&0.into(), &0.into()), "{settings:?}: {run}");
        home.fine(&["verify", kind.profile]);
        kind.check_nobody_is_lost_or_doubled(&home, &server);
        check_quiet(&home, kind.profile);
    }
}

/// One event on both sides, and the profile `one` that has been synced once.
fn one_event() -> Option<(Home, Collection, String)> {
    let home = Home::new();
    let server = Collection::make(Holding::Events)?;
    server.put("sample-1.ics", &samples::event(1));
    home.fine(&["outlook", "folders"]);
    home.join("one", "Calendar", &server);
    home.sync("one");
    let id = home.id_of("Calendar", "Sample event 001");
    Some((home, server, id))
}

#[test]
fn edits_of_different_fields_both_arrive() {
    let Some((home, server, id)) = one_event() else { return };
    home.fine(&["outlook", "set", &id, "Subject=Named in the mailbox"]);
    server.replace("sample-1.ics", "text of 1", "written on the server");
    let run = home.sync("one");
    assert_eq!((&run["clashes"], writes(&run)), (&Value::from(0), 2), "{run}");
    let shown = home.json(&["outlook", "show", &id]).to_string();
    let object = server.request("GET", "sample-1.ics", "").body;
    for side in [shown, object] {
        assert!(side.contains("Named in the mailbox") && side.contains("written on the server"), "{side}");
    }
    home.fine(&["verify", "one"]);
    check_quiet(&home, "one");
}

#[test]
fn the_loser_of_a_clash_is_kept_and_shown() {
    let Some((home, server, id)) = one_event() else { return };
    server.replace("sample-1.ics", "Sample event 001", "Title of the server");
    home.fine(&["outlook", "set", &id, "Subject=Title of the mailbox"]);
    let run = home.sync("one");
    assert_eq!(run["clashes"], 1, "{run}");
    let report = home.fine(&["report", "show", run["run"].as_str().expect("a run")]);
    for title in ["Title of the server", "Title of the mailbox"] {
        assert!(report.contains(title), "{report}");
    }
    let titles = home.titles("Calendar");
    assert_eq!(server.values("SUMMARY"), titles, "both sides have the winner");
    home.fine(&["undo", run["run"].as_str().expect("a run")]);
    let mut both = [home.titles("Calendar"), server.values("SUMMARY")].concat();
    both.sort();
    assert_eq!(both, ["Title of the mailbox", "Title of the server"], "undo brings the loser back");
}

#[test]
fn an_undone_run_stays_undone() {
    let Some((home, server, id)) = one_event() else { return };
    home.fine(&["outlook", "set", &id, "Subject=Regretted"]);
    home.file("new.ics", &samples::calendar(&samples::plain_event(2, false)));
    let file = home.path().join("new.ics").display().to_string();
    home.fine(&["outlook", "import", &file, "--folder", "Calendar"]);
    let run = home.sync("one");
    assert_eq!(server.values("SUMMARY"), ["Regretted", "Sample event 002"]);
    home.fine(&["undo", run["run"].as_str().expect("a run")]);
    assert_eq!(server.values("SUMMARY"), ["Sample event 001"]);
    for _ in 0..2 {
        let run = home.sync("one");
        assert_eq!(writes(&run), 0, "{run}");
    }
    assert_eq!(server.values("SUMMARY"), ["Sample event 001"]);
    assert_eq!(home.titles("Calendar"), ["Regretted", "Sample event 002"]);
    home.fine(&["verify", "one"]);
}

#[test]
fn deletions_travel_both_ways() {
    let home = Home::new();
    let Some(server) = Collection::make(Holding::Cards) else { return };
    for number in 0..4 {
        server.put(&format!("sample-{number}.vcf"), &samples::card(number));
    }
    home.join("people", "Contacts", &server);
    home.sync("people");
    server.delete("sample-0.vcf");
    let id = home.id_of("Contacts", "Sample Person 001");
    home.fine(&["outlook", "delete", &id]);
    let run = home.sync("people");
    assert_eq!(
        (&run["outlook"]["deleted"], &run["server"]["deleted"]),
        (&Value::from(1), &Value::from(1)),
        "{run}"
    );
    assert_eq!(server.names(), ["sample-2.vcf", "sample-3.vcf"]);
    assert_eq!(home.titles("Contacts"), ["Sample Person 002", "Sample Person 003"]);
}

#[test]
fn a_run_over_one_item_leaves_the_others_to_the_next_run() {
    let home = Home::new();
    let Some(server) = Collection::make(Holding::Cards) else { return };
    for number in 0..3 {
        server.put(&format!("sample-{number}.vcf"), &samples::card(number));
    }
    home.join("people", "Contacts", &server);
    let url = format!("{}sample-1.vcf", server.url());
    let run = home.json(&["sync", "people", "--only", &url]);
    assert_eq!((writes(&run), home.titles("Contacts")), (1, vec!["Sample Person 001".to_owned()]), "{run}");

    home.sync("people");
    let ids = [0, 1, 2].map(|number| home.id_of("Contacts", &format!("Sample Person {number:03}")));
    for id in &ids {
        home.fine(&["outlook", "set", id, "JobTitle=Sample title"]);
    }
    let run = home.json(&["sync", "people", "--only", &ids[2]]);
    assert_eq!((writes(&run), server.values("TITLE").len()), (1, 1), "{run}");
    let run = home.sync("people");
    assert_eq!((writes(&run), server.values("TITLE").len()), (2, 3), "{run}");
    check_quiet(&home, "people");

    let ended = home.run(&["sync", "people", "--only", "nobody"]);
    assert_eq!(ended.code, 3, "{ended:#?}");
    assert!(ended.err.starts_with("error: Neither side has an item nobody."), "{ended:#?}");
}

#[test]
fn too_many_deletions_wait_for_a_person() {
    let home = Home::new();
    let Some(server) = Collection::make(Holding::Cards) else { return };
    for number in 0..15 {
        server.put(&format!("sample-{number}.vcf"), &samples::card(number));
    }
    home.join("people", "Contacts", &server);
    home.sync("people");
    let ids: Vec<String> =
        (0..12).map(|number| home.id_of("Contacts", &format!("Sample Person {number:03}"))).collect();
    let words: Vec<&str> = ["outlook", "delete"].into_iter().chain(ids.iter().map(String::as_str)).collect();
    home.fine(&words);

    let ended = home.run(&["sync", "people", "--json"]);
    assert_eq!(ended.code, 1, "{ended:#?}");
    let run: Value = serde_json::from_str(&ended.out).expect("an answer");
    assert_eq!((&run["held"], server.names().len()), (&Value::from(12), 15), "{run}");

    let held = home.json(&["held", "list"]);
    let step = |at: usize| held[at]["id"].as_str().expect("a step").to_owned();
    assert_eq!(held.as_array().map(Vec::len), Some(12));
    home.fine(&["held", "approve", &step(0), &step(1)]);
    home.fine(&["held", "reject", &step(2)]);
    let ended = home.run(&["sync", "people", "--json"]);
    let run: Value = serde_json::from_str(&ended.out).expect("an answer");
    assert_eq!(
        (ended.code, &run["held"], &run["server"]["deleted"]),
        (1, &Value::from(9), &Value::from(2)),
        "{run}"
    );
    assert_eq!(server.names().len(), 13);

    let rest: Vec<String> = home
        .json(&["held", "list"])
        .as_array()
        .expect("steps")
        .iter()
        .map(|step| step["id"].as_str().expect("an id").to_owned())
        .collect();
    let words: Vec<&str> = ["held", "approve"].into_iter().chain(rest.iter().map(String::as_str)).collect();
    home.fine(&words);
    home.sync("people");
    assert_eq!(server.names().len(), 4, "the rejected one stays");
    home.fine(&["verify", "people"]);
    let run = home.sync("people");
    assert_eq!(writes(&run), 0, "{run}");
}

#[test]
fn lists_travel_only_where_the_profile_says_so() {
    const LIST: &str = "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:list-1\r\nFN:Sample list\r\nN:Sample list;;;;\r\n\
        X-ADDRESSBOOKSERVER-KIND:group\r\nX-ADDRESSBOOKSERVER-MEMBER;CN=One:mailto:one@example.com\r\nEND:VCARD\r\n";
    let home = Home::new();
    let Some(server) = Collection::make(Holding::Cards) else { return };
    let file = home.file("list.vcf", LIST);
    home.fine(&["outlook", "import", &file, "--folder", "Contacts"]);
    server.put("sample-1.vcf", &samples::card(1));
    home.join("people", "Contacts", &server);
    home.sync("people");
    assert_eq!(server.names(), ["sample-1.vcf"]);

    home.fine(&["profile", "set", "people", "map_distribution_lists=yes"]);
    assert_eq!(writes(&home.sync("people")), 1);
    assert_eq!(server.names().len(), 2);
    home.fine(&["verify", "people"]);
    check_quiet(&home, "people");

    home.fine(&["profile", "set", "people", "map_distribution_lists=no"]);
    assert_eq!(writes(&home.sync("people")), 0);
    let id = home.id_of("Contacts", "Sample list");
    home.fine(&["outlook", "delete", &id]);
    assert_eq!(writes(&home.sync("people")), 0, "a list that is not synced is deleted nowhere");
    assert_eq!(server.names().len(), 2);
}
