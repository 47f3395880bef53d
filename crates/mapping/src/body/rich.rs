//! Formatted text as far as both RTF and HTML know it.
//!
//! A [`Rich`] that a reader made is *normal*: neighbours alike in style are one run, nothing is said that is the default
//! anyway, and nothing empty stands at its end. Writing a normal one and reading it back gives the same.

use std::rc::Rc;

mod edit;
mod plain;

/// A formatted text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rich {
    /// Its paragraphs and tables.
    pub blocks: Vec<Block>,
}

/// A paragraph or a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// A paragraph.
    Paragraph(Paragraph),
    /// A table.
    Table(Table),
}

/// A table: rows of cells. Tables in cells are not known: their cells become paragraphs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// Each a list of cells, which are lists of paragraphs.
    pub rows: Vec<Vec<Vec<Paragraph>>>,
}

/// A paragraph. Line breaks in it are `\n`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Paragraph {
    /// Where it belongs to a list.
    pub list: Option<ListItem>,
    /// How its lines are set.
    pub align: Align,
    /// Its text.
    pub runs: Vec<Run>,
}

/// What makes a paragraph part of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListItem {
    /// What stands before it.
    pub kind: ListKind,
    /// How deep it is, from 0 to [`DEEPEST_LIST`].
    pub level: u8,
}

/// The deepest level of a list, as in Word.
pub(super) const DEEPEST_LIST: u8 = 8;

/// What stands before the items of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListKind {
    /// A bullet.
    Bullets,
    /// A number.
    Numbers,
}

/// How lines are set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Align {
    /// Flush left.
    #[default]
    Left,
    /// Centred.
    Center,
    /// Flush right.
    Right,
    /// On both sides.
    Justify,
}

/// Text in one style.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Run {
    /// The text.
    pub text: String,
    /// Its style.
    pub style: Style,
}

/// How a text looks, and where it leads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// Bold.
    pub bold: bool,
    /// Italic.
    pub italic: bool,
    /// Underlined.
    pub underline: bool,
    /// Struck through.
    pub strike: bool,
    /// Raised or lowered.
    pub script: Script,
    /// Its colour; `None` for that of the window.
    pub color: Option<[u8; 3]>,
    /// What is behind it; `None` for the window.
    pub background: Option<[u8; 3]>,
    /// Its font; `None` for the program's.
    pub font: Option<Rc<str>>,
    /// Its size in halves of a point; `None` for the program's.
    pub half_points: Option<u16>,
    /// Where a click on it leads: an address of a kind that is harmless ([`link`]).
    pub link: Option<Rc<str>>,
}

/// Whether text is raised or lowered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Script {
    /// On the line.
    #[default]
    Line,
    /// Raised.
    Super,
    /// Lowered.
    Sub,
}

/// The size that texts have where none is said: 11 points.
pub(super) const DEFAULT_HALF_POINTS: u16 = 22;

/// Fonts that say nothing, because Outlook uses them where nobody chose one.
pub(super) const DEFAULT_FONTS: [&str; 2] = ["Calibri", "Aptos"];

/// Longer names of fonts are none.
const LONGEST_FONT: usize = 64;

/// Longer addresses are none.
const LONGEST_LINK: usize = 8192;

/// The kinds of addresses that a text may lead to. Others could run something.
const SCHEMES: [&str; 18] = [
    "http", "https", "mailto", "tel", "sms", "sip", "sips", "xmpp", "im", "callto", "ftp", "ftps", "geo",
    "cid", "msteams", "zoommtg", "skype", "webcal",
];

/// An address that a text may lead to; `None` for one of another kind.
pub(super) fn link(address: &str) -> Option<Rc<str>> {
    let address: String = address.trim().chars().filter(|char| !char.is_control()).collect();
    // Quotes have no place in addresses, and would end them in RTF.
    let address = address.replace('"', "%22");
    let (scheme, _) = address.split_once(':')?;
    let is_fine = SCHEMES.iter().any(|known| known.eq_ignore_ascii_case(scheme));
    (is_fine && address.len() <= LONGEST_LINK).then(|| Rc::from(address))
}

