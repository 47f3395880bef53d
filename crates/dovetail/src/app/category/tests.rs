use super::*;

fn category(name: &str, color: u8) -> ColoredCategory {
    ColoredCategory { name: name.to_owned(), color }
}

#[test]
fn a_colour_goes_on_to_stand_for_the_category_that_it_stood_for() {
    let (first, learned) = preferred(vec![category("Travel", 8), category("Work", 8)], &BTreeMap::new());
    assert_eq!(first, [category("Travel", 8), category("Work", 8)]);
    assert_eq!(learned, BTreeMap::from([(8, "Travel".to_owned())]));

    // Another one that comes first by its name changes nothing.
    let (then, still) =
        preferred(vec![category("Away", 8), category("Travel", 8), category("Other", 1)], &learned);
    assert_eq!(then.first(), Some(&category("Travel", 8)));
    assert_eq!(still, BTreeMap::from([(1, "Other".to_owned()), (8, "Travel".to_owned())]));

    // One that has another colour now is not meant any more.
    let (changed, now) = preferred(vec![category("Away", 8), category("Travel", 1)], &learned);
    assert_eq!(changed, [category("Away", 8), category("Travel", 1)]);
    assert_eq!(now, BTreeMap::from([(1, "Travel".to_owned()), (8, "Away".to_owned())]));
}
