//! Which servers a mail domain names for its calendars and address books: SRV and TXT records (RFC 6764, RFC 2782).
//!
//! What comes out are addresses to begin a discovery at. Whether a server may be trusted with a password is not said
//! here: records can be forged, and a target is often of another domain. See [`Place::is_within`].

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::net::SocketAddr;
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig};
use hickory_resolver::net::NetError;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::{RData, Record, RecordType};
use url::Url;

use crate::error::{Error, ErrorKind, Result};
use crate::propfind::CollectionKind;

#[cfg(test)]
mod tests;

/// How long one question may take before it is asked again.
const PATIENCE: Duration = Duration::from_secs(2);

/// Asks name servers. Nothing is sent before the first question.
pub struct Resolver {
    inner: TokioResolver,
    runtime: tokio::runtime::Runtime,
}

/// What a domain says of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Where it is, the best place first; never empty.
    At(Vec<Place>),
    /// The domain says that it has no such service (a target of `.`, RFC 2782).
    NotOffered,
    /// The domain does not say anything.
    Silent,
}

/// A place where a service is said to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Where to begin: the server, and the path that a TXT record names, else `.well-known`.
    pub url: Url,
    /// The domain that named it.
    pub domain: String,
}

impl Place {
    /// Whether the server is the domain itself or within it. One that is elsewhere may be rightly so, as with a hosted
    /// domain, but only a person can say that (RFC 6764 section 8).
    pub fn is_within(&self) -> bool {
        let host = self.url.host_str().unwrap_or_default().to_ascii_lowercase();
        let domain = self.domain.to_ascii_lowercase();
        host == domain || host.strip_suffix(&domain).is_some_and(|rest| rest.ends_with('.'))
    }
}

/// One SRV record (RFC 2782).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Srv {
    /// The lowest is tried first.
    pub priority: u16,
    /// Among equal priorities: how often this one is to be the first.
    pub weight: u16,
    /// The port.
    pub port: u16,
    /// The host, without a dot at its end; empty where the service is not there.
    pub target: String,
}

impl Resolver {
    /// Asks the name servers of the system.
    ///
    /// # Errors
    /// `Offline`, where the system names none.
    pub fn of_the_system() -> Result<Resolver> {
        let mut builder = TokioResolver::builder_tokio().map_err(|cause| unreachable(&cause))?;
        builder.options_mut().timeout = PATIENCE;
        builder.options_mut().attempts = 1;
        Self::with(builder.build())
    }

    /// Asks one name server.
    ///
    /// # Errors
    /// As [`Resolver::of_the_system`].
    pub fn at(server: SocketAddr) -> Result<Resolver> {
        let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(|mut connection| {
            connection.port = server.port();
            connection
        });
        let server = NameServerConfig::new(server.ip(), true, connections.to_vec());
        let config = ResolverConfig::from_parts(None, Vec::new(), vec![server]);
        let mut builder = TokioResolver::builder_with_config(config, TokioRuntimeProvider::default());
        builder.options_mut().timeout = PATIENCE;
        builder.options_mut().attempts = 1;
        Self::with(builder.build())
    }

