use super::{Finding, Guard, Stored, Weight};

#[test]
fn an_open_way_is_a_warning_only_where_it_leaves_this_computer() {
    let open = |stays_here| Finding::Unencrypted { server: "http://a".to_owned(), stays_here };
    assert_eq!((open(true).weight(), open(false).weight()), (Weight::Note, Weight::Warning));
}

#[test]
fn what_can_lose_edits_is_a_warning_and_what_costs_time_a_note() {
    let etags = |weak, missing, unquoted| Finding::ETags { items: 3, weak, missing, unquoted };
    let stored = |tells_etag, as_sent| Finding::Created(Stored { tells_etag, etag_is_right: true, as_sent });
    for (finding, weight) in [
        (etags(0, 0, 0), Weight::Fine),
        (etags(1, 0, 0), Weight::Warning),
        (etags(0, 1, 0), Weight::Warning),
        (etags(0, 0, 1), Weight::Warning),
        (stored(true, true), Weight::Fine),
        (stored(false, true), Weight::Note),
        (stored(true, false), Weight::Note),
        (Finding::Guarded { guard: Guard::Update, holds: true }, Weight::Fine),
        (Finding::Guarded { guard: Guard::Update, holds: false }, Weight::Warning),
        (Finding::NoChanges, Weight::Note),
        (Finding::ReadOnly, Weight::Error),
        (Finding::ReadOnlyAsWanted, Weight::Note),
    ] {
        assert_eq!(finding.weight(), weight, "{finding:?}");
    }
}
