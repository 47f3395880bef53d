//! What becomes of a series and of a task's progress once something was carried to them, and single entries: what the tables of
//! edits do not tell apart.

use jiff::civil::date;

use super::edits::{monday, rich};
use super::*;
use crate::contact::{Address, Contact, Custom, Email, Im, Line, Phone, Place, WebPage};
use crate::event::{Occurrence, Participant, Response};
use crate::group::{Group, Member};
use crate::item::{Alarm, AlarmAction, Trigger};
use crate::recurrence::{Rule, RuleEnd};
use crate::task::{Task, TaskStatus};
use crate::when::{When, Zone};

fn event(edit: impl FnOnce(&mut Event)) -> Event {
    let Item::Event(mut event) = rich(Kind::Event) else { unreachable!() };
    edit(&mut event);
    *event
}

fn contact_with(edit: impl FnOnce(&mut Contact)) -> Item {
    let mut contact = Contact::default();
    edit(&mut contact);
    Item::Contact(Box::new(contact))
}

/// What `onto` is once the edit from `base` was carried to it.
fn carried(base: &Event, edited: &Event, onto: &Event) -> Event {
    let item = |event: &Event| Item::Event(Box::new(event.clone()));
    let Item::Event(event) = carry(&Ground::from(item(base)), &item(edited), &item(onto)) else {
        unreachable!()
    };
    *event
}

/// A day on which the series does not take place.
fn stray() -> When {
    monday(30)
}

#[test]
fn a_changed_occurrence_of_no_day_of_the_series_stays_as_long_as_the_series_does() {
    let base = event(|_| {});
    let edited = event(|e| {
        e.overrides.insert(stray(), e.main.moved_to(&stray()));
        e.exdates.insert(monday(31));
    });
    let carried = carried(&base, &edited, &base);
    assert!(carried.overrides.contains_key(&stray()) && carried.exdates.contains(&monday(31)));
}

#[test]
fn an_occurrence_that_is_changed_on_one_side_begins_by_the_clock_of_the_series_on_the_other() {
    let zones = [Zone::Floating, Zone::named("Europe/Vienna"), Zone::named("Asia/Tokyo")];
    for zone in zones {
        let base = event(|e| e.overrides.clear());
        let elsewhere = |when: &When| When::Time { local: when.local(), zone: zone.clone() };
        let mut onto = base.clone();
        (onto.main.start, onto.main.end) = (elsewhere(&base.main.start), elsewhere(&base.main.end));
        onto.exdates = base.exdates.iter().map(elsewhere).collect();
        let mut edited = base.clone();
        let mut changed = base.main.moved_to(&monday(3));
        changed.location = "Garden".into();
        edited.overrides.insert(monday(3), changed);
        let carried = carried(&base, &edited, &onto);
        let mut expected = onto.main.moved_to(&elsewhere(&monday(3)));
        expected.location = "Garden".into();
        assert_eq!(carried.overrides, [(elsewhere(&monday(3)), expected)].into(), "{zone:?}");
    }
}

#[test]
fn an_occurrence_that_is_changed_with_the_zone_of_its_series_begins_by_the_new_clock() {
    let base = event(|e| e.overrides.clear());
    let tokyo = |when: &When| When::Time { local: when.local(), zone: Zone::named("Asia/Tokyo") };
    let mut edited = base.clone();
    (edited.main.start, edited.main.end) = (tokyo(&base.main.start), tokyo(&base.main.end));
    edited.exdates = base.exdates.iter().map(tokyo).collect();
    let id = tokyo(&monday(3));
    let mut changed = edited.main.moved_to(&id);
    changed.location = "Garden".into();
    edited.overrides.insert(id.clone(), changed);
    assert_eq!(carried(&base, &edited, &base).overrides[&id].start, id);
}

