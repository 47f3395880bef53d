//! How somebody is reached: the three addresses for mail, the nineteen numbers, the three pages, and instant messaging.

use dovetail_model::contact::{Email, Im, Line, Phone, Place, WebPage};

use super::{ContactItem, Scratch};
use crate::im;
use crate::options::{ContactOptions, FirstEmail, Numbers};

/// Where the addresses for mail belong, in their order.
fn places(options: &ContactOptions) -> [Place; 3] {
    match options.first_email {
        FirstEmail::Home => [Place::Home, Place::Work, Place::Other],
        FirstEmail::Work => [Place::Work, Place::Home, Place::Other],
    }
}

/// The addresses for mail, each with its display name.
fn email_slots(item: &mut ContactItem) -> [(&mut String, &mut String); 3] {
    [
        (&mut item.email1_address, &mut item.email1_display_name),
        (&mut item.email2_address, &mut item.email2_display_name),
        (&mut item.email3_address, &mut item.email3_display_name),
    ]
}

pub(super) fn read_emails(item: &mut Scratch, options: &ContactOptions) -> Vec<Email> {
    let full_name = item.full_name.clone();
    let slots = email_slots(item).into_iter().zip(places(options));
    slots
        .filter(|((address, _), _)| !address.is_empty())
        .map(|((address, name), place)| Email {
            address: address.clone(),
            place,
            name: own_name(name, address, &full_name),
        })
        .collect()
}

/// A display name, unless it is what Outlook makes up by itself.
fn own_name(name: &str, address: &str, full_name: &str) -> String {
    let made_up = [address.to_owned(), full_name.to_owned(), format!("{full_name} ({address})")];
    if made_up.iter().any(|made_up| made_up == name) { String::new() } else { name.to_owned() }
}

/// An address stays in its slot as long as that is not the slot of another place. Of the others, the first of a place gets
/// its slot; but the first slot, the address that Outlook writes to, is never left empty for that.
pub(super) fn write_emails(emails: &[Email], item: &mut ContactItem, options: &ContactOptions) {
    let full_name = item.full_name.clone();
    let kinds = places(options);
    let mut left: Vec<&Email> = emails.iter().collect();
    let mut taken: [Option<&Email>; 3] = [None; 3];
    let mut names: Vec<(String, String)> = Vec::new();
    for (((address, name), kind), taken) in email_slots(item).into_iter().zip(kinds).zip(&mut taken) {
        names.push((address.to_lowercase(), name.clone()));
        let stays = |email: &&Email| {
            email.address.to_lowercase() == address.to_lowercase()
                && (kind == Place::Other || [kind, Place::Other].contains(&email.place))
        };
        *taken = left.iter().position(stays).filter(|_| !address.is_empty()).map(|at| left.remove(at));
    }
    for (kind, taken) in kinds.into_iter().zip(&mut taken).filter(|(_, taken)| taken.is_none()) {
        let of_place = left.iter().position(|email| email.place == kind && kind != Place::Other);
        // Whoever has a slot of its own waits for it, unless nobody else wants the first.
        let at = of_place.or_else(|| (!left.is_empty()).then_some(0));
        *taken = at.map(|at| left.remove(at));
    }
    if let [None, second @ Some(_), _] | [None, None, second @ Some(_)] = taken {
        taken = taken.map(|slot| slot.filter(|email| Some(*email) != second));
        taken[0] = second;
    }
    for ((address, name), taken) in email_slots(item).into_iter().zip(taken) {
        let email = taken.cloned().unwrap_or_default();
        let before = names.iter().find(|(known, _)| *known == email.address.to_lowercase());
        let before = before.map(|(_, name)| name.clone()).unwrap_or_default();
        let is_kept = own_name(&before, address, &full_name) == email.name && *address == email.address;
        *name = if is_kept { before } else { email.name };
        *address = email.address;
    }
}

/// The numbers. Two slots of one kind take two numbers of it.
fn phone_slots(item: &mut ContactItem) -> [((Line, Place), &mut String); 19] {
    use Line::{Assistant, Callback, Car, Fax, Isdn, Main, Mobile, Pager, Radio, Telex, TextPhone, Voice};
    use Place::{Home, Other, Work};
    [
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
        ((Assistant, Other), &mut item.assistant_telephone_number),
        ((Callback, Other), &mut item.callback_telephone_number),
        ((Radio, Other), &mut item.radio_telephone_number),
        ((Telex, Other), &mut item.telex_number),
        ((TextPhone, Other), &mut item.ttytdd_telephone_number),
    ]
}

pub(super) fn read_phones(item: &mut Scratch) -> Vec<Phone> {
    let slots = phone_slots(item).into_iter().filter(|(_, number)| !number.is_empty());
    slots.map(|((line, place), number)| Phone { number: number.clone(), line, place }).collect()
}

pub(super) fn write_phones(phones: &[Phone], item: &mut ContactItem, options: &ContactOptions) {
    let mut unsaid =
        [(Line::Mobile, Place::Other), (Line::Voice, Place::Work), (Line::Voice, Place::Home)].iter();
    let says_nothing = phones.iter().all(|phone| phone.line == Line::Unsaid);
    let wanted: Vec<((Line, Place), String)> = phones
        .iter()
        .map(|phone| {
            let kind = match phone.line {
                // Numbers of a card that says nothing of any are most likely these.
                Line::Unsaid if says_nothing => *unsaid.next().unwrap_or(&(Line::Special, Place::Other)),
                Line::Unsaid => (Line::Voice, phone.place),
                line => (line, phone.place),
            };
            (kind, number(&phone.number, options))
        })
        .collect();
    assign(&wanted, phone_slots(item).into(), phone_fits, |held| number(held, options));
}

