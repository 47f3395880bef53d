//! Each option in both positions, over both lenses.

use dovetail_model::item::{Priority, Sensitivity};
use dovetail_model::{Event, Item, Task, Zone};
use jiff::Timestamp;

use super::*;
use crate::{Dialect, Settings, read, write};

fn settings(options: CalendarOptions) -> Settings {
    let mut settings = Settings::new(Zone::Utc, "-//Example//EN");
    settings.options.calendar = options;
    settings.own_address = Some("me@example.com".into());
    settings
}

fn calendar(kind: &str, lines: &str) -> Vec<u8> {
    let lines = lines.replace('\n', "\r\n");
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:{kind}\r\nUID:one\r\nDTSTAMP:20260101T000000Z\r\n\
         DTSTART:20260302T090000Z\r\n{lines}\r\nEND:{kind}\r\nEND:VCALENDAR\r\n"
    )
    .into_bytes()
}

const KINDS: [&str; 2] = ["VEVENT", "VTODO"];

fn item(dialect: Dialect, original: &[u8], settings: &Settings) -> Item {
    read(dialect, original, settings).item.expect("there is an item")
}

fn written(dialect: Dialect, item: &Item, from: Option<&[u8]>, settings: &Settings) -> String {
    let now = "2026-06-01T12:00:00Z".parse::<Timestamp>().expect("a time");
    String::from_utf8(write(dialect, item, from, now, settings)).expect("text")
}

/// Changes what events and tasks have in common.
fn change(item: &mut Item, text: &str, priority: u8, class: Sensitivity) {
    match item {
        Item::Event(event) => {
            event.main.description = text.to_owned();
            (event.main.priority, event.main.sensitivity) = (Priority(priority), class);
        }
        Item::Task(task) => {
            task.description = text.to_owned();
            (task.priority, task.sensitivity) = (Priority(priority), class);
        }
        other => panic!("{other:?}"),
    }
}

fn fields(item: &Item) -> (String, u8, Sensitivity) {
    match item {
        Item::Event(event) => (event.main.description.clone(), event.main.priority.0, event.main.sensitivity),
        Item::Task(task) => (task.description.clone(), task.priority.0, task.sensitivity),
        other => panic!("{other:?}"),
    }
}

fn blank(kind: &str) -> Item {
    match kind {
        "VEVENT" => Item::Event(Box::<Event>::default()),
        _ => Item::Task(Box::<Task>::default()),
    }
}

/// One of each kind as Outlook has it, with a text and of high importance.
fn in_outlook(kind: &str) -> Vec<u8> {
    let mut item = blank(kind);
    change(&mut item, "As it was", 1, Sensitivity::Public);
    written(Dialect::Outlook, &item, None, &settings(CalendarOptions::default())).into_bytes()
}

#[test]
fn a_text_travels_or_stays_where_it_is_and_is_emptied_on_neither_side() {
    for kind in KINDS {
        let server =
            calendar(kind, "DESCRIPTION:On the server\nX-ALT-DESC;FMTTYPE=text/html:<b>On the server</b>");
        let outlook = in_outlook(kind);
        for (body, travels) in [(Mapped::Yes, true), (Mapped::No, false)] {
            let settings = settings(CalendarOptions { body, ..CalendarOptions::default() });
            for (dialect, original, own) in
                [(Dialect::ICalendar, &server, "On the server"), (Dialect::Outlook, &outlook, "As it was")]
            {
                let mut item = item(dialect, original, &settings);
                let seen = fields(&item).0;
                assert_eq!(seen, if travels { own } else { "" }, "{kind} {dialect:?}");
                let priority = fields(&item).1;
                change(&mut item, "Changed", priority, Sensitivity::Public);
                let after = written(dialect, &item, Some(original), &settings);
                assert_eq!(after.contains("Changed"), travels, "{kind} {dialect:?} {after}");
                assert_eq!(after.contains(own), !travels, "{kind} {dialect:?} {after}");
                let anew = written(dialect, &item, None, &settings);
                assert_eq!(anew.contains("Changed"), travels, "{kind} {dialect:?} {anew}");
            }
        }
    }
}

