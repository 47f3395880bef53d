//! Content lines as bytes: finding their parts, unfolding and folding, escaping and unescaping (RFC 5545 section 3.1,
//! RFC 6350 sections 3.2 to 3.4, RFC 6868).
//!
//! Nothing here knows where a line stands, nor what a property means: see [`crate::component`] for the former and the
//! lenses for the latter.

use std::borrow::Cow;

use memchr::memchr_iter;

#[cfg(test)]
mod tests;

/// The longest physical line that is written, in octets without the line ending.
const FOLD_AT: usize = 75;

/// Where the parts of an unfolded line are, as offsets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    /// The end of the group, if there is one; the name then starts one later.
    pub(crate) group_end: Option<usize>,
    /// The end of the name: the start of the parameters, separators included.
    pub(crate) name_end: usize,
    /// The start of the value: one after the colon.
    pub(crate) value_start: usize,
}

impl Head {
    /// The start of the name.
    pub(crate) fn name_start(self) -> usize {
        self.group_end.map_or(0, |end| end + 1)
    }

    /// Finds the parts of a line; `None` if it has no name or no colon outside quotes.
    pub(crate) fn parse(content: &[u8]) -> Option<Head> {
        let (name_end, group_end) = name_of(content)?;
        let mut quoted = false;
        let colon = content.iter().skip(name_end).position(|&byte| {
            quoted ^= byte == b'"';
            byte == b':' && !quoted
        })?;
        Some(Head { group_end, name_end, value_start: name_end + colon + 1 })
    }

    /// As [`Head::parse`], for a line whose quotes are not balanced: the first colon ends the parameters.
    pub(crate) fn parse_unbalanced(content: &[u8]) -> Option<Head> {
        let (name_end, group_end) = name_of(content)?;
        let colon = content.iter().skip(name_end).position(|&byte| byte == b':')?;
        Some(Head { group_end, name_end, value_start: name_end + colon + 1 })
    }
}

/// The ends of the name and of the group. Names may hold more than the standards allow (`X-FOO_BAR`), but no blanks.
fn name_of(content: &[u8]) -> Option<(usize, Option<usize>)> {
    let name_end = content.iter().position(|byte| matches!(byte, b':' | b';'))?;
    let name = content.get(..name_end)?;
    if name.is_empty()
        || !name.iter().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'=' | b','))
    {
        return None;
    }
    let dot = name.iter().position(|byte| *byte == b'.').filter(|&dot| dot > 0 && dot + 1 < name_end);
    Some((name_end, dot))
}

/// Joins the physical lines of one content line, given without its final line ending. `line_feed` is the byte that ends
/// lines in this document. With `soft_breaks` (quoted-printable), a break after `=` vanishes together with the `=`, and
/// what follows it is not indented.
pub(crate) fn unfold(raw: &[u8], line_feed: u8, soft_breaks: bool) -> Cow<'_, [u8]> {
    let mut breaks = memchr_iter(line_feed, raw);
    let Some(first) = breaks.next() else { return Cow::Borrowed(raw) };
    let mut joined = Vec::with_capacity(raw.len());
    joined.extend_from_slice(trim_carriage_returns(raw.get(..first).unwrap_or_default()));
    let mut start = first + 1;
    for end in breaks.chain([raw.len()]) {
        let line = trim_carriage_returns(raw.get(start..end).unwrap_or_default());
        if soft_breaks && joined.last() == Some(&b'=') {
            joined.pop();
            joined.extend_from_slice(line);
        } else {
            joined.extend_from_slice(line.get(1..).unwrap_or_default());
        }
        start = end + 1;
    }
    Cow::Owned(joined)
}

/// Whether parameters say that the value is quoted-printable (vCard 2.1), with ENCODING or as a bare word.
pub(crate) fn mentions_quoted_printable(params: &[u8]) -> bool {
    const WORD: &[u8] = b"QUOTED-PRINTABLE";
    params.windows(WORD.len()).any(|window| window.eq_ignore_ascii_case(WORD))
}

