use jiff::civil::datetime;

use super::*;
use crate::contact::{Email, Name, Phone};
use crate::event::Occurrence;

fn home() -> Zone {
    Zone::named("Europe/Berlin")
}

fn event(title: &str, hour: i8) -> Item {
    let at = |hour| When::Time { local: datetime(2026, 3, 2, hour, 0, 0, 0), zone: home() };
    let main =
        Occurrence { summary: title.into(), start: at(hour), end: at(hour + 1), ..Occurrence::default() };
    Item::Event(Box::new(Event { main, ..Event::default() }))
}

fn contact(given: &str, family: &str, email: &str, number: &str, company: &str) -> Item {
    let emails =
        filled([email.to_owned()]).into_iter().map(|address| Email { address, ..Email::default() }).collect();
    let phones =
        filled([number.to_owned()]).into_iter().map(|number| Phone { number, ..Phone::default() }).collect();
    Item::Contact(Box::new(Contact {
        name: Name { given: given.into(), family: family.into(), ..Name::default() },
        company: company.into(),
        emails,
        phones,
        ..Contact::default()
    }))
}

fn scored(one: &Item, other: &Item) -> u8 {
    score(&features(one, &home()), &features(other, &home()))
}

#[test]
fn items_that_say_the_same_score_full() {
    assert_eq!(scored(&event("Planning", 9), &event("  planning ", 9)), 100);
    let person = contact("Sample", "Person", "sample@example.com", "+49 30 1234567", "Example Ltd");
    assert_eq!(
        scored(&person, &contact("sample", "person", "SAMPLE@example.com", "030 1234567", "Example Ltd")),
        100
    );
}

#[test]
fn the_same_title_at_another_time_scores_low() {
    assert!(scored(&event("Planning", 9), &event("Planning", 14)) < 60);
}

#[test]
fn another_title_scores_nothing() {
    assert_eq!(scored(&event("Planning", 9), &event("Review", 9)), 0);
}

#[test]
fn an_empty_title_matches_nothing() {
    assert_eq!(scored(&event("", 9), &event("", 9)), 0);
}

#[test]
fn a_shared_address_tells_namesakes_from_one_person() {
    let one = contact("Sample", "Person", "one@example.com", "111 222333", "");
    let namesake = contact("Sample", "Person", "two@example.com", "444 555666", "");
    let same = contact("Sample", "Person", "one@example.com", "", "Example Ltd");
    assert!(scored(&one, &namesake) < 60, "{}", scored(&one, &namesake));
    assert!(scored(&one, &same) >= 80, "{}", scored(&one, &same));
}

#[test]
fn a_company_without_a_person_is_known_by_its_name() {
    let one = contact("", "", "", "111 222333", "Example Ltd");
    let other = contact("", "", "", "111 222333", "Example Ltd");
    assert_eq!(scored(&one, &other), 100);
    assert_eq!(scored(&one, &contact("", "", "", "111 222333", "Other Ltd")), 0);
}

#[test]
fn a_name_in_other_words_or_none_at_all_is_no_evidence() {
    let nameless = contact("", "", "one@example.com", "", "");
    let person = contact("Sample", "Person", "one@example.com", "", "");
    assert_eq!(scored(&nameless, &person), 0);
    assert_eq!(scored(&contact("", "", "", "", ""), &contact("", "", "", "", "")), 0);
    assert!(scored(&nameless, &nameless) >= 80, "an address without a name is known by itself");
}

#[test]
fn tasks_are_told_apart_by_their_dates_and_groups_by_their_names() {
    let task = |day: i8| {
        let due = Some(When::Date(jiff::civil::date(2026, 3, day)));
        Item::Task(Box::new(Task { summary: "Write the report".into(), due, ..Task::default() }))
    };
    assert_eq!(scored(&task(2), &task(2)), 100);
    assert!(scored(&task(2), &task(9)) < scored(&task(2), &task(2)));
    let group = |name: &str| Item::Group(Box::new(Group { name: name.into(), ..Group::default() }));
    assert_eq!(scored(&group("Team"), &group(" team")), 100);
    assert_eq!(scored(&group("Team"), &group("Crew")), 0);
    assert_eq!(scored(&group(""), &group("")), 0);
    assert_eq!(scored(&group("Write the report"), &task(2)), 0, "items of different kinds never match");
}
