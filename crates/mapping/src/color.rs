//! Colours: as text, and which of Outlook's 25 category colours is nearest to one.

mod ciede;
mod names;
#[cfg(test)]
mod tests;

/// A colour written as `#RGB`, `#RRGGBB` or `#RRGGBBAA` (how opaque it is does not matter), or by its name in CSS.
pub fn parse(text: &str) -> Option<[u8; 3]> {
    let text = text.trim();
    let Some(digits) = text.strip_prefix('#') else { return names::of_name(text) };
    if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let part = |at: usize| match digits.len() {
        3 | 4 => u8::from_str_radix(digits.get(at..=at)?, 16).ok().map(|half| half * 17),
        6 | 8 => u8::from_str_radix(digits.get(2 * at..2 * at + 2)?, 16).ok(),
        _ => None,
    };
    Some([part(0)?, part(1)?, part(2)?])
}

/// One of Outlook's colours of categories.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CategoryColor {
    /// OlCategoryColor, 1 to 25.
    pub number: u8,
    /// Its name in Outlook.
    pub name: &'static str,
    /// Its name in CSS, under which it stands in COLOR (RFC 7986 section 5.9).
    pub css: &'static str,
    /// How Outlook shows it.
    pub shown: [u8; 3],
}

const fn of(number: u8, name: &'static str, css: &'static str, shown: u32) -> CategoryColor {
    let [_, red, green, blue] = shown.to_be_bytes();
    CategoryColor { number, name, css, shown: [red, green, blue] }
}

/// The colours that categories can have, beside none.
pub const CATEGORY_COLORS: [CategoryColor; 25] = [
    of(1, "Red", "red", 0xE7A1A2),
    of(2, "Orange", "orange", 0xF9BA89),
    of(3, "Peach", "peachpuff", 0xF7DD8F),
    of(4, "Yellow", "yellow", 0xFCFA90),
    of(5, "Green", "green", 0x78D168),
    of(6, "Teal", "lightseagreen", 0x9FDCC9),
    of(7, "Olive", "olive", 0xC6D2B0),
    of(8, "Blue", "blue", 0x9DB7E8),
    of(9, "Purple", "purple", 0xB5A1E2),
    of(10, "Maroon", "maroon", 0xDAAEC2),
    of(11, "Steel", "lightsteelblue", 0xDAD9DC),
    of(12, "DarkSteel", "steelblue", 0x6B7994),
    of(13, "Gray", "gray", 0xBFBFBF),
    of(14, "DarkGray", "darkgray", 0x6F6F6F),
    of(15, "Black", "black", 0x4F4F4F),
    of(16, "DarkRed", "darkred", 0xC11A25),
    of(17, "DarkOrange", "darkorange", 0xE2620D),
    of(18, "DarkPeach", "peru", 0xC79930),
    of(19, "DarkYellow", "yellowgreen", 0xB9B300),
    of(20, "DarkGreen", "darkgreen", 0x368F2B),
    of(21, "DarkTeal", "teal", 0x329B7A),
    of(22, "DarkOlive", "darkolivegreen", 0x778B45),
    of(23, "DarkBlue", "darkblue", 0x2858A5),
    of(24, "DarkPurple", "darkviolet", 0x5C3FA3),
    of(25, "DarkMaroon", "palevioletred", 0x93446B),
];

/// How a category without colour is shown.
const NO_COLOR: [u8; 3] = [255; 3];

/// The category colour that is meant by one in CSS: that of its name, else the nearest as Outlook shows it; `None` where
/// white is nearest.
pub fn nearest(color: [u8; 3]) -> Option<&'static CategoryColor> {
    let exact = CATEGORY_COLORS.iter().find(|known| names::of_name(known.css) == Some(color));
    exact.or_else(|| nearest_shown(color))
}

/// The category colour that looks most like one; `None` where white does.
pub fn nearest_shown(color: [u8; 3]) -> Option<&'static CategoryColor> {
    let far = |shown: [u8; 3]| ciede::difference(color, shown);
    let found = CATEGORY_COLORS.iter().min_by(|one, other| far(one.shown).total_cmp(&far(other.shown)))?;
    (far(found.shown) <= far(NO_COLOR)).then_some(found)
}

/// The category colour of that number.
pub fn category_color(number: u8) -> Option<&'static CategoryColor> {
    CATEGORY_COLORS.iter().find(|known| known.number == number)
}

/// The category colour of that name in Outlook; case does not matter.
pub fn category_color_named(name: &str) -> Option<&'static CategoryColor> {
    CATEGORY_COLORS.iter().find(|known| known.name.eq_ignore_ascii_case(name.trim()))
}

/// The category colour of that name in CSS; case does not matter.
pub fn category_color_of_css(name: &str) -> Option<&'static CategoryColor> {
    CATEGORY_COLORS.iter().find(|known| known.css.eq_ignore_ascii_case(name.trim()))
}
