//! Why a request got no answer, in words for the person who waits for it.
//!
//! What a person can do differs: wait, correct the address, or look after a certificate. The texts say which it is; they
//! depend on the system as little as can be.

use std::error::Error as Cause;
use std::io;
use std::time::Duration;

use rustls::{AlertDescription, CertificateError, PeerIncompatible};
use url::Url;

use crate::client::ClientSettings;
use crate::error::{Error, ErrorKind};
use crate::lane::NoAnswer;
use crate::proxy;
use crate::request::Request;
use crate::response::innermost;
use crate::tls::{Distrust, Flaw, Version};

/// The failure of a request without an answer within `patience`, on the way that `settings` say.
pub(crate) fn unreachable(
    request: &Request,
    url: &Url,
    why: NoAnswer,
    patience: Duration,
    settings: &ClientSettings,
) -> Error {
    let NoAnswer::Failed(error) = why else {
        return Error::new(ErrorKind::Offline, late(request, url, patience));
    };
    if says(&error, "tunnel error: proxy authorization required")
        || says(&error, "proxy authorization required")
    {
        let server = url.origin().ascii_serialization();
        let what = format!("the proxy on the way to {server} wants {}", proxy::wants(&settings.proxy, url));
        return Error::new(ErrorKind::Unauthorized, what).with_status(407).because(error.without_url());
    }
    let (kind, what) = match cause::<rustls::Error>(&error) {
        Some(tls) => no_trust(&url.origin().ascii_serialization(), tls, settings.tls.oldest),
        None => reason(request, url, &error),
    };
    Error::new(kind, what).because(error.without_url())
}

/// Whether the connection was closed before anything of an answer came.
pub(crate) fn is_stale(why: &NoAnswer) -> bool {
    let NoAnswer::Failed(error) = why else { return false };
    let harmless = error.is_timeout() || error.is_connect() || error.is_builder() || is_no_http(error);
    !harmless && error.is_request()
}

fn late(request: &Request, url: &Url, patience: Duration) -> String {
    let server = url.origin().ascii_serialization();
    let seconds = match patience.as_secs() {
        0 | 1 => "a second".to_owned(),
        seconds => format!("{seconds} seconds"),
    };
    format!("{server} did not answer {} {} within {seconds}", request.method, url.path())
}

fn reason(request: &Request, url: &Url, error: &reqwest::Error) -> (ErrorKind, String) {
    let server = url.origin().ascii_serialization();
    let what = if error.is_timeout() && error.is_connect() {
        format!("{server} cannot be reached: no connection came about in time")
    } else if says(error, "dns error") {
        format!("the host {} cannot be found", url.host_str().unwrap_or_default())
    } else if says(error, "invalid HTTP header parsed") {
        let what = format!(
            "{server} sends a malformed header; with lenient_headers=yes such headers are passed over"
        );
        return (ErrorKind::Malformed, what);
    } else if is_no_http(error) {
        let secure = if url.scheme() == "http" { "; perhaps it wants https://" } else { "" };
        return (ErrorKind::Malformed, format!("{server} does not answer in HTTP{secure}"));
    } else if error.is_connect() {
        match cause::<io::Error>(error).map(io::Error::kind) {
            Some(io::ErrorKind::ConnectionRefused) => {
                format!("{server} cannot be reached: the connection is refused")
            }
            _ if says(error, "tls handshake eof") => {
                format!("{server} ends the connection before it is secure; perhaps it wants http://")
            }
            _ => format!("{server} cannot be reached: {}", innermost(error)),
        }
    } else if error.is_builder() {
        return (ErrorKind::Refused, format!("{} {}: {}", request.method, url.path(), innermost(error)));
    } else {
        let (method, path) = (request.method, url.path());
        format!("the connection to {server} broke before {method} {path} was answered")
    };
    (ErrorKind::Offline, what)
}

