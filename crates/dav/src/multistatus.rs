//! Multistatus answers (RFC 4918 section 13), row by row as they stream in.
//!
//! A row may say what became of the resource, or of each of its properties; both are kept apart. A document that breaks off
//! is a failure even if every row so far was whole: what it does not list must not be taken for absent.
//!
//! Nothing here grows with the number of rows. But who asked keeps something of each, and an answer that never ends would keep the
//! run from ending: so there is a limit to all of it (`Most`), too.

use std::io::BufRead;

use secrecy::SecretString;

use crate::error::{Error, ErrorKind, Result, kind_of};
use crate::explanation::{capped, words};
use crate::names::{self, Name};
use crate::response::{Response, repeats_status};
use crate::xml::{Element, Piece, Reader};

#[cfg(test)]
mod tests;

/// One row of an answer may be this long.
const ROW_BYTES: u64 = 32 << 20;

/// What one answer may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Most {
    pub(crate) rows: usize,
    pub(crate) bytes: u64,
}

/// Of answers whose rows are handed on, and little is kept of: two and a half times the largest collection that was measured, with
/// 4 KiB for each of its items.
pub(crate) const LISTED: Most = Most { rows: 250_000, bytes: 1 << 30 };

/// Of answers whose bodies are kept until all of them are there. Where those of a hundred items are more, they are asked for in
/// smaller parts.
pub(crate) const BODIES: Most = Most { rows: 10_000, bytes: 128 << 20 };

/// Of answers that are kept: the collections of a home, the people of a name.
pub(crate) const KEPT: Most = Most { rows: 10_000, bytes: 64 << 20 };

/// What an answer says about one resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The resource, as the server spells it.
    pub href: String,
    /// What became of the resource itself; `None` where only properties have a status.
    pub status: Option<u16>,
    /// The properties, each with its status.
    pub properties: Vec<(u16, Element)>,
    /// The rule that was not met, where the row names one.
    pub precondition: Option<Name>,
    /// What the server says of it in words of its own (RFC 4918 section 14.25), fit to be told: of the resource, or else of
    /// the property that was refused.
    pub(crate) said: Option<String>,
}

impl Row {
    /// What a person is told of this row, with what the server says of it unless that is the status alone.
    pub(crate) fn told(&self, status: u16, what: &str) -> String {
        match self.said.as_deref().filter(|said| !repeats_status(said, status)) {
            Some(said) => format!("{what}. The server says: \"{said}\""),
            None => what.to_owned(),
        }
    }

    /// The failure that a status of this row tells of; `what` says what was asked for.
    pub fn error(&self, status: u16, what: &str) -> Error {
        let kind = kind_of(status, self.precondition.as_ref(), None);
        Error::new(kind, self.told(status, what)).with_status(status)
    }

    /// A property that the server gave.
    pub fn found(&self, name: &Name) -> Option<&Element> {
        self.properties
            .iter()
            .find(|(status, element)| is_success(*status) && element.name == *name)
            .map(|(_, e)| e)
    }

    /// The text of a property that the server gave, unless it is blank.
    pub fn text(&self, name: &Name) -> Option<&str> {
        self.found(name).map(Element::trimmed).filter(|text| !text.is_empty())
    }

    /// The ETag, quotes included.
    pub fn etag(&self) -> Option<String> {
        self.text(&names::GETETAG).and_then(etag)
    }

    /// Whether the resource is a collection.
    pub fn is_collection(&self) -> bool {
        self.found(&names::RESOURCETYPE).is_some_and(|types| types.child(&names::COLLECTION).is_some())
    }

    /// Whether the server says that there is no such resource. A property that is missing does not say so.
    pub fn is_gone(&self) -> bool {
        matches!(self.status, Some(404 | 410))
    }

    /// The status that keeps this row from being a plain one: that of the resource, or where it gave no property at
    /// all, that of the properties, unless it only says that it has none such (404).
    pub fn failure(&self) -> Option<u16> {
        match self.status {
            Some(status) if !is_success(status) => Some(status),
            _ if self.properties.iter().any(|(status, _)| is_success(*status)) => None,
            _ => self.properties.iter().map(|(status, _)| *status).find(|status| *status != 404),
        }
    }
}

/// What an answer says about itself, after all rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tail {
    /// The token of a `sync-collection` report.
    pub sync_token: Option<String>,
}

/// An ETag in the form of headers. `None` for what servers send where they have none.
pub fn etag(text: &str) -> Option<String> {
    let text = text.trim();
    // QUIRK(empty-etags: owncloud, open-xchange): an empty ETag, or the word None.
    let empty = text.is_empty() || text == "\"\"" || text.trim_matches('"').eq_ignore_ascii_case("none");
    if empty {
        None
    } else if text.starts_with('"') || text.starts_with("W/\"") {
        Some(text.to_owned())
    } else {
        Some(format!("\"{text}\""))
    }
}

