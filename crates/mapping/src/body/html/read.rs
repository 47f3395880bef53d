//! HTML to formatted text.

use super::super::rich::{self, Align, Builder, ListItem, ListKind, Rich, Script, Style};
use super::css::{self, Layout, Margin, Shown};
use super::tokens::{Token, Tokens};

/// Elements that are opened deeper than this are passed over; what is in them stays.
const DEEPEST: usize = 128;

/// An element that is open.
struct Element {
    name: String,
    /// The style around it.
    style: Style,
    /// How lines were set around it.
    align: Align,
    /// Whether a line is left empty behind it.
    gap: bool,
    /// Whether what is in it is not shown.
    hidden: bool,
}

struct Reader {
    builder: Builder,
    open: Vec<Element>,
    style: Style,
    align: Align,
    /// Lists that are open.
    lists: Vec<ListKind>,
    /// The item of a list that has not had its first paragraph yet.
    item: Option<ListItem>,
    /// How many tables are open; the inner ones are no tables to us.
    tables: usize,
    /// How many of the open elements are not shown.
    hidden: usize,
    preformatted: usize,
    /// An empty line is due before the next paragraph.
    gap: bool,
    /// The paragraph at hand ends with a blank that may be left out.
    soft: bool,
}

/// Elements that begin and end a paragraph.
const BLOCKS: [&str; 34] = [
    "p",
    "div",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "ul",
    "ol",
    "menu",
    "dir",
    "li",
    "table",
    "tr",
    "td",
    "th",
    "tbody",
    "thead",
    "tfoot",
    "caption",
    "blockquote",
    "pre",
    "center",
    "address",
    "section",
    "article",
    "header",
    "footer",
    "dl",
    "dt",
    "dd",
    "form",
    "body",
];

/// Elements without contents.
const VOID: [&str; 12] =
    ["br", "hr", "img", "input", "meta", "link", "col", "base", "area", "embed", "wbr", "source"];

/// Elements whose contents are not shown.
const UNSEEN: [&str; 9] =
    ["head", "iframe", "object", "template", "select", "audio", "video", "svg", "applet"];

/// What some HTML says.
pub(super) fn read(html: &str) -> Rich {
    let mut reader = Reader {
        builder: Builder::default(),
        open: Vec::new(),
        style: Style::default(),
        align: Align::default(),
        lists: Vec::new(),
        item: None,
        tables: 0,
        hidden: 0,
        preformatted: 0,
        gap: false,
        soft: false,
    };
    for token in Tokens::of(html) {
        match token {
            Token::Text(text) => text.chars().for_each(|char| reader.character(char)),
            Token::Character(char) => reader.hard(char),
            Token::Start(name, attributes) => reader.start(name, &attributes),
            Token::End(name) => reader.end(&name),
        }
    }
    reader.close_down_to(0);
    reader.end_paragraph();
    reader.builder.finish(None, Align::Left)
}

impl Reader {
    /// Adds a character of the source: blanks in a row are one.
    fn character(&mut self, char: char) {
        if self.preformatted > 0 {
            match char {
                '\r' => {}
                char => self.hard(char),
            }
            return;
        }
        if !matches!(char, ' ' | '\t' | '\n' | '\r' | '\x0c') {
            self.hard(char);
            return;
        }
        let at_start = self.builder.is_at_start() || matches!(self.builder.last(), Some('\n'));
        if self.hidden == 0 && !at_start && !self.soft {
            self.builder.push(" ", &self.style);
            self.soft = true;
        }
    }

    /// Adds a character that stays whatever it is.
    fn hard(&mut self, char: char) {
        if self.hidden > 0 {
            return;
        }
        self.begin_paragraph();
        self.soft = false;
        let char = if char == '\u{a0}' { ' ' } else { char };
        self.builder.push(char.encode_utf8(&mut [0; 4]), &self.style);
    }

