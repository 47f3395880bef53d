use url::Url;

use super::Path;

fn base() -> Url {
    Url::parse("https://dav.example.test/alice/calendar/").unwrap()
}

#[test]
fn all_spellings_of_an_href_are_one_path() {
    for (spellings, path) in [
        (
            &[
                "a%40b.ics",
                "a@b.ics",
                "/alice/calendar/a@b.ics",
                "https://dav.example.test/alice/calendar/a%40b.ics",
            ][..],
            "/alice/calendar/a%40b.ics",
        ),
        (&["/%c3%bc.ics", "/%C3%BC.ics", "/ü.ics", "HTTPS://DAV.example.test:443/ü.ics"], "/%C3%BC.ics"),
        (&["/ha#sh.ics", "/ha%23sh.ics"], "/ha%23sh.ics"),
        (&["/q?m.ics", "/q%3fm.ics"], "/q%3Fm.ics"),
        (&["/(a) b.ics", "/%28a%29%20b.ics", "  /(a)%20b.ics\n"], "/%28a%29%20b.ics"),
        (&["/100%.ics", "/100%25.ics"], "/100%25.ics"),
        (&["/a~b.ics", "/a%7eb.ics", "/%61~b.ics"], "/a~b.ics"),
    ] {
        for spelling in spellings {
            assert_eq!(Path::resolve(&base(), spelling).unwrap().as_str(), path, "{spelling}");
        }
    }
}

#[test]
fn an_encoded_slash_is_no_slash_and_nothing_is_decoded_twice() {
    assert_ne!(Path::parse("/a%2Fb").unwrap(), Path::parse("/a/b").unwrap());
    assert_eq!(Path::parse("/a%252Fb").unwrap().as_str(), "/a%252Fb");
}

#[test]
fn no_href_leaves_the_server_or_climbs() {
    for href in [
        "https://other.example.test/alice/",
        "http://dav.example.test/alice/",
        "https://dav.example.test:8443/alice/",
        "//other.example.test/alice/",
        "https://dav.example.test@other.example.test/",
        "/alice/../bob/",
        "/alice/%2e%2e/bob/",
        "..",
    ] {
        assert!(Path::resolve(&base(), href).is_err(), "{href}");
    }
}

#[test]
fn a_path_becomes_a_url_and_stays_itself() {
    for path in ["/alice/calendar/a%40b%3F%23%2F%25.ics", "/", "/%C3%BC/"] {
        let parsed = Path::parse(path).unwrap();
        assert_eq!(Path::of(&parsed.url(&base())), parsed);
        assert_eq!(parsed.url(&base()).path(), path);
    }
}

#[test]
fn a_member_is_encoded_and_a_slash_does_not_change_a_collection() {
    let collection = Path::of(&base());
    assert_eq!(collection.member("ä b.ics").as_str(), "/alice/calendar/%C3%A4%20b.ics");
    assert!(collection.is_same_collection(&Path::parse("/alice/calendar").unwrap()));
    assert!(!collection.is_same_collection(&Path::parse("/alice").unwrap()));
}

#[test]
fn a_member_is_directly_in_its_collection() {
    let collection = Path::parse("/a/b/").unwrap();
    for (path, expected) in [
        ("/a/b/c", true),
        ("/a/b/c%2Fd", true),
        ("/a/b/", false),
        ("/a/b", false),
        ("/a/b/c/", false),
        ("/a/bc", false),
        ("/c", false),
    ] {
        assert_eq!(Path::parse(path).unwrap().is_member_of(&collection), expected, "{path}");
    }
}
