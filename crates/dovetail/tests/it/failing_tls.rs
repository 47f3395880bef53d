//! Servers that cannot prove who they are, and addresses with the wrong one of `http` and `https`. No password goes there.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;

use expect_test::{Expect, expect};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{DigitallySignedStruct, DistinguishedName, ServerConfig, SignatureScheme};

use crate::gate::Gate;
use crate::home::Home;
use crate::manual;
use crate::samples;
use crate::scene::{FINGERPRINT, Scene, fails, fingerprint, of_connection};
use crate::server::{Collection, Holding};

/// Somebody who issues certificates, and whom the program is made to trust.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Authority {
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Authority(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    /// Makes commands on this home trust the authority.
    fn trusted_by(&self, home: &mut Home) {
        let path: PathBuf = home.path().join("authority.pem");
        std::fs::write(&path, self.0.pem()).unwrap();
        home.set("SSL_CERT_FILE", path);
    }

    /// A server with a certificate of the authority.
    fn server(&self, params: &CertificateParams) -> Arc<ServerConfig> {
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        config(vec![certificate.der().clone()], &key)
    }
}

fn config(chain: Vec<rustls::pki_types::CertificateDer<'static>>, key: &KeyPair) -> Arc<ServerConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let builder =
        ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    Arc::new(builder.with_no_client_auth().with_single_cert(chain, key).unwrap())
}

fn for_host(name: &str) -> CertificateParams {
    CertificateParams::new([name.to_owned()]).unwrap()
}

/// A sync through a secure gate fails; afterwards all goes on.
fn check(secure: impl FnOnce(&Authority) -> Arc<ServerConfig>, told: Expect) {
    let Some(mut scene) = Scene::new() else { return };
    let authority = Authority::new();
    authority.trusted_by(&mut scene.home);
    let gate = Gate::secure(&scene.server, secure(&authority));
    scene.go_through(&gate);
    let before = scene.both();
    let examples = [(gate.address.as_str(), "https://dav.example.org")];
    fails(&scene.home, &["sync", "people"], 3, "untrusted", told, &examples);
    assert_eq!((gate.seen(), scene.both()), (Vec::new(), before), "nothing is told to such a server");

    // The certificate is put right.
    let gate = Gate::secure(&scene.server, authority.server(&for_host("127.0.0.1")));
    scene.go_through(&gate);
    scene.home.sync("people");
    assert!(!gate.seen().is_empty());
    scene.recovers();
}

