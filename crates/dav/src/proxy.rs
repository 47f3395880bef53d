//! What a proxy asks for before it lets us through to a server. The HTTP library below says only that it asks.
//!
//! It is asked once more, without a login, when it has refused: what it then names is what a person has to know. A login by
//! NTLM or Negotiate is not given here; `docs/design/0008-ntlm-and-negotiate.md` says why.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use url::Url;

use crate::auth::challenge::{self, Challenge};
use crate::client::Proxy;

/// A refusal is not longer than this.
const MOST_BYTES: u64 = 64 * 1024;

/// The refusal of a proxy is at hand, or does not matter.
const PATIENCE: Duration = Duration::from_secs(5);

/// What the proxy on the way to `server` wants, in words.
pub(crate) fn wants(proxy: &Proxy, server: &Url) -> String {
    let asked = address(proxy).and_then(|proxy| asked(&proxy, server)).unwrap_or_default();
    if asked.is_empty() {
        return "another login, or one by NTLM or Negotiate".to_owned();
    }
    wanted(&asked)
}

/// These logins, and whether they can be given.
pub(crate) fn wanted(asked: &[Challenge]) -> String {
    let names = challenge::names(asked);
    match asked.iter().any(|challenge| challenge.scheme == "basic") {
        true => format!("a login by {names}"),
        false => format!("a login by {names}, which is not spoken here"),
    }
}

/// Where a proxy is, if it is one that can be asked without TLS.
fn address(proxy: &Proxy) -> Option<Url> {
    let url = match proxy {
        Proxy::None => return None,
        Proxy::Manual { url, .. } => url.clone(),
        Proxy::System => {
            let names = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
            let value =
                names.iter().find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))?;
            let whole = if value.contains("://") { value } else { format!("http://{value}") };
            Url::parse(&whole).ok()?
        }
    };
    (url.scheme() == "http").then_some(url)
}

/// The challenges of a proxy that refuses a tunnel (RFC 9110 section 9.3.6).
fn asked(proxy: &Url, server: &Url) -> Option<Vec<Challenge>> {
    let target = format!("{}:{}", server.host_str()?, server.port_or_known_default()?);
    let at = proxy.socket_addrs(|| Some(80)).ok()?.into_iter().next()?;
    let mut stream = TcpStream::connect_timeout(&at, PATIENCE).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    stream.set_write_timeout(Some(PATIENCE)).ok()?;
    stream.write_all(format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n").as_bytes()).ok()?;
    let mut lines = BufReader::new(stream.take(MOST_BYTES)).lines();
    let status = lines.next()?.ok()?;
    if status.split(' ').nth(1) != Some("407") {
        return None;
    }
    let mut values = Vec::new();
    for line in lines.map_while(Result::ok) {
        let Some((name, value)) = line.split_once(':') else { break };
        if name.trim().eq_ignore_ascii_case("proxy-authenticate") {
            values.push(value.trim().to_owned());
        }
    }
    Some(challenge::challenges(values.iter().map(String::as_str)))
}
