//! From bytes to the tree: physical lines to content lines, BEGIN and END to components.

use memchr::{memchr, memchr_iter};

use super::{Component, ComponentId, ComponentNode, DEEPEST, Document, LineId, LineNode, Node, ROOT, Span};
use crate::content_line::{self, Head};

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Reads a whole document.
pub(super) fn document(source: &[u8]) -> Document {
    let line_feed = if !source.contains(&b'\n') && source.contains(&b'\r') { b'\r' } else { b'\n' };
    // The names of components, and what is edited, come behind the source: nothing is copied again for that.
    let mut buffer = Vec::with_capacity(source.len() + source.len() / 8 + 64);
    buffer.extend_from_slice(source);
    let feeds = memchr_iter(line_feed, source).count();
    let mut document = Document {
        buffer,
        line_feed,
        lines: Vec::with_capacity(feeds + 1),
        components: vec![ComponentNode::default()],
    };
    Parser { document: &mut document, at: 0, end: source.len(), number: Some(1), open: vec![ROOT] }.run();
    document
}

impl Document {
    /// Reads `bytes`, which end behind the buffer's present content, into `parent`, and says what came in.
    pub(super) fn parse_into(&mut self, parent: ComponentId, bytes: &[u8]) -> Vec<Node> {
        let at = self.buffer.len();
        self.buffer.extend_from_slice(bytes);
        let end = self.buffer.len();
        let before = self.component_node(parent).children.len();
        Parser { document: self, at, end, number: None, open: vec![parent] }.run();
        self.components.get_mut(parent.0).map(|node| node.children.split_off(before)).unwrap_or_default()
    }

    /// Reads one line from `bytes` anew, as the line `id`: what was edited keeps its id, number and place.
    pub(super) fn reparse(&mut self, id: LineId, bytes: &[u8]) {
        let at = self.buffer.len();
        self.buffer.extend_from_slice(bytes);
        let end = self.buffer.len();
        let (number, parent) = (self.line_node(id).number, self.line_node(id).parent);
        let line = Parser { document: self, at, end, number, open: vec![parent] }.next_line();
        if let Some(node) = self.lines.get_mut(id.0) {
            *node = line;
        }
    }
}

struct Parser<'d> {
    document: &'d mut Document,
    at: usize,
    end: usize,
    /// The number of the physical line at `at`; `None` in what is not of the source.
    number: Option<usize>,
    open: Vec<ComponentId>,
}

