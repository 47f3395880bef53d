//! The code pages of RTF: `\ansicpg`, `\cpg` and `\fcharset` numbers against encodings.

use std::borrow::Cow;

use encoding_rs::Encoding;

/// How bytes are read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Charset {
    /// As an encoding that browsers know.
    Known(&'static Encoding),
    /// As on a PC of the 1980s: the upper half of the code page.
    Pc(&'static str),
    /// As a font of symbols has it.
    Symbol,
}

/// The upper half of code page 437.
const PC_437: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}";

/// The upper half of code page 850.
const PC_850: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u{ad}±‗¾¶§÷¸°¨·¹³²■\u{a0}";

impl Charset {
    /// What RTF is in where it does not say.
    pub(super) const DEFAULT: Charset = Charset::Known(encoding_rs::WINDOWS_1252);

    /// Of a Windows code page.
    pub(super) fn of_code_page(number: i32) -> Option<Charset> {
        let label = match number {
            437 => return Some(Charset::Pc(PC_437)),
            850 | 858 => return Some(Charset::Pc(PC_850)),
            874 => "windows-874",
            866 => "ibm866",
            932 => "shift_jis",
            936 => "gbk",
            949 | 1361 => "euc-kr",
            950 => "big5",
            1250..=1258 => {
                return Encoding::for_label(format!("windows-{number}").as_bytes()).map(Charset::Known);
            }
            10000 => "macintosh",
            10007 => "x-mac-cyrillic",
            20866 => "koi8-r",
            28591..=28606 => {
                let label = format!("iso-8859-{}", number - 28590);
                return Encoding::for_label(label.as_bytes()).map(Charset::Known);
            }
            54936 => "gb18030",
            65001 => "utf-8",
            _ => return None,
        };
        Encoding::for_label(label.as_bytes()).map(Charset::Known)
    }

    /// Of a font's `\fcharset`; `None` where that is the document's.
    pub(super) fn of_font(number: i32) -> Option<Charset> {
        match number {
            2 => Some(Charset::Symbol),
            77 => Charset::of_code_page(10000),
            128 => Charset::of_code_page(932),
            129 | 130 => Charset::of_code_page(949),
            134 => Charset::of_code_page(936),
            136 => Charset::of_code_page(950),
            161 => Charset::of_code_page(1253),
            162 => Charset::of_code_page(1254),
            163 => Charset::of_code_page(1258),
            177 => Charset::of_code_page(1255),
            178..=180 => Charset::of_code_page(1256),
            186 => Charset::of_code_page(1257),
            204 => Charset::of_code_page(1251),
            222 => Charset::of_code_page(874),
            238 => Charset::of_code_page(1250),
            254 => Charset::of_code_page(437),
            255 => Charset::of_code_page(850),
            _ => None,
        }
    }

    /// What bytes say.
    pub(super) fn decode(self, bytes: &[u8]) -> Cow<'_, str> {
        let upper = |table: &'static str| {
            move |byte: &u8| match byte.checked_sub(0x80) {
                Some(at) => table.chars().nth(usize::from(at)).unwrap_or(char::REPLACEMENT_CHARACTER),
                None => char::from(*byte),
            }
        };
        match self {
            Charset::Known(encoding) => encoding.decode_without_bom_handling(bytes).0,
            Charset::Pc(table) => bytes.iter().map(upper(table)).collect(),
            Charset::Symbol => bytes.iter().map(|byte| symbol(*byte)).collect(),
        }
    }
}

/// The symbols that Word puts into texts by itself; others stay what their byte is in the usual code page.
fn symbol(byte: u8) -> char {
    match byte {
        0xB7 => '\u{2022}',
        0xA7 => '\u{25AA}',
        0xE0 => '\u{2192}',
        0xDF => '\u{2190}',
        0xF0 => '\u{21E8}',
        0xFC => '\u{2713}',
        0x4A => '\u{263A}',
        byte => char::from(byte),
    }
}
