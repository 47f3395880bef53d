//! Contacts. Outlook has slots where the model has lists: three addresses for mail, a number for each purpose, three
//! postal addresses, three pages. An entry stays in its slot; what finds no slot stays on the other side.

use dovetail_model::contact::{Contact, Custom, Gender, Name, PartialDate, Phonetic};
use dovetail_model::item::Attachment;

use super::{
    Binary, ContactItem, Day, NO_DATE, body, categories, held_categories, joined, put, recurrence,
    sensitivity, sensitivity_number, text,
};
use crate::bytes;
use crate::options::{ContactOptions, FiledAs, Mapped, OutlookPhoto};

mod address;
mod certificate;
mod reach;

/// A copy to read slots from, which are told by where they are written.
type Scratch = ContactItem;

/// Reads a contact.
pub(super) fn read(item: &ContactItem, options: &ContactOptions) -> Contact {
    let mut scratch: Scratch = item.clone();
    let addresses = address::read_addresses(&mut scratch);
    let (formatted_name, file_as) = match options.filed_as {
        FiledAs::Outlook => (item.full_name.clone(), Some(item.file_as.clone())),
        FiledAs::FormattedName => (String::new(), Some(item.file_as.clone())),
    };
    let mut contact = Contact {
        uid: None,
        name: Name {
            family: item.last_name.clone(),
            given: item.first_name.clone(),
            additional: item.middle_name.clone(),
            prefix: item.title.clone(),
            suffix: item.suffix.clone(),
        },
        formatted_name,
        file_as: file_as.filter(|name| !name.is_empty()),
        initials: item.initials.clone(),
        phonetic: Phonetic {
            family: item.yomi_last_name.clone(),
            given: item.yomi_first_name.clone(),
            company: item.yomi_company_name.clone(),
        },
        nicknames: categories(&item.nick_name),
        company: item.company_name.clone(),
        department: item.department.clone(),
        job_title: item.job_title.clone(),
        profession: item.profession.clone(),
        assistant: item.assistant_name.clone(),
        manager: item.manager_name.clone(),
        spouse: item.spouse.clone(),
        children: categories(&item.children),
        emails: reach::read_emails(&mut scratch, options),
        phones: reach::read_phones(&mut scratch),
        mailing_address: address::mailing(item.selected_mailing_address, &addresses),
        addresses,
        ims: reach::read_ims(&item.im_address, options),
        birthday: recurrence::date(item.birthday.0).map(PartialDate::Full),
        anniversary: recurrence::date(item.anniversary.0).map(PartialDate::Full),
        gender: gender(item.gender),
        note: text(&item.body),
        categories: categories(&item.categories),
        sensitivity: sensitivity(item.sensitivity),
        urls: reach::read_pages(&mut scratch),
        free_busy_url: item.internet_free_busy_address.clone(),
        photo: match options.photo {
            Mapped::Yes => photo(&item.contact_picture),
            Mapped::No => None,
        },
        certificate: item
            .user_x509_certificate
            .first()
            .and_then(|value| certificate::unwrapped(&value.0))
            .map(bytes::attachment),
        custom: read_custom(&mut scratch),
    };
    options.leave_out(&mut contact);
    contact
}

