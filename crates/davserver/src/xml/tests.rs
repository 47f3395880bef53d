//! Trees in, text out.

use super::{Name, escape_into, parse};

#[test]
fn a_tree_says_itself_again() {
    let rows = [
        ("<a/>", "<a/>"),
        (
            "<?xml version='1.0'?><!-- no --><x:a xmlns:x='u'> t <b xmlns='v'/><x:c/></x:a>",
            "<a xmlns=\"u\"> t <b xmlns=\"v\"/><c/></a>",
        ),
        ("<a b='1&lt;&quot;'>&amp;&#x41;<![CDATA[<&]]></a>", "<a b=\"1&lt;&quot;\">&amp;A&lt;&amp;</a>"),
        (
            "<a xml:lang='en' xmlns:p='u&amp;v' p:q='r'/>",
            "<a xml:lang=\"en\" xmlns:n1=\"u&amp;v\" n1:q=\"r\"/>",
        ),
        (
            "<a xmlns='u'><b xmlns=''><c xmlns='u'/></b></a>",
            "<a xmlns=\"u\"><b xmlns=\"\"><c xmlns=\"u\"/></b></a>",
        ),
    ];
    for (source, expected) in rows {
        let tree = parse(source.as_bytes()).unwrap();
        assert_eq!(tree.to_xml(), expected);
        assert_eq!(parse(expected.as_bytes()).unwrap(), tree);
    }
}

#[test]
fn what_is_no_xml_is_refused() {
    let deep = "<a>".repeat(100) + &"</a>".repeat(100);
    let rows: [&[u8]; 16] = [
        b"",
        b"  ",
        b"text",
        b"<a>",
        b"<a></b>",
        b"<a/><b/>",
        b"<a/>text",
        b"<p:a/>",
        b"<a p:b='c'/>",
        b"<a b=c/>",
        b"<a>&nothing;</a>",
        b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
        b"<a>\xff</a>",
        b"<a>\x01</a>",
        b"<a\"b/>",
        deep.as_bytes(),
    ];
    for source in rows {
        assert_eq!(parse(source).unwrap_err().status, 400, "{}", String::from_utf8_lossy(source));
    }
}

#[test]
fn text_is_escaped_and_what_xml_cannot_say_replaced() {
    let mut out = String::new();
    escape_into(&mut out, "a<b>&\"c\"\r\n\u{1}\u{ffff}ü");
    assert_eq!(out, "a&lt;b&gt;&amp;&quot;c&quot;&#13;\n\u{fffd}\u{fffd}ü");
}

#[test]
fn names_have_their_prefixes_or_say_their_namespace() {
    let mut out = String::new();
    Name::dav("prop").empty(&mut out);
    Name::new("u\"v", "other").empty(&mut out);
    Name::new("", "none").empty(&mut out);
    let end = Name::caldav("x").open(&mut out);
    assert_eq!(out + &end, "<D:prop/><other xmlns=\"u&quot;v\"/><none xmlns=\"\"/><C:x></C:x>");
}
