//! Lists that are edited in Outlook: on the server the lines of what was edited change, and no others, whichever way the list
//! is written there.

use std::collections::BTreeSet;
use std::sync::Arc;

use dovetail_backends::dav::DavCollection;
use dovetail_backends::store::Mailbox;
use dovetail_dav::{Client, ClientSettings, Credentials};
use dovetail_davserver::{Server, Settings as ServerSettings};
use dovetail_mapping::options::{ListFormat, ListOptions};
use dovetail_mapping::outlook::{DistListItem, DistListMember, OutlookItem};
use dovetail_mapping::{Options, Settings};
use dovetail_model::Kind;
use dovetail_sync::storage::Scope;
use serde_json::Value;
use url::Url;

use super::in_step::{Steps, writes};
use super::{contents, home, mailbox, noon, store};

/// A list as some program writes it: its file, and its UID and name there, of which each copy gets its own.
const LISTS: [(&str, &str, &str); 7] = [
    ("sogo-vlist", "2399-588DFE80-1C1-1BE27080.vlf", "MyDistList"),
    ("sogo-vlist-odd", "list-odd", "Team\\; A"),
    ("group-apple", "5D2B8B2A-1111-4222-8333-ABCDEF0000FF", "Rowing club"),
    ("group-icloud", "5d2b8b2a-1111-4222-8333-abcdef0000aa", "Choir"),
    ("group-member-x-cn", "b2876972-cc24-40eb-ac0a-105d62f9cf89", "Dummy_DL"),
    ("group-x-kind", "sample-x-kind", "Readers"),
    ("group-4", "0f3c1f5e-2222-4333-8444-0000000000aa", "The Example family"),
];

/// Who is in the address book: the names of the cards, their UIDs and addresses. Who has no address is not seen in Outlook.
const CARDS: [(&str, &str, &str); 11] = [
    ("2399-588DFE80-1BD-1BE27080", "alice", "alice@mydomain.com"),
    ("2399-588DFE80-1BF-1BE27080", "bob", "bob@mydomain.com"),
    ("5228", "homer", "homer@example.com"),
    ("5230", "silent", ""),
    ("5231", "bare", "bare@example.com"),
    ("apple-1", "5D2B8B2A-1111-4222-8333-ABCDEF000001", "rower@example.com"),
    ("icloud-1", "5d2b8b2a-1111-4222-8333-abcdef000001", "alto@example.com"),
    ("icloud-2", "5d2b8b2a-1111-4222-8333-abcdef000002", "bass@example.com"),
    ("three", "0f3c1f5e-2222-4333-8444-000000000003", "three@example.com"),
    ("four", "0f3c1f5e-2222-4333-8444-000000000004", "four@example.com"),
    ("new", "new-uid", "new@example.com"),
];

/// An edit in Outlook: the property, what is done to it, and the lines on the server that may change.
type Edit = (&'static str, &'static str, &'static [&'static str], fn(&mut DistListItem, &str));

const MEMBER: &[&str] = &["CARD", "MEMBER", "X-MEMBER", "X-ADDRESSBOOKSERVER-MEMBER"];
const NOTE: &[&str] = &["NOTE", "DESCRIPTION"];

const EDITS: &[Edit] = &[
    ("DLName", "other", &["FN", "N"], |list, _| list.dl_name = format!("Renamed; {}", list.dl_name)),
    ("Body", "other", NOTE, |list, _| list.body = "A note,\r\nof two lines".into()),
    ("Body", "none", NOTE, |list, _| list.body.clear()),
    ("Categories", "further", &["CATEGORIES"], |list, _| list.categories.push_str(", New one")),
    ("Categories", "none", &["CATEGORIES"], |list, _| list.categories.clear()),
    ("Sensitivity", "private", &["CLASS"], |list, _| list.sensitivity = 2),
    ("Sensitivity", "confidential", &["CLASS"], |list, _| list.sensitivity = 3),
    ("UserProperties", "a nickname", &["NICKNAME"], |list, _| {
        list.user_properties.insert("NICKNAME".into(), "Nick; name".into());
    }),
    ("UserProperties", "none", &["NICKNAME"], |list, _| list.user_properties.clear()),
    ("UserProperties", "another", &[], |list, _| {
        list.user_properties.insert("Count".into(), 3.into());
    }),
    ("Members", "a stranger joins", MEMBER, |list, _| list.members.push(member("New, One", "n@example.net"))),
    ("Members", "one with a card joins", MEMBER, |list, _| {
        list.members.push(member("Somebody New", "NEW@example.com"));
    }),
    ("Name", IN_QUOTES, MEMBER, |list, _| list.members.push(member("The \"New\" one", "new@example.com"))),
    ("EntryID", "a list joins", MEMBER, |list, inner| {
        let entry_id = inner.to_owned();
        list.members.push(DistListMember { entry_id, ..member("Inner", "") });
    }),
    ("Members", "the first leaves", MEMBER, |list, _| drop(list.members.remove(0))),
    ("Members", "the last leaves", MEMBER, |list, _| drop(list.members.pop())),
    ("Members", "all leave", MEMBER, |list, _| list.members.clear()),
    ("Members", "other order", &[], |list, _| list.members.reverse()),
    ("Name", "the first has another", MEMBER, |list, _| list.members[0].name = "Other, Name".into()),
    ("Name", "the last has none", MEMBER, |list, _| {
        list.members.last_mut().into_iter().for_each(|it| it.name.clear());
    }),
    ("Address", "the first has another", MEMBER, |list, _| {
        list.members[0].address = "moved@example.net".into();
    }),
];

