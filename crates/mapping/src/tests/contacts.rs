//! Contacts through both lenses: what crosses from a mailbox to a server and to a second mailbox, what an edit of each
//! property of Outlook changes on the server, and what the options choose.

use std::collections::BTreeSet;

use dovetail_model::carry::{Ground, carry};
use dovetail_model::contact::{Email, Im, Line, Phone, Place};
use dovetail_model::{Contact, Item, Zone};
use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::component::Document;
use crate::options::{ContactOptions, DefaultIm, FiledAs, FirstEmail, ImForm, Mapped, Numbers, OutlookPhoto};
use crate::outlook::{Binary, ContactItem, Day, OutlookItem};
use crate::{Dialect, Settings, holds, read, write};

mod generated;

const CARDS: [Dialect; 2] = [Dialect::VCard3, Dialect::VCard4];

fn settings() -> Settings {
    Settings::new(Zone::Utc, "-//Example//EN")
}

fn choosing(contacts: ContactOptions) -> Settings {
    let mut settings = settings();
    settings.options.contacts = contacts;
    settings
}

fn read_contact(dialect: Dialect, bytes: &[u8], settings: &Settings) -> Contact {
    match read(dialect, bytes, settings).item {
        Some(Item::Contact(contact)) => *contact,
        other => panic!("not a contact: {other:?}"),
    }
}

fn put(dialect: Dialect, contact: &Contact, from: Option<&[u8]>, settings: &Settings) -> Vec<u8> {
    write(dialect, &Item::Contact(Box::new(contact.clone())), from, Timestamp::UNIX_EPOCH, settings)
}

fn held(dialect: Dialect, contact: &Contact, settings: &Settings) -> Contact {
    match holds(dialect, &Item::Contact(Box::new(contact.clone())), settings) {
        Item::Contact(contact) => *contact,
        other => panic!("{other:?}"),
    }
}

fn record(bytes: &[u8]) -> ContactItem {
    match serde_json::from_slice(bytes).unwrap() {
        OutlookItem::Contact(item) => *item,
        other => panic!("{other:?}"),
    }
}

fn bytes_of(record: &ContactItem) -> Vec<u8> {
    serde_json::to_vec(&OutlookItem::Contact(Box::new(record.clone()))).unwrap()
}

fn properties(record: &ContactItem) -> Map<String, Value> {
    match serde_json::to_value(record).unwrap() {
        Value::Object(properties) => properties,
        other => panic!("{other}"),
    }
}

/// A value for a property, different for each `round`.
fn value(name: &str, round: u8) -> Value {
    let number =
        || Value::from(format!("+1 555 {round} {}", name.len() * 100 + usize::from(name.as_bytes()[0])));
    match name {
        "Gender" => Value::from(1 + round % 2),
        "SelectedMailingAddress" => Value::from(2 - round % 2),
        "Sensitivity" => Value::from(2 + round % 2),
        "Birthday" | "Anniversary" => Value::from(format!("1990-0{}-17", 1 + round)),
        "NickName" | "Children" | "Categories" => Value::from(format!("{name} A{round}, {name} B")),
        "IMAddress" => Value::from(format!("joe{round}; Skype: j.d; Foo: x:y")),
        "ContactPicture" => Value::from(crate::bytes::to_base64(&[0xff, 0xd8, 0xff, round, 0, 1])),
        "UserX509Certificate" => {
            let head = [1, 0, 8, 0, 1, 0, 0, 0, 3, 0, 9, 0];
            let der = [0x30, 3, 1, 2, round];
            let foot = [6, 0, 8, 0, 1, 0, 0, 0, 0x20, 0, 8, 0, 7, 0, 0, 0, 2, 0, 4, 0];
            let value = [&head[..], &der, &foot].concat();
            Value::from(vec![crate::bytes::to_base64(&value)])
        }
        "Body" => Value::from(format!("Line {round}\r\nLine; two, äöü")),
        _ if name.ends_with("Street") => Value::from(format!("{name} {round}\r\nSecond line")),
        _ if name.starts_with("Email") && name.ends_with("Address") => {
            Value::from(format!("{}.{round}@example.com", name.to_lowercase()))
        }
        _ if name.ends_with("Page") || name == "InternetFreeBusyAddress" => {
            Value::from(format!("https://example.com/{name}/{round}?a;b,c"))
        }
        _ if name.ends_with("Number") && name.contains("Telephone")
            || name.ends_with("FaxNumber")
            || ["ISDNNumber", "PagerNumber", "TelexNumber"].contains(&name) =>
        {
            number()
        }
        _ => Value::from(format!("{name}; {round}, ß")),
    }
}

