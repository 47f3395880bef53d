//! Documents of content lines: a tree of components that is written back byte for byte wherever it was not edited.
//!
//! [`Document::parse`] never fails: what is no content line is kept as it is. All text lies in one buffer, the source
//! first and edits behind it; lines are offsets into it. [`Component`] and [`Line`] are views for reading; edits are
//! methods of [`Document`] that take the ids which the views give. This file does not know what any property means.

use std::borrow::Cow;

use memchr::memmem;

use crate::Warning;
use crate::content_line::{self, Head, Param};

mod edit;
mod parse;
#[cfg(test)]
pub(crate) mod tests;

pub(crate) use edit::ParamEdit;
pub use edit::Place;

/// Components nested deeper than this are kept as plain lines, so that a hostile file cannot exhaust the stack.
const DEEPEST: usize = 32;

/// A component of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ComponentId(usize);

/// A line of a document; it keeps its id when it is edited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LineId(usize);

/// What stands in a component, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Node {
    /// A line.
    Line(LineId),
    /// A component.
    Component(ComponentId),
}

/// Everything that a file or a resource holds.
#[derive(Clone, Debug)]
pub struct Document {
    /// The source, and behind it the text of new and edited lines.
    buffer: Vec<u8>,
    /// Line feed; carriage return in a source that has no line feed.
    line_feed: u8,
    lines: Vec<LineNode>,
    /// The first is the document itself.
    components: Vec<ComponentNode>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Span {
    start: usize,
    end: usize,
}

#[derive(Clone, Debug)]
struct LineNode {
    /// All of it, from a byte order mark to the line ending.
    raw: Span,
    /// Without byte order mark and line ending.
    content: Span,
    group: Option<Span>,
    name: Span,
    /// Offsets into the unfolded content; `None` for a blank or unparsable line.
    head: Option<Head>,
    folded: bool,
    /// It has quoted-printable soft line breaks.
    soft: bool,
    /// It ends by a soft line break that nothing follows: a line put after it would become part of it.
    unfinished: bool,
    /// The number of its first physical line in the source, from 1.
    number: Option<usize>,
    parent: ComponentId,
}

#[derive(Clone, Debug, Default)]
struct ComponentNode {
    name: Span,
    begin: Option<LineId>,
    end: Option<LineId>,
    children: Vec<Node>,
    parent: Option<ComponentId>,
}

const ROOT: ComponentId = ComponentId(0);

impl Document {
    /// Reads a document; whatever the bytes are.
    pub fn parse(source: &[u8]) -> Document {
        parse::document(source)
    }

    /// The document as bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.root().to_bytes()
    }

    /// The document itself: what stands outside of all components, and the outermost components.
    pub fn root(&self) -> Component<'_> {
        self.component(ROOT)
    }

    /// The outermost components.
    pub fn components(&self) -> impl Iterator<Item = Component<'_>> {
        self.root().components()
    }

    /// The outermost components of that name; case does not matter.
    pub fn components_named(&self, name: &str) -> impl Iterator<Item = Component<'_>> {
        self.root().components_named(name)
    }

    /// A component by its id.
    pub fn component(&self, id: ComponentId) -> Component<'_> {
        Component { document: self, id }
    }

    /// A line by its id.
    pub fn line(&self, id: LineId) -> Line<'_> {
        Line { document: self, id }
    }

    /// What is not as it should be with lines and components, in the order of the source: `unparsable_line`, `not_utf8`,
    /// `missing_end`, `stray_end`, `stray_begin` (nested too deeply, or without a name), `odd_line_ends`, `lost_character`
    /// (whoever carried the text replaced one that could not be carried: by U+FFFD, as is done with what XML forbids).
    pub fn warnings(&self) -> Vec<Warning> {
        let mut warnings = Vec::new();
        // Who ends one line so ends all of them so.
        let first = self.lines.first().map(|line| self.slice(line.raw));
        if first.is_some_and(|line| line.ends_with(b"\r\r\n")) {
            warnings.push(Warning::at("odd_line_ends", "", Some(1)));
        }
        collect_warnings(self.root(), &mut warnings);
        if memmem::find(&self.buffer, REPLACEMENT).is_some() {
            collect_losses(self.root(), &mut warnings);
        }
        warnings.sort_by_key(|warning| warning.line);
        warnings
    }

    fn slice(&self, span: Span) -> &[u8] {
        self.buffer.get(span.start..span.end).unwrap_or_default()
    }

    fn line_node(&self, id: LineId) -> &LineNode {
        // INVARIANT: ids are made by this document alone and nothing is taken out of the arena.
        &self.lines[id.0]
    }

    fn component_node(&self, id: ComponentId) -> &ComponentNode {
        // INVARIANT: as for lines.
        &self.components[id.0]
    }
}

