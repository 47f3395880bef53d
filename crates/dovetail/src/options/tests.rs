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
        (
            "category",
            "Home, Work",
            "category takes the name of one category, without commas and semicolons, or nothing.",
        ),
        (
            "category",
            "Home; Work",
            "category takes the name of one category, without commas and semicolons, or nothing.",
        ),
        ("zone", "Mars/Olympus", "zone takes the name of a time zone such as Europe/Berlin, or nothing."),
    ];
    for (key, typed, said) in cases {
        let option = every().find(|option| option.key == key).expect("the option exists");
        assert_eq!(option.parse(typed), Err(said.to_owned()), "{key}={typed}");
    }
}

#[test]
fn pairs_of_names_are_taken_where_each_name_has_one_meaning() {
    let option = every().find(|option| option.key == "custom_properties").expect("the option exists");
    for fine in ["", "A=X-A", " A = X-A , B = X-B,", "Busy state=X-MY-BUSYSTATUS", "A=X-DOVE"] {
        assert!(option.parse(fine).is_ok(), "{fine}");
    }
    for wrong in [
        "A=X-A,B=X-A",
        "A=X-A,B=x-a",
        "A=X-A,A=X-B",
        "A=X-A,a=X-B",
        "A=X-A,A=X-A",
        "A=X-MICROSOFT-CDO-BUSYSTATUS",
        "A=x-alt-desc",
        "A=X-DOVETAIL-OWNER",
        "A=SUMMARY",
        "A=X-",
        "A",
        "=X-A",
    ] {
        assert!(option.parse(wrong).is_err(), "{wrong}");
    }
}

/// What of the category is set in the mailbox, and not told to a lens.
const OF_THE_CATEGORY: [&str; 3] = ["category_color", "category_shortcut", "fetch_color"];

#[test]
fn each_value_of_an_option_of_the_mapping_reaches_the_lenses_as_one_of_its_own() {
    for option in of_mapping() {
        if OF_THE_CATEGORY.contains(&option.key) || BESIDE_THE_LENSES.contains(&option.key) {
            continue;
        }
        let values: &[&str] = match option.domain {
            Domain::Choice(words) => words,
            Domain::Category => &["", "Work", "Home"],
            Domain::Zone => &["", "Europe/Vienna", "Europe/Berlin"],
            Domain::Pairs => &["", "Project=X-PROJECT", "Project=X-PROJECT, Customer=X-CUSTOMER"],
            _ => panic!("{}", option.key),
        };
        let mut seen = Vec::new();
        for value in values {
            // Some say something only beside another one.
            let beside = [("category", "Work"), ("time_zones", "iana")];
            let beside: Vec<_> = beside.into_iter().filter(|(key, _)| *key != option.key).collect();
            let chosen = told(&Profile::sample(&[&beside[..], &[(option.key, value)]].concat()));
            assert!(!seen.contains(&chosen), "{}={value}", option.key);
            seen.push(chosen);
        }
        let usual = told(&Profile::sample(&[(option.key, option.default)]));
        assert_eq!(usual, told(&Profile::sample(&[])), "{}", option.key);
    }
}

/// What the lenses, and whoever asks them for new cards, are told.
fn told(profile: &Profile) -> (Options, dovetail_mapping::vcard::Version) {
    (mapping(profile), contacts::new_cards(profile))
}

/// What says whether lists are looked at, and nothing to a lens.
const BESIDE_THE_LENSES: [&str; 1] = ["map_distribution_lists"];

fn of_mapping() -> impl Iterator<Item = &'static Declared> {
    let all = [calendar::OPTIONS, events::OPTIONS, tasks::OPTIONS, contacts::OPTIONS, lists::OPTIONS];
    all.into_iter().flatten()
}

