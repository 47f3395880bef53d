//! Distribution lists against groups.

use dovetail_model::group::{Group, Member};

use super::{
    DistListItem, DistListMember, body, categories, held_categories, joined, put, sensitivity,
    sensitivity_number, text,
};

/// Reads a distribution list.
pub(super) fn read(item: &DistListItem) -> Group {
    let member = |member: &DistListMember| Member {
        name: member.name.clone(),
        address: member.address.clone(),
        uid: None,
    };
    Group {
        uid: None,
        name: item.dl_name.clone(),
        members: item.members.iter().map(member).collect(),
        note: text(&item.body),
        categories: categories(&item.categories),
        sensitivity: sensitivity(item.sensitivity),
    }
}

/// Writes a group over a distribution list. Members known by their UID alone cannot be told to Outlook.
pub(super) fn write(group: &Group, before: DistListItem) -> DistListItem {
    let now = read(&before);
    let reachable = group.members.iter().filter(|member| !member.address.is_empty());
    let members: Vec<Member> = reachable.map(|member| Member { uid: None, ..member.clone() }).collect();
    let categories = held_categories(&group.categories);
    let mut item = before;
    put(&now.name, &group.name, &mut item.dl_name, Clone::clone);
    put(&now.note, &group.note, &mut item.body, |note| body(note));
    put(&now.categories, &categories, &mut item.categories, |names| joined(names));
    put(&now.sensitivity, &group.sensitivity, &mut item.sensitivity, |value| sensitivity_number(*value));
    put(&now.members, &members, &mut item.members, |members| {
        let recipient =
            |member: &Member| DistListMember { name: member.name.clone(), address: member.address.clone() };
        members.iter().map(recipient).collect()
    });
    item
}