    /// What is due before the first character of a paragraph.
    fn begin_paragraph(&mut self) {
        if self.gap && self.builder.is_at_start() && self.tables == 0 && self.item.is_none() {
            self.builder.end_paragraph(None, Align::Left);
        }
        self.gap = false;
    }

    /// Ends the paragraph at hand, if there is one.
    fn end_paragraph(&mut self) {
        if !self.builder.is_at_start() {
            self.put_paragraph();
        }
        self.soft = false;
    }

    fn put_paragraph(&mut self) {
        // What follows in the same item is a paragraph of its own without a mark.
        let item = self.item.take();
        if self.tables > 0 {
            self.builder.end_in_cell(item, self.align);
        } else {
            self.builder.end_paragraph(item, self.align);
        }
    }

    fn start(&mut self, name: String, attributes: &[(String, String)]) {
        let attribute =
            |wanted: &str| attributes.iter().find(|found| found.0 == wanted).map(|found| found.1.as_str());
        match name.as_str() {
            "br" => return self.line_break(),
            "hr" => return self.end_paragraph(),
            "body" => self.close_down_to(0),
            "li" | "tr" | "td" | "th" | "p" | "dt" | "dd" => self.close_alike(&name),
            _ => {}
        }
        if VOID.contains(&name.as_str()) {
            return;
        }
        let is_block = BLOCKS.contains(&name.as_str());
        if is_block {
            self.end_paragraph();
        }
        let is_list = matches!(name.as_str(), "ul" | "ol" | "menu" | "dir");
        if is_list && self.item.is_some() && self.hidden == 0 {
            self.put_paragraph();
        }
        if self.open.len() >= DEEPEST {
            return;
        }
        let mut element = Element {
            name: name.clone(),
            style: self.style.clone(),
            align: self.align,
            gap: matches!(name.as_str(), "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6"),
            hidden: UNSEEN.contains(&name.as_str()),
        };
        self.dress(&name, &attribute);
        let layout = attribute("style").map(|css| css::apply(css, &mut self.style)).unwrap_or_default();
        self.lay_out(&mut element, layout, &attribute, is_block);
        self.gap |= element.gap && self.tables == 0;
        self.hidden += usize::from(element.hidden);
        self.enter(&name);
        self.open.push(element);
    }

