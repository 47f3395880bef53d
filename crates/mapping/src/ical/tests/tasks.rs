//! Tasks: what days of Outlook become where a server has times, reminders, how far a task is, and how it repeats.

use dovetail_model::recurrence::{Frequency, Rule};
use dovetail_model::task::TaskStatus;
use jiff::civil::{date, datetime};
use proptest::prelude::*;

use super::*;
use crate::options::{AllCustom, Options, TaskDates, TaskOptions, TaskRecurrence, TaskReminders};
use crate::outlook::{OutlookItem, TaskItem};
use crate::{Dialect, holds};

fn task(name: &str) -> Task {
    task_of(read_item(&fixture(name)).unwrap())
}

fn choosing(tasks: TaskOptions) -> Settings {
    Settings { options: Options { tasks, ..Options::default() }, ..settings() }
}

fn day(day: i8) -> Option<When> {
    Some(When::Date(date(2024, 5, day)))
}

fn text_of(task: &Task, from: Option<&[u8]>, settings: &Settings) -> String {
    String::from_utf8(write(&Item::Task(Box::new(task.clone())), from, now(), settings)).unwrap()
}

/// Without the lines that tell one revision from the next.
fn unstamped(text: &str) -> String {
    let is_stamp = |line: &&str| ["DTSTAMP", "LAST-MODIFIED"].iter().any(|name| line.starts_with(name));
    text.split_inclusive("\r\n").filter(|line| !is_stamp(line)).collect()
}

/// The task that Outlook holds, as it is read.
fn of_outlook(item: TaskItem, settings: &Settings) -> Task {
    task_of(crate::outlook::read_item(&OutlookItem::Task(Box::new(item)), settings).item.unwrap())
}

#[test]
fn a_day_that_outlook_sets_keeps_the_time_that_the_server_has() {
    type Edit = fn(&mut Task);
    let cases: [(&str, Edit, &str); 6] = [
        (
            "nextcloud-task-done",
            |task| task.start = day(7),
            "\nDTSTART;TZID=Europe/Berlin:20240507T090000\r\n",
        ),
        ("nextcloud-task-done", |task| task.due = day(12), "\nDURATION:P6DT3H\r\n"),
        ("outlook-task-in-process", |task| task.due = day(2), "\nDUE:20240502T160000Z\r\n"),
        // A start beside a due time is a time as well: the first of the day at home.
        ("outlook-task-in-process", |task| task.start = day(1), "\nDTSTART:20240430T220000Z\r\n"),
        ("task-due-only", |task| task.due = day(31), "\nDUE:20240531T235959\r\n"),
        ("tasksorg-subtask", |task| task.due = day(12), "\nDUE;VALUE=DATE:20240512\r\n"),
    ];
    for (name, edit, line) in cases {
        let mut wanted = task(name);
        edit(&mut wanted);
        let written = text_of(&wanted, Some(&fixture(name)), &settings());
        assert!(written.contains(line), "{name}: {line}\n{written}");
    }
    let mut due_beside_start = task("nextcloud-task-done");
    due_beside_start.due = None;
    let without = text_of(&due_beside_start, Some(&fixture("nextcloud-task-done")), &settings());
    due_beside_start.due = day(20);
    let written = text_of(&due_beside_start, Some(without.as_bytes()), &settings());
    assert!(written.contains("\nDUE;TZID=Europe/Berlin:20240520T235959\r\n"), "{written}");
}