/// `line` without the carriage returns at its end (some servers end lines by two of them).
pub(crate) fn trim_carriage_returns(line: &[u8]) -> &[u8] {
    let kept = line.iter().rposition(|byte| *byte != b'\r').map_or(0, |last| last + 1);
    line.get(..kept).unwrap_or_default()
}

/// Appends `content` to `out`, folded so that no physical line is longer than 75 octets and no UTF-8 sequence is
/// parted, and ends it by `ending`.
pub(crate) fn fold_into(out: &mut Vec<u8>, content: &[u8], ending: &[u8]) {
    let mut rest = content;
    let mut room = FOLD_AT;
    while rest.len() > room {
        let is_continuation = |at: usize| rest.get(at).is_some_and(|byte| byte & 0xC0 == 0x80);
        // A sequence has at most three continuation bytes; whatever has more is not UTF-8 and may be parted.
        let cut = (room.saturating_sub(3)..=room).rev().find(|&at| !is_continuation(at)).unwrap_or(room);
        let (line, further) = rest.split_at(cut.max(1));
        out.extend_from_slice(line);
        out.extend_from_slice(ending);
        out.push(b' ');
        rest = further;
        room = FOLD_AT - 1;
    }
    out.extend_from_slice(rest);
    out.extend_from_slice(ending);
}

/// Bytes as text: UTF-8, and Windows-1252 wherever they are not UTF-8.
pub fn decode(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    let mut text = String::with_capacity(bytes.len() + 8);
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|byte| from_windows_1252(*byte)));
    }
    Cow::Owned(text)
}

/// The character of a byte in Windows-1252; its five undefined bytes are the control characters of Latin-1.
pub(crate) fn from_windows_1252(byte: u8) -> char {
    const HIGH: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}',
        '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
    ];
    match byte {
        0x80..=0x9F => HIGH.get(usize::from(byte - 0x80)).copied().unwrap_or(char::from(byte)),
        _ => char::from(byte),
    }
}

/// Escapes a TEXT value (RFC 5545 section 3.3.11, RFC 6350 section 3.4): backslash, semicolon, comma, and line ends as
/// `\n`. Characters that neither format nor XML can carry become U+FFFD.
pub fn escape_text(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 8);
    let mut previous = '\0';
    for character in text.chars() {
        match character {
            '\\' | ';' | ',' => escaped.extend(['\\', character]),
            '\n' if previous == '\r' => {}
            '\n' | '\r' => escaped.push_str("\\n"),
            '\t' => escaped.push('\t'),
            _ => escaped.push(printable(character)),
        }
        previous = character;
    }
    escaped
}

/// `character`, or U+FFFD if neither format nor XML 1.0 can carry it.
fn printable(character: char) -> char {
    if is_refused(character) { char::REPLACEMENT_CHARACTER } else { character }
}

/// Whether neither format nor XML 1.0 can carry a character of a text; line ends and tabs have their own spelling.
pub(crate) fn is_refused(character: char) -> bool {
    character.is_control() && !matches!(character, '\u{80}'..='\u{9f}' | '\t' | '\r' | '\n')
        || matches!(character, '\u{fffe}' | '\u{ffff}')
}

/// A value without escapes (a URI) as it is written: as with [`escape_text`], but for the escapes.
pub(crate) fn printable_value(value: &str) -> String {
    let one = |character| match character {
        '\r' | '\n' => char::REPLACEMENT_CHARACTER,
        _ => printable(character),
    };
    value.chars().map(one).collect()
}

/// Takes the escapes out of a TEXT value. `\:` (old calendars) and `\"` lose their backslash, `\r\n` is one line end;
/// any other backslash stands for itself.
pub fn unescape_text(value: &str) -> String {
    if !value.contains('\\') {
        return value.to_owned();
    }
    let mut text = String::with_capacity(value.len());
    let mut rest = value;
    while let Some(at) = rest.find('\\') {
        let (plain, escape) = rest.split_at(at);
        text.push_str(plain);
        let mut characters = escape.chars();
        characters.next();
        match characters.next() {
            Some('n' | 'N') => text.push('\n'),
            Some('r' | 'R') if characters.as_str().starts_with("\\n") => {}
            Some(character @ ('\\' | ';' | ',' | ':' | '"')) => text.push(character),
            Some(character) => text.extend(['\\', character]),
            None => text.push('\\'),
        }
        rest = characters.as_str();
    }
    text.push_str(rest);
    text
}

