//! Distribution lists: SOGo's, and cards of either version. What is not edited keeps its bytes, whatever it is.

use dovetail_model::group::Member;
use dovetail_model::item::Sensitivity;
use dovetail_model::{Group, Item};
use jiff::Timestamp;
use proptest::prelude::*;

use super::{fixture, group, read, write_onto};
use crate::options::{ListFormat, ListOptions, Options};
use crate::outlook::{DistListItem, DistListMember, OutlookItem};
use crate::{Dialect, Settings, holds};

const FORMATS: [ListFormat; 3] = [ListFormat::Vlist, ListFormat::VCard3, ListFormat::VCard4];

const LISTS: [&str; 7] = [
    "sogo-vlist.vcf",
    "sogo-vlist-odd.vcf",
    "group-member-x-cn.vcf",
    "group-x-kind.vcf",
    "group-icloud.vcf",
    "group-apple.vcf",
    "group-4.vcf",
];

fn choosing(format: ListFormat) -> Settings {
    let options = Options { lists: ListOptions { format }, ..Options::default() };
    Settings { options, ..super::settings() }
}

fn member(name: &str, address: &str) -> Member {
    Member { name: name.into(), address: address.into(), ..Member::default() }
}

fn card(name: &str, address: &str, entry: &str) -> Member {
    Member { entry: Some(entry.into()), ..member(name, address) }
}

fn known(name: &str, address: &str, uid: &str) -> Member {
    Member { uid: Some(uid.into()), ..member(name, address) }
}

fn written(group: &Group, from: Option<&[u8]>, format: ListFormat) -> String {
    let item = Item::Group(Box::new(group.clone()));
    let bytes =
        super::super::write(&item, from, super::Version::V3, Timestamp::UNIX_EPOCH, &choosing(format));
    String::from_utf8(bytes).unwrap()
}

#[test]
fn lists_of_every_origin_are_read() {
    let sogo = group(&fixture("sogo-vlist.vcf"));
    assert_eq!((sogo.name.as_str(), sogo.note.as_str()), ("MyDistList", "This is a SOGo VLIST"));
    assert_eq!(sogo.uid.as_deref(), Some("2399-588DFE80-1C1-1BE27080.vlf"));
    assert_eq!(
        sogo.members,
        [
            card("Alice", "alice@mydomain.com", "2399-588DFE80-1BD-1BE27080.vcf"),
            card("Bob", "bob@mydomain.com", "2399-588DFE80-1BF-1BE27080.vcf")
        ]
    );
    let dummy = group(&fixture("group-member-x-cn.vcf"));
    assert_eq!(dummy.uid.as_deref(), Some("b2876972-cc24-40eb-ac0a-105d62f9cf89"));
    assert_eq!(
        dummy.members,
        [member("Max Muster", "Max.Muster@mail.xy"), member("Moritz Muster", "Moritz.Muster@mail.xy")]
    );
    let uid = "0f3c1f5e-2222-4333-8444-00000000000";
    assert_eq!(
        group(&fixture("group-x-kind.vcf")).members,
        [
            member("Sample Person", "Sample.Person@example.com"),
            known("", "", &format!("{uid}3")),
            member("", "plain@example.com"),
            known("", "", &format!("{uid}4")),
        ]
    );
    let choir = group(&fixture("group-icloud.vcf"));
    assert_eq!(choir.members.len(), 3);
    assert_eq!(choir.members[2], member("Person; Outside", "outside@example.com"));
}

