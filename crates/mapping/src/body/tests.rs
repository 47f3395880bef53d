//! Writing what was read and reading it again gives the same, in both formats and across; and no input does harm.

use proptest::prelude::*;

use super::*;

fn text_of_rtf(rtf: &str) -> String {
    rtf::read(rtf.as_bytes()).text()
}

fn html_of_rtf(rtf: &str) -> String {
    html::write(&rtf::read(rtf.as_bytes()))
}

fn body(html: &str) -> String {
    format!("<html><body>{html}</body></html>")
}

/// HTML as it comes, and as it is written.
const HTML: &[(&str, &str)] = &[
    ("Just text", "<div>Just text</div>"),
    ("<b>bold</b> <i>italic</i>", "<div><b>bold</b> <i>italic</i></div>"),
    ("<strong><em>both</em></strong>", "<div><b><i>both</i></b></div>"),
    ("<u>under</u><s>gone</s>", "<div><u>under</u><s>gone</s></div>"),
    ("<p>one</p><p>two</p>", "<div>one</div><div><br></div><div>two</div>"),
    ("<p class=MsoNormal>one</p><p class=MsoNormal>two", "<div>one</div><div>two</div>"),
    ("<p style='margin:0'>one<p style='margin:0'>two", "<div>one</div><div>two</div>"),
    ("one<br>two<br/><br />four", "<div>one<br>two<br><br>four</div>"),
    ("<div>a</div>\n  <div> b  c </div>\n", "<div>a</div><div>b c</div>"),
    ("<div><br></div>a<div><br></div>b", "<div>a</div><div><br></div><div>b</div>"),
    ("a&nbsp;&nbsp;b", "<div>a &nbsp;b</div>"),
    (
        "&lt;&amp;&gt;&quot;&#39;&#x20AC;&euro;&auml;&Omega;&bogus;",
        "<div>&lt;&amp;&gt;&quot;&#39;€€äΩ&amp;bogus;</div>",
    ),
    ("<pre>a\n  b</pre>", "<div><span style='font-family:Courier New'>a<br>&nbsp;&nbsp;b</span></div>"),
    (
        "<span style=\"color:#ff0000; font-size:14.0pt;font-family:'Segoe UI',sans-serif\">red</span>",
        "<div><span style='color:#ff0000;font-family:Segoe UI;font-size:14pt'>red</span></div>",
    ),
    (
        "<font color=blue face=Arial size=5>x</font>",
        "<div><span style='color:#0000ff;font-family:Arial;font-size:18pt'>x</span></div>",
    ),
    ("<span style='color:black;font-family:Calibri;font-size:11pt'>x</span>", "<div>x</div>"),
    (
        "<a href=\"https://example.org/?a=1&amp;b=2#frag\">here</a>",
        "<div><a href='https://example.org/?a=1&amp;b=2#frag'>here</a></div>",
    ),
    ("<a href='javascript:alert(1)'>x</a><script>evil()</script><style>p{}</style>", "<div>x</div>"),
    ("<a href=' java\nscript:alert(1)'>x</a><a href='data:text/html,x'>y</a>", "<div>xy</div>"),
    ("<img src=x onerror=alert(1)><iframe src=x>in</iframe>after", "<div>after</div>"),
    ("<ul><li>one<li>two<ol><li>deep</ol></ul>", "<ul><li>one</li><li>two<ol><li>deep</li></ol></li></ul>"),
    ("<ul><li><p>one</p></li><li></li></ul>", "<ul><li>one</li><li></li></ul>"),
    (
        "<table><tr><td>a<td><b>b</b><tr><td>c<td>d<br>e</table>after",
        "<table border='1'><tr><td>a</td><td><b>b</b></td></tr><tr><td>c</td><td>d<br>e</td></tr></table><div>after</div>",
    ),
    (
        "<table><tr><td><p>a</p><ul><li>b</ul></td></tr></table>",
        "<table border='1'><tr><td><div>a</div><ul><li>b</li></ul></td></tr></table>",
    ),
    (
        "<div align=center>mid</div><div style='text-align:right'>r</div>",
        "<div style='text-align:center'>mid</div><div style='text-align:right'>r</div>",
    ),
    ("H<sub>2</sub>O x<sup>2</sup>", "<div>H<sub>2</sub>O x<sup>2</sup></div>"),
    ("<!DOCTYPE html><html><head><title>t</title></head><body>b</body></html>", "<div>b</div>"),
    ("<!-- comment --><?xml?><![if x]>t<![endif]>", "<div>t</div>"),
    ("<div style='display:none'>pre</div>shown", "<div>shown</div>"),
    ("1 < 2 & 3 > 2", "<div>1 &lt; 2 &amp; 3 &gt; 2</div>"),
    ("<mark>m</mark>", "<div><span style='background-color:#ffff00'>m</span></div>"),
];

