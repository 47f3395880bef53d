use dovetail_model::filter::Admits;
use jiff::civil::date;

use super::*;

fn range(days_back: u32, days_ahead: u32) -> Scope {
    let today = date(2026, 3, 2);
    let range = Some(Range { days_back, days_ahead, today, home: Zone::named("Europe/Berlin") });
    Scope { range, ..Scope::of(vec![Kind::Event]) }
}

#[test]
fn a_fingerprint_differs_where_the_scope_does_and_does_not_grow_old() {
    let filter = |name: &str, admits| Scope {
        filter: Some(CategoryFilter { name: name.into(), admits }),
        ..Scope::of(vec![Kind::Event])
    };
    let scopes = [
        Scope::of(vec![Kind::Event]),
        Scope::of(vec![Kind::Task]),
        Scope::of(vec![Kind::Contact, Kind::Group]),
        range(60, 365),
        range(60, 366),
        range(61, 365),
        filter("Work", Admits::Category),
        filter("Home", Admits::Category),
        filter("Work", Admits::CategoryOrNone),
        filter("Work", Admits::AllOthers),
    ];
    let mut fingerprints: Vec<String> = scopes.iter().map(Scope::fingerprint).collect();
    fingerprints.sort();
    fingerprints.dedup();
    assert_eq!(fingerprints.len(), scopes.len(), "{fingerprints:?}");

    let mut tomorrow = range(60, 365);
    tomorrow.range.as_mut().expect("a range").today = date(2026, 3, 3);
    assert_eq!(tomorrow.fingerprint(), range(60, 365).fingerprint());
    assert_eq!(
        filter("WORK", Admits::Category).fingerprint(),
        filter("work", Admits::Category).fingerprint()
    );
}

#[test]
fn a_range_counts_its_days_from_today() {
    let Some(range) = range(2, 3).range else { panic!("no range") };
    let Days { first, last } = range.days();
    assert_eq!((first, last, range.length()), (date(2026, 2, 28), date(2026, 3, 5), 6));
    assert_eq!(range.day_of_entry(date(2026, 3, 6)), date(2026, 3, 3));
}

#[test]
fn the_longest_range_ends_with_the_calendar() {
    let Some(range) = range(u32::MAX, u32::MAX).range else { panic!("no range") };
    assert_eq!((range.days().first, range.days().last), (Date::MIN, Date::MAX));
}