/// A record that says something in each of its properties.
fn full_record() -> ContactItem {
    let mut all = properties(&ContactItem::default());
    for (name, property) in &mut all {
        *property = value(name, 1);
    }
    serde_json::from_value(Value::Object(all)).unwrap()
}

/// Lines of a server that Outlook has no place for.
const EXTRAS: &str = "X-UNKNOWN;X-P=\"1;2\":kept\r\n\
                      item7.EMAIL;TYPE=OTHER:fourth@example.com\r\n\
                      item7.X-ABLabel:Club\r\n\
                      EMAIL;TYPE=WORK:fifth@example.com\r\n\
                      TEL;TYPE=CELL;TYPE=WORK:+49 555 1\r\n\
                      TEL;TYPE=VIDEO:+49 555 2\r\n\
                      TEL;TYPE=HOME;TYPE=VOICE:+49 555 3\r\n\
                      URL:https://example.com/further\r\n\
                      ADR;TYPE=HOME:;;Second home;;;;\r\n\
                      KEY;TYPE=PGP;ENCODING=b:AAAA\r\n\
                      GEO:1.5;2.5\r\n\
                      CALURI:https://example.com/calendar\r\n\
                      SORT-STRING:sorted\r\n\
                      X-SOCIALPROFILE;TYPE=x:https://example.com/me\r\n";

/// The card of the full record, with those lines.
fn full_card(dialect: Dialect) -> Vec<u8> {
    let contact = read_contact(Dialect::Outlook, &bytes_of(&full_record()), &settings());
    let card = String::from_utf8(put(dialect, &contact, None, &settings())).unwrap();
    card.replace("END:VCARD", &format!("{EXTRAS}END:VCARD")).into_bytes()
}

/// What Outlook composes of other properties, or the server does not know of.
const NOT_ON_SERVERS: [&str; 1] = ["FileAs"];

#[test]
fn a_second_mailbox_gets_every_property() {
    let first = properties(&full_record());
    for dialect in CARDS {
        let card = full_card(dialect);
        let contact = read_contact(dialect, &card, &settings());
        let second = record(&put(Dialect::Outlook, &contact, None, &settings()));
        let differing: Vec<_> = properties(&second)
            .into_iter()
            .filter(|(name, value)| first.get(name) != Some(value))
            .map(|(name, value)| format!("{name}: {} became {value}", first[&name]))
            .filter(|line| !NOT_ON_SERVERS.iter().any(|name| line.starts_with(name)))
            .collect();
        assert_eq!(differing, Vec::<String>::new(), "{dialect:?}");
    }
}

/// The lines of a card that an edit of a property may change.
fn lines_of(property: &str) -> &'static [&'static str] {
    match property {
        "FirstName" | "LastName" | "MiddleName" | "Title" | "Suffix" => &["N", "FN"],
        "FullName" => &["FN"],
        "FileAs" => &[],
        "Initials" => &["X-INITIALS"],
        "YomiFirstName" => &["X-PHONETIC-FIRST-NAME"],
        "YomiLastName" => &["X-PHONETIC-LAST-NAME"],
        "YomiCompanyName" => &["X-PHONETIC-ORG"],
        "NickName" => &["NICKNAME"],
        "CompanyName" | "Department" => &["ORG"],
        "JobTitle" => &["TITLE"],
        "Profession" => &["ROLE"],
        "AssistantName" => &["X-ASSISTANT"],
        "ManagerName" => &["X-MANAGER"],
        "Spouse" => &["X-SPOUSE", "RELATED"],
        "Children" => &["X-MS-CHILD", "RELATED"],
        "Gender" => &["X-WAB-GENDER", "GENDER"],
        "IMAddress" => &["X-AIM", "X-SKYPE", "IMPP"],
        "OfficeLocation" | "SelectedMailingAddress" => &["ADR"],
        "Birthday" => &["BDAY"],
        "Anniversary" => &["X-ANNIVERSARY", "ANNIVERSARY"],
        "InternetFreeBusyAddress" => &["FBURL"],
        "Body" => &["NOTE"],
        "Categories" => &["CATEGORIES"],
        "Sensitivity" => &["CLASS"],
        "ContactPicture" => &["PHOTO"],
        "UserX509Certificate" => &["KEY"],
        "User1" => &["X-CUSTOM1"],
        "User2" => &["X-CUSTOM2"],
        "User3" => &["X-CUSTOM3"],
        "User4" => &["X-CUSTOM4"],
        "Account" => &["X-ACCOUNT"],
        "BillingInformation" => &["X-BILLING-INFORMATION"],
        "Companies" => &["X-COMPANIES"],
        "ComputerNetworkName" => &["X-COMPUTER-NETWORK-NAME"],
        "CustomerID" => &["X-CUSTOMER-ID"],
        "FTPSite" => &["X-FTP-SITE"],
        "GovernmentIDNumber" => &["X-GOVERNMENT-ID"],
        "Hobby" => &["X-HOBBY"],
        "Language" => &["X-LANGUAGE"],
        "Mileage" => &["X-MILEAGE"],
        "OrganizationalIDNumber" => &["X-ORGANIZATIONAL-ID"],
        "ReferredBy" => &["X-REFERRED-BY"],
        _ if property.starts_with("Email") => &["EMAIL"],
        _ if property.contains("Address") => &["ADR"],
        _ if property.ends_with("Page") => &["URL"],
        _ if property.ends_with("Number") => &["TEL"],
        other => panic!("which lines does {other} have?"),
    }
}