/// U+FFFD in UTF-8.
const REPLACEMENT: &[u8] = "\u{fffd}".as_bytes();

fn collect_losses(component: Component<'_>, warnings: &mut Vec<Warning>) {
    for child in component.children() {
        match child {
            Child::Component(inner) => collect_losses(inner, warnings),
            Child::Line(line) if memmem::find(&line.content(), REPLACEMENT).is_some() => {
                warnings.push(Warning::at("lost_character", line.name(), line.number()));
            }
            Child::Line(_) => {}
        }
    }
}

fn collect_warnings(component: Component<'_>, warnings: &mut Vec<Warning>) {
    if component.id != ROOT && !component.is_closed() {
        let line = component.begin().and_then(|line| line.number());
        warnings.push(Warning::at("missing_end", component.name(), line));
    }
    for child in component.children() {
        match child {
            Child::Component(inner) => collect_warnings(inner, warnings),
            Child::Line(line) if line.is_blank() => {}
            Child::Line(line) => {
                if !line.is_property() {
                    warnings.push(Warning::at("unparsable_line", "", line.number()));
                } else if line.is("END") {
                    warnings.push(Warning::at("stray_end", line.value().trim(), line.number()));
                } else if line.is("BEGIN") {
                    warnings.push(Warning::at("stray_begin", line.value().trim(), line.number()));
                }
                if !line.is_utf8() {
                    warnings.push(Warning::at("not_utf8", line.name(), line.number()));
                }
            }
        }
    }
}

/// A view of a component.
#[derive(Clone, Copy, Debug)]
pub struct Component<'d> {
    document: &'d Document,
    id: ComponentId,
}

