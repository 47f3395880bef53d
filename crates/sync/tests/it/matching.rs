//! Matching on generated mailboxes: namesakes, companies without a person, near-duplicates, items without a title. Two things
//! are paired if they are one, and never if they are not.

use std::collections::{BTreeMap, BTreeSet};

use dovetail_model::contact::{Email, Line, Phone, Place};
use dovetail_model::event::Occurrence;
use dovetail_model::recurrence::{Frequency, Rule};
use dovetail_model::resemble::features;
use dovetail_model::{Contact, Event, Item, Task, When, Zone};
use dovetail_sync::match_up::{by_resemblance, by_uid};
use dovetail_sync::observe::{Digest, NewItem};
use dovetail_sync::scope::Place as Lies;
use dovetail_sync::spool::Spooled;
use dovetail_sync::{Side, Sides};
use dovetail_testkit::Dice;
use jiff::civil::datetime;

/// What is really what: the number of a thing, and the item by which a side knows it.
type Mailbox = Vec<(u64, Item)>;

fn new_item(side: Side, at: usize, item: &Item) -> NewItem {
    NewItem {
        spooled: Spooled::default(),
        // None of them shares a UID: what they say has to tell.
        id: Digest::of(&format!("{side} {at}")),
        uid: Digest::of(&format!("{side}-{at}")),
        kind: item.kind(),
        features: Some(Box::new(features(item, &Zone::named("Europe/Berlin")))),
        title: Digest::of(item.title()),
        place: Lies::Inside,
    }
}

/// Which things were paired, and how many items nothing could be said of.
fn paired(mailboxes: &Sides<Mailbox>) -> (BTreeMap<u64, u64>, usize) {
    let new = mailboxes.as_ref().map(|side, mailbox| {
        mailbox.iter().enumerate().map(|(at, (_, item))| new_item(side, at, item)).collect::<Vec<_>>()
    });
    let mut matches = by_uid(new.as_ref().map(|_, new| new.as_slice()));
    by_resemblance(new.as_ref().map(|_, new| new.as_slice()), &mut matches);
    let thing = |side: Side, at: usize| mailboxes.of(side)[at].0;
    let pairs = matches.pairs.iter();
    let pairs: BTreeMap<u64, u64> =
        pairs.map(|at| (thing(Side::Outlook, at.outlook), thing(Side::Server, at.server))).collect();
    (pairs, matches.ambiguous.outlook.len() + matches.ambiguous.server.len())
}

/// Things that are on both sides are paired, and nothing else.
fn check(
    name: &str,
    seed: u64,
    make: impl Fn(u64, &mut Dice) -> Item,
    change: impl Fn(&mut Item, &mut Dice),
) {
    let mut dice = Dice::new(seed);
    let mut mailboxes = Sides::<Mailbox>::default();
    for number in 0..80 {
        let item = make(number, &mut dice);
        let mut other = item.clone();
        change(&mut other, &mut dice);
        let alone = dice.roll(8);
        if alone != 0 {
            mailboxes.outlook.push((number, item));
        }
        if alone != 1 {
            mailboxes.server.push((number, other));
        }
    }
    // They come in any order.
    let by = usize::try_from(dice.roll(60)).expect("a small number");
    mailboxes.server.rotate_left(by);
    let on = |side: Side| mailboxes.of(side).iter().map(|(number, _)| *number).collect::<BTreeSet<u64>>();
    let both: BTreeMap<u64, u64> =
        on(Side::Outlook).intersection(&on(Side::Server)).map(|number| (*number, *number)).collect();
    assert_eq!(paired(&mailboxes), (both, 0), "{name}, seed {seed}");
}

fn email(name: &str) -> Email {
    Email { address: format!("{name}@example.org"), place: Place::Work, name: String::new() }
}

fn phone(number: u64) -> Phone {
    Phone {
        number: format!("+49 30 {:07}", 1_000_000 + number * 7_919),
        line: Line::Voice,
        place: Place::Work,
    }
}

/// A contact with an address and a number of its own, whatever else it shares with others.
fn reachable(number: u64, dice: &mut Dice) -> Contact {
    Contact {
        company: format!("Company {}", dice.roll(4)),
        emails: vec![email(&format!("{number}"))],
        phones: vec![phone(number)],
        ..Contact::default()
    }
}

fn named(contact: &mut Contact, given: &str, family: &str) {
    contact.name.given = given.into();
    contact.name.family = family.into();
    contact.formatted_name = format!("{given} {family}");
}