/// The lines of a card, with their names.
fn lines(card: &[u8]) -> Vec<(String, Vec<u8>)> {
    let document = Document::parse(card);
    let root = document.components_named("VCARD").next().unwrap();
    root.lines().map(|line| (line.name().to_ascii_uppercase(), line.raw().to_vec())).collect()
}

/// The names of the lines in which two cards differ, and how many lines there are of one and not of the other.
fn differing(before: &[u8], after: &[u8]) -> (BTreeSet<String>, usize) {
    let (before, after) = (lines(before), lines(after));
    let only = |one: &[(String, Vec<u8>)], other: &[(String, Vec<u8>)]| {
        one.iter().filter(|line| !other.contains(line)).map(|line| line.0.clone()).collect::<Vec<_>>()
    };
    let (gone, new) = (only(&before, &after), only(&after, &before));
    let most = gone.len().max(new.len());
    (gone.into_iter().chain(new).collect(), most)
}

#[test]
fn an_edit_of_any_property_in_outlook_changes_its_own_lines_alone() {
    let first = full_record();
    for dialect in CARDS {
        let card = full_card(dialect);
        let on_server = read(dialect, &card, &settings()).item.unwrap();
        let base = Ground::from(read(Dialect::Outlook, &bytes_of(&first), &settings()).item.unwrap());
        for name in properties(&first).keys() {
            let mut edited = properties(&first);
            edited.insert(name.clone(), value(name, 2));
            let mut edited: ContactItem = serde_json::from_value(Value::Object(edited)).unwrap();
            if lines_of(name) == ["N", "FN"] {
                edited.compose_full_name();
            }
            let wanted = read(Dialect::Outlook, &bytes_of(&edited), &settings()).item.unwrap();
            let carried = carry(&base, &wanted, &on_server);
            let written = write(dialect, &carried, Some(&card), Timestamp::UNIX_EPOCH, &settings());
            let (changed, count) = differing(&card, &written);
            let mut allowed: BTreeSet<String> = lines_of(name).iter().map(|it| (*it).to_owned()).collect();
            let is_known = !allowed.is_empty();
            allowed.insert("REV".into());
            assert!(changed.is_subset(&allowed), "{dialect:?} {name}: {changed:?}");
            assert_eq!(changed.len() > usize::from(changed.contains("REV")), is_known, "{dialect:?} {name}");
            let few = if ["Children", "IMAddress"].contains(&name.as_str()) { 3 } else { 2 };
            assert!(count <= few + 1, "{dialect:?} {name}: {count} lines");

            let arrived = put_onto(&written, dialect, &first);
            let differs =
                |item: &ContactItem| entries(&properties(item)[name]) != entries(&properties(&edited)[name]);
            assert_eq!(differs(&record(&arrived)), !is_known, "{dialect:?} {name}");
        }
    }
}

/// A value without regard to the order of a list, which is that of the lines on the server.
fn entries(value: &Value) -> Vec<String> {
    let text = value.to_string();
    let mut entries: Vec<String> =
        text.trim_matches('"').split([',', ';']).map(|it| it.trim().to_owned()).collect();
    entries.sort();
    entries
}

