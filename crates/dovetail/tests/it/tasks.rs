//! Tasks on real servers: what one mailbox has, a second one gets, property by property.

use std::collections::BTreeMap;

use dovetail_davserver::{Server, Settings};
use dovetail_mapping::outlook::TaskItem;
use dovetail_testkit::servers::{CYRUS, RADICALE, SOGO};
use serde_json::Value;

use crate::collections::join;
use crate::compared::{differing, properties, unsaid};
use crate::home::{Home, writes};
use crate::samples;

/// Tasks as they are set in Outlook, one property an entry. Together they have every property that crosses.
const TASKS: [(&str, &[&str]); 5] = [
    (
        "Everything at once",
        &[
            "Body=First line\r\nsecond; with, marks",
            "StartDate=2026-03-02",
            "DueDate=2026-03-09",
            "Status=3",
            "PercentComplete=30",
            "Importance=2",
            "Sensitivity=2",
            "Categories=Errands, Work",
            "ReminderTime=2026-03-01T18:30",
            "ReminderSet=true",
            "TotalWork=600",
            "ActualWork=90",
            "Mileage=12 km",
            "BillingInformation=Project 7; half",
            "ContactNames=Person, Sample; Other Person",
            "Companies=Example Ltd",
            "Owner=Sample Owner",
            "UserProperties={\"Shade\":\"green, dark\",\"Count\":3}",
        ],
    ),
    (
        "Done",
        &["DueDate=2026-03-03", "Complete=true", "DateCompleted=2026-03-02", "Sensitivity=3", "Importance=0"],
    ),
    ("Some day", &["Status=1", "PercentComplete=10", "ReminderTime=2026-05-01T08:00", "ReminderSet=true"]),
    (
        "Every second Monday",
        &[
            "StartDate=2026-03-02",
            "DueDate=2026-03-02",
            "Status=4",
            "RecurrencePattern={\"RecurrenceType\":1,\"Interval\":2,\"DayOfWeekMask\":2,\"NoEndDate\":true,\
             \"PatternStartDate\":\"2026-03-02\",\"PatternEndDate\":\"4501-01-01\"}",
        ],
    ),
    (
        "Four days after it was done",
        &[
            "StartDate=2026-03-02",
            "RecurrencePattern={\"RecurrenceType\":0,\"Interval\":4,\"NoEndDate\":true,\"Regenerate\":true,\
             \"PatternStartDate\":\"2026-03-02\",\"PatternEndDate\":\"4501-01-01\"}",
        ],
    ),
];

fn fill(home: &Home) {
    let todos: String = TASKS
        .iter()
        .enumerate()
        .map(|(at, (title, _))| {
            format!("BEGIN:VTODO\r\nUID:sample-{at}\r\nDTSTAMP:20260101T000000Z\r\nSUMMARY:{title}\r\nEND:VTODO\r\n")
        })
        .collect();
    let calendar =
        format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//EN\r\n{todos}END:VCALENDAR\r\n");
    let file = home.file("tasks.ics", &calendar);
    home.fine(&["outlook", "import", &file, "--folder", "Tasks"]);
    for (title, properties) in TASKS {
        let id = home.id_of("Tasks", title);
        let words: Vec<&str> =
            ["outlook", "set", &id].into_iter().chain(properties.iter().copied()).collect();
        home.fine(&words);
    }
}

/// The properties in which two mailboxes differ. What no text is stays a mailbox's own, and is checked by itself.
fn table(through: &str, one: &Home, other: &Home) -> Vec<String> {
    differing(through, [one, other], ("Tasks", &TASKS.map(|task| task.0)), &["UserProperties"])
}

/// Properties of the user's own, sorted. Radicale writes names in upper case.
fn own(home: &Home) -> BTreeMap<String, Value> {
    let all = properties(home, "Tasks", TASKS[0].0).remove("UserProperties");
    let Some(Value::Object(all)) = all else { panic!("{all:?}") };
    all.into_iter().map(|(name, value)| (name.to_uppercase(), value)).collect()
}

#[test]
fn a_second_mailbox_gets_every_property_of_a_task() {
    for product in [RADICALE, CYRUS, SOGO] {
        let Some(server) = product.start() else { continue };
        let (home, second) = (Home::new(), Home::new());
        fill(&home);
        assert_eq!(unsaid(&home, "Tasks", &TASKS.map(|task| task.0), &TaskItem::default()), [""; 0]);
        for mailbox in [&home, &second] {
            join(mailbox, "tasks", "Tasks", &server, &server.calendar("tasks"));
            mailbox.fine(&["profile", "set", "tasks", "map_custom_properties=yes", "reminders=all"]);
            mailbox.sync("tasks");
            mailbox.fine(&["verify", "tasks"]);
            assert_eq!(writes(&mailbox.sync("tasks")), 0, "{}", product.name);
        }
        assert_eq!(table(product.name, &home, &second), [""; 0], "{}", product.name);
        assert_eq!(
            own(&second),
            BTreeMap::from([("SHADE".to_owned(), "green, dark".into())]),
            "what is no text stays"
        );

        // What the second mailbox edits, the first one gets, and nothing else moves.
        let id = second.id_of("Tasks", "Everything at once");
        second.fine(&[
            "outlook",
            "set",
            &id,
            "Status=1",
            "DueDate=2026-03-11",
            "Owner=New Owner",
            "Mileage=",
            "UserProperties={\"Shade\":\"red\"}",
        ]);
        second.sync("tasks");
        home.sync("tasks");
        assert_eq!(table(product.name, &home, &second), [""; 0], "{}", product.name);
        let expected = [("COUNT".to_owned(), 3.into()), ("SHADE".to_owned(), "red".into())];
        assert_eq!(own(&home), BTreeMap::from(expected), "{}", product.name);
        home.fine(&["verify", "tasks"]);
    }
}

#[test]
fn parents_and_children_are_noted_in_outlook_and_the_note_is_nobodys_edit() {
    let (home, server) = (Home::new(), Server::start(Settings::default()).unwrap());
    let path = "/sample/tasks/child.ics";
    let put = |parent: &str| {
        let related = format!("RELATED-TO:{parent}\r\nSUMMARY");
        let task = samples::calendar(&samples::task(1).replacen("SUMMARY", &related, 1));
        server.put(path, task.as_bytes()).unwrap();
        task.into_bytes()
    };
    put("first@example.org");
    let url = format!("{}sample/tasks/", server.url());
    let words = ["profile", "add", "todo", "--url", &url, "--user", "sample", "--password-stdin"];
    assert_eq!(home.run_with_input(&[&words[..], &["--folder", "Tasks"]].concat(), "sample\n").code, 0);
    home.sync("todo");
    let id = home.id_of("Tasks", "Sample task 001");
    let note = || {
        let task = home.json(&["outlook", "show", &id]);
        task["properties"]["UserProperties"]["RELATED-TO"].clone()
    };
    assert_eq!(note(), "PARENT: first@example.org");
    let stored = put("second@example.org");
    home.sync("todo");
    assert_eq!(note(), "PARENT: second@example.org");

    for edited in [r#"UserProperties={"RELATED-TO":"mine"}"#, "UserProperties={}"] {
        home.fine(&["outlook", "set", &id, edited]);
        assert_eq!(writes(&home.sync("todo")), 0, "{edited}");
        home.fine(&["verify", "todo"]);
        assert_eq!(server.objects("/sample/tasks/")[0].bytes, stored, "{edited}");
    }
}
