//! An edit of the plain text, made in the formatted one.

use super::{Block, ListItem, Paragraph, Rich, Run, Style};

/// More pairs of blocks and lines are not compared with each other: what is between the first and the last difference of
/// such a text is taken in order.
const MOST_PAIRS: usize = 250_000;

impl Rich {
    /// This text, changed where it does not agree with its plain text.
    #[must_use]
    pub fn saying(self, text: &str) -> Rich {
        if self.agrees_with(text) { self } else { self.with_text(text) }
    }

    /// This text, changed so that its plain text is `text`: what stays keeps its formatting, and what is new has that of
    /// what it stands for, or else of what is before it. Where that cannot be, the text without formatting.
    #[must_use]
    pub fn with_text(&self, text: &str) -> Rich {
        let text = text.replace("\r\n", "\n");
        if self.text().split_whitespace().eq(text.split_whitespace()) {
            return self.clone();
        }
        let links = self.links();
        let lined = Rich { blocks: lined(&self.blocks) };
        let old: Vec<Piece<'_>> = lined
            .blocks
            .iter()
            .zip(lined.texts())
            .map(|(block, said)| Piece::of(block, &said, &links))
            .collect();
        let new: Vec<Line<'_>> = text.split('\n').map(|line| Line::of(line, &links)).collect();
        let mut blocks: Vec<Block> = Vec::with_capacity(new.len());
        let (mut piece, mut line) = (0, 0);
        for (kept, at) in alike(&old, &new).into_iter().chain([(old.len(), new.len())]) {
            let gap = old.get(piece..kept).unwrap_or_default();
            let lines = new.get(line..at).unwrap_or_default();
            let written = replaced(blocks.last(), gap, lines);
            blocks.extend(written);
            if let Some(same) = old.get(kept) {
                blocks.push(same.block.clone());
                (piece, line) = (kept + 1, at + same.lines);
            }
        }
        let edited = Rich { blocks }.normal();
        if edited.agrees_with(&text) { edited } else { Rich::from_text(&text) }
    }
}

/// A block, and what tells it from others.
struct Piece<'b> {
    block: &'b Block,
    /// How many lines its plain text has.
    lines: usize,
    solid: String,
}

impl<'b> Piece<'b> {
    fn of(block: &'b Block, said: &str, links: &[&str]) -> Self {
        let bare = if list_of(block).is_some() { without_mark(said) } else { said };
        Piece { block, lines: said.split('\n').count(), solid: solid(bare, links) }
    }

    /// Whether the lines from there on say the same.
    fn is_at(&self, lines: &[Line<'_>]) -> bool {
        let Some(lines) = lines.get(..self.lines) else { return false };
        if self.lines == 1 && list_of(self.block).is_some() {
            return lines.iter().all(|line| line.item == self.solid);
        }
        let mut rest = self.solid.as_str();
        lines.iter().all(|line| rest.strip_prefix(line.solid.as_str()).map(|after| rest = after).is_some())
            && rest.is_empty()
    }
}

/// A line of the new text.
struct Line<'t> {
    text: &'t str,
    solid: String,
    /// The same without what stands before the items of lists.
    item: String,
}

impl<'t> Line<'t> {
    fn of(text: &'t str, links: &[&str]) -> Self {
        Line { text, solid: solid(text, links), item: solid(without_mark(text), links) }
    }
}

/// A text without blanks, without addresses that it leads to, and without what stands around such.
fn solid(text: &str, links: &[&str]) -> String {
    let mut text = text.to_owned();
    for link in links {
        if text.contains(link) {
            text = text.replace(link, "");
        }
    }
    text.retain(|char| !char.is_whitespace() && !matches!(char, '<' | '>' | '(' | ')' | '[' | ']'));
    text
}

/// Paragraphs of several lines become several paragraphs, so that each line can be compared.
fn lined(blocks: &[Block]) -> Vec<Block> {
    let mut lined = Vec::with_capacity(blocks.len());
    for block in blocks {
        let Block::Paragraph(paragraph) = block else {
            lined.push(block.clone());
            continue;
        };
        let mut line = Paragraph { runs: Vec::new(), ..paragraph.clone() };
        for Run { text, style } in &paragraph.runs {
            for (at, piece) in text.split('\n').enumerate() {
                if at > 0 && paragraph.list.is_none() {
                    let next = Paragraph { runs: Vec::new(), ..line.clone() };
                    lined.push(Block::Paragraph(std::mem::replace(&mut line, next)));
                } else if at > 0 {
                    line.push("\n", style);
                }
                line.push(piece, style);
            }
        }
        lined.push(Block::Paragraph(line));
    }
    lined
}

/// Which pieces stand in the new text, and where: as much text as can be, in order.
fn alike(old: &[Piece<'_>], new: &[Line<'_>]) -> Vec<(usize, usize)> {
    let mut pairs = Vec::new();
    let (mut piece, mut line) = (0, 0);
    while old.get(piece).is_some_and(|old| old.is_at(new.get(line..).unwrap_or_default())) {
        pairs.push((piece, line));
        line += old.get(piece).map_or(1, |old| old.lines);
        piece += 1;
    }
    let mut tail = Vec::new();
    let (mut end, mut last) = (old.len(), new.len());
    while let Some(before) = old.get(..end).and_then(<[_]>::last).filter(|_| end > piece) {
        let Some(at) = last.checked_sub(before.lines).filter(|at| *at >= line) else { break };
        if !before.is_at(new.get(at..last).unwrap_or_default()) {
            break;
        }
        (end, last) = (end - 1, at);
        tail.push((end, last));
    }
    let between = between(old.get(piece..end).unwrap_or_default(), new.get(line..last).unwrap_or_default());
    pairs.extend(between.into_iter().map(|(one, other)| (piece + one, line + other)));
    pairs.extend(tail.into_iter().rev());
    pairs
}

