//! The client: one server, one login, connections that are kept.
//!
//! Each request's own file adds its method to [`Client`]. How bytes travel is in `transport`.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, Once, OnceLock};
use std::time::{Duration, Instant};

use reqwest::header::{CONNECTION, HeaderMap, HeaderValue};
use secrecy::ExposeSecret;
use url::{Origin, Url};

use crate::auth::{Authenticator, Credentials, Login};
use crate::error::{Error, ErrorKind, Result};
use crate::lane::{Lane, Lanes, Patience};
use crate::tls::{Tls, Trust};

/// How a client behaves.
#[derive(Clone, Debug)]
pub struct ClientSettings {
    /// Names the program and its version to the server.
    /// QUIRK(user-agent: sogo): without one it takes us for an Apple device and hides distribution lists.
    pub user_agent: String,
    /// How long a connection may take to come about.
    pub connect_timeout: Duration,
    /// How long the server may take to begin its answer, and then for each piece of it; all of it may take twenty times as long.
    pub read_timeout: Duration,
    /// How secure connections are made.
    pub tls: Tls,
    /// What stands between us and the server.
    pub proxy: Proxy,
    /// Whether a connection is used for several requests.
    pub keeps_connections: bool,
    /// Whether headers that no standard allows are passed over; else the answer is malformed.
    pub lenient_headers: bool,
    /// Tells the time in seconds since 1970. It is asked only because servers name moments without saying what time it is.
    pub clock: Option<fn() -> i64>,
}

/// What stands between us and the server.
#[derive(Clone, Debug, Default)]
pub enum Proxy {
    /// What the system says, by its settings or the variables `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`.
    #[default]
    System,
    /// Nothing.
    None,
    /// This one, of `http`, `https`, `socks5` or `socks5h`.
    Manual {
        /// Where it is.
        url: Url,
        /// Who we are to it.
        login: Option<Credentials>,
    },
}

impl Default for ClientSettings {
    fn default() -> Self {
        ClientSettings {
            user_agent: concat!("Dovetail/", env!("CARGO_PKG_VERSION")).to_owned(),
            connect_timeout: Duration::from_secs(20),
            read_timeout: Duration::from_secs(90),
            tls: Tls::default(),
            proxy: Proxy::default(),
            keeps_connections: true,
            lenient_headers: true,
            clock: None,
        }
    }
}

/// A client of one server. Cheap to clone; clones share connections.
#[derive(Clone)]
pub struct Client {
    pub(crate) shared: Arc<Shared>,
    /// Counters of requests: the client's own, and one for each [`Client::counting`].
    counters: Vec<Arc<AtomicU64>>,
    deadline: Option<Instant>,
}

pub(crate) struct Shared {
    server: Url,
    /// Keeps connections for further requests.
    keeping: Arc<Lanes>,
    /// Gives each request a connection of its own; made once it is needed.
    closing: OnceLock<Option<Arc<Lanes>>>,
    pub(crate) settings: ClientSettings,
    /// Whether the last answer left the connection open.
    pub(crate) keeps_connections: AtomicBool,
    /// Whether the server was seen to close a connection that it had left open.
    pub(crate) closes_silently: AtomicBool,
    /// Whether such a connection broke off, and nothing was answered since.
    pub(crate) broke_off: AtomicBool,
    /// How often one did, and the server went on to answer.
    pub(crate) silent_closes: AtomicU32,
    /// The login travels to this origin only.
    pub(crate) home: Origin,
    pub(crate) authenticator: Option<Authenticator>,
    /// Whether the login was accepted anywhere.
    pub(crate) accepted: AtomicBool,
    /// Where the login was refused: paths up to their last slash (RFC 7617 section 2.2), or everywhere.
    pub(crate) refused: Mutex<Vec<String>>,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Client({})", self.shared.home.ascii_serialization())
    }
}

impl Client {
    /// A client for the server of `server`; nothing is sent yet. The login goes to that origin and to no other.
    ///
    /// # Errors
    /// `Refused`, where the address is not of HTTP or carries a login itself, or a certificate cannot be read.
    pub fn new(server: &Url, login: Option<Login>, settings: &ClientSettings) -> Result<Client> {
        if !matches!(server.scheme(), "http" | "https") || server.host().is_none() {
            return Err(Error::new(ErrorKind::Refused, "The address must begin with https:// or http://"));
        }
        if !server.username().is_empty() || server.password().is_some() {
            return Err(Error::new(
                ErrorKind::Refused,
                "The address must hold neither a user's name nor a password",
            ));
        }
        let kept = if settings.keeps_connections { Connections::Kept } else { Connections::Closed };
        let shared = Shared {
            server: server.clone(),
            keeping: lanes(server, settings, kept)?,
            closing: OnceLock::new(),
            settings: settings.clone(),
            keeps_connections: AtomicBool::new(false),
            closes_silently: AtomicBool::new(false),
            broke_off: AtomicBool::new(false),
            silent_closes: AtomicU32::new(0),
            home: server.origin(),
            authenticator: login.map(Authenticator::new),
            accepted: AtomicBool::new(false),
            refused: Mutex::new(Vec::new()),
        };
        Ok(Client { shared: Arc::new(shared), counters: vec![Arc::default()], deadline: None })
    }

