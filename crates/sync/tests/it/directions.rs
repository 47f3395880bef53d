//! One-way: a copy follows its source, and what is merged to keeps its own.

use dovetail_model::contact::{Contact, Email};
use dovetail_model::{Item, Kind};
use dovetail_sync::plan::Notice;
use dovetail_sync::report::{HoldReason, LineEvent};
use dovetail_sync::state::Verdict;
use dovetail_sync::storage::Traits;
use dovetail_sync::{Direction, Report, Side};
use dovetail_testkit::MemoryCollection;
use dovetail_testkit::dialect::Dialect;

use crate::world::{World, occurrence, writes};

fn replicates(source: Side) -> Direction {
    match source {
        Side::Outlook => Direction::ReplicateToServer,
        Side::Server => Direction::ReplicateToOutlook,
    }
}

fn merges(source: Side) -> Direction {
    match source {
        Side::Outlook => Direction::MergeToServer,
        Side::Server => Direction::MergeToOutlook,
    }
}

/// As many items of the source, on both sides.
fn given(direction: Direction, source: Side, count: usize) -> World {
    let mut world = World::new();
    world.direction = direction;
    for number in 0..count {
        world.make(source, &format!("event {number}"));
    }
    assert_eq!(world.good_run().written.of(source.other()).created, count as u64);
    world
}

fn is_quiet(world: &mut World) {
    for _ in 0..3 {
        let report = world.good_run();
        let lines: Vec<_> = report.lines.iter().filter(|line| !is_note(&line.event)).collect();
        assert_eq!((report.written.outlook.total(), report.written.server.total()), (0, 0), "{lines:?}");
        assert!(lines.is_empty(), "{lines:?}");
    }
}

fn is_note(event: &LineEvent) -> bool {
    matches!(event, LineEvent::Noticed { .. })
}

fn notices(report: &Report) -> Vec<Notice> {
    let notice = |event: &LineEvent| match event {
        LineEvent::Noticed { notice } => Some(notice.clone()),
        _ => None,
    };
    report.lines.iter().filter_map(|line| notice(&line.event)).collect()
}

#[test]
fn what_a_merge_gave_and_its_side_edited_outlives_the_source_whatever_that_could_hold_of_the_edit() {
    let fourth: fn(&mut Contact) = |contact| contact.emails.push(address(4));
    let filed: fn(&mut Contact) = |contact| contact.file_as = Some("Birch".into());
    for (source, edit) in [(Side::Outlook, fourth), (Side::Server, filed)] {
        let target = source.other();
        let mut world = World::new();
        (world.direction, world.kinds) = (merges(source), vec![Kind::Contact]);
        for name in ["Alice Arbor", "Bob Birch", "Carol Cedar"] {
            let emails = (1..=3).map(address).collect();
            let contact = Contact { formatted_name: name.into(), emails, ..Contact::default() };
            world.sides.of(source).make(&Item::Contact(Box::new(contact)), "");
        }
        world.good_run();
        world.sides.of(target).edit(&world.find(target, "Bob Birch"), |item| edit(contact(item)));
        is_quiet(&mut world);
        // What else the source edits goes on crossing, and changes nothing of that.
        world.sides.of(source).edit(&world.find(source, "Bob Birch"), |item| {
            contact(item).job_title = "Gardener".into();
        });
        assert_eq!(world.good_run().written.of(target).updated, 1, "{source}");
        for name in ["Alice Arbor", "Bob Birch"] {
            world.remove(source, name);
        }
        world.good_run();
        assert_eq!(world.titles(target), ["Bob Birch", "Carol Cedar"], "what was given and not edited goes");
        is_quiet(&mut world);
    }
}