    fn with(inner: Result<TokioResolver, NetError>) -> Result<Resolver> {
        let inner = inner.map_err(|cause| unreachable(&cause))?;
        // The resolver is async inside; here it blocks as everything does, on a thread that waits.
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|cause| Error::new(ErrorKind::Offline, format!("no name can be looked up: {cause}")))?;
        Ok(Resolver { inner, runtime })
    }

    /// Where a domain has its calendars or its address books (RFC 6764 section 6). Encrypted places come before those
    /// that are not.
    ///
    /// # Errors
    /// `Offline`, where no name server answered. `Refused`, where the domain is no name.
    pub fn places(&self, domain: &str, kind: CollectionKind) -> Result<Answer> {
        let (secure, plain, well_known) = match kind {
            CollectionKind::Calendar => ("_caldavs", "_caldav", "/.well-known/caldav"),
            CollectionKind::AddressBook => ("_carddavs", "_carddav", "/.well-known/carddav"),
        };
        let mut places = Vec::new();
        let mut refused = false;
        for (service, scheme) in [(secure, "https"), (plain, "http")] {
            let name = format!("{service}._tcp.{domain}.");
            let records = self.srv(&name)?;
            refused |= records.iter().any(|record| record.target.is_empty());
            let offered: Vec<Srv> =
                records.into_iter().filter(|record| !record.target.is_empty() && record.port > 0).collect();
            if offered.is_empty() {
                continue;
            }
            let path = self.path(&name)?.unwrap_or_else(|| well_known.to_owned());
            let urls = in_order(offered, &mut random).into_iter().filter_map(|record| {
                let mut url = Url::parse(&format!("{scheme}://{}:{}/", record.target, record.port)).ok()?;
                url.set_path(&path);
                // A target is a host and nothing else.
                url.username().is_empty().then(|| Place { url, domain: domain.to_owned() })
            });
            places.extend(urls);
        }
        Ok(match (places.is_empty(), refused) {
            (false, _) => Answer::At(places),
            (true, true) => Answer::NotOffered,
            (true, false) => Answer::Silent,
        })
    }

    fn srv(&self, name: &str) -> Result<Vec<Srv>> {
        let srv = |record: &Record| match &record.data {
            RData::SRV(srv) => Some(Srv {
                priority: srv.priority,
                weight: srv.weight,
                port: srv.port,
                target: srv.target.to_ascii().trim_end_matches('.').to_owned(),
            }),
            _ => None,
        };
        Ok(self.records(name, RecordType::SRV)?.iter().filter_map(srv).collect())
    }

    /// The path that a TXT record names (RFC 6764 section 4). Keys are compared without regard to case (RFC 6763).
    fn path(&self, name: &str) -> Result<Option<String>> {
        for record in self.records(name, RecordType::TXT)? {
            let RData::TXT(txt) = &record.data else { continue };
            for text in &txt.txt_data {
                let text = String::from_utf8_lossy(text);
                let Some((key, path)) = text.split_once('=') else { continue };
                if key.eq_ignore_ascii_case("path") && path.starts_with('/') {
                    return Ok(Some(path.to_owned()));
                }
            }
        }
        Ok(None)
    }

    fn records(&self, name: &str, of: RecordType) -> Result<Vec<Record>> {
        match self.runtime.block_on(self.inner.lookup(name, of)) {
            Ok(found) => Ok(found.answers().to_vec()),
            Err(none) if none.is_no_records_found() || none.is_nx_domain() => Ok(Vec::new()),
            Err(NetError::Proto(cause)) => {
                Err(Error::new(ErrorKind::Refused, format!("{name} cannot be looked up: {cause}")))
            }
            Err(cause) => Err(unreachable(&cause)),
        }
    }
}

/// The order in which to try the servers of a service (RFC 2782): by priority; among equals by lot, each as often the
/// first as its weight says. `lot` gives a number from 0 up to and including its argument.
pub fn in_order(mut records: Vec<Srv>, lot: &mut dyn FnMut(u64) -> u64) -> Vec<Srv> {
    // Records without a weight come first, so that they are drawn only at a lot of 0.
    records.sort_by_key(|record| (record.priority, record.weight > 0));
    let mut ordered = Vec::with_capacity(records.len());
    while let Some(priority) = records.first().map(|record| record.priority) {
        let equal = records.iter().take_while(|record| record.priority == priority);
        let weights: Vec<u64> = equal.map(|record| u64::from(record.weight)).collect();
        let drawn = lot(weights.iter().sum());
        let mut sum = 0;
        let reached = weights.iter().position(|weight| {
            sum += weight;
            sum >= drawn
        });
        ordered.push(records.remove(reached.unwrap_or(0)));
    }
    ordered
}

/// A number by lot. It spreads load and guards nothing.
fn random(most: u64) -> u64 {
    // Each state of the standard library's maps is another one.
    RandomState::new().build_hasher().finish() % most.saturating_add(1)
}

fn unreachable(cause: &NetError) -> Error {
    Error::new(ErrorKind::Offline, format!("no name server answers: {cause}"))
}
