//! New cards.

use dovetail_model::contact::{
    Address, Custom, Email, Gender, Im, Line, Name, PartialDate, Phone, Phonetic, Place, WebPage,
};
use dovetail_model::group::Member;
use dovetail_model::item::{Attachment, AttachmentSource, Sensitivity};
use dovetail_model::{Contact, Group, Item};
use expect_test::expect;
use jiff::civil::date;

use super::{VERSIONS, Version, contact, fixture, group, read, write};

fn now() -> jiff::Timestamp {
    "2026-11-21T10:20:30Z".parse().unwrap()
}

fn written(item: &Item, version: Version) -> String {
    String::from_utf8(write(item, None, version, now())).unwrap().replace("\r\n", "\n")
}

pub(super) fn full() -> Contact {
    let email = |address: &str, place| Email { address: address.into(), place, ..Email::default() };
    Contact {
        uid: Some("sample-uid".into()),
        name: Name {
            family: "Person".into(),
            given: "Sample".into(),
            additional: "Q.".into(),
            prefix: "Dr.".into(),
            suffix: "Jr.".into(),
        },
        formatted_name: "Dr. Sample Q. Person, Jr.".into(),
        file_as: None,
        initials: "S.Q.P.".into(),
        phonetic: Phonetic { family: "pur-sun".into(), given: "sam-pull".into(), company: "ex".into() },
        nicknames: vec!["Sam".into(), "Sammy; the one".into()],
        company: "Example; Söhne".into(),
        department: "North".into(),
        job_title: "Clerk".into(),
        profession: "Accountant".into(),
        assistant: "Assistant Person".into(),
        manager: "Manager, Person".into(),
        spouse: "Spouse Person".into(),
        children: vec!["First Child".into(), "Second; Child".into()],
        emails: vec![
            email("home@example.com", Place::Home),
            email("work@example.com", Place::Work),
            email("any@example.com", Place::Other),
        ],
        phones: phones(),
        addresses: vec![Address {
            place: Place::Work,
            po_box: "Box 1".into(),
            extended: "Room 2".into(),
            street: "Street 3\nBackyard".into(),
            locality: "Town, Upper".into(),
            region: "Region".into(),
            postal_code: "12345".into(),
            country: "Country".into(),
        }],
        mailing_address: Some(Place::Work),
        ims: vec![im("AIM", "sample"), im("Jabber", "sample@example.com"), im("Foo", "a b")],
        gender: Gender::Female,
        birthday: Some(PartialDate::Yearless { month: 4, day: 12 }),
        anniversary: Some(PartialDate::Full(date(2009, 8, 8))),
        note: "One\nTwo, with a comma and enough words behind it to be folded at seventy-five octets: ä ö ü"
            .into(),
        categories: vec!["VIP".into(), "a,b".into()],
        sensitivity: Sensitivity::Confidential,
        urls: vec![WebPage { url: "https://example.com/a;b,c".into(), place: Place::Work }],
        photo: Some(Attachment {
            source: AttachmentSource::Uri("https://example.com/p.png".into()),
            name: String::new(),
            media_type: "image/png".into(),
        }),
        free_busy_url: "https://example.com/busy?a;b".into(),
        certificate: Some(crate::bytes::attachment(*b"\x30\x03abc")),
        custom: ["User1", "CustomerID"]
            .map(|name| Custom { name: name.into(), value: format!("{name}; set") })
            .into(),
    }
}

fn phones() -> Vec<Phone> {
    let phone = |number: &str, line, place| Phone { number: number.into(), line, place };
    vec![
        phone("1", Line::Voice, Place::Home),
        phone("2", Line::Voice, Place::Work),
        phone("3", Line::Mobile, Place::Other),
        phone("4", Line::Fax, Place::Work),
        phone("5", Line::Main, Place::Other),
        phone("6", Line::Pager, Place::Other),
        phone("7", Line::Car, Place::Other),
        phone("8", Line::Isdn, Place::Other),
        phone("9", Line::Voice, Place::Other),
        phone("10", Line::Main, Place::Work),
        phone("11", Line::Assistant, Place::Other),
        phone("12", Line::Callback, Place::Other),
        phone("13", Line::Radio, Place::Other),
        phone("14", Line::Telex, Place::Other),
        phone("15", Line::TextPhone, Place::Other),
        phone("16", Line::Special, Place::Other),
        phone("17", Line::Unsaid, Place::Other),
    ]
}

