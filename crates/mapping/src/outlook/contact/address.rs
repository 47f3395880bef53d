//! The three postal addresses, and which of them letters go to.

use dovetail_model::contact::{Address, Place};

use super::super::{body, text};
use super::{ContactItem, Scratch};

pub(super) const PLACES: [Place; 3] = [Place::Home, Place::Work, Place::Other];

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

pub(super) fn read_addresses(item: &mut Scratch) -> Vec<Address> {
    PLACES.into_iter().filter_map(|place| read_address(item, place)).collect()
}

fn read_address(item: &mut ContactItem, place: Place) -> Option<Address> {
    let slot = address_slot(item, place);
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

/// Sets the addresses that differ from what is held.
pub(super) fn write_addresses(addresses: &[Address], now: &[Address], item: &mut ContactItem) {
    for place in PLACES {
        let of_place = |addresses: &[Address]| addresses.iter().find(|it| it.place == place).cloned();
        let wanted = of_place(addresses);
        if of_place(now) != wanted {
            set_address(item, place, &wanted.unwrap_or_default());
        }
    }
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

/// OlMailingAddress: 0 none, 1 home, 2 business, 3 other. That of an address which is empty is none.
pub(super) fn mailing(number: u8, addresses: &[Address]) -> Option<Place> {
    let place = *PLACES.get(usize::from(number.checked_sub(1)?))?;
    addresses.iter().any(|address| address.place == place).then_some(place)
}

pub(super) fn mailing_number(place: Option<Place>) -> u8 {
    match place {
        None => 0,
        Some(Place::Home) => 1,
        Some(Place::Work) => 2,
        Some(Place::Other) => 3,
    }
}