/// What a second mailbox that held the first record makes of a card.
fn put_onto(card: &[u8], dialect: Dialect, first: &ContactItem) -> Vec<u8> {
    let before = bytes_of(first);
    let contact = read_contact(dialect, card, &settings());
    put(Dialect::Outlook, &contact, Some(&before), &settings())
}

#[test]
fn whatever_is_emptied_in_outlook_goes_from_the_server_and_takes_nothing_along() {
    let first = full_record();
    let empty = properties(&ContactItem::default());
    for dialect in CARDS {
        let card = full_card(dialect);
        let on_server = read(dialect, &card, &settings()).item.unwrap();
        let base = Ground::from(read(Dialect::Outlook, &bytes_of(&first), &settings()).item.unwrap());
        for name in properties(&first).keys() {
            let mut edited = properties(&first);
            edited.insert(name.clone(), empty[name].clone());
            let edited: ContactItem = serde_json::from_value(Value::Object(edited)).unwrap();
            let wanted = read(Dialect::Outlook, &bytes_of(&edited), &settings()).item.unwrap();
            let carried = carry(&base, &wanted, &on_server);
            let written = write(dialect, &carried, Some(&card), Timestamp::UNIX_EPOCH, &settings());
            let (changed, _) = differing(&card, &written);
            let mut allowed: BTreeSet<String> = lines_of(name).iter().map(|it| (*it).to_owned()).collect();
            allowed.insert("REV".into());
            assert!(changed.is_subset(&allowed), "{dialect:?} {name}: {changed:?}");
            for extra in EXTRAS.split("\r\n") {
                assert!(
                    String::from_utf8_lossy(&written).contains(extra),
                    "{dialect:?} {name}: {extra} is gone"
                );
            }
        }
    }
}

#[test]
fn an_unchanged_record_keeps_its_properties_whatever_is_chosen() {
    let chosen = ContactOptions {
        filed_as: FiledAs::FormattedName,
        first_email: FirstEmail::Work,
        numbers: Numbers::Bracketed,
        default_im: DefaultIm("Jabber".into()),
        outlook_photo: OutlookPhoto::Kept,
        ..ContactOptions::default()
    };
    let off = ContactOptions {
        birthday: Mapped::No,
        anniversary: Mapped::No,
        note: Mapped::No,
        photo: Mapped::No,
        ..ContactOptions::default()
    };
    for options in [ContactOptions::default(), chosen, off] {
        let settings = choosing(options);
        let before = bytes_of(&full_record());
        let contact = read_contact(Dialect::Outlook, &before, &settings);
        let after = put(Dialect::Outlook, &contact, Some(&before), &settings);
        assert_eq!(properties(&record(&after)), properties(&record(&before)));
        let once = held(Dialect::Outlook, &contact, &settings);
        assert_eq!(held(Dialect::Outlook, &once, &settings), once);
    }
}

#[test]
fn what_is_not_to_travel_reads_as_empty_and_is_left_alone() {
    let settings = choosing(ContactOptions {
        birthday: Mapped::No,
        anniversary: Mapped::No,
        note: Mapped::No,
        photo: Mapped::No,
        ..ContactOptions::default()
    });
    for dialect in [Dialect::VCard3, Dialect::VCard4, Dialect::Outlook] {
        let before = match dialect {
            Dialect::Outlook => bytes_of(&full_record()),
            _ => full_card(dialect),
        };
        let everything = read_contact(dialect, &before, &super::settings());
        let contact = read_contact(dialect, &before, &settings);
        assert!(everything.birthday.is_some() && everything.photo.is_some() && !everything.note.is_empty());
        assert_eq!((contact.birthday, contact.anniversary, contact.photo.clone()), (None, None, None));
        assert_eq!(contact.note, "");
        // Neither an edit of something else nor a contact that says something of these changes them.
        let edited = Contact { job_title: "New".into(), ..everything.clone() };
        let after = put(dialect, &edited, Some(&before), &settings);
        let wanted = Contact { job_title: "New".into(), ..everything };
        assert_eq!(read_contact(dialect, &after, &super::settings()), wanted, "{dialect:?}");
    }
}

