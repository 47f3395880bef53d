//! Edits of a document. Each writes new bytes behind the buffer and leaves all other lines where and as they are.

use std::borrow::Cow;

use super::{ComponentId, Document, Line, LineId, Node};
use crate::content_line::{self, NewLine, Param};

/// Where something is put among the children of a component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Before everything else.
    First,
    /// After everything else.
    Last,
    /// Before that child; last if it is no child.
    Before(Node),
    /// After that child; last if it is no child.
    After(Node),
}

/// What becomes of a parameter.
pub(crate) enum ParamEdit {
    /// It keeps its bytes.
    Keep,
    /// This stands in its place, its semicolon included; nothing, if empty.
    Put(String),
}

impl Document {
    /// Gives a line another value, already escaped; group and parameters stay. Line ends, which would start another line,
    /// become U+FFFD.
    pub fn set_value(&mut self, line: LineId, value: &str) {
        let value = value.replace(['\n', '\r'], "\u{fffd}");
        if let Some(mut content) = self.head_of(line) {
            content.extend_from_slice(value.as_bytes());
            self.rewrite(line, &content);
        }
    }

    /// As [`Document::set_value`], for a quoted-printable value that has its soft line breaks.
    pub(crate) fn set_quoted_printable(&mut self, line: LineId, value: &str) {
        if let Some(mut content) = self.head_of(line) {
            content.extend_from_slice(value.as_bytes());
            content.extend_from_slice(self.ending_of(self.line(line)));
            self.reparse(line, &content);
        }
    }

    /// The unfolded line up to its value.
    fn head_of(&self, line: LineId) -> Option<Vec<u8>> {
        let view = self.line(line);
        let head = view.node().head?;
        view.content().get(..head.value_start).map(<[u8]>::to_vec)
    }

    /// Gives a line another TEXT value; group and parameters stay.
    pub fn set_text(&mut self, line: LineId, text: &str) {
        self.set_value(line, &content_line::escape_text(text));
    }

    /// Gives a line's parameter other values, where it stands; a parameter that is not there is added as the last one.
    /// Further parameters of that name go.
    pub fn set_param<T: AsRef<str>>(&mut self, line: LineId, name: &str, values: &[T]) {
        let params = self.line(line).params();
        let spelled = params.iter().find(|param| param.is(name)).map_or(name, |param| &param.name);
        let mut text = Some(content_line::param_text(spelled, values));
        self.edit_params(line, |param| match param.is(name) {
            true => ParamEdit::Put(text.take().unwrap_or_default()),
            false => ParamEdit::Keep,
        });
        if let Some(text) = text {
            self.append_params(line, &text);
        }
    }

    /// Takes all parameters of that name off a line.
    pub fn remove_param(&mut self, line: LineId, name: &str) {
        if self.line(line).params().iter().any(|param| param.is(name)) {
            self.edit_params(line, |param| match param.is(name) {
                true => ParamEdit::Put(String::new()),
                false => ParamEdit::Keep,
            });
        }
    }

    /// Changes the parameters of a line one by one; the others keep their bytes.
    pub(crate) fn edit_params(&mut self, line: LineId, mut edit: impl FnMut(&Param) -> ParamEdit) {
        let view = self.line(line);
        let Some(head) = view.node().head else { return };
        let content = view.content();
        let mut changed = content.get(..head.name_end).unwrap_or_default().to_vec();
        for param in view.params() {
            match edit(&param) {
                ParamEdit::Keep => {
                    changed.extend_from_slice(content.get(param.start..param.end).unwrap_or_default());
                }
                ParamEdit::Put(text) => changed.extend_from_slice(text.as_bytes()),
            }
        }
        close_quote(&mut changed);
        self.rewrite_head(line, changed);
    }

    /// Puts `text`, such as `;TYPE=HOME`, behind the parameters of a line.
    pub(crate) fn append_params(&mut self, line: LineId, text: &str) {
        let view = self.line(line);
        let Some(head) = view.node().head else { return };
        let content = view.content();
        let mut changed = content.get(..head.value_start - 1).unwrap_or_default().to_vec();
        close_quote(&mut changed);
        changed.extend_from_slice(text.as_bytes());
        self.rewrite_head(line, changed);
    }

    /// Writes a line anew with what stands before the colon replaced. A quoted-printable value keeps its bytes: folding
    /// would part its escapes.
    fn rewrite_head(&mut self, line: LineId, mut changed: Vec<u8>) {
        let view = self.line(line);
        let Some(head) = view.node().head else { return };
        let is_encoded = content_line::mentions_quoted_printable(&changed);
        let old = if is_encoded { Cow::Borrowed(self.slice(view.node().content)) } else { view.content() };
        changed.extend_from_slice(old.get(head.value_start - 1..).unwrap_or_default());
        if is_encoded {
            changed.extend_from_slice(self.ending_of(view));
            self.reparse(line, &changed);
        } else {
            self.rewrite(line, &changed);
        }
    }

    /// Puts a new line in the place of an old one, which it replaces altogether.
    pub fn replace(&mut self, line: LineId, new: &NewLine) {
        let bytes = new.to_bytes(self.ending_of(self.line(line)));
        self.reparse(line, &bytes);
    }