#[test]
fn of_a_series_that_gets_shorter_the_exceptions_beyond_it_go_and_strays_stay() {
    let base = event(|_| {});
    let shorter = event(|e| e.rule = e.rule.clone().map(|rule| Rule { end: RuleEnd::Count(4), ..rule }));
    let onto = event(|e| {
        e.exdates.extend([monday(6), stray()]);
        for id in [monday(7), monday(31)] {
            e.overrides.insert(id.clone(), e.main.moved_to(&id));
        }
    });
    let carried = carried(&base, &shorter, &onto);
    assert_eq!(carried.exdates, BTreeSet::from([stray()]));
    assert_eq!(carried.overrides.into_keys().collect::<Vec<_>>(), [monday(2), monday(31)]);
}

#[test]
fn what_takes_place_on_days_of_its_own_keeps_the_changes_of_them() {
    let base = event(|e| {
        (e.rule, e.rdates) = (None, [monday(2)].into());
        e.exdates.clear();
    });
    let mut edited = Event { rdates: [monday(2), monday(3)].into(), ..base.clone() };
    edited.overrides.insert(monday(3), base.main.moved_to(&monday(3)));
    let carried = carried(&base, &edited, &base);
    assert_eq!(carried.overrides.into_keys().collect::<Vec<_>>(), [monday(2), monday(3)]);
}

#[test]
fn exceptions_are_written_in_the_zone_that_their_series_was_moved_to() {
    let there = |when: &When| When::Time { local: when.local(), zone: Zone::named("America/New_York") };
    let base = event(|_| {});
    let edited = event(|e| (e.main.start, e.main.end) = (there(&e.main.start), there(&e.main.end)));
    let carried = carried(&base, &edited, &base);
    assert_eq!(carried.exdates, BTreeSet::from([there(&monday(5))]));
    assert_eq!(carried.overrides.into_keys().collect::<Vec<_>>(), [there(&monday(2))]);
}

fn progress(status: TaskStatus, percent: u8, completed: Option<i8>) -> Task {
    let Item::Task(task) = rich(Kind::Task) else { unreachable!() };
    let completed = completed.map(|day| When::Date(date(2026, 3, day)));
    Task { status, percent, completed, ..*task }
}

#[test]
fn progress_that_was_contradictory_before_says_what_was_edited() {
    use TaskStatus::{Complete, InProgress};
    for (before, edited, expected) in [
        ((Complete, 50, Some(1)), (Complete, 100, Some(1)), (Complete, 100, Some(1))),
        ((Complete, 100, Some(1)), (Complete, 100, Some(2)), (Complete, 100, Some(2))),
        ((InProgress, 50, Some(1)), (InProgress, 60, Some(1)), (InProgress, 60, None)),
        ((InProgress, 100, None), (InProgress, 100, Some(2)), (Complete, 100, Some(2))),
    ] {
        let [before, edited, expected] = [before, edited, expected]
            .map(|(status, percent, completed)| Item::Task(Box::new(progress(status, percent, completed))));
        assert_eq!(carry(&Ground::from(before.clone()), &edited, &before), expected);
    }
}

fn contact(emails: &[(&str, Place)]) -> Item {
    let email = |(address, place): &(&str, Place)| Email {
        address: format!("{address}@example.com"),
        place: *place,
        name: String::new(),
    };
    let emails = emails.iter().map(email).collect();
    Item::Contact(Box::new(Contact { emails, ..Contact::default() }))
}

#[test]
fn an_entry_whose_neighbours_the_other_side_does_not_have_goes_to_the_end() {
    let work = |names: &[&str]| contact(&names.iter().map(|name| (*name, Place::Work)).collect::<Vec<_>>());
    for (edited, expected) in [(&["a", "b"], &["x", "b"]), (&["b", "a"], &["b", "x"])] {
        assert_eq!(carry(&Ground::from(work(&["a"])), &work(edited), &work(&["x"])), work(expected));
    }
}