/// Whether a TEXT value holds a backslash that escapes nothing.
pub fn has_bad_escape(value: &str) -> bool {
    let mut characters = value.chars();
    while let Some(character) = characters.next() {
        if character == '\\' && !matches!(characters.next(), Some('\\' | ';' | ',' | 'n' | 'N' | ':' | '"')) {
            return true;
        }
    }
    false
}

/// Splits a still-escaped value at each `separator` that is not escaped. An empty value has one empty part.
pub fn split_escaped(value: &str, separator: char) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    let mut escaped = false;
    for (at, character) in value.char_indices() {
        if character == separator && !escaped {
            parts.push(value.get(start..at).unwrap_or_default());
            start = at + separator.len_utf8();
        }
        escaped = character == '\\' && !escaped;
    }
    parts.push(value.get(start..).unwrap_or_default());
    parts
}

/// A parameter of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Param {
    /// Its name as spelled.
    pub name: String,
    /// Its values; none for a bare word such as `HOME` of a vCard 2.1.
    pub values: Vec<ParamValue>,
    /// Where it is in the unfolded line, the `;` before it included.
    pub(crate) start: usize,
    /// Where it ends.
    pub(crate) end: usize,
}

/// A value of a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParamValue {
    /// The value, without quotes, carets decoded (RFC 6868).
    pub text: String,
    /// Whether it stood in quotes.
    pub quoted: bool,
}

impl Param {
    /// Whether this is the parameter of that name; case does not matter.
    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }
}

/// The parameters between the name and the value of an unfolded line.
pub(crate) fn params(content: &[u8], head: Head) -> Vec<Param> {
    let end = head.value_start.saturating_sub(1);
    let Some(bytes) = content.get(head.name_end..end) else { return Vec::new() };
    let mut found = Vec::new();
    let mut start = head.name_end;
    for segment in split_unquoted(bytes, b';') {
        let segment_end = start + segment.len();
        // The first segment is what stands before the first semicolon: nothing.
        if start > head.name_end {
            found.push(param(segment, start - 1, segment_end));
        }
        start = segment_end + 1;
    }
    found
}

/// The first value of the first parameter of that name, as [`params`] has it; empty where it has none. Lines are asked for
/// single parameters so often that the others are not laid out for it.
pub(crate) fn param_named(content: &[u8], head: Head, name: &str) -> Option<String> {
    let bytes = content.get(head.name_end..head.value_start.saturating_sub(1))?;
    split_unquoted(bytes, b';').skip(1).find_map(|segment| {
        let equals = segment.iter().position(|byte| *byte == b'=');
        let (spelled, values) = segment.split_at(equals.unwrap_or(segment.len()));
        if !decode(spelled).trim().eq_ignore_ascii_case(name) {
            return None;
        }
        let first = split_unquoted(values.get(1..).unwrap_or_default(), b',').next().map(param_value);
        Some(first.map(|value| value.text).unwrap_or_default())
    })
}

fn param(segment: &[u8], start: usize, end: usize) -> Param {
    let Some(equals) = segment.iter().position(|byte| *byte == b'=') else {
        return Param { name: decode(segment).trim().to_owned(), values: Vec::new(), start, end };
    };
    let (name, values) = segment.split_at(equals);
    let values = split_unquoted(values.get(1..).unwrap_or_default(), b',').map(param_value).collect();
    Param { name: decode(name).trim().to_owned(), values, start, end }
}

fn param_value(bytes: &[u8]) -> ParamValue {
    let inner = bytes.strip_prefix(b"\"").map(|inner| inner.strip_suffix(b"\"").unwrap_or(inner));
    ParamValue { text: decode_carets(&decode(inner.unwrap_or(bytes))), quoted: inner.is_some() }
}