    /// Puts a line into a component.
    pub fn insert(&mut self, parent: ComponentId, at: Place, new: &NewLine) -> LineId {
        let bytes = new.to_bytes(self.ending_at(parent, at));
        match self.insert_bytes(parent, at, &bytes).first() {
            Some(Node::Line(id)) => *id,
            // A new line named BEGIN: the line that begins the component.
            Some(Node::Component(id)) => self.component_node(*id).begin.unwrap_or(LineId(0)),
            None => LineId(0),
        }
    }

    /// Puts an empty component into another one.
    pub fn insert_component(&mut self, parent: ComponentId, at: Place, name: &str) -> Option<ComponentId> {
        let ending = self.ending_at(parent, at).to_vec();
        let mut bytes = NewLine::raw("BEGIN", name).to_bytes(&ending);
        bytes.extend(NewLine::raw("END", name).to_bytes(&ending));
        self.insert_bytes(parent, at, &bytes).iter().find_map(|node| match node {
            Node::Component(id) => Some(*id),
            Node::Line(_) => None,
        })
    }

    /// Puts lines and components given as bytes (such as [`super::Component::to_bytes`]) into a component, and says
    /// what came in.
    pub fn insert_bytes(&mut self, parent: ComponentId, at: Place, bytes: &[u8]) -> Vec<Node> {
        let nodes = self.parse_into(parent, bytes);
        let mut index = self.index(parent, at);
        while index.checked_sub(1).is_some_and(|before| self.takes_what_follows(parent, before)) {
            index -= 1;
        }
        if let Some(node) = self.components.get_mut(parent.0) {
            node.children.splice(index..index, nodes.iter().copied());
        }
        nodes
    }

    /// Whether what is put behind a child would become part of it: a value that goes on, or a component without an end.
    fn takes_what_follows(&self, parent: ComponentId, child: usize) -> bool {
        match self.component_node(parent).children.get(child) {
            Some(Node::Line(line)) => self.line_node(*line).unfinished,
            Some(Node::Component(component)) => self.component_node(*component).end.is_none(),
            None => false,
        }
    }

    /// Takes a line out. The BEGIN and END lines of a component stay.
    pub fn remove_line(&mut self, line: LineId) {
        let parent = self.line_node(line).parent;
        self.remove_child(parent, Node::Line(line));
    }

    /// Takes a component out, with all that is in it.
    pub fn remove_component(&mut self, component: ComponentId) {
        if let Some(parent) = self.component_node(component).parent {
            self.remove_child(parent, Node::Component(component));
        }
    }

    fn remove_child(&mut self, parent: ComponentId, child: Node) {
        if let Some(node) = self.components.get_mut(parent.0) {
            node.children.retain(|node| *node != child);
        }
    }

    /// Writes an unfolded line anew, folded, in its place.
    fn rewrite(&mut self, line: LineId, content: &[u8]) {
        let mut bytes = Vec::with_capacity(content.len() + 8);
        content_line::fold_into(&mut bytes, content, self.ending_of(self.line(line)));
        self.reparse(line, &bytes);
    }

    fn index(&self, parent: ComponentId, at: Place) -> usize {
        let children = &self.component_node(parent).children;
        let position = |node| children.iter().position(|child| *child == node);
        match at {
            Place::First => Some(0),
            Place::Last => None,
            Place::Before(node) => position(node),
            Place::After(node) => position(node).map(|index| index + 1),
        }
        .unwrap_or(children.len())
    }

    /// The line ending for a new line at that place: that of the line before it, else that of the document.
    fn ending_at(&self, parent: ComponentId, at: Place) -> &'static [u8] {
        let node = self.component_node(parent);
        let before = node.children.iter().take(self.index(parent, at)).rev().find_map(|child| match child {
            Node::Line(id) => Some(*id),
            Node::Component(id) => self.component_node(*id).end,
        });
        before.or(node.begin).map_or(self.dominant_ending(), |id| self.ending_of(self.line(id)))
    }

    /// The line ending of a line; that of the document for a last line without one.
    fn ending_of(&self, line: Line<'_>) -> &'static [u8] {
        let raw = line.raw();
        match raw.last() {
            Some(b'\n') if raw.ends_with(b"\r\n") => b"\r\n",
            Some(b'\n') => b"\n",
            Some(b'\r') if self.line_feed == b'\r' => b"\r",
            _ => self.dominant_ending(),
        }
    }

    /// The line ending of the first line; CRLF where there is none.
    pub(super) fn dominant_ending(&self) -> &'static [u8] {
        match self.buffer.iter().position(|byte| *byte == self.line_feed) {
            Some(_) if self.line_feed == b'\r' => b"\r",
            Some(at) if at > 0 && self.buffer.get(at - 1) != Some(&b'\r') => b"\n",
            _ => b"\r\n",
        }
    }
}

/// Closes a quote that parameters leave open, so that what comes behind them is not part of it.
fn close_quote(params: &mut Vec<u8>) {
    if params.iter().filter(|byte| **byte == b'"').count() % 2 == 1 {
        params.push(b'"');
    }
}