#[test]
fn what_a_merge_gave_and_its_side_edited_together_with_the_source_outlives_it_as_well() {
    let mut world = World::new();
    (world.direction, world.kinds) = (merges(Side::Server), vec![Kind::Contact]);
    for name in ["Alice Arbor", "Bob Birch", "Carol Cedar"] {
        let contact = Contact { formatted_name: name.into(), ..Contact::default() };
        world.sides.server.make(&Item::Contact(Box::new(contact)), "");
    }
    world.good_run();
    for name in ["Bob Birch", "Carol Cedar"] {
        world.sides.server.edit(&world.find(Side::Server, name), |item| {
            contact(item).job_title = "Gardener".into();
        });
    }
    let bob = world.find(Side::Outlook, "Bob Birch");
    world.sides.outlook.edit(&bob, |item| contact(item).file_as = Some("Birch".into()));
    assert_eq!(world.good_run().written.outlook.updated, 2);
    for name in ["Bob Birch", "Carol Cedar"] {
        world.remove(Side::Server, name);
    }
    world.good_run();
    assert_eq!(world.titles(Side::Outlook), ["Alice Arbor", "Bob Birch"], "what was not edited goes");
    is_quiet(&mut world);
}

fn contact(item: &mut Item) -> &mut Contact {
    let Item::Contact(contact) = item else { panic!("no contact") };
    contact
}

fn address(number: u32) -> Email {
    Email { address: format!("{number}@example.com"), ..Email::default() }
}

#[test]
fn an_edit_of_a_copy_is_taken_back_field_by_field_and_kept_in_the_journal() {
    for source in Side::BOTH {
        let target = source.other();
        let mut world = given(replicates(source), source, 2);
        let extra = |world: &World| world.sides.of(target).extra(&world.find(target, "event 0"));
        let before = extra(&world);
        world.edit(target, "event 0", |event| event.location = "Room 1".into());
        let report = world.good_run();
        assert_eq!((report.written.of(target).updated, report.written.of(source).total()), (1, 0));
        assert!(
            matches!(report.lines.as_slice(), [line] if line.side == Some(target)
                && matches!(&line.event, LineEvent::TakenBack { clash } if clash.lost == "Room 1")),
            "{:?}",
            report.lines
        );
        assert_eq!((world.place(target, "event 0").as_str(), extra(&world)), ("", before));
        let entry = world.journal().entries(&report.run).unwrap().remove(0);
        assert!(entry.loses);
        assert!(String::from_utf8_lossy(&entry.before.unwrap().original.bytes).contains("Room 1"));
        is_quiet(&mut world);
        assert!(world.verify().is_equal());
    }
}

#[test]
fn a_copy_that_was_edited_on_both_sides_says_what_the_source_says() {
    for source in Side::BOTH {
        let mut world = given(replicates(source), source, 2);
        world.edit(source, "event 0", |event| event.description = "Bring the plans".into());
        world.edit(source.other(), "event 0", |event| event.location = "Room 1".into());
        let report = world.good_run();
        assert_eq!((report.written.of(source.other()).updated, report.clashes), (1, 1));
        assert_eq!(world.place(source.other(), "event 0"), "");
        assert!(world.verify().is_equal());
        is_quiet(&mut world);
    }
}

#[test]
fn a_copy_is_made_again_when_it_was_removed_and_goes_with_its_source() {
    for source in Side::BOTH {
        let target = source.other();
        let mut world = given(replicates(source), source, 4);
        world.remove(target, "event 0");
        world.remove(source, "event 1");
        world.remove(source, "event 2");
        world.edit(target, "event 2", |event| event.location = "Room 1".into());
        world.make(target, "an extra");
        let report = world.good_run();
        let written = *report.written.of(target);
        assert_eq!((written.created, written.deleted, report.written.of(source).total()), (1, 3, 0));
        assert_eq!(world.titles(target), world.titles(source));
        assert_eq!(world.titles(target), ["event 0", "event 3"]);
        is_quiet(&mut world);
        assert!(world.verify().is_equal());
    }
}

