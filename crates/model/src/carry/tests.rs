//! Carrying is tested by enumeration: every field has edits in the tables of `edits`, and each edit, and each pair of
//! edits, is carried.

use std::collections::BTreeSet;

use super::*;
use crate::event::Event;
use crate::item::Kind;

mod edits;
mod generated;
mod merging;
mod prevailing;
mod settling;

use edits::{EDITS, Sample, poor, rich, unordered};

fn held(base: &Item, edit: &Sample) -> Item {
    let mut item = base.clone();
    (edit.apply)(&mut item);
    item
}

fn of_kind(kind: Kind) -> impl Iterator<Item = &'static Sample> {
    EDITS.iter().filter(move |edit| edit.kind == kind)
}

const KINDS: [Kind; 4] = [Kind::Event, Kind::Task, Kind::Contact, Kind::Group];

fn fields_between(base: &Item, item: &Item) -> BTreeSet<Field> {
    edit(&Ground::from(base.clone()), item).fields.into_keys().collect()
}

#[test]
fn every_field_has_a_sample_edit_and_every_edit_is_seen_in_its_field() {
    let mut seen = BTreeSet::new();
    for sample in EDITS {
        for base in [poor(sample.kind), rich(sample.kind)] {
            let fields = fields_between(&base, &held(&base, sample));
            assert!(fields.contains(&sample.field), "{}: {fields:?}", sample.name);
            let units: BTreeSet<Unit> = fields.iter().map(|field| field.unit()).collect();
            assert_eq!(units, BTreeSet::from([sample.field.unit()]), "{}", sample.name);
        }
        seen.insert(sample.field);
    }
    assert_eq!(seen, BTreeSet::from(Field::ALL));
}

/// The fields of a kind: with nothing agreed, whatever an item has counts as edited.
fn fields_of(kind: Kind) -> BTreeSet<Field> {
    let mut item = rich(kind);
    if let Item::Event(event) = &mut item {
        event.rdates.insert(edits::monday(20));
    }
    let ground = Ground { unknown: Field::ALL.into(), ..Ground::from(item.clone()) };
    edit(&ground, &item).fields.into_keys().collect()
}

#[test]
fn every_field_of_every_kind_has_a_sample_edit() {
    for kind in KINDS {
        let sampled: BTreeSet<Field> = of_kind(kind).map(|sample| sample.field).collect();
        assert_eq!(sampled, fields_of(kind), "{kind:?}");
    }
}

#[test]
fn whoever_wins_what_does_not_clash_ends_up_the_same() {
    for (ours, theirs) in pairs() {
        let base = rich(ours.kind);
        let (one, other) = (held(&base, ours), held(&base, theirs));
        let merged = reconciled((&base, &one), (&base, &other));
        let swapped = reconciled((&base, &other), (&base, &one));
        let name = format!("{} and {}", ours.name, theirs.name);
        let units = |merged: &Reconciled| merged.clashes.iter().map(|clash| clash.unit).collect::<Vec<_>>();
        assert_eq!(units(&merged), units(&swapped), "{name}");
        if merged.clashes.is_empty() {
            assert_eq!(unordered(merged.winner), unordered(swapped.loser), "{name}");
        } else {
            let told = |clash: &Clash| (clash.kept.clone(), clash.lost.clone(), clash.fields.clone());
            let turned = |clash: &Clash| (clash.lost.clone(), clash.kept.clone(), clash.fields.clone());
            let told: Vec<_> = merged.clashes.iter().map(told).collect();
            assert_eq!(told, swapped.clashes.iter().map(turned).collect::<Vec<_>>(), "{name}");
        }
    }
}

#[test]
fn nothing_differs_from_itself_and_no_edit_carries_nothing() {
    for kind in KINDS {
        let (poor, rich) = (poor(kind), rich(kind));
        assert!(edit(&Ground::from(rich.clone()), &rich).is_empty());
        assert_eq!(carry(&Ground::from(poor.clone()), &poor, &rich), rich);
    }
}

#[test]
fn an_edit_carried_to_its_own_base_is_the_edited_item() {
    for sample in EDITS {
        for base in [poor(sample.kind), rich(sample.kind)] {
            let edited = held(&base, sample);
            assert_eq!(carry(&Ground::from(base.clone()), &edited, &base), edited, "{}", sample.name);
        }
    }
}

