//! Fingerprints, and certificates of our own.

use secrecy::SecretString;

use super::{Fingerprint, Identity, Tls};

#[test]
fn a_fingerprint_is_read_however_it_is_written() {
    let text =
        "00:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:10:11:12:13:14:15:16:17:18:19:1A:1B:1C:1D:1E:FF";
    let fingerprint = Fingerprint::parse(text).unwrap();
    assert_eq!(fingerprint.to_string(), text);
    for other in [text.replace(':', ""), text.to_lowercase(), text.replace(':', " ")] {
        assert_eq!(Fingerprint::parse(&other), Some(fingerprint), "{other}");
    }
    for wrong in
        ["", "00", &text[3..], &text.replace("FF", "FG"), &text.replace("FF", "+F"), &text.replace("FF", "ÿ")]
    {
        assert_eq!(Fingerprint::parse(wrong), None, "{wrong}");
    }
}

/// Made by `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256` with `-nodes -subj /CN=sample`, and exported by
/// `openssl pkcs12 -export`, once as it does now and once with `-legacy`.
const PEM: &[u8] = include_bytes!("../../../../fixtures/tls/sample.pem");
const MODERN: &[u8] = include_bytes!("../../../../fixtures/tls/modern.p12");
const LEGACY: &[u8] = include_bytes!("../../../../fixtures/tls/legacy.p12");

#[test]
fn a_certificate_with_its_key_is_read_from_either_kind_of_file() {
    let password = SecretString::from("sample password");
    let ours = Identity::read(PEM, None).unwrap();
    for file in [MODERN, LEGACY] {
        let identity = Identity::read(file, Some(&password)).unwrap();
        assert_eq!(identity.chain, ours.chain);
        Tls { identity: Some(identity), ..Tls::default() }.config().unwrap();
    }
}

#[test]
fn a_file_that_cannot_be_used_says_why() {
    let wrong = SecretString::from("wrong");
    let text = String::from_utf8(PEM.to_vec()).unwrap();
    let key_alone = &text[..text.find("-----BEGIN CERT").unwrap()];
    let certificate_alone = &text[text.find("-----BEGIN CERT").unwrap()..];
    let table: [(&[u8], Option<&SecretString>, &str); 6] = [
        (MODERN, Some(&wrong), "cannot be opened: it is no PKCS#12 file, or has another password"),
        (MODERN, None, "cannot be opened: it is no PKCS#12 file, or has another password"),
        (b"nothing", None, "cannot be opened: it is no PKCS#12 file, or has another password"),
        (b"", None, "cannot be opened: it is no PKCS#12 file, or has another password"),
        (key_alone.as_bytes(), None, "is missing: the file holds none"),
        (certificate_alone.as_bytes(), None, "comes without its key, or with one that is encrypted"),
    ];
    for (file, password, why) in table {
        let error = Identity::read(file, password).unwrap_err();
        assert_eq!(error.what, format!("the client certificate {why}"));
    }
}

#[test]
fn further_authorities_that_are_none_are_refused() {
    for file in [b"".as_slice(), b"no certificate", b"-----BEGIN CERTIFICATE-----\nAAAA\n"] {
        let tls = Tls { authorities: Some(file.to_vec()), ..Tls::default() };
        assert!(
            tls.config()
                .unwrap_err()
                .what
                .starts_with("TLS cannot be set up: the file of further authorities")
        );
    }
}
