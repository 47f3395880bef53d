//! A card that is being changed, in the version that it has.

use crate::component::{Component, ComponentId, Document, Line, LineId, Node, ParamEdit, Place};
use crate::content_line::{self, NewLine};

use super::{Version, encoding};

/// The version of an existing card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Syntax {
    /// vCard 2.1: bare parameters, quoted-printable instead of escapes.
    V21,
    /// RFC 2426.
    V3,
    /// RFC 6350.
    V4,
}

impl Syntax {
    /// That of a card; 3.0 where it does not say.
    pub(super) fn of(card: Component<'_>) -> Self {
        match card.line("VERSION").map(|line| line.value().trim().to_owned()).as_deref() {
            Some("2.1" | "2") => Syntax::V21,
            Some("4.0" | "4") => Syntax::V4,
            _ => Syntax::V3,
        }
    }
}

#[derive(Debug)]
pub(super) struct Card {
    pub(super) document: Document,
    pub(super) id: ComponentId,
    pub(super) syntax: Syntax,
    /// Whether it is to get what every card must have.
    pub(super) is_new: bool,
}

impl Card {
    /// A card of a document.
    pub(super) fn open(document: Document, id: ComponentId) -> Self {
        let syntax = Syntax::of(document.component(id));
        Card { document, id, syntax, is_new: false }
    }

    /// An empty card.
    pub(super) fn new(version: Version) -> Self {
        let (syntax, version) = match version {
            Version::V3 => (Syntax::V3, "3.0"),
            Version::V4 => (Syntax::V4, "4.0"),
        };
        let document =
            Document::parse(format!("BEGIN:VCARD\r\nVERSION:{version}\r\nEND:VCARD\r\n").as_bytes());
        let id = document.components().next().unwrap_or(document.root()).id();
        Card { document, id, syntax, is_new: true }
    }

    /// An empty list of SOGo's. What it has of escapes is that of version 3.0.
    pub(super) fn new_list() -> Self {
        let document = Document::parse(b"BEGIN:VLIST\r\nVERSION:1.0\r\nEND:VLIST\r\n");
        let id = document.components().next().unwrap_or(document.root()).id();
        Card { document, id, syntax: Syntax::V3, is_new: true }
    }

