use dovetail_model::Kind;

use super::{NewCollection, domain};

#[test]
fn the_domain_of_a_mail_address_is_what_is_looked_up() {
    let long = format!("me@{}", "a.".repeat(200));
    for (email, expected) in [
        ("me@example.org", Some("example.org")),
        (" me@Mail.Example.org ", Some("mail.example.org")),
        ("a@b@example.org", Some("example.org")),
        ("me@müller.example", Some("xn--mller-kva.example")),
        ("me@example.org.", Some("example.org")),
        ("me", None),
        ("@example.org", None),
        ("me@", None),
        ("me@127.0.0.1", None),
        ("me@example.org/path", None),
        ("me@example..org", None),
        ("me@host:80", None),
        (&long, None),
    ] {
        assert_eq!(domain(email).as_deref(), expected, "{email}");
    }
}

#[test]
fn a_collection_is_wanted_with_a_name_on_one_line_and_a_colour_or_none() {
    for (name, colour, fits) in [
        ("Sample & \"Co\" / Ü", Some("#3366CC"), true),
        ("Sample", None, true),
        (" ", None, false),
        ("a\nb", None, false),
        ("Sample", Some("red"), false),
        ("Sample", Some("3366CC"), false),
    ] {
        let wanted = NewCollection { kind: Kind::Event, name, colour };
        assert_eq!(wanted.check().is_ok(), fits, "{name:?} {colour:?}");
    }
}
