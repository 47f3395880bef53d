//! What a user added to an item: properties of their own, and links to files.

use dovetail_model::Kind;
use dovetail_model::contact::Custom;
use dovetail_model::item::{Attachment, AttachmentSource};
use serde_json::{Map, Value};

use super::{LinkedFile, is_own_mark, no_date};
use crate::ical::is_uri;
use crate::{Settings, Warning};

/// Outlook's type of an attachment that is a link.
const BY_REFERENCE: u8 = 4;

/// The user's own properties that cross: texts that are not empty, nor a date that is none. Others are not spoken of.
pub(super) fn properties(all: &Map<String, Value>, kind: Kind, settings: &Settings) -> Vec<Custom> {
    let options = &settings.options.calendar.custom;
    let crosses = |(name, value): (&String, &Value)| {
        let value = value.as_str().filter(|value| !value.is_empty() && !no_date::is_none(value))?;
        let is_seen = !is_own_mark(name) && options.is_seen(kind, name);
        is_seen.then(|| Custom { name: name.clone(), value: value.replace("\r\n", "\n") })
    };
    all.iter().filter_map(crosses).collect()
}

/// The user's own properties of an item that has none yet.
pub(super) fn anew(wanted: &[Custom], kind: Kind, settings: &Settings) -> Map<String, Value> {
    let mut all = Map::new();
    let options = &settings.options.calendar.custom;
    let crosses = |own: &&Custom| options.is_seen(kind, &own.name);
    let crossing: Vec<Custom> = wanted.iter().filter(crosses).cloned().collect();
    write_properties(&mut all, &[], &crossing);
    all
}

/// Sets the user's own properties that differ.
pub(super) fn write_properties(all: &mut Map<String, Value>, now: &[Custom], wanted: &[Custom]) {
    let same = |one: &Custom, other: &Custom| one.name.eq_ignore_ascii_case(&other.name);
    for gone in now.iter().filter(|old| !wanted.iter().any(|new| same(old, new))) {
        all.remove(&gone.name);
    }
    for new in wanted.iter().filter(|new| !now.contains(new) && !is_own_mark(&new.name)) {
        let name = now.iter().find(|old| same(old, new)).map_or(&new.name, |old| &old.name);
        all.insert(name.clone(), new.value.clone().into());
    }
}

/// Warns of links to files of this computer, which no server could hold.
pub(super) fn warn_of_local_files(all: &[LinkedFile], warnings: &mut Vec<Warning>) {
    for link in links(all) {
        if let AttachmentSource::Uri(path) = link.source
            && !is_uri(&path)
        {
            warnings.push(Warning::at("local_file", "Attachments", None).with(path));
        }
    }
}

/// The attachments that are links. The bytes of others are no part of an item.
pub(super) fn links(all: &[LinkedFile]) -> Vec<Attachment> {
    let links = all.iter().filter(|file| file.kind == BY_REFERENCE && !file.path_name.is_empty());
    let link = |file: &LinkedFile| Attachment {
        source: AttachmentSource::Uri(file.path_name.clone()),
        name: if file.display_name == file.path_name { String::new() } else { file.display_name.clone() },
        media_type: String::new(),
    };
    links.map(link).collect()
}

/// Sets the links; what is no link stays.
pub(super) fn write_links(all: &mut Vec<LinkedFile>, wanted: &[Attachment]) {
    let before = std::mem::take(all);
    let is_link = |file: &LinkedFile| file.kind == BY_REFERENCE && !file.path_name.is_empty();
    all.extend(before.iter().filter(|file| !is_link(file)).cloned());
    for attachment in wanted {
        let AttachmentSource::Uri(uri) = &attachment.source else { continue };
        let name = if attachment.name.is_empty() { uri } else { &attachment.name };
        let old = before.iter().find(|file| is_link(file) && file.path_name == *uri);
        let other = old.map(|file| file.other.clone()).unwrap_or_default();
        all.push(LinkedFile {
            display_name: name.clone(),
            path_name: uri.clone(),
            kind: BY_REFERENCE,
            other,
        });
    }
}
