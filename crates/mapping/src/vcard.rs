//! The lens between the model and vCard: [`read`] and [`write()`].
//!
//! Versions 2.1, 3.0 (RFC 2426) and 4.0 (RFC 6350) are read; an existing card keeps its version, a new one gets the one
//! that is asked for. Writing reads what the original holds, compares it field by field with what is wanted, and changes
//! the lines of the fields that differ; a new card is an empty one changed in the same way.
//!
//! vCard has no property for how an entry is filed: `file_as` reads as `None`, unless FN is to be that. Lists are cards too, or
//! SOGo's [`vlist`].
//!
//! Start with [`card`], the card that is being changed, and [`entries`], how lists are written; then one file a topic.

use dovetail_model::{Contact, Group, Item, Kind};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::component::{Component, Document, Line};
use crate::options::{ContactOptions, FiledAs, ListFormat, Mapped};
use crate::{Reading, Settings, Warning};

mod address;
mod card;
mod dates;
mod details;
mod encoding;
mod entries;
mod group;
mod im;
pub mod linked;
mod name;
pub mod photo;
mod reach;
mod spelled;
#[cfg(test)]
mod tests;
mod vlist;

use card::{Card, Syntax};

/// The version of a new card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// RFC 2426.
    V3,
    /// RFC 6350.
    V4,
}

/// Reads the first card of a resource.
pub fn read(original: &[u8], settings: &Settings) -> Reading {
    let document = Document::parse(original);
    let mut warnings = document.warnings();
    if let Some(list) = first_list(&document) {
        let group = vlist::read(list, &mut warnings);
        warnings.sort_by_key(|warning| warning.line);
        return Reading { item: Some(Item::Group(Box::new(group))), warnings };
    }
    let Some(card) = first_card(&document) else {
        let foreign = document.components().next();
        let line = foreign.and_then(Component::begin).and_then(|line| line.number());
        warnings.push(Warning::at("no_card", foreign.map_or("", Component::name), line));
        return Reading { item: None, warnings };
    };
    for further in document.components_named("VCARD").skip(1) {
        warnings.push(Warning::at("several_cards", "BEGIN", further.begin().and_then(|line| line.number())));
    }
    let item = if group::is_group(card) {
        Item::Group(Box::new(group::read(card, &mut warnings)))
    } else {
        Item::Contact(Box::new(read_contact(card, &settings.options.contacts, &mut warnings)))
    };
    warn_of_lines(card, &mut warnings);
    warnings.sort_by_key(|warning| warning.line);
    Reading { item: Some(item), warnings }
}

/// The text of a line whose value may be encoded, as old calendars have it too.
pub(crate) fn decoded_text(line: crate::component::Line<'_>) -> String {
    encoding::text(line)
}

/// Writes a contact or a group; `from`, where it holds a card of the same kind, is patched. Other items are not written:
/// `from` comes back, or nothing.
pub fn write(
    item: &Item,
    from: Option<&[u8]>,
    version: Version,
    now: Timestamp,
    settings: &Settings,
) -> Vec<u8> {
    if matches!(item, Item::Event(_) | Item::Task(_)) {
        return from.unwrap_or_default().to_vec();
    }
    let opened = from.map(Document::parse).and_then(|original| opened(original, item.kind()));
    let mut card = opened.unwrap_or_else(|| match (item, settings.options.lists.format) {
        (Item::Group(_), ListFormat::Vlist) => Card::new_list(),
        (Item::Group(_), ListFormat::VCard3) => Card::new(Version::V3),
        (Item::Group(_), ListFormat::VCard4) => Card::new(Version::V4),
        _ => Card::new(version),
    });
    match item {
        Item::Contact(contact) => write_contact(&mut card, contact, &settings.options.contacts),
        Item::Group(group) if vlist::is_list(card.view()) => vlist::write(&mut card, group),
        Item::Group(group) => group::write(&mut card, group),
        Item::Event(_) | Item::Task(_) => {}
    }
    let written = card.document.to_bytes();
    if vlist::is_list(card.view()) || from.is_some_and(|from| from == written) {
        return written;
    }
    write_mandatory(&mut card, item, now);
    card.document.to_bytes()
}

