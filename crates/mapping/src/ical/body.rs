//! The text of an item: DESCRIPTION, and what says the same with formats as HTML: STYLED-DESCRIPTION (RFC 9073 section
//! 6.5), X-ALT-DESC, the ALTREP of DESCRIPTION as Thunderbird has it, or DESCRIPTION itself as Google has it.
//!
//! Where plain and formatted text say different things, somebody changed the plain one who knows of no other: it is read
//! with the formats of what stayed. An edit of the plain text is made in the formatted ones too, whether formats cross or
//! not, so that all programs show the same.

use super::{Reader, Writer, property};
use crate::body::{Rich, canonical, html};
use crate::component::{Component, ComponentId, Line, LineId};
use crate::content_line::{self, NewLine};
use crate::options::{FormatsFrom, FormatsTo, Mapped};

/// A text, plain and formatted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Body {
    pub(super) text: String,
    pub(super) html: Option<String>,
}

/// What stands before the text of an ALTREP that is the description as HTML.
const HTML_URI: &str = "data:text/html,";

/// Where HTML stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// In the value of a line.
    Value(LineId),
    /// In the ALTREP of DESCRIPTION.
    Altrep(LineId),
}

/// The text, where it is mapped.
pub(super) fn read(component: Component<'_>, reader: &mut Reader<'_>) -> Body {
    let options = &reader.options.calendar;
    if options.body == Mapped::No {
        return Body::default();
    }
    let text = property::read_text(component, "DESCRIPTION");
    if html::is_html(&text) {
        let rich = html::read(&text);
        return Body { text: rich.text(), html: canonical(&rich) };
    }
    if options.formats_to_outlook == FormatsFrom::DescriptionAlone {
        return Body { text, html: None };
    }
    let mut all = formatted(component).into_iter().map(|(_, html)| html::read(&html));
    let Some(first) = all.next() else { return Body { text, html: None } };
    if component.line("DESCRIPTION").is_none() {
        return Body { text: first.text(), html: canonical(&first) };
    }
    let agrees = |rich: &Rich| rich.agrees_with(&text);
    let rich = if agrees(&first) { Some(first.clone()) } else { all.find(agrees) };
    let rich = rich.unwrap_or_else(|| first.with_text(&text));
    Body { text, html: canonical(&rich) }
}

/// Where the text stands with formats, beside DESCRIPTION itself, and what stands there.
fn formatted(component: Component<'_>) -> Vec<(Place, String)> {
    let is_html = |line: &Line<'_>| {
        let is = |name: &str, wanted: &str| {
            line.param(name).is_some_and(|value| value.eq_ignore_ascii_case(wanted))
        };
        is("FMTTYPE", "text/html") && !is("VALUE", "URI")
    };
    let values =
        ["STYLED-DESCRIPTION", "X-ALT-DESC"].into_iter().flat_map(|name| component.lines_named(name));
    let mut found: Vec<_> =
        values.filter(is_html).map(|line| (Place::Value(line.id()), line.text())).collect();
    if let Some(line) = component.line("DESCRIPTION")
        && let Some(uri) = line.param("ALTREP")
        && let Some(html) = uri.strip_prefix(HTML_URI)
    {
        found.push((Place::Altrep(line.id()), percent_decoded(html)));
    }
    found
}

/// Changes the text, where it is mapped.
pub(super) fn write(writer: &mut Writer<'_>, id: ComponentId, before: &Body, after: &Body) {
    if writer.settings.options.calendar.body == Mapped::No || before == after {
        return;
    }
    let component = writer.document.component(id);
    let description = property::read_text(component, "DESCRIPTION");
    let places = formatted(component);
    let has_new_formats = before.html != after.html;
    let changed = |old: &str| -> Option<String> {
        match &after.html {
            _ if !has_new_formats => canonical(&html::read(old).with_text(&after.text)),
            Some(html) => canonical(&html::read(html).saying(&after.text)),
            None => None,
        }
    };
    for (place, old) in &places {
        write_place(writer, *place, changed(old).as_deref());
    }
    let described_by_html = html::is_html(&description);
    let new = changed(&description).filter(|_| described_by_html);
    let new = new.unwrap_or_else(|| plain_description(&after.text));
    if new != description {
        writer.write_text(id, "DESCRIPTION", &new);
    }
    let has_place = !described_by_html && !formatted(writer.document.component(id)).is_empty();
    if has_new_formats
        && !has_place
        && !described_by_html
        && let Some(html) = changed("")
    {
        insert(writer, id, &html);
    }
}

/// A plain text that looks like HTML is said in HTML, so that it is not taken for it.
fn plain_description(text: &str) -> String {
    if html::is_html(text) { html::write(&Rich::from_text(text)) } else { text.to_owned() }
}

fn write_place(writer: &mut Writer<'_>, place: Place, html: Option<&str>) {
    match (place, html) {
        (Place::Value(line), Some(html)) => writer.document.set_text(line, html),
        (Place::Value(line), None) => writer.document.remove_line(line),
        (Place::Altrep(line), Some(html)) => {
            writer.document.set_param(line, "ALTREP", &[HTML_URI.to_owned() + &percent_encoded(html)]);
        }
        (Place::Altrep(line), None) => writer.document.remove_param(line, "ALTREP"),
    }
}

/// Puts formatted text where there was none.
fn insert(writer: &mut Writer<'_>, id: ComponentId, html: &str) {
    let wanted = writer.settings.options.calendar.formats_to_server;
    if matches!(wanted, FormatsTo::Styled | FormatsTo::Both) {
        let line = NewLine::text("STYLED-DESCRIPTION", html).param("VALUE", "TEXT");
        writer.insert(id, &line.param("FMTTYPE", "text/html"));
    }
    if wanted != FormatsTo::Styled {
        writer.insert(id, &NewLine::text("X-ALT-DESC", html).param("FMTTYPE", "text/html"));
    }
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, further)) = rest.split_first() {
        let hex = further.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()).filter(|_| *first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = further.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = further;
            }
        }
    }
    content_line::decode(&bytes).into_owned()
}

fn percent_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.!~*()".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}