#[test]
fn a_priority_travels_or_stays_where_it_is() {
    for kind in KINDS {
        let server = calendar(kind, "PRIORITY:1");
        let outlook = in_outlook(kind);
        for (priority, travels) in [(Mapped::Yes, true), (Mapped::No, false)] {
            let settings = settings(CalendarOptions { priority, ..CalendarOptions::default() });
            let mut own = item(Dialect::ICalendar, &server, &settings);
            assert_eq!(fields(&own).1, if travels { 1 } else { 0 });
            change(&mut own, "", 9, Sensitivity::Public);
            let after = written(Dialect::ICalendar, &own, Some(&server), &settings);
            assert!(after.contains(if travels { "PRIORITY:9" } else { "PRIORITY:1" }), "{kind} {after}");
            let mut own = item(Dialect::Outlook, &outlook, &settings);
            change(&mut own, "As it was", 9, Sensitivity::Public);
            let after = written(Dialect::Outlook, &own, Some(&outlook), &settings);
            let importance = if travels { "\"Importance\":0" } else { "\"Importance\":2" };
            assert!(after.contains(importance), "{kind} {after}");
        }
    }
}

/// Properties of the user's own.
fn own(item: &Item) -> Vec<(&str, &str)> {
    let all = match item {
        Item::Event(event) => &event.main.custom,
        Item::Task(task) => &task.custom,
        other => panic!("{other:?}"),
    };
    all.iter().map(|own| (own.name.as_str(), own.value.as_str())).collect()
}

#[test]
fn properties_of_ones_own_travel_by_a_rule_or_by_name_or_stay_where_they_are() {
    const RULE: &str = "X-CALDAVSYNCHRONIZER-SHADE:green\\, dark";
    const PAIR: &str = "X-PROJECT;X-P=1:Seven";
    let pairs = vec![("Project".to_owned(), "X-PROJECT".to_owned())];
    type Case<'c> = (AllCustom, &'c [(String, String)], &'c [(&'c str, &'c str)]);
    let cases: [Case<'_>; 4] = [
        (AllCustom::Left, &[], &[]),
        (AllCustom::Mapped, &[], &[("SHADE", "green, dark")]),
        (AllCustom::Left, &pairs, &[("Project", "Seven")]),
        (AllCustom::Mapped, &pairs, &[("SHADE", "green, dark"), ("Project", "Seven")]),
    ];
    for (kind, (all, pairs, crossing)) in KINDS.into_iter().flat_map(|kind| cases.map(|case| (kind, case))) {
        let context = format!("{kind} {all:?} {pairs:?}");
        let custom = CustomProperties { all, pairs: pairs.to_vec() };
        let settings = settings(CalendarOptions { custom, ..CalendarOptions::default() });
        let server = calendar(kind, &format!("{RULE}\n{PAIR}\nX-OTHER:other"));
        let on_server = item(Dialect::ICalendar, &server, &settings);
        assert_eq!(own(&on_server), crossing, "{context}");

        // Into Outlook, and from there to a server that has none of it.
        let record = written(Dialect::Outlook, &on_server, None, &settings);
        let in_outlook = item(Dialect::Outlook, record.as_bytes(), &settings);
        let sorted = |item: &Item| {
            own(item)
                .into_iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect::<std::collections::BTreeSet<_>>()
        };
        assert_eq!(sorted(&in_outlook), sorted(&on_server), "{context}");
        let anew = written(Dialect::ICalendar, &in_outlook, None, &settings);
        let is_crossing = |name| crossing.iter().any(|own| own.0 == name);
        assert_eq!(anew.contains(&format!("\r\n{RULE}\r\n")), is_crossing("SHADE"), "{context}\n{anew}");
        assert_eq!(anew.contains("\r\nX-PROJECT:Seven\r\n"), is_crossing("Project"), "{context}\n{anew}");

        // What does not cross outlives an edit on either side, and so does what is no text.
        let mut edited = on_server.clone();
        change(&mut edited, "New", 1, Sensitivity::Private);
        let after = written(Dialect::ICalendar, &edited, Some(&server), &settings);
        for line in [RULE, PAIR, "X-OTHER:other"] {
            assert!(after.contains(&format!("\r\n{line}\r\n")), "{context}\n{after}");
        }
        let mut record: serde_json::Value = serde_json::from_str(&record).expect("JSON");
        let own = serde_json::json!({ "Shade": "red", "Project": "Eight", "Count": 3, "Ä": "odd" });
        record["UserProperties"] = own.clone();
        let record = record.to_string();
        let mut edited = item(Dialect::Outlook, record.as_bytes(), &settings);
        change(&mut edited, "New", 1, Sensitivity::Private);
        let after = written(Dialect::Outlook, &edited, Some(record.as_bytes()), &settings);
        let after: serde_json::Value = serde_json::from_str(&after).expect("JSON");
        assert_eq!(after["UserProperties"], own, "{context}");
    }
}