/// A view of what stands in a component.
#[derive(Clone, Copy, Debug)]
pub enum Child<'d> {
    /// A line.
    Line(Line<'d>),
    /// A component.
    Component(Component<'d>),
}

impl<'d> Component<'d> {
    /// Its id, for edits.
    pub fn id(self) -> ComponentId {
        self.id
    }

    /// Its name as spelled; empty for the document itself.
    pub fn name(self) -> &'d str {
        std::str::from_utf8(self.document.slice(self.node().name)).unwrap_or_default()
    }

    /// Whether it is called so; case does not matter.
    pub fn is(self, name: &str) -> bool {
        self.name().eq_ignore_ascii_case(name)
    }

    /// Its BEGIN line; `None` for the document itself.
    pub fn begin(self) -> Option<Line<'d>> {
        self.node().begin.map(|id| self.document.line(id))
    }

    /// Whether it has its END line.
    pub fn is_closed(self) -> bool {
        self.node().end.is_some()
    }

    /// What it is in; `None` for the document itself.
    pub fn parent(self) -> Option<Component<'d>> {
        self.node().parent.map(|id| self.document.component(id))
    }

    /// What stands in it, in order, blank and unparsable lines included, its BEGIN and END lines not.
    pub fn children(self) -> impl DoubleEndedIterator<Item = Child<'d>> {
        self.node().children.iter().map(move |node| match node {
            Node::Line(id) => Child::Line(self.document.line(*id)),
            Node::Component(id) => Child::Component(self.document.component(*id)),
        })
    }

    /// Its properties, in order: the lines that have a name.
    pub fn lines(self) -> impl DoubleEndedIterator<Item = Line<'d>> {
        self.children().filter_map(|child| match child {
            Child::Line(line) if line.is_property() => Some(line),
            _ => None,
        })
    }

    /// The first property of that name; case does not matter.
    pub fn line(self, name: &str) -> Option<Line<'d>> {
        self.lines().find(|line| line.is(name))
    }

    /// All properties of that name, in order.
    pub fn lines_named(self, name: &str) -> impl DoubleEndedIterator<Item = Line<'d>> {
        self.lines().filter(move |line| line.is(name))
    }

    /// The components in it, in order.
    pub fn components(self) -> impl DoubleEndedIterator<Item = Component<'d>> {
        self.children().filter_map(|child| match child {
            Child::Component(component) => Some(component),
            Child::Line(_) => None,
        })
    }

    /// The components in it of that name; case does not matter.
    pub fn components_named(self, name: &str) -> impl DoubleEndedIterator<Item = Component<'d>> {
        self.components().filter(move |component| component.is(name))
    }

    /// The bytes of the component, from BEGIN to END.
    pub fn to_bytes(self) -> Vec<u8> {
        let mut out = Output { document: self.document, bytes: Vec::new(), pending: Span::default() };
        out.bytes.reserve(self.document.buffer.len().min(1 << 20));
        out.component(self.id);
        out.flush();
        out.bytes
    }

    fn node(self) -> &'d ComponentNode {
        self.document.component_node(self.id)
    }
}

/// Bytes being written: neighbours in the buffer are copied in one go.
struct Output<'d> {
    document: &'d Document,
    bytes: Vec<u8>,
    pending: Span,
}

impl Output<'_> {
    fn component(&mut self, id: ComponentId) {
        let node = self.document.component_node(id);
        node.begin.iter().for_each(|line| self.line(*line));
        for child in &node.children {
            match child {
                Node::Line(line) => self.line(*line),
                Node::Component(inner) => self.component(*inner),
            }
        }
        node.end.iter().for_each(|line| self.line(*line));
    }

    fn line(&mut self, id: LineId) {
        let raw = self.document.line_node(id).raw;
        if raw.start == self.pending.end && self.pending.end > 0 {
            self.pending.end = raw.end;
        } else {
            self.flush();
            self.pending = raw;
        }
    }

    fn flush(&mut self) {
        if self.bytes.last().is_some_and(|last| *last != self.document.line_feed) {
            // The last line of the source had no line ending, and now something follows it.
            self.bytes.extend_from_slice(self.document.dominant_ending());
        }
        self.bytes.extend_from_slice(self.document.slice(self.pending));
    }
}

/// A view of a line.
#[derive(Clone, Copy, Debug)]
pub struct Line<'d> {
    document: &'d Document,
    id: LineId,
}

impl<'d> Line<'d> {
    /// Its id, for edits.
    pub fn id(self) -> LineId {
        self.id
    }

