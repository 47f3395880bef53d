//! What is read, spelling by spelling and producer by producer.

use dovetail_model::Item;
use dovetail_model::contact::{Line, PartialDate, Place};
use dovetail_model::item::{AttachmentSource, Sensitivity};
use expect_test::{Expect, expect};
use jiff::civil::date;

use super::{contact, fixture, group, read};

/// A card of one line beside the version.
fn card(version: &str, line: &str) -> Vec<u8> {
    format!("BEGIN:VCARD\r\nVERSION:{version}\r\nN:;;;;\r\nFN:x\r\nUID:x\r\n{line}\r\nEND:VCARD\r\n")
        .into_bytes()
}

#[test]
fn birthdays_are_read_in_all_spellings() {
    let full = Some(PartialDate::Full(date(1996, 4, 15)));
    let yearless = Some(PartialDate::Yearless { month: 4, day: 15 });
    let cases = [
        ("BDAY:1996-04-15", full),
        ("BDAY:19960415", full),
        ("BDAY;VALUE=date:1996-04-15", full),
        ("BDAY;VALUE=date-time:1996-04-15T08:30:00-06:00", full),
        ("BDAY:19960415T143000Z", full),
        ("BDAY: 1996-04-15 ", full),
        ("BDAY:1996/4/15", full),
        ("BDAY:--0415", yearless),
        ("BDAY:--04-15", yearless),
        ("BDAY;X-APPLE-OMIT-YEAR=1604:1604-04-15", yearless),
        ("BDAY;X-APPLE-OMIT-YEAR=1604:1996-04-15", full),
        ("BDAY:--0229", Some(PartialDate::Yearless { month: 2, day: 29 })),
    ];
    for (line, wanted) in cases {
        assert_eq!(contact(&card("4.0", line)).birthday, wanted, "{line}");
        assert!(read(&card("4.0", line)).warnings.is_empty(), "{line}");
    }
}

#[test]
fn birthdays_that_are_no_days_are_warned_of() {
    for line in [
        "BDAY:1996-04",
        "BDAY:1996",
        "BDAY:---15",
        "BDAY:--0231",
        "BDAY:19960231",
        "BDAY;VALUE=text:circa 1800",
        "BDAY;CALSCALE=hebrew:57560415",
        "BDAY:T10",
        "BDAY:--é1",
        "BDAY:99999999999999999999",
    ] {
        let reading = read(&card("4.0", line));
        let found: Vec<_> =
            reading.warnings.iter().map(|warning| (warning.code.as_str(), warning.line)).collect();
        assert_eq!(found, [("bad_date", Some(6))], "{line}");
    }
    assert!(read(&card("3.0", "BDAY:")).warnings.is_empty());
}

#[test]
fn anniversaries_are_read_wherever_producers_put_them() {
    let wanted = Some(PartialDate::Full(date(2009, 8, 8)));
    for line in [
        "ANNIVERSARY:20090808",
        "X-ANNIVERSARY:2009-08-08",
        "X-MS-ANNIVERSARY:20090808",
        "X-EVOLUTION-ANNIVERSARY:2009-08-08",
        "item1.X-ABDATE:2009-08-08\r\nITEM1.X-ABLabel:_$!<Anniversary>!$_",
    ] {
        assert_eq!(contact(&card("3.0", line)).anniversary, wanted, "{line}");
    }
    assert_eq!(
        contact(&card("3.0", "item1.X-ABDATE:2009-08-08\r\nitem1.X-ABLabel:First day")).anniversary,
        None
    );
}

#[test]
fn numbers_are_told_apart_by_all_of_their_types() {
    let cases = [
        ("TEL:1", Line::Unsaid, Place::Other),
        ("TEL;TYPE=VOICE:1", Line::Voice, Place::Other),
        ("i.TEL:1\r\ni.X-ABLabel:Boat", Line::Voice, Place::Other),
        ("TEL;HOME;VOICE:1", Line::Voice, Place::Home),
        ("TEL;TYPE=HOME;TYPE=FAX:1", Line::Fax, Place::Home),
        ("TEL;TYPE=work,fax,pref:1", Line::Fax, Place::Work),
        ("TEL;TYPE=\"work,cell,voice\":1", Line::Mobile, Place::Work),
        ("TEL;type=IPHONE:1", Line::Mobile, Place::Other),
        ("TEL;TYPE=MAIN:1", Line::Main, Place::Other),
        ("TEL;PAGER:1", Line::Pager, Place::Other),
        ("TEL;TYPE=car:1", Line::Car, Place::Other),
        ("TEL;TYPE=isdn;TYPE=work:1", Line::Isdn, Place::Work),
        ("TEL;VALUE=uri;TYPE=home:tel:1", Line::Voice, Place::Home),
    ];
    for (text, line, place) in cases {
        let phones = contact(&card("3.0", text)).phones;
        assert_eq!(phones.len(), 1, "{text}");
        assert_eq!(
            (phones[0].number.as_str(), phones[0].line, phones[0].place),
            ("1", line, place),
            "{text}"
        );
    }
}

