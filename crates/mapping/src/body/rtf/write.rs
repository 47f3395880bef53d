//! Formatted text to RTF, in words that Outlook, Word and the editors of Windows know.

use std::fmt::Write as _;
use std::rc::Rc;

use super::super::rich::{
    Align, Block, DEEPEST_LIST, DEFAULT_HALF_POINTS, ListItem, ListKind, Paragraph, Rich, Run, Script, Style,
    Table,
};

/// The width of a table, in twentieths of a point.
const TABLE_WIDTH: usize = 9000;

/// The RTF that says what a text says; pure ASCII.
pub fn write(rich: &Rich) -> Vec<u8> {
    let mut out = Output { rtf: String::new(), fonts: Vec::new(), colors: Vec::new(), lists: Vec::new() };
    let mut before = None;
    for block in &rich.blocks {
        match block {
            Block::Paragraph(paragraph) => {
                out.paragraph(paragraph, &mut before, "");
                out.rtf.push_str("\\par\r\n");
            }
            Block::Table(table) => {
                out.table(table);
                before = None;
            }
        }
    }
    let head = out.head();
    format!("{head}{}}}\r\n", out.rtf).into_bytes()
}

struct Output {
    rtf: String,
    /// Fonts, from number 1.
    fonts: Vec<Rc<str>>,
    /// Colours, from number 2: 1 is that of links.
    colors: Vec<[u8; 3]>,
    /// Lists, from number 1: each begins to count anew.
    lists: Vec<ListKind>,
}

impl Output {
    fn head(&self) -> String {
        let mut head =
            String::from("{\\rtf1\\ansi\\ansicpg1252\\deff0{\\fonttbl{\\f0\\fswiss\\fcharset0 Calibri;}");
        for (at, font) in self.fonts.iter().enumerate() {
            let mut name = String::new();
            escape(font, &mut name);
            let _ = write!(head, "{{\\f{}\\fnil {name};}}", at + 1);
        }
        head.push_str("}\r\n{\\colortbl ;\\red5\\green99\\blue193;");
        for [red, green, blue] in &self.colors {
            let _ = write!(head, "\\red{red}\\green{green}\\blue{blue};");
        }
        head.push_str("}\r\n");
        self.list_tables(&mut head);
        let _ = write!(head, "\\uc1\\pard\\plain\\f0\\fs{DEFAULT_HALF_POINTS}\r\n");
        head
    }

    fn list_tables(&self, head: &mut String) {
        if self.lists.is_empty() {
            return;
        }
        head.push_str("{\\*\\listtable");
        for (at, kind) in self.lists.iter().enumerate() {
            head.push_str("{\\list\\listhybrid");
            for level in 0..=DEEPEST_LIST {
                let indent = 720 * (u32::from(level) + 1);
                let mark = match kind {
                    ListKind::Bullets => String::from(
                        "\\levelnfc23\\leveljc0\\levelstartat1{\\leveltext\\'01\\u8226 ?;}{\\levelnumbers;}",
                    ),
                    ListKind::Numbers => format!(
                        "\\levelnfc0\\leveljc0\\levelstartat1{{\\leveltext\\'02\\'{level:02x}.;}}{{\\levelnumbers\\'01;}}"
                    ),
                };
                let _ = write!(head, "{{\\listlevel{mark}\\fi-360\\li{indent}}}");
            }
            let _ = write!(head, "\\listid{}}}", at + 1);
        }
        head.push_str("}\r\n{\\*\\listoverridetable");
        for number in 1..=self.lists.len() {
            let _ = write!(head, "{{\\listoverride\\listid{number}\\listoverridecount0\\ls{number}}}");
        }
        head.push_str("}\r\n");
    }

    /// The number of a list that a paragraph goes on with, or begins. `open` has the lists of the levels before it.
    fn list(&mut self, item: ListItem, open: &mut Vec<(ListKind, usize)>) -> usize {
        let level = usize::from(item.level);
        open.truncate(level + 1);
        if open.len() == level + 1 && open.last().is_some_and(|list| list.0 == item.kind) {
            return open.last().map_or(0, |list| list.1);
        }
        open.truncate(level);
        // A level of a list that has its own numbers counts on by itself.
        let outer = open.iter().rev().find(|list| list.0 == item.kind).map(|list| list.1);
        let number = outer.unwrap_or_else(|| {
            self.lists.push(item.kind);
            self.lists.len()
        });
        open.resize(level + 1, (item.kind, number));
        number
    }