/// What goes with every change: when it was, and a name where the card has none, for servers take no card without.
fn write_mandatory(card: &mut Card, item: &Item, now: Timestamp) {
    if card.is_new || card.first("REV").is_some() {
        write_revision(card, now);
    }
    if card.syntax != Syntax::V21 && card.first("FN").is_none() {
        name::write_missing(card, item.title());
    }
}

/// What an original has of that kind: its list, or its first card.
fn opened(original: Document, kind: Kind) -> Option<Card> {
    let fits =
        |card: &Component<'_>| (vlist::is_list(*card) || group::is_group(*card)) == (kind == Kind::Group);
    let id = first_list(&original).or(first_card(&original)).filter(fits)?.id();
    Some(Card::open(original, id))
}

/// The list of a resource that begins with one.
fn first_list(document: &Document) -> Option<Component<'_>> {
    let mut outermost = document.components();
    outermost.find(|outer| outer.is("VCARD") || vlist::is_list(*outer)).filter(|first| vlist::is_list(*first))
}

fn first_card(document: &Document) -> Option<Component<'_>> {
    document.components_named("VCARD").next()
}

fn read_contact(card: Component<'_>, options: &ContactOptions, warnings: &mut Vec<Warning>) -> Contact {
    let (company, department) = name::read_organization(card);
    let shown = encoding::first_text(card, "FN");
    let (formatted_name, file_as) = match options.filed_as {
        FiledAs::Outlook => (shown, None),
        FiledAs::FormattedName => (String::new(), Some(shown).filter(|name| !name.is_empty())),
    };
    let mut contact = Contact {
        uid: details::read_uid(card),
        name: name::read_parts(card),
        formatted_name,
        file_as,
        nicknames: details::read_nicknames(card),
        company,
        department,
        job_title: encoding::first_text(card, "TITLE"),
        profession: encoding::first_text(card, "ROLE"),
        emails: entries::only(reach::read_emails(card)),
        phones: entries::only(reach::read_phones(card)),
        addresses: entries::only(address::read_addresses(card)),
        mailing_address: address::read_mailing(card),
        ims: im::read_ims(card, options),
        birthday: dates::read_birthday(card, warnings),
        anniversary: dates::read_anniversary(card, warnings),
        note: encoding::first_text(card, "NOTE"),
        categories: details::read_categories(card),
        sensitivity: details::read_class(card),
        urls: entries::only(reach::read_pages(card)),
        photo: match options.photo {
            Mapped::Yes => photo::read_photo(card, warnings),
            Mapped::No => None,
        },
        certificate: photo::read_certificate(card),
        ..Contact::default()
    };
    spelled::read(card, &mut contact);
    options.leave_out(&mut contact);
    contact
}

/// Changes what differs from `wanted`, in the order in which the properties of a new card stand.
fn write_contact(card: &mut Card, wanted: &Contact, options: &ContactOptions) {
    let mut held = read_contact(card.view(), options, &mut Vec::new());
    let mut wanted = wanted.clone();
    options.leave_out(&mut wanted);
    details::write_uid(card, held.uid.as_deref(), wanted.uid.as_deref());
    let shown = |contact: &Contact| match options.filed_as {
        FiledAs::Outlook => contact.formatted_name.clone(),
        FiledAs::FormattedName => contact.file_as.clone().unwrap_or_default(),
    };
    name::write_formatted(card, &shown(&held), &shown(&wanted), wanted.title_of_entry());
    name::write_parts(card, &held.name, &wanted.name);
    details::write_nicknames(card, &held.nicknames, &wanted.nicknames);
    let organization = |contact: &Contact| (contact.company.clone(), contact.department.clone());
    name::write_organization(card, &organization(&held), &organization(&wanted));
    card.write_text("TITLE", &held.job_title, &wanted.job_title);
    card.write_text("ROLE", &held.profession, &wanted.profession);
    entries::write(card, reach::read_emails, &wanted.emails);
    entries::write(card, reach::read_phones, &wanted.phones);
    if held.addresses != wanted.addresses || held.mailing_address != wanted.mailing_address {
        entries::write(card, address::read_addresses, &wanted.addresses);
        address::write_mailing(card, wanted.mailing_address);
    }
    im::write_ims(card, &wanted.ims, options);
    entries::write(card, reach::read_pages, &wanted.urls);
    dates::write_birthday(card, held.birthday, wanted.birthday);
    dates::write_anniversary(card, held.anniversary, wanted.anniversary);
    write_remarks(card, (&held.note, &held.categories, held.sensitivity), wanted_remarks(&wanted));
    photo::write_photo(card, held.photo.as_ref(), wanted.photo.as_ref());
    photo::write_certificate(card, held.certificate.as_ref(), wanted.certificate.as_ref());
    spelled::write(card, &mut held, &wanted);
}