/// Writes a contact over Outlook's: the properties of differing fields change.
pub(super) fn write(contact: &Contact, before: ContactItem, options: &ContactOptions) -> ContactItem {
    let now = read(&before, options);
    let mut wanted = contact.clone();
    options.leave_out(&mut wanted);
    let (contact, mut item) = (&wanted, before);
    write_names(contact, &now, &mut item, options);
    let texts = [
        (&now.company, &contact.company, &mut item.company_name),
        (&now.department, &contact.department, &mut item.department),
        (&now.job_title, &contact.job_title, &mut item.job_title),
        (&now.profession, &contact.profession, &mut item.profession),
        (&now.assistant, &contact.assistant, &mut item.assistant_name),
        (&now.manager, &contact.manager, &mut item.manager_name),
        (&now.spouse, &contact.spouse, &mut item.spouse),
        (&now.free_busy_url, &contact.free_busy_url, &mut item.internet_free_busy_address),
    ];
    for (now, wanted, property) in texts {
        put(now, wanted, property, Clone::clone);
    }
    let lists = [
        (&now.nicknames, &contact.nicknames, &mut item.nick_name),
        (&now.children, &contact.children, &mut item.children),
        (&now.categories, &contact.categories, &mut item.categories),
    ];
    for (now, wanted, property) in lists {
        put(now, &held_categories(wanted), property, |names| joined(names));
    }
    put(&now.note, &contact.note, &mut item.body, |note| body(note));
    put(&now.sensitivity, &contact.sensitivity, &mut item.sensitivity, |value| sensitivity_number(*value));
    put(&now.gender, &contact.gender, &mut item.gender, |gender| *gender as u8);
    put(&now.birthday, &whole(contact.birthday), &mut item.birthday, |date| day(*date));
    put(&now.anniversary, &whole(contact.anniversary), &mut item.anniversary, |date| day(*date));
    put(&now.ims, &contact.ims, &mut item.im_address, |ims| reach::join_ims(ims, options));
    if now.emails != contact.emails {
        reach::write_emails(&contact.emails, &mut item, options);
    }
    if now.phones != contact.phones {
        reach::write_phones(&contact.phones, &mut item, options);
    }
    if now.urls != contact.urls {
        reach::write_pages(&contact.urls, &mut item);
    }
    address::write_addresses(&contact.addresses, &now.addresses, &mut item);
    put(&now.mailing_address, &contact.mailing_address, &mut item.selected_mailing_address, |place| {
        address::mailing_number(*place)
    });
    write_bytes(contact, &now, &mut item, options);
    write_custom(&contact.custom, &mut item);
    item
}

fn write_names(contact: &Contact, now: &Contact, item: &mut ContactItem, options: &ContactOptions) {
    let Name { family, given, additional, prefix, suffix } = &contact.name;
    let texts = [
        (&now.name.family, family, &mut item.last_name),
        (&now.name.given, given, &mut item.first_name),
        (&now.name.additional, additional, &mut item.middle_name),
        (&now.name.prefix, prefix, &mut item.title),
        (&now.name.suffix, suffix, &mut item.suffix),
        (&now.formatted_name, &contact.formatted_name, &mut item.full_name),
        (&now.initials, &contact.initials, &mut item.initials),
        (&now.phonetic.family, &contact.phonetic.family, &mut item.yomi_last_name),
        (&now.phonetic.given, &contact.phonetic.given, &mut item.yomi_first_name),
        (&now.phonetic.company, &contact.phonetic.company, &mut item.yomi_company_name),
    ];
    for (now, wanted, property) in texts {
        put(now, wanted, property, Clone::clone);
    }
    if options.filed_as == FiledAs::FormattedName && now.name != contact.name {
        item.compose_full_name();
    }
    match &contact.file_as {
        Some(name) => put(&now.file_as, &Some(name.clone()), &mut item.file_as, |_| name.clone()),
        None if item.file_as.is_empty() => item.file_as = filed(contact),
        None => {}
    }
}

/// How Outlook files an entry by itself: "Family, Given", else the company.
fn filed(contact: &Contact) -> String {
    let Name { family, given, .. } = &contact.name;
    match (family.as_str(), given.as_str()) {
        ("", "") if !contact.company.is_empty() => contact.company.clone(),
        ("", "") => contact.title_of_entry().to_owned(),
        ("", one) | (one, "") => one.to_owned(),
        (family, given) => format!("{family}, {given}"),
    }
}

/// Outlook holds whole dates only.
fn whole(date: Option<PartialDate>) -> Option<PartialDate> {
    date.filter(|date| matches!(date, PartialDate::Full(_)))
}

