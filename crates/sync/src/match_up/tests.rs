use dovetail_model::Kind;
use dovetail_model::resemble::{Features, Trait};

use super::*;
use crate::observe::Digest;
use crate::storage::{ItemId, Original, Snapshot, Version};

/// An item as matching sees it: what it is called weighs 60, when it is 40.
fn item(number: usize, uid: &str, title: &str, when: &str) -> NewItem {
    let trait_of = |weight, value: &str| Trait {
        weight,
        values: if value.is_empty() { Vec::new() } else { vec![value.to_owned()] },
    };
    NewItem {
        spooled: crate::spool::Spooled::default(),
        id: Digest::of(&number.to_string()),
        uid: match uid {
            "" => Digest::of(&format!("derived from {title} {number}")),
            uid => Digest::of(uid),
        },
        kind: Kind::Task,
        features: Some(Box::new(Features {
            kind: Kind::Task,
            uid: (!uid.is_empty()).then(|| uid.to_owned()),
            keys: if title.is_empty() { Vec::new() } else { vec![title.to_owned()] },
            traits: vec![trait_of(60, title), trait_of(40, when)],
        })),
        title: Digest::of(title),
        place: Place::Inside,
    }
}

fn match_up(new: Sides<&[NewItem]>) -> Matches {
    let mut matches = by_uid(new);
    by_resemblance(new, &mut matches);
    matches
}

fn items(of: &[(&str, &str, &str)]) -> Vec<NewItem> {
    of.iter().enumerate().map(|(at, (uid, title, when))| item(at, uid, title, when)).collect()
}

struct Expected {
    pairs: &'static [(usize, usize)],
    copies: (&'static [usize], &'static [usize]),
    ambiguous: (&'static [usize], &'static [usize]),
}

const NOTHING: Expected = Expected { pairs: &[], copies: (&[], &[]), ambiguous: (&[], &[]) };

fn check(outlook: &[(&str, &str, &str)], server: &[(&str, &str, &str)], expected: Expected) {
    let outlook = items(outlook);
    // Ids, and what is derived from them, differ between the sides.
    let derived = |number: usize| Digest::of(&format!("derived on the server from {number}"));
    let server: Vec<NewItem> = items(server)
        .into_iter()
        .enumerate()
        .map(|(at, item)| NewItem { uid: if is_named(&item) { item.uid } else { derived(at) }, ..item })
        .collect();
    let found = match_up(Sides { outlook: &outlook, server: &server });
    let mut pairs: Vec<(usize, usize)> = found.pairs.iter().map(|pair| (pair.outlook, pair.server)).collect();
    pairs.sort_unstable();
    assert_eq!(pairs, expected.pairs);
    let set = |(outlook, server): (&[usize], &[usize])| Sides {
        outlook: outlook.iter().copied().collect::<BTreeSet<_>>(),
        server: server.iter().copied().collect(),
    };
    assert_eq!(found.copies, set(expected.copies), "copies");
    assert_eq!(found.ambiguous, set(expected.ambiguous), "ambiguous");
    for (side, count) in [(Side::Outlook, outlook.len()), (Side::Server, server.len())] {
        let told = found.pairs.len()
            + found.single.of(side).len()
            + found.copies.of(side).len()
            + found.ambiguous.of(side).len();
        assert_eq!(told, count, "every item of {side} is in exactly one place");
    }
}

#[test]
fn one_uid_is_one_thing_whatever_it_is_called_now() {
    check(
        &[("u1", "Plan", ""), ("u2", "Pay", "")],
        &[("u2", "Pay rent", ""), ("u1", "Plan", "")],
        Expected { pairs: &[(0, 1), (1, 0)], ..NOTHING },
    );
}

#[test]
fn a_uid_goes_before_a_better_resemblance() {
    check(
        &[("u1", "Plan", "1 May"), ("", "Pay", "2 May")],
        &[("u1", "Pay", "2 May")],
        Expected { pairs: &[(0, 0)], ..NOTHING },
    );
}

#[test]
fn items_without_a_common_uid_match_by_what_they_say() {
    check(&[("", "Plan", "1 May")], &[("u1", "Plan", "1 May")], Expected { pairs: &[(0, 0)], ..NOTHING });
    // One of them silent about the day: 60 and half of 40.
    check(&[("", "Plan", "")], &[("u1", "Plan", "1 May")], Expected { pairs: &[(0, 0)], ..NOTHING });
}

