//! Paths in and out.

use super::{Address, Location};

fn address(owner: &str, name: &str) -> Address {
    Address { owner: owner.to_owned(), name: name.to_owned() }
}

#[test]
fn a_path_says_what_is_meant() {
    let rows = [
        ("/", Ok(Location::Root)),
        ("/?query", Ok(Location::Root)),
        ("http://anywhere.example", Ok(Location::Root)),
        ("/.well-known/caldav", Ok(Location::WellKnown)),
        ("/principals", Ok(Location::Principals)),
        ("/principals/sample/", Ok(Location::Principal("sample".to_owned()))),
        ("/sample/", Ok(Location::Home("sample".to_owned()))),
        ("/sample//calendar", Ok(Location::Collection(address("sample", "calendar")))),
        ("http://127.0.0.1:1/sample/calendar/", Ok(Location::Collection(address("sample", "calendar")))),
        ("/sample/c/a%20b%2Fc%25.ics", Ok(Location::Object(address("sample", "c"), "a b/c%.ics".to_owned()))),
        ("/sample/c/http://x", Err(404)),
        ("/sample/c/d/e", Err(404)),
        ("/sample/c/%2e%2E", Err(403)),
        ("/sample/c/%00", Err(403)),
        ("/sample/%ff", Err(400)),
        ("sample", Err(400)),
        ("*", Err(400)),
    ];
    for (path, expected) in rows {
        assert_eq!(Location::parse(path).map_err(|refusal| refusal.status), expected, "{path}");
    }
}

#[test]
fn an_href_leads_back_to_what_it_names() {
    let address = address("sample", "ä & b");
    for name in ["plain.ics", "a b?c#d%e.ics", "ü'\"<&>", "x/y", "100%25"] {
        let href = address.href_of(name);
        assert!(href.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/%-._~".contains(&byte)), "{href}");
        assert_eq!(Location::parse(&href), Ok(Location::Object(address.clone(), name.to_owned())));
    }
}
