//! RTF to formatted text.

use super::super::charset::Charset;
use super::super::html;
use super::super::rich::{self, Align, Builder, ListItem, ListKind, Rich, Script, Style};
use super::lists::Lists;
use super::tables::{Colors, Fonts};

/// Groups that are opened deeper than this are passed over.
const DEEPEST: usize = 256;

/// Longer control words are none.
const LONGEST_WORD: usize = 32;

/// The longest instruction of a field that is looked at.
const LONGEST_INSTRUCTION: usize = 16 << 10;

/// What the text of a group is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Destination {
    /// The text itself.
    Text,
    Fonts,
    Colors,
    Lists,
    Overrides,
    /// What a field does.
    Instruction,
    /// A piece of HTML in RTF.
    Html,
    /// What stands before a paragraph, as before Word 97.
    Numbering,
    /// Nothing that is shown.
    Skipped,
}

/// What holds for a paragraph.
#[derive(Clone, Copy, Debug, Default)]
struct Layout {
    align: Align,
    list: Option<i32>,
    level: u8,
    numbering: Option<ListKind>,
    in_table: bool,
}

/// What a group inherits.
#[derive(Clone, Debug)]
struct Group {
    destination: Destination,
    style: Style,
    layout: Layout,
    charset: Charset,
    /// How many characters stand for one in Unicode, for old readers.
    fallback: usize,
    hidden: bool,
    /// What is written for readers of RTF alone, where it holds HTML.
    for_rtf: bool,
}

struct Reader<'r> {
    rest: &'r [u8],
    group: Group,
    groups: Vec<Group>,
    /// Groups that were opened too deep.
    too_deep: usize,
    builder: Builder,
    /// Bytes of which the characters are not known yet.
    bytes: Vec<u8>,
    /// The first half of a character of two.
    high: Option<u16>,
    /// How many characters are left out, because they stand for one in Unicode.
    left_out: usize,
    /// The next word may be unknown: its group is passed over then.
    optional: bool,
    fonts: Fonts,
    colors: Colors,
    lists: Lists,
    document: Charset,
    default_font: i32,
    instruction: String,
    html: Option<String>,
}

/// What some RTF says.
pub(super) fn read(rtf: &[u8]) -> Rich {
    if !rtf.trim_ascii_start().starts_with(b"{\\rtf") {
        return Rich::default();
    }
    let group = Group {
        destination: Destination::Text,
        style: Style::default(),
        layout: Layout::default(),
        charset: Charset::DEFAULT,
        fallback: 1,
        hidden: false,
        for_rtf: false,
    };
    let mut reader = Reader {
        rest: rtf,
        group,
        groups: Vec::new(),
        too_deep: 0,
        builder: Builder::default(),
        bytes: Vec::new(),
        high: None,
        left_out: 0,
        optional: false,
        fonts: Fonts::default(),
        colors: Colors::default(),
        lists: Lists::default(),
        document: Charset::DEFAULT,
        default_font: 0,
        instruction: String::new(),
        html: None,
    };
    reader.run();
    match reader.html {
        Some(html) => html::read(&html),
        None => {
            let (list, align) = (reader.list(), reader.group.layout.align);
            reader.builder.finish(list, align)
        }
    }
}