/// The same for what has neither its start nor its end in common.
fn between(old: &[Piece<'_>], new: &[Line<'_>]) -> Vec<(usize, usize)> {
    let width = new.len() + 1;
    if old.len().saturating_mul(width) > MOST_PAIRS {
        return Vec::new();
    }
    let mut best = vec![0usize; (old.len() + 1) * width];
    let value =
        |best: &[usize], piece: usize, line: usize| best.get(piece * width + line).copied().unwrap_or(0);
    let gain = |best: &[usize], piece: usize, line: usize| {
        let own = old.get(piece).filter(|own| own.is_at(new.get(line..).unwrap_or_default()))?;
        Some(value(best, piece + 1, line + own.lines) + own.solid.len() + 1)
    };
    for piece in (0..old.len()).rev() {
        for line in (0..new.len()).rev() {
            let without = value(&best, piece + 1, line).max(value(&best, piece, line + 1));
            let with = gain(&best, piece, line).unwrap_or(0);
            if let Some(place) = best.get_mut(piece * width + line) {
                *place = without.max(with);
            }
        }
    }
    let mut pairs = Vec::new();
    let (mut piece, mut line) = (0, 0);
    while piece < old.len() && line < new.len() {
        let all = value(&best, piece, line);
        if gain(&best, piece, line) == Some(all) {
            pairs.push((piece, line));
            line += old.get(piece).map_or(1, |old| old.lines);
            piece += 1;
        } else if value(&best, piece + 1, line) == all {
            piece += 1;
        } else {
            line += 1;
        }
    }
    pairs
}

/// The lines that stand where some blocks stood, behind another one.
fn replaced(behind: Option<&Block>, pieces: &[Piece<'_>], lines: &[Line<'_>]) -> Vec<Block> {
    let mut before = pieces.iter();
    let mut list = behind.and_then(list_of);
    let paragraph = |line: &Line<'_>| {
        let old = match before.next().map(|piece| piece.block) {
            Some(Block::Paragraph(old)) => old.clone(),
            // A new line of a list, if it looks like one.
            _ => {
                let is_item = list.is_some() && without_mark(line.text).len() < line.text.len();
                Paragraph { list: list.filter(|_| is_item), ..Paragraph::default() }
            }
        };
        list = old.list;
        Block::Paragraph(with_line(&old, line.text))
    };
    lines.iter().map(paragraph).collect()
}

fn list_of(block: &Block) -> Option<ListItem> {
    match block {
        Block::Paragraph(paragraph) => paragraph.list,
        Block::Table(_) => None,
    }
}

/// A paragraph, changed so that it says a line.
fn with_line(old: &Paragraph, line: &str) -> Paragraph {
    let mut new = Paragraph { runs: Vec::new(), ..old.clone() };
    let mut line = if old.list.is_some() { without_mark(line) } else { line }.to_owned();
    for shown in old.shown_links() {
        let scheme = shown.split_inclusive(':').next().unwrap_or(&shown);
        if line.contains(&shown) {
            line = line.replacen(&shown, "", 1);
        } else if line.contains(scheme.trim_start()) {
            // It leads elsewhere now.
            new.push(&line, &Style::default());
            return new;
        }
    }
    let said: String = old.runs.iter().map(|run| run.text.as_str()).collect();
    let head = common(said.chars(), line.chars());
    let (old_rest, new_rest) = (said.get(head..).unwrap_or_default(), line.get(head..).unwrap_or_default());
    let tail = common(old_rest.chars().rev(), new_rest.chars().rev());
    let inserted = new_rest.get(..new_rest.len() - tail).unwrap_or_default();
    let end = said.len() - tail;
    let pieces = |from: usize, to: usize| {
        let mut at = 0;
        old.runs.iter().filter_map(move |run| {
            let start = at;
            at += run.text.len();
            let text = run.text.get(from.clamp(start, at) - start..to.clamp(start, at) - start)?;
            (!text.is_empty()).then_some((text, &run.style))
        })
    };
    let mut style = old.runs.first().map(|run| run.style.clone()).unwrap_or_default();
    for (text, of) in pieces(0, head) {
        new.push(text, of);
        style = of.clone();
    }
    // What is typed instead of something looks like that.
    if let Some((_, of)) = pieces(head, end).next() {
        style = of.clone();
    }
    // What is typed beside a link is no part of it.
    style.link = None;
    new.push(inserted, &style);
    for (text, of) in pieces(end, said.len()) {
        new.push(text, of);
    }
    new
}

/// A line without what stands before the items of a list.
fn without_mark(line: &str) -> &str {
    let bare = line.trim_start();
    let unnumbered = bare.trim_start_matches(|char: char| char.is_ascii_digit());
    let bulleted = ["* ", "- ", "\u{2022} "].iter().find_map(|mark| bare.strip_prefix(mark));
    let numbered = || unnumbered.strip_prefix(". ").filter(|_| unnumbered.len() < bare.len());
    bulleted.or_else(numbered).unwrap_or(bare)
}

/// How many bytes two texts have in common.
fn common(one: impl Iterator<Item = char>, other: impl Iterator<Item = char>) -> usize {
    one.zip(other).take_while(|(one, other)| one == other).map(|(char, _)| char.len_utf8()).sum()
}
