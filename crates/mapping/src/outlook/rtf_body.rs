//! The text of an item: Body, and RTFBody, which says the same with formats.
//!
//! RTFBody is the RTF in Base64, as it is or compressed as MAPI has it; empty where nobody set it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::Settings;
use crate::body::{Rich, canonical, compressed, html, rtf};
use crate::options::{FormatsTo, Mapped};

/// A text, plain and formatted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Text {
    pub(super) text: String,
    pub(super) html: Option<String>,
}

/// The two properties.
pub(super) struct Body<'b> {
    pub(super) body: &'b mut String,
    pub(super) rtf_body: &'b mut String,
}

/// The text, as far as it is mapped.
pub(super) fn read(body: &str, rtf_body: &str, settings: &Settings) -> Text {
    let options = &settings.options.calendar;
    if options.body == Mapped::No {
        return Text::default();
    }
    let whole = read_whole(body, rtf_body);
    match options.formats_to_server {
        FormatsTo::Nowhere => Text { html: None, ..whole },
        _ => whole,
    }
}

/// The text with its formats, whether they are mapped or not.
pub(super) fn read_whole(body: &str, rtf_body: &str) -> Text {
    let text = plain(body);
    // Where RTFBody says something else, only Body was set.
    let rich = formats(rtf_body).filter(|rich| rich.agrees_with(&text));
    Text { text, html: rich.and_then(|rich| canonical(&rich)) }
}

/// The formatted text, where there is one.
fn formats(rtf_body: &str) -> Option<Rich> {
    if rtf_body.is_empty() {
        return None;
    }
    let bytes = STANDARD.decode(rtf_body.trim()).ok()?;
    let bytes = if compressed::is_compressed(&bytes) { compressed::unpack(&bytes)? } else { bytes };
    Some(rtf::read(&bytes))
}

/// Changes the text, as far as it is mapped.
pub(super) fn write(item: Body<'_>, now: &Text, wanted: &Text, settings: &Settings) {
    if settings.options.calendar.body == Mapped::No || now == wanted {
        return;
    }
    let rich = if now.html == wanted.html {
        formats(item.rtf_body).map(|rich| rich.with_text(&wanted.text))
    } else {
        wanted.html.as_deref().map(|html| html::read(html).saying(&wanted.text))
    };
    *item.body = lines(&wanted.text);
    match rich.filter(|rich| !rich.is_plain()) {
        Some(rich) => *item.rtf_body = packed(&rich, item.rtf_body),
        None => item.rtf_body.clear(),
    }
}

/// The RTF in Base64; compressed where it was.
fn packed(rich: &Rich, before: &str) -> String {
    let bytes = rtf::write(rich);
    let was_compressed =
        STANDARD.decode(before.trim()).is_ok_and(|before| compressed::is_compressed(&before));
    STANDARD.encode(if was_compressed { compressed::pack(&bytes) } else { bytes })
}

/// What follows where one of the two is set by hand: Outlook keeps them the same.
pub(super) fn settle(item: Body<'_>, set: &str) {
    match set {
        "Body" => item.rtf_body.clear(),
        "RTFBody" => {
            if item.rtf_body.trim_start().starts_with("{\\rtf") {
                *item.rtf_body = STANDARD.encode(item.rtf_body.trim_start().as_bytes());
            }
            *item.body = lines(&formats(item.rtf_body).unwrap_or_default().text());
        }
        _ => {}
    }
}

/// Text as Outlook keeps it: lines end with CR LF.
pub(super) fn lines(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\n', "\r\n")
}

/// Text of Outlook as the model has it.
pub(super) fn plain(body: &str) -> String {
    body.replace("\r\n", "\n")
}