#[test]
fn two_samples_are_as_their_programs_wrote_them() {
    for (name, text) in [
        (
            "sogo-vlist.vcf",
            "BEGIN:VLIST\nUID:2399-588DFE80-1C1-1BE27080.vlf\nVERSION:1.0\nFN:MyDistList\n\
             DESCRIPTION:This is a SOGo VLIST\n\
             CARD;EMAIL=alice@mydomain.com;FN=Alice:2399-588DFE80-1BD-1BE27080.vcf\n\
             CARD;EMAIL=bob@mydomain.com;FN=Bob:2399-588DFE80-1BF-1BE27080.vcf\nEND:VLIST\n",
        ),
        (
            "group-member-x-cn.vcf",
            "BEGIN:VCARD\nVERSION:3.0\nPRODID:-//Sabre//Sabre VObject 3.5.0//EN\n\
             UID:urn:uuid:b2876972-cc24-40eb-ac0a-105d62f9cf89\nX-ADDRESSBOOKSERVER-KIND:GROUP\n\
             N;SORT-AS=Dummy_DL:Dummy_DL;;;\nFN:Dummy_DL\nMEMBER;X-CN=Max Muster:mailto:Max.Muster@mail.xy\n\
             MEMBER;X-CN=Moritz Muster:mailto:Moritz.Muster@mail.xy\nEND:VCARD\n",
        ),
    ] {
        assert_eq!(String::from_utf8(fixture(name)).unwrap(), text.replace('\n', "\r\n"));
    }
}

#[test]
fn a_list_of_sogos_is_read_however_odd_it_is() {
    let reading = read(&fixture("sogo-vlist-odd.vcf"));
    let codes: Vec<&str> = reading.warnings.iter().map(|warning| warning.code.as_str()).collect();
    assert_eq!(codes, ["unknown_member", "unparsable_line"]);
    let odd = group(&fixture("sogo-vlist-odd.vcf"));
    assert_eq!((odd.name.as_str(), odd.nickname.as_str()), ("Team; A", "Alphas"));
    assert_eq!(
        odd.members,
        [
            card("Simpson, Homer", "homer@example.com", "5228.vcf"),
            card("Person, Sample", "sample@example.com", "a b.vcf"),
            card("", "nameless@example.com", "5229.vcf"),
            card("Without Address", "", "5230.vcf"),
            card("", "", "5231.vcf"),
            member("No Card", "gone@example.com"),
            member("Ext", "ext@example.org"),
        ]
    );
    assert_eq!(group(b"BEGIN:VLIST\r\nEND:VLIST\r\n"), Group::default());
}

#[test]
fn a_new_list_is_written_in_the_format_that_is_chosen() {
    let list = Group {
        uid: Some("list-1".into()),
        name: "Team; A".into(),
        nickname: "Alphas".into(),
        members: vec![
            Member { uid: Some("uid-1".into()), ..card("Simpson, Homer", "homer@example.com", "5228.vcf") },
            member("Ext", "ext@example.org"),
        ],
        note: "First\nsecond".into(),
        ..Group::default()
    };
    let vlist = "BEGIN:VLIST\r\nVERSION:1.0\r\nUID:list-1\r\nFN:Team\\; A\r\nDESCRIPTION:First\\nsecond\r\n\
                 NICKNAME:Alphas\r\nCARD;EMAIL=homer@example.com;FN=\"Simpson, Homer\":5228.vcf\r\n\
                 X-ADDRESSBOOKSERVER-MEMBER;CN=Ext:mailto:ext@example.org\r\nEND:VLIST\r\n";
    assert_eq!(written(&list, None, ListFormat::Vlist), vlist);
    for (format, lines) in [
        (
            ListFormat::VCard3,
            "\r\nX-ADDRESSBOOKSERVER-MEMBER;CN=\"Simpson, Homer\";X-EMAIL=homer@example.com:urn:uuid:uid-1\r\n\
             X-ADDRESSBOOKSERVER-MEMBER;CN=Ext:mailto:ext@example.org\r\n",
        ),
        (
            ListFormat::VCard4,
            "\r\nMEMBER;X-CN=\"Simpson, Homer\";X-EMAIL=homer@example.com:urn:uuid:uid-1\r\n\
             MEMBER;X-CN=Ext:mailto:ext@example.org\r\n",
        ),
    ] {
        let text = written(&list, None, format).replace("\r\n ", "");
        assert!(text.contains(lines), "{text}");
        let kind = if format == ListFormat::VCard4 { "\r\nKIND:group\r\n" } else { "-KIND:group\r\n" };
        assert!(text.contains(kind), "{text}");
    }
    // Whatever is chosen, a list keeps the format it has.
    for format in FORMATS {
        let mut wanted = group(vlist.as_bytes());
        wanted.name = "Team B".into();
        assert_eq!(
            written(&wanted, Some(vlist.as_bytes()), format),
            vlist.replace("FN:Team\\; A", "FN:Team B")
        );
    }
}

