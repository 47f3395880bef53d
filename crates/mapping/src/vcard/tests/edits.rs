//! An edit of a field changes the lines of that field and no others: every edit on every card.

use dovetail_model::contact::{Address, Custom, Email, Gender, Im, Line, PartialDate, Phone, Place, WebPage};
use dovetail_model::group::Member;
use dovetail_model::item::{Attachment, AttachmentSource, Sensitivity};
use dovetail_model::{Contact, Group, Item};
use jiff::civil::date;

use super::{all_cards, contact, fixture, group, read, write_onto};
use crate::component::Document;

/// An edit: its name, the properties whose lines it may change, and what it does.
type Edit = (&'static str, &'static [&'static str], fn(&mut Contact));

const LABELS: [&str; 2] = ["X-ABLABEL", "X-ABADR"];

/// What says when a card was changed goes with every edit.
const REVISION: &str = "REV";

const ASSISTANTS: &[&str] = &["X-ASSISTANT", "X-MS-ASSISTANT", "X-EVOLUTION-ASSISTANT", "X-ABRELATEDNAMES"];
const MANAGERS: &[&str] = &["X-MANAGER", "X-MS-MANAGER", "X-EVOLUTION-MANAGER", "X-ABRELATEDNAMES"];
const SPOUSES: &[&str] = &["X-SPOUSE", "X-MS-SPOUSE", "X-EVOLUTION-SPOUSE", "X-ABRELATEDNAMES", "RELATED"];
const CHILDREN: &[&str] = &["X-MS-CHILD", "X-CHILD", "X-ABRELATEDNAMES", "RELATED"];
const GENDERS: &[&str] = &["GENDER", "X-WAB-GENDER", "X-GENDER"];
const MESSAGES: &[&str] = &[
    "IMPP",
    "X-AIM",
    "X-FACEBOOK",
    "X-GOOGLE-TALK",
    "X-ICQ",
    "X-JABBER",
    "X-MSN",
    "X-QQ",
    "X-SKYPE",
    "X-YAHOO",
    "X-GADUGADU",
    "X-SIP",
    "X-SKYPE-USERNAME",
    "X-GTALK",
    "X-MS-IMADDRESS",
];
const ADDRESSES: &[&str] = &["ADR", "LABEL", "X-MS-OL-DEFAULT-POSTAL-ADDRESS"];
const NUMBERS: &[&str] = &["TEL", "X-MS-TEL", "EMAIL"];

const ANNIVERSARIES: &[&str] =
    &["ANNIVERSARY", "X-ANNIVERSARY", "X-MS-ANNIVERSARY", "X-EVOLUTION-ANNIVERSARY", "X-ABDATE"];

const TEXT_EDITS: &[Edit] = &[
    ("uid", &["UID"], |c| c.uid = Some("new-uid".into())),
    ("family", &["N"], |c| c.name.family = "Größe; Söhne, A\\B".into()),
    ("given", &["N"], |c| c.name.given = "New".into()),
    ("additional", &["N"], |c| c.name.additional = String::new()),
    ("prefix", &["N"], |c| c.name.prefix = "Prof.".into()),
    ("suffix", &["N"], |c| c.name.suffix = "III".into()),
    ("formatted name", &["FN"], |c| c.formatted_name = "Somebody, else".into()),
    ("nicknames", &["NICKNAME"], |c| c.nicknames = vec!["a,b".into(), "c".into()]),
    ("no nicknames", &["NICKNAME"], |c| c.nicknames.clear()),
    ("company", &["ORG"], |c| c.company = "Neue; Firma".into()),
    ("department", &["ORG"], |c| c.department = "A;B, C".into()),
    ("no department", &["ORG"], |c| c.department = String::new()),
    ("no organization", &["ORG"], |c| (c.company, c.department) = Default::default()),
    ("title", &["TITLE"], |c| c.job_title = "Chief, \"Everything\"".into()),
    ("no title", &["TITLE"], |c| c.job_title = String::new()),
    ("role", &["ROLE"], |c| c.profession = "Maker".into()),
    ("note", &["NOTE"], |c| c.note = "Erste Zeile\n\n  zweite; Zeile = ".to_owned() + &"lang ".repeat(40)),
    ("categories", &["CATEGORIES"], |c| c.categories.push("New, category".into())),
    ("one category less", &["CATEGORIES"], |c| drop(c.categories.pop())),
    ("class", &["CLASS"], |c| c.sensitivity = Sensitivity::Private),
    ("public", &["CLASS"], |c| c.sensitivity = Sensitivity::Public),
    ("birthday", &["BDAY"], |c| c.birthday = Some(PartialDate::Full(date(1999, 12, 31)))),
    ("yearless birthday", &["BDAY"], |c| c.birthday = Some(PartialDate::Yearless { month: 2, day: 29 })),
    ("no birthday", &["BDAY"], |c| c.birthday = None),
    ("anniversary", ANNIVERSARIES, |c| c.anniversary = Some(PartialDate::Full(date(2001, 2, 3)))),
    ("no anniversary", ANNIVERSARIES, |c| c.anniversary = None),
    ("initials", &["X-INITIALS", "X-MS-INITIALS", "INITIALS"], |c| c.initials = "A, B".into()),
    ("spoken family", &["X-PHONETIC-LAST-NAME"], |c| c.phonetic.family = "ふ".into()),
    ("spoken given", &["X-PHONETIC-FIRST-NAME"], |c| c.phonetic.given = "ぎ".into()),
    ("spoken company", &["X-PHONETIC-ORG", "X-PHONETIC-COMPANY"], |c| c.phonetic.company = "か".into()),
    ("assistant", ASSISTANTS, |c| c.assistant = "Helper; one".into()),
    ("no assistant", ASSISTANTS, |c| c.assistant.clear()),
    ("manager", MANAGERS, |c| c.manager = "Chief".into()),
    ("no manager", MANAGERS, |c| c.manager.clear()),
    ("spouse", SPOUSES, |c| c.spouse = "Partner, A".into()),
    ("no spouse", SPOUSES, |c| c.spouse.clear()),
    ("another child", CHILDREN, |c| c.children.push("Little, one".into())),
    ("no children", CHILDREN, |c| c.children.clear()),
    ("female", GENDERS, |c| c.gender = Gender::Female),
    ("male", GENDERS, |c| c.gender = Gender::Male),
    ("no gender", GENDERS, |c| c.gender = Gender::Unspecified),
    ("free and busy", &["FBURL"], |c| c.free_busy_url = "https://example.com/new;busy".into()),
    ("no certificate", &["KEY"], |c| c.certificate = None),
    ("certificate", &["KEY"], |c| c.certificate = Some(crate::bytes::attachment(*b"\x30\x03abc"))),
    ("user field", &["X-CUSTOM2", "CUSTOM2"], |c| {
        c.custom.retain(|custom| custom.name != "User2");
        c.custom.insert(0, Custom { name: "User2".into(), value: "two; 2".into() });
    }),
    ("new photo", &["PHOTO"], |c| c.photo = Some(crate::bytes::attachment(*b"\xff\xd8\xffnew photo"))),
    ("no photo", &["PHOTO"], |c| c.photo = None),
    ("linked photo", &["PHOTO"], |c| {
        let source = AttachmentSource::Uri("https://example.com/new.png".into());
        c.photo = Some(Attachment { source, name: String::new(), media_type: "image/png".into() });
    }),
];

const LIST_EDITS: &[Edit] = &[
    ("another e-mail", &["EMAIL"], |c| {
        c.emails.push(Email { address: "added@example.com".into(), place: Place::Home, ..Email::default() });
    }),
    ("a handle", MESSAGES, |c| c.ims.push(Im { service: "Skype".into(), handle: "new.one".into() })),
    ("a handle of nobody's", MESSAGES, |c| {
        c.ims.push(Im { service: "Foo".into(), handle: "a:b".into() });
    }),
    ("another handle", MESSAGES, |c| {
        c.ims.iter_mut().take(1).for_each(|im| im.handle = "other@example.com".into());
    }),
    ("no handles", MESSAGES, |c| c.ims.clear()),
    ("letters home", ADDRESSES, |c| {
        let home = c.addresses.iter().any(|address| address.place == Place::Home);
        c.mailing_address = home.then_some(Place::Home);
    }),
    ("letters nowhere", ADDRESSES, |c| c.mailing_address = None),
    ("named e-mails", &["EMAIL"], |c| {
        c.emails.iter_mut().for_each(|email| email.name = "Sample; \"P\", here".replace('"', "'"));
    }),
    ("no first e-mail", &["EMAIL"], |c| drop(c.emails.drain(..c.emails.len().min(1)))),
    ("no e-mails", &["EMAIL"], |c| c.emails.clear()),
    ("changed e-mail", &["EMAIL"], |c| {
        c.emails.iter_mut().take(1).for_each(|email| email.address = "changed@example.com".into());
    }),
    ("moved e-mails", &["EMAIL"], |c| c.emails.iter_mut().for_each(|email| email.place = Place::Work)),
    ("another number", NUMBERS, |c| {
        c.phones.push(Phone { number: "+99; ext, 5".into(), line: Line::Fax, place: Place::Work });
    }),
    ("changed last number", NUMBERS, |c| {
        c.phones.iter_mut().rev().take(1).for_each(|phone| phone.number = "0 12 345".into());
    }),
    ("all numbers mobile", NUMBERS, |c| c.phones.iter_mut().for_each(|phone| phone.line = Line::Mobile)),
    ("no numbers", NUMBERS, |c| c.phones.clear()),
    ("another address", ADDRESSES, |c| {
        let street = "Größer Weg 1\nHinterhaus".into();
        c.addresses.push(Address {
            place: Place::Home,
            street,
            locality: "A; B".into(),
            ..Address::default()
        });
    }),
    ("changed address", ADDRESSES, |c| {
        c.addresses.iter_mut().for_each(|address| address.postal_code = "0000".into());
    }),
    ("no addresses", ADDRESSES, |c| (c.addresses, c.mailing_address) = Default::default()),
    ("another page", &["URL"], |c| {
        c.urls.push(WebPage { url: "https://example.com/new?a;b,c".into(), place: Place::Work });
    }),
    ("changed page", &["URL"], |c| {
        c.urls.iter_mut().take(1).for_each(|page| page.url = "https://example.com/changed".into());
    }),
    ("no pages", &["URL"], |c| c.urls.clear()),
];

/// The lines of a card, unchanged ones as they are, with their names.
fn lines(card: &[u8]) -> Vec<(String, Vec<u8>)> {
    let document = Document::parse(card);
    let root = document.components_named("VCARD").next().unwrap();
    root.children()
        .map(|child| match child {
            crate::component::Child::Line(line) => (line.name().to_ascii_uppercase(), line.raw().to_vec()),
            crate::component::Child::Component(inner) => (inner.name().to_owned(), inner.to_bytes()),
        })
        .collect()
}

/// The lines whose properties an edit may not touch. Labels may go, but only with what they label; a name may come, but
/// only where there was none.
fn untouched(card: &[u8], may_change: &[&str]) -> Vec<(String, Vec<u8>)> {
    let is_unnamed = |line: &(String, Vec<u8>)| line.0 == "FN" && line.1.ends_with(b":Unnamed\r\n");
    let is_kept = |line: &(String, Vec<u8>)| {
        !may_change.contains(&line.0.as_str())
            && !LABELS.contains(&line.0.as_str())
            && line.0 != REVISION
            && !is_unnamed(line)
    };
    lines(card).into_iter().filter(is_kept).collect()
}

#[track_caller]
fn check_labels(path: &str, before: &[u8], after: &[u8]) {
    let labelled = |card: &[u8]| {
        let document = Document::parse(card);
        let card = document.components_named("VCARD").next().unwrap();
        let groups = card.lines().filter(|line| !LABELS.iter().any(|name| line.is(name)));
        groups.filter_map(|line| line.group().map(str::to_owned)).collect::<Vec<_>>()
    };
    let kept = labelled(after);
    let document = Document::parse(before);
    for label in document.components_named("VCARD").next().unwrap().lines() {
        let Some(group) = label.group().filter(|_| LABELS.iter().any(|name| label.is(name))) else {
            continue;
        };
        let is_there = lines(after).iter().any(|line| line.1 == label.raw());
        assert_eq!(is_there, kept.iter().any(|kept| kept == group), "{path}: {group}");
    }
}

#[test]
fn an_edit_changes_only_lines_of_its_property() {
    for (path, card) in all_cards() {
        let Some(Item::Contact(held)) = read(&card).item else { continue };
        for (name, may_change, edit) in TEXT_EDITS.iter().chain(LIST_EDITS) {
            let mut wanted = (*held).clone();
            edit(&mut wanted);
            let written = write_onto(&card, &Item::Contact(Box::new(wanted.clone())));
            let context = format!("{path}: {name}");
            if wanted == *held {
                assert!(written == card, "{context}");
            }
            let mut may_change = may_change.to_vec();
            if held.formatted_name.is_empty() {
                may_change.push("FN");
            }
            assert_eq!(untouched(&card, &may_change), untouched(&written, &may_change), "{context}");
            check_labels(&context, &card, &written);
            assert_holds(&contact(&written), &wanted, &context);
        }
    }
}

/// Whether what was read is what was wanted, but for the order of lists and for second notes, titles and pages that come
/// to light when the first goes.
#[track_caller]
fn assert_holds(read: &Contact, wanted: &Contact, context: &str) {
    let sorted = |contact: &Contact| {
        let mut contact = contact.clone();
        contact.emails.sort_by(|a, b| (&a.address, a.place).cmp(&(&b.address, b.place)));
        contact.phones.sort_by(|a, b| (&a.number, a.place, a.line).cmp(&(&b.number, b.place, b.line)));
        contact.urls.sort_by(|a, b| (&a.url, a.place).cmp(&(&b.url, b.place)));
        contact.ims.sort_by(|a, b| (&a.service, &a.handle).cmp(&(&b.service, &b.handle)));
        contact.children.sort();
        contact.custom.sort_by(|a, b| a.name.cmp(&b.name));
        contact.addresses.sort_by_key(|address| (address.place, format!("{address:?}")));
        contact
    };
    let (mut read, wanted) = (sorted(read), sorted(wanted));
    if wanted.formatted_name.is_empty() {
        read.formatted_name.clear();
    }
    for (read, wanted) in [
        (&mut read.spouse, &wanted.spouse),
        (&mut read.job_title, &wanted.job_title),
        (&mut read.note, &wanted.note),
        (&mut read.company, &wanted.company),
        (&mut read.department, &wanted.department),
    ] {
        if wanted.is_empty() {
            read.clear();
        }
    }
    assert_eq!(read, wanted, "{context}");
}

#[test]
fn removing_an_entry_takes_its_label_along() {
    let card = fixture("ios.vcf");
    let mut item = contact(&card);
    item.emails.retain(|email| email.address != "sample.person@example.com");
    let text = String::from_utf8(write_onto(&card, &Item::Contact(Box::new(item)))).unwrap();
    assert!(!text.contains("item1.") && text.contains("item2.X-ABLabel"), "{text}");
}

#[test]
fn a_group_that_holds_other_properties_keeps_them() {
    let card = b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:x\r\nwork.TEL:1\r\nwork.EMAIL:a@example.com\r\nwork.X-ABLabel:x\r\nEND:VCARD\r\n";
    let mut item = contact(card);
    item.phones.clear();
    let text = String::from_utf8(write_onto(card, &Item::Contact(Box::new(item)))).unwrap();
    assert_eq!(
        text,
        "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:x\r\nwork.EMAIL:a@example.com\r\nwork.X-ABLabel:x\r\nEND:VCARD\r\n"
    );
}

/// An edit of a contact on one line, and the line that comes of it.
#[track_caller]
fn check_line(version: &str, before: &str, edit: fn(&mut Contact), after: &str) {
    let card = |line: &str| format!("BEGIN:VCARD\r\nVERSION:{version}\r\nFN:x\r\n{line}\r\nEND:VCARD\r\n");
    let source = card(before);
    let mut item = contact(source.as_bytes());
    edit(&mut item);
    let written = write_onto(source.as_bytes(), &Item::Contact(Box::new(item)));
    assert_eq!(String::from_utf8(written).unwrap(), card(after));
}

#[test]
fn a_changed_line_keeps_group_parameters_and_spelling() {
    let number: fn(&mut Contact) = |c| c.phones[0].number = "+1-2".into();
    check_line(
        "3.0",
        "item1.tel;type=CELL;type=pref;X-A=\"b:c\":1",
        number,
        "item1.tel;type=CELL;type=pref;X-A=\"b:c\":+1-2",
    );
    check_line("4.0", "TEL;VALUE=uri;PREF=1:tel:1", number, "TEL;VALUE=uri;PREF=1:tel:+1-2");
    let spaced: fn(&mut Contact) = |c| c.phones[0].number = "+1 2".into();
    check_line("4.0", "TEL;VALUE=uri;PREF=1:tel:1", spaced, "TEL;PREF=1:+1 2");
    let place: fn(&mut Contact) = |c| c.phones[0].place = Place::Work;
    check_line("4.0", "TEL;TYPE=\"home,voice\";PREF=1:1", place, "TEL;TYPE=voice;PREF=1;TYPE=work:1");
    check_line("2.1", "TEL;HOME;FAX;PREF:1", place, "TEL;FAX;PREF;WORK:1");
    let town: fn(&mut Contact) = |c| c.addresses[0].locality = "T".into();
    check_line("3.0", "ADR;LANGUAGE=de:;;a\\;b,c;X;;1", town, "ADR;LANGUAGE=de:;;a\\;b,c;T;;1");
    let given: fn(&mut Contact) = |c| c.name.given = "G".into();
    check_line("4.0", "N;SORT-AS=\"x\":A,B;C;D,E;;;F;G", given, "N;SORT-AS=\"x\":A,B;G;D,E;;;F;G");
    let company: fn(&mut Contact) = |c| c.company = "C".into();
    check_line("3.0", "ORG;LANGUAGE=de:A;B\\;b;;", company, "ORG;LANGUAGE=de:C;B\\;b;;");
}

#[test]
fn dates_keep_their_spelling_where_it_can_say_them() {
    let full: fn(&mut Contact) = |c| c.birthday = Some(PartialDate::Full(date(1999, 1, 2)));
    let yearless: fn(&mut Contact) = |c| c.birthday = Some(PartialDate::Yearless { month: 1, day: 2 });
    check_line("3.0", "BDAY:19800101", full, "BDAY:19990102");
    check_line("3.0", "BDAY;VALUE=date:1980-01-01", full, "BDAY;VALUE=date:1999-01-02");
    check_line("3.0", "BDAY;VALUE=date-time:1980-01-01T10:00:00Z", full, "BDAY:1999-01-02");
    check_line("3.0", "BDAY;X-APPLE-OMIT-YEAR=1604:1604-05-06", full, "BDAY:1999-01-02");
    check_line("3.0", "BDAY:1980-01-01", yearless, "BDAY;X-APPLE-OMIT-YEAR=1604:1604-01-02");
    check_line("4.0", "BDAY:19800101", yearless, "BDAY:--0102");
    check_line("4.0", "BDAY:--0506", full, "BDAY:19990102");
}

#[test]
fn version_2_1_is_written_in_its_own_way() {
    let title: fn(&mut Contact) = |c| c.job_title = "Bäcker;\n2".into();
    check_line(
        "2.1",
        "TITLE:x",
        title,
        "TITLE;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:B=C3=A4cker\\;=0D=0A2",
    );
    let plain: fn(&mut Contact) = |c| c.job_title = "Baker".into();
    check_line(
        "2.1",
        "TITLE;LANGUAGE=de;ENCODING=QUOTED-PRINTABLE:B=C3=A4=\r\ncker",
        plain,
        "TITLE;LANGUAGE=de:Baker",
    );
    let fax: fn(&mut Contact) =
        |c| c.phones.push(Phone { number: "2".into(), line: Line::Fax, place: Place::Work });
    check_line("2.1", "TEL;HOME:1", fax, "TEL;HOME:1\r\nTEL;WORK;FAX:2");
}

#[test]
fn lines_in_another_charset_become_utf8_when_edited() {
    let card = fixture("outlook-latin1.vcf");
    let mut item = contact(&card);
    item.name.given = "Jürg".into();
    let written = write_onto(&card, &Item::Contact(Box::new(item.clone())));
    assert_eq!(contact(&written), item);
    assert!(written.windows(8).any(|word| word == b"B\xe4ckerei"), "the others keep their bytes");
}

#[test]
fn members_come_and_go_each_on_its_own_line() {
    for name in ["group-apple.vcf", "group-4.vcf"] {
        let card = fixture(name);
        let mut item = group(&card);
        item.members.remove(1);
        item.members.push(Member {
            name: "New, One".into(),
            address: "new@example.com".into(),
            uid: None,
            entry: None,
        });
        item.members[0].name = "Named".into();
        let written = write_onto(&card, &Item::Group(Box::new(item.clone())));
        assert_eq!(sorted(group(&written)), sorted(item), "{name}");
        let members = &["MEMBER", "X-ADDRESSBOOKSERVER-MEMBER"];
        assert_eq!(untouched(&card, members), untouched(&written, members), "{name}");
        assert_eq!(
            String::from_utf8_lossy(&card).contains("sip:unheard"),
            String::from_utf8_lossy(&written).contains("sip:unheard"),
            "a member of a kind that we do not know stays"
        );
    }
}

fn sorted(mut group: Group) -> Group {
    group.members.sort_by(|a, b| (&a.uid, &a.address).cmp(&(&b.uid, &b.address)));
    group
}

#[test]
fn a_renamed_list_keeps_both_of_its_names_alike() {
    let card = fixture("group-apple.vcf");
    let mut item = group(&card);
    item.name = "Sailing club".into();
    let text = String::from_utf8(write_onto(&card, &Item::Group(Box::new(item)))).unwrap();
    assert!(text.contains("\r\nN:Sailing club\r\nFN:Sailing club\r\n"), "{text}");
}

#[test]
fn further_cards_of_a_resource_stay_as_they_are() {
    let resource = fixture("two-cards.vcf");
    let second = |bytes: &[u8]| {
        let document = Document::parse(bytes);
        document.components_named("VCARD").nth(1).unwrap().to_bytes()
    };
    let mut item = contact(&resource);
    item.job_title = "New".into();
    let written = write_onto(&resource, &Item::Contact(Box::new(item.clone())));
    assert_eq!(contact(&written), item);
    assert_eq!(second(&written), second(&resource));
    assert!(read(&resource).warnings.iter().any(|warning| warning.code == "several_cards"));
}
