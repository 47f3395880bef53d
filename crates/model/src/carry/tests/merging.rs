//! Single cases of merging that the tables of pairs do not reach: several edits at once, first matches, what settles.

use jiff::civil::{date, datetime};

use super::edits::{alarm, monday, rich};
use super::*;
use crate::contact::{Contact, Custom, Email, Gender, Place};
use crate::item::{Alarm, Priority, Trigger};
use crate::task::{Task, TaskStatus};
use crate::when::{When, Zone};

fn event(edit: impl FnOnce(&mut Event)) -> Item {
    let Item::Event(mut event) = rich(Kind::Event) else { unreachable!() };
    edit(&mut event);
    Item::Event(event)
}

fn task(edit: impl FnOnce(&mut Task)) -> Item {
    let Item::Task(mut task) = rich(Kind::Task) else { unreachable!() };
    edit(&mut task);
    Item::Task(task)
}

fn contact(edit: impl FnOnce(&mut Contact)) -> Item {
    let Item::Contact(mut contact) = rich(Kind::Contact) else { unreachable!() };
    edit(&mut contact);
    Item::Contact(contact)
}

fn email(address: &str, place: Place) -> Email {
    Email { address: address.into(), place, name: String::new() }
}

/// Both sides edit an item on which they agreed.
fn merged(base: &Item, winner: &Item, loser: &Item) -> Reconciled {
    reconciled((base, winner), (base, loser))
}

/// Two items that were never linked and of which each side can hold everything.
fn matched(winner: &Item, loser: &Item) -> Reconciled {
    let views = Views { own: winner, other: loser, own_as_other: winner, other_as_own: loser };
    let (of_winner, of_loser) = common_ground(views);
    reconcile(Held { base: &of_winner, current: winner }, Held { base: &of_loser, current: loser })
}

#[test]
fn a_clash_over_one_entry_leaves_the_edits_of_others_alone() {
    let base = contact(|_| {});
    let winner = contact(|c| c.emails[0].place = Place::Work);
    let loser = contact(|c| {
        c.emails[0].place = Place::Other;
        c.emails.push(email("new@example.com", Place::Work));
    });
    let result = merged(&base, &winner, &loser);
    assert_eq!(result.winner, result.loser);
    let expected = contact(|c| {
        c.emails[0].place = Place::Work;
        c.emails.push(email("new@example.com", Place::Work));
    });
    assert_eq!(unordered(result.winner), unordered(expected));
    let [clash] = result.clashes.as_slice() else { panic!("one clash") };
    assert!(
        clash.lost.contains("sample@example.com") && !clash.lost.contains("new@example.com"),
        "{clash:?}"
    );
}

#[test]
fn a_clash_over_one_occurrence_leaves_the_edits_of_others_alone() {
    let base = event(|_| {});
    let winner = event(|e| e.overrides.get_mut(&monday(2)).unwrap().location = "Room 5".into());
    let loser = event(|e| {
        e.overrides.remove(&monday(2));
        e.exdates.insert(monday(2));
        e.exdates.insert(monday(7));
    });
    let result = merged(&base, &winner, &loser);
    assert_eq!(result.winner, result.loser);
    let Item::Event(event) = result.winner else { unreachable!() };
    assert_eq!(event.exdates, BTreeSet::from([monday(5), monday(7)]));
    assert_eq!(event.overrides[&monday(2)].location, "Room 5");
    assert_eq!(result.clashes.len(), 1);
}

#[test]
fn a_clash_over_the_rule_takes_back_exceptions_as_well() {
    let base = event(|_| {});
    let winner = event(|e| {
        e.rule = None;
        e.overrides.clear();
        e.exdates.clear();
    });
    let loser = event(|e| {
        e.exdates.insert(monday(7));
    });
    let result = merged(&base, &winner, &loser);
    assert_eq!(result.winner, result.loser);
    let Item::Event(event) = result.winner else { unreachable!() };
    assert!(event.rule.is_none() && event.exdates.is_empty() && event.overrides.is_empty());
}