#[test]
fn escaped_separators_part_nothing() {
    let read = contact(&card("3.0", "ORG:A\\;B;C\\, D;E\r\nCATEGORIES:a\\,b,c\r\nNICKNAME:x\\,y,,z"));
    assert_eq!((read.company.as_str(), read.department.as_str()), ("A;B", "C, D;E"));
    assert_eq!(read.categories, ["a,b", "c"]);
    assert_eq!(read.nicknames, ["x,y", "z"]);
}

#[test]
fn photos_are_known_by_their_content() {
    let source = |line: &str| contact(&card("3.0", line)).photo.map(|photo| (photo.source, photo.media_type));
    let inline = source("PHOTO;ENCODING=b;TYPE=PNG:aGVsbG8=");
    let (wanted, media) = inline.clone().unwrap();
    // What is said of it counts for nothing.
    assert_eq!(media, "");
    assert_eq!(source("PHOTO;ENCODING=b;TYPE=PNG:R0lGODlh").unwrap().1, "image/gif");
    let digest = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824".to_owned();
    assert_eq!(wanted, AttachmentSource::Inline { digest, bytes: 5, content: Default::default() });
    for line in [
        "PHOTO;PNG;BASE64:aGVs\r\n bG8",
        "PHOTO;PNG;ENCODING=BASE64:\r\n  aGVsbG8=",
        "PHOTO;ENCODING=B;TYPE=PNG:aGVs\\nbG8=",
        "PHOTO:data:image/png;base64,aGVsbG8=",
        "PHOTO:data:image/png;base64\\,aGVsbG8=",
    ] {
        assert_eq!(source(line), inline, "{line}");
    }
    let link = AttachmentSource::Uri("https://example.com/a,b".into());
    assert_eq!(source("PHOTO;VALUE=uri:https://example.com/a\\,b").unwrap().0, link);
    assert_eq!(source("PHOTO;ENCODING=b:"), None);
    assert_eq!(read(&card("3.0", "PHOTO;ENCODING=b:a*")).warnings[0].code, "bad_base64");
}

#[test]
fn classes_are_read_without_regard_to_case() {
    for (class, wanted) in [
        ("public", Sensitivity::Public),
        ("Private", Sensitivity::Private),
        ("CONFIDENTIAL", Sensitivity::Confidential),
        ("X-SECRET", Sensitivity::Private),
    ] {
        assert_eq!(contact(&card("3.0", &format!("CLASS:{class}"))).sensitivity, wanted);
    }
}