#[test]
fn days_are_written_as_days_or_as_floating_times() {
    let task = Task { start: day(10), due: day(12), ..Task::default() };
    let of = |dates| choosing(TaskOptions { dates, ..TaskOptions::default() });
    for (dates, start, due) in [
        (TaskDates::Days, "DTSTART;VALUE=DATE:20240510\r\n", "DUE;VALUE=DATE:20240512\r\n"),
        (TaskDates::Floating, "DTSTART:20240510T000000\r\n", "DUE:20240512T235959\r\n"),
    ] {
        let written = text_of(&task, None, &of(dates));
        assert!(written.contains(start) && written.contains(due), "{written}");
        assert!(!written.contains("VTIMEZONE"), "{written}");
        // Outlook sees the days in either.
        let held = holds(Dialect::Outlook, &read_item(written.as_bytes()).unwrap(), &of(dates));
        assert_eq!((task_of(held.clone()).start, task_of(held).due), (day(10), day(12)));
    }
    // What the server has as days stays so.
    let bytes = fixture("tasksorg-subtask");
    let mut paint = task_of(read_item(&bytes).unwrap());
    paint.summary.push('!');
    let written = text_of(&paint, Some(&bytes), &of(TaskDates::Floating));
    assert!(written.contains("\nDUE;VALUE=DATE:20240406\r\n"), "{written}");
}

#[test]
fn a_reminder_is_written_by_its_distance_or_by_its_moment() {
    let none = crate::outlook::NO_DATE;
    let (start, due) = (date(2024, 5, 10), date(2024, 5, 12));
    let at = |day, hour| datetime(2024, 5, day, hour, 0, 0, 0);
    let days = TaskDates::Days;
    let cases = [
        (start, due, at(10, 8), days, "TRIGGER:PT8H", "TRIGGER;VALUE=DATE-TIME:20240510T060000Z"),
        (start, due, at(10, 0), days, "TRIGGER:PT0S", "TRIGGER;VALUE=DATE-TIME:20240509T220000Z"),
        (none, due, at(12, 8), days, "TRIGGER;RELATED=END:PT8H", "TRIGGER;VALUE=DATE-TIME:20240512T060000Z"),
        (
            none,
            due,
            at(12, 8),
            TaskDates::Floating,
            "TRIGGER;RELATED=END:-PT15H59M59S",
            "TRIGGER;VALUE=DATE-TIME:20240512T060000Z",
        ),
        (
            none,
            none,
            at(12, 8),
            days,
            "TRIGGER;VALUE=DATE-TIME:20240512T060000Z",
            "TRIGGER;VALUE=DATE-TIME:20240512T060000Z",
        ),
    ];
    for (start_date, due_date, reminder_time, dates, relative, absolute) in cases {
        for (reminders, line) in [(TaskReminders::Relative, relative), (TaskReminders::Absolute, absolute)] {
            let settings = choosing(TaskOptions { dates, reminders, ..TaskOptions::default() });
            let item =
                TaskItem { start_date, due_date, reminder_set: true, reminder_time, ..TaskItem::default() };
            let written = text_of(&of_outlook(item.clone(), &settings), None, &settings);
            assert!(written.contains(&format!("\n{line}\r\n")), "{reminder_time}: {line}\n{written}");
            // And back: Outlook has the moment that it had.
            let back = read(written.as_bytes(), &settings).item.unwrap();
            let bytes = crate::outlook::write(&back, None, &settings);
            let OutlookItem::Task(again) = serde_json::from_slice(&bytes).unwrap() else { unreachable!() };
            assert_eq!((again.reminder_set, again.reminder_time), (true, reminder_time), "{line}");
        }
    }
}

