//! What is repaired of malformed input, and where that is shown: a fixture for each, of which property and line are told, or
//! the test of what is no matter of a fixture here.

use std::path::Path;

use dovetail_model::Zone;

use crate::{Dialect, Settings, read};

/// How a repair is shown.
enum Shown {
    /// By a file below `fixtures`, with the property of which it is told, the code and the line.
    Told(&'static str, &'static str, &'static str, usize),
    /// By a file below `fixtures` that is read without a word, and why there is nothing to be told of.
    Read(&'static str, &'static str),
    /// By a test in a file below `crates`, and why it tells of nothing or what it adds.
    Test(&'static str, &'static str, &'static str),
}

use Shown::{Read, Test, Told};

const REPAIRS: &[(&str, &[Shown])] = &[
    (
        "lines that end by two carriage returns",
        &[
            Told("malformed/two-carriage-returns.ics", "", "odd_line_ends", 1),
            Told("vcard/open-xchange-line-ends.vcf", "", "odd_line_ends", 1),
        ],
    ),
    (
        "a time zone that begins in the year 1",
        &[Told("malformed/zone-of-the-year-one.ics", "VTIMEZONE", "early_observance", 6)],
    ),
    (
        "parts of a time zone in any order",
        &[Read(
            "malformed/unsorted-observances.ics",
            "RFC 5545 section 3.6.5 asks for no order, and the parser takes any: nothing is put into another one",
        )],
    ),
    ("neither an event nor a task", &[Told("malformed/without-event.ics", "", "no_item", 1)]),
    (
        "an address without a scheme",
        &[
            Told("malformed/attendee-without-scheme.ics", "ORGANIZER", "no_scheme", 10),
            Told("malformed/attendee-without-scheme.ics", "ATTENDEE", "no_scheme", 11),
        ],
    ),
    (
        "occurrences without their series",
        &[Told("ical/davx5-only-overrides.ics", "RECURRENCE-ID", "no_series", 7)],
    ),
    (
        "an end at or before the start",
        &[
            Told("malformed/all-day-without-length.ics", "DTEND", "end_before_start", 8),
            Told("malformed/end-before-start.ics", "DTEND", "end_before_start", 8),
        ],
    ),
    (
        "rules with parts that make no sense",
        &[
            Told("malformed/count-of-nothing.ics", "RRULE", "odd_rule_part", 10),
            Told("malformed/interval-of-nothing.ics", "RRULE", "odd_rule_part", 10),
            Told("malformed/month-thirteen.ics", "RRULE", "bad_rule", 10),
            Told("malformed/day-thirty-two.ics", "RRULE", "bad_rule", 10),
            Told("malformed/until-before-the-start.ics", "RRULE", "rule_ends_before_start", 10),
        ],
    ),
    (
        "alarms without a time, or with one that is none",
        &[
            Told("malformed/empty-alarm.ics", "TRIGGER", "bad_trigger", 10),
            Told("malformed/empty-alarm.ics", "TRIGGER", "odd_duration", 14),
            Told("malformed/empty-alarm.ics", "TRIGGER", "bad_trigger", 17),
        ],
    ),
    (
        "addresses that are none",
        &[
            Told("malformed/attendee-without-address.ics", "ATTENDEE", "no_address", 11),
            Told("malformed/attendee-without-address.ics", "ATTENDEE", "bad_address", 13),
        ],
    ),
    (
        "characters that XML does not have, in Outlook",
        &[
            Told("outlook/refused-characters.json", "Subject", "refused_character", 1),
            Told("outlook/refused-characters.json", "Body", "refused_character", 2),
            Told("outlook/refused-characters.json", "Body", "refused_character", 4),
            Test(
                "mapping/src/content_line/tests.rs",
                "all_line_ends_become_one_escape_and_controls_do_not_pass",
                "what becomes of them where they are written",
            ),
        ],
    ),
    (
        "characters that XML does not have, in answers",
        &[
            Told("malformed/lost-character.ics", "DESCRIPTION", "lost_character", 10),
            Told("malformed/lost-character.ics", "X-NOTE", "lost_character", 13),
            Test(
                "dav/src/xml/tests.rs",
                "what_xml_forbids_is_replaced_and_the_rest_is_kept",
                "they are replaced before anybody knows what they belong to, and told of by what replaced them",
            ),
            Test(
                "backends/src/dav/tests/scripted.rs",
                "of_a_character_that_xml_forbids_its_property_and_line_are_told",
                "the same from an answer to what the run notices",
            ),
        ],
    ),
    (
        "line ends written out in base64",
        &[Told("vcard/sogo-directory-photo.vcf", "PHOTO", "escaped_line_ends", 6)],
    ),
    (
        "parameters that are folded",
        &[Read(
            "vcard/ios-folded-parameters.vcf",
            "RFC 6350 section 3.2 lets any line be folded anywhere: it is unfolded as all are",
        )],
    ),
    (
        "properties without a value",
        &[
            Told("vcard/empty-properties.vcf", "PHOTO", "empty_value", 6),
            Told("vcard/empty-properties.vcf", "KEY", "empty_value", 7),
            Told("vcard/empty-properties.vcf", "ADR", "empty_value", 9),
            Told("vcard/empty-properties.vcf", "TEL", "empty_value", 10),
        ],
    ),
    (
        "numbers without types",
        &[Read(
            "vcard/untyped-numbers.vcf",
            "RFC 6350 section 6.4.1 lets TYPE be missing; which of Outlook's numbers it becomes is mapping, and the line stays",
        )],
    ),
    ("a card without FN", &[Told("vcard/no-fn.vcf", "FN", "missing_property", 1)]),
    (
        "a card without UID",
        &[
            Told("vcard/google.vcf", "UID", "missing_property", 1),
            Test(
                "backends/src/dav/tests/cards.rs",
                "a_card_without_a_uid_is_given_one_that_stays_when_it_is_first_edited",
                "it is given one where it is written",
            ),
        ],
    ),
    (
        "other names of UTC",
        &[
            Told("malformed/utc-by-another-name.ics", "DTSTART", "utc_by_name", 7),
            Told("malformed/utc-by-another-name.ics", "DTEND", "utc_by_name", 8),
            Told("malformed/utc-by-another-name.ics", "EXDATE", "utc_by_name", 9),
        ],
    ),
    (
        "a card that says it is of another media type",
        &[Test(
            "backends/src/dav/tests/cards.rs",
            "a_card_is_read_whatever_its_media_type",
            "nothing is repaired: what a resource is, is read from its text, and its media type is not looked at",
        )],
    ),
    (
        "double quotes in formatted texts, behind which SOGo loses everything",
        &[Test(
            "mapping/src/body/tests.rs",
            "html_is_written_in_one_spelling_whatever_it_was",
            "nothing that was read is repaired: what is written has single quotes from the start, so that nothing is lost",
        )],
    ),
    (
        "Windows zones whose rules have changed",
        &[Test(
            "mapping/src/ical/observances/tests.rs",
            "generated_rules_give_the_offsets_of_the_database",
            "nothing that was read is repaired: a VTIMEZONE is generated from the zone database, not from rules of Windows",
        )],
    ),
    (
        "names that are encoded several times",
        &[
            Test(
                "dav/src/href/tests.rs",
                "all_spellings_of_an_href_are_one_path",
                "nothing is repaired: hrefs are compared by one spelling, and asked for by the server's",
            ),
            Test(
                "dav/src/href/tests.rs",
                "an_encoded_slash_is_no_slash_and_nothing_is_decoded_twice",
                "nothing is repaired: a name that was encoded several times is another one, and stays so",
            ),
        ],
    ),
];

fn settings() -> Settings {
    Settings::new(Zone::named("Europe/Berlin"), "-//Example//EN")
}

#[test]
fn each_repair_has_a_fixture_of_which_property_and_line_are_told_or_a_test() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    assert_eq!(REPAIRS.len(), 23);
    for (what, all) in REPAIRS {
        for shown in *all {
            match shown {
                Told(file, property, code, line) => {
                    let told = warnings(&crates, file);
                    let wanted = ((*property).to_owned(), (*code).to_owned(), Some(*line));
                    assert!(told.contains(&wanted), "{what}: {file}: {told:?}");
                }
                Read(file, why) => assert_eq!(warnings(&crates, file), [], "{what} ({why}): {file}"),
                Test(file, test, why) => {
                    let text = std::fs::read_to_string(crates.join(file)).expect(file);
                    assert!(text.contains(&format!("fn {test}(")), "{what} ({why}): {test} is not in {file}");
                }
            }
        }
    }
}

/// What is told of a fixture: property, code and line.
fn warnings(crates: &Path, file: &str) -> Vec<(String, String, Option<usize>)> {
    let bytes = std::fs::read(crates.join("../fixtures").join(file)).expect(file);
    let dialect = match file.rsplit_once('.') {
        Some((_, "vcf")) => Dialect::VCard3,
        Some((_, "json")) => Dialect::Outlook,
        _ => Dialect::ICalendar,
    };
    let all = read(dialect, &bytes, &settings()).warnings.into_iter();
    all.map(|warning| (warning.property, warning.code, warning.line)).collect()
}