    /// The card for reading.
    pub(super) fn view(&self) -> Component<'_> {
        self.document.component(self.id)
    }

    /// The first line of that name.
    pub(super) fn first(&self, name: &str) -> Option<LineId> {
        self.view().line(name).map(|line| line.id())
    }

    /// Text with the escapes of this version. vCard 2.1 has no escape for line ends: they stay, and [`Card::put`]
    /// encodes them.
    pub(super) fn escape(&self, text: &str) -> String {
        match self.syntax {
            Syntax::V3 | Syntax::V4 => content_line::escape_text(text),
            Syntax::V21 => {
                text.replace('\\', "\\\\").replace(';', "\\;").replace("\r\n", "\n").replace('\r', "\n")
            }
        }
    }

    /// As [`Card::escape`], for an entry of a list.
    pub(super) fn escape_entry(&self, text: &str) -> String {
        match self.syntax {
            Syntax::V3 | Syntax::V4 => self.escape(text),
            Syntax::V21 => self.escape(text).replace(',', "\\,"),
        }
    }

    /// Changes the first property of that name, a TEXT; without text it goes.
    pub(super) fn write_text(&mut self, name: &str, held: &str, wanted: &str) {
        if held == wanted {
            return;
        }
        let value = self.escape(wanted);
        match self.first(name) {
            Some(line) if wanted.is_empty() => self.remove(line),
            Some(line) => self.put(line, &value),
            None if wanted.is_empty() => {}
            None => drop(self.add(name, &[], &value)),
        }
    }

    /// Gives a line another value, escaped. Group and parameters stay, except those that say how it is encoded.
    pub(super) fn put(&mut self, line: LineId, value: &str) {
        let view = self.document.line(line);
        let head =
            view.name().len() + view.params().iter().map(|param| param.end - param.start).sum::<usize>();
        let is_encoded = self.syntax == Syntax::V21
            && (!value.bytes().all(|byte| matches!(byte, b' '..=b'~')) || head + value.len() > 74);
        let is_utf8 = |charset: Option<String>| charset.is_none_or(|name| name.eq_ignore_ascii_case("UTF-8"));
        let is_plain = is_utf8(view.param("CHARSET")) && !view.params().iter().any(is_transfer_encoding);
        // The old value goes first: it must not be read by the new parameters.
        self.document.set_value(line, "");
        if is_encoded || !is_plain {
            self.document.edit_params(line, |param| {
                match param.is("CHARSET") || is_transfer_encoding(param) {
                    true => ParamEdit::Put(String::new()),
                    false => ParamEdit::Keep,
                }
            });
        }
        if !is_encoded {
            return self.document.set_value(line, &on_one_line(value));
        }
        self.document.append_params(line, ";CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE");
        let head = self.document.line(line).raw();
        let ending = if head.ends_with(b"\r\n") { "\r\n" } else { "\n" };
        let used = content_line::trim_carriage_returns(head.strip_suffix(b"\n").unwrap_or(head)).len();
        let encoded = encoding::encode_quoted_printable(value, used, ending);
        self.document.set_quoted_printable(line, &encoded);
    }

    /// Adds a line behind the last of its name, else at the end, with types such as `HOME` and an escaped value.
    pub(super) fn add(&mut self, name: &str, types: &[&str], value: &str) -> LineId {
        let last = self.view().lines_named(name).last().map(|last| Node::Line(last.id()));
        let place = last.map_or(Place::Last, Place::After);
        if self.syntax == Syntax::V21 {
            let line = self.document.insert(self.id, place, &NewLine::raw(name, ""));
            self.add_types(line, types);
            self.put(line, value);
            return line;
        }
        let typed = |line: NewLine, word: &&str| match self.syntax {
            Syntax::V4 => line.param("TYPE", &word.to_ascii_lowercase()),
            _ => line.param("TYPE", word),
        };
        let new = types.iter().fold(NewLine::raw(name, &on_one_line(value)), typed);
        self.document.insert(self.id, place, &new)
    }

    /// Takes a line out, and with it those of its group that only describe it, such as X-ABLabel.
    pub(super) fn remove(&mut self, line: LineId) {
        let group = self.document.line(line).group().map(str::to_owned);
        self.document.remove_line(line);
        let Some(group) = group else { return };
        let mates: Vec<_> = self
            .view()
            .lines()
            .filter(|mate| mate.group().is_some_and(|name| name.eq_ignore_ascii_case(&group)))
            .map(|mate| (mate.id(), mate.name().to_ascii_uppercase()))
            .collect();
        let describes = |name: &String| matches!(name.as_str(), "X-ABLABEL" | "X-ABADR");
        if mates.iter().all(|mate| describes(&mate.1)) {
            mates.iter().for_each(|mate| self.document.remove_line(mate.0));
        }
    }

    /// Replaces types of a line: `gone` and `new` are in upper case. The others stay.
    pub(super) fn change_types(&mut self, line: LineId, gone: &[&str], new: &[&str]) {
        let is_gone = |word: &str| gone.iter().any(|gone| word.trim().eq_ignore_ascii_case(gone));
        self.document.edit_params(line, |param| {
            if param.values.is_empty() && is_gone(&param.name) {
                return ParamEdit::Put(String::new());
            }
            let words: Vec<_> = param.values.iter().flat_map(|value| value.text.split(',')).collect();
            if !param.is("TYPE") || !words.iter().any(|word| is_gone(word)) {
                return ParamEdit::Keep;
            }
            let kept: Vec<_> = words.into_iter().filter(|word| !is_gone(word)).collect();
            match kept.is_empty() {
                true => ParamEdit::Put(String::new()),
                false => ParamEdit::Put(content_line::param_text(&param.name, &kept)),
            }
        });
        self.add_types(line, new);
    }

    /// Adds types, one parameter each: some servers read no lists.
    fn add_types(&mut self, line: LineId, types: &[&str]) {
        let text: String = types
            .iter()
            .map(|word| match self.syntax {
                Syntax::V21 => format!(";{word}"),
                Syntax::V3 => format!(";TYPE={word}"),
                Syntax::V4 => format!(";TYPE={}", word.to_ascii_lowercase()),
            })
            .collect();
        if !text.is_empty() {
            self.document.append_params(line, &text);
        }
    }
}

/// A value whose line ends are escaped.
fn on_one_line(value: &str) -> String {
    value.replace("\r\n", "\\n").replace(['\n', '\r'], "\\n")
}

fn is_transfer_encoding(param: &content_line::Param) -> bool {
    let is_8bit = |word: &str| word.eq_ignore_ascii_case("8BIT");
    encoding::mentions_quoted_printable(param)
        || is_8bit(&param.name) && param.values.is_empty()
        || param.is("ENCODING") && param.values.iter().any(|value| is_8bit(&value.text))
}

/// Whether a line of Apple's has a label in its group: `_$!<Anniversary>!$_`.
pub(super) fn has_label(card: Component<'_>, line: Line<'_>, word: &str) -> bool {
    label(card, line).is_some_and(|label| {
        label.value().trim_matches(['_', '$', '!', '<', '>', ' ']).eq_ignore_ascii_case(word)
    })
}

/// The label of a line.
pub(super) fn label<'d>(card: Component<'d>, line: Line<'_>) -> Option<Line<'d>> {
    let group = line.group()?;
    let is_mate = |label: &Line<'_>| label.group().is_some_and(|name| name.eq_ignore_ascii_case(group));
    card.lines_named("X-ABLABEL").find(is_mate)
}

/// The types of a line in upper case: of its TYPE parameters, quoted lists included, and its bare parameters.
pub(super) fn types(line: Line<'_>) -> Vec<String> {
    let mut types = Vec::new();
    for param in line.params() {
        if param.values.is_empty() {
            types.push(param.name.to_ascii_uppercase());
        } else if param.is("TYPE") {
            let words = param.values.iter().flat_map(|value| value.text.split(','));
            types.extend(words.map(|word| word.trim().to_ascii_uppercase()));
        }
    }
    types
}