fn split_unquoted(bytes: &[u8], separator: u8) -> impl Iterator<Item = &[u8]> {
    let mut quoted = false;
    bytes.split(move |&byte| {
        quoted ^= byte == b'"';
        byte == separator && !quoted
    })
}

fn decode_carets(value: &str) -> String {
    if !value.contains('^') {
        return value.to_owned();
    }
    let mut text = String::with_capacity(value.len());
    let mut characters = value.chars().peekable();
    while let Some(character) = characters.next() {
        let meant = match (character, characters.peek()) {
            ('^', Some('n')) => '\n',
            ('^', Some('^')) => '^',
            ('^', Some('\'')) => '"',
            _ => {
                text.push(character);
                continue;
            }
        };
        characters.next();
        text.push(meant);
    }
    text
}

/// A parameter value as it is written: carets for what cannot be said otherwise (RFC 6868), quotes where needed.
pub fn quote_param(value: &str) -> String {
    let mut quoted = String::with_capacity(value.len() + 2);
    for character in value.replace("\r\n", "\n").chars() {
        match character {
            '^' => quoted.push_str("^^"),
            '\n' | '\r' => quoted.push_str("^n"),
            '"' => quoted.push_str("^'"),
            '\t' => quoted.push('\t'),
            _ => quoted.push(printable(character)),
        }
    }
    if quoted.contains([',', ';', ':']) { format!("\"{quoted}\"") } else { quoted }
}

/// A line to be written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewLine {
    /// What stands before the value: group, name and parameters.
    head: String,
    /// The value, escaped.
    value: String,
}

impl NewLine {
    /// A line with a value that is already escaped, or needs no escapes (dates, URIs, rules).
    pub fn raw(name: &str, value: &str) -> Self {
        NewLine { head: name.to_owned(), value: printable_value(value) }
    }

    /// A line with a TEXT value.
    pub fn text(name: &str, text: &str) -> Self {
        NewLine { head: name.to_owned(), value: escape_text(text) }
    }

    /// A line with a list of TEXT values, separated by commas.
    pub fn list<T: AsRef<str>>(name: &str, values: &[T]) -> Self {
        Self::joined(name, values, ",")
    }

    /// A line with a structured value: TEXT components separated by semicolons.
    pub fn structured<T: AsRef<str>>(name: &str, components: &[T]) -> Self {
        Self::joined(name, components, ";")
    }

    fn joined<T: AsRef<str>>(name: &str, parts: &[T], separator: &str) -> Self {
        let parts: Vec<_> = parts.iter().map(|part| escape_text(part.as_ref())).collect();
        NewLine { head: name.to_owned(), value: parts.join(separator) }
    }

    /// Its name, without the group.
    pub(crate) fn name(&self) -> &str {
        let name = self.head.split(';').next().unwrap_or_default();
        name.rsplit('.').next().unwrap_or_default()
    }

    /// With a parameter.
    #[must_use]
    pub fn param(self, name: &str, value: &str) -> Self {
        self.params(name, &[value])
    }

    /// With a parameter of several values, separated by commas.
    #[must_use]
    pub fn params<T: AsRef<str>>(mut self, name: &str, values: &[T]) -> Self {
        self.head.push_str(&param_text(name, values));
        self
    }

    /// In a group: `item1` makes `item1.TEL`.
    #[must_use]
    pub fn grouped(mut self, group: &str) -> Self {
        self.head = format!("{group}.{}", self.head);
        self
    }

    /// The bytes of the line.
    pub(crate) fn to_bytes(&self, ending: &[u8]) -> Vec<u8> {
        let mut content = self.head.clone().into_bytes();
        content.push(b':');
        content.extend_from_slice(self.value.as_bytes());
        let mut out = Vec::with_capacity(content.len() + 8);
        fold_into(&mut out, &content, ending);
        out
    }
}

/// `;NAME=value,value`.
pub(crate) fn param_text<T: AsRef<str>>(name: &str, values: &[T]) -> String {
    let values: Vec<_> = values.iter().map(|value| quote_param(value.as_ref())).collect();
    format!(";{name}={}", values.join(","))
}