/// Whether an ETag stands for exactly these bytes (RFC 9110 section 8.8.1).
pub fn is_strong(etag: &str) -> bool {
    etag.starts_with('"')
}

/// Reads a multistatus answer and hands each row to the sink.
///
/// # Errors
/// The failure that the status tells of; `Malformed` for what is no whole multistatus document; `Offline` where the
/// connection broke; whatever the sink returns.
pub fn parse(response: Response, sink: &mut dyn FnMut(Row) -> Result<()>) -> Result<Tail> {
    parse_within(response, LISTED, sink)
}

/// As [`parse`], with another limit.
pub(crate) fn parse_within(
    response: Response,
    most: Most,
    sink: &mut dyn FnMut(Row) -> Result<()>,
) -> Result<Tail> {
    let response = response.multistatus()?;
    let secrets = response.secrets.clone();
    read_within(response.into_reader(), most, &secrets, sink)
}

/// Reads a multistatus document.
///
/// # Errors
/// As [`parse`].
pub fn read(source: impl BufRead, sink: &mut dyn FnMut(Row) -> Result<()>) -> Result<Tail> {
    read_within(source, LISTED, &[], sink)
}

fn read_within(
    source: impl BufRead,
    most: Most,
    secrets: &[SecretString],
    sink: &mut dyn FnMut(Row) -> Result<()>,
) -> Result<Tail> {
    let mut reader = Reader::new(source, ROW_BYTES, most.bytes);
    let mut number = 0;
    match reader.next()? {
        Piece::Start(name) if name == names::MULTISTATUS => {}
        _ => return Err(Error::new(ErrorKind::Malformed, "the answer is no multistatus document")),
    }
    let mut tail = Tail::default();
    loop {
        reader.renew_budget();
        match reader.next()? {
            Piece::Start(name) if name == names::RESPONSE => {
                for row in rows(reader.element(name)?, secrets)? {
                    number += 1;
                    if number > most.rows {
                        let what = format!("the answer lists more than {} resources", most.rows);
                        return Err(Error::new(ErrorKind::Malformed, what));
                    }
                    sink(row)?;
                }
            }
            Piece::Start(name) if name == names::SYNC_TOKEN => {
                let token = reader.element(name)?;
                tail.sync_token = Some(token.trimmed().to_owned()).filter(|token| !token.is_empty());
            }
            Piece::Start(_) => reader.skip()?,
            Piece::End => {}
            Piece::Eof => return Ok(tail),
        }
    }
}

/// The rows of one `response`: one, or one for each href where they share a status.
fn rows(response: Element, secrets: &[SecretString]) -> Result<Vec<Row>> {
    let mut hrefs = Vec::new();
    let mut row =
        Row { href: String::new(), status: None, properties: Vec::new(), precondition: None, said: None };
    let described = |element: &Element| {
        element.child(&names::RESPONSEDESCRIPTION).and_then(|said| words(&said.text, secrets))
    };
    row.said = described(&response);
    for child in response.children {
        if child.name == names::HREF {
            hrefs.push(child.trimmed().to_owned());
        } else if child.name == names::STATUS {
            row.status = Some(status(&child)?);
        } else if child.name == names::PROPSTAT {
            let said = described(&child);
            let code = propstat(child, &mut row.properties)?;
            // Never of another property than the one that failed: 424 says that another did.
            if !is_success(code) && code != 424 {
                row.said = row.said.or(said);
            }
        } else if child.name == names::ERROR {
            row.precondition = child.children.into_iter().next().map(|rule| rule.name);
        }
    }
    if hrefs.is_empty() {
        return Err(Error::new(ErrorKind::Malformed, "a row of the answer names no resource"));
    }
    if hrefs.len() > 1 {
        // Resources that share a row share a status alone (RFC 4918 section 14.24); properties would be as many times as long.
        row.properties.clear();
    }
    Ok(hrefs.into_iter().map(|href| Row { href, ..row.clone() }).collect())
}

/// Takes the properties of a `propstat`, and gives the status that they share.
fn propstat(propstat: Element, properties: &mut Vec<(u16, Element)>) -> Result<u16> {
    // QUIRK(propstat: synology): a propstat without a status holds what was found.
    let code = propstat.child(&names::STATUS).map_or(Ok(200), status)?;
    for prop in propstat.children.into_iter().filter(|child| child.name == names::PROP) {
        properties.extend(prop.children.into_iter().map(|element| (code, element)));
    }
    Ok(code)
}

/// The code of a status line such as `HTTP/1.1 200 OK`.
fn status(element: &Element) -> Result<u16> {
    let line = element.trimmed();
    let code = line
        .split_ascii_whitespace()
        .find_map(|word| word.parse().ok().filter(|code| (100..600).contains(code)));
    code.ok_or_else(|| Error::new(ErrorKind::Malformed, format!("{:?} is no status", capped(line))))
}

fn is_success(status: u16) -> bool {
    (200..300).contains(&status)
}
