//! Content lines: whatever text is put into one, it stays one line, and reads as the text that was put in.

use dovetail_mapping::component::{Document, Place};
use dovetail_mapping::content_line::{self, NewLine};

/// Escapes, splits and writes the input.
pub(crate) fn check(data: &[u8]) {
    let text = content_line::decode(data);
    let _ = content_line::unescape_text(&text);
    let _ = content_line::has_bad_escape(&text);
    for separator in [',', ';', 'é'] {
        let parts = content_line::split_escaped(&text, separator);
        assert_eq!(parts.join(&separator.to_string()), text, "split at {separator:?}");
    }
    let escaped = content_line::escape_text(&text);
    assert!(!content_line::has_bad_escape(&escaped), "{escaped:?}");
    let meant = content_line::unescape_text(&escaped);
    assert_eq!(content_line::escape_text(&meant), escaped);
    written_reads_as_meant(&text, &meant);
}

fn written_reads_as_meant(text: &str, meant: &str) {
    let mut document = Document::parse(b"BEGIN:X\r\nX-FIRST:1\r\nEND:X\r\n");
    let parent = document.root().components().next().map(|component| component.id());
    let parent = parent.unwrap_or_else(|| document.root().id());
    let new = NewLine::text("X-NEW", text).param("X-PARAM", text).params("X-LIST", &[text, "two"]);
    document.insert(parent, Place::Last, &new);
    let bytes = document.to_bytes();
    let lines = bytes.split(|byte| *byte == b'\n');
    assert!(lines.map(<[u8]>::len).all(|length| length <= 76), "{}", String::from_utf8_lossy(&bytes));

    let again = Document::parse(&bytes);
    // What no line can carry is replaced, and that is told of.
    let is_lost = String::from_utf8_lossy(&bytes).contains(char::REPLACEMENT_CHARACTER);
    let told: Vec<_> = again.warnings().into_iter().map(|it| (it.property, it.code, it.line)).collect();
    let lost = ("X-NEW".to_owned(), "lost_character".to_owned(), Some(3));
    assert_eq!(told, is_lost.then_some(lost).into_iter().collect::<Vec<_>>());
    let component = again.component(parent);
    assert_eq!(component.children().count(), 2, "{}", String::from_utf8_lossy(&bytes));
    let Some(line) = component.line("X-NEW") else { panic!("{}", String::from_utf8_lossy(&bytes)) };
    assert_eq!(line.text(), meant);
    let param = line.param("X-PARAM").unwrap_or_default();
    assert_eq!(line.param_values("X-LIST"), [param.as_str(), "two"]);
    // What a parameter cannot hold is gone after the first writing.
    let requoted = content_line::quote_param(&param);
    assert_eq!(requoted, content_line::quote_param(text));
}
