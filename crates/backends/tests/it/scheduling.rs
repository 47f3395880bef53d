//! What servers do when a meeting is stored: whom they tell, and what keeps them from it.
//!
//! First the requests of the client alone, then what the storage itself writes into meetings.

use std::time::{Duration, Instant};

use dovetail_backends::dav::{Contents, DavCollection};
use dovetail_backends::store::Mailbox;
use dovetail_dav::propfind::Depth;
use dovetail_dav::request::Expect;
use dovetail_dav::{Client, ClientSettings, Credentials, names};
use dovetail_mapping::outlook::OutlookItem;
use dovetail_mapping::{Options, Settings};
use dovetail_model::event::{Attendee, Participant};
use dovetail_model::{Event, Item, Kind, When};
use dovetail_sync::storage::{
    Call, Collection, CreateKey, Draft, Fetched, ItemId, Scope, Snapshot, Write, Written,
};
use dovetail_testkit::servers::{CYRUS, DAVICAL, Product, RADICALE, SABRE, SOGO, Server, XANDIKOS};
use url::Url;

use super::in_step::Steps;
use super::{client, home, mailbox, noon, store};

/// SOGo's own property of an event that keeps it from sending mails about it.
const NO_MAILS: &str = "X-SOGO-SEND-APPOINTMENT-NOTIFICATIONS:NO\r\n";

/// The parameter of an attendee who is told by the organizer's program (RFC 6638 section 7.1).
const CLIENT_TELLS: &str = ";SCHEDULE-AGENT=CLIENT";

/// Somebody who invites somebody else on the same server.
struct Invitation {
    server: Server,
    organizer: Client,
    attendee: Client,
    attendees_name: String,
}

impl Invitation {
    fn on(product: Product) -> Option<Invitation> {
        let server = product.start()?;
        let (name, password) = server.another_user();
        let credentials = Credentials { user: name.clone(), password: password.as_str().into() };
        let url = Url::parse(&server.address).unwrap();
        let attendee = Client::new(&url, Some(credentials.into()), &ClientSettings::default()).unwrap();
        Some(Invitation { organizer: client(&server), server, attendee, attendees_name: name })
    }

    fn at(&self, uid: &str) -> Url {
        Url::parse(&self.server.calendar("calendar")).unwrap().join(&format!("{uid}.ics")).unwrap()
    }

    /// Stores a meeting at this hour.
    fn store(&self, uid: &str, hour: u8, property: &str, parameter: &str) {
        let (organizer, attendee) = (&self.server.user, &self.attendees_name);
        let body = format!(
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//Sample//EN\r\nBEGIN:VEVENT\r\nUID:{uid}\r\n\
             DTSTAMP:20260101T000000Z\r\nSEQUENCE:{hour}\r\nDTSTART:20270302T{hour:02}0000Z\r\n\
             DTEND:20270302T{hour:02}3000Z\r\nSUMMARY:Meeting\r\n{property}\
             ORGANIZER:mailto:{organizer}@example.test\r\n\
             ATTENDEE;PARTSTAT=ACCEPTED:mailto:{organizer}@example.test\r\n\
             ATTENDEE;PARTSTAT=NEEDS-ACTION{parameter}:mailto:{attendee}@example.test\r\n\
             END:VEVENT\r\nEND:VCALENDAR\r\n"
        );
        let put = |expect| {
            self.organizer.put(&self.at(uid), "text/calendar; charset=utf-8", body.as_bytes(), expect)
        };
        match self.organizer.get(&self.at(uid)) {
            Ok(stored) => put(Expect::ETag(&stored.etag.unwrap())).unwrap(),
            Err(_) => put(Expect::Absent).unwrap(),
        };
    }

    fn delete(&self, uid: &str) {
        self.organizer.delete(&self.at(uid), None).unwrap();
    }

    /// Whether a meeting has come to the attendee, in whatever collection.
    fn has_come(&self, uid: &str) -> bool {
        let home = self.server.calendar_home().replace(&self.server.user, &self.attendees_name);
        let home = Url::parse(&self.server.at(&home)).unwrap();
        let (collections, _) = self.members(&home);
        let items = collections.iter().filter(|url| **url != home).flat_map(|url| self.members(url).1);
        let body = |url: Url| self.attendee.get(&url).map(|resource| resource.body).unwrap_or_default();
        let line = format!("UID:{uid}");
        items.map(body).any(|body| String::from_utf8_lossy(&body).lines().any(|it| it == line))
    }

