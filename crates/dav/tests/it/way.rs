//! What stands between us and the server: proxies, connections that are closed, headers that are malformed.

use std::io::{BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

use dovetail_dav::client::Proxy;
use dovetail_dav::{Client, ClientSettings, Credentials, ErrorKind};
use dovetail_testkit::servers::{Scripted, Seen, answer};
use hyper::Version;
use url::Url;

use crate::multiplexed::Secure;

fn client(url: &str, settings: ClientSettings) -> Client {
    let credentials = Credentials { user: "alice".to_owned(), password: "alicepw".into() };
    Client::new(&Url::parse(url).unwrap(), Some(credentials.into()), &settings).unwrap()
}

fn through(proxy: &str, login: Option<(&str, &str)>) -> ClientSettings {
    let login =
        login.map(|(user, password)| Credentials { user: user.to_owned(), password: password.into() });
    ClientSettings {
        proxy: Proxy::Manual { url: Url::parse(proxy).unwrap(), login },
        ..ClientSettings::default()
    }
}

#[test]
fn a_proxy_is_asked_for_the_server_with_its_own_login() {
    let proxy = Scripted::new(|_, _| answer(204, &[], ""));
    let client = client("http://dav.example.test/", through(&proxy.address, Some(("p", "q"))));
    client.options(&Url::parse("http://dav.example.test/calendar/").unwrap()).unwrap();
    let seen = &proxy.seen()[0];
    assert_eq!((seen.method.as_str(), seen.path.as_str()), ("OPTIONS", "http://dav.example.test/calendar/"));
    assert_eq!(seen.header("proxy-authorization"), Some("Basic cDpx"));
    assert_eq!(seen.header("authorization"), Some("Basic YWxpY2U6YWxpY2Vwdw=="));
}

/// What a proxy says is told, unless it says back what was shown to it.
#[test]
fn a_proxy_that_says_its_login_back_is_not_quoted() {
    let server = "http://dav.example.test/";
    let told = |said: fn(&Seen) -> String| {
        let proxy = Scripted::new(move |_, seen| answer(407, &[("Content-Type", "text/plain")], &said(seen)));
        let client = client(server, through(&proxy.address, Some(("p", "proxy-pw"))));
        client.options(&Url::parse(server).unwrap()).unwrap_err().what
    };
    let login = |seen: &Seen| seen.header("proxy-authorization").unwrap_or_default().to_owned();
    assert!(told(|_| "No more today".to_owned()).ends_with(". The proxy says: \"No more today\""));
    for echo in [|_: &Seen| "p, proxy-pw: unknown".to_owned(), login] {
        let told = told(echo);
        assert!(told.ends_with("with 407 Proxy Authentication Required"), "{told}");
    }
}

#[test]
fn a_proxy_that_does_not_let_us_through_says_what_it_wants() {
    let refusal = answer(407, &[("Proxy-Authenticate", "Negotiate"), ("Proxy-Authenticate", "NTLM")], "");
    let proxy = Scripted::new(move |_, _| refusal.clone());
    for (server, what) in [
        (
            "http://dav.example.test/",
            "the proxy does not let us through: it wants a login by Negotiate (Kerberos) or NTLM, which is not spoken here, and \
             answered OPTIONS / with 407 Proxy Authentication Required",
        ),
        (
            "https://dav.example.test/",
            "the proxy on the way to https://dav.example.test wants a login by Negotiate (Kerberos) or NTLM, which is not \
             spoken here",
        ),
    ] {
        let client = client(server, through(&proxy.address, None));
        let failed = client.options(&Url::parse(server).unwrap()).unwrap_err();
        assert_eq!((failed.kind, failed.what.as_str()), (ErrorKind::Unauthorized, what));
    }
    let tunnel = proxy.seen().pop().unwrap();
    assert_eq!((tunnel.method.as_str(), tunnel.path.as_str()), ("CONNECT", "dav.example.test:443"));
    assert_eq!(tunnel.header("authorization"), None, "the server's login is none of the proxy's business");
}

/// A proxy that makes tunnels (RFC 9110 section 9.3.6) for who logs in, or for everybody where no login is wanted.
fn tunnels(login: Option<&'static str>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || tunnel(stream, login));
        }
    });
    address
}

