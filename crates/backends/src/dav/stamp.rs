//! When an item says that it was changed: LAST-MODIFIED (RFC 5545 section 3.8.7.3) or REV (RFC 6350 section 6.7.4).

use jiff::Timestamp;

/// The latest such stamp of a body, without reading all of it as a document. Those of time zones do not count.
pub(super) fn modified(body: &[u8]) -> Option<Timestamp> {
    let mut in_zone = false;
    let mut latest = None;
    for line in body.split(|byte| *byte == b'\n').map(|line| line.trim_ascii_end()) {
        if line.eq_ignore_ascii_case(b"BEGIN:VTIMEZONE") {
            in_zone = true;
        } else if line.eq_ignore_ascii_case(b"END:VTIMEZONE") {
            in_zone = false;
        } else if !in_zone && let Some(stamp) = stamp(line) {
            latest = latest.max(Some(stamp));
        }
    }
    latest
}

fn stamp(line: &[u8]) -> Option<Timestamp> {
    let line = std::str::from_utf8(line).ok()?;
    let (head, value) = line.split_once(':')?;
    let name = head.split(';').next()?;
    if !name.eq_ignore_ascii_case("LAST-MODIFIED") && !name.eq_ignore_ascii_case("REV") {
        return None;
    }
    value.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::modified;

    #[test]
    fn the_latest_stamp_counts_and_those_of_zones_do_not() {
        for (body, expected) in [
            ("LAST-MODIFIED:20260102T030405Z\r\n", Some("2026-01-02T03:04:05Z")),
            ("rev;VALUE=date-time:2026-01-02T03:04:05Z\n", Some("2026-01-02T03:04:05Z")),
            ("REV:20260102T030405Z\nREV:20250102T030405Z\n", Some("2026-01-02T03:04:05Z")),
            ("BEGIN:VTIMEZONE\r\nLAST-MODIFIED:20260102T030405Z\r\nEND:VTIMEZONE\r\n", None),
            ("DESCRIPTION:x\r\n LAST-MODIFIED:20260102T030405Z\r\n", None),
            ("LAST-MODIFIED:yesterday\r\n", None),
            ("LAST-MODIFIED:20260102T030405\r\n", None),
            ("\u{fffd}", None),
        ] {
            assert_eq!(
                modified(body.as_bytes()).map(|stamp| stamp.to_string()).as_deref(),
                expected,
                "{body}"
            );
        }
    }
}
