//! Lists know their members by whatever each side calls them. The engine finds out from the links, and asks nobody.

use dovetail_model::contact::{Contact, Email, Place};
use dovetail_model::group::{Group, Member};
use dovetail_model::{Item, Kind, Zone};
use dovetail_sync::storage::{Call, ItemId, Scope, Traits};
use dovetail_sync::{Direction, Duplicates, Journal, Limits, Pair, Rule, Sides, State, sync_pair, verify};
use dovetail_testkit::{Dialect, MemoryCollection};
use jiff::Timestamp;
use tempfile::TempDir;

/// Two sides with contacts and lists, and what a computer remembers of them.
struct Bench {
    sides: Sides<MemoryCollection>,
    folder: TempDir,
    kinds: Vec<Kind>,
}

impl Bench {
    fn new() -> Bench {
        let guarded = Traits { create_guard: true, delete_guard: true, ..Traits::default() };
        let side = |dialect, seed| MemoryCollection::new(dialect, guarded, seed);
        Bench {
            sides: Sides { outlook: side(Dialect::Outlook, 1), server: side(Dialect::Server, 2) },
            folder: tempfile::tempdir().unwrap(),
            kinds: vec![Kind::Contact, Kind::Group],
        }
    }

    /// The number of writes of a run.
    fn run(&self) -> u64 {
        let writes = || self.sides.outlook.writes() + self.sides.server.writes();
        let before = writes();
        self.with(|pair, state, journal| {
            let report = sync_pair(pair, state, journal, Timestamp::UNIX_EPOCH, &Call::default()).unwrap();
            assert_eq!((report.failed, report.held, report.clashes), (0, 0, 0), "{report:?}");
        });
        writes() - before
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
            direction: Direction::TwoWay,
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

#[test]
fn lists_within_lists_stay_where_they_are() {
    let bench = Bench::new();
    let (outlook, server) = (&bench.sides.outlook, &bench.sides.server);
    let mut inner = list(&[at("alice@example.com")]);
    inner.set_uid(Some("inner".into()));
    let Item::Group(group) = &mut inner else { panic!() };
    group.name = "Inner".into();
    server.make(&inner, "");
    server.make(&list(&[known("inner"), at("other@example.com")]), "");
    bench.run();
    bench.check_quiet();
    let lists: Vec<Group> = outlook
        .items()
        .into_iter()
        .filter_map(|(_, item)| if let Item::Group(group) = item { Some(*group) } else { None })
        .collect();
    assert_eq!(lists.iter().map(|list| list.members.len()).collect::<Vec<_>>(), [1, 1], "{lists:?}");
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
