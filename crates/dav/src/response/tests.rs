use std::time::Duration;

use crate::recorded::{answer, at};

#[test]
fn a_date_to_come_back_at_is_taken_by_the_clock_of_the_server_and_without_one_by_ours() {
    const OURS: i64 = 784_111_777;
    let (at_ours, later) = ("Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:50:07 GMT");
    for (retry_after, date, ours, seconds) in [
        (later, None, Some(OURS), Some(30)),
        (later, Some("yesterday"), Some(OURS), Some(30)),
        (later, Some(at_ours), Some(OURS - 3_600), Some(30)),
        (later, None, Some(OURS + 60), Some(0)),
        (later, None, None, None),
        ("soon", None, Some(OURS), None),
        ("7", None, Some(OURS), Some(7)),
    ] {
        let date = date.map(|date| format!("Date: {date}\r\n")).unwrap_or_default();
        let head = format!("HTTP/1.1 503 X\r\nRetry-After: {retry_after}\r\n{date}\r\n");
        let mut response = answer("GET", at("/"), head.as_bytes());
        response.received_unix_seconds = ours;
        assert_eq!(response.retry_after(), seconds.map(Duration::from_secs), "{head}");
    }
}
