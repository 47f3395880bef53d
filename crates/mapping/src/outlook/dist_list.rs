//! Distribution lists against groups.

use dovetail_model::group::{Group, Member};

use super::{
    DistListItem, DistListMember, body, categories, held_categories, joined, put, sensitivity,
    sensitivity_number, text,
};

/// The property of the user's own that holds another name of a list: Outlook has none for it.
const NICKNAME: &str = "NICKNAME";

/// Reads a distribution list.
pub(super) fn read(item: &DistListItem) -> Group {
    Group {
        uid: None,
        name: item.dl_name.clone(),
        nickname: nickname(item).to_owned(),
        members: item.members.iter().map(member).collect(),
        note: text(&item.body),
        categories: categories(&item.categories),
        sensitivity: sensitivity(item.sensitivity),
    }
}

/// Another name of it; what is no text is none.
fn nickname(item: &DistListItem) -> &str {
    item.user_properties.get(NICKNAME).and_then(|name| name.as_str()).unwrap_or_default()
}

/// Another list is named by its EntryID; of a person the address counts.
fn member(recipient: &DistListMember) -> Member {
    let DistListMember { name, address, entry_id, .. } = recipient;
    let entry = (address.is_empty() && is_entry_id(entry_id)).then(|| entry_id.clone());
    Member { name: name.clone(), address: address.clone(), uid: None, entry }
}

/// Whether a text is an EntryID as Outlook writes them: hexadecimal, in upper case. What other sides call their entries
/// means nothing to Outlook, and the other way.
pub(crate) fn is_entry_id(text: &str) -> bool {
    const SHORTEST: usize = 32;
    let is_digit = |letter: u8| matches!(letter, b'0'..=b'9' | b'A'..=b'F');
    text.len() >= SHORTEST && text.len().is_multiple_of(2) && text.bytes().all(is_digit)
}

/// Writes a group over a distribution list.
pub(super) fn write(group: &Group, before: DistListItem) -> DistListItem {
    let now = read(&before);
    let categories = held_categories(&group.categories);
    let mut item = before;
    put(&now.name, &group.name, &mut item.dl_name, Clone::clone);
    put(&now.note, &group.note, &mut item.body, |note| body(note));
    put(&now.categories, &categories, &mut item.categories, |names| joined(names));
    put(&now.sensitivity, &group.sensitivity, &mut item.sensitivity, |value| sensitivity_number(*value));
    if now.nickname != group.nickname {
        match group.nickname.is_empty() {
            true => drop(item.user_properties.remove(NICKNAME)),
            false => drop(item.user_properties.insert(NICKNAME.to_owned(), group.nickname.as_str().into())),
        }
    }
    let members = std::mem::take(&mut item.members);
    item.members = recipients(&group.members, members);
    item
}

/// The members as Outlook holds them. Who was there keeps all that Outlook knows of them. A member without an address is
/// another list; without an EntryID it cannot be told to Outlook, but stays where it is.
fn recipients(wanted: &[Member], mut held: Vec<DistListMember>) -> Vec<DistListMember> {
    let mut recipients = Vec::with_capacity(wanted.len());
    for Member { name, address, entry, .. } in wanted {
        let list = entry.as_ref().filter(|entry| address.is_empty() && is_entry_id(entry));
        let is_it = |held: &DistListMember| match (address.is_empty(), list) {
            (false, _) => held.address.to_lowercase() == address.to_lowercase(),
            (true, Some(id)) => held.address.is_empty() && held.entry_id == *id,
            (true, None) => held.address.is_empty() && held.name == *name,
        };
        let before = match held.iter().position(is_it) {
            Some(at) => held.remove(at),
            None if address.is_empty() && list.is_none() => continue,
            None => {
                DistListMember { entry_id: list.cloned().unwrap_or_default(), ..DistListMember::default() }
            }
        };
        recipients.push(DistListMember { name: name.clone(), address: address.clone(), ..before });
    }
    recipients
}