fn im(service: &str, handle: &str) -> Im {
    Im { service: service.into(), handle: handle.into() }
}

#[test]
fn a_new_card_of_version_3_has_everything_in_order() {
    expect![[r#"
        BEGIN:VCARD
        VERSION:3.0
        UID:sample-uid
        FN:Dr. Sample Q. Person\, Jr.
        N:Person;Sample;Q.;Dr.;Jr.
        NICKNAME:Sam,Sammy\; the one
        ORG:Example\; Söhne;North
        TITLE:Clerk
        ROLE:Accountant
        EMAIL;TYPE=INTERNET;TYPE=HOME:home@example.com
        EMAIL;TYPE=INTERNET;TYPE=WORK:work@example.com
        EMAIL;TYPE=INTERNET:any@example.com
        TEL;TYPE=HOME;TYPE=VOICE:1
        TEL;TYPE=WORK;TYPE=VOICE:2
        TEL;TYPE=CELL:3
        TEL;TYPE=WORK;TYPE=FAX:4
        TEL;TYPE=MAIN:5
        TEL;TYPE=PAGER:6
        TEL;TYPE=CAR:7
        TEL;TYPE=ISDN:8
        TEL;TYPE=VOICE:9
        TEL;TYPE=WORK;TYPE=MAIN:10
        TEL;TYPE=X-ASSISTANT:11
        TEL;TYPE=X-CALLBACK:12
        TEL;TYPE=X-RADIO:13
        TEL;TYPE=X-TELEX:14
        TEL;TYPE=TEXTPHONE:15
        TEL;TYPE=VIDEO:16
        TEL:17
        ADR;TYPE=WORK;TYPE=PREF:Box 1;Room 2;Street 3\nBackyard;Town\, Upper;Region
         ;12345;Country
        X-AIM:sample
        X-JABBER:sample@example.com
        IMPP;X-SERVICE-TYPE=Foo:foo:a b
        URL;TYPE=WORK:https://example.com/a;b,c
        BDAY;X-APPLE-OMIT-YEAR=1604:1604-04-12
        X-ANNIVERSARY:2009-08-08
        CATEGORIES:VIP,a\,b
        CLASS:CONFIDENTIAL
        NOTE:One\nTwo\, with a comma and enough words behind it to be folded at sev
         enty-five octets: ä ö ü
        PHOTO;VALUE=uri;TYPE=PNG:https://example.com/p.png
        KEY;ENCODING=b;TYPE=X509:MANhYmM=
        X-INITIALS:S.Q.P.
        X-PHONETIC-LAST-NAME:pur-sun
        X-PHONETIC-FIRST-NAME:sam-pull
        X-PHONETIC-ORG:ex
        X-ASSISTANT:Assistant Person
        X-MANAGER:Manager\, Person
        X-SPOUSE:Spouse Person
        X-MS-CHILD:First Child
        X-MS-CHILD:Second\; Child
        X-WAB-GENDER:1
        FBURL:https://example.com/busy?a;b
        X-CUSTOM1:User1\; set
        X-CUSTOMER-ID:CustomerID\; set
        REV:2026-11-21T10:20:30Z
        END:VCARD
    "#]]
    .assert_eq(&written(&Item::Contact(Box::new(full())), Version::V3));
}

#[test]
fn a_new_card_of_version_4_has_everything_in_order() {
    expect![[r#"
        BEGIN:VCARD
        VERSION:4.0
        UID:sample-uid
        FN:Dr. Sample Q. Person\, Jr.
        N:Person;Sample;Q.;Dr.;Jr.
        NICKNAME:Sam,Sammy\; the one
        ORG:Example\; Söhne;North
        TITLE:Clerk
        ROLE:Accountant
        EMAIL;TYPE=home:home@example.com
        EMAIL;TYPE=work:work@example.com
        EMAIL:any@example.com
        TEL;TYPE=home;TYPE=voice:1
        TEL;TYPE=work;TYPE=voice:2
        TEL;TYPE=cell:3
        TEL;TYPE=work;TYPE=fax:4
        TEL;TYPE=main:5
        TEL;TYPE=pager:6
        TEL;TYPE=car:7
        TEL;TYPE=isdn:8
        TEL;TYPE=voice:9
        TEL;TYPE=work;TYPE=main:10
        TEL;TYPE=x-assistant:11
        TEL;TYPE=x-callback:12
        TEL;TYPE=x-radio:13
        TEL;TYPE=x-telex:14
        TEL;TYPE=textphone:15
        TEL;TYPE=video:16
        TEL:17
        ADR;TYPE=work;PREF=1:Box 1;Room 2;Street 3\nBackyard;Town\, Upper;Region;12
         345;Country
        IMPP;X-SERVICE-TYPE=AIM:aim:sample
        IMPP;X-SERVICE-TYPE=Jabber:xmpp:sample@example.com
        IMPP;X-SERVICE-TYPE=Foo:foo:a b
        URL;TYPE=work:https://example.com/a;b,c
        BDAY:--0412
        ANNIVERSARY:20090808
        CATEGORIES:VIP,a\,b
        CLASS:CONFIDENTIAL
        NOTE:One\nTwo\, with a comma and enough words behind it to be folded at sev
         enty-five octets: ä ö ü
        PHOTO;MEDIATYPE=image/png:https://example.com/p.png
        KEY:data:application/pkix-cert;base64,MANhYmM=
        X-INITIALS:S.Q.P.
        X-PHONETIC-LAST-NAME:pur-sun
        X-PHONETIC-FIRST-NAME:sam-pull
        X-PHONETIC-ORG:ex
        X-ASSISTANT:Assistant Person
        X-MANAGER:Manager\, Person
        RELATED;TYPE=spouse;VALUE=text:Spouse Person
        RELATED;TYPE=child;VALUE=text:First Child
        RELATED;TYPE=child;VALUE=text:Second\; Child
        GENDER:F
        FBURL:https://example.com/busy?a;b
        X-CUSTOM1:User1\; set
        X-CUSTOMER-ID:CustomerID\; set
        REV:20261121T102030Z
        END:VCARD
    "#]]
    .assert_eq(&written(&Item::Contact(Box::new(full())), Version::V4));
}

#[test]
fn everything_but_how_it_is_filed_is_read_again() {
    for (version, _) in VERSIONS {
        let wanted = full();
        let filed = Contact { file_as: Some("Person, Sample".into()), ..wanted.clone() };
        let bytes = write(&Item::Contact(Box::new(filed)), None, version, now());
        assert_eq!(contact(&bytes), wanted, "{version:?}");
        assert!(read(&bytes).warnings.is_empty(), "{version:?}");
    }
}

#[test]
fn the_formatted_name_is_never_empty() {
    let company = Contact { company: "Example".into(), ..Contact::default() };
    let email = Email { address: "a@example.com".into(), ..Email::default() };
    let cases = [
        (Contact::default(), "FN:Unnamed"),
        (company, "FN:Example"),
        (Contact { emails: vec![email], ..Contact::default() }, "FN:a@example.com"),
        (Contact { file_as: Some("Filed".into()), ..Contact::default() }, "FN:Filed"),
    ];
    for (item, wanted) in cases {
        let text = written(&Item::Contact(Box::new(item)), Version::V3);
        assert!(text.contains(&format!("\n{wanted}\n")) && text.contains("\nN:;;;;\n"), "{text}");
    }
    let card = fixture("sogo.vcf");
    let mut item = contact(&card);
    item.formatted_name.clear();
    let text =
        String::from_utf8(write(&Item::Contact(Box::new(item)), Some(&card), Version::V3, now())).unwrap();
    assert!(text.contains("\r\nFN:Example Ltd\\; Sons\r\n"), "{text}");
}

fn list() -> Group {
    Group {
        uid: Some("list-uid".into()),
        name: "List; of people".into(),
        nickname: "Crew".into(),
        members: vec![
            Member {
                name: "Person, Sample".into(),
                address: "sample@example.com".into(),
                uid: None,
                entry: None,
            },
            Member { name: String::new(), address: String::new(), uid: Some("known-1".into()), entry: None },
            Member {
                name: "Both".into(),
                address: "both@example.com".into(),
                uid: Some("known-2".into()),
                entry: None,
            },
        ],
        note: "Note".into(),
        categories: vec!["c".into()],
        sensitivity: Sensitivity::Private,
    }
}

#[test]
fn a_new_list_is_a_group_card_of_its_version() {
    let item = Item::Group(Box::new(list()));
    expect![[r#"
        BEGIN:VCARD
        VERSION:3.0
        UID:list-uid
        X-ADDRESSBOOKSERVER-KIND:group
        FN:List\; of people
        N:List\; of people;;;;
        NICKNAME:Crew
        X-ADDRESSBOOKSERVER-MEMBER;CN="Person, Sample":mailto:sample@example.com
        X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:known-1
        X-ADDRESSBOOKSERVER-MEMBER;CN=Both;X-EMAIL=both@example.com:urn:uuid:known-
         2
        CATEGORIES:c
        CLASS:PRIVATE
        NOTE:Note
        REV:2026-11-21T10:20:30Z
        END:VCARD
    "#]]
    .assert_eq(&written(&item, Version::V3));
    expect![[r#"
        BEGIN:VCARD
        VERSION:4.0
        UID:list-uid
        KIND:group
        FN:List\; of people
        NICKNAME:Crew
        MEMBER;X-CN="Person, Sample":mailto:sample@example.com
        MEMBER:urn:uuid:known-1
        MEMBER;X-CN=Both;X-EMAIL=both@example.com:urn:uuid:known-2
        CATEGORIES:c
        CLASS:PRIVATE
        NOTE:Note
        REV:20261121T102030Z
        END:VCARD
    "#]]
    .assert_eq(&written(&item, Version::V4));
    for (version, _) in VERSIONS {
        assert_eq!(group(&write(&item, None, version, now())), list(), "{version:?}");
    }
}

#[test]
fn an_original_of_another_kind_is_not_patched() {
    let bytes = write(&Item::Group(Box::new(list())), Some(&fixture("ios.vcf")), Version::V4, now());
    assert_eq!(group(&bytes), list());
    assert!(bytes.starts_with(b"BEGIN:VCARD\r\nVERSION:4.0\r\n"));
    let event = Item::Event(Box::default());
    assert_eq!(write(&event, Some(b"x"), Version::V4, now()), b"x");
}

#[test]
fn a_line_end_in_a_value_starts_no_line() {
    let item = Contact {
        urls: vec![WebPage { url: "https://example.com/\r\nX-EVIL:1".into(), place: Place::Home }],
        phones: vec![Phone { number: "1\nX-EVIL:2".into(), ..Phone::default() }],
        ..Contact::default()
    };
    for (version, _) in VERSIONS {
        assert!(!written(&Item::Contact(Box::new(item.clone())), version).contains("\nX-EVIL"));
    }
    let card = fixture("android.vcf");
    let mut patched = contact(&card);
    patched.urls = item.urls;
    patched.uid = Some("a\r\nX-EVIL:3".into());
    let bytes = write(&Item::Contact(Box::new(patched)), Some(&card), Version::V3, now());
    assert!(!String::from_utf8(bytes).unwrap().contains("\nX-EVIL"));
}
