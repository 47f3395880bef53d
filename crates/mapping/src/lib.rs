//! Lenses between the model and every dialect. Pure: no input or output, no clock, no log.
//!
//! A lens reads what it understands and warns of the rest; it never fails on what a server or Outlook sent. Writing
//! patches the original: it compares the item that the original holds with the item that is wanted and changes only
//! the lines of the fields that differ. Start with [`component`], then [`ical`], [`vcard`], [`outlook`]; [`inspect`] tells
//! what a file holds.

use std::collections::BTreeSet;

use dovetail_model::carry::Field;
use dovetail_model::item::{Attachment, AttachmentSource, Content};
use dovetail_model::{Item, Zone};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::outlook::OutlookItem;

pub use dovetail_model::Warning;
pub use options::Options;

pub mod body;
mod bytes;
pub mod color;
pub mod component;
pub mod content_line;
mod filtered;
pub mod ical;
pub mod im;
pub mod inspect;
pub mod options;
pub mod outlook;
pub mod scheduling;
#[cfg(test)]
mod table;
#[cfg(test)]
mod tests;
mod upcoming;
pub mod vcard;
pub mod windows_zones;

/// A way in which items are written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// RFC 5545: events and tasks.
    ICalendar,
    /// RFC 2426, for new cards. An existing card keeps the version it has.
    VCard3,
    /// RFC 6350, for new cards.
    VCard4,
    /// Outlook's items.
    Outlook,
}

/// What holds for all items of a profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// The zone of the mailbox: Outlook's current zone, in which floating times are read.
    pub home: Zone,
    /// The PRODID of new objects.
    pub product: String,
    /// The own e-mail address, to find oneself among attendees.
    pub own_address: Option<String>,
    /// What the profile chooses.
    pub options: Options,
    /// The categories of the mailbox that have a colour; of several of one colour, the first is the one that is meant by
    /// it.
    pub categories: Vec<ColoredCategory>,
    /// The rooms and things that the server calls otherwise than by their mail addresses, for those that are asked to a
    /// meeting anew.
    #[serde(skip)]
    pub rooms: Vec<Room>,
    /// What time it is, for what depends on it: reminders that are over. `None`: nothing is.
    pub now: Option<Timestamp>,
}

/// A category of the mailbox that has a colour.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColoredCategory {
    /// Its name.
    pub name: String,
    /// OlCategoryColor, 1 to 25.
    pub color: u8,
}

/// A room or a thing that has a name of its own on the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Room {
    /// Its mail address.
    pub mail: String,
    /// What the server calls it, such as `urn:uuid:...`.
    pub uri: String,
}

impl Settings {
    /// The settings of a profile that chooses nothing and does not know who its owner is.
    pub fn new(home: Zone, product: impl Into<String>) -> Settings {
        Settings {
            home,
            product: product.into(),
            own_address: None,
            options: Options::default(),
            categories: Vec::new(),
            rooms: Vec::new(),
            now: None,
        }
    }
}

/// Raised when a lens begins to understand more of an original, or something else in it.
const LENSES: u32 = 3;

impl Settings {
    /// A text that differs where an original may be read differently.
    pub fn lens(&self) -> String {
        let Settings { home, own_address, options, categories, .. } = self;
        serde_json::to_string(&(LENSES, home, own_address, options, categories)).unwrap_or_default()
    }
}

/// What a lens understood of an original.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The item; `None` where nothing in it is an item of a kind we know, or it cannot be used at all.
    pub item: Option<Item>,
    /// What was not understood or does not follow the standard.
    pub warnings: Vec<Warning>,
}

/// Reads an original.
pub fn read(dialect: Dialect, original: &[u8], settings: &Settings) -> Reading {
    without_filter(read_all(dialect, original, settings), settings)
}

/// Reads an item of Outlook that is a record already.
pub fn read_record(record: &OutlookItem, settings: &Settings) -> Reading {
    without_filter(outlook::read_item(record, settings), settings)
}

/// What was read, without the category of the filter.
fn without_filter(mut reading: Reading, settings: &Settings) -> Reading {
    if let (Some(filter), Some(item)) = (&settings.options.calendar.filter, &mut reading.item) {
        filter.hide(item);
    }
    reading
}

/// Whether an original belongs to the profile by its categories.
pub fn belongs(dialect: Dialect, original: &[u8], settings: &Settings) -> bool {
    let Some(filter) = &settings.options.calendar.filter else { return true };
    read_all(dialect, original, settings).item.is_none_or(|item| filter.lets_through(&item))
}

/// The same with the category of the filter.
fn read_all(dialect: Dialect, original: &[u8], settings: &Settings) -> Reading {
    match dialect {
        Dialect::ICalendar => ical::read(original, settings),
        Dialect::VCard3 | Dialect::VCard4 => vcard::read(original, settings),
        Dialect::Outlook => outlook::read(original, settings),
    }
}

