//! The laws of the lens, and one file a topic.

use std::path::Path;
use std::sync::LazyLock;

use dovetail_model::item::Sensitivity;
use dovetail_model::{Contact, Group, Item};
use jiff::Timestamp;
use proptest::prelude::*;

use super::Version;
use crate::component::tests::{all_samples, files_below};
use crate::inspect::split;
use crate::options::ListFormat;
use crate::{Dialect, Reading, Settings};

mod edits;
mod lists;
mod reading;
mod writing;

const VERSIONS: [(Version, Dialect); 2] = [(Version::V3, Dialect::VCard3), (Version::V4, Dialect::VCard4)];

fn read(original: &[u8]) -> Reading {
    super::read(original, &settings())
}

fn write(item: &Item, from: Option<&[u8]>, version: Version, now: Timestamp) -> Vec<u8> {
    super::write(item, from, version, now, &settings_of(version))
}

/// Settings by which lists are cards of that version, too.
fn settings_of(version: Version) -> Settings {
    let mut settings = settings();
    settings.options.lists.format = match version {
        Version::V3 => ListFormat::VCard3,
        Version::V4 => ListFormat::VCard4,
    };
    settings
}

fn settings() -> Settings {
    Settings::new(dovetail_model::Zone::Utc, "-//Example//EN")
}

