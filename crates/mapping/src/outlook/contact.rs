//! Contacts. Outlook has slots where the model has lists: three addresses for mail, a number for each purpose, three
//! postal addresses, three pages. An entry stays in its slot; what finds no slot stays on the other side.

use dovetail_model::contact::{Address, Contact, Email, Line, Name, PartialDate, Phone, Place, WebPage};
use jiff::civil::Date;

use super::{
    ContactItem, NO_DATE, body, categories, held_categories, joined, put, recurrence, sensitivity,
    sensitivity_number, text,
};

/// Reads a contact.
pub(super) fn read(item: &ContactItem) -> Contact {
    Contact {
        uid: None,
        name: Name {
            family: item.last_name.clone(),
            given: item.first_name.clone(),
            additional: item.middle_name.clone(),
            prefix: item.title.clone(),
            suffix: item.suffix.clone(),
        },
        formatted_name: item.full_name.clone(),
        file_as: Some(item.file_as.clone()).filter(|name| !name.is_empty()),
        nicknames: categories(&item.nick_name),
        company: item.company_name.clone(),
        department: item.department.clone(),
        job_title: item.job_title.clone(),
        profession: item.profession.clone(),
        emails: filled(email_slots(&mut item.clone()))
            .map(|(place, address)| Email { address, place })
            .collect(),
        phones: filled(phone_slots(&mut item.clone()))
            .map(|((line, place), number)| Phone { number, line, place })
            .collect(),
        addresses: PLACES.iter().filter_map(|place| address(item, *place)).collect(),
        birthday: recurrence::date(item.birthday).map(PartialDate::Full),
        anniversary: recurrence::date(item.anniversary).map(PartialDate::Full),
        note: text(&item.body),
        categories: categories(&item.categories),
        sensitivity: sensitivity(item.sensitivity),
        urls: filled(page_slots(&mut item.clone())).map(|(place, url)| WebPage { url, place }).collect(),
        photo: None,
    }
}

fn filled<K: Copy>(slots: Vec<(K, &mut String)>) -> impl Iterator<Item = (K, String)> {
    slots.into_iter().filter(|(_, value)| !value.is_empty()).map(|(kind, value)| (kind, value.clone()))
}