#[test]
fn what_is_no_card_is_no_item() {
    for (source, code) in
        [("", "no_card"), ("hello", "no_card"), ("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "no_card")]
    {
        let reading = read(source.as_bytes());
        assert_eq!(reading.item, None, "{source}");
        assert!(reading.warnings.iter().any(|warning| warning.code == code), "{source}");
    }
    let found = read(&fixture("two-cards.vcf"));
    assert_eq!(found.item.as_ref().and_then(Item::uid), Some("first"));
    assert_eq!(
        found.warnings.iter().map(|warning| (warning.code.as_str(), warning.line)).collect::<Vec<_>>(),
        [("several_cards", Some(7))]
    );
}

#[test]
fn a_contact_of_unknown_kind_is_still_one() {
    for kind in ["individual", "org", "location", "application"] {
        assert!(matches!(read(&card("4.0", &format!("KIND:{kind}"))).item, Some(Item::Contact(_))), "{kind}");
    }
}

/// A contact in lines, empty fields left out.
fn shown(name: &str) -> String {
    let bytes = fixture(name);
    let value = match read(&bytes).item {
        Some(Item::Contact(_)) => serde_json::to_value(contact(&bytes)).unwrap(),
        _ => serde_json::to_value(group(&bytes)).unwrap(),
    };
    let is_empty = |value: &serde_json::Value| {
        let all_blank = || value.as_object().is_some_and(|parts| parts.values().all(|part| part == ""));
        value.is_null()
            || value == ""
            || value == "Unspecified"
            || value.as_array().is_some_and(Vec::is_empty)
            || all_blank()
    };
    let mut out = String::new();
    for (field, value) in value.as_object().unwrap().iter().filter(|(_, value)| !is_empty(value)) {
        match value.as_array() {
            Some(entries) => entries.iter().for_each(|entry| {
                out.push_str(&format!("{field}: {}\n", entry.to_string().replace(",\"name\":\"\"", "")));
            }),
            None => out.push_str(&format!("{field}: {value}\n")),
        }
    }
    for warning in read(&bytes).warnings {
        out.push_str(&format!("! {} {} {:?}\n", warning.code, warning.property, warning.line));
    }
    out
}

#[track_caller]
fn check(name: &str, wanted: Expect) {
    wanted.assert_eq(&shown(name));
}

#[test]
fn an_ios_card_is_read() {
    check(
        "ios.vcf",
        expect![[r#"
            uid: "5D2B8B2A-1111-4222-8333-ABCDEF000001"
            name: {"family":"Person","given":"Sample","additional":"Middle,Second","prefix":"Dr.","suffix":"Jr."}
            formatted_name: "Dr. Sample Middle Second Person Jr."
            nicknames: "Sam"
            company: "Example Ltd."
            department: "Research;Rockets"
            job_title: "Engineer"
            spouse: "Another Person"
            emails: {"address":"sample.person@example.com","place":"Other"}
            emails: {"address":"home@example.com","place":"Home"}
            emails: {"address":"work@example.com","place":"Work"}
            phones: {"number":"+1 555 010 0001","line":"Mobile","place":"Other"}
            phones: {"number":"+1 555 010 0002","line":"Mobile","place":"Other"}
            phones: {"number":"+1 555 010 0003","line":"Voice","place":"Home"}
            phones: {"number":"+1 555 010 0004","line":"Voice","place":"Work"}
            phones: {"number":"+1 555 010 0005","line":"Main","place":"Other"}
            phones: {"number":"+1 555 010 0006","line":"Fax","place":"Home"}
            phones: {"number":"+1 555 010 0007","line":"Fax","place":"Work"}
            phones: {"number":"+1 555 010 0008","line":"Pager","place":"Other"}
            phones: {"number":"+1 555 010 0009","line":"Assistant","place":"Other"}
            addresses: {"place":"Home","po_box":"","extended":"","street":"1 Sample Street\nBack door","locality":"Sampletown","region":"Sample State","postal_code":"12345","country":"Sampleland"}
            addresses: {"place":"Work","po_box":"","extended":"","street":"2 Work Road","locality":"Worktown","region":"","postal_code":"54321","country":"Sampleland"}
            mailing_address: "Home"
            ims: {"service":"Jabber","handle":"sample@example.com"}
            birthday: {"Yearless":{"month":4,"day":12}}
            anniversary: {"Full":"2009-08-08"}
            note: "Met at the fair.\nLikes tea, not coffee; never both."
            sensitivity: "Public"
            urls: {"url":"https://example.com/~sample","place":"Other"}
            photo: {"source":{"Inline":{"digest":"ea33639102b7cc2f50a7da07d1e8f06db2cf47455a634e80d6643b1a842e85c8","bytes":262}},"name":"","media_type":"image/jpeg"}
        "#]],
    );
}

#[test]
fn an_android_card_is_read() {
    check(
        "android.vcf",
        expect![[r#"
            name: {"family":"Müster","given":"Person","additional":"","prefix":"","suffix":""}
            formatted_name: "Person Müster"
            company: "Beispiel AG"
            job_title: "Leitung"
            emails: {"address":"muster@example.com","place":"Home"}
            phones: {"number":"+49 555 0100","line":"Mobile","place":"Other"}
            phones: {"number":"+49 555 0101","line":"Voice","place":"Home"}
            phones: {"number":"+49 555 0102","line":"Fax","place":"Work"}
            phones: {"number":"+49 555 0103","line":"Unsaid","place":"Other"}
            addresses: {"place":"Home","po_box":"","extended":"","street":"Straße 1","locality":"München","region":"","postal_code":"80331","country":"Deutschland"}
            birthday: {"Full":"1980-02-29"}
            note: "Erste Zeile\nzweite Zeile"
            categories: "My Contacts"
            sensitivity: "Public"
            urls: {"url":"http://www.example.com","place":"Other"}
        "#]],
    );
}

#[test]
fn an_outlook_card_is_read() {
    check(
        "outlook-2007.vcf",
        expect![[r#"
            name: {"family":"Person","given":"Sample","additional":"","prefix":"Mr.","suffix":"Jr."}
            formatted_name: "Mr. Sample Person Jr."
            nicknames: "Sam"
            company: "Example Ltd"
            department: "Sales"
            job_title: "Clerk"
            profession: "Accountant"
            manager: "Sample Manager"
            emails: {"address":"sample.person@example.com","place":"Other"}
            phones: {"number":"(555) 010-1111","line":"Voice","place":"Work"}
            phones: {"number":"(555) 010-2222","line":"Voice","place":"Home"}
            phones: {"number":"(555) 010-4444","line":"Mobile","place":"Other"}
            phones: {"number":"(555) 010-3333","line":"Fax","place":"Work"}
            phones: {"number":"(555) 010-5555","line":"Callback","place":"Other"}
            addresses: {"place":"Work","po_box":"","extended":"Room 12","street":"222 Sample Way","locality":"Sampletown","region":"ST","postal_code":"99999","country":"Sampleland"}
            mailing_address: "Work"
            ims: {"service":"AIM","handle":"im@example.com"}
            birthday: {"Full":"1922-03-10"}
            anniversary: {"Full":"2012-08-01"}
            note: "First line\nSecond line = not the last\n\nLast line"
            sensitivity: "Public"
            urls: {"url":"http://home.example.com","place":"Home"}
            urls: {"url":"http://work.example.com","place":"Work"}
            photo: {"source":{"Inline":{"digest":"991588682aa757af2735971743a32ec86c91de1f044535f895d3ebbec4681c69","bytes":80}},"name":"","media_type":"image/jpeg"}
        "#]],
    );
}

#[test]
fn a_card_in_latin_1_is_read() {
    check(
        "outlook-latin1.vcf",
        expect![[r#"
        name: {"family":"Müller","given":"Jörg","additional":"","prefix":"","suffix":""}
        formatted_name: "Jörg Müller"
        company: "Bäckerei Müller"
        department: "Büro"
        emails: {"address":"mueller@example.com","place":"Other"}
        phones: {"number":"+49 555 0200","line":"Voice","place":"Work"}
        addresses: {"place":"Work","po_box":"","extended":"","street":"Hauptstraße 5","locality":"Köln","region":"","postal_code":"50667","country":""}
        sensitivity: "Public"
        ! not_utf8 N Some(3)
        ! not_utf8 FN Some(4)
        ! not_utf8 ORG Some(5)
    "#]],
    );
}

#[test]
fn a_sogo_card_is_read() {
    check(
        "sogo.vcf",
        expect![[r#"
            uid: "1A2B-65F1C880-1-3C4D5E"
            name: {"family":"Person","given":"Sample","additional":"","prefix":"","suffix":""}
            formatted_name: "Sample Person"
            company: "Example Ltd; Sons"
            department: "Workshop"
            emails: {"address":"sample@example.com","place":"Work"}
            emails: {"address":"home@example.com","place":"Home"}
            phones: {"number":"+43 555 0300","line":"Voice","place":"Work"}
            phones: {"number":"+43 555 0301","line":"Mobile","place":"Other"}
            addresses: {"place":"Work","po_box":"","extended":"","street":"Sample Lane 3","locality":"Sampletown","region":"","postal_code":"12345","country":"Sampleland"}
            ims: {"service":"AIM","handle":"sample"}
            birthday: {"Full":"1970-12-31"}
            categories: "VIP"
            categories: "Suppliers, foreign"
            sensitivity: "Public"
            urls: {"url":"https://example.com/a;b","place":"Other"}
        "#]],
    );
}

#[test]
fn nextcloud_cards_are_read() {
    check(
        "nextcloud-3.vcf",
        expect![[r#"
            uid: "0f3c1f5e-2222-4333-8444-000000000002"
            name: {"family":"Person","given":"Sample","additional":"","prefix":"","suffix":""}
            formatted_name: "Sample Person"
            emails: {"address":"sample@example.com","place":"Home"}
            emails: {"address":"work@example.com","place":"Work"}
            phones: {"number":"+49 555 0400","line":"Voice","place":"Home"}
            phones: {"number":"+49 555 0401","line":"Mobile","place":"Other"}
            addresses: {"place":"Home","po_box":"","extended":"","street":"Beispielweg 4","locality":"Musterstadt","region":"","postal_code":"12345","country":"Deutschland"}
            anniversary: {"Full":"2015-06-20"}
            gender: "Female"
            categories: "Friends"
            categories: "Work"
            sensitivity: "Public"
        "#]],
    );
    check(
        "nextcloud-4.vcf",
        expect![[r#"
            uid: "0f3c1f5e-2222-4333-8444-000000000003"
            name: {"family":"Person","given":"Sample","additional":"Additional, comma","prefix":"","suffix":"ing. jr,M.Sc."}
            formatted_name: "Sample Person"
            nicknames: "Sam"
            nicknames: "Sammy"
            company: "Example; Partners"
            department: "North;Depot 4"
            job_title: "Head of things"
            profession: "Leader"
            emails: {"address":"sample@example.com","place":"Work"}
            emails: {"address":"first@example.com","place":"Other"}
            phones: {"number":"+1-555-010-0500;ext=102","line":"Voice","place":"Work"}
            phones: {"number":"+1-555-010-0501","line":"Mobile","place":"Work"}
            phones: {"number":"+1 555 010 0502","line":"Fax","place":"Other"}
            addresses: {"place":"Work","po_box":"","extended":"Suite 2","street":"5 Sample Road","locality":"Sampletown","region":"SA","postal_code":"G1V 2M2","country":"Sampleland"}
            birthday: {"Yearless":{"month":2,"day":3}}
            anniversary: {"Full":"2009-08-08"}
            gender: "Male"
            note: "Line one\nLine two"
            categories: "one"
            categories: "two"
            sensitivity: "Confidential"
            urls: {"url":"https://example.com","place":"Home"}
            photo: {"source":{"Inline":{"digest":"c2153f77e11087fcb078ae38527fa83bef29791e3700e30cc87fec4405a66d0f","bytes":70}},"name":"","media_type":"image/png"}
        "#]],
    );
}

#[test]
fn an_evolution_card_is_read() {
    check(
        "evolution.vcf",
        expect![[r#"
            uid: "pas-id-000000000000000A"
            name: {"family":"Person","given":"Sample","additional":"Richter, James","prefix":"Mr.","suffix":"Sr."}
            formatted_name: "Mr. Sample Richter, James Person Sr."
            nicknames: "Sam"
            company: "Example"
            department: "Accounting;Basement"
            job_title: "Money Counter"
            spouse: "Another Person"
            emails: {"address":"sample@example.com","place":"Work"}
            phones: {"number":"555-010-0600","line":"Mobile","place":"Other"}
            phones: {"number":"555-010-0601","line":"Voice","place":"Work"}
            addresses: {"place":"Home","po_box":"Box 123","extended":"","street":"15 Crescent drive","locality":"Sampletown","region":"Sample State","postal_code":"12345","country":"Sampleland"}
            birthday: {"Full":"1980-03-22"}
            anniversary: {"Full":"2005-05-14"}
            note: "THIS NOTE IS LONG ENOUGH TO BE FOLDED BY EVOLUTION, WHICH FOLDS AT SEVENTY-FIVE CHARACTERS, AND GOES ON FOR A WHILE AFTER THAT."
            categories: "VIP"
            sensitivity: "Public"
            urls: {"url":"http://www.example.com","place":"Other"}
        "#]],
    );
}

#[test]
fn a_google_card_is_read() {
    check(
        "google.vcf",
        expect![[r#"
            name: {"family":"Person","given":"Sample","additional":"","prefix":"","suffix":""}
            formatted_name: "Sample Person"
            phonetic: {"family":"","given":"Sampull","company":""}
            company: "Example"
            emails: {"address":"mail@example.com","place":"Other"}
            emails: {"address":"home@example.com","place":"Home"}
            emails: {"address":"custom@example.com","place":"Other"}
            phones: {"number":"555 010 0700","line":"Unsaid","place":"Other"}
            phones: {"number":"555 010 0701","line":"Fax","place":"Home"}
            phones: {"number":"555 010 0702","line":"Voice","place":"Other"}
            addresses: {"place":"Home","po_box":"","extended":"","street":"112 Main St","locality":"Sampletown","region":"SA","postal_code":"10011","country":""}
            addresses: {"place":"Other","po_box":"","extended":"","street":"115 Main St","locality":"Sampletown","region":"SA","postal_code":"10011","country":""}
            birthday: {"Full":"1912-06-23"}
            anniversary: {"Full":"1930-03-20"}
            note: "A note\nof two lines"
            sensitivity: "Public"
            urls: {"url":"http://www.example.com","place":"Other"}
            urls: {"url":"http://blog.example.com","place":"Other"}
            photo: {"source":{"Uri":"https://photos.example.com/contact/1"},"name":"","media_type":""}
            ! missing_property UID Some(1)
        "#]],
    );
}

#[test]
fn a_card_folded_within_characters_is_read() {
    check(
        "folded-in-utf8.vcf",
        expect![[r#"
        uid: "folded"
        name: {"family":"Größe","given":"Ünal","additional":"","prefix":"","suffix":""}
        formatted_name: "Ünal Größe"
        phones: {"number":"1","line":"Mobile","place":"Other"}
        note: "Grüße aus Köln – Grüße aus Köln – Grüße aus Köln – Grüße aus Köln – Grüße aus Köln – Grüße aus Köln – Grüße aus Köln – Grüße aus Köln – "
        sensitivity: "Public"
    "#]],
    );
}

#[test]
fn line_ends_that_were_doubled_are_read() {
    check(
        "open-xchange-line-ends.vcf",
        expect![[r#"
            uid: "ox-1"
            name: {"family":"Person","given":"Sample","additional":"","prefix":"","suffix":""}
            formatted_name: "Sample Person"
            phones: {"number":"+49 555 1","line":"Voice","place":"Work"}
            note: "Twice returned"
            sensitivity: "Public"
            ! odd_line_ends  Some(1)
        "#]],
    );
}

#[test]
fn line_ends_that_a_directory_writes_into_a_photo_are_passed_over() {
    check(
        "sogo-directory-photo.vcf",
        expect![[r#"
            uid: "ldap-1"
            name: {"family":"Person","given":"Sample","additional":"","prefix":"","suffix":""}
            formatted_name: "Sample Person"
            sensitivity: "Public"
            photo: {"source":{"Inline":{"digest":"e1b6122fd70cd7ce34192c2b23e0cdc372092ecbce5a4e4dcefbe9cf5eb60137","bytes":39}},"name":"","media_type":"image/jpeg"}
            ! escaped_line_ends PHOTO Some(6)
        "#]],
    );
}

#[test]
fn parameters_that_are_folded_are_read() {
    check(
        "ios-folded-parameters.vcf",
        expect![[r#"
        uid: "crop-1"
        name: {"family":"Person","given":"Sample","additional":"","prefix":"","suffix":""}
        formatted_name: "Sample Person"
        phones: {"number":"+1 555 1","line":"Mobile","place":"Other"}
        sensitivity: "Public"
        photo: {"source":{"Inline":{"digest":"4531b565a977d40834d52def64cdd2153e9b47154aab1e0073b097af9e2283bb","bytes":44}},"name":"","media_type":"image/jpeg"}
    "#]],
    );
}

#[test]
fn properties_without_a_value_are_passed_over() {
    check(
        "empty-properties.vcf",
        expect![[r#"
            uid: "empty-1"
            name: {"family":"Person","given":"Sample","additional":"","prefix":"","suffix":""}
            formatted_name: "Sample Person"
            sensitivity: "Public"
            ! empty_value PHOTO Some(6)
            ! empty_value KEY Some(7)
            ! empty_value ADR Some(9)
            ! empty_value TEL Some(10)
        "#]],
    );
}

#[test]
fn a_card_of_a_careless_program_is_read_as_far_as_it_goes() {
    check(
        "careless.vcf",
        expect![[r#"
        uid: "careless-1"
        formatted_name: "Sample Person"
        company: "Example Ltd"
        department: "Research;Second floor"
        assistant: "Assistant Sample"
        manager: "Manager Sample"
        spouse: "Spouse Sample"
        emails: {"address":"sample@example.com","place":"Other"}
        emails: {"address":"Sample@Example.com","place":"Home"}
        phones: {"number":"+1 555 1","line":"Unsaid","place":"Other"}
        phones: {"number":"+1 555 2","line":"Fax","place":"Home"}
        ims: {"service":"AIM","handle":"sample@example.com"}
        ims: {"service":"NewChat","handle":"sample"}
        ims: {"service":"Jabber","handle":"sample@example.org"}
        note: "Ring at: 10:30\nand, if need be; later"
        categories: "One"
        categories: "Two"
        sensitivity: "Public"
        ! missing_property N Some(1)
        ! bad_date BDAY Some(15)
        ! bad_date ANNIVERSARY Some(16)
        ! empty_value PHOTO Some(17)
    "#]],
    );
}

#[test]
fn numbers_without_types_are_of_no_kind() {
    check(
        "untyped-numbers.vcf",
        expect![[r#"
        uid: "untyped-1"
        name: {"family":"Person","given":"Sample","additional":"","prefix":"","suffix":""}
        formatted_name: "Sample Person"
        phones: {"number":"+7 555 1","line":"Unsaid","place":"Other"}
        phones: {"number":"+7 555 2","line":"Unsaid","place":"Other"}
        phones: {"number":"+7 555 3","line":"Unsaid","place":"Other"}
        phones: {"number":"+7 555 4","line":"Unsaid","place":"Other"}
        sensitivity: "Public"
    "#]],
    );
}

#[test]
fn messages_are_read_as_emclient_writes_them() {
    check(
        "emclient-messages.vcf",
        expect![[r#"
        uid: "em-1"
        name: {"family":"Person","given":"Sample","additional":"","prefix":"","suffix":""}
        formatted_name: "Sample Person"
        emails: {"address":"sample@example.com","place":"Home"}
        phones: {"number":"+1 555 1","line":"Voice","place":"Work"}
        ims: {"service":"GoogleTalk","handle":"sample@example.com"}
        ims: {"service":"Yahoo","handle":"sample"}
        ims: {"service":"Jabber","handle":"sample@example.org"}
        sensitivity: "Public"
    "#]],
    );
}

#[test]
fn a_card_with_much_of_everything_is_read() {
    check(
        "ios-6-many.vcf",
        expect![[r#"
        uid: "ios6-1"
        name: {"family":"Person","given":"Sample","additional":"","prefix":"","suffix":""}
        formatted_name: "Sample Person"
        phonetic: {"family":"pur-sun","given":"sam-pull","company":""}
        assistant: "Helper"
        manager: "Chief"
        children: "First Child"
        emails: {"address":"main@example.com","place":"Other"}
        emails: {"address":"work1@example.com","place":"Work"}
        emails: {"address":"work2@example.com","place":"Work"}
        emails: {"address":"home1@example.com","place":"Home"}
        emails: {"address":"home2@example.com","place":"Home"}
        phones: {"number":"+1 555 1","line":"Mobile","place":"Other"}
        phones: {"number":"+1 555 2","line":"Mobile","place":"Other"}
        phones: {"number":"+1 555 3","line":"Voice","place":"Home"}
        phones: {"number":"+1 555 4","line":"Voice","place":"Work"}
        phones: {"number":"+1 555 5","line":"Main","place":"Other"}
        phones: {"number":"+1 555 6","line":"Fax","place":"Home"}
        phones: {"number":"+1 555 7","line":"Fax","place":"Work"}
        phones: {"number":"+1 555 8","line":"Unsaid","place":"Other"}
        ims: {"service":"Skype","handle":"sampleskype"}
        ims: {"service":"MSN","handle":"samplemsn"}
        ims: {"service":"AIM","handle":"sampleaim"}
        ims: {"service":"GoogleTalk","handle":"samplegoogle"}
        ims: {"service":"Facebook","handle":"samplefb"}
        ims: {"service":"GaduGadu","handle":"samplegg"}
        sensitivity: "Public"
    "#]],
    );
}

#[test]
fn a_card_of_a_palm_is_read() {
    check(
        "palm.vcf",
        expect![[r#"
        uid: "palm-1"
        name: {"family":"Person","given":"Sample","additional":"","prefix":"","suffix":""}
        formatted_name: "Sample Person"
        company: "Example, Ltd."
        emails: {"address":"one@example.com","place":"Other"}
        emails: {"address":"two@example.com","place":"Other"}
        phones: {"number":"1","line":"Voice","place":"Work"}
        phones: {"number":"2","line":"Mobile","place":"Other"}
        phones: {"number":"3","line":"Pager","place":"Other"}
        phones: {"number":"4","line":"Fax","place":"Other"}
        phones: {"number":"5","line":"Unsaid","place":"Other"}
        addresses: {"place":"Home","po_box":"","extended":"","street":"Long Street 1","locality":"Town","region":"","postal_code":"12345","country":""}
        note: "Grüße"
        sensitivity: "Public"
        urls: {"url":"http://example.com","place":"Work"}
        photo: {"source":{"Inline":{"digest":"e1b6122fd70cd7ce34192c2b23e0cdc372092ecbce5a4e4dcefbe9cf5eb60137","bytes":39}},"name":"","media_type":"image/jpeg"}
    "#]],
    );
}

#[test]
fn a_card_with_all_parameters_of_the_standard_is_read() {
    check(
        "rfc-6350-parameters.vcf",
        expect![[r#"
        uid: "4fbe8971-0bc3-424c-9c26-36c3e1eff6b1"
        name: {"family":"Person","given":"Sample","additional":"","prefix":"","suffix":""}
        formatted_name: "Sample Person"
        spouse: "Partner"
        children: "First"
        children: "Second"
        emails: {"address":"second@example.com","place":"Other"}
        emails: {"address":"first@example.com","place":"Work"}
        phones: {"number":"+1-555-1;ext=5","line":"Voice","place":"Home"}
        addresses: {"place":"Work","po_box":"","extended":"","street":"Work 1","locality":"Town","region":"","postal_code":"","country":""}
        mailing_address: "Work"
        ims: {"service":"Jabber","handle":"sample@example.com"}
        gender: "Female"
        sensitivity: "Public"
        free_busy_url: "https://example.com/busy"
        certificate: {"source":{"Inline":{"digest":"3f6e6cc25161138d9067ffad9e9eaaf57bbb82fba3cf83c4ec37efa96cf318ba","bytes":5}},"name":"","media_type":""}
        custom: {"name":"User1","value":"one"}
        custom: {"name":"Hobby","value":"sailing"}
    "#]],
    );
}

#[test]
fn lists_are_read() {
    check(
        "group-apple.vcf",
        expect![[r#"
        uid: "5D2B8B2A-1111-4222-8333-ABCDEF0000FF"
        name: "Rowing club"
        members: {"name":"","address":"","uid":"5D2B8B2A-1111-4222-8333-ABCDEF000001","entry":null}
        members: {"name":"Guest Person","address":"guest@example.com","uid":null,"entry":null}
        members: {"name":"Person, Other","address":"other@example.com","uid":null,"entry":null}
        note: "Thursdays"
        sensitivity: "Public"
    "#]],
    );
    check(
        "group-4.vcf",
        expect![[r#"
        uid: "0f3c1f5e-2222-4333-8444-0000000000aa"
        name: "The Example family"
        members: {"name":"","address":"","uid":"0f3c1f5e-2222-4333-8444-000000000003","entry":null}
        members: {"name":"","address":"guest@example.com","uid":null,"entry":null}
        categories: "family"
        sensitivity: "Public"
        ! unknown_member MEMBER Some(8)
    "#]],
    );
}

#[test]
fn a_card_of_a_blackberry_is_read() {
    check(
        "blackberry.vcf",
        expect![[r#"
        name: {"family":"Person","given":"Sample","additional":"","prefix":"","suffix":""}
        formatted_name: "Sample Person"
        company: "Example Ltd"
        phones: {"number":"+15550100001","line":"Mobile","place":"Other"}
        phones: {"number":"+15550100002","line":"Pager","place":"Other"}
        sensitivity: "Public"
        photo: {"source":{"Inline":{"digest":"416532fe548f8c029b4f2ab308e84d44596f751ee6a3ead176377b18c8e9fdb7","bytes":84}},"name":"","media_type":"image/jpeg"}
    "#]],
    );
}

#[test]
fn a_card_of_lotus_notes_is_read() {
    check(
        "lotus-notes.vcf",
        expect![[r#"
        uid: "0e7602cc-1111-4222-8333-000000000001"
        name: {"family":"Person","given":"Sample","additional":"Sam","prefix":"Mr.","suffix":"I"}
        formatted_name: "Mr. Person Sample I Sam"
        nicknames: "Sam,Sammy"
        company: "Example Ltd"
        department: "Sales"
        job_title: "Generic Clerk"
        profession: "Counting"
        emails: {"address":"sample.person@example.com","place":"Work"}
        emails: {"address":"second@example.com","place":"Work"}
        phones: {"number":"+1 (555) 010-0001","line":"Mobile","place":"Other"}
        phones: {"number":"00-1-555-010-0002","line":"Fax","place":"Work"}
        addresses: {"place":"Home","po_box":"","extended":"","street":"1\nSample Drive, Building 5, 3rd floor","locality":"Sampletown","region":"Sample State","postal_code":"ABC123","country":"Sampleland"}
        mailing_address: "Home"
        birthday: {"Full":"1980-05-21"}
        note: "Said \"as is\"\nand more than once, too"
        sensitivity: "Public"
        urls: {"url":"http://www.example.com","place":"Other"}
    "#]],
    );
}

#[test]
fn a_card_of_an_address_book_of_macos_is_read() {
    check(
        "macos.vcf",
        expect![[r#"
            name: {"family":"Person","given":"Sample","additional":"Middle,Second","prefix":"Mr.","suffix":"Sr."}
            formatted_name: "Mr. Sample Middle,Second Person Sr."
            phonetic: {"family":"Pur-sun","given":"Sam-pul","company":""}
            nicknames: "Sam"
            company: "Example Ltd"
            department: "Accounts"
            job_title: "Counter"
            spouse: "Another Person"
            emails: {"address":"sample.person@example.com","place":"Work"}
            phones: {"number":"555-010-1234","line":"Voice","place":"Work"}
            phones: {"number":"555-010-1235","line":"Voice","place":"Home"}
            phones: {"number":"555-010-1236","line":"Mobile","place":"Other"}
            phones: {"number":"555-010-1237","line":"Fax","place":"Home"}
            phones: {"number":"555-010-1238","line":"Fax","place":"Work"}
            phones: {"number":"555-010-1239","line":"Pager","place":"Other"}
            phones: {"number":"555-010-1240","line":"Voice","place":"Other"}
            addresses: {"place":"Home","po_box":"","extended":"","street":"1 Sample Street,","locality":"Sampletown","region":"Sample State","postal_code":"12345","country":"Sampleland"}
            addresses: {"place":"Work","po_box":"","extended":"","street":"2 Work Road\nBuilding 6\nFloor 8","locality":"Worktown","region":"","postal_code":"54321","country":"Sampleland"}
            mailing_address: "Home"
            birthday: {"Full":"2012-06-06"}
            sensitivity: "Public"
            urls: {"url":"http://www.example.com","place":"Other"}
            ! missing_property UID Some(1)
            ! empty_value PHOTO Some(26)
        "#]],
    );
}

#[test]
fn a_card_of_outlook_2003_is_read() {
    check(
        "outlook-2003.vcf",
        expect![[r#"
        name: {"family":"Person","given":"Sample","additional":"","prefix":"Mr.","suffix":"III"}
        formatted_name: "Sample Person III"
        nicknames: "Sam"
        company: "Company, The"
        department: "Sales"
        job_title: "Clerk"
        profession: "Accountant"
        emails: {"address":"sample.person@example.com","place":"Other"}
        phones: {"number":"At work","line":"Voice","place":"Work"}
        phones: {"number":"At home","line":"Voice","place":"Home"}
        phones: {"number":"Mobile","line":"Mobile","place":"Other"}
        phones: {"number":"Fax","line":"Fax","place":"Work"}
        addresses: {"place":"Work","po_box":"","extended":"Room 12","street":"1 Sample Street","locality":"Sampletown","region":"ST","postal_code":"12345","country":"Sampleland"}
        birthday: {"Full":"1980-03-21"}
        note: "First line!!\nSecond line\n\nThe third one is empty\n"
        sensitivity: "Public"
        urls: {"url":"http://www.example.com","place":"Work"}
        free_busy_url: "????????s????"
        certificate: {"source":{"Inline":{"digest":"4fd7174f4e7c332a201e233edb916187ee46b2cb19c3433a0b9cea6075124b42","bytes":5}},"name":"","media_type":""}
    "#]],
    );
}

#[test]
fn a_card_of_an_early_thunderbird_is_read() {
    check(
        "thunderbird.vcf",
        expect![[r#"
        name: {"family":"Person","given":"Sample","additional":"","prefix":"","suffix":""}
        formatted_name: "Sample Person"
        nicknames: "Sam"
        company: "Example Ltd"
        department: "Sales"
        job_title: "Clerk"
        spouse: "Another Person"
        emails: {"address":"sample.person@example.com","place":"Other"}
        emails: {"address":"second@example.com","place":"Other"}
        emails: {"address":"third@example.com","place":"Other"}
        emails: {"address":"fourth@example.com","place":"Other"}
        emails: {"address":"fifth@example.com","place":"Other"}
        phones: {"number":"555-010-1111","line":"Voice","place":"Work"}
        phones: {"number":"555-010-2222","line":"Voice","place":"Home"}
        phones: {"number":"555-010-5555","line":"Mobile","place":"Other"}
        phones: {"number":"555-010-3333","line":"Fax","place":"Other"}
        phones: {"number":"555-010-4444","line":"Pager","place":"Other"}
        addresses: {"place":"Work","po_box":"","extended":"1 Sample Street","street":"Suite 100","locality":"Sampletown","region":"ST","postal_code":"12345","country":"Sampleland"}
        addresses: {"place":"Home","po_box":"","extended":"2 Home Road","street":"Apt 10","locality":"Hometown","region":"ST","postal_code":"54321","country":"Sampleland"}
        birthday: {"Full":"1970-09-21"}
        anniversary: {"Full":"1990-04-30"}
        note: "A note with \"quotes\".\nSecond line\n\nFourth line"
        categories: "one, two, three"
        sensitivity: "Public"
        urls: {"url":"http://home.example.com","place":"Home"}
        urls: {"url":"http://work.example.com","place":"Work"}
        photo: {"source":{"Inline":{"digest":"416532fe548f8c029b4f2ab308e84d44596f751ee6a3ead176377b18c8e9fdb7","bytes":84}},"name":"","media_type":"image/jpeg"}
        ! missing_property UID Some(1)
    "#]],
    );
}
