use super::*;

fn every() -> impl Iterator<Item = &'static Declared> {
    OF_PROFILES.iter().chain(OF_ALL.iter())
}

#[test]
fn every_default_is_a_value_that_the_option_takes() {
    for option in every() {
        assert_eq!(option.parse(option.default), Ok(option.default_value()), "{}", option.key);
    }
}

#[test]
fn keys_are_unique_and_typed_without_quotes() {
    for table in [&OF_PROFILES, &OF_ALL] {
        let mut keys: Vec<_> = table.iter().map(|option| option.key).collect();
        assert!(
            keys.iter()
                .all(|key| key.chars().all(|c| c.is_ascii_lowercase() || c == '_' || c.is_ascii_digit()))
        );
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), table.len());
    }
}

#[test]
fn a_proxy_is_a_word_or_an_address_without_a_login() {
    let proxy = every().find(|option| option.key == "proxy").expect("the option exists");
    for fine in [
        "system",
        "none",
        "http://proxy.example.org:3128",
        "https://proxy.example.org",
        "socks5h://127.0.0.1:1080",
    ] {
        assert!(proxy.parse(fine).is_ok(), "{fine}");
    }
    for wrong in
        ["", "proxy.example.org", "http://me:secret@proxy.example.org", "ftp://proxy.example.org", "http://"]
    {
        assert!(proxy.parse(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn a_meaning_is_a_sentence() {
    for option in every() {
        assert!(option.meaning.ends_with('.') && option.meaning.len() > 20, "{}", option.key);
    }
}

#[test]
fn values_out_of_bounds_are_refused_with_what_is_taken() {
    let cases = [
        (
            "direction",
            "sideways",
            "direction takes two-way or replicate-to-server or replicate-to-outlook or merge-to-server or merge-to-outlook.",
        ),
        ("chunk_items", "0", "chunk_items takes a whole number from 1 to 10000."),
        ("chunk_items", "-1", "chunk_items takes a whole number from 1 to 10000."),
        ("chunk_items", "ten", "chunk_items takes a whole number from 1 to 10000."),
        ("chunk_items", "99999999999999999999999", "chunk_items takes a whole number from 1 to 10000."),
        ("zone", "Mars/Olympus", "zone takes the name of a time zone such as Europe/Berlin, or nothing."),
    ];
    for (key, typed, said) in cases {
        let option = every().find(|option| option.key == key).expect("the option exists");
        assert_eq!(option.parse(typed), Err(said.to_owned()), "{key}={typed}");
    }
}