#[test]
fn a_class_is_read_as_chosen() {
    use Sensitivity::{Confidential, Private, Public};
    let usual = CalendarOptions::default();
    let confidential_as = ConfidentialAs::Private;
    let public_as = PublicAs::Private;
    let cases = [
        (usual.clone(), [Public, Public, Private, Confidential, Private]),
        (CalendarOptions { confidential_as, ..usual.clone() }, [Public, Public, Private, Private, Private]),
        (CalendarOptions { public_as, ..usual }, [Private, Private, Private, Confidential, Private]),
    ];
    for kind in KINDS {
        for (options, wanted) in &cases {
            let settings = settings(options.clone());
            let lines = ["X-NONE:1", "CLASS:PUBLIC", "CLASS:PRIVATE", "CLASS:Confidential", "CLASS:X-SECRET"];
            for (line, class) in lines.iter().zip(wanted) {
                let server = calendar(kind, line);
                let read = item(Dialect::ICalendar, &server, &settings);
                assert_eq!(fields(&read).2, *class, "{line} {options:?}");
                let after = written(Dialect::ICalendar, &read, Some(&server), &settings);
                assert_eq!(after.as_bytes(), server, "{line} {options:?}");
            }
        }
    }
}

#[test]
fn a_class_is_written_as_chosen() {
    let usual = CalendarOptions::default();
    let private_as = PrivateAs::Confidential;
    let public_class = PublicClass::Omitted;
    let cases = [
        (usual.clone(), [Some("PUBLIC"), Some("PRIVATE"), Some("PRIVATE"), Some("CONFIDENTIAL")]),
        (
            CalendarOptions { private_as, ..usual.clone() },
            [Some("PUBLIC"), Some("CONFIDENTIAL"), Some("CONFIDENTIAL"), Some("CONFIDENTIAL")],
        ),
        (
            CalendarOptions { public_class, ..usual },
            [None, Some("PRIVATE"), Some("PRIVATE"), Some("CONFIDENTIAL")],
        ),
    ];
    use Sensitivity::{Confidential, Personal, Private, Public};
    for kind in KINDS {
        for (options, wanted) in &cases {
            let settings = settings(options.clone());
            let before = calendar(kind, "CLASS:X-OTHER\nSUMMARY:One");
            for (class, wanted) in [Public, Personal, Private, Confidential].into_iter().zip(wanted) {
                let mut item = blank(kind);
                change(&mut item, "", 0, class);
                // What is not known is private already, and stays what it is called.
                let from = (!matches!(class, Personal | Private)).then_some(before.as_slice());
                for from in [None, from] {
                    let after = written(Dialect::ICalendar, &item, from, &settings);
                    let line = after.lines().find_map(|line| line.strip_prefix("CLASS:"));
                    assert_eq!(line, *wanted, "{class:?} {options:?}\n{after}");
                }
            }
        }
    }
}

