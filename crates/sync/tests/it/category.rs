//! The category filter of a profile: Outlook's items belong by their categories, the filter's crosses never.

use dovetail_model::CategoryFilter;
use dovetail_model::filter::Admits;
use dovetail_sync::{Report, Side};

use crate::world::{World, event, occurrence};

fn world(admits: Admits) -> World {
    let mut world = World::new();
    world.lens.filter = Some(CategoryFilter { name: "Work".into(), admits });
    world
}

fn make(world: &World, side: Side, title: &str, categories: &[&str]) {
    let mut item = event(title);
    occurrence(&mut item).categories = categories.iter().map(|name| (*name).to_owned()).collect();
    world.sides.of(side).make(&item, "");
}

fn put(world: &World, side: Side, title: &str, categories: &[&str]) {
    world
        .edit(side, title, |event| event.categories = categories.iter().map(|it| (*it).to_owned()).collect());
}

fn categories(world: &World, side: Side, title: &str) -> Vec<String> {
    let items = world.sides.of(side).items();
    let found = items.into_iter().find(|(_, item)| item.title() == title);
    occurrence(&mut found.expect("an item of that title").1).categories.clone()
}

fn writes(report: &Report) -> (u64, u64) {
    (report.written.outlook.total(), report.written.server.total())
}

#[test]
fn an_item_of_outlook_crosses_by_its_categories_and_without_the_filters_own() {
    for (admits, expected) in [
        (Admits::Category, &["both", "work"] as &[&str]),
        (Admits::CategoryOrNone, &["both", "none", "work"]),
        (Admits::AllOthers, &["home", "none"]),
    ] {
        let mut world = world(admits);
        make(&world, Side::Outlook, "work", &["WORK"]);
        make(&world, Side::Outlook, "both", &["Work", "Home"]);
        make(&world, Side::Outlook, "home", &["Home"]);
        make(&world, Side::Outlook, "none", &[]);
        world.good_run();
        assert_eq!(world.titles(Side::Server), expected, "{admits:?}");
        for title in expected {
            let there = categories(&world, Side::Server, title);
            assert!(there.iter().all(|name| name == "Home"), "{admits:?} {title} {there:?}");
        }
        assert!(world.verify().is_equal());
        assert_eq!(world.good_run().requests, 2, "nothing is asked again");
    }
}

#[test]
fn what_comes_from_the_server_gets_the_category_unless_it_is_the_one_to_be_left_out() {
    for (admits, expected) in [
        (Admits::Category, &["Home", "Work"] as &[&str]),
        (Admits::CategoryOrNone, &["Home", "Work"]),
        (Admits::AllOthers, &["Home"]),
    ] {
        let mut world = world(admits);
        make(&world, Side::Server, "one", &["Home"]);
        make(&world, Side::Server, "named like it", &["work"]);
        world.good_run();
        let mut there = categories(&world, Side::Outlook, "one");
        there.sort();
        assert_eq!(there, expected, "{admits:?}");
        assert_eq!(writes(&world.good_run()), (0, 0));
        // What the server has of that name is its own.
        world.edit(Side::Outlook, "named like it", |event| event.location = "Room 1".into());
        assert_eq!(writes(&world.good_run()), (0, 1), "{admits:?}");
        assert_eq!(categories(&world, Side::Server, "named like it"), ["work"]);
        assert!(world.verify().is_equal());
    }
}

#[test]
fn leaving_the_filter_is_no_deletion_and_coming_back_brings_the_edits_of_both() {
    let mut world = world(Admits::Category);
    make(&world, Side::Server, "anchor", &[]);
    make(&world, Side::Server, "one", &[]);
    world.good_run();
    put(&world, Side::Outlook, "one", &["Home"]);
    let report = world.good_run();
    assert_eq!((writes(&report), report.held), ((0, 0), 0));
    world.edit(Side::Server, "one", |event| event.location = "Room 1".into());
    world.edit(Side::Outlook, "one", |event| event.description = "Bring the plans".into());
    for _ in 0..2 {
        assert_eq!(writes(&world.good_run()), (0, 0));
    }
    assert_eq!(world.good_run().requests, 2, "nothing is asked again");
    assert_eq!(world.verify().parked, 1);

    put(&world, Side::Outlook, "one", &["Home", "Work"]);
    let report = world.good_run();
    assert_eq!((writes(&report), report.clashes), ((1, 1), 0));
    assert_eq!(world.place(Side::Outlook, "one"), "Room 1");
    assert_eq!(categories(&world, Side::Server, "one"), ["Home"]);
    assert!(world.verify().is_equal());
}

