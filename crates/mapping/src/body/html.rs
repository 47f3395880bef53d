//! HTML: a tolerant reader of what calendars carry, and a writer that knows one way to say each thing.
//!
//! The reader follows browsers as far as texts of people need: it knows no scripts, no style sheets and no layout. What
//! it does not know it passes over; the text in it stays.

use super::rich::Rich;

mod css;
mod read;
mod tokens;
mod write;

pub use write::write;

/// What some HTML says.
pub fn read(html: &str) -> Rich {
    read::read(html)
}

/// Elements that make a text HTML where it might be plain, as in descriptions by Google.
const TELLING: [&str; 26] = [
    "a",
    "b",
    "i",
    "u",
    "p",
    "s",
    "em",
    "ul",
    "ol",
    "li",
    "h1",
    "h2",
    "h3",
    "h4",
    "br",
    "div",
    "span",
    "font",
    "html",
    "body",
    "table",
    "strong",
    "strike",
    "blockquote",
    "pre",
    "code",
];

/// Whether a text is HTML: whether an element stands in it, from its start to its end.
pub fn is_html(text: &str) -> bool {
    if !text.contains("</") {
        return false;
    }
    let lower = text.to_ascii_lowercase();
    TELLING.iter().any(|name| {
        let start = format!("<{name}");
        let end = format!("</{name}>");
        let opens = |at: usize| {
            let rest = lower.get(at + start.len()..).unwrap_or_default();
            let closes = rest.find('>').and_then(|tag| rest.get(tag..)?.find(&end));
            rest.starts_with(['>', ' ']) && closes.is_some()
        };
        lower.contains(&end) && lower.match_indices(&start).next().is_some_and(|(at, _)| opens(at))
    })
}