/// The stamps of the first component.
fn stamps(text: &str) -> [Option<&str>; 4] {
    ["DTSTAMP:", "CREATED:", "LAST-MODIFIED:", "SEQUENCE:"]
        .map(|name| text.lines().find_map(|line| line.strip_prefix(name)))
}

#[test]
fn a_revision_is_stamped_and_counted_where_the_invited_have_to_hear_of_it() {
    let now = Some("20260601T120000Z");
    let mine = "ORGANIZER:mailto:ME@example.com";
    let cases = [
        // What stands there, what the text and the class become, and whether it is cancelled; the number then.
        ("SEQUENCE:4", "", false, Some("4")),
        ("SEQUENCE:4", "New", false, Some("4")),
        ("SEQUENCE:4", "New", true, Some("5")),
        ("SUMMARY:Uncounted", "New", true, None),
        (mine, "New", true, Some("1")),
        (mine, "New", false, None),
        ("SEQUENCE:4\nORGANIZER:mailto:other@example.com", "New", true, Some("4")),
    ];
    for (lines, text, cancelled, number) in cases {
        let server = calendar("VEVENT", &format!("CREATED:20200101T000000Z\n{lines}"));
        let settings = settings(CalendarOptions::default());
        let Item::Event(mut event) = item(Dialect::ICalendar, &server, &settings) else { panic!("{lines}") };
        event.main.description = text.to_owned();
        if cancelled {
            event.main.status = dovetail_model::event::EventStatus::Cancelled;
        }
        let is_edited = cancelled || !text.is_empty();
        let after = written(Dialect::ICalendar, &Item::Event(event), Some(&server), &settings);
        let expected = match is_edited {
            true => [now, Some("20200101T000000Z"), now, number],
            false => [Some("20260101T000000Z"), Some("20200101T000000Z"), None, number],
        };
        assert_eq!(stamps(&after), expected, "{lines} {text} {cancelled}\n{after}");
    }
    let anew = written(Dialect::ICalendar, &blank("VEVENT"), None, &settings(CalendarOptions::default()));
    assert_eq!(stamps(&anew), [now, now, now, None]);
}

#[test]
fn transp_that_says_otherwise_was_changed_by_somebody_who_knows_nothing_else() {
    use dovetail_model::event::Busy;
    let cases = [
        ("X-MICROSOFT-CDO-BUSYSTATUS:OOF", Busy::OutOfOffice),
        ("X-MICROSOFT-CDO-BUSYSTATUS:OOF\nTRANSP:OPAQUE", Busy::OutOfOffice),
        ("X-MICROSOFT-CDO-BUSYSTATUS:OOF\nTRANSP:TRANSPARENT", Busy::Free),
        ("X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE\nTRANSP:TRANSPARENT", Busy::Free),
        ("X-MICROSOFT-CDO-BUSYSTATUS:FREE\nTRANSP:OPAQUE", Busy::Busy),
        ("X-MICROSOFT-CDO-BUSYSTATUS:FREE\nTRANSP:TRANSPARENT", Busy::Free),
        ("X-MICROSOFT-CDO-BUSYSTATUS:WORKINGELSEWHERE\nTRANSP:TRANSPARENT", Busy::WorkingElsewhere),
        ("X-MICROSOFT-CDO-BUSYSTATUS:SOMETHING", Busy::Busy),
    ];
    let settings = settings(CalendarOptions::default());
    for (lines, busy) in cases {
        let server = calendar("VEVENT", lines);
        let Item::Event(event) = item(Dialect::ICalendar, &server, &settings) else { panic!("{lines}") };
        assert_eq!(event.main.busy, busy, "{lines}");
        let after = written(Dialect::ICalendar, &Item::Event(event), Some(&server), &settings);
        assert_eq!(after.as_bytes(), server, "{lines}");
    }
}

