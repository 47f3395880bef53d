//! Sends a request and follows redirects, on the same server only.
//!
//! Nothing is carried over to another server: neither the login nor what is written, and what is read there would be
//! somebody else's. A write is never sent twice. A read is, once, where a connection that was kept turns out to be closed.

use std::sync::atomic::Ordering;

use reqwest::header::{AUTHORIZATION, CONNECTION, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::auth::Authenticator;
use crate::client::{Client, Proxy};
use crate::error::{Error, ErrorKind, Result};
use crate::lane::Lane;
use crate::request::Request;
use crate::response::{Response, innermost};
use crate::unreachable::{is_stale, unreachable};

/// A request is not sent on more often than this.
const MOST_REDIRECTS: usize = 6;

impl Client {
    /// Sends a request. An answer of any status is an answer, except 401 and what leads nowhere.
    pub fn send(&self, request: &Request) -> Result<Response> {
        let mut url = request.url.clone();
        for _ in 0..=MOST_REDIRECTS {
            let response = self.send_with_login(request, &url)?;
            let Some(next) = redirect(&response) else { return Ok(response) };
            tracing::debug!(from = %url.path(), to = %next, status = response.status, "redirected");
            if next.origin() != url.origin() {
                let (here, there) = (url.origin().ascii_serialization(), next.origin().ascii_serialization());
                let what = format!(
                    "{here} sends us on to another server, {there}, to which the login was not given"
                );
                return Err(Error::new(ErrorKind::Moved, what).with_status(response.status));
            }
            url = next;
        }
        let what =
            format!("the server sends {} {} from place to place without end", request.method, url.path());
        Err(Error::new(ErrorKind::Malformed, what))
    }

    /// Sends a request as often as the server asks for a login in another way.
    fn send_with_login(&self, request: &Request, url: &Url) -> Result<Response> {
        let authenticator = self.shared.authenticator.as_ref().filter(|_| self.is_home(url));
        let Some(authenticator) = authenticator else {
            let response = self.send_once(request, url, None)?;
            return if response.status == 401 { Err(response.into_error()) } else { Ok(response) };
        };
        self.refuse_again(request, url)?;
        let mut exchange = authenticator.begin();
        loop {
            let offer = exchange.offer(request.method, url)?;
            let response = self.send_once(request, url, offer.as_ref())?;
            if response.status != 401 {
                self.shared.accepted.fetch_or(offer.is_some(), Ordering::Relaxed);
                return Ok(response);
            }
            if !exchange.asked(response.headers_named("www-authenticate"))? {
                return Err(self.refused(response));
            }
            tracing::debug!(method = request.method, path = url.path(), "the server asks for a login");
        }
    }

    /// Sends a request as it is, with this login if any; a redirect is an answer like any other.
    pub(crate) fn send_once(
        &self,
        request: &Request,
        url: &Url,
        offer: Option<&SecretString>,
    ) -> Result<Response> {
        let patience = self.patience();
        let wait = patience.left();
        let may_be_stale = self.may_be_stale();
        let mut lane = self.lane()?;
        let prepared = self.prepared(&lane, request, url, offer)?;
        self.count_request();
        let mut answer = lane.send(prepared, patience);
        if may_be_stale && answer.as_ref().is_err_and(is_stale) {
            // This server closes connections without saying so. From now on, each request gets a new one: a write on a
            // closed connection could only be doubted.
            self.shared.keeps_connections.store(false, Ordering::Relaxed);
            self.shared.closes_silently.store(true, Ordering::Relaxed);
            self.shared.broke_off.store(true, Ordering::Relaxed);
            if !request.writes() {
                tracing::debug!(method = request.method, path = url.path(), "sent again on a new connection");
                lane = self.lane()?;
                let prepared = self.prepared(&lane, request, url, offer)?;
                self.count_request();
                answer = lane.send(prepared, patience);
            }
        }
        let answer = answer.map_err(|error| unreachable(request, url, error, wait, &self.shared.settings))?;
        // Who answers on a new connection was not gone, but has closed the old one.
        if self.shared.broke_off.swap(false, Ordering::Relaxed) {
            self.shared.silent_closes.fetch_add(1, Ordering::Relaxed);
        }
        let closes = answer.headers().get(CONNECTION).is_some_and(|value| {
            value.to_str().is_ok_and(|value| value.trim().eq_ignore_ascii_case("close"))
        });
        let keeps = !closes && answer.version() > reqwest::Version::HTTP_10;
        self.shared.keeps_connections.store(keeps, Ordering::Relaxed);
        tracing::debug!(
            method = request.method,
            path = url.path(),
            status = answer.status().as_u16(),
            "answered"
        );
        Ok(Response {
            method: request.method,
            url: url.clone(),
            status: answer.status().as_u16(),
            headers: answer
                .headers()
                .iter()
                .map(|(name, value)| {
                    (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
                })
                .collect(),
            body: Box::new(lane.body(answer, patience)),
            secrets: self.secrets(offer),
            received_unix_seconds: self.shared.settings.clock.map(|clock| clock()),
        })
    }

    /// Whether the next request may go over a connection that was kept.
    fn may_be_stale(&self) -> bool {
        let shared = &self.shared;
        let is_new = shared.closes_silently.load(Ordering::Relaxed) || !shared.settings.keeps_connections;
        !is_new && shared.keeps_connections.load(Ordering::Relaxed)
    }

    /// What a request with this login shows to the server, or to the proxy before it.
    fn secrets(&self, offer: Option<&SecretString>) -> Vec<SecretString> {
        let password = self.shared.authenticator.as_ref().and_then(Authenticator::password);
        let of_proxy = match &self.shared.settings.proxy {
            Proxy::Manual { login: Some(login), .. } => {
                vec![login.password.clone(), without_scheme(&login.basic())]
            }
            _ => Vec::new(),
        };
        password.cloned().into_iter().chain(offer.map(without_scheme)).chain(of_proxy).collect()
    }

    /// The request as it goes over the wire.
    fn prepared(
        &self,
        lane: &Lane,
        request: &Request,
        url: &Url,
        offer: Option<&SecretString>,
    ) -> Result<reqwest::Request> {
        let unusable = |what: String| Error::new(ErrorKind::Refused, format!("{} {what}", request.method));
        let method = reqwest::Method::from_bytes(request.method.as_bytes())
            .map_err(|error| unusable(error.to_string()))?;
        let mut builder = lane.http().request(method, url.clone());
        for (name, value) in &request.headers {
            builder = builder.header(*name, value);
        }
        if let Some(offer) = offer {
            let mut value = HeaderValue::from_str(offer.expose_secret())
                .map_err(|_| unusable("cannot carry this login".to_owned()))?;
            value.set_sensitive(true);
            builder = builder.header(AUTHORIZATION, value);
        }
        if let Some(body) = &request.body {
            builder = builder.body(body.clone());
        }
        builder.build().map_err(|error| unusable(format!("{}: {}", url.path(), innermost(&error))))
    }

    /// Fails where the login has already been refused for this part of the server.
    fn refuse_again(&self, request: &Request, url: &Url) -> Result<()> {
        let refused = self.shared.refused.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if refused.iter().any(|space| url.path().starts_with(space.as_str())) {
            let what = format!(
                "the server does not accept the login: {} {} was not sent, the login was refused before",
                request.method,
                url.path()
            );
            return Err(Error::new(ErrorKind::Unauthorized, what).with_status(401));
        }
        Ok(())
    }

    /// The failure of a login that was refused, which is remembered, so that it is not offered there again. A login that
    /// was accepted elsewhere may be good for other parts of the server; one that was not is not tried on them.
    fn refused(&self, response: Response) -> Error {
        let path = response.url.path();
        let space = match path.rfind('/').and_then(|at| path.get(..=at)) {
            Some(space) if self.is_let_in() => space.to_owned(),
            _ => "/".to_owned(),
        };
        self.shared.refused.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(space);
        response.into_error()
    }
}

/// The value of an `Authorization` header without its first word, which is no secret.
fn without_scheme(offer: &SecretString) -> SecretString {
    let value = offer.expose_secret();
    SecretString::from(value.split_once(' ').map_or(value, |(_, secret)| secret))
}

/// Where a redirect leads, if the answer is one. The method and the body stay as they are.
fn redirect(response: &Response) -> Option<Url> {
    let leads_on = match response.status {
        301 | 302 | 307 | 308 => true,
        // The answer to a write is to be seen elsewhere: the write itself is not to be done there.
        303 => matches!(response.method, "GET" | "OPTIONS" | "PROPFIND" | "REPORT"),
        _ => false,
    };
    if !leads_on {
        return None;
    }
    let mut next = response.url.join(response.header("location")?).ok()?;
    let usable = matches!(next.scheme(), "http" | "https") && next.host().is_some();
    if !usable || next.set_username("").is_err() || next.set_password(None).is_err() {
        return None;
    }
    next.set_fragment(None);
    Some(next)
}
