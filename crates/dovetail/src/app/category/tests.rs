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

#[test]
fn the_category_of_a_profile_gets_the_colour_and_the_key_that_are_chosen() {
    let folder = tempfile::tempdir().expect("a folder");
    let home = dovetail_model::Zone::named("Europe/Berlin");
    let mailbox = Mailbox::open(&folder.path().join("mailbox.db"), &home).expect("a mailbox");
    let another = Category { name: "Another".into(), color: 3, shortcut_key: 5 };
    mailbox.put_category(&another).expect("it is put");
    // What is chosen, one after the other; what the profile's category has then, and the key of the other one.
    for (color, key, has, other) in [
        ("unchanged", "unchanged", (0, 0), 5),
        ("blue", "ctrl+f6", (8, 5), 0),
        ("unchanged", "unchanged", (8, 5), 0),
        ("darkmaroon", "ctrl+f2", (25, 1), 0),
        ("none", "none", (0, 0), 0),
    ] {
        // Names of categories are the same whatever their case.
        for name in ["Work", "WORK"] {
            let options = [("category", name), ("category_color", color), ("category_shortcut", key)];
            furnish(&mailbox, &Profile::sample(&options)).expect("it is furnished");
            let all = mailbox.categories().expect("the categories");
            assert_eq!(all.len(), 2, "{color} {key}");
            let found = |name: &str| all.iter().find(|known| known.name == name).expect("it is there");
            assert_eq!((found("Work").color, found("Work").shortcut_key), has, "{color} {key}");
            assert_eq!(found("Another").shortcut_key, other, "{color} {key}");
        }
    }
}

#[test]
fn each_of_the_named_colours_and_keys_and_none_can_be_chosen() {
    let folder = tempfile::tempdir().expect("a folder");
    let home = dovetail_model::Zone::named("Europe/Berlin");
    let mailbox = Mailbox::open(&folder.path().join("mailbox.db"), &home).expect("a mailbox");
    let chosen = |color: &str, key: &str| {
        let options = [("category", "Work"), ("category_color", color), ("category_shortcut", key)];
        furnish(&mailbox, &Profile::sample(&options)).expect("it is furnished");
        let all = mailbox.categories().expect("the categories");
        let [made] = all.as_slice() else { panic!("{all:?}") };
        (made.color, made.shortcut_key)
    };
    let colors = color::CATEGORY_COLORS.map(|color| (color.name.to_lowercase(), color.number));
    assert_eq!(colors.each_ref().map(|it| it.1), std::array::from_fn::<u8, 25, _>(|at| at as u8 + 1));
    for (name, number) in colors {
        assert_eq!(chosen(&name, "unchanged"), (number, 0), "{name}");
    }
    assert_eq!(chosen("none", "unchanged"), (0, 0));
    for (key, number) in (2..=12).zip(1..) {
        assert_eq!(chosen("unchanged", &format!("ctrl+f{key}")), (0, number), "{key}");
    }
    assert_eq!(chosen("unchanged", "none"), (0, 0));
}