#[test]
fn a_reminder_moved_in_outlook_moves_the_one_of_a_task_with_times() {
    let bytes = fixture("nextcloud-task-done");
    let with_alarm = String::from_utf8(bytes).unwrap().replace(
        "END:VTODO",
        "BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:x\r\nTRIGGER:-PT15M\r\nEND:VALARM\r\nEND:VTODO",
    );
    let server = read_item(with_alarm.as_bytes()).unwrap();
    let outlook = crate::outlook::write(&server, None, &settings());
    let OutlookItem::Task(mut held) = serde_json::from_slice(&outlook).unwrap() else { unreachable!() };
    assert_eq!(held.reminder_time, datetime(2024, 5, 6, 8, 45, 0, 0));
    let base = crate::outlook::read_item(&OutlookItem::Task(held.clone()), &settings()).item.unwrap();
    held.reminder_time = datetime(2024, 5, 6, 8, 0, 0, 0);
    let edited = crate::outlook::read_item(&OutlookItem::Task(held.clone()), &settings()).item.unwrap();
    let carried = dovetail_model::carry::carry(&base.into(), &edited, &server);
    let written = String::from_utf8(rewrite(&carried, with_alarm.as_bytes())).unwrap();
    assert_eq!(unstamped(&written), unstamped(&with_alarm.replace("TRIGGER:-PT15M", "TRIGGER:-PT1H")));

    // And the other way: the server's reminder moves, Outlook knows the day alone.
    let later = with_alarm.replace("TRIGGER:-PT15M", "TRIGGER:-PT2H");
    let moved = read_item(later.as_bytes()).unwrap();
    let onto = crate::outlook::read(&outlook, &settings()).item.unwrap();
    let carried = dovetail_model::carry::carry(&server.into(), &moved, &onto);
    let bytes = crate::outlook::write(&carried, Some(&outlook), &settings());
    let OutlookItem::Task(held) = serde_json::from_slice(&bytes).unwrap() else { unreachable!() };
    assert_eq!(held.reminder_time, datetime(2024, 5, 6, 7, 0, 0, 0));
}

#[test]
fn a_reminder_at_a_moment_stays_one_when_a_date_is_set_in_outlook() {
    let bytes = fixture("outlook-task-in-process");
    let server = read_item(&bytes).unwrap();
    let outlook = crate::outlook::write(&server, None, &settings());
    let base = crate::outlook::read(&outlook, &settings()).item.unwrap();
    let OutlookItem::Task(held) = serde_json::from_slice(&outlook).unwrap() else { unreachable!() };
    type Edit = fn(&mut TaskItem);
    let edits: [(Edit, &str); 3] = [
        (|item| item.start_date = date(2024, 4, 2), "TRIGGER;VALUE=DATE-TIME:20240429T070000Z"),
        (|item| item.due_date = date(2024, 5, 2), "TRIGGER;VALUE=DATE-TIME:20240429T070000Z"),
        (|item| item.reminder_time = datetime(2024, 4, 30, 9, 0, 0, 0), "TRIGGER;RELATED=END:-PT9H"),
    ];
    for (edit, trigger) in edits {
        let mut edited = held.clone();
        edit(&mut edited);
        let edited = crate::outlook::read_item(&OutlookItem::Task(edited), &settings()).item.unwrap();
        let carried = dovetail_model::carry::carry(&base.clone().into(), &edited, &server);
        let written = String::from_utf8(rewrite(&carried, &bytes)).unwrap();
        assert!(written.contains(&format!("\r\n{trigger}\r\n")), "{trigger}\n{written}");
    }
}

#[test]
fn all_five_states_cross_and_come_back() {
    use TaskStatus::{Complete, Deferred, InProgress, NotStarted, Waiting};
    for (status, percent, line) in [
        (NotStarted, 0, "STATUS:NEEDS-ACTION"),
        (InProgress, 30, "STATUS:IN-PROCESS"),
        (Complete, 100, "STATUS:COMPLETED"),
        (Waiting, 30, "STATUS:NEEDS-ACTION"),
        (Deferred, 30, "STATUS:CANCELLED"),
    ] {
        let mut task = Task { status, percent, ..Task::default() };
        task.completed = (status == Complete).then(|| When::utc(datetime(2024, 5, 9, 22, 0, 0, 0)));
        let written = text_of(&task, None, &settings());
        assert!(status == NotStarted || written.contains(line), "{written}");
        let item = read_item(written.as_bytes()).unwrap();
        assert_eq!(task_of(item.clone()), task);
        let back = task_of(holds(Dialect::Outlook, &item, &settings()));
        assert_eq!((back.status, back.percent), (status, percent));
        assert_eq!(back.completed.is_some(), status == Complete);
    }
}