#[test]
fn an_edit_on_the_poorer_side_changes_that_field_of_the_richer_and_keeps_what_only_it_holds() {
    for sample in EDITS {
        let (base, onto) = (poor(sample.kind), rich(sample.kind));
        let carried = carry(&Ground::from(base.clone()), &held(&base, sample), &onto);
        let changed = fields_between(&onto, &carried);
        let wrong: Vec<_> = changed.iter().filter(|field| field.unit() != sample.field.unit()).collect();
        assert!(wrong.is_empty(), "{}: {wrong:?}", sample.name);
        assert!(changed.contains(&sample.field), "{}: nothing arrived", sample.name);
        assert_eq!(edits::extras(&carried), edits::extras(&onto), "{}", sample.name);
    }
}

#[test]
fn edits_of_different_units_both_arrive_on_both_sides() {
    for (ours, theirs) in pairs().filter(|(ours, theirs)| ours.field.unit() != theirs.field.unit()) {
        let (base_ours, base_theirs) = (poor(ours.kind), rich(ours.kind));
        let (one, other) = (held(&base_ours, ours), held(&base_theirs, theirs));
        let merged = reconciled((&base_ours, &one), (&base_theirs, &other));
        let name = format!("{} and {}", ours.name, theirs.name);
        assert!(merged.clashes.is_empty(), "{name}: {:?}", merged.clashes);
        for field in [ours.field, theirs.field] {
            assert!(
                fields_between(&base_ours, &merged.winner).contains(&field),
                "{name}: {field:?} of the first"
            );
            assert!(
                fields_between(&base_theirs, &merged.loser).contains(&field),
                "{name}: {field:?} of the second"
            );
        }
    }
}

#[test]
fn two_edits_of_one_unit_clash_unless_one_holds_the_other_or_they_are_of_different_entries() {
    let mut clashed = 0;
    for (ours, theirs) in pairs().filter(|(ours, theirs)| ours.field.unit() == theirs.field.unit()) {
        let base = rich(ours.kind);
        let (one, other) = (held(&base, ours), held(&base, theirs));
        let merged = reconciled((&base, &one), (&base, &other));
        let name = format!("{} and {}", ours.name, theirs.name);
        // From one base, and with nothing that a side could not hold, both sides end up the same.
        assert_eq!(unordered(merged.winner.clone()), unordered(merged.loser.clone()), "{name}");
        let apart = ours.entry.is_some() && theirs.entry.is_some() && ours.entry != theirs.entry;
        // One edit may say all that the other says.
        let [said, also] = [&one, &other].map(|item| told(&edit(&Ground::from(base.clone()), item)));
        let contained = said.is_subset(&also) || also.is_subset(&said);
        assert_eq!(merged.clashes.is_empty(), apart || contained, "{name}: {:?}", merged.clashes);
        if !merged.clashes.is_empty() {
            clashed += 1;
            assert_eq!(merged.winner, one, "{name}: the winner's item stands");
            let [clash] = merged.clashes.as_slice() else { panic!("{name}: one clash a unit") };
            assert!(!clash.lost.is_empty() && !clash.kept.is_empty(), "{name}");
        }
    }
    assert!(clashed > 20, "the table has pairs that clash");
}

fn told(edit: &Edit) -> BTreeSet<(Field, Option<String>, String)> {
    let changes = edit.fields.iter().flat_map(|(field, changes)| changes.iter().map(move |c| (field, c)));
    changes.map(|(field, change)| (*field, change.key.clone(), change.after.clone())).collect()
}

#[test]
fn whatever_was_merged_is_valid_and_merging_again_changes_nothing() {
    for (ours, theirs) in pairs() {
        let (base_ours, base_theirs) = (poor(ours.kind), rich(ours.kind));
        let (one, other) = (held(&base_ours, ours), held(&base_theirs, theirs));
        let merged = reconciled((&base_ours, &one), (&base_theirs, &other));
        for item in [&merged.winner, &merged.loser] {
            assert_valid(item, &format!("{} and {}", ours.name, theirs.name));
        }
        let again = reconciled((&merged.winner, &merged.winner), (&merged.loser, &merged.loser));
        assert_eq!((again.winner, again.loser), (merged.winner, merged.loser));
    }
}

