//! COLOR (RFC 7986 section 5.9) as a category, where that is chosen: a category of Outlook has one of 25 colours, and an
//! event shows that of its first coloured category.

use super::property::{self, has_category};
use super::{Reader, Writer};
use crate::ColoredCategory;
use crate::color::{self, CATEGORY_COLORS, CategoryColor};
use crate::component::{Component, ComponentId};
use crate::options::Mapped;

/// The categories, with that of the colour first where it is not said otherwise.
pub(super) fn read_categories(component: Component<'_>, reader: &mut Reader<'_>) -> Vec<String> {
    let mut names = property::read_categories(component);
    if reader.options.calendar.color == Mapped::Yes
        && let Some(color) = color_of(component)
        && !names.iter().any(|name| color_of_category(name, reader.categories) == Some(color))
    {
        names.insert(0, category_of(color, reader.categories));
    }
    names
}

/// The colour of a category that is nearest to that of the event.
fn color_of(component: Component<'_>) -> Option<&'static CategoryColor> {
    component.line("COLOR").and_then(|line| color::parse(&line.value())).and_then(color::nearest)
}

/// The category that a colour stands for: one that has it, else one to be made under its name in CSS.
fn category_of(color: &CategoryColor, categories: &[ColoredCategory]) -> String {
    let found = categories.iter().find(|category| category.color == color.number);
    found.map_or_else(|| color.css.to_owned(), |category| category.name.clone())
}

/// The colour of a category; one that is named as a colour in CSS is made with that colour.
fn color_of_category(name: &str, categories: &[ColoredCategory]) -> Option<&'static CategoryColor> {
    let lower = name.trim().to_lowercase();
    match categories.iter().find(|category| category.name.to_lowercase() == lower) {
        Some(category) => color::category_color(category.color),
        None => CATEGORY_COLORS.iter().find(|known| known.css == lower),
    }
}

/// Changes categories, and the colour that stands for one.
pub(super) fn write_categories(
    writer: &mut Writer<'_>,
    id: ComponentId,
    before: &[String],
    after: &[String],
) {
    if writer.settings.options.calendar.color == Mapped::No {
        return property::write_categories(writer, id, before, after);
    }
    let categories = &writer.settings.categories;
    let colour = |name: &String| color_of_category(name, categories);
    let is_said_by_colour = |name: &String| {
        colour(name).is_some_and(|color| {
            color.css.eq_ignore_ascii_case(name) && category_of(color, categories) == *name
        })
    };
    let first = after.iter().find_map(colour);
    let said = after.iter().find(|name| is_said_by_colour(name) && colour(name) == first);
    let listed = after.iter().filter(|name| has_category(before, name) || said != Some(name));
    let listed: Vec<String> = listed.cloned().collect();
    property::write_categories(writer, id, before, &listed);
    let is_same = before.len() == after.len() && after.iter().all(|name| has_category(before, name));
    if is_same && !writer.is_new(id) {
        return;
    }
    let now = color_of(writer.document.component(id));
    // As long as one of the categories has the colour, another that comes before it is no reason to change it.
    let is_right = now.is_some() && after.iter().any(|name| colour(name) == now);
    match first {
        Some(color) if !is_right => writer.write_raw(id, "COLOR", color.css),
        None if now.is_some() => writer.write_raw(id, "COLOR", ""),
        _ => {}
    }
}