    /// The same client, whose requests also add to `counter` and end at `deadline`.
    #[must_use]
    pub fn counting(&self, counter: Arc<AtomicU64>, deadline: Option<Instant>) -> Client {
        let mut client = self.clone();
        client.counters.push(counter);
        client.deadline = deadline.or(client.deadline);
        client
    }

    /// Requests made by this client and all that came from it, redirects included.
    pub fn requests(&self) -> u64 {
        self.counters.first().map_or(0, |counter| counter.load(Ordering::Relaxed))
    }

    /// How often the server closed a connection that it had left open, and answered on a new one.
    pub fn silent_closes(&self) -> u32 {
        self.shared.silent_closes.load(Ordering::Relaxed)
    }

    /// Whether the login was accepted anywhere.
    pub(crate) fn is_let_in(&self) -> bool {
        self.shared.accepted.load(Ordering::Relaxed)
    }

    /// Which servers are believed, where the connection is secure.
    pub fn trust(&self) -> Trust {
        self.shared.settings.tls.trust
    }

    /// Whether `url` is at the server that gets the login.
    pub fn is_home(&self, url: &Url) -> bool {
        url.origin() == self.shared.home
    }

    /// A client for what is somewhere else: it goes the same way, but shows nobody who we are, neither by the login nor by a
    /// certificate, and trusts whom the system trusts.
    ///
    /// # Errors
    /// As [`Client::new`].
    pub fn for_strangers(&self, url: &Url) -> Result<Client> {
        let settings = ClientSettings { tls: Tls::default(), ..self.shared.settings.clone() };
        Client::new(url, None, &settings)
    }

    /// Where the next request goes.
    pub(crate) fn lane(&self) -> Result<Lane> {
        let Shared { server, keeping, closing, settings, closes_silently, .. } = &*self.shared;
        if !closes_silently.load(Ordering::Relaxed) {
            return keeping.free();
        }
        let closing = closing.get_or_init(|| lanes(server, settings, Connections::Closed).ok());
        closing.as_ref().unwrap_or(keeping).free()
    }

    pub(crate) fn count_request(&self) {
        for counter in &self.counters {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// How long a request of now may take.
    pub(crate) fn patience(&self) -> Patience {
        Patience::new(self.shared.settings.read_timeout, self.deadline)
    }
}

/// What becomes of a connection after an answer.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Connections {
    Kept,
    Closed,
}

fn lanes(server: &Url, settings: &ClientSettings, connections: Connections) -> Result<Arc<Lanes>> {
    static PROVIDER: Once = Once::new();
    // An error says that the program has already chosen one, which is as good.
    PROVIDER.call_once(|| drop(rustls::crypto::ring::default_provider().install_default()));
    let secure = server.scheme() == "https"
        || matches!(&settings.proxy, Proxy::Manual { url, .. } if url.scheme() == "https");
    let mut tls = secure.then(|| settings.tls.config()).transpose()?;
    if connections == Connections::Closed
        && let Some(tls) = &mut tls
    {
        tls.alpn_protocols = vec![b"http/1.1".to_vec()];
    }
    let settings = settings.clone();
    Lanes::new(move || http(&settings, connections, tls.clone()))
}

fn http(
    settings: &ClientSettings,
    connections: Connections,
    tls: Option<rustls::ClientConfig>,
) -> reqwest::Result<reqwest::Client> {
    let lenient = settings.lenient_headers;
    let mut builder = reqwest::Client::builder()
        .user_agent(&settings.user_agent)
        .connect_timeout(settings.connect_timeout)
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .tcp_nodelay(true)
        .http1_ignore_invalid_headers_in_responses(lenient)
        .http1_allow_spaces_after_header_name_in_responses(lenient)
        .http1_allow_obsolete_multiline_headers_in_responses(lenient);
    builder = match connections {
        Connections::Kept => builder.pool_max_idle_per_host(usize::MAX),
        // HTTP/2 has no connections for one request.
        Connections::Closed => builder.pool_max_idle_per_host(0).http1_only().default_headers(close()),
    };
    builder = match &settings.proxy {
        Proxy::System => builder,
        Proxy::None => builder.no_proxy(),
        Proxy::Manual { url, login } => {
            let mut proxy = reqwest::Proxy::all(url.as_str())?;
            if let Some(Credentials { user, password }) = login {
                proxy = proxy.basic_auth(user, password.expose_secret());
            }
            builder.proxy(proxy)
        }
    };
    builder = match tls {
        Some(tls) => builder.tls_backend_preconfigured(tls),
        // Reading what the system trusts takes longer than a run without changes.
        None => builder.tls_certs_only([]),
    };
    builder.build()
}

/// Says that the connection is to be closed after the answer (RFC 9110 section 7.6.1).
fn close() -> HeaderMap {
    HeaderMap::from_iter([(CONNECTION, HeaderValue::from_static("close"))])
}
