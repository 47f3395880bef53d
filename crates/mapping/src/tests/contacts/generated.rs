//! The laws over contacts and cards that nobody made.

use dovetail_model::Item;
use dovetail_model::carry::{Ground, carry};
use dovetail_model::contact::{
    Address, Contact, Custom, Email, Gender, Im, Line, Name, PartialDate, Phone, Phonetic, Place, WebPage,
};
use dovetail_model::item::Sensitivity;
use jiff::Timestamp;
use jiff::civil::date;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::{CARDS, differing, held, put, read_contact, settings};
use crate::{Dialect, read, write};

fn text() -> impl Strategy<Value = String> {
    // Values are trimmed where they are parts of lists, as other programs pad them.
    "[A-Za-zäöü€;,:\\\\\"^= ]{0,20}".prop_map(|text| text.trim().to_owned())
}

fn word() -> impl Strategy<Value = String> {
    "[a-z0-9äß;,\\\\]{1,12}".prop_map(|text| text.trim().to_owned())
}

fn place() -> impl Strategy<Value = Place> {
    select(vec![Place::Home, Place::Work, Place::Other])
}

fn name() -> impl Strategy<Value = Name> {
    (text(), text(), text(), text(), text()).prop_map(|(family, given, additional, prefix, suffix)| Name {
        family,
        given,
        additional,
        prefix,
        suffix,
    })
}

fn emails() -> impl Strategy<Value = Vec<Email>> {
    let email = ("[a-z]{1,9}@example\\.com", place(), "[A-Za-z ;,']{0,9}");
    vec(email.prop_map(|(address, place, name)| Email { address, place, name: name.trim().to_owned() }), 0..6)
        .prop_map(|mut emails| {
            emails.sort_by(|a, b| a.address.cmp(&b.address));
            emails.dedup_by(|a, b| a.address == b.address);
            emails
        })
}

fn phones() -> impl Strategy<Value = Vec<Phone>> {
    use Line::{
        Assistant, Callback, Car, Fax, Isdn, Main, Mobile, Pager, Radio, Special, Telex, TextPhone, Unsaid,
        Voice,
    };
    let lines = vec![
        Voice, Unsaid, Main, Mobile, Fax, Pager, Car, Isdn, Assistant, Callback, Radio, Telex, TextPhone,
        Special,
    ];
    let phone = ("\\+[1-9][0-9 ]{3,9}[0-9]", select(lines), place());
    let phone = phone.prop_map(|(number, line, place)| {
        let place = if line == Unsaid { Place::Other } else { place };
        Phone { number, line, place }
    });
    vec(phone, 0..24).prop_map(|mut phones| {
        let digits = |phone: &Phone| phone.number.replace([' ', '+'], "");
        phones.sort_by_key(digits);
        phones.dedup_by_key(|phone| digits(phone));
        phones
    })
}

fn addresses() -> impl Strategy<Value = Vec<Address>> {
    let address = (place(), text(), "[a-z\n]{0,20}[a-z]", word(), text(), text());
    vec(
        address.prop_map(|(place, extended, street, locality, region, country)| Address {
            place,
            extended,
            street: street.trim().to_owned(),
            locality,
            region,
            country,
            ..Address::default()
        }),
        0..4,
    )
}

fn day() -> impl Strategy<Value = Option<PartialDate>> {
    let day = (1900_i16..2100, 1_i8..=12, 1_i8..=28, any::<bool>());
    option::of(day.prop_map(|(year, month, day, whole)| match whole {
        true => PartialDate::Full(date(year, month, day)),
        false => PartialDate::Yearless { month, day },
    }))
}

fn texts() -> impl Strategy<Value = Contact> {
    let spoken = (word(), word(), word());
    let people = (text(), text(), text(), vec("[A-Za-z ]{1,8}[a-z]", 0..3));
    (name(), text(), spoken, people, text(), text(), vec(word(), 0..3)).prop_map(
        |(name, formatted_name, spoken, people, company, job_title, nicknames)| Contact {
            name,
            formatted_name,
            phonetic: Phonetic { family: spoken.0, given: spoken.1, company: spoken.2 },
            assistant: people.0,
            manager: people.1,
            spouse: people.2,
            children: distinct(people.3),
            company,
            job_title,
            nicknames,
            ..Contact::default()
        },
    )
}

fn distinct(mut texts: Vec<String>) -> Vec<String> {
    texts.iter_mut().for_each(|text| *text = text.trim().to_owned());
    texts.sort_by_key(|text| text.to_lowercase());
    texts.dedup_by_key(|text| text.to_lowercase());
    texts
}