/// Writes a contact over Outlook's: the properties of differing fields change.
pub(super) fn write(contact: &Contact, before: ContactItem) -> ContactItem {
    let now = read(&before);
    let mut item = before;
    let Name { family, given, additional, prefix, suffix } = &contact.name;
    put(&now.name.family, family, &mut item.last_name, Clone::clone);
    put(&now.name.given, given, &mut item.first_name, Clone::clone);
    put(&now.name.additional, additional, &mut item.middle_name, Clone::clone);
    put(&now.name.prefix, prefix, &mut item.title, Clone::clone);
    put(&now.name.suffix, suffix, &mut item.suffix, Clone::clone);
    put(&now.formatted_name, &contact.formatted_name, &mut item.full_name, Clone::clone);
    match &contact.file_as {
        Some(name) => put(&now.file_as, &Some(name.clone()), &mut item.file_as, |_| name.clone()),
        None if item.file_as.is_empty() => item.file_as = filed(contact),
        None => {}
    }
    let nicknames = held_categories(&contact.nicknames);
    put(&now.nicknames, &nicknames, &mut item.nick_name, |names| joined(names));
    put(&now.company, &contact.company, &mut item.company_name, Clone::clone);
    put(&now.department, &contact.department, &mut item.department, Clone::clone);
    put(&now.job_title, &contact.job_title, &mut item.job_title, Clone::clone);
    put(&now.profession, &contact.profession, &mut item.profession, Clone::clone);
    put(&now.note, &contact.note, &mut item.body, |note| body(note));
    let categories = held_categories(&contact.categories);
    put(&now.categories, &categories, &mut item.categories, |names| joined(names));
    put(&now.sensitivity, &contact.sensitivity, &mut item.sensitivity, |value| sensitivity_number(*value));
    put(&now.birthday, &whole(contact.birthday), &mut item.birthday, |date| day(*date));
    put(&now.anniversary, &whole(contact.anniversary), &mut item.anniversary, |date| day(*date));
    if now.emails != contact.emails {
        write_emails(&contact.emails, &mut item);
    }
    if now.phones != contact.phones {
        let wanted: Vec<_> =
            contact.phones.iter().map(|phone| ((phone.line, phone.place), phone.number.as_str())).collect();
        assign(&wanted, phone_slots(&mut item), phone_fits);
    }
    if now.urls != contact.urls {
        let wanted: Vec<_> = contact.urls.iter().map(|page| (page.place, page.url.as_str())).collect();
        assign(&wanted, page_slots(&mut item), |slot, place| slot == place);
    }
    for place in PLACES {
        let wanted = contact.addresses.iter().find(|address| address.place == place);
        if now.addresses.iter().find(|address| address.place == place) != wanted {
            set_address(&mut item, place, wanted.unwrap_or(&Address::default()));
        }
    }
    item
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

fn day(date: Option<PartialDate>) -> Date {
    match date {
        Some(PartialDate::Full(date)) => date,
        _ => NO_DATE,
    }
}

fn email_slots(item: &mut ContactItem) -> Vec<(Place, &mut String)> {
    let ContactItem { email1_address, email2_address, email3_address, .. } = item;
    vec![(Place::Home, email1_address), (Place::Work, email2_address), (Place::Other, email3_address)]
}

/// The first address is the one that Outlook writes to: it is never left empty for the sake of a type.
fn write_emails(emails: &[Email], item: &mut ContactItem) {
    let wanted: Vec<_> = emails.iter().map(|email| (email.place, email.address.as_str())).collect();
    assign(&wanted, email_slots(item), |slot, place| slot == place);
    let mut left: Vec<&str> = wanted.iter().map(|(_, address)| *address).collect();
    let mut slots = email_slots(item);
    left.retain(|address| slots.iter().all(|(_, slot)| slot != address));
    let mut left = left.into_iter();
    for (_, slot) in &mut slots {
        if slot.is_empty() {
            **slot = left.next().unwrap_or_default().to_owned();
        }
    }
    if item.email1_address.is_empty() {
        let ContactItem { email1_address, email2_address, email3_address, .. } = item;
        let next = if email2_address.is_empty() { email3_address } else { email2_address };
        std::mem::swap(email1_address, next);
    }
}

/// Two slots of one kind take two numbers of it.
fn phone_slots(item: &mut ContactItem) -> Vec<((Line, Place), &mut String)> {
    use Line::{Car, Fax, Isdn, Main, Mobile, Pager, Voice};
    use Place::{Home, Other, Work};
    vec![
        ((Main, Other), &mut item.primary_telephone_number),
        ((Main, Work), &mut item.company_main_telephone_number),
        ((Mobile, Other), &mut item.mobile_telephone_number),
        ((Voice, Home), &mut item.home_telephone_number),
        ((Voice, Home), &mut item.home2_telephone_number),
        ((Fax, Home), &mut item.home_fax_number),
        ((Voice, Work), &mut item.business_telephone_number),
        ((Voice, Work), &mut item.business2_telephone_number),
        ((Fax, Work), &mut item.business_fax_number),
        ((Pager, Other), &mut item.pager_number),
        ((Car, Other), &mut item.car_telephone_number),
        ((Isdn, Other), &mut item.isdn_number),
        ((Voice, Other), &mut item.other_telephone_number),
        ((Fax, Other), &mut item.other_fax_number),
    ]
}

/// Lines of which Outlook has one slot take a number whatever its place.
fn phone_fits(slot: (Line, Place), wanted: (Line, Place)) -> bool {
    match wanted.0 {
        Line::Mobile | Line::Pager | Line::Car | Line::Isdn => slot.0 == wanted.0,
        _ => slot == wanted,
    }
}

fn page_slots(item: &mut ContactItem) -> Vec<(Place, &mut String)> {
    let ContactItem { web_page, personal_home_page, business_home_page, .. } = item;
    vec![(Place::Other, web_page), (Place::Home, personal_home_page), (Place::Work, business_home_page)]
}

/// Puts values into slots: one that is in a fitting slot stays there, the others take the first free one that fits.
fn assign<K: Copy>(wanted: &[(K, &str)], mut slots: Vec<(K, &mut String)>, fits: fn(K, K) -> bool) {
    let mut left: Vec<(K, &str)> = wanted.to_vec();
    for (kind, value) in &mut slots {
        match left.iter().position(|(own, wanted)| value == wanted && fits(*kind, *own)) {
            Some(at) => drop(left.remove(at)),
            None => value.clear(),
        }
    }
    for (own, wanted) in left {
        if let Some((_, value)) = slots.iter_mut().find(|(kind, value)| value.is_empty() && fits(*kind, own))
        {
            **value = wanted.to_owned();
        }
    }
}

const PLACES: [Place; 3] = [Place::Home, Place::Work, Place::Other];

/// The parts of a postal address, as Outlook names them.
struct AddressSlot<'i> {
    street: &'i mut String,
    city: &'i mut String,
    state: &'i mut String,
    postal_code: &'i mut String,
    country: &'i mut String,
    post_office_box: &'i mut String,
    /// Of the business address.
    office: Option<&'i mut String>,
}

fn address_slot(item: &mut ContactItem, place: Place) -> AddressSlot<'_> {
    match place {
        Place::Home => AddressSlot {
            street: &mut item.home_address_street,
            city: &mut item.home_address_city,
            state: &mut item.home_address_state,
            postal_code: &mut item.home_address_postal_code,
            country: &mut item.home_address_country,
            post_office_box: &mut item.home_address_post_office_box,
            office: None,
        },
        Place::Work => AddressSlot {
            street: &mut item.business_address_street,
            city: &mut item.business_address_city,
            state: &mut item.business_address_state,
            postal_code: &mut item.business_address_postal_code,
            country: &mut item.business_address_country,
            post_office_box: &mut item.business_address_post_office_box,
            office: Some(&mut item.office_location),
        },
        Place::Other => AddressSlot {
            street: &mut item.other_address_street,
            city: &mut item.other_address_city,
            state: &mut item.other_address_state,
            postal_code: &mut item.other_address_postal_code,
            country: &mut item.other_address_country,
            post_office_box: &mut item.other_address_post_office_box,
            office: None,
        },
    }
}

fn address(item: &ContactItem, place: Place) -> Option<Address> {
    let mut item = item.clone();
    let slot = address_slot(&mut item, place);
    let address = Address {
        place,
        po_box: slot.post_office_box.clone(),
        extended: slot.office.map(|office| office.clone()).unwrap_or_default(),
        street: text(slot.street),
        locality: slot.city.clone(),
        region: slot.state.clone(),
        postal_code: slot.postal_code.clone(),
        country: slot.country.clone(),
    };
    (address != Address { place, ..Address::default() }).then_some(address)
}

fn set_address(item: &mut ContactItem, place: Place, address: &Address) {
    let slot = address_slot(item, place);
    *slot.street = body(&address.street);
    slot.city.clone_from(&address.locality);
    slot.state.clone_from(&address.region);
    slot.postal_code.clone_from(&address.postal_code);
    slot.country.clone_from(&address.country);
    slot.post_office_box.clone_from(&address.po_box);
    if let Some(office) = slot.office {
        office.clone_from(&address.extended);
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