fn categories(lines: &str, settings: &Settings) -> Vec<String> {
    let Item::Event(event) = item(Dialect::ICalendar, &calendar("VEVENT", lines), settings) else { panic!() };
    event.main.categories
}

/// The lines that say categories and colours after an edit.
fn colored(lines: &str, names: &[&str], settings: &Settings) -> Vec<String> {
    let server = calendar("VEVENT", lines);
    let Item::Event(mut event) = item(Dialect::ICalendar, &server, settings) else { panic!() };
    event.main.categories = names.iter().map(|name| (*name).to_owned()).collect();
    let after = written(Dialect::ICalendar, &Item::Event(event), Some(&server), settings);
    let says = |line: &&str| line.starts_with("CATEGORIES") || line.starts_with("COLOR");
    after.lines().filter(says).map(str::to_owned).collect()
}

fn with_categories(color: Mapped) -> Settings {
    let mut settings = settings(CalendarOptions { color, ..CalendarOptions::default() });
    let category = |name: &str, color| crate::ColoredCategory { name: name.to_owned(), color };
    settings.categories = vec![category("Work", 8), category("Away", 8), category("Home", 1)];
    settings
}

#[test]
fn a_colour_stands_for_a_category_or_is_left_alone() {
    let mapped = with_categories(Mapped::Yes);
    for (lines, names) in [
        ("COLOR:blue", &["Work"][..]),
        ("COLOR:dodgerblue\nCATEGORIES:Garden", &["Work", "Garden"]),
        ("COLOR:BLUE\nCATEGORIES:Garden,away", &["Garden", "away"]),
        ("COLOR:#ff0000", &["Home"]),
        ("COLOR:turquoise", &["lightseagreen"]),
        ("COLOR:white\nCATEGORIES:Garden", &["Garden"]),
        ("COLOR:rainbow", &[]),
    ] {
        assert_eq!(categories(lines, &mapped), names, "{lines}");
        let server = calendar("VEVENT", lines);
        let read = item(Dialect::ICalendar, &server, &mapped);
        assert_eq!(written(Dialect::ICalendar, &read, Some(&server), &mapped).as_bytes(), server, "{lines}");
    }
    for (lines, names, wanted) in [
        ("COLOR:dodgerblue", &["Work", "Garden"][..], &["COLOR:dodgerblue", "CATEGORIES:Garden"][..]),
        ("COLOR:dodgerblue", &["Garden"], &["CATEGORIES:Garden"]),
        ("COLOR:blue", &["Home"], &["COLOR:red", "CATEGORIES:Home"]),
        ("CATEGORIES:Garden", &["Garden", "Home"], &["CATEGORIES:Garden,Home", "COLOR:red"]),
        ("CATEGORIES:Garden", &["Garden", "darkgreen"], &["CATEGORIES:Garden", "COLOR:darkgreen"]),
        (
            "COLOR:blue\nCATEGORIES:Garden",
            &["Work", "Home", "Garden"],
            &["COLOR:blue", "CATEGORIES:Garden,Home"],
        ),
    ] {
        assert_eq!(colored(lines, names, &mapped), wanted, "{lines} {names:?}");
    }

    let left = with_categories(Mapped::No);
    assert_eq!(categories("COLOR:blue\nCATEGORIES:Garden", &left), ["Garden"]);
    assert_eq!(colored("COLOR:blue\nCATEGORIES:Garden", &["Home"], &left), ["COLOR:blue", "CATEGORIES:Home"]);
}