fn tunnel(mut stream: TcpStream, login: Option<&str>) -> Option<()> {
    let seen = Seen::read(BufReader::new(OneByOne(&stream)))?;
    if seen.method != "CONNECT" || seen.header("proxy-authorization") != login {
        let refusal = answer(407, &[("Proxy-Authenticate", "Basic realm=\"sample\"")], "");
        return stream.write_all(&refusal).ok();
    }
    let server = TcpStream::connect(&seen.path).ok()?;
    stream.write_all(b"HTTP/1.1 200 Connected\r\n\r\n").ok()?;
    let (mut up, mut down) = (stream.try_clone().ok()?, server.try_clone().ok()?);
    let back = thread::spawn(move || {
        let _ = std::io::copy(&mut down, &mut stream);
        stream.shutdown(std::net::Shutdown::Both)
    });
    let mut server = server;
    let _ = std::io::copy(&mut up, &mut server);
    let _ = server.shutdown(std::net::Shutdown::Write);
    back.join().ok()?.ok()
}

/// Gives a reader no more than it needs: what comes after the head is not the proxy's.
struct OneByOne<'s>(&'s TcpStream);

impl Read for OneByOne<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let one = buffer.len().min(1);
        self.0.read(&mut buffer[..one])
    }
}

#[test]
fn a_secure_server_is_reached_through_a_tunnel() {
    for (wanted, given) in [(None, None), (Some("Basic cDpx"), Some(("p", "q")))] {
        let server = Secure::speaking(&["h2", "http/1.1"]);
        let client = server.client(through(&tunnels(wanted), given));
        client.options(&server.url).unwrap();
        assert_eq!(*server.versions.lock().unwrap(), [Version::HTTP_2], "{wanted:?}");
    }
    let server = Secure::speaking(&["h2", "http/1.1"]);
    for given in [None, Some(("p", "wrong"))] {
        let client = server.client(through(&tunnels(Some("Basic cDpx")), given));
        let failed = client.options(&server.url).unwrap_err();
        assert_eq!((failed.kind, failed.status), (ErrorKind::Unauthorized, Some(407)), "{given:?}");
        assert!(failed.what.ends_with(" wants a login by Basic"), "{failed}");
    }
    assert_eq!(*server.versions.lock().unwrap(), [], "nobody comes through without a login");
}

/// How one logs in at a SOCKS proxy (RFC 1928 section 3).
const NOT_AT_ALL: u8 = 0;
const BY_PASSWORD: u8 = 2;

/// A SOCKS proxy for one request: the name of the server that it was told, the path, and the login (RFC 1929).
fn socks(stream: &mut TcpStream, method: u8) -> (String, String, Option<String>) {
    let read = |stream: &mut TcpStream, count: usize| {
        let mut bytes = vec![0; count];
        stream.read_exact(&mut bytes).unwrap();
        bytes
    };
    let counted = |stream: &mut TcpStream| {
        let count = read(stream, 1)[0];
        String::from_utf8(read(stream, usize::from(count))).unwrap()
    };
    let methods = usize::from(read(stream, 2)[1]);
    let offered = read(stream, methods);
    assert!(offered.contains(&method), "{offered:?}");
    stream.write_all(&[5, method]).unwrap();
    let login = (method == BY_PASSWORD).then(|| {
        read(stream, 1);
        let login = format!("{}:{}", counted(stream), counted(stream));
        stream.write_all(&[1, 0]).unwrap();
        login
    });
    // RFC 1928 section 4: version, command, reserved and the kind of address; a name with its length, the port.
    read(stream, 4);
    let name = counted(stream);
    read(stream, 2);
    stream.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).unwrap();
    let seen = Seen::read(BufReader::new(&*stream)).unwrap();
    stream.write_all(&answer(204, &[], "")).unwrap();
    (name, seen.path, login)
}

