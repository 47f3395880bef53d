use std::io::BufReader;

use super::{Element, Piece, Reader, escape};
use crate::error::{ErrorKind, Result};
use crate::names::{self, Name};

fn read_by(bytes: &[u8], piece: usize) -> Result<Element> {
    let mut reader = Reader::new(BufReader::with_capacity(piece, bytes), 1 << 16, 1 << 20);
    let Piece::Start(name) = reader.next()? else { panic!("a root") };
    let root = reader.element(name)?;
    while !matches!(reader.next()?, Piece::Eof) {}
    Ok(root)
}

/// Reads a document, in pieces of any size with the same result.
fn read(bytes: impl AsRef<[u8]>) -> Result<Element> {
    let whole = read_by(bytes.as_ref(), 1 << 16);
    for piece in [1, 2, 3, 7] {
        let pieced = read_by(bytes.as_ref(), piece);
        assert_eq!(pieced.as_ref().ok(), whole.as_ref().ok(), "in pieces of {piece}");
    }
    whole
}

#[test]
fn text_is_one_piece_however_it_is_written() {
    for (body, text) in [
        ("a b", "a b"),
        ("a<![CDATA[ <b> ]]>c", "a <b> c"),
        ("&lt;a&gt; &amp; &#x41;&#66; &quot;&apos;", "<a> & AB \"'"),
        ("a<!-- not this -->b<?nor this?>c", "abc"),
        ("line&#13;\nline\r\n", "line\r\nline\r\n"),
        ("ä\u{1F600}", "ä\u{1F600}"),
        ("a & b", "a & b"),
        ("a<x/>b", "ab"),
    ] {
        assert_eq!(read(format!("<r>{body}</r>")).unwrap().text, text, "{body}");
    }
}

#[test]
fn what_xml_forbids_is_replaced_and_the_rest_is_kept() {
    for (body, text) in [
        (&b"a\x00\x08\x0bb"[..], "a\u{fffd}\u{fffd}\u{fffd}b"),
        (b"a\xff\xfeb", "a\u{fffd}\u{fffd}b"),
        (b"caf\xc3", "caf\u{fffd}"),
        (b"&#0;&#x1F;&#xFFFF;&#xD800;", "\u{fffd}\u{fffd}\u{fffd}\u{fffd}"),
        ("a\u{ffff}b\tc\u{7f}".as_bytes(), "a\u{fffd}b\tc\u{7f}"),
    ] {
        let document = [b"<r>", body, b"</r>"].concat();
        assert_eq!(read(document).unwrap().text, text, "{body:?}");
    }
}

#[test]
fn names_are_told_by_namespace_not_by_prefix() {
    for document in [
        "<D:prop xmlns:D='DAV:'><D:href/></D:prop>",
        "<x:prop xmlns:x='DAV:'><x:href/></x:prop>",
        "<prop xmlns='DAV:'><href></href></prop>",
        "<a:prop xmlns:a='DAV:'><b:href xmlns:b='DAV:'/></a:prop>",
    ] {
        let root = read(document).unwrap();
        assert_eq!(root.name, names::PROP);
        assert!(root.child(&names::HREF).is_some(), "{document}");
    }
    let root = read("<prop xmlns='urn:other'><href/></prop>").unwrap();
    assert_ne!(root.name, names::PROP);
    assert!(root.child(&names::HREF).is_none());
}

#[test]
fn attributes_are_unescaped() {
    let root = read("<comp name='A&amp;B' x:other='1' xmlns:x='urn:x'/>").unwrap();
    assert_eq!(root.attribute("name"), Some("A&B"));
    assert_eq!(root.attribute("other"), None);
}

#[test]
fn what_is_no_whole_document_is_a_failure() {
    let deep = "<a>".repeat(100) + &"</a>".repeat(100);
    let long = format!("<a>{}</a>", "x".repeat(1 << 17));
    for document in [
        "<a><b></b>",
        "<a>",
        "<a><b",
        "<a></b>",
        "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>",
        "<!DOCTYPE a><a/>",
        "<a>&nbsp;</a>",
        "<?xml version='1.0' encoding='iso-8859-1'?><a/>",
        &deep,
        &long,
    ] {
        let error = read(document).expect_err(&document[..document.len().min(60)]);
        assert_eq!(error.kind, ErrorKind::Malformed, "{}", &document[..document.len().min(60)]);
    }
}

#[test]
fn an_empty_answer_is_a_failure() {
    let mut reader = Reader::new(BufReader::new(&b""[..]), 100, 100);
    assert!(reader.next().is_err());
}

#[test]
fn what_is_escaped_reads_back() {
    for text in ["", "plain", "<a href=\"x\">&amp;</a>", "]]>", "a\r\nb\tc", "ä\u{1F600}"] {
        assert_eq!(read(format!("<r>{}</r>", escape(text))).unwrap().text, text);
        let attribute = read(format!("<r a=\"{}\"/>", escape(text))).unwrap();
        assert_eq!(attribute.attribute("a"), Some(text));
    }
    assert_eq!(escape("a\u{0}b"), "a\u{fffd}b");
}

#[test]
fn only_the_prefixes_that_are_used_are_bound() {
    let document = super::document("D:propfind", &super::prop(&[names::GETETAG, names::CALENDAR_DATA]));
    let root = read(&document).unwrap();
    let names: Vec<Name> = root.children[0].children.iter().map(|child| child.name.clone()).collect();
    assert_eq!(names, [names::GETETAG, names::CALENDAR_DATA]);
    assert!(!document.contains("carddav"));
    let other = Name::new("urn:x", "y");
    let root = read(super::document("D:propfind", &super::prop(std::slice::from_ref(&other)))).unwrap();
    assert_eq!(root.children[0].children[0].name, other);
}
