//! What a server says of a refusal in words of its own, for the person who reads the report.
//!
//! It is foreign text: short, on one line, and none at all where it repeats what we showed to be let in. Nothing is decided by it.

use std::borrow::Cow;

use quick_xml::escape::unescape;
use secrecy::{ExposeSecret, SecretString};

use crate::names;
use crate::xml::{self, Element};

#[cfg(test)]
mod tests;

/// No more characters than this are told.
const MOST_CHARACTERS: usize = 200;

/// The server's own words: of a text all, of a page its title, of a document its description. `None` where it has none, and where
/// they hold one of the secrets. The media type is in lower case.
pub(crate) fn explanation(
    media_type: &str,
    body: &[u8],
    document: Option<&Element>,
    secrets: &[SecretString],
) -> Option<String> {
    let said = match (media_type, document) {
        ("text/plain", _) => Some(decoded(body).into_owned()),
        ("text/html" | "application/xhtml+xml", _) => title(&decoded(body)),
        (_, document) => document.and_then(in_document).map(str::to_owned),
    };
    words(&said?, secrets)
}

/// A text as it is told.
pub(crate) fn words(said: &str, secrets: &[SecretString]) -> Option<String> {
    let words = on_one_line(said);
    let repeats = secrets.iter().any(|secret| repeats(&words, secret));
    (!words.is_empty() && !repeats).then(|| capped(&words))
}

/// The message of sabre/dav and its descendants; else a description (RFC 4918 section 14.25); else what stands in the error itself.
fn in_document(document: &Element) -> Option<&str> {
    // QUIRK(refusals: sogo): its error is in a namespace that nearly is that of WebDAV.
    let own = if document.name.local == "error" { Some(document.text.as_str()) } else { None };
    let filled = |element: &&Element| !element.trimmed().is_empty();
    first(document, &|element| element.name == names::SABRE_MESSAGE)
        .filter(filled)
        .or_else(|| first(document, &|element| element.name == names::RESPONSEDESCRIPTION).filter(filled))
        .map(|element| element.text.as_str())
        .or_else(|| own.filter(|text| !text.trim().is_empty()))
}

/// The first such element in a document, which is no deeper than the reader of XML lets it be.
fn first<'a>(element: &'a Element, is_meant: &dyn Fn(&Element) -> bool) -> Option<&'a Element> {
    if is_meant(element) {
        return Some(element);
    }
    element.children.iter().find_map(|child| first(child, is_meant))
}

/// UTF-8, of which the end may have been cut off; else ISO 8859-1, which every sequence of bytes is.
fn decoded(body: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(body) {
        Ok(text) => Cow::Borrowed(text),
        Err(error) if error.error_len().is_none() => {
            let whole = body.get(..error.valid_up_to()).unwrap_or_default();
            String::from_utf8_lossy(whole)
        }
        Err(_) => Cow::Owned(body.iter().map(|byte| char::from(*byte)).collect()),
    }
}

/// The title of a page. The rest of it is laid out for a browser, and often a page of somebody in between.
fn title(page: &str) -> Option<String> {
    let lower = page.to_ascii_lowercase();
    let begin = lower.find("<title")?;
    let begin = begin + lower.get(begin..)?.find('>')? + 1;
    let end = begin + lower.get(begin..)?.find("</title")?;
    let title = page.get(begin..end)?;
    Some(unescape(title).map_or_else(|_| title.to_owned(), Cow::into_owned))
}

/// Without what steers a terminal or turns the direction of writing, with single blanks, and fit to stand between quotes.
fn on_one_line(text: &str) -> String {
    let plain = |c: char| match c {
        '"' => '\'',
        c if c.is_whitespace() => ' ',
        c => c,
    };
    let shown: String = text.chars().map(plain).filter(|c| !is_unseen(*c)).collect();
    let words: Vec<&str> = shown.split(' ').filter(|word| !word.is_empty()).collect();
    words.join(" ").trim_end_matches('.').to_owned()
}

fn is_unseen(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(character, '\u{feff}' | char::REPLACEMENT_CHARACTER)
}

/// Whether a text holds a secret: as it is, or as it stands in a page.
fn repeats(words: &str, secret: &SecretString) -> bool {
    let secret = secret.expose_secret();
    [secret, &*xml::escape(secret)].map(on_one_line).iter().any(|it| !it.is_empty() && words.contains(it))
}

/// The beginning of what a server sent, for a sentence.
pub(crate) fn capped(words: &str) -> String {
    match words.char_indices().nth(MOST_CHARACTERS) {
        Some((end, _)) => format!("{}…", words.get(..end).unwrap_or_default().trim_end()),
        None => words.to_owned(),
    }
}