#[test]
fn each_colour_comes_back_as_it_was() {
    for known in &crate::color::CATEGORY_COLORS {
        for name in [known.css, "cat1"] {
            let mut settings = with_categories(Mapped::Yes);
            settings.categories.clear();
            if name == "cat1" {
                settings.categories.push(crate::ColoredCategory { name: name.into(), color: known.number });
            }
            let lines = format!("COLOR:{}", known.css);
            assert_eq!(categories(&lines, &settings), [name]);
            assert!(colored("SUMMARY:x", &[name], &settings).contains(&lines), "{name} {lines}");
        }
    }
}

/// The names and texts of the user's own properties, in order.
fn own_properties(item: &Item) -> Vec<(String, String)> {
    let all = match item {
        Item::Event(event) => &event.main.custom,
        Item::Task(task) => &task.custom,
        other => panic!("{other:?}"),
    };
    let mut all: Vec<_> = all.iter().map(|own| (own.name.clone(), own.value.clone())).collect();
    all.sort();
    all
}

#[test]
fn properties_of_ones_own_cross_all_of_them_or_by_pairs_or_not_at_all() {
    let pairs = || vec![("Project".to_owned(), "X-PROJECT".to_owned())];
    // Whether all cross, the pairs; what of the server's is seen, and under which names Outlook's are written there.
    let cases: [(AllCustom, _, &[&str], &[&str]); 4] = [
        (AllCustom::Left, Vec::new(), &[], &[]),
        (AllCustom::Left, pairs(), &["Project"], &["X-PROJECT"]),
        (
            AllCustom::Mapped,
            Vec::new(),
            &["Customer", "Project"],
            &["X-CALDAVSYNCHRONIZER-Customer", "X-CALDAVSYNCHRONIZER-Project"],
        ),
        // A pair overrules the general rule for its property.
        (
            AllCustom::Mapped,
            pairs(),
            &["Customer", "Project"],
            &["X-CALDAVSYNCHRONIZER-Customer", "X-PROJECT"],
        ),
    ];
    for kind in KINDS {
        for (all, pairs, seen, written_as) in cases.clone() {
            let custom = CustomProperties { all, pairs };
            let settings = settings(CalendarOptions { custom: custom.clone(), ..CalendarOptions::default() });
            let server = calendar(
                kind,
                "X-PROJECT:by pair\nX-CALDAVSYNCHRONIZER-Project:by rule\nX-CALDAVSYNCHRONIZER-Customer:Beta\nX-OTHER:kept",
            );
            let mut on_server = item(Dialect::ICalendar, &server, &settings);
            let names: Vec<String> = own_properties(&on_server).into_iter().map(|own| own.0).collect();
            assert_eq!(names, seen, "{kind} {custom:?}");
            let of_project = if custom.pairs.is_empty() { "by rule" } else { "by pair" };
            let project = own_properties(&on_server).into_iter().find(|own| own.0 == "Project");
            assert!(project.is_none_or(|own| own.1 == of_project), "{kind} {custom:?}");

            // To Outlook, and what is edited there back; the rest stays.
            let record = written(Dialect::Outlook, &on_server, None, &settings);
            let in_outlook = item(Dialect::Outlook, record.as_bytes(), &settings);
            assert_eq!(own_properties(&in_outlook), own_properties(&on_server), "{kind} {custom:?}");
            let own = match &mut on_server {
                Item::Event(event) => &mut event.main.custom,
                Item::Task(task) => &mut task.custom,
                other => panic!("{other:?}"),
            };
            own.iter_mut().for_each(|own| own.value = format!("new {}", own.name));
            let after = written(Dialect::ICalendar, &on_server, Some(&server), &settings);
            for line in ["X-PROJECT", "X-CALDAVSYNCHRONIZER-Project", "X-CALDAVSYNCHRONIZER-Customer"] {
                let is_new = after.lines().any(|it| it.starts_with(&format!("{line}:new ")));
                assert_eq!(is_new, written_as.contains(&line), "{kind} {custom:?} {line}\n{after}");
            }
            assert!(after.contains("X-OTHER:kept"), "{after}");

            // What a user has in Outlook alone stays there where it does not cross.
            let mut record: serde_json::Value = serde_json::from_str(&record).expect("JSON");
            record["UserProperties"] = serde_json::json!({"Project": "Alpha", "Customer": "Beta"});
            let record = serde_json::to_vec(&record).expect("JSON");
            let mut edited = item(Dialect::Outlook, &record, &settings);
            let names: Vec<String> = own_properties(&edited).into_iter().map(|own| own.0).collect();
            assert_eq!(names, seen, "{kind} {custom:?}");
            change(&mut edited, "Another text", 0, Sensitivity::Public);
            let after = written(Dialect::Outlook, &edited, Some(&record), &settings);
            assert!(
                after.contains("\"Project\":\"Alpha\"") && after.contains("\"Customer\":\"Beta\""),
                "{after}"
            );
        }
    }
}

