use proptest::prelude::*;

use super::{
    NewLine, decode, escape_text, fold_into, has_bad_escape, quote_param, split_escaped, unescape_text,
    unfold,
};

#[test]
fn text_is_escaped_and_unescaped() {
    let cases = [
        ("a,b;c\\d", "a\\,b\\;c\\\\d"),
        ("one\ntwo", "one\\ntwo"),
        ("\\n", "\\\\n"),
        ("tab\there", "tab\there"),
        ("", ""),
    ];
    for (text, value) in cases {
        assert_eq!(escape_text(text), value);
        assert_eq!(unescape_text(value), text);
    }
}

#[test]
fn all_line_ends_become_one_escape_and_controls_do_not_pass() {
    assert_eq!(escape_text("a\r\nb\rc\n\nd\0"), "a\\nb\\nc\\n\\nd\u{fffd}");
}

#[test]
fn odd_escapes_are_read_as_they_were_meant() {
    let cases = [
        ("http\\://x", "http://x"),
        ("C:\\temp", "C:\\temp"),
        ("a\\r\\nb", "a\nb"),
        ("end\\", "end\\"),
        ("\\N", "\n"),
    ];
    for (value, text) in cases {
        assert_eq!(unescape_text(value), text, "{value}");
    }
    assert!(has_bad_escape("C:\\temp") && has_bad_escape("end\\"));
    assert!(!has_bad_escape("a\\\\temp\\, b\\n"));
}

#[test]
fn values_are_split_at_separators_that_are_not_escaped() {
    assert_eq!(split_escaped("a\\;b;c\\\\;d", ';'), ["a\\;b", "c\\\\", "d"]);
    assert_eq!(split_escaped("", ';'), [""]);
    assert_eq!(split_escaped(";;", ';'), ["", "", ""]);
}

#[test]
fn parameter_values_are_quoted_only_where_needed() {
    for (value, written) in
        [("plain", "plain"), ("a b", "a b"), ("a,b", "\"a,b\""), ("\"^\n", "^'^^^n"), ("x:y", "\"x:y\"")]
    {
        assert_eq!(quote_param(value), written);
    }
}

#[test]
fn lines_are_written_with_group_parameters_and_folding() {
    let line = NewLine::structured("N", &["Sämple", "a;b"])
        .param("X", "1,2")
        .params("TYPE", &["A", "B"])
        .grouped("item1");
    assert_eq!(line.to_bytes(b"\n"), "item1.N;X=\"1,2\";TYPE=A,B:Sämple;a\\;b\n".as_bytes());
    let folded = NewLine::text("NOTE", &"x".repeat(150)).to_bytes(b"\r\n");
    let lengths: Vec<_> = folded.split(|byte| *byte == b'\n').map(|line| line.len()).collect();
    assert_eq!(lengths, [76, 76, 8, 0], "75 octets and a carriage return");
}

#[test]
fn bytes_that_are_not_utf8_are_windows_1252() {
    assert_eq!(decode(b"M\xFCller \x80"), "Müller €");
    assert_eq!(decode("Müller".as_bytes()), "Müller");
    let mixed = [b"M\xFCller, ", "Tür".as_bytes()].concat();
    assert_eq!(decode(&mixed), "Müller, Tür");
}

proptest! {
    #[test]
    fn folding_never_parts_a_character_and_is_undone(content in "[a-zü€😀 ]{0,300}") {
        let mut folded = Vec::new();
        fold_into(&mut folded, content.as_bytes(), b"\r\n");
        for line in folded.split(|byte| *byte == b'\n') {
            prop_assert!(line.len() <= 76);
            prop_assert!(std::str::from_utf8(line).is_ok());
        }
        let unfolded = unfold(folded.strip_suffix(b"\r\n").unwrap(), b'\n', false).into_owned();
        prop_assert_eq!(String::from_utf8(unfolded).unwrap(), content);
    }

    #[test]
    fn any_bytes_are_folded_within_bounds(content in proptest::collection::vec(0x80u8.., 0..400)) {
        let mut folded = Vec::new();
        fold_into(&mut folded, &content, b"\n");
        prop_assert!(folded.split(|byte| *byte == b'\n').all(|line| line.len() <= 75));
    }

    #[test]
    fn escaping_is_undone(text in "[a-z\\\\;,:\nü\"]{0,40}") {
        prop_assert_eq!(unescape_text(&escape_text(&text)), text);
    }
}
