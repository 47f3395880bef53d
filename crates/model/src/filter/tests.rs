use jiff::civil::date;

use super::*;
use crate::event::Occurrence;
use crate::{Contact, Event, Task, When};

fn task(categories: &[&str]) -> Item {
    let categories = categories.iter().map(|name| (*name).to_owned()).collect();
    Item::Task(Box::new(Task { categories, ..Task::default() }))
}

fn filter(admits: Admits) -> CategoryFilter {
    CategoryFilter { name: "Work".into(), admits }
}

#[test]
fn an_item_belongs_by_its_categories_without_regard_to_case() {
    let cases: [(&[&str], [bool; 3]); 5] = [
        (&[], [false, true, true]),
        (&["Work"], [true, true, false]),
        (&["home", " wORK "], [true, true, false]),
        (&["Home"], [false, false, true]),
        (&["Workshop"], [false, false, true]),
    ];
    for (categories, expected) in cases {
        let found = [Admits::Category, Admits::CategoryOrNone, Admits::AllOthers]
            .map(|admits| filter(admits).lets_through(&task(categories)));
        assert_eq!(found, expected, "{categories:?}");
    }
    assert!(
        filter(Admits::Category).lets_through(&Item::Contact(Box::default())),
        "{:?}",
        Contact::default()
    );
}

#[test]
fn what_is_hidden_is_put_back_where_it_was() {
    let filter = filter(Admits::Category);
    let before = task(&["Home", "WORK", "Garden"]);
    let mut seen = before.clone();
    filter.hide(&mut seen);
    assert_eq!(seen, task(&["Home", "Garden"]));
    filter.put_back(&mut seen, &before);
    assert_eq!(seen, before);

    let mut shorter = task(&[]);
    filter.put_back(&mut shorter, &before);
    assert_eq!(shorter, task(&["WORK"]));
    let mut other = task(&["Home"]);
    filter.put_back(&mut other, &task(&["Home"]));
    assert_eq!(other, task(&["Home"]));
}

#[test]
fn an_item_gets_the_category_once() {
    let filter = filter(Admits::Category);
    for (categories, expected) in
        [(&["Home"] as &[&str], &["Home", "Work"] as &[&str]), (&["work"], &["work"])]
    {
        let mut item = task(categories);
        filter.add(&mut item);
        assert_eq!(item, task(expected));
    }
}

#[test]
fn a_new_occurrence_is_as_its_series_was() {
    let filter = filter(Admits::Category);
    let occurrence = |names: &[&str]| Occurrence {
        categories: names.iter().map(|it| (*it).into()).collect(),
        ..Occurrence::default()
    };
    let event = |main: &[&str], changed: &[(i8, &[&str])]| {
        let overrides =
            changed.iter().map(|(day, names)| (When::Date(date(2026, 3, *day)), occurrence(names)));
        Item::Event(Box::new(Event {
            main: occurrence(main),
            overrides: overrides.collect(),
            ..Event::default()
        }))
    };
    let before = event(&["Work"], &[(2, &["Home"])]);
    let mut item = event(&[], &[(2, &["Home"]), (3, &["Garden"])]);
    filter.put_back(&mut item, &before);
    assert_eq!(item, event(&["Work"], &[(2, &["Home"]), (3, &["Work", "Garden"])]));
    filter.hide(&mut item);
    assert_eq!(item, event(&[], &[(2, &["Home"]), (3, &["Garden"])]));
}