#[test]
fn what_the_source_cannot_show_of_an_edit_of_a_copy_stands() {
    let mut world = given(replicates(Side::Outlook), Side::Outlook, 2);
    let page = |world: &World| {
        let item = world.sides.server.items().into_iter().find(|(_, item)| item.title() == "event 0");
        occurrence(&mut item.unwrap().1).url.clone()
    };
    world.edit(Side::Server, "event 0", |event| event.url = "https://example.com/1".into());
    is_quiet(&mut world);
    world.edit(Side::Server, "event 0", |event| {
        event.url = "https://example.com/2".into();
        event.location = "Room 1".into();
    });
    assert_eq!(world.good_run().written.server.updated, 1);
    assert_eq!(
        (page(&world).as_str(), world.place(Side::Server, "event 0").as_str()),
        ("https://example.com/2", "")
    );
    is_quiet(&mut world);
}

#[test]
fn the_first_run_that_copies_says_what_it_takes_and_plans_it() {
    let all = Side::BOTH.iter().flat_map(|source| [(source, true), (source, false)]);
    for (&source, replaces) in all {
        let target = source.other();
        let mut world = World::new();
        world.direction = replicates(source);
        for side in Side::BOTH {
            world.make(side, "on both");
        }
        if replaces {
            world.edit(target, "on both", |event| event.location = "Room 1".into());
        }
        world.make(target, "an extra");
        world.make(target, "another");
        let plan = world.preview();
        let replaced = u64::from(replaces);
        let expected = [Notice::Replicates { target, removed: 2, replaced }];
        // A preview is no run: the run that follows is still the first.
        assert_eq!(plan.notices, expected);
        assert_eq!(plan.rows.iter().filter(|row| *row.loses.of(target)).count() as u64, 2 + replaced);
        let report = world.good_run();
        assert_eq!(notices(&report), expected);
        assert_eq!(world.titles(target), ["on both"]);
        assert_eq!(world.place(target, "on both"), "");
        assert_eq!(notices(&world.good_run()), []);
        is_quiet(&mut world);
    }
}

/// Outlook has room for three addresses.
#[test]
fn of_what_a_copy_got_too_much_nothing_stays_because_it_showed_only_afterwards() {
    let mut world = World::new();
    (world.direction, world.kinds) = (replicates(Side::Outlook), vec![Kind::Contact]);
    let emails: Vec<Email> = (1..=2).map(address).collect();
    let bob = Contact { formatted_name: "Bob Birch".into(), emails: emails.clone(), ..Contact::default() };
    world.sides.outlook.make(&Item::Contact(Box::new(bob)), "");
    world.good_run();
    world.sides.server.edit(&world.find(Side::Server, "Bob Birch"), |item| {
        contact(item).emails.extend([address(3), address(4)]);
    });
    world.good_run();
    let (_, mut item) = world.sides.server.items().remove(0);
    assert_eq!(contact(&mut item).emails, emails);
    is_quiet(&mut world);
    assert!(world.verify().is_equal());
}

/// The same. Which three of four it shows depends on what each of two computers saw the source become at a time.
#[test]
fn what_a_copy_shows_of_its_source_is_taken_back_by_no_other_computer() {
    let mut world = World::new();
    (world.direction, world.kinds) = (replicates(Side::Server), vec![Kind::Contact]);
    let emails = |numbers: &[u32]| numbers.iter().copied().map(address).collect::<Vec<_>>();
    let bob =
        Contact { formatted_name: "Bob Birch".into(), emails: emails(&[1, 2, 3, 4]), ..Contact::default() };
    world.sides.server.make(&Item::Contact(Box::new(bob)), "");
    world.good_run();
    world.good_run();
    let (state, one, two) = (world.path("state.db"), world.path("one.db"), world.path("two.db"));
    std::fs::copy(&state, &two).unwrap();
    let now_has = |world: &World, numbers: &[u32]| {
        let id = world.find(Side::Server, "Bob Birch");
        world.sides.server.edit(&id, |item| contact(item).emails = emails(numbers));
    };
    now_has(&world, &[2, 3, 4]);
    assert_eq!(writes(&world.good_run()), (1, 0), "there is room for the fourth");
    now_has(&world, &[2, 3, 4, 5]);
    assert_eq!(writes(&world.good_run()), (0, 0), "there is none for the fifth");
    std::fs::copy(&state, &one).unwrap();
    std::fs::copy(&two, &state).unwrap();
    assert_eq!(writes(&world.good_run()), (1, 0), "to the other computer, the fifth came for the first");
    std::fs::copy(&state, &two).unwrap();
    for computer in [&one, &two, &one] {
        std::fs::copy(computer, &state).unwrap();
        is_quiet(&mut world);
        std::fs::copy(&state, computer).unwrap();
    }
    assert!(world.verify().is_equal());
}

