//! A multistatus (RFC 4918 section 13) as it is written, row by row, with what goes wrong with rows.

use super::{Exchange, Reply};
use crate::faults::{Fault, RowFate};
use crate::xml;

/// An answer of many rows.
pub(super) struct Multistatus<'a> {
    exchange: &'a Exchange<'a>,
    out: String,
    rows: usize,
    origin: Option<String>,
    other_encoding: bool,
    /// So many rows are shown, and no word is said of the others.
    shown: Option<usize>,
}

impl<'a> Multistatus<'a> {
    /// Begins one that lists what is there.
    pub(super) fn listing(exchange: &'a Exchange<'a>) -> Self {
        let empty = exchange.hits.has(&Fault::ListingEmpty);
        let answer = Multistatus::new(exchange);
        Multistatus { shown: answer.shown.filter(|_| !empty).or(empty.then_some(0)), ..answer }
    }

    /// Begins one that tells of what was named.
    pub(super) fn new(exchange: &'a Exchange<'a>) -> Self {
        let mut out = String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<D:multistatus");
        xml::declare_prefixes(&mut out);
        out.push_str(">\n");
        let absolute = exchange.hits.has(&Fault::HrefsAbsolute);
        let origin = exchange.asked.header("host").filter(|_| absolute).map(|host| format!("http://{host}"));
        let other_encoding = exchange.hits.other_encoding();
        Multistatus { exchange, out, rows: 0, origin, other_encoding, shown: exchange.hits.cut() }
    }

    /// The row of what was asked for itself: nothing goes wrong with it.
    pub(super) fn own(&mut self, href: &str, content: impl FnOnce(&mut String)) {
        self.out.push_str("<D:response>");
        self.href(href);
        content(&mut self.out);
        self.out.push_str("</D:response>\n");
    }

    /// A row of something else; `content` writes what follows the href.
    pub(super) fn row(&mut self, href: &str, content: impl FnOnce(&mut String)) {
        self.rows += 1;
        if self.shown.is_some_and(|rows| self.rows > rows) {
            return;
        }
        match self.exchange.hits.row(href) {
            RowFate::LeftOut => {}
            RowFate::Shown => self.own(href, content),
            RowFate::Failed(code) => self.own(href, |out| status(out, code)),
        }
    }

    /// Whether the page is full. Then the answer ends with [`Multistatus::more`].
    pub(super) fn is_full(&self) -> bool {
        self.exchange.hits.page().is_some_and(|rows| self.rows >= rows)
    }

    /// Says that there is more than could be told (RFC 6578 section 3.6, RFC 6352 section 8.6.2).
    pub(super) fn more(&mut self, href: &str) {
        self.own(href, |out| {
            status(out, 507);
            out.push_str("<D:error><D:number-of-matches-within-limits/></D:error>");
        });
    }

    /// Ends it with a sync token.
    pub(super) fn finish_with(mut self, token: &str) -> Reply {
        self.out.push_str("<D:sync-token>");
        xml::escape_into(&mut self.out, token);
        self.out.push_str("</D:sync-token>\n");
        self.finish()
    }

    /// Ends it.
    pub(super) fn finish(mut self) -> Reply {
        self.out.push_str("</D:multistatus>\n");
        Reply::xml(207, self.out)
    }

    fn href(&mut self, href: &str) {
        self.out.push_str("<D:href>");
        self.out.push_str(self.origin.as_deref().unwrap_or_default());
        match self.other_encoding {
            true => self.out.push_str(&encoded_otherwise(href)),
            // Encoded, it has nothing that XML would have escaped.
            false => self.out.push_str(href),
        }
        self.out.push_str("</D:href>");
    }
}

/// The status of a whole row.
pub(super) fn status(out: &mut String, code: u16) {
    out.push_str(&format!("<D:status>HTTP/1.1 {code} {}</D:status>", reason(code)));
}

/// The reason phrase, as far as there is one.
pub(super) fn reason(code: u16) -> &'static str {
    let known = hyper::StatusCode::from_u16(code).ok();
    known.and_then(|status| status.canonical_reason()).unwrap_or("Status")
}

/// The same path, spelled in another way: hex digits in lower case, `@` and others bare, the first letter of each segment
/// escaped.
fn encoded_otherwise(href: &str) -> String {
    let mut out = String::new();
    let mut characters = href.chars();
    let mut begins = true;
    while let Some(character) = characters.next() {
        match character {
            '%' => {
                let digits: String = characters.by_ref().take(2).collect::<String>().to_ascii_lowercase();
                match digits.as_str() {
                    "40" => out.push('@'),
                    "2c" => out.push(','),
                    "3a" => out.push(':'),
                    digits => out.push_str(&format!("%{digits}")),
                }
            }
            letter if begins && letter.is_ascii_alphabetic() => {
                out.push_str(&format!("%{:02x}", u32::from(letter)))
            }
            other => out.push(other),
        }
        begins = character == '/';
    }
    out
}