#[test]
fn an_entry_is_filed_as_outlook_does_or_as_the_server_names_it() {
    let card = b"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:1\r\nFN:Shown Name\r\nN:Person;Sample;;;\r\nEND:VCARD\r\n";
    let made = |options: ContactOptions| {
        let settings = choosing(options);
        let contact = read_contact(Dialect::VCard3, card, &settings);
        let record = record(&put(Dialect::Outlook, &contact, None, &settings));
        (record.file_as, record.full_name)
    };
    let follows = ContactOptions { filed_as: FiledAs::FormattedName, ..ContactOptions::default() };
    assert_eq!(made(ContactOptions::default()), ("Person, Sample".into(), "Shown Name".into()));
    assert_eq!(made(follows.clone()), ("Shown Name".into(), "Sample Person".into()));

    // And back: FN follows FileAs, or not.
    for (options, wanted) in [(ContactOptions::default(), "Shown Name"), (follows, "Filed elsewhere")] {
        let settings = choosing(options);
        let base = read(Dialect::Outlook, &made_record(card, &settings), &settings).item.unwrap();
        let mut edited = record(&made_record(card, &settings));
        edited.file_as = "Filed elsewhere".into();
        let edited = read(Dialect::Outlook, &bytes_of(&edited), &settings).item.unwrap();
        let server = read(Dialect::VCard3, card, &settings).item.unwrap();
        let carried = carry(&Ground::from(base), &edited, &server);
        let written = write(Dialect::VCard3, &carried, Some(card), Timestamp::UNIX_EPOCH, &settings);
        assert!(String::from_utf8_lossy(&written).contains(&format!("\r\nFN:{wanted}\r\n")));
    }
}

fn made_record(card: &[u8], settings: &Settings) -> Vec<u8> {
    put(Dialect::Outlook, &read_contact(Dialect::VCard3, card, settings), None, settings)
}

#[test]
fn the_first_addresses_are_those_of_home_and_work_in_the_chosen_order() {
    let (home, work, other) = (Place::Home, Place::Work, Place::Other);
    let rows: [(&[Place], [&str; 3], [&str; 3]); 6] = [
        (&[work, home], ["b", "a", ""], ["a", "b", ""]),
        (&[other, other, other], ["a", "b", "c"], ["a", "b", "c"]),
        (&[home], ["a", "", ""], ["a", "", ""]),
        (&[work], ["a", "", ""], ["a", "", ""]),
        (&[work, work, home, other], ["c", "a", "b"], ["a", "c", "b"]),
        (&[other, work], ["a", "b", ""], ["b", "a", ""]),
    ];
    for (places, by_home, by_work) in rows {
        let email = |(place, address): (&Place, &str)| Email {
            address: address.into(),
            place: *place,
            ..Email::default()
        };
        let emails: Vec<Email> = places.iter().zip(["a", "b", "c", "d"]).map(email).collect();
        let contact = Contact { emails, ..Contact::default() };
        for (first_email, wanted) in [(FirstEmail::Home, by_home), (FirstEmail::Work, by_work)] {
            let settings = choosing(ContactOptions { first_email, ..ContactOptions::default() });
            let item = record(&put(Dialect::Outlook, &contact, None, &settings));
            let slots = [item.email1_address, item.email2_address, item.email3_address];
            assert_eq!(slots, wanted, "{places:?} {first_email:?}");
            let once = held(Dialect::Outlook, &contact, &settings);
            assert_eq!(held(Dialect::Outlook, &once, &settings), once);
        }
    }
}

#[test]
fn numbers_reach_outlook_as_they_are_or_with_their_area_in_brackets() {
    let phone = |number: &str| Phone { number: number.into(), line: Line::Mobile, place: Place::Other };
    let contact = Contact { phones: vec![phone("+1 23 45678")], ..Contact::default() };
    for (numbers, wanted) in [(Numbers::Verbatim, "+1 23 45678"), (Numbers::Bracketed, "+1 (23) 45678")] {
        let settings = choosing(ContactOptions { numbers, ..ContactOptions::default() });
        let written = put(Dialect::Outlook, &contact, None, &settings);
        assert_eq!(record(&written).mobile_telephone_number, wanted);
        // A number that somebody typed otherwise stays as it was typed.
        let typed = ContactItem { mobile_telephone_number: "+1 23 45678".into(), ..ContactItem::default() };
        let mut more = contact.clone();
        more.phones.push(Phone { number: "2".into(), line: Line::Pager, place: Place::Other });
        let written = record(&put(Dialect::Outlook, &more, Some(&bytes_of(&typed)), &settings));
        assert_eq!(written.mobile_telephone_number, "+1 23 45678");
        assert_eq!(written.pager_number, "2");
    }
}

