use super::*;

#[test]
fn each_category_colour_is_the_nearest_to_its_name_in_css_and_to_what_it_looks_like() {
    for known in &CATEGORY_COLORS {
        let css = parse(known.css).unwrap();
        assert_eq!(nearest(css), Some(known), "{}", known.css);
        assert_eq!(nearest_shown(known.shown), Some(known), "{}", known.name);
        assert_eq!(category_color(known.number), Some(known));
        assert_eq!(category_color_named(&known.name.to_lowercase()), Some(known));
        assert_eq!(category_color_of_css(&known.css.to_uppercase()), Some(known));
    }
}

#[test]
fn the_nearest_colour_is_the_one_that_looks_most_like_it() {
    let cases = [
        ("#FF00FF", Some("Purple")),
        ("#00FF00", Some("Green")),
        ("#FFC0CB", Some("Maroon")),
        ("#1E90FF", Some("Blue")),
        ("#87CEEB", Some("Blue")),
        ("#F5F5F5", None),
        ("#FFFFFF", None),
        ("#123456", Some("DarkBlue")),
        ("#FA8072", Some("Red")),
        ("#40E0D0", Some("Teal")),
        ("#8B4513", Some("DarkRed")),
        ("#ff0000", Some("Red")),
        ("turquoise", Some("Teal")),
    ];
    for (color, name) in cases {
        assert_eq!(nearest(parse(color).unwrap()).map(|found| found.name), name, "{color}");
    }
}

/// Some of the pairs that Sharma, Wu and Dalal published (The CIEDE2000 color-difference formula, table 1).
#[test]
fn the_difference_is_that_of_the_published_pairs() {
    let pairs = [
        ([50.0, 2.6772, -79.7751], [50.0, 0.0, -82.7485], 2.0425),
        ([50.0, 3.1571, -77.2803], [50.0, 0.0, -82.7485], 2.8615),
        ([50.0, -1.3802, -84.2814], [50.0, 0.0, -82.7485], 1.0000),
        ([50.0, 0.0, 0.0], [50.0, -1.0, 2.0], 2.3669),
        ([50.0, 2.49, -0.001], [50.0, -2.49, 0.0009], 7.1792),
        ([50.0, 2.5, 0.0], [73.0, 25.0, -18.0], 27.1492),
        ([60.2574, -34.0099, 36.2677], [60.4626, -34.1751, 39.4387], 1.2644),
        ([22.7233, 20.0904, -46.6940], [23.0331, 14.9730, -42.5619], 2.0373),
        ([90.8027, -2.0831, 1.4410], [91.1528, -1.6435, 0.0447], 1.4441),
        ([2.0776, 0.0795, -1.1350], [0.9033, -0.0636, -0.5514], 0.9082),
    ];
    for (one, other, difference) in pairs {
        let found = ciede::of_lab(one, other);
        assert!((found - difference).abs() < 0.00005, "{one:?} {other:?}: {found}, not {difference}");
        assert!((ciede::of_lab(other, one) - found).abs() < 1e-9);
    }
}

#[test]
fn a_colour_is_digits_or_a_name() {
    for (text, color) in [
        ("#3366CC", Some([0x33, 0x66, 0xCC])),
        ("#3366ccFF", Some([0x33, 0x66, 0xCC])),
        ("#36C", Some([0x33, 0x66, 0xCC])),
        (" RebeccaPurple ", Some([0x66, 0x33, 0x99])),
        ("#33", None),
        ("#ä66CC", None),
        ("3366CC", None),
        ("", None),
        ("rainbow", None),
    ] {
        assert_eq!(parse(text), color, "{text}");
    }
}
