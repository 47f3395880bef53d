//! Properties that stand alone: UID, NICKNAME, CATEGORIES and CLASS.

use dovetail_model::item::Sensitivity;

use super::card::Card;
use super::encoding;
use crate::component::{Component, LineId};
use crate::content_line;

/// What may stand before a UID that is a UUID (RFC 6350 section 6.7.6). It is not part of the UID, so that members of
/// groups, which always carry it, and cards agree.
pub(super) const UUID_SCHEME: &str = "urn:uuid:";

/// The UID.
pub(super) fn read_uid(card: Component<'_>) -> Option<String> {
    let text = encoding::first_text(card, "UID");
    Some(bare_uid(text.trim()).to_owned()).filter(|uid| !uid.is_empty())
}

/// A UID without its scheme.
pub(super) fn bare_uid(uid: &str) -> &str {
    match uid.get(..UUID_SCHEME.len()) {
        Some(scheme) if scheme.eq_ignore_ascii_case(UUID_SCHEME) => {
            uid.get(UUID_SCHEME.len()..).unwrap_or_default()
        }
        _ => uid,
    }
}

/// Changes the UID; it is never taken away.
pub(super) fn write_uid(card: &mut Card, held: Option<&str>, wanted: Option<&str>) {
    if let Some(uid) = wanted {
        card.write_text("UID", held.unwrap_or_default(), uid);
    }
}

/// The entries of all lists of that name.
fn read_list(card: Component<'_>, name: &str) -> Vec<String> {
    let entries = card.lines_named(name).flat_map(|line| encoding::trimmed_parts(line, ','));
    entries.filter(|entry| !entry.is_empty()).collect()
}

/// Nicknames.
pub(super) fn read_nicknames(card: Component<'_>) -> Vec<String> {
    read_list(card, "NICKNAME")
}

/// Changes the nicknames, on the first line that has any.
pub(super) fn write_nicknames(card: &mut Card, held: &[String], wanted: &[String]) {
    if held == wanted {
        return;
    }
    let value = wanted.iter().map(|name| card.escape_entry(name)).collect::<Vec<_>>().join(",");
    let lines: Vec<_> = card.view().lines_named("NICKNAME").map(|line| line.id()).collect();
    let (kept, gone) = lines.split_at(if wanted.is_empty() { 0 } else { lines.len().min(1) });
    gone.iter().for_each(|line| card.remove(*line));
    match kept.first() {
        Some(line) => card.put(*line, &value),
        None if wanted.is_empty() => {}
        None => drop(card.add("NICKNAME", &[], &value)),
    }
}

/// Categories, each once.
pub(super) fn read_categories(card: Component<'_>) -> Vec<String> {
    let mut categories: Vec<String> = Vec::new();
    for category in read_list(card, "CATEGORIES") {
        if !has_category(&categories, &category) {
            categories.push(category);
        }
    }
    categories
}

fn has_category<T: AsRef<str>>(categories: &[T], wanted: &str) -> bool {
    categories.iter().any(|known| known.as_ref().trim().to_lowercase() == wanted.trim().to_lowercase())
}

/// Changes categories: those that go leave their line, new ones join the last line.
pub(super) fn write_categories(card: &mut Card, held: &[String], wanted: &[String]) {
    let lines: Vec<_> = card.view().lines_named("CATEGORIES").map(|line| line.id()).collect();
    if held.iter().any(|category| !has_category(wanted, category)) {
        lines.iter().for_each(|line| remove_categories(card, *line, wanted));
    }
    let mut new: Vec<&str> = Vec::new();
    for category in wanted.iter().map(|category| category.trim()) {
        if !category.is_empty() && !has_category(held, category) && !has_category(&new, category) {
            new.push(category);
        }
    }
    if new.is_empty() {
        return;
    }
    let new = new.iter().map(|category| card.escape_entry(category)).collect::<Vec<_>>().join(",");
    let last = card.view().lines_named("CATEGORIES").last();
    match last.map(|line| (line.id(), encoding::escaped(line).into_owned())) {
        Some((line, value)) if value.trim().is_empty() => card.put(line, &new),
        Some((line, value)) => card.put(line, &format!("{value},{new}")),
        None => drop(card.add("CATEGORIES", &[], &new)),
    }
}

fn remove_categories(card: &mut Card, line: LineId, wanted: &[String]) {
    let value = encoding::escaped(card.document.line(line)).into_owned();
    let all = content_line::split_escaped(&value, ',');
    let stays = |text: &&&str| has_category(wanted, &encoding::unescaped(text));
    let kept: Vec<_> = all.iter().filter(stays).copied().collect();
    if kept.is_empty() {
        card.remove(line);
    } else if kept.len() < all.len() {
        card.put(line, &kept.join(","));
    }
}

/// CLASS (RFC 2426 section 3.7.1); one that is not known counts as PRIVATE.
pub(super) fn read_class(card: Component<'_>) -> Sensitivity {
    match encoding::first_text(card, "CLASS").trim().to_ascii_uppercase().as_str() {
        "" | "PUBLIC" => Sensitivity::Public,
        "CONFIDENTIAL" => Sensitivity::Confidential,
        _ => Sensitivity::Private,
    }
}

/// Changes CLASS. Outlook's Personal is held as PRIVATE.
pub(super) fn write_class(card: &mut Card, held: Sensitivity, wanted: Sensitivity) {
    let name = |class| match class {
        Sensitivity::Public => "PUBLIC",
        Sensitivity::Personal | Sensitivity::Private => "PRIVATE",
        Sensitivity::Confidential => "CONFIDENTIAL",
    };
    card.write_text("CLASS", name(held), name(wanted));
}