#[test]
fn waiting_ends_where_the_server_goes_on() {
    let bytes = fixture("task-without-dates");
    assert_eq!(task("task-without-dates").status, TaskStatus::Waiting);
    let elsewhere = String::from_utf8(bytes).unwrap().replace("STATUS:NEEDS-ACTION", "STATUS:IN-PROCESS");
    let mut going_on = task_of(read_item(elsewhere.as_bytes()).unwrap());
    assert_eq!(going_on.status, TaskStatus::InProgress);
    // The next edit of the state takes the note along.
    going_on.status = TaskStatus::NotStarted;
    let written = text_of(&going_on, Some(elsewhere.as_bytes()), &settings());
    assert!(!written.contains("X-DOVETAIL-STATUS"), "{written}");
}

#[test]
fn progress_is_read_however_little_of_it_is_said() {
    let of = |lines: &str| {
        let body =
            format!("BEGIN:VCALENDAR\r\nBEGIN:VTODO\r\nUID:x\r\n{lines}END:VTODO\r\nEND:VCALENDAR\r\n");
        let task = task_of(read_item(body.as_bytes()).unwrap());
        (task.status, task.percent, task.completed.is_some())
    };
    use TaskStatus::{Complete, InProgress, NotStarted};
    for (lines, meant) in [
        ("", (NotStarted, 0, false)),
        ("PERCENT-COMPLETE:100\r\nCOMPLETED:20240501T100000Z\r\n", (Complete, 100, true)),
        ("COMPLETED:20240501T100000Z\r\n", (Complete, 100, true)),
        ("COMPLETED;TZID=GMT:20240501T100000\r\n", (Complete, 100, true)),
        ("STATUS:COMPLETED\r\n", (Complete, 100, false)),
        ("STATUS:NEEDS-ACTION\r\n", (NotStarted, 0, false)),
        ("STATUS:IN-PROCESS\r\nPERCENT-COMPLETE:40\r\n", (InProgress, 40, false)),
        ("STATUS:odd\r\n", (NotStarted, 0, false)),
    ] {
        assert_eq!(of(lines), meant, "{lines}");
    }
}

#[test]
fn a_task_that_comes_again_when_it_is_done_is_no_series() {
    let mut pattern = crate::outlook::RecurrencePattern::default();
    (pattern.interval, pattern.regenerate) = (4, true);
    let item = TaskItem {
        start_date: date(2024, 5, 10),
        is_recurring: true,
        recurrence_pattern: Some(pattern),
        ..TaskItem::default()
    };
    let task = of_outlook(item, &settings());
    assert_eq!((&task.rule, &task.regenerates), (&None, &Some(Rule::every(4, Frequency::Daily))));
    let written = text_of(&task, None, &settings());
    assert!(written.contains("X-DOVETAIL-REGENERATES:FREQ=DAILY\\;INTERVAL=4\r\n"), "{written}");
    assert!(!written.contains("RRULE"), "{written}");
    let back = holds(Dialect::Outlook, &read_item(written.as_bytes()).unwrap(), &settings());
    assert_eq!(task_of(back).regenerates, task.regenerates);
}

#[test]
fn how_tasks_repeat_crosses_or_each_side_keeps_its_own() {
    let bytes = fixture("tasksorg-subtask");
    let left = choosing(TaskOptions { recurrence: TaskRecurrence::Left, ..TaskOptions::default() });
    assert!(task("tasksorg-subtask").rule.is_some());
    let mut read_so = task_of(read(&bytes, &left).item.unwrap());
    assert_eq!(read_so.rule, None);
    read_so.summary.push('!');
    let written = text_of(&read_so, Some(&bytes), &left);
    assert!(written.contains("\nRRULE:FREQ=MONTHLY;INTERVAL=1;BYMONTHDAY=-1\r\n"), "{written}");

    let outlook = crate::outlook::write(&read_item(&bytes).unwrap(), None, &settings());
    let mut held = task_of(crate::outlook::read(&outlook, &left).item.unwrap());
    assert_eq!(held.rule, None);
    held.summary.push('!');
    let after = crate::outlook::write(&Item::Task(Box::new(held)), Some(&outlook), &left);
    let OutlookItem::Task(after) = serde_json::from_slice(&after).unwrap() else { unreachable!() };
    assert!(after.is_recurring && after.recurrence_pattern.is_some());
}