    /// Its name as spelled, without the group; empty for a line that is no property.
    pub fn name(self) -> &'d str {
        std::str::from_utf8(self.document.slice(self.node().name)).unwrap_or_default()
    }

    /// Whether it is called so; case does not matter.
    pub fn is(self, name: &str) -> bool {
        self.document.slice(self.node().name).eq_ignore_ascii_case(name.as_bytes())
    }

    /// Its group as spelled: `item1` of `item1.TEL`.
    pub fn group(self) -> Option<&'d str> {
        self.node().group.and_then(|span| std::str::from_utf8(self.document.slice(span)).ok())
    }

    /// The component it stands in.
    pub fn parent(self) -> Component<'d> {
        self.document.component(self.node().parent)
    }

    /// The number of its first physical line in the source, from 1; `None` for a line that was added.
    pub fn number(self) -> Option<usize> {
        self.node().number
    }

    /// Whether it has a name and a value.
    pub fn is_property(self) -> bool {
        self.node().head.is_some()
    }

    /// Whether there is nothing on it.
    pub fn is_blank(self) -> bool {
        self.document.slice(self.node().content).iter().all(u8::is_ascii_whitespace)
    }

    /// Whether its bytes are UTF-8 once unfolded.
    pub fn is_utf8(self) -> bool {
        let folded = self.document.slice(self.node().content);
        folded.is_ascii() || std::str::from_utf8(&self.content()).is_ok()
    }

    /// All of its bytes, folding and line ending included.
    pub fn raw(self) -> &'d [u8] {
        self.document.slice(self.node().raw)
    }

    /// Its parameters, in order.
    pub fn params(self) -> Vec<Param> {
        match self.node().head {
            Some(head) if head.value_start > head.name_end + 1 => {
                content_line::params(&self.front(head), head)
            }
            _ => Vec::new(),
        }
    }

    /// The first value of a parameter; case of the name does not matter.
    pub fn param(self, name: &str) -> Option<String> {
        let head = self.node().head.filter(|head| head.value_start > head.name_end + 1)?;
        content_line::param_named(&self.front(head), head, name)
    }

    /// All values of all parameters of that name.
    pub fn param_values(self, name: &str) -> Vec<String> {
        let params = self.params().into_iter().filter(|param| param.is(name));
        params.flat_map(|param| param.values).map(|value| value.text).collect()
    }

    /// The bytes of the value, unfolded, with soft line breaks removed, otherwise as they stand.
    pub fn raw_value(self) -> Cow<'d, [u8]> {
        let Some(head) = self.node().head else { return Cow::Borrowed(&[]) };
        match self.content() {
            Cow::Borrowed(content) => Cow::Borrowed(content.get(head.value_start..).unwrap_or_default()),
            Cow::Owned(mut content) => {
                content.drain(..head.value_start.min(content.len()));
                Cow::Owned(content)
            }
        }
    }

    /// The value, still escaped; bytes that are not UTF-8 are read as Windows-1252.
    pub fn value(self) -> Cow<'d, str> {
        match self.raw_value() {
            Cow::Borrowed(bytes) => content_line::decode(bytes),
            Cow::Owned(bytes) => Cow::Owned(match String::from_utf8(bytes) {
                Ok(text) => text,
                Err(error) => content_line::decode(error.as_bytes()).into_owned(),
            }),
        }
    }

    /// The value as TEXT: escapes resolved, lines ended by `\n`.
    pub fn text(self) -> String {
        content_line::unescape_text(&self.value())
    }

    /// The value as a list of TEXT values, separated by commas.
    pub fn text_list(self) -> Vec<String> {
        content_line::split_escaped(&self.value(), ',').into_iter().map(content_line::unescape_text).collect()
    }

    /// The value as components separated by semicolons. Commas within a component stay as they are, unescaped.
    pub fn structured(self) -> Vec<String> {
        content_line::split_escaped(&self.value(), ';').into_iter().map(content_line::unescape_text).collect()
    }

    /// The unfolded line up to its value at least. It is seldom folded there, and behind it a photo may follow.
    fn front(self, head: Head) -> Cow<'d, [u8]> {
        let front = self.document.slice(self.node().content).get(..head.value_start);
        match front.filter(|front| front.ends_with(b":") && !front.contains(&self.document.line_feed)) {
            Some(front) => Cow::Borrowed(front),
            None => self.content(),
        }
    }

    /// The unfolded line.
    fn content(self) -> Cow<'d, [u8]> {
        let node = self.node();
        let content = self.document.slice(node.content);
        if node.folded || node.soft {
            content_line::unfold(content, self.document.line_feed, node.soft)
        } else {
            Cow::Borrowed(content)
        }
    }

    fn node(self) -> &'d LineNode {
        self.document.line_node(self.id)
    }
}
