//! Lists know their members by whatever each side calls them. The engine finds out from the links, and asks nobody.

use std::collections::{BTreeMap, BTreeSet};

use dovetail_model::contact::{Contact, Email, Place};
use dovetail_model::group::{Group, Member};
use dovetail_model::{Item, Kind, Zone};
use dovetail_sync::storage::{Call, ItemId, Scope, Traits};
use dovetail_sync::{
    Direction, Duplicates, Journal, Limits, Pair, Report, Rule, Side, Sides, State, sync_pair, verify,
};
use dovetail_testkit::{Dialect, MemoryCollection};
use jiff::Timestamp;
use tempfile::TempDir;

/// Two sides with contacts and lists, and what a computer remembers of them.
struct Bench {
    sides: Sides<MemoryCollection>,
    folder: TempDir,
    kinds: Vec<Kind>,
    direction: Direction,
}

impl Bench {
    fn new() -> Bench {
        let guarded = Traits { create_guard: true, delete_guard: true, ..Traits::default() };
        let side = |dialect, seed| MemoryCollection::new(dialect, guarded, seed);
        Bench {
            sides: Sides { outlook: side(Dialect::Outlook, 1), server: side(Dialect::Server, 2) },
            folder: tempfile::tempdir().unwrap(),
            kinds: vec![Kind::Contact, Kind::Group],
            direction: Direction::TwoWay,
        }
    }

    /// The number of writes of a run.
    fn run(&self) -> u64 {
        let writes = || self.sides.outlook.writes() + self.sides.server.writes();
        let before = writes();
        let report = self.report();
        assert_eq!((report.failed, report.held, report.clashes), (0, 0, 0), "{report:?}");
        writes() - before
    }

    fn report(&self) -> Report {
        self.with(|pair, state, journal| {
            sync_pair(pair, state, journal, Timestamp::UNIX_EPOCH, &Call::default()).unwrap()
        })
    }

    /// Nothing is left to be done, and both sides say the same.
    #[track_caller]
    fn check_quiet(&self) {
        assert_eq!(self.run(), 0);
        let found = self.with(|pair, state, _| verify(pair, state, &Call::default()).unwrap());
        assert!(found.is_equal(), "{found:?}");
    }