#[test]
fn all_entries_that_gave_way_are_told_of_whether_the_winner_sees_them_or_edited_them() {
    let base = contact(&[("a", Place::Work), ("b", Place::Work)]);
    let loser = contact(&[("a", Place::Home), ("b", Place::Home)]);
    let winner = contact(&[("a", Place::Work), ("b", Place::Other)]);
    let ground = Ground::from(base.clone());
    let seen = edit(&ground, &contact(&[("a", Place::Home), ("b", Place::Work)]));
    let result =
        prevail(Held { base: &ground, current: &winner }, Held { base: &ground, current: &loser }, &seen);
    assert_eq!(result.loser, winner);
    let [clash] = result.clashes.as_slice() else { panic!("one clash: {:?}", result.clashes) };
    assert_eq!(clash.lost.matches("a@example.com").count(), 1, "{clash:?}");
    assert_eq!(clash.lost.matches("b@example.com").count(), 1, "{clash:?}");
}

#[test]
fn what_is_lost_of_an_item_that_is_removed_is_told_by_unit() {
    let base = Item::Event(Box::new(event(|_| {})));
    let edited = Item::Event(Box::new(event(|e| {
        e.main.location = "Room 9".into();
        e.main.summary = "Review".into();
    })));
    let told: Vec<(Unit, String, String)> = removed(&Ground::from(base), &edited)
        .into_iter()
        .map(|clash| (clash.unit, clash.kept, clash.lost))
        .collect();
    let alone = |field, lost: &str| (Unit::Alone(field), String::new(), lost.to_owned());
    assert_eq!(told, [alone(Field::Summary, "Review"), alone(Field::Location, "Room 9")]);
}

/// The event with the third occurrence changed so.
fn changed(edit: impl FnOnce(&mut Occurrence)) -> Event {
    event(|e| {
        let mut occurrence = e.main.moved_to(&monday(3));
        edit(&mut occurrence);
        e.overrides.insert(monday(3), occurrence);
    })
}

#[test]
fn an_occurrence_that_the_other_side_changed_as_well_gets_what_was_changed_here() {
    let base = event(|_| {});
    let (ours, theirs) = (changed(|o| o.location = "Room 9".into()), changed(|o| o.url.clear()));
    let carried = carried(&base, &ours, &theirs);
    let occurrence = &carried.overrides[&monday(3)];
    assert_eq!((occurrence.location.as_str(), occurrence.url.as_str()), ("Room 9", ""));
}

/// What the other side has of an occurrence goes with it, and does not go over to another one that was changed in the same edit.
#[test]
fn an_occurrence_that_is_as_its_series_again_has_not_become_another_that_is_changed() {
    let base = event(|_| {});
    let theirs = event(|e| e.overrides.get_mut(&monday(2)).unwrap().categories = vec!["Own".into()]);
    let half_an_hour = jiff::SignedDuration::from_mins(30);
    for moved_by in [jiff::SignedDuration::ZERO, half_an_hour] {
        let moved = |when: &When| when.at_wall_clock(when.local().checked_add(moved_by).unwrap());
        let edited = event(|e| {
            e.main = e.main.moved_to(&moved(&e.main.start));
            e.overrides = [(moved(&monday(3)), e.main.moved_to(&moved(&monday(3))))].into();
        });
        let carried = carried(&base, &edited, &theirs);
        let changed: Vec<_> = carried.overrides.iter().map(|(id, it)| (id.clone(), &it.categories)).collect();
        assert_eq!(changed, [(moved(&monday(3)), &base.main.categories)], "{moved_by}");
    }
}

#[test]
fn a_category_that_is_given_in_place_of_another_is_not_that_one_renamed() {
    let of = |categories: &[&str]| {
        let categories = categories.iter().map(|&category| category.to_owned()).collect();
        contact_with(|contact| contact.categories = categories)
    };
    let (base, ours, theirs) = (Ground::from(of(&["Blue"])), of(&["Red"]), of(&[]));
    let held = |current| Held { base: &base, current };
    for (winner, loser) in [(&ours, &theirs), (&theirs, &ours)] {
        let merged = reconcile(held(winner), held(loser));
        assert_eq!(merged.clashes, []);
        assert_eq!((&merged.winner, &merged.loser), (&ours, &ours));
    }
}

