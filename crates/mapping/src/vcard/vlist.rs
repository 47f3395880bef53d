//! SOGo's lists of cards (VLIST). A CARD line names the resource of a member's card, and says its name and address once
//! more; a member that has no card is kept in the property that Apple has for members, which SOGo keeps and does not show.
//!
//! SOGo has no quotation marks and no line ends in parameters: what stands for them in other formats it would show as it
//! is.

use dovetail_model::Group;
use dovetail_model::group::Member;

use super::card::Card;
use super::details;
use super::encoding;
use super::entries::{self, Entry};
use super::group;
use crate::Warning;
use crate::component::{Component, Line, LineId, ParamEdit};
use crate::content_line;
use crate::outlook::dist_list::is_entry_id;

/// A member that has a card.
const CARD: &str = "CARD";
/// A member that has none.
const OUTSIDE: &str = "X-ADDRESSBOOKSERVER-MEMBER";

/// Whether a component is such a list.
pub(super) fn is_list(component: Component<'_>) -> bool {
    component.is("VLIST")
}

/// Reads a list.
pub(super) fn read(list: Component<'_>, warnings: &mut Vec<Warning>) -> Group {
    for line in members(list).filter(|line| read_member(*line).is_none()) {
        warnings.push(Warning::at("unknown_member", line.name(), line.number()).with(line.value()));
    }
    let uid = encoding::first_text(list, "UID").trim().to_owned();
    Group {
        uid: Some(uid).filter(|uid| !uid.is_empty()),
        name: encoding::first_text(list, "FN"),
        nickname: encoding::first_text(list, "NICKNAME"),
        members: entries::only(read_members(list)).into_iter().map(|listed| listed.0).collect(),
        note: encoding::first_text(list, "DESCRIPTION"),
        categories: details::read_categories(list),
        sensitivity: details::read_class(list),
    }
}

/// Changes what differs from `wanted`. SOGo has no categories and no class here, but keeps those of others.
pub(super) fn write(list: &mut Card, wanted: &Group) {
    let held = read(list.view(), &mut Vec::new());
    if let Some(uid) = &wanted.uid {
        list.write_text("UID", held.uid.as_deref().unwrap_or_default(), uid);
    }
    super::name::write_formatted(list, &held.name, &wanted.name, "");
    list.write_text("DESCRIPTION", &held.note, &wanted.note);
    list.write_text("NICKNAME", &held.nickname, &wanted.nickname);
    details::write_categories(list, &held.categories, &wanted.categories);
    details::write_class(list, held.sensitivity, wanted.sensitivity);
    let members: Vec<Listed> = wanted.members.iter().cloned().map(Listed).collect();
    entries::write(list, read_members, &members);
}

fn members(list: Component<'_>) -> impl Iterator<Item = Line<'_>> {
    list.lines().filter(|line| line.is(CARD) || line.is(OUTSIDE))
}

fn read_members(list: Component<'_>) -> Vec<(LineId, Listed)> {
    members(list).filter_map(|line| Some((line.id(), read_member(line)?))).collect()
}

fn read_member(line: Line<'_>) -> Option<Listed> {
    if line.is(OUTSIDE) {
        return group::read_member(line).map(Listed);
    }
    let entry = Some(line.text().trim().to_owned()).filter(|entry| !entry.is_empty());
    let member = Member { name: param(line, "FN"), address: param(line, "EMAIL"), uid: None, entry };
    (member.entry.is_some() || !member.address.is_empty()).then_some(Listed(member))
}

/// A parameter as text: commas outside of quotes are part of it, and backslashes escape as they do in values.
fn param(line: Line<'_>, name: &str) -> String {
    let Some(param) = line.params().into_iter().find(|param| param.is(name)) else { return String::new() };
    let is_quoted = param.values.iter().any(|value| value.quoted);
    let values: Vec<String> = param.values.into_iter().map(|value| value.text).collect();
    let text = values.join(",");
    if is_quoted { text } else { content_line::unescape_text(&text) }
}

/// A member in a list of SOGo's.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Listed(Member);

impl Listed {
    fn has_card(&self) -> bool {
        self.0.entry.as_deref().is_some_and(|entry| !entry.is_empty())
    }

    /// The member as a list of SOGo's can say it, whether it has a card or not: so that it is held alike either way.
    fn said(&self) -> Listed {
        Listed(Member { name: said(&self.0.name), address: said(&self.0.address), ..self.0.clone() })
    }
}

fn said(text: &str) -> String {
    text.replace('"', "'").replace(['\r', '\n'], " ")
}

impl Entry for Listed {
    fn is_same(&self, other: &Self) -> bool {
        let same_card = self.0.entry.is_some() && self.0.entry == other.0.entry;
        same_card || self.0.is_same(&other.0)
    }

    fn has_same_type(&self, _: &Self) -> bool {
        // One member is not another: whoever is gone is gone.
        false
    }

    fn add(&self, list: &mut Card) {
        let said = self.said();
        match &self.0.entry {
            // What Outlook calls a list is no resource.
            Some(entry) if self.has_card() && !is_entry_id(entry) => {
                let value = list.escape(entry);
                let line = list.add(CARD, &[], &value);
                said.change_params(&Member::default(), line, list);
            }
            _ => said.0.add(list),
        }
    }

    fn change(&self, held: &Self, line: LineId, list: &mut Card) {
        let is_card = list.document.line(line).is(CARD);
        // Who is not said to have another card keeps the one that is named.
        let keeps_card = is_card && self.0.entry.is_none();
        if !keeps_card && is_card != self.has_card() {
            list.remove(line);
            return self.add(list);
        }
        // What is held may be said in a way that is not ours.
        let said = if self.0.name == held.0.name { self.clone() } else { self.said() };
        if !is_card {
            return said.0.change(&held.0, line, list);
        }
        said.change_params(&held.0, line, list);
        if !keeps_card && held.0.entry != self.0.entry {
            let value = list.escape(self.0.entry.as_deref().unwrap_or_default());
            list.put(line, &value);
        }
    }
}

impl Listed {
    fn change_params(&self, held: &Member, line: LineId, list: &mut Card) {
        let Member { name, address, .. } = &self.0;
        for (param, held, wanted) in [("EMAIL", &held.address, address), ("FN", &held.name, name)] {
            if held != wanted {
                write_param(list, line, param, wanted);
            }
        }
    }
}

fn write_param(list: &mut Card, line: LineId, name: &str, wanted: &str) {
    let text = said(wanted);
    // Carets that would mean something else (RFC 6868) are doubled.
    let means_more = ["^n", "^^", "^'"].iter().any(|pair| text.contains(pair));
    let text = if means_more { text.replace('^', "^^") } else { text };
    let text = content_line::printable_value(&text);
    let text = match text.contains([',', ';', ':', '\\']) {
        _ if text.is_empty() => String::new(),
        true => format!(";{name}=\"{text}\""),
        false => format!(";{name}={text}"),
    };
    let mut is_said = false;
    list.document.edit_params(line, |param| match param.is(name) {
        true if is_said => ParamEdit::Put(String::new()),
        true => {
            is_said = true;
            ParamEdit::Put(text.clone())
        }
        false => ParamEdit::Keep,
    });
    if !is_said && !text.is_empty() {
        list.document.append_params(line, &text);
    }
}