#[test]
fn occurrences_that_are_done_belong_to_their_task_and_stay_as_they_are() {
    let bytes = fixture("task-series-with-done-occurrences");
    let reading = read(&bytes, &settings());
    assert_eq!(reading.warnings, Vec::new());
    let mut plants = task_of(reading.item.unwrap());
    assert_eq!((plants.status, plants.summary.as_str()), (TaskStatus::NotStarted, "Water the plants"));
    plants.description = "Also the cactus".into();
    let written = text_of(&plants, Some(&bytes), &settings());
    let text = String::from_utf8(bytes).unwrap();
    let end = text.find("END:VTODO").unwrap();
    let expected = format!("{}DESCRIPTION:Also the cactus\r\n{}", &text[..end], &text[end..]);
    assert_eq!(unstamped(&written), unstamped(&expected));
    // Occurrences come before their series in the files of some programs.
    let (head, rest) = text.split_at(text.find("BEGIN:VTODO").unwrap());
    let parts: Vec<&str> = rest.split_inclusive("END:VTODO\r\n").collect();
    let turned = [head, parts[1], parts[2], parts[0], parts[3]].concat();
    assert_eq!(task_of(read_item(turned.as_bytes()).unwrap()), task("task-series-with-done-occurrences"));
}

#[test]
fn parents_and_children_of_a_task_outlive_every_edit_in_outlook() {
    let relations = "RELATED-TO;RELTYPE=PARENT:parent@example.com\r\n\
                     RELATED-TO;RELTYPE=CHILD;X-TITLE=\"One; two\":child-1@example.com\r\n\
                     RELATED-TO;RELTYPE=CHILD:child-2@example.com\r\n\
                     RELATED-TO;RELTYPE=FINISHTOSTART;GAP=PT1H:before@example.com\r\nrelated-to:\r\n";
    let bytes = format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VTODO\r\nUID:1\r\nDTSTAMP:20260101T000000Z\r\n{relations}\
         SUMMARY:x\r\nDTSTART;VALUE=DATE:20240405\r\nEND:VTODO\r\nEND:VCALENDAR\r\n"
    )
    .into_bytes();
    let server = read_item(&bytes).unwrap();
    let record = crate::outlook::write(&server, None, &settings());
    let base = crate::outlook::read(&record, &settings()).item.unwrap();
    let OutlookItem::Task(held) = serde_json::from_slice(&record).unwrap() else { unreachable!() };
    type Edit = fn(&mut TaskItem);
    let shown = "PARENT: parent@example.com; CHILD: child-1@example.com; CHILD: child-2@example.com; \
                 FINISHTOSTART: before@example.com";
    assert_eq!(held.user_properties.get("RELATED-TO"), Some(&shown.into()));
    let edits: [Edit; 7] = [
        |item| item.subject.push('!'),
        |item| item.body.push('!'),
        |item| (item.start_date, item.due_date) = (date(2024, 6, 1), date(2024, 6, 2)),
        |item| (item.status, item.complete, item.date_completed) = (2, true, date(2024, 6, 1)),
        |item| (item.reminder_set, item.reminder_time) = (true, datetime(2024, 4, 5, 8, 0, 0, 0)),
        |item| item.recurrence_pattern = Some(crate::outlook::RecurrencePattern::default()),
        |item| *item = TaskItem::default(),
    ];
    for (number, edit) in edits.into_iter().enumerate() {
        let mut edited = held.clone();
        edit(&mut edited);
        let edited = crate::outlook::read_item(&OutlookItem::Task(edited), &settings()).item.unwrap();
        let carried = dovetail_model::carry::carry(&base.clone().into(), &edited, &server);
        let written = String::from_utf8(rewrite(&carried, &bytes)).unwrap();
        assert!(written.as_bytes() != bytes && written.contains(relations), "{number}: {written}");
    }
}

