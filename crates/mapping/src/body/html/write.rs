//! Formatted text to HTML, in one spelling. Attributes have single quotes: SOGo loses what stands behind double ones.

use super::super::rich::{Align, Block, ListKind, Paragraph, Rich, Run, Script, Style, Table};

/// The HTML that says what a text says.
pub fn write(rich: &Rich) -> String {
    let mut out = Output { html: String::from("<html><body>"), lists: Vec::new() };
    for block in &rich.blocks {
        match block {
            Block::Paragraph(paragraph) => out.paragraph(paragraph),
            Block::Table(table) => out.table(table),
        }
    }
    out.close_lists(0);
    out.html.push_str("</body></html>");
    out.html
}

struct Output {
    html: String,
    /// Lists that are open, the outermost first.
    lists: Vec<OpenList>,
}

#[derive(Clone, Copy)]
struct OpenList {
    kind: ListKind,
    /// Whether its last item is open too: a list that is only there for a deeper one has none.
    has_item: bool,
}

impl Output {
    fn paragraph(&mut self, paragraph: &Paragraph) {
        let Some(item) = paragraph.list else {
            self.close_lists(0);
            self.div(paragraph);
            return;
        };
        let depth = usize::from(item.level) + 1;
        self.close_lists(depth);
        if self.lists.len() == depth && self.lists.last().is_none_or(|list| list.kind != item.kind) {
            self.close_lists(depth - 1);
        }
        while self.lists.len() < depth {
            self.html.push_str(if item.kind == ListKind::Numbers { "<ol>" } else { "<ul>" });
            self.lists.push(OpenList { kind: item.kind, has_item: false });
        }
        if let Some(list) = self.lists.last_mut() {
            self.html.push_str(if list.has_item { "</li><li>" } else { "<li>" });
            list.has_item = true;
        }
        self.runs(&paragraph.runs);
    }

    /// Closes lists, with their items, until so many are open.
    fn close_lists(&mut self, depth: usize) {
        while self.lists.len() > depth {
            let Some(list) = self.lists.pop() else { return };
            self.html.push_str(if list.has_item { "</li>" } else { "" });
            self.html.push_str(if list.kind == ListKind::Numbers { "</ol>" } else { "</ul>" });
        }
    }

    fn div(&mut self, paragraph: &Paragraph) {
        match paragraph.align {
            Align::Left => self.html.push_str("<div>"),
            Align::Center => self.html.push_str("<div style='text-align:center'>"),
            Align::Right => self.html.push_str("<div style='text-align:right'>"),
            Align::Justify => self.html.push_str("<div style='text-align:justify'>"),
        }
        self.runs(&paragraph.runs);
        self.html.push_str(if paragraph.is_empty() { "<br></div>" } else { "</div>" });
    }

    fn table(&mut self, table: &Table) {
        self.close_lists(0);
        self.html.push_str("<table border='1'>");
        for row in &table.rows {
            self.html.push_str("<tr>");
            for cell in row {
                self.html.push_str("<td>");
                match cell.as_slice() {
                    [only] if only.list.is_none() && only.align == Align::Left => self.runs(&only.runs),
                    paragraphs => paragraphs.iter().for_each(|one| self.paragraph(one)),
                }
                self.close_lists(0);
                self.html.push_str("</td>");
            }
            self.html.push_str("</tr>");
        }
        self.html.push_str("</table>");
    }

    fn runs(&mut self, runs: &[Run]) {
        let mut link = None;
        let mut before = None;
        for run in runs {
            if run.style.link != link {
                self.html.push_str(if link.is_some() { "</a>" } else { "" });
                link.clone_from(&run.style.link);
                if let Some(address) = &link {
                    self.html.push_str("<a href='");
                    self.escaped(address);
                    self.html.push_str("'>");
                }
            }
            self.run(run, &mut before);
        }
        self.html.push_str(if link.is_some() { "</a>" } else { "" });
    }

    /// A run; `before` is the character before it.
    fn run(&mut self, run: &Run, before: &mut Option<char>) {
        let tags = tags(&run.style);
        let css = css(&run.style);
        tags.iter().for_each(|tag| self.html.push_str(&format!("<{tag}>")));
        if !css.is_empty() {
            self.html.push_str("<span style='");
            self.escaped(&css);
            self.html.push_str("'>");
        }
        self.text(&run.text, before);
        self.html.push_str(if css.is_empty() { "" } else { "</span>" });
        tags.iter().rev().for_each(|tag| self.html.push_str(&format!("</{tag}>")));
    }

    /// Text, in which every blank counts.
    fn text(&mut self, text: &str, before: &mut Option<char>) {
        for char in text.chars() {
            match char {
                '\n' => self.html.push_str("<br>"),
                ' ' if matches!(before, None | Some(' ' | '\n')) => self.html.push_str("&nbsp;"),
                char => self.character(char),
            }
            *before = Some(char);
        }
    }

    fn escaped(&mut self, text: &str) {
        text.chars().for_each(|char| self.character(char));
    }

    fn character(&mut self, char: char) {
        match char {
            '&' => self.html.push_str("&amp;"),
            '<' => self.html.push_str("&lt;"),
            '>' => self.html.push_str("&gt;"),
            '"' => self.html.push_str("&quot;"),
            '\'' => self.html.push_str("&#39;"),
            char => self.html.push(char),
        }
    }
}

fn tags(style: &Style) -> Vec<&'static str> {
    let script = match style.script {
        Script::Line => None,
        Script::Super => Some("sup"),
        Script::Sub => Some("sub"),
    };
    let said = [
        style.bold.then_some("b"),
        style.italic.then_some("i"),
        style.underline.then_some("u"),
        style.strike.then_some("s"),
        script,
    ];
    said.into_iter().flatten().collect()
}

fn css(style: &Style) -> String {
    let hex = |[red, green, blue]: [u8; 3]| format!("#{red:02x}{green:02x}{blue:02x}");
    let size = |half: u16| {
        if half.is_multiple_of(2) { format!("{}pt", half / 2) } else { format!("{}.5pt", half / 2) }
    };
    let said = [
        style.color.map(|color| format!("color:{}", hex(color))),
        style.background.map(|color| format!("background-color:{}", hex(color))),
        style.font.as_ref().map(|font| format!("font-family:{font}")),
        style.half_points.map(|half| format!("font-size:{}", size(half))),
    ];
    said.into_iter().flatten().collect::<Vec<_>>().join(";")
}
