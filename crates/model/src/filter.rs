//! A category that says which items of an Outlook folder belong to a profile. It is the profile's own affair: an item that
//! comes from the server gets it, and it is never carried to the server.

use serde::{Deserialize, Serialize};

use crate::item::Item;

#[cfg(test)]
mod tests;

/// Which items of a folder belong to a profile, by their categories.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CategoryFilter {
    /// The category. Names are compared without regard to case.
    pub name: String,
    /// Which items belong.
    pub admits: Admits,
}

/// Which items a [`CategoryFilter`] lets through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Admits {
    /// Those of the category.
    #[default]
    Category,
    /// Those of the category, and those without any.
    CategoryOrNone,
    /// All but those of the category.
    AllOthers,
}

impl CategoryFilter {
    /// Whether an item belongs to the profile. What has no categories to be told by does.
    pub fn lets_through(&self, item: &Item) -> bool {
        let Some(categories) = item.categories() else { return true };
        let named = self.position(categories).is_some();
        match self.admits {
            Admits::Category => named,
            Admits::CategoryOrNone => named || categories.is_empty(),
            Admits::AllOthers => !named,
        }
    }

    /// Takes the category out of an item, wherever it is.
    pub fn hide(&self, item: &mut Item) {
        item.each_categories(|categories| categories.retain(|name| !self.is_named(name)));
    }

    /// Puts the category back where the item had it before; what is new in it is as its main part was.
    pub fn put_back(&self, item: &mut Item, before: &Item) {
        if let (Item::Event(event), Item::Event(before)) = (&mut *item, before) {
            self.put_back_into(&mut event.main.categories, &before.main.categories);
            for (id, occurrence) in &mut event.overrides {
                let before = before.overrides.get(id).unwrap_or(&before.main);
                self.put_back_into(&mut occurrence.categories, &before.categories);
            }
        } else if let Some(before) = before.categories() {
            item.each_categories(|categories| self.put_back_into(categories, before));
        }
    }

    /// Gives an item the category, where it does not have it.
    pub fn add(&self, item: &mut Item) {
        item.each_categories(|categories| {
            if self.position(categories).is_none() {
                categories.push(self.name.clone());
            }
        });
    }

    fn put_back_into(&self, categories: &mut Vec<String>, before: &[String]) {
        if let (Some(at), None) = (self.position(before), self.position(categories)) {
            let name = before.get(at).unwrap_or(&self.name).clone();
            categories.insert(at.min(categories.len()), name);
        }
    }

    fn position(&self, categories: &[String]) -> Option<usize> {
        categories.iter().position(|name| self.is_named(name))
    }

    fn is_named(&self, name: &str) -> bool {
        name.trim().to_lowercase() == self.name.trim().to_lowercase()
    }
}

impl Item {
    /// The categories; `None` of a kind that no filter is for.
    fn categories(&self) -> Option<&[String]> {
        match self {
            Item::Event(event) => Some(&event.main.categories),
            Item::Task(task) => Some(&task.categories),
            Item::Contact(_) | Item::Group(_) => None,
        }
    }

    fn each_categories(&mut self, mut change: impl FnMut(&mut Vec<String>)) {
        match self {
            Item::Event(event) => {
                let occurrences = event.overrides.values_mut().chain([&mut event.main]);
                occurrences.for_each(|occurrence| change(&mut occurrence.categories));
            }
            Item::Task(task) => change(&mut task.categories),
            Item::Contact(_) | Item::Group(_) => {}
        }
    }
}
