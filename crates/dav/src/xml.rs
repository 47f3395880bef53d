//! The one place that knows the XML library: elements out of a stream, and text into requests.
//!
//! What is read is trusted with nothing: no DTD, no entities but the five of XML, no deep nesting, no endless element.
//! What XML forbids but servers send is replaced by U+FFFD before the parser sees it.

use std::borrow::Cow;
use std::io::{self, BufRead};

use quick_xml::events::{BytesStart, Event};
use quick_xml::name::ResolveResult;
use quick_xml::reader::NsReader;

use crate::error::{Error, ErrorKind, Result};
use crate::explanation::capped;
use crate::names::Name;

mod clean;
#[cfg(test)]
mod tests;

pub(crate) use clean::Clean;

/// Elements nested deeper than this are refused.
const DEEPEST: usize = 64;

/// More elements are not kept of one stretch: each takes some hundred bytes, though four on the wire are enough to make one.
const MOST_ELEMENTS: usize = 100_000;

/// Of one element, attributes after these are passed over.
const MOST_ATTRIBUTES: usize = 100;

/// A name or a namespace longer than this is refused: each element holds its own copy of both.
const LONGEST_NAME: usize = 1_000;

/// An element with all that is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Element {
    /// Its name.
    pub name: Name,
    /// Its attributes without a namespace.
    pub attributes: Vec<(String, String)>,
    /// The text directly in it, in one piece.
    pub text: String,
    /// The elements directly in it.
    pub children: Vec<Element>,
}

impl Element {
    /// The first child of that name.
    pub fn child(&self, name: &Name) -> Option<&Element> {
        self.children_named(name).next()
    }

    /// All children of that name.
    pub fn children_named<'a>(&'a self, name: &Name) -> impl Iterator<Item = &'a Element> + use<'a> {
        let name = name.clone();
        self.children.iter().filter(move |child| child.name == name)
    }

    /// An attribute's value.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The text without the white space around it.
    pub fn trimmed(&self) -> &str {
        self.text.trim()
    }
}

/// What comes next in a document.
pub(crate) enum Piece {
    /// An element begins.
    Start(Name),
    /// The innermost open element ends.
    End,
    /// The document is over, and it was complete.
    Eof,
}

/// Reads a document piece by piece, or elements as a whole.
pub(crate) struct Reader<R> {
    inner: NsReader<Clean<R>>,
    buffer: Vec<u8>,
    depth: usize,
    begun: bool,
    /// The element that began last, until it is read into.
    attributes: Vec<(String, String)>,
}

impl<R: BufRead> Reader<R> {
    /// Reads from `source`; no stretch between two calls of [`Reader::renew_budget`] may be longer than `budget` bytes, nor all of
    /// it longer than `whole`.
    pub(crate) fn new(source: R, budget: u64, whole: u64) -> Self {
        let mut inner = NsReader::from_reader(Clean::new(source, budget, whole));
        inner.config_mut().expand_empty_elements = true;
        // A bare ampersand is a mistake of the server; what follows it is kept as text.
        inner.config_mut().allow_dangling_amp = true;
        Reader { inner, buffer: Vec::new(), depth: 0, begun: false, attributes: Vec::new() }
    }

    /// Begins to count anew what has been read.
    pub(crate) fn renew_budget(&mut self) {
        self.inner.get_mut().renew_budget();
    }

    /// The next beginning or end; text between them is passed over.
    pub(crate) fn next(&mut self) -> Result<Piece> {
        self.step(&mut None)
    }

    /// The element that has just begun, with all that is in it.
    pub(crate) fn element(&mut self, name: Name) -> Result<Element> {
        let attributes = std::mem::take(&mut self.attributes);
        let mut open = vec![Element { name, attributes, text: String::new(), children: Vec::new() }];
        let mut number = 1;
        loop {
            let mut text = open.last_mut().map(|element| std::mem::take(&mut element.text));
            let piece = self.step(&mut text)?;
            if let (Some(element), Some(text)) = (open.last_mut(), text) {
                element.text = text;
            }
            match piece {
                Piece::Start(name) => {
                    number += 1;
                    if number > MOST_ELEMENTS {
                        return Err(malformed("a resource of the answer has too many properties"));
                    }
                    let attributes = std::mem::take(&mut self.attributes);
                    open.push(Element { name, attributes, text: String::new(), children: Vec::new() });
                }
                Piece::End => {
                    let Some(done) = open.pop() else { return Err(truncated()) };
                    match open.last_mut() {
                        Some(parent) => parent.children.push(done),
                        None => return Ok(done),
                    }
                }
                Piece::Eof => return Err(truncated()),
            }
        }
    }

    /// Passes over the rest of the element that has just begun.
    pub(crate) fn skip(&mut self) -> Result<()> {
        let outside = self.depth.saturating_sub(1);
        while self.depth > outside {
            if let Piece::Eof = self.next()? {
                return Err(truncated());
            }
        }
        Ok(())
    }

    fn step(&mut self, text: &mut Option<String>) -> Result<Piece> {
        loop {
            self.buffer.clear();
            let (resolved, event) =
                self.inner.read_resolved_event_into(&mut self.buffer).map_err(unreadable)?;
            match event {
                Event::Start(start) => {
                    let name = name_of(&resolved, start.local_name().as_ref())?;
                    self.attributes = attributes_of(&start);
                    self.depth += 1;
                    self.begun = true;
                    if self.depth > DEEPEST {
                        return Err(malformed("the answer's XML is nested too deeply"));
                    }
                    return Ok(Piece::Start(name));
                }
                Event::End(_) => {
                    self.depth = self.depth.saturating_sub(1);
                    return Ok(Piece::End);
                }
                Event::Text(piece) => push(text, &piece),
                Event::CData(piece) => push(text, &piece),
                Event::GeneralRef(entity) => push(text, &expand(&entity)?),
                Event::Decl(declaration) => require_utf8(declaration.encoding())?,
                Event::DocType(_) => {
                    return Err(malformed("the answer's XML has a DTD"));
                }
                // The parser takes a document that breaks off between two tags for a whole one.
                Event::Eof if self.depth > 0 || !self.begun => return Err(truncated()),
                Event::Eof => return Ok(Piece::Eof),
                Event::Empty(_) | Event::Comment(_) | Event::PI(_) => {}
            }
        }
    }
}