#[test]
fn a_title_alone_is_not_enough() {
    check(&[("", "Plan", "1 May")], &[("u1", "Plan", "2 May")], NOTHING);
}

#[test]
fn nothing_matches_on_an_empty_key() {
    check(&[("", "", "1 May")], &[("u1", "", "1 May")], NOTHING);
}

#[test]
fn the_best_score_goes_first_among_namesakes() {
    check(
        &[("", "Plan", "1 May"), ("", "Plan", "")],
        &[("u1", "Plan", ""), ("u2", "Plan", "1 May")],
        Expected { pairs: &[(0, 1), (1, 0)], ..NOTHING },
    );
}

#[test]
fn ties_between_items_that_differ_are_held() {
    // The silent one may be either of the others.
    check(
        &[("", "Plan", "")],
        &[("u1", "Plan", "1 May"), ("u2", "Plan", "2 May")],
        Expected { ambiguous: (&[0], &[0, 1]), ..NOTHING },
    );
}

#[test]
fn twins_that_nothing_tells_apart_match_one_to_one() {
    let twin = ("", "Plan", "1 May");
    check(&[twin, twin, twin], &[twin, twin], Expected { pairs: &[(0, 0), (1, 1)], ..NOTHING });
}

#[test]
fn a_uid_twice_on_one_side_holds_all_that_carry_it() {
    check(
        &[("u1", "Plan", "")],
        &[("u1", "Plan", ""), ("u1", "Plan", ""), ("u2", "Pay", "")],
        Expected { copies: (&[0], &[0, 1]), ..NOTHING },
    );
}

#[test]
fn what_outlook_has_in_another_category_is_matched_with_what_is_left_of_the_profile() {
    let elsewhere = |item| NewItem { place: Place::OtherCategory, ..item };
    let later = |item| NewItem { place: Place::OtherTime { enters: None }, ..item };
    let outlook =
        [elsewhere(item(0, "", "Plan", "1 May")), item(1, "", "Plan", ""), elsewhere(item(2, "", "Pay", ""))];
    let server = [item(0, "u1", "Plan", "1 May"), later(item(1, "u2", "Pay", ""))];
    // A better resemblance elsewhere goes after one in the profile; what takes place at another time is outside by itself.
    let found = match_up(Sides { outlook: &outlook, server: &server });
    assert_eq!(found.pairs, [Sides { outlook: 1, server: 0 }]);
    let found = match_up(Sides { outlook: &outlook[..1], server: &server });
    assert_eq!(found.pairs, [Sides { outlook: 0, server: 0 }]);
}

#[test]
fn kinds_never_match() {
    let task = item(0, "u1", "Plan", "1 May");
    let event = NewItem { kind: Kind::Event, ..task.clone() };
    let found = match_up(Sides { outlook: &[task], server: &[event] });
    assert_eq!(found.pairs, []);
}

#[test]
fn thousands_of_namesakes_are_matched_in_a_moment() {
    let side = |prefix: &str| -> Vec<NewItem> {
        let item = |at| NewItem {
            uid: Digest::of(&format!("{prefix}{at}")),
            ..item(at, "", "Lunch", &format!("day {at}"))
        };
        (0..2_000).map(item).collect()
    };
    let found = match_up(Sides { outlook: &side("o"), server: &side("s") });
    assert_eq!(found.pairs.len(), 2_000);
    assert!(found.pairs.iter().all(|pair| pair.outlook == pair.server));
}

#[test]
fn an_item_without_a_uid_has_one_that_depends_on_nothing_but_the_item() {
    let snapshot = |id: &str, version: &str| Snapshot {
        id: ItemId(id.into()),
        version: Version(version.into()),
        modified: None,
        item: dovetail_model::Item::Group(Box::default()),
        original: Original { capture: 1, bytes: Vec::new().into() },
        warnings: Vec::new(),
    };
    let uid = crate::observe::uid_of(&snapshot("entry 1", "1"));
    assert_eq!(uid, crate::observe::uid_of(&snapshot("entry 1", "2")));
    assert_ne!(uid, crate::observe::uid_of(&snapshot("entry 2", "1")));
}