#[test]
fn what_is_noted_of_parents_and_children_is_nobodys_edit() {
    let mut all = settings();
    all.options.calendar.custom.all = AllCustom::Mapped;
    for settings in [settings(), all] {
        let bytes = fixture("tasksorg-subtask");
        let server = read(&bytes, &settings).item.unwrap();
        let record = crate::outlook::write(&server, None, &settings);
        let base = crate::outlook::read(&record, &settings).item.unwrap();
        let OutlookItem::Task(held) = serde_json::from_slice(&record).unwrap() else { unreachable!() };
        assert_eq!(held.user_properties["RELATED-TO"], "PARENT: 7740000000000000017");
        let note = |edited: Option<&str>| {
            let mut item = held.clone();
            item.user_properties =
                edited.map(|text| ("RELATED-TO".to_owned(), text.into())).into_iter().collect();
            crate::outlook::read_item(&OutlookItem::Task(item), &settings).item.unwrap()
        };
        let holds = |item: &Item| crate::holds(crate::Dialect::ICalendar, item, &settings);
        for edited in [note(None), note(Some("")), note(Some("mine"))] {
            assert_ne!(edited, base);
            let carried = dovetail_model::carry::carry(&base.clone().into(), &edited, &server);
            assert_eq!(holds(&carried), holds(&server), "the engine writes nothing for it");
            assert_eq!(write(&carried, Some(&bytes), now(), &settings), bytes);
        }
        // What is said of them on the server comes over all the same.
        let moved = String::from_utf8(bytes).unwrap().replace("PARENT:77", "CHILD:88");
        let moved = read(moved.as_bytes(), &settings).item.unwrap();
        let carried = dovetail_model::carry::carry(&server.clone().into(), &moved, &note(Some("mine")));
        let written = crate::outlook::write(&carried, Some(&record), &settings);
        let OutlookItem::Task(written) = serde_json::from_slice(&written).unwrap() else { unreachable!() };
        assert_eq!(written.user_properties["RELATED-TO"], "CHILD: 8840000000000000017");
    }
}

#[test]
fn what_is_odd_is_told_and_stays() {
    let reading = read(&fixture("task-malformed"), &settings());
    let codes: Vec<(&str, &str)> =
        reading.warnings.iter().map(|warning| (warning.code.as_str(), warning.property.as_str())).collect();
    for told in [
        ("bad_value", "STATUS"),
        ("bad_value", "PERCENT-COMPLETE"),
        ("bad_value", "PRIORITY"),
        ("bad_value", "X-DOVETAIL-TOTAL-WORK"),
        ("bad_rule", "X-DOVETAIL-REGENERATES"),
        ("bad_trigger", "TRIGGER"),
    ] {
        assert!(codes.contains(&told), "{told:?} {codes:?}");
    }
    let odd = task_of(reading.item.unwrap());
    assert_eq!((odd.status, odd.percent, odd.total_work), (TaskStatus::NotStarted, 0, 0));
    // A day that is written as time, as some calendars have it, is read as what it means.
    assert_eq!(odd.alarms.len(), 1);
}

#[test]
fn a_contact_that_names_nobody_is_none_and_stays() {
    // The second line breaks off in its parameter, the third is empty.
    let lines = "CONTACT:Person\\, Sample\r\nCONTACT;ALTREP=\"https:\r\nCONTACT:\r\n";
    let bytes = format!(
        "BEGIN:VCALENDAR\r\nBEGIN:VTODO\r\nSUMMARY:Some day\r\n{lines}END:VTODO\r\nEND:VCALENDAR\r\n"
    )
    .into_bytes();
    let held = task_of(read_item(&bytes).unwrap());
    assert_eq!(held.contacts, ["Person, Sample"]);
    assert_eq!(text_of(&held, Some(&bytes), &settings()).into_bytes(), bytes);

    let mut wanted = held;
    wanted.contacts = vec![String::from("Someone Else"), String::from(" ")];
    let written = text_of(&wanted, Some(&bytes), &settings());
    let left: Vec<_> = written.lines().filter(|line| line.starts_with("CONTACT")).collect();
    assert_eq!(left, ["CONTACT;ALTREP=\"https:", "CONTACT:", "CONTACT:Someone Else"]);
}

