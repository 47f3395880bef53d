use std::fs;
use std::path::Path;

use expect_test::expect;

use crate::recorded::{answer, at};
use crate::{Error, ErrorKind};

fn refusal(status: u16, media_type: &str, body: &[u8]) -> crate::Response {
    let head = format!("HTTP/1.1 {status} X\r\nContent-Type: {media_type}\r\n\r\n");
    answer("PUT", at("/a/1.ics"), &[head.as_bytes(), body].concat())
}

fn failure(status: u16, media_type: &str, body: &[u8]) -> Error {
    refusal(status, media_type, body).into_error()
}

const XML: &str = "application/xml; charset=utf-8";
const TEXT: &str = "Text/Plain; charset=utf-8";
const PAGE: &str = "text/html";

fn in_error(inner: &str) -> String {
    format!("<d:error xmlns:d='DAV:' xmlns:s='http://sabredav.org/ns'>{inner}</d:error>")
}

#[test]
fn a_refusal_is_told_in_the_words_of_the_server() {
    let told = |status, media_type, body: &str| failure(status, media_type, body.as_bytes()).what;
    let described =
        "<d:supported-report/><d:responsedescription>No such &lt;report&gt;</d:responsedescription>";
    let rows = [
        (
            415,
            XML,
            in_error(
                "<s:exception>Sabre\\DAV\\Exception\\UnsupportedMediaType</s:exception><s:message>Line 1 is no property.</s:message>",
            ),
        ),
        (403, XML, in_error("<s:exception>E</s:exception><s:message/><d:supported-report/>")),
        (403, XML, in_error(described)),
        (
            403,
            XML,
            in_error(
                "<d:responsedescription>never read</d:responsedescription><s:message>of sabre</s:message>",
            ),
        ),
        (403, XML, in_error("<d:need-privileges/> You are a guest here ")),
        (
            403,
            XML,
            format!(
                "<d:multistatus xmlns:d='DAV:'><d:response><d:href>/a</d:href>{described}</d:response></d:multistatus>"
            ),
        ),
        (400, XML, "<d:error xmlns:d='DAV:'><s:message xmlns:s='http://sabredav.org/ns'>cut".to_owned()),
        (507, TEXT, "Your quota is used up\r\n\r\n  (500 MB).\n".to_owned()),
        (404, TEXT, "Not Found".to_owned()),
        (404, PAGE, "<html><head><title>404 not found</title></head></html>".to_owned()),
        (
            403,
            PAGE,
            "<!DOCTYPE html><HTML><Title lang=en>Access denied &amp; logged</TITLE><body><p>Long</p>"
                .to_owned(),
        ),
        (403, PAGE, "<html><body><h1>Sorry</h1></body></html>".to_owned()),
        (403, PAGE, "<title>never ends".to_owned()),
        (403, "application/octet-stream", "Path /a/1.ics is closed".to_owned()),
        (403, "", "Who knows what this is".to_owned()),
        (403, TEXT, String::new()),
        (403, TEXT, "a\u{0}\u{1b}[31mred\u{202e}desrever\u{200b} \u{7f}\"quoted\"".to_owned()),
        (407, PAGE, "<html><title>Company proxy</title></html>".to_owned()),
    ];
    let told: Vec<String> =
        rows.iter().map(|(status, media_type, body)| told(*status, media_type, body)).collect();
    expect![[r#"
        the server answered PUT /a/1.ics with 415 Unsupported Media Type. The server says: "Line 1 is no property"
        the server answered PUT /a/1.ics with 403 Forbidden (supported-report)
        the server answered PUT /a/1.ics with 403 Forbidden (supported-report). The server says: "No such <report>"
        the server answered PUT /a/1.ics with 403 Forbidden. The server says: "of sabre"
        the server does not let us write here: it answered PUT /a/1.ics with 403 Forbidden (need-privileges). The server says: "You are a guest here"
        the server answered PUT /a/1.ics with 403 Forbidden. The server says: "No such <report>"
        the server answered PUT /a/1.ics with 400 Bad Request
        the server answered PUT /a/1.ics with 507 Insufficient Storage. The server says: "Your quota is used up (500 MB)"
        the server answered PUT /a/1.ics with 404 Not Found
        the server answered PUT /a/1.ics with 404 Not Found
        the server answered PUT /a/1.ics with 403 Forbidden. The server says: "Access denied & logged"
        the server answered PUT /a/1.ics with 403 Forbidden
        the server answered PUT /a/1.ics with 403 Forbidden
        the server answered PUT /a/1.ics with 403 Forbidden
        the server answered PUT /a/1.ics with 403 Forbidden
        the server answered PUT /a/1.ics with 403 Forbidden
        the server answered PUT /a/1.ics with 403 Forbidden. The server says: "a[31mreddesrever 'quoted'"
        the proxy does not let us through: it wants a login by means that it does not name, which is not spoken here, and answered PUT /a/1.ics with 407 Proxy Authentication Required. The proxy says: "Company proxy""#]].assert_eq(&told.join("\n"));
}

#[test]
fn a_text_of_a_hundred_kilobytes_is_cut_short() {
    let body = "All work and no play. ".repeat(5_000);
    for (media_type, body) in [
        (TEXT, body.clone()),
        (PAGE, format!("<title>{}</title>", &body[..40_000])),
        (XML, in_error(&format!("<s:message>{}</s:message>", &body[..40_000]))),
    ] {
        let told = failure(403, media_type, body.as_bytes()).what;
        let (_, said) = told.split_once("says: ").unwrap();
        assert!((195..=203).contains(&said.chars().count()), "{said}");
        assert!(said.starts_with("\"All work and no play. All") && said.ends_with("…\""), "{said}");
    }
    // Of more than is read there is no whole document, and a page has no end of its title.
    for media_type in [XML, PAGE] {
        let told =
            failure(403, media_type, in_error(&format!("<s:message>{body}</s:message>")).as_bytes()).what;
        assert_eq!(told, "the server answered PUT /a/1.ics with 403 Forbidden");
    }
    let umlauts = failure(403, TEXT, "ü".repeat(70_000).as_bytes()).what;
    assert!(umlauts.ends_with(&format!("{}…\"", "ü".repeat(200))), "{umlauts}");
}

#[test]
fn what_is_no_utf_8_is_read_as_far_as_it_can_be() {
    let told = |media_type, body: &[u8]| failure(403, media_type, body).what;
    let rows = [
        told(TEXT, b"Zugriff f\xfcr G\xe4ste gesperrt"),
        told("text/plain; charset=iso-8859-1", b"\xff\xfe\x00\x80\x9f"),
        told(PAGE, b"<title>Zugriff f\xfcr alle gesperrt</title>"),
        told(XML, b"<d:error xmlns:d='DAV:'><d:responsedescription>Zugriff f\xfcr alle</d:responsedescription></d:error>"),
    ];
    expect![[r#"
        the server answered PUT /a/1.ics with 403 Forbidden. The server says: "Zugriff für Gäste gesperrt"
        the server answered PUT /a/1.ics with 403 Forbidden. The server says: "ÿþ"
        the server answered PUT /a/1.ics with 403 Forbidden. The server says: "Zugriff für alle gesperrt"
        the server answered PUT /a/1.ics with 403 Forbidden. The server says: "Zugriff fr alle""#]]
    .assert_eq(&rows.join("\n"));
}

/// A server that has logged our request tells us what we sent, the login included.
#[test]
fn what_let_us_in_is_not_told_by_a_refusal_that_says_it_back() {
    let secret = "s3cr\u{e9}t <&> \"pass\".";
    let echoes: [(&str, Vec<u8>); 7] = [
        (TEXT, format!("no user alice with {secret}").into_bytes()),
        (TEXT, format!("no user alice with {}", secret.replace(' ', "\r\n")).into_bytes()),
        (TEXT, format!("no user alice with {}", crate::xml::escape(secret)).into_bytes()),
        (TEXT, secret.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect()),
        (TEXT, [b"x".repeat(190), secret.as_bytes().to_vec()].concat()),
        (PAGE, format!("<title>{}</title>", crate::xml::escape(secret)).into_bytes()),
        (XML, in_error(&format!("<s:message>{}</s:message>", crate::xml::escape(secret))).into_bytes()),
    ];
    for (media_type, body) in echoes {
        let mut response = refusal(403, media_type, &body);
        response.secrets = vec!["".into(), secret.into()];
        let told = response.into_error().what;
        assert_eq!(told, "the server answered PUT /a/1.ics with 403 Forbidden", "{body:?}");
    }
}

/// What is recorded of real servers, as people read it.
#[test]
fn real_servers_explain_themselves() {
    let mut told = String::new();
    for server in ["radicale", "xandikos", "sogo", "davical", "cyrus", "sabre"] {
        for exchange in ["put-refused", "put-taken", "delete-missing"] {
            let path = format!("../../fixtures/dav/{server}/tour/{exchange}.http");
            let bytes = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
            let refused = answer("PUT", at("/a"), &bytes);
            if refused.status >= 400 {
                told.push_str(&format!("{server}: {}\n", refused.into_error()));
            }
        }
    }
    expect![[r#"
        radicale: the server answered PUT /a with 400 Bad Request
        radicale: the server answered PUT /a with 412 Precondition Failed
        radicale: the server answered PUT /a with 404 Not Found. The server says: "The requested resource could not be found"
        xandikos: the server answered PUT /a with 412 Precondition Failed (valid-calendar-data). The server says: "Not a valid calendar file: Content line could not be parsed into parts: 'no calendar': Invalid content line"
        xandikos: the server answered PUT /a with 412 Precondition Failed
        xandikos: the server answered PUT /a with 404 Not Found
        sogo: the server answered PUT /a with 404 Not Found. The server says: "the requested object could not be found!"
        sogo: the server answered PUT /a with 404 Not Found. The server says: "the requested object could not be found!"
        davical: the server answered PUT /a with 412 Precondition Failed. The server says: "No calendar content"
        davical: the server answered PUT /a with 412 Precondition Failed (if-none-match). The server says: "Existing resource matches 'If-None-Match' header - not accepted"
        davical: the server answered PUT /a with 404 Not Found
        cyrus: the server answered PUT /a with 403 Forbidden (valid-calendar-data). The server says: "Resource is not an iCalendar object"
        cyrus: the server answered PUT /a with 412 Precondition Failed
        cyrus: the server answered PUT /a with 404 Not Found
        sabre: the server answered PUT /a with 415 Unsupported Media Type. The server says: "This resource only supports valid iCalendar 2.0 data. Parse error: Invalid VObject, line 1 did not follow the icalendar/vcard format"
        sabre: the server answered PUT /a with 412 Precondition Failed. The server says: "An If-None-Match header was specified, but the ETag matched (or * was specified)"
        sabre: the server answered PUT /a with 412 Precondition Failed. The server says: "An If-Match header was specified and the resource did not exist"
    "#]].assert_eq(&told);
}

#[test]
fn a_description_is_no_rule() {
    for (inner, kind) in [
        ("<d:responsedescription>It has changed</d:responsedescription>", ErrorKind::Stale),
        ("<d:responsedescription>Bad</d:responsedescription><d:no-conflicting-lock/>", ErrorKind::Refused),
    ] {
        assert_eq!(failure(412, XML, in_error(inner).as_bytes()).kind, kind, "{inner}");
    }
}

/// A failure is a sentence, however long that is which it quotes.
#[test]
fn what_a_failure_quotes_is_cut_short() {
    let long = "a".repeat(1 << 20);
    let rows = |inner: &str| {
        let body = format!("<d:multistatus xmlns:d='DAV:'><d:response>{inner}</d:response></d:multistatus>");
        crate::recorded::xml("DELETE", at("/a/"), 207, &body)
    };
    let header = format!("HTTP/1.1 204 No Content\r\nX-Dav-Error: {long}\r\n\r\n");
    let encoded = format!("<?xml version='1.0' encoding='{long}'?><d:multistatus xmlns:d='DAV:'/>");
    let failures = [
        crate::delete::parse(crate::recorded::xml("DELETE", at("/a/"), 207, &encoded)).unwrap_err(),
        crate::href::Path::parse(&long).unwrap_err(),
        crate::href::Path::parse(&format!("/{long}/..")).unwrap_err(),
        crate::href::Path::resolve(&at("/"), &format!("https://elsewhere.example.test/{long}")).unwrap_err(),
        crate::delete::parse(rows(&format!("<d:href>/{long}</d:href><d:status>HTTP/1.1 403 No</d:status>")))
            .unwrap_err(),
        crate::delete::parse(rows(&format!("<d:href>/a</d:href><d:status>{long}</d:status>"))).unwrap_err(),
        crate::delete::parse(answer("DELETE", at("/a"), header.as_bytes())).unwrap_err(),
    ];
    for failure in failures {
        assert!(failure.what.contains("aaa") || failure.what.contains("elsewhere"), "{failure}");
        assert!(failure.what.chars().count() < 300, "{} characters", failure.what.len());
    }
}

/// A multistatus answer with one row.
fn row(method: &'static str, inner: &str) -> crate::Response {
    let body = format!(
        "<d:multistatus xmlns:d='DAV:'><d:response><d:href>/a/1.ics</d:href>{inner}</d:response></d:multistatus>"
    );
    crate::recorded::xml(method, at("/a/"), 207, &body)
}

#[test]
fn a_row_that_tells_of_a_refusal_is_told_in_the_words_of_the_server() {
    const STATUS: &str = "<d:status>HTTP/1.1 423 Locked</d:status>";
    const REFUSED: &str =
        "<d:propstat><d:prop><d:displayname/></d:prop><d:status>HTTP/1.1 403 Forbidden</d:status>";
    const FAILED_TOO: &str = "<d:propstat><d:prop><d:getetag/></d:prop>\
        <d:status>HTTP/1.1 424 Failed Dependency</d:status>\
        <d:responsedescription>Something else failed</d:responsedescription></d:propstat>";
    let described = |text: &str| format!("<d:responsedescription>{text}</d:responsedescription>");
    let of_property = |text: &str| format!("{REFUSED}{}</d:propstat>", described(text));
    let rows = [
        ("DELETE", format!("{STATUS}{}", described("Somebody\n edits it."))),
        ("DELETE", format!("{STATUS}{}", described("423 Locked"))),
        ("DELETE", format!("{STATUS}{}", described("Not for a-password-of-mine"))),
        ("PROPPATCH", of_property("Names are given by the office")),
        ("PROPPATCH", of_property("")),
        ("PROPPATCH", format!("{FAILED_TOO}{}", of_property("Names are given by the office"))),
        ("PROPPATCH", format!("{FAILED_TOO}{}", of_property(""))),
    ];
    let told = rows.map(|(method, inner)| {
        let mut response = row(method, &inner);
        response.secrets.push("a-password-of-mine".into());
        let failed = match method {
            "DELETE" => crate::delete::parse(response),
            _ => crate::proppatch::parse(response),
        };
        failed.unwrap_err().what + "\n"
    });
    expect![[r#"
        the server answered DELETE /a/1.ics with 423. The server says: "Somebody edits it"
        the server answered DELETE /a/1.ics with 423
        the server answered DELETE /a/1.ics with 423
        the server answered PROPPATCH /a/ with 403 for displayname. The server says: "Names are given by the office"
        the server answered PROPPATCH /a/ with 403 for displayname
        the server answered PROPPATCH /a/ with 403 for displayname. The server says: "Names are given by the office"
        the server answered PROPPATCH /a/ with 403 for displayname
    "#]].assert_eq(&told.concat());
}