/// The same. What the server's contact had beyond them before it became a copy shows one by one.
#[test]
fn a_copy_has_no_more_than_its_source_once_there_is_room_to_see_it() {
    let mut world = World::new();
    (world.direction, world.kinds) = (replicates(Side::Outlook), vec![Kind::Contact]);
    for (side, addresses) in [(Side::Outlook, 3), (Side::Server, 5)] {
        let emails = (1..=addresses).map(address).collect();
        let contact = Contact { formatted_name: "Bob Birch".into(), emails, ..Contact::default() };
        world.sides.of(side).make(&Item::Contact(Box::new(contact)), "");
    }
    let addresses = |world: &World, side: Side| {
        let (_, mut item) = world.sides.of(side).items().remove(0);
        contact(&mut item).emails.clone()
    };
    world.good_run();
    is_quiet(&mut world);
    assert_eq!(addresses(&world, Side::Server).len(), 5, "nobody has seen two of them");
    world.sides.outlook.edit(&world.find(Side::Outlook, "Bob Birch"), |item| {
        contact(item).emails.remove(0);
    });
    world.good_run();
    assert_eq!(addresses(&world, Side::Outlook), [address(2), address(3)]);
    assert_eq!(addresses(&world, Side::Server), [address(2), address(3)]);
    is_quiet(&mut world);
    assert!(world.verify().is_equal());
}

#[test]
fn what_a_source_adds_takes_no_room_of_what_the_target_has_of_its_own() {
    let mut world = World::new();
    (world.direction, world.kinds) = (merges(Side::Server), vec![Kind::Contact]);
    let given =
        Contact { formatted_name: "Bob Birch".into(), emails: vec![address(1)], ..Contact::default() };
    world.sides.server.make(&Item::Contact(Box::new(given)), "");
    world.good_run();
    let edit = |world: &World, side: Side, change: fn(&mut Contact)| {
        world.sides.of(side).edit(&world.find(side, "Bob Birch"), |item| change(contact(item)));
    };
    let emails = |world: &World| {
        let (_, mut item) = world.sides.outlook.items().remove(0);
        contact(&mut item).emails.clone()
    };
    edit(&world, Side::Outlook, |contact| contact.emails.extend([address(2), address(3)]));
    edit(&world, Side::Server, |contact| {
        contact.emails.insert(0, address(4));
        contact.job_title = "Gardener".into();
    });
    assert_eq!(world.good_run().written.outlook.updated, 1);
    assert_eq!(emails(&world), [1, 2, 3].map(address), "there is room for three");
    is_quiet(&mut world);
    // What was given and is taken away goes all the same.
    edit(&world, Side::Server, |contact| contact.emails.retain(|email| *email != address(1)));
    world.good_run();
    let left = emails(&world);
    assert!(
        !left.contains(&address(1)) && left.contains(&address(2)) && left.contains(&address(3)),
        "{left:?}"
    );
    is_quiet(&mut world);
}