/// An edit of a list: its name, the lines that it may change, and what it does.
type Edit = (&'static str, &'static [&'static str], fn(&mut Group));

const MEMBER_LINES: &[&str] = &["CARD", "MEMBER", "X-MEMBER", "X-ADDRESSBOOKSERVER-MEMBER"];

const EDITS: &[Edit] = &[
    ("name", &["FN", "N"], |list| list.name = "Renamed; twice".into()),
    ("note", &["NOTE", "DESCRIPTION"], |list| list.note = "A note,\nof two lines".into()),
    ("no note", &["NOTE", "DESCRIPTION"], |list| list.note.clear()),
    ("nickname", &["NICKNAME"], |list| list.nickname = "Nick".into()),
    ("no nickname", &["NICKNAME"], |list| list.nickname.clear()),
    ("categories", &["CATEGORIES"], |list| list.categories.push("New, one".into())),
    ("class", &["CLASS"], |list| list.sensitivity = Sensitivity::Private),
    ("join", MEMBER_LINES, |list| list.members.push(member("New, One", "new@example.com"))),
    ("join with a card", MEMBER_LINES, |list| {
        list.members.push(Member {
            uid: Some("new-uid".into()),
            ..card("New; \"One\"", "new@example.com", "new.vcf")
        });
    }),
    ("first leaves", MEMBER_LINES, |list| drop(list.members.remove(0))),
    ("last leaves", MEMBER_LINES, |list| drop(list.members.pop())),
    ("all leave", MEMBER_LINES, |list| list.members.clear()),
    ("rename the first", MEMBER_LINES, |list| list.members[0].name = "Other, Name".into()),
    ("no name for the last", MEMBER_LINES, |list| {
        list.members.last_mut().into_iter().for_each(|member| member.name.clear());
    }),
];

fn lines_but(bytes: &[u8], may_change: &[&str]) -> Vec<String> {
    let document = crate::component::Document::parse(bytes);
    let list = document.components().next().unwrap();
    let kept = list.children().filter_map(|child| match child {
        crate::component::Child::Line(line) => Some(line),
        crate::component::Child::Component(_) => None,
    });
    // Each revision of a card has its own REV.
    kept.filter(|line| !may_change.iter().any(|name| line.is(name)) && !line.is("REV"))
        .map(|line| String::from_utf8_lossy(line.raw()).into_owned())
        .collect()
}

/// Members without what only some formats have.
fn said(mut list: Group) -> Group {
    list.members.sort_by(|a, b| (&a.address, &a.uid, &a.entry).cmp(&(&b.address, &b.uid, &b.entry)));
    list
}

#[test]
fn an_edit_of_a_list_changes_its_own_lines() {
    for name in LISTS {
        let bytes = fixture(name);
        let before = group(&bytes);
        for (edit, may_change, apply) in EDITS {
            let mut wanted = before.clone();
            apply(&mut wanted);
            let bytes_after = write_onto(&bytes, &Item::Group(Box::new(wanted.clone())));
            let context = format!("{name}: {edit}\n{}", String::from_utf8_lossy(&bytes_after));
            assert_eq!(lines_but(&bytes, may_change), lines_but(&bytes_after, may_change), "{context}");
            let is_vlist = bytes.starts_with(b"BEGIN:VLIST");
            for member in wanted.members.iter_mut().filter(|_| edit.starts_with("join")) {
                // A list of SOGo's names a card, another one a UID, and no quotation marks are in SOGo's parameters.
                if member.address == "new@example.com" {
                    match is_vlist {
                        true => (member.uid, member.name) = (None, member.name.replace('"', "'")),
                        false => member.entry = None,
                    }
                }
            }
            if *edit == "no name for the last" && name == "group-x-kind.vcf" {
                // It had none before.
                assert_eq!(bytes_after, bytes);
            }
            assert_eq!(said(group(&bytes_after)), said(wanted), "{context}");
        }
    }
}

#[test]
fn a_member_that_gets_a_card_changes_its_line_and_one_that_is_unsaid_keeps_it() {
    let bytes = fixture("sogo-vlist-odd.vcf");
    let mut list = group(&bytes);
    list.members[6].entry = Some("ext.vcf".into());
    list.members[0].entry = None;
    let text = String::from_utf8(write_onto(&bytes, &Item::Group(Box::new(list)))).unwrap();
    assert!(text.contains("CARD;EMAIL=ext@example.org;FN=Ext:ext.vcf\r\n"), "{text}");
    assert!(!text.contains("X-ADDRESSBOOKSERVER-MEMBER"), "{text}");
    assert!(text.contains("CARD;FN=\"Simpson, Homer\";EMAIL=homer@example.com:5228.vcf\r\n"), "{text}");
}

#[test]
fn lists_of_500_members_are_held_whole() {
    let members = (0..500).map(|n| member(&format!("Member {n}"), &format!("member{n}@example.com")));
    let list = Group { name: "Everybody".into(), members: members.collect(), ..Group::default() };
    let item = Item::Group(Box::new(list));
    for format in FORMATS {
        assert_eq!(holds(Dialect::VCard3, &item, &choosing(format)), item, "{format:?}");
    }
    assert_eq!(holds(Dialect::Outlook, &item, &choosing(ListFormat::Vlist)), item);
}

#[test]
fn what_outlook_knows_of_members_outlives_an_edit_of_others() {
    let other = serde_json::Map::from_iter([("Index".to_owned(), 1.into())]);
    let entry_id = "00AB".to_owned();
    let inner =
        DistListMember { name: "Inner list".into(), other: other.clone(), ..DistListMember::default() };
    let known = DistListMember { name: "A".into(), address: "A@example.com".into(), entry_id, other };
    let item = DistListItem { members: vec![inner.clone(), known.clone()], ..DistListItem::default() };
    let bytes = serde_json::to_vec(&OutlookItem::DistList(Box::new(item))).unwrap();
    let Some(Item::Group(mut list)) = crate::outlook::read(&bytes, &super::settings()).item else { panic!() };
    list.members.push(member("B", "b@example.com"));
    // Known by a UID alone: Outlook cannot be told.
    list.members.push(Member { uid: Some("x".into()), ..Member::default() });
    list.members[1].address = "a@example.com".into();
    list.nickname = "Nick".into();
    let after = crate::outlook::write(&Item::Group(list), Some(&bytes), &super::settings());
    let Ok(OutlookItem::DistList(after)) = serde_json::from_slice(&after) else { panic!() };
    let b = DistListMember { name: "B".into(), address: "b@example.com".into(), ..DistListMember::default() };
    let a = DistListMember { address: "a@example.com".into(), ..known };
    assert_eq!(after.members, [inner, a, b]);
    assert_eq!(after.user_properties.get("NICKNAME"), Some(&"Nick".into()));
}

#[test]
fn whatever_a_user_added_to_a_list_of_outlook_is_no_reason_not_to_read_it() {
    let json =
        r#"{"MessageClass":"IPM.DistList","DLName":"Team","UserProperties":{"Count":3,"NICKNAME":"Nick"}}"#;
    let Some(Item::Group(mut list)) = crate::outlook::read(json.as_bytes(), &super::settings()).item else {
        panic!()
    };
    assert_eq!((&list.name[..], &list.nickname[..]), ("Team", "Nick"));
    list.nickname.clear();
    let after = crate::outlook::write(&Item::Group(list), Some(json.as_bytes()), &super::settings());
    let Ok(OutlookItem::DistList(after)) = serde_json::from_slice(&after) else { panic!() };
    assert_eq!(serde_json::Value::Object(after.user_properties), serde_json::json!({ "Count": 3 }));
}

#[test]
fn a_list_that_is_a_member_is_named_as_each_side_names_its_entries() {
    const INNER: &str = "0123456789ABCDEF0123456789ABCDEF";
    let inner = DistListMember { name: "Inner".into(), entry_id: INNER.into(), ..DistListMember::default() };
    let item = DistListItem { members: vec![inner.clone()], ..DistListItem::default() };
    let bytes = serde_json::to_vec(&OutlookItem::DistList(Box::new(item))).unwrap();
    let Some(Item::Group(mut list)) = crate::outlook::read(&bytes, &super::settings()).item else { panic!() };
    assert_eq!(list.members, [card("Inner", "", INNER)]);
    let after = |list: &Group| {
        let after =
            crate::outlook::write(&Item::Group(Box::new(list.clone())), Some(&bytes), &super::settings());
        let Ok(OutlookItem::DistList(after)) = serde_json::from_slice(&after) else { panic!() };
        after.members
    };
    let other = format!("{INNER}00");
    list.members.push(card("Other", "", &other));
    // What a server calls an entry says nothing to Outlook.
    list.members.push(card("Card", "", "/people/card.vcf"));
    list.members.push(known("Known", "", "uid"));
    let other = DistListMember { name: "Other".into(), entry_id: other, ..DistListMember::default() };
    assert_eq!(after(&list), [inner.clone(), other]);
    list.members.truncate(1);
    list.members[0].name = "Renamed".into();
    assert_eq!(after(&list), [DistListMember { name: "Renamed".into(), ..inner }]);

    // And the other way: what Outlook calls it says nothing to a server, which has a UID or a resource for it.
    list.members[0] = Member { uid: Some("uid-1".into()), ..card("Inner", "", "inner.vlf") };
    let of_outlook = Group { members: vec![card("Inner", "", INNER)], ..*list.clone() };
    for (format, line) in [
        (ListFormat::Vlist, "\r\nCARD;FN=Inner:inner.vlf\r\n"),
        (ListFormat::VCard3, "\r\nX-ADDRESSBOOKSERVER-MEMBER;CN=Inner:urn:uuid:uid-1\r\n"),
        (ListFormat::VCard4, "\r\nMEMBER;X-CN=Inner:urn:uuid:uid-1\r\n"),
    ] {
        let text = written(&list, None, format);
        assert!(text.contains(line), "{text}");
        let back = &group(text.as_bytes()).members[0];
        let is_vlist = format == ListFormat::Vlist;
        assert_eq!((&back.name[..], &back.address[..], back.entry.is_some()), ("Inner", "", is_vlist));
        assert!(!written(&of_outlook, None, format).contains("Inner"), "{format:?}");
    }
}

fn any_member() -> impl Strategy<Value = Member> {
    let names = "[ -~äß€]{0,16}";
    let addresses = prop_oneof![Just(String::new()), "[a-zA-Z0-9.+'-]{1,8}@example\\.com"];
    let known = (proptest::option::of("[a-z0-9-]{1,12}"), proptest::option::of("[a-z0-9 ,;:-]{1,10}\\.vcf"));
    (names, addresses, known).prop_map(|(name, address, (uid, entry))| Member {
        name: name.trim().to_owned(),
        address,
        uid,
        entry: entry.map(|entry| entry.trim().to_owned()),
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_list_is_held_in_every_format_as_it_will_be_held_on(
        name in "[ -~äß€]{1,20}",
        note in "[ -~ß\n]{0,20}",
        members in proptest::collection::vec(any_member(), 0..6),
    ) {
        let list = Group { uid: Some("list".into()), name, nickname: note.clone(), note, members, ..Group::default() };
        let item = Item::Group(Box::new(list));
        for format in FORMATS {
            let settings = choosing(format);
            let held = holds(Dialect::VCard3, &item, &settings);
            prop_assert_eq!(holds(Dialect::VCard3, &held, &settings), held.clone(), "{:?}", format);
            let bytes = crate::write(Dialect::VCard3, &item, None, Timestamp::UNIX_EPOCH, &settings);
            let again = crate::write(Dialect::VCard3, &held, Some(&bytes), Timestamp::UNIX_EPOCH, &settings);
            prop_assert_eq!(String::from_utf8_lossy(&again), String::from_utf8_lossy(&bytes));
            // What Outlook can hold comes back from any format.
            let own = holds(Dialect::Outlook, &item, &settings);
            let there = holds(Dialect::VCard3, &own, &settings);
            let (Item::Group(back), Item::Group(own)) = (holds(Dialect::Outlook, &there, &settings), own) else { panic!() };
            let addresses = |list: &Group| list.members.iter().map(|m| m.address.clone()).collect::<Vec<_>>();
            prop_assert_eq!(addresses(&back), addresses(&own));
        }
    }
}
