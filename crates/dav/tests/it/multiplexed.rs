//! HTTP/2, where the server speaks it, and as many connections as there are requests at once.

use std::convert::Infallible;
use std::io::{Read, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use dovetail_dav::{Client, ClientSettings, Tls, Trust};
use http_body_util::Full;
use hyper::body::Bytes;
use hyper::service::service_fn;
use hyper::{Request, Response, Version};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::net::TcpListener;
use tokio::sync::Barrier;
use tokio_rustls::TlsAcceptor;
use url::Url;

/// So many requests wait for each other.
const AT_ONCE: usize = 8;

/// A server over TLS. What is asked of `/together` is answered once [`AT_ONCE`] such requests are there.
pub(crate) struct Secure {
    pub(crate) url: Url,
    connections: Arc<AtomicUsize>,
    pub(crate) versions: Arc<Mutex<Vec<Version>>>,
}

impl Secure {
    /// One that speaks these protocols (RFC 7301), the one that it prefers first.
    pub(crate) fn speaking(protocols: &[&str]) -> Secure {
        let key = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let chain = vec![key.cert.der().clone()];
        let private = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.signing_key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config =
            ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let mut config = config.with_no_client_auth().with_single_cert(chain, private).unwrap();
        config.alpn_protocols = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let url =
            Url::parse(&format!("https://localhost:{}/", listener.local_addr().unwrap().port())).unwrap();
        let (connections, versions) = (Arc::<AtomicUsize>::default(), Arc::<Mutex<Vec<Version>>>::default());
        let secure = Secure { url, connections: Arc::clone(&connections), versions: Arc::clone(&versions) };
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(serve(listener, TlsAcceptor::from(Arc::new(config)), connections, versions));
        });
        secure
    }

    pub(crate) fn client(&self, settings: ClientSettings) -> Client {
        let tls = Tls { trust: Trust::Anybody, ..Tls::default() };
        Client::new(&self.url, None, &ClientSettings { tls, ..settings }).unwrap()
    }

    fn at(&self, path: &str) -> Url {
        self.url.join(path).unwrap()
    }
}

async fn serve(
    listener: std::net::TcpListener,
    tls: TlsAcceptor,
    connections: Arc<AtomicUsize>,
    versions: Arc<Mutex<Vec<Version>>>,
) {
    let listener = TcpListener::from_std(listener).unwrap();
    let together = Arc::new(Barrier::new(AT_ONCE));
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let (tls, together, versions) = (tls.clone(), Arc::clone(&together), Arc::clone(&versions));
        let connections = Arc::clone(&connections);
        tokio::spawn(async move {
            let Ok(stream) = tls.accept(stream).await else { return };
            connections.fetch_add(1, Ordering::SeqCst);
            let is_new = stream.get_ref().1.alpn_protocol() == Some(b"h2".as_slice());
            let answer = service_fn(move |request: Request<hyper::body::Incoming>| {
                let (together, versions) = (Arc::clone(&together), Arc::clone(&versions));
                async move {
                    versions.lock().unwrap().push(request.version());
                    if request.uri().path() == "/together" {
                        together.wait().await;
                    }
                    Ok::<_, Infallible>(Response::new(Full::<Bytes>::default()))
                }
            });
            let stream = TokioIo::new(stream);
            // A client that goes away ends its connection, and nothing else.
            if is_new {
                let _ = hyper::server::conn::http2::Builder::new(TokioExecutor::new())
                    .serve_connection(stream, answer)
                    .await;
            } else {
                let _ = hyper::server::conn::http1::Builder::new().serve_connection(stream, answer).await;
            }
        });
    }
}

#[test]
fn a_server_is_spoken_to_as_it_prefers_with_a_connection_for_each_request_in_flight() {
    for (protocols, version) in
        [(&["h2", "http/1.1"][..], Version::HTTP_2), (&["http/1.1"][..], Version::HTTP_11)]
    {
        let server = Secure::speaking(protocols);
        let client = server.client(ClientSettings::default());
        let url = server.at("together");
        thread::scope(|scope| {
            for _ in 0..AT_ONCE {
                // None of them is answered before all of them have arrived.
                scope.spawn(|| client.options(&url).unwrap());
            }
        });
        assert_eq!(server.connections.load(Ordering::SeqCst), AT_ONCE);
        // They are kept.
        for _ in 0..2 * AT_ONCE {
            client.options(&server.url).unwrap();
        }
        assert_eq!(server.connections.load(Ordering::SeqCst), AT_ONCE);
        assert_eq!(*server.versions.lock().unwrap(), [version; 3 * AT_ONCE]);
    }
}

/// Nobody looks at a connection between two requests: what became of it meanwhile is seen before the next one.
#[test]
fn a_connection_that_was_closed_meanwhile_is_not_used() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = Url::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
    let (close, to_close) = std::sync::mpsc::channel();
    let (closed, is_closed) = std::sync::mpsc::channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut head = [0; 1_024];
            if stream.read(&mut head).is_ok_and(|count| count > 0) {
                stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").unwrap();
            }
            to_close.recv().unwrap();
            drop(stream);
            closed.send(()).unwrap();
        }
    });
    let client = Client::new(&url, None, &ClientSettings::default()).unwrap();
    for _ in 0..20 {
        client.options(&url).unwrap();
        close.send(()).unwrap();
        is_closed.recv().unwrap();
    }
    assert_eq!((client.requests(), client.silent_closes()), (20, 0));
}

#[test]
fn a_connection_that_is_not_to_be_kept_is_of_the_old_kind() {
    let server = Secure::speaking(&["h2", "http/1.1"]);
    let client = server.client(ClientSettings { keeps_connections: false, ..ClientSettings::default() });
    for _ in 0..3 {
        client.options(&server.url).unwrap();
    }
    assert_eq!(*server.versions.lock().unwrap(), [Version::HTTP_11; 3]);
    assert_eq!(server.connections.load(Ordering::SeqCst), 3);
}