#[test]
fn newly_matched_lists_are_united_even_where_an_entry_differs() {
    let one = contact(|c| {
        c.emails = vec![email("a@example.com", Place::Home), email("only-one@example.com", Place::Work)];
    });
    let other = contact(|c| {
        c.emails = vec![email("a@example.com", Place::Work), email("only-other@example.com", Place::Home)];
    });
    let result = matched(&one, &other);
    assert_eq!(unordered(result.winner.clone()), unordered(result.loser));
    let Item::Contact(contact) = result.winner else { unreachable!() };
    let mut addresses: Vec<&str> = contact.emails.iter().map(|email| email.address.as_str()).collect();
    addresses.sort_unstable();
    assert_eq!(addresses, ["a@example.com", "only-one@example.com", "only-other@example.com"]);
    assert_eq!(contact.emails[0].place, Place::Home, "the winner's");
    assert_eq!(result.clashes.len(), 1, "over the place alone");
}

#[test]
fn what_says_nothing_is_no_value_of_its_own_at_a_first_match() {
    for (name, blank, full) in [
        ("priority of an event", event(|e| e.main.priority = Priority(0)), event(|_| {})),
        ("priority of a task", task(|t| t.priority = Priority(0)), task(|_| {})),
        ("percent", task(|t| t.percent = 0), task(|_| {})),
        ("planned work", task(|t| t.total_work = 0), task(|_| {})),
        ("work done", task(|t| t.actual_work = 0), task(|_| {})),
        ("gender", contact(|c| c.gender = Gender::Unspecified), contact(|_| {})),
        ("a text", contact(|c| c.job_title.clear()), contact(|_| {})),
        ("an empty text", contact(|c| c.file_as = Some(String::new())), contact(|_| {})),
        ("a missing text", contact(|c| c.file_as = None), contact(|_| {})),
    ] {
        for (winner, loser) in [(&blank, &full), (&full, &blank)] {
            let result = matched(winner, loser);
            assert_eq!((&result.winner, &result.loser), (&full, &full), "{name}");
            assert!(result.clashes.is_empty(), "{name}: {:?}", result.clashes);
        }
    }
}

#[test]
fn newly_matched_entries_fill_each_other_without_a_clash() {
    let one = event(|e| e.main.attendees[0].who.name = "Sample Guest".into());
    let other = event(|e| e.main.attendees[0].response = crate::event::Response::Accepted);
    let result = matched(&one, &other);
    assert_eq!(result.winner, result.loser);
    assert!(result.clashes.is_empty(), "{:?}", result.clashes);
    let Item::Event(event) = result.winner else { unreachable!() };
    let guest = &event.main.attendees[0];
    assert_eq!(guest.who.name, "Sample Guest");
    assert_eq!(guest.response, crate::event::Response::Accepted);
}

#[test]
fn newly_matched_spellings_of_one_entry_do_not_clash() {
    let one = contact(|c| c.phones[1].number = "+49 (170) 222222".into());
    let other = contact(|c| c.emails[0].address = "Sample@Example.com".into());
    for (winner, loser) in [(&one, &other), (&other, &one)] {
        let result = matched(winner, loser);
        assert_eq!(result.winner, result.loser);
        assert!(result.clashes.is_empty(), "{:?}", result.clashes);
    }
}

#[test]
fn newly_matched_reminders_of_one_distance_are_measured_from_the_end_if_either_is() {
    let with = |trigger: Trigger| event(|e| e.main.alarms = vec![Alarm { trigger, ..alarm(15) }]);
    let (start, end) = (with(Trigger::Start(-900)), with(Trigger::End(-4_500)));
    for (winner, loser) in [(&start, &end), (&end, &start)] {
        let result = matched(winner, loser);
        assert_eq!((&result.winner, &result.loser), (&end, &end));
        assert!(result.clashes.is_empty(), "{:?}", result.clashes);
    }
}

#[test]
fn newly_matched_series_with_an_override_on_one_side_end_up_the_same() {
    let one = event(|e| {
        e.main.summary = "Review".into();
        e.main.location.clear();
        e.overrides.clear();
    });
    let other = event(|_| {});
    for (winner, loser) in [(&one, &other), (&other, &one)] {
        let result = matched(winner, loser);
        assert_eq!(result.winner, result.loser);
    }
}

