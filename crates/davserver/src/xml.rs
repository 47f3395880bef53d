//! XML: bodies of requests into trees, and text into answers. The one place that knows the XML library.
//!
//! What is read is trusted with nothing: no DTD, no entities but the five of XML, no deep nesting, and only names that can
//! be said back.

use std::borrow::Cow;

use quick_xml::events::{BytesStart, Event};
use quick_xml::name::ResolveResult;
use quick_xml::reader::NsReader;

pub(crate) mod names;
#[cfg(test)]
mod tests;

pub(crate) use names::Name;

use crate::refusal::Refusal;

/// Elements nested deeper than this are refused.
const DEEPEST: usize = 64;

/// An element with all that is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Element {
    pub(crate) name: Name,
    /// With their namespaces; declarations of prefixes are not among them.
    pub(crate) attributes: Vec<(Name, String)>,
    pub(crate) children: Vec<Node>,
}

/// What stands in an element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Node {
    Element(Element),
    Text(String),
}

impl Element {
    /// The elements directly in it.
    pub(crate) fn elements(&self) -> impl Iterator<Item = &Element> {
        self.children.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    /// The first child of that name.
    pub(crate) fn child(&self, name: &Name) -> Option<&Element> {
        self.elements().find(|element| element.name == *name)
    }

    /// An attribute without a namespace.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(key, _)| key.namespace.is_empty() && key.local == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The text directly in it, in one piece.
    pub(crate) fn text(&self) -> String {
        let texts = self.children.iter().filter_map(|node| match node {
            Node::Text(text) => Some(text.as_str()),
            Node::Element(_) => None,
        });
        texts.collect()
    }

    /// The element as text that stands on its own: it declares the namespaces that it needs.
    pub(crate) fn to_xml(&self) -> String {
        let mut out = String::new();
        self.write(&mut out, "");
        out
    }

    fn write(&self, out: &mut String, default: &str) {
        out.push('<');
        out.push_str(&self.name.local);
        if self.name.namespace != default {
            out.push_str(" xmlns=\"");
            escape_into(out, &self.name.namespace);
            out.push('"');
        }
        for (number, (name, value)) in self.attributes.iter().enumerate() {
            match name.namespace.as_ref() {
                "" => out.push_str(&format!(" {}=\"", name.local)),
                names::XML => out.push_str(&format!(" xml:{}=\"", name.local)),
                namespace => {
                    out.push_str(&format!(" xmlns:n{number}=\""));
                    escape_into(out, namespace);
                    out.push_str(&format!("\" n{number}:{}=\"", name.local));
                }
            }
            escape_into(out, value);
            out.push('"');
        }
        if self.children.is_empty() {
            out.push_str("/>");
            return;
        }
        out.push('>');
        for node in &self.children {
            match node {
                Node::Element(element) => element.write(out, &self.name.namespace),
                Node::Text(text) => escape_into(out, text),
            }
        }
        out.push_str(&format!("</{}>", self.name.local));
    }
}

/// Reads the body of a request.
///
/// # Errors
/// 400 where it is no XML that is well-formed with regard to namespaces.
pub(crate) fn parse(body: &[u8]) -> Result<Element, Refusal> {
    let bad = |reason: &str| Refusal::new(400, format!("the XML cannot be read: {reason}"));
    let text = std::str::from_utf8(body).map_err(|_| bad("it is not UTF-8"))?;
    let mut reader = NsReader::from_str(text.trim_start_matches('\u{feff}'));
    reader.config_mut().expand_empty_elements = true;
    let mut open: Vec<Element> = Vec::new();
    let mut root = None;
    loop {
        let (resolved, event) = reader.read_resolved_event().map_err(|error| bad(&error.to_string()))?;
        match event {
            Event::Start(start) => {
                if open.len() >= DEEPEST || root.is_some() {
                    return Err(bad("it is nested too deeply, or has several roots"));
                }
                let name = name(&resolved, start.local_name().as_ref()).ok_or_else(|| bad("a bad name"))?;
                let attributes = attributes(&reader, &start).ok_or_else(|| bad("a bad attribute"))?;
                open.push(Element { name, attributes, children: Vec::new() });
            }
            Event::End(_) => {
                let done = open.pop().ok_or_else(|| bad("an end without a start"))?;
                match open.last_mut() {
                    Some(parent) => parent.children.push(Node::Element(done)),
                    None => root = Some(done),
                }
            }
            Event::Text(text) => push_text(&mut open, &text).ok_or_else(|| bad("text outside"))?,
            Event::CData(text) => push_text(&mut open, &text).ok_or_else(|| bad("text outside"))?,
            Event::GeneralRef(entity) => {
                let text = expand(&entity).ok_or_else(|| bad("an unknown entity"))?;
                push_text(&mut open, &text).ok_or_else(|| bad("text outside"))?;
            }
            Event::DocType(_) => return Err(bad("it has a DTD")),
            Event::Eof if open.is_empty() => return root.ok_or_else(|| bad("there is none")),
            Event::Eof => return Err(bad("it breaks off")),
            Event::Empty(_) | Event::Decl(_) | Event::Comment(_) | Event::PI(_) => {}
        }
    }
}

fn name(resolved: &ResolveResult<'_>, local: &str) -> Option<Name> {
    let namespace = match resolved {
        ResolveResult::Bound(namespace) => quick_xml::escape::unescape(namespace.as_ref()).ok()?.into_owned(),
        ResolveResult::Unbound => String::new(),
        ResolveResult::Unknown(_) => return None,
    };
    let says_itself = |character: char| character.is_alphanumeric() || matches!(character, '-' | '_' | '.');
    let starts_well = local.starts_with(|first: char| first.is_alphabetic() || first == '_');
    (starts_well && local.chars().all(says_itself))
        .then(|| Name { namespace: Cow::Owned(namespace), local: Cow::Owned(local.to_owned()) })
}

fn attributes(reader: &NsReader<&[u8]>, start: &BytesStart<'_>) -> Option<Vec<(Name, String)>> {
    let mut found = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute.ok()?;
        if attribute.key.as_namespace_binding().is_some() {
            continue;
        }
        let (resolved, local) = reader.resolver().resolve_attribute(attribute.key);
        let value = quick_xml::escape::unescape(&attribute.value).ok()?;
        if !value.chars().all(is_xml) {
            return None;
        }
        found.push((name(&resolved, local.as_ref())?, value.into_owned()));
    }
    Some(found)
}

