//! Distribution lists against groups.

use dovetail_model::group::{Group, Member};
use serde_json::Map;

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
        nickname: item.user_properties.get(NICKNAME).cloned().unwrap_or_default(),
        members: item.members.iter().map(member).collect(),
        note: text(&item.body),
        categories: categories(&item.categories),
        sensitivity: sensitivity(item.sensitivity),
    }
}

fn member(recipient: &DistListMember) -> Member {
    Member { name: recipient.name.clone(), address: recipient.address.clone(), uid: None, entry: None }
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
            false => drop(item.user_properties.insert(NICKNAME.to_owned(), group.nickname.clone())),
        }
    }
    let members = std::mem::take(&mut item.members);
    item.members = recipients(&group.members, members);
    item
}

/// The members as Outlook holds them. Who was there keeps all that Outlook knows of them; a member without an address
/// (another list) cannot be told to Outlook, but stays where it is.
fn recipients(wanted: &[Member], mut held: Vec<DistListMember>) -> Vec<DistListMember> {
    let mut recipients = Vec::with_capacity(wanted.len());
    for Member { name, address, .. } in wanted {
        let is_it = |held: &DistListMember| match address.is_empty() {
            true => held.address.is_empty() && held.name == *name,
            false => held.address.to_lowercase() == address.to_lowercase(),
        };
        let other = match held.iter().position(is_it) {
            Some(at) => held.remove(at).other,
            None if address.is_empty() => continue,
            None => Map::new(),
        };
        recipients.push(DistListMember { name: name.clone(), address: address.clone(), other });
    }
    recipients
}
