//! Many objects: what a client asks of them again and again does not look at all of them.

use std::time::{Duration, Instant};

use dovetail_davserver::{Server, Settings};

use crate::http::{meeting, send};

const MANY: usize = 20_000;

#[test]
fn a_token_is_answered_without_a_look_at_what_did_not_change() {
    let server = Server::start(Settings { remembered_removals: 10, ..Settings::default() }).unwrap();
    for number in 0..MANY {
        let uid = format!("o{number}");
        server.put(&format!("/sample/calendar/{uid}.ics"), meeting(&uid).as_bytes()).unwrap();
    }
    let sync = |token: &str| {
        let body = format!(
            "<sync-collection xmlns='DAV:'><sync-token>{token}</sync-token><sync-level>1</sync-level><prop><getetag/>\
             </prop></sync-collection>"
        );
        send(&server, "REPORT /sample/calendar/", &[], &body)
    };
    let all = sync("");
    assert_eq!(all.all("D:href").len(), MANY);
    let token = all.all("D:sync-token")[0];
    server.delete("/sample/calendar/o17.ics").unwrap();
    // The quickest of some: other tests run at the same time.
    let times = (0..20).map(|_| {
        let begun = Instant::now();
        assert_eq!(sync(token).all("D:href"), ["/sample/calendar/o17.ics"]);
        begun.elapsed()
    });
    let quickest = times.min().unwrap();
    assert!(quickest < Duration::from_millis(10), "{quickest:?}");

    for number in 100..110 {
        server.delete(&format!("/sample/calendar/o{number}.ics")).unwrap();
    }
    assert_eq!(sync(token).status, 403, "more was removed than is remembered");
}