/// The name of a font; `None` where that is the default or no name.
pub(super) fn font(name: &str) -> Option<Rc<str>> {
    let is_fine = |char: char| char.is_alphanumeric() || matches!(char, ' ' | '-' | '_' | '@' | '+' | '.');
    let name = name.trim();
    let fits = !name.is_empty() && name.len() <= LONGEST_FONT && name.chars().all(is_fine);
    let is_default = DEFAULT_FONTS.iter().any(|known| known.eq_ignore_ascii_case(name));
    (fits && !is_default).then(|| Rc::from(name))
}

/// A size; `None` where that is the default or no size.
pub(super) fn half_points(size: u16) -> Option<u16> {
    (size != DEFAULT_HALF_POINTS && (2..=400).contains(&size)).then_some(size)
}

impl Style {
    /// The style without what its link makes of it anyway, and without colours that are the window's.
    fn normal(&self) -> Style {
        let is_link = self.link.is_some();
        Style {
            underline: self.underline && !is_link,
            color: self.color.filter(|color| *color != [0; 3] && !is_link),
            background: self.background.filter(|color| *color != [255; 3]),
            ..self.clone()
        }
    }
}

impl Paragraph {
    /// Adds text; `\n` is a line break.
    pub(super) fn push(&mut self, text: &str, style: &Style) {
        if text.is_empty() {
            return;
        }
        match self.runs.last_mut().filter(|last| last.style == *style) {
            Some(last) => last.text.push_str(text),
            None => self.runs.push(Run { text: text.to_owned(), style: style.clone() }),
        }
    }

    /// Whether it shows nothing.
    pub fn is_empty(&self) -> bool {
        self.runs.iter().all(|run| run.text.is_empty())
    }

    fn normal(self) -> Paragraph {
        let mut normal = Paragraph { list: self.list, align: self.align, runs: Vec::new() };
        for run in self.runs {
            normal.push(&plain_characters(&run.text), &run.style.normal());
        }
        while let Some(last) = normal.runs.last_mut() {
            let kept = last.text.trim_end().len();
            last.text.truncate(kept);
            if kept > 0 {
                break;
            }
            normal.runs.pop();
        }
        if let Some(item) = &mut normal.list {
            item.level = item.level.min(DEEPEST_LIST);
            normal.align = Align::Left;
        }
        normal
    }
}

/// The characters that both formats keep: blanks instead of tabs and hard blanks, no control characters.
fn plain_characters(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '\t' => plain.push_str("    "),
            '\u{a0}' => plain.push(' '),
            '\n' => plain.push('\n'),
            char if char.is_control() || matches!(char, '\u{feff}' | '\u{ad}' | '\u{fffe}' | '\u{ffff}') => {}
            char => plain.push(char),
        }
    }
    plain
}

impl Rich {
    /// A text without formatting: a paragraph for each line.
    pub fn from_text(text: &str) -> Rich {
        let paragraph = |line: &str| {
            let mut paragraph = Paragraph::default();
            paragraph.push(line, &Style::default());
            Block::Paragraph(paragraph)
        };
        Rich { blocks: text.lines().map(paragraph).collect() }.normal()
    }

    /// The same in the one form that readers give.
    #[must_use]
    pub fn normal(self) -> Rich {
        let mut blocks: Vec<Block> = Vec::with_capacity(self.blocks.len());
        for block in self.blocks {
            match (block, blocks.last_mut()) {
                (Block::Paragraph(paragraph), _) => blocks.push(Block::Paragraph(paragraph.normal())),
                (Block::Table(table), last) => {
                    let rows = table.rows.into_iter().map(normal_row).filter(|row| !row.is_empty());
                    match last {
                        // RTF has nothing that stands between two tables.
                        Some(Block::Table(before)) => before.rows.extend(rows),
                        _ => blocks.push(Block::Table(Table { rows: rows.collect() })),
                    }
                }
            }
            if matches!(blocks.last(), Some(Block::Table(table)) if table.rows.is_empty()) {
                blocks.pop();
            }
        }
        let says_nothing =
            |block: &Block| matches!(block, Block::Paragraph(only) if only.is_empty() && only.list.is_none());
        let start = blocks.iter().position(|block| !says_nothing(block)).unwrap_or(blocks.len());
        blocks.drain(..start);
        while blocks.last().is_some_and(says_nothing) {
            blocks.pop();
        }
        for block in &mut blocks {
            if let Block::Paragraph(paragraph) = block
                && says_nothing(&Block::Paragraph(paragraph.clone()))
            {
                paragraph.align = Align::Left;
            }
        }
        Rich { blocks }
    }