#[test]
fn the_note_of_a_tasks_relations_is_nobodys_property_however_it_is_spelled() {
    const OWN: &str = "X-CALDAVSYNCHRONIZER-RELATED-TO:by rule";
    let lines = format!("RELATED-TO:parent\n{OWN}\nX-MINE:by pair");
    let pair = |outlook: &str| vec![(outlook.to_owned(), "X-MINE".to_owned())];
    type Case<'c> = (&'c str, AllCustom, Vec<(String, String)>, &'c [(&'c str, &'c str)], &'c [&'c str]);
    // What is seen of the server, and where `Related-To` of Outlook is written.
    let cases: [Case<'_>; 6] = [
        ("VTODO", AllCustom::Left, Vec::new(), &[("RELATED-TO", "PARENT: parent")], &[]),
        ("VTODO", AllCustom::Mapped, Vec::new(), &[("RELATED-TO", "PARENT: parent")], &[]),
        ("VTODO", AllCustom::Mapped, pair("related-to"), &[("related-to", "by pair")], &["X-MINE"]),
        ("VEVENT", AllCustom::Left, Vec::new(), &[], &[]),
        (
            "VEVENT",
            AllCustom::Mapped,
            Vec::new(),
            &[("RELATED-TO", "by rule")],
            &["X-CALDAVSYNCHRONIZER-RELATED-TO"],
        ),
        ("VEVENT", AllCustom::Mapped, pair("related-to"), &[("related-to", "by pair")], &["X-MINE"]),
    ];
    for (kind, all, pairs, seen, written_as) in cases {
        let context = format!("{kind} {all:?} {pairs:?}");
        let custom = CustomProperties { all, pairs };
        let settings = settings(CalendarOptions { custom, ..CalendarOptions::default() });
        let server = calendar(kind, &lines);
        let on_server = item(Dialect::ICalendar, &server, &settings);
        assert_eq!(own(&on_server), seen, "{context}");

        let record = written(Dialect::Outlook, &on_server, None, &settings);
        let mut record: serde_json::Value = serde_json::from_str(&record).expect("JSON");
        record["UserProperties"] = serde_json::json!({ "Related-To": "mine" });
        let record = serde_json::to_vec(&record).expect("JSON");
        let in_outlook = item(Dialect::Outlook, &record, &settings);
        let after = written(Dialect::ICalendar, &in_outlook, Some(&server), &settings);
        let mine: Vec<&str> = after.lines().filter_map(|line| line.strip_suffix(":mine")).collect();
        assert_eq!(mine, written_as, "{context}\n{after}");
        assert!(after.contains("\r\nRELATED-TO:parent\r\n"), "{context}\n{after}");

        // There is one property of the name, and what is not seen of it stays.
        let again = written(Dialect::Outlook, &on_server, Some(&record), &settings);
        let again: serde_json::Value = serde_json::from_str(&again).expect("JSON");
        let text = seen.first().map_or("mine", |(_, text)| text);
        assert_eq!(again["UserProperties"], serde_json::json!({ "Related-To": text }), "{context}");
    }
}
