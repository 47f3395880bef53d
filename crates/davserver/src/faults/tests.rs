//! Which requests go wrong.

use super::{Fault, Faults, Playing, When, Which};

fn pattern(when: When) -> String {
    let mut playing = Playing::new(Faults::always(Which::method("PUT").when(when), Fault::ClosedBefore));
    let mut hit = || if playing.hits("PUT", "/", b"").has(&Fault::ClosedBefore) { 'x' } else { '.' };
    (0..12).map(|_| hit()).collect()
}

#[test]
fn a_rule_says_when_it_hits() {
    let rows = [
        (When::Always, "xxxxxxxxxxxx"),
        (When::Nth(3), "..x........."),
        (When::First(2), "xx.........."),
        (When::After(10), "..........xx"),
        (When::OneIn { rate: 0, seed: 1 }, "............"),
        (When::OneIn { rate: 1, seed: 1 }, "xxxxxxxxxxxx"),
    ];
    for (when, expected) in rows {
        assert_eq!(pattern(when), expected, "{when:?}");
    }
}

#[test]
fn each_rule_counts_what_it_hit() {
    let faults = Faults::always(Which::method("PUT"), Fault::ClosedBefore)
        .and(Which::default().when(When::Nth(2)), Fault::Garbage)
        .and(Which::method("GET"), Fault::Garbage);
    let mut playing = Playing::new(faults);
    for method in ["PUT", "DELETE", "PUT"] {
        playing.hits(method, "/", b"");
    }
    assert_eq!(playing.counts(), [2, 1, 0]);
}

#[test]
fn lots_follow_from_the_seed_alone() {
    let lots = |seed| pattern(When::OneIn { rate: 3, seed });
    assert_eq!(lots(7), lots(7));
    assert!((0..50).any(|seed| lots(seed) != lots(7)));
    let hits = (0..100).map(|seed| lots(seed).matches('x').count()).sum::<usize>();
    assert!((300..500).contains(&hits), "a third of 1 200: {hits}");
}

#[test]
fn a_rule_picks_by_method_path_and_body_and_counts_only_those() {
    let which = Which::body("sync-collection").on("/calendar/").when(When::Nth(1));
    let mut playing =
        Playing::new(Faults::always(Which { method: Some("REPORT".to_owned()), ..which }, Fault::Garbage));
    let rows = [
        ("PUT", "/a/calendar/", "<sync-collection/>", false),
        ("REPORT", "/a/tasks/", "<sync-collection/>", false),
        ("REPORT", "/a/calendar/", "<calendar-query/>", false),
        ("REPORT", "/a/calendar/", "<sync-collection/>", true),
        ("REPORT", "/a/calendar/", "<sync-collection/>", false),
    ];
    for (method, path, body, expected) in rows {
        assert_eq!(
            playing.hits(method, path, body.as_bytes()).has(&Fault::Garbage),
            expected,
            "{method} {path}"
        );
    }
}
