use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::{Child, Document, Node, Place};
use crate::content_line::NewLine;

/// All files below a folder; none if it is not there.
pub(crate) fn files_below(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    files.sort();
    files.into_iter().flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

/// Our own fixtures, and the shared corpus where it is present, as (path, bytes).
pub(crate) fn all_samples() -> Vec<(String, Vec<u8>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    ["fixtures/vcard", "fixtures/ical", "fixtures/broken", "../shared/corpus"]
        .iter()
        .flat_map(|folder| files_below(&root.join(folder)))
        .map(|path| (path.display().to_string(), std::fs::read(&path).unwrap()))
        .collect()
}

#[track_caller]
fn check_round_trip(source: &[u8]) {
    let written = Document::parse(source).to_bytes();
    assert_eq!(String::from_utf8_lossy(&written), String::from_utf8_lossy(source));
    assert_eq!(written, source);
}

/// The component's names and lines, one a line, indented.
fn outline(document: &Document) -> String {
    fn add(out: &mut String, component: super::Component<'_>, depth: usize) {
        for child in component.children() {
            out.push_str(&"  ".repeat(depth));
            match child {
                Child::Line(line) if line.is_blank() => out.push_str("(blank)\n"),
                Child::Line(line) if !line.is_property() => {
                    out.push_str(&format!("? {:?}\n", String::from_utf8_lossy(line.raw())));
                }
                Child::Line(line) => out.push_str(&format!("{}={}\n", line.name(), line.value())),
                Child::Component(inner) => {
                    out.push_str(&format!("[{}]\n", inner.name()));
                    add(out, inner, depth + 1);
                }
            }
        }
    }
    let mut out = String::new();
    add(&mut out, document.root(), 0);
    out
}

fn codes(document: &Document) -> Vec<(String, Option<usize>)> {
    document.warnings().into_iter().map(|warning| (warning.code, warning.line)).collect()
}

#[test]
fn every_sample_is_written_back_byte_for_byte() {
    let samples = all_samples();
    assert!(samples.len() >= 15, "the fixtures are missing");
    for (path, source) in samples {
        assert!(Document::parse(&source).to_bytes() == source, "{path}");
    }
}

#[test]
fn odd_bytes_are_written_back_byte_for_byte() {
    let sources: &[&[u8]] = &[
        b"",
        b"\n",
        b"\r\n\r\n",
        b"\xEF\xBB\xBF",
        b"\xEF\xBB\xBFBEGIN:VCARD\r\nEND:VCARD",
        b"BEGIN:VCARD\rFN:Mac\r line\rEND:VCARD\r",
        b"BEGIN:VCARD\r\r\nFN:two\r\r\n folded\r\r\nEND:VCARD\r\r\n",
        b"BEGIN:A\nX:1\r\nY:2\rZ\n\n \nEND:A\n\n",
        b"BEGIN:A\r\nBEGIN:B\r\nX:1\r\nEND:A\r\nEND:B\r\nX:2",
        b" starts folded\r\n\tand goes on\r\nBEGIN:\r\nBEGIN:A",
        b"FN:J\xC3\r\n \xBCrgen\r\nX:\xFF\xFE\0\r\n:no name\r\nno colon\r\nX;A=\"b:c\r\n",
        b"NOTE;ENCODING=QUOTED-PRINTABLE:a=\r\n=\r\n\r\nEND:VCARD=\r\n",
        b"NOTE;QUOTED-PRINTABLE:a=\r\n\r\n\r\nPHOTO;BASE64:abcd=\r\nX:1=",
    ];
    for source in sources {
        check_round_trip(source);
    }
}

#[test]
fn components_nest_and_what_is_malformed_stays_in_place() {
    let source =
        b"junk\r\nBEGIN:vcalendar\r\nVERSION:2.0\r\n\r\nbegin:VEVENT\r\nSUMMARY:a\r\n b\r\nEND:VTODO\r\n\
        BEGIN:VALARM\r\nACTION:X\r\nEND:VEVENT\r\nEND:VCALENDAR\r\nBEGIN:VCALENDAR\r\nX:1";
    let document = Document::parse(source);
    expect_test::expect![[r#"
        ? "junk\r\n"
        [vcalendar]
          VERSION=2.0
          (blank)
          [VEVENT]
            SUMMARY=ab
            END=VTODO
            [VALARM]
              ACTION=X
        [VCALENDAR]
          X=1
    "#]]
    .assert_eq(&outline(&document));
    let found: Vec<_> = codes(&document);
    let found: Vec<_> = found.iter().map(|(code, line)| (code.as_str(), *line)).collect();
    assert_eq!(
        found,
        [
            ("unparsable_line", Some(1)),
            ("stray_end", Some(8)),
            ("missing_end", Some(9)),
            ("missing_end", Some(13))
        ]
    );
}

#[test]
fn hostile_nesting_is_cut_off_and_kept() {
    let source = "BEGIN:X\r\n".repeat(100_000);
    check_round_trip(source.as_bytes());
    let mut depth = 0;
    let document = Document::parse(source.as_bytes());
    let mut component = document.root();
    while let Some(inner) = component.components().next() {
        component = inner;
        depth += 1;
    }
    assert!(depth < 40, "{depth}");
}

#[test]
fn a_name_that_is_folded_is_one_name() {
    let document = Document::parse(b"item1.SUM\r\n MARY;LAN\r\n GUAGE=de:x\r\n");
    let line = document.root().line("summary").unwrap();
    assert_eq!((line.group(), line.name(), line.text()), (Some("item1"), "SUMMARY", "x".to_owned()));
    assert_eq!(line.param("language").as_deref(), Some("de"));
}

#[test]
fn an_unbalanced_quote_does_not_swallow_the_value() {
    let document = Document::parse(b"ATTENDEE;CN=O\"Brien:mailto:a@example.com\r\n");
    assert_eq!(document.root().line("ATTENDEE").unwrap().value(), "mailto:a@example.com");
}

#[test]
fn quoted_printable_lines_reach_over_soft_breaks() {
    let document = Document::parse(b"NOTE;ENCODING=QUOTED-PRINTABLE:a=\r\nb:c=\r\n\r\nFN:x\r\n");
    expect_test::expect![[r#"
        NOTE=ab:c
        FN=x
    "#]]
    .assert_eq(&outline(&document));
    let numbers: Vec<_> = document.root().lines().map(|line| line.number()).collect();
    assert_eq!(numbers, [Some(1), Some(4)]);
}

#[test]
fn base64_padding_is_no_soft_break() {
    let document = Document::parse(b"PHOTO;ENCODING=BASE64:abc=\r\nFN:x\r\n");
    assert_eq!(document.root().line("FN").unwrap().text(), "x");
}

#[test]
fn parameters_are_split_outside_quotes_and_decoded() {
    let document = Document::parse(b"X;A=\"b;c,d\",e^^^n^';HOME;a=f:v\r\n");
    let line = document.root().line("x").unwrap();
    assert_eq!(line.param_values("A"), ["b;c,d", "e^\n\"", "f"]);
    let quoted: Vec<_> =
        line.params().iter().flat_map(|param| &param.values).map(|value| value.quoted).collect();
    assert_eq!(quoted, [true, false, false]);
    assert_eq!(
        line.params().get(1).map(|param| (param.name.as_str(), param.values.len())),
        Some(("HOME", 0))
    );
}

const CARD: &[u8] = b"BEGIN:VCARD\nitem1.TEL;TYPE=CELL;X-A=\"1:2\":1\nX\nFN:old\nEND:VCARD";

#[test]
fn an_edited_value_keeps_group_parameters_and_place() {
    let mut document = Document::parse(CARD);
    let card = document.components().next().unwrap();
    let (tel, name) = (card.line("TEL").unwrap().id(), card.line("FN").unwrap().id());
    document.set_value(tel, "2");
    document.set_text(name, "a;b\nc");
    assert_eq!(
        String::from_utf8(document.to_bytes()).unwrap(),
        "BEGIN:VCARD\nitem1.TEL;TYPE=CELL;X-A=\"1:2\":2\nX\nFN:a\\;b\\nc\nEND:VCARD"
    );
    assert_eq!(document.line(name).number(), Some(4));
}

#[test]
fn parameters_are_set_and_removed_alone() {
    let mut document = Document::parse(CARD);
    let tel = document.components().next().unwrap().line("TEL").unwrap().id();
    document.set_param(tel, "type", &["WORK", "FAX"]);
    document.set_param(tel, "X-B", &["a,b"]);
    document.remove_param(tel, "X-A");
    let line = document.line(tel);
    assert_eq!(line.raw(), b"item1.TEL;TYPE=WORK,FAX;X-B=\"a,b\":1\n");
}

#[test]
fn lines_and_components_are_inserted_where_asked() {
    let mut document = Document::parse(CARD);
    let card = document.components().next().unwrap().id();
    let tel = document.component(card).line("TEL").unwrap().id();
    let after = document.insert(card, Place::After(Node::Line(tel)), &NewLine::text("NOTE", "after"));
    document.insert(card, Place::First, &NewLine::text("NOTE", "first"));
    document.insert(card, Place::Last, &NewLine::text("NOTE", "last"));
    let inner = document.insert_component(card, Place::Before(Node::Line(after)), "INNER").unwrap();
    document.insert(inner, Place::Last, &NewLine::raw("X", "1"));
    document.remove_line(tel);
    assert_eq!(
        String::from_utf8(document.to_bytes()).unwrap(),
        "BEGIN:VCARD\nNOTE:first\nBEGIN:INNER\nX:1\nEND:INNER\nNOTE:after\nX\nFN:old\nNOTE:last\nEND:VCARD"
    );
    document.remove_component(inner);
    assert!(document.component(card).components().next().is_none());
}

#[test]
fn what_follows_a_source_without_final_line_ending_starts_a_line() {
    let mut document = Document::parse(b"BEGIN:A\r\nX:1");
    let id = document.components().next().unwrap().id();
    document.insert(id, Place::Last, &NewLine::raw("Y", "2"));
    assert_eq!(document.to_bytes(), b"BEGIN:A\r\nX:1\r\nY:2\r\n");
}

#[test]
fn a_value_that_ends_by_a_soft_break_does_not_swallow_a_new_line() {
    let mut document = Document::parse(b"BEGIN:VCARD\r\nNOTE;ENCODING=QUOTED-PRINTABLE:a=\r\nEND:VCARD\r\n");
    let id = document.components().next().unwrap().id();
    document.insert(id, Place::Last, &NewLine::raw("TEL", "1"));
    let again = Document::parse(&document.to_bytes());
    assert_eq!(again.components().next().unwrap().line("TEL").unwrap().value(), "1");
}

#[test]
fn a_component_without_an_end_does_not_swallow_a_new_line() {
    for source in ["BEGIN:VCARD\r\nN:1\r\nBEGIN:B\r\n", "BEGIN:VCARD\r\nBEGIN:B\r\nX:1\r\nEND:VCARD\r\n"] {
        let mut document = Document::parse(source.as_bytes());
        let id = document.components().next().unwrap().id();
        document.insert(id, Place::Last, &NewLine::raw("TEL", "1"));
        let again = Document::parse(&document.to_bytes());
        assert_eq!(again.components().next().unwrap().line("TEL").unwrap().value(), "1");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_written_back(source in proptest::collection::vec(any::<u8>(), 0..400)) {
        prop_assert_eq!(Document::parse(&source).to_bytes(), source);
    }

    #[test]
    fn any_pieces_of_lines_are_written_back_and_edited_safely(
        pieces in proptest::collection::vec(
            prop_oneof![
                Just("BEGIN:A"), Just("END:A"), Just("BEGIN:B"), Just("END:B"), Just("\r\n"), Just("\n"), Just("\r"),
                Just(" "), Just("="), Just("N;QUOTED-PRINTABLE:"), Just("X;P=\""), Just(":"), Just("ü"), Just("\u{feff}")
            ],
            0..60,
        ),
        pick in any::<proptest::sample::Index>(),
    ) {
        let source = pieces.concat();
        let mut document = Document::parse(source.as_bytes());
        prop_assert_eq!(document.to_bytes(), source.as_bytes());
        let ids: Vec<_> = document.root().lines().map(|line| line.id()).collect();
        if !ids.is_empty() {
            let id = ids[pick.index(ids.len())];
            document.set_param(id, "P", &["é,\n\""]);
            document.set_text(id, "töxt\n;");
            prop_assert_eq!(document.line(id).text(), "töxt\n;");
            prop_assert_eq!(document.line(id).param_values("P"), vec!["é,\n\""]);
        }
    }
}