fn contact() -> impl Strategy<Value = Contact> {
    let ims = vec((select(vec!["AIM", "Skype", "Jabber", "Foo"]), "[a-z.@]{1,9}"), 0..4);
    let rest = (day(), day(), ims, vec("[a-z]{1,9}", 0..3), option::of(vec(any::<u8>(), 1..40)));
    (texts(), emails(), phones(), addresses(), rest, "[ -~äß€\n]{0,60}").prop_map(
        |(texts, emails, phones, addresses, (birthday, anniversary, ims, pages, photo), note)| {
            let mut ims: Vec<Im> =
                ims.into_iter().map(|(service, handle)| Im { service: service.to_owned(), handle }).collect();
            ims.sort_by(|a, b| (&a.service, &a.handle).cmp(&(&b.service, &b.handle)));
            ims.dedup();
            let page =
                |path: String| WebPage { url: format!("https://example.com/{path}"), place: Place::Work };
            Contact {
                mailing_address: addresses.first().map(|address| address.place),
                emails,
                phones,
                addresses,
                birthday,
                anniversary,
                ims,
                urls: distinct(pages).into_iter().map(page).collect(),
                photo: photo.map(crate::bytes::attachment),
                note,
                gender: Gender::Male,
                sensitivity: Sensitivity::Confidential,
                custom: vec![Custom { name: "User1".into(), value: "one".into() }],
                ..texts
            }
        },
    )
}

/// What a new card has to say in FN even where the contact does not.
fn shown(mut contact: Contact) -> Contact {
    contact.formatted_name = "shown".into();
    contact
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(750))]

    #[test]
    fn a_card_gives_back_what_it_was_made_of(contact in contact().prop_map(shown)) {
        for dialect in CARDS {
            let card = put(dialect, &contact, None, &settings());
            prop_assert_eq!(&read_contact(dialect, &card, &settings()), &contact);
            prop_assert_eq!(&put(dialect, &contact, Some(&card), &settings()), &card);
        }
    }

    #[test]
    fn outlook_holds_once_what_it_holds_at_all(contact in contact()) {
        let once = held(Dialect::Outlook, &contact, &settings());
        prop_assert_eq!(&held(Dialect::Outlook, &once, &settings()), &once);
        // A number, an address or a page that Outlook has is one of the contact's.
        let known = |phone: &Phone| contact.phones.iter().any(|known| known.number == phone.number);
        prop_assert!(once.phones.iter().all(known));
        prop_assert_eq!(once.emails.len(), contact.emails.len().min(3));
    }

    #[test]
    fn an_edit_made_in_outlook_leaves_on_the_server_what_outlook_cannot_hold(
        contact in contact().prop_map(shown),
        which in 0_usize..6,
    ) {
        for dialect in CARDS {
            let card = put(dialect, &contact, None, &settings());
            let server = read(dialect, &card, &settings()).item.unwrap();
            let base = held(Dialect::Outlook, &contact, &settings());
            let mut edited = base.clone();
            let touched: &[&str] = match which {
                0 => { edited.job_title = "Edited".into(); &["TITLE"] }
                1 => { edited.emails.iter_mut().take(1).for_each(|it| it.address = "new@example.org".into()); &["EMAIL"] }
                2 => { edited.phones.truncate(1); &["TEL"] }
                3 => { edited.note = "Edited".into(); &["NOTE"] }
                4 => { edited.addresses.iter_mut().take(1).for_each(|it| it.postal_code = "1".into()); &["ADR"] }
                _ => { edited.urls.clear(); &["URL"] }
            };
            let ground = Ground::from(Item::Contact(Box::new(base.clone())));
            let carried = carry(&ground, &Item::Contact(Box::new(edited.clone())), &server);
            let written = write(dialect, &carried, Some(&card), Timestamp::UNIX_EPOCH, &settings());
            let (changed, _) = differing(&card, &written);
            prop_assert!(changed.iter().all(|name| name == "REV" || touched.contains(&name.as_str())), "{changed:?}");
            let after = read_contact(dialect, &written, &settings());
            let beyond = |phone: &&Phone| !base.phones.iter().any(|held| held.number == phone.number);
            for phone in contact.phones.iter().filter(beyond) {
                prop_assert!(after.phones.contains(phone), "{phone:?}");
            }
            let beyond = |email: &&Email| !base.emails.iter().any(|held| held.address == email.address);
            for email in contact.emails.iter().filter(beyond) {
                prop_assert!(after.emails.contains(email), "{email:?}");
            }
        }
    }
}
