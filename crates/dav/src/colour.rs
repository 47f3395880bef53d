//! The colour of a collection, as Apple's `calendar-color` has it: `#RRGGBBAA`.

use std::fmt;

/// A colour. What a server writes without opacity is opaque.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour {
    /// Red, green, blue and opacity, each from 0 to 255.
    pub rgba: [u8; 4],
}

impl Colour {
    /// Reads `#RRGGBB` or `#RRGGBBAA`; `None` for anything else.
    pub fn parse(text: &str) -> Option<Colour> {
        let digits = text.trim().strip_prefix('#')?;
        if !matches!(digits.len(), 6 | 8) || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        let number = u32::from_str_radix(digits, 16).ok()?;
        let rgba = if digits.len() == 6 { number << 8 | 0xFF } else { number };
        Some(Colour { rgba: rgba.to_be_bytes() })
    }
}

impl fmt::Display for Colour {
    /// Always with the opacity. QUIRK(opacity: sogo): it refuses a colour without.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [red, green, blue, opacity] = self.rgba;
        write!(f, "#{red:02X}{green:02X}{blue:02X}{opacity:02X}")
    }
}

#[cfg(test)]
mod tests {
    use super::Colour;

    #[test]
    fn a_colour_is_written_with_eight_digits_and_read_with_six_or_eight() {
        let table = [
            ("#112233", Some("#112233FF")),
            ("#abcdef80", Some("#ABCDEF80")),
            (" #000000 ", Some("#000000FF")),
            ("#12345", None),
            ("112233", None),
            ("#11223g", None),
            ("#+1223344", None),
            ("red", None),
            ("", None),
        ];
        for (text, expected) in table {
            assert_eq!(Colour::parse(text).map(|colour| colour.to_string()).as_deref(), expected, "{text:?}");
        }
    }
}