    /// Whether it says no more than its plain text does.
    pub fn is_plain(&self) -> bool {
        let is_plain_run = |run: &Run| match &run.style.link {
            Some(link) => {
                run.style == Style { link: Some(link.clone()), ..Style::default() } && run.text == **link
            }
            None => run.style == Style::default(),
        };
        self.blocks.iter().all(|block| match block {
            Block::Table(_) => false,
            Block::Paragraph(paragraph) => {
                paragraph.list.is_none()
                    && paragraph.align == Align::Left
                    && paragraph.runs.iter().all(is_plain_run)
            }
        })
    }

    /// All its paragraphs, those of tables too.
    fn paragraphs(&self) -> impl Iterator<Item = &Paragraph> {
        self.blocks.iter().flat_map(|block| -> Box<dyn Iterator<Item = &Paragraph>> {
            match block {
                Block::Paragraph(paragraph) => Box::new(std::iter::once(paragraph)),
                Block::Table(table) => Box::new(table.rows.iter().flatten().flatten()),
            }
        })
    }
}

fn normal_row(cells: Vec<Vec<Paragraph>>) -> Vec<Vec<Paragraph>> {
    let cell = |paragraphs: Vec<Paragraph>| {
        let mut normal: Vec<Paragraph> = paragraphs.into_iter().map(Paragraph::normal).collect();
        let says_nothing = |last: &Paragraph| last.is_empty() && last.list.is_none();
        while normal.len() > 1 && normal.last().is_some_and(says_nothing) {
            normal.pop();
        }
        if normal.is_empty() {
            normal.push(Paragraph::default());
        }
        for paragraph in normal.iter_mut().filter(|paragraph| says_nothing(paragraph)) {
            paragraph.align = Align::Left;
        }
        normal
    };
    cells.into_iter().map(cell).collect()
}

/// What a reader builds a text with, piece by piece.
#[derive(Debug, Default)]
pub(super) struct Builder {
    blocks: Vec<Block>,
    paragraph: Paragraph,
    cell: Vec<Paragraph>,
    row: Vec<Vec<Paragraph>>,
    rows: Vec<Vec<Vec<Paragraph>>>,
}

impl Builder {
    /// Adds text to the paragraph at hand.
    pub(super) fn push(&mut self, text: &str, style: &Style) {
        self.paragraph.push(text, style);
    }

    /// The last character of the paragraph at hand.
    pub(super) fn last(&self) -> Option<char> {
        self.paragraph.runs.last().and_then(|run| run.text.chars().next_back())
    }

    /// Whether the paragraph at hand has nothing in it.
    pub(super) fn is_at_start(&self) -> bool {
        self.paragraph.runs.is_empty()
    }

    /// Ends the paragraph at hand, empty or not, in the cell at hand.
    pub(super) fn end_in_cell(&mut self, list: Option<ListItem>, align: Align) {
        let runs = std::mem::take(&mut self.paragraph.runs);
        self.cell.push(Paragraph { list, align, runs });
    }

    /// Ends the paragraph at hand, empty or not, and any table before it.
    pub(super) fn end_paragraph(&mut self, list: Option<ListItem>, align: Align) {
        self.end_table();
        let runs = std::mem::take(&mut self.paragraph.runs);
        self.blocks.push(Block::Paragraph(Paragraph { list, align, runs }));
    }

    /// Ends a cell, which may have nothing in it.
    pub(super) fn end_cell(&mut self) {
        self.row.push(std::mem::take(&mut self.cell));
    }

    /// Ends a row, where it has cells.
    pub(super) fn end_row(&mut self) {
        if !self.cell.is_empty() {
            self.end_cell();
        }
        if !self.row.is_empty() {
            self.rows.push(std::mem::take(&mut self.row));
        }
    }

    /// Ends a table, where there is one. The paragraph at hand comes behind it.
    pub(super) fn end_table(&mut self) {
        self.end_row();
        if !self.rows.is_empty() {
            self.blocks.push(Block::Table(Table { rows: std::mem::take(&mut self.rows) }));
        }
    }

    /// The whole text.
    pub(super) fn finish(mut self, list: Option<ListItem>, align: Align) -> Rich {
        if !self.is_at_start() {
            self.end_paragraph(list, align);
        }
        self.end_table();
        Rich { blocks: self.blocks }.normal()
    }
}