#[test]
fn html_is_written_in_one_spelling_whatever_it_was() {
    for (html, clean) in HTML {
        let written = html::write(&html::read(html));
        assert_eq!(written, body(clean), "{html}");
        assert_eq!(html::write(&html::read(&written)), written, "{html}");
    }
}

#[test]
fn what_html_says_is_the_same_in_rtf() {
    for (html, clean) in HTML {
        let rich = html::read(html);
        let rtf = rtf::write(&rich);
        assert_eq!(html::write(&rtf::read(&rtf)), body(clean), "{}", String::from_utf8_lossy(&rtf));
        assert_eq!(rtf::write(&rtf::read(&rtf)), rtf);
        assert!(rtf.is_ascii());
    }
}

#[test]
fn rtf_of_many_programs_is_understood() {
    let cases = [
        (r"{\rtf1\ansi{\b bold} plain\par second\par}", "<div><b>bold</b> plain</div><div>second</div>"),
        (r"{\rtf1\ansi\b on\b0  off\i\ul x\plain y}", "<div><b>on</b> off<i><u>x</u></i>y</div>"),
        (
            r"{\rtf1{\colortbl;\red255\green0\blue0;}\cf1 r\cf0 n}",
            "<div><span style='color:#ff0000'>r</span>n</div>",
        ),
        (
            r"{\rtf1\deff0{\fonttbl{\f0 Times;}{\f1\fswiss\fcharset0 Arial{\*\falt Helvetica};}}\f0 a\f1\fs28 b}",
            "<div>a<span style='font-family:Arial;font-size:14pt'>b</span></div>",
        ),
        (
            r#"{\rtf1 {\field{\*\fldinst{HYPERLINK "https://example.org/a?b=\{c\}"}}{\fldrslt{\ul\cf1 here}}} after}"#,
            "<div><a href='https://example.org/a?b={c}'>here</a> after</div>",
        ),
        (
            r#"{\rtf1 {\field{\*\fldinst HYPERLINK \\l "local"}{\fldrslt here}}{\field{\*\fldinst HYPERLINK "file:///c:/x"}{\fldrslt x}}}"#,
            "<div>herex</div>",
        ),
        (
            r"{\rtf1{\*\listtable{\list{\listlevel\levelnfc23{\leveltext\'01\u8226 ?;}}\listid7}}{\*\listoverridetable{\listoverride\listid7\ls1}}\pard\ls1{\listtext\'B7\tab}one\par{\listtext x}two\par\pard end}",
            "<ul><li>one</li><li>two</li></ul><div>end</div>",
        ),
        (
            r"{\rtf1{\pntext 1.\tab}{\*\pn\pnlvlbody\pndec}one\par\pard{\pntext\'B7}{\*\pn\pnlvlblt}two\par}",
            "<ol><li>one</li></ol><ul><li>two</li></ul>",
        ),
        (
            r"{\rtf1\trowd\cellx1000\cellx2000\pard\intbl a\cell b\par c\cell\row\pard after}",
            "<table border='1'><tr><td>a</td><td><div>b</div><div>c</div></td></tr></table><div>after</div>",
        ),
        (
            r"{\rtf1\pard\qc mid\par\pard\qr right\par}",
            "<div style='text-align:center'>mid</div><div style='text-align:right'>right</div>",
        ),
        (
            r"{\rtf1{\info{\title secret}}{\stylesheet{\s0 Normal;}}{\*\unknown gone}{\pict 0102}shown{\v hidden}}",
            "<div>shown</div>",
        ),
        (r"{\rtf1 a\line b\tab c\emdash\~d}", "<div>a<br>b &nbsp;&nbsp;&nbsp;c— d</div>"),
    ];
    for (rtf, clean) in cases {
        assert_eq!(html_of_rtf(rtf), body(clean), "{rtf}");
    }
}