#[test]
fn a_certificate_that_has_expired() {
    let mut params = for_host("127.0.0.1");
    (params.not_before, params.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(2020, 12, 31));
    check(
        |authority| authority.server(&params),
        expect![[r#"
        error: The certificate of https://dav.example.org has expired; its SHA-256 fingerprint is 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF.
        hint: No password was sent. Check the address and this computer's clock, and let whoever runs the server look after its certificate; one that you know to be the server's is believed alone with `dovetail profile set people tls_fingerprint=FINGERPRINT`.
    "#]],
    );
}

#[test]
fn a_certificate_that_is_not_valid_yet() {
    let mut params = for_host("127.0.0.1");
    (params.not_before, params.not_after) = (date_time_ymd(2090, 1, 1), date_time_ymd(2090, 12, 31));
    check(
        |authority| authority.server(&params),
        expect![[r#"
        error: The certificate of https://dav.example.org is not valid yet; its SHA-256 fingerprint is 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF.
        hint: No password was sent. Check the address and this computer's clock, and let whoever runs the server look after its certificate; one that you know to be the server's is believed alone with `dovetail profile set people tls_fingerprint=FINGERPRINT`.
    "#]],
    );
}

#[test]
fn a_certificate_for_another_host() {
    let params = for_host("mail.example.net");
    check(
        |authority| authority.server(&params),
        expect![[r#"
        error: The certificate of https://dav.example.org is for another host, mail.example.net; its SHA-256 fingerprint is 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF.
        hint: No password was sent. Check the address and this computer's clock, and let whoever runs the server look after its certificate; one that you know to be the server's is believed alone with `dovetail profile set people tls_fingerprint=FINGERPRINT`.
    "#]],
    );
}

/// A certificate that vouches for itself.
fn of_ones_own_making(mut params: CertificateParams) -> Arc<ServerConfig> {
    params.distinguished_name.push(DnType::CommonName, "Sample Server");
    let key = KeyPair::generate().unwrap();
    let certificate = params.self_signed(&key).unwrap();
    config(vec![certificate.der().clone()], &key)
}

#[test]
fn a_certificate_of_ones_own_making() {
    check(
        |_| of_ones_own_making(for_host("127.0.0.1")),
        expect![[r#"
        error: The certificate of https://dav.example.org was issued by somebody whom this computer does not trust; its SHA-256 fingerprint is 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF.
        hint: No password was sent. Check the address and this computer's clock, and let whoever runs the server look after its certificate; one that you know to be the server's is believed alone with `dovetail profile set people tls_fingerprint=FINGERPRINT`.
    "#]],
    );
}

#[test]
fn a_certificate_of_ones_own_making_that_may_issue_others() {
    let mut params = for_host("127.0.0.1");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    check(
        |_| of_ones_own_making(params),
        expect![[r#"
        error: The certificate of https://dav.example.org is one for issuing others, and none for a server; its SHA-256 fingerprint is 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF.
        hint: No password was sent. Check the address and this computer's clock, and let whoever runs the server look after its certificate; one that you know to be the server's is believed alone with `dovetail profile set people tls_fingerprint=FINGERPRINT`.
    "#]],
    );
}

#[test]
fn a_certificate_that_was_pinned_is_believed_until_another_one_is_shown() {
    let Some(scene) = Scene::new() else { return };
    let gate = Gate::secure(&scene.server, of_ones_own_making(for_host("elsewhere.example.net")));
    scene.go_through(&gate);
    let refused = scene.home.run(&["sync", "people"]);
    let pin = format!("tls_fingerprint={}", fingerprint(&refused.err));
    scene.home.fine(&["profile", "set", "people", &pin]);
    let synced = scene.home.run(&["sync", "people"]);
    assert_eq!((synced.code, synced.err.as_str()), (0, ""), "it is believed without a warning");

    let gate = Gate::secure(&scene.server, of_ones_own_making(for_host("elsewhere.example.net")));
    scene.go_through(&gate);
    fails(
        &scene.home,
        &["sync", "people"],
        3,
        "untrusted",
        expect![[r#"
            error: The certificate of https://dav.example.org is not the one that was pinned: either it was renewed, or somebody stands in between; its SHA-256 fingerprint is 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF.
            hint: No password was sent. Check the address and this computer's clock, and let whoever runs the server look after its certificate; one that you know to be the server's is believed alone with `dovetail profile set people tls_fingerprint=FINGERPRINT`.
        "#]],
        &[(gate.address.as_str(), "https://dav.example.org")],
    );
    assert_eq!(gate.seen(), Vec::new());
    scene.recovers();
}

#[test]
fn certificates_are_not_checked_where_that_is_set_and_each_run_warns() {
    let Some(scene) = Scene::new() else { return };
    let gate = Gate::secure(&scene.server, of_ones_own_making(for_host("elsewhere.example.net")));
    scene.go_through(&gate);
    let warning =
        "Certificates are not checked (tls_check=no): whoever is on the way can read and change everything.";
    let general = scene.home.run(&["settings", "set", "tls_check=no"]);
    assert_eq!((general.code, general.err), (0, format!("warning: {warning}\n")));
    let own = scene.home.run(&["profile", "set", "people", "tls_check=no"]);
    assert_eq!((own.code, own.err), (0, format!("warning: people: {warning}\n")));
    for words in [&["sync", "people"][..], &["sync", "people"], &["plan", "people"], &["verify", "people"]] {
        let ended = scene.home.run(words);
        assert_eq!((ended.code, ended.err), (0, format!("warning: people: {warning}\n")), "{words:?}");
    }
    let synced = scene.home.run(&["sync", "people", "--json"]);
    let told: serde_json::Value = serde_json::from_str(&synced.err).unwrap();
    assert_eq!(told, serde_json::json!({ "profile": "people", "warning": warning }));
    scene.recovers();
}

#[test]
fn an_authority_may_be_trusted_by_all_profiles_or_by_one() {
    let Some(scene) = Scene::new() else { return };
    let authority = Authority::new();
    let gate = Gate::secure(&scene.server, authority.server(&for_host("127.0.0.1")));
    scene.go_through(&gate);
    assert_eq!(scene.home.run(&["sync", "people"]).code, 3);
    let file = scene.home.file("authority.pem", &authority.0.pem());
    scene.home.fine(&["settings", "set", &format!("ca_file={file}")]);
    scene.home.sync("people");
    let shown = scene.home.fine(&["profile", "show", "people"]);
    assert!(shown.contains(&format!("{file} (for all profiles)")), "{shown}");
    // A profile's own setting wins.
    scene.home.fine(&["profile", "set", "people", "ca_file="]);
    assert_eq!(scene.home.run(&["sync", "people"]).code, 3);
    scene.recovers();
}

/// A server that lets in only who shows a certificate of the authority.
fn demanding(authority: &Authority, version: &'static rustls::SupportedProtocolVersion) -> Arc<ServerConfig> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(authority.0.der().clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier =
        WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone()).build().unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate = for_host("127.0.0.1").signed_by(&key, &authority.0).unwrap();
    let tls = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[version])
        .unwrap()
        .with_client_cert_verifier(verifier)
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
        )
        .unwrap();
    Arc::new(tls)
}

#[test]
fn a_server_that_wants_a_client_certificate() {
    // In 1.3 the server says so only once the client takes the connection for made.
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let Some(scene) = Scene::new() else { return };
        let authority = Authority::new();
        let gate = Gate::secure(&scene.server, demanding(&authority, version));
        scene.go_through(&gate);
        let authorities = scene.home.file("authority.pem", &authority.0.pem());
        scene.home.fine(&["profile", "set", "people", &format!("ca_file={authorities}")]);
        fails(
            &scene.home,
            &["sync", "people"],
            3,
            "unauthorized",
            expect![[r#"
                error: https://dav.example.org wants a client certificate, and none is set.
                hint: Name a file with the certificate and its key (PEM or PKCS#12) with `dovetail profile set people client_certificate=FILE`.
            "#]],
            &[(gate.address.as_str(), "https://dav.example.org")],
        );
        assert_eq!(gate.seen(), Vec::new());

        let key = KeyPair::generate().unwrap();
        let ours = CertificateParams::new([]).unwrap().signed_by(&key, &authority.0).unwrap();
        let file = scene.home.file("ours.pem", &(key.serialize_pem() + &ours.pem()));
        scene.home.fine(&["profile", "set", "people", &format!("client_certificate={file}")]);
        scene.home.sync("people");
        scene.recovers();
    }
}

#[test]
fn a_server_that_speaks_tls_1_2_where_that_is_not_allowed() {
    let Some(scene) = Scene::new() else { return };
    let gate = Gate::secure(&scene.server, demanding(&Authority::new(), &rustls::version::TLS12));
    scene.go_through(&gate);
    scene.home.fine(&["profile", "set", "people", "tls_1_2=no"]);
    fails(
        &scene.home,
        &["sync", "people"],
        3,
        "untrusted",
        expect![[r#"
            error: https://dav.example.org does not speak TLS 1.3, and tls_1_2=no allows nothing older.
            hint: No password was sent. Ask whoever runs the server for TLS 1.3, or allow 1.2 with `dovetail profile set people tls_1_2=yes`.
        "#]],
        &[(gate.address.as_str(), "https://dav.example.org")],
    );
    scene.recovers();
}

/// The address, with https, of a server that says this to whoever connects, and nothing else.
fn says_only(answer: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("https://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(answer);
        }
    });
    address
}

/// TLS 1.0, as such servers answer who asks for more (RFC 8446 section 6.2): an alert of protocol_version.
#[test]
fn a_server_that_speaks_no_safe_tls_at_all() {
    let Some(scene) = Scene::new() else { return };
    let address = says_only(&[0x15, 3, 1, 0, 2, 2, 70]);
    scene.go_to(&address);
    let examples = [(address.as_str(), "https://dav.example.org")];
    fails(
        &scene.home,
        &["sync", "people"],
        3,
        "untrusted",
        expect![[r#"
            error: https://dav.example.org speaks no version of TLS that is safe.
            hint: No password was sent. Ask whoever runs the server for TLS 1.2 or 1.3.
        "#]],
        &examples,
    );
    scene.recovers();
}

#[test]
fn http_where_the_server_wants_https() {
    let Some(scene) = Scene::new() else { return };
    let gate = Gate::secure(&scene.server, Authority::new().server(&for_host("127.0.0.1")));
    let address = gate.address.replace("https://", "http://");
    scene.go_to(&address);
    let examples = [(address.as_str(), "http://dav.example.org")];
    fails(
        &scene.home,
        &["sync", "people"],
        3,
        "malformed",
        expect![[r#"
            error: http://dav.example.org does not answer in HTTP; perhaps it wants https://.
            hint: Check that the address is one of a CalDAV or CardDAV server, and in a browser that the network does not ask for a login of its own.
        "#]],
        &examples,
    );
    scene.recovers();
}

#[test]
fn https_where_the_server_speaks_http() {
    let Some(scene) = Scene::new() else { return };
    let address = says_only(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
    scene.go_to(&address);
    let examples = [(address.as_str(), "https://dav.example.org")];
    fails(
        &scene.home,
        &["sync", "people"],
        3,
        "malformed",
        expect![[r#"
            error: https://dav.example.org does not answer in TLS; perhaps it wants http://.
            hint: Check that the address is one of a CalDAV or CardDAV server, and in a browser that the network does not ask for a login of its own.
        "#]],
        &examples,
    );
    scene.recovers();
}

#[test]
fn https_where_the_server_makes_nothing_of_it() {
    let Some(scene) = Scene::new() else { return };
    let address = scene.gate.address.replace("http://", "https://");
    scene.go_to(&address);
    let examples = [(address.as_str(), "https://dav.example.org")];
    fails(
        &scene.home,
        &["sync", "people"],
        3,
        "offline",
        expect![[r#"
            error: https://dav.example.org ends the connection before it is secure; perhaps it wants http://.
            hint: Check the network connection and the address of the server, then try again; what was done so far is kept.
        "#]],
        &examples,
    );
    scene.recovers();
}

#[test]
fn the_connection_test_says_whether_the_way_is_secure_and_if_not_why() {
    let Some(mut scene) = Scene::new() else { return };
    let authority = Authority::new();
    authority.trusted_by(&mut scene.home);
    let secure = Gate::secure(&scene.server, authority.server(&for_host("127.0.0.1")));
    scene.go_through(&secure);
    let fine = scene.home.fine(&["test", "people"]);
    assert!(fine.contains("is encrypted, and its certificate is trusted."), "{fine}");
    let wrong = Gate::secure(&scene.server, authority.server(&for_host("other.example.test")));
    scene.go_through(&wrong);
    let ended = scene.home.run(&["test", "people", "--write"]);
    assert_eq!((ended.code, wrong.seen()), (3, Vec::new()), "{ended:#?}");
    assert!(ended.err.contains("is for another host, other.example.test"), "{ended:#?}");
    assert!(ended.out.contains("The test could not be finished."), "{ended:#?}");
}

#[test]
fn the_connection_test_says_what_the_trust_is_founded_on() {
    let Some(scene) = Scene::new() else { return };
    let gate = Gate::secure(&scene.server, of_ones_own_making(for_host("elsewhere.example.net")));
    scene.go_through(&gate);
    let pin = format!("tls_fingerprint={}", fingerprint(&scene.home.run(&["sync", "people"]).err));
    let check = |assignment: &str, check: &str, told: Expect| {
        scene.home.fine(&["profile", "set", "people", assignment]);
        let shown = scene.home.fine(&["test", "people"]).replace(&gate.address, "https://dav.example.org");
        told.assert_eq(&of_connection(&shown));
        let findings = scene.home.json(&["test", "people"])["findings"].clone();
        assert_eq!(findings[0]["check"], check, "{findings}");
    };
    check(
        "tls_check=no",
        "not_checked",
        expect![[r#"
            warning The connection to https://dav.example.org is encrypted, but its certificate is not checked.
            Whoever is on the way can pretend to be the server: read your password and all items, and change them.
            Set tls_check=yes; if the certificate is then refused, compare the fingerprint that is shown with the server's, and set tls_fingerprint.
        "#]],
    );
    check(
        &pin,
        "pinned",
        expect![[r#"
            ok      The connection to https://dav.example.org is encrypted, and its certificate is the one that was pinned.
        "#]],
    );
}

#[test]
fn a_server_with_a_certificate_of_ones_own_making_is_found_joined_and_synced() {
    let Some(server) = Collection::make(Holding::Cards) else { return };
    server.put("sample-0.vcf", &samples::card(0));
    let home = Home::new();
    let gate = Gate::secure(&server, of_ones_own_making(for_host("127.0.0.1")));
    let url = format!("{}{}", gate.address, server.path());
    let discover = ["discover", "--url", &url, "--user", "alice", "--password-stdin"];
    let test = ["test", "--url", &url, "--user", "alice", "--password-stdin"];
    let add = [&["profile", "add", "people", "--folder", "Contacts"], &discover[1..]].concat();
    let run = |words: &[&str]| home.run_with_input(words, "alicepw\n");

    let refused = run(&discover);
    let pin = format!("tls_fingerprint={}", fingerprint(&refused.err));
    let text = refused
        .err
        .replace(&gate.address, "https://dav.example.org")
        .replace(&fingerprint(&refused.err), FINGERPRINT);
    expect![[r#"
        error: The certificate of https://dav.example.org was issued by somebody whom this computer does not trust; its SHA-256 fingerprint is 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF.
        hint: No password was sent. Check the address and this computer's clock, and let whoever runs the server look after its certificate; one that you know to be the server's is believed alone with `--set tls_fingerprint=FINGERPRINT`, which discover, test and profile add take.
    "#]]
    .assert_eq(&text);
    manual::shows(&text);
    for words in [&discover[..], &test, &add] {
        let ended = run(words);
        assert_eq!((ended.code, &ended.err), (3, &refused.err), "{words:?}");
    }
    assert_eq!(gate.seen(), Vec::new(), "no password went there");

    for words in [&discover[..], &test, &add] {
        let ended = run(&[words, &["--set", &pin]].concat());
        assert_eq!((ended.code, ended.err.as_str()), (0, ""), "{words:?}: {}", ended.out);
    }
    home.sync("people");
    assert_eq!(home.titles("Contacts"), ["Sample Person 000"]);
}

/// Lets in who shows exactly this certificate, and has its key.
#[derive(Debug)]
struct Knowing(CertificateDer<'static>, Arc<CryptoProvider>);

impl ClientCertVerifier for Knowing {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        shown: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        match *shown == self.0 {
            true => Ok(ClientCertVerified::assertion()),
            false => Err(rustls::Error::General("another certificate".to_owned())),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let known = &self.1.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, shown, signed, known)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let known = &self.1.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, shown, signed, known)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.1.signature_verification_algorithms.supported_schemes()
    }
}

#[test]
fn a_client_certificate_may_come_in_a_file_with_a_password() {
    let Some(scene) = Scene::new() else { return };
    let authority = Authority::new();
    let known = include_bytes!("../../../../fixtures/tls/sample.pem");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = Knowing(CertificateDer::from_pem_slice(known).unwrap(), Arc::clone(&provider));
    let key = KeyPair::generate().unwrap();
    let certificate = for_host("127.0.0.1").signed_by(&key, &authority.0).unwrap();
    let tls = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(Arc::new(verifier))
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
        )
        .unwrap();
    let gate = Gate::secure(&scene.server, Arc::new(tls));
    scene.go_through(&gate);
    let authorities = scene.home.file("authority.pem", &authority.0.pem());
    scene.home.fine(&["settings", "set", &format!("ca_file={authorities}")]);
    let file = scene.home.path().join("ours.p12");
    std::fs::write(&file, include_bytes!("../../../../fixtures/tls/modern.p12")).unwrap();
    let option = format!("client_certificate={}", file.display());
    // The password is that of the profile where the file is, else that for all.
    for (set, password) in [
        (&["settings", "set"][..], &["settings", "password"][..]),
        (&["profile", "set", "people"], &["profile", "password", "people"]),
    ] {
        scene.home.fine(&[set, &[&option]].concat());
        let locked = scene.home.run(&["sync", "people"]);
        assert_eq!((locked.code, gate.seen()), (3, Vec::new()), "{locked:#?}");
        assert!(locked.err.contains("has another password"), "{locked:#?}");
        let words = [password, &["--for", "certificate", "--password-stdin"]].concat();
        assert_eq!(scene.home.run_with_input(&words, "sample password\n").code, 0);
        scene.home.sync("people");
        assert!(!gate.seen().is_empty());
        gate.forget();
    }
    assert_eq!(scene.home.files_with("sample password"), ["secrets.json"]);
    scene.recovers();
}

/// How a sync ends.
fn outcome(home: &Home) -> String {
    let ended = home.run(&["sync", "people", "--json"]);
    let kind =
        |line: &str| Some(serde_json::from_str::<serde_json::Value>(line).ok()?["kind"].as_str()?.to_owned());
    ended.err.lines().find_map(kind).unwrap_or_else(|| format!("fine, {}", ended.code))
}

#[test]
fn what_is_set_of_certificates_for_one_profile_goes_before_what_is_set_for_all() {
    let Some(scene) = Scene::new() else { return };
    let home = &scene.home;
    let authority = Authority::new();
    let authorities = home.file("authority.pem", &authority.0.pem());
    home.fine(&["settings", "set", &format!("ca_file={authorities}")]);
    let strange = Gate::secure(&scene.server, of_ones_own_making(for_host("elsewhere.example.net")));
    let old = {
        let key = KeyPair::generate().unwrap();
        let certificate = for_host("127.0.0.1").signed_by(&key, &authority.0).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS12])
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
            );
        Gate::secure(&scene.server, Arc::new(tls.unwrap()))
    };
    let demanding = Gate::secure(&scene.server, demanding(&authority, &rustls::version::TLS13));
    let key = KeyPair::generate().unwrap();
    let ours = CertificateParams::new([]).unwrap().signed_by(&key, &authority.0).unwrap();
    let file = home.file("ours.pem", &(key.serialize_pem() + &ours.pem()));
    scene.go_through(&strange);
    let shown = fingerprint(&home.run(&["sync", "people"]).err);
    let (right, wrong) = (format!("tls_fingerprint={shown}"), format!("tls_fingerprint={FINGERPRINT}"));
    let certificate = format!("client_certificate={file}");

    let (fine, untrusted) = ("fine, 0", "untrusted");
    for (gate, general, expected, own, expected_then) in [
        (&strange, "tls_check=no", fine, "tls_check=yes", untrusted),
        (&strange, "tls_check=yes", untrusted, "tls_check=no", fine),
        (&strange, right.as_str(), fine, wrong.as_str(), untrusted),
        (&strange, &wrong, untrusted, &right, fine),
        // Without one of its own, what the computer trusts holds again.
        (&strange, &right, fine, "tls_fingerprint=", untrusted),
        (&strange, "tls_fingerprint=", untrusted, &right, fine),
        (&strange, "tls_fingerprint=", untrusted, "tls_fingerprint=", untrusted),
        (&old, "tls_1_2=no", untrusted, "tls_1_2=yes", fine),
        (&old, "tls_1_2=yes", fine, "tls_1_2=no", untrusted),
        (&demanding, &certificate, fine, "client_certificate=", "unauthorized"),
        (&demanding, "client_certificate=", "unauthorized", &certificate, fine),
    ] {
        scene.go_through(gate);
        home.fine(&["settings", "set", general]);
        let before = outcome(home);
        home.fine(&["profile", "set", "people", own]);
        assert_eq!(
            (before.as_str(), outcome(home).as_str()),
            (expected, expected_then),
            "{general}, then {own}"
        );
        home.without("people", own.split('=').next().unwrap());
    }
}