/// An item that stays in Outlook alone, since a person rejected its removal, and is made again on the server.
fn brought_back(direction: Direction, server_takes_writes: bool) -> (World, Report) {
    let mut world = World::linked(20);
    world.edit(Side::Outlook, "event 0", |event| event.description = "of before".into());
    world.good_run();
    for number in 0..11 {
        world.remove(Side::Server, &format!("event {number}"));
    }
    world.good_run();
    world.decide_all(Verdict::Rejected);
    world.good_run();
    world.make(Side::Server, "event 0");
    world.edit(Side::Server, "event 0", |event| event.location = "Room 1".into());
    world.direction = direction;
    if !server_takes_writes {
        read_only_server(&mut world);
    }
    let report = world.good_run();
    (world, report)
}

fn said(world: &World, side: Side) -> (String, String) {
    let item = world.sides.of(side).items().into_iter().find(|(_, item)| item.title() == "event 0");
    let mut item = item.expect("it is there").1;
    let event = occurrence(&mut item);
    (event.location.clone(), event.description.clone())
}

/// What it says there and what it says here are as good as one another: they meet as if for the first time.
#[test]
fn what_was_rejected_and_is_brought_back_is_joined() {
    let (mut world, report) = brought_back(Direction::TwoWay, true);
    assert_eq!((report.written.outlook.updated, report.written.server.updated), (1, 1));
    for side in Side::BOTH {
        assert_eq!(said(&world, side), ("Room 1".into(), "of before".into()), "{side}");
    }
    let report = world.good_run();
    assert_eq!((report.written.outlook.total(), report.written.server.total(), report.held), (0, 0, 0));
}

#[test]
fn what_is_brought_back_is_what_the_source_has_where_it_is_copied() {
    let (mut world, _) = brought_back(Direction::ReplicateToOutlook, true);
    for side in Side::BOTH {
        assert_eq!(said(&world, side), ("Room 1".into(), String::new()), "{side}");
    }
    is_quiet(&mut world);
}

#[test]
fn what_is_brought_back_where_nothing_can_be_written_is_left_alone() {
    let (world, report) = brought_back(Direction::TwoWay, false);
    assert_eq!((report.written.outlook.total(), report.held), (0, 0));
    assert_eq!(said(&world, Side::Outlook), (String::new(), "of before".into()));
}

#[test]
fn an_empty_source_empties_nothing_until_a_person_says_so() {
    for source in Side::BOTH {
        let target = source.other();
        let mut world = World::new();
        world.direction = replicates(source);
        world.make(target, "one");
        world.make(target, "two");
        for _ in 0..2 {
            let report = world.good_run();
            assert_eq!((report.held, report.written.of(target).total()), (2, 0));
            let held = |event: &LineEvent| *event == LineEvent::Held { reason: HoldReason::NothingThere };
            assert_eq!(report.lines.iter().filter(|line| held(&line.event)).count(), 2);
        }
        world.decide_all(Verdict::Approved);
        assert_eq!(world.good_run().written.of(target).deleted, 2);
        is_quiet(&mut world);
    }
}

#[test]
fn extras_of_a_copy_go_within_the_limits_only() {
    let mut world = given(Direction::ReplicateToServer, Side::Outlook, 20);
    for number in 0..11 {
        world.make(Side::Server, &format!("extra {number}"));
    }
    let report = world.good_run();
    assert_eq!((report.held, report.written.server.deleted), (11, 0));
    world.decide_all(Verdict::Rejected);
    // A person wanted to keep them.
    is_quiet(&mut world);
    assert_eq!(world.titles(Side::Server).len(), 31);
    assert_eq!(world.verify().intended.len(), 11);
}