#[test]
fn newly_matched_items_keep_what_either_has_and_clash_only_over_different_values() {
    for sample in EDITS {
        let own = rich(sample.kind);
        let other = held(&own, sample);
        let views = Views { own: &own, other: &other, own_as_other: &own, other_as_own: &other };
        let (ground_own, ground_other) = common_ground(views);
        let merged = reconcile(
            Held { base: &ground_other, current: &other },
            Held { base: &ground_own, current: &own },
        );
        assert_eq!(unordered(merged.winner.clone()), unordered(merged.loser.clone()), "{}", sample.name);
        assert_valid(&merged.winner, sample.name);
        if sample.removes {
            assert_eq!(
                unordered(merged.winner),
                unordered(own),
                "{}: what one side lacks comes from the other",
                sample.name
            );
        }
    }
}

#[test]
fn items_do_not_differ_in_what_one_side_could_never_hold() {
    for kind in KINDS {
        let (poor, rich) = (poor(kind), rich(kind));
        let views = Views { own: &poor, other: &rich, own_as_other: &poor, other_as_own: &poor };
        assert!(differences(views).is_empty(), "{:?}", differences(views));
        assert!(differences(views.swapped()).is_empty());
        let (own, other) = common_ground(views);
        assert_eq!((own.item, other.item), (poor.clone(), rich.clone()));
        assert!(own.unknown.is_empty() && other.unknown.is_empty());
    }
}

#[test]
fn a_new_override_on_the_poorer_side_keeps_what_the_series_has_on_the_richer() {
    let (Item::Event(base), Item::Event(onto)) = (poor(Kind::Event), rich(Kind::Event)) else {
        unreachable!()
    };
    let mut edited = base.clone();
    let id = edits::monday(3);
    let mut moved = edited.main.moved_to(&id);
    moved.location = "Room 9".into();
    edited.overrides.insert(id.clone(), moved);
    let carried = carry(&Ground::from(Item::Event(base)), &Item::Event(edited), &Item::Event(onto.clone()));
    let Item::Event(carried) = carried else { unreachable!() };
    let arrived = &carried.overrides[&id];
    assert_eq!(arrived.location, "Room 9");
    assert_eq!((&arrived.attendees, &arrived.alarms), (&onto.main.attendees, &onto.main.alarms));
    assert_eq!(arrived.start, id);
}

#[test]
fn a_reminder_stays_measured_from_where_it_was_when_its_minutes_are_edited() {
    use crate::item::{Alarm, AlarmAction, Trigger};
    let alarm = |trigger, minutes| Alarm {
        trigger,
        action: AlarmAction::Display,
        minutes_before_start: Some(minutes),
    };
    // One that shows the start alone says 15 minutes, and then 30.
    let (before, after) = (alarm(Trigger::Start(-900), 15), alarm(Trigger::Start(-1_800), 30));
    for (there, wanted) in [
        (alarm(Trigger::End(-4_500), 15), alarm(Trigger::End(-5_400), 30)),
        (alarm(Trigger::End(-4_470), 15), alarm(Trigger::End(-5_370), 30)),
        (alarm(Trigger::Start(-900), 15), after.clone()),
        (alarm(Trigger::At(jiff::Timestamp::UNIX_EPOCH), 15), after.clone()),
    ] {
        let with = |alarm: &Alarm| {
            let mut event = Event::default();
            event.main.alarms = vec![alarm.clone()];
            Item::Event(Box::new(event))
        };
        let carried = carry(&Ground::from(with(&before)), &with(&after), &with(&there));
        assert_eq!(carried, with(&wanted));
    }
    let from_end = alarm(Trigger::End(-60), 30);
    let mut onto = alarm(Trigger::End(-4_500), 15);
    entries::Entry::carry(&before, &from_end, &mut onto);
    assert_eq!(onto, from_end, "who says the end means it");
}

