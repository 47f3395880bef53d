//! What is odd about cards: photos that they only link to, and cards that are known by no UID.

use dovetail_dav::request::Expect;
use dovetail_dav::{Client, ClientSettings, Credentials};
use dovetail_davserver::{CollectionKind, Server, Settings, User};
use dovetail_mapping::vcard;
use dovetail_model::contact::Contact;
use dovetail_model::item::AttachmentSource;
use dovetail_model::{Item, Kind};
use dovetail_sync::storage::{
    Call, Collection, CreateKey, Draft, Fetched, ItemId, Scope, Snapshot, Write, Written,
};
use dovetail_testkit::servers::{Scripted, answer};
use url::Url;

use super::{Contents, DavCollection, collection};

const ID: &str = "/alice/people/1.vcf";

/// An address book with one card.
fn address_book(card: &str) -> (Server, Client, DavCollection) {
    let users = vec![User::new("alice", "alicepw")];
    let server = Server::start(Settings { users, ..Settings::default() }).unwrap();
    server.make_collection("/alice/people/", CollectionKind::Contacts, "People").unwrap();
    let url = Url::parse(&server.url()).unwrap();
    let login = Credentials { user: "alice".to_owned(), password: "alicepw".into() };
    let client = Client::new(&url, Some(login.into()), &ClientSettings::default()).unwrap();
    client.put(&url.join(ID).unwrap(), "text/vcard", card.as_bytes(), Expect::Absent).unwrap();
    let book = collection(
        url.join("/alice/people/").unwrap().as_str(),
        Contents::AddressBook { new_cards: vcard::Version::V3 },
    );
    (server, client, book)
}

fn fetched(book: &DavCollection) -> Snapshot {
    let scope = Scope { kinds: vec![Kind::Contact] };
    match book.fetch(&[ItemId(ID.into())], &scope, &Call::default()).unwrap().remove(0) {
        Fetched::Found(snapshot) => *snapshot,
        other => panic!("{other:?}"),
    }
}

fn contact(snapshot: &Snapshot) -> Contact {
    match &snapshot.item {
        Item::Contact(contact) => (**contact).clone(),
        other => panic!("{other:?}"),
    }
}

/// Gives the contact another title, as the engine does.
fn retitle(book: &DavCollection, title: &str) -> Snapshot {
    let snapshot = fetched(book);
    let item = Item::Contact(Box::new(Contact { job_title: title.into(), ..contact(&snapshot) }));
    let key = CreateKey { uid: "key".into(), name: "key".into() };
    let draft = Draft { item, from: Some(snapshot.original.clone()), key };
    match book.write(&[Write::Update(snapshot, draft)], &Call::default()).remove(0).unwrap() {
        Written::Holds(snapshot) => *snapshot,
        other @ Written::Deleted => panic!("{other:?}"),
    }
}

fn body(client: &Client, server: &Server) -> String {
    let url = Url::parse(&server.url()).unwrap().join(ID).unwrap();
    String::from_utf8(client.get(&url).unwrap().body).unwrap()
}

fn card(line: &str) -> String {
    format!("BEGIN:VCARD\r\nVERSION:3.0\r\nUID:1\r\nFN:x\r\nN:x;;;;\r\n{line}\r\nEND:VCARD\r\n")
}

#[test]
fn a_linked_photo_is_fetched_and_a_stranger_is_not_told_who_we_are() {
    let gif = format!("GIF89a{}", "x".repeat(40));
    let image = gif.clone();
    let stranger = Scripted::new(move |_, _| answer(200, &[("Content-Type", "image/gif")], &image));
    let card = card(&format!("PHOTO;VALUE=uri:{}/photo", stranger.address));
    let (server, client, book) = address_book(&card);

    let photo = contact(&fetched(&book)).photo.unwrap();
    let AttachmentSource::Inline { bytes, content, .. } = &photo.source else { panic!("{photo:?}") };
    assert_eq!((*bytes, content.0.as_deref()), (46, Some(gif.as_bytes())));
    assert_eq!(photo.media_type, "image/gif");
    let seen = stranger.seen();
    assert!(!seen.is_empty());
    for request in seen {
        let names = ["authorization", "cookie", "referer"];
        assert!(names.iter().all(|name| request.header(name).is_none()), "{request:?}");
    }

    // An edit of something else leaves the link as it is, and what is held afterwards has the photo again.
    let written = retitle(&book, "New");
    assert_eq!(contact(&written).photo, Some(photo));
    assert_eq!(body(&client, &server), card.replace("END:VCARD", "TITLE:New\r\nEND:VCARD"));
}

#[test]
fn a_link_that_leads_nowhere_stays_a_link() {
    let page = Scripted::new(|_, _| answer(200, &[("Content-Type", "text/html")], "<html>no photo</html>"));
    for link in ["http://127.0.0.1:1/gone", "ftp://example.org/p", "http://", &page.address] {
        let (_server, _, book) = address_book(&card(&format!("PHOTO;VALUE=uri:{link}")));
        let photo = contact(&fetched(&book)).photo.unwrap();
        assert_eq!(photo.source, AttachmentSource::Uri(link.to_owned()));
    }
}

#[test]
fn a_card_without_a_uid_is_given_one_that_stays_when_it_is_first_edited() {
    let unknown = card("NOTE:n").replace("UID:1\r\n", "");
    let (server, client, book) = address_book(&unknown);
    assert_eq!(contact(&fetched(&book)).uid, None);
    let first = contact(&retitle(&book, "First")).uid.unwrap();
    assert!(body(&client, &server).contains(&format!("UID:{first}\r\n")));
    let second = contact(&retitle(&book, "Second")).uid.unwrap();
    assert_eq!(first, second);
    // Another computer, which edits the same card, would have chosen the same.
    let (_server, _, book) = address_book(&unknown);
    assert_eq!(contact(&retitle(&book, "Third")).uid, Some(first));
}
