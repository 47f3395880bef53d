//! Distribution lists as cards: `KIND:group` with MEMBER (RFC 6350 sections 6.1.4 and 6.6.5), or the properties that
//! Apple put into version 3.0.

use dovetail_model::Group;
use dovetail_model::contact::Name;
use dovetail_model::group::Member;

use super::card::{Card, Syntax};
use super::details::{self, UUID_SCHEME, bare_uid};
use super::entries::{self, Entry};
use super::{encoding, name, remarks_of_group, write_remarks};
use crate::Warning;
use crate::component::{Component, Line, LineId};
use crate::content_line;

const KINDS: [&str; 3] = ["KIND", "X-ADDRESSBOOKSERVER-KIND", "X-KIND"];
const MEMBERS: [&str; 3] = ["MEMBER", "X-ADDRESSBOOKSERVER-MEMBER", "X-MEMBER"];

/// Whether a card is a list.
pub(super) fn is_group(card: Component<'_>) -> bool {
    let mut kinds = KINDS.iter().flat_map(|name| card.lines_named(name));
    kinds.any(|line| line.value().trim().eq_ignore_ascii_case("group"))
}

/// Reads a list.
pub(super) fn read(card: Component<'_>, warnings: &mut Vec<Warning>) -> Group {
    for line in members(card).filter(|line| read_member(*line).is_none()) {
        warnings.push(Warning::at("unknown_member", line.name(), line.number()).with(line.value()));
    }
    Group {
        uid: details::read_uid(card),
        name: encoding::first_text(card, "FN"),
        nickname: encoding::first_text(card, "NICKNAME"),
        members: entries::only(read_members(card)),
        note: encoding::first_text(card, "NOTE"),
        categories: details::read_categories(card),
        sensitivity: details::read_class(card),
    }
}

/// Changes what differs from `wanted`.
pub(super) fn write(card: &mut Card, wanted: &Group) {
    let held = read(card.view(), &mut Vec::new());
    details::write_uid(card, held.uid.as_deref(), wanted.uid.as_deref());
    if !is_group(card.view()) {
        let kind = if card.syntax == Syntax::V4 { "KIND" } else { "X-ADDRESSBOOKSERVER-KIND" };
        card.add(kind, &[], "group");
    }
    name::write_formatted(card, &held.name, &wanted.name, "");
    write_family(card, &held.name, &wanted.name);
    card.write_text("NICKNAME", &held.nickname, &wanted.nickname);
    entries::write(card, read_members, &wanted.members);
    write_remarks(card, remarks_of_group(&held), remarks_of_group(wanted));
}

/// Keeps N, which version 3.0 demands, the same as FN where it was the same.
fn write_family(card: &mut Card, held: &str, wanted: &str) {
    let named = |family: &str| Name { family: family.to_owned(), ..Name::default() };
    let parts = name::read_parts(card.view());
    let follows = card.first("N").is_some() && parts == named(held);
    if held != wanted && follows || card.is_new && card.syntax != Syntax::V4 {
        name::write_parts(card, &parts, &named(wanted));
    }
}

fn members(card: Component<'_>) -> impl Iterator<Item = Line<'_>> {
    card.lines().filter(|line| MEMBERS.iter().any(|name| line.is(name)))
}

fn read_members(card: Component<'_>) -> Vec<(LineId, Member)> {
    members(card).filter_map(|line| Some((line.id(), read_member(line)?))).collect()
}

/// A member: `mailto:`, `urn:uuid:`, or one of these without its scheme. The name is in CN, as other producers have it;
/// X-EMAIL keeps the address of a member that is known by its UID.
pub(super) fn read_member(line: Line<'_>) -> Option<Member> {
    let uri = encoding::uri(line);
    let param = |name: &str| line.param(name).unwrap_or_default();
    let cn = line.param("CN").unwrap_or_else(|| param("X-CN"));
    let uid = bare_uid(&uri);
    let (address, uid) = match uri.get(..7) {
        Some(scheme) if scheme.eq_ignore_ascii_case("mailto:") => (uri.get(7..)?.to_owned(), None),
        _ if uid.len() < uri.len() => (param("X-EMAIL"), Some(uid.to_owned())),
        _ if uri.contains(':') || uri.is_empty() => return None,
        _ if uri.contains('@') => (uri, None),
        _ => (param("X-EMAIL"), Some(uri)),
    };
    let is_empty = address.is_empty() && uid.as_deref().is_none_or(str::is_empty);
    (!is_empty).then_some(Member { name: cn, address, uid, entry: None })
}

impl Entry for Member {
    fn is_same(&self, other: &Self) -> bool {
        let same_address = || self.address.to_lowercase() == other.address.to_lowercase();
        self.uid.is_some() && self.uid == other.uid || !self.address.is_empty() && same_address()
    }

    fn has_same_type(&self, _: &Self) -> bool {
        // One member is not another: whoever is gone is gone.
        false
    }

    fn add(&self, card: &mut Card) {
        if self.address.is_empty() && self.uid.as_deref().is_none_or(str::is_empty) {
            return;
        }
        let name = if card.syntax == Syntax::V4 { "MEMBER" } else { "X-ADDRESSBOOKSERVER-MEMBER" };
        let line = card.add(name, &[], "");
        write_member(self, &Member::default(), line, card);
    }

    fn change(&self, held: &Self, line: LineId, card: &mut Card) {
        write_member(self, held, line, card);
    }
}

fn write_member(member: &Member, held: &Member, line: LineId, card: &mut Card) {
    let cn = if card.syntax == Syntax::V4 { "X-CN" } else { "CN" };
    let spelled = ["CN", "X-CN"].into_iter().find(|name| card.document.line(line).param(name).is_some());
    write_param(card, line, spelled.unwrap_or(cn), &held.name, &member.name);
    let in_value = |member: &Member| match &member.uid {
        Some(uid) if !uid.is_empty() => format!("{UUID_SCHEME}{uid}"),
        _ => format!("mailto:{}", member.address),
    };
    let beside = |member: &Member| match &member.uid {
        Some(uid) if !uid.is_empty() => member.address.clone(),
        _ => String::new(),
    };
    write_param(card, line, "X-EMAIL", &beside(held), &beside(member));
    if in_value(held) != in_value(member) {
        card.put(line, &content_line::printable_value(&in_value(member)));
    }
}

fn write_param(card: &mut Card, line: LineId, name: &str, held: &str, wanted: &str) {
    if held != wanted {
        match wanted.is_empty() {
            true => card.document.remove_param(line, name),
            false => card.document.set_param(line, name, &[wanted]),
        }
    }
}