#[test]
fn what_is_removed_while_it_has_another_category_stays_on_the_other_side() {
    for side in Side::BOTH {
        let mut world = world(Admits::Category);
        make(&world, Side::Server, "anchor", &[]);
        make(&world, Side::Server, "one", &[]);
        world.good_run();
        put(&world, Side::Outlook, "one", &[]);
        world.good_run();
        world.remove(side, "one");
        assert_eq!(writes(&world.good_run()), (0, 0), "removed on {side}");
        assert_eq!(world.titles(side.other()), ["anchor", "one"]);
        assert_eq!(world.good_run().requests, 2, "nothing is asked again");
    }
}

#[test]
fn another_filter_deletes_nothing_on_either_side() {
    let mut world = world(Admits::Category);
    make(&world, Side::Outlook, "work", &["Work"]);
    make(&world, Side::Outlook, "both", &["Work", "Home"]);
    make(&world, Side::Outlook, "home", &["Home"]);
    world.good_run();
    let filter = |name: &str, admits| Some(CategoryFilter { name: name.into(), admits });
    world.lens.filter = filter("Home", Admits::Category);
    let report = world.good_run();
    assert_eq!((report.written.outlook.deleted, report.written.server.deleted, report.held), (0, 0, 0));
    assert_eq!(world.titles(Side::Server), ["both", "home", "work"]);
    world.lens.filter = None;
    let report = world.good_run();
    assert_eq!((report.written.outlook.deleted, report.written.server.deleted), (0, 0));
    assert!(world.verify().is_equal(), "{:?}", world.verify());
    world.lens.filter = filter("Nobody", Admits::Category);
    assert_eq!(writes(&world.good_run()), (0, 0));
    assert_eq!((world.titles(Side::Server).len(), world.titles(Side::Outlook).len()), (3, 3));
}

#[test]
fn an_item_whose_uid_is_known_under_another_category_is_not_copied() {
    for told_before in [true, false] {
        let mut world = world(Admits::Category);
        make(&world, Side::Server, "anchor", &[]);
        make(&world, Side::Outlook, "one", &["Home"]);
        if told_before {
            world.good_run();
        }
        make(&world, Side::Server, "one", &[]);
        for _ in 0..2 {
            world.good_run();
            assert_eq!(world.titles(Side::Outlook), ["anchor", "one"], "told before: {told_before}");
        }
        assert_eq!(world.good_run().requests, 2);
        assert!(world.verify().is_equal());
        put(&world, Side::Outlook, "one", &["Home", "Work"]);
        world.good_run();
        assert_eq!(world.titles(Side::Outlook), ["anchor", "one"]);
        world.edit(Side::Server, "one", |event| event.location = "Room 1".into());
        world.good_run();
        assert_eq!(world.place(Side::Outlook, "one"), "Room 1");
        assert!(world.verify().is_equal());
    }
}

#[test]
fn what_waited_for_its_counterpart_is_brought_once_that_is_gone() {
    let mut world = world(Admits::Category);
    make(&world, Side::Server, "anchor", &[]);
    make(&world, Side::Outlook, "one", &["Home"]);
    make(&world, Side::Server, "one", &[]);
    world.good_run();
    world.remove(Side::Outlook, "one");
    world.good_run();
    assert_eq!(categories(&world, Side::Outlook, "one"), ["Work"]);
    assert!(world.verify().is_equal());
}

#[test]
fn an_item_without_categories_stays_in_the_profile_when_the_server_gives_it_one() {
    let mut world = world(Admits::CategoryOrNone);
    make(&world, Side::Outlook, "one", &[]);
    world.good_run();
    put(&world, Side::Server, "one", &["Home"]);
    world.good_run();
    assert_eq!(categories(&world, Side::Outlook, "one"), ["Home", "Work"]);
    world.edit(Side::Outlook, "one", |event| event.location = "Room 1".into());
    world.good_run();
    assert_eq!(
        (world.place(Side::Server, "one"), categories(&world, Side::Server, "one")),
        ("Room 1".into(), vec!["Home".into()])
    );
    assert!(world.verify().is_equal());
}
