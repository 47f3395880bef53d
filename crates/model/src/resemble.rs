//! How much two items that are not linked look like the same thing.
//!
//! [`features`] keeps of an item only what identifies it, [`score`] compares two of these. Which scores count as a match,
//! and who is matched first, is for the engine.

use serde::{Deserialize, Serialize};

use crate::contact::Contact;
use crate::event::Event;
use crate::group::Group;
use crate::item::{Item, Kind};
use crate::task::Task;
use crate::when::{When, Zone};

#[cfg(test)]
mod tests;

/// What is kept of an item in order to match it: small, whatever the item's size.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Features {
    /// Items of different kinds never match.
    pub kind: Kind,
    /// The UID, for the caller: [`score`] does not look at it.
    pub uid: Option<String>,
    /// Keys under which a counterpart is looked for; never an empty text. Two items that share none are not compared.
    pub keys: Vec<String>,
    /// What identifies an item of this kind, with the weight of each.
    pub traits: Vec<Trait>,
}

/// One thing that identifies an item: the values it has of it, normalised; none where the item does not say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trait {
    /// What it adds to the score where both items have a value in common.
    pub weight: u8,
    /// Its values.
    pub values: Vec<String>,
}

/// The features of an item; floating times are read in `home`.
///
/// Weights, of 100. Events: title 40, start 35, end 10, rule 15. Tasks: title 60, due 30, start 10 (so
/// that a title alone, or a title with another due date, is never enough). Contacts: name 45,
/// e-mail addresses 25, numbers 20, company 10. Groups: name 100.
pub fn features(item: &Item, home: &Zone) -> Features {
    let (keys, traits) = match item {
        Item::Event(event) => of_event(event, home),
        Item::Task(task) => of_task(task, home),
        Item::Contact(contact) => of_contact(contact),
        Item::Group(group) => of_group(group),
    };
    let keys = keys.into_iter().filter(|key| !key.is_empty()).collect();
    Features { kind: item.kind(), uid: item.uid().map(str::to_owned), keys, traits }
}

/// How sure it is that both are the same thing: 0 not at all, 100 if all that identifies them agrees.
///
/// A trait on which both are silent agrees; one of which only one speaks counts half; one on which they disagree counts
/// nothing.
pub fn score(one: &Features, other: &Features) -> u8 {
    if one.kind != other.kind || !one.keys.iter().any(|key| other.keys.contains(key)) {
        return 0;
    }
    let mut sum = 0_u8;
    for (mine, theirs) in one.traits.iter().zip(&other.traits) {
        let silent = (mine.values.is_empty(), theirs.values.is_empty());
        let agree = mine.values.iter().any(|value| theirs.values.contains(value));
        sum = sum.saturating_add(match silent {
            (true, true) => mine.weight,
            (false, false) if agree => mine.weight,
            (false, false) => 0,
            _ => mine.weight / 2,
        });
    }
    sum
}

type Parts = (Vec<String>, Vec<Trait>);

fn of_event(event: &Event, home: &Zone) -> Parts {
    let title = normalised(&event.main.summary);
    let rule = event.rule.as_ref().map(ToString::to_string);
    let traits = vec![
        Trait { weight: 40, values: filled([title.clone()]) },
        Trait { weight: 35, values: vec![moment(&event.main.start, home)] },
        Trait { weight: 10, values: vec![moment(&event.main.end, home)] },
        Trait { weight: 15, values: rule.into_iter().collect() },
    ];
    (vec![title], traits)
}

fn of_task(task: &Task, home: &Zone) -> Parts {
    let title = normalised(&task.summary);
    // Outlook keeps the day of a task, not its time.
    let day = |when: &Option<When>| when.iter().map(|when| local_day(when, home)).collect::<Vec<_>>();
    let traits = vec![
        Trait { weight: 60, values: filled([title.clone()]) },
        Trait { weight: 30, values: day(&task.due) },
        Trait { weight: 10, values: day(&task.start) },
    ];
    (vec![title], traits)
}

fn of_contact(contact: &Contact) -> Parts {
    let parts = normalised(&format!("{} {}", contact.name.given, contact.name.family));
    let shown = normalised(&contact.formatted_name);
    let company = normalised(&contact.company);
    let emails = filled(contact.emails.iter().map(|email| email.address.to_lowercase()));
    let numbers = filled(contact.phones.iter().map(|phone| digits(&phone.number)));
    let mut names = filled([parts, shown]);
    names.dedup();
    let mut keys = names.clone();
    if keys.is_empty() {
        // A company without a person is known by its name; an address alone identifies nobody but its owner.
        keys = filled([company.clone()]);
        keys.extend(emails.iter().cloned());
    }
    let traits = vec![
        Trait { weight: 45, values: names },
        Trait { weight: 25, values: emails },
        Trait { weight: 20, values: numbers },
        Trait { weight: 10, values: filled([company]) },
    ];
    (keys, traits)
}

fn of_group(group: &Group) -> Parts {
    let name = normalised(&group.name);
    (vec![name.clone()], vec![Trait { weight: 100, values: filled([name]) }])
}

fn filled(values: impl IntoIterator<Item = String>) -> Vec<String> {
    values.into_iter().filter(|value| !value.is_empty()).collect()
}

/// Lower case, white space as single blanks.
fn normalised(text: &str) -> String {
    text.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The last nine digits: country codes and leading zeros are written in many ways.
fn digits(number: &str) -> String {
    let digits: Vec<char> = number.chars().filter(char::is_ascii_digit).collect();
    digits.iter().skip(digits.len().saturating_sub(9)).collect()
}

fn moment(when: &When, home: &Zone) -> String {
    match when {
        When::Date(date) => date.to_string(),
        When::Time { .. } => when.instant(home).to_string(),
    }
}

fn local_day(when: &When, home: &Zone) -> String {
    when.in_zone(home).date().to_string()
}