fn push(text: &mut Option<String>, piece: &str) {
    if let Some(text) = text {
        text.push_str(piece);
    }
}

fn name_of(resolved: &ResolveResult<'_>, local: &str) -> Result<Name> {
    let namespace = match resolved {
        ResolveResult::Bound(namespace) => namespace.as_ref(),
        ResolveResult::Unbound | ResolveResult::Unknown(_) => "",
    };
    if namespace.len().max(local.len()) > LONGEST_NAME {
        return Err(malformed("a name in the answer's XML is too long"));
    }
    Ok(Name { namespace: Cow::Owned(namespace.to_owned()), local: Cow::Owned(local.to_owned()) })
}

fn attributes_of(start: &BytesStart<'_>) -> Vec<(String, String)> {
    let mut attributes = start.attributes();
    let plain = attributes.with_checks(false).flatten().filter(|attribute| attribute.key.prefix().is_none());
    plain
        .take(MOST_ATTRIBUTES)
        .map(|attribute| {
            let value =
                quick_xml::escape::unescape(&attribute.value).unwrap_or(Cow::Borrowed(&attribute.value));
            (attribute.key.local_name().as_ref().to_owned(), value.into_owned())
        })
        .collect()
}

/// What a reference stands for: a character, or one of XML's five entities.
fn expand(entity: &str) -> Result<String> {
    let character = if let Some(hex) = entity.strip_prefix("#x").or_else(|| entity.strip_prefix("#X")) {
        u32::from_str_radix(hex, 16).ok().and_then(char::from_u32)
    } else if let Some(decimal) = entity.strip_prefix('#') {
        decimal.parse().ok().and_then(char::from_u32)
    } else {
        match entity {
            "amp" => Some('&'),
            "lt" => Some('<'),
            "gt" => Some('>'),
            "quot" => Some('"'),
            "apos" => Some('\''),
            _ => return Err(malformed("the answer's XML uses an unknown entity")),
        }
    };
    Ok(character
        .filter(|character| is_allowed(*character))
        .unwrap_or(char::REPLACEMENT_CHARACTER)
        .to_string())
}

/// XML 1.0 section 2.2.
fn is_allowed(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..) && !matches!(character, '\u{fffe}' | '\u{ffff}')
}

fn require_utf8<E>(encoding: Option<Result<Cow<'_, str>, E>>) -> Result<()> {
    match encoding {
        Some(Ok(name)) if !["utf-8", "utf8", "us-ascii"].contains(&name.to_ascii_lowercase().as_str()) => {
            Err(malformed(&format!("the answer's XML is in {}, not in UTF-8", capped(&name))))
        }
        _ => Ok(()),
    }
}

fn malformed(what: &str) -> Error {
    Error::new(ErrorKind::Malformed, what)
}

fn truncated() -> Error {
    malformed("the answer's XML breaks off")
}

fn unreadable(error: quick_xml::Error) -> Error {
    match &error {
        quick_xml::Error::Io(io) => crate::response::broken(io),
        _ => Error::new(ErrorKind::Malformed, "the answer's XML cannot be read").because(error),
    }
}

/// Text as it stands in XML.
pub(crate) fn escape(text: &str) -> Cow<'_, str> {
    if !text.contains(|c| matches!(c, '<' | '>' | '&' | '"' | '\r') || !is_allowed(c)) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '"' => escaped.push_str("&quot;"),
            // Parsers turn a bare one into a line feed.
            '\r' => escaped.push_str("&#13;"),
            other if is_allowed(other) => escaped.push(other),
            _ => escaped.push(char::REPLACEMENT_CHARACTER),
        }
    }
    Cow::Owned(escaped)
}

/// The whole of a small document; `None` where it is not XML. For the bodies of refusals.
pub(crate) fn small_document(bytes: &[u8]) -> Option<Element> {
    let mut reader = Reader::new(io::BufReader::new(bytes), 1 << 20, 1 << 20);
    match reader.next() {
        Ok(Piece::Start(name)) => reader.element(name).ok(),
        _ => None,
    }
}

/// Writes a request's document: the root with all prefixes that `body` uses, and `body` in it.
pub(crate) fn document(root: &str, body: &str) -> String {
    let mut bindings = String::new();
    for (prefix, namespace) in crate::names::PREFIXES {
        let used = root.starts_with(&format!("{prefix}:")) || body.contains(&format!("<{prefix}:"));
        if used {
            bindings.push_str(&format!(" xmlns:{prefix}=\"{namespace}\""));
        }
    }
    format!("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<{root}{bindings}>{body}</{root}>")
}

/// `<D:prop>` with empty elements of these names, to ask for them.
pub(crate) fn prop(names: &[Name]) -> String {
    let mut prop = String::from("<D:prop>");
    for name in names {
        match name.prefix() {
            Some(prefix) => prop.push_str(&format!("<{prefix}:{}/>", name.local)),
            None => prop.push_str(&format!("<{} xmlns=\"{}\"/>", name.local, escape(&name.namespace))),
        }
    }
    prop + "</D:prop>"
}