#[test]
fn characters_are_those_of_the_code_page_and_of_unicode() {
    let cases = [
        (r"{\rtf1\ansi\ansicpg1252 \'e4\'80}", "ä€"),
        (r"{\rtf1\ansi\ansicpg1251 \'cf\'f0\'e8}", "При"),
        (r"{\rtf1\ansi{\fonttbl{\f0\fcharset0 A;}{\f1\fcharset204 B;}}\f0\'e4\f1\'cf\f0\'e4}", "äПä"),
        (r"{\rtf1\ansi{\fonttbl{\f0\fcharset128 MS Gothic;}}\f0\'93\'fa\'96{\b\'7b}\'8c\'ea}", "日{語"),
        (r"{\rtf1\ansi\ansicpg932 \'93\'fa\'96\'7b\'8c\'ea}", "日本語"),
        (r"{\rtf1\ansi\ansicpg936 \'d6\'d0\'ce\'c4}", "中文"),
        (r"{\rtf1\ansi\ansicpg949 \'c7\'d1}", "한"),
        (r"{\rtf1\ansi{\fonttbl{\f0\fcharset161 G;}}\f0\'e1\'e2}", "αβ"),
        (r"{\rtf1\pc \'84\'e1}", "äß"),
        (r"{\rtf1\pca \'9b\'d5}", "øı"),
        (r"{\rtf1\mac \'8a}", "ä"),
        (r"{\rtf1\ansi{\fonttbl{\f0\fcharset2 Symbol;}}\f0\'b7}", "•"),
        (r"{\rtf1 \u8364?\u-10179?\u-8704?}", "€😀"),
        (r"{\rtf1 \u55357 ?\u56832 ?}", "😀"),
        (r"{\rtf1\uc0 \u8364 x\uc2\u8364\'80\'80y\uc1\u228\'e4z}", "€x€yäz"),
        (r"{\rtf1 \u-10179?x}", "\u{FFFD}x"),
        (r"{\rtf1 \u56832?x}", "\u{FFFD}x"),
        (r"{\rtf1 \{\\\}\_\-x}", "{\\}-x"),
    ];
    for (rtf, text) in cases {
        let wanted = text.replace('\u{FFFD}', "");
        assert_eq!(text_of_rtf(rtf).replace('\u{FFFD}', ""), wanted, "{rtf}");
    }
    assert_eq!(text_of_rtf("{\\rtf1\\ansi\\ansicpg1252 raw \u{e4}}"), "raw Ã¤");
}