/// A file of `fixtures/vcard`.
fn fixture(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/vcard").join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every card of every sample, as (file, card).
fn all_cards() -> Vec<(String, Vec<u8>)> {
    static CARDS: LazyLock<Vec<(String, Vec<u8>)>> = LazyLock::new(read_all_cards);
    CARDS.clone()
}

fn read_all_cards() -> Vec<(String, Vec<u8>)> {
    let cards = |(path, bytes): (String, Vec<u8>)| {
        let pieces = split(&bytes).into_iter().filter(|piece| piece.dialect == Dialect::VCard3);
        pieces.map(|piece| (path.clone(), piece.bytes)).collect::<Vec<_>>()
    };
    all_samples().into_iter().flat_map(cards).collect()
}

#[track_caller]
fn contact(bytes: &[u8]) -> Contact {
    match read(bytes).item {
        Some(Item::Contact(contact)) => *contact,
        other => panic!("not a contact: {other:?}"),
    }
}

#[track_caller]
fn group(bytes: &[u8]) -> Group {
    match read(bytes).item {
        Some(Item::Group(group)) => *group,
        other => panic!("not a group: {other:?}"),
    }
}

fn write_onto(bytes: &[u8], item: &Item) -> Vec<u8> {
    write(item, Some(bytes), Version::V4, Timestamp::UNIX_EPOCH)
}

#[test]
fn writing_what_was_read_changes_nothing() {
    let cards = all_cards();
    assert!(cards.len() >= 18, "only {} cards", cards.len());
    for (path, card) in cards {
        let item = read(&card).item.unwrap_or_else(|| panic!("{path}: no item"));
        assert_eq!(
            String::from_utf8_lossy(&write_onto(&card, &item)),
            String::from_utf8_lossy(&card),
            "{path}"
        );
        assert!(write_onto(&card, &item) == card, "{path}");
    }
}

#[test]
fn what_is_held_is_read_again_from_a_new_card() {
    for (path, card) in all_cards() {
        let item = read(&card).item.unwrap();
        for (version, dialect) in VERSIONS {
            let held = crate::holds(dialect, &item, &settings());
            assert_eq!(crate::holds(dialect, &held, &settings()), held, "{path} {version:?}");
            let (Item::Contact(item), Item::Contact(mut held)) = (item.clone(), held) else { continue };
            if item.formatted_name.is_empty() {
                held.formatted_name.clear();
            }
            // Control characters, which broken files have, do not come back.
            if !path.contains("broken") {
                assert_eq!(held, item, "{path} {version:?}");
            }
        }
    }
}

#[test]
fn a_class_that_vcard_does_not_know_is_held_as_private() {
    let item = Item::Contact(Box::new(Contact { sensitivity: Sensitivity::Personal, ..Contact::default() }));
    let Item::Contact(held) = crate::holds(Dialect::VCard3, &item, &settings()) else { panic!() };
    assert_eq!(held.sensitivity, Sensitivity::Private);
}

#[test]
fn an_inline_photo_is_held() {
    let item = read(&fixture("ios.vcf")).item.unwrap();
    let Item::Contact(held) = crate::holds(Dialect::VCard4, &item, &settings()) else { panic!() };
    assert_eq!(held.photo, contact(&fixture("ios.vcf")).photo);
}

#[test]
fn fixtures_read_as_an_independent_parser_reads_them() {
    // Only where that parser is right: names and addresses of 3.0 and 4.0.
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/vcard");
    let mut compared = 0;
    for path in files_below(&folder).iter().filter(|path| path.extension().is_some_and(|kind| kind == "vcf"))
    {
        let Ok(text) = std::fs::read_to_string(path) else { continue };
        if text.contains("VERSION:2.1") || text.starts_with('\u{feff}') {
            continue;
        }
        let calcard::Entry::VCard(other) = calcard::Parser::new(&text).entry() else { continue };
        let Some(Item::Contact(own)) = read(text.as_bytes()).item else { continue };
        let texts = |property: calcard::vcard::VCardProperty| {
            let entries = other.entries.iter().filter(move |entry| entry.name == property);
            entries
                .filter_map(|entry| Some(entry.values.first()?.as_text()?.to_owned()))
                .filter(|text| !text.is_empty())
                .collect::<Vec<_>>()
        };
        let emails: Vec<_> = own.emails.iter().map(|email| email.address.clone()).collect();
        assert_eq!(emails, texts(calcard::vcard::VCardProperty::Email), "{}", path.display());
        assert_eq!(
            own.formatted_name,
            texts(calcard::vcard::VCardProperty::Fn).first().cloned().unwrap_or_default(),
            "{}",
            path.display()
        );
        compared += 1;
    }
    assert!(compared >= 8, "only {compared} cards were compared");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn any_bytes_are_read_and_patched_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let card = [b"BEGIN:VCARD\r\n".as_slice(), &bytes, b"\r\nEND:VCARD\r\n"].concat();
        for bytes in [&bytes, &card] {
            if let Some(item) = read(bytes).item {
                prop_assert_eq!(&write_onto(bytes, &item), bytes);
            }
        }
    }

    #[test]
    fn damaged_cards_are_read_and_patched_without_panic(
        pick in any::<proptest::sample::Index>(),
        damage in proptest::collection::vec((any::<proptest::sample::Index>(), any::<Option<u8>>()), 1..12),
    ) {
        let cards = all_cards();
        let mut card = cards[pick.index(cards.len())].1.clone();
        card.truncate(6000);
        for (at, byte) in damage {
            if card.is_empty() { break }
            let at = at.index(card.len());
            match byte {
                Some(byte) => card[at] = byte,
                None => drop(card.remove(at)),
            }
        }
        if let Some(Item::Contact(mut item)) = read(&card).item {
            prop_assert_eq!(&write_onto(&card, &Item::Contact(item.clone())), &card);
            item.job_title = "Größe; a,b\nc".to_owned();
            item.name.given = "Zoë".to_owned();
            let written = write_onto(&card, &Item::Contact(item.clone()));
            let again = contact(&written);
            prop_assert_eq!(again.job_title, item.job_title, "{}", String::from_utf8_lossy(&written));
            prop_assert_eq!(again.name, item.name);
            prop_assert_eq!(again.emails, item.emails);
        }
    }

    #[test]
    fn any_text_survives_a_new_card(text in "[ -~äß€😀\n]{0,60}", other in "[a-z,;:\\\\\"^n]{1,20}") {
        let wanted = Contact {
            note: text.clone(),
            job_title: other.clone(),
            company: other.clone(),
            nicknames: vec![other.clone()],
            categories: vec![other.clone()],
            ..Contact::default()
        };
        let item = Item::Contact(Box::new(wanted.clone()));
        for (version, _) in VERSIONS {
            let read = contact(&write(&item, None, version, Timestamp::UNIX_EPOCH));
            prop_assert_eq!(&read.note, &wanted.note);
            prop_assert_eq!(&read.job_title, &wanted.job_title);
            prop_assert_eq!(&read.company, &wanted.company);
            prop_assert_eq!(&read.nicknames, &wanted.nicknames);
            prop_assert_eq!(&read.categories, &wanted.categories);
        }
    }
}
