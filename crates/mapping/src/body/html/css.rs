//! The style attribute, as far as a text can have it.

use super::super::rich::{self, Align, Script, Style};

/// What a style attribute says beside the style of the text.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Layout {
    /// How lines are set, where it says so.
    pub(super) align: Option<Align>,
    /// What is said of the room around a paragraph.
    pub(super) margin: Margin,
    /// Whether it is shown.
    pub(super) shown: Shown,
}

#[derive(Debug, Default, PartialEq, Eq)]
pub(super) enum Margin {
    #[default]
    Usual,
    None,
}

#[derive(Debug, Default, PartialEq, Eq)]
pub(super) enum Shown {
    #[default]
    Yes,
    No,
}

/// Applies a style attribute to a style.
pub(super) fn apply(css: &str, style: &mut Style) -> Layout {
    let mut layout = Layout::default();
    for declaration in css.split(';') {
        let Some((name, value)) = declaration.split_once(':') else { continue };
        let value = value.trim().trim_end_matches("!important").trim_end();
        let lower = value.to_ascii_lowercase();
        match name.trim().to_ascii_lowercase().as_str() {
            "font-weight" => style.bold = is_bold(&lower),
            "font-style" => style.italic = matches!(lower.as_str(), "italic" | "oblique"),
            "text-decoration" | "text-decoration-line" => decorate(&lower, style),
            "color" => style.color = color(&lower),
            "background" | "background-color" => style.background = lower.split(' ').find_map(color),
            "font-family" => style.font = font(value),
            "font-size" => style.half_points = size(&lower, style.half_points),
            "vertical-align" if lower == "super" => style.script = Script::Super,
            "vertical-align" if lower == "sub" => style.script = Script::Sub,
            "text-align" => layout.align = align(&lower),
            "margin" | "margin-bottom" if lower.starts_with('0') => layout.margin = Margin::None,
            "display" if lower == "none" => layout.shown = Shown::No,
            "mso-hide" if lower == "all" => layout.shown = Shown::No,
            _ => {}
        }
    }
    layout
}

fn is_bold(weight: &str) -> bool {
    matches!(weight, "bold" | "bolder") || weight.parse::<u16>().is_ok_and(|weight| weight >= 600)
}

fn decorate(value: &str, style: &mut Style) {
    if value.contains("none") {
        (style.underline, style.strike) = (false, false);
    }
    style.underline |= value.contains("underline");
    style.strike |= value.contains("line-through");
}

/// How lines are set.
pub(super) fn align(value: &str) -> Option<Align> {
    match value.trim().to_ascii_lowercase().as_str() {
        "left" | "start" => Some(Align::Left),
        "center" | "middle" => Some(Align::Center),
        "right" | "end" => Some(Align::Right),
        "justify" => Some(Align::Justify),
        _ => None,
    }
}

/// The first font of a list.
pub(super) fn font(list: &str) -> Option<std::rc::Rc<str>> {
    rich::font(list.split(',').next()?.trim().trim_matches(['"', '\'']))
}

fn size(value: &str, now: Option<u16>) -> Option<u16> {
    let named = match value {
        "xx-small" => Some(7.0),
        "x-small" => Some(7.5),
        "small" => Some(10.0),
        "medium" => Some(12.0),
        "large" => Some(13.5),
        "x-large" => Some(18.0),
        "xx-large" => Some(24.0),
        _ => None,
    };
    let with_unit = |unit: &str| value.strip_suffix(unit)?.trim().parse::<f32>().ok();
    let points = named.or_else(|| with_unit("pt")).or_else(|| with_unit("px").map(|pixels| pixels * 0.75));
    match points {
        Some(points) if points.is_finite() && (1.0..=200.0).contains(&points) => {
            rich::half_points((points * 2.0).round() as u16)
        }
        // What is relative stays what it was.
        _ => now,
    }
}

/// A size of `<font size>`.
pub(super) fn font_size(value: &str, now: Option<u16>) -> Option<u16> {
    let points = match value.trim() {
        "1" => "7.5pt",
        "2" => "10pt",
        "3" => "12pt",
        "4" => "13.5pt",
        "5" => "18pt",
        "6" => "24pt",
        "7" => "36pt",
        _ => return now,
    };
    size(points, now)
}

/// A colour: `#RGB`, `#RRGGBB`, `rgb(r, g, b)`, or a name.
pub(super) fn color(value: &str) -> Option<[u8; 3]> {
    let value = value.trim();
    if let Some(numbers) = value.strip_prefix("rgb(").or_else(|| value.strip_prefix("rgba(")) {
        let mut numbers =
            numbers.trim_end_matches(')').split([',', ' ', '/']).filter(|text| !text.is_empty());
        let mut part =
            || numbers.next()?.trim().parse::<f32>().ok().map(|number| number.clamp(0.0, 255.0) as u8);
        return Some([part()?, part()?, part()?]);
    }
    crate::color::parse(value)
}