/// One of these happens to a contact on the way to another program.
fn change_contact(item: &mut Item, dice: &mut Dice) {
    let Item::Contact(contact) = item else { return };
    match dice.roll(6) {
        0 => contact.phones.clear(),
        1 => contact.emails.clear(),
        2 => contact.emails.insert(0, email("another")),
        3 => contact.note = "a note".into(),
        4 if !contact.formatted_name.is_empty() => {
            contact.formatted_name = contact.formatted_name.to_uppercase();
            contact.company = "Renamed".into();
        }
        _ => {}
    }
}

#[test]
fn namesakes_are_told_apart_by_how_they_are_reached() {
    for seed in 0..60 {
        let make = |number, dice: &mut Dice| {
            let mut contact = reachable(number, dice);
            // Eighty people share nine names.
            let name = |dice: &mut Dice| ["Ada", "Ben", "Cleo"][usize::try_from(dice.roll(3)).unwrap_or(0)];
            named(&mut contact, name(dice), &format!("{}son", name(dice)));
            Item::Contact(Box::new(contact))
        };
        check("namesakes", seed, make, change_contact);
    }
}

#[test]
fn companies_without_a_person_are_told_apart_by_how_they_are_reached() {
    for seed in 0..60 {
        check(
            "companies",
            seed,
            |number, dice| Item::Contact(Box::new(reachable(number, dice))),
            change_contact,
        );
    }
}

fn event(title: &str, day: i8, hour: i8, minutes: i8) -> Event {
    let at = |minutes: i8| When::Time {
        local: datetime(2026, 3, 1 + day, hour, minutes, 0, 0),
        zone: Zone::named("Europe/Berlin"),
    };
    let main = Occurrence { summary: title.into(), start: at(0), end: at(minutes), ..Occurrence::default() };
    Event { main, ..Event::default() }
}

#[test]
fn events_of_one_title_are_told_apart_by_when_they_are() {
    for seed in 0..60 {
        let make = |number: u64, dice: &mut Dice| {
            // Two titles at forty times each: many share their title, and some their time.
            let at = i8::try_from(number / 2).unwrap_or(0);
            let title = ["Lunch", "Planning"][usize::try_from(number % 2).unwrap_or(0)];
            let mut event = event(title, at % 28, 9 + at / 28, 45);
            if dice.once_in(3) {
                event.rule = Some(Rule::every(1, Frequency::Weekly));
            }
            Item::Event(Box::new(event))
        };
        let change = |item: &mut Item, dice: &mut Dice| {
            let Item::Event(event) = item else { return };
            match dice.roll(4) {
                0 => event.main.location = "elsewhere".into(),
                1 => event.main.end = event.main.start.clone(),
                2 => event.rule = None,
                _ => {}
            }
        };
        check("events", seed, make, change);
    }
}

#[test]
fn tasks_of_one_title_are_told_apart_by_when_they_are_due() {
    for seed in 0..60 {
        let make = |number: u64, _: &mut Dice| {
            let day = i8::try_from(number % 27).unwrap_or(0);
            let month = i8::try_from(1 + number / 27).unwrap_or(1);
            let due = When::Date(datetime(2026, month, 1 + day, 0, 0, 0, 0).date());
            Item::Task(Box::new(Task { summary: "Call".into(), due: Some(due), ..Task::default() }))
        };
        let change = |item: &mut Item, dice: &mut Dice| {
            let Item::Task(task) = item else { return };
            if dice.once_in(2) {
                task.start.clone_from(&task.due);
            }
        };
        check("tasks", seed, make, change);
    }
}

#[test]
fn what_nothing_tells_apart_waits_and_what_says_nothing_matches_nothing() {
    let person = |phone_of: Option<u64>| {
        let mut contact = Contact { phones: phone_of.map(phone).into_iter().collect(), ..Contact::default() };
        named(&mut contact, "Ada", "Benson");
        Item::Contact(Box::new(contact))
    };
    let mailboxes =
        Sides { outlook: vec![(1, person(Some(1))), (2, person(Some(2)))], server: vec![(3, person(None))] };
    assert_eq!(paired(&mailboxes), (BTreeMap::new(), 3), "it may be either");

    let nobody = || Item::Contact(Box::default());
    let nothing = || Item::Event(Box::new(event(" ", 0, 9, 30)));
    let untitled = || Item::Task(Box::default());
    for item in [nobody(), nothing(), untitled()] {
        let mailboxes = Sides { outlook: vec![(1, item.clone())], server: vec![(1, item)] };
        assert_eq!(paired(&mailboxes), (BTreeMap::new(), 0), "{mailboxes:?}");
    }
}
