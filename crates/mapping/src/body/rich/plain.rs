//! The plain text that says what a formatted one says.

use super::{Block, ListItem, ListKind, Paragraph, Rich};

/// What is put before the items of lists.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Marks {
    Shown,
    Left,
}

/// What becomes of addresses that texts lead to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Links {
    Shown,
    Left,
}

/// Each of many addresses costs a pass over the text: beyond some of them they are left in when texts are compared.
const MOST_LINKS: usize = 100;

impl Rich {
    /// The plain text: a line for each paragraph and row, lists with what stands before their items, links with where they
    /// lead.
    pub fn text(&self) -> String {
        self.texts().join("\n")
    }

    /// The plain text of each block.
    pub(super) fn texts(&self) -> Vec<String> {
        self.lines(Marks::Shown, Links::Shown)
    }

    fn lines(&self, marks: Marks, links: Links) -> Vec<String> {
        let mut numbers = Numbers::default();
        let mut lines = Vec::with_capacity(self.blocks.len());
        for block in &self.blocks {
            match block {
                Block::Paragraph(paragraph) => {
                    let mark = numbers.mark(paragraph.list).filter(|_| marks == Marks::Shown);
                    lines.push(mark.unwrap_or_default() + &text_of(paragraph, links));
                }
                Block::Table(table) => {
                    numbers = Numbers::default();
                    let cell = |paragraphs: &Vec<Paragraph>| {
                        paragraphs.iter().map(|one| text_of(one, links)).collect::<Vec<_>>().join("\n")
                    };
                    let row =
                        |cells: &Vec<Vec<Paragraph>>| cells.iter().map(cell).collect::<Vec<_>>().join("\t");
                    lines.push(table.rows.iter().map(row).collect::<Vec<_>>().join("\n"));
                }
            }
        }
        lines
    }

    /// Whether a plain text says the same, whatever its blanks and marks. Addresses that this text leads to may stand in it
    /// or not.
    pub fn agrees_with(&self, plain: &str) -> bool {
        let links = self.links();
        let wanted = letters(plain, &links);
        [Marks::Shown, Marks::Left].iter().any(|marks| {
            let own = self.lines(*marks, Links::Left).join("\n");
            letters(&own, &links) == wanted
        })
    }

    /// The addresses it leads to, long ones first.
    pub(super) fn links(&self) -> Vec<&str> {
        let runs = self.paragraphs().flat_map(|paragraph| &paragraph.runs);
        let mut links: Vec<&str> = runs.filter_map(|run| run.style.link.as_deref()).collect();
        links.sort_unstable_by(|one, other| (other.len(), other).cmp(&(one.len(), one)));
        links.dedup();
        links.truncate(MOST_LINKS);
        links
    }
}

/// Numbers of list items, by level.
#[derive(Default)]
struct Numbers(Vec<u32>);

impl Numbers {
    /// What stands before the next paragraph; `None` outside of lists.
    fn mark(&mut self, list: Option<ListItem>) -> Option<String> {
        let Some(item) = list else {
            self.0.clear();
            return None;
        };
        let level = usize::from(item.level);
        self.0.resize(level + 1, 0);
        let indent = "  ".repeat(level);
        match (item.kind, self.0.last_mut()) {
            (ListKind::Numbers, Some(number)) => {
                *number += 1;
                Some(format!("{indent}{number}. "))
            }
            _ => Some(format!("{indent}* ")),
        }
    }
}

fn text_of(paragraph: &Paragraph, links: Links) -> String {
    let mut text = String::new();
    let mut linked = String::new();
    let mut runs = paragraph.runs.iter().peekable();
    while let Some(run) = runs.next() {
        text.push_str(&run.text);
        let Some(link) = &run.style.link else { continue };
        linked.push_str(&run.text);
        if runs.peek().is_some_and(|next| next.style.link.as_ref() == Some(link)) {
            continue;
        }
        if links == Links::Shown && !says(&linked, link) {
            text.push_str(&shown(link));
        }
        linked.clear();
    }
    text
}

/// An address as it stands behind what leads to it.
fn shown(link: &str) -> String {
    format!(" <{link}>")
}

impl Paragraph {
    /// What of its plain text is no text of its own: the addresses behind what leads to them.
    pub(super) fn shown_links(&self) -> Vec<String> {
        let whole = text_of(self, Links::Shown);
        let links = self.runs.iter().filter_map(|run| run.style.link.as_deref());
        let mut links: Vec<String> = links.map(shown).filter(|link| whole.contains(link.as_str())).collect();
        links.dedup();
        links
    }
}

/// Whether a text is the address it leads to.
fn says(text: &str, link: &str) -> bool {
    let text = text.trim();
    let bare = link.split_once(':').map_or(link, |(_, rest)| rest.trim_start_matches('/'));
    [link, link.trim_end_matches('/'), bare, bare.trim_end_matches('/')].contains(&text)
}

/// Letters and digits alone, without some addresses.
fn letters(text: &str, without: &[&str]) -> String {
    let mut text = text.to_owned();
    for address in without {
        let bare = address.strip_prefix("mailto:").unwrap_or(address);
        for spelled in [*address, bare] {
            if text.contains(spelled) {
                text = text.replace(spelled, " ");
            }
        }
    }
    text.chars().filter(|char| char.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
