//! HTML as a row of texts and tags.

use super::super::entities;

/// A piece of HTML.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Token<'h> {
    /// Text, references in it resolved. Characters that were references are marked by [`Token::Character`].
    Text(&'h str),
    /// A character that was a reference, such as `&nbsp;`: it is no blank that could be left out.
    Character(char),
    /// `<name ...>`, the name in lower case.
    Start(String, Vec<(String, String)>),
    /// `</name>`, the name in lower case.
    End(String),
}

/// Elements whose contents are no HTML.
const RAW: [&str; 6] = ["script", "style", "title", "textarea", "noscript", "xml"];

/// More attributes of a tag are passed over.
const MOST_ATTRIBUTES: usize = 64;

/// The tokens of some HTML. Comments, declarations, scripts and style sheets are not among them.
pub(super) struct Tokens<'h> {
    rest: &'h str,
}

impl<'h> Tokens<'h> {
    pub(super) fn of(html: &'h str) -> Self {
        Tokens { rest: html }
    }

    /// Takes so many bytes off the rest.
    fn cut(&mut self, bytes: usize) -> &'h str {
        let (taken, rest) = self.rest.split_at_checked(bytes).unwrap_or((self.rest, ""));
        self.rest = rest;
        taken
    }

    /// Passes over everything up to and with `end`, else over all.
    fn skip_past(&mut self, end: &str) {
        let found = self.rest.find(end).map_or(self.rest.len(), |at| at + end.len());
        self.cut(found);
    }

    /// A reference at the start of the rest, such as `&amp;`.
    fn reference(&mut self) -> Option<char> {
        let after = self.rest.strip_prefix('&')?;
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'#';
        let length = after.bytes().take(10).take_while(|byte| is_part(*byte)).count();
        let char = entities::character(after.get(..length)?)?;
        let semicolon = usize::from(after.get(length..)?.starts_with(';'));
        self.cut(1 + length + semicolon);
        Some(char)
    }

    /// The tag at the start of the rest, which starts with `<`.
    fn tag(&mut self) -> Option<Token<'h>> {
        let after = self.rest.get(1..)?;
        if after.starts_with("!--") {
            self.skip_past("-->");
            return Some(Token::Text(""));
        }
        if after.starts_with(['!', '?']) {
            self.skip_past(">");
            return Some(Token::Text(""));
        }
        let is_end = after.starts_with('/');
        let named = after.get(usize::from(is_end)..)?;
        if !named.starts_with(|first: char| first.is_ascii_alphabetic()) {
            return None;
        }
        let is_part = |char: char| !char.is_whitespace() && !matches!(char, '>' | '/' | '<');
        let length = named.find(|char| !is_part(char)).unwrap_or(named.len());
        let name = named.get(..length)?.to_ascii_lowercase();
        self.cut(1 + usize::from(is_end) + length);
        let attributes = self.attributes();
        if is_end {
            return Some(Token::End(name));
        }
        if RAW.contains(&name.as_str()) {
            self.skip_raw(&name);
            return Some(Token::Text(""));
        }
        Some(Token::Start(name, attributes))
    }

    /// Passes over the contents of an element, and over its end.
    fn skip_raw(&mut self, name: &str) {
        while let Some(at) = self.rest.find("</") {
            self.cut(at + 2);
            let is_end = self.rest.get(..name.len()).is_some_and(|found| found.eq_ignore_ascii_case(name));
            if is_end {
                self.skip_past(">");
                return;
            }
        }
        self.rest = "";
    }

    /// The attributes up to the end of the tag, which is taken too.
    fn attributes(&mut self) -> Vec<(String, String)> {
        let mut attributes = Vec::new();
        loop {
            let blank = self.rest.find(|char: char| !char.is_whitespace() && char != '/');
            self.cut(blank.unwrap_or(self.rest.len()));
            if self.rest.is_empty() || self.rest.starts_with('>') {
                self.cut(1);
                return attributes;
            }
            let length = self.rest.find(|char: char| char.is_whitespace() || matches!(char, '=' | '>' | '/'));
            // A name has at least one character, so that each round gets on.
            let first = self.rest.chars().next().map_or(1, char::len_utf8);
            let name = self.cut(length.unwrap_or(self.rest.len()).max(first)).to_ascii_lowercase();
            self.rest = self.rest.trim_start();
            let value = match self.rest.strip_prefix('=') {
                Some(rest) => {
                    self.rest = rest.trim_start();
                    self.attribute_value()
                }
                None => String::new(),
            };
            if attributes.len() < MOST_ATTRIBUTES {
                attributes.push((name, value));
            }
        }
    }

    fn attribute_value(&mut self) -> String {
        let quote = self.rest.chars().next().filter(|char| matches!(char, '"' | '\''));
        let value = match quote {
            Some(quote) => {
                self.cut(1);
                let value = self.cut(self.rest.find(quote).unwrap_or(self.rest.len()));
                self.cut(1);
                value
            }
            None => {
                let end = self.rest.find(|char: char| char.is_whitespace() || char == '>');
                self.cut(end.unwrap_or(self.rest.len()))
            }
        };
        resolved(value)
    }
}

impl<'h> Iterator for Tokens<'h> {
    type Item = Token<'h>;

    fn next(&mut self) -> Option<Token<'h>> {
        let first = self.rest.chars().next()?;
        let token = match first {
            '<' => self.tag(),
            '&' => self.reference().map(Token::Character),
            _ => None,
        };
        Some(token.unwrap_or_else(|| {
            let after = self.rest.get(first.len_utf8()..).unwrap_or_default();
            let length = after.find(['<', '&']).unwrap_or(after.len());
            Token::Text(self.cut(first.len_utf8() + length))
        }))
    }
}

/// A text with its references resolved.
pub(super) fn resolved(text: &str) -> String {
    let mut tokens = Tokens::of(text);
    let mut plain = String::with_capacity(text.len());
    while let Some(at) = tokens.rest.find('&') {
        plain.push_str(tokens.cut(at));
        match tokens.reference() {
            Some(char) => plain.push(char),
            None => plain.push_str(tokens.cut(1)),
        }
    }
    plain.push_str(tokens.rest);
    plain
}