/// Writes an item: `from`, where given, is patched so that it holds `item`; what the item does not speak of stays byte
/// for byte. `now` stamps new objects.
pub fn write(
    dialect: Dialect,
    item: &Item,
    from: Option<&[u8]>,
    now: Timestamp,
    settings: &Settings,
) -> Vec<u8> {
    let filtered = with_filter(dialect, item, from, settings);
    let item = filtered.as_ref().unwrap_or(item);
    match dialect {
        Dialect::ICalendar => ical::write(item, from, now, settings),
        Dialect::VCard3 => vcard::write(item, from, vcard::Version::V3, now, settings),
        Dialect::VCard4 => vcard::write(item, from, vcard::Version::V4, now, settings),
        Dialect::Outlook => outlook::write(item, from, settings),
    }
}

/// Writes an item of Outlook, as a record.
pub fn write_record(item: &Item, from: Option<&[u8]>, settings: &Settings) -> OutlookItem {
    let filtered = with_filter(Dialect::Outlook, item, from, settings);
    outlook::write_item(filtered.as_ref().unwrap_or(item), from, settings)
}

/// An item with the category of the filter, where there is one.
fn with_filter(dialect: Dialect, item: &Item, from: Option<&[u8]>, settings: &Settings) -> Option<Item> {
    let filter = settings.options.calendar.filter.as_ref()?;
    Some(filtered::wanted(filter, dialect, item, from, settings))
}

/// What a dialect can keep of an item: what reading gives after writing it from nothing. The bytes of photos and inline
/// attachments, which need not be at hand, are not written for that: what the dialect keeps counts as held.
pub fn holds(dialect: Dialect, item: &Item, settings: &Settings) -> Item {
    let bare = without_bytes(item);
    let held = match dialect {
        Dialect::Outlook if settings.options.calendar.filter.is_none() => outlook::held(&bare, settings),
        _ => {
            let written = write(dialect, &bare, None, Timestamp::UNIX_EPOCH, settings);
            read(dialect, &written, settings).item
        }
    };
    let Some(mut held) = held else { return item.clone() };
    match (item, &mut held) {
        (Item::Contact(item), Item::Contact(held)) => {
            let inline = |held: &mut Option<Attachment>, item: &Option<Attachment>| {
                let own = item.as_ref().filter(|it| is_inline(it)).map(|it| match dialect {
                    // Outlook knows a photo by what it is given of it.
                    Dialect::Outlook => vcard::photo::at_hand(it),
                    _ => it.clone(),
                });
                *held = held.take().or(own);
            };
            inline(&mut held.photo, &item.photo);
            inline(&mut held.certificate, &item.certificate);
            settings.options.contacts.leave_out(held);
        }
        // Outlook's record has no place for the bytes of attachments yet.
        _ if dialect == Dialect::Outlook => {}
        (Item::Task(item), Item::Task(held)) => keep_inline(&item.attachments, &mut held.attachments),
        (Item::Event(item), Item::Event(held)) => {
            keep_inline(&item.main.attachments, &mut held.main.attachments);
            for (start, occurrence) in &item.overrides {
                if let Some(held) = held.overrides.get_mut(start) {
                    keep_inline(&occurrence.attachments, &mut held.attachments);
                }
            }
        }
        _ => {}
    }
    held
}

/// The fields that an item keeps whatever the other side holds, as the profile wants it.
pub fn keeps(dialect: Dialect, item: &Item, settings: &Settings) -> BTreeSet<Field> {
    let has_photo = matches!(item, Item::Contact(contact) if contact.photo.is_some());
    let is_kept = settings.options.contacts.outlook_photo == options::OutlookPhoto::Kept;
    let photo = dialect == Dialect::Outlook && has_photo && is_kept;
    photo.then_some(Field::Photo).into_iter().collect()
}

/// A contact whose photo and certificate are elsewhere.
fn without_bytes(item: &Item) -> Item {
    let mut item = item.clone();
    if let Item::Contact(contact) = &mut item {
        for attachment in [&mut contact.photo, &mut contact.certificate].into_iter().flatten() {
            if let AttachmentSource::Inline { content, .. } = &mut attachment.source {
                *content = Content::default();
            }
        }
    }
    item
}

/// Puts what is inline in `item` back where it was among what is held.
fn keep_inline(item: &[Attachment], held: &mut Vec<Attachment>) {
    for (at, attachment) in item.iter().enumerate() {
        if is_inline(attachment) && !held.contains(attachment) {
            held.insert(at.min(held.len()), attachment.clone());
        }
    }
}

fn is_inline(attachment: &Attachment) -> bool {
    matches!(attachment.source, AttachmentSource::Inline { .. })
}