impl Reader<'_> {
    fn run(&mut self) {
        while let Some(byte) = self.next() {
            match byte {
                b'{' => self.open(),
                b'}' => {
                    self.close();
                    if self.groups.is_empty() {
                        break;
                    }
                }
                b'\\' => self.control(),
                b'\r' | b'\n' | 0 => {}
                byte => self.byte(byte),
            }
        }
        self.flush();
    }

    fn next(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    fn open(&mut self) {
        self.flush();
        self.left_out = 0;
        self.optional = false;
        if self.groups.len() >= DEEPEST {
            self.too_deep += 1;
        } else {
            self.groups.push(self.group.clone());
        }
    }

    fn close(&mut self) {
        self.flush();
        self.left_out = 0;
        if self.too_deep > 0 {
            self.too_deep -= 1;
            return;
        }
        let Some(outer) = self.groups.pop() else { return };
        let inner = std::mem::replace(&mut self.group, outer);
        if inner.destination == self.group.destination {
            return;
        }
        match inner.destination {
            Destination::Instruction => {
                self.group.style.link = hyperlink(&self.instruction);
                self.instruction.clear();
            }
            Destination::Numbering => self.group.layout.numbering = inner.layout.numbering,
            _ => {}
        }
    }

    /// A byte of text.
    fn byte(&mut self, byte: u8) {
        if self.left_out > 0 {
            self.left_out -= 1;
        } else if self.too_deep == 0 && self.group.destination != Destination::Skipped {
            self.bytes.push(byte);
        }
    }

    /// Makes characters of the bytes that were read.
    fn flush(&mut self) {
        if !self.bytes.is_empty() {
            let bytes = std::mem::take(&mut self.bytes);
            let text = self.group.charset.decode(&bytes);
            self.text(&text);
        }
    }

    fn text(&mut self, text: &str) {
        if self.too_deep > 0 {
            return;
        }
        if self.high.take().is_some() {
            self.text("\u{FFFD}");
        }
        match self.group.destination {
            Destination::Text if self.group.hidden => {}
            Destination::Text => match &mut self.html {
                Some(html) if !self.group.for_rtf => html.push_str(text),
                Some(_) => {}
                None => self.builder.push(text, &self.group.style),
            },
            Destination::Html => {
                if let Some(html) = &mut self.html {
                    html.push_str(text);
                }
            }
            Destination::Instruction if self.instruction.len() < LONGEST_INSTRUCTION => {
                self.instruction.push_str(text);
            }
            Destination::Fonts => self.fonts.name(text),
            Destination::Colors => self.colors.end(text),
            _ => {}
        }
    }

    /// What stands behind a backslash.
    fn control(&mut self) {
        let Some(first) = self.next() else { return };
        match first {
            b'a'..=b'z' | b'A'..=b'Z' => self.control_word(first),
            b'\'' => {
                let digits = self.rest.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
                if let Some(byte) = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
                    self.rest = self.rest.get(2..).unwrap_or_default();
                    self.byte(byte);
                }
            }
            b'{' | b'}' | b'\\' => self.byte(first),
            b'*' => self.optional = true,
            b'~' => self.symbol("\u{a0}"),
            b'_' => self.symbol("-"),
            b'\r' | b'\n' => self.word("par", None),
            _ => {}
        }
    }

    fn symbol(&mut self, text: &str) {
        if self.left_out > 0 {
            self.left_out -= 1;
            return;
        }
        self.flush();
        self.text(text);
    }

    fn control_word(&mut self, first: u8) {
        let mut word = String::from(char::from(first));
        while let Some(letter) = self.rest.first().filter(|byte| byte.is_ascii_alphabetic()) {
            if word.len() >= LONGEST_WORD {
                break;
            }
            word.push(char::from(*letter));
            self.next();
        }
        let sign = usize::from(self.rest.first() == Some(&b'-'));
        let digits = self.rest.iter().skip(sign).take(10).take_while(|byte| byte.is_ascii_digit()).count();
        let mut number = None;
        if digits > 0 {
            let text = self.rest.get(..sign + digits).and_then(|text| std::str::from_utf8(text).ok());
            let value = text.and_then(|text| text.parse::<i64>().ok()).unwrap_or(0);
            number = i32::try_from(value.clamp(i64::from(i32::MIN), i64::from(i32::MAX))).ok();
            self.rest = self.rest.get(sign + digits..).unwrap_or_default();
        }
        if self.rest.first() == Some(&b' ') {
            self.next();
        }
        if word == "u" {
            return self.unicode(number.unwrap_or(0));
        }
        self.flush();
        self.left_out = 0;
        if word == "bin" {
            let length = usize::try_from(number.unwrap_or(0)).unwrap_or(0);
            self.rest = self.rest.get(length..).unwrap_or_default();
            return;
        }
        let optional = std::mem::take(&mut self.optional);
        if self.too_deep > 0 || self.group.destination == Destination::Skipped {
            return;
        }
        match destination(&word, optional, self.html.is_some()) {
            Some(destination) => self.group.destination = destination,
            None => self.word(&word, number),
        }
    }

    /// A character in Unicode: a half of one where it does not fit into 16 bits.
    fn unicode(&mut self, number: i32) {
        self.flush();
        let unit = if number < 0 { number.wrapping_add(0x1_0000) } else { number };
        match (u16::try_from(unit), self.high.take()) {
            (Ok(high @ 0xD800..=0xDBFF), _) => self.high = Some(high),
            (Ok(low @ 0xDC00..=0xDFFF), high) => {
                let whole = high.and_then(|high| char::decode_utf16([high, low]).next()?.ok());
                self.text(whole.unwrap_or(char::REPLACEMENT_CHARACTER).encode_utf8(&mut [0; 4]));
            }
            _ => {
                let char = u32::try_from(unit).ok().and_then(char::from_u32);
                self.text(char.unwrap_or(char::REPLACEMENT_CHARACTER).encode_utf8(&mut [0; 4]));
            }
        }
        self.left_out = self.group.fallback;
    }

    fn word(&mut self, word: &str, number: Option<i32>) {
        let value = number.unwrap_or(0);
        match self.group.destination {
            Destination::Fonts => return self.fonts.define(word, value),
            Destination::Colors => return self.colors.define(word, value),
            Destination::Lists => return self.lists.define(word, value),
            Destination::Overrides => return self.lists.override_list(word, value),
            Destination::Numbering => return self.numbering(word),
            _ => {}
        }
        if let Some(text) = special(word) {
            return self.text(text);
        }
        match word {
            "par" | "sect" | "page" | "line" | "cell" | "nestcell" | "row" | "nestrow"
                if self.html.is_some() =>
            {
                self.text("\r\n");
            }
            "par" | "sect" | "page" => self.end_paragraph(),
            "line" => self.text("\n"),
            "cell" => self.end_cell(),
            "nestcell" => self.builder.end_in_cell(self.list(), self.group.layout.align),
            "row" => self.builder.end_row(),
            "ansicpg" => self.document = Charset::of_code_page(value).unwrap_or(self.document),
            "mac" => self.document = Charset::of_code_page(10000).unwrap_or(self.document),
            "pc" => self.document = Charset::of_code_page(437).unwrap_or(self.document),
            "pca" => self.document = Charset::of_code_page(850).unwrap_or(self.document),
            "deff" => self.default_font = value,
            "fromhtml" => self.html = Some(String::new()),
            "htmlrtf" => self.group.for_rtf = number != Some(0),
            "uc" => self.group.fallback = usize::try_from(value).unwrap_or(0).min(16),
            _ => self.dress(word, number),
        }
        if matches!(word, "ansicpg" | "mac" | "pc" | "pca") {
            self.group.charset = self.document;
        }
    }

    /// A word of what stands before a paragraph.
    fn numbering(&mut self, word: &str) {
        match word {
            "pnlvlblt" => self.group.layout.numbering = Some(ListKind::Bullets),
            "pnlvlbody" | "pnlvl" | "pndec" | "pnlcltr" | "pnucltr" | "pnlcrm" | "pnucrm" => {
                self.group.layout.numbering = Some(ListKind::Numbers);
            }
            _ => {}
        }
    }

    /// A word that says how text or a paragraph looks.
    fn dress(&mut self, word: &str, number: Option<i32>) {
        let is_on = number != Some(0);
        let value = number.unwrap_or(0);
        let (colors, group) = (&self.colors, &mut self.group);
        let (style, layout) = (&mut group.style, &mut group.layout);
        match word {
            "b" => style.bold = is_on,
            "i" => style.italic = is_on,
            "ulnone" => style.underline = false,
            "ul" | "uld" | "uldash" | "uldashd" | "uldashdd" | "uldb" | "ulth" | "ulw" | "ulwave"
            | "ulhwave" | "ulldash" => style.underline = is_on,
            "strike" | "striked" => style.strike = is_on,
            "super" => style.script = if is_on { Script::Super } else { Script::Line },
            "sub" => style.script = if is_on { Script::Sub } else { Script::Line },
            "nosupersub" => style.script = Script::Line,
            "cf" => style.color = colors.of(value),
            "highlight" | "cb" | "chcbpat" => style.background = colors.of(value),
            "fs" => style.half_points = u16::try_from(value).ok().and_then(rich::half_points),
            "v" => group.hidden = is_on,
            "f" => self.choose_font(value),
            "plain" => {
                let link = style.link.take();
                *style = Style { link, ..Style::default() };
                group.hidden = false;
                self.choose_font(self.default_font);
            }
            "pard" => *layout = Layout::default(),
            "ql" => layout.align = Align::Left,
            "qc" => layout.align = Align::Center,
            "qr" => layout.align = Align::Right,
            "qj" => layout.align = Align::Justify,
            "ls" => layout.list = Some(value).filter(|list| *list > 0),
            "ilvl" => layout.level = u8::try_from(value).unwrap_or(0).min(rich::DEEPEST_LIST),
            "intbl" => layout.in_table = true,
            _ => {}
        }
    }

    fn choose_font(&mut self, number: i32) {
        let font = self.fonts.of(number);
        self.group.charset = font.and_then(|font| font.charset).unwrap_or(self.document);
        let says_something = number != self.default_font && self.group.charset != Charset::Symbol;
        let name = font.map(|font| font.name.as_str()).filter(|_| says_something);
        self.group.style.font = name.and_then(rich::font);
    }

    /// The list that the paragraph at hand is an item of.
    fn list(&self) -> Option<ListItem> {
        let layout = &self.group.layout;
        let kind = layout.list.and_then(|list| self.lists.kind(list, layout.level)).or(layout.numbering)?;
        Some(ListItem { kind, level: layout.level })
    }

    fn end_paragraph(&mut self) {
        let (list, align) = (self.list(), self.group.layout.align);
        if self.group.layout.in_table {
            self.builder.end_in_cell(list, align);
        } else {
            self.builder.end_paragraph(list, align);
        }
    }

    fn end_cell(&mut self) {
        self.builder.end_in_cell(self.list(), self.group.layout.align);
        self.builder.end_cell();
    }
}

