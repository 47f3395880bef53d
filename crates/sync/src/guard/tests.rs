use super::*;
use crate::journal::Operation;
use crate::plan::{Change, Verdict as Planned};
use dovetail_model::Kind;

fn row(subject: &str) -> PlanRow {
    PlanRow {
        link: None,
        items: Sides::default(),
        changes: Sides { outlook: Change::Never, server: Change::Never },
        verdict: Planned::Leave,
        operations: Sides { outlook: None, server: Some(Operation::Update) },
        loses: Sides::default(),
        mails: Sides::default(),
        title: subject.to_owned(),
        kind: Kind::Event,
        fields: Sides::default(),
        clashes: Vec::new(),
        kept: Side::Server,
        subject: subject.to_owned(),
        hold: None,
        approved: false,
        rejected: false,
    }
}

fn deletion(number: u64) -> PlanRow {
    PlanRow {
        verdict: Planned::Delete(Side::Server),
        operations: Sides { outlook: None, server: Some(Operation::Delete) },
        loses: Sides { outlook: false, server: true },
        ..row(&format!("deletion {number}"))
    }
}

fn deletions(count: u64) -> Vec<PlanRow> {
    (0..count).map(deletion).collect()
}

fn linked(server: u64) -> Circumstances {
    Circumstances { linked: Sides { outlook: server, server }, ..Circumstances::default() }
}

fn held(mut rows: Vec<PlanRow>, circumstances: &Circumstances) -> u64 {
    guard(&mut rows, circumstances);
    rows.iter().filter(|row| row.hold.is_some()).count() as u64
}

#[test]
fn too_much_is_more_than_ten_and_more_than_a_fifth_or_more_than_two_hundred() {
    for (deleted, of, waits) in [
        (10, 10, false),
        (11, 11, true),
        (11, 55, false),
        (11, 54, true),
        (200, 10_000, false),
        (201, 10_000, true),
        (1, 1, false),
    ] {
        let expected = if waits { deleted } else { 0 };
        assert_eq!(held(deletions(deleted), &linked(of)), expected, "{deleted} of {of}");
    }
}

#[test]
fn what_was_destroyed_within_a_day_counts() {
    let before = Sides { outlook: 0, server: 8 };
    let circumstances = Circumstances { destroyed: before, ..linked(20) };
    assert_eq!(held(deletions(2), &circumstances), 0);
    assert_eq!(held(deletions(3), &circumstances), 3);
}

#[test]
fn one_side_does_not_count_for_the_other() {
    let mut rows = deletions(8);
    rows.extend(deletions(8).into_iter().map(|row| PlanRow {
        loses: Sides { outlook: true, server: false },
        subject: format!("{} on Outlook", row.subject),
        ..row
    }));
    assert_eq!(held(rows, &linked(20)), 0);
}

#[test]
fn what_is_harmless_goes_on_beside_what_waits() {
    let mut rows = deletions(11);
    rows.push(row("an edit"));
    guard(&mut rows, &linked(20));
    assert_eq!(rows.last().unwrap().hold, None);
    assert_eq!(rows.first().unwrap().hold, Some(HoldReason::TooMuch { destroyed: 11, linked: 20 }));
}

#[test]
fn mail_is_not_sent_unless_the_user_lets_the_server_schedule() {
    let meeting = || vec![PlanRow { mails: Sides { outlook: false, server: true }, ..row("a meeting") }];
    let mut rows = meeting();
    guard(&mut rows, &linked(20));
    assert_eq!(rows.first().unwrap().hold, Some(HoldReason::WouldMail));
    let allowed = Circumstances { server_may_schedule: true, ..linked(20) };
    assert_eq!(held(meeting(), &allowed), 0);
}

#[test]
fn a_person_decides_what_waits() {
    let verdicts = |verdict| (0..11).map(|n| (format!("deletion {n}"), verdict)).collect();
    let approved = Circumstances { verdicts: verdicts(Verdict::Approved), ..linked(20) };
    assert_eq!(held(deletions(11), &approved), 0);

    let rejected = Circumstances { verdicts: verdicts(Verdict::Rejected), ..linked(20) };
    let mut rows = deletions(11);
    guard(&mut rows, &rejected);
    assert!(rows.iter().all(|row| row.rejected && row.hold.is_none()));

    let waiting = Circumstances { verdicts: verdicts(Verdict::Waiting), ..linked(20) };
    assert_eq!(held(deletions(11), &waiting), 11);
}

#[test]
fn an_approval_is_for_what_was_shown_and_nothing_else() {
    let verdicts = (0..11).map(|n| (format!("deletion {n}"), Verdict::Approved)).collect();
    let approved = Circumstances { verdicts, ..linked(20) };
    let newer =
        deletions(11).into_iter().map(|row| PlanRow { subject: format!("{} now", row.subject), ..row });
    assert_eq!(held(newer.collect(), &approved), 11);
    // And what was approved does not make the rest too much.
    assert_eq!(held(deletions(13), &approved), 0);
}