    /// A paragraph without its end.
    fn paragraph(
        &mut self,
        paragraph: &Paragraph,
        before: &mut Option<Vec<(ListKind, usize)>>,
        in_table: &str,
    ) {
        self.rtf.push_str("\\pard");
        self.rtf.push_str(in_table);
        match paragraph.list {
            Some(item) => {
                let number = self.list(item, before.get_or_insert_default());
                let (level, indent) = (item.level, 720 * (u32::from(item.level) + 1));
                let mark = if item.kind == ListKind::Bullets { "\\u8226 ?" } else { "1." };
                let _ = write!(
                    self.rtf,
                    "{{\\listtext {mark}\\tab}}\\ls{number}\\ilvl{level}\\fi-360\\li{indent} "
                );
            }
            None => {
                *before = None;
                self.rtf.push_str(match paragraph.align {
                    Align::Left => " ",
                    Align::Center => "\\qc ",
                    Align::Right => "\\qr ",
                    Align::Justify => "\\qj ",
                });
            }
        }
        self.runs(&paragraph.runs);
    }

    fn table(&mut self, table: &Table) {
        for row in &table.rows {
            self.rtf.push_str("\\trowd\\trgaph108");
            for at in 1..=row.len() {
                let edge = TABLE_WIDTH * at / row.len();
                let borders = "\\clbrdrt\\brdrs\\clbrdrl\\brdrs\\clbrdrb\\brdrs\\clbrdrr\\brdrs";
                let _ = write!(self.rtf, "{borders}\\cellx{edge}");
            }
            self.rtf.push_str("\r\n");
            for cell in row {
                let mut before = None;
                for (at, paragraph) in cell.iter().enumerate() {
                    self.rtf.push_str(if at > 0 { "\\par\r\n" } else { "" });
                    self.paragraph(paragraph, &mut before, "\\intbl");
                }
                self.rtf.push_str("\\cell\r\n");
            }
            self.rtf.push_str("\\row\r\n");
        }
    }

    fn runs(&mut self, runs: &[Run]) {
        let mut link: Option<&Rc<str>> = None;
        for run in runs {
            let own = run.style.link.as_ref();
            if own != link {
                self.rtf.push_str(if link.is_some() { "}}" } else { "" });
                if let Some(address) = own {
                    self.rtf.push_str("{\\field{\\*\\fldinst{HYPERLINK \"");
                    escape(&address.replace('\\', "\\\\"), &mut self.rtf);
                    self.rtf.push_str("\"}}{\\fldrslt\\ul\\cf1 ");
                }
                link = own;
            }
            self.run(run);
        }
        self.rtf.push_str(if link.is_some() { "}}" } else { "" });
    }

    fn run(&mut self, run: &Run) {
        let words = self.words(&run.style);
        if words.is_empty() {
            return escape(&run.text, &mut self.rtf);
        }
        let _ = write!(self.rtf, "{{{words} ");
        escape(&run.text, &mut self.rtf);
        self.rtf.push('}');
    }

    /// The control words of a style.
    fn words(&mut self, style: &Style) -> String {
        let mut words = String::new();
        let script = match style.script {
            Script::Line => "",
            Script::Super => "\\super",
            Script::Sub => "\\sub",
        };
        for (is_on, word) in [
            (style.bold, "\\b"),
            (style.italic, "\\i"),
            (style.underline, "\\ul"),
            (style.strike, "\\strike"),
        ] {
            words.push_str(if is_on { word } else { "" });
        }
        words.push_str(script);
        if let Some(color) = style.color {
            let _ = write!(words, "\\cf{}", number_of(&mut self.colors, color) + 2);
        }
        if let Some(color) = style.background {
            let number = number_of(&mut self.colors, color) + 2;
            let _ = write!(words, "\\chshdng0\\chcbpat{number}\\cb{number}");
        }
        if let Some(font) = &style.font {
            let _ = write!(words, "\\f{}", number_of(&mut self.fonts, Rc::clone(font)) + 1);
        }
        if let Some(size) = style.half_points {
            let _ = write!(words, "\\fs{size}");
        }
        words
    }
}

/// Where something is in a list, into which it is put if it is not there.
fn number_of<T: PartialEq>(list: &mut Vec<T>, wanted: T) -> usize {
    list.iter().position(|known| *known == wanted).unwrap_or_else(|| {
        list.push(wanted);
        list.len() - 1
    })
}

/// Text, in ASCII.
fn escape(text: &str, rtf: &mut String) {
    for char in text.chars() {
        match char {
            '\n' => rtf.push_str("\\line "),
            '\t' => rtf.push_str("\\tab "),
            '\\' | '{' | '}' => {
                rtf.push('\\');
                rtf.push(char);
            }
            ' '..='~' => rtf.push(char),
            char => {
                for unit in char.encode_utf16(&mut [0; 2]) {
                    let _ = write!(rtf, "\\u{}?", i16::from_ne_bytes(unit.to_ne_bytes()));
                }
            }
        }
    }
}
