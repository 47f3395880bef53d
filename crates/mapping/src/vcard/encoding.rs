//! Values as text: charsets and quoted-printable of vCard 2.1, escapes of all versions.

use std::borrow::Cow;

use crate::component::{Component, Line};
use crate::content_line::{self, Param};

/// The longest physical line of a quoted-printable value (RFC 2045 section 6.7), without its line ending.
const SOFT_BREAK_AT: usize = 76;

/// The value, still escaped, with charset and quoted-printable decoded.
pub(super) fn escaped(line: Line<'_>) -> Cow<'_, str> {
    let params = line.params();
    if params.is_empty() {
        return line.value();
    }
    let is_quoted_printable = params.iter().any(mentions_quoted_printable);
    let bytes = match is_quoted_printable {
        true => Cow::Owned(decode_quoted_printable(&line.raw_value())),
        false => line.raw_value(),
    };
    match line.param("CHARSET") {
        Some(charset) if is_windows_1252(&charset) => {
            Cow::Owned(bytes.iter().map(|byte| content_line::from_windows_1252(*byte)).collect())
        }
        _ => Cow::Owned(content_line::decode(&bytes).into_owned()),
    }
}

/// The value as TEXT, lines ended by `\n`.
pub(super) fn text(line: Line<'_>) -> String {
    unescaped(&escaped(line))
}

/// The text of the first property of that name that has any.
pub(super) fn first_text(card: Component<'_>, name: &str) -> String {
    card.line(name).map(text).unwrap_or_default()
}

/// The parts of a structured or list value.
pub(super) fn parts(line: Line<'_>, separator: char) -> Vec<String> {
    content_line::split_escaped(&escaped(line), separator).into_iter().map(unescaped).collect()
}

/// As [`parts`], trimmed.
pub(super) fn trimmed_parts(line: Line<'_>, separator: char) -> Vec<String> {
    parts(line, separator).iter().map(|part| part.trim().to_owned()).collect()
}

pub(super) fn unescaped(value: &str) -> String {
    let text = content_line::unescape_text(value);
    if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n") } else { text }
}

/// The value as a URI: URIs have no escapes, but some producers escape their punctuation.
pub(super) fn uri(line: Line<'_>) -> String {
    let value = escaped(line);
    let mut uri = String::with_capacity(value.len());
    for character in value.trim().chars() {
        while matches!(character, ':' | ',' | ';') && uri.ends_with('\\') {
            uri.pop();
        }
        uri.push(character);
    }
    uri
}

/// The charset of a line, if it is none we can read. Bytes are then read as UTF-8 or Windows-1252.
pub(super) fn unknown_charset(line: Line<'_>) -> Option<String> {
    let charset = line.param("CHARSET")?;
    let known = is_windows_1252(&charset)
        || ["UTF-8", "UTF8", "US-ASCII", "ASCII"].iter().any(|known| known.eq_ignore_ascii_case(&charset));
    (!known).then_some(charset)
}

fn is_windows_1252(charset: &str) -> bool {
    ["ISO-8859-1", "LATIN1", "WINDOWS-1252", "CP1252"].iter().any(|known| known.eq_ignore_ascii_case(charset))
}

/// Whether a parameter says that the value is quoted-printable: a bare word, or the value of ENCODING; of any other, too,
/// because that is how lines are told apart.
pub(super) fn mentions_quoted_printable(param: &Param) -> bool {
    let words = param.values.iter().map(|value| &value.text).chain([&param.name]);
    words.into_iter().any(|word| content_line::mentions_quoted_printable(word.as_bytes()))
}

/// Decodes a value whose soft line breaks are gone already; what is no encoding stays as it is.
fn decode_quoted_printable(value: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(value.len());
    let mut rest = value;
    while let Some((first, further)) = rest.split_first() {
        let hex = further.get(..2).filter(|hex| hex.iter().all(u8::is_ascii_hexdigit));
        let hex = hex.and_then(|hex| std::str::from_utf8(hex).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()).filter(|_| *first == b'=') {
            Some(byte) => {
                decoded.push(byte);
                rest = further.get(2..).unwrap_or_default();
            }
            None => {
                decoded.push(*first);
                rest = further;
            }
        }
    }
    decoded
}

/// Encodes UTF-8 as quoted-printable. Every line end becomes CRLF; `used` is what the first physical line holds already.
pub(super) fn encode_quoted_printable(text: &str, used: usize, ending: &str) -> String {
    let mut encoded = String::with_capacity(text.len() * 2);
    let mut column = used;
    let mut add = |piece: &str| {
        if column + piece.len() + 1 > SOFT_BREAK_AT {
            encoded.push('=');
            encoded.push_str(ending);
            column = 0;
        }
        encoded.push_str(piece);
        column += piece.len();
    };
    for character in text.chars() {
        match character {
            '\n' => add("=0D=0A"),
            // A space at the end of a line would be lost.
            ' '..='~' if character != '=' && character != ' ' => add(character.encode_utf8(&mut [0; 4])),
            _ => {
                let mut buffer = [0; 4];
                let bytes = character.encode_utf8(&mut buffer).bytes();
                add(&bytes.map(|byte| format!("={byte:02X}")).collect::<String>());
            }
        }
    }
    encoded
}
