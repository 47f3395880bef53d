//! What one mailbox has and another one gets, property by property: a table.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::home::Home;

/// The properties of an entry.
pub(crate) fn properties(home: &Home, folder: &str, title: &str) -> Map<String, Value> {
    let shown = home.json(&["outlook", "show", &home.id_of(folder, title)]);
    shown["properties"].as_object().unwrap_or_else(|| panic!("{shown}")).clone()
}

/// Prints what two mailboxes have of some entries, which came through a server; the rows in which they differ are returned. Members of lists are a set.
/// `own` are properties of which each mailbox has its own.
#[expect(clippy::disallowed_macros, reason = "the table is what is shown of the test")]
pub(crate) fn differing(
    through: &str,
    homes: [&Home; 2],
    (folder, titles): (&str, &[&str]),
    own: &[&str],
) -> Vec<String> {
    let mut differing = Vec::new();
    println!("| entry | property | the first mailbox | the second, through {through} | |");
    for title in titles {
        let [here, mut there] = homes.map(|home| properties(home, folder, title));
        for (name, value) in here {
            let found = there.remove(&name).unwrap_or(Value::Null);
            let is_same = as_set(&value) == as_set(&found) || own.contains(&name.as_str());
            let row = format!("{title} | {name} | {} | {}", short(&value), short(&found));
            println!("| {row} | {} |", if is_same { "" } else { "differs" });
            differing.extend((!is_same).then_some(row));
        }
        differing.extend(there.into_iter().map(|(name, value)| format!("{title} | {name} | | {value}")));
    }
    differing
}

/// The properties of a record of which none of some entries says anything.
pub(crate) fn unsaid(home: &Home, folder: &str, titles: &[&str], blank: &impl Serialize) -> Vec<String> {
    let Ok(Value::Object(blank)) = serde_json::to_value(blank) else { panic!("a record is an object") };
    let all: Vec<_> = titles.iter().map(|title| properties(home, folder, title)).collect();
    let is_unsaid =
        |(name, empty): &(&String, &Value)| all.iter().all(|said| said.get(*name) == Some(*empty));
    blank.iter().filter(is_unsaid).map(|(name, _)| name.clone()).collect()
}

fn as_set(value: &Value) -> Value {
    let Value::Array(entries) = value else { return value.clone() };
    let mut entries = entries.clone();
    entries.sort_by_key(Value::to_string);
    Value::Array(entries)
}

/// A value that fits a table.
fn short(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(60) {
        Some((at, _)) => format!("{}...", &text[..at]),
        None => text,
    }
}