#[test]
fn numbers_find_their_slots_whatever_their_types() {
    let rows = [
        ("TEL;TYPE=HOME", "HomeTelephoneNumber"),
        ("TEL;TYPE=\"home,voice\"", "HomeTelephoneNumber"),
        ("TEL;TYPE=WORK;TYPE=VOICE", "BusinessTelephoneNumber"),
        ("TEL;WORK;VOICE", "BusinessTelephoneNumber"),
        ("TEL;TYPE=WORK,VOICE,MSG,PREF", "BusinessTelephoneNumber"),
        ("TEL;TYPE=work;PREF=1", "BusinessTelephoneNumber"),
        ("TEL;TYPE=CELL", "MobileTelephoneNumber"),
        ("TEL;TYPE=cell,work,pref", "MobileTelephoneNumber"),
        ("TEL;type=IPHONE;type=CELL;type=VOICE", "MobileTelephoneNumber"),
        ("TEL;TYPE=FAX,HOME", "HomeFaxNumber"),
        ("TEL;TYPE=FAX;TYPE=WORK", "BusinessFaxNumber"),
        ("TEL;TYPE=FAX", "OtherFaxNumber"),
        ("TEL;TYPE=PAGER", "PagerNumber"),
        ("TEL;TYPE=CAR,VOICE", "CarTelephoneNumber"),
        ("TEL;TYPE=ISDN", "ISDNNumber"),
        ("TEL;TYPE=MAIN", "PrimaryTelephoneNumber"),
        ("TEL;PREF", "PrimaryTelephoneNumber"),
        ("TEL;TYPE=MAIN;TYPE=WORK", "CompanyMainTelephoneNumber"),
        ("X-MS-TEL;VOICE;COMPANY", "CompanyMainTelephoneNumber"),
        ("TEL;TYPE=X-EVOLUTION-COMPANY", "CompanyMainTelephoneNumber"),
        ("TEL;TYPE=VOICE", "OtherTelephoneNumber"),
        ("TEL;TYPE=OTHER", "OtherTelephoneNumber"),
        ("X-MS-TEL;VOICE;ASSISTANT", "AssistantTelephoneNumber"),
        ("TEL;TYPE=X-EVOLUTION-ASSISTANT", "AssistantTelephoneNumber"),
        ("X-MS-TEL;VOICE;CALLBACK", "CallbackTelephoneNumber"),
        ("X-MS-TEL;VOICE;RADIO", "RadioTelephoneNumber"),
        ("EMAIL;TLX", "TelexNumber"),
        ("TEL;TYPE=X-EVOLUTION-TELEX", "TelexNumber"),
        ("X-MS-TEL;TTY-TDD", "TTYTDDTelephoneNumber"),
        ("TEL;TYPE=textphone", "TTYTDDTelephoneNumber"),
        ("TEL", "MobileTelephoneNumber"),
        ("TEL;TYPE=VIDEO", ""),
        ("TEL;TYPE=modem", ""),
    ];
    for (head, slot) in rows {
        let card = format!("BEGIN:VCARD\r\nVERSION:3.0\r\n{head}:1\r\nEND:VCARD\r\n");
        let contact = read_contact(Dialect::VCard3, card.as_bytes(), &settings());
        let record = properties(&record(&put(Dialect::Outlook, &contact, None, &settings())));
        let filled: Vec<_> = record
            .iter()
            .filter(|(name, value)| value.as_str() == Some("1") && *name != "FileAs")
            .map(|(name, _)| name.as_str())
            .collect();
        assert_eq!(filled, if slot.is_empty() { vec![] } else { vec![slot] }, "{head}");
    }
}

#[test]
fn numbers_of_a_card_that_types_none_are_those_that_people_have() {
    let card = b"BEGIN:VCARD\r\nVERSION:3.0\r\nTEL:1\r\nTEL:2\r\nTEL:3\r\nTEL:4\r\nEND:VCARD\r\n";
    let contact = read_contact(Dialect::VCard3, card, &settings());
    let item = record(&put(Dialect::Outlook, &contact, None, &settings()));
    assert_eq!(
        [item.mobile_telephone_number, item.business_telephone_number, item.home_telephone_number],
        ["1", "2", "3"]
    );
    assert_eq!(item.other_telephone_number, "");
    let mixed = b"BEGIN:VCARD\r\nVERSION:3.0\r\nTEL:1\r\nTEL;TYPE=HOME:2\r\nEND:VCARD\r\n";
    let contact = read_contact(Dialect::VCard3, mixed, &settings());
    let item = record(&put(Dialect::Outlook, &contact, None, &settings()));
    assert_eq!([item.other_telephone_number, item.home_telephone_number], ["1", "2"]);
}