/// What a list of SOGo's says otherwise, and is held to do so where the profile's lists are such ones.
const IN_QUOTES: &str = "one in quotes joins";

fn member(name: &str, address: &str) -> DistListMember {
    DistListMember { name: name.into(), address: address.into(), ..DistListMember::default() }
}

fn keys(record: impl serde::Serialize) -> Vec<String> {
    let Ok(Value::Object(record)) = serde_json::to_value(record) else { panic!() };
    record.into_iter().map(|(name, _)| name).collect()
}

#[test]
fn every_property_of_a_list_is_edited_by_one_of_these() {
    let member = DistListMember { entry_id: "00".into(), ..DistListMember::default() };
    let edited: BTreeSet<&str> = EDITS.iter().map(|edit| edit.0).collect();
    let all = keys(DistListItem::default()).into_iter().chain(keys(member));
    let missing: Vec<String> = all.filter(|name| !edited.contains(name.as_str())).collect();
    assert_eq!(missing, [""; 0]);
}

fn fixture(name: &str) -> String {
    let path = format!("{}/../../fixtures/vcard/{name}.vcf", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).unwrap()
}

/// An address book with everybody and a copy of each list for each edit, a mailbox, and what keeps them in step.
struct Book {
    server: Server,
    mailbox: Arc<Mailbox>,
    steps: Steps,
    _files: tempfile::TempDir,
}

impl Book {
    fn new(format: ListFormat) -> Book {
        let server = Server::start(ServerSettings::default()).unwrap();
        for (name, uid, address) in CARDS {
            let email = if address.is_empty() { String::new() } else { format!("EMAIL:{address}\r\n") };
            put(&server, &format!("{name}.vcf"), &card(uid, name, &email));
        }
        put(&server, "inner.vcf", &card("inner", "Inner", "X-ADDRESSBOOKSERVER-KIND:group\r\n"));
        for (at, (file, uid, name)) in LISTS.iter().enumerate() {
            for number in 0..EDITS.len() {
                let text = fixture(file).replace(uid, &copy(uid, number)).replace(name, &copy(name, number));
                put(&server, &resource(at, number), &text);
            }
        }
        let (files, mailbox) = mailbox();
        let url = Url::parse(&format!("{}sample/contacts/", server.url())).unwrap();
        let credentials = Credentials { user: "sample".into(), password: "sample".into() };
        let client = Client::new(&url, Some(credentials.into()), &ClientSettings::default()).unwrap();
        let options = Options { lists: ListOptions { format }, ..Options::default() };
        let settings = Settings { options, ..Settings::new(home(), "-//Example//Sample//EN") };
        let dav = DavCollection::new(client, url, contents(Kind::Contact), settings, noon);
        let mut steps = Steps::new(Kind::Contact, store(&mailbox, "Contacts"), dav, files.path());
        steps.scope = Scope::of(vec![Kind::Contact, Kind::Group]);
        steps.run();
        steps.at_rest();
        Book { server, mailbox, steps, _files: files }
    }

    fn get(&self, name: &str) -> Vec<u8> {
        let mut objects = self.server.objects("/sample/contacts/").into_iter();
        objects.find(|object| object.name == name).unwrap_or_else(|| panic!("no {name}")).bytes
    }

    /// The EntryID of what is called so in the mailbox.
    fn id_of(&self, title: &str) -> String {
        let rows = self.mailbox.items("Contacts").unwrap();
        let row = rows.into_iter().find(|row| row.title == title).unwrap_or_else(|| panic!("no {title}"));
        row.entry_id
    }

    fn list(&self, id: &str) -> DistListItem {
        let OutlookItem::DistList(list) = self.mailbox.item(id).unwrap().item else { panic!("no list") };
        *list
    }
}

fn put(server: &Server, name: &str, text: &str) {
    server.put(&format!("/sample/contacts/{name}"), text.as_bytes()).unwrap();
}