#[test]
fn a_merge_writes_one_side_and_leaves_what_the_other_made() {
    for source in Side::BOTH {
        let target = source.other();
        let mut world = World::new();
        world.direction = merges(source);
        world.make(source, "from the source");
        world.make(target, "of its own");
        world.make(source, "on both");
        world.make(target, "on both");
        world.edit(target, "on both", |event| event.location = "Room 1".into());
        let report = world.good_run();
        // A first match only links.
        assert_eq!((report.written.of(target).total(), report.written.of(source).total()), (1, 0));
        assert_eq!(world.titles(target), ["from the source", "of its own", "on both"]);
        assert_eq!(world.titles(source), ["from the source", "on both"]);
        assert_eq!(world.place(target, "on both"), "Room 1");
        is_quiet(&mut world);

        // What the target has of its own is neither edited nor removed, whatever becomes of the source's.
        world.edit(source, "on both", |event| event.description = "Bring the plans".into());
        assert_eq!(world.good_run().written.of(target).total(), 0);
        world.remove(source, "on both");
        world.edit(target, "of its own", |event| event.location = "Room 2".into());
        assert_eq!(world.good_run().written.of(target).total(), 0);
        assert_eq!(world.titles(target), ["from the source", "of its own", "on both"]);
        is_quiet(&mut world);
        let verified = world.verify();
        assert!(verified.is_equal(), "{verified:?}");
        assert_eq!(verified.intended.len(), 2);
    }
}

#[test]
fn what_a_merge_gave_follows_its_source_except_where_it_was_edited() {
    for source in Side::BOTH {
        let target = source.other();
        let mut world = given(merges(source), source, 4);
        world.edit(source, "event 0", |event| event.location = "Room 1".into());
        world.edit(target, "event 1", |event| event.location = "Room 2".into());
        world.remove(target, "event 2");
        world.remove(source, "event 3");
        let report = world.good_run();
        let written = *report.written.of(target);
        assert_eq!((written.created, written.updated, written.deleted), (1, 1, 1));
        assert_eq!(report.written.of(source).total(), 0);
        assert_eq!(world.place(target, "event 0"), "Room 1");
        assert_eq!(world.place(target, "event 1"), "Room 2");
        is_quiet(&mut world);

        // What the target edited stays, for good; the rest goes on crossing.
        world.edit(source, "event 1", |event| {
            event.location = "Room 3".into();
            event.description = "Bring the plans".into();
        });
        world.good_run();
        assert_eq!(world.place(target, "event 1"), "Room 2");
        world.edit(source, "event 1", |event| event.summary = "renamed".into());
        world.good_run();
        assert_eq!(world.place(target, "renamed"), "Room 2");
        world.remove(source, "renamed");
        assert_eq!(world.good_run().written.of(target).total(), 0);
        is_quiet(&mut world);
        assert!(world.verify().is_equal());
    }
}

#[test]
fn what_is_new_on_the_source_is_linked_to_what_the_target_had_for_long() {
    for source in Side::BOTH {
        let mut world = World::new();
        world.direction = merges(source);
        world.make(source.other(), "an old one");
        world.make(source, "another");
        world.good_run();
        world.make(source, "an old one");
        let report = world.good_run();
        assert_eq!((report.written.of(source.other()).total(), report.held), (0, 0));
        assert_eq!(world.titles(source.other()), ["an old one", "another"]);
        is_quiet(&mut world);
    }
}

#[test]
fn a_merge_that_becomes_two_way_joins_what_was_left_apart() {
    for source in Side::BOTH {
        let mut world = World::new();
        world.direction = merges(source);
        for side in Side::BOTH {
            world.make(side, "on both");
        }
        world.edit(source.other(), "on both", |event| event.location = "Room 1".into());
        world.make(source.other(), "of its own");
        world.good_run();
        world.direction = Direction::TwoWay;
        let report = world.good_run();
        assert_eq!((report.written.of(source).created, report.written.of(source).updated), (1, 1));
        assert_eq!(world.place(source, "on both"), "Room 1");
        let verified = world.verify();
        assert!(verified.is_equal() && verified.intended.is_empty(), "{verified:?}");
        world.direction = Direction::TwoWay;
        is_quiet(&mut world);
    }
}

