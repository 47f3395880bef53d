//! The tables at the start of RTF: fonts and colours.

use std::collections::BTreeMap;

use super::super::charset::Charset;

/// A font of `\fonttbl`.
#[derive(Clone, Debug, Default)]
pub(super) struct Font {
    pub(super) name: String,
    pub(super) charset: Option<Charset>,
}

/// The fonts, by number.
#[derive(Debug, Default)]
pub(super) struct Fonts {
    fonts: BTreeMap<i32, Font>,
    at_hand: i32,
}

/// Longer names are cut.
const LONGEST_NAME: usize = 128;

impl Fonts {
    /// A control word of the table.
    pub(super) fn define(&mut self, word: &str, number: i32) {
        match word {
            "f" => {
                self.at_hand = number;
                self.fonts.insert(number, Font::default());
            }
            "fcharset" => self.fonts.entry(self.at_hand).or_default().charset = Charset::of_font(number),
            "cpg" => self.fonts.entry(self.at_hand).or_default().charset = Charset::of_code_page(number),
            _ => {}
        }
    }

    /// Text of the table: a piece of a name.
    pub(super) fn name(&mut self, text: &str) {
        let font = self.fonts.entry(self.at_hand).or_default();
        for char in text.chars().filter(|char| *char != ';') {
            if font.name.len() < LONGEST_NAME {
                font.name.push(char);
            }
        }
    }

    pub(super) fn of(&self, number: i32) -> Option<&Font> {
        self.fonts.get(&number)
    }
}

/// The colours; `None` for that of the window.
#[derive(Debug, Default)]
pub(super) struct Colors {
    colors: Vec<Option<[u8; 3]>>,
    at_hand: Option<[u8; 3]>,
}

impl Colors {
    /// A control word of the table.
    pub(super) fn define(&mut self, word: &str, number: i32) {
        let part = match word {
            "red" => 0,
            "green" => 1,
            "blue" => 2,
            _ => return,
        };
        let color = self.at_hand.get_or_insert_default();
        if let (Some(place), Ok(value)) = (color.get_mut(part), u8::try_from(number.clamp(0, 255))) {
            *place = value;
        }
    }

    /// Text of the table: a semicolon ends a colour.
    pub(super) fn end(&mut self, text: &str) {
        for _ in text.chars().filter(|char| *char == ';') {
            self.colors.push(self.at_hand.take());
        }
    }

    pub(super) fn of(&self, number: i32) -> Option<[u8; 3]> {
        usize::try_from(number).ok().and_then(|number| self.colors.get(number).copied().flatten())
    }
}
