//! The public table of what crosses: `docs/mapping.md`, which the test here writes.
//!
//! The rows are in one file a kind: [`events`], [`tasks`], [`contacts`], [`lists`]. A field, property or option that is
//! new gets its row there; `UPDATE_EXPECT=1 cargo test -p dovetail-mapping table` then writes the page anew.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use dovetail_model::carry::Field;
use expect_test::expect_file;
use serde::Serialize;
use serde_json::Value;

use crate::outlook::{
    AppointmentItem, ContactItem, DistListItem, DistListMember, RecurrencePattern, TaskItem,
};

mod contacts;
mod events;
mod lists;
mod tasks;

/// What is said of one field.
struct Row {
    /// The fields of the model that the row is about; none where the item's identity or what is only kept is meant.
    fields: &'static [Field],
    /// What a person calls it.
    name: &'static str,
    /// Where it is on a server.
    server: &'static str,
    /// Where it is in Outlook: names of properties; a name that ends in `*` stands for all that begin so.
    outlook: &'static str,
    /// The options that change how it crosses, by their keys.
    options: &'static [&'static str],
    /// What one side cannot hold of it, and what becomes of that.
    lost: &'static str,
}

/// A kind of items.
struct Kind {
    title: &'static str,
    /// What the server's items are written in.
    dialect: &'static str,
    /// Outlook's name for an item.
    record: &'static str,
    rows: &'static [Row],
    /// What is kept where it is though it has no field.
    kept: &'static str,
}

const KINDS: [&Kind; 4] = [&events::KIND, &tasks::KIND, &contacts::KIND, &lists::KIND];

const OPENING: &str = "\
# What crosses

The table of fields: where each is on a server and in Outlook, the options that change how it crosses, and what one side
cannot hold of it. What a side cannot hold stays on the other: it is never erased by an edit of anything else, and
`verify` counts it as no difference. This page is written by a test (`crates/mapping/src/table.rs`).

An option that switches a field off leaves it alone on both sides: nothing of it crosses, and neither side is emptied.
";

fn page() -> String {
    let mut page = OPENING.to_owned();
    for kind in KINDS {
        let _ = write!(
            page,
            "\n## {}\n\n| field | {} | Outlook ({}) | options | what a side cannot hold |\n|---|---|---|---|---|\n",
            kind.title, kind.dialect, kind.record
        );
        for row in kind.rows {
            let options: Vec<_> = row.options.iter().map(|key| format!("`{key}`")).collect();
            let cells = [row.name, row.server, row.outlook, &options.join(", "), row.lost];
            let _ = writeln!(page, "| {} |", cells.map(|cell| cell.replace('|', "\\|")).join(" | "));
        }
        let _ = write!(page, "\n{}\n", kind.kept);
    }
    page
}

#[test]
fn the_table_of_fields_is_up_to_date() {
    expect_file!["../../../docs/mapping.md"].assert_eq(&page());
}

#[test]
fn every_field_of_the_model_has_a_row() {
    let told: BTreeSet<Field> =
        KINDS.iter().flat_map(|kind| kind.rows).flat_map(|row| row.fields).copied().collect();
    let missing: Vec<_> = Field::ALL.into_iter().filter(|field| !told.contains(field)).collect();
    assert_eq!(missing, []);
}

#[test]
fn every_property_of_outlooks_records_has_a_row() {
    let recurrence = names(&RecurrencePattern::default());
    let records = [
        (&events::KIND, [names(&AppointmentItem::default()), recurrence.clone()].concat()),
        (&tasks::KIND, [names(&TaskItem::default()), recurrence].concat()),
        (&contacts::KIND, names(&ContactItem::default())),
        (&lists::KIND, [names(&DistListItem::default()), names(&DistListMember::default())].concat()),
    ];
    for (kind, properties) in records {
        let words =
            || kind.rows.iter().flat_map(|row| row.outlook.split([' ', ',', ';', ':', '(', ')', '.']));
        let is_told = |name: &String| {
            words().any(|word| match word.strip_suffix('*') {
                Some(start) => !start.is_empty() && name.starts_with(start),
                None => word == name,
            })
        };
        let missing: Vec<_> = properties.into_iter().filter(|name| !is_told(name)).collect();
        assert_eq!(missing, Vec::<String>::new(), "{}", kind.title);
    }
}

fn names(record: &impl Serialize) -> Vec<String> {
    match serde_json::to_value(record).unwrap() {
        Value::Object(record) => record.keys().cloned().collect(),
        other => panic!("{other}"),
    }
}