#[test]
fn categories_differ_in_more_than_case_or_not_at_all() {
    let one = contact(|c| c.categories = vec!["Friends".into(), "Sports".into()]);
    let other = contact(|c| c.categories = vec!["friends".into(), "Choir".into()]);
    let spelled = contact(|c| c.categories = vec!["FRIENDS".into()]);
    let base = contact(|_| {});
    assert!(edit(&Ground::from(base.clone()), &spelled).is_empty());
    for result in [matched(&one, &other), merged(&base, &one, &other)] {
        assert!(result.clashes.is_empty(), "{:?}", result.clashes);
        for (item, own) in [(result.winner, "Friends"), (result.loser, "friends")] {
            let Item::Contact(contact) = item else { unreachable!() };
            assert_eq!(contact.categories.len(), 3);
            assert_eq!(contact.categories[0], own);
        }
    }
}

#[test]
fn a_category_that_is_called_as_the_second_of_two_was_counted_is_another() {
    let with = |names: [&str; 2]| contact(|c| c.categories = names.map(str::to_owned).to_vec());
    let result = matched(&with(["Work", "work"]), &with(["Work", "Work #2"]));
    assert_eq!(unordered(result.winner.clone()), unordered(result.loser));
    let Item::Contact(contact) = result.winner else { unreachable!() };
    assert_eq!(
        BTreeSet::from_iter(contact.categories),
        ["Work", "Work #2", "work"].map(str::to_owned).into()
    );
}

#[test]
fn days_of_a_series_are_written_as_they_were_edited_and_at_a_first_match_alike() {
    let zoned = |zone: &str| When::Time { local: datetime(2026, 3, 9, 9, 0, 0, 0), zone: Zone::named(zone) };
    let (here, there) = (vec![zoned("Europe/Berlin")], vec![zoned("America/New_York")]);
    let mut onto = here.clone();
    entries::carry_entries(&here, &there, &mut onto);
    assert_eq!(onto, there, "the same clock, elsewhere");
    let common = |own, other| entries::common_entries::<When>(own, other, &|_| true);
    let agreed = common(&here, &there);
    assert!([&here, &there].contains(&&agreed), "the one is an edit of the other: {agreed:?}");
    assert_eq!(agreed, common(&there, &here), "whichever side asks");
}

#[test]
fn a_property_of_ones_own_is_the_same_in_whatever_case_its_name_is_written() {
    let own = |name: &str, value: &str| {
        task(|t| t.custom = vec![Custom { name: name.into(), value: value.into() }])
    };
    let (here, there) = (own("Shade", "green"), own("SHADE", "green"));
    assert!(edit(&Ground::from(here.clone()), &there).is_empty());
    assert_eq!(carry(&Ground::from(there), &own("SHADE", "red"), &here), own("Shade", "red"));
}

#[test]
fn a_new_override_of_a_series_renamed_in_the_same_edit_arrives_as_it_was_made() {
    let base = event(|_| {});
    let renamed = event(|e| {
        let mut moved = e.main.moved_to(&monday(3));
        moved.location = "Room 9".into();
        e.main.summary = "Review".into();
        e.overrides.insert(monday(3), moved);
        let followed = e.main.moved_to(&monday(4));
        e.overrides.insert(monday(4), crate::event::Occurrence { location: "Room 8".into(), ..followed });
    });
    let elsewhere = event(|e| e.main.url = "https://example.com/elsewhere".into());
    assert_eq!(carry(&Ground::from(base.clone()), &renamed, &base), renamed);
    let result = merged(&base, &renamed, &elsewhere);
    assert_eq!(result.winner, result.loser);
    let Item::Event(event) = result.loser else { unreachable!() };
    assert_eq!(event.overrides[&monday(3)].summary, "Planning");
    assert_eq!(event.overrides[&monday(4)].summary, "Review");
}

