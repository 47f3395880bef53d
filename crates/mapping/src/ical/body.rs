//! The text of an item: DESCRIPTION, and what says the same as HTML.

use super::{Reader, Writer, property};
use crate::component::{Component, ComponentId, Line};
use crate::content_line::{self, NewLine};
use crate::options::Mapped;

/// A text, plain and formatted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Body {
    pub(super) text: String,
    pub(super) html: Option<String>,
}

/// The text, where it is mapped.
pub(super) fn read(component: Component<'_>, reader: &mut Reader<'_>) -> Body {
    if reader.options.calendar.body == Mapped::No {
        return Body::default();
    }
    Body { text: property::read_text(component, "DESCRIPTION"), html: read_html(component) }
}

/// Changes the text, where it is mapped.
pub(super) fn write(writer: &mut Writer<'_>, id: ComponentId, before: &Body, after: &Body) {
    if writer.settings.options.calendar.body == Mapped::No {
        return;
    }
    property::write_text(writer, id, "DESCRIPTION", &before.text, &after.text);
    write_html(writer, id, after.html.as_deref());
}

/// What stands before the text of an ALTREP that is the description as HTML, as Thunderbird has it.
const HTML_URI: &str = "data:text/html,";

/// The description as HTML: X-ALT-DESC, or a DESCRIPTION that has it in its ALTREP.
fn read_html(component: Component<'_>) -> Option<String> {
    if let Some(line) = html_line(component) {
        return Some(line.text());
    }
    let uri = component.line("DESCRIPTION")?.param("ALTREP")?;
    uri.strip_prefix(HTML_URI).map(percent_decoded)
}

/// Changes the description as HTML, where it stands. The description as text is to be written before.
fn write_html(writer: &mut Writer<'_>, id: ComponentId, after: Option<&str>) {
    let component = writer.document.component(id);
    if read_html(component).as_deref() == after {
        return;
    }
    let line = html_line(component).map(Line::id);
    let description =
        component.line("DESCRIPTION").filter(|line| line.param("ALTREP").is_some()).map(Line::id);
    match (line, description, after) {
        (Some(line), _, Some(html)) => writer.document.set_text(line, html),
        (Some(line), _, None) => writer.document.remove_line(line),
        (None, Some(line), Some(html)) => {
            writer.document.set_param(line, "ALTREP", &[HTML_URI.to_owned() + &percent_encoded(html)]);
        }
        (None, Some(line), None) => writer.document.remove_param(line, "ALTREP"),
        (None, None, Some(html)) => {
            writer.insert(id, &NewLine::text("X-ALT-DESC", html).param("FMTTYPE", "text/html"));
        }
        (None, None, None) => {}
    }
}

fn html_line(component: Component<'_>) -> Option<Line<'_>> {
    component
        .lines_named("X-ALT-DESC")
        .find(|line| line.param("FMTTYPE").is_some_and(|media| media.eq_ignore_ascii_case("text/html")))
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