/// Note, categories and class, which contacts and groups have in common.
type Remarks<'a> = (&'a str, &'a [String], dovetail_model::item::Sensitivity);

fn wanted_remarks(contact: &Contact) -> Remarks<'_> {
    (&contact.note, &contact.categories, contact.sensitivity)
}

fn remarks_of_group(group: &Group) -> Remarks<'_> {
    (&group.note, &group.categories, group.sensitivity)
}

fn write_remarks(card: &mut Card, held: Remarks<'_>, wanted: Remarks<'_>) {
    details::write_categories(card, held.1, wanted.1);
    details::write_class(card, held.2, wanted.2);
    card.write_text("NOTE", held.0, wanted.0);
}

/// When the card was changed (RFC 6350 section 6.7.4), in the spelling that it has.
fn write_revision(card: &mut Card, now: Timestamp) {
    let time = TimeZone::UTC.to_datetime(now);
    let old = encoding::first_text(card.view(), "REV");
    let is_basic = if old.is_empty() { card.syntax == Syntax::V4 } else { !old.contains('-') };
    let format = if is_basic { "%Y%m%dT%H%M%SZ" } else { "%Y-%m-%dT%H:%M:%SZ" };
    let value = time.strftime(format).to_string();
    match card.first("REV") {
        Some(line) => {
            card.document.remove_param(line, "VALUE");
            card.put(line, &value);
        }
        None => drop(card.add("REV", &[], &value)),
    }
}

/// Warns of properties that have to be there and are not (RFC 6352 section 5.1 for UID), and of charsets that cannot be
/// read.
/// What is odd about the value of a line and no reason not to read the others.
fn doubt(line: Line<'_>) -> Option<&'static str> {
    const EMPTY: [&str; 4] = ["PHOTO", "KEY", "TEL", "ADR"];
    let value = if EMPTY.iter().any(|name| line.is(name)) { line.raw_value() } else { return None };
    if value.iter().all(|byte| byte.is_ascii_whitespace() || *byte == b';') {
        return Some("empty_value");
    }
    // A directory of SOGo's breaks the lines of a photo by the letters of an escape.
    let start = value.get(..LINE_OF_BASE64.min(value.len())).unwrap_or_default();
    let is_broken = line.is("PHOTO") && line.param("ENCODING").is_some() && start.contains(&b'\\');
    is_broken.then_some("escaped_line_ends")
}

/// Lines of base64 are no longer (RFC 2045 section 6.8), with what ends them.
const LINE_OF_BASE64: usize = 80;

fn warn_of_lines(card: Component<'_>, warnings: &mut Vec<Warning>) {
    let begin = card.begin().and_then(|line| line.number());
    let mandatory: &[&str] = match Syntax::of(card) {
        Syntax::V21 => &["VERSION", "N"],
        Syntax::V3 => &["VERSION", "N", "FN", "UID"],
        Syntax::V4 => &["VERSION", "FN", "UID"],
    };
    for name in mandatory.iter().filter(|name| card.line(name).is_none()) {
        warnings.push(Warning::at("missing_property", name, begin));
    }
    for line in card.lines() {
        if let Some(charset) = encoding::unknown_charset(line) {
            warnings.push(Warning::at("unknown_charset", line.name(), line.number()).with(charset));
        }
        if let Some(code) = doubt(line) {
            warnings.push(Warning::at(code, line.name(), line.number()));
        }
    }
}
