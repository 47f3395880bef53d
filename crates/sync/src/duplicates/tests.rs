use dovetail_model::When;
use dovetail_model::event::{Attendee, Participant};
use jiff::civil::date;

use super::*;

fn meeting() -> Event {
    let main =
        Occurrence { summary: "Budget talk".into(), location: "Room 4".into(), ..Occurrence::default() };
    Event { uid: Some("one".into()), main, ..Event::default() }
}

fn by(organizer: &str) -> Option<Participant> {
    Some(Participant { address: format!("mailto:{organizer}@example.org"), ..Participant::default() })
}

/// What a change makes of a meeting, compared with the meeting itself.
fn check(change: impl FnOnce(&mut Event, &mut Event), wanted: Likeness) {
    let (mut one, mut other) = (meeting(), meeting());
    other.uid = Some("other".into());
    change(&mut one, &mut other);
    assert_eq!(likeness(&one, &other), wanted, "{one:?}\n{other:?}");
    let swapped = match wanted {
        Likeness::CopyOfInvitation => Likeness::InvitationOfCopy,
        Likeness::InvitationOfCopy => Likeness::CopyOfInvitation,
        same => same,
    };
    assert_eq!(likeness(&other, &one), swapped);
}

#[test]
fn what_an_invitation_made_goes_whatever_else_differs() {
    let invited = |one: &mut Event, other: &mut Event| {
        (one.main.organizer, other.main.organizer) = (by("Boss"), by("boss"));
        one.main.busy = Busy::Tentative;
        one.main.location = "to be told".into();
        one.main.attendees.push(Attendee::default());
    };
    check(invited, Likeness::CopyOfInvitation);
    let same_uid = |one: &mut Event, other: &mut Event| {
        other.uid.clone_from(&one.uid);
        one.main.status = EventStatus::Tentative;
        one.main.location = "to be told".into();
    };
    check(same_uid, Likeness::CopyOfInvitation);
    let neither_tentative = |one: &mut Event, other: &mut Event| {
        other.uid.clone_from(&one.uid);
        one.main.location = "to be told".into();
    };
    check(neither_tentative, Likeness::Equal);
}

#[test]
fn anything_else_goes_only_where_recurrence_place_and_attendees_agree_too() {
    check(|_, _| {}, Likeness::Equal);
    check(|one, _| one.main.location = "room 4 ".into(), Likeness::Equal);
    check(|one, _| one.main.description = "text".into(), Likeness::Equal);
    check(|one, _| one.main.location = "Room 5".into(), Likeness::Perhaps);
    check(|one, _| one.rdates.extend([one.main.start.clone()]), Likeness::Perhaps);
    check(|one, _| one.main.attendees.push(Attendee::default()), Likeness::Perhaps);
    check(
        |one, other| {
            (one.main.organizer, other.main.organizer) = (by("boss"), by("another"));
            one.main.busy = Busy::Tentative;
            one.main.location = "Room 5".into();
        },
        Likeness::Perhaps,
    );
    check(
        |one, other| {
            (one.main.organizer, other.main.organizer) = (by("boss"), by("boss"));
            one.main.location = "Room 5".into();
        },
        Likeness::Perhaps,
    );
}

#[test]
fn series_with_different_changed_occurrences_are_not_alike() {
    let changed = |event: &mut Event, day: i8, change: fn(&mut Occurrence)| {
        let mut occurrence = event.main.clone();
        change(&mut occurrence);
        event.overrides.insert(When::Date(date(2026, 3, day)), occurrence);
    };
    let both = |of_one: fn(&mut Occurrence), day, of_other: fn(&mut Occurrence), wanted| {
        let change = |one: &mut Event, other: &mut Event| {
            changed(one, 9, of_one);
            changed(other, day, of_other);
        };
        check(change, wanted);
    };
    check(|one, _| changed(one, 9, |_| ()), Likeness::Perhaps);
    both(|_| (), 9, |_| (), Likeness::Equal);
    both(|it| it.location = "Room 5".into(), 9, |it| it.location = " room 5".into(), Likeness::Equal);
    both(|_| (), 9, |it| it.description = "text".into(), Likeness::Equal);
    both(|_| (), 16, |_| (), Likeness::Perhaps);
    both(|_| (), 9, |it| it.summary = "Another talk".into(), Likeness::Perhaps);
    both(|_| (), 9, |it| it.start = When::Date(date(2026, 3, 10)), Likeness::Perhaps);
    both(|_| (), 9, |it| it.end = When::Date(date(2026, 3, 10)), Likeness::Perhaps);
    both(|_| (), 9, |it| it.location = "Room 5".into(), Likeness::Perhaps);
    both(|_| (), 9, |it| it.attendees.push(Attendee::default()), Likeness::Perhaps);
}

#[test]
fn what_has_no_title_is_no_candidate() {
    let mut event = meeting();
    assert!(key(&Item::Event(Box::new(event.clone())), &Zone::Utc).is_some());
    event.main.summary = " ".into();
    assert_eq!(key(&Item::Event(Box::new(event)), &Zone::Utc), None);
}