#[test]
fn a_changed_occurrence_is_taken_along_when_its_series_is_moved_and_keeps_all_it_has() {
    let (Item::Event(base), Item::Event(mut onto)) = (poor(Kind::Event), rich(Kind::Event)) else {
        unreachable!()
    };
    let id = edits::monday(3);
    let mut own = onto.main.moved_to(&id);
    own.categories = vec!["Own".into()];
    onto.overrides = [(id.clone(), own)].into();
    let mut base = base.clone();
    base.overrides = [(id.clone(), base.main.moved_to(&id))].into();
    let later = |when: &crate::When| {
        let local = when.local().checked_add(jiff::SignedDuration::from_mins(30)).unwrap();
        when.at_wall_clock(local)
    };
    let mut edited = base.clone();
    edited.main = edited.main.moved_to(&later(&edited.main.start));
    edited.overrides = [(later(&id), base.main.moved_to(&later(&id)))].into();
    let carried = carry(&Ground::from(Item::Event(base)), &Item::Event(edited), &Item::Event(onto));
    let Item::Event(carried) = carried else { unreachable!() };
    let arrived = &carried.overrides[&later(&id)];
    assert_eq!((arrived.categories.as_slice(), &arrived.start), (&["Own".to_owned()][..], &later(&id)));
    assert_eq!(carried.overrides.len(), 1);
}

#[test]
fn overrides_that_a_changed_rule_no_longer_has_are_dropped() {
    let Item::Event(base) = rich(Kind::Event) else { unreachable!() };
    let mut edited = base.clone();
    edited.rule = Some(crate::recurrence::Rule {
        end: crate::recurrence::RuleEnd::Count(1),
        ..base.rule.clone().unwrap()
    });
    edited.overrides.clear();
    edited.exdates.clear();
    let mut onto: Box<Event> = base.clone();
    let further = edits::monday(4);
    onto.overrides.insert(further.clone(), onto.main.moved_to(&further));
    let carried = carry(&Ground::from(Item::Event(base)), &Item::Event(edited), &Item::Event(onto));
    let Item::Event(carried) = carried else { unreachable!() };
    assert!(carried.overrides.is_empty() && carried.exdates.is_empty());
}

#[test]
fn long_values_are_shortened_for_reports() {
    assert_eq!(shortened("a\n  b"), "a b");
    assert_eq!(shortened(&"ä".repeat(100)).chars().count(), 81);
}

fn pairs() -> impl Iterator<Item = (&'static Sample, &'static Sample)> {
    KINDS
        .into_iter()
        .flat_map(|kind| of_kind(kind).flat_map(move |ours| of_kind(kind).map(move |theirs| (ours, theirs))))
}

fn reconciled(winner: (&Item, &Item), loser: (&Item, &Item)) -> Reconciled {
    let (winner_base, loser_base) = (Ground::from(winner.0.clone()), Ground::from(loser.0.clone()));
    reconcile(Held { base: &winner_base, current: winner.1 }, Held { base: &loser_base, current: loser.1 })
}

fn assert_valid(item: &Item, name: &str) {
    match item {
        Item::Event(event) => {
            for occurrence in event.overrides.values().chain([&event.main]) {
                assert!(
                    occurrence.end.local() >= occurrence.start.local(),
                    "{name}: an end before its start"
                );
            }
            if let Some(rule) = &event.rule {
                for id in event.overrides.keys().chain(&event.exdates) {
                    assert!(
                        rule.occurs(&event.main.start, id) || event.rdates.contains(id),
                        "{name}: {id} is no occurrence"
                    );
                }
            }
        }
        Item::Task(task) => {
            assert!(task.percent <= 100, "{name}");
            assert!(task.completed.is_none() || task.status == crate::task::TaskStatus::Complete, "{name}");
        }
        Item::Contact(_) | Item::Group(_) => {}
    }
}

#[test]
fn a_new_override_and_a_renamed_series_end_up_the_same_on_both_sides() {
    let Item::Event(base) = rich(Kind::Event) else { unreachable!() };
    let id = edits::monday(3);
    let mut with_override = base.clone();
    let mut moved = base.main.moved_to(&id);
    moved.location = "Room 9".into();
    with_override.overrides.insert(id.clone(), moved);
    let mut renamed = base.clone();
    renamed.main.summary = "Review".into();
    let base = Item::Event(base);
    let merged = reconciled((&base, &Item::Event(with_override)), (&base, &Item::Event(renamed)));
    assert_eq!(merged.winner, merged.loser);
    assert!(merged.clashes.is_empty());
}
