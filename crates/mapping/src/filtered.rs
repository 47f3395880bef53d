//! The category filter of a profile: its category is shown by no lens, stays where it is, and is added in Outlook.

use dovetail_model::filter::Admits;
use dovetail_model::{CategoryFilter, Item};

use crate::{Dialect, Settings, read_all};

#[cfg(test)]
mod tests;

/// The item that is to be written: with the category where it was, and in Outlook where the item would not belong to the
/// profile without it, or is new.
pub(crate) fn wanted(
    filter: &CategoryFilter,
    dialect: Dialect,
    item: &Item,
    from: Option<&[u8]>,
    settings: &Settings,
) -> Item {
    let mut wanted = item.clone();
    filter.hide(&mut wanted);
    let before = from.and_then(|from| read_all(dialect, from, settings).item);
    if let Some(before) = &before {
        filter.put_back(&mut wanted, before);
    }
    let is_new = before.is_none();
    if dialect == Dialect::Outlook
        && filter.admits != Admits::AllOthers
        && (is_new || !filter.lets_through(&wanted))
    {
        filter.add(&mut wanted);
    }
    wanted
}