/// For each option of the mapping, a test that shows it in all of its positions, and its file below `crates`.
const PROVEN: &[(&str, &str, &str)] = &[
    (
        "category",
        "dovetail/tests/it/scope.rs",
        "a_category_shares_a_folder_and_is_never_carried_to_the_server",
    ),
    (
        "category_include_uncategorized",
        "mapping/src/filtered/tests.rs",
        "an_item_belongs_by_the_categories_that_the_original_has",
    ),
    (
        "category_negate",
        "mapping/src/filtered/tests.rs",
        "an_item_belongs_by_the_categories_that_the_original_has",
    ),
    (
        "map_body",
        "mapping/src/options/calendar/tests.rs",
        "a_text_travels_or_stays_where_it_is_and_is_emptied_on_neither_side",
    ),
    (
        "formats_to_server",
        "mapping/src/tests/formats.rs",
        "formats_of_outlook_go_to_the_server_where_that_is_chosen",
    ),
    (
        "formats_to_outlook",
        "mapping/src/tests/formats.rs",
        "formats_of_the_server_go_to_outlook_where_that_is_chosen",
    ),
    ("map_color", "mapping/src/options/calendar/tests.rs", "a_colour_stands_for_a_category_or_is_left_alone"),
    (
        "category_color",
        "dovetail/src/app/category/tests.rs",
        "the_category_of_a_profile_gets_the_colour_and_the_key_that_are_chosen",
    ),
    (
        "category_shortcut",
        "dovetail/src/app/category/tests.rs",
        "the_category_of_a_profile_gets_the_colour_and_the_key_that_are_chosen",
    ),
    (
        "fetch_color",
        "dovetail/tests/it/collections.rs",
        "a_profiles_category_and_its_calendar_can_have_the_same_colour",
    ),
    ("map_priority", "mapping/src/options/calendar/tests.rs", "a_priority_travels_or_stays_where_it_is"),
    ("private_to_confidential", "mapping/src/options/calendar/tests.rs", "a_class_is_written_as_chosen"),
    ("confidential_to_private", "mapping/src/options/calendar/tests.rs", "a_class_is_read_as_chosen"),
    ("public_to_private", "mapping/src/options/calendar/tests.rs", "a_class_is_read_as_chosen"),
    ("public_to_default", "mapping/src/options/calendar/tests.rs", "a_class_is_written_as_chosen"),
    (
        "reminders",
        "mapping/src/ical/tests/reminders.rs",
        "a_reminder_is_put_up_where_it_is_still_to_come_or_all_are_wanted",
    ),
    (
        "map_custom_properties",
        "mapping/src/options/calendar/tests.rs",
        "properties_of_ones_own_cross_all_of_them_or_by_pairs_or_not_at_all",
    ),
    (
        "custom_properties",
        "mapping/src/options/calendar/tests.rs",
        "properties_of_ones_own_cross_all_of_them_or_by_pairs_or_not_at_all",
    ),
    ("map_attendees", "mapping/src/ical/tests/people.rs", "people_are_left_alone_where_the_profile_says_so"),
    (
        "schedule_agent_client",
        "mapping/src/ical/tests/people.rs",
        "new_people_say_who_tells_them_as_the_profile_has_it",
    ),
    (
        "sogo_no_notifications",
        "mapping/src/ical/tests/people.rs",
        "new_people_say_who_tells_them_as_the_profile_has_it",
    ),
    (
        "organizer_as_delegate",
        "mapping/src/outlook/people/tests.rs",
        "who_keeps_somebody_elses_calendar_calls_meetings_for_them_where_the_profile_says_so",
    ),
    ("time_zones", "mapping/src/ical/tests/zones.rs", "new_times_are_in_the_zones_that_the_profile_wants"),
    ("own_time_zone", "mapping/src/ical/tests/zones.rs", "new_times_are_in_the_zones_that_the_profile_wants"),
    (
        "time_zone_history",
        "mapping/src/ical/tests/zones.rs",
        "the_rules_of_a_zone_are_written_as_far_back_as_they_are_needed_or_known",
    ),
    (
        "uid_from_global_id",
        "backends/tests/it/uids.rs",
        "the_uid_of_an_event_that_is_new_on_the_server_is_outlooks_id_where_that_is_chosen",
    ),
    ("task_dates", "mapping/src/ical/tests/tasks.rs", "days_are_written_as_days_or_as_floating_times"),
    (
        "task_reminders",
        "mapping/src/ical/tests/tasks.rs",
        "a_reminder_is_written_by_its_distance_or_by_its_moment",
    ),
    (
        "map_task_recurrence",
        "mapping/src/ical/tests/tasks.rs",
        "how_tasks_repeat_crosses_or_each_side_keeps_its_own",
    ),
    (
        "map_birthday",
        "mapping/src/tests/contacts.rs",
        "what_is_not_to_travel_reads_as_empty_and_is_left_alone",
    ),
    (
        "map_anniversary",
        "mapping/src/tests/contacts.rs",
        "what_is_not_to_travel_reads_as_empty_and_is_left_alone",
    ),
    (
        "map_contact_notes",
        "mapping/src/tests/contacts.rs",
        "what_is_not_to_travel_reads_as_empty_and_is_left_alone",
    ),
    (
        "map_contact_photo",
        "mapping/src/tests/contacts.rs",
        "what_is_not_to_travel_reads_as_empty_and_is_left_alone",
    ),
    ("keep_outlook_photo", "mapping/src/tests/contacts.rs", "outlooks_photo_is_replaced_or_kept"),
    (
        "large_photos",
        "backends/src/dav/tests/cards.rs",
        "a_photo_that_is_too_large_for_the_server_stops_its_card_or_is_left_out",
    ),
    (
        "keep_outlook_file_as",
        "mapping/src/tests/contacts.rs",
        "an_entry_is_filed_as_outlook_does_or_as_the_server_names_it",
    ),
    (
        "fix_phone_numbers",
        "mapping/src/tests/contacts.rs",
        "numbers_reach_outlook_as_they_are_or_with_their_area_in_brackets",
    ),
    (
        "first_email",
        "mapping/src/tests/contacts.rs",
        "the_first_addresses_are_those_of_home_and_work_in_the_chosen_order",
    ),
    (
        "im_as_impp",
        "mapping/src/tests/contacts.rs",
        "messages_are_of_the_default_service_and_written_in_the_chosen_form",
    ),
    (
        "default_im",
        "mapping/src/tests/contacts.rs",
        "messages_are_of_the_default_service_and_written_in_the_chosen_form",
    ),
    (
        "new_cards",
        "backends/src/dav/tests/cards.rs",
        "new_cards_are_of_the_version_that_is_wanted_if_the_server_takes_it",
    ),
    (
        "map_distribution_lists",
        "dovetail/tests/it/lists.rs",
        "a_list_shows_its_members_on_each_side_and_in_a_second_mailbox",
    ),
    ("list_format", "mapping/src/vcard/tests/lists.rs", "a_new_list_is_written_in_the_format_that_is_chosen"),
];

#[test]
fn each_option_of_the_mapping_names_the_test_that_shows_its_positions() {
    let keys: Vec<_> = of_mapping().map(|option| option.key).collect();
    let named: Vec<_> = PROVEN.iter().map(|(key, ..)| *key).collect();
    assert_eq!(named, keys);
    for (key, file, test) in PROVEN {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(file);
        let text = std::fs::read_to_string(path).expect(file);
        assert!(text.contains(&format!("fn {test}(")), "{key}: {test} is not in {file}");
    }
}