#[test]
fn newly_matched_changes_of_one_occurrence_fill_each_other_without_a_clash() {
    let item = |event: Event| Item::Event(Box::new(event));
    let (one, other) = (item(changed(|o| o.location.clear())), item(changed(|o| o.url.clear())));
    let views = Views { own: &one, other: &other, own_as_other: &one, other_as_own: &other };
    let (of_one, of_other) = common_ground(views);
    let merged = reconcile(Held { base: &of_one, current: &one }, Held { base: &of_other, current: &other });
    assert_eq!(merged.clashes, []);
    for item in [&merged.winner, &merged.loser] {
        let Item::Event(event) = item else { unreachable!() };
        let occurrence = &event.overrides[&monday(3)];
        assert_eq!(occurrence.location, "Room 1");
        assert_eq!(occurrence.url, "https://example.com/planning");
    }
}

#[test]
fn who_is_asked_instead_of_another_has_given_no_answer_yet() {
    let asked = |address: &str, response| {
        event(|e| {
            e.main.attendees.truncate(1);
            e.main.attendees[0].who.address = format!("mailto:{address}@example.com");
            e.main.attendees[0].response = response;
        })
    };
    let open = Response::NeedsAction;
    let carried = carried(&asked("a", open), &asked("b", open), &asked("a", Response::Accepted));
    assert_eq!(carried.main.attendees, asked("b", open).main.attendees);
}

#[test]
fn an_organizer_of_whom_nothing_is_said_is_none_and_one_with_a_name_is_another() {
    let organized = |name: &str, address: &str| {
        let organizer = Participant { name: name.into(), address: address.into(), ..Participant::default() };
        Item::Event(Box::new(event(|e| e.main.organizer = Some(organizer))))
    };
    let chair = organized("Chair", "mailto:chair@example.com");
    for (other, clashes) in [(organized("", ""), 0), (organized("Deputy", ""), 1)] {
        let views = Views { own: &chair, other: &other, own_as_other: &chair, other_as_own: &other };
        let (own, others) = common_ground(views);
        let merged = reconcile(Held { base: &own, current: &chair }, Held { base: &others, current: &other });
        assert_eq!((merged.clashes.len(), &merged.loser), (clashes, &chair));
    }
}

/// What the other side holds of an entry stays with it where it is the same one with another number or address, and does not
/// go over to a new one.
#[test]
fn an_entry_is_the_old_one_under_another_key_where_it_is_of_the_same_kind_and_place() {
    use Place::{Home, Other, Work};
    let of = |edit: &dyn Fn(&mut Contact)| {
        let mut contact = Contact::default();
        edit(&mut contact);
        Item::Contact(Box::new(contact))
    };
    let phone = |number: &str, line, place| {
        of(&|c: &mut Contact| c.phones = vec![Phone { number: number.into(), line, place }])
    };
    let email = |address: &str, place, name: &str| {
        of(&|c: &mut Contact| {
            c.emails = vec![Email { address: address.into(), place, name: name.into() }];
        })
    };
    let page = |url: &str, place| of(&|c: &mut Contact| c.urls = vec![WebPage { url: url.into(), place }]);
    for (base, edited, onto, expected) in [
        (
            phone("1", Line::Voice, Work),
            phone("2", Line::Voice, Work),
            phone("1", Line::Fax, Work),
            phone("2", Line::Fax, Work),
        ),
        (
            phone("1", Line::Voice, Work),
            phone("2", Line::Voice, Home),
            phone("1", Line::Fax, Work),
            phone("2", Line::Voice, Home),
        ),
        (
            phone("1", Line::Voice, Work),
            phone("2", Line::Mobile, Work),
            phone("1", Line::Voice, Home),
            phone("2", Line::Mobile, Work),
        ),
        (email("a", Work, ""), email("b", Work, ""), email("a", Work, "Sample"), email("b", Work, "Sample")),
        (email("a", Work, ""), email("b", Home, ""), email("a", Work, "Sample"), email("b", Home, "")),
        (page("a", Work), page("b", Work), page("a", Other), page("b", Other)),
    ] {
        assert_eq!(carry(&Ground::from(base), &edited, &onto), expected);
    }
}

