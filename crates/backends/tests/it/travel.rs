//! A contact that says something in each of its properties, from a mailbox to a server and on to a second mailbox. What
//! arrives is compared property by property.

use dovetail_mapping::outlook::{ContactItem, OutlookItem};
use dovetail_model::Kind;
use dovetail_testkit::servers::{CYRUS, RADICALE, SOGO};
use serde_json::{Map, Value};

use super::in_step::Steps;
use super::{dav, mailbox, noon, store};

fn properties(item: &ContactItem) -> Map<String, Value> {
    match serde_json::to_value(item).unwrap() {
        Value::Object(properties) => properties,
        other => panic!("{other}"),
    }
}

/// A value for a property.
fn value(name: &str, before: &Value) -> Value {
    let text = |text: String| Value::from(text);
    match (name, before) {
        ("Gender", _) => Value::from(1),
        // Personal is nothing that a card can say.
        ("SelectedMailingAddress" | "Sensitivity", _) => Value::from(2),
        ("Birthday" | "Anniversary", _) => text("1990-02-17".into()),
        ("NickName" | "Children" | "Categories", _) => text(format!("{name} A, {name} B")),
        ("IMAddress", _) => text("joe; Skype: j.d; Jabber: a@example.com".into()),
        // What is between quotes may hold anything.
        ("Email1DisplayName", _) => text("Person, Sample".into()),
        ("Email2DisplayName", _) => text("Office; second".into()),
        ("ContactPicture", _) => {
            text("/9j/4AAQSkZJRgABAQAAAQABAAAAAQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHw==".into())
        }
        ("UserX509Certificate", _) => {
            Value::from(vec!["AQAIAAEAAAADAAkAMAMBAgMGAAgAAQAAACAACAAHAAAAAgAEAA=="])
        }
        ("Body", _) => text("Line one\r\nLine; two, äöü".into()),
        _ if name.ends_with("Street") => text(format!("{name} 1\r\nBackyard")),
        _ if name.starts_with("Email") && name.ends_with("Address") => {
            text(format!("{}@example.com", name.to_lowercase()))
        }
        _ if name.ends_with("Page") || name == "InternetFreeBusyAddress" => {
            text(format!("https://example.com/{name}"))
        }
        _ if name.ends_with("Number") && name != "CustomerID" && !name.ends_with("IDNumber") => {
            text(format!("+49 555 {}", 1000 + name.bytes().map(usize::from).sum::<usize>()))
        }
        _ => text(format!("{name}; ß")),
    }
}

fn full_record() -> ContactItem {
    let mut all = properties(&ContactItem::default());
    for (name, property) in &mut all {
        *property = value(name, property);
    }
    serde_json::from_value(Value::Object(all)).unwrap()
}

/// What does not arrive: how an entry is filed no server is told.
fn stays(server: &str, name: &str) -> bool {
    match (server, name) {
        (_, "FileAs") => true,
        // QUIRK(nicknames: radicale): of a list of nicknames it keeps the first.
        ("radicale", "NickName") => true,
        _ => false,
    }
}

/// Whether that is what the server is known to leave of a value.
fn is_cut(server: &str, name: &str, value: &Value, arrived: &Value) -> bool {
    // QUIRK(semicolons: sogo): it puts a backslash before a semicolon in a parameter, which then ends it, though it is quoted.
    let names_an_address = name.starts_with("Email") && name.ends_with("DisplayName");
    let cut = value.as_str().and_then(|text| text.split_once(';')).map(|(kept, _)| format!("{kept}\\"));
    server == "sogo" && names_an_address && cut.is_some() && arrived.as_str() == cut.as_deref()
}

/// A value whatever the order of its entries: some servers sort the lines of a card.
fn unordered(value: &Value) -> Vec<String> {
    let text = value.to_string();
    let mut entries: Vec<String> =
        text.trim_matches('"').split([',', ';']).map(|it| it.trim().to_owned()).collect();
    entries.sort();
    entries
}

#[test]
#[allow(clippy::disallowed_macros, reason = "the table is what is shown of the test")]
fn a_second_mailbox_gets_every_property_from_each_server() {
    let record = full_record();
    let mut columns: Vec<(&str, Map<String, Value>)> = Vec::new();
    for server in [RADICALE, CYRUS, SOGO].into_iter().filter_map(|product| product.start()) {
        let arrived: Vec<OutlookItem> = {
            let (files, first) = mailbox();
            first.add("Contacts", &OutlookItem::Contact(Box::new(record.clone())), noon()).unwrap();
            Steps::new(
                Kind::Contact,
                store(&first, "Contacts"),
                dav(&server, Kind::Contact, "contacts"),
                files.path(),
            )
            .run();
            let (files, second) = mailbox();
            let mut steps = Steps::new(
                Kind::Contact,
                store(&second, "Contacts"),
                dav(&server, Kind::Contact, "contacts"),
                files.path(),
            );
            steps.run();
            steps.at_rest();
            let rows = second.items("Contacts").unwrap();
            rows.iter().map(|row| second.item(&row.entry_id).unwrap().item).collect()
        };
        let [OutlookItem::Contact(arrived)] = arrived.as_slice() else { panic!("{arrived:?}") };
        columns.push((server.product.name, properties(arrived)));
    }
    let mut differing = Vec::new();
    let names = columns.iter().map(|(name, _)| format!("{name:12}")).collect::<String>();
    println!("{:36}{names}", "property");
    for (name, value) in properties(&record) {
        let arrived = columns.iter().map(|(server, arrived)| {
            match arrived.get(&name).is_some_and(|it| unordered(it) == unordered(&value)) {
                true => "arrives",
                false if stays(server, &name) => "stays",
                false if is_cut(server, &name, &value, &arrived[&name]) => "is cut",
                false => {
                    differing.push(format!("{server}: {name}: {value} became {}", arrived[&name]));
                    "DIFFERS"
                }
            }
        });
        let cells = arrived.map(|cell| format!("{cell:12}")).collect::<String>();
        println!("{name:36}{cells}");
    }
    assert_eq!(differing, Vec::<String>::new());
}
