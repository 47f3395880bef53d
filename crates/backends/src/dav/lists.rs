//! Distribution lists: what a resource of one is called, and how its members' cards are.
//!
//! A list of SOGo's names its members' cards by their resource names, within the collection. Items name them by ids, which
//! are paths.

use dovetail_dav::href::Path;
use dovetail_mapping::Settings;
use dovetail_mapping::options::ListFormat;
use dovetail_model::Item;

use super::Contents;

/// With the cards of members as items name them.
pub(super) fn with_ids(mut item: Item, collection: &Path) -> Item {
    rename(&mut item, |name| collection.member(name).as_str().to_owned());
    item
}

/// With the cards of members as lists name them.
pub(super) fn with_names(item: &Item, collection: &Path) -> Item {
    let mut item = item.clone();
    rename(&mut item, |id| match Path::parse(id) {
        Ok(path) if path.is_member_of(collection) => path.name(),
        _ => id.to_owned(),
    });
    item
}

fn rename(item: &mut Item, new: impl Fn(&str) -> String) {
    if let Item::Group(group) = item {
        for entry in group.members.iter_mut().filter_map(|member| member.entry.as_mut()) {
            *entry = new(entry);
        }
    }
}

/// What names of new resources end by.
pub(super) fn extension(contents: Contents, item: &Item, settings: &Settings) -> &'static str {
    match (item, settings.options.lists.format) {
        (Item::Group(_), ListFormat::Vlist) => "vlf",
        _ => contents.extension(),
    }
}

/// The media type of a body.
pub(super) fn media_type(contents: Contents, body: &[u8]) -> &'static str {
    const LIST: &[u8] = b"BEGIN:VLIST";
    match body.get(..LIST.len()) {
        Some(start) if start.eq_ignore_ascii_case(LIST) => "text/x-vlist; charset=utf-8",
        _ => contents.media_type(),
    }
}
