//! What a profile chooses of the mapping, as the made-up dialects know it.

use std::collections::BTreeSet;

use dovetail_model::carry::Field;
use dovetail_model::filter::Admits;
use dovetail_model::{CategoryFilter, Item};

use crate::dialect::Dialect;

/// How the items of a storage are read and written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lens {
    /// Whether the text of an item is mapped.
    pub texts: Texts,
    /// The category by which items of Outlook belong to the profile.
    pub filter: Option<CategoryFilter>,
    /// What Outlook keeps of an item whatever the server holds.
    pub kept: BTreeSet<Field>,
    /// What of the server's items is not their owner's to change.
    pub theirs: BTreeSet<Field>,
    /// The day as of which Outlook shows an item, if it depends on one what is shown.
    pub day: Option<u32>,
}

/// Whether texts are mapped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Texts {
    /// They cross.
    #[default]
    Mapped,
    /// They are shown as empty, and stay as they are.
    LeftAlone,
}

impl Lens {
    /// What the lens shows of an item.
    pub(super) fn read(&self, mut item: Item) -> Item {
        if let Some(filter) = &self.filter {
            filter.hide(&mut item);
        }
        if self.texts == Texts::LeftAlone {
            text(&mut item).clear();
        }
        item
    }

    /// What is written where an item is to be held; `before` is what was there.
    pub(super) fn written(&self, dialect: Dialect, item: &Item, before: Option<&Item>) -> Item {
        let mut item = item.clone();
        if self.texts == Texts::LeftAlone {
            *text(&mut item) =
                before.cloned().map(|mut before| std::mem::take(text(&mut before))).unwrap_or_default();
        }
        let Some(filter) = &self.filter else { return item };
        if let Some(before) = before {
            filter.put_back(&mut item, before);
        }
        let lost = before.is_none() || !filter.lets_through(&item);
        if dialect == Dialect::Outlook && lost && filter.admits != Admits::AllOthers {
            filter.add(&mut item);
        }
        item
    }
}

fn text(item: &mut Item) -> &mut String {
    match item {
        Item::Event(event) => &mut event.main.description,
        Item::Task(task) => &mut task.description,
        Item::Contact(contact) => &mut contact.note,
        Item::Group(group) => &mut group.note,
    }
}
