//! What is odd about cards: photos that they only link to, and cards that are known by no UID.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use dovetail_dav::request::Expect;
use dovetail_dav::{Client, ClientSettings, Credentials};
use dovetail_davserver::{CollectionKind, Server, Settings, User};
use dovetail_mapping::options::LargePhoto;
use dovetail_mapping::vcard;
use dovetail_model::contact::Contact;
use dovetail_model::item::{Attachment, AttachmentSource, Content};
use dovetail_model::{Item, Kind, Zone};
use dovetail_sync::error::{ErrorKind, Result};
use dovetail_sync::storage::{
    Call, Collection, CreateKey, Draft, Fetched, ItemId, Scope, Snapshot, Write, Written,
};
use dovetail_testkit::servers::{Scripted, answer};
use url::Url;

use super::scripted::{self, Items, SYNCS, multistatus, row};
use super::{Contents, DavCollection, collection, noon};

const ID: &str = "/alice/people/1.vcf";

/// An address book with one card.
fn address_book(card: &str) -> (Server, Client, DavCollection) {
    address_book_of(card, LargePhoto::Refused)
}

fn address_book_of(card: &str, large_photo: LargePhoto) -> (Server, Client, DavCollection) {
    let users = vec![User::new("alice", "alicepw")];
    let server = Server::start(Settings { users, max_resource_size: 50_000, ..Settings::default() }).unwrap();
    server.make_collection("/alice/people/", CollectionKind::Contacts, "People").unwrap();
    let url = Url::parse(&server.url()).unwrap();
    let login = Credentials { user: "alice".to_owned(), password: "alicepw".into() };
    let client = Client::new(&url, Some(login.into()), &ClientSettings::default()).unwrap();
    client.put(&url.join(ID).unwrap(), "text/vcard", card.as_bytes(), Expect::Absent).unwrap();
    let mut settings = dovetail_mapping::Settings::new(Zone::Utc, "-//Example//EN");
    settings.options.contacts.large_photo = large_photo;
    let contents = Contents::AddressBook { new_cards: vcard::Version::V3 };
    let book =
        DavCollection::new(client.clone(), url.join("/alice/people/").unwrap(), contents, settings, noon);
    (server, client, book)
}

fn fetched(book: &DavCollection) -> Snapshot {
    fetched_at(book, ID)
}