#[test]
fn a_task_whose_dates_cross_keeps_its_length_instead_of_losing_a_date() {
    let base = task(|_| {});
    let starts_later = task(|t| t.start = Some(When::Date(date(2026, 3, 20))));
    let due_sooner = task(|t| t.due = Some(When::Date(date(2026, 3, 1))));
    let spans = [
        (&starts_later, date(2026, 3, 20), date(2026, 3, 27)),
        (&due_sooner, date(2026, 2, 22), date(2026, 3, 1)),
    ];
    for (edited, start, due) in spans {
        let Item::Task(task) = carry(&Ground::from(base.clone()), edited, &base) else { unreachable!() };
        assert_eq!((task.start, task.due), (Some(When::Date(start)), Some(When::Date(due))));
    }
}

#[test]
fn status_percent_and_completion_follow_whichever_was_edited() {
    let noon = When::utc(datetime(2026, 3, 5, 12, 0, 0, 0));
    let done = task(|t| (t.status, t.percent, t.completed) = (TaskStatus::Complete, 100, Some(noon.clone())));
    let open = task(|_| {});
    let by_percent = task(|t| t.percent = 100);
    let by_date = task(|t| t.completed = Some(noon.clone()));
    let by_status = task(|t| t.status = TaskStatus::Complete);
    let reopened_by_percent = |mut item: Item| {
        if let Item::Task(task) = &mut item {
            task.percent = 60;
        }
        item
    };
    let reopened_by_status = |mut item: Item| {
        if let Item::Task(task) = &mut item {
            task.status = TaskStatus::NotStarted;
        }
        item
    };
    let cases = [
        (&open, by_percent, (TaskStatus::Complete, 100, false)),
        (&open, by_date, (TaskStatus::Complete, 100, true)),
        (&open, by_status, (TaskStatus::Complete, 100, false)),
        (&done, reopened_by_percent(done.clone()), (TaskStatus::InProgress, 60, false)),
        (&done, reopened_by_status(done.clone()), (TaskStatus::NotStarted, 0, false)),
    ];
    for (base, edited, expected) in cases {
        let Item::Task(task) = carry(&Ground::from(base.clone()), &edited, base) else { unreachable!() };
        assert_eq!((task.status, task.percent, task.completed.is_some()), expected);
    }
}

#[test]
fn a_whole_day_ends_after_it_starts() {
    let whole_days = |first, last| {
        event(|e| {
            e.rule = None;
            e.exdates.clear();
            e.overrides.clear();
            e.main.start = When::Date(date(2026, 3, first));
            e.main.end = When::Date(date(2026, 3, last));
        })
    };
    let base = whole_days(2, 4);
    let starts_later = whole_days(4, 4);
    let Item::Event(event) = carry(&Ground::from(base.clone()), &starts_later, &base) else { unreachable!() };
    assert_eq!(event.main.end, When::Date(date(2026, 3, 6)));
}

#[test]
fn fields_about_which_nothing_was_agreed_take_the_winners_value() {
    let base = contact(|_| {});
    let unknown =
        |fields: &[Field]| Ground { unknown: fields.iter().copied().collect(), ..Ground::from(base.clone()) };
    let winner = contact(|c| c.name.family = "Partner".into());
    let loser = contact(|c| {
        c.name.given = "Simple".into();
        c.name.prefix = "Prof.".into();
        c.emails[0].place = Place::Work;
        c.emails.push(email("new@example.com", Place::Work));
    });
    let grounds = [&[Field::FamilyName][..], &[Field::NamePrefix], &[Field::Emails]];
    for fields in grounds {
        let ground = unknown(fields);
        let known = Ground::from(base.clone());
        for (of_winner, of_loser) in [(&ground, &ground), (&known, &ground), (&ground, &known)] {
            let result = reconcile(
                Held { base: of_winner, current: &winner },
                Held { base: of_loser, current: &loser },
            );
            assert_eq!(unordered(result.winner.clone()), unordered(result.loser), "{fields:?}");
            let (Item::Contact(got), Item::Contact(won)) = (result.winner, &winner) else { unreachable!() };
            assert_eq!(got.name, won.name);
            assert!(got.emails.iter().any(|email| email.address == "new@example.com"));
        }
    }
}