impl Parser<'_> {
    fn run(mut self) {
        while self.at < self.end {
            let line = self.next_line();
            let id = LineId(self.document.lines.len());
            self.document.lines.push(line);
            let (begins, ends) = (self.document.line(id).is("BEGIN"), self.document.line(id).is("END"));
            if !(begins && self.begin(id) || ends && self.finish(id)) {
                self.add(Node::Line(id));
            }
        }
    }

    fn innermost(&self) -> ComponentId {
        self.open.last().copied().unwrap_or(ROOT)
    }

    fn add(&mut self, node: Node) {
        let parent = self.innermost();
        if let Some(parent) = self.document.components.get_mut(parent.0) {
            parent.children.push(node);
        }
    }

    /// Opens a component; `false` where the line cannot begin one.
    fn begin(&mut self, line: LineId) -> bool {
        let name = self.document.line(line).value().trim().to_owned();
        if name.is_empty() || self.depth() > DEEPEST {
            return false;
        }
        let start = self.document.buffer.len();
        self.document.buffer.extend_from_slice(name.as_bytes());
        let id = ComponentId(self.document.components.len());
        self.document.components.push(ComponentNode {
            name: Span { start, end: self.document.buffer.len() },
            begin: Some(line),
            parent: Some(self.innermost()),
            ..ComponentNode::default()
        });
        self.add(Node::Component(id));
        self.open.push(id);
        true
    }

    fn depth(&self) -> usize {
        let outer = self.open.first().map(|id| self.document.component(*id));
        self.open.len() + std::iter::successors(outer, |component| component.parent()).count()
    }

    /// Closes the innermost component of that name, and with it those in it that have no END; `false` where there is
    /// none.
    fn finish(&mut self, line: LineId) -> bool {
        let view = self.document.line(line);
        let name = view.value();
        let is_named = |id: &ComponentId| Component { document: self.document, id: *id }.is(name.trim());
        let Some(at) = self.open.iter().skip(1).rposition(is_named) else { return false };
        let closed = self.open.get(at + 1).copied();
        self.open.truncate(at + 1);
        if let Some(node) = closed.and_then(|id| self.document.components.get_mut(id.0)) {
            node.end = Some(line);
        }
        true
    }

    /// The content line at the current place, with all physical lines that belong to it.
    fn next_line(&mut self) -> LineNode {
        let start = self.at;
        let number = self.number;
        let has_mark = start == 0 && self.bytes(0, self.end).starts_with(BYTE_ORDER_MARK);
        let content_start = if has_mark { BYTE_ORDER_MARK.len() } else { start };
        let mut content_end = self.physical_line();
        let first = Span { start: content_start, end: content_end };
        let first_head = Head::parse(self.document.slice(first));
        let (mut folded, mut soft, mut unfinished) = (false, false, false);
        if !self.document.slice(first).iter().all(u8::is_ascii_whitespace) {
            loop {
                let breaks_softly = self.breaks_softly(first, first_head, content_end);
                // Some producers end a value by "=": the end of the card is not part of it.
                let ends =
                    self.at >= self.end || self.bytes(self.at, self.at + 4).eq_ignore_ascii_case(b"END:");
                unfinished = breaks_softly && ends;
                if self.at >= self.end || unfinished {
                    break;
                } else if breaks_softly {
                    soft = true;
                } else if matches!(self.document.buffer.get(self.at), Some(b' ' | b'\t')) {
                    folded = true;
                } else {
                    break;
                }
                content_end = self.physical_line();
            }
        }
        let content = Span { start: content_start, end: content_end };
        let mut line = LineNode {
            raw: Span { start, end: self.at },
            content,
            group: None,
            name: Span::default(),
            head: first_head,
            folded,
            soft,
            unfinished,
            number,
            parent: self.innermost(),
        };
        self.find_name(&mut line, first);
        line
    }

    /// Steps over a physical line; its end without the line ending.
    fn physical_line(&mut self) -> usize {
        let line_feed = self.document.line_feed;
        let rest = self.bytes(self.at, self.end);
        let length = memchr(line_feed, rest);
        let line =
            content_line::trim_carriage_returns(rest.get(..length.unwrap_or(rest.len())).unwrap_or_default());
        let content_end = self.at + line.len();
        self.at = length.map_or(self.end, |length| self.at + length + 1);
        self.number = self.number.map(|number| number + 1);
        content_end
    }

    /// Whether what stands at `content_end` is a soft line break of a quoted-printable value (vCard 2.1), so that the
    /// next physical line belongs to it too.
    fn breaks_softly(&self, first: Span, head: Option<Head>, content_end: usize) -> bool {
        if self.document.buffer.get(content_end.wrapping_sub(1)) != Some(&b'=') {
            return false;
        }
        let Some(head) = head else { return false };
        let params = self.bytes(first.start + head.name_end, first.start + head.value_start);
        content_line::mentions_quoted_printable(params)
    }

    /// Fills in where group and name are, of a line whose head may be folded or malformed.
    fn find_name(&mut self, line: &mut LineNode, first: Span) {
        let mut base = first.start;
        if line.head.is_none() {
            let content = self.document.slice(line.content);
            let unfolded = content_line::unfold(content, self.document.line_feed, line.soft).into_owned();
            line.head = Head::parse(&unfolded).or_else(|| Head::parse_unbalanced(&unfolded));
            if let Some(head) = line.head.filter(|head| head.name_end > first.end - first.start) {
                // The name itself is folded: keep a copy that is not.
                base = self.document.buffer.len();
                self.document.buffer.extend_from_slice(unfolded.get(..head.name_end).unwrap_or_default());
            }
        }
        if let Some(head) = line.head {
            line.group = head.group_end.map(|end| Span { start: base, end: base + end });
            line.name = Span { start: base + head.name_start(), end: base + head.name_end };
        }
    }

    fn bytes(&self, start: usize, end: usize) -> &[u8] {
        self.document.buffer.get(start..end.min(self.end)).unwrap_or_default()
    }
}
