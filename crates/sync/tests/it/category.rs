//! The category filter of a profile: Outlook's items belong by their categories, the filter's crosses never.

use dovetail_model::filter::Admits;
use dovetail_model::{CategoryFilter, Item, Kind, Task, When};
use dovetail_sync::report::{HoldReason, LineEvent};
use dovetail_sync::storage::{ItemId, Traits};
use dovetail_sync::{Direction, Report, Rule, Side};
use dovetail_testkit::Faults;
use jiff::civil::date;

use crate::world::{World, event, occurrence, writes};

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
fn coming_back_to_the_filter_brings_the_edits_of_one_side_too() {
    for side in Side::BOTH {
        let mut world = world(Admits::Category);
        make(&world, Side::Server, "anchor", &[]);
        make(&world, Side::Server, "one", &[]);
        world.good_run();
        put(&world, Side::Outlook, "one", &[]);
        world.edit(side, "one", |event| event.location = "Room 1".into());
        assert_eq!(writes(&world.good_run()), (0, 0), "edited on {side}");
        put(&world, Side::Outlook, "one", &["Work"]);
        let report = world.good_run();
        assert_eq!(report.written.outlook.total() + report.written.server.total(), 1, "edited on {side}");
        assert_eq!(world.place(side.other(), "one"), "Room 1");
        assert!(world.verify().is_equal());
        assert_eq!(writes(&world.good_run()), (0, 0));
    }
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

#[test]
fn coming_back_brings_the_edit_of_one_side_alone_as_well() {
    for side in Side::BOTH {
        let mut world = world(Admits::Category);
        make(&world, Side::Server, "anchor", &[]);
        make(&world, Side::Server, "one", &[]);
        world.good_run();
        put(&world, Side::Outlook, "one", &["Home"]);
        world.good_run();
        world.edit(side, "one", |event| event.location = "Room 1".into());
        world.good_run();
        put(&world, Side::Outlook, "one", &["Home", "Work"]);
        world.good_run();
        assert_eq!(world.place(side.other(), "one"), "Room 1", "edited on {side}");
        assert!(world.verify().is_equal());
        assert_eq!(world.verify().parked, 0);
    }
}

/// Tasks have no UID in Outlook: what they say is all that tells which of them are one.
fn world_of_tasks() -> World {
    let mut world = world(Admits::AllOthers);
    world.kinds = vec![Kind::Task];
    make_task(&world, Side::Server, "anchor", &[], None);
    world.good_run();
    world
}

/// A task that is due on that day of May.
fn make_task(world: &World, side: Side, title: &str, categories: &[&str], due: Option<i8>) -> ItemId {
    let task = Task {
        uid: Some(format!("{title} on {side}, due {due:?}")),
        summary: title.into(),
        categories: categories.iter().map(|name| (*name).to_owned()).collect(),
        due: due.map(|day| When::Date(date(2026, 5, day))),
        ..Task::default()
    };
    world.sides.of(side).make(&Item::Task(Box::new(task)), "")
}

fn change_task(world: &World, side: Side, title: &str, change: impl FnOnce(&mut Task)) {
    world.sides.of(side).edit(&world.find(side, title), |item| match item {
        Item::Task(task) => change(task),
        other => panic!("a task, not {other:?}"),
    });
}

fn task(world: &World, side: Side, title: &str) -> Task {
    let items = world.sides.of(side).items();
    match items.into_iter().find(|(_, item)| item.title() == title) {
        Some((_, Item::Task(task))) => *task,
        other => panic!("a task, not {other:?}"),
    }
}

fn lose_the_state(world: &World) {
    std::fs::remove_file(world.path("state.db")).expect("a state");
}

fn is_told_parked(report: &Report, title: &str) -> bool {
    report.lines.iter().any(|line| line.event == LineEvent::Parked && line.title == title)
}

/// It is on both sides once, nothing crosses, and nothing is asked again.
fn check_parked(world: &mut World, title: &str) {
    for side in Side::BOTH {
        let there = world.titles(side).into_iter().filter(|there| there == title).count();
        assert_eq!(there, 1, "{title} on {side}");
    }
    let report = world.good_run();
    assert_eq!((writes(&report), report.requests, report.held), ((0, 0), 2, 0), "{:?}", report.lines);
    let verified = world.verify();
    assert!(verified.is_equal() && verified.parked == 1, "{verified:?}");
}

#[test]
fn a_task_that_had_left_the_profile_is_not_copied_when_the_state_is_lost() {
    let mut world = world_of_tasks();
    make_task(&world, Side::Server, "one", &[], None);
    world.good_run();
    change_task(&world, Side::Outlook, "one", |task| task.categories = vec!["Work".into()]);
    world.good_run();
    check_parked(&mut world, "one");
    lose_the_state(&world);
    let report = world.good_run();
    assert_eq!(writes(&report), (0, 0));
    assert!(is_told_parked(&report, "one"), "{:?}", report.lines);
    check_parked(&mut world, "one");

    // It is known by its link from now on, whatever it is called.
    change_task(&world, Side::Server, "one", |task| task.summary = "another".into());
    change_task(&world, Side::Outlook, "one", |task| task.description = "Bring the plans".into());
    assert_eq!(writes(&world.good_run()), (0, 0));
    change_task(&world, Side::Outlook, "one", |task| task.categories.clear());
    let report = world.good_run();
    assert_eq!((writes(&report), report.clashes), ((1, 1), 0));
    assert_eq!(task(&world, Side::Server, "another").description, "Bring the plans");
    assert_eq!(world.titles(Side::Outlook), ["anchor", "another"]);
    assert!(world.verify().is_equal());
}

#[test]
fn a_task_that_is_new_on_one_side_is_not_copied_where_the_other_has_it_in_another_category() {
    for (first, told_before) in [(Side::Outlook, true), (Side::Outlook, false), (Side::Server, false)] {
        let mut world = world_of_tasks();
        let make = |side| match side {
            Side::Outlook => make_task(&world, side, "one", &["WORK", "Home"], Some(4)),
            Side::Server => make_task(&world, side, "one", &["Home"], Some(4)),
        };
        make(first);
        make(first.other());
        if told_before {
            world.remove(first.other(), "one");
            world.good_run();
            make_task(&world, first.other(), "one", &["Home"], Some(4));
        }
        let report = world.good_run();
        assert_eq!(writes(&report), (0, 0), "{first} {told_before}");
        assert!(is_told_parked(&report, "one"));
        check_parked(&mut world, "one");
    }
}

#[test]
fn what_met_outside_is_joined_as_at_a_first_sync_once_it_is_inside() {
    for enters in [
        (|world: &mut World| {
            change_task(world, Side::Outlook, "one", |task| task.categories.clear());
        }) as fn(&mut World),
        |world| world.lens.filter = None,
    ] {
        let mut world = world_of_tasks();
        make_task(&world, Side::Server, "one", &["Home"], None);
        make_task(&world, Side::Outlook, "one", &["Work", "Home"], None);
        change_task(&world, Side::Outlook, "one", |task| task.description = "Bring the plans".into());
        world.good_run();
        check_parked(&mut world, "one");
        enters(&mut world);
        world.good_run();
        assert_eq!(task(&world, Side::Server, "one").description, "Bring the plans");
        assert_eq!(world.titles(Side::Outlook), ["anchor", "one"]);
        let verified = world.verify();
        assert!(verified.is_equal() && verified.parked == 0, "{verified:?}");
        assert_eq!(writes(&world.good_run()), (0, 0));
    }
}

#[test]
fn two_calendars_that_share_a_folder_may_have_the_same_appointment() {
    for (assigns_uid, expected) in [(false, 2), (true, 1)] {
        let mut world = World::with_server(Traits { assigns_uid, ..Traits::default() });
        world.lens.filter = Some(CategoryFilter { name: "Home".into(), admits: Admits::Category });
        let dentist = |side: Side, category: &str| {
            let mut item = event("Dentist");
            item.set_uid(Some(format!("of {category}@example.com")));
            occurrence(&mut item).categories = vec![category.into()];
            world.sides.of(side).make(&item, "");
        };
        dentist(Side::Outlook, "Work");
        dentist(Side::Server, "Private");
        world.good_run();
        // Where the server gives UIDs of its own, they do not tell the two apart.
        assert_eq!(world.titles(Side::Outlook), vec!["Dentist"; expected], "{assigns_uid}");
        assert_eq!(world.titles(Side::Server), ["Dentist"]);
        assert!(world.verify().is_equal());
    }
}

#[test]
fn what_comes_back_while_the_other_side_cannot_be_asked_crosses_once_it_can() {
    for side in Side::BOTH {
        let mut world = world(Admits::Category);
        make(&world, Side::Server, "anchor", &[]);
        make(&world, Side::Server, "one", &[]);
        world.good_run();
        put(&world, Side::Outlook, "one", &["Home"]);
        world.good_run();
        world.edit(side, "one", |event| event.location = "Room 1".into());
        world.good_run();
        put(&world, Side::Outlook, "one", &["Work"]);
        world.sides.server.set_faults(Faults { fetch_fails: 1, ..Faults::default() });
        assert_eq!(writes(&world.run()), (0, 0));
        world.sides.server.set_faults(Faults::default());
        world.good_run();
        assert_eq!(world.place(side.other(), "one"), "Room 1", "edited on {side}");
        let verified = world.verify();
        assert!(verified.is_equal() && verified.parked == 0, "{verified:?}");
    }
}

#[test]
fn what_belongs_to_the_profile_is_matched_first() {
    let mut world = world_of_tasks();
    make_task(&world, Side::Outlook, "one", &["Work"], Some(4));
    make_task(&world, Side::Outlook, "one", &[], None);
    make_task(&world, Side::Server, "one", &[], Some(4));
    let report = world.good_run();
    assert_eq!(writes(&report), (1, 0), "the one without a day gets it: {:?}", report.lines);
    let verified = world.verify();
    assert!(verified.is_equal() && verified.parked == 0, "{verified:?}");
}

#[test]
fn where_several_of_another_category_may_be_it_a_person_is_asked_for_as_long_as_that_is_so() {
    let mut world = world_of_tasks();
    make_task(&world, Side::Outlook, "one", &["Work"], Some(4));
    make_task(&world, Side::Outlook, "one", &["Work"], Some(5));
    make_task(&world, Side::Server, "one", &[], None);
    for _ in 0..3 {
        let report = world.good_run();
        assert_eq!((writes(&report), report.held), ((0, 0), 1), "{:?}", report.lines);
        let held = LineEvent::Held { reason: HoldReason::Ambiguous };
        assert!(report.lines.iter().any(|line| line.event == held && line.side == Some(Side::Server)));
    }
    change_task(&world, Side::Server, "one", |task| task.due = Some(When::Date(date(2026, 5, 5))));
    let report = world.good_run();
    assert_eq!((writes(&report), report.held), ((0, 0), 0));
    assert!(is_told_parked(&report, "one"));
    assert_eq!(world.verify().parked, 1);
}

#[test]
fn in_no_direction_anything_is_written_to_what_met_outside() {
    for direction in Direction::ALL {
        for rule in Rule::ALL {
            let mut world = world(Admits::Category);
            world.kinds = vec![Kind::Task];
            (world.direction, world.rule) = (direction, rule);
            make_task(&world, Side::Outlook, "one", &["Home"], None);
            change_task(&world, Side::Outlook, "one", |task| task.description = "Bring the plans".into());
            make_task(&world, Side::Server, "one", &[], None);
            for _ in 0..3 {
                assert_eq!(writes(&world.good_run()), (0, 0), "{direction:?} {rule:?}");
            }
            assert_eq!(world.verify().parked, 1, "{direction:?} {rule:?}");
            assert_eq!(world.held().len(), 0, "{direction:?} {rule:?}");
        }
    }
}