/// What is wrong with the other end of a secure connection, where nothing before `oldest` is spoken.
fn no_trust(server: &str, error: &rustls::Error, oldest: Version) -> (ErrorKind, String) {
    match error {
        rustls::Error::InvalidMessage(_) => {
            let what = format!("{server} does not answer in TLS; perhaps it wants http://");
            (ErrorKind::Malformed, what)
        }
        rustls::Error::InvalidCertificate(CertificateError::Other(other)) => match other.0.downcast_ref() {
            Some(distrust) => (ErrorKind::Untrusted, distrusted(server, distrust)),
            None => (ErrorKind::Untrusted, format!("the certificate of {server} cannot be used: {other}")),
        },
        rustls::Error::AlertReceived(AlertDescription::ProtocolVersion)
        | rustls::Error::PeerIncompatible(
            PeerIncompatible::ServerDoesNotSupportTls12Or13
            | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig,
        ) => {
            let what = match oldest {
                Version::V1_2 => format!("{server} speaks no version of TLS that is safe"),
                Version::V1_3 => {
                    format!("{server} does not speak TLS 1.3, and tls_1_2=no allows nothing older")
                }
            };
            (ErrorKind::Untrusted, what)
        }
        rustls::Error::AlertReceived(AlertDescription::CertificateRequired) => {
            let what = format!("{server} wants a client certificate, and none is set");
            (ErrorKind::Unauthorized, what)
        }
        other => (ErrorKind::Untrusted, format!("{server} makes no secure connection: {other}")),
    }
}

fn distrusted(server: &str, Distrust { flaw, fingerprint }: &Distrust) -> String {
    use CertificateError as Of;
    let flaw = match flaw {
        Flaw::Of(flaw) => flaw,
        Flaw::Another => {
            return format!(
                "the certificate of {server} is not the one that was pinned: either it was renewed, or somebody stands \
                 in between; its SHA-256 fingerprint is {fingerprint}"
            );
        }
    };
    let why = match flaw {
        Of::Expired | Of::ExpiredContext { .. } => "has expired".to_owned(),
        Of::NotValidYet | Of::NotValidYetContext { .. } => "is not valid yet".to_owned(),
        Of::Revoked => "has been revoked".to_owned(),
        Of::UnknownIssuer => "was issued by somebody whom this computer does not trust".to_owned(),
        Of::NotValidForNameContext { presented, .. } if !presented.is_empty() => {
            let names: Vec<&str> = presented.iter().map(|name| bare(name)).collect();
            format!("is for another host, {}", names.join(", "))
        }
        Of::NotValidForName | Of::NotValidForNameContext { .. } => "is for another host".to_owned(),
        // As people make them who make one for themselves.
        other if other.to_string().contains("CaUsedAsEndEntity") => {
            "is one for issuing others, and none for a server".to_owned()
        }
        other => format!("cannot be used: {other}"),
    };
    format!("the certificate of {server} {why}; its SHA-256 fingerprint is {fingerprint}")
}

/// The name in what rustls makes of it, such as `DnsName("dav.example.test")`.
fn bare(name: &str) -> &str {
    name.split('"').nth(1).unwrap_or(name)
}

fn is_no_http(error: &reqwest::Error) -> bool {
    says(error, "invalid HTTP")
}

/// Whether a cause says so: some have no type to know them by.
fn says(error: &reqwest::Error, start: &str) -> bool {
    causes(error).any(|cause| cause.to_string().starts_with(start))
}

/// The first cause of this type.
fn cause<'e, T: Cause + 'static>(error: &'e (dyn Cause + 'static)) -> Option<&'e T> {
    causes(error).find_map(|cause| cause.downcast_ref::<T>())
}

/// The error and all that caused it. What an [`io::Error`] wraps is not its source, so it is asked for by itself.
fn causes<'e>(error: &'e (dyn Cause + 'static)) -> impl Iterator<Item = &'e (dyn Cause + 'static)> {
    std::iter::successors(Some(error), |&error: &&'e (dyn Cause + 'static)| {
        let wrapped = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        wrapped.map(|wrapped| wrapped as &(dyn Cause + 'static)).or_else(|| error.source())
    })
}