#[test]
fn what_nothing_proves_waits_until_a_person_approves() {
    let unproven = || vec![PlanRow { hold: Some(HoldReason::Unproven), ..deletion(0) }];
    assert_eq!(held(unproven(), &linked(20)), 1);
    let verdicts = [("deletion 0".to_owned(), Verdict::Approved)].into();
    assert_eq!(held(unproven(), &Circumstances { verdicts, ..linked(20) }), 0);
}

#[test]
fn what_waits_goes_on_waiting_when_a_person_decided_of_the_others() {
    let waiting = (0..12)
        .map(|number| (format!("deletion {number}"), HoldReason::TooMuch { destroyed: 12, linked: 15 }));
    let verdicts = (0..4).map(|number| (format!("deletion {number}"), Verdict::Approved));
    let circumstances =
        Circumstances { waiting: waiting.collect(), verdicts: verdicts.collect(), ..linked(15) };
    assert_eq!(held(deletions(12), &circumstances), 8);
    assert_eq!(held(deletions(15), &circumstances), 8, "what is new is judged by itself");
}

#[test]
fn what_would_empty_a_side_waits_where_the_other_one_never_had_anything() {
    let check = |case: &str, circumstances: &Circumstances, row: PlanRow, expected: Option<HoldReason>| {
        let mut rows = vec![row];
        guard(&mut rows, circumstances);
        assert_eq!(rows.first().unwrap().hold, expected, "{case}");
    };
    let nothing_there = Some(HoldReason::NothingThere);
    let on_outlook = || PlanRow {
        operations: Sides { outlook: Some(Operation::Delete), server: None },
        loses: Sides { outlook: true, server: false },
        ..deletion(0)
    };
    check("nothing is linked", &linked(0), deletion(0), nothing_there.clone());
    check("on the other side", &linked(0), on_outlook(), nothing_there);
    check("something is linked", &linked(1), deletion(0), None);
    check("an edit empties nothing", &linked(0), row("an edit"), None);
    let there = Sides { outlook: Some(ItemId("there".into())), server: None };
    check("the other side has something", &linked(0), PlanRow { items: there.clone(), ..deletion(0) }, None);
    let here = PlanRow { items: Sides { outlook: None, server: there.outlook }, ..deletion(0) };
    check("only its own side has", &linked(0), here, Some(HoldReason::NothingThere));
    let unproven = Some(HoldReason::Unproven);
    check("it waits already", &linked(0), PlanRow { hold: unproven.clone(), ..deletion(0) }, unproven);
    for verdict in [Verdict::Approved, Verdict::Rejected] {
        let verdicts = [("deletion 0".to_owned(), verdict)].into();
        check("a person decided", &Circumstances { verdicts, ..linked(0) }, deletion(0), None);
    }
}

#[test]
fn what_is_written_in_circles_waits_where_it_is_written() {
    let id = ItemId("turning".into());
    let flapping = Sides { outlook: BTreeSet::new(), server: [id.clone()].into() };
    let circumstances = Circumstances { flapping, ..linked(20) };
    let turning = PlanRow { items: Sides { outlook: None, server: Some(id) }, ..row("turning") };
    let not_written = PlanRow { operations: Sides::default(), ..turning.clone() };
    let on_outlook = PlanRow {
        items: Sides { outlook: turning.items.server.clone(), server: None },
        ..not_written.clone()
    };
    let written_there =
        PlanRow { operations: Sides { outlook: Some(Operation::Update), server: None }, ..on_outlook };
    let mut rows = vec![turning, not_written, written_there, row("another")];
    guard(&mut rows, &circumstances);
    let held: Vec<_> = rows.iter().map(|row| row.hold.clone()).collect();
    assert_eq!(held, [Some(HoldReason::Flapping), None, None, None]);
}

#[test]
fn what_waits_for_the_run_that_planned_it_goes_on_waiting_until_somebody_decides() {
    let before = |hold: Option<HoldReason>, verdict| {
        let row = serde_json::to_value(PlanRow { hold, ..row("one") }).unwrap();
        let (run, since) = ("run".to_owned(), "2026-03-02".to_owned());
        waiting_before(HeldRow { id: 1, run, verdict, row, since })
    };
    let too_much = HoldReason::TooMuch { destroyed: 11, linked: 11 };
    for reason in [too_much, HoldReason::NewScope, HoldReason::NewMapping, HoldReason::Forgotten] {
        let waits = Some(("one".to_owned(), reason.clone()));
        assert_eq!(before(Some(reason.clone()), Verdict::Waiting), waits);
        for decided in [Verdict::Approved, Verdict::Rejected] {
            assert_eq!(before(Some(reason.clone()), decided), None);
        }
    }
    // What holds these is found out anew each time.
    use HoldReason::{Clash, Flapping, NothingThere, Unproven, WouldMail};
    for reason in [NothingThere, Clash, Unproven, WouldMail, Flapping] {
        assert_eq!(before(Some(reason), Verdict::Waiting), None);
    }
    assert_eq!(before(None, Verdict::Waiting), None);
}