fn statuses() -> impl Strategy<Value = (TaskStatus, u8)> {
    prop_oneof![
        Just((TaskStatus::NotStarted, 0)),
        (1_u8..100).prop_map(|percent| (TaskStatus::InProgress, percent)),
        Just((TaskStatus::Complete, 100)),
        (0_u8..100).prop_map(|percent| (TaskStatus::Waiting, percent)),
        (0_u8..100).prop_map(|percent| (TaskStatus::Deferred, percent)),
    ]
}

fn days() -> impl Strategy<Value = Option<When>> {
    let zones = prop_oneof![
        Just(Zone::Utc),
        Just(Zone::Floating),
        Just(Zone::named("Europe/Berlin")),
        Just(Zone::named("America/New_York")),
    ];
    prop_oneof![
        Just(None),
        (1_i8..=28).prop_map(day),
        (1_i8..=28, 0_i8..24, zones).prop_map(|(day, hour, zone)| {
            Some(When::Time { local: datetime(2024, 5, day, hour, 30, 0, 0), zone })
        }),
    ]
}

fn tasks() -> impl Strategy<Value = Task> {
    let texts = ("[ -~äß€\n]{0,20}", "[a-z,;:\\\\\"]{0,12}", proptest::collection::vec("[a-z]{1,6}", 0..3));
    let work = (0_u32..10_000, 0_u32..10_000, proptest::bool::ANY, 1_u32..5);
    (statuses(), days(), days(), texts, work, proptest::option::of(-3_000_i64..3_000)).prop_map(
        |((status, percent), start, due, (note, word, mut names), work, reminder)| {
            names.sort();
            names.dedup();
            let rule = Rule::every(work.3, Frequency::Weekly);
            let mut task = Task {
                uid: Some("generated@example.com".into()),
                summary: word.clone(),
                description: note,
                start,
                due,
                status,
                percent,
                categories: names.clone(),
                total_work: work.0,
                actual_work: work.1,
                mileage: word.clone(),
                billing: word.clone(),
                companies: word,
                contacts: names,
                ..Task::default()
            };
            *if work.2 { &mut task.rule } else { &mut task.regenerates } = Some(rule);
            task.alarms.extend(reminder.filter(|_| task.start.is_some()).map(alarm_before));
            task
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_task_is_held_by_both_sides_as_it_will_be_held_on(task in tasks()) {
        let item = Item::Task(Box::new(task));
        for settings in [settings(), choosing(TaskOptions { dates: TaskDates::Floating, ..TaskOptions::default() })] {
            for dialect in [Dialect::ICalendar, Dialect::Outlook] {
                let held = holds(dialect, &item, &settings);
                prop_assert_eq!(holds(dialect, &held, &settings), held.clone(), "{:?}", dialect);
                let bytes = crate::write(dialect, &item, None, now(), &settings);
                prop_assert_eq!(crate::write(dialect, &held, Some(&bytes), now(), &settings), bytes);
            }
        }
    }

    #[test]
    fn outlook_gets_back_what_it_gave(task in tasks()) {
        // What Outlook can hold comes back from the server as it was.
        let settings = settings();
        let own = holds(Dialect::Outlook, &Item::Task(Box::new(task)), &settings);
        let there = holds(Dialect::ICalendar, &own, &settings);
        prop_assert_eq!(holds(Dialect::Outlook, &there, &settings), own);
    }
}