#[test]
fn messages_are_of_the_default_service_and_written_in_the_chosen_form() {
    let rows = [
        ("joe", ImForm::OwnProperties, "X-AIM:joe\n"),
        ("joe", ImForm::Impp, "IMPP;X-SERVICE-TYPE=AIM:aim:joe\n"),
        ("Skype: j.d; xmpp: a@b", ImForm::OwnProperties, "X-SKYPE:j.d\nX-JABBER:a@b\n"),
        (
            "Skype: j.d; xmpp: a@b",
            ImForm::Impp,
            "IMPP;X-SERVICE-TYPE=Skype:skype:j.d\nIMPP;X-SERVICE-TYPE=Jabber:xmpp:a@b\n",
        ),
        ("foo: x", ImForm::OwnProperties, "IMPP;X-SERVICE-TYPE=foo:foo:x\n"),
    ];
    for (address, im_form, wanted) in rows {
        let settings = choosing(ContactOptions { im_form, ..ContactOptions::default() });
        let item = ContactItem { im_address: address.into(), ..ContactItem::default() };
        let contact = read_contact(Dialect::Outlook, &bytes_of(&item), &settings);
        let card = String::from_utf8(put(Dialect::VCard3, &contact, None, &settings)).unwrap();
        assert!(card.replace("\r\n", "\n").contains(wanted), "{address} {im_form:?}: {card}");
        let back = read_contact(Dialect::VCard3, card.as_bytes(), &settings);
        assert_eq!(back.ims, contact.ims);
    }
    for (default, wanted) in [("AIM", "Jabber: joe; two"), ("Jabber", "joe; AIM: two")] {
        let settings =
            choosing(ContactOptions { default_im: DefaultIm(default.into()), ..ContactOptions::default() });
        let im = |service: &str, handle: &str| Im { service: service.into(), handle: handle.into() };
        let contact = Contact { ims: vec![im("Jabber", "joe"), im("AIM", "two")], ..Contact::default() };
        let item = record(&put(Dialect::Outlook, &contact, None, &settings));
        assert_eq!(item.im_address, wanted);
        assert_eq!(held(Dialect::Outlook, &contact, &settings).ims, contact.ims);
    }
}

#[test]
fn outlooks_photo_is_replaced_or_kept() {
    let photo = |last: u8| crate::bytes::attachment([0xff, 0xd8, 0xff, last]);
    let own =
        ContactItem { contact_picture: Binary(vec![0xff, 0xd8, 0xff, 1].into()), ..ContactItem::default() };
    for (outlook_photo, wanted) in [(OutlookPhoto::Replaced, 2), (OutlookPhoto::Kept, 1)] {
        let settings = choosing(ContactOptions { outlook_photo, ..ContactOptions::default() });
        let new = Contact { photo: Some(photo(2)), ..Contact::default() };
        let item = record(&put(Dialect::Outlook, &new, Some(&bytes_of(&own)), &settings));
        assert_eq!(item.contact_picture.0.last(), Some(&wanted));
        // Where there is none, the server's comes in any case.
        let item = record(&put(Dialect::Outlook, &new, None, &settings));
        assert_eq!(item.contact_picture.0.last(), Some(&2));
        let none = record(&put(Dialect::Outlook, &Contact::default(), Some(&bytes_of(&own)), &settings));
        assert_eq!(none.contact_picture.0.is_empty(), outlook_photo == OutlookPhoto::Replaced);
    }
}

#[test]
fn a_photo_crosses_both_ways_byte_by_byte() {
    let png = [&b"\x89PNG\r\n\x1a\n"[..], &[7; 5000]].concat();
    let item = ContactItem { contact_picture: Binary(png.clone().into()), ..ContactItem::default() };
    let contact = read_contact(Dialect::Outlook, &bytes_of(&item), &settings());
    for dialect in CARDS {
        assert_eq!(held(dialect, &contact, &settings()).photo, contact.photo);
        let card = put(dialect, &contact, None, &settings());
        let back = read_contact(dialect, &card, &settings());
        assert_eq!(back.photo, contact.photo);
        assert_eq!(held(Dialect::Outlook, &back, &settings()).photo, contact.photo);
        let again = record(&put(Dialect::Outlook, &back, None, &settings()));
        assert_eq!(&*again.contact_picture.0, png);
    }
    // Bytes that are not at hand, and links, leave alone what is there.
    let mut elsewhere = contact;
    for photo in [Some(super::inline()), Some(super::link("https://example.com/p"))] {
        elsewhere.photo = photo;
        let kept = record(&put(Dialect::Outlook, &elsewhere, Some(&bytes_of(&item)), &settings()));
        assert_eq!(&*kept.contact_picture.0, png);
    }
}