/// What the text of a group is that starts with this word; `None` for the words that say something else.
fn destination(word: &str, optional: bool, holds_html: bool) -> Option<Destination> {
    Some(match word {
        "fonttbl" => Destination::Fonts,
        "colortbl" => Destination::Colors,
        "listtable" => Destination::Lists,
        "listoverridetable" => Destination::Overrides,
        "fldinst" => Destination::Instruction,
        "htmltag" if holds_html => Destination::Html,
        "pn" => Destination::Numbering,
        "stylesheet" | "info" | "pict" | "objdata" | "pntext" | "listtext" | "nonshppict" | "header"
        | "headerl" | "headerr" | "headerf" | "footer" | "footerl" | "footerr" | "footerf" | "footnote"
        | "annotation" | "xe" | "tc" | "levelmarker" | "upr" | "nonesttables" => Destination::Skipped,
        _ if optional => Destination::Skipped,
        _ => return None,
    })
}

/// Words that stand for characters.
fn special(word: &str) -> Option<&'static str> {
    Some(match word {
        "tab" => "\t",
        "emdash" => "\u{2014}",
        "endash" => "\u{2013}",
        "emspace" => "\u{2003}",
        "enspace" => "\u{2002}",
        "qmspace" => "\u{2005}",
        "bullet" => "\u{2022}",
        "lquote" => "\u{2018}",
        "rquote" => "\u{2019}",
        "ldblquote" => "\u{201C}",
        "rdblquote" => "\u{201D}",
        "zwj" => "\u{200D}",
        "zwnj" => "\u{200C}",
        "ltrmark" => "\u{200E}",
        "rtlmark" => "\u{200F}",
        _ => return None,
    })
}

/// Where a field leads, if it is a hyperlink.
fn hyperlink(instruction: &str) -> Option<std::rc::Rc<str>> {
    let rest = instruction.trim_start();
    let (word, rest) = rest.split_at_checked("HYPERLINK".len())?;
    if !word.eq_ignore_ascii_case("HYPERLINK") {
        return None;
    }
    let rest = rest.trim_start();
    let address = match rest.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next(),
        None => rest.split_whitespace().next(),
    };
    // A field doubles backslashes of its own.
    rich::link(&address?.replace("\\\\", "\\"))
}
