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

/// A profile of tasks on a server in the process, in which each task has a number, a title and lines of its own.
struct Todo {
    home: Home,
    server: Server,
}

impl Todo {
    fn new() -> Todo {
        let todo = Todo { home: Home::new(), server: Server::start(Settings::default()).unwrap() };
        let url = format!("{}sample/tasks/", todo.server.url());
        let words = ["profile", "add", "todo", "--url", &url, "--user", "sample", "--password-stdin"];
        let ended = todo.home.run_with_input(&[&words[..], &["--folder", "Tasks"]].concat(), "sample\n");
        assert_eq!(ended.code, 0, "{ended:?}");
        todo
    }

    fn put(&self, number: usize, title: &str, more: &str) -> Vec<u8> {
        let summary = format!("{more}SUMMARY:{title}\r\n");
        let task =
            samples::task(number).replacen(&format!("SUMMARY:Sample task {number:03}\r\n"), &summary, 1);
        let task = samples::calendar(&task).into_bytes();
        self.server.put(&format!("/sample/tasks/{number}.ics"), &task).unwrap();
        task
    }

    fn stored(&self, number: usize) -> Vec<u8> {
        let name = format!("{number}.ics");
        let mut objects = self.server.objects("/sample/tasks/").into_iter();
        objects.find(|object| object.name == name).unwrap().bytes
    }

    /// What Outlook's task of that title says of those to which it is related.
    fn note(&self, title: &str) -> Value {
        let task = self.home.json(&["outlook", "show", &self.home.id_of("Tasks", title)]);
        task["properties"]["UserProperties"]["RELATED-TO"].clone()
    }

    /// The number of writes of a run, after which nothing is left to be done.
    fn sync(&self) -> u64 {
        let run = self.home.sync("todo");
        assert_eq!(writes(&self.home.sync("todo")), 0);
        self.home.fine(&["verify", "todo"]);
        writes(&run)
    }
}

#[test]
fn related_tasks_are_noted_by_their_titles_whenever_they_come_and_whatever_they_are_called() {
    let todo = Todo::new();
    let related = "RELATED-TO;RELTYPE=PARENT:sample-task-2\r\nRELATED-TO;RELTYPE=CHILD:sample-task-3\r\n\
                   RELATED-TO;RELTYPE=SIBLING:elsewhere@example.org\r\n";
    let child = todo.put(1, "Paint the fence", related);
    todo.put(3, "Buy paint\\; green", "");
    todo.sync();
    let rest = "CHILD: Buy paint; green; SIBLING: elsewhere@example.org";
    assert_eq!(todo.note("Paint the fence"), format!("PARENT: sample-task-2; {rest}"));

    // The parent comes later, is called otherwise on the server, and then in Outlook.
    todo.put(2, "The garden", "");
    assert_eq!(todo.sync(), 2);
    assert_eq!(todo.note("Paint the fence"), format!("PARENT: The garden; {rest}"));
    todo.put(2, "The new\\n garden", "");
    assert_eq!(todo.sync(), 2);
    assert_eq!(todo.note("Paint the fence"), format!("PARENT: The new garden; {rest}"));
    todo.home.fine(&[
        "outlook",
        "set",
        &todo.home.id_of("Tasks", "Buy paint; green"),
        "Subject=Buy red paint",
    ]);
    assert_eq!(todo.sync(), 2);
    let shown = "PARENT: The new garden; CHILD: Buy red paint; SIBLING: elsewhere@example.org";
    assert_eq!(todo.note("Paint the fence"), shown);

    // An edit of something else is none of theirs, and a parent that goes takes nothing along.
    todo.home.fine(&["outlook", "set", &todo.home.id_of("Tasks", "Buy red paint"), "Mileage=3 km"]);
    assert_eq!(todo.sync(), 1);
    assert_eq!(todo.stored(1), child, "the server's task is as it was");
    todo.server.delete("/sample/tasks/2.ics").unwrap();
    assert_eq!(todo.sync(), 1);
    assert_eq!((todo.note("Paint the fence"), todo.stored(1)), (shown.into(), child));
    let id = todo.home.id_of("Tasks", "Paint the fence");
    todo.home.fine(&["outlook", "set", &id, "Subject=Paint all fences"]);
    assert_eq!(todo.sync(), 1);
    assert!(String::from_utf8(todo.stored(1)).unwrap().contains(related));
    assert_eq!(todo.note("Paint all fences"), shown);
}

#[test]
fn a_note_of_related_tasks_is_the_users_own_where_a_pair_takes_its_name_and_follows_no_title_one_way() {
    let todo = Todo::new();
    todo.put(1, "Paint the fence", "RELATED-TO:sample-task-2\r\nX-MINE:PARENT: sample-task-2\r\n");
    todo.put(2, "The garden", "");
    todo.home.fine(&["profile", "set", "todo", "custom_properties=RELATED-TO=X-MINE"]);
    todo.sync();
    assert_eq!(todo.note("Paint the fence"), "PARENT: sample-task-2");

    let todo = Todo::new();
    todo.put(1, "Paint the fence", "RELATED-TO:sample-task-2\r\n");
    todo.put(2, "The garden", "");
    todo.sync();
    todo.home.fine(&["profile", "set", "todo", "direction=replicate-to-server"]);
    todo.sync();
    todo.home.fine(&["outlook", "set", &todo.home.id_of("Tasks", "The garden"), "Subject=The yard"]);
    assert_eq!(todo.sync(), 1, "Outlook is not written to");
    assert_eq!(todo.note("Paint the fence"), "PARENT: The garden");
}