    fn with<T>(&self, work: impl FnOnce(&Pair<'_>, &mut State, &mut Journal) -> T) -> T {
        let mut state = State::open(&self.folder.path().join("state.db")).unwrap();
        let mut journal = Journal::open(&self.folder.path().join("journal.db")).unwrap();
        let pair = Pair {
            id: "pair".into(),
            storages: Sides { outlook: &self.sides.outlook, server: &self.sides.server },
            scope: Scope::of(self.kinds.clone()),
            rule: Rule::Merge,
            direction: self.direction,
            chunk: 1,
            home: Zone::Utc,
            limits: Limits { items: 1_000, per_cent: 100, at_most: 1_000 },
            server_may_schedule: false,
            duplicates: Duplicates::Keep,
        };
        work(&pair, &mut state, &mut journal)
    }
}

fn contact(uid: Option<&str>, name: &str, addresses: &[&str]) -> Item {
    let emails = addresses.iter().map(|address| Email {
        address: (*address).into(),
        place: Place::Other,
        ..Email::default()
    });
    Item::Contact(Box::new(Contact {
        uid: uid.map(str::to_owned),
        formatted_name: name.into(),
        emails: emails.collect(),
        ..Contact::default()
    }))
}

fn list(members: &[Member]) -> Item {
    Item::Group(Box::new(Group { name: "Team".into(), members: members.to_vec(), ..Group::default() }))
}

fn at(address: &str) -> Member {
    Member { address: address.into(), ..Member::default() }
}

fn known(uid: &str) -> Member {
    Member { uid: Some(uid.into()), ..Member::default() }
}

fn the_list(side: &MemoryCollection) -> (ItemId, Group) {
    let mut lists = side.items().into_iter().filter_map(|(id, item)| match item {
        Item::Group(group) => Some((id, *group)),
        _ => None,
    });
    let list = lists.next().unwrap();
    assert!(lists.next().is_none(), "one list");
    list
}

fn contact_of(side: &MemoryCollection, name: &str) -> (ItemId, Contact) {
    let contacts = side.items().into_iter().filter_map(|(id, item)| match item {
        Item::Contact(contact) => Some((id, *contact)),
        _ => None,
    });
    contacts.into_iter().find(|(_, contact)| contact.formatted_name == name).unwrap()
}

fn addresses(side: &MemoryCollection) -> Vec<String> {
    let mut all: Vec<_> = the_list(side).1.members.into_iter().map(|member| member.address).collect();
    all.sort();
    all
}

#[test]
fn a_list_that_is_made_with_its_members_names_their_entries() {
    let bench = Bench::new();
    bench.sides.outlook.make(&list(&[at("ALICE@example.com"), at("outside@example.org")]), "");
    bench.sides.outlook.make(&contact(None, "Alice", &["a@example.com", "alice@example.com"]), "");
    bench.run();
    let (id, alice) = contact_of(&bench.sides.server, "Alice");
    let members = the_list(&bench.sides.server).1.members;
    assert_eq!(members[0], Member { uid: alice.uid, entry: Some(id.0), ..at("ALICE@example.com") });
    assert_eq!(members[1], at("outside@example.org"), "who is in no address book stays as it is");
    bench.check_quiet();
}

#[test]
fn a_member_is_found_whenever_it_comes_and_followed_where_it_goes() {
    let bench = Bench::new();
    let (outlook, server) = (&bench.sides.outlook, &bench.sides.server);
    server.make(&list(&[known("u1"), at("other@example.com")]), "");
    bench.run();
    assert_eq!(addresses(outlook), ["other@example.com"]);
    bench.check_quiet();
    let (_, untouched) = the_list(server);

    let id = server.make(&contact(Some("u1"), "Alice", &["alice@example.com"]), "");
    bench.run();
    assert_eq!(addresses(outlook), ["alice@example.com", "other@example.com"]);
    assert!(the_list(outlook).1.members.iter().any(|member| member.name == "Alice"));
    bench.check_quiet();

    server.edit(&id, |item| *item = contact(Some("u1"), "Alice", &["new@example.com"]));
    bench.run();
    assert_eq!(addresses(outlook), ["new@example.com", "other@example.com"]);
    bench.check_quiet();

    // Outlook's own edit of the address is followed as well, and nobody has touched the server's list.
    let (id, _) = contact_of(outlook, "Alice");
    outlook.edit(&id, |item| *item = contact(None, "Alice", &["newest@example.com"]));
    bench.run();
    assert_eq!(addresses(outlook), ["newest@example.com", "other@example.com"]);
    assert_eq!(the_list(server).1, untouched);
    bench.check_quiet();

    // A member that disappears takes nobody out of the list.
    let (id, _) = contact_of(server, "Alice");
    server.remove(&id);
    bench.run();
    assert_eq!(addresses(outlook), ["newest@example.com", "other@example.com"]);
    assert_eq!(the_list(server).1, untouched);
}

#[test]
fn an_edit_leaves_members_as_the_side_names_them() {
    let bench = Bench::new();
    let (outlook, server) = (&bench.sides.outlook, &bench.sides.server);
    server.make(&contact(Some("u1"), "Alice", &["alice@example.com"]), "");
    server.make(&list(&[known("u1"), at("other@example.com")]), "");
    bench.run();
    let (id, _) = the_list(outlook);
    outlook.edit(&id, |item| {
        let Item::Group(list) = item else { panic!() };
        list.note = "Edited".into();
    });
    bench.run();
    let (_, edited) = the_list(server);
    assert_eq!(
        (edited.note.as_str(), &edited.members[..]),
        ("Edited", &[known("u1"), at("other@example.com")][..])
    );
    bench.check_quiet();

    outlook.edit(&id, |item| {
        let Item::Group(list) = item else { panic!() };
        list.members.retain(|member| member.address != "alice@example.com");
    });
    bench.run();
    assert_eq!(the_list(server).1.members, [at("other@example.com")]);
    bench.check_quiet();
}

/// A list of that name.
fn named_list(uid: Option<&str>, name: &str, members: &[Member]) -> Item {
    let uid = uid.map(str::to_owned);
    Item::Group(Box::new(Group { uid, name: name.into(), members: members.to_vec(), ..Group::default() }))
}

fn list_named(side: &MemoryCollection, name: &str) -> (ItemId, Group) {
    let lists = side.items().into_iter().filter_map(|(id, item)| match item {
        Item::Group(group) => Some((id, *group)),
        _ => None,
    });
    lists.into_iter().find(|(_, group)| group.name == name).unwrap_or_else(|| panic!("no {name}"))
}

/// What a list says of its members that are lists: their names in Outlook.
fn entry(name: &str, id: &ItemId) -> Member {
    Member { name: name.into(), entry: Some(id.0.clone()), ..Member::default() }
}

fn edit_members(side: &MemoryCollection, name: &str, edit: impl FnOnce(&mut Vec<Member>)) {
    let (id, _) = list_named(side, name);
    side.edit(&id, |item| {
        let Item::Group(list) = item else { panic!() };
        edit(&mut list.members);
    });
}

#[test]
fn lists_within_lists_are_named_as_each_side_names_them() {
    let bench = Bench::new();
    let (outlook, server) = (&bench.sides.outlook, &bench.sides.server);
    // The outermost comes first, and knows of the next by its UID alone.
    server.make(&named_list(Some("outer"), "Outer", &[known("middle"), at("other@example.com")]), "");
    server.make(&named_list(Some("middle"), "Middle", &[known("inner")]), "");
    server.make(&named_list(Some("inner"), "Inner", &[at("alice@example.com")]), "");
    bench.run();
    let (inner, _) = list_named(outlook, "Inner");
    let (middle, held) = list_named(outlook, "Middle");
    assert_eq!(held.members, [entry("Inner", &inner)]);
    assert_eq!(list_named(outlook, "Outer").1.members, [entry("Middle", &middle), at("other@example.com")]);
    bench.check_quiet();

    // An edit of something else leaves it as each side has it.
    let (id, _) = list_named(outlook, "Outer");
    outlook.edit(&id, |item| {
        let Item::Group(list) = item else { panic!() };
        list.note = "Edited".into();
    });
    bench.run();
    let (_, edited) = list_named(server, "Outer");
    assert_eq!(
        (&edited.note[..], &edited.members[..]),
        ("Edited", &[known("middle"), at("other@example.com")][..])
    );
    bench.check_quiet();

    // A list that takes another name takes it along, and one that leaves leaves.
    let (id, _) = list_named(server, "Inner");
    server.edit(&id, |item| {
        let Item::Group(list) = item else { panic!() };
        list.name = "Innermost".into();
    });
    bench.run();
    assert_eq!(list_named(outlook, "Middle").1.members, [entry("Innermost", &inner)]);
    bench.check_quiet();
    edit_members(outlook, "Middle", Vec::clear);
    bench.run();
    assert_eq!(list_named(server, "Middle").1.members, []);
    bench.check_quiet();

    // And one that joins in Outlook joins on the server.
    edit_members(outlook, "Outer", |members| members.push(entry("Innermost", &inner)));
    bench.run();
    let (id, _) = list_named(server, "Innermost");
    let joined = Member { uid: Some("inner".into()), ..entry("Innermost", &id) };
    assert!(list_named(server, "Outer").1.members.contains(&joined), "{joined:?}");
    bench.check_quiet();
}

#[test]
fn lists_within_lists_that_are_made_in_outlook_are_made_on_the_server() {
    let bench = Bench::new();
    let (outlook, server) = (&bench.sides.outlook, &bench.sides.server);
    let inner = outlook.make(&named_list(None, "Inner", &[at("alice@example.com")]), "");
    outlook.make(&named_list(None, "A first one", &[entry("Inner", &inner)]), "");
    bench.run();
    let (id, held) = list_named(server, "Inner");
    let member = Member { uid: held.uid, ..entry("Inner", &id) };
    assert!(member.uid.is_some());
    assert_eq!(list_named(server, "A first one").1.members, [member]);
    bench.check_quiet();
}

#[test]
fn a_list_within_a_list_that_comes_late_is_found_and_one_that_goes_takes_nobody_along() {
    let bench = Bench::new();
    let (outlook, server) = (&bench.sides.outlook, &bench.sides.server);
    server.make(&named_list(Some("outer"), "Outer", &[known("inner"), at("other@example.com")]), "");
    bench.run();
    assert_eq!(list_named(outlook, "Outer").1.members, [at("other@example.com")]);
    bench.check_quiet();
    let untouched = list_named(server, "Outer").1;
    let inner = server.make(&named_list(Some("inner"), "Inner", &[at("alice@example.com")]), "");
    bench.run();
    let held = list_named(outlook, "Outer").1.members;
    let (id, _) = list_named(outlook, "Inner");
    assert!(held.len() == 2 && held.contains(&entry("Inner", &id)), "{held:?}");
    bench.check_quiet();
    server.remove(&inner);
    bench.run();
    bench.check_quiet();
    assert_eq!(list_named(outlook, "Outer").1.members, held);
    assert_eq!(list_named(server, "Outer").1, untouched);
    // What no side can tell across stays through an edit as well.
    edit_members(outlook, "Outer", |members| members.push(at("new@example.com")));
    bench.run();
    assert_eq!(
        list_named(server, "Outer").1.members,
        [&untouched.members[..], &[at("new@example.com")]].concat()
    );
    assert!(list_named(outlook, "Outer").1.members.contains(&entry("Inner", &id)));
    bench.check_quiet();
}

#[test]
fn lists_that_contain_each_other_end() {
    let bench = Bench::new();
    let server = &bench.sides.server;
    for (name, other) in [("One", "Other"), ("Other", "One"), ("Itself", "Itself")] {
        server.make(&named_list(Some(name), name, &[known(other), at("other@example.com")]), "");
    }
    bench.run();
    assert_eq!(bench.run(), 0);
    let (id, _) = list_named(server, "One");
    server.edit(&id, |item| {
        let Item::Group(list) = item else { panic!() };
        list.note = "Edited".into();
    });
    bench.run();
    assert_eq!(list_named(&bench.sides.outlook, "One").1.note, "Edited");
    // What one had to do without while both were made came with the edit.
    let found = bench.with(|pair, state, _| verify(pair, state, &Call::default()).unwrap());
    assert!(found.differing.iter().all(|it| it.title != "One"), "{found:?}");
}

/// Lists that contain each other, one that contains itself, and some that lie in each other.
const NESTED: [(&str, &[&str]); 6] = [
    ("Inner", &["alice@example.com"]),
    ("Itself", &["Itself", "alice@example.com"]),
    ("Middle", &["Inner"]),
    ("One", &["Other", "alice@example.com"]),
    ("Other", &["One", "outside@example.org"]),
    ("Outer", &["Middle", "One"]),
];

/// Makes these lists on a side, each named there as that side names its entries.
fn make_nested(side: Side, collection: &MemoryCollection) {
    for (name, _) in NESTED {
        let uid = (side == Side::Server).then_some(name);
        collection.make(&named_list(uid, name, &[]), "");
    }
    for (name, members) in NESTED {
        let named = |member: &&str| match member.contains('@') {
            true => at(member),
            false if side == Side::Server => known(member),
            false => entry(member, &list_named(collection, member).0),
        };
        let members: Vec<Member> = members.iter().map(named).collect();
        edit_members(collection, name, |held| *held = members);
    }
}

/// All lists of a side, each with its members: addresses, and the names of the lists that are meant.
fn nested(collection: &MemoryCollection) -> BTreeMap<String, BTreeSet<String>> {
    let items = collection.items();
    let lists: Vec<(&ItemId, &Group)> = items
        .iter()
        .filter_map(|(id, item)| if let Item::Group(list) = item { Some((id, &**list)) } else { None })
        .collect();
    let meant = |member: &Member| {
        let is_it = |(id, list): &&(&ItemId, &Group)| {
            member.entry.as_ref() == Some(&id.0) || member.uid.is_some() && member.uid == list.uid
        };
        match member.address.is_empty() {
            true => lists.iter().find(is_it).map_or("nobody".to_owned(), |(_, list)| list.name.clone()),
            false => member.address.clone(),
        }
    };
    lists.iter().map(|(_, list)| (list.name.clone(), list.members.iter().map(meant).collect())).collect()
}

fn expected_of_nested() -> BTreeMap<String, BTreeSet<String>> {
    let of = |members: &[&str]| members.iter().map(|member| (*member).to_owned()).collect();
    NESTED.iter().map(|(name, members)| ((*name).to_owned(), of(members))).collect()
}

/// Each way in which edits go, with the sides that they may come from.
const WAYS: [(Direction, &[Side]); 5] = [
    (Direction::TwoWay, &Side::BOTH),
    (Direction::ReplicateToServer, &[Side::Outlook]),
    (Direction::ReplicateToOutlook, &[Side::Server]),
    (Direction::MergeToServer, &[Side::Outlook]),
    (Direction::MergeToOutlook, &[Side::Server]),
];

#[test]
fn lists_that_contain_each_other_or_themselves_cross_whole_whichever_way_edits_go() {
    for (direction, sources) in WAYS {
        for source in sources {
            let context = format!("{direction:?} from {source:?}");
            let bench = Bench { direction, ..Bench::new() };
            let (from, onto) = (bench.sides.of(*source), bench.sides.of(source.other()));
            from.make(&contact(Some("alice"), "Alice", &["alice@example.com"]), "");
            make_nested(*source, from);
            let expected = expected_of_nested();
            assert_eq!(nested(from), expected, "{context}");
            bench.run();
            assert_eq!((nested(from), nested(onto)), (expected.clone(), expected.clone()), "{context}");
            bench.check_quiet();

            // An edit of one that lies in a circle touches no other.
            edit_members(from, "Other", |members| members.push(at("new@example.com")));
            assert_eq!(bench.run(), 1, "{context}");
            let mut expected = expected;
            expected.entry("Other".into()).or_default().insert("new@example.com".into());
            assert_eq!((nested(from), nested(onto)), (expected.clone(), expected.clone()), "{context}");
            bench.check_quiet();

            // The circle is broken, and closed again another way.
            edit_members(from, "Other", |members| members.retain(|member| !member.address.is_empty()));
            let inner = match source {
                Side::Server => known("Outer"),
                Side::Outlook => entry("Outer", &list_named(from, "Outer").0),
            };
            edit_members(from, "Inner", |members| members.push(inner));
            // One who has a card leaves, too.
            edit_members(from, "Itself", |members| {
                members.retain(|member| member.address != "alice@example.com");
            });
            bench.run();
            expected.entry("Itself".into()).or_default().remove("alice@example.com");
            expected.entry("Other".into()).or_default().remove("One");
            expected.entry("Inner".into()).or_default().insert("Outer".into());
            assert_eq!((nested(from), nested(onto)), (expected.clone(), expected), "{context}");
            bench.check_quiet();
        }
    }
}

#[test]
fn what_is_done_to_a_copy_of_lists_that_contain_each_other_is_taken_back_or_kept_once_and_for_all() {
    for (direction, sources) in &WAYS[1..] {
        let source = sources[0];
        let context = format!("{direction:?}");
        let bench = Bench { direction: *direction, ..Bench::new() };
        let (from, onto) = (bench.sides.of(source), bench.sides.of(source.other()));
        make_nested(source, from);
        let before = from.items();
        bench.run();
        bench.check_quiet();
        // One leaves the circle in the copy, and one joins it there.
        edit_members(onto, "Other", |members| members.retain(|member| !member.address.is_empty()));
        edit_members(onto, "Itself", |members| members.push(at("guest@example.net")));
        let (id, _) = list_named(onto, "Inner");
        onto.remove(&id);
        let report = bench.report();
        assert_eq!((report.failed, report.held), (0, 0), "{context} {report:?}");
        for _ in 0..2 {
            assert_eq!(
                bench.report().written.as_ref().into_array().map(|it| it.total()),
                [0, 0],
                "{context}"
            );
        }
        assert_eq!(from.items(), before, "{context}: the source is not written to");
        let mut expected = expected_of_nested();
        if matches!(direction, Direction::MergeToServer | Direction::MergeToOutlook) {
            // What was made of it there is its own from then on.
            expected.entry("Itself".into()).or_default().insert("guest@example.net".into());
            expected.entry("Other".into()).or_default().remove("One");
        }
        assert_eq!(nested(onto), expected, "{context}");
    }
}

#[test]
fn a_list_that_comes_back_is_named_anew_by_those_that_contain_it() {
    for gone_from in Side::BOTH {
        let bench = Bench::new();
        make_nested(Side::Server, &bench.sides.server);
        bench.run();
        let (gone, kept) = (bench.sides.of(gone_from), bench.sides.of(gone_from.other()));
        // It is removed on one side, and edited on the other: the edit outlives the deletion.
        for name in ["Inner", "One"] {
            let (id, _) = list_named(gone, name);
            gone.remove(&id);
            let (id, _) = list_named(kept, name);
            kept.edit(&id, |item| {
                let Item::Group(list) = item else { panic!() };
                list.note = "Edited".into();
            });
        }
        bench.report();
        let expected = expected_of_nested();
        assert_eq!((nested(gone), nested(kept)), (expected.clone(), expected), "{gone_from:?}");
        bench.check_quiet();
    }
}

#[test]
fn a_list_of_500_members_finds_them_all() {
    let bench = Bench::new();
    let (outlook, server) = (&bench.sides.outlook, &bench.sides.server);
    let address = |number| format!("member{number}@example.com");
    let members: Vec<Member> = (0..500).map(|number| known(&format!("u{number}"))).collect();
    // It arrives before its members.
    server.make(&list(&members), "");
    bench.run();
    assert_eq!(addresses(outlook), Vec::<String>::new());
    for number in 0..500 {
        let uid = format!("u{number}");
        server.make(&contact(Some(&uid), &format!("Member {number}"), &[&address(number)]), "");
    }
    bench.run();
    let mut all: Vec<String> = (0..500).map(address).collect();
    all.sort();
    assert_eq!(addresses(outlook), all);
    bench.check_quiet();
    let (id, _) = the_list(outlook);
    outlook.edit(&id, |item| {
        let Item::Group(list) = item else { panic!() };
        list.members.retain(|member| member.address != address(250));
    });
    bench.run();
    let rest: Vec<Member> = members.into_iter().filter(|member| *member != known("u250")).collect();
    assert_eq!(the_list(server).1.members, rest);
    bench.check_quiet();
}

#[test]
fn lists_that_do_not_travel_are_left_alone() {
    let mut bench = Bench::new();
    bench.kinds = vec![Kind::Contact];
    bench.sides.server.make(&list(&[known("u1")]), "");
    bench.sides.outlook.make(&list(&[at("alice@example.com")]), "");
    bench.sides.server.make(&contact(Some("u1"), "Alice", &["alice@example.com"]), "");
    assert_eq!(bench.run(), 1, "the contact alone");
    let id = the_list(&bench.sides.outlook).0;
    bench.sides.outlook.remove(&id);
    assert_eq!(bench.run(), 0);
    assert_eq!(the_list(&bench.sides.server).1.members, [known("u1")]);
}
