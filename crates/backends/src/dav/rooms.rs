//! What a server calls the rooms and things that Outlook knows by their mail addresses alone.
//!
//! Most servers book whoever has the address. One that gives its rooms an id of their own (`DAV:resource-id`) is written that,
//! with the address beside it: so the line is read as Outlook has it. Asked is once for each room, and only where one is asked to
//! a meeting anew; a server that cannot search, or knows nothing, is told the address.

use dovetail_dav::Client;
use dovetail_mapping::Room;
use dovetail_model::Item;
use dovetail_model::event::{Attendee, Role};
use dovetail_sync::storage::{Draft, Write};

use super::DavCollection;

/// Asks the server for the rooms and things that these writes ask to a meeting, and of which nothing is known.
pub(super) fn look_up(collection: &DavCollection, client: &Client, batch: &[Write]) {
    for draft in batch.iter().filter_map(draft) {
        for room in new_rooms(collection, draft) {
            let Some(mail) = mail_of(&room) else { continue };
            if collection.learned().rooms.contains_key(&mail) {
                continue;
            }
            let uri = find(collection, client, &room.who.name, &mail);
            collection.learned().rooms.insert(mail, uri);
        }
    }
}

/// The rooms and things that have a name of their own on the server.
pub(super) fn known(collection: &DavCollection) -> Vec<Room> {
    let room = |(mail, uri): (&String, &Option<String>)| Some(Room { mail: mail.clone(), uri: uri.clone()? });
    collection.learned().rooms.iter().filter_map(room).collect()
}

fn draft(write: &Write) -> Option<&Draft> {
    match write {
        Write::Create(draft) | Write::Update(_, draft) => Some(draft),
        Write::Delete(_) => None,
    }
}

/// The rooms and things that a draft has and the original which it is written over has not.
fn new_rooms(collection: &DavCollection, draft: &Draft) -> Vec<Attendee> {
    let mut rooms = rooms(&draft.item);
    if rooms.is_empty() {
        return rooms;
    }
    let before = draft.from.as_ref().and_then(|from| collection.understand(&from.bytes).ok());
    let before = before.as_ref().map(self::rooms).unwrap_or_default();
    rooms.retain(|room| !before.iter().any(|old| old.who.address == room.who.address));
    rooms
}

fn rooms(item: &Item) -> Vec<Attendee> {
    let Item::Event(event) = item else { return Vec::new() };
    let all = [&event.main].into_iter().chain(event.overrides.values());
    let attendees = all.flat_map(|occurrence| &occurrence.attendees);
    attendees.filter(|attendee| attendee.role == Role::Resource).cloned().collect()
}

/// The mail address, in small letters.
fn mail_of(room: &Attendee) -> Option<String> {
    let address = room.who.address.trim().to_lowercase();
    address.strip_prefix("mailto:").filter(|mail| mail.contains('@')).map(str::to_owned)
}

/// What the server calls the room of that name. One of the same name with other addresses is another one.
fn find(collection: &DavCollection, client: &Client, name: &str, mail: &str) -> Option<String> {
    let found = client.find_resource(&collection.url, name).ok()??;
    let is_it = found.mail_addresses.is_empty()
        || found.mail_addresses.iter().any(|address| address.eq_ignore_ascii_case(mail));
    let is_uri = |id: &String| id.contains(':') && id.chars().all(|letter| letter.is_ascii_graphic());
    found.resource_id.filter(|id| is_it && is_uri(id))
}