#[test]
fn entries_are_told_apart_by_what_names_them_and_not_by_where_they_stand() {
    let of = |ims: &[&str], customs: &[&str]| {
        let im = |service: &&str| Im { service: (*service).to_owned(), handle: "sample".into() };
        let custom = |name: &&str| Custom { name: (*name).to_owned(), value: (*name).to_owned() };
        let ims = ims.iter().map(im).collect();
        Item::Contact(Box::new(Contact {
            ims,
            custom: customs.iter().map(custom).collect(),
            ..Contact::default()
        }))
    };
    let (base, edited) = (of(&["xmpp", "sip"], &["one", "two"]), of(&["sip"], &["two"]));
    let onto = of(&["irc", "xmpp", "sip"], &["three", "one", "two"]);
    assert_eq!(carry(&Ground::from(base), &edited, &onto), of(&["irc", "sip"], &["three", "two"]));
}

/// The other side has something between them, so that it shows which of the two stands where.
#[test]
fn which_of_two_entries_that_are_gone_a_new_one_was_is_told_by_its_sort() {
    let pages = |pages: &[(&str, Place)]| {
        let page = |(url, place): &(&str, Place)| WebPage { url: (*url).to_owned(), place: *place };
        contact_with(|it| it.urls = pages.iter().map(page).collect())
    };
    let ims = |ims: &[(&str, &str)]| {
        let im = |(service, handle): &(&str, &str)| Im {
            service: (*service).to_owned(),
            handle: (*handle).to_owned(),
        };
        contact_with(|it| it.ims = ims.iter().map(im).collect())
    };
    let alarms = |alarms: &[(i64, AlarmAction)]| {
        let alarm = |(minutes, action): &(i64, AlarmAction)| Alarm {
            trigger: Trigger::Start(-60 * minutes),
            action: *action,
            minutes_before_start: Some(*minutes),
        };
        Item::Event(Box::new(event(|it| it.main.alarms = alarms.iter().map(alarm).collect())))
    };
    use AlarmAction::{Audio, Display, Email};
    use Place::{Home, Other, Work};
    for (base, edited, onto, expected) in [
        (
            pages(&[("a", Work), ("b", Home)]),
            pages(&[("d", Home), ("c", Work)]),
            pages(&[("a", Work), ("x", Other), ("b", Home)]),
            pages(&[("c", Work), ("x", Other), ("d", Home)]),
        ),
        (
            ims(&[("AIM", "a"), ("ICQ", "b")]),
            ims(&[("icq", "d"), ("aim", "c")]),
            ims(&[("AIM", "a"), ("XMPP", "x"), ("ICQ", "b")]),
            ims(&[("aim", "c"), ("XMPP", "x"), ("icq", "d")]),
        ),
        (
            alarms(&[(15, Display), (20, Audio)]),
            alarms(&[(40, Audio), (30, Display)]),
            alarms(&[(15, Display), (60, Email), (20, Audio)]),
            alarms(&[(30, Display), (60, Email), (40, Audio)]),
        ),
    ] {
        assert_eq!(carry(&Ground::from(base), &edited, &onto), expected);
    }
}