#[test]
fn html_in_rtf_is_that_html() {
    let rtf = br#"{\rtf1\ansi\ansicpg1252\fromhtml1 \deff0{\fonttbl{\f0\fswiss Arial;}}
{\*\htmltag18 <html>}{\*\htmltag50 <body>}\htmlrtf \lang1033 \htmlrtf0
{\*\htmltag64 <p>}\htmlrtf {\htmlrtf0 {\*\htmltag84 <b>}\htmlrtf {\b \htmlrtf0 Gr\'fc\'dfe{\*\htmltag92 </b>}\htmlrtf }\htmlrtf0 \u8364?
{\*\htmltag84 <a href="https://example.org/?a=b&amp;c">}\htmlrtf {\field{\*\fldinst{HYPERLINK "x"}}{\fldrslt\cf1\ul \htmlrtf0 link\htmlrtf }\htmlrtf0 {\*\htmltag92 </a>}
{\*\htmltag72 </p>}\htmlrtf \par}\htmlrtf0 {\*\htmltag58 </body>}{\*\htmltag27 </html>}}"#;
    let html = html::write(&rtf::read(rtf));
    assert_eq!(html, body("<div><b>Grüße</b>€<a href='https://example.org/?a=b&amp;c'>link</a></div>"));
}

#[test]
fn the_plain_text_says_what_the_formatted_one_says() {
    let cases = [
        ("<p>one</p><p>two</p>", "one\n\ntwo"),
        ("a<br>b", "a\nb"),
        ("<ul><li>a<li>b<ol><li>c<li>d</ol><li>e</ul>", "* a\n* b\n  1. c\n  2. d\n* e"),
        ("<a href='https://example.org/'>example.org</a>", "example.org"),
        ("<a href='https://example.org/x'>here <b>now</b></a>.", "here now <https://example.org/x>."),
        ("<a href='mailto:a@example.org'>a@example.org</a>", "a@example.org"),
        ("<table><tr><td>a<td>b<tr><td>c<td>d</table>", "a\tb\nc\td"),
    ];
    for (html, text) in cases {
        assert_eq!(html::read(html).text(), text, "{html}");
    }
}

#[test]
fn texts_agree_whatever_their_blanks_and_marks() {
    let html = "<p>Join <a href='https://meet.example.org/abc'>here</a> at 10:00</p><ul><li>one</ul>";
    let rich = html::read(html);
    for (plain, agrees) in [
        ("Join here at 10:00\r\n\r\none", true),
        ("Join here <https://meet.example.org/abc> at 10:00\n- one", true),
        ("JOIN HERE (https://meet.example.org/abc) AT 10:00 * one", true),
        ("Join here at 10:30\none", false),
        ("Join here at 10:00", false),
        ("Join here <https://meet.example.org/xyz> at 10:00\none", false),
    ] {
        assert_eq!(rich.agrees_with(plain), agrees, "{plain}");
    }
}

#[test]
fn an_edit_of_the_plain_text_leaves_the_formatting_of_the_rest() {
    let html = "<div>A <b>bold</b> word</div><div><a href='https://example.org/x'>Join</a></div><ol><li>one</li><li>two</li></ol>";
    let text = "A bold word\nJoin <https://example.org/x>\n1. one\n2. two";
    let rich = html::read(html);
    assert_eq!(rich.text(), text);
    let cases = [
        (text.to_owned(), html.to_owned()),
        (text.replace("word", "long word"), html.replace("word", "long word")),
        (text.replace("bold word", "bolder word"), html.replace("bold</b>", "bolder</b>")),
        (text.replace("A bold", "A very bold"), html.replace("A <b>", "A very <b>")),
        (text.replace("2. two", "2. three"), html.replace("two", "three")),
        (
            text.replace("1. one\n2. two", "1. one\n2. new\n3. two"),
            html.replace("<li>two", "<li>new</li><li>two"),
        ),
        (format!("First\n{text}"), html.replace("<div>A", "<div>First</div><div>A")),
        (format!("{text}\nLast"), format!("{html}<div>Last</div>")),
        (text.replace("\n1. one\n2. two", ""), html.replace("<ol><li>one</li><li>two</li></ol>", "")),
        (
            text.replace("/x>", "/y>"),
            html.replace("<a href='https://example.org/x'>Join</a>", "Join &lt;https://example.org/y&gt;"),
        ),
        (
            text.replace("Join <https://example.org/x>", "Join!").replace("A bold", "A  bold"),
            html.replace("Join</a>", "Join</a>!"),
        ),
        (String::new(), String::new()),
    ];
    for (new, wanted) in cases {
        assert_eq!(html::write(&rich.with_text(&new)), body(&wanted), "{new}");
    }
}

#[test]
fn html_is_told_from_text_by_an_element_that_begins_and_ends() {
    for (text, is_html) in [
        ("<b>bold</b>", true),
        ("Hi<br>there <A HREF=\"x\">x</A>", true),
        ("<html-blob><u></u>x<br></html-blob>", true),
        ("a <b and c", false),
        ("if a<b and c>d then </b", false),
        ("Join <https://example.org/> now", false),
        ("<name> </name>", false),
        ("</b> <b>", false),
        ("plain", false),
    ] {
        assert_eq!(html::is_html(text), is_html, "{text}");
    }
}

/// The examples of MS-OXRTFCP, section 4.
#[test]
fn compressed_rtf_is_that_of_the_specification() {
    let packed: &[u8] = &[
        0x2d, 0, 0, 0, 0x2b, 0, 0, 0, 0x4c, 0x5a, 0x46, 0x75, 0xf1, 0xc5, 0xc7, 0xa7, 0x03, 0x00, 0x0a, 0x00,
        0x72, 0x63, 0x70, 0x67, 0x31, 0x32, 0x35, 0x42, 0x32, 0x0a, 0xf3, 0x20, 0x68, 0x65, 0x6c, 0x09, 0x00,
        0x20, 0x62, 0x77, 0x05, 0xb0, 0x6c, 0x64, 0x7d, 0x0a, 0x80, 0x0f, 0xa0,
    ];
    let rtf = b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n";
    assert_eq!(compressed::unpack(packed).as_deref(), Some(rtf.as_slice()));
    assert_eq!(compressed::unpack(&compressed::pack(rtf)).as_deref(), Some(rtf.as_slice()));
    let overlapping: &[u8] = &[
        0x1a, 0, 0, 0, 0x1c, 0, 0, 0, 0x4c, 0x5a, 0x46, 0x75, 0xe2, 0xd4, 0x4b, 0x51, 0x41, 0x00, 0x04, 0x20,
        0x57, 0x58, 0x59, 0x5a, 0x0d, 0x6e, 0x7d, 0x01, 0x0e, 0xb0,
    ];
    assert_eq!(compressed::unpack(overlapping).as_deref(), Some(b"{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}".as_slice()));
    for cut in 0..packed.len() {
        compressed::unpack(packed.get(..cut).unwrap_or_default());
    }
    assert!(compressed::is_compressed(packed) && !compressed::is_compressed(rtf));
}

#[test]
fn deep_and_long_input_is_read_in_bounded_depth() {
    let deep = format!("{{\\rtf1 {}x{}y}}", "{\\b ".repeat(100_000), "}".repeat(100_000));
    assert_eq!(text_of_rtf(&deep), "y");
    let html = format!("{}x{}", "<div><b>".repeat(50_000), "</b></div>".repeat(50_000));
    assert_eq!(html::read(&html).text(), "x");
    let table = format!("{}x", "<table><tr><td>".repeat(20_000));
    assert_eq!(html::read(&table).text(), "x");
    let open = "<a href='".repeat(20_000);
    html::read(&open);
    html::is_html(&format!("{}</b>", "<b ".repeat(100_000)));
}

fn styles() -> impl Strategy<Value = Style> {
    let color =
        || proptest::option::of(prop_oneof![Just([0, 0, 0]), Just([255, 255, 255]), any::<[u8; 3]>()]);
    let flags = any::<[bool; 4]>();
    let script = prop_oneof![4 => Just(Script::Line), 1 => Just(Script::Super), 1 => Just(Script::Sub)];
    let font = proptest::option::of(prop_oneof![Just("Arial"), Just("Segoe UI"), Just("Courier New")]);
    let link = proptest::option::weighted(
        0.2,
        prop_oneof![Just("https://example.org/a?b=1&c='2'\"3\\4"), Just("mailto:a@example.org")],
    );
    (flags, script, color(), color(), font, proptest::option::of(2..200u16), link).prop_map(
        |([bold, italic, underline, strike], script, color, background, font, size, link)| Style {
            bold,
            italic,
            underline,
            strike,
            script,
            color,
            background,
            font: font.map(Into::into),
            half_points: size.filter(|size| *size != 22),
            link: link.and_then(rich::link),
        },
    )
}

fn paragraphs() -> impl Strategy<Value = Paragraph> {
    let run = ("[ a-zäß€😀<>&\"'{}\\\\;\n\t\u{a0}日.]{0,8}", styles());
    let list = proptest::option::weighted(
        0.3,
        (any::<bool>(), 0..4u8).prop_map(|(numbers, level)| ListItem {
            kind: if numbers { ListKind::Numbers } else { ListKind::Bullets },
            level,
        }),
    );
    let align = prop_oneof![Just(Align::Left), Just(Align::Center), Just(Align::Right), Just(Align::Justify)];
    (list, align, proptest::collection::vec(run, 0..4)).prop_map(|(list, align, runs)| Paragraph {
        list,
        align,
        runs: runs.into_iter().map(|(text, style)| Run { text, style }).collect(),
    })
}

fn texts() -> impl Strategy<Value = Rich> {
    let cell = || proptest::collection::vec(paragraphs(), 0..3);
    let rows = proptest::collection::vec(proptest::collection::vec(cell(), 1..3), 1..3);
    let block = prop_oneof![
        4 => paragraphs().prop_map(Block::Paragraph),
        1 => rows.prop_map(|rows| Block::Table(Table { rows })),
    ];
    proptest::collection::vec(block, 0..5).prop_map(|blocks| Rich { blocks }.normal())
}

#[test]
fn a_list_that_skips_a_level_keeps_the_levels_of_its_items() {
    let item = |level| {
        let list = Some(ListItem { kind: ListKind::Bullets, level });
        Block::Paragraph(Paragraph { list, align: Align::Left, runs: Vec::new() })
    };
    for levels in [[0, 2, 1], [2, 0, 1], [1, 2, 0], [3, 1, 2]] {
        let rich = Rich { blocks: levels.map(item).into() };
        let html = html::write(&rich);
        assert_eq!(html::read(&html), rich, "{html}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn what_was_written_is_read_as_it_was(rich in texts()) {
        let html = html::write(&rich);
        prop_assert_eq!(&html::read(&html), &rich, "{}", html);
        let rtf = rtf::write(&rich);
        prop_assert_eq!(&rtf::read(&rtf), &rich, "{}", String::from_utf8_lossy(&rtf));
    }

    #[test]
    fn any_edit_of_the_plain_text_is_what_the_text_says_then(rich in texts(), text in "[ a-c\n*1.<>]{0,30}") {
        let edited = rich.with_text(&text);
        prop_assert!(edited.agrees_with(&text), "{:?}", edited);
        prop_assert_eq!(&rich.with_text(&rich.text()), &rich);
    }

    #[test]
    fn damaged_rtf_and_html_do_no_harm(rich in texts(), at in any::<prop::sample::Index>(), with in any::<Vec<u8>>(), cut in 0..20usize) {
        for bytes in [rtf::write(&rich), html::write(&rich).into_bytes()] {
            let at = at.index(bytes.len());
            let end = (at + cut).min(bytes.len());
            let damaged = [&bytes[..at], &with, &bytes[end..]].concat();
            let read = rtf::read(&damaged);
            prop_assert_eq!(&rtf::read(&rtf::write(&read)), &read);
            let read = html::read(&String::from_utf8_lossy(&damaged));
            prop_assert_eq!(&html::read(&html::write(&read)), &read);
            prop_assert!(compressed::pack(&damaged).len() <= damaged.len() * 2 + 32);
            prop_assert_eq!(compressed::unpack(&compressed::pack(&damaged)), Some(damaged.clone()));
            compressed::unpack(&damaged);
        }
    }

    #[test]
    fn any_words_of_rtf_and_html_do_no_harm(
        rtf in proptest::collection::vec(prop_oneof![
            Just("{"), Just("}"), Just("\\b "), Just("\\*"), Just("\\u-10179?"), Just("\\u56832 "), Just("\\'e4"), Just("\\'9"),
            Just("\\cell"), Just("\\row"), Just("\\intbl"), Just("\\par"), Just("\\fldinst"), Just("\\field"), Just("\\bin9"),
            Just("\\uc3"), Just("\\fromhtml1"), Just("{\\*\\htmltag <b>"), Just("\\ls1"), Just("\\f2147483648"), Just("x"),
            Just("\\fonttbl"), Just("\\colortbl;"), Just("\\listtable"), Just("\\list"), Just("\\pn"), Just("\\pard"),
        ], 0..60),
        html in proptest::collection::vec(prop_oneof![
            Just("<p>"), Just("</p>"), Just("<ul>"), Just("<li>"), Just("</ul>"), Just("<table>"), Just("</table>"), Just("<td>"),
            Just("<tr>"), Just("<b"), Just(">"), Just("<a href=http:x>"), Just("</a>"), Just("<pre>"), Just("&#x110000;"),
            Just("&"), Just("<br>"), Just("x "), Just("<div style='text-align:center'>"), Just("</div>"), Just("<!--"), Just("'"),
        ], 0..60),
    ) {
        let read = rtf::read(format!("{{\\rtf1 {}", rtf.concat()).as_bytes());
        prop_assert_eq!(&rtf::read(&rtf::write(&read)), &read);
        let read = html::read(&html.concat());
        prop_assert_eq!(&html::read(&html::write(&read)), &read);
        prop_assert_eq!(&rtf::read(&rtf::write(&read)), &read);
    }
}
