//! What the manual says of failures: every text that a test sees stands there, and every text that stands there is seen by
//! a test.

use std::path::Path;

const TROUBLESHOOTING: &str = include_str!("../../../../docs/manual/troubleshooting.md");

/// Fails where the manual does not show this complaint, word for word.
pub(crate) fn shows(complaint: &str) {
    let shown = blocks().any(|block| block == complaint.trim());
    assert!(shown, "docs/manual/troubleshooting.md does not show:\n{complaint}");
}

/// Fails where the manual does not show this line of a report.
pub(crate) fn mentions(line: &str) {
    let shown = blocks().flat_map(str::lines).any(|shown| shown == line);
    assert!(shown, "docs/manual/troubleshooting.md does not show: {line}");
}

/// What stands between the fences.
fn blocks() -> impl Iterator<Item = &'static str> {
    TROUBLESHOOTING.split("```").skip(1).step_by(2).filter_map(|block| {
        let (_, text) = block.split_once('\n')?;
        Some(text.trim())
    })
}

#[test]
fn the_manual_shows_no_complaint_that_no_test_has_seen() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it");
    let sources: String = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .map(|path| std::fs::read_to_string(path).unwrap())
        .collect();
    let lines = blocks().flat_map(str::lines).filter(|line| line.starts_with("error: "));
    let mut number = 0;
    for line in lines {
        assert!(sources.contains(line), "no test sees: {line}");
        number += 1;
    }
    assert!(number > 20, "the manual shows {number} complaints");
}
