use super::of_row;
use crate::recorded::{at, xml};

#[test]
fn whoever_may_write_may_read_and_is_named_once() {
    let body = "<D:multistatus xmlns:D='DAV:' xmlns:S='http://calendarserver.org/ns/'><D:response><D:href>/p/me/</D:href>\
        <D:propstat><D:prop><S:calendar-proxy-read-for><D:href>/p/a/</D:href><D:href>/p/b</D:href><D:href>/p/a</D:href>\
        </S:calendar-proxy-read-for><S:calendar-proxy-write-for><D:href>/p/b/</D:href>\
        <D:href>https://elsewhere.example.test/p/c/</D:href></S:calendar-proxy-write-for></D:prop>\
        <D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response></D:multistatus>";
    let mut found = Vec::new();
    crate::propfind::parse(xml("PROPFIND", at("/p/me/"), 207, body), &mut |row| {
        found.push(of_row(&at("/p/me/"), &row));
        Ok(())
    })
    .unwrap();
    let paths = |paths: &[crate::href::Path]| paths.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(paths(&found[0].writing), ["/p/b/"]);
    assert_eq!(paths(&found[0].reading), ["/p/a/"]);
}