fn card(uid: &str, name: &str, more: &str) -> String {
    format!("BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{uid}\r\nFN:{name}\r\nN:{name};;;;\r\n{more}END:VCARD\r\n")
}

/// A UID or name of a list in the copy for an edit.
fn copy(text: &str, number: usize) -> String {
    format!("{text} {number:02}")
}

fn resource(list: usize, number: usize) -> String {
    format!("list-{list}-{number:02}.vcf")
}

/// Sets one property of a list as Outlook would.
fn edit(book: &Book, id: &str, edit: &Edit, inner: &str) -> DistListItem {
    let mut wanted = book.list(id);
    (edit.3)(&mut wanted, inner);
    let is_of_list = keys(DistListItem::default()).iter().any(|name| name == edit.0);
    let property = if is_of_list { edit.0 } else { "Members" };
    let value = serde_json::to_value(&wanted).unwrap()[property].take();
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    book.mailbox.set(id, &[(property, &text)], noon()).unwrap();
    assert_eq!(book.list(id), wanted);
    wanted
}

/// The lines of a resource, unfolded, but for its revision.
fn lines(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes).replace("\r\n ", "");
    text.split_inclusive("\r\n").filter(|line| !line.starts_with("REV")).map(str::to_owned).collect()
}

/// The name of a line's property.
fn name_of(line: &str) -> &str {
    line.split([':', ';', '\r']).next().unwrap_or_default()
}

/// Lines of one that are not in the other.
fn only<'l>(one: &'l [String], other: &[String]) -> Vec<&'l String> {
    one.iter().filter(|line| !other.contains(line)).collect()
}

/// How many lines an edit takes away and brings, where that is the same for every list.
fn expected(what: &str) -> Option<(usize, usize)> {
    match what {
        "a stranger joins" | "one with a card joins" | IN_QUOTES | "a list joins" => Some((0, 1)),
        "the first leaves" | "the last leaves" => Some((1, 0)),
        "other order" | "another" => Some((0, 0)),
        _ => None,
    }
}

#[test]
fn an_edit_of_a_list_in_outlook_changes_its_own_lines_on_the_server() {
    for format in [ListFormat::Vlist, ListFormat::VCard3, ListFormat::VCard4] {
        let mut book = Book::new(format);
        let inner = book.id_of("Inner");
        let mut edited = Vec::new();
        for (at, (file, _, name)) in LISTS.iter().enumerate() {
            let is_chosen = file.starts_with("sogo") == (format == ListFormat::Vlist);
            for (number, it) in EDITS.iter().enumerate().filter(|(_, it)| is_chosen || it.1 != IN_QUOTES) {
                let id = book.id_of(&copy(name, number).replace("\\;", ";"));
                let resource = resource(at, number);
                let before = lines(&book.get(&resource));
                let wanted = edit(&book, &id, it, &inner);
                edited.push(Edited { number, resource, before, id, wanted });
            }
        }
        let report = book.steps.run();
        assert_eq!(writes(&report).0, 0, "nothing comes back: {:?}", report.lines);
        let effective: BTreeSet<usize> =
            edited.iter().filter(|edited| edited.check(&book)).map(|it| it.number).collect();
        let vain = (0..EDITS.len()).filter(|number| !effective.contains(number));
        let vain: Vec<&str> = vain.map(|number| EDITS[number].1).collect();
        assert_eq!(vain, ["another", "other order"], "{format:?}");
        book.steps.at_rest();
    }
}

/// A list after one of the edits.
struct Edited {
    number: usize,
    resource: String,
    before: Vec<String>,
    id: String,
    wanted: DistListItem,
}

impl Edited {
    /// Whether its lines on the server changed; none changed but those that may.
    #[track_caller]
    fn check(&self, book: &Book) -> bool {
        let (property, what, may_change, _) = EDITS[self.number];
        let (before, after) = (&self.before, lines(&book.get(&self.resource)));
        let context = format!("{property}: {what}\n{}{}", before.concat(), after.concat());
        let kept = |lines: &[String]| -> Vec<String> {
            lines.iter().filter(|line| !may_change.contains(&name_of(line))).cloned().collect()
        };
        assert_eq!(kept(before), kept(&after), "{context}");
        let (gone, new) = (only(before, &after), only(&after, before));
        if let Some(count) = expected(what) {
            assert_eq!((gone.len(), new.len()), count, "{context}");
        }
        let most = if what == "all leave" { before.len() } else { 2 };
        assert!(gone.len() <= most && new.len() <= 2, "{context}");
        assert_eq!(book.list(&self.id), self.wanted, "{context}");
        !gone.is_empty() || !new.is_empty()
    }
}