fn fetched_at(book: &DavCollection, id: &str) -> Snapshot {
    let scope = Scope::of(vec![Kind::Contact]);
    match book.fetch(&[ItemId(id.into())], &scope, &Call::default()).unwrap().remove(0) {
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
    edit_at(book, ID, |contact| contact.job_title = title.into()).unwrap()
}

fn edit_at(book: &DavCollection, id: &str, edit: impl FnOnce(&mut Contact)) -> Result<Snapshot> {
    let snapshot = fetched_at(book, id);
    let mut edited = contact(&snapshot);
    edit(&mut edited);
    let item = Item::Contact(Box::new(edited));
    let key = CreateKey { uid: "key".into(), name: "key".into() };
    let draft = Draft { item, from: Some(snapshot.original.clone()), key };
    match book.write(&[Write::Update(snapshot, draft)], &Call::default()).remove(0)? {
        Written::Holds(snapshot) => Ok(*snapshot),
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
fn a_linked_photo_on_the_server_of_the_card_is_fetched_with_the_login() {
    let gif = format!("GIF89a{}", "x".repeat(40));
    let image = gif.clone();
    let items: Items = Arc::default();
    let server = scripted::server(SYNCS, items.clone(), move |_, seen| {
        let is_known = seen.header("authorization").is_some_and(|login| login.starts_with("Basic "));
        (seen.path == "/photo").then(|| match is_known {
            true => answer(200, &[("Content-Type", "image/gif")], &image),
            false => answer(401, &[], ""),
        })
    });
    let card = card(&format!("PHOTO;VALUE=uri:{}/photo", server.address));
    items.lock().unwrap().insert("/a/1.vcf".to_owned(), (1, card));
    let contents = Contents::AddressBook { new_cards: vcard::Version::V3 };
    let book = collection(&format!("{}/a/", server.address), contents);
    let photo = contact(&fetched_at(&book, "/a/1.vcf")).photo.unwrap();
    let AttachmentSource::Inline { content, .. } = &photo.source else { panic!("{photo:?}") };
    assert_eq!(content.0.as_deref(), Some(gif.as_bytes()));
}

/// Whatever platform this runs on: CR LF in what is stored (RFC 5545 section 3.1, RFC 6350 section 3.2), none in XML.
#[test]
fn what_is_sent_has_the_line_ends_of_its_format() {
    let (_, server, book) = careless_server(&card("NOTE:n"));
    edit_at(&book, "/a/1.vcf", |contact| contact.job_title = "New".into()).unwrap();
    let calendar = scripted::server(SYNCS, scripted::some_items(0), |_, _| None);
    let written = scripted::storage(&calendar, SYNCS).write(&scripted::creates(1), &Call::default());
    assert!(written.iter().all(Result::is_ok), "{written:?}");
    let mut types = Vec::new();
    for seen in server.seen().into_iter().chain(calendar.seen()) {
        let text = seen.text();
        let bare = text.replace("\r\n", "").matches(['\r', '\n']).count();
        if seen.method == "PUT" {
            assert!(text.ends_with("\r\n") && bare == 0, "{text:?}");
            types.push(seen.header("content-type").unwrap_or_default().to_owned());
        } else {
            assert!(!text.contains('\r'), "{text:?}");
        }
    }
    types.dedup();
    assert_eq!(types, ["text/vcard; charset=utf-8", "text/calendar; charset=utf-8"]);
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

/// An address book that does not mind cards without a UID.
fn careless_book(card: &str) -> (Items, DavCollection) {
    let (items, _, book) = careless_server(card);
    (items, book)
}

fn careless_server(card: &str) -> (Items, Scripted, DavCollection) {
    let items: Items = Arc::new(Mutex::new(BTreeMap::from([("/a/1.vcf".to_owned(), (1, card.to_owned()))])));
    let own = "<D:resourcetype><D:collection/><R:addressbook xmlns:R=\"urn:ietf:params:xml:ns:carddav\"/></D:resourcetype>\
               <D:current-user-privilege-set><D:privilege><D:all/></D:privilege></D:current-user-privilege-set>";
    let server = scripted::server(SYNCS, items.clone(), move |_, seen| {
        (seen.method == "PROPFIND" && seen.path == "/a/").then(|| multistatus(&row("/a/", own)))
    });
    let contents = Contents::AddressBook { new_cards: vcard::Version::V3 };
    let book = collection(&format!("{}/a/", server.address), contents);
    (items, server, book)
}

#[test]
fn a_card_is_read_whatever_its_media_type() {
    for media_type in
        ["text/x-vlist", "text/calendar", "application/octet-stream", "text/vcard;version=4.0", ""]
    {
        let body = card("NOTE:n");
        let items: Items = Arc::new(Mutex::new(BTreeMap::from([("/a/1.vcf".to_owned(), (1, body.clone()))])));
        let server = scripted::server(SYNCS, items, move |_, seen| {
            let headers = [("ETag", "\"1\""), ("Content-Type", media_type)];
            (seen.method == "GET").then(|| answer(200, &headers, &body))
        });
        let contents = Contents::AddressBook { new_cards: vcard::Version::V3 };
        let book = collection(&format!("{}/a/", server.address), contents);
        assert_eq!(contact(&fetched_at(&book, "/a/1.vcf")).note, "n", "{media_type}");
    }
}

#[test]
fn a_card_without_a_uid_is_given_one_that_stays_when_it_is_first_edited() {
    let unknown = card("NOTE:n").replace("UID:1\r\n", "");
    let (items, book) = careless_book(&unknown);
    let id = "/a/1.vcf";
    assert_eq!(contact(&fetched_at(&book, id)).uid, None);
    let retitle = |book: &DavCollection, title: &str| {
        contact(&edit_at(book, id, |contact| contact.job_title = title.into()).unwrap()).uid.unwrap()
    };
    let first = retitle(&book, "First");
    assert!(items.lock().unwrap()[id].1.contains(&format!("UID:{first}\r\n")));
    assert_eq!(retitle(&book, "Second"), first);
    // Another computer, which edits the same card, would have chosen the same.
    let (_items, book) = careless_book(&unknown);
    assert_eq!(retitle(&book, "Third"), first);
}

#[test]
fn new_cards_are_of_the_version_that_is_wanted_if_the_server_takes_it() {
    use dovetail_mapping::Dialect::{VCard3, VCard4};
    let book = |new_cards| Contents::AddressBook { new_cards };
    let (v3, v4) = (vcard::Version::V3, vcard::Version::V4);
    for (wanted, taken, dialect) in [
        (v3, &[][..], VCard3),
        (v4, &[], VCard4),
        (v3, &["3.0", "4.0"], VCard3),
        (v4, &["3.0", "4.0"], VCard4),
        (v3, &["4.0"], VCard4),
        (v4, &["3.0"], VCard3),
        (v3, &["2.1"], VCard3),
        (v4, &["2.1"], VCard4),
    ] {
        let taken: Vec<String> = taken.iter().map(|version| (*version).to_owned()).collect();
        assert_eq!(book(wanted).dialect(&taken), dialect, "{wanted:?} {taken:?}");
    }
}

/// A photo that no format makes small.
fn noisy_photo() -> Vec<u8> {
    let mut seed = 1_u32;
    let mut next = || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 24) as u8
    };
    let image = image::RgbImage::from_fn(400, 300, |_, _| image::Rgb([next(), next(), next()]));
    let mut bytes = std::io::Cursor::new(Vec::new());
    image.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

/// The photo of a record of Outlook.
fn of_outlook(bytes: &[u8]) -> Contact {
    let item = dovetail_mapping::outlook::ContactItem {
        contact_picture: dovetail_mapping::outlook::Binary(bytes.into()),
        ..Default::default()
    };
    let item = dovetail_mapping::outlook::OutlookItem::Contact(Box::new(item));
    let settings = dovetail_mapping::Settings::new(Zone::Utc, "-//Example//EN");
    match dovetail_mapping::outlook::read_item(&item, &settings).item {
        Some(Item::Contact(contact)) => *contact,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_photo_is_made_smaller_for_a_server_and_stays_what_it_is() {
    let (server, client, book) = address_book_of(&card("NOTE:n"), LargePhoto::Reduced);
    let large = of_outlook(&noisy_photo()).photo;
    let written = edit_at(&book, ID, |contact| contact.photo = large.clone()).unwrap();
    // The server's photo is Outlook's: nothing of it is an edit.
    assert_eq!(contact(&written).photo, large);
    let fetched = contact(&fetched(&book));
    assert_eq!(fetched.photo, large);
    let card = body(&client, &server);
    assert!(card.len() <= 50_000 && card.contains("X-DOVETAIL-PHOTO-OF:image/png "), "{}", card.len());
    // A second mailbox gets what there is, and holds it as the same.
    let Some(Attachment { source: AttachmentSource::Inline { content: Content(Some(smaller)), .. }, .. }) =
        &fetched.photo
    else {
        panic!("{:?}", fetched.photo)
    };
    assert!(smaller.starts_with(b"\xff\xd8\xff"));
    let settings = dovetail_mapping::Settings::new(Zone::Utc, "-//Example//EN");
    let there = Item::Contact(Box::new(fetched.clone()));
    let Item::Contact(held) = dovetail_mapping::holds(dovetail_mapping::Dialect::Outlook, &there, &settings)
    else {
        panic!()
    };
    assert_eq!(held.photo, of_outlook(smaller).photo);

    // An edit of something else leaves it, another photo takes its place, and none is none.
    retitle(&book, "New");
    assert_eq!(body(&client, &server), card.replace("END:VCARD", "TITLE:New\r\nEND:VCARD"));
    let other = of_outlook(b"\xff\xd8\xffother").photo;
    for photo in [other, None] {
        let written = edit_at(&book, ID, |contact| contact.photo = photo.clone()).unwrap();
        assert_eq!(contact(&written).photo, photo);
        assert!(!body(&client, &server).contains("X-DOVETAIL-PHOTO-OF"));
    }

    // Somebody who replaces it and knows nothing of the line has another one.
    let replaced = card.replacen("PHOTO;ENCODING=b;TYPE=JPEG:/9j/", "PHOTO;ENCODING=b;TYPE=JPEG:/9j+", 1);
    let (_server, _, book) = address_book(&replaced);
    assert_ne!(contact(&fetched_at(&book, ID)).photo, large);
}

#[test]
fn a_photo_that_is_too_large_for_the_server_stops_its_card_or_is_left_out() {
    // What cannot be read as a photo cannot be made smaller.
    for large_photo in [LargePhoto::Refused, LargePhoto::Reduced, LargePhoto::LeftOut] {
        let (server, client, book) = address_book_of(&card("PHOTO;ENCODING=b:/9j/AA=="), large_photo);
        let held = contact(&fetched(&book)).photo;
        let limit = book.facts(&Call::default()).unwrap().max_resource_size.unwrap();
        let bytes: Arc<[u8]> = vec![0xff; usize::try_from(limit).unwrap()].into();
        let source =
            AttachmentSource::Inline { digest: "large".into(), bytes: limit, content: Content(Some(bytes)) };
        let large = Attachment { source, name: String::new(), media_type: String::new() };
        let written = edit_at(&book, ID, |contact| {
            contact.photo = Some(large);
            contact.job_title = "New".into();
        });
        match large_photo {
            LargePhoto::Refused | LargePhoto::Reduced => {
                assert_eq!(written.unwrap_err().kind, ErrorKind::Refused);
            }
            // What the server has is left as it is.
            LargePhoto::LeftOut => assert_eq!(contact(&written.unwrap()).photo, held),
        }
        let body = body(&client, &server);
        assert_eq!(body.contains("TITLE:New"), large_photo == LargePhoto::LeftOut, "{body}");
    }
}