#[test]
fn both_sides_agree_on_the_first_entries_after_a_merge() {
    let reminding = |minutes: &[i64]| task(|t| t.alarms = minutes.iter().map(|m| alarm(*m)).collect());
    let minutes = |item: &Item| -> Vec<i64> {
        let Item::Task(task) = item else { unreachable!() };
        task.alarms.iter().filter_map(|alarm| alarm.minutes_before_start).collect()
    };
    // The poorer side holds one alarm.
    let (poorer, richer) = (reminding(&[15]), reminding(&[2092, 60]));
    let richer_there = reminding(&[2092]);
    let views = Views { own: &poorer, other: &richer, own_as_other: &poorer, other_as_own: &richer_there };
    let (of_poorer, of_richer) = common_ground(views);
    let (poorer, richer) =
        (Held { base: &of_poorer, current: &poorer }, Held { base: &of_richer, current: &richer });
    for (winner, loser, expected) in [(poorer, richer, 15), (richer, poorer, 2092)] {
        let merged = reconcile(winner, loser);
        assert!(merged.clashes.is_empty());
        assert_eq!(minutes(&merged.winner).first(), Some(&expected));
        assert_eq!(minutes(&merged.loser).first(), Some(&expected));
    }
}

#[test]
fn which_entries_a_full_side_holds_is_no_difference_but_a_free_place_is() {
    let holding = |addresses: &[&str]| {
        contact(|c| c.emails = addresses.iter().map(|address| email(address, Place::Other)).collect())
    };
    let richer = holding(&["a@example.com", "b@example.com", "c@example.com", "d@example.com"]);
    let differs = |poorer: &Item| {
        let richer_there = holding(&["a@example.com", "b@example.com", "c@example.com"]);
        let views = Views { own: &richer, other: poorer, own_as_other: &richer_there, other_as_own: poorer };
        let (one, other) = (differences(views), differences(views.swapped()));
        assert_eq!(one.is_empty(), other.is_empty());
        !one.is_empty()
    };
    assert!(!differs(&holding(&["a@example.com", "b@example.com", "c@example.com"])));
    assert!(!differs(&holding(&["d@example.com", "b@example.com", "a@example.com"])));
    assert!(differs(&holding(&["a@example.com", "b@example.com"])), "a free place");
    assert!(differs(&holding(&["a@example.com", "b@example.com", "x@example.com"])), "what the other lacks");
}

#[test]
fn an_entry_changed_to_what_the_other_side_added_is_there_once() {
    let reminding = |minutes: &[i64]| task(|t| t.alarms = minutes.iter().map(|m| alarm(*m)).collect());
    let (base, changed, added) = (reminding(&[15]), reminding(&[30]), reminding(&[30, 15]));
    for result in [merged(&base, &changed, &added), merged(&base, &added, &changed)] {
        assert_eq!((&result.winner, &result.loser), (&changed, &changed));
    }
}

#[test]
fn which_alarm_of_a_changed_occurrence_a_full_side_shows_is_no_difference_but_an_edit_is() {
    let changed = |minutes: &[i64], location: &str| {
        event(|e| {
            let mut occurrence = e.main.moved_to(&monday(16));
            occurrence.alarms = minutes.iter().map(|m| alarm(*m)).collect();
            occurrence.location = location.into();
            e.overrides = [(monday(16), occurrence)].into();
        })
    };
    let richer = changed(&[60, 15], "Room 2");
    let differs = |poorer: &Item| {
        let richer_there = changed(&[60], "Room 2");
        let views = Views { own: &richer, other: poorer, own_as_other: &richer_there, other_as_own: poorer };
        let (one, other) = (differences(views), differences(views.swapped()));
        assert_eq!(one.is_empty(), other.is_empty());
        !one.is_empty()
    };
    assert!(!differs(&changed(&[60], "Room 2")));
    assert!(!differs(&changed(&[15], "Room 2")));
    assert!(differs(&changed(&[], "Room 2")), "a free place");
    assert!(differs(&changed(&[30], "Room 2")), "what the other lacks");
    assert!(differs(&changed(&[15], "Room 3")), "another field");
}