#[test]
fn a_change_of_direction_removes_nothing_that_both_sides_have() {
    for direction in Direction::ALL {
        for next in Direction::ALL {
            let mut world = World::new();
            world.direction = direction;
            for side in Side::BOTH {
                world.make(side, "on both");
            }
            world.make(Side::Outlook, "event 0");
            world.make(Side::Server, "event 1");
            world.good_run();
            let both: Vec<String> = world
                .titles(Side::Outlook)
                .into_iter()
                .filter(|title| world.titles(Side::Server).contains(title))
                .collect();
            world.direction = next;
            world.good_run();
            world.good_run();
            for (side, title) in
                Side::BOTH.iter().flat_map(|side| both.iter().map(move |title| (side, title)))
            {
                assert!(
                    world.titles(*side).contains(title),
                    "{direction:?} then {next:?}: {title} on {side}"
                );
            }
            is_quiet(&mut world);
            assert!(world.verify().is_equal(), "{direction:?} then {next:?}");
        }
    }
}

fn read_only_server(world: &mut World) {
    let traits = Traits { read_only: true, create_guard: true, delete_guard: true, ..Traits::default() };
    world.sides.server = world.sides.server.with_traits(traits);
}

fn writable_server(world: &mut World) {
    let traits = Traits { create_guard: true, delete_guard: true, ..Traits::default() };
    world.sides.server = world.sides.server.with_traits(traits);
}

#[test]
fn a_collection_that_takes_no_writes_is_named_once_and_still_read() {
    let mut world = World::linked(2);
    world.make(Side::Outlook, "made in Outlook");
    world.good_run();
    read_only_server(&mut world);
    world.edit(Side::Server, "made in Outlook", |event| event.location = "Room 3".into());
    for number in 0..3 {
        world.make(Side::Outlook, &format!("mine {number}"));
    }
    world.edit(Side::Outlook, "event 0", |event| event.location = "Room 1".into());
    world.edit(Side::Server, "event 1", |event| event.location = "Room 2".into());
    for _ in 0..3 {
        let report = world.good_run();
        assert_eq!(notices(&report).len(), 1, "{:?}", report.lines);
        assert_eq!((report.lines.len(), report.failed, report.held), (1, 0, 0));
    }
    assert_eq!(world.place(Side::Outlook, "event 0"), "Room 1");
    assert_eq!(world.place(Side::Outlook, "event 1"), "Room 2");
    assert_eq!(world.place(Side::Outlook, "made in Outlook"), "Room 3");
    // Once it takes writes, nothing was forgotten.
    writable_server(&mut world);
    world.good_run();
    world.good_run();
    assert_eq!(world.titles(Side::Server).len(), 6);
    assert_eq!(world.place(Side::Server, "event 0"), "Room 1");
    assert!(world.verify().is_equal());
}

#[test]
fn what_is_to_be_copied_to_a_collection_that_takes_no_writes_waits_for_it() {
    for direction in [Direction::ReplicateToServer, Direction::MergeToServer] {
        let mut world = World::new();
        world.direction = direction;
        read_only_server(&mut world);
        world.make(Side::Outlook, "mine");
        for _ in 0..2 {
            let report = world.good_run();
            assert_eq!(notices(&report), [Notice::ReadOnly { side: Side::Server, left: 1 }]);
            assert_eq!(report.failed, 0);
        }
        writable_server(&mut world);
        assert_eq!(world.good_run().written.server.created, 1);
    }
    let outlook = MemoryCollection::new(Dialect::Outlook, Traits { read_only: true, ..Traits::default() }, 1);
    let mut world = World::new();
    world.sides.outlook = outlook;
    world.direction = Direction::ReplicateToServer;
    // Where nothing is to be written, nothing is said.
    assert_eq!(notices(&world.good_run()), []);
}