fn day(date: Option<PartialDate>) -> Day {
    match date {
        Some(PartialDate::Full(date)) => Day(date),
        _ => Day(NO_DATE),
    }
}

/// OlGender.
fn gender(number: u8) -> Gender {
    match number {
        1 => Gender::Female,
        2 => Gender::Male,
        _ => Gender::Unspecified,
    }
}

fn photo(picture: &Binary) -> Option<Attachment> {
    (!picture.0.is_empty()).then(|| bytes::attachment(picture.0.clone()))
}

/// Photo and certificate. What is not at hand, or only a link, leaves alone what there is.
fn write_bytes(contact: &Contact, now: &Contact, item: &mut ContactItem, options: &ContactOptions) {
    let source = |photo: &Option<Attachment>| photo.as_ref().map(|photo| photo.source.clone());
    let stays = options.outlook_photo == OutlookPhoto::Kept && now.photo.is_some();
    if source(&now.photo) != source(&contact.photo) && !stays {
        match &contact.photo {
            None => item.contact_picture = Binary::default(),
            Some(photo) => {
                item.contact_picture = bytes::content(photo)
                    .map_or_else(|| item.contact_picture.clone(), |content| Binary(content.clone()));
            }
        }
    }
    if source(&now.certificate) == source(&contact.certificate) {
        return;
    }
    let value =
        contact.certificate.as_ref().map(|it| bytes::content(it).and_then(|der| certificate::wrapped(der)));
    // A further certificate comes to light when the first goes: all go.
    match (value, item.user_x509_certificate.first_mut()) {
        (None, _) => item.user_x509_certificate.clear(),
        (Some(None), _) => {}
        (Some(Some(value)), Some(first)) => *first = value,
        (Some(Some(value)), None) => item.user_x509_certificate.push(value),
    }
}

/// Properties without a counterpart of their own, by their names.
fn custom_slots(item: &mut ContactItem) -> [(&'static str, &mut String); 16] {
    [
        ("User1", &mut item.user1),
        ("User2", &mut item.user2),
        ("User3", &mut item.user3),
        ("User4", &mut item.user4),
        ("Account", &mut item.account),
        ("BillingInformation", &mut item.billing_information),
        ("Companies", &mut item.companies),
        ("ComputerNetworkName", &mut item.computer_network_name),
        ("CustomerID", &mut item.customer_id),
        ("FTPSite", &mut item.ftp_site),
        ("GovernmentIDNumber", &mut item.government_id_number),
        ("Hobby", &mut item.hobby),
        ("Language", &mut item.language),
        ("Mileage", &mut item.mileage),
        ("OrganizationalIDNumber", &mut item.organizational_id_number),
        ("ReferredBy", &mut item.referred_by),
    ]
}

fn read_custom(item: &mut Scratch) -> Vec<Custom> {
    let slots = custom_slots(item).into_iter().filter(|(_, value)| !value.is_empty());
    slots.map(|(name, value)| Custom { name: name.to_owned(), value: text(value) }).collect()
}

fn write_custom(wanted: &[Custom], item: &mut ContactItem) {
    for (name, property) in custom_slots(item) {
        let value = wanted.iter().find(|custom| custom.name.eq_ignore_ascii_case(name));
        let value = value.map(|custom| custom.value.as_str()).unwrap_or_default();
        if text(property) != value {
            *property = body(value);
        }
    }
}

impl ContactItem {
    /// Composes the full name as Outlook does when a part of the name was set.
    pub fn compose_full_name(&mut self) {
        let parts = [&self.title, &self.first_name, &self.middle_name, &self.last_name, &self.suffix];
        let filled: Vec<&str> =
            parts.iter().map(|part| part.as_str()).filter(|part| !part.is_empty()).collect();
        self.full_name = filled.join(" ");
    }
}