#[test]
fn a_label_follows_its_address() {
    let card = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:x\r\n\
                ADR;TYPE=HOME:;;Long Street 1;Town;;12345;Land\r\n\
                LABEL;TYPE=HOME:c/o Somebody\\nLong Street 1\\n12345 Town\r\n\
                ADR;TYPE=WORK:;;Work 2;Other;;;\r\nLABEL;TYPE=WORK:Work 2\\nOther\r\nEND:VCARD\r\n";
    let mut contact = read_contact(Dialect::VCard3, card.as_bytes(), &settings());
    contact.addresses[0].street = "Short Street 2".into();
    contact.addresses.remove(1);
    let written =
        String::from_utf8(put(Dialect::VCard3, &contact, Some(card.as_bytes()), &settings())).unwrap();
    assert!(
        written.contains("\r\nLABEL;TYPE=HOME:c/o Somebody\\nShort Street 2\\n12345 Town\r\n"),
        "{written}"
    );
    assert!(!written.contains("WORK"), "{written}");

    let four = "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:x\r\n\
                ADR;LABEL=\"Long Street 1\\n12345 Town\":;;Long Street 1;Town;;12345;\r\nEND:VCARD\r\n";
    let mut contact = read_contact(Dialect::VCard4, four.as_bytes(), &settings());
    contact.addresses[0].country = "Land".into();
    let written =
        String::from_utf8(put(Dialect::VCard4, &contact, Some(four.as_bytes()), &settings())).unwrap();
    assert!(written.contains("LABEL=Long Street 1\\n12345 Town\\nLand:"), "{written}");
}

#[test]
fn letters_go_to_the_preferred_address() {
    for (lines, wanted) in [
        ("ADR;TYPE=HOME:;;a;;;;\r\nADR;TYPE=WORK,pref:;;b;;;;", 2),
        ("ADR;TYPE=HOME;PREF=1:;;a;;;;\r\nADR;TYPE=WORK;PREF=2:;;b;;;;", 1),
        ("ADR;HOME:;;a;;;;\r\nADR;WORK:;;b;;;;\r\nX-MS-OL-DEFAULT-POSTAL-ADDRESS:2", 2),
        ("ADR;TYPE=HOME:;;a;;;;\r\nADR;TYPE=WORK:;;b;;;;", 0),
        ("ADR;TYPE=pref:;;c;;;;", 3),
    ] {
        let card = format!("BEGIN:VCARD\r\nVERSION:3.0\r\nFN:x\r\n{lines}\r\nEND:VCARD\r\n");
        let contact = read_contact(Dialect::VCard3, card.as_bytes(), &settings());
        let item = record(&put(Dialect::Outlook, &contact, None, &settings()));
        assert_eq!(item.selected_mailing_address, wanted, "{lines}");
    }
}

#[test]
fn a_year_that_outlook_cannot_hold_stays_on_the_server() {
    let card = b"BEGIN:VCARD\r\nVERSION:4.0\r\nFN:x\r\nBDAY:--0412\r\nEND:VCARD\r\n";
    let contact = read_contact(Dialect::VCard4, card, &settings());
    let item = record(&put(Dialect::Outlook, &contact, None, &settings()));
    assert_eq!(item.birthday, Day::default());
    let server = Item::Contact(Box::new(contact));
    let base = read(Dialect::Outlook, &bytes_of(&item), &settings()).item.unwrap();
    let edited = ContactItem { job_title: "New".into(), ..item };
    let edited = read(Dialect::Outlook, &bytes_of(&edited), &settings()).item.unwrap();
    let carried = carry(&Ground::from(base), &edited, &server);
    let written = write(Dialect::VCard4, &carried, Some(card), Timestamp::UNIX_EPOCH, &settings());
    let written = String::from_utf8_lossy(&written);
    assert!(written.contains("\r\nBDAY:--0412\r\n") && written.contains("\r\nTITLE:New\r\n"), "{written}");
}