#[test]
fn a_member_is_known_by_its_address_else_by_its_card_else_by_its_name() {
    let member = |name: &str, address: &str, uid: Option<&str>, entry: Option<&str>| Member {
        name: name.into(),
        address: address.into(),
        uid: uid.map(str::to_owned),
        entry: entry.map(str::to_owned),
    };
    let list =
        |members: &[Member]| Item::Group(Box::new(Group { members: members.to_vec(), ..Group::default() }));
    for (first, second, renamed) in [
        (
            member("A", "a@example.org", Some("1"), None),
            member("B", "b@example.org", Some("1"), None),
            member("B.", "B@example.org", Some("1"), None),
        ),
        (
            member("A", "", Some("1"), None),
            member("B", "", Some("2"), None),
            member("B.", "", Some("2"), None),
        ),
        (
            member("A", "", None, Some("1.vcf")),
            member("B", "", None, Some("2.vcf")),
            member("B.", "", None, Some("2.vcf")),
        ),
        (member("A", "", None, None), member("B", "", None, None), member("b", "", None, None)),
    ] {
        let (base, edited) = (list(&[first.clone(), second.clone()]), list(&[second]));
        let onto = list(&[first, renamed.clone()]);
        assert_eq!(carry(&Ground::from(base), &edited, &onto), list(&[renamed]));
    }
}

#[test]
fn an_address_is_the_old_one_at_another_place_only_where_nothing_else_of_it_was_edited() {
    let living = |place, street: &str, country: &str| {
        let address = Address { place, street: street.into(), country: country.into(), ..Address::default() };
        Item::Contact(Box::new(Contact { addresses: vec![address], ..Contact::default() }))
    };
    let (base, onto) =
        (living(Place::Home, "1 Sample Street", ""), living(Place::Home, "1 Sample Street", "Utopia"));
    for (street, country) in [("1 Sample Street", "Utopia"), ("2 Sample Street", "")] {
        let edited = living(Place::Work, street, "");
        assert_eq!(carry(&Ground::from(base.clone()), &edited, &onto), living(Place::Work, street, country));
    }
}

#[test]
fn an_attachment_that_is_called_otherwise_is_the_same_one() {
    let named = |name: &str| event(|e| e.main.attachments[0].name = name.into());
    let onto = event(|e| e.main.attachments.reverse());
    let carried = carried(&named("notes"), &named("minutes"), &onto);
    let names: Vec<&str> = carried.main.attachments.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["notes", "minutes"]);
}

#[test]
fn what_is_lost_of_a_set_is_told_by_its_entries() {
    let base = event(|_| {});
    let edited = event(|e| {
        e.main.categories.push("Travel".into());
        e.exdates.insert(monday(7));
    });
    let told = removed(&Ground::from(Item::Event(Box::new(base))), &Item::Event(Box::new(edited)));
    let lost: Vec<&str> = told.iter().map(|clash| clash.lost.as_str()).collect();
    assert_eq!(lost, [monday(7).to_string().as_str(), "Travel"]);
}

#[test]
fn fields_that_are_taken_are_as_they_were_and_no_others() {
    for sample in EDITS {
        let base = rich(sample.kind);
        let edited = held(&base, sample);
        let fields = fields_between(&base, &edited);
        assert_eq!(unordered(take(&fields, &base, &edited)), unordered(base.clone()), "{}", sample.name);
        assert_eq!(take(&BTreeSet::new(), &base, &edited), edited, "{}", sample.name);
    }
}

#[test]
fn a_value_in_which_the_sides_do_not_differ_is_no_edit_and_one_in_which_they_do_is() {
    for sample in EDITS {
        let base = Ground::from(rich(sample.kind));
        let current = held(&base.item, sample);
        let edited = edit(&base, &current);
        let left = edit(&agreed(base.clone(), &current, &Edit::default()), &current);
        let entries = left.fields.values().flatten().all(|change| change.key.is_some());
        assert!(entries, "{}: {left:?}", sample.name);
        assert_eq!(edit(&agreed(base, &current, &edited), &current), edited, "{}", sample.name);
    }
}