    /// The collections and the items that are listed at an address.
    fn members(&self, url: &Url) -> (Vec<Url>, Vec<Url>) {
        let (mut collections, mut items) = (Vec::new(), Vec::new());
        let listed = self.attendee.propfind(url, Depth::One, &[names::RESOURCETYPE], &mut |row| {
            let url = dovetail_dav::href::Path::resolve(url, &row.href)?.url(url);
            if row.is_collection() {
                collections.push(url)
            } else {
                items.push(url)
            }
            Ok(())
        });
        // Not every collection of a home may be listed.
        listed.map_or_else(|_| Default::default(), |_| (collections, items))
    }

    /// How many mails have come, once there are as many as that, or much later.
    fn mails(&self, awaited: usize) -> usize {
        let address = format!("{}@example.test", self.attendees_name);
        let begun = Instant::now();
        loop {
            let count = self.server.mails_to(&address).len();
            if count >= awaited || begun.elapsed() > Duration::from_secs(20) {
                return count;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

#[test]
fn sogo_sends_no_mail_about_a_meeting_that_says_so() {
    let Some(invitation) = Invitation::on(SOGO) else { return };
    invitation.store("quiet", 9, NO_MAILS, "");
    assert!(
        invitation.has_come("quiet"),
        "the property is about mails: a colleague's calendar is written all the same"
    );
    invitation.store("quiet", 10, NO_MAILS, "");
    invitation.delete("quiet");
    assert!(!invitation.has_come("quiet"));
    // Without the property each step sends a mail: these three are the first ones.
    invitation.store("loud", 9, "", "");
    assert_eq!(invitation.mails(1), 1);
    invitation.store("loud", 10, "", "");
    assert_eq!(invitation.mails(2), 2);
    invitation.delete("loud");
    assert_eq!(invitation.mails(3), 3);
}

/// What RFC 6638 has for it does not help: a mail is sent, and the meeting comes.
#[test]
fn sogo_does_not_obey_schedule_agent() {
    let Some(invitation) = Invitation::on(SOGO) else { return };
    invitation.store("client", 9, "", CLIENT_TELLS);
    assert!(invitation.has_come("client"));
    assert_eq!(invitation.mails(1), 1);
}

#[test]
fn cyrus_and_davical_leave_attendees_to_the_client_where_the_meeting_says_so() {
    for product in [CYRUS, DAVICAL] {
        let Some(invitation) = Invitation::on(product) else { continue };
        invitation.store("client", 9, "", CLIENT_TELLS);
        invitation.store("client", 10, "", CLIENT_TELLS);
        invitation.store("server", 9, "", "");
        assert!(invitation.has_come("server"), "{}", product.name);
        assert!(!invitation.has_come("client"), "{}", product.name);
    }
}

#[test]
fn the_others_store_meetings_and_tell_nobody() {
    for product in [RADICALE, XANDIKOS, SABRE] {
        let Some(invitation) = Invitation::on(product) else { continue };
        invitation.store("server", 9, "", "");
        assert!(!invitation.has_come("server"), "{}", product.name);
    }
}

impl Invitation {
    /// The calendar as the engine has it, after its first answer.
    fn storage(&self) -> DavCollection {
        let url = Url::parse(&self.server.calendar("calendar")).unwrap();
        let own_address = Some(format!("{}@example.test", self.server.user));
        let settings = Settings { own_address, ..Settings::new(home(), "-//Example//Sample//EN") };
        let storage = DavCollection::new(client(&self.server), url, Contents::Calendar, settings, noon);
        storage.changes(None, &events(), &mut |_| Ok(()), &Call::default()).unwrap();
        storage
    }

    fn meeting(&self, uid: &str) -> Draft {
        let who = |name: &str| Participant {
            address: format!("mailto:{name}@example.test"),
            ..Participant::default()
        };
        let mut event = Event { uid: Some(uid.into()), ..Event::default() };
        event.main.summary = "Meeting".into();
        event.main.start = When::utc(jiff::civil::datetime(2027, 3, 2, 9, 0, 0, 0));
        event.main.end = When::utc(jiff::civil::datetime(2027, 3, 2, 10, 0, 0, 0));
        event.main.organizer = Some(who(&self.server.user));
        event.main.attendees = vec![Attendee { who: who(&self.attendees_name), ..Attendee::default() }];
        let key = CreateKey { uid: uid.into(), name: uid.into() };
        Draft { item: Item::Event(Box::new(event)), from: None, key }
    }

    fn held(&self, storage: &DavCollection, uid: &str) -> Snapshot {
        let id = ItemId(self.at(uid).path().to_owned());
        match storage.fetch(&[id], &events(), &Call::default()).unwrap().remove(0) {
            Fetched::Found(snapshot) => *snapshot,
            other => panic!("{other:?}"),
        }
    }
}

fn events() -> Scope {
    Scope::of(vec![Kind::Event])
}

/// The same meeting elsewhere.
fn elsewhere(snapshot: &Snapshot, key: CreateKey) -> Draft {
    let mut item = snapshot.item.clone();
    if let Item::Event(event) = &mut item {
        event.main.location = "Room 2".into();
    }
    Draft { item, from: Some(snapshot.original.clone()), key }
}

fn written(storage: &DavCollection, write: Write) -> Option<Snapshot> {
    match storage.write(&[write], &Call::default()).remove(0).unwrap() {
        Written::Holds(snapshot) => Some(*snapshot),
        Written::Deleted => None,
    }
}

#[test]
fn the_storage_writes_meetings_of_which_nobody_is_told_and_knows_it() {
    for product in [SOGO, CYRUS, DAVICAL] {
        let Some(invitation) = Invitation::on(product) else { continue };
        let storage = invitation.storage();
        let draft = invitation.meeting("ours");
        let key = draft.key.clone();
        assert_eq!(storage.may_mail(None, Some(&draft)), Some(false), "{}", product.name);
        let snapshot = written(&storage, Write::Create(draft)).unwrap();
        let moved = elsewhere(&snapshot, key);
        assert_eq!(storage.may_mail(Some(&snapshot), Some(&moved)), Some(false), "{}", product.name);
        let snapshot = written(&storage, Write::Update(snapshot, moved)).unwrap();
        assert_eq!(invitation.has_come("ours"), product == SOGO, "{}", product.name);
        assert_eq!(storage.may_mail(Some(&snapshot), None), Some(false), "{}", product.name);
        assert_eq!(written(&storage, Write::Delete(snapshot)), None);
        if product == SOGO {
            // A mail about another one is the first that comes.
            invitation.store("loud", 9, "", "");
            assert_eq!(invitation.mails(1), 1);
        }
    }
}

#[test]
fn a_meeting_that_the_server_tells_of_is_written_where_that_silences_it_and_waits_where_not() {
    for (product, may_mail) in [(SOGO, false), (CYRUS, true), (DAVICAL, true)] {
        let Some(invitation) = Invitation::on(product) else { continue };
        let storage = invitation.storage();
        invitation.store("theirs", 9, "", "");
        let snapshot = invitation.held(&storage, "theirs");
        let moved = elsewhere(&snapshot, invitation.meeting("theirs").key);
        assert_eq!(storage.may_mail(Some(&snapshot), Some(&moved)), Some(may_mail), "{}", product.name);
        assert_eq!(storage.may_mail(Some(&snapshot), None), Some(true), "{}", product.name);
        if product == SOGO {
            assert_eq!(invitation.mails(1), 1);
            written(&storage, Write::Update(snapshot, moved)).unwrap();
            // With the next one that does not say so, a second mail comes, and no third.
            invitation.store("loud", 9, "", "");
            assert_eq!(invitation.mails(2), 2);
        }
    }
}

/// The event as a folder of Outlook has it: who is asked to come is a room.
fn with_room(organizer: &str, room: &str) -> OutlookItem {
    let recipient = |user: &str, name: &str, kind: u8| {
        let address = format!("{user}@example.test");
        serde_json::json!({"Name": name, "Address": address, "Type": kind, "MeetingResponseStatus": 0})
    };
    let record = serde_json::json!({
        "MessageClass": "IPM.Appointment",
        "Subject": "Meeting",
        "StartInStartTimeZone": "2027-03-02T09:00:00",
        "EndInEndTimeZone": "2027-03-02T10:00:00",
        "StartTimeZone": "W. Europe Standard Time",
        "EndTimeZone": "W. Europe Standard Time",
        "MeetingStatus": 1,
        "Organizer": directory_name(organizer),
        "SentRepresentingEmailAddress": format!("{organizer}@example.test"),
        "Recipients": [recipient(organizer, &directory_name(organizer), 0), recipient(room, room, RESOURCE)],
    });
    serde_json::from_value(record).unwrap()
}

/// What a user is called on the server. SOGo calls the organizer so whatever a meeting says.
fn directory_name(user: &str) -> String {
    let (first, rest) = user.split_at(1);
    format!("{}{rest} Test", first.to_uppercase())
}

/// olResource of OlMeetingRecipientType.
const RESOURCE: u8 = 3;

/// olResponseAccepted of OlResponseStatus.
const ACCEPTED: u64 = 3;

/// What Outlook shows of the room's answer.
fn answer(mailbox: &Mailbox) -> u64 {
    let entry = mailbox.items("Calendar").unwrap().remove(0).entry_id;
    let record = serde_json::to_value(mailbox.item(&entry).unwrap().item).unwrap();
    let recipients = record["Recipients"].as_array().unwrap();
    let room = recipients.iter().find(|one| one["Type"] == RESOURCE).unwrap();
    room["MeetingResponseStatus"].as_u64().unwrap()
}

/// Whoever tends the room says that it may be had.
fn accept(room: &Invitation) -> bool {
    let home = room.server.calendar_home().replace(&room.server.user, &room.attendees_name);
    let home = Url::parse(&room.server.at(&home)).unwrap();
    let (collections, _) = room.members(&home);
    // What lies in an inbox are messages.
    let calendars =
        collections.iter().filter(|url| !url.path().contains("/Inbox/") && !url.path().contains("/.in/"));
    for url in calendars.filter(|url| **url != home).flat_map(|url| room.members(url).1) {
        let Ok(stored) = room.attendee.get(&url) else { continue };
        let body = String::from_utf8(stored.body).unwrap().replace("\r\n ", "");
        let line = |line: &str| match line.contains(&format!("mailto:{}@", room.attendees_name)) {
            true => line.replace("NEEDS-ACTION", "ACCEPTED") + "\r\n",
            false => line.to_owned() + "\r\n",
        };
        let accepted: String = body.lines().map(line).collect();
        if accepted.contains("SUMMARY:Meeting") {
            let etag = Expect::ETag(&stored.etag.unwrap());
            room.attendee.put(&url, "text/calendar; charset=utf-8", accepted.as_bytes(), etag).unwrap();
            return true;
        }
    }
    false
}

/// What a room on that server does about a meeting of Outlook, with the options as they are at first: SOGo says at once that it
/// comes; in Cyrus and DAViCal it has the meeting, and whoever tends it answers.
#[test]
fn a_room_is_booked_where_the_server_books_and_its_answer_comes_back() {
    for server in [SOGO, CYRUS, DAVICAL].into_iter().filter_map(Product::start) {
        let name = server.product.name;
        let Some((room, password)) = server.room() else { continue };
        let credentials = Credentials { user: room.clone(), password: password.as_str().into() };
        let url = Url::parse(&server.address).unwrap();
        let attendee = Client::new(&url, Some(credentials.into()), &ClientSettings::default()).unwrap();
        let room = Invitation { organizer: client(&server), server, attendee, attendees_name: room };
        let (files, mailbox) = mailbox();
        let own_address = Some(format!("{}@example.test", room.server.user));
        let outlook = store(&mailbox, "Calendar").mapped(Options::default(), own_address.clone());
        let settings = Settings { own_address, ..Settings::new(home(), "-//Example//Sample//EN") };
        let url = Url::parse(&room.server.calendar("calendar")).unwrap();
        let dav = DavCollection::new(client(&room.server), url, Contents::Calendar, settings, noon);
        let mut steps = Steps::new(Kind::Event, outlook, dav, files.path());
        steps.run();
        mailbox.add("Calendar", &with_room(&room.server.user, &room.attendees_name), noon()).unwrap();
        assert_eq!(answer(&mailbox), 0);
        let report = steps.run();
        assert_eq!((report.written.server.total(), report.held), (1, 0), "{name} {:?}", report.lines);
        if name != SOGO.name {
            assert!(accept(&room), "{name}: the room has the meeting");
        }
        steps.run();
        assert_eq!(answer(&mailbox), ACCEPTED, "{name}");
        steps.at_rest();
    }
}
