//! The category that stands for a profile in the mailbox: it is made, and given its colour and its key; and the categories
//! that the colours of events stand for.

use std::collections::BTreeMap;
use std::fs;

use dovetail_backends::store::{Category, Mailbox};
use dovetail_mapping::ColoredCategory;
use dovetail_mapping::color::{self, CategoryColor};
use dovetail_sync::ErrorKind;

use super::App;
use crate::config::{Config, Profile, write_private};
use crate::error::{self, Error, Result};
use crate::options::calendar::{COLORS, SHORTCUTS};

/// What is remembered of the categories that colours stand for, beside a profile's state.
const LEARNED: &str = "colors.json";

/// A profile's category with its colour.
pub(crate) struct Picked {
    pub(crate) category: String,
    /// `None` for no colour.
    pub(crate) color: Option<&'static CategoryColor>,
    /// The colour of the collection on the server, where that is known.
    pub(crate) collection: Option<String>,
}

impl App {
    /// Gives a profile's category the colour that is nearest to that of its collection, now and from now on.
    pub(crate) fn fetch_color(&self, name: &str) -> Result<Picked> {
        let category = self.category(name)?;
        let collection = self.colour(name)?.ok_or_else(|| {
            Error::usage(
                "The collection has no colour.",
                format!("Give it one: `dovetail color {name} \"#3366CC\"`."),
            )
        })?;
        // What is no colour counts as grey.
        let color = color::nearest_shown(color::parse(&collection).unwrap_or([0x80; 3]));
        self.pick(name, color)?;
        Ok(Picked { category, color, collection: Some(collection) })
    }

    /// Gives a profile's collection the colour that its category is shown in.
    pub(crate) fn set_color(&self, name: &str) -> Result<Picked> {
        let category = self.category(name)?;
        let config = self.config()?;
        let mailbox = self.mailbox(config.profile(name)?.mailbox.as_deref())?;
        let found = mailbox.categories()?.into_iter().find(|known| is_same(&known.name, &category));
        let color = found.and_then(|found| color::category_color(found.color)).ok_or_else(|| {
            Error::usage(
                format!("The category {category:?} has no colour."),
                format!("Pick one: `dovetail profile color pick {name} blue`."),
            )
        })?;
        let [red, green, blue] = color.shown;
        let collection = self.set_colour(name, &format!("#{red:02X}{green:02X}{blue:02X}"))?;
        Ok(Picked { category, color: Some(color), collection })
    }

    /// Gives a profile's category a colour, by its name in Outlook.
    pub(crate) fn pick_color(&self, name: &str, typed: &str) -> Result<Picked> {
        let category = self.category(name)?;
        let color = match color::category_color_named(typed) {
            None if !typed.eq_ignore_ascii_case("none") => {
                let names = COLORS.iter().skip(1).copied().collect::<Vec<_>>().join(", ");
                return Err(Error::usage(
                    format!("{typed:?} is no colour of categories."),
                    format!("There is: {names}."),
                ));
            }
            color => color,
        };
        self.pick(name, color)?;
        Ok(Picked { category, color, collection: None })
    }

    fn pick(&self, name: &str, color: Option<&CategoryColor>) -> Result<()> {
        let key = color.map_or_else(|| "none".to_owned(), |color| color.name.to_lowercase());
        if self.config()?.profile(name)?.text("category_color") != key {
            self.set_options(name, &[format!("category_color={key}")])?;
        }
        let config = self.config()?;
        let profile = config.profile(name)?;
        furnish(&*self.mailbox(profile.mailbox.as_deref())?, profile)
    }

    fn category(&self, name: &str) -> Result<String> {
        let category = self.config()?.profile(name)?.text("category");
        if category.is_empty() {
            return Err(Error::usage(
                "The profile has no category that could have a colour.",
                format!("Give it one: `dovetail profile set {name} category=NAME`."),
            ));
        }
        Ok(category)
    }

    /// Before a run: the profile's category is made, and gets the calendar's colour where that is chosen.
    pub(super) fn prepare_category(&self, name: &str) -> Result<()> {
        let config: Config = self.config()?;
        let profile = config.profile(name)?;
        if profile.text("category").is_empty() {
            return Ok(());
        }
        match profile.is_on("fetch_color").then(|| self.fetch_color(name)) {
            // The run would offer the same login once more.
            Some(Err(error)) if error.kind == error::Kind::Stopped(ErrorKind::Unauthorized) => {
                return Err(error);
            }
            Some(Err(error)) => tracing::warn!("the calendar's colour was not fetched: {error}"),
            Some(Ok(_)) | None => {}
        }
        furnish(&*self.mailbox(profile.mailbox.as_deref())?, profile)
    }

    /// The coloured categories of a mailbox, those first that colours stood for before.
    pub(super) fn colored_categories(
        &self,
        profile: &Profile,
        mailbox: &Mailbox,
    ) -> Result<Vec<ColoredCategory>> {
        if !profile.is_on("map_color") {
            return Ok(Vec::new());
        }
        let there = mailbox.categories()?.into_iter().filter(|category| category.color > 0);
        let there: Vec<_> =
            there.map(|category| ColoredCategory { name: category.name, color: category.color }).collect();
        let path = self.state_folder(profile).join(LEARNED);
        // A file that cannot be read has taught nothing.
        let known: BTreeMap<u8, String> =
            fs::read(&path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
        let (categories, learned) = preferred(there, &known);
        if learned != known {
            let text = serde_json::to_vec_pretty(&learned).unwrap_or_default();
            write_private(&path, &text)?;
        }
        Ok(categories)
    }
}

/// Categories in an order in which those come first that were meant by their colour before, and which these are now.
fn preferred(
    mut there: Vec<ColoredCategory>,
    known: &BTreeMap<u8, String>,
) -> (Vec<ColoredCategory>, BTreeMap<u8, String>) {
    let is_known = |category: &ColoredCategory| {
        known.get(&category.color).is_some_and(|name| is_same(name, &category.name))
    };
    there.sort_by_key(|category| !is_known(category));
    let mut learned = known.clone();
    for category in there.iter().rev() {
        learned.insert(category.color, category.name.clone());
    }
    (there, learned)
}

/// Names of categories are the same whatever their case.
fn is_same(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

/// Makes a profile's category where it is missing, and gives it the colour and the key that are chosen.
fn furnish(mailbox: &Mailbox, profile: &Profile) -> Result<()> {
    let name = profile.text("category");
    let chosen = |key: &str, names: &[&str]| {
        let at = names.iter().skip(1).position(|known| *known == profile.text(key));
        at.and_then(|at| u8::try_from(at).ok())
    };
    let (color, key) = (chosen("category_color", &COLORS), chosen("category_shortcut", &SHORTCUTS));
    let categories = mailbox.categories()?;
    let there = categories.iter().find(|known| is_same(&known.name, &name));
    let before = there.cloned().unwrap_or(Category { name, color: 0, shortcut_key: 0 });
    let wanted = Category {
        color: color.unwrap_or(before.color),
        shortcut_key: key.unwrap_or(before.shortcut_key),
        ..before
    };
    for other in categories.iter().filter(|other| !is_same(&other.name, &wanted.name)) {
        if wanted.shortcut_key > 0 && other.shortcut_key == wanted.shortcut_key {
            mailbox.put_category(&Category { shortcut_key: 0, ..other.clone() })?;
        }
    }
    if there != Some(&wanted) {
        mailbox.put_category(&wanted)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