fn push_text(open: &mut [Element], text: &str) -> Option<()> {
    let Some(element) = open.last_mut() else { return text.trim().is_empty().then_some(()) };
    if !text.chars().all(is_xml) {
        return None;
    }
    match element.children.last_mut() {
        Some(Node::Text(before)) => before.push_str(text),
        _ if text.is_empty() => {}
        _ => element.children.push(Node::Text(text.to_owned())),
    }
    Some(())
}

fn expand(entity: &str) -> Option<String> {
    if let Some(number) = entity.strip_prefix('#') {
        let code = match number.strip_prefix('x') {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => number.parse().ok()?,
        };
        return char::from_u32(code).map(String::from);
    }
    quick_xml::escape::resolve_predefined_entity(entity).map(str::to_owned)
}

/// Whether XML 1.0 can say it at all (section 2.2).
fn is_xml(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// Puts text into XML: escaped, and what XML cannot say replaced by U+FFFD.
pub(crate) fn escape_into(out: &mut String, text: &str) {
    let mut rest = text;
    let special = |character: char| matches!(character, '&' | '<' | '>' | '"' | '\r') || !is_xml(character);
    while let Some(at) = rest.find(special) {
        let (plain, tail) = rest.split_at(at);
        out.push_str(plain);
        let mut characters = tail.chars();
        match characters.next() {
            Some('&') => out.push_str("&amp;"),
            Some('<') => out.push_str("&lt;"),
            Some('>') => out.push_str("&gt;"),
            Some('"') => out.push_str("&quot;"),
            // A bare one would be read as a line feed.
            Some('\r') => out.push_str("&#13;"),
            _ => out.push('\u{fffd}'),
        }
        rest = characters.as_str();
    }
    out.push_str(rest);
}

/// Declares the prefixes of answers, in the root's tag.
pub(crate) fn declare_prefixes(out: &mut String) {
    for (prefix, namespace) in names::PREFIXES {
        out.push_str(&format!(" xmlns:{prefix}=\"{namespace}\""));
    }
}