/// Lines of which Outlook has one slot take a number whatever its place.
fn phone_fits(slot: (Line, Place), wanted: (Line, Place)) -> bool {
    match wanted.0 {
        Line::Voice | Line::Fax => slot == wanted,
        Line::Main => slot.0 == Line::Main && (slot.1 == Place::Work) == (wanted.1 == Place::Work),
        line => slot.0 == line,
    }
}

/// A number as Outlook is given it.
fn number(number: &str, options: &ContactOptions) -> String {
    match options.numbers {
        Numbers::Verbatim => number.to_owned(),
        Numbers::Bracketed => bracketed(number).unwrap_or_else(|| number.to_owned()),
    }
}

/// The area code of `+1 23 45678` in brackets, a fourth group as an extension; nothing where there is no such number.
fn bracketed(number: &str) -> Option<String> {
    let is_digits = |group: &&str| !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_digit());
    let mut groups = number.get(number.find('+')? + 1..)?.split(' ');
    let country = groups.next().filter(is_digits)?;
    let area = groups.next().filter(is_digits)?;
    let own = groups.next().filter(is_digits)?;
    let extension = groups.next().filter(is_digits).map(|group| format!(" - {group}")).unwrap_or_default();
    Some(format!("+{country} ({area}) {own}{extension}"))
}

fn page_slots(item: &mut ContactItem) -> [(Place, &mut String); 3] {
    let ContactItem { web_page, personal_home_page, business_home_page, .. } = item;
    [(Place::Other, web_page), (Place::Home, personal_home_page), (Place::Work, business_home_page)]
}

pub(super) fn read_pages(item: &mut Scratch) -> Vec<WebPage> {
    let slots = page_slots(item).into_iter().filter(|(_, url)| !url.is_empty());
    slots.map(|(place, url)| WebPage { url: url.clone(), place }).collect()
}

pub(super) fn write_pages(pages: &[WebPage], item: &mut ContactItem) {
    let wanted: Vec<_> = pages.iter().map(|page| (page.place, page.url.clone())).collect();
    assign(&wanted, page_slots(item).into(), |slot, place| slot == place, str::to_owned);
}

/// Puts values into slots: one that is in a fitting slot stays there, the others take the first free one that fits. `same`
/// is what a held value is compared as.
fn assign<K: Copy>(
    wanted: &[(K, String)],
    mut slots: Vec<(K, &mut String)>,
    fits: fn(K, K) -> bool,
    same: impl Fn(&str) -> String,
) {
    let mut left: Vec<&(K, String)> = wanted.iter().collect();
    for (kind, value) in slots.iter_mut().filter(|(_, value)| !value.is_empty()) {
        match left.iter().position(|(own, wanted)| same(value) == *wanted && fits(*kind, *own)) {
            Some(at) => drop(left.remove(at)),
            None => value.clear(),
        }
    }
    for (own, wanted) in left {
        let is_free = |(kind, value): &&mut (K, &mut String)| value.is_empty() && fits(*kind, *own);
        if let Some((_, value)) = slots.iter_mut().find(is_free) {
            (**value).clone_from(wanted);
        }
    }
}

/// IMAddress is a list: `Skype: one; two`. An address without a service is of the default one.
pub(super) fn read_ims(joined: &str, options: &ContactOptions) -> Vec<Im> {
    let mut found: Vec<Im> = Vec::new();
    for entry in joined.split(';').map(str::trim).filter(|entry| !entry.is_empty()) {
        let (service, handle) = match entry.split_once(':') {
            Some((word, handle)) if !word.trim().is_empty() => (im::name_of(word), handle.trim()),
            Some((_, handle)) => (options.default_im.0.clone(), handle.trim()),
            None => (options.default_im.0.clone(), entry),
        };
        let im = Im { service, handle: handle.to_owned() };
        if !im.handle.is_empty() && !found.contains(&im) {
            found.push(im);
        }
    }
    found
}

/// What has a separator in it cannot be said.
pub(super) fn join_ims(ims: &[Im], options: &ContactOptions) -> String {
    let entries = ims.iter().filter(|im| !im.handle.contains(';') && !im.service.contains([';', ':']));
    let entries: Vec<String> = entries
        .map(|im| match im.service == options.default_im.0 || im.service.is_empty() {
            // A colon would make a service of what stands before it.
            true if !im.handle.contains(':') => im.handle.clone(),
            _ => format!("{}: {}", im.service, im.handle),
        })
        .collect();
    entries.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn area_codes_are_put_into_brackets() {
        for (given, wanted) in [
            ("+1 23 45678", Some("+1 (23) 45678")),
            ("+43 1 5880", Some("+43 (1) 5880")),
            ("+1 23 45678 9", Some("+1 (23) 45678 - 9")),
            ("Tel +49 30 12345 (home)", Some("+49 (30) 12345")),
            ("0664 123", None),
            ("+49  30 12345", None),
            ("+49 (30) 12345", None),
            ("+", None),
        ] {
            assert_eq!(bracketed(given).as_deref(), wanted, "{given}");
        }
    }
}
