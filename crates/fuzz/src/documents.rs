//! Documents: what is not edited comes back byte for byte, whatever it is, and an edit stays within its line.

use dovetail_mapping::component::{Child, Component, Document, Line, LineId};

/// No more lines of one input are edited.
const EDITED: usize = 6;

/// Reads, looks at everything, edits line by line.
pub(crate) fn check(data: &[u8]) {
    let document = Document::parse(data);
    assert!(document.to_bytes() == data, "what was not edited came back differently");
    let _ = document.warnings();
    let mut lines = Vec::new();
    look_at(document.root(), &mut lines);
    let step = (lines.len() / EDITED).max(1);
    for line in lines.iter().step_by(step) {
        edit(&document, *line, &lines);
    }
}

fn look_at(component: Component<'_>, lines: &mut Vec<LineId>) {
    for child in component.children() {
        match child {
            Child::Component(inner) => {
                let _ = (inner.name(), inner.is_closed(), inner.begin().and_then(Line::number));
                look_at(inner, lines);
            }
            Child::Line(line) => {
                let _ = (
                    line.group(),
                    line.name(),
                    line.value(),
                    line.raw_value(),
                    line.text(),
                    line.text_list(),
                );
                let _ = (line.params(), line.param("TYPE"), line.is_blank(), line.is_utf8(), line.number());
                if line.is_property() {
                    lines.push(line.id());
                }
            }
        }
    }
}

fn edit(document: &Document, line: LineId, lines: &[LineId]) {
    const TEXT: &str = "another; value,\nof two lines";
    let edits: [fn(&mut Document, LineId); 3] = [
        |document, line| document.set_text(line, TEXT),
        |document, line| document.set_param(line, "X-NEW", &["a;b", "c"]),
        |document, line| document.remove_param(line, "TYPE"),
    ];
    for edit in edits {
        let mut edited = document.clone();
        edit(&mut edited, line);
        for other in lines.iter().filter(|other| **other != line) {
            assert!(edited.line(*other).raw() == document.line(*other).raw(), "another line was touched");
        }
        let bytes = edited.to_bytes();
        assert!(Document::parse(&bytes).to_bytes() == bytes, "an edited document came back differently");
        let _ = edited.line(line).text();
    }
}