    fn lay_out<'a>(
        &mut self,
        element: &mut Element,
        layout: Layout,
        attribute: &impl Fn(&str) -> Option<&'a str>,
        is_block: bool,
    ) {
        let aligned = layout.align.or_else(|| attribute("align").and_then(css::align));
        if let Some(align) = aligned.filter(|_| is_block && element.name != "table") {
            self.align = align;
        }
        // Word's paragraphs have no room around them, and say so in a style sheet.
        let is_word = attribute("class").is_some_and(|class| class.starts_with("Mso"));
        element.gap &= layout.margin == Margin::Usual && !is_word;
        element.hidden |= layout.shown == Shown::No;
    }

    /// Sets the style of an element.
    fn dress<'a>(&mut self, name: &str, attribute: &impl Fn(&str) -> Option<&'a str>) {
        let style = &mut self.style;
        match name {
            "b" | "strong" | "th" => style.bold = true,
            "i" | "em" | "cite" | "dfn" | "var" => style.italic = true,
            "u" | "ins" => style.underline = true,
            "s" | "strike" | "del" => style.strike = true,
            "sub" => style.script = Script::Sub,
            "sup" => style.script = Script::Super,
            "mark" => style.background = Some([255, 255, 0]),
            "code" | "tt" | "kbd" | "samp" | "pre" => style.font = rich::font("Courier New"),
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                style.bold = true;
                style.half_points = match name {
                    "h1" => Some(36),
                    "h2" => Some(28),
                    "h3" => Some(24),
                    _ => style.half_points,
                };
            }
            "a" => {
                if let Some(link) = attribute("href").and_then(rich::link) {
                    style.link = Some(link);
                }
            }
            "font" => {
                let size = attribute("size").map(|size| css::font_size(size, style.half_points));
                style.half_points = size.unwrap_or(style.half_points);
                style.font = attribute("face").map_or_else(|| style.font.clone(), css::font);
                style.color = attribute("color").map_or(style.color, css::color);
            }
            _ => {}
        }
    }

    /// What an element does beside its style.
    fn enter(&mut self, name: &str) {
        match name {
            "ul" | "menu" | "dir" => self.lists.push(ListKind::Bullets),
            "ol" => self.lists.push(ListKind::Numbers),
            "li" => {
                let level = self.lists.len().saturating_sub(1).min(usize::from(rich::DEEPEST_LIST));
                let kind = self.lists.last().copied().unwrap_or(ListKind::Bullets);
                self.item = Some(ListItem { kind, level: u8::try_from(level).unwrap_or(0) });
                self.gap = false;
            }
            "table" => self.tables += 1,
            "pre" => self.preformatted += 1,
            "center" => self.align = Align::Center,
            _ => {}
        }
    }

    fn line_break(&mut self) {
        if self.hidden > 0 {
            return;
        }
        self.begin_paragraph();
        self.soft = false;
        self.builder.push("\n", &self.style);
    }

    /// Ends an element of which HTML lets the end be left out, where another of its kind begins.
    fn close_alike(&mut self, name: &str) {
        let (ends, stops): (&[&str], &[&str]) = match name {
            "li" => (&["li"], &["ul", "ol", "menu", "dir"]),
            "tr" => (&["td", "th", "tr"], &["table"]),
            "td" | "th" => (&["td", "th"], &["tr", "table"]),
            "dt" | "dd" => (&["dt", "dd"], &["dl"]),
            _ => (&["p"], &["div", "td", "th", "li", "blockquote", "table", "body"]),
        };
        let inner = self.open.iter().rev().take_while(|open| !stops.contains(&open.name.as_str()));
        let count = inner.count();
        let first = self.open.len() - count;
        let found = self.open.iter().skip(first).position(|open| ends.contains(&open.name.as_str()));
        if let Some(at) = found {
            self.close_down_to(first + at);
        }
    }

    fn end(&mut self, name: &str) {
        if name == "br" || name == "p" && !self.open.iter().any(|open| open.name == "p") {
            return self.line_break();
        }
        // The end of what is in a cell, or of an item within a list, ends nothing around it.
        let around = |open: &&Element| match open.name.as_str() {
            "table" => name == "table",
            "ul" | "ol" => name != "li",
            _ => true,
        };
        let depth = self.open.iter().rev().take_while(around).position(|open| open.name == name);
        if let Some(depth) = depth {
            self.close_down_to(self.open.len() - 1 - depth);
        }
    }

    fn close_down_to(&mut self, count: usize) {
        while self.open.len() > count {
            let Some(element) = self.open.pop() else { return };
            self.leave(element);
        }
    }

    fn leave(&mut self, element: Element) {
        let name = element.name.as_str();
        if BLOCKS.contains(&name) {
            self.end_paragraph();
        }
        match name {
            // An item that says nothing is one as well.
            "li" if self.item.is_some() && self.hidden == 0 => self.put_paragraph(),
            "ul" | "ol" | "menu" | "dir" => drop(self.lists.pop()),
            "pre" => self.preformatted = self.preformatted.saturating_sub(1),
            "td" | "th" if self.tables == 1 => self.builder.end_cell(),
            "tr" if self.tables == 1 => self.builder.end_row(),
            "table" => {
                self.tables = self.tables.saturating_sub(1);
                if self.tables == 0 {
                    self.builder.end_table();
                }
            }
            _ => {}
        }
        self.gap |= element.gap && self.tables == 0;
        self.hidden -= usize::from(element.hidden);
        self.style = element.style;
        self.align = element.align;
    }
}