#[test]
fn a_socks_proxy_is_told_the_name_of_the_server_and_its_own_login() {
    for given in [None, Some(("p", "q"))] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("socks5h://{}", listener.local_addr().unwrap());
        let method = if given.is_some() { BY_PASSWORD } else { NOT_AT_ALL };
        let told = thread::spawn(move || socks(&mut listener.accept().unwrap().0, method));
        let client = client("http://dav.example.test/", through(&address, given));
        client.options(&Url::parse("http://dav.example.test/x").unwrap()).unwrap();
        let login = given.map(|(user, password)| format!("{user}:{password}"));
        assert_eq!(told.join().unwrap(), ("dav.example.test".to_owned(), "/x".to_owned(), login));
    }
}

/// What is somewhere else, such as a photo that a card links to, is reached in the same way.
#[test]
fn strangers_are_asked_through_the_proxy_and_not_told_who_we_are() {
    let proxy = Scripted::new(|_, _| answer(200, &[], "a photo"));
    let client = client("http://dav.example.test/", through(&proxy.address, Some(("p", "q"))));
    let photo = Url::parse("http://photos.example.test/1.jpg").unwrap();
    client.for_strangers(&photo).unwrap().get(&photo).unwrap();
    let seen = &proxy.seen()[0];
    assert_eq!(seen.path, "http://photos.example.test/1.jpg");
    assert_eq!(seen.header("proxy-authorization"), Some("Basic cDpx"));
    assert_eq!(seen.header("authorization"), None);
}

/// A proxy or a server that does not know it would wait for the body, and we for it.
#[test]
fn a_body_of_megabytes_is_not_announced() {
    let server = Scripted::new(|_, _| answer(201, &[], ""));
    let url = Url::parse(&server.address).unwrap().join("/a/1.vcf").unwrap();
    let client = client(&server.address, ClientSettings::default());
    let body = vec![b'a'; 3 << 20];
    let request = dovetail_dav::Request::new("PUT", &url).body("text/vcard", body);
    client.send(&request).unwrap();
    let seen = &server.seen()[0];
    assert_eq!((seen.body.len(), seen.header("expect")), (3 << 20, None));
}

#[test]
fn connections_are_closed_where_that_is_set() {
    for (keeps_connections, said) in [(true, None), (false, Some("close"))] {
        let server = Scripted::new(|_, _| answer(204, &[], ""));
        let client =
            client(&server.address, ClientSettings { keeps_connections, ..ClientSettings::default() });
        client.options(&Url::parse(&server.address).unwrap()).unwrap();
        let seen = &server.seen()[0];
        assert_eq!((seen.header("connection"), seen.header("expect")), (said, None));
    }
}

#[test]
fn a_connection_that_was_closed_silently_is_counted_once_the_server_answers_again() {
    // Answers once on each connection, as if more were welcome there, and not at all from the fourth connection on.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = Url::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
    std::thread::spawn(move || {
        for (number, stream) in listener.incoming().flatten().enumerate() {
            let mut stream = BufReader::new(stream);
            let _ = Seen::read(&mut stream);
            if number < 3 {
                let _ = stream.get_mut().write_all(b"HTTP/1.1 204 No Content\r\n\r\n");
                let _ = Seen::read(&mut stream);
            }
        }
    });
    let client = client(url.as_str(), ClientSettings::default());
    for closes in [0, 1, 1] {
        client.options(&url).unwrap();
        assert_eq!(client.silent_closes(), closes);
    }
    assert_eq!(client.options(&url).unwrap_err().kind, ErrorKind::Offline);
    assert_eq!(client.silent_closes(), 1, "who does not answer at all may be gone");
}

#[test]
fn a_malformed_header_is_passed_over_or_told() {
    let server =
        Scripted::new(|_, _| b"HTTP/1.1 204 No Content\r\nX (y): z\r\nContent-Length: 0\r\n\r\n".to_vec());
    let url = Url::parse(&server.address).unwrap();
    client(&server.address, ClientSettings::default()).options(&url).unwrap();
    let strict = ClientSettings { lenient_headers: false, ..ClientSettings::default() };
    let failed = client(&server.address, strict).options(&url).unwrap_err();
    assert_eq!(failed.kind, ErrorKind::Malformed);
    assert!(
        failed
            .what
            .ends_with("sends a malformed header; with lenient_headers=yes such headers are passed over")
    );
}
